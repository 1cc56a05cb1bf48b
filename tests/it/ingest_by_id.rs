//! Tests that `pressrun ingest` and `pressrun build` know the records of batches again by their ids.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::site::{Run, Site, tree};

/// Returns a reply about a subject, whose words are those of no other subject.
pub(crate) fn reply(title: &str, about: &str) -> String {
    format!(
        "TITLE: {title}\nMETA_DESCRIPTION: On {about}.\nTAGS: {about}\nCATEGORIES: News\n\n\
         {}\n\n-EndOFText-\n",
        body(about)
    )
}

fn body(about: &str) -> String {
    let sentence = |n: usize| {
        format!(
            "{about}{n} makes {about} better than {about}{} does.",
            n + 7
        )
    };
    (0..6).map(sentence).collect::<Vec<_>>().join(" ")
}

/// Returns a line of `OpenAI`'s batch output.
pub(crate) fn answered(id: &str, text: &str, finish: &str) -> Value {
    json!({"id": "batch_req_1", "custom_id": id, "error": null, "response": {"status_code": 200,
        "body": {"choices": [{"message": {"role": "assistant", "content": text},
            "finish_reason": finish}]}}})
}

pub(crate) fn whole(id: &str, title: &str, about: &str) -> Value {
    answered(id, &reply(title, about), "stop")
}

pub(crate) fn cut_off(id: &str, title: &str, about: &str) -> Value {
    let text = reply(title, about);
    answered(id, &text[..text.len() * 2 / 3], "length")
}

pub(crate) fn failed(id: &str) -> Value {
    json!({"custom_id": id, "response": null, "error": {"message": "server error"}})
}

/// Returns a request file of `OpenAI`.
pub(crate) fn request(id: &str, topic: &str) -> Value {
    json!({"custom_id": id, "method": "POST", "url": "/v1/chat/completions", "body":
        {"model": "m", "messages": [{"role": "user", "content":
            format!("Choose from: \"News\", \"Reviews\"\n\nTOPIC: {topic}")}]}})
}

