//! Splits texts into words, and makes the keys and hashes by which texts are compared.

use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::characters::{fold_char, is_digit, is_letter, is_mark};
use super::plain::markdown_to_plain;

/// Counts the words that white space separates.
pub fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Returns a key that is equal for different spellings of one title.
///
/// It is the plain text with its case folded. Everything except letters, digits, `+` and `#`
/// becomes a space, and spaces are collapsed.
pub fn make_title_key(text: &str) -> String {
    make_plain_title_key(&markdown_to_plain(text))
}

/// Returns the title key of a text that is plain already.
pub fn make_plain_title_key(text: &str) -> String {
    let ascii = |byte: u8| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'#') {
            byte.to_ascii_lowercase()
        } else {
            b' '
        }
    };
    JoinedWords::fold(text, ascii, |c, joined| {
        fold_char(c).for_each(|c| {
            if is_letter(c) || is_digit(c) || matches!(c, '+' | '#') {
                joined.push(c);
            } else {
                joined.gap();
            }
        });
    })
}

/// Returns the words of a text with their case folded, separated by single spaces.
///
/// Words are runs of letters, digits and `_`. Combining marks are dropped, so they do not split a
/// word.
pub fn fold_words(text: &str) -> String {
    let ascii = |byte: u8| {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            byte.to_ascii_lowercase()
        } else {
            b' '
        }
    };
    JoinedWords::fold(text, ascii, |c, joined| {
        if c.is_alphanumeric() {
            fold_char(c).for_each(|c| joined.push(c));
        } else if !is_mark(c) {
            joined.gap();
        }
    })
}

/// Returns the first words of a text with their case folded, at least `most` unless it has fewer.
pub fn fold_first_words(text: &str, most: usize) -> String {
    /// The usual length of a word of Markdown in bytes, with what is around it.
    const USUAL: usize = 10;
    let mut length = most * USUAL;
    loop {
        // Where a space ends the part, no word is cut.
        let end = text
            .as_bytes()
            .get(length..)
            .and_then(|rest| memchr::memchr(b' ', rest));
        let Some(end) = end.map(|end| length + end) else {
            return fold_words(text);
        };
        let folded = fold_words(&text[..end]);
        if iter_words(&folded).nth(most.saturating_sub(1)).is_some() {
            return folded;
        }
        length = end * 4;
    }
}

/// The golden ratio as a 64-bit fraction: an odd number whose bits show no pattern.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// Returns the hash of a word, which is the same on every machine.
pub fn hash_word(word: &str) -> u64 {
    let bytes = word.as_bytes();
    // Two overlapping reads cover any length up to 16 bytes, without padding.
    let (first, last) = match bytes.len() {
        8.. => (u64_at(bytes, 0), u64_at(bytes, bytes.len() - 8)),
        4.. => (u32_at(bytes, 0), u32_at(bytes, bytes.len() - 4)),
        0 => (0, 0),
        length => (
            u64::from(bytes[0]) | u64::from(bytes[length / 2]) << 8,
            u64::from(bytes[length - 1]),
        ),
    };
    let mut hash = add_to_hash(add_to_hash(bytes.len() as u64, first), last);
    // For longer words, `last` has the bytes that do not fill a chunk.
    if bytes.len() > 16 {
        let (eights, _) = bytes.as_chunks::<8>();
        hash = eights.iter().fold(hash, |hash, eight| {
            add_to_hash(mix_hash(hash), u64::from_le_bytes(*eight))
        });
    }
    mix_hash(hash)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let eight = bytes[at..].first_chunk().copied();
    u64::from_le_bytes(eight.unwrap_or_default())
}

fn u32_at(bytes: &[u8], at: usize) -> u64 {
    let four = bytes[at..].first_chunk().copied();
    u64::from(u32::from_le_bytes(four.unwrap_or_default()))
}

