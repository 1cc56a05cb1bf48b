//! Reads one record: all that can be said of it without the other records of its file.
//!
//! A [`RecordReader`] has no state that changes, so the records of a file can be read in any order and
//! on several machines. A [`FileJoiner`](super::FileJoiner) then looks at them in order.

use std::sync::Arc;

use pressrun_text::line;
use pressrun_text::similarity::{self, TextProfile};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::diagnostic::{Code, Finding, Severity, quote_for_message};
use crate::normalize::{self, NormalizedPost, ReadSettings, empty_body, refusal, too_large};
use crate::panics::catch_panic;
use crate::parse::json::{self, JsonRecord, RecordContent};
use crate::parse::reply::Reply;
use crate::parse::request_book::{FoundRequest, KnownRequest};
use crate::parse::{self, ParsedReplies};
use crate::post::{Post, TextRole};
use crate::rules::{self, ComparedPost};

/// What is known of a record without the others of its file.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadRecord<B = String> {
    /// The line where it begins, counted from 1.
    pub(super) line: u32,
    /// The number of requests of a batch in it.
    pub(super) requests: u32,
    /// Its findings, but not those about posts that may still be rejected.
    pub(super) findings: Vec<Finding>,
    /// Its posts, in order.
    pub(super) posts: Vec<ReadPost<B>>,
}

/// A post, unless it turns out to repeat an earlier one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReadPost<B> {
    /// The post. Others of its file may have the same slug, and its index is not known.
    pub(super) post: Post<B>,
    pub(super) profile: Option<TextProfile>,
    /// The findings about the post, which do not count if it is rejected.
    pub(super) findings: Vec<Finding>,
    /// What it is compared by, if it is.
    pub(super) compared: Option<Box<ComparedPost>>,
    /// The words of its body with their case folded, if near-duplicates are looked for.
    pub(super) words: Option<String>,
    /// The line of its first key without a field.
    pub(super) extra_line: u32,
}

impl<B> ReadRecord<B> {
    /// Starts a record that begins on a line.
    pub(super) fn begin_at(line: u32) -> Self {
        Self {
            line,
            requests: 0,
            findings: Vec::new(),
            posts: Vec::new(),
        }
    }

    /// Creates a record of which nothing is known but an error.
    pub fn from_failure(line: u32, failure: Finding) -> Self {
        Self {
            findings: vec![failure],
            ..Self::begin_at(line)
        }
    }

    /// Returns how many replies of it became a post or an error.
    pub(super) fn count_outcomes(&self) -> u32 {
        let is_error = |finding: &&Finding| finding.code.severity() == Severity::Error;
        (self.posts.len() + self.findings.iter().filter(is_error).count()) as u32
    }

    /// Returns the same record with other posts. `change` gets each with its profile, and may reject it
    /// with an error.
    pub(super) fn try_map_posts<C, E>(
        self,
        change: &mut impl FnMut(Post<B>, Option<TextProfile>) -> Result<Result<Post<C>, Finding>, E>,
    ) -> Result<ReadRecord<C>, E> {
        let mut changed = ReadRecord {
            line: self.line,
            requests: self.requests,
            findings: self.findings,
            posts: Vec::with_capacity(self.posts.len()),
        };
        for read in self.posts {
            match change(read.post, read.profile)? {
                Ok(post) => changed.posts.push(ReadPost {
                    post,
                    profile: None,
                    findings: read.findings,
                    compared: read.compared,
                    words: read.words,
                    extra_line: read.extra_line,
                }),
                Err(error) => changed.findings.push(error),
            }
        }
        Ok(changed)
    }
}

impl ReadRecord {
    /// Calls `work`. If it panics, the reply on this line is rejected with an error.
    pub(super) fn guard(&mut self, line: u32, work: impl FnOnce(&mut Self)) {
        if let Err(panic) = catch_panic(|| work(self)) {
            self.findings.push(panic.finding(Some(line)));
        }
    }
}

