//! The page of a report: one HTML file that needs nothing but itself.
//!
//! Its template is `report.html`, which escapes what it prints; its style sheet is `report.css`.

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, Value};

use super::chart::{self, Column, Columns, Limit, TICKS, Tick, escaped};
use super::numbers::{Bin, Calendar, Numbers, Period, Term, Texts, Unit};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::render::links::encoded;
use crate::text::numbers::grouped;

/// Name of the template in messages.
const NAME: &str = "report.html";

const TEMPLATE: &str = include_str!("report.html");
const STYLE: &str = include_str!("report.css");

/// What is known of the page beside the numbers.
#[derive(Debug, Clone)]
pub struct Look {
    /// The colour of links and charts, as `#rrggbb`.
    pub accent: String,
    /// Address of the folder of the site, as the page sees it; without a `/` at the end.
    pub root: String,
}

/// The charts of a page.
#[derive(Debug, Serialize)]
struct Charts {
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

/// A part of the replies.
#[derive(Debug, Serialize)]
struct Part {
    number: usize,
    name: &'static str,
    class: &'static str,
}

/// Something worth a look, and the section that says more of it.
#[derive(Debug, PartialEq, Serialize)]
struct Line {
    number: usize,
    words: &'static str,
    at: &'static str,
}

/// Writes the page of some numbers.
///
/// # Errors
///
/// A template that does not fit the numbers, which would be a mistake of this module.
pub fn html(numbers: &Numbers, look: &Look) -> Result<String, Diagnostic> {
    let mut tera = Tera::new();
    register_filters(&mut tera, look.root.clone());
    let mut context = Context::new();
    context.insert("report", numbers);
    context.insert("charts", &charts(numbers));
    context.insert("ledger_parts", &ledger(numbers));
    context.insert("look", &worth_a_look(numbers));
    context.insert("accent", &look.accent);
    context.insert("style", STYLE);
    context.insert("generator", concat!("pressrun ", env!("CARGO_PKG_VERSION")));
    let page = tera
        .add_raw_template(NAME, TEMPLATE)
        .and_then(|()| tera.render(NAME, &context));
    match page {
        Ok(page) => Ok(page.trim_start().to_owned()),
        Err(error) => {
            let place = Place::file(NAME);
            Err(Diagnostic::new(
                Code::TemplateError,
                place,
                error.to_string(),
            ))
        }
    }
}

fn register_filters(tera: &mut Tera, root: String) {
    let number = |number: u64, _: Kwargs, _: &State| grouped(number as usize);
    tera.register_filter("grouped", number);
    tera.register_filter("share", |part: u64, of: Kwargs, _: &State| {
        Ok::<_, tera::Error>(share(part, of.must_get("of")?))
    });
    tera.register_filter("percent", |share: f64, _: Kwargs, _: &State| {
        format!("{:.0}%", share * 100.0)
    });
    tera.register_filter("duration", |minutes: u64, _: Kwargs, _: &State| {
        duration(minutes)
    });
    tera.register_filter("quotations", |text: &str, _: Kwargs, _: &State| {
        Value::safe_string(&quotations(text))
    });
    tera.register_filter("source", move |file: &str, _: Kwargs, _: &State| {
        format!("{root}{}", encoded(file))
    });
}

/// A part of a whole in per cent; none is 0%, and what is not nothing or all is not said to be.
fn share(part: u64, whole: u64) -> String {
    let percent = (part as f64 * 100.0 / whole.max(1) as f64).round();
    match percent {
        0.0 if part > 0 => "less than 1%".to_owned(),
        100.0 if part < whole => "more than 99%".to_owned(),
        percent => format!("{percent}%"),
    }
}

/// A message as HTML: what it quotes in backticks is set as such.
fn quotations(message: &str) -> String {
    let mut html = String::new();
    let mut parts = message.split('`').peekable();
    let mut is_quoted = false;
    while let Some(part) = parts.next() {
        let text = escaped(part);
        html += &match (is_quoted, parts.peek()) {
            (true, Some(_)) => format!("<code>{text}</code>"),
            // Nothing closes it.
            (true, None) => format!("`{text}"),
            (false, _) => text,
        };
        is_quoted = !is_quoted;
    }
    html
}

/// Minutes for a person: `45 min`, `3 h 20`, `120 h`.
fn duration(minutes: u64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours @ 1..10, minutes) => format!("{hours} h {minutes:02}"),
        (hours, minutes) => format!("{} h", grouped((hours + minutes / 30) as usize)),
    }
}

