//! Chooses the date of a post (R11.4 of the ingest contract).

use std::ops::Range;

use pressrun_text::blocks::{Block, BlockKind, is_prose, iter_blocks};
use pressrun_text::line::TextLine;

use super::fields::PostFields;
use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::label::Label;
use crate::post::date::{self, DateError};
use crate::post::{Date, FieldSource, slug};

/// A date line: a heading or paragraph of the body that is only a date.
#[derive(Debug)]
pub struct DateLine {
    /// The range of its lines in the body.
    pub lines: Range<usize>,
    /// The date that it states.
    pub date: Result<Date, DateError>,
    /// Whether it states the date of a change.
    pub updated: bool,
    /// Its line in the file.
    pub number: u32,
    /// Its plain text.
    pub text: String,
}

/// Reads a plain text that is only a date, and whether it is the date of a change.
pub fn parse_date_line(plain: &str) -> Option<(Result<Date, DateError>, bool)> {
    const MOST: usize = 160;
    if plain.len() > MOST || !plain.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let lower = plain.to_lowercase();
    let mut text = lower.trim();
    let mut updated = false;
    for prefix in ["last updated", "posted", "published", "updated", "date"] {
        if let Some(rest) = text
            .strip_prefix(prefix)
            .filter(|rest| rest.starts_with([' ', ':']))
        {
            updated = prefix.ends_with("updated");
            let rest = rest.trim_start().trim_start_matches(':').trim_start();
            let rest = rest
                .strip_prefix("on")
                .filter(|rest| rest.starts_with([' ', ':']))
                .unwrap_or(rest);
            text = rest.trim_start().trim_start_matches(':').trim_start();
            break;
        }
    }
    // Drops the name of the author, as in `May 1, 2024 by Jane`.
    if let Some((before, _)) = text.split_once(" by ") {
        text = before.trim_end_matches([',', ' ']);
    }
    match date::parse_date(text) {
        // An ambiguous date is a date line too: it is reported, not taken for text.
        Err(DateError::Invalid) => None,
        read => Some((read, updated)),
    }
}

/// Returns the first block of the body if it is a date line.
pub fn find_leading_date_line(body: &[TextLine]) -> Option<DateLine> {
    let block = iter_blocks(body).next()?;
    if !block.is_heading() && !block.is_single_line_paragraph() {
        return None;
    }
    if !has_digit(&block, body) {
        return None;
    }
    let text = block.plain(body);
    let (date, updated) = parse_date_line(&text)?;
    Some(DateLine {
        number: body[block.lines.start].number,
        lines: block.lines,
        date,
        updated,
        text,
    })
}

/// Returns whether a block contains a digit, as every date does.
fn has_digit(block: &Block, body: &[TextLine]) -> bool {
    body[block.lines.clone()]
        .iter()
        .any(|line| line.text.bytes().any(|byte| byte.is_ascii_digit()))
}

/// Returns the date line among the first blocks of a body without its title.
pub fn find_date_line(body: &[TextLine]) -> Option<DateLine> {
    const BLOCKS: usize = 6;
    let mut after_paragraph = false;
    for block in iter_blocks(body).take(BLOCKS) {
        let may_be_date = match block.kind {
            BlockKind::Heading(_) => !after_paragraph,
            BlockKind::Paragraph => block.lines.len() == 1,
            // These may stand between title and date.
            BlockKind::Image | BlockKind::Rule | BlockKind::LinkDefinition => continue,
            BlockKind::Fence
            | BlockKind::List
            | BlockKind::Quote
            | BlockKind::Table
            | BlockKind::Html => return None,
        };
        let text = block.plain(body);
        if may_be_date
            && has_digit(&block, body)
            && let Some((date, updated)) = parse_date_line(&text)
        {
            return Some(DateLine {
                number: body[block.lines.start].number,
                lines: block.lines,
                date,
                updated,
                text,
            });
        }
        // The text has begun.
        if block.is_heading() || is_prose(&text) {
            return None;
        }
        after_paragraph = true;
    }
    None
}

