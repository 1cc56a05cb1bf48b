//! Calendar days, and the ways to write one that are understood (R11.4 of the ingest contract).
//!
//! Not here: where in a reply to look for a date (`normalize::date`).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A day of the Gregorian calendar, without a time or a time zone.
pub type Date = jiff::civil::Date;

/// A time of day, without seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TimeOfDay {
    /// Minutes since midnight, below 1440.
    minutes: u16,
}

impl TimeOfDay {
    /// Creates a time from hour and minute, or returns `None` if no clock shows it.
    pub fn new(hour: u16, minute: u16) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self {
            minutes: hour * 60 + minute,
        })
    }

    /// Returns the minutes since midnight.
    pub fn minutes(self) -> u16 {
        self.minutes
    }
}

impl fmt::Display for TimeOfDay {
    /// Writes `HH:MM`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

/// A time zone, as its distance from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ZoneOffset {
    /// Minutes east of UTC, above -1440 and below 1440.
    minutes: i16,
}

impl ZoneOffset {
    /// Coordinated universal time.
    pub const UTC: Self = Self { minutes: 0 };

    /// Creates a zone from its distance from UTC in minutes, to the east, or returns `None` if that
    /// is a day or more.
    pub fn from_minutes(minutes: i16) -> Option<Self> {
        (minutes.abs() < 24 * 60).then_some(Self { minutes })
    }

    /// Returns the minutes east of UTC.
    pub fn minutes(self) -> i16 {
        self.minutes
    }
}

impl fmt::Display for ZoneOffset {
    /// Writes `+HH:MM` or `-HH:MM`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minutes < 0 { '-' } else { '+' };
        let minutes = self.minutes.abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Why a text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateError {
    /// It has none of the accepted forms, or names a day that does not exist.
    Invalid,
    /// The order of day and month is not clear: `03/04/2024`.
    Ambiguous,
}

/// Reads a date in one of the accepted forms, optionally followed by a time of day.
///
/// The forms are `2023-08-02` (also with `/` or `.`), `August 2, 2023`, `Aug 2nd 2023` and `2
/// August 2023`, each of the last three also after an English weekday; `2.8.2023`; and `25/12/2023`
/// if only one order of day and month is possible.
pub fn parse_date(text: &str) -> Result<Date, DateError> {
    let text = text.trim();
    if text.len() > MAX_BYTES {
        return Err(DateError::Invalid);
    }
    // `2 August 2023` begins with a digit too; then `in_numbers` returns `None`.
    if text.starts_with(|c: char| c.is_ascii_digit())
        && let Some(date) = parse_numeric_date(text)
    {
        return date;
    }
    parse_written_date(text).ok_or(DateError::Invalid)
}

/// Returns the valid `YYYY-MM-DD` at the start of a file name, if a hyphen or nothing follows.
pub fn parse_date_prefix(name: &str) -> Option<Date> {
    let bytes = name.as_bytes();
    let shape = bytes.len() >= 10
        && (0..10).all(|at| match at {
            4 | 7 => bytes[at] == b'-',
            _ => bytes[at].is_ascii_digit(),
        })
        && matches!(bytes.get(10), None | Some(b'-'));
    if !shape {
        return None;
    }
    make_date(&name[..4], &name[5..7], &name[8..10]).ok()
}

/// Writes a Unix time in seconds as date and time in UTC.
pub fn format_unix_time(seconds: i64) -> Option<String> {
    let timestamp = jiff::Timestamp::from_second(seconds).ok()?;
    Some(timestamp.to_string())
}

/// The maximum length in bytes, longer than any date with weekday, month, time and zone.
const MAX_BYTES: usize = 80;

/// Reads three numbers with the same separator, or returns `None` if the text does not begin so.
fn parse_numeric_date(text: &str) -> Option<Result<Date, DateError>> {
    let (first, rest) = split_digits(text);
    let separator = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '-' | '/' | '.'))?;
    let (second, rest) = split_digits(&rest[1..]);
    let (third, rest) = split_digits(rest.strip_prefix(separator)?);
    if !is_time(rest) {
        return Some(Err(DateError::Invalid));
    }
    let short = |text: &str| matches!(text.len(), 1 | 2);
    Some(match (first.len(), third.len()) {
        (4, _) if short(second) && short(third) => make_date(first, second, third),
        // Dots are used where the day comes first; slashes and hyphens are ambiguous.
        (1 | 2, 4) if short(second) && separator == '.' => make_date(third, second, first),
        (1 | 2, 4) if short(second) => parse_either_order(first, second, third),
        _ => Err(DateError::Invalid),
    })
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

fn make_date(year: &str, month: &str, day: &str) -> Result<Date, DateError> {
    let number = |text: &str| text.parse::<i8>().map_err(|_| DateError::Invalid);
    let year: i16 = year.parse().map_err(|_| DateError::Invalid)?;
    Date::new(year, number(month)?, number(day)?).map_err(|_| DateError::Invalid)
}

/// Splits off the ASCII digits at the start of `text`.
fn split_digits(text: &str) -> (&str, &str) {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at(end)
}

/// Returns whether nothing is left but a time of day, with or without a zone: `T07:08:09Z`, ` at
/// 10:00 AM`.
fn is_time(rest: &str) -> bool {
    if rest.trim().is_empty() {
        return true;
    }
    let Some(time) = rest.strip_prefix(['T', 't', ' ', ',']) else {
        return false;
    };
    let time = time.trim_start();
    let time = time.strip_prefix("at ").unwrap_or(time).trim_start();
    let (hour, after) = split_digits(time);
    // The time is dropped, so only its shape matters.
    matches!(hour.len(), 1 | 2)
        && after.starts_with([':', 'h', 'H', ' '])
        && after.chars().all(|c| {
            c.is_ascii_alphanumeric()
                || matches!(c, ':' | '.' | ',' | '+' | '-' | ' ' | '/' | '_' | '[' | ']')
        })
}

