//! Reads headers whose labels are headings: `## Title`, `## Tags` (R6.5 of the ingest contract).

use std::ops::Range;

use pressrun_text::blocks::{BlockKind, iter_blocks};
use pressrun_text::line::TextLine;
use pressrun_text::words::count_words;

use super::given::GivenField;
use super::header::LabelHeader;
use super::label::{Label, strip_emoji};
use super::label_group::GroupLanguages;
use super::label_names::{LabelMeaning, find_exact_label_name, find_label_name};
use super::list_item::find_any_item_text;
use super::value::FieldValue;

/// Returns whether the first of `lines` is a heading with the text `Title`, or a name of the title
/// in another language.
pub fn starts_section_header(lines: &[TextLine]) -> bool {
    let Some(first) = lines.first() else {
        return false;
    };
    // Most lines that are asked about are text.
    first.text.trim_start().starts_with(['#', '<']) && parse_title_heading(lines).is_some()
        || lines.get(1).is_some_and(|line| is_underline(&line.text))
            && parse_title_heading(lines).is_some()
}

fn is_underline(line: &str) -> bool {
    line.trim_start().starts_with(['-', '='])
}

fn parse_title_heading(lines: &[TextLine]) -> Option<SectionHeading> {
    let heading = parse_section_heading(lines, 0)?;
    let exact = find_exact_label_name(&heading.name).is_some_and(|name| name.label == Label::Title)
        && !heading.remarked;
    let english = heading.meaning.languages.has_english();
    (exact && (!english || heading.name.eq_ignore_ascii_case("title"))).then_some(heading)
}

/// Reads the header that starts at the first of `lines`.
pub fn read_section_header<'a>(lines: &[TextLine<'a>]) -> LabelHeader<'a> {
    let mut header = LabelHeader::default();
    let mut languages = GroupLanguages::default();
    let mut at = 0;
    while let Some(heading) = find_next_section(lines, at) {
        let label = heading.meaning.label;
        let Some(after) = languages.admit(heading.meaning) else {
            break;
        };
        languages = after;
        if label == Label::Content {
            header.length = heading.lines.end;
            break;
        }
        // A second title begins the header of the next reply.
        let second = label == Label::Title && !header.given.is_empty();
        if second || !(label == Label::Title || may_be_section(label)) {
            break;
        }
        let (value, end) = read_section_value(lines, heading.lines.end);
        header.given.push(heading.into_field(lines, value));
        at = end;
        header.length = end;
    }
    header
}

/// Returns whether a section may give this field (R6.5).
pub fn may_be_section(label: Label) -> bool {
    label.is_leading() || matches!(label, Label::Slug | Label::Date)
}

/// A heading whose text is the name of a label.
#[derive(Debug)]
pub struct SectionHeading {
    /// What the name stands for.
    pub meaning: LabelMeaning,
    /// The name, without a remark and a colon.
    pub name: String,
    /// The lines of the heading.
    pub lines: Range<usize>,
    /// Whether a remark in parentheses follows the name.
    remarked: bool,
}

impl SectionHeading {
    /// Returns the field of the section.
    pub fn into_field(self, lines: &[TextLine], value: FieldValue) -> GivenField {
        GivenField {
            label: self.meaning.label,
            name: self.name,
            value,
            line: lines[self.lines.start].number,
        }
    }
}

/// Returns the next heading of the header at or after `at`, across blank lines and rules only.
fn find_next_section(lines: &[TextLine], at: usize) -> Option<SectionHeading> {
    let block = iter_blocks(&lines[at..]).find(|block| block.kind != BlockKind::Rule)?;
    parse_section_heading(lines, at + block.lines.start)
}

/// Reads the line at `at` as a heading that begins a section.
pub fn parse_section_heading(lines: &[TextLine], at: usize) -> Option<SectionHeading> {
    // The longest heading that counts is one line of text with its underline.
    let two = &lines[at..lines.len().min(at + 2)];
    let block = iter_blocks(two).next()?;
    if !block.is_heading() || block.lines.start != 0 {
        return None;
    }
    let text = block.plain(two);
    if block.lines.len() == 2 && text.ends_with(':') {
        // This is a label without a value above a rule, not a setext heading.
        return None;
    }
    let text = text.strip_suffix([':', '：']).unwrap_or(&text).trim_end();
    let name = strip_remark(text);
    let remarked = name.len() < text.len();
    let name = strip_emoji(name);
    Some(SectionHeading {
        meaning: find_label_name(name)?,
        name: name.to_owned(),
        lines: at..at + block.lines.end,
        remarked,
    })
}

