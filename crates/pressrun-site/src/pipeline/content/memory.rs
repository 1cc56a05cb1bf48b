//! What is remembered of the content between runs.
//!
//! An entry of the cache has all files. After an edit, only the files that changed since it was
//! written are stored in an entry beside it, until they are many.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use pressrun_posts::diagnostic::Diagnostic;
use pressrun_posts::post::Post;
use serde::{Deserialize, Serialize};

use crate::cache::{BuildCache, Fingerprint, StoredBody};
use crate::discover::dates::GitHistory;
use crate::discover::{NamedTranslation, SourceFile};
use crate::fs::FileStamp;

/// Name of the cache entry with the results of all files.
const ENTRY: &str = "content";

/// Name of the cache entry with the files that changed since [`ENTRY`] was written.
const CHANGES: &str = "content-changes";

/// So many changed files are stored beside the others, or a sixteenth of them if that is more.
const FEW_CHANGES: usize = 64;

/// The remembered results of all files.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct ContentMemory {
    /// Number of the file that holds the bodies.
    generation: u32,
    files: HashMap<Arc<str>, RememberedFile>,
    history: GitHistory,
    /// Whether the cache has the large entry.
    #[serde(skip)]
    is_stored: bool,
    /// The paths of the files that differ from those of the large entry, also of removed ones.
    #[serde(skip)]
    changed: BTreeSet<Arc<str>>,
    /// Whether the history differs from that of the large entry.
    #[serde(skip)]
    is_history_new: bool,
}

