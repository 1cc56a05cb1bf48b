//! Checks the header of a reply: complete, filled in, and about what was asked for.

use pressrun_posts::diagnostic::quote_for_message;
use pressrun_posts::normalize::refusal::check_refusal;
use pressrun_posts::parse::reply::Reply;
use pressrun_posts::post::category::category_key;
use pressrun_posts::post::{FieldSource, Post};
use pressrun_text::line::number_lines;
use pressrun_text::words::make_plain_title_key;

use super::ReplyProblems;
use crate::journal::Verdict;
use crate::prompt::is_of_built_in_prompt;

/// Adds what is wrong with the header of a reply.
///
/// `wanted` is the category that the topic asks for, in the spelling of the closed list.
pub(super) fn check_header(post: &Post, wanted: Option<&str>, problems: &mut ReplyProblems) {
    let line = post.source.line;
    let origins = &post.origins;
    // A title that pressrun took from the text or the topic is none of the reply.
    let fields = [
        ("title", origins.title == FieldSource::Header),
        ("description", is_given(origins.description)),
        ("tags", is_given(origins.tags) && !post.tags.is_empty()),
        (
            "categories",
            is_given(origins.categories) && !post.categories.is_empty(),
        ),
    ];
    let missing: Vec<&str> = fields
        .into_iter()
        .filter_map(|(name, is_there)| (!is_there).then_some(name))
        .collect();
    if !missing.is_empty() {
        let message = if missing.len() == fields.len() {
            format!("line {line}: the reply has no header")
        } else {
            format!("line {line}: the header lacks {}", missing.join(", "))
        };
        problems.add_of_header(Verdict::OffFormat, message);
    }
    for (name, value) in [("title", &post.title), ("description", &post.description)] {
        if is_copied_from_prompt(value) {
            let value = quote_for_message(value);
            let message = format!("line {line}: the {name} {value} is that of the prompt");
            problems.add_of_header(Verdict::OffFormat, message);
        }
    }
    if let Some(tag) = post.tags.iter().find(|tag| is_copied_from_prompt(tag)) {
        let tag = quote_for_message(tag);
        let message = format!("line {line}: the tag {tag} is that of the prompt");
        problems.add_of_header(Verdict::OffFormat, message);
    }
    check_category(post, wanted, problems);
}

/// Adds a problem if the reply is not in the category of its topic.
fn check_category(post: &Post, wanted: Option<&str>, problems: &mut ReplyProblems) {
    let Some(wanted) = wanted else {
        return;
    };
    let key = category_key(wanted);
    // Without any category, the header is incomplete, which is reported already.
    if post.categories.is_empty() || post.categories.iter().any(|own| category_key(own) == key) {
        return;
    }
    let message = format!(
        "line {}: the categories lack {}, which was asked for",
        post.source.line,
        quote_for_message(wanted)
    );
    problems.add_of_header(Verdict::OffList, message);
}

/// Returns whether the reply itself gives a field.
fn is_given(origin: FieldSource) -> bool {
    matches!(origin, FieldSource::Header | FieldSource::End)
}

/// Returns whether a value is that of a prompt: of the built-in one, or one such as `POST_TITLE`.
pub(crate) fn is_copied_from_prompt(value: &str) -> bool {
    let key = make_plain_title_key(value);
    let is_unfilled = matches!(
        key.as_str(),
        "post title" | "post description" | "post tags" | "post categories"
    );
    is_unfilled || is_of_built_in_prompt(value)
}

/// Returns whether the text below a header is a refusal. The reader looks only at replies without
/// one.
pub(super) fn is_refusal(post: &Post) -> bool {
    let mut reply = Reply::default();
    reply.body = number_lines(&post.body);
    check_refusal(&reply).is_some()
}
