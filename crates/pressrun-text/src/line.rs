//! Lines of a text that remember their line number in the file.

use std::borrow::Cow;

use super::fence::{Fence, FenceTracker};
use super::words::count_words;

/// One line, without its line ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLine<'a> {
    /// The content of the line.
    pub text: Cow<'a, str>,
    /// The line number in the file, counted from 1.
    pub number: u32,
    /// How the line relates to fenced code blocks.
    pub fence: Fence,
}

impl<'a> TextLine<'a> {
    /// Creates a line outside fences.
    pub fn new(text: impl Into<Cow<'a, str>>, number: u32) -> Self {
        Self {
            text: text.into(),
            number,
            fence: Fence::Outside,
        }
    }

    /// Returns whether the line is empty or only white space.
    pub fn is_blank(&self) -> bool {
        is_blank(&self.text)
    }

    /// Returns whether the line belongs to a fenced code block, including its fences.
    pub fn in_fence(&self) -> bool {
        self.fence != Fence::Outside
    }
}

/// Returns whether `text` is empty or only white space.
pub fn is_blank(text: &str) -> bool {
    match text.as_bytes().first() {
        None => true,
        // Shortcut: most lines begin with a visible ASCII character.
        Some(b'!'..=b'~') => false,
        Some(_) => text.trim().is_empty(),
    }
}

/// Replaces `\r\n` by `\n`.
///
/// On Windows, git may check out a file with other line endings than were committed.
pub fn unify_line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").into()
    } else {
        text.into()
    }
}

/// Splits a text at line feeds, like `str::split` but faster.
///
/// The number of lines is the number of line feeds plus one.
pub fn split_lines(text: &str) -> impl Iterator<Item = &str> {
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]);
    let mut start = 0;
    ends.map(move |end| {
        let line = &text[start..end];
        start = end + 1;
        line
    })
}

/// Splits a text into lines numbered from 1.
pub fn number_lines(text: &str) -> Vec<TextLine<'_>> {
    split_lines(text)
        .zip(1..)
        .map(|(text, number)| TextLine::new(text, number))
        .collect()
}

/// Splits a text into numbered lines and marks their fences.
pub fn number_and_fence_lines(text: &str) -> Vec<TextLine<'_>> {
    let mut lines = number_lines(text);
    mark_fences(&mut lines);
    lines
}

/// Marks the lines that belong to fenced code blocks. The first line counts as the start of a
/// document.
pub fn mark_fences(lines: &mut [TextLine]) {
    let mut fences = FenceTracker::default();
    for line in lines {
        line.fence = fences.classify_next(&line.text);
    }
}

/// Counts the words of lines.
pub fn count_words_of_lines(lines: &[TextLine]) -> usize {
    lines.iter().map(|line| count_words(&line.text)).sum()
}

/// Where lines begin in the text that [`join_lines`] makes of them.
#[derive(Debug)]
pub struct LineStarts(Vec<usize>);

impl LineStarts {
    /// Finds where lines begin, in bytes.
    pub fn of_lines(lines: &[TextLine]) -> Self {
        let mut start = 0;
        let starts = lines.iter().map(|line| {
            let here = start;
            start += line.text.len() + 1;
            here
        });
        Self(starts.collect())
    }

    /// Returns where the line with an index begins.
    pub fn start_of(&self, index: usize) -> usize {
        self.0[index]
    }

    /// Returns the index of the line that contains a position, or its line feed. Positions after the
    /// text belong to the last line.
    pub fn index_at(&self, at: usize) -> usize {
        self.0
            .partition_point(|&start| start <= at)
            .saturating_sub(1)
    }
}

/// Joins lines with line feeds.
pub fn join_lines(lines: &[TextLine]) -> String {
    let length = lines.iter().map(|line| line.text.len() + 1).sum();
    let mut text = String::with_capacity(length);
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        text.push_str(&line.text);
    }
    text
}

/// Returns the range of `lines` that remains after trimming both ends.
///
/// Trims blank lines and lines for which `skip` returns true.
pub fn trimmed_range(
    lines: &[TextLine],
    skip: impl Fn(&TextLine) -> bool,
) -> std::ops::Range<usize> {
    let skip = |line: &TextLine| line.is_blank() || skip(line);
    let end = lines
        .iter()
        .rposition(|line| !skip(line))
        .map_or(0, |at| at + 1);
    let start = lines[..end]
        .iter()
        .position(|line| !skip(line))
        .unwrap_or(end);
    start..end
}
