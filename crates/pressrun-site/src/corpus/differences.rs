//! Finds the passages in which two near-duplicate texts differ. The only user of `similar`.

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices};

use pressrun_text::plain::markdown_to_plain;

/// The maximum number of equal words between two passages that are joined to one.
const TOO_FEW: usize = 3;

/// The number of equal words shown on each side of a passage.
const AROUND: usize = 8;

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
    /// A few words before the passage, which both texts have.
    pub before: String,
    /// A few words after it.
    pub after: String,
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
    let passages = merge_changes(&operations);
    let starts = passages.iter().skip(1).map(|next| next.other.start);
    let starts: Vec<usize> = starts.chain([other.len()]).collect();
    let mut end = 0;
    let describe = |(passage, next): (PassageRange, usize)| {
        // Neighbours may share words around them, but no word is shown as equal that is not.
        let around = passage.other.start.saturating_sub(AROUND).max(end)
            ..(passage.other.end + AROUND).min(next);
        end = passage.other.end;
        TextDifference {
            before: other[around.start..passage.other.start].join(" "),
            after: other[passage.other.end..around.end].join(" "),
            first: shorten_passage(&first[passage.first]),
            other: shorten_passage(&other[passage.other]),
        }
    };
    let passages = passages.into_iter().zip(starts).take(most);
    passages.map(describe).collect()
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
    fn passages_have_the_words_around_them() {
        let found = find_differences(
            "a b c d e f g h i old one two three four old z",
            "a b c d e f g h i new one two three four new z",
            9,
        );
        let around = |at: usize| (&*found[at].before, &*found[at].after);
        assert_eq!(around(0), ("b c d e f g h i", "one two three four"));
        assert_eq!(around(1), ("one two three four", "z"));
        let found = find_differences("", "all new", 9);
        assert_eq!((&*found[0].before, &*found[0].after), ("", ""));
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
