//! Writes the request files of a run, and brings the results of batches into the journal.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::parse::request_book::RequestBook;
use pressrun_posts::post::record::make_request_id;
use pressrun_site::config::Config;
use pressrun_site::error::{Result, SystemError};
use pressrun_site::render::CommandFailure;

use super::results::{BatchOutcome, BatchResult, parse_result};
use super::{BatchProvider, RequestFile, RequestFiles, RequestParts, format_request};
use crate::journal::{
    AnsweredRecord, BatchedRecord, FailedRecord, Journal, JournalRecord, RequestPurpose, TopicPhase,
};
use crate::prompt::PromptTemplates;
use crate::topic::Topic;

/// The longest line of a result file. An answer has at most 16 MB, and JSON may write a byte with
/// six.
const LONGEST_LINE: u64 = 128 << 20;

/// The number of records that are appended to the journal at once.
const RECORDS_AT_ONCE: usize = 1000;

/// Where requests are written to.
#[derive(Debug, Clone, Copy)]
pub struct BatchTarget<'a> {
    /// The service that will get them.
    pub provider: BatchProvider,
    /// The folder of the request files.
    pub folder: &'a Path,
}

/// The request files of a run.
#[derive(Debug, Default)]
pub struct WrittenBatch {
    /// The files.
    pub files: Vec<RequestFile>,
    /// The number of requests in them.
    pub requests: usize,
}

/// Writes requests for topics into new files of a folder, and then notes in the journal that these
/// topics wait for results. Memory does not grow with the prompts.
///
/// # Errors
///
/// Returns what is wrong with a template, or what the machine refused. Without an error of the
/// journal, no topic waits for a request that was not written.
pub fn write_requests(
    topics: &[&Topic],
    templates: &PromptTemplates,
    config: &Config,
    target: BatchTarget<'_>,
    journal: &mut Journal,
) -> std::result::Result<WrittenBatch, CommandFailure> {
    let BatchTarget { provider, folder } = target;
    let config = &config.generate;
    let body = config.body_as_json();
    let mut files = RequestFiles::create_in(folder, provider)?;
    // For each request, its topic, its file, and the hashes of its prompt and template.
    let mut written: Vec<(&Topic, usize, String, String, Arc<str>)> = Vec::new();
    let mut ids = HashSet::new();
    for &topic in topics {
        let id = make_request_id(&topic.id);
        // Lists of topics have each id once, so this is the second list of a caller.
        if !ids.insert(id.clone()) {
            continue;
        }
        let prompt = templates
            .render(topic)
            .map_err(|found| CommandFailure::Site(vec![found]))?;
        let line = format_request(
            provider,
            RequestParts {
                id: &id,
                model: topic.model.as_deref().or(config.model.as_deref()),
                messages: &prompt.messages,
                max_tokens: config.max_tokens,
                body: &body,
            },
        );
        let file = files.push(&line)?;
        written.push((
            topic,
            file,
            prompt.prompt_hash,
            prompt.template_hash,
            prompt.template,
        ));
    }
    let requests = written.len();
    let files = files.finish()?;
    for some in written.chunks(RECORDS_AT_ONCE) {
        let at = Timestamp::now();
        let mut records = Vec::with_capacity(some.len());
        for (topic, file, prompt_hash, template_hash, template) in some {
            records.push(JournalRecord::Batched(BatchedRecord {
                id: topic.id.clone(),
                request: journal.next_request(),
                at,
                batch: name_of(&files[*file].path),
                custom_id: make_request_id(&topic.id),
                provider: provider.name().to_owned(),
                model: topic
                    .model
                    .clone()
                    .or_else(|| config.model.clone())
                    .unwrap_or_default(),
                template: template.to_string(),
                prompt_hash: prompt_hash.clone(),
                template_hash: template_hash.clone(),
                topic: Some((*topic).clone()),
            }));
        }
        journal.append_all(&records)?;
    }
    Ok(WrittenBatch { files, requests })
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// What result files brought.
#[derive(Debug, Default)]
pub struct BatchReading {
    /// The number of new answers.
    pub answered: usize,
    /// The number of results that were read before, or whose topics have a reply already.
    pub known: usize,
    /// The number of requests that failed, expired or were cancelled.
    pub failed: usize,
    /// The number of requests of the same request files without any result.
    pub missing: usize,
    /// The number of results for topics that the journal does not know.
    pub unknown: usize,
    /// Texts that seem to be swapped.
    pub swapped: Vec<SwappedTexts>,
    /// Findings about the files.
    pub findings: Vec<Diagnostic>,
    /// The files without any result for a topic that was asked: they are named by mistake.
    pub wrong_files: Vec<Diagnostic>,
}

/// A text that came for a topic and belongs to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SwappedTexts {
    /// The id of the topic that the text came for.
    pub id: String,
    /// The id of the topic that it belongs to.
    pub other: String,
    /// Whether the journal has the text under the other id, and not only words of its topic.
    pub is_same_text: bool,
}

