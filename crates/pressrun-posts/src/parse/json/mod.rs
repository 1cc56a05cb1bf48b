//! Reads JSON files: chat exports, batch results and records of any kind (R2.1 to R2.5 of the
//! ingest contract).
//!
//! A file is one container, a list of containers, or one container per line. Containers are read
//! one at a time, so the memory needed depends on the largest container, not on the file.
//!
//! Not here: what the texts contain (`part`, `chat`).

mod answer;
mod batch;
mod chat_documents;
mod chat_export;
mod nested;
mod request;
mod scan;
mod shape;
mod tolerant;

use pressrun_text::line::split_lines;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

pub use chat_documents::is_text_artifact;
pub use request::{BatchRequest, BatchService};
use scan::JsonSpan;
pub use shape::GENERATED_BY;
pub use tolerant::parse_json;

use super::chat::ChatRole;
use super::key;
use super::post_object::{self, PostObject};
use super::reply::{GenerationEnd, ReplyContext};
use crate::diagnostic::{Code, Finding};

/// The maximum number of records in a JSON file.
///
/// A record can be as short as two bytes, and the errors of so many records would fill the memory.
pub const MOST_RECORDS: u32 = 1_000_000;

/// The content of one container.
#[derive(Debug)]
pub struct JsonRecord {
    /// The line of the file where it begins, counted from 1.
    pub line: u32,
    /// Its name, such as the `custom_id` of a batch.
    pub id: Option<String>,
    /// Its content.
    pub content: RecordContent,
}

/// The kinds of content of a container.
#[derive(Debug)]
pub enum RecordContent {
    /// The text of one reply.
    Reply(String, ReplyContext),
    /// A post whose fields are keys.
    Post(PostObject),
    /// The messages of a chat.
    Chat(ChatRecord),
    /// What a model was asked.
    Request(Box<BatchRequest>),
    /// Nothing that can be published.
    Failed(Finding),
}

/// A chat in JSON.
#[derive(Debug, Default)]
pub struct ChatRecord {
    /// The messages, and the canvases and artifacts, in order.
    pub messages: Vec<ChatText>,
    /// The number of messages on abandoned branches.
    pub abandoned: usize,
    /// The canvases, artifacts and changes that could not be read, each with the reason.
    pub unread: Vec<String>,
    /// The number of canvases and artifacts that hold something else than text.
    pub skipped: usize,
}

/// A message of a chat in JSON.
#[derive(Debug)]
pub struct ChatText {
    /// The author of the message.
    pub side: ChatRole,
    /// The text of the message.
    pub text: String,
    /// The date when it was written.
    pub date: Option<String>,
    /// How its generation ended.
    pub ending: GenerationEnd,
    /// The title, if it is a canvas or artifact.
    pub document: Option<DocumentTitle>,
}

/// The title of a canvas or artifact, if it has one.
#[derive(Debug, Clone, Default)]
pub struct DocumentTitle(pub Option<String>);

impl DocumentTitle {
    /// Returns the title with its text changed.
    pub(super) fn map(self, change: impl FnOnce(&str) -> String) -> Self {
        Self(self.0.map(|title| change(&title)))
    }
}

/// How containers are laid out in a text (R2.1).
#[derive(Debug, PartialEq, Eq)]
pub enum JsonLayout {
    /// The text is not JSON.
    Text,
    /// The text is one container.
    One,
    /// The text is an array of containers.
    Array,
    /// Each line is a container.
    Lines,
    /// The file name says that it is JSON, but it is not; with the line and message of the parser.
    Invalid(u32, String),
}

