//! Groups the diagnostics of a build by code.

use std::cmp::Reverse;

use pressrun_posts::diagnostic::{
    Diagnostic, DiagnosticGroup, Severity, count_severity, group_diagnostics,
};
use pressrun_site::corpus::PostsByLine;
use serde::Serialize;

use super::{CappedList, CountedPosts};

/// The diagnostics of a build.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportFindings {
    /// Replies that are not published, and files that cannot be read.
    pub errors: usize,
    /// What deserves attention.
    pub warnings: usize,
    /// What was repaired or derived without harm.
    pub notes: usize,
    /// Codes, errors first, then by number of findings.
    pub codes: Vec<CodeFindings>,
}

/// The findings under one code.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CodeFindings {
    /// The code.
    pub code: &'static str,
    /// Severity of the code.
    pub severity: &'static str,
    /// Whether it is about something that is not published.
    pub rejection: bool,
    /// Meaning of the code.
    pub meaning: &'static str,
    /// Where each finding is.
    pub places: CappedList<FindingPlace>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FindingPlace {
    /// Path of the file from the site root.
    pub file: String,
    /// Line in the file.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Address of the post's page, if it is on the site.
    pub url: Option<String>,
}

/// Groups the diagnostics of a build.
pub(super) fn group_findings(
    posts: &CountedPosts<'_>,
    diagnostics: &[Diagnostic],
) -> ReportFindings {
    let pages = PostsByLine::new(posts.entries);
    let mut groups = group_diagnostics(diagnostics);
    // The sort is stable, so codes with equal counts stay in their own order.
    groups.sort_by_key(|group| (Reverse(group.code.severity()), Reverse(group.found.len())));
    let number = |severity| count_severity(&groups, severity);
    ReportFindings {
        errors: number(Severity::Error),
        warnings: number(Severity::Warning),
        notes: number(Severity::Info),
        codes: groups
            .iter()
            .map(|DiagnosticGroup { code, found }| CodeFindings {
                code: code.name(),
                severity: code.severity().name(),
                rejection: code.is_rejection(),
                meaning: code.meaning(),
                places: CappedList::new(found, posts.rows, |one| {
                    make_finding_place(one, posts, &pages)
                }),
            })
            .collect(),
    }
}

fn make_finding_place(
    found: &Diagnostic,
    posts: &CountedPosts<'_>,
    pages: &PostsByLine<'_>,
) -> FindingPlace {
    let post = pages.post_at(&found.place.file, found.place.line);
    // A rejected reply has no page: the post found at that line is an earlier one.
    let post = post.filter(|entry| !found.code.is_rejection() && posts.is_published(entry));
    FindingPlace {
        file: found.place.file.to_string(),
        line: found.place.line,
        message: found.message.clone(),
        help: found.help.clone(),
        url: post.map(|entry| posts.links.absolute(&entry.path)),
    }
}

#[cfg(test)]
mod tests {
    use pressrun_posts::diagnostic::{self, Code};

    use super::*;
    use crate::report::numbers::fixture;

    #[test]
    fn only_rejected_replies_count_as_not_published() {
        for (code, expected) in [
            (Code::Refusal, true),
            (Code::UnreadableFile, true),
            (Code::AddressTaken, false),
            (Code::SlugCollision, false),
        ] {
            assert_eq!(code.is_rejection(), expected, "{code}");
        }
    }

    fn at(code: Code, line: u32) -> Diagnostic {
        let place = diagnostic::FilePlace::line("content/a.txt", line);
        Diagnostic::new(code, place, format!("on line {line}"))
    }

    #[test]
    fn errors_come_first_and_then_what_there_is_most_of() {
        let found = group_findings(
            &fixture::test_posts(&[]),
            &[
                at(Code::DeadLink, 1),
                at(Code::NearDuplicate, 1),
                at(Code::NearDuplicate, 2),
                at(Code::Refusal, 3),
                at(Code::TitleDerived, 4),
            ],
        );
        let codes: Vec<_> = found
            .codes
            .iter()
            .map(|one| (one.code, one.places.count))
            .collect();
        let expected = [
            ("refusal", 1),
            ("near-duplicate", 2),
            ("dead-link", 1),
            ("title-derived", 1),
        ];
        assert_eq!(codes, expected);
        assert_eq!((found.errors, found.warnings, found.notes), (1, 3, 1));
    }

    #[test]
    fn finding_has_the_page_of_the_post_above_it() {
        let mut entries = ["first", "second"].map(fixture::test_entry);
        for (entry, line) in entries.iter_mut().zip([1, 10]) {
            fixture::change_post(entry, |post| {
                post.source.file = "content/a.txt".into();
                post.source.line = line;
            });
            entry.path = format!("/{line}/");
        }
        entries[1].date = Some(fixture::test_date("2030-01-01").into());
        let posts = fixture::test_posts(&entries);
        let url = |line, code| {
            let found = group_findings(&posts, &[at(code, line)]);
            found.codes[0].places.first[0].url.clone()
        };
        let page = Some("http://127.0.0.1:1111/1/".to_owned());
        assert_eq!(url(9, Code::DeadLink), page);
        assert_eq!(url(9, Code::Refusal), None, "it is not published");
        assert_eq!(url(10, Code::DeadLink), None, "it is not there yet");
    }
}
