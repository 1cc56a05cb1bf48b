//! Divides a part of a text into replies (R4.2 to R4.5 of the ingest contract).
//!
//! A part is the text between two prompts, a message of a chat, or the text of a record. First its
//! wrapping is removed. Then each label header starts a reply; a part without one is a single
//! reply.

use std::ops::Range;

use pressrun_text::blocks::{has_heading, is_rule, starts_heading};
use pressrun_text::line::{TextLine, count_words_of_lines, split_lines, trimmed_range};

use super::body::{read_after_marker, read_body, report_repaired_fence};
use super::front_matter;
use super::header;
use super::html_page;
use super::json_post::{self, JsonPost};
use super::key::KeyedFields;
use super::nested_fence::repair_nested_fences;
use super::open_fence::{FenceLookahead, mark_reply_fences};
use super::reply::{Reply, ReplyForm};
use super::tagged_reply::{self, MarkupReply};
use super::{end_marker, preamble, reasoning, wrapper};
use crate::diagnostic::{Code, Finding, quote_for_message};

/// A part without its reasoning and the fence around it.
#[derive(Debug)]
pub struct ReplyPart<'a> {
    /// The lines, with fences marked.
    pub lines: Vec<TextLine<'a>>,
    /// The line where a fence around the part began, if one was taken off.
    pub unwrapped_at: Option<usize>,
    /// What was removed.
    pub findings: Vec<Finding>,
}

/// Removes the reasoning and the fence around a part (R4.2, R4.3).
pub fn unwrap_part(mut lines: Vec<TextLine>) -> ReplyPart {
    let mut findings = Vec::new();
    findings.extend(remove_reasoning(&mut lines).map(report_reasoning));
    let mut unwrapped_at = None;
    if let Some(wrapper) = wrapper::find_wrapping_fence(&lines) {
        unwrapped_at = Some(wrapper.open);
        let line = lines[wrapper.open].number;
        findings.push(Finding::new(
            Code::ReplyUnwrapped,
            line,
            "the code fence around the reply was removed",
        ));
        // The lines become blank rather than vanish, so that they still separate blocks.
        for at in [Some(wrapper.open), wrapper.close].into_iter().flatten() {
            lines[at].text = "".into();
        }
    }
    // A fence that is open at the end may be read wrongly.
    if mark_reply_fences(&mut lines)
        && let Some(line) = repair_nested_fences(&mut lines)
    {
        findings.push(report_repaired_fence(line));
        mark_reply_fences(&mut lines);
    }
    ReplyPart {
        lines,
        unwrapped_at,
        findings,
    }
}

/// Removes the reasoning at the start of a part, and returns its line.
pub fn remove_reasoning(lines: &mut Vec<TextLine>) -> Option<u32> {
    let has_header =
        |lines: &[TextLine]| (0..lines.len()).any(|at| header::starts_header(&lines[at..], false));
    let removed = reasoning::remove_reasoning(lines, has_header);
    // A post may speak of the tags.
    if removed.is_some() || !reasoning::has_closing_line(lines) || begins_post(lines) {
        return removed;
    }
    reasoning::remove_unopened_reasoning(lines)
}

/// Returns the finding for reasoning that was removed from this line on.
pub fn report_reasoning(line: u32) -> Finding {
    let message = "the model's reasoning was removed";
    Finding::new(Code::ReasoningRemoved, line, message)
}

/// Returns whether a part begins with front matter, a heading or a label header.
fn begins_post(lines: &[TextLine]) -> bool {
    let Some(first) = lines.iter().position(|line| !line.is_blank()) else {
        return false;
    };
    let rest = &lines[first..];
    front_matter::count_front_matter_lines(rest).is_some()
        || header::starts_header(rest, true)
        || starts_heading(rest)
}

