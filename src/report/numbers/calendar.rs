//! Counts posts over time, by day, by month, or by one or more years: whichever gives a readable
//! number of columns.

use std::fmt;

use pressrun_posts::post::Date;
use serde::{Serialize, Serializer};

use super::CountedPosts;

/// Most days that are shown one by one.
const MOST_DAYS: i32 = 45;

/// Days of a schedule that are shown one by one: thirteen weeks.
const DAYS_AHEAD: i32 = 91;

/// Most months that are shown one by one.
const MOST_MONTHS: i32 = 72;

/// Most columns of years. If more are needed, several years share a column.
const MOST_YEARS: i32 = 40;

/// Number of posts in each period.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PostCalendar {
    /// Length of a period.
    pub unit: CalendarUnit,
    /// Every period from the first post to the last, including those without posts.
    pub periods: Vec<CalendarPeriod>,
    /// Number of posts without a date.
    pub undated: usize,
}

/// Length of a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CalendarUnit {
    /// A day.
    Day,
    /// A month.
    #[default]
    Month,
    /// One or more years.
    Years(i32),
}

impl fmt::Display for CalendarUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day => f.write_str("day"),
            Self::Month => f.write_str("month"),
            Self::Years(1) => f.write_str("year"),
            Self::Years(step) => write!(f, "{step} years"),
        }
    }
}

impl Serialize for CalendarUnit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A period and its posts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalendarPeriod {
    /// Name of the period.
    pub name: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Posts that are already on the site.
    pub published: usize,
    /// Scheduled posts.
    pub future: usize,
}

/// Counts all posts.
pub(super) fn count_by_period(posts: &CountedPosts<'_>) -> PostCalendar {
    let days = posts.entries.iter().filter_map(|entry| {
        let is_ahead = !posts.is_published(entry);
        Some(CalendarDay(entry.date?.day, is_ahead))
    });
    let days: Vec<CalendarDay> = days.collect();
    PostCalendar {
        undated: posts.entries.len() - days.len(),
        ..PostCalendar::of_days(&days)
    }
}

impl PostCalendar {
    /// Counts days, given in any order.
    pub fn of_days(days: &[CalendarDay]) -> Self {
        let day = |day: &CalendarDay| day.0;
        let (first, last) = (days.iter().map(day).min(), days.iter().map(day).max());
        let (Some(first), Some(last)) = (first, last) else {
            return Self::default();
        };
        count_by_unit(CalendarUnit::of_span(first, last), [first, last], days)
    }
}

/// Counts the next thirteen weeks by day, starting tomorrow, or today if a post is still to come,
/// or all scheduled days if none is that near. `days` is sorted and contains only scheduled days.
pub(super) fn count_days_ahead(days: &[Date], today: Date) -> PostCalendar {
    let soon = days.partition_point(|&day| count_days_from(today, day) <= DAYS_AHEAD);
    let counted: Vec<CalendarDay> = days.iter().map(|&day| CalendarDay(day, true)).collect();
    match (today.tomorrow(), days[..soon].first(), days[..soon].last()) {
        (Ok(tomorrow), Some(&first), Some(&last)) => {
            let span = [tomorrow.min(first), last];
            count_by_unit(CalendarUnit::Day, span, &counted[..soon])
        }
        _ => PostCalendar::of_days(&counted),
    }
}

/// The day of a post, and whether the post is still to come.
#[derive(Debug, Clone, Copy)]
pub struct CalendarDay(pub Date, pub bool);

/// Counts days by `unit`, from the period of `first` to that of `last`; all days are in between.
fn count_by_unit(
    unit: CalendarUnit,
    [first, last]: [Date; 2],
    days: &[CalendarDay],
) -> PostCalendar {
    // The first period has index 0.
    let start = unit.number(first);
    let mut periods: Vec<CalendarPeriod> = (start..=unit.number(last))
        .map(|number| unit.period(number))
        .collect();
    for &CalendarDay(day, is_ahead) in days {
        let at = unit.number(day) - start;
        let period = &mut periods[at.unsigned_abs() as usize];
        if is_ahead {
            period.future += 1;
        } else {
            period.published += 1;
        }
    }
    PostCalendar {
        unit,
        periods,
        undated: 0,
    }
}

impl CalendarUnit {
    /// Chooses the shortest unit that does not give too many columns.
    fn of_span(first: Date, last: Date) -> Self {
        let places = |unit: Self| unit.number(last) - unit.number(first) + 1;
        if places(Self::Day) <= MOST_DAYS {
            return Self::Day;
        }
        if places(Self::Month) <= MOST_MONTHS {
            return Self::Month;
        }
        let steps = [1, 2, 5, 10, 20, 50, 100, 200, 500];
        let step = steps
            .into_iter()
            .find(|&step| places(Self::Years(step)) <= MOST_YEARS);
        // With 1,000 years each, all the years that a date can have fit.
        Self::Years(step.unwrap_or(1000))
    }

