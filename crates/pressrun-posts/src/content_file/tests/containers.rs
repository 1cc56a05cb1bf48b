//! R2: JSON containers, chats and transcripts.

use serde_json::{Value, json};

use super::*;

#[track_caller]
fn check_json(value: &Value, posts: &[(&str, &str)], expected: &[&str]) -> FileResult {
    check("a.json", &value.to_string(), posts, expected)
}

const REPLY: &str = "TITLE: Tea\nTAGS: a\nCATEGORIES: News\n\nLeaves.\n\n-EndOFText-";

#[test]
fn r2_1_a_line_that_is_not_json_stops_no_other() {
    let text = format!(
        "{}\n\n{{oops\n{}\n",
        json!({"response": "One.", "topic": "A"}),
        json!({"response": "Two.", "topic": "B"})
    );
    let result = check(
        "a.txt",
        &text,
        &[("A", "One."), ("B", "Two.")],
        &["invalid-json"],
    );
    let error = result
        .diagnostics
        .iter()
        .find(|d| d.code == Code::InvalidJson);
    assert_eq!(error.unwrap().place.line, Some(3));
    assert_eq!(result.posts[1].source.line, 4);
}

#[test]
fn r2_1_the_name_asks_for_json() {
    check(
        "a.json",
        "Leaves are green. They fall.",
        &[],
        &["invalid-json"],
    );
    check("a.ndjson", "Leaves.", &[], &["invalid-json"]);
    check("a.json", "{\"a\": ", &[], &["invalid-json"]);
    check(
        "a.md",
        "[Leaves] are green.\n\nThey fall.",
        &[("[Leaves] are green", "[Leaves] are green.\n\nThey fall.")],
        &["no-title-found"],
    );
}

#[test]
fn r2_2_an_array_is_a_list_unless_it_is_a_chat() {
    let record = json!({"topic": "A", "response": "One."});
    check_json(
        &json!([record, [record], 3]),
        &[("A", "One.")],
        &["duplicate-post", "unknown-json-shape"],
    );
    check_json(
        &json!([{"role": "user", "content": "hi"}, {"role": "assistant", "content": REPLY}]),
        &[("Tea", "Leaves.")],
        &[],
    );
    check_json(&json!([]), &[], &["no-post-found"]);
}

#[test]
fn r2_3_chat_exports() {
    let node = |parent: &str, role: &str, text: &str| {
        json!({"parent": parent, "message": {"author": {"role": role}, "recipient": "all", "create_time": 86400.5,
            "content": {"content_type": "text", "parts": [text]}}})
    };
    let mut export = json!({"current_node": "c", "mapping": {
        "a": {"parent": null, "message": null}, "b": node("a", "user", "go"), "c": node("b", "assistant", REPLY),
        "d": node("b", "assistant", "TITLE: Other\nTAGS: a\n\nNo.\n-EndOFText-")}});
    let result = check_json(&export, &[("Tea", "Leaves.")], &[]);
    assert_eq!(result.posts[0].date.unwrap().to_string(), "1970-01-02");
    export["current_node"] = json!("gone");
    export["mapping"].as_object_mut().unwrap().remove("d");
    check_json(&export, &[("Tea", "Leaves.")], &[]);
    export["current_node"] = json!("c");
    export["mapping"]["c"]["message"]["metadata"] =
        json!({"is_visually_hidden_from_conversation": true});
    check_json(&export, &[], &["no-post-found"]);
    export["mapping"]["c"]["message"]["metadata"] = json!({});
    export["mapping"]["c"]["message"]["recipient"] = json!("python");
    check_json(&export, &[], &["no-post-found"]);
    export["mapping"]["b"]["parent"] = json!("c");
    check_json(&export, &[], &["no-post-found"]);

    let claude = json!([{"chat_messages": [{"sender": "human", "text": "go"},
        {"sender": "assistant", "text": "", "content": [{"type": "text", "text": REPLY}], "created_at": "2024-05-06T23:00:00-08:00"}]}]);
    let result = check_json(&claude, &[("Tea", "Leaves.")], &[]);
    assert_eq!(result.posts[0].date.unwrap().to_string(), "2024-05-06");
    check_json(
        &json!({"messages": [{"role": "assistant", "content": [{"type": "text", "text": REPLY}]}]}),
        &[("Tea", "Leaves.")],
        &[],
    );
    check_json(
        &json!({"conversations": [{"from": "gpt", "value": REPLY}]}),
        &[("Tea", "Leaves.")],
        &[],
    );
}

