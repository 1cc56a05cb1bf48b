//! The posts that need a decision or have had one, in the order in which the desk shows them.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use pressrun_posts::post::review::format_text_hash;
use pressrun_site::pipeline::review::{QueueInputs, ReviewItem, list_review_items};
use pressrun_site::render::SiteRenderer;
use pressrun_site::review::ReviewState;
use serde::{Deserialize, Serialize};

use super::memory::RecentStates;
use crate::preview::snapshot::PreviewSnapshot;
use crate::review::ReviewTarget;

/// How many rows of the queue a page gets at a time.
const ROWS: usize = 50;

/// The queue of one snapshot.
#[derive(Debug, Default)]
pub(in crate::preview) struct DeskQueue {
    /// Riskiest first.
    items: Vec<ReviewItem>,
    /// Where each of them is.
    places: HashMap<ReviewTarget, usize>,
    /// When the files were read, at the earliest.
    pub(super) read: Option<Instant>,
    /// Former texts that were looked up, by their hashes.
    former: Mutex<HashMap<u128, Option<Arc<str>>>>,
}

/// A row of the queue, for a page of the desk.
#[derive(Debug, Serialize)]
pub(super) struct DeskRow {
    file: Arc<str>,
    line: u32,
    /// Hexadecimal, because numbers in JavaScript are shorter.
    hash: String,
    title: String,
    state: DeskState,
    risk: u32,
    findings: usize,
    is_blocked: bool,
}

/// Some rows of the queue.
#[derive(Debug, Serialize)]
pub(super) struct DeskRows {
    rows: Vec<DeskRow>,
    /// Whether there are others after them.
    more: bool,
    counts: DeskCounts,
}

/// How many posts are in each state.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct DeskCounts {
    waiting: usize,
    outdated: usize,
    rejected: usize,
    approved: usize,
}

/// The state of a post, for a page of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum DeskState {
    Waiting,
    Outdated,
    Rejected,
    Approved,
}

/// Which rows of the queue a page asks for.
#[derive(Debug)]
pub(super) struct RowRequest {
    pub(super) state: DeskState,
    /// The last row that it has.
    pub(super) after: Option<RowKey>,
}

/// The place of a row in the order of the queue: its risk, file and line.
pub(super) type RowKey = (u32, String, u32);

impl DeskQueue {
    /// Lists the posts of a snapshot.
    pub(in crate::preview) fn new(snapshot: &PreviewSnapshot, site: &SiteRenderer) -> Self {
        let items = list_site_items(snapshot, site);
        let places = items.iter().enumerate();
        let places = places.map(|(at, item)| (ReviewTarget::of_item(item), at));
        Self {
            places: places.collect(),
            items,
            read: snapshot.read,
            former: Mutex::default(),
        }
    }

    /// Returns the text with a hash that was approved; `look_up` finds it the first time.
    pub(super) fn find_former(
        &self,
        hash: u128,
        look_up: impl FnOnce() -> Option<String>,
    ) -> Option<Arc<str>> {
        let mut former = self.former.lock().unwrap_or_else(PoisonError::into_inner);
        let text = former
            .entry(hash)
            .or_insert_with(|| look_up().map(Arc::from));
        text.clone()
    }

    /// Returns the post at a place with the very text that a person saw there.
    pub(super) fn find(&self, place: &ReviewTarget) -> Option<&ReviewItem> {
        self.items.get(*self.places.get(place)?)
    }

    /// Returns the post that is now where a person saw another text.
    pub(super) fn find_newer(&self, place: &ReviewTarget) -> Option<&ReviewItem> {
        let in_file = || {
            let items = self.items.iter();
            items.filter(|one| one.file == place.file)
        };
        // An edit above it moves it to another line, and its file may get another name.
        let same_text = |one: &&ReviewItem| one.hash == place.hash;
        in_file()
            .find(same_text)
            .or_else(|| self.items.iter().find(same_text))
            .or_else(|| in_file().find(|one| one.line == place.line))
    }

    /// Counts the posts in each state.
    pub(super) fn count(&self, recent: &RecentStates) -> DeskCounts {
        let mut counts = DeskCounts::default();
        for one in &self.items {
            match recent.state_at_desk(one) {
                Some(DeskState::Waiting) => counts.waiting += 1,
                Some(DeskState::Outdated) => counts.outdated += 1,
                Some(DeskState::Rejected) => counts.rejected += 1,
                Some(DeskState::Approved) => counts.approved += 1,
                None => {}
            }
        }
        counts
    }

    /// Returns the next rows that a page asks for.
    pub(super) fn list_rows(&self, request: &RowRequest, recent: &RecentStates) -> DeskRows {
        let start = request.after.as_ref().map_or(0, |after| {
            self.items.partition_point(|one| !is_after(one, after))
        });
        let items = self.items[start..].iter();
        let mut wanted = items.filter(|one| recent.state_at_desk(one) == Some(request.state));
        let rows = wanted.by_ref().take(ROWS);
        let rows = rows.map(|one| DeskRow::new(one, request.state)).collect();
        DeskRows {
            rows,
            more: wanted.next().is_some(),
            counts: self.count(recent),
        }
    }

    /// Returns the state that the desk opens with: the first that has posts.
    pub(super) fn find_first_state(&self, recent: &RecentStates) -> DeskState {
        let counts = self.count(recent);
        match counts {
            DeskCounts { waiting: 1.., .. } => DeskState::Waiting,
            DeskCounts { outdated: 1.., .. } => DeskState::Outdated,
            DeskCounts { rejected: 1.., .. } => DeskState::Rejected,
            DeskCounts { approved: 1.., .. } => DeskState::Approved,
            _ => DeskState::Waiting,
        }
    }

    /// Returns the first post in a state.
    pub(super) fn find_first(
        &self,
        state: DeskState,
        recent: &RecentStates,
    ) -> Option<&ReviewItem> {
        let mut items = self.items.iter();
        items.find(|one| recent.state_at_desk(one) == Some(state))
    }
}

impl DeskRow {
    fn new(item: &ReviewItem, state: DeskState) -> Self {
        Self {
            file: item.file.clone(),
            line: item.line,
            hash: format_text_hash(item.hash),
            title: item.title.clone(),
            state,
            risk: item.risk,
            findings: item.findings.len(),
            is_blocked: !item.blocks.is_empty(),
        }
    }
}

/// Returns whether a post comes after a place in the order of the queue.
fn is_after(item: &ReviewItem, (risk, file, line): &RowKey) -> bool {
    item.order() > (Reverse(*risk), file, *line)
}

/// Lists the posts of a snapshot, riskiest first, then by file and line.
fn list_site_items(snapshot: &PreviewSnapshot, site: &SiteRenderer) -> Vec<ReviewItem> {
    let diagnostics = snapshot.findings().map(|found| &*found.diagnostics);
    list_review_items(QueueInputs {
        corpus: site.corpus(),
        diagnostics: diagnostics.unwrap_or_default(),
        book: &snapshot.book,
        config: site.config(),
    })
}

impl DeskState {
    /// Returns the state at the desk of a post that the queue lists.
    pub(super) fn from_review(state: ReviewState) -> Option<Self> {
        match state {
            ReviewState::NotNeeded => None,
            ReviewState::Waiting => Some(Self::Waiting),
            ReviewState::Outdated => Some(Self::Outdated),
            ReviewState::Rejected => Some(Self::Rejected),
            ReviewState::Approved => Some(Self::Approved),
        }
    }
}