/// Reads the records of a file one by one.
#[derive(Debug, Clone)]
pub struct RecordReader<'s> {
    path: Arc<str>,
    settings: &'s ReadSettings,
}

impl<'s> RecordReader<'s> {
    /// Creates the reader of the file at `path`, from the site root with `/` as separator.
    pub fn new(path: &Arc<str>, settings: &'s ReadSettings) -> Self {
        Self {
            path: Arc::clone(path),
            settings,
        }
    }

    /// Reads the lines of a JSONL file, or some of them, the first of which has the number `first`.
    pub fn read_lines(&self, text: &str, first: u32) -> impl Iterator<Item = ReadRecord> {
        json::iter_numbered_lines(text, first).flat_map(|(number, line)| {
            self.read_container(number, move || json::read_container(line, number))
        })
    }

    /// Reads a value as the line of a JSONL file with this number.
    pub fn read_value(&self, value: Value, number: u32) -> impl Iterator<Item = ReadRecord> {
        self.read_container(number, move || json::read_container_value(value, number))
    }

    fn read_container(
        &self,
        number: u32,
        read: impl FnOnce() -> Vec<JsonRecord>,
    ) -> impl Iterator<Item = ReadRecord> {
        let records = catch_panic(read).unwrap_or_else(|panic| {
            vec![JsonRecord {
                line: number,
                id: None,
                content: RecordContent::Failed(panic.finding(Some(number))),
            }]
        });
        records.into_iter().map(|record| self.read_record(record))
    }

    /// Reads a record.
    pub(super) fn read_record(&self, record: JsonRecord) -> ReadRecord {
        let line = record.line;
        let mut read = ReadRecord::begin_at(line);
        read.guard(line, |read| {
            let mut parsed = parse::parse_record_replies(record);
            let replies = std::mem::take(&mut parsed.replies);
            read.add_parsed(parsed);
            for reply in replies {
                self.read_reply(reply, read);
            }
        });
        read
    }

    /// Adds what becomes of a reply to its record.
    pub(super) fn read_reply(&self, mut reply: Reply, read: &mut ReadRecord) {
        read.guard(reply.line, |read| {
            self.add_request(&mut reply);
            let about = reply.context.id.clone();
            match self.read_post(reply) {
                Ok(post) => read.posts.push(post),
                Err(error) => read.findings.push(Finding { about, ..error }),
            }
        });
    }

    /// Adds what the request of the same name says about a reply, as a prompt above it would.
    fn add_request(&self, reply: &mut Reply) {
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

    /// Turns a reply into a post. If the reply is rejected, the error is its only finding.
    fn read_post(&self, reply: Reply) -> Result<ReadPost<String>, Finding> {
        if let Some(error) =
            too_large::check_size(&reply).or_else(|| refusal::check_refusal(&reply))
        {
            return Err(error);
        }
        let extra_line = reply.extra_line;
        let NormalizedPost {
            post,
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
        if role.is_list_text() {
            // Its title is that of the list, unless it states another.
            findings.retain(|found| found.code != Code::NoTitleFound);
        }
        for finding in &mut findings {
            finding.line.get_or_insert(line);
        }
        if self.settings.gives_opinions {
            findings.extend(rules::lint_post(&post));
        }
        let profile = self.settings.makes_profiles.then(|| {
            let language = post.language.as_ref().unwrap_or(&self.settings.language);
            similarity::profile_folded_text(&post.title, &post.body, &words, language)
        });
        let is_post = role == TextRole::Post;
        let finds_near = self.settings.gives_opinions && self.settings.finds_near_duplicates;
        Ok(ReadPost {
            profile,
            findings,
            compared: is_post.then(|| Box::new(ComparedPost::from_post(&post))),
            words: (is_post && finds_near).then_some(words),
            extra_line,
            post,
        })
    }
}

impl ReadRecord {
    /// Adds all that was parsed but the replies.
    pub(super) fn add_parsed(&mut self, parsed: ParsedReplies) {
        self.findings.extend(parsed.findings);
        self.findings.extend(parsed.failed);
        self.requests += parsed.requests.len() as u32;
    }
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
