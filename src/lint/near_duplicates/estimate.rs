//! The estimated similarity of bodies, in half a kilobyte a body and linear time.
//!
//! A [`Sketch`] is a one-permutation `MinHash`: the range of hashes is divided into bins, and of
//! each bin the smallest hash is kept. The share of bins that agree estimates the similarity,
//! within 0.04 or so. Only bodies that agree in a whole band of bins are compared.

use std::collections::HashMap;

use super::sequences::Sequences;
use super::{LEAST, Similar};

/// How many bins make a band. Bodies of similarity 0.8 agree in one with probability 0.33.
const BAND: usize = 5;

/// How many bands there are: all but 0.005% of bodies of similarity 0.8 agree in one.
const BANDS: usize = 25;

const BINS: usize = BAND * BANDS;

/// Stands for a bin without any hash.
const EMPTY: u16 = u16::MAX;

/// Of each bin, 16 bits of the smallest hash.
type Sketch = [u16; BINS];

/// The sketches of some bodies.
#[derive(Debug, Default)]
pub(super) struct Sketches {
    sketches: Vec<Sketch>,
    /// The first body with a band, by hash of the band. One body a band keeps the time linear.
    first: HashMap<u32, u32>,
}

impl<'s> FromIterator<&'s Sequences> for Sketches {
    fn from_iter<I: IntoIterator<Item = &'s Sequences>>(bodies: I) -> Self {
        let mut sketches = Self::default();
        for sequences in bodies {
            sketches.find_and_add(sequences.hashes());
        }
        sketches
    }
}

impl Sketches {
    /// The first body found that seems similar enough; then adds this one.
    pub(super) fn find_and_add(&mut self, sequences: &[u64]) -> Option<Similar> {
        let sketch = sketch(sequences);
        let next = self.sketches.len() as u32;
        let mut candidates: Vec<u32> = band_hashes(&sketch)
            .map(|band| *self.first.entry(band).or_insert(next))
            .filter(|&body| body != next)
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let similar = candidates.into_iter().find_map(|body| {
            let similarity = similarity(&self.sketches[body as usize], &sketch)?;
            Some(Similar {
                post: body as usize,
                similarity,
            })
        });
        self.sketches.push(sketch);
        similar
    }
}

/// The sketch of a body with these hashes, in any order.
fn sketch(sequences: &[u64]) -> Sketch {
    let mut smallest = [None; BINS];
    for &hash in sequences {
        let bin = (u128::from(hash) * BINS as u128) >> 64;
        let smallest = &mut smallest[bin as usize];
        *smallest = Some(smallest.unwrap_or(hash).min(hash));
    }
    smallest.map(|hash| hash.map_or(EMPTY, |hash| (hash as u16).min(EMPTY - 1)))
}

/// The hashes of the bands that are not empty. A band's number is part of its hash.
fn band_hashes(sketch: &Sketch) -> impl Iterator<Item = u32> {
    let bands = sketch.chunks_exact(BAND).enumerate();
    let filled = bands.filter(|(_, band)| band.iter().any(|&bin| bin != EMPTY));
    filled.map(|(number, band)| {
        let add =
            |hash: u64, &bin: &u16| (hash ^ u64::from(bin)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (band.iter().fold(number as u64, add) >> 32) as u32
    })
}

/// The share of the bins that agree, from 0 to 1, if it is large enough.
fn similarity(a: &Sketch, b: &Sketch) -> Option<f64> {
    let filled = a.iter().zip(b).filter(|&(&a, &b)| (a, b) != (EMPTY, EMPTY));
    let (mut agree, mut all) = (0, 0);
    for (a, b) in filled {
        agree += usize::from(a == b);
        all += 1;
    }
    (all > 0 && agree * LEAST.1 >= all * LEAST.0).then(|| agree as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::super::sequences::sequences;
    use super::*;

    fn counted(words: std::ops::Range<usize>) -> Vec<u64> {
        let words: Vec<String> = words.map(|n| n.to_string()).collect();
        sequences(&words.join(" "))
    }

    #[test]
    fn the_estimate_is_near_the_similarity() {
        for (start, shift) in [(0, 20), (5000, 50), (9000, 80)] {
            let (a, b) = (
                counted(start..start + 1000),
                counted(start + shift..start + 1000 + shift),
            );
            let exact = (996 - shift) as f64 / (996 + shift) as f64;
            let found = similarity(&sketch(&a), &sketch(&b)).expect("similar");
            assert!((found - exact).abs() < 0.1, "{found} for {exact}");
        }
    }

    #[test]
    fn bodies_with_few_sequences_are_compared_too() {
        let mut sketches = Sketches::default();
        assert_eq!(sketches.find_and_add(&counted(0..5)), None);
        assert_eq!(sketches.find_and_add(&counted(10..15)), None);
        let found = sketches.find_and_add(&counted(10..15));
        assert_eq!(
            found,
            Some(Similar {
                post: 1,
                similarity: 1.0
            })
        );
        assert_eq!(sketches.find_and_add(&counted(0..0)), None);
        assert_eq!(sketches.find_and_add(&counted(0..0)), None);
    }
}
