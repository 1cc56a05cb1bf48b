//! Recognises the shape of a JSON container (R2.2 and R2.3 of the ingest contract).

use serde_json::{Map, Value};

use super::scan::JsonSpan;
use super::{
    BatchRequest, JsonRecord, MOST_RECORDS, RecordContent, answer, batch, chat_export, nested,
    request,
};
use crate::diagnostic::{Code, Finding};
use crate::parse::key;
use crate::parse::label::Label;
use crate::parse::post_object;
use crate::parse::reply::ReplyContext;
use crate::parse::value;

/// Returns the records of a container. `span` is its text, which is empty if its lines are not known.
pub(super) fn read_records(value: Value, span: JsonSpan) -> Vec<JsonRecord> {
    let mut collector = RecordCollector::default();
    collector.collect(value, span);
    collector.records
}

/// Collects the records of nested lists and objects.
#[derive(Default)]
struct RecordCollector {
    records: Vec<JsonRecord>,
    /// The number of lists and objects around the current value.
    depth: usize,
}

/// The depth down to which records get lines of their own. Every level searches the text once more.
const MAX_DEPTH_WITH_LINES: usize = 8;

impl RecordCollector {
    /// Adds the records of a value. `span` is its text, which is empty if its lines are not known.
    fn collect(&mut self, value: Value, span: JsonSpan) {
        let line = span.line;
        let mut id = None;
        let content = match value {
            // An empty array is a list without containers, not a chat.
            Value::Array(items) if !items.is_empty() && items.iter().all(is_message) => {
                RecordContent::Chat(chat_export::read_message_list(&items))
            }
            Value::Array(items) => return self.collect_list(items, span),
            Value::Object(mut object) => {
                id = batch::find_record_id(&object);
                if let Some(service) = request::find_request_service(&object) {
                    let request = BatchRequest {
                        line,
                        id: id.clone(),
                        service,
                        record: object,
                    };
                    let content = RecordContent::Request(Box::new(request));
                    self.records.push(JsonRecord { line, id, content });
                    return;
                }
                let nested = if nested::lists_chats(&object) {
                    Some("conversations")
                } else if request::lists_requests(&object) {
                    Some("requests")
                } else if let Some(content) = read_object(&object, line) {
                    self.records.push(JsonRecord { line, id, content });
                    return;
                } else {
                    nested::find_nested_key(&object)
                };
                match nested.and_then(|key| object.swap_remove_entry(key)) {
                    Some((key, value)) => return self.collect_member(value, &key, span),
                    None => report_unknown_shape(line),
                }
            }
            _ => report_unknown_shape(line),
        };
        self.records.push(JsonRecord { line, id, content });
    }

    fn collect_member(&mut self, value: Value, key: &str, span: JsonSpan) {
        let inner = self.known_span(span).member(key);
        self.depth += 1;
        self.collect(value, inner.unwrap_or(JsonSpan { text: "", ..span }));
        self.depth -= 1;
    }

    fn collect_list(&mut self, items: Vec<Value>, span: JsonSpan) {
        let mut spans = self.known_span(span).elements();
        self.depth += 1;
        for item in items {
            // One more than are read shows that there are too many.
            if self.records.len() > MOST_RECORDS as usize {
                break;
            }
            let inner = spans.next();
            self.collect(item, inner.unwrap_or(JsonSpan { text: "", ..span }));
        }
        self.depth -= 1;
    }

    /// Returns the span without its text at a depth where lines are no longer looked for.
    fn known_span<'t>(&self, span: JsonSpan<'t>) -> JsonSpan<'t> {
        if self.depth < MAX_DEPTH_WITH_LINES {
            span
        } else {
            JsonSpan { text: "", ..span }
        }
    }
}

/// The key of a record that `pressrun generate` wrote, and its value.
pub const GENERATED_BY: (&str, &str) = ("generated_by", "pressrun");

fn is_generated(object: &Map<String, Value>) -> bool {
    let (key, name) = GENERATED_BY;
    object.get(key).and_then(Value::as_str) == Some(name)
}

/// Returns whether a value is a message of a chat.
pub(super) fn is_message(value: &Value) -> bool {
    let has = |name: &str, content: &str| {
        value.get(name).is_some_and(Value::is_string) && value.get(content).is_some()
    };
    has("role", "content") || has("from", "value")
}

