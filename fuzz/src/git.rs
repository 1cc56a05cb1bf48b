//! Parses anything as output of git: its log, and its error messages.

use pressrun::discover::dates;
use pressrun::git::{Refusal, explain};

/// Checks one input.
pub fn check_git(bytes: &[u8]) {
    dates::added(bytes, "");
    dates::added(bytes, "content/");
    let said = String::from_utf8_lossy(bytes).into_owned();
    for command in ["git push origin", "git ls-remote", ""] {
        let refusal = Refusal {
            command: command.to_owned(),
            said: said.clone(),
            missing: false,
        };
        let found = explain(&refusal);
        assert!(!found.message.is_empty());
    }
}
