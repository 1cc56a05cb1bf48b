//! Splits an author's HTML into tags and text.

use std::borrow::Cow;

use memchr::{memchr, memmem};
use pressrun_text::entities;

use crate::escape;

/// A piece of HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HtmlToken<'a> {
    /// Text with its entities; a `<` in it does not start a tag.
    Text(&'a str),
    /// A start tag, including forms like `<br/>`.
    Start(StartTag<'a>),
    /// An end tag with this name.
    End(&'a str),
    /// A comment, doctype or processing instruction.
    Comment,
}

/// A start tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StartTag<'a> {
    pub(super) name: &'a str,
    /// Names and values as written, without the quotes.
    pub(super) attributes: Vec<(&'a str, &'a str)>,
    /// The whole tag as written.
    pub(super) source: &'a str,
}

/// Iterates over the tokens of HTML, in order and without gaps.
pub(super) struct HtmlTokens<'a> {
    html: &'a str,
    at: usize,
    /// How many bytes may still be read in search of the end of a tag that has none.
    ///
    /// What such a search has read is text, and is read again from the next `<` on. Without a
    /// limit, `<a <a <a` would take quadratic time. When nothing is left, every `<` is text.
    patience: usize,
}

/// How many times the whole HTML may be read in vain.
const SEARCHES_IN_VAIN: usize = 16;

impl<'a> HtmlTokens<'a> {
    pub(super) fn new(html: &'a str) -> Self {
        Self {
            html,
            at: 0,
            patience: SEARCHES_IN_VAIN * html.len(),
        }
    }

    /// Returns the byte at which the next token begins.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Skips everything up to and including the end tag with this name, or to the end of the text.
    pub(super) fn skip_past_end_of(&mut self, name: &str) {
        let rest = &self.html[self.at..];
        let end = memmem::find_iter(rest.as_bytes(), "</").find_map(|at| {
            let after = &rest[at + 2..];
            let found = after.get(..name.len())?;
            let boundary = !after[name.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
            let matches = boundary && found.eq_ignore_ascii_case(name);
            matches.then(|| {
                after
                    .find('>')
                    .map_or(rest.len(), |close| at + 2 + close + 1)
            })
        });
        self.at += end.unwrap_or(rest.len());
    }

    fn text(&mut self, length: usize) -> HtmlToken<'a> {
        let text = &self.html[self.at..self.at + length];
        self.at += length;
        HtmlToken::Text(text)
    }

    fn comment(&mut self) -> HtmlToken<'a> {
        let rest = &self.html[self.at..];
        // HTML ends these two forms at once, although they contain no `-->`.
        let length = if rest.starts_with("<!-->") || rest.starts_with("<!--->") {
            memchr(b'>', rest.as_bytes()).map(|at| at + 1)
        } else if let Some(inside) = rest.strip_prefix("<!--") {
            memmem::find(inside.as_bytes(), b"-->").map(|at| "<!--".len() + at + "-->".len())
        } else {
            memchr(b'>', rest.as_bytes()).map(|at| at + 1)
        };
        // An open comment reaches to the end of the text.
        self.at += length.unwrap_or(rest.len());
        HtmlToken::Comment
    }

    fn end_tag(&mut self) -> Option<HtmlToken<'a>> {
        let inside = &self.html[self.at + 2..];
        let name = parse_tag_name(inside)?;
        let Some(close) = memchr(b'>', inside.as_bytes()) else {
            self.patience = self.patience.saturating_sub(inside.len());
            return None;
        };
        self.at += 2 + close + 1;
        Some(HtmlToken::End(name))
    }

    fn start_tag(&mut self) -> Option<HtmlToken<'a>> {
        let rest = &self.html[self.at..];
        let name = parse_tag_name(&rest[1..])?;
        let mut scanner = AttributeScanner {
            text: rest,
            at: 1 + name.len(),
        };
        let mut attributes = Vec::new();
        loop {
            match scanner.next_attribute() {
                Some(Some(attribute)) => attributes.push(attribute),
                Some(None) => break,
                None => {
                    // The search for a closing quote has read up to the end.
                    self.patience = self.patience.saturating_sub(rest.len());
                    return None;
                }
            }
        }
        self.at += scanner.at;
        Some(HtmlToken::Start(StartTag {
            name,
            attributes,
            source: &rest[..scanner.at],
        }))
    }
}

impl<'a> Iterator for HtmlTokens<'a> {
    type Item = HtmlToken<'a>;

