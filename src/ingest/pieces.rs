//! Cuts sources into pieces that are read one by one, so that memory does not grow with the size of
//! a source.
//!
//! A piece is a whole file, some lines of a file with one record on each line, or some rows of a Parquet
//! file. How a file is cut depends on its contents only, so both passes get the same pieces.
//!
//! Not here: what a piece contains (`reader`).

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::IgnoredAny;

use pressrun_parquet::{ParquetPiece, ParquetPieces, is_parquet_path};
use pressrun_posts::parse::json::parse_json;
use pressrun_site::discover::SourceFile;
use pressrun_site::error::{Result, SystemError};
use pressrun_site::pipeline::content::open_parquet;

/// Least bytes in a piece of lines, unless the file ends: large enough to make the cost of a piece
/// negligible, small enough to keep many in memory.
const LINES_BYTES: usize = 1 << 20;

/// Lines at the start of a file that are examined to recognise its kind.
const PROBED_LINES: usize = 100;

/// A part of a source that can be read by itself.
#[derive(Debug)]
pub(super) struct SourcePiece {
    /// Index of its file among the sources.
    pub(super) file: usize,
    /// Its contents.
    pub(super) content: PieceContent,
}

/// Contents of a piece.
#[derive(Debug)]
pub(super) enum PieceContent {
    /// A whole file, which has not been read yet.
    Whole,
    /// Some lines of a file with one record on each line.
    Lines {
        /// The lines; the last one may lack its line ending.
        bytes: Vec<u8>,
        /// Number of the first line, counted from 1.
        first: u32,
    },
    /// Some rows of a Parquet file.
    Rows(ParquetPiece),
    /// The file cannot be read.
    Unreadable(SystemError),
}

/// Buffers of pieces that were read, for the next ones: the system clears all memory that it gives.
#[derive(Debug, Default)]
pub(super) struct SpareBuffers(Mutex<Vec<Vec<u8>>>);

impl SpareBuffers {
    /// Keeps the buffer of a piece, unless a long line made it large.
    pub(super) fn give_back(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() <= 2 * LINES_BYTES {
            buffer.clear();
            self.lock().push(buffer);
        }
    }

    /// Returns an empty buffer.
    fn take(&self) -> Vec<u8> {
        self.lock().pop().unwrap_or_default()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Iterates over the pieces of all sources, in order.
pub(super) struct SourcePieces<'s> {
    files: std::iter::Enumerate<std::slice::Iter<'s, SourceFile>>,
    open: Option<OpenSource<'s>>,
    spare: Arc<SpareBuffers>,
}

impl<'s> SourcePieces<'s> {
    /// Returns the pieces of these files.
    pub(super) fn of_files(files: &'s [SourceFile]) -> Self {
        Self {
            files: files.iter().enumerate(),
            open: None,
            spare: Arc::default(),
        }
    }

    /// Returns where buffers of pieces can be given back.
    pub(super) fn spare_buffers(&self) -> Arc<SpareBuffers> {
        Arc::clone(&self.spare)
    }

    /// Opens a file if it has one record on each line, or in each row.
    fn open(&self, file: usize, source: &'s SourceFile) -> Result<Option<OpenSource<'s>>> {
        if is_parquet_path(&source.path) {
            let pieces = ParquetPieces::open(open_parquet(&source.location)?);
            return Ok(Some(OpenSource::Table(file, pieces)));
        }
        if !has_json_lines_extension(&source.path) {
            return Ok(None);
        }
        let mut lines = LineSource::open(file, &source.location, &self.spare)?;
        lines.read_next_piece()?;
        Ok(is_json_lines(&lines.bytes).then(|| OpenSource::Lines(Box::new(lines))))
    }
}

impl Iterator for SourcePieces<'_> {
    type Item = SourcePiece;

    fn next(&mut self) -> Option<SourcePiece> {
        if let Some(piece) = self.open.as_mut().and_then(OpenSource::next_piece) {
            return Some(piece);
        }
        let (file, source) = self.files.next()?;
        let content = match self.open(file, source) {
            Ok(Some(open)) => {
                let piece = self.open.insert(open).next_piece();
                // An empty file has no piece, so go on with the next file.
                return piece.or_else(|| self.next());
            }
            Ok(None) => PieceContent::Whole,
            Err(error) => PieceContent::Unreadable(error),
        };
        self.open = None;
        Some(SourcePiece { file, content })
    }
}

/// A file that is read in pieces.
enum OpenSource<'s> {
    Lines(Box<LineSource<'s>>),
    /// A Parquet file, with the index of its file.
    Table(usize, ParquetPieces),
}

impl OpenSource<'_> {
    fn next_piece(&mut self) -> Option<SourcePiece> {
        match self {
            Self::Lines(lines) => lines.next_piece(),
            Self::Table(file, pieces) => pieces.next().map(|piece| SourcePiece {
                file: *file,
                content: PieceContent::Rows(piece),
            }),
        }
    }
}

/// A file with one record on each line, read up to and including its next piece.
struct LineSource<'s> {
    file: usize,
    location: &'s Path,
    reader: BufReader<File>,
    /// The next piece.
    bytes: Vec<u8>,
    /// Line number of its first line.
    first: u32,
    failed: Option<SystemError>,
    spare: Arc<SpareBuffers>,
}

impl<'s> LineSource<'s> {
    fn open(file: usize, location: &'s Path, spare: &Arc<SpareBuffers>) -> Result<Self> {
        let reader =
            File::open(location).map_err(|error| SystemError::new("read", location, error))?;
        Ok(Self {
            file,
            location,
            reader: BufReader::with_capacity(1 << 16, reader),
            bytes: Vec::new(),
            first: 1,
            failed: None,
            spare: Arc::clone(spare),
        })
    }

