//! Builds the charts of a report from its numbers: which columns there are, and their labels.
//!
//! Not here: drawing a chart (`chart`).

use pressrun_text::numbers::group_thousands;
use serde::Serialize;

use super::chart::{self, ChartColumn, ChartLimit, ChartTick, ColumnChart, TICKS};
use super::numbers::{
    CalendarPeriod, CalendarUnit, HistogramBin, PostCalendar, ReportNumbers, TermUse, TextLengths,
};
use super::page::ReplyShare;

/// The charts of a page, as SVG.
#[derive(Debug, Serialize)]
pub(super) struct ReportCharts {
    ledger: String,
    calendar: String,
    schedule: String,
    lengths: String,
    titles: String,
    descriptions: String,
    categories: Vec<String>,
    tags: Vec<String>,
    languages: Vec<String>,
}

/// Draws the charts of a report; `parts` are the shares of its replies.
pub(super) fn draw_report_charts(numbers: &ReportNumbers, parts: &[ReplyShare]) -> ReportCharts {
    let parts: Vec<_> = parts
        .iter()
        .map(|part| (part.number, part.name, part.class))
        .collect();
    let calendar = |calendar, title| chart::draw_columns(&calendar_chart(calendar, title));
    let schedule = numbers.schedule.as_ref();
    let languages = &numbers.related.languages;
    ReportCharts {
        ledger: chart::draw_strip(&parts),
        calendar: calendar(&numbers.calendar, "Posts over time"),
        schedule: schedule.map_or_else(String::new, |schedule| {
            calendar(&schedule.calendar, "Scheduled posts")
        }),
        lengths: chart::draw_columns(&lengths_chart(&numbers.lengths.bins)),
        titles: chart::draw_columns(&texts_chart(&numbers.titles, "Titles")),
        descriptions: chart::draw_columns(&texts_chart(&numbers.descriptions, "Descriptions")),
        categories: draw_bars(&numbers.categories.most_used.first),
        tags: draw_bars(&numbers.tags.most_used.first),
        languages: languages
            .iter()
            .map(|one| chart::draw_bar(one.posts, numbers.posts))
            .collect(),
    }
}

/// Draws a bar for each term. The first term has the most posts, so its bar is full.
fn draw_bars(terms: &[TermUse]) -> Vec<String> {
    let most = terms.first().map_or(0, |term| term.posts);
    let bars = terms.iter().map(|term| chart::draw_bar(term.posts, most));
    bars.collect()
}

fn calendar_chart(calendar: &PostCalendar, what: &str) -> ColumnChart {
    let columns = calendar.periods.iter().map(|period| {
        let mut title = format!(
            "{}: {}",
            period.name,
            posts_with_noun(period.published + period.future)
        );
        if period.published > 0 && period.future > 0 {
            title += &format!(", {} of them scheduled", group_thousands(period.future));
        }
        ChartColumn {
            title,
            pieces: vec![(period.published, "published"), (period.future, "future")],
        }
    });
    ColumnChart {
        title: format!("{what}, one column for each {}", calendar.unit),
        columns: columns.collect(),
        ticks: choose_ticks(calendar),
        limits: Vec::new(),
    }
}

/// Chooses the periods that get a label, preferably where a year or a week begins.
fn choose_ticks(calendar: &PostCalendar) -> Vec<ChartTick> {
    let periods = &calendar.periods;
    let steps: &[i32] = match calendar.unit {
        CalendarUnit::Day => &[1, 2, 7, 14],
        CalendarUnit::Month => &[1, 2, 3, 6, 12],
        CalendarUnit::Years(_) => &[1, 2, 5, 10],
    };
    let fits = |step: &&i32| periods.len() <= TICKS * step.unsigned_abs() as usize;
    let step = steps.iter().find(fits).or(steps.last()).copied();
    // Weeks begin on Monday, and day number 2 was the first Monday.
    let first = if calendar.unit == CalendarUnit::Day {
        2
    } else {
        0
    };
    let begins = |number: i32| (number - first).rem_euclid(step.unwrap_or(1)) == 0;
    let middle = |(at, period): (usize, &CalendarPeriod)| ChartTick {
        at: at as f64 + 0.5,
        label: match calendar.unit {
            CalendarUnit::Day => period.from.strftime("%-d %b").to_string(),
            CalendarUnit::Month => period.name.clone(),
            CalendarUnit::Years(_) => period.from.year().to_string(),
        },
    };
    let numbered = periods.iter().enumerate();
    numbered
        .filter(|(_, period)| begins(calendar.unit.number(period.from)))
        .map(middle)
        .collect()
}

