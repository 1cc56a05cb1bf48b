//! Words and phrases of languages that the reading rules need: names of labels and months, chat
//! text, refusals.
//!
//! They are data: one TOML file a language in `languages/`, which can be extended without reading
//! Rust, and the keys of front matter in `front_matter.toml`. `languages/README.md` describes the
//! entries.
//!
//! Not here: the rules that use them (`parse`, `normalize`).

mod pattern;

use std::collections::HashMap;
use std::sync::LazyLock;

use pressrun_text::language;
use pressrun_text::words::count_words;
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use pattern::{Phrase, fold_phrase_text};

/// The code and the file of each language. English is the first.
const FILES: [(&str, &str); 16] = [
    ("en", include_str!("languages/en.toml")),
    ("ar", include_str!("languages/ar.toml")),
    ("de", include_str!("languages/de.toml")),
    ("es", include_str!("languages/es.toml")),
    ("fr", include_str!("languages/fr.toml")),
    ("hi", include_str!("languages/hi.toml")),
    ("id", include_str!("languages/id.toml")),
    ("it", include_str!("languages/it.toml")),
    ("ja", include_str!("languages/ja.toml")),
    ("ko", include_str!("languages/ko.toml")),
    ("nl", include_str!("languages/nl.toml")),
    ("pl", include_str!("languages/pl.toml")),
    ("pt", include_str!("languages/pt.toml")),
    ("ru", include_str!("languages/ru.toml")),
    ("tr", include_str!("languages/tr.toml")),
    ("zh", include_str!("languages/zh.toml")),
];

/// The phrases of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguagePhrases {
    /// The ISO 639-1 code of the language.
    #[serde(skip)]
    pub code: &'static str,
    /// How a language label may name the language, beside its code.
    pub names: Vec<String>,
    /// Whether phrases begin and end at the edge of a word. Languages without spaces between words,
    /// or with endings that are glued on, have them anywhere.
    pub words: bool,
    /// What stands before the name in a byline.
    pub by: Vec<Phrase>,
    /// The forms of the days of the week, in any order.
    pub weekdays: Vec<String>,
    /// The forms of each month, January first.
    pub months: Vec<Vec<String>>,
    /// What a user types so that a reply that was cut off goes on.
    #[serde(rename = "continue")]
    pub continuations: Vec<Phrase>,
    /// The names of labels.
    pub labels: LabelNames,
    /// What a refusal says.
    pub refusal: RefusalPhrases,
    /// What the chat text before a reply says.
    pub preamble: PreamblePhrases,
    /// What the chat text after a reply says.
    pub closing: ClosingPhrases,
}

/// The names of labels in one language, by field.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    missing_docs,
    reason = "each field is the field of a post that its names stand for"
)]
pub struct LabelNames {
    pub title: Vec<String>,
    pub seo_title: Vec<String>,
    pub subtitle: Vec<String>,
    pub description: Vec<String>,
    pub tags: Vec<String>,
    pub keywords: Vec<String>,
    pub categories: Vec<String>,
    pub date: Vec<String>,
    pub updated: Vec<String>,
    pub slug: Vec<String>,
    pub author: Vec<String>,
    pub language: Vec<String>,
    pub draft: Vec<String>,
    pub content: Vec<String>,
    pub ignored: Vec<String>,
}

/// The phrases of a refusal (R16.1).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalPhrases {
    /// How its first sentence begins.
    pub apology: Vec<Phrase>,
    /// What its first sentence contains.
    pub cannot: Vec<Phrase>,
    /// What its first two sentences contain.
    pub request: Vec<Phrase>,
}

/// The phrases of chat text before a reply (R8.1).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreamblePhrases {
    /// Beginnings that hardly any article has.
    pub strong: Vec<Phrase>,
    /// Beginnings that an article may have.
    pub weak: Vec<Phrase>,
    /// Words that speak of the reply.
    pub words: Vec<Phrase>,
}

/// The phrases of chat text after a reply (R8.2).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingPhrases {
    /// How it begins.
    pub start: Vec<Phrase>,
    /// What it never contains: words of authors who address their readers.
    pub never: Vec<Phrase>,
}

