//! Reads finished HTML piece by piece, as a browser does.
//!
//! Not here: tags in Markdown source, whose rules are those of `CommonMark` (`html`).

use crate::html::{HtmlTagText, parse_tag};

/// Elements whose content is text, in which nothing is a tag.
const TEXT_ONLY: [&str; 4] = ["script", "style", "textarea", "title"];

/// A piece of a page. Comments are skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HtmlPiece<'p> {
    /// Text with character references.
    Text(&'p str),
    /// A tag.
    Tag(HtmlTagText<'p>),
    /// The content of an element that holds text only, such as a script; the piece before it is the
    /// tag of the element.
    Content(&'p str),
}

/// Reads the pieces of a page, in order.
#[derive(Debug)]
pub struct HtmlPieces<'p> {
    rest: &'p str,
    /// The element whose content comes next.
    element: Option<&'static str>,
}

impl<'p> HtmlPieces<'p> {
    /// Starts to read a page.
    pub fn of_page(page: &'p str) -> Self {
        Self {
            rest: page,
            element: None,
        }
    }

    /// Returns the number of bytes of the page that have not been read.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }
}

impl<'p> Iterator for HtmlPieces<'p> {
    type Item = HtmlPiece<'p>;

    fn next(&mut self) -> Option<HtmlPiece<'p>> {
        if let Some(element) = self.element.take() {
            let (content, rest) = split_content(self.rest, element);
            self.rest = rest;
            return Some(HtmlPiece::Content(content));
        }
        while let Some(comment) = self.rest.strip_prefix("<!--") {
            self.rest = skip_comment(comment);
        }
        if let Some(tag) = parse_tag(self.rest) {
            self.rest = &self.rest[tag.length..];
            let mut names = TEXT_ONLY.into_iter();
            self.element = names.find(|name| !tag.closing && tag.is_named(name));
            return Some(HtmlPiece::Tag(tag));
        }
        // A `<` that begins no tag is text, up to the next one.
        let first = self.rest.chars().next()?.len_utf8();
        let end = memchr::memchr(b'<', &self.rest.as_bytes()[first..]);
        let (text, rest) = self
            .rest
            .split_at(end.map_or(self.rest.len(), |end| first + end));
        self.rest = rest;
        Some(HtmlPiece::Text(text))
    }
}

/// Returns the text after a comment, given the text after its `<!--`.
fn skip_comment(text: &str) -> &str {
    // `<!-->` and `<!--->` are comments too. A comment without an end hides the rest of the page, as
    // in a browser.
    if let Some(rest) = text.strip_prefix('>').or_else(|| text.strip_prefix("->")) {
        return rest;
    }
    text.find("-->").map_or("", |end| &text[end + 3..])
}

/// Splits a text before the closing tag of an element, or at its end if the element is never closed.
fn split_content<'t>(text: &'t str, element: &str) -> (&'t str, &'t str) {
    let mut ends = memchr::memmem::find_iter(text.as_bytes(), "</");
    let end = ends.find(|end| {
        let rest = &text.as_bytes()[end + 2..];
        let is_named = rest
            .get(..element.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(element.as_bytes()));
        is_named
            && matches!(
                rest.get(element.len()),
                Some(b'>' | b'/' | b' ' | b'\t' | b'\n' | 12 | b'\r')
            )
    });
    text.split_at(end.unwrap_or(text.len()))
}

impl<'t> HtmlTagText<'t> {
    /// Returns whether the tag has this name, given in lower case.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Returns the value of an attribute, as written; it is empty if the attribute has none.
    pub fn attribute(&self, name: &str) -> Option<&'t str> {
        find_attribute(self.attributes, name)
    }

    /// Returns the names of the attributes, as written.
    pub fn attribute_names(&self) -> impl Iterator<Item = &'t str> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let (name, _, after) = parse_next_attribute(rest)?;
            rest = after;
            Some(name)
        })
    }
}

/// Returns the value of an attribute, as written.
fn find_attribute<'t>(mut text: &'t str, wanted: &str) -> Option<&'t str> {
    while let Some((name, value, rest)) = parse_next_attribute(text) {
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        text = rest;
    }
    None
}

/// Returns the name and value of the first attribute, and the text after it.
fn parse_next_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let is_gap = |c: char| c.is_whitespace() || c == '/';
    let text = text.trim_start_matches(is_gap);
    // A name has at least one character, whatever that is, so every call makes progress.
    let first = text.chars().next()?.len_utf8();
    let end = text[first..]
        .find(|c| is_gap(c) || c == '=')
        .map_or(text.len(), |end| first + end);
    let (name, rest) = text.split_at(end);
    let Some(value) = rest.trim_start().strip_prefix('=') else {
        return Some((name, "", rest));
    };
    let value = value.trim_start();
    let (value, rest) = if let Some(quote @ ('"' | '\'')) = value.chars().next() {
        let inside = &value[1..];
        inside.split_once(quote).unwrap_or((inside, ""))
    } else {
        value.split_at(value.find(char::is_whitespace).unwrap_or(value.len()))
    };
    Some((name, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(page: &str) -> Vec<&str> {
        let tags = HtmlPieces::of_page(page).filter_map(|piece| match piece {
            HtmlPiece::Tag(tag) if !tag.closing => Some(tag.name),
            _ => None,
        });
        tags.collect()
    }

    #[test]
    fn scripts_and_comments_hold_no_tags() {
        let page = "<script>\"<a href='/x'>\"</script><!-- <b> --><style>a{}</style>&lt;i&gt;<p>";
        assert_eq!(tags(page), ["script", "style", "p"]);
    }

    #[test]
    fn only_its_own_closing_tag_ends_a_text() {
        for (page, expected) in [
            (
                "<script>let a = '</b><i>';</script><p>",
                &["script", "p"][..],
            ),
            ("<script>'</scripts><i>'</SCRIPT ><p>", &["script", "p"]),
            (
                "<style>a::after{content:'</'}<i></style><p>",
                &["style", "p"],
            ),
            ("<title>a <b> c</title><p>", &["title", "p"]),
            ("<textarea><i></textarea/><p>", &["textarea", "p"]),
            ("<script></b><i>", &["script"]),
            ("<!--><p><!---><b><!-- <i> --><u>", &["p", "b", "u"]),
            ("<!-- <i>", &[]),
        ] {
            assert_eq!(tags(page), expected, "{page}");
        }
    }

    #[test]
    fn pieces_are_texts_tags_and_contents() {
        use HtmlPiece::{Content, Text};
        let pieces = HtmlPieces::of_page("a < b<!-- c --><script>d<i></script>e");
        let others: Vec<HtmlPiece<'_>> = pieces
            .filter(|piece| !matches!(piece, HtmlPiece::Tag(_)))
            .collect();
        assert_eq!(
            others,
            [Text("a "), Text("< b"), Content("d<i>"), Text("e")]
        );
    }

    #[test]
    fn attributes_of_any_shape_are_read() {
        for text in ["=", "= =", "a=\"", "a='b' =c d", "\"", "a = b", "/ / x"] {
            assert_eq!(find_attribute(text, "href"), None, "{text}");
        }
        assert_eq!(find_attribute(" a = b  href= '/x' ", "href"), Some("/x"));
        assert_eq!(find_attribute(" data-href=\"/y\" href", "href"), Some(""));
    }
}
