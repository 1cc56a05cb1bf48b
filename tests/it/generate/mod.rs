//! Tests of `pressrun generate`: topics in, replies kept.
