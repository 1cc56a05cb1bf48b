//! Whole runs against the scripted listener, with a judge of a few lines.

mod failures;
mod limits;
mod texts;

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

/// Waits until so many responses stall, and until the client has read what came before.
async fn wait_for_stalls(listener: &ScriptedListener, count: usize) {
    while listener.stalled() < count {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // What was sent is in the sockets. The clock moves only while nothing else is left to do, so it is read
    // before this ends.
    tokio::time::sleep(Duration::from_secs(2)).await;
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
