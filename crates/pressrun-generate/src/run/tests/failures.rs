//! Failures of requests, and what follows from them.

use super::*;

#[test]
fn rate_limit_is_awaited_without_using_up_tries() {
    let mut script: Vec<_> = (0..9)
        .map(|_| limited().header("retry-after", "20"))
        .collect();
    script.push(whole("Tea"));
    let (_, _, outcome) = check(script, Some(Verdict::Accepted));
    assert_eq!(outcome.stop, None);
}

#[test]
fn rate_limit_without_a_wait_uses_up_tries() {
    let (site, _, outcome) = check((0..4).map(|_| limited()).collect(), None);
    assert_eq!(outcome.failed, 1);
    let phase = site.journal().state("Tea").unwrap().phase;
    assert_eq!(phase, TopicPhase::Failed(FailureClass::Retry));
    assert!(
        site.journal().state("Tea").unwrap().needs_asking(),
        "by the next run"
    );
}

#[test]
fn endless_rate_limit_stops_the_run() {
    let listener = ScriptedListener::start(|_, _| limited().header("retry-after", "300"));
    let mut site = TestSite::new();
    site.step = Duration::from_secs(10);
    site.config.first_byte = Duration::from_secs(86_400);
    let outcome = site.run(&listener, &["Tea", "Coffee"]);
    assert_eq!(stop(&outcome).kind, StopKind::Refused);
    assert!(listener.received().len() < 20);
}

#[test]
fn quota_and_keys_stop_the_run_after_one_request() {
    for (response, word) in [
        (
            ScriptedResponse::error(429, "insufficient_quota", "You exceeded your quota"),
            "billing",
        ),
        (
            ScriptedResponse::error(402, "x", "Insufficient credits"),
            "billing",
        ),
        (
            ScriptedResponse::error(401, "invalid_api_key", "m"),
            "PRESSRUN_API_KEY",
        ),
        (ScriptedResponse::error(403, "x", "m"), "PRESSRUN_API_KEY"),
        (limited().header("retry-after", "601"), "that time"),
        (
            ScriptedResponse::whole(307, "").header("location", "http://127.0.0.1:9/"),
            "endpoint",
        ),
    ] {
        let listener = ScriptedListener::script(vec![response]);
        let mut site = TestSite::new();
        // The server must answer before the time that the first request is alone.
        site.step = Duration::from_millis(1);
        let outcome = site.run(&listener, &["Tea", "Coffee", "Milk", "Water", "Juice"]);
        assert_eq!(listener.received().len(), 1);
        let stop = stop(&outcome);
        assert_eq!(stop.kind, StopKind::Refused);
        assert!(stop.help.contains(word), "{stop:?}");
        assert!(site.journal().state("Tea").unwrap().needs_asking());
    }
}

#[test]
fn same_rejection_three_times_stops_the_run() {
    let listener =
        ScriptedListener::start(|_, _| ScriptedResponse::error(404, "model_not_found", "m"));
    let mut site = TestSite::new();
    site.config.concurrency = 1;
    let outcome = site.run(&listener, &["Tea", "Coffee", "Milk", "Water", "Juice"]);
    assert_eq!(listener.received().len(), 3);
    assert!(stop(&outcome).help.contains("`model`"));
    for topic in ["Tea", "Milk"] {
        assert!(
            site.journal().state(topic).unwrap().needs_asking(),
            "{topic}"
        );
    }
}

#[test]
fn success_between_rejections_keeps_the_run_going() {
    let listener = ScriptedListener::start(|number, _| match number % 3 {
        2 => whole("Tea"),
        _ => ScriptedResponse::error(400, "context_length_exceeded", "m"),
    });
    let mut site = TestSite::new();
    site.config.concurrency = 1;
    let outcome = site.run(&listener, &["a", "b", "c", "d", "e"]);
    assert_eq!((listener.received().len(), outcome.failed), (5, 4));
    assert!(
        !site.journal().state("a").unwrap().needs_asking(),
        "only with `--again`"
    );
}

#[test]
fn field_for_the_limit_is_adapted_once() {
    let refused = || {
        ScriptedResponse::whole(
            400,
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}"#,
        )
    };
    let (_, received, _) = check(vec![refused(), whole("Tea")], Some(Verdict::Accepted));
    assert_eq!(received[1].body["max_completion_tokens"], 6000);
    assert!(received[1].body.get("max_tokens").is_none());
    let (_, _, outcome) = check(vec![refused(), refused()], None);
    assert_eq!(outcome.failed, 1);
}

#[test]
fn server_without_streams_is_asked_for_whole_answers() {
    let refused = ScriptedResponse::error(400, "unsupported_value", "streaming is not supported");
    let answer = serde_json::json!({"choices": [{"message": {"content": post("Tea")}, "finish_reason": "stop"}]});
    let answer = ScriptedResponse::whole(200, &answer.to_string());
    let (_, received, _) = check(vec![refused, answer], Some(Verdict::Accepted));
    assert!(received[1].body.get("stream").is_none());
    assert!(received[1].body.get("stream_options").is_none());
}

