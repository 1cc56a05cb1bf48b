//! Lists the files that pressrun wrote into an output folder.
//!
//! The manifest is in the folder itself, as `.pressrun-manifest`, so that it is never separated
//! from the files it lists. A folder without one is not ours. Each file has one line: hash, size,
//! path. In the path, `\\n`, `\\r` and `\\\\` stand for characters that would end the line. The
//! last line has the number of files, the number of posts among them, and a hash of all lines
//! before it, so that a manifest that was cut short is detected. A damaged manifest counts as
//! missing. That is safe, because nothing is removed or replaced without a manifest.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use memchr::memchr_iter;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cache::{Fingerprint, FingerprintHasher};
use crate::error::Result;
use crate::fs::{self, FileStamp};

/// Name of the manifest in the output folder.
const FILE: &str = ".pressrun-manifest";

/// First line of the manifest; a manifest of another version is not read.
const HEADER: &str = "pressrun manifest 2";

/// The first line of manifests that have no last line.
const HEADER_WITHOUT_END: &str = "pressrun manifest 1";

/// Start of the last line, with which no hash begins.
const END: &str = "end ";

/// The fewest bytes of a line beside its path: the hash, a digit, two spaces and the end.
const BESIDE_PATH: usize = 20;

/// What was written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileRecord {
    /// The first 8 bytes of the BLAKE3 hash.
    hash: u64,
    /// Size in bytes.
    pub(super) size: u64,
}

impl FileRecord {
    /// Returns the record of a file with these bytes.
    pub(super) fn of_bytes(bytes: &[u8]) -> Self {
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
pub(super) struct OutputInput {
    pub(super) input: Option<Fingerprint>,
    pub(super) stamp: FileStamp,
}

/// A file that pressrun wrote.
#[derive(Debug, Clone, Copy)]
pub(super) struct ManifestEntry {
    pub(super) record: FileRecord,
    pub(super) origin: Option<OutputInput>,
}

/// What the files of a manifest were made from, in the order of that manifest. They are valid only
/// for a manifest with this fingerprint.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct OutputInputs {
    manifest: Fingerprint,
    files: Vec<Option<OutputInput>>,
}

/// The files that pressrun wrote, sorted by their paths relative to the output folder.
///
/// A large site has a million files, so the paths are in one text instead of a string each.
#[derive(Debug, Clone, Default)]
pub(super) struct OutputManifest {
    paths: String,
    files: Vec<ListedFile>,
    /// The number of posts among the files; 0 if it is not known.
    posts: usize,
    /// Whether it was read from a file without a last line.
    has_no_end: bool,
}

/// A file of a manifest.
#[derive(Debug, Clone, Copy)]
struct ListedFile {
    /// Where its path starts in the text of all paths. It ends where that of the next file starts.
    start: usize,
    entry: ManifestEntry,
}

/// The result of looking for the manifest of a folder.
#[derive(Debug)]
pub(super) enum FoundManifest {
    /// Nothing.
    Missing,
    /// A file that is not a manifest, or only a part of one.
    Damaged,
    /// A manifest.
    Whole(OutputManifest),
}

impl OutputManifest {
    /// Creates the manifest of these files; `posts` is the number of posts among them.
    pub(super) fn new<'p>(
        files: impl Iterator<Item = (&'p str, ManifestEntry)>,
        posts: usize,
    ) -> Self {
        let mut files: Vec<(&str, ManifestEntry)> = files.collect();
        files.par_sort_by(|a, b| a.0.cmp(b.0));
        files.dedup_by(|a, b| a.0 == b.0);
        let mut manifest = Self {
            paths: String::with_capacity(files.iter().map(|(path, _)| path.len()).sum()),
            files: Vec::with_capacity(files.len()),
            posts,
            has_no_end: false,
        };
        for (path, entry) in files {
            manifest.push(path, entry);
        }
        manifest
    }

    /// Adds a file after all others.
    fn push(&mut self, path: &str, entry: ManifestEntry) {
        let start = self.paths.len();
        self.files.push(ListedFile { start, entry });
        self.paths.push_str(path);
    }

