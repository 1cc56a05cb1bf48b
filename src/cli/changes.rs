//! Shows what of a file was removed or repaired while it was read, as a diff.
//!
//! Lines of a header became fields, so they are left out; so are blank lines. A JSON file has no
//! diff, because a whole reply is one line of it.

use std::collections::HashMap;
use std::fmt::Write;

use pressrun_posts::diagnostic::report::{DiagnosticStyle, sanitize_line};
use pressrun_posts::post::Post;

/// Most lines shown, since a removed prompt may be long.
const MOST: usize = 200;

/// Most characters shown of a line.
const WIDTH: usize = 160;

/// Returns the diff between a file and the bodies of its posts; empty if nothing changed.
pub(super) fn diff_bodies(text: &str, posts: &[Post], style: DiagnosticStyle) -> String {
    // JSON lines and JSON arrays alike.
    if text.trim_start().starts_with(['{', '[']) {
        return String::new();
    }
    let bodies: Vec<SourceBody<'_>> = posts.iter().map(SourceBody::new).collect();
    let mut diff = String::new();
    let mut shown = 0;
    let mut last = None;
    for (line, number) in text.lines().zip(1..) {
        let is_header = |body: &SourceBody<'_>| (body.start..body.first).contains(&number);
        let kept = bodies.iter().find_map(|body| body.lines.get(&number));
        // White space at the ends of lines may change without being shown.
        let same = kept.is_some_and(|kept| kept.trim() == line.trim());
        if line.trim().is_empty() || same || bodies.iter().any(is_header) {
            continue;
        }
        shown += 1;
        if shown > MOST {
            continue;
        }
        // A gap in the line numbers begins a new hunk.
        if last != Some(number - 1) {
            let _ = writeln!(diff, "{}", style.dim(&format!("@@ line {number} @@")));
        }
        last = Some(number);
        let _ = writeln!(diff, "{}", style.bad(&format!("-{}", cut_line(line))));
        if let Some(kept) = kept {
            let _ = writeln!(diff, "{}", style.good(&format!("+{}", cut_line(kept))));
        }
    }
    if shown > MOST {
        let _ = writeln!(diff, "… and {} more lines", shown - MOST);
    }
    diff
}

/// The body of a post, with each line at its position in the file.
struct SourceBody<'p> {
    /// Line of the file on which the reply begins.
    start: u32,
    /// Line of the file that became the first line of the body.
    first: u32,
    lines: HashMap<u32, &'p str>,
}

impl<'p> SourceBody<'p> {
    fn new(post: &'p Post) -> Self {
        let lines: HashMap<u32, &str> = post
            .body
            .lines()
            .zip(0..)
            .filter_map(|(line, at)| Some((post.body_lines.source_line(at)?, line)))
            .collect();
        Self {
            start: post.source.line,
            first: post.body_lines.source_line(0).unwrap_or(post.source.line),
            lines,
        }
    }
}

/// Replaces characters that control a terminal, and cuts a long line.
fn cut_line(line: &str) -> String {
    let line = sanitize_line(line);
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use pressrun_posts::content_file::{FileInput, ReadSettings, read_file};

    use super::*;

    fn check(text: &str, expected: &str) {
        let input = FileInput {
            path: "a.txt".into(),
            bytes: text.as_bytes().to_vec(),
        };
        let posts = read_file(&input, &ReadSettings::default()).posts;
        assert_eq!(
            diff_bodies(text, &posts, DiagnosticStyle::default()),
            expected
        );
    }

    #[test]
    fn removed_and_repaired_lines_are_shown_with_their_place() {
        check(
            "Sure! Here is the blog post you requested:\n\nTITLE: A title\nTAGS: x\n\n\
             The s\u{435}cond paragraph has words enough.\n\nRegenerate response\n\nIt ends here.\n\
             -EndOFText-\n",
            "@@ line 1 @@\n-Sure! Here is the blog post you requested:\n@@ line 6 @@\n\
             -The s\u{435}cond paragraph has words enough.\n\
             +The second paragraph has words enough.\n@@ line 8 @@\n-Regenerate response\n\
             @@ line 11 @@\n--EndOFText-\n",
        );
    }

    #[test]
    fn reply_that_was_not_changed_has_no_diff() {
        check("TITLE: A title\nTAGS: x\n\nWords, and an end.\n", "");
    }
}
