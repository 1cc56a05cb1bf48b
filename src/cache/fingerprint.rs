//! Hashes that stand for what they were made from, also in the next run of the program.

use std::hash::Hash;

use serde::{Deserialize, Serialize};

/// The first half of a BLAKE3 hash.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of some bytes.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::first_half(&blake3::hash(bytes))
    }

    /// The fingerprint of a value: of all that its `Hash` tells.
    pub fn of(value: &impl Hash) -> Self {
        let mut stream = Stream(blake3::Hasher::new());
        value.hash(&mut stream);
        Self::first_half(&stream.0.finalize())
    }

    /// Its bytes.
    pub(super) fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// Half of it.
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

/// Makes the fingerprint of bytes that come piece by piece.
#[derive(Default)]
pub(super) struct Hasher {
    hasher: blake3::Hasher,
    /// Small pieces, until they are worth being hashed.
    small: Vec<u8>,
}

impl Hasher {
    /// Bytes that are hashed at once.
    const PIECE: usize = 1 << 14;

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.small.extend_from_slice(bytes);
        if self.small.len() >= Self::PIECE {
            self.hasher.update(&self.small);
            self.small.clear();
        }
    }

    pub(super) fn finish(mut self) -> Fingerprint {
        self.hasher.update(&self.small);
        Fingerprint::first_half(&self.hasher.finalize())
    }
}

/// Collects what a value tells of itself.
struct Stream(blake3::Hasher);

impl std::hash::Hasher for Stream {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let hash = self.0.finalize();
        u64::from_le_bytes(hash.as_bytes().first_chunk().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_texts_do_not_run_together() {
        assert_ne!(Fingerprint::of(&("ab", "c")), Fingerprint::of(&("a", "bc")));
        assert_ne!(
            Fingerprint::of(&vec!["a"]),
            Fingerprint::of(&["a", ""].to_vec())
        );
    }

    #[test]
    fn fingerprint_is_the_same_in_every_run() {
        let fingerprint = Fingerprint::of_bytes(b"abc").to_string();
        assert!(fingerprint.starts_with("6437b3ac"), "{fingerprint}");
    }
}
