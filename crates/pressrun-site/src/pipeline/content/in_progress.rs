//! Records which files are being read at this moment, and since when.
//!
//! A preview asks from another thread, to name the file that it is waiting for.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::discover::SourceFile;
use crate::fs::FileStamp;

/// The files that are being read.
#[derive(Debug, Default)]
pub struct FilesInProgress(Mutex<Vec<FileInProgress>>);

/// A file that is being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInProgress {
    /// Its path from the root of the site.
    pub path: Arc<str>,
    /// Its place on disk.
    pub location: PathBuf,
    /// Its stamp when it was found.
    pub stamp: Option<FileStamp>,
    since: Instant,
}

impl FilesInProgress {
    /// Records that a file is being read, until the returned guard is dropped.
    pub fn begin(&self, file: &SourceFile) -> ReadingGuard<'_> {
        let since = Instant::now();
        self.lock().push(FileInProgress {
            path: Arc::clone(&file.path),
            location: file.location.clone(),
            stamp: file.stamp,
            since,
        });
        ReadingGuard {
            files: self,
            path: Arc::clone(&file.path),
            since,
        }
    }

    /// Returns the file that has been read for the longest time, if that is longer than `limit`.
    pub fn slowest(&self, limit: Duration) -> Option<FileInProgress> {
        let files = self.lock();
        let slowest = files.iter().min_by_key(|file| file.since)?;
        (slowest.since.elapsed() >= limit).then(|| slowest.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<FileInProgress>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileInProgress {
    /// Returns whether the file is gone or is no longer the file that was found.
    pub fn has_changed(&self) -> bool {
        match (self.location.metadata(), self.stamp) {
            (Ok(data), Some(stamp)) => FileStamp::of_metadata(&data) != stamp,
            (Ok(_), None) => false,
            (Err(_), _) => true,
        }
    }
}

/// Records that a file is being read, until it is dropped.
#[derive(Debug)]
pub struct ReadingGuard<'f> {
    files: &'f FilesInProgress,
    path: Arc<str>,
    since: Instant,
}

impl Drop for ReadingGuard<'_> {
    fn drop(&mut self) {
        let mut files = self.files.lock();
        let is_own = |file: &FileInProgress| (&file.path, file.since) == (&self.path, self.since);
        if let Some(at) = files.iter().position(is_own) {
            files.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &std::path::Path, name: &str) -> SourceFile {
        let location = folder.join(name);
        std::fs::write(&location, name).unwrap();
        SourceFile {
            path: name.into(),
            stamp: Some(FileStamp::of_metadata(&location.metadata().unwrap())),
            location,
        }
    }

    #[test]
    fn slowest_file_is_the_one_that_was_begun_first_and_not_ended() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| file(folder.path(), name));
        let files = FilesInProgress::default();
        let slowest = || files.slowest(Duration::ZERO).map(|file| file.path);
        assert_eq!(slowest(), None);
        let first = files.begin(&a);
        let _second = files.begin(&b);
        assert_eq!(slowest().as_deref(), Some("a"));
        assert_eq!(files.slowest(Duration::from_secs(3600)), None);
        drop(first);
        assert_eq!(slowest().as_deref(), Some("b"));
    }

    #[test]
    fn file_that_was_written_or_removed_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let files = FilesInProgress::default();
        let source = file(folder.path(), "a");
        let _guard = files.begin(&source);
        let slow = files.slowest(Duration::ZERO).unwrap();
        assert!(!slow.has_changed());
        std::fs::write(&source.location, "another text").unwrap();
        assert!(slow.has_changed());
        std::fs::remove_file(&source.location).unwrap();
        assert!(slow.has_changed());
    }
}
