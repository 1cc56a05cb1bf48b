//! Uses any bytes as a source of `ingest`, cut into pieces and read twice. Every record must be
//! written or have a reason, and a second run must have nothing left to do.

use std::path::PathBuf;
use std::sync::LazyLock;

use pressrun::ingest::{IngestRequest, run_ingestion};

use super::SilentWatcher;

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = super::folder("sources");
    std::fs::write(root.join("site.toml"), "").unwrap();
    root
});

/// Checks one input.
pub fn check_sources(bytes: &[u8]) {
    let into = ROOT.join("posts");
    let _ = std::fs::remove_dir_all(&into);
    let ending = ["jsonl", "json", "txt"][bytes.first().map_or(0, |byte| *byte as usize % 3)];
    let source = ROOT.join(format!("replies.{ending}"));
    std::fs::write(&source, bytes).unwrap();
    let request = IngestRequest {
        root: ROOT.clone(),
        sources: vec![source.clone()],
        into: Some(into),
        dry_run: false,
        strict: false,
        schedule: None,
        overrides_container: false,
        on_wait: || {},
    };
    let first = run_ingestion(&request, &mut SilentWatcher).unwrap().ledger;
    assert_eq!(first.records, first.written + first.rejected, "{first:?}");
    let second = run_ingestion(&request, &mut SilentWatcher).unwrap().ledger;
    assert_eq!(
        second.records,
        second.unchanged + second.rejected,
        "{second:?}"
    );
    assert_eq!(first.written, second.unchanged);
}
