//! Remembers results between builds, in a folder below `.pressrun/`.
//!
//! Everything in a cache can be computed again. An entry that is damaged, cut short, foreign, or
//! written by another version of the program is ignored, and the build works as if it were the
//! first. While a [`BuildCache`] is open, no other process uses its folder.
//!
//! Not here: most of what is remembered, which `pipeline` (the posts of each file) and `output`
//! (what each page was made from) define. Only the bodies of posts are defined here.

mod bodies;
mod entry;
mod fingerprint;
mod kept;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Result, SystemError};
use crate::fs;

pub use bodies::{BodyFaults, BodyMeasures, BodyStore, StoredBody, StoredPage};
use entry::UnusableEntry;
pub(crate) use entry::{read_cache_entry, write_cache_entry};
pub use fingerprint::Fingerprint;
pub(crate) use fingerprint::FingerprintHasher;
pub use kept::KeptFiles;
pub(crate) use kept::read_kept_file;

/// Folder of a site that holds its caches.
pub const FOLDER: &str = ".pressrun";

/// File that is locked by the process that uses the cache.
const LOCK: &str = "lock";

/// Prefix of the names of files with bodies; a generation number follows.
const BODIES: &str = "bodies-";

/// An open cache. It may be changed as long as it is open.
#[derive(Debug)]
pub struct BuildCache {
    /// `None` if nothing can be kept.
    folder: Option<PathBuf>,
    /// Path of the folder, for messages.
    name: String,
    /// Key that every entry depends on.
    key: Fingerprint,
    /// The lock is held as long as the cache is open.
    lock: Option<File>,
    complaints: Mutex<Vec<Diagnostic>>,
}

impl BuildCache {
    /// Opens the cache `name` of the site at `root`, whose entries are valid only for `key`.
    ///
    /// If another process has it open, calls `on_wait` and waits. A cache that cannot be used is
    /// empty and keeps nothing.
    pub fn open(root: &Path, name: &str, key: Fingerprint, on_wait: fn()) -> Self {
        Self::open_with(root, name, key, |file| wait_for_lock(file, on_wait))
    }

