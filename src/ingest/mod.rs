//! Turns replies into files: each post of the sources becomes a Markdown file with YAML front
//! matter that people edit and keep.
//!
//! The sources are read twice. The first pass remembers a few hashes of each post, then
//! everything is decided (`plan`), and the second pass writes what is new. So nothing is
//! written before all is known, and memory does not grow with the text of the posts.
//!
//! Every file says where its post came from and has a hash of itself (`front_matter`). That is
//! the whole memory of `ingest`: there is no list of files beside them that could be lost or
//! get out of step.
//!
//! Not here: how replies are read (`normalize`), and printing (`cli`).

mod folder;
mod front_matter;
mod likeness;
mod names;
mod owners;
mod pieces;
mod plan;
mod reader;
mod record;
mod schedule;
mod sources;
mod write;

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::error::{Error, Result};
use crate::render::Failure;
use crate::{discover, fs, pipeline};

use folder::Folder;
use likeness::Likeness;
use plan::{PastCalendar, Setting};
use reader::{Reader, Records};
use record::{Candidate, Entry};
use schedule::FreeDays;
use sources::Sources;
use write::Planned;

pub use record::{Action, Step};
pub use schedule::{Schedule, parse_interval};

/// Where posts are written to in the folder of a site, unless another place is named.
pub const FOLDER: &str = "content/posts";

/// What `ingest` is asked to do.
#[derive(Debug, Clone)]
pub struct Request {
    /// Folder of the site.
    pub root: PathBuf,
    /// Files and folders with replies.
    pub sources: Vec<PathBuf>,
    /// Where to write; `None` for [`FOLDER`] in the folder of the site.
    pub into: Option<PathBuf>,
    /// Whether to write nothing.
    pub dry_run: bool,
    /// Whether a rejected reply stops everything.
    pub strict: bool,
    /// Days for posts that state none.
    pub schedule: Option<Schedule>,
    /// Called before waiting for another process that writes to the folder.
    pub on_wait: fn(),
}

/// What was done, or would be.
#[derive(Debug)]
pub struct Report {
    /// The folder that was written to.
    pub folder: PathBuf,
    /// What became of each record, by the order of the sources and their lines.
    pub steps: Vec<Step>,
    /// How many there are of each.
    pub ledger: Ledger,
    /// Whether nothing was written because of rejected replies.
    pub refused: bool,
}

/// What became of the records: `records` is the sum of the others but `files` and `drafts`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Ledger {
    /// Files that were read.
    pub files: usize,
    /// Replies in them.
    pub records: usize,
    /// Posts that got a new file.
    pub written: usize,
    /// Posts whose file was written anew.
    pub updated: usize,
    /// Posts whose file was there already.
    pub unchanged: usize,
    /// Posts that changed, but whose file somebody had edited.
    pub kept: usize,
    /// Replies that are no posts.
    pub rejected: usize,
    /// Posts that are drafts, among those above.
    pub drafts: usize,
}

/// Is told what is going on.
pub trait Watcher {
    /// A part of the work begins that takes so many units.
    fn begin(&mut self, part: Part, units: u64);
    /// So many units of it are done.
    fn advance(&mut self, units: u64);
    /// Something came up. Of long sources this may be often, so it is not kept.
    fn found(&mut self, found: &Diagnostic);
}

/// A part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Replies are read; units are bytes.
    Read,
    /// Posts are written; units are files.
    Write,
}

/// Turns replies into files.
///
/// # Errors
///
/// What is wrong with the site, the request or the machine. Files that were written by then
/// are complete, and another run goes on from there.
pub fn run(request: &Request, watcher: &mut dyn Watcher) -> std::result::Result<Report, Failure> {
    let config = pipeline::load_config(&request.root)?;
    let default = || request.root.join(FOLDER);
    let into = request.into.clone().unwrap_or_else(default);
    let folder_name = sources::name(&request.root, &into);
    let sources = sources::find(&request.root, &request.sources, &into)?;
    let sources = readable(sources, &folder_name)?;
    for found in &sources.diagnostics {
        watcher.found(found);
    }
    let was_there = into.exists();
    let lock = fs::lock_folder(&into, request.on_wait);
    let folder = Folder::read(&into)?;
    let reader = Reader {
        files: &sources.files,
        settings: &pipeline::settings(&config),
    };
    let survey = Survey::make(&reader, watcher)?;
    let setting = Setting {
        root: &request.root,
        files: &sources.files,
        folder: &folder,
        folder_name: &folder_name,
    };
    let plan = plan::make(&survey.entries, &setting, days(request, &folder))
        .map_err(|PastCalendar| past_calendar())?;
    for found in &plan.diagnostics {
        watcher.found(found);
    }
    let mut report = Report::of(plan.steps, into, &sources);
    report.refused = request.strict && report.ledger.rejected > 0;
    if !(request.dry_run || report.refused) {
        let planned = Planned {
            steps: &report.steps,
            ends: &survey.ends,
        };
        let _lock = match lock {
            None if !was_there => take_new(&report.folder, request.on_wait)?,
            lock => lock,
        };
        write(&reader, &report.folder, planned, watcher)?;
    }
    report.finish(&sources);
    Ok(report)
}

/// Makes a folder that was not there when it was read, and takes it.
fn take_new(folder: &Path, on_wait: fn()) -> Result<Option<File>> {
    fs::create_folder(folder)?;
    let lock = fs::lock_folder(folder, on_wait);
    if fs::entries(folder)?.is_empty() {
        return Ok(lock);
    }
    let cause = "another program wrote to it in the meantime; run the command again";
    let cause = std::io::Error::other(cause);
    Err(Error::new("write to the folder", folder, cause))
}

