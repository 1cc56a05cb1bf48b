//! Turns replies into files: each post in the sources becomes a Markdown file with YAML front
//! matter, for people to edit and keep.
//!
//! The sources are read twice. The first pass remembers a few hashes of each post. Then `plan`
//! decides what happens to every post, and the second pass writes the new files. So nothing is
//! written before everything is known, and memory does not grow with the text of the posts. Up to
//! some megabytes, posts are kept for the second pass (`kept`).
//!
//! Every file records where its post came from and a hash of itself (`front_matter`). `ingest`
//! remembers nothing else: there is no separate list that could be lost or get out of date.
//!
//! Not here: how replies are read (`pressrun-posts`), and printing (`cli`).

mod folder;
mod front_matter;
mod kept;
mod names;
mod owners;
mod pieces;
mod plan;
mod reader;
mod record;
mod replace;
mod requests;
mod retries;
mod same_request;
mod schedule;
mod source_posts;
mod sources;
mod unanswered;
mod write;
mod yaml_extra;
mod yaml_text;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, Severity};
use pressrun_posts::post::TextRole;
use pressrun_posts::post::{FieldSource, Post, SiteZone, StatedDate};
use pressrun_site::discover;
use pressrun_site::error::{Result, SystemError};
use pressrun_site::fs;
use pressrun_site::pipeline;
use pressrun_site::render::CommandFailure;

use folder::TargetFolder;
use kept::{KeptPiece, KeptPosts};
use plan::{CalendarEnded, PlanInputs};
use pressrun_text::similarity::sketch_start;
use reader::{PieceRecords, SourceReader};
use record::{CandidatePost, RecordId, RecordIdentity, RejectedRecord, SourceRecord};
use same_request::TextSubject;
use schedule::FreeDates;
use sources::IngestSources;
use write::PlannedSteps;

pub use record::{IngestStep, StepAction};
pub use schedule::{DateSchedule, PostInterval};
pub use source_posts::{SourcePosts, read_source_posts};
pub use unanswered::{RequestKnowledge, UnansweredRecord, UnansweredRecords, find_unanswered};

/// Default folder for posts, inside the folder of the site.
pub const FOLDER: &str = "content/posts";

/// The options of a run.
#[derive(Debug, Clone)]
pub struct IngestRequest {
    /// Folder of the site.
    pub root: PathBuf,
    /// Files and folders with replies.
    pub sources: Vec<PathBuf>,
    /// Folder to write to; `None` for [`FOLDER`] in the folder of the site.
    pub into: Option<PathBuf>,
    /// Whether to write nothing.
    pub dry_run: bool,
    /// Whether a rejected reply stops the run before anything is written.
    pub strict: bool,
    /// Dates for posts that state none.
    pub schedule: Option<DateSchedule>,
    /// Whether the schedule counts for posts too that have only the date of the record they came in.
    pub overrides_container: bool,
    /// Called before waiting for another process that writes to the folder.
    pub on_wait: fn(),
}

/// What was done, or would be done in a dry run.
#[derive(Debug)]
pub struct IngestReport {
    /// The folder that was written to.
    pub folder: PathBuf,
    /// What happened to each record, in the order of the sources and their lines.
    pub steps: Vec<IngestStep>,
    /// The number of records of each kind.
    pub ledger: IngestLedger,
    /// Whether nothing was written because of rejected replies.
    pub refused: bool,
    /// The zone of dates that state none.
    pub zone: SiteZone,
    /// The number of posts that keep the date of the record they came in.
    pub dated_by_record: usize,
    /// The number of requests of batches in the sources, which are not records.
    pub requests: usize,
}

/// How many records there were: `records` is the sum of all fields except `files` and `drafts`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct IngestLedger {
    /// Source files.
    pub files: usize,
    /// Replies in them.
    pub records: usize,
    /// Posts that got a new file.
    pub written: usize,
    /// Posts whose file was rewritten.
    pub updated: usize,
    /// Posts whose file was up to date.
    pub unchanged: usize,
    /// Posts that changed, but whose file was edited by a person and therefore left alone.
    pub kept: usize,
    /// Records that another one takes the place of: they failed, were cut off or were repeated.
    pub superseded: usize,
    /// Replies that are not posts.
    pub rejected: usize,
    /// Drafts among the posts above.
    pub drafts: usize,
}

