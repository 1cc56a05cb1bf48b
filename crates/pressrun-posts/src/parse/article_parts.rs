//! Joins an article that a JSON object holds in parts: an introduction, sections, a conclusion (R2.9
//! of the ingest contract).

use pressrun_text::plain::collapse_white_space;
use serde_json::{Map, Value as Json};

use super::key::normalise_key;
use super::post_object::find_string;

/// Returns whether the value of this normalised key is part of an article in parts.
pub(super) fn is_part_key(key: &str) -> bool {
    [&INTRODUCTION[..], &["sections", "conclusion"]]
        .concat()
        .contains(&key)
}

const INTRODUCTION: [&str; 2] = ["introduction", "intro"];

/// Joins the parts of an article to Markdown. `sections` are those of its body.
pub(super) fn join_article_parts(object: &Map<String, Json>, sections: &[Json]) -> String {
    let mut parts = Vec::new();
    add_text(find_value(object, &INTRODUCTION), 2, &mut parts);
    for section in sections {
        add_text(Some(section), 2, &mut parts);
    }
    add_text(find_value(object, &["conclusion"]), 2, &mut parts);
    parts.join("\n\n")
}

/// Adds the parts of a value: a text, a section, or a list of both.
fn add_text(value: Option<&Json>, level: usize, parts: &mut Vec<String>) {
    let Some(value) = value else { return };
    if let Some(text) = find_string(value) {
        let text = text.trim_matches('\n').trim_end();
        if !text.trim().is_empty() {
            parts.push(text.to_owned());
        }
        return;
    }
    match value {
        Json::Array(items) => {
            for item in items {
                add_text(Some(item), level, parts);
            }
        }
        Json::Object(section) => add_section(section, level, parts),
        _ => {}
    }
}

/// Adds the heading of a section, its text, and its own sections.
fn add_section(section: &Map<String, Json>, level: usize, parts: &mut Vec<String>) {
    let heading = ["heading", "title", "subheading", "header"];
    let heading = heading
        .iter()
        .find_map(|name| find_string(find_value(section, &[name])?));
    let heading = heading.map(|text| collapse_white_space(text.trim_start_matches(['#', ' '])));
    if let Some(heading) = heading.filter(|heading| !heading.is_empty()) {
        // There is no seventh level.
        parts.push(format!("{} {heading}", "#".repeat(level.min(6))));
    }
    let content = find_value(section, &["content", "body", "text", "paragraphs"]);
    add_text(content, level + 1, parts);
    let inner = find_value(section, &["sections", "subsections"]);
    add_text(inner, level + 1, parts);
}

/// Returns the value of the first of these normalised keys that is there.
fn find_value<'o>(object: &'o Map<String, Json>, keys: &[&str]) -> Option<&'o Json> {
    keys.iter().find_map(|key| {
        let mut pairs = object.iter();
        let found = pairs.find(|(name, value)| !value.is_null() && normalise_key(name) == *key);
        found.map(|(_, value)| value)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(object: &Json, expected: &str) {
        let object = object.as_object().unwrap();
        let sections = object["sections"].as_array().unwrap();
        assert_eq!(join_article_parts(object, sections), expected);
    }

    #[test]
    fn sections_stand_between_introduction_and_conclusion() {
        check(
            &json!({
                "Conclusion": "z",
                "intro": "a",
                "sections": [
                    {"heading": "b", "content": "c"},
                    {"title": "## d", "paragraphs": ["e", "f"]},
                    {"body": "g"},
                ],
            }),
            "a\n\n## b\n\nc\n\n## d\n\ne\n\nf\n\ng\n\nz",
        );
    }

    #[test]
    fn sections_of_a_section_are_one_level_lower() {
        check(
            &json!({"sections": [
                {"header": "a", "text": "b", "subsections": [
                    {"sub_heading": "c", "content": {"rendered": "<p>d</p>"},
                     "sections": [{"heading": "e"}]},
                ]},
            ]}),
            "## a\n\nb\n\n### c\n\n<p>d</p>\n\n#### e",
        );
    }

    #[test]
    fn what_is_not_text_is_left_out() {
        check(
            &json!({"introduction": null, "sections": [{"heading": " ", "content": 3}, 4, "a\n"]}),
            "a",
        );
    }
}
