//! Finds names that do not work the same on every machine: those that differ only in case, and
//! links.

use std::collections::HashMap;
use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_site::discover;
use pressrun_site::fs;
use pressrun_site::render;

use super::{DoctorSubject, make_doctor_finding};
use crate::publish::files::PublishedFile;

pub(super) fn check_names(subject: &DoctorSubject<'_>) -> Vec<Diagnostic> {
    let names: Vec<String> = subject
        .files
        .files
        .iter()
        .map(PublishedFile::name)
        .collect();
    let mut found = find_case_clashes(&names);
    for path in &subject.files.links {
        found.push(report_link(
            path,
            "it is a symbolic link and is published as a copy of its target",
        ));
    }
    for error in &subject.files.errors {
        let path = error
            .path()
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        found.push(report_link(
            &path,
            "it is a symbolic link to nothing and is not published",
        ));
    }
    found.extend(find_links_out_of_site(subject.root));
    found
}

fn report_link(path: &str, message: &str) -> Diagnostic {
    let help = "replace the link with the file itself";
    make_doctor_finding(Code::SymbolicLink, FilePlace::file(path), message, help)
}

/// Returns a finding for each file or folder that differs from an earlier one only in case.
fn find_case_clashes(names: &[String]) -> Vec<Diagnostic> {
    let mut first: HashMap<String, &str> = HashMap::new();
    let mut found = Vec::new();
    for name in names {
        // Compare every folder on the way too: `A/x` and `a/y` clash in the folder.
        let ends = name.match_indices('/').map(|(at, _)| at);
        for end in ends.chain([name.len()]) {
            let path = &name[..end];
            let earlier = *first.entry(path.to_lowercase()).or_insert(path);
            if earlier == path {
                continue;
            }
            found.push(make_doctor_finding(
                Code::CaseClash,
                FilePlace::file(path),
                format!("it differs from `{earlier}` only in case"),
                "rename one: GitHub Pages distinguishes them, but Windows, macOS and people who \
                 type addresses do not",
            ));
            break;
        }
    }
    // Files are sorted, so all reports of one folder are neighbours.
    found.dedup_by(|a, b| a.place == b.place);
    found
}

/// Returns a finding for each link among the sources that leads out of the site, where a workflow
/// finds nothing.
fn find_links_out_of_site(root: &Path) -> Vec<Diagnostic> {
    let inside = fs::resolve_path(root);
    let mut found = Vec::new();
    for folder in render::SOURCES.into_iter().chain([discover::FOLDER]) {
        let (entries, _) = fs::walk_all_entries(&root.join(folder));
        for entry in entries.iter().filter(|entry| entry.link) {
            // `absolute` follows links.
            if fs::resolve_path(&entry.location).starts_with(&inside) {
                continue;
            }
            found.push(make_doctor_finding(
                Code::SymbolicLink,
                FilePlace::file(format!("{folder}/{}", fs::path_with_slashes(&entry.path))),
                "it is a symbolic link to a place outside the site, which does not exist in a \
                 workflow",
                "replace the link with the file itself, if a workflow builds the site",
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], expected: &[&str]) {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let found: Vec<String> = find_case_clashes(&names)
            .iter()
            .map(|found| format!("{}: {}", found.place, found.message))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn paths_that_differ_only_in_case_clash_once() {
        check(
            &["A.png", "a.png"],
            &["a.png: it differs from `A.png` only in case"],
        );
        check(
            &["Tags/x/index.html", "tags/a", "tags/b"],
            &["tags: it differs from `Tags` only in case"],
        );
        check(&["a/b", "a/c", "ab", "ä", "a"], &[]);
        check(&["É", "é"], &["é: it differs from `É` only in case"]);
    }
}
