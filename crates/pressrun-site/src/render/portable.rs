//! Reports file names that Windows does not allow. A site with such names cannot be built, unpacked
//! or checked out there.
//!
//! Not here: paths that differ only on some systems (`plan`).

use std::collections::HashSet;

use pressrun_posts::diagnostic::{Code, Diagnostic};
use pressrun_posts::post::slug::is_device_name;

use super::pages::RenderJob;
use crate::corpus::Corpus;

/// Returns a warning for each forbidden name, at the first file that contains it.
pub(super) fn check_portable_names(jobs: &[RenderJob], corpus: &Corpus) -> Vec<Diagnostic> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for job in jobs {
        let Some(unportable) = job.file.split('/').find(|name| !is_portable(name)) else {
            continue;
        };
        let end = job.file.find(unportable).unwrap_or(0) + unportable.len();
        // A folder with such a name is reported once, not for each file in it.
        if !seen.insert(&job.file[..end]) {
            continue;
        }
        let message = format!(
            "{} needs the name `{unportable}`, which Windows does not allow",
            job.describe(corpus)
        );
        let warning = Diagnostic::new(Code::NameNotPortable, job.source_place(corpus), message);
        found.push(warning.with_help("give the post a SLUG, or give the tag or file another name"));
    }
    found
}

/// Returns whether Windows allows a name for a file or folder.
fn is_portable(name: &str) -> bool {
    let forbidden =
        |c: char| c < ' ' || matches!(c, '<' | '>' | ':' | '"' | '\\' | '|' | '?' | '*');
    // Windows reserves `con.txt` and `con.tar.gz` as well as `con`.
    let stem = name.split('.').next().unwrap_or(name);
    !(name.ends_with(['.', ' ']) || name.contains(forbidden) || is_device_name(stem.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices_and_strange_characters_are_not_portable() {
        for name in [
            "con",
            "NUL",
            "aux.html",
            "Com1",
            "lpt9.tar.gz",
            "prn .txt",
            "a.",
            "a ",
            "a:b",
            "a?",
            "com²",
            "a\\b",
            "\u{1}",
        ] {
            assert!(!is_portable(name), "{name:?}");
        }
    }

    #[test]
    fn names_that_only_look_like_devices_are_portable() {
        for name in [
            "console",
            "com",
            "com10",
            "nul-und-nichtig",
            ".nojekyll",
            "a.con",
            "é",
            "lptx",
            "日本",
            "..a",
        ] {
            assert!(is_portable(name), "{name:?}");
        }
    }
}
