//! Stores the bodies of posts between reading and rendering. They are on disk, so that memory grows
//! with the number of posts and not with the length of their texts.
//!
//! A site has one file, and bodies are only ever appended to it. Those that several machines stored, each
//! in a file of its own, are read as if the files followed each other. A [`StoredBody`], which stays in memory,
//! knows where in the file its Markdown and its HTML are, and a checksum of each, so that damage to
//! the file is noticed. If no file can be created, the bodies are kept in memory.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, OnceLock, PoisonError, RwLock};

use pressrun_markdown::{
    BodyLink, FaultyFormula, MarkedHtml, RenderedBody, TocEntry, UnknownLanguage,
};
use pressrun_posts::post::Post;
use pressrun_text::similarity::TextProfile;
use serde::{Deserialize, Serialize};

use super::Fingerprint;
use crate::error::{Result, SystemError};
use crate::fs;

/// What is known about a body without reading it from the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredBody {
    markdown: BodyLocation,
    page: BodyLocation,
    /// Fingerprint of the whole post, including its text.
    pub hash: Fingerprint,
    /// Length in words; in characters for scripts without spaces.
    pub words: u32,
    /// Minutes it takes to read, at least 1.
    pub minutes: u32,
    /// What the text is compared with others by; `None` after [`forget_profile`](Self::forget_profile).
    profile: Option<Box<TextProfile>>,
    /// Its links and pictures, in reading order.
    pub links: Box<[BodyLink]>,
    /// A hash of every id in its HTML.
    ids: Box<[u32]>,
    /// A checksum of the titles of its headings.
    pub outline: u32,
    /// What is wrong with it; most bodies are right.
    faults: Option<Box<BodyFaults>>,
    /// Whether it shows what the theme styles in `extras.css`.
    pub has_extras: bool,
    /// Whether it shows what the theme styles in `formulas.css`.
    pub has_formulas: bool,
    /// Whether its HTML has a diagram for a script to draw.
    pub has_diagrams: bool,
}

/// What was found wrong while a body was rendered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyFaults {
    /// The numbers in [`StoredBody::links`] of pictures of which no text says what they show.
    pub undescribed_pictures: Vec<u32>,
    /// Code blocks whose language cannot be highlighted.
    pub unknown_languages: Vec<UnknownLanguage>,
    /// Lines on which code blocks begin that take too much work to highlight.
    pub unhighlighted_blocks: Vec<u32>,
    /// Formulas that cannot be rendered.
    pub faulty_formulas: Vec<FaultyFormula>,
    /// Whether the HTML was nested too deeply to sanitise and is shown as text.
    pub raw_html_escaped: bool,
}

impl StoredBody {
    /// Returns what is wrong with it, if anything is.
    pub fn faults(&self) -> Option<&BodyFaults> {
        self.faults.as_deref()
    }

    /// Returns what the text is compared with others by.
    pub fn profile(&self) -> &TextProfile {
        static FORGOTTEN: LazyLock<TextProfile> = LazyLock::new(TextProfile::default);
        self.profile.as_deref().unwrap_or(&FORGOTTEN)
    }

    /// Sets what the text is compared with others by.
    #[cfg(test)]
    pub(crate) fn set_profile(&mut self, profile: TextProfile) {
        self.profile = Some(Box::new(profile));
    }

    /// Forgets what the text is compared with others by, which takes 300 bytes.
    pub(crate) fn forget_profile(&mut self) {
        self.profile = None;
    }

    /// Returns whether an element of its HTML has this id.
    pub(crate) fn has_id(&self, id: &str) -> bool {
        self.ids.contains(&hash_id(id))
    }

    /// Moves it by so many bytes, because others were put before it.
    pub(crate) fn shift(&mut self, by: u64) {
        self.markdown.offset += by;
        self.page.offset += by;
    }

    /// Returns how many bytes it takes in the file.
    pub fn stored_bytes(&self) -> u64 {
        u64::from(self.markdown.length) + u64::from(self.page.length)
    }
}

/// What the words of a body say about it.
#[derive(Debug, Clone, Default)]
pub struct BodyMeasures {
    /// Number of words; of characters for scripts without spaces.
    pub words: u32,
    /// Minutes it takes to read, at least 1.
    pub minutes: u32,
    /// What the text is compared with others by.
    pub profile: TextProfile,
}

