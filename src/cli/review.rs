//! Runs `pressrun review`: lists the posts that a person must approve, riskiest first.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use pressrun_posts::content_file::diagnostic_to_json;
use pressrun_posts::diagnostic::Diagnostic;
use pressrun_posts::diagnostic::report::{DiagnosticStyle, sanitize_line};
use pressrun_posts::post::ReviewMark;
use pressrun_posts::post::review::format_text_hash;
use pressrun_site::corpus::{TextDifference, find_differences};
use pressrun_site::fs;
use pressrun_site::pipeline::{BuildRequest, ReviewItem, ReviewQueue, review_site};
use pressrun_site::render::CommandFailure;
use pressrun_site::review::ReviewState;
use serde_json::{Value, json};

use super::args::OutputFormat;
use super::current_moment;
use super::json::JsonOutput;
use super::terminal::{Terminal, count_with_noun};
use crate::review::{
    NO_FORMER_TEXT, ReviewSelection, describe_place, describe_text, find_former_text,
    format_decisions, list_decisions, name_state, select_posts,
};
use crate::theme::THEME;

/// Most posts shown without `--verbose`.
const SHOWN: usize = 20;

/// Most passages shown in which a text was changed.
const MOST_CHANGES: usize = 50;

/// Arguments of `review`.
#[derive(Debug, Args)]
pub(super) struct ReviewArgs {
    /// Files, folders, slugs or addresses [default: all posts that wait]
    #[arg(value_name = "PATH|SLUG")]
    posts: Vec<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(super) format: OutputFormat,
    /// Show the riskiest post that waits, with its text
    #[arg(long, conflicts_with_all = ["posts", "export"])]
    next: bool,
    /// Write who approved and rejected what as a table (CSV); `-` prints it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["posts", "format"])]
    export: Option<PathBuf>,
}

pub(super) fn run_review(
    root: &Path,
    review: &ReviewArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let queue = read_queue(root, terminal)?;
    if let Some(file) = &review.export {
        return export_decisions(&queue, file, terminal);
    }
    let listing = ReviewListing {
        queue: &queue,
        root,
        terminal,
    };
    let selection = select_posts(&queue, root, &review.posts);
    let chosen: Vec<&ReviewItem> = if review.next {
        let mut open = queue.items.iter().filter(|item| item.is_open());
        open.next().into_iter().collect()
    } else if review.posts.is_empty() {
        queue.items.iter().collect()
    } else {
        selection.items().collect()
    };
    if review.format == OutputFormat::Json {
        let posts: Vec<Value> = chosen.iter().map(|item| item_to_json(item)).collect();
        let output = json!({ "counts": counts_to_json(&queue), "posts": posts });
        terminal.print_json(JsonOutput::Review, output);
    } else if let ([item], true) = (&*chosen, review.next || !review.posts.is_empty()) {
        terminal.print_result(&listing.format_post(item, review.next)?);
    } else if review.next {
        terminal.print_status("no post waits for an approval");
    } else {
        let is_whole = review.posts.is_empty();
        let shown: Vec<&ReviewItem> = chosen
            .into_iter()
            .filter(|item| !is_whole || item.is_open())
            .collect();
        terminal.print_result(&listing.format_table(&shown));
        terminal.print_status(&summarize_queue(&queue));
    }
    Ok(print_unknown(&selection, terminal))
}

/// Reads the site, and lists the posts whose review is of interest.
pub(super) fn read_queue(root: &Path, terminal: &Terminal) -> Result<ReviewQueue, CommandFailure> {
    review_site(&BuildRequest {
        on_wait: terminal.on_wait(),
        ..BuildRequest::new(root, THEME, current_moment()?)
    })
}

/// Prints which names stand for no post. Returns the exit code.
pub(super) fn print_unknown(selection: &ReviewSelection<'_>, terminal: &Terminal) -> ExitCode {
    for unknown in &selection.unknown {
        let name = sanitize_line(&unknown.name);
        terminal.print_error(&format!("there is no post `{name}`: {}", unknown.help));
    }
    if selection.unknown.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn export_decisions(
    queue: &ReviewQueue,
    file: &Path,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let decisions = list_decisions(queue);
    let table = format_decisions(&decisions);
    if file == Path::new("-") {
        terminal.print_data(&table);
        return Ok(ExitCode::SUCCESS);
    }
    fs::write_file(file, table.as_bytes())?;
    let number = count_with_noun(decisions.len(), "decision", "decisions");
    terminal.print_status(&format!("wrote {number} to {}", file.display()));
    Ok(ExitCode::SUCCESS)
}

/// How posts are shown on a terminal.
struct ReviewListing<'a> {
    queue: &'a ReviewQueue,
    root: &'a Path,
    terminal: &'a Terminal,
}