/// Reads result files into the journal: in any order, more than once, output and error files.
///
/// Topics of the same request files for which no result came are marked as failed, so that they are
/// asked again.
///
/// # Errors
///
/// Returns what the machine refused.
pub fn read_results(files: &[PathBuf], journal: &mut Journal) -> Result<BatchReading> {
    let mut reader = ResultReader::new(journal)?;
    for file in files {
        reader.read_file(file)?;
    }
    reader.mark_missing()?;
    reader.find_swapped_again()?;
    let mut reading = reader.reading;
    reading.swapped.sort_unstable();
    reading
        .swapped
        .dedup_by(|a, b| (&a.id, &a.other) == (&b.id, &b.other));
    Ok(reading)
}

/// Reports a file that has no result for a topic of the journal, but perhaps some for others.
fn report_wrong_file(path: &Path, unknown: usize) -> Diagnostic {
    let place = FilePlace::file(path.to_string_lossy().into_owned());
    let (message, help) = if unknown == 0 {
        (
            "it holds no result of a batch",
            "name the files that the service gives out, as they are",
        )
    } else {
        (
            "none of its results is for a topic that was asked here",
            "read it in the site whose `generate --write-batch` wrote the requests",
        )
    };
    Diagnostic::new(Code::Usage, place, message).with_help(help)
}

/// Returns an answer without a text, which is no refusal either, as a failure: it is asked again.
fn fail_if_empty(outcome: BatchOutcome) -> BatchOutcome {
    match outcome {
        BatchOutcome::Answered {
            text,
            finish,
            refusal: None,
            ..
        } if text.trim().is_empty()
            && !matches!(finish.as_deref(), Some("content_filter" | "refusal")) =>
        {
            BatchOutcome::Failed {
                status: None,
                code: Some("empty".to_owned()),
                message: format!(
                    "the answer has no text (finish reason `{}`)",
                    finish.as_deref().unwrap_or("none")
                ),
            }
        }
        outcome => outcome,
    }
}

/// A topic that results may be for.
struct KnownTopic {
    id: Arc<str>,
    /// The number of its last request, and the name of its request file, if it waits for results.
    waiting: Option<(u64, String)>,
}

struct ResultReader<'j> {
    journal: &'j mut Journal,
    /// The topics by the names of their requests.
    topics: HashMap<String, KnownTopic>,
    book: RequestBook,
    /// The request files of which results came.
    batches: BTreeSet<String>,
    /// Texts that differ from those that the journal has for their topics, by hash.
    other_texts: Vec<(Arc<str>, blake3::Hash)>,
    /// Records that are not in the journal yet.
    pending: Vec<JournalRecord>,
    pending_bytes: usize,
    /// The topics that got a text in this reading, with its hash.
    answered: HashMap<Arc<str>, blake3::Hash>,
    reading: BatchReading,
}