#[test]
fn r2_3_batches() {
    let completion = json!({"choices": [{"message": {"content": REPLY}, "finish_reason": "stop"}, {"message": {"content": "no"}}], "created": 86400});
    check_json(
        &json!({"custom_id": "1", "response": {"status_code": 200, "body": completion}, "error": null}),
        &[("Tea", "Leaves.")],
        &[],
    );
    check_json(
        &json!({"key": "1", "response": {"candidates": [{"content": {"parts": [{"text": "hm", "thought": true}, {"text": &REPLY[..9]}, {"text": &REPLY[9..]}]}, "finishReason": "STOP"}]}}),
        &[("Tea", "Leaves.")],
        &[],
    );
    for failed in [
        json!({"custom_id": "1", "response": {"status_code": 429, "body": completion}, "error": null}),
        json!({"custom_id": "1", "response": null, "error": {"message": "x"}}),
        json!({"custom_id": "1", "error": {"message": "x"}}),
        json!({"custom_id": "1", "result": {"type": "expired"}}),
        json!({"custom_id": "1", "response": {"status_code": 200, "body": {"choices": []}}}),
        json!({"choices": [{"message": {"content": null}, "finish_reason": "stop"}]}),
        json!({"choices": [{"message": {"content": REPLY}, "finish_reason": "content_filter"}]}),
        json!({"candidates": []}),
        json!({"topic": "a", "response": " "}),
    ] {
        check_json(&failed, &[], &["failed-request"]);
    }
    check_json(
        &json!({"choices": [{"message": {"content": null, "refusal": "No."}}]}),
        &[],
        &["refusal"],
    );
    check_json(
        &json!({"type": "message", "content": [{"type": "text", "text": "No."}], "stop_reason": "refusal"}),
        &[],
        &["refusal"],
    );
    check_json(
        &json!({"custom_id": "1", "result": {"type": "succeeded", "message": {"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": REPLY}]}}}),
        &[("Tea", "Leaves.")],
        &[],
    );
}

#[test]
fn r2_3_responses_and_legacy_completions() {
    check_json(
        &json!({"output": [{"type": "reasoning"}, {"type": "message", "content": [{"type": "output_text", "text": "# Tea"}, {"type": "output_text", "text": "Leaves."}]}], "status": "completed"}),
        &[("Tea", "Leaves.")],
        &[],
    );
    check_json(
        &json!({"choices": [{"text": REPLY}]}),
        &[("Tea", "Leaves.")],
        &[],
    );
}

#[test]
fn r2_3_post_objects_and_records() {
    let result = check_json(
        &json!({"Title": "Tea", "Post Content": "Leaves.", "tags": ["a", "b"], "createdAt": 86400}),
        &[("Tea", "Leaves.")],
        &[],
    );
    assert_eq!(result.posts[0].tags, ["a", "b"]);
    assert_eq!(result.posts[0].date.unwrap().to_string(), "1970-01-02");
    let record = json!({"title": "Supplied", "tags": "x", "slug": "y", "output": "TITLE: Tea\nTAGS: a\n\nLeaves.\n-EndOFText-", "published_at": "2024-02-03 10:00"});
    let result = check_json(&record, &[("Tea", "Leaves.")], &[]);
    assert_eq!(
        (
            result.posts[0].tags.join(","),
            result.posts[0].slug.as_str()
        ),
        ("a".to_owned(), "y")
    );
    assert_eq!(result.posts[0].date.unwrap().to_string(), "2024-02-03");
    check_json(
        &json!({"title": "Tea", "response": "Leaves."}),
        &[("Tea", "Leaves.")],
        &[],
    );
    check_json(&json!({"a": "b"}), &[], &["unknown-json-shape"]);
}

