//! Computes the exact similarity of bodies, but only where it can be high enough.
//!
//! If two sets share 4/5 of their elements, they share an element within the first fifth of each
//! set (its *prefix*). This holds for any order, as long as it is the same for both sets. So only
//! prefixes are indexed, and only sets whose prefixes meet are compared.
//!
//! Of two sets of the same size, the prefixes must even share 4/45 of the elements: without them, what
//! lies beyond the prefix that ends first is too little. So sets that share some phrases are told apart
//! without comparing them.
//!
//! The order is that of the hashes, but *frequent* sequences come last: those that the prefixes of
//! more than [`MOST_RARE`] sets contain, such as the words that end every post. When a sequence
//! becomes frequent, the few sets that are indexed by it get their next sequence instead. So work
//! grows with the number of posts, and not with its square.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use pressrun_text::similarity::{LEAST, SequenceSet};
use pressrun_text::words::KeyedHashBuilder;

use super::SimilarPost;

/// The most sets that are indexed by a sequence before it is frequent.
const MOST_RARE: u16 = 64;

/// The most sets that are indexed by a frequent sequence. Only a set that consists almost entirely
/// of frequent sequences is indexed by them.
const MOST_FREQUENT: usize = 200;

/// The most sets that one set is compared with: those that share most of its prefix.
const MOST_COMPARED: usize = 200;

/// The sequences of the bodies so far, with an index of their prefixes.
#[derive(Debug, Default)]
pub(super) struct SequenceIndex {
    bodies: Vec<IndexedSet>,
    /// The most recent entry for each rare sequence.
    last: HashMap<u64, u32, KeyedHashBuilder>,
    entries: Vec<IndexEntry>,
    /// The sets that are indexed by each frequent sequence.
    frequent: HashMap<u64, Vec<u32>, KeyedHashBuilder>,
    meetings: Meetings,
}

#[derive(Debug)]
struct IndexedSet {
    sequences: SequenceSet,
    /// The position up to which its rare sequences are indexed.
    next: usize,
    /// Whether it has too few rare sequences, so that its frequent ones are indexed too.
    is_common: bool,
}

/// A set that is indexed by some sequence, linked to the previous entry for the same sequence.
#[derive(Debug, Clone, Copy)]
struct IndexEntry {
    set: u32,
    before: Option<u32>,
    /// The number of entries for the sequence, up to this one.
    length: u16,
}

impl SequenceIndex {
    /// Returns the first set that is similar enough.
    pub(super) fn find(&mut self, sequences: &SequenceSet) -> Option<SimilarPost> {
        let candidates = self.candidates(sequences);
        let similar = candidates.into_iter().filter_map(|set| {
            let post = set as usize;
            let similarity = self.bodies[post].sequences.similarity(sequences)?;
            Some(SimilarPost { post, similarity })
        });
        similar.min_by_key(|similar| similar.post)
    }

    /// Returns the sets whose prefixes share so much with that of `sequences` that they may be similar
    /// enough, up to the most that are compared.
    fn candidates(&mut self, sequences: &SequenceSet) -> Vec<u32> {
        self.meetings.begin(self.bodies.len());
        let mut wanted = prefix_length(sequences);
        // Frequent sequences come last, so most of them are never needed.
        let mut frequent = Vec::new();
        for hash in sequences.hashes() {
            if wanted == 0 {
                break;
            }
            if self.frequent.contains_key(hash) {
                frequent.push(hash);
                continue;
            }
            wanted -= 1;
            let mut at = self.last.get(hash).copied();
            while let Some(entry) = at.map(|at| self.entries[at as usize]) {
                self.meetings.count(entry.set);
                at = entry.before;
            }
        }
        for hash in frequent.into_iter().take(wanted) {
            for &set in &self.frequent[hash] {
                self.meetings.count(set);
            }
        }
        // Not all sets are indexed by a frequent sequence, so there is no least number then.
        let has_all = wanted == 0;
        let most_met = self.meetings.most_met(MOST_COMPARED);
        let candidates = most_met.filter(|&(set, number)| {
            !has_all
                || number as usize >= least_shared(sequences, &self.bodies[set as usize].sequences)
        });
        candidates.map(|(set, _)| set).collect()
    }

