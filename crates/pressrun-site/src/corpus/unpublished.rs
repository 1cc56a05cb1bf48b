//! Decides which posts are published, and says why the others are not.

use pressrun_posts::diagnostic::FilePlace;
use pressrun_posts::post::{Date, Post, PostSource};
use serde::{Deserialize, Serialize};

/// Selects the posts that are published.
#[derive(Debug, Clone, Copy)]
pub struct PostSelection {
    /// The day of the build, in UTC.
    pub today: Date,
    /// Whether drafts are published.
    pub drafts: bool,
    /// Whether posts dated after `today` are published.
    pub future: bool,
}

/// A post that is not published yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnpublishedPost {
    /// Where it comes from.
    pub source: PostSource,
    /// Its title.
    pub title: String,
    /// Its date, which a draft may have too.
    pub date: Option<Date>,
    /// Why it is not published.
    pub reason: UnpublishedReason,
}

/// Why a post is not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnpublishedReason {
    /// It is a draft.
    Draft,
    /// `[content] near_duplicates` makes it a draft.
    NearDuplicate,
    /// It appears on this day.
    Scheduled(Date),
}

impl PostSelection {
    /// Selects what the public site shows on a day.
    pub const fn public(today: Date) -> Self {
        Self {
            today,
            drafts: false,
            future: false,
        }
    }

    /// Returns why a post is not published, or `None` if it is.
    pub fn find_reason<B>(self, post: &Post<B>, date: Option<Date>) -> Option<UnpublishedReason> {
        // A draft waits for its author even if it is dated ahead.
        if post.draft && !self.drafts {
            return Some(UnpublishedReason::Draft);
        }
        let day = date.filter(|day| *day > self.today && !self.future);
        day.map(UnpublishedReason::Scheduled)
    }
}

impl UnpublishedPost {
    /// Describes a post that is not published.
    pub fn new<B>(post: &Post<B>, date: Option<Date>, reason: UnpublishedReason) -> Self {
        Self {
            source: post.source.clone(),
            title: post.title.clone(),
            date,
            reason,
        }
    }

    /// Returns the line where its reply begins.
    pub fn place(&self) -> FilePlace {
        FilePlace::line(self.source.file.clone(), self.source.line)
    }

    /// Returns the day on which it appears; `None` for a draft.
    pub fn scheduled_day(&self) -> Option<Date> {
        match self.reason {
            UnpublishedReason::Scheduled(day) => Some(day),
            UnpublishedReason::Draft | UnpublishedReason::NearDuplicate => None,
        }
    }
}

/// Sorts scheduled posts by date, then drafts. Posts of one day, and drafts, keep their order.
pub(super) fn sort_unpublished(posts: &mut [UnpublishedPost]) {
    // `false` sorts before `true`, so posts with a day come before drafts.
    posts.sort_by_key(|post| (post.scheduled_day().is_none(), post.scheduled_day()));
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2026, 1, 1);
    const TOMORROW: Date = Date::constant(2026, 1, 2);

    #[test]
    fn draft_waits_for_its_author_even_if_it_is_dated_ahead() {
        let check = |draft, date, (drafts, future), expected| {
            let post = Post {
                draft,
                ..Post::<()>::default()
            };
            let selection = PostSelection {
                drafts,
                future,
                ..PostSelection::public(TODAY)
            };
            assert_eq!(selection.find_reason(&post, date), expected);
        };
        let scheduled = Some(UnpublishedReason::Scheduled(TOMORROW));
        check(false, Some(TODAY), (false, false), None);
        check(false, Some(TOMORROW), (true, false), scheduled);
        check(false, Some(TOMORROW), (false, true), None);
        let draft = Some(UnpublishedReason::Draft);
        check(true, Some(TOMORROW), (false, true), draft);
        check(true, Some(TOMORROW), (true, false), scheduled);
        check(true, None, (true, false), None);
    }
}
