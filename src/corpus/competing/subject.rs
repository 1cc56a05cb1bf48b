//! What the title and the description of a post say that it is about, as numbers for words.

use std::collections::HashMap;

use crate::cache::Body;
use crate::post::{self, Post};
use crate::text::language;
use crate::text::words::{hash, key_of_plain};

/// The most words of a phrase; it has at least two.
const MOST_WORDS: usize = 4;

/// Words of a title that count. No search engine shows more, and a title may be a book.
const MOST_TITLE_WORDS: usize = 32;

/// Stands for a word in all its forms.
pub(super) type Word = u32;

/// The words of a phrase in the order of their numbers, the rest [`Word::MAX`]; with its language.
pub(super) type Phrase = (Word, [Word; MOST_WORDS]);

/// Numbers for words, in the order in which they come up.
#[derive(Default)]
pub(super) struct Lexicon {
    words: HashMap<String, Word>,
}

impl Lexicon {
    fn number(&mut self, word: &str) -> Word {
        if let Some(&number) = self.words.get(word) {
            return number;
        }
        let next = self.words.len() as Word;
        self.words.insert(word.to_owned(), next);
        next
    }
}

/// What a post says that it is about.
pub(super) struct Subject {
    language: Word,
    /// The words of the title that count, with their places among all of its words.
    pub(super) title: Vec<(Word, usize)>,
    /// Whether it compares things: "... vs ...".
    compares: bool,
    /// Words of the title that have digits: versions of a thing, as a rule.
    pub(super) numbers: Vec<Word>,
    /// All words that count, of the title and of the description, in the order of their numbers.
    pub(super) says: Vec<Word>,
}

impl Subject {
    pub(super) fn of(post: &Post<Body>, tag: &str, lexicon: &mut Lexicon) -> Self {
        let title_key = key_of_plain(&post.title);
        // Of English there is a list made for titles.
        let stop_words = language::stop_words_but_english(tag);
        let says_something = |word: &str| {
            says_something(word) && !stop_words.is_some_and(|words| words.has(hash(word)))
        };
        let mut title: Vec<(Word, usize)> = Vec::new();
        let mut numbers = Vec::new();
        for (at, word) in title_key.split(' ').enumerate() {
            if title.len() == MOST_TITLE_WORDS {
                break;
            }
            // "10 Ways to ..." counts, "PHP 8" is a name.
            let counts = title.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
            if !counts && says_something(word) {
                let number = lexicon.number(&post::tag::singular(word));
                title.push((number, at));
                let has_digit = word.contains(|c: char| c.is_ascii_digit());
                numbers.extend(has_digit.then_some(number));
            }
        }
        let description = key_of_plain(&post.description);
        let described = description.split(' ').filter(|word| says_something(word));
        let mut says: Vec<Word> = described
            .map(|word| lexicon.number(&post::tag::singular(word)))
            .chain(title.iter().map(|&(word, _)| word))
            .collect();
        for words in [&mut says, &mut numbers] {
            words.sort_unstable();
            words.dedup();
        }
        Self {
            // No word has a space in it.
            language: lexicon.number(&format!(" {tag}")),
            title,
            compares: title_key
                .split(' ')
                .any(|word| matches!(word, "vs" | "versus")),
            numbers,
            says,
        }
    }

    /// Whether what the title shares with another is what it aims at.
    pub(super) fn aims_with(&self, other: &Self) -> bool {
        let is_shared = |word: Word| other.title.iter().any(|&(theirs, _)| theirs == word);
        let shared = self.title.iter().filter(|&&(word, _)| is_shared(word));
        let shared = shared.count();
        if self.compares {
            shared == self.title.len()
        } else {
            2 * shared >= self.title.len()
        }
    }

    /// Every phrase of the title, with the part of [`Subject::title`] that it is.
    pub(super) fn phrases(&self) -> impl Iterator<Item = (Phrase, std::ops::Range<usize>)> + '_ {
        (2..=MOST_WORDS).flat_map(move |length| {
            let starts = 0..(self.title.len() + 1).saturating_sub(length);
            starts.filter_map(move |start| {
                let range = start..start + length;
                let mut words = [Word::MAX; MOST_WORDS];
                for (slot, &(word, _)) in words.iter_mut().zip(&self.title[range.clone()]) {
                    *slot = word;
                }
                words.sort_unstable();
                let repeats = words[..length].windows(2).any(|pair| pair[0] == pair[1]);
                (!repeats).then_some(((self.language, words), range))
            })
        })
    }
}

/// How many words a phrase has.
pub(super) fn length(phrase: &Phrase) -> usize {
    phrase.1.iter().filter(|&&word| word != Word::MAX).count()
}

/// Whether a word in lower case tells one post from another: it is no stop word of English, no
/// word that titles are framed with, no year and no letter by itself, unless that is a language.
fn says_something(word: &str) -> bool {
    let is_year = word.len() == 4
        && word
            .parse()
            .is_ok_and(|year: u16| (1900..2100).contains(&year));
    let says_little = match word.as_bytes() {
        [] => true,
        [byte] => byte.is_ascii_alphabetic() && !matches!(byte, b'c' | b'r'),
        _ => is_year || STOP_WORDS.contains(&word) || FRAMES.contains(&word),
    };
    !says_little
}

/// Words of English that are in every text.
#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    "about", "after", "all", "also", "always", "an", "and", "any", "are", "as", "at", "be", "because", "become", "been", "before", "being", "between", "beyond", "but", "by", "can", "could", "do", "does",
    "don", "during", "each", "every", "for", "from", "get", "has", "have", "here", "how", "if", "in", "into", "is", "it", "its", "just", "ll", "make", "may", "more", "most", "much", "my", "need", "never", "no",
    "not", "of", "off", "on", "one", "only", "or", "other", "our", "out", "over", "own", "per", "re", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they",
    "this", "those", "through", "to", "too", "under", "until", "up", "us", "use", "using", "ve", "very", "via", "vs", "versus", "was", "we", "were", "what", "when", "where", "whether", "which", "while", "who",
    "why", "will", "with", "within", "without", "would", "you", "your",
];

/// Words that titles and descriptions are framed with, whatever they are about.
#[rustfmt::skip]
const FRAMES: &[&str] = &[
    "advanced", "answer", "answers", "approach", "article", "ask", "basics", "beginner", "beginners", "best", "better", "boost", "checklist", "choose", "choosing", "common", "compare", "compared", "complete", "comprehensive", "definitive",
    "deep", "discover", "dive", "easy", "effective", "essential", "essentials", "everything", "explained", "explore", "exploring", "facts", "find", "first", "future", "getting", "good", "great", "guide",
    "guides", "help", "ideas", "important", "improve", "introduction", "key", "know", "learn", "look", "master", "mastering", "matter", "matters", "mistakes", "modern", "must", "myths", "new", "overview",
    "pick", "picks", "playbook", "post", "practical", "practices", "proven", "questions", "quick", "read", "reasons", "right", "secrets", "simple", "start", "started", "step", "steps", "strategies", "things", "tips",
    "today", "top", "trends", "tricks", "truth", "tutorial", "ultimate", "understand", "understanding", "unlock", "unlocking", "way", "ways", "works",
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve",
];