fn charts(numbers: &Numbers) -> Charts {
    let parts = ledger(numbers);
    let parts: Vec<_> = parts
        .iter()
        .map(|part| (part.number, part.name, part.class))
        .collect();
    let calendar = |calendar, title| chart::columns(&over_time(calendar, title));
    let schedule = numbers.schedule.as_ref();
    let languages = numbers.related.languages.as_deref().unwrap_or_default();
    Charts {
        ledger: chart::strip(&parts),
        calendar: calendar(&numbers.calendar, "Posts over time"),
        schedule: schedule.map_or_else(String::new, |schedule| {
            calendar(&schedule.calendar, "Posts to appear")
        }),
        lengths: chart::columns(&lengths(&numbers.lengths.bins)),
        titles: chart::columns(&texts(&numbers.titles, "Titles")),
        descriptions: chart::columns(&texts(&numbers.descriptions, "Descriptions")),
        categories: bars(&numbers.categories.most_used.first),
        tags: bars(&numbers.tags.most_used.first),
        languages: languages
            .iter()
            .map(|one| chart::bar(one.posts, numbers.posts))
            .collect(),
    }
}

/// What became of the replies, without what became of none.
fn ledger(numbers: &Numbers) -> Vec<Part> {
    let ledger = &numbers.ledger;
    let drafts = if ledger.drafts == 1 {
        "draft"
    } else {
        "drafts"
    };
    [
        (ledger.published, "on the site", "published"),
        (ledger.future, "to appear", "future"),
        (ledger.drafts, drafts, "draft"),
        (ledger.rejected, "not published", "rejected"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, name, class)| Part {
        number,
        name,
        class,
    })
    .collect()
}

/// What somebody should look at, the worst first.
fn worth_a_look(numbers: &Numbers) -> Vec<Line> {
    let Numbers {
        ledger,
        related,
        titles,
        descriptions,
        ..
    } = numbers;
    let groups = |found: Option<usize>| found.unwrap_or_default();
    let duplicates = related.near_duplicates.as_ref().map(|found| found.count);
    let competing = related.competing.as_ref().map(|found| found.count);
    let gaps = numbers.schedule.as_ref().map(|found| found.gaps.count);
    [
        (
            ledger.rejected,
            ["reply is not published", "replies are not published"],
            "findings",
        ),
        (
            numbers.findings.warnings,
            ["warning", "warnings"],
            "findings",
        ),
        (
            groups(duplicates),
            [
                "group of posts that say nearly the same",
                "groups of posts that say nearly the same",
            ],
            "near-duplicates",
        ),
        (
            groups(competing),
            [
                "group of posts that compete for the same words",
                "groups of posts that compete for the same words",
            ],
            "competing",
        ),
        (
            descriptions.missing.count,
            ["post without a description", "posts without a description"],
            "descriptions",
        ),
        (
            descriptions.too_long.count,
            [
                "description longer than results show",
                "descriptions longer than results show",
            ],
            "descriptions",
        ),
        (
            titles.too_long.count,
            [
                "title longer than results show",
                "titles longer than results show",
            ],
            "titles",
        ),
        (
            numbers.categories.without.count,
            ["post without a category", "posts without a category"],
            "categories",
        ),
        (
            numbers.tags.without.count,
            ["post without tags", "posts without tags"],
            "tags",
        ),
        (
            numbers.calendar.undated,
            ["post without a date", "posts without a date"],
            "time",
        ),
        (
            groups(gaps),
            ["gap in the schedule", "gaps in the schedule"],
            "schedule",
        ),
        (ledger.drafts, ["draft", "drafts"], "drafts"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, [one, many], at)| Line {
        number,
        words: if number == 1 { one } else { many },
        at,
    })
    .collect()
}

/// A bar for each term, the first of which has most posts.
fn bars(terms: &[Term]) -> Vec<String> {
    let most = terms.first().map_or(0, |term| term.posts);
    let bars = terms.iter().map(|term| chart::bar(term.posts, most));
    bars.collect()
}

fn over_time(calendar: &Calendar, what: &str) -> Columns {
    let columns = calendar.periods.iter().map(|period| {
        let mut title = format!(
            "{}: {}",
            period.name,
            posts(period.published + period.future)
        );
        if period.published > 0 && period.future > 0 {
            title += &format!(", {} of them to appear", grouped(period.future));
        }
        Column {
            title,
            pieces: vec![(period.published, "published"), (period.future, "future")],
        }
    });
    Columns {
        title: format!("{what}, a column for each {}", calendar.unit),
        columns: columns.collect(),
        ticks: ticks(calendar),
        limits: Vec::new(),
    }
}

