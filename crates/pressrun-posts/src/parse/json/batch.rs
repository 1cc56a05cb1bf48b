//! Reads the lines of batch results: of Anthropic, and of `OpenAI`, Gemini, Vertex and Bedrock, which
//! put the response beside the name of the request (R2.3 of the ingest contract).

use serde_json::{Map, Value};

use super::RecordContent;
use super::answer::{self, NoAnswer};
use super::shape;
use crate::post::record::clean_record_id;

/// Reads a line whose `result` has a type.
pub(super) fn read_anthropic_line(
    object: &Map<String, Value>,
    result: &Value,
    line: u32,
) -> RecordContent {
    let kind = result.get("type").and_then(Value::as_str);
    let message = result
        .get("message")
        .and_then(Value::as_object)
        .filter(|_| kind == Some("succeeded"));
    let answered = if let Some(message) = message {
        let blocks = message.get("content").and_then(Value::as_array);
        let blocks = blocks.ok_or_else(|| NoAnswer::failed("it has no text"));
        blocks.and_then(|blocks| answer::read_anthropic_message(message, blocks))
    } else {
        let error = result.get("error").map(find_error_message);
        let kind = kind.unwrap_or("failed");
        Err(NoAnswer::failed(error.unwrap_or_else(|| kind.to_owned())))
    };
    answer::make_content(answered, find_request_name(object), line)
}

/// Returns whether an object is the line of a batch: it has the request or its name, and a response
/// or an error.
pub(super) fn is_batch_line(object: &Map<String, Value>) -> bool {
    let named = ["custom_id", "key", "recordId", "request", "modelInput"]
        .iter()
        .any(|key| object.contains_key(*key));
    match find_response(object) {
        _ if !named => false,
        // A record may have `response` as text beside `error: null`.
        Some(Value::String(_)) => find_error(object).is_some(),
        Some(_) => true,
        None => {
            find_error(object).is_some()
                || (object.contains_key("error") && !shape::is_record(object))
        }
    }
}

fn find_response(object: &Map<String, Value>) -> Option<&Value> {
    object.get("response").or_else(|| object.get("modelOutput"))
}

/// Returns the error of a line. Some services write an empty one for none.
fn find_error(object: &Map<String, Value>) -> Option<&Value> {
    object.get("error").filter(|error| match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    })
}

/// Reads the line of a batch that is not Anthropic's.
pub(super) fn read_batch_line(object: &Map<String, Value>, line: u32) -> RecordContent {
    read_response(object, line).unwrap_or_else(|reason| {
        RecordContent::Failed(reason.finding(find_request_name(object), line))
    })
}

fn read_response(object: &Map<String, Value>, line: u32) -> Result<RecordContent, NoAnswer> {
    if let Some(error) = find_error(object) {
        return Err(NoAnswer::failed(find_error_message(error)));
    }
    let is_empty = |value: &Value| value.as_object().is_none_or(Map::is_empty);
    let response = find_response(object)
        .filter(|response| !is_empty(response))
        .and_then(Value::as_object)
        .ok_or_else(|| {
            // Vertex puts the error into the status.
            let status = object.get("status").and_then(Value::as_str);
            let status = status.filter(|status| !status.is_empty());
            NoAnswer::failed(status.unwrap_or("it has no response"))
        })?;
    if let Some(status) = response.get("status_code").and_then(Value::as_i64)
        && status != 200
    {
        let error = response.get("body").and_then(|body| body.get("error"));
        let message = error.map_or_else(|| format!("status {status}"), find_error_message);
        return Err(NoAnswer::failed(message));
    }
    // OpenAI puts the response into `body`; the others have none.
    let answer = match response.get("body") {
        Some(body) if is_empty(body) => return Err(NoAnswer::failed("its response is empty")),
        Some(body) => body.as_object().unwrap_or(response),
        None => response,
    };
    Ok(shape::read_object(answer, line).unwrap_or_else(|| shape::report_unknown_shape(line)))
}

/// Returns the name of a request in its batch.
pub(super) fn find_request_name(object: &Map<String, Value>) -> Option<&str> {
    ["custom_id", "key", "recordId"]
        .iter()
        .find_map(|key| object.get(*key)?.as_str())
}

/// Returns the name of a record: that of its request, or else its `id`.
///
/// The `id` of a bare response names the response, which is another one each time.
pub(super) fn find_record_id(object: &Map<String, Value>) -> Option<String> {
    let name = |key: &str| match object.get(key)? {
        Value::String(text) => clean_record_id(text),
        Value::Number(number) if number.is_u64() || number.is_i64() => Some(number.to_string()),
        _ => None,
    };
    let is_response = object.contains_key("object")
        || ["choices", "candidates"]
            .iter()
            .any(|key| object.contains_key(*key))
        || object.get("type").and_then(Value::as_str) == Some("message");
    let of_request = ["custom_id", "key", "recordId"]
        .iter()
        .find_map(|key| name(key));
    of_request.or_else(|| name("id").filter(|_| !is_response))
}

/// Returns the message of an error object, at whatever depth the service puts it.
fn find_error_message(error: &Value) -> String {
    let mut error = error;
    for _ in 0..3 {
        let message = error
            .as_str()
            .or_else(|| error.get("message")?.as_str())
            .or_else(|| error.get("errorMessage")?.as_str());
        if let Some(message) = message {
            return message.to_owned();
        }
        error = error.get("error").unwrap_or(&Value::Null);
    }
    "no reason given".to_owned()
}
