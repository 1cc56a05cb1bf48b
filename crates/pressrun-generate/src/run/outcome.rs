//! What a run has done, and why it stopped.

use std::collections::BTreeMap;

use pressrun_text::numbers::{count_with_noun, group_thousands};

use crate::budget::Budget;
use crate::endpoint::Endpoint;
use crate::failure::{FailureKind, RequestFailure};
use crate::journal::{TokenUsage, Verdict};

/// What a run has done.
#[derive(Debug, Default)]
pub struct RunOutcome {
    /// The number of requests.
    pub requests: u64,
    /// The number of replies by verdict.
    pub judged: BTreeMap<Verdict, usize>,
    /// The number of topics without a reply.
    pub failed: usize,
    /// The number of topics that a post covers already.
    pub covered: usize,
    /// The tokens, as the server counted or as estimated where it did not.
    pub spent: TokenUsage,
    /// What they cost, if there is a price.
    pub cost: Option<f64>,
    /// Why the run stopped before its end.
    pub stop: Option<StopReason>,
}

/// Why a run stopped before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopReason {
    /// What kind of reason it is.
    pub kind: StopKind,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// What kind of reason stopped a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopKind {
    /// Every other request would fail.
    Refused,
    /// The limit on tokens or on cost.
    Budget,
    /// The limit on time.
    Time,
    /// The user.
    Interrupted,
}

impl StopReason {
    fn new(kind: StopKind, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            help: help.into(),
        }
    }

    pub(super) fn interrupted() -> Self {
        Self::new(
            StopKind::Interrupted,
            "the run was interrupted; what was answered is kept",
            "run the same command again to go on",
        )
    }

    pub(super) fn out_of_time() -> Self {
        Self::new(
            StopKind::Time,
            "the time of `--max-time` is over",
            "run the same command again to go on",
        )
    }

    pub(super) fn out_of_budget(budget: &Budget) -> Self {
        let spent = group_thousands(budget.spent().total() as usize);
        Self::new(
            StopKind::Budget,
            format!("{spent} tokens are spent, and the next request may exceed the limit"),
            "run the same command again with another limit",
        )
    }

    /// Explains a failure that stops the run.
    pub(super) fn of_failure(failure: &RequestFailure, endpoint: &Endpoint) -> Self {
        let host = endpoint.host();
        let (message, help) = match failure.kind {
            FailureKind::Key => match endpoint.key_variable() {
                Some(variable) => (
                    format!("`{host}` does not accept the key in `{variable}`: {failure}"),
                    format!("put a valid key into `{variable}`"),
                ),
                None => (
                    format!("`{host}` needs a key: {failure}"),
                    format!(
                        "put it into the variable `{}`",
                        endpoint.expected_variable()
                    ),
                ),
            },
            FailureKind::Billing => (
                format!("the account at `{host}` has no credit left: {failure}"),
                "check the billing of your account; waiting does not help".to_owned(),
            ),
            FailureKind::Redirect => (
                format!("`{host}` redirects requests, which pressrun does not follow: {failure}"),
                "state the final address as `endpoint`, if you trust it".to_owned(),
            ),
            FailureKind::Tls => (
                format!("no secure connection to `{host}`: {failure}"),
                "check the address of `endpoint` and the certificates of your system".to_owned(),
            ),
            FailureKind::LongWait => (
                format!("`{host}` asks to wait {}: {failure}", minutes_of(failure)),
                "run the same command again after that time".to_owned(),
            ),
            FailureKind::Connect => (
                format!("`{host}` cannot be reached: {failure}"),
                "start the server, or correct `endpoint` in `[generate]`".to_owned(),
            ),
            FailureKind::WebPage => (
                format!("`{host}` answers with a web page, so this is not the address of an API"),
                "correct `endpoint` in `[generate]`: it usually ends in `/v1`".to_owned(),
            ),
            FailureKind::Server
            | FailureKind::Broken
            | FailureKind::Stalled
            | FailureKind::Overload => (
                format!("`{host}` answers no request: {failure}"),
                "check `endpoint`, which usually ends in `/v1`; if it is right, run the same \
                 command again later"
                    .to_owned(),
            ),
            _ => (
                format!("`{host}` refuses every request: {failure}"),
                "check `endpoint`, which usually ends in `/v1`, `model` and `[generate.body]`"
                    .to_owned(),
            ),
        };
        Self::new(StopKind::Refused, message, help)
    }

    /// Says that a server has refused everything for a long time.
    pub(super) fn refused_too_long(failure: &RequestFailure, endpoint: &Endpoint) -> Self {
        Self::new(
            StopKind::Refused,
            format!(
                "`{}` has accepted no request for half an hour: {failure}",
                endpoint.host()
            ),
            "run the same command again later, or with a lower `--concurrency`",
        )
    }
}

fn minutes_of(failure: &RequestFailure) -> String {
    let seconds = failure.wait.map_or(0, |wait| wait.as_secs());
    count_with_noun(seconds.div_ceil(60) as usize, "minute", "minutes")
}
