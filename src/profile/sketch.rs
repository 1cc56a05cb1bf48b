//! The five-word sequences of a text in an eighth of a kilobyte, enough to estimate how similar
//! two texts are.
//!
//! A [`Sketch`] is a one-permutation `MinHash`: the range of hashes is divided into bins, and of
//! each bin 8 bits of the smallest hash are kept. The share of bins that agree estimates the
//! similarity, within 0.04 or so.

use serde::{Deserialize, Serialize};

use super::sequences::LEAST;

/// How many bins make a band. Texts of similarity 0.8 agree in one with probability 0.33.
const BAND: usize = 5;

/// How many bands there are: all but 0.005% of texts of similarity 0.8 agree in one.
pub const BANDS: usize = 25;

/// Stands for a bin without any hash.
const EMPTY: u8 = u8::MAX;

/// What is kept of the sequences of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sketch([[u8; BAND]; BANDS]);

impl Default for Sketch {
    fn default() -> Self {
        Self([[EMPTY; BAND]; BANDS])
    }
}

impl Sketch {
    /// The sketch of a text whose sequences have these hashes, in any order.
    pub fn of(sequences: &[u64]) -> Self {
        const BINS: u128 = (BAND * BANDS) as u128;
        // The largest hash of all stands for none.
        let mut smallest = [u64::MAX; BINS as usize];
        for &hash in sequences {
            let bin = (u128::from(hash) * BINS) >> 64;
            let smallest = &mut smallest[bin as usize];
            *smallest = hash.min(*smallest);
        }
        let mut sketch = Self::default();
        for (bin, hash) in sketch.0.as_flattened_mut().iter_mut().zip(smallest) {
            if hash != u64::MAX {
                *bin = (hash as u8).min(EMPTY - 1);
            }
        }
        sketch
    }

    /// The hash of each band, `None` of one that is empty. A band's number is part of its hash.
    pub fn bands(&self) -> impl Iterator<Item = Option<u64>> {
        (0..BANDS).map(|number| self.band(number))
    }

    /// The hash of one band.
    pub fn band(&self, number: usize) -> Option<u64> {
        let band = &self.0[number];
        let add =
            |hash: u64, &bin: &u8| (hash ^ u64::from(bin)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let filled = band.iter().any(|&bin| bin != EMPTY);
        filled.then(|| band.iter().fold(number as u64, add))
    }

    /// The share of the bins that agree, from 0 to 1, if it is at least [`LEAST`] by the number.
    pub fn similarity(&self, other: &Self) -> Option<f64> {
        let (agree, all) = self.agreement(other);
        (all > 0 && agree * LEAST.1 >= all * LEAST.0).then(|| agree as f64 / all as f64)
    }

    /// Whether texts may well be similar: half of the bins agree.
    pub fn may_be_similar(&self, other: &Self) -> bool {
        let (agree, all) = self.agreement(other);
        2 * agree >= all
    }

    /// How many bins agree, of how many in which one of both has something.
    fn agreement(&self, other: &Self) -> (usize, usize) {
        let pairs = self.0.as_flattened().iter().zip(other.0.as_flattened());
        let filled = pairs.filter(|&(&a, &b)| (a, b) != (EMPTY, EMPTY));
        filled.fold((0, 0), |(agree, all), (a, b)| {
            (agree + usize::from(a == b), all + 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::sequences::sequences;
    use super::*;

    fn counted(words: std::ops::Range<usize>) -> Sketch {
        let words: Vec<String> = words.map(|n| n.to_string()).collect();
        Sketch::of(&sequences(&words.join(" ")))
    }

    #[test]
    fn the_estimate_is_near_the_similarity() {
        for (start, shift) in [(0, 20), (5000, 50), (9000, 80)] {
            let (a, b) = (
                counted(start..start + 1000),
                counted(start + shift..start + 1000 + shift),
            );
            let exact = (996 - shift) as f64 / (996 + shift) as f64;
            let found = a.similarity(&b).expect("similar");
            assert!((found - exact).abs() < 0.1, "{found} for {exact}");
            assert!(a.may_be_similar(&b));
        }
        assert!(!counted(0..1000).may_be_similar(&counted(5000..6000)));
    }

    #[test]
    fn texts_without_sequences_share_no_band() {
        assert_eq!(counted(0..0).bands().flatten().count(), 0);
        assert_eq!(counted(0..0).similarity(&counted(0..0)), None);
        assert!(counted(0..5).bands().flatten().count() == 1);
    }
}
