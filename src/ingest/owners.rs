//! Finds the existing file of each post, even if the post has changed.
//!
//! Posts are matched with files by these criteria, in this order:
//!
//! 1. the whole post, which may be elsewhere now, because lines were inserted before it or its file
//!    was moved;
//! 2. source file and words: the title or the tags have changed;
//! 3. the id of the record, if both answer the same request (`same_request`): all have changed;
//! 4. source file and title: the text has changed;
//! 5. source file and position, if the texts are similar: both have changed.
//!
//! A post at the position of another that is not similar is a new post. A file such as `reply.txt`
//! may therefore be reused again and again, and no post is lost. Records with different ids are
//! different posts, whatever their titles and positions are.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use pressrun_site::discover::SourceFile;

use super::folder::{IngestedFile, TargetFolder};
use super::front_matter::ReplyDigest;
use super::record::CandidatePost;
use super::retries::file_indices_by_id;

/// The maximum number of files of one id, or of one title, that a post is compared with.
const MAX_CANDIDATES: usize = 16;

/// Which file belongs to which post.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FileOwners {
    /// For each post, the index of its file in the folder, if it has one.
    pub(super) of_post: Vec<Option<usize>>,
    /// For each post without a file, the index of the dissimilar file that came from its position.
    pub(super) replaced: Vec<Option<usize>>,
    /// For each post without a file, the index of a file that has its id and is about something else.
    pub(super) unrelated: Vec<Option<usize>>,
    /// For each file in the folder, whether it belongs to a post.
    pub(super) claimed: Vec<bool>,
}

/// A post that looks for its file.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileSeeker<'e> {
    /// The post.
    pub(super) post: &'e CandidatePost,
    /// The index of the post that takes its place, if one does.
    pub(super) successor: Option<usize>,
    /// Whether its id identifies it in its file.
    pub(super) is_identified: bool,
}

