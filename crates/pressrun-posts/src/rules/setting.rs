//! Determines whether a place in a body is in running text, in a block quote or in code.

use std::cell::OnceCell;
use std::ops::Range;

use pressrun_text::blocks::{is_rule, parse_atx_level};
use pressrun_text::fence::{find_item_text, strip_quote_marks};
use pressrun_text::inline_code::InlineCode;
use pressrun_text::line::{TextLine, mark_fences};

/// The kind of text around a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextSetting {
    /// Running text: neither of the others.
    Prose,
    /// A block quote, outside code.
    Quote,
    /// A fenced code block or inline code.
    Code,
}

/// A body. Its code and quotes are found on first use, because most bodies never need them.
#[derive(Debug)]
pub(super) struct LintBody<'p> {
    pub(super) text: &'p str,
    ranges: OnceCell<SettingRanges>,
}

impl<'p> LintBody<'p> {
    pub(super) fn new(text: &'p str) -> Self {
        Self {
            text,
            ranges: OnceCell::new(),
        }
    }

    /// Returns the setting of the byte at `at`.
    pub(super) fn setting(&self, at: usize) -> TextSetting {
        let ranges = self
            .ranges
            .get_or_init(|| SettingRanges::from_text(self.text));
        if contains_position(&ranges.code, at) {
            TextSetting::Code
        } else if contains_position(&ranges.quotes, at) {
            TextSetting::Quote
        } else {
            TextSetting::Prose
        }
    }
}

/// Byte ranges, each list sorted.
#[derive(Debug, Default)]
struct SettingRanges {
    code: Vec<Range<usize>>,
    quotes: Vec<Range<usize>>,
}

impl SettingRanges {
    fn from_text(text: &str) -> Self {
        // Line numbers are not needed here.
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|line| TextLine::new(line, 0))
            .collect();
        mark_fences(&mut lines);
        let inline = InlineCode::find_in(&lines);
        let mut ranges = Self::default();
        let mut start = 0;
        let mut quoted = false;
        for (index, line) in lines.iter().enumerate() {
            let end = start + line.text.len();
            quoted = is_quoted(line, quoted);
            if quoted {
                ranges.quotes.push(start..end);
            }
            if line.in_fence() {
                ranges.code.push(start..end);
            } else {
                let spans = inline.in_line(index);
                ranges
                    .code
                    .extend(spans.map(|span| start + span.start..start + span.end));
            }
            start = end + 1;
        }
        ranges
    }
}

fn contains_position(ranges: &[Range<usize>], at: usize) -> bool {
    // The ranges do not overlap, so only the last one that starts at or before `at` can contain it.
    let after = ranges.partition_point(|range| range.start <= at);
    after > 0 && ranges[after - 1].contains(&at)
}

/// Returns whether a line belongs to a block quote, including one in a list item.
///
/// A quoted paragraph continues on lines without `>`.
fn is_quoted(line: &TextLine, after_quoted: bool) -> bool {
    let text = &*line.text;
    let item = find_item_text(text);
    if strip_quote_marks(&text[item.unwrap_or(0)..]).0 || strip_quote_marks(text.trim_start()).0 {
        return true;
    }
    let begins = line.in_fence()
        || line.is_blank()
        || item.is_some()
        || is_rule(text)
        || parse_atx_level(text).is_some();
    after_quoted && !begins
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the setting of each `x` in the text: `p`, `q` or `c`.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let body = LintBody::new(text);
        let settings: String = text
            .match_indices('x')
            .map(|(at, _)| match body.setting(at) {
                TextSetting::Prose => 'p',
                TextSetting::Quote => 'q',
                TextSetting::Code => 'c',
            })
            .collect();
        assert_eq!(settings, expected, "{text}");
    }

    #[test]
    fn fences_and_inline_code_are_code() {
        check("x `x` x\n\n```\nx\n```\nx", "pcpcp");
        check("x `a\nx` x", "pcp");
        check("~~~\nx\n\nx", "cc");
    }

    #[test]
    fn quotes_go_on_until_a_block_begins() {
        check("x\n> x\nx\n\nx", "pqqp");
        check("> x\n- x", "qp");
        check("- > x\n- x", "qp");
        check("> `x` x", "cq");
        check("1. x\n\n    > x\n", "pq");
    }
}
