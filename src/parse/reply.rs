//! A reply: one text that may become one post, with all that its surroundings say about it.

use std::sync::Arc;

use super::given::Given;
use crate::diagnostic::Finding;
use crate::post::category::CategoryList;
use crate::text::fence::Fences;
use crate::text::line::Line;

/// How the container says that the generation of a text ended (R2.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// It does not say.
    #[default]
    Unknown,
    /// By itself.
    Finished,
    /// At a limit.
    CutOff,
}

/// What a prompt above a reply, or the record that holds it, says about it.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The closed list of categories that a prompt gives (R3.3).
    pub categories: Option<Arc<CategoryList>>,
    /// The topic that was asked for.
    pub topic: Option<String>,
    /// Fields that the record supplies; they never conflict with the reply's own.
    pub supplied: Vec<Given>,
    /// A date that the container states, as it was written or as an ISO date.
    pub date: Option<String>,
    /// How the generation ended.
    pub ending: Ending,
}

/// Where a reply has its fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Form {
    /// Nowhere, or at its end.
    #[default]
    Plain,
    /// In a label header.
    Labelled,
    /// In front matter, or under the keys of a JSON object that is its text.
    Structured,
    /// Under the keys of a JSON object of the file; they never conflict with its text.
    Record,
}

/// A text that may become a post.
#[derive(Debug, Default)]
pub struct Reply<'a> {
    /// The line of the file it begins on, counted from 1.
    pub line: u32,
    /// Where it has its fields.
    pub form: Form,
    /// The fields of its header, front matter or JSON object, in order.
    pub given: Vec<Given>,
    /// The body, up to the end marker, as it was written; its fences are marked.
    pub body: Vec<Line<'a>>,
    /// Whether an end marker ended it.
    pub ended: bool,
    /// Fields of a header without a body at its end, then those after the end marker.
    pub trailing: Vec<Given>,
    /// What its surroundings say.
    pub context: Context,
    /// What was removed or repaired so far.
    pub findings: Vec<Finding>,
    /// The fences of the body, to go on with when the reply is continued.
    pub(super) fences: Fences,
    /// How much of the line that is continued was searched for a marker already.
    pub(super) searched: usize,
}

impl Reply<'_> {
    /// Whether a fence is open at the end of the body.
    pub fn in_open_fence(&self) -> bool {
        self.fences.is_open()
    }
}
