//! Reads one line of a result file: which request it answers, and what came of it.

use serde_json::{Map, Value};

use crate::failure::{ErrorBody, shorten_message};
use crate::journal::TokenUsage;

/// A line of a result file.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchResult {
    /// The name of the request.
    pub id: String,
    /// What came of it.
    pub outcome: BatchOutcome,
}

/// What came of a request of a batch.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchOutcome {
    /// The model answered.
    Answered {
        /// The text, verbatim.
        text: String,
        /// The finish reason, in the words of `OpenAI`.
        finish: Option<String>,
        /// The refusal, if it has a field of its own.
        refusal: Option<String>,
        /// The tokens.
        usage: Option<TokenUsage>,
        /// The model, as the service names it.
        model: Option<String>,
    },
    /// The request failed, expired or was cancelled.
    Failed {
        /// The status of the response, if there was one.
        status: Option<u16>,
        /// The code or type of the error.
        code: Option<String>,
        /// What the service says, in one line.
        message: String,
    },
}

/// Parses a line of a result file. Returns `None` for what is no result: a request, or no JSON.
pub fn parse_result(line: &str) -> Option<BatchResult> {
    let record: Map<String, Value> = serde_json::from_str(line).ok()?;
    let id = ["custom_id", "key"]
        .iter()
        .find_map(|key| record.get(*key)?.as_str())?;
    let outcome = if let Some(result) = record.get("result") {
        read_anthropic_result(result)
    } else if let Some(error) = record.get("error").filter(|error| is_error(error)) {
        fail(error, None)
    } else if let Some(response) = record.get("response").filter(|value| value.is_object()) {
        read_response(response)
    } else if record.contains_key("response") || record.contains_key("error") {
        fail(
            &Value::from("the result has neither a response nor an error"),
            None,
        )
    } else {
        return None;
    };
    Some(BatchResult {
        id: id.to_owned(),
        outcome,
    })
}

fn is_error(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(object) => !object.is_empty(),
        _ => true,
    }
}

fn fail(error: &Value, status: Option<u16>) -> BatchOutcome {
    let body = ErrorBody::from_value(error, str::to_owned);
    BatchOutcome::Failed {
        status: status.or(body.status),
        code: body.code.or(body.kind),
        message: body.message,
    }
}

fn read_anthropic_result(result: &Value) -> BatchOutcome {
    let kind = result
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or("errored");
    match (kind, result.get("message")) {
        ("succeeded", Some(message)) => read_anthropic_message(message),
        // `expired` and `canceled` come without an error.
        (kind, _) => match result.get("error").filter(|error| is_error(error)) {
            Some(error) => fail(error, None),
            None => BatchOutcome::Failed {
                status: None,
                code: Some(kind.to_owned()),
                message: shorten_message(&format!("the request is {kind}")),
            },
        },
    }
}

/// Reads a response: that of `OpenAI` with its status around it, or that of Gemini.
fn read_response(response: &Value) -> BatchOutcome {
    let status = response.get("status_code").and_then(Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok());
    let body = response.get("body").unwrap_or(response);
    if let Some(error) = body.get("error").filter(|error| is_error(error)) {
        return fail(error, status);
    }
    if status.is_some_and(|status| status != 200) {
        return fail(body, status);
    }
    if body.get("choices").is_some() {
        read_chat_completion(body)
    } else if body.get("candidates").is_some() || body.get("promptFeedback").is_some() {
        read_gemini_response(body)
    } else if body.get("content").is_some() {
        read_anthropic_message(body)
    } else {
        fail(&Value::from("the response has no answer"), status)
    }
}

fn text_at<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn read_chat_completion(body: &Value) -> BatchOutcome {
    let nothing = Value::Null;
    let choice = body.get("choices").and_then(|choices| choices.get(0));
    let choice = choice.unwrap_or(&nothing);
    let message = choice.get("message").unwrap_or(&nothing);
    BatchOutcome::Answered {
        text: message.get("content").map(join_texts).unwrap_or_default(),
        finish: text_at(choice, "finish_reason").map(str::to_owned),
        refusal: text_at(message, "refusal")
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        usage: read_usage(body.get("usage"), ["prompt_tokens", "completion_tokens"]),
        model: text_at(body, "model").map(str::to_owned),
    }
}

