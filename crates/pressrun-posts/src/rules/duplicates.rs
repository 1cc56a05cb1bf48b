//! R15: a post with the same words or the same title as an earlier one.
//!
//! It stores only hashes and the places of posts, some hundred bytes a post.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::compared::{ComparedPlace, ComparedPost};
use crate::diagnostic::{Code, Diagnostic};

/// The decision about a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DuplicateVerdict {
    /// The post is published; there may be a warning that an earlier post has the same title.
    Accepted(Option<Diagnostic>),
    /// The post is not published, because an earlier post has the same words.
    Rejected(Diagnostic),
}

/// The accepted posts of a run so far.
#[derive(Debug, Default)]
pub struct DuplicateFinder {
    posts: Vec<ComparedPlace>,
    /// Indices into `posts`, by hash of the words.
    bodies: HashMap<u128, u32>,
    /// Indices into `posts`, by hash of the title key.
    titles: HashMap<u64, u32>,
}

impl DuplicateFinder {
    /// Judges the next post of the run, and remembers it if it is accepted.
    pub fn check_and_add(&mut self, post: &ComparedPost) -> DuplicateVerdict {
        let next = self.posts.len() as u32;
        match self.bodies.entry(post.words_hash) {
            Entry::Occupied(first) => {
                let earlier = &self.posts[*first.get() as usize];
                if !earlier.is_translation_of(&post.place) {
                    return DuplicateVerdict::Rejected(report_duplicate_post(post, earlier));
                }
            }
            // The post is accepted from here on, so later ones are compared with it.
            Entry::Vacant(entry) => {
                entry.insert(next);
            }
        }
        let warning = post
            .title_hash
            .and_then(|hash| match self.titles.entry(hash) {
                Entry::Occupied(first) => {
                    let earlier = &self.posts[*first.get() as usize];
                    let is_free = earlier.is_translation_of(&post.place);
                    (!is_free).then(|| report_duplicate_title(post, earlier))
                }
                Entry::Vacant(entry) => {
                    entry.insert(next);
                    None
                }
            });
        self.posts.push(post.place.clone());
        DuplicateVerdict::Accepted(warning)
    }
}

fn report_duplicate_post(post: &ComparedPost, earlier: &ComparedPlace) -> Diagnostic {
    let title = &post.title;
    let message = format!("{title} has the same words as the post at `{earlier}`");
    Diagnostic::new(Code::DuplicatePost, post.place.line(), message).with_help("delete one of them")
}

fn report_duplicate_title(post: &ComparedPost, earlier: &ComparedPlace) -> Diagnostic {
    let title = &post.title;
    let message = format!("the title {title} is the same as that of the post at `{earlier}`");
    Diagnostic::new(Code::DuplicateTitle, post.place.line(), message)
        .with_help("give one of them a different title")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{Post, PostSource};

    fn post(line: u32, title: &str, words_hash: u128) -> Post {
        Post {
            source: PostSource {
                file: "a.txt".into(),
                line,
                index: 0,
            },
            title: title.to_owned(),
            words_hash,
            ..Post::default()
        }
    }

    /// Offers posts in order, and checks the code and message of each verdict.
    #[track_caller]
    fn check(posts: &[Post], expected: &[Option<(Code, &str)>]) {
        let mut duplicates = DuplicateFinder::default();
        let verdicts = posts.iter().map(|post| {
            match duplicates.check_and_add(&ComparedPost::from_post(post)) {
                DuplicateVerdict::Accepted(warning) => warning,
                DuplicateVerdict::Rejected(error) => Some(error),
            }
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
        let second = "the title `BREAD!` is the same as that of the post at `a.txt:1`";
        let third = "the title `**bread**` is the same as that of the post at `a.txt:1`";
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
    fn translations_may_have_the_same_title_and_the_same_words() {
        let translated = |line, language: Option<&str>| Post {
            translation_key: Some("bread".to_owned()),
            language: language.map(str::to_owned),
            ..post(line, "Bread", 7)
        };
        let message = "`Bread` has the same words as the post at `a.txt:1`";
        check(
            &[
                translated(1, None),
                translated(2, Some("de")),
                translated(3, None),
                post(4, "Bread", 7),
            ],
            &[
                None,
                None,
                Some((Code::DuplicatePost, message)),
                Some((Code::DuplicatePost, message)),
            ],
        );
    }

    #[test]
    fn titles_of_signs_alone_are_not_compared() {
        check(&[post(1, "?!", 1), post(2, "…", 2)], &[None, None]);
    }
}