fn lengths_chart(bins: &[HistogramBin]) -> ColumnChart {
    histogram_chart(bins, "Posts by their length in words", "words", u32::MAX)
}

fn texts_chart(texts: &TextLengths, what: &str) -> ColumnChart {
    let title = format!("{what} by their length in letters");
    let mut columns = histogram_chart(&texts.bins, &title, "letters", texts.most);
    let step = texts.bins.first().and_then(|bin| bin.to).unwrap_or(1);
    // In columns: each is `step` letters wide.
    let at = f64::from(texts.most) / f64::from(step);
    if at <= texts.bins.len() as f64 {
        columns.limits.push(ChartLimit {
            at,
            label: format!("cut off after about {}", texts.most),
        });
    }
    columns
}

/// Makes a column for each bin; bins beyond `most` get another class.
fn histogram_chart(bins: &[HistogramBin], title: &str, unit: &str, most: u32) -> ColumnChart {
    let columns = bins.iter().map(|bin| {
        let from = group_thousands(bin.from as usize);
        let range = match bin.to {
            Some(to) => format!("{from} to {}", group_thousands(to as usize)),
            None => format!("{from} or more"),
        };
        let class = if bin.from > most {
            "beyond"
        } else {
            "published"
        };
        ChartColumn {
            title: format!("{range} {unit}: {}", posts_with_noun(bin.posts)),
            pieces: vec![(bin.posts, class)],
        }
    });
    // Ticks stand between columns, where one bin ends and the next begins.
    let step = bins.len().div_ceil(TICKS).max(1);
    let edges = bins.iter().enumerate().filter(|(at, _)| at % step == 0);
    let ticks = edges.map(|(at, bin)| ChartTick {
        at: at as f64,
        label: group_thousands(bin.from.saturating_sub(1) as usize),
    });
    ColumnChart {
        title: title.to_owned(),
        ticks: ticks.collect(),
        columns: columns.collect(),
        limits: Vec::new(),
    }
}

fn posts_with_noun(number: usize) -> String {
    let noun = if number == 1 { "post" } else { "posts" };
    format!("{} {noun}", group_thousands(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::numbers::CalendarDay;

    #[test]
    fn weeks_begin_on_mondays_and_years_in_january() {
        let names = |days: &[&str]| -> Vec<String> {
            let day = |day: &&str| CalendarDay(day.parse().unwrap(), false);
            let days: Vec<CalendarDay> = days.iter().map(day).collect();
            let ticks = choose_ticks(&PostCalendar::of_days(&days));
            ticks.into_iter().map(|tick| tick.label).collect()
        };
        let weeks = ["1 Jun", "8 Jun", "15 Jun", "22 Jun", "29 Jun"];
        assert_eq!(names(&["2026-06-01", "2026-07-05"]), weeks);
        let years = ["Jan 2022", "Jan 2023", "Jan 2024", "Jan 2025", "Jan 2026"];
        assert_eq!(names(&["2021-02-01", "2026-05-01"]), years);
    }

    #[test]
    fn columns_beyond_what_is_shown_look_otherwise() {
        let bins = [1, 6, 11].map(|from| HistogramBin {
            from,
            to: Some(from + 4),
            posts: 1,
        });
        let chart = histogram_chart(&bins, "", "letters", 10);
        let classes: Vec<&str> = chart.columns.iter().map(|one| one.pieces[0].1).collect();
        assert_eq!(classes, ["published", "published", "beyond"]);
        assert_eq!(chart.columns[1].title, "6 to 10 letters: 1 post");
        let ticks: Vec<&str> = chart.ticks.iter().map(|tick| &*tick.label).collect();
        assert_eq!(ticks, ["0", "5", "10"]);
    }
}
