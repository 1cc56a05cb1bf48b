//! Checks batches as a whole: from topics to request files, and from results to the journal.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use pressrun_posts::post::record::make_request_id;
use pressrun_site::config::Config;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::journal::{FailureClass, Journal, JournalRecord, TopicPhase, TopicState};
use crate::prompt::PromptTemplates;
use crate::topic::Topic;

const TEXTS: [&str; 6] = [
    "green tea",
    "rye bread",
    "old wine",
    "blue cheese",
    "sea salt",
    "wild honey",
];

struct BatchSite {
    folder: TempDir,
    topics: Vec<Topic>,
    journal: Journal,
}

impl BatchSite {
    fn new(topics: impl IntoIterator<Item = String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("prompt.txt"),
            "Write a post.\n\nTOPIC: {{ topic }}\n",
        )
        .unwrap();
        let topics = topics.into_iter().enumerate().map(|(at, text)| Topic {
            id: format!("t/{at}"),
            text,
            ..Topic::default()
        });
        Self {
            topics: topics.collect(),
            journal: Journal::open(folder.path(), || {}).unwrap(),
            folder,
        }
    }

    fn with_six_topics() -> Self {
        Self::new(TEXTS.map(str::to_owned))
    }

    /// Writes the requests for topics that the journal says are to be asked.
    fn write(&mut self, provider: BatchProvider) -> WrittenBatch {
        let root = self.folder.path();
        let config = Config::parse("[generate]\ntemplate = 'prompt.txt'\nmodel = 'm'\n").unwrap();
        let templates = PromptTemplates::load(root, &config, None, &self.topics).unwrap();
        let needed = self.topics.iter().filter(|topic| {
            self.journal
                .state(&topic.id)
                .is_none_or(TopicState::needs_asking)
        });
        let needed: Vec<&Topic> = needed.collect();
        let target = BatchTarget {
            provider,
            folder: &root.join("batches"),
        };
        write_requests(&needed, &templates, &config, target, &mut self.journal).unwrap()
    }

    fn read(&mut self, files: &[&[Value]]) -> BatchReading {
        let paths: Vec<PathBuf> = (0..files.len())
            .map(|at| self.folder.path().join(format!("result-{at}.jsonl")))
            .collect();
        for (path, lines) in paths.iter().zip(files) {
            let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
            fs::write(path, lines.join("\n")).unwrap();
        }
        read_results(&paths, &mut self.journal).unwrap()
    }

    fn phase(&self, at: usize) -> TopicPhase {
        self.journal.state(&self.topics[at].id).unwrap().phase
    }

    fn text(&self, at: usize) -> String {
        let state = self.journal.state(&self.topics[at].id).unwrap();
        self.journal.read_text(state.text.unwrap()).unwrap()
    }
}

/// Returns the name of the request of a topic.
fn id(at: usize) -> String {
    make_request_id(&format!("t/{at}"))
}

fn article(about: &str) -> String {
    format!("TITLE: On {about}\n\nThis is all about {about}.")
}

fn answer(at: usize, text: &str) -> Value {
    json!({"custom_id": id(at), "error": null, "response": {"status_code": 200, "body":
        {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}}})
}

fn expired(at: usize) -> Value {
    json!({"custom_id": id(at), "response": null,
        "error": {"code": "batch_expired", "message": "This request could not be executed in time."}})
}

fn read_lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn sixty_thousand_topics_are_two_files_within_the_limits() {
    let mut site = BatchSite::new((0..60_000).map(|number| format!("Topic {number}")));
    let written = site.write(BatchProvider::OpenAi);
    assert_eq!(written.requests, 60_000);
    let sizes: Vec<usize> = written.files.iter().map(|file| file.requests).collect();
    assert_eq!(sizes, [50_000, 10_000]);
    let mut ids = HashSet::new();
    for file in &written.files {
        assert!(fs::metadata(&file.path).unwrap().len() <= 200_000_000);
        for line in read_lines(&file.path) {
            let id = line["custom_id"].as_str().unwrap().to_owned();
            let is_safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
            assert!(
                (1..=64).contains(&id.len()) && id.bytes().all(is_safe),
                "{id}"
            );
            assert!(ids.insert(id));
        }
    }
    assert_eq!(ids.len(), 60_000);
    // All of them wait now, in a journal that is read again too.
    assert_eq!(site.write(BatchProvider::OpenAi).requests, 0);
    let journal = Journal::read(site.folder.path()).unwrap();
    assert!(
        journal
            .states()
            .all(|(_, state)| state.phase == TopicPhase::Batched)
    );
}

#[test]
fn request_says_what_its_template_and_the_configuration_say() {
    for provider in [
        BatchProvider::OpenAi,
        BatchProvider::Anthropic,
        BatchProvider::Gemini,
    ] {
        let mut site = BatchSite::with_six_topics();
        let written = site.write(provider);
        let path = &written.files[0].path;
        assert!(
            path.ends_with(format!("batches/{}-0001.jsonl", provider.name())),
            "{path:?}"
        );
        let first = read_lines(path).remove(0);
        assert!(first.to_string().contains("TOPIC: green tea"), "{first}");
        let name = if provider == BatchProvider::Gemini {
            "key"
        } else {
            "custom_id"
        };
        assert_eq!(first[name], id(0));
        let state = site.journal.state("t/0").unwrap();
        assert!(!state.prompt_hash.is_empty() && &*state.model == "m");
    }
}

