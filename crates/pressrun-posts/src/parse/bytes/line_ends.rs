//! Converts line endings (R1.3 of the ingest contract).

use std::borrow::Cow;

/// A text in which all lines end in a line feed.
#[derive(Debug, PartialEq, Eq)]
pub struct UnifiedText<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// The lines of `text`, counted from 0, that begin after a U+2028 or U+2029 in the file.
    ///
    /// Editors do not count these as lines.
    pub uncounted: Vec<u32>,
}

impl UnifiedText<'_> {
    /// Returns the line number in the file, counted from 1, of a line of the text, counted from 0.
    pub fn number(&self, line: usize) -> u32 {
        let line = line as u32;
        // The file has fewer lines: those in `uncounted` up to here are subtracted.
        line + 1 - self.uncounted.partition_point(|&extra| extra <= line) as u32
    }
}

/// Replaces CR LF, CR, U+2028 and U+2029 by LF.
pub fn convert_line_ends(text: Cow<'_, str>) -> UnifiedText<'_> {
    // No other characters are encoded as E2 80 A8 and E2 80 A9.
    let separators = memchr::memmem::find(text.as_bytes(), b"\xE2\x80\xA8").is_some()
        || memchr::memmem::find(text.as_bytes(), b"\xE2\x80\xA9").is_some();
    if !separators && memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return UnifiedText {
            text,
            uncounted: Vec::new(),
        };
    }
    let mut out = String::with_capacity(text.len());
    let mut uncounted = Vec::new();
    let mut line = 0;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' => {
                characters.next_if_eq(&'\n');
            }
            '\u{2028}' | '\u{2029}' => uncounted.push(line + 1),
            '\n' => {}
            c => {
                out.push(c);
                continue;
            }
        }
        out.push('\n');
        line += 1;
    }
    UnifiedText {
        text: out.into(),
        uncounted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_becomes_a_line_feed() {
        let lines = convert_line_ends("a\r\nb\rc\u{2028}d\u{2029}e\n\r\nf".into());
        assert_eq!(lines.text, "a\nb\nc\nd\ne\n\nf");
    }

    #[test]
    fn separators_do_not_count_as_lines_of_the_file() {
        let lines = convert_line_ends("a\nb\u{2028}c\nd".into());
        let numbers: Vec<u32> = (0..4).map(|line| lines.number(line)).collect();
        assert_eq!(numbers, [1, 2, 2, 3]);
    }

    #[test]
    fn clean_text_is_not_copied() {
        assert!(matches!(
            convert_line_ends("a\nb".into()).text,
            Cow::Borrowed(_)
        ));
    }
}