    fn next(&mut self) -> Option<HtmlToken<'a>> {
        let rest = &self.html[self.at..];
        if rest.is_empty() {
            return None;
        }
        let tag = match (memchr(b'<', rest.as_bytes()), rest.as_bytes().get(1)) {
            (None, _) => return Some(self.text(rest.len())),
            (Some(0), Some(b'!' | b'?')) => return Some(self.comment()),
            (Some(0), _) if self.patience == 0 => None,
            (Some(0), Some(b'/')) => self.end_tag(),
            (Some(0), _) => self.start_tag(),
            (Some(start), _) => return Some(self.text(start)),
        };
        // A `<` that starts no tag is text.
        tag.or_else(|| Some(self.text(1)))
    }
}

fn parse_tag_name(text: &str) -> Option<&str> {
    let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>' | '<');
    let name = &text[..text.find(is_end).unwrap_or(text.len())];
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(name)
}

/// Reads the attributes of a start tag.
struct AttributeScanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> AttributeScanner<'a> {
    /// Returns the next attribute; `Some(None)` after the `>`; `None` if the tag has no end.
    #[expect(
        clippy::option_option,
        reason = "the two ends of a tag are different things"
    )]
    fn next_attribute(&mut self) -> Option<Option<(&'a str, &'a str)>> {
        self.skip(|c| c.is_ascii_whitespace() || c == '/');
        if self.rest().starts_with('>') {
            self.at += 1;
            return Some(None);
        }
        let start = self.at;
        // A name may begin with `=`.
        self.at += self.rest().chars().next()?.len_utf8();
        self.skip(|c| !c.is_ascii_whitespace() && !matches!(c, '/' | '>' | '='));
        let name = &self.text[start..self.at];
        self.skip(|c| c.is_ascii_whitespace());
        let value = if self.rest().starts_with('=') {
            self.value()?
        } else {
            ""
        };
        Some(Some((name, value)))
    }

    fn value(&mut self) -> Option<&'a str> {
        self.at += 1;
        self.skip(|c| c.is_ascii_whitespace());
        let quote = self.rest().chars().next()?;
        if !matches!(quote, '"' | '\'') {
            let start = self.at;
            self.skip(|c| !c.is_ascii_whitespace() && c != '>');
            return Some(&self.text[start..self.at]);
        }
        let value = &self.rest()[1..];
        let value = &value[..value.find(quote)?];
        self.at += value.len() + 2;
        Some(value)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        self.at = self.text.len() - self.rest().trim_start_matches(wanted).len();
    }
}

