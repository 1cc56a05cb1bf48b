//! Assigns dates of publication to posts that state none.

use std::collections::HashSet;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Span};

use pressrun_posts::post::{Date, Moment, SiteZone, StatedDate, TimeOfDay};

/// When the posts of a run appear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateSchedule {
    /// The day of the first post, with a time if it is stated, and without a zone.
    pub start: StatedDate,
    /// The time from one post to the next, or with `times` from one day with posts to the next.
    pub every: PostInterval,
    /// The times of day at which posts appear; empty for the one of `start`, if it has one.
    pub times: Vec<TimeOfDay>,
}

/// The time from one post to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostInterval {
    /// Whole days, at least one.
    Days(u32),
    /// Minutes on the clocks of the site, at least one.
    Minutes(u32),
}

impl PostInterval {
    /// Parses an interval such as `2w`, `1d`, `12h` or `90m`, or returns `None` if it is invalid.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, unit) = text.char_indices().next_back()?;
        let number = &text[..at];
        // `parse` would accept a sign.
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: u32 = number.parse().ok()?;
        // An interval of 0 would put all posts on one day.
        let times = |units: u32| number.checked_mul(units).filter(|&count| count > 0);
        match unit.to_ascii_lowercase() {
            'w' => times(7).map(Self::Days),
            'd' => times(1).map(Self::Days),
            'h' => times(60).map(Self::Minutes),
            'm' => times(1).map(Self::Minutes),
            _ => None,
        }
    }
}

/// Iterates over the dates of a schedule that are still free.
pub(super) struct FreeDates {
    /// The next date, if the calendar has not ended.
    next: Option<DateTime>,
    every: PostInterval,
    /// The times of each day, in order; `None` for a day without a time. Empty if the schedule
    /// counts minutes, so that `next` has the time.
    times: Vec<Option<TimeOfDay>>,
    /// The index of the next of `times`.
    at: usize,
    zone: SiteZone,
    /// The days and the moments that posts have already.
    taken_days: HashSet<Date>,
    taken_moments: HashSet<Moment>,
}

impl FreeDates {
    /// Returns the dates of a schedule in a zone, except those `taken` by posts that already have
    /// files.
    pub(super) fn new(schedule: &DateSchedule, zone: &SiteZone, taken: &[StatedDate]) -> Self {
        let StatedDate { date, time, .. } = schedule.start;
        let mut times: Vec<Option<TimeOfDay>> = match (schedule.every, &*schedule.times) {
            (PostInterval::Minutes(_), _) => Vec::new(),
            (PostInterval::Days(_), []) => vec![time],
            (PostInterval::Days(_), times) => times.iter().copied().map(Some).collect(),
        };
        times.sort_unstable();
        times.dedup();
        let minutes = time.map_or(0, TimeOfDay::minutes);
        let start = date.at(0, 0, 0, 0);
        Self {
            next: start
                .checked_add(SignedDuration::from_mins(i64::from(minutes)))
                .ok(),
            every: schedule.every,
            times,
            at: 0,
            zone: zone.clone(),
            taken_days: taken.iter().map(|stated| stated.date).collect(),
            taken_moments: taken
                .iter()
                .map(|&stated| zone.place_date(stated).moment)
                .collect(),
        }
    }

    /// Returns the next date of the schedule, free or not, and goes on to the one after it.
    fn take_next(&mut self) -> Option<(Date, Option<TimeOfDay>)> {
        let next = self.next?;
        let step = match self.every {
            PostInterval::Days(days) => {
                let time = self.times[self.at];
                self.at += 1;
                if self.at < self.times.len() {
                    return Some((next.date(), time));
                }
                self.at = 0;
                Span::new().try_days(days)
            }
            PostInterval::Minutes(minutes) => Span::new().try_minutes(minutes),
        };
        self.next = step.and_then(|step| next.checked_add(step)).ok();
        let time = match self.times.last() {
            Some(&last) => last,
            // The fields of a clock are not negative.
            None => TimeOfDay::new(
                next.hour().unsigned_abs().into(),
                next.minute().unsigned_abs().into(),
            ),
        };
        Some((next.date(), time))
    }

    /// Returns a date as posts state it, if it is free: with a time also the zone, so that nothing
    /// moves when `timezone` changes.
    fn state_free(&self, date: Date, time: Option<TimeOfDay>) -> Option<StatedDate> {
        let Some(time) = time else {
            return (!self.taken_days.contains(&date)).then(|| date.into());
        };
        let stated = StatedDate {
            date,
            time: Some(time),
            zone: None,
        };
        let placed = self.zone.place_date(stated);
        // Where the clocks skip a time, the next one may be the same moment.
        let is_free = !self.zone.skips(date, time) && !self.taken_moments.contains(&placed.moment);
        is_free.then_some(StatedDate {
            zone: Some(placed.zone),
            ..stated
        })
    }
}

