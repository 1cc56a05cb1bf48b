//! Tests of `pressrun generate`: topics in, replies kept.

mod commands;
mod journal;
mod judging;
#[allow(dead_code, reason = "the tests of the crate use it too")]
mod listener;
mod replies;
