//! Decides which destinations are safe, finds addresses in running text, and marks the places of
//! addresses that are not known yet.

use std::fmt::Write;

use memchr::{memchr, memchr_iter};

use super::Kind;

/// The kind of a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
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
pub(super) fn classify(destination: &str, kind: Kind) -> Address {
    let destination = destination.trim_matches(|c| c <= ' ');
    if destination.is_empty() || destination.contains(char::is_control) {
        return Address::Unsafe;
    }
    match destination.find([':', '/', '?', '#', '\\']) {
        // A colon after a slash, `?` or `#` does not end a scheme.
        Some(end) if destination.as_bytes()[end] == b':' => scheme(&destination[..end], kind),
        Some(0) if is_network_path(destination) => Address::External,
        _ => Address::Internal,
    }
}

fn scheme(scheme: &str, kind: Kind) -> Address {
    let is = |name| scheme.eq_ignore_ascii_case(name);
    if is("http") || is("https") {
        Address::External
    } else if kind == Kind::Link && (is("mailto") || is("tel")) {
        Address::Contact
    } else {
        Address::Unsafe
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
pub(super) fn find_bare(text: &str, before: Option<char>) -> Option<std::ops::Range<usize>> {
    for colon in memchr_iter(b':', text.as_bytes()) {
        if !text[colon..].starts_with("://") {
            continue;
        }
        let Some(start) = scheme_start(&text[..colon]) else {
            continue;
        };
        let before = text[..start].chars().next_back().or(before);
        let host = text[colon + 3..].chars().next();
        if before.is_some_and(|c| c.is_ascii_alphanumeric())
            || !host.is_some_and(char::is_alphanumeric)
        {
            continue;
        }
        return Some(start..colon + 3 + bare_length(&text[colon + 3..]));
    }
    None
}

fn scheme_start(before_colon: &str) -> Option<usize> {
    ["https", "http"].into_iter().find_map(|scheme| {
        let start = before_colon.len().checked_sub(scheme.len())?;
        let found = before_colon.get(start..)?;
        found.eq_ignore_ascii_case(scheme).then_some(start)
    })
}

/// Returns how many bytes at the start of `text` can be part of an address.
pub(super) fn bare_length(text: &str) -> usize {
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
pub(super) fn trim_bare(address: &str) -> &str {
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

/// Characters around the number of a link whose address is not known yet. A body never contains
/// control characters.
const MARKER: (char, char) = ('\u{1}', '\u{2}');

/// Writes the marker of the link with this number.
pub(super) fn mark(out: &mut String, number: usize) {
    let _ = write!(out, "{}{number}{}", MARKER.0, MARKER.1);
}

/// Replaces every marker in a text by what `write` writes for its number.
pub(super) fn fill(marked: &str, write: impl Fn(&mut String, usize)) -> String {
    let mut out = String::with_capacity(marked.len() + marked.len() / 16);
    let mut rest = marked;
    while let Some(start) = memchr(MARKER.0 as u8, rest.as_bytes()) {
        out.push_str(&rest[..start]);
        rest = &rest[start + 1..];
        // Anything else cannot occur, and would only lose its first character.
        if let Some(end) = memchr(MARKER.1 as u8, rest.as_bytes())
            && let Ok(number) = rest[..end].parse()
        {
            write(&mut out, number);
            rest = &rest[end + 1..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_read_as_browsers_read_them() {
        use Address::{Contact, External, Internal, Unsafe};
        for (destination, expected) in [
            ("https://a.b", External),
            ("HTTP://a.b", External),
            ("//a.b", External),
            ("/\\a.b", External),
            ("/a", Internal),
            ("a/b:c", Internal),
            ("?q=a:b", Internal),
            ("#a:b", Internal),
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
                classify(destination, Kind::Link),
                expected,
                "{destination:?}"
            );
        }
        assert_eq!(classify("mailto:a@b", Kind::Image), Unsafe);
    }

    fn bare(text: &str) -> Option<&str> {
        find_bare(text, None).map(|range| trim_bare(&text[range]))
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
