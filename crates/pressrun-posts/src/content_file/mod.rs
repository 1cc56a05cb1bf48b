//! Reads one content file: bytes in, posts and diagnostics out.
//!
//! This module connects the stages. `parse` finds the replies, `normalize` turns them into posts,
//! and `rules` judge each post by itself and against the other posts of the file. Each reply
//! becomes either a post or exactly one error, which has the line where the reply begins.
//!
//! Files are independent of each other, so they can be read in parallel. Within a file the only
//! state is the [`ReadSession`], so a large file can be read record by record.

mod to_json;

use std::sync::Arc;

use pressrun_text::line;
use pressrun_text::numbers::group_thousands;
use pressrun_text::similarity::{self, TextProfile};

use crate::diagnostic::{Code, Diagnostic, Finding, Severity, quote_for_message};
use crate::normalize::slug::UniqueSlugs;
use crate::normalize::{self, NormalizedPost, empty_body, refusal, too_large};
pub use crate::normalize::{CategoryPolicy, ReadSettings};
use crate::panics::catch_panic;
use crate::parse::json::{self, BatchRequest, MOST_RECORDS, RecordContent};
use crate::parse::reply::{Reply, ReplyContext};
use crate::parse::request_book::{FoundRequest, KnownRequest};
use crate::parse::{self, OpenedFile, ParsedReplies};
use crate::post::{Post, TextRole};
use crate::rules::{self, DuplicateFinder, DuplicateVerdict, NearDuplicateFinder, UnknownKeys};
pub use to_json::{diagnostic_to_json, file_result_to_json, name_field_source};

/// A content file.
#[derive(Debug, Clone)]
pub struct FileInput {
    /// The path from the site root, with `/` as separator.
    pub path: Arc<str>,
    /// The content of the file.
    pub bytes: Vec<u8>,
}

/// The result of reading a file.
#[derive(Debug, Default)]
pub struct FileResult {
    /// The accepted posts, in order.
    pub posts: Vec<Post>,
    /// The profile of each post; empty unless [`ReadSettings::makes_profiles`].
    pub profiles: Vec<TextProfile>,
    /// All diagnostics, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The number of requests of a batch.
    pub requests: u32,
}

/// Reads a file.
pub fn read_file(input: &FileInput, settings: &ReadSettings) -> FileResult {
    let mut session = ReadSession::new(&input.path, settings);
    session.guard(None, |session| session.whole_file(&input.bytes));
    session.finish()
}

fn too_many_records(line: u32) -> Finding {
    let message = "the file has more than a million records; the records from here on were not \
                   read";
    Finding::new(Code::TooLarge, line, message).with_help("split it into several files")
}

fn note_requests(requests: u32) -> Finding {
    let message = match requests {
        1 => "the request of a batch is no reply".to_owned(),
        _ => format!(
            "{} requests of a batch are no replies",
            group_thousands(requests as usize)
        ),
    };
    Finding::in_file(Code::BatchRequest, message)
        .with_help("`pressrun ingest` uses them for the results that are read with them")
}

fn report_swapped_reply(line: u32, own: &KnownRequest, other: &KnownRequest) -> Finding {
    let [own, other] = [own, other].map(|request| {
        let about = request.topic.as_deref().map(quote_for_message);
        let about = about.map_or_else(String::new, |topic| format!(" ({topic})"));
        format!("{}{about}", quote_for_message(&request.id))
    });
    let message = format!("the text under the id {own} fits the request of {other}");
    Finding::new(Code::SwappedReplies, line, message)
        .with_help("two results may have been swapped; check that title and text belong together")
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
/// Files that do not fit into memory are read in pieces this way. Rules that compare posts of a
/// file (R12.5, R15) then apply only within a piece.
pub fn read_json_lines(input: &FileInput, first: u32, settings: &ReadSettings) -> FileResult {
    let mut session = ReadSession::new(&input.path, settings);
    session.guard(Some(first), |session| {
        match parse::bytes::decode_bytes(&input.bytes) {
            Ok(decoded) => {
                if let Some(at) = decoded.invalid_at {
                    let before = decoded.text[..at].matches('\n').count() as u32;
                    session.report([parse::report_invalid_utf8(first + before)]);
                }
                for (line, number) in decoded.text.lines().zip(first..) {
                    session.read_json_line(line, number);
                }
            }
            Err(parse::bytes::BinaryInput) => session.report([parse::report_binary_input()]),
        }
    });
    // Not `finish`: it is no error if a piece of a file has no post.
    session.take_result()
}

/// Reads one text that a model wrote, with what is known about it, as the record of a file would be
/// read. Places are lines of the text.
pub fn read_reply_text(text: &str, context: &ReplyContext, settings: &ReadSettings) -> FileResult {
    let mut session = ReadSession::new(&"reply".into(), settings);
    session.guard(Some(1), |session| {
        session.accept_replies(parse::parse_reply_text(text, context));
    });
    session.finish()
}

/// The state of reading one file: what later posts are compared with.
#[derive(Debug)]
pub struct ReadSession<'s> {
    path: Arc<str>,
    settings: &'s ReadSettings,
    slugs: UniqueSlugs,
    duplicates: DuplicateFinder,
    near: NearDuplicateFinder,
    unknown: UnknownKeys,
    posts: u32,
    errors: u32,
    requests: u32,
    repaired: bool,
    result: FileResult,
}

