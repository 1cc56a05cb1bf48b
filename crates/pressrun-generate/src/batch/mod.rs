//! Batches: request files for the batch services of `OpenAI`, Anthropic and Gemini, and their results.
//!
//! pressrun writes request files and reads result files; the user uploads and downloads them. The
//! name of each request is that of its topic, so results are known in whatever order and file they
//! come.

mod files;
mod judging;
mod request;
mod results;
mod run;

pub use files::{RequestFile, RequestFiles};
pub use judging::judge_results;
pub use request::{RequestParts, format_request};
pub use results::{BatchOutcome, BatchResult, parse_result};
pub use run::{
    BatchReading, BatchTarget, SwappedTexts, WrittenBatch, read_results, write_requests,
};

/// A service that takes requests in batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchProvider {
    /// `OpenAI`.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Gemini.
    Gemini,
}

/// The largest request file that a service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// The most requests.
    pub requests: usize,
    /// The most bytes.
    pub bytes: u64,
}

impl BatchProvider {
    /// Returns the name in options and in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
        }
    }

    /// Returns the limits of its request files. A megabyte has a million bytes, which is less than
    /// what some services mean.
    pub fn limits(self) -> BatchLimits {
        let (requests, megabytes) = match self {
            Self::OpenAi => (50_000, 200),
            Self::Anthropic => (100_000, 256),
            // Gemini limits the size only.
            Self::Gemini => (usize::MAX, 2000),
        };
        BatchLimits {
            requests,
            bytes: megabytes * 1_000_000,
        }
    }

    /// Returns the commands that upload a request file and start its batch, for a person to run.
    pub fn describe_upload(self, file: &str, model: Option<&str>) -> String {
        let file = quote_for_shell(file);
        let model = model.unwrap_or("MODEL");
        match self {
            Self::OpenAi => format!(
                "curl https://api.openai.com/v1/files -H \"Authorization: Bearer $OPENAI_API_KEY\" \
                 -F purpose=batch -F file=@{file}\n\
                 curl https://api.openai.com/v1/batches -H \"Authorization: Bearer $OPENAI_API_KEY\" \
                 -H 'Content-Type: application/json' -d '{{\"input_file_id\": \"ID\", \"endpoint\": \
                 \"/v1/chat/completions\", \"completion_window\": \"24h\"}}'"
            ),
            Self::Anthropic => format!(
                "(printf '{{\"requests\":['; paste -sd, {file}; printf ']}}') | \
                 curl https://api.anthropic.com/v1/messages/batches -H \"x-api-key: $ANTHROPIC_API_KEY\" \
                 -H 'anthropic-version: 2023-06-01' -H 'content-type: application/json' \
                 --data-binary @-"
            ),
            Self::Gemini => format!(
                "curl https://generativelanguage.googleapis.com/upload/v1beta/files \
                 -H \"x-goog-api-key: $GEMINI_API_KEY\" -H 'X-Goog-Upload-Protocol: raw' \
                 -H 'Content-Type: application/jsonl' --data-binary @{file}\n\
                 curl https://generativelanguage.googleapis.com/v1beta/models/{model}:batchGenerateContent \
                 -H \"x-goog-api-key: $GEMINI_API_KEY\" -H 'Content-Type: application/json' \
                 -d '{{\"batch\": {{\"display_name\": \"pressrun\", \"input_config\": \
                 {{\"file_name\": \"files/ID\"}}}}}}'"
            ),
        }
    }
}

/// Quotes a path for a shell, if it needs that.
fn quote_for_shell(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    if !path.is_empty() && path.chars().all(is_plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests;
