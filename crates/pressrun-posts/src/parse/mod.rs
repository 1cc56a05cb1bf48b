//! Turns the bytes of one file into replies: texts that may become posts.
//!
//! [`open_file`] decodes a file and recognises its layout. A text is a chat, or is divided by its
//! prompts. JSON gives [`json::JsonRecord`]s, one at a time. Both lead to a [`Reply`], which has
//! the fields of its header, its body as written, and what its surroundings say about it.
//!
//! Not here: removing, repairing and deriving (`normalize`), and judging (`rules`).

mod article_parts;
pub mod artifact_tags;
pub mod byline;
pub mod body;
pub mod bytes;
pub mod chat;
pub mod end_marker;
pub mod front_matter;
pub mod given;
pub mod header;
mod html_page;
pub mod interface_line;
pub mod json;
pub mod json_post;
pub mod key;
pub mod key_value;
pub mod label;
pub mod label_group;
pub mod label_names;
pub mod list_item;
pub mod mid_sentence;
mod nested_fence;
pub mod open_fence;
mod outer_fence;
pub mod part;
pub mod post_object;
pub mod preamble;
pub mod prompt;
pub mod reasoning;
pub mod reply;
pub mod request_book;
pub mod section_header;
mod tagged_reply;
pub mod transcript;
pub mod value;
pub mod wrapper;

use std::borrow::Cow;

use pressrun_text::inline_code::rewrite_outside_code;
use pressrun_text::line::{self, TextLine};
use pressrun_text::visible::remove_invisible;

use crate::diagnostic::{Code, Finding};
use bytes::line_ends::{self, UnifiedText};
use bytes::mojibake::{self, CharacterSurvey};
use chat::ChatMessage;
use given::GivenField;
use json::{BatchRequest, ChatRecord, JsonLayout, JsonRecord, RecordContent};
use reply::{Reply, ReplyContext};

/// A decoded file.
#[derive(Debug)]
pub enum OpenedFile<'a> {
    /// A text.
    Text(UnifiedText<'a>),
    /// JSON, and the layout of its containers.
    Json(Cow<'a, str>, JsonLayout),
}

/// The result of parsing a text or a record.
#[derive(Debug, Default)]
pub struct ParsedReplies<'a> {
    /// The replies, in order.
    pub replies: Vec<Reply<'a>>,
    /// Errors, each of which stands for one reply.
    pub failed: Vec<Finding>,
    /// All other findings.
    pub findings: Vec<Finding>,
    /// The requests, which are not replies.
    pub requests: Vec<BatchRequest>,
}

impl<'a> ParsedReplies<'a> {
    /// Adds the replies of a part: those of its artifacts, if it has any, or else its own.
    fn add_part(&mut self, lines: Vec<TextLine<'a>>, context: &ReplyContext) {
        let taken = match artifact_tags::take_artifacts(lines, &mut self.findings) {
            Ok(taken) => taken,
            Err(lines) => {
                self.add_replies(part::unwrap_part(lines), context);
                return;
            }
        };
        let mut around = taken.report_text_around();
        for artifact in taken.artifacts {
            let mut part = part::unwrap_part(artifact.lines);
            part.findings.splice(0..0, around.take());
            let topic = artifact.title.or_else(|| context.topic.clone());
            let context = ReplyContext {
                topic,
                ..context.clone()
            };
            self.add_replies(part, &context);
        }
    }

    fn add_replies(&mut self, part: part::ReplyPart<'a>, context: &ReplyContext) {
        for mut reply in part::divide_into_replies(part) {
            reply.context = context.clone();
            self.replies.push(reply);
        }
    }
}

