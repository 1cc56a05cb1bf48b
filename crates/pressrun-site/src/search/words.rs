//! Finds the words by which a token of a text is found: a token is what stands between white space.
//!
//! The rules are those of Pagefind 1.6, because its script applies them to what a reader types: a
//! word without punctuation, case and accents, its stem, and the parts of words such as `snake_case`,
//! `camelCase` and `example.com`.

use std::collections::HashSet;

use pagefind_stem::Stemmer;
use pressrun_text::characters::is_unspaced;
use pressrun_text::segments::split_clusters;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::script;

/// Punctuation that is part of a word: Unicode's category "connector".
pub(super) const CONNECTORS: [char; 10] = ['_', '‿', '⁀', '⁔', '︳', '︴', '﹍', '﹎', '﹏', '＿'];

/// The longest part after a full stop that is a word of its own, in characters.
const MAX_TAIL: usize = 64;

/// The longest end of a word in katakana that is a word of its own, in characters.
const MAX_KATAKANA: usize = 16;

/// A word of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IndexedWord {
    /// The word as it is looked up: a stem without accents.
    pub word: String,
    /// The word with its accents, if it has any.
    pub accented: Option<String>,
    /// Whether the word is a part of its token.
    pub is_part: bool,
}

/// How words of one language are found.
pub(super) struct WordRules {
    stemmer: Option<Stemmer>,
    /// Whether words have no spaces between them.
    pub is_unspaced: bool,
}

impl WordRules {
    /// Returns the rules of a language, given as a BCP 47 tag in lower case.
    pub(super) fn of_language(language: &str) -> Self {
        let base = script::base_language(language);
        Self {
            stemmer: script::stemming(base).map(|(stemming, _)| Stemmer::create(stemming())),
            is_unspaced: matches!(base, "zh" | "ja" | "th"),
        }
    }

    /// Returns the words of a token of a text.
    pub(super) fn text_words(&self, token: &str) -> Vec<IndexedWord> {
        let mut words = self.title_words(token);
        let mut more = dotted_tails(token);
        if self.is_unspaced {
            more.extend(cluster_pairs(token));
        }
        if more.is_empty() {
            return words;
        }
        let mut seen: HashSet<String> = words.iter().map(|known| known.word.clone()).collect();
        for word in &more {
            let word = self.stem_word(word, true);
            if seen.insert(word.word.clone()) {
                words.push(word);
            }
        }
        words
    }

    /// Returns the words of a token of a title.
    pub(super) fn title_words(&self, token: &str) -> Vec<IndexedWord> {
        let mut words = Vec::new();
        let whole = normalize_word(token);
        if !whole.is_empty() {
            words.push(self.stem_word(&whole, false));
        }
        words.extend(katakana_ends(token).into_iter().map(|end| {
            let bare = strip_accents(end);
            IndexedWord {
                accented: bare.is_some().then(|| end.to_owned()),
                word: bare.unwrap_or_else(|| end.to_owned()),
                is_part: true,
            }
        }));
        if !may_be_compound(token) {
            return words;
        }
        let parts = split_compound(token);
        let joined = parts.join(" ");
        if !whole.is_empty() && (parts.len() > 1 || !whole.starts_with(&joined)) {
            // A single letter is no useful word.
            let parts = parts.iter().filter(|part| part.len() > 1);
            words.extend(parts.map(|part| self.stem_word(part, true)));
        }
        if token.contains(is_pictograph) {
            let clusters = split_clusters(token).into_iter();
            let pictographs = clusters.filter(|cluster| cluster.starts_with(is_pictograph));
            words.extend(pictographs.map(|cluster| IndexedWord {
                word: cluster.to_owned(),
                accented: None,
                is_part: false,
            }));
        }
        words
    }

    /// Returns the word made of the last character of one segment and the first of the next, so that
    /// a word is found however its text was divided.
    pub(super) fn spanning_pair(&self, previous: &str, segment: &str) -> Option<IndexedWord> {
        let last = split_clusters(previous).pop()?;
        let first = *split_clusters(segment).first()?;
        (is_unspaced_cluster(last) && is_unspaced_cluster(first))
            .then(|| self.stem_word(&format!("{last}{first}"), true))
    }

