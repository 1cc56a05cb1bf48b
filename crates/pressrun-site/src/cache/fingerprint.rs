//! Hashes that identify what they were made from, across runs of the program.

use std::hash::{Hash, Hasher};
use std::io::{self, Read};

use serde::{Deserialize, Serialize};

/// The first half of a BLAKE3 hash.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// Returns the fingerprint of bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::first_half(&blake3::hash(bytes))
    }

    /// Returns the fingerprint of everything that a reader returns, a little at a time.
    ///
    /// # Errors
    ///
    /// The errors of the reader.
    pub(crate) fn of_reader(mut reader: impl Read) -> io::Result<Self> {
        let mut hasher = FingerprintHasher::default();
        io::copy(&mut reader, &mut hasher)?;
        Ok(hasher.fingerprint())
    }

    /// Returns the fingerprint of a value, as far as its `Hash` implementation covers it.
    pub fn of_value(value: &impl Hash) -> Self {
        let mut hasher = FingerprintHasher::default();
        value.hash(&mut hasher);
        hasher.fingerprint()
    }

    /// Returns its bytes.
    pub(super) fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// Returns its first half as a number.
    pub fn to_u64(self) -> u64 {
        u64::from_le_bytes(self.0.first_chunk().copied().unwrap_or_default())
    }

    fn first_half(hash: &blake3::Hash) -> Self {
        let first = hash.as_bytes().first_chunk().copied();
        Self(first.unwrap_or_default())
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Computes the fingerprint of bytes that arrive in pieces, or of a value's `Hash`.
pub(crate) struct FingerprintHasher {
    /// Most values fit into one piece, and need none.
    hasher: Option<Box<blake3::Hasher>>,
    /// Collects small pieces, because hashing each by itself would be slow.
    small: Vec<u8>,
}

impl Default for FingerprintHasher {
    fn default() -> Self {
        Self {
            hasher: None,
            small: Vec::with_capacity(Self::USUAL),
        }
    }
}

impl FingerprintHasher {
    /// Number of bytes that are hashed at once.
    const PIECE: usize = 1 << 14;

    /// More bytes than most values have.
    const USUAL: usize = 1 << 10;

    /// Returns the fingerprint of everything so far.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let Some(hasher) = &self.hasher else {
            return Fingerprint::of_bytes(&self.small);
        };
        let mut hasher = hasher.clone();
        hasher.update(&self.small);
        Fingerprint::first_half(&hasher.finalize())
    }
}

impl Hasher for FingerprintHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.small.extend_from_slice(bytes);
        // Values hash themselves in pieces of a few bytes.
        if self.small.len() >= Self::PIECE {
            let hasher = self.hasher.get_or_insert_default();
            hasher.update(&self.small);
            self.small.clear();
        }
    }

    fn finish(&self) -> u64 {
        self.fingerprint().to_u64()
    }
}

impl io::Write for FingerprintHasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Hasher::write(self, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_texts_do_not_run_together() {
        assert_ne!(
            Fingerprint::of_value(&("ab", "c")),
            Fingerprint::of_value(&("a", "bc"))
        );
        assert_ne!(
            Fingerprint::of_value(&vec!["a"]),
            Fingerprint::of_value(&["a", ""].to_vec())
        );
    }

    #[test]
    fn large_value_is_hashed_in_pieces() {
        let bytes: Vec<u8> = (0..40_000_u32).map(|at| at as u8).collect();
        for length in [0, 1, FingerprintHasher::PIECE, bytes.len()] {
            let mut hasher = FingerprintHasher::default();
            for piece in bytes[..length].chunks(1000) {
                Hasher::write(&mut hasher, piece);
            }
            assert_eq!(
                hasher.fingerprint(),
                Fingerprint::of_bytes(&bytes[..length])
            );
        }
    }

    #[test]
    fn fingerprint_is_the_same_in_every_run() {
        let fingerprint = Fingerprint::of_bytes(b"abc").to_string();
        assert!(fingerprint.starts_with("6437b3ac"), "{fingerprint}");
    }
}
