//! Rewrites admonitions, boxes between lines of colons: `:::kind Title` … `:::`.
//!
//! Each line of a box gets the mark of a block quote. The first line becomes a heading of a level
//! that nothing else is in, with the number of the box, so that the writer knows the quote for a
//! box and its heading for a title.

use std::ops::Range;

use super::edits::SourceEdits;
use super::kinds::{self, BoxKind, measure_name};
use super::marks::{self, BEGIN, END, SPACE};
use super::survey::SourceSurvey;

/// Boxes that are nested more deeply stay text. Each line gets one mark for each box around it, so
/// this also limits how much a body can grow.
const MAX_DEPTH: usize = 8;

/// The fewest colons of a first or last line.
const COLONS: &str = ":::";

/// What makes a line a title line.
const TITLE_MARK: &str = "###### ";

/// Returns the kind of the box whose title is the heading with this source.
pub(crate) fn read_title_line(heading: &str) -> Option<BoxKind> {
    let inside = heading.strip_prefix(TITLE_MARK)?;
    let (number, _) = marks::read_number(inside)?;
    BoxKind::from_number(number)
}

/// Turns a line into the title line of a box: `before` comes before it. The title, which has its place
/// in the line, is left as it is, so that its own notations are rewritten too. Without a title, the
/// name of the kind is shown.
pub(super) fn rewrite_title_line(
    before: &str,
    kind: &str,
    line: Range<usize>,
    title: Range<usize>,
    edits: &mut SourceEdits,
) {
    let number = BoxKind::from_name(kind).number();
    let name = if title.is_empty() {
        kinds::make_title(kind)
    } else {
        String::new()
    };
    // Before the last mark neither `#` nor braces are at the end of the line, and beside the spaces
    // quotation marks turn the right way.
    let start = format!("{before}{TITLE_MARK}{BEGIN}{number}{END}{SPACE}{name}");
    edits.replace(line.start..title.start, start);
    edits.replace(title.end..line.end, format!("{SPACE}{BEGIN}"));
}

/// Turns boxes into block quotes with a title line.
pub(super) fn rewrite_boxes(source: &str, survey: &SourceSurvey, edits: &mut SourceEdits) {
    if memchr::memmem::find(source.as_bytes(), COLONS.as_bytes()).is_none() {
        return;
    }
    let found = find_boxes(source, survey);
    // The boxes around the current line, the outermost first.
    let mut open: Vec<&ColonBox<'_>> = Vec::new();
    let mut next = found.iter().peekable();
    let mut at = 0;
    for line in source.split('\n') {
        let end = at + line.len();
        // The last line is outside of its box.
        let ended = open.pop_if(|one| (at..=end).contains(&one.end_at));
        for around in &open {
            if let Some((text, missing)) = around.containers.skip(line) {
                edits.insert(at + text, format!("{:missing$}> ", ""));
            }
        }
        if let Some(started) = next.next_if(|one| (at..=end).contains(&one.colons_at)) {
            let title = started.title.clone();
            rewrite_title_line("> ", started.kind, started.colons_at..end, title, edits);
            open.push(started);
        } else if let Some(ended) = ended {
            edits.replace(ended.end_at..end, "");
        }
        at = end + 1;
    }
}

/// A box that has an end.
#[derive(Debug)]
struct ColonBox<'s> {
    kind: &'s str,
    /// Where its title is.
    title: Range<usize>,
    /// Where the colons of its first and its last line are.
    colons_at: usize,
    end_at: usize,
    containers: Containers,
}

