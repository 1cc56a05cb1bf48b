//! A reply: one text that may become one post, with what its surroundings say about it.

use std::sync::Arc;

use pressrun_text::line::TextLine;

use super::given::GivenField;
use super::open_fence::ReplyFences;
use crate::diagnostic::Finding;
use crate::post::ExtraValue;
use crate::post::ReviewRecord;
use crate::post::category::CategoryList;

/// How the generation of a text ended, according to its container (R2.4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GenerationEnd {
    /// The container does not say.
    #[default]
    Unknown,
    /// The model finished.
    Finished,
    /// A limit cut it off.
    CutOff,
}

/// What the prompt above a reply, or the record that contains it, says about it.
#[derive(Debug, Clone, Default)]
pub struct ReplyContext {
    /// The name of the record.
    pub id: Option<String>,
    /// Whether `pressrun generate` wrote the record.
    pub generated: bool,
    /// A hash of what was asked for, if it is known.
    pub request: Option<u128>,
    /// The closed list of categories of a prompt (R3.3).
    pub categories: Option<Arc<CategoryList>>,
    /// The topic that was asked for.
    pub topic: Option<String>,
    /// Fields of the record. They never conflict with the fields of the reply.
    pub supplied: Vec<GivenField>,
    /// A date stated by the container, as it was written or as an ISO date.
    pub date: Option<String>,
    /// How the generation ended.
    pub ending: GenerationEnd,
}

/// Where the fields of a reply are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReplyForm {
    /// It has none, or only at its end.
    #[default]
    Plain,
    /// In a label header.
    Labelled,
    /// In front matter, or in the keys of a JSON object that is the text of the reply.
    Structured,
    /// In the head of the HTML page that is the text of the reply.
    Page,
    /// In the keys of a JSON object of the file. They never conflict with its text.
    Record,
}

/// A text that may become a post.
#[derive(Debug, Default)]
pub struct Reply<'a> {
    /// The line of the file where it begins, counted from 1.
    pub line: u32,
    /// Where its fields are.
    pub form: ReplyForm,
    /// The fields of its header, front matter or JSON object, in order.
    pub given: Vec<GivenField>,
    /// The keys of its front matter that no field reads, in order.
    pub extra: Vec<(String, ExtraValue)>,
    /// The line of the file where the first of these is.
    pub extra_line: u32,
    /// What its front matter says about its review.
    pub review: Option<Box<ReviewRecord>>,
    /// The body as written, up to the end marker, with fences marked.
    pub body: Vec<TextLine<'a>>,
    /// Whether an end marker ended it.
    pub ended: bool,
    /// The fields of a header without a body at its end, and then those after the end marker.
    pub trailing: Vec<GivenField>,
    /// What its surroundings say.
    pub context: ReplyContext,
    /// What has been removed or repaired so far.
    pub findings: Vec<Finding>,
    /// Whether a fence is open at the end of the body.
    pub(super) open_fence: bool,
    /// The state of the fences at the end of the body, for a message that continues it.
    pub(super) fences: ReplyFences,
    /// The number of bytes of a continued line that were searched for a marker already.
    pub(super) searched: usize,
}

impl Reply<'_> {
    /// Returns whether a fence is open at the end of the body.
    pub fn in_open_fence(&self) -> bool {
        self.open_fence
    }
}
