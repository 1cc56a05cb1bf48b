//! The last index, in one file of the cache.
//!
//! The file is the key, a hash of what follows, then of each file of the index its path, its
//! length and its bytes. One that is damaged or of another key counts as none.

use std::path::Path;

use super::File;
use crate::fs;

/// Where it is, from the root of the site.
pub(super) const FILE: &str = ".pressrun/search";

const HASH: usize = blake3::OUT_LEN;

/// The files that were kept for `key`.
pub(super) fn read(root: &Path, key: &blake3::Hash) -> Option<Vec<File>> {
    let bytes = fs::read_if_there(&root.join(FILE)).ok()??;
    let (known, rest) = bytes.split_at_checked(HASH)?;
    let (checksum, mut rest) = rest.split_at_checked(HASH)?;
    if known != key.as_bytes() || checksum != blake3::hash(rest).as_bytes() {
        return None;
    }
    let mut files = Vec::new();
    while !rest.is_empty() {
        let path = take(&mut rest)?;
        files.push(File {
            path: String::from_utf8(path.to_vec()).ok()?,
            bytes: take(&mut rest)?.to_vec(),
        });
    }
    Some(files)
}

/// Keeps files for `key`, in the place of those of another.
pub(super) fn write(root: &Path, key: &blake3::Hash, files: &[File]) {
    let mut parts = Vec::new();
    for file in files {
        for part in [file.path.as_bytes(), &file.bytes] {
            parts.extend((part.len() as u64).to_le_bytes());
            parts.extend(part);
        }
    }
    let mut bytes = key.as_bytes().to_vec();
    bytes.extend(blake3::hash(&parts).as_bytes());
    bytes.extend(parts);
    let path = root.join(FILE);
    let unfinished = path.with_extension(format!("{}.tmp", std::process::id()));
    // A cache that cannot be written costs time, not the build.
    let _ =
        fs::write_with_folder(&unfinished, &bytes).and_then(|()| fs::rename(&unfinished, &path));
}

/// The next part, which begins with its length.
fn take<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let (length, after) = rest.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (part, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(part)
}