impl ParsedReplies<'static> {
    /// Adds the replies of a chat in JSON.
    fn add_chat(&mut self, chat: ChatRecord, clean: &mut RecordCleaner) {
        let line = clean.line;
        let messages = chat.messages.into_iter().map(|text| ChatMessage {
            lines: clean.lines(&text.text),
            date: text.date,
            ending: text.ending,
            document: text
                .document
                .map(|title| title.map(|text| clean.text(text))),
            ..ChatMessage::new(text.side, line)
        });
        self.replies = chat::collect_chat_replies(messages.collect(), &mut self.findings);
        let mut report = |code, message| self.findings.push(Finding::new(code, line, message));
        if chat.abandoned > 0 {
            let count = chat.abandoned;
            let message =
                format!("messages on abandoned branches of the chat were skipped: {count}");
            report(Code::BranchSkipped, message);
        }
        if chat.skipped > 0 {
            let count = chat.skipped;
            let message = format!("canvases and artifacts that are not text were skipped: {count}");
            report(Code::MessageSkipped, message);
        }
        for reason in chat.unread {
            report(Code::ArtifactUnread, reason);
        }
    }
}

/// Decodes a file and recognises what it is (R1.1 to R1.5, R2.1).
///
/// An error stands for the whole file.
pub fn open_file<'a>(
    bytes: &'a [u8],
    path: &str,
    findings: &mut Vec<Finding>,
) -> Result<OpenedFile<'a>, Finding> {
    let decoded = bytes::decode_bytes(bytes).map_err(|bytes::BinaryInput| {
        let finding = report_binary_input();
        if bytes.starts_with(b"PAR1") {
            finding.with_help("this is Parquet; give it the ending `.parquet`")
        } else {
            finding
        }
    })?;
    if let Some(at) = decoded.invalid_at {
        findings.push(report_invalid_utf8(json::line_number_at(&decoded.text, at)));
    }
    match json::detect_json_layout(&decoded.text, &find_extension(path)) {
        JsonLayout::Text if count_lines(&decoded.text) > MOST_LINES => Err(report_too_many_lines()),
        JsonLayout::Text => Ok(OpenedFile::Text(clean_file(decoded.text, findings))),
        JsonLayout::Invalid(line, reason) => {
            let message = format!("the file is not valid JSON: {reason}");
            Err(Finding::new(Code::InvalidJson, line, message))
        }
        layout => Ok(OpenedFile::Json(decoded.text, layout)),
    }
}

/// Returns the extension of a file in lower case.
pub fn find_extension(path: &str) -> String {
    let end = path.rsplit(['/', '.']).next().unwrap_or_default();
    end.to_ascii_lowercase()
}

/// The maximum number of lines in a text. Each line takes 64 bytes of memory.
const MOST_LINES: usize = 16_000_000;

/// Counts the lines of a text, with line endings of any kind.
fn count_lines(text: &str) -> usize {
    let count = |end| memchr::memchr_iter(end, text.as_bytes()).count();
    count(b'\n').max(count(b'\r'))
}

fn report_too_many_lines() -> Finding {
    Finding::in_file(Code::TooLarge, "the file has more than 16 million lines")
        .with_help("split it into several files, or move it out of `content/`")
}

/// Returns the error for a file that is not text (R1.1).
pub fn report_binary_input() -> Finding {
    Finding::in_file(
        Code::BinaryInput,
        "the file is not text: it contains a NUL byte",
    )
}

/// Returns the warning for bytes in another encoding, the first of which are on `line` (R1.2).
pub fn report_invalid_utf8(line: u32) -> Finding {
    let message = "bytes that are not UTF-8 were read as Windows-1252";
    Finding::new(Code::InvalidUtf8, line, message).with_help("save the file as UTF-8")
}

/// Cleans the text of a file by R1.3 to R1.5.
fn clean_file<'a>(text: Cow<'a, str>, findings: &mut Vec<Finding>) -> UnifiedText<'a> {
    let mut lines = line_ends::convert_line_ends(text);
    // Mojibake goes first: its groups contain control characters that are removed below.
    if let Some((repaired, line)) = repair_mojibake(&lines.text) {
        lines.text = repaired.into();
        findings.push(report_repaired_mojibake(lines.number(line)));
    }
    let visible = remove_invisible(std::mem::take(&mut lines.text));
    lines.text = visible.text;
    if let Some(line) = visible.removed_on {
        let message = "control and zero-width characters were removed";
        findings.push(Finding::new(
            Code::InvisibleCharactersRemoved,
            lines.number(line),
            message,
        ));
    }
    lines
}