#[test]
fn r2_4_the_end_of_generation_counts() {
    let reply = |text: &str, reason: &str| json!({"choices": [{"message": {"content": text}, "finish_reason": reason}]});
    let open = "TITLE: Tea\nTAGS: a\n\nLeaves.";
    check_json(&reply(open, "stop"), &[("Tea", "Leaves.")], &[]);
    check_json(
        &reply(open, "tool_calls"),
        &[("Tea", "Leaves.")],
        &["missing-end-marker"],
    );
    let result = check_json(
        &reply(REPLY, "length"),
        &[("Tea", "Leaves.")],
        &["truncated-reply"],
    );
    assert!(result.posts[0].draft);
    check_json(
        &reply("TITLE: Tea\nTAGS: a\n\nLeaves and", "stop"),
        &[("Tea", "Leaves and")],
        &["truncated-reply"],
    );
}

#[test]
fn r2_6_a_chat_is_mostly_no_post() {
    let chat = |texts: &[&str]| {
        let messages: Vec<Value> = texts
            .iter()
            .zip(["user", "assistant"].iter().cycle())
            .map(|(text, role)| json!({"role": role, "content": text}))
            .collect();
        json!({"messages": messages})
    };
    check_json(
        &chat(&[
            "Choose from: Leaves, News\nTOPIC: t",
            "TITLE: Tea\nCATEGORIES: LEAVE, Gaming\n\nYes.\n-EndOFText-",
        ]),
        &[("Tea", "Yes.")],
        &["off-list-category"],
    );
    check_json(
        &chat(&["a", "One and", "continue", "two."]),
        &[],
        &["no-post-found"],
    );
    let start = "TITLE: Tea\nTAGS: a\n\nOne and";
    check_json(
        &chat(&["a", start, "please continue", "two.\n-EndOFText-"]),
        &[("Tea", "One and two.")],
        &[],
    );
    check_json(
        &chat(&["a", start, "go on", "two and", "resume", "three."]),
        &[("Tea", "One and two and three.")],
        &["missing-end-marker"],
    );
    check_json(
        &chat(&[
            "a",
            start,
            "continue",
            "TITLE: Rye\nTAGS: b\n\nBread.\n-EndOFText-",
        ]),
        &[("Tea", "One and"), ("Rye", "Bread.")],
        &["truncated-reply"],
    );
}

#[test]
fn r2_7_transcripts_have_two_sides() {
    check(
        "a.txt",
        &format!("Saved chat\n\n**You:** go\n\n### ChatGPT said:\n\n{REPLY}\n\nYou said: thanks"),
        &[("Tea", "Leaves.")],
        &[],
    );
    let article =
        "User: a word with a history.\n\nIt comes from Latin, and it has been with us for long.";
    assert_eq!(read("a.txt", article).posts.len(), 1);
}

#[test]
fn piece_of_a_long_jsonl_file_counts_from_its_own_line() {
    let record = |title: &str| {
        format!(
            "{{\"response\": \"TITLE: {title}\\nTAGS: x\\n\\nWords on {title}.\\n\\n-EndOFText-\"}}"
        )
    };
    let input = FileInput {
        path: "a.jsonl".into(),
        bytes: format!("cut off\"}}\n{}\n\n{}\n", record("Tea"), record("Salt")).into_bytes(),
    };
    let result = read_json_lines(&input, 501, &ReadSettings::default());
    let lines: Vec<u32> = result.posts.iter().map(|post| post.source.line).collect();
    assert_eq!(lines, [502, 504]);
    let errors: Vec<String> = result
        .diagnostics
        .iter()
        .filter(|found| found.severity() == Severity::Error)
        .map(|found| format!("{}: {}", found.place, found.code))
        .collect();
    assert_eq!(errors, ["a.jsonl:501: invalid-json"]);
}

