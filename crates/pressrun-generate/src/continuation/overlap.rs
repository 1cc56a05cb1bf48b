//! Finds where an answer repeats the end of the text that it continues.

/// The maximum number of bytes that are searched for an overlap. All of a text that is repeated is
/// found elsewhere, whatever its length.
const WINDOW: usize = 64 * 1024;

/// An overlap of this many characters, of which [`SURE_LETTERS`] are letters or digits, is one.
const SURE: usize = 20;

const SURE_LETTERS: usize = 5;

/// Returns the length in bytes of the end of `before` with which `after` begins, if that is no
/// coincidence. The longest one counts.
pub(super) fn find_overlap(before: &str, after: &str) -> Option<usize> {
    let sure = measure_sure_overlap(before);
    find_longest_overlap(before, after, |length| {
        length >= sure || is_short_overlap(before, after, length)
    })
}

/// Does the same for overlaps that are long enough to need no other sign.
pub(super) fn find_sure_overlap(before: &str, after: &str) -> Option<usize> {
    let sure = measure_sure_overlap(before);
    find_longest_overlap(before, after, |length| length >= sure)
}

/// Returns whether a text is long enough that no other one begins with it by coincidence.
pub(super) fn is_sure(text: &str) -> bool {
    text.len() >= measure_sure_overlap(text)
}

/// Returns the length in bytes from which on an end of `before` is long enough.
fn measure_sure_overlap(before: &str) -> usize {
    let (mut characters, mut letters) = (0, 0);
    for (at, c) in before.char_indices().rev() {
        characters += 1;
        letters += usize::from(c.is_alphanumeric());
        if characters >= SURE && letters >= SURE_LETTERS {
            return before.len() - at;
        }
    }
    usize::MAX
}

/// Returns the longest end of `before` with which `after` begins and that is accepted.
///
/// This is the algorithm of Knuth, Morris and Pratt, so the time is linear.
fn find_longest_overlap(
    before: &str,
    after: &str,
    accepts: impl Fn(usize) -> bool,
) -> Option<usize> {
    let pattern = &after.as_bytes()[..after.len().min(before.len()).min(WINDOW)];
    let text = &before.as_bytes()[before.len() - pattern.len()..];
    // Of each start of the pattern: the length of its longest proper border.
    let mut borders = vec![0; pattern.len() + 1];
    let mut length = 0;
    for at in 1..pattern.len() {
        while length > 0 && pattern[at] != pattern[length] {
            length = borders[length];
        }
        length += usize::from(pattern[at] == pattern[length]);
        borders[at + 1] = length;
    }
    let mut matched = 0;
    for &byte in text {
        // A whole match is only possible at the end, because both have the same length.
        while matched > 0 && pattern[matched] != byte {
            matched = borders[matched];
        }
        matched += usize::from(pattern[matched] == byte);
    }
    // The other ends of `before` with which the pattern begins are the borders of this one.
    let mut found = matched;
    while found > 0 {
        // `after` begins with a whole character, so the overlap does.
        if accepts(found) {
            return Some(found);
        }
        found = borders[found];
    }
    None
}

/// Returns whether an overlap is short but still no coincidence.
fn is_short_overlap(before: &str, after: &str, length: usize) -> bool {
    const LONGEST: usize = 4 * SURE;
    if length > LONGEST {
        return false;
    }
    let start = before.len() - length;
    let overlap = &before[start..];
    let letters = overlap.chars().filter(|c| c.is_alphabetic()).count();
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let previous = before[..start].chars().next_back();
    let starts_word = previous.is_none_or(char::is_whitespace);
    let words = overlap.split_whitespace().count();
    let ends_in_word = overlap.ends_with(char::is_alphanumeric);
    let goes_on = after[length..].starts_with(char::is_alphanumeric);
    // The model wrote its last line again.
    (start == line_start && letters >= 3)
        // Or its last words.
        || (starts_word && words >= 2 && letters >= 5)
        // Or the word in which it was cut off.
        || (starts_word && words == 1 && letters >= 3 && ends_in_word && goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: &str, after: &str, expected: Option<&str>) {
        let found = find_overlap(before, after).map(|length| &after[..length]);
        assert_eq!(found, expected, "{before} | {after}");
    }

    #[test]
    fn last_words_written_again_are_an_overlap() {
        check("One fox jum", "fox jumps", Some("fox jum"));
        check("The quick bro", "brown fox", Some("bro"));
        check("a\n    return", "    return b", Some("    return"));
        let long = "ds of a fox that jumps over";
        check(&format!("The wor{long}"), &format!("{long} it"), Some(long));
    }

    #[test]
    fn coincidence_is_no_overlap() {
        check("The boo", "okkeeper", None);
        check("in th", "hen", None);
        check("--------------------", "--------------------", None);
        check("It was very ", "very good", None);
        check("", "a", None);
        check("a", "", None);
    }

    #[test]
    fn longest_overlap_counts() {
        let line = "A line of words.\n";
        let before = line.repeat(3);
        let after = line.repeat(4);
        assert_eq!(find_overlap(&before, &after), Some(before.len()));
    }

    #[test]
    fn hostile_texts_take_linear_time() {
        let text = "-".repeat(1 << 20);
        assert_eq!(find_overlap(&text, &text), None);
        let text = "ab ".repeat(1 << 20);
        let found = find_overlap(&text, &text);
        assert!(found.is_some_and(|length| length > WINDOW - 3), "{found:?}");
    }
}
