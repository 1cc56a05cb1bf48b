//! Decides which destinations are safe, finds addresses in running text, and marks the places of
//! addresses that are not known yet.

use std::fmt::Write;

use memchr::memchr_iter;
use serde::{Deserialize, Serialize};

use super::escape::{find_byte_where, is_unfit, may_be_unfit};
use super::{BodyLink, DestinationKind};

/// The kind of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddressKind {
    /// Within the site: relative to the page or the root, or a fragment.
    Internal,
    /// Elsewhere: `http:`, `https:` or `//host`.
    External,
    /// `mailto:` or `tel:`.
    Contact,
    /// Not a valid link: empty, or with a scheme that is not allowed.
    Unsafe,
}

/// Classifies a destination whose entities and escapes are decoded.
///
/// Browsers ignore white space around an address and control characters inside it. So white space
/// is trimmed, and control characters are not accepted at all.
pub(super) fn classify_destination(destination: &str, kind: DestinationKind) -> AddressKind {
    let destination = destination.trim_matches(|c| c <= ' ');
    if destination.is_empty() || destination.contains(char::is_control) {
        return AddressKind::Unsafe;
    }
    match destination.find([':', '/', '?', '#', '\\']) {
        // A colon after a slash, `?` or `#` does not end a scheme.
        Some(end) if destination.as_bytes()[end] == b':' && may_be_scheme(&destination[..end]) => {
            classify_scheme(&destination[..end], kind)
        }
        Some(0) if is_network_path(destination) => AddressKind::External,
        _ => AddressKind::Internal,
    }
}

/// Returns false if what precedes a colon is certainly no scheme: it contains a sign such as `)`.
/// Other characters that no scheme has could be ignored by a program that is less strict.
fn may_be_scheme(name: &str) -> bool {
    !name.contains(|c: char| c.is_ascii_punctuation() && !matches!(c, '+' | '-' | '.' | '&' | '%'))
}

fn classify_scheme(scheme: &str, kind: DestinationKind) -> AddressKind {
    let is = |name| scheme.eq_ignore_ascii_case(name);
    if is("http") || is("https") {
        AddressKind::External
    } else if kind == DestinationKind::Link && (is("mailto") || is("tel")) {
        AddressKind::Contact
    } else {
        AddressKind::Unsafe
    }
}

/// Returns whether a destination begins like `//host`, also with the backslashes that browsers
/// treat as slashes.
fn is_network_path(destination: &str) -> bool {
    let mut start = destination.bytes().take(2);
    start.len() == 2 && start.all(|byte| matches!(byte, b'/' | b'\\'))
}

/// Finds the first address with `http:` or `https:` in `text`. It may continue after the end of
/// `text`. `before` is the character in front of `text`.
pub(super) fn find_bare_address(
    text: &str,
    before: Option<char>,
) -> Option<std::ops::Range<usize>> {
    for colon in memchr_iter(b':', text.as_bytes()) {
        if !text[colon..].starts_with("://") {
            continue;
        }
        let Some(start) = find_scheme_start(&text[..colon]) else {
            continue;
        };
        let before = text[..start].chars().next_back().or(before);
        let host = text[colon + 3..].chars().next();
        if before.is_some_and(|c| c.is_ascii_alphanumeric())
            || !host.is_some_and(char::is_alphanumeric)
        {
            continue;
        }
        return Some(start..colon + 3 + measure_bare_address(&text[colon + 3..]));
    }
    None
}

fn find_scheme_start(before_colon: &str) -> Option<usize> {
    ["https", "http"].into_iter().find_map(|scheme| {
        let start = before_colon.len().checked_sub(scheme.len())?;
        let found = before_colon.get(start..)?;
        found.eq_ignore_ascii_case(scheme).then_some(start)
    })
}

/// Returns how many bytes at the start of `text` can be part of an address.
pub(super) fn measure_bare_address(text: &str) -> usize {
    let outside = |c: char| match c {
        ' '..'\u{7f}' => matches!(
            c,
            ' ' | '<' | '>' | '"' | '\'' | '`' | '\\' | '{' | '}' | '|'
        ),
        // Letters of other scripts may be in an address, but not their punctuation.
        _ => !c.is_alphanumeric(),
    };
    text.find(outside).unwrap_or(text.len())
}

/// Removes the punctuation of the surrounding sentence from the end of an address.
pub(super) fn trim_bare_address(address: &str) -> &str {
    // Brackets in pairs belong to the address, as in `https://a.b/c_(d)`.
    let mut surplus = {
        let count = |wanted| address.bytes().filter(|&byte| byte == wanted).count();
        count(b')').saturating_sub(count(b'('))
    };
    let mut end = address.len();
    while let Some(last) = address[..end].bytes().next_back() {
        match last {
            b'?' | b'!' | b'.' | b',' | b':' | b';' | b'*' | b'_' | b'~' => {}
            b')' if surplus > 0 => surplus -= 1,
            _ => break,
        }
        end -= 1;
    }
    &address[..end]
}

