//! Lists the files that pressrun wrote into an output folder.
//!
//! The manifest is in the folder itself, as `.pressrun-manifest`, so that it is never separated
//! from the files it lists. A folder without one is not ours. Each file has one line: hash, size,
//! path. In the path, `\\n`, `\\r` and `\\\\` stand for characters that would end the line. A
//! damaged manifest counts as missing. That is safe, because nothing is removed without a manifest.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Component, Path};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cache::Fingerprint;
use crate::error::Result;
use crate::fs::{self, Stamp};

/// Name of the manifest in the output folder.
const FILE: &str = ".pressrun-manifest";

/// First line of the manifest; a manifest of another version is not read.
const HEADER: &str = "pressrun manifest 1";

/// What was written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    /// The first 8 bytes of the BLAKE3 hash.
    hash: u64,
    /// Size in bytes.
    pub(super) size: u64,
}

impl Record {
    /// Returns the record of a file with these bytes.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            hash: Fingerprint::of_bytes(bytes).to_u64(),
            size: bytes.len() as u64,
        }
    }
}

/// What a file was made from, and its stamp when it was written.
///
/// This is stored in the cache and not in the manifest, because stamps are valid on one machine
/// only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    pub(super) input: Option<Fingerprint>,
    pub(super) stamp: Stamp,
}

/// A file that pressrun wrote.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) record: Record,
    pub(super) origin: Option<Origin>,
}

/// What the files of a manifest were made from, in the order of that manifest. They are valid only
/// for a manifest with this fingerprint.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Origins {
    manifest: Fingerprint,
    files: Vec<Option<Origin>>,
}

/// The files that pressrun wrote, by their paths relative to the output folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Manifest {
    files: BTreeMap<Arc<str>, Entry>,
}

impl FromIterator<(Arc<str>, Entry)> for Manifest {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Entry)>>(files: I) -> Self {
        Self {
            files: files.into_iter().collect(),
        }
    }
}

impl Manifest {
    /// Reads the manifest of a folder, or returns `None` if it is missing or damaged.
    pub(super) fn read(folder: &Path, origins: &Origins) -> Result<Option<Self>> {
        let Some(bytes) = fs::read_if_there(&folder.join(FILE))? else {
            return Ok(None);
        };
        let parsed = std::str::from_utf8(&bytes).ok().and_then(parse);
        let Some(records) = parsed else {
            return Ok(None);
        };
        // Another machine or version may have written the manifest since the cache was stored.
        let is_theirs = origins.manifest == Fingerprint::of_bytes(&bytes);
        let files = records.into_iter().enumerate().map(|(at, (path, record))| {
            let origin = origins.files.get(at).copied().flatten();
            let origin = origin.filter(|_| is_theirs);
            (path.into(), Entry { record, origin })
        });
        Ok(Some(files.collect()))
    }

    /// Writes the manifest into a folder in one step, through the staging folder.
    pub(super) fn write(&self, folder: &Path, staging: &Path) -> Result<()> {
        let staged = staging.join(FILE);
        fs::write_with_folder(&staged, self.text().as_bytes())?;
        fs::rename(&staged, &folder.join(FILE))
    }

    fn text(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for (path, Entry { record, .. }) in &self.files {
            let path = escaped(path);
            let _ = writeln!(text, "{:016x} {} {path}", record.hash, record.size);
        }
        text
    }

    /// Returns what the files were made from, for the next build.
    pub(super) fn origins(&self) -> Origins {
        Origins {
            manifest: Fingerprint::of_bytes(self.text().as_bytes()),
            files: self.files.values().map(|entry| entry.origin).collect(),
        }
    }

    pub(super) fn get(&self, path: &str) -> Option<&Entry> {
        self.files.get(path)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Returns all files by path.
    pub(super) fn files(&self) -> &BTreeMap<Arc<str>, Entry> {
        &self.files
    }

    /// Returns whether both manifests list the same files with the same contents.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        // Both maps are sorted, so equal ones list the same files at the same positions.
        let mut pairs = self.files.iter().zip(&other.files);
        self.files.len() == other.files.len()
            && pairs.all(|(a, b)| a.0 == b.0 && a.1.record == b.1.record)
    }

    /// Returns the paths of files that another manifest does not list.
    pub(super) fn missing_from<'m>(&'m self, other: &'m Self) -> impl Iterator<Item = &'m str> {
        let paths = self.files.keys();
        paths
            .filter(|path| !other.files.contains_key(*path))
            .map(|path| &**path)
    }

