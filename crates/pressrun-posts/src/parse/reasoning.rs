//! Removes the reasoning that some models put before their reply (R4.2 of the ingest contract).

use pressrun_text::line::{TextLine, is_blank};

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

/// Returns the name of the tag at the start of a line, if it begins reasoning.
fn match_reasoning_tag(line: &str) -> Option<&'static str> {
    let tag = line.trim_start().strip_prefix('<')?;
    ["think", "thinking", "reasoning"].into_iter().find(|name| {
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