/// Characters around the number of a link whose address is not known yet, while the page is being
/// written. The HTML of a body contains no control characters, so nothing else looks like a mark.
const MARK: (char, char) = ('\u{1}', '\u{2}');

/// Writes the mark of the link with this number.
pub(super) fn write_link_marker(out: &mut String, number: usize) {
    let _ = write!(out, "{}{number}{}", MARK.0, MARK.1);
}

/// Begins the mark of a formula in place of the first character of [`MARK`].
const FORMULA_MARK: char = '\u{7}';

/// Writes the mark of the formula with this number.
pub(super) fn write_formula_marker(out: &mut String, number: usize) {
    let _ = write!(out, "{FORMULA_MARK}{number}{}", MARK.1);
}

/// The place in the HTML where the address of a link is inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AddressPlace {
    /// Position in the HTML, in bytes.
    pub(super) at: u32,
    /// The number of the link.
    pub(super) link: u32,
}

/// An element of the HTML that is shown only if what it leads to is there: a picture, which is then
/// replaced by a text, or a link, whose text stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OptionalElement {
    /// Where its tag begins and ends in the HTML, in bytes.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The number of the link that is its address.
    pub(super) link: u32,
    /// What is shown instead of the tag.
    pub(super) written: String,
    /// Where the end tag of a link begins.
    pub(super) end_tag: Option<u32>,
}

/// The end tag of a link.
pub(super) const LINK_END: &str = "</a>";

/// Finds the tags of elements that may not be shown, given the numbers of their links with what is
/// shown instead, in order.
pub(super) fn find_optional_elements(
    html: &str,
    places: &[AddressPlace],
    written: Vec<(usize, String)>,
) -> Vec<OptionalElement> {
    let mut written = written.into_iter().peekable();
    let texts = places.iter().filter_map(|place| {
        let (link, at) = (place.link as usize, place.at as usize);
        // The sanitiser may have removed earlier pictures.
        while written.next_if(|(number, _)| *number < link).is_some() {}
        let (_, written) = written.next_if(|(number, _)| *number == link)?;
        // Neither sign is in a value: both are escaped there.
        let start = memchr::memrchr(b'<', &html.as_bytes()[..at])?;
        let end = at + memchr::memchr(b'>', &html.as_bytes()[at..])? + 1;
        let is_link = html[start..].starts_with("<a");
        // Links are not nested, so this is the end of this one.
        let end_tag = memchr::memmem::find(&html.as_bytes()[end..], LINK_END.as_bytes());
        let end_tag = end_tag.filter(|_| is_link).map(|at| (end + at) as u32);
        Some(OptionalElement {
            start: start as u32,
            end: end as u32,
            link: place.link,
            written,
            end_tag,
        })
    });
    texts.collect()
}

/// The tag of a picture in the HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PictureTag {
    /// Where it ends, in bytes.
    pub(super) end: u32,
    /// The number of the link that is its address.
    pub(super) link: u32,
    /// The size that the author gives it.
    pub(super) width: AuthorSide,
    pub(super) height: AuthorSide,
}

/// The width or height that an author gives a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum AuthorSide {
    Absent,
    Pixels(u32),
    /// Such as `50%`.
    Other,
}

/// Finds the tags of pictures.
pub(super) fn find_picture_tags(
    html: &str,
    places: &[AddressPlace],
    links: &[BodyLink],
) -> Vec<PictureTag> {
    let tags = places.iter().filter_map(|place| {
        if !links[place.link as usize].kind.is_picture() {
            return None;
        }
        let at = place.at as usize;
        // Neither sign is in a value: both are escaped there.
        let start = memchr::memrchr(b'<', &html.as_bytes()[..at])?;
        let end = at + memchr::memchr(b'>', &html.as_bytes()[at..])? + 1;
        // A film has a picture too.
        let attributes = html[start..end].strip_prefix("<img")?;
        Some(PictureTag {
            end: end as u32,
            link: place.link,
            width: find_side(attributes, " width=\""),
            height: find_side(attributes, " height=\""),
        })
    });
    tags.collect()
}

/// Reads a side from the attributes of a tag. A quote in a value is escaped, so `name`, which ends
/// with one, can only be the attribute.
fn find_side(attributes: &str, name: &str) -> AuthorSide {
    let Some((_, value)) = attributes.split_once(name) else {
        return AuthorSide::Absent;
    };
    let value = value.split('"').next().unwrap_or_default().trim();
    let value = value.strip_suffix("px").unwrap_or(value);
    match value.parse() {
        Ok(pixels @ 1..) => AuthorSide::Pixels(pixels),
        _ => AuthorSide::Other,
    }
}

