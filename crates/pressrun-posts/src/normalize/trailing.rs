//! Finds metadata at the end of a body: label lines, sections, hashtags and word counts (R7.1 of the
//! ingest contract).

use std::ops::Range;

use pressrun_text::blocks::{BlockKind, is_rule, iter_blocks};
use pressrun_text::line::{TextLine, trimmed_range};
use pressrun_text::sentences::is_closing;

use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::given::GivenField;
use crate::parse::label::{Label, LabelLine, parse_label_line};
use crate::parse::label_group::{
    GroupLanguages, LabelGroup, UnknownLabels, may_trail, parse_label_row, read_row_on_one_line,
};
use crate::parse::label_names::is_label_name;
use crate::parse::mid_sentence::find_block_start;
use crate::parse::section_header::{
    SectionHeading, is_value_of_section, parse_section_heading, read_section_value,
};
use crate::parse::value::{FieldValue, is_hashtag_line};

/// Removes one group of metadata from the end of a body, and the heading above it if nothing is left
/// below that.
///
/// Returns the fields from top to bottom, or nothing if there are none.
pub fn take_metadata(body: &mut Vec<TextLine>, findings: &mut Vec<Finding>) -> Vec<GivenField> {
    let Some(last) = find_last_text(body) else {
        return Vec::new();
    };
    let found = if let Some(field) = parse_lone_last_line(&body[last]) {
        Some((last, vec![field]))
    } else {
        find_label_group(&body[..=last]).or_else(|| find_sections(&body[..=last]))
    };
    let Some((start, given)) = found else {
        return Vec::new();
    };
    body.truncate(start);
    findings.extend(remove_empty_heading(body));
    given
}

/// Returns the last line that is neither blank nor a rule, unless it is code.
fn find_last_text(body: &[TextLine]) -> Option<usize> {
    let kept = trimmed_range(body, |line| !line.in_fence() && is_rule(&line.text));
    let last = kept.end.checked_sub(1)?;
    (!kept.is_empty() && !body[last].in_fence()).then_some(last)
}

/// The marks that may stand around a word count.
const MARKS: [char; 4] = ['*', '_', '~', ' '];

/// Reads a last line that is metadata by itself: hashtags, a word count or a reading time.
fn parse_lone_last_line(line: &TextLine) -> Option<GivenField> {
    let field = |label, name: &str, value: &str| GivenField {
        label,
        name: name.to_owned(),
        value: FieldValue::Text(value.to_owned()),
        line: line.number,
    };
    if is_hashtag_line(&line.text) {
        return Some(field(Label::Tags, "tags", line.text.trim()));
    }
    let text = line.text.trim().trim_matches(MARKS);
    let inner = text
        .strip_prefix(['(', '（'])
        .and_then(|text| text.strip_suffix([')', '）']));
    let text = inner.unwrap_or(text).trim_matches(MARKS);
    if let Some(label) = parse_label_line(text) {
        let counts = ["wordcount", "readingtime", "readtime"];
        let is_count = counts.iter().any(|name| is_label_name(label.name, name))
            && strip_count(label.value).is_some();
        return is_count.then(|| field(Label::Ignored, label.name, label.value));
    }
    let unit = strip_count(inner?.trim_matches(MARKS))?.trim();
    matches!(unit, "word" | "words").then(|| field(Label::Ignored, unit, text))
}

/// Strips a number from the start of a text: `612`, `~1,200`.
fn strip_count(text: &str) -> Option<&str> {
    let number = text.trim_start_matches(['~', '≈', '*', '_', ' ']);
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ',' | '.'));
    number
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(rest)
}

/// The maximum number of lines of a group, which bounds the work if a body has only such lines.
const MAX_GROUP: usize = 200;

