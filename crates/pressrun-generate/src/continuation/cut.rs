//! Finds where a reply that was cut off is cut back to.

use pressrun_posts::parse::part::remove_reasoning;
use pressrun_posts::parse::{front_matter, header};
use pressrun_text::blocks::{Block, BlockKind, iter_blocks};
use pressrun_text::fence::{Fence, find_item_text};
use pressrun_text::line::{LineStarts, TextLine, number_lines};

use super::{MarkedLines, mark_lines};

/// The maximum number of bytes that are asked for again.
///
/// A block that is longer than an answer may be would never get any further, so it is cut inside.
const MOST_AGAIN: usize = 4000;

/// Returns how many bytes of a reply that was cut off are kept: those up to the last whole block
/// outside a fence, or up to the last whole item of a list, row of a table or line of a header.
///
/// 0 means that nothing is worth keeping, and the prompt is to be asked again from the start.
pub fn cut_back(text: &str) -> usize {
    find_cut(text).at
}

/// Where a text is cut back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CutPlace {
    /// The number of bytes that are kept.
    pub(super) at: usize,
    /// What is kept last.
    pub(super) after: CutAfter,
}

/// What stands before the place where a text is cut back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CutAfter {
    /// Whole blocks, which a blank line separates from the next one.
    Block,
    /// An item of a list, a row of a table, or a line of a header.
    Row,
    /// A part of a block that is too long to be written again, or of a JSON object.
    Part,
}

pub(super) fn find_cut(text: &str) -> CutPlace {
    // A JSON object has no blocks, and half an object cannot be written again.
    if is_json(text) {
        return CutPlace {
            at: text.len(),
            after: CutAfter::Part,
        };
    }
    let nothing = CutPlace {
        at: 0,
        after: CutAfter::Block,
    };
    if is_only_reasoning(text) {
        return nothing;
    }
    let marked = mark_lines(text);
    let (line, after) = find_cut_line(&marked);
    let at = match line {
        None => text.len(),
        Some(line) => LineStarts::of_lines(&marked.all).start_of(line),
    };
    if text.len() - at <= MOST_AGAIN {
        return CutPlace { at, after };
    }
    let part = at + cut_inside(&text[at..], marked.in_open_fence);
    CutPlace {
        at: part,
        after: CutAfter::Part,
    }
}

/// Returns whether a reply is a JSON object, in a fence or not.
pub(super) fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    let text = text.strip_prefix("```json").unwrap_or(text).trim_start();
    text.starts_with('{')
}

/// Returns whether a model was still reasoning when it was cut off.
fn is_only_reasoning(text: &str) -> bool {
    let mut lines = number_lines(text);
    remove_reasoning(&mut lines).is_some() && lines.iter().all(TextLine::is_blank)
}

/// Returns the line that is the first to be cut away, or `None` if all of the text is whole.
fn find_cut_line(marked: &MarkedLines) -> (Option<usize>, CutAfter) {
    let lines = &*marked.all;
    // The last line is whole only if a line feed follows it. Then it is not the last one here.
    let partial = lines.len() - 1;
    if let Some(cut) = find_cut_in_fields(lines, partial) {
        return cut;
    }
    if marked.in_open_fence {
        let opening = lines.iter().rposition(|line| line.fence == Fence::Opening);
        return (opening, CutAfter::Block);
    }
    let Some(last) = iter_blocks(lines).last() else {
        return (Some(0), CutAfter::Block);
    };
    let line_is_whole = last.lines.end <= partial;
    match last.kind {
        // A blank line follows it.
        _ if last.lines.end < partial => (None, CutAfter::Block),
        BlockKind::Heading(_) | BlockKind::Rule | BlockKind::Fence if line_is_whole => {
            (None, CutAfter::Block)
        }
        BlockKind::List | BlockKind::Paragraph => find_cut_in_list(lines, &last, line_is_whole),
        BlockKind::Table => find_cut_in_table(&last, line_is_whole),
        _ => (Some(last.lines.start), CutAfter::Block),
    }
}

/// Returns where a text is cut back to that ends in its header or front matter.
fn find_cut_in_fields(lines: &[TextLine], partial: usize) -> Option<(Option<usize>, CutAfter)> {
    let first = lines.iter().position(|line| !line.is_blank())?;
    let rest = &lines[first..];
    let in_fields = if front_matter::is_opening(&lines[first]) {
        front_matter::count_front_matter_lines(rest).is_none()
            && !rest.iter().any(TextLine::is_blank)
    } else {
        header::starts_header(rest, true) && {
            // With a blank line after it, the header is whole.
            first + header::read_label_header(rest).length >= partial
        }
    };
    in_fields.then_some((Some(partial), CutAfter::Row))
}

