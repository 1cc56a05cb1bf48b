//! The codes and words by which servers name an error.

use super::body::ErrorBody;
use super::{FailureKind, RequestForm};

/// Codes and types that mean that the account has no credit left.
const BILLING: &[&str] = &[
    "insufficient_quota",
    "credit_balance_exhausted",
    "enforced_spend_limit_reached",
    "billing_error",
    "billing_hard_limit_reached",
    "billing_not_active",
    "insufficient_balance",
];

/// Codes and types that mean that the key is not accepted.
const KEY: &[&str] = &[
    "invalid_api_key",
    "authentication_error",
    "API_KEY_INVALID",
    "account_deactivated",
];

/// Codes and types that mean that prompt and answer are too long for the model.
const CONTEXT: &[&str] = &[
    "context_length_exceeded",
    "exceed_context_size_error",
    "context_window_exceeded",
    "string_above_max_length",
];

/// Codes and types that mean that a filter stopped the prompt or the answer.
const FILTER: &[&str] = &[
    "content_filter",
    "content_policy_violation",
    "moderation_blocked",
    "data_inspection_failed",
    "ResponsibleAIPolicyViolation",
];

/// Codes and types that mean that there is too much to do, where the status does not say so.
const OVERLOAD: &[&str] = &[
    "overloaded_error",
    "rate_limit_error",
    "rate_limit_exceeded",
    "RESOURCE_EXHAUSTED",
    "UNAVAILABLE",
];

/// Words of servers that send no code of their own for the same.
const WORDS: &[(&str, FailureKind)] = &[
    // Anthropic: 400 `invalid_request_error`
    ("credit balance is too low", FailureKind::Billing),
    // Anthropic
    ("prompt is too long", FailureKind::ContextLength),
    // vLLM, and gateways in front of it
    ("maximum context length", FailureKind::ContextLength),
    ("maximum model length", FailureKind::ContextLength),
    // Gemini
    (
        "exceeds the maximum number of tokens",
        FailureKind::ContextLength,
    ),
    // llama.cpp
    (
        "exceeds the available context size",
        FailureKind::ContextLength,
    ),
    // Ollama, LM Studio
    ("exceeds the context length", FailureKind::ContextLength),
    ("exceeds maximum context length", FailureKind::ContextLength),
    (
        "greater than the context length",
        FailureKind::ContextLength,
    ),
    ("context length of only", FailureKind::ContextLength),
    // Gemini
    ("API key not valid", FailureKind::Key),
];

/// Codes and types that mean that a parameter itself is refused.
const REFUSED_CODES: &[&str] = &[
    "unsupported_parameter",
    "unknown_parameter",
    "unsupported_value",
    "extra_forbidden",
];

/// Words that mean the same.
const REFUSED_WORDS: &[&str] = &[
    "unsupported",
    "not support",
    "n't support",
    "unrecognized",
    "unrecognised",
    "unknown",
    "unexpected",
    "not permitted",
    "not allowed",
    "not available",
    "extra_forbidden",
    "extra inputs",
    "deprecated",
    "no longer",
];

/// Returns the kind of an error that a server names, whichever status it comes with.
pub(super) fn find_kind(body: &ErrorBody) -> Option<FailureKind> {
    let is_limit =
        |name: &String| name.starts_with("organization_") && name.ends_with("_limit_exceeded");
    if is_named(body, BILLING) || body.names().any(is_limit) {
        return Some(FailureKind::Billing);
    }
    for (table, kind) in [
        (KEY, FailureKind::Key),
        (CONTEXT, FailureKind::ContextLength),
        (FILTER, FailureKind::Filtered),
    ] {
        if is_named(body, table) {
            return Some(kind);
        }
    }
    let word = WORDS.iter().find(|(word, _)| body.message.contains(word));
    word.map(|(_, kind)| *kind)
}

/// Returns whether an error inside an answer says that there is too much to do.
pub(super) fn is_overload(body: &ErrorBody) -> bool {
    is_named(body, OVERLOAD)
}

fn is_named(body: &ErrorBody, table: &[&str]) -> bool {
    body.names().any(|name| table.contains(&name.as_str()))
}

/// Returns the part of a request that a server says it does not take.
pub(super) fn find_form(body: &ErrorBody) -> Option<RequestForm> {
    let names = |name: &str| {
        // The longer names contain the shorter ones, so the character before and after count.
        body.param.as_deref() == Some(name) || mentions(&body.message, name)
    };
    // `max_tokens is not supported. Use max_completion_tokens` names both: `param` and the code say
    // which is wrong, and without them the first name in the message does.
    let old = names("max_tokens");
    let new = names("max_completion_tokens");
    match (old, new, body.param.as_deref()) {
        (_, _, Some("max_tokens")) if is_refused(body) => return Some(RequestForm::MaxTokens),
        (_, _, Some("max_completion_tokens")) if is_refused(body) => {
            return Some(RequestForm::MaxCompletionTokens);
        }
        (true, true, _) => {
            let first =
                body.message.find("max_tokens") < body.message.find("max_completion_tokens");
            return Some(if first {
                RequestForm::MaxTokens
            } else {
                RequestForm::MaxCompletionTokens
            });
        }
        (true, false, _) if is_refused(body) => return Some(RequestForm::MaxTokens),
        (false, true, _) if is_refused(body) => return Some(RequestForm::MaxCompletionTokens),
        _ => {}
    }
    if names("stream_options") {
        return Some(RequestForm::StreamOptions);
    }
    if names("response_format") || names("json_schema") {
        return Some(RequestForm::Schema);
    }
    let message = body.message.to_lowercase();
    let is_about_stream = body.param.as_deref() == Some("stream")
        || mentions(&message, "stream")
        || mentions(&message, "streaming");
    (is_about_stream && (is_refused(body) || message.contains("must be verified")))
        .then_some(RequestForm::Stream)
}

/// Returns whether an error says that a parameter itself is refused, rather than its value.
fn is_refused(body: &ErrorBody) -> bool {
    if is_named(body, REFUSED_CODES) {
        return true;
    }
    let message = body.message.to_lowercase();
    REFUSED_WORDS.iter().any(|word| message.contains(word))
}

/// Returns whether a text contains a name that is not part of a longer one.
fn mentions(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}
