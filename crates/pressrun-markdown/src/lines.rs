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

/// The lines of a body. Line breaks are counted up to the last place that was asked for.
pub(super) struct BodyLineIndex<'a> {
    body: &'a str,
    /// The last place, and its line.
    last: (usize, u32),
    /// All line breaks, which are found when a place before the last one is asked for.
    breaks: Option<Vec<usize>>,
}

impl<'a> BodyLineIndex<'a> {
    pub(super) fn new(body: &'a str) -> Self {
        Self {
            body,
            last: (0, 0),
            breaks: None,
        }
    }

    /// Returns the line of a place, counted from 0.
    pub(super) fn line_of(&mut self, place: BodyPlace) -> u32 {
        match place {
            BodyPlace::Line(line) => line,
            BodyPlace::Offset(offset) => self.of_offset(offset),
        }
    }

    fn of_offset(&mut self, offset: usize) -> u32 {
        let body = self.body.as_bytes();
        let offset = offset.min(body.len());
        let (last, line) = self.last;
        if self.breaks.is_none() && offset >= last {
            let line = line + memchr_iter(b'\n', &body[last..offset]).count() as u32;
            self.last = (offset, line);
            return line;
        }
        let breaks = self
            .breaks
            .get_or_insert_with(|| memchr_iter(b'\n', body).collect());
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

    #[test]
    fn places_may_be_asked_for_in_any_order() {
        let mut lines = BodyLineIndex::new("ab\nc\n");
        assert_eq!(
            [4, 0, 5, 3, 2, 9].map(|offset| lines.line_of(BodyPlace::Offset(offset))),
            [1, 0, 2, 1, 0, 2]
        );
    }
}
