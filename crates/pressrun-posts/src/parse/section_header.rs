//! Reads headers whose labels are headings: `## Title`, `## Tags` (R6.5 of the ingest contract).

use std::borrow::Cow;

use pressrun_text::blocks::{Block, BlockKind, iter_blocks};
use pressrun_text::line::TextLine;

use super::given::GivenField;
use super::header::{LabelHeader, parse_list_item};
use super::label::{Label, LabelLine};
use super::value::FieldValue;

/// Returns whether the first of `lines` is a heading with the text `Title`.
pub fn starts_section_header(lines: &[TextLine]) -> bool {
    parse_section_heading(lines, 0)
        .is_some_and(|(section, _, _)| section == HeaderSection::Field(Label::Title))
}

/// Reads the header that starts at the first of `lines`.
pub fn read_section_header<'a>(lines: &[TextLine<'a>]) -> LabelHeader<'a> {
    let mut header = LabelHeader::default();
    let mut at = 0;
    while let Some((section, name, after)) = find_next_section(lines, at) {
        let HeaderSection::Field(label) = section else {
            header.length = after;
            break;
        };
        // A second title begins the header of the next reply.
        if label == Label::Title && !header.given.is_empty() {
            break;
        }
        let (value, end) = read_section_value(lines, after);
        let line = LabelLine {
            label,
            name: &name,
            value: "",
        };
        header
            .given
            .push(GivenField::new(&line, value, lines[after - 1].number));
        at = end;
        header.length = end;
    }
    header
}

/// What a heading of a section header begins.
#[derive(Debug, PartialEq, Eq)]
enum HeaderSection {
    Field(Label),
    Body,
}

/// Returns the next heading of the header at or after `at`, across blank lines and rules only.
fn find_next_section(lines: &[TextLine], at: usize) -> Option<(HeaderSection, String, usize)> {
    let block = iter_blocks(&lines[at..]).find(|block| block.kind != BlockKind::Rule)?;
    parse_section_heading(lines, at + block.lines.start)
}

/// Returns what the heading at `at` begins, its text, and the line after it.
fn parse_section_heading(lines: &[TextLine], at: usize) -> Option<(HeaderSection, String, usize)> {
    // The longest heading that counts is one line of text with its underline.
    let lines = &lines[at..lines.len().min(at + 2)];
    let block = iter_blocks(lines).next()?;
    if !block.is_heading() || block.lines.start != 0 {
        return None;
    }
    let text = block.plain(lines);
    if block.lines.len() == 2 && text.ends_with(':') {
        // This is a label without a value above a rule, not a setext heading.
        return None;
    }
    let name = text.strip_suffix([':', '：']).unwrap_or(&text).trim();
    let section = match name.to_lowercase().as_str() {
        "title" => HeaderSection::Field(Label::Title),
        "meta description" => HeaderSection::Field(Label::Description),
        "description" => HeaderSection::Field(Label::PlainDescription),
        "tags" => HeaderSection::Field(Label::Tags),
        "keywords" => HeaderSection::Field(Label::Keywords),
        "categories" | "category" => HeaderSection::Field(Label::Categories),
        "slug" => HeaderSection::Field(Label::Slug),
        "date" => HeaderSection::Field(Label::Date),
        "content" | "body" | "article" | "blog post" | "post content" => HeaderSection::Body,
        _ => return None,
    };
    Some((section, name.to_owned(), at + block.lines.end))
}

/// Returns the paragraph or list after a heading, and the line after it.
fn read_section_value(lines: &[TextLine], at: usize) -> (FieldValue, usize) {
    let nothing = (FieldValue::Text(String::new()), at);
    let Some(Block { kind, lines: range }) = iter_blocks(&lines[at..]).next() else {
        return nothing;
    };
    let block = &lines[at + range.start..at + range.end];
    let value = match kind {
        BlockKind::Paragraph => {
            let text: Vec<&str> = block.iter().map(|line| line.text.trim()).collect();
            FieldValue::Text(text.join(" "))
        }
        BlockKind::List => FieldValue::List(
            block
                .iter()
                .filter_map(parse_list_item)
                .map(Cow::into_owned)
                .collect(),
        ),
        _ => return nothing,
    };
    (value, at + range.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str], body: &str) {
        let lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        assert!(starts_section_header(&lines), "{text}");
        let header = read_section_header(&lines);
        let given: Vec<String> = header
            .given
            .iter()
            .map(|given| format!("{}={}", given.name, given.value.items().join("|")))
            .collect();
        assert_eq!(given, expected, "{text}");
        let rest: Vec<&str> = lines[header.length..]
            .iter()
            .map(|line| &*line.text)
            .collect();
        assert_eq!(rest.join("\n").trim(), body, "{text}");
    }

    #[test]
    fn each_heading_takes_the_paragraph_or_list_after_it() {
        check(
            "# Title:\na\n\n## Tags\n\n- b\n- c\n\n---\n\n## **Category**\nd\n\n## Content\n\ne\n\n## Tags\n\nf",
            &["Title=a", "Tags=b|c", "Category=d"],
            "e\n\n## Tags\n\nf",
        );
    }

    #[test]
    fn another_heading_belongs_to_the_body() {
        check("## Title\n\na\n\n## How\n\nb", &["Title=a"], "## How\n\nb");
    }

    #[test]
    fn text_after_a_value_is_the_body() {
        check(
            "## Title\n\na\n\nb\n\n## Tags\n\nc",
            &["Title=a"],
            "b\n\n## Tags\n\nc",
        );
    }

    #[test]
    fn an_underlined_title_counts() {
        check(
            "Title\n-----\n\na\n\nTags\n----\nb",
            &["Title=a", "Tags=b"],
            "",
        );
    }

    #[test]
    fn a_heading_without_a_value_is_empty() {
        check("## Title\n## Tags\n\na", &["Title=", "Tags=a"], "");
    }

    #[test]
    fn only_the_title_starts_one() {
        for text in ["## Tags\n\na", "## Title: a", "Title\n\na", "## The Title"] {
            let lines: Vec<TextLine> = text
                .split('\n')
                .map(|text| TextLine::new(text, 1))
                .collect();
            assert!(!starts_section_header(&lines), "{text}");
        }
    }
}