#[test]
fn what_python_writes_for_numbers_that_json_does_not_have_loses_no_record() {
    let text = "[{\"topic\": \"A\", \"response\": \"One.\", \"score\": NaN},\n\
                {\"topic\": \"B\", \"response\": \"Two \\ud83d.\", \"score\": -Infinity}]";
    let posts = [("A", "One."), ("B", "Two \u{FFFD}.")];
    check("a.json", text, &posts, &[]);
    check("a.txt", text, &posts, &[]);
    let lines = text.trim_matches(['[', ']']).replace("},", "}");
    check("a.jsonl", &lines, &posts, &[]);
}

/// Returns the titles of the posts of some JSON, each with its line.
#[track_caller]
fn titles_of_json(text: &str) -> Vec<(String, u32)> {
    let result = read("a.json", text);
    assert_eq!(codes(&result), [""; 0], "{text}");
    let posts = result.posts.into_iter();
    posts.map(|post| (post.title, post.source.line)).collect()
}

#[test]
fn r2_1_json_front_matter_makes_a_text() {
    check(
        "a.md",
        "{\"topic\": \"Tea\"}\nLeaves are green. They fall.",
        &[],
        &["invalid-json", "unknown-json-shape"],
    );
    for (path, text) in [
        ("a.md", "{\n\"title\": \"Tea\"\n}\n\nLeaves are green."),
        ("a.json", "\n{\"title\": \"Tea\"}  \r\nLeaves are green."),
        (
            "a.txt",
            "{\"layout\": \"post\"}\n# Tea\n\nLeaves are green.",
        ),
    ] {
        let layout = json::detect_json_layout(text, path.rsplit('.').next().unwrap());
        assert_eq!(layout, JsonLayout::Text, "{text}");
    }
    check(
        "a.md",
        "{\"title\": \"Tea\", \"body\": \"Leaves.\"}\n{\"title\": \"Rye\", \"body\": \"Bread.\"}",
        &[("Tea", "Leaves."), ("Rye", "Bread.")],
        &[],
    );
}

#[test]
fn r2_2_objects_may_hold_lists_of_containers() {
    let post = |title: &str| json!({"title": title, "content": format!("A text on {title}.")});
    for key in [
        "posts",
        "articles",
        "blogs",
        "blog_posts",
        "entries",
        "items",
        "results",
        "data",
    ] {
        check_json(
            &json!({"title": "My feed", "version": 1, key: [post("Tea"), post("Rye")]}),
            &[("Tea", "A text on Tea."), ("Rye", "A text on Rye.")],
            &[],
        );
    }
    for key in [
        "post",
        "article",
        "blog",
        "blog_post",
        "data",
        "result",
        "db",
    ] {
        let posts = [("Tea", "A text on Tea.")];
        check_json(&json!({"meta": {}, key: post("Tea")}), &posts, &[]);
        check_json(&json!({"meta": {}, key: [post("Tea")]}), &posts, &[]);
    }
    check_json(
        &json!({"db": [{"meta": 1, "data": {"tags": [], "posts": [post("Tea"), 1]}}]}),
        &[("Tea", "A text on Tea.")],
        &["unknown-json-shape"],
    );
    check_json(&json!({"posts": []}), &[], &["no-post-found"]);
    check_json(&json!({"post": {"a": 1}}), &[], &["unknown-json-shape"]);
    check_json(
        &json!({"pages": [post("Tea")]}),
        &[],
        &["unknown-json-shape"],
    );
    let lines = format!(
        "{}\n{}",
        json!({"post": post("Tea")}),
        json!({"posts": [post("Rye")]})
    );
    let posts = [("Tea", "A text on Tea."), ("Rye", "A text on Rye.")];
    check("a.jsonl", &lines, &posts, &[]);
}

