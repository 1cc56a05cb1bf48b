//! Checks GitHub's limits on the size of a site and of its files.

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};

use super::{DoctorSubject, make_doctor_finding};

/// Most bytes of a site: "no larger than 1 GB" (GitHub Pages limits).
const SITE: u64 = 1_000_000_000;

/// Most bytes of a file: GitHub does not accept files over 100 MiB in git repositories.
const FILE: u64 = 100 * 1024 * 1024;

pub(super) fn check_limits(subject: &DoctorSubject<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let bytes = subject.files.bytes();
    if bytes > SITE {
        found.push(make_doctor_finding(
            Code::SiteTooLarge,
            FilePlace::file("."),
            format!(
                "the site has {} MB, but GitHub Pages allows at most 1 GB",
                bytes / 1_000_000
            ),
            "put videos and large pictures on another host",
        ));
    }
    // GitHub refuses the whole push because of one such file.
    for file in subject.files.files.iter().filter(|file| file.size > FILE) {
        found.push(make_doctor_finding(
            Code::FileTooLarge,
            FilePlace::file(file.name()),
            format!(
                "the file has {} MB, but GitHub allows at most 100 MB",
                file.size / 1_000_000
            ),
            "make it smaller, or put it on another host",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use pressrun_site::config::Config;
    use pressrun_site::pipeline::SiteFindings;

    use super::*;
    use crate::publish::files::{PublishedFile, PublishedFiles};

    #[track_caller]
    fn check_sizes(sizes: &[u64], expected: &[&str]) {
        let file = |(at, &size): (usize, &u64)| PublishedFile {
            path: format!("{at}.mp4").into_bytes(),
            location: "x".into(),
            size,
        };
        let files = PublishedFiles {
            files: sizes.iter().enumerate().map(file).collect(),
            ..PublishedFiles::default()
        };
        let found: Vec<String> = check_limits(&DoctorSubject {
            root: "x".as_ref(),
            config: &Config::default(),
            address_given: false,
            files: &files,
            findings: &SiteFindings::default(),
        })
        .iter()
        .map(|found| format!("{}: {}", found.place, found.code))
        .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn site_and_files_over_the_limit_are_found() {
        check_sizes(&[FILE, SITE - 2 * FILE, 5], &["1.mp4: file-too-large"]);
        check_sizes(&[FILE; 9], &[]);
        check_sizes(&[FILE; 10], &[".: site-too-large"]);
    }
}
