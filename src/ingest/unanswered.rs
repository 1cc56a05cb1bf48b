//! Finds the records that have no whole reply in the sources nor in the folder of posts, and the
//! requests that they answer: what `pressrun retry` asks again.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::parse::json::BatchRequest;
use pressrun_posts::parse::request_book::hash_batch_request;
use pressrun_posts::post::record::make_request_id;
use pressrun_site::discover::SourceFile;
use pressrun_site::pipeline;
use pressrun_site::render::CommandFailure;

use super::folder::TargetFolder;
use super::front_matter::ReplyDigest;
use super::reader::SourceReader;
use super::record::{RecordId, SourceRecord};
use super::{FOLDER, FirstPass, IngestWatcher, requests, retries, sources};

/// A record without a whole reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnansweredRecord {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub place: FilePlace,
    /// Why it has none: it failed, was refused, has no text, or was cut off.
    pub code: Code,
    /// Whether its request is known.
    pub request: RequestKnowledge,
}

/// What is known of the request of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKnowledge {
    /// It is in one of the sources.
    Known,
    /// It is in none of them.
    Missing,
    /// The sources have several requests of the id.
    Ambiguous,
    /// Another record of the same id, and of another request, is asked again.
    IdTaken,
}

/// What has no whole reply.
#[derive(Debug, Default)]
pub struct UnansweredRecords {
    /// The records, in the order of the sources.
    pub records: Vec<UnansweredRecord>,
    /// The number of records that failed and have no id.
    pub without_id: usize,
    /// The sources that may hold requests.
    files: Vec<SourceFile>,
    /// The ids and hashes of the requests to ask again.
    wanted: HashSet<(Box<str>, ReplyDigest)>,
}

/// Finds what has no whole reply.
///
/// # Errors
///
/// Returns what is wrong with the site, a source or the machine.
pub fn find_unanswered(
    root: &Path,
    paths: &[PathBuf],
    watcher: &mut dyn IngestWatcher,
) -> Result<UnansweredRecords, CommandFailure> {
    let config = pipeline::load_config(root)?;
    let into = root.join(FOLDER);
    let found = sources::find_sources(root, paths, &into)?;
    let mut settings = pipeline::make_read_settings(&config);
    settings.requests = requests::read_request_book(&found.files).into();
    let reader = SourceReader {
        files: &found.files,
        settings: &settings,
    };
    let folder = TargetFolder::read(&into)?;
    let survey = FirstPass::run(&reader, false, 0, watcher)?;
    let retries = retries::survey_retries(&survey.entries, &found.files, &folder);
    for ambiguous in &retries.diagnostics {
        watcher.found(ambiguous);
    }
    let mut unanswered = UnansweredRecords::default();
    let mut ids: HashSet<Box<str>> = HashSet::new();
    // The records that are no posts come last in their pieces.
    let mut order: Vec<usize> = (0..survey.entries.len()).collect();
    order.sort_by_key(|&at| (survey.entries[at].file(), survey.entries[at].line()));
    for at in order {
        let entry = &survey.entries[at];
        if retries.successors[at].is_some() {
            continue;
        }
        let Some(code) = find_reason(entry) else {
            continue;
        };
        let Some(id) = entry.id() else {
            unanswered.without_id += 1;
            continue;
        };
        let request = find_digest(entry);
        let is_new = ids.insert(id.key.clone());
        let knowledge = match request {
            Some(digest) if !is_new => {
                // The same request, which failed in several files, is asked once.
                if unanswered.wanted.contains(&(id.key.clone(), digest)) {
                    continue;
                }
                RequestKnowledge::IdTaken
            }
            Some(digest) if knows_request(&settings.requests, id, digest) => {
                unanswered.wanted.insert((id.key.clone(), digest));
                RequestKnowledge::Known
            }
            _ if settings.requests.has_id(&id.text) => RequestKnowledge::Ambiguous,
            _ if !is_new => continue,
            _ => RequestKnowledge::Missing,
        };
        let path = found.files[entry.file()].path.clone();
        unanswered.records.push(UnansweredRecord {
            id: id.text.to_string(),
            place: match entry.line() {
                Some(line) => FilePlace::line(path, line),
                None => FilePlace::file(path),
            },
            code,
            request: knowledge,
        });
    }
    let mut files = found.files;
    files.retain(requests::may_hold_requests);
    unanswered.files = files;
    Ok(unanswered)
}

impl UnansweredRecords {
    /// Iterates over the requests to ask again, each once, in the order of the sources.
    pub fn iter_requests(&self) -> impl Iterator<Item = BatchRequest> + '_ {
        let mut wanted = self.wanted.clone();
        let requests = self.files.iter().flat_map(requests::iter_requests);
        requests.filter(move |request| {
            let id = request.id.as_deref().map(|id| make_request_id(id).into());
            id.is_some_and(|id| wanted.remove(&(id, hash_batch_request(request))))
        })
    }

    /// Returns the records that cannot be asked again, each as a warning.
    pub fn report_lacking(&self) -> Vec<Diagnostic> {
        let lacking = self.records.iter().filter_map(|record| {
            let id = pressrun_posts::diagnostic::quote_for_message(&record.id);
            let (message, help) = match record.request {
                RequestKnowledge::Known => return None,
                RequestKnowledge::Missing => (
                    format!("{id} has no whole reply ({}), and its request is in none of the sources", record.code),
                    "name the request file of the batch too",
                ),
                RequestKnowledge::Ambiguous => (
                    format!("{id} has no whole reply ({}), and the sources have several requests of this id", record.code),
                    "name the files of one batch at a time",
                ),
                RequestKnowledge::IdTaken => (
                    format!("{id} has no whole reply ({}), and neither has another request of this id, which is asked first", record.code),
                    "name the files of one batch at a time",
                ),
            };
            let found = Diagnostic::new(Code::RequestUnknown, record.place.clone(), message);
            Some(found.with_help(help))
        });
        lacking.collect()
    }
}

/// Returns why a record has no whole reply; `None` if it has one, or if asking again is no help.
fn find_reason(entry: &SourceRecord) -> Option<Code> {
    match entry {
        SourceRecord::Post(_) => entry.is_cut_off().then_some(Code::TruncatedReply),
        SourceRecord::Rejected { code, .. } => {
            matches!(code, Code::FailedRequest | Code::Refusal | Code::EmptyBody).then_some(*code)
        }
    }
}

fn find_digest(entry: &SourceRecord) -> Option<ReplyDigest> {
    match entry {
        SourceRecord::Post(post) => post.identity.as_ref()?.request,
        SourceRecord::Rejected { failed, .. } => failed.as_ref()?.request,
    }
}

/// Returns whether the sources have a request: a record may also state its topic by itself.
fn knows_request(
    book: &pressrun_posts::parse::request_book::RequestBook,
    id: &RecordId,
    digest: ReplyDigest,
) -> bool {
    book.has_request(&id.text, digest)
}
