//! Uses any text as a file that `ingest` finds in its target folder. A file that may have been
//! edited must not be changed.

use std::path::PathBuf;
use std::sync::LazyLock;

use pressrun::ingest::{IngestRequest, StepAction, run_ingestion};

use super::SilentWatcher;

const REPLY: &str = "TITLE: A title\nTAGS: x\n\nSome words of a text.\n\n-EndOFText-\n";

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = super::folder("resume");
    std::fs::write(root.join("site.toml"), "").unwrap();
    std::fs::create_dir_all(root.join("posts")).unwrap();
    std::fs::write(root.join("reply.txt"), REPLY).unwrap();
    root
});

/// Checks one input.
pub fn check_resume(bytes: &[u8]) {
    let text = super::text_of(bytes);
    let into = ROOT.join("posts");
    for file in std::fs::read_dir(&into).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    let there = into.join("a-title.md");
    std::fs::write(&there, text).unwrap();
    let request = IngestRequest {
        root: ROOT.clone(),
        sources: vec![ROOT.join("reply.txt")],
        into: Some(into),
        dry_run: false,
        strict: false,
        schedule: None,
        overrides_container: false,
        on_wait: || {},
    };
    let report = run_ingestion(&request, &mut SilentWatcher).unwrap();
    assert_eq!(report.steps.len(), 1);
    let is_same = std::fs::read_to_string(&there).unwrap() == text;
    assert!(is_same || report.steps[0].action == StepAction::Update);
}
