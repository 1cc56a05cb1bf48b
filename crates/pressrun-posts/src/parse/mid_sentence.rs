//! Decides whether a text stops in mid-sentence (R5.3 of the ingest contract).

use pressrun_text::blocks::{BlockKind, iter_blocks};
use pressrun_text::characters::is_emoji;
use pressrun_text::html;
use pressrun_text::line::TextLine;
use pressrun_text::plain::markdown_to_plain;
use pressrun_text::sentences::is_closing;

use super::byline::is_byline;
use super::label_group::{GroupLanguages, parse_label_row};
use super::value::strip_emphasis;

/// Returns whether a fence is open at the end, or the last block is a paragraph without an end.
///
/// Lines below the text, such as a byline, do not count.
pub fn ends_in_mid_sentence(lines: &[TextLine], fence_open: bool) -> bool {
    if fence_open {
        return true;
    }
    let mut lines = lines;
    while let Some(last) = lines.iter().rposition(|line| !line.is_blank()) {
        // The fence is not open, so this is the closing line of complete code.
        if lines[last].in_fence() {
            return false;
        }
        let start = find_block_start(lines, last);
        let block = iter_blocks(&lines[start..=last]).last();
        let Some(block) = block.filter(|block| block.kind == BlockKind::Paragraph) else {
            return false;
        };
        if !(block.lines.len() == 1 && is_tail_line(&lines[last].text)) {
            return !is_complete(&lines[last].text);
        }
        lines = &lines[..last];
    }
    false
}

/// Returns whether a paragraph of one line may stand below a text without being a part of it (R5.3).
fn is_tail_line(line: &str) -> bool {
    const MAX_WORDS: usize = 12;
    // A chat may go on with the same line again and again, so the rest of it is not looked at.
    line.split_whitespace().nth(MAX_WORDS).is_none()
        && (strip_emphasis(line.trim()).is_some()
            || parse_label_row(line, GroupLanguages::Any).is_some()
            || is_word_count(line)
            || is_byline(&markdown_to_plain(line)))
}

/// Returns whether a line is `612 words`.
fn is_word_count(line: &str) -> bool {
    let text = line.trim();
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
    unit.len() < text.len() && matches!(unit.trim(), "word" | "words")
}

/// The maximum number of lines of a paragraph that are looked at, which bounds the work.
const MAX_LINES: usize = 1_000;

/// Returns a line where a block begins, at or before the block that ends at `last`.
pub fn find_block_start(lines: &[TextLine], last: usize) -> usize {
    let first = last.saturating_sub(MAX_LINES);
    let apart = |line: &TextLine| line.is_blank() || line.in_fence();
    lines[first..last]
        .iter()
        .rposition(apart)
        .map_or(first, |at| first + at + 1)
}

/// Returns whether the last line of a paragraph ends as a sentence does, or with a URL or an emoji.
fn is_complete(line: &str) -> bool {
    let mut text = line.trim_end();
    // Closing tags such as `</p>` may follow the sentence.
    while let Some(tag) = find_closing_tag(text) {
        text = text[..tag].trim_end();
    }
    // In French a space stands before the closing quote.
    let is_mark =
        |c: char| is_closing(c) || c.is_whitespace() || matches!(c, '*' | '_' | '`' | '~');
    let bare = text.trim_end_matches(is_mark);
    let ends = |c: char| {
        matches!(
            c,
            '.' | '!' | '?' | '…' | ':' | ';' | '。' | '！' | '？' | '：' | '；' | '؟' | '؛' | '।'
        ) || is_emoji(c)
    };
    bare.ends_with(ends) || ends_in_url(bare) || bare.is_empty()
}

/// Returns the position of the HTML tag that ends `text`, if there is one.
fn find_closing_tag(text: &str) -> Option<usize> {
    let start = text.ends_with('>').then(|| text.rfind('<'))??;
    let tag = html::parse_tag(&text[start..])?;
    (html::is_element(tag.name) && start + tag.length == text.len()).then_some(start)
}

fn ends_in_url(text: &str) -> bool {
    let word = text.rsplit(char::is_whitespace).next().unwrap_or(text);
    word.contains("://")
        || word
            .trim_start_matches(['(', '<', '[', '*', '_'])
            .starts_with("www.")
}

#[cfg(test)]
mod tests {
    use pressrun_text::fence::FenceTracker;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: bool) {
        let mut fences = FenceTracker::default();
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        for line in &mut lines {
            line.fence = fences.classify_next(&line.text);
        }
        assert_eq!(
            ends_in_mid_sentence(&lines, fences.is_open()),
            expected,
            "{text}"
        );
    }

    #[test]
    fn a_sentence_has_an_end() {
        for text in [
            "a.",
            "a!",
            "a?",
            "a…",
            "a:",
            "a;",
            "a。",
            "a：",
            "a؟",
            "a।",
            "“a.”",
            "« a\u{202F}!\u{A0}»",
            "(a.)",
            "**a.**",
            "`a.`",
            "a 🎉",
            "a ❤️",
            "<p>a.</p>",
            "a.\n\n",
            "see https://a.example/b",
            "see [a](https://a.example)",
            "see www.a.example",
        ] {
            check(text, false);
        }
        for text in [
            "a", "a,", "a **b**", "“a”", "a (b)", "<p>a</p>", "a.\nb", "a -",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn only_paragraphs_have_sentences() {
        for text in [
            "# a",
            "a\n---",
            "- a",
            "> a",
            "| a",
            "![a](b)",
            "```\na\n```",
            "",
            "a.\n\n***",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn lines_below_the_text_are_passed_over() {
        for line in [
            "*Written in the rain*",
            "**The end**",
            "— Ida Berg",
            "By Ida Berg",
            "Author: Ida Berg",
            "Photo: the neighbour",
            "612 words",
        ] {
            check(&format!("a.\n\n{line}"), false);
            check(&format!("a and\n\n{line}\n\n{line}"), true);
            check(&format!("## a\n\n{line}"), false);
        }
        check("a.\n\n- b\n\n*c*", false);
        check("a.\n\n*b* and *c*", true);
        check("a.\n\n— and then it rained", true);
        check("a.\nAuthor: b", true);
        check(&format!("a.\n\n*{}*", "b ".repeat(13).trim_end()), true);
    }

    #[test]
    fn an_open_fence_is_not_an_end() {
        check("a.\n\n```\nb.", true);
    }
}
