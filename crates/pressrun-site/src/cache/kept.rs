//! Keeps files that take long to make, each followed by its hash, whatever version of the program
//! made them. A damaged file counts as missing.
//!
//! Image viewers ignore what follows a picture, so kept pictures can be opened.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::error::{Result, SystemError};
use crate::fs;

/// A folder of kept files.
#[derive(Debug, Clone)]
pub struct KeptFiles {
    folder: PathBuf,
}

impl KeptFiles {
    /// Returns the files that the site at `root` keeps under a name.
    pub fn new(root: &Path, name: &str) -> Self {
        Self {
            folder: root.join(super::FOLDER).join(name),
        }
    }

    /// Returns where a file is kept.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Returns the contents of a file, unless it is missing or damaged.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        fs::read_if_there(&self.path(name))
            .ok()?
            .and_then(take_contents)
    }

    /// Returns the length of a file without reading it.
    pub fn length(&self, name: &str) -> Option<u64> {
        let stamp = fs::read_stamp(&self.path(name))?;
        stamp.size.checked_sub(blake3::OUT_LEN as u64)
    }

    /// Keeps a file.
    pub fn write(&self, name: &str, contents: &[u8]) -> Result<()> {
        let path = self.path(name);
        // The name contains the process id, so that two builds never write the same file.
        let unfinished = self.path(&format!("{name}.{}.tmp", std::process::id()));
        let bytes = [contents, blake3::hash(contents).as_bytes()].concat();
        fs::write_with_folder(&unfinished, &bytes)?;
        fs::rename(&unfinished, &path)
    }

    /// Removes all files except those with these names.
    pub fn remove_unused(&self, used: &BTreeSet<&str>) {
        // A file that cannot be listed or removed only takes space.
        for path in fs::list_folder(&self.folder).unwrap_or_default() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !used.contains(&*name) {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

/// Reads a kept file that a site needs.
///
/// # Errors
///
/// A damaged file is removed, so that it is made again.
pub(crate) fn read_kept_file(path: &Path) -> Result<Vec<u8>> {
    take_contents(fs::read_whole_file(path)?).ok_or_else(|| {
        let _ = fs::remove_file(path);
        let error = io::Error::new(ErrorKind::InvalidData, "it is damaged");
        SystemError::new("read", path, error)
    })
}

/// Removes the hash from the bytes of a file, or returns `None` if it does not fit.
fn take_contents(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let end = bytes.len().checked_sub(blake3::OUT_LEN)?;
    let (contents, hash) = bytes.split_at(end);
    (blake3::hash(contents).as_bytes() == hash).then(|| {
        bytes.truncate(end);
        bytes
    })
}
