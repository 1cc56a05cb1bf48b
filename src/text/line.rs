//! Lines of a text that remember which line of the file they were.

use std::borrow::Cow;

use super::fence::{Fence, Fences};

/// One line, without its line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// What it says.
    pub text: Cow<'a, str>,
    /// The line of the file it was, counted from 1.
    pub number: u32,
    /// Whether it belongs to a fenced code block.
    pub fence: Fence,
}

impl<'a> Line<'a> {
    /// A line outside fences.
    pub fn new(text: impl Into<Cow<'a, str>>, number: u32) -> Self {
        Self {
            text: text.into(),
            number,
            fence: Fence::Outside,
        }
    }

    /// Whether it is blank or has only white space.
    pub fn is_blank(&self) -> bool {
        is_blank(&self.text)
    }

    /// Whether it belongs to a fenced code block, its fences included.
    pub fn in_fence(&self) -> bool {
        self.fence != Fence::Outside
    }
}

/// Whether `text` is empty or has only white space.
pub fn is_blank(text: &str) -> bool {
    match text.as_bytes().first() {
        None => true,
        Some(b'!'..=b'~') => false,
        Some(_) => text.trim().is_empty(),
    }
}

/// Text with the line ends of Unix, as git keeps it: on Windows it may give files other line ends
/// than it took.
pub fn unix_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").into()
    } else {
        text.into()
    }
}

/// The lines of a text, without their line feeds; as many as it has line feeds, and one.
pub fn split(text: &str) -> impl Iterator<Item = &str> {
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]);
    let mut start = 0;
    ends.map(move |end| {
        let line = &text[start..end];
        start = end + 1;
        line
    })
}

/// The lines of a text, numbered from 1.
pub fn numbered(text: &str) -> Vec<Line<'_>> {
    text.split('\n')
        .zip(1..)
        .map(|(text, number)| Line::new(text, number))
        .collect()
}

/// The same with their fences marked, for tests.
#[cfg(test)]
pub(crate) fn fenced(text: &str) -> Vec<Line<'_>> {
    let mut lines = numbered(text);
    mark_fences(&mut lines);
    lines
}

/// Marks which lines belong to fenced code blocks, as if the first line began a document.
pub fn mark_fences(lines: &mut [Line]) {
    let mut fences = Fences::default();
    for line in lines {
        line.fence = fences.next(&line.text);
    }
}

/// The lines joined with line feeds.
pub fn join(lines: &[Line]) -> String {
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

/// The range of `lines` without blank lines, and those that `skip` names, at either end.
pub fn trimmed(lines: &[Line], skip: impl Fn(&Line) -> bool) -> std::ops::Range<usize> {
    let skip = |line: &Line| line.is_blank() || skip(line);
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
