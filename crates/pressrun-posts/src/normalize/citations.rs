//! Removes citation tokens of chat interfaces (R8.5), which mean nothing to
//! readers.

use std::sync::LazyLock;

use memchr::memmem;
use pressrun_text::html;
use pressrun_text::inline_code::rewrite_outside_code;
use pressrun_text::line::{TextLine, join_lines};
use regex::Regex;

use super::text_edits::{
    EmptiedLines, OrderedEdits, TextEdit, edit_outside_fences, find_code_ranges,
};
use crate::diagnostic::{Code, Finding};

/// Removes the tokens outside code, and spaces that they leave.
pub fn remove_citations(body: &mut Vec<TextLine>, findings: &mut Vec<Finding>) {
    let hidden = edit_outside_fences(body, EmptiedLines::Dropped, find_hidden_spans);
    let stars = remove_star_lines(body);
    let was_blank: Vec<bool> = body.iter().map(TextLine::is_blank).collect();
    let tokens = rewrite_outside_code(body, is_suspected, remove_citation_tokens);
    // A line of nothing but tokens goes, or the gap would split a paragraph.
    let mut was_blank = was_blank.into_iter();
    body.retain(|line| was_blank.next() == Some(true) || !line.is_blank());
    if let Some(line) = [hidden, stars, tokens].into_iter().flatten().min() {
        let message = "citation tokens from a chat interface were removed";
        findings.push(Finding::new(Code::CitationArtifactsRemoved, line, message));
    }
}

/// Returns whether a text may contain a token. Most texts and lines do not.
pub fn is_suspected(text: &str) -> bool {
    static WORDS: LazyLock<[memmem::Finder; 4]> =
        LazyLock::new(|| ["turn", "display", LOGO, STARS].map(memmem::Finder::new));
    let bytes = text.as_bytes();
    let [turn, display, logo, stars] = &*WORDS;
    memchr::memchr2_iter(b'[', b'=', bytes).any(|at| {
        bytes[..at].ends_with(b":contentReference")
            || bytes[..at].ends_with(b"utm_source")
            || bytes[at + 1..].starts_with(b"oai_citation")
    }) || turn
        .find_iter(bytes)
        .any(|at| bytes.get(at + 4).is_some_and(u8::is_ascii_digit))
        || display
            .find_iter(bytes)
            .any(|at| text[at + 7..].trim_start().starts_with(':'))
        || logo.find(bytes).is_some()
        || stars.find(bytes).is_some()
        // The first bytes of U+3010 and U+E200, which begin few other characters in most texts.
        || memchr::memchr2_iter(0xE3, 0xEE, bytes)
            .any(|at| text[at..].starts_with(['【', '\u{E200}']))
}

/// A part of the address of the logo that an export of Perplexity begins with.
const LOGO: &str = "pplx-full-logo";

/// The ornament above the footnotes of an export of Perplexity.
const STARS: &str = "⁂";

/// Removes lines with nothing but `⁂`, or with an element `div` around it. Returns the number of the
/// first one.
fn remove_star_lines(body: &mut Vec<TextLine>) -> Option<u32> {
    let mut first = None;
    let mut removed = vec![false; body.len()];
    for at in 0..body.len() {
        let line = &body[at];
        if line.in_fence() || !line.text.contains(STARS) {
            continue;
        }
        let text = line.text.trim();
        let is_alone = text == STARS;
        if !is_alone && strip_div(text).map(str::trim) != Some(STARS) {
            continue;
        }
        first.get_or_insert(line.number);
        removed[at] = true;
        // The tags may stand on the lines around it.
        let around = at.checked_sub(1).map(|before| (before, at + 1));
        if let Some((before, after)) = around.filter(|_| is_alone)
            && let Some(end) = body.get(after)
            && strip_div(&format!("{}{}", body[before].text.trim(), end.text.trim())) == Some("")
        {
            removed[before] = true;
            removed[after] = true;
        }
    }
    let mut removed = removed.into_iter();
    body.retain(|_| removed.next() != Some(true));
    first
}

/// Returns what stands in an element `div` that is all of a text.
fn strip_div(text: &str) -> Option<&str> {
    let tag = text.starts_with('<').then(|| html::parse_tag(text))??;
    let is_div = tag.name.eq_ignore_ascii_case("div") && !tag.closing;
    text[tag.length..].strip_suffix("</div>").filter(|_| is_div)
}

