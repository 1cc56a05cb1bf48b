//! Defines what is remembered of the records in the sources, and what happens to each.

use std::sync::Arc;

use pressrun_posts::diagnostic::Code;
use pressrun_posts::post::StatedDate;

use super::front_matter::ReplyDigest;
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
    },
}

impl SourceRecord {
    /// Returns the post, unless the record was rejected.
    pub(super) fn post(&self) -> Option<&CandidatePost> {
        match self {
            Self::Post(post) => Some(post),
            Self::Rejected { .. } => None,
        }
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