    /// Reads the manifest of a folder.
    pub(super) fn read(folder: &Path, origins: &OutputInputs) -> Result<FoundManifest> {
        let Some(bytes) = fs::read_if_there(&Self::path(folder))? else {
            return Ok(FoundManifest::Missing);
        };
        let parsed = std::str::from_utf8(&bytes).ok().and_then(parse_manifest);
        let Some(mut parsed) = parsed else {
            return Ok(FoundManifest::Damaged);
        };
        // Another machine or version may have written the manifest since the cache was stored.
        if origins.manifest == Fingerprint::of_bytes(&bytes) {
            for (file, origin) in parsed.files.iter_mut().zip(&origins.files) {
                file.entry.origin = *origin;
            }
        }
        let is_sorted = parsed.list_files().is_sorted_by(|a, b| a.0 < b.0);
        if !is_sorted {
            let sorted = Self::new(parsed.list_files(), parsed.posts);
            parsed = Self {
                has_no_end: parsed.has_no_end,
                ..sorted
            };
        }
        Ok(FoundManifest::Whole(parsed))
    }

    /// Returns the path of the manifest of a folder.
    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join(FILE)
    }

    /// Writes it to a file that can then be moved into place in one step.
    pub(super) fn write(&self, staged: &Path) -> Result<()> {
        fs::write_stream(staged, |out| self.write_text(out))
    }

    /// Writes its text in pieces, because the whole is as large as a book.
    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut lines = HashedLines {
            out,
            hasher: FingerprintHasher::default(),
            line: Vec::new(),
        };
        writeln!(lines.line, "{HEADER}")?;
        lines.finish_line()?;
        for (path, ManifestEntry { record, .. }) in self.list_files() {
            let path = escape_manifest_path(path);
            writeln!(lines.line, "{:016x} {} {path}", record.hash, record.size)?;
            lines.finish_line()?;
        }
        let hash = lines.hasher.fingerprint().to_u64();
        let (files, posts) = (self.files.len(), self.posts);
        writeln!(lines.out, "{END}{files} {posts} {hash:016x}")
    }

    /// Returns the number of posts among its files; 0 if it is not known.
    pub(super) fn posts(&self) -> usize {
        self.posts
    }

    /// Returns what the files were made from, for the next build.
    pub(super) fn origins(&self) -> OutputInputs {
        let mut hasher = FingerprintHasher::default();
        self.write_text(&mut hasher)
            .expect("a hash takes any bytes");
        OutputInputs {
            manifest: hasher.fingerprint(),
            files: self.files.iter().map(|file| file.entry.origin).collect(),
        }
    }

    /// Returns what is known of the file with a path.
    pub(super) fn get(&self, path: &str) -> Option<&ManifestEntry> {
        let (mut low, mut high) = (0, self.files.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.file_path(middle).cmp(path) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Some(&self.files[middle].entry),
                Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Returns the path of the file at an index.
    fn file_path(&self, at: usize) -> &str {
        let next = self.files.get(at + 1);
        let end = next.map_or(self.paths.len(), |next| next.start);
        &self.paths[self.files[at].start..end]
    }

    /// Returns the number of files.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// Returns the path of the file at an index, and what is known of it.
    pub(super) fn file(&self, at: usize) -> (&str, ManifestEntry) {
        (self.file_path(at), self.files[at].entry)
    }

    /// Returns all files by path.
    pub(super) fn list_files(&self) -> impl Iterator<Item = (&str, ManifestEntry)> {
        (0..self.len()).map(|at| self.file(at))
    }

    /// Returns whether two manifests list the same files with the same content in the same format.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        // Both are sorted, so equal ones list the same files at the same positions.
        let mut pairs = self.list_files().zip(other.list_files());
        self.has_no_end == other.has_no_end
            && self.posts == other.posts
            && self.files.len() == other.files.len()
            && pairs.all(|(a, b)| a.0 == b.0 && a.1.record == b.1.record)
    }

    /// Returns the paths of files that another manifest does not list.
    pub(super) fn missing_from<'m>(&'m self, other: &'m Self) -> impl Iterator<Item = &'m str> {
        let mut others = other.list_files().map(|(path, _)| path).peekable();
        self.list_files()
            .map(|(path, _)| path)
            // Both are sorted, so one pass over both is enough.
            .filter(move |path| {
                while others.next_if(|other| other < path).is_some() {}
                others.peek() != Some(path)
            })
    }

    /// Returns the files of both manifests. For a file in both, the record of `other` is used.
    pub(super) fn union<'m>(&self, other: &'m Self) -> Cow<'m, Self> {
        // Usually no file disappears, and nothing has to be copied.
        if self.missing_from(other).next().is_none() {
            return Cow::Borrowed(other);
        }
        // The first of two with one path stays.
        let both = other.list_files().chain(self.list_files());
        Cow::Owned(Self::new(both, self.posts.max(other.posts)))
    }
}

