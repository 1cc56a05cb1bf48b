//! Which posts a person must approve, and which were: the state of the review of each post.
//!
//! An approval is bound to a hash of the text that was read (`pressrun_posts::post::review`). It is
//! in the front matter of the file of the post, or, for replies that are read as they are, in
//! `reviews.toml` ([`book`]).
//!
//! Not here: writing approvals (the program), and what is published (`corpus`).

pub mod book;
pub mod marks;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::{Post, ReviewMark};
use serde::{Deserialize, Serialize};

use crate::config::{ReviewConfig, ReviewRequirement};
pub use book::{BookEntry, FILE, ReviewBook};
pub use marks::MarkIndex;

/// The state of the review of a post.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ReviewState {
    /// Nobody has approved the post, and nobody needs to.
    #[default]
    NotNeeded,
    /// The post needs an approval and has none. So does one that was changed after a rejection.
    Waiting,
    /// The post needs an approval, and its text was changed after it got one.
    Outdated,
    /// A person approved the text as it is.
    Approved,
    /// A person rejected the text as it is.
    Rejected,
}

/// What decides the state of the review of posts.
#[derive(Debug, Default)]
pub struct ReviewPolicy {
    required: ReviewRequirement,
    book: Arc<ReviewBook>,
}

impl ReviewPolicy {
    /// Reads `reviews.toml` of the site at `root`, which may be missing.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the file.
    pub fn load(root: &Path, config: &ReviewConfig) -> Result<Self, Vec<Diagnostic>> {
        Ok(Self {
            required: config.required,
            book: Arc::new(ReviewBook::load(root)?),
        })
    }

    /// Returns what `reviews.toml` says.
    pub fn book(&self) -> &Arc<ReviewBook> {
        &self.book
    }

    /// Returns whether a post needs an approval.
    pub fn needs_approval<B>(&self, post: &Post<B>) -> bool {
        match self.required {
            ReviewRequirement::None => false,
            ReviewRequirement::Generated => is_generated(post),
            ReviewRequirement::All => true,
        }
    }

    /// Returns the state of each post of a site.
    pub fn judge_posts<'p, B: 'p>(
        &self,
        posts: impl Iterator<Item = &'p Post<B>> + Clone,
    ) -> Vec<ReviewState> {
        // Entries of the book whose text is still there belong to no other post.
        let there: HashSet<u128> = if self.book.is_empty() {
            HashSet::new()
        } else {
            posts.clone().map(|post| post.text_hash).collect()
        };
        let former = FormerEntries::new(&self.book, &there);
        posts.map(|post| self.judge_post(post, &former)).collect()
    }

    /// Returns the state of a post, or `None` if it depends on other posts: an entry of
    /// `reviews.toml` may be about it.
    pub fn judge_alone<B>(&self, post: &Post<B>) -> Option<ReviewState> {
        let nothing = ReviewBook::default();
        let former = FormerEntries::new(&nothing, &HashSet::new());
        self.book.is_empty().then(|| self.judge_post(post, &former))
    }

    fn judge_post<B>(&self, post: &Post<B>, former: &FormerEntries<'_>) -> ReviewState {
        let hash = post.text_hash;
        let record = post.review.as_deref();
        let approved = record.and_then(|record| record.approved.as_ref());
        let rejected = record.and_then(|record| record.rejected.as_ref());
        let fits = |mark: Option<&ReviewMark>| mark.is_some_and(|mark| mark.hash == hash);
        if fits(rejected) || self.book.find_rejected(hash).is_some() {
            return ReviewState::Rejected;
        }
        if fits(approved) || self.book.find_approved(hash).is_some() {
            return ReviewState::Approved;
        }
        let needs_approval = self.needs_approval(post);
        if needs_approval && (approved.is_some() || former.was_approved(post)) {
            return ReviewState::Outdated;
        }
        // What was rejected and then changed must be read again.
        if needs_approval || rejected.is_some() || former.was_rejected(post) {
            return ReviewState::Waiting;
        }
        ReviewState::NotNeeded
    }
}

