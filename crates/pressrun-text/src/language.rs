//! Detects the language of a text, and knows the stop words of languages.
//!
//! Languages are named by BCP 47 tags. Only the primary subtag counts here: `en` of `en-GB`. This
//! module is the only user of `whatlang` and `stop_words`.

use std::collections::HashSet;
use std::sync::{PoisonError, RwLock};

use whatlang::{Lang, Script};

use super::characters::{cut_to_bytes, fold_case};
use super::words::{self, IdentityHashBuilder};

/// The number of words that are looked at. More would hardly change the result.
const SAMPLE: usize = 120;

/// The number of bytes that are looked at, for scripts that do not separate words by spaces.
const SAMPLE_BYTES: usize = 4000;

/// The minimum number of words to tell a language from others with the same script.
const FEW_WORDS: usize = 40;

/// The minimum number of letters to tell a language by its script.
const FEW_LETTERS: usize = 24;

/// The share of stop words that identifies their language: 3 of 10. Texts in other languages do not
/// reach it.
const SHARE: (usize, usize) = (3, 10);

/// The stop words of a language: words that carry no meaning by themselves, such as `the`.
#[derive(Debug, Default)]
pub struct StopWords(HashSet<u64, IdentityHashBuilder>);

impl StopWords {
    /// Returns whether the word with this hash ([`words::hash_word`]) is a stop word.
    pub fn has(&self, hash: u64) -> bool {
        self.0.contains(&hash)
    }

    /// Returns whether no stop words are known for the language.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Returns the language of a text if it is clearly not the `expected` one.
///
/// `words` are the words of the text in lower case, separated by single spaces. Returns `None` if
/// the text is in the expected language, or is too short to be sure.
pub fn detect_other_language(expected: &str, words: &str) -> Option<&'static str> {
    let sample = cut_to_bytes(words, SAMPLE_BYTES);
    let stop_words = stop_words(expected);
    let (mut count, mut known) = (0, 0);
    for word in words::iter_words(sample).take(SAMPLE) {
        count += 1;
        known += usize::from(stop_words.has(words::hash_word(word)));
    }
    // Cheap check first: enough stop words of the expected language settle it.
    if known * SHARE.1 >= count * SHARE.0 && !stop_words.is_empty() {
        return None;
    }
    let info = whatlang::detect(sample)?;
    let told = match info.script() {
        Script::Latin | Script::Cyrillic | Script::Arabic | Script::Devanagari => {
            info.is_reliable() && count >= FEW_WORDS
        }
        // These scripts belong to one language, or to a few that are easy to tell apart, so a few
        // letters are enough.
        _ => {
            sample
                .chars()
                .filter(|c| c.is_alphabetic())
                .take(FEW_LETTERS)
                .count()
                == FEW_LETTERS
        }
    };
    let found = tag_of_lang(info.lang());
    (told && found != primary_subtag(expected)).then_some(found)
}

/// Returns the primary subtag of a language tag in lower case: `en` of `en-GB`.
///
/// Both written forms of Norwegian, `nb` and `nn`, become `no`.
pub fn primary_subtag(tag: &str) -> String {
    let first = tag.split(['-', '_']).next().unwrap_or_default();
    match first.to_ascii_lowercase() {
        norwegian if norwegian == "nb" || norwegian == "nn" => "no".to_owned(),
        other => other,
    }
}

/// Returns a tag in the form in which tags are compared: in lower case, with hyphens.
pub fn fold_tag(tag: &str) -> String {
    tag.replace('_', "-").to_ascii_lowercase()
}

/// Returns whether a text has the shape of a language tag (BCP 47, section 2.1).
///
/// Grandfathered tags and those that begin with `x-` or `i-` are not accepted.
pub fn is_tag(text: &str) -> bool {
    let mut parts = text.split(['-', '_']);
    let language = parts.next().unwrap_or_default();
    let is_word = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && text.len() <= 35
        && parts.all(is_word)
}

/// Returns whether a language is written from right to left.
pub fn is_right_to_left(tag: &str) -> bool {
    let script = tag.split('-').nth(1).unwrap_or_default();
    // A four-letter subtag names the script, and overrides what is usual for the language.
    if script.len() == 4 {
        return ["arab", "hebr", "thaa", "syrc"].contains(&script.to_ascii_lowercase().as_str());
    }
    ["ar", "fa", "he", "ur", "yi", "ps", "sd", "ug", "dv", "ckb"]
        .contains(&primary_subtag(tag).as_str())
}

