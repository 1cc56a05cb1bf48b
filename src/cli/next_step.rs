//! Says what to do after a build.

use std::path::Path;

use pressrun_posts::diagnostic::{Diagnostic, Severity};
use pressrun_site::pipeline::SiteFindings;

use super::terminal::typed_path;

/// What the last line of a build is chosen by.
pub(super) struct BuildEnd<'a> {
    /// The folder of the site, as it was given.
    pub(super) root: &'a Path,
    /// Whether there was no site in the output folder before.
    pub(super) is_first: bool,
    /// Whether a person may read the line, and not a workflow alone.
    pub(super) is_watched: bool,
}

/// Returns what to do after a build, in one line, or `None` if nothing needs to be done.
pub(super) fn describe_next_step(end: &BuildEnd<'_>, findings: &SiteFindings) -> Option<String> {
    let is_problem = |found: &Diagnostic| found.severity() > Severity::Info;
    let mut steps = Vec::new();
    if end.is_first && end.is_watched && findings.ledger.published > 0 {
        steps.push(format!("`{}` shows the site", end.command("serve --watch")));
    }
    if findings.diagnostics.iter().any(is_problem) {
        let check = end.command("check");
        steps.push(format!("`{check}` lists all that was found"));
    }
    if findings.ledger.unapproved > 0 {
        let review = end.command("review");
        steps.push(format!("`{review}` lists the posts that wait"));
    }
    (!steps.is_empty()).then(|| format!("next: {}", steps.join("; ")))
}

impl BuildEnd<'_> {
    /// Returns a command for the same site.
    fn command(&self, arguments: &str) -> String {
        let root = typed_path(self.root);
        if root.is_empty() {
            format!("pressrun {arguments}")
        } else {
            format!("pressrun --root {root} {arguments}")
        }
    }
}

#[cfg(test)]
mod tests {
    use pressrun_posts::diagnostic::{Code, FilePlace};

    use super::*;

    #[track_caller]
    fn check(is_first: bool, code: Option<Code>, unapproved: usize, expected: Option<&str>) {
        let place = FilePlace::file("content/a.txt");
        let mut findings = SiteFindings::default();
        findings
            .diagnostics
            .extend(code.map(|code| Diagnostic::new(code, place, "m")));
        findings.ledger.published = 1;
        findings.ledger.unapproved = unapproved;
        let end = BuildEnd {
            root: Path::new("."),
            is_first,
            is_watched: true,
        };
        assert_eq!(describe_next_step(&end, &findings).as_deref(), expected);
    }

    #[test]
    fn build_that_needs_nothing_ends_without_advice() {
        check(false, None, 0, None);
        // A note needs nobody.
        check(false, Some(Code::TagsGenerated), 0, None);
    }

    #[test]
    fn what_applies_is_said_in_one_line() {
        check(
            true,
            None,
            0,
            Some("next: `pressrun serve --watch` shows the site"),
        );
        check(
            false,
            Some(Code::DeadLink),
            2,
            Some(
                "next: `pressrun check` lists all that was found; `pressrun review` lists the posts \
                 that wait",
            ),
        );
    }

    #[test]
    fn commands_name_the_site_that_was_built() {
        let end = BuildEnd {
            root: Path::new("./blog/"),
            is_first: false,
            is_watched: true,
        };
        assert_eq!(end.command("check"), "pressrun --root blog/ check");
    }
}
