//! Reads the rows of a file as records, as the lines of a JSONL file are read.
//!
//! A file is read in pieces, each of which needs no other, so memory does not grow with the file. The
//! pieces joined are the file, wherever it is divided.

use std::ops::Range;
use std::sync::Arc;

use pressrun_posts::content_file::{
    FileJoiner, FilePiece, FileResult, ReadRecord, ReadSettings, RecordReader,
};
use pressrun_posts::diagnostic::{Code, Finding};
use serde_json::Value;

use crate::damage::ParquetDamage;
use crate::source::ParquetSource;
use crate::table::{ParquetRow, ParquetRows, ParquetTable, UnreadRows};

/// About the bytes of the rows of a piece that is read at a time.
const PIECE_BYTES: usize = 1 << 20;

/// Returns whether the name of a file says that it is Parquet.
pub fn is_parquet_path(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.eq_ignore_ascii_case("parquet")
}

/// A part of a file that can be read by itself: some of its row groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowGroupPiece {
    /// The indices of its row groups.
    pub groups: Range<usize>,
    /// The number of its first row, counted from 1.
    pub first_row: u64,
}

/// Divides a file into pieces of about a number of bytes in the file. A row group is never divided.
pub fn find_row_group_pieces(table: &ParquetTable, bytes: u64) -> Vec<RowGroupPiece> {
    let mut pieces: Vec<RowGroupPiece> = Vec::new();
    let mut size = 0_u64;
    for (index, group) in table.row_groups().iter().enumerate() {
        match pieces.last_mut() {
            Some(piece) if size + group.bytes <= bytes => piece.groups.end = index + 1,
            _ => {
                size = 0;
                pieces.push(RowGroupPiece {
                    groups: index..index + 1,
                    first_row: group.first_row,
                });
            }
        }
        size += group.bytes;
    }
    pieces
}

/// Reads some row groups of a file, by their indices.
pub fn read_row_groups(
    table: &ParquetTable,
    groups: Range<usize>,
    path: &Arc<str>,
    settings: &ReadSettings,
) -> FilePiece {
    read_rows(table.rows_of_groups(groups), path, settings)
}

/// Reads rows, of a file or of a part of it, as one piece of the file.
pub fn read_rows(
    rows: impl IntoIterator<Item = Result<ParquetRow, UnreadRows>>,
    path: &Arc<str>,
    settings: &ReadSettings,
) -> FilePiece {
    let reader = RecordReader::new(path, settings);
    let mut repaired = None;
    let records = rows.into_iter().flat_map(|row| match row {
        Ok(row) => {
            let number = line_number(row.number);
            if row.is_repaired {
                repaired.get_or_insert(number);
            }
            let records = reader.read_value(Value::Object(row.object), number);
            records.collect::<Vec<ReadRecord>>()
        }
        Err(unread) => vec![report_unread_rows(&unread)],
    });
    let piece = FilePiece::from_records(records);
    piece.with_invalid_utf8(repaired)
}

/// Returns the piece for a file that is not Parquet.
pub fn read_damaged_file(damage: &ParquetDamage) -> FilePiece {
    let finding = Finding::in_file(Code::InvalidParquet, damage.reason.clone());
    FilePiece::from_records([ReadRecord::from_failure(1, finding.with_help(damage.help))])
}

/// Iterates over some of the next rows at a time, each about a megabyte.
pub fn divide_rows(
    mut rows: ParquetRows<'_>,
) -> impl Iterator<Item = Vec<Result<ParquetRow, UnreadRows>>> + '_ {
    std::iter::from_fn(move || {
        let mut part = Vec::new();
        let mut size = 0;
        while size < PIECE_BYTES {
            let Some(row) = rows.next() else {
                break;
            };
            size += row.as_ref().map_or(1, |row| row.size);
            part.push(row);
        }
        (!part.is_empty()).then_some(part)
    })
}

/// Reads a whole file. Its posts are all in memory then.
pub fn read_parquet_file(
    source: ParquetSource,
    path: &Arc<str>,
    settings: &ReadSettings,
) -> FileResult {
    let mut joiner = FileJoiner::new(path);
    match ParquetTable::open(source) {
        Ok(table) => {
            for part in divide_rows(table.rows()) {
                joiner.add_piece(read_rows(part, path, settings));
                if joiner.is_full() {
                    break;
                }
            }
        }
        Err(damage) => joiner.add_piece(read_damaged_file(&damage)),
    }
    joiner.finish()
}

/// Returns the number of a row as that of a line.
fn line_number(row: u64) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

fn report_unread_rows(unread: &UnreadRows) -> ReadRecord {
    let UnreadRows {
        first,
        last,
        damage,
    } = unread;
    let rows = if first == last {
        "the row".to_owned()
    } else {
        format!("the rows {first} to {last}")
    };
    let message = format!("{rows} cannot be read: {}", damage.reason);
    let line = line_number(*first);
    let finding = Finding::new(Code::InvalidParquet, line, message).with_help(damage.help);
    ReadRecord::from_failure(line, finding)
}
