//! Ends the fence that a model forgot to close where its reply ends (R4.6 of the ingest contract).
//!
//! Otherwise the fence would hide the end marker, and with it all replies below.

use std::collections::HashMap;

use pressrun_text::fence::{Fence, FenceTracker, parse_fence_line};
use pressrun_text::line::TextLine;

use super::end_marker;
use super::header;
use super::label::{Label, parse_label_line};

/// Tracks the fences of a reply from line to line.
#[derive(Debug, Clone, Default)]
pub struct ReplyFences {
    tracker: FenceTracker,
    /// Whether the open fence has a fence line with an info string in it.
    has_info_inside: bool,
    /// Whether the open fence is closed properly, once that is known.
    closes: Option<bool>,
}

impl ReplyFences {
    /// Returns whether a fence is open after the lines so far.
    pub fn is_open(&self) -> bool {
        self.tracker.is_open()
    }

    /// Ends the open fence before the line at `at`, if an end marker or, with `headers`, a label
    /// header there shows that it was never closed. Returns whether it did.
    pub fn end_unclosed(
        &mut self,
        lines: &[TextLine],
        at: usize,
        headers: bool,
        ahead: &mut FenceLookahead,
    ) -> bool {
        if !self.is_open() || !ends_reply(lines, at, headers) || self.closes(lines, at, ahead) {
            return false;
        }
        self.tracker.close();
        true
    }

    /// Classifies the next line.
    pub fn classify_next(&mut self, line: &str) -> Fence {
        let fence = self.tracker.classify_next(line);
        match fence {
            Fence::Opening => {
                self.has_info_inside = false;
                self.closes = None;
            }
            Fence::Inside => self.has_info_inside |= has_info(line),
            Fence::Closing | Fence::Outside => {}
        }
        fence
    }

    /// Returns whether the open fence is closed properly: before any fence line with an info string,
    /// and so that all later fences are closed too.
    fn closes(&mut self, lines: &[TextLine], at: usize, ahead: &mut FenceLookahead) -> bool {
        if let Some(closes) = self.closes {
            return closes;
        }
        let closes = !self.has_info_inside && ahead.closes(self.tracker.clone(), lines, at);
        self.closes = Some(closes);
        closes
    }
}

fn has_info(line: &str) -> bool {
    parse_fence_line(line).is_some_and(|fence| !fence.is_bare())
}

/// Returns whether the line at `at` would end a reply if it stood outside fences.
fn ends_reply(lines: &[TextLine], at: usize, headers: bool) -> bool {
    let line = &*lines[at].text;
    if end_marker::is_marker_line(line) {
        return true;
    }
    headers
        && at > 0
        && lines[at - 1].is_blank()
        && parse_label_line(line).is_some_and(|label| label.label == Label::Title)
        && header::starts_header(&lines[at..], false)
}

/// What is known about the fences in the rest of a text.
#[derive(Debug)]
pub struct FenceLookahead {
    /// For each number of last lines: whether all their fences are closed, if none is open before.
    closed_at_end: HashMap<usize, bool>,
    /// The number of lines that may still be looked at.
    ///
    /// Nearly all searches end where an earlier one passed, so this bounds only hostile texts.
    budget: usize,
}

impl FenceLookahead {
    /// Creates a lookahead for `lines`.
    pub fn new(lines: &[TextLine]) -> Self {
        Self {
            closed_at_end: HashMap::new(),
            budget: 8 * lines.len(),
        }
    }

    fn closes(&mut self, mut fences: FenceTracker, lines: &[TextLine], at: usize) -> bool {
        for (offset, line) in lines[at..].iter().enumerate() {
            if !self.spend() {
                return true;
            }
            if fences.classify_next(&line.text) == Fence::Closing {
                return self.is_closed_at_end(lines, at + offset + 1);
            }
            // The fence was in a block quote, which ended.
            if !fences.is_open() {
                return true;
            }
            if has_info(&line.text) {
                return false;
            }
        }
        false
    }

