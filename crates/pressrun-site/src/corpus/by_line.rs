//! Finds the post that a line of a file belongs to.

use std::collections::BTreeMap;

use pressrun_posts::post::PostSource;

use super::CorpusPost;

/// Posts by their source files, those of each file in the order of their lines.
#[derive(Debug)]
pub struct PostsByLine<'c> {
    by_file: BTreeMap<&'c str, Vec<&'c CorpusPost>>,
}

impl<'c> PostsByLine<'c> {
    /// Sorts posts by file and line.
    pub fn new(posts: impl IntoIterator<Item = &'c CorpusPost>) -> Self {
        let mut by_file: BTreeMap<&str, Vec<&CorpusPost>> = BTreeMap::new();
        for entry in posts {
            let file = &*entry.post.source.file;
            by_file.entry(file).or_default().push(entry);
        }
        for entries in by_file.values_mut() {
            entries.sort_by_key(|entry| entry.post.source.line);
        }
        Self { by_file }
    }

    /// Returns the post that contains a line of a file, or without a line the last post of the file.
    pub fn post_at(&self, file: &str, line: Option<u32>) -> Option<&'c CorpusPost> {
        let entries = self.by_file.get(file)?;
        let line = line.unwrap_or(u32::MAX);
        // The last post that begins at or before the line.
        let after = entries.partition_point(|entry| entry.post.source.line <= line);
        entries.get(after.checked_sub(1)?).copied()
    }

    /// Returns the number of posts of a file.
    pub fn count_in(&self, file: &str) -> usize {
        self.by_file.get(file).map_or(0, Vec::len)
    }

    /// Returns the post with a source.
    pub fn post_from(&self, source: &PostSource) -> Option<&'c CorpusPost> {
        let mut entries = self.by_file.get(&*source.file)?.iter();
        entries.find(|entry| entry.post.source == *source).copied()
    }
}
