//! Measures how long posts are.

use pressrun_site::corpus::CorpusPost;
use serde::Serialize;

use super::histogram::{HistogramBin, choose_bin_width, find_quantile, make_bins};
use super::texts::MeasuredPost;
use super::{CappedList, CountedPosts};

/// Lengths of posts in words; in characters for scripts without spaces.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PostLengths {
    /// Median length.
    pub median: Option<u32>,
    /// Length that a tenth of the posts fall short of.
    pub tenth: Option<u32>,
    /// Length that a tenth of the posts exceed.
    pub ninth_tenth: Option<u32>,
    /// Number of posts by length.
    pub bins: Vec<HistogramBin>,
    /// The longest posts.
    pub longest: CappedList<MeasuredPost>,
    /// The shortest posts.
    pub shortest: CappedList<MeasuredPost>,
}

/// Least width of a bin in words: narrower bins show nothing more.
const LEAST_WIDTH: u32 = 50;

/// Measures the lengths of all posts.
pub(super) fn measure_lengths(posts: &CountedPosts<'_>) -> PostLengths {
    let mut by_length: Vec<&CorpusPost> = posts.entries.iter().collect();
    let words = |entry: &CorpusPost| entry.post.body.words;
    by_length.sort_by_key(|entry| words(entry));
    let sorted: Vec<u32> = by_length.iter().map(|entry| words(entry)).collect();
    let shown = |entry: &&CorpusPost| MeasuredPost {
        post: posts.line(entry),
        length: words(entry),
    };
    let shortest = CappedList::new(&by_length, posts.rows, shown);
    // Not `reverse`: posts of equal length must stay in the order of the corpus.
    by_length.sort_by_key(|entry| std::cmp::Reverse(words(entry)));
    PostLengths {
        median: find_quantile(&sorted, 50),
        tenth: find_quantile(&sorted, 10),
        ninth_tenth: find_quantile(&sorted, 90),
        bins: make_bins(&sorted, choose_bin_width(&sorted).max(LEAST_WIDTH), 0),
        longest: CappedList::new(&by_length, posts.rows, shown),
        shortest,
    }
}
