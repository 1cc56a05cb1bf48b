//! What follows from the end of a request.

use std::time::Duration;

use pressrun_posts::parse::reply::GenerationEnd;
use pressrun_site::render::CommandFailure;
use tokio::time::Instant;

use super::conversation::{Conversation, ReplyDraft};
use super::outcome::StopReason;
use super::record::{class_of, ending_of};
use super::work::{EndedRequest, RunLoop};
use super::{RunEvent, RunTopic};
use crate::client::FinishReason;
use crate::continuation::{LEAST_NEW, is_whole_reply, join_continuation};
use crate::failure::{FailureAction, FailureKind, RequestFailure};
use crate::journal::{FailureClass, JournalRecord, RequestPurpose, TokenUsage, Verdict};
use crate::judge::Judgement;
use crate::pace::retry_delay;

/// The same rejection so often, without a success between, stops the run; so do as many topics that
/// fail after all their tries.
const MOST_REJECTIONS: u32 = 3;

/// For how long a server may refuse all requests because of its limits.
const LONGEST_REFUSAL: Duration = Duration::from_secs(1800);

/// What the journal says about a broken answer whose rest was not read.
const REPEATS: &str = "the model repeats itself without end";

impl RunLoop<'_> {
    /// Begins with a topic: asks for it, or goes on where an earlier run ended.
    pub(super) fn begin_topic(&mut self, topic: RunTopic) -> Result<(), CommandFailure> {
        let RunTopic { topic, has_text } = topic;
        // A topic that was answered before is asked again because the user wants that.
        let is_new = self
            .parts
            .journal
            .state(&topic.id)
            .is_none_or(|state| state.text.is_none());
        if is_new
            && !has_text
            && let Some(other) = self.parts.judge.find_covering_post(&topic)
        {
            self.outcome.covered += 1;
            (self.parts.on_event)(&RunEvent::Covered {
                topic: &topic,
                other: &other,
            });
            return Ok(());
        }
        let prompt =
            (self.parts.render)(&topic).map_err(|found| CommandFailure::Site(vec![found]))?;
        let mut conversation = Conversation::new(topic, prompt, self.parts.config);
        if !has_text {
            self.send_next(conversation);
            return Ok(());
        }
        if let Some(refusal) = self.read_draft(&mut conversation)? {
            return self.finish_refused(&conversation, refusal);
        }
        self.ask_or_judge(conversation)
    }

    /// Reads the text of a topic from the journal, with the parts that are not joined yet. Returns
    /// the refusal, if it is one.
    fn read_draft(
        &mut self,
        conversation: &mut Conversation,
    ) -> Result<Option<String>, CommandFailure> {
        let Some(state) = self.parts.journal.state(&conversation.topic.id) else {
            return Ok(None);
        };
        conversation.continuations = state.continuations;
        conversation.repairs = state.repairs;
        let Some(place) = state.text else {
            return Ok(None);
        };
        let parts = state.parts.clone();
        match self.parts.journal.read_record(place)? {
            JournalRecord::Answered(record) => {
                let reason = record.finish.as_deref().map(FinishReason::parse);
                if let Some(refusal) = find_refusal(record.refusal.as_deref(), reason) {
                    return Ok(Some(refusal));
                }
                conversation.draft = Some(ReplyDraft {
                    ending: ending_of(record.finish.as_deref(), record.broken.is_some()),
                    requests: vec![record.request],
                    text: record.text,
                    finish: record.finish,
                });
            }
            JournalRecord::Joined(record) => {
                conversation.draft = Some(ReplyDraft {
                    ending: ending_of(record.finish.as_deref(), false),
                    requests: record.requests,
                    text: record.text,
                    finish: record.finish,
                });
            }
            _ => {}
        }
        for part in parts {
            if let JournalRecord::Answered(record) = self.parts.journal.read_record(part)? {
                let ending = ending_of(record.finish.as_deref(), record.broken.is_some());
                self.join(
                    conversation,
                    &record.text,
                    ending,
                    (record.request, record.finish),
                )?;
            }
        }
        Ok(None)
    }

    /// Decides what follows from a request that has ended.
    pub(super) fn decide(
        &mut self,
        ended: EndedRequest,
        usage: Option<TokenUsage>,
    ) -> Result<(), CommandFailure> {
        if let Some(failure) = ended.exchange.failure.clone() {
            return self.take_failure(ended, failure, usage);
        }
        self.is_answered = true;
        self.rejections = None;
        self.given_up = 0;
        self.refused_since = None;
        self.take_answer(ended, usage)
    }

    fn take_answer(
        &mut self,
        ended: EndedRequest,
        usage: Option<TokenUsage>,
    ) -> Result<(), CommandFailure> {
        let answer = &ended.exchange.answer;
        let reason = answer.finish_reason();
        let refusal = find_refusal(answer.refusal.as_deref(), reason);
        let asks_for_reply = ended.conversation.purpose.asks_for_a_reply();
        if refusal.is_none() && asks_for_reply && has_no_text(&answer.text) {
            return self.take_empty(ended, usage);
        }
        let broken = ended.text_loop.is_some().then(|| REPEATS.to_owned());
        let record = ended.answered_record(broken, usage, self.parts.config);
        self.parts.journal.append(&record)?;
        match refusal {
            // A reply that is there stays, whatever becomes of its rest or its header.
            Some(_) if !asks_for_reply => self.give_up(ended.conversation),
            Some(refusal) => self.finish_refused(&ended.conversation, refusal),
            None => self.take_text(ended),
        }
    }

    /// An answer without a text: the reasoning took all tokens, or the model said nothing.
    fn take_empty(
        &mut self,
        ended: EndedRequest,
        usage: Option<TokenUsage>,
    ) -> Result<(), CommandFailure> {
        let max_tokens = ended.conversation.max_tokens;
        if ended.exchange.answer.finish_reason() != Some(FinishReason::Length) {
            let failure = RequestFailure::local(FailureKind::Broken, "the answer has no text");
            return self.repeat(ended, &failure, usage);
        }
        let will_retry = !ended.conversation.is_doubled;
        let message = format!(
            "all {max_tokens} tokens went into reasoning, and no text was left; \
             set a higher `max_tokens`, or a lower `reasoning_effort` in `[generate.body]`"
        );
        let failure = RequestFailure::local(FailureKind::ContextLength, message);
        self.note_failure(&ended, &failure, (FailureClass::Topic, will_retry), usage)?;
        let mut conversation = ended.conversation;
        if will_retry {
            conversation.is_doubled = true;
            conversation.max_tokens = max_tokens.saturating_mul(2);
            self.send_next(conversation);
            return Ok(());
        }
        self.give_up(conversation)
    }

    /// Adds a text to what there is, and decides what is asked next.
    fn take_text(&mut self, ended: EndedRequest) -> Result<(), CommandFailure> {
        let EndedRequest {
            mut conversation,
            request,
            exchange,
            text_loop,
            ..
        } = ended;
        let answer = exchange.answer;
        let is_broken = exchange.failure.is_some() || text_loop.is_some();
        let ending = ending_of(answer.finish.as_deref(), is_broken);
        let mut text = answer.text;
        if let Some(text_loop) = &text_loop {
            text.truncate(text_loop.first.end);
        }
        match conversation.purpose {
            RequestPurpose::Continuation => {
                self.join(&mut conversation, &text, ending, (request, answer.finish))?;
            }
            RequestPurpose::Header => self.take_header(&mut conversation, &text, request)?,
            _ => {
                let draft = ReplyDraft {
                    text,
                    ending,
                    requests: vec![request],
                    finish: answer.finish,
                };
                if text_loop.is_some() {
                    // The text without the loop is the one that is judged.
                    self.parts
                        .journal
                        .append(&conversation.joined_record(&draft))?;
                }
                conversation.draft = Some(draft);
            }
        }
        self.ask_or_judge(conversation)
    }

    /// Joins the text so far with its continuation.
    fn join(
        &mut self,
        conversation: &mut Conversation,
        answer: &str,
        ending: GenerationEnd,
        (request, finish): (u64, Option<String>),
    ) -> Result<(), CommandFailure> {
        let Some(draft) = &mut conversation.draft else {
            return Ok(());
        };
        let joined = join_continuation(&draft.text, answer, ending);
        draft.text = joined.text;
        draft.ending = ending;
        draft.finish = finish;
        draft.requests.push(request);
        if joined.added < LEAST_NEW && !is_whole_reply(&draft.text, ending) {
            conversation.is_final = true;
        }
        if let Some(draft) = &conversation.draft {
            self.parts
                .journal
                .append(&conversation.joined_record(draft))?;
        }
        Ok(())
    }

    fn take_header(
        &mut self,
        conversation: &mut Conversation,
        answer: &str,
        request: u64,
    ) -> Result<(), CommandFailure> {
        let Some(draft) = &mut conversation.draft else {
            return Ok(());
        };
        let replaced = self
            .parts
            .judge
            .replace_header(&conversation.topic, &draft.text, answer);
        if let Some(text) = replaced {
            draft.text = text;
            draft.requests.push(request);
            if let Some(draft) = &conversation.draft {
                self.parts
                    .journal
                    .append(&conversation.joined_record(draft))?;
            }
        }
        Ok(())
    }

    /// Asks for what is missing from the text of a topic, or judges it.
    fn ask_or_judge(&mut self, mut conversation: Conversation) -> Result<(), CommandFailure> {
        let Some(draft) = &conversation.draft else {
            self.send_next(conversation);
            return Ok(());
        };
        let config = self.parts.config;
        if !conversation.is_final
            && conversation.continuations < config.continuations
            && !is_whole_reply(&draft.text, draft.ending)
        {
            conversation.ask_for_rest();
            self.send_next(conversation);
            return Ok(());
        }
        let topic = &conversation.topic;
        let judge = &mut self.parts.judge;
        let judgement = judge.judge_reply(topic, &draft.text, draft.ending);
        if !conversation.is_final {
            if judgement.needs_header && conversation.repairs < config.repairs {
                let request = judge.write_header_request(topic, &draft.text);
                conversation.ask_for_header(request);
                self.send_next(conversation);
                return Ok(());
            }
            if judgement.verdict == Verdict::NearDuplicate && !conversation.is_different() {
                let other = judgement.other.as_deref().unwrap_or_default();
                let messages = judge.write_different_request(&conversation.prompt, other);
                conversation.ask_for_difference(messages);
                self.send_next(conversation);
                return Ok(());
            }
        }
        self.finish(&conversation, &judgement)
    }

    /// Ends a conversation with a judgement.
    fn finish(
        &mut self,
        conversation: &Conversation,
        judgement: &Judgement,
    ) -> Result<(), CommandFailure> {
        self.parts
            .journal
            .append(&conversation.judged_record(judgement))?;
        *self.outcome.judged.entry(judgement.verdict).or_default() += 1;
        if judgement.verdict == Verdict::Accepted
            && let Some(draft) = &conversation.draft
        {
            self.parts.judge.add_reply(&conversation.topic, &draft.text);
        }
        (self.parts.on_event)(&RunEvent::Judged {
            topic: &conversation.topic,
            judgement,
        });
        Ok(())
    }

    fn finish_refused(
        &mut self,
        conversation: &Conversation,
        reason: String,
    ) -> Result<(), CommandFailure> {
        self.finish(conversation, &Judgement::refused(reason))
    }

    /// Ends a conversation of which nothing more is asked: with the text that there is, if any.
    fn give_up(&mut self, mut conversation: Conversation) -> Result<(), CommandFailure> {
        if conversation.draft.is_none() {
            self.outcome.failed += 1;
            return Ok(());
        }
        conversation.is_final = true;
        self.ask_or_judge(conversation)
    }

    fn take_failure(
        &mut self,
        ended: EndedRequest,
        failure: RequestFailure,
        usage: Option<TokenUsage>,
    ) -> Result<(), CommandFailure> {
        let keeps_text = matches!(
            failure.kind,
            FailureKind::Broken | FailureKind::Stalled | FailureKind::Interrupted
        ) && ended.conversation.purpose != RequestPurpose::Header
            && !has_no_text(&ended.exchange.answer.text);
        if keeps_text {
            return self.take_part(ended, &failure, usage);
        }
        match self.action_for(&ended, &failure) {
            FailureAction::StopRun => {
                self.note_failure(&ended, &failure, (FailureClass::Stop, false), usage)?;
                if failure.kind != FailureKind::Interrupted {
                    let endpoint = self.parts.client.endpoint();
                    self.stop(StopReason::of_failure(&failure, endpoint));
                }
                Ok(())
            }
            FailureAction::FailTopic => self.fail_topic(ended, &failure, usage),
            FailureAction::Retry => self.repeat(ended, &failure, usage),
            FailureAction::Adapt(_) => {
                self.note_failure(&ended, &failure, (FailureClass::Adapt, true), usage)?;
                self.send_next(ended.conversation);
                Ok(())
            }
        }
    }

    /// An answer that broke off: what came of it is kept.
    fn take_part(
        &mut self,
        ended: EndedRequest,
        failure: &RequestFailure,
        usage: Option<TokenUsage>,
    ) -> Result<(), CommandFailure> {
        let broken = Some(failure.message.clone());
        let record = ended.answered_record(broken, usage, self.parts.config);
        self.parts.journal.append(&record)?;
        if failure.kind == FailureKind::Interrupted {
            return Ok(());
        }
        let topic = &ended.conversation.topic;
        (self.parts.on_event)(&RunEvent::Failed {
            topic,
            message: &failure.message,
            will_retry: true,
        });
        // A server that breaks connections needs some time.
        let delay = retry_delay(ended.conversation.continuations + 1, &topic.id, None);
        self.pace.wait_until(Instant::now() + delay);
        self.take_text(ended)
    }

    /// Returns what follows from a failure in this run.
    fn action_for(&mut self, ended: &EndedRequest, failure: &RequestFailure) -> FailureAction {
        let action = match failure.kind {
            FailureKind::Connect if !self.is_reached => FailureAction::StopRun,
            FailureKind::WebPage if !self.is_answered => FailureAction::StopRun,
            // The request was sent before another one showed what the server takes.
            FailureKind::Form(form) if ended.forms != self.forms => FailureAction::Adapt(form),
            FailureKind::Form(form) if self.forms.adapt(form) => FailureAction::Adapt(form),
            FailureKind::Form(_) => FailureAction::FailTopic,
            kind => kind.action(),
        };
        if action != FailureAction::FailTopic || failure.kind == FailureKind::Filtered {
            return action;
        }
        let name = format!("{:?} {:?}", failure.status, failure.code);
        let count = match &self.rejections {
            Some((last, count)) if *last == name => count + 1,
            _ => 1,
        };
        self.rejections = Some((name, count));
        if count >= MOST_REJECTIONS && failure.status.is_some() {
            return FailureAction::StopRun;
        }
        action
    }

    fn fail_topic(
        &mut self,
        ended: EndedRequest,
        failure: &RequestFailure,
        usage: Option<TokenUsage>,
    ) -> Result<(), CommandFailure> {
        // What is wrong with a rejected request is in the configuration rather than in the topic, so
        // the next run asks again; but not what the server cannot process.
        let is_of_topic = !matches!(failure.kind, FailureKind::Rejected | FailureKind::Form(_))
            || matches!(failure.status, Some(413 | 422));
        let class = if is_of_topic {
            class_of(FailureAction::FailTopic)
        } else {
            self.last_fault = Some(failure.clone());
            class_of(FailureAction::Retry)
        };
        self.note_failure(&ended, failure, (class, false), usage)?;
        if failure.kind == FailureKind::Filtered && ended.conversation.draft.is_none() {
            return self.finish_refused(&ended.conversation, failure.to_string());
        }
        self.give_up(ended.conversation)
    }

    /// Sends a request again, if it may be.
    fn repeat(
        &mut self,
        ended: EndedRequest,
        failure: &RequestFailure,
        usage: Option<TokenUsage>,
    ) -> Result<(), CommandFailure> {
        let is_overload = failure.kind == FailureKind::Overload;
        if is_overload && self.is_refused_too_long() {
            self.note_failure(&ended, failure, (FailureClass::Stop, false), usage)?;
            let endpoint = self.parts.client.endpoint();
            self.stop(StopReason::refused_too_long(failure, endpoint));
            return Ok(());
        }
        // A server that says when to come again has not failed.
        let is_wait = is_overload && failure.wait.is_some();
        let tried = ended.conversation.attempt;
        let will_retry = is_wait || tried < self.parts.config.tries;
        self.note_failure(&ended, failure, (FailureClass::Retry, will_retry), usage)?;
        let mut conversation = ended.conversation;
        if !will_retry {
            self.note_given_up(failure);
            return self.give_up(conversation);
        }
        let delay = retry_delay(tried, &conversation.topic.id, failure.wait);
        if !is_wait {
            conversation.attempt += 1;
        }
        if is_overload || failure.wait.is_some() {
            self.wait_with_all(delay);
        }
        self.send_later(delay, conversation);
        Ok(())
    }

    /// Counts a topic of which all tries have failed. A server that answers none of several topics
    /// would answer none of the others.
    fn note_given_up(&mut self, failure: &RequestFailure) {
        self.last_fault = Some(failure.clone());
        self.given_up += 1;
        if self.given_up >= MOST_REJECTIONS {
            let endpoint = self.parts.client.endpoint();
            self.stop(StopReason::of_failure(failure, endpoint));
        }
    }

    fn is_refused_too_long(&mut self) -> bool {
        let since = *self.refused_since.get_or_insert_with(Instant::now);
        since.elapsed() > LONGEST_REFUSAL
    }

    fn note_failure(
        &mut self,
        ended: &EndedRequest,
        failure: &RequestFailure,
        (class, will_retry): (FailureClass, bool),
        usage: Option<TokenUsage>,
    ) -> Result<(), CommandFailure> {
        let record = ended.failed_record(failure, class, will_retry, (usage, self.parts.config));
        self.parts.journal.append(&record)?;
        (self.parts.on_event)(&RunEvent::Failed {
            topic: &ended.conversation.topic,
            message: &failure.to_string(),
            will_retry,
        });
        Ok(())
    }
}

/// Returns the refusal that an answer states beside its text.
fn find_refusal(refusal: Option<&str>, reason: Option<FinishReason>) -> Option<String> {
    match (refusal, reason) {
        (Some(refusal), _) => Some(format!("the model refuses: {refusal}")),
        (None, Some(FinishReason::Filtered)) => {
            Some("the content filter of the server stopped the answer".to_owned())
        }
        (None, Some(FinishReason::Refused)) => Some("the model refuses".to_owned()),
        _ => None,
    }
}

/// Returns whether an answer has no text, or nothing but the beginning of reasoning, which some
/// servers put into the text.
fn has_no_text(text: &str) -> bool {
    let text = text.trim();
    if let Some(reasoning) = text.strip_prefix("<think>") {
        return match reasoning.split_once("</think>") {
            Some((_, rest)) => rest.trim().is_empty(),
            None => true,
        };
    }
    text.is_empty()
}
