//! Names of records, and the requests of batches.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::parse::request_book::{RequestBook, hash_request};
use crate::post::PostRecord;

/// Returns the records of the posts of JSON values, one on each line.
fn records(values: &[Value]) -> Vec<Option<PostRecord>> {
    let lines: Vec<String> = values.iter().map(Value::to_string).collect();
    let posts = read("a.jsonl", lines.join("\n")).posts.into_iter();
    posts
        .map(|post| post.record.map(|record| *record))
        .collect()
}

#[track_caller]
fn check_id(value: &Value, expected: Option<&str>) {
    let found = records(std::slice::from_ref(value));
    let found: Vec<Option<&str>> = found
        .iter()
        .map(|record| record.as_ref().map(|record| &*record.id))
        .collect();
    assert_eq!(found, [expected], "{value}");
}

const TEXT: &str = "TITLE: Tea\nTAGS: a\nCATEGORIES: News\n\nLeaves.\n\n-EndOFText-";

fn openai_response(text: &str, reason: &str) -> Value {
    json!({"status_code": 200, "body": {"choices": [{"message": {"content": text}, "finish_reason": reason}]}})
}

#[test]
fn record_has_the_name_of_its_request_or_its_id() {
    check_id(
        &json!({"id": "batch_req_1", "custom_id": "r-1", "response": openai_response(TEXT, "stop")}),
        Some("r-1"),
    );
    let message =
        json!({"id": "msg_1", "type": "message", "content": [{"type": "text", "text": TEXT}]});
    check_id(
        &json!({"custom_id": "r-1", "result": {"type": "succeeded", "message": message}}),
        Some("r-1"),
    );
    let candidates = json!({"candidates": [{"content": {"parts": [{"text": TEXT}]}}]});
    check_id(&json!({"key": "r-1", "response": candidates}), Some("r-1"));
    check_id(&json!({"id": 17, "response": TEXT}), Some("17"));
    check_id(
        &json!({"id": "r-1", "title": "Tea", "body": "Leaves."}),
        Some("r-1"),
    );
}

#[test]
fn id_of_a_response_is_not_that_of_its_request() {
    check_id(
        &json!({"id": "chatcmpl-1", "choices": [{"message": {"content": TEXT}}]}),
        None,
    );
    check_id(
        &json!({"id": "msg_1", "type": "message", "content": [{"type": "text", "text": TEXT}]}),
        None,
    );
    check_id(&json!({"id": " ", "response": TEXT}), None);
}

#[test]
fn first_reply_of_a_record_has_its_name() {
    let two = format!(
        "{TEXT}\n\n{}",
        TEXT.replace("Tea", "Bread").replace("Leaves", "Crumbs")
    );
    let found = records(&[json!({"id": "1", "response": two})]);
    assert_eq!(found.len(), 2);
    assert!(found[0].is_some() && found[1].is_none());
}

#[test]
fn record_says_whether_its_reply_was_cut_off_and_what_was_asked() {
    let cut = TEXT.replace("\n\n-EndOFText-", "");
    let found = records(&[
        json!({"custom_id": "1", "response": openai_response(&cut, "length")}),
        json!({"id": "2", "topic": "Green  tea", "response": TEXT.replace("Leaves", "Cups")}),
    ]);
    let record = |at: usize| found[at].as_ref().unwrap();
    assert!(record(0).cut_off && !record(1).cut_off);
    assert_eq!(record(0).request, None);
    assert_eq!(record(1).request, Some(hash_request("green tea")));
}

#[test]
fn error_names_the_record_that_is_not_a_post() {
    let lines = [
        json!({"custom_id": "1", "error": {"message": "boom"}}),
        json!({"id": "2", "response": "I'm sorry, but I can't help with that."}),
        json!({"id": "3", "response": "# Only a title"}),
        json!({"id": "4", "response": TEXT}),
        json!({"id": "5", "response": TEXT}),
    ];
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let result = read("a.jsonl", text.join("\n"));
    let errors = result
        .diagnostics
        .iter()
        .filter(|found| found.severity() == Severity::Error);
    let found: Vec<_> = errors
        .map(|found| (found.code.name(), found.about.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("failed-request", Some("1")),
            ("refusal", Some("2")),
            ("empty-body", Some("3")),
            ("duplicate-post", Some("5")),
        ]
    );
}