/// Returns the content of an object, or `None` if it has no known shape.
pub(super) fn read_object(object: &Map<String, Value>, line: u32) -> Option<RecordContent> {
    let list = |key: &str| object.get(key).and_then(Value::as_array);
    let is = |key: &str, text: &str| object.get(key).and_then(Value::as_str) == Some(text);
    // The order of these tests is that of R2.3: a later shape often has the keys of an earlier one.
    if let Some(mapping) = object.get("mapping").and_then(Value::as_object) {
        let chat = chat_export::read_chatgpt_export(object, mapping);
        return Some(RecordContent::Chat(chat));
    }
    if let Some(messages) = list("chat_messages") {
        let chat = chat_export::read_claude_export(object, messages);
        return Some(RecordContent::Chat(chat));
    }
    if let Some(messages) = list("conversations").or_else(|| list("messages")) {
        let chat = chat_export::read_message_list(messages);
        return Some(RecordContent::Chat(chat));
    }
    // A record may have a field `result` of its own, without a type.
    if let Some(result) = object
        .get("result")
        .filter(|result| result.get("type").is_some())
    {
        return Some(batch::read_anthropic_line(object, result, line));
    }
    if batch::is_batch_line(object) {
        return Some(batch::read_batch_line(object, line));
    }
    let answered = if let Some(message) = find_ollama_message(object) {
        answer::read_ollama_message(object, message)
    } else if let Some(choices) = list("choices") {
        answer::read_chat_completion(object, choices)
    } else if let Some(message) = object
        .get("output")
        .and_then(|output| output.get("message"))
    {
        answer::read_converse_message(object, message)
    } else if let Some(output) = list("output") {
        answer::read_responses_object(object, output)
    } else if let Some(candidates) = list("candidates") {
        answer::read_gemini_response(candidates)
    } else if let Some(blocks) =
        list("content").filter(|_| is("type", "message") || is("role", "assistant"))
    {
        answer::read_anthropic_message(object, blocks)
    } else if let Some(mut post) = post_object::read_post_object(object, line) {
        post.ending = answer::find_generation_end(object);
        return Some(RecordContent::Post(post));
    } else {
        read_record(object, line)?
    };
    let name = batch::find_request_name(object);
    Some(answer::make_content(answered, name, line))
}

/// Returns the message of an Ollama chat.
fn find_ollama_message(object: &Map<String, Value>) -> Option<&Map<String, Value>> {
    let message = object.get("message")?.as_object()?;
    let is_chat = message.contains_key("role")
        && message.get("content").is_some_and(Value::is_string)
        && (object.contains_key("done") || object.contains_key("model"));
    is_chat.then_some(message)
}

/// Returns the content for an object without a known shape.
pub(super) fn report_unknown_shape(line: u32) -> RecordContent {
    let message = "this JSON is not a known export, batch result, post or record";
    RecordContent::Failed(
        Finding::new(Code::UnknownJsonShape, line, message).with_help(
            "put the text of a record under a key such as `response`, `content` or `text`",
        ),
    )
}

/// The normalised keys for the text of a record, before those for the body of a post. The first one
/// that is present is used.
const TEXT: [&str; 12] = [
    "response",
    "completion",
    "output",
    "generatedtext",
    "outputtext",
    "generation",
    "reply",
    "answer",
    "text",
    "content",
    "body",
    "article",
];

/// Returns the key and the text of a record.
fn find_record_text(object: &Map<String, Value>) -> Option<(&str, &str)> {
    let candidates = object.iter().filter_map(|(key, value)| {
        let text = post_object::find_string(value)?;
        let plain = key::normalise_key(key);
        let keys = TEXT.iter().chain(&post_object::BODY);
        let rank = keys.copied().position(|known| known == plain)?;
        Some((rank, (key.as_str(), text)))
    });
    candidates
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, found)| found)
}

/// Returns whether an object is a record.
pub(super) fn is_record(object: &Map<String, Value>) -> bool {
    find_record_text(object).is_some()
}

/// Reads a record: a text under a known key, with fields beside it.
fn read_record(object: &Map<String, Value>, line: u32) -> Option<answer::AnswerResult> {
    let (text_key, text) = find_record_text(object)?;
    let mut context = ReplyContext {
        generated: is_generated(object),
        ..ReplyContext::default()
    };
    let fields = post_object::convert_object_fields(object, line, |key| key == text_key);
    for given in fields.given {
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
    Some(answer::accept_text(text.to_owned(), context, object))
}