/// Chooses the date: the given one, then that of a date line, the container or the file name.
///
/// If a value is rejected, no other source is tried.
pub fn choose_date(
    fields: &PostFields,
    line: Option<DateLine>,
    container: Option<&str>,
    path: &str,
    findings: &mut Vec<Finding>,
) -> (Option<Date>, FieldSource) {
    if let Some((given, origin)) = fields.get(Label::Date) {
        let text = given.value.text();
        return (
            report_and_take_date(date::parse_date(&text), &text, given.line, findings),
            origin,
        );
    }
    if let Some(line) = line {
        return (
            report_and_take_date(line.date, &line.text, line.number, findings),
            FieldSource::Body,
        );
    }
    if let Some(text) = container {
        let date = date::parse_date(text);
        if let Ok(date) = date {
            findings.push(Finding::in_file(
                Code::DateFromContainer,
                format!("the date was taken from the container: {date}"),
            ));
            return (Some(date), FieldSource::Container);
        }
        let finding = report_rejected_date(date, text, None);
        findings.extend(finding);
        return (None, FieldSource::Container);
    }
    // A stem that is only a date has no `-` after it (R11.4).
    let Some(date) =
        date::parse_date_prefix(slug::file_stem(path)).filter(|_| slug::file_stem(path).len() > 10)
    else {
        return (None, FieldSource::None);
    };
    findings.push(Finding::in_file(
        Code::DateFromFileName,
        format!("the date was taken from the file name: {date}"),
    ));
    (Some(date), FieldSource::FileName)
}

/// Returns the day of the last change that the author states, if it is a valid date.
pub fn choose_updated(fields: &PostFields, line: Option<&DateLine>) -> Option<Date> {
    match fields.text(Label::Updated) {
        Some((text, _, _)) => date::parse_date(&text).ok(),
        None => line?.date.ok(),
    }
}

fn report_and_take_date(
    date: Result<Date, DateError>,
    text: &str,
    line: u32,
    findings: &mut Vec<Finding>,
) -> Option<Date> {
    findings.extend(report_rejected_date(date, text, Some(line)));
    date.ok()
}

fn report_rejected_date(
    date: Result<Date, DateError>,
    text: &str,
    line: Option<u32>,
) -> Option<Finding> {
    let (code, message) = match date.err()? {
        DateError::Invalid => (
            Code::InvalidDate,
            format!(
                "{} is not a date, so the post has no date",
                quote_for_message(text)
            ),
        ),
        DateError::Ambiguous => (
            Code::AmbiguousDate,
            format!(
                "{} can be read with the day or the month first, so the post has no date",
                quote_for_message(text)
            ),
        ),
    };
    let finding = Finding {
        line,
        ..Finding::in_file(code, message)
    };
    Some(finding.with_help("write the date as `2024-12-31`"))
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::mark_fences;

    use super::*;

    #[track_caller]
    fn check_line(text: &str, expected: Option<&str>) {
        let read = parse_date_line(text)
            .map(|(date, _)| date.map_or("ambiguous".to_owned(), |date| date.to_string()));
        assert_eq!(read.as_deref(), expected, "{text}");
    }

    #[test]
    fn a_date_line_is_nothing_but_a_date() {
        for text in [
            "March 3, 2024",
            "Posted on March 3, 2024 by Ida",
            "Published: 2024-03-03",
            "Last updated on: 3 March 2024",
            "Date: 2024-03-03T10:00:00Z",
            "Updated 3.3.2024",
            "POSTED ON MARCH 3, 2024, by Ida B.",
            "Posted: March 3, 2024",
        ] {
            check_line(text, Some("2024-03-03"));
        }
        check_line("03/04/2024", Some("ambiguous"));
        for text in [
            "On March 3, 2024 it rained",
            "Posted yesterday",
            "March 32, 2024",
            "Dates: 2024-03-03",
            "2024",
            "Postedon March 3, 2024",
        ] {
            check_line(text, None);
        }
    }

    #[track_caller]
    fn check(text: &str, expected: Option<usize>) {
        let mut lines: Vec<TextLine> = text
            .split('\n')
            .map(|text| TextLine::new(text, 1))
            .collect();
        mark_fences(&mut lines);
        assert_eq!(
            find_date_line(&lines).map(|line| line.lines.start),
            expected,
            "{text}"
        );
    }

    #[test]
    fn it_stands_before_the_text() {
        check("A subtitle\n\nMarch 3, 2024\n\nText.", Some(2));
        check("![a](b)\n\n*March 3, 2024*\n\nText.", Some(2));
        check("###### March 3, 2024\n\nText.", Some(0));
        check("a\n\n###### March 3, 2024\n\nText.", None);
        check("Text.\n\nMarch 3, 2024", None);
        check("## Other\n\nMarch 3, 2024", None);
        check("- a\n\nMarch 3, 2024", None);
        check("```\na\n```\n\nMarch 3, 2024", None);
        check("March 3, 2024\nand more", None);
        check("a\n\nb\n\nc\n\nd\n\ne\n\nf\n\nMarch 3, 2024", None);
        check("a\n\nb\n\nc\n\nd\n\ne\n\nMarch 3, 2024", Some(10));
    }
}
