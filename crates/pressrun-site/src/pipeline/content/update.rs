//! Reads a few files that are known to have changed, without looking at the others.
//!
//! While an author writes, usually only the words of one post change: its text, or a title that is not
//! its address. The post then keeps its place among the others, and everything else that is known
//! stays true, except for what posts have to do with each other.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use pressrun_posts::diagnostic::{Diagnostic, Severity};
use pressrun_posts::post::{FieldSource, LineMap, Post, SiteDate, TextRole};

use super::ContentReader;
use super::memory::RememberedFile;
use crate::cache::StoredBody;
use crate::discover::{self, SourceFile};
use crate::error::Result;
use crate::fs::{self, FileStamp};

/// What changed in the files that were read again.
#[derive(Debug)]
pub(crate) enum ContentUpdate {
    /// Nothing.
    Nothing,
    /// Only the words of these posts.
    Words(Vec<ReplacedPost>),
    /// Possibly anything.
    Anything,
}

/// A post whose words changed.
#[derive(Debug)]
pub(crate) struct ReplacedPost {
    /// The post before.
    pub(crate) old: Arc<Post<StoredBody>>,
    /// The post now.
    pub(crate) new: Arc<Post<StoredBody>>,
    /// The date that the post has now.
    pub(crate) date: Option<SiteDate>,
}

impl ContentReader {
    /// Returns the content files among `paths`, with their current stamps. Returns `None` if a path
    /// is a folder, a new file or a deleted one.
    pub(crate) fn find_known_files(&self, paths: &BTreeSet<String>) -> Option<Vec<SourceFile>> {
        let below = format!("{}/", discover::FOLDER);
        let mut files = Vec::new();
        for path in paths {
            let Some(name) = path.strip_prefix(&below) else {
                if path == discover::FOLDER {
                    return None;
                }
                continue;
            };
            if fs::is_ignored_path(name) {
                continue;
            }
            let location = self.root.join(path);
            match (self.find_file(path), location.metadata()) {
                (Some(at), Ok(data)) if data.is_file() => files.push(SourceFile {
                    stamp: Some(FileStamp::of_metadata(&data)),
                    ..self.discovered.files[at].clone()
                }),
                // The file came and went: an editor's temporary file.
                (None, Err(_)) if !self.discovered.has_path(path) => {}
                _ => return None,
            }
        }
        Some(files)
    }

    /// Returns the index of the file with a path in the list of files.
    fn find_file(&self, path: &str) -> Option<usize> {
        let files = &self.discovered.files;
        files.binary_search_by(|file| (*file.path).cmp(path)).ok()
    }

    /// Reads files again that were read before and have changed since. Their stamps are current.
    ///
    /// # Errors
    ///
    /// Returns an error if bodies cannot be stored or the machine cannot read any more files. The
    /// memory then stays as it was.
    pub(crate) fn update_files(
        &mut self,
        files: Vec<SourceFile>,
        now: SystemTime,
    ) -> Result<ContentUpdate> {
        let mut replaced = Vec::new();
        let mut only_words = true;
        let mut changed = false;
        let mut results = Vec::with_capacity(files.len());
        for file in &files {
            let known = self.memory.file(&file.path).cloned();
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
                        replaced.extend(pairs.into_iter().map(|(old, new)| {
                            ReplacedPost {
                                date: self
                                    .date_post(Arc::clone(&new), |_| self.found_date(file))
                                    .date,
                                old,
                                new,
                            }
                        }));
                    }
                    None => only_words = false,
                }
            }
            results.push((Arc::clone(&file.path), new));
        }
        for (path, file) in results {
            self.memory.insert(path, file);
        }
        for file in files {
            if let Some(at) = self.find_file(&file.path) {
                // The list of files keeps the new stamps.
                self.discovered.files[at] = file;
            }
        }
        Ok(if !changed {
            ContentUpdate::Nothing
        } else if only_words {
            ContentUpdate::Words(replaced)
        } else {
            ContentUpdate::Anything
        })
    }
}

/// A post before and after a change.
type PostPair = (Arc<Post<StoredBody>>, Arc<Post<StoredBody>>);

/// Pairs the old and new posts of a file and returns the pairs that differ, if nothing but words
/// changed.
fn pair_posts(old: &RememberedFile, new: &RememberedFile) -> Option<Vec<PostPair>> {
    let alike = old.posts.len() == new.posts.len()
        && old
            .posts
            .iter()
            .zip(&new.posts)
            .all(|(old, new)| post_without_words(old) == post_without_words(new))
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

/// Returns a post without its words, to compare everything else. The title of a page stands in menus,
/// and that of a list text in all pages of its list. Tags that the words gave are no more than these.
fn post_without_words(post: &Post<StoredBody>) -> Post<()> {
    let mut rest = Post {
        body_lines: LineMap::default(),
        words_hash: 0,
        text_hash: 0,
        ..post.clone().with_body(())
    };
    if post.role() == TextRole::Post {
        rest.title.clear();
        rest.subtitle = None;
        rest.description.clear();
        if rest.origins.tags == FieldSource::Derived {
            rest.tags.clear();
        }
    }
    rest
}
