//! Assigns dates of publication to posts that state none.

use std::collections::HashSet;

use jiff::Span;

use pressrun_posts::post::Date;

/// The first day, and the number of days between posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateSchedule {
    /// The day of the first post.
    pub start: Date,
    /// Days from one post to the next, at least 1.
    pub every: u32,
}

/// Parses an interval such as `1d` or `2w` into days, or returns `None` if it is invalid.
///
/// Posts have a date but no hour, so there are no shorter units.
pub fn parse_interval(text: &str) -> Option<u32> {
    let (number, days) = match text.strip_suffix(['d', 'D']) {
        Some(number) => (number, 1),
        None => (text.strip_suffix(['w', 'W'])?, 7),
    };
    // `parse` would accept a sign.
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u32 = number.parse().ok()?;
    // An interval of 0 days would put all posts on one day.
    number.checked_mul(days).filter(|&days| days > 0)
}

/// Iterates over the days of a schedule that are still free.
pub(super) struct FreeDays {
    next: Option<Date>,
    every: Span,
    taken: HashSet<Date>,
}

impl FreeDays {
    /// Returns the days of a schedule, except those `taken` by posts that already have files.
    pub(super) fn new(schedule: DateSchedule, taken: HashSet<Date>) -> Self {
        let every = Span::new().try_days(schedule.every);
        Self {
            next: every.is_ok().then_some(schedule.start),
            every: every.unwrap_or_default(),
            taken,
        }
    }
}

impl Iterator for FreeDays {
    type Item = Date;

    /// Returns the next free day, or `None` at the end of the calendar.
    fn next(&mut self) -> Option<Date> {
        loop {
            let day = self.next?;
            self.next = day.checked_add(self.every).ok();
            if !self.taken.contains(&day) {
                return Some(day);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_is_in_days_or_weeks() {
        assert_eq!(parse_interval("1d"), Some(1));
        assert_eq!(parse_interval("2W"), Some(14));
        for text in [
            "",
            "d",
            "0d",
            "12h",
            "1",
            "-1d",
            "+1d",
            "1.5d",
            "99999999999d",
            "999999999w",
        ] {
            assert_eq!(parse_interval(text), None, "{text}");
        }
    }

    #[track_caller]
    fn check(start: &str, every: u32, taken: &[&str], expected: &[&str]) {
        let schedule = DateSchedule {
            start: start.parse().unwrap(),
            every,
        };
        let taken = taken.iter().map(|day| day.parse().unwrap()).collect();
        let days: Vec<String> = FreeDays::new(schedule, taken)
            .take(3)
            .map(|day| day.to_string())
            .collect();
        assert_eq!(days, expected);
    }

    #[test]
    fn days_follow_each_other_over_the_end_of_a_month() {
        check(
            "2024-02-27",
            1,
            &[],
            &["2024-02-27", "2024-02-28", "2024-02-29"],
        );
        check(
            "2024-02-27",
            7,
            &[],
            &["2024-02-27", "2024-03-05", "2024-03-12"],
        );
    }

    #[test]
    fn days_that_posts_have_already_are_passed_over() {
        let taken = ["2024-01-01", "2024-01-03", "2024-01-06"];
        check(
            "2024-01-01",
            2,
            &taken,
            &["2024-01-05", "2024-01-07", "2024-01-09"],
        );
    }

    #[test]
    fn calendar_ends() {
        check("9999-12-30", 1, &[], &["9999-12-30", "9999-12-31"]);
        check("2024-01-01", u32::MAX, &[], &[]);
    }
}
