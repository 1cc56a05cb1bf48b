//! Finds a code fence around a whole reply (R4.3 of the ingest contract).

use pressrun_text::blocks::{has_heading, is_all_bold, starts_heading};
use pressrun_text::fence::{Fence, FenceLine, FenceTracker, measure_indent, parse_fence_line};
use pressrun_text::line::{TextLine, count_words_of_lines};

use super::label::{Label, parse_label_line};
use super::{front_matter, html_page, preamble, tagged_reply};

/// The lines of a fence around a whole reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrappingFence {
    /// The opening line.
    pub open: usize,
    /// The closing line; `None` if the reply was cut off.
    pub close: Option<usize>,
}

/// Finds the fence around all of `lines`.
pub fn find_wrapping_fence(lines: &[TextLine]) -> Option<WrappingFence> {
    let mut lines_of_fences = lines.iter().enumerate();
    let (open, fence) = lines_of_fences.find_map(|(at, line)| {
        let fence = parse_fence_line(&line.text);
        (fence.is_some() || is_writing_line(&line.text)).then_some((at, fence))
    })?;
    let Some(fence) = fence else {
        return find_writing_block(lines, open);
    };
    if measure_indent(&lines[open].text) > 3 || !may_wrap(&fence, &lines[..open]) {
        return None;
    }
    let inside = &lines[open + 1..];
    let first = inside.iter().position(|line| !line.is_blank())?;
    let inside = &inside[first..];
    let begins = begins_reply(inside)
        && (!tagged_reply::may_start(inside) || tagged_reply::read_tagged_reply(inside).is_some());
    if !begins {
        return None;
    }
    // A fence around the front matter alone is taken off as well.
    if let Some(length) = front_matter::count_front_matter_lines(inside) {
        let after = open + 1 + first + length;
        let closing = lines
            .get(after)
            .and_then(|line| parse_fence_line(&line.text));
        if closing.is_some_and(|line| line.is_bare() && line.mark == fence.mark) {
            return Some(WrappingFence {
                open,
                close: Some(after),
            });
        }
    }
    close_wrapping_fence(lines, open, fence.mark)
}

/// Returns whether a line opens a writing block of `ChatGPT`: `:::writing{variant="document"}`.
fn is_writing_line(line: &str) -> bool {
    let Some(rest) = line.trim().strip_prefix(":::writing") else {
        return false;
    };
    let rest = rest.trim_start();
    rest.is_empty() || (rest.starts_with('{') && rest.ends_with('}'))
}

/// Returns the writing block that opens at line `open`, if it is around the reply.
fn find_writing_block(lines: &[TextLine], open: usize) -> Option<WrappingFence> {
    if !may_precede_markdown(&lines[..open]) {
        return None;
    }
    let mut fences = FenceTracker::default();
    let close = lines[open + 1..].iter().position(|line| {
        fences.classify_next(&line.text) == Fence::Outside && line.text.trim() == ":::"
    });
    let close = close.map(|at| open + 1 + at);
    let after = close.map_or(&[][..], |close| &lines[close + 1..]);
    tagged_reply::may_follow(after).then_some(WrappingFence { open, close })
}

/// Returns whether the first of `lines` can open a fence around a reply, by its info string and the
/// next non-blank line.
pub fn may_open_wrapping_fence(lines: &[TextLine]) -> bool {
    let Some(fence) = parse_fence_line(&lines[0].text) else {
        return false;
    };
    let first = lines[1..].iter().position(|line| !line.is_blank());
    let Some(inside) = first.map(|first| &lines[first + 1..]) else {
        return false;
    };
    let is_topic = parse_label_line(&inside[0].text).is_some_and(|line| line.label == Label::Topic);
    parse_wrapper_kind(&fence).is_some() && !is_topic && begins_reply(inside)
}

/// The kind of a fence that may be around a reply, by its info string.
enum WrapperKind {
    Markdown,
    Text,
}

fn parse_wrapper_kind(fence: &FenceLine) -> Option<WrapperKind> {
    match fence.info.to_ascii_lowercase().as_str() {
        "markdown" | "md" | "mdx" => Some(WrapperKind::Markdown),
        "text" | "txt" | "plaintext" | "yaml" | "yml" | "html" | "" => Some(WrapperKind::Text),
        _ => None,
    }
}

fn may_wrap(fence: &FenceLine, before: &[TextLine]) -> bool {
    match parse_wrapper_kind(fence) {
        Some(WrapperKind::Markdown) => may_precede_markdown(before),
        Some(WrapperKind::Text) => {
            before.iter().all(TextLine::is_blank) || preamble::is_only_preamble(before)
        }
        None => false,
    }
}

/// Returns whether a fence marked as Markdown may be around the reply after these lines.
fn may_precede_markdown(before: &[TextLine]) -> bool {
    count_words_of_lines(before) <= 40
        && !has_heading(before)
        && !before
            .iter()
            .any(|line| parse_label_line(&line.text).is_some())
}