/// Returns the stop words of a language; empty if there is no list for it.
pub fn stop_words(tag: &str) -> &'static StopWords {
    static KNOWN: RwLock<Vec<(String, &StopWords)>> = RwLock::new(Vec::new());
    let language = primary_subtag(tag);
    let find = |known: &Vec<(String, &'static StopWords)>| {
        let found = known.iter().find(|(name, _)| *name == language);
        found.map(|(_, words)| *words)
    };
    if let Some(words) = find(&KNOWN.read().unwrap_or_else(PoisonError::into_inner)) {
        return words;
    }
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    // Another thread may have added them between the two locks.
    if let Some(words) = find(&known) {
        return words;
    }
    let list = stop_words::lookup(language.as_str()).unwrap_or_default();
    let hashes = list
        .iter()
        .map(|word| words::hash_word(&fold_case(word)))
        .collect();
    // The list is leaked so that it can be shared without counting. There are about sixty
    // languages, so the memory is bounded.
    let words: &'static StopWords = Box::leak(Box::new(StopWords(hashes)));
    known.push((language, words));
    words
}

/// Returns the stop words of a language, or `None` for English.
///
/// For callers with their own list of English stop words.
pub fn stop_words_but_english(tag: &str) -> Option<&'static StopWords> {
    (primary_subtag(tag) != "en").then(|| stop_words(tag))
}

/// Returns the BCP 47 tag of a language that `whatlang` detected.
fn tag_of_lang(lang: Lang) -> &'static str {
    match lang {
        Lang::Afr => "af",
        Lang::Aka => "ak",
        Lang::Amh => "am",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Bel => "be",
        Lang::Ben => "bn",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Cym => "cy",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Epo => "eo",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Guj => "gu",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jav => "jv",
        Lang::Jpn => "ja",
        Lang::Kan => "kn",
        Lang::Kat => "ka",
        Lang::Khm => "km",
        Lang::Kor => "ko",
        Lang::Lat => "la",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Mal => "ml",
        Lang::Mar => "mr",
        Lang::Mkd => "mk",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Nld => "nl",
        Lang::Nob => "no",
        Lang::Ori => "or",
        Lang::Pan => "pa",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Sin => "si",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Sna => "sn",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Tgl => "tl",
        Lang::Tha => "th",
        Lang::Tuk => "tk",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Uzb => "uz",
        Lang::Vie => "vi",
        Lang::Yid => "yi",
        Lang::Zul => "zu",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;

    const GERMAN: &str = "Der Sauerteig braucht Zeit und Ruhe. Man mischt das Mehl mit dem Wasser und lässt es über Nacht \
        stehen, bis sich die ersten Blasen zeigen. Am nächsten Tag kommt noch einmal Mehl dazu, und der Teig wird \
        wieder gerührt. Nach einer Woche riecht er nach Äpfeln, und dann ist er stark genug für ein Brot.";
    const ENGLISH: &str = "A sourdough needs time and rest. You mix the flour with the water and leave it over night, \
        until the first bubbles show. The next day more flour is added, and the dough is stirred again. After a week it \
        smells of apples, and then it is strong enough for a loaf of bread.";

    #[track_caller]
    fn check(expected: &str, text: &str, found: Option<&str>) {
        assert_eq!(
            detect_other_language(expected, &words::fold_words(text)),
            found,
            "{text}"
        );
    }

    #[test]
    fn text_in_the_expected_language_is_in_no_other() {
        check("en-GB", ENGLISH, None);
        check("de", GERMAN, None);
    }

    #[test]
    fn another_language_is_recognised() {
        check("en", GERMAN, Some("de"));
        check("de", ENGLISH, Some("en"));
        check(
            "en",
            "静态网站生成器把文本文件变成网页，不需要数据库，也不需要服务器端的程序。",
            Some("zh"),
        );
        check(
            "en",
            "静的サイトジェネレーターはテキストファイルからウェブページを作ります。",
            Some("ja"),
        );
    }

    #[test]
    fn little_text_has_no_language() {
        check("en", "Brot und Butter", None);
        check("en", "", None);
        check("en", "网站", None);
    }

    #[test]
    fn scripts_have_directions() {
        assert!(is_right_to_left("ar-EG") && is_right_to_left("he") && is_right_to_left("az-Arab"));
        assert!(!is_right_to_left("en") && !is_right_to_left("ar-Latn"));
    }
}
