//! Turns the math delimiters of LaTeX, `\(…\)` and `\[…\]`, into the dollar signs of Markdown
//! (R8.11 of the ingest contract).
//!
//! In Markdown `\(` and `\[` are escaped brackets, so only what holds a sign of mathematics is
//! converted.

use std::ops::Range;

use pressrun_text::blocks::parse_atx_level;
use pressrun_text::characters::is_letter;
use pressrun_text::fence::{find_item_text, strip_quote_marks};
use pressrun_text::line::{TextLine, join_lines};

use super::text_edits::{
    EmptiedLines, OrderedEdits, TextEdit, edit_outside_fences, find_code_ranges,
};
use crate::diagnostic::{Code, Finding};

/// Converts the delimiters outside code.
pub fn convert_math(body: &mut Vec<TextLine>, findings: &mut Vec<Finding>) {
    // A letter alone counts only if the reply has other mathematics, so all pairs are read first.
    let mut any_sign = false;
    edit_outside_fences(body, EmptiedLines::Dropped, |region| {
        let text = join_lines(region);
        any_sign |= find_pairs(region, &text)
            .iter()
            .any(|pair| has_sign(&text[pair.inner.clone()]));
        Vec::new()
    });
    if !any_sign {
        return;
    }
    let mut count = 0;
    let changed = edit_outside_fences(body, EmptiedLines::Dropped, |region| {
        let edits = find_math_edits(region);
        count += edits.len() / 2;
        edits
    });
    if let Some(line) = changed {
        let message = format!("the math delimiters of LaTeX became dollar signs: {count}");
        findings.push(Finding::new(Code::MathConverted, line, message));
    }
}

/// Returns whether a text may have a delimiter. Most texts have none.
pub fn is_suspected(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'\\', bytes).any(|at| matches!(bytes.get(at + 1), Some(b'(' | b'[')))
}

/// Returns the edits for lines without fences, two for each pair of delimiters.
fn find_math_edits(region: &[TextLine]) -> Vec<TextEdit> {
    let text = join_lines(region);
    let mut edits = OrderedEdits::default();
    for pair in find_pairs(region, &text) {
        let inner = &text[pair.inner.clone()];
        if !has_sign(inner) && !is_symbol(inner.trim()) {
            continue;
        }
        let (open, close) = (pair.inner.start - 2, pair.inner.end + 2);
        if pair.display {
            edits.replace(open..pair.inner.start, "$$");
            edits.replace(pair.inner.end..close, "$$");
        } else {
            // Dollar signs with white space inside are no math.
            let start = pair.inner.end - inner.trim_start().len();
            let end = pair.inner.start + inner.trim_end().len();
            edits.replace(open..start, "$");
            edits.replace(end..close, "$");
        }
    }
    edits.into_edits()
}

/// A pair of delimiters.
#[derive(Debug, PartialEq, Eq)]
struct MathPair {
    /// The text between them.
    inner: Range<usize>,
    /// Whether the formula stands by itself: `\[…\]`.
    display: bool,
}

/// Returns the pairs of lines without fences, as ranges of `text`, the joined lines.
fn find_pairs(region: &[TextLine], text: &str) -> Vec<MathPair> {
    let mut scanner = MathScanner {
        code: find_code_ranges(region),
        next_code: 0,
        open: None,
        pairs: Vec::new(),
    };
    let mut start = 0;
    for line in region {
        if line.is_blank() || (scanner.is_inline_open() && begins_block(&line.text)) {
            scanner.open = None;
        }
        scanner.scan_line(text, start..start + line.text.len());
        start += line.text.len() + 1;
    }
    scanner.pairs.retain(|pair| {
        let inner = &text[pair.inner.clone()];
        !inner.trim().is_empty() && !inner.contains('$')
    });
    scanner.pairs
}

fn begins_block(line: &str) -> bool {
    find_item_text(line).is_some()
        || parse_atx_level(line).is_some()
        || strip_quote_marks(line).0
        || line.trim_start().starts_with('|')
}

struct MathScanner {
    code: Vec<Range<usize>>,
    /// The index of the first code range that does not end before the current position.
    next_code: usize,
    /// The open delimiter: where the formula starts, and whether it stands by itself.
    open: Option<(usize, bool)>,
    pairs: Vec<MathPair>,
}

impl MathScanner {
    fn is_inline_open(&self) -> bool {
        matches!(self.open, Some((_, false)))
    }

