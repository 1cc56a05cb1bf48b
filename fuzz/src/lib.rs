//! What the targets have in common: a folder of their own for those that need files, and nobody
//! who watches.

use std::path::PathBuf;

use pressrun::diagnostic::Diagnostic;
use pressrun::ingest::{Part, Watcher};

/// An empty folder among the temporary files. `TMPDIR` on a memory file system makes it quick.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("pressrun-fuzz-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("temporary files can be written");
    folder.canonicalize().expect("the folder was just made")
}

/// Watches an ingestion, and tells nobody.
pub struct Nobody;

impl Watcher for Nobody {
    fn begin(&mut self, _: Part, _: u64) {}
    fn advance(&mut self, _: u64) {}
    fn found(&mut self, _: &Diagnostic) {}
}
