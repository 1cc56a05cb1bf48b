//! Replies that were cut off, refused, off the list or written before: what is asked then, and what
//! becomes of them.

use serde_json::Value;

use super::commands::{generate, site_for};
use super::listener::{ReceivedRequest, ScriptedListener, ScriptedResponse};
use super::replies::{topic_of, write_reply};
use crate::site::{Run, Site, tree};

const TOPIC: &str = "Reading a rain gauge";

/// A reply with prose, code, a list and a table, each of which can be cut off.
const ORIGINAL: &str = "TITLE: Reading a Rain Gauge\nMETA_DESCRIPTION: How to measure the rain of \
    a day.\nTAGS: rain, weather, gauge\nCATEGORIES: Weather\n\nA rain gauge is a glass with lines. \
    Whoever reads it at the same hour each morning knows how many millimetres fell in a day, and \
    after some years what is usual for the place.\n\n## Adding it up\n\nThe numbers of a month are \
    added by a few lines of code:\n\n```python\ndef total(tips):\n    sum = 0\n\n    for tip in \
    tips:\n        sum += tip\n    return sum\n```\n\n- Empty the glass each morning.\n- Write the \
    number down at once.\n\n| Month | Millimetres |\n| --- | --- |\n| May | 80 |\n| June | 95 |\n\n\
    More than this nobody needs to begin with.\n\n-EndOfText-\n";