impl ReviewListing<'_> {
    /// Formats a line for each post: its risk, state, place and title, and what makes it risky.
    fn format_table(&self, items: &[&ReviewItem]) -> String {
        let style = self.terminal.style();
        let most = if self.terminal.shows_all() {
            usize::MAX
        } else {
            SHOWN
        };
        let mut text = String::new();
        if !items.is_empty() {
            let _ = writeln!(text, "{}", style.bold(" risk  state     post"));
        }
        for item in items.iter().take(most) {
            let state = format!("{:<8}", name_state(item.state));
            let place = describe_place(item);
            let _ = writeln!(
                text,
                "{:>5}  {state}  {place}  {}",
                item.risk,
                style.bold(&sanitize_line(&item.title))
            );
            let risks: Vec<&str> = item.risks.iter().map(|risk| risk.name).collect();
            if !risks.is_empty() {
                let risks = style.dim(&risks.join(", "));
                let _ = writeln!(text, "                 {risks}");
            }
        }
        if items.len() > most {
            let more = items.len() - most;
            let _ = writeln!(text, "… and {more} more; --verbose lists all");
        }
        text
    }

    /// Formats one post with its findings, and what changed since its approval.
    fn format_post(&self, item: &ReviewItem, with_text: bool) -> Result<String, CommandFailure> {
        let style = self.terminal.style();
        let mut text = format!("{}\n", style.bold(&sanitize_line(&item.title)));
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(text, "{name:<9} {value}");
        };
        line("file", &describe_place(item));
        line("address", &item.path);
        if let Some(date) = item.date {
            line("date", &date.day.to_string());
        }
        line("state", &describe_state(item));
        line("words", &item.words.to_string());
        line("risk", &describe_risk(item));
        for found in &item.findings {
            let _ = writeln!(text, "{}", style.format_line(found));
        }
        if !item.blocks.is_empty() {
            let codes = list_codes(&item.blocks);
            let _ = writeln!(
                text,
                "\nit cannot be approved before this is mended: {codes}"
            );
        }
        let post = &self.queue.corpus.text(item.text).post;
        let body = self.queue.bodies.read_markdown(&post.body)?;
        if item.state == ReviewState::Outdated {
            text.push('\n');
            text.push_str(&self.format_changes(item, &describe_text(post, &body)));
        }
        if with_text {
            let _ = writeln!(text, "\n{}\n", body.trim_end());
            let place = describe_place(item);
            let _ = writeln!(
                text,
                "{}",
                style.dim(&format!(
                    "pressrun approve {place} --by NAME, or pressrun reject {place} --why TEXT"
                ))
            );
        }
        Ok(text)
    }

    fn format_changes(&self, item: &ReviewItem, now: &str) -> String {
        let style = self.terminal.style();
        let former = item.mark.as_ref().and_then(|mark| {
            find_former_text(self.root, &self.queue.config, &item.file, mark.hash)
        });
        let Some(former) = former else {
            return format!("{NO_FORMER_TEXT}, so it cannot be shown what changed\n");
        };
        let changes = find_differences(&former, now, MOST_CHANGES);
        if changes.is_empty() {
            return "since its approval only its form was changed, and no word\n".to_owned();
        }
        let mut text = style.bold("changed since its approval") + "\n";
        for change in changes {
            text.push_str(&format_change(&change, style));
        }
        text
    }
}

