//! Removes characters that readers do not see (R1.5 of the ingest contract), and characters that
//! XML and HTML forbid.
//!
//! [`remove_invisible`] cleans a whole text when it is read. [`clean_field`] cleans one field of a
//! post, whatever its source: a YAML escape or a character reference can produce characters that
//! the file itself does not contain. [`remove_hidden`] does the same for a rendered body.
//! [`replace_unfit`] is the last guard, for the files of the site.

use std::borrow::Cow;

use memchr::{memchr2_iter, memchr3_iter};

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::plain::collapse_white_space;

/// A text without invisible characters, in NFC.
#[derive(Debug)]
pub struct VisibleText<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// The line, counted from 0, where the first character was removed, if any was.
    pub removed_on: Option<usize>,
}

/// Removes invisible characters, replaces wide spaces by plain ones, and composes letters. No-break
/// spaces stay.
pub fn remove_invisible(text: Cow<'_, str>) -> VisibleText<'_> {
    if is_plain_ascii(text.as_bytes()) {
        return VisibleText {
            text,
            removed_on: None,
        };
    }
    let right_to_left = has_right_to_left(&text);
    let (text, removed_on) = without_invisible(text, right_to_left);
    let text = compose(text);
    VisibleText { text, removed_on }
}

/// Cleans one field of a post: removes invisible and forbidden characters, makes all spaces plain,
/// composes letters, and removes marks of direction that would affect the text after the field.
///
/// Overrides of direction (U+202D, U+202E) are always removed, because they show letters in another
/// order than the text has. Embeddings and isolates stay if each is closed within the field. All
/// marks of direction are removed if neither the field nor its post has right-to-left letters;
/// `in_right_to_left` says whether the post has.
pub fn clean_field(text: &str, in_right_to_left: bool) -> Cow<'_, str> {
    if is_plain_ascii(text.as_bytes()) && !text.contains(['\t', '\n']) {
        return text.into();
    }
    let keeps_marks = in_right_to_left || has_right_to_left(text);
    let spaced: Cow<'_, str> = if text.contains(is_wide_space) {
        text.replace(is_wide_space, " ").into()
    } else {
        text.into()
    };
    let (seen, _) = without_invisible(spaced, keeps_marks);
    let cleaned = compose(balance_directions(seen));
    if cleaned == text {
        return text.into();
    }
    collapse_white_space(&cleaned).into()
}

/// Removes the characters from a rendered text that only a character reference can bring there.
///
/// These are overrides of direction, zero-width spaces, word joiners and byte order marks. All
/// other marks of direction stay in a text with right-to-left letters. Joiners and soft hyphens
/// stay, because an author writes their references on purpose.
pub fn remove_hidden(text: Cow<'_, str>) -> Cow<'_, str> {
    // Only these two bytes begin such a character, and no byte inside a character equals them.
    let mut candidates = memchr2_iter(0xE2, 0xEF, text.as_bytes());
    if !candidates.any(|at| text[at..].starts_with(|c| is_hidden(c, false))) {
        return text;
    }
    let keeps_directions = has_right_to_left(&text);
    text.chars()
        .filter(|&c| !is_hidden(c, keeps_directions))
        .collect::<String>()
        .into()
}

fn is_hidden(c: char, keeps_directions: bool) -> bool {
    match c {
        '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{202D}' | '\u{202E}' => true,
        c => !keeps_directions && class(c) == Class::Direction,
    }
}

fn is_wide_space(c: char) -> bool {
    c != ' ' && c.is_whitespace()
}

/// Returns whether XML 1.0 and HTML forbid a character: a control character other than tab, line
/// feed and carriage return, or a noncharacter of Unicode.
pub fn is_unfit(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{FDD0}'..='\u{FDEF}' => true,
        c => u32::from(c) & 0xFFFE == 0xFFFE,
    }
}

/// Returns the first character of a text that no field may contain: a forbidden one, or a mark of
/// direction that [`clean_field`] removes from every field.
pub fn first_misplaced(text: &str) -> Option<char> {
    let directions = kept_directions(text);
    let mut kept = directions.iter();
    text.chars()
        .find(|&c| is_unfit(c) || (is_paired_direction(c) && kept.next() == Some(&false)))
}

/// Replaces forbidden characters by U+FFFD. Bytes that are not UTF-8 are returned unchanged.
pub fn replace_unfit(bytes: Vec<u8>) -> Vec<u8> {
    if !may_hold_unfit(&bytes) {
        return bytes;
    }
    match String::from_utf8(bytes) {
        Ok(text) if text.contains(is_unfit) => text.replace(is_unfit, "\u{FFFD}").into_bytes(),
        Ok(text) => text.into_bytes(),
        Err(error) => error.into_bytes(),
    }
}

