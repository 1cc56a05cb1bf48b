//! The exact similarity of bodies, computed only where it can be high enough.
//!
//! Two sets of which 4/5 are shared share an element among the smallest fifth of each (their
//! *prefixes*), whatever the order, as long as it is the same for both. So only prefixes are
//! indexed, and only sets that meet there are compared.

use std::collections::HashMap;

use super::sequences::Sequences;
use super::{LEAST, Similar};

/// The sets of some bodies.
#[derive(Debug, Default)]
pub(super) struct Sets {
    bodies: Vec<Sequences>,
    /// The last entry for a sequence.
    last: HashMap<u64, u32>,
    entries: Vec<Entry>,
}

/// A set with some sequence in its prefix, and the entry before for the same sequence.
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

    /// The first set that is similar enough.
    pub(super) fn find(&self, sequences: &Sequences) -> Option<Similar> {
        let mut meets = vec![false; self.bodies.len()];
        for hash in prefix(sequences) {
            let mut at = self.last.get(hash).copied();
            while let Some(entry) = at.map(|at| self.entries[at as usize]) {
                meets[entry.set as usize] = true;
                at = entry.before;
            }
        }
        let candidates = (0..)
            .zip(&self.bodies)
            .zip(meets)
            .filter(|&(_, meets)| meets);
        candidates
            .map(|(candidate, _)| candidate)
            .find_map(|(post, set)| {
                let similarity = similarity(set.hashes(), sequences.hashes())?;
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

/// The elements of which one is shared by every set that is similar enough.
fn prefix(sequences: &Sequences) -> &[u64] {
    let hashes = sequences.hashes();
    let shared = (hashes.len() * LEAST.0).div_ceil(LEAST.1);
    &hashes[..(hashes.len() - shared + 1).min(hashes.len())]
}

/// The shared part of two sorted sets, from 0 to 1, if it is large enough.
fn similarity(a: &[u64], b: &[u64]) -> Option<f64> {
    let both = a.len() + b.len();
    // shared / (both - shared) >= 4/5
    let enough = (both * LEAST.0).div_ceil(LEAST.0 + LEAST.1);
    if a.len().min(b.len()) < enough {
        return None;
    }
    let shared = shared(a, b, both - 2 * enough)?;
    Some(shared as f64 / (both - shared) as f64)
}

/// How many elements are shared; `None` as soon as more than `most` are not.
fn shared(mut a: &[u64], mut b: &[u64], most: usize) -> Option<usize> {
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
    use super::super::sequences::sequences;
    use super::*;
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
