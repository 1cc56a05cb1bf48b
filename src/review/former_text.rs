//! Finds the text that was approved, after the post was changed.
//!
//! A compressed copy is in `.pressrun/approved/`, which may be lost. Without it, the history of the
//! file in git may have the text.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use pressrun_posts::post::Post;
use pressrun_posts::post::review::format_text_hash;
use pressrun_site::cache;
use pressrun_site::config::Config;
use pressrun_site::fs;
use pressrun_site::git::Repository;
use pressrun_site::pipeline::make_read_settings;

use super::content_file::read_bytes;

/// How many commits of a file are looked at.
const MOST_COMMITS: &str = "50";

/// What is said if the text that was approved cannot be found.
pub const NO_FORMER_TEXT: &str = "the text that was approved is neither in `.pressrun/approved/` nor in \
                                  the last 50 commits of the file";

/// The maximum size of a text. Longer ones are not copied.
const MOST_BYTES: u64 = 4 << 20;

/// Returns what readers see of a post as one text, in which people can see what has changed.
pub fn describe_text<B>(post: &Post<B>, body: &str) -> String {
    let mut text = format!("{}\n", post.title);
    let optional = [
        &post.subtitle,
        &post.cover,
        &post.cover_alt,
        &post.disclosure,
    ];
    for part in optional.into_iter().flatten() {
        text.extend([part, "\n"]);
    }
    text.extend([&post.description, "\n"]);
    for list in [&post.tags, &post.categories, &post.authors] {
        text.extend([&list.join(", "), "\n"]);
    }
    text + "\n" + body
}

/// Keeps a copy of a text that was approved. Without it, nothing is lost but the comparison.
pub(super) fn keep_text(root: &Path, post: &Post) {
    let text = describe_text(post, &post.body);
    if text.len() as u64 > MOST_BYTES {
        return;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish());
    if let Ok(packed) = packed {
        let _ = fs::write_with_folder(&copy_location(root, post.text_hash), &packed);
    }
}

fn copy_location(root: &Path, hash: u128) -> PathBuf {
    let name = format!("{}.gz", format_text_hash(hash));
    root.join(cache::FOLDER).join("approved").join(name)
}

/// Returns the text with this hash that the file of a post once had.
pub fn find_former_text(
    root: &Path,
    config: &Config,
    file: &Arc<str>,
    hash: u128,
) -> Option<String> {
    read_copy(root, hash).or_else(|| find_in_history(root, config, file, hash))
}

fn read_copy(root: &Path, hash: u128) -> Option<String> {
    let packed = fs::read_if_there(&copy_location(root, hash)).ok()??;
    let mut text = String::new();
    // A damaged copy could unpack to any size.
    let mut decoder = GzDecoder::new(&*packed).take(MOST_BYTES);
    decoder.read_to_string(&mut text).ok()?;
    Some(text)
}

fn find_in_history(root: &Path, config: &Config, file: &Arc<str>, hash: u128) -> Option<String> {
    let repository = Repository::without_prompts(root);
    let settings = make_read_settings(config);
    let commits = repository.look_up(["log", "-n", MOST_COMMITS, "--format=%H", "--", &**file])?;
    commits.lines().find_map(|commit| {
        let object = format!("{commit}:./{file}");
        let bytes = repository.beginning(["show", &object], MOST_BYTES).ok()?;
        let posts = read_bytes(file, bytes, &settings).posts;
        let post = posts.into_iter().find(|post| post.text_hash == hash)?;
        Some(describe_text(&post, &post.body))
    })
}