/// Returns whether a reply may begin at the first of `lines`: a label, heading, bold line or front
/// matter.
fn begins_reply(lines: &[TextLine]) -> bool {
    parse_label_line(&lines[0].text).is_some()
        || is_all_bold(&lines[0].text)
        || front_matter::is_opening(&lines[0])
        || starts_heading(lines)
        || html_page::starts_page(lines)
        || tagged_reply::may_start(lines)
}

/// Returns the wrapper that opens at line `open`.
///
/// It has no closing line if the reply was cut off. Returns `None` if the last fence line belongs
/// to code.
fn close_wrapping_fence(lines: &[TextLine], open: usize, mark: u8) -> Option<WrappingFence> {
    let later: Vec<(usize, bool)> = lines[open + 1..]
        .iter()
        .enumerate()
        .filter_map(|(at, line)| {
            let fence = parse_fence_line(&line.text).filter(|fence| fence.mark == mark)?;
            Some((open + 1 + at, fence.is_bare()))
        })
        .collect();
    // Code blocks inside have two fence lines each. An even number means that all later ones belong
    // to code, so the wrapper is not closed.
    if later.len().is_multiple_of(2) {
        return Some(WrappingFence { open, close: None });
    }
    let &(close, bare) = later.last()?;
    (bare && tagged_reply::may_follow(&lines[close + 1..])).then_some(WrappingFence {
        open,
        close: Some(close),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the text without its wrapper, or `None` if it has none.
    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        let found = find_wrapping_fence(&lines).map(|wrapper| {
            let kept = lines
                .iter()
                .enumerate()
                .filter(|&(at, _)| at != wrapper.open && Some(at) != wrapper.close);
            kept.map(|(_, line)| &*line.text)
                .collect::<Vec<_>>()
                .join("\n")
        });
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn a_fence_around_everything_is_taken_off() {
        for info in ["markdown", "md", "MDX", "text", "yaml", "html", ""] {
            check(&format!("```{info}\n# a\n\nb\n```"), Some("# a\n\nb"));
        }
        check("~~~\nTITLE: a\n~~~\nbye", Some("TITLE: a\nbye"));
        check("```python\n# a\n```", None);
    }

    #[test]
    fn inner_fences_are_counted() {
        check(
            "```md\n# a\n```sh\nb\n```\nc\n```",
            Some("# a\n```sh\nb\n```\nc"),
        );
        check(
            "````md\n# a\n```sh\nb\n```\nc\n````",
            Some("# a\n```sh\nb\n```\nc"),
        );
    }

    #[test]
    fn a_reply_that_was_cut_off_loses_the_opening_line() {
        check(
            "```md\n# a\n```sh\nb\n```\nc",
            Some("# a\n```sh\nb\n```\nc"),
        );
    }

    #[test]
    fn what_stands_before_it_is_short() {
        check(
            "Done, as asked.\n```md\n# a\n```",
            Some("Done, as asked.\n# a"),
        );
        check("Done, as asked.\n```\n# a\n```", None);
        check(
            "Here is the post:\n```\n# a\n```",
            Some("Here is the post:\n# a"),
        );
        check("# x\n```md\n# a\n```", None);
        check("Tags: x\n```md\n# a\n```", None);
        check(&format!("{}\n```md\n# a\n```", "a ".repeat(41)), None);
    }

    #[test]
    fn it_holds_a_reply_and_little_comes_after_it() {
        check("```\nlet a;\n```", None);
        check("```md\n**a**\n\nb\n```", Some("**a**\n\nb"));
        check(&format!("```\n# a\n```\n{}", "b ".repeat(61)), None);
        check("```\n# a\n```\n## b", None);
        check("```md\n# a\n```js", None);
    }

    #[test]
    fn a_writing_block_is_such_a_fence() {
        check(
            "Here:\n:::writing{variant=\"document\" id=\"1\"}\nA dog.\n\n```\n:::\n```\n:::\nBye.",
            Some("Here:\nA dog.\n\n```\n:::\n```\nBye."),
        );
        check(":::writing\nA dog", Some("A dog"));
        check(":::writing {x}\n# a\n:::", Some("# a"));
        check("# x\n:::writing\na\n:::", None);
        check(&format!(":::writing\na\n:::\n{}", "b ".repeat(61)), None);
        check(":::writing\na\n:::\n# b", None);
        check(":::writings\na\n:::", None);
        check("```\n:::writing\na\n:::\n```", None);
    }

    #[test]
    fn it_may_be_around_the_front_matter_only() {
        check(
            "```yaml\n---\ntitle: a\n---\n```\n\n# b\n\n```\nc\n```",
            Some("---\ntitle: a\n---\n\n# b\n\n```\nc\n```"),
        );
        check(
            "```yaml\n---\ntitle: a\n---\nb\n```",
            Some("---\ntitle: a\n---\nb"),
        );
    }
}