/// Finds the group of label lines at the end of `lines`: where it starts, and its fields.
fn find_label_group(lines: &[TextLine]) -> Option<(usize, Vec<GivenField>)> {
    let mut top = lines.len();
    for (at, line) in lines.iter().enumerate().rev().take(MAX_GROUP) {
        if line.in_fence() {
            break;
        }
        if line.is_blank() || is_rule(&line.text) {
            continue;
        }
        if parse_label_row(&line.text, GroupLanguages::default()).is_none() {
            break;
        }
        top = at;
    }
    let mut start = top;
    while start < lines.len() {
        if begins_group(&lines[start]) {
            match read_group(lines, start) {
                Ok(given) => return Some((start, given)),
                // What does not fit here does not fit a shorter group either.
                Err(misfit) => start = misfit,
            }
        }
        start += 1;
    }
    None
}

/// Returns whether a line may be the first of a group: a label with a value that hardly any text
/// has.
fn begins_group(line: &TextLine) -> bool {
    parse_label_row(&line.text, GroupLanguages::default())
        .is_some_and(|row| row.known().any(|label| is_sign(label) || is_title(label)))
}

fn is_title(label: &LabelLine) -> bool {
    label.label == Label::Title && !label.value.is_empty()
}

/// Returns whether a label shows that a group is metadata.
fn is_sign(label: &LabelLine) -> bool {
    let field = label.label;
    let is_metadata =
        field.is_list() || matches!(field, Label::SeoTitle | Label::Description | Label::Slug);
    is_metadata && !label.value.is_empty()
}

/// Reads a group from line `start` to the end, or returns the line that does not belong to one.
fn read_group(lines: &[TextLine], start: usize) -> Result<Vec<GivenField>, usize> {
    let mut given = Vec::new();
    let mut group = LabelGroup::new(may_trail);
    let mut unknown = UnknownLabels::default();
    let mut signs = 0;
    let mut at = start;
    // The line after the last label.
    let mut below = start;
    while let Some(line) = lines.get(at) {
        if line.is_blank() || is_rule(&line.text) {
            at += 1;
            continue;
        }
        let row = parse_label_row(&line.text, group.languages).ok_or(at)?;
        let mut end = at + 1;
        if row.is_unknown() {
            end = unknown.find_end(lines, at, &group, at == below).ok_or(at)?;
        } else if group.accepts(&row) {
            group.add(&row);
            signs += row.known().filter(|label| is_sign(label)).count();
        } else {
            return Err(at);
        }
        for line in &lines[at..end] {
            given.extend(read_row_on_one_line(line, group.languages));
        }
        at = end;
        below = end;
    }
    if signs == 0 {
        return Err(start);
    }
    Ok(given)
}

/// The maximum number of lines of a section that are looked at, which bounds the work.
const MAX_SECTION: usize = 100;

/// Finds the sections at the end of `lines`: where they start, and their fields.
fn find_sections(lines: &[TextLine]) -> Option<(usize, Vec<GivenField>)> {
    let mut given = Vec::new();
    let mut end = lines.len();
    while let Some((start, field)) = find_last_section(&lines[..end]) {
        given.push(field);
        end = start;
    }
    given.reverse();
    (!given.is_empty()).then_some((end, given))
}

/// Returns where the last section of `lines` begins, and its field.
fn find_last_section(lines: &[TextLine]) -> Option<(usize, GivenField)> {
    let heading = find_last_heading(lines)?;
    let label = heading.meaning.label;
    let allowed =
        label.is_list() || matches!(label, Label::SeoTitle | Label::Description | Label::Slug);
    let after = heading.lines.end;
    let (value, end) = read_section_value(lines, after);
    let ends = lines[end..]
        .iter()
        .all(|line| line.is_blank() || is_rule(&line.text));
    let is_metadata = allowed && ends && is_value_of_section(label, &value, &lines[after..end]);
    is_metadata.then(|| (heading.lines.start, heading.into_field(lines, value)))
}