/// Returns false if the bytes certainly contain no forbidden character.
fn may_hold_unfit(bytes: &[u8]) -> bool {
    // Control characters of ASCII, and the first bytes of characters from U+40000.
    let is_suspect = |byte: u8| {
        let is_control = byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
        byte == 0x7F || byte > 0xF0 || is_control
    };
    let any_suspect = |bytes: &[u8]| {
        let suspect = bytes.iter().map(|&byte| is_suspect(byte));
        suspect.fold(false, |any, is_suspect| any | is_suspect)
    };
    // Working on chunks of a fixed size lets the compiler test many bytes at once.
    let (chunks, rest) = bytes.as_chunks::<64>();
    if chunks.iter().any(|chunk| any_suspect(chunk)) || any_suspect(rest) {
        return true;
    }
    // The first bytes that the others share with common characters, such as `©` and `，`.
    memchr3_iter(0xC2, 0xEF, 0xF0, bytes).any(|at| match bytes[at..] {
        [0xC2, second, ..] => second < 0xA0,
        [0xEF, second, ..] => matches!(second, 0xB7 | 0xBF),
        [0xF0, _, third, fourth, ..] => third == 0xBF && fourth >= 0xBE,
        // The bytes end inside a character.
        _ => true,
    })
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

/// Returns a text without invisible characters, and the line of the first one that was removed,
/// counted from 0.
fn without_invisible(text: Cow<'_, str>, keeps_directions: bool) -> (Cow<'_, str>, Option<usize>) {
    let Some((first, _)) = text
        .char_indices()
        .find(|&(_, c)| class(c) != Class::Visible)
    else {
        return (text, None);
    };
    let mut removed_on = None;
    let mut out = String::with_capacity(text.len());
    out.push_str(&text[..first]);
    for (at, c) in text[first..].char_indices() {
        match class(c) {
            Class::Visible => out.push(c),
            Class::Space => out.push(' '),
            Class::Direction if keeps_directions => out.push(c),
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
        // No-break spaces (U+A0, U+202F) are not here: they are the typography of the author.
        '\u{2000}'..='\u{200A}' | '\u{205F}' => Class::Space,
        // All line endings are line feeds by now.
        '\r' | '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' => Class::Removed,
        '\u{200C}' | '\u{200D}' => Class::Joiner,
        '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            Class::Direction
        }
        c if is_unfit(c) => Class::Removed,
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

/// Returns whether a text has letters that are written from right to left.
pub fn has_right_to_left(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(is_right_to_left)
}

fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// Returns whether a character opens or closes an embedding, an override or an isolate.
fn is_paired_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Returns a text without overrides of direction, and without embeddings and isolates that are not
/// closed in it.
fn balance_directions(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(is_paired_direction) {
        return text;
    }
    let directions = kept_directions(&text);
    let mut kept = directions.iter();
    let stays = |c: &char| !is_paired_direction(*c) || kept.next() == Some(&true);
    text.chars().filter(stays).collect::<String>().into()
}

/// Returns for each paired mark of direction in a text whether it may stay.
fn kept_directions(text: &str) -> Vec<bool> {
    let mut kept = Vec::new();
    // The open marks, each with its index in `kept`.
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut isolates = 0_usize;
    for (at, c) in text.chars().filter(|&c| is_paired_direction(c)).enumerate() {
        kept.push(false);
        match c {
            '\u{202C}' => {
                if let Some(&(opened, begin)) = open.last()
                    && !is_isolate(opened)
                {
                    open.pop();
                    let is_embedding = matches!(opened, '\u{202A}' | '\u{202B}');
                    (kept[begin], kept[at]) = (is_embedding, is_embedding);
                }
            }
            '\u{2069}' if isolates > 0 => {
                // The end of an isolate also ends the embeddings that are open inside it.
                while let Some((opened, begin)) = open.pop() {
                    if is_isolate(opened) {
                        isolates -= 1;
                        (kept[begin], kept[at]) = (true, true);
                        break;
                    }
                }
            }
            '\u{2069}' => {}
            c => {
                isolates += usize::from(is_isolate(c));
                open.push((c, at));
            }
        }
    }
    kept
}

fn is_isolate(c: char) -> bool {
    matches!(c, '\u{2066}'..='\u{2068}')
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
        let visible = remove_invisible(text.into());
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
        check(
            "a\u{A0}b\u{202F}c\u{205F}d\u{2003}e",
            "a\u{A0}b\u{202F}c d e",
        );
        assert_eq!(remove_invisible("a\u{A0}b".into()).removed_on, None);
        assert_eq!(remove_invisible("é\n\u{200B}b".into()).removed_on, Some(1));
    }

    #[test]
    fn letters_are_composed() {
        check("cafe\u{301}", "café");
        check("다", "다");
    }

    #[test]
    fn noncharacters_are_removed() {
        check(
            "a\u{FFFE}b\u{FFFF}c\u{FDD0}d\u{FDEF}e\u{1FFFE}f\u{10FFFF}g",
            "abcdefg",
        );
    }

    #[test]
    fn hidden_characters_are_removed_from_a_rendered_text() {
        for (text, expected) in [
            ("a\u{202E}b\u{202D}c\u{200B}d\u{2060}e\u{FEFF}f", "abcdef"),
            ("a\u{2067}b\u{200E}", "ab"),
            ("ا\u{2067}b\u{202E}\u{2069}", "ا\u{2067}b\u{2069}"),
            (
                "\u{1}0\u{2}“é” 👩\u{200D}🚀 a\u{AD}，",
                "\u{1}0\u{2}“é” 👩\u{200D}🚀 a\u{AD}，",
            ),
        ] {
            assert_eq!(remove_hidden(text.into()), expected, "{text:?}");
        }
    }

    #[track_caller]
    fn check_field(text: &str, expected: &str) {
        assert_eq!(clean_field(text, false), expected, "{text:?}");
    }

    #[test]
    fn field_holds_nothing_that_is_not_seen() {
        check_field("a\0b\u{1}c\u{1b}d\u{7f}e\u{85}f\u{FFFE}g", "abcde fg");
        check_field("a\tb\r\nc\u{2028}d\u{A0}e\u{202F}f", "a b c d e f");
        check_field(" \u{200B} ", "");
        check_field("cafe\u{301}", "café");
        assert!(matches!(clean_field("plain", false), Cow::Borrowed(_)));
        assert!(matches!(clean_field("é ü", false), Cow::Borrowed(_)));
    }

    #[test]
    fn override_of_direction_never_stays_in_a_field() {
        check_field("سلام\u{202E}exe", "سلامexe");
        check_field("سلام\u{202D}a\u{202C}b", "سلامab");
        // The end of the override is not taken for the end of the embedding around it.
        check_field(
            "ا\u{202B}ب\u{202E}x\u{202C}y\u{202C}",
            "ا\u{202B}بxy\u{202C}",
        );
    }

    #[test]
    fn embeddings_and_isolates_stay_where_they_are_closed() {
        for text in [
            "ا\u{2067}abc\u{2069}ب",
            "ا\u{202A}C++\u{202C}ب",
            "ا\u{2068}a\u{202B}b\u{202C}\u{2069}ب\u{200F}",
        ] {
            check_field(text, text);
        }
        check_field("ا\u{2067}abc", "اabc");
        check_field("ا\u{2069}\u{202C}abc", "اabc");
        check_field(
            "ا\u{2067}a\u{202B}b\u{2069}c\u{202C}",
            "ا\u{2067}ab\u{2069}c",
        );
        check_field("ا\u{202B}a\u{2067}b\u{202C}c", "اabc");
    }

    #[test]
    fn marks_of_direction_stay_in_a_field_of_a_right_to_left_post() {
        assert_eq!(clean_field("C++\u{200E}", false), "C++");
        assert_eq!(clean_field("C++\u{200E}", true), "C++\u{200E}");
        assert_eq!(clean_field("a\u{2067}b", true), "ab");
    }

    #[test]
    fn misplaced_character_is_named() {
        for (text, expected) in [
            ("a\nb\tc", None),
            ("a\u{7}b", Some('\u{7}')),
            ("a\u{FFFF}", Some('\u{FFFF}')),
            ("\u{2067}a\u{2069}", None),
            ("\u{2067}a\u{2069}\u{202E}", Some('\u{202E}')),
        ] {
            assert_eq!(first_misplaced(text), expected, "{text:?}");
        }
    }

    #[test]
    fn unfit_characters_are_replaced_in_bytes() {
        let replaced = |text: &str| String::from_utf8(replace_unfit(text.into())).unwrap();
        assert_eq!(replaced("a\0b\u{FFFE}c©é😀"), "a\u{FFFD}b\u{FFFD}c©é😀");
        assert_eq!(replaced("a\tb\r\n"), "a\tb\r\n");
        assert_eq!(replace_unfit(vec![0xFF, 0]), [0xFF, 0]);
        // Each character alone, so that none is passed over by its first bytes.
        for c in ('\0'..=char::MAX).filter(|&c| is_unfit(c)) {
            assert_eq!(replaced(&format!("a{c}")), "a\u{FFFD}", "{c:?}");
        }
    }
}
