//! The words that a text is about: those it says most often, as numbers.

use crate::post::tag::singular;
use crate::text::characters::is_unspaced;
use crate::text::language::{self, StopWords};
use crate::text::segments::segments;
use crate::text::words;

/// How many words are kept of a text.
const KEPT: usize = 32;

/// What one mention in the title counts for, in mentions of the text.
const IN_TITLE: u32 = 4;

/// Bits of a [`Subject`] that say how often the word was said.
const COUNT_BITS: u32 = 4;

/// A word and how often a text says it, in one number.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Subject(u32);

impl Subject {
    fn new(word: u32, count: u32) -> Self {
        let most = (1 << COUNT_BITS) - 1;
        Self(word << COUNT_BITS | count.min(most))
    }

    /// Stands for the word: [`word`].
    pub fn word(self) -> u32 {
        self.0 >> COUNT_BITS
    }

    /// How often it is said, up to 15.
    pub fn count(self) -> u32 {
        self.0 & ((1 << COUNT_BITS) - 1)
    }
}

/// The number that stands for a word in lower case; singular and plural have one.
pub fn word(text: &str) -> u32 {
    (words::hash(&singular(text)) >> (32 + COUNT_BITS)) as u32
}

/// The numbers of the words of a name that may be subjects in a language, in their order.
pub fn words_of(name: &str, language: &str) -> Vec<u32> {
    let stop_words = language::stop_words(language);
    let mut found = Vec::new();
    each_word(&words::sequence(name), stop_words, |word| found.push(word));
    found
}

/// The subjects of a text in a language, by word. `title` and `text` are words in lower case with
/// one space between them.
pub fn of(title: &str, text: &str, language: &str) -> Box<[Subject]> {
    let stop_words = language::stop_words(language);
    let mut said = Vec::with_capacity(text.len() / 8);
    each_word(text, stop_words, |word| said.push(word));
    each_word(title, stop_words, |word| {
        said.extend(std::iter::repeat_n(word, IN_TITLE as usize));
    });
    said.sort_unstable();
    let mut counted: Vec<Subject> = said
        .chunk_by(|a, b| a == b)
        .map(|run| Subject::new(run[0], run.len() as u32))
        .collect();
    if counted.len() > KEPT {
        let most_said = |subject: &Subject| (std::cmp::Reverse(subject.count()), subject.word());
        counted.select_nth_unstable_by_key(KEPT, most_said);
        counted.truncate(KEPT);
        counted.sort_unstable();
    }
    counted.into()
}

/// Calls `take` with the number of each word that may be a subject.
fn each_word(text: &str, stop_words: &StopWords, mut take: impl FnMut(u32)) {
    for word in text.split(' ') {
        if word.is_ascii() {
            if says_something(word) && !stop_words.has(words::hash(word)) {
                take(self::word(word));
            }
            continue;
        }
        for piece in segments(word) {
            let letters = piece.chars().filter(|c| c.is_alphabetic()).count();
            let least = if piece.contains(is_unspaced) { 2 } else { 3 };
            if letters >= least && !stop_words.has(words::hash(piece)) {
                take(self::word(piece));
            }
        }
    }
}

/// Whether an ASCII word may be a subject: it is longer than most words without a meaning, no
/// number, and no part of an address.
fn says_something(word: &str) -> bool {
    word.len() >= 3
        && word.as_bytes()[0].is_ascii_alphabetic()
        && !matches!(
            word,
            "http" | "https" | "www" | "com" | "org" | "net" | "html"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(title: &str, text: &str, expected: &[(&str, u32)]) {
        let text = words::sequence(text);
        let mut found: Vec<(u32, u32)> = of(&words::sequence(title), &text, "en")
            .iter()
            .map(|subject| (subject.word(), subject.count()))
            .collect();
        let mut expected: Vec<(u32, u32)> = expected
            .iter()
            .map(|&(text, count)| (word(text), count))
            .collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn words_count_in_singular_and_without_stop_words() {
        check(
            "",
            "The bee and the bees: a hive of BEES is at https://honey.com 2024",
            &[("bee", 3), ("hive", 1), ("honey", 1)],
        );
    }

    #[test]
    fn the_title_counts_more() {
        check("Hives", "A bee, a hive", &[("bee", 1), ("hive", 5)]);
    }

    #[test]
    fn words_without_spaces_are_told_apart() {
        check("", "静态网站, 静态", &[("静态", 2), ("网站", 1)]);
    }

    #[test]
    fn only_the_words_said_most_are_kept() {
        let rare: Vec<String> = ('a'..='z')
            .flat_map(|a| ('a'..='c').map(move |b| format!("xq{a}{b}")))
            .collect();
        let text = format!("{} hive hive", rare.join(" "));
        let found = of("", &text, "en");
        assert_eq!(found.len(), KEPT);
        assert!(found.contains(&Subject::new(word("hive"), 2)));
        assert!(found.is_sorted());
    }
}
