//! Reads the responses of model APIs, and how their generation ended (R2.3, R2.4 of the ingest
//! contract).

use serde_json::{Map, Value};

use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::parse::post_object::day_of_json_time;
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

type AnswerResult = Result<(String, ReplyContext), NoAnswer>;

/// Reads the first choice of a chat completion.
pub(super) fn read_chat_completion(object: &Map<String, Value>, choices: &[Value]) -> AnswerResult {
    let choice = choices
        .first()
        .ok_or_else(|| NoAnswer::failed("it has no choices"))?;
    let reason = choice.get("finish_reason").and_then(Value::as_str);
    if reason == Some("content_filter") {
        return Err(NoAnswer::failed("the content filter stopped it"));
    }
    let message = choice.get("message");
    if let Some(refusal) = message
        .and_then(|message| message.get("refusal"))
        .and_then(Value::as_str)
        && !refusal.trim().is_empty()
    {
        return Err(NoAnswer::refused(refusal));
    }
    let said = message.and_then(|message| message.get("content"));
    // Completions that are not chats have the text in the choice itself.
    let text = said
        .map(message_text)
        .or_else(|| choice.get("text")?.as_str().map(str::to_owned));
    let context = ReplyContext {
        date: object.get("created").and_then(day_of_json_time),
        ending: reason.map_or(GenerationEnd::Unknown, parse_generation_end),
        ..ReplyContext::default()
    };
    require_text(text.unwrap_or_default(), context)
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
    let context = ReplyContext {
        date: object.get("created_at").and_then(day_of_json_time),
        ending: match object.get("status").and_then(Value::as_str) {
            Some("completed") => GenerationEnd::Finished,
            Some("incomplete") => GenerationEnd::CutOff,
            _ => GenerationEnd::Unknown,
        },
        ..ReplyContext::default()
    };
    require_text(texts.join("\n\n"), context)
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
    let reason = candidate.get("finishReason").and_then(Value::as_str);
    let context = ReplyContext {
        ending: reason.map_or(GenerationEnd::Unknown, parse_generation_end),
        ..ReplyContext::default()
    };
    require_text(text, context)
}

/// Reads a message of the Anthropic API.
pub(super) fn read_anthropic_message(
    message: &Map<String, Value>,
    blocks: &[Value],
) -> AnswerResult {
    let reason = message.get("stop_reason").and_then(Value::as_str);
    let text = join_text_blocks(blocks);
    if reason == Some("refusal") {
        let said = if text.trim().is_empty() {
            "no reason given"
        } else {
            &text
        };
        return Err(NoAnswer::refused(said));
    }
    let context = ReplyContext {
        ending: reason.map_or(GenerationEnd::Unknown, parse_generation_end),
        ..ReplyContext::default()
    };
    require_text(text, context)
}

fn require_text(text: String, context: ReplyContext) -> AnswerResult {
    if text.trim().is_empty() {
        return Err(NoAnswer::failed("it has no text"));
    }
    Ok((text, context))
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

/// Returns how generation ended, if a record states it under one of the usual keys.
pub(super) fn find_generation_end(object: &Map<String, Value>) -> GenerationEnd {
    ["finish_reason", "stop_reason", "finishReason"]
        .iter()
        .find_map(|key| object.get(*key)?.as_str())
        .map_or(GenerationEnd::Unknown, parse_generation_end)
}
