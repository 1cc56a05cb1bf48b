//! Splits HTML into tags and the text between them.

use std::ops::Range;

use pressrun_text::html::{HtmlTagText, parse_tag};

/// A piece of HTML.
#[derive(Debug)]
pub(super) struct ReplyHtmlPiece<'t> {
    /// Its place in the text.
    pub range: Range<usize>,
    pub kind: HtmlPieceKind<'t>,
}

#[derive(Debug)]
pub(super) enum HtmlPieceKind<'t> {
    /// Text, with its entities.
    Text,
    /// A tag.
    Tag(HtmlTagText<'t>),
    /// A comment, or an element whose content is no HTML, such as a script.
    Raw,
}

/// Iterates over the pieces of some HTML, in order and without gaps.
pub(super) fn iter_html_pieces(text: &str) -> impl Iterator<Item = ReplyHtmlPiece<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at == text.len() {
            return None;
        }
        let start = at;
        let (length, kind) = read_piece(&text[at..]);
        at += length;
        Some(ReplyHtmlPiece {
            range: start..at,
            kind,
        })
    })
}

fn read_piece(text: &str) -> (usize, HtmlPieceKind<'_>) {
    if let Some(rest) = text.strip_prefix("<!--") {
        let end = memchr::memmem::find(rest.as_bytes(), b"-->");
        let length = end.map_or(text.len(), |end| 4 + end + 3);
        return (length, HtmlPieceKind::Raw);
    }
    if text.starts_with('<')
        && let Some(tag) = parse_tag(text)
    {
        let is_raw = ["script", "style", "textarea"]
            .iter()
            .any(|name| tag.name.eq_ignore_ascii_case(name));
        if is_raw && !tag.closing {
            return (measure_raw_element(text, &tag), HtmlPieceKind::Raw);
        }
        return (tag.length, HtmlPieceKind::Tag(tag));
    }
    // A `<` that begins no tag is text.
    let next = memchr::memchr(b'<', &text.as_bytes()[1..]);
    (
        next.map_or(text.len(), |next| next + 1),
        HtmlPieceKind::Text,
    )
}

/// Returns the length of an element whose content is no HTML, with its tags.
fn measure_raw_element(text: &str, tag: &HtmlTagText) -> usize {
    let mut closings = memchr::memchr_iter(b'<', &text.as_bytes()[tag.length..]);
    let closing = closings.find_map(|at| {
        let at = tag.length + at;
        let rest = text[at..].strip_prefix("</")?;
        let (name, rest) = rest.split_at_checked(tag.name.len())?;
        let end = rest
            .find('>')
            .filter(|_| name.eq_ignore_ascii_case(tag.name))?;
        Some(at + 2 + name.len() + end + 1)
    });
    closing.unwrap_or(text.len())
}
