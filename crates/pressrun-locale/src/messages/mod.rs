//! The words of the theme in each language.
//!
//! A message file is TOML: one message a key, either a text or a table with a text for each plural category of CLDR.
//! A table with any other key groups messages: `title` in `[report]` is the message `report.title`. `{name}` in a text
//! is filled in. `i18n/` of this crate has the files that come with the program; a site may have files of its own that
//! replace single words or add a language.
//!
//! Not here: where a site keeps its files, and what its templates ask for.

mod file;
mod text;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

pub use file::{MessageFault, MessageFile, UnknownMessage, parse_message_file};
pub use text::{MessageError, MessageValue};

use text::Message;

use pressrun_text::language::fold_tag;

use crate::locale::Locale;

/// The folder of a site that contains its message files.
pub const FOLDER: &str = "i18n";

/// The language whose file has every message.
const COMPLETE: &str = "en";

macro_rules! bundled {
    ($($tag:literal)*) => {
        &[$(($tag, include_str!(concat!("../../i18n/", $tag, ".toml")))),*]
    };
}

/// Language tags with the message files that come with the program, by tag.
static BUNDLED: &[(&str, &str)] = bundled!("ar" "cs" "da" "de" "en" "es" "fa" "fr" "he" "hi" "id" "it" "ja" "ko" "nl" "pl" "pt" "ru" "sv" "th" "tr" "uk" "vi" "zh-Hans" "zh-Hant");

/// Returns the tags of the languages that come with the program.
pub fn list_languages() -> impl Iterator<Item = &'static str> {
    BUNDLED.iter().map(|(tag, _)| *tag)
}

/// Returns the message file of a language that comes with the program.
pub fn bundled_file(tag: &str) -> Option<&'static str> {
    let found = BUNDLED.iter().find(|(known, _)| *known == tag);
    found.map(|(_, text)| *text)
}

/// The messages in English.
fn english() -> &'static HashMap<String, Message> {
    static ENGLISH: LazyLock<HashMap<String, Message>> = LazyLock::new(|| read_bundled(COMPLETE));
    &ENGLISH
}

/// Reads a file that comes with the program. Tests check that each is free of faults.
fn read_bundled(tag: &str) -> HashMap<String, Message> {
    let parsed = bundled_file(tag).map(file::parse_messages);
    parsed.and_then(Result::ok).unwrap_or_default()
}

/// The messages of a site: its own, and those that come with the program.
#[derive(Debug, Clone, Default)]
pub struct Messages {
    /// The language of the site.
    language: String,
    /// The site's own files by tag, in lower case.
    own: Arc<Vec<(String, MessageFile)>>,
    /// The languages that were asked for, by the tag that was asked.
    known: Arc<RwLock<HashMap<String, Arc<Words>>>>,
}

impl PartialEq for Messages {
    fn eq(&self, other: &Self) -> bool {
        self.language == other.language && self.own == other.own
    }
}

impl Eq for Messages {}

impl Hash for Messages {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.language.hash(state);
        self.own.hash(state);
    }
}

impl Messages {
    /// Joins the files of a site, each with its language tag, with those that come with the program.
    pub fn new(language: &str, own: Vec<(String, MessageFile)>) -> Self {
        let own = own.into_iter();
        Self {
            language: language.to_owned(),
            own: Arc::new(own.map(|(tag, file)| (fold_tag(&tag), file)).collect()),
            known: Arc::default(),
        }
    }

