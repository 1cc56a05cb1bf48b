//! Compares whole sites of `tests/sites` file by file with their `expected` folders.
//!
//! Each site has its own templates, which print every field of their context. So a change of the
//! theme changes no snapshot. After you have read what changed, update the snapshots with
//! `SNAPSHOTS=overwrite cargo test --test it snapshots`.

use std::fs;
use std::path::Path;

use crate::site::{Site, tree};

fn check(name: &str) {
    let source = Path::new("tests/sites").join(name);
    let mut site = Site::new();
    for (path, bytes) in tree(&source.join("site")) {
        site = site.file(&path, bytes);
    }
    let run = site.build();
    let mut found = site.public();
    found.remove(".pressrun-manifest");
    found.retain(|path, _| {
        !(path.ends_with(".css")
            || path.ends_with(".woff2")
            || path.ends_with(".js")
            || path.starts_with("pagefind/")
            || path.starts_with("cards/"))
    });
    found.insert(
        "stdout.txt".to_owned(),
        without_time(&run.stdout).into_bytes(),
    );
    found.insert("stderr.txt".to_owned(), run.stderr.into_bytes());
    for bytes in found.values_mut() {
        *bytes = without_hashes(&String::from_utf8_lossy(bytes)).into_bytes();
    }
    let expected = source.join("expected");
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        if expected.exists() {
            fs::remove_dir_all(&expected).unwrap();
        }
        for (path, bytes) in &found {
            let path = expected.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        return;
    }
    let expected = tree(&expected);
    let names = |tree: &std::collections::BTreeMap<String, Vec<u8>>| {
        tree.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&found), names(&expected));
    for (path, bytes) in found {
        let found = String::from_utf8_lossy(&bytes).into_owned();
        let expected = String::from_utf8_lossy(&expected[&path]).replace("\r\n", "\n");
        snapbox::assert_data_eq!(found, snapbox::Data::text(expected).raw());
    }
}

/// Removes the duration of the build and the size of the theme's files from the summary.
fn without_time(summary: &str) -> String {
    let (rest, _) = summary.rsplit_once(" in ").unwrap();
    let (before, size) = rest.split_once(" (").unwrap();
    let (_, after) = size.split_once(')').unwrap();
    format!("{before} (SIZE){after}\n")
}

/// Replaces the hashes in the names of the theme's files by `HASH`, since they change with the
/// theme.
fn without_hashes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = [
        "/style-",
        "/lists-",
        "/extras-",
        "/formulas-",
        "/script-",
        "/search-",
        "/text-",
        "/italic-",
    ]
    .iter()
    .filter_map(|name| Some(rest.find(name)? + name.len()))
    .min()
    {
        out += &rest[..at];
        rest = &rest[at..];
        if let Some((hash, _)) = rest.split_once('.')
            && hash.len() == 8
        {
            out += "HASH";
            rest = &rest[8..];
        }
    }
    out + rest
}

#[test]
fn contexts() {
    check("contexts");
}
