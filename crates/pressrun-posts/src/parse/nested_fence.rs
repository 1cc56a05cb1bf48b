//! Repairs a fence around other fences whose lines are too short (R4.7 of the ingest contract).
//!
//! A model that writes a Markdown example puts three backticks around the example and around the
//! code in it. `CommonMark` then ends the outer fence where the inner one ends, and the rest of the
//! article becomes code.

use pressrun_text::fence::{Fence, FenceLine, FenceTracker, find_item_text, parse_fence_line};
use pressrun_text::line::TextLine;

/// Lengthens the lines of outer fences, if that is how all fences of `lines` are closed.
///
/// Must be called only if a fence is open at the end by the rules of `CommonMark`. Returns the number
/// of the first line that changed.
pub(super) fn repair_nested_fences(lines: &mut [TextLine]) -> Option<u32> {
    let mut changes = read_nested_fences(lines)?;
    changes.sort_unstable();
    let first = lines[changes.first()?.0].number;
    for (at, length) in changes {
        let text = lines[at].text.to_mut();
        let start = text.len() - strip_item_mark(text).trim_start().len();
        let mark = text[start..].chars().next().unwrap_or('`');
        let old = text[start..].len() - text[start..].trim_start_matches(mark).len();
        text.replace_range(start..start + old, &mark.to_string().repeat(length));
    }
    Some(first)
}

/// A fence that is open, read with fences inside fences.
struct NestedFence {
    line: usize,
    mark: u8,
    length: usize,
    /// The longest fence line of the same mark inside.
    longest_inside: usize,
}

impl NestedFence {
    fn new(line: usize, fence: &FenceLine) -> Self {
        Self {
            line,
            mark: fence.mark,
            length: fence.length,
            longest_inside: 0,
        }
    }
}

/// Returns the lines that have to be longer, with their new lengths, or `None` if a fence stays open.
fn read_nested_fences(lines: &[TextLine]) -> Option<Vec<(usize, usize)>> {
    let mut changes = Vec::new();
    let mut open: Vec<NestedFence> = Vec::new();
    let mut outside = FenceTracker::default();
    for (at, line) in lines.iter().enumerate() {
        let Some(innermost) = open.last() else {
            if outside.classify_next(&line.text) == Fence::Opening {
                // A fence in a block quote is not read.
                let fence = parse_fence_line(strip_item_mark(&line.text))?;
                open.push(NestedFence::new(at, &fence));
            }
            continue;
        };
        let Some(fence) = parse_fence_line(&line.text) else {
            continue;
        };
        if !fence.is_bare() {
            open.push(NestedFence::new(at, &fence));
            continue;
        }
        if fence.mark != innermost.mark {
            continue;
        }
        let Some(closed) = open.pop() else {
            continue;
        };
        let needed = match closed.longest_inside {
            0 => closed.length,
            inside => closed.length.max(inside + 1),
        };
        let length = needed.max(fence.length);
        for (line, old) in [(closed.line, closed.length), (at, fence.length)] {
            if length > old {
                changes.push((line, length));
            }
        }
        match open.last_mut() {
            Some(outer) if outer.mark == closed.mark => {
                outer.longest_inside = outer.longest_inside.max(length);
            }
            Some(_) => {}
            None => outside.close(),
        }
    }
    open.is_empty().then_some(changes)
}

/// Strips the mark of a list item, which a fence may follow on its line.
fn strip_item_mark(line: &str) -> &str {
    &line[find_item_text(line).unwrap_or(0)..]
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::{join_lines, number_lines};

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let mut lines = number_lines(text);
        let repaired = repair_nested_fences(&mut lines).map(|_| join_lines(&lines));
        assert_eq!(repaired.as_deref(), expected, "{text}");
    }

    #[test]
    fn outer_fence_gets_longer_lines() {
        check(
            "a\n```md\nb\n```sh\nc\n```\nd\n```\ne",
            Some("a\n````md\nb\n```sh\nc\n```\nd\n````\ne"),
        );
        check(
            "```md\n```md\n```sh\nc\n```\n```\n```\n```js\nd\n```",
            Some("`````md\n````md\n```sh\nc\n```\n````\n`````\n```js\nd\n```"),
        );
        check(
            "- ```md\n  ```sh\n  c\n  ```\n  ```",
            Some("- ````md\n  ```sh\n  c\n  ```\n  ````"),
        );
    }

    #[test]
    fn tildes_and_backticks_do_not_close_each_other() {
        check("~~~md\n```sh\na\n```\n~~~\nb\n```", None);
        check("~~~md\n```sh\na\n~~~\n~~~", None);
    }

    #[test]
    fn closing_line_that_is_too_short_is_lengthened() {
        check("````\na\n```\nb", Some("````\na\n````\nb"));
    }

    #[test]
    fn fence_that_stays_open_is_left_alone() {
        check("```sh\na", None);
        check("```md\n```sh\na\n```", None);
        check("a", None);
    }
}
