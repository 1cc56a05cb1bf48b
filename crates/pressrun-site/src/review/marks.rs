//! Finds what people said about posts: in their files, or in `reviews.toml`.

use std::collections::HashMap;

use pressrun_posts::post::{Post, ReviewMark};

use super::{BookEntry, ReviewBook, ReviewState};

/// The entries of a book by what they are about.
#[derive(Debug)]
pub struct MarkIndex<'b> {
    book: &'b ReviewBook,
    /// The last entries by file and title, for texts that were changed since.
    approved: HashMap<(&'b str, &'b str), &'b BookEntry>,
    rejected: HashMap<(&'b str, &'b str), &'b BookEntry>,
}

impl<'b> MarkIndex<'b> {
    /// Sorts the entries of a book.
    pub fn new(book: &'b ReviewBook) -> Self {
        let last = |entries: &'b [BookEntry]| {
            let entries = entries.iter();
            entries
                .map(|entry| ((&*entry.file, &*entry.title), entry))
                .collect()
        };
        Self {
            book,
            approved: last(&book.approved),
            rejected: last(&book.rejected),
        }
    }

    /// Returns what a person said about the text of a post in this state, or, if it is outdated, about
    /// the text that it had.
    pub fn find<B>(&self, post: &Post<B>, state: ReviewState) -> Option<ReviewMark> {
        let record = post.review.as_deref();
        let hash = post.text_hash;
        let fitting = |mark: Option<&ReviewMark>| mark.filter(|mark| mark.hash == hash).cloned();
        let approved = record.and_then(|record| record.approved.as_ref());
        let rejected = record.and_then(|record| record.rejected.as_ref());
        let of_book = |found: Option<&BookEntry>| found.map(BookEntry::to_mark);
        match state {
            ReviewState::NotNeeded | ReviewState::Waiting => None,
            ReviewState::Approved => {
                fitting(approved).or_else(|| of_book(self.book.find_approved(hash)))
            }
            ReviewState::Rejected => {
                fitting(rejected).or_else(|| of_book(self.book.find_rejected(hash)))
            }
            ReviewState::Outdated => {
                let former = || self.approved.get(&place_of(post)).copied();
                approved.cloned().or_else(|| of_book(former()))
            }
        }
    }

    /// Returns why a post that waits was rejected before it was changed, if it was.
    pub fn find_former_rejection<B>(&self, post: &Post<B>) -> Option<ReviewMark> {
        let record = post.review.as_deref();
        let own = record.and_then(|record| record.rejected.clone());
        let former = || Some(self.rejected.get(&place_of(post))?.to_mark());
        own.or_else(former)
    }
}

fn place_of<B>(post: &Post<B>) -> (&str, &str) {
    (&post.source.file, &post.title)
}
