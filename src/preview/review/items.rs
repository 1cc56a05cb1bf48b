//! The posts of the queue, with their findings.

use std::collections::HashMap;
use std::sync::Arc;

use pressrun_posts::diagnostic::{Diagnostic, Severity};
use pressrun_posts::post::{ReviewMark, SiteDate};
use pressrun_site::corpus::{CorpusPost, PostsByLine};
use pressrun_site::render::SiteRenderer;
use pressrun_site::review::ReviewState;

use crate::preview::snapshot::PreviewSnapshot;

/// A post that needs a decision or has had one.
#[derive(Debug)]
pub(super) struct QueuedPost {
    pub(super) file: Arc<str>,
    pub(super) line: u32,
    pub(super) hash: u128,
    pub(super) title: String,
    pub(super) date: Option<SiteDate>,
    pub(super) state: ReviewState,
    pub(super) mark: Option<ReviewMark>,
    pub(super) risk: u32,
    pub(super) findings: Vec<Diagnostic>,
    /// The findings because of which it cannot be approved.
    pub(super) blocks: Vec<Diagnostic>,
}

/// Lists the posts of a site that review concerns.
pub(super) fn list_queued_posts(
    snapshot: &PreviewSnapshot,
    site: &SiteRenderer,
) -> Vec<QueuedPost> {
    let texts = || site.corpus().texts().map(|(_, entry)| entry);
    let by_line = PostsByLine::new(texts());
    let mut findings: HashMap<(&str, u32), Vec<Diagnostic>> = HashMap::new();
    let found = snapshot.findings().map(|found| found.diagnostics.iter());
    for one in found.into_iter().flatten() {
        if let Some(entry) = by_line.post_at(&one.place.file, one.place.line) {
            let source = &entry.post.source;
            let place = (&*source.file, source.line);
            findings.entry(place).or_default().push(one.clone());
        }
    }
    let concerned = texts().filter(|entry| entry.review != ReviewState::NotNeeded);
    concerned
        .map(|entry| {
            let source = &entry.post.source;
            let found = findings.remove(&(&*source.file, source.line));
            describe_post(entry, found.unwrap_or_default())
        })
        .collect()
}

fn describe_post(entry: &CorpusPost, findings: Vec<Diagnostic>) -> QueuedPost {
    let source = &entry.post.source;
    let record = entry.post.review.as_deref();
    let mark = record.and_then(|record| match entry.review {
        ReviewState::Rejected => record.rejected.clone(),
        _ => record.approved.clone(),
    });
    let warnings = findings.iter();
    let warnings = warnings.filter(|one| one.severity() != Severity::Info);
    QueuedPost {
        file: source.file.clone(),
        line: source.line,
        hash: entry.post.text_hash,
        title: entry.post.title.clone(),
        date: entry.date,
        state: entry.review,
        mark,
        risk: warnings.count() as u32,
        blocks: Vec::new(),
        findings,
    }
}
