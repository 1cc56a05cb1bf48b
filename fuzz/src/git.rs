//! Parses anything as output of git: its log, and its error messages.

use pressrun_site::discover::dates;
use pressrun_site::git::{GitRefusal, explain};

/// Checks one input.
pub fn check_git(bytes: &[u8]) {
    dates::parse_added_dates(bytes, "");
    dates::parse_added_dates(bytes, "content/");
    let said = String::from_utf8_lossy(bytes).into_owned();
    for command in ["git push origin", "git ls-remote", ""] {
        let refusal = GitRefusal {
            command: command.to_owned(),
            said: said.clone(),
            missing: false,
        };
        let found = explain(&refusal);
        assert!(!found.message.is_empty());
    }
}
