//! Runs `pressrun ingest`: turns replies into Markdown files with front matter.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use pressrun_posts::diagnostic::report::sanitize_line;
use pressrun_posts::diagnostic::{Code, Diagnostic, Severity};
use pressrun_posts::post::{SiteDate, StatedDate};
use pressrun_site::render::CommandFailure;
use pressrun_text::numbers::group_thousands;

use super::args::{IngestArgs, IngestDates, OutputFormat};
use super::json::{JsonOutput, ingestion_to_json};
use super::progress::{ProgressReporter, ProgressUnit};
use super::terminal::{Terminal, count_with_noun, typed_path};
use super::usage_failure;
use crate::ingest::{
    self, DateSchedule, IngestLedger, IngestPhase, IngestReport, IngestRequest, IngestStep,
    IngestWatcher, PostInterval, StepAction,
};

pub(super) fn run_ingest(
    root: &Path,
    ingest: &IngestArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let schedule = make_date_schedule(ingest)?;
    let request = IngestRequest {
        root: root.to_owned(),
        sources: ingest.sources.clone(),
        into: ingest.into.clone(),
        dry_run: ingest.dry_run,
        strict: ingest.strict,
        schedule: schedule.clone(),
        overrides_container: ingest.dates == IngestDates::Override,
        on_wait: terminal.on_wait(),
    };
    let as_json = ingest.format == OutputFormat::Json;
    let mut console = IngestConsole::new(terminal);
    console.kept = as_json.then(Vec::new);
    let report = ingest::run_ingestion(&request, &mut console)?;
    // The progress bar must be gone before results are printed.
    console.finish();
    if as_json {
        let found = console.kept.take().unwrap_or_default();
        let output = ingestion_to_json(&report, &found, ingest.dry_run);
        terminal.print_json(JsonOutput::Ingest, output);
        return Ok(exit_code(&report));
    }
    if ingest.dry_run {
        terminal.print_result(&format_plan(&report));
    }
    terminal.print_status(&format_ledger(&report, ingest.dry_run));
    if let Some(schedule) = schedule {
        terminal.print_status(&describe_schedule(&report, schedule.start));
    }
    if report.refused {
        let errors = count_with_noun(report.ledger.rejected, "reply was", "replies were");
        terminal.print_error(&format!("{errors} rejected; nothing was written"));
    }
    Ok(exit_code(&report))
}

fn exit_code(report: &IngestReport) -> ExitCode {
    if report.refused {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Turns the replies of another command into files, and shows what is found in them.
pub(super) fn ingest_replies(
    request: &IngestRequest,
    terminal: &Terminal,
) -> Result<IngestReport, CommandFailure> {
    let mut console = IngestConsole::new(terminal);
    let report = ingest::run_ingestion(request, &mut console);
    console.finish();
    report
}

/// Returns the schedule that the arguments ask for.
fn make_date_schedule(ingest: &IngestArgs) -> Result<Option<DateSchedule>, CommandFailure> {
    let Some(start) = ingest.start else {
        return Ok(None);
    };
    let schedule = DateSchedule {
        start,
        every: ingest.every,
        times: ingest.at.clone(),
    };
    let message = match schedule {
        _ if schedule.times.is_empty() => return Ok(Some(schedule)),
        DateSchedule { start, .. } if start.time.is_some() => {
            "`--at` names the times of day, so `--start` takes a day such as 2026-01-31"
        }
        DateSchedule {
            every: PostInterval::Minutes(_),
            ..
        } => "`--at` names the times of day, so `--every` takes days or weeks such as 1d or 2w",
        _ => return Ok(Some(schedule)),
    };
    Err(usage_failure("--at", message.to_owned()))
}

/// Shows progress and diagnostics: every rejected reply, and a few diagnostics of every other code.
struct IngestConsole<'t> {
    terminal: &'t Terminal,
    progress: ProgressReporter,
    found: BTreeMap<Code, usize>,
    /// The diagnostics, if they are to be kept and not to be shown.
    kept: Option<Vec<Diagnostic>>,
}

impl<'t> IngestConsole<'t> {
    fn new(terminal: &'t Terminal) -> Self {
        Self {
            terminal,
            progress: ProgressReporter::new(terminal.shows_progress()),
            found: BTreeMap::new(),
            kept: None,
        }
    }

    /// Returns how many diagnostics of a code are shown. Rejected replies are all shown, because
    /// nothing else reports them.
    fn max_shown(&self, code: Code) -> usize {
        match code.severity() {
            Severity::Error => usize::MAX,
            severity => self.terminal.max_shown(severity),
        }
    }

    /// Ends the progress bar, and prints how many diagnostics were not shown.
    fn finish(&self) {
        self.progress.end();
        for (&code, &number) in &self.found {
            let more = number.saturating_sub(self.max_shown(code));
            if more > 0 && self.terminal.shows(code.severity()) {
                let text = format!("… and {more} more {code}; --verbose lists all");
                self.terminal.print_aside(&text);
            }
        }
    }
}

impl IngestWatcher for IngestConsole<'_> {
    fn begin(&mut self, part: IngestPhase, units: u64) {
        match part {
            IngestPhase::Read => self.progress.begin("reading", ProgressUnit::Bytes, units),
            IngestPhase::Write => self.progress.begin("writing", ProgressUnit::Files, units),
        }
    }

    fn advance(&mut self, units: u64) {
        self.progress.advance(units);
    }

    fn found(&mut self, found: &Diagnostic) {
        if let Some(kept) = &mut self.kept {
            return kept.push(found.clone());
        }
        let number = self.found.entry(found.code).or_default();
        *number += 1;
        let number = *number;
        if number <= self.max_shown(found.code) && self.terminal.shows(found.severity()) {
            // Otherwise the bar and the line would overwrite each other.
            self.progress
                .print_aside(|| self.terminal.print_finding(found));
        }
    }
}

