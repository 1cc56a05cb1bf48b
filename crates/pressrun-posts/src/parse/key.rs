//! Keys of front matter and JSON objects, and the fields they stand for (R6.6 of the ingest
//! contract).
//!
//! The keys of each field are data: `phrases/front_matter.toml`. The first key of a list that has a
//! usable value gives the field. What no field reads is kept as it is written.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use pressrun_text::language;

use super::given::GivenField;
use super::key_value::{KeyEntry, KeyValue, ScalarKind};
use super::label::Label;
use super::label_names::names_several_authors;
use super::value::{FieldValue, is_nothing};
use crate::phrases::{find_language_code, front_matter_keys};
use crate::post::ExtraValue;
use crate::post::extra::is_true_word;
pub use crate::post::extra::normalise_key;
use crate::post::stated_date::parse_stated_date;

/// Returns whether one of these keys shows that they are front matter.
pub fn is_front_matter<'k>(mut keys: impl Iterator<Item = &'k str>) -> bool {
    keys.any(|key| is_known_key(&normalise_key(key)))
}

/// Returns whether pressrun knows a normalised key: it has a field, or shows that a block is front
/// matter.
pub fn is_known_key(key: &str) -> bool {
    static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let keys = front_matter_keys()
            .iter_keys()
            .map(|key| normalise_key(key));
        let own = OWN.iter().flat_map(|(_, keys)| *keys).copied();
        keys.chain(own.map(str::to_owned)).collect()
    });
    KNOWN.contains(key)
}

/// The fields of keys, and what no field reads.
#[derive(Debug, Default)]
pub struct KeyedFields {
    /// The fields, in the order of their keys.
    pub given: Vec<GivenField>,
    /// The other keys with their values, in their order.
    pub extra: Vec<(String, ExtraValue)>,
}

/// The keys of pressrun itself, normalised. They are no part of the contract.
const OWN: [(Label, &[&str]); 4] = [
    (
        Label::CoverAlt,
        &["coveralt", "coverimagealt", "featuredimagealt", "imagealt"],
    ),
    (Label::Disclosure, &["disclosure"]),
    (Label::SourceType, &["digitalsourcetype"]),
    (
        Label::TranslationKey,
        &["translationkey", "translationid", "langref"],
    ),
];

/// Keys that tie translations in sites of Jekyll, normalised. They can mean anything else, so they
/// count only beside a language.
const TRANSLATION_KEYS_BESIDE_LANGUAGE: [&str; 2] = ["pageid", "ref"];

/// The key under which some generators keep lists such as the tags.
const TAXONOMIES: &str = "taxonomies";

/// A field and its keys, normalised, in the order of preference.
type FieldKeys = (Label, Vec<String>);

fn field_keys() -> &'static [FieldKeys] {
    static KEYS: LazyLock<Vec<FieldKeys>> = LazyLock::new(|| {
        let keys = front_matter_keys();
        let fields = [
            (Label::Title, &keys.title),
            (Label::SeoTitle, &keys.seo_title),
            (Label::Subtitle, &keys.subtitle),
            (Label::Description, &keys.description),
            (Label::Tags, &keys.tags),
            (Label::Keywords, &keys.keywords),
            (Label::Categories, &keys.categories),
            (Label::Date, &keys.date),
            (Label::Updated, &keys.updated),
            (Label::Expires, &keys.expires),
            (Label::Slug, &keys.slug),
            (Label::Permalink, &keys.permalink),
            (Label::Aliases, &keys.aliases),
            (Label::Authors, &keys.authors),
            (Label::Language, &keys.language),
            (Label::Cover, &keys.cover),
            (Label::Canonical, &keys.canonical),
            (Label::Series, &keys.series),
            (Label::Weight, &keys.weight),
        ];
        let normalise = |keys: &Vec<String>| keys.iter().map(|key| normalise_key(key)).collect();
        let own = OWN.iter().map(|(label, keys)| {
            let keys = keys.iter().map(|&key| key.to_owned());
            (*label, keys.collect())
        });
        fields
            .into_iter()
            .map(|(label, keys)| (label, normalise(keys)))
            .chain(own)
            .collect()
    });
    &KEYS
}

/// Reads the fields of keys with their values.
pub fn assign_keys(entries: Vec<KeyEntry>) -> KeyedFields {
    let mut assignment = KeyAssignment::new(entries);
    for (label, keys) in field_keys() {
        assignment.assign_field(*label, keys);
    }
    assignment.assign_translation_key();
    assignment.assign_drafts();
    assignment.assign_noindex();
    assignment.finish()
}

