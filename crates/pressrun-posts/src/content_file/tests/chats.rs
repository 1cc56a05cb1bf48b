//! R2.6 to R2.8: chats, transcripts, canvases and artifacts.

use serde_json::{Value, json};

use super::*;

const ARTICLE: &str = "# Tea\n\nLeaves.";

#[track_caller]
fn check_json(value: &Value, posts: &[(&str, &str)], expected: &[&str]) -> FileResult {
    check("a.json", &value.to_string(), posts, expected)
}

/// Returns a `ChatGPT` export with these messages in a row.
fn chatgpt(messages: &[Value]) -> Value {
    let mut mapping = json!({"0": {"parent": null, "message": null}});
    for (at, message) in messages.iter().enumerate() {
        let mut message = message.clone();
        message["create_time"] = json!(86_400.0 * (at + 1) as f64);
        mapping[(at + 1).to_string()] = json!({"parent": at.to_string(), "message": message});
    }
    json!({"current_node": messages.len().to_string(), "mapping": mapping})
}

/// Returns a message to the canvas.
fn canvas(action: &str, content: &Value) -> Value {
    json!({"author": {"role": "assistant"}, "recipient": format!("canmore.{action}_textdoc"),
        "content": {"content_type": "code", "text": content.to_string()}})
}

fn said(role: &str, text: &str) -> Value {
    json!({"author": {"role": role}, "recipient": "all",
        "content": {"content_type": "text", "parts": [text]}})
}

fn document(content: &str) -> Value {
    canvas(
        "create",
        &json!({"name": "tea", "type": "document", "content": content}),
    )
}

fn update(pattern: &str, replacement: &str) -> Value {
    let change = json!({"pattern": pattern, "multiple": false, "replacement": replacement});
    canvas("update", &json!({"updates": [change]}))
}

#[test]
fn r2_8_a_canvas_is_a_reply_whatever_its_length() {
    let export = chatgpt(&[
        said("user", "Write."),
        document(ARTICLE),
        said("assistant", "There it is."),
    ]);
    let result = check_json(&export, &[("Tea", "Leaves.")], &[]);
    assert_eq!(result.posts[0].date.unwrap().to_string(), "1970-01-03");
    let skipped = |result: &FileResult| {
        let found = result.diagnostics.iter();
        found
            .filter(|found| found.code == Code::MessageSkipped)
            .count()
    };
    assert_eq!(skipped(&result), 1);
    let code = canvas(
        "create",
        &json!({"type": "code/python", "content": "print(1)"}),
    );
    let result = check_json(
        &chatgpt(&[document(ARTICLE), code, update(".*", "# print(2)")]),
        &[("Tea", "Leaves.")],
        &[],
    );
    assert_eq!(skipped(&result), 1);
}

#[test]
fn r2_8_changes_of_a_canvas_are_applied() {
    check_json(
        &chatgpt(&[
            document("No."),
            update(".*", "# Tea\n\nLeaves fall."),
            update(" fall", " rise"),
        ]),
        &[("Tea", "Leaves rise.")],
        &[],
    );
    let both = json!({"updates": [
        {"pattern": "Lea[a-z]+", "replacement": "no"},
        {"pattern": "e", "replacement": "ee", "multiple": true},
    ]});
    check_json(
        &chatgpt(&[document(ARTICLE), canvas("update", &both)]),
        &[("Teea", "Leeavees.")],
        &["artifact-unread"],
    );
}

#[test]
fn r2_8_a_canvas_that_cannot_be_read_is_reported() {
    check_json(
        &chatgpt(&[canvas("create", &json!({"type": "document"}))]),
        &[],
        &["artifact-unread", "no-post-found"],
    );
    check_json(
        &chatgpt(&[update(".*", "x")]),
        &[],
        &["artifact-unread", "no-post-found"],
    );
    let mut broken = document(ARTICLE);
    broken["content"]["text"] = json!("{\"type\": \"docu");
    check_json(
        &chatgpt(&[
            document(ARTICLE),
            broken,
            canvas("update", &json!({"updates": 1})),
        ]),
        &[("Tea", "Leaves.")],
        &["artifact-unread"],
    );
}

