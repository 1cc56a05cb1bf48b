//! Runs `pressrun build`.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use pressrun_site::pipeline::timings::{StageTiming, Timings};
use pressrun_site::pipeline::{self, BuildReport, BuildRequest, SiteFindings};
use pressrun_site::render::CommandFailure;
use pressrun_text::numbers::group_thousands;

use super::args::{BuildArgs, OutputFormat};
use super::json::{JsonOutput, build_to_json};
use super::next_step::{BuildEnd, describe_next_step};
use super::progress::StageReporter;
use super::terminal::{Terminal, count_with_noun, format_bytes};
use super::{current_moment, parse_allowed, parse_base_url, schedule};
use crate::theme::THEME;

pub(super) fn run_build(
    root: &Path,
    build: &BuildArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let request = BuildRequest {
        output: build.output.clone(),
        base_url: parse_base_url(build.base_url.as_deref())?,
        drafts: build.drafts,
        future: build.future,
        force: build.force,
        sync: build.sync,
        strict: build.strict,
        allowed: parse_allowed(&build.allow)?,
        on_wait: terminal.on_wait(),
        on_stage: StageReporter::show_stage,
        ..BuildRequest::new(root, THEME, current_moment()?)
    };
    let is_first = !request.output_folder().exists();
    let stages = StageReporter::begin(terminal.shows_progress());
    let result = run_on_threads(build.jobs, || pipeline::build_site(&request));
    // The line must be gone before anything else is printed.
    drop(stages);
    let report = result?;
    if build.format == OutputFormat::Json {
        terminal.print_json(JsonOutput::Build, build_to_json(&report, build.timings));
        return Ok(ExitCode::SUCCESS);
    }
    let findings = &report.findings;
    terminal.print_findings(&findings.diagnostics, Some(findings.ledger.replies));
    for line in summarize_build(&report).lines() {
        terminal.print_status(line);
    }
    let end = BuildEnd {
        root,
        is_first,
        is_watched: !terminal.is_in_workflow(),
    };
    if let Some(next) = describe_next_step(&end, findings) {
        terminal.print_status(&next);
    }
    if build.timings {
        terminal.print_result(&format_timings(&report.timings));
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a closure on `jobs` threads, or on one for each core if that is `None`.
pub(super) fn run_on_threads<T: Send>(jobs: Option<u16>, run: impl FnOnce() -> T + Send) -> T {
    // For rayon, 0 threads means one for each core.
    let threads = jobs.map_or(0, usize::from);
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(run),
        // If the system allows no more threads, this one does the work.
        Err(_) => run(),
    }
}

/// Describes what became of the replies of a site.
pub(super) fn describe_replies(findings: &SiteFindings) -> String {
    let ledger = &findings.ledger;
    let mut text = String::new();
    let _ = write!(
        text,
        "{} in {}: {} published",
        count_with_noun(ledger.replies, "reply", "replies"),
        count_with_noun(ledger.files, "file", "files"),
        ledger.published,
    );
    for (number, what) in [
        (ledger.pages, count_with_noun(ledger.pages, "page", "pages")),
        (
            ledger.drafts,
            count_with_noun(ledger.drafts, "draft", "drafts"),
        ),
        (
            ledger.unapproved,
            schedule::describe_unapproved(&findings.unpublished),
        ),
        (
            ledger.future,
            format!("{} dated in the future", group_thousands(ledger.future)),
        ),
        (
            ledger.expired,
            format!("{} expired", group_thousands(ledger.expired)),
        ),
        (
            ledger.rejected,
            format!("{} rejected", group_thousands(ledger.rejected)),
        ),
    ] {
        if number > 0 {
            let _ = write!(text, ", {what}");
        }
    }
    text
}

/// Describes the result of a build in a few lines.
pub(super) fn summarize_build(report: &BuildReport) -> String {
    let mut text = describe_replies(&report.findings);
    let written = &report.written;
    let _ = write!(
        text,
        "\n{} ({}) in {}: {} written, {} unchanged",
        count_with_noun(written.written + written.unchanged, "file", "files"),
        format_bytes(written.bytes),
        report.output.display(),
        written.written,
        written.unchanged,
    );
    if written.removed > 0 {
        let _ = write!(text, ", {} removed", written.removed);
    }
    let wall = report.timings.total().wall;
    let _ = write!(
        text,
        "\nbuilt for {} in {}",
        report.base_url.as_str(),
        format_duration(wall)
    );
    text
}

/// Formats the stages of a build as a table.
fn format_timings(timings: &Timings) -> String {
    let mut text = format!("\n{:<18}{:>10}{:>10}\n", "stage", "wall", "cpu");
    let total = timings.total();
    for StageTiming { name, wall, cpu } in timings.stages().iter().chain([&total]) {
        // Some systems do not report processor time.
        let cpu = cpu.map_or_else(|| "?".to_owned(), format_duration);
        let _ = writeln!(text, "{name:<18}{:>10}{cpu:>10}", format_duration(*wall));
    }
    text
}

pub(super) fn format_duration(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", time.as_secs_f64())
    }
}