/// Iterates over the words of `words`, which single spaces separate.
pub fn iter_words(words: &str) -> impl Iterator<Item = &str> {
    let mut rest = (!words.is_empty()).then_some(words);
    std::iter::from_fn(move || {
        let text = rest?;
        // Words are short, so a plain loop is faster than a vectorised search.
        let end = text.bytes().position(|byte| byte == b' ');
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
}

/// Returns the hash of each sequence of `length` consecutive words, given the hashes of the words.
pub fn hash_sequences(words: &[u64], length: usize) -> Vec<u64> {
    let Some((start, rest)) = words.split_at_checked(length) else {
        return Vec::new();
    };
    // A rolling hash: a polynomial of the words, from which the oldest word is subtracted when the
    // next one is added.
    let mut sum = start.iter().fold(0, |sum, &word| add_to_hash(sum, word));
    let power = (0..length).fold(1_u64, |power, _| power.wrapping_mul(FACTOR));
    let mut hashes = Vec::with_capacity(rest.len() + 1);
    hashes.push(mix_hash(sum ^ length as u64));
    for (&gone, &come) in words.iter().zip(rest) {
        sum = add_to_hash(sum, come).wrapping_sub(gone.wrapping_mul(power));
        hashes.push(mix_hash(sum ^ length as u64));
    }
    hashes
}

fn add_to_hash(hash: u64, part: u64) -> u64 {
    hash.wrapping_mul(FACTOR).wrapping_add(part)
}

/// Mixes the bits of a hash so that each depends on every other (the finalizer of `SplitMix64`).
fn mix_hash(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

/// A hasher for maps whose keys are hashes already.
pub type IdentityHashBuilder = BuildHasherDefault<IdentityHasher>;

/// A [`Hasher`] that returns the number it was given.
#[derive(Debug, Default, Clone, Copy)]
pub struct IdentityHasher(u64);

impl Hasher for IdentityHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = add_to_hash(self.0, u64::from(byte));
        }
    }

    fn write_u32(&mut self, hash: u32) {
        // The multiplication spreads the 32 bits into the upper half, which hash tables also use.
        self.0 = u64::from(hash).wrapping_mul(FACTOR);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// A [`BuildHasher`] for maps whose keys are hashes that content decides: nobody can choose keys that
/// collide, because a random number is mixed into them.
#[derive(Debug, Clone, Copy)]
pub struct KeyedHashBuilder {
    key: u64,
}

impl Default for KeyedHashBuilder {
    fn default() -> Self {
        static KEY: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(FACTOR));
        Self { key: *KEY }
    }
}

impl BuildHasher for KeyedHashBuilder {
    type Hasher = KeyedHasher;

    fn build_hasher(&self) -> KeyedHasher {
        KeyedHasher(self.key)
    }
}

/// A [`Hasher`] that mixes numbers with a key.
#[derive(Debug, Clone, Copy)]
pub struct KeyedHasher(u64);

impl Hasher for KeyedHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let (chunks, rest) = bytes.as_chunks();
        for &chunk in chunks {
            self.write_u64(u64::from_le_bytes(chunk));
        }
        for &byte in rest {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number) * u128::from(FACTOR);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}

/// Words in UTF-8 with one or more spaces between them.
struct JoinedWords(Vec<u8>);

/// The number of bytes or characters that are handled at a time.
const STEP: usize = 32;

