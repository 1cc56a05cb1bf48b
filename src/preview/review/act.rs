//! Changes the review of a post as a person at the desk asks.

use std::sync::PoisonError;

use pressrun_posts::post::review::parse_text_hash;
use pressrun_site::pipeline::review::ReviewItem;
use pressrun_site::render::SiteRenderer;
use pressrun_site::review::ReviewState;
use serde::{Deserialize, Serialize};

use super::ReviewDesk;
use super::memory::DeskMemory;
use super::post::DeskPost;
use super::queue::{DeskCounts, DeskQueue, DeskState};
use crate::preview::PreviewState;
use crate::preview::snapshot::PreviewSnapshot;
use crate::review::{
    MOST_OF_NAME, MOST_OF_REASON, ReviewAction, ReviewFault, ReviewTarget, Reviewer, apply_action,
    undo_action,
};

/// What a person asks for: a change of the post that they see.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeskOrder {
    action: DeskAction,
    file: String,
    line: u32,
    /// The hash of the text that they read.
    hash: String,
    /// The state that they see.
    state: DeskState,
    by: String,
    #[serde(default)]
    why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum DeskAction {
    Approve,
    Reject,
    Revoke,
    Draft,
}

/// The number of the decision to undo.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UndoOrder {
    undo: u64,
}

/// What became of an order.
#[derive(Debug, Serialize)]
pub(super) struct DeskAnswer {
    /// Why nothing was changed.
    pub(super) refused: Option<DeskProblem>,
    /// The same in words, if there are any.
    message: String,
    /// The number by which the change can be undone.
    undo: Option<u64>,
    state: Option<DeskState>,
    counts: DeskCounts,
    /// The post as it is now, if the person saw another one, or if something was undone.
    post: Option<DeskPost>,
}

/// Why nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum DeskProblem {
    /// The text of the post is no longer the one that was read.
    Text,
    /// Somebody else has decided meanwhile.
    State,
    /// Something must be mended first.
    Blocked,
    /// The order itself cannot be followed.
    Order,
    /// The file could not be changed.
    Failed,
    /// There is nothing to undo any more.
    Nothing,
}

/// What orders are followed on: the newest site, and the memory of the desk, which is locked, so
/// that of two orders one waits for the other.
struct DeskWork<'a> {
    shared: &'a PreviewState,
    snapshot: &'a PreviewSnapshot,
    site: &'a SiteRenderer,
    queue: &'a DeskQueue,
}

/// Follows an order.
pub(super) fn follow_order(
    shared: &PreviewState,
    desk: &ReviewDesk,
    order: &DeskOrder,
) -> Option<DeskAnswer> {
    DeskWork::run(shared, desk, |work, memory| work.change(order, memory))
}

/// Undoes a decision.
pub(super) fn follow_undo(
    shared: &PreviewState,
    desk: &ReviewDesk,
    order: &UndoOrder,
) -> Option<DeskAnswer> {
    DeskWork::run(shared, desk, |work, memory| work.undo(order.undo, memory))
}

