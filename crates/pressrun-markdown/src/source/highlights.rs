//! Rewrites marked text, `==text==`.
//!
//! To the parser it becomes struck-through text with a mark inside, so that it nests as that does;
//! the writer sees the mark and writes another element.

use super::edits::SourceEdits;
use super::marks::{LETTER, LETTER_TEXT};
use super::survey::SourceSurvey;

/// The signs around marked text.
const SIGNS: &str = "==";

/// Returns whether a body may contain marked text.
pub(super) fn may_have_highlights(source: &str) -> bool {
    find_signs(source).any(|(_, opens, _)| opens)
}

/// Turns pairs of signs into those of struck-through text.
pub(super) fn rewrite_highlights(source: &str, survey: &SourceSurvey, edits: &mut SourceEdits) {
    let mut open: Option<usize> = None;
    for (at, opens, closes) in find_signs(source) {
        if survey.is_code(at) || survey.is_link(at) {
            continue;
        }
        let start = open.take_if(|_| closes);
        // A pair stands in one paragraph.
        match start.filter(|&start| !source[start..at].contains("\n\n")) {
            Some(start) => {
                edits.replace(start..start + 2, format!("~~{LETTER}"));
                edits.replace(at..at + 2, format!("{LETTER}~~"));
            }
            None if opens => open = Some(at),
            None => {}
        }
    }
}

/// Returns whether the rewritten source of struck-through text is that of marked text.
pub(crate) fn is_highlight(source: &str) -> bool {
    let inside = source
        .strip_prefix("~~")
        .and_then(|source| source.strip_suffix("~~"));
    inside.is_some_and(|inside| inside.starts_with(LETTER_TEXT) && inside.ends_with(LETTER_TEXT))
}

/// Finds the places of the signs, each with whether it may open and close marked text. In `a==b` it
/// does neither.
fn find_signs(source: &str) -> impl Iterator<Item = (usize, bool, bool)> {
    memchr::memmem::find_iter(source.as_bytes(), SIGNS).filter_map(|at| {
        let before = source[..at].chars().next_back();
        let after = source[at + 2..].chars().next();
        if before == Some('=') || after == Some('=') || before == Some('\\') {
            return None;
        }
        let is_outside = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || !c.is_ascii());
        let is_inside = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
        Some((
            at,
            is_outside(before) && is_inside(after),
            is_inside(before) && is_outside(after),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::super::survey::survey_source;
    use super::*;

    #[test]
    fn pairs_of_signs_are_rewritten() {
        for (source, expected) in [
            ("a ==b *c*== d", "a ~~^b *c*^~~ d"),
            ("看==重点==了", "看~~^重点^~~了"),
            ("a==b and c==d", "a==b and c==d"),
            ("a == b == c", "a == b == c"),
            ("A\n==\n\nB\n===", "A\n==\n\nB\n==="),
            ("`==a==` ==b", "`==a==` ==b"),
            ("==a\n\nb==", "==a\n\nb=="),
            ("===a===", "===a==="),
        ] {
            let mut edits = SourceEdits::default();
            rewrite_highlights(source, &survey_source(source), &mut edits);
            let rewritten = edits.apply_to(source.into());
            assert_eq!(rewritten.replace(LETTER, "^"), expected);
        }
    }
}
