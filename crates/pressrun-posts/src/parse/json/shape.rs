//! Recognises the shape of a JSON container (R2.2 and R2.3 of the ingest contract).

use serde_json::{Map, Value};

use super::{JsonRecord, RecordContent, answer, chat_export};
use crate::diagnostic::{Code, Finding};
use crate::parse::key;
use crate::parse::label::Label;
use crate::parse::post_object;
use crate::parse::reply::ReplyContext;
use crate::parse::value;

/// Adds the content of a container to `records`. An array is a list of containers, unless it is a
/// chat.
pub(super) fn collect_records(value: Value, line: u32, records: &mut Vec<JsonRecord>) {
    let content = match value {
        // An empty array is a list without containers, not a chat.
        Value::Array(items) if !items.is_empty() && items.iter().all(is_message) => {
            RecordContent::Chat(chat_export::read_message_list(&items), 0)
        }
        Value::Array(items) => {
            for item in items {
                collect_records(item, line, records);
            }
            return;
        }
        Value::Object(object) => {
            if let Some(chats) = find_chat_list(&object) {
                for chat in chats {
                    collect_records(chat.clone(), line, records);
                }
                return;
            }
            read_object(&object, line)
        }
        _ => RecordContent::Failed(report_unknown_shape(line)),
    };
    records.push(JsonRecord { line, content });
}

/// Returns whether a value is a message of a chat.
pub(super) fn is_message(value: &Value) -> bool {
    let has = |name: &str, content: &str| {
        value.get(name).is_some_and(Value::is_string) && value.get(content).is_some()
    };
    has("role", "content") || has("from", "value")
}

/// Returns the conversations of an object that lists whole chats rather than messages.
fn find_chat_list(object: &Map<String, Value>) -> Option<&Vec<Value>> {
    let chats = object.get("conversations")?.as_array()?;
    let is_chat = |value: &Value| {
        ["mapping", "chat_messages", "messages", "conversations"]
            .iter()
            .any(|key| value.get(key).is_some())
    };
    (!chats.is_empty() && chats.iter().all(is_chat)).then_some(chats)
}

fn read_object(object: &Map<String, Value>, line: u32) -> RecordContent {
    let list = |key: &str| object.get(key).and_then(Value::as_array);
    let is = |key: &str, text: &str| object.get(key).and_then(Value::as_str) == Some(text);
    // The order of these tests is that of R2.3: a later shape often has the keys of an earlier one.
    if let Some(mapping) = object.get("mapping").and_then(Value::as_object) {
        let (messages, left) = chat_export::read_chatgpt_export(object, mapping);
        return RecordContent::Chat(messages, left);
    }
    if let Some(messages) = list("chat_messages") {
        return RecordContent::Chat(chat_export::read_claude_export(object, messages), 0);
    }
    if let Some(messages) = list("conversations").or_else(|| list("messages")) {
        return RecordContent::Chat(chat_export::read_message_list(messages), 0);
    }
    if let Some(result) = object
        .get("result")
        // A record may have a field `result` of its own.
        .filter(|result| result.get("type").is_some())
    {
        return read_anthropic_batch_line(object, result, line);
    }
    if is_batch_line(object) {
        return read_batch_line(object, line);
    }
    let answered = if let Some(choices) = list("choices") {
        answer::read_chat_completion(object, choices)
    } else if let Some(output) = list("output") {
        answer::read_responses_object(object, output)
    } else if let Some(candidates) = list("candidates") {
        answer::read_gemini_response(candidates)
    } else if let Some(blocks) =
        list("content").filter(|_| is("type", "message") || is("role", "assistant"))
    {
        answer::read_anthropic_message(object, blocks)
    } else if let Some(post) = post_object::read_post_object(object, line) {
        return RecordContent::Post(post);
    } else if let Some(content) = read_record(object, line) {
        return content;
    } else {
        return RecordContent::Failed(report_unknown_shape(line));
    };
    convert_answer(answered, object, line)
}

fn convert_answer(
    answered: Result<(String, ReplyContext), answer::NoAnswer>,
    object: &Map<String, Value>,
    line: u32,
) -> RecordContent {
    match answered {
        Ok((text, context)) => RecordContent::Reply(text, context),
        Err(reason) => RecordContent::Failed(reason.finding(request_name(object), line)),
    }
}

fn report_unknown_shape(line: u32) -> Finding {
    Finding::new(
        Code::UnknownJsonShape,
        line,
        "this JSON is not a known export, batch result, post or record",
    )
    .with_help("put the text of a record under a key such as `response`, `content` or `text`")
}

