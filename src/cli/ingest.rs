//! Runs `pressrun ingest`: turns replies into Markdown files with front matter.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use super::args::Ingest;
use super::progress::{Progress, Unit};
use super::terminal::{Terminal, count, typed_path};
use crate::diagnostic::report::plain;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::ingest::{self, Action, Ledger, Part, Report, Request, Schedule, Step, Watcher};
use crate::post::Date;
use crate::render::Failure;
use crate::text::numbers::grouped;

pub(super) fn run(root: &Path, ingest: &Ingest, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let every = ingest.every;
    let request = Request {
        root: root.to_owned(),
        sources: ingest.sources.clone(),
        into: ingest.into.clone(),
        dry_run: ingest.dry_run,
        strict: ingest.strict,
        schedule: ingest.start.map(|start| Schedule { start, every }),
        on_wait: terminal.on_wait(),
    };
    let mut console = Console::new(terminal);
    let report = ingest::run(&request, &mut console)?;
    // The progress bar must be gone before results are printed.
    console.end();
    if ingest.dry_run {
        terminal.result(&plan(&report));
    }
    terminal.status(&ledger(&report, ingest.dry_run));
    if let Some(start) = ingest.start {
        terminal.status(&days(&report, start));
    }
    if report.refused {
        let errors = count(report.ledger.rejected, "reply was", "replies were");
        terminal.error(&format!("{errors} rejected; nothing was written"));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows progress and diagnostics: every rejected reply, and a few diagnostics of every other code.
struct Console<'t> {
    terminal: &'t Terminal,
    progress: Progress,
    found: BTreeMap<Code, usize>,
}

impl<'t> Console<'t> {
    fn new(terminal: &'t Terminal) -> Self {
        Self {
            terminal,
            progress: Progress::new(terminal.shows_progress()),
            found: BTreeMap::new(),
        }
    }

    /// Returns how many diagnostics of a code are shown. Rejected replies are all shown, because
    /// nothing else reports them.
    fn most(&self, code: Code) -> usize {
        match code.severity() {
            Severity::Error => usize::MAX,
            severity => self.terminal.most(severity),
        }
    }

    /// Ends the progress bar, and prints how many diagnostics were not shown.
    fn end(&self) {
        self.progress.end();
        for (&code, &number) in &self.found {
            let more = number.saturating_sub(self.most(code));
            if more > 0 && self.terminal.shows(code.severity()) {
                let text = format!("… and {more} more {code}; --verbose lists all");
                self.terminal.aside(&text);
            }
        }
    }
}

impl Watcher for Console<'_> {
    fn begin(&mut self, part: Part, units: u64) {
        match part {
            Part::Read => self.progress.begin("reading", Unit::Bytes, units),
            Part::Write => self.progress.begin("writing", Unit::Files, units),
        }
    }

    fn advance(&mut self, units: u64) {
        self.progress.advance(units);
    }

    fn found(&mut self, found: &Diagnostic) {
        let number = self.found.entry(found.code).or_default();
        *number += 1;
        let number = *number;
        if number <= self.most(found.code) && self.terminal.shows(found.severity()) {
            // Otherwise the bar and the line would overwrite each other.
            self.progress.aside(|| self.terminal.finding(found));
        }
    }
}

/// Formats a line for each record that says what would be done with it.
fn plan(report: &Report) -> String {
    let mut text = String::new();
    for step in &report.steps {
        let what = match step.action {
            Action::Create => "create",
            Action::Update => "update",
            Action::Unchanged => "unchanged",
            Action::Kept => "keep edited",
            Action::Rejected(_) => "reject",
        };
        let _ = write!(text, "{what:<12}");
        if let Action::Rejected(code) = step.action {
            let _ = writeln!(text, "{} ({code})", place(step));
        } else {
            let path = typed_path(&report.folder.join(&step.path));
            let _ = writeln!(text, "{path} from {}", place(step));
        }
    }
    text
}

/// Describes the schedule: the posts dated `start` or later, in new and in existing files.
fn days(report: &Report, start: Date) -> String {
    let dates = report.steps.iter().filter_map(|step| step.date);
    let mut days: Vec<Date> = dates.filter(|day| *day >= start).collect();
    days.sort();
    match (days.first(), days.last()) {
        (Some(first), Some(last)) => {
            let posts = count(days.len(), "post is", "posts are");
            format!("{posts} dated from {first} to {last}; `pressrun check` shows the plan")
        }
        _ => format!("no post is dated from {start} on"),
    }
}

fn place(step: &Step) -> String {
    match step.line {
        Some(line) => plain(&format!("{}:{line}", step.source)),
        None => plain(&step.source),
    }
}

/// Formats what happened to the records as a table. Its rows add up to the number in the first
/// line.
fn ledger(report: &Report, dry_run: bool) -> String {
    let ledger: &Ledger = &report.ledger;
    let mut text = match (dry_run, report.refused) {
        (true, _) => "nothing was written; without --dry-run:\n",
        (_, true) => "nothing was written; without --strict:\n",
        _ => "",
    }
    .to_owned();
    let records = count(ledger.records, "record", "records");
    let files = count(ledger.files, "file", "files");
    let _ = write!(
        text,
        "{records} in {files}, into {}:",
        typed_path(&report.folder)
    );
    for (number, what) in [
        (ledger.written, "written"),
        (ledger.updated, "updated"),
        (ledger.unchanged, "unchanged"),
        (ledger.kept, "kept, edited since"),
        (ledger.rejected, "rejected"),
    ] {
        let _ = write!(text, "\n{:>9} {what}", grouped(number));
    }
    let drafts = count(ledger.drafts, "draft", "drafts");
    let _ = write!(text, "\n{drafts} among them");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(ledger: Ledger) -> Report {
        Report {
            folder: "content/posts".into(),
            steps: Vec::new(),
            ledger,
            refused: false,
        }
    }

    #[test]
    fn ledger_is_a_table() {
        let report = report(Ledger {
            files: 1,
            records: 10_004,
            written: 10_000,
            updated: 1,
            unchanged: 1,
            kept: 1,
            rejected: 1,
            drafts: 2,
        });
        let expected = "\
10,004 records in 1 file, into content/posts:
   10,000 written
        1 updated
        1 unchanged
        1 kept, edited since
        1 rejected
2 drafts among them";
        assert_eq!(ledger(&report, false), expected);
        let dry = ledger(&report, true);
        assert!(dry.starts_with("nothing was written; without --dry-run:\n10,004 records"));
    }
}
