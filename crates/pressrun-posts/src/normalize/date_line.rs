//! Finds date lines: headings and lines of the body that are only a date, perhaps with the name of
//! the author and the time it takes to read the post (R11.4 of the ingest contract).
//!
//! Not here: the forms of dates (`post::stated_date`), and which date a post gets (`date`).

use std::ops::Range;

use pressrun_text::blocks::{Block, BlockKind, is_prose, iter_blocks};
use pressrun_text::characters::is_digit;
use pressrun_text::line::TextLine;

use crate::parse::byline::strip_by_phrase;
use crate::parse::given::GivenField;
use crate::parse::label::Label;
use crate::parse::label_names::find_label_name;
use crate::parse::value::FieldValue;
use crate::post::StatedDate;
use crate::post::date::DateError;
use crate::post::stated_date::parse_stated_date;

/// A date line of the body.
#[derive(Debug)]
pub struct DateLine {
    /// The range of its lines in the body.
    pub lines: Range<usize>,
    /// Its line in the file.
    pub number: u32,
    /// Its plain text.
    pub text: String,
    /// What it states.
    pub statement: DateStatement,
}

/// What a date line states.
#[derive(Debug)]
pub struct DateStatement {
    /// The date.
    pub date: Result<StatedDate, DateError>,
    /// Whether `date` is the date of a change.
    pub is_update: bool,
    /// The date of a change, if there is one besides `date`.
    pub updated: Option<Result<StatedDate, DateError>>,
    /// The name of the author.
    pub author: Option<String>,
}

/// What stands between the pieces of a date line.
const PIECE_SEPARATORS: [char; 4] = ['|', '·', '•', '—'];

/// Reads a plain text that is only a date line.
pub fn parse_date_line(plain: &str) -> Option<DateStatement> {
    /// The maximum length in bytes, longer than two dates and a name.
    const MOST: usize = 300;
    if plain.len() > MOST || !plain.contains(is_digit) {
        return None;
    }
    let pieces = plain.split(PIECE_SEPARATORS).map(str::trim);
    let mut pieces = pieces.filter(|piece| !piece.is_empty());
    let (first, second) = (pieces.next()?, pieces.next());
    let Some(second) = second else {
        return parse_dated_text(first);
    };
    let mut dates: Vec<DateStatement> = Vec::new();
    let mut author = None;
    for piece in [first, second].into_iter().chain(pieces) {
        if let Some(name) = parse_byline(piece) {
            author.get_or_insert(name);
        } else if !is_reading_time(piece) {
            dates.push(parse_dated_text(piece)?);
        }
    }
    let update = dates.iter().position(|date| date.is_update);
    let second = match (dates.len(), update) {
        (1, _) => None,
        (2, Some(at)) => Some(dates.remove(at).date),
        // Nothing distinguishes the two, so the first is the date.
        (2, None) => dates.pop().and(None),
        _ => return None,
    };
    let date = dates.pop()?;
    Some(DateStatement {
        updated: second,
        author: author.or(date.author.clone()),
        ..date
    })
}

/// Splits the field of a label line that is a date line, or whose value is one, into the date and
/// what else it states: `Published: June 15, 2025 | By Ada Example`, `作者：张三 | 2025年6月15日`.
pub fn split_date_field(given: GivenField) -> Vec<GivenField> {
    let text = given.value.text();
    let whole_line = || parse_date_line(&format!("{}: {text}", given.name));
    let (statement, label) = match given.label {
        Label::Date | Label::Updated if parse_stated_date(&text).is_err() => {
            (whole_line().or_else(|| parse_date_line(&text)), given.label)
        }
        // A date line may begin with `Author: …` or `Reading time: …`.
        Label::Authors | Label::Ignored if text.contains(PIECE_SEPARATORS) => {
            (whole_line(), Label::Date)
        }
        _ => return vec![given],
    };
    let Some(statement) = statement else {
        return vec![given];
    };
    let Ok(date) = statement.date else {
        return vec![given];
    };
    let field = |label, text: String| GivenField {
        label,
        value: FieldValue::List(vec![text]),
        ..given.clone()
    };
    let updated = statement.updated.and_then(Result::ok);
    // Of two dates, the one that says so is that of the change, whichever comes first.
    let label = if updated.is_some() {
        Label::Date
    } else {
        label
    };
    let mut fields = vec![field(label, date.to_string())];
    fields.extend(statement.author.map(|name| field(Label::Authors, name)));
    fields.extend(updated.map(|date| field(Label::Updated, date.to_string())));
    fields
}

