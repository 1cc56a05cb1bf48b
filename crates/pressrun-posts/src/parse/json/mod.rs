//! Reads JSON files: chat exports, batch results and records of any kind (R2.1 to R2.5 of the
//! ingest contract).
//!
//! A file is one container, a list of containers, or one container per line. Containers are read
//! one at a time, so the memory needed depends on the largest container, not on the file.
//!
//! Not here: what the texts contain (`part`, `chat`).

mod answer;
mod chat_export;
mod shape;
mod tolerant;

use serde::de::IgnoredAny;
use serde_json::Value;

pub use tolerant::parse_json;

use super::chat::ChatRole;
use super::post_object::PostObject;
use super::reply::{GenerationEnd, ReplyContext};
use crate::diagnostic::{Code, Finding};

/// The content of one container.
#[derive(Debug)]
pub struct JsonRecord {
    /// The line of the file where it begins, counted from 1.
    pub line: u32,
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
    /// The messages of a chat, and the number of messages on abandoned branches.
    Chat(Vec<ChatText>, usize),
    /// Nothing that can be published.
    Failed(Finding),
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
    let lines_by_name = matches!(extension, "jsonl" | "ndjson");
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

fn first_of_several_lines_is_json(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    match (lines.next(), lines.next()) {
        (Some(first), Some(_)) => parse_json::<IgnoredAny>(first).is_ok(),
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
        JsonLayout::Lines => {
            Box::new(iter_numbered_lines(text).flat_map(|(line, text)| read_container(text, line)))
        }
        // An array of messages is one chat. Otherwise each element is a container.
        JsonLayout::Array => match read_whole_chat(text) {
            Some(records) => Box::new(records.into_iter()),
            None => Box::new(
                ArrayElements::new(text).flat_map(|(line, text)| read_container(text, line)),
            ),
        },
        JsonLayout::One => Box::new(read_container(text.trim(), 1).into_iter()),
        JsonLayout::Text | JsonLayout::Invalid(..) => Box::new(std::iter::empty()),
    }
}

/// Iterates over the non-blank lines of a text, with their numbers from 1.
fn iter_numbered_lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..)
        .zip(text.split('\n'))
        .map(|(number, line)| (number, line.trim()))
        .filter(|(_, line)| !line.is_empty())
}

/// Returns the records of one container, which begins on `line`.
pub fn read_container(text: &str, line: u32) -> Vec<JsonRecord> {
    let mut records = Vec::new();
    match parse_json::<Value>(text) {
        Ok(value) => shape::collect_records(value, line, &mut records),
        Err(error) => {
            let message = format!(
                "the line or file is not valid JSON: {}",
                parser_message(&error)
            );
            let at = line + (error.line() as u32).saturating_sub(1);
            let finding = Finding::new(Code::InvalidJson, at, message);
            records.push(JsonRecord {
                line,
                content: RecordContent::Failed(finding),
            });
        }
    }
    records
}

/// Returns the records of an array that is a single chat, if its first element is a message.
fn read_whole_chat(text: &str) -> Option<Vec<JsonRecord>> {
    let (_, first) = ArrayElements::new(text).next()?;
    let first: Value = parse_json(first).ok()?;
    shape::is_message(&first).then(|| read_container(text.trim(), 1))
}

/// Iterates over the elements of a valid JSON array, as text with their lines.
struct ArrayElements<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl<'t> ArrayElements<'t> {
    fn new(text: &'t str) -> Self {
        let start = text.find('[').map_or(text.len(), |at| at + 1);
        Self {
            text,
            at: start,
            line: line_number_at(text, start),
        }
    }
}

impl<'t> Iterator for ArrayElements<'t> {
    type Item = (u32, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.text.as_bytes()[self.at..];
        // The array is valid JSON, so commas can only separate elements.
        let blank = rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace() || **byte == b',')
            .count();
        // `line_of` counts from 1, so the line feeds are one less.
        self.line += line_number_at(&self.text[self.at..], blank) - 1;
        let start = self.at + blank;
        let length = measure_json_value(&self.text.as_bytes()[start..]);
        if length == 0 {
            return None;
        }
        let element = &self.text[start..start + length];
        let line = self.line;
        self.line += line_number_at(element, length) - 1;
        self.at = start + length;
        Some((line, element.trim_end()))
    }
}

/// Returns the length of the JSON value at the start of `bytes`, up to a comma or bracket outside
/// it.
fn measure_json_value(bytes: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at += measure_json_string(&bytes[at + 1..]),
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => break,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    at.min(bytes.len())
}

/// Returns the length of the rest of a string after its opening quote, including the closing one.
fn measure_json_string(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        // Skips the backslash and the character that it escapes.
        at += 2;
        if at >= bytes.len() {
            break;
        }
    }
    bytes.len()
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
    fn elements_know_their_lines() {
        let text = "[ {\"a\": \"]\\\"\n,\"},\n\n [1,\n2], 3\n]";
        let elements: Vec<_> = ArrayElements::new(text).collect();
        assert_eq!(
            elements,
            [(1, "{\"a\": \"]\\\"\n,\"}"), (4, "[1,\n2]"), (5, "3")]
        );
        assert_eq!(ArrayElements::new("[]").count(), 0);
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
