//! Reads what stands behind a post: its reply in the file, and what the reading changed of it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use pressrun_site::error::Result;
use pressrun_site::error::SystemError;
use pressrun_site::fs;
use serde::Serialize;

/// Most bytes of a source that the desk shows.
const MOST_BYTES: usize = 256 * 1024;

/// Most bytes of one line: records of JSON have all their text in one.
const MOST_OF_LINE: u64 = 64 * 1024;

/// The lines of a file that a post was read from.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct DeskSource {
    /// The number of the first line.
    pub(super) first: u32,
    pub(super) lines: Vec<String>,
    /// Whether something is left out.
    pub(super) is_cut: bool,
}

/// Reads the lines of a file from `first` up to `end`, which is another post's, or to the end of the
/// file.
pub(super) fn read_source(path: &Path, first: u32, end: Option<u32>) -> Result<DeskSource> {
    let (file, _) = fs::open_file(path)?;
    let failed = |error| SystemError::new("read", path, error);
    let mut reader = BufReader::new(file);
    let mut excerpt = DeskSource {
        first,
        ..DeskSource::default()
    };
    let mut total = 0;
    for number in 1.. {
        if end.is_some_and(|end| number >= end) {
            break;
        }
        let is_wanted = number >= first;
        if is_wanted && total >= MOST_BYTES {
            excerpt.is_cut = true;
            break;
        }
        let mut line = Vec::new();
        let read = reader.by_ref().take(MOST_OF_LINE);
        let length = { read }.read_until(b'\n', &mut line).map_err(failed)?;
        if length == 0 {
            break;
        }
        if !line.ends_with(b"\n") && length as u64 == MOST_OF_LINE {
            let skipped = reader.skip_until(b'\n').map_err(failed)?;
            // One byte is the end of the line.
            excerpt.is_cut |= is_wanted && skipped > 1;
        }
        if is_wanted {
            total += line.len();
            let text = String::from_utf8_lossy(&line);
            excerpt
                .lines
                .push(text.trim_end_matches(['\n', '\r']).to_owned());
        }
    }
    Ok(excerpt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, first: u32, end: Option<u32>, expected: &[&str], is_cut: bool) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let excerpt = read_source(file.path(), first, end).unwrap();
        assert_eq!((excerpt.first, excerpt.is_cut), (first, is_cut));
        assert!(excerpt.lines == expected, "{}", excerpt.lines.len());
    }

    #[test]
    fn lines_of_one_post_are_read() {
        check("a\r\nb\nc", 1, None, &["a", "b", "c"], false);
        check("a\nb\nc\n", 2, Some(3), &["b"], false);
        check("a\n", 5, None, &[], false);
    }

    #[test]
    fn long_lines_and_files_are_cut() {
        let long = "x".repeat(MOST_OF_LINE as usize);
        check(&format!("{long}y\nz\n"), 1, None, &[&long, "z"], true);
        check(&format!("{long}y\nz\n"), 2, None, &["z"], false);
        check(&format!("{long}\nz"), 1, Some(2), &[&long], false);
        let many = [&*long; 5].join("\n");
        check(&many, 1, None, &[&*long; 4], true);
    }
}
