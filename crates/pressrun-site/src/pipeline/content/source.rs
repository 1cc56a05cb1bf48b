//! Reads one file of the content, and moves the bodies of its posts to a store.
//!
//! A text is read whole. A Parquet file is read in pieces, because it may be larger than the memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::Seek;
use std::path::Path;
use std::sync::Arc;

use pressrun_parquet::{ParquetPieces, ParquetSource, is_parquet_path};
use pressrun_posts::content_file::{
    self, FileInput, FileJoiner, FilePiece, FileResult, ReadSettings,
};
use pressrun_posts::diagnostic::{Diagnostic, Finding};
use pressrun_posts::panics::catch_panic;
use pressrun_posts::post::Post;
use pressrun_text::similarity::TextProfile;

use super::{ContentReader, SitePost};
use crate::cache::{BodyMeasures, BodyStore, Fingerprint, StoredBody};
use crate::corpus::words;
use crate::discover::{self, NamedTranslation, SourceFile};
use crate::error::{Result, SystemError};
use crate::fs;
use crate::render::render_options;

/// The contents of a file that was opened.
#[derive(Debug)]
pub(in crate::pipeline) enum SourceContent {
    /// All of its bytes.
    Bytes(Vec<u8>),
    /// A Parquet file, none of which is in memory.
    Table(File),
}

/// A file that was opened, and the fingerprint of its bytes.
#[derive(Debug)]
pub(in crate::pipeline) struct OpenedSource {
    pub(in crate::pipeline) content: SourceContent,
    pub(in crate::pipeline) hash: Fingerprint,
}

/// Opens a Parquet file.
///
/// # Errors
///
/// Returns an error if it cannot be read.
pub fn open_parquet(location: &Path) -> Result<ParquetSource> {
    let (file, _) = fs::open_file(location)?;
    make_parquet_source(file, location)
}

fn make_parquet_source(file: File, location: &Path) -> Result<ParquetSource> {
    let source = ParquetSource::from_file(file);
    source.map_err(|error| SystemError::new("read", location, error))
}

/// Opens a file of the content, without the fingerprint of its bytes.
///
/// # Errors
///
/// Returns an error if it cannot be read.
pub(in crate::pipeline) fn open_source_unhashed(location: &Path) -> Result<SourceContent> {
    Ok(if is_parquet_path(&location.to_string_lossy()) {
        SourceContent::Table(fs::open_file(location)?.0)
    } else {
        SourceContent::Bytes(fs::read_whole_file(location)?)
    })
}

/// Opens a file of the content.
///
/// # Errors
///
/// Returns an error if it cannot be read.
pub(in crate::pipeline) fn open_source(location: &Path) -> Result<OpenedSource> {
    let mut content = open_source_unhashed(location)?;
    let hash = match &mut content {
        SourceContent::Bytes(bytes) => Fingerprint::of_bytes(bytes),
        SourceContent::Table(file) => {
            let hash = Fingerprint::of_reader(&mut *file);
            let hash = hash.and_then(|hash| file.rewind().map(|()| hash));
            hash.map_err(|error| SystemError::new("read", location, error))?
        }
    };
    Ok(OpenedSource { content, hash })
}