/// Formats a changed passage as a diff, with the words around it.
fn format_change(change: &TextDifference, style: DiagnosticStyle) -> String {
    let mut text = String::new();
    let mut line = |sign: &str, words: String, color: fn(DiagnosticStyle, &str) -> String| {
        if !words.is_empty() {
            let line = format!("{sign} {}", sanitize_line(&words));
            let _ = writeln!(text, "{}", color(style, &line));
        }
    };
    let around = |before: &str, words: &str, after: &str| {
        if words.is_empty() {
            String::new()
        } else {
            format!("{before}{words}{after}")
        }
    };
    line(" ", around("… ", &change.before, ""), DiagnosticStyle::dim);
    line("-", change.first.clone(), DiagnosticStyle::bad);
    line("+", change.other.clone(), DiagnosticStyle::good);
    line(" ", around("", &change.after, " …"), DiagnosticStyle::dim);
    text.push('\n');
    text
}

fn describe_state(item: &ReviewItem) -> String {
    let state = name_state(item.state);
    let Some(mark) = &item.mark else {
        return state.to_owned();
    };
    match item.state {
        ReviewState::Outdated => {
            format!("{state}: changed after the approval{}", describe_mark(mark))
        }
        ReviewState::Waiting => format!(
            "{state}: changed after the rejection{}",
            describe_mark(mark)
        ),
        _ => format!("{state}{}", describe_mark(mark)),
    }
}

/// Returns by whom, when and why a mark was made.
pub(super) fn describe_mark(mark: &ReviewMark) -> String {
    let mut text = String::new();
    if !mark.by.is_empty() {
        let _ = write!(text, " by {}", sanitize_line(&mark.by));
    }
    if let Some(on) = mark.on {
        let _ = write!(text, " on {on}");
    }
    if let Some(why) = &mark.why {
        let _ = write!(text, ": {}", sanitize_line(why));
    }
    text
}

fn describe_risk(item: &ReviewItem) -> String {
    let parts: Vec<String> = item
        .risks
        .iter()
        .map(|risk| format!("{} {}", risk.name, risk.weight))
        .collect();
    if parts.is_empty() {
        return item.risk.to_string();
    }
    format!("{} ({})", item.risk, parts.join(", "))
}

/// Returns the codes of diagnostics, each once.
pub(super) fn list_codes(found: &[Diagnostic]) -> String {
    let mut names: Vec<&str> = found.iter().map(|one| one.code.name()).collect();
    names.dedup();
    names.join(", ")
}

const STATES: [ReviewState; 4] = [
    ReviewState::Waiting,
    ReviewState::Outdated,
    ReviewState::Rejected,
    ReviewState::Approved,
];

fn count_state(queue: &ReviewQueue, state: ReviewState) -> usize {
    let items = queue.items.iter();
    items.filter(|item| item.state == state).count()
}

fn summarize_queue(queue: &ReviewQueue) -> String {
    let counts = STATES.map(|state| (count_state(queue, state), name_state(state)));
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, name)| format!("{} {name}", pressrun_text::numbers::group_thousands(number)))
        .collect();
    if counts.is_empty() {
        "no post needs an approval, and none has one".to_owned()
    } else {
        counts.join(", ")
    }
}

fn counts_to_json(queue: &ReviewQueue) -> Value {
    let counts = STATES.map(|state| (name_state(state), json!(count_state(queue, state))));
    counts
        .into_iter()
        .map(|(name, number)| (name.to_owned(), number))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Returns a post as JSON.
pub(super) fn item_to_json(item: &ReviewItem) -> Value {
    let findings =
        |found: &[Diagnostic]| -> Vec<Value> { found.iter().map(diagnostic_to_json).collect() };
    let risks: Vec<Value> = item
        .risks
        .iter()
        .map(|risk| json!({ "name": risk.name, "weight": risk.weight }))
        .collect();
    let mark = item.mark.as_ref().map(|mark| {
        json!({
            "by": mark.by,
            "on": mark.on.map(|on| on.to_string()),
            "why": mark.why,
            "hash": format_text_hash(mark.hash),
        })
    });
    json!({
        "file": &*item.file,
        "line": item.line,
        "title": item.title,
        "date": item.date.map(|date| date.day.to_string()),
        "slug": item.slug,
        "path": item.path,
        "state": name_state(item.state),
        "generated": item.generated,
        "hash": format_text_hash(item.hash),
        "words": item.words,
        "mark": mark,
        "risk": item.risk,
        "risks": risks,
        "findings": findings(&item.findings),
        "blocks": findings(&item.blocks),
    })
}
