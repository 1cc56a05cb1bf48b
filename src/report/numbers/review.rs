//! Counts what waits for an approval, what was approved and by whom.

use std::collections::HashMap;

use pressrun_posts::post::Date;
use pressrun_site::pipeline::report_data::ReviewedPost;
use pressrun_site::review::ReviewState;
use serde::Serialize;

use super::{CappedList, PostLine, post_line};

/// The state of the review of a site.
#[derive(Debug, Serialize)]
pub struct ReviewNumbers {
    /// Posts that need an approval and have none.
    pub waiting: CappedList<ReviewedLine>,
    /// Posts that were changed after their approval.
    pub outdated: CappedList<ReviewedLine>,
    /// Those of both whose date has come.
    pub due: CappedList<ReviewedLine>,
    /// Rejected posts.
    pub rejected: CappedList<ReviewedLine>,
    /// Posts that are approved as they are.
    pub approved: CappedList<ReviewedLine>,
    /// Who approved them, the most first.
    pub reviewers: CappedList<ReviewerCount>,
}

/// A post with what a person said about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewedLine {
    /// The post.
    #[serde(flatten)]
    pub post: PostLine,
    /// Who read it.
    pub by: Option<String>,
    /// The day on which it was read.
    pub on: Option<Date>,
    /// Why it was rejected.
    pub why: Option<String>,
}

/// How many posts a person has approved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReviewerCount {
    /// The name that the approvals have.
    pub name: String,
    /// The number of posts.
    pub posts: usize,
}

/// Returns the state of the review, or `None` if there is nothing to review.
pub(super) fn count_reviews(posts: &[ReviewedPost], rows: usize) -> Option<ReviewNumbers> {
    if posts.is_empty() {
        return None;
    }
    let list = |is_listed: &dyn Fn(&ReviewedPost) -> bool| {
        let listed: Vec<&ReviewedPost> = posts.iter().filter(|post| is_listed(post)).collect();
        CappedList::new(&listed, rows, |post| describe_post(post))
    };
    let in_state = |state| list(&|post: &ReviewedPost| post.state == state);
    Some(ReviewNumbers {
        waiting: in_state(ReviewState::Waiting),
        outdated: in_state(ReviewState::Outdated),
        due: list(&|post| post.due),
        rejected: in_state(ReviewState::Rejected),
        approved: in_state(ReviewState::Approved),
        reviewers: count_reviewers(posts, rows),
    })
}

fn describe_post(post: &ReviewedPost) -> ReviewedLine {
    let mark = post.mark.as_ref();
    ReviewedLine {
        post: post_line(&post.title, &post.source, post.date.map(|date| date.day)),
        by: mark.map(|mark| mark.by.clone()),
        on: mark.and_then(|mark| mark.on),
        why: mark.and_then(|mark| mark.why.clone()),
    }
}

fn count_reviewers(posts: &[ReviewedPost], rows: usize) -> CappedList<ReviewerCount> {
    let approved = posts
        .iter()
        .filter(|post| post.state == ReviewState::Approved);
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for mark in approved.filter_map(|post| post.mark.as_ref()) {
        *counts.entry(&mark.by).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|&(name, posts)| (std::cmp::Reverse(posts), name));
    CappedList::new(&counts, rows, |&(name, posts)| ReviewerCount {
        name: name.to_owned(),
        posts,
    })
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::{PostSource, ReviewMark};

    use super::*;

    fn post(state: ReviewState, by: Option<&str>, due: bool) -> ReviewedPost {
        ReviewedPost {
            source: PostSource::default(),
            title: "T".to_owned(),
            date: None,
            state,
            due,
            mark: by.map(|by| ReviewMark {
                by: by.to_owned(),
                ..ReviewMark::default()
            }),
        }
    }

    #[test]
    fn each_post_is_counted_in_its_state_and_once_for_who_approved_it() {
        assert!(count_reviews(&[], 20).is_none());
        let posts = [
            post(ReviewState::Approved, Some("Bea"), false),
            post(ReviewState::Approved, Some("Ann"), false),
            post(ReviewState::Approved, Some("Bea"), false),
            post(ReviewState::Outdated, Some("Cem"), true),
            post(ReviewState::Waiting, None, true),
            post(ReviewState::Rejected, Some("Cem"), false),
        ];
        let numbers = count_reviews(&posts, 1).unwrap();
        let counts = [
            numbers.waiting.count,
            numbers.outdated.count,
            numbers.due.count,
            numbers.rejected.count,
            numbers.approved.count,
        ];
        assert_eq!(counts, [1, 1, 2, 1, 3]);
        assert_eq!(numbers.approved.first.len(), 1);
        assert_eq!(numbers.reviewers.count, 2);
        assert_eq!(numbers.reviewers.first[0].name, "Bea");
        assert_eq!(numbers.reviewers.first[0].posts, 2);
    }
}
