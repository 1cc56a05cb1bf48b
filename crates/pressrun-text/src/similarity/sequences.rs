//! The set of five-word sequences of a text, as hashes, and the similarity of two such sets.

use crate::words;

/// The number of words in a sequence.
const LENGTH: usize = 5;

/// The minimum similarity of near-duplicates, as a fraction: 0.8 (R15 of the ingest contract).
pub const LEAST: (usize, usize) = (4, 5);

/// Returns the hashes of the sequences of `words`, in order.
///
/// Single spaces separate the words. Fewer than five words make one sequence; an empty text has
/// none.
pub fn hash_sequences_of_words(words: &str) -> Vec<u64> {
    let mut hashes = Vec::with_capacity(words.len() / 5);
    hashes.extend(words::iter_words(words).map(words::hash_word));
    hash_sequences_of_hashes(&hashes)
}

/// Returns the hashes of the sequences, given the hashes of the words.
pub(super) fn hash_sequences_of_hashes(hashes: &[u64]) -> Vec<u64> {
    if hashes.is_empty() {
        return Vec::new();
    }
    words::hash_sequences(hashes, LENGTH.min(hashes.len()))
}

/// A set of hashes in ascending order.
///
/// The order is unrelated to the text, but it is the same for every text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceSet(Vec<u64>);

impl SequenceSet {
    /// Creates the set of these hashes.
    pub fn from_hashes(mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes)
    }

    /// Returns the hashes in ascending order.
    pub fn hashes(&self) -> &[u64] {
        &self.0
    }

    /// Returns how many elements two sets of a similarity of at least [`LEAST`] share.
    pub fn least_shared(&self, other: &Self) -> usize {
        let both = self.0.len() + other.0.len();
        // `shared / (both - shared) >= 4/5` means that `shared >= both * 4/9`.
        (both * LEAST.0).div_ceil(LEAST.0 + LEAST.1)
    }

    /// Returns the Jaccard similarity of two sets, from 0 to 1, if it is at least [`LEAST`].
    pub fn similarity(&self, other: &Self) -> Option<f64> {
        let (a, b) = (self.hashes(), other.hashes());
        let both = a.len() + b.len();
        let enough = self.least_shared(other);
        if both == 0 || a.len().min(b.len()) < enough {
            return None;
        }
        // More than `both - 2 * enough` elements outside the intersection rule it out, so the merge
        // can stop early.
        let shared = count_shared(a, b, both - 2 * enough)?;
        Some(shared as f64 / (both - shared) as f64)
    }
}

/// Counts the shared elements; returns `None` as soon as more than `most` are not shared.
fn count_shared(mut a: &[u64], mut b: &[u64], most: usize) -> Option<usize> {
    let (mut shared, mut lonely) = (0, 0);
    while let ([first, a_rest @ ..], [second, b_rest @ ..]) = (a, b) {
        if first == second {
            shared += 1;
        } else {
            lonely += 1;
            if lonely > most {
                return None;
            }
        }
        if first <= second {
            a = a_rest;
        }
        if second <= first {
            b = b_rest;
        }
    }
    (lonely + a.len() + b.len() <= most).then_some(shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(body: &str) -> usize {
        SequenceSet::from_hashes(hash_sequences_of_words(body))
            .hashes()
            .len()
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
        assert_ne!(
            hash_sequences_of_words("a b c d e"),
            hash_sequences_of_words("b a c d e")
        );
        assert_ne!(
            hash_sequences_of_words("ab c"),
            hash_sequences_of_words("a bc")
        );
    }

    #[test]
    fn similarity_is_that_of_the_sets_from_four_fifths_on() {
        let set = |range: std::ops::Range<u64>| SequenceSet::from_hashes(range.collect());
        assert_eq!(set(0..9).similarity(&set(1..10)), Some(0.8));
        assert_eq!(set(0..8).similarity(&set(1..9)), None);
        assert_eq!(set(0..9).similarity(&set(0..9)), Some(1.0));
        assert_eq!(set(0..0).similarity(&set(0..0)), None);
    }
}
