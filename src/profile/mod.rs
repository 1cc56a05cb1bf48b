//! Numeric profiles of texts, for finding near-duplicates and related posts without reading the
//! texts again.
//!
//! A profile depends on its text only, so it is computed once, when a file is read, and cached.
//!
//! Not here: which posts are compared, and what follows from the result (`lint`, `corpus`).

mod sequences;
mod sketch;
pub mod subjects;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use sequences::{LEAST, Sequences, sequences};
pub use sketch::{BANDS, Sketch};
pub use subjects::Subject;

use crate::text::{fence, words};
use sequences::sequences_of;
use subjects::{IN_TITLE, START, Said};

/// The profile of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// A sketch of its word sequences, which shows near-duplicates.
    pub sketch: Sketch,
    /// The words that it is about, ordered by their numbers.
    pub subjects: Box<[Subject]>,
}

/// Returns the profile of a post with this title and Markdown body, written in `language`.
pub fn of(title: &str, markdown: &str, language: &str) -> Profile {
    let mut said = Said::in_language(language);
    said.add_start(&words::sequence(title), IN_TITLE);
    let prose = fence::without_fences(markdown);
    let has_code = matches!(prose, Cow::Owned(_));
    // Code says little about the subject, so subjects are counted without it. The sketch covers all
    // of the text.
    if has_code {
        said.add_start(&words::sequence(&prose), 1);
    }
    let text = words::sequence(markdown);
    let mut hashes = Vec::with_capacity(text.len() / 5);
    for word in words::each(&text) {
        let hash = words::hash(word);
        hashes.push(hash);
        // Without code, subjects can be counted in the same pass.
        if !has_code && hashes.len() <= START {
            said.add(word, hash);
        }
    }
    Profile {
        sketch: Sketch::of(&sequences_of(&hashes)),
        subjects: said.subjects(),
    }
}
