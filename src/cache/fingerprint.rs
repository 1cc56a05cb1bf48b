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
        let mut hasher = Hasher::default();
        value.hash(&mut hasher);
        hasher.fingerprint()
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

/// Makes the fingerprint of bytes that come piece by piece, or of what a value tells of itself.
#[derive(Default)]
pub(super) struct Hasher {
    hasher: blake3::Hasher,
    /// Small pieces, until they are worth being hashed.
    small: Vec<u8>,
}

impl Hasher {
    /// Bytes that are hashed at once.
    const PIECE: usize = 1 << 14;

    pub(super) fn fingerprint(mut self) -> Fingerprint {
        self.hasher.update(&self.small);
        Fingerprint::first_half(&self.hasher.finalize())
    }
}

impl std::hash::Hasher for Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.small.extend_from_slice(bytes);
        if self.small.len() >= Self::PIECE {
            self.hasher.update(&self.small);
            self.small.clear();
        }
    }

    fn finish(&self) -> u64 {
        let mut hasher = self.hasher.clone();
        hasher.update(&self.small);
        Fingerprint::first_half(&hasher.finalize()).to_u64()
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