impl Iterator for FreeDates {
    type Item = StatedDate;

    /// Returns the next free date, or `None` at the end of the calendar.
    fn next(&mut self) -> Option<StatedDate> {
        loop {
            let (date, time) = self.take_next()?;
            if let Some(stated) = self.state_free(date, time) {
                return Some(stated);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::stated_date::parse_stated_date;

    use super::*;

    #[test]
    fn interval_is_in_weeks_days_hours_or_minutes() {
        let check = |text, expected| assert_eq!(PostInterval::parse(text), expected, "{text}");
        check("1d", Some(PostInterval::Days(1)));
        check("2W", Some(PostInterval::Days(14)));
        check("12h", Some(PostInterval::Minutes(720)));
        check("90m", Some(PostInterval::Minutes(90)));
        for text in [
            "",
            "d",
            "0d",
            "0h",
            "1",
            "-1d",
            "+1d",
            "1.5d",
            "1é",
            "99999999999d",
            "999999999w",
        ] {
            check(text, None);
        }
    }

    /// Checks the first three free dates of a schedule in Berlin; `times` are hours.
    #[track_caller]
    fn check(start: &str, every: &str, times: &[u16], taken: &[&str], expected: &[&str]) {
        let read = |text: &str| parse_stated_date(text).unwrap();
        let schedule = DateSchedule {
            start: read(start),
            every: PostInterval::parse(every).unwrap(),
            times: times
                .iter()
                .map(|&hour| TimeOfDay::new(hour, 0).unwrap())
                .collect(),
        };
        let taken: Vec<StatedDate> = taken.iter().map(|text| read(text)).collect();
        let zone = SiteZone::parse("Europe/Berlin").unwrap();
        let dates: Vec<String> = FreeDates::new(&schedule, &zone, &taken)
            .take(3)
            .map(|date| date.to_string())
            .collect();
        assert_eq!(dates, expected);
    }

    #[test]
    fn days_follow_each_other_over_the_end_of_a_month() {
        let expected = ["2024-02-27", "2024-02-28", "2024-02-29"];
        check("2024-02-27", "1d", &[], &[], &expected);
        let expected = ["2024-02-27", "2024-03-05", "2024-03-12"];
        check("2024-02-27", "1w", &[], &[], &expected);
    }

    #[test]
    fn days_that_posts_have_already_are_passed_over() {
        let taken = ["2024-01-01", "2024-01-03T09:00", "2024-01-06"];
        let expected = ["2024-01-05", "2024-01-07", "2024-01-09"];
        check("2024-01-01", "2d", &[], &taken, &expected);
    }

    #[test]
    fn several_posts_a_day_appear_at_the_given_times() {
        let expected = [
            "2026-12-01T08:00:00+01:00",
            "2026-12-01T18:00:00+01:00",
            "2026-12-03T08:00:00+01:00",
        ];
        check("2026-12-01", "2d", &[18, 8, 8], &[], &expected);
        // A post at another time of the day does not matter, and one at the same moment does.
        let taken = ["2026-12-01", "2026-12-01T07:00Z", "2026-12-01T18:00"];
        let expected = [
            "2026-12-02T08:00:00+01:00",
            "2026-12-02T18:00:00+01:00",
            "2026-12-03T08:00:00+01:00",
        ];
        check("2026-12-01", "1d", &[8, 18], &taken, &expected);
    }

    #[test]
    fn hours_go_by_the_clocks_of_the_site() {
        let expected = [
            "2026-03-28T20:00:00+01:00",
            "2026-03-29T08:00:00+02:00",
            "2026-03-29T20:00:00+02:00",
        ];
        check("2026-03-28T20:00", "12h", &[], &[], &expected);
        // The clocks skip this time.
        let expected = [
            "2026-03-28T02:30:00+01:00",
            "2026-03-30T02:30:00+02:00",
            "2026-03-31T02:30:00+02:00",
        ];
        check("2026-03-28T02:30", "24h", &[], &[], &expected);
        check("2026-03-28T02:30", "1d", &[], &[], &expected);
        let expected = [
            "2026-10-25T01:30:00+02:00",
            "2026-10-25T03:00:00+01:00",
            "2026-10-25T04:30:00+01:00",
        ];
        check("2026-10-25T01:30", "90m", &[], &[], &expected);
    }

    #[test]
    fn calendar_ends() {
        check("9999-12-30", "1d", &[], &[], &["9999-12-30", "9999-12-31"]);
        let last = ["9999-12-31T08:00:00+01:00", "9999-12-31T18:00:00+01:00"];
        check("9999-12-31", "1d", &[8, 18], &[], &last);
        check(
            "9999-12-31T23:00",
            "999999h",
            &[],
            &[],
            &["9999-12-31T23:00:00+01:00"],
        );
        check("2024-01-01", "4294967295d", &[], &[], &["2024-01-01"]);
    }
}