    /// Returns the files of both manifests. For a file in both, the record of `other` is used.
    pub(super) fn union<'m>(&self, other: &'m Self) -> Cow<'m, Self> {
        // Usually no file disappears, and nothing has to be copied.
        if self.missing_from(other).next().is_none() {
            return Cow::Borrowed(other);
        }
        let both = self.files.iter().chain(&other.files);
        let files = both.map(|(path, entry)| (Arc::clone(path), *entry));
        Cow::Owned(files.collect())
    }
}

fn parse(text: &str) -> Option<Vec<(String, Record)>> {
    let mut lines = text.lines();
    if lines.next()? != HEADER {
        return None;
    }
    lines
        .map(|line| {
            let (hash, rest) = line.split_once(' ')?;
            let (size, path) = rest.split_once(' ')?;
            let record = Record {
                hash: u64::from_str_radix(hash, 16).ok()?,
                size: size.parse().ok()?,
            };
            let path = unescaped(path)?;
            is_inside(&path).then(|| (path.into_owned(), record))
        })
        .collect()
}

/// Escapes a path so that it fits on one line. Otherwise the name of a picture could add lines to
/// the manifest.
fn escaped(path: &str) -> Cow<'_, str> {
    if path.contains(['\\', '\n', '\r']) {
        let path = path.replace('\\', "\\\\");
        path.replace('\n', "\\n").replace('\r', "\\r").into()
    } else {
        path.into()
    }
}

/// Reverses [`escaped`], or returns `None` if the escapes are invalid.
fn unescaped(path: &str) -> Option<Cow<'_, str>> {
    if !path.contains('\\') {
        return Some(path.into());
    }
    let mut out = String::with_capacity(path.len());
    let mut letters = path.chars();
    while let Some(c) = letters.next() {
        out.push(match (c, letters.clone().next()) {
            ('\\', Some('\\')) => '\\',
            ('\\', Some('n')) => '\n',
            ('\\', Some('r')) => '\r',
            ('\\', _) => return None,
            _ => {
                out.push(c);
                continue;
            }
        });
        letters.next();
    }
    Some(out.into())
}

/// Returns whether a path stays inside the folder. The manifest is a file that others may change.
fn is_inside(path: &str) -> bool {
    let names = || path.split('/');
    // A component may mean more than a name on this system: on Windows, `C:` and backslashes.
    let mut parts = Path::new(path).components();
    parts.all(|part| matches!(part, Component::Normal(_)))
        && Path::new(path).components().count() == names().count()
        && names().all(|name| !matches!(name, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(paths: &[&str]) -> Manifest {
        paths
            .iter()
            .map(|path| {
                let entry = Entry {
                    record: Record::of(path.as_bytes()),
                    origin: None,
                };
                ((*path).into(), entry)
            })
            .collect()
    }

    fn paths(manifest: &Manifest) -> Vec<&str> {
        manifest.files.keys().map(|path| &**path).collect()
    }

    #[test]
    fn manifest_is_read_back_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let mut paths = vec![
            "index.html",
            "posts/a b/index.html",
            "a\n0 0 b",
            "a\r",
            "\u{1}",
        ];
        if cfg!(unix) {
            paths.extend(["a\\b", "\\", "c:d", "\\n"]);
        }
        let written = manifest(&paths);
        written.write(folder.path(), folder.path()).unwrap();
        let read = Manifest::read(folder.path(), &Origins::default()).unwrap();
        assert!(read.unwrap().says_the_same_as(&written));
    }

    #[test]
    fn origins_belong_to_one_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let mut written = manifest(&["a", "b"]);
        let stamp = fs::stamp(&std::env::current_exe().unwrap()).unwrap();
        let input = Some(Fingerprint::of_bytes(b"x"));
        let origin = Some(Origin { input, stamp });
        written.files.get_mut("b").unwrap().origin = origin;
        written.write(folder.path(), folder.path()).unwrap();
        let origins = |folder: &Path, origins: &Origins| {
            let read = Manifest::read(folder, origins).unwrap().unwrap();
            read.files
                .values()
                .map(|file| file.origin)
                .collect::<Vec<_>>()
        };
        assert_eq!(origins(folder.path(), &written.origins()), [None, origin]);
        let other = manifest(&["a", "c"]).origins();
        assert_eq!(origins(folder.path(), &other), [None, None]);
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
            &good.replace("a.html", "a\\..\\..\\b"),
            &good.replace("a.html", "a//b"),
            &good.replace("a.html", "./b"),
            &good.replace("a.html", ""),
        ] {
            assert!(parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn files_that_no_longer_belong_are_found() {
        let old = manifest(&["a", "b", "c"]);
        let new = manifest(&["b", "d"]);
        assert_eq!(old.missing_from(&new).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(paths(&old.union(&new)), ["a", "b", "c", "d"]);
    }
}