/// Formats a line for each record that says what would be done with it.
fn format_plan(report: &IngestReport) -> String {
    let mut text = String::new();
    for step in &report.steps {
        let what = match step.action {
            StepAction::Create => "create",
            StepAction::Update => "update",
            StepAction::Unchanged => "unchanged",
            StepAction::Kept => "keep edited",
            StepAction::Superseded => "supersede",
            StepAction::Rejected(_) => "reject",
        };
        let _ = write!(text, "{what:<12}");
        if let StepAction::Rejected(code) = step.action {
            let _ = writeln!(text, "{} ({code})", show_step_place(step));
        } else if step.action == StepAction::Superseded {
            let _ = writeln!(text, "{}", show_step_place(step));
        } else {
            let path = typed_path(&report.folder.join(&step.path));
            let _ = writeln!(text, "{path} from {}", show_step_place(step));
        }
    }
    text
}

/// Describes the schedule: the posts dated `start` or later, in new and in existing files.
fn describe_schedule(report: &IngestReport, start: StatedDate) -> String {
    let start = report.zone.place_date(start);
    let dates = report.steps.iter().filter_map(|step| step.date);
    let dates = dates.map(|stated| report.zone.place_date(stated));
    let mut dates: Vec<SiteDate> = dates.filter(|date| date.moment >= start.moment).collect();
    dates.sort_by_key(|date| date.moment);
    let mut text = match (dates.first(), dates.last()) {
        (Some(first), Some(last)) => {
            let posts = count_with_noun(dates.len(), "post is", "posts are");
            format!("{posts} dated from {first} to {last}; `pressrun check` shows the plan")
        }
        _ => format!("no post is dated from {start} on"),
    };
    if report.dated_by_record > 0 {
        let posts = count_with_noun(report.dated_by_record, "post keeps", "posts keep");
        let _ = write!(
            text,
            "\n{posts} the date of a record; with `--dates override` the schedule counts there too"
        );
    }
    text
}

fn show_step_place(step: &IngestStep) -> String {
    match step.line {
        Some(line) => sanitize_line(&format!("{}:{line}", step.source)),
        None => sanitize_line(&step.source),
    }
}

/// Formats what happened to the records as a table. Its rows add up to the number in the first
/// line.
pub(super) fn format_ledger(report: &IngestReport, dry_run: bool) -> String {
    let ledger: &IngestLedger = &report.ledger;
    let mut text = match (dry_run, report.refused) {
        (true, _) => "nothing was written; without --dry-run:\n",
        (_, true) => "nothing was written; without --strict:\n",
        _ => "",
    }
    .to_owned();
    let records = count_with_noun(ledger.records, "record", "records");
    let files = count_with_noun(ledger.files, "file", "files");
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
        (
            ledger.superseded,
            "superseded by another record of the same id",
        ),
        (ledger.rejected, "rejected"),
    ] {
        // Only batches have such records.
        if number == 0 && what.starts_with("superseded") {
            continue;
        }
        let _ = write!(text, "\n{:>9} {what}", group_thousands(number));
    }
    let drafts = count_with_noun(ledger.drafts, "draft", "drafts");
    let _ = write!(text, "\n{drafts} among them");
    if report.requests > 0 {
        let requests = count_with_noun(report.requests, "request", "requests");
        let _ = write!(text, "\n{requests} of a batch read with them");
    }
    text
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::SiteZone;

    use super::*;

    fn report(ledger: IngestLedger) -> IngestReport {
        IngestReport {
            folder: "content/posts".into(),
            steps: Vec::new(),
            ledger,
            refused: false,
            zone: SiteZone::default(),
            dated_by_record: 0,
            requests: 0,
        }
    }

    #[test]
    fn ledger_is_a_table() {
        let report = report(IngestLedger {
            files: 1,
            records: 10_004,
            written: 10_000,
            updated: 1,
            unchanged: 1,
            kept: 1,
            superseded: 0,
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
        assert_eq!(format_ledger(&report, false), expected);
        let dry = format_ledger(&report, true);
        assert!(dry.starts_with("nothing was written; without --dry-run:\n10,004 records"));
    }
}