    /// Returns the words of a language. Without a file for it, they are those of the site's language.
    pub fn words(&self, language: &str) -> Arc<Words> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(words) = known.get(language) {
            return Arc::clone(words);
        }
        drop(known);
        let words = Arc::new(self.make_words(language));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // There are as many as languages, but a tag can be any text.
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        Arc::clone(known.entry(language.to_owned()).or_insert(words))
    }

    /// Returns the words of the site's language.
    pub fn site_words(&self) -> Arc<Words> {
        self.words(&self.language)
    }

    /// Returns the messages that a language does not have and that appear in English, sorted. `None` if there is no
    /// file for the language at all.
    pub fn list_missing(&self, language: &str) -> Option<Vec<&'static str>> {
        let sources = self.sources(language);
        if sources.is_empty() {
            return None;
        }
        let missing = english().keys().filter(|key| {
            let has = |source: &MessageSource| source.messages().contains_key(*key);
            !sources.iter().any(has)
        });
        let missing: BTreeSet<&str> = missing.map(String::as_str).collect();
        Some(missing.into_iter().collect())
    }

    fn make_words(&self, language: &str) -> Words {
        let mut sources = self.sources(language);
        let mut shown = language;
        if sources.is_empty() {
            shown = &self.language;
            sources = self.sources(shown);
        }
        sources.extend(self.sources(COMPLETE));
        // A site's own words may be in its own language alone.
        sources.extend(self.sources(&self.language));
        let mut messages = HashMap::new();
        for source in &sources {
            let others = source.messages().iter();
            let others: Vec<_> = others
                .filter(|(key, _)| !messages.contains_key(*key))
                .collect();
            messages.extend(
                others
                    .into_iter()
                    .map(|(key, message)| (key.clone(), message.clone())),
            );
        }
        Words {
            locale: Locale::for_tag(shown),
            messages,
        }
    }

    /// Returns the files of a language, the most specific first. A site's own file goes before that of the program.
    fn sources(&self, language: &str) -> Vec<MessageSource<'_>> {
        let mut sources = Vec::new();
        for tag in widening_tags(language) {
            let own = self.own.iter().find(|(known, _)| *known == tag);
            sources.extend(own.map(|(_, file)| MessageSource::Own(file)));
            let bundled = BUNDLED.iter().find(|(known, _)| fold_tag(known) == tag);
            sources.extend(bundled.map(|(known, _)| match *known {
                COMPLETE => MessageSource::English,
                other => MessageSource::Bundled(read_bundled(other)),
            }));
        }
        sources
    }
}

/// How many tags are remembered with their words.
const MOST_KNOWN: usize = 200;

/// One file in the order in which a message is looked for.
enum MessageSource<'m> {
    Own(&'m MessageFile),
    Bundled(HashMap<String, Message>),
    English,
}

impl MessageSource<'_> {
    fn messages(&self) -> &HashMap<String, Message> {
        match self {
            Self::Own(file) => file.messages(),
            Self::Bundled(messages) => messages,
            Self::English => english(),
        }
    }
}

/// The messages of one language; in English where it has none.
pub struct Words {
    locale: Locale,
    messages: HashMap<String, Message>,
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.messages.keys()).finish()
    }
}

impl Words {
    /// Returns the locale of the language.
    pub fn locale(&self) -> &Locale {
        &self.locale
    }

    /// Returns a message without values, or its key if there is none.
    pub fn text(&self, key: &str) -> String {
        self.fill(key, &[]).unwrap_or_else(|_| key.to_owned())
    }

