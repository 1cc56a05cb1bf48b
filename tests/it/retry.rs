//! Tests what `pressrun retry` writes and says.

use std::fs;

use serde_json::{Value, json};

use crate::ingest_by_id::{answered, cut_off, failed, lines, request, whole};
use crate::site::{Run, Site};

/// Returns a site with a batch of five requests: one was answered, the others failed, were refused,
/// were cut off, and have no text.
fn batch() -> Site {
    let requests: Vec<Value> = [
        ("1", "Tea"),
        ("2", "Bread"),
        ("3", "Wine"),
        ("4", "Salt"),
        ("5", "Rye"),
    ]
    .map(|(id, topic)| request(id, topic))
    .into();
    let results = [
        whole("1", "Tea", "tea"),
        failed("2"),
        answered("3", "I'm sorry, but I can't help with that.", "stop"),
        cut_off("4", "Salt", "salt"),
        answered("5", "", "stop"),
    ];
    Site::new()
        .file("b/requests.jsonl", lines(&requests))
        .file("b/results.jsonl", lines(&results))
}

#[track_caller]
fn check_code(run: &Run, code: i32) {
    assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
}

fn parse_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Returns the names of requests.
fn names(records: &[Value], key: &str) -> Vec<String> {
    records
        .iter()
        .map(|record| record[key].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_has_no_whole_reply_is_asked_again_in_the_same_words() {
    let site = batch();
    let run = site.run(&["retry", "b", "--for", "openai"]);
    check_code(&run, 0);
    let written = parse_lines(&run.stdout);
    let all = parse_lines(&fs::read_to_string(site.path("b/requests.jsonl")).unwrap());
    assert_eq!(written, all[1..]);

    let run = site.run(&["retry", "b", "--for", "openai", "--output", "retry.jsonl"]);
    check_code(&run, 0);
    assert!(
        run.stdout
            .starts_with("4 records have no whole reply; 4 requests written to retry.jsonl\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("curl https://api.openai.com/v1/files"),
        "{}",
        run.stdout
    );
    assert_eq!(
        parse_lines(&fs::read_to_string(site.path("retry.jsonl")).unwrap()),
        all[1..]
    );
}

#[test]
fn results_of_a_retry_take_the_places_of_what_failed() {
    let site = batch();
    check_code(&site.run(&["ingest", "b"]), 0);
    site.write(
        "b/retry.jsonl",
        lines(&[
            whole("2", "Bread", "bread"),
            whole("3", "Wine", "wine"),
            whole("4", "Salt, whole", "salt"),
            failed("5"),
        ]),
    );
    check_code(&site.run(&["ingest", "b/retry.jsonl"]), 0);
    let run = site.run(&["ingest", "b"]);
    check_code(&run, 0);
    let files: Vec<String> = crate::site::tree(&site.path("content/posts"))
        .into_keys()
        .collect();
    assert_eq!(files, ["bread.md", "salt.md", "tea.md", "wine.md"]);
    let salt = fs::read_to_string(site.path("content/posts/salt.md")).unwrap();
    assert!(
        !salt.contains("draft: true") && salt.contains("title: Salt, whole"),
        "{salt}"
    );
    // Only the last one is still to be asked, also by whoever has the old results alone.
    for sources in [&["b"][..], &["b/requests.jsonl", "b/results.jsonl"]] {
        let run = site.run(&[&["retry"], sources, &["--for", "openai"]].concat());
        check_code(&run, 0);
        assert_eq!(names(&parse_lines(&run.stdout), "custom_id"), ["5"]);
    }
    site.write("b/more.jsonl", lines(&[whole("5", "Rye", "rye")]));
    let run = site.run(&["retry", "b", "--for", "openai", "--output", "none.jsonl"]);
    check_code(&run, 0);
    assert!(
        run.stdout.contains("nothing is to be asked again"),
        "{}",
        run.stdout
    );
    assert!(!site.path("none.jsonl").exists());
}

#[test]
fn ids_without_a_request_are_named() {
    let site = batch();
    site.write(
        "b/requests.jsonl",
        lines(&[request("1", "Tea"), request("3", "Wine")]),
    );
    let run = site.run(&["retry", "b", "--for", "openai", "--verbose"]);
    check_code(&run, 1);
    assert_eq!(names(&parse_lines(&run.stdout), "custom_id"), ["3"]);
    for id in ["2", "4", "5"] {
        assert!(
            run.stderr.contains(&format!("`{id}` has no whole reply")),
            "{}",
            run.stderr
        );
    }
    assert!(
        !run.stderr.contains("`3`") && run.stderr.contains("request-unknown"),
        "{}",
        run.stderr
    );
}

#[test]
fn requests_are_converted_for_another_service() {
    let site = batch();
    let run = site.run(&["retry", "b", "--for", "anthropic"]);
    check_code(&run, 2);
    assert!(run.stderr.contains("--model"), "{}", run.stderr);
    let run = site.run(&[
        "retry",
        "b",
        "--for",
        "anthropic",
        "--model",
        "claude",
        "--max-tokens",
        "99",
    ]);
    check_code(&run, 0);
    let written = parse_lines(&run.stdout);
    assert_eq!(names(&written, "custom_id"), ["2", "3", "4", "5"]);
    let prompt = "Choose from: \"News\", \"Reviews\"\n\nTOPIC: Bread";
    assert_eq!(
        written[0]["params"],
        json!({"model": "claude", "max_tokens": 99, "messages": [{"role": "user", "content": prompt}]})
    );
    let run = site.run(&["retry", "b", "--for", "gemini"]);
    check_code(&run, 0);
    let written = parse_lines(&run.stdout);
    assert_eq!(names(&written, "key"), ["2", "3", "4", "5"]);
    assert_eq!(
        written[0]["request"]["contents"][0]["parts"][0]["text"],
        prompt
    );
}

#[test]
fn ids_that_a_service_does_not_take_are_still_known() {
    let site = Site::new()
        .file("requests.jsonl", lines(&[request("post 1/é", "Tea")]))
        .file("results.jsonl", lines(&[failed("post 1/é")]));
    let sources = ["requests.jsonl", "results.jsonl"];
    let run = site.run(
        &[
            &["retry", "--for", "anthropic", "--model", "m"],
            &sources[..],
        ]
        .concat(),
    );
    check_code(&run, 0);
    let id = names(&parse_lines(&run.stdout), "custom_id").remove(0);
    assert!(
        id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
        "{id}"
    );
    site.write("again.jsonl", lines(&[whole(&id, "Tea", "tea")]));
    let run = site.run(&["ingest", "results.jsonl", "again.jsonl", "--strict"]);
    check_code(&run, 0);
}

#[test]
fn report_for_programs_is_json() {
    let site = batch();
    let run = site.run(&["retry", "b", "--for", "openai", "--format", "json"]);
    check_code(&run, 2);
    let run = site.run(&[
        "retry",
        "b",
        "--for",
        "openai",
        "--format",
        "json",
        "-o",
        "out/r.jsonl",
    ]);
    check_code(&run, 0);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["requests"], 4);
    assert_eq!(report["files"][0]["path"], "out/r.jsonl");
    let codes: Vec<&str> = report["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        [
            "failed-request",
            "refusal",
            "truncated-reply",
            "failed-request"
        ]
    );
    assert_eq!(report["records"][0]["line"], 2);
}

#[test]
fn two_batches_with_the_same_ids_are_not_mixed_up() {
    let site = Site::new()
        .file("a/requests.jsonl", lines(&[request("1", "Tea")]))
        .file("a/results.jsonl", lines(&[failed("1")]))
        .file("b/requests.jsonl", lines(&[request("1", "Bread")]))
        .file("b/results.jsonl", lines(&[failed("1")]));
    let run = site.run(&["retry", "a", "b", "--for", "openai"]);
    check_code(&run, 1);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("one batch at a time"), "{}", run.stderr);
    let run = site.run(&["retry", "b", "--for", "openai"]);
    check_code(&run, 0);
    assert!(run.stdout.contains("TOPIC: Bread"), "{}", run.stdout);
}
