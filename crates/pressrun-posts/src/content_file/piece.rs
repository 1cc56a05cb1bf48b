//! Reads a piece of a file: some whole lines of a JSONL file, on a machine that has no other.

use pressrun_text::similarity::TextProfile;
use serde::{Deserialize, Serialize};

use super::FileInput;
use super::record::{ReadRecord, RecordReader};
use crate::diagnostic::Finding;
use crate::normalize::ReadSettings;
use crate::parse::bytes::{BinaryInput, DecodedText, decode_bytes, decode_inner_bytes};
use crate::parse::json::{MOST_RECORDS, line_number_at};
use crate::parse::report_binary_input;
use crate::post::Post;

/// What is known of a piece of a file without the others. It can be stored.
///
/// [`join_pieces`](super::join_pieces) needs no text of its posts, so their bodies may be something
/// else by then.
#[derive(Debug, Serialize, Deserialize)]
pub struct FilePiece<B = String> {
    pub(super) records: Vec<ReadRecord<B>>,
    /// The line of the first byte that is not UTF-8. It does not count the CR without LF of earlier
    /// pieces.
    pub(super) invalid_utf8: Option<u32>,
    /// The number of CR without LF, which end a line only where bytes are not UTF-8.
    pub(super) lone_returns: u32,
}

/// Reads some whole lines of a JSONL file, the first of which has the number `first_line`.
///
/// It depends on nothing else, so pieces of a file can be read on several machines. Lines are those
/// that [`find_line_pieces`](super::find_line_pieces) counts: they end with LF.
pub fn read_lines_piece(input: &FileInput, first_line: u32, settings: &ReadSettings) -> FilePiece {
    let decoded = match first_line {
        1 => decode_bytes(&input.bytes),
        _ => decode_inner_bytes(&input.bytes),
    };
    match decoded {
        Ok(DecodedText { text, invalid_at }) => {
            let reader = RecordReader::new(&input.path, settings);
            FilePiece {
                invalid_utf8: invalid_at.map(|at| first_line + line_number_at(&text, at) - 1),
                lone_returns: count_lone_returns(&text),
                ..FilePiece::from_records(reader.read_lines(&text, first_line))
            }
        }
        Err(BinaryInput) => {
            FilePiece::from_records([ReadRecord::from_failure(first_line, report_binary_input())])
        }
    }
}

impl<B> FilePiece<B> {
    /// Returns its posts.
    pub fn posts_mut(&mut self) -> impl Iterator<Item = &mut Post<B>> {
        let records = self.records.iter_mut();
        let posts = records.flat_map(|record| &mut record.posts);
        posts.map(|read| &mut read.post)
    }

    /// Returns how many posts and how many errors its records became, as far as that is known without
    /// the others.
    pub fn count_outcomes(&self) -> [usize; 2] {
        let posts = self.records.iter().map(|record| record.posts.len()).sum();
        let all: u32 = self.records.iter().map(ReadRecord::count_outcomes).sum();
        [posts, all as usize - posts]
    }

    /// Creates a piece of these records, as far as a file can have so many.
    pub fn from_records(records: impl IntoIterator<Item = ReadRecord<B>>) -> Self {
        Self {
            records: collect_records(records, MOST_RECORDS),
            invalid_utf8: None,
            lone_returns: 0,
        }
    }

    /// Returns the same piece with the line of the first byte that is not UTF-8, if there is one.
    #[must_use]
    pub fn with_invalid_utf8(self, line: Option<u32>) -> Self {
        Self {
            invalid_utf8: line,
            ..self
        }
    }

    /// Returns the same piece with other posts, to keep their bodies elsewhere. `change` gets each post
    /// with its profile, which the piece does not keep, and may reject it with an error.
    ///
    /// Slug, `extra`, `record` and the line of the source must stay: they are needed to join the piece.
    ///
    /// # Errors
    ///
    /// Returns the first error of `change`.
    pub fn try_map_posts<C, E>(
        self,
        mut change: impl FnMut(Post<B>, Option<TextProfile>) -> Result<Result<Post<C>, Finding>, E>,
    ) -> Result<FilePiece<C>, E> {
        let records = self.records.into_iter();
        let records = records.map(|record| record.try_map_posts(&mut change));
        Ok(FilePiece {
            records: records.collect::<Result<_, E>>()?,
            invalid_utf8: self.invalid_utf8,
            lone_returns: self.lone_returns,
        })
    }
}

/// Collects records until `most` replies became a post or an error. The record after them shows where
/// there are too many.
fn collect_records<B>(
    records: impl IntoIterator<Item = ReadRecord<B>>,
    most: u32,
) -> Vec<ReadRecord<B>> {
    let mut kept = Vec::new();
    let mut outcomes = 0;
    for record in records {
        let is_one_more = outcomes >= most;
        outcomes += record.count_outcomes();
        kept.push(record);
        if is_one_more {
            break;
        }
    }
    kept
}

fn count_lone_returns(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let returns = memchr::memchr_iter(b'\r', bytes);
    returns
        .filter(|&at| bytes.get(at + 1) != Some(&b'\n'))
        .count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn piece_ends_with_the_first_record_that_is_too_many() {
        let error = |line| Finding::new(Code::InvalidJson, line, "x");
        let record = |line: u32, errors: usize| ReadRecord::<String> {
            findings: vec![error(line); errors],
            ..ReadRecord::begin_at(line)
        };
        let lines = |counts: &[usize]| -> Vec<u32> {
            let records = (1..)
                .zip(counts)
                .map(|(line, &errors)| record(line, errors));
            let kept = collect_records(records, 3).into_iter();
            kept.map(|record| record.line).collect()
        };
        assert_eq!(lines(&[1, 0, 1, 1]), [1, 2, 3, 4]);
        assert_eq!(lines(&[1, 1, 1, 0, 1]), [1, 2, 3, 4]);
        assert_eq!(lines(&[1, 9, 1, 1]), [1, 2, 3]);
        assert!(lines(&[]).is_empty());
    }
}