/// Returns a warning about a post whose text was changed after its approval.
pub fn report_outdated<B>(post: &Post<B>, state: ReviewState) -> Option<Diagnostic> {
    if state != ReviewState::Outdated {
        return None;
    }
    let place = FilePlace::line(post.source.file.clone(), post.source.line);
    let approved = post
        .review
        .as_ref()
        .and_then(|review| review.approved.as_ref());
    let by = approved.map_or_else(String::new, |mark| {
        let on = mark.on.map_or_else(String::new, |day| format!(" on {day}"));
        format!(" by {}{on}", quote_for_message(&mark.by))
    });
    let message = format!("it was changed after its approval{by}, so it is left out");
    // A file by itself means all its posts.
    let of_file = approved.is_some().then(|| post.source.file.to_string());
    let target = of_file.unwrap_or_else(|| place.to_string());
    let help = format!("read it again, and run `pressrun approve {target} --by NAME`");
    Some(Diagnostic::new(Code::ApprovalOutdated, place, message).with_help(help))
}

/// Returns whether `pressrun generate` made a post.
pub fn is_generated<B>(post: &Post<B>) -> bool {
    post.review.as_ref().is_some_and(|review| review.generated)
}

/// The files and titles in entries of `reviews.toml` whose text no post has any more.
struct FormerEntries<'b> {
    approved: HashSet<(&'b str, &'b str)>,
    rejected: HashSet<(&'b str, &'b str)>,
}