/// Reads a date with words before it (`Posted on`) and the name of the author after it.
fn parse_dated_text(text: &str) -> Option<DateStatement> {
    let statement = |date, is_update, author| DateStatement {
        date,
        is_update,
        updated: None,
        author,
    };
    for (text, is_update) in strip_date_labels(text) {
        // An ambiguous date is a date line too: it is reported, not taken for text.
        let date = parse_stated_date(text);
        if date != Err(DateError::Invalid) {
            return Some(statement(date, is_update, None));
        }
        // A date has a digit.
        let Some(first) = text.find(is_digit) else {
            continue;
        };
        let mut starts = text.match_indices(' ').map(|(at, _)| at);
        let signed = starts.find_map(|at| {
            if at < first {
                return None;
            }
            // In prose there are many spaces and hardly ever such a phrase.
            let name = strip_by_phrase(&text[at..])?;
            let date = parse_stated_date(text[..at].trim_end_matches([',', ' ']));
            (date != Err(DateError::Invalid)).then_some((date, name))
        });
        if let Some((date, name)) = signed {
            let author = Some(name.to_owned()).filter(|name| is_name(name));
            return Some(statement(date, is_update, author));
        }
    }
    None
}

/// The maximum number of words of a name, of a label before a date as well as of an author.
const MAX_NAME_WORDS: usize = 5;

fn is_name(text: &str) -> bool {
    (1..=MAX_NAME_WORDS).contains(&text.split_whitespace().count())
}

/// Reads `By` and a name.
fn parse_byline(text: &str) -> Option<String> {
    strip_by_phrase(text)
        .filter(|name| is_name(name) && !name.contains(is_digit))
        .map(str::to_owned)
}

/// Returns whether a text says how long the post is.
fn is_reading_time(text: &str) -> bool {
    let text = text.to_lowercase();
    if text.starts_with("reading time:") || text.starts_with("read time:") {
        return true;
    }
    let number = text.trim_start_matches(['~', '≈', ' ']);
    let unit =
        number.trim_start_matches(|c: char| is_digit(c) || matches!(c, ',' | '.' | '–' | '+'));
    let unit = unit.trim_start_matches(['-', ' ', '\u{a0}']);
    let has_number = number.starts_with(is_digit);
    let minutes = ["min", "mins", "minute", "minutes", "min.", "words"];
    has_number && minutes.contains(&unit.trim_end_matches(" read"))
}

/// Returns the text itself, and without each label before it that names a date, with whether that
/// is the date of a change.
fn strip_date_labels(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let colon = text.find([':', '：']);
    let spaces = text
        .match_indices(' ')
        .map(|(at, _)| at)
        .take(MAX_NAME_WORDS);
    // The longest name is tried first: `published on` before `published`.
    let mut ends: Vec<usize> = spaces.chain(colon).collect();
    ends.sort_unstable_by(|a, b| b.cmp(a));
    let labelled = ends.into_iter().filter_map(move |end| {
        let name = text[..end].trim_end_matches([':', '：']);
        let name = match name.rsplit_once(' ') {
            Some((name, on)) if on.eq_ignore_ascii_case("on") => name,
            _ => name,
        };
        let is_update = names_update(name)?;
        let rest = text[end..].trim_start_matches([':', '：', ' ', '\u{a0}', '\u{202f}']);
        let on = rest.get(..3).filter(|on| on.eq_ignore_ascii_case("on "));
        Some((on.map_or(rest, |on| &rest[on.len()..]), is_update))
    });
    std::iter::once((text, false)).chain(labelled)
}

/// Returns whether a label before a date makes it the date of a change, or `None` if it names no
/// date.
fn names_update(label: &str) -> Option<bool> {
    if label.eq_ignore_ascii_case("posted") {
        return Some(false);
    }
    match find_label_name(label)?.label {
        Label::Date => Some(false),
        Label::Updated => Some(true),
        _ => None,
    }
}

/// Returns the first block of the body if it is a date line.
pub fn find_leading_date_line(body: &[TextLine]) -> Option<DateLine> {
    let block = iter_blocks(body).next()?;
    let may_be_date = block.is_heading() || block.is_single_line_paragraph();
    may_be_date.then(|| read_date_line(block, body))?
}

/// Reads a block as a date line.
fn read_date_line(block: Block, body: &[TextLine]) -> Option<DateLine> {
    // Nearly all blocks fail this test.
    let has_digit = body[block.lines.clone()]
        .iter()
        .any(|line| line.text.contains(is_digit));
    let text = has_digit.then(|| block.plain(body))?;
    let statement = parse_date_line(&text)?;
    Some(DateLine {
        number: body[block.lines.start].number,
        lines: block.lines,
        text,
        statement,
    })
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
        if may_be_date && let Some(line) = read_date_line(block.clone(), body) {
            return Some(line);
        }
        // The text has begun.
        if block.is_heading() || is_prose(&block.plain(body)) {
            return None;
        }
        after_paragraph = true;
    }
    None
}

#[cfg(test)]
mod tests {
    use pressrun_text::line::mark_fences;

    use super::*;

    /// Checks what a date line states: its date, and the author and date of change if it has them.
    #[track_caller]
    fn check_line(text: &str, expected: Option<&str>) {
        let day = |date: Result<StatedDate, DateError>| {
            date.map_or("ambiguous".to_owned(), |stated| stated.date.to_string())
        };
        let read = parse_date_line(text).map(|line| {
            let mut parts = vec![day(line.date)];
            parts.extend(line.author.map(|name| format!("by {name}")));
            parts.extend(line.updated.map(|date| format!("updated {}", day(date))));
            parts.join(" ")
        });
        assert_eq!(read.as_deref(), expected, "{text}");
    }

