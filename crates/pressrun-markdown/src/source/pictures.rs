//! Rewrites pictures whose addresses have spaces, `![alt](my picture.png)`.
//!
//! To the parser such a picture is text. It gets angle brackets and a mark, so that the writer can
//! make it a picture that is shown only if its file is there.

use std::ops::Range;

use memchr::memmem;

use super::edits::SourceEdits;
use super::marks::{BEGIN, remove_marks};
use super::survey::SourceSurvey;

/// Returns whether a body contains a picture whose address has spaces.
pub(super) fn may_have_spaced_pictures(source: &str) -> bool {
    find_candidates(source).next().is_some()
}

/// Puts brackets around addresses that have spaces.
pub(super) fn rewrite_spaced_pictures(
    source: &str,
    survey: &SourceSurvey,
    edits: &mut SourceEdits,
) {
    for (start, address) in find_candidates(source) {
        if !survey.is_code(start) && !survey.is_picture(start) {
            edits.insert(address.start, format!("<{BEGIN}"));
            edits.insert(address.end, ">");
        }
    }
}

/// Returns what the author wrote for a picture, if its address has spaces. `source` is the rewritten
/// source of the picture.
pub(crate) fn read_spaced_picture(source: &str) -> Option<String> {
    let opening = format!("](<{BEGIN}");
    let at = memmem::rfind(source.as_bytes(), opening.as_bytes())?;
    let address = &source[at + opening.len()..];
    let (address, rest) = address.split_once('>')?;
    Some(remove_marks(&format!("{}]({address}{rest}", &source[..at])).into_owned())
}

/// Finds the places of pictures and of their addresses. Neither may contain square brackets, so
/// that the search takes linear time.
fn find_candidates(source: &str) -> impl Iterator<Item = (usize, Range<usize>)> {
    memmem::find_iter(source.as_bytes(), "](").filter_map(|bracket| {
        let start = source[..bracket].rfind(['[', ']', '\n'])?;
        let start = start.checked_sub(1)?;
        if !source.get(start..)?.starts_with("![") {
            return None;
        }
        let at = bracket + "](".len();
        let address = &source[at..at + measure_address(&source[at..])?];
        let address_end = at + without_title(address).len();
        let address = source[at..address_end].trim_end_matches(' ');
        let end = at + address.len();
        let address = address.trim_start_matches(' ');
        address
            .contains(' ')
            .then(|| (start, end - address.len()..end))
    })
}

/// Returns the length of an address up to its closing bracket.
fn measure_address(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(at),
            b')' => depth -= 1,
            b'\n' | b'[' | b']' | b'<' | b'>' => return None,
            _ => {}
        }
    }
    None
}

/// Removes the title in quotes from the end of an address.
fn without_title(address: &str) -> &str {
    let trimmed = address.trim_end();
    for quote in ['"', '\''] {
        if let Some(inside) = trimmed.strip_suffix(quote)
            && let Some(begin) = inside.find(quote)
            && inside[..begin].ends_with(' ')
        {
            return &inside[..begin];
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::super::survey::survey_source;
    use super::*;

    #[test]
    fn addresses_with_spaces_get_brackets() {
        for (source, expected) in [
            ("![a](my picture.png)", "![a](<^my picture.png>)"),
            ("![a](b (1).png \"c d\")", "![a](<^b (1).png> \"c d\")"),
            ("![a](b.png \"c d\")", "![a](b.png \"c d\")"),
            ("![a](<b c.png>)", "![a](<b c.png>)"),
            ("`![a](b c.png)`", "`![a](b c.png)`"),
            ("[a](b c)", "[a](b c)"),
            ("![a](b c", "![a](b c"),
        ] {
            let mut edits = SourceEdits::default();
            rewrite_spaced_pictures(source, &survey_source(source), &mut edits);
            let rewritten = edits.apply_to(source.into());
            assert_eq!(rewritten.replace(BEGIN, "^"), expected);
            if expected != source {
                assert_eq!(read_spaced_picture(&rewritten).as_deref(), Some(source));
            }
        }
    }
}