/// The keys of front matter for each field, in order of preference. Case, `_`, `-` and spaces in a
/// key do not count.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "each field is the field of a post that its keys stand for"
)]
pub struct FrontMatterKeys {
    pub title: Vec<String>,
    pub seo_title: Vec<String>,
    pub subtitle: Vec<String>,
    pub description: Vec<String>,
    pub tags: Vec<String>,
    pub keywords: Vec<String>,
    pub categories: Vec<String>,
    pub date: Vec<String>,
    pub updated: Vec<String>,
    pub expires: Vec<String>,
    pub slug: Vec<String>,
    pub permalink: Vec<String>,
    pub aliases: Vec<String>,
    pub authors: Vec<String>,
    pub language: Vec<String>,
    pub cover: Vec<String>,
    pub canonical: Vec<String>,
    pub series: Vec<String>,
    pub weight: Vec<String>,
    pub noindex: Vec<String>,
    pub draft: Vec<String>,
    /// Keys without a field, which show that a block is front matter.
    pub signs: Vec<String>,
    /// Keys of other generators and tools that have no meaning here.
    pub elsewhere: Vec<String>,
}

impl FrontMatterKeys {
    /// Iterates over all keys that show that a block is front matter.
    pub fn iter_keys(&self) -> impl Iterator<Item = &String> {
        self.iter_field_keys().chain(&self.signs)
    }

    /// Iterates over the keys of all fields.
    pub fn iter_field_keys(&self) -> impl Iterator<Item = &String> {
        let lists = [
            &self.title,
            &self.seo_title,
            &self.subtitle,
            &self.description,
            &self.tags,
            &self.keywords,
            &self.categories,
            &self.date,
            &self.updated,
            &self.expires,
            &self.slug,
            &self.permalink,
            &self.aliases,
            &self.authors,
            &self.language,
            &self.cover,
            &self.canonical,
            &self.series,
            &self.weight,
            &self.noindex,
            &self.draft,
        ];
        lists.into_iter().flatten()
    }
}

/// Returns the phrases of all languages, English first.
pub fn languages() -> &'static [LanguagePhrases] {
    static LANGUAGES: LazyLock<Vec<LanguagePhrases>> = LazyLock::new(|| {
        let read = |&(code, text): &(&'static str, &str)| {
            let mut language: LanguagePhrases = parse_data(code, text);
            language.code = code;
            if !language.words {
                language.allow_anywhere();
            }
            language
        };
        FILES.iter().map(read).collect()
    });
    &LANGUAGES
}

/// Returns the code of a language that is given by its code or by its name (R11.8).
///
/// Other languages than those with phrases have no names here, only codes.
pub fn find_language_code(name: &str) -> Option<String> {
    let name = name.trim();
    if language::is_tag(name) {
        return Some(name.replace('_', "-"));
    }
    let folded = fold_phrase_text(name);
    let known = languages().iter().find(|language| {
        let mut names = language.names.iter();
        names.any(|name| fold_phrase_text(name) == folded)
    });
    known.map(|language| language.code.to_owned())
}

/// Returns the keys of front matter.
pub fn front_matter_keys() -> &'static FrontMatterKeys {
    static KEYS: LazyLock<FrontMatterKeys> =
        LazyLock::new(|| parse_data("front_matter", include_str!("front_matter.toml")));
    &KEYS
}

fn parse_data<T: DeserializeOwned>(name: &str, text: &str) -> T {
    // The files are part of the program, and a test reads every one of them.
    toml::from_str(text).unwrap_or_else(|error| panic!("{name}.toml: {error}"))
}

impl LanguagePhrases {
    /// Returns whether a text has at most `max_words` words, or in a language without spaces between
    /// words at most `max_characters` characters.
    pub fn is_within(&self, plain: &str, max_words: usize, max_characters: usize) -> bool {
        if self.words {
            count_words(plain) <= max_words
        } else {
            plain.chars().count() <= max_characters
        }
    }

    /// Lets the phrases of the language stand anywhere in a text.
    fn allow_anywhere(&mut self) {
        let lists = [
            &mut self.by,
            &mut self.continuations,
            &mut self.refusal.apology,
            &mut self.refusal.cannot,
            &mut self.refusal.request,
            &mut self.preamble.strong,
            &mut self.preamble.weak,
            &mut self.preamble.words,
            &mut self.closing.start,
            &mut self.closing.never,
        ];
        for phrase in lists.into_iter().flatten() {
            phrase.allow_anywhere();
        }
    }
}

