//! Checks that a module uses only modules above it in its crate's `lib.rs`, so that data flows one
//! way. Between crates, the compiler checks it.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders with the sources of each crate whose modules are stages.
const CRATES: [&str; 4] = [
    "src",
    "crates/pressrun-generate/src",
    "crates/pressrun-posts/src",
    "crates/pressrun-site/src",
];

/// Returns the modules of a crate in the order of its `lib.rs`.
fn modules(sources: &str) -> Vec<String> {
    let lib = fs::read_to_string(format!("{sources}/lib.rs")).unwrap();
    lib.lines()
        .filter_map(|line| line.strip_prefix("pub mod "))
        .map(|rest| rest.split(';').next().unwrap().to_owned())
        .collect()
}

/// Returns the names that follow `crate::` in a text, also in braces, but not those in links of
/// comments.
fn used(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let name = |text: &str| -> String {
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'));
        text[..end.unwrap_or(text.len())].to_owned()
    };
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let mut depth = 0;
                let mut start = true;
                for (at, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && !c.is_whitespace() => {
                            names.push(name(&list[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => names.push(name(rest)),
        }
    }
    names
}

#[test]
fn modules_use_only_modules_above_them() {
    let mut wrong = Vec::new();
    for sources in CRATES {
        let modules = modules(sources);
        assert!(modules.len() > 4, "{sources}/lib.rs is read: {modules:?}");
        for (at, module) in modules.iter().enumerate() {
            for path in sources_of(sources, module) {
                for name in used(&fs::read_to_string(&path).unwrap()) {
                    let below = modules.iter().position(|other| *other == name);
                    if below.is_some_and(|below| below > at) {
                        wrong.push(format!(
                            "{} uses `{name}`, which stands below",
                            path.display()
                        ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Returns the files of a module.
fn sources_of(sources: &str, module: &str) -> Vec<PathBuf> {
    let folder = format!("{sources}/{module}");
    let root = if Path::new(&folder).is_dir() {
        folder
    } else {
        format!("{folder}.rs")
    };
    let entries = walkdir::WalkDir::new(root).into_iter();
    let paths = entries.map(|entry| entry.unwrap().into_path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .collect()
}

/// Returns what a crate of the workspace depends on, by the names in its manifest.
fn dependencies(name: &str) -> Vec<String> {
    let manifest = fs::read_to_string(format!("crates/{name}/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let table = manifest["dependencies"].as_table().unwrap();
    table.keys().cloned().collect()
}

/// Whoever wants only to read replies compiles neither a server nor templates.
#[test]
fn reading_is_a_crate_of_its_own() {
    let own = |name: &str| -> Vec<String> {
        let names = dependencies(name).into_iter();
        names.filter(|name| name.starts_with("pressrun-")).collect()
    };
    assert!(own("pressrun-text").is_empty());
    assert_eq!(own("pressrun-posts"), ["pressrun-text"]);
    assert_eq!(own("pressrun-markdown"), ["pressrun-text"]);
    for name in ["pressrun-text", "pressrun-posts"] {
        for heavy in ["axum", "rayon", "syntect", "tera", "tokio"] {
            assert!(
                !dependencies(name).contains(&heavy.to_owned()),
                "{name}: {heavy}"
            );
        }
    }
}

#[test]
fn uses_in_braces_are_seen() {
    let text = "use crate::{fs, post::{Post, slug}, render};\nlet x = crate::cli::run();";
    assert_eq!(used(text), ["fs", "post", "render", "cli"]);
}

#[test]
fn library_does_not_print_but_for_the_command_line() {
    // The lints `print_stdout` and `print_stderr` check the macros; this test checks the rest.
    let entries = walkdir::WalkDir::new("src").into_iter();
    for entry in entries.chain(walkdir::WalkDir::new("crates")) {
        let path = entry.unwrap().into_path();
        let is_code = path.extension().is_some_and(|ending| ending == "rs");
        if !is_code || path.starts_with("src/cli") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for stream in ["stdout()", "stderr()"] {
            assert!(!text.contains(stream), "{} prints", path.display());
        }
    }
}

/// The types that say what kind of page something is.
const KINDS: [&str; 3] = ["PageKind::", "PostList::", "FixedPage::"];

/// Returns the lines of a text that match every kind of page that has no arm of its own.
fn wildcards_over_page_kinds(text: &str) -> Vec<&str> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if !line.trim_start().starts_with("_ =>") {
            continue;
        }
        // The arms before it: lines as deep, up to the line that opens the match.
        let arms = lines[..at].iter().rev();
        let mut arms = arms.take_while(|arm| arm.trim().is_empty() || indent(arm) >= indent(line));
        let names_kind = |arm: &str| KINDS.iter().any(|kind| arm.contains(kind));
        if arms.any(|arm| indent(arm) == indent(line) && names_kind(arm)) {
            found.push(line.trim());
        }
    }
    found
}

/// A new kind of page must be a compile error wherever something is decided by kind.
#[test]
fn every_kind_of_page_is_named_where_kinds_are_matched() {
    let entries = walkdir::WalkDir::new("src").into_iter();
    for entry in entries.chain(walkdir::WalkDir::new("crates")) {
        let path = entry.unwrap().into_path();
        if path.extension().is_some_and(|ending| ending == "rs") {
            let mut text = fs::read_to_string(&path).unwrap();
            if path.starts_with("crates/pressrun-site/src/render/pages") {
                // The kinds are defined here.
                text = text.replace("Self::", "PageKind::");
            }
            let found = wildcards_over_page_kinds(&text);
            assert!(found.is_empty(), "{}: {found:?}", path.display());
        }
    }
}

#[test]
fn wildcards_over_page_kinds_are_seen() {
    let text = "match job {\n    PageKind::Post(_) => {\n        1\n    }\n    _ => 2,\n}";
    assert_eq!(wildcards_over_page_kinds(text), ["_ => 2,"]);
    let text = "match x {\n    1 => PageKind::Post,\n}\nmatch y {\n    _ => 2,\n}";
    assert!(wildcards_over_page_kinds(text).is_empty());
}