/// Names of periods, where the year or the week begins as far as that can be.
fn ticks(calendar: &Calendar) -> Vec<Tick> {
    let periods = &calendar.periods;
    let steps: &[i32] = match calendar.unit {
        Unit::Day => &[1, 2, 7, 14],
        Unit::Month => &[1, 2, 3, 6, 12],
        Unit::Years(_) => &[1, 2, 5, 10],
    };
    let fits = |step: &&i32| periods.len() <= TICKS * step.unsigned_abs() as usize;
    let step = steps.iter().find(fits).or(steps.last()).copied();
    // Weeks begin on Mondays, of which the first was the third day of all.
    let first = if calendar.unit == Unit::Day { 2 } else { 0 };
    let begins = |number: i32| (number - first).rem_euclid(step.unwrap_or(1)) == 0;
    let middle = |(at, period): (usize, &Period)| Tick {
        at: at as f64 + 0.5,
        label: match calendar.unit {
            Unit::Day => period.from.strftime("%-d %b").to_string(),
            Unit::Month => period.name.clone(),
            Unit::Years(_) => period.from.year().to_string(),
        },
    };
    let numbered = periods.iter().enumerate();
    numbered
        .filter(|(_, period)| begins(calendar.unit.number(period.from)))
        .map(middle)
        .collect()
}

fn lengths(bins: &[Bin]) -> Columns {
    histogram(bins, "Posts by their length in words", "words", u32::MAX)
}

fn texts(texts: &Texts, what: &str) -> Columns {
    let title = format!("{what} by their length in letters");
    let mut columns = histogram(&texts.bins, &title, "letters", texts.most);
    let step = texts.bins.first().and_then(|bin| bin.to).unwrap_or(1);
    let at = f64::from(texts.most) / f64::from(step);
    if at <= texts.bins.len() as f64 {
        columns.limits.push(Limit {
            at,
            label: format!("cut after about {}", texts.most),
        });
    }
    columns
}

/// The columns of bins; those beyond `most` look otherwise.
fn histogram(bins: &[Bin], title: &str, unit: &str, most: u32) -> Columns {
    let columns = bins.iter().map(|bin| {
        let from = grouped(bin.from as usize);
        let range = match bin.to {
            Some(to) => format!("{from} to {}", grouped(to as usize)),
            None => format!("{from} and more"),
        };
        let class = if bin.from > most {
            "beyond"
        } else {
            "published"
        };
        Column {
            title: format!("{range} {unit}: {}", posts(bin.posts)),
            pieces: vec![(bin.posts, class)],
        }
    });
    // Ticks stand between columns, where one number ends and the next begins.
    let step = bins.len().div_ceil(TICKS).max(1);
    let edges = bins.iter().enumerate().filter(|(at, _)| at % step == 0);
    let ticks = edges.map(|(at, bin)| Tick {
        at: at as f64,
        label: grouped(bin.from.saturating_sub(1) as usize),
    });
    Columns {
        title: title.to_owned(),
        ticks: ticks.collect(),
        columns: columns.collect(),
        limits: Vec::new(),
    }
}

