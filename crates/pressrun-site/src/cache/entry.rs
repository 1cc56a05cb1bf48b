//! The file format of a cache entry: a header, followed by the value.
//!
//! The header consists of a magic word, the version of the format, the key that the value is valid
//! for, and a hash of the value. An entry is written to a temporary file and then renamed, so it is
//! always complete.

use std::fmt;
use std::fs::File;
use std::hash::Hasher;
use std::io::{self, Seek, Write};
use std::path::Path;

use postcard::ser_flavors::Flavor;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Fingerprint;
use super::fingerprint::FingerprintHasher;
use crate::error::{Result, SystemError};
use crate::fs;

/// The first bytes of every entry.
const MAGIC: &[u8; 14] = b"pressrun cache";

/// Version of the format; takes two bytes.
const VERSION: u16 = 1;

/// Length of the header: magic word, version, key, hash.
const HEADER: usize = MAGIC.len() + 2 + 16 + 16;

/// Why an entry cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UnusableEntry {
    /// The entry does not exist.
    Absent,
    /// It is valid for another key, such as another version of the program or another
    /// configuration.
    Outdated,
    /// The file is not a cache entry.
    Foreign,
    /// A newer version of the program wrote it.
    Newer,
    /// The file was changed since it was written.
    Damaged,
    /// The system refuses to read it.
    Unreadable,
}

impl fmt::Display for UnusableEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "is not there",
            Self::Outdated => "is outdated",
            Self::Foreign => "was not written by pressrun",
            Self::Newer => "was written by a newer version of pressrun",
            Self::Damaged => "is damaged",
            Self::Unreadable => "cannot be read",
        })
    }
}

/// Reads the value of an entry that was written with a key.
pub(crate) fn read_cache_entry<T: DeserializeOwned>(
    path: &Path,
    key: Fingerprint,
) -> std::result::Result<T, UnusableEntry> {
    let bytes = fs::read_if_there(path).map_err(|_| UnusableEntry::Unreadable)?;
    let bytes = bytes.ok_or(UnusableEntry::Absent)?;
    // Check the parts of the header in order, so that each problem gets its own message.
    let rest = bytes.strip_prefix(MAGIC).ok_or(UnusableEntry::Foreign)?;
    let (version, rest) = rest.split_first_chunk().ok_or(UnusableEntry::Damaged)?;
    match u16::from_le_bytes(*version) {
        VERSION => {}
        newer if newer > VERSION => return Err(UnusableEntry::Newer),
        _ => return Err(UnusableEntry::Outdated),
    }
    let (found_key, rest) = rest.split_first_chunk().ok_or(UnusableEntry::Damaged)?;
    if *found_key != key.to_bytes() {
        return Err(UnusableEntry::Outdated);
    }
    let (hash, value) = rest.split_first_chunk().ok_or(UnusableEntry::Damaged)?;
    if *hash != Fingerprint::of_bytes(value).to_bytes() {
        return Err(UnusableEntry::Damaged);
    }
    postcard::from_bytes(value).map_err(|_| UnusableEntry::Damaged)
}

/// Writes an entry, and replaces the one that was there.
pub(crate) fn write_cache_entry<T: Serialize>(
    path: &Path,
    key: Fingerprint,
    value: &T,
) -> Result<()> {
    let beside = path.with_extension("new");
    let written = write_entry_stream(&beside, key, value)
        .map_err(|error| SystemError::new("write", &beside, error))
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // A leftover file would take the space that the next attempt needs.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Writes the value while encoding it, since it may be large, and then goes back to fill in the
/// header.
fn write_entry_stream<T: Serialize>(path: &Path, key: Fingerprint, value: &T) -> io::Result<()> {
    let mut file = File::create(path)?;
    // Reserve the place of the header, which needs the hash of the value that follows.
    file.write_all(&[0; HEADER])?;
    let mut hashed = HashingWriter {
        out: file,
        hasher: FingerprintHasher::default(),
        block: Vec::with_capacity(2 * BLOCK),
        failed: None,
    };
    let encoded = postcard::serialize_with_flavor(value, EncodedBlocks(&mut hashed));
    if let Err(error) = encoded {
        // The error of `postcard` does not contain the cause, which `HashingWriter` has kept.
        return Err(hashed.failed.unwrap_or_else(|| io::Error::other(error)));
    }
    hashed.pass_on()?;
    let HashingWriter {
        mut out, hasher, ..
    } = hashed;
    let header = [
        MAGIC.as_slice(),
        &VERSION.to_le_bytes(),
        &key.to_bytes(),
        &hasher.fingerprint().to_bytes(),
    ];
    out.rewind()?;
    out.write_all(&header.concat())
}

/// How many bytes are hashed and written together. A value is encoded in pieces of a few bytes.
const BLOCK: usize = 1 << 16;

/// Hashes what is written, in blocks.
struct HashingWriter<W> {
    out: W,
    hasher: FingerprintHasher,
    /// What is not passed on yet.
    block: Vec<u8>,
    /// The last error of the inner writer.
    failed: Option<io::Error>,
}

impl<W: Write> HashingWriter<W> {
    fn pass_on(&mut self) -> io::Result<()> {
        Hasher::write(&mut self.hasher, &self.block);
        let written = self.out.write_all(&self.block);
        self.block.clear();
        written
    }
}

/// Takes an encoded value, mostly single bytes, for which a call of a writer each would be slow.
struct EncodedBlocks<'w, W>(&'w mut HashingWriter<W>);

impl<W: Write> EncodedBlocks<'_, W> {
    fn pass_on_if_full(&mut self) -> postcard::Result<()> {
        if self.0.block.len() >= BLOCK
            && let Err(error) = self.0.pass_on()
        {
            self.0.failed = Some(error);
            return Err(postcard::Error::SerializeBufferFull);
        }
        Ok(())
    }
}

impl<W: Write> Flavor for EncodedBlocks<'_, W> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.block.push(byte);
        self.pass_on_if_full()
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.block.extend_from_slice(bytes);
        self.pass_on_if_full()
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_format_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_cache_entry(&path, Fingerprint::default(), &7_u8).unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[MAGIC.len()] += 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(
            read_cache_entry::<u8>(&path, Fingerprint::default()),
            Err(UnusableEntry::Newer)
        );
    }

    #[test]
    fn cut_anywhere_it_is_never_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_cache_entry(&path, Fingerprint::default(), &vec!["text"; 9]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(read_cache_entry::<Vec<String>>(&path, Fingerprint::default()).is_err());
        }
    }
}
