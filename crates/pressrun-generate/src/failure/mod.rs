//! What went wrong with a request, and what follows from it: the run stops, the topic fails, the
//! request is repeated, or it is asked in another form.
//!
//! Codes and types decide. Words of a message decide only where a server sends nothing else, as in
//! the table of `words`.
//!
//! Not here: how long to wait before the next try (`pace`).

mod body;
mod wait;
mod words;

pub(crate) use body::{ErrorBody, shorten_message};
pub(crate) use wait::{parse_reset, read_wait};

use std::fmt;
use std::time::Duration;

/// A wait beyond this stops the run.
pub const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// A request that brought no whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFailure {
    /// What went wrong.
    pub kind: FailureKind,
    /// The status of the response, or the one that the server states inside.
    pub status: Option<u16>,
    /// The code or the type that the server states.
    pub code: Option<String>,
    /// What the server says, without the key, in one line.
    pub message: String,
    /// How long the server asks to wait.
    pub wait: Option<Duration>,
}

/// What went wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// 401 or 403: the key is missing, wrong, or not allowed to do this.
    Key,
    /// The account has no credit left.
    Billing,
    /// The server sends requests to another address.
    Redirect,
    /// No secure connection.
    Tls,
    /// The server asks for a wait beyond [`LONGEST_WAIT`].
    LongWait,
    /// No connection.
    Connect,
    /// A web page instead of an answer.
    WebPage,
    /// Prompt and answer do not fit in the context of the model.
    ContextLength,
    /// The content filter of the server.
    Filtered,
    /// Any other 4xx.
    Rejected,
    /// An answer beyond the limit on its size.
    TooLarge,
    /// 429, 503 or 529: too much at once.
    Overload,
    /// 408, 409, 425 and other 5xx, or a 200 with an error inside.
    Server,
    /// The connection broke, or the answer ends without an end.
    Broken,
    /// Nothing came for too long.
    Stalled,
    /// The user ended the run.
    Interrupted,
    /// The server does not take the request in this form.
    Form(RequestForm),
}

/// What a server does not take, though others do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestForm {
    /// `max_tokens`: newer models want `max_completion_tokens`.
    MaxTokens,
    /// `max_completion_tokens`.
    MaxCompletionTokens,
    /// `stream_options`.
    StreamOptions,
    /// `stream`.
    Stream,
    /// `response_format` with a schema.
    Schema,
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureAction {
    /// Every other request would fail in the same way.
    StopRun,
    /// Only this topic fails.
    FailTopic,
    /// The same request may succeed later.
    Retry,
    /// The request is sent in another form.
    Adapt(RequestForm),
}

impl FailureKind {
    /// Returns what follows. [`FailureKind::Connect`] stops a run that has reached nothing yet, and
    /// [`FailureKind::WebPage`] one that has no answer yet; this is decided by the run.
    pub fn action(self) -> FailureAction {
        match self {
            Self::Key
            | Self::Billing
            | Self::Redirect
            | Self::Tls
            | Self::LongWait
            | Self::Interrupted => FailureAction::StopRun,
            Self::ContextLength | Self::Filtered | Self::Rejected | Self::TooLarge => {
                FailureAction::FailTopic
            }
            Self::Connect
            | Self::WebPage
            | Self::Overload
            | Self::Server
            | Self::Broken
            | Self::Stalled => FailureAction::Retry,
            Self::Form(form) => FailureAction::Adapt(form),
        }
    }

    /// Returns the name of the kind in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Billing => "billing",
            Self::Redirect => "redirect",
            Self::Tls => "tls",
            Self::LongWait => "long-wait",
            Self::Connect => "connect",
            Self::WebPage => "web-page",
            Self::ContextLength => "context-length",
            Self::Filtered => "filtered",
            Self::Rejected => "rejected",
            Self::TooLarge => "too-large",
            Self::Overload => "overload",
            Self::Server => "server",
            Self::Broken => "broken",
            Self::Stalled => "stalled",
            Self::Interrupted => "interrupted",
            Self::Form(_) => "form",
        }
    }
}

impl RequestFailure {
    /// Makes a failure that no server reported.
    pub(crate) fn local(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            message: message.into(),
            wait: None,
        }
    }

    /// Makes the failure that a server reports by a status or inside an answer.
    pub(crate) fn reported(status: u16, body: &ErrorBody, wait: Option<Duration>) -> Self {
        // Gateways answer 200 and state the status of the server behind them inside.
        let status = match body.status {
            Some(inner) if !(400..600).contains(&status) => inner,
            _ => status,
        };
        let wait = wait.or(body.wait);
        let mut kind = classify(status, body);
        if matches!(kind.action(), FailureAction::Retry)
            && wait.is_some_and(|wait| wait > LONGEST_WAIT)
        {
            kind = FailureKind::LongWait;
        }
        Self {
            kind,
            status: Some(status),
            code: body.code.clone().or_else(|| body.kind.clone()),
            message: body.message.clone(),
            wait,
        }
    }
}

impl fmt::Display for RequestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.status, &self.code) {
            (Some(status), Some(code)) => write!(f, "{status} `{code}`: {}", self.message),
            (Some(status), None) => write!(f, "{status}: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}

/// Decides what a reported error is.
fn classify(status: u16, body: &ErrorBody) -> FailureKind {
    if let Some(kind) = words::find_kind(body) {
        return kind;
    }
    match status {
        300..=399 => FailureKind::Redirect,
        // A gateway answers 403 for a prompt that its moderation stopped.
        403 if body.is_flagged => FailureKind::Filtered,
        401 | 403 => FailureKind::Key,
        402 => FailureKind::Billing,
        408 | 409 | 425 => FailureKind::Server,
        429 | 503 | 529 => FailureKind::Overload,
        400..=499 => match words::find_form(body) {
            Some(form) => FailureKind::Form(form),
            None => FailureKind::Rejected,
        },
        _ if words::is_overload(body) => FailureKind::Overload,
        _ => FailureKind::Server,
    }
}

#[cfg(test)]
mod tests;