/// The form of a part.
#[derive(Debug)]
pub enum PartForm {
    /// It begins with front matter, at this line; and the preamble above it has this many lines.
    FrontMatter {
        /// The line.
        start: usize,
        /// The number of lines of the preamble.
        preamble: usize,
    },
    /// It is a JSON object.
    Json(Box<JsonPost>),
    /// Its fields are elements, or it is an HTML page; and the preamble above it has this many lines.
    Markup {
        /// The post.
        reply: Box<MarkupReply>,
        /// Where its fields are.
        form: ReplyForm,
        /// The number of lines of the preamble.
        preamble: usize,
        /// The first line after it.
        end: usize,
    },
    /// Its first label header is at this line.
    Labelled(usize),
    /// It has none of these.
    Unlabelled,
}

/// Determines the form of a part.
pub fn detect_part_form(part: &ReplyPart) -> PartForm {
    let lines = &*part.lines;
    let preamble = preamble::count_preamble_lines(lines, part.unwrapped_at);
    // Front matter may follow a preamble.
    for preamble in post_starts(preamble) {
        if let Some(at) = front_matter::find_front_matter(&lines[preamble..]) {
            let start = preamble + at;
            return PartForm::FrontMatter { start, preamble };
        }
    }
    if let Some(post) = json_post::read_json_post(lines) {
        return PartForm::Json(Box::new(post));
    }
    if let Some(form) = detect_markup(lines, preamble) {
        return form;
    }
    let first = lines.iter().position(|line| !line.is_blank());
    // A section header may follow a preamble, as front matter may.
    let after_preamble = (preamble > 0)
        .then(|| {
            lines[preamble..]
                .iter()
                .position(|line| !line.is_blank() && !is_rule(&line.text))
        })
        .flatten()
        .map(|at| preamble + at);
    let opens = |at: usize| Some(at) == first || Some(at) == after_preamble;
    let found = (0..lines.len())
        .find(|&at| !lines[at].in_fence() && header::starts_header(&lines[at..], opens(at)));
    found.map_or(PartForm::Unlabelled, PartForm::Labelled)
}

/// Returns the lines where a post may start: the first one, and the one after a preamble.
fn post_starts(preamble: usize) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(Some(preamble).filter(|&lines| lines > 0))
}

/// Returns the form of a part whose first line, or the first one after its preamble, is a tag.
fn detect_markup(lines: &[TextLine], preamble: usize) -> Option<PartForm> {
    for preamble in post_starts(preamble) {
        let rest = &lines[preamble..];
        if let Some(reply) = tagged_reply::read_tagged_reply(rest) {
            return Some(PartForm::Markup {
                reply: Box::new(reply),
                form: ReplyForm::Structured,
                preamble,
                end: lines.len(),
            });
        }
        if let Some(page) = html_page::read_html_page(rest) {
            return Some(PartForm::Markup {
                reply: Box::new(page.reply),
                form: ReplyForm::Page,
                preamble,
                end: preamble + page.end,
            });
        }
    }
    None
}

