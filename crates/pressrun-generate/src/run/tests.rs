//! Whole runs against the scripted listener, with a judge of a few lines.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Mutex;

use pressrun_posts::parse::reply::GenerationEnd;
use tempfile::TempDir;

use super::*;
use crate::client::TimeLimits;
use crate::endpoint::Endpoint;
use crate::journal::{FailureClass, JournalRecord, TopicPhase, Verdict};
use crate::prompt::PromptMessage;
use crate::repair::HeaderRequest;
use crate::scripted::clock::{run_in_steps, run_without_waiting};
use crate::scripted::listener::{ReceivedRequest, ScriptedListener, ScriptedResponse};

const END: &str = "-EndOfText-\n";

/// Judges by a few words of the text.
#[derive(Default)]
struct WordJudge {
    accepted: Vec<String>,
}

impl ReplyJudge for WordJudge {
    fn find_covering_post(&mut self, topic: &Topic) -> Option<String> {
        topic
            .text
            .starts_with("Covered")
            .then(|| "An older post".to_owned())
    }

    fn judge_reply(&self, _: &Topic, text: &str, _: GenerationEnd) -> Judgement {
        let copy = self.accepted.iter().any(|accepted| accepted == text);
        let verdict = match () {
            () if text.starts_with("I cannot") => Verdict::Refused,
            () if !text.contains("-EndOfText-") => Verdict::CutOff,
            () if text.contains("CATEGORIES: Wrong") => Verdict::OffList,
            () if copy => Verdict::NearDuplicate,
            () => Verdict::Accepted,
        };
        Judgement {
            verdict,
            findings: Vec::new(),
            title: text.lines().next().map(str::to_owned),
            other: copy.then(|| "the first".to_owned()),
            needs_header: verdict == Verdict::OffList,
        }
    }

    fn add_reply(&mut self, _: &Topic, text: &str) {
        self.accepted.push(text.to_owned());
    }

    fn write_header_request(&self, _: &Topic, _: &str) -> HeaderRequest {
        HeaderRequest {
            messages: vec![PromptMessage::from_user("the header alone")],
            schema: serde_json::json!({"type": "object"}),
        }
    }

    fn replace_header(&self, _: &Topic, text: &str, answer: &str) -> Option<String> {
        Some(text.replace("CATEGORIES: Wrong", answer))
    }

    fn write_different_request(&self, prompt: &Prompt, other: &str) -> Vec<PromptMessage> {
        let mut messages = prompt.messages.clone();
        messages.push(PromptMessage::from_user(format!("unlike {other}")));
        messages
    }
}

/// A folder with a journal, and the configuration of its runs.
struct TestSite {
    folder: TempDir,
    config: GenerateConfig,
    budget: (Option<u64>, Option<Duration>),
    /// How far the clock moves at once.
    step: Duration,
    events: RefCell<Vec<String>>,
    /// Whether the topics have texts in the journal.
    has_text: bool,
}

impl TestSite {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            config: GenerateConfig::default(),
            budget: (None, None),
            step: Duration::from_millis(200),
            events: RefCell::default(),
            has_text: false,
        }
    }

    fn run(&self, listener: &ScriptedListener, topics: &[&str]) -> RunOutcome {
        self.run_until(listener, topics, pending())
    }

    fn run_until(
        &self,
        listener: &ScriptedListener,
        topics: &[&str],
        interrupt: impl Future<Output = ()>,
    ) -> RunOutcome {
        let mut journal = Journal::open(self.folder.path(), || ()).unwrap();
        let limits = TimeLimits {
            first_byte: self.config.first_byte,
            idle: self.config.idle,
        };
        let client = Client::new(Endpoint::parse(&listener.endpoint()).unwrap(), limits).unwrap();
        let parts = RunParts {
            config: &self.config,
            client: &client,
            journal: &mut journal,
            judge: &mut WordJudge::default(),
            render: &|topic| Ok(render(topic)),
            on_event: &mut |event| self.events.borrow_mut().push(format!("{event:?}")),
            budget: Budget::new(self.budget.0, None, None),
            max_time: self.budget.1,
        };
        let topics = topics.iter().map(|text| RunTopic {
            topic: topic(text),
            has_text: self.has_text,
        });
        let topics: Vec<_> = topics.collect();
        run_in_steps(self.step, listener, ask_topics(parts, topics, interrupt)).unwrap()
    }

    fn journal(&self) -> Journal {
        Journal::read(self.folder.path()).unwrap()
    }

    fn records(&self) -> Vec<JournalRecord> {
        let path = self.folder.path().join("generated/journal.jsonl");
        let text = std::fs::read_to_string(path).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Returns the text of a topic that was judged last.
    fn text(&self, topic: &str) -> String {
        let journal = self.journal();
        let place = journal.state(topic).unwrap().text.unwrap();
        journal.read_text(place).unwrap()
    }
}

