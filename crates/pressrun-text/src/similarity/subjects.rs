//! The words that a text uses most often, as numbers: what the text is about.

use std::cmp::Reverse;

use crate::characters::is_unspaced;
use crate::language::{self, StopWords};
use crate::plural::make_singular;
use crate::segments::split_segments;
use crate::words;

/// The number of words that are looked at. A text shows in its first part what it is about.
pub(super) const START: usize = 500;

/// The number of subjects that are kept for a text.
const KEPT: usize = 32;

/// The weight of a word in the title, in mentions of the text.
pub(super) const IN_TITLE: usize = 4;

/// The minimum number of letters of a subject, in scripts that separate words by spaces.
const SHORTEST: usize = 3;

/// The bits of a [`SubjectCount`] that hold the count.
const COUNT_BITS: u32 = 4;

/// A word and the number of its mentions, packed into one number.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct SubjectCount(u32);

impl SubjectCount {
    fn new(word: u32, count: u32) -> Self {
        let most = (1 << COUNT_BITS) - 1;
        // The word has the upper bits, so that subjects sort by word.
        Self(word << COUNT_BITS | count.min(most))
    }

    /// Returns the number of the word; see [`subject_number`].
    pub fn word(self) -> u32 {
        self.0 >> COUNT_BITS
    }

    /// Returns the number of mentions, at most 15.
    pub fn count(self) -> u32 {
        self.0 & ((1 << COUNT_BITS) - 1)
    }
}

/// Returns the number of a word in lower case. A singular and its plural have the same number.
pub fn subject_number(text: &str) -> u32 {
    number_of_hash(words::hash_word(&make_singular(text)))
}

fn number_of_hash(hash: u64) -> u32 {
    (hash >> (32 + COUNT_BITS)) as u32
}

/// Returns the numbers of the words of a name that can be subjects in a language, in order.
pub fn subject_numbers(name: &str, language: &str) -> Vec<u32> {
    let mut said = SubjectCounter::in_language(language);
    said.add_start(&words::fold_words(name), 1);
    said.words
}

/// Returns the number of each of the first `most` words of a text, in order.
pub fn number_words(text: &str, most: usize) -> Vec<u32> {
    let folded = words::fold_words(text);
    let mut numbers = Vec::new();
    for word in words::iter_words(&folded).take(most) {
        if word.is_ascii() {
            numbers.push(subject_number(word));
        } else {
            let pieces = split_segments(word)
                .into_iter()
                .filter(|piece| !piece.is_empty());
            numbers.extend(pieces.map(subject_number));
        }
    }
    numbers
}

/// Collects the words of a text that can be subjects.
#[derive(Debug)]
pub(super) struct SubjectCounter {
    stop_words: &'static StopWords,
    words: Vec<u32>,
}

impl SubjectCounter {
    pub(super) fn in_language(tag: &str) -> Self {
        Self {
            stop_words: language::stop_words(tag),
            words: Vec::new(),
        }
    }

    /// Adds the words at the start of `text`, each as often as `times` says.
    ///
    /// The text is in lower case, with single spaces between words.
    pub(super) fn add_start(&mut self, text: &str, times: usize) {
        for word in words::iter_words(text).take(START) {
            let hash = words::hash_word(word);
            for _ in 0..times {
                self.add(word, hash);
            }
        }
    }

    /// Adds a word in lower case, if it can be a subject. `hash` is its hash.
    pub(super) fn add(&mut self, word: &str, hash: u64) {
        if word.is_ascii() {
            if word.len() >= SHORTEST && !self.stop_words.has(hash) && can_be_subject(word) {
                // The hash of a singular can be used as it is, which saves hashing the word again.
                let is_plural = word.ends_with('s');
                self.words.push(if is_plural {
                    subject_number(word)
                } else {
                    number_of_hash(hash)
                });
            }
            return;
        }
        for piece in split_segments(word) {
            let letters = piece.chars().filter(|c| c.is_alphabetic()).count();
            let least = if piece.contains(is_unspaced) {
                2
            } else {
                SHORTEST
            };
            if letters >= least && !self.stop_words.has(words::hash_word(piece)) {
                self.words.push(subject_number(piece));
            }
        }
    }

    /// Returns the most frequent words, ordered by their numbers.
    pub(super) fn subjects(mut self) -> Box<[SubjectCount]> {
        self.words.sort_unstable();
        let runs = self.words.chunk_by(|a, b| a == b);
        let mut counted: Vec<SubjectCount> = runs
            .map(|run| SubjectCount::new(run[0], run.len() as u32))
            .collect();
        if counted.len() > KEPT {
            let most_said = |subject: &SubjectCount| (Reverse(subject.count()), subject.word());
            counted.select_nth_unstable_by_key(KEPT, most_said);
            counted.truncate(KEPT);
            counted.sort_unstable();
        }
        counted.into()
    }
}

/// Returns whether an ASCII word can be a subject: not a number, and not part of an address.
fn can_be_subject(word: &str) -> bool {
    word.as_bytes()[0].is_ascii_alphabetic()
        && !matches!(
            word,
            "http" | "https" | "www" | "com" | "org" | "net" | "html"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(title: &str, text: &str) -> Box<[SubjectCount]> {
        let mut said = SubjectCounter::in_language("en");
        said.add_start(&words::fold_words(title), IN_TITLE);
        said.add_start(&words::fold_words(text), 1);
        said.subjects()
    }

    #[track_caller]
    fn check(title: &str, text: &str, expected: &[(&str, u32)]) {
        let mut found: Vec<(u32, u32)> = of(title, text)
            .iter()
            .map(|subject| (subject.word(), subject.count()))
            .collect();
        let mut expected: Vec<(u32, u32)> = expected
            .iter()
            .map(|&(text, count)| (subject_number(text), count))
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
    fn words_without_spaces_are_separated() {
        check("", "静态网站, 静态", &[("静态", 2), ("网站", 1)]);
    }

    #[test]
    fn only_the_words_said_most_are_kept() {
        let rare: Vec<String> = ('a'..='z')
            .flat_map(|a| ('a'..='c').map(move |b| format!("xq{a}{b}")))
            .collect();
        let text = format!("{} hive hive", rare.join(" "));
        let found = of("", &text);
        assert_eq!(found.len(), KEPT);
        assert!(found.contains(&SubjectCount::new(subject_number("hive"), 2)));
        assert!(found.is_sorted());
    }
}
