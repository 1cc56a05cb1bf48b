//! What a post is about by its title and description, with words as numbers.

use std::collections::HashMap;

use pressrun_posts::post::Post;
use pressrun_text::language;
use pressrun_text::plural::make_singular;
use pressrun_text::words::{hash_word, make_plain_title_key};

use crate::cache::StoredBody;

/// The maximum number of words in a phrase; the minimum is two.
const MOST_WORDS: usize = 4;

/// The maximum number of title words that are looked at. Search engines show no more, and a title
/// may be as long as a book.
const MOST_TITLE_WORDS: usize = 32;

/// The number of a word; singular and plural have the same number.
pub(super) type WordId = u32;

/// A language and the words of a phrase in ascending order, padded with [`WordId::MAX`].
pub(super) type PhraseKey = (WordId, [WordId; MOST_WORDS]);

/// Assigns numbers to words, in the order in which they are first seen.
#[derive(Default)]
pub(super) struct WordIds {
    words: HashMap<String, WordId>,
}

impl WordIds {
    fn number(&mut self, word: &str) -> WordId {
        if let Some(&number) = self.words.get(word) {
            return number;
        }
        let next = self.words.len() as WordId;
        self.words.insert(word.to_owned(), next);
        next
    }
}

/// What a post is about by its title and description.
pub(super) struct TitleSubject {
    language: WordId,
    /// The significant words of the title, each with its index among all words of the title.
    pub(super) title: Vec<(WordId, usize)>,
    /// Whether the title compares things: "... vs ...".
    compares: bool,
    /// Words of the title that contain digits, usually the version of a product.
    pub(super) numbers: Vec<WordId>,
    /// All significant words of title and description, in ascending order.
    pub(super) says: Vec<WordId>,
}

impl TitleSubject {
    pub(super) fn from_post(post: &Post<StoredBody>, tag: &str, lexicon: &mut WordIds) -> Self {
        Self::from_texts(&post.title, &post.description, tag, lexicon)
    }

    pub(super) fn from_texts(
        title: &str,
        description: &str,
        tag: &str,
        lexicon: &mut WordIds,
    ) -> Self {
        let title_key = make_plain_title_key(title);
        // English has a stop list made for titles, [`STOP_WORDS`].
        let stop_words = language::stop_words_but_english(tag);
        let says_something = |word: &str| {
            is_significant(word) && !stop_words.is_some_and(|words| words.has(hash_word(word)))
        };
        let mut title: Vec<(WordId, usize)> = Vec::new();
        let mut numbers = Vec::new();
        for (at, word) in title_key.split(' ').enumerate() {
            if title.len() == MOST_TITLE_WORDS {
                break;
            }
            // A number at the start is a count ("10 Ways to ..."), elsewhere part of a name ("PHP
            // 8").
            let counts = title.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
            if !counts && says_something(word) {
                let number = lexicon.number(&make_singular(word));
                title.push((number, at));
                let has_digit = word.contains(|c: char| c.is_ascii_digit());
                numbers.extend(has_digit.then_some(number));
            }
        }
        let description = make_plain_title_key(description);
        let described = description.split(' ').filter(|word| says_something(word));
        let mut says: Vec<WordId> = described
            .map(|word| lexicon.number(&make_singular(word)))
            .chain(title.iter().map(|&(word, _)| word))
            .collect();
        for words in [&mut says, &mut numbers] {
            words.sort_unstable();
            words.dedup();
        }
        Self {
            // Words contain no spaces, so the key of a language never collides with one.
            language: lexicon.number(&format!(" {tag}")),
            title,
            compares: title_key
                .split(' ')
                .any(|word| matches!(word, "vs" | "versus")),
            numbers,
            says,
        }
    }

    /// Returns whether the words shared with `other` are what this title is about.
    pub(super) fn aims_with(&self, other: &Self) -> bool {
        let is_shared = |word: WordId| other.title.iter().any(|&(theirs, _)| theirs == word);
        let shared = self.title.iter().filter(|&&(word, _)| is_shared(word));
        let shared = shared.count();
        if self.compares {
            shared == self.title.len()
        } else {
            2 * shared >= self.title.len()
        }
    }

    /// Iterates over the phrases of the title, each with its range in [`TitleSubject::title`].
    pub(super) fn phrases(&self) -> impl Iterator<Item = (PhraseKey, std::ops::Range<usize>)> + '_ {
        (2..=MOST_WORDS).flat_map(move |length| {
            let starts = 0..(self.title.len() + 1).saturating_sub(length);
            starts.filter_map(move |start| {
                let range = start..start + length;
                let mut words = [WordId::MAX; MOST_WORDS];
                for (slot, &(word, _)) in words.iter_mut().zip(&self.title[range.clone()]) {
                    *slot = word;
                }
                words.sort_unstable();
                // "Word by word" would give a phrase of one word.
                let repeats = words[..length].windows(2).any(|pair| pair[0] == pair[1]);
                (!repeats).then_some(((self.language, words), range))
            })
        })
    }
}

/// Returns the number of words in a phrase.
pub(super) fn phrase_length(phrase: &PhraseKey) -> usize {
    phrase.1.iter().filter(|&&word| word != WordId::MAX).count()
}

/// Returns whether a word in lower case distinguishes one post from another.
///
/// English stop words, words that frame titles, years and single letters do not, except for `c` and
/// `r`, which are programming languages.
fn is_significant(word: &str) -> bool {
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

/// English words that occur in every text.
#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    "about", "after", "all", "also", "always", "an", "and", "any", "are", "as", "at", "be", "because", "become", "been", "before", "being", "between", "beyond", "but", "by", "can", "could", "do", "does",
    "don", "during", "each", "every", "for", "from", "get", "has", "have", "here", "how", "if", "in", "into", "is", "it", "its", "just", "ll", "make", "may", "more", "most", "much", "my", "need", "never", "no",
    "not", "of", "off", "on", "one", "only", "or", "other", "our", "out", "over", "own", "per", "re", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they",
    "this", "those", "through", "to", "too", "under", "until", "up", "us", "use", "using", "ve", "very", "via", "vs", "versus", "was", "we", "were", "what", "when", "where", "whether", "which", "while", "who",
    "why", "will", "with", "within", "without", "would", "you", "your",
];

/// Words that frame titles and descriptions, whatever the subject.
#[rustfmt::skip]
const FRAMES: &[&str] = &[
    "advanced", "answer", "answers", "approach", "article", "ask", "basics", "beginner", "beginners", "best", "better", "boost", "checklist", "choose", "choosing", "common", "compare", "compared", "complete", "comprehensive", "definitive",
    "deep", "discover", "dive", "easy", "effective", "essential", "essentials", "everything", "explained", "explore", "exploring", "facts", "find", "first", "future", "getting", "good", "great", "guide",
    "guides", "help", "ideas", "important", "improve", "introduction", "key", "know", "learn", "look", "master", "mastering", "matter", "matters", "mistakes", "modern", "must", "myths", "new", "overview",
    "pick", "picks", "playbook", "post", "practical", "practices", "proven", "questions", "quick", "read", "reasons", "right", "secrets", "simple", "start", "started", "step", "steps", "strategies", "things", "tips",
    "today", "top", "trends", "tricks", "truth", "tutorial", "ultimate", "understand", "understanding", "unlock", "unlocking", "way", "ways", "works",
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve",
];