/// Reads a date with the English name of its month.
fn parse_written_date(text: &str) -> Option<Date> {
    let text = strip_weekday(text);
    let (word, rest) = split_next_word(text);
    let (month, day_of_month, rest) = if let Some(month) = parse_month(word) {
        let (number, rest) = split_next_word(rest);
        (month, parse_ordinal(number)?, rest)
    } else {
        let number = parse_ordinal(word)?;
        let (mut name, mut rest) = split_next_word(rest);
        if name.eq_ignore_ascii_case("of") {
            (name, rest) = split_next_word(rest);
        }
        (parse_month(name)?, number, rest)
    };
    let (year, rest) = split_digits(rest);
    if year.len() != 4 || !is_time(rest) {
        return None;
    }
    Date::new(year.parse().ok()?, month, day_of_month).ok()
}

/// Splits off the text up to white space or a comma; the rest starts after them.
fn split_next_word(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| c.is_whitespace() || c == ',')
        .unwrap_or(text.len());
    let rest = text[end..].trim_start();
    let rest = rest.strip_prefix(',').unwrap_or(rest);
    (&text[..end], rest.trim_start())
}

fn strip_weekday(text: &str) -> &str {
    const DAYS: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let (word, rest) = split_next_word(text);
    if find_abbreviated(word, &DAYS).is_some() {
        rest
    } else {
        text
    }
}

/// Returns the number of a month given by its English name, or by its first three letters or more.
fn parse_month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    find_abbreviated(word, &MONTHS).map(|at| at as i8 + 1)
}

fn find_abbreviated(word: &str, names: &[&str]) -> Option<usize> {
    let word = word.strip_suffix('.').unwrap_or(word).to_ascii_lowercase();
    // Two letters would be ambiguous: `ma`, `ju`.
    if word.len() < 3 {
        return None;
    }
    names.iter().position(|name| name.starts_with(&word))
}

/// Reads a day of the month: `2`, `2nd`, `2.`.
fn parse_ordinal(word: &str) -> Option<i8> {
    let (number, ending) = split_digits(word);
    let ending = ending.to_ascii_lowercase();
    if number.len() > 2 || !matches!(ending.as_str(), "" | "." | "st" | "nd" | "rd" | "th") {
        return None;
    }
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_zones_are_written_with_two_digits() {
        assert_eq!(TimeOfDay::new(9, 5).unwrap().to_string(), "09:05");
        assert_eq!(TimeOfDay::new(24, 0), None);
        assert_eq!(
            ZoneOffset::from_minutes(-570).unwrap().to_string(),
            "-09:30"
        );
        assert_eq!(ZoneOffset::UTC.to_string(), "+00:00");
        assert_eq!(ZoneOffset::from_minutes(1440), None);
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let read = match parse_date(text) {
            Ok(date) => date.to_string(),
            Err(DateError::Invalid) => "invalid".to_owned(),
            Err(DateError::Ambiguous) => "ambiguous".to_owned(),
        };
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn year_first_is_never_ambiguous() {
        for text in [
            "2023-08-02",
            "2023/08/02",
            "2023.8.2",
            "2023-08-02T23:59:59-11:00",
            "2023-08-02 07:08:09.5 UTC",
            " 2023-08-02 ",
            "2023-08-02T07:08:09Z",
        ] {
            check(text, "2023-08-02");
        }
    }

    #[test]
    fn english_months_are_read() {
        for text in [
            "August 2, 2023",
            "Aug 2nd 2023",
            "2 August 2023",
            "Wednesday, August 2, 2023",
            "Wed, 2 Aug 2023 10:00:00 GMT",
            "aug. 2, 2023",
            "2nd of AUGUST, 2023",
            "2. August 2023",
        ] {
            check(text, "2023-08-02");
        }
        check("Sept 30, 2020", "2020-09-30");
    }

    #[test]
    fn dots_put_the_day_first() {
        check("2.8.2023", "2023-08-02");
        check("02.08.2023", "2023-08-02");
        check("8.13.2023", "invalid");
    }

    #[test]
    fn slashes_are_read_where_the_numbers_leave_no_choice() {
        check("25/12/2023", "2023-12-25");
        check("12-25-2023", "2023-12-25");
        check("05/05/2023", "2023-05-05");
        check("02/08/2023", "ambiguous");
        check("2-8-2023", "ambiguous");
        check("13/13/2023", "invalid");
    }

    #[test]
    fn what_no_calendar_has_is_invalid() {
        for text in [
            "2023-02-29",
            "February 30, 2024",
            "soon",
            "",
            "2023",
            "August 2023",
            "8/2/23",
            "2023-08",
            "2023-08/02",
            "20230802",
            "2023-08-02 maybe",
            "0 May 2020",
        ] {
            check(text, "invalid");
        }
        check("2024-02-29", "2024-02-29");
    }

    #[test]
    fn file_names_carry_dates_at_their_start_only() {
        assert_eq!(
            parse_date_prefix("2024-01-05-tea")
                .map(|d| d.to_string())
                .as_deref(),
            Some("2024-01-05")
        );
        assert!(parse_date_prefix("2024-01-051").is_none());
        assert!(parse_date_prefix("2024-02-30-tea").is_none());
        assert!(parse_date_prefix("2024–01").is_none());
    }

    #[test]
    fn unix_times_are_in_utc() {
        assert_eq!(
            format_unix_time(951_782_399).as_deref(),
            Some("2000-02-28T23:59:59Z")
        );
        assert!(format_unix_time(i64::MAX).is_none());
    }
}
