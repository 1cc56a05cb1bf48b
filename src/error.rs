//! What went wrong with the machine: a file that cannot be read, a disk that is full.
//!
//! Not here: what is wrong with the content or the site, which is a
//! [`Diagnostic`](crate::diagnostic::Diagnostic).

use std::path::{Path, PathBuf};
use std::{fmt, io};

/// What Unix calls it when a process has too many files open (`EMFILE`).
const TOO_MANY_FILES: Option<i32> = if cfg!(unix) { Some(24) } else { None };

/// The result of anything that touches the machine.
pub type Result<T> = std::result::Result<T, Error>;

/// An operation on a file that the operating system refused.
#[derive(Debug)]
pub struct Error {
    /// What was tried, in the infinitive: `read`, `create the folder`.
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl Error {
    /// An error of the operating system, with what was tried and on which path.
    pub fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    /// What it happened to.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why it was refused.
    pub fn cause(&self) -> &io::Error {
        &self.source
    }

    /// What a person can do about it, where that is known.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self.source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "make room on the disk, then run the command again"
            }
            io::ErrorKind::PermissionDenied => {
                "give yourself the right to it, then run the command again"
            }
            io::ErrorKind::ReadOnlyFilesystem => {
                "choose a place that may be written to, or mount this one for writing"
            }
            io::ErrorKind::OutOfMemory => "close other programs, or make the file smaller",
            _ if self.source.raw_os_error() == TOO_MANY_FILES => {
                "allow more open files: `ulimit -n 1024`"
            }
            _ => return None,
        })
    }

    /// Whether the machine refused one file for good, so that the others can go on without it.
    ///
    /// Anything else, a disk that fails or a limit that is reached, says nothing about the file.
    pub fn is_of_one_file(&self) -> bool {
        match self.source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::Other => true,
            io::ErrorKind::PermissionDenied => !self.path.is_dir(),
            _ => false,
        }
    }

    /// The kind of the operating system's error.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} `{}`", self.action, self.path.display())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
