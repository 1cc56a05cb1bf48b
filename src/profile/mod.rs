//! What a text is like, as numbers: enough to find texts that are nearly the same, and texts on
//! the same subjects, without reading them again.
//!
//! A profile depends on its text alone, so it is made once, when a file is read, and remembered.
//!
//! Not here: which posts are compared, and what becomes of them (`lint`, `corpus`).

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

/// What a text is like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Its sequences of words.
    pub sketch: Sketch,
    /// The words that it is about, in the order of their numbers.
    pub subjects: Box<[Subject]>,
}

/// The profile of a post with this title and this Markdown, written in a language.
pub fn of(title: &str, markdown: &str, language: &str) -> Profile {
    let mut said = Said::in_language(language);
    said.add_start(&words::sequence(title), IN_TITLE);
    let prose = fence::without_fences(markdown);
    let has_code = matches!(prose, Cow::Owned(_));
    if has_code {
        said.add_start(&words::sequence(&prose), 1);
    }
    let text = words::sequence(markdown);
    let mut hashes = Vec::with_capacity(text.len() / 5);
    for word in words::each(&text) {
        let hash = words::hash(word);
        hashes.push(hash);
        if !has_code && hashes.len() <= START {
            said.add(word, hash);
        }
    }
    Profile {
        sketch: Sketch::of(&sequences_of(&hashes)),
        subjects: said.subjects(),
    }
}
