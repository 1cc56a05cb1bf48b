//! Reads replies that are whole HTML pages (R6.9 of the ingest contract).
//!
//! Not here: making HTML safe (`normalize::unsafe_html` and `pressrun-markdown`).

mod blocks;

use std::ops::Range;

use pressrun_text::entities::decode_entities;
use pressrun_text::html::HtmlTagText;
use pressrun_text::line::{TextLine, join_lines};
use pressrun_text::page_html::{HtmlPiece, HtmlPieces};

use super::given::GivenField;
use super::label::Label;
use super::tagged_reply::MarkupReply;
use super::value::FieldValue;

/// An HTML page.
#[derive(Debug)]
pub(super) struct HtmlPage {
    /// The post.
    pub reply: MarkupReply,
    /// The index of the first line after the page.
    pub end: usize,
}

/// Returns whether a page begins at the first of `lines` that is not blank.
pub(super) fn starts_page(lines: &[TextLine]) -> bool {
    let Some(first) = lines.iter().find(|line| !line.is_blank()) else {
        return false;
    };
    let text = first.text.trim_start();
    ["<!DOCTYPE html", "<html"].iter().any(|start| {
        let split = text.split_at_checked(start.len());
        split.is_some_and(|(found, rest)| {
            found.eq_ignore_ascii_case(start)
                && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-')
        })
    })
}

/// Reads the page that begins with `lines`, if there is one.
pub(super) fn read_html_page(lines: &[TextLine]) -> Option<HtmlPage> {
    if !starts_page(lines) {
        return None;
    }
    let first = lines.iter().position(|line| !line.is_blank())?;
    let text = join_lines(&lines[first..]);
    let parts = PageParts::find(&text);
    let index_of = |at: usize| first + memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count();
    let numbers = lines[index_of(parts.body.start)..].iter();
    let numbers: Vec<u32> = numbers.map(|line| line.number).collect();
    // What stands behind the page on its last line counts as after it too.
    let rest = text[parts.end..].trim_start();
    let end = if rest.is_empty() {
        lines.len()
    } else {
        index_of(text.len() - rest.len())
    };
    Some(HtmlPage {
        reply: MarkupReply {
            given: read_head(&text[..parts.head_end], lines[first].number),
            body: blocks::separate_blocks(&text[parts.body], &numbers),
            line: lines[first].number,
        },
        end,
    })
}

/// Iterates over the pieces of some HTML, each with its place. Comments are left out.
fn iter_placed_pieces(text: &str) -> impl Iterator<Item = (Range<usize>, HtmlPiece<'_>)> {
    let mut pieces = HtmlPieces::of_page(text);
    std::iter::from_fn(move || {
        let piece = pieces.next()?;
        let length = match &piece {
            HtmlPiece::Text(text) | HtmlPiece::Content(text) => text.len(),
            HtmlPiece::Tag(tag) => tag.length,
        };
        let end = text.len() - pieces.remaining();
        Some((end - length..end, piece))
    })
}

/// Where the parts of a page are in its text.
struct PageParts {
    head_end: usize,
    body: Range<usize>,
    /// Where the page ends.
    end: usize,
}

impl PageParts {
    fn find(text: &str) -> Self {
        let mut body = None;
        let mut head = None;
        let mut page = None;
        let mut closing: Option<Range<usize>> = None;
        for (range, piece) in iter_placed_pieces(text) {
            let HtmlPiece::Tag(tag) = piece else {
                continue;
            };
            match (&*tag.name.to_ascii_lowercase(), tag.closing) {
                ("body", false) => drop(body.get_or_insert(range)),
                ("head", true) => drop(head.get_or_insert(range.end)),
                ("html", false) => drop(page.get_or_insert(range.end)),
                // The last `</body>` ends the body, and `</html>` directly after it the page.
                ("body", true) => closing = Some(range),
                ("html", true) => {
                    let start = closing.as_ref().map_or(range.start, |body| body.start);
                    closing = Some(start..range.end);
                }
                _ => {}
            }
        }
        let start = body.as_ref().map(|tag| tag.end).or(head).or(page);
        let start = start.unwrap_or_else(|| text.find('>').map_or(0, |at| at + 1));
        let closing = closing
            .filter(|closing| closing.start >= start)
            .unwrap_or(text.len()..text.len());
        Self {
            head_end: body.map_or(start, |tag| tag.start),
            body: start..closing.start,
            end: closing.end,
        }
    }
}