    /// Returns the number of the period that contains a day; consecutive periods have consecutive
    /// numbers.
    pub fn number(self, day: Date) -> i32 {
        let (year, month) = (i32::from(day.year()), i32::from(day.month()));
        match self {
            Self::Day => count_days_from(Date::ZERO, day),
            Self::Month => year * 12 + month - 1,
            Self::Years(step) => year.div_euclid(step),
        }
    }

    fn period(self, number: i32) -> CalendarPeriod {
        let from = self.first_day(number);
        let next = self.first_day(number + 1);
        // The last representable day has no day after it, so it ends its own period.
        let to = next.yesterday().unwrap_or(next);
        let to = if next == Date::MAX { next } else { to };
        CalendarPeriod {
            name: self.name(from, to),
            from,
            to,
            published: 0,
            future: 0,
        }
    }

    /// Returns the first day of a period, limited to representable dates.
    fn first_day(self, number: i32) -> Date {
        let (year, month) = match self {
            Self::Day => {
                let days = jiff::Span::new().try_days(number);
                let day = days.and_then(|days| Date::ZERO.checked_add(days));
                return day.unwrap_or(if number < 0 { Date::MIN } else { Date::MAX });
            }
            Self::Month => (number.div_euclid(12), number.rem_euclid(12) + 1),
            Self::Years(step) => (number * step, 1),
        };
        match i16::try_from(year).map(|year| Date::new(year, month as i8, 1)) {
            Ok(Ok(day)) => day,
            _ if year < 0 => Date::MIN,
            _ => Date::MAX,
        }
    }

    fn name(self, from: Date, to: Date) -> String {
        match self {
            Self::Day => from.strftime("%-d %b %Y").to_string(),
            Self::Month => from.strftime("%b %Y").to_string(),
            Self::Years(1) => from.year().to_string(),
            Self::Years(_) => format!("{}–{}", from.year(), to.year()),
        }
    }
}

/// Returns the number of days from one day to another.
pub(super) fn count_days_from(first: Date, last: Date) -> i32 {
    first.until(last).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// Counts some days as of 2026-06-15.
    fn calendar_of(days: &[&str]) -> PostCalendar {
        let counted = |text: &&str| CalendarDay(day(text), day(text) > day("2026-06-15"));
        PostCalendar::of_days(&days.iter().map(counted).collect::<Vec<_>>())
    }

    /// Returns the periods of some days, each with its published and its scheduled posts.
    #[track_caller]
    fn check(days: &[&str], unit: CalendarUnit, expected: &[(&str, usize, usize)]) {
        let calendar = calendar_of(days);
        assert_eq!(calendar.unit, unit);
        let periods: Vec<(&str, usize, usize)> = calendar
            .periods
            .iter()
            .map(|period| (&*period.name, period.published, period.future))
            .collect();
        assert_eq!(periods, expected);
    }

    #[test]
    fn a_few_weeks_are_shown_by_the_day_and_empty_days_too() {
        check(
            &["2026-06-16", "2026-06-14", "2026-06-14"],
            CalendarUnit::Day,
            &[
                ("14 Jun 2026", 2, 0),
                ("15 Jun 2026", 0, 0),
                ("16 Jun 2026", 0, 1),
            ],
        );
    }

    #[test]
    fn months_are_counted_across_the_year() {
        check(
            &["2025-12-01", "2026-02-28"],
            CalendarUnit::Month,
            &[("Dec 2025", 1, 0), ("Jan 2026", 0, 0), ("Feb 2026", 1, 0)],
        );
    }

    #[test]
    fn a_day_that_is_far_off_gives_no_endless_row() {
        for (first, last) in [
            ("2019-01-01", "2026-01-01"),
            ("1024-01-01", "2026-01-01"),
            ("-009999-01-01", "9999-12-31"),
            ("9999-01-01", "9999-12-31"),
            ("9999-12-01", "9999-12-31"),
        ] {
            let calendar = calendar_of(&[first, last]);
            let periods = &calendar.periods;
            assert!(periods.len() <= 72, "{}", periods.len());
            assert!(periods[0].from <= day(first), "{first}");
            assert!(periods[periods.len() - 1].to >= day(last), "{last}");
            let posts: usize = periods.iter().map(|one| one.published + one.future).sum();
            assert_eq!(posts, 2);
        }
    }

    #[test]
    fn several_years_together_are_named_by_the_first_and_the_last() {
        let calendar = calendar_of(&["1951-01-01", "2026-01-01"]);
        assert_eq!(calendar.unit, CalendarUnit::Years(2));
        assert_eq!(calendar.periods[0].name, "1950–1951");
    }

    #[test]
    fn days_ahead_are_shown_from_tomorrow_on_as_far_as_they_are_near() {
        let today = day("2026-06-15");
        let days = ["2026-06-18", "2026-06-18", "2027-01-01"].map(day);
        let posts = |calendar: PostCalendar| -> Vec<usize> {
            calendar
                .periods
                .iter()
                .map(|period| period.future)
                .collect()
        };
        assert_eq!(posts(count_days_ahead(&days, today)), [0, 0, 2]);
        assert_eq!(posts(count_days_ahead(&days[2..], today)), [1]);
    }

    #[test]
    fn nothing_has_no_periods() {
        check(&[], CalendarUnit::Month, &[]);
    }
}
