//! Finds the field that the name of a label stands for, in all languages (R6.1 of the ingest
//! contract).
//!
//! The names are data: `phrases/languages`.

use std::collections::HashMap;
use std::sync::LazyLock;

use pressrun_text::characters::{fold_char, is_latin, is_mark};
use unicode_normalization::UnicodeNormalization;

use super::label::Label;
use crate::phrases::{LabelNames, languages};

/// A set of the languages that have phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LanguageSet(u32);

impl LanguageSet {
    /// English alone, which is the first of the languages.
    pub const ENGLISH: Self = Self(1);

    /// Returns whether English is in the set.
    pub fn has_english(self) -> bool {
        self.0 & 1 != 0
    }

    /// Returns the languages that both sets have, or `None` if there are none.
    pub fn intersect(self, other: Self) -> Option<Self> {
        let both = Self(self.0 & other.0);
        (both.0 != 0).then_some(both)
    }
}

/// The meaning of a name: its field, and the languages that call the field so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelMeaning {
    /// The field. It is the same in all languages that have the name.
    pub label: Label,
    /// The languages that have the name.
    pub languages: LanguageSet,
}

/// The words that may precede a name, normalised: `Blog Post Title` means `Title`.
const PREFIXES: [&str; 4] = ["blogpost", "blog", "post", "article"];

/// Returns the meaning of a name, with or without one of the words that may precede it.
pub fn find_label_name(name: &str) -> Option<LabelMeaning> {
    let name = normalise_label_name(name)?;
    find_normalised(&name).or_else(|| {
        PREFIXES
            .iter()
            .find_map(|prefix| find_normalised(name.strip_prefix(prefix)?))
    })
}

/// Returns the meaning of a name without a word before it.
pub fn find_exact_label_name(name: &str) -> Option<LabelMeaning> {
    find_normalised(&normalise_label_name(name)?)
}

/// Returns whether two names are the same but for what does not count in them.
pub fn is_label_name(name: &str, normalised: &str) -> bool {
    let Some(name) = normalise_label_name(name) else {
        return false;
    };
    name == normalised
        || PREFIXES
            .iter()
            .any(|prefix| name.strip_prefix(prefix) == Some(normalised))
}

/// Returns whether a text under this name is a list of authors: only the English plural says so.
pub fn names_several_authors(name: &str) -> bool {
    is_label_name(name, "authors")
}

fn find_normalised(name: &str) -> Option<LabelMeaning> {
    static NAMES: LazyLock<HashMap<String, LabelMeaning>> = LazyLock::new(collect_names);
    NAMES.get(name).copied()
}

/// The maximum length of a normalised name in bytes, longer than all names with their prefixes.
const MAX_LENGTH: usize = 96;

/// Returns a name without spaces, `_`, `-`, apostrophes and the marks on Latin letters, with its
/// case folded, or `None` if it is too long.
fn normalise_label_name(name: &str) -> Option<String> {
    let mut normalised = String::with_capacity(name.len());
    if name.is_ascii() {
        let kept = name.bytes().filter(|&byte| !is_ignored(byte.into()));
        normalised.extend(kept.map(|byte| char::from(byte.to_ascii_lowercase())));
        return (normalised.len() <= MAX_LENGTH).then_some(normalised);
    }
    let mut after_latin = false;
    for c in name.nfd() {
        if is_ignored(c) || (after_latin && is_mark(c)) {
            continue;
        }
        after_latin = is_latin(c);
        match c {
            // Upper-casing a Turkish dotless i gives a plain `I`.
            'ı' => normalised.push('i'),
            c => normalised.extend(fold_char(c)),
        }
        if normalised.len() > MAX_LENGTH {
            return None;
        }
    }
    Some(normalised)
}

/// Returns whether a character in a name does not count. Editors put backslashes before `_`.
fn is_ignored(c: char) -> bool {
    c.is_whitespace() || matches!(c, '_' | '-' | '‐' | '‑' | '\\' | '\'' | '’' | '‘' | 'ʼ')
}

/// The name of the topic, the only label that is not a field of posts.
const TOPIC: &str = "topic";

