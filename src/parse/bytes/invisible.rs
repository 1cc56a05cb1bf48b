//! Removes invisible characters or replaces them by a space (R1.5 of the ingest contract), and
//! composes letters with their marks.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A text without invisible characters, in NFC.
#[derive(Debug)]
pub struct Visible<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// The line, counted from 0, where the first character was removed, if any was.
    pub removed_on: Option<usize>,
}

/// Removes invisible characters, replaces wide spaces by plain ones, and composes letters.
pub fn remove(text: Cow<'_, str>) -> Visible<'_> {
    if is_plain_ascii(text.as_bytes()) {
        return Visible {
            text,
            removed_on: None,
        };
    }
    let (text, removed_on) = without_invisible(text);
    let text = compose(text);
    Visible { text, removed_on }
}

/// Returns whether all bytes are printable ASCII, tabs or line feeds.
fn is_plain_ascii(bytes: &[u8]) -> bool {
    // Working on chunks lets the compiler test many bytes at once.
    bytes.chunks(64).all(|chunk| {
        chunk.iter().fold(true, |plain, &byte| {
            plain & matches!(byte, b' '..=b'~' | b'\n' | b'\t')
        })
    })
}

fn without_invisible(text: Cow<'_, str>) -> (Cow<'_, str>, Option<usize>) {
    let Some((first, _)) = text
        .char_indices()
        .find(|&(_, c)| class(c) != Class::Visible)
    else {
        return (text, None);
    };
    let right_to_left = text.chars().any(is_right_to_left);
    let mut removed_on = None;
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    for (at, c) in text[first..].char_indices() {
        match class(c) {
            Class::Visible => out.push(c),
            Class::Space => out.push(' '),
            Class::Direction if right_to_left => out.push(c),
            Class::Joiner if joins(out.chars().next_back(), &text[first + at..]) => out.push(c),
            _ => {
                removed_on
                    .get_or_insert_with(|| memchr::memchr_iter(b'\n', out.as_bytes()).count());
            }
        }
    }
    (out.into(), removed_on)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Visible,
    Space,
    Removed,
    /// The zero-width joiner and non-joiner.
    Joiner,
    /// Marks that set the direction of text. They matter only next to right-to-left letters.
    Direction,
}

fn class(c: char) -> Class {
    match c {
        '\t' | '\n' | ' '..='~' => Class::Visible,
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' => Class::Space,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' => {
            Class::Removed
        }
        '\u{200C}' | '\u{200D}' => Class::Joiner,
        '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            Class::Direction
        }
        _ => Class::Visible,
    }
}

/// Returns whether the joiner at the start of `rest` has a neighbour outside ASCII.
///
/// Such joiners shape letters and emoji. Between ASCII characters they do nothing.
fn joins(before: Option<char>, rest: &str) -> bool {
    // Looks past removed characters, but not through a long run of them.
    let after = rest
        .chars()
        .skip(1)
        .take(8)
        .find(|&c| class(c) != Class::Removed);
    before.is_some_and(|c| !c.is_ascii())
        || after.is_some_and(|c| !c.is_ascii() && class(c) == Class::Visible)
}

fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

fn compose(text: Cow<'_, str>) -> Cow<'_, str> {
    // No character below U+0300 combines, and neither does the punctuation found in most English
    // texts.
    let combines = |c: &char| *c >= '\u{300}' && !matches!(c, '\u{2010}'..='\u{2027}');
    if !text.chars().any(|c| combines(&c)) || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text;
    }
    text.nfc().collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let visible = remove(text.into());
        assert_eq!(visible.text, expected);
    }

    #[test]
    fn zero_width_characters_and_controls_are_removed() {
        check(
            "a\u{200B}b\u{2060}c\u{FEFF}d\u{AD}e\u{7}f\u{85}g\th\ni\u{7F}",
            "abcdefg\th\ni",
        );
    }

    #[test]
    fn joiners_stay_between_letters_that_need_them() {
        check("a\u{200D}b\u{200C}", "ab");
        check("می\u{200C}خواهم", "می\u{200C}خواهم");
        check("👩\u{200D}🚀", "👩\u{200D}🚀");
        check("\u{200D}", "");
    }

    #[test]
    fn direction_marks_stay_in_right_to_left_text() {
        check("a\u{200E}b\u{202E}c\u{2066}", "abc");
        check("שלום\u{200F} a", "שלום\u{200F} a");
    }

    #[test]
    fn wide_spaces_become_plain() {
        check("a\u{A0}b\u{202F}c\u{205F}d\u{2003}e", "a b c d e");
        assert_eq!(remove("a\u{A0}b".into()).removed_on, None);
        assert_eq!(remove("é\n\u{200B}b".into()).removed_on, Some(1));
    }

    #[test]
    fn letters_are_composed() {
        check("cafe\u{301}", "café");
        check("다", "다");
    }
}
