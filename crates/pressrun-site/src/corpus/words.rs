//! Counts words and estimates the reading time of a text.

use pressrun_text::characters::is_unspaced;

/// Words read per minute.
const WORDS_A_MINUTE: u32 = 230;

/// Characters read per minute, in scripts without spaces between words.
const CHARACTERS_A_MINUTE: u32 = 400;

/// The length of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WordCount {
    /// Words separated by white space.
    words: u32,
    /// Characters of scripts without spaces between words.
    characters: u32,
}

impl WordCount {
    /// Returns the sum of words and characters.
    pub fn total(self) -> u32 {
        self.words + self.characters
    }

    /// Returns the reading time in minutes, at least 1.
    pub fn minutes(self) -> u32 {
        let seconds = (u64::from(self.words) * 60).div_ceil(u64::from(WORDS_A_MINUTE))
            + (u64::from(self.characters) * 60).div_ceil(u64::from(CHARACTERS_A_MINUTE));
        (seconds.div_ceil(60) as u32).max(1)
    }
}

/// Counts the words of a text. Something without a letter or digit, such as a Markdown bullet, is
/// not a word.
pub fn measure_text(text: &str) -> WordCount {
    let mut count = WordCount::default();
    let mut in_word = false;
    let mut rest = text;
    while !rest.is_empty() {
        let window = rest.as_bytes().first_chunk();
        if let Some(window) = window.filter(|window| window.is_ascii()) {
            count.words += count_words_ended(window, &mut in_word);
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

/// The number of bytes or characters that are handled at a time.
const STEP: usize = 32;

/// Counts the words that end in a window of ASCII text, which is where white space follows a word.
///
/// `in_word` says whether a word continues from the previous window, and is updated for the next.
///
/// One addition does the work for eight bytes. In the first number a byte is 0 for white space and
/// 255 otherwise; in the second it is 1 for a letter or digit. Adding them starts a carry at each
/// letter, which runs through all bytes of 255 and ends in the next white space. That byte becomes
/// 1.
fn count_words_ended(window: &[u8; STEP], in_word: &mut bool) -> u32 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Written out, because compilers do not vectorise `is_ascii_whitespace`.
    let space = |byte: u8| {
        let is = |space: u8| u8::from(byte == space);
        is(b' ') | is(b'\n') | is(b'\t') | is(b'\r') | is(b'\x0C')
    };
    let ink = window.map(|byte| space(byte).wrapping_sub(1));
    let letters = window.map(|byte| u8::from(byte.is_ascii_alphanumeric()));
    let mut ended = 0;
    for (ink, letters) in ink.as_chunks().0.iter().zip(letters.as_chunks().0) {
        // Little-endian, so that the carry runs in reading direction.
        let ink = u64::from_le_bytes(*ink);
        let (sum, carry) = ink.overflowing_add(u64::from_le_bytes(*letters));
        let (sum, late_carry) = sum.overflowing_add(u64::from(*in_word));
        *in_word = carry | late_carry;
        // Each masked byte is 0 or 1. The multiplication adds them up in the top byte.
        ended += (sum & !ink).wrapping_mul(ONES) >> 56;
    }
    ended as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A reference implementation of the words that [`measure_text`] finds for one script.
    fn words_by_character(text: &str) -> u32 {
        let words = text.split(|c: char| c.is_ascii_whitespace());
        let words =
            words.filter(|word| word.contains(|c: char| c.is_alphanumeric() && !is_unspaced(c)));
        words.count() as u32
    }

    proptest! {
        #[test]
        fn a_count_is_that_of_the_characters(text in r"([a-z*. \n\x0b]{0,8}|\PC{0,3}|[é—界]){0,12}") {
            let count = measure_text(&text);
            prop_assert_eq!(count.words, words_by_character(&text));
            prop_assert_eq!(count.characters as usize, text.chars().filter(|&c| is_unspaced(c)).count());
        }
    }

    #[test]
    fn marks_alone_are_not_words() {
        assert_eq!(measure_text("# One - two *three* |---|").total(), 3);
    }

    #[test]
    fn chinese_counts_characters() {
        assert_eq!(measure_text("静态网站 generator").total(), 5);
    }

    #[test]
    fn reading_takes_at_least_a_minute() {
        assert_eq!(measure_text("short").minutes(), 1);
        assert_eq!(measure_text(&"word ".repeat(231)).minutes(), 2);
    }
}
