//! Finds and reads the content file of a post, with the same reader as a build.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use pressrun_posts::content_file::{FileInput, FileResult, ReadSettings, read_file};
use pressrun_posts::post::Post;
use pressrun_site::discover;
use pressrun_site::fs;

use super::ReviewTarget;
use super::fault::ReviewFault;

/// A content file as it is now.
pub(super) struct ReadContentFile {
    /// Its location, without symbolic links.
    pub(super) location: PathBuf,
    pub(super) bytes: Vec<u8>,
    pub(super) result: FileResult,
}

impl ReadContentFile {
    /// Reads a file of the site at `root`.
    pub(super) fn read(
        root: &Path,
        file: &Arc<str>,
        settings: &ReadSettings,
    ) -> Result<Self, ReviewFault> {
        let location = locate_file(root, file)?;
        let bytes = fs::read_if_there(&location)?.ok_or_else(|| ReviewFault::Missing {
            file: Arc::clone(file),
        })?;
        let result = read_bytes(file, bytes.clone(), settings);
        Ok(Self {
            location,
            bytes,
            result,
        })
    }

    /// Returns the post that a person saw, if its text is still the same.
    pub(super) fn find_post(&self, target: &ReviewTarget) -> Result<&Post, ReviewFault> {
        let mut same = self
            .result
            .posts
            .iter()
            .filter(|post| post.text_hash == target.hash);
        // Lines may have moved since then; the text is what counts.
        let first = same.next().ok_or_else(|| ReviewFault::TextChanged {
            file: Arc::clone(&target.file),
        })?;
        let at_line = same.find(|post| post.source.line == target.line);
        let is_there = first.source.line == target.line;
        Ok(at_line.filter(|_| !is_there).unwrap_or(first))
    }
}

/// Reads the posts of a file as a build does.
pub(super) fn read_bytes(file: &Arc<str>, bytes: Vec<u8>, settings: &ReadSettings) -> FileResult {
    let path = Arc::clone(file);
    read_file(&FileInput { path, bytes }, settings)
}

/// Returns the location of a content file, or an error if the path leads out of the site.
fn locate_file(root: &Path, file: &Arc<str>) -> Result<PathBuf, ReviewFault> {
    let mut parts = Path::new(&**file).components();
    let is_content = parts.next() == Some(Component::Normal(discover::FOLDER.as_ref()));
    if !is_content || !parts.all(|part| matches!(part, Component::Normal(_))) {
        let file = Arc::clone(file);
        return Err(ReviewFault::Outside { file });
    }
    resolve_inside(root, file)
}

/// Returns the location of `reviews.toml`, or an error if it is a link that leads out of the site.
pub(super) fn locate_book(root: &Path) -> Result<PathBuf, ReviewFault> {
    resolve_inside(root, &pressrun_site::review::FILE.into())
}

/// Returns the location of a file, or an error if links lead out of the site.
fn resolve_inside(root: &Path, file: &Arc<str>) -> Result<PathBuf, ReviewFault> {
    let location = fs::resolve_path(&root.join(&**file));
    if location.starts_with(fs::resolve_path(root)) {
        Ok(location)
    } else {
        let file = Arc::clone(file);
        Err(ReviewFault::Outside { file })
    }
}
