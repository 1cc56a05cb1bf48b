//! Finds what a merge leaves in a file when git cannot decide.

use std::ops::Range;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};

/// Returns where the first conflict of a text begins.
fn find_conflict(text: &str) -> Option<Range<usize>> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        // Git writes seven signs, and mostly a name after them.
        if bare == "<<<<<<<" || bare.starts_with("<<<<<<< ") {
            return Some(start..start + bare.len());
        }
        start += line.len();
    }
    None
}

/// Reports the first conflict of a file that no parser could read.
pub fn report_conflict(file: &str, text: &str) -> Option<Diagnostic> {
    let range = find_conflict(text)?;
    let place = FilePlace::span(file, text, range);
    let message = "a merge in git has left a conflict here";
    Some(Diagnostic::new(Code::InvalidToml, place, message).with_help(
        "keep what is right of both sides, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conflict_is_found_at_its_first_line() {
        let found = report_conflict("a.toml", "x = 1\r\n<<<<<<< HEAD\r\ny = 2\r\n=======\r\n");
        let place = found.unwrap().place;
        assert_eq!(
            (place.line, place.column, place.length),
            (Some(2), Some(1), 12)
        );
        assert_eq!(
            report_conflict("a.toml", "x = '<<<<<<< HEAD'\n<<<<<<<<\n"),
            None
        );
    }
}
