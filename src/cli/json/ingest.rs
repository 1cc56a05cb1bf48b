//! What `ingest` has done, as JSON.

use pressrun_posts::diagnostic::Diagnostic;
use pressrun_posts::post::SiteDate;
use serde_json::{Value, json};

use super::list_diagnostics;
use crate::ingest::{IngestLedger, IngestReport, IngestStep, StepAction};

/// Returns what was done with each record, or what would be done in a dry run.
pub(in super::super) fn ingestion_to_json(
    report: &IngestReport,
    found: &[Diagnostic],
    dry_run: bool,
) -> Value {
    let steps = report.steps.iter();
    let records: Vec<Value> = steps.map(|step| step_to_json(report, step)).collect();
    json!({
        "folder": report.folder.to_string_lossy(),
        "dry_run": dry_run,
        "refused": report.refused,
        "ledger": ingest_ledger_to_json(&report.ledger),
        "requests": report.requests,
        "dated_by_record": report.dated_by_record,
        "records": records,
        "diagnostics": list_diagnostics(found),
    })
}

fn ingest_ledger_to_json(ledger: &IngestLedger) -> Value {
    json!({
        "files": ledger.files,
        "records": ledger.records,
        "written": ledger.written,
        "updated": ledger.updated,
        "unchanged": ledger.unchanged,
        "kept": ledger.kept,
        "superseded": ledger.superseded,
        "rejected": ledger.rejected,
        "drafts": ledger.drafts,
    })
}

fn step_to_json(report: &IngestReport, step: &IngestStep) -> Value {
    let (action, code) = match step.action {
        StepAction::Create => ("create", None),
        StepAction::Update => ("update", None),
        StepAction::Unchanged => ("unchanged", None),
        StepAction::Kept => ("keep", None),
        StepAction::Superseded => ("supersede", None),
        StepAction::Rejected(code) => ("reject", Some(code.name())),
    };
    let has_file = code.is_none() && step.action != StepAction::Superseded;
    let date = step.date.map(|stated| report.zone.place_date(stated));
    json!({
        "source": &*step.source,
        "line": step.line,
        "action": action,
        "code": code,
        "path": has_file.then(|| report.folder.join(&step.path).to_string_lossy().into_owned()),
        "date": date.map(SiteDate::to_machine_text),
        "draft": step.draft,
    })
}
