//! Phrases with optional endings, alternatives and gaps, and how texts are compared with them.

use std::borrow::Cow;
use std::fmt;

use pressrun_text::characters::{fold_case_into, is_digit, is_letter, is_mark};
use serde::{Deserialize, Deserializer};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Returns the form in which texts are compared with phrases: NFC, with the case folded, one space
/// for each run of white space, `'` for every apostrophe, and `i` for the letters `ı` and `İ`.
pub fn fold_phrase_text(text: &str) -> String {
    let text: Cow<'_, str> = if is_nfc(text) {
        text.into()
    } else {
        text.nfc().collect::<String>().into()
    };
    let mut folded = String::with_capacity(text.len());
    let mut buffer = [0; 4];
    let mut after_space = true;
    for c in text.chars() {
        if c.is_whitespace() {
            if !after_space {
                folded.push(' ');
            }
            after_space = true;
            continue;
        }
        after_space = false;
        match c {
            'a'..='z' => folded.push(c),
            'A'..='Z' => folded.push(c.to_ascii_lowercase()),
            '’' | '‘' | 'ʼ' | '`' | '´' | '＇' => folded.push('\''),
            'ı' | 'İ' => folded.push('i'),
            c => fold_case_into(c.encode_utf8(&mut buffer), &mut folded),
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// A phrase: text with optional endings (`*`), alternatives (`{a|b}`) and gaps (`…`).
pub struct Phrase {
    pieces: Vec<PhrasePiece>,
    /// The characters that a match may begin with; `None` if it may begin with any.
    first: Option<Vec<char>>,
    /// Whether it may begin and end within a word.
    anywhere: bool,
}

#[derive(Debug)]
enum PhrasePiece {
    Text(String),
    /// Any ending of the word before it.
    Ending,
    /// Any text.
    Gap,
    OneOf(Vec<Vec<PhrasePiece>>),
}

impl Phrase {
    /// Reads a phrase.
    pub fn parse(text: &str) -> Self {
        let mut folded = String::new();
        let mut after_gap = false;
        // White space around a gap does not count.
        for (at, part) in text.split('…').enumerate() {
            if at > 0 {
                folded.push('…');
                after_gap = true;
            }
            let part = if after_gap { part.trim_start() } else { part };
            folded.push_str(part);
            if text.split('…').count() > at + 1 {
                folded.truncate(folded.trim_end().len());
            }
        }
        let mut rest = &*fold_phrase_text(&folded);
        let pieces = parse_pieces(&mut rest, false);
        let mut first = Vec::new();
        let begins_with_text = !collect_first_characters(&pieces, &mut first);
        first.sort_unstable();
        first.dedup();
        Self {
            pieces,
            first: begins_with_text.then_some(first),
            anywhere: false,
        }
    }

    pub(super) fn allow_anywhere(&mut self) {
        self.anywhere = true;
    }

    /// Returns how many bytes the phrase takes at the start of a folded text, the fewest possible.
    ///
    /// A word with a hyphen is not taken apart: `sure-fire` does not start with `sure`.
    pub fn match_start(&self, folded: &str) -> Option<usize> {
        let mut accepts = |end: usize| {
            self.anywhere || (is_word_edge(folded, end) && !is_hyphenated(folded, end))
        };
        match_pieces(&self.pieces, None, folded, 0, &mut accepts)
    }

    /// Returns whether a folded text contains the phrase.
    pub fn is_in(&self, folded: &str) -> bool {
        folded.char_indices().any(|(at, c)| {
            let may_start = self.first.as_ref().is_none_or(|first| first.contains(&c));
            may_start && self.match_at(folded, at).is_some()
        })
    }

    /// Returns whether a folded text is this phrase and nothing else, but for punctuation at its end.
    pub fn is_whole(&self, folded: &str) -> bool {
        let may_start = |first: &[char]| folded.starts_with(first);
        if !self.first_characters().is_none_or(may_start) {
            return false;
        }
        let mut accepts = |end: usize| !folded[end..].contains(is_word_part);
        match_pieces(&self.pieces, None, folded, 0, &mut accepts).is_some()
    }

    fn match_at(&self, folded: &str, at: usize) -> Option<usize> {
        if !self.anywhere && !is_word_edge(folded, at) {
            return None;
        }
        let mut accepts = |end: usize| self.anywhere || is_word_edge(folded, end);
        match_pieces(&self.pieces, None, folded, at, &mut accepts)
    }

    /// Returns whether a text that is not folded may contain the first text of the phrase after a gap:
    /// a cheap test for phrases that may begin with any text.
    pub(super) fn may_be_in(&self, text: &str) -> bool {
        let Some(PhrasePiece::Text(first)) = self.pieces.get(1) else {
            return true;
        };
        // Letters that other characters are folded to (`ı`, the Kelvin sign) end the probe, and so
        // does the first one, which may be a capital.
        let is_plain = |c: &char| c.is_ascii_lowercase() && !matches!(c, 'i' | 'k' | 's');
        let probe: String = first.chars().take_while(is_plain).skip(1).collect();
        probe.is_empty() || text.contains(&probe) || text.contains(&probe.to_ascii_uppercase())
    }

    /// Returns the characters that a match may begin with, or `None` if it may begin with any.
    pub(super) fn first_characters(&self) -> Option<&[char]> {
        self.first.as_deref()
    }
}

/// Adds the characters that `pieces` may begin with, and returns whether other text may stand there.
fn collect_first_characters(pieces: &[PhrasePiece], first: &mut Vec<char>) -> bool {
    for piece in pieces {
        match piece {
            PhrasePiece::Text(text) => {
                first.extend(text.chars().next());
                return false;
            }
            PhrasePiece::OneOf(choices) => {
                let mut may_be_empty = false;
                for choice in choices {
                    may_be_empty |= collect_first_characters(choice, first);
                }
                if !may_be_empty {
                    return false;
                }
            }
            PhrasePiece::Ending | PhrasePiece::Gap => return true,
        }
    }
    true
}

/// Reads pieces up to the end, or within braces up to `|` or `}`, which stays.
fn parse_pieces(rest: &mut &str, in_braces: bool) -> Vec<PhrasePiece> {
    let mut pieces = Vec::new();
    while let Some(c) = rest.chars().next() {
        match c {
            '|' | '}' if in_braces => break,
            '{' => {
                let mut choices = Vec::new();
                while rest.starts_with(['{', '|']) {
                    *rest = &rest[1..];
                    choices.push(parse_pieces(rest, true));
                }
                *rest = rest.strip_prefix('}').unwrap_or(rest);
                pieces.push(PhrasePiece::OneOf(choices));
            }
            '*' | '…' => {
                *rest = &rest[c.len_utf8()..];
                pieces.push(if c == '*' {
                    PhrasePiece::Ending
                } else {
                    PhrasePiece::Gap
                });
            }
            _ => {
                let special =
                    |c| matches!(c, '{' | '*' | '…') || (in_braces && matches!(c, '|' | '}'));
                let end = rest.find(special).unwrap_or(rest.len());
                pieces.push(PhrasePiece::Text(rest[..end].to_owned()));
                *rest = &rest[end..];
            }
        }
    }
    pieces
}

/// The pieces that follow a list of pieces.
struct LaterPieces<'p> {
    list: &'p [PhrasePiece],
    later: Option<&'p LaterPieces<'p>>,
}

/// Matches a list of pieces, and then `later`, at `at`. Returns the first end that `accepts`.
///
/// The texts are paragraphs of at most some hundred characters, and a phrase has few gaps, so trying
/// all ways takes little time.
fn match_pieces(
    list: &[PhrasePiece],
    later: Option<&LaterPieces>,
    text: &str,
    at: usize,
    accepts: &mut dyn FnMut(usize) -> bool,
) -> Option<usize> {
    let Some((piece, after)) = list.split_first() else {
        return match later {
            Some(next) => match_pieces(next.list, next.later, text, at, accepts),
            None => accepts(at).then_some(at),
        };
    };
    match piece {
        PhrasePiece::Text(expected) => {
            let end = text[at..]
                .starts_with(&**expected)
                .then(|| at + expected.len())?;
            match_pieces(after, later, text, end, accepts)
        }
        PhrasePiece::Ending => {
            let length: usize = text[at..]
                .chars()
                .take_while(|c| is_word_part(*c))
                .map(char::len_utf8)
                .sum();
            match_pieces(after, later, text, at + length, accepts)
        }
        PhrasePiece::Gap => {
            // If a text follows, only its places are tried.
            if let Some(PhrasePiece::Text(expected)) = after.first() {
                let mut places = text[at..].match_indices(&**expected);
                return places.find_map(|(skipped, _)| {
                    match_pieces(after, later, text, at + skipped, accepts)
                });
            }
            let places = text[at..].char_indices().map(|(skipped, _)| at + skipped);
            let mut places = places.chain([text.len()]);
            places.find_map(|place| match_pieces(after, later, text, place, accepts))
        }
        PhrasePiece::OneOf(choices) => {
            let rest = LaterPieces { list: after, later };
            choices
                .iter()
                .find_map(|choice| match_pieces(choice, Some(&rest), text, at, accepts))
        }
    }
}

fn is_word_part(c: char) -> bool {
    c == '_' || is_letter(c) || is_digit(c) || is_mark(c)
}

/// Returns whether the word that ends at `end` goes on after a hyphen.
fn is_hyphenated(text: &str, end: usize) -> bool {
    text[..end].ends_with(is_word_part)
        && text[end..]
            .strip_prefix('-')
            .is_some_and(|rest| rest.starts_with(is_word_part))
}

/// Returns whether a position is not between two characters of one word.
fn is_word_edge(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at..].chars().next();
    !(before.is_some_and(is_word_part) && after.is_some_and(is_word_part))
}