fn topic(text: &str) -> Topic {
    Topic {
        id: text.to_owned(),
        text: text.to_owned(),
        language: "en".to_owned(),
        ..Topic::default()
    }
}

fn render(topic: &Topic) -> Prompt {
    Prompt {
        messages: vec![PromptMessage::from_user(format!(
            "Write about: {}",
            topic.text
        ))],
        prompt_hash: "p".to_owned(),
        template_hash: "t".to_owned(),
        template: "built-in".into(),
    }
}

fn post(title: &str) -> String {
    format!(
        "TITLE: {title}\nMETA_DESCRIPTION: About {title}.\nTAGS: a, b\nCATEGORIES: Right\n\n\
         The first paragraph of {title} says what it is about.\n\n## A heading\n\n\
         The second paragraph of {title} says more about it, in a second sentence too.\n\n{END}"
    )
}

fn whole(title: &str) -> ScriptedResponse {
    ScriptedResponse::answer(&post(title))
}

fn limited() -> ScriptedResponse {
    ScriptedResponse::error(429, "rate_limit_exceeded", "slowly")
}

/// Runs one topic against a script and returns the requests and the outcome.
fn check(
    script: Vec<ScriptedResponse>,
    expected: Option<Verdict>,
) -> (TestSite, Vec<ReceivedRequest>, RunOutcome) {
    let count = script.len();
    let listener = ScriptedListener::script(script);
    let site = TestSite::new();
    let outcome = site.run(&listener, &["Tea"]);
    let received = listener.received();
    assert_eq!(received.len(), count, "{:?}", site.events);
    let state = site.journal().state("Tea").unwrap().clone();
    assert_eq!(state.verdict(), expected, "{:?}", site.events);
    assert_eq!(state.open, [] as [u64; 0], "each request has an outcome");
    (site, received, outcome)
}

fn stop(outcome: &RunOutcome) -> &StopReason {
    outcome.stop.as_ref().expect("the run stops")
}

#[test]
fn topics_are_asked_and_everything_is_kept() {
    let listener = ScriptedListener::start(|_, request| {
        let message = request.last_message();
        whole(message.strip_prefix("Write about: ").unwrap())
    });
    let site = TestSite::new();
    let outcome = site.run(&listener, &["Tea", "Coffee", "Covered", "Milk"]);
    assert_eq!((outcome.requests, outcome.covered), (3, 1));
    assert_eq!(outcome.judged[&Verdict::Accepted], 3);
    assert_eq!(outcome.spent.total(), 3 * 150);
    assert_eq!(site.text("Milk"), post("Milk"));
    let body = &listener.received()[0].body;
    assert_eq!(body["max_tokens"], 6000);
    assert_eq!(body["stream"], true);
    assert_eq!(body["stream_options"]["include_usage"], true);
}

