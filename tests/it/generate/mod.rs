//! Tests of `pressrun generate`: topics in, replies kept.

mod batch;
pub(crate) mod commands;
mod interrupted;
mod journal;
mod judging;
mod keys;
#[allow(dead_code, reason = "the tests of the crate use it too")]
mod listener;
mod replies;
