//! Extracts the text of rendered HTML, as a reader sees it.
//!
//! `pressrun-markdown` wrote the HTML, so tags are balanced and `<` in text is escaped. Where an
//! author's own HTML was passed on unchanged, a stray `<` counts as text up to the next tag.

use pressrun_text::entities;
use pressrun_text::page_html::{HtmlPiece, HtmlPieces};

/// Inline elements: the text before and after their tags stays one word.
const INLINE: [&str; 22] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "dfn", "em", "i", "ins", "kbd", "mark",
    "q", "s", "small", "span", "strong", "u", "var", "wbr",
];

/// Elements whose content is text that is not shown.
const SILENT: [&str; 2] = ["script", "style"];

/// Elements whose whole content is left out.
const SKIPPED: [&str; 2] = ["math", "template"];

/// Returns the text of HTML, with each run of white space as one space.
pub fn html_to_text(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut is_shown = true;
    // The elements around this piece whose content is not searched: templates are not shown, and a
    // formula is no text.
    let mut skipped = 0_usize;
    for piece in HtmlPieces::of_page(html) {
        match piece {
            HtmlPiece::Text(text) if skipped == 0 => push_decoded(&mut out, text),
            HtmlPiece::Content(text) if skipped == 0 && is_shown => push_decoded(&mut out, text),
            HtmlPiece::Text(_) | HtmlPiece::Content(_) => {}
            HtmlPiece::Tag(tag) => {
                is_shown = !SILENT.iter().any(|name| tag.is_named(name));
                if SKIPPED.iter().any(|name| tag.is_named(name)) {
                    skipped = if tag.closing {
                        skipped.saturating_sub(1)
                    } else {
                        skipped + 1
                    };
                }
                if !INLINE.contains(&tag.name) {
                    push_gap(&mut out);
                }
            }
        }
    }
    // The last element may have left a space.
    out.truncate(out.trim_end().len());
    out
}

fn push_decoded(out: &mut String, html: &str) {
    for c in entities::decode_entities(html).chars() {
        if c.is_whitespace() {
            push_gap(out);
        } else {
            out.push(c);
        }
    }
}

fn push_gap(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        assert_eq!(html_to_text(html), expected);
    }

    #[test]
    fn words_are_kept_apart_by_blocks_and_not_by_marks_within_a_line() {
        check(
            "<p>In<em>line</em> and</p>\n<ul><li>one</li><li>two</li></ul>",
            "Inline and one two",
        );
    }

    #[test]
    fn entities_are_letters_and_an_escaped_tag_is_text() {
        check("<p>a &lt;b&gt; &amp; c</p>", "a <b> & c");
    }

    #[test]
    fn attributes_comments_and_scripts_are_not_text() {
        check(
            "<a title=\"x > y\" href=\"z\">a</a><!-- c --><script>b()</script><style>d</style>e",
            "a e",
        );
    }

    #[test]
    fn bracket_that_begins_no_tag_is_text() {
        check("1 < 2 <", "1 < 2 <");
        check("<!-- never closed", "");
        check("<script>never closed", "");
    }
}
