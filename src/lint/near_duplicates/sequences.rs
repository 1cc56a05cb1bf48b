//! The five-word sequences of a body, as a set of hashes.

/// How many words a sequence has.
const LENGTH: usize = 5;

/// An odd number without a pattern in its bits (the golden ratio).
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// A set of hashes, in ascending order. Their order is as good as random, and the same for every
/// body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sequences(Vec<u64>);

impl Sequences {
    pub(super) fn of(mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes)
    }

    /// The hashes in ascending order.
    pub(super) fn hashes(&self) -> &[u64] {
        &self.0
    }
}

/// The hashes of the sequences of `words`, which single spaces separate, in their order; fewer
/// than five words are one sequence, no word is none.
pub(super) fn sequences(words: &str) -> Vec<u64> {
    let hashes = word_hashes(words);
    if hashes.is_empty() {
        return Vec::new();
    }
    let windows = hashes.windows(LENGTH.min(hashes.len()));
    windows.map(sequence_hash).collect()
}

/// The hash of each word of `words`, which single spaces separate.
fn word_hashes(words: &str) -> Vec<u64> {
    let mut hashes = Vec::with_capacity(words.len() / 5);
    let mut hash = 0;
    for &byte in words.as_bytes() {
        if byte == b' ' {
            hashes.push(mix(hash));
            hash = 0;
        } else {
            hash = add(hash, u64::from(byte));
        }
    }
    if !words.is_empty() {
        hashes.push(mix(hash));
    }
    hashes
}

fn add(hash: u64, part: u64) -> u64 {
    hash.wrapping_mul(FACTOR).wrapping_add(part)
}

fn sequence_hash(words: &[u64]) -> u64 {
    let start = words.len() as u64;
    mix(words.iter().fold(start, |hash, &word| add(hash, word)))
}

/// Lets every bit depend on every other (the finalizer of `SplitMix64`).
fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(body: &str) -> usize {
        Sequences::of(sequences(body)).hashes().len()
    }

    #[test]
    fn a_set_has_each_sequence_once() {
        assert_eq!(count("a b c d e f"), 2);
        assert_eq!(count("a a a a a a a"), 1);
        assert_eq!(count("a b c"), 1);
        assert_eq!(count(""), 0);
    }

    #[test]
    fn the_order_of_words_matters() {
        assert_ne!(sequences("a b c d e"), sequences("b a c d e"));
        assert_ne!(sequences("ab c"), sequences("a bc"));
    }
}
