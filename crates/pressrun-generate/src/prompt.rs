//! Prompts: the messages of one request, made from a template and a topic.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The messages of one request, with hashes that say what they were made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The messages, the topic in the last one.
    pub messages: Vec<PromptMessage>,
    /// The hash of the messages.
    pub prompt_hash: String,
    /// The hash of the template.
    pub template_hash: String,
    /// The name of the template: its path, or `built-in`.
    pub template: Arc<str>,
}

impl Prompt {
    /// Returns the number of bytes of all messages.
    pub fn count_bytes(&self) -> usize {
        let messages = self.messages.iter();
        messages.map(|message| message.content.len()).sum()
    }
}

/// A message of a request, in the shape that servers read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptMessage {
    /// Who speaks.
    pub role: PromptRole,
    /// The text.
    pub content: String,
}

impl PromptMessage {
    /// Creates a message of the user.
    pub fn from_user(content: impl Into<String>) -> Self {
        Self {
            role: PromptRole::User,
            content: content.into(),
        }
    }

    /// Creates a message of the model.
    pub fn from_assistant(content: impl Into<String>) -> Self {
        Self {
            role: PromptRole::Assistant,
            content: content.into(),
        }
    }
}

/// Who speaks in a message of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PromptRole {
    /// The rules of the conversation.
    System,
    /// The person who asks.
    User,
    /// The model.
    Assistant,
}
