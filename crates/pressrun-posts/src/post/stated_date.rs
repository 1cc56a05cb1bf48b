//! Reads dates with times and zones, as people and programs write them (R11.4 of the ingest
//! contract).
//!
//! Months and days of the week are those of [`phrases::languages`]. Nothing is converted: the day,
//! the time and the zone are those of the text.
//!
//! Not here: where in a reply to look for a date (`normalize::date`).

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use pressrun_text::characters::{digit_value, is_letter, is_mark};

use super::date::{Date, DateError, TimeOfDay, ZoneOffset};
use crate::phrases::{self, LanguagePhrases, fold_phrase_text};

/// A date as a text states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StatedDate {
    /// The day.
    pub date: Date,
    /// The time of day, if it is stated.
    pub time: Option<TimeOfDay>,
    /// The zone of the time, if it is stated as a distance from UTC.
    pub zone: Option<ZoneOffset>,
}

impl From<Date> for StatedDate {
    fn from(date: Date) -> Self {
        Self {
            date,
            time: None,
            zone: None,
        }
    }
}

impl fmt::Display for StatedDate {
    /// Writes `2024-05-01`, or `2024-05-01T09:30:00+02:00` if time and zone are stated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        if let Some(time) = self.time {
            write!(f, "T{time}:00")?;
            if let Some(zone) = self.zone {
                write!(f, "{zone}")?;
            }
        }
        Ok(())
    }
}

/// Reads a date in one of the accepted forms, optionally followed by a time and a zone.
///
/// The forms are `2023-08-02` (also with `/` or `.`), `August 2, 2023`, `2 August 2023` (in the
/// languages that are known), `2023年8月2日`, `2.8.2023`, and `25/12/2023` if only one order of day
/// and month is possible. A day of the week may stand before each of them.
pub fn parse_stated_date(text: &str) -> Result<StatedDate, DateError> {
    let folded = fold_date_text(text).ok_or(DateError::Invalid)?;
    let (rest, languages) = strip_weekday(&folded);
    let (date, rest) = parse_numeric_day(rest)
        .or_else(|| parse_cjk_day(rest))
        .or_else(|| parse_written_day(rest, languages))
        .ok_or(DateError::Invalid)?;
    let (time, zone) = parse_clock(rest).ok_or(DateError::Invalid)?;
    Ok(StatedDate {
        date: date?,
        time,
        zone,
    })
}

/// Reads a date in one of the accepted forms, and drops its time.
pub fn parse_date(text: &str) -> Result<Date, DateError> {
    parse_stated_date(text).map(|stated| stated.date)
}

/// The maximum length in bytes, longer than any date with weekday, month, time and zone.
const MAX_BYTES: usize = 200;

/// Folds a text as phrases are folded, with ASCII digits and without marks of direction.
fn fold_date_text(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > MAX_BYTES {
        return None;
    }
    let is_direction = |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{61C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let ascii = |c: char| match digit_value(c) {
        Some(value) => char::from(b'0' + value),
        None => c,
    };
    let plain: String = text
        .chars()
        .filter(|&c| !is_direction(c))
        .map(ascii)
        .collect();
    Some(fold_phrase_text(&plain))
}

/// A set of languages has one bit for each, in the order of [`phrases::languages`].
const ALL_LANGUAGES: u32 = u32::MAX;

/// Names of months or weekdays with a number and the set of their languages, the longest first.
type DateNames = Vec<(String, i8, u32)>;

fn collect_names(
    forms: impl Fn(&'static LanguagePhrases) -> Vec<(i8, &'static String)>,
) -> DateNames {
    let mut names = DateNames::new();
    for (at, language) in phrases::languages().iter().enumerate() {
        for (number, form) in forms(language) {
            let form = fold_phrase_text(form);
            match names
                .iter_mut()
                .find(|(known, of, _)| *known == form && *of == number)
            {
                Some((_, _, languages)) => *languages |= 1 << at,
                None => names.push((form, number, 1 << at)),
            }
        }
    }
    names.sort_by_key(|(form, ..)| std::cmp::Reverse(form.len()));
    names
}

fn month_names() -> &'static DateNames {
    static MONTHS: LazyLock<DateNames> = LazyLock::new(|| {
        collect_names(|language| {
            let months = (1..).zip(&language.months);
            months
                .flat_map(|(number, forms)| forms.iter().map(move |form| (number, form)))
                .collect()
        })
    });
    &MONTHS
}