/// Returns the start of the last item of a list, or of the paragraph that is none.
fn find_cut_in_list(
    lines: &[TextLine],
    block: &Block,
    line_is_whole: bool,
) -> (Option<usize>, CutAfter) {
    let is_item = |at: &usize| find_item_text(&lines[*at].text).is_some();
    let last_item = block.lines.clone().rev().find(is_item);
    match last_item {
        Some(_) if line_is_whole => (None, CutAfter::Row),
        Some(item) if item > block.lines.start => (Some(item), CutAfter::Row),
        _ => (Some(block.lines.start), CutAfter::Block),
    }
}

/// Returns the last row of a table that is not whole, if its head is.
fn find_cut_in_table(block: &Block, line_is_whole: bool) -> (Option<usize>, CutAfter) {
    // Without the line of dashes below its head it is no table yet.
    match block.lines.len() {
        2.. if line_is_whole => (None, CutAfter::Row),
        3.. => (Some(block.lines.end - 1), CutAfter::Row),
        _ => (Some(block.lines.start), CutAfter::Block),
    }
}

/// Returns where a long block is cut: after its last whole line of code or whole sentence.
fn cut_inside(block: &str, is_code: bool) -> usize {
    let after_line = block.rfind('\n').map_or(0, |at| at + 1);
    if is_code && after_line > 0 {
        return after_line;
    }
    let is_end = |c: char| matches!(c, '.' | '!' | '?' | '。' | '！' | '？');
    let mut ends = block.rmatch_indices(is_end);
    let sentence = ends.find_map(|(at, end)| {
        let rest = &block[at + end.len()..];
        // A full stop in `3.5` ends no sentence. That of Chinese needs no space after it.
        let space = rest.chars().next().filter(|c| c.is_whitespace());
        let ends = space.is_some() || end.len() > 1;
        ends.then_some(at + end.len() + space.map_or(0, char::len_utf8))
    });
    let word = || {
        block
            .rfind(char::is_whitespace)
            .map_or(block.len(), |at| at + 1)
    };
    sentence.unwrap_or_else(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks what is kept of a text, up to the mark `¦`.
    #[track_caller]
    fn check(text: &str) {
        let expected = text.find('¦').unwrap();
        let text = text.replace('¦', "");
        assert_eq!(&text[..cut_back(&text)], &text[..expected], "{text}");
    }

    #[test]
    fn text_is_kept_up_to_the_last_whole_block() {
        check("TITLE: a\nTAGS: b\n\nOne.\n\n¦Two and thr");
        check("TITLE: a\nTAGS: b\n\nOne.\n\n¦Two.\n");
        check("TITLE: a\nTAGS: b\n\nOne.\n\nTwo.\n\n¦");
        check("# a\n\nOne.\n\n## b\n¦");
        check("# a\n\nOne.\n\n¦## b");
        check("One.\n\n¦> Two\n> thr");
    }

    #[test]
    fn fence_that_is_open_is_cut_off_whole() {
        check("One.\n\n¦```js\nlet a;\n\nlet b");
        check("One:\n¦```js\nlet a;\n\nlet b;\n");
        check("One.\n\n```js\nlet a;\n```\n¦");
        check("One.\n\n```js\nlet a;\n```\n\n¦Tw");
    }

    #[test]
    fn fence_around_the_reply_is_no_fence() {
        check("```markdown\n# a\n\nOne.\n\n¦Two and");
        check("```markdown\n# a\n\nOne.\n\n¦```js\nlet");
    }

    #[test]
    fn whole_items_and_rows_are_kept() {
        check("- a\n- b\n¦- c");
        check("One:\n\n1. a\n2. b\n   and\n¦3. c\n   and");
        check("- a\n- b\n¦");
        check("One:\n\n¦- a and");
        check("| a | b |\n|---|---|\n| 1 | 2 |\n¦| 3 |");
        check("| a | b |\n|---|---|\n¦");
        check("One.\n\n¦| a | b |\n|---|-");
    }

    #[test]
    fn whole_lines_of_a_header_are_kept() {
        check("TITLE: a\nMETA_DESCRIPTION: b\n¦TAGS: c, d");
        check("TITLE: a\nMETA_DESCRIPTION: b\n¦");
        check("¦TITLE: a b");
        check("---\ntitle: a\n¦tags: [b");
        check("TITLE: a\nTAGS: b\n\n¦One and");
    }

    #[test]
    fn nothing_is_kept_of_reasoning() {
        check("¦<think>\nThe user wants\n\na post");
        check("¦");
    }

    #[test]
    fn json_is_kept_as_it_is() {
        check("{\"title\": \"a\", \"content\": \"One.\\n\\nTw¦");
        check("```json\n{\"title\": ¦");
    }

    #[test]
    fn long_block_is_cut_inside() {
        let sentences = "A b c d e. ".repeat(500);
        check(&format!("One.\n\n{sentences}¦And th"));
        let code = "let a = 1;\n".repeat(500);
        check(&format!("```\n{code}¦let b"));
        check(&format!("{}¦", "好".repeat(5000)));
    }
}
