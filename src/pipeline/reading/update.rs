//! Reads a few files that are known to have changed, without a look at the others.
//!
//! The common case while somebody writes is that the text of a post changed and nothing else:
//! the post keeps its place among the others, and all that is known of them holds.

use std::sync::Arc;
use std::time::SystemTime;

use super::{Reader, Remembered};
use crate::cache::Body;
use crate::diagnostic::{Diagnostic, Severity};
use crate::discover::SourceFile;
use crate::error::Result;
use crate::post::{Date, LineMap, Post};

/// What became of files that were read again.
#[derive(Debug)]
pub enum Update {
    /// They say what they said.
    Nothing,
    /// Posts have other texts, and nothing else changed.
    Bodies(Vec<Replaced>),
    /// Anything may have changed.
    Anything,
}

/// A post with another text than before.
#[derive(Debug)]
pub struct Replaced {
    /// As it was.
    pub old: Arc<Post<Body>>,
    /// As it is.
    pub new: Arc<Post<Body>>,
    /// Its date, if it states none: what is known of its file.
    pub found_date: Option<Date>,
}

impl Replaced {
    /// The date that the post has now.
    pub fn date(&self) -> Option<Date> {
        self.new.date.or(self.found_date)
    }
}

impl Reader {
    /// Reads files of which it read all but what changed since; their stamps are of now.
    ///
    /// # Errors
    ///
    /// A disk that takes no more bodies.
    pub fn update(&mut self, files: &[SourceFile]) -> Result<Update> {
        let now = SystemTime::now();
        let mut replaced = Vec::new();
        let mut only_bodies = true;
        let mut changed = false;
        for file in files {
            let known = self.memory.files.get(&file.path).cloned();
            // Without a stamp it is read, whatever its new one says.
            let unstamped = known.clone().map(|known| Remembered {
                stamp: None,
                ..known
            });
            let (new, _) = self.refresh_one(file, unstamped, now)?;
            if known.as_ref().is_none_or(|old| old.hash != new.hash) {
                changed = true;
                match known.as_ref().and_then(|old| pairs(old, &new)) {
                    Some(pairs) => {
                        replaced.extend(pairs.into_iter().map(|(old, new)| Replaced {
                            found_date: self.found_date(file),
                            old,
                            new,
                        }));
                    }
                    None => only_bodies = false,
                }
            }
            self.memory.files.insert(file.path.clone(), new);
        }
        Ok(if !changed {
            Update::Nothing
        } else if only_bodies {
            Update::Bodies(replaced)
        } else {
            Update::Anything
        })
    }
}

/// A post as it was and as it is.
type Pair = (Arc<Post<Body>>, Arc<Post<Body>>);

/// The posts of a file that changed, old and new, if they differ in nothing but their texts.
fn pairs(old: &Remembered, new: &Remembered) -> Option<Vec<Pair>> {
    let alike = old.posts.len() == new.posts.len()
        && old
            .posts
            .iter()
            .zip(&new.posts)
            .all(|(old, new)| frame(old) == frame(new))
        && errors(old).eq(errors(new));
    let pairs = old.posts.iter().cloned().zip(new.posts.iter().cloned());
    alike.then(|| pairs.filter(|(old, new)| old != new).collect())
}

/// What of a file is not published, and why.
fn errors(file: &Remembered) -> impl Iterator<Item = &Diagnostic> {
    let found = file.diagnostics.iter();
    found.filter(|one| one.severity() == Severity::Error)
}

/// A post without its text.
fn frame(post: &Post<Body>) -> Post<()> {
    Post {
        body_lines: LineMap::default(),
        words_hash: 0,
        ..post.clone().with_body(())
    }
}