fn collect_names() -> HashMap<String, LabelMeaning> {
    let mut names: HashMap<String, LabelMeaning> = HashMap::new();
    let mut add = |name: &str, label, languages: LanguageSet| {
        let name = normalise_label_name(name).unwrap_or_default();
        let meaning = LabelMeaning { label, languages };
        let known = names.entry(name).or_insert(meaning);
        // A test holds that the field is the same.
        known.languages.0 |= languages.0;
    };
    add(TOPIC, Label::Topic, LanguageSet::ENGLISH);
    for (bit, language) in languages().iter().enumerate() {
        for (label, list) in list_fields(&language.labels) {
            for name in list {
                let label = match label {
                    Label::Description if !names_meta_description(name) => Label::PlainDescription,
                    label => label,
                };
                add(name, label, LanguageSet(1 << bit));
            }
        }
    }
    names
}

/// Returns the names of each field in one language.
fn list_fields(names: &LabelNames) -> [(Label, &[String]); 15] {
    [
        (Label::Title, &names.title),
        (Label::SeoTitle, &names.seo_title),
        (Label::Subtitle, &names.subtitle),
        (Label::Description, &names.description),
        (Label::Tags, &names.tags),
        (Label::Keywords, &names.keywords),
        (Label::Categories, &names.categories),
        (Label::Date, &names.date),
        (Label::Updated, &names.updated),
        (Label::Slug, &names.slug),
        (Label::Authors, &names.author),
        (Label::Language, &names.language),
        (Label::Draft, &names.draft),
        (Label::Content, &names.content),
        (Label::Ignored, &names.ignored),
    ]
}

/// Returns whether a name of the description can only be that of a page: it says `meta` or `SEO`
/// (R7.1).
fn names_meta_description(name: &str) -> bool {
    let name = normalise_label_name(name).unwrap_or_default();
    ["meta", "seo", "мета", "メタ", "元", "메타", "मेटा", "الميتا"]
        .iter()
        .any(|word| {
            // The words go through the same decomposition as the name.
            normalise_label_name(word).is_some_and(|word| name.contains(&word))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: Option<Label>) {
        assert_eq!(
            find_label_name(name).map(|found| found.label),
            expected,
            "{name}"
        );
    }

    #[test]
    fn a_name_has_one_field_in_all_languages() {
        let mut fields: HashMap<String, Label> = HashMap::new();
        for language in languages() {
            for (label, list) in list_fields(&language.labels) {
                for name in list {
                    let name = normalise_label_name(name).unwrap();
                    assert!(!name.is_empty() && name.len() <= MAX_LENGTH / 2, "{name}");
                    let known = *fields.entry(name.clone()).or_insert(label);
                    assert_eq!(known, label, "{} {name}", language.code);
                }
            }
        }
    }

    #[test]
    fn case_spaces_and_marks_do_not_count() {
        check("Schlagworter", Some(Label::Tags));
        check("SCHLAGWÖRTER", Some(Label::Tags));
        check("Mots clés", Some(Label::Keywords));
        check("BAŞLIK", Some(Label::Title));
        check("SEO BAŞLIĞI", Some(Label::SeoTitle));
        check("ОПИСАНИЕ", Some(Label::PlainDescription));
        check("ドラフト", None);
        check("カテゴリー", Some(Label::Categories));
        check("게시일", Some(Label::Date));
    }

    #[test]
    fn prefixes_stand_before_any_name() {
        check("Blog Post Tags", Some(Label::Tags));
        check("BLOG_POST", Some(Label::Content));
        check("Article Updated", Some(Label::Updated));
        check("Post", Some(Label::Content));
        check("post post title", None);
    }

    #[test]
    fn some_descriptions_are_those_of_pages() {
        for name in [
            "meta desc",
            "SEO description",
            "Méta-description",
            "метаописание",
            "メタ説明",
            "元描述",
            "메타 설명",
            "मेटा विवरण",
            "وصف الميتا",
            "Meta-Beschreibung",
        ] {
            check(name, Some(Label::Description));
        }
        for name in [
            "excerpt",
            "Beschreibung",
            "摘要",
            "विवरण",
            "الوصف",
            "описание",
        ] {
            check(name, Some(Label::PlainDescription));
        }
    }
}
