//! The posts and diagnostics of a file as JSON: what `pressrun inspect --format json` prints.

use serde_json::{Value, json};

use super::FileResult;
use crate::diagnostic::Diagnostic;
use crate::post::review::format_text_hash;
use crate::post::{FieldSource, Post, ReviewMark, ReviewRecord, extras_to_json};

/// Returns the posts and diagnostics of a file as one JSON object.
pub fn file_result_to_json(result: &FileResult) -> Value {
    let posts: Vec<Value> = result.posts.iter().map(post_to_json).collect();
    let diagnostics: Vec<Value> = result.diagnostics.iter().map(diagnostic_to_json).collect();
    json!({ "posts": posts, "diagnostics": diagnostics })
}

fn post_to_json(post: &Post) -> Value {
    let language = post.language.as_deref();
    let is_detected = post.origins.language == FieldSource::Derived;
    json!({
        "title": post.title,
        "subtitle": post.subtitle,
        "description": post.description,
        "tags": post.tags,
        "categories": post.categories,
        "date": post.date.map(|date| date.to_string()),
        "time": post.time.map(|time| time.to_string()),
        "zone": post.zone.map(|zone| zone.to_string()),
        "updated": post.updated.map(|stated| stated.date.to_string()),
        "expires": post.expires.map(|stated| stated.date.to_string()),
        "slug": post.slug,
        "permalink": post.permalink,
        "aliases": post.aliases,
        "authors": post.authors,
        "language": language.filter(|_| !is_detected),
        "detected_language": language.filter(|_| is_detected),
        "translation_key": post.translation_key,
        "cover": post.cover,
        "cover_alt": post.cover_alt,
        "canonical": post.canonical,
        "series": post.series,
        "weight": post.weight,
        "noindex": post.noindex,
        "draft": post.draft,
        "extra": extras_to_json(&post.extra),
        "line": post.source.line,
        "origins": {
            "title": name_field_source(post.origins.title),
            "description": name_field_source(post.origins.description),
            "tags": name_field_source(post.origins.tags),
            "categories": name_field_source(post.origins.categories),
            "date": name_field_source(post.origins.date),
            "slug": name_field_source(post.origins.slug),
            "language": name_field_source(post.origins.language),
        },
        "body": post.body,
        "text_hash": format_text_hash(post.text_hash),
        "review": post.review.as_deref().map(review_to_json),
    })
}

fn review_to_json(review: &ReviewRecord) -> Value {
    json!({
        "generated": review.generated,
        "approved": review.approved.as_ref().map(mark_to_json),
        "rejected": review.rejected.as_ref().map(mark_to_json),
    })
}

fn mark_to_json(mark: &ReviewMark) -> Value {
    json!({
        "hash": format_text_hash(mark.hash),
        "by": mark.by,
        "on": mark.on.map(|day| day.to_string()),
        "why": mark.why,
    })
}

/// Returns a diagnostic as JSON.
pub fn diagnostic_to_json(diagnostic: &Diagnostic) -> Value {
    json!({
        "code": diagnostic.code.name(),
        "severity": diagnostic.severity().name(),
        "file": &*diagnostic.place.file,
        "line": diagnostic.place.line,
        "column": diagnostic.place.column,
        "message": diagnostic.message,
        "help": diagnostic.help,
    })
}

/// Names the source of a field.
pub fn name_field_source(origin: FieldSource) -> &'static str {
    match origin {
        FieldSource::None => "none",
        FieldSource::Header => "header",
        FieldSource::End => "end",
        FieldSource::Container => "container",
        FieldSource::Topic => "topic",
        FieldSource::Body => "body",
        FieldSource::FileName => "file name",
        FieldSource::Derived => "derived",
    }
}
