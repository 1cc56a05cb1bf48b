//! Chooses the date of a post (R11.4 of the ingest contract).

use super::date_line::DateLine;
use super::fields::PostFields;
use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::label::Label;
use crate::post::date::{self, DateError};
use crate::post::stated_date::parse_stated_date;
use crate::post::{FieldSource, StatedDate, slug};

/// Chooses the date: the given one, then that of a date line, the container or the file name.
///
/// If a value is rejected, no other source is tried.
pub fn choose_date(
    fields: &PostFields,
    line: Option<DateLine>,
    container: Option<&str>,
    path: &str,
    findings: &mut Vec<Finding>,
) -> (Option<StatedDate>, FieldSource) {
    if let Some((_, origin)) = fields.get(Label::Date) {
        return (take_given_date(fields, Label::Date, findings), origin);
    }
    if let Some(line) = line {
        let date = line.statement.date;
        findings.extend(report_rejected_date(
            date,
            Label::Date,
            &line.text,
            Some(line.number),
        ));
        return (date.ok(), FieldSource::Body);
    }
    if let Some(text) = container {
        let date = parse_stated_date(text);
        if let Ok(stated) = date {
            let message = format!("the date was taken from the container: {}", stated.date);
            findings.push(Finding::in_file(Code::DateFromContainer, message));
        }
        findings.extend(report_rejected_date(date, Label::Date, text, None));
        return (date.ok(), FieldSource::Container);
    }
    // A name that is only a date has no `-` after it (R11.4).
    let name = slug::dated_name_of_post_file(path);
    let Some(date) = date::parse_date_prefix(name).filter(|_| name.len() > 10) else {
        return (None, FieldSource::None);
    };
    findings.push(Finding::in_file(
        Code::DateFromFileName,
        format!("the date was taken from the file name: {date}"),
    ));
    (Some(date.into()), FieldSource::FileName)
}

/// Returns the date of the last change that the author states, in a field or in a date line.
pub fn choose_updated(
    fields: &PostFields,
    line: Option<StatedDate>,
    findings: &mut Vec<Finding>,
) -> Option<StatedDate> {
    if fields.get(Label::Updated).is_none() {
        return line;
    }
    take_given_date(fields, Label::Updated, findings)
}

/// Returns the date from which on the post is no longer published, if the author states one.
pub fn choose_expires(fields: &PostFields, findings: &mut Vec<Finding>) -> Option<StatedDate> {
    take_given_date(fields, Label::Expires, findings)
}

/// Reads the date of a field, and reports one that is rejected.
fn take_given_date(
    fields: &PostFields,
    label: Label,
    findings: &mut Vec<Finding>,
) -> Option<StatedDate> {
    let (text, _, line) = fields.text(label)?;
    let date = parse_stated_date(&text);
    findings.extend(report_rejected_date(date, label, &text, Some(line)));
    date.ok()
}

fn report_rejected_date(
    date: Result<StatedDate, DateError>,
    label: Label,
    text: &str,
    line: Option<u32>,
) -> Option<Finding> {
    let (code, message) = match date.err()? {
        DateError::Invalid => (
            Code::InvalidDate,
            format!(
                "{} is not a date, so the post has no {}",
                quote_for_message(text),
                label.describe()
            ),
        ),
        DateError::Ambiguous => (
            Code::AmbiguousDate,
            format!(
                "{} can be read with the day or the month first, so the post has no {}",
                quote_for_message(text),
                label.describe()
            ),
        ),
    };
    let finding = Finding {
        line,
        ..Finding::in_file(code, message)
    };
    Some(finding.with_help("write the date as `2024-12-31`"))
}
