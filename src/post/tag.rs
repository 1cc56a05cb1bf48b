//! Tags, and when two spellings are one.