/// Divides a part into replies. A blank part has none.
pub fn divide_into_replies(part: ReplyPart<'_>) -> Vec<Reply<'_>> {
    if part.lines.iter().all(TextLine::is_blank) {
        return Vec::new();
    }
    let form = detect_part_form(&part);
    let ReplyPart {
        mut lines,
        unwrapped_at,
        findings,
    } = part;
    let mut replies = match form {
        PartForm::FrontMatter { start, preamble } => {
            vec![read_front_matter_reply(&mut lines, start, preamble)]
        }
        PartForm::Json(post) => vec![reply_of_json_post(*post)],
        PartForm::Markup {
            reply,
            form,
            preamble,
            end,
        } => {
            let (before, rest) = lines.split_at(preamble);
            let after = &rest[end - preamble..];
            vec![read_markup_reply(*reply, form, before, after)]
        }
        PartForm::Labelled(first) => read_labelled_replies(&mut lines, first),
        PartForm::Unlabelled => vec![read_unlabelled_reply(&mut lines, unwrapped_at)],
    };
    // What was removed from the part comes first in the findings of its first reply.
    if let Some(first) = replies.first_mut() {
        first.findings.splice(0..0, findings);
    }
    replies
}

fn reply_of_json_post<'a>(json: JsonPost) -> Reply<'a> {
    let mut reply = reply_of_post_object(json.post.fields, &json.post.body, json.line);
    if let Some(line) = json.words_around {
        let message = "the words around the JSON object were removed";
        reply
            .findings
            .push(Finding::new(Code::ChatTextRemoved, line, message));
    }
    reply
}

/// Creates the reply for a post in markup, with the lines before and after it.
fn read_markup_reply<'a>(
    markup: MarkupReply,
    form: ReplyForm,
    before: &[TextLine],
    after: &[TextLine],
) -> Reply<'a> {
    let mut reply = Reply {
        line: markup.line,
        form,
        given: markup.given,
        ..Reply::default()
    };
    report_preamble(&mut reply, before);
    let mut lines = markup.body;
    mark_reply_fences(&mut lines);
    read_unlabelled_body(&mut reply, &mut lines, None);
    // A page ends with its last tag, as others do with an end marker.
    let is_text = |line: &&TextLine| !line.is_blank() && !is_rule(&line.text);
    let is_marker =
        |line: &TextLine| end_marker::find_end_marker(std::slice::from_ref(line), 0).is_some();
    if let Some(line) = after.iter().find(|line| is_text(line) && !is_marker(line)) {
        let message = format!(
            "the text after the page was removed: {}",
            quote_for_message(&line.text)
        );
        let finding = Finding::new(Code::ChatTextRemoved, line.number, message);
        reply.findings.push(finding);
    }
    reply
}

/// Creates the reply for a post object. The body is taken as it is, up to an end marker.
pub fn reply_of_post_object<'a>(fields: KeyedFields, body: &str, line: u32) -> Reply<'a> {
    let mut lines: Vec<TextLine> = split_lines(body)
        .map(|text| TextLine::new(text.to_owned(), line))
        .collect();
    let mut reply = Reply {
        line,
        form: ReplyForm::Structured,
        given: fields.given,
        extra: fields.extra,
        extra_line: line,
        ..Reply::default()
    };
    mark_reply_fences(&mut lines);
    read_unlabelled_body(&mut reply, &mut lines, None);
    reply
}

fn read_front_matter_reply<'a>(
    lines: &mut [TextLine<'a>],
    start: usize,
    preamble: usize,
) -> Reply<'a> {
    let (before, lines) = lines.split_at_mut(start);
    let front = front_matter::read_front_matter(
        &lines[..front_matter::count_front_matter_lines(lines).unwrap_or(0)],
    );
    let mut reply = Reply {
        line: lines[0].number,
        form: ReplyForm::Structured,
        given: front.given,
        extra: front.extra,
        extra_line: front.extra_line,
        review: front.review,
        ..Reply::default()
    };
    // Comments between the preamble and the front matter go silently.
    report_preamble(&mut reply, &before[..preamble]);
    if let Some((line, message)) = front.rejected {
        let message = format!("the front matter is not valid and was read line by line: {message}");
        let finding = Finding::new(Code::FrontMatterInvalid, line, message);
        reply.findings.push(
            finding.with_help("put quotes around values with a colon or other special characters"),
        );
    }
    read_unlabelled_body(&mut reply, &mut lines[front.length..], None);
    reply
}

fn read_unlabelled_reply<'a>(lines: &mut [TextLine<'a>], unwrapped_at: Option<usize>) -> Reply<'a> {
    let first = lines.iter().find(|line| !line.is_blank());
    let mut reply = Reply {
        line: first.map_or(1, |line| line.number),
        ..Reply::default()
    };
    read_unlabelled_body(&mut reply, lines, unwrapped_at);
    reply
}

/// Reads the body of a reply without a label header, without its preamble.
fn read_unlabelled_body<'a>(
    reply: &mut Reply<'a>,
    lines: &mut [TextLine<'a>],
    unwrapped_at: Option<usize>,
) {
    let preamble = preamble::count_preamble_lines(lines, unwrapped_at);
    let (before, lines) = lines.split_at_mut(preamble);
    report_preamble(reply, before);
    read_body(reply, lines, false, &mut FenceLookahead::new(lines));
}