/// Returns the edits that remove hidden elements `span`, for lines without fences.
fn find_hidden_spans(region: &[TextLine]) -> Vec<TextEdit> {
    let text = join_lines(region);
    let mut edits = OrderedEdits::default();
    if memmem::find(text.as_bytes(), b"display").is_none() {
        return Vec::new();
    }
    let mut code = find_code_ranges(region).into_iter().peekable();
    // The hidden element that is open: where it starts, and how many are open inside.
    let mut open: Option<(usize, usize)> = None;
    for at in memchr::memchr_iter(b'<', text.as_bytes()) {
        while code.next_if(|code| code.end <= at).is_some() {}
        let tag = html::parse_tag(&text[at..]).filter(|tag| tag.name == "span");
        let Some(tag) = tag.filter(|_| code.peek().is_none_or(|code| code.start > at)) else {
            continue;
        };
        match &mut open {
            None if !tag.closing && HIDDEN.is_match(tag.attributes) => open = Some((at, 0)),
            None => {}
            Some((_, inside)) if !tag.closing => *inside += 1,
            Some((_, inside)) if *inside > 0 => *inside -= 1,
            Some((start, _)) => {
                let end = at + tag.length;
                edits.replace(find_gap_start(&text[..*start], &text[end..])..end, "");
                open = None;
            }
        }
    }
    edits.into_edits()
}

static HIDDEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\bdisplay\s*:\s*none\b").expect("the pattern is constant"));

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let turn = r"(?:cite)?(?:turn[0-9]+(?:search|view|news|image|file)[0-9]+)+";
    let turns = format!(r"{turn}(?:[\s,;|]+{turn})*");
    // An address may have parentheses in it.
    let address = r"\((?:[^()]|\([^()]*\))*\)";
    let pattern = [
        r":contentReference\[oaicite:[0-9]+\](?:\{index=[0-9]+\})?".to_owned(),
        format!(r"\[oai_citation:[0-9]+[‡†](?:[^\[\]]|\[[^\[\]]*\])*\](?:{address})?"),
        format!(r"!\[[^\[\]]*\]\([^()]*{LOGO}[^()]*\)|<img\b[^<>]*{LOGO}[^<>]*>"),
        "【[^【】]*†[^【】]*】".to_owned(),
        "\u{E200}[^\u{E201}]*\u{E201}".to_owned(),
        format!(r"\[{turns}\]|\({turns}\)|【{turns}】|\b{turn}\b"),
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
    out.truncate(find_gap_start(out, rest));
}

/// Returns where the text before a removed token ends: before its last spaces, if punctuation, white
/// space or nothing follows the token.
fn find_gap_start(before: &str, rest: &str) -> usize {
    let follows = rest.chars().next();
    let closes = follows.is_none_or(|c| {
        c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')' | '…')
    });
    let kept = before.trim_end_matches([' ', '\u{A0}', '\u{202F}']).len();
    // Spaces at the start of a line are its indent.
    let is_indent = kept == 0 || before[..kept].ends_with('\n');
    if closes && !is_indent {
        kept
    } else {
        before.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::tests::check_repair;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        check_repair(remove_citations, text, expected);
        assert!(text == expected || is_suspected(text), "{text}");
    }

    #[test]
    fn tokens_go_with_the_space_before_them() {
        check("a :contentReference[oaicite:0]{index=0}.", "a.");
        check("a【4†source】 b 【12:3†a.pdf】.", "a b.");
        check("a \u{E200}cite\u{E202}turn0search0\u{E201}, b", "a, b");
        check("a citeturn0search0turn1news2 b", "a b");
        check("a [turn0view0]. (turn1file2)", "a.");
        check("a turn0image3", "a");
        check("a [turn0search0, turn0news1] b", "a b");
        check("a\nturn0search0\nb", "a\nb");
    }

    #[test]
    fn citations_with_their_address_go() {
        check(
            "a. [oai_citation:0‡b.c](https://b.c/d?utm_source=openai) E",
            "a. E",
        );
        check("a[oai_citation:12‡b](https://b.c/d_(e)).", "a.");
        check("a [oai_citation:1‡b] c", "a c");
        check("a\u{A0}【1†b】.", "a.");
        check("a [oai_citation:1‡A [pdf] b](https://b.c) c", "a c");
        check(
            "[a](https://b.c) oai_citation",
            "[a](https://b.c) oai_citation",
        );
    }

    #[test]
    fn marks_of_perplexity_go() {
        check(
            "<img src=\"https://b.c/pplx-full-logo-dark.png\" style=\"x\"/>\n\na",
            "\na",
        );
        check("![a](https://b.c/pplx-full-logo.png) b", " b");
        check(
            "a <span style=\"display : none\">[^1_3] <span>b</span></span>.",
            "a.",
        );
        check("a\n<span style='display:none'>\nb</span>\nc", "a\nc");
        check(
            "a\n\n<div align=\"center\">⁂</div>\n\n[^1]: b",
            "a\n\n\n[^1]: b",
        );
        check("a\n\n<div>\n⁂\n</div>", "a\n");
        check("⁂", "");
        for text in [
            "a ⁂ b",
            "<span style=\"display:block\">a</span>",
            "`<span style=\"display:none\">a</span>`",
            "display: none",
            "[^1_1]: https://b.c",
        ] {
            check(text, text);
        }
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
