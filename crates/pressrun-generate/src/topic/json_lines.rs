//! Lists with one JSON object a line, whose key `topic` is the topic.

use pressrun_posts::parse::json::parse_json;
use serde_json::Value;

use super::{RawList, RawTopic, RawValue};

pub(super) fn read_json_lines(text: &str) -> RawList {
    let mut list = RawList::default();
    for (at, line) in text.lines().enumerate() {
        let number = at as u32 + 1;
        if line.trim().is_empty() {
            continue;
        }
        match parse_json::<Value>(line) {
            Ok(Value::Object(object)) => {
                let fields = object.into_iter();
                list.topics.push(RawTopic {
                    line: number,
                    fields: fields
                        .filter_map(|(name, value)| Some((name, convert_value(value)?)))
                        .collect(),
                });
            }
            Ok(_) => list.report(
                number,
                "the line is not a JSON object",
                Some("write `{\"topic\": \"…\"}`"),
            ),
            Err(error) => list.report(number, format!("the line is not JSON: {error}"), None),
        }
    }
    list
}

/// Converts a value; `None` for null.
fn convert_value(value: Value) -> Option<RawValue> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) => RawValue::Text(text),
        Value::Array(items) => RawValue::List(items.into_iter().map(convert_item).collect()),
        other => RawValue::Text(other.to_string()),
    })
}

fn convert_item(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, check_findings, read};

    #[test]
    fn each_line_is_an_object_with_a_topic() {
        check(
            "a.jsonl",
            "{\"topic\": \"Tea\\nTITLE: x\", \"id\": 7}\n\n{\"topic\": \"Water\"}\n",
            &["1: Tea TITLE: x", "3: Water"],
        );
        let topics = read(
            "-",
            "{\"topic\":\"Tea\",\"id\":7,\"keywords\":[\"a\",\"b, c\"],\"n\":[1,2],\"x\":null}\n",
        )
        .topics;
        assert_eq!(topics[0].id, "7");
        assert_eq!(topics[0].keywords, ["a", "b, c"]);
        assert_eq!(topics[0].row["n"], "1, 2");
        assert!(!topics[0].row.contains_key("x"));
    }

    #[test]
    fn line_that_is_no_object_is_reported_and_the_next_is_read() {
        check_findings(
            "a.jsonl",
            "[1]\n{\"topic\": 3}\n{\"subject\": \"Tea\"}\n{\"topic\": \"\\u001b\"}\n",
            &[
                "a.jsonl:1: invalid-topic: the line is not a JSON object",
                "a.jsonl:3: invalid-topic: it has no field `topic`",
                "a.jsonl:4: invalid-topic: the topic has no letters",
            ],
        );
    }
}