/// Finds the file of each post. A post whose place another one takes leaves its file to that one.
pub(super) fn find_owners(
    posts: &[FileSeeker<'_>],
    files: &[SourceFile],
    folder: &TargetFolder,
) -> FileOwners {
    let mut search = OwnerSearch {
        posts,
        ours: &folder.ours,
        found: FileOwners {
            of_post: vec![None; posts.len()],
            replaced: vec![None; posts.len()],
            unrelated: vec![None; posts.len()],
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
    search.pass_files_on();
    search.match_by_key(
        |post| known_digest(post.words).map(|words| (file(post), words)),
        |ours| known_digest(ours.written.words).map(|words| (ours.written.file.as_str(), words)),
    );
    search.match_by_id(folder, file);
    search.match_by_title(file);
    search.match_by_position(folder, file);
    search.found
}

/// Returns the hash of words, or `None` if there are none.
fn known_digest(words: ReplyDigest) -> Option<ReplyDigest> {
    (words != 0).then_some(words)
}

/// Returns whether a post and a file come from records with different ids.
fn have_other_ids(seeker: FileSeeker<'_>, ours: &IngestedFile) -> bool {
    match (seeker.post.id_key(), &ours.written.id) {
        (Some(key), Some(id)) => seeker.is_identified && *key != *id.key,
        _ => false,
    }
}

struct OwnerSearch<'s> {
    posts: &'s [FileSeeker<'s>],
    ours: &'s [IngestedFile],
    found: FileOwners,
}

impl<'s> OwnerSearch<'s> {
    /// Returns the posts that need a file and have none, with their indices.
    fn seekers(&self) -> Vec<(usize, FileSeeker<'s>)> {
        let posts = self.posts.iter().copied().enumerate();
        posts
            .filter(|(at, seeker)| seeker.successor.is_none() && self.found.of_post[*at].is_none())
            .collect()
    }

    fn claim(&mut self, at: usize, ours: usize) {
        self.found.of_post[at] = Some(ours);
        self.found.claimed[ours] = true;
    }

    /// Matches posts with unclaimed files that have the same key. If several have it, they are
    /// matched in order.
    fn match_by_key<K: Hash + Eq>(
        &mut self,
        key_of_post: impl Fn(&'s CandidatePost) -> Option<K>,
        key_of_ours: impl Fn(&'s IngestedFile) -> Option<K>,
    ) {
        let mut free = self.unclaimed_by_key(key_of_ours);
        for (at, seeker) in self.seekers() {
            let ours = key_of_post(seeker.post)
                .and_then(|key| free.get_mut(&key))
                .and_then(VecDeque::pop_front);
            if let Some(ours) = ours {
                self.claim(at, ours);
            }
        }
    }

    /// Gives the files of posts that no longer count to the posts that take their places.
    fn pass_files_on(&mut self) {
        let mut free = self.unclaimed_by_key(|ours| Some(ours.written.reply));
        for seeker in self.posts {
            let Some(successor) = seeker.successor else {
                continue;
            };
            let same = free.get_mut(&seeker.post.reply);
            if let Some(ours) = same.and_then(VecDeque::pop_front) {
                // If the successor has a file already, this one is nobody's.
                self.found.claimed[ours] = true;
                if self
                    .found
                    .of_post
                    .get(successor)
                    .is_some_and(Option::is_none)
                {
                    self.claim(successor, ours);
                }
            }
        }
    }

    /// Matches posts with the files of their ids, if both answer the same request.
    fn match_by_id(&mut self, folder: &TargetFolder, file: impl Fn(&'s CandidatePost) -> &'s str) {
        let by_id = file_indices_by_id(folder);
        for (at, seeker) in self.seekers() {
            let FileSeeker { post, .. } = seeker;
            let candidates = post.id_key().and_then(|key| by_id.get(key));
            let Some(answer) = post.answer().filter(|_| seeker.is_identified) else {
                continue;
            };
            let mut fitting = Vec::new();
            let all = candidates.into_iter().flatten().copied();
            let is_near = |ours: &usize| self.ours[*ours].written.file == file(post);
            let (near, far): (Vec<usize>, Vec<usize>) = all.partition(is_near);
            for ours in near.into_iter().chain(far).take(MAX_CANDIDATES) {
                let written = &self.ours[ours].written;
                // Another record of the run has this file, or the complete reply is there already.
                if self.found.claimed[ours] {
                    continue;
                }
                let filed = folder.answer_of(ours, post.language());
                if answer.answers_request_of(filed.view()) {
                    fitting.push((written.file != file(post), written.edited, ours));
                } else {
                    self.found.unrelated[at] = Some(ours);
                }
            }
            // Of several files, one of the same source is meant, or else it is not clear which one.
            fitting.sort_unstable();
            let sources: Vec<&str> = fitting
                .iter()
                .map(|&(_, _, ours)| self.ours[ours].written.file.as_str())
                .collect();
            match fitting.first() {
                Some(&(is_elsewhere, _, ours))
                    if !is_elsewhere || sources.iter().all(|name| *name == sources[0]) =>
                {
                    self.found.unrelated[at] = None;
                    self.claim(at, ours);
                }
                Some(&(_, _, ours)) => self.found.unrelated[at] = Some(ours),
                None => {}
            }
        }
    }

    /// Matches posts with files of the same source and title, unless their ids differ.
    fn match_by_title(&mut self, file: impl Fn(&'s CandidatePost) -> &'s str) {
        let mut free =
            self.unclaimed_by_key(|ours| Some((ours.written.file.as_str(), ours.written.title)));
        for (at, seeker) in self.seekers() {
            let Some(ours) = free.get_mut(&(file(seeker.post), seeker.post.title)) else {
                continue;
            };
            let fits = |&ours: &usize| !have_other_ids(seeker, &self.ours[ours]);
            // Nearly always it is the first one.
            let first = ours.iter().take(MAX_CANDIDATES).position(fits);
            if let Some(ours) = first.and_then(|first| ours.remove(first)) {
                self.claim(at, ours);
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
        for (at, seeker) in self.seekers() {
            let post = seeker.post;
            // Every file is offered once only, so that a second post at the same position gets
            // none.
            let there = free.get_mut(&record_position(file(post), post.record));
            let Some(ours) = there.and_then(VecDeque::pop_front) else {
                continue;
            };
            if have_other_ids(seeker, &self.ours[ours]) {
                continue;
            }
            if folder.sketch_of(ours).shares_part(&post.sketch) {
                self.claim(at, ours);
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
