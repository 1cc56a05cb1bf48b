//! Reports on scheduled posts: what appears when, how regularly, and where the gaps are.

use pressrun_posts::post::Date;
use pressrun_site::corpus::CorpusPost;
use serde::Serialize;

use super::calendar::{self, PostCalendar, count_days_from};
use super::histogram::find_quantile;
use super::{CappedList, CountedPosts, PostLine};

/// What appears when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PublicationSchedule {
    /// Number of scheduled posts.
    pub posts: usize,
    /// Day on which the first one appears.
    pub first: Date,
    /// Day on which the last one appears.
    pub last: Date,
    /// Whether no post appears on a Saturday or Sunday; weekends are then not gaps.
    pub weekdays_only: bool,
    /// Median number of days (or weekdays) from one day with posts to the next.
    pub interval: u32,
    /// Median number of posts on a day with posts.
    pub posts_a_day: u32,
    /// Posts on each of the next days, or over the whole schedule if no post is near.
    pub calendar: PostCalendar,
    /// The next days with posts.
    pub next: CappedList<ScheduledDay>,
    /// Periods of at least twice the usual interval without a post.
    pub gaps: CappedList<ScheduleGap>,
    /// Days with more posts than usual.
    pub crowded: CappedList<ScheduledDay>,
}

/// A day and its posts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScheduledDay {
    /// The day.
    pub day: Date,
    /// The posts of that day.
    pub posts: CappedList<PostLine>,
}

/// A period without posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ScheduleGap {
    /// The last day with posts before it, or today.
    pub after: Date,
    /// The next day with posts.
    pub before: Date,
    /// Days between the two; only weekdays if the schedule has no weekends.
    pub days: u32,
}

/// Describes the schedule, or returns `None` if no post is scheduled.
pub(super) fn describe_post_schedule(posts: &CountedPosts<'_>) -> Option<PublicationSchedule> {
    let mut ahead: Vec<&CorpusPost> = posts.entries.iter().collect();
    ahead.retain(|entry| !posts.is_published(entry));
    let day_of = |entry: &CorpusPost| entry.date.map(|date| date.day);
    ahead.sort_by_key(|entry| (day_of(entry), entry.moment()));
    let dates: Vec<Date> = ahead.iter().filter_map(|entry| day_of(entry)).collect();
    let days: Vec<&[&CorpusPost]> = ahead.chunk_by(|a, b| day_of(a) == day_of(b)).collect();
    let (&first, &last) = (dates.first()?, dates.last()?);
    let weekdays_only = !dates.iter().copied().any(is_weekend);
    let mut starts = dates.clone();
    starts.dedup();
    let interval = median_or_one(
        starts
            .windows(2)
            // Days strictly between, plus one: from Monday to Tuesday is an interval of 1.
            .map(|pair| count_days_between(pair[0], pair[1], weekdays_only) + 1),
    );
    let posts_a_day = median_or_one(days.iter().map(|day| day.len() as u32));
    let gaps = find_gaps(posts.today, &starts, interval, weekdays_only);
    let mut crowded = days.clone();
    crowded.retain(|day| day.len() as u32 > posts_a_day);
    crowded.sort_by_key(|day| std::cmp::Reverse(day.len()));
    let shown = |day: &&[&CorpusPost]| ScheduledDay {
        day: day_of(day[0]).unwrap_or(first),
        posts: posts.lines(day),
    };
    Some(PublicationSchedule {
        posts: ahead.len(),
        first,
        last,
        weekdays_only,
        interval,
        posts_a_day,
        calendar: calendar::count_days_ahead(&dates, posts.today),
        next: CappedList::new(&days, posts.rows, shown),
        gaps: CappedList::new(&gaps, posts.rows, |gap| *gap),
        crowded: CappedList::new(&crowded, posts.rows, shown),
    })
}

/// Returns the median, or 1 for no numbers.
fn median_or_one(numbers: impl Iterator<Item = u32>) -> u32 {
    let mut sorted: Vec<u32> = numbers.collect();
    sorted.sort_unstable();
    find_quantile(&sorted, 50).unwrap_or(1)
}

/// Returns the periods of at least twice the interval without a post, including the one before the
/// first.
fn find_gaps(today: Date, days: &[Date], interval: u32, weekdays_only: bool) -> Vec<ScheduleGap> {
    let before = std::iter::once(today).chain(days.iter().copied());
    before
        .zip(days)
        .map(|(after, &before)| ScheduleGap {
            after,
            before,
            days: count_days_between(after, before, weekdays_only),
        })
        .filter(|gap| gap.days + 1 >= 2 * interval)
        .collect()
}

/// Counts the days strictly between two days, or only the weekdays among them.
fn count_days_between(after: Date, before: Date, weekdays_only: bool) -> u32 {
    let days = count_days_from(after, before)
        .saturating_sub(1)
        .max(0)
        .unsigned_abs();
    if !weekdays_only {
        return days;
    }
    // Each whole week has five weekdays, whatever day it starts on.
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

    /// Describes the schedule of posts on these days, as of Monday, 2026-06-15.
    fn schedule(days: &[&str]) -> Option<PublicationSchedule> {
        let entries: Vec<CorpusPost> = days
            .iter()
            .map(|day| {
                let mut entry = fixture::test_entry(day);
                entry.date = Some(fixture::test_date(day).into());
                entry
            })
            .collect();
        describe_post_schedule(&fixture::test_posts(&entries))
    }

    fn spans(schedule: &PublicationSchedule) -> Vec<(String, String, u32)> {
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
    fn weekends_are_not_gaps_in_a_schedule_without_them() {
        let days = ["2026-06-18", "2026-06-19", "2026-06-22", "2026-06-23"];
        let found = schedule(&days).unwrap();
        assert!(found.weekdays_only);
        let before_the_first = ("2026-06-15".to_owned(), "2026-06-18".to_owned(), 2);
        assert_eq!(spans(&found), [before_the_first]);
        let weeks = count_days_between(
            fixture::test_date("2026-06-19"),
            fixture::test_date("2026-07-06"),
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