/// The part of a rendered body that only its own page needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPage {
    /// HTML with a placeholder for each link.
    pub html: MarkedHtml,
    /// The headings in reading order.
    pub toc: Vec<TocEntry>,
}

/// A range of bytes in the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct BodyLocation {
    offset: u64,
    length: u32,
    checksum: u32,
}

impl BodyLocation {
    fn of_bytes(bytes: &[u8], offset: u64) -> Self {
        Self {
            offset,
            length: bytes.len() as u32,
            checksum: crc32fast::hash(bytes),
        }
    }
}

/// The bodies of a site.
#[derive(Debug)]
pub struct BodyStore {
    medium: BodyMedium,
    /// Offset at which the next body is written.
    end: AtomicU64,
}

#[derive(Debug)]
enum BodyMedium {
    File(File, PathBuf),
    Memory(RwLock<Vec<u8>>),
    /// Files to read only, one after the other.
    Joined(Vec<JoinedFile>),
}

/// One of several files with bodies.
#[derive(Debug)]
struct JoinedFile {
    /// Offset of its first byte.
    start: u64,
    path: PathBuf,
    /// Opened when the first body is read from it.
    file: OnceLock<File>,
}

impl JoinedFile {
    fn open(&self) -> Result<&File> {
        if self.file.get().is_none() {
            let (file, _) = fs::open_file(&self.path)?;
            // Another thread may have opened it meanwhile.
            let _ = self.file.set(file);
        }
        Ok(self.file.get().expect("it was set above"))
    }
}

impl Default for BodyStore {
    fn default() -> Self {
        Self::in_memory()
    }
}

