//! What a model answers, put together from the chunks of a stream or read from one document.

use serde_json::Value;

use crate::failure::{ErrorBody, shorten_message};
use crate::journal::TokenUsage;

/// The answer to one request, perhaps without its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The text, verbatim.
    pub text: String,
    /// How many characters of reasoning came beside the text.
    pub reasoning_chars: usize,
    /// A refusal in a field of its own.
    pub refusal: Option<String>,
    /// Why the answer ended, in the words of the server; `None` if it did not say.
    pub finish: Option<String>,
    /// The tokens that the server counted.
    pub usage: Option<TokenUsage>,
    /// The model that answered.
    pub model: Option<String>,
    /// The identifier of the answer at the server.
    pub response_id: Option<String>,
}

impl Answer {
    /// Returns why the answer ended, if the server says so.
    pub fn finish_reason(&self) -> Option<FinishReason> {
        self.finish.as_deref().map(FinishReason::parse)
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// The model says that it is done.
    Stop,
    /// The limit on tokens.
    Length,
    /// A filter stopped the text.
    Filtered,
    /// The model refused.
    Refused,
    /// The server failed in the middle.
    Error,
    /// Something else.
    Other,
}

impl FinishReason {
    /// Reads a reason from the words that servers use for it.
    pub fn parse(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "stop" | "end_turn" | "eos" | "eos_token" | "stop_sequence" | "complete"
            | "completed" | "finish" => Self::Stop,
            "length"
            | "max_tokens"
            | "model_length"
            | "max_output_tokens"
            | "model_context_window_exceeded" => Self::Length,
            "content_filter"
            | "content-filter"
            | "safety"
            | "sensitive"
            | "recitation"
            | "blocklist"
            | "prohibited_content"
            | "spii"
            | "guardrail_intervened" => Self::Filtered,
            "refusal" => Self::Refused,
            "error" | "abort" | "network_error" | "cancelled" | "insufficient_system_resource" => {
                Self::Error
            }
            _ => Self::Other,
        }
    }
}

/// Reads the tokens that a server counted.
fn parse_usage(value: &Value) -> Option<TokenUsage> {
    let count = |value: Option<&Value>, names: &[&str]| {
        let value = value?;
        names.iter().find_map(|name| value.get(*name)?.as_u64())
    };
    let input = count(Some(value), &["prompt_tokens", "input_tokens"]);
    let output = count(Some(value), &["completion_tokens", "output_tokens"]);
    // Some servers send zeros with each chunk until the last one.
    if input.unwrap_or(0) == 0 && output.unwrap_or(0) == 0 {
        return None;
    }
    Some(TokenUsage {
        input: input.unwrap_or(0),
        output: output.unwrap_or(0),
        reasoning: count(
            value.get("completion_tokens_details"),
            &["reasoning_tokens"],
        ),
        cached: count(value.get("prompt_tokens_details"), &["cached_tokens"]),
    })
}

/// An answer of which chunks are still to come.
#[derive(Debug, Default)]
pub(super) struct AnswerParts {
    pub(super) answer: Answer,
    /// The error that came inside the answer.
    pub(super) error: Option<ErrorBody>,
    /// Whether `[DONE]` came.
    pub(super) is_done: bool,
    /// Whether any chunk had the shape of an answer.
    pub(super) is_answer: bool,
    /// A chunk that is not JSON.
    pub(super) malformed: Option<String>,
}

impl AnswerParts {
    /// Adds the data of one event, or a whole answer.
    pub(super) fn add(&mut self, data: &str, redact: &dyn Fn(&str) -> String) {
        if data == "[DONE]" {
            self.is_done = true;
            return;
        }
        match serde_json::from_str::<Value>(data) {
            Ok(value) => self.add_value(&value, redact),
            Err(_) if self.malformed.is_none() => {
                self.malformed = Some(shorten_message(&redact(data)));
            }
            Err(_) => {}
        }
    }

