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
use pressrun_posts::parse::json::{self, BatchRequest, RecordContent};
use serde::{Deserialize, Serialize};
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowGroupPiece {
    /// The indices of its row groups.
    pub groups: Range<usize>,
    /// The number of its first row, counted from 1.
    pub first_row: u64,
    /// The bytes of its columns in the file.
    pub bytes: u64,
}

/// Divides a file into pieces of about a number of bytes in the file. A row group is never divided.
pub fn find_row_group_pieces(table: &ParquetTable, bytes: u64) -> Vec<RowGroupPiece> {
    let mut pieces: Vec<RowGroupPiece> = Vec::new();
    for (index, group) in table.row_groups().iter().enumerate() {
        match pieces.last_mut() {
            Some(piece) if piece.bytes + group.bytes <= bytes => {
                piece.groups.end = index + 1;
                piece.bytes += group.bytes;
            }
            _ => pieces.push(RowGroupPiece {
                groups: index..index + 1,
                first_row: group.first_row,
                bytes: group.bytes,
            }),
        }
    }
    pieces
}

/// Reads some row groups of a file, by their indices.
pub fn read_row_groups(
    table: &Arc<ParquetTable>,
    groups: Range<usize>,
    path: &Arc<str>,
    settings: &ReadSettings,
) -> FilePiece {
    read_rows(table.rows_of_groups(groups), path, settings)
}

/// Reads rows as a piece of their file.
fn read_rows(
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

/// Some rows of a file that follow each other, about a megabyte, or what is wrong with the whole file.
#[derive(Debug)]
pub struct ParquetPiece {
    rows: Result<Vec<Result<ParquetRow, UnreadRows>>, ParquetDamage>,
    size: usize,
    bytes: u64,
}

impl ParquetPiece {
    /// Returns about how many bytes it takes in memory.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns about how many bytes of the file it stands for.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads its rows as records.
    pub fn read(self, path: &Arc<str>, settings: &ReadSettings) -> FilePiece {
        match self.rows {
            Ok(rows) => read_rows(rows, path, settings),
            Err(damage) => {
                let finding = Finding::in_file(Code::InvalidParquet, damage.reason);
                let finding = finding.with_help(damage.help);
                FilePiece::from_records([ReadRecord::from_failure(1, finding)])
            }
        }
    }

    /// Returns its requests of batches.
    pub fn into_requests(self) -> Vec<BatchRequest> {
        let rows = self.rows.into_iter().flatten().flatten();
        let records = rows.flat_map(|row| {
            json::read_container_value(Value::Object(row.object), line_number(row.number))
        });
        let requests = records.filter_map(|record| match record.content {
            RecordContent::Request(request) => Some(*request),
            _ => None,
        });
        requests.collect()
    }
}

/// Iterates over the pieces of a file. Only one is in memory at a time.
pub struct ParquetPieces(PiecesState);

enum PiecesState {
    Damaged(Option<ParquetDamage>),
    Rows {
        rows: ParquetRows,
        /// The number of all rows, and of the bytes of the file.
        all: (u64, u64),
    },
}

impl ParquetPieces {
    /// Opens a file. If that is not possible, its only piece says why.
    pub fn open(source: ParquetSource) -> Self {
        Self(match ParquetTable::open(source) {
            Ok(table) => PiecesState::Rows {
                rows: table.rows(),
                all: (table.count_rows(), table.length()),
            },
            Err(damage) => PiecesState::Damaged(Some(damage)),
        })
    }
}

impl Iterator for ParquetPieces {
    type Item = ParquetPiece;

    fn next(&mut self) -> Option<ParquetPiece> {
        let (rows, all) = match &mut self.0 {
            PiecesState::Rows { rows, all } => (rows, *all),
            PiecesState::Damaged(damage) => {
                return damage.take().map(|damage| ParquetPiece {
                    rows: Err(damage),
                    size: 0,
                    bytes: 0,
                });
            }
        };
        let mut taken = Vec::new();
        let mut size = 0;
        while size < PIECE_BYTES {
            let Some(row) = rows.next() else {
                break;
            };
            size += row.as_ref().map_or(1, |row| row.size);
            taken.push(row);
        }
        let share = u128::from(all.1) * taken.len() as u128 / u128::from(all.0.max(1));
        (!taken.is_empty()).then_some(ParquetPiece {
            rows: Ok(taken),
            size,
            bytes: share as u64,
        })
    }
}

/// Reads a whole file. Its posts are all in memory then.
pub fn read_parquet_file(
    source: ParquetSource,
    path: &Arc<str>,
    settings: &ReadSettings,
) -> FileResult {
    let mut joiner = FileJoiner::new(path);
    for piece in ParquetPieces::open(source) {
        joiner.add_piece(piece.read(path, settings));
        if joiner.is_full() {
            break;
        }
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
