//! Renders a report as one self-contained HTML file.
//!
//! The template `report.html` escapes what it prints; the style sheet is `report.css`. The words are in the language of the
//! site, what is said of single posts in English.

use std::sync::Arc;

use pressrun_locale::locale::Locale;
use pressrun_locale::messages::{MessageValue, Messages, Words};
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::Date;
use pressrun_site::render::links::encode_rooted_path;
use pressrun_site::render::register_word_functions;
use pressrun_text::html::escape_html;
use pressrun_text::language;
use pressrun_text::visible::is_unfit;
use serde::Serialize;
use tera::value::Key;
use tera::{Context, Kwargs, Map, State, Tera, Value};

use super::charts;
use super::numbers::ReportNumbers;

/// Name of the template in error messages.
const NAME: &str = "report.html";

const TEMPLATE: &str = include_str!("report.html");
const STYLE: &str = include_str!("report.css");

/// What the page shows besides the numbers.
#[derive(Debug, Clone)]
pub struct PageLook {
    /// Colour of links and charts, as `#rrggbb`.
    pub accent: String,
    /// Relative address of the site's folder, as seen from the page, without a `/` at the end.
    pub root: String,
    /// The words of the site.
    pub messages: Messages,
    /// The language of the site.
    pub language: String,
}

/// One share of the replies: published, scheduled, drafts or rejected.
#[derive(Debug, Serialize)]
pub(super) struct ReplyShare {
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) class: &'static str,
}

/// A number that deserves attention, and the section that has the details.
#[derive(Debug, PartialEq, Serialize)]
struct AttentionLine {
    number: usize,
    words: String,
    at: &'static str,
}

/// Renders numbers as an HTML page.
///
/// # Errors
///
/// Returns a template error, which would be a bug of this module.
pub fn render_report_page(numbers: &ReportNumbers, look: &PageLook) -> Result<String, Diagnostic> {
    let words = look.messages.site_words();
    let mut tera = Tera::new();
    register_word_functions(&mut tera, &look.messages);
    register_filters(&mut tera, look.root.clone(), &words);
    let mut context = Context::new();
    context.insert("report", numbers);
    let parts = ledger_shares(numbers, &words);
    context.insert(
        "charts",
        &charts::draw_report_charts(numbers, &parts, &words),
    );
    context.insert("ledger_parts", &parts);
    context.insert("look", &list_attention_lines(numbers, &words));
    context.insert("accent", &look.accent);
    context.insert("language", &look.language);
    context.insert("rtl", &language::is_right_to_left(&look.language));
    context.insert("style", STYLE);
    context.insert("generator", concat!("pressrun ", env!("CARGO_PKG_VERSION")));
    let page = tera
        .add_raw_template(NAME, TEMPLATE)
        .and_then(|()| tera.render(NAME, &context));
    match page {
        // The template begins with definitions, which leave blank lines. The names of files may
        // contain any character.
        Ok(page) => Ok(page.trim_start().replace(is_unfit, "\u{FFFD}")),
        Err(error) => {
            let place = FilePlace::file(NAME);
            Err(Diagnostic::new(
                Code::TemplateError,
                place,
                error.to_string(),
            ))
        }
    }
}

fn register_filters(tera: &mut Tera, root: String, words: &Arc<Words>) {
    let share_words = Arc::clone(words);
    tera.register_filter("share", move |part: u64, of: Kwargs, _: &State| {
        Ok::<_, tera::Error>(format_share(part, of.must_get("of")?, &share_words))
    });
    let percent_words = Arc::clone(words);
    tera.register_filter("percent", move |share: f64, _: Kwargs, _: &State| {
        let number = MessageValue::Number((share * 100.0).round() as i64);
        fill(&percent_words, "percent", &[("number", number)])
    });
    let time_words = Arc::clone(words);
    tera.register_filter("duration", move |minutes: u64, _: Kwargs, _: &State| {
        format_minutes(minutes, &time_words)
    });
    let day_words = Arc::clone(words);
    tera.register_filter("day", move |day: &str, _: Kwargs, _: &State| {
        let date = day.parse::<Date>();
        date.map_or_else(
            |_| day.to_owned(),
            |date| day_words.locale().format_day(date),
        )
    });
    let period_words = Arc::clone(words);
    tera.register_filter("period", move |period: &Map, values: Kwargs, _: &State| {
        let day = |key| period.get(&Key::from(key))?.as_str()?.parse::<Date>().ok();
        let unit: &str = values.must_get("unit")?;
        let Some((from, to)) = day("from").zip(day("to")) else {
            return Ok::<_, tera::Error>(String::new());
        };
        Ok(name_period(unit, from, to, period_words.locale()))
    });
    tera.register_filter("quotations", |text: &str, _: Kwargs, _: &State| {
        Value::safe_string(&mark_quotations(text))
    });
    tera.register_filter("source", move |file: &str, _: Kwargs, _: &State| {
        format!("{root}{}", encode_rooted_path(file))
    });
}

