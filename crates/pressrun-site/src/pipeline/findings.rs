//! What a run finds out about a site, besides its pages.

use pressrun_posts::diagnostic::{Diagnostic, Severity};
use serde::{Deserialize, Serialize};

use super::assemble::GatheredSite;
use super::content::ReadContent;
use super::request::StageInputs;
use crate::corpus::UnpublishedPost;

/// What is known about a site besides its pages.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SiteFindings {
    /// Diagnostics, sorted by place; those about the cache come last.
    pub diagnostics: Vec<Diagnostic>,
    /// Scheduled posts by date, then drafts and expired posts by path.
    pub unpublished: Vec<UnpublishedPost>,
    /// How many replies were published, scheduled, drafts, expired or rejected.
    pub ledger: ReplyLedger,
}

/// How many replies there were: `replies` is the sum of the fields after it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyLedger {
    /// Files that may hold replies.
    pub files: usize,
    /// Replies in them.
    pub replies: usize,
    /// Posts on the site.
    pub published: usize,
    /// Pages on the site, and texts of lists.
    pub pages: usize,
    /// Drafts that are left out.
    pub drafts: usize,
    /// Posts that are left out because nobody has approved them.
    pub unapproved: usize,
    /// Scheduled posts that are left out.
    pub future: usize,
    /// Posts that have expired.
    pub expired: usize,
    /// Replies that are rejected.
    pub rejected: usize,
}

impl SiteFindings {
    /// Adds the problems of the cache so far, and drops diagnostics that are not to be reported.
    pub(super) fn finish(mut self, inputs: &StageInputs<'_>) -> Self {
        self.diagnostics.extend(inputs.cache.take_diagnostics());
        inputs.config.check.retain_reported(&mut self.diagnostics);
        self
    }
}

impl ReplyLedger {
    /// Counts the texts of a site, which was gathered from `content`.
    pub(super) fn count(content: &ReadContent, gathered: &GatheredSite) -> Self {
        let published = gathered.corpus.posts.len();
        let unpublished = &gathered.unpublished;
        let rejected = count_rejections(&content.diagnostics);
        let count = |is_counted: fn(&UnpublishedPost) -> bool| {
            unpublished.iter().filter(|post| is_counted(post)).count()
        };
        Self {
            files: content.files,
            replies: gathered.texts + rejected,
            published,
            // Also the texts that no list shows, which are reported.
            pages: gathered.texts.saturating_sub(published + unpublished.len()),
            drafts: count(UnpublishedPost::is_draft),
            unapproved: count(|post| post.reason.is_of_review()),
            future: count(|post| post.scheduled_date().is_some()),
            expired: count(|post| post.expired_date().is_some()),
            rejected,
        }
    }
}

/// Counts the rejected replies.
pub(super) fn count_rejections(diagnostics: &[Diagnostic]) -> usize {
    diagnostics
        .iter()
        .filter(|found| found.severity() == Severity::Error)
        .count()
}