    fn is_closed_at_end(&mut self, lines: &[TextLine], from: usize) -> bool {
        let mut fences = FenceTracker::default();
        let mut passed = vec![lines.len() - from];
        let mut closed = None;
        for (offset, line) in lines[from..].iter().enumerate() {
            let left = lines.len() - from - offset;
            if !fences.is_open()
                && let Some(&known) = self.closed_at_end.get(&left)
            {
                closed = Some(known);
                break;
            }
            if !self.spend() {
                return true;
            }
            if fences.classify_next(&line.text) == Fence::Closing {
                passed.push(left - 1);
            }
        }
        let closed = closed.unwrap_or(!fences.is_open());
        self.closed_at_end
            .extend(passed.into_iter().map(|left| (left, closed)));
        closed
    }

    fn spend(&mut self) -> bool {
        self.budget = self.budget.saturating_sub(1);
        self.budget > 0
    }
}

/// Marks the fences of a part. Returns whether one is open at its end.
pub fn mark_reply_fences(lines: &mut [TextLine]) -> bool {
    let mut fences = ReplyFences::default();
    let mut ahead = FenceLookahead::new(lines);
    for at in 0..lines.len() {
        fences.end_unclosed(lines, at, true, &mut ahead);
        lines[at].fence = fences.classify_next(&lines[at].text);
    }
    fences.is_open()
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::number_lines;

    use super::*;

    /// Checks which lines are in fences.
    #[track_caller]
    fn check(text: &str, code: &[&str]) {
        let mut lines = number_lines(text);
        mark_reply_fences(&mut lines);
        let marked = lines.iter().filter(|line| line.in_fence());
        let marked: Vec<&str> = marked.map(|line| &*line.text).collect();
        assert_eq!(marked, code, "{text}");
    }

    const HEADER: &str = "TITLE: b\nTAGS: c";

    #[test]
    fn open_fence_ends_before_a_marker() {
        check("```sh\na\n-EndOFText-\nb", &["```sh", "a"]);
        check(
            "```\na\n\n**-EndOFText-**\n\n```js\nb\n```",
            &["```", "a", "", "```js", "b", "```"],
        );
        check("```\na -EndOFText-\nb", &["```", "a -EndOFText-", "b"]);
    }

    #[test]
    fn open_fence_ends_before_a_header_with_a_title() {
        check(&format!("```\na\n\n{HEADER}\n\nb"), &["```", "a", ""]);
        let glued = format!("```\na\n{HEADER}");
        check(&glued, &glued.split('\n').collect::<Vec<_>>());
        let no_title = "```\na\n\nTAGS: b\nCATEGORIES: c";
        check(no_title, &no_title.split('\n').collect::<Vec<_>>());
    }

    #[test]
    fn fence_that_is_closed_properly_goes_on() {
        let text = "```\na\n-EndOFText-\n```";
        check(&format!("{text}\nb"), &text.split('\n').collect::<Vec<_>>());
        check(
            &format!("{text}\nb\n```js\nc\n```"),
            &["```", "a", "-EndOFText-", "```", "```js", "c", "```"],
        );
    }

    #[test]
    fn closing_line_of_a_later_fence_does_not_close_it() {
        // The second fence would be open at the end.
        check(
            "```\na\n-EndOFText-\nb\n```\nc\n```\nd",
            &["```", "a", "```", "c", "```"],
        );
        check(
            "```\na\n```js\n-EndOFText-\n```",
            &["```", "a", "```js", "```"],
        );
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        for unit in [
            "```\n-EndOFText-\n",
            "```x\n-EndOFText-\n",
            "~~~\n```\n-EndOFText-\n",
        ] {
            for end in ["", "~~~", "```"] {
                let text = format!("{}{end}", unit.repeat(30_000));
                mark_reply_fences(&mut number_lines(&text));
            }
        }
    }
}