/// Finds the boxes that have an end, in the order of their first lines.
fn find_boxes<'s>(source: &'s str, survey: &SourceSurvey) -> Vec<ColonBox<'s>> {
    let mut found: Vec<ColonBox<'s>> = Vec::new();
    // The boxes whose end has not come, each with the number of its colons.
    let mut open: Vec<(usize, ColonBox<'s>)> = Vec::new();
    let mut at = 0;
    for line in source.split('\n') {
        if !open.is_empty() {
            let outside = open
                .iter()
                .position(|(_, one)| one.containers.skip(line).is_none());
            open.truncate(outside.unwrap_or(open.len()));
        }
        if let Some(colons) = line.find(COLONS)
            && !survey.is_code(at + colons)
        {
            let is_item = survey.is_in_item(at + colons);
            let count = measure_colons(&line[colons..]);
            let rest = line[colons + count..].trim();
            if rest.is_empty() {
                let is_end = line[..colons]
                    .trim_start_matches([' ', '\t', '>'])
                    .is_empty();
                let opened = open.iter().rposition(|&(own, _)| own == count && is_end);
                if let Some(opened) = opened {
                    open.truncate(opened + 1);
                    found.extend(open.pop().map(|(_, one)| ColonBox {
                        end_at: at + colons,
                        ..one
                    }));
                }
            } else if open.len() < MAX_DEPTH
                && let Some(containers) = Containers::before(&line[..colons], is_item)
                && let Some((kind, title)) = parse_first_line(rest)
            {
                let rest_at = at + line.trim_end().len() - rest.len();
                let begun = ColonBox {
                    kind,
                    title: rest_at + title.start..rest_at + title.end,
                    colons_at: at + colons,
                    end_at: 0,
                    containers,
                };
                open.push((count, begun));
            }
        }
        at += line.len() + 1;
    }
    found.sort_by_key(|one| one.colons_at);
    found
}

fn measure_colons(text: &str) -> usize {
    text.len() - text.trim_start_matches(':').len()
}

/// Returns the kind and the place of the title from what follows the colons of a first line.
fn parse_first_line(rest: &str) -> Option<(&str, Range<usize>)> {
    let (kind, after) = rest.split_at(measure_name(rest));
    if kind.is_empty() || !(after.is_empty() || after.starts_with([' ', '\t', '[', '{'])) {
        return None;
    }
    let mut title = after.trim();
    let mut start = rest.len() - after.trim_start().len();
    if let Some(inside) = title.strip_prefix('[') {
        let (bracketed, attributes) = inside.rsplit_once(']')?;
        if !is_attributes(attributes.trim()) {
            return None;
        }
        title = bracketed.trim();
        start += 1 + bracketed.len() - bracketed.trim_start().len();
    } else if is_attributes(title) {
        title = "";
    }
    // Some close the line with colons too. A single one may end the name of an emoji.
    let inside = title.trim_end_matches(':');
    if title.len() - inside.len() >= COLONS.len() {
        title = inside.trim_end();
    }
    Some((kind, start..start + title.len()))
}

/// Returns whether a text is nothing, or attributes in braces, which have no meaning here.
fn is_attributes(text: &str) -> bool {
    text.is_empty() || (text.starts_with('{') && text.ends_with('}'))
}

/// The block quotes and list items in which a box begins.
#[derive(Debug, PartialEq, Eq)]
struct Containers(Vec<Container>);

#[derive(Debug, PartialEq, Eq)]
enum Container {
    Quote,
    /// A list item, whose lines are indented by this many columns.
    Item(usize),
}

impl Containers {
    /// Reads the containers from what stands before the colons of a first line, or returns `None`
    /// if that is text.
    fn before(prefix: &str, is_in_item: bool) -> Option<Self> {
        let mut containers = Vec::new();
        let mut rest = prefix;
        loop {
            let (columns, text) = skip_white_space(rest);
            let marker = measure_item_marker(text);
            if let Some(inside) = text.strip_prefix('>') {
                containers.push(Container::Quote);
                rest = inside.strip_prefix(' ').unwrap_or(inside);
            } else if marker > 0 {
                let (space, inside) = skip_white_space(&text[marker..]);
                containers.push(Container::Item(columns + marker + space));
                rest = inside;
            } else if text.is_empty() {
                if is_in_item && columns > 0 {
                    containers.push(Container::Item(columns));
                }
                return Some(Self(containers));
            } else {
                return None;
            }
        }
    }

    /// Returns the byte of a line at which its text begins inside these containers, and how many
    /// columns a blank line lacks there. Returns `None` if the line is outside.
    fn skip(&self, line: &str) -> Option<(usize, usize)> {
        let mut rest = line;
        let mut missing = 0;
        for container in &self.0 {
            match *container {
                Container::Quote => {
                    let (columns, text) = skip_white_space(rest);
                    let inside = text.strip_prefix('>').filter(|_| columns < 4)?;
                    rest = inside.strip_prefix(' ').unwrap_or(inside);
                }
                Container::Item(width) => {
                    let (columns, text) = skip_columns(rest, width);
                    if columns < width {
                        if !text.trim_start().is_empty() {
                            return None;
                        }
                        missing += width - columns;
                    }
                    rest = text;
                }
            }
        }
        Some((line.len() - rest.len(), missing))
    }
}

