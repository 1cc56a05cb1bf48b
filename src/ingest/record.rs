//! What is remembered of the records of the sources, and what becomes of each.

use std::sync::Arc;

use super::front_matter::Digest;
use super::likeness::Likeness;
use crate::diagnostic::Code;
use crate::post::Date;

/// What is remembered of a record after it was read.
#[derive(Debug)]
pub(super) enum Entry {
    /// A post.
    Post(Candidate),
    /// Something that is no post.
    Rejected {
        /// Position of its file among the sources.
        file: usize,
        /// Its line there, where one is known.
        line: Option<u32>,
        /// Why.
        code: Code,
    },
}

impl Entry {
    /// The post, if it is one.
    pub(super) fn post(&self) -> Option<&Candidate> {
        match self {
            Self::Post(post) => Some(post),
            Self::Rejected { .. } => None,
        }
    }
}

/// What is remembered of a post until all are read.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// Position of its file among the sources.
    pub(super) file: usize,
    /// Its line there.
    pub(super) line: u32,
    /// Its position there, where the file holds several.
    pub(super) record: Option<u32>,
    /// Hash of all that was read.
    pub(super) reply: Digest,
    /// Hash of the words of the body; 0 if nobody counted them.
    pub(super) words: Digest,
    /// Hash of the title.
    pub(super) title: Digest,
    /// Sketch of the body.
    pub(super) likeness: Likeness,
    /// The slug it has by itself.
    pub(super) slug: Box<str>,
    /// The date it states.
    pub(super) date: Option<Date>,
    /// Whether it is a draft.
    pub(super) draft: bool,
}

/// What becomes of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Path of its source from the folder of the site.
    pub source: Arc<str>,
    /// Its line there, where one is known.
    pub line: Option<u32>,
    /// What becomes of it.
    pub action: Action,
    /// Path of its file in the folder that is written to; empty for what is rejected.
    pub path: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// Its day.
    pub date: Option<Date>,
    pub(super) slug: Box<str>,
    pub(super) record: Option<u32>,
    pub(super) reply: Digest,
}

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It gets a new file.
    Create,
    /// It has changed, and its file is written anew.
    Update,
    /// Its file is there already.
    Unchanged,
    /// It has changed, but somebody edited its file, which stays.
    Kept,
    /// It is no post.
    Rejected(Code),
}

impl Step {
    /// A record that is no post.
    pub(super) fn rejected(source: Arc<str>, line: Option<u32>, code: Code) -> Self {
        Self {
            source,
            line,
            action: Action::Rejected(code),
            path: String::new(),
            draft: false,
            slug: Box::default(),
            date: None,
            record: None,
            reply: 0,
        }
    }

    /// Whether a file is written.
    pub(super) fn writes(&self) -> bool {
        matches!(self.action, Action::Create | Action::Update)
    }
}
