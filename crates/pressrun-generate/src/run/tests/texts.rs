//! What is asked about a text: its rest, its header, another one.

use super::*;

#[test]
fn answer_that_was_cut_off_is_continued() {
    let text = post("Tea");
    let cut = text.find("a second sentence").unwrap();
    let rest = &text[text.find("The second").unwrap()..];
    let script = vec![
        ScriptedResponse::begin(&text[..cut]).finish("length"),
        ScriptedResponse::answer(rest),
    ];
    let (site, received, _) = check(script, Some(Verdict::Accepted));
    assert_eq!(site.text("Tea"), text);
    let messages = received[1].body["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[1]["role"], "assistant");
    assert!(text.starts_with(messages[1]["content"].as_str().unwrap()));
}

#[test]
fn broken_streams_are_continued() {
    let text = post("Tea");
    let cut = text.find("a second sentence").unwrap();
    let rest = &text[text.find("The second").unwrap()..];
    for broken in [
        ScriptedResponse::begin(&text[..cut]).drop_connection(),
        ScriptedResponse::begin(&text[..cut]).raw(b"data: {\"cho\n\n"),
        ScriptedResponse::begin(&text[..cut]).stall(),
        ScriptedResponse::begin(&text[..cut]),
    ] {
        let script = vec![broken, ScriptedResponse::answer(rest)];
        let (site, _, _) = check(script, Some(Verdict::Accepted));
        assert_eq!(site.text("Tea"), text);
    }
}

#[test]
fn endless_length_ends_after_three_continuations() {
    let listener = ScriptedListener::start(|number, request| {
        if request.body["messages"].to_string().contains("Coffee") {
            return whole("Coffee");
        }
        let part = format!(
            "TITLE: Tea\n\nPart {number}. A paragraph that is long enough to count as new text, number {number}.\n\nAnd another {number}, which goes on and on and on and"
        );
        ScriptedResponse::begin(&part).finish("length")
    });
    let mut site = TestSite::new();
    site.config.concurrency = 1;
    let outcome = site.run(&listener, &["Tea", "Coffee"]);
    assert_eq!(listener.received().len(), 5);
    assert_eq!(outcome.judged[&Verdict::CutOff], 1);
    assert_eq!(outcome.judged[&Verdict::Accepted], 1);
}

#[test]
fn reasoning_that_takes_all_tokens_gets_double_once() {
    let empty = || ScriptedResponse::begin("").finish("length");
    let (_, received, _) = check(vec![empty(), whole("Tea")], Some(Verdict::Accepted));
    assert_eq!(received[1].body["max_tokens"], 12_000);
    let (site, _, outcome) = check(vec![empty(), empty()], None);
    assert_eq!(outcome.failed, 1);
    assert!(
        site.events
            .borrow()
            .last()
            .unwrap()
            .contains("12000 tokens went into reasoning")
    );
    let thinking = ScriptedResponse::begin("<think>\nHm.").finish("length");
    check(vec![thinking, whole("Tea")], Some(Verdict::Accepted));
}

#[test]
fn line_that_repeats_without_end_ends_the_answer() {
    let listener = ScriptedListener::start(|_, _| {
        let mut response = ScriptedResponse::begin("TITLE: Tea\n\nA paragraph.\n\n");
        for _ in 0..2000 {
            response = response.then("The same line again.\n");
        }
        response.stall()
    });
    let site = TestSite::new();
    let outcome = site.run(&listener, &["Tea"]);
    assert_eq!(outcome.judged[&Verdict::CutOff], 1);
    for record in site.records() {
        if let JournalRecord::Answered(record) = record {
            assert!(record.text.len() < 60_000 && record.broken.is_some());
        }
    }
    assert!(site.text("Tea").len() < 200, "{}", site.text("Tea"));
}

#[test]
fn refusals_cost_one_request_each() {
    for response in [
        ScriptedResponse::begin("")
            .event(&serde_json::json!({"choices": [{"delta": {"refusal": "I can't help."}}]}))
            .finish("stop"),
        ScriptedResponse::answer("I cannot help with that request."),
        ScriptedResponse::begin("Some").finish("content_filter"),
        ScriptedResponse::error(400, "content_filter", "filtered"),
    ] {
        let (_, _, outcome) = check(vec![response], Some(Verdict::Refused));
        assert_eq!(outcome.judged[&Verdict::Refused], 1);
    }
}

#[test]
fn wrong_category_costs_one_request_for_the_header() {
    let wrong = post("Tea").replace("Right", "Wrong");
    let script = vec![
        ScriptedResponse::answer(&wrong),
        ScriptedResponse::answer("CATEGORIES: Right"),
    ];
    let (site, received, _) = check(script, Some(Verdict::Accepted));
    assert_eq!(site.text("Tea"), post("Tea"));
    assert_eq!(received[1].last_message(), "the header alone");
    assert_eq!(received[1].body["response_format"]["type"], "json_schema");
}

#[test]
fn header_that_stays_wrong_ends_with_the_verdict() {
    let wrong = post("Tea").replace("Right", "Wrong");
    let script = vec![
        ScriptedResponse::answer(&wrong),
        ScriptedResponse::answer("CATEGORIES: Wrong"),
    ];
    check(script, Some(Verdict::OffList));
    let script = vec![
        ScriptedResponse::answer(&wrong),
        ScriptedResponse::error(422, "x", "no"),
    ];
    check(script, Some(Verdict::OffList));
}

#[test]
fn same_article_for_two_topics_is_asked_once_more() {
    let listener = ScriptedListener::start(|_, _| whole("Tea"));
    let mut site = TestSite::new();
    site.config.concurrency = 1;
    let outcome = site.run(&listener, &["Tea", "Green tea"]);
    assert_eq!(listener.received().len(), 3);
    assert_eq!(listener.received()[2].last_message(), "unlike the first");
    assert_eq!(outcome.judged[&Verdict::NearDuplicate], 1);
}

#[test]
fn next_run_goes_on_with_a_text_that_was_not_judged() {
    let text = post("Tea");
    let cut = text.find("## A heading").unwrap();
    let listener = ScriptedListener::start(move |number, _| match number {
        0 => ScriptedResponse::begin(&text[..cut]).stall(),
        _ => ScriptedResponse::answer(&text[cut..]),
    });
    let mut site = TestSite::new();
    site.run_until(&listener, &["Tea"], wait_for_stalls(&listener, 1));
    site.has_text = true;
    let outcome = site.run(&listener, &["Tea"]);
    assert_eq!(listener.received().len(), 2);
    assert_eq!(outcome.judged[&Verdict::Accepted], 1);
    assert_eq!(site.text("Tea"), post("Tea"));
}
