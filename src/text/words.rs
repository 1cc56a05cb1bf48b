//! Words, and keys by which texts are compared.

use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use memchr::memmem::Finder;

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
    let ascii = |byte: u8| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'#') {
            byte.to_ascii_lowercase()
        } else {
            b' '
        }
    };
    Joined::of(text, ascii, |c, joined| {
        fold(c).for_each(|c| {
            if is_letter(c) || is_digit(c) || matches!(c, '+' | '#') {
                joined.push(c);
            } else {
                joined.gap();
            }
        });
    })
}

/// The words of a text with their case folded, one space between them.
///
/// Words are runs of letters, digits and `_`; marks belong to the letter before them.
pub fn sequence(text: &str) -> String {
    let ascii = |byte: u8| {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            byte.to_ascii_lowercase()
        } else {
            b' '
        }
    };
    Joined::of(text, ascii, |c, joined| {
        if c.is_alphanumeric() {
            fold(c).for_each(|c| joined.push(c));
        } else if !is_mark(c) {
            joined.gap();
        }
    })
}

/// An odd number without a pattern in its bits (the golden ratio).
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// The hash of a word: the same on every machine.
pub fn hash(word: &str) -> u64 {
    let bytes = word.bytes().map(u64::from);
    mix(bytes.fold(0, add))
}

/// The hash of each word of `words`, which single spaces separate.
pub fn hashes(words: &str) -> Vec<u64> {
    let mut hashes = Vec::with_capacity(words.len() / 5);
    let mut hash = 0;
    for &byte in words.as_bytes() {
        if byte == b' ' {
            hashes.push(mix(hash));
            hash = 0;
        } else {
            hash = add(hash, u64::from(byte));
        }
    }
    if !words.is_empty() {
        hashes.push(mix(hash));
    }
    hashes
}

/// The hash of a sequence of words that have these hashes.
pub fn sequence_hash(words: &[u64]) -> u64 {
    let start = words.len() as u64;
    mix(words.iter().fold(start, |hash, &word| add(hash, word)))
}

fn add(hash: u64, part: u64) -> u64 {
    hash.wrapping_mul(FACTOR).wrapping_add(part)
}

/// Lets every bit depend on every other (the finalizer of `SplitMix64`).
fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

/// For maps whose keys are hashes already.
pub type ByHash = BuildHasherDefault<Given>;

/// Takes a number for its own hash.
#[derive(Debug, Default, Clone, Copy)]
pub struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = add(self.0, u64::from(byte));
        }
    }

    fn write_u32(&mut self, hash: u32) {
        self.0 = u64::from(hash).wrapping_mul(FACTOR);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Words in UTF-8 with one space or more between them.
struct Joined(Vec<u8>);

/// How many bytes are looked at together.
const STEP: usize = 32;

impl Joined {
    /// The words of `text`: `ascii` gives the letter that a byte is, or a space; `wide` adds what
    /// a character beyond ASCII is.
    fn of(text: &str, ascii: impl Fn(u8) -> u8, wide: impl Fn(char, &mut Self)) -> String {
        let mut joined = Self(Vec::with_capacity(text.len()));
        let mut rest = text;
        while !rest.is_empty() {
            // Compilers turn what is done to all of some bytes into vector instructions.
            let window = rest.as_bytes().first_chunk::<STEP>();
            if let Some(window) = window.filter(|window| window.is_ascii()) {
                joined.0.extend_from_slice(&window.map(&ascii));
                rest = &rest[STEP..];
                continue;
            }
            let mut chars = rest.chars();
            for c in chars.by_ref().take(STEP) {
                match u8::try_from(c) {
                    Ok(byte) if byte.is_ascii() => joined.0.push(ascii(byte)),
                    _ => wide(c, &mut joined),
                }
            }
            rest = chars.as_str();
        }
        joined.single_spaced()
    }

    fn gap(&mut self) {
        self.0.push(b' ');
    }

    fn push(&mut self, c: char) {
        self.0
            .extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// The words with one space between them, and none at the ends.
    fn single_spaced(self) -> String {
        static GAP: LazyLock<Finder> = LazyLock::new(|| Finder::new("  "));
        let mut bytes = self.0;
        let mut length = 0;
        let mut at = words_start(&bytes, 0);
        while at < bytes.len() {
            let gap = GAP.find(&bytes[at..]);
            let end = gap.map_or(bytes.len(), |gap| at + gap + 1);
            bytes.copy_within(at..end, length);
            length += end - at;
            at = words_start(&bytes, end);
        }
        bytes.truncate(length);
        if bytes.last() == Some(&b' ') {
            bytes.pop();
        }
        String::from_utf8(bytes).expect("ASCII and whole characters were pushed")
    }
}

/// Where the next word starts, from a place on.
fn words_start(bytes: &[u8], from: usize) -> usize {
    let gap = bytes[from..].iter().take_while(|&&byte| byte == b' ');
    from + gap.count()
}

/// A text in lower case with straight apostrophes, as fixed phrases are looked for.
pub fn spoken(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_title_key_keeps_letters_digits_plus_and_hash() {
        assert_eq!(
            title_key("**C++**: the “Good” parts!"),
            "c++ the good parts"
        );
        assert_eq!(title_key(" A  [b](c) & D#  "), "a b d#");
        assert_eq!(title_key("…"), "");
    }

    /// What [`sequence`] says it is, one character at a time.
    fn sequence_by_character(text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            if c.is_alphanumeric() || c == '_' {
                out.extend(fold(c));
            } else if !is_mark(c) {
                out.push(' ');
            }
        }
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    proptest! {
        #[test]
        fn a_word_sequence_is_that_of_its_characters(
            text in r"([a-zA-Z0-9 _.,\n]{0,40}|\PC{0,3}|[éß’—İſ\u{301}]){0,12}",
        ) {
            prop_assert_eq!(sequence(&text), sequence_by_character(&text));
        }
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
