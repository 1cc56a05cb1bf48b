//! Checks names: every type has a name that no other type in the workspace has, and no `Debug`
//! output is hashed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Names that several types may share, with the reason.
const SHARED: &[(&str, &str)] = &[];

/// Returns the production lines of the sources, without comments, tests and test modules.
fn production_lines() -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let folders = ["src", "crates"].map(|folder| walkdir::WalkDir::new(folder).sort_by_file_name());
    for entry in folders.into_iter().flatten() {
        let path = entry.unwrap().into_path();
        let is_test = path
            .components()
            .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs");
        if is_test || path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let production = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
        for line in production.lines() {
            if !line.trim_start().starts_with("//") {
                lines.push((shown(&path), line.to_owned()));
            }
        }
    }
    assert!(lines.len() > 10_000, "the sources are read");
    lines
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Returns the name of the type that a line defines; associated types do not count.
fn defined_type(line: &str) -> Option<&str> {
    let is_associated = line.starts_with(' ') && line.trim_start().starts_with("type ");
    let rest = line.trim_start();
    let rest = match rest.strip_prefix("pub") {
        Some(rest) => match rest.strip_prefix('(') {
            Some(rest) => rest.split_once(") ")?.1,
            None => rest.trim_start(),
        },
        None => rest,
    };
    let (kind, rest) = rest.split_once(' ')?;
    let is_type = matches!(kind, "struct" | "enum" | "trait" | "union" | "type");
    let name = rest
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .next()?;
    let is_name = name.starts_with(|c: char| c.is_ascii_uppercase());
    (is_type && is_name && !is_associated).then_some(name)
}

#[test]
fn no_two_types_share_a_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, line) in production_lines() {
        if let Some(name) = defined_type(&line) {
            places.entry(name.to_owned()).or_default().push(file);
        }
    }
    assert!(places.len() > 300, "the types are seen");
    assert!(SHARED.len() <= 15, "a short list");
    places.retain(|name, files| files.len() > 1 && SHARED.iter().all(|(known, _)| known != name));
    assert!(places.is_empty(), "types that share a name: {places:#?}");
}

#[test]
fn types_are_seen_wherever_they_are_defined() {
    for (line, expected) in [
        ("pub struct Post<B> {", Some("Post")),
        ("pub(super) enum Kind {", Some("Kind")),
        ("    struct Inner;", Some("Inner")),
        ("type Answer<T = String> = Result<T>;", Some("Answer")),
        ("    type Item = u8;", None),
        ("pub fn structure() {}", None),
        ("let enum_of = 1;", None),
    ] {
        assert_eq!(defined_type(line), expected, "{line}");
    }
}

/// `Debug` output may change with every compiler, and omits what a type does not print.
#[test]
fn no_debug_output_is_a_fingerprint() {
    let hashes = [
        "Fingerprint",
        "Hasher",
        "hash(",
        ".hash",
        "cache_key",
        "of_bytes",
    ];
    let lines = production_lines();
    let prints = |line: &str| line.contains("format!(\"{") && line.contains(":?}\")");
    let mut wrong = Vec::new();
    for (at, (file, line)) in lines.iter().enumerate() {
        // A call may be spread over some lines.
        let around = &lines[at.saturating_sub(4)..lines.len().min(at + 3)];
        let is_hashed = around
            .iter()
            .any(|(_, near)| hashes.iter().any(|hash| near.contains(hash)));
        if prints(line) && is_hashed {
            wrong.push(format!("{file}: {}", line.trim()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
