//! How long a text is for a reader.

use crate::text::characters::is_unspaced;

/// Words read in a minute.
const WORDS_A_MINUTE: u32 = 230;

/// Characters read in a minute in scripts that do without spaces.
const CHARACTERS_A_MINUTE: u32 = 400;

/// The length of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// What white space separates, in scripts with spaces.
    words: u32,
    /// Characters of scripts that do without spaces.
    characters: u32,
}

impl Count {
    /// Words and characters together.
    pub fn total(self) -> u32 {
        self.words + self.characters
    }

    /// Minutes that reading takes, at least 1.
    pub fn minutes(self) -> u32 {
        let seconds = (u64::from(self.words) * 60).div_ceil(u64::from(WORDS_A_MINUTE))
            + (u64::from(self.characters) * 60).div_ceil(u64::from(CHARACTERS_A_MINUTE));
        (seconds.div_ceil(60) as u32).max(1)
    }
}

/// Counts the words of a text; marks of Markdown that stand alone do not count.
pub fn count(text: &str) -> Count {
    let mut count = Count::default();
    let mut in_word = false;
    let mut rest = text;
    while !rest.is_empty() {
        let window = rest.as_bytes().first_chunk();
        if let Some(window) = window.filter(|window| window.is_ascii()) {
            count.words += words_ended(window, &mut in_word);
            rest = &rest[STEP..];
            continue;
        }
        let mut chars = rest.chars();
        for c in chars.by_ref().take(STEP) {
            if c.is_ascii_whitespace() {
                count.words += u32::from(in_word);
                in_word = false;
            } else if is_unspaced(c) {
                count.characters += 1;
            } else {
                in_word |= c.is_alphanumeric();
            }
        }
        rest = chars.as_str();
    }
    count.words += u32::from(in_word);
    count
}

/// How many bytes are looked at together.
const STEP: usize = 32;

/// How many words white space ends in a window of ASCII; `in_word` says whether a word reaches
/// into it, and then out of it.
///
/// This is an addition: of a number whose bytes are 255 but for white space, which is 0, and one
/// whose bytes are 1 where there is a letter or digit. A carry runs from each word to the white
/// space behind it, and makes it 1.
fn words_ended(window: &[u8; STEP], in_word: &mut bool) -> u32 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Written out, since no compiler makes vector instructions of `is_ascii_whitespace`.
    let space = |byte: u8| {
        let is = |space: u8| u8::from(byte == space);
        is(b' ') | is(b'\n') | is(b'\t') | is(b'\r') | is(b'\x0C')
    };
    let ink = window.map(|byte| space(byte).wrapping_sub(1));
    let letters = window.map(|byte| u8::from(byte.is_ascii_alphanumeric()));
    let mut ended = 0;
    for (ink, letters) in ink.as_chunks().0.iter().zip(letters.as_chunks().0) {
        let ink = u64::from_le_bytes(*ink);
        let (sum, carry) = ink.overflowing_add(u64::from_le_bytes(*letters));
        let (sum, late_carry) = sum.overflowing_add(u64::from(*in_word));
        *in_word = carry | late_carry;
        // The sum of the bytes, each of which is 0 or 1.
        ended += (sum & !ink).wrapping_mul(ONES) >> 56;
    }
    ended as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The words of what [`count`] takes for one script.
    fn words_by_character(text: &str) -> u32 {
        let words = text.split(|c: char| c.is_ascii_whitespace());
        let words =
            words.filter(|word| word.contains(|c: char| c.is_alphanumeric() && !is_unspaced(c)));
        words.count() as u32
    }

    proptest! {
        #[test]
        fn a_count_is_that_of_the_characters(text in r"([a-z*. \n\x0b]{0,8}|\PC{0,3}|[é—界]){0,12}") {
            let count = count(&text);
            prop_assert_eq!(count.words, words_by_character(&text));
            prop_assert_eq!(count.characters as usize, text.chars().filter(|&c| is_unspaced(c)).count());
        }
    }

    #[test]
    fn marks_alone_are_no_words() {
        assert_eq!(count("# One - two *three* |---|").total(), 3);
    }

    #[test]
    fn chinese_counts_characters() {
        assert_eq!(count("静态网站 generator").total(), 5);
    }

    #[test]
    fn reading_takes_at_least_a_minute() {
        assert_eq!(count("short").minutes(), 1);
        assert_eq!(count(&"word ".repeat(231)).minutes(), 2);
    }
}
