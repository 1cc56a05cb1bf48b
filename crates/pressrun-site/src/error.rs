//! Errors of the operating system: a file that cannot be read, a disk that is full.
//!
//! Not here: what is wrong with the content or the site, which is a
//! [`Diagnostic`](pressrun_posts::diagnostic::Diagnostic).

use std::path::{Path, PathBuf};
use std::{fmt, io};

/// The Unix error code for too many open files (`EMFILE`).
const TOO_MANY_FILES: Option<i32> = if cfg!(unix) { Some(24) } else { None };

/// The result of an operation that uses the operating system.
pub type Result<T> = std::result::Result<T, SystemError>;

/// An operation on a file that the operating system refused.
#[derive(Debug)]
pub struct SystemError {
    /// What was tried, as an infinitive: `read`, `create the folder`.
    action: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl SystemError {
    /// Creates an error from what was tried, on which path, and why it failed.
    pub fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the error of the operating system.
    pub fn cause(&self) -> &io::Error {
        &self.source
    }

    /// Returns the error of the operating system by value.
    pub fn into_cause(self) -> io::Error {
        self.source
    }

    /// Formats the error with its reason in one line.
    pub fn with_cause(&self) -> String {
        format!("{self}: {}", self.source)
    }

    /// Returns what the user can do about it, if that is known.
    pub fn help(&self) -> Option<&'static str> {
        Some(match self.source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "free some space on the disk, then run the command again"
            }
            io::ErrorKind::PermissionDenied => {
                "give yourself permission, then run the command again"
            }
            io::ErrorKind::ReadOnlyFilesystem => {
                "choose a folder that can be written to, or mount this file system for writing"
            }
            io::ErrorKind::OutOfMemory => "close other programs, or make the file smaller",
            _ if self.source.raw_os_error() == TOO_MANY_FILES => {
                "allow more open files: `ulimit -n 1024`"
            }
            _ => return None,
        })
    }

    /// Returns whether the error concerns only this file, so that the other files can still be
    /// processed.
    ///
    /// Other errors, such as a failing disk or a reached limit, say nothing about the file.
    pub fn is_of_one_file(&self) -> bool {
        match self.source.kind() {
            // A path that is too long (`InvalidFilename`) is too long for one file.
            io::ErrorKind::NotFound | io::ErrorKind::Other | io::ErrorKind::InvalidFilename => true,
            // A folder without access hides all its files, which is more than one.
            io::ErrorKind::PermissionDenied => !self.path.is_dir(),
            _ => false,
        }
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

impl fmt::Display for SystemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} `{}`", self.action, self.path.display())
    }
}

impl std::error::Error for SystemError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
