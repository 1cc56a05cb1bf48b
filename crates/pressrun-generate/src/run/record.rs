//! What a run writes into the journal about a request that has ended.

use jiff::Timestamp;
use pressrun_posts::parse::reply::GenerationEnd;
use pressrun_site::config::generate::GenerateConfig;

use super::conversation::{Conversation, ReplyDraft};
use super::work::EndedRequest;
use crate::client::FinishReason;
use crate::failure::{FailureAction, RequestFailure};
use crate::journal::{
    AnsweredRecord, FailedRecord, FailureClass, JoinedRecord, JournalRecord, JudgedRecord,
    TokenUsage,
};
use crate::judge::Judgement;

impl EndedRequest {
    /// Returns the record of an answer, which `broken` says was not read to its end.
    pub(super) fn answered_record(
        &self,
        broken: Option<String>,
        usage: Option<TokenUsage>,
        config: &GenerateConfig,
    ) -> JournalRecord {
        let conversation = &self.conversation;
        let answer = &self.exchange.answer;
        let asked_model = || conversation.model(config).unwrap_or_default().to_owned();
        JournalRecord::Answered(AnsweredRecord {
            id: conversation.topic.id.clone(),
            request: self.request,
            at: Timestamp::now(),
            purpose: conversation.purpose,
            text: answer.text.clone(),
            finish: answer.finish.clone(),
            broken,
            refusal: answer.refusal.clone(),
            usage,
            cost: cost_of(usage, config),
            seconds: self.exchange.elapsed.as_millis() as f64 / 1e3,
            model: answer.model.clone().unwrap_or_else(asked_model),
            template: conversation.prompt.template.to_string(),
            prompt_hash: conversation.prompt.prompt_hash.clone(),
            template_hash: conversation.prompt.template_hash.clone(),
            batch: None,
        })
    }

    /// Returns the record of a failure.
    pub(super) fn failed_record(
        &self,
        failure: &RequestFailure,
        class: FailureClass,
        will_retry: bool,
        (usage, config): (Option<TokenUsage>, &GenerateConfig),
    ) -> JournalRecord {
        JournalRecord::Failed(FailedRecord {
            id: self.conversation.topic.id.clone(),
            request: self.request,
            at: Timestamp::now(),
            class,
            will_retry,
            status: failure.status,
            code: failure.code.clone(),
            message: failure.message.clone(),
            text: self.exchange.answer.text.clone(),
            usage,
            cost: cost_of(usage, config),
            batch: None,
        })
    }
}

impl Conversation {
    /// Returns the record of the draft as it is after several requests.
    pub(super) fn joined_record(&self, draft: &ReplyDraft) -> JournalRecord {
        JournalRecord::Joined(JoinedRecord {
            id: self.topic.id.clone(),
            at: Timestamp::now(),
            requests: draft.requests.clone(),
            text: draft.text.clone(),
            finish: draft.finish.clone(),
        })
    }

    /// Returns the record of a judgement.
    pub(super) fn judged_record(&self, judgement: &Judgement) -> JournalRecord {
        JournalRecord::Judged(JudgedRecord {
            id: self.topic.id.clone(),
            at: Timestamp::now(),
            verdict: judgement.verdict,
            findings: judgement.findings.clone(),
            title: judgement.title.clone(),
            other: judgement.other.clone(),
        })
    }
}

/// Returns the class of a failure in the journal.
pub(super) fn class_of(action: FailureAction) -> FailureClass {
    match action {
        FailureAction::StopRun => FailureClass::Stop,
        FailureAction::FailTopic => FailureClass::Topic,
        FailureAction::Retry => FailureClass::Retry,
        FailureAction::Adapt(_) => FailureClass::Adapt,
    }
}

/// Returns how an answer ended, from what the journal says of it.
pub(super) fn ending_of(finish: Option<&str>, is_broken: bool) -> GenerationEnd {
    if is_broken {
        return GenerationEnd::CutOff;
    }
    match finish.map(FinishReason::parse) {
        Some(FinishReason::Stop) => GenerationEnd::Finished,
        Some(FinishReason::Length | FinishReason::Error) => GenerationEnd::CutOff,
        _ => GenerationEnd::Unknown,
    }
}

fn cost_of(usage: Option<TokenUsage>, config: &GenerateConfig) -> Option<f64> {
    Some(config.price?.cost_of(usage?.input, usage?.output))
}
