//! Reads JSON objects that are posts: they have a title and a body by name (R2.3 of the ingest
//! contract).

use serde_json::{Map, Value as Json};

use super::article_parts::{is_part_key, join_article_parts};
use super::given::GivenField;
use super::key::{self, KeyedFields};
use super::key_value::{KeyEntry, KeyValue};
use super::label::Label;
use super::reply::GenerationEnd;
use super::value::{FieldValue, is_nothing};
use crate::post::date;

/// A post given by a JSON object.
#[derive(Debug)]
pub struct PostObject {
    /// Its fields, and the keys that no field reads.
    pub fields: KeyedFields,
    /// Its body.
    pub body: String,
    /// How its generation ended, if the object says so.
    pub ending: GenerationEnd,
}

/// The normalised keys of the body, see [`key::normalise_key`]. The first one that is present is used.
pub const BODY: [&str; 12] = [
    "content",
    "body",
    "postcontent",
    "bodymarkdown",
    "contentmarkdown",
    "markdown",
    "article",
    "text",
    "html",
    "bodyhtml",
    "contenthtml",
    "contenttext",
];

/// The body of an object.
enum ObjectBody<'o> {
    Text(&'o str),
    Sections(&'o [Json]),
}

/// Reads the post of an object that begins on `line`, if it is one: it has a title and a body.
pub fn read_post_object(object: &Map<String, Json>, line: u32) -> Option<PostObject> {
    if !has_title(object) {
        return None;
    }
    let (is_in_parts, body) = match find_body(object)? {
        ObjectBody::Text(text) => (false, text.to_owned()),
        ObjectBody::Sections(sections) => (true, join_article_parts(object, sections)),
    };
    let fields = convert_object_fields(object, line, |name| {
        let plain = key::normalise_key(name);
        // Another form of the body is not a field either.
        BODY.contains(&&*plain) || (is_in_parts && is_part_key(&plain))
    });
    Some(PostObject {
        fields,
        body,
        ending: GenerationEnd::Unknown,
    })
}

/// Returns whether an object has a body.
pub fn has_body(object: &Map<String, Json>) -> bool {
    find_body(object).is_some()
}

fn has_title(object: &Map<String, Json>) -> bool {
    object.iter().any(|(name, value)| {
        find_string(value).is_some() && matches!(&*key::normalise_key(name), "title" | "headline")
    })
}

fn find_body(object: &Map<String, Json>) -> Option<ObjectBody<'_>> {
    let candidates = object.iter().filter_map(|(name, value)| {
        let body = match (find_string(value), value) {
            (Some(text), _) => ObjectBody::Text(text),
            (None, Json::Array(items)) if holds_sections(items) => ObjectBody::Sections(items),
            _ => return None,
        };
        let plain = key::normalise_key(name);
        let rank = BODY.iter().position(|known| *known == plain);
        // Sections by that name are the body only where there is no other.
        let rank = rank.or_else(|| {
            let is_list = matches!(body, ObjectBody::Sections(..));
            (is_list && plain == "sections").then_some(BODY.len() + 1)
        })?;
        // A blank body counts only where there is no other.
        let is_blank = matches!(&body, ObjectBody::Text(text) if text.trim().is_empty());
        Some(((is_blank, rank), body))
    });
    candidates
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, body)| body)
}

fn holds_sections(items: &[Json]) -> bool {
    items
        .iter()
        .any(|item| item.is_object() || item.is_string())
}

/// Returns the text of a value: a string, or the one that `WordPress` puts under `rendered`.
pub fn find_string(value: &Json) -> Option<&str> {
    value
        .as_str()
        .or_else(|| value.as_object()?.get("rendered")?.as_str())
}

/// Returns the fields of an object, except for the keys that `skip` accepts.
pub fn convert_object_fields(
    object: &Map<String, Json>,
    line: u32,
    skip: impl Fn(&str) -> bool,
) -> KeyedFields {
    let entries = object_entries(object, line).filter(|entry| !skip(&entry.key));
    let mut fields = key::assign_keys(entries.collect());
    // Posts have no topic, but records do.
    let topics = object.iter().filter_map(|(name, json)| {
        let is_topic = key::normalise_key(name) == "topic" && !skip(name);
        let topic = json
            .as_str()
            .filter(|topic| is_topic && !is_nothing(topic))?;
        Some(GivenField {
            label: Label::Topic,
            name: name.clone(),
            value: FieldValue::Text(topic.to_owned()),
            line,
        })
    });
    fields.given.extend(topics);
    fields
}