impl<'s> ReadSession<'s> {
    /// Starts reading a file.
    pub fn new(path: &Arc<str>, settings: &'s ReadSettings) -> Self {
        Self {
            path: Arc::clone(path),
            settings,
            slugs: UniqueSlugs::default(),
            duplicates: DuplicateFinder::default(),
            near: NearDuplicateFinder::default(),
            unknown: UnknownKeys::default(),
            posts: 0,
            errors: 0,
            requests: 0,
            repaired: false,
            result: FileResult::default(),
        }
    }

    /// Reads the next line of a JSONL file; `number` is its line number, counted from 1.
    pub fn read_json_line(&mut self, text: &str, number: u32) {
        if text.trim().is_empty() {
            return;
        }
        self.guard(Some(number), |session| {
            for record in json::read_container(text.trim(), number) {
                session.accept_replies(parse::parse_record_replies(record));
            }
        });
    }

    fn whole_file(&mut self, bytes: &[u8]) {
        let mut findings = Vec::new();
        let opened = parse::open_file(bytes, &self.path, &mut findings);
        self.report(findings);
        match opened {
            Err(finding) => self.report([finding]),
            Ok(OpenedFile::Text(text)) => {
                self.accept_replies(parse::parse_text_replies(&text));
                self.keep_marks_of_whole_file();
                self.keep_back_damaged(&text.text);
            }
            Ok(OpenedFile::Json(text, layout)) => {
                for record in json::iter_json_records(&text, &layout) {
                    if self.posts + self.errors >= MOST_RECORDS {
                        self.report([too_many_records(record.line)]);
                        break;
                    }
                    self.accept_replies(parse::parse_record_replies(record));
                }
            }
        }
    }

    /// Drops approvals and rejections unless the file holds one post: only then are they in the front
    /// matter of the file, and not in that of some reply.
    fn keep_marks_of_whole_file(&mut self) {
        if self.posts + self.errors == 1 {
            return;
        }
        for review in self
            .result
            .posts
            .iter_mut()
            .filter_map(|post| post.review.as_mut())
        {
            (review.approved, review.rejected) = (None, None);
        }
    }

    /// Marks posts as generated whose file says so outside of code, although their front matter
    /// could not be read: after a conflict of a merge, nothing unread may go out.
    fn keep_back_damaged(&mut self, text: &str) {
        let is_unmarked = |post: &&mut Post| post.review.is_none();
        let mut unmarked = self.result.posts.iter_mut().filter(is_unmarked).peekable();
        if unmarked.peek().is_some() && parse::front_matter::names_generated_source(text) {
            for post in unmarked {
                post.review.get_or_insert_default().generated = true;
            }
        }
    }

    /// Calls `work`. If it panics, the reply on this line, or else the rest of the file, is
    /// rejected with an error. What was read before is kept.
    fn guard(&mut self, line: Option<u32>, work: impl FnOnce(&mut Self)) {
        if let Err(panic) = catch_panic(|| work(self)) {
            self.report([panic.finding(line)]);
        }
    }

    /// Returns the posts and diagnostics since the last call.
    pub fn take_result(&mut self) -> FileResult {
        let mut result = std::mem::take(&mut self.result);
        let unknown = std::mem::take(&mut self.unknown);
        result.diagnostics.extend(unknown.report(&self.path));
        result.diagnostics.sort();
        result
    }

    /// Finishes the file. A file without posts and errors is an error itself (R16.3).
    pub fn finish(mut self) -> FileResult {
        if self.requests > 0 {
            self.report([note_requests(self.requests)]);
        } else if self.posts == 0 && self.errors == 0 {
            let finding = Finding::in_file(Code::NoPostFound, "the file contains no reply or post");
            self.report([finding.with_help(
                "start each reply with a line `TITLE: …`, or put one text into \
                                   the file",
            )]);
        }
        self.take_result()
    }