impl BodyStore {
    /// Opens the bodies in a file, which is created if it is missing.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let failed = |error| SystemError::new("open", path, error);
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        let end = file.metadata().map_err(failed)?.len();
        Ok(Self {
            medium: BodyMedium::File(file, path.to_owned()),
            end: AtomicU64::new(end),
        })
    }

    /// Returns bodies that are kept in memory only.
    pub(crate) fn in_memory() -> Self {
        Self {
            medium: BodyMedium::Memory(RwLock::default()),
            end: AtomicU64::new(0),
        }
    }

    /// Opens bodies that were stored in several files, each given with its size in bytes. They are read as
    /// if the files followed each other, and no body can be added.
    pub fn join(files: Vec<(PathBuf, u64)>) -> Self {
        let mut end = 0;
        let mut joined = Vec::with_capacity(files.len());
        for (path, size) in files {
            joined.push(JoinedFile {
                start: end,
                path,
                file: OnceLock::new(),
            });
            end += size;
        }
        Self {
            medium: BodyMedium::Joined(joined),
            end: AtomicU64::new(end),
        }
    }

    /// Returns which of the [joined](Self::join) files has a body.
    pub fn file_with(&self, body: &StoredBody) -> usize {
        match &self.medium {
            BodyMedium::Joined(files) => find_joined_file(files, body.markdown.offset),
            BodyMedium::File(..) | BodyMedium::Memory(_) => 0,
        }
    }

    /// Returns the bytes of all bodies, including those no longer used.
    pub fn size(&self) -> u64 {
        self.end.load(Ordering::Relaxed)
    }

    /// Stores the body of a post.
    ///
    /// # Errors
    ///
    /// Returns an error if writing fails, for example because the disk is full.
    pub fn store_body(
        &self,
        post: &Post,
        rendered: RenderedBody,
        measures: BodyMeasures,
    ) -> Result<StoredBody> {
        let mut outline = crc32fast::Hasher::new();
        for heading in &rendered.toc {
            outline.update(heading.title.as_bytes());
            outline.update(b"\n");
        }
        let page = StoredPage {
            html: rendered.html,
            toc: rendered.toc,
        };
        let faults = BodyFaults {
            undescribed_pictures: rendered.undescribed_pictures,
            unknown_languages: rendered.unknown_languages,
            unhighlighted_blocks: rendered.unhighlighted_blocks,
            faulty_formulas: rendered.faulty_formulas,
            raw_html_escaped: rendered.raw_html_escaped,
        };
        // The Markdown comes first and the encoded page after it, so one write stores both.
        let start = post.body.len();
        let mut bytes = Vec::with_capacity(3 * start);
        bytes.extend_from_slice(post.body.as_bytes());
        bytes = postcard::to_extend(&page, bytes).expect("any value can be written to memory");
        let (markdown, html) = bytes.split_at(start);
        let offset = self.append_bytes(&bytes)?;
        Ok(StoredBody {
            markdown: BodyLocation::of_bytes(markdown, offset),
            page: BodyLocation::of_bytes(html, offset + start as u64),
            hash: Fingerprint::of_value(post),
            words: measures.words,
            minutes: measures.minutes,
            profile: Some(Box::new(measures.profile)),
            links: rendered.links.into(),
            ids: rendered.ids.iter().map(|id| hash_id(id)).collect(),
            outline: outline.finalize(),
            faults: (faults != BodyFaults::default()).then(|| Box::new(faults)),
            has_extras: rendered.has_extras,
            has_formulas: rendered.has_formulas,
            has_diagrams: rendered.has_diagrams,
        })
    }

    /// Reads the Markdown of a body.
    ///
    /// # Errors
    ///
    /// Returns an error of the kind `InvalidData` if the file was damaged, or another if it cannot
    /// be read.
    pub fn read_markdown(&self, body: &StoredBody) -> Result<String> {
        let bytes = self.read_location(body.markdown)?;
        String::from_utf8(bytes).map_err(|_| self.damaged_error(body.markdown.offset))
    }

    /// Reads the HTML of a body.
    ///
    /// # Errors
    ///
    /// As [`BodyStore::read_markdown`].
    pub fn read_page(&self, body: &StoredBody) -> Result<StoredPage> {
        let bytes = self.read_location(body.page)?;
        postcard::from_bytes(&bytes).map_err(|_| self.damaged_error(body.page.offset))
    }

    /// Copies a body from other bodies.
    ///
    /// # Errors
    ///
    /// As [`BodyStore::store_body`] and [`BodyStore::read_markdown`].
    pub(crate) fn copy_body(&self, body: &mut StoredBody, from: &Self) -> Result<()> {
        for location in [&mut body.markdown, &mut body.page] {
            let bytes = from.read_location(*location)?;
            *location = BodyLocation::of_bytes(&bytes, self.append_bytes(&bytes)?);
        }
        Ok(())
    }

    /// Appends bytes to the file and returns their offset.
    fn append_bytes(&self, bytes: &[u8]) -> Result<u64> {
        let length = bytes.len() as u64;
        let offset = match &self.medium {
            BodyMedium::File(file, path) => {
                // Reserving the range first lets several threads write at the same time.
                let offset = self.end.fetch_add(length, Ordering::Relaxed);
                fs::write_at(file, bytes, offset)
                    .map_err(|error| SystemError::new("write", path, error))?;
                offset
            }
            BodyMedium::Joined(files) => {
                let path = files.last().map_or(Path::new(""), |last| &last.path);
                let cause = std::io::Error::from(ErrorKind::ReadOnlyFilesystem);
                return Err(SystemError::new("write", path, cause));
            }
            BodyMedium::Memory(memory) => {
                let mut memory = memory.write().unwrap_or_else(PoisonError::into_inner);
                let offset = memory.len() as u64;
                memory.extend_from_slice(bytes);
                // The write lock is held, so no other thread changes `end` meanwhile.
                self.end.store(offset + length, Ordering::Relaxed);
                offset
            }
        };
        Ok(offset)
    }

    fn read_location(&self, location: BodyLocation) -> Result<Vec<u8>> {
        let BodyLocation {
            offset,
            length,
            checksum,
        } = location;
        let mut bytes = vec![0; length as usize];
        // A file that is too short was cut off after the body was written.
        let failed = |path: &Path, error: std::io::Error| match error.kind() {
            ErrorKind::UnexpectedEof => self.damaged_error(offset),
            _ => SystemError::new("read", path, error),
        };
        match &self.medium {
            BodyMedium::File(file, path) => {
                fs::read_at(file, &mut bytes, offset).map_err(|error| failed(path, error))?;
            }
            BodyMedium::Joined(files) => {
                let joined = files
                    .get(find_joined_file(files, offset))
                    .ok_or_else(|| self.damaged_error(offset))?;
                fs::read_at(joined.open()?, &mut bytes, offset - joined.start)
                    .map_err(|error| failed(&joined.path, error))?;
            }
            BodyMedium::Memory(memory) => {
                let memory = memory.read().unwrap_or_else(PoisonError::into_inner);
                let start = offset as usize;
                let stored = memory.get(start..start + length as usize);
                bytes.copy_from_slice(stored.ok_or_else(|| self.damaged_error(offset))?);
            }
        }
        // A body may also have been overwritten, so its length alone proves nothing.
        if crc32fast::hash(&bytes) == checksum {
            Ok(bytes)
        } else {
            Err(self.damaged_error(offset))
        }
    }

    /// Returns the error for a body that is not as it was stored at an offset.
    fn damaged_error(&self, offset: u64) -> SystemError {
        let path = match &self.medium {
            BodyMedium::File(_, path) => path.as_path(),
            BodyMedium::Memory(_) => Path::new("memory"),
            BodyMedium::Joined(files) => files
                .get(find_joined_file(files, offset))
                .map_or(Path::new("memory"), |joined| &joined.path),
        };
        let cause = std::io::Error::new(ErrorKind::InvalidData, "it was damaged");
        SystemError::new("read", path, cause)
    }
}

