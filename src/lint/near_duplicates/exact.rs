//! Computes the exact similarity of bodies, but only where it can be high enough.
//!
//! If two sets share 4/5 of their elements, they share an element within the smallest fifth of each
//! set (its *prefix*). This holds for any order, as long as it is the same for both sets. So only
//! prefixes are indexed, and only sets whose prefixes meet are compared.

use std::collections::HashMap;

use super::Similar;
use crate::profile::{LEAST, Sequences};

/// The sequences of the bodies so far, with an index of their prefixes.
#[derive(Debug, Default)]
pub(super) struct Sets {
    bodies: Vec<Sequences>,
    /// The most recent entry for each sequence.
    last: HashMap<u64, u32>,
    entries: Vec<Entry>,
}

/// A set whose prefix contains some sequence, linked to the previous entry for the same sequence.
#[derive(Debug, Clone, Copy)]
struct Entry {
    set: u32,
    before: Option<u32>,
}

impl Sets {
    pub(super) fn len(&self) -> usize {
        self.bodies.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Sequences> {
        self.bodies.iter()
    }

    /// Returns the first set that is similar enough.
    pub(super) fn find(&self, sequences: &Sequences) -> Option<Similar> {
        let mut meets = vec![false; self.bodies.len()];
        for hash in prefix(sequences) {
            let mut at = self.last.get(hash).copied();
            while let Some(entry) = at.map(|at| self.entries[at as usize]) {
                meets[entry.set as usize] = true;
                at = entry.before;
            }
        }
        // Candidates are compared in order, so that the earliest similar set is found.
        let candidates = (0..)
            .zip(&self.bodies)
            .zip(meets)
            .filter(|&(_, meets)| meets);
        candidates
            .map(|(candidate, _)| candidate)
            .find_map(|(post, set)| {
                let similarity = set.similarity(sequences)?;
                Some(Similar { post, similarity })
            })
    }

    pub(super) fn add(&mut self, sequences: Sequences) {
        let set = self.bodies.len() as u32;
        for &hash in prefix(&sequences) {
            let entry = self.entries.len() as u32;
            let before = self.last.insert(hash, entry);
            self.entries.push(Entry { set, before });
        }
        self.bodies.push(sequences);
    }
}

/// Returns the prefix of a set: every set that is similar enough shares one of these elements.
fn prefix(sequences: &Sequences) -> &[u64] {
    let hashes = sequences.hashes();
    let shared = (hashes.len() * LEAST.0).div_ceil(LEAST.1);
    // The minimum matters for an empty set only.
    &hashes[..(hashes.len() - shared + 1).min(hashes.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::sequences;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_index_finds_what_comparing_all_pairs_finds(
            bodies in prop::collection::vec("([ab] ){1,12}|(a b c d e f g h ){1,2}([a-c] ){0,4}", 1..12),
        ) {
            let bodies: Vec<Sequences> = bodies.iter().map(|body| Sequences::of(sequences(body.trim_end()))).collect();
            let mut sets = Sets::default();
            for (count, body) in bodies.iter().enumerate() {
                let all = bodies[..count].iter().position(|earlier| jaccard(earlier, body) >= 0.8);
                prop_assert_eq!(sets.find(body).map(|similar| similar.post), all);
                sets.add(body.clone());
            }
        }
    }

    fn jaccard(a: &Sequences, b: &Sequences) -> f64 {
        let shared = a.hashes().iter().filter(|hash| b.hashes().contains(hash));
        let shared = shared.count();
        shared as f64 / (a.hashes().len() + b.hashes().len() - shared) as f64
    }
}
