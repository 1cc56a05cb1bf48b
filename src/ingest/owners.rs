//! Finds the file that each post has already, whatever has changed about the post.
//!
//! Posts are known again, in this order, by
//!
//! 1. the whole post: it may lie elsewhere now, because lines were put in before it or because
//!    its file was moved;
//! 2. source file and words: its title or tags have changed;
//! 3. source file and title: its text has changed;
//! 4. source file and position, if the texts are versions of one: both have changed.
//!
//! What lies where another post was, and is not like it, is another post: a file such as
//! `reply.txt` may be used again and again, and no post is lost by that.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::folder::{Folder, Ours};
use super::front_matter::Digest;
use super::record::Candidate;
use crate::discover::SourceFile;

/// Which file belongs to which post.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Owners {
    /// For each post the position of its file in the folder, if it has one.
    pub(super) of_post: Vec<Option<usize>>,
    /// For each post without a file that of the unlike post which was in its place.
    pub(super) replaced: Vec<Option<usize>>,
    /// For each file of the folder whether it belongs to a post.
    pub(super) claimed: Vec<bool>,
}

/// Finds the file of each post.
pub(super) fn find(posts: &[&Candidate], files: &[SourceFile], folder: &Folder) -> Owners {
    let mut search = Search {
        posts,
        ours: &folder.ours,
        found: Owners {
            of_post: vec![None; posts.len()],
            replaced: vec![None; posts.len()],
            claimed: vec![false; folder.ours.len()],
        },
    };
    let file = |post: &Candidate| &*files[post.file].path;
    search.round(
        |post| Some((file(post), post.reply)),
        |ours| Some((ours.written.file.as_str(), ours.written.reply)),
    );
    search.round(|post| Some(post.reply), |ours| Some(ours.written.reply));
    search.round(
        |post| known(post.words).map(|words| (file(post), words)),
        |ours| known(ours.written.words).map(|words| (ours.written.file.as_str(), words)),
    );
    search.round(
        |post| Some((file(post), post.title)),
        |ours| Some((ours.written.file.as_str(), ours.written.title)),
    );
    search.places(folder, file);
    search.found
}

/// Hashes of words, but that of nothing.
fn known(words: Digest) -> Option<Digest> {
    (words != 0).then_some(words)
}

struct Search<'s> {
    posts: &'s [&'s Candidate],
    ours: &'s [Ours],
    found: Owners,
}

impl<'s> Search<'s> {
    /// Gives posts the files that have the same key; of several, in order.
    fn round<K: Hash + Eq>(
        &mut self,
        key_of_post: impl Fn(&'s Candidate) -> Option<K>,
        key_of_ours: impl Fn(&'s Ours) -> Option<K>,
    ) {
        let mut free = self.free(key_of_ours);
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

    /// Gives posts the files of their places if the texts are alike.
    fn places(&mut self, folder: &Folder, file: impl Fn(&'s Candidate) -> &'s str) {
        let mut free = self.free(|ours| Some(place(&ours.written.file, ours.written.record)));
        for (at, post) in self.posts.iter().enumerate() {
            if self.found.of_post[at].is_some() {
                continue;
            }
            let there = free.get_mut(&place(file(post), post.record));
            let Some(ours) = there.and_then(VecDeque::pop_front) else {
                continue;
            };
            if folder.likeness(ours).is_like(&post.likeness) {
                self.found.of_post[at] = Some(ours);
                self.found.claimed[ours] = true;
            } else {
                self.found.replaced[at] = Some(ours);
            }
        }
    }

    /// Files that belong to no post yet, by a key.
    fn free<K: Hash + Eq>(
        &self,
        key_of_ours: impl Fn(&'s Ours) -> Option<K>,
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

/// A position in a file; the only post of a file is its first.
fn place(file: &str, record: Option<u32>) -> (&str, u32) {
    (file, record.unwrap_or(1))
}
