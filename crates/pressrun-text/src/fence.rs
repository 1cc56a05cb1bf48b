//! Follows fenced code blocks line by line.
//!
//! Quotes and lists are handled as in `CommonMark`, with one exception: a fence in a list item
//! stays open until its closing line, even if the code is not indented. People write lists that
//! way.

use std::borrow::Cow;

/// How a line relates to fenced code blocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fence {
    /// The line is outside fenced code.
    #[default]
    Outside,
    /// The line opens a fence.
    Opening,
    /// The line is code inside a fence.
    Inside,
    /// The line closes a fence.
    Closing,
}

/// A line that can open or close a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FenceLine<'a> {
    /// The character of the fence: a backtick or a tilde.
    pub mark: u8,
    /// The number of fence characters, three or more.
    pub length: usize,
    /// The text after the fence characters, trimmed. Only an opening line can have one.
    pub info: &'a str,
}

impl FenceLine<'_> {
    /// Returns whether nothing follows the fence characters.
    pub fn is_bare(&self) -> bool {
        self.info.is_empty()
    }
}

/// Reads a line as a fence, at any indent.
pub fn parse_fence_line(line: &str) -> Option<FenceLine<'_>> {
    // Most lines begin with a letter.
    if line.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let text = line.trim_start();
    let mark = *text.as_bytes().first()?;
    if !matches!(mark, b'`' | b'~') {
        return None;
    }
    let length = text.bytes().take_while(|&byte| byte == mark).count();
    let info = text[length..].trim();
    if length < 3 || (mark == b'`' && info.contains('`')) {
        return None;
    }
    Some(FenceLine { mark, length, info })
}

/// Returns a document without its fenced code blocks.
pub fn remove_fenced_code(text: &str) -> Cow<'_, str> {
    // Most documents have no fence and are returned without a copy.
    let has = |fence| memchr::memmem::find(text.as_bytes(), fence).is_some();
    if !has(b"```") && !has(b"~~~") {
        return text.into();
    }
    let mut fences = FenceTracker::default();
    let lines = text.split_inclusive('\n');
    lines
        .filter(|line| fences.classify_next(line.trim_end_matches('\n')) == Fence::Outside)
        .collect::<String>()
        .into()
}

/// Tracks the fences of a document from line to line.
#[derive(Debug, Clone, Default)]
pub struct FenceTracker {
    open: Option<OpenFence>,
    /// The column where the text of the current list item begins; 0 outside lists.
    item: usize,
    after_blank: bool,
}

#[derive(Debug, Clone)]
struct OpenFence {
    mark: u8,
    length: usize,
    quoted: bool,
    /// The column from which the indent of the closing line is counted.
    base: usize,
}

impl FenceTracker {
    /// Returns whether a fence is open after the lines so far.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Closes the open fence, for callers that know better than `CommonMark` where it ends.
    pub fn close(&mut self) {
        self.open = None;
        self.after_blank = false;
    }

    /// Classifies the next line of the document.
    pub fn classify_next(&mut self, line: &str) -> Fence {
        // Shortcut: most lines begin with a letter, so they cannot be a quote, a list item or a
        // fence.
        if self.open.is_none() && line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            // Unindented text after a blank line ends the list. Without the blank line it continues
            // the item.
            if std::mem::take(&mut self.after_blank) {
                self.item = 0;
            }
            return Fence::Outside;
        }
        let (quoted, text) = strip_quote_marks(line);
        if let Some(open) = &self.open {
            if quoted || !open.quoted {
                let text = if open.quoted { text } else { line };
                return self.next_inside(text);
            }
            // The quote ended, and with it the fence inside.
            self.open = None;
        }
        self.next_outside(quoted, text)
    }

    fn next_inside(&mut self, text: &str) -> Fence {
        let Some(open) = &self.open else {
            return Fence::Outside;
        };
        let closes = parse_fence_line(text).is_some_and(|line| {
            line.mark == open.mark
                && line.length >= open.length
                && line.is_bare()
                && measure_indent(text) <= open.base + 3
        });
        if closes {
            self.open = None;
            self.after_blank = false;
            Fence::Closing
        } else {
            Fence::Inside
        }
    }

    fn next_outside(&mut self, quoted: bool, text: &str) -> Fence {
        let Some(first) = text.bytes().find(|byte| !matches!(byte, b' ' | b'\t')) else {
            self.after_blank = true;
            return Fence::Outside;
        };
        let mut content = text;
        if matches!(first, b'-' | b'*' | b'+' | b'0'..=b'9') {
            if let Some(start) = find_item_text(text) {
                // Columns of the indent, plus the bytes of the marker and the spaces after it.
                self.item = measure_indent(text) + start - (text.len() - text.trim_start().len());
                content = &text[start..];
            }
        } else if self.item > 0 && self.after_blank && measure_indent(text) < self.item {
            self.item = 0;
        }
        self.after_blank = false;
        let base = self.item;
        // A fence may follow a list marker on the same line. Otherwise four columns of indent make
        // it indented code.
        let opening = parse_fence_line(content)
            .filter(|_| content.len() < text.len() || measure_indent(text) <= base + 3);
        let Some(line) = opening else {
            return Fence::Outside;
        };
        self.open = Some(OpenFence {
            mark: line.mark,
            length: line.length,
            quoted,
            base,
        });
        Fence::Opening
    }
}

