//! Recognises the shape of a JSON container (R2.2 and R2.3 of the ingest contract).

use serde_json::{Map, Value};

use super::{Content, Record, answer, chat_export};
use crate::diagnostic::{Code, Finding};
use crate::parse::key;
use crate::parse::label::Label;
use crate::parse::post_object;
use crate::parse::reply::Context;
use crate::parse::value;

/// Adds the content of a container to `records`. An array is a list of containers, unless it is a
/// chat.
pub(super) fn records(value: Value, line: u32, records: &mut Vec<Record>) {
    let content = match value {
        // An empty array is a list without containers, not a chat.
        Value::Array(items) if !items.is_empty() && items.iter().all(is_message) => {
            Content::Chat(chat_export::of_list(&items), 0)
        }
        Value::Array(items) => {
            for item in items {
                self::records(item, line, records);
            }
            return;
        }
        Value::Object(object) => {
            if let Some(chats) = list_of_chats(&object) {
                for chat in chats {
                    self::records(chat.clone(), line, records);
                }
                return;
            }
            of_object(&object, line)
        }
        _ => Content::Failed(unknown(line)),
    };
    records.push(Record { line, content });
}

/// Returns whether a value is a message of a chat.
pub(super) fn is_message(value: &Value) -> bool {
    let has = |name: &str, content: &str| {
        value.get(name).is_some_and(Value::is_string) && value.get(content).is_some()
    };
    has("role", "content") || has("from", "value")
}

/// Returns the conversations of an object that lists whole chats rather than messages.
fn list_of_chats(object: &Map<String, Value>) -> Option<&Vec<Value>> {
    let chats = object.get("conversations")?.as_array()?;
    let is_chat = |value: &Value| {
        ["mapping", "chat_messages", "messages", "conversations"]
            .iter()
            .any(|key| value.get(key).is_some())
    };
    (!chats.is_empty() && chats.iter().all(is_chat)).then_some(chats)
}

fn of_object(object: &Map<String, Value>, line: u32) -> Content {
    let list = |key: &str| object.get(key).and_then(Value::as_array);
    let is = |key: &str, text: &str| object.get(key).and_then(Value::as_str) == Some(text);
    // The order of these tests is that of R2.3: a later shape often has the keys of an earlier one.
    if let Some(mapping) = object.get("mapping").and_then(Value::as_object) {
        let (messages, left) = chat_export::of_chatgpt(object, mapping);
        return Content::Chat(messages, left);
    }
    if let Some(messages) = list("chat_messages") {
        return Content::Chat(chat_export::of_claude(object, messages), 0);
    }
    if let Some(messages) = list("conversations").or_else(|| list("messages")) {
        return Content::Chat(chat_export::of_list(messages), 0);
    }
    if let Some(result) = object
        .get("result")
        // A record may have a field `result` of its own.
        .filter(|result| result.get("type").is_some())
    {
        return of_anthropic_batch(object, result, line);
    }
    if is_batch_line(object) {
        return of_batch(object, line);
    }
    let answered = if let Some(choices) = list("choices") {
        answer::of_chat_completion(object, choices)
    } else if let Some(output) = list("output") {
        answer::of_responses(object, output)
    } else if let Some(candidates) = list("candidates") {
        answer::of_gemini(candidates)
    } else if let Some(blocks) =
        list("content").filter(|_| is("type", "message") || is("role", "assistant"))
    {
        answer::of_anthropic(object, blocks)
    } else if let Some(post) = post_object::read(object, line) {
        return Content::Post(post);
    } else if let Some(content) = of_record(object, line) {
        return content;
    } else {
        return Content::Failed(unknown(line));
    };
    content(answered, object, line)
}

fn content(
    answered: Result<(String, Context), answer::NoAnswer>,
    object: &Map<String, Value>,
    line: u32,
) -> Content {
    match answered {
        Ok((text, context)) => Content::Reply(text, context),
        Err(reason) => Content::Failed(reason.finding(name(object), line)),
    }
}

fn unknown(line: u32) -> Finding {
    Finding::new(
        Code::UnknownJsonShape,
        line,
        "this JSON is no export, batch result, post or record that is known",
    )
    .help("a record needs its text under a key such as `response`, `content` or `text`")
}

/// Returns the name of a request in its batch.
fn name(object: &Map<String, Value>) -> Option<&str> {
    let name = object.get("custom_id").or_else(|| object.get("key"));
    name.and_then(Value::as_str)
}

fn of_anthropic_batch(object: &Map<String, Value>, result: &Value, line: u32) -> Content {
    let succeeded = result.get("type").and_then(Value::as_str) == Some("succeeded");
    let message = result.get("message").and_then(Value::as_object);
    let answered = match message {
        Some(message) if succeeded => match message.get("content").and_then(Value::as_array) {
            Some(blocks) => answer::of_anthropic(message, blocks),
            None => Err(answer::NoAnswer::failed("it has no text")),
        },
        _ => {
            let kind = result
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or("failed");
            let error = result.get("error").map(error_message);
            Err(answer::NoAnswer::failed(
                error.unwrap_or_else(|| kind.to_owned()),
            ))
        }
    };
    content(answered, object, line)
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
fn of_batch(object: &Map<String, Value>, line: u32) -> Content {
    let failed = |message: String| {
        Content::Failed(answer::NoAnswer::failed(message).finding(name(object), line))
    };
    if let Some(error) = object.get("error").filter(|error| !error.is_null()) {
        return failed(error_message(error));
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
            .map(error_message);
        return failed(error.unwrap_or_else(|| format!("status {status}")));
    }
    // OpenAI puts the response into `body`; Gemini has no `body`.
    let body = response.get("body").unwrap_or(&Value::Null);
    match body.as_object() {
        Some(body) => of_object(body, line),
        None if response.contains_key("body") => failed("its response is empty".to_owned()),
        None => of_object(response, line),
    }
}

/// Returns the message of an error object, at whatever depth the service puts it.
fn error_message(error: &Value) -> String {
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
fn of_record(object: &Map<String, Value>, line: u32) -> Option<Content> {
    let (text_key, text) = TEXT.iter().find_map(|known| {
        let mut pairs = object.iter();
        pairs.find_map(|(key, value)| {
            Some((key, value.as_str()?)).filter(|(key, _)| key::plain(key) == *known)
        })
    })?;
    if text.trim().is_empty() {
        let finding = answer::NoAnswer::failed("it has no text").finding(name(object), line);
        return Some(Content::Failed(finding));
    }
    let mut context = Context {
        ending: answer::ending_of(object),
        ..Context::default()
    };
    for given in post_object::fields(object, line, |key| key == text_key) {
        let value::Value::Text(text) = &given.value else {
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
    Some(Content::Reply(text.to_owned(), context))
}