#[test]
fn error_inside_an_answer_is_retried_and_its_text_is_in_no_reply() {
    for response in [
        ScriptedResponse::error(200, "server_error", "m"),
        ScriptedResponse::begin(&post("Bad")).finish("error"),
        ScriptedResponse::begin(&post("Bad"))
            .event(&serde_json::json!({"error": {"code": 502, "message": "m"}})),
    ] {
        let (site, received, _) = check(vec![response, whole("Tea")], Some(Verdict::Accepted));
        assert_eq!(site.text("Tea"), post("Tea"));
        assert_eq!(received[1].body["messages"], received[0].body["messages"]);
    }
}

#[test]
fn tries_are_limited() {
    let failed = || ScriptedResponse::error(500, "server_error", "m");
    let (_, _, outcome) = check(vec![failed(), failed(), failed(), failed()], None);
    assert_eq!(outcome.failed, 1);
}

#[test]
fn server_that_answers_nothing_stops_the_run() {
    for response in [
        || ScriptedResponse::error(500, "server_error", "m"),
        || ScriptedResponse::whole(502, "<html><title>Bad Gateway</title></html>"),
        || ScriptedResponse::whole(200, "{}"),
    ] {
        let listener = ScriptedListener::start(move |_, _| response());
        let mut site = TestSite::new();
        site.config.concurrency = 1;
        site.config.tries = 2;
        let outcome = site.run(&listener, &["Tea", "Coffee", "Milk", "Water", "Juice"]);
        // Two requests for each of three topics, and what was on its way.
        assert!(listener.received().len() < 10 && outcome.failed == 3);
        let message = &stop(&outcome).message;
        assert!(message.contains("answers no request"), "{message}");
        assert!(site.journal().state("Tea").unwrap().needs_asking());
    }
}

#[test]
fn run_without_any_answer_does_not_succeed() {
    for response in [
        ScriptedResponse::error(500, "server_error", "m"),
        ScriptedResponse::error(404, "model_not_found", "m"),
    ] {
        let listener = ScriptedListener::script(vec![response]);
        let mut site = TestSite::new();
        site.config.tries = 1;
        let outcome = site.run(&listener, &["Tea"]);
        assert_eq!(stop(&outcome).kind, StopKind::Refused);
    }
    // What is wrong with one topic says nothing about the server.
    let too_long = ScriptedResponse::error(400, "context_length_exceeded", "m");
    let (_, _, outcome) = check(vec![too_long], None);
    assert_eq!((outcome.failed, outcome.stop), (1, None));
}

#[test]
fn web_page_in_place_of_an_answer_stops_a_run_at_its_start_only() {
    let page = || ScriptedResponse::whole(200, "<!DOCTYPE html><title>Welcome</title>");
    let listener = ScriptedListener::start(move |_, _| page());
    let mut site = TestSite::new();
    // The server must answer before the time that the first request is alone.
    site.step = Duration::from_millis(1);
    let outcome = site.run(&listener, &["Tea", "Coffee", "Milk"]);
    assert_eq!(listener.received().len(), 1);
    assert!(stop(&outcome).message.contains("a web page"));
    let listener = ScriptedListener::script(vec![whole("Tea"), page(), whole("Coffee")]);
    let mut site = TestSite::new();
    site.config.concurrency = 1;
    let outcome = site.run(&listener, &["Tea", "Coffee"]);
    assert_eq!((outcome.stop, outcome.failed), (None, 0));
}

#[test]
fn unreachable_server_stops_a_run_at_its_start_only() {
    let gone = ScriptedListener::script(vec![]);
    let endpoint = gone.endpoint();
    drop(gone);
    let listener = ScriptedListener::script(vec![]);
    let mut site = TestSite::new();
    site.config.endpoint = endpoint.clone();
    let mut journal = Journal::open(site.folder.path(), || ()).unwrap();
    let limits = TimeLimits {
        first_byte: Duration::from_secs(9),
        idle: Duration::from_secs(9),
    };
    let client = Client::new(Endpoint::parse(&endpoint).unwrap(), limits).unwrap();
    let parts = RunParts {
        config: &site.config,
        client: &client,
        journal: &mut journal,
        judge: &mut WordJudge::default(),
        render: &|topic| Ok(render(topic)),
        on_event: &mut |_| (),
        budget: Budget::default(),
        max_time: None,
    };
    let topics = vec![RunTopic {
        topic: topic("Tea"),
        has_text: false,
    }];
    let outcome = run_without_waiting(&listener, ask_topics(parts, topics, pending())).unwrap();
    assert_eq!(outcome.requests, 1);
    assert!(stop(&outcome).message.contains("cannot be reached"));
}
