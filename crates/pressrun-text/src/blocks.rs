//! Splits Markdown into blocks (headings, paragraphs, lists, and so on) by looking at first lines.
//!
//! Blank lines separate blocks. Headings, rules and fences are blocks of their own. This is coarser
//! than a Markdown parser on purpose: if a list follows a line of text without a blank line, the
//! list belongs to that paragraph.

use std::borrow::Cow;
use std::ops::Range;

use super::fence::{Fence, find_item_text, measure_indent};
use super::line::TextLine;
use super::plain::{
    LinkDefinitions, markdown_to_plain, markdown_to_plain_with, measure_link_target,
};
use super::sentences::is_closing;
use super::{html, words};

/// The kind of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// Text that is not of another kind.
    Paragraph,
    /// A heading and its level, 1 to 6.
    Heading(u8),
    /// A thematic break: `---`, `***` or `___`.
    Rule,
    /// A fenced code block.
    Fence,
    /// A list.
    List,
    /// A block quote.
    Quote,
    /// Rows of a table.
    Table,
    /// A link reference definition: `[name]: address`.
    LinkDefinition,
    /// A single image, with or without a link around it.
    Image,
    /// A block of HTML, other than running text in tags such as `<p>` or `<em>`.
    Html,
}

/// A block and the lines that it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The kind of the block.
    pub kind: BlockKind,
    /// The range of its lines, as indices into the slice given to [`iter_blocks`].
    pub lines: Range<usize>,
}

impl Block {
    /// Returns whether it is a paragraph of one line.
    pub fn is_single_line_paragraph(&self) -> bool {
        self.kind == BlockKind::Paragraph && self.lines.len() == 1
    }

    /// Returns whether it is a heading.
    pub fn is_heading(&self) -> bool {
        matches!(self.kind, BlockKind::Heading(_))
    }

    /// Returns its Markdown; for a heading, without `#` marks, underline or HTML tags.
    pub fn text<'l>(&self, lines: &'l [TextLine]) -> Cow<'l, str> {
        let lines = &lines[self.lines.clone()];
        match self.kind {
            BlockKind::Heading(_) => strip_heading_marks(lines),
            _ => join_block_lines(lines),
        }
    }

    /// Returns its plain text.
    pub fn plain(&self, lines: &[TextLine]) -> String {
        markdown_to_plain(&self.text(lines))
    }

    /// Returns its plain text, in a text with these definitions.
    pub fn plain_with(&self, lines: &[TextLine], definitions: &LinkDefinitions) -> String {
        markdown_to_plain_with(&self.text(lines), definitions)
    }
}

/// Returns the link reference definitions of `lines`, whose fences must be marked already.
pub fn collect_link_definitions(lines: &[TextLine]) -> LinkDefinitions {
    let mut definitions = LinkDefinitions::default();
    for line in lines.iter().filter(|line| !line.in_fence()) {
        let text = line.text.trim_start();
        if text.starts_with('[')
            && let Some(name) = find_definition_name(text)
        {
            definitions.add(name);
        }
    }
    definitions
}

/// Iterates over the blocks of `lines`, whose fences must be marked already.
pub fn iter_blocks<'l, 'a>(lines: &'l [TextLine<'a>]) -> BlockIter<'l, 'a> {
    BlockIter { lines, at: 0 }
}

/// An iterator over the blocks of a text; see [`iter_blocks`].
#[derive(Debug, Clone)]
pub struct BlockIter<'l, 'a> {
    lines: &'l [TextLine<'a>],
    at: usize,
}

impl Iterator for BlockIter<'_, '_> {
    type Item = Block;

    fn next(&mut self) -> Option<Block> {
        // Blank lines inside a fence are code, so they do not separate blocks.
        let blank = self.lines[self.at..]
            .iter()
            .position(|line| line.in_fence() || !line.is_blank())?;
        let start = self.at + blank;
        let (kind, length) = read_first_block(&self.lines[start..]);
        self.at = start + length;
        Some(Block {
            kind,
            lines: start..self.at,
        })
    }
}

