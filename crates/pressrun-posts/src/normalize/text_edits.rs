//! Edits of a body that may reach over several lines, such as the removal of an element.
//!
//! A rule looks at the text between two fences as a whole and returns edits in order; this module
//! applies them to the lines, which keep their numbers.

use std::ops::Range;

use pressrun_text::inline_code::InlineCode;
use pressrun_text::line::{LineStarts, TextLine};

/// A range of a text, and its replacement.
#[derive(Debug)]
pub(super) struct TextEdit {
    pub(super) range: Range<usize>,
    pub(super) replacement: &'static str,
}

/// Edits in the order of their places. No edit begins before the one before it ends, so that they
/// can be applied from left to right.
#[derive(Debug, Default)]
pub(super) struct OrderedEdits(Vec<TextEdit>);

impl OrderedEdits {
    /// Adds an edit, or refuses one that begins before the last one ends. Returns where the next
    /// one may begin.
    pub(super) fn replace(&mut self, range: Range<usize>, replacement: &'static str) -> usize {
        let free_from = self.0.last().map_or(0, |last| last.range.end);
        if range.start < free_from || range.end < range.start {
            return free_from;
        }
        let end = range.end;
        self.0.push(TextEdit { range, replacement });
        end
    }

    pub(super) fn into_edits(self) -> Vec<TextEdit> {
        self.0
    }
}

/// What becomes of a line that an edit empties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EmptiedLines {
    /// It goes, so that its paragraph stays together.
    Dropped,
    /// It separates the lines around it.
    Blank,
}

/// Edits the lines between fences. `find` returns the edits of such a region, as ranges of its
/// joined lines.
///
/// Returns the number of the first line that changed.
pub(super) fn edit_outside_fences(
    body: &mut Vec<TextLine>,
    emptied: EmptiedLines,
    mut find: impl FnMut(&[TextLine]) -> Vec<TextEdit>,
) -> Option<u32> {
    let mut changed = None;
    let mut kept: Vec<TextLine> = Vec::with_capacity(body.len());
    let mut lines = std::mem::take(body).into_iter().peekable();
    while let Some(line) = lines.next() {
        if line.in_fence() {
            kept.push(line);
            continue;
        }
        // Tags and code spans do not cross fences, so each region is edited by itself.
        let mut region = vec![line];
        while let Some(line) = lines.next_if(|line| !line.in_fence()) {
            region.push(line);
        }
        let edits = find(&region);
        if edits.is_empty() {
            kept.extend(region);
        } else {
            let first = apply_edits(region, edits, emptied, &mut kept);
            changed = changed.or(first);
        }
    }
    *body = kept;
    changed
}

/// Applies edits to lines, and appends the result to `out`. Returns the number of the first line
/// that changed.
fn apply_edits<'a>(
    region: Vec<TextLine<'a>>,
    edits: Vec<TextEdit>,
    emptied: EmptiedLines,
    out: &mut Vec<TextLine<'a>>,
) -> Option<u32> {
    let starts = LineStarts::of_lines(&region);
    let changed = edits
        .first()
        .map(|edit| region[starts.index_at(edit.range.start)].number);
    let mut edits = edits.into_iter().peekable();
    let mut index = 0;
    let mut gap = false;
    while index < region.len() {
        let mut text = String::new();
        let mut at = starts.start_of(index);
        let mut last = index;
        loop {
            let end = starts.start_of(last) + region[last].text.len();
            let here = &region[last].text[at - starts.start_of(last)..];
            let Some(edit) = edits.next_if(|edit| edit.range.start <= end) else {
                text.push_str(here);
                break;
            };
            text.push_str(&here[..edit.range.start - at]);
            text.push_str(edit.replacement);
            at = edit.range.end;
            // If the edit ends on a later line, the rest of that line continues this one.
            last = starts.index_at(at);
        }
        let line = &region[index];
        if text.trim().is_empty() && !line.is_blank() {
            gap = emptied == EmptiedLines::Blank;
        } else {
            if std::mem::take(&mut gap)
                && !text.trim().is_empty()
                && out.last().is_some_and(|before| !before.is_blank())
            {
                out.push(TextLine::new("", line.number));
            }
            out.push(if text == line.text {
                line.clone()
            } else {
                TextLine::new(text, line.number)
            });
        }
        index = last + 1;
    }
    changed
}

/// Returns the ranges of inline code in lines without fences, as ranges of the joined lines.
pub(super) fn find_code_ranges(region: &[TextLine]) -> Vec<Range<usize>> {
    let code = InlineCode::find_in(region);
    let mut ranges = Vec::new();
    let starts = LineStarts::of_lines(region);
    for index in 0..region.len() {
        let start = starts.start_of(index);
        let shift = |range: &Range<usize>| start + range.start..start + range.end;
        ranges.extend(code.in_line(index).map(shift));
    }
    ranges
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::{join_lines, number_and_fence_lines};

    use super::*;

    #[test]
    fn edits_that_overlap_are_refused() {
        let mut edits = OrderedEdits::default();
        assert_eq!(edits.replace(2..6, ""), 6);
        assert_eq!(edits.replace(5..9, "#"), 6);
        assert_eq!(edits.replace(0..9, "#"), 6);
        assert_eq!(edits.replace(6..6, "#"), 6);
        assert_eq!(edits.replace(8..9, "#"), 9);
        let starts: Vec<usize> = edits.0.iter().map(|edit| edit.range.start).collect();
        assert_eq!(starts, [2, 6, 8]);
    }

    /// Removes each `x`, with what stands between two of them.
    #[track_caller]
    fn check(text: &str, emptied: EmptiedLines, expected: &str, changed: Option<u32>) {
        let mut lines = number_and_fence_lines(text);
        let first = edit_outside_fences(&mut lines, emptied, |region| {
            let text = join_lines(region);
            let mut edits = OrderedEdits::default();
            let marks: Vec<usize> = text.match_indices('x').map(|(at, _)| at).collect();
            for pair in marks.chunks(2) {
                edits.replace(pair[0]..pair[pair.len() - 1] + 1, "");
            }
            edits.into_edits()
        });
        assert_eq!(
            (join_lines(&lines).as_str(), first),
            (expected, changed),
            "{text}"
        );
    }

    #[test]
    fn edit_may_reach_over_lines() {
        check("a\nbxc\nd xe", EmptiedLines::Dropped, "a\nbe", Some(2));
        check(
            "a\n```\nx\n```",
            EmptiedLines::Dropped,
            "a\n```\nx\n```",
            None,
        );
    }

    #[test]
    fn emptied_line_goes_or_separates() {
        check("a\nx1x\nb", EmptiedLines::Dropped, "a\nb", Some(2));
        check("a\nx1x\nb", EmptiedLines::Blank, "a\n\nb", Some(2));
        check("x1x\na\n\nx2x\nb", EmptiedLines::Blank, "a\n\nb", Some(1));
    }
}
