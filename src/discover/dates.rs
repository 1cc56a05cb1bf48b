//! Dates for posts that state none: of the commit that added the file, or of the file itself.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::FOLDER;
use crate::post::Date;

/// What git knows of the files of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The commit that is checked out; empty where there is none.
    pub head: String,
    /// The day on which each file was added, by its path from the site root.
    added: HashMap<String, Date>,
    /// Whether the history is cut short, so that it tells no such days.
    pub shallow: bool,
}

impl History {
    /// Asks git once for the whole site, if another commit is checked out than the last time.
    ///
    /// Without git, or outside a repository, nothing is known.
    pub fn update(&mut self, root: &Path) {
        let asked = git(root, &["rev-parse", "--is-shallow-repository", "HEAD"]);
        let answer = asked.as_deref().map(String::from_utf8_lossy);
        let Some((shallow, head)) = answer.as_deref().and_then(|text| text.split_once('\n')) else {
            *self = Self::default();
            return;
        };
        let shallow = shallow.trim() == "true";
        if head.trim() == self.head && shallow == self.shallow {
            return;
        }
        let log = (!shallow).then(|| git(root, &LOG)).flatten();
        *self = Self {
            head: head.trim().to_owned(),
            added: log.map_or_else(HashMap::new, |log| added(&log)),
            shallow,
        };
    }

    /// The day on which a file was added, by its path from the site root.
    pub fn added(&self, path: &str) -> Option<Date> {
        self.added.get(path).copied()
    }
}

/// The day of a moment, in UTC.
pub fn day(time: SystemTime) -> Option<Date> {
    let stamp = jiff::Timestamp::try_from(time).ok()?;
    Some(stamp.to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// Additions and renames, oldest first, names ended by NUL, each commit begun by U+0001 and
/// its author's day.
const LOG: [&str; 9] = [
    "log",
    "--reverse",
    "--find-renames",
    "--diff-filter=AR",
    "--name-status",
    "--relative",
    "-z",
    "--format=%x01%as",
    FOLDER,
];

fn git(root: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}

/// The day on which each file was added, by its path, from what `git log` prints.
pub fn added(log: &[u8]) -> HashMap<String, Date> {
    let mut days = HashMap::new();
    let mut today = None;
    let mut words = log
        .split(|&byte| byte == 0)
        .map(|word| String::from_utf8_lossy(word.trim_ascii_start()));
    while let Some(word) = words.next() {
        if let Some(day) = word.strip_prefix('\u{1}') {
            today = day.trim().parse::<Date>().ok();
        } else if word.starts_with('A') {
            if let (Some(path), Some(day)) = (words.next(), today) {
                days.insert(path.into_owned(), day);
            }
        } else if word.starts_with('R')
            && let (Some(old), Some(new)) = (words.next(), words.next())
            && let Some(day) = days.remove(old.as_ref()).or(today)
        {
            days.insert(new.into_owned(), day);
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renamed_file_keeps_the_day_it_was_added() {
        let log = b"\x012024-05-01\0\nA\0content/a.txt\0A\0content/b.txt\0\
                    \x012025-06-02\0\nR100\0content/a.txt\0content/c.txt\0";
        let days = added(log);
        assert_eq!(days.get("content/c.txt"), Some(&Date::constant(2024, 5, 1)));
        assert_eq!(days.get("content/b.txt"), Some(&Date::constant(2024, 5, 1)));
        assert_eq!(days.get("content/a.txt"), None);
    }

    #[test]
    fn outside_a_repository_nothing_is_known() {
        let root = tempfile::tempdir().unwrap();
        let mut history = History {
            head: "gone".to_owned(),
            ..History::default()
        };
        history.update(root.path());
        assert_eq!(history, History::default());
    }

    #[test]
    fn day_of_a_moment_is_that_of_utc() {
        assert_eq!(
            day(SystemTime::UNIX_EPOCH),
            Some(Date::constant(1970, 1, 1))
        );
    }
}