pub(crate) fn lines(records: &[Value]) -> String {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

/// Ingests files, and returns the run and the posts by the names of their files.
#[track_caller]
fn ingest(site: &Site, sources: &[&str]) -> (Run, BTreeMap<String, String>) {
    let run = site.run(&[&["ingest", "--verbose"], sources].concat());
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let posts = tree(&site.path("content/posts"));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let posts = posts.into_iter().map(|(path, bytes)| (path, text(bytes)));
    (run, posts.collect())
}

#[track_caller]
fn check_names(posts: &BTreeMap<String, String>, expected: &[&str]) {
    let names: Vec<&String> = posts.keys().collect();
    assert_eq!(names, expected);
}

/// Checks a row of the ledger; a row that is not printed is 0.
#[track_caller]
fn check_row(run: &Run, row: &str, expected: usize) {
    let line = run
        .stdout
        .lines()
        .find(|line| line.trim_start().contains(&format!(" {row}")));
    let number = line.map_or("0", |line| line.split_whitespace().next().unwrap());
    assert_eq!(
        number,
        expected.to_string(),
        "{row}: {}\n{}",
        run.stdout,
        run.stderr
    );
}

#[track_caller]
fn check_found(run: &Run, code: &str, count: usize) {
    let found = run.stderr.matches(&format!("[{code}]")).count();
    assert_eq!(found, count, "{code}: {}", run.stderr);
}

#[test]
fn retried_record_takes_the_place_of_the_one_that_failed() {
    for reversed in [false, true] {
        let site = Site::new()
            .file(
                "r/a.jsonl",
                lines(&[whole("1", "Tea", "tea"), failed("2"), failed("3")]),
            )
            .file("r/b.jsonl", lines(&[whole("2", "Bread", "bread")]));
        let mut sources = ["r/a.jsonl", "r/b.jsonl"];
        if reversed {
            sources.reverse();
        }
        let (run, posts) = ingest(&site, &sources);
        check_names(&posts, &["bread.md", "tea.md"]);
        check_row(&run, "written", 2);
        check_row(&run, "superseded", 1);
        check_row(&run, "rejected", 1);
        check_found(&run, "failed-request", 1);
        assert!(run.stderr.contains("request `3`"), "{}", run.stderr);
    }
}

#[test]
fn failure_of_a_request_that_was_answered_in_an_earlier_run_is_no_error() {
    let site = Site::new()
        .file("a.jsonl", lines(&[whole("1", "Tea", "tea"), failed("2")]))
        .file("b.jsonl", lines(&[whole("2", "Bread", "bread")]));
    let (run, _) = ingest(&site, &["a.jsonl"]);
    check_row(&run, "rejected", 1);
    ingest(&site, &["b.jsonl"]);
    let (run, posts) = ingest(&site, &["a.jsonl"]);
    check_row(&run, "rejected", 0);
    check_row(&run, "superseded", 1);
    check_names(&posts, &["bread.md", "tea.md"]);
}

#[test]
fn complete_reply_takes_the_file_of_the_one_that_was_cut_off() {
    let site = Site::new()
        .file("a.jsonl", lines(&[cut_off("1", "Tea", "tea")]))
        .file("b.jsonl", lines(&[whole("1", "Tea, at last", "tea")]));
    let (_, posts) = ingest(&site, &["a.jsonl"]);
    assert!(posts["tea.md"].contains("draft: true"));
    let (run, posts) = ingest(&site, &["b.jsonl"]);
    check_row(&run, "updated", 1);
    check_names(&posts, &["tea.md"]);
    assert!(!posts["tea.md"].contains("draft"), "{}", posts["tea.md"]);
    assert!(posts["tea.md"].contains("slug: tea\n"));
    // The old results change nothing any more, with the new ones or without them.
    for sources in [
        &["a.jsonl"][..],
        &["a.jsonl", "b.jsonl"],
        &["b.jsonl", "a.jsonl"],
    ] {
        let (run, after) = ingest(&site, sources);
        check_row(&run, "superseded", 1);
        assert_eq!(after, posts, "{sources:?}");
    }
}

#[test]
fn rewritten_title_is_the_same_post() {
    let site = Site::new()
        .file(
            "a.jsonl",
            lines(&[whole("1", "Tea", "tea"), whole("2", "Bread", "bread")]),
        )
        .file("b.jsonl", lines(&[whole("1", "On Leaves", "tea")]));
    ingest(&site, &["a.jsonl"]);
    let (run, posts) = ingest(&site, &["b.jsonl"]);
    check_row(&run, "updated", 1);
    check_names(&posts, &["bread.md", "tea.md"]);
    assert!(posts["tea.md"].contains("title: On Leaves"));
    assert!(posts["tea.md"].contains("slug: tea\n"));
    // Both versions at once: the later one counts.
    let site = Site::new()
        .file("a.jsonl", lines(&[whole("1", "Tea", "tea")]))
        .file("b.jsonl", lines(&[whole("1", "On Leaves", "tea")]));
    ingest(&site, &["a.jsonl"]);
    let (run, posts) = ingest(&site, &["a.jsonl", "b.jsonl"]);
    check_row(&run, "rejected", 0);
    check_names(&posts, &["tea.md"]);
    assert!(posts["tea.md"].contains("title: On Leaves"));
}

#[test]
fn records_with_a_topic_are_known_whatever_was_rewritten() {
    let record =
        |title, about, topic| json!({"id": "t-1", "topic": topic, "response": reply(title, about)});
    let site = Site::new().file("replies.jsonl", lines(&[record("Tea", "tea", "Green tea")]));
    ingest(&site, &["replies.jsonl"]);
    site.write(
        "replies.jsonl",
        lines(&[record("Leaves", "leaves", "green tea")]),
    );
    let (run, posts) = ingest(&site, &["replies.jsonl"]);
    check_row(&run, "updated", 1);
    check_names(&posts, &["tea.md"]);
    site.write("replies.jsonl", lines(&[record("Rye", "rye", "rye")]));
    let (run, posts) = ingest(&site, &["replies.jsonl"]);
    check_row(&run, "written", 1);
    check_names(&posts, &["rye.md", "tea.md"]);
}

#[test]
fn edited_file_stays_when_its_record_is_retried() {
    let site = Site::new()
        .file("a.jsonl", lines(&[cut_off("1", "Tea", "tea")]))
        .file("b.jsonl", lines(&[whole("1", "Tea", "tea")]));
    let (_, posts) = ingest(&site, &["a.jsonl"]);
    let edited = posts["tea.md"].replace("tea1", "Tea, edited,");
    site.write("content/posts/tea.md", &edited);
    // The file may also be renamed.
    std::fs::rename(
        site.path("content/posts/tea.md"),
        site.path("content/posts/mine.md"),
    )
    .unwrap();
    let (run, posts) = ingest(&site, &["b.jsonl"]);
    check_row(&run, "kept", 1);
    check_found(&run, "edited-file", 1);
    check_names(&posts, &["mine.md"]);
    assert_eq!(posts["mine.md"], edited);
}

#[test]
fn batches_with_the_same_ids_are_kept_apart() {
    let tea = lines(&[whole("request-1", "Tea", "tea"), failed("request-2")]);
    let bread = lines(&[
        whole("request-1", "Bread", "bread"),
        whole("request-2", "Rye", "rye"),
    ]);
    let site = Site::new()
        .file("tea.jsonl", &tea)
        .file("bread.jsonl", &bread);
    let (run, posts) = ingest(&site, &["tea.jsonl", "bread.jsonl"]);
    check_row(&run, "written", 3);
    // The failure of one batch is not answered by the other.
    check_row(&run, "rejected", 1);
    check_names(&posts, &["bread.md", "rye.md", "tea.md"]);
    let (run, after) = ingest(&site, &["bread.jsonl", "tea.jsonl"]);
    check_row(&run, "unchanged", 3);
    assert_eq!(after, posts);

    // In two runs, and also under the name of the first file.
    for second in ["bread.jsonl", "tea.jsonl"] {
        let site = Site::new().file("tea.jsonl", &tea);
        ingest(&site, &["tea.jsonl"]);
        site.write(second, &bread);
        let (run, posts) = ingest(&site, &[second]);
        check_row(&run, "written", 2);
        check_found(&run, "unrelated-reply", 1);
        check_names(&posts, &["bread.md", "rye.md", "tea.md"]);
        assert!(posts["tea.md"].contains("tea1 makes tea"));
    }
}

#[test]
fn id_with_several_replies_in_a_file_identifies_none() {
    let records = [
        whole("1", "Tea", "tea"),
        whole("1", "Bread", "bread"),
        failed("1"),
    ];
    let site = Site::new().file("a.jsonl", lines(&records));
    let (run, posts) = ingest(&site, &["a.jsonl"]);
    check_found(&run, "ambiguous-id", 1);
    check_row(&run, "rejected", 1);
    check_names(&posts, &["bread.md", "tea.md"]);
    // A reply that was cut off and its retry in one file are clear.
    let records = [
        cut_off("1", "Tea", "tea"),
        failed("1"),
        whole("1", "Tea", "tea"),
    ];
    let site = Site::new().file("a.jsonl", lines(&records));
    let (run, posts) = ingest(&site, &["a.jsonl"]);
    check_found(&run, "ambiguous-id", 0);
    check_row(&run, "superseded", 2);
    check_names(&posts, &["tea.md"]);
    assert!(!posts["tea.md"].contains("draft"));
}

#[test]
fn results_read_twice_shuffled_and_swapped_bring_nothing_new() {
    let topics = ["tea", "bread", "wine", "cheese", "salt", "honey"];
    let records: Vec<Value> = topics
        .iter()
        .map(|topic| whole(&format!("r-{topic}"), topic, topic))
        .collect();
    let site = Site::new().file("all.jsonl", lines(&records));
    let (_, posts) = ingest(&site, &["all.jsonl"]);
    assert_eq!(posts.len(), 6);
    let mut shuffled = records;
    shuffled.reverse();
    shuffled[0] = whole("r-honey", "tea", "tea");
    shuffled[5] = whole("r-tea", "honey", "honey");
    site.write("x.jsonl", lines(&shuffled[..3]));
    site.write("y.jsonl", lines(&shuffled[3..]));
    for sources in [&["x.jsonl", "y.jsonl"][..], &["y.jsonl", "x.jsonl"]] {
        let (run, after) = ingest(&site, sources);
        check_row(&run, "unchanged", 6);
        check_found(&run, "swapped-replies", 1);
        assert!(
            run.stderr.contains("`r-tea`") && run.stderr.contains("`r-honey`"),
            "{}",
            run.stderr
        );
        assert_eq!(after, posts);
    }
    let (run, after) = ingest(&site, &["all.jsonl", "x.jsonl", "y.jsonl"]);
    check_row(&run, "written", 0);
    check_row(&run, "rejected", 0);
    check_found(&run, "swapped-replies", 2);
    assert_eq!(after, posts);
}

#[test]
fn requests_beside_the_results_give_topics_and_show_swapped_texts() {
    let requests = lines(&[
        request("1", "Green tea"),
        request("2", "Rye bread"),
        request("3", "Old wine"),
    ]);
    let prose = |about: &str| {
        format!(
            "Whoever wants {about} should take some time for it, because nothing about it is quick.\n\nTake your time."
        )
    };
    let results = lines(&[
        answered("1", &prose("green tea"), "stop"),
        answered("2", &prose("old wine"), "stop"),
        answered("3", &prose("rye bread"), "stop"),
    ]);
    let site = Site::new()
        .file("b/requests.jsonl", requests)
        .file("b/results.jsonl", results);
    let (run, posts) = ingest(&site, &["b"]);
    check_row(&run, "written", 3);
    check_row(&run, "rejected", 0);
    check_row(&run, "requests of a batch", 3);
    check_found(&run, "swapped-replies", 2);
    assert!(posts.contains_key("green-tea.md"), "{posts:?}");
    assert!(!posts.contains_key("rye-bread.md"), "{posts:?}");
    let (run, _) = ingest(&site, &["b"]);
    check_row(&run, "unchanged", 3);
}

#[test]
fn request_file_alone_is_neither_a_reply_nor_an_error() {
    let site = Site::new().file("content/requests.jsonl", lines(&[request("1", "Tea")]));
    let run = site.build();
    assert!(
        run.stdout.contains("0 published") && !run.stderr.contains("error"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    let site = Site::new().file("requests.jsonl", lines(&[request("1", "Tea")]));
    let run = site.run(&["ingest", "requests.jsonl"]);
    assert_eq!(run.code, 0);
    check_row(&run, "rejected", 0);
}

#[test]
fn build_counts_the_retry_and_not_the_failure() {
    let site = Site::new()
        .file(
            "content/a.jsonl",
            lines(&[
                whole("1", "Tea", "tea"),
                failed("2"),
                cut_off("3", "Wine", "wine"),
            ]),
        )
        .file(
            "content/b.jsonl",
            lines(&[whole("2", "Bread", "bread"), whole("3", "Wine", "wine")]),
        );
    let run = site.build_with(&["--strict", "--verbose"]);
    assert!(run.stdout.contains("3 published"), "{}", run.stdout);
    check_found(&run, "reply-superseded", 2);
    check_found(&run, "failed-request", 0);
    check_found(&run, "truncated-reply", 0);
    assert!(
        site.page("posts/bread/index.html")
            .contains("bread1 makes bread")
    );
    // Without the retry the failure is an error again, also in an incremental build.
    site.remove("content/b.jsonl");
    let run = site.run(&["build", "--strict"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("failed-request"), "{}", run.stderr);
}

#[test]
fn build_keeps_the_failures_of_an_unrelated_batch() {
    let site = Site::new()
        .file(
            "content/a.jsonl",
            lines(&[whole("1", "Tea", "tea"), failed("2")]),
        )
        .file(
            "content/b.jsonl",
            lines(&[whole("1", "Wine", "wine"), whole("2", "Bread", "bread")]),
        );
    let run = site.run(&["build", "--strict"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("failed-request"), "{}", run.stderr);
}