    #[test]
    fn a_date_line_is_nothing_but_a_date() {
        for text in [
            "March 3, 2024",
            "Published: 2024-03-03",
            "Last updated on: 3 March 2024",
            "Date: 2024-03-03T10:00:00Z",
            "Updated 3.3.2024",
            "Posted: March 3, 2024",
            "Posted March 3, 2024",
            "Posted: on March 3, 2024",
            "Publication Date: March 3, 2024, 9:05 PM",
            "Veröffentlicht am 3. März 2024",
            "Veröffentlicht am: 3. März 2024",
            "Fecha de publicación: 3 de marzo de 2024",
            "公開日：2024年3月3日",
            "٣ مارس ٢٠٢٤",
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
            "Tags: 2024-03-03",
        ] {
            check_line(text, None);
        }
    }

    #[test]
    fn a_name_after_the_date_is_the_author() {
        check_line("Posted on March 3, 2024 by Ida", Some("2024-03-03 by Ida"));
        check_line(
            "POSTED ON MARCH 3, 2024, by Ida B.",
            Some("2024-03-03 by Ida B."),
        );
        check_line(
            "3. März 2024 von Ida Muster",
            Some("2024-03-03 by Ida Muster"),
        );
        check_line("March 3, 2024, written by Ida", Some("2024-03-03 by Ida"));
        check_line(
            "March 3, 2024 by all of us who were there",
            Some("2024-03-03"),
        );
    }

    #[test]
    fn pieces_are_dates_names_and_lengths() {
        check_line(
            "Published: June 15, 2025 | By Ada Example | 6 min read",
            Some("2025-06-15 by Ada Example"),
        );
        check_line("6-minute read · 15 June 2025", Some("2025-06-15"));
        check_line(
            "June 15, 2025 — Reading time: about an hour",
            Some("2025-06-15"),
        );
        check_line(
            "June 15, 2025 • 1,200 words • 5 minutes",
            Some("2025-06-15"),
        );
        check_line(
            "Updated: June 20, 2025 | Published: June 15, 2025",
            Some("2025-06-15 updated 2025-06-20"),
        );
        check_line("Von Ada | 15. Juni 2025", Some("2025-06-15 by Ada"));
        check_line("作者：张三 | 2025年6月15日", Some("2025-06-15 by 张三"));
        for text in [
            "June 15, 2025 | Harbours",
            "By Ada Example | 6 min read",
            "June 15, 2025 | By a very long list of names",
            "June 15, 2025 | June 16, 2025 | June 17, 2025",
        ] {
            check_line(text, None);
        }
    }

    #[test]
    fn value_of_a_label_may_be_a_date_line() {
        let split = |text: &str| -> Vec<(Label, String)> {
            let given = GivenField {
                label: Label::Date,
                name: "Published".to_owned(),
                value: FieldValue::Text(text.to_owned()),
                line: 1,
            };
            let fields = split_date_field(given).into_iter();
            fields
                .map(|given| (given.label, given.value.text()))
                .collect()
        };
        let date = |text: &str| (Label::Date, text.to_owned());
        assert_eq!(
            split("June 15, 2025 9:05 AM | By Ada | 6 min read | Updated June 16, 2025"),
            [
                date("2025-06-15T09:05:00"),
                (Label::Authors, "Ada".to_owned()),
                (Label::Updated, "2025-06-16".to_owned()),
            ]
        );
        assert_eq!(split("June 15, 2025"), [date("June 15, 2025")]);
        assert_eq!(
            split("June 15, 2025 | soon"),
            [date("June 15, 2025 | soon")]
        );
    }

    #[test]
    fn any_label_may_begin_a_date_line() {
        use Label::{Authors, Date, Ignored, Updated};
        for (label, name, value, expected) in [
            (Authors, "作者", "张三 | 2024年3月3日", &[Date, Authors][..]),
            (Authors, "Автор", "Ида | 3 марта 2024 г.", &[Date, Authors]),
            (Authors, "Author", "Ida | Otto", &[Authors]),
            (Ignored, "Reading time", "5 minutes | 3 March 2024", &[Date]),
            (Ignored, "Reading time", "5 minutes", &[Ignored]),
            (
                Updated,
                "Updated",
                "4.4.2024 · Posted: 3.3.2024",
                &[Date, Updated],
            ),
            (Updated, "Updated", "4.4.2024 · By Ida", &[Updated, Authors]),
        ] {
            let given = GivenField {
                label,
                name: name.to_owned(),
                value: FieldValue::Text(value.to_owned()),
                line: 1,
            };
            let fields = split_date_field(given).into_iter();
            let labels: Vec<Label> = fields.map(|given| given.label).collect();
            assert_eq!(labels, expected, "{value}");
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
