//! The records of a journal, one JSON object a line.
//!
//! Journals outlive versions of the program. Fields are only added, each with a default; fields and
//! records that this version does not know are read over.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::topic::Topic;

/// A line of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum JournalRecord {
    /// A request is about to be sent.
    Asked(AskedRecord),
    /// A request was answered with a text.
    Answered(AnsweredRecord),
    /// A request brought no text.
    Failed(FailedRecord),
    /// The texts of several requests were made one reply.
    Joined(JoinedRecord),
    /// A whole reply was judged.
    Judged(JudgedRecord),
    /// A request was written into a request file for a batch.
    Batched(BatchedRecord),
    /// A record of a later version.
    #[serde(other)]
    Unknown,
}

impl JournalRecord {
    /// Returns the ID of the topic, unless the record is of a later version.
    pub fn topic_id(&self) -> Option<&str> {
        Some(match self {
            Self::Asked(record) => &record.id,
            Self::Answered(record) => &record.id,
            Self::Failed(record) => &record.id,
            Self::Joined(record) => &record.id,
            Self::Judged(record) => &record.id,
            Self::Batched(record) => &record.id,
            Self::Unknown => return None,
        })
    }

    /// Returns the text of a record that has one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Answered(record) => Some(&record.text),
            Self::Joined(record) => Some(&record.text),
            _ => None,
        }
    }
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestPurpose {
    /// A reply.
    #[default]
    Reply,
    /// The rest of a reply that was cut off.
    Continuation,
    /// Only the header of a reply.
    Header,
    /// A reply that differs from another post more than the first one did.
    Different,
    /// Something that a later version asks for.
    #[serde(other)]
    Unknown,
}

impl RequestPurpose {
    /// Returns whether the answer is a reply of its own rather than a part of one.
    pub fn asks_for_a_reply(self) -> bool {
        matches!(self, Self::Reply | Self::Different)
    }
}

/// A request is about to be sent.
///
/// It is written before sending, so that a kill shows what was in flight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskedRecord {
    /// The ID of the topic.
    pub id: String,
    /// The number of the request, unique in the journal: [`Journal::next_request`](super::Journal::next_request).
    pub request: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What is asked for.
    #[serde(default)]
    pub purpose: RequestPurpose,
    /// The number of the try, counted from 1.
    #[serde(default)]
    pub attempt: u32,
    /// The model that is asked.
    #[serde(default)]
    pub model: String,
    /// The name of the template: its path, or `built-in`.
    #[serde(default)]
    pub template: String,
    /// The hash of the messages that the template gave.
    #[serde(default)]
    pub prompt_hash: String,
    /// The hash of the template.
    #[serde(default)]
    pub template_hash: String,
    /// The tokens that the budget reserves: of the prompt, and the most of the answer.
    #[serde(default)]
    pub reserved: u64,
    /// The whole topic. Only requests for a reply need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Topic>,
}

/// How many tokens a request took, as the server says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenUsage {
    /// Tokens of the prompt.
    #[serde(default)]
    pub input: u64,
    /// Tokens of the answer, with those of reasoning.
    #[serde(default)]
    pub output: u64,
    /// Tokens of reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<u64>,
    /// Tokens of the prompt that the server had cached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<u64>,
}

impl TokenUsage {
    /// Returns the tokens of prompt and answer.
    pub fn total(self) -> u64 {
        self.input.saturating_add(self.output)
    }
}

impl TokenUsage {
    /// Adds the tokens of another request.
    pub fn add(&mut self, other: Self) {
        let sum = |one: Option<u64>, other: Option<u64>| match (one, other) {
            (None, None) => None,
            _ => Some(one.unwrap_or(0).saturating_add(other.unwrap_or(0))),
        };
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
        self.reasoning = sum(self.reasoning, other.reasoning);
        self.cached = sum(self.cached, other.cached);
    }
}