#[test]
fn results_come_in_any_order_and_more_than_once() {
    let mut site = BatchSite::with_six_topics();
    site.write(BatchProvider::OpenAi);
    let mut results: Vec<Value> = (0..6).map(|at| answer(at, &article(TEXTS[at]))).collect();
    results.reverse();
    let reading = site.read(&[&results[..2], &results[2..]]);
    assert_eq!(
        (reading.answered, reading.known, reading.missing),
        (6, 0, 0)
    );
    assert_eq!(reading.swapped, []);
    for (at, text) in TEXTS.iter().enumerate() {
        assert_eq!(site.text(at), article(text));
        assert_eq!(site.phase(at), TopicPhase::Answered);
    }
    let bytes = fs::read(site.journal.path()).unwrap();
    let reading = site.read(&[&results[1..], &results[..1], &results]);
    assert_eq!((reading.answered, reading.known), (0, 12));
    assert_eq!(
        fs::read(site.journal.path()).unwrap(),
        bytes,
        "nothing was appended"
    );
}

#[test]
fn swapped_texts_are_kept_and_reported() {
    let texts = |swap: bool| -> Vec<Value> {
        let order = if swap {
            [0, 2, 1, 3, 4, 5]
        } else {
            [0, 1, 2, 3, 4, 5]
        };
        (0..6)
            .map(|at| answer(at, &article(TEXTS[order[at]])))
            .collect()
    };
    let swapped = |is_same_text| {
        [("t/1", "t/2"), ("t/2", "t/1")].map(|(id, other)| SwappedTexts {
            id: id.to_owned(),
            other: other.to_owned(),
            is_same_text,
        })
    };
    // In the first reading the words of the topics show it.
    let mut site = BatchSite::with_six_topics();
    site.write(BatchProvider::OpenAi);
    let reading = site.read(&[&texts(true)]);
    assert_eq!(reading.answered, 6);
    assert_eq!(reading.swapped, swapped(false));
    // In a later one, the texts.
    let mut site = BatchSite::with_six_topics();
    site.write(BatchProvider::OpenAi);
    assert_eq!(site.read(&[&texts(false)]).swapped, []);
    let reading = site.read(&[&texts(true)]);
    assert_eq!((reading.answered, reading.known), (0, 6));
    assert_eq!(reading.swapped, swapped(true));
    assert_eq!(site.text(1), article(TEXTS[1]));
}

#[test]
fn missing_expired_and_failed_requests_are_asked_next() {
    let mut site = BatchSite::with_six_topics();
    site.write(BatchProvider::OpenAi);
    let failed = json!({"custom_id": id(2), "error": null, "response": {"status_code": 500,
        "body": {"error": {"message": "oops"}}}});
    let output = [answer(0, &article(TEXTS[0])), failed];
    let reading = site.read(&[&output, &[expired(1)]]);
    assert_eq!(
        (reading.answered, reading.failed, reading.missing),
        (1, 2, 3)
    );
    for at in 1..6 {
        assert_eq!(site.phase(at), TopicPhase::Failed(FailureClass::Retry));
    }
    let place = site.journal.state("t/1").unwrap().failed.unwrap();
    let Ok(JournalRecord::Failed(record)) = site.journal.read_record(place) else {
        panic!("a failure");
    };
    assert_eq!(record.code.as_deref(), Some("batch_expired"));
    // A result that comes late is taken, and the others are asked in a new file.
    let reading = site.read(&[&[answer(5, &article(TEXTS[5]))]]);
    assert_eq!((reading.answered, reading.missing), (1, 0));
    let written = site.write(BatchProvider::OpenAi);
    assert_eq!(written.requests, 4);
    assert!(written.files[0].path.ends_with("openai-0002.jsonl"));
}

#[test]
fn topics_of_another_request_file_go_on_waiting() {
    let mut site = BatchSite::with_six_topics();
    site.topics.truncate(3);
    site.write(BatchProvider::OpenAi);
    for (at, text) in TEXTS.iter().enumerate().skip(3) {
        site.topics.push(Topic {
            id: format!("t/{at}"),
            text: (*text).to_owned(),
            ..Topic::default()
        });
    }
    site.write(BatchProvider::OpenAi);
    let reading = site.read(&[&[answer(0, &article(TEXTS[0]))]]);
    assert_eq!((reading.answered, reading.missing), (1, 2));
    assert!((3..6).all(|at| site.phase(at) == TopicPhase::Batched));
}

#[test]
fn foreign_and_damaged_lines_stop_nothing() {
    let mut site = BatchSite::with_six_topics();
    site.write(BatchProvider::OpenAi);
    let path = site.folder.path().join("results.jsonl");
    let foreign = json!({"custom_id": "other", "error": {"message": "x"}});
    let text = format!(
        "\u{feff}{{oops\n\n{foreign}\n{}",
        answer(0, &article(TEXTS[0]))
    );
    fs::write(&path, text).unwrap();
    let reading = read_results(&[path], &mut site.journal).unwrap();
    assert_eq!((reading.answered, reading.unknown), (1, 1));
    assert_eq!(reading.findings.len(), 1);
    assert!(read_results(&[site.folder.path().join("none")], &mut site.journal).is_err());
}

#[test]
fn path_in_a_command_is_one_word() {
    assert_eq!(quote_for_shell("a/b-1.jsonl"), "a/b-1.jsonl");
    assert_eq!(quote_for_shell("it's $HOME"), "'it'\\''s $HOME'");
    let upload = BatchProvider::OpenAi.describe_upload("my file", None);
    assert!(upload.contains("file=@'my file'"), "{upload}");
}
