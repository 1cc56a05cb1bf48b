//! Reads a few files that are known to have changed, without looking at the others.
//!
//! While an author writes, usually only the text of one post changes. The post then keeps its place
//! among the others, and everything else that is known stays true.

use std::sync::Arc;
use std::time::SystemTime;

use pressrun_posts::diagnostic::{Diagnostic, Severity};
use pressrun_posts::post::{Date, LineMap, Post};

use super::{ContentReader, RememberedFile};
use crate::cache::StoredBody;
use crate::discover::SourceFile;
use crate::error::Result;

/// What changed in the files that were read again.
#[derive(Debug)]
pub enum ContentUpdate {
    /// Nothing.
    Nothing,
    /// Only the texts of these posts.
    Bodies(Vec<ReplacedPost>),
    /// Possibly anything.
    Anything,
}

/// A post whose text changed.
#[derive(Debug)]
pub struct ReplacedPost {
    /// The post before.
    pub old: Arc<Post<StoredBody>>,
    /// The post now.
    pub new: Arc<Post<StoredBody>>,
    /// The date derived from its file, for posts that state none.
    pub found_date: Option<Date>,
}

impl ReplacedPost {
    /// Returns the date that the post has now.
    pub fn date(&self) -> Option<Date> {
        self.new.date.or(self.found_date)
    }
}

impl ContentReader {
    /// Reads files again that were read before and have changed since. Their stamps are current.
    ///
    /// # Errors
    ///
    /// Returns an error if bodies cannot be stored or the machine cannot read any more files. The
    /// memory then stays as it was.
    pub fn update_files(&mut self, files: &[SourceFile]) -> Result<ContentUpdate> {
        let now = SystemTime::now();
        let mut replaced = Vec::new();
        let mut only_bodies = true;
        let mut changed = false;
        let mut results = Vec::with_capacity(files.len());
        for file in files {
            let known = self.memory.files.get(&file.path).cloned();
            // Forget the old stamp: this file changed, even if a coarse clock gave it the same
            // stamp again.
            let unstamped = known.clone().map(|known| RememberedFile {
                stamp: None,
                ..known
            });
            let new = self.refresh_one(file, unstamped.as_ref(), now)?;
            let Some(new) = new.or(unstamped) else {
                continue;
            };
            if known.as_ref().is_none_or(|old| old.hash != new.hash) {
                changed = true;
                match known.as_ref().and_then(|old| pair_posts(old, &new)) {
                    Some(pairs) => {
                        replaced.extend(pairs.into_iter().map(|(old, new)| ReplacedPost {
                            found_date: self.found_date(file),
                            old,
                            new,
                        }));
                    }
                    None => only_bodies = false,
                }
            }
            results.push((Arc::clone(&file.path), new));
        }
        self.memory.files.extend(results);
        Ok(if !changed {
            ContentUpdate::Nothing
        } else if only_bodies {
            ContentUpdate::Bodies(replaced)
        } else {
            ContentUpdate::Anything
        })
    }
}

/// A post before and after a change.
type PostPair = (Arc<Post<StoredBody>>, Arc<Post<StoredBody>>);

/// Pairs the old and new posts of a file and returns the pairs that differ, if nothing but texts
/// changed.
fn pair_posts(old: &RememberedFile, new: &RememberedFile) -> Option<Vec<PostPair>> {
    let alike = old.posts.len() == new.posts.len()
        && old
            .posts
            .iter()
            .zip(&new.posts)
            .all(|(old, new)| post_without_text(old) == post_without_text(new))
        && error_diagnostics(old).eq(error_diagnostics(new));
    let pairs = old.posts.iter().cloned().zip(new.posts.iter().cloned());
    // Several posts of a file were read again, but usually one of them changed.
    alike.then(|| pairs.filter(|(old, new)| old != new).collect())
}

/// Returns the diagnostics of replies in a file that are not published.
fn error_diagnostics(file: &RememberedFile) -> impl Iterator<Item = &Diagnostic> {
    let found = file.diagnostics.iter();
    found.filter(|one| one.severity() == Severity::Error)
}

/// Returns a post without its text, to compare everything else.
fn post_without_text(post: &Post<StoredBody>) -> Post<()> {
    Post {
        body_lines: LineMap::default(),
        words_hash: 0,
        ..post.clone().with_body(())
    }
}
