//! Decides which posts are published, and says why the others are not.

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::{Moment, Post, PostSource, SiteDate};
use serde::{Deserialize, Serialize};

use crate::review::{ReviewState, is_generated};

/// Selects the posts that are published.
#[derive(Debug, Clone, Copy)]
pub struct PostSelection {
    /// The moment of the build.
    pub present: Moment,
    /// Whether drafts are published, and posts that review keeps back.
    pub drafts: bool,
    /// Whether posts are published whose date is still to come.
    pub future: bool,
}

/// A post that is not published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnpublishedPost {
    /// Where it comes from.
    pub source: PostSource,
    /// Its title.
    pub title: String,
    /// Its date, which a draft may have too.
    pub date: Option<SiteDate>,
    /// Why it is not published.
    pub reason: UnpublishedReason,
    /// The path that its page has, had or will have; empty if that is not known.
    pub path: String,
    /// Whether it is due: its author gave it a date, the date has come, and only an approval is
    /// missing.
    pub due: bool,
}

/// Why a post is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UnpublishedReason {
    /// It is a draft.
    Draft,
    /// `[content] near_duplicates` makes it a draft.
    NearDuplicate,
    /// It appears when this date begins.
    Scheduled(SiteDate),
    /// It was published until this date began.
    Expired(SiteDate),
    /// It needs an approval and has none.
    Waiting,
    /// It needs an approval, and its text was changed after it got one.
    Outdated,
    /// A person rejected it.
    Rejected,
}

impl PostSelection {
    /// Selects what the public site shows at a moment.
    pub const fn public(present: Moment) -> Self {
        Self {
            present,
            drafts: false,
            future: false,
        }
    }

    /// Returns why a post with these dates is not published, or `None` if it is. `held` is what
    /// `hold` of the post found.
    pub fn find_reason(
        self,
        held: Option<UnpublishedReason>,
        date: Option<SiteDate>,
        expires: Option<SiteDate>,
    ) -> Option<UnpublishedReason> {
        // A draft waits for its author even if it is dated ahead.
        if let Some(held) = held.filter(|_| !self.drafts) {
            return Some(held);
        }
        let is_over = |date: &SiteDate| date.moment <= self.present;
        if let Some(expires) = expires.filter(is_over) {
            return Some(UnpublishedReason::Expired(expires));
        }
        let ahead = date.filter(|date| !is_over(date) && !self.future);
        ahead.map(UnpublishedReason::Scheduled)
    }
}

/// Returns why a post is kept back whatever its dates are: it is a draft, or its review is not over.
///
/// A post of `generate` is a draft until a person approves it, so it waits for that. Another draft
/// waits for its author.
pub(super) fn find_hold<B>(post: &Post<B>, review: ReviewState) -> Option<UnpublishedReason> {
    let of_review = match review {
        ReviewState::Rejected => return Some(UnpublishedReason::Rejected),
        ReviewState::Waiting => Some(UnpublishedReason::Waiting),
        ReviewState::Outdated => Some(UnpublishedReason::Outdated),
        ReviewState::NotNeeded | ReviewState::Approved => None,
    };
    let of_author = post.draft.then_some(UnpublishedReason::Draft);
    if is_generated(post) {
        of_review.or(of_author)
    } else {
        of_author.or(of_review)
    }
}

impl UnpublishedPost {
    /// Describes a post that is not published.
    pub fn new<B>(post: &Post<B>, date: Option<SiteDate>, reason: UnpublishedReason) -> Self {
        Self {
            source: post.source.clone(),
            title: post.title.clone(),
            date,
            reason,
            path: String::new(),
            due: false,
        }
    }

    /// Returns the line where its reply begins.
    pub fn place(&self) -> FilePlace {
        FilePlace::line(self.source.file.clone(), self.source.line)
    }

    /// Returns when it appears, if it is scheduled.
    pub fn scheduled_date(&self) -> Option<SiteDate> {
        match self.reason {
            UnpublishedReason::Scheduled(date) => Some(date),
            _ => None,
        }
    }

    /// Returns when it expired, if it did.
    pub fn expired_date(&self) -> Option<SiteDate> {
        match self.reason {
            UnpublishedReason::Expired(date) => Some(date),
            _ => None,
        }
    }

    /// Returns whether its review keeps it back.
    pub fn is_held_by_review(&self) -> bool {
        self.reason.is_of_review()
    }

    /// Returns whether it waits for its author.
    pub fn is_draft(&self) -> bool {
        matches!(
            self.reason,
            UnpublishedReason::Draft | UnpublishedReason::NearDuplicate
        )
    }
}

impl UnpublishedReason {
    /// Returns whether the review of the post keeps it back.
    pub const fn is_of_review(self) -> bool {
        matches!(self, Self::Waiting | Self::Outdated | Self::Rejected)
    }
}

