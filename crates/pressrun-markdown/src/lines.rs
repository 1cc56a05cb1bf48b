//! Finds the line of a place in the body.

use memchr::memchr_iter;

/// A place in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyPlace {
    /// An offset in bytes.
    Offset(usize),
    /// A line, counted from 0.
    Line(u32),
}

/// The line breaks of a body, which are found when the first line is asked for.
pub(super) struct BodyLineIndex<'a> {
    body: &'a str,
    breaks: Option<Vec<usize>>,
}

impl<'a> BodyLineIndex<'a> {
    pub(super) fn new(body: &'a str) -> Self {
        Self { body, breaks: None }
    }

    /// Returns the line of a place, counted from 0.
    pub(super) fn line_of(&mut self, place: BodyPlace) -> u32 {
        match place {
            BodyPlace::Line(line) => line,
            BodyPlace::Offset(offset) => self.of_offset(offset),
        }
    }

    fn of_offset(&mut self, offset: usize) -> u32 {
        let breaks = self
            .breaks
            .get_or_insert_with(|| memchr_iter(b'\n', self.body.as_bytes()).collect());
        // The number of line breaks before the offset is the number of its line.
        breaks.partition_point(|&line_break| line_break < offset) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_belongs_to_the_line_it_ends() {
        let mut lines = BodyLineIndex::new("ab\nc\n");
        assert_eq!(
            [0, 2, 3, 4, 5].map(|offset| lines.line_of(BodyPlace::Offset(offset))),
            [0, 0, 1, 1, 2]
        );
    }
}