impl<'b> FormerEntries<'b> {
    fn new(book: &'b ReviewBook, there: &HashSet<u128>) -> Self {
        let collect = |entries: &'b [BookEntry]| {
            let former = entries.iter().filter(|entry| !there.contains(&entry.hash));
            former.map(|entry| (&*entry.file, &*entry.title)).collect()
        };
        Self {
            approved: collect(&book.approved),
            rejected: collect(&book.rejected),
        }
    }

    fn was_approved<B>(&self, post: &Post<B>) -> bool {
        self.approved.contains(&(&*post.source.file, &*post.title))
    }

    fn was_rejected<B>(&self, post: &Post<B>) -> bool {
        self.rejected.contains(&(&*post.source.file, &*post.title))
    }
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::{PostSource, ReviewRecord};

    use super::*;

    fn post(hash: u128, generated: bool) -> Post {
        let mut post = Post {
            title: "T".to_owned(),
            text_hash: hash,
            source: PostSource {
                file: "content/a.txt".into(),
                ..PostSource::default()
            },
            ..Post::default()
        };
        post.review = generated.then(|| {
            Box::new(ReviewRecord {
                generated,
                ..ReviewRecord::default()
            })
        });
        post
    }

    fn mark(hash: u128) -> ReviewMark {
        ReviewMark {
            hash,
            ..ReviewMark::default()
        }
    }

    fn entry(hash: u128) -> BookEntry {
        BookEntry {
            hash,
            file: "content/a.txt".to_owned(),
            title: "T".to_owned(),
            ..BookEntry::default()
        }
    }

    #[track_caller]
    fn check(policy: &ReviewPolicy, post: &Post, expected: ReviewState) {
        assert_eq!(policy.judge_posts([post].into_iter()), [expected]);
    }

    #[test]
    fn front_matter_approves_the_text_that_was_read() {
        let policy = ReviewPolicy::default();
        check(&policy, &post(1, false), ReviewState::NotNeeded);
        let mut generated = post(1, true);
        check(&policy, &generated, ReviewState::Waiting);
        generated.review.as_mut().unwrap().approved = Some(mark(1));
        check(&policy, &generated, ReviewState::Approved);
        generated.text_hash = 2;
        check(&policy, &generated, ReviewState::Outdated);
        generated.review.as_mut().unwrap().rejected = Some(mark(2));
        check(&policy, &generated, ReviewState::Rejected);
        generated.text_hash = 3;
        generated.review.as_mut().unwrap().approved = None;
        check(&policy, &generated, ReviewState::Waiting);
    }

    #[test]
    fn requirement_decides_who_waits() {
        for (required, own, generated) in [
            (
                ReviewRequirement::None,
                ReviewState::NotNeeded,
                ReviewState::NotNeeded,
            ),
            (
                ReviewRequirement::Generated,
                ReviewState::NotNeeded,
                ReviewState::Waiting,
            ),
            (
                ReviewRequirement::All,
                ReviewState::Waiting,
                ReviewState::Waiting,
            ),
        ] {
            let policy = ReviewPolicy {
                required,
                ..ReviewPolicy::default()
            };
            check(&policy, &post(1, false), own);
            check(&policy, &post(1, true), generated);
        }
    }

    #[test]
    fn rejected_post_stays_back_whatever_the_site_requires() {
        let mut own = post(1, true);
        own.review.as_mut().unwrap().rejected = Some(mark(1));
        own.review.as_mut().unwrap().generated = false;
        let policy = ReviewPolicy::default();
        check(&policy, &own, ReviewState::Rejected);
        own.text_hash = 2;
        check(&policy, &own, ReviewState::Waiting);
    }

    #[test]
    fn mark_is_that_of_the_state() {
        let by = |name: &str, hash| ReviewMark {
            by: name.to_owned(),
            ..mark(hash)
        };
        let find = |policy: &ReviewPolicy, post: &Post, state| {
            let marks = MarkIndex::new(policy.book());
            marks.find(post, state).map(|mark| mark.by)
        };
        let mut post = post(1, true);
        let record = post.review.as_mut().unwrap();
        (record.approved, record.rejected) = (Some(by("Ann", 1)), Some(by("Bea", 1)));
        let mut policy = ReviewPolicy::default();
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(find(&policy, &post, ReviewState::Approved), name("Ann"));
        assert_eq!(find(&policy, &post, ReviewState::Rejected), name("Bea"));
        assert_eq!(find(&policy, &post, ReviewState::Waiting), None);
        post.text_hash = 2;
        assert_eq!(find(&policy, &post, ReviewState::Approved), None);
        assert_eq!(find(&policy, &post, ReviewState::Outdated), name("Ann"));
        // What the file does not say, the book does.
        post.review = None;
        let cem = BookEntry {
            by: "Cem".to_owned(),
            ..entry(1)
        };
        policy.book = ReviewBook::new(vec![cem], Vec::new()).into();
        assert_eq!(find(&policy, &post, ReviewState::Outdated), name("Cem"));
        post.text_hash = 1;
        assert_eq!(find(&policy, &post, ReviewState::Approved), name("Cem"));
        post.title = "Other".to_owned();
        assert_eq!(find(&policy, &post, ReviewState::Outdated), None);
    }

    #[test]
    fn book_approves_a_text_wherever_it_is() {
        let mut policy = ReviewPolicy {
            required: ReviewRequirement::All,
            book: ReviewBook::new(vec![entry(1)], Vec::new()).into(),
        };
        let mut moved = post(1, false);
        moved.source.file = "content/b.txt".into();
        check(&policy, &moved, ReviewState::Approved);
        // The same title in the same file, with another text.
        check(&policy, &post(2, false), ReviewState::Outdated);
        // The entry belongs to the post that has its text.
        let (one, other) = (post(1, false), post(2, false));
        assert_eq!(
            policy.judge_posts([&one, &other].into_iter()),
            [ReviewState::Approved, ReviewState::Waiting]
        );
        policy.book = ReviewBook::new(Vec::new(), vec![entry(1)]).into();
        check(&policy, &one, ReviewState::Rejected);
        assert_eq!(policy.judge_alone(&one), None);
    }
}