/// Reads the fields in the head of a page that begins on this line.
fn read_head(text: &str, first: u32) -> Vec<GivenField> {
    let mut given: Vec<GivenField> = Vec::new();
    let mut in_title = false;
    for (range, piece) in iter_placed_pieces(text) {
        let field = match piece {
            HtmlPiece::Content(content) if in_title => {
                let title = decode_entities(content).into_owned();
                Some((Label::SeoTitle, "title", title))
            }
            HtmlPiece::Tag(tag) if tag.is_named("meta") => read_meta(&tag),
            _ => None,
        };
        // The content of the element comes next.
        in_title = matches!(piece, HtmlPiece::Tag(tag) if !tag.closing && tag.is_named("title"));
        let Some((label, name, value)) = field else {
            continue;
        };
        // Of fields that are given again the first counts.
        if !given.iter().any(|given| given.label == label) {
            let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..range.start]).count();
            given.push(GivenField {
                label,
                name: name.to_owned(),
                value: FieldValue::Text(value.trim().to_owned()),
                line: first + line as u32,
            });
        }
    }
    given
}

/// Returns the field of a `meta` tag.
fn read_meta(tag: &HtmlTagText) -> Option<(Label, &'static str, String)> {
    let name = tag
        .attribute("name")
        .or_else(|| tag.attribute("property"))?;
    let (label, name) = match &*name.trim().to_ascii_lowercase() {
        "description" => (Label::Description, "description"),
        "keywords" => (Label::Keywords, "keywords"),
        "author" => (Label::Authors, "author"),
        "article:published_time" => (Label::Date, "article:published_time"),
        _ => return None,
    };
    let value = decode_entities(tag.attribute("content")?);
    let value = value.trim().to_owned();
    (!value.is_empty()).then_some((label, name, value))
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::number_lines;

    use super::*;

    /// Checks the fields and the body of a page.
    #[track_caller]
    fn check(text: &str, given: &[&str], body: &str) -> HtmlPage {
        let page = read_html_page(&number_lines(text)).unwrap();
        let found: Vec<String> = page
            .reply
            .given
            .iter()
            .map(|given| format!("{}={}", given.name, given.value.text()))
            .collect();
        assert_eq!(found, given, "{text}");
        assert_eq!(join_lines(&page.reply.body).trim(), body, "{text}");
        page
    }

    #[test]
    fn page_has_a_head_and_a_body() {
        check(
            "<!doctype HTML>\n<html lang=en><head>\n<title>A &amp;\nB</title>\n<META content='c' name=Description>\n<meta name=\"keywords\" content=\"d, e\"><meta name=author content=F>\n<meta property=\"article:published_time\" content=\"2024-05-06\">\n</head>\n<body class=x>\n<h1>A</h1>\n<p>g</p>\n</body>\n</html>\n",
            &[
                "title=A & B",
                "description=c",
                "keywords=d, e",
                "author=F",
                "article:published_time=2024-05-06",
            ],
            "<h1>A</h1>\n\n<p>g</p>",
        );
    }

    #[test]
    fn tags_of_a_page_may_be_left_out() {
        check(
            "<html>\n<head><title>A</title></head>\n<p>b</p>",
            &["title=A"],
            "<p>b</p>",
        );
        check("<!DOCTYPE html>\n<p>b</p>", &[], "<p>b</p>");
        check("<html><body>\n<p>b", &[], "<p>b");
        check(
            "<html><head><script>a = '<body>'</script><!-- <body> --></head><p>b</p></html>",
            &[],
            "<p>b</p>",
        );
    }

    #[test]
    fn text_after_a_page_is_no_body() {
        let page = check(
            "\n<html><body><p>b</p></body></html>\n\nBye.",
            &[],
            "<p>b</p>",
        );
        assert_eq!(page.end, 3);
        let page = check("<html><body><p>b</p></body>\n</html>\n", &[], "<p>b</p>");
        assert_eq!(page.end, 3);
    }

    #[test]
    fn other_texts_are_no_pages() {
        for text in ["", "<p>a</p>", "a <html>", "<htmlx>", "<!DOCTYPE htm>"] {
            assert!(read_html_page(&number_lines(text)).is_none(), "{text}");
        }
    }

    #[test]
    fn hostile_pages_take_linear_time() {
        for unit in [
            "<html>", "<!--", "<script>", "<p", "<pre>\n", "<ul>", "<a b=\"", "</body>",
        ] {
            let text = format!("<html>{}", unit.repeat(20_000));
            drop(read_html_page(&number_lines(&text)));
        }
    }
}