/// Reports that text before a reply was removed. Rules alone are removed silently.
fn report_preamble(reply: &mut Reply, lines: &[TextLine]) {
    if let Some(line) = lines
        .iter()
        .find(|line| !line.is_blank() && !is_rule(&line.text))
    {
        let message = format!(
            "the text before the post was removed: {}",
            quote_for_message(&line.text)
        );
        reply
            .findings
            .push(Finding::new(Code::ChatTextRemoved, line.number, message));
    }
}

/// Returns the replies of a part whose first label header is at line `first`.
fn read_labelled_replies<'a>(lines: &mut [TextLine<'a>], first: usize) -> Vec<Reply<'a>> {
    let (before, mut rest) = lines.split_at_mut(first);
    let mut replies: Vec<Reply> = Vec::new();
    let mut ahead = FenceLookahead::new(rest);
    // Each pass reads one reply, up to the header of the next.
    while !rest.is_empty() {
        let mut reply = Reply {
            line: rest[0].number,
            form: ReplyForm::Labelled,
            ..Reply::default()
        };
        let length = read_header(&mut reply, rest);
        rest = &mut rest[length..];
        let length = if reply.ended {
            read_after_marker(&mut reply, rest, true)
        } else {
            read_body(&mut reply, rest, true, &mut ahead)
        };
        rest = &mut rest[length..];
        add_reply(&mut replies, reply, before);
    }
    replies
}

/// Reads the header at the first of `lines`, and returns the number of its lines.
fn read_header<'a>(reply: &mut Reply<'a>, lines: &mut [TextLine<'a>]) -> usize {
    let header = header::read_label_header(lines);
    let length = header.length.max(1);
    // The line of a content label is read with the body.
    let own = length - usize::from(header.first_body_line.is_some());
    let marker = (0..own).find_map(|at| Some((at, end_marker::find_end_marker(lines, at)?)));
    if let Some((at, marker)) = marker {
        return read_ended_header(reply, &mut lines[..=at], marker);
    }
    reply.given = header.given;
    if let Some(line) = header.first_body_line {
        // The text after a content label becomes a line of its own, in place of the label line.
        lines[own] = line;
    }
    own
}

/// Reads a header with an end marker in its last line, as a model writes it directly after a value.
fn read_ended_header<'a>(
    reply: &mut Reply<'a>,
    lines: &mut [TextLine<'a>],
    marker: Range<usize>,
) -> usize {
    let last = lines.len() - 1;
    let line = lines[last].text.to_mut();
    let tail = line.split_off(marker.end);
    line.truncate(marker.start);
    reply.given = header::read_label_header(lines).given;
    reply.ended = true;
    lines[last].text = tail.into();
    read_after_marker(reply, &mut lines[last..], false);
    lines.len()
}

/// Adds a reply to the list, unless it is the trailing metadata of the one before (R4.4, R4.5).
fn add_reply<'a>(replies: &mut Vec<Reply<'a>>, mut reply: Reply<'a>, before: &mut [TextLine<'a>]) {
    let no_text = trimmed_range(&reply.body, |line| is_rule(&line.text)).is_empty();
    match replies.last_mut() {
        Some(last) if no_text && !last.ended => append_trailing_fields(last, reply),
        None if no_text && is_article(before) => {
            let mut article = read_unlabelled_reply(before, None);
            append_trailing_fields(&mut article, reply);
            replies.push(article);
        }
        None => {
            report_preamble(&mut reply, before);
            replies.push(reply);
        }
        Some(_) => replies.push(reply),
    }
}

/// Adds the fields of a header without a body to the reply before it, as trailing metadata.
fn append_trailing_fields(reply: &mut Reply, mut header: Reply) {
    reply.ended |= header.ended;
    reply.trailing.append(&mut header.given);
    reply.trailing.append(&mut header.trailing);
    reply.findings.append(&mut header.findings);
}

/// Returns whether the text before a header without a body is the article itself, not a preamble.
///
/// An article has a heading, or more words than a preamble can have.
fn is_article(lines: &[TextLine]) -> bool {
    count_words_of_lines(lines) > 40 || has_heading(lines)
}