fn request(id: &str, prompt: &str) -> Value {
    json!({"custom_id": id, "method": "POST", "url": "/v1/chat/completions",
        "body": {"model": "m", "messages": [{"role": "user", "content": prompt}]}})
}

#[test]
fn requests_are_no_replies() {
    for text in [
        format!("{}\n{}\n", request("1", "Write."), request("2", "Write.")),
        json!({"requests": [
            {"custom_id": "1", "params": {"messages": [{"role": "user", "content": "Write."}]}},
            {"custom_id": "2", "params": {"messages": [{"role": "user", "content": "Write."}]}},
        ]})
        .to_string(),
    ] {
        let result = check("a.json", &text, &[], &[]);
        assert_eq!(result.requests, 2, "{text}");
        assert_eq!(result.diagnostics[0].code, Code::BatchRequest);
        let input = FileInput {
            path: "a.json".into(),
            bytes: text.into(),
        };
        let ids: Vec<_> = read_requests(&input)
            .into_iter()
            .map(|one| one.id.unwrap())
            .collect();
        assert_eq!(ids, ["1", "2"]);
    }
}

/// Reads a reply under the name `1`, of which these requests are known.
fn read_with(requests: &[(&str, &str)], text: &str) -> FileResult {
    let lines: Vec<String> = requests
        .iter()
        .map(|(id, prompt)| request(id, prompt).to_string())
        .collect();
    let input = FileInput {
        path: "requests.jsonl".into(),
        bytes: lines.join("\n").into(),
    };
    let known = read_requests(&input).into_iter();
    let known = known.map(|request| (Arc::clone(&input.path), request));
    let mut settings = ReadSettings::default();
    settings.requests = Arc::new(RequestBook::from_requests(known));
    let input = FileInput {
        path: "results.jsonl".into(),
        bytes: json!({"custom_id": "1", "response": openai_response(text, "stop")})
            .to_string()
            .into(),
    };
    read_json_lines(&input, 1, &settings)
}

const PROSE: &str = "Water should not boil when it meets the leaves of green tea, because it turns them bitter.\n\n\
    Let it cool for a while, and pour it slowly over the leaves.";

#[test]
fn request_gives_what_a_prompt_above_the_reply_would_give() {
    let prompt = "Choose from: \"Hot Drinks\", \"Food\"\nTOPIC: Green tea";
    let result = read_with(&[("1", prompt), ("2", "TOPIC: Rye bread")], PROSE);
    let post = &result.posts[0];
    assert_eq!(post.title, "Green tea");
    assert_eq!(
        post.record.as_ref().unwrap().request,
        Some(hash_request("green tea"))
    );
    let labelled = TEXT.replace("News", "hot drinks");
    let result = read_with(&[("1", prompt)], &labelled);
    assert_eq!(result.posts[0].title, "Tea");
    assert_eq!(result.posts[0].categories, ["Hot Drinks"]);
}

#[test]
fn topic_of_a_text_that_was_swapped_is_not_its_title() {
    let result = read_with(
        &[("1", "TOPIC: Rye bread"), ("2", "TOPIC: Green tea")],
        PROSE,
    );
    assert!(
        codes(&result).contains(&"swapped-replies"),
        "{:?}",
        result.diagnostics
    );
    assert_ne!(result.posts[0].title, "Rye bread");
    let found = result
        .diagnostics
        .iter()
        .find(|found| found.code == Code::SwappedReplies);
    assert_eq!(
        found.unwrap().message,
        "the text under the id `1` (`Rye bread`) fits the request of `2` (`Green tea`)"
    );
}
