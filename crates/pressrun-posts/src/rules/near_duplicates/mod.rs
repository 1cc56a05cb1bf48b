//! R15: posts with nearly the same words as an earlier post of the same file.
//!
//! The similarity of two bodies is the Jaccard similarity of their sets of five-word sequences.

mod exact;

use pressrun_text::similarity::{SequenceSet, hash_sequences_of_words};

use super::compared::{ComparedPlace, ComparedPost};
use crate::diagnostic::{Code, Diagnostic};
use exact::SequenceIndex;

/// The posts of one file so far. The sequences of a post of 6 KB take about 12 KB.
#[derive(Debug, Default)]
pub struct NearDuplicateFinder {
    posts: Vec<ComparedPlace>,
    /// The words of the first post, until a second one comes. Most files have one post, and it need
    /// not be indexed.
    only: Option<String>,
    sets: SequenceIndex,
}

/// An earlier post, and its similarity.
#[derive(Debug, Clone, Copy, PartialEq)]
struct SimilarPost {
    /// The index of the earlier post.
    post: usize,
    /// The similarity, from 0 to 1.
    similarity: f64,
}

impl NearDuplicateFinder {
    /// Compares an accepted post with the earlier ones, and reports the first similar one.
    ///
    /// `words` are the words of its body with their case folded. Rejected posts must not be
    /// offered.
    pub fn check_and_add(&mut self, post: &ComparedPost, words: String) -> Option<Diagnostic> {
        self.posts.push(post.place.clone());
        if self.posts.len() == 1 {
            self.only = Some(words);
            return None;
        }
        // This is the second post, so the first one has to be indexed after all.
        if let Some(first) = self.only.take() {
            self.sets
                .add(SequenceSet::from_hashes(hash_sequences_of_words(&first)));
        }
        let sequences = SequenceSet::from_hashes(hash_sequences_of_words(&words));
        let similar = self.sets.find(&sequences);
        self.sets.add(sequences);
        let similar = similar?;
        let earlier = &self.posts[similar.post];
        (!earlier.is_translation_of(&post.place))
            .then(|| report_near_duplicate(post, earlier, similar.similarity))
    }
}

fn report_near_duplicate(
    post: &ComparedPost,
    earlier: &ComparedPlace,
    similarity: f64,
) -> Diagnostic {
    // Rounded down, because 100% would look like an exact duplicate, which is another rule.
    let percent = (similarity * 100.0).floor();
    let message = format!(
        "the body of {} is {percent}% similar to that of the post at `{earlier}`",
        post.title
    );
    Diagnostic::new(Code::NearDuplicate, post.place.line(), message)
        .with_help("keep the better of the two")
}

#[cfg(test)]
mod tests {
    use pressrun_text::words;

    use super::*;
    use crate::post::{Post, PostSource};

    fn post(line: u32, body: &str) -> Post {
        Post {
            source: PostSource {
                file: "a.txt".into(),
                line,
                index: 0,
            },
            title: "Bread".to_owned(),
            body: body.to_owned(),
            ..Post::default()
        }
    }

    fn offer(near: &mut NearDuplicateFinder, post: Post) -> Option<Diagnostic> {
        let words = words::fold_words(&post.body);
        near.check_and_add(&ComparedPost::from_post(&post), words)
    }

    /// Returns the numbers from `start` on as words.
    fn counted(start: usize, words: usize) -> String {
        let words: Vec<String> = (start..start + words).map(|n| n.to_string()).collect();
        words.join(" ")
    }

    #[track_caller]
    fn check(bodies: &[&str], expected: &[Option<&str>]) {
        let mut near = NearDuplicateFinder::default();
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
        let message = "the body of `Bread` is 80% similar to that of the post at `a.txt:1`";
        check(&[&counted(0, 13), &counted(1, 13)], &[None, Some(message)]);
        // 7 of 8 sequences each: 7/9.
        check(&[&counted(0, 12), &counted(1, 12)], &[None, None]);
    }

    #[test]
    fn case_and_punctuation_do_not_matter() {
        let message = "the body of `Bread` is 100% similar to that of the post at `a.txt:1`";
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
        let message = "the body of `Bread` is 100% similar to that of the post at `a.txt:2`";
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
        let message = "the body of `Bread` is 95% similar to that of the post at `a.txt:1`";
        let later = "the body of `Bread` is 92% similar to that of the post at `a.txt:1`";
        check(&[&a, &b, &c, &d], &[None, None, Some(message), Some(later)]);
    }

    #[test]
    fn many_posts_are_compared_exactly() {
        let mut near = NearDuplicateFinder::default();
        for line in 0..1200 {
            let body = counted(1000 * line, 60);
            assert_eq!(offer(&mut near, post(line as u32, &body)), None, "{line}");
        }
        for line in [3, 700, 1197] {
            // Sets of 56 each, 50 of them shared: 50/62. With one less it is 49/63.
            let near_enough = counted(1000 * line + 6, 60);
            let found = offer(&mut near, post(9999, &near_enough)).expect("it is similar");
            let message = format!("is 80% similar to that of the post at `a.txt:{line}`");
            assert!(found.message.contains(&message), "{found:?}");
        }
        let too_far = counted(1000 * 7 + 7, 60);
        assert_eq!(offer(&mut near, post(9999, &too_far)), None);
    }
}