/// Receives progress and diagnostics while `ingest` runs.
pub trait IngestWatcher {
    /// Called when a phase begins that takes this many units.
    fn begin(&mut self, part: IngestPhase, units: u64);
    /// Called when this many more units of the phase are done.
    fn advance(&mut self, units: u64);
    /// Called for each diagnostic. Long sources may have many, so `ingest` does not keep them.
    fn found(&mut self, found: &Diagnostic);
}

/// A phase of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IngestPhase {
    /// Replies are read; units are bytes.
    Read,
    /// Posts are written; units are files.
    Write,
}

/// Turns replies into files.
///
/// # Errors
///
/// Returns what is wrong with the site, the request or the machine. Files written before the error
/// are complete, and another run continues from there.
pub fn run_ingestion(
    request: &IngestRequest,
    watcher: &mut dyn IngestWatcher,
) -> std::result::Result<IngestReport, CommandFailure> {
    let config = pipeline::load_config(&request.root)?;
    let default = || request.root.join(FOLDER);
    let into = request.into.clone().unwrap_or_else(default);
    let folder_name = sources::name_source(&request.root, &into);
    let sources = sources::find_sources(&request.root, &request.sources, &into)?;
    let sources = require_sources(sources, &folder_name)?;
    for found in &sources.diagnostics {
        watcher.found(found);
    }
    // Lock the folder before looking at its files, so that no other run changes them meanwhile.
    let was_there = into.exists();
    let lock = fs::lock_folder(&into, request.on_wait);
    let folder = TargetFolder::read(&into)?;
    let mut settings = pipeline::make_read_settings(&config);
    settings.requests = Arc::new(requests::read_request_book(&sources.files));
    let reader = SourceReader {
        files: &sources.files,
        settings: &settings,
    };
    let room = if request.dry_run { 0 } else { MOST_KEPT };
    let survey = FirstPass::run(&reader, request.overrides_container, room, watcher)?;
    let setting = PlanInputs {
        root: &request.root,
        files: &sources.files,
        folder: &folder,
        folder_name: &folder_name,
        zone: &config.timezone,
    };
    let plan = plan::make_ingest_plan(
        &survey.entries,
        &setting,
        free_dates_of_schedule(request, &folder, &config.timezone),
    )
    .map_err(|CalendarEnded| calendar_ended_failure())?;
    for found in &plan.diagnostics {
        watcher.found(found);
    }
    let mut report = IngestReport::from_steps(plan.steps, into, &sources);
    report.zone = config.timezone.clone();
    report.dated_by_record = survey.dated_by_record;
    report.requests = survey.requests;
    report.refused = request.strict && report.ledger.rejected > 0;
    if !(request.dry_run || report.refused) {
        let planned = PlannedSteps {
            steps: &report.steps,
            ends: &survey.ends,
        };
        // A folder that did not exist could not be locked; it is created only now that files will
        // be written.
        let _lock = match lock {
            None if !was_there => create_and_lock_folder(&report.folder, request.on_wait)?,
            lock => lock,
        };
        write_planned_files(&reader, &report.folder, planned, survey.kept, watcher)?;
    }
    report.sort_steps(&sources);
    Ok(report)
}

/// Creates and locks a folder that did not exist when the sources were planned.
fn create_and_lock_folder(folder: &Path, on_wait: fn()) -> Result<Option<File>> {
    fs::create_folder(folder)?;
    let lock = fs::lock_folder(folder, on_wait);
    // Another program may have created the folder first. If so, its files were not considered.
    if fs::list_folder(folder)?.is_empty() {
        return Ok(lock);
    }
    let cause = "another program wrote to it at the same time; run the command again";
    let cause = std::io::Error::other(cause);
    Err(SystemError::new("write to the folder", folder, cause))
}

/// Returns the sources, or an error if all of them lie in the folder that is written to.
fn require_sources(
    mut sources: IngestSources,
    into: &str,
) -> std::result::Result<IngestSources, CommandFailure> {
    if sources.files.is_empty() && sources.diagnostics.is_empty() {
        let message = format!("all sources are in `{into}`, the folder to write to");
        let help = "name the files or folders that contain the original replies";
        let found =
            Diagnostic::new(Code::Usage, FilePlace::file("SOURCE"), message).with_help(help);
        return Err(CommandFailure::Site(vec![found]));
    }
    sources
        .diagnostics
        .extend(warn_of_sources_in_content(&sources, into));
    Ok(sources)
}

