//! The body of a request, in the form that the server takes.

use pressrun_site::config::generate::GenerateConfig;
use serde_json::{Map, Value, json};

use super::conversation::Conversation;
use crate::failure::RequestForm;

/// In which form a server takes requests. It is found out once, from what it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is a question of its own
pub(super) struct RequestForms {
    /// The limit is called `max_completion_tokens`.
    completion_tokens: bool,
    /// Whether that name was changed already.
    is_renamed: bool,
    stream: bool,
    stream_options: bool,
    schema: bool,
}

impl RequestForms {
    pub(super) fn new(config: &GenerateConfig) -> Self {
        let streams = config.body_as_json().get("stream") != Some(&Value::Bool(false));
        Self {
            completion_tokens: false,
            is_renamed: false,
            stream: streams,
            stream_options: true,
            schema: true,
        }
    }

    /// Changes what the server refuses. Returns `false` if that was changed before, because then the
    /// server means something else.
    pub(super) fn adapt(&mut self, form: RequestForm) -> bool {
        let is_new = match form {
            RequestForm::MaxTokens => !self.is_renamed && !self.completion_tokens,
            RequestForm::MaxCompletionTokens => !self.is_renamed && self.completion_tokens,
            RequestForm::StreamOptions => self.stream && self.stream_options,
            RequestForm::Stream => self.stream,
            RequestForm::Schema => self.schema,
        };
        if is_new {
            match form {
                RequestForm::MaxTokens | RequestForm::MaxCompletionTokens => {
                    self.completion_tokens = !self.completion_tokens;
                    self.is_renamed = true;
                }
                RequestForm::StreamOptions => self.stream_options = false,
                RequestForm::Stream => self.stream = false,
                RequestForm::Schema => self.schema = false,
            }
        }
        is_new
    }

    /// Writes the body of the next request of a conversation.
    pub(super) fn write_body(self, config: &GenerateConfig, conversation: &Conversation) -> Value {
        let mut body = Map::new();
        if let Some(model) = conversation.model(config) {
            body.insert("model".to_owned(), model.into());
        }
        body.insert("messages".to_owned(), json!(conversation.messages()));
        if let Value::Object(own) = config.body_as_json() {
            body.extend(own);
        }
        let limit = if self.completion_tokens {
            "max_completion_tokens"
        } else {
            "max_tokens"
        };
        body.insert(limit.to_owned(), conversation.max_tokens.into());
        if self.stream {
            body.insert("stream".to_owned(), true.into());
            if self.stream_options {
                body.insert("stream_options".to_owned(), json!({"include_usage": true}));
            }
        } else {
            body.remove("stream");
        }
        // A grammar or schema of the user describes a whole reply, which a header is not.
        if let Some(schema) = &conversation.schema {
            for key in [
                "grammar",
                "json_schema",
                "response_format",
                "guided_grammar",
                "guided_json",
            ] {
                body.remove(key);
            }
            if self.schema {
                let schema = json!({"name": "header", "strict": true, "schema": schema});
                let format = json!({"type": "json_schema", "json_schema": schema});
                body.insert("response_format".to_owned(), format);
            }
        }
        Value::Object(body)
    }
}
