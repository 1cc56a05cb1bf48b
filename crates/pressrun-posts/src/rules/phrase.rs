//! Finds fixed phrases in running text, each by one rare word.
//!
//! A vectorised search finds the rare word; the words around it are compared only there. This takes
//! a fraction of the time of an automaton. Case and the kind of apostrophe do not matter. Words are
//! separated by white space and emphasis marks, but not by a blank line.

use std::ops::Range;

use memchr::memmem::Finder;

/// The phrases to look for.
#[derive(Debug)]
pub(super) struct PhraseFinder {
    anchors: Vec<(&'static PhraseAnchor, Finder<'static>)>,
}

/// Phrases that contain the same rare word.
#[derive(Debug)]
pub(super) struct PhraseAnchor {
    /// The rare word: ASCII, in lower case.
    pub(super) word: &'static str,
    /// The words around it.
    pub(super) forms: &'static [PhrasePattern],
}

/// A pattern: one of `before`, the rare word, one of `after`. An empty string matches no word.
#[derive(Debug)]
pub(super) struct PhrasePattern {
    pub(super) before: &'static [&'static str],
    pub(super) after: &'static [&'static str],
}

impl PhraseFinder {
    pub(super) fn new(anchors: &'static [PhraseAnchor]) -> Self {
        let finders = anchors.iter().map(|anchor| Finder::new(anchor.word));
        Self {
            anchors: anchors.iter().zip(finders).collect(),
        }
    }

    /// Returns the ranges of the phrases in `text`, in the order of their rare words.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        // Lower-casing ASCII keeps the length, so positions in `lower` are positions in `text`.
        let lower = text.to_ascii_lowercase();
        let mut places = Vec::new();
        for (anchor, finder) in &self.anchors {
            for at in finder.find_iter(lower.as_bytes()) {
                places.extend(match_phrase_at(text, at, anchor).map(|place| (at, place)));
            }
        }
        places.sort_by_key(|&(at, _)| at);
        places.into_iter().map(|(_, place)| place).collect()
    }
}

/// Returns the phrase around the rare word, in any case, that begins at `start`.
fn match_phrase_at(text: &str, start: usize, anchor: &PhraseAnchor) -> Option<Range<usize>> {
    let (before, rest) = text.split_at(start);
    let after = &rest[anchor.word.len()..];
    // The rare word is only a part of a longer word.
    if before.ends_with(char::is_alphanumeric) || after.starts_with(char::is_alphanumeric) {
        return None;
    }
    anchor.forms.iter().find_map(|form| {
        let start = strip_any(form.before, |words| strip_words_at_end(before, words))?.len();
        let rest = strip_any(form.after, |words| strip_words_at_start(after, words))?;
        Some(start..text.len() - rest.len())
    })
}

fn strip_any<'t>(phrases: &[&str], strip: impl Fn(&str) -> Option<&'t str>) -> Option<&'t str> {
    phrases.iter().find_map(|phrase| strip(phrase))
}

/// Returns what follows white space and these words at the start of `text`.
fn strip_words_at_start<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let mut rest = text;
    // For an empty string, `split_terminator` yields nothing, so no word has to match.
    for word in words.split_terminator(' ') {
        let inner = rest.trim_start_matches(is_between_words);
        if !is_gap(&rest[..rest.len() - inner.len()]) {
            return None;
        }
        let mut chars = inner.chars();
        if !word
            .chars()
            .all(|w| chars.next().is_some_and(|c| matches_letter(c, w)))
        {
            return None;
        }
        rest = chars.as_str();
    }
    (!rest.starts_with(char::is_alphanumeric)).then_some(rest)
}

/// Returns what precedes these words and white space at the end of `text`.
fn strip_words_at_end<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let mut rest = text;
    for word in words.rsplit(' ').filter(|word| !word.is_empty()) {
        let inner = rest.trim_end_matches(is_between_words);
        if !is_gap(&rest[inner.len()..]) {
            return None;
        }
        let mut chars = inner.chars();
        let mut letters = word.chars().rev();
        if !letters.all(|w| chars.next_back().is_some_and(|c| matches_letter(c, w))) {
            return None;
        }
        rest = chars.as_str();
    }
    (!rest.ends_with(char::is_alphanumeric)).then_some(rest)
}

fn is_between_words(c: char) -> bool {
    c.is_whitespace() || matches!(c, '*' | '_')
}

/// Returns whether two words are only separated: by white space without a blank line.
fn is_gap(between: &str) -> bool {
    between.contains(char::is_whitespace)
        && memchr::memchr_iter(b'\n', between.as_bytes()).count() < 2
}

fn matches_letter(c: char, letter: char) -> bool {
    c.eq_ignore_ascii_case(&letter) || (letter == '\'' && c == '’')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOUT: &[PhraseAnchor] = &[PhraseAnchor {
        word: "zebra",
        forms: &[
            PhrasePattern {
                before: &["it's a", "the"],
                after: &["crossing the", "foal"],
            },
            PhrasePattern {
                before: &[""],
                after: &["crossing"],
            },
        ],
    }];

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found = PhraseFinder::new(SHOUT).find(text);
        let found: Vec<&str> = found.into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, expected, "{text}");
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
