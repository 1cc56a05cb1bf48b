//! Approves and rejects posts, takes that back, and undoes it.
//!
//! A mark is written where its post lives: into the front matter of a file with one post, or else
//! into `reviews.toml`. A change is written only if the reader then finds exactly what was asked for,
//! and everything else as it was. So nothing has to be restored if a file has a form that is not
//! understood here.
//!
//! Not here: the state of a post (`pressrun_site::review`), which posts wait
//! (`pressrun_site::pipeline`), and printing (`cli`).

mod book;
mod change;
mod content_file;
mod decisions;
mod fault;
mod former_text;
mod front_matter;
mod selection;

use std::path::Path;
use std::sync::Arc;

use pressrun_posts::post::Date;
use pressrun_site::config::Config;
use pressrun_site::pipeline::ReviewItem;

use change::FileChange;
pub use change::{MOST_OF_NAME, MOST_OF_REASON, apply_to_all, undo_action};
pub use decisions::{ReviewDecision, format_decisions, list_decisions, name_state};
pub use fault::ReviewFault;
pub use former_text::{NO_FORMER_TEXT, describe_text, find_former_text};
pub use selection::{ReviewSelection, UnknownPost, describe_place, select_posts};

/// A post, as the person saw it who says something about it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReviewTarget {
    /// The path of its file from the root of the site, with `/` as separator.
    pub file: Arc<str>,
    /// The line where its reply begins, counted from 1.
    pub line: u32,
    /// The hash of its text (`Post::text_hash`).
    pub hash: u128,
}

impl ReviewTarget {
    /// Returns what an action on a post of a queue is applied to.
    pub fn of_item(item: &ReviewItem) -> Self {
        Self {
            file: Arc::clone(&item.file),
            line: item.line,
            hash: item.hash,
        }
    }
}

/// What a person says about a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewAction {
    /// It may be published as it is. A post of `generate` is no longer a draft then.
    Approve,
    /// It must not be published as it is.
    Reject {
        /// Why; may be empty.
        why: String,
    },
    /// What was said about it no longer counts. A post of `generate` is a draft again.
    Revoke,
    /// What was said about it no longer counts, and it is a draft.
    Draft,
}

/// Who says something about a post, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// The name of the person. Only approvals and rejections need it.
    pub by: String,
    /// The day.
    pub on: Date,
}

/// An action that was carried out, with what is needed to undo it.
#[derive(Debug, Clone)]
pub struct AppliedAction {
    /// The post.
    pub target: ReviewTarget,
    /// What was done.
    pub action: ReviewAction,
    /// Why the post is still a draft although it was approved.
    pub still_draft: Option<DraftCause>,
    /// Whether the mark is in `reviews.toml`, and not in the file of the post.
    pub in_book: bool,
    file: Option<FileChange>,
    book: book::BookChange,
}

/// Why an approved post is still a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftCause {
    /// Its file is in a folder `_drafts`.
    Folder,
    /// A person made it a draft, and not `generate`.
    Author,
    /// Its reply is read as it is, and says so.
    Reply,
}

impl DraftCause {
    /// Returns what the person can do about it.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Folder => "it is still a draft: move its file out of the folder `_drafts`",
            Self::Author => "it is still a draft: remove `draft: true` when it is finished",
            Self::Reply => {
                "it is still a draft, because its reply says so: make it a file of its own with \
                 `pressrun ingest`, or remove the draft mark of the reply"
            }
        }
    }
}

/// Carries out an action for one post of the site at `root`.
///
/// # Errors
///
/// Returns why nothing was changed.
pub fn apply_action(
    root: &Path,
    config: &Config,
    target: &ReviewTarget,
    action: &ReviewAction,
    reviewer: &Reviewer,
) -> Result<AppliedAction, ReviewFault> {
    let targets = std::slice::from_ref(target);
    let mut done = apply_to_all(root, config, targets, action, reviewer);
    done.pop().expect("there is one result for each target")
}

#[cfg(test)]
mod tests;
