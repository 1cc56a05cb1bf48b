//! Reads one file of the content: bytes in, posts and diagnostics out.
//!
//! Here the stages meet: `parse` finds the replies, `normalize` makes posts of them, and `lint`
//! judges those, alone and against the others of the file. The replies of a file are the posts it gives plus its
//! errors, exactly: each reply that is not accepted has one error, with the line it starts on.
//!
//! Files are independent of each other, so they may be read in parallel. Within a file the only
//! state is that of a [`Session`], so that a file of any size can be read record by record.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Finding, Severity};
use crate::lint::{self, Duplicates, NearDuplicates, Verdict};
use crate::normalize::slug::Slugs;
use crate::normalize::{self, Normalized, empty_body, refusal, too_large};
pub use crate::normalize::{Categories, Settings};
use crate::parse::reply::Reply;
use crate::parse::{self, Opened, Parsed, json};
use crate::post::Post;

/// A file of the content.
#[derive(Debug, Clone)]
pub struct FileInput {
    /// Its path from the site root, with `/` between its parts.
    pub path: Arc<str>,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// What a file gives.
#[derive(Debug, Default)]
pub struct FileResult {
    /// The posts that were accepted, in their order.
    pub posts: Vec<Post>,
    /// All that is to be said, in reading order.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file.
pub fn file(input: &FileInput, settings: &Settings) -> FileResult {
    let mut session = Session::new(&input.path, settings);
    let mut findings = Vec::new();
    let opened = parse::open(&input.bytes, &input.path, &mut findings);
    session.report(findings);
    match opened {
        Err(finding) => session.report([finding]),
        Ok(Opened::Text(text)) => session.take(parse::text_replies(&text)),
        Ok(Opened::Json(text, layout)) => {
            for record in json::records(&text, &layout) {
                if session.posts + session.errors >= MOST_RECORDS {
                    session.report([too_many_records(record.line)]);
                    break;
                }
                session.take(parse::record_replies(record));
            }
        }
    }
    session.finish()
}

/// Records of a file of JSON. A file of two bytes a record would take all memory only to say
/// what is wrong with each.
const MOST_RECORDS: u32 = 1_000_000;

fn too_many_records(line: u32) -> Finding {
    let message = "the file has more than a million records; those from here on were not read";
    Finding::new(Code::TooLarge, line, message).help("make several files of it")
}

/// Reads some whole lines of a JSONL file, of which the first has the number `first`.
///
/// A file that is too long for memory is read so, piece by piece; what its lines mean for each
/// other (R12.5, R15) is then known within a piece only.
pub fn json_lines(input: &FileInput, first: u32, settings: &Settings) -> FileResult {
    let mut session = Session::new(&input.path, settings);
    match parse::bytes::decode(&input.bytes) {
        Ok(decoded) => {
            if let Some(at) = decoded.invalid_at {
                let before = decoded.text[..at].matches('\n').count() as u32;
                session.report([parse::invalid_utf8(first + before)]);
            }
            for (line, number) in decoded.text.lines().zip(first..) {
                session.json_line(line, number);
            }
        }
        Err(parse::bytes::Binary) => session.report([parse::binary_input()]),
    }
    session.drain()
}

/// The state of reading one file: what its posts so far mean for the next.
#[derive(Debug)]
pub struct Session<'s> {
    path: Arc<str>,
    settings: &'s Settings,
    slugs: Slugs,
    duplicates: Duplicates,
    near: NearDuplicates,
    posts: u32,
    errors: u32,
    repaired: bool,
    result: FileResult,
}

impl<'s> Session<'s> {
    /// Begins a file.
    pub fn new(path: &Arc<str>, settings: &'s Settings) -> Self {
        Self {
            path: Arc::clone(path),
            settings,
            slugs: Slugs::default(),
            duplicates: Duplicates::default(),
            near: NearDuplicates::default(),
            posts: 0,
            errors: 0,
            repaired: false,
            result: FileResult::default(),
        }
    }

    /// Reads the next line of a JSONL file, which is `number` counted from 1.
    pub fn json_line(&mut self, text: &str, number: u32) {
        if !text.trim().is_empty() {
            for record in json::of_container(text.trim(), number) {
                self.take(parse::record_replies(record));
            }
        }
    }

    /// Hands over the posts and diagnostics so far.
    pub fn drain(&mut self) -> FileResult {
        let mut result = std::mem::take(&mut self.result);
        result.diagnostics.sort();
        result
    }

    /// Ends the file. One without posts and errors has no post in it (R16.3).
    pub fn finish(mut self) -> FileResult {
        if self.posts == 0 && self.errors == 0 {
            let finding =
                Finding::in_file(Code::NoPostFound, "the file has no reply or post in it");
            self.report([
                finding.help("a reply begins with a line `TITLE: …`, or is a text by itself")
            ]);
        }
        self.drain()
    }

    fn report(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            // Repairs of characters belong to the file, and are said once.
            if finding.code == Code::MojibakeRepaired && std::mem::replace(&mut self.repaired, true)
            {
                continue;
            }
            self.errors += u32::from(finding.code.severity() == Severity::Error);
            self.result.diagnostics.push(finding.at(&self.path));
        }
    }

    /// Takes the replies of a text or record.
    fn take(&mut self, parsed: Parsed) {
        self.report(parsed.findings);
        self.report(parsed.failed);
        for reply in parsed.replies {
            if let Err(error) = self.accept(reply) {
                self.report([error]);
            }
        }
    }

    /// Makes a post of a reply; the error is all there is to say of one that is rejected.
    fn accept(&mut self, reply: Reply) -> Result<(), Finding> {
        if let Some(error) = too_large::check(&reply).or_else(|| refusal::check(&reply)) {
            return Err(error);
        }
        let Normalized {
            mut post,
            words,
            mut findings,
        } = normalize::post(reply, &self.path, self.settings);
        if let Some(error) = empty_body::check(&post) {
            return Err(error);
        }
        let is_error = |finding: &Finding| finding.code.severity() == Severity::Error;
        let line = post.source.line;
        if let Some(at) = findings.iter().position(is_error) {
            let error = findings.swap_remove(at);
            return Err(Finding {
                line: Some(line),
                ..error
            });
        }
        match self.duplicates.offer(&post) {
            Verdict::Rejected(error) => {
                self.errors += 1;
                self.result.diagnostics.push(error);
                return Ok(());
            }
            Verdict::Accepted(warning) => self.result.diagnostics.extend(warning),
        }
        self.result
            .diagnostics
            .extend(self.near.offer(&post, words));
        post.source.index = self.posts;
        self.posts += 1;
        post.slug = self.slugs.take(post.slug, line, &mut findings);
        for finding in &mut findings {
            finding.line.get_or_insert(line);
        }
        self.report(findings);
        self.result.diagnostics.extend(lint::post(&post));
        self.result.posts.push(post);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