/// Returns the kind and the number of lines of the block that begins with the first line.
fn read_first_block(lines: &[TextLine]) -> (BlockKind, usize) {
    let first = &lines[0];
    if first.in_fence() {
        return (BlockKind::Fence, count_fence_lines(lines));
    }
    if let Some(kind) = classify_one_line_block(&first.text) {
        return (kind, 1);
    }
    let kind = classify_block(&first.text);
    let mut length = 1;
    for line in &lines[1..] {
        if line.is_blank() || line.in_fence() {
            break;
        }
        // A line of `=` or `-` below a paragraph turns the whole paragraph into a heading. This has
        // to come first, because `---` alone would be a rule.
        if kind == BlockKind::Paragraph
            && let Some(level) = parse_setext_level(&line.text)
        {
            return (BlockKind::Heading(level), length + 1);
        }
        if classify_one_line_block(&line.text).is_some() {
            break;
        }
        length += 1;
    }
    let single_image = matches!(kind, BlockKind::Paragraph | BlockKind::Image)
        && first.text.trim_start().starts_with(['!', '['])
        && is_single_image(join_block_lines(&lines[..length]).trim());
    match kind {
        BlockKind::Paragraph | BlockKind::Image if single_image => (BlockKind::Image, length),
        kind => (kind, length),
    }
}

fn count_fence_lines(lines: &[TextLine]) -> usize {
    let ends = |line: &TextLine| matches!(line.fence, Fence::Outside | Fence::Opening);
    let end = lines[1..]
        .iter()
        .position(|line| ends(line) || line.fence == Fence::Closing);
    match end {
        Some(at) if lines[at + 1].fence == Fence::Closing => at + 2,
        Some(at) => at + 1,
        None => lines.len(),
    }
}

/// Returns the kind of `line` if it is a block by itself: a heading or a rule.
fn classify_one_line_block(line: &str) -> Option<BlockKind> {
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > 3 {
        return None;
    }
    match text.as_bytes().first()? {
        b'#' => parse_atx_level(line).map(BlockKind::Heading),
        // 0xE2 is the first byte of the dash.
        b'-' | b'*' | b'_' | 0xE2 if is_rule(line) => Some(BlockKind::Rule),
        b'<' => parse_html_heading(text).map(|(level, _)| BlockKind::Heading(level)),
        _ => None,
    }
}

fn classify_block(line: &str) -> BlockKind {
    let text = line.trim_start();
    match text.as_bytes().first() {
        Some(b'>') => BlockKind::Quote,
        Some(b'|') => BlockKind::Table,
        Some(b'-' | b'*' | b'+' | b'0'..=b'9') if find_item_text(line).is_some() => BlockKind::List,
        Some(b'[') if is_link_definition(text) => BlockKind::LinkDefinition,
        Some(b'<') if is_html_block(text) => BlockKind::Html,
        _ => BlockKind::Paragraph,
    }
}

/// The dash that some chats draw in place of a rule. The body of a post gets `---` for it.
pub const RULE_DASH: &str = "⸻";

/// Returns whether a line is a thematic break: three or more `-`, `*` or `_`, spaces allowed; or a
/// [`RULE_DASH`] alone.
pub fn is_rule(line: &str) -> bool {
    let text = line.trim();
    if text == RULE_DASH {
        return true;
    }
    let Some(&mark @ (b'-' | b'*' | b'_')) = text.as_bytes().first() else {
        return false;
    };
    let mut marks = 0;
    for byte in text.bytes() {
        match byte {
            _ if byte == mark => marks += 1,
            b' ' | b'\t' => {}
            _ => return false,
        }
    }
    marks >= 3 && measure_indent(line) <= 3
}

/// Returns the level of an ATX heading: one to six `#` before a space or the end of the line.
pub fn parse_atx_level(line: &str) -> Option<u8> {
    let text = line.trim_start_matches(' ');
    let level = text.bytes().take_while(|&byte| byte == b'#').count();
    let follows = text.as_bytes().get(level);
    let is_heading = (1..=6).contains(&level)
        && line.len() - text.len() <= 3
        && matches!(follows, None | Some(b' ' | b'\t'));
    is_heading.then_some(level as u8)
}

/// Returns whether a line by itself is a heading: `## Text` or `<h2>Text</h2>`.
pub fn is_heading_line(line: &str) -> bool {
    matches!(classify_one_line_block(line), Some(BlockKind::Heading(_)))
}

fn parse_setext_level(line: &str) -> Option<u8> {
    let text = line.trim();
    let level = match text.as_bytes().first()? {
        b'=' => 1,
        b'-' => 2,
        _ => return None,
    };
    let mark = text.as_bytes()[0];
    (text.bytes().all(|byte| byte == mark) && measure_indent(line) <= 3).then_some(level)
}