/// Asks one topic of a server, and returns the run.
fn ask(server: &ScriptedListener, config: &str, topics: &str) -> (Site, Run) {
    let site = site_for(server);
    let base = std::fs::read_to_string(site.path("site.toml")).unwrap();
    let site = site
        .file("site.toml", format!("{base}{config}"))
        .file("t.txt", topics);
    let path = site.path("t.txt").display().to_string();
    let run = generate(&site, &[&path, "--concurrency", "1"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    (site, run)
}

fn read_json_lines(site: &Site, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(site.path(file)).unwrap_or_default();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

/// Returns the verdicts of a journal, in order.
fn verdicts(site: &Site) -> Vec<String> {
    let records = read_json_lines(site, "generated/journal.jsonl").into_iter();
    let judged = records.filter(|record| record["record"] == "judged");
    judged
        .map(|record| record["verdict"].as_str().unwrap().to_owned())
        .collect()
}

/// Returns the texts of the replies that become posts.
fn replies(site: &Site) -> Vec<String> {
    let records = read_json_lines(site, "generated/replies.jsonl").into_iter();
    records
        .map(|record| record["response"].as_str().unwrap().to_owned())
        .collect()
}

/// Checks that a reply that is cut off at `cut` and continued with what `answer` gives is the
/// original.
#[track_caller]
fn check_continued(
    cut: usize,
    answer: impl Fn(&ReceivedRequest) -> String + Send + Sync + 'static,
) {
    let server = ScriptedListener::start(move |number, request| match number {
        0 => ScriptedResponse::begin(&ORIGINAL[..cut]).finish("length"),
        _ => ScriptedResponse::answer(&answer(request)),
    });
    let (site, run) = ask(&server, "", TOPIC);
    assert_eq!(replies(&site), [ORIGINAL], "{}{}", run.stdout, run.stderr);
    assert_eq!(verdicts(&site), ["accepted"], "{}", run.stdout);
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert!(
        received
            .iter()
            .all(|request| request.body.get("stop").is_none())
    );
}

fn place_of(words: &str) -> usize {
    ORIGINAL.find(words).unwrap()
}

#[test]
fn reply_that_was_cut_off_becomes_the_original() {
    let in_word = place_of("millimetres") + 4;
    let in_fence = place_of("for tip");
    check_continued(in_word, move |_| ORIGINAL[in_word..].to_owned());
    check_continued(in_word, move |_| ORIGINAL[in_word - 40..].to_owned());
    check_continued(in_word, |_| ORIGINAL.to_owned());
    check_continued(in_fence, move |_| ORIGINAL[in_fence..].to_owned());
    check_continued(in_fence, move |_| ORIGINAL[in_fence - 30..].to_owned());
}

#[test]
fn model_goes_on_after_the_last_whole_block() {
    for words in [
        "metres",
        "sum += tip",
        "down at once",
        "95",
        "nobody",
        "rain, weather",
    ] {
        check_continued(place_of(words), |request| {
            let messages = request.body["messages"].as_array().unwrap();
            let [.., kept, ask] = &messages[..] else {
                panic!("{messages:?}");
            };
            assert_eq!(
                (&kept["role"], &ask["role"]),
                (&"assistant".into(), &"user".into())
            );
            let kept = kept["content"].as_str().unwrap();
            assert!(ORIGINAL.starts_with(kept), "{kept}");
            assert_eq!(kept.matches("```").count() % 2, 0, "{kept}");
            ORIGINAL[kept.len()..].to_owned()
        });
    }
}

#[test]
fn reply_that_never_ends_is_continued_three_times_and_stays_a_draft() {
    let server = ScriptedListener::start(|number, request| {
        let last = topic_of(request.last_message());
        if last == "Water" {
            return ScriptedResponse::answer(&write_reply(last));
        }
        let more =
            format!("Paragraph {number} goes on about tea without ever coming to its end.\n\n");
        let text = match number {
            0 => format!(
                "TITLE: Tea\nMETA_DESCRIPTION: About it.\nTAGS: tea\nCATEGORIES: Food\n\n{more}"
            ),
            _ => more,
        };
        ScriptedResponse::begin(&text).finish("length")
    });
    let (site, run) = ask(&server, "", "Tea\nWater\n");
    assert_eq!(verdicts(&site), ["cut-off", "accepted"], "{}", run.stdout);
    assert_eq!(server.received().len(), 5);
    assert!(replies(&site)[0].contains("Paragraph 3 goes on"));
    let drafts = tree(&site.path("content"));
    assert_eq!(drafts.len(), 2, "{:?}", drafts.keys());
    for text in drafts.values() {
        assert!(String::from_utf8_lossy(text).contains("draft: true"));
    }
}

#[test]
fn line_that_is_repeated_without_end_is_not_read_any_further() {
    let server = ScriptedListener::start(|_, _| {
        let mut response = ScriptedResponse::begin(
            "TITLE: Tea\nMETA_DESCRIPTION: About it.\nTAGS: tea\nCATEGORIES: Food\n\n",
        );
        for _ in 0..2000 {
            response = response.then("Tea is good ").then("for you.\n");
        }
        response.finish("length")
    });
    let (site, run) = ask(&server, "", "Tea");
    assert_eq!(verdicts(&site), ["cut-off"], "{}", run.stdout);
    let records = read_json_lines(&site, "generated/journal.jsonl");
    let answered = records
        .iter()
        .find(|record| record["record"] == "answered")
        .unwrap();
    let text = answered["text"].as_str().unwrap();
    let repeated = text.len() - text.find("Tea is good").unwrap();
    assert!(repeated <= 2000, "{repeated}");
    assert!(
        replies(&site)[0]
            .trim_end()
            .ends_with("Food\n\nTea is good for you.")
    );
}

#[test]
fn refusals_cost_one_request_each() {
    let server = ScriptedListener::start(|_, request| {
        match topic_of(request.last_message()) {
        "Field" => ScriptedResponse::begin("")
            .event(&serde_json::json!({"choices": [{"index": 0, "delta": {"refusal": "I cannot help."}, "finish_reason": null}]}))
            .finish("stop"),
        "Text" => ScriptedResponse::answer("I'm sorry, but I can't help with that."),
        _ => ScriptedResponse::begin("TITLE: F").finish("content_filter"),
    }
    });
    let (site, run) = ask(&server, "", "Field\nText\nFilter\n");
    assert_eq!(verdicts(&site), ["refused"; 3], "{}", run.stdout);
    assert_eq!(server.received().len(), 3);
    assert!(replies(&site).is_empty());
}

const LIST: &str = "[categories]\nallowed = [\"Weather\", \"Food\"]\n";

#[test]
fn category_off_the_list_costs_one_request_for_the_header() {
    let server = ScriptedListener::start(|number, _| match number {
        0 => {
            ScriptedResponse::answer(&ORIGINAL.replace("CATEGORIES: Weather", "CATEGORIES: Sports"))
        }
        _ => ScriptedResponse::answer(
            r#"{"title": "T", "description": "D.", "tags": ["a", "b", "c"], "categories": ["Weather"]}"#,
        ),
    });
    let (site, run) = ask(&server, LIST, TOPIC);
    assert_eq!(verdicts(&site), ["accepted"], "{}", run.stdout);
    assert_eq!(replies(&site), [ORIGINAL]);
    let received = server.received();
    assert_eq!(received.len(), 2);
    let schema = &received[1].body["response_format"]["json_schema"]["schema"];
    let allowed = &schema["properties"]["categories"]["items"]["enum"];
    assert_eq!(allowed, &serde_json::json!(["Weather", "Food"]));
    assert!(received[1].body.to_string().len() < 6000);
}

#[test]
fn reply_without_a_header_is_never_accepted() {
    let body = ORIGINAL.split_once("\n\n").unwrap().1;
    let server = ScriptedListener::start(|_, request| {
        if request.body.get("response_format").is_some() {
            return ScriptedResponse::answer("I do not know.");
        }
        ScriptedResponse::answer(ORIGINAL.split_once("\n\n").unwrap().1)
    });
    let (site, run) = ask(&server, LIST, TOPIC);
    assert_eq!(verdicts(&site), ["off-format"], "{}", run.stdout);
    assert!(
        run.stdout.contains("no header") || run.stderr.contains("no header"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    let server = ScriptedListener::start(|number, _| match number {
        0 => ScriptedResponse::answer(ORIGINAL.split_once("\n\n").unwrap().1),
        _ => {
            ScriptedResponse::answer("TITLE: T\nMETA_DESCRIPTION: D.\nTAGS: a, b\nCATEGORIES: Food")
        }
    });
    let (site, _) = ask(&server, LIST, TOPIC);
    assert_eq!(verdicts(&site), ["accepted"]);
    let header = "TITLE: T\nMETA_DESCRIPTION: D.\nTAGS: a, b\nCATEGORIES: Food\n\n";
    assert_eq!(replies(&site), [format!("{header}{body}")]);
}

#[test]
fn reply_that_nearly_equals_another_one_is_asked_for_once_more() {
    let server = ScriptedListener::start(|_, _| ScriptedResponse::answer(ORIGINAL));
    let (site, run) = ask(&server, "", "Rain gauge\nMillimetres of rain\n");
    assert_eq!(
        verdicts(&site),
        ["accepted", "near-duplicate"],
        "{}",
        run.stdout
    );
    let received = server.received();
    assert_eq!(received.len(), 3);
    assert!(received[2].last_message().contains("Reading a Rain Gauge"));
    let printed = format!("{}{}", run.stdout, run.stderr);
    for name in ["Millimetres of rain", "Reading a Rain Gauge"] {
        assert!(printed.contains(name), "{printed}");
    }
}

#[test]
fn reply_that_nearly_equals_a_post_of_the_site_is_not_accepted() {
    let server = ScriptedListener::start(|_, _| ScriptedResponse::answer(ORIGINAL));
    let body = ORIGINAL.split_once("\n\n").unwrap().1;
    let post = format!(
        "---\ntitle: Wet Days\n---\n\n{}",
        body.replace("-EndOfText-\n", "")
    );
    let site = site_for(&server)
        .file("content/wet.md", post)
        .file("t.txt", TOPIC);
    let path = site.path("t.txt").display().to_string();
    let run = generate(&site, &[&path]);
    assert_eq!(verdicts(&site), ["near-duplicate"], "{}", run.stdout);
    let printed = format!("{}{}", run.stdout, run.stderr);
    assert!(printed.contains("content/wet.md"), "{printed}");
}

#[test]
fn topic_that_a_post_covers_is_not_asked() {
    let server = ScriptedListener::start(|_, _| ScriptedResponse::answer(ORIGINAL));
    let post = "---\ntitle: \"Reading a Rain Gauge: A Guide\"\n---\n\nOnce a day.\n";
    let site = site_for(&server)
        .file("content/gauge.md", post)
        .file("t.txt", TOPIC);
    let path = site.path("t.txt").display().to_string();
    let run = generate(&site, &[&path]);
    assert_eq!(
        (run.code, server.received().len()),
        (0, 0),
        "{}",
        run.stdout
    );
    let printed = format!("{}{}", run.stdout, run.stderr);
    assert!(printed.contains("content/gauge.md"), "{printed}");
}
