//! Passes every seed of every fuzz target to the function that checks it, without a fuzzer.
//!
//! A seed that fails, or takes longer than [`LIMIT`], fails the test of its target, which names
//! it. Seeds are in `fuzz/seeds`, in a folder for each target.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

#[path = "../fuzz/src/lib.rs"]
#[allow(
    unexpected_cfgs,
    reason = "its features are those of the package of the targets"
)]
#[allow(unreachable_pub, reason = "it is a library for the fuzzer")]
#[allow(clippy::unwrap_used, reason = "a target that cannot go on has failed")]
mod targets;

/// How long a seed may take. Seeds take milliseconds, so only a hang reaches this limit.
const LIMIT: Duration = Duration::from_secs(60);

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new("fuzz/seeds").join(target);
    let mut seeds: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{} has no seeds", folder.display());
    for seed in seeds {
        let name = seed.display().to_string();
        let bytes = fs::read(&seed).expect("a seed can be read");
        let (done, is_done) = channel();
        // The thread has the name of the seed, so that a stack overflow names it too.
        let thread = std::thread::Builder::new().name(name.clone());
        let run = move || {
            check(&bytes);
            let _ = done.send(());
        };
        thread.spawn(run).expect("a thread can be started");
        match is_done.recv_timeout(LIMIT) {
            Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => panic!("{name} takes more than {LIMIT:?}"),
            Err(RecvTimeoutError::Disconnected) => panic!("{name} fails: see above"),
        }
    }
}

macro_rules! replay_seeds {
    ($($target:ident $check:ident)*) => {
        /// The targets that have a test here.
        const TARGETS: &[&str] = &[$(stringify!($target)),*];

        $(#[test]
        fn $target() {
            replay(stringify!($target), targets::$target::$check);
        })*
    };
}

replay_seeds! {
    cache check_cache
    config check_config
    fields check_fields
    git check_git
    highlight check_highlight
    html check_html
    ingest check_ingest
    json check_json
    links check_links
    manifest check_manifest
    markdown check_markdown
    parquet check_parquet
    pictures check_picture
    preview check_preview
    resume check_resume
    settings check_settings
    sources check_sources
}

#[test]
fn every_target_has_its_seeds_replayed() {
    for folder in ["fuzz/fuzz_targets", "fuzz/seeds"] {
        let entries = fs::read_dir(folder).expect("the folder can be read");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("the folder can be read").path())
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
        names.sort();
        assert_eq!(names, TARGETS, "{folder}");
    }
}