/// Returns the level and the content of `<h1>…</h1>`, if that is all of the line.
fn parse_html_heading(text: &str) -> Option<(u8, &str)> {
    let text = text.trim();
    let opening = html::parse_tag(text)?;
    let &[b'h' | b'H', level @ b'1'..=b'6'] = opening.name.as_bytes() else {
        return None;
    };
    let closing_start = text.rfind('<').filter(|&at| at >= opening.length)?;
    let closing = html::parse_tag(&text[closing_start..])?;
    let ends = closing.closing
        && closing.name.eq_ignore_ascii_case(opening.name)
        && closing_start + closing.length == text.len();
    (ends && !opening.closing).then(|| (level - b'0', &text[opening.length..closing_start]))
}

fn strip_heading_marks<'l>(lines: &'l [TextLine]) -> Cow<'l, str> {
    let first = lines[0].text.trim();
    // With several lines it is a setext heading: the last line is its underline.
    if lines.len() > 1 {
        return join_block_lines(&lines[..lines.len() - 1]);
    }
    if let Some((_, text)) = parse_html_heading(first) {
        return text.into();
    }
    let text = first.trim_start_matches('#').trim();
    // Closing marks count only after a space: `# C#` is the heading `C#`.
    let without_closing = text.trim_end_matches('#');
    if without_closing.is_empty() || without_closing.ends_with([' ', '\t']) {
        without_closing.trim_end().into()
    } else {
        text.into()
    }
}

fn join_block_lines<'l>(lines: &'l [TextLine]) -> Cow<'l, str> {
    match lines {
        [line] => Cow::Borrowed(&*line.text),
        lines => super::line::join_lines(lines).into(),
    }
}

fn is_link_definition(text: &str) -> bool {
    find_definition_name(text).is_some()
}

/// Returns the name that a link reference definition at the start of `text` defines.
fn find_definition_name(text: &str) -> Option<&str> {
    // A Markdown reference has at most 1,000 characters. The limit keeps the search short.
    let end = text
        .bytes()
        .take(1000)
        .skip(1)
        .position(|byte| matches!(byte, b'[' | b']'));
    let end = end.filter(|&end| end > 0 && text[end + 1..].starts_with("]:"))?;
    Some(&text[1..=end])
}

fn is_single_image(text: &str) -> bool {
    // `[![alt](image)](link)` is an image too: look at the image inside the link.
    let inner = text
        .strip_prefix('[')
        .filter(|inner| inner.starts_with("!["))
        .unwrap_or(text);
    let Some(length) = measure_image(inner) else {
        return false;
    };
    let rest = &inner[length..];
    if inner.len() == text.len() {
        return rest.is_empty();
    }
    rest.strip_prefix(']')
        .is_some_and(|target| measure_link_target(target) == Some(target.len()))
}

