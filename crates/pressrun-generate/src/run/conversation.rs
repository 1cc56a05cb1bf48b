//! The requests of one topic: what was answered so far, and what is asked next.

use jiff::Timestamp;
use pressrun_posts::parse::reply::GenerationEnd;
use pressrun_site::config::generate::GenerateConfig;
use serde_json::Value;

use crate::continuation::{cut_back, write_continuation_request};
use crate::journal::{AskedRecord, JournalRecord, RequestPurpose};
use crate::prompt::{Prompt, PromptMessage};
use crate::repair::HeaderRequest;
use crate::topic::Topic;

/// What is asked about one topic.
pub(super) struct Conversation {
    pub(super) topic: Topic,
    pub(super) prompt: Prompt,
    /// The text so far.
    pub(super) draft: Option<ReplyDraft>,
    /// What the next request asks for.
    pub(super) purpose: RequestPurpose,
    /// The messages that ask for a different reply.
    different: Option<Vec<PromptMessage>>,
    /// The messages of the next request, if it does not ask for a reply.
    special: Option<Vec<PromptMessage>>,
    /// The schema of the next answer.
    pub(super) schema: Option<Value>,
    /// The most tokens of an answer.
    pub(super) max_tokens: u32,
    /// The number of the try of the next request, from 1.
    pub(super) attempt: u32,
    /// What was asked besides the reply.
    pub(super) continuations: u32,
    pub(super) repairs: u32,
    pub(super) is_doubled: bool,
    /// Whether nothing more is asked about the text, whatever it is.
    pub(super) is_final: bool,
}

/// The text of a topic so far.
pub(super) struct ReplyDraft {
    pub(super) text: String,
    pub(super) ending: GenerationEnd,
    /// The requests that it comes from.
    pub(super) requests: Vec<u64>,
    pub(super) finish: Option<String>,
}

impl Conversation {
    pub(super) fn new(topic: Topic, prompt: Prompt, config: &GenerateConfig) -> Self {
        Self {
            topic,
            prompt,
            draft: None,
            purpose: RequestPurpose::Reply,
            different: None,
            special: None,
            schema: None,
            max_tokens: config.max_tokens,
            attempt: 1,
            continuations: 0,
            repairs: 0,
            is_doubled: false,
            is_final: false,
        }
    }

    /// Returns the messages of the next request.
    pub(super) fn messages(&self) -> &[PromptMessage] {
        self.special.as_deref().unwrap_or(self.reply_messages())
    }

    /// Returns the messages that ask for a reply.
    fn reply_messages(&self) -> &[PromptMessage] {
        self.different.as_deref().unwrap_or(&self.prompt.messages)
    }

    /// Returns whether a different reply was asked for already.
    pub(super) fn is_different(&self) -> bool {
        self.different.is_some()
    }

    pub(super) fn count_prompt_bytes(&self) -> usize {
        self.messages()
            .iter()
            .map(|message| message.content.len())
            .sum()
    }

    /// Returns the model to ask.
    pub(super) fn model<'a>(&'a self, config: &'a GenerateConfig) -> Option<&'a str> {
        self.topic.model.as_deref().or(config.model.as_deref())
    }

    /// Asks for the rest of the text next or, if nothing of it is worth keeping, for all of it.
    pub(super) fn ask_for_rest(&mut self) {
        self.continuations += 1;
        let draft = self.draft.as_ref().map_or("", |draft| draft.text.as_str());
        let kept = &draft[..cut_back(draft)];
        if kept.is_empty() {
            self.ask_anew();
            return;
        }
        let mut messages = self.reply_messages().to_vec();
        messages.push(PromptMessage::from_assistant(kept));
        messages.push(PromptMessage::from_user(write_continuation_request()));
        self.ask(RequestPurpose::Continuation, messages);
    }

    /// Asks for a whole reply next.
    fn ask_anew(&mut self) {
        self.purpose = if self.is_different() {
            RequestPurpose::Different
        } else {
            RequestPurpose::Reply
        };
        self.special = None;
        self.schema = None;
        self.attempt = 1;
    }

    /// Asks for another header next.
    pub(super) fn ask_for_header(&mut self, request: HeaderRequest) {
        self.repairs += 1;
        self.ask(RequestPurpose::Header, request.messages);
        self.schema = Some(request.schema);
    }

    /// Asks for a different reply next.
    pub(super) fn ask_for_difference(&mut self, messages: Vec<PromptMessage>) {
        self.different = Some(messages);
        // The new reply may be cut off and have a bad header like the first one.
        (self.continuations, self.repairs) = (0, 0);
        self.ask_anew();
    }

    fn ask(&mut self, purpose: RequestPurpose, messages: Vec<PromptMessage>) {
        self.purpose = purpose;
        self.special = Some(messages);
        self.schema = None;
        self.attempt = 1;
    }

    /// Returns the record of the next request.
    pub(super) fn asked_record(
        &self,
        request: u64,
        reserved: u64,
        config: &GenerateConfig,
    ) -> JournalRecord {
        JournalRecord::Asked(AskedRecord {
            id: self.topic.id.clone(),
            request,
            at: Timestamp::now(),
            purpose: self.purpose,
            attempt: self.attempt,
            model: self.model(config).unwrap_or_default().to_owned(),
            template: self.prompt.template.to_string(),
            prompt_hash: self.prompt.prompt_hash.clone(),
            template_hash: self.prompt.template_hash.clone(),
            reserved,
            topic: self.purpose.asks_for_a_reply().then(|| self.topic.clone()),
        })
    }
}
