//! Finds code spans: text between two runs of the same number of backticks.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use super::blocks::{is_rule, parse_atx_level};
use super::fence::{find_item_text, strip_quote_marks};
use super::line::TextLine;

/// A code span of a text, as byte ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeSpan {
    /// The span with its backticks.
    pub outer: Range<usize>,
    /// The code between the backticks.
    pub inner: Range<usize>,
}

/// Returns the code spans of the text of one block, in order.
///
/// It runs in linear time, however many backticks the text has.
pub fn find_code_spans(text: &str) -> Vec<CodeSpan> {
    let runs = find_backtick_runs(text);
    if runs.is_empty() {
        return Vec::new();
    }
    // The starts of the runs of each length, in order. Runs that were passed are popped from the
    // front, so each is looked at once.
    let mut by_length: HashMap<usize, VecDeque<usize>> = HashMap::new();
    for run in &runs {
        by_length.entry(run.len()).or_default().push_back(run.start);
    }
    let mut spans: Vec<CodeSpan> = Vec::new();
    for run in runs {
        // This run lies inside the previous span, or is the run that closes it.
        if spans.last().is_some_and(|span| span.outer.end > run.start) {
            continue;
        }
        // A backslash escapes the first backtick; the others can still open a span.
        let start = run.start + usize::from(is_escaped(text, run.start));
        let length = run.end - start;
        let Some(closers) = by_length.get_mut(&length) else {
            continue;
        };
        while closers.front().is_some_and(|&at| at < run.end) {
            closers.pop_front();
        }
        if let Some(&end) = closers.front() {
            spans.push(CodeSpan {
                outer: start..end + length,
                inner: run.end..end,
            });
        }
    }
    spans
}

fn find_backtick_runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in memchr::memchr_iter(b'`', text.as_bytes()) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// The positions of inline code in a list of lines.
#[derive(Debug, Default)]
pub struct InlineCode {
    /// Pairs of a line index and a byte range in that line, sorted.
    ranges: Vec<(usize, Range<usize>)>,
}

impl InlineCode {
    /// Finds the inline code of `lines`, whose fences must be marked already.
    pub fn find_in(lines: &[TextLine]) -> Self {
        let mut code = Self::default();
        let mut at = 0;
        while at < lines.len() {
            let length = count_lines_sharing_code(&lines[at..]);
            let run = at..at + length;
            if lines[run.clone()]
                .iter()
                .any(|line| line.text.contains('`'))
            {
                code.add(lines, run);
            }
            at += length;
        }
        code
    }

    /// Iterates over the inline code of the line at `index`, as byte ranges in order.
    pub fn in_line(&self, index: usize) -> impl Iterator<Item = &Range<usize>> {
        let start = self.ranges.partition_point(|&(line, _)| line < index);
        self.ranges[start..]
            .iter()
            .take_while(move |&&(line, _)| line == index)
            .map(|(_, range)| range)
    }

    /// Adds the code spans of consecutive lines that can share one.
    fn add(&mut self, lines: &[TextLine], run: Range<usize>) {
        let text = match &lines[run.clone()] {
            [line] => Cow::Borrowed(&*line.text),
            lines => super::line::join_lines(lines).into(),
        };
        let mut spans = find_code_spans(&text)
            .into_iter()
            .map(|span| span.outer)
            .peekable();
        let mut start = 0;
        for index in run {
            let end = start + lines[index].text.len();
            while let Some(span) = spans.peek()
                && span.start < end
            {
                let within = span.start.max(start) - start..span.end.min(end) - start;
                self.ranges.push((index, within));
                // The span continues on the next line, so it stays at the front of the queue.
                if span.end > end {
                    break;
                }
                spans.next();
            }
            start = end + 1;
        }
    }
}

/// Returns the number of lines, from the first one on, that one code span can cover.
fn count_lines_sharing_code(lines: &[TextLine]) -> usize {
    let alone = |line: &TextLine| {
        line.in_fence()
            || line.is_blank()
            || parse_atx_level(&line.text).is_some()
            || is_rule(&line.text)
    };
    if alone(&lines[0]) {
        return 1;
    }
    let (quoted, _) = strip_quote_marks(&lines[0].text);
    let begins = |line: &TextLine| {
        let (in_quote, text) = strip_quote_marks(&line.text);
        alone(line)
            || in_quote != quoted
            || text.trim_start().starts_with('|')
            || find_item_text(text).is_some()
    };
    lines[1..]
        .iter()
        .position(begins)
        .map_or(lines.len(), |at| at + 1)
}

/// Rewrites text outside code, in the lines for which `concerns` returns true.
///
/// `rewrite` appends its result for one piece of text to the string and returns whether it changed
/// anything. Returns the number of the first line that changed.
pub fn rewrite_outside_code(
    lines: &mut [TextLine],
    concerns: impl Fn(&str) -> bool,
    mut rewrite: impl FnMut(&str, &mut String) -> bool,
) -> Option<u32> {
    let concerned = |line: &TextLine| !line.in_fence() && concerns(&line.text);
    let first = lines.iter().position(concerned)?;
    let code = InlineCode::find_in(lines);
    let mut changed = None;
    for (index, line) in lines.iter_mut().enumerate().skip(first) {
        if !concerned(line) {
            continue;
        }
        let mut out = String::with_capacity(line.text.len());
        let mut any = false;
        let mut at = 0;
        for range in code.in_line(index) {
            any |= rewrite(&line.text[at..range.start], &mut out);
            out.push_str(&line.text[range.clone()]);
            at = range.end;
        }
        any |= rewrite(&line.text[at..], &mut out);
        if any {
            line.text = out.into();
            changed.get_or_insert(line.number);
        }
    }
    changed
}

/// Returns whether the character at `at` is escaped: an odd number of backslashes precedes it.
pub fn is_escaped(text: &str, at: usize) -> bool {
    let before = text.as_bytes()[..at].iter().rev();
    before.take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let spans = find_code_spans(text);
        let inner: Vec<&str> = spans.iter().map(|span| &text[span.inner.clone()]).collect();
        assert_eq!(inner, expected, "{text}");
    }

    #[test]
    fn runs_of_equal_length_pair_up() {
        check("a `b` c ``d ` e`` f", &["b", "d ` e"]);
        check("`a``b`", &["a``b"]);
        check("``a` b", &[]);
        check("`` ` `` `x", &[" ` "]);
    }

    #[test]
    fn a_span_may_go_on_over_lines_of_one_block() {
        let text = "a `b\nc` d `e\n\nf` g\n- `h\n- i`";
        let lines: Vec<_> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        let code = InlineCode::find_in(&lines);
        assert_eq!(code.ranges, [(0, 2..4), (1, 0..2)]);
    }

    #[test]
    fn only_what_is_outside_code_is_rewritten() {
        let mut lines = vec![TextLine::new("a `a` a", 7), TextLine::new("b", 8)];
        let upper = |text: &str, out: &mut String| {
            out.push_str(&text.to_uppercase());
            true
        };
        let changed = rewrite_outside_code(&mut lines, |text| text.contains('a'), upper);
        assert_eq!(
            (&*lines[0].text, &*lines[1].text, changed),
            ("A `a` A", "b", Some(7))
        );
    }

    #[test]
    fn an_escaped_backtick_opens_nothing() {
        check(r"\`a` b `c`", &[" b "]);
        check(r"\\`a`", &["a"]);
        check(r"\``a`", &["a"]);
    }
}
