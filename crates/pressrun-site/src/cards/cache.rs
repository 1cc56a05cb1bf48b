//! Keeps drawn cards, one file each: the picture followed by its hash.
//!
//! Image viewers ignore what follows the picture, so the files can be opened. A damaged file counts
//! as missing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::fs;

/// Folder of the cards, from the site root.
pub(super) const FOLDER: &str = ".pressrun/cards";

fn card_path(root: &Path, name: &str) -> PathBuf {
    root.join(FOLDER).join(format!("{name}.png"))
}

/// Returns the kept picture with this name, unless it is missing or damaged.
pub(super) fn read_card(root: &Path, name: &str) -> Option<Vec<u8>> {
    let mut bytes = fs::read_if_there(&card_path(root, name)).ok()??;
    let end = bytes.len().checked_sub(blake3::OUT_LEN)?;
    let (picture, hash) = bytes.split_at(end);
    (blake3::hash(picture).as_bytes() == hash).then(|| {
        bytes.truncate(end);
        bytes
    })
}

/// Keeps a picture. If that fails, the card is drawn again next time, and the build goes on.
pub(super) fn write_card(root: &Path, name: &str, picture: &[u8]) {
    let path = card_path(root, name);
    // The name contains the process id, so that two builds never write the same file.
    let unfinished = path.with_extension(format!("{}.tmp", std::process::id()));
    let bytes = [picture, blake3::hash(picture).as_bytes()].concat();
    let _ = fs::write_with_folder(&unfinished, &bytes).and_then(|_| fs::rename(&unfinished, &path));
}

/// Removes all kept pictures except those in `used`, which holds paths on the site.
pub fn remove_unused_cards(root: &Path, used: &BTreeSet<&str>) {
    // A picture that cannot be listed or removed only takes space.
    for path in fs::list_folder(&root.join(FOLDER)).unwrap_or_default() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !used.contains(format!("/cards/{name}").as_str()) {
            let _ = fs::remove_file(&path);
        }
    }
}