impl JoinedWords {
    /// Returns the words of `text`.
    ///
    /// `ascii` maps each ASCII byte to the letter that is kept, or to a space. `wide` appends the
    /// result for a character outside ASCII.
    fn fold(text: &str, ascii: impl Fn(u8) -> u8, wide: impl Fn(char, &mut Self)) -> String {
        let mut joined = Self(Vec::with_capacity(text.len()));
        let mut rest = text;
        while !rest.is_empty() {
            // Compilers vectorise a loop over an array of fixed size.
            let window = rest.as_bytes().first_chunk::<STEP>();
            if let Some(window) = window.filter(|window| window.is_ascii()) {
                let mut folded = [0; STEP];
                for (to, &from) in folded.iter_mut().zip(window) {
                    *to = ascii(from);
                }
                joined.0.extend_from_slice(&folded);
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

    /// Returns the words with one space between them and none at either end.
    fn single_spaced(self) -> String {
        static GAP: LazyLock<Finder> = LazyLock::new(|| Finder::new("  "));
        let mut bytes = self.0;
        let mut length = 0;
        let mut at = find_word_start(&bytes, 0);
        while at < bytes.len() {
            let gap = GAP.find(&bytes[at..]);
            let end = gap.map_or(bytes.len(), |gap| at + gap + 1);
            // Moves the words forward in place, including the first space of the gap after them.
            bytes.copy_within(at..end, length);
            length += end - at;
            at = find_word_start(&bytes, end);
        }
        bytes.truncate(length);
        if bytes.last() == Some(&b' ') {
            bytes.pop();
        }
        String::from_utf8(bytes).expect("ASCII and whole characters were pushed")
    }
}

/// Returns where the next word starts, at `from` or later.
fn find_word_start(bytes: &[u8], from: usize) -> usize {
    let gap = bytes[from..].iter().take_while(|&&byte| byte == b' ');
    from + gap.count()
}

/// Returns a text in lower case with straight apostrophes, ready to be searched for fixed phrases.
pub fn fold_for_phrases(text: &str) -> String {
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

/// Returns what follows `phrase`, if `text` starts with it as whole words.
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
    fn first_words_are_those_of_the_whole_text() {
        let first = |text: &str, most| -> Vec<String> {
            let words = fold_words(text);
            iter_words(&words).take(most).map(str::to_owned).collect()
        };
        let long = "Ä ".repeat(400) + &"- ".repeat(4000) + "end of it";
        for text in ["", "a", "One two", &"Überlänge ".repeat(50), &long] {
            for most in [1, 3, 400, 402] {
                let folded = fold_first_words(text, most);
                let found: Vec<&str> = iter_words(&folded).take(most).collect();
                assert_eq!(found, first(text, most), "{most}");
            }
        }
    }

    #[test]
    fn a_title_key_keeps_letters_digits_plus_and_hash() {
        assert_eq!(
            make_title_key("**C++**: the “Good” parts!"),
            "c++ the good parts"
        );
        assert_eq!(make_title_key(" A  [b](c) & D#  "), "a b d#");
        assert_eq!(make_title_key("…"), "");
    }

    /// A reference implementation of [`fold_words`], one character at a time.
    fn sequence_by_character(text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            if c.is_alphanumeric() || c == '_' {
                out.extend(fold_char(c));
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
            prop_assert_eq!(fold_words(&text), sequence_by_character(&text));
        }
    }

    #[test]
    fn words_are_identified_by_their_hashes() {
        let words: Vec<&str> = iter_words("a bb ccc eightlet nineteen9 bb").collect();
        assert_eq!(words, ["a", "bb", "ccc", "eightlet", "nineteen9", "bb"]);
        assert_eq!(iter_words("").count(), 0);
        let hashes: std::collections::BTreeSet<u64> =
            words.iter().map(|word| hash_word(word)).collect();
        assert_eq!(hashes.len(), 5);
        assert_ne!(hash_word("a"), hash_word("a\0"));
    }

    #[test]
    fn keyed_hashes_are_those_of_one_number() {
        let keyed = KeyedHashBuilder::default();
        let numbers = [0, 1, 1 << 32, u64::MAX];
        let hashes: std::collections::BTreeSet<u64> = numbers
            .iter()
            .map(|number| keyed.hash_one(number))
            .collect();
        assert_eq!(hashes.len(), numbers.len());
        assert_eq!(
            keyed.hash_one(7_u64),
            KeyedHashBuilder::default().hash_one(7_u64)
        );
    }

    #[test]
    fn equal_sequences_have_equal_hashes_wherever_they_stand() {
        let of = |words: &[u64]| hash_sequences(words, 3);
        assert_eq!(of(&[1, 2, 3, 4, 1, 2, 3])[0], of(&[1, 2, 3, 4, 1, 2, 3])[4]);
        assert_eq!(of(&[7, 1, 2, 3])[1], of(&[1, 2, 3])[0]);
        assert_ne!(of(&[1, 2, 3]), of(&[2, 1, 3]));
        assert!(of(&[1, 2]).is_empty());
    }

    #[test]
    fn a_word_sequence_ignores_case_and_punctuation() {
        assert_eq!(
            fold_words("It’s _one_ `TWO`, drei!\n## ÄÖ"),
            "it s _one_ two drei äö"
        );
        assert_eq!(fold_words(""), "");
    }
}