/// The sources, if there are any to read.
fn readable(mut sources: Sources, into: &str) -> std::result::Result<Sources, Failure> {
    if sources.files.is_empty() && sources.diagnostics.is_empty() {
        let message = format!("all of this lies in `{into}`, the folder that is written to");
        let help = "name the files or folders with the replies themselves";
        let found = Diagnostic::new(Code::Usage, Place::file("SOURCE"), message).help(help);
        return Err(Failure::Site(vec![found]));
    }
    sources.diagnostics.extend(in_content(&sources, into));
    Ok(sources)
}

/// The warning that replies are published twice: as they are, and from the files made of them.
fn in_content(sources: &Sources, into: &str) -> Option<Diagnostic> {
    let inside = |path: &str| path == discover::FOLDER || path.starts_with("content/");
    let mut files = sources.files.iter().filter(|file| inside(&file.path));
    let first = files.next().filter(|_| inside(into))?;
    let message = match files.count() {
        0 => "this file is part of the site, and so is what is made from it".to_owned(),
        more => format!(
            "this file and {more} more are part of the site, and so is what is made from them"
        ),
    };
    let help = "move it out of `content/` after this, or its posts are there twice";
    let place = Place::file(first.path.clone());
    Some(Diagnostic::new(Code::SourceInContent, place, message).help(help))
}

/// The days of the schedule that no post in the folder has.
fn days(request: &Request, folder: &Folder) -> Option<FreeDays> {
    let taken = folder.ours.iter().filter_map(|ours| ours.written.date);
    let schedule = request.schedule?;
    Some(FreeDays::new(schedule, taken.collect()))
}

fn past_calendar() -> Failure {
    let message = "the calendar ends in the year 9999, before every post has its day".to_owned();
    Failure::Site(vec![Diagnostic::new(
        Code::Usage,
        Place::file("--every"),
        message,
    )])
}

fn write(
    reader: &Reader<'_>,
    folder: &Path,
    planned: Planned<'_>,
    watcher: &mut dyn Watcher,
) -> Result<()> {
    let files = planned.steps.iter().filter(|step| step.writes()).count();
    if files == 0 {
        return Ok(());
    }
    watcher.begin(Part::Write, files as u64);
    write::write(reader, folder, planned, |files| watcher.advance(files))
}

/// What the first pass remembers.
#[derive(Debug, Default)]
struct Survey {
    /// All records: of each piece first the posts, then what was rejected.
    entries: Vec<Entry>,
    /// For each piece the position after its last entry.
    ends: Vec<usize>,
}

impl Survey {
    /// Reads all sources once.
    fn make(reader: &Reader<'_>, watcher: &mut dyn Watcher) -> Result<Self> {
        let mut survey = Self::default();
        watcher.begin(Part::Read, reader.bytes());
        reader.each(
            |_| true,
            |_, file, records| (entries(file, &records), records.diagnostics),
            |(entries, diagnostics), bytes| {
                survey.entries.extend(entries);
                survey.ends.push(survey.entries.len());
                for found in &diagnostics {
                    watcher.found(found);
                }
                watcher.advance(bytes);
                Ok(())
            },
        )?;
        Ok(survey)
    }
}

/// What is remembered of the records in a piece.
fn entries(file: usize, records: &Records) -> Vec<Entry> {
    let posts = records.posts.iter().zip(&records.numbers);
    let posts = posts.map(|(post, &record)| {
        Entry::Post(Candidate {
            file,
            line: post.source.line,
            record,
            reply: front_matter::reply(post),
            words: post.words_hash,
            title: front_matter::title(&post.title),
            likeness: Likeness::of(&post.body),
            slug: post.slug.as_str().into(),
            date: post.date,
            draft: post.draft,
        })
    });
    let errors = records.diagnostics.iter().filter(|found| is_error(found));
    let rejected = errors.map(|found| Entry::Rejected {
        file,
        line: found.place.line,
        code: found.code,
    });
    posts.chain(rejected).collect()
}

fn is_error(found: &Diagnostic) -> bool {
    found.severity() == Severity::Error
}

impl Report {
    fn of(steps: Vec<Step>, folder: PathBuf, sources: &Sources) -> Self {
        let mut ledger = Ledger {
            files: sources.files.len(),
            ..Ledger::default()
        };
        ledger.rejected = sources
            .diagnostics
            .iter()
            .filter(|found| is_error(found))
            .count();
        ledger.records = steps.len() + ledger.rejected;
        for step in &steps {
            *match step.action {
                Action::Create => &mut ledger.written,
                Action::Update => &mut ledger.updated,
                Action::Unchanged => &mut ledger.unchanged,
                Action::Kept => &mut ledger.kept,
                Action::Rejected(_) => &mut ledger.rejected,
            } += 1;
            ledger.drafts += usize::from(step.draft);
        }
        Self {
            folder,
            steps,
            ledger,
            refused: false,
        }
    }

    /// Puts the steps into the order in which a person reads the sources, with a step for each
    /// source that could not be looked into.
    fn finish(&mut self, sources: &Sources) {
        for steps in self.steps.chunk_by_mut(|a, b| a.source == b.source) {
            steps.sort_by_key(|step| step.line);
        }
        let outside = sources.diagnostics.iter().filter(|found| is_error(found));
        self.steps.extend(
            outside.map(|found| {
                Step::rejected(found.place.file.clone(), found.place.line, found.code)
            }),
        );
    }
}