    fn report(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            // Repaired characters concern the file as a whole, and are reported once.
            if finding.code == Code::MojibakeRepaired && std::mem::replace(&mut self.repaired, true)
            {
                continue;
            }
            self.errors += u32::from(finding.code.severity() == Severity::Error);
            self.result
                .diagnostics
                .push(finding.into_diagnostic(&self.path));
        }
    }

    /// Takes the replies of a text or record.
    fn accept_replies(&mut self, parsed: ParsedReplies) {
        self.report(parsed.findings);
        self.report(parsed.failed);
        self.requests += parsed.requests.len() as u32;
        self.result.requests += parsed.requests.len() as u32;
        for mut reply in parsed.replies {
            self.guard(Some(reply.line), |session| {
                session.add_request(&mut reply);
                let about = reply.context.id.clone();
                if let Err(error) = session.accept_reply(reply) {
                    session.report([Finding { about, ..error }]);
                }
            });
        }
    }

    /// Adds what the request of the same name says about a reply, as a prompt above it would.
    fn add_request(&mut self, reply: &mut Reply) {
        let Some(id) = reply
            .context
            .id
            .as_ref()
            .filter(|_| !self.settings.requests.is_empty())
        else {
            return;
        };
        let fields = reply.given.iter().map(|given| given.value.text());
        let text: Vec<String> = fields.chain([line::join_lines(&reply.body)]).collect();
        let Some(FoundRequest { own, other }) = self.settings.requests.find(id, &text.join("\n"))
        else {
            return;
        };
        let context = &mut reply.context;
        context.request = Some(own.digest);
        if let Some(other) = other {
            reply
                .findings
                .push(report_swapped_reply(reply.line, own, other));
            return;
        }
        if context.topic.is_none() {
            context.topic.clone_from(&own.topic);
        }
        if context.categories.is_none() {
            context.categories.clone_from(&own.categories);
        }
    }

    /// Turns a reply into a post. If the reply is rejected, the error is its only diagnostic.
    fn accept_reply(&mut self, reply: Reply) -> Result<(), Finding> {
        if let Some(error) =
            too_large::check_size(&reply).or_else(|| refusal::check_refusal(&reply))
        {
            return Err(error);
        }
        let extra_line = reply.extra_line;
        let NormalizedPost {
            mut post,
            words,
            mut findings,
        } = normalize::normalize_reply(reply, &self.path, self.settings);
        let role = post.role();
        // The text of a list can be its description or its picture alone, and a template can be all
        // that a page shows.
        let may_be_empty =
            role.is_list_text() || (role == TextRole::Page && post.template().is_some());
        if let Some(error) = empty_body::check_empty_body(&post).filter(|_| !may_be_empty) {
            return Err(error);
        }
        let is_error = |finding: &Finding| finding.code.severity() == Severity::Error;
        let line = post.source.line;
        // `normalize` may report an error too. The reply is then rejected, at its first line.
        if let Some(at) = findings.iter().position(is_error) {
            let error = findings.swap_remove(at);
            return Err(Finding {
                line: Some(line),
                ..error
            });
        }
        let profile = self.settings.makes_profiles.then(|| {
            let language = post.language.as_ref().unwrap_or(&self.settings.language);
            similarity::profile_folded_text(&post.title, &post.body, &words, language)
        });
        if role == TextRole::Post {
            match self.duplicates.check_and_add(&post) {
                DuplicateVerdict::Rejected(error) => {
                    self.errors += 1;
                    self.result.diagnostics.push(Diagnostic {
                        about: post.record.map(|record| record.id),
                        ..error
                    });
                    return Ok(());
                }
                DuplicateVerdict::Accepted(warning) => self.result.diagnostics.extend(warning),
            }
            if self.settings.gives_opinions {
                let near = self.near.check_and_add(&post, words);
                self.result.diagnostics.extend(near);
            }
        } else if role.is_list_text() {
            // Its title is that of the list, unless it states another.
            findings.retain(|found| found.code != Code::NoTitleFound);
        }
        // Only accepted posts get an index and reserve a slug.
        post.source.index = self.posts;
        post.slug = self.slugs.reserve(post.slug, line, &mut findings);
        for finding in &mut findings {
            finding.line.get_or_insert(line);
        }
        self.report(findings);
        if self.settings.gives_opinions {
            self.result.diagnostics.extend(rules::lint_post(&post));
        }
        self.unknown.add_keys(&post.extra, extra_line);
        self.posts += 1;
        self.result.profiles.extend(profile);
        self.result.posts.push(post);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