/// Returns the length in bytes of the image that `text` starts with.
fn measure_image(text: &str) -> Option<usize> {
    let alt = text.strip_prefix("![")?;
    let mut depth = 0;
    for (at, byte) in alt.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 0 => {
                // The position in `text` after `![`, the alternative text and the `]`.
                let target = at + 3;
                return Some(target + measure_link_target(&text[target..])?);
            }
            b']' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Returns whether a line begins a block of HTML, other than running text.
fn is_html_block(text: &str) -> bool {
    if text.starts_with("<!") || text.starts_with("<?") {
        return true;
    }
    let Some(tag) = html::parse_tag(text) else {
        // The tag is not complete: it may continue on the next lines.
        let name: String = text[1..]
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        return html::is_element(&name) && !is_running_text(&name) && !text.contains('>');
    };
    let name = tag.name.to_ascii_lowercase();
    if html::is_element(&name) {
        return !is_running_text(&name);
    }
    // An unknown element makes a block only if its tag is alone on the line (`CommonMark`, HTML
    // block type 7). So `Vec<T>` in a sentence is text.
    text[tag.length..].trim().is_empty()
}

fn is_running_text(name: &str) -> bool {
    matches!(
        name,
        "p" | "a" | "b" | "i" | "em" | "strong" | "span" | "code"
    )
}

/// Returns whether all of a line is bold: `**…**` or `__…__`.
pub fn is_all_bold(line: &str) -> bool {
    let text = line.trim();
    ["**", "__"].iter().any(|mark| {
        let inner = text
            .strip_prefix(mark)
            .and_then(|rest| rest.strip_suffix(mark));
        inner.is_some_and(|inner| {
            !inner.trim_matches(['*', '_', ' ']).is_empty() && !inner.contains(mark)
        })
    })
}

/// Returns whether the plain text of a paragraph reads like prose: it ends as a sentence does, or
/// has 20 words or more.
pub fn is_prose(plain: &str) -> bool {
    let ends = plain
        // In French a space stands before the closing quote.
        .trim_end_matches(|c: char| is_closing(c) || c.is_whitespace())
        .ends_with(['.', '!', '?', '…', ':', '。', '！', '？', '：']);
    ends || words::count_words(plain) >= 20
}

/// Returns whether the first of these lines begins a heading.
pub fn starts_heading(lines: &[TextLine]) -> bool {
    // A heading underlined in the second line is one too.
    let first = iter_blocks(&lines[..lines.len().min(2)]).next();
    first.is_some_and(|block| block.is_heading())
}

/// Returns whether one of these lines begins a heading.
pub fn has_heading(lines: &[TextLine]) -> bool {
    iter_blocks(lines).any(|block| block.is_heading())
}

#[cfg(test)]
mod tests {
    use super::super::line::number_and_fence_lines as lines;
    use super::*;

    /// Lists the blocks of a text as letters for their kinds, each with its text.
    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let lines = lines(text);
        let read: Vec<_> = iter_blocks(&lines)
            .map(|block| {
                let kind = match block.kind {
                    BlockKind::Heading(level) => format!("h{level}"),
                    kind => format!("{kind:?}").to_lowercase(),
                };
                (kind, block.text(&lines).into_owned())
            })
            .collect();
        let read: Vec<_> = read.iter().map(|(k, t)| (k.as_str(), t.as_str())).collect();
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn blank_lines_separate_blocks() {
        check(
            "\na\nb\n \nc\n",
            &[("paragraph", "a\nb"), ("paragraph", "c")],
        );
    }

    #[test]
    fn headings_rules_and_fences_stand_alone() {
        check(
            "a\n# B\nc\n***\nd\n```\n# e\n```\nf",
            &[
                ("paragraph", "a"),
                ("h1", "B"),
                ("paragraph", "c"),
                ("rule", "***"),
                ("paragraph", "d"),
                ("fence", "```\n# e\n```"),
                ("paragraph", "f"),
            ],
        );
        check(
            "```\na\n```\n```\nb",
            &[("fence", "```\na\n```"), ("fence", "```\nb")],
        );
    }

    #[test]
    fn a_closing_run_of_hashes_needs_a_space() {
        check("# Foo ##", &[("h1", "Foo")]);
        check("## Learning C#", &[("h2", "Learning C#")]);
        check("#", &[("h1", "")]);
        check("#tag", &[("paragraph", "#tag")]);
        check("####### x", &[("paragraph", "####### x")]);
    }

    #[test]
    fn underlined_text_is_a_heading() {
        check("A\n===\nb", &[("h1", "A"), ("paragraph", "b")]);
        check("A\nb\n---", &[("h2", "A\nb")]);
        check("- a\n---", &[("list", "- a"), ("rule", "---")]);
        check("---\na", &[("rule", "---"), ("paragraph", "a")]);
    }

    #[test]
    fn an_html_heading_is_a_heading_if_it_is_all_of_its_line() {
        check(
            "<h2 class=\"a\">Tea</h2>\nb",
            &[("h2", "Tea"), ("paragraph", "b")],
        );
        check("<h2>Tea</h2> b", &[("html", "<h2>Tea</h2> b")]);
    }

    #[test]
    fn blocks_are_recognised_by_their_first_line() {
        check("1. a\nb", &[("list", "1. a\nb")]);
        check("> a\nb", &[("quote", "> a\nb")]);
        check("| a |\n|---|", &[("table", "| a |\n|---|")]);
        check("[a]: b", &[("linkdefinition", "[a]: b")]);
        check("<div>\na\n</div>", &[("html", "<div>\na\n</div>")]);
        check("<em>a</em> b", &[("paragraph", "<em>a</em> b")]);
        check("<!-- a -->", &[("html", "<!-- a -->")]);
        check(
            "<https://a.example>",
            &[("paragraph", "<https://a.example>")],
        );
    }

    #[test]
    fn an_image_alone_is_an_image() {
        check("![a [b]](c)", &[("image", "![a [b]](c)")]);
        check("[![a](b)](c)", &[("image", "[![a](b)](c)")]);
        check("![a](b)\nc", &[("paragraph", "![a](b)\nc")]);
        check("![a](b) ![c](d)", &[("paragraph", "![a](b) ![c](d)")]);
    }

    #[test]
    fn prose_ends_like_a_sentence_or_is_long() {
        for text in ["A.", "“B?”", "(c:)", "你好。", &"d ".repeat(20)] {
            assert!(is_prose(text), "{text}");
        }
        for text in ["A", "b,", "", &"d ".repeat(19)] {
            assert!(!is_prose(text), "{text}");
        }
    }
}
