//! Rewrites callouts, `> [!KIND]- Title`: block quotes whose first line names a kind.
//!
//! The parser itself knows the five kinds of GitHub, alone on their line. Those stay as they are.

use std::ops::Range;

use super::boxes::rewrite_title_line;
use super::edits::SourceEdits;
use super::kinds::measure_name;
use super::survey::SourceSurvey;

/// Turns the first lines of callouts into title lines.
pub(super) fn rewrite_callouts(source: &str, survey: &SourceSurvey, edits: &mut SourceEdits) {
    for &at in &survey.quotes {
        let line = source[at..].split('\n').next().unwrap_or_default();
        if let Some((name, title)) = parse_callout(line) {
            let title = at + title.start..at + title.end;
            rewrite_title_line("", name, at..at + line.len(), title, edits);
        }
    }
}

/// Returns the kind of a callout and the place of its title from its first line.
fn parse_callout(line: &str) -> Option<(&str, Range<usize>)> {
    let inside = line.strip_prefix("[!")?;
    let (name, after) = inside.split_at(measure_name(inside));
    // Obsidian allows metadata behind the kind, which has no meaning here.
    let after = match after.strip_prefix('|') {
        Some(metadata) => metadata.trim_start_matches(|c| !matches!(c, '[' | ']')),
        None => after,
    };
    let after = after.strip_prefix(']').filter(|_| !name.is_empty())?;
    let title = after.strip_prefix(['-', '+']).unwrap_or(after);
    // A link, or the text of one that is defined elsewhere.
    if after.starts_with(['(', '[', ':']) {
        return None;
    }
    let start = line.len() - title.trim_start().len();
    Some((name, start..start + title.trim().len()))
}

#[cfg(test)]
mod tests {
    use super::parse_callout;

    #[test]
    fn callouts_have_a_kind_and_perhaps_a_title() {
        for (line, expected) in [
            (
                "[!WARNING] Mind the frost",
                Some(("WARNING", "Mind the frost")),
            ),
            ("[!tip]- Folded", Some(("tip", "Folded"))),
            ("[!faq]+", Some(("faq", ""))),
            ("[!note|wide] A", Some(("note", "A"))),
            ("[!note](address)", None),
            ("[!]", None),
            ("[!a b]", None),
            ("[note] a", None),
        ] {
            let found = parse_callout(line).map(|(name, title)| (name, &line[title]));
            assert_eq!(found, expected, "{line}");
        }
    }
}
