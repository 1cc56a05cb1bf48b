//! Decides whether an answer goes on where a reply was cut off, or after what was kept of it.
//!
//! A model sees only what was kept, so it usually begins with a new block. But servers that hold
//! the state of a chat, and models that guess the rest, go on in the middle of a word. The signs
//! are the ends that meet: no block begins with a lower-case letter or a comma, and no fence is
//! closed that was not opened.

use pressrun_posts::parse::end_marker::is_marker_line;
use pressrun_posts::parse::mid_sentence::ends_in_mid_sentence;
use pressrun_text::blocks::{is_all_bold, is_heading_line, is_rule};
use pressrun_text::characters::is_digit;
use pressrun_text::fence::{Fence, FenceTracker, find_item_text, measure_indent, parse_fence_line};
use pressrun_text::line::split_lines;

use super::mark_lines;

/// Returns whether `answer` goes on after all of `text`, rather than after its first `kept` bytes.
///
/// `finished` says that the answer itself is whole.
pub(super) fn continues_in_place(text: &str, kept: usize, answer: &str, finished: bool) -> bool {
    let lost = &text[kept..];
    if lost.trim().is_empty() {
        return true;
    }
    let marked = mark_lines(text);
    if marked.in_open_fence {
        return fits_in_fence(text, answer, finished);
    }
    let breaks_off = || ends_in_mid_sentence(&marked.all, false);
    let Some(first) = answer.chars().next() else {
        return true;
    };
    let ends_line = text.ends_with('\n');
    let ends_in_space = text.ends_with([' ', '\t']);
    let line = split_lines(answer).next().unwrap_or_default();
    let block = answer.trim_start_matches(['\n', '\r']);
    if is_marker_line(block.lines().next().unwrap_or_default()) {
        return !breaks_off();
    }
    match first {
        '\n' | '\r' => {
            let is_next_line = answer.len() - block.len() <= 2 && !answer.starts_with("\n\n");
            (is_next_line && block.starts_with(char::is_lowercase)) || !breaks_off()
        }
        // An item of a list inside another one.
        ' ' | '\t' if find_item_text(line).is_some() && measure_indent(line) > 1 => !breaks_off(),
        ' ' | '\t' => true,
        c if is_digit(c) && text.ends_with(is_digit) => true,
        _ if starts_block(line) => ends_line && !breaks_off(),
        c if c.is_lowercase() => true,
        c if is_digit(c) => !ends_line || !breaks_off(),
        c if c.is_alphabetic() => {
            ends_in_space || spells_initials(text, line) || (ends_line && !breaks_off())
        }
        c if opens_or_closes(c) => ends_in_space || is_odd(lost, c),
        c if opens(c) => ends_in_space,
        // A comma, a full stop or a closing bracket.
        _ => true,
    }
}

/// Returns whether a line can only be the first one of a block.
fn starts_block(line: &str) -> bool {
    is_heading_line(line)
        || find_item_text(line).is_some()
        || parse_fence_line(line).is_some()
        || is_rule(line)
        || is_all_bold(line)
        || line.starts_with(['>', '|', '#'])
        || line.starts_with("![")
}

/// Returns whether a line goes on in the middle of capitals, as in `HT` and `TP`.
fn spells_initials(text: &str, line: &str) -> bool {
    let is_capital = |c: char| c.is_uppercase() || is_digit(c);
    let start = text.trim_end_matches(char::is_alphanumeric).len();
    let (word, mut rest) = (&text[start..], line.chars());
    !word.is_empty()
        && word.chars().all(is_capital)
        && rest.next().is_some_and(is_capital)
        && rest.next().is_none_or(|c| !c.is_lowercase())
}

/// Returns whether a character both opens and closes emphasis, code or a quotation.
fn opens_or_closes(c: char) -> bool {
    matches!(c, '"' | '*' | '_' | '`' | '~' | '“' | '|')
}

fn opens(c: char) -> bool {
    matches!(
        c,
        '(' | '[' | '{' | '<' | '«' | '‘' | '„' | '¿' | '¡' | '「' | '『' | '（' | '《'
    )
}

