//! Removes the reasoning that some models put before their reply (R4.2 of the ingest contract).

use pressrun_text::fence::{Fence, FenceTracker};
use pressrun_text::inline_code::find_code_spans;
use pressrun_text::line::{TextLine, is_blank};

/// The names of the tags around reasoning.
const NAMES: [&str; 3] = ["think", "thinking", "reasoning"];

/// Removes leading `<think>…</think>` blocks, and returns the line of the first one.
///
/// A block that is never closed extends to the end. But if a label header follows (`has_header`),
/// only the closing tag is missing, and nothing is removed.
pub fn remove_reasoning<'a>(
    lines: &mut Vec<TextLine<'a>>,
    has_header: impl Fn(&[TextLine<'a>]) -> bool,
) -> Option<u32> {
    let mut removed = None;
    while let Some(at) = lines.iter().position(|line| !line.is_blank())
        && let Some(name) = match_reasoning_tag(&lines[at].text)
    {
        let number = lines[at].number;
        let closing = format!("</{name}>");
        let found = lines[at..].iter().enumerate().find_map(|(offset, line)| {
            Some((at + offset, find_tag_ignoring_case(&line.text, &closing)?))
        });
        match found {
            Some((end, position)) => {
                // The reply may begin on the line of the closing tag.
                let rest = lines[end].text[position + closing.len()..].to_owned();
                let number = lines[end].number;
                lines.drain(..=end);
                if !is_blank(&rest) {
                    lines.insert(0, TextLine::new(rest, number));
                }
            }
            None if has_header(lines) => return removed,
            None => lines.clear(),
        }
        removed.get_or_insert(number);
    }
    removed
}

/// Returns whether a closing tag may be alone on one of the lines.
pub fn has_closing_line(lines: &[TextLine]) -> bool {
    lines.iter().any(|line| is_closing_tag(line.text.trim()))
}

/// Removes all lines down to a closing tag that is alone on its line and that no opening tag
/// precedes, and returns the line of the first one.
///
/// Some templates put the opening tag into the prompt, so that the reply lacks it.
pub fn remove_unopened_reasoning(lines: &mut Vec<TextLine>) -> Option<u32> {
    let mut fences = FenceTracker::default();
    let mut closing = None;
    for (at, line) in lines.iter().enumerate() {
        if fences.classify_next(&line.text) != Fence::Outside {
            continue;
        }
        if is_closing_tag(line.text.trim()) {
            closing = Some(at);
        } else if has_opening_tag(&line.text) {
            break;
        }
    }
    let closing = closing?;
    let first = lines.iter().find(|line| !line.is_blank())?.number;
    lines.drain(..=closing);
    Some(first)
}

fn is_closing_tag(text: &str) -> bool {
    let name = text
        .strip_prefix("</")
        .and_then(|rest| rest.strip_suffix('>'));
    name.is_some_and(|name| NAMES.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

/// Returns whether a line has an opening tag outside inline code.
fn has_opening_tag(line: &str) -> bool {
    let mut tags = memchr::memchr_iter(b'<', line.as_bytes())
        .filter(|&at| match_reasoning_tag(&line[at..]).is_some())
        .peekable();
    tags.peek().is_some() && {
        let code = find_code_spans(line);
        tags.any(|at| !code.iter().any(|span| span.outer.contains(&at)))
    }
}

/// Returns the name of the tag at the start of a line, if it begins reasoning.
fn match_reasoning_tag(line: &str) -> Option<&'static str> {
    let tag = line.trim_start().strip_prefix('<')?;
    NAMES.into_iter().find(|name| {
        let rest = tag.get(name.len()..).unwrap_or_default();
        tag.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
            && rest.starts_with('>')
    })
}

fn find_tag_ignoring_case(text: &str, pattern: &str) -> Option<usize> {
    memchr::memchr_iter(b'<', text.as_bytes()).find(|&at| {
        let end = at + pattern.len();
        text.get(at..end)
            .is_some_and(|found| found.eq_ignore_ascii_case(pattern))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str, removed: bool) {
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        let was = remove_reasoning(&mut lines, |lines| {
            lines.iter().any(|line| line.text.starts_with("TITLE"))
        });
        let rest: Vec<&str> = lines.iter().map(|line| &*line.text).collect();
        assert_eq!(
            (rest.join("\n").trim(), was.is_some()),
            (expected, removed),
            "{text}"
        );
    }

    #[test]
    fn leading_reasoning_goes() {
        check("\n<think>\nTITLE: no\n</think>\n\nyes", "yes", true);
        check("<Thinking>a</THINKING> b\nc", "b\nc", true);
        check("<reasoning>a</reasoning>\n<think>b</think>c", "c", true);
    }

    #[track_caller]
    fn check_unopened(text: &str, expected: &str) {
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        let was = remove_unopened_reasoning(&mut lines);
        let rest: Vec<&str> = lines.iter().map(|line| &*line.text).collect();
        assert_eq!(rest.join("\n").trim(), expected, "{text}");
        assert_eq!(was.is_some(), text.trim() != expected, "{text}");
    }

    #[test]
    fn closing_tag_alone_ends_reasoning() {
        check_unopened("a\n\nb\n</think>\n\n# c", "# c");
        check_unopened("a `<think>`\n </THINKING> \nc", "c");
        check_unopened("a\n</reasoning>\nb\n</think>\nc", "c");
    }

    #[test]
    fn closing_tag_with_an_opening_or_in_code_is_text() {
        for text in [
            "a\n<think>\nb\n</think>\nc",
            "a <think>b\n</think>\nc",
            "a </think>\nb",
            "```\n</think>\n```\nb",
            "`</think>`\nb",
        ] {
            check_unopened(text, text);
        }
    }

    #[test]
    fn reasoning_elsewhere_is_text() {
        check("a <think>b</think>", "a <think>b</think>", false);
        check("<thinker>a</thinker>", "<thinker>a</thinker>", false);
    }

    #[test]
    fn reasoning_that_never_ends_is_all_there_is() {
        check("<think>\na\nb", "", true);
        check("<think>\na\nTITLE: b", "<think>\na\nTITLE: b", false);
    }
}