    /// Opens a cache without waiting: if another process has it open, the result keeps nothing.
    pub(crate) fn open_if_free(root: &Path, name: &str, key: Fingerprint) -> Self {
        Self::open_with(root, name, key, |file| match file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        })
    }

    fn open_with(
        root: &Path,
        name: &str,
        key: Fingerprint,
        lock: impl FnOnce(&File) -> std::io::Result<bool>,
    ) -> Self {
        // Start with a cache that keeps nothing; it stays that way if locking fails.
        let mut cache = Self::disabled();
        cache.name = format!("{FOLDER}/{name}");
        cache.key = Fingerprint::of_value(&(program_id(), key));
        let folder = root.join(FOLDER).join(name);
        match lock_cache_folder(&folder, lock) {
            Ok(Some(lock)) => {
                cache.lock = Some(lock);
                cache.folder = Some(folder);
            }
            Ok(None) => {}
            Err(error) => cache.report_problem(&error.with_cause()),
        }
        cache
    }

    /// Returns a cache that keeps nothing.
    pub fn disabled() -> Self {
        Self {
            folder: None,
            name: FOLDER.to_owned(),
            key: Fingerprint::default(),
            lock: None,
            complaints: Mutex::default(),
        }
    }

    /// Returns the entry with this name, if there is a usable one.
    pub fn get_entry<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let path = self.folder.as_ref()?.join(name);
        match read_cache_entry(&path, self.key) {
            Ok(value) => Some(value),
            // Both are normal, so they are not reported.
            Err(UnusableEntry::Absent | UnusableEntry::Outdated) => None,
            Err(unusable) => {
                self.report_problem(&format!("`{name}` {unusable}"));
                None
            }
        }
    }

    /// Stores an entry under a name. A failure is reported but is not an error.
    pub fn put_entry<T: Serialize>(&self, name: &str, value: &T) {
        let Some(folder) = &self.folder else { return };
        if let Err(error) = write_cache_entry(&folder.join(name), self.key, value) {
            self.report_problem(&error.with_cause());
        }
    }

    /// Removes an entry.
    pub(crate) fn remove_entry(&self, name: &str) {
        let Some(folder) = &self.folder else { return };
        if let Err(error) = fs::remove_file(&folder.join(name)) {
            self.report_problem(&error.with_cause());
        }
    }

    /// Removes all entries.
    pub fn clear(&self) {
        let Some(folder) = &self.folder else { return };
        for path in fs::list_folder(folder).unwrap_or_default() {
            // Removing the locked file would let another process lock a new one.
            if !path.ends_with(LOCK) {
                // An entry that cannot be removed is ignored later, because its key or hash does
                // not match.
                let _ = fs::remove_file(&path);
            }
        }
    }

    /// Opens the bodies of a generation.
    pub fn bodies(&self, generation: u32) -> BodyStore {
        let Some(folder) = &self.folder else {
            return BodyStore::in_memory();
        };
        BodyStore::open(&folder.join(format!("{BODIES}{generation}"))).unwrap_or_else(|error| {
            self.report_problem(&error.with_cause());
            BodyStore::in_memory()
        })
    }

    /// Removes the bodies of all generations except `but`.
    pub(crate) fn remove_bodies(&self, but: Option<u32>) {
        let Some(folder) = &self.folder else { return };
        let kept = but.map(|generation| format!("{BODIES}{generation}"));
        for path in fs::list_folder(folder).unwrap_or_default() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(BODIES) && Some(&*name) != kept.as_deref() {
                // A file that cannot be removed only takes space.
                let _ = fs::remove_file(&path);
            }
        }
    }

    /// Returns whether a path lies in the folder of this cache, or in one of [kept
    /// files](KeptFiles).
    pub(crate) fn contains_path(&self, path: &Path) -> bool {
        let folder = self.folder.as_ref().and_then(|folder| folder.parent());
        folder.is_some_and(|folder| path.starts_with(folder))
    }

    /// Gives the cache up after `error`: the result keeps nothing, and reports why. It still holds
    /// the lock, so that no other process uses the folder meanwhile.
    #[must_use]
    pub(crate) fn disable_after(self, error: &SystemError) -> Self {
        self.report_problem(&error.with_cause());
        Self {
            folder: None,
            ..self
        }
    }

    /// Takes the diagnostics about the cache that were recorded so far.
    pub(crate) fn take_diagnostics(&self) -> Vec<Diagnostic> {
        let mut complaints = self.lock_complaints();
        std::mem::take(&mut *complaints)
    }

    fn report_problem(&self, why: &str) {
        let place = FilePlace::file(&*self.name);
        let message = format!("the cache is not used: {why}");
        self.lock_complaints()
            .push(Diagnostic::new(Code::CacheUnusable, place, message));
    }

    fn lock_complaints(&self) -> std::sync::MutexGuard<'_, Vec<Diagnostic>> {
        self.complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Creates and locks the folder of a cache; returns `None` if `lock` says that another process has
/// it.
fn lock_cache_folder(
    folder: &Path,
    lock: impl FnOnce(&File) -> std::io::Result<bool>,
) -> Result<Option<File>> {
    fs::create_folder(folder)?;
    let path = folder.join(LOCK);
    let failed = |error| SystemError::new("lock", &path, error);
    let file = File::options()
        .create(true)
        .write(true)
        // The file has no contents; only its lock matters.
        .truncate(false)
        .open(&path)
        .map_err(failed)?;
    let is_ours = lock(&file).map_err(failed)?;
    Ok(is_ours.then_some(file))
}