/// Writes lines, and hashes them.
struct HashedLines<'o> {
    out: &'o mut dyn Write,
    hasher: FingerprintHasher,
    line: Vec<u8>,
}

impl HashedLines<'_> {
    fn finish_line(&mut self) -> io::Result<()> {
        self.hasher.write_all(&self.line)?;
        self.out.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }
}

fn parse_manifest(text: &str) -> Option<OutputManifest> {
    let (header, rest) = text.split_once('\n')?;
    match header {
        HEADER => {
            let start = text.trim_end_matches('\n').rfind('\n')? + 1;
            let (before, end) = text.split_at(start);
            let mut numbers = end.strip_suffix('\n')?.strip_prefix(END)?.split(' ');
            let (files, posts, hash) = (numbers.next()?, numbers.next()?, numbers.next()?);
            let hash = u64::from_str_radix(hash, 16).ok()?;
            let is_whole = hash == Fingerprint::of_bytes(before.as_bytes()).to_u64();
            let parsed = OutputManifest {
                posts: posts.parse().ok()?,
                ..parse_records(&before[header.len() + 1..])?
            };
            (is_whole && files.parse() == Ok(parsed.len())).then_some(parsed)
        }
        HEADER_WITHOUT_END => {
            let parsed = parse_records(rest)?;
            // Every site has a file, so a manifest without one was cut short.
            (parsed.len() > 0).then_some(OutputManifest {
                has_no_end: true,
                ..parsed
            })
        }
        _ => None,
    }
}

fn parse_records(lines: &str) -> Option<OutputManifest> {
    let count = memchr_iter(b'\n', lines.as_bytes()).count();
    let mut parsed = OutputManifest {
        paths: String::with_capacity(lines.len().saturating_sub(BESIDE_PATH * count)),
        files: Vec::with_capacity(count),
        ..OutputManifest::default()
    };
    for line in lines.lines() {
        let (hash, rest) = line.split_once(' ')?;
        let (size, path) = rest.split_once(' ')?;
        let record = FileRecord {
            hash: u64::from_str_radix(hash, 16).ok()?,
            size: size.parse().ok()?,
        };
        let path = unescape_manifest_path(path)?;
        if !is_inside(&path) {
            return None;
        }
        let origin = None;
        parsed.push(&path, ManifestEntry { record, origin });
    }
    Some(parsed)
}

/// Escapes a path so that it fits on one line. Otherwise the name of a picture could add lines to
/// the manifest.
fn escape_manifest_path(path: &str) -> Cow<'_, str> {
    if path.contains(['\\', '\n', '\r']) {
        let path = path.replace('\\', "\\\\");
        path.replace('\n', "\\n").replace('\r', "\\r").into()
    } else {
        path.into()
    }
}

