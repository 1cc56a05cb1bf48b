//! Finds words in scripts written without spaces, using dictionaries for Chinese, Japanese, Thai,
//! Khmer, Lao and Burmese.
//!
//! This module is the only user of `icu_segmenter`.

use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;

use super::characters::is_unspaced;

/// Splits a text at the places where words may begin.
///
/// The pieces are in order, and together they are the text. A text without such scripts is one
/// piece, because white space separates its words already.
pub fn split_segments(text: &str) -> Vec<&str> {
    if !text.contains(is_unspaced) {
        return vec![text];
    }
    let segmenter = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
    let breaks: Vec<usize> = segmenter.segment_str(text).collect();
    breaks
        .windows(2)
        .map(|ends| &text[ends[0]..ends[1]])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_without_spaces_are_found() {
        assert_eq!(split_segments("静态网站"), ["静态", "网站"]);
        assert_eq!(split_segments("ภาษาไทย"), ["ภาษา", "ไทย"]);
        assert_eq!(split_segments("two words"), ["two words"]);
        assert_eq!(split_segments(""), [""]);
    }
}
