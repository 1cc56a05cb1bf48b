//! Counts words and estimates the reading time of a text, each part of it by its script.

use pressrun_text::characters::{is_letter, is_unspaced};
use pressrun_text::language::primary_subtag;
use pressrun_text::segments::split_segments;

/// Words read per minute in English, and in languages that were not measured.
const WORDS_A_MINUTE: u32 = 230;

/// Characters of Chinese and Japanese read per minute.
const CHARACTERS_A_MINUTE: u32 = 400;

/// Returns how many words of a language are read per minute. Languages with long words have fewer.
///
/// Trauzettel-Klosinski and Dietz, "Standardized Assessment of Reading Performance: The New
/// International Reading Speed Texts `IReST`" (2012), table 2.
fn words_a_minute(tag: &str) -> u32 {
    match &*primary_subtag(tag) {
        "ar" => 138,
        "fi" => 161,
        "pl" | "tr" => 166,
        "de" => 179,
        "sl" => 180,
        "pt" => 181,
        "ru" => 184,
        "he" => 187,
        "it" => 188,
        "fr" => 195,
        "sv" => 199,
        "nl" => 202,
        "es" => 218,
        _ => WORDS_A_MINUTE,
    }
}

/// The length of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WordCount {
    /// Words separated by white space, and words of Thai, Lao, Khmer and Burmese.
    words: u32,
    /// Characters of Chinese and Japanese.
    characters: u32,
}

impl WordCount {
    /// Returns the sum of words and characters.
    pub fn total(self) -> u32 {
        self.words + self.characters
    }

    /// Returns the reading time in minutes, at least 1, of a text in this language.
    pub fn minutes(self, language: &str) -> u32 {
        let seconds = (u64::from(self.words) * 60).div_ceil(u64::from(words_a_minute(language)))
            + (u64::from(self.characters) * 60).div_ceil(u64::from(CHARACTERS_A_MINUTE));
        (seconds.div_ceil(60) as u32).max(1)
    }
}

/// Counts the words of a text. Something without a letter or digit, such as a Markdown bullet, is
/// not a word.
pub fn measure_text(text: &str) -> WordCount {
    let mut count = WordCount::default();
    let mut in_word = false;
    let mut has_joined_words = false;
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
            } else if is_joined(c) {
                has_joined_words = true;
            } else if is_unspaced(c) {
                count.characters += 1;
            } else {
                in_word |= c.is_alphanumeric();
            }
        }
        rest = chars.as_str();
    }
    count.words += u32::from(in_word);
    if has_joined_words {
        count.words += count_joined_words(text);
    }
    count
}

/// Returns whether a character belongs to a script of syllables or letters without spaces between
/// words: Thai, Lao, Khmer, Burmese. A character of them is much less than one of Chinese.
fn is_joined(c: char) -> bool {
    c < '\u{3000}' && is_unspaced(c)
}

/// Counts the words that stand in runs of such characters.
fn count_joined_words(text: &str) -> u32 {
    let runs = text.split(|c| !is_joined(c)).filter(|run| !run.is_empty());
    let words = runs.flat_map(split_segments);
    words.filter(|word| word.contains(is_letter)).count() as u32
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
            prop_assert_eq!(count.words, words_by_character(&text) + count_joined_words(&text));
            let is_counted = |c: &char| is_unspaced(*c) && !is_joined(*c);
            prop_assert_eq!(count.characters as usize, text.chars().filter(is_counted).count());
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
    fn thai_counts_words_and_mixed_text_its_parts() {
        assert_eq!(measure_text("ภาษาไทย").total(), 2);
        assert_eq!(
            measure_text("ภาษาไทย 静态 static ไทยX").total(),
            2 + 2 + 1 + 2
        );
        assert_eq!(measure_text(&"ภาษาไทย ".repeat(115)).minutes("th"), 1);
    }

    #[test]
    fn reading_takes_at_least_a_minute() {
        assert_eq!(measure_text("short").minutes("en"), 1);
        assert_eq!(measure_text(&"word ".repeat(231)).minutes("en"), 2);
    }

    #[test]
    fn each_language_has_its_speed() {
        let text = measure_text(&"слово ".repeat(200));
        assert_eq!(text.minutes("en-GB"), 1);
        assert_eq!(text.minutes("ru"), 2);
        assert_eq!(text.minutes("uk"), 1);
        let text = measure_text(&"字".repeat(401));
        assert_eq!(text.minutes("zh"), 2);
    }
}