fn read_anthropic_message(message: &Value) -> BatchOutcome {
    let finish = text_at(message, "stop_reason").map(|reason| match reason {
        "end_turn" | "stop_sequence" => "stop",
        "max_tokens" => "length",
        other => other,
    });
    BatchOutcome::Answered {
        text: message.get("content").map(join_texts).unwrap_or_default(),
        finish: finish.map(str::to_owned),
        refusal: None,
        usage: read_usage(message.get("usage"), ["input_tokens", "output_tokens"]),
        model: text_at(message, "model").map(str::to_owned),
    }
}

fn read_gemini_response(body: &Value) -> BatchOutcome {
    let candidate = body.get("candidates").and_then(|all| all.get(0));
    let blocked = body
        .get("promptFeedback")
        .and_then(|feedback| text_at(feedback, "blockReason"));
    let reason = candidate.and_then(|candidate| text_at(candidate, "finishReason"));
    let finish = reason.or(blocked).map(|reason| match reason {
        "STOP" => "stop".to_owned(),
        "MAX_TOKENS" => "length".to_owned(),
        "SAFETY" | "PROHIBITED_CONTENT" | "BLOCKLIST" | "SPII" | "RECITATION" => {
            "content_filter".to_owned()
        }
        other => other.to_ascii_lowercase(),
    });
    let parts = candidate
        .and_then(|candidate| candidate.get("content")?.get("parts")?.as_array())
        .into_iter()
        .flatten();
    // Thoughts are reasoning, not part of the answer; the other parts are pieces of one text.
    let texts = parts
        .filter(|part| part.get("thought").and_then(Value::as_bool) != Some(true))
        .filter_map(|part| text_at(part, "text"));
    BatchOutcome::Answered {
        text: texts.collect(),
        finish,
        refusal: None,
        usage: read_usage(
            body.get("usageMetadata"),
            ["promptTokenCount", "candidatesTokenCount"],
        ),
        model: text_at(body, "modelVersion").map(str::to_owned),
    }
}

/// Returns the text of a message: a string, or parts of which some have text.
fn join_texts(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let is_text = |part: &&Value| {
                matches!(text_at(part, "type"), None | Some("text" | "output_text"))
            };
            let texts = parts
                .iter()
                .filter(is_text)
                .filter_map(|part| text_at(part, "text"));
            texts.collect::<Vec<_>>().join("\n\n")
        }
        _ => String::new(),
    }
}