impl<'j> ResultReader<'j> {
    fn new(journal: &'j mut Journal) -> Result<Self> {
        let mut topics = HashMap::new();
        let mut about = Vec::new();
        for (id, state) in journal.states() {
            let record = state
                .topic
                .map(|place| journal.read_record(place))
                .transpose()?;
            let (topic, waiting) = match record {
                Some(JournalRecord::Batched(record)) => {
                    let waits = state.phase == TopicPhase::Batched;
                    (
                        record.topic,
                        waits.then_some((record.request, record.batch)),
                    )
                }
                Some(JournalRecord::Asked(record)) => (record.topic, None),
                _ => (None, None),
            };
            about.extend(topic.map(|topic| (id.to_string(), topic.text)));
            let known = KnownTopic {
                id: Arc::clone(id),
                waiting,
            };
            topics.insert(make_request_id(id), known);
        }
        Ok(Self {
            journal,
            topics,
            book: RequestBook::from_topics(about),
            batches: BTreeSet::new(),
            other_texts: Vec::new(),
            pending: Vec::new(),
            pending_bytes: 0,
            answered: HashMap::new(),
            reading: BatchReading::default(),
        })
    }

    fn read_file(&mut self, path: &Path) -> Result<()> {
        let failed = |error| SystemError::new("read", path, error);
        let file = File::open(path).map_err(failed)?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let name = name_of(path);
        let mut line = Vec::new();
        let (mut number, mut unread, mut results) = (0, 0, 0);
        let unknown_before = self.reading.unknown;
        loop {
            line.clear();
            let mut limited = reader.by_ref().take(LONGEST_LINE);
            if limited.read_until(b'\n', &mut line).map_err(failed)? == 0 {
                break;
            }
            number += 1;
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_start_matches('\u{feff}').trim();
            match parse_result(text) {
                Some(result) => {
                    results += 1;
                    self.take_result(result, &name)?;
                }
                None if text.is_empty() => {}
                None => unread += 1,
            }
        }
        self.write_pending()?;
        let unknown = self.reading.unknown - unknown_before;
        if results == unknown {
            let wrong = report_wrong_file(path, unknown);
            self.reading.wrong_files.push(wrong);
        } else if unread > 0 {
            let message = format!("lines that are no results of a batch: {unread} of {number}");
            let place = FilePlace::file(path.to_string_lossy().into_owned());
            let found = Diagnostic::new(Code::UnknownJsonShape, place, message)
                .with_help("name the files that the service gives out, as they are");
            self.reading.findings.push(found);
        }
        Ok(())
    }

    fn take_result(&mut self, result: BatchResult, file: &str) -> Result<()> {
        let Some(topic) = self.topics.get_mut(&make_request_id(&result.id)) else {
            self.reading.unknown += 1;
            return Ok(());
        };
        let id = Arc::clone(&topic.id);
        let waiting = topic.waiting.take();
        if let Some((_, batch)) = &waiting {
            self.batches.insert(batch.clone());
        }
        let request = waiting.as_ref().map_or(0, |(request, _)| *request);
        match fail_if_empty(result.outcome) {
            BatchOutcome::Failed {
                status,
                code,
                message,
            } => {
                // A topic that has a text does not lose it because of another request.
                if waiting.is_none() {
                    self.reading.known += 1;
                    return Ok(());
                }
                self.reading.failed += 1;
                let record = FailedRecord {
                    status,
                    code,
                    ..FailedRecord::of_batch(&id, request, file, message)
                };
                self.push(JournalRecord::Failed(record), 0)
            }
            BatchOutcome::Answered {
                text,
                finish,
                refusal,
                usage,
                model,
            } => {
                let hash = blake3::hash(text.as_bytes());
                let phase = self.journal.state(&id).map(|state| state.phase);
                let has_text = matches!(phase, Some(TopicPhase::Answered | TopicPhase::Judged(_)));
                let needs_text = waiting.is_some() || !has_text;
                if !needs_text || self.answered.contains_key(&id) {
                    self.reading.known += 1;
                    self.other_texts.push((id, hash));
                    return Ok(());
                }
                if let Some(other) = self.book.find(&id, &text).and_then(|found| found.other) {
                    self.reading.swapped.push(SwappedTexts {
                        id: id.to_string(),
                        other: other.id.clone(),
                        is_same_text: false,
                    });
                }
                self.reading.answered += 1;
                self.answered.insert(Arc::clone(&id), hash);
                let length = text.len();
                let record = self.make_answer(&id, request, text);
                let record = AnsweredRecord {
                    finish,
                    refusal,
                    usage,
                    model: model.unwrap_or(record.model),
                    batch: Some(file.to_owned()),
                    ..record
                };
                self.push(JournalRecord::Answered(record), length)
            }
        }
    }