/// The entries of front matter while fields take their values.
struct KeyAssignment {
    entries: Vec<KeyEntry>,
    /// The places of each normalised key.
    places: HashMap<String, Vec<usize>>,
    /// Whether a field has taken the value of the entry.
    taken: Vec<bool>,
    /// The fields, each with the place of its entry.
    given: Vec<(usize, GivenField)>,
}

impl KeyAssignment {
    fn new(entries: Vec<KeyEntry>) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, entry) in entries.iter().enumerate() {
            places
                .entry(normalise_key(&entry.key))
                .or_default()
                .push(place);
        }
        Self {
            taken: vec![false; entries.len()],
            entries,
            places,
            given: Vec::new(),
        }
    }

    /// Returns the places of these keys, in the order of the keys.
    fn find_places(&self, keys: &[String]) -> Vec<usize> {
        let places = keys.iter().filter_map(|key| self.places.get(key));
        places.flatten().copied().collect()
    }

    fn give(&mut self, place: usize, label: Label, value: FieldValue) {
        let entry = &self.entries[place];
        self.given.push((
            place,
            GivenField {
                label,
                name: entry.key.clone(),
                value,
                line: entry.line,
            },
        ));
    }

    /// Gives a field the value of the first of its keys that has a usable one.
    fn assign_field(&mut self, label: Label, keys: &[String]) {
        let places = self.find_places(keys);
        let read = |place: &usize| {
            let value = read_field_value(label, &self.entries[*place])?;
            Some((*place, value))
        };
        let found = if is_date(label) {
            // A text that is no date is used only if no other key has one, so that it is reported.
            let mut dates = places.iter().filter_map(read);
            let first = dates.next();
            let is_read =
                |(_, value): &(usize, FieldValue)| parse_stated_date(&value.text()).is_ok();
            first.iter().cloned().chain(dates).find(is_read).or(first)
        } else {
            places.iter().find_map(read)
        };
        let Some((place, value)) = found else {
            return self.assign_taxonomy(label, keys);
        };
        if label == Label::Cover
            && let Some(alt) = self.entries[place].value.get_normalised("alt")
            && let Some(alt) = read_text(alt)
        {
            self.give(place, Label::CoverAlt, alt);
        }
        self.give(place, label, value);
        match label {
            Label::Aliases => self.keep_other_aliases(place),
            _ => self.taken[place] = true,
        }
    }

    /// Takes paths out of a list of aliases, so that what is no path stays.
    fn keep_other_aliases(&mut self, place: usize) {
        match &mut self.entries[place].value {
            KeyValue::List(items) => {
                items.retain(|item| item.scalar_text().and_then(read_path).is_none());
                self.taken[place] = items.is_empty();
            }
            _ => self.taken[place] = true,
        }
    }

    /// Gives a field the value of one of its keys in the table `taxonomies`.
    fn assign_taxonomy(&mut self, label: Label, keys: &[String]) {
        if !(label.is_list() || label == Label::Authors) {
            return;
        }
        for place in self.places.get(TAXONOMIES).cloned().unwrap_or_default() {
            let line = self.entries[place].line;
            let KeyValue::Map(pairs) = &mut self.entries[place].value else {
                continue;
            };
            let found = pairs.iter().enumerate().find_map(|(at, (key, value))| {
                let entry = KeyEntry {
                    key: key.clone(),
                    value: value.clone(),
                    line,
                };
                let is_key = keys.contains(&normalise_key(key));
                Some((at, is_key.then(|| read_field_value(label, &entry))??))
            });
            if let Some((at, value)) = found {
                pairs.remove(at);
                self.taken[place] = pairs.is_empty();
                return self.give(place, label, value);
            }
        }
    }

    /// Reads the keys that tie translations only if the post states its language.
    fn assign_translation_key(&mut self) {
        let is_given = |label| self.given.iter().any(|(_, given)| given.label == label);
        if is_given(Label::Language) && !is_given(Label::TranslationKey) {
            let keys = TRANSLATION_KEYS_BESIDE_LANGUAGE.map(str::to_owned);
            self.assign_field(Label::TranslationKey, &keys);
        }
    }

    /// Reads the keys that make a post a draft. They are never kept.
    fn assign_drafts(&mut self) {
        for key in &front_matter_keys().draft {
            let key = normalise_key(key);
            for place in self.find_places(std::slice::from_ref(&key)) {
                self.taken[place] = true;
                let text = self.entries[place].value.scalar_text().unwrap_or_default();
                let is_draft = match key.as_str() {
                    "draft" => is_true_word(text),
                    "status" => is_word(text, &DRAFT_STATUS),
                    _ => is_word(text, &FALSE),
                };
                if is_draft {
                    self.give(place, Label::Draft, FieldValue::Text("true".to_owned()));
                }
            }
        }
    }

    /// Reads the keys that keep a post out of search engines. Only `robots` may say something else,
    /// and is kept then.
    fn assign_noindex(&mut self) {
        let mut is_given = false;
        for key in &front_matter_keys().noindex {
            let key = normalise_key(key);
            for place in self.find_places(std::slice::from_ref(&key)) {
                let value = &self.entries[place].value;
                let is_robots = key == "robots";
                let says_so = if is_robots {
                    !is_given
                        && read_list(value).is_some_and(|list| {
                            list.iter_texts()
                                .any(|text| text.to_lowercase().contains("noindex"))
                        })
                } else {
                    is_true_word(value.scalar_text().unwrap_or_default())
                };
                self.taken[place] = says_so || !is_robots;
                if says_so && !is_given {
                    is_given = true;
                    self.give(place, Label::NoIndex, FieldValue::Text("true".to_owned()));
                }
            }
        }
    }

    fn finish(mut self) -> KeyedFields {
        self.given.sort_by_key(|(place, _)| *place);
        let mut known = HashSet::new();
        let entries = self.entries.into_iter().zip(self.taken);
        let extra = entries
            .filter(|(_, is_taken)| !is_taken)
            // Front matter that its parser rejects may have a key twice.
            .filter(|(entry, _)| known.insert(entry.key.clone()))
            .map(|(entry, _)| (entry.key, entry.value.into_extra()))
            .collect();
        KeyedFields {
            given: self.given.into_iter().map(|(_, given)| given).collect(),
            extra,
        }
    }
}

