//! Reads the requests of a batch, which are what was asked and not what was answered.
//!
//! `OpenAI` puts the request into `body`, Anthropic into `params`, Gemini and Vertex into `request`,
//! Bedrock into `modelInput`. A line that has an answer too is no request.

use serde_json::{Map, Value};

use super::answer::message_text;
use super::{ChatText, batch, chat_export};
use crate::parse::chat::ChatRole;
use crate::parse::reply::GenerationEnd;

/// A service that takes requests in batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchService {
    /// `OpenAI`, and the servers that speak its language.
    OpenAi,
    /// Anthropic.
    Anthropic,
    /// Gemini and Vertex.
    Gemini,
    /// Bedrock.
    Bedrock,
}

/// A request of a batch.
#[derive(Debug)]
pub struct BatchRequest {
    /// The line of the file where it begins, counted from 1.
    pub line: u32,
    /// Its name.
    pub id: Option<String>,
    /// The service that it was written for.
    pub service: BatchService,
    /// The whole record.
    pub record: Map<String, Value>,
}

/// Returns the service that a record is a request for, or `None` if it is no request.
pub(super) fn find_request_service(object: &Map<String, Value>) -> Option<BatchService> {
    let is_answered = [
        "response",
        "result",
        "error",
        "status",
        "modelOutput",
        "output",
    ]
    .iter()
    .any(|key| object.get(*key).is_some_and(|value| !value.is_null()));
    if is_answered {
        return None;
    }
    let has = |member: &str, keys: &[&str]| {
        let inner = object.get(member).and_then(Value::as_object);
        inner.is_some_and(|inner| keys.iter().any(|key| inner.contains_key(*key)))
    };
    let is_named = batch::find_request_name(object).is_some() || object.contains_key("url");
    if is_named && has("body", &["messages", "input", "prompt"]) {
        return Some(BatchService::OpenAi);
    }
    if is_named && has("params", &["messages"]) {
        return Some(BatchService::Anthropic);
    }
    if has("request", &["contents"]) {
        return Some(BatchService::Gemini);
    }
    has("modelInput", &["messages", "prompt", "inputText"]).then_some(BatchService::Bedrock)
}

/// Returns the requests of a list, if it holds some: what Anthropic takes.
pub(super) fn lists_requests(object: &Map<String, Value>) -> bool {
    let items = object.get("requests").and_then(Value::as_array);
    let first = items.and_then(|items| items.first()?.as_object());
    first.is_some_and(|first| find_request_service(first).is_some())
}

impl BatchRequest {
    /// Returns what is asked: the object that the service gets.
    pub fn asked(&self) -> Option<&Map<String, Value>> {
        let member = match self.service {
            BatchService::OpenAi => "body",
            BatchService::Anthropic => "params",
            BatchService::Gemini => "request",
            BatchService::Bedrock => "modelInput",
        };
        self.record.get(member)?.as_object()
    }

    /// Returns the name of the model, if the request names one.
    pub fn model(&self) -> Option<&str> {
        self.asked()?.get("model")?.as_str()
    }

    /// Returns the messages, with those of the system first where it has a place of its own.
    pub fn messages(&self) -> Vec<ChatText> {
        let Some(asked) = self.asked() else {
            return Vec::new();
        };
        let systems = [
            "system",
            "instructions",
            "systemInstruction",
            "system_instruction",
        ];
        let system = systems.iter().find_map(|key| asked.get(*key));
        let mut messages: Vec<ChatText> = system
            .map(|text| make_message(ChatRole::System, text_of_parts(text)))
            .into_iter()
            .collect();
        let listed = ["messages", "input", "contents"]
            .iter()
            .find_map(|key| asked.get(*key)?.as_array());
        if let Some(listed) = listed {
            if self.service == BatchService::Gemini {
                messages.extend(listed.iter().map(read_gemini_content));
            } else {
                messages.extend(chat_export::read_message_list(listed).messages);
            }
        }
        let single = ["prompt", "input", "inputText"]
            .iter()
            .find_map(|key| asked.get(*key)?.as_str());
        messages.extend(single.map(|text| make_message(ChatRole::User, text.to_owned())));
        messages.retain(|message| !message.text.trim().is_empty());
        messages
    }
}

fn make_message(side: ChatRole, text: String) -> ChatText {
    ChatText {
        side,
        text,
        date: None,
        ending: GenerationEnd::Unknown,
        document: None,
    }
}

fn read_gemini_content(content: &Value) -> ChatText {
    let side = match content.get("role").and_then(Value::as_str) {
        Some("model") => ChatRole::Assistant,
        _ => ChatRole::User,
    };
    make_message(side, text_of_parts(content))
}

/// Returns the text of a value: a string, a list of parts, or an object that has parts.
fn text_of_parts(value: &Value) -> String {
    let parts = value.get("parts").unwrap_or(value);
    match parts {
        Value::Object(part) => part.get("text").map(message_text).unwrap_or_default(),
        parts => message_text(parts),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(record: Value, expected: Option<(BatchService, &[&str])>) {
        let Value::Object(record) = record else {
            panic!("an object")
        };
        let service = find_request_service(&record);
        assert_eq!(service, expected.map(|(service, _)| service), "{record:?}");
        let Some((service, texts)) = expected else {
            return;
        };
        let request = BatchRequest {
            line: 1,
            id: None,
            service,
            record,
        };
        let found = request.messages();
        let found: Vec<&str> = found.iter().map(|message| &*message.text).collect();
        assert_eq!(found, texts);
    }

    #[test]
    fn request_of_each_service_is_known_by_its_shape() {
        let messages = json!([{"role": "user", "content": "a"}]);
        check(
            json!({"custom_id": "1", "method": "POST", "url": "/v1/chat/completions",
                "body": {"model": "m", "messages": messages}}),
            Some((BatchService::OpenAi, &["a"])),
        );
        check(
            json!({"custom_id": "1", "body": {"input": "a", "instructions": "s"}}),
            Some((BatchService::OpenAi, &["s", "a"])),
        );
        check(
            json!({"custom_id": "1", "params": {"system": [{"type": "text", "text": "s"}],
                "messages": messages}}),
            Some((BatchService::Anthropic, &["s", "a"])),
        );
        check(
            json!({"key": "1", "request": {"contents": [{"role": "user", "parts": [{"text": "a"}]}],
                "systemInstruction": {"parts": [{"text": "s"}]}}}),
            Some((BatchService::Gemini, &["s", "a"])),
        );
        check(
            json!({"recordId": "1", "modelInput": {"messages": messages}}),
            Some((BatchService::Bedrock, &["a"])),
        );
    }

    #[test]
    fn line_with_an_answer_is_no_request() {
        let request = json!({"contents": [{"parts": [{"text": "a"}]}]});
        check(
            json!({"request": request, "response": {"candidates": []}}),
            None,
        );
        check(json!({"request": request, "status": "failed"}), None);
        check(
            json!({"custom_id": "1", "error": {"message": "x"}, "body": {"messages": []}}),
            None,
        );
        check(
            json!({"recordId": "1", "modelInput": {"prompt": "x"}, "modelOutput": {}}),
            None,
        );
        check(json!({"custom_id": "1", "body": {"text": "a"}}), None);
        check(json!({"custom_id": "1", "params": {"text": "a"}}), None);
    }
}