/// Returns the width in columns of the white space that starts a line.
///
/// A tab advances to the next multiple of 4.
pub fn measure_indent(line: &str) -> usize {
    let mut column = 0;
    for byte in line.bytes() {
        match byte {
            b' ' => column += 1,
            b'\t' => column += 4 - column % 4,
            _ => break,
        }
    }
    column
}

/// Returns the byte position where the text of a list item begins, if the line starts one.
pub fn find_item_text(line: &str) -> Option<usize> {
    let text = line.trim_start_matches([' ', '\t']);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let marker = match text.as_bytes().get(digits)? {
        b'-' | b'*' | b'+' if digits == 0 => 1,
        // `CommonMark` allows at most nine digits, so that browsers do not overflow.
        b'.' | b')' if (1..=9).contains(&digits) => digits + 1,
        _ => return None,
    };
    let rest = &text[marker..];
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let space = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    Some(line.len() - rest.len() + space)
}

/// Strips the `>` marks of block quotes; returns whether there were any, and the rest.
pub fn strip_quote_marks(line: &str) -> (bool, &str) {
    let mut text = line;
    let mut quoted = false;
    loop {
        let inner = text.trim_start_matches(' ');
        match inner.strip_prefix('>') {
            Some(rest) if text.len() - inner.len() <= 3 => {
                text = rest.strip_prefix(' ').unwrap_or(rest);
                quoted = true;
            }
            _ => return (quoted, text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows each line of `text` with a letter for its class: `o` outside, `(` opening, `c` code,
    /// `)` closing.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut fences = FenceTracker::default();
        let kinds: String = text
            .split('\n')
            .map(|line| match fences.classify_next(line) {
                Fence::Outside => 'o',
                Fence::Opening => '(',
                Fence::Inside => 'c',
                Fence::Closing => ')',
            })
            .collect();
        assert_eq!(kinds, expected, "{text}");
    }

    #[test]
    fn what_is_outside_fences_stays() {
        let text = "One\n```rust\nlet two;\n```\nthree\n~~~\nfour";
        assert_eq!(remove_fenced_code(text), "One\nthree\n");
        assert_eq!(remove_fenced_code("`a` ~b~"), "`a` ~b~");
    }

    #[test]
    fn a_fence_ends_with_its_own_mark_at_its_own_length() {
        check("a\n```\n~~~\n``\n```\nb", "o(cc)o");
        check("````md\n```\n```\n````\nb", "(cc)o");
        check("~~~\n```\n~~~", "(c)");
        check("```\n``` js\n```", "(c)");
    }

    #[test]
    fn an_unclosed_fence_runs_to_the_end() {
        check("```\na\n\nb", "(ccc");
    }

    #[test]
    fn backticks_after_backticks_are_inline_code() {
        check("```a```\nb", "oo");
    }

    #[test]
    fn four_spaces_make_no_fence_outside_lists() {
        check("    ```\na", "oo");
        check("   ```\na\n   ```", "(c)");
    }

    #[test]
    fn list_items_indent_their_fences() {
        check("1. a\n   ```\n   b\n   ```\nc", "o(c)o");
        check("- a\n\n    ```\n    b\n    ```\n\nc", "oo(c)oo");
        check("- ```\n  b\n  ```\nc", "(c)o");
        check("1. a\n   ```\nb\n```\nc", "o(c)o");
    }

    #[test]
    fn a_fence_in_a_quote_ends_with_the_quote() {
        check("> ```\n> a\nb", "(co");
        check("> ```\n> a\n> ```\n> b", "(c)o");
        check("```\n> ```\n```", "(c)");
    }
}
