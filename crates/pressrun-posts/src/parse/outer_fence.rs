//! Marks the fences of a text that is not divided into parts yet.
//!
//! A fence around a whole reply is removed later, part by part. Until then it must not hide the
//! prompt or role line after it. If the reply contains code, its closing line would look like an
//! opening one.

use pressrun_text::fence::{Fence, FenceTracker, parse_fence_line};
use pressrun_text::line::{TextLine, mark_fences};
use pressrun_text::words;

use super::open_fence::{FenceLookahead, ReplyFences};
use super::wrapper;

/// Marks the fences of `lines`, except those around whole replies, which are treated as text.
///
/// The lines of a prompt inside such a fence are marked as code: they are part of the reply.
pub(super) fn mark_inner_fences(
    lines: &mut [TextLine],
    begins_message: impl Fn(&str) -> bool,
    begins_prompt: impl Fn(&str) -> bool,
) {
    if !lines
        .iter()
        .any(|line| parse_fence_line(&line.text).is_some())
    {
        return mark_fences(lines);
    }
    let divides = |line: &str| begins_message(line) || begins_prompt(line);
    let mut fences = ReplyFences::default();
    let mut ahead = FenceLookahead::new(lines);
    let mut around: Option<u8> = None;
    let mut around_until = 0;
    let mut words = 0;
    for at in 0..lines.len() {
        fences.end_unclosed(lines, at, true, &mut ahead);
        let text = &lines[at].text;
        let fence = parse_fence_line(text).filter(|_| !fences.is_open());
        let opens = around.is_none() && words <= MAX_WORDS_BEFORE && fence.is_some();
        match fence {
            Some(fence) if opens && wrapper::may_open_wrapping_fence(&lines[at..]) => {
                around = Some(fence.mark);
                around_until = find_closing_line(lines, at, fence.mark, &divides).unwrap_or(at);
                // Only one fence per part can be around the reply.
                words = MAX_WORDS_BEFORE + 1;
            }
            Some(fence)
                if around == Some(fence.mark)
                    && fence.is_bare()
                    && ends_part(&lines[at + 1..], &divides) =>
            {
                around = None;
                words = 0;
            }
            _ => {
                let quotes_prompt = at < around_until && !fences.is_open() && begins_prompt(text);
                let begins_part = !quotes_prompt && !fences.is_open() && divides(text);
                if begins_part {
                    words = 0;
                } else if words <= MAX_WORDS_BEFORE {
                    words += words::count_words(text);
                }
                let fence = fences.classify_next(text);
                lines[at].fence = if quotes_prompt { Fence::Inside } else { fence };
            }
        }
    }
}

/// The maximum number of words of a part before a fence around the reply.
const MAX_WORDS_BEFORE: usize = 40;

/// Returns the closing line of the fence around a reply that opens at line `open`.
///
/// Returns `None` if the reply was cut off, so that the next one stands inside its fence.
fn find_closing_line(
    lines: &[TextLine],
    open: usize,
    mark: u8,
    divides: &impl Fn(&str) -> bool,
) -> Option<usize> {
    let mut fences = FenceTracker::default();
    let mut next_part = false;
    for at in open + 1..lines.len() {
        let text = &lines[at].text;
        if !fences.is_open() {
            next_part |= divides(text);
            if next_part && wrapper::may_open_wrapping_fence(&lines[at..]) {
                return None;
            }
            let closes = parse_fence_line(text)
                .is_some_and(|fence| fence.mark == mark && fence.is_bare())
                && ends_part(&lines[at + 1..], divides);
            if closes {
                return Some(at);
            }
        }
        fences.classify_next(text);
    }
    None
}

/// Returns whether the bare fence line before `rest` is the last of its part, or another reply's
/// fence follows.
fn ends_part(rest: &[TextLine], divides: &impl Fn(&str) -> bool) -> bool {
    for (at, line) in rest.iter().enumerate() {
        if parse_fence_line(&line.text).is_some() {
            let follows = rest[..at].iter().all(TextLine::is_blank);
            return follows && wrapper::may_open_wrapping_fence(&rest[at..]);
        }
        if divides(&line.text) {
            return true;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, in_code: &[&str]) {
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        mark_inner_fences(&mut lines, |_| false, |line| line.starts_with("TOPIC"));
        let code: Vec<&str> = lines
            .iter()
            .filter(|line| line.in_fence())
            .map(|line| &*line.text)
            .collect();
        assert_eq!(code, in_code, "{text}");
    }

    #[test]
    fn a_fence_around_a_reply_hides_nothing_behind_it() {
        check(
            "```md\n# a\n```sh\nb\n```\nc\n```\n\nTOPIC: d\n\n```\n# e\n```\nf",
            &["```sh", "b", "```"],
        );
    }

    #[test]
    fn a_topic_line_in_a_fence_around_a_reply_is_code() {
        check("```md\n# a\n\nTOPIC: b\n\nc\n```\nd", &["TOPIC: b"]);
        check(
            "```md\n# a\n\nTOPIC: b\n\n```md\n# c\n```",
            &["```md", "# c", "```"],
        );
        check(
            "```md\n# a\n```\n\nTOPIC: b\n\n```md\n# c\nTOPIC: d\n```",
            &["TOPIC: d"],
        );
    }

    #[test]
    fn other_fences_are_code() {
        check("a\n```\nTOPIC: b\n```\nc", &["```", "TOPIC: b", "```"]);
        let long = "a ".repeat(41);
        check(
            &format!("{long}\n```\nTITLE: b\n```\nc"),
            &["```", "TITLE: b", "```"],
        );
    }
}