/// Returns the last heading of `lines`, if it is near their end and its text is a name.
fn find_last_heading(lines: &[TextLine]) -> Option<SectionHeading> {
    let text = (0..lines.len()).rev().filter(|&at| !lines[at].is_blank());
    for at in text.take(MAX_SECTION) {
        let line = &lines[at];
        if line.in_fence() {
            return None;
        }
        match line.text.trim_start().as_bytes().first() {
            Some(b'#' | b'<') => return parse_section_heading(lines, at),
            // The text of an underlined heading is above the line that shows it.
            Some(b'=' | b'-') => {
                let above = at.checked_sub(1).filter(|&at| !lines[at].in_fence());
                let heading = above.and_then(|at| parse_section_heading(lines, at));
                if heading
                    .as_ref()
                    .is_some_and(|heading| heading.lines.end == at + 1)
                {
                    return heading;
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns the range of the lines of a body without the rules and blank lines at both ends.
///
/// Dashes directly below a line make it a heading if it can be a title; below a sentence they are a
/// rule.
pub fn find_text_range(body: &[TextLine]) -> Range<usize> {
    let mut kept = trimmed_range(body, |line| !line.in_fence() && is_rule(&line.text));
    if let Some(last) = kept.end.checked_sub(1)
        && let Some(underline) = body.get(kept.end).filter(|line| !line.is_blank())
        && is_underlined_title(&body[last].text, &underline.text)
    {
        kept.end += 1;
    }
    kept
}

fn is_underlined_title(text: &str, underline: &str) -> bool {
    let ends_sentence = text
        .trim_end_matches(|c| is_closing(c) || matches!(c, '*' | '_' | ' '))
        .ends_with(['.', '!', '?', '…']);
    underline.trim().bytes().all(|byte| byte == b'-')
        && !ends_sentence
        && iter_blocks(&[TextLine::new(text, 1)])
            .next()
            .is_some_and(|block| block.kind == BlockKind::Paragraph)
}

/// Removes the last heading if nothing is left under it, unless it is the first block.
fn remove_empty_heading(body: &mut Vec<TextLine>) -> Option<Finding> {
    let kept = find_text_range(body);
    let last = kept.end.checked_sub(1)?;
    let start = find_block_start(body, last).max(kept.start);
    let heading = iter_blocks(&body[start..kept.end]).last()?;
    // An underline below several lines is more often a mistake.
    let at = start + heading.lines.start;
    if !heading.is_heading() || heading.lines.len() > 2 || at == kept.start {
        return None;
    }
    let message = format!(
        "the heading of the fields at the end was removed: {}",
        quote_for_message(&body[at].text)
    );
    let finding = Finding::new(Code::MetadataAtEnd, body[at].number, message);
    body.truncate(at);
    Some(finding)
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::{join_lines, number_and_fence_lines as lines};

    use super::*;

    /// Checks what is left of a text, and the fields taken from its end as `name=value`.
    #[track_caller]
    fn check(text: &str, left: &str, fields: &[&str]) {
        let mut body = lines(text);
        let given: Vec<String> = take_metadata(&mut body, &mut Vec::new())
            .iter()
            .map(|given| format!("{}={}", given.name, given.value.items().join("|")))
            .collect();
        assert_eq!(
            (
                join_lines(&body).trim_end(),
                given.iter().map(String::as_str).collect()
            ),
            (left, fields.to_vec()),
            "{text}"
        );
    }

    #[test]
    fn a_group_begins_with_a_label_that_only_metadata_has() {
        check(
            "a.\n\nAuthor: b\nTags: c\nAuthor: d\nDate: e\nLanguage: f\n",
            "a.\n\nAuthor: b",
            &["Tags=c", "Author=d", "Date=e", "Language=f"],
        );
        check("a.\n\nAuthor: b\nDate: c", "a.\n\nAuthor: b\nDate: c", &[]);
        check("a.\n\nTitle: b\nSlug: c", "a.", &["Title=b", "Slug=c"]);
        check(
            "a.\n\nTitle: b\nAuthor: c",
            "a.\n\nTitle: b\nAuthor: c",
            &[],
        );
        check(
            "a.\n\nTags: b\nSubtitle: c",
            "a.\n\nTags: b\nSubtitle: c",
            &[],
        );
    }

    #[test]
    fn a_group_may_have_unknown_labels_and_rules() {
        check(
            "a.\n\n**Slug:** b\n**Reader:** c\n\n---\n**Tags:** d\n**Mood:** calm",
            "a.",
            &["Slug=b", "Reader=c", "Tags=d", "Mood=calm"],
        );
        check(
            "a.\n\nTags: b\nMood: calm.",
            "a.\n\nTags: b\nMood: calm.",
            &[],
        );
        check(
            "a.\n\nTags: b\n\nMood: calm",
            "a.\n\nTags: b\n\nMood: calm",
            &[],
        );
    }

    #[test]
    fn a_group_has_the_names_of_one_language() {
        check(
            "a.\n\nMeta-Beschreibung: b\nSchlagwörter: c\nURL Slug: d",
            "a.",
            &["Meta-Beschreibung=b", "Schlagwörter=c", "URL Slug=d"],
        );
        check("a.\n\nBeschreibung: b", "a.\n\nBeschreibung: b", &[]);
        check("a.\n\n元描述：b\n标签：c", "a.", &["元描述=b", "标签=c"]);
    }

    #[test]
    fn several_labels_may_share_a_line() {
        check(
            "a.\n\n*Category: b | Tags: c, d*",
            "a.",
            &["Category=b", "Tags=c|d"],
        );
        check("a.\n\nMeta Title: b | c", "a.", &["Meta Title=b|c"]);
    }

    #[test]
    fn counts_and_hashtags_are_metadata_by_themselves() {
        for line in [
            "Word count: 612",
            "*(Word count: ~1,200)*",
            "**Reading time:** 3 minutes",
            "_Read time: 3 min_",
        ] {
            let text = format!("a.\n\n{line}");
            let mut body = lines(&text);
            assert_eq!(
                take_metadata(&mut body, &mut Vec::new())[0].label,
                Label::Ignored,
                "{line}"
            );
        }
        check("a.\n\n(612 words)", "a.", &["words=612 words"]);
        for text in [
            "a.\n\n612 words",
            "a.\n\nWord count: none",
            "a.\n\n(612 birds)",
            "a.\n\nURL: 3",
        ] {
            check(text, text, &[]);
        }
    }

    #[test]
    fn sections_at_the_end_are_metadata_if_they_look_like_it() {
        check(
            "a.\n\n## Meta Title (60)\n\nb c.\n\n---\n\n### Tags\n- d\n- e\n\n---",
            "a.",
            &["Meta Title=b c", "Tags=d|e"],
        );
        for text in [
            "a.\n\n## Tags\n\nWe wear them.",
            "a.\n\n## Tags\n\nb,\nc",
            "a.\n\n## Tags\n\n- one two three four five six",
            "a.\n\n## Tags\n\nb\n\nc",
            "a.\n\n## Description\n\nb",
            "a.\n\n## Tags",
            "a.\n\n## Tags\n\n```\nb\n```",
        ] {
            check(text, text, &[]);
        }
    }

    #[test]
    fn a_heading_with_nothing_left_under_it_goes() {
        check("a.\n\n## SEO\n\n---\n\nTags: b", "a.", &["Tags=b"]);
        check(
            "a.\n\n## SEO\n\nb.\n\nTags: c",
            "a.\n\n## SEO\n\nb.",
            &["Tags=c"],
        );
        check("# SEO\n\nTags: b", "# SEO", &["Tags=b"]);
        for heading in ["SEO\n===", "SEO\n---", "<h2>SEO</h2>"] {
            check(&format!("a.\n\n{heading}\n\nTags: b"), "a.", &["Tags=b"]);
        }
        check("SEO\n---\n\nTags: b", "SEO\n---", &["Tags=b"]);
        check("a.\n\nb.\n---\nTags: c", "a.\n\nb.\n---", &["Tags=c"]);
    }

    #[test]
    fn bodies_of_labels_take_linear_time() {
        let text = "Feel free: to ask\n".repeat(20_000) + "Tags: a";
        check(
            &text,
            text.trim_end().trim_end_matches("\nTags: a"),
            &["Tags=a"],
        );
    }
}