#[test]
fn r2_2_posts_in_an_object_know_their_lines() {
    let post = |title: &str| json!({"title": title, "content": "Leaves of {title}, \"green\"."});
    let text = format!(
        "\n{{\"meta\": [\n1, {{}}],\n\"data\": {{\n\"posts\": [\n{},\n\n{}]}}}}\n",
        post("Tea"),
        post("Rye").to_string().replace("Leaves", "Ears of rye and")
    );
    let expected = [("Tea".to_owned(), 6), ("Rye".to_owned(), 8)];
    assert_eq!(titles_of_json(&text), expected);
    assert_eq!(titles_of_json(&format!("[{text}]")), expected);
}

#[test]
fn r2_2_a_shape_goes_before_what_is_inside() {
    check_json(
        &json!({"title": "Tea", "content": "Leaves.", "posts": [{"title": "Rye", "content": "Bread."}]}),
        &[("Tea", "Leaves.")],
        &[],
    );
}

#[test]
fn r2_3_batches_of_clouds() {
    let message = json!({"type": "message", "role": "assistant", "content": [{"type": "text", "text": REPLY}], "stop_reason": "end_turn"});
    let gemini =
        json!({"candidates": [{"content": {"parts": [{"text": REPLY}]}, "finishReason": "STOP"}]});
    for line in [
        json!({"request": {"contents": []}, "response": gemini, "status": ""}),
        json!({"recordId": "1", "modelInput": {}, "modelOutput": message}),
        json!({"modelInput": {}, "modelOutput": {"generation": REPLY, "stop_reason": "stop"}}),
        json!({"recordId": "1", "modelOutput": {"output": {"message": {"role": "assistant", "content": [{"reasoningContent": {}}, {"text": REPLY}]}}, "stopReason": "end_turn"}}),
        json!({"request": "Write.", "response": REPLY, "error": null}),
        json!({"request": "Write.", "output": REPLY, "error": null}),
    ] {
        check_json(&line, &[("Tea", "Leaves.")], &[]);
    }
    for (line, message) in [
        (
            json!({"request": {}, "response": {}, "status": "Error: quota"}),
            "Error: quota",
        ),
        (
            json!({"request": {}, "response": null}),
            "it has no response",
        ),
        (
            json!({"recordId": "1", "modelInput": {}, "modelOutput": {}}),
            "it has no response",
        ),
        (
            json!({"recordId": "1", "modelInput": {}, "error": {"errorCode": 400, "errorMessage": "too long"}}),
            "too long",
        ),
        (
            json!({"custom_id": "1", "response": {"status_code": 200, "body": {}}}),
            "its response is empty",
        ),
    ] {
        let result = check_json(&line, &[], &["failed-request"]);
        let found = &result.diagnostics[0].message;
        assert!(found.contains(message), "{found}");
    }
}

#[test]
fn r2_3_ollama_converse_and_more_keys_of_records() {
    let ollama = json!({"model": "m", "created_at": "2024-05-06T07:00:00Z", "message": {"role": "assistant", "content": REPLY}, "done": true, "done_reason": "stop"});
    let result = check_json(&ollama, &[("Tea", "Leaves.")], &[]);
    assert_eq!(result.posts[0].date.unwrap().to_string(), "2024-05-06");
    check_json(
        &json!({"output": {"message": {"content": [{"text": "# Tea"}, {"text": "Leaves."}]}}}),
        &[("Tea", "Leaves.")],
        &[],
    );
    for key in [
        "generation",
        "output_text",
        "Post Content",
        "body_markdown",
        "html",
        "contentText",
    ] {
        check_json(
            &json!({"topic": "Tea", key: "Leaves."}),
            &[("Tea", "Leaves.")],
            &[],
        );
    }
    check_json(
        &json!({"content": "No.", "Generation": "Leaves.", "topic": "Tea"}),
        &[("Tea", "Leaves.")],
        &[],
    );
}