/// Returns the index of the file with the byte at an offset.
fn find_joined_file(files: &[JoinedFile], offset: u64) -> usize {
    // The last of those that start there, because an empty file has no byte.
    files
        .partition_point(|file| file.start <= offset)
        .saturating_sub(1)
}

/// Hashes an id. A collision is rare, and only means that one dead fragment is not reported.
fn hash_id(id: &str) -> u32 {
    crc32fast::hash(id.as_bytes())
}

#[cfg(test)]
mod tests {
    use pressrun_markdown::{RenderOptions, render_markdown};

    use super::*;

    fn put(bodies: &BodyStore, markdown: &str) -> StoredBody {
        let post = Post {
            body: markdown.to_owned(),
            ..Post::default()
        };
        let rendered = render_markdown(markdown, &RenderOptions::default());
        bodies
            .store_body(&post, rendered, BodyMeasures::default())
            .unwrap()
    }

    fn check_read(bodies: &BodyStore, body: &StoredBody, markdown: &str) {
        assert_eq!(bodies.read_markdown(body).unwrap(), markdown);
        let expected = render_markdown(markdown, &RenderOptions::default());
        let page = bodies.read_page(body).unwrap();
        assert_eq!((page.html, page.toc), (expected.html, expected.toc));
    }

    #[test]
    fn bodies_are_read_as_they_were_taken() {
        let folder = tempfile::tempdir().unwrap();
        for bodies in [
            BodyStore::in_memory(),
            BodyStore::open(&folder.path().join("bodies")).unwrap(),
        ] {
            let [a, b] = ["# A\n\n[b](c)", ""].map(|text| put(&bodies, text));
            check_read(&bodies, &b, "");
            check_read(&bodies, &a, "# A\n\n[b](c)");
            assert!(a.has_id("a") && !a.has_id("b"));
            assert_eq!(bodies.size(), a.stored_bytes() + b.stored_bytes());
        }
    }

    #[test]
    fn file_that_is_opened_again_still_has_its_bodies() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bodies");
        let a = put(&BodyStore::open(&path).unwrap(), "a");
        let bodies = BodyStore::open(&path).unwrap();
        let b = put(&bodies, "b");
        check_read(&bodies, &a, "a");
        check_read(&bodies, &b, "b");
    }

    #[test]
    fn damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bodies");
        let body = put(&BodyStore::open(&path).unwrap(), "a long enough text");
        for damaged in [&b"another long text"[..], &b""[..]] {
            std::fs::write(&path, damaged).unwrap();
            let bodies = BodyStore::open(&path).unwrap();
            for error in [
                bodies.read_markdown(&body).unwrap_err(),
                bodies.read_page(&body).unwrap_err(),
            ] {
                assert_eq!(error.kind(), ErrorKind::InvalidData);
            }
        }
    }
}
