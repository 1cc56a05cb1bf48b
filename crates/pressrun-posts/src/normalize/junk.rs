//! Removes lines left by a chat interface or a blog theme (R8.3, R8.4 of the ingest contract).
//!
//! Only whole lines from fixed lists are removed.

use pressrun_text::line::TextLine;

use crate::diagnostic::{Code, Finding, quote_for_message};

/// Removes such lines, and reports the first of each kind.
pub fn remove_junk_lines(body: &mut Vec<TextLine>, findings: &mut Vec<Finding>) {
    if !body.iter().any(|line| classify_junk_line(line).is_some()) {
        return;
    }
    let mut first: [Option<(u32, String)>; 2] = [None, None];
    let mut at = 0;
    // `retain` shows one line at a time, so the lines below are checked beforehand.
    let underlined: Vec<bool> = (1..=body.len())
        .map(|next| is_underline(body.get(next)))
        .collect();
    body.retain(|line| {
        // An underlined line is a heading, so a theme line such as "Related posts" stays.
        let kind =
            classify_junk_line(line).filter(|&kind| kind == JunkKind::Interface || !underlined[at]);
        at += 1;
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

/// Lines of a chat interface, in lower case.
const INTERFACE: [&str; 6] = [
    "regenerate response",
    "regenerate",
    "stop generating",
    "continue generating",
    "copy code",
    "2 / 2",
];

/// The starts of lines of a chat interface, in lower case.
const INTERFACE_STARTS: [&str; 2] = [
    "chatgpt can make mistakes.",
    "was this response better or worse?",
];

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
            b'a' | b'c' | b'l' | b'p' | b'r'..=b't' | b'w' | b'y' | b'2'
        )
    {
        return None;
    }
    if INTERFACE_STARTS
        .iter()
        .any(|start| starts_ignoring_case(text, start))
    {
        return Some(JunkKind::Interface);
    }
    if text.len() > MAX_LENGTH {
        return None;
    }
    let text = text.trim_matches(['*', '_']).to_lowercase();
    if INTERFACE.contains(&text.as_str()) {
        return Some(JunkKind::Interface);
    }
    let bare = text.trim_end_matches(['.', ':', '!', '…', ' ', '*', '_']);
    (!bare.is_empty() && THEME.contains(&bare)).then_some(JunkKind::Theme)
}

fn starts_ignoring_case(text: &str, start: &str) -> bool {
    text.get(..start.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(start))
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
        ] {
            check(&format!("a\n{line}\nb"), "a\nb", &[Code::ChatTextRemoved]);
        }
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