const FALSE: [&str; 4] = ["false", "no", "off", "0"];
const DRAFT_STATUS: [&str; 5] = ["draft", "private", "pending", "unpublished", "trash"];

fn is_word(text: &str, words: &[&str]) -> bool {
    let text = text.trim();
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Returns whether the value of a key is a date.
pub fn is_date_key(name: &str) -> bool {
    let key = normalise_key(name);
    let mut fields = field_keys().iter();
    fields.any(|(label, keys)| is_date(*label) && keys.contains(&key))
}

fn is_date(label: Label) -> bool {
    matches!(label, Label::Date | Label::Updated | Label::Expires)
}

/// Reads the value of a key for a field, or returns `None` if the field cannot use it.
fn read_field_value(label: Label, entry: &KeyEntry) -> Option<FieldValue> {
    let value = &entry.value;
    match label {
        Label::Tags | Label::Keywords | Label::Categories => read_list(value),
        Label::Authors => read_authors(&entry.key, value),
        Label::Permalink => read_path(&read_text(value)?.bare_text()).map(FieldValue::Text),
        Label::Aliases => read_aliases(value),
        Label::Cover => read_cover(value),
        Label::Series => match value {
            KeyValue::List(items) => read_text(items.first()?),
            value => read_text(value),
        },
        Label::Weight => {
            let text = value.scalar_text()?.trim();
            text.parse::<i64>().ok()?;
            Some(FieldValue::Text(text.to_owned()))
        }
        Label::Language => {
            let text = read_text(value)?;
            find_language_code(&text.text())?;
            Some(text)
        }
        label if is_date(label) => match value {
            // `published: true` is no date.
            KeyValue::Scalar {
                kind: ScalarKind::Bool(_),
                ..
            } => None,
            KeyValue::Scalar { text, .. } if label == Label::Date && is_true_word(text) => None,
            KeyValue::Scalar { text, .. } if label == Label::Date && is_word(text, &FALSE) => None,
            KeyValue::Scalar { .. } => read_text(value),
            _ => None,
        },
        Label::Canonical | Label::TranslationKey => {
            read_text(value).filter(|_| !is_truth_value(value))
        }
        _ => read_text(value),
    }
}

fn is_truth_value(value: &KeyValue) -> bool {
    matches!(
        value,
        KeyValue::Scalar {
            kind: ScalarKind::Bool(_),
            ..
        }
    )
}

/// Reads a text: a scalar, a list of one, a text in several languages, or what a map names.
fn read_text(value: &KeyValue) -> Option<FieldValue> {
    let text = match value {
        KeyValue::Scalar { .. } => FieldValue::Text(value.scalar_text()?.to_owned()),
        KeyValue::List(items) => match items.as_slice() {
            [item] => FieldValue::Text(item.scalar_text()?.to_owned()),
            _ => return None,
        },
        KeyValue::Map(pairs) => match value
            .get_normalised("name")
            .or(value.get_normalised("rendered"))
        {
            Some(name) => FieldValue::Text(name.scalar_text()?.to_owned()),
            None => read_languages(pairs)?,
        },
    };
    (!text.text().is_empty()).then_some(text)
}

/// Reads a map whose keys are language tags: two or three letters, a region may follow.
fn read_languages(pairs: &[(String, KeyValue)]) -> Option<FieldValue> {
    let texts = pairs.iter().map(|(tag, value)| {
        let text = match value {
            KeyValue::Scalar { text, .. } => text.clone(),
            _ => return None,
        };
        language::is_tag(tag).then(|| (tag.clone(), text))
    });
    texts.collect::<Option<Vec<_>>>().map(FieldValue::Languages)
}

/// Reads a list, or a text that is one (R11.2).
fn read_list(value: &KeyValue) -> Option<FieldValue> {
    let list = match value {
        KeyValue::Scalar { .. } => FieldValue::Text(value.scalar_text()?.to_owned()),
        KeyValue::List(items) => FieldValue::List(items.iter().filter_map(read_item).collect()),
        KeyValue::Map(_) => FieldValue::List(vec![
            value.get_normalised("name")?.scalar_text()?.to_owned(),
        ]),
    };
    list.has_items().then_some(list)
}

/// Reads an item of a list: a scalar, or what a map names.
fn read_item(item: &KeyValue) -> Option<String> {
    if let Some(text) = item.scalar_text() {
        return Some(text.to_owned());
    }
    let names = ["name", "title", "label", "slug"];
    let mut texts = names
        .iter()
        .filter_map(|name| item.get_normalised(name)?.scalar_text());
    texts.find(|text| !is_nothing(text)).map(str::to_owned)
}

/// Reads authors. A text under a key in the plural is a list, another one is the name of one author.
fn read_authors(key: &str, value: &KeyValue) -> Option<FieldValue> {
    match value {
        KeyValue::List(_) => read_list(value),
        _ if names_several_authors(key) => read_list(value),
        _ => read_text(value),
    }
}

/// Reads a plain path: one with a `/` and without signs of addresses and patterns. It begins with
/// `/`.
fn read_path(text: &str) -> Option<String> {
    let text = text.trim();
    let is_plain = text.contains('/') && !text.contains([':', '{', '<', '*', '?', '#']);
    let slash = if text.starts_with('/') { "" } else { "/" };
    is_plain.then(|| [slash, text].concat())
}

/// Reads the plain paths of a list or of one text.
fn read_aliases(value: &KeyValue) -> Option<FieldValue> {
    let items = match value {
        KeyValue::List(items) => items.as_slice(),
        value => std::slice::from_ref(value),
    };
    let paths: Vec<String> = items
        .iter()
        .filter_map(|item| read_path(item.scalar_text()?))
        .collect();
    (!paths.is_empty()).then_some(FieldValue::List(paths))
}

/// Reads the address of a picture: a text, the first of a list, or what a map has for it.
fn read_cover(value: &KeyValue) -> Option<FieldValue> {
    match value {
        KeyValue::List(items) => match items.first()? {
            KeyValue::List(_) => None,
            first => read_cover(first),
        },
        KeyValue::Map(_) => {
            let keys = ["src", "url", "path", "image", "file"];
            let mut values = keys.iter().filter_map(|key| value.get_normalised(key));
            values
                .find_map(|value| Some(FieldValue::Text(value.scalar_text()?.to_owned())))
                .filter(|text| !is_nothing(&text.bare_text()))
                .or_else(|| read_text(value))
        }
        KeyValue::Scalar { .. } if is_truth_value(value) => None,
        KeyValue::Scalar { .. } => read_text(value),
    }
}

#[cfg(test)]
mod tests;