/// Reverses [`escape_manifest_path`], or returns `None` if the escapes are invalid.
fn unescape_manifest_path(path: &str) -> Option<Cow<'_, str>> {
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

    fn manifest(paths: &[&str]) -> OutputManifest {
        let files = paths.iter().map(|path| {
            let entry = ManifestEntry {
                record: FileRecord::of_bytes(path.as_bytes()),
                origin: None,
            };
            (*path, entry)
        });
        OutputManifest::new(files, 1)
    }

    #[track_caller]
    fn read(folder: &Path, origins: &OutputInputs) -> OutputManifest {
        match OutputManifest::read(folder, origins).unwrap() {
            FoundManifest::Whole(manifest) => manifest,
            found => panic!("{found:?}"),
        }
    }

    fn paths(manifest: &OutputManifest) -> Vec<&str> {
        manifest.list_files().map(|(path, _)| path).collect()
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
        written.write(&OutputManifest::path(folder.path())).unwrap();
        let read = read(folder.path(), &OutputInputs::default());
        assert!(read.says_the_same_as(&written));
        assert_eq!(read.posts(), 1);
    }

    #[test]
    fn origins_belong_to_one_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let mut written = manifest(&["a", "b"]);
        let stamp = fs::read_stamp(&std::env::current_exe().unwrap()).unwrap();
        let input = Some(Fingerprint::of_bytes(b"x"));
        let origin = Some(OutputInput { input, stamp });
        written.files[1].entry.origin = origin;
        written.write(&OutputManifest::path(folder.path())).unwrap();
        let origins = |folder: &Path, origins: &OutputInputs| {
            let read = read(folder, origins);
            read.list_files()
                .map(|(_, file)| file.origin)
                .collect::<Vec<_>>()
        };
        assert_eq!(origins(folder.path(), &written.origins()), [None, origin]);
        let other = manifest(&["a", "c"]).origins();
        assert_eq!(origins(folder.path(), &other), [None, None]);
    }

    #[test]
    fn hostile_manifest_counts_as_none() {
        let good = format!("{HEADER_WITHOUT_END}\n0011 3 a.html\n");
        assert!(parse_manifest(&good).is_some());
        for text in [
            "",
            "pressrun manifest 3\n0011 3 a.html\n",
            &good.replace("3 ", ""),
            &good.replace("a.html", "../a.html"),
            &good.replace("a.html", "/etc/passwd"),
            &good.replace("a.html", "a\\..\\..\\b"),
            &good.replace("a.html", "a//b"),
            &good.replace("a.html", "./b"),
            &good.replace("a.html", ""),
        ] {
            assert!(parse_manifest(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn manifest_that_was_cut_or_changed_anywhere_counts_as_none() {
        let mut text = Vec::new();
        manifest(&["a", "b", "end"]).write_text(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert_eq!(parse_manifest(&text).unwrap().len(), 3);
        for end in 0..text.len() {
            assert!(parse_manifest(&text[..end]).is_none(), "{:?}", &text[..end]);
        }
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for missing in 0..lines.len() {
            let mut lines = lines.clone();
            lines.remove(missing);
            assert!(parse_manifest(&lines.concat()).is_none(), "{lines:?}");
        }
        assert!(parse_manifest(&text.replace(" b\n", " c\n")).is_none());
    }

    #[test]
    fn manifest_without_a_last_line_is_read_unless_nothing_is_in_it() {
        let old = format!("{HEADER_WITHOUT_END}\n0011 3 a.html\n");
        let parsed = parse_manifest(&old).unwrap();
        assert_eq!((parsed.len(), parsed.posts), (1, 0));
        assert!(parse_manifest(&format!("{HEADER_WITHOUT_END}\n")).is_none());
        // The next build writes it anew, so that it has one.
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(OutputManifest::path(folder.path()), old).unwrap();
        let old = read(folder.path(), &OutputInputs::default());
        let new = OutputManifest::new(old.list_files(), 0);
        assert!(!new.says_the_same_as(&old));
    }

    #[test]
    fn files_that_no_longer_belong_are_found() {
        let old = manifest(&["a", "b", "c"]);
        let new = manifest(&["b", "d"]);
        assert_eq!(old.missing_from(&new).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(paths(&old.union(&new)), ["a", "b", "c", "d"]);
    }
}
