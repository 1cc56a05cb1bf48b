//! The posts that are dated ahead: what comes when, how regularly, and where it does not.

use serde::Serialize;

use super::calendar::{self, Calendar, days_from};
use super::histogram::quantile;
use super::{Capped, PostLine, Posts};
use crate::corpus::Entry;
use crate::post::Date;

/// What appears when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Schedule {
    /// Posts that are dated ahead.
    pub posts: usize,
    /// The day on which the first appears.
    pub first: Date,
    /// The day on which the last appears.
    pub last: Date,
    /// Whether no post appears on a Saturday or Sunday, so that these are no gaps.
    pub weekdays_only: bool,
    /// Days from one day with posts to the next, as a rule.
    pub interval: u32,
    /// Posts on one of these days, as a rule.
    pub posts_a_day: u32,
    /// How many there are of each of the next days; if none is near, of all that are ahead.
    pub calendar: Calendar,
    /// The next days with posts.
    pub next: Capped<Day>,
    /// Where posts are missing: twice the time that is the rule, or more.
    pub gaps: Capped<Gap>,
    /// Days with more posts than is the rule.
    pub crowded: Capped<Day>,
}

/// A day with its posts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Day {
    /// The day.
    pub day: Date,
    /// Its posts.
    pub posts: Capped<PostLine>,
}

/// A time without posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The day with posts before it, or today.
    pub after: Date,
    /// The day with posts after it.
    pub before: Date,
    /// Days between them; of a schedule without weekends, weekdays.
    pub days: u32,
}

/// The schedule; `None` if no post is dated ahead.
pub(super) fn of(posts: &Posts<'_>) -> Option<Schedule> {
    let mut ahead: Vec<&Entry> = posts.entries.iter().collect();
    ahead.retain(|entry| !posts.is_published(entry));
    ahead.sort_by_key(|entry| entry.date);
    let dates: Vec<Date> = ahead.iter().filter_map(|entry| entry.date).collect();
    let days: Vec<&[&Entry]> = ahead.chunk_by(|a, b| a.date == b.date).collect();
    let (&first, &last) = (dates.first()?, dates.last()?);
    let weekdays_only = !dates.iter().copied().any(is_weekend);
    let mut starts = dates.clone();
    starts.dedup();
    let interval = rule(
        starts
            .windows(2)
            .map(|pair| days_between(pair[0], pair[1], weekdays_only) + 1),
    );
    let posts_a_day = rule(days.iter().map(|day| day.len() as u32));
    let gaps = gaps(posts.today, &starts, interval, weekdays_only);
    let mut crowded = days.clone();
    crowded.retain(|day| day.len() as u32 > posts_a_day);
    crowded.sort_by_key(|day| std::cmp::Reverse(day.len()));
    let shown = |day: &&[&Entry]| Day {
        day: day[0].date.unwrap_or(first),
        posts: posts.lines(day),
    };
    Some(Schedule {
        posts: ahead.len(),
        first,
        last,
        weekdays_only,
        interval,
        posts_a_day,
        calendar: calendar::ahead(&dates, posts.today),
        next: Capped::new(&days, posts.rows, shown),
        gaps: Capped::new(&gaps, posts.rows, |gap| *gap),
        crowded: Capped::new(&crowded, posts.rows, shown),
    })
}

/// The number in the middle, at least 1.
fn rule(numbers: impl Iterator<Item = u32>) -> u32 {
    let mut sorted: Vec<u32> = numbers.collect();
    sorted.sort_unstable();
    quantile(&sorted, 50).unwrap_or(1)
}

/// Where twice the interval or more passes without a post; also before the first.
fn gaps(today: Date, days: &[Date], interval: u32, weekdays_only: bool) -> Vec<Gap> {
    let before = std::iter::once(today).chain(days.iter().copied());
    before
        .zip(days)
        .map(|(after, &before)| Gap {
            after,
            before,
            days: days_between(after, before, weekdays_only),
        })
        .filter(|gap| gap.days + 1 >= 2 * interval)
        .collect()
}

/// Days that lie between two others, or the weekdays among them.
fn days_between(after: Date, before: Date, weekdays_only: bool) -> u32 {
    let days = days_from(after, before)
        .saturating_sub(1)
        .max(0)
        .unsigned_abs();
    if !weekdays_only {
        return days;
    }
    let whole_weeks = days / 7;
    let mut rest = 0;
    let mut day = after;
    for _ in 0..days % 7 {
        day = day.tomorrow().unwrap_or(day);
        rest += u32::from(!is_weekend(day));
    }
    whole_weeks * 5 + rest
}

fn is_weekend(day: Date) -> bool {
    matches!(
        day.weekday(),
        jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::numbers::fixture;

    /// The schedule of posts with these days, seen on Monday, 2026-06-15.
    fn schedule(days: &[&str]) -> Option<Schedule> {
        let entries: Vec<Entry> = days
            .iter()
            .map(|day| {
                let mut entry = fixture::entry(day);
                entry.date = Some(fixture::date(day));
                entry
            })
            .collect();
        of(&fixture::posts(&entries))
    }

    fn spans(schedule: &Schedule) -> Vec<(String, String, u32)> {
        let gaps = schedule.gaps.first.iter();
        gaps.map(|gap| (gap.after.to_string(), gap.before.to_string(), gap.days))
            .collect()
    }

    #[test]
    fn today_is_not_ahead() {
        assert_eq!(schedule(&["2026-06-15", "2020-01-01"]), None);
    }

    #[test]
    fn a_missing_day_of_a_daily_schedule_is_a_gap() {
        let found = schedule(&["2026-06-16", "2026-06-17", "2026-06-19", "2026-06-20"]).unwrap();
        assert_eq!((found.interval, found.weekdays_only), (1, false));
        let gap = ("2026-06-17".to_owned(), "2026-06-19".to_owned(), 1);
        assert_eq!(spans(&found), [gap]);
    }

    #[test]
    fn weekends_are_no_gaps_of_a_schedule_without_them() {
        let days = ["2026-06-18", "2026-06-19", "2026-06-22", "2026-06-23"];
        let found = schedule(&days).unwrap();
        assert!(found.weekdays_only);
        let before_the_first = ("2026-06-15".to_owned(), "2026-06-18".to_owned(), 2);
        assert_eq!(spans(&found), [before_the_first]);
        let weeks = days_between(
            fixture::date("2026-06-19"),
            fixture::date("2026-07-06"),
            true,
        );
        assert_eq!(weeks, 10);
    }

    #[test]
    fn weekly_posts_leave_no_gaps_and_a_week_left_out_is_one() {
        let found = schedule(&["2026-06-20", "2026-06-27", "2026-07-04", "2026-07-18"]).unwrap();
        assert_eq!(found.interval, 7);
        let gap = ("2026-07-04".to_owned(), "2026-07-18".to_owned(), 13);
        assert_eq!(spans(&found), [gap]);
    }

    #[test]
    fn days_with_more_posts_than_the_others_are_crowded() {
        let found = schedule(&["2026-06-16", "2026-06-17", "2026-06-17", "2026-06-18"]).unwrap();
        assert_eq!(found.crowded.count, 1);
        let day = &found.crowded.first[0];
        assert_eq!(
            (day.day.to_string(), day.posts.count),
            ("2026-06-17".to_owned(), 2)
        );
        assert_eq!(found.next.count, 3);
        assert_eq!(found.posts, 4);
    }
}
