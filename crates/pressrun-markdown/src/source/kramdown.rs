//! Removes the attribute lists of Kramdown that are alone on a line.

use pressrun_text::attribute_lists::find_attribute_lines;

use super::edits::SourceEdits;
use super::marks;
use super::survey::SourceSurvey;

/// Empties the lines of attribute lists.
pub(super) fn remove_attribute_lists(source: &str, survey: &SourceSurvey, edits: &mut SourceEdits) {
    for line in find_attribute_lines(source) {
        let at = line.list.start;
        if survey.is_code(at) {
            continue;
        }
        // A blank line between two items would make paragraphs of them.
        let before = source[..at].trim_end_matches([' ', '\t', '>']);
        let joins = survey.is_in_item(at) && !before.ends_with("\n\n") && !before.is_empty();
        let nothing = if joins && line.replaced.is_none() {
            marks::LETTER_TEXT
        } else {
            ""
        };
        edits.replace(line.list, nothing);
        if let Some(replaced) = line.replaced {
            edits.replace(replaced, "");
        }
    }
}