impl<'de> Deserialize<'de> for Phrase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}

impl fmt::Debug for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.pieces).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(phrase: &str, text: &str, expected: Option<&str>) {
        let folded = fold_phrase_text(text);
        let found = Phrase::parse(phrase).match_start(&folded);
        assert_eq!(
            found.map(|end| &folded[..end]),
            expected,
            "{phrase} in {text}"
        );
    }

    #[test]
    fn case_spaces_and_apostrophes_do_not_count() {
        check(
            "i'd be happy",
            "I’D  be\u{a0}happy to",
            Some("i'd be happy"),
        );
        check("ıspanak", "İSPANAK", Some("ispanak"));
    }

    #[test]
    fn phrase_begins_and_ends_at_the_edge_of_a_word() {
        check("sure", "Surely you do", None);
        check("sure", "Sure! Here", Some("sure"));
        check("got it,", "Got it, here", Some("got it,"));
        assert!(!Phrase::parse("post").is_in("composted posts"));
        assert!(Phrase::parse("post").is_in("the post."));
        let mut glued = Phrase::parse("できません");
        glued.allow_anywhere();
        assert!(glued.is_in("それはできませんので"));
    }

    #[test]
    fn star_allows_any_ending() {
        check(
            "{let me} chang*",
            "let me changes that",
            Some("let me changes"),
        );
        assert!(Phrase::parse("comment*").is_in("in the comments below"));
        assert!(!Phrase::parse("comment").is_in("in the comments below"));
    }

    #[test]
    fn alternatives_may_be_empty() {
        for text in ["if you want, i can", "if you want i can"] {
            check("if you want{,|} i can", text, Some(text));
        }
        check("{a|an} post", "an post", Some("an post"));
        check("{a|an} post", "the post", None);
    }

    #[test]
    fn gap_is_any_text_or_none() {
        check(
            "let me know … {change*|draft}",
            "let me know if I should change it",
            Some("let me know if i should change"),
        );
        check("a … b", "a b", Some("a b"));
        check("a…b", "ab", Some("ab"));
        check("a … b", "a c", None);
    }

    #[test]
    fn whole_text_may_be_the_phrase() {
        assert!(Phrase::parse("go on").is_whole("go on"));
        assert!(Phrase::parse("go on").is_whole("go on!"));
        assert!(!Phrase::parse("go on").is_whole("go on please"));
    }

    #[test]
    fn words_with_hyphens_are_not_taken_apart_at_the_start() {
        check("sure", "Sure-fire ways", None);
        check("sure", "Sure - here", Some("sure"));
        assert!(Phrase::parse("blog").is_in("a blog-post"));
        assert!(!Phrase::parse("blog").is_in("a blog_post"));
    }

    #[test]
    fn phrase_may_begin_with_a_gap() {
        assert!(
            Phrase::parse("… please")
                .match_start("do it, please")
                .is_some()
        );
        assert!(Phrase::parse("… please").first_characters().is_none());
        let phrase = Phrase::parse("… yapmamı isterim");
        assert!(phrase.may_be_in("Bunu yapmamı isterim"));
        assert!(phrase.may_be_in("BUNU YAPMAMI İSTERİM"));
        assert!(!phrase.may_be_in("Bunu isterim"));
    }
}