fn report_repaired_mojibake(line: u32) -> Finding {
    Finding::new(
        Code::MojibakeRepaired,
        line,
        "text that was encoded as UTF-8 twice was repaired",
    )
    .with_help("save the file as UTF-8 in the program that writes it")
}

/// Repairs a text outside code (R1.4), and returns the first line that changed, counted from 0.
fn repair_mojibake(text: &str) -> Option<(String, usize)> {
    if !mojibake::is_suspected(text) {
        return None;
    }
    // Code has to be recognised first, as it is later: part by part, without the fence around a
    // reply.
    let mut sections: Vec<Vec<TextLine>> = split_sections(text)
        .into_iter()
        .map(|lines| part::unwrap_part(lines).lines)
        .collect();
    let mut survey = CharacterSurvey::default();
    for lines in &mut sections {
        rewrite_outside_code(
            lines,
            |line| !line.is_ascii(),
            |text, _| {
                survey.add(text);
                false
            },
        );
    }
    if !survey.has_mojibake() {
        return None;
    }
    let original: Vec<&str> = text.split('\n').collect();
    let mut repaired: Vec<Cow<str>> = original.iter().map(|&line| line.into()).collect();
    let mut first = None;
    for mut lines in sections {
        let before: Vec<usize> = lines.iter().map(|line| line.text.len()).collect();
        rewrite_outside_code(&mut lines, mojibake::is_suspected, |text, out| {
            let repaired = survey.repair(text);
            out.push_str(repaired.as_deref().unwrap_or(text));
            repaired.is_some()
        });
        for (line, length) in lines.into_iter().zip(before) {
            if line.in_fence() {
                continue;
            }
            let index = line.number as usize - 1;
            let old = original[index];
            // The line may have lost its start, such as a role or a reasoning tag, so only its end
            // is replaced.
            let kept = &old[..old.len() - length.min(old.len())];
            if old[kept.len()..] != line.text {
                repaired[index] = format!("{kept}{}", line.text).into();
                first = Some(first.map_or(index, |first: usize| first.min(index)));
            }
        }
    }
    first.map(|first| (repaired.join("\n"), first))
}

/// Splits a text into lists of lines, numbered from 1: its parts, and everything outside them.
fn split_sections(text: &str) -> Vec<Vec<TextLine<'_>>> {
    let lines = line::number_lines(text);
    match divide_text(lines.clone(), &mut Vec::new()) {
        DividedText::Chat(messages) => messages.into_iter().map(|message| message.lines).collect(),
        DividedText::Parts(parts) => {
            let mut sections: Vec<_> = parts.into_iter().map(|part| part.lines).collect();
            let mut in_part = vec![false; lines.len()];
            for line in sections.iter().flatten() {
                in_part[line.number as usize - 1] = true;
            }
            let rest = lines
                .into_iter()
                .filter(|line| !in_part[line.number as usize - 1]);
            sections.push(rest.collect());
            sections
        }
    }
}

/// A text, by what divides it.
enum DividedText<'a> {
    Chat(Vec<ChatMessage<'a>>),
    Parts(Vec<prompt::PromptDivision<'a>>),
}

fn divide_text<'a>(mut lines: Vec<TextLine<'a>>, findings: &mut Vec<Finding>) -> DividedText<'a> {
    // Role lines and TOPIC lines in code do not count, so fences are marked first.
    let may_have_prompts = prompt::may_have_prompts(&lines);
    outer_fence::mark_inner_fences(&mut lines, transcript::is_role_line, |line| {
        may_have_prompts && prompt::begins_or_ends_prompt(line)
    });
    match transcript::split_messages(lines) {
        Ok(messages) => DividedText::Chat(messages),
        Err(lines) => DividedText::Parts(prompt::divide_by_prompts(lines, findings)),
    }
}

