//! Turns GitHub's names of emoji, `:tada:`, into the emoji.

use std::ops::Range;

use memchr::memchr_iter;

use super::edits::SourceEdits;
use super::survey::SourceSurvey;

/// No name is longer, in bytes.
const MAX_LENGTH: usize = 60;

/// Returns whether a body may contain names of emoji.
pub(super) fn may_have_shortcodes(source: &str) -> bool {
    find_shortcodes(source).next().is_some()
}

/// Replaces the names.
pub(super) fn rewrite_shortcodes(source: &str, survey: &SourceSurvey, edits: &mut SourceEdits) {
    for (range, emoji) in find_shortcodes(source) {
        if !survey.is_code(range.start) && !survey.is_address(range.start) {
            edits.replace(range, emoji.to_owned());
        }
    }
}

/// Finds the names that stand between other signs than letters and digits.
fn find_shortcodes(source: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let bytes = source.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'/');
    memchr_iter(b':', bytes).filter_map(move |at| {
        let is_name = |byte: &&u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_+-".contains(byte)
        };
        let length = bytes[at + 1..]
            .iter()
            .take(MAX_LENGTH)
            .take_while(is_name)
            .count();
        let end = at + 1 + length;
        if length == 0 || bytes.get(end) != Some(&b':') {
            return None;
        }
        let before = at.checked_sub(1).map(|at| bytes[at]);
        if before.is_some_and(|byte| is_word(byte) || byte == b'\\')
            || bytes.get(end + 1).copied().is_some_and(is_word)
        {
            return None;
        }
        let emoji = gh_emoji::get(&source[at + 1..end])?;
        Some((at..end + 1, emoji))
    })
}

#[cfg(test)]
mod tests {
    use super::super::survey::survey_source;
    use super::*;

    #[test]
    fn names_become_emoji() {
        for (source, expected) in [
            ("a :tada: b :+1:!", "a 🎉 b 👍!"),
            (":white_check_mark: x", "✅ x"),
            (
                "`:tada:` 10:30:45 std::key::x :nonsense:",
                "`:tada:` 10:30:45 std::key::x :nonsense:",
            ),
            ("\\:tada: a:tada:b", "\\:tada: a:tada:b"),
            ("[:tada:](x/:tada:)", "[🎉](x/:tada:)"),
        ] {
            let mut edits = SourceEdits::default();
            rewrite_shortcodes(source, &survey_source(source), &mut edits);
            assert_eq!(edits.apply_to(source.into()), expected);
        }
    }
}
