//! Tests what a build leaves behind when one system call fails, or when it is killed there.
//!
//! The calls are made to fail by strace; without it the tests are skipped with a message.
//! Longer and at random: `faults/` beside this folder.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::site::{Run, Site};

/// What happened to a build.
enum End {
    /// All calls went well.
    Done,
    Failed(Run),
    Killed,
}

/// Builds a site under strace, which does something to its renames; `None` without it.
fn build_with_fault(site: &Site, fault: &str) -> Option<End> {
    let mut strace = site.command_of("strace");
    strace
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=rename", "-e"])
        .arg(format!("inject=rename:{fault}"))
        .args([env!("CARGO_BIN_EXE_pressrun"), "build", "--jobs", "1"]);
    let Ok(output) = strace.output() else {
        eprintln!("skipped: there is no strace");
        return None;
    };
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    if stderr.contains("ptrace") {
        eprintln!("skipped: {stderr}");
        return None;
    }
    Some(match output.status.code() {
        Some(0) => End::Done,
        Some(code) => End::Failed(Run {
            code,
            stdout: String::new(),
            stderr,
        }),
        None => End::Killed,
    })
}

/// A built site of two posts.
fn built() -> Site {
    let site = Site::new()
        .reply("a", "A", "x", "News")
        .reply("b", "B", "y", "Reviews")
        .file("static/old/file", "old");
    site.build();
    site
}

/// Changes it: pages become others, come and go, and a file takes the place of a folder.
fn change(site: &Site) {
    site.write("templates/404.html", "another");
    site.remove("content/b.txt");
    site.write(
        "content/c.txt",
        "TITLE: C\nTAGS: x, z\n\nText of c.\n\n-EndOfText-\n",
    );
    let text = fs::read_to_string(site.path("content/a.txt")).unwrap();
    site.write("content/a.txt", text.replace("a few", "some other"));
    fs::remove_dir_all(site.path("static/old")).unwrap();
    site.write("static/old", "new");
}

/// The files of the site before and after the change.
fn before_and_after() -> [BTreeMap<String, Vec<u8>>; 2] {
    let site = built();
    let before = site.public();
    change(&site);
    site.build();
    [before, site.public()]
}

/// The folders of the built site.
fn folders(site: &Site) -> BTreeSet<String> {
    walkdir::WalkDir::new(site.path("public"))
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_dir())
        .map(|entry| {
            let path = entry.path().strip_prefix(site.path("public")).unwrap();
            path.display().to_string()
        })
        .collect()
}

#[test]
fn any_rename_of_a_build_may_be_its_last() {
    let [old, new] = before_and_after();
    for number in 1.. {
        let site = built();
        change(&site);
        match build_with_fault(&site, &format!("signal=KILL:when={number}")) {
            Some(End::Killed) => {}
            Some(End::Done) => return assert!(number > 8, "{number}"),
            Some(End::Failed(run)) => panic!("{}", run.stderr),
            None => return,
        }
        for (path, bytes) in site.public() {
            let own = path.starts_with(".pressrun-");
            let is_whole = old.get(&path) == Some(&bytes) || new.get(&path) == Some(&bytes);
            assert!(own || is_whole, "rename {number}: {path}");
        }
        assert_eq!(dead_ends(&site), BTreeSet::new(), "rename {number}");
        site.build();
        assert!(site.public() == new, "rename {number}");
    }
}

/// Lets the renames of a build fail, each in turn, and gives what came of each that stopped it.
fn fail_at_each_rename(site: impl Fn() -> Site, check: impl Fn(Run, &Site)) {
    let mut failures = 0;
    // A cache that cannot be written, at the beginning and at the end, stops no build.
    let mut done = 0;
    for number in 1.. {
        let site = site();
        match build_with_fault(&site, &format!("error=EIO:when={number}")) {
            Some(End::Failed(run)) => {
                (failures, done) = (failures + 1, 0);
                check(run, &site);
            }
            Some(End::Done) if done < 6 => done += 1,
            Some(End::Done) => return assert!(failures > 5, "{failures} of {number}"),
            Some(End::Killed) => panic!("rename {number}"),
            None => return,
        }
    }
}

#[test]
fn build_that_fails_while_moving_files_undoes_everything() {
    let [_, new] = before_and_after();
    let changed = || {
        let site = built();
        change(&site);
        site
    };
    let expected = built();
    let expected = (expected.public(), folders(&expected));
    fail_at_each_rename(changed, |run, site| {
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stderr.contains("Input/output error"), "{}", run.stderr);
        assert!((site.public(), folders(site)) == expected, "{}", run.stderr);
        site.build();
        assert!(site.public() == new, "{}", run.stderr);
    });
}