/// Returns the name of a request in its batch.
fn request_name(object: &Map<String, Value>) -> Option<&str> {
    let name = object.get("custom_id").or_else(|| object.get("key"));
    name.and_then(Value::as_str)
}

fn read_anthropic_batch_line(
    object: &Map<String, Value>,
    result: &Value,
    line: u32,
) -> RecordContent {
    let succeeded = result.get("type").and_then(Value::as_str) == Some("succeeded");
    let message = result.get("message").and_then(Value::as_object);
    let answered = match message {
        Some(message) if succeeded => match message.get("content").and_then(Value::as_array) {
            Some(blocks) => answer::read_anthropic_message(message, blocks),
            None => Err(answer::NoAnswer::failed("it has no text")),
        },
        _ => {
            let kind = result
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or("failed");
            let error = result.get("error").map(find_error_message);
            Err(answer::NoAnswer::failed(
                error.unwrap_or_else(|| kind.to_owned()),
            ))
        }
    };
    convert_answer(answered, object, line)
}

fn is_batch_line(object: &Map<String, Value>) -> bool {
    let named = object.contains_key("custom_id") || object.contains_key("key");
    let error = object.get("error");
    match object.get("response") {
        // A record may have `response` as text and an error beside it. Without an error it is no
        // batch.
        Some(Value::String(_)) => named && error.is_some_and(|error| !error.is_null()),
        Some(_) => named,
        None => named && error.is_some(),
    }
}

/// Reads a line of a batch by `OpenAI`, Gemini, or a service that copies them.
fn read_batch_line(object: &Map<String, Value>, line: u32) -> RecordContent {
    let failed = |message: String| {
        RecordContent::Failed(answer::NoAnswer::failed(message).finding(request_name(object), line))
    };
    if let Some(error) = object.get("error").filter(|error| !error.is_null()) {
        return failed(find_error_message(error));
    }
    let Some(response) = object.get("response").and_then(Value::as_object) else {
        return failed("it has no response".to_owned());
    };
    if let Some(status) = response.get("status_code").and_then(Value::as_i64)
        && status != 200
    {
        let error = response
            .get("body")
            .and_then(|body| body.get("error"))
            .map(find_error_message);
        return failed(error.unwrap_or_else(|| format!("status {status}")));
    }
    // OpenAI puts the response into `body`; Gemini has no `body`.
    let body = response.get("body").unwrap_or(&Value::Null);
    match body.as_object() {
        Some(body) => read_object(body, line),
        None if response.contains_key("body") => failed("its response is empty".to_owned()),
        None => read_object(response, line),
    }
}

/// Returns the message of an error object, at whatever depth the service puts it.
fn find_error_message(error: &Value) -> String {
    let mut error = error;
    for _ in 0..3 {
        if let Some(message) = error.as_str().or_else(|| error.get("message")?.as_str()) {
            return message.to_owned();
        }
        error = error.get("error").unwrap_or(&Value::Null);
    }
    "no reason given".to_owned()
}

/// The keys for the text of a record. The first one that is present is used.
const TEXT: [&str; 10] = [
    "response",
    "completion",
    "output",
    "generatedtext",
    "reply",
    "answer",
    "text",
    "content",
    "body",
    "article",
];

/// Reads a record: a text under a known key, with fields beside it.
fn read_record(object: &Map<String, Value>, line: u32) -> Option<RecordContent> {
    let (text_key, text) = TEXT.iter().find_map(|known| {
        let mut pairs = object.iter();
        pairs.find_map(|(key, value)| {
            Some((key, value.as_str()?)).filter(|(key, _)| key::normalise_key(key) == *known)
        })
    })?;
    if text.trim().is_empty() {
        let finding =
            answer::NoAnswer::failed("it has no text").finding(request_name(object), line);
        return Some(RecordContent::Failed(finding));
    }
    let mut context = ReplyContext {
        ending: answer::find_generation_end(object),
        ..ReplyContext::default()
    };
    for given in post_object::convert_object_fields(object, line, |key| key == text_key) {
        let value::FieldValue::Text(text) = &given.value else {
            context.supplied.push(given);
            continue;
        };
        match given.label {
            Label::Topic => context.topic = Some(text.clone()),
            Label::Date if context.date.is_none() => context.date = Some(text.clone()),
            Label::Date => {}
            _ => context.supplied.push(given),
        }
    }
    Some(RecordContent::Reply(text.to_owned(), context))
}