    /// Fills in a message. `count` among the values decides which plural form it has.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such message, or if it shows a value that is not given.
    pub fn fill(
        &self,
        key: &str,
        values: &[(&str, MessageValue<'_>)],
    ) -> Result<String, MessageError> {
        self.fill_as(key, values, |text| Cow::Borrowed(text))
    }

    /// Fills in a message as [`fill`](Self::fill) does, and passes its words and each [text](MessageValue::Text)
    /// through `escape`.
    ///
    /// # Errors
    ///
    /// The same as [`fill`](Self::fill).
    pub fn fill_as(
        &self,
        key: &str,
        values: &[(&str, MessageValue<'_>)],
        escape: impl for<'t> Fn(&'t str) -> Cow<'t, str>,
    ) -> Result<String, MessageError> {
        let message = self.messages.get(key).ok_or(MessageError::Unknown)?;
        message.fill(&self.locale, values, escape)
    }

    /// Returns a message with its places for values still in it: `Footnote {number}`. It is the form `other` of one with
    /// plural forms, and the key if there is no such message.
    pub fn text_with_places(&self, key: &str) -> String {
        let form = self.list_forms(key).pop();
        form.map_or_else(|| key.to_owned(), |(_, text)| text)
    }

    /// Returns the plural forms of a message by their names in CLDR, with their places for values still in them.
    pub fn list_forms(&self, key: &str) -> Vec<(&'static str, String)> {
        let message = self.messages.get(key);
        message.map(Message::list_forms).unwrap_or_default()
    }

    /// Returns the keys of all messages, in no particular order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.messages.keys().map(String::as_str)
    }
}

/// Returns a tag and the wider ones that speak for it too, the most specific first: `de-AT`, `de`.
///
/// Chinese is written in two ways, and the region tells which.
fn widening_tags(language: &str) -> Vec<String> {
    let tag = fold_tag(language);
    let mut tags: Vec<String> = Vec::new();
    let ends = tag.match_indices('-').map(|(at, _)| at);
    let ends: Vec<usize> = ends.chain([tag.len()]).collect();
    tags.extend(ends.iter().rev().map(|&end| tag[..end].to_owned()));
    if tags.last().is_some_and(|primary| primary == "zh") {
        let is_traditional = tag
            .split('-')
            .any(|part| ["hant", "tw", "hk", "mo"].contains(&part));
        let script = if is_traditional && !tag.contains("hans") {
            "zh-hant"
        } else {
            "zh-hans"
        };
        if !tags.iter().any(|tag| tag == script) {
            tags.insert(tags.len() - 1, script.to_owned());
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(tag: &str, text: &str) -> (String, MessageFile) {
        (tag.to_owned(), parse_message_file(text).unwrap().0)
    }

    #[test]
    fn tags_widen_to_their_language() {
        assert_eq!(widening_tags("de-AT"), ["de-at", "de"]);
        assert_eq!(widening_tags("zh-TW"), ["zh-tw", "zh-hant", "zh"]);
        assert_eq!(widening_tags("zh"), ["zh-hans", "zh"]);
        assert_eq!(widening_tags("zh_Hant_HK"), ["zh-hant-hk", "zh-hant", "zh"]);
    }

    #[test]
    fn own_words_go_before_those_of_the_program_and_english_fills_the_gaps() {
        let files = vec![
            own("en", "tags = 'Topics'\n"),
            own("xx", "tags = 'Xags'\n"),
            own("xx-YY", "search = 'Xearch'\n"),
        ];
        let messages = Messages::new("en-GB", files);
        assert_eq!(messages.site_words().text("tags"), "Topics");
        let words = messages.words("xx-YY");
        assert_eq!(words.text("tags"), "Xags");
        assert_eq!(words.text("search"), "Xearch");
        assert_eq!(words.text("archive"), "Archive");
        // A language without a file has the words of the site.
        assert_eq!(messages.words("qq").text("tags"), "Topics");
        let missing = messages.list_missing("xx").unwrap();
        assert!(missing.contains(&"archive") && !missing.contains(&"tags"));
        assert_eq!(messages.list_missing("qq"), None);
    }

    #[test]
    fn words_that_only_a_site_has_are_found_in_every_language() {
        let messages = Messages::new("en", vec![own("en", "[shop]\ncart = 'Cart'\n")]);
        assert_eq!(messages.words("xx").text("shop.cart"), "Cart");
    }

    #[test]
    fn hostile_tags_are_not_remembered_for_ever() {
        let messages = Messages::new("en", Vec::new());
        for number in 0..500 {
            messages.words(&format!("q{number}"));
        }
        assert!(messages.known.read().unwrap().len() <= MOST_KNOWN);
    }
}
