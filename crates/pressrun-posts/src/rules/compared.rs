//! What posts are compared by, kept without their texts.

use std::fmt;
use std::sync::Arc;

use pressrun_text::words;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{FilePlace, quote_for_message};
use crate::post::translation::TranslationMark;
use crate::post::{Post, PostSource};

/// What a post is compared with others by. It can be stored, so that posts are read on one machine
/// and compared on another, where their titles may be set in type already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedPost {
    /// The title, quoted for a message.
    pub(super) title: String,
    /// A hash of the title's key, or `None` if the title has no letter or digit to compare.
    pub(super) title_hash: Option<u64>,
    /// The hash of the words of the body.
    pub(super) words_hash: u128,
    pub(super) place: ComparedPlace,
}

impl ComparedPost {
    /// Returns what a post is compared by.
    pub fn from_post<B>(post: &Post<B>) -> Self {
        let PostSource { file, line, .. } = &post.source;
        Self {
            title: quote_for_message(&post.title),
            title_hash: hash_title(&post.title),
            words_hash: post.words_hash,
            place: ComparedPlace {
                file: Arc::clone(file),
                line: *line,
                translation: TranslationMark::from_post(post).map(Box::new),
            },
        }
    }

    /// Names the file of the post, which is not stored.
    pub fn set_file(&mut self, file: &Arc<str>) {
        self.place.file = Arc::clone(file);
    }
}

/// Returns the hash of a title's key, or `None` if the title has no letter or digit to compare.
fn hash_title(title: &str) -> Option<u64> {
    let key = words::make_title_key(title);
    let hash = blake3::hash(key.as_bytes());
    let first = hash.as_bytes().first_chunk().copied()?;
    (!key.is_empty()).then(|| u64::from_le_bytes(first))
}

/// The place of a post, displayed as `file:line`: all that is kept of it for messages about later
/// ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ComparedPlace {
    #[serde(skip)]
    file: Arc<str>,
    line: u32,
    translation: Option<Box<TranslationMark>>,
}

impl ComparedPlace {
    /// Returns whether two posts are translations of each other, which may repeat their words.
    pub(super) fn is_translation_of(&self, other: &Self) -> bool {
        let marks = self.translation.as_ref().zip(other.translation.as_ref());
        marks.is_some_and(|(mark, other)| mark.is_of_translation(other))
    }

    pub(super) fn line(&self) -> FilePlace {
        FilePlace::line(Arc::clone(&self.file), self.line)
    }
}

impl fmt::Display for ComparedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