#[test]
fn r2_3_what_was_spoken_is_text() {
    let spoken = |role: &str, parts: Value| {
        json!({"author": {"role": role}, "recipient": "all",
            "content": {"content_type": "multimodal_text", "parts": parts}})
    };
    let speech = |text: &str| json!({"content_type": "audio_transcription", "text": text});
    let export = chatgpt(&[
        spoken(
            "user",
            json!([speech("TOPIC: x"), {"content_type": "audio_asset_pointer", "text": "no"}]),
        ),
        spoken(
            "assistant",
            json!([speech("TITLE: Tea\nTAGS: a\n"), "Leaves.\n-EndOFText-"]),
        ),
    ]);
    check_json(&export, &[("Tea", "Leaves.")], &[]);
}

/// Returns a Claude export with one message that has these commands for artifacts.
fn claude(commands: &[Value]) -> Value {
    let mut blocks = vec![json!({"type": "text", "text": "I will."})];
    let artifacts = commands
        .iter()
        .map(|input| json!({"type": "tool_use", "name": "artifacts", "input": input}));
    blocks.extend(artifacts);
    json!([{"chat_messages": [{"sender": "assistant", "text": "", "content": blocks, "created_at": "2024-05-06T07:00:00Z"}]}])
}

#[test]
fn r2_8_the_last_state_of_an_artifact_counts() {
    let create = json!({"id": "a", "command": "create", "type": "text/markdown", "title": "T", "content": "# No"});
    let rewrite = json!({"id": "a", "command": "rewrite", "content": "Leaves fall."});
    let change = json!({"id": "a", "command": "update", "old_str": " fall", "new_str": ""});
    let html = json!({"id": "b", "command": "create", "type": "text/html", "title": "Rye", "content": "<p>Bread.</p>"});
    let code =
        json!({"id": "c", "command": "create", "type": "application/vnd.ant.code", "content": "x"});
    let code_again = json!({"id": "c", "command": "rewrite", "content": "y"});
    let result = check_json(
        &claude(&[create.clone(), html, code, rewrite, code_again, change]),
        &[("T", "Leaves."), ("Rye", "<p>Bread.</p>")],
        &[],
    );
    assert_eq!(result.posts[0].date.unwrap().to_string(), "2024-05-06");
    let misfit = json!({"id": "a", "command": "update", "old_str": "Rain", "new_str": "Sun"});
    let stranger = json!({"id": "z", "command": "update", "old_str": "a", "new_str": "b"});
    for unread in [misfit, stranger, json!({"id": "q", "command": "create"})] {
        let commands = [
            json!({"id": "a", "command": "create", "content": ARTICLE}),
            unread,
        ];
        check_json(
            &claude(&commands),
            &[("Tea", "Leaves.")],
            &["artifact-unread"],
        );
    }
}

#[test]
fn r2_8_artifacts_in_text() {
    let tagged = "Here it is.\n\n<antArtifact identifier=\"t\" type=\"text/markdown\" title=\"A &amp; B\">\nLeaves are green.\n</antArtifact>\n\nAnything else?";
    let expected = [("A & B", "Leaves are green.")];
    check("a.txt", tagged, &expected, &["chat-text-removed"]);
    check_json(
        &json!({"topic": "x", "response": tagged}),
        &expected,
        &["chat-text-removed"],
    );
    let second = tagged.replace("green", "brown");
    check_json(
        &json!([{"role": "assistant", "content": tagged}, {"role": "user", "content": "Browner."}, {"role": "assistant", "content": second}]),
        &[("A & B", "Leaves are brown.")],
        &["chat-text-removed"],
    );
    check(
        "a.md",
        "# Tea\n\nClaude writes `<antArtifact>` and `</antArtifact>`.",
        &[("Tea", "Claude writes `<antArtifact>` and `</antArtifact>`.")],
        &[],
    );
}

#[test]
fn r2_6_users_of_all_languages_ask_for_the_rest() {
    for ask in [
        "continue",
        "please go on",
        "mach weiter",
        "continúa",
        "继续",
        "продолжай",
    ] {
        check_json(
            &json!([
                {"role": "assistant", "content": "TITLE: Tea\nTAGS: a\n\nLeaves are"},
                {"role": "user", "content": ask},
                {"role": "assistant", "content": "green.\n-EndOFText-"},
            ]),
            &[("Tea", "Leaves are green.")],
            &[],
        );
    }
}

#[test]
fn r2_7_copied_pages_name_the_model() {
    let body = vec!["Leaves."; 50].join(" ");
    let text = format!("You said:\nWrite\n\nChatGPT said:\nChatGPT\n\n# Tea\n\n{body}\n\n4o\n");
    check("a.txt", &text, &[("Tea", &body)], &["chat-text-removed"]);
}