    fn scan_line(&mut self, text: &str, line: Range<usize>) {
        let bytes = text.as_bytes();
        let mut at = line.start;
        while let Some(found) = memchr::memchr2(b'\\', b'`', &bytes[at..line.end]) {
            at += found;
            if let Some(end) = self.code_around(at) {
                // No formula has code in it.
                self.open = None;
                at = end.min(line.end);
                continue;
            }
            if bytes[at] == b'`' {
                at += 1;
                continue;
            }
            let after = at + 2;
            match bytes.get(at + 1) {
                Some(b'(') if !matches!(self.open, Some((_, true))) => {
                    self.open = Some((after, false));
                }
                Some(b'[') if text[line.start..at].trim().is_empty() => {
                    self.open = Some((after, true));
                }
                Some(b')') => self.close(at, false),
                Some(b']') if text[after..line.end].trim().is_empty() => self.close(at, true),
                _ => {}
            }
            // The character after a backslash is escaped: `\\[2pt]` is a line break of LaTeX.
            at = after.min(line.end);
            while !text.is_char_boundary(at) {
                at += 1;
            }
        }
    }

    fn close(&mut self, at: usize, closes_display: bool) {
        if let Some((start, display)) = self.open
            && display == closes_display
        {
            self.open = None;
            self.pairs.push(MathPair {
                inner: start..at,
                display,
            });
        }
    }

    /// Returns the end of the inline code around a position, if there is any.
    fn code_around(&mut self, at: usize) -> Option<usize> {
        while self
            .code
            .get(self.next_code)
            .is_some_and(|code| code.end <= at)
        {
            self.next_code += 1;
        }
        let code = self.code.get(self.next_code)?;
        (code.start <= at).then_some(code.end)
    }
}

/// Returns whether a text has a command of LaTeX, or a character that formulas have.
fn has_sign(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.contains(['^', '_', '=', '<', '>', '+'])
        || memchr::memchr_iter(b'\\', bytes)
            .any(|at| bytes.get(at + 1).is_some_and(u8::is_ascii_alphabetic))
}

/// Returns whether a text is a single letter or a number.
fn is_symbol(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    if first.is_some_and(is_letter) && characters.next().is_none() {
        return true;
    }
    let is_part = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'-');
    text.bytes().all(is_part) && text.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::number_and_fence_lines;

    use super::*;
    use crate::normalize::tests::check_repair;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        check_repair(convert_math, text, expected);
    }

    #[test]
    fn formulas_get_dollar_signs() {
        check(r"a \( x = 1 \), b", "a $x = 1$, b");
        check(r"a \(\alpha\) b", r"a $\alpha$ b");
        check("\\[\nx^2\n\\]", "$$\nx^2\n$$");
        check(r"  \[ x_1 \] ", r"  $$ x_1 $$ ");
        check("a \\(x\n< y\\) b", "a $x\n< y$ b");
    }

    #[test]
    fn letters_and_numbers_need_another_formula() {
        check(
            r"\(m\), \(3.5\), \(mass\), \(x=1\)",
            r"$m$, $3.5$, \(mass\), $x=1$",
        );
        check(
            "\\(m\\)\n\n```\na\n```\n\n\\(x=1\\)",
            "$m$\n\n```\na\n```\n\n$x=1$",
        );
        check(r"\(m\) and \(3\)", r"\(m\) and \(3\)");
    }

    #[test]
    fn other_brackets_are_brackets() {
        for text in [
            r"a \(see below\) b",
            r"\[see below\]",
            r"a \[x=1\]",
            r"\[x=1\] a",
            r"\\(x=1\\)",
            "\\(x\n\n=1\\)",
            "\\[x\n\n=1\\]",
            "\\(a\n- b=1\\)",
            r"`\(x=1\)`",
            r"\(x `=1\)`",
            "```\n\\(x=1\\)\n```",
            r"\(\$x=1\)",
            r"\(\)",
            r"\(x=1",
            r"\(x=1\]",
        ] {
            check(text, text);
        }
        check("\\[\na \\\\[2pt] b = 1\n\\]", "$$\na \\\\[2pt] b = 1\n$$");
        check(r"\é\(x=1\)", r"\é$x=1$");
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        for unit in [r"\(", r"\[", r"\(x=1\)", r"\)", "`\\(", "\\[\n"] {
            let text = unit.repeat(50_000);
            convert_math(&mut number_and_fence_lines(&text), &mut Vec::new());
        }
    }
}
