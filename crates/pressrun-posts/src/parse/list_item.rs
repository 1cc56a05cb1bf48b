//! Finds the text of list items, also of those that start with a bullet character, as copied from a
//! page or a word processor.

use pressrun_text::fence::find_item_text;

/// Returns whether a character is a bullet that makes a list (R8.10 of the ingest contract).
pub fn is_bullet(c: char) -> bool {
    matches!(c, '•' | '◦' | '‣' | '▪' | '●' | '⁃')
}

/// Returns the byte position where the text of a list item begins, if the line starts one with a mark
/// of Markdown or a bullet.
pub fn find_any_item_text(line: &str) -> Option<usize> {
    find_item_text(line).or_else(|| find_text_after_bullet(line))
}

/// Returns where the text begins after a bullet and white space.
pub fn find_text_after_bullet(line: &str) -> Option<usize> {
    // Some write a middle dot.
    let rest = line
        .trim_start()
        .strip_prefix(|c| is_bullet(c) || c == '·')?;
    let item = rest.trim_start();
    (item.len() < rest.len()).then(|| line.len() - item.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_start_with_marks_or_bullets() {
        for line in ["- a", " 1. a", "• a", "\t◦\ta", "⁃\u{A0}a", "· a"] {
            let text = find_any_item_text(line).map(|start| &line[start..]);
            assert_eq!(text, Some("a"), "{line}");
        }
        for line in ["a", "•a", "•", "", "-a"] {
            assert_eq!(find_any_item_text(line), None, "{line}");
        }
    }
}