fn weekday_names() -> &'static DateNames {
    static WEEKDAYS: LazyLock<DateNames> = LazyLock::new(|| {
        collect_names(|language| language.weekdays.iter().map(|form| (0, form)).collect())
    });
    &WEEKDAYS
}

/// Returns the longest of the names at the start of `text` that is a whole word in one of the
/// languages, with its number, its languages and the rest of the text. A period may follow it.
fn strip_name<'t>(text: &'t str, names: &DateNames, allowed: u32) -> Option<(i8, u32, &'t str)> {
    let first = text.as_bytes().first();
    // Nearly all names differ in the first byte.
    let mut names = names
        .iter()
        .filter(|(form, ..)| form.as_bytes().first() == first);
    names.find_map(|(form, number, languages)| {
        let languages = languages & allowed;
        let rest = text.strip_prefix(form.as_str())?;
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        let is_whole = !rest.starts_with(|c| is_letter(c) || is_mark(c));
        (languages != 0 && is_whole).then_some((*number, languages, rest))
    })
}

/// Strips a day of the week, and returns the languages that have it, or all if there is none.
fn strip_weekday(text: &str) -> (&str, u32) {
    match strip_name(text, weekday_names(), ALL_LANGUAGES) {
        Some((_, languages, rest)) if !rest.is_empty() => (skip_separator(rest), languages),
        _ => (text, ALL_LANGUAGES),
    }
}

/// Skips what may stand between the parts of a date: spaces, commas, `de`, `of`, `г.`.
fn skip_separator(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let next = rest
            .strip_prefix([',', '،', '，'])
            .or_else(|| rest.strip_prefix("de "))
            .or_else(|| rest.strip_prefix("of "))
            .or_else(|| rest.strip_prefix("г."));
        match next {
            Some(next) => rest = next.trim_start(),
            None => return rest,
        }
    }
}

/// Splits off the ASCII digits at the start of `text`.
fn split_digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(end)
}

fn make_date(year: &str, month: &str, day: &str) -> Result<Date, DateError> {
    let number = |text: &str| text.parse::<i8>().map_err(|_| DateError::Invalid);
    let year: i16 = year.parse().map_err(|_| DateError::Invalid)?;
    Date::new(year, number(month)?, number(day)?).map_err(|_| DateError::Invalid)
}

/// A day that was read, or why it cannot be read, and the rest of the text.
type ReadDay<'t> = (Result<Date, DateError>, &'t str);

/// Reads three numbers with the same separator: `2023-08-02`, `2.8.2023`, `25/12/2023`.
fn parse_numeric_day(text: &str) -> Option<ReadDay<'_>> {
    let (first, rest) = split_digits(text);
    let separator = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (second, rest) = split_digits(&rest[1..]);
    let (third, rest) = split_digits(rest.strip_prefix(separator)?);
    let is_short = |text: &str| matches!(text.len(), 1 | 2);
    let date = match (first.len(), third.len()) {
        (4, 1 | 2) if is_short(second) => make_date(first, second, third),
        // Dots are used where the day comes first; slashes and hyphens are ambiguous.
        (1 | 2, 4) if is_short(second) && separator == '.' => make_date(third, second, first),
        (1 | 2, 4) if is_short(second) => parse_either_order(first, second, third),
        _ => Err(DateError::Invalid),
    };
    Some((date, rest))
}

/// Reads day and month in the only order that gives a valid date.
fn parse_either_order(first: &str, second: &str, year: &str) -> Result<Date, DateError> {
    let day_first = make_date(year, second, first);
    let month_first = make_date(year, first, second);
    match (day_first, month_first) {
        // `05/05/2024` is the same day in either order.
        (Ok(a), Ok(b)) if a != b => Err(DateError::Ambiguous),
        (Ok(date), _) | (_, Ok(date)) => Ok(date),
        _ => Err(DateError::Invalid),
    }
}

