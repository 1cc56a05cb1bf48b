//! Measures how long posts are.

use serde::Serialize;

use super::histogram::{Bin, bins, quantile, width_for};
use super::texts::Measured;
use super::{Capped, Posts};
use crate::corpus::Entry;

/// Lengths of posts in words; in characters for scripts without spaces.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lengths {
    /// Median length.
    pub median: Option<u32>,
    /// Length that a tenth of the posts fall short of.
    pub tenth: Option<u32>,
    /// Length that a tenth of the posts exceed.
    pub ninth_tenth: Option<u32>,
    /// Number of posts by length.
    pub bins: Vec<Bin>,
    /// The longest posts.
    pub longest: Capped<Measured>,
    /// The shortest posts.
    pub shortest: Capped<Measured>,
}

/// Least width of a bin in words: narrower bins show nothing more.
const LEAST_WIDTH: u32 = 50;

/// Measures the lengths of all posts.
pub(super) fn of(posts: &Posts<'_>) -> Lengths {
    let mut by_length: Vec<&Entry> = posts.entries.iter().collect();
    let words = |entry: &Entry| entry.post.body.words;
    by_length.sort_by_key(|entry| words(entry));
    let sorted: Vec<u32> = by_length.iter().map(|entry| words(entry)).collect();
    let shown = |entry: &&Entry| Measured {
        post: posts.line(entry),
        length: words(entry),
    };
    let shortest = Capped::new(&by_length, posts.rows, shown);
    // Not `reverse`: posts of equal length must stay in the order of the corpus.
    by_length.sort_by_key(|entry| std::cmp::Reverse(words(entry)));
    Lengths {
        median: quantile(&sorted, 50),
        tenth: quantile(&sorted, 10),
        ninth_tenth: quantile(&sorted, 90),
        bins: bins(&sorted, width_for(&sorted).max(LEAST_WIDTH), 0),
        longest: Capped::new(&by_length, posts.rows, shown),
        shortest,
    }
}
