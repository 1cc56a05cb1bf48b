//! Runs `pressrun build`.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::args::Build;
use super::terminal::{Terminal, bytes, count};
use super::{base_url, today};
use crate::pipeline::timings::{Stage, Timings};
use crate::pipeline::{self, Report, Request};
use crate::render::Failure;
use crate::text::numbers::grouped;

pub(super) fn run(root: &Path, build: &Build, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let request = Request {
        output: build.output.clone(),
        base_url: base_url(build.base_url.as_deref())?,
        drafts: build.drafts,
        future: build.future,
        force: build.force,
        sync: build.sync,
        strict: build.strict,
        on_wait: terminal.on_wait(),
        ..Request::new(root, today()?)
    };
    let report = on_threads(build.jobs, || pipeline::build(&request))?;
    terminal.findings(&report.diagnostics);
    for line in summary(&report).lines() {
        terminal.status(line);
    }
    if build.timings {
        terminal.result(&table(&report.timings));
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a closure on `jobs` threads, or on one for each core if that is `None`.
fn on_threads<T: Send>(jobs: Option<u16>, run: impl FnOnce() -> T + Send) -> T {
    // For rayon, 0 threads means one for each core.
    let threads = jobs.map_or(0, usize::from);
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(run),
        // If the system allows no more threads, this one does the work.
        Err(_) => run(),
    }
}

/// Describes the result of a build in a few lines.
pub(super) fn summary(report: &Report) -> String {
    let ledger = &report.ledger;
    let mut text = String::new();
    let _ = write!(
        text,
        "{} in {}: {} published",
        count(ledger.replies, "reply", "replies"),
        count(ledger.files, "file", "files"),
        ledger.published,
    );
    for (number, what) in [
        (ledger.drafts, count(ledger.drafts, "draft", "drafts")),
        (
            ledger.future,
            format!("{} dated in the future", grouped(ledger.future)),
        ),
        (
            ledger.rejected,
            format!("{} rejected", grouped(ledger.rejected)),
        ),
    ] {
        if number > 0 {
            let _ = write!(text, ", {what}");
        }
    }
    let written = &report.written;
    let _ = write!(
        text,
        "\n{} ({}) in {}: {} written, {} unchanged",
        count(written.written + written.unchanged, "file", "files"),
        bytes(written.bytes),
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
        seconds(wall)
    );
    text
}

/// Formats the stages of a build as a table.
fn table(timings: &Timings) -> String {
    let mut text = format!("\n{:<18}{:>10}{:>10}\n", "stage", "wall", "cpu");
    let total = timings.total();
    for Stage { name, wall, cpu } in timings.stages().iter().chain([&total]) {
        // Some systems do not report processor time.
        let cpu = cpu.map_or_else(|| "?".to_owned(), seconds);
        let _ = writeln!(text, "{name:<18}{:>10}{cpu:>10}", seconds(*wall));
    }
    text
}

pub(super) fn seconds(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", time.as_secs_f64())
    }
}
