//! Runs `pressrun inspect`: shows how one file is read, with default settings and without a site.

use std::fmt::Write;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::{Inspect, InspectFormat};
use super::changes;
use super::terminal::{Terminal, count};
use crate::diagnostic::report::{Style, plain};
use crate::diagnostic::{Diagnostic, Severity};
use crate::pipeline;
use crate::post::{Origin, Post};
use crate::read::FileResult;
use crate::render::Failure;

pub(super) fn run(inspect: &Inspect, terminal: &Terminal) -> Result<ExitCode, Failure> {
    // Read only once, since it may be a pipe.
    let (bytes, reading) = pipeline::read_alone(&inspect.file)?;
    match inspect.format {
        InspectFormat::Json => terminal.json(&json(&reading)),
        InspectFormat::Text => {
            let style = terminal.style();
            let changes = match crate::parse::bytes::decode(&bytes) {
                Ok(decoded) => changes::diff(&decoded.text, &reading.posts, style),
                // A file that is not text has diagnostics instead.
                Err(_) => String::new(),
            };
            terminal.result(&text(&reading, &changes, style));
        }
    }
    let failed = reading
        .diagnostics
        .iter()
        .any(|found| found.severity() == Severity::Error);
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Returns the posts and diagnostics of a file as one JSON object.
fn json(reading: &FileResult) -> Value {
    let posts: Vec<Value> = reading.posts.iter().map(post_json).collect();
    let diagnostics: Vec<Value> = reading.diagnostics.iter().map(diagnostic_json).collect();
    json!({ "posts": posts, "diagnostics": diagnostics })
}

fn post_json(post: &Post) -> Value {
    json!({
        "title": post.title,
        "description": post.description,
        "tags": post.tags,
        "categories": post.categories,
        "date": post.date.map(|date| date.to_string()),
        "updated": post.updated.map(|date| date.to_string()),
        "slug": post.slug,
        "language": post.language,
        "draft": post.draft,
        "cover": post.cover,
        "cover_alt": post.cover_alt,
        "line": post.source.line,
        "origins": {
            "title": origin(post.origins.title),
            "description": origin(post.origins.description),
            "tags": origin(post.origins.tags),
            "categories": origin(post.origins.categories),
            "date": origin(post.origins.date),
            "slug": origin(post.origins.slug),
            "language": origin(post.origins.language),
        },
        "body": post.body,
    })
}

/// Returns a diagnostic as JSON, for `inspect` and `check`.
pub(super) fn diagnostic_json(diagnostic: &Diagnostic) -> Value {
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
fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::None => "none",
        Origin::Header => "header",
        Origin::End => "end",
        Origin::Container => "container",
        Origin::Topic => "topic",
        Origin::Body => "body",
        Origin::FileName => "file name",
        Origin::Derived => "derived",
    }
}

/// Formats the result for a person: the fields of each post with their sources, then what was
/// removed and repaired, then the diagnostics.
fn text(reading: &FileResult, changes: &str, style: Style) -> String {
    let mut text = String::new();
    for post in &reading.posts {
        let _ = writeln!(text, "{}", style.bold(&plain(&post.title)));
        let origins = &post.origins;
        let list = |items: &[String]| items.join(", ");
        let date = post.date.map_or_else(String::new, |date| date.to_string());
        for (name, value, from) in [
            ("title", post.title.clone(), origins.title),
            ("description", post.description.clone(), origins.description),
            ("tags", list(&post.tags), origins.tags),
            ("categories", list(&post.categories), origins.categories),
            ("date", date, origins.date),
            ("slug", post.slug.clone(), origins.slug),
            (
                "language",
                post.language.clone().unwrap_or_default(),
                origins.language,
            ),
        ] {
            let value = if value.is_empty() {
                "-".to_owned()
            } else {
                plain(&value)
            };
            let from = style.dim(&format!("({})", origin(from)));
            let _ = writeln!(text, "  {name:<12} {value} {from}");
        }
        if post.draft {
            let _ = writeln!(text, "  {:<12} yes", "draft");
        }
        let words = crate::corpus::words::count(&post.body).total() as usize;
        let lines = post.body.lines().count();
        let _ = writeln!(
            text,
            "  {:<12} {}, {}, from line {}\n",
            "body",
            count(words, "word", "words"),
            count(lines, "line", "lines"),
            post.source.line,
        );
    }
    if !changes.is_empty() {
        let _ = writeln!(text, "{}\n{changes}", style.bold("removed and repaired"));
    }
    for found in &reading.diagnostics {
        let _ = writeln!(text, "{}", style.line(found));
    }
    text
}
