//! Finds the existing file of each post, even if the post has changed.
//!
//! Posts are matched with files by these criteria, in this order:
//!
//! 1. the whole post, which may be elsewhere now, because lines were inserted before it or its file
//!    was moved;
//! 2. source file and words: the title or the tags have changed;
//! 3. source file and title: the text has changed;
//! 4. source file and position, if the texts are similar: both have changed.
//!
//! A post at the position of another that is not similar is a new post. A file such as `reply.txt`
//! may therefore be reused again and again, and no post is lost.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use pressrun_site::discover::SourceFile;

use super::folder::{IngestedFile, TargetFolder};
use super::front_matter::ReplyDigest;
use super::record::CandidatePost;

/// Which file belongs to which post.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileOwners {
    /// For each post, the index of its file in the folder, if it has one.
    pub(super) of_post: Vec<Option<usize>>,
    /// For each post without a file, the index of the dissimilar file that came from its position.
    pub(super) replaced: Vec<Option<usize>>,
    /// For each file in the folder, whether it belongs to a post.
    pub(super) claimed: Vec<bool>,
}

/// Finds the file of each post.
pub(super) fn find_owners(
    posts: &[&CandidatePost],
    files: &[SourceFile],
    folder: &TargetFolder,
) -> FileOwners {
    let mut search = OwnerSearch {
        posts,
        ours: &folder.ours,
        found: FileOwners {
            of_post: vec![None; posts.len()],
            replaced: vec![None; posts.len()],
            claimed: vec![false; folder.ours.len()],
        },
    };
    let file = |post: &CandidatePost| &*files[post.file].path;
    // First within the same source file, so that equal replies in two files keep their own files.
    search.match_by_key(
        |post| Some((file(post), post.reply)),
        |ours| Some((ours.written.file.as_str(), ours.written.reply)),
    );
    search.match_by_key(|post| Some(post.reply), |ours| Some(ours.written.reply));
    search.match_by_key(
        |post| known_digest(post.words).map(|words| (file(post), words)),
        |ours| known_digest(ours.written.words).map(|words| (ours.written.file.as_str(), words)),
    );
    search.match_by_key(
        |post| Some((file(post), post.title)),
        |ours| Some((ours.written.file.as_str(), ours.written.title)),
    );
    search.match_by_position(folder, file);
    search.found
}

/// Returns the hash of words, or `None` if there are none.
fn known_digest(words: ReplyDigest) -> Option<ReplyDigest> {
    (words != 0).then_some(words)
}

struct OwnerSearch<'s> {
    posts: &'s [&'s CandidatePost],
    ours: &'s [IngestedFile],
    found: FileOwners,
}

impl<'s> OwnerSearch<'s> {
    /// Matches posts with unclaimed files that have the same key. If several have it, they are
    /// matched in order.
    fn match_by_key<K: Hash + Eq>(
        &mut self,
        key_of_post: impl Fn(&'s CandidatePost) -> Option<K>,
        key_of_ours: impl Fn(&'s IngestedFile) -> Option<K>,
    ) {
        let mut free = self.unclaimed_by_key(key_of_ours);
        for (at, post) in self.posts.iter().enumerate() {
            if self.found.of_post[at].is_some() {
                continue;
            }
            let ours = key_of_post(post)
                .and_then(|key| free.get_mut(&key))
                .and_then(VecDeque::pop_front);
            if let Some(ours) = ours {
                self.found.of_post[at] = Some(ours);
                self.found.claimed[ours] = true;
            }
        }
    }

    /// Matches posts with the files that came from their positions, if the texts are similar.
    fn match_by_position(
        &mut self,
        folder: &TargetFolder,
        file: impl Fn(&'s CandidatePost) -> &'s str,
    ) {
        let mut free = self.unclaimed_by_key(|ours| {
            Some(record_position(&ours.written.file, ours.written.record))
        });
        for (at, post) in self.posts.iter().enumerate() {
            if self.found.of_post[at].is_some() {
                continue;
            }
            // Every file is offered once only, so that a second post at the same position gets
            // none.
            let there = free.get_mut(&record_position(file(post), post.record));
            let Some(ours) = there.and_then(VecDeque::pop_front) else {
                continue;
            };
            if folder.sketch_of(ours).shares_part(&post.sketch) {
                self.found.of_post[at] = Some(ours);
                self.found.claimed[ours] = true;
            } else {
                self.found.replaced[at] = Some(ours);
            }
        }
    }

    /// Returns the unclaimed files by a key.
    fn unclaimed_by_key<K: Hash + Eq>(
        &self,
        key_of_ours: impl Fn(&'s IngestedFile) -> Option<K>,
    ) -> HashMap<K, VecDeque<usize>> {
        let mut free: HashMap<K, VecDeque<usize>> = HashMap::new();
        for (at, ours) in self.ours.iter().enumerate() {
            if let Some(key) = key_of_ours(ours).filter(|_| !self.found.claimed[at]) {
                free.entry(key).or_default().push_back(at);
            }
        }
        free
    }
}

/// Returns a position in a file; the only post of a file counts as its first.
fn record_position(file: &str, record: Option<u32>) -> (&str, u32) {
    (file, record.unwrap_or(1))
}
