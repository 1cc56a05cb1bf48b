//! Runs `pressrun report`.

use std::path::Path;
use std::process::ExitCode;

use pressrun_site::pipeline::{BuildRequest, report_data};
use pressrun_site::render::CommandFailure;
use pressrun_text::numbers::group_thousands;

use super::args::{ReportArgs, ReportFormat};
use super::browser::open_browser;
use super::json::JsonOutput;
use super::terminal::{Terminal, count_with_noun, typed_path};
use super::{current_moment, parse_base_url, usage_failure};
use crate::report::{self, ReportNumbers, numbers};
use crate::theme::THEME;

pub(super) fn run_report(
    root: &Path,
    report: &ReportArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    if report.open && report.format == ReportFormat::Json {
        let message = "a JSON report cannot be opened; remove `--open` or `--format json`";
        return Err(usage_failure("--open", message.to_owned()));
    }
    let request = BuildRequest {
        base_url: parse_base_url(report.base_url.as_deref())?,
        on_wait: terminal.on_wait(),
        ..BuildRequest::new(root, THEME, current_moment()?)
    };
    let data = report_data::collect_report_data(&request)?;
    let numbers = numbers::count_site(&data, request.present, report.rows);
    let output = report.output.clone();
    if report.format == ReportFormat::Json {
        let json = report::report_json(&numbers, JsonOutput::Report.schema());
        match output {
            Some(file) => report::write_report(&request, &file, &json)?,
            None => terminal.json_text(&json),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let file = output.unwrap_or_else(|| report::default_report_path(root));
    let html = report::report_html(&numbers, &data.config, root, &file)?;
    report::write_report(&request, &file, &html)?;
    terminal.print_status(&summarize_report(&numbers));
    // The path is the result of the command, so `--quiet` prints it too.
    terminal.print_result(&format!("{}\n", typed_path(&file)));
    if report.open && !open_browser(&pressrun_site::fs::resolve_path(&file).to_string_lossy()) {
        terminal.print_aside("no browser could be opened");
    }
    Ok(ExitCode::SUCCESS)
}

/// Describes the report in one line.
fn summarize_report(numbers: &ReportNumbers) -> String {
    let ReportNumbers {
        ledger, findings, ..
    } = numbers;
    let mut parts = vec![count_with_noun(ledger.published, "post", "posts")];
    for (number, words) in [
        (ledger.pages, count_with_noun(ledger.pages, "page", "pages")),
        (
            ledger.future,
            format!("{} scheduled", group_thousands(ledger.future)),
        ),
        (
            ledger.drafts,
            count_with_noun(ledger.drafts, "draft", "drafts"),
        ),
        (
            ledger.unapproved,
            format!("{} without approval", group_thousands(ledger.unapproved)),
        ),
        (
            ledger.expired,
            format!("{} expired", group_thousands(ledger.expired)),
        ),
        (
            ledger.rejected,
            format!("{} not published", group_thousands(ledger.rejected)),
        ),
        (
            findings.warnings,
            count_with_noun(findings.warnings, "warning", "warnings"),
        ),
    ] {
        if number > 0 {
            parts.push(words);
        }
    }
    parts.join(", ")
}
