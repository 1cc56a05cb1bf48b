//! Describes the schedule of posts in words.

use std::fmt::Write;

use pressrun_posts::diagnostic::report::sanitize_line;
use pressrun_posts::post::Date;
use pressrun_site::corpus::UnpublishedPost;
use serde_json::{Value, json};

use super::terminal::{Terminal, count_with_noun};

/// Most posts shown without `--verbose`.
const SHOWN: usize = 10;

/// Formats the whole schedule: a line for each scheduled post, and the drafts.
pub(super) fn format_schedule(unpublished: &[UnpublishedPost], terminal: &Terminal) -> String {
    let (ahead, drafts) = split_scheduled_and_drafts(unpublished);
    let most = if terminal.shows_all() {
        usize::MAX
    } else {
        SHOWN
    };
    let mut text = String::new();
    if let Some(range) = describe_date_range(&ahead) {
        let _ = writeln!(text, "\nscheduled: {range}");
        for (day, post) in ahead.iter().take(most) {
            let _ = writeln!(
                text,
                "  {day}  {} ({})",
                sanitize_line(&post.title),
                sanitize_line(&post.place().to_string())
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
            count_with_noun(drafts.len(), "draft", "drafts")
        );
        for post in drafts.iter().take(most) {
            let _ = writeln!(
                text,
                "  {} ({})",
                sanitize_line(&post.title),
                sanitize_line(&post.place().to_string())
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
pub(super) fn summarize_schedule(unpublished: &[UnpublishedPost]) -> Option<String> {
    let (ahead, _) = split_scheduled_and_drafts(unpublished);
    Some(format!("scheduled: {}", describe_date_range(&ahead)?))
}

/// Returns the schedule as JSON.
pub(super) fn schedule_to_json(unpublished: &[UnpublishedPost]) -> Value {
    let posts = unpublished.iter().map(|post| {
        json!({
            "title": post.title,
            "file": &*post.source.file,
            "line": post.source.line,
            "date": post.scheduled_day().map(|day| day.to_string()),
        })
    });
    posts.collect()
}

/// Separates scheduled posts, which are sorted by date, from drafts.
fn split_scheduled_and_drafts(
    unpublished: &[UnpublishedPost],
) -> (Vec<(Date, &UnpublishedPost)>, Vec<&UnpublishedPost>) {
    let ahead = unpublished.iter();
    let ahead = ahead.filter_map(|post| Some((post.scheduled_day()?, post)));
    let drafts = unpublished.iter();
    let drafts = drafts.filter(|post| post.scheduled_day().is_none());
    (ahead.collect(), drafts.collect())
}

/// Describes how many posts there are, and their first and last dates.
fn describe_date_range(ahead: &[(Date, &UnpublishedPost)]) -> Option<String> {
    let (first, last) = (ahead.first()?.0, ahead.last()?.0);
    let posts = count_with_noun(ahead.len(), "post", "posts");
    Some(if first == last {
        format!("{posts} on {first}")
    } else {
        format!("{posts} from {first} to {last}")
    })
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::Post;
    use pressrun_site::corpus::UnpublishedReason;

    use super::*;

    #[test]
    fn line_gives_the_first_and_the_last_day() {
        let post = |day: Option<&str>| {
            let day = day.map(|day| day.parse().unwrap());
            let reason = day.map_or(UnpublishedReason::Draft, UnpublishedReason::Scheduled);
            UnpublishedPost::new(&Post::<()>::default(), day, reason)
        };
        assert_eq!(summarize_schedule(&[post(None)]), None);
        let one = [post(Some("2026-01-02")), post(None)];
        assert_eq!(
            summarize_schedule(&one).as_deref(),
            Some("scheduled: 1 post on 2026-01-02")
        );
        let two = [post(Some("2026-01-02")), post(Some("2026-02-01"))];
        assert_eq!(
            summarize_schedule(&two).as_deref(),
            Some("scheduled: 2 posts from 2026-01-02 to 2026-02-01")
        );
    }
}