#[test]
fn r2_4_every_service_says_how_it_ended() {
    let text = "# Tea\n\nLeaves.";
    let message = json!({"role": "assistant", "content": text});
    for (reason, cut_off) in [("stop", false), ("length", true)] {
        let expected: &[&str] = if cut_off { &["truncated-reply"] } else { &[] };
        for record in [
            json!({"message": message, "done": true, "done_reason": reason}),
            json!({"response": text, "done": true, "done_reason": reason}),
            json!({"generation": text, "stopReason": reason}),
            json!({"title": "Tea", "content": "Leaves.", "finish_reason": reason}),
        ] {
            let result = check_json(&record, &[("Tea", "Leaves.")], expected);
            assert_eq!(result.posts[0].draft, cut_off, "{record}");
        }
    }
    for (record, code) in [
        (
            json!({"message": {"role": "assistant", "content": " "}, "done": true}),
            "failed-request",
        ),
        (
            json!({"response": text, "finish_reason": "content_filter"}),
            "failed-request",
        ),
        (
            json!({"completion": text, "stop_reason": "refusal"}),
            "refusal",
        ),
        (
            json!({"output": {"message": {"content": [{"toolUse": {}}]}}}),
            "failed-request",
        ),
        (
            json!({"message": {"role": "assistant", "content": "", "refusal": "No."}, "model": "m"}),
            "refusal",
        ),
    ] {
        check_json(&record, &[], &[code]);
    }
}

#[test]
fn r2_9_post_objects_of_other_programs() {
    let wordpress = json!([{"id": 7, "date": "2024-05-01T10:00:00", "slug": "green-tea", "status": "publish",
        "title": {"rendered": "Tea &#8211; green"}, "excerpt": {"rendered": "<p>On leaves.</p>\n"},
        "content": {"rendered": "<p>Leaves.</p>\n", "protected": false}}]);
    let result = check_json(&wordpress, &[("Tea – green", "<p>Leaves.</p>")], &[]);
    let post = &result.posts[0];
    assert_eq!(
        (&*post.slug, &*post.description),
        ("green-tea", "On leaves.")
    );
    assert_eq!(post.date.unwrap().to_string(), "2024-05-01");
    check_json(
        &json!({"headline": "Tea", "content_html": "<p>Leaves.</p>", "author": "Ida"}),
        &[("Tea", "<p>Leaves.</p>")],
        &[],
    );
}

#[test]
fn r2_9_an_article_may_be_in_sections() {
    let sections = json!([{"heading": "Green", "content": "Not roasted."}, {"heading": "Black", "paragraphs": ["Roasted.", "Twice."]}]);
    let body =
        "Two kinds.\n\n## Green\n\nNot roasted.\n\n## Black\n\nRoasted.\n\nTwice.\n\nBoth wake.";
    for key in ["sections", "content", "article"] {
        check_json(
            &json!({"title": "Tea", "intro": "Two kinds.", key: sections, "conclusion": "Both wake."}),
            &[("Tea", body)],
            &[],
        );
    }
    check_json(
        &json!({"title": "Tea", "sections": [{"heading": "Green"}]}),
        &[],
        &["empty-body"],
    );
}

#[test]
fn r2_9_other_keys_of_a_post_are_kept() {
    let post = json!({"id": 7, "title": "Tea", "content": "Leaves.", "html": "<p>Leaves.</p>", "mood": ["calm", null]});
    let texts = [post.to_string(), format!("Here:\n\n```json\n{post}\n```")];
    for (path, text) in ["a.json", "a.txt"].into_iter().zip(texts) {
        let result = read(path, text.as_str());
        let extra = crate::post::extras_to_json(&result.posts[0].extra);
        assert_eq!(extra, json!({"id": 7, "mood": ["calm", null]}), "{text}");
        let found = result.diagnostics.iter();
        assert_eq!(
            found
                .filter(|found| found.code == Code::CustomField)
                .count(),
            1
        );
    }
    let record = json!({"topic": "Tea", "response": "Leaves.", "mood": "calm"});
    assert!(read("a.json", record.to_string()).posts[0].extra.is_empty());
}
