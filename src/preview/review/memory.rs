//! What was decided at the desk: what the newest site does not show yet, and what can be undone.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use pressrun_site::pipeline::review::ReviewItem;
use pressrun_site::review::ReviewState;

use super::queue::{DeskQueue, DeskState};
use crate::review::{AppliedAction, ReviewTarget};

/// Most decisions that can be undone.
const MOST: usize = 1_000;

/// How long a decision counts that the site contradicts, although it was read later: a watch may
/// report a change late.
const LATE: Duration = Duration::from_secs(5);

/// The decisions of this run of the preview.
#[derive(Default)]
pub(super) struct DeskMemory {
    /// The states that files have since they were changed here.
    pub(super) states: RecentStates,
    /// What can be undone, the oldest first.
    undos: VecDeque<UndoEntry>,
    /// The number of the last decision.
    last: u64,
}

/// States of posts that the newest site may not show yet.
#[derive(Debug, Clone, Default)]
pub(super) struct RecentStates(HashMap<ReviewTarget, RecentState>);

#[derive(Debug, Clone, Copy)]
struct RecentState {
    state: ReviewState,
    at: Instant,
}

/// A decision that can be undone.
pub(super) struct UndoEntry {
    number: u64,
    pub(super) place: ReviewTarget,
    /// The state before the decision.
    pub(super) before: ReviewState,
    pub(super) action: AppliedAction,
}

impl DeskMemory {
    /// Records a decision, and returns the number by which it can be undone.
    pub(super) fn add(
        &mut self,
        place: ReviewTarget,
        [before, after]: [ReviewState; 2],
        action: AppliedAction,
    ) -> u64 {
        self.last += 1;
        self.states.set(place.clone(), after);
        self.undos.push_back(UndoEntry {
            number: self.last,
            place,
            before,
            action,
        });
        if self.undos.len() > MOST {
            self.undos.pop_front();
        }
        self.last
    }

    /// Returns a decision that can be undone.
    pub(super) fn find_undo(&self, number: u64) -> Option<&UndoEntry> {
        self.undos.iter().find(|entry| entry.number == number)
    }

    /// Records that a decision was undone.
    pub(super) fn forget_undo(&mut self, number: u64) {
        if let Some(at) = self.undos.iter().position(|entry| entry.number == number) {
            let entry = self.undos.remove(at).expect("there is one at this place");
            self.states.set(entry.place, entry.before);
        }
    }
}

impl RecentStates {
    fn set(&mut self, place: ReviewTarget, state: ReviewState) {
        let at = Instant::now();
        self.0.insert(place, RecentState { state, at });
    }

    /// Returns the state that a post has now, when the newest site shows another one.
    pub(super) fn state_of(&self, place: &ReviewTarget) -> Option<ReviewState> {
        Some(self.0.get(place)?.state)
    }

    /// Returns the state of a post at the desk now; `None` if it is no longer in the queue.
    pub(super) fn state_at_desk(&self, item: &ReviewItem) -> Option<DeskState> {
        let newer = if self.is_empty() {
            None
        } else {
            self.state_of(&ReviewTarget::of_item(item))
        };
        DeskState::from_review(newer.unwrap_or(item.state))
    }

    /// Returns whether there is none.
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Drops the states that the site of a queue shows, and those that it has had time to show.
    pub(super) fn forget_shown(&mut self, queue: &DeskQueue) {
        self.0.retain(|place, recent| {
            let shown = queue.find(place).map(|item| item.state);
            let is_late = queue.read >= Some(recent.at + LATE);
            shown != Some(recent.state) && !is_late
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decision_counts_until_the_site_shows_it_or_has_had_time_to() {
        let place = |line| ReviewTarget {
            file: "content/a.md".into(),
            line,
            hash: 1,
        };
        let mut states = RecentStates::default();
        states.set(place(1), ReviewState::Approved);
        let mut queue = DeskQueue::default();
        // The site was read before the decision.
        queue.read = Some(Instant::now());
        states.forget_shown(&queue);
        assert_eq!(states.state_of(&place(1)), Some(ReviewState::Approved));
        assert_eq!(states.state_of(&place(2)), None);
        queue.read = Some(Instant::now() + LATE * 2);
        states.forget_shown(&queue);
        assert!(states.is_empty());
    }
}