#[test]
fn asked_is_written_before_sending() {
    let folder = Mutex::new(None::<std::path::PathBuf>);
    let folder = std::sync::Arc::new(folder);
    let shared = folder.clone();
    let listener = ScriptedListener::start(move |_, _| {
        let path = shared.lock().unwrap().clone().unwrap();
        let journal = std::fs::read_to_string(path.join("generated/journal.jsonl")).unwrap();
        assert!(journal.contains("\"record\":\"asked\""));
        whole("Tea")
    });
    let site = TestSite::new();
    *folder.lock().unwrap() = Some(Path::new(site.folder.path()).to_owned());
    let outcome = site.run(&listener, &["Tea"]);
    assert_eq!(outcome.judged[&Verdict::Accepted], 1);
}

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
        let site = TestSite::new();
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
    assert_eq!((outcome.failed, outcome.stop), (1, None));
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
fn budget_is_never_exceeded() {
    let listener = ScriptedListener::start(|number, _| {
        ScriptedResponse::begin(&post(&number.to_string())).finish_with_usage("stop", 60, 5900)
    });
    let mut site = TestSite::new();
    site.budget.0 = Some(20_000);
    let outcome = site.run(&listener, &["a", "b", "c", "d", "e", "f"]);
    assert_eq!(stop(&outcome).kind, StopKind::Budget);
    assert_eq!(outcome.judged[&Verdict::Accepted], 3);
    let mut open = 0;
    let mut reserved = std::collections::HashMap::new();
    for record in site.records() {
        match record {
            JournalRecord::Asked(record) => {
                open += record.reserved;
                reserved.insert(record.request, record.reserved);
            }
            JournalRecord::Answered(record) => {
                open = open + record.usage.unwrap().total() - reserved[&record.request];
            }
            _ => {}
        }
        assert!(open <= 20_000);
    }
}

#[test]
fn time_of_the_run_is_limited() {
    let listener = ScriptedListener::start(|_, _| limited().header("retry-after", "40"));
    let mut site = TestSite::new();
    site.budget.1 = Some(Duration::from_secs(60));
    let outcome = site.run(&listener, &["a"]);
    assert_eq!(stop(&outcome).kind, StopKind::Time);
    assert_eq!(listener.received().len(), 2);
}

#[test]
fn interrupt_ends_open_requests_with_their_outcomes() {
    let listener = ScriptedListener::start(|number, _| match number % 2 {
        0 => ScriptedResponse::begin("TITLE: T\n\nA part.\n\n").stall(),
        _ => ScriptedResponse::silence(),
    });
    let site = TestSite::new();
    let outcome = site.run_until(&listener, &["a", "b", "c", "d", "e"], async {
        while listener.stalled() < 4 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    assert_eq!(stop(&outcome).kind, StopKind::Interrupted);
    assert_eq!(listener.received().len(), 4);
    let outcomes = site.records().into_iter().filter(|record| {
        matches!(
            record,
            JournalRecord::Answered(_) | JournalRecord::Failed(_)
        )
    });
    assert_eq!(outcomes.count(), 4);
    assert_eq!(
        site.journal().state("a").unwrap().phase,
        TopicPhase::Answered
    );
    assert!(site.journal().state("b").unwrap().needs_asking());
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
    site.run_until(&listener, &["Tea"], async {
        while listener.stalled() < 1 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    site.has_text = true;
    let outcome = site.run(&listener, &["Tea"]);
    assert_eq!(listener.received().len(), 2);
    assert_eq!(outcome.judged[&Verdict::Accepted], 1);
    assert_eq!(site.text("Tea"), post("Tea"));
}

#[test]
fn first_request_stays_alone_until_the_server_accepts_it() {
    let listener = ScriptedListener::start(|number, _| match number {
        0 => ScriptedResponse::error(500, "server_error", "m"),
        number => whole(&number.to_string()),
    });
    let site = TestSite::new();
    site.run(&listener, &["a", "b", "c"]);
    let records = site.records();
    assert!(
        matches!(records[1], JournalRecord::Failed(_)),
        "{records:?}"
    );
}