    /// Adds a set, and indexes its prefix.
    pub(super) fn add(&mut self, sequences: SequenceSet) {
        let set = self.bodies.len() as u32;
        let wanted = prefix_length(&sequences);
        self.bodies.push(IndexedSet {
            sequences,
            next: 0,
            is_common: false,
        });
        let mut waiting = vec![(set, wanted)];
        while let Some((set, wanted)) = waiting.pop() {
            for _ in 0..wanted {
                let Some(hash) = self.next_rare(set) else {
                    self.index_frequent(set);
                    break;
                };
                // Each set that loses a sequence of its prefix gets another one.
                let losing = self.index_rare(hash, set);
                waiting.extend(losing.into_iter().map(|set| (set, 1)));
            }
        }
    }

    /// Returns the next rare sequence of a set that it is not indexed by yet.
    fn next_rare(&mut self, set: u32) -> Option<u64> {
        let body = &mut self.bodies[set as usize];
        let rest = &body.sequences.hashes()[body.next..];
        let skipped = rest
            .iter()
            .take_while(|hash| self.frequent.contains_key(hash))
            .count();
        body.next += skipped;
        let hash = *rest.get(skipped)?;
        body.next += 1;
        Some(hash)
    }

    /// Indexes a set by a rare sequence. If that makes the sequence frequent, returns the sets that
    /// were indexed by it.
    fn index_rare(&mut self, hash: u64, set: u32) -> Vec<u32> {
        let newest = self.entries.len() as u32;
        let mut added = IndexEntry {
            set,
            before: None,
            length: 1,
        };
        match self.last.entry(hash) {
            Entry::Vacant(last) => {
                last.insert(newest);
            }
            Entry::Occupied(mut last) => {
                added.before = Some(*last.get());
                added.length += self.entries[*last.get() as usize].length;
                if added.length > MOST_RARE {
                    last.remove();
                } else {
                    last.insert(newest);
                }
            }
        }
        if added.length <= MOST_RARE {
            self.entries.push(added);
            return Vec::new();
        }
        let mut losing = vec![set];
        let mut at = added.before;
        while let Some(entry) = at.map(|at| self.entries[at as usize]) {
            losing.push(entry.set);
            at = entry.before;
        }
        losing.reverse();
        let common = losing.iter().copied();
        let common = common.filter(|&set| self.bodies[set as usize].is_common);
        self.frequent
            .insert(hash, common.take(MOST_FREQUENT).collect());
        losing
    }

    /// Indexes a set by its frequent sequences.
    fn index_frequent(&mut self, set: u32) {
        let body = &mut self.bodies[set as usize];
        if std::mem::replace(&mut body.is_common, true) {
            return;
        }
        for hash in body.sequences.hashes() {
            if let Some(sets) = self.frequent.get_mut(hash)
                && sets.len() < MOST_FREQUENT
            {
                sets.push(set);
            }
        }
    }
}

/// How often each set met the one that is looked for.
#[derive(Debug, Default)]
struct Meetings {
    /// The number for each set.
    numbers: Vec<u32>,
    /// The sets whose number is not 0.
    met: Vec<u32>,
}

impl Meetings {
    /// Forgets all meetings, and has room for so many sets.
    fn begin(&mut self, sets: usize) {
        for set in self.met.drain(..) {
            self.numbers[set as usize] = 0;
        }
        self.numbers.resize(sets, 0);
    }

    fn count(&mut self, set: u32) {
        let number = &mut self.numbers[set as usize];
        if *number == 0 {
            self.met.push(set);
        }
        *number += 1;
    }

    /// Returns the sets that were met most often, at most `most`, with their numbers.
    fn most_met(&self, most: usize) -> impl Iterator<Item = (u32, u32)> {
        let numbers = &self.numbers;
        let mut order = self.met.clone();
        if order.len() > most {
            order.sort_unstable_by_key(|&set| (std::cmp::Reverse(numbers[set as usize]), set));
            order.truncate(most);
        }
        order.into_iter().map(|set| (set, numbers[set as usize]))
    }
}

