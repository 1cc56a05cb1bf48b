//! Goes through folders. The only user of walkdir.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::{Stamp, slashed};
use crate::error::Error;

/// A file found by [`walk`].
#[derive(Debug, Clone)]
pub struct Found {
    /// Where it is.
    pub location: PathBuf,
    /// Its path below the folder that was walked, with `/` between its parts.
    ///
    /// What is not Unicode in a name is shown as U+FFFD.
    pub path: String,
    /// What tells whether it changed; `None` if the system does not say.
    pub stamp: Option<Stamp>,
}

/// All files below a folder, sorted by path; none if it does not exist.
///
/// Symbolic links are followed. Files and folders whose names begin with `.` or end in `~` are
/// passed over, and so is what is neither file nor folder. What cannot be read, a loop of links
/// for example, is an error of its own beside the files.
pub fn walk(root: &Path) -> (Vec<Found>, Vec<Error>) {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    if !root.exists() {
        return (found, errors);
    }
    let walk = WalkDir::new(root).follow_links(true).into_iter();
    for entry in walk.filter_entry(is_visible) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => found.push(Found {
                path: slashed(entry.path().strip_prefix(root).unwrap_or(entry.path())),
                stamp: entry.metadata().ok().map(|data| Stamp::of(&data)),
                location: entry.into_path(),
            }),
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(root).to_path_buf();
                errors.push(Error::new("read", &path, error.into()));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    (found, errors)
}

/// A file or link found by [`walk_all`].
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it is.
    pub location: PathBuf,
    /// Its path below the folder that was walked.
    pub path: PathBuf,
    /// Bytes of the file; `None` for a link to a folder.
    pub size: Option<u64>,
    /// Whether it is a symbolic link.
    pub link: bool,
}

/// All files below a folder, hidden ones too, and links to folders, sorted by path.
///
/// Symbolic links are followed. A link that leads nowhere is an error of its own beside the files.
pub fn walk_all(root: &Path) -> (Vec<Entry>, Vec<Error>) {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    if !root.exists() {
        return (found, errors);
    }
    for entry in WalkDir::new(root).min_depth(1).follow_links(true) {
        match entry {
            Ok(entry) => {
                let file = entry.file_type().is_file();
                let link = entry.path_is_symlink();
                if file || link {
                    found.push(Entry {
                        path: entry
                            .path()
                            .strip_prefix(root)
                            .unwrap_or(entry.path())
                            .into(),
                        size: entry
                            .metadata()
                            .ok()
                            .filter(|_| file)
                            .map(|data| data.len()),
                        link,
                        location: entry.into_path(),
                    });
                }
            }
            Err(error) => {
                let path = error.path().unwrap_or(root).to_path_buf();
                errors.push(Error::new("read", &path, error.into()));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    (found, errors)
}

fn is_visible(entry: &walkdir::DirEntry) -> bool {
    let name = entry.file_name().as_encoded_bytes();
    entry.depth() == 0 || !is_hidden(name)
}

fn is_hidden(name: &[u8]) -> bool {
    name.starts_with(b".") || name.ends_with(b"~")
}

/// Whether [`walk`] passes over a path, with `/` between its parts, below the folder it walks.
pub fn is_passed_over(path: &str) -> bool {
    path.split('/').any(|name| is_hidden(name.as_bytes()))
}

/// Symbolic links below a folder, or the folder itself, each with what it leads to; not those
/// that [`walk`] passes over, nor those that lead nowhere.
pub fn links(root: &Path) -> Vec<(PathBuf, PathBuf)> {
    let walk = WalkDir::new(root).follow_links(true).into_iter();
    walk.filter_entry(is_visible)
        .filter_map(Result::ok)
        .filter(walkdir::DirEntry::path_is_symlink)
        .filter_map(|entry| {
            let target = entry.path().canonicalize().ok()?;
            Some((entry.into_path(), target))
        })
        .collect()
}

/// A symbolic link with what it leads to; `None` for anything else.
pub fn link(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let target = path.is_symlink().then(|| path.canonicalize().ok())??;
    Some((path.to_owned(), target))
}