/// The phrases of one list in all languages, found by how they begin.
///
/// A text is tested against a handful of phrases instead of all of them.
#[derive(Debug)]
pub struct PhraseIndex {
    by_start: HashMap<char, Vec<(&'static LanguagePhrases, &'static Phrase)>>,
    /// The phrases that may begin with any text.
    open: Vec<(&'static LanguagePhrases, &'static Phrase)>,
}

impl PhraseIndex {
    /// Makes an index of the list that `list` takes from each language.
    pub fn new(list: impl Fn(&'static LanguagePhrases) -> &'static [Phrase]) -> Self {
        let mut by_start: HashMap<char, Vec<_>> = HashMap::new();
        let mut open = Vec::new();
        for language in languages() {
            for phrase in list(language) {
                let Some(first) = phrase.first_characters() else {
                    open.push((language, phrase));
                    continue;
                };
                for &start in first {
                    by_start.entry(start).or_default().push((language, phrase));
                }
            }
        }
        Self { by_start, open }
    }

    /// Returns whether a text that is not folded may start with a phrase: a cheap test, which most
    /// texts fail.
    pub fn may_start(&self, text: &str) -> bool {
        let first = text.trim_start().chars().next();
        let first = first.map(|first| fold_phrase_text(first.encode_utf8(&mut [0; 4])));
        let first = first.as_deref().and_then(|first| first.chars().next());
        first.is_some_and(|first| self.by_start.contains_key(&first))
            || self.open.iter().any(|(_, phrase)| phrase.may_be_in(text))
    }

    /// Returns the languages and phrases that a [folded](fold_phrase_text) text starts with, each
    /// with the number of bytes that the phrase takes.
    pub fn find_starts<'a>(
        &'a self,
        folded: &'a str,
    ) -> impl Iterator<Item = (&'static LanguagePhrases, &'static Phrase, usize)> + 'a {
        let candidates = self.candidates(folded);
        candidates
            .filter_map(|&(language, phrase)| Some((language, phrase, phrase.match_start(folded)?)))
    }

    /// Returns whether a [folded](fold_phrase_text) text is a phrase and nothing else, but for
    /// punctuation at its end.
    pub fn has_whole(&self, folded: &str) -> bool {
        let mut candidates = self.candidates(folded);
        candidates.any(|(_, phrase)| phrase.is_whole(folded))
    }

    /// Returns the phrases that a folded text may start with.
    fn candidates(
        &self,
        folded: &str,
    ) -> impl Iterator<Item = &(&'static LanguagePhrases, &'static Phrase)> {
        let first = folded.chars().next();
        let known = first.and_then(|first| self.by_start.get(&first));
        known.into_iter().flatten().chain(&self.open)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/phrases/languages");
        let names: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
            .collect();
        let read: BTreeSet<String> = languages().iter().map(|one| one.code.to_owned()).collect();
        assert_eq!(names, read);
        assert_eq!(languages()[0].code, "en");
        for language in languages() {
            assert_eq!(language.months.len(), 12, "{}", language.code);
            assert!(!language.labels.title.is_empty(), "{}", language.code);
        }
        assert!(front_matter_keys().title.contains(&"title".to_owned()));
    }

    #[test]
    fn languages_have_codes_and_names() {
        for (name, expected) in [
            ("de", Some("de")),
            ("pt-BR", Some("pt-BR")),
            ("en_GB", Some("en-GB")),
            ("German", Some("de")),
            ("deutsch", Some("de")),
            ("Castellano", Some("es")),
            ("FRANÇAIS", Some("fr")),
            ("中文", Some("zh")),
            ("Finnish", None),
            ("the old one", None),
        ] {
            assert_eq!(find_language_code(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn index_finds_the_phrases_that_a_text_starts_with() {
        let index = PhraseIndex::new(|language| &language.preamble.strong);
        let found = |text: &str| -> Vec<&str> {
            let folded = fold_phrase_text(text);
            index
                .find_starts(&folded)
                .map(|(language, ..)| language.code)
                .collect()
        };
        assert_eq!(found("Certainly! Here it is:"), ["en"]);
        assert_eq!(found("Natürlich! Hier ist der Beitrag:"), ["de"]);
        assert_eq!(found("Nothing of the kind"), Vec::<&str>::new());
    }
}
