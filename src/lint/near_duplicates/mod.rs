//! R15: posts with nearly the same words as an earlier post of the same file.
//!
//! The similarity of two bodies is the Jaccard similarity of their sets of five-word sequences. It
//! is exact for the first [`MOST_EXACT`] posts of a file, and estimated for later ones, so that
//! time stays linear and memory small.

mod estimate;
mod exact;

use super::earlier::Earlier;
use crate::diagnostic::{Code, Diagnostic, quoted};
use crate::post::Post;
use crate::profile::{Sequences, sequences};
use estimate::Sketches;
use exact::Sets;

/// The number of posts that are compared exactly. The sequences of a post of 6 KB take about 12 KB.
const MOST_EXACT: usize = 500;

/// The posts of one file so far.
#[derive(Debug, Default)]
pub struct NearDuplicates {
    posts: Vec<Earlier>,
    /// The words of the first post, until a second one comes. Most files have one post, and it need
    /// not be indexed.
    only: Option<String>,
    memory: Memory,
}

/// What is known about the bodies of earlier posts.
#[derive(Debug)]
enum Memory {
    Exact(Sets),
    Estimated(Sketches),
}

impl Default for Memory {
    fn default() -> Self {
        Self::Exact(Sets::default())
    }
}

/// An earlier post, and its similarity.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Similar {
    /// The index of the earlier post.
    post: usize,
    /// The similarity, from 0 to 1.
    similarity: f64,
}

impl NearDuplicates {
    /// Compares an accepted post with the earlier ones, and reports the first similar one.
    ///
    /// `words` are the words of its body with their case folded. Rejected posts must not be
    /// offered.
    pub fn offer(&mut self, post: &Post, words: String) -> Option<Diagnostic> {
        self.posts.push(Earlier::of(post));
        if self.posts.len() == 1 {
            self.only = Some(words);
            return None;
        }
        // This is the second post, so the first one has to be indexed after all.
        if let Some(first) = self.only.take() {
            self.memory.find_and_add(&first);
        }
        let similar = self.memory.find_and_add(&words)?;
        Some(near_duplicate(
            post,
            &self.posts[similar.post],
            similar.similarity,
        ))
    }
}

impl Memory {
    fn find_and_add(&mut self, words: &str) -> Option<Similar> {
        if let Self::Exact(sets) = self
            && sets.len() == MOST_EXACT
        {
            // The sets are dropped here; only their sketches are kept.
            *self = Self::Estimated(sets.iter().collect());
        }
        match self {
            Self::Exact(sets) => {
                let sequences = Sequences::of(sequences(words));
                let similar = sets.find(&sequences);
                sets.add(sequences);
                similar
            }
            Self::Estimated(sketches) => sketches.find_and_add(&sequences(words)),
        }
    }
}

fn near_duplicate(post: &Post, earlier: &Earlier, similarity: f64) -> Diagnostic {
    // Rounded down, because 100% would look like an exact duplicate, which is another rule.
    let percent = (similarity * 100.0).floor();
    let message = format!(
        "the body of {} is {percent}% that of the post at `{earlier}`",
        quoted(&post.title)
    );
    Diagnostic::new(Code::NearDuplicate, Earlier::of(post).place(), message)
        .help("keep the better of the two")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Source;
    use crate::text::words;

    fn post(line: u32, body: &str) -> Post {
        Post {
            source: Source {
                file: "a.txt".into(),
                line,
                index: 0,
            },
            title: "Bread".to_owned(),
            body: body.to_owned(),
            ..Post::default()
        }
    }

    fn offer(near: &mut NearDuplicates, post: Post) -> Option<Diagnostic> {
        let words = words::sequence(&post.body);
        near.offer(&post, words)
    }

    /// Returns the numbers from `start` on as words.
    fn counted(start: usize, words: usize) -> String {
        let words: Vec<String> = (start..start + words).map(|n| n.to_string()).collect();
        words.join(" ")
    }

    #[track_caller]
    fn check(bodies: &[&str], expected: &[Option<&str>]) {
        let mut near = NearDuplicates::default();
        let found: Vec<_> = (1..)
            .zip(bodies)
            .map(|(line, body)| offer(&mut near, post(line, body)).map(|found| found.message))
            .collect();
        let found: Vec<_> = found.iter().map(Option::as_deref).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn eight_of_ten_shared_sequences_are_enough() {
        // Sets of 9 sequences each, 8 of them shared: 8/10.
        let message = "the body of `Bread` is 80% that of the post at `a.txt:1`";
        check(&[&counted(0, 13), &counted(1, 13)], &[None, Some(message)]);
        // 7 of 8 sequences each: 7/9.
        check(&[&counted(0, 12), &counted(1, 12)], &[None, None]);
    }

    #[test]
    fn case_and_punctuation_do_not_matter() {
        let message = "the body of `Bread` is 100% that of the post at `a.txt:1`";
        check(
            &[
                "Mix flour, water and **salt** well.",
                "mix FLOUR water; and salt (well)",
            ],
            &[None, Some(message)],
        );
    }

    #[test]
    fn few_words_are_one_sequence() {
        let message = "the body of `Bread` is 100% that of the post at `a.txt:2`";
        check(
            &["one two", "one two three", "One. Two. Three.", "one", ""],
            &[None, None, Some(message), None, None],
        );
    }

    #[test]
    fn two_bodies_without_words_are_not_compared() {
        check(&["…", "!"], &[None, None]);
    }

    #[test]
    fn the_first_similar_post_is_named() {
        let (a, b) = (counted(0, 100), counted(5000, 100));
        let (c, d) = (counted(2, 100), counted(4, 100));
        let message = "the body of `Bread` is 95% that of the post at `a.txt:1`";
        let later = "the body of `Bread` is 92% that of the post at `a.txt:1`";
        check(&[&a, &b, &c, &d], &[None, None, Some(message), Some(later)]);
    }

    #[test]
    fn many_posts_are_compared_by_estimate() {
        let mut near = NearDuplicates::default();
        for line in 0..2 * MOST_EXACT {
            let body = counted(1000 * line, 300);
            assert_eq!(offer(&mut near, post(line as u32, &body)), None, "{line}");
        }
        // The first was compared exactly, the second was estimated.
        for line in [3, 2 * MOST_EXACT - 3] {
            let body = counted(1000 * line + 10, 300);
            let found = offer(&mut near, post(9999, &body)).expect("much the same");
            assert!(
                found.message.contains(&format!("`a.txt:{line}`")),
                "{found:?}"
            );
        }
        let body = counted(1000 * 7 + 150, 300);
        assert_eq!(offer(&mut near, post(9999, &body)), None);
    }
}