/// The remembered result of one file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RememberedFile {
    /// `None` if the file changed just before it was read, or the system has no stamps.
    pub(super) stamp: Option<FileStamp>,
    pub(super) hash: Fingerprint,
    /// What its name said about its language when it was read.
    pub(super) named: Option<NamedTranslation>,
    pub(super) posts: Vec<Arc<Post<StoredBody>>>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl ContentMemory {
    /// Returns what a cache remembers, if it remembers anything.
    pub(super) fn load(cache: &BuildCache) -> Option<Self> {
        let mut memory: Self = cache.get_entry(ENTRY)?;
        memory.is_stored = true;
        let changes: Vec<(Arc<str>, Option<RememberedFile>)> =
            cache.get_entry(CHANGES).unwrap_or_default();
        for (path, file) in changes {
            match file {
                Some(file) => memory.insert(path, file),
                None => memory.remove(&path),
            }
        }
        Some(memory)
    }

    /// Stores it in the cache, as far as the cache does not know it.
    pub(super) fn save(&mut self, cache: &BuildCache) {
        let most = FEW_CHANGES.max(self.files.len() / 16);
        if !self.is_stored || self.is_history_new || self.changed.len() > most {
            self.save_all(cache);
        } else if !self.changed.is_empty() {
            let changes = self.changed.iter();
            let changes = changes.map(|path| (path, self.files.get(path)));
            let changes: Vec<(&Arc<str>, Option<&RememberedFile>)> = changes.collect();
            cache.put_entry(CHANGES, &changes);
        }
        cache.remove_bodies(Some(self.generation));
    }

    /// Stores all of it in the cache.
    fn save_all(&mut self, cache: &BuildCache) {
        // Removed first: changes belong to the entry beside which they were stored.
        cache.remove_entry(CHANGES);
        cache.put_entry(ENTRY, self);
        self.is_stored = true;
        self.changed.clear();
        self.is_history_new = false;
    }

    /// Returns what is remembered of a file.
    pub(super) fn file(&self, path: &str) -> Option<&RememberedFile> {
        self.files.get(path)
    }

    /// Returns what is remembered of all files, in no particular order.
    pub(super) fn files(&self) -> impl Iterator<Item = &RememberedFile> {
        self.files.values()
    }

    /// Remembers the result of a file.
    pub(super) fn insert(&mut self, path: Arc<str>, file: RememberedFile) {
        self.changed.insert(Arc::clone(&path));
        self.files.insert(path, file);
    }

    /// Forgets a file.
    fn remove(&mut self, path: &Arc<str>) {
        self.changed.insert(Arc::clone(path));
        self.files.remove(path);
    }

    /// Forgets all files but these, which are all remembered. Returns whether there were others.
    pub(super) fn retain(&mut self, files: &[SourceFile]) -> bool {
        if self.files.len() <= files.len() {
            return false;
        }
        let there: HashSet<&str> = files.iter().map(|file| &*file.path).collect();
        let gone = self.files.keys().filter(|path| !there.contains(&***path));
        let gone: Vec<Arc<str>> = gone.cloned().collect();
        for path in &gone {
            self.remove(path);
        }
        true
    }

    /// Forgets all files.
    pub(super) fn clear(&mut self) {
        let paths: Vec<Arc<str>> = self.files.keys().cloned().collect();
        for path in &paths {
            self.remove(path);
        }
    }

    /// Returns what git said.
    pub(super) fn history(&self) -> &GitHistory {
        &self.history
    }

    /// Calls `update` with what git said. Returns its result.
    pub(super) fn update_history<T>(&mut self, update: impl FnOnce(&mut GitHistory) -> T) -> T {
        let before = self.history.list_heads();
        let result = update(&mut self.history);
        self.is_history_new |= self.history.list_heads() != before;
        result
    }

    /// Returns whether git said something that the cache does not know.
    pub(super) fn is_history_new(&self) -> bool {
        self.is_history_new
    }

    /// Returns the number of the file that holds the bodies.
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    /// Stores the bodies of all posts in the next file, by a function that copies one, and saves
    /// everything.
    ///
    /// # Errors
    ///
    /// The first error of `copy`. Nothing is changed then.
    pub(super) fn move_bodies<E>(
        &mut self,
        cache: &BuildCache,
        mut copy: impl FnMut(&mut StoredBody) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut files = self.files.clone();
        for post in files.values_mut().flat_map(|file| &mut file.posts) {
            copy(&mut Arc::make_mut(post).body)?;
        }
        self.files = files;
        self.generation = self.next_generation();
        self.save_all(cache);
        Ok(())
    }

    /// Returns the number of the next file for bodies.
    pub(super) fn next_generation(&self) -> u32 {
        self.generation.wrapping_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remembered(byte: u8) -> RememberedFile {
        RememberedFile {
            stamp: None,
            hash: Fingerprint::of_bytes(&[byte]),
            named: None,
            posts: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    fn open(root: &tempfile::TempDir) -> BuildCache {
        BuildCache::open(root.path(), "test", Fingerprint::default(), || {})
    }

    #[track_caller]
    fn check(root: &tempfile::TempDir, expected: &[(&str, u8)]) {
        let memory = ContentMemory::load(&open(root)).unwrap();
        let mut found: Vec<(&str, Fingerprint)> = memory
            .files
            .iter()
            .map(|(path, file)| (&**path, file.hash))
            .collect();
        found.sort_unstable();
        let expected = expected
            .iter()
            .map(|&(path, byte)| (path, remembered(byte).hash));
        assert_eq!(found, expected.collect::<Vec<_>>());
    }

    #[test]
    fn changes_are_added_to_what_is_remembered() {
        let root = tempfile::tempdir().unwrap();
        let mut memory = ContentMemory::default();
        for number in 0..100 {
            memory.insert(number.to_string().into(), remembered(number));
        }
        memory.save(&open(&root));
        let mut memory = ContentMemory::load(&open(&root)).unwrap();
        let all = memory.files.len();
        assert_eq!((all, memory.changed.len()), (100, 0));
        for number in 3..100 {
            memory.remove(&number.to_string().into());
        }
        memory.save(&open(&root));
        check(&root, &[("0", 0), ("1", 1), ("2", 2)]);
        for (path, byte) in [("1", 7), ("9", 9)] {
            let mut memory = ContentMemory::load(&open(&root)).unwrap();
            memory.insert(path.into(), remembered(byte));
            memory.save(&open(&root));
        }
        check(&root, &[("0", 0), ("1", 7), ("2", 2), ("9", 9)]);
        let mut memory = ContentMemory::load(&open(&root)).unwrap();
        memory.remove(&"1".into());
        memory.save(&open(&root));
        check(&root, &[("0", 0), ("2", 2), ("9", 9)]);
    }

    #[test]
    fn changes_to_another_entry_are_nothing() {
        let root = tempfile::tempdir().unwrap();
        open(&root).put_entry(CHANGES, &vec![("a", Some(remembered(1)))]);
        assert!(ContentMemory::load(&open(&root)).is_none());
        let mut memory = ContentMemory::default();
        memory.insert("b".into(), remembered(2));
        memory.save(&open(&root));
        check(&root, &[("b", 2)]);
    }
}
