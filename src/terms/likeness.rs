//! Recognises names of tags or categories that are the same name in two spellings.
//!
//! [`make_name_keys`] covers plurals, hyphens and British spellings, without doubt. [`TypoIndex`] finds words
//! that differ by one slip; it looks them up by what is left when one letter is removed, so it need
//! not compare all pairs.
//!
//! Names with different numbers are different (`2024` and `2025`, `PHP 8` and `PHP 8.1`). So are
//! `C`, `C++` and `C#`, and short words that differ in one letter (`cat` and `car`).
//!
//! Not here: which of two spellings is kept (`families`).

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use pressrun_posts::post::slug::{SlugAlphabet, SlugSpelling, slugify_uncut, split_into_words};
use pressrun_posts::post::tag;
use pressrun_text::plural::make_singular;

/// Splits a name into its words, after removing the plural of initials (`REST APIs`).
pub(super) fn words_of_name(name: &str) -> Vec<String> {
    let words = name.split_whitespace();
    let singular: Vec<&str> = words.map(tag::strip_plural_of_initials).collect();
    split_into_words(&singular.join(" "))
}

/// Returns the two keys of a name, or `None` if it has no letters and digits. Two names are the
/// same if they share a key.
///
/// The first key joins the words and takes the singular of the result, so `newsletter` and
/// `news-letter` agree. The second takes the singular and the American spelling of each word, and
/// then joins them. Both keys end with the numbers of the name.
pub(super) fn make_name_keys(words: &[String]) -> Option<[String; 2]> {
    let joined = words.concat();
    if joined.is_empty() {
        return None;
    }
    let mut keys = if NAMES_LIKE_PLURALS.contains(&&*joined) {
        [joined.clone(), joined]
    } else {
        let stems: String = words.iter().map(|word| stem_word(word)).collect();
        [stem_word(&joined), make_word_singular(&stems).into_owned()]
    };
    // Without this, `8-1` would equal `81`, and the `1980s` would equal the year 1980.
    for number in words.iter().flat_map(|word| find_numbers(word)) {
        for key in &mut keys {
            key.push(' ');
            key.push_str(number);
        }
    }
    Some(keys)
}

/// Names that are, or look like, the plural of another name but mean something else.
const NAMES_LIKE_PLURALS: [&str; 5] = ["canvas", "goods", "pandas", "rails", "sales"];

/// Returns the singular of a word, including words in `-is` and `-us` (`emojis`, `menus`). For
/// `analysis` the result is not a word, so it equals the key of no other name.
pub(super) fn make_word_singular(word: &str) -> Cow<'_, str> {
    let singular = make_singular(word);
    let ending = word.ends_with("is") || word.ends_with("us");
    // `tag::singular` leaves these endings alone, because `virus` and `basis` are not plurals.
    if ending && singular == word && word.len() >= 4 {
        return Cow::Borrowed(&word[..word.len() - 1]);
    }
    singular
}

/// Returns a word in the singular and in American spelling.
fn stem_word(word: &str) -> String {
    /// British endings and the American ones.
    const ENDINGS: [(&str, &str); 8] = [
        ("isation", "ization"),
        ("ising", "izing"),
        ("ised", "ized"),
        ("iser", "izer"),
        ("ise", "ize"),
        ("yse", "yze"),
        ("our", "or"),
        ("tre", "ter"),
    ];
    /// Least length of a word in bytes. In shorter words the ending belongs to the word: `our`,
    /// `rise`, `tour`.
    const MIN_BYTES: usize = 5;
    let word = make_word_singular(word);
    let british = ENDINGS.iter().find(|(end, _)| word.ends_with(end));
    match british {
        Some((british, american)) if word.len() >= MIN_BYTES => {
            format!("{}{american}", &word[..word.len() - british.len()])
        }
        _ => word.into_owned(),
    }
}

/// Returns the runs of digits in a word, each with the `s` that makes it a decade.
fn find_numbers(word: &str) -> impl Iterator<Item = &str> {
    let is_digit = |c: char| c.is_numeric();
    let mut rest = word;
    std::iter::from_fn(move || {
        let start = rest.find(is_digit)?;
        let digits = &rest[start..];
        let mut end = digits.find(|c| !is_digit(c)).unwrap_or(digits.len());
        if &digits[end..] == "s" {
            end += 1;
        }
        rest = &digits[end..];
        Some(&digits[..end])
    })
}

/// How certain it is that one word is a slip of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlipCertainty {
    /// Two letters are swapped, or one is missing or doubled.
    Likely,
    /// One letter is replaced, which often makes another valid word.
    Doubtful,
    /// Letters have no marks, as on a keyboard without them: `kuche` and `kueche` for `küche`.
    WithoutMarks,
}