/// Reads `2023年8月2日` or `2023년 8월 2일`.
fn parse_cjk_day(text: &str) -> Option<ReadDay<'_>> {
    let read = |[year, month, day]: [char; 3]| {
        let part = |text, sign: char| {
            let (number, rest) = split_digits(text);
            Some((number, rest.trim_start().strip_prefix(sign)?.trim_start()))
        };
        let (years, rest) = part(text, year)?;
        let (months, rest) = part(rest, month)?;
        let (days, rest) = split_digits(rest);
        // Only here white space after the sign matters: a time may follow it.
        let rest = rest.trim_start().strip_prefix(day)?;
        let date = match (years.len(), months.len(), days.len()) {
            (4, 1 | 2, 1 | 2) => make_date(years, months, days),
            _ => Err(DateError::Invalid),
        };
        Some((date, rest))
    };
    read(['年', '月', '日']).or_else(|| read(['년', '월', '일']))
}

/// Reads a date with the name of its month, in one of the languages.
fn parse_written_day(text: &str, languages: u32) -> Option<ReadDay<'_>> {
    let month_first = || {
        let (month, _, rest) = strip_name(text, month_names(), languages)?;
        let (day, rest) = strip_ordinal(skip_needed_separator(text, rest)?)?;
        Some((month, day, rest))
    };
    let day_first = || {
        let (day, rest) = strip_ordinal(text)?;
        let name = skip_needed_separator(text, rest)?;
        let (month, _, rest) = strip_name(name, month_names(), languages)?;
        Some((month, day, rest))
    };
    let (month, day, rest) = day_first().or_else(month_first)?;
    let (year, rest) = split_digits(skip_needed_separator(text, rest)?);
    if year.len() != 4 {
        return None;
    }
    let date = Date::new(year.parse().ok()?, month, day).map_err(|_| DateError::Invalid);
    let after = rest.trim_start();
    let rest = after
        .strip_prefix("г.")
        .or(after.strip_prefix('г'))
        .unwrap_or(rest);
    Some((date, rest))
}

/// Skips the separator at the start of `rest`, which must be there unless a period is before it.
fn skip_needed_separator<'t>(text: &str, rest: &'t str) -> Option<&'t str> {
    let next = skip_separator(rest);
    let before = &text[..text.len() - rest.len()];
    (next.len() < rest.len() || before.ends_with('.')).then_some(next)
}

/// Strips a day of the month: `2`, `2nd`, `1er`, `2º`, `2.`.
fn strip_ordinal(text: &str) -> Option<(i8, &str)> {
    const ENDINGS: [&str; 12] = [
        "st", "nd", "rd", "th", "er", "ère", "re", "º", "ª", "°", "e", "o",
    ];
    let (number, rest) = split_digits(text);
    if !matches!(number.len(), 1 | 2) {
        return None;
    }
    let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || is_mark(c));
    let ending = ENDINGS
        .iter()
        .find_map(|ending| rest.strip_prefix(ending).filter(|rest| is_end(rest)));
    let rest = ending.or_else(|| rest.strip_prefix('.')).unwrap_or(rest);
    Some((number.parse().ok()?, rest))
}

/// Reads what may follow a day: nothing, or a time, and after it a zone.
fn parse_clock(rest: &str) -> Option<(Option<TimeOfDay>, Option<ZoneOffset>)> {
    if rest.trim().is_empty() {
        return Some((None, None));
    }
    let text = match rest.strip_prefix('t') {
        Some(time) if time.starts_with(|c: char| c.is_ascii_digit()) => time,
        Some(_) => return None,
        None => {
            let text = rest.trim_start();
            let text = text
                .strip_prefix([',', '،', '，'])
                .unwrap_or(text)
                .trim_start();
            let text = text.strip_prefix("at ").unwrap_or(text);
            if text.len() == rest.len() {
                // A zone may follow directly: `2024-05-01Z`.
                return is_offset_from_utc(text).then_some((None, None));
            }
            text.trim_start()
        }
    };
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return is_offset_from_utc(text).then_some((None, None));
    }
    let (time, rest) = parse_time(text)?;
    Some((Some(time), parse_zone(rest.trim())?))
}