fn posts(number: usize) -> String {
    let noun = if number == 1 { "post" } else { "posts" };
    format!("{} {noun}", grouped(number))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::Config;
    use crate::corpus::{self, Dated, Selection};
    use crate::pipeline::Ledger;
    use crate::pipeline::survey::Survey;
    use crate::post::{Date, Post};
    use crate::report::numbers::{
        self, Capped, Cluster, Competing, Difference, InLanguage, Likeness, PostLine, Related,
    };

    const HOSTILE: &str =
        "</title><script>alert(1)</script><img src=x onerror='a' \"b\"> & {{ 1 }}";

    /// The numbers of a site with such posts, each a title and a day.
    fn counted(posts: &[(&str, &str)]) -> Numbers {
        let dated = posts.iter().map(|(title, day)| Dated {
            post: Arc::new(Post {
                title: (*title).to_owned(),
                tags: vec![(*title).to_owned()],
                slug: "a".to_owned(),
                ..Post::default()
            }),
            date: day.parse().ok(),
        });
        let today = Date::constant(2026, 6, 15);
        let selection = Selection {
            today,
            drafts: false,
            future: true,
        };
        let config = Config {
            title: HOSTILE.to_owned(),
            ..Config::default()
        };
        let planned = corpus::gather(dated.collect(), &config, selection);
        let survey = Survey {
            config: Arc::new(config),
            ledger: Ledger::default(),
            planned,
            drafts: Vec::new(),
            diagnostics: Vec::new(),
        };
        numbers::of(&survey, today, 20)
    }

    fn page(numbers: &Numbers) -> String {
        let look = Look {
            accent: "#b5321a".to_owned(),
            root: "..".to_owned(),
        };
        html(numbers, &look).unwrap()
    }

    #[track_caller]
    fn check_is_inert(page: &str) {
        for forbidden in ["<script", "<img", "onerror='", "NaN", "inf%"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn site_without_posts_has_a_page() {
        let page = page(&counted(&[]));
        check_is_inert(&page);
        for text in [
            "No post has a date.",
            "There are no posts.",
            "Nothing stands out.",
        ] {
            assert!(page.contains(text), "{text}");
        }
    }

    #[test]
    fn post_without_a_date_is_on_the_page() {
        let page = page(&counted(&[("Tea", "")]));
        assert!(page.contains("<b>1</b> <a href=\"#time\">post without a date</a>"));
    }

    #[test]
    fn what_is_known_of_likeness_is_shown_as_text() {
        let post = || PostLine {
            title: HOSTILE.to_owned(),
            file: "content/a b.txt".to_owned(),
            line: 3,
            date: None,
            url: None,
        };
        let mut numbers = counted(&[(HOSTILE, "2026-01-01"), ("Later", "2026-07-01")]);
        numbers.related = Related {
            near_duplicates: Some(Capped {
                count: 3,
                first: vec![Cluster {
                    keeper: post(),
                    others: Capped {
                        count: 2,
                        first: vec![Likeness {
                            post: post(),
                            similarity: 0.874,
                            differences: vec![Difference {
                                keeper: HOSTILE.to_owned(),
                                other: String::new(),
                            }],
                        }],
                    },
                }],
            }),
            competing: Some(Capped {
                count: 1,
                first: vec![Competing {
                    phrase: HOSTILE.to_owned(),
                    posts: Capped {
                        count: 1,
                        first: vec![post()],
                    },
                }],
            }),
            languages: Some(vec![InLanguage {
                language: HOSTILE.to_owned(),
                posts: 2,
            }]),
        };
        let page = page(&numbers);
        check_is_inert(&page);
        for text in [
            "87% the same",
            "and 2 more",
            "href=\"../content/a%20b.txt\">content/a b.txt:3</a>",
            "<b>3</b> <a href=\"#near-duplicates\">",
            "<b>1</b> <a href=\"#competing\">",
        ] {
            assert!(page.contains(text), "{text}");
        }
    }

    #[test]
    fn weeks_begin_on_mondays_and_years_in_january() {
        let names = |days: &[&str]| -> Vec<String> {
            let posts: Vec<(&str, &str)> = days.iter().map(|day| (*day, *day)).collect();
            let ticks = ticks(&counted(&posts).calendar);
            ticks.into_iter().map(|tick| tick.label).collect()
        };
        let weeks = ["1 Jun", "8 Jun", "15 Jun", "22 Jun", "29 Jun"];
        assert_eq!(names(&["2026-06-01", "2026-07-05"]), weeks);
        let years = ["Jan 2022", "Jan 2023", "Jan 2024", "Jan 2025", "Jan 2026"];
        assert_eq!(names(&["2021-02-01", "2026-05-01"]), years);
    }

    #[test]
    fn shares_are_never_rounded_to_nothing_or_all() {
        for (part, whole, expected) in [
            (0, 0, "0%"),
            (0, 7, "0%"),
            (1, 1000, "less than 1%"),
            (1, 3, "33%"),
            (999, 1000, "more than 99%"),
            (7, 7, "100%"),
        ] {
            assert_eq!(share(part, whole), expected);
        }
    }

    #[test]
    fn what_a_message_quotes_is_set_apart_and_still_text() {
        for (message, expected) in [
            ("`<b>` leads", "<code>&lt;b&gt;</code> leads"),
            ("a `b` c `d", "a <code>b</code> c `d"),
            ("<i>", "&lt;i&gt;"),
            ("", ""),
        ] {
            assert_eq!(quotations(message), expected);
        }
    }

    #[test]
    fn minutes_are_said_in_hours() {
        assert_eq!(duration(0), "0 min");
        assert_eq!(duration(59), "59 min");
        assert_eq!(duration(61), "1 h 01");
        assert_eq!(duration(659), "11 h");
        assert_eq!(duration(600_030), "10,001 h");
    }
}
