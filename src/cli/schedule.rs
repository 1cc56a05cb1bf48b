//! Describes the schedule of posts in words.

use std::fmt::Write;

use pressrun_posts::diagnostic::report::sanitize_line;
use pressrun_posts::post::SiteDate;
use pressrun_site::corpus::{UnpublishedPost, UnpublishedReason};
use pressrun_text::numbers::group_thousands;
use serde_json::{Value, json};

use super::terminal::{Terminal, count_with_noun};

/// Most posts shown without `--verbose`.
const SHOWN: usize = 10;

/// Formats the whole schedule: a line for each scheduled post, and the drafts.
pub(super) fn format_schedule(unpublished: &[UnpublishedPost], terminal: &Terminal) -> String {
    let ahead = list_scheduled(unpublished);
    let most = if terminal.shows_all() {
        usize::MAX
    } else {
        SHOWN
    };
    let mut text = String::new();
    if let Some(range) = describe_date_range(&ahead) {
        let _ = writeln!(text, "\nscheduled: {range}");
        for (date, post) in ahead.iter().take(most) {
            let _ = writeln!(
                text,
                "  {date}  {} ({})",
                sanitize_line(&post.title),
                sanitize_line(&post.place().to_string())
            );
        }
        if ahead.len() > most {
            let more = ahead.len() - most;
            let _ = writeln!(text, "  … and {more} more; --verbose lists all");
        }
    }
    let left_out = |is_listed: fn(&UnpublishedPost) -> bool| -> Vec<&UnpublishedPost> {
        let listed = unpublished.iter();
        listed.filter(|post| is_listed(post)).collect()
    };
    let drafts = left_out(UnpublishedPost::is_draft);
    let expired = left_out(|post| post.expired_date().is_some());
    let counted = count_with_noun(drafts.len(), "draft", "drafts");
    text += &list_left_out(&format!("left out: {counted}"), &drafts, most);
    let unapproved = left_out(UnpublishedPost::is_held_by_review);
    let counted = describe_unapproved(unpublished);
    text += &list_left_out(&format!("left out: {counted}"), &unapproved, most);
    let counted = count_with_noun(expired.len(), "post", "posts");
    text += &list_left_out(&format!("expired: {counted}"), &expired, most);
    text
}

/// Describes how many posts their review keeps back.
pub(super) fn describe_unapproved(unpublished: &[UnpublishedPost]) -> String {
    let count = |is_counted: fn(&UnpublishedPost) -> bool| {
        group_thousands(unpublished.iter().filter(|post| is_counted(post)).count())
    };
    let mut text = format!(
        "{} without approval",
        count(UnpublishedPost::is_held_by_review)
    );
    let parts: Vec<String> = [
        (count(|post| post.due), "due"),
        (
            count(|post| post.reason == UnpublishedReason::Outdated),
            "changed after the approval",
        ),
        (
            count(|post| post.reason == UnpublishedReason::Rejected),
            "rejected",
        ),
    ]
    .into_iter()
    .filter(|(number, _)| number != "0")
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    if !parts.is_empty() {
        let _ = write!(text, " ({})", parts.join(", "));
    }
    text
}

/// Lists posts that are not published, below a heading; nothing if there are none.
fn list_left_out(heading: &str, posts: &[&UnpublishedPost], most: usize) -> String {
    let mut text = String::new();
    if posts.is_empty() {
        return text;
    }
    let _ = writeln!(text, "\n{heading}");
    for post in posts.iter().take(most) {
        let since = post
            .expired_date()
            .map_or_else(String::new, |date| format!("{date}  "));
        let _ = writeln!(
            text,
            "  {since}{} ({})",
            sanitize_line(&post.title),
            sanitize_line(&post.place().to_string())
        );
    }
    if posts.len() > most {
        let more = posts.len() - most;
        let _ = writeln!(text, "  … and {more} more; --verbose lists all");
    }
    text
}

/// Describes the schedule in one line, if there is one.
pub(super) fn summarize_schedule(unpublished: &[UnpublishedPost]) -> Option<String> {
    let ahead = list_scheduled(unpublished);
    Some(format!("scheduled: {}", describe_date_range(&ahead)?))
}

/// Returns the schedule as JSON.
pub(super) fn schedule_to_json(unpublished: &[UnpublishedPost]) -> Value {
    let posts = unpublished.iter().map(|post| {
        json!({
            "title": post.title,
            "file": &*post.source.file,
            "line": post.source.line,
            "date": post.scheduled_date().map(SiteDate::to_machine_text),
            "expired": post.expired_date().map(SiteDate::to_machine_text),
            "review": name_review_state(post.reason),
            "due": post.due,
        })
    });
    posts.collect()
}

/// Names the state of the review that keeps a post back, if one does.
fn name_review_state(reason: UnpublishedReason) -> Option<&'static str> {
    match reason {
        UnpublishedReason::Waiting => Some("waiting"),
        UnpublishedReason::Outdated => Some("outdated"),
        UnpublishedReason::Rejected => Some("rejected"),
        _ => None,
    }
}

/// Returns the scheduled posts, which are sorted by date.
fn list_scheduled(unpublished: &[UnpublishedPost]) -> Vec<(SiteDate, &UnpublishedPost)> {
    let ahead = unpublished.iter();
    ahead
        .filter_map(|post| Some((post.scheduled_date()?, post)))
        .collect()
}

/// Describes how many posts there are, and their first and last dates.
fn describe_date_range(ahead: &[(SiteDate, &UnpublishedPost)]) -> Option<String> {
    let (first, last) = (ahead.first()?.0, ahead.last()?.0);
    let posts = count_with_noun(ahead.len(), "post", "posts");
    Some(if first.moment == last.moment {
        format!("{posts} on {first}")
    } else {
        format!("{posts} from {first} to {last}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pressrun_posts::post::{Date, Post};

    #[test]
    fn line_gives_the_first_and_the_last_day() {
        let post = |day: Option<&str>| {
            let day = day.map(|day| SiteDate::from(day.parse::<Date>().unwrap()));
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
