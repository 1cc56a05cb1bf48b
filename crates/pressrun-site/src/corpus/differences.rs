//! Finds the passages in which two near-duplicate texts differ. The only user of `similar`.

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};

use pressrun_text::plain::markdown_to_plain;

/// The maximum number of equal words between two passages that are joined to one.
const TOO_FEW: usize = 3;

/// The maximum number of characters shown of a passage.
const SHOWN: usize = 240;

/// The maximum number of words. Longer texts take long to compare, and people do not read the
/// result.
const MOST_WORDS: usize = 20_000;

/// A passage in which two texts differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextDifference {
    /// The words of the first text; may be empty.
    pub first: String,
    /// The words of the other text; may be empty.
    pub other: String,
}

/// Returns up to `most` passages in which two Markdown texts differ, in order.
///
/// Long passages are cut. For very long texts the result is empty.
pub fn find_differences(first: &str, other: &str, most: usize) -> Vec<TextDifference> {
    let (first, other) = (markdown_to_plain(first), markdown_to_plain(other));
    let first: Vec<&str> = first.split_whitespace().collect();
    let other: Vec<&str> = other.split_whitespace().collect();
    if first.len().max(other.len()) > MOST_WORDS {
        return Vec::new();
    }
    let operations = capture_diff_slices(Algorithm::Myers, &first, &other);
    let passages = merge_changes(&operations).into_iter().take(most);
    passages
        .map(|passage| TextDifference {
            first: shorten_passage(&first[passage.first]),
            other: shorten_passage(&other[passage.other]),
        })
        .collect()
}

/// The range of words of a passage in each text.
struct PassageRange {
    first: std::ops::Range<usize>,
    other: std::ops::Range<usize>,
}

/// Returns the changes as passages. Changes with few equal words between them are joined.
fn merge_changes(operations: &[DiffOp]) -> Vec<PassageRange> {
    let mut passages: Vec<PassageRange> = Vec::new();
    for operation in operations {
        let (first, other) = (operation.old_range(), operation.new_range());
        if operation.tag() == DiffTag::Equal {
            continue;
        }
        match passages.last_mut() {
            Some(last) if first.start - last.first.end <= TOO_FEW => {
                last.first.end = first.end;
                last.other.end = other.end;
            }
            _ => passages.push(PassageRange { first, other }),
        }
    }
    passages
}

fn shorten_passage(words: &[&str]) -> String {
    let text = words.join(" ");
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(first: &str, other: &str, expected: &[(&str, &str)]) {
        let found = find_differences(first, other, 9);
        let found: Vec<_> = found.iter().map(|one| (&*one.first, &*one.other)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn passages_are_listed_in_their_order() {
        check(
            "one two three four five six seven eight",
            "one deux three four five six seven acht eight",
            &[("two", "deux"), ("", "acht")],
        );
    }

    #[test]
    fn changes_side_by_side_are_one_passage() {
        check("a b c d e f", "a X c Y e f", &[("b c d", "X c Y")]);
    }

    #[test]
    fn marks_are_not_differences() {
        check("**one** [two](a)", "one two", &[]);
    }

    #[test]
    fn long_passages_are_cut() {
        let found = find_differences("a", &"word ".repeat(1000), 9);
        assert_eq!(found[0].other.chars().count(), SHOWN + 1);
        assert!(find_differences(&"a ".repeat(MOST_WORDS + 1), "b", 9).is_empty());
    }
}
