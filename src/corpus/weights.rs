//! How much each word tells of the posts that say it: the more, the fewer they are.
//!
//! Weights are whole numbers that change only when a count grows by the half or so, so that adding
//! a post leaves nearly all others, and what follows from them, as they are.

use std::collections::HashMap;

use super::Entry;
use crate::profile::Subject;
use crate::text::words::ByHash;

/// The words that posts are about, with how many are.
#[derive(Debug, Default)]
pub(super) struct Weights {
    posts_with: HashMap<u32, u32, ByHash>,
    posts: usize,
}

impl Weights {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut posts_with: HashMap<u32, u32, ByHash> = HashMap::default();
        for entry in entries {
            for subject in &entry.post.body.profile.subjects {
                *posts_with.entry(subject.word()).or_default() += 1;
            }
        }
        Self {
            posts_with,
            posts: entries.len(),
        }
    }

    /// How many posts are about a word.
    pub(super) fn posts_with(&self, word: u32) -> u32 {
        self.posts_with.get(&word).copied().unwrap_or_default()
    }

    /// What a word that a post says so often tells of it.
    pub(super) fn of_subject(&self, subject: Subject) -> u32 {
        let said = 1 + subject.count().max(1).ilog2();
        said * self.rarity(self.posts_with(subject.word()))
    }

    /// What it tells that a post is one of `count`: 0 if all posts are.
    pub(super) fn rarity(&self, count: u32) -> u32 {
        let all = 2 * self.posts.next_power_of_two().ilog2();
        let count = u64::from(count.max(1));
        all.saturating_sub((count * count).ilog2())
    }

    /// The subjects of a post that tell the most, at most so many, by what they tell.
    pub(super) fn strongest(&self, subjects: &[Subject], most: usize) -> Vec<(u32, u32)> {
        let weighed = subjects
            .iter()
            .map(|&subject| (subject.word(), self.of_subject(subject)));
        let mut weighed: Vec<(u32, u32)> = weighed.filter(|&(_, weight)| weight > 0).collect();
        let by_weight = |&(word, weight): &(u32, u32)| (std::cmp::Reverse(weight), word);
        if weighed.len() > most {
            weighed.select_nth_unstable_by_key(most, by_weight);
            weighed.truncate(most);
        }
        weighed.sort_unstable_by_key(by_weight);
        weighed
    }
}