    /// Reads the next piece, which stays empty at the end of the file.
    fn read_next_piece(&mut self) -> Result<()> {
        let failed = |error| SystemError::new("read", self.location, error);
        self.bytes = self.spare.take();
        self.bytes.reserve(LINES_BYTES + LINES_BYTES / 8);
        // `by_ref` leaves the reader usable after `take` has consumed its part.
        let mut part = self.reader.by_ref().take(LINES_BYTES as u64);
        part.read_to_end(&mut self.bytes).map_err(failed)?;
        // Extend the piece to the end of its last line.
        if self.bytes.last().is_some_and(|&last| last != b'\n') {
            self.reader
                .read_until(b'\n', &mut self.bytes)
                .map_err(failed)?;
        }
        Ok(())
    }

    /// Returns the piece that was read, and reads the next one.
    fn next_piece(&mut self) -> Option<SourcePiece> {
        let content = if let Some(error) = self.failed.take() {
            PieceContent::Unreadable(error)
        } else if self.bytes.is_empty() {
            return None;
        } else {
            let bytes = std::mem::take(&mut self.bytes);
            let first = self.first;
            self.first += memchr::memchr_iter(b'\n', &bytes).count() as u32;
            // Hand out the complete piece first; the error follows as a piece of its own.
            if let Err(error) = self.read_next_piece() {
                self.bytes.clear();
                self.failed = Some(error);
            }
            PieceContent::Lines { bytes, first }
        };
        Some(SourcePiece {
            file: self.file,
            content,
        })
    }
}

fn has_json_lines_extension(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    ["jsonl", "ndjson"]
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

/// Returns whether a file has one JSON value on each line, judging by its start.
///
/// One valid line among the first is enough: a broken line does not change the kind of the file.
fn is_json_lines(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    start
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .take(PROBED_LINES)
        // Inside a value that spans several lines, lines are indented.
        .filter(|line| matches!(line[0], b'{' | b'['))
        .filter_map(|line| std::str::from_utf8(line).ok())
        .any(|line| parse_json::<IgnoredAny>(line).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the pieces of a file with this name and contents: the first line and the bytes of
    /// each, or `None` for a whole file.
    fn pieces(name: &str, content: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
        let folder = tempfile::tempdir().unwrap();
        let location = folder.path().join(name);
        std::fs::write(&location, content).unwrap();
        let files = [SourceFile {
            path: name.into(),
            location,
            stamp: None,
        }];
        SourcePieces::of_files(&files)
            .map(|piece| match piece.content {
                PieceContent::Lines { bytes, first } => Some((first, bytes)),
                PieceContent::Whole => None,
                PieceContent::Rows(_) => panic!("no file is Parquet"),
                PieceContent::Unreadable(error) => panic!("{error}"),
            })
            .collect()
    }

    #[test]
    fn pieces_of_lines_are_the_file_and_count_on() {
        let mut content = Vec::new();
        for number in 0..400 {
            content.extend(
                format!("{{\"n\": {number}, \"x\": \"{}\"}}\r\n", "x".repeat(9000)).bytes(),
            );
        }
        content.extend(b"{\"last\": 1}");
        let pieces = pieces("a.jsonl", &content).unwrap();
        assert!(pieces.len() >= 3, "{} pieces", pieces.len());
        let mut line = 1;
        for (first, bytes) in &pieces {
            assert_eq!(*first, line);
            assert!(bytes.starts_with(b"{"));
            line += memchr::memchr_iter(b'\n', bytes).count() as u32;
        }
        assert_eq!(line, 401);
        let joined: Vec<u8> = pieces.into_iter().flat_map(|(_, bytes)| bytes).collect();
        assert!(joined == content);
    }

    #[test]
    fn buffer_of_a_piece_is_used_again_unless_it_is_large() {
        let spare = SpareBuffers::default();
        spare.give_back(Vec::with_capacity(5 * LINES_BYTES));
        assert_eq!(spare.take().capacity(), 0);
        spare.give_back(vec![1; LINES_BYTES]);
        let buffer = spare.take();
        assert!(buffer.is_empty() && buffer.capacity() >= LINES_BYTES);
    }

    #[test]
    fn line_longer_than_a_piece_stays_whole() {
        let long = format!("{{\"x\": \"{}\"}}\n", "x".repeat(3 * LINES_BYTES));
        let content = format!("{long}{{}}\n");
        let pieces = pieces("a.NDJSON", content.as_bytes()).unwrap();
        let lines: Vec<u32> = pieces.iter().map(|(first, _)| *first).collect();
        assert_eq!(lines, [1, 2]);
        assert_eq!(pieces[0].1.len(), long.len());
    }

    #[test]
    fn broken_line_does_not_hide_the_others() {
        assert!(pieces("a.jsonl", b"{\"cut\": \n\n{\"good\": 1}\n").is_some());
    }

    #[test]
    fn one_value_over_many_lines_stays_whole() {
        assert_eq!(pieces("a.jsonl", b"[\n  {},\n  {\"a\": 1}\n]\n"), None);
        assert_eq!(pieces("a.jsonl", b"\xFF\xFE{\0}\0"), None);
        assert_eq!(pieces("a.jsonl", b""), None);
        assert_eq!(pieces("a.jsonl", b"TITLE: x\n"), None);
    }

    #[test]
    fn other_files_stay_whole() {
        assert_eq!(pieces("a.json", b"{}\n{}\n"), None);
        assert_eq!(pieces("jsonl", b"{}\n{}\n"), None);
    }
}
