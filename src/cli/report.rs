//! Runs `pressrun report`.

use std::path::Path;
use std::process::ExitCode;

use super::args::{Report, ReportFormat};
use super::browser::open;
use super::terminal::{Terminal, count, typed_path};
use super::{base_url, today, usage};
use crate::pipeline::{Request, survey};
use crate::render::Failure;
use crate::report::{self, Numbers, numbers};
use crate::text::numbers::grouped;

pub(super) fn run(root: &Path, report: &Report, terminal: &Terminal) -> Result<ExitCode, Failure> {
    if report.open && report.format == ReportFormat::Json {
        let message = "only a page can be opened; leave out `--format json`";
        return Err(usage("--open", message.to_owned()));
    }
    let request = Request {
        base_url: base_url(report.base_url.as_deref())?,
        on_wait: terminal.on_wait(),
        ..Request::new(root, today()?)
    };
    let survey = survey::survey(&request)?;
    let numbers = numbers::of(&survey, request.today, report.rows);
    let output = report.output.clone();
    if report.format == ReportFormat::Json {
        let json = report::json(&numbers);
        match output {
            Some(file) => report::write(&request, &file, &json)?,
            None => terminal.json_text(&json),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let file = output.unwrap_or_else(|| report::usual_place(root));
    let html = report::html(&numbers, &survey.config, root, &file)?;
    report::write(&request, &file, &html)?;
    terminal.status(&summary(&numbers));
    // The path is the result of the command, so `--quiet` prints it too.
    terminal.result(&format!("{}\n", typed_path(&file)));
    if report.open && !open(&crate::fs::absolute(&file).to_string_lossy()) {
        terminal.aside("there is no browser that could be opened");
    }
    Ok(ExitCode::SUCCESS)
}

/// Describes the report in one line.
fn summary(numbers: &Numbers) -> String {
    let Numbers {
        ledger, findings, ..
    } = numbers;
    let mut parts = vec![count(ledger.published, "post", "posts")];
    for (number, words) in [
        (
            ledger.future,
            format!("{} to appear", grouped(ledger.future)),
        ),
        (ledger.drafts, count(ledger.drafts, "draft", "drafts")),
        (
            ledger.rejected,
            format!("{} not published", grouped(ledger.rejected)),
        ),
        (
            findings.warnings,
            count(findings.warnings, "warning", "warnings"),
        ),
    ] {
        if number > 0 {
            parts.push(words);
        }
    }
    parts.join(", ")
}
