//! Measures titles and descriptions against what search engines show.
//!
//! Search engines cut by width in pixels. The limits here are numbers of letters that nearly always
//! fit. A Chinese, Japanese or Korean letter counts as two.

use pressrun_posts::post::FieldSource;
use pressrun_site::corpus::CorpusPost;
use pressrun_text::characters::is_mark;
use serde::Serialize;

use super::histogram::{HistogramBin, find_quantile, make_bins};
use super::{CappedList, CountedPosts, PostLine};

/// Letters of a title that search results show, about 600 pixels; shorter ones say little.
const TITLE: std::ops::RangeInclusive<u32> = 15..=60;

/// Letters of a description that search results show on a large screen. If it is shorter than the
/// lower limit, search engines prefer to show a passage of the text.
const DESCRIPTION: std::ops::RangeInclusive<u32> = 70..=160;

/// The titles or the descriptions of posts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextLengths {
    /// Least number of letters that one should have.
    pub least: u32,
    /// Number of letters that search results show.
    pub most: u32,
    /// Median length in letters.
    pub median: Option<u32>,
    /// Number of posts by length.
    pub bins: Vec<HistogramBin>,
    /// Posts whose text is cut, the longest first.
    pub too_long: CappedList<MeasuredPost>,
    /// Posts whose text is too short, the shortest first.
    pub too_short: CappedList<MeasuredPost>,
    /// Posts without this text.
    pub missing: CappedList<PostLine>,
    /// Posts whose text was derived from the body or the file name.
    pub derived: CappedList<PostLine>,
}

/// A post with its length, or the length of its title or description.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasuredPost {
    /// The post.
    #[serde(flatten)]
    pub post: PostLine,
    /// The length, in words for a post and in letters for a text.
    pub length: u32,
}

/// Measures the titles of posts.
pub(super) fn measure_titles(posts: &CountedPosts<'_>) -> TextLengths {
    let text = |entry: &CorpusPost| {
        (
            text_width_in_letters(&entry.post.title),
            entry.post.origins.title,
        )
    };
    measure_texts(posts, &TITLE, 5, text)
}

/// Measures the descriptions of posts.
pub(super) fn measure_descriptions(posts: &CountedPosts<'_>) -> TextLengths {
    let text = |entry: &CorpusPost| {
        let post = &entry.post;
        (
            text_width_in_letters(&post.description),
            post.origins.description,
        )
    };
    measure_texts(posts, &DESCRIPTION, 10, text)
}

fn measure_texts(
    posts: &CountedPosts<'_>,
    fitting: &std::ops::RangeInclusive<u32>,
    step: u32,
    text: impl Fn(&CorpusPost) -> (u32, FieldSource),
) -> TextLengths {
    let mut missing = Vec::new();
    let mut derived = Vec::new();
    let mut measured: Vec<(u32, &CorpusPost)> = Vec::with_capacity(posts.entries.len());
    for entry in posts.entries {
        let (width, origin) = text(entry);
        if width == 0 {
            missing.push(entry);
            continue;
        }
        if matches!(origin, FieldSource::Derived | FieldSource::FileName) {
            derived.push(entry);
        }
        measured.push((width, entry));
    }
    measured.sort_by_key(|&(width, _)| width);
    let sorted: Vec<u32> = measured.iter().map(|&(width, _)| width).collect();
    // Both limits fit, so the lower one is not too short.
    let short = sorted.partition_point(|width| width < fitting.start());
    let fits = sorted.partition_point(|width| width <= fitting.end());
    let shown = |&(length, entry): &(u32, &CorpusPost)| MeasuredPost {
        post: posts.line(entry),
        length,
    };
    let too_short = CappedList::new(&measured[..short], posts.rows, shown);
    let long = &mut measured[fits..];
    long.sort_by_key(|&(width, _)| std::cmp::Reverse(width));
    TextLengths {
        least: *fitting.start(),
        most: *fitting.end(),
        median: find_quantile(&sorted, 50),
        // One bin more than fits, so that the limit is visible.
        bins: make_bins(&sorted, step, fitting.end() + step),
        too_long: CappedList::new(long, posts.rows, shown),
        too_short,
        missing: posts.lines(&missing),
        derived: posts.lines(&derived),
    }
}

/// Returns the width of a text in letters.
fn text_width_in_letters(text: &str) -> u32 {
    text.chars()
        .map(|c| match c {
            c if is_mark(c) || c.is_control() => 0,
            c if is_wide(c) => 2,
            _ => 1,
        })
        .sum()
}

/// Returns whether a character is as wide as two letters: East Asian characters and pictures.
fn is_wide(c: char) -> bool {
    matches!(
        c,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{303e}' | '\u{3041}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}'
            | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}'
            | '\u{20000}'..='\u{3fffd}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::numbers::fixture;

    #[test]
    fn width_is_counted_in_letters() {
        assert_eq!(text_width_in_letters("Tea"), 3);
        assert_eq!(text_width_in_letters("静的サイト"), 10);
        assert_eq!(text_width_in_letters("e\u{301}te\u{301}"), 3);
        assert_eq!(text_width_in_letters(""), 0);
    }

    #[test]
    fn sixty_letters_of_a_title_are_shown_and_fifteen_are_enough() {
        let entries = [14, 15, 60, 61, 62].map(|letters| fixture::test_entry(&"t".repeat(letters)));
        let titles = measure_titles(&fixture::test_posts(&entries));
        let of =
            |list: &CappedList<MeasuredPost>| list.first.iter().map(|one| one.length).collect();
        let (long, short): (Vec<u32>, Vec<u32>) = (of(&titles.too_long), of(&titles.too_short));
        assert_eq!((long, short), (vec![62, 61], vec![14]));
        let cut: usize = titles
            .bins
            .iter()
            .filter(|bin| bin.from > titles.most)
            .map(|bin| bin.posts)
            .sum();
        assert_eq!(cut, 2, "no bin lies across the limit");
    }

    #[test]
    fn missing_description_is_not_a_short_one() {
        let mut entries = [fixture::test_entry("a"), fixture::test_entry("b")];
        fixture::change_post(&mut entries[1], |post| {
            post.description = "About b.".to_owned();
            post.origins.description = FieldSource::Derived;
        });
        let found = measure_descriptions(&fixture::test_posts(&entries));
        assert_eq!(found.missing.count, 1);
        assert_eq!(found.too_short.count, 1);
        assert_eq!(found.derived.first[0].title, "b");
        assert_eq!(found.median, Some(8));
    }
}
