//! Finds where a JSONL file can be divided, so that its pieces can be read by themselves.
//!
//! A file is divided only if reading it whole would surely find one record on each line, and if each
//! piece has the characters that it has in the whole file.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::parse;
use crate::parse::bytes::decode_inner_bytes;
use crate::parse::json;

/// Some whole lines of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinePiece {
    /// The number of the first line, counted from 1.
    pub first_line: u32,
    /// Where it begins, in bytes.
    pub start: u64,
    /// Where it ends, in bytes.
    pub end: u64,
}

/// The number of bytes that are looked at together.
const CHUNK: u64 = 256 << 10;

/// The most bytes of a first line. It must fit into memory.
const MOST_OF_FIRST_LINE: usize = 512 << 20;

/// Finds pieces of a JSONL file, each of at least `bytes` bytes but the last one. A piece ends with a
/// line, so it is as long as the line that ends it makes it.
///
/// Reads the file to its end, a little at a time. Returns `None` if it must be read whole, because it is
/// something else or has a NUL byte.
///
/// # Errors
///
/// Returns the errors of `file`.
pub fn find_line_pieces(
    path: &str,
    mut file: impl Read,
    bytes: u64,
) -> io::Result<Option<Vec<LinePiece>>> {
    if !json::is_lines_extension(&parse::find_extension(path)) {
        return Ok(None);
    }
    let mut start = StartOfLines::Nothing;
    let mut cutter = LineCutter {
        bytes: bytes.max(1),
        pieces: Vec::new(),
        start: 0,
        first_line: 1,
        at: 0,
        line: 1,
    };
    let mut chunk = Vec::new();
    loop {
        chunk.clear();
        file.by_ref().take(CHUNK).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            break;
        }
        start = start.follow(&chunk);
        cutter.add(&chunk);
        // Line numbers have 32 bits.
        let is_too_long = u32::try_from(cutter.line).is_err();
        let has_nul = memchr::memchr(0, &chunk).is_some();
        if has_nul || is_too_long || matches!(start, StartOfLines::Other) {
            return Ok(None);
        }
    }
    let is_sure = matches!(start, StartOfLines::Sure);
    Ok(is_sure.then(|| cutter.finish()))
}

/// What the start of a file says about its layout.
#[derive(Debug)]
enum StartOfLines {
    /// Nothing was read.
    Nothing,
    /// Lines without anything but white space.
    Blank,
    /// The start of the first line that is not blank.
    First(Vec<u8>),
    /// The first line is an object.
    Between,
    /// There is one record on each line.
    Sure,
    /// It is something else, or there may be something else.
    Other,
}

impl StartOfLines {
    /// Adds the next bytes of the file.
    fn follow(self, bytes: &[u8]) -> Self {
        match self {
            Self::Nothing => {
                let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
                Self::Blank.follow(text)
            }
            Self::Blank => match bytes.trim_ascii_start() {
                [] => Self::Blank,
                line @ [b'{', ..] => Self::First(Vec::new()).follow(line),
                _ => Self::Other,
            },
            Self::First(mut line) => {
                let end = memchr::memchr(b'\n', bytes);
                line.extend_from_slice(&bytes[..end.unwrap_or(bytes.len())]);
                if line.len() > MOST_OF_FIRST_LINE {
                    return Self::Other;
                }
                let Some(end) = end else {
                    return Self::First(line);
                };
                let is_object = decode_inner_bytes(&line)
                    .is_ok_and(|decoded| json::is_json_line(&decoded.text));
                if is_object {
                    Self::Between.follow(&bytes[end..])
                } else {
                    Self::Other
                }
            }
            Self::Between => match bytes.trim_ascii_start() {
                [] => Self::Between,
                [b'{', ..] => Self::Sure,
                _ => Self::Other,
            },
            Self::Sure | Self::Other => self,
        }
    }
}

/// Divides a file at the ends of lines.
#[derive(Debug)]
struct LineCutter {
    bytes: u64,
    pieces: Vec<LinePiece>,
    /// Where the current piece begins.
    start: u64,
    first_line: u64,
    /// How far the file was read.
    at: u64,
    line: u64,
}

impl LineCutter {
    fn add(&mut self, chunk: &[u8]) {
        let mut rest = chunk;
        while !rest.is_empty() {
            // The piece is too short to end before these bytes are in it.
            let missing = (self.start + self.bytes - 1).saturating_sub(self.at);
            let (inner, after) = rest.split_at(rest.len().min(missing as usize));
            self.pass(inner);
            let end = memchr::memchr(b'\n', after).map(|at| at + 1);
            let (last, next) = after.split_at(end.unwrap_or(after.len()));
            self.pass(last);
            if end.is_some() {
                self.cut();
            }
            rest = next;
        }
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.at += bytes.len() as u64;
        self.line += memchr::memchr_iter(b'\n', bytes).count() as u64;
    }

    fn cut(&mut self) {
        self.pieces.push(LinePiece {
            // The caller gives up before there are more lines.
            first_line: self.first_line as u32,
            start: self.start,
            end: self.at,
        });
        (self.start, self.first_line) = (self.at, self.line);
    }

    fn finish(mut self) -> Vec<LinePiece> {
        if self.at > self.start {
            self.cut();
        }
        self.pieces
    }
}