#[test]
fn first_build_that_fails_leaves_nothing() {
    let site = || Site::new().reply("a", "A", "x", "News");
    fail_at_each_rename(site, |run, site| {
        assert_eq!(site.public(), BTreeMap::new(), "{}", run.stderr);
    });
}

/// The files of a site that nobody wrote since: the same files with the same times.
fn identities(site: &Site) -> BTreeMap<String, (u64, i64, i64)> {
    let files = site.public().into_keys();
    let identity = |path: &str| {
        let data = fs::metadata(site.path("public").join(path)).unwrap();
        (data.ino(), data.mtime(), data.mtime_nsec())
    };
    files.map(|path| (path.clone(), identity(&path))).collect()
}

#[test]
fn build_that_fails_leaves_the_very_files_that_were_there() {
    let site = built();
    change(&site);
    let before = identities(&site);
    // By then most files were moved.
    if let Some(End::Failed(_)) = build_with_fault(&site, "error=EIO:when=30") {
        assert_eq!(identities(&site), before);
    }
}

#[test]
fn steps_that_cannot_be_undone_are_reported_and_the_next_build_repairs_them() {
    let [_, new] = before_and_after();
    let site = built();
    change(&site);
    // From the sixth on all fail, those that take back too.
    match build_with_fault(&site, "error=EIO:when=6+") {
        Some(End::Failed(run)) => {
            for text in [
                "Input/output error",
                "the last good site could not be restored",
                "old and new pages are mixed",
            ] {
                assert!(run.stderr.contains(text), "{text}: {}", run.stderr);
            }
        }
        Some(_) => panic!("it went well"),
        None => return,
    }
    site.build();
    assert!(site.public() == new);
}

#[test]
fn synchronised_build_has_its_files_on_the_disk_before_they_are_moved() {
    let site = built();
    change(&site);
    let log = site.path("log");
    let mut strace = site.command_of("strace");
    strace
        .args(["-f", "-qq", "-y", "-e", "trace=rename,fsync", "-o"])
        .arg(&log)
        .args([
            env!("CARGO_BIN_EXE_pressrun"),
            "build",
            "--jobs",
            "1",
            "--sync",
        ]);
    let Ok(output) = strace.output() else {
        eprintln!("skipped: there is no strace");
        return;
    };
    if String::from_utf8_lossy(&output.stderr).contains("ptrace") {
        eprintln!("skipped: nothing can be traced");
        return;
    }
    let log = fs::read_to_string(log).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    let staged: Vec<&str> = lines
        .iter()
        .filter(|line| line.contains("rename(") && line.contains(".pressrun-staging/new/"))
        .map(|line| line.split('"').nth(1).unwrap())
        .collect();
    assert!(staged.len() > 5, "{log}");
    let is_moved = |line: &&str| line.contains("rename(") && line.contains(".pressrun-staging/");
    let first = lines.iter().position(is_moved).unwrap();
    for path in staged {
        let path = format!("{}>", path.trim_start_matches("./"));
        let is_synced = |line: &&str| line.contains("fsync(") && line.contains(&path);
        assert!(lines[..first].iter().any(is_synced), "{path}: {log}");
    }
    let is_folder = |line: &&str| line.contains("fsync(") && line.contains("/public>");
    assert!(lines.iter().any(is_folder), "{log}");
}

/// Links of pages that a reader can come to from the home page, or that were there before, which
/// lead to no file.
fn dead_ends(site: &Site) -> BTreeSet<String> {
    let public = site.public();
    let file = |path: &str| match path {
        path if path.is_empty() || path.ends_with('/') => format!("{path}index.html"),
        path => path.to_owned(),
    };
    let mut seen = BTreeSet::new();
    let mut found = BTreeSet::new();
    let mut next = vec!["index.html".to_owned()];
    while let Some(page) = next.pop() {
        if !page.ends_with(".html") || !seen.insert(page.clone()) {
            continue;
        }
        let html = String::from_utf8_lossy(&public[&page]).into_owned();
        for attribute in ["href=\"/", "src=\"/"] {
            for link in html.split(attribute).skip(1) {
                let link = link.split(['"', '#', '?']).next().unwrap_or_default();
                let target = file(link);
                if public.contains_key(&target) {
                    next.push(target);
                } else {
                    found.insert(format!("{page} -> {target}"));
                }
            }
        }
    }
    assert!(seen.len() > 3, "{seen:?}");
    found
}