/// Returns the replies of a text.
pub fn parse_text_replies<'a>(text: &'a UnifiedText<'_>) -> ParsedReplies<'a> {
    let mut parsed = ParsedReplies::default();
    let lines = line::split_lines(&text.text).enumerate();
    let lines = lines
        .map(|(at, line)| TextLine::new(line, text.number(at)))
        .collect();
    match divide_text(lines, &mut parsed.findings) {
        DividedText::Chat(messages) => {
            parsed.replies = chat::collect_chat_replies(messages, &mut parsed.findings);
        }
        DividedText::Parts(parts) => {
            for division in parts {
                let context = ReplyContext {
                    topic: division.topic,
                    categories: division.categories,
                    ..ReplyContext::default()
                };
                parsed.add_part(division.lines, &context);
            }
        }
    }
    parsed
}

/// Returns the replies of one text that a model wrote, as those of a record. Lines count from 1.
pub fn parse_reply_text(text: &str, context: &ReplyContext) -> ParsedReplies<'static> {
    let mut parsed = ParsedReplies::default();
    let mut clean = RecordCleaner {
        line: 1,
        mojibake: false,
    };
    let mut lines = clean.lines(text);
    for (line, number) in lines.iter_mut().zip(1..) {
        line.number = number;
    }
    parsed.add_part(lines, context);
    if clean.mojibake {
        parsed.findings.push(report_repaired_mojibake(1));
    }
    parsed
}

/// Returns the replies of a record.
pub fn parse_record_replies(record: JsonRecord) -> ParsedReplies<'static> {
    let mut parsed = ParsedReplies::default();
    let line = record.line;
    let mut clean = RecordCleaner {
        line,
        mojibake: false,
    };
    match record.content {
        RecordContent::Failed(finding) => parsed.failed.push(Finding {
            about: record.id.clone(),
            ..finding
        }),
        RecordContent::Request(request) => parsed.requests.push(*request),
        RecordContent::Reply(text, mut context) => {
            context.topic = context.topic.map(|topic| clean.text(&topic));
            clean.fields(&mut context.supplied);
            parsed.add_part(clean.lines(&text), &context);
        }
        RecordContent::Post(mut post) => {
            clean.fields(&mut post.fields.given);
            let body = clean.text(&post.body);
            let mut reply = part::reply_of_post_object(post.fields, &body, line);
            // Fields of a record do not conflict with labels in its text.
            reply.form = reply::ReplyForm::Record;
            reply.context.ending = post.ending;
            parsed.replies.push(reply);
        }
        RecordContent::Chat(chat) => parsed.add_chat(chat, &mut clean),
    }
    // Only the front matter of a file can say that its text was read, and not a text in a record.
    for reply in &mut parsed.replies {
        reply.review = None;
    }
    // Of several replies in one record, the first one is known by the name.
    if let Some(first) = parsed.replies.first_mut() {
        first.context.id = record.id;
    }
    if clean.mojibake {
        parsed.findings.push(report_repaired_mojibake(line));
    }
    parsed
}

/// Cleans the texts of a record (R2.6: R1.3 to R1.5 apply after JSON is decoded).
struct RecordCleaner {
    line: u32,
    mojibake: bool,
}

impl RecordCleaner {
    fn text(&mut self, text: &str) -> String {
        let mut text = line_ends::convert_line_ends(text.into()).text;
        if let Some((repaired, _)) = repair_mojibake(&text) {
            self.mojibake = true;
            text = repaired.into();
        }
        remove_invisible(text).text.into_owned()
    }

    fn lines(&mut self, text: &str) -> Vec<TextLine<'static>> {
        let text = self.text(text);
        line::split_lines(&text)
            .map(|line| TextLine::new(line.to_owned(), self.line))
            .collect()
    }

    fn fields(&mut self, fields: &mut [GivenField]) {
        for given in fields {
            given.value.for_each_text(|text| *text = self.text(text));
        }
    }
}
