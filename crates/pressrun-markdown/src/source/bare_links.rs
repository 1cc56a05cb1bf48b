//! Makes links of addresses that begin with `www.`, and of e-mail addresses, by the rules of GitHub.
//!
//! Addresses with `https://` are found by the writer.

use std::ops::Range;

use memchr::{memchr_iter, memmem};
use pressrun_text::characters::cut_to_bytes;

use super::edits::SourceEdits;
use super::survey::SourceSurvey;
use crate::links::{measure_bare_address, trim_bare_address};

/// Longer addresses, in bytes, stay text.
const MAX_LENGTH: usize = 500;

const WWW: &str = "www.";

/// Returns whether a body may contain such addresses.
pub(super) fn may_have_bare_links(source: &str) -> bool {
    find_web_addresses(source).next().is_some() || find_mail_addresses(source).next().is_some()
}

/// Turns the addresses into links of Markdown.
pub(super) fn rewrite_bare_links(source: &str, survey: &SourceSurvey, edits: &mut SourceEdits) {
    let is_text = |range: &Range<usize>| {
        !survey.is_code(range.start)
            && !survey.is_link(range.start)
            && !is_definition(source, range.start)
    };
    for range in find_web_addresses(source).filter(|range| is_text(range)) {
        let address = &source[range.clone()];
        // A dollar counts wherever it stands: two of them would be a formula across the link.
        let target = address.replace('$', "\\$");
        let shown = escape_for_text(address);
        edits.replace(range, format!("[{shown}](<http://{target}>)"));
    }
    for range in find_mail_addresses(source).filter(|range| is_text(range)) {
        edits.insert(range.start, "<");
        edits.insert(range.end, ">");
    }
}

/// Returns Markdown that shows an address as it is.
fn escape_for_text(address: &str) -> String {
    let mut text = String::with_capacity(address.len());
    for c in address.chars() {
        // Hyphens become dashes, and full stops an ellipsis, only where nothing is between them.
        if matches!(c, '_' | '*' | '~' | '$') || (matches!(c, '-' | '.') && text.ends_with(c)) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// Returns whether a place is in the definition of a link, `[a]: b`.
fn is_definition(source: &str, at: usize) -> bool {
    let start = memchr::memrchr(b'\n', &source.as_bytes()[at.saturating_sub(1000)..at]);
    let start = start.map_or(at.saturating_sub(1000), |found| {
        at.saturating_sub(1000) + found + 1
    });
    let line = source
        .get(start..at)
        .unwrap_or_default()
        .trim_start_matches([' ', '>']);
    line.starts_with('[') && !line.starts_with("[^") && line.contains("]:")
}

fn find_web_addresses(source: &str) -> impl Iterator<Item = Range<usize>> {
    memmem::find_iter(source.as_bytes(), WWW).filter_map(|at| {
        let before = source[..at].chars().next_back();
        if !before.is_none_or(|c| c.is_whitespace() || matches!(c, '*' | '_' | '~' | '(')) {
            return None;
        }
        let text = cut_to_bytes(&source[at..], MAX_LENGTH + 1);
        let address = trim_bare_address(&text[..measure_bare_address(text)]);
        let host = address.split(['/', '?', '#', ':']).next()?;
        let is_usable =
            address.len() <= MAX_LENGTH && !address.contains(['<', '>', '[', ']', '|', '\\']);
        // A browser, like the sanitiser, takes some for no address: `www.a.org:b`, `www.a.0x1`.
        let is_address = || url::Url::parse(&format!("http://{address}")).is_ok();
        (is_usable && is_domain(host, 3) && is_address()).then(|| at..at + address.len())
    })
}

fn find_mail_addresses(source: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = source.as_bytes();
    let mut done = 0;
    memchr_iter(b'@', bytes).filter_map(move |at| {
        let is_local = |byte: &&u8| byte.is_ascii_alphanumeric() || b".-_+".contains(byte);
        let local = bytes[done..at]
            .iter()
            .rev()
            .take(64)
            .take_while(is_local)
            .count();
        let is_host = |byte: &&u8| byte.is_ascii_alphanumeric() || b".-_".contains(byte);
        let host = bytes[at + 1..].iter().take(253).take_while(is_host).count();
        let host = source[at + 1..at + 1 + host].trim_end_matches('.');
        let start = at - local;
        let before = source[..start].chars().next_back();
        // Part of an address, or of another name.
        if local == 0
            || before.is_some_and(|c| {
                c.is_alphanumeric() || matches!(c, '/' | ':' | '@' | '<' | '=' | '&')
            })
        {
            return None;
        }
        let after = source[at + 1 + host.len()..].chars().next();
        if !is_domain(host, 2) || host.ends_with(['-', '_']) || matches!(after, Some('@' | '/')) {
            return None;
        }
        let start = start
            + (local
                - source[start..at]
                    .trim_start_matches(['.', '-', '_', '+'])
                    .len());
        done = at + 1 + host.len();
        (start < at).then_some(start..done)
    })
}

/// Returns whether a host has this many parts at least, and no underscore in the last two.
fn is_domain(host: &str, least: usize) -> bool {
    let parts: Vec<&str> = host.split('.').collect();
    let is_part = |part: &&str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    parts.len() >= least
        && parts.iter().all(is_part)
        && !parts.iter().rev().take(2).any(|part| part.contains('_'))
        && parts
            .last()
            .is_some_and(|last| last.chars().any(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::super::survey::survey_source;
    use super::*;

    #[test]
    fn addresses_become_links() {
        for (source, expected) in [
            ("see www.a.org.", "see [www.a.org](<http://www.a.org>)."),
            (
                "(www.a.org/b_(c))",
                "([www.a.org/b\\_(c)](<http://www.a.org/b_(c)>))",
            ),
            (
                "www.a.org/?b=c&d=e, f",
                "[www.a.org/?b=c&d=e](<http://www.a.org/?b=c&d=e>), f",
            ),
            (
                "https://www.a.org xwww.a.org www.a",
                "https://www.a.org xwww.a.org www.a",
            ),
            ("to a.b_c+d@e-f.org, or", "to <a.b_c+d@e-f.org>, or"),
            ("a@b a@b.c_d a@b.c- @a.b", "a@b a@b.c_d a@b.c- @a.b"),
            (
                "`a@b.org` [a@b.org](c) <a@b.org>",
                "`a@b.org` [a@b.org](c) <a@b.org>",
            ),
            (
                "mailto:a@b.org https://u@b.org/",
                "mailto:a@b.org https://u@b.org/",
            ),
            ("[a]: www.a.org\n", "[a]: www.a.org\n"),
            (
                "www.a.b:::note www.a.b:99999 www.a.0x1 www.xn--.a",
                "www.a.b:::note www.a.b:99999 www.a.0x1 www.xn--.a",
            ),
            (
                "www.a.org:80/b",
                "[www.a.org:80/b](<http://www.a.org:80/b>)",
            ),
            (
                "www.a.org/b$c--d...",
                "[www.a.org/b\\$c-\\-d](<http://www.a.org/b\\$c--d>)...",
            ),
            ("pkg@1.2.3", "pkg@1.2.3"),
        ] {
            let mut edits = SourceEdits::default();
            rewrite_bare_links(source, &survey_source(source), &mut edits);
            assert_eq!(edits.apply_to(source.into()), expected);
        }
    }
}
