//! Rows as records: as the same records in JSON Lines, whole or in pieces.

use std::sync::Arc;

use pressrun_parquet::{
    ParquetSource, ParquetTable, find_row_group_pieces, is_parquet_path, read_parquet_file,
    read_row_groups,
};
use pressrun_posts::content_file::{
    FileInput, FileResult, ReadSettings, file_result_to_json, join_pieces, read_file,
};
use pressrun_posts::diagnostic::Code;
use serde_json::Value;

use super::forged::{Forged, plain};
use super::other_writer::file;
use super::read;
use super::written::{Column, Values, write};

/// The path of both files, so that their results can be equal.
const PATH: &str = "content/words.jsonl";

fn read_table(bytes: &[u8]) -> FileResult {
    let source = ParquetSource::from_bytes(bytes.to_vec());
    read_parquet_file(source, &PATH.into(), &ReadSettings::default())
}

fn read_lines(bytes: &[u8]) -> FileResult {
    let rows = read(bytes).into_iter();
    let lines = rows.map(|row| format!("{}\n", Value::Object(row.unwrap())));
    let input = FileInput {
        path: PATH.into(),
        bytes: lines.collect::<String>().into_bytes(),
    };
    read_file(&input, &ReadSettings::default())
}

/// Replies of all kinds: good ones, copies, a refusal, an empty one, damaged characters.
fn replies() -> Vec<u8> {
    let body = |about: &str| {
        format!("TITLE: All about {about}\n\nNobody knows {about} as well as the cook does.\n")
    };
    let texts = [
        body("tea"),
        body("water"),
        body("tea"),
        "I'm sorry, but I can't help with that request.".to_owned(),
        body("caf\u{c3}\u{a9}s"),
        String::new(),
        body("milk"),
        "TITLE: All about milk\n\nMilk comes from cows, and it keeps for a week.\n".to_owned(),
        body("cr\u{c3}\u{a8}me"),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let groups: Vec<Vec<Column>> = texts
        .chunks(2)
        .zip(ids.chunks(2))
        .map(|(texts, ids)| {
            vec![
                Column(Values::Text(ids), &[], &[]),
                Column(Values::Text(texts), &[], &[]),
            ]
        })
        .collect();
    write(
        "required binary id (STRING); required binary response (STRING);",
        &groups,
    )
}

#[test]
fn rows_are_read_as_lines_with_the_same_records() {
    for bytes in [replies(), file("types.parquet"), file("zstd.parquet")] {
        let table = read_table(&bytes);
        assert!(table.posts.len() > 3, "{:#?}", table.diagnostics);
        let lines = read_lines(&bytes);
        assert_eq!(file_result_to_json(&table), file_result_to_json(&lines));
    }
}

#[test]
fn pieces_joined_are_the_whole() {
    let bytes = replies();
    let whole = file_result_to_json(&read_table(&bytes));
    let table = ParquetTable::open(ParquetSource::from_bytes(bytes)).unwrap();
    let path: Arc<str> = PATH.into();
    for size in [0, 400, 1 << 30] {
        let pieces = find_row_group_pieces(&table, size);
        assert_eq!(pieces.len() == 1, size == 1 << 30);
        assert_eq!(pieces.len() == 5, size == 0);
        let mut next = 0;
        for piece in &pieces {
            assert_eq!(piece.groups.start, next);
            assert_eq!(piece.first_row, 2 * next as u64 + 1);
            next = piece.groups.end;
        }
        assert_eq!(next, 5);
        let pieces = pieces.into_iter();
        let settings = ReadSettings::default();
        let pieces = pieces.map(|piece| read_row_groups(&table, piece.groups, &path, &settings));
        assert_eq!(file_result_to_json(&join_pieces(&path, pieces)), whole);
    }
}

#[test]
fn damage_names_the_file_and_its_row() {
    let found = |bytes: &[u8]| {
        let found = read_table(bytes).diagnostics;
        assert_eq!(found.len(), 1, "{found:?}");
        let found = found.into_iter().next().unwrap();
        assert_eq!(found.code, Code::InvalidParquet);
        assert_eq!(&*found.place.file, PATH);
        assert!(found.help.is_some());
        (found.place.line, found.message)
    };
    let (line, message) = found(b"TITLE: tea");
    assert_eq!(line, None);
    assert!(message.starts_with("the file is not Parquet"), "{message}");
    let damaged = Forged {
        encoding: 8,
        rows: 3,
        values: 3,
        ..Forged::default()
    };
    let (line, message) = found(&damaged.bytes());
    assert_eq!(line, Some(1));
    assert!(
        message.starts_with("the rows 1 to 3 cannot be read: "),
        "{message}"
    );
}

#[test]
fn bytes_that_are_not_utf8_are_reported_once() {
    let page = [
        plain(b"Fine."),
        plain(b"Tea in a caf\xE9."),
        plain(b"Caf\xE9 noir."),
    ]
    .concat();
    let forged = Forged {
        rows: 3,
        values: 3,
        size: page.len() as i64,
        page,
        is_stated_text: true,
        ..Forged::default()
    };
    let rows = read(&forged.bytes());
    assert_eq!(rows[1].as_ref().unwrap()["a"], "Tea in a caf\u{e9}.");
    let found = read_table(&forged.bytes()).diagnostics.into_iter();
    let lines: Vec<_> = found
        .filter(|found| found.code == Code::InvalidUtf8)
        .map(|found| found.place.line)
        .collect();
    assert_eq!(lines, [Some(2)]);
}

#[test]
fn file_without_rows_has_no_post() {
    let found = read_table(&write("required int32 a;", &[])).diagnostics;
    assert_eq!(found[0].code, Code::NoPostFound);
}

#[test]
fn name_says_that_a_file_is_parquet() {
    assert!(is_parquet_path("content/a.b.Parquet"));
    assert!(!is_parquet_path("parquet"));
    assert!(!is_parquet_path("a.parquet.txt"));
}
