//! Words, and keys by which texts are compared.

use super::characters::{fold, is_digit, is_letter, is_mark};
use super::plain::plain;

/// How many words white space separates.
pub fn count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// What two spellings of one title have in common.
///
/// The plain text with its case folded, everything but letters, digits, `+` and `#` taken as a
/// space, and spaces collapsed.
pub fn title_key(text: &str) -> String {
    key_of_plain(&plain(text))
}

/// The title key of a text that is plain already.
pub fn key_of_plain(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    let mut gap = false;
    let push = |c: char, key: &mut String, gap: &mut bool| {
        if is_letter(c) || is_digit(c) || matches!(c, '+' | '#') {
            push_gap(gap, key);
            key.push(c);
        } else {
            *gap = true;
        }
    };
    for c in text.chars() {
        if c.is_ascii() {
            push(c.to_ascii_lowercase(), &mut key, &mut gap);
        } else {
            fold(c).for_each(|c| push(c, &mut key, &mut gap));
        }
    }
    key
}

/// The words of a text with their case folded, one space between them.
///
/// Words are runs of letters, digits and `_`; marks belong to the letter before them.
pub fn sequence(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let folded = WORD_BYTES[usize::from(byte)];
        if folded != 0 {
            push_gap(&mut gap, &mut out);
            out.push(folded as char);
            at += 1;
        } else if byte.is_ascii() {
            gap = true;
            at += 1;
        } else {
            at += push_wide(&text[at..], &mut gap, &mut out);
        }
    }
    out
}

/// Adds the first character of a text, which is not ASCII; gives its length in bytes.
fn push_wide(text: &str, gap: &mut bool, out: &mut String) -> usize {
    let Some(c) = text.chars().next() else {
        return 1;
    };
    if c.is_alphanumeric() {
        push_gap(gap, out);
        out.extend(fold(c));
    } else if !is_mark(c) {
        *gap = true;
    }
    c.len_utf8()
}

/// Each byte of ASCII words in lower case; 0 for all others.
const WORD_BYTES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        if c.is_ascii_alphanumeric() || c == b'_' {
            table[byte] = c.to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// A text in lower case with straight apostrophes, as fixed phrases are looked for.
pub fn spoken(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| {
            if matches!(c, '’' | 'ʼ' | '‘') {
                '\''
            } else {
                c
            }
        })
        .collect()
}

/// What follows `phrase` in `text`, if the text starts with it as whole words.
pub fn strip_phrase<'t>(text: &'t str, phrase: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(phrase)?;
    let glued = rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_'));
    (!glued).then_some(rest)
}

fn push_gap(gap: &mut bool, out: &mut String) {
    if *gap && !out.is_empty() {
        out.push(' ');
    }
    *gap = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_key_keeps_letters_digits_plus_and_hash() {
        assert_eq!(
            title_key("**C++**: the “Good” parts!"),
            "c++ the good parts"
        );
        assert_eq!(title_key(" A  [b](c) & D#  "), "a b d#");
        assert_eq!(title_key("…"), "");
    }

    #[test]
    fn a_word_sequence_ignores_case_and_punctuation() {
        assert_eq!(
            sequence("It’s _one_ `TWO`, drei!\n## ÄÖ"),
            "it s _one_ two drei äö"
        );
        assert_eq!(sequence(""), "");
    }
}
