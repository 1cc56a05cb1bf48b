//! The place of an earlier post, for messages about later ones.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::Place;
use crate::post::{Post, Source};

/// The place of an earlier post, displayed as `file:line`.
#[derive(Debug, Clone)]
pub(super) struct Earlier {
    file: Arc<str>,
    line: u32,
}

impl Earlier {
    pub(super) fn of<B>(post: &Post<B>) -> Self {
        let Source { file, line, .. } = &post.source;
        Self {
            file: Arc::clone(file),
            line: *line,
        }
    }

    pub(super) fn place(self) -> Place {
        Place::line(self.file, self.line)
    }
}

impl fmt::Display for Earlier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
