//! Removes lines left by a chat interface or a blog theme (R8.3, R8.4 of the ingest contract).
//!
//! Only whole lines from fixed lists are removed, and what the buttons of code blocks leave where a
//! page is copied.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use pressrun_text::blocks::{BlockKind, iter_blocks};
use pressrun_text::html;
use pressrun_text::line::TextLine;
use pressrun_text::plain::collapse_white_space;

use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::interface_line::is_interface_line;
use crate::parse::list_item::find_text_after_bullet;

/// Removes such lines, and reports the first of each kind.
pub fn remove_junk_lines(body: &mut Vec<TextLine>, findings: &mut Vec<Finding>) {
    let mut first: [Option<(u32, String)>; 2] = [None, None];
    let mut kinds: Vec<Option<JunkKind>> = classify_junk_lines(body);
    if body
        .iter()
        .any(|line| COPY.find(line.text.as_bytes()).is_some())
    {
        kinds.resize(body.len(), None);
        mark_copy_buttons(body, &mut kinds);
        strip_glued_buttons(body, &mut kinds, &mut first[JunkKind::Interface as usize]);
    }
    let mut kinds = kinds.into_iter();
    body.retain(|line| {
        let kind = kinds.next().flatten();
        if let Some(kind) = kind {
            first[kind as usize]
                .get_or_insert_with(|| (line.number, quote_for_message(&line.text)));
        }
        kind.is_none()
    });
    let [interface, theme] = first;
    if let Some((line, text)) = interface {
        let message = format!("text of the chat interface was removed: {text}");
        findings.push(Finding::new(Code::ChatTextRemoved, line, message));
    }
    if let Some((line, text)) = theme {
        let message = format!("lines of the web page around the text were removed: {text}");
        findings.push(Finding::new(Code::ScrapeJunkRemoved, line, message));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JunkKind {
    Interface,
    Theme,
}

/// Returns the kind of each line, or an empty list if no line is junk.
fn classify_junk_lines(body: &[TextLine]) -> Vec<Option<JunkKind>> {
    let mut kinds = Vec::new();
    for (at, line) in body.iter().enumerate() {
        let Some(kind) = classify_junk_line(line) else {
            continue;
        };
        // A heading such as "Related posts", and a line that leads to a picture or list, are text.
        let is_text = kind == JunkKind::Theme
            && (is_underline(body.get(at + 1)) || leads_to_block(line, &body[at + 1..]));
        if !is_text {
            kinds.resize(body.len(), None);
            kinds[at] = Some(kind);
        }
    }
    kinds
}

/// Returns whether a line ends in a colon, and an image, fence, list, table or quote follows.
fn leads_to_block(line: &TextLine, rest: &[TextLine]) -> bool {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '*' | '_');
    if !line.text.trim_end_matches(is_end).ends_with(':') {
        return false;
    }
    // Two lines with bullets become a list.
    let is_bulleted =
        |line: &&TextLine| !line.in_fence() && find_text_after_bullet(&line.text).is_some();
    let texts = rest.iter().filter(|line| !line.is_blank());
    if texts.take(2).filter(is_bulleted).count() == 2 {
        return true;
    }
    let blank = rest.iter().take_while(|line| line.is_blank()).count();
    // The first line shows what the block is.
    let next = &rest[blank..rest.len().min(blank + 1)];
    iter_blocks(next).next().is_some_and(|block| {
        matches!(
            block.kind,
            BlockKind::Image
                | BlockKind::Fence
                | BlockKind::List
                | BlockKind::Table
                | BlockKind::Quote
        ) || (block.kind == BlockKind::Html && is_such_element(next[block.lines.start].text.trim()))
    })
}

/// Returns whether a text starts with the tag of an image, code, list, table or quote.
fn is_such_element(text: &str) -> bool {
    const NAMES: [&str; 8] = [
        "blockquote",
        "figure",
        "img",
        "ol",
        "picture",
        "pre",
        "table",
        "ul",
    ];
    html::parse_tag(text)
        .is_some_and(|tag| NAMES.iter().any(|name| tag.name.eq_ignore_ascii_case(name)))
}

static COPY: LazyLock<Finder> = LazyLock::new(|| Finder::new("Copy"));

/// Marks the lines `bash`, `Copy`, `Edit` that a copied page has above the code.
fn mark_copy_buttons(body: &[TextLine], kinds: &mut [Option<JunkKind>]) {
    for (at, lines) in body.windows(3).enumerate() {
        let are_buttons = lines.iter().all(|line| !line.in_fence())
            && lines[1].text.trim() == "Copy"
            && lines[2].text.trim() == "Edit"
            && is_lower_case_word(lines[0].text.trim());
        if are_buttons {
            kinds[at..at + 3].fill(Some(JunkKind::Interface));
        }
    }
}

fn is_lower_case_word(text: &str) -> bool {
    text.contains(char::is_lowercase)
        && !text.contains(|c: char| c.is_whitespace() || c.is_uppercase())
}

/// Strips the name of a language with the labels of buttons, as in `bashCopyEditsudo`, from the
/// first line of fences and paragraphs.
fn strip_glued_buttons(
    body: &mut [TextLine],
    kinds: &mut [Option<JunkKind>],
    first: &mut Option<(u32, String)>,
) {
    let starts = iter_blocks(body).filter_map(|block| match block.kind {
        BlockKind::Paragraph => Some(block.lines.start),
        // The line after the opening one.
        BlockKind::Fence if block.lines.len() > 1 => Some(block.lines.start + 1),
        _ => None,
    });
    for at in starts.collect::<Vec<_>>() {
        let line = &mut body[at];
        let Some(length) = measure_glued_buttons(&line.text) else {
            continue;
        };
        first.get_or_insert_with(|| (line.number, quote_for_message(&line.text[..length])));
        line.text.to_mut().drain(..length);
        if line.is_blank() {
            kinds[at] = Some(JunkKind::Interface);
        }
    }
}

fn measure_glued_buttons(line: &str) -> Option<usize> {
    let is_name =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+#".contains(byte);
    let name = line.bytes().take_while(is_name).count();
    let rest = line.get(name..).filter(|_| name > 0)?;
    ["CopyEdit", "Copy code"]
        .iter()
        .find(|label| rest.starts_with(**label))
        .map(|label| name + label.len())
}

/// Lines of a blog theme, in lower case.
const THEME: [&str; 24] = [
    "spread the love",
    "share this",
    "share this post",
    "share this article",
    "share on facebook",
    "share on twitter",
    "share on linkedin",
    "share on pinterest",
    "share on x",
    "tweet",
    "pin it",
    "like this",
    "loading",
    "related posts",
    "you may also like",
    "leave a comment",
    "leave a reply",
    "subscribe to our newsletter",
    "sign up for our newsletter",
    "read more",
    "continue reading",
    "advertisement",
    "skip to content",
    "",
];

/// A length in bytes that no line of these lists exceeds.
const MAX_LENGTH: usize = 40;

fn classify_junk_line(line: &TextLine) -> Option<JunkKind> {
    let text = line.text.trim();
    let first = text
        .bytes()
        .find(|byte| !matches!(byte, b'*' | b'_'))?
        .to_ascii_lowercase();
    // Quick check: no line of the lists begins with another character.
    if line.in_fence()
        || !matches!(
            first,
            b'a' | b'c' | b'l' | b'm' | b'p' | b'r'..=b'u' | b'w' | b'y' | b'2'
        )
    {
        return None;
    }
    if is_interface_line(text) {
        return Some(JunkKind::Interface);
    }
    if text.len() > MAX_LENGTH {
        return None;
    }
    let text = collapse_white_space(text.trim_matches(['*', '_'])).to_lowercase();
    let bare = text.trim_end_matches(['.', ':', '!', '…', ' ', '*', '_']);
    (!bare.is_empty() && THEME.contains(&bare)).then_some(JunkKind::Theme)
}

/// Returns whether a line is the underline of a setext heading.
fn is_underline(line: Option<&TextLine>) -> bool {
    line.is_some_and(|line| {
        let text = line.text.trim();
        text.len() >= 2
            && (text.bytes().all(|byte| byte == b'=') || text.bytes().all(|byte| byte == b'-'))
    })
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::{join_lines, mark_fences};

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str, codes: &[Code]) {
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        mark_fences(&mut lines);
        let mut findings = Vec::new();
        remove_junk_lines(&mut lines, &mut findings);
        let found: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
        assert_eq!(
            (join_lines(&lines).as_str(), found.as_slice()),
            (expected, codes),
            "{text}"
        );
    }

    #[test]
    fn interface_lines_go() {
        for line in [
            "Regenerate response",
            "Regenerate",
            "Stop generating",
            "Copy code",
            "2 / 2",
            "ChatGPT can make mistakes. Check important info.",
            "Was this response better or worse? Better",
            "Thought for 12 seconds",
            "Memory updated",
            "Updated saved memory",
        ] {
            check(&format!("a\n{line}\nb"), "a\nb", &[Code::ChatTextRemoved]);
        }
    }

    #[test]
    fn buttons_of_code_blocks_go() {
        let chat = &[Code::ChatTextRemoved];
        check("a\n\nbash\nCopy\nEdit\nls", "a\n\nls", chat);
        check(
            "```\nbashCopyEdit0 3 * * *\n```",
            "```\n0 3 * * *\n```",
            chat,
        );
        check("```\nc++Copy code\nint a;\n```", "```\nint a;\n```", chat);
        check("a\n\nsqlCopyEditSELECT 1", "a\n\nSELECT 1", chat);
        for text in [
            "Copy\nEdit\na",
            "Bash\nCopy\nEdit",
            "two words\nCopy\nEdit",
            "bash\nCopy\n\nEdit",
            "a\nbashCopyEditls",
            "```\na\nbashCopyEditls\n```",
            "CopyEdit",
            "BashCopyEdit",
        ] {
            check(text, text, &[]);
        }
    }

    #[test]
    fn lead_of_a_picture_or_list_stays() {
        for next in [
            "![a](b.png)",
            "```\na\n```",
            "- a",
            "| a |",
            "> a",
            "<img src=\"a.png\">",
            "<ul>",
            "• a\n• b",
        ] {
            for gap in ["\n", "\n\n"] {
                let text = format!("Like this:{gap}{next}");
                check(&text, &text, &[]);
            }
        }
        check("Like this:\n\na", "\na", &[Code::ScrapeJunkRemoved]);
        check("Like this:\n\n• a", "\n• a", &[Code::ScrapeJunkRemoved]);
        check("Like this\n\n- a", "\n- a", &[Code::ScrapeJunkRemoved]);
    }

    #[test]
    fn theme_lines_go_whatever_closes_them() {
        for line in [
            "Spread the love",
            "Share this:",
            "**Share this post!**",
            "  Loading...",
            "loading…",
            "Share on X",
            "\u{A0}Read\u{A0}more",
        ] {
            check(&format!("a\n{line}\nb"), "a\nb", &[Code::ScrapeJunkRemoved]);
        }
    }

    #[test]
    fn headings_code_and_longer_lines_stay() {
        for line in [
            "## Related posts",
            "Related posts\n---",
            "```\nTweet\n```",
            "`Tweet`",
            "Tweet this now",
            "- Tweet",
            "Share on foot",
            "**",
        ] {
            check(line, line, &[]);
        }
    }
}
