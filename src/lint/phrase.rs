//! Fixed phrases in running text, found by their rarest letters.
//!
//! A scan that compilers turn into vector instructions looks for one pair of letters a phrase;
//! only where it stands, in its word, are the words around compared. This takes a quarter of the
//! time of an automaton. Case is ignored, either apostrophe will do, and what stands between two
//! words is white space, perhaps with marks of emphasis, but no blank line.

use std::ops::Range;

/// The phrases that share a rare word.
#[derive(Debug)]
pub(super) struct Anchor {
    /// The rare word: ASCII, in lower case.
    pub(super) word: &'static str,
    /// Where its rarest pair of letters begins.
    pub(super) pair: usize,
    /// What stands around it.
    pub(super) forms: &'static [Form],
}

/// One of `before`, the anchor, one of `after`. An empty string is no word at all.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) before: &'static [&'static str],
    pub(super) after: &'static [&'static str],
}

/// Where in `text` the phrases stand, in order.
pub(super) fn find(anchors: &[Anchor], text: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let bytes = text.as_bytes();
    for start in (0..bytes.len()).step_by(STEP) {
        let marks = match bytes[start..].first_chunk() {
            Some(window) => marks(window, anchors),
            None => marks(&padded(&bytes[start..]), anchors),
        };
        if marks == [0; STEP] {
            continue;
        }
        for (at, &mark) in marks.iter().enumerate().filter(|&(_, &mark)| mark > 0) {
            places.extend(phrase_at(text, start + at, &anchors[usize::from(mark) - 1]));
        }
    }
    places
}

/// How many bytes are looked at together.
const STEP: usize = 32;

/// For each byte of the window but the last the number, from 1, of the anchor whose pair begins
/// there, or 0.
fn marks(window: &[u8; STEP + 1], anchors: &[Anchor]) -> [u8; STEP] {
    // Makes letters lower case, and makes pairs of some other characters: the word is compared
    // later.
    const CASE: u8 = 0x20;
    let mut marks = [0; STEP];
    for (number, anchor) in (1_u8..).zip(anchors) {
        let pair = &anchor.word.as_bytes()[anchor.pair..];
        let (first, second) = (pair[0], pair[1]);
        for at in 0..STEP {
            let here = u8::from(window[at] | CASE == first);
            let next = u8::from(window[at + 1] | CASE == second);
            marks[at] |= (here & next).wrapping_neg() & number;
        }
    }
    marks
}

fn padded(bytes: &[u8]) -> [u8; STEP + 1] {
    let mut window = [0; STEP + 1];
    window[..bytes.len()].copy_from_slice(bytes);
    window
}

/// The phrase around an anchor whose pair begins at `pair_at`.
fn phrase_at(text: &str, pair_at: usize, anchor: &Anchor) -> Option<Range<usize>> {
    let start = pair_at.checked_sub(anchor.pair)?;
    let end = start + anchor.word.len();
    let word = text.get(start..end)?;
    let (before, after) = (&text[..start], &text[end..]);
    if !word.eq_ignore_ascii_case(anchor.word)
        || before.ends_with(char::is_alphanumeric)
        || after.starts_with(char::is_alphanumeric)
    {
        return None;
    }
    anchor.forms.iter().find_map(|form| {
        let start = any(form.before, |words| strip_end(before, words))?.len();
        let rest = any(form.after, |words| strip_start(after, words))?;
        Some(start..text.len() - rest.len())
    })
}

fn any<'t>(phrases: &[&str], strip: impl Fn(&str) -> Option<&'t str>) -> Option<&'t str> {
    phrases.iter().find_map(|phrase| strip(phrase))
}

/// What follows a gap and these words at the start of `text`.
fn strip_start<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let mut rest = text;
    for word in words.split_terminator(' ') {
        let inner = rest.trim_start_matches(is_between_words);
        if !is_gap(&rest[..rest.len() - inner.len()]) {
            return None;
        }
        let mut chars = inner.chars();
        if !word
            .chars()
            .all(|w| chars.next().is_some_and(|c| same(c, w)))
        {
            return None;
        }
        rest = chars.as_str();
    }
    (!rest.starts_with(char::is_alphanumeric)).then_some(rest)
}

/// What stands before these words and a gap at the end of `text`.
fn strip_end<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let mut rest = text;
    for word in words.rsplit(' ').filter(|word| !word.is_empty()) {
        let inner = rest.trim_end_matches(is_between_words);
        if !is_gap(&rest[inner.len()..]) {
            return None;
        }
        let mut chars = inner.chars();
        let mut letters = word.chars().rev();
        if !letters.all(|w| chars.next_back().is_some_and(|c| same(c, w))) {
            return None;
        }
        rest = chars.as_str();
    }
    (!rest.ends_with(char::is_alphanumeric)).then_some(rest)
}

fn is_between_words(c: char) -> bool {
    c.is_whitespace() || matches!(c, '*' | '_')
}

/// Whether what stands between two words separates them and nothing more.
fn is_gap(between: &str) -> bool {
    between.contains(char::is_whitespace)
        && memchr::memchr_iter(b'\n', between.as_bytes()).count() < 2
}

fn same(c: char, letter: char) -> bool {
    c.eq_ignore_ascii_case(&letter) || (letter == '\'' && c == '’')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOUT: &[Anchor] = &[Anchor {
        word: "zebra",
        pair: 1,
        forms: &[
            Form {
                before: &["it's a", "the"],
                after: &["crossing the", "foal"],
            },
            Form {
                before: &[""],
                after: &["crossing"],
            },
        ],
    }];

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        // At every position against the steps of the scan.
        for shift in 0..=STEP {
            let text = format!("{}{text}", "é ".repeat(shift / 3) + &" ".repeat(shift % 3));
            let found: Vec<&str> = find(SHOUT, &text)
                .into_iter()
                .map(|place| &text[place])
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn case_apostrophes_and_line_ends_do_not_matter() {
        check(
            "Look, IT’S a Zebra\ncrossing  the road",
            &["IT’S a Zebra\ncrossing  the"],
        );
        check("the **zebra** foal", &["the **zebra** foal"]);
        check("a zebra crossing; zebra crossing", &["zebra crossing"; 2]);
    }

    #[test]
    fn words_are_whole_and_in_one_paragraph() {
        check("zebra crossings", &[]);
        check("bathe zebra foal", &[]);
        check("zebras crossing", &[]);
        check("ezebra crossing", &[]);
        check("zebra\n\ncrossing", &[]);
        check("zebra-crossing", &[]);
        check("zebra", &[]);
    }
}
