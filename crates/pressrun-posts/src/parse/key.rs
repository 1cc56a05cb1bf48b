//! Keys of front matter and JSON objects, and the fields they stand for (R6.6 of the ingest
//! contract).

use std::collections::HashSet;
use std::sync::LazyLock;

use super::given::GivenField;
use super::label::{Label, label_of_name};
use super::value::{FieldValue, is_nothing};
use crate::phrases::front_matter_keys;

/// Returns the normalised key: lower case, without `_`, `-` and spaces.
pub fn normalise_key(key: &str) -> String {
    key.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns whether one of these keys shows that they are front matter.
pub fn is_front_matter<'k>(mut keys: impl Iterator<Item = &'k String>) -> bool {
    static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let keys = front_matter_keys().iter_keys();
        keys.map(|key| normalise_key(key)).collect()
    });
    keys.any(|key| KNOWN.contains(&normalise_key(key)))
}

/// Returns the field for a key and its value, or `None` if posts have no such field.
pub fn field_of_key(key: &str, value: FieldValue, line: u32) -> Option<GivenField> {
    let given = |label, value| GivenField {
        label,
        name: key.to_owned(),
        value,
        line,
    };
    let says = |words: &[&str]| match &value {
        FieldValue::Text(text) => words
            .iter()
            .any(|word| text.trim().eq_ignore_ascii_case(word)),
        FieldValue::List(_) | FieldValue::Languages(_) => false,
    };
    let draft = || FieldValue::Text("true".to_owned());
    let plain = normalise_key(key);
    let label = match plain.as_str() {
        "summary" => Label::PlainDescription,
        "pubdate" | "createdat" | "publishedat" => Label::Date,
        "updated" | "lastmod" | "modified" | "lastmodified" | "updatedat" => Label::Updated,
        "cover" | "image" | "featuredimage" => Label::Cover,
        "coveralt" | "coverimagealt" | "imagealt" | "featuredimagealt" => Label::CoverAlt,
        "lang" | "locale" => Label::Language,
        "disclosure" => Label::Disclosure,
        "digitalsourcetype" => Label::SourceType,
        // Several keys can make a post a draft. Any other value of them means nothing.
        "draft" if says(&["true", "yes", "on", "1"]) => return Some(given(Label::Draft, draft())),
        "status" if says(&["draft"]) => return Some(given(Label::Draft, draft())),
        "published" if says(&["false", "no", "off", "0"]) => {
            return Some(given(Label::Draft, draft()));
        }
        // Any other value of `published` is a date.
        "published" if says(&["true", "yes", "on", "1"]) => return None,
        "draft" | "status" => return None,
        name => label_of_name(name.to_ascii_uppercase().as_bytes())?,
    };
    let empty = matches!(&value, FieldValue::Text(text) if is_nothing(text));
    let has_place = !matches!(label, Label::Content | Label::Ignored);
    (has_place && !empty).then(|| given(label, value))
}

/// Returns the key that a field within a value stands for, if posts have it: the address or the
/// text of a picture (`cover: {image: a.png, alt: A bridge}`).
pub fn inner(key: &str, field: &str) -> Option<String> {
    let is_picture = matches!(
        normalise_key(key).as_str(),
        "cover" | "image" | "featuredimage"
    );
    let suffix = match normalise_key(field).as_str() {
        "image" | "src" | "url" | "path" | "file" => "",
        "alt" => "_alt",
        _ => return None,
    };
    is_picture.then(|| format!("{key}{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, value: &str, expected: Option<Label>) {
        let label =
            field_of_key(key, FieldValue::Text(value.to_owned()), 1).map(|given| given.label);
        assert_eq!(label, expected, "{key}: {value}");
    }

    #[test]
    fn keys_are_the_names_of_labels_without_prefixes() {
        check("title", "a", Some(Label::Title));
        check("Meta Description", "a", Some(Label::Description));
        check("metaTitle", "a", Some(Label::SeoTitle));
        check("post_title", "a", None);
        check("author", "a", Some(Label::Authors));
        check("content", "a", None);
        check("title", "", None);
    }

    #[test]
    fn further_keys_give_dates_and_drafts() {
        check("pubDate", "a", Some(Label::Date));
        check("created_at", "a", Some(Label::Date));
        check("last_modified", "a", Some(Label::Updated));
        check("featured_image", "a", Some(Label::Cover));
        check("coverAlt", "a", Some(Label::CoverAlt));
        check("featured_image_alt", "a", Some(Label::CoverAlt));
        check("alt", "a", None);
        check("summary", "a", Some(Label::PlainDescription));
        check("lang", "de", Some(Label::Language));
        check("language", "de", Some(Label::Language));
        check("disclosure", "false", Some(Label::Disclosure));
        check("digital_source_type", "a", Some(Label::SourceType));
        check("draft", "true", Some(Label::Draft));
        check("draft", "false", None);
        check("published", "false", Some(Label::Draft));
        check("published", "2024-01-02", Some(Label::Date));
        check("published", "true", None);
        check("status", "Draft", Some(Label::Draft));
        check("status", "live", None);
    }
}
