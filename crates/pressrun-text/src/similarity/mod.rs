//! Numeric profiles of texts, for finding near-duplicates and related posts without reading the
//! texts again.
//!
//! A profile depends on its text only, so it is computed once, when a file is read, and cached.
//!
//! Not here: which posts are compared, and what follows from the result (the
//! rules of `pressrun-posts` and the corpus of `pressrun-site`).

mod sequences;
mod sketch;
pub mod subjects;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use sequences::{LEAST, SequenceSet, hash_sequences_of_words};
pub use sketch::{BANDS, Sketch};
pub use subjects::SubjectCount;

use crate::characters::cut_to_bytes;
use crate::{fence, words};
use sequences::hash_sequences_of_hashes;
use subjects::{IN_TITLE, START, SubjectCounter};

/// The number of bytes of a text from which [`sketch_start`] makes its sketch.
const SKETCHED: usize = 4096;

/// Returns the sketch of the start of a text, which is enough to recognise a version of it.
pub fn sketch_start(text: &str) -> Sketch {
    let start = cut_to_bytes(text, SKETCHED);
    Sketch::from_hashes(&hash_sequences_of_words(&words::fold_words(start)))
}

/// The profile of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextProfile {
    /// A sketch of its word sequences, which shows near-duplicates.
    pub sketch: Sketch,
    /// The words that it is about, ordered by their numbers.
    pub subjects: Box<[SubjectCount]>,
}

/// Returns the words that a post is about, as they are in its profile.
pub fn find_subjects(title: &str, markdown: &str, language: &str) -> Box<[SubjectCount]> {
    let mut said = SubjectCounter::in_language(language);
    said.add_start(&words::fold_words(title), IN_TITLE);
    let prose = fence::remove_fenced_code(markdown);
    said.add_start(&words::fold_first_words(&prose, START), 1);
    said.subjects()
}

/// Returns the profile of a post with this title and Markdown body, written in `language`.
pub fn profile_text(title: &str, markdown: &str, language: &str) -> TextProfile {
    profile_folded_text(title, markdown, &words::fold_words(markdown), language)
}

/// Returns the profile of a post whose words are [folded](words::fold_words) already.
pub fn profile_folded_text(title: &str, markdown: &str, text: &str, language: &str) -> TextProfile {
    let mut said = SubjectCounter::in_language(language);
    said.add_start(&words::fold_words(title), IN_TITLE);
    let prose = fence::remove_fenced_code(markdown);
    let has_code = matches!(prose, Cow::Owned(_));
    // Code says little about the subject, so subjects are counted without it. The sketch covers all
    // of the text.
    if has_code {
        said.add_start(&words::fold_first_words(&prose, START), 1);
    }
    let mut hashes = Vec::with_capacity(text.len() / 5);
    for word in words::iter_words(text) {
        let hash = words::hash_word(word);
        hashes.push(hash);
        // Without code, subjects can be counted in the same pass.
        if !has_code && hashes.len() <= START {
            said.add(word, hash);
        }
    }
    TextProfile {
        sketch: Sketch::from_hashes(&hash_sequences_of_hashes(&hashes)),
        subjects: said.subjects(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_alone_are_those_of_the_profile() {
        let long = "Rain falls on roofs and gutters. ".repeat(300);
        for text in [
            "",
            "Rain.",
            &long,
            "Rain\n\n```\nlet rain = 1;\n```\n\nSnow and snow",
        ] {
            let profile = profile_text("Rain", text, "en");
            assert_eq!(find_subjects("Rain", text, "en"), profile.subjects);
        }
    }
}
