//! What the fuzz targets share: a temporary folder, and an ingestion watcher that ignores
//! everything.

use std::path::PathBuf;

use pressrun::diagnostic::Diagnostic;
use pressrun::ingest::{Part, Watcher};

/// Returns an empty temporary folder. Set `TMPDIR` to a memory file system to make it fast.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pressrun-fuzz-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("temporary files can be written");
    folder.canonicalize().expect("the folder was just made")
}

/// Ignores the progress of an ingestion.
pub struct Nobody;

impl Watcher for Nobody {
    fn begin(&mut self, _: Part, _: u64) {}
    fn advance(&mut self, _: u64) {}
    fn found(&mut self, _: &Diagnostic) {}
}
