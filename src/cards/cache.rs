//! Cards that were drawn before: one file each, the picture and behind it a hash of it.
//!
//! Viewers stop at the end of the picture, so the files can be looked at. One that is damaged
//! counts as none.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::fs;

/// Where they are, from the root of the site.
pub(super) const FOLDER: &str = ".pressrun/cards";

fn file(root: &Path, name: &str) -> PathBuf {
    root.join(FOLDER).join(format!("{name}.png"))
}

/// The picture with this name.
pub(super) fn read(root: &Path, name: &str) -> Option<Vec<u8>> {
    let mut bytes = fs::read_if_there(&file(root, name)).ok()??;
    let end = bytes.len().checked_sub(blake3::OUT_LEN)?;
    let (picture, hash) = bytes.split_at(end);
    (blake3::hash(picture).as_bytes() == hash).then(|| {
        bytes.truncate(end);
        bytes
    })
}

/// Keeps a picture. One that cannot be kept costs time, not the build.
pub(super) fn write(root: &Path, name: &str, picture: &[u8]) {
    let path = file(root, name);
    let unfinished = path.with_extension(format!("{}.tmp", std::process::id()));
    let bytes = [picture, blake3::hash(picture).as_bytes()].concat();
    let _ = fs::write_with_folder(&unfinished, &bytes).and_then(|_| fs::rename(&unfinished, &path));
}

/// Removes the pictures that are not among `used`, by their paths on the site.
pub fn tidy(root: &Path, used: &BTreeSet<&str>) {
    // What cannot be listed or removed stays, and harms nobody.
    for path in fs::entries(&root.join(FOLDER)).unwrap_or_default() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !used.contains(format!("/cards/{name}").as_str()) {
            let _ = fs::remove_file(&path);
        }
    }
}
