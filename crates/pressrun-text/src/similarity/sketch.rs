//! A fixed-size sketch of the word sequences of a text, from which the similarity of two texts can
//! be estimated.
//!
//! A [`Sketch`] is a one-permutation `MinHash` of 125 bytes: the range of hashes is divided into
//! bins, and 8 bits of the smallest hash in each bin are kept. The share of bins that agree
//! estimates the similarity, to within about 0.04.

use serde::{Deserialize, Serialize};

/// The number of bins in a band. Two texts of similarity 0.8 agree in a given band with probability
/// 0.33.
const BAND: usize = 5;

/// The number of bands. All but 0.005% of text pairs of similarity 0.8 agree in at least one.
pub const BANDS: usize = 25;

/// The value of a bin without any hash.
const EMPTY: u8 = u8::MAX;

/// The sketch of the word sequences of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sketch([[u8; BAND]; BANDS]);

impl Default for Sketch {
    fn default() -> Self {
        Self([[EMPTY; BAND]; BANDS])
    }
}

impl Sketch {
    /// Creates the sketch of a text from the hashes of its sequences, in any order.
    pub fn from_hashes(sequences: &[u64]) -> Self {
        const BINS: u128 = (BAND * BANDS) as u128;
        // The largest possible hash marks an empty bin.
        let mut smallest = [u64::MAX; BINS as usize];
        for &hash in sequences {
            // Scales the hash to the range of bins without a division.
            let bin = (u128::from(hash) * BINS) >> 64;
            let smallest = &mut smallest[bin as usize];
            *smallest = hash.min(*smallest);
        }
        let mut sketch = Self::default();
        for (bin, hash) in sketch.0.as_flattened_mut().iter_mut().zip(smallest) {
            if hash != u64::MAX {
                // The value of an empty bin is not used for a filled one.
                *bin = (hash as u8).min(EMPTY - 1);
            }
        }
        sketch
    }

    /// Returns the hash of one band, or `None` if it is empty. The number of the band is part of the
    /// hash.
    pub fn band(&self, number: usize) -> Option<u64> {
        let band = &self.0[number];
        let add =
            |hash: u64, &bin: &u8| (hash ^ u64::from(bin)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let filled = band.iter().any(|&bin| bin != EMPTY);
        filled.then(|| band.iter().fold(number as u64, add))
    }

    /// Returns whether the texts may be similar enough to be worth comparing: half of the bins
    /// agree.
    pub fn may_be_similar(&self, other: &Self) -> bool {
        let (agree, all) = self.agreement(other);
        2 * agree >= all
    }

    /// Returns whether the texts have a large part of their word sequences in common, as two
    /// versions of one text do: a fifth of the bins agree. In unrelated texts hardly any do.
    pub fn shares_part(&self, other: &Self) -> bool {
        let (agree, all) = self.agreement(other);
        agree > 0 && 5 * agree >= all
    }

    /// Returns the number and the content of each bin that is not empty. Two texts of similarity `s`
    /// share about the share `s` of them.
    pub fn filled_bins(&self) -> impl Iterator<Item = (u8, u8)> {
        let bins = (0..).zip(self.0.as_flattened());
        bins.filter(|&(_, &bin)| bin != EMPTY)
            .map(|(number, &bin)| (number, bin))
    }

    /// Returns how many bins agree, and how many are filled in at least one of the sketches: the
    /// first is about the similarity times the second.
    pub fn agreement(&self, other: &Self) -> (usize, usize) {
        let pairs = self.0.as_flattened().iter().zip(other.0.as_flattened());
        let filled = pairs.filter(|&(&a, &b)| (a, b) != (EMPTY, EMPTY));
        filled.fold((0, 0), |(agree, all), (a, b)| {
            (agree + usize::from(a == b), all + 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::sequences::hash_sequences_of_words;
    use super::*;

    fn counted(words: std::ops::Range<usize>) -> Sketch {
        let words: Vec<String> = words.map(|n| n.to_string()).collect();
        Sketch::from_hashes(&hash_sequences_of_words(&words.join(" ")))
    }

    #[test]
    fn the_estimate_is_near_the_similarity() {
        for (start, shift) in [(0, 20), (5000, 50), (9000, 80)] {
            let (a, b) = (
                counted(start..start + 1000),
                counted(start + shift..start + 1000 + shift),
            );
            let exact = (996 - shift) as f64 / (996 + shift) as f64;
            let (agree, all) = a.agreement(&b);
            let found = agree as f64 / all as f64;
            assert!((found - exact).abs() < 0.1, "{found} for {exact}");
            assert!(a.may_be_similar(&b));
        }
        assert!(!counted(0..1000).may_be_similar(&counted(5000..6000)));
    }

    #[test]
    fn versions_of_a_text_share_a_part() {
        assert!(counted(0..300).shares_part(&counted(60..360)));
        assert!(counted(0..300).shares_part(&counted(100..400)));
        assert!(!counted(0..300).shares_part(&counted(300..600)));
        assert!(!counted(0..300).shares_part(&counted(0..0)));
        assert!(!counted(0..0).shares_part(&counted(0..0)));
    }

    #[test]
    fn texts_without_sequences_share_no_band() {
        let bands = |sketch: Sketch| (0..BANDS).filter_map(|number| sketch.band(number)).count();
        assert_eq!(bands(counted(0..0)), 0);
        assert_eq!(bands(counted(0..5)), 1);
    }
}
