//! R15: the same words as an earlier post, or the same title.
//!
//! Keeps some hundred bytes a post: hashes, and where the post stands.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::earlier::Earlier;
use crate::diagnostic::{Code, Diagnostic, quoted};
use crate::post::Post;
use crate::text::words;

/// What is to become of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is published, perhaps with the warning that its title is that of an earlier post.
    Accepted(Option<Diagnostic>),
    /// It is not published, for this error: an earlier post has the same words.
    Rejected(Diagnostic),
}

/// The accepted posts of a run so far.
#[derive(Debug, Default)]
pub struct Duplicates {
    posts: Vec<Earlier>,
    /// Positions in `posts` by hash of the words.
    bodies: HashMap<u128, u32>,
    /// Positions in `posts` by hash of the title key.
    titles: HashMap<u64, u32>,
}

impl Duplicates {
    /// Judges the next post of the run. If it is accepted, later ones are compared with it.
    pub fn offer<B>(&mut self, post: &Post<B>) -> Verdict {
        let next = self.posts.len() as u32;
        match self.bodies.entry(post.words_hash) {
            Entry::Occupied(first) => {
                let earlier = &self.posts[*first.get() as usize];
                return Verdict::Rejected(duplicate_post(post, earlier));
            }
            Entry::Vacant(entry) => entry.insert(next),
        };
        let warning = title_hash(&post.title).and_then(|hash| match self.titles.entry(hash) {
            Entry::Occupied(first) => {
                let earlier = &self.posts[*first.get() as usize];
                Some(duplicate_title(post, earlier))
            }
            Entry::Vacant(entry) => {
                entry.insert(next);
                None
            }
        });
        self.posts.push(Earlier::of(post));
        Verdict::Accepted(warning)
    }
}

/// The hash of a title's key; `None` for a title of signs alone, which says nothing.
fn title_hash(title: &str) -> Option<u64> {
    let key = words::title_key(title);
    let hash = blake3::hash(key.as_bytes());
    let first = hash.as_bytes().first_chunk().copied()?;
    (!key.is_empty()).then(|| u64::from_le_bytes(first))
}

fn duplicate_post<B>(post: &Post<B>, earlier: &Earlier) -> Diagnostic {
    let message = format!(
        "{} has the same words as the post at `{earlier}`",
        quoted(&post.title)
    );
    Diagnostic::new(Code::DuplicatePost, Earlier::of(post).place(), message)
        .help("remove one of them")
}

fn duplicate_title<B>(post: &Post<B>, earlier: &Earlier) -> Diagnostic {
    let message = format!(
        "the title {} is that of the post at `{earlier}`",
        quoted(&post.title)
    );
    Diagnostic::new(Code::DuplicateTitle, Earlier::of(post).place(), message)
        .help("give one of them another title")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Source;

    fn post(line: u32, title: &str, words_hash: u128) -> Post {
        Post {
            source: Source {
                file: "a.txt".into(),
                line,
                index: 0,
            },
            title: title.to_owned(),
            words_hash,
            ..Post::default()
        }
    }

    /// Offers the posts in order; each verdict as its code and message, or nothing.
    #[track_caller]
    fn check(posts: &[Post], expected: &[Option<(Code, &str)>]) {
        let mut duplicates = Duplicates::default();
        let verdicts = posts.iter().map(|post| match duplicates.offer(post) {
            Verdict::Accepted(warning) => warning,
            Verdict::Rejected(error) => Some(error),
        });
        let found: Vec<_> = verdicts
            .map(|found| found.map(|found| (found.code, found.message)))
            .collect();
        let found: Vec<_> = found
            .iter()
            .map(|found| found.as_ref().map(|(code, text)| (*code, text.as_str())))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_same_words_are_rejected_whatever_the_title() {
        let message = "`Rye` has the same words as the post at `a.txt:1`";
        check(
            &[post(1, "Bread", 7), post(9, "Rye", 7), post(20, "Rye", 8)],
            &[None, Some((Code::DuplicatePost, message)), None],
        );
    }

    #[test]
    fn the_same_title_is_a_warning_that_names_the_first_post() {
        let second = "the title `BREAD!` is that of the post at `a.txt:1`";
        let third = "the title `**bread**` is that of the post at `a.txt:1`";
        check(
            &[
                post(1, "Bread", 1),
                post(5, "BREAD!", 2),
                post(9, "**bread**", 3),
                post(12, "Bread 2", 4),
            ],
            &[
                None,
                Some((Code::DuplicateTitle, second)),
                Some((Code::DuplicateTitle, third)),
                None,
            ],
        );
    }

    #[test]
    fn titles_of_signs_alone_are_not_compared() {
        check(&[post(1, "?!", 1), post(2, "…", 2)], &[None, None]);
    }
}
