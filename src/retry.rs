//! Writes the requests of a batch that have no whole reply once more: the same requests under the
//! same ids, so that `ingest` knows what their results take the place of.
//!
//! Not here: which records have no whole reply (`ingest`), and the forms of requests
//! (`pressrun-generate`).

use std::path::{Path, PathBuf};

use pressrun_generate::batch::{
    BatchProvider, RequestFile, RequestFiles, RequestParts, format_request,
};
use pressrun_generate::prompt::{PromptMessage, PromptRole};
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::parse::chat::ChatRole;
use pressrun_posts::parse::json::{BatchRequest, BatchService};
use pressrun_posts::post::record::make_request_id;
use pressrun_site::render::CommandFailure;
use serde_json::{Map, Value, json};

use crate::ingest::{self, IngestWatcher, UnansweredRecords};

/// The most tokens of an answer, if neither the request nor the user says it.
const MAX_TOKENS: u32 = 6000;

/// The options of a run.
#[derive(Debug, Clone)]
pub struct RetryRequest {
    /// Folder of the site.
    pub root: PathBuf,
    /// Files and folders with results and requests.
    pub sources: Vec<PathBuf>,
    /// The service that gets the requests.
    pub provider: BatchProvider,
    /// The model instead of that of the requests.
    pub model: Option<String>,
    /// The most tokens of an answer instead of those of the requests.
    pub max_tokens: Option<u32>,
    /// The file to write.
    pub output: Option<PathBuf>,
}

/// What was found and written.
#[derive(Debug)]
pub struct RetryReport {
    /// The records without a whole reply.
    pub unanswered: UnansweredRecords,
    /// The number of requests written.
    pub requests: usize,
    /// The files written; none if the requests were printed.
    pub files: Vec<RequestFile>,
}

/// Writes the requests, or passes each to `print` if no file is to be written.
///
/// # Errors
///
/// Returns what is wrong with the request or refused by the machine. No file is written then.
pub fn write_retry(
    request: &RetryRequest,
    watcher: &mut dyn IngestWatcher,
    print: &mut dyn FnMut(&str),
) -> Result<RetryReport, CommandFailure> {
    let unanswered = ingest::find_unanswered(&request.root, &request.sources, watcher)?;
    let mut requests = 0;
    let mut files = None;
    for asked in unanswered.iter_requests() {
        let line = format_retry(asked, request)?;
        requests += 1;
        let Some(output) = &request.output else {
            print(&line);
            continue;
        };
        let files = match &mut files {
            Some(files) => files,
            None => files.insert(RequestFiles::create_in(
                folder_of(output),
                request.provider,
            )?),
        };
        files.push(&line)?;
    }
    let files = match (files, &request.output) {
        (Some(files), Some(output)) => files.finish_as(output)?,
        _ => Vec::new(),
    };
    Ok(RetryReport {
        unanswered,
        requests,
        files,
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Returns the line of a request: as it was, if it is for the same service, or else converted.
fn format_retry(asked: BatchRequest, request: &RetryRequest) -> Result<String, CommandFailure> {
    let same = match request.provider {
        BatchProvider::OpenAi => BatchService::OpenAi,
        BatchProvider::Anthropic => BatchService::Anthropic,
        BatchProvider::Gemini => BatchService::Gemini,
    };
    if asked.service == same {
        return Ok(change_request(asked, request).to_string());
    }
    if request.model.is_none() && request.provider != BatchProvider::Gemini {
        let message = format!(
            "the requests are for another service than `{}`, so `--model` must name a model of it",
            request.provider.name()
        );
        let found = Diagnostic::new(Code::Usage, FilePlace::file("--model"), message);
        return Err(CommandFailure::Site(vec![found]));
    }
    let messages: Vec<PromptMessage> = asked
        .messages()
        .into_iter()
        .map(|message| PromptMessage {
            role: match message.side {
                ChatRole::System => PromptRole::System,
                ChatRole::User => PromptRole::User,
                ChatRole::Assistant => PromptRole::Assistant,
            },
            content: message.text,
        })
        .collect();
    let nothing = Map::new();
    let body = asked.asked().unwrap_or(&nothing);
    let id = make_request_id(asked.id.as_deref().unwrap_or_default());
    Ok(format_request(
        request.provider,
        RequestParts {
            id: &id,
            model: request.model.as_deref(),
            messages: &messages,
            max_tokens: request
                .max_tokens
                .or_else(|| find_max_tokens(body))
                .unwrap_or(MAX_TOKENS),
            body: &find_sampling(body),
        },
    ))
}

/// The keys of the most tokens of an answer, in the words of all services.
const TOKEN_KEYS: [&str; 4] = [
    "max_completion_tokens",
    "max_tokens",
    "max_output_tokens",
    "maxOutputTokens",
];

fn find_max_tokens(body: &Map<String, Value>) -> Option<u32> {
    let config = body.get("generationConfig").and_then(Value::as_object);
    let places = [Some(body), config].into_iter().flatten();
    let mut found = places.flat_map(|place| TOKEN_KEYS.iter().filter_map(|key| place.get(*key)));
    found.find_map(|value| u32::try_from(value.as_u64()?).ok())
}

/// Returns the fields of a request that services share, in the words of `OpenAI`.
fn find_sampling(body: &Map<String, Value>) -> Value {
    let config = body.get("generationConfig").and_then(Value::as_object);
    let config = config.unwrap_or(body);
    let mut found = json!({});
    for (name, other) in [("temperature", "temperature"), ("top_p", "topP")] {
        if let Some(value) = config.get(name).or_else(|| config.get(other)) {
            found[name] = value.clone();
        }
    }
    found
}

/// Returns a request for the same service, with the model and the length that were asked for.
fn change_request(asked: BatchRequest, request: &RetryRequest) -> Value {
    let service = asked.service;
    let mut record = asked.record;
    // Only Anthropic limits the letters of ids.
    if service == BatchService::Anthropic
        && let Some(id) = asked.id
    {
        record.insert("custom_id".to_owned(), make_request_id(&id).into());
    }
    let member = match service {
        BatchService::OpenAi => "body",
        BatchService::Anthropic => "params",
        BatchService::Gemini | BatchService::Bedrock => "request",
    };
    if let Some(body) = record.get_mut(member).and_then(Value::as_object_mut) {
        if let Some(model) = request
            .model
            .as_ref()
            .filter(|_| service != BatchService::Gemini)
        {
            body.insert("model".to_owned(), model.as_str().into());
        }
        if let Some(tokens) = request.max_tokens {
            set_max_tokens(body, service, tokens);
        }
    }
    Value::Object(record)
}

fn set_max_tokens(body: &mut Map<String, Value>, service: BatchService, tokens: u32) {
    if service == BatchService::Gemini {
        let config = body.entry("generationConfig").or_insert_with(|| json!({}));
        config["maxOutputTokens"] = tokens.into();
        return;
    }
    let known = TOKEN_KEYS
        .iter()
        .find(|key| body.contains_key(**key))
        .copied();
    let key = known.unwrap_or(match service {
        BatchService::OpenAi if body.contains_key("input") => "max_output_tokens",
        BatchService::OpenAi => "max_completion_tokens",
        _ => "max_tokens",
    });
    body.insert(key.to_owned(), tokens.into());
}