/// Returns whether a character, or several in a row, stand in a text an odd number of times.
fn is_odd(text: &str, c: char) -> bool {
    let runs = text
        .split(c)
        .skip(1)
        .filter(|rest| !rest.is_empty())
        .count();
    !(runs + usize::from(text.ends_with(c))).is_multiple_of(2)
}

/// Returns whether an answer goes on inside the fence that is open at the end of `text`.
fn fits_in_fence(text: &str, answer: &str, finished: bool) -> bool {
    // Glued to the last line, an opening line would be code.
    let first = answer.trim_start_matches(['\n', '\r']);
    let is_glued = first.len() == answer.len() && !text.ends_with('\n');
    if parse_fence_line(split_lines(first).next().unwrap_or_default())
        .is_some_and(|fence| is_glued || !fence.is_bare())
    {
        return false;
    }
    let mut fences = FenceTracker::default();
    let joined = [text, answer].concat();
    let mut start = 0;
    let mut closed = None;
    for line in split_lines(&joined) {
        let end = start + line.len();
        let fence = fences.classify_next(line);
        // Only what the answer adds is of interest.
        if end >= text.len() && closed.is_none() && parse_fence_line(line).is_some() {
            // An opening line in an open fence: the model began the code again.
            closed = Some(fence == Fence::Closing);
        }
        start = end + 1;
    }
    match closed {
        Some(closed) => closed && !(finished && fences.is_open()),
        // The code goes on, and was cut off once more.
        None => !finished,
    }
}

#[cfg(test)]
mod tests {
    use super::super::cut_back;
    use super::*;

    #[track_caller]
    fn check(text: &str, answer: &str, expected: bool) {
        let kept = cut_back(text);
        assert_eq!(
            continues_in_place(text, kept, answer, true),
            expected,
            "{text} | {answer}"
        );
    }

    #[test]
    fn rest_of_a_word_or_sentence_goes_on_in_place() {
        check("One.\n\nThe quick bro", "wn fox.", true);
        check("One.\n\nThe quick", " brown fox.", true);
        check("One.\n\nThe quick", ", brown fox.", true);
        check("One.\n\nIn 20", "26 it rained.", true);
        check("One.\n\nI met ", "John.", true);
        check("One.\n\nUse HT", "TP here.", true);
        check("One.\n\nThe **quick", "**, fox.", true);
        check("One.\n\nThe quick\n", "brown fox.", true);
        check("One.\n\nThe quick", "\nbrown fox.", true);
    }

    #[test]
    fn new_block_follows_what_was_kept() {
        check("One.\n\nThe quick bro", "The brown fox.", false);
        check("One.\n\nThe quick bro", "## Next\n\nText.", false);
        check("One.\n\nThe quick bro", "- Next", false);
        check("One.\n\nThe quick bro", "\n\nNext.", false);
        check("1. a\n2. b", "2. c", false);
        check("很好。\n\n今天天气", "今天下雨。", false);
    }

    #[test]
    fn next_block_after_a_whole_sentence_is_in_place() {
        check("One.\n\nTwo.", "\n\nThree.", true);
        check("One.\n\nTwo.\n", "## Next", true);
        check("One.\n\nTwo.\n\n", "Three.", true);
    }

    #[test]
    fn end_marker_leaves_no_broken_sentence() {
        check("One.\n\nThe quick bro", "-EndOFText-", false);
        check("One.\n\nTwo.\n", "-EndOFText-", true);
    }

    #[test]
    fn code_goes_on_in_its_fence_if_it_closes_it() {
        check("One.\n\n```js\nlet a =", " 1;\n```\n\nTwo.", true);
        check(
            "One.\n\n```js\nlet a =",
            "```js\nlet a = 1;\n```\n\nTwo.",
            false,
        );
        check(
            "One.\n\n```js\nlet a =",
            "This is it:\n\n```\na\n```\n",
            false,
        );
        check("One.\n\n```js\nlet a =", "Two.\n\nThree.", false);
        let text = "One.\n\n```js\nlet a =";
        assert!(continues_in_place(
            text,
            cut_back(text),
            " 1;\nlet b",
            false
        ));
    }
}
