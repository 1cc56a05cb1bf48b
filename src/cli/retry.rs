//! Runs `pressrun retry`: writes the requests of a batch once more that have no whole reply.

use std::path::Path;
use std::process::ExitCode;

use pressrun_generate::batch::BatchProvider;
use pressrun_posts::diagnostic::Diagnostic;
use pressrun_site::render::CommandFailure;
use serde_json::{Value, json};

use super::args::{BatchProviderArg, OutputFormat, RetryArgs};
use super::json::JsonOutput;
use super::terminal::{Terminal, count_with_noun, typed_path};
use super::usage_failure;
use crate::ingest::{IngestPhase, IngestWatcher, RequestKnowledge, UnansweredRecord};
use crate::retry::{self, RetryReport, RetryRequest};

pub(super) fn run_retry(
    root: &Path,
    arguments: &RetryArgs,
    terminal: &Terminal,
) -> Result<ExitCode, CommandFailure> {
    let as_json = arguments.format == OutputFormat::Json;
    if as_json && arguments.output.is_none() {
        let message =
            "`--format json` prints a report, so `--output` must name a file for the requests";
        return Err(usage_failure("--format", message.to_owned()));
    }
    let request = RetryRequest {
        root: root.to_owned(),
        sources: arguments.sources.clone(),
        provider: arguments.provider.into(),
        model: arguments.model.clone(),
        max_tokens: arguments.max_tokens,
        output: arguments.output.clone(),
    };
    let mut print = |line: &str| terminal.print_data(&format!("{line}\n"));
    let report = retry::write_retry(&request, &mut SilentWatcher, &mut print)?;
    let lacking = report.unanswered.report_lacking();
    terminal.print_findings(&lacking, None);
    if as_json {
        terminal.print_json(JsonOutput::Retry, report_to_json(&report));
    } else if request.output.is_some() {
        terminal.print_status(&describe_report(&report, request.provider));
    }
    if report.unanswered.without_id > 0 {
        let records = count_with_noun(report.unanswered.without_id, "record", "records");
        terminal.print_aside(&format!("{records} without an id cannot be asked again"));
    }
    Ok(if lacking.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints nothing: `ingest` reports what it reads.
struct SilentWatcher;

impl IngestWatcher for SilentWatcher {
    fn begin(&mut self, _: IngestPhase, _: u64) {}
    fn advance(&mut self, _: u64) {}
    fn found(&mut self, _: &Diagnostic) {}
}

impl From<BatchProviderArg> for BatchProvider {
    fn from(argument: BatchProviderArg) -> Self {
        match argument {
            BatchProviderArg::Openai => Self::OpenAi,
            BatchProviderArg::Anthropic => Self::Anthropic,
            BatchProviderArg::Gemini => Self::Gemini,
        }
    }
}

fn describe_report(report: &RetryReport, provider: BatchProvider) -> String {
    if report.unanswered.records.is_empty() {
        return "every record has a whole reply; nothing is to be asked again".to_owned();
    }
    let records = count_with_noun(
        report.unanswered.records.len(),
        "record has no whole reply",
        "records have no whole reply",
    );
    let requests = count_with_noun(report.requests, "request", "requests");
    let files: Vec<String> = report
        .files
        .iter()
        .map(|file| typed_path(&file.path))
        .collect();
    if files.is_empty() {
        return format!("{records}; nothing was written");
    }
    let mut text = format!("{records}; {requests} written to {}", files.join(", "));
    text += "\nto send them, run these commands yourself:";
    for file in files {
        text += "\n";
        text += &provider.describe_upload(&file, None);
    }
    text
}

fn report_to_json(report: &RetryReport) -> Value {
    let files = report.files.iter().map(|file| {
        json!({"path": file.path.to_string_lossy(), "requests": file.requests, "bytes": file.bytes})
    });
    json!({
        "requests": report.requests,
        "files": files.collect::<Vec<_>>(),
        "records": report.unanswered.records.iter().map(record_to_json).collect::<Vec<_>>(),
        "without_id": report.unanswered.without_id,
    })
}

fn record_to_json(record: &UnansweredRecord) -> Value {
    let request = match record.request {
        RequestKnowledge::Known => "written",
        RequestKnowledge::Missing => "missing",
        RequestKnowledge::Ambiguous => "ambiguous",
        RequestKnowledge::IdTaken => "id-taken",
    };
    json!({
        "id": record.id,
        "file": &*record.place.file,
        "line": record.place.line,
        "code": record.code.name(),
        "request": request,
    })
}
