//! Reads the responses of model APIs, and how their generation ended (R2.3, R2.4 of the ingest
//! contract).

use serde_json::{Map, Value};

use super::RecordContent;
use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::post_object::read_json_date;
use crate::parse::reply::{GenerationEnd, ReplyContext};

/// The reason why a container has no answer.
#[derive(Debug)]
pub(super) struct NoAnswer {
    code: Code,
    reason: String,
}

impl NoAnswer {
    /// Creates the reason for a request that failed.
    pub(super) fn failed(reason: impl Into<String>) -> Self {
        Self {
            code: Code::FailedRequest,
            reason: reason.into(),
        }
    }

    fn refused(reason: &str) -> Self {
        Self {
            code: Code::Refusal,
            reason: reason.to_owned(),
        }
    }

    /// Returns the diagnostic for a request; `name` is its name in the batch.
    pub(super) fn finding(self, name: Option<&str>, line: u32) -> Finding {
        let request = name.map_or("the request".to_owned(), |name| {
            format!("request {}", quote_for_message(name))
        });
        let what = if self.code == Code::Refusal {
            "was refused by the model"
        } else {
            "failed"
        };
        Finding::new(
            self.code,
            line,
            format!("{request} {what}: {}", quote_for_message(&self.reason)),
        )
        .with_help("send the request again")
    }
}

/// The text of an answer, with what the response says about it.
pub(super) type AnswerResult = Result<(String, ReplyContext), NoAnswer>;

/// Returns the content for an answer; `name` is that of its request in the batch.
pub(super) fn make_content(answered: AnswerResult, name: Option<&str>, line: u32) -> RecordContent {
    match answered {
        Ok((text, context)) => RecordContent::Reply(text, context),
        Err(reason) => RecordContent::Failed(reason.finding(name, line)),
    }
}

/// Accepts the text of an answer, unless it is blank or was withheld (R2.4). `object` says how
/// generation ended.
pub(super) fn accept_text(
    text: String,
    mut context: ReplyContext,
    object: &Map<String, Value>,
) -> AnswerResult {
    let reason = find_reason(object);
    match reason {
        Some("content_filter" | "content_filtered" | "guardrail_intervened") => {
            return Err(NoAnswer::failed("the content filter stopped it"));
        }
        Some("refusal") if text.trim().is_empty() => {
            return Err(NoAnswer::refused("no reason given"));
        }
        Some("refusal") => return Err(NoAnswer::refused(&text)),
        _ => {}
    }
    if text.trim().is_empty() {
        return Err(NoAnswer::failed("it has no text"));
    }
    if let Some(reason) = reason {
        context.ending = parse_generation_end(reason);
    }
    Ok((text, context))
}

/// Returns an error if the model refused explicitly.
fn check_refusal(message: &Map<String, Value>) -> Result<(), NoAnswer> {
    match message.get("refusal").and_then(Value::as_str) {
        Some(refusal) if !refusal.trim().is_empty() => Err(NoAnswer::refused(refusal)),
        _ => Ok(()),
    }
}

fn context_of_date(date: Option<&Value>) -> ReplyContext {
    ReplyContext {
        date: date.and_then(read_json_date),
        ..ReplyContext::default()
    }
}

/// Reads the first choice of a chat completion.
pub(super) fn read_chat_completion(object: &Map<String, Value>, choices: &[Value]) -> AnswerResult {
    let choice = choices
        .first()
        .ok_or_else(|| NoAnswer::failed("it has no choices"))?;
    let choice = choice
        .as_object()
        .ok_or_else(|| NoAnswer::failed("it has no text"))?;
    let message = choice.get("message").and_then(Value::as_object);
    if let Some(message) = message {
        check_refusal(message)?;
    }
    let said = message.and_then(|message| message.get("content"));
    // Completions that are not chats have the text in the choice itself.
    let text = said
        .map(message_text)
        .or_else(|| choice.get("text")?.as_str().map(str::to_owned));
    let context = context_of_date(object.get("created"));
    accept_text(text.unwrap_or_default(), context, choice)
}

/// Reads the answer of a chat by Ollama.
pub(super) fn read_ollama_message(
    object: &Map<String, Value>,
    message: &Map<String, Value>,
) -> AnswerResult {
    check_refusal(message)?;
    let text = message.get("content").map(message_text);
    let context = context_of_date(object.get("created_at"));
    accept_text(text.unwrap_or_default(), context, object)
}