fn skip_white_space(text: &str) -> (usize, &str) {
    skip_columns(text, usize::MAX)
}

/// Skips white space up to this many columns. Returns how many it were, and the rest.
fn skip_columns(text: &str, most: usize) -> (usize, &str) {
    let mut columns = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b' ' if columns < most => columns += 1,
            b'\t' if columns < most => columns += 4 - columns % 4,
            _ => return (columns, &text[at..]),
        }
    }
    (columns, "")
}

/// Returns the length of the marker of a list item at the start of a text, which white space
/// follows; 0 if there is none.
fn measure_item_marker(text: &str) -> usize {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let marker = match text.as_bytes().get(digits) {
        Some(b'-' | b'*' | b'+') if digits == 0 => 1,
        Some(b'.' | b')') if (1..=9).contains(&digits) => digits + 1,
        _ => return 0,
    };
    if text[marker..].starts_with([' ', '\t']) {
        marker
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::super::survey::survey_source;
    use super::*;

    fn check(source: &str, expected: &str) {
        let mut edits = SourceEdits::default();
        rewrite_boxes(source, &survey_source(source), &mut edits);
        let rewritten = edits.apply_to(source.into()).into_owned();
        assert_eq!(rewritten.split('\n').count(), source.split('\n').count());
        // The marks, in a form that can be read.
        let rewritten = rewritten.replace(BEGIN, "^").replace([SPACE, END], "");
        assert_eq!(rewritten, expected, "{source}");
    }

    #[test]
    fn boxes_become_block_quotes() {
        check(
            ":::note\na\n\nb\n:::\nc",
            "> ###### ^1Note^\n> a\n> \n> b\n\nc",
        );
        check("::: tip  A *b*\nc\n:::", "> ###### ^2A *b*^\n> c\n");
        check(":::tip[A]{.b}\nc\n:::", "> ###### ^2A^\n> c\n");
        check("::: tip [ A ] \nc\n:::", "> ###### ^2A^\n> c\n");
        check("::: tip A :::\nc\n:::", "> ###### ^2A^\n> c\n");
        check(":::tip :tada:\nc\n:::", "> ###### ^2:tada:^\n> c\n");
        check(":::warning {#a}\n:::", "> ###### ^4Warning^\n");
    }

    #[test]
    fn boxes_end_at_as_many_colons() {
        check(
            "::::note\n:::tip\na\n:::\nb\n::::",
            "> ###### ^1Note^\n> > ###### ^2Tip^\n> > a\n> \n> b\n",
        );
        check(
            ":::note\n:::tip\na\n:::\nb\n:::",
            "> ###### ^1Note^\n> > ###### ^2Tip^\n> > a\n> \n> b\n",
        );
        check("::::note\na\n:::", "::::note\na\n:::");
    }

    #[test]
    fn colons_without_an_end_or_a_kind_are_text() {
        for text in [
            ":::note\na",
            "a :::note\nb\n:::",
            ":::\na\n:::",
            ":::note.\na\n:::",
            "`:::note\n:::`",
        ] {
            check(text, text);
        }
        check("```\n:::note\n:::\n```", "```\n:::note\n:::\n```");
    }

    #[test]
    fn boxes_stay_in_their_containers() {
        check(
            "- a\n\n  :::note\n  b\n\n  c\n  :::\n- d",
            "- a\n\n  > ###### ^1Note^\n  > b\n  > \n  > c\n  \n- d",
        );
        check(
            "> :::note\n> a\n> :::\nb",
            "> > ###### ^1Note^\n> > a\n> \nb",
        );
        check("> :::note\na\n:::", "> :::note\na\n:::");
        check("- :::note\n  a\n  :::", "- > ###### ^1Note^\n  > a\n  ");
    }

    #[test]
    fn boxes_are_nested_to_a_limit() {
        let source = format!("{}{}", ":::a\n".repeat(100), ":::\n".repeat(100));
        let mut edits = SourceEdits::default();
        rewrite_boxes(&source, &survey_source(&source), &mut edits);
        let rewritten = edits.apply_to(source.as_str().into());
        assert_eq!(rewritten.matches(TITLE_MARK).count(), MAX_DEPTH);
    }
}