impl ContentReader {
    /// Returns how the replies of a file are read. `named` is what its name says.
    pub(in crate::pipeline) fn settings_of_file(
        &self,
        named: Option<&NamedTranslation>,
    ) -> Cow<'_, ReadSettings> {
        let mut settings = Cow::Borrowed(&self.settings);
        if let Some(named) = named {
            settings.to_mut().file_language.clone_from(&named.language);
        }
        settings
    }

    /// Reads the posts of a file, and stores their bodies. The path of the file and `named` say what the
    /// texts do not state.
    ///
    /// # Errors
    ///
    /// Returns an error if a body cannot be stored.
    pub(in crate::pipeline) fn read_source(
        &self,
        file: &SourceFile,
        content: SourceContent,
        named: Option<&NamedTranslation>,
        bodies: &BodyStore,
    ) -> Result<(Vec<SitePost>, Vec<Diagnostic>)> {
        let settings = self.settings_of_file(named);
        let (mut posts, diagnostics) = match content {
            SourceContent::Bytes(bytes) => self.read_text(file, bytes, &settings, bodies)?,
            SourceContent::Table(table) => self.read_table(file, table, &settings, bodies)?,
        };
        // Several posts of a file are not translations of one.
        if let ([post], Some(named)) = (&mut *posts, named) {
            post.translation_key
                .get_or_insert_with(|| named.key.clone());
        }
        Ok((posts.into_iter().map(Arc::new).collect(), diagnostics))
    }

    fn read_text(
        &self,
        file: &SourceFile,
        bytes: Vec<u8>,
        settings: &ReadSettings,
        bodies: &BodyStore,
    ) -> Result<(Vec<Post<StoredBody>>, Vec<Diagnostic>)> {
        let path = Arc::clone(&file.path);
        let are_drafts = discover::is_draft_path(&path);
        let FileResult {
            posts,
            profiles,
            diagnostics,
            ..
        } = content_file::read_file(&FileInput { path, bytes }, settings);
        let mut profiles = profiles.into_iter();
        keep_what_works(posts, diagnostics, |mut post| {
            post.draft |= are_drafts;
            self.store_post(post, profiles.next().unwrap_or_default(), bodies)
        })
    }

    /// Reads a Parquet file. Bodies are stored before the next rows are read.
    fn read_table(
        &self,
        file: &SourceFile,
        table: File,
        settings: &ReadSettings,
        bodies: &BodyStore,
    ) -> Result<(Vec<Post<StoredBody>>, Vec<Diagnostic>)> {
        let path = &file.path;
        let source = make_parquet_source(table, &file.location)?;
        let mut joiner = FileJoiner::new(path);
        for piece in ParquetPieces::open(source) {
            joiner.add_piece(self.store_piece(file, piece.read(path, settings), bodies)?);
            if joiner.is_full() {
                break;
            }
        }
        let FileResult {
            posts, diagnostics, ..
        } = joiner.finish();
        Ok((posts, diagnostics))
    }

    /// Stores the bodies of the posts in a piece of a file, which is joined with the others later.
    ///
    /// # Errors
    ///
    /// Returns an error if a body cannot be stored.
    pub(in crate::pipeline) fn store_piece(
        &self,
        file: &SourceFile,
        piece: FilePiece,
        bodies: &BodyStore,
    ) -> Result<FilePiece<StoredBody>> {
        let are_drafts = discover::is_draft_path(&file.path);
        piece.try_map_posts(|mut post, profile| {
            post.draft |= are_drafts;
            keep_if_it_works(post, |post| {
                self.store_post(post, profile.unwrap_or_default(), bodies)
            })
        })
    }

    /// Renders the body of a post and moves it from memory to a store of bodies.
    fn store_post(
        &self,
        mut post: Post,
        profile: TextProfile,
        bodies: &BodyStore,
    ) -> Result<Post<StoredBody>> {
        // To a site, a post that states the language of the site is like one that states none.
        let is_other = |tag: &String| !tag.eq_ignore_ascii_case(&self.settings.language);
        post.language = post.language.filter(is_other);
        let language = post.language.as_ref().unwrap_or(&self.settings.language);
        let options = render_options(&self.config, language, false);
        let rendered = pressrun_markdown::render_markdown(&post.body, &options);
        let count = words::measure_text(&post.body);
        let measures = BodyMeasures {
            words: count.total(),
            minutes: count.minutes(language),
            profile,
        };
        for text in [&mut post.title, &mut post.description] {
            if let Cow::Owned(set) = pressrun_markdown::set_title_quotes(text, &options) {
                *text = set;
            }
        }
        let body = bodies.store_body(&post, rendered, measures)?;
        // A copy, because what grew while it was parsed has room to spare.
        Ok(post.with_body(body).clone())
    }
}

/// Calls `work` with a post. If it panics, returns the error that rejects the post.
///
/// # Errors
///
/// Returns the error of the machine.
fn keep_if_it_works<T>(
    post: Post,
    work: impl FnOnce(Post) -> Result<T>,
) -> Result<std::result::Result<T, Finding>> {
    let line = post.source.line;
    match catch_panic(|| work(post)) {
        Ok(done) => Ok(Ok(done?)),
        Err(panic) => Ok(Err(panic.finding(Some(line)))),
    }
}

/// Calls `work` with each post. If it panics, the post is rejected with an error.
///
/// # Errors
///
/// Returns the first error of the machine.
pub(super) fn keep_what_works<T>(
    posts: Vec<Post>,
    mut diagnostics: Vec<Diagnostic>,
    mut work: impl FnMut(Post) -> Result<T>,
) -> Result<(Vec<T>, Vec<Diagnostic>)> {
    let mut kept = Vec::with_capacity(posts.len());
    for post in posts {
        let file = Arc::clone(&post.source.file);
        match keep_if_it_works(post, &mut work)? {
            Ok(done) => kept.push(done),
            Err(error) => diagnostics.push(error.into_diagnostic(&file)),
        }
    }
    Ok((kept, diagnostics))
}
