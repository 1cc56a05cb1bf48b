//! Finds words in scripts written without spaces, using dictionaries for Chinese, Japanese, Thai,
//! Khmer, Lao and Burmese.
//!
//! This module is the only user of `icu_segmenter`.

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{GraphemeClusterSegmenter, WordSegmenter};

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

/// Splits a run of text of a language without spaces at every word, including the spaces and the
/// punctuation between words.
///
/// A word ends only where a character as readers see it ends: in Thai, the dictionary may divide a
/// letter from its vowel.
pub fn split_unspaced_words(text: &str) -> Vec<&str> {
    let segmenter = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
    let mut ends = GraphemeClusterSegmenter::new().segment_str(text).peekable();
    let mut start = 0;
    let mut words = Vec::new();
    for end in segmenter.segment_str(text).skip(1) {
        while ends.next_if(|&other| other < end).is_some() {}
        if ends.peek() == Some(&end) {
            words.push(&text[start..end]);
            start = end;
        }
    }
    words
}

/// Splits a text into characters as readers see them: letters with their marks.
pub fn split_clusters(text: &str) -> Vec<&str> {
    let ends: Vec<usize> = GraphemeClusterSegmenter::new().segment_str(text).collect();
    ends.windows(2)
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

    #[test]
    fn words_of_unspaced_text_never_divide_a_character() {
        assert_eq!(
            split_unspaced_words("静态网站, A1"),
            ["静态", "网站", ",", " ", "A1"]
        );
        for word in split_unspaced_words("ช่วยวิกิพีเดียได้") {
            let first = word.chars().next().unwrap();
            // Marks above and below a letter; vowels such as U+0E40 stand before one.
            let is_mark =
                matches!(first, '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}');
            assert!(!is_mark, "{word}");
        }
        assert!(split_unspaced_words("").is_empty());
    }

    #[test]
    fn clusters_are_letters_with_their_marks() {
        assert_eq!(split_clusters("e\u{301}a👍🏽"), ["e\u{301}", "a", "👍🏽"]);
        assert!(split_clusters("").is_empty());
    }
}
