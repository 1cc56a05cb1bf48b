//! Catches panics, so that a bug of pressrun affects only the reply being worked on.
//!
//! Not here: cleaning up. Callers discard whatever the panic left half done, and report the panic.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

use crate::diagnostic::{Code, Finding};

/// A panic that was caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaughtPanic {
    /// Its message in one line, with its position in the source of pressrun.
    message: String,
}

impl CaughtPanic {
    /// Returns the error about the reply on this line, or about the file, that caused it.
    pub fn finding(&self, line: Option<u32>) -> Finding {
        let what = if line.is_some() { "reply" } else { "file" };
        let message = format!("a bug in pressrun stopped the processing of this {what}: {self}");
        let help = format!(
            "report the bug to the authors of pressrun and attach this {what}; nothing \
                     else is affected"
        );
        Finding {
            line,
            help: Some(help),
            ..Finding::in_file(Code::InternalError, message)
        }
    }
}

impl fmt::Display for CaughtPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Most characters of a message that are kept, because a message may quote a whole text.
const MAX_MESSAGE: usize = 200;

thread_local! {
    /// Number of running calls of [`catch_panic`] on this thread.
    static CATCHING: Cell<usize> = const { Cell::new(0) };
    /// What the hook recorded about the last panic of this thread.
    static NOTED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a closure that may panic. A panic is not printed.
///
/// After a panic, whatever the closure changes may be inconsistent, so callers must discard it.
pub fn catch_panic<T>(run: impl FnOnce() -> T) -> Result<T, CaughtPanic> {
    static HOOK: Once = Once::new();
    HOOK.call_once(set_hook);
    CATCHING.set(CATCHING.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(run));
    CATCHING.set(CATCHING.get() - 1);
    result.map_err(|payload| {
        let noted = NOTED.take();
        let message = noted.unwrap_or_else(|| message_of(&*payload).to_owned());
        let words: Vec<&str> = message.split_whitespace().collect();
        CaughtPanic {
            message: words.join(" ").chars().take(MAX_MESSAGE).collect(),
        }
    })
}

/// Installs a hook that records the panics that are caught, and prints all others as before.
fn set_hook() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // The locals of a thread that is ending are already gone.
        if CATCHING.try_with(Cell::get).unwrap_or(0) == 0 {
            return default(info);
        }
        let noted = describe(info);
        let _ = NOTED.try_with(|note| note.replace(Some(noted)));
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let message = message_of(info.payload());
    match info.location() {
        Some(place) => format!("{message} ({}:{})", place.file(), place.line()),
        None => message.to_owned(),
    }
}

fn message_of(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    text.or(owned).unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panic_stops_nothing_and_reports_its_place() {
        assert_eq!(catch_panic(|| 1), Ok(1));
        let panic = catch_panic(|| panic!("on purpose,\nfor {}", "a test")).unwrap_err();
        let place = concat!("(", file!(), ":");
        assert!(
            panic.message.starts_with("on purpose, for a test "),
            "{panic}"
        );
        assert!(panic.message.contains(place), "{panic}");
        assert_eq!(CATCHING.get(), 0);
    }

    #[test]
    fn long_messages_are_cut() {
        let panic = catch_panic(|| panic!("{}", "é".repeat(10_000))).unwrap_err();
        assert_eq!(panic.message.chars().count(), MAX_MESSAGE);
    }

    #[test]
    fn inner_calls_leave_outer_ones_as_they_are() {
        let outer = catch_panic(|| {
            assert!(catch_panic(|| panic!("inner")).is_err());
            panic!("outer")
        });
        assert!(outer.unwrap_err().message.starts_with("outer "));
    }
}
