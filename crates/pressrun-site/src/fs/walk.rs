//! Walks through folders. The only user of walkdir.

use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::{FileStamp, path_with_slashes};
use crate::error::{Result, SystemError};

/// A file found by [`walk_visible_files`].
#[derive(Debug, Clone)]
pub struct WalkedFile {
    /// Its location.
    pub location: PathBuf,
    /// Its path below the walked folder, with `/` between its parts.
    pub path: String,
    /// The stamp that shows whether it changed; `None` if the system does not have one.
    pub stamp: Option<FileStamp>,
}

/// Finds all files below a folder, sorted by path; none if it does not exist.
///
/// Symbolic links are followed. Files and folders whose names begin with `.` or end in `~` are
/// ignored. Everything that cannot be read is returned as an error beside the files: a folder that
/// cannot be listed, a link that leads nowhere or in a circle, a pipe or a device, and a name that
/// is not Unicode, which no address can contain.
pub fn walk_visible_files(root: &Path) -> (Vec<WalkedFile>, Vec<SystemError>) {
    walk_files(root, is_visible)
}

/// Finds the same files as [`walk_visible_files`], and those whose names or folders begin with `.`,
/// apart from folders of version control.
pub fn walk_files_with_hidden(root: &Path) -> (Vec<WalkedFile>, Vec<SystemError>) {
    let (found, mut errors) = walk_files(root, |entry| {
        let name = entry.file_name().as_encoded_bytes();
        entry.depth() == 0 || !(name.ends_with(b"~") || matches!(name, b".git" | b".hg" | b".svn"))
    });
    // Nothing of what is hidden is read, so it may be unreadable.
    errors.retain(|error| {
        let path = error.path().strip_prefix(root).unwrap_or(error.path());
        !is_ignored_path(&path_with_slashes(path))
    });
    (found, errors)
}

fn walk_files(
    root: &Path,
    is_wanted: fn(&walkdir::DirEntry) -> bool,
) -> (Vec<WalkedFile>, Vec<SystemError>) {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    match is_folder(root) {
        Ok(true) => {}
        Ok(false) => return (found, errors),
        Err(error) => return (found, vec![error]),
    }
    let walk = WalkDir::new(root).follow_links(true).into_iter();
    for entry in walk.filter_entry(is_wanted) {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) => match make_walked_file(root, entry) {
                Ok(file) => found.push(file),
                Err(error) => errors.push(error),
            },
            Err(error) => errors.extend(explain_walk_error(root, error)),
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    (found, errors)
}

/// Returns whether a folder exists. Anything else in its place is an error.
pub fn is_folder(path: &Path) -> Result<bool> {
    let failed = |error| SystemError::new("read", path, error);
    match path.metadata() {
        Ok(data) if data.is_dir() => Ok(true),
        Ok(_) => Err(failed(io::Error::other("it is not a folder"))),
        Err(error) if path.is_symlink() => Err(failed(explain_link_error(path, error))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

fn make_walked_file(root: &Path, entry: walkdir::DirEntry) -> Result<WalkedFile> {
    let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
    let refused = |why| {
        Err(SystemError::new(
            "read",
            entry.path(),
            io::Error::other(why),
        ))
    };
    if !entry.file_type().is_file() {
        return refused("it is a pipe, a socket or a device, not a file");
    }
    if path.to_str().is_none() {
        return refused("its name is not Unicode");
    }
    Ok(WalkedFile {
        path: path_with_slashes(path),
        stamp: entry
            .metadata()
            .ok()
            .map(|data| FileStamp::of_metadata(&data)),
        location: entry.into_path(),
    })
}

/// Returns the error for what walkdir could not read, or `None` if that is hidden or has
/// disappeared.
fn explain_walk_error(root: &Path, error: walkdir::Error) -> Option<SystemError> {
    let path = error.path().unwrap_or(root).to_path_buf();
    let name = path.file_name().unwrap_or_default();
    // Editors lock files by links that lead nowhere: `.#name`.
    if path != root && is_hidden(name.as_encoded_bytes()) {
        return None;
    }
    if error.loop_ancestor().is_some() {
        let cause = io::Error::other("it is a link to a folder that contains it");
        return Some(SystemError::new("read", &path, cause));
    }
    let cause = error.into_io_error()?;
    match cause.kind() {
        _ if path.is_symlink() => Some(SystemError::new(
            "read",
            &path,
            explain_link_error(&path, cause),
        )),
        // The file was removed after it was listed.
        io::ErrorKind::NotFound => None,
        _ => Some(SystemError::new("read", &path, cause)),
    }
}

/// Returns why a symbolic link cannot be followed.
fn explain_link_error(path: &Path, error: io::Error) -> io::Error {
    let Ok(target) = path.read_link() else {
        return error;
    };
    let target = target.display();
    match error.kind() {
        kind @ io::ErrorKind::NotFound => io::Error::new(
            kind,
            format!("it is a link to `{target}`, which does not exist"),
        ),
        kind @ io::ErrorKind::PermissionDenied => {
            io::Error::new(kind, format!("it is a link to `{target}`: {error}"))
        }
        _ => io::Error::other(format!("it is a link to `{target}`: {error}")),
    }
}

/// A file or link found by [`walk_all_entries`].
#[derive(Debug, Clone)]
pub struct WalkedEntry {
    /// Its location.
    pub location: PathBuf,
    /// Its path below the walked folder.
    pub path: PathBuf,
    /// Size of the file in bytes; `None` for a link to a folder.
    pub size: Option<u64>,
    /// Whether it is a symbolic link.
    pub link: bool,
}

/// Finds all files below a folder, including hidden ones, and links to folders, sorted by path.
///
/// Symbolic links are followed. A link that leads nowhere is returned as an error beside the files.
/// Pipes, devices, and hidden links that lead nowhere are ignored.
pub fn walk_all_entries(root: &Path) -> (Vec<WalkedEntry>, Vec<SystemError>) {
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
                    found.push(WalkedEntry {
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
            Err(error) => errors.extend(explain_walk_error(root, error)),
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

/// Returns whether [`walk_visible_files`] ignores a path below the walked folder; the path has `/` between its
/// parts.
pub fn is_ignored_path(path: &str) -> bool {
    path.split('/').any(|name| is_hidden(name.as_bytes()))
}

/// Finds the symbolic links below a folder, and the folder itself if it is one, each with its
/// target. Leaves out links that [`walk_visible_files`] ignores or that lead nowhere.
pub fn find_symbolic_links(root: &Path) -> Vec<(PathBuf, PathBuf)> {
    let walk = WalkDir::new(root).follow_links(true).into_iter();
    walk.filter_entry(is_visible)
        .filter_map(std::result::Result::ok)
        .filter(walkdir::DirEntry::path_is_symlink)
        .filter_map(|entry| {
            let target = entry.path().canonicalize().ok()?;
            Some((entry.into_path(), target))
        })
        .collect()
}

/// Returns a symbolic link with its target, or `None` for anything else.
pub fn read_symbolic_link(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let target = path.is_symlink().then(|| path.canonicalize().ok())??;
    Some((path.to_owned(), target))
}
