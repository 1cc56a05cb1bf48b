//! Checks that the links of the documentation lead somewhere, on GitHub and in the book made from `docs/`.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The Markdown files of the repository that people read.
fn list_documents() -> Vec<PathBuf> {
    let names = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ];
    let docs = fs::read_dir("docs")
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = docs.filter(|path| is_markdown(path)).collect();
    pages.sort();
    names.iter().map(PathBuf::from).chain(pages).collect()
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// Returns the lines of a document outside of code blocks.
fn list_text_lines(text: &str) -> Vec<&str> {
    let mut fence = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        let start = line.trim_start();
        let ticks = start.len() - start.trim_start_matches('`').len();
        match fence {
            None if ticks >= 3 => fence = Some(ticks),
            None => lines.push(line),
            Some(open) if ticks >= open => fence = None,
            Some(_) => {}
        }
    }
    lines
}

/// Returns a text without its inline code.
fn remove_code(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once('`') {
        kept.push_str(before);
        let more = after.len() - after.trim_start_matches('`').len();
        let ticks = "`".repeat(more + 1);
        rest = match after[more..].split_once(ticks.as_str()) {
            Some((_, behind)) => behind,
            None => after,
        };
    }
    kept + rest
}

/// Returns the targets of the links and pictures of a document.
fn list_targets(text: &str) -> Vec<String> {
    let text = remove_code(&list_text_lines(text).join("\n"));
    let parts = text.split("](").skip(1);
    let targets = parts.map(|part| part.split([')', ' ']).next().unwrap_or_default());
    targets.map(str::to_owned).collect()
}

/// Returns the ids of the headings of a document. GitHub and mdBook make them in the same way.
fn list_heading_ids(text: &str) -> Vec<String> {
    let mut counts = HashMap::new();
    let mut ids = Vec::new();
    for line in list_text_lines(text) {
        let title = line.trim_start_matches('#');
        if title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let spaced = title.trim().replace(' ', "-").to_lowercase();
        let id: String = spaced
            .chars()
            .filter(|char| char.is_alphanumeric() || "-_".contains(*char))
            .collect();
        let count = counts.entry(id.clone()).or_insert(0);
        ids.push(if *count == 0 {
            id
        } else {
            format!("{id}-{count}")
        });
        *count += 1;
    }
    ids
}

/// Returns what is wrong with a link of a document, if anything is.
fn find_fault(document: &Path, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, id) = target.split_once('#').unwrap_or((target, ""));
    let path = match path {
        "" => document.to_owned(),
        _ => document.parent().unwrap_or(Path::new("")).join(path),
    };
    if !path.exists() {
        return Some(format!("{}: no file for `{target}`", document.display()));
    }
    if id.is_empty() {
        return None;
    }
    let headings = list_heading_ids(&fs::read_to_string(&path).unwrap());
    let exists = headings.iter().any(|heading| heading == id);
    (!exists).then(|| format!("{}: no heading for `{target}`", document.display()))
}

#[test]
fn links_of_the_documentation_lead_to_files_and_headings() {
    let mut faults = Vec::new();
    let mut count = 0;
    for document in list_documents() {
        for target in list_targets(&fs::read_to_string(&document).unwrap()) {
            count += 1;
            faults.extend(find_fault(&document, &target));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 100, "only {count} links were found");
}

#[test]
fn every_page_of_the_documentation_is_in_the_book_once() {
    let summary = fs::read_to_string("docs/SUMMARY.md").unwrap();
    for document in list_documents() {
        let Ok(page) = document.strip_prefix("docs") else {
            continue;
        };
        let link = format!("]({})", page.display());
        let expected = usize::from(page != Path::new("SUMMARY.md"));
        let count = summary.matches(&link).count();
        assert_eq!(count, expected, "docs/SUMMARY.md: {}", page.display());
    }
}

#[test]
fn links_in_code_are_text_and_headings_of_one_title_are_numbered() {
    let text =
        "# A `[b]`\n\n```sh\n# no [a](b.md)\n```\n\n`[c](d.md)` and [`e`](f.md#g)\n\n## A b\n";
    assert_eq!(list_targets(text), ["f.md#g"]);
    assert_eq!(list_heading_ids(text), ["a-b", "a-b-1"]);
}