fn wait_for_lock(file: &File, on_wait: fn()) -> std::io::Result<bool> {
    match file.try_lock() {
        Ok(()) => return Ok(true),
        Err(TryLockError::WouldBlock) => on_wait(),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    file.lock().map(|()| true)
}

/// Identifies this build of the program, since another one may read or render differently.
pub(crate) fn program_id() -> &'static str {
    concat!(env!("CARGO_PKG_VERSION"), " ", env!("PRESSRUN_SOURCES"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(root: &Path, key: u8) -> BuildCache {
        BuildCache::open(root, "test", Fingerprint::of_value(&key), || {})
    }

    fn check(damage: impl FnOnce(&Path), expected: Option<&str>) {
        let root = tempfile::tempdir().unwrap();
        open(root.path(), 1).put_entry("a", &"value".to_owned());
        damage(&root.path().join(FOLDER).join("test").join("a"));
        let cache = open(root.path(), 1);
        assert_eq!(cache.get_entry::<String>("a"), None);
        let complaints = cache.take_diagnostics();
        let messages: Vec<&str> = complaints.iter().map(|one| &*one.message).collect();
        assert_eq!(messages.as_slice(), expected.as_slice());
    }

    #[test]
    fn entry_is_kept_for_its_key_alone() {
        let root = tempfile::tempdir().unwrap();
        open(root.path(), 1).put_entry("a", &"value".to_owned());
        assert_eq!(
            open(root.path(), 1).get_entry("a"),
            Some("value".to_owned())
        );
        let other = open(root.path(), 2);
        assert_eq!(other.get_entry::<String>("a"), None);
        assert_eq!(other.take_diagnostics(), []);
    }

    #[test]
    fn damaged_and_foreign_entries_are_ignored_with_a_complaint() {
        let write = |bytes: &'static [u8]| move |path: &Path| std::fs::write(path, bytes).unwrap();
        check(
            write(b"something else"),
            Some("the cache is not used: `a` was not written by pressrun"),
        );
        check(
            write(b""),
            Some("the cache is not used: `a` was not written by pressrun"),
        );
        check(
            |path| {
                let mut bytes = std::fs::read(path).unwrap();
                *bytes.last_mut().unwrap() ^= 1;
                std::fs::write(path, bytes).unwrap();
            },
            Some("the cache is not used: `a` is damaged"),
        );
        check(
            |path| {
                let bytes = std::fs::read(path).unwrap();
                std::fs::write(path, &bytes[..bytes.len() - 1]).unwrap();
            },
            Some("the cache is not used: `a` is damaged"),
        );
        check(|path| std::fs::remove_file(path).unwrap(), None);
    }

    #[test]
    fn folder_that_cannot_be_made_is_a_complaint() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(FOLDER), "a file").unwrap();
        let cache = open(root.path(), 1);
        cache.put_entry("a", &1);
        assert_eq!(cache.get_entry::<u8>("a"), None);
        assert_eq!(cache.take_diagnostics().len(), 1);
    }

    #[test]
    fn cache_in_use_is_not_waited_for_unless_wanted() {
        let root = tempfile::tempdir().unwrap();
        let key = Fingerprint::of_value(&1);
        let first = BuildCache::open_if_free(root.path(), "test", key);
        first.put_entry("a", &1);
        let second = BuildCache::open_if_free(root.path(), "test", key);
        assert_eq!(
            (first.get_entry("a"), second.get_entry::<u8>("a")),
            (Some(1), None)
        );
        assert_eq!(second.take_diagnostics(), []);
        drop(first);
        let third = BuildCache::open_if_free(root.path(), "test", key);
        assert_eq!(third.get_entry("a"), Some(1));
    }

    #[test]
    fn bodies_of_other_generations_go() {
        let root = tempfile::tempdir().unwrap();
        let cache = open(root.path(), 1);
        let bodies: Vec<BodyStore> = (0..3).map(|generation| cache.bodies(generation)).collect();
        drop(bodies);
        cache.remove_bodies(Some(1));
        let names: Vec<_> = fs::list_folder(&root.path().join(FOLDER).join("test")).unwrap();
        assert!(names[0].ends_with("bodies-1") && names.len() == 2);
    }
}