/// The fewest letters of a word that is probably the same word as one with marks. Many shorter ones
/// are words of their own: `bar` and `bär`.
const FEWEST_UNMARKED: usize = 5;

/// Words whose letters have marks, found by their spellings without marks.
pub(super) struct MarkedWords<'w>(HashMap<String, Vec<&'w str>>);

impl<'w> MarkedWords<'w> {
    pub(super) fn from_words(words: impl Iterator<Item = &'w str>) -> Self {
        let german = SlugSpelling::new(SlugAlphabet::Unicode, "de");
        let mut marked: HashMap<String, Vec<&str>> = HashMap::new();
        for word in words.filter(|word| !word.is_ascii()) {
            let mut spellings = vec![slugify_uncut(word), german.slugify(word)];
            spellings.dedup();
            for spelling in spellings.into_iter().filter(|spelling| spelling != word) {
                marked.entry(spelling).or_default().push(word);
            }
        }
        Self(marked)
    }

    /// Returns the words that `word` is a spelling without marks of.
    pub(super) fn likely_meant(&self, word: &str) -> Vec<(&'w str, SlipCertainty)> {
        let certainty = if word.chars().count() < FEWEST_UNMARKED {
            SlipCertainty::Doubtful
        } else {
            SlipCertainty::WithoutMarks
        };
        let marked = self.0.get(word).into_iter().flatten();
        marked.map(|&word| (word, certainty)).collect()
    }
}

/// Returns how likely `word` is `other` with one slip of the fingers, or `None` if it is not.
///
/// The first and the last letter must be the same: slips there are rare, and a different ending
/// usually makes another form of the word (`designed`, `designer`).
pub(super) fn compare_for_slip(word: &str, other: &str) -> Option<SlipCertainty> {
    let ends = |word: &str| (word.chars().next(), word.chars().next_back());
    if ends(word) != ends(other) || strsim::osa_distance(word, other) != 1 {
        return None;
    }
    let (letters, others) = (word.chars().count(), other.chars().count());
    // A distance of 1 with two different places can only be a swap.
    let swapped = || {
        let pairs = word.chars().zip(other.chars());
        pairs.filter(|(a, b)| a != b).count() == 2
    };
    match letters.min(others) {
        6.. if letters == others && swapped() => Some(SlipCertainty::Likely),
        7.. if letters != others => Some(SlipCertainty::Likely),
        9.. => Some(SlipCertainty::Doubtful),
        _ => None,
    }
}

/// Words that others may be slips of, indexed for lookup.
pub(super) struct TypoIndex<'w> {
    words: Vec<&'w str>,
    /// Hash of each word, whole and with each single letter left out, and the word's index; sorted.
    parts: Vec<(u64, u32)>,
}

impl<'w> TypoIndex<'w> {
    /// Indexes the words that can have slips: six or more lower-case letters, which leaves out
    /// scripts without case, where a single letter does not stand for a sound.
    pub(super) fn from_words(words: impl Iterator<Item = &'w str>) -> Self {
        let words: Vec<&str> = words.filter(|word| can_have_slips(word)).collect();
        let mut parts = Vec::with_capacity(words.len() * 10);
        for (at, word) in (0..).zip(&words) {
            parts.extend(hash_deletions(word).map(|hash| (hash, at)));
        }
        parts.sort_unstable();
        Self { words, parts }
    }

    /// Returns the words that `word` may be a slip of.
    pub(super) fn likely_meant(&self, word: &str) -> Vec<(&'w str, SlipCertainty)> {
        if !can_have_slips(word) {
            return Vec::new();
        }
        // Two words that are one slip apart become equal when the right letter of each is left out.
        let mut places: Vec<u32> = Vec::new();
        for hash in hash_deletions(word) {
            let from = self.parts.partition_point(|&(other, _)| other < hash);
            let same = self.parts[from..]
                .iter()
                .take_while(|(other, _)| *other == hash);
            places.extend(same.map(|&(_, at)| at));
        }
        places.sort_unstable();
        places.dedup();
        let words = places.into_iter().map(|at| self.words[at as usize]);
        words
            .filter_map(|other| Some((other, compare_for_slip(word, other)?)))
            .collect()
    }
}

fn can_have_slips(word: &str) -> bool {
    word.chars().all(char::is_lowercase) && word.chars().nth(5).is_some()
}