/// Names a period of a calendar in a language. Its unit is as in the numbers: `day`, `month`, `year` or several years.
pub(super) fn name_period(unit: &str, from: Date, to: Date, locale: &Locale) -> String {
    match unit {
        "day" => locale.format_day(from),
        "month" => locale.format_month(from),
        "year" => from.year().to_string(),
        _ => format!("{}–{}", from.year(), to.year()),
    }
}

/// Returns a part of a whole in per cent. Only nothing is "0%" and only all is "100%", whatever
/// rounding gives.
fn format_share(part: u64, whole: u64, words: &Words) -> String {
    let percent = (part as f64 * 100.0 / whole.max(1) as f64).round() as i64;
    let share = |number| {
        fill(
            words,
            "percent",
            &[("number", MessageValue::Number(number))],
        )
    };
    let about = |key, number| {
        let share = share(number);
        fill(words, key, &[("share", MessageValue::Text(&share))])
    };
    match percent {
        0 if part > 0 => about("below_percent", 1),
        100 if part < whole => about("above_percent", 99),
        percent => share(percent),
    }
}

/// Fills in a message of the report.
pub(super) fn fill(words: &Words, key: &str, values: &[(&str, MessageValue<'_>)]) -> String {
    let key = format!("report.{key}");
    // A site's own words show no other values than those of the theme.
    words.fill(&key, values).unwrap_or(key)
}

/// Turns a message into HTML; text between backticks becomes `<code>`.
fn mark_quotations(message: &str) -> String {
    let mut html = String::new();
    let mut parts = message.split('`').peekable();
    let mut is_quoted = false;
    while let Some(part) = parts.next() {
        let text = escape_html(part);
        html += &match (is_quoted, parts.peek()) {
            (true, Some(_)) => format!("<code>{text}</code>"),
            // The last backtick is not closed, so it is plain text.
            (true, None) => format!("`{text}"),
            (false, _) => text,
        };
        is_quoted = !is_quoted;
    }
    html
}

/// Formats minutes for people: `45 min`, `3 h 20 min`, `120 h`.
fn format_minutes(minutes: u64, words: &Words) -> String {
    let minutes = i64::try_from(minutes).unwrap_or(i64::MAX);
    let (hours, rest) = (minutes / 60, minutes % 60);
    let hours_value = |hours| ("hours", MessageValue::Number(hours));
    let minutes_value = ("minutes", MessageValue::Number(rest));
    match hours {
        0 => fill(words, "minutes", &[minutes_value]),
        1..10 => fill(words, "hours_minutes", &[hours_value(hours), minutes_value]),
        _ => fill(words, "hours", &[hours_value(hours + rest / 30)]),
    }
}

/// Returns how many replies were published, scheduled, drafts, expired or rejected, without the
/// zeros.
fn ledger_shares(numbers: &ReportNumbers, words: &Words) -> Vec<ReplyShare> {
    let ledger = &numbers.ledger;
    [
        (ledger.published, "on_site", "published"),
        (ledger.pages, "pages", "page"),
        (ledger.future, "scheduled", "future"),
        (ledger.drafts, "are_drafts", "draft"),
        (ledger.unapproved, "unapproved", "draft"),
        (ledger.expired, "are_expired", "expired"),
        (ledger.rejected, "not_published", "rejected"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, key, class)| ReplyShare {
        number,
        name: words_behind(number, key, words),
        class,
    })
    .collect()
}

/// Returns the words that stand behind a number.
fn words_behind(number: usize, key: &str, words: &Words) -> String {
    fill(words, key, &[("count", MessageValue::of_count(number))])
}

/// Returns what deserves attention, the worst first.
fn list_attention_lines(numbers: &ReportNumbers, words: &Words) -> Vec<AttentionLine> {
    let found = count_attention_items(numbers).into_iter();
    found
        .filter(|(number, ..)| *number > 0)
        .map(|(number, key, at)| AttentionLine {
            number,
            words: words_behind(number, key, words),
            at,
        })
        .collect()
}

/// Returns each count with the key of its description and the section that has the details.
fn count_attention_items(numbers: &ReportNumbers) -> [(usize, &'static str, &'static str); 13] {
    let ReportNumbers {
        ledger,
        related,
        titles,
        descriptions,
        categories,
        tags,
        ..
    } = numbers;
    let gaps = numbers.schedule.as_ref().map_or(0, |one| one.gaps.count);
    let due = numbers.review.as_ref().map_or(0, |one| one.due.count);
    let (missing, cut) = (descriptions.missing.count, descriptions.too_long.count);
    let (no_category, no_tags) = (categories.without.count, tags.without.count);
    [
        (ledger.rejected, "not_published", "findings"),
        (due, "look_due", "review"),
        (numbers.findings.warnings, "look_warnings", "findings"),
        (
            related.near_duplicates.count,
            "look_alike",
            "near-duplicates",
        ),
        (related.competing.count, "look_competing", "competing"),
        (missing, "look_no_description", "descriptions"),
        (cut, "look_long_descriptions", "descriptions"),
        (titles.too_long.count, "look_long_titles", "titles"),
        (no_category, "look_no_category", "categories"),
        (no_tags, "look_no_tags", "tags"),
        (numbers.calendar.undated, "look_no_date", "time"),
        (gaps, "look_gaps", "schedule"),
        (ledger.drafts, "are_drafts", "drafts"),
    ]
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::{Moment, Post};
    use pressrun_site::cache::BuildCache;
    use pressrun_site::config::Config;
    use pressrun_site::corpus::{self, DatedPost, PostSelection};
    use pressrun_site::pipeline::SiteFindings;
    use pressrun_site::pipeline::report_data::ReportData;

    use super::*;
    use crate::report::numbers::{
        self, CappedList, CompetingPhrase, LanguageCount, NearDuplicateGroup, PostLine,
        PostRelations, ReportDifference, SimilarPostLine,
    };

    const HOSTILE: &str =
        "</title><script>alert(1)</script><img src=x onerror='a' \"b\"> & {{ 1 }}";

    fn english() -> Arc<Words> {
        Messages::new("en", Vec::new()).site_words()
    }

    /// The numbers of a site with such posts, each given by title and date.
    fn counted(posts: &[(&str, &str)]) -> ReportNumbers {
        let dated = posts.iter().map(|(title, day)| DatedPost {
            post: Arc::new(Post {
                title: (*title).to_owned(),
                tags: vec![(*title).to_owned()],
                slug: "a".to_owned(),
                ..Post::default()
            }),
            date: day.parse().ok().map(|day: Date| day.into()),
            ..DatedPost::default()
        });
        let present = Moment::start_of_day(Date::constant(2026, 6, 15));
        let selection = PostSelection {
            present,
            drafts: false,
            future: true,
        };
        let config = Config {
            title: HOSTILE.to_owned(),
            ..Config::default()
        };
        let bodies = BuildCache::disabled().bodies(0);
        let mut compared = corpus::SimilarityCache::default();
        let inputs = corpus::GatherInputs {
            bodies: &bodies,
            config: &config,
            selection,
            own_paths: &corpus::OwnPaths::default(),
        };
        let planned = corpus::gather_corpus(dated.collect(), inputs, &mut compared);
        let data = ReportData {
            config: Arc::new(config),
            findings: SiteFindings::default(),
            corpus: Arc::new(planned.unwrap().corpus),
            bodies: Arc::new(bodies),
            reviewed: Vec::new(),
        };
        numbers::count_site(&data, present, 20)
    }

    fn page(numbers: &ReportNumbers) -> String {
        let look = PageLook {
            accent: "#b5321a".to_owned(),
            root: "..".to_owned(),
            messages: Messages::new("en", Vec::new()),
            language: "en".to_owned(),
        };
        render_report_page(numbers, &look).unwrap()
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
        numbers.related = PostRelations {
            near_duplicates: CappedList {
                count: 3,
                first: vec![NearDuplicateGroup {
                    keeper: post(),
                    others: CappedList {
                        count: 2,
                        first: vec![SimilarPostLine {
                            post: post(),
                            similarity: Some(0.874),
                            differences: vec![ReportDifference {
                                keeper: HOSTILE.to_owned(),
                                other: String::new(),
                            }],
                        }],
                    },
                }],
            },
            competing: CappedList {
                count: 1,
                first: vec![CompetingPhrase {
                    phrase: HOSTILE.to_owned(),
                    posts: CappedList {
                        count: 1,
                        first: vec![post()],
                    },
                }],
            },
            languages: vec![
                LanguageCount {
                    language: HOSTILE.to_owned(),
                    posts: 2,
                },
                LanguageCount {
                    language: "en".to_owned(),
                    posts: 1,
                },
            ],
        };
        let page = page(&numbers);
        check_is_inert(&page);
        for text in [
            "<li><b>87%</b> ",
            "and 2 more",
            "href=\"../content/a%20b.txt\">content/a b.txt:3</a>",
            "<b>3</b> <a href=\"#near-duplicates\">",
            "<b>1</b> <a href=\"#competing\">",
        ] {
            assert!(page.contains(text), "{text}");
        }
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
            assert_eq!(format_share(part, whole, &english()), expected);
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
            assert_eq!(mark_quotations(message), expected);
        }
    }

    #[test]
    fn minutes_are_shown_in_hours() {
        assert_eq!(format_minutes(0, &english()), "0 min");
        assert_eq!(format_minutes(59, &english()), "59 min");
        assert_eq!(format_minutes(61, &english()), "1 h 1 min");
        assert_eq!(format_minutes(659, &english()), "11 h");
        assert_eq!(format_minutes(600_030, &english()), "10,001 h");
    }
}
