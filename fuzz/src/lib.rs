//! The checks of the fuzz targets, as plain functions.
//!
//! A file in `fuzz_targets` passes inputs of the fuzzer to one of them. `tests/seeds.rs` of
//! pressrun includes these modules and passes the seeds to them, without a fuzzer.
//!
//! Without the feature `program`, only the targets that read replies exist.

#[cfg(any(feature = "program", test))]
use std::path::PathBuf;

#[cfg(any(feature = "program", test))]
use pressrun::ingest::{IngestPhase, IngestWatcher};
use pressrun_posts::content_file::FileResult;
use pressrun_posts::diagnostic::{Code, Diagnostic, Severity};
use pressrun_posts::post::Post;
use pressrun_text::visible::is_unfit;

#[cfg(any(feature = "program", test))]
pub mod cache;
#[cfg(any(feature = "program", test))]
pub mod config;
#[cfg(any(feature = "program", test))]
pub mod fields;
#[cfg(any(feature = "program", test))]
pub mod git;
#[cfg(any(feature = "program", test))]
pub mod highlight;
#[cfg(any(feature = "program", test))]
pub mod html;
pub mod ingest;
pub mod json;
#[cfg(any(feature = "program", test))]
pub mod links;
#[cfg(any(feature = "program", test))]
pub mod manifest;
#[cfg(any(feature = "program", test))]
pub mod markdown;
pub mod parquet;
#[cfg(any(feature = "program", test))]
pub mod pictures;
#[cfg(any(feature = "program", test))]
pub mod preview;
#[cfg(any(feature = "program", test))]
pub mod resume;
#[cfg(any(feature = "program", test))]
pub mod settings;
#[cfg(any(feature = "program", test))]
pub mod sources;

/// Returns an input as text, up to its first byte that is not UTF-8.
fn text_of(bytes: &[u8]) -> &str {
    let end = match std::str::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error.valid_up_to(),
    };
    std::str::from_utf8(&bytes[..end]).unwrap_or_default()
}

/// Returns an empty temporary folder. Set `TMPDIR` to a memory file system to make it fast.
#[cfg(any(feature = "program", test))]
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pressrun-fuzz-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("temporary files can be written");
    folder.canonicalize().expect("the folder was just made")
}

/// Asserts that a file gives a post, or an error that says why it gives none.
fn assert_answered(result: &FileResult) {
    let is_error = |found: &Diagnostic| found.severity() == Severity::Error;
    assert!(
        !result.posts.is_empty() || result.diagnostics.iter().any(is_error),
        "a file without posts says why"
    );
}

/// Asserts that no field of a post contains a forbidden character.
fn assert_clean(post: &Post) {
    let texts = [&post.title, &post.description, &post.slug];
    let others = [
        &post.language,
        &post.cover,
        &post.disclosure,
        &post.digital_source_type,
    ];
    let lists = post.tags.iter().chain(&post.categories);
    for text in texts
        .into_iter()
        .chain(others.into_iter().flatten())
        .chain(lists)
    {
        assert!(!text.contains(is_unfit), "{text:?}");
    }
}

/// Asserts that no diagnostic reports a panic: they are caught where replies are read, so the
/// fuzzer does not see them.
fn assert_no_panic<'d>(diagnostics: impl IntoIterator<Item = &'d Diagnostic>) {
    for diagnostic in diagnostics {
        let message = &diagnostic.message;
        assert_ne!(diagnostic.code, Code::InternalError, "{message}");
    }
}

/// Ignores the progress of an ingestion, except panics.
#[cfg(any(feature = "program", test))]
struct SilentWatcher;

#[cfg(any(feature = "program", test))]
impl IngestWatcher for SilentWatcher {
    fn begin(&mut self, _: IngestPhase, _: u64) {}
    fn advance(&mut self, _: u64) {}
    fn found(&mut self, diagnostic: &Diagnostic) {
        assert_no_panic([diagnostic]);
    }
}
