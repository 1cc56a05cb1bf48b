//! Reads JSON objects that are posts: they have a title and a body by name (R2.3 of the ingest
//! contract).

use serde_json::{Map, Value as Json};

use super::given::GivenField;
use super::key;
use super::label::Label;
use super::value::FieldValue;
use crate::post::date;

/// A post given by a JSON object.
#[derive(Debug)]
pub struct PostObject {
    /// Its fields, in the order of the object.
    pub given: Vec<GivenField>,
    /// Its body.
    pub body: String,
}

/// The normalised keys of the body, see [`key::normalise_key`]. The first one that is present is used.
const BODY: [&str; 8] = [
    "content",
    "body",
    "postcontent",
    "bodymarkdown",
    "contentmarkdown",
    "markdown",
    "article",
    "text",
];

/// Returns whether a JSON object is a post: it has a string for its title and one for its body.
pub fn is_post(object: &Map<String, Json>) -> bool {
    object
        .iter()
        .any(|(name, value)| value.is_string() && key::normalise_key(name) == "title")
        && find_body_key(object).is_some()
}

/// Reads the post of an object that begins on `line`, if it is one.
pub fn read_post_object(object: &Map<String, Json>, line: u32) -> Option<PostObject> {
    if !is_post(object) {
        return None;
    }
    let body = find_body_key(object)?;
    Some(PostObject {
        given: convert_object_fields(object, line, |name| name == body),
        body: object[body].as_str()?.to_owned(),
    })
}

fn find_body_key(object: &Map<String, Json>) -> Option<&str> {
    BODY.iter().find_map(|body| {
        let mut pairs = object.iter();
        let (name, _) =
            pairs.find(|(name, value)| value.is_string() && key::normalise_key(name) == *body)?;
        Some(name.as_str())
    })
}

/// Returns the fields of an object, except for the keys that `skip` accepts.
pub fn convert_object_fields(
    object: &Map<String, Json>,
    line: u32,
    skip: impl Fn(&str) -> bool,
) -> Vec<GivenField> {
    let inner = |name: &str, json: &Json| -> Vec<GivenField> {
        let fields = json.as_object().into_iter().flatten();
        fields
            .filter_map(|(field, json)| {
                key::field_of_key(&key::inner(name, field)?, convert_json_value(json)?, line)
            })
            .collect()
    };
    let pictures = object.iter().flat_map(|(name, json)| inner(name, json));
    object
        .iter()
        .filter(|(name, _)| !skip(name))
        .filter_map(|(name, json)| {
            let mut given = key::field_of_key(name, convert_json_value(json)?, line)?;
            if matches!(given.label, Label::Date | Label::Updated)
                && let Some(day) = day_of_json_time(json)
            {
                given.value = FieldValue::Text(day);
            }
            Some(given)
        })
        .chain(pictures)
        .collect()
}

/// Returns the day in UTC of a Unix time in seconds or milliseconds.
pub fn day_of_json_time(json: &Json) -> Option<String> {
    let seconds = match json.as_f64()? {
        // In seconds, 1e11 would be the year 5138.
        time if time.abs() >= 1e11 => time / 1000.0,
        time => time,
    };
    Some(date::day_of_unix_time(seconds.floor() as i64)?.to_string())
}

fn convert_json_value(json: &Json) -> Option<FieldValue> {
    Some(match json {
        Json::Array(items) => FieldValue::List(items.iter().filter_map(json_scalar_text).collect()),
        json => FieldValue::Text(json_scalar_text(json)?),
    })
}

/// Returns a scalar as text, and an object as the value of its key `name`.
fn json_scalar_text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(value) => Some(value.to_string()),
        Json::Object(object) => Some(object.get("name")?.as_str()?.to_owned()),
        Json::Null | Json::Array(_) => None,
    }
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
            assert!(!is_post(&object(text)), "{text}");
        }
    }

    #[test]
    fn the_other_keys_are_fields() {
        let text = r#"{"title": "a", "text": "x", "content": "b", "tags": ["c", 3, {"name": "d"}],
            "created_at": 86400, "draft": true, "other": {}}"#;
        let post = read_post_object(&object(text), 7).unwrap();
        let given: Vec<_> = post
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
                (Label::Date, text("1970-01-02")),
                (Label::Draft, text("true")),
            ]
        );
        assert!(post.given.iter().all(|given| given.line == 7));
    }

    #[test]
    fn milliseconds_are_told_from_seconds() {
        assert_eq!(
            day_of_json_time(&Json::from(1_711_652_795_000_u64)).as_deref(),
            Some("2024-03-28")
        );
        assert_eq!(
            day_of_json_time(&Json::from(1_711_652_795.9)).as_deref(),
            Some("2024-03-28")
        );
        assert_eq!(day_of_json_time(&Json::from(1e300)), None);
    }
}