    fn stem_word(&self, word: &str, is_part: bool) -> IndexedWord {
        let bare = strip_accents(word);
        let plain = bare.as_deref().unwrap_or(word);
        IndexedWord {
            word: match &self.stemmer {
                Some(stemmer) => stemmer.stem(plain).into_owned(),
                None => plain.to_owned(),
            },
            accented: bare.is_some().then(|| word.to_owned()),
            is_part,
        }
    }
}

/// Returns what follows each full stop, so that `is_build` is found in `config.is_build`. A plain word
/// is left out, because it is a part of the token anyway.
fn dotted_tails(token: &str) -> Vec<String> {
    let tails = token.match_indices('.').map(|(at, _)| &token[at + 1..]);
    tails
        .map(|rest| first_chars(rest, MAX_TAIL))
        .filter(|tail| may_be_compound(tail))
        .map(normalize_word)
        .filter(|tail| tail.chars().nth(1).is_some())
        .collect()
}

/// Returns each pair of neighbouring characters of scripts without spaces.
fn cluster_pairs(segment: &str) -> Vec<String> {
    let clusters = split_clusters(segment);
    let pairs = clusters.windows(2);
    pairs
        .filter(|pair| pair.iter().all(|cluster| is_unspaced_cluster(cluster)))
        .map(<[&str]>::concat)
        .collect()
}

fn is_unspaced_cluster(cluster: &str) -> bool {
    cluster.starts_with(|c| is_unspaced(c) || matches!(c, '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' | '\u{30000}'..='\u{323af}'))
}

