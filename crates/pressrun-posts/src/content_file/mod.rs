//! Reads one content file: bytes in, posts and diagnostics out.
//!
//! This module connects the stages. `parse` finds the replies, `normalize` turns them into posts,
//! and `rules` judge each post by itself and against the other posts of the file. Each reply
//! becomes either a post or exactly one error, which has the line where the reply begins.
//!
//! Files are independent of each other, so they can be read in parallel. Within a file, a
//! [`RecordReader`] says what it can of each record by itself, and a [`FileJoiner`] does the rest in
//! order. A large file can be read in pieces this way, also on several machines.

mod join;
mod line_pieces;
mod piece;
mod record;
mod to_json;

use std::sync::Arc;

use pressrun_text::similarity::TextProfile;

use crate::diagnostic::Diagnostic;
pub use crate::normalize::{CategoryPolicy, ReadSettings};
use crate::parse::json::{self, BatchRequest, JsonLayout, MOST_RECORDS, RecordContent};
use crate::parse::reply::ReplyContext;
use crate::parse::{self, OpenedFile, ParsedReplies};
use crate::post::Post;
pub use join::{FileJoiner, join_pieces};
pub use line_pieces::{LinePiece, find_line_pieces};
pub use piece::{FilePiece, read_lines_piece};
pub use record::{ReadRecord, RecordReader};
pub use to_json::{diagnostic_to_json, file_result_to_json, name_field_source};

/// A content file.
#[derive(Debug, Clone)]
pub struct FileInput {
    /// The path from the site root, with `/` as separator.
    pub path: Arc<str>,
    /// The content of the file.
    pub bytes: Vec<u8>,
}

/// The result of reading a file. `B` is the type of bodies, as in [`Post`].
#[derive(Debug)]
pub struct FileResult<B = String> {
    /// The accepted posts, in order.
    pub posts: Vec<Post<B>>,
    /// The profile of each post; empty unless [`ReadSettings::makes_profiles`].
    pub profiles: Vec<TextProfile>,
    /// All diagnostics, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The number of requests of a batch.
    pub requests: u32,
}

impl<B> Default for FileResult<B> {
    fn default() -> Self {
        Self {
            posts: Vec::new(),
            profiles: Vec::new(),
            diagnostics: Vec::new(),
            requests: 0,
        }
    }
}

/// Reads a file.
pub fn read_file(input: &FileInput, settings: &ReadSettings) -> FileResult {
    let reader = RecordReader::new(&input.path, settings);
    let mut joiner = FileJoiner::new(&input.path);
    joiner.guard(None, |joiner| read_whole_file(input, &reader, joiner));
    joiner.finish()
}

fn read_whole_file(input: &FileInput, reader: &RecordReader, joiner: &mut FileJoiner) {
    let mut findings = Vec::new();
    let opened = parse::open_file(&input.bytes, &input.path, &mut findings);
    joiner.report(findings);
    match opened {
        Err(finding) => joiner.report([finding]),
        Ok(OpenedFile::Text(text)) => {
            add_replies(parse::parse_text_replies(&text), reader, joiner);
            keep_marks_of_whole_file(joiner);
            keep_back_damaged(joiner, &text.text);
        }
        Ok(OpenedFile::Json(text, JsonLayout::Lines)) => {
            joiner.add_records(reader.read_lines(&text, 1));
        }
        Ok(OpenedFile::Json(text, layout)) => {
            let records = json::iter_json_records(&text, &layout);
            joiner.add_records(records.map(|record| reader.read_record(record)));
        }
    }
}

/// Reads the replies of a text, and joins each at once, because a text can hold many.
fn add_replies(mut parsed: ParsedReplies, reader: &RecordReader, joiner: &mut FileJoiner) {
    let replies = std::mem::take(&mut parsed.replies);
    let mut read = ReadRecord::begin_at(1);
    read.add_parsed(parsed);
    joiner.add_record(read);
    for reply in replies {
        let mut read = ReadRecord::begin_at(reply.line);
        reader.read_reply(reply, &mut read);
        joiner.add_record(read);
    }
}

/// Drops approvals and rejections unless the file holds one post: only then are they in the front
/// matter of the file, and not in that of some reply.
fn keep_marks_of_whole_file(joiner: &mut FileJoiner) {
    if joiner.count_outcomes() == 1 {
        return;
    }
    let posts = joiner.posts_mut().iter_mut();
    for review in posts.filter_map(|post| post.review.as_mut()) {
        (review.approved, review.rejected) = (None, None);
    }
}

/// Marks posts as generated whose file says so outside of code, although their front matter
/// could not be read: after a conflict of a merge, nothing unread may go out.
fn keep_back_damaged(joiner: &mut FileJoiner, text: &str) {
    let posts = joiner.posts_mut().iter_mut();
    let mut unmarked = posts.filter(|post| post.review.is_none()).peekable();
    if unmarked.peek().is_some() && parse::front_matter::names_generated_source(text) {
        for post in unmarked {
            post.review.get_or_insert_default().generated = true;
        }
    }
}

/// Returns the requests of batches in a file, if it has any. What is no request is left out.
pub fn read_requests(input: &FileInput) -> Vec<BatchRequest> {
    let opened = parse::open_file(&input.bytes, &input.path, &mut Vec::new());
    let Ok(OpenedFile::Json(text, layout)) = opened else {
        return Vec::new();
    };
    let records = json::iter_json_records(&text, &layout).take(MOST_RECORDS as usize);
    let requests = records.filter_map(|record| match record.content {
        RecordContent::Request(request) => Some(*request),
        _ => None,
    });
    requests.collect()
}

/// Reads some whole lines of a JSONL file, the first of which has the line number `first`.
///
/// Rules that compare posts of a file (R12.5, R15) apply only within these lines, so what is read does
/// not depend on other lines, and some lines of a file can be read again later. Where they must apply to
/// the whole file, read its pieces with [`read_lines_piece`] and join them.
pub fn read_json_lines(input: &FileInput, first: u32, settings: &ReadSettings) -> FileResult {
    let mut joiner = FileJoiner::new(&input.path);
    joiner.add_piece(read_lines_piece(input, first, settings));
    joiner.finish_part()
}

/// Reads one text that a model wrote, with what is known about it, as the record of a file would be
/// read. Places are lines of the text.
pub fn read_reply_text(text: &str, context: &ReplyContext, settings: &ReadSettings) -> FileResult {
    let path = "reply".into();
    let reader = RecordReader::new(&path, settings);
    let mut joiner = FileJoiner::new(&path);
    joiner.guard(Some(1), |joiner| {
        add_replies(parse::parse_reply_text(text, context), &reader, joiner);
    });
    joiner.finish()
}

#[cfg(test)]
mod tests;
