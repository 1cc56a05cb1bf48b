//! Reads whole files, rule by rule of the ingest contract, and checks the result of all stages.

mod bodies;
mod bytes;
mod chat_text;
mod chats;
mod containers;
mod dates;
mod endings;
mod fields;
mod labels;
mod front_matter;
mod languages;
mod markup;
mod pieces;
mod properties;
mod records;
mod removals;
mod replies;
mod scripts;

use super::*;
use crate::diagnostic::{Code, Severity};

/// Reads a file with default settings.
fn read(path: &str, bytes: impl Into<Vec<u8>>) -> FileResult {
    let input = FileInput {
        path: path.into(),
        bytes: bytes.into(),
    };
    read_file(&input, &ReadSettings::default())
}

/// Returns the codes of warnings and errors, without repetition, sorted by name.
fn codes(result: &FileResult) -> Vec<&'static str> {
    let mut codes: Vec<_> = result
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity() != Severity::Info)
        .map(|diagnostic| diagnostic.code.name())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Checks the titles and bodies of the posts of a text, and the codes of warnings and errors.
#[track_caller]
fn check(path: &str, text: &str, posts: &[(&str, &str)], expected: &[&str]) -> FileResult {
    let result = read(path, text);
    let found: Vec<_> = result
        .posts
        .iter()
        .map(|post| (post.title.as_str(), post.body.as_str()))
        .collect();
    assert_eq!(found, posts, "{text}");
    assert_eq!(
        codes(&result),
        expected,
        "{text}\n{:#?}",
        result.diagnostics
    );
    result
}

/// Returns the only post of a text.
#[track_caller]
fn one(text: &str) -> Post {
    let mut result = read("a-file.txt", text);
    assert_eq!(result.posts.len(), 1, "{text}\n{:#?}", result.diagnostics);
    result.posts.remove(0)
}

/// Returns a labelled reply with this body and its end marker.
fn labelled(body: &str) -> String {
    format!(
        "TITLE: Green Tea\nMETA_DESCRIPTION: On leaves.\nTAGS: tea\nCATEGORIES: Reviews\n\n{body}\n\n-EndOFText-\n"
    )
}

/// Returns the body of a labelled reply with this text, and the codes that it gives.
#[track_caller]
fn check_body(text: &str, body: &str, expected: &[&str]) {
    check("a.txt", &labelled(text), &[("Green Tea", body)], expected);
}

/// Only a bug in pressrun panics, so the test brings one along.
#[test]
fn panic_rejects_one_reply_and_loses_no_other() {
    let settings = ReadSettings::default();
    let path = "a.jsonl".into();
    let reader = RecordReader::new(&path, &settings);
    let mut joiner = FileJoiner::new(&path);
    let record = |title: &str| {
        format!("{{\"title\": \"{title}\", \"content\": \"The text of {title}, in a few words.\"}}")
    };
    joiner.add_records(reader.read_lines(&record("One"), 1));
    let mut broken = ReadRecord::begin_at(2);
    broken.guard(2, |_| panic!("on purpose"));
    joiner.add_records([broken]);
    joiner.add_records(reader.read_lines(&record("Three"), 3));
    joiner.guard(None, |_| panic!("on purpose"));
    let result = joiner.finish();
    let titles: Vec<&str> = result.posts.iter().map(|post| &*post.title).collect();
    assert_eq!(titles, ["One", "Three"]);
    let errors: Vec<(Code, Option<u32>)> = result
        .diagnostics
        .iter()
        .filter(|found| found.severity() == Severity::Error)
        .map(|found| (found.code, found.place.line))
        .collect();
    assert_eq!(
        errors,
        [(Code::InternalError, None), (Code::InternalError, Some(2))]
    );
    let message = &result.diagnostics[0].message;
    assert!(
        message.contains("on purpose (crates/pressrun-posts/src/content_file/tests/mod.rs:"),
        "{message}"
    );
}
