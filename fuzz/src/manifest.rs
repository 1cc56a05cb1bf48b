//! Uses any bytes as the manifest of an output folder. A build must succeed, or report that the
//! folder is foreign, and must remove nothing outside of it.

use std::path::PathBuf;
use std::sync::LazyLock;

use pressrun::theme::THEME;
use pressrun_posts::post::{Date, Moment};
use pressrun_site::pipeline::{BuildRequest, build_site};

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = super::folder("manifest");
    std::fs::write(root.join("site.toml"), "[search]\nenabled = false\n").unwrap();
    std::fs::create_dir_all(root.join("content")).unwrap();
    std::fs::write(root.join("beside"), "mine").unwrap();
    root
});

/// Checks one input.
pub fn check_manifest(bytes: &[u8]) {
    let folder = ROOT.join("public");
    std::fs::create_dir_all(folder.join("a")).unwrap();
    std::fs::write(folder.join(".pressrun-manifest"), bytes).unwrap();
    for file in ["a/b", "a/c"] {
        std::fs::write(folder.join(file), "theirs").unwrap();
    }
    let request = BuildRequest {
        force: bytes.last().is_some_and(|byte| byte % 2 == 0),
        once: true,
        ..BuildRequest::new(
            &ROOT,
            THEME,
            Moment::start_of_day(Date::constant(2026, 6, 15)),
        )
    };
    if build_site(&request).is_ok() {
        assert!(folder.join("index.html").is_file());
    }
    assert_eq!(std::fs::read(ROOT.join("beside")).unwrap(), b"mine");
    assert!(ROOT.join("site.toml").is_file());
}
