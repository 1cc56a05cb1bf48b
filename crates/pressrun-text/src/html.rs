//! Recognises HTML tags in Markdown source.
//!
//! Not here: making rendered HTML safe, which needs a real HTML parser (`pressrun-markdown`).

use std::ops::Range;

use super::visible::is_unfit;

/// An HTML tag at the start of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HtmlTagText<'a> {
    /// The name as written, in upper or lower case.
    pub name: &'a str,
    /// Whether it is a closing tag, `</name>`.
    pub closing: bool,
    /// The text between the name and the `>`.
    pub attributes: &'a str,
    /// The length of the tag in bytes, including both angle brackets.
    pub length: usize,
}

/// Reads the tag at the start of `text`, which must begin with `<`.
pub fn parse_tag(text: &str) -> Option<HtmlTagText<'_>> {
    let bytes = text.as_bytes();
    let closing = bytes.get(1) == Some(&b'/');
    let start = 1 + usize::from(closing);
    if !bytes.get(start)?.is_ascii_alphabetic() {
        return None;
    }
    let name_length = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
        .count();
    let after = start + name_length;
    if !matches!(bytes.get(after)?, b' ' | b'\t' | b'\n' | b'/' | b'>') {
        return None;
    }
    let end = after + measure_attributes(&text[after..])?;
    Some(HtmlTagText {
        name: &text[start..after],
        closing,
        attributes: &text[after..end],
        length: end + 1,
    })
}

/// Returns the number of bytes before the `>` that ends a tag.
///
/// A quoted attribute value may contain a `>`. An unquoted `<` means that this is not a tag.
fn measure_attributes(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut after_equals = false;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'>' => return Some(at),
            b'<' => return None,
            b'"' | b'\'' if after_equals => {
                at += 1 + memchr::memchr(byte, &bytes[at + 1..])?;
            }
            _ => {}
        }
        // A quote starts a value only after `=`, with or without spaces in between.
        after_equals = byte == b'=' || (after_equals && byte.is_ascii_whitespace());
        at += 1;
    }
    None
}

/// An attribute of a tag, as ranges of the text of all attributes.
#[derive(Debug)]
pub struct TagAttribute<'t> {
    /// The name as written.
    pub name: &'t str,
    /// Where the white space before it begins.
    pub space: usize,
    /// The range of the whole attribute.
    pub range: Range<usize>,
    /// Whether it has a value.
    pub has_value: bool,
    /// The range of its value, without quotes.
    pub value: Range<usize>,
}

/// Returns the attributes of a tag, whose text is [`HtmlTagText::attributes`].
pub fn parse_attributes(text: &str) -> Vec<TagAttribute<'_>> {
    let bytes = text.as_bytes();
    // A slash separates attributes too: `<img/onerror=…>`.
    let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let space = at;
        at += bytes[at..].iter().take_while(|byte| is_space(byte)).count();
        let start = at;
        at += bytes[at..]
            .iter()
            .take_while(|byte| !is_space(byte) && **byte != b'=')
            .count();
        let name = &text[start..at];
        let mut value = at..at;
        let gap = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let has_value = bytes.get(at + gap) == Some(&b'=');
        if has_value {
            at += gap + 1;
            at += bytes[at..]
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
            (value, at) = parse_attribute_value(bytes, at);
        }
        found.push(TagAttribute {
            name,
            space,
            range: start..at,
            has_value,
            value,
        });
    }
    found
}

/// Returns the range of the value that begins at `at`, without quotes, and its end including them.
fn parse_attribute_value(bytes: &[u8], at: usize) -> (Range<usize>, usize) {
    if let Some(&quote @ (b'"' | b'\'')) = bytes.get(at) {
        let length = memchr::memchr(quote, &bytes[at + 1..]).unwrap_or(bytes.len() - at - 1);
        let end = at + 1 + length;
        return (at + 1..end, (end + 1).min(bytes.len()));
    }
    let length = bytes[at..]
        .iter()
        .take_while(|byte| !byte.is_ascii_whitespace())
        .count();
    (at..at + length, at + length)
}

/// Returns whether `name`, in lower case, is an HTML element.
pub fn is_element(name: &str) -> bool {
    ELEMENTS.binary_search(&name).is_ok()
}

/// The HTML elements, including the obsolete ones found on old pages. Sorted for binary search.
#[rustfmt::skip]
const ELEMENTS: [&str; 128] = [
    "a", "abbr", "acronym", "address", "area", "article", "aside", "audio", "b", "base", "bdi",
    "bdo", "big", "blockquote", "body", "br", "button", "canvas", "caption", "center", "cite",
    "code", "col", "colgroup", "data", "datalist", "dd", "del", "details", "dfn", "dialog", "dir",
    "div", "dl", "dt", "em", "embed", "fieldset", "figcaption", "figure", "font", "footer", "form",
    "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr",
    "html", "i", "iframe", "img", "input", "ins", "kbd", "label", "legend", "li", "link", "main",
    "map", "mark", "marquee", "math", "menu", "meta", "meter", "nav", "nobr", "noframes",
    "noscript", "object", "ol", "optgroup", "option", "output", "p", "param", "picture", "pre",
    "progress", "q", "rp", "rt", "ruby", "s", "samp", "script", "search", "section", "select",
    "slot", "small", "source", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg",
    "table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "time", "title", "tr",
    "track", "tt", "u", "ul", "var", "video", "wbr", "xmp",
];

/// Escapes text for HTML and SVG, both as content and inside double-quoted attributes. U+FFFD
/// replaces characters that neither may contain.
pub fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace(is_unfit, "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted() {
        assert!(ELEMENTS.is_sorted());
    }

    #[test]
    fn escaped_text_holds_nothing_that_a_page_may_not_hold() {
        assert_eq!(
            escape_html("<a\0\u{1b}\u{FFFE}&\t\n"),
            "&lt;a\u{FFFD}\u{FFFD}\u{FFFD}&amp;\t\n"
        );
    }

    #[test]
    fn a_quoted_value_may_hold_a_bracket() {
        let text = r#"<a title="a > b" href='x'>c"#;
        let tag = parse_tag(text).unwrap();
        assert_eq!(
            (tag.name, tag.closing, &text[tag.length..]),
            ("a", false, "c")
        );
    }

    #[test]
    fn what_is_not_a_tag_is_not_read_as_one() {
        for text in [
            "<",
            "< b>",
            "<b",
            "<b <i>",
            "<https://a.example>",
            "<3",
            "<a href=\"x>",
            "<a@b.c>",
        ] {
            assert_eq!(parse_tag(text), None, "{text}");
        }
    }

    #[test]
    fn an_apostrophe_opens_no_value() {
        assert!(parse_tag("<p don't>").is_some());
    }
}