/// Hashes a word, whole and with each of its letters left out in turn.
fn hash_deletions(word: &str) -> impl Iterator<Item = u64> + '_ {
    let hash = |parts: [&str; 2]| {
        // `DefaultHasher` has constant keys, so equal words have equal hashes.
        let mut hasher = DefaultHasher::new();
        for byte in parts.into_iter().flat_map(str::bytes) {
            byte.hash(&mut hasher);
        }
        hasher.finish()
    };
    let without = word
        .char_indices()
        .map(move |(at, c)| hash([&word[..at], &word[at + c.len_utf8()..]]));
    std::iter::once(hash([word, ""])).chain(without)
}

/// Counts how many names contain each word.
pub(super) fn count_word_uses<'w>(
    names: impl Iterator<Item = &'w [String]>,
) -> HashMap<&'w str, u32> {
    let mut uses = HashMap::new();
    for words in names {
        for (at, word) in words.iter().enumerate() {
            // A name counts once, even if it repeats the word.
            if !words[..at].contains(word) {
                *uses.entry(&**word).or_default() += 1;
            }
        }
    }
    uses
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn are_one(a: &str, b: &str) -> bool {
        let [a, b] = [a, b].map(|name| make_name_keys(&words_of_name(name)).unwrap());
        a.iter().any(|key| b.contains(key))
    }

    #[track_caller]
    fn same(a: &str, b: &str) {
        assert!(are_one(a, b), "{a} and {b}");
    }

    #[track_caller]
    fn differ(a: &str, b: &str) {
        assert!(!are_one(a, b), "{a} and {b}");
    }

    #[test]
    fn plurals_hyphens_and_british_spellings_are_one_name() {
        same("hosting", "hostings");
        same("e-mail", "Email");
        same("JavaScript", "Javascripts");
        same("Smart Homes Device", "smart home devices");
        same("Node.js", "NodeJS");
        same("Sales Force", "Salesforce");
        same("GPT-4", "GPT4");
        same("REST APIs", "Rest API");
        same("Drop-down menus", "dropdown menu");
        same("apis", "API");
        same("Search Engine Optimisation", "search-engine optimization");
        same("Data Centres", "data center");
        same("Colour Grading", "color grading");
    }

    #[test]
    fn names_that_only_look_alike_stay_two() {
        for (a, b) in [
            ("C", "C++"),
            ("C++", "C#"),
            ("cat", "car"),
            ("2024", "2025"),
            ("PHP 8", "PHP 8.1"),
            ("PHP 8.1", "PHP 81"),
            ("1980", "1980s"),
            ("Canva", "Canvas"),
            ("HTTP", "HTTPS"),
            ("analysis", "analyses"),
            ("bus", "bu"),
            ("WordPress", "wordpres"),
            ("tour", "tor"),
            ("rise", "rize"),
        ] {
            differ(a, b);
        }
    }

    fn check(word: &str, other: &str, expected: Option<SlipCertainty>) {
        assert_eq!(
            compare_for_slip(word, other),
            expected,
            "{word} and {other}"
        );
        assert_eq!(
            compare_for_slip(other, word),
            expected,
            "{other} and {word}"
        );
        let typos = TypoIndex::from_words(std::iter::once(other));
        let found = typos.likely_meant(word);
        assert_eq!(found.first().map(|&(_, slip)| slip), expected, "{word}");
    }

    #[test]
    fn one_slip_in_a_long_word_is_a_typo() {
        check("kuberentes", "kubernetes", Some(SlipCertainty::Likely));
        check("wordpres", "wordpress", Some(SlipCertainty::Likely));
        check("pyhton", "python", Some(SlipCertainty::Likely));
        check("marketting", "marketing", Some(SlipCertainty::Likely));
        check("javascrupt", "javascript", Some(SlipCertainty::Doubtful));
        check("безопастность", "безопасность", Some(SlipCertainty::Likely));
    }

    #[test]
    fn another_word_is_not_a_typo() {
        for (a, b) in [
            ("linux", "linus"),
            ("hosting", "posting"),
            ("designed", "designer"),
            ("content", "context"),
            ("county", "country"),
            ("manage", "manager"),
            ("web2000", "web2001"),
            ("機器學習入門書", "機器學習入門"),
        ] {
            check(a, b, None);
        }
    }

    proptest! {
        #[test]
        fn every_slip_is_found_without_comparing_all(a in "[a-c]{5,9}", b in "[a-c]{5,9}") {
            let typos = TypoIndex::from_words(std::iter::once(&*b));
            let found = typos.likely_meant(&a);
            let expected: Vec<_> = compare_for_slip(&a, &b).map(|slip| (&*b, slip)).into_iter().collect();
            prop_assert_eq!(found, expected);
        }
    }
}