impl DeskWork<'_> {
    /// Runs `work` on the newest site; returns `None` if there is no site yet.
    fn run(
        shared: &PreviewState,
        desk: &ReviewDesk,
        work: impl FnOnce(&DeskWork<'_>, &mut DeskMemory) -> DeskAnswer,
    ) -> Option<DeskAnswer> {
        let mut memory = desk.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = shared.site.borrow().clone();
        let (site, queue) = (snapshot.renderer()?, snapshot.queue()?);
        memory.states.forget_shown(queue);
        let this = DeskWork {
            shared,
            snapshot: &snapshot,
            site,
            queue,
        };
        let answer = work(&this, &mut memory);
        drop(memory);
        if answer.refused.is_none() {
            desk.tell_tabs();
        }
        Some(answer)
    }

    fn change(&self, order: &DeskOrder, memory: &mut DeskMemory) -> DeskAnswer {
        let Some(place) = order.place() else {
            return self.refuse(DeskProblem::Order, "the hash is not one", memory);
        };
        if let Err(why) = order.check() {
            return self.refuse(DeskProblem::Order, why, memory);
        }
        let Some(one) = self.queue.find(&place) else {
            let newer = self.queue.find_newer(&place);
            return self.show_newer(DeskProblem::Text, newer, memory);
        };
        let state = memory.states.state_at_desk(one);
        if state != Some(order.state) || order.action.is_done_in(order.state) {
            return self.show_newer(DeskProblem::State, Some(one), memory);
        }
        if order.action == DeskAction::Approve && !one.blocks.is_empty() {
            return self.show_newer(DeskProblem::Blocked, Some(one), memory);
        }
        let options = &self.shared.options;
        let (root, config) = (&options.root, self.site.config());
        let reviewer = Reviewer {
            by: order.by.trim().to_owned(),
            on: config.timezone.day_of((options.present)()),
        };
        match apply_action(root, config, &place, &order.action(), &reviewer) {
            Ok(applied) => {
                let still_draft = applied.still_draft;
                let before = memory.states.state_of(&place).unwrap_or(one.state);
                let after = order.action.state_after();
                let undo = memory.add(place, [before, after], applied);
                DeskAnswer {
                    message: still_draft.map_or_else(String::new, |cause| cause.help().to_owned()),
                    undo: Some(undo),
                    state: DeskState::from_review(after),
                    ..self.answer(memory)
                }
            }
            Err(ReviewFault::TextChanged { .. }) => {
                self.show_newer(DeskProblem::Text, Some(one), memory)
            }
            Err(fault) => self.refuse(DeskProblem::Failed, &explain_fault(&fault), memory),
        }
    }

    fn undo(&self, number: u64, memory: &mut DeskMemory) -> DeskAnswer {
        let Some(entry) = memory.find_undo(number) else {
            return self.refuse(DeskProblem::Nothing, "", memory);
        };
        match undo_action(&self.shared.options.root, &entry.action) {
            Ok(()) => {
                let place = entry.place.clone();
                memory.forget_undo(number);
                let one = self.queue.find(&place);
                DeskAnswer {
                    state: one.and_then(|one| memory.states.state_at_desk(one)),
                    post: one.map(|one| self.describe(one, memory)),
                    ..self.answer(memory)
                }
            }
            Err(ReviewFault::TextChanged { .. }) => {
                let place = entry.place.clone();
                let newer = self.queue.find(&place);
                let newer = newer.or_else(|| self.queue.find_newer(&place));
                self.show_newer(DeskProblem::Text, newer, memory)
            }
            Err(fault) => self.refuse(DeskProblem::Failed, &explain_fault(&fault), memory),
        }
    }

    fn answer(&self, memory: &DeskMemory) -> DeskAnswer {
        DeskAnswer {
            refused: None,
            message: String::new(),
            undo: None,
            state: None,
            counts: self.queue.count(&memory.states),
            post: None,
        }
    }

    fn refuse(&self, problem: DeskProblem, message: &str, memory: &DeskMemory) -> DeskAnswer {
        DeskAnswer {
            refused: Some(problem),
            message: message.to_owned(),
            ..self.answer(memory)
        }
    }

    fn show_newer(
        &self,
        problem: DeskProblem,
        newer: Option<&ReviewItem>,
        memory: &DeskMemory,
    ) -> DeskAnswer {
        let post = newer.map(|one| self.describe(one, memory));
        DeskAnswer {
            state: newer.and_then(|one| memory.states.state_at_desk(one)),
            post,
            ..self.refuse(problem, "", memory)
        }
    }

    fn describe(&self, one: &ReviewItem, memory: &DeskMemory) -> DeskPost {
        DeskPost::new(self.snapshot, self.site, one, &memory.states)
    }
}

impl DeskOrder {
    fn place(&self) -> Option<ReviewTarget> {
        Some(ReviewTarget {
            file: self.file.as_str().into(),
            line: self.line,
            hash: parse_text_hash(&self.hash)?,
        })
    }

    /// Checks what a person typed.
    fn check(&self) -> Result<(), &'static str> {
        let is_text = |text: &str, most: usize| {
            let text = text.trim();
            !text.is_empty() && text.chars().count() <= most && !text.contains(char::is_control)
        };
        if !is_text(&self.by, MOST_OF_NAME) {
            return Err("the name is empty, too long, or has characters that names do not have");
        }
        if self.action == DeskAction::Reject && !is_text(&self.why, MOST_OF_REASON) {
            return Err("the reason is empty, too long, or has more than one line");
        }
        Ok(())
    }

    fn action(&self) -> ReviewAction {
        match self.action {
            DeskAction::Approve => ReviewAction::Approve,
            DeskAction::Reject => ReviewAction::Reject {
                why: self.why.trim().to_owned(),
            },
            DeskAction::Revoke => ReviewAction::Revoke,
            DeskAction::Draft => ReviewAction::Draft,
        }
    }
}

/// Describes why an order could not be followed, and what to do.
fn explain_fault(fault: &ReviewFault) -> String {
    let help = fault
        .help()
        .map_or_else(String::new, |help| format!("; {help}"));
    format!("{fault}{help}")
}

impl DeskAction {
    /// Returns whether a post in a state needs the action no more: another person's mark stays.
    fn is_done_in(self, state: DeskState) -> bool {
        matches!(
            (self, state),
            (Self::Approve, DeskState::Approved) | (Self::Reject, DeskState::Rejected)
        )
    }

    /// Returns the state that a post has after the action, until the site shows it.
    fn state_after(self) -> ReviewState {
        match self {
            Self::Approve => ReviewState::Approved,
            Self::Reject => ReviewState::Rejected,
            Self::Revoke => ReviewState::Waiting,
            // A draft waits for its author.
            Self::Draft => ReviewState::NotNeeded,
        }
    }
}
