//! Runs `pressrun inspect`: shows how one file is read, by the site or without one.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use pressrun_posts::content_file::{FileResult, file_result_to_json, name_field_source};
use pressrun_posts::diagnostic::report::sanitize_line;
use pressrun_posts::diagnostic::{Diagnostic, Severity};
use pressrun_site::fs;
use pressrun_site::pipeline;
use pressrun_site::render::CommandFailure;

use super::args::{InspectArgs, OutputFormat};
use super::changes;
use super::json::JsonOutput;
use super::terminal::{Terminal, count_with_noun};

pub(super) fn run_inspect(
    root: &Path,
    inspect: &InspectArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let site = is_file_of_site(root, &inspect.file).then_some(root);
    // Read only once, since it may be a pipe.
    let (bytes, reading) = pipeline::read_single_file(site, &inspect.file)?;
    match inspect.format {
        OutputFormat::Json => {
            terminal.print_json(JsonOutput::Inspect, file_result_to_json(&reading));
        }
        OutputFormat::Text => {
            let style = terminal.style();
            let decoded = bytes
                .as_deref()
                .map(pressrun_posts::parse::bytes::decode_bytes);
            let changes = match decoded {
                Some(Ok(decoded)) => changes::diff_bodies(&decoded.text, &reading.posts, style),
                // A file that is not text has diagnostics instead.
                _ => String::new(),
            };
            terminal.print_result(&format_file_result(&reading, &changes, terminal));
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

/// Returns whether a file is read as the site reads it: if it is below its folder, or if `--root` names
/// the site. A file elsewhere has nothing to do with the site of the folder that one happens to be in.
fn is_file_of_site(root: &Path, file: &Path) -> bool {
    if root != Path::new(".") {
        return true;
    }
    // A link in the folder of the site is a file of the site, wherever it leads.
    let folder = file.parent().unwrap_or(file);
    let folder = if folder.as_os_str().is_empty() {
        root
    } else {
        folder
    };
    fs::resolve_path(folder).starts_with(fs::resolve_path(root))
}

/// Formats the result for a person: the fields of each post with their sources, then what was
/// removed and repaired, then the diagnostics; with `--quiet`, only the errors among them.
fn format_file_result(reading: &FileResult, changes: &str, terminal: &Terminal) -> String {
    let style = terminal.style();
    let mut text = String::new();
    for post in &reading.posts {
        let _ = writeln!(text, "{}", style.bold(&sanitize_line(&post.title)));
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
                sanitize_line(&value)
            };
            let from = style.dim(&format!("({})", name_field_source(from)));
            let _ = writeln!(text, "  {name:<12} {value} {from}");
        }
        if post.draft {
            let _ = writeln!(text, "  {:<12} yes", "draft");
        }
        let words = pressrun_site::corpus::words::measure_text(&post.body).total() as usize;
        let lines = post.body.lines().count();
        let _ = writeln!(
            text,
            "  {:<12} {}, {}, from line {}\n",
            "body",
            count_with_noun(words, "word", "words"),
            count_with_noun(lines, "line", "lines"),
            post.source.line,
        );
    }
    if !changes.is_empty() {
        let _ = writeln!(text, "{}\n{changes}", style.bold("removed and repaired"));
    }
    let is_hidden =
        |found: &&Diagnostic| terminal.is_quiet() && found.severity() != Severity::Error;
    for found in reading.diagnostics.iter().filter(|found| !is_hidden(found)) {
        let _ = writeln!(text, "{}", style.format_line(found));
    }
    text
}
