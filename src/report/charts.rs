//! Builds the charts of a report from its numbers: which columns there are, and their labels.
//!
//! Not here: drawing a chart (`chart`).

use pressrun_locale::locale::Locale;
use pressrun_locale::messages::{MessageValue, Words};
use serde::Serialize;

use super::chart::{self, ChartColumn, ChartLimit, ChartTick, ColumnChart, TICKS};
use super::numbers::{
    CalendarPeriod, CalendarUnit, HistogramBin, PostCalendar, ReportNumbers, TermUse, TextLengths,
};
use super::page::{ReplyShare, fill, name_period};

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
pub(super) fn draw_report_charts(
    numbers: &ReportNumbers,
    parts: &[ReplyShare],
    words: &Words,
) -> ReportCharts {
    let parts: Vec<_> = parts
        .iter()
        .map(|part| (part.number, part.name.as_str(), part.class))
        .collect();
    let calendar = |calendar, key| {
        let title = fill(words, key, &[]);
        chart::draw_columns(&calendar_chart(calendar, title, words))
    };
    let schedule = numbers.schedule.as_ref();
    let languages = &numbers.related.languages;
    ReportCharts {
        ledger: chart::draw_strip(&parts),
        calendar: calendar(&numbers.calendar, "chart_over_time"),
        schedule: schedule.map_or_else(String::new, |schedule| {
            calendar(&schedule.calendar, "chart_scheduled")
        }),
        lengths: chart::draw_columns(&lengths_chart(&numbers.lengths.bins, words)),
        titles: chart::draw_columns(&texts_chart(&numbers.titles, "chart_titles", words)),
        descriptions: chart::draw_columns(&texts_chart(
            &numbers.descriptions,
            "chart_descriptions",
            words,
        )),
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

fn calendar_chart(calendar: &PostCalendar, title: String, words: &Words) -> ColumnChart {
    let unit = calendar.unit.to_string();
    let columns = calendar.periods.iter().map(|period| {
        let name = name_period(&unit, period.from, period.to, words.locale());
        let posts = count_posts_in_words(period.published + period.future, words);
        let values = [
            ("name", MessageValue::Text(&name)),
            ("posts", MessageValue::Text(&posts)),
            ("scheduled", MessageValue::of_count(period.future)),
        ];
        let is_mixed = period.published > 0 && period.future > 0;
        let key = if is_mixed {
            "chart_point_scheduled"
        } else {
            "chart_point"
        };
        ChartColumn {
            title: fill(words, key, &values),
            pieces: vec![(period.published, "published"), (period.future, "future")],
        }
    });
    ColumnChart {
        title,
        columns: columns.collect(),
        ticks: choose_ticks(calendar, words.locale()),
        limits: Vec::new(),
    }
}

/// Chooses the periods that get a label, preferably where a year or a week begins.
fn choose_ticks(calendar: &PostCalendar, locale: &Locale) -> Vec<ChartTick> {
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
            CalendarUnit::Day => locale.format_day_of_year(period.from),
            CalendarUnit::Month => locale.format_month(period.from),
            CalendarUnit::Years(_) => period.from.year().to_string(),
        },
    };
    let numbered = periods.iter().enumerate();
    numbered
        .filter(|(_, period)| begins(calendar.unit.number(period.from)))
        .map(middle)
        .collect()
}

fn lengths_chart(bins: &[HistogramBin], words: &Words) -> ColumnChart {
    let title = fill(words, "chart_words", &[]);
    histogram_chart(bins, title, "chart_words_point", u32::MAX, words)
}

fn texts_chart(texts: &TextLengths, title: &str, words: &Words) -> ColumnChart {
    let title = fill(words, title, &[]);
    let point = "chart_letters_point";
    let mut columns = histogram_chart(&texts.bins, title, point, texts.most, words);
    let step = texts.bins.first().and_then(|bin| bin.to).unwrap_or(1);
    // In columns: each is `step` letters wide.
    let at = f64::from(texts.most) / f64::from(step);
    if at <= texts.bins.len() as f64 {
        let number = MessageValue::Number(i64::from(texts.most));
        columns.limits.push(ChartLimit {
            at,
            label: fill(words, "cut_off_after", &[("number", number)]),
        });
    }
    columns
}

/// Makes a column for each bin; bins beyond `most` get another class. `point` is the key of what is said of a column.
fn histogram_chart(
    bins: &[HistogramBin],
    title: String,
    point: &str,
    most: u32,
    words: &Words,
) -> ColumnChart {
    let columns = bins.iter().map(|bin| {
        let from = ("from", MessageValue::Number(i64::from(bin.from)));
        let range = match bin.to {
            Some(to) => {
                let to = ("to", MessageValue::Number(i64::from(to)));
                fill(words, "range", &[from, to])
            }
            None => fill(words, "range_open", &[from]),
        };
        let class = if bin.from > most {
            "beyond"
        } else {
            "published"
        };
        let posts = count_posts_in_words(bin.posts, words);
        let values = [
            ("range", MessageValue::Text(&range)),
            ("posts", MessageValue::Text(&posts)),
        ];
        ChartColumn {
            title: fill(words, point, &values),
            pieces: vec![(bin.posts, class)],
        }
    });
    // Ticks stand between columns, where one bin ends and the next begins.
    let step = bins.len().div_ceil(TICKS).max(1);
    let edges = bins.iter().enumerate().filter(|(at, _)| at % step == 0);
    let ticks = edges.map(|(at, bin)| ChartTick {
        at: at as f64,
        label: words
            .locale()
            .format_number(i64::from(bin.from.saturating_sub(1))),
    });
    ColumnChart {
        title,
        ticks: ticks.collect(),
        columns: columns.collect(),
        limits: Vec::new(),
    }
}

fn count_posts_in_words(number: usize, words: &Words) -> String {
    let count = MessageValue::of_count(number);
    // The theme counts posts in the same words.
    words.fill("posts", &[("count", count)]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::numbers::CalendarDay;
    use pressrun_locale::messages::Messages;

    #[test]
    fn weeks_begin_on_mondays_and_years_in_january() {
        let names = |days: &[&str]| -> Vec<String> {
            let day = |day: &&str| CalendarDay(day.parse().unwrap(), false);
            let days: Vec<CalendarDay> = days.iter().map(day).collect();
            let ticks = choose_ticks(&PostCalendar::of_days(&days), &Locale::for_tag("en"));
            ticks.into_iter().map(|tick| tick.label).collect()
        };
        let weeks = ["1 June", "8 June", "15 June", "22 June", "29 June"];
        assert_eq!(names(&["2026-06-01", "2026-07-05"]), weeks);
        let years = [
            "January 2022",
            "January 2023",
            "January 2024",
            "January 2025",
            "January 2026",
        ];
        assert_eq!(names(&["2021-02-01", "2026-05-01"]), years);
    }

    #[test]
    fn columns_beyond_what_is_shown_look_otherwise() {
        let words = Messages::new("en", Vec::new()).site_words();
        let bins = [1, 6, 11].map(|from| HistogramBin {
            from,
            to: Some(from + 4),
            posts: 1,
        });
        let chart = histogram_chart(&bins, String::new(), "chart_letters_point", 10, &words);
        let classes: Vec<&str> = chart.columns.iter().map(|one| one.pieces[0].1).collect();
        assert_eq!(classes, ["published", "published", "beyond"]);
        assert_eq!(chart.columns[1].title, "6 to 10 letters: 1 post");
        let ticks: Vec<&str> = chart.ticks.iter().map(|tick| &*tick.label).collect();
        assert_eq!(ticks, ["0", "5", "10"]);
    }
}
