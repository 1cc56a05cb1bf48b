//! Estimates the similarity of bodies, with 125 bytes per body and in linear time.
//!
//! Only bodies whose sketches agree in a whole band are compared.

use std::collections::HashMap;

use super::Similar;
use crate::profile::{Sequences, Sketch};

/// The sketches of the bodies so far.
#[derive(Debug, Default)]
pub(super) struct Sketches {
    sketches: Vec<Sketch>,
    /// The first body with each band, by hash of the band. Keeping only one keeps the time linear.
    first: HashMap<u64, u32>,
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
    /// Returns the first body that seems similar enough, and then adds this one.
    pub(super) fn find_and_add(&mut self, sequences: &[u64]) -> Option<Similar> {
        let sketch = Sketch::of(sequences);
        let next = self.sketches.len() as u32;
        // A band without a body yet is assigned to this one, which is not its own candidate.
        let mut candidates: Vec<u32> = sketch
            .bands()
            .flatten()
            .map(|band| *self.first.entry(band).or_insert(next))
            .filter(|&body| body != next)
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let similar = candidates.into_iter().find_map(|body| {
            let similarity = self.sketches[body as usize].similarity(&sketch)?;
            Some(Similar {
                post: body as usize,
                similarity,
            })
        });
        self.sketches.push(sketch);
        similar
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::sequences;

    fn counted(words: std::ops::Range<usize>) -> Vec<u64> {
        let words: Vec<String> = words.map(|n| n.to_string()).collect();
        sequences(&words.join(" "))
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