/// Strips a remark in parentheses or brackets from the end of a heading.
fn strip_remark(text: &str) -> &str {
    let pairs = [
        ('(', ')'),
        ('[', ']'),
        ('（', '）'),
        ('［', '］'),
        ('【', '】'),
    ];
    let remark = pairs
        .iter()
        .find_map(|&(open, close)| text.ends_with(close).then(|| text.find(open))?);
    text[..remark.unwrap_or(text.len())]
        .trim_end()
        .trim_end_matches([':', '：'])
        .trim_end()
}

/// Returns the paragraph or list at or after `at`, and the line after it.
pub fn read_section_value(lines: &[TextLine], at: usize) -> (FieldValue, usize) {
    let mut items: Vec<String> = Vec::new();
    let mut end = at;
    // Blank lines may separate the items of one list.
    for block in iter_blocks(&lines[at..]) {
        let text = &lines[at + block.lines.start..at + block.lines.end];
        let is_item = || find_any_item_text(&text[0].text).is_some();
        match block.kind {
            BlockKind::List => add_items(text, &mut items),
            // Bullet characters become a list only in the body.
            BlockKind::Paragraph if is_item() => add_items(text, &mut items),
            BlockKind::Paragraph if items.is_empty() => {
                let text: Vec<&str> = text.iter().map(|line| line.text.trim()).collect();
                return (FieldValue::Text(text.join(" ")), at + block.lines.end);
            }
            _ => break,
        }
        end = at + block.lines.end;
    }
    if items.is_empty() {
        return (FieldValue::Text(String::new()), at);
    }
    (FieldValue::List(items), end)
}

/// Returns whether a value, written as `lines`, looks like that of a section rather than text below a
/// heading that has the name of a label by chance (R7.1).
pub fn is_value_of_section(label: Label, value: &FieldValue, lines: &[TextLine]) -> bool {
    const MAX_WORDS: usize = 5;
    match value {
        FieldValue::List(items) => {
            !label.is_list() || items.iter().all(|item| count_words(item) <= MAX_WORDS)
        }
        FieldValue::Text(text) => {
            let one_line = lines.iter().filter(|line| !line.is_blank()).count() == 1;
            let is_list = one_line && !text.ends_with(['.', '!', '?']);
            !text.is_empty() && (is_list || !label.is_list())
        }
        FieldValue::Languages(_) => false,
    }
}

/// Adds the items of a list, each of which may take several lines.
fn add_items(lines: &[TextLine], items: &mut Vec<String>) {
    for line in lines {
        match (find_any_item_text(&line.text), items.last_mut()) {
            (Some(start), _) => items.push(line.text[start..].trim().to_owned()),
            (None, Some(last)) => {
                last.push(' ');
                last.push_str(line.text.trim());
            }
            (None, None) => {}
        }
    }
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
    fn names_may_be_of_another_language() {
        check(
            "# Titel\n\na\n\n## Meta-Beschreibung (höchstens 155 Zeichen):\n\nb\n\n## Datum\n\n3.5.2026\n\n## Inhalt\n\nc",
            &["Titel=a", "Meta-Beschreibung=b", "Datum=3.5.2026"],
            "c",
        );
        check(
            "## 标题\n\n甲\n\n## Tytuł\n\nb",
            &["标题=甲"],
            "## Tytuł\n\nb",
        );
    }

    #[test]
    fn a_list_may_have_blank_lines_and_long_items() {
        check(
            "# Title\na\n\n## Tags\n\n- b\n  c\n\n- d\n\ne",
            &["Title=a", "Tags=b c|d"],
            "e",
        );
    }

    #[test]
    fn only_the_title_starts_one() {
        for text in [
            "## Tags\n\na",
            "## Title: a",
            "Title\n\na",
            "## The Title",
            "## Headline\n\na",
            "## Blog Title\n\na",
            "## Title (H1)\n\na",
            "## Beschreibung\n\na",
        ] {
            let lines: Vec<TextLine> = text
                .split('\n')
                .map(|text| TextLine::new(text, 1))
                .collect();
            assert!(!starts_section_header(&lines), "{text}");
        }
    }
}
