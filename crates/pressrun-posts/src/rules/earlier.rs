//! The place of an earlier post, for messages about later ones.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::FilePlace;
use crate::post::translation::TranslationMark;
use crate::post::{Post, PostSource};

/// The place of an earlier post, displayed as `file:line`.
#[derive(Debug, Clone)]
pub(super) struct EarlierPost {
    file: Arc<str>,
    line: u32,
    translation: Option<Box<TranslationMark>>,
}

impl EarlierPost {
    pub(super) fn from_post<B>(post: &Post<B>) -> Self {
        let PostSource { file, line, .. } = &post.source;
        Self {
            file: Arc::clone(file),
            line: *line,
            translation: TranslationMark::from_post(post).map(Box::new),
        }
    }

    /// Returns whether a later post is a translation of this one, which may repeat its words.
    pub(super) fn has_translation<B>(&self, post: &Post<B>) -> bool {
        let mark = self.translation.as_ref();
        mark.is_some_and(|mark| mark.is_of_translation(post))
    }

    pub(super) fn place(self) -> FilePlace {
        FilePlace::line(self.file, self.line)
    }
}

impl fmt::Display for EarlierPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
