//! The place of an earlier post, for messages about later ones.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::FilePlace;
use crate::post::{Post, PostSource};

/// The place of an earlier post, displayed as `file:line`.
#[derive(Debug, Clone)]
pub(super) struct EarlierPost {
    file: Arc<str>,
    line: u32,
}

impl EarlierPost {
    pub(super) fn from_post<B>(post: &Post<B>) -> Self {
        let PostSource { file, line, .. } = &post.source;
        Self {
            file: Arc::clone(file),
            line: *line,
        }
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
