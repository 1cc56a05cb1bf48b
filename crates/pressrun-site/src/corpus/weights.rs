//! Word weights: the fewer posts are about a word, the more it weighs.
//!
//! Weights are integers that change only if a count grows by a factor of about 1.4. So adding a
//! post changes few weights, and few results that depend on them.

use std::collections::HashMap;

use pressrun_text::similarity::SubjectCount;
use pressrun_text::words::IdentityHashBuilder;

use super::CorpusPost;

/// The number of posts that are about each word.
#[derive(Debug, Default)]
pub(super) struct WordWeights {
    posts_with: HashMap<u32, u32, IdentityHashBuilder>,
    posts: usize,
}

impl WordWeights {
    pub(super) fn from_posts(entries: &[CorpusPost]) -> Self {
        let mut posts_with: HashMap<u32, u32, IdentityHashBuilder> = HashMap::default();
        for entry in entries {
            for subject in &entry.post.body.profile().subjects {
                *posts_with.entry(subject.word()).or_default() += 1;
            }
        }
        Self {
            posts_with,
            posts: entries.len(),
        }
    }

    /// Returns the number of posts that are about a word.
    pub(super) fn posts_with(&self, word: u32) -> u32 {
        self.posts_with.get(&word).copied().unwrap_or_default()
    }

    /// Returns the weight of a word in a post, which grows with its mentions and its rarity.
    pub(super) fn weigh_subject(&self, subject: SubjectCount) -> u32 {
        // Each doubling of the mentions adds as much as the first mention.
        let said = 1 + subject.count().max(1).ilog2();
        said * self.rarity(self.posts_with(subject.word()))
    }

    /// Returns the rarity of a feature that `count` posts have; 0 if all posts have it.
    pub(super) fn rarity(&self, count: u32) -> u32 {
        // Both logarithms are doubled, so that a step is a factor of √2 in the count.
        let all = 2 * self.posts.next_power_of_two().ilog2();
        let count = u64::from(count.max(1));
        all.saturating_sub((count * count).ilog2())
    }

    /// Returns up to `most` words of a post with the largest weights, and these weights, largest
    /// first.
    pub(super) fn select_strongest(
        &self,
        subjects: &[SubjectCount],
        most: usize,
    ) -> Vec<(u32, u32)> {
        let weighed = subjects
            .iter()
            .map(|&subject| (subject.word(), self.weigh_subject(subject)));
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
