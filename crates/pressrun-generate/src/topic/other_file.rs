//! Recognises files that are no lists of topics, so that a wrong name on the command line does not
//! send each line of some text to a model.

use pressrun_posts::parse::label::Label;
use pressrun_posts::parse::parse_reply_text;
use pressrun_posts::parse::reply::{Reply, ReplyContext, ReplyForm};
use pressrun_text::characters::cut_to_bytes;
use pressrun_text::sentences::split_sentences;
use serde_json::Value;

/// How much of a file is looked at.
const LOOKED_AT: usize = 64 << 10;

/// The endings of lists, with those whose contents decide.
const ENDINGS: [&str; 10] = [
    "md", "markdown", "mdx", "csv", "tsv", "tab", "jsonl", "ndjson", "txt", "text",
];

/// Returns what is wrong with the name of a list: an ending that lists do not have. A name without an
/// ending may be a pipe.
pub(super) fn describe_other_ending(name: &str) -> Option<String> {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let (_, ending) = file.rsplit_once('.')?;
    let is_ending = ending.starts_with(|c: char| c.is_ascii_alphabetic())
        && ending.chars().all(|c| c.is_ascii_alphanumeric());
    let ending = ending.to_ascii_lowercase();
    (is_ending && !ENDINGS.contains(&&*ending))
        .then(|| format!("a file of the kind `.{ending}` is no list of topics"))
}

/// Returns what a text is that is no list with one topic a line, if that is certain.
pub(super) fn describe_other_text(text: &str) -> Option<&'static str> {
    let start = cut_to_bytes(text, LOOKED_AT);
    let first = start.trim_start();
    if first.starts_with(['{', '[']) && holds_json(first) {
        return Some("it is JSON");
    }
    describe_post(start).or_else(|| is_prose(start).then_some("it is a text with whole paragraphs"))
}

/// Returns whether a text is a post rather than a list of posts to come.
pub(super) fn describe_post(text: &str) -> Option<&'static str> {
    let start = cut_to_bytes(text, LOOKED_AT);
    let parsed = parse_reply_text(start, &ReplyContext::default());
    let is_post = |reply: &Reply<'_>| match reply.form {
        ReplyForm::Structured | ReplyForm::Page => true,
        _ => reply.ended || has_header(reply),
    };
    parsed
        .replies
        .iter()
        .any(is_post)
        .then_some("it is a post or a reply")
}

/// Returns whether a reply has a title and another field. One label alone may begin a topic.
fn has_header(reply: &Reply<'_>) -> bool {
    let has = |labels: &[Label]| {
        reply
            .given
            .iter()
            .any(|field| labels.contains(&field.label))
    };
    let others = [
        Label::Description,
        Label::PlainDescription,
        Label::Tags,
        Label::Keywords,
        Label::Categories,
        Label::Date,
    ];
    reply.form == ReplyForm::Labelled && has(&[Label::Title]) && has(&others)
}

fn holds_json(text: &str) -> bool {
    let is_value = |text: &str| {
        serde_json::from_str::<Value>(text).is_ok_and(|value| {
            value.is_object() || value.as_array().is_some_and(|all| all.len() > 1)
        })
    };
    is_value(text) || text.lines().next().is_some_and(is_value)
}

/// Returns whether most lines are paragraphs of several sentences.
fn is_prose(text: &str) -> bool {
    let lines = text.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let is_paragraph = |line: &&&str| split_sentences(line).take(3).count() == 3;
    let paragraphs = lines.iter().filter(is_paragraph).count();
    // One topic may be described in several sentences.
    paragraphs > 1 && paragraphs * 2 > lines.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_endings_of_lists_are_taken() {
        for name in [
            "a.txt",
            "b.CSV",
            "-",
            "/dev/fd/63",
            "topics",
            "ideas.2026",
            "a.b/list",
        ] {
            assert_eq!(describe_other_ending(name), None, "{name}");
        }
        for name in ["site.toml", "a.html", "photos/a.JPG", "main.rs", "a.json"] {
            assert!(describe_other_ending(name).is_some(), "{name}");
        }
    }

    #[test]
    fn posts_replies_pages_and_prose_are_no_lists() {
        for text in [
            "TITLE: Tea\nMETA_DESCRIPTION: How to brew it.\nTAGS: tea\n\nPour.\n\n-EndOfText-\n",
            "TITLE: Tea\nTAGS: tea\n\nPour hot water over the leaves.\n",
            "---\ntitle: Tea\n---\n\nPour hot water over the leaves.\n",
            "{\"topic\": \"Tea\"}\n{\"topic\": \"Milk\"}\n",
            "[\n  \"Tea\",\n  \"Milk\"\n]\n",
            "We open at nine. We close at six. Come in.\n\nTea is hot. Milk is cold. Both are good.\n",
        ] {
            assert!(describe_other_text(text).is_some(), "{text}");
        }
    }

    #[test]
    fn lists_of_short_texts_are_lists() {
        for text in [
            "",
            "Green tea\nWater\n",
            "TITLE: Tea\n{{ 7*7 }} {% raw %}\n",
            "How to brew tea? Three ways.\nWhy milk turns sour.\n",
            "Tags: what they are good for\nCategories: why a blog has few\n",
            "[draft] Green tea\n[later] Milk\n",
            "<title>: the most important tag\nHTML in 2026\n",
        ] {
            assert_eq!(describe_other_text(text), None, "{text}");
        }
    }
}
