//! The JSON that commands print with `--format json`. Each output names its schema, a file in
//! `docs/schema/`; `tests/it/schemas.rs` compares the two.

mod build;
mod ingest;
mod publish;

use pressrun_posts::content_file::diagnostic_to_json;
use pressrun_posts::diagnostic::Diagnostic;
use pressrun_site::render::CommandFailure;
use serde_json::{Map, Value, json};

pub(super) use build::build_to_json;
pub(super) use ingest::ingestion_to_json;
pub(super) use publish::{PublicationNotes, publication_to_json, workflow_to_json};

/// The key that names the schema of an output.
const KEY: &str = "schema";

/// An output, with a schema of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonOutput {
    Build,
    Check,
    /// Of any command that has no result.
    Failure,
    GenerateBatch,
    GeneratePlan,
    GenerateResults,
    GenerateRun,
    GenerateStatus,
    Ingest,
    Inspect,
    Publish,
    PublishWorkflow,
    Report,
    Retry,
    Review,
    Shard,
    Terms,
}

impl JsonOutput {
    /// Returns the path of the schema in `docs/schema/`. Its folder is the version: outputs of one
    /// version only get further keys.
    pub(super) fn schema(self) -> &'static str {
        match self {
            Self::Build => "v1/build.json",
            Self::Check => "v1/check.json",
            Self::Failure => "v1/failure.json",
            Self::GenerateBatch => "v1/generate-batch.json",
            Self::GeneratePlan => "v1/generate-plan.json",
            Self::GenerateResults => "v1/generate-results.json",
            Self::GenerateRun => "v1/generate-run.json",
            Self::GenerateStatus => "v1/generate-status.json",
            Self::Ingest => "v1/ingest.json",
            Self::Inspect => "v1/inspect.json",
            Self::Publish => "v1/publish.json",
            Self::PublishWorkflow => "v1/publish-workflow.json",
            Self::Report => "v1/report.json",
            Self::Retry => "v1/retry.json",
            Self::Review => "v1/review.json",
            Self::Shard => "v1/shard.json",
            Self::Terms => "v1/terms.json",
        }
    }

    /// Adds the name of the schema to an object.
    pub(super) fn add_schema(self, object: Value) -> Value {
        let mut named = Map::new();
        // First, where people see it.
        named.insert(KEY.to_owned(), self.schema().into());
        if let Value::Object(keys) = object {
            named.extend(keys);
        }
        named.into()
    }
}

/// Returns diagnostics as JSON.
pub(super) fn list_diagnostics(found: &[Diagnostic]) -> Value {
    found.iter().map(diagnostic_to_json).collect()
}

/// Returns the reason why a command has no result.
pub(super) fn failure_to_json(failure: &CommandFailure) -> Value {
    match failure {
        CommandFailure::Site(found) => refusal_to_json(found),
        CommandFailure::Machine(error) => {
            let cause = error.cause().to_string();
            message_to_json(&error.to_string(), Some(&cause), error.help())
        }
    }
}

/// Returns what is wrong with the site, so that there is no result.
pub(super) fn refusal_to_json(found: &[Diagnostic]) -> Value {
    json!({ "error": null, "diagnostics": list_diagnostics(found) })
}

/// Returns an error that belongs to no place of the site.
pub(super) fn message_to_json(message: &str, cause: Option<&str>, help: Option<&str>) -> Value {
    json!({
        "error": { "message": message, "cause": cause, "help": help },
        "diagnostics": [],
    })
}
