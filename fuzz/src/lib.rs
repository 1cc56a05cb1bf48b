//! What the fuzz targets share: a temporary folder, and an ingestion watcher that ignores
//! everything.

use std::path::PathBuf;

use pressrun::diagnostic::Diagnostic;
use pressrun::ingest::{Part, Watcher};
use pressrun::post::Post;
use pressrun::text::visible::is_unfit;

/// Returns an empty temporary folder. Set `TMPDIR` to a memory file system to make it fast.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pressrun-fuzz-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("temporary files can be written");
    folder.canonicalize().expect("the folder was just made")
}

/// Asserts that no field of a post contains a forbidden character.
pub fn assert_clean(post: &Post) {
    let texts = [&post.title, &post.description, &post.slug];
    let others = [
        &post.language,
        &post.cover,
        &post.disclosure,
        &post.digital_source_type,
    ];
    let lists = post.tags.iter().chain(&post.categories);
    for text in texts.into_iter().chain(others.into_iter().flatten()).chain(lists) {
        assert!(!text.contains(is_unfit), "{text:?}");
    }
}

/// Ignores the progress of an ingestion.
pub struct Nobody;

impl Watcher for Nobody {
    fn begin(&mut self, _: Part, _: u64) {}
    fn advance(&mut self, _: u64) {}
    fn found(&mut self, _: &Diagnostic) {}
}