/// A request was answered with a text, whole or cut off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnsweredRecord {
    /// The ID of the topic.
    pub id: String,
    /// The number of the request; 0 for a result of a batch that was not written by `generate`.
    pub request: u64,
    /// When the answer ended.
    pub at: Timestamp,
    /// What was asked for.
    #[serde(default)]
    pub purpose: RequestPurpose,
    /// The text, verbatim.
    pub text: String,
    /// The finish reason, verbatim; `None` if the server gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<String>,
    /// Why the connection ended before the answer did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
    /// The refusal that the server gave in a field of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<TokenUsage>,
    /// The cost in the currency of `[generate.price]`, if that is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// The time from sending to the end, in seconds.
    #[serde(default)]
    pub seconds: f64,
    /// The model, as the server names it, otherwise as it was asked.
    #[serde(default)]
    pub model: String,
    /// The name of the template.
    #[serde(default)]
    pub template: String,
    /// The hash of the messages that the template gave.
    #[serde(default)]
    pub prompt_hash: String,
    /// The hash of the template.
    #[serde(default)]
    pub template_hash: String,
    /// The batch that the answer comes from: the name of its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

/// What a failed request means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// The run stops: the key, the quota or the address is wrong.
    Stop,
    /// The topic fails: another try would fail too.
    Topic,
    /// Another try may succeed.
    #[default]
    Retry,
    /// The request is sent again in another form.
    Adapt,
    /// A class of a later version.
    #[serde(other)]
    Unknown,
}

/// A request brought no text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailedRecord {
    /// The ID of the topic.
    pub id: String,
    /// The number of the request; 0 for a result of a batch that was not written by `generate`.
    pub request: u64,
    /// When it failed.
    pub at: Timestamp,
    /// What it means.
    #[serde(default)]
    pub class: FailureClass,
    /// Whether the run sends the request again.
    #[serde(default)]
    pub will_retry: bool,
    /// The status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The code of the error, as the server names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The message, without any key.
    #[serde(default)]
    pub message: String,
    /// What came of a text before the server reported an error. It becomes part of no reply.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The tokens, if the server counted some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<TokenUsage>,
    /// The cost of the tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// The batch that the failure comes from: the name of its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

impl FailedRecord {
    /// Makes the record of a request of a batch that has no text; it is asked again next time.
    pub(crate) fn of_batch(id: &str, request: u64, batch: &str, message: String) -> Self {
        Self {
            id: id.to_owned(),
            request,
            at: Timestamp::now(),
            class: FailureClass::Retry,
            will_retry: false,
            status: None,
            code: None,
            message,
            text: String::new(),
            usage: None,
            cost: None,
            batch: Some(batch.to_owned()),
        }
    }
}

/// The texts of several requests were made one reply: a text and its continuations, or a body and its
/// new header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JoinedRecord {
    /// The ID of the topic.
    pub id: String,
    /// When it was joined.
    pub at: Timestamp,
    /// The requests that the text comes from, in order.
    pub requests: Vec<u64>,
    /// The text.
    pub text: String,
    /// The finish reason of the last part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<String>,
}

/// What a whole reply is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is complete and becomes a post.
    Accepted,
    /// It was cut off, and its continuations did not end it.
    CutOff,
    /// The model refused.
    Refused,
    /// Its header is incomplete, or the text is not what was asked for.
    OffFormat,
    /// Its category is not in the closed list.
    OffList,
    /// It is nearly the same as another post.
    NearDuplicate,
    /// A verdict of a later version.
    #[serde(other)]
    Unknown,
}

/// A whole reply was judged: the newest text of the topic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedRecord {
    /// The ID of the topic.
    pub id: String,
    /// When it was judged.
    pub at: Timestamp,
    /// The verdict.
    pub verdict: Verdict,
    /// The reasons, one a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
    /// The title of the reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The title or path of the post that it nearly equals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<String>,
}

/// A request was written into a request file for a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchedRecord {
    /// The ID of the topic.
    pub id: String,
    /// The number of the request.
    pub request: u64,
    /// When it was written.
    pub at: Timestamp,
    /// The name of the request file.
    pub batch: String,
    /// The ID of the request in that file.
    pub custom_id: String,
    /// The provider: `openai`, `anthropic` or `gemini`.
    #[serde(default)]
    pub provider: String,
    /// The model that is asked.
    #[serde(default)]
    pub model: String,
    /// The name of the template.
    #[serde(default)]
    pub template: String,
    /// The hash of the messages that the template gave.
    #[serde(default)]
    pub prompt_hash: String,
    /// The hash of the template.
    #[serde(default)]
    pub template_hash: String,
    /// The whole topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Topic>,
}