    fn make_answer(&self, id: &str, request: u64, text: String) -> AnsweredRecord {
        let state = self.journal.state(id);
        let of_state = |part: fn(&crate::journal::TopicState) -> &Arc<str>| {
            state
                .map(|state| part(state).to_string())
                .unwrap_or_default()
        };
        AnsweredRecord {
            id: id.to_owned(),
            request,
            at: Timestamp::now(),
            purpose: RequestPurpose::Reply,
            text,
            finish: None,
            broken: None,
            refusal: None,
            usage: None,
            cost: None,
            seconds: 0.0,
            model: of_state(|state| &state.model),
            template: of_state(|state| &state.template),
            prompt_hash: of_state(|state| &state.prompt_hash),
            template_hash: of_state(|state| &state.template_hash),
            batch: None,
        }
    }

    /// Adds a record whose text has `bytes` bytes.
    fn push(&mut self, record: JournalRecord, bytes: usize) -> Result<()> {
        self.pending.push(record);
        self.pending_bytes += bytes;
        if self.pending.len() >= RECORDS_AT_ONCE || self.pending_bytes >= 1 << 22 {
            self.write_pending()?;
        }
        Ok(())
    }

    fn write_pending(&mut self) -> Result<()> {
        self.pending_bytes = 0;
        self.journal.append_all(&std::mem::take(&mut self.pending))
    }

    /// Marks the topics that waited for results of the same request files and got none.
    fn mark_missing(&mut self) -> Result<()> {
        let mut missing: Vec<(Arc<str>, u64, String)> = self
            .topics
            .values()
            .filter_map(|topic| {
                let (request, batch) = topic.waiting.clone()?;
                let is_read = self.batches.contains(&batch);
                is_read.then(|| (Arc::clone(&topic.id), request, batch))
            })
            .collect();
        missing.sort_unstable();
        self.reading.missing = missing.len();
        for (id, request, batch) in missing {
            let message = format!("the results of `{batch}` do not have it");
            let record = FailedRecord {
                code: Some("missing".to_owned()),
                ..FailedRecord::of_batch(&id, request, &batch, message)
            };
            self.push(JournalRecord::Failed(record), 0)?;
        }
        self.write_pending()
    }

    /// Finds texts that came for a topic and that the journal has for another.
    fn find_swapped_again(&mut self) -> Result<()> {
        let mut kept: HashMap<blake3::Hash, Arc<str>> = HashMap::new();
        let mut moved = Vec::new();
        for (id, hash) in std::mem::take(&mut self.other_texts) {
            let own = match self.answered.get(&id) {
                Some(own) => Some(*own),
                None => self.hash_kept_text(&id)?,
            };
            if let Some(own) = own.filter(|own| *own != hash) {
                kept.insert(own, Arc::clone(&id));
                moved.push((id, hash));
            }
        }
        for (id, hash) in moved {
            if let Some(other) = kept.get(&hash) {
                self.reading.swapped.push(SwappedTexts {
                    id: id.to_string(),
                    other: other.to_string(),
                    is_same_text: true,
                });
            }
        }
        Ok(())
    }

    fn hash_kept_text(&self, id: &str) -> Result<Option<blake3::Hash>> {
        let place = self.journal.state(id).and_then(|state| state.text);
        let text = place
            .map(|place| self.journal.read_text(place))
            .transpose()?;
        Ok(text.map(|text| blake3::hash(text.as_bytes())))
    }
}