/// Determines the layout of a text. `extension` is that of the file, in lower case.
pub fn detect_json_layout(text: &str, extension: &str) -> JsonLayout {
    let lines_by_name = is_lines_extension(extension);
    let json_by_name = lines_by_name || extension == "json";
    let start = text.trim_start();
    if !start.starts_with(['{', '[']) {
        return if json_by_name {
            let line = text.len() - start.len();
            JsonLayout::Invalid(
                line_number_at(text, line),
                "it starts with neither `{` nor `[`".to_owned(),
            )
        } else {
            JsonLayout::Text
        };
    }
    if measure_json_front_matter(start).is_some() {
        return JsonLayout::Text;
    }
    let error = match parse_json::<IgnoredAny>(text) {
        Ok(_) if start.starts_with('[') => return JsonLayout::Array,
        Ok(_) => return JsonLayout::One,
        Err(error) => error,
    };
    // The first line decides, so that one damaged line does not make the whole file text.
    if lines_by_name || (start.starts_with('{') && first_of_several_lines_is_json(text)) {
        return JsonLayout::Lines;
    }
    // Without such a name it is text, which may begin with a bracket too, as a Markdown link does.
    if json_by_name {
        return JsonLayout::Invalid(error.line() as u32, parser_message(&error));
    }
    JsonLayout::Text
}

/// Returns whether the name of a file says that each line is a container.
pub fn is_lines_extension(extension: &str) -> bool {
    matches!(extension, "jsonl" | "ndjson")
}

/// Returns whether a line is JSON by itself.
///
/// If it begins with `{` and is the first line of a text that is not blank, the text is no single value
/// and has no front matter, as long as the next such line begins with `{` too.
pub fn is_json_line(line: &str) -> bool {
    parse_json::<IgnoredAny>(line).is_ok()
}

/// Returns the number of bytes of the JSON front matter at the start of `text`, or `None` if there is
/// none (R6.6).
///
/// It is an object whose closing brace ends a line, followed by text. A post that is JSON itself has
/// a body among its keys.
pub fn measure_json_front_matter(text: &str) -> Option<usize> {
    if !text.starts_with('{') {
        return None;
    }
    let length = scan::measure_json_value(text.as_bytes());
    let line = text[length..].trim_start_matches([' ', '\t']);
    let body = line.trim_start();
    let follows = line.starts_with(['\n', '\r']) && !body.is_empty();
    if !follows || body.starts_with(['{', '[']) {
        return None;
    }
    let object: Map<String, Value> = parse_json(&text[..length]).ok()?;
    (key::is_front_matter(object.keys().map(String::as_str)) && !post_object::has_body(&object))
        .then_some(length)
}

fn first_of_several_lines_is_json(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    match (lines.next(), lines.next()) {
        (Some(first), Some(_)) => is_json_line(first),
        _ => false,
    }
}

/// Returns the message of a parser error, without the place.
fn parser_message(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message
        .split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Returns the line number of a position in a text, counted from 1.
///
/// A CR without LF ends a line too, as in editors.
pub fn line_number_at(text: &str, at: usize) -> u32 {
    let before = &text.as_bytes()[..at];
    let feeds = memchr::memchr_iter(b'\n', before).count();
    let lone_returns = memchr::memchr_iter(b'\r', before)
        .filter(|&at| before.get(at + 1) != Some(&b'\n'))
        .count();
    (feeds + lone_returns) as u32 + 1
}

/// Iterates over the records of a JSON text, in order.
pub fn iter_json_records<'t>(
    text: &'t str,
    layout: &JsonLayout,
) -> Box<dyn Iterator<Item = JsonRecord> + 't> {
    match layout {
        JsonLayout::Lines => Box::new(
            iter_numbered_lines(text, 1).flat_map(|(line, text)| read_container(text, line)),
        ),
        // An array of messages is one chat. Otherwise each element is a container.
        JsonLayout::Array if !is_whole_chat(text) => Box::new(
            JsonSpan { text, line: 1 }
                .elements()
                .flat_map(|element| read_container(element.text, element.line)),
        ),
        JsonLayout::Array | JsonLayout::One => {
            let start = text.len() - text.trim_start().len();
            let line = line_number_at(text, start);
            Box::new(read_container(text.trim(), line).into_iter())
        }
        JsonLayout::Text | JsonLayout::Invalid(..) => Box::new(std::iter::empty()),
    }
}