    pub(super) fn add_value(&mut self, value: &Value, redact: &dyn Fn(&str) -> String) {
        let choices = value.get("choices").and_then(Value::as_array);
        // Without choices, a chunk is an error, or the usage at the end.
        let has_error = value.get("error").is_some_and(|error| !error.is_null())
            || (choices.is_none()
                && ["message", "detail"]
                    .iter()
                    .any(|key| value.get(key).is_some()))
            || value.is_array();
        if has_error && self.error.is_none() {
            self.error = Some(ErrorBody::from_value(value, redact));
        }
        for (place, key) in [
            (&mut self.answer.model, "model"),
            (&mut self.answer.response_id, "id"),
        ] {
            if place.is_none() {
                let text = value.get(key).and_then(Value::as_str);
                *place = text.map(|text| shorten_message(&redact(text)));
            }
        }
        let usage = value
            .get("usage")
            .or_else(|| value.get("x_groq")?.get("usage"));
        if let Some(usage) = usage.and_then(parse_usage) {
            self.answer.usage = Some(usage);
        }
        let Some(choices) = choices else {
            return;
        };
        self.is_answer = true;
        // One answer is asked for; further choices would mix their texts.
        let first = choices.iter().find(|choice| match choice.get("index") {
            Some(index) => index.as_u64() == Some(0) || index.is_null(),
            None => true,
        });
        if let Some(choice) = first {
            self.add_choice(choice, redact);
        }
    }

    fn add_choice(&mut self, choice: &Value, redact: &dyn Fn(&str) -> String) {
        if let Some(error) = choice.get("error").filter(|error| !error.is_null()) {
            self.error
                .get_or_insert_with(|| ErrorBody::from_value(error, redact));
        }
        let message = ["delta", "message"]
            .iter()
            .find_map(|key| choice.get(*key).filter(|message| message.is_object()));
        match message {
            Some(message) => self.add_message(message),
            None => push_content(&mut self.answer.text, choice.get("text")),
        }
        let reason = choice.get("finish_reason").and_then(Value::as_str);
        if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
            self.answer.finish = Some(shorten_message(&redact(reason)));
        }
    }

    fn add_message(&mut self, message: &Value) {
        push_content(&mut self.answer.text, message.get("content"));
        if let Some(refusal) = message.get("refusal").and_then(Value::as_str)
            && !refusal.is_empty()
        {
            self.answer
                .refusal
                .get_or_insert_default()
                .push_str(refusal);
        }
        // Only the first of these that is there: some servers send the same under two names.
        let reasoning = ["reasoning_content", "reasoning", "thinking"];
        let found = reasoning.iter().find_map(|key| message.get(*key)?.as_str());
        self.answer.reasoning_chars += found.map_or(0, |text| text.chars().count());
    }
}

