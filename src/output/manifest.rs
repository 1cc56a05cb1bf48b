//! The list of the files that pressrun wrote into an output folder.
//!
//! It lies in the folder itself, as `.pressrun-manifest`, so that it is never apart from the
//! files it speaks of: a folder without one is not ours. A line a file: hash, size, path.
//! A damaged manifest counts as none, which is safe: nothing is removed without it.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::fmt::Write;
use std::path::Path;
use std::time::SystemTime;

use crate::error::Result;
use crate::fs;

/// Its name in the output folder.
const FILE: &str = ".pressrun-manifest";

/// Its first line; another version is not read.
const HEADER: &str = "pressrun manifest 1";

/// What was written to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The first 16 hexadecimal digits of the BLAKE3 hash.
    hash: String,
    /// Bytes.
    pub(super) size: u64,
}

impl Record {
    /// The record of a file with these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            hash: blake3::hash(bytes).to_hex()[..16].to_owned(),
            size: bytes.len() as u64,
        }
    }
}

/// The files that pressrun wrote, by their paths relative to the output folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Manifest {
    files: BTreeMap<String, Record>,
    /// When it was written.
    modified: Option<SystemTime>,
}

impl PartialEq for Manifest {
    fn eq(&self, other: &Self) -> bool {
        self.files == other.files
    }
}

impl FromIterator<(String, Record)> for Manifest {
    fn from_iter<I: IntoIterator<Item = (String, Record)>>(files: I) -> Self {
        Self {
            files: files.into_iter().collect(),
            modified: None,
        }
    }
}

impl Manifest {
    /// Reads the manifest of a folder; `None` if it has none that can be read.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(FILE);
        let Some(bytes) = fs::read_if_there(&path)? else {
            return Ok(None);
        };
        let parsed = std::str::from_utf8(&bytes).ok().and_then(parse);
        Ok(parsed.map(|files| Self {
            files,
            modified: fs::modified(&path),
        }))
    }

    /// Writes it into a folder in one step, by way of the staging folder.
    pub(super) fn write(&self, folder: &Path, staging: &Path) -> Result<()> {
        let mut text = format!("{HEADER}\n");
        for (path, record) in &self.files {
            let _ = writeln!(text, "{} {} {path}", record.hash, record.size);
        }
        let staged = staging.join("manifest");
        fs::write_with_folder(&staged, text.as_bytes())?;
        fs::rename(&staged, &folder.join(FILE))
    }

    pub(super) fn get(&self, path: &str) -> Option<&Record> {
        self.files.get(path)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether a file of the folder is still as it was written.
    ///
    /// Size and time of change tell: a file that is younger than the manifest was touched by
    /// somebody else.
    pub(super) fn holds(&self, folder: &Path, path: &str, record: &Record) -> bool {
        match fs::size_and_modified(&folder.join(path)) {
            Some((size, modified)) => size == record.size && Some(modified) <= self.modified,
            None => false,
        }
    }

    /// Paths of files that another manifest does not have.
    pub(super) fn missing_from<'m>(&'m self, other: &'m Self) -> impl Iterator<Item = &'m str> {
        let paths: btree_map::Keys<'m, _, _> = self.files.keys();
        paths
            .filter(|path| !other.files.contains_key(*path))
            .map(String::as_str)
    }

    /// The files of both; of a file in both, the other's record.
    pub(super) fn union(&self, other: &Self) -> Self {
        let both = self.files.iter().chain(&other.files);
        both.map(|(path, record)| (path.clone(), record.clone()))
            .collect()
    }
}

fn parse(text: &str) -> Option<BTreeMap<String, Record>> {
    let mut lines = text.lines();
    if lines.next()? != HEADER {
        return None;
    }
    lines
        .map(|line| {
            let (hash, rest) = line.split_once(' ')?;
            let (size, path) = rest.split_once(' ')?;
            let record = Record {
                hash: hash.to_owned(),
                size: size.parse().ok()?,
            };
            is_inside(path).then(|| (path.to_owned(), record))
        })
        .collect()
}

/// Whether a path cannot lead out of the folder: a manifest is a file that others may change.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':'])
        && path.split('/').all(|name| !matches!(name, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(paths: &[&str]) -> Manifest {
        paths
            .iter()
            .map(|path| ((*path).to_owned(), Record::of(path.as_bytes())))
            .collect()
    }

    #[test]
    fn manifest_is_read_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let written = manifest(&["index.html", "posts/a b/index.html"]);
        written.write(folder.path(), folder.path()).unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), Some(written));
    }

    #[test]
    fn damaged_or_hostile_manifest_counts_as_none() {
        let good = format!("{HEADER}\n0011 3 a.html\n");
        assert!(parse(&good).is_some());
        for text in [
            "",
            "pressrun manifest 2\n0011 3 a.html\n",
            &good.replace("3 ", ""),
            &good.replace("a.html", "../a.html"),
            &good.replace("a.html", "/etc/passwd"),
            &good.replace("a.html", "C:\\a.html"),
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn files_that_no_longer_belong_are_found() {
        let old = manifest(&["a", "b", "c"]);
        let new = manifest(&["b", "d"]);
        assert_eq!(old.missing_from(&new).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(old.union(&new), manifest(&["a", "b", "c", "d"]));
    }
}