/// Returns how many elements the prefixes of two similar sets share at least.
///
/// All shared elements up to the end of the prefix that ends first are in both prefixes, so the others
/// are among the elements of that set after its prefix.
fn least_shared(a: &SequenceSet, b: &SequenceSet) -> usize {
    let after_prefix = |set: &SequenceSet| set.hashes().len() - prefix_length(set);
    a.least_shared(b)
        .saturating_sub(after_prefix(a).max(after_prefix(b)))
}

/// Returns the number of elements of which every similar set shares at least one.
fn prefix_length(sequences: &SequenceSet) -> usize {
    let length = sequences.hashes().len();
    let shared = (length * LEAST.0).div_ceil(LEAST.1);
    (length - shared + 1).min(length)
}

#[cfg(test)]
mod tests {
    use pressrun_text::similarity::hash_sequences_of_words;
    use proptest::prelude::*;

    use super::*;

    /// Compares each body with all earlier ones, in both ways.
    fn check(bodies: &[SequenceSet]) -> Result<(), TestCaseError> {
        let mut sets = SequenceIndex::default();
        for (count, body) in bodies.iter().enumerate() {
            let all = bodies[..count]
                .iter()
                .position(|earlier| jaccard(earlier, body) >= 0.8);
            prop_assert_eq!(sets.find(body).map(|similar| similar.post), all);
            sets.add(body.clone());
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn the_index_finds_what_comparing_all_pairs_finds(
            bodies in prop::collection::vec("([ab] ){1,12}|(a b c d e f g h ){1,2}([a-c] ){0,4}", 1..12),
        ) {
            let bodies: Vec<SequenceSet> = bodies.iter().map(|body| SequenceSet::from_hashes(hash_sequences_of_words(body.trim_end()))).collect();
            check(&bodies)?;
        }

        // Enough bodies with the same sequences to make some of them frequent, and some bodies
        // of nothing else.
        #[test]
        fn frequent_sequences_hide_nothing(
            bodies in prop::collection::vec((0_u64..40, 0_u64..12, 0_u64..4), 150..180),
        ) {
            let bodies: Vec<SequenceSet> = bodies
                .iter()
                .zip(0_u64..)
                .map(|(&(shared, own, family), at)| {
                    // Hashes spread over the whole range, so that shared ones are in any prefix.
                    let spread = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
                    let shared = (0..shared).map(|number| spread(number + 1));
                    let own = (0..own).map(|number| spread((at % 20 + 1) * 1000 + number * 10 + family));
                    SequenceSet::from_hashes(shared.chain(own).collect())
                })
                .collect();
            check(&bodies)?;
        }
    }

    fn jaccard(a: &SequenceSet, b: &SequenceSet) -> f64 {
        let shared = a.hashes().iter().filter(|hash| b.hashes().contains(hash));
        let shared = shared.count();
        shared as f64 / (a.hashes().len() + b.hashes().len() - shared) as f64
    }

    #[test]
    fn sets_that_share_too_little_of_their_prefixes_are_not_compared() {
        let spread = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let with_own = |own: u64, start: u64| {
            let shared = (0..1000 - own).map(spread);
            let own = (start..start + own).map(spread);
            SequenceSet::from_hashes(shared.chain(own).collect())
        };
        let mut sets = SequenceIndex::default();
        sets.add(with_own(100, 10_000));
        assert!(sets.candidates(&with_own(700, 20_000)).is_empty());
        assert_eq!(sets.candidates(&with_own(100, 20_000)), [0]);
    }

    #[test]
    fn words_that_all_posts_share_make_no_candidates() {
        let mut sets = SequenceIndex::default();
        let mut compared = 0;
        for post in 0..2000_u64 {
            let spread = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let shared = (1..100).map(spread);
            let own = (0..300).map(|number| spread(1000 * (post + 1) + number));
            let body = SequenceSet::from_hashes(shared.chain(own).collect());
            compared += sets.candidates(&body).len();
            sets.add(body);
        }
        // Only until the shared sequences are frequent.
        assert!(compared < 2000 * 10, "{compared}");
    }
}
