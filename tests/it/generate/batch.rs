//! Batches: request files out, results in, drafts.

use std::fs;

use serde_json::{Value, json};

use super::commands::generate;
use super::replies::{topic_of, write_reply};
use crate::site::{Run, Site, tree};

const TOPICS: [&str; 6] = [
    "Descaling a kettle",
    "Storing rye bread",
    "Pruning old roses",
    "Waxing wooden skis",
    "Reading weather maps",
    "Tuning a mandolin",
];

fn site() -> Site {
    let config = "[generate]\nendpoint = \"http://127.0.0.1:9\"\nmodel = \"m\"\nwords = 300\n";
    Site::with_config(config).file("t.txt", TOPICS.join("\n"))
}

#[track_caller]
fn run(site: &Site, arguments: &[&str]) -> Run {
    let run = generate(site, arguments);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run
}

fn write_batch(site: &Site) -> Run {
    run(site, &["t.txt", "--write-batch", "out", "--for", "openai"])
}

fn requests(site: &Site, file: &str) -> Vec<Value> {
    let text = fs::read_to_string(site.path(file)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Returns the result of a request with this text.
fn result(request: &Value, text: &str) -> Value {
    json!({"custom_id": request["custom_id"], "error": null, "response": {"status_code": 200,
        "body": {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}}})
}

/// Returns the reply to a request.
fn answer(request: &Value) -> String {
    let messages = request["body"]["messages"].as_array().unwrap();
    write_reply(topic_of(
        messages.last().unwrap()["content"].as_str().unwrap(),
    ))
}

fn write_lines(site: &Site, file: &str, lines: &[Value]) {
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    site.write(file, lines.join("\n"));
}

fn posts(site: &Site) -> usize {
    tree(&site.path("content/posts")).len()
}

#[test]
fn batch_goes_out_as_files_and_comes_back_as_drafts() {
    let site = site();
    let written = write_batch(&site);
    assert!(
        written
            .stdout
            .contains("6 requests in 1 file; nothing was sent"),
        "{}",
        written.stdout
    );
    assert!(
        written
            .stdout
            .contains("curl https://api.openai.com/v1/files"),
        "{}",
        written.stdout
    );
    let asked = requests(&site, "out/openai-0001.jsonl");
    assert_eq!(asked.len(), 6);
    // They wait, so that they are not asked again.
    let again = write_batch(&site);
    assert!(
        again.stdout.contains("no topic is to be asked"),
        "{}",
        again.stdout
    );

    let mut results: Vec<Value> = asked
        .iter()
        .map(|request| result(request, &answer(request)))
        .collect();
    results.reverse();
    write_lines(&site, "a.jsonl", &results[..2]);
    write_lines(&site, "b.jsonl", &results[2..]);
    let read = run(&site, &["--read-batch", "a.jsonl", "b.jsonl"]);
    assert!(read.stdout.contains("6 new answers"), "{}", read.stdout);
    assert!(
        read.stdout.contains("6 accepted"),
        "{}{}",
        read.stdout,
        read.stderr
    );
    assert_eq!(posts(&site), 6);
    let files = tree(&site.path("content/posts"));
    assert!(
        files
            .values()
            .all(|bytes| String::from_utf8_lossy(bytes).contains("draft: true"))
    );

    // A second time, with two texts swapped, nothing is new.
    let texts: Vec<String> = asked.iter().map(answer).collect();
    results.reverse();
    results[0] = result(&asked[0], &texts[1]);
    results[1] = result(&asked[1], &texts[0]);
    write_lines(&site, "c.jsonl", &results);
    let read = run(&site, &["--read-batch", "c.jsonl"]);
    assert!(read.stdout.contains("0 new answers"), "{}", read.stdout);
    assert!(read.stdout.contains("6 known already"), "{}", read.stdout);
    assert_eq!(
        read.stderr.matches("swapped-replies").count(),
        2,
        "{}",
        read.stderr
    );
    assert_eq!(tree(&site.path("content/posts")), files);
}

#[test]
fn swapped_texts_are_accepted_and_named() {
    let site = site();
    write_batch(&site);
    let asked = requests(&site, "out/openai-0001.jsonl");
    let order = [1, 0, 2, 3, 4, 5];
    let results: Vec<Value> = (0..6)
        .map(|at| result(&asked[at], &answer(&asked[order[at]])))
        .collect();
    write_lines(&site, "a.jsonl", &results);
    let read = run(&site, &["--read-batch", "a.jsonl", "--strict"]);
    assert!(
        read.stdout.contains("6 accepted"),
        "{}{}",
        read.stdout,
        read.stderr
    );
    assert_eq!(
        read.stderr.matches("swapped-replies").count(),
        2,
        "{}",
        read.stderr
    );
    assert_eq!(posts(&site), 6);
}

#[test]
fn missing_and_expired_requests_are_next() {
    let site = site();
    write_batch(&site);
    let asked = requests(&site, "out/openai-0001.jsonl");
    let expired = json!({"custom_id": asked[1]["custom_id"], "response": null,
        "error": {"code": "batch_expired", "message": "expired"}});
    let results = [result(&asked[0], &answer(&asked[0])), expired];
    write_lines(&site, "a.jsonl", &results);
    let read = run(&site, &["--read-batch", "a.jsonl", "--format", "json"]);
    let report: Value = serde_json::from_str(&read.stdout).unwrap();
    let counts = ["answered", "failed", "missing"].map(|key| report[key].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 4], "{report}");
    let strict = generate(&site, &["--read-batch", "a.jsonl", "--strict"]);
    assert_eq!(strict.code, 1, "{}{}", strict.stdout, strict.stderr);
    write_batch(&site);
    assert_eq!(requests(&site, "out/openai-0002.jsonl").len(), 5);
}

#[test]
fn each_service_gets_its_own_requests() {
    for (service, key) in [("anthropic", "custom_id"), ("gemini", "key")] {
        let site = site();
        run(&site, &["t.txt", "--write-batch", "out", "--for", service]);
        let asked = requests(&site, &format!("out/{service}-0001.jsonl"));
        assert_eq!(asked.len(), 6);
        assert!(asked.iter().all(|request| request[key].is_string()));
    }
    let site = Site::with_config("").file("t.txt", "Tea\n");
    let without_model = generate(&site, &["t.txt", "--write-batch", "out", "--for", "openai"]);
    assert_eq!(without_model.code, 2, "{}", without_model.stderr);
}

#[test]
fn file_without_results_for_this_site_fails_and_the_others_are_read() {
    let site = site();
    write_batch(&site);
    let asked = requests(&site, "out/openai-0001.jsonl");
    write_lines(&site, "a.jsonl", &[result(&asked[0], &answer(&asked[0]))]);
    let mut other = result(&asked[0], &answer(&asked[0]));
    other["custom_id"] = json!("from-another-site");
    write_lines(&site, "b.jsonl", &[other]);
    let run = generate(&site, &["--read-batch", "b.jsonl", "a.jsonl"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("1 accepted"), "{}", run.stdout);
    assert!(run.stderr.contains("b.jsonl: error"), "{}", run.stderr);
    // The requests themselves are no results.
    let run = generate(&site, &["--read-batch", "out/openai-0001.jsonl"]);
    assert_eq!(run.code, 1);
}
