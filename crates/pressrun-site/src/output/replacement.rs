//! Replaces files of the output folder: all of them, or none.
//!
//! Every step is recorded, and the files that it replaced or removed are kept in the staging
//! folder. After an error, all steps are undone, the last one first. The very same files are then
//! in place again, with their times and inode numbers.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::manifest::OutputManifest;
use crate::error::{Result, SystemError};
use crate::fs;

/// Folder inside the staging folder for files that are replaced or removed.
const OLD: &str = "old";

/// The steps of a build that change the output folder.
#[derive(Debug)]
pub(super) struct Replacement {
    /// The folder for old files.
    old: PathBuf,
    /// The number of files kept so far.
    kept: AtomicUsize,
    done: Mutex<Vec<ReplacementStep>>,
}

/// A step that can be undone.
#[derive(Debug)]
enum ReplacementStep {
    /// A file or folder was moved into place. `old` is the file that was there before.
    Moved {
        from: PathBuf,
        to: PathBuf,
        old: Option<PathBuf>,
    },
    /// A file was removed, and is kept at `old`.
    TakenAway { from: PathBuf, old: PathBuf },
    /// A folder was created.
    FolderMade(PathBuf),
}

impl ReplacementStep {
    fn take_back(self) -> Result<()> {
        match self {
            Self::Moved { from, to, old } => match old {
                Some(old) => fs::rename(&old, &to),
                None => fs::rename_into(&to, &from),
            },
            Self::TakenAway { from, old } => fs::rename_into(&old, &from),
            Self::FolderMade(folder) => {
                fs::remove_empty_folder(&folder);
                Ok(())
            }
        }
    }
}

impl Replacement {
    /// Creates an empty list of steps that keeps old files in a staging folder.
    pub(super) fn new(staging: &Path) -> Result<Self> {
        let old = staging.join(OLD);
        fs::create_folder(&old)?;
        Ok(Self {
            old,
            kept: AtomicUsize::new(0),
            done: Mutex::default(),
        })
    }

    /// Keeps the file at a path that will be replaced, and returns where. Returns `None` if there
    /// is no file.
    pub(super) fn keep(&self, path: &Path) -> Result<Option<PathBuf>> {
        let place = self.next_place();
        Ok(fs::keep(path, &place)?.then_some(place))
    }

    /// Moves a file or folder to `to`. The file there was kept as `old`.
    pub(super) fn move_to(&self, from: PathBuf, to: PathBuf, old: Option<PathBuf>) -> Result<()> {
        fs::rename(&from, &to)?;
        self.note(ReplacementStep::Moved { from, to, old });
        Ok(())
    }

    /// Removes a file if it exists, and keeps it.
    pub(super) fn take_away(&self, path: PathBuf) -> Result<()> {
        let old = self.next_place();
        match fs::rename(&path, &old) {
            Err(error) if fs::is_missing(error.cause()) => {}
            Err(error) => return Err(SystemError::new("remove", &path, error.into_cause())),
            Ok(()) => self.note(ReplacementStep::TakenAway { from: path, old }),
        }
        Ok(())
    }

    /// Creates a folder if it is missing; its parent must exist.
    pub(super) fn make_folder(&self, path: PathBuf) -> Result<()> {
        if !path.is_dir() {
            fs::create_folder(&path)?;
            self.note(ReplacementStep::FolderMade(path));
        }
        Ok(())
    }

    /// Undoes every step because of an error, and returns that error, or a different one if not all
    /// steps could be undone.
    ///
    /// If a step could not be undone, the manifest that lists old and new files stays, so that the
    /// next build knows all of them.
    pub(super) fn take_back(
        self,
        folder: &Path,
        cause: SystemError,
    ) -> std::result::Result<SystemError, SystemError> {
        let done = self.done.into_inner();
        let done = done.unwrap_or_else(PoisonError::into_inner);
        let manifest = OutputManifest::path(folder);
        let mut failed: Vec<SystemError> = Vec::new();
        for step in done.into_iter().rev() {
            let is_needed = matches!(&step, ReplacementStep::Moved { to, .. } if *to == manifest);
            if failed.is_empty() || !is_needed {
                failed.extend(step.take_back().err());
            }
        }
        let Some(first) = failed.first() else {
            return Ok(cause);
        };
        let why = format!(
            "{}; then the last good site could not be restored ({}), so old and new pages are \
             mixed; the next successful build repairs that",
            cause.with_cause(),
            first.with_cause(),
        );
        let why = std::io::Error::other(why);
        Err(SystemError::new("write the site to", folder, why))
    }

    fn next_place(&self) -> PathBuf {
        let number = self.kept.fetch_add(1, Ordering::Relaxed);
        self.old.join(number.to_string())
    }

    fn note(&self, step: ReplacementStep) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.push(step);
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{read_to_string, write};
    use std::io;

    use super::*;

    fn error() -> SystemError {
        SystemError::new("try", Path::new("x"), io::Error::other("no"))
    }

    /// A folder with a file `a` and a staging folder with a file `b`.
    fn folder() -> (tempfile::TempDir, Replacement) {
        let folder = tempfile::tempdir().unwrap();
        let replacement = Replacement::new(&folder.path().join("staging")).unwrap();
        write(folder.path().join("a"), "old").unwrap();
        write(folder.path().join("staging/b"), "new").unwrap();
        (folder, replacement)
    }

    #[test]
    fn steps_are_taken_back_in_reverse() {
        let (folder, replacement) = folder();
        let at = |path: &str| folder.path().join(path);
        let number = fs::read_stamp(&at("a")).unwrap().without_name();
        let old = replacement.keep(&at("a")).unwrap();
        replacement.move_to(at("staging/b"), at("a"), old).unwrap();
        assert_eq!(read_to_string(at("a")).unwrap(), "new");
        replacement.take_away(at("a")).unwrap();
        replacement.take_away(at("nothing")).unwrap();
        replacement.make_folder(at("a")).unwrap();
        write(at("staging/c"), "new").unwrap();
        let none = replacement.keep(&at("a/c")).unwrap();
        assert_eq!(none, None);
        replacement
            .move_to(at("staging/c"), at("a/c"), none)
            .unwrap();
        replacement.take_back(folder.path(), error()).unwrap();
        assert_eq!(read_to_string(at("a")).unwrap(), "old");
        assert_eq!(fs::read_stamp(&at("a")).unwrap().without_name(), number);
    }

    #[test]
    fn steps_that_cannot_be_undone_are_reported_and_the_manifest_of_both_stays() {
        let (folder, replacement) = folder();
        let at = |path: &str| folder.path().join(path);
        let manifest = OutputManifest::path(folder.path());
        let old = replacement.keep(&manifest).unwrap();
        let from = at("staging/b");
        replacement.move_to(from, manifest.clone(), old).unwrap();
        write(at("staging/c"), "new").unwrap();
        write(at("c"), "old").unwrap();
        let old = replacement.keep(&at("c")).unwrap();
        std::fs::remove_file(old.as_ref().unwrap()).unwrap();
        replacement.move_to(at("staging/c"), at("c"), old).unwrap();
        let error = replacement.take_back(folder.path(), error()).unwrap_err();
        let said = error.cause().to_string();
        assert!(
            said.starts_with("cannot try `x`: no; then the last good site"),
            "{said}"
        );
        assert!(said.contains("old and new pages are mixed"), "{said}");
        assert_eq!(read_to_string(manifest).unwrap(), "new");
    }
}
