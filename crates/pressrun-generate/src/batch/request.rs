//! Writes one request in the form of each batch service.

use serde_json::{Map, Value, json};

use super::BatchProvider;
use crate::prompt::{PromptMessage, PromptRole};

/// What a request of a batch is made from.
#[derive(Debug, Clone, Copy)]
pub struct RequestParts<'a> {
    /// Its name, of up to 64 of the characters `A-Z a-z 0-9 _ -`.
    pub id: &'a str,
    /// The model. Gemini names it when the batch is started.
    pub model: Option<&'a str>,
    /// The messages.
    pub messages: &'a [PromptMessage],
    /// The most tokens of the answer.
    pub max_tokens: u32,
    /// Further fields, as `OpenAI` names them.
    pub body: &'a Value,
}

/// Returns a request as one line of a request file, without its line break.
pub fn format_request(provider: BatchProvider, parts: RequestParts<'_>) -> String {
    let record = match provider {
        BatchProvider::OpenAi => make_openai_request(parts),
        BatchProvider::Anthropic => make_anthropic_request(parts),
        BatchProvider::Gemini => make_gemini_request(parts),
    };
    record.to_string()
}

fn make_openai_request(parts: RequestParts<'_>) -> Value {
    let mut body = Map::new();
    body.extend(parts.model.map(|model| ("model".to_owned(), model.into())));
    body.insert("messages".to_owned(), json!(parts.messages));
    // A batch answers at once and takes no stream.
    let further = further_fields(parts.body).filter(|(name, _)| !name.starts_with("stream"));
    body.extend(further.map(|(name, value)| (name.clone(), value.clone())));
    // All models of the service take this name; newer ones refuse `max_tokens`.
    body.insert("max_completion_tokens".to_owned(), parts.max_tokens.into());
    json!({"custom_id": parts.id, "method": "POST", "url": "/v1/chat/completions", "body": body})
}

fn make_anthropic_request(parts: RequestParts<'_>) -> Value {
    let mut params = Map::new();
    params.extend(parts.model.map(|model| ("model".to_owned(), model.into())));
    params.insert("max_tokens".to_owned(), parts.max_tokens.into());
    let system = join_system(parts.messages);
    params.extend(system.map(|text| ("system".to_owned(), text.into())));
    let others = parts
        .messages
        .iter()
        .filter(|message| message.role != PromptRole::System);
    let others: Vec<&PromptMessage> = others.collect();
    params.insert("messages".to_owned(), json!(others));
    // The service refuses requests with fields that it does not know.
    for name in [
        "temperature",
        "top_p",
        "top_k",
        "thinking",
        "metadata",
        "stop_sequences",
    ] {
        if let Some(value) = parts.body.get(name) {
            params.insert(name.to_owned(), value.clone());
        }
    }
    json!({"custom_id": parts.id, "params": params})
}

fn make_gemini_request(parts: RequestParts<'_>) -> Value {
    let text = |text: &str| json!([{"text": text}]);
    let contents: Vec<Value> = parts
        .messages
        .iter()
        .filter(|message| message.role != PromptRole::System)
        .map(|message| {
            let role = match message.role {
                PromptRole::Assistant => "model",
                PromptRole::User | PromptRole::System => "user",
            };
            json!({"role": role, "parts": text(&message.content)})
        })
        .collect();
    let mut config = json!({"maxOutputTokens": parts.max_tokens});
    for (name, own) in [
        ("temperature", "temperature"),
        ("top_p", "topP"),
        ("top_k", "topK"),
    ] {
        if let Some(value) = parts.body.get(name) {
            config[own] = value.clone();
        }
    }
    let mut request = json!({"contents": contents, "generationConfig": config});
    if let Some(system) = join_system(parts.messages) {
        request["systemInstruction"] = json!({"parts": text(&system)});
    }
    json!({"key": parts.id, "request": request})
}

fn further_fields(body: &Value) -> impl Iterator<Item = (&String, &Value)> {
    body.as_object().into_iter().flatten()
}

/// Joins the messages of the system, which some services take apart from the others.
fn join_system(messages: &[PromptMessage]) -> Option<String> {
    let systems = messages
        .iter()
        .filter(|message| message.role == PromptRole::System);
    let texts: Vec<&str> = systems.map(|message| &*message.content).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(provider: BatchProvider, expected: Value) {
        let messages = [
            PromptMessage {
                role: PromptRole::System,
                content: "Be brief.".to_owned(),
            },
            PromptMessage::from_user("Write."),
            PromptMessage::from_assistant("Done."),
            PromptMessage::from_user("Again."),
        ];
        let body = json!({"temperature": 0.5, "stream": true, "reasoning_effort": "low"});
        let line = format_request(
            provider,
            RequestParts {
                id: "t-1",
                model: Some("m"),
                messages: &messages,
                max_tokens: 100,
                body: &body,
            },
        );
        assert!(!line.contains('\n'));
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), expected);
    }

    #[test]
    fn each_service_gets_requests_in_its_own_form() {
        check(
            BatchProvider::OpenAi,
            json!({"custom_id": "t-1", "method": "POST", "url": "/v1/chat/completions", "body": {
                "model": "m", "max_completion_tokens": 100, "temperature": 0.5,
                "reasoning_effort": "low", "messages": [
                    {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Write."},
                    {"role": "assistant", "content": "Done."}, {"role": "user", "content": "Again."}]}}),
        );
        check(
            BatchProvider::Anthropic,
            json!({"custom_id": "t-1", "params": {"model": "m", "max_tokens": 100, "temperature": 0.5,
                "system": "Be brief.", "messages": [{"role": "user", "content": "Write."},
                    {"role": "assistant", "content": "Done."}, {"role": "user", "content": "Again."}]}}),
        );
        check(
            BatchProvider::Gemini,
            json!({"key": "t-1", "request": {
                "generationConfig": {"maxOutputTokens": 100, "temperature": 0.5},
                "systemInstruction": {"parts": [{"text": "Be brief."}]}, "contents": [
                    {"role": "user", "parts": [{"text": "Write."}]},
                    {"role": "model", "parts": [{"text": "Done."}]},
                    {"role": "user", "parts": [{"text": "Again."}]}]}}),
        );
    }
}