/// Returns a warning if replies are published twice: as they are, and as the files made from them.
fn warn_of_sources_in_content(sources: &IngestSources, into: &str) -> Option<Diagnostic> {
    let inside = |path: &str| path == discover::FOLDER || path.starts_with("content/");
    let mut files = sources.files.iter().filter(|file| inside(&file.path));
    // Files written outside of `content/` are not part of the site, so nothing appears twice.
    let first = files.next().filter(|_| inside(into))?;
    let message = match files.count() {
        0 => "this file is part of the site, and so are the posts made from it".to_owned(),
        more => format!(
            "this file and {more} more are part of the site, and so are the posts made from them"
        ),
    };
    let help = "move it out of `content/` now, or its posts will appear twice";
    let place = FilePlace::file(first.path.clone());
    Some(Diagnostic::new(Code::SourceInContent, place, message).with_help(help))
}

/// Returns the dates of the schedule on which no post in the folder appears.
fn free_dates_of_schedule(
    request: &IngestRequest,
    folder: &TargetFolder,
    zone: &SiteZone,
) -> Option<FreeDates> {
    let taken = folder.ours.iter().filter_map(|ours| ours.written.date);
    let taken: Vec<StatedDate> = taken.collect();
    let schedule = request.schedule.as_ref()?;
    Some(FreeDates::new(schedule, zone, &taken))
}

fn calendar_ended_failure() -> CommandFailure {
    let message = "the calendar ends in the year 9999, before all posts have a date".to_owned();
    CommandFailure::Site(vec![Diagnostic::new(
        Code::Usage,
        FilePlace::file("--every"),
        message,
    )])
}

/// The most bytes of posts that are kept between the passes.
const MOST_KEPT: usize = 32 << 20;

fn write_planned_files(
    reader: &SourceReader<'_>,
    folder: &Path,
    planned: PlannedSteps<'_>,
    kept: KeptPosts,
    watcher: &mut dyn IngestWatcher,
) -> Result<()> {
    let files = planned.steps.iter().filter(|step| step.writes()).count();
    if files == 0 {
        return Ok(());
    }
    watcher.begin(IngestPhase::Write, files as u64);
    // The first pass reported what it found.
    let mut settings = reader.settings.clone();
    settings.gives_opinions = false;
    let reader = &SourceReader {
        files: reader.files,
        settings: &settings,
    };
    write::write_steps(reader, folder, planned, kept, |files| {
        watcher.advance(files);
    })
}

/// What the first pass remembers.
#[derive(Debug, Default)]
struct FirstPass {
    /// All records; for each piece, its posts come before its rejected replies.
    entries: Vec<SourceRecord>,
    /// For each piece, the index after its last entry.
    ends: Vec<usize>,
    /// The number of posts that keep the date of their record.
    dated_by_record: usize,
    /// The number of requests.
    requests: usize,
    /// The posts themselves, as far as they fit.
    kept: KeptPosts,
}

impl FirstPass {
    /// Reads all sources once, and keeps posts that take at most `room` bytes.
    ///
    /// With `overrides_container`, dates of containers are kept apart, and nothing is said of them.
    fn run(
        reader: &SourceReader<'_>,
        overrides_container: bool,
        room: usize,
        watcher: &mut dyn IngestWatcher,
    ) -> Result<Self> {
        let mut survey = Self {
            kept: KeptPosts::with_room(room),
            ..Self::default()
        };
        watcher.begin(IngestPhase::Read, reader.bytes());
        reader.process_pieces(
            |_| true,
            |_, file, mut records| {
                let found = |found: &Diagnostic| found.code != Code::DateFromContainer;
                if overrides_container {
                    records.diagnostics.retain(found);
                }
                let made = make_source_records(file, &records, reader, overrides_container);
                // An error of a record with an id waits for the other records of that id.
                records
                    .diagnostics
                    .retain(|found| !(is_error(found) && found.about.is_some()));
                let mut posts = records.posts;
                if room == 0 {
                    posts.clear();
                }
                let piece = KeptPiece { file, posts };
                (made, records.diagnostics, records.requests, piece)
            },
            |(entries, diagnostics, requests, piece), bytes| {
                survey.requests += requests;
                survey.kept.add(piece, bytes);
                survey.entries.extend(entries);
                survey.ends.push(survey.entries.len());
                for found in &diagnostics {
                    survey.dated_by_record += usize::from(found.code == Code::DateFromContainer);
                    watcher.found(found);
                }
                watcher.advance(bytes);
                Ok(())
            },
        )?;
        Ok(survey)
    }
}

