//! Replaces no-break spaces directly after the marks of blocks, as in `#\u{A0}Title`.
//!
//! No-break spaces stay in a body (R1.5 of the ingest contract), but Markdown knows a heading or a
//! list item only by a plain space, and nothing is set in that place that could break.

use std::borrow::Cow;

use pressrun_text::fence::{Fence, FenceTracker};

/// Replaces such spaces outside fences. The number of lines does not change.
pub fn free_block_marks(text: Cow<'_, str>) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    // The two no-break spaces.
    let has = |space: &str| memchr::memmem::find(bytes, space.as_bytes()).is_some();
    if !has("\u{A0}") && !has("\u{202F}") {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut fences = FenceTracker::default();
    for line in text.split_inclusive('\n') {
        let fence = fences.classify_next(line.trim_end_matches('\n'));
        let mark = (fence == Fence::Outside).then(|| measure_mark(line));
        match mark.and_then(|mark| strip_no_break_space(line, mark?)) {
            Some((mark, rest)) => {
                out.push_str(mark);
                out.push(' ');
                out.push_str(rest);
            }
            None => out.push_str(line),
        }
    }
    out.into()
}

/// Returns the length of the indent and the mark of a heading, list item or block quote.
fn measure_mark(line: &str) -> Option<usize> {
    let text = line.trim_start_matches([' ', '\t']);
    let indent = line.len() - text.len();
    let length = match text.as_bytes().first()? {
        b'-' | b'*' | b'+' | b'>' => 1,
        b'#' => text.bytes().take_while(|&byte| byte == b'#').count(),
        b'0'..=b'9' => {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            text[digits..]
                .starts_with(['.', ')'])
                .then_some(digits + 1)?
        }
        _ => return None,
    };
    Some(indent + length)
}

fn strip_no_break_space(line: &str, at: usize) -> Option<(&str, &str)> {
    let (mark, rest) = line.split_at(at);
    Some((mark, rest.strip_prefix(['\u{A0}', '\u{202F}'])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(free_block_marks(text.into()), expected);
    }

    #[test]
    fn marks_of_blocks_have_a_plain_space() {
        check(
            "#\u{A0}a\n  -\u{A0}b\u{A0}c\n>\u{202F}d\n1.\u{A0}e\n2)\u{A0}f",
            "# a\n  - b\u{A0}c\n> d\n1. e\n2) f",
        );
    }

    #[test]
    fn other_no_break_spaces_stay() {
        for text in [
            "10\u{A0}€ a\u{A0}b",
            "\u{A0}- a",
            "```\n#\u{A0}a\n```",
            "a #\u{A0}b",
            "“a\u{202F}!”",
        ] {
            check(text, text);
        }
    }
}