/// Reads the answer of Bedrock's Converse API.
pub(super) fn read_converse_message(object: &Map<String, Value>, message: &Value) -> AnswerResult {
    let parts = message.get("content").and_then(Value::as_array);
    // Parts without a text are reasoning, calls of tools, pictures.
    let texts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .filter_map(|part| part.get("text")?.as_str())
        .collect();
    accept_text(texts.join("\n\n"), ReplyContext::default(), object)
}

/// Reads the messages of an object of the Responses API.
pub(super) fn read_responses_object(object: &Map<String, Value>, output: &[Value]) -> AnswerResult {
    let parts = output
        .iter()
        .filter(|item| item.get("type").and_then(Value::as_str) == Some("message"))
        .filter_map(|item| item.get("content")?.as_array())
        .flatten();
    let mut texts = Vec::new();
    for part in parts {
        match part.get("type").and_then(Value::as_str) {
            Some("output_text") => texts.extend(part.get("text").and_then(Value::as_str)),
            Some("refusal") => {
                let refusal = part.get("refusal").and_then(Value::as_str);
                return Err(NoAnswer::refused(refusal.unwrap_or("no reason given")));
            }
            _ => {}
        }
    }
    let mut context = context_of_date(object.get("created_at"));
    if let Some(status) = object.get("status").and_then(Value::as_str) {
        context.ending = parse_generation_end(status);
    }
    accept_text(texts.join("\n\n"), context, object)
}

/// Reads the first candidate of a Gemini response. Its parts are fragments of one text.
pub(super) fn read_gemini_response(candidates: &[Value]) -> AnswerResult {
    let candidate = candidates
        .first()
        .ok_or_else(|| NoAnswer::failed("it has no candidates"))?;
    let parts = candidate
        .get("content")
        .and_then(|content| content.get("parts"))
        .and_then(Value::as_array);
    let text = parts
        .into_iter()
        .flatten()
        // Thoughts are reasoning, not part of the answer.
        .filter(|part| part.get("thought").and_then(Value::as_bool) != Some(true))
        .filter_map(|part| part.get("text")?.as_str())
        .collect();
    let nothing = Map::new();
    let reason = candidate.as_object().unwrap_or(&nothing);
    accept_text(text, ReplyContext::default(), reason)
}

/// Reads a message of the Anthropic API.
pub(super) fn read_anthropic_message(
    message: &Map<String, Value>,
    blocks: &[Value],
) -> AnswerResult {
    accept_text(join_text_blocks(blocks), ReplyContext::default(), message)
}

/// Returns the text of a message, which is a string or a list of parts, some of which have text.
pub(super) fn message_text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => join_text_blocks(blocks),
        _ => String::new(),
    }
}

fn join_text_blocks(blocks: &[Value]) -> String {
    let texts: Vec<&str> = blocks
        .iter()
        .filter_map(|block| {
            let kind = block.get("type").and_then(Value::as_str).unwrap_or("text");
            let text = block.as_str().or_else(|| block.get("text")?.as_str())?;
            matches!(kind, "text" | "output_text" | "input_text").then_some(text)
        })
        .collect();
    texts.join("\n\n")
}

/// Converts a service's name for the end of generation.
fn parse_generation_end(reason: &str) -> GenerationEnd {
    match reason {
        "stop" | "end_turn" | "stop_sequence" | "STOP" | "completed" => GenerationEnd::Finished,
        "length" | "max_tokens" | "MAX_TOKENS" | "incomplete" => GenerationEnd::CutOff,
        _ => GenerationEnd::Unknown,
    }
}

/// Returns how generation ended, if an object states it.
pub(super) fn find_generation_end(object: &Map<String, Value>) -> GenerationEnd {
    find_reason(object).map_or(GenerationEnd::Unknown, parse_generation_end)
}

/// Returns the name for the end of generation that an object states under one of the usual keys.
fn find_reason(object: &Map<String, Value>) -> Option<&str> {
    [
        "finish_reason",
        "finishReason",
        "stop_reason",
        "stopReason",
        "done_reason",
    ]
    .iter()
    .find_map(|key| object.get(*key)?.as_str())
}