/// Returns a warning for each post that is due although nobody has approved it. Posts that were
/// changed after their approval have a warning of their own.
pub fn report_due_posts(unpublished: &[UnpublishedPost]) -> impl Iterator<Item = Diagnostic> {
    let waits = |post: &&UnpublishedPost| post.due && post.reason == UnpublishedReason::Waiting;
    unpublished.iter().filter(waits).map(|post| {
        let date = post.date.map_or_else(String::new, |date| date.to_string());
        let message = format!("its date ({date}) has come, but nobody has approved it");
        let file = &post.source.file;
        let help = format!("read it, and run `pressrun approve {file} --by NAME`");
        Diagnostic::new(Code::DueUnapproved, post.place(), message).with_help(help)
    })
}

/// Sorts scheduled posts by date, then drafts and expired posts, which keep their order, like posts
/// of one moment.
pub(super) fn sort_unpublished(posts: &mut [UnpublishedPost]) {
    posts.sort_by_key(|post| {
        let scheduled = post.scheduled_date().map(|date| date.moment);
        // `false` sorts before `true`, so scheduled posts come before the others.
        (scheduled.is_none(), scheduled)
    });
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::Date;

    use super::*;

    fn day(day: i8) -> SiteDate {
        Date::constant(2026, 1, day).into()
    }

    #[track_caller]
    fn check(
        draft: bool,
        dates: [Option<SiteDate>; 2],
        (drafts, future): (bool, bool),
        expected: Option<UnpublishedReason>,
    ) {
        let selection = PostSelection {
            drafts,
            future,
            ..PostSelection::public(Moment::start_of_day(Date::constant(2026, 1, 1)))
        };
        let [date, expires] = dates;
        let held = draft.then_some(UnpublishedReason::Draft);
        assert_eq!(selection.find_reason(held, date, expires), expected);
    }

    #[test]
    fn draft_waits_for_its_author_even_if_it_is_dated_ahead() {
        let (today, tomorrow) = ([Some(day(1)), None], [Some(day(2)), None]);
        let scheduled = Some(UnpublishedReason::Scheduled(day(2)));
        check(false, today, (false, false), None);
        check(false, tomorrow, (true, false), scheduled);
        check(false, tomorrow, (false, true), None);
        let draft = Some(UnpublishedReason::Draft);
        check(true, tomorrow, (false, true), draft);
        check(true, tomorrow, (true, false), scheduled);
        check(true, [None, None], (true, false), None);
    }

    #[test]
    fn draft_of_generate_waits_for_approval_and_that_of_an_author_for_the_author() {
        use pressrun_posts::post::ReviewRecord;
        let mut post = Post::<()> {
            draft: true,
            ..Post::default()
        };
        let waiting = |post: &Post<()>| find_hold(post, ReviewState::Waiting);
        assert_eq!(waiting(&post), Some(UnpublishedReason::Draft));
        post.review = Some(Box::new(ReviewRecord {
            generated: true,
            ..ReviewRecord::default()
        }));
        assert_eq!(waiting(&post), Some(UnpublishedReason::Waiting));
        // An approval does not finish what its author has not finished.
        assert_eq!(
            find_hold(&post, ReviewState::Approved),
            Some(UnpublishedReason::Draft)
        );
        post.draft = false;
        assert_eq!(find_hold(&post, ReviewState::Approved), None);
        assert_eq!(
            find_hold(&post, ReviewState::Rejected),
            Some(UnpublishedReason::Rejected)
        );
    }

    #[test]
    fn post_is_due_if_only_an_approval_is_missing() {
        use crate::corpus::DatedPost;
        use std::sync::Arc;
        let selection = PostSelection::public(Moment::start_of_day(Date::constant(2026, 1, 5)));
        let is_due = |review, states_date: bool, date: i8, expires: Option<i8>| {
            let post = Post {
                date: states_date.then(|| Date::constant(2026, 1, date)),
                ..Post::default()
            };
            let dated = DatedPost {
                post: Arc::new(post),
                date: Some(day(date)),
                expires: expires.map(day),
                review,
                ..DatedPost::default()
            };
            dated.is_due(selection)
        };
        assert!(is_due(ReviewState::Waiting, true, 5, None));
        assert!(is_due(ReviewState::Outdated, true, 5, Some(6)));
        assert!(!is_due(ReviewState::Waiting, true, 6, None));
        assert!(!is_due(ReviewState::Waiting, true, 4, Some(5)));
        // The day of its file is no promise.
        assert!(!is_due(ReviewState::Waiting, false, 4, None));
        // Its fate is decided.
        assert!(!is_due(ReviewState::Rejected, true, 4, None));
        assert!(!is_due(ReviewState::Approved, true, 4, None));
    }

    #[test]
    fn post_is_gone_from_the_moment_on_at_which_it_expires() {
        let expired = Some(UnpublishedReason::Expired(day(1)));
        check(false, [None, Some(day(1))], (false, false), expired);
        // Nothing shows it again, and it does not matter when it would have appeared.
        check(false, [Some(day(2)), Some(day(1))], (true, true), expired);
        check(false, [Some(day(1)), Some(day(2))], (false, false), None);
        check(
            true,
            [None, Some(day(1))],
            (false, false),
            Some(UnpublishedReason::Draft),
        );
    }
}
