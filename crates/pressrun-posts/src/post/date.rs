//! Calendar days, times of day and time zones.
//!
//! Not here: the ways to write them that are understood (`stated_date`).

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
    name[..10].parse().ok()
}

/// Writes a Unix time in seconds as date and time in UTC.
pub fn format_unix_time(seconds: i64) -> Option<String> {
    let timestamp = jiff::Timestamp::from_second(seconds).ok()?;
    Some(timestamp.to_string())
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