/// Returns whether a text is a zone that is read: without a time it means nothing.
fn is_offset_from_utc(text: &str) -> bool {
    parse_zone(text.trim()).is_some_and(|zone| zone.is_some())
}

/// Reads a time of day: `9:05`, `09:05:30.5`, `9:05 PM`, `9 pm`, `10h30`.
fn parse_time(text: &str) -> Option<(TimeOfDay, &str)> {
    let two_digits =
        |text: &str| -> Option<u16> { (text.len() == 2).then(|| text.parse().ok()).flatten() };
    let (hour, mut rest) = split_digits(text);
    let mut hour: u16 = (hour.len() <= 2).then(|| hour.parse().ok()).flatten()?;
    let mut minute = None;
    if let Some(after) = rest.strip_prefix([':', 'h']) {
        let (minutes, after) = split_digits(after);
        minute = Some(two_digits(minutes)?);
        rest = after;
        if let Some(after) = rest.strip_prefix(':') {
            let (seconds, after) = split_digits(after);
            two_digits(seconds).filter(|&seconds| seconds <= 60)?;
            rest = after
                .strip_prefix(['.', ','])
                .map_or(after, |fraction| split_digits(fraction).1);
        }
    }
    let half = rest.trim_start();
    let halves = [("am", 0), ("a.m.", 0), ("pm", 12), ("p.m.", 12)];
    let found = halves
        .iter()
        .find_map(|(name, hours)| Some((half.strip_prefix(name)?, hours)));
    match found {
        Some((after, hours)) if !after.starts_with(char::is_alphanumeric) => {
            (1..=12).contains(&hour).then_some(())?;
            hour = hour % 12 + hours;
            rest = after;
        }
        // A number alone is no time.
        _ => {
            minute?;
        }
    }
    Some((TimeOfDay::new(hour, minute.unwrap_or(0))?, rest))
}

/// Reads a zone, or returns `None` if the text is not one. A zone by another name than its distance
/// from UTC gives `Some(None)`, as no zone does.
#[expect(
    clippy::option_option,
    reason = "a zone may be unknown, and a text may be no zone"
)]
fn parse_zone(text: &str) -> Option<Option<ZoneOffset>> {
    // A name may follow in brackets: `GMT+0200 (Central European Summer Time)`, `+02:00[Europe/Paris]`.
    let text = match text.rfind(['(', '[']) {
        Some(at) if text.ends_with([')', ']']) => text[..at].trim_end(),
        _ => text,
    };
    if text.is_empty() {
        return Some(None);
    }
    if text == "z" {
        return Some(Some(ZoneOffset::UTC));
    }
    let offset = text
        .strip_prefix("utc")
        .or_else(|| text.strip_prefix("gmt"));
    match offset.map(str::trim_start) {
        Some("") => return Some(Some(ZoneOffset::UTC)),
        Some(offset) if offset.starts_with(['+', '-', '−']) => {
            return parse_offset(offset).map(Some);
        }
        _ => {}
    }
    if text.starts_with(['+', '-', '−']) {
        return parse_offset(text).map(Some);
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
    let is_word = |word: &str| word.starts_with(char::is_alphabetic) && word.chars().all(is_name);
    let is_zone = is_word(text) || (text.ends_with(" time") && text.split(' ').all(is_word));
    is_zone.then_some(None)
}

/// Reads the distance from UTC: `+0800`, `+08:00`, `-5`.
fn parse_offset(text: &str) -> Option<ZoneOffset> {
    let sign = if text.starts_with('+') { 1 } else { -1 };
    let digits = text.trim_start_matches(['+', '-', '−']);
    let (hours, rest) = split_digits(digits);
    let (hours, minutes) = match (hours.len(), rest.strip_prefix(':')) {
        (4, None) if rest.is_empty() => hours.split_at(2),
        (1 | 2, None) if rest.is_empty() => (hours, "00"),
        (1 | 2, Some(minutes)) if minutes.len() == 2 => (hours, minutes),
        _ => return None,
    };
    let minutes: i16 = minutes
        .parse()
        .ok()
        .filter(|minutes| (0..60).contains(minutes))?;
    ZoneOffset::from_minutes(sign * (hours.parse::<i16>().ok()? * 60 + minutes))
}

#[cfg(test)]
mod tests;