/// Returns the ends of a word in katakana, because the dictionary does not divide such words.
fn katakana_ends(token: &str) -> Vec<&str> {
    let is_katakana = |c| {
        matches!(c, '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
            | '\u{ff66}'..='\u{ff9f}')
    };
    if !token.chars().all(is_katakana) || token.chars().nth(2).is_none() {
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let ends = token.char_indices().skip(1).map(|(at, _)| &token[at..]);
    ends.map(|end| first_chars(end, MAX_KATAKANA))
        .filter(|end| end.chars().nth(1).is_some() && seen.insert(*end))
        .collect()
}

/// Returns at most so many characters from the start of a text.
pub(super) fn first_chars(text: &str, count: usize) -> &str {
    let end = text
        .char_indices()
        .nth(count)
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Returns whether a text has a word.
pub(super) fn has_words(text: &str) -> bool {
    text.contains(|c: char| is_word_char(c) || is_pictograph(c))
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || CONNECTORS.contains(&c)
}

/// Returns whether `c` begins an emoji. Other symbols, such as those of tables and arrows, are no words.
fn is_pictograph(c: char) -> bool {
    matches!(
        c,
        '\u{231a}' | '\u{231b}' | '\u{23e9}'..='\u{23fa}' | '\u{2600}'..='\u{27bf}' | '\u{2b1b}' | '\u{2b1c}'
            | '\u{2b50}' | '\u{2b55}' | '\u{1f000}'..='\u{1faff}'
    )
}

/// Returns letters and digits in lower case.
fn normalize_word(token: &str) -> String {
    let chars = token.chars().filter(|&c| is_word_char(c));
    chars.flat_map(char::to_lowercase).collect()
}

/// Returns a word without its accents, or `None` if it has none.
fn strip_accents(word: &str) -> Option<String> {
    if word.is_ascii() || !word.chars().any(is_composed) {
        return None;
    }
    let is_kana_mark = |c| matches!(c, '\u{3099}' | '\u{309A}');
    let bare: String = word
        .nfd()
        .filter(|&c| !is_combining_mark(c) || is_kana_mark(c))
        .collect();
    // The marks of kana make other letters, and are kept. Parts of Korean syllables stay apart, so
    // that the beginning of a syllable finds it.
    let bare = if bare.contains(is_kana_mark) {
        bare.nfc().collect()
    } else {
        bare
    };
    (bare != word).then_some(bare)
}

fn is_composed(c: char) -> bool {
    let mut is_composed = is_combining_mark(c);
    decompose_canonical(c, |part| is_composed |= part != c);
    is_composed
}

/// Returns whether a token may have parts.
fn may_be_compound(token: &str) -> bool {
    token.contains(|c: char| !c.is_alphanumeric()) || token.chars().skip(1).any(char::is_uppercase)
}

/// What a character is to the parts of a compound.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CharClass {
    Upper,
    Lower,
    Digit,
    Gap,
    Other,
}

/// Splits a token at ASCII punctuation and where case or digits change, and lowers its case:
/// `HTTPServer2_x` has the parts `http`, `server`, `2` and `x`.
fn split_compound(token: &str) -> Vec<String> {
    use CharClass::{Digit, Gap, Lower, Other, Upper};
    let mut classes: Vec<(usize, CharClass)> = Vec::new();
    for (at, c) in token.char_indices() {
        let class = match c {
            _ if c.is_ascii_digit() => Digit,
            _ if c.is_ascii_punctuation() || c.is_whitespace() => Gap,
            _ if c.is_uppercase() => Upper,
            _ if c.is_lowercase() => Lower,
            // An accent belongs to its letter.
            _ if is_combining_mark(c) => continue,
            _ => Other,
        };
        classes.push((at, class));
    }
    let mut start = 0;
    let mut ranges = Vec::new();
    for (nth, &(at, class)) in classes.iter().enumerate() {
        let next = classes.get(nth + 1);
        let end = next.map_or(token.len(), |&(at, _)| at);
        if class == Gap {
            ranges.push(start..at);
            start = end;
            continue;
        }
        let after = classes.get(nth + 2).map(|&(_, class)| class);
        let is_end = match (class, next.map(|&(_, class)| class)) {
            (Lower | Digit, Some(Upper)) | (Lower | Upper, Some(Digit)) | (Digit, Some(Lower)) => {
                true
            }
            (Upper, Some(Upper)) => after == Some(Lower),
            _ => false,
        };
        if is_end {
            ranges.push(start..end);
            start = end;
        }
    }
    ranges.push(start..token.len());
    let parts = ranges.into_iter().map(|range| token[range].to_lowercase());
    parts.filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts of tokens are in brackets, forms with accents after a slash.
    fn words(language: &str, token: &str) -> String {
        let words = WordRules::of_language(language).text_words(token);
        let words = words.into_iter().map(|word| {
            let form = word
                .accented
                .map_or(String::new(), |form| format!("/{form}"));
            let (open, close) = if word.is_part { ("(", ")") } else { ("", "") };
            format!("{open}{}{form}{close}", word.word)
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_lose_punctuation_case_and_endings() {
        assert_eq!(words("en", "\"Running,\""), "run");
        assert_eq!(words("xx", "Running"), "running");
        assert_eq!(words("en", "—"), "");
    }

    #[test]
    fn words_with_accents_are_found_without_them() {
        assert_eq!(words("xx", "Café"), "cafe/café");
        assert_eq!(words("ja", "バンド"), "バンド (ンド) (バン)");
    }

    #[test]
    fn compounds_have_parts() {
        assert_eq!(words("xx", "HTTPServer2"), "httpserver2 (http) (server)");
        assert_eq!(words("xx", "foo-bar"), "foobar (foo) (bar)");
        assert_eq!(
            words("xx", "config.is_build"),
            "configis_build (config) (is) (build) (is_build)"
        );
        assert_eq!(words("xx", "C++"), "c");
    }

    #[test]
    fn emoji_are_words_and_lines_of_tables_are_not() {
        assert_eq!(words("en", "👍🏽│"), "👍🏽");
        assert!(has_words("👍") && !has_words("│ — …"));
    }

    #[test]
    fn pairs_of_characters_are_words_where_words_have_no_spaces() {
        let rules = WordRules::of_language("zh");
        assert_eq!(words("zh", "世界大战"), "世界大战 (世界) (界大) (大战)");
        assert_eq!(rules.spanning_pair("我的", "错").unwrap().word, "的错");
        assert_eq!(rules.spanning_pair("我的", "A"), None);
    }
}
