//! Defines what is remembered of the records in the sources, and what happens to each.

use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic};
use pressrun_posts::post::StatedDate;
use pressrun_posts::post::record::make_request_id;

use super::front_matter::ReplyDigest;
use super::same_request::{RequestAnswer, TextSubject};
use pressrun_text::similarity::Sketch;

/// What is remembered of a record after it was read.
#[derive(Debug)]
pub(super) enum SourceRecord {
    /// A post.
    Post(CandidatePost),
    /// A reply that is not a post.
    Rejected {
        /// Index of its file among the sources.
        file: usize,
        /// Its line in the file, if known.
        line: Option<u32>,
        /// The reason.
        code: Code,
        /// What is known of it, if it has an id.
        failed: Option<Box<RejectedRecord>>,
    },
}

/// A record that has an id and is not a post.
#[derive(Debug)]
pub(super) struct RejectedRecord {
    /// Its id.
    pub(super) id: RecordId,
    /// The hash of its request, if that is known.
    pub(super) request: Option<ReplyDigest>,
    /// The error, which is reported if nothing takes its place.
    pub(super) found: Diagnostic,
}

/// The id of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordId {
    /// The id as the record states it.
    pub(super) text: Box<str>,
    /// The form in which ids are compared; see [`make_request_id`].
    pub(super) key: Box<str>,
}

impl RecordId {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.into(),
            key: make_request_id(text).into(),
        }
    }
}

impl SourceRecord {
    /// Returns the post, unless the record was rejected.
    pub(super) fn post(&self) -> Option<&CandidatePost> {
        match self {
            Self::Post(post) => Some(post),
            Self::Rejected { .. } => None,
        }
    }

    /// Returns the index of its file among the sources.
    pub(super) fn file(&self) -> usize {
        match self {
            Self::Post(post) => post.file,
            Self::Rejected { file, .. } => *file,
        }
    }

    /// Returns its line in the file, if known.
    pub(super) fn line(&self) -> Option<u32> {
        match self {
            Self::Post(post) => Some(post.line),
            Self::Rejected { line, .. } => *line,
        }
    }

    /// Returns its id, if it has one.
    pub(super) fn id(&self) -> Option<&RecordId> {
        match self {
            Self::Post(post) => Some(&post.identity.as_ref()?.id),
            Self::Rejected { failed, .. } => Some(&failed.as_ref()?.id),
        }
    }

    /// Returns whether it is a post whose reply was cut off.
    pub(super) fn is_cut_off(&self) -> bool {
        let identity = self.post().and_then(|post| post.identity.as_ref());
        identity.is_some_and(|identity| identity.cut_off)
    }
}

/// What is remembered of a post until all sources are read.
#[derive(Debug, Clone)]
pub(super) struct CandidatePost {
    /// Index of its file among the sources.
    pub(super) file: usize,
    /// Its line in the file.
    pub(super) line: u32,
    /// Its position in the file, if the file holds several posts.
    pub(super) record: Option<u32>,
    /// Hash of everything that was read.
    pub(super) reply: ReplyDigest,
    /// Hash of the words of the body; 0 if it has none.
    pub(super) words: ReplyDigest,
    /// Hash of the title.
    pub(super) title: ReplyDigest,
    /// Sketch of the body.
    pub(super) sketch: Box<Sketch>,
    /// The slug before other posts are considered.
    pub(super) slug: Box<str>,
    /// The date that the post states.
    pub(super) date: Option<StatedDate>,
    /// The date of its container, if the schedule counts instead.
    pub(super) overridden: Option<StatedDate>,
    /// Whether it is a draft.
    pub(super) draft: bool,
    /// Whether it is a page, which needs no date.
    pub(super) is_page: bool,
    /// What its record says about itself, if it has an id.
    pub(super) identity: Option<Box<RecordIdentity>>,
}

/// What shows which request a post answers.
#[derive(Debug, Clone)]
pub(super) struct RecordIdentity {
    /// The id of its record.
    pub(super) id: RecordId,
    /// The hash of its request, if that is known.
    pub(super) request: Option<ReplyDigest>,
    /// Whether it was cut off.
    pub(super) cut_off: bool,
    /// What it is about.
    pub(super) subject: TextSubject,
    /// Its language.
    pub(super) language: Box<str>,
}

impl CandidatePost {
    /// Returns what shows which request it answers, if it has an id.
    pub(super) fn answer(&self) -> Option<RequestAnswer<'_>> {
        let identity = self.identity.as_ref()?;
        Some(RequestAnswer {
            request: identity.request,
            words: self.words,
            title: self.title,
            sketch: &self.sketch,
            subject: &identity.subject,
        })
    }

    /// Returns its language; empty if it has no id.
    pub(super) fn language(&self) -> &str {
        self.identity
            .as_ref()
            .map_or("", |identity| &identity.language)
    }

    /// Returns the form of its id in which ids are compared, if it has one.
    pub(super) fn id_key(&self) -> Option<&str> {
        Some(&self.identity.as_ref()?.id.key)
    }
}

/// What happens to one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestStep {
    /// Path of its source from the folder of the site.
    pub source: Arc<str>,
    /// Its line in the source, if known.
    pub line: Option<u32>,
    /// What happens to it.
    pub action: StepAction,
    /// Path of its file in the folder that is written to; empty if it is rejected.
    pub path: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// Its date.
    pub date: Option<StatedDate>,
    pub(super) slug: Box<str>,
    pub(super) record: Option<u32>,
    pub(super) reply: ReplyDigest,
}

/// What happens to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepAction {
    /// It gets a new file.
    Create,
    /// It has changed, and its file is rewritten.
    Update,
    /// Its file is up to date.
    Unchanged,
    /// It has changed, but a person edited its file, which is left alone.
    Kept,
    /// Another record takes its place, because it failed or was cut off.
    Superseded,
    /// It is not a post.
    Rejected(Code),
}

impl IngestStep {
    /// Returns the step of a rejected record.
    pub(super) fn rejected(source: Arc<str>, line: Option<u32>, code: Code) -> Self {
        Self {
            source,
            line,
            action: StepAction::Rejected(code),
            path: String::new(),
            draft: false,
            slug: Box::default(),
            date: None,
            record: None,
            reply: 0,
        }
    }

    /// Returns whether the step writes a file.
    pub(super) fn writes(&self) -> bool {
        matches!(self.action, StepAction::Create | StepAction::Update)
    }
}
