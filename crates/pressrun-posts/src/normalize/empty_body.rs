//! Rejects posts with an empty body, or with only headings (R16.2 of the ingest contract).

use pressrun_text::blocks::{BlockKind, iter_blocks};
use pressrun_text::line::{self, TextLine, mark_fences};

use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::post::Post;

/// Returns the error for a post without text.
pub fn check_empty_body(post: &Post) -> Option<Finding> {
    if has_text_line(&post.body) {
        return None;
    }
    let mut lines: Vec<TextLine> = line::split_lines(&post.body)
        .map(|text| TextLine::new(text, 1))
        .collect();
    mark_fences(&mut lines);
    let only_headings =
        iter_blocks(&lines).all(|block| block.is_heading() || block.kind == BlockKind::Rule);
    only_headings.then(|| {
        let message = format!("the post {} has no text", quote_for_message(&post.title));
        Finding::new(Code::EmptyBody, post.source.line, message)
            .with_help("write its text, or delete the reply")
    })
}

/// Returns whether some line begins with a letter and is followed by a blank line.
///
/// This is a cheap test that most bodies pass at their first paragraph. Such a line ends a block
/// that is neither a heading nor a rule.
fn has_text_line(body: &str) -> bool {
    let mut lines = line::split_lines(body).peekable();
    while let Some(line) = lines.next() {
        if line.starts_with(|c: char| c.is_ascii_alphabetic())
            && lines.peek().is_none_or(|next| line::is_blank(next))
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_body(body: &str, expected: bool) {
        let post = Post {
            body: body.to_owned(),
            ..Post::default()
        };
        assert_eq!(check_empty_body(&post).is_some(), expected, "{body}");
    }

    #[test]
    fn headings_and_rules_are_not_text() {
        for body in [
            "",
            "\n \n",
            "# a\n\n## b",
            "a\n---\n\n***",
            "a\nb\n===",
            "<h2>a</h2>",
        ] {
            check_body(body, true);
        }
    }

    #[test]
    fn anything_else_is() {
        for body in [
            "a",
            "# a\nb",
            "- a",
            "> a",
            "```\n```",
            "![a](b)",
            "a\n---\nb",
            "<div>",
            "a\n-\nb",
        ] {
            check_body(body, false);
        }
    }
}
