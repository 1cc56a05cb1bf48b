//! Removes citation tokens of chat interfaces (R8.5 of the ingest contract), which mean nothing to
//! readers.

use std::sync::LazyLock;

use memchr::memmem;
use pressrun_text::inline_code::rewrite_outside_code;
use pressrun_text::line::TextLine;
use regex::Regex;

use crate::diagnostic::{Code, Finding};

/// Removes the tokens outside code, and spaces that they leave before punctuation.
pub fn remove_citations(body: &mut [TextLine], findings: &mut Vec<Finding>) {
    if let Some(line) = rewrite_outside_code(body, is_suspected, remove_citation_tokens) {
        let message = "citation tokens from a chat interface were removed";
        findings.push(Finding::new(Code::CitationArtifactsRemoved, line, message));
    }
}

/// Returns whether a text may contain a token. Most texts and lines do not.
pub fn is_suspected(text: &str) -> bool {
    static TURN: LazyLock<memmem::Finder> = LazyLock::new(|| memmem::Finder::new("turn"));
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'[', b'=', bytes).any(|at| {
        bytes[..at].ends_with(b":contentReference") || bytes[..at].ends_with(b"utm_source")
    }) || TURN
        .find_iter(bytes)
        .any(|at| bytes.get(at + 4).is_some_and(u8::is_ascii_digit))
        // The first bytes of U+3010 and U+E200, which begin few other characters in most texts.
        || memchr::memchr2_iter(0xE3, 0xEE, bytes)
            .any(|at| text[at..].starts_with(['【', '\u{E200}']))
}

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let turn = r"(?:cite)?(?:turn[0-9]+(?:search|view|news|image|file)[0-9]+)+";
    let pattern = [
        r":contentReference\[oaicite:[0-9]+\](?:\{index=[0-9]+\})?".to_owned(),
        "【[^【】]*†[^【】]*】".to_owned(),
        "\u{E200}[^\u{E201}]*\u{E201}".to_owned(),
        format!(r"\[{turn}\]|\({turn}\)|【{turn}】|\b{turn}\b"),
        r"(?P<before>[?&]|&amp;)utm_source=(?:chatgpt\.com|openai)(?P<after>&amp;|&|\b)".to_owned(),
    ];
    Regex::new(&pattern.join("|")).expect("the pattern is constant")
});

fn remove_citation_tokens(text: &str, out: &mut String) -> bool {
    let mut at = 0;
    for found in TOKEN.captures_iter(text) {
        let Some(token) = found.get(0) else {
            continue;
        };
        if let (Some(before), Some(after)) = (found.name("before"), found.name("after")) {
            let rest = &text[token.end()..];
            if after.is_empty()
                && rest.starts_with(['-', '.'])
                && rest[1..].starts_with(char::is_alphanumeric)
            {
                // The value continues, as in `openai-labs`.
                continue;
            }
            out.push_str(&text[at..token.start()]);
            // A parameter follows and takes the place of the removed one, so it needs the `?` or
            // `&`.
            if !after.is_empty() {
                out.push_str(before.as_str());
            }
        } else {
            out.push_str(&text[at..token.start()]);
            close_gap(out, &text[token.end()..]);
        }
        at = token.end();
    }
    out.push_str(&text[at..]);
    at > 0
}

/// Removes the space before a removed token if punctuation, white space or nothing follows.
fn close_gap(out: &mut String, rest: &str) {
    let follows = rest.chars().next();
    if follows.is_none_or(|c| {
        c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | '…')
    }) {
        let kept = out.trim_end_matches(' ').len();
        // A space at the start of a line is its indent.
        if kept > 0 {
            out.truncate(kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut lines = [TextLine::new(text, 1)];
        let mut findings = Vec::new();
        remove_citations(&mut lines, &mut findings);
        assert_eq!(lines[0].text, expected);
        assert_eq!(findings.len(), usize::from(text != expected), "{text}");
    }

    #[test]
    fn tokens_go_with_the_space_before_them() {
        check("a :contentReference[oaicite:0]{index=0}.", "a.");
        check("a【4†source】 b 【12:3†a.pdf】.", "a b.");
        check("a \u{E200}cite\u{E202}turn0search0\u{E201}, b", "a, b");
        check("a citeturn0search0turn1news2 b", "a b");
        check("a [turn0view0]. (turn1file2)", "a.");
        check("a turn0image3", "a");
    }

    #[test]
    fn tracking_parameters_go() {
        check(
            "[a](https://b.c/?utm_source=chatgpt.com).",
            "[a](https://b.c/).",
        );
        check(
            "https://b.c/?x=1&utm_source=openai&y=2",
            "https://b.c/?x=1&y=2",
        );
        check(
            "https://b.c/?utm_source=chatgpt.com&y=2",
            "https://b.c/?y=2",
        );
        check("https://b.c/?x=1&amp;utm_source=openai", "https://b.c/?x=1");
    }

    #[test]
    fn honest_text_stays() {
        for text in [
            "return0search0",
            "turn 0 search",
            "【note】",
            "https://b.c/?utm_source=openai-labs",
            "https://b.c/?utm_source=newsletter",
            "`turn0search0`",
            "utm_source=openai",
            "turn0searches",
        ] {
            check(text, text);
        }
    }
}
