//! A server and a clock for tests, shared with the tests of the whole program.

#[path = "../../../tests/it/generate/clock.rs"]
pub(crate) mod clock;
#[path = "../../../tests/it/generate/listener.rs"]
#[allow(dead_code)]
pub(crate) mod listener;