/// Adds the content of a message: a text, or parts of which some are texts.
fn push_content(text: &mut String, content: Option<&Value>) {
    match content {
        Some(Value::String(part)) => text.push_str(part),
        Some(Value::Array(parts)) => {
            for part in parts {
                let kind = part.get("type").and_then(Value::as_str);
                if let (None | Some("text" | "output_text"), Some(part)) =
                    (kind, part.get("text").and_then(Value::as_str))
                {
                    text.push_str(part);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[&str]) -> AnswerParts {
        let mut parts = AnswerParts::default();
        for chunk in chunks {
            parts.add(chunk, &str::to_owned);
        }
        parts
    }

    #[test]
    fn chunks_are_put_together() {
        let parts = read(&[
            r#"{"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"TITLE: "}}],"usage":null}"#,
            r#"{"choices":[{"index":0,"delta":{"content":"Tea"}}]}"#,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            r#"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10,"completion_tokens_details":{"reasoning_tokens":1}}}"#,
            "[DONE]",
        ]);
        assert_eq!(parts.answer.text, "TITLE: Tea");
        assert_eq!(parts.answer.finish.as_deref(), Some("stop"));
        let usage = parts.answer.usage.unwrap();
        assert_eq!(
            (usage.input, usage.output, usage.reasoning),
            (7, 3, Some(1))
        );
        assert_eq!(parts.answer.model.as_deref(), Some("m"));
        assert!(parts.is_done && parts.error.is_none());
    }

    #[test]
    fn whole_answer_and_parts_of_content_are_read() {
        let parts = read(&[
            r#"{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"thinking","text":"no"},{"type":"text","text":"b"}]},"finish_reason":"length"}]}"#,
        ]);
        assert_eq!(parts.answer.text, "ab");
        assert_eq!(parts.answer.finish_reason(), Some(FinishReason::Length));
        assert_eq!(
            read(&[r#"{"choices":[{"text":"old"}]}"#]).answer.text,
            "old"
        );
    }

    #[test]
    fn other_choices_are_left_out() {
        let parts = read(&[
            r#"{"choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"}}]}"#,
            r#"{"choices":[{"index":1,"delta":{"content":"no"}}]}"#,
        ]);
        assert_eq!(parts.answer.text, "yes");
    }

    #[test]
    fn reasoning_is_counted_and_not_kept() {
        let parts = read(&[
            r#"{"choices":[{"delta":{"reasoning_content":"hm?","reasoning":"hm?"}}]}"#,
            r#"{"choices":[{"delta":{"content":"","reasoning":"so"}}]}"#,
        ]);
        assert_eq!(
            (parts.answer.reasoning_chars, parts.answer.text.as_str()),
            (5, "")
        );
    }

    #[test]
    fn error_inside_an_answer_is_found() {
        for chunk in [
            r#"{"error":{"message":"m","code":502}}"#,
            r#"{"id":"x","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"m"}}"#,
            r#"{"choices":[{"index":0,"message":{},"error":{"code":502,"message":"m"}}]}"#,
            r#"[{"error":{"message":"m","code":502}}]"#,
            r#"{"object":"error","message":"m","code":502}"#,
        ] {
            let error = read(&[chunk]).error.expect(chunk);
            assert_eq!(
                (error.status, error.message.as_str()),
                (Some(502), "m"),
                "{chunk}"
            );
        }
        assert!(read(&[r#"{"error":null,"choices":[]}"#]).error.is_none());
        assert_eq!(
            read(&[r#"{"error":"broken"}"#]).error.unwrap().message,
            "broken"
        );
    }

    #[test]
    fn reasons_to_end_have_many_names() {
        for (name, expected) in [
            ("stop", FinishReason::Stop),
            ("STOP", FinishReason::Stop),
            ("end_turn", FinishReason::Stop),
            ("length", FinishReason::Length),
            ("MAX_TOKENS", FinishReason::Length),
            ("content_filter", FinishReason::Filtered),
            ("SAFETY", FinishReason::Filtered),
            ("refusal", FinishReason::Refused),
            ("error", FinishReason::Error),
            ("tool_calls", FinishReason::Other),
        ] {
            assert_eq!(FinishReason::parse(name), expected, "{name}");
        }
    }

    #[test]
    fn refusal_has_a_field_of_its_own() {
        let parts = read(&[
            r#"{"choices":[{"delta":{"refusal":"I cannot "}}]}"#,
            r#"{"choices":[{"delta":{"refusal":"do that."},"finish_reason":"stop"}]}"#,
        ]);
        assert_eq!(parts.answer.refusal.as_deref(), Some("I cannot do that."));
    }

    #[test]
    fn chunk_that_is_not_json_is_noted_without_the_key() {
        let mut parts = AnswerParts::default();
        parts.add("{\"a\": secret", &|text| text.replace("secret", "[key]"));
        assert_eq!(parts.malformed.as_deref(), Some("{\"a\": [key]"));
    }
}