/// Returns what is remembered of the records in a piece.
fn make_source_records(
    file: usize,
    records: &PieceRecords,
    reader: &SourceReader<'_>,
    overrides_container: bool,
) -> Vec<SourceRecord> {
    let posts = records.posts.iter().zip(&records.numbers);
    let posts = posts.map(|(post, &record)| {
        let is_overridden = overrides_container && post.origins.date == FieldSource::Container;
        let stated = post.stated_date();
        SourceRecord::Post(CandidatePost {
            file,
            line: post.source.line,
            record,
            reply: front_matter::hash_reply(post),
            words: post.words_hash,
            title: front_matter::hash_reply_title(&post.title),
            sketch: Box::new(sketch_start(&post.body)),
            slug: post.slug.as_str().into(),
            date: stated.filter(|_| !is_overridden),
            overridden: stated.filter(|_| is_overridden),
            draft: post.draft,
            is_page: post.role() == TextRole::Page,
            identity: identify_record(post, &reader.settings.language),
        })
    });
    let errors = records.diagnostics.iter().filter(|found| is_error(found));
    let rejected = errors.map(|found| SourceRecord::Rejected {
        file,
        line: found.place.line,
        code: found.code,
        failed: found.about.as_ref().map(|id| {
            let request = reader.settings.requests.find_single(id);
            Box::new(RejectedRecord {
                id: RecordId::new(id),
                request: request.map(|request| request.digest),
                found: found.clone(),
            })
        }),
    });
    posts.chain(rejected).collect()
}

/// Returns what the record of a post says about itself, if it has an id.
fn identify_record(post: &Post, language: &str) -> Option<Box<RecordIdentity>> {
    let record = post.record.as_ref()?;
    let language = post.language.as_deref().unwrap_or(language);
    Some(Box::new(RecordIdentity {
        id: RecordId::new(&record.id),
        request: record.request,
        cut_off: record.cut_off,
        subject: TextSubject::find(&post.title, &post.body, language),
        language: language.into(),
    }))
}

fn is_error(found: &Diagnostic) -> bool {
    found.severity() == Severity::Error
}

impl IngestReport {
    fn from_steps(steps: Vec<IngestStep>, folder: PathBuf, sources: &IngestSources) -> Self {
        let mut ledger = IngestLedger {
            files: sources.files.len(),
            ..IngestLedger::default()
        };
        ledger.rejected = sources
            .diagnostics
            .iter()
            .filter(|found| is_error(found))
            .count();
        ledger.records = steps.len() + ledger.rejected;
        for step in &steps {
            *match step.action {
                StepAction::Create => &mut ledger.written,
                StepAction::Update => &mut ledger.updated,
                StepAction::Unchanged => &mut ledger.unchanged,
                StepAction::Kept => &mut ledger.kept,
                StepAction::Superseded => &mut ledger.superseded,
                StepAction::Rejected(_) => &mut ledger.rejected,
            } += 1;
            ledger.drafts += usize::from(step.draft);
        }
        Self {
            folder,
            steps,
            ledger,
            refused: false,
            zone: SiteZone::default(),
            dated_by_record: 0,
            requests: 0,
        }
    }

    /// Sorts the steps into the order in which a person reads the sources, and adds a rejected step
    /// for each source that could not be read.
    fn sort_steps(&mut self, sources: &IngestSources) {
        for steps in self.steps.chunk_by_mut(|a, b| a.source == b.source) {
            steps.sort_by_key(|step| step.line);
        }
        let outside = sources.diagnostics.iter().filter(|found| is_error(found));
        self.steps.extend(outside.map(|found| {
            IngestStep::rejected(found.place.file.clone(), found.place.line, found.code)
        }));
    }
}
