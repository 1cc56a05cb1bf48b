//! What went wrong with the machine: a file that cannot be read, a disk that is full.
//!
//! Not here: what is wrong with the content or the site, which is a
//! [`Diagnostic`](crate::diagnostic::Diagnostic).

use std::path::{Path, PathBuf};
use std::{fmt, io};

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