/// Iterates over the non-blank lines of a text, with their numbers. The first line has the number
/// `first`.
pub fn iter_numbered_lines(text: &str, first: u32) -> impl Iterator<Item = (u32, &str)> {
    (first..)
        .zip(split_lines(text))
        .map(|(number, line)| (number, line.trim()))
        .filter(|(_, line)| !line.is_empty())
}

/// Returns the records of one container, which begins on `line`.
pub fn read_container(text: &str, line: u32) -> Vec<JsonRecord> {
    match parse_json::<Value>(text) {
        Ok(value) => {
            // In a text of one line there are no lines to look for.
            let has_lines = memchr::memchr2(b'\n', b'\r', text.as_bytes()).is_some();
            let text = if has_lines { text } else { "" };
            shape::read_records(value, JsonSpan { text, line })
        }
        Err(error) => {
            let message = format!(
                "the line or file is not valid JSON: {}",
                parser_message(&error)
            );
            let at = line + (error.line() as u32).saturating_sub(1);
            let finding = Finding::new(Code::InvalidJson, at, message);
            vec![JsonRecord {
                line,
                id: None,
                content: RecordContent::Failed(finding),
            }]
        }
    }
}

/// Returns the records of a container that is not JSON text, such as the row of a table. `line` is its
/// number.
pub fn read_container_value(value: Value, line: u32) -> Vec<JsonRecord> {
    shape::read_records(value, JsonSpan { text: "", line })
}

/// Returns whether an array is a single chat, judging by its first element.
fn is_whole_chat(text: &str) -> bool {
    let first = JsonSpan { text, line: 1 }.elements().next();
    first.is_some_and(|first| {
        parse_json(first.text).is_ok_and(|value: Value| shape::is_message(&value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_layout(text: &str, extension: &str, expected: &JsonLayout) {
        let found = detect_json_layout(text, extension);
        let same = match (&found, expected) {
            (JsonLayout::Invalid(a, _), JsonLayout::Invalid(b, _)) => a == b,
            (a, b) => a == b,
        };
        assert!(same, "{text}: {found:?}");
    }

    #[test]
    fn the_content_decides() {
        check_layout("{}", "txt", &JsonLayout::One);
        check_layout(" [1, 2]", "md", &JsonLayout::Array);
        check_layout("{}\n\n{}", "txt", &JsonLayout::Lines);
        check_layout("{}\nnot json", "txt", &JsonLayout::Lines);
        check_layout("{a}\n{}", "txt", &JsonLayout::Text);
        check_layout("{{topic}} is", "txt", &JsonLayout::Text);
        check_layout("[Your Name] is", "txt", &JsonLayout::Text);
        check_layout("[1]\n[2]", "txt", &JsonLayout::Text);
        check_layout("text", "txt", &JsonLayout::Text);
    }

    #[test]
    fn the_name_decides_what_broken_json_is() {
        let invalid = |line| JsonLayout::Invalid(line, String::new());
        check_layout("{a}\n{}", "jsonl", &JsonLayout::Lines);
        check_layout("[1]\n[2]", "ndjson", &JsonLayout::Lines);
        check_layout("{\n\"a\": }", "json", &invalid(2));
        check_layout("\ntext", "json", &invalid(2));
        check_layout("text", "jsonl", &invalid(1));
        check_layout("", "json", &invalid(1));
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let layout = detect_json_layout(&text, "json");
        let codes: Vec<Code> = iter_json_records(&text, &layout)
            .map(|record| match record.content {
                RecordContent::Failed(finding) => finding.code,
                content => panic!("{content:?}"),
            })
            .collect();
        assert_eq!(codes, [Code::InvalidJson]);
    }
}
