//! What `publish` has done, as JSON.

use pressrun_posts::diagnostic::Diagnostic;
use pressrun_site::pipeline::DatesAhead;
use serde_json::{Value, json};

use super::{JsonOutput, build_to_json, list_diagnostics};
use crate::publish::github::GitHubRepository;
use crate::publish::{
    MovedPage, PublishOutcome, PublishReport, PublishStep, WorkflowSchedule, WrittenWorkflow,
};

/// What a publication tells on its way, for the output at its end.
#[derive(Debug, Default)]
pub(in super::super) struct PublicationNotes {
    build: Value,
    moved: Vec<Value>,
    files: usize,
    bytes: u64,
    found: Vec<Diagnostic>,
    is_offline: bool,
}

impl PublicationNotes {
    /// Keeps what a step tells.
    pub(in super::super) fn add_step(&mut self, step: &PublishStep<'_>) {
        match step {
            PublishStep::Built(report) => {
                self.build = JsonOutput::Build.add_schema(build_to_json(report, false));
            }
            PublishStep::Moved(pages) => {
                let page = |page: &MovedPage| json!({ "from": page.from, "to": page.to });
                self.moved = pages.iter().map(page).collect();
            }
            PublishStep::Examined(files, found) => {
                self.files = files.files.len();
                self.bytes = files.bytes();
                self.found = found.to_vec();
            }
            PublishStep::Offline(_) => self.is_offline = true,
            // The report has the changes too.
            PublishStep::Pushing(_) => {}
        }
    }
}

/// Returns what was published, or would be published in a dry run.
pub(in super::super) fn publication_to_json(
    report: &PublishReport,
    notes: PublicationNotes,
) -> Value {
    let (outcome, commit, is_new) = match &report.outcome {
        PublishOutcome::Pushed { commit, created } => ("pushed", Some(commit), *created),
        PublishOutcome::Unchanged => ("unchanged", None, false),
        PublishOutcome::DryRun => ("dry run", None, false),
    };
    let changes = &report.changes;
    json!({
        "outcome": outcome,
        "commit": commit,
        "new_branch": is_new,
        "address": report.address,
        "remote": report.remote,
        "branch": report.branch,
        "settings": report.github.as_ref().map(GitHubRepository::settings_url),
        "offline": notes.is_offline,
        "changes": {
            "added": changes.added,
            "changed": changes.changed,
            "removed": changes.removed,
        },
        "moved": notes.moved,
        "files": notes.files,
        "bytes": notes.bytes,
        "diagnostics": list_diagnostics(&notes.found),
        "build": notes.build,
    })
}

/// Returns which workflow was written.
pub(in super::super) fn workflow_to_json(workflow: &WrittenWorkflow, ahead: &DatesAhead) -> Value {
    let schedule = match workflow.schedule {
        WorkflowSchedule::None => None,
        WorkflowSchedule::Daily => Some("daily"),
        WorkflowSchedule::Hourly => Some("hourly"),
    };
    json!({
        "path": workflow.path.to_string_lossy(),
        "unchanged": workflow.unchanged,
        "branch": workflow.branch,
        "schedule": schedule,
        "scheduled": ahead.appear.len(),
        "expiring": ahead.expire.len(),
        "settings": workflow.github.as_ref().map(GitHubRepository::settings_url),
    })
}