fn read_usage(usage: Option<&Value>, [input, output]: [&str; 2]) -> Option<TokenUsage> {
    let usage = usage?;
    let count = |key: &str| usage.get(key).and_then(Value::as_u64);
    let thoughts = count("thoughtsTokenCount");
    (count(input).is_some() || count(output).is_some()).then(|| TokenUsage {
        input: count(input).unwrap_or(0),
        output: count(output)
            .unwrap_or(0)
            .saturating_add(thoughts.unwrap_or(0)),
        reasoning: thoughts.or_else(|| {
            usage
                .get("completion_tokens_details")?
                .get("reasoning_tokens")?
                .as_u64()
        }),
        cached: count("cache_read_input_tokens").or_else(|| {
            usage
                .get("prompt_tokens_details")?
                .get("cached_tokens")?
                .as_u64()
        }),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The text and finish reason, or the code and message.
    type ExpectedOutcome<'e> = Result<[&'e str; 2], [&'e str; 2]>;

    /// Checks the id and the outcome of a line.
    #[track_caller]
    fn check(line: Value, expected: Option<(&str, ExpectedOutcome<'_>)>) {
        let found = parse_result(&line.to_string());
        let read = found.as_ref().map(|found| {
            let outcome = match &found.outcome {
                BatchOutcome::Answered { text, finish, .. } => {
                    Ok([&**text, finish.as_deref().unwrap_or_default()])
                }
                BatchOutcome::Failed { code, message, .. } => {
                    Err([code.as_deref().unwrap_or_default(), &**message])
                }
            };
            (&*found.id, outcome)
        });
        assert_eq!(read, expected, "{line}");
    }

    #[test]
    fn answers_of_each_service_are_read() {
        let body = json!({"model": "m", "usage": {"prompt_tokens": 3, "completion_tokens": 5},
            "choices": [{"message": {"content": "Text."}, "finish_reason": "length"}]});
        let openai = json!({"custom_id": "1", "error": null, "response": {"status_code": 200, "body": body}});
        check(openai.clone(), Some(("1", Ok(["Text.", "length"]))));
        let message = json!({"content": [{"type": "thinking", "thinking": "x"}, {"type": "text", "text": "Text."}],
            "stop_reason": "end_turn", "usage": {"input_tokens": 3, "output_tokens": 5}});
        let anthropic =
            json!({"custom_id": "1", "result": {"type": "succeeded", "message": message}});
        check(anthropic.clone(), Some(("1", Ok(["Text.", "stop"]))));
        let gemini = json!({"key": "1", "response": {
            "candidates": [{"content": {"parts": [{"text": "x", "thought": true}, {"text": "Te"}, {"text": "xt."}]},
                "finishReason": "MAX_TOKENS"}],
            "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 5}}});
        check(gemini.clone(), Some(("1", Ok(["Text.", "length"]))));
        for line in [openai, anthropic, gemini] {
            let Some(BatchOutcome::Answered { usage, .. }) =
                parse_result(&line.to_string()).map(|result| result.outcome)
            else {
                panic!("{line}");
            };
            assert_eq!(usage.unwrap().total(), 8, "{line}");
        }
    }

    #[test]
    fn refusals_and_filtered_answers_are_answers() {
        let body = json!({"choices": [{"message": {"content": null, "refusal": "No."}, "finish_reason": "stop"}]});
        let line = json!({"custom_id": "1", "response": {"status_code": 200, "body": body}});
        let outcome = parse_result(&line.to_string()).unwrap().outcome;
        assert!(
            matches!(outcome, BatchOutcome::Answered { refusal: Some(text), .. } if text == "No.")
        );
        let blocked =
            json!({"key": "1", "response": {"promptFeedback": {"blockReason": "SAFETY"}}});
        check(blocked, Some(("1", Ok(["", "content_filter"]))));
    }

    #[test]
    fn failures_have_the_words_of_the_service() {
        check(
            json!({"custom_id": "1", "response": null,
                "error": {"code": "batch_expired", "message": "This request expired."}}),
            Some(("1", Err(["batch_expired", "This request expired."]))),
        );
        check(
            json!({"custom_id": "1", "error": null, "response": {"status_code": 400,
                "body": {"error": {"type": "invalid_request_error", "message": "bad"}}}}),
            Some(("1", Err(["invalid_request_error", "bad"]))),
        );
        check(
            json!({"custom_id": "1", "result": {"type": "expired"}}),
            Some(("1", Err(["expired", "the request is expired"]))),
        );
        check(
            json!({"custom_id": "1", "result": {"type": "errored", "error": {"type": "error",
                "error": {"type": "overloaded_error", "message": "busy"}}}}),
            Some(("1", Err(["overloaded_error", "busy"]))),
        );
        check(
            json!({"key": "1", "error": {"code": 13, "message": "internal"}}),
            Some(("1", Err(["", "internal"]))),
        );
    }

    #[test]
    fn what_is_no_result_is_left_out() {
        check(json!({"custom_id": "1", "body": {"messages": []}}), None);
        check(json!({"key": "1", "request": {"contents": []}}), None);
        check(json!({"response": {"choices": []}}), None);
        assert_eq!(parse_result("{oops"), None);
    }
}