/// Returns the keys of an object that begins on `line`, with their values. Unix times become dates.
pub fn object_entries(object: &Map<String, Json>, line: u32) -> impl Iterator<Item = KeyEntry> {
    object.iter().map(move |(name, json)| {
        let time = json.is_number().then(|| read_unix_time(json)).flatten();
        let value = match time.filter(|_| key::is_date_key(name)) {
            Some(time) => KeyValue::of_text(time),
            None => KeyValue::of_json(json),
        };
        KeyEntry {
            key: name.clone(),
            value,
            line,
        }
    })
}

/// Returns a date given as text or as a Unix time.
pub fn read_json_date(json: &Json) -> Option<String> {
    json.as_str()
        .map(str::to_owned)
        .or_else(|| read_unix_time(json))
}

/// Returns the date, time and zone in UTC of a Unix time in seconds or milliseconds (R2.5).
fn read_unix_time(json: &Json) -> Option<String> {
    let seconds = match json.as_f64()? {
        // In seconds, 1e11 would be the year 5138.
        time if time.abs() >= 1e11 => time / 1000.0,
        time => time,
    };
    date::format_unix_time(seconds.floor() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(text: &str) -> Map<String, Json> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_title_and_a_body_make_a_post() {
        for text in [
            r#"{"title": "a", "content": "b"}"#,
            r#"{"Title": "a", "Post_Content": "b"}"#,
            r#"{"title": "a", "body-markdown": "b"}"#,
        ] {
            assert_eq!(
                read_post_object(&object(text), 1).unwrap().body,
                "b",
                "{text}"
            );
        }
        for text in [
            r#"{"title": "a"}"#,
            r#"{"content": "a"}"#,
            r#"{"title": 1, "content": "b"}"#,
        ] {
            assert!(read_post_object(&object(text), 1).is_none(), "{text}");
        }
    }

    #[test]
    fn the_other_keys_are_fields() {
        let text = r#"{"title": "a", "text": "x", "content": "b", "tags": ["c", 3, {"name": "d"}],
            "created_at": 86400, "draft": true, "other": {}}"#;
        let post = read_post_object(&object(text), 7).unwrap();
        let given: Vec<_> = post
            .fields
            .given
            .iter()
            .map(|given| (given.label, given.value.clone()))
            .collect();
        let text = |text: &str| FieldValue::Text(text.to_owned());
        assert_eq!(
            given,
            [
                (Label::Title, text("a")),
                (
                    Label::Tags,
                    FieldValue::List(vec!["c".into(), "3".into(), "d".into()])
                ),
                (Label::Date, text("1970-01-02T00:00:00Z")),
                (Label::Draft, text("true")),
            ]
        );
        assert!(post.fields.given.iter().all(|given| given.line == 7));
    }

    #[test]
    fn the_first_body_that_is_there_counts() {
        for (text, expected) in [
            (
                r#"{"headline": "a", "content_html": "b", "html": "c"}"#,
                "c",
            ),
            (
                r#"{"title": {"rendered": "a"}, "content": {"rendered": "b"}}"#,
                "b",
            ),
            (r#"{"title": "a", "content": "", "html": "b"}"#, "b"),
            (r#"{"title": "a", "content": null, "text": "b"}"#, "b"),
            (
                r#"{"title": "a", "sections": [{"heading": "b"}], "text": "c"}"#,
                "c",
            ),
            (
                r#"{"title": "a", "intro": "b", "sections": [{"heading": "c"}]}"#,
                "b\n\n## c",
            ),
            (
                r#"{"title": "a", "content": [{"heading": "c", "body": "d"}]}"#,
                "## c\n\nd",
            ),
        ] {
            let post = read_post_object(&object(text), 1).unwrap();
            assert_eq!(post.body, expected, "{text}");
        }
    }

    #[test]
    fn milliseconds_are_distinguished_from_seconds() {
        let read = |json: Json| read_json_date(&json);
        assert_eq!(
            read(Json::from(1_711_652_795_000_u64)).as_deref(),
            Some("2024-03-28T19:06:35Z")
        );
        assert_eq!(
            read(Json::from(1_711_652_795.9)).as_deref(),
            Some("2024-03-28T19:06:35Z")
        );
        assert_eq!(read(Json::from("May 2")).as_deref(), Some("May 2"));
        assert_eq!(read(Json::from(1e300)), None);
    }
}
