//! Describes the schedule of posts in words.

use std::fmt::Write;

use serde_json::{Value, json};

use super::terminal::{Terminal, count};
use crate::diagnostic::report::plain;
use crate::pipeline::Waiting;
use crate::post::Date;

/// Most posts shown without `--verbose`.
const SHOWN: usize = 10;

/// Formats the whole schedule: a line for each scheduled post, and the drafts.
pub(super) fn table(waiting: &[Waiting], terminal: &Terminal) -> String {
    let (ahead, drafts) = split(waiting);
    let most = if terminal.shows_all() {
        usize::MAX
    } else {
        SHOWN
    };
    let mut text = String::new();
    if let Some(range) = range(&ahead) {
        let _ = writeln!(text, "\nto appear: {range}");
        for (day, post) in ahead.iter().take(most) {
            let _ = writeln!(
                text,
                "  {day}  {} ({})",
                plain(&post.title),
                plain(&post.place.to_string())
            );
        }
        if ahead.len() > most {
            let more = ahead.len() - most;
            let _ = writeln!(text, "  … and {more} more; --verbose lists all");
        }
    }
    if !drafts.is_empty() {
        let _ = writeln!(
            text,
            "\nleft out: {}",
            count(drafts.len(), "draft", "drafts")
        );
        for post in drafts.iter().take(most) {
            let _ = writeln!(
                text,
                "  {} ({})",
                plain(&post.title),
                plain(&post.place.to_string())
            );
        }
        if drafts.len() > most {
            let more = drafts.len() - most;
            let _ = writeln!(text, "  … and {more} more; --verbose lists all");
        }
    }
    text
}

/// Describes the schedule in one line, if there is one.
pub(super) fn line(waiting: &[Waiting]) -> Option<String> {
    let (ahead, _) = split(waiting);
    Some(format!("to appear: {}", range(&ahead)?))
}

/// Returns the schedule as JSON.
pub(super) fn data(waiting: &[Waiting]) -> Value {
    let posts = waiting.iter().map(|post| {
        json!({
            "title": post.title,
            "file": &*post.place.file,
            "line": post.place.line,
            "date": post.day.map(|day| day.to_string()),
        })
    });
    posts.collect()
}

/// Separates scheduled posts, which are sorted by date, from drafts.
fn split(waiting: &[Waiting]) -> (Vec<(Date, &Waiting)>, Vec<&Waiting>) {
    let ahead = waiting.iter().filter_map(|post| Some((post.day?, post)));
    let drafts = waiting.iter().filter(|post| post.day.is_none());
    (ahead.collect(), drafts.collect())
}

/// Describes how many posts there are, and their first and last dates.
fn range(ahead: &[(Date, &Waiting)]) -> Option<String> {
    let (first, last) = (ahead.first()?.0, ahead.last()?.0);
    let posts = count(ahead.len(), "post", "posts");
    Some(if first == last {
        format!("{posts} on {first}")
    } else {
        format!("{posts} from {first} to {last}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Place;

    #[test]
    fn line_gives_the_first_and_the_last_day() {
        let post = |day: Option<&str>| Waiting {
            place: Place::file("a"),
            title: "A".to_owned(),
            day: day.map(|day| day.parse().unwrap()),
        };
        assert_eq!(line(&[post(None)]), None);
        let one = [post(Some("2026-01-02")), post(None)];
        assert_eq!(
            line(&one).as_deref(),
            Some("to appear: 1 post on 2026-01-02")
        );
        let two = [post(Some("2026-01-02")), post(Some("2026-02-01"))];
        assert_eq!(
            line(&two).as_deref(),
            Some("to appear: 2 posts from 2026-01-02 to 2026-02-01")
        );
    }
}