/// Replaces references to control characters by U+FFFD. Decoding them later would create characters
/// that the rest of the code does not expect.
pub(super) fn without_unfit_references(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut done = 0;
    for at in memmem::find_iter(text.as_bytes(), b"&#") {
        if let Some(length) = control_reference(&text[at..]) {
            out.push_str(&text[done..at]);
            out.push('\u{fffd}');
            done = at + length;
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// Returns the length of the numeric reference at the start of a text, if it means a control
/// character. As in HTML, it may have leading zeros and no semicolon.
fn control_reference(text: &str) -> Option<usize> {
    let inside = &text["&#".len()..];
    let (digits, radix) = match inside.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (inside, 10),
    };
    let count = digits
        .bytes()
        .take_while(|&byte| char::from(byte).is_digit(radix))
        .count();
    let code = digits[..count].trim_start_matches('0');
    let code = u8::from_str_radix(code, radix).ok()?;
    let end = text.len() - digits.len() + count;
    let semicolon = usize::from(text[end..].starts_with(';'));
    (code == b'\r' || escape::is_control(code)).then_some(end + semicolon)
}

/// Returns the id of every element of a page.
pub fn element_ids(html: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut tokens = HtmlTokens::new(html);
    while let Some(token) = tokens.next() {
        let HtmlToken::Start(tag) = token else {
            continue;
        };
        let mut attributes = tag.attributes.iter();
        if let Some((_, id)) = attributes.find(|(name, _)| name.eq_ignore_ascii_case("id")) {
            ids.push(decode_attribute(id));
        }
        let is = |name: &&str| tag.name.eq_ignore_ascii_case(name);
        if ["script", "style", "title", "textarea"].iter().any(is) {
            tokens.skip_past_end_of(tag.name);
        }
    }
    ids
}

/// Decodes the entities in an attribute once. Unknown ones stay as they are, which is harmless,
/// because the address is escaped again.
pub(super) fn decode_attribute(value: &str) -> String {
    let mut decoded = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        // No entity that matters here is longer, so the search stays short.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        if let Some((end, c)) =
            end.and_then(|end| Some((end, decode_attribute_entity(&rest[1..end])?)))
        {
            decoded.push(c);
            rest = &rest[end + 1..];
        } else {
            decoded.push('&');
            rest = &rest[1..];
        }
    }
    decoded.push_str(rest);
    decoded
}

fn decode_attribute_entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let code = match hexadecimal {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?);
    }
    Some(match name {
        // Spelled like this, characters could hide a scheme such as `javascript:`.
        "colon" => ':',
        "sol" => '/',
        "Tab" => '\t',
        "NewLine" => '\n',
        _ => return entities::find_named_entity(name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &[&str]) {
        let shown: Vec<String> = HtmlTokens::new(html)
            .map(|token| match token {
                HtmlToken::Text(text) => text.to_owned(),
                HtmlToken::Start(tag) => format!("{}{:?}", tag.name, tag.attributes),
                HtmlToken::End(name) => format!("/{name}"),
                HtmlToken::Comment => "!".to_owned(),
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn tags_and_text_are_distinguished() {
        check("a<b>c</b >d", &["a", "b[]", "c", "/b", "d"]);
        check("1 < 2 <3", &["1 ", "<", " 2 ", "<", "3"]);
    }

    #[test]
    fn attributes_are_read_with_and_without_quotes() {
        check(
            "<a href=x title='>\"' \n data-x=\"1>2\" hidden/>",
            &[r#"a[("href", "x"), ("title", ">\""), ("data-x", "1>2"), ("hidden", "")]"#],
        );
    }

    #[test]
    fn a_tag_without_its_end_is_text() {
        check("<a href=\"x", &["<", "a href=\"x"]);
        check("<a ", &["<", "a "]);
        check("</a", &["<", "/a"]);
    }

    #[test]
    fn ends_of_tags_are_looked_for_in_vain_a_limited_number_of_times() {
        let has_tag = |openers: usize| {
            let html = format!("{}b='<i>", "<a ".repeat(openers));
            HtmlTokens::new(&html).any(|token| matches!(token, HtmlToken::Start(_)))
        };
        assert!(has_tag(10));
        assert!(!has_tag(1000));
    }

    #[test]
    fn comments_end_where_browsers_end_them() {
        check(
            "<!-- <b> -->a<!-->b<!DOCTYPE x>c<!-- d",
            &["!", "a", "!", "b", "!", "c", "!"],
        );
    }

    #[test]
    fn skipping_ends_behind_the_end_tag_in_any_case() {
        let mut tokens = HtmlTokens::new("<script>a</scripty></b></SCRIPT >c");
        tokens.next();
        tokens.skip_past_end_of("script");
        assert_eq!(tokens.next(), Some(HtmlToken::Text("c")));
    }

    #[test]
    fn references_to_control_characters_are_replaced() {
        for (text, expected) in [
            ("&#1;0&#2;", "\u{fffd}0\u{fffd}"),
            ("&#1 &#x1F&#X00001b;", "\u{fffd} \u{fffd}\u{fffd}"),
            (
                "&#127;&#13;&#9;&#10;&#32;",
                "\u{fffd}\u{fffd}&#9;&#10;&#32;",
            ),
            (
                "&#128;&#99999999999;&#;&#x;&#",
                "&#128;&#99999999999;&#;&#x;&#",
            ),
            ("a&amp;#1;é&#1;é", "a&amp;#1;é\u{fffd}é"),
        ] {
            assert_eq!(without_unfit_references(text), expected);
        }
    }

    #[test]
    fn ids_are_those_of_elements() {
        let html = "<h2 class=\"x\" id=\"a\">A</h2> id=\"b\" <p title=' id=\"c\"' ID=d>\
                    <img id='e&amp;f'><script id=g>'<p id=h>'</script></p id=i><!-- <p id=j> -->";
        assert_eq!(element_ids(html), ["a", "d", "e&f", "g"]);
    }

    #[test]
    fn entities_that_hide_a_scheme_are_decoded() {
        assert_eq!(
            decode_attribute("gr&uuml;n&amp;uuml;&nope;"),
            "grün&uuml;&nope;"
        );
        assert_eq!(
            decode_attribute("java&#x73;cript&colon;&Tab;&amp;&copy;&"),
            "javascript:\t&©&"
        );
    }
}