/// Removes the marks from a page with this many links, and returns their places in order. The marks
/// of formulas become the formulas.
///
/// Each link and each formula has at most one place, so that the page cannot grow with the square of
/// its length.
/// Other characters that HTML or XML forbids, which come from the author's entities, become U+FFFD.
pub(super) fn take_marks(
    marked: String,
    links: usize,
    formulas: &mut [String],
) -> (String, Vec<AddressPlace>) {
    let mut places = Vec::with_capacity(links);
    let Some(mut at) = find_byte_where(marked.as_bytes(), may_be_unfit) else {
        return (marked, places);
    };
    let mut is_open = vec![true; links];
    let mut html = String::with_capacity(marked.len());
    let mut done = 0;
    loop {
        html.push_str(&marked[done..at]);
        let rest = &marked[at..];
        let length = rest.chars().next().map_or(1, char::len_utf8);
        done = at + length;
        if let Some((number, length)) = read_mark(rest, FORMULA_MARK) {
            done = at + length;
            if let Some(formula) = formulas.get_mut(number) {
                html.push_str(&std::mem::take(formula));
            }
        } else if let Some((number, length)) = read_mark(rest, MARK.0) {
            done = at + length;
            if is_open.get(number) == Some(&true) {
                is_open[number] = false;
                places.push(AddressPlace {
                    at: html.len() as u32,
                    link: number as u32,
                });
            }
        } else if rest.starts_with(is_unfit) {
            html.push('\u{fffd}');
        } else {
            html.push_str(&marked[at..done]);
        }
        match find_byte_where(&marked.as_bytes()[done..], may_be_unfit) {
            Some(next) => at = done + next,
            None => break,
        }
    }
    html.push_str(&marked[done..]);
    (html, places)
}

/// Returns the number of the mark at the start of a text, and the length of the mark.
fn read_mark(text: &str, begin: char) -> Option<(usize, usize)> {
    let inside = text.strip_prefix(begin)?;
    let end = inside
        .bytes()
        .take(12)
        .position(|byte| byte == MARK.1 as u8)?;
    Some((inside[..end].parse().ok()?, end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_read_as_browsers_read_them() {
        use AddressKind::{Contact, External, Internal, Unsafe};
        for (destination, expected) in [
            ("https://a.b", External),
            ("HTTP://a.b", External),
            ("//a.b", External),
            ("/\\a.b", External),
            ("/a", Internal),
            ("a/b:c", Internal),
            ("?q=a:b", Internal),
            ("#a:b", Internal),
            ("foo):", Internal),
            ("java&script:x", Unsafe),
            ("%6aavascript:x", Unsafe),
            ("mailto:a@b", Contact),
            ("tel:+1", Contact),
            ("", Unsafe),
            (" \u{1}", Unsafe),
            ("javascript:alert(1)", Unsafe),
            (" \u{1}JaVaScRiPt:alert(1)", Unsafe),
            ("java\tscript:alert(1)", Unsafe),
            ("java\nscript:alert(1)", Unsafe),
            ("vbscript:x", Unsafe),
            ("data:text/html,x", Unsafe),
            ("file:///etc/passwd", Unsafe),
            ("javascript :x", Unsafe),
            ("java\u{ad}script:x", Unsafe),
        ] {
            assert_eq!(
                classify_destination(destination, DestinationKind::Link),
                expected,
                "{destination:?}"
            );
        }
        assert_eq!(
            classify_destination("mailto:a@b", DestinationKind::Image),
            Unsafe
        );
    }

    #[test]
    fn marks_count_once_and_only_as_they_are_written() {
        let check = |marked: &str, html: &str, places: &[(u32, u32)]| {
            let (taken, found) = take_marks(marked.to_owned(), 3, &mut ["<math>".to_owned()]);
            let found: Vec<_> = found.iter().map(|place| (place.at, place.link)).collect();
            assert_eq!((&*taken, &*found), (html, places));
        };
        check("a\u{1}1\u{2}b\u{1}0\u{2}", "ab", &[(1, 1), (2, 0)]);
        check("a\u{1}1\u{2}b\u{1}1\u{2}", "ab", &[(1, 1)]);
        check("\u{7}0\u{2}a\u{7}0\u{2}\u{1}0\u{2}", "<math>a", &[(7, 0)]);
        check("\u{1}3\u{2}", "", &[]);
        check("\u{1}\u{1}0\u{2}", "\u{fffd}", &[(3, 0)]);
        check("\u{1}x\u{2}\u{1}", "\u{fffd}x\u{fffd}\u{fffd}", &[]);
        check(
            "é\u{fffe}«，\u{85}😀\u{0}",
            "é\u{fffd}«，\u{fffd}😀\u{fffd}",
            &[],
        );
    }

    fn bare(text: &str) -> Option<&str> {
        find_bare_address(text, None).map(|range| trim_bare_address(&text[range]))
    }

    #[test]
    fn bare_addresses_leave_the_sentence_its_punctuation() {
        assert_eq!(bare("see https://a.b/c."), Some("https://a.b/c"));
        assert_eq!(bare("(https://a.b/c_(d))"), Some("https://a.b/c_(d)"));
        assert_eq!(
            bare("HTTP://a.b/?q=1&r=2, and"),
            Some("HTTP://a.b/?q=1&r=2")
        );
        assert_eq!(bare("看https://a.b/ö。"), Some("https://a.b/ö"));
        assert_eq!(bare("“https://a.b/ö”"), Some("https://a.b/ö"));
        assert_eq!(bare("xhttps://a.b"), None);
        assert_eq!(bare("ftp://a.b https:// http://!"), None);
    }
}
