//! When requests are sent, and what is waited for.

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::{Future, pending};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use pressrun_site::render::CommandFailure;
use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

use super::body::RequestForms;
use super::conversation::Conversation;
use super::outcome::{RunOutcome, StopReason};
use super::{RunEvent, RunParts, RunTopic};
use crate::budget::{BudgetStep, Reservation};
use crate::client::{Client, Exchange};
use crate::failure::RequestFailure;
use crate::pace::{Pace, PaceStep};
use crate::repetition::{RepetitionWatch, TextLoop};

/// How long the first request stays alone, unless the server accepts it sooner. So a wrong key or an
/// unknown field costs one request rather than four.
const FIRST_ALONE: Duration = Duration::from_secs(5);

/// A run at work.
pub(super) struct RunLoop<'a> {
    pub(super) parts: RunParts<'a>,
    pub(super) pace: Pace,
    pub(super) forms: RequestForms,
    pub(super) outcome: RunOutcome,
    /// Whether the server has answered anything.
    pub(super) is_reached: bool,
    /// Whether it has answered a request as it should.
    pub(super) is_answered: bool,
    /// The last rejection, and how often it came without a success between.
    pub(super) rejections: Option<(String, u32)>,
    /// The number of topics that failed after all their tries, without a success between.
    pub(super) given_up: u32,
    /// The last failure of a topic that was the fault of the server.
    pub(super) last_fault: Option<RequestFailure>,
    /// Since when the server has refused all requests because of its limits.
    pub(super) refused_since: Option<Instant>,
    deadline: Option<Instant>,
    topics: std::vec::IntoIter<RunTopic>,
    /// Conversations whose next request can be sent.
    ready: VecDeque<Conversation>,
    /// Those whose next request waits until a moment.
    delayed: Vec<(Instant, Conversation)>,
    first_sent: Option<Instant>,
    acceptance: Rc<Acceptance>,
}

/// Whether the server has accepted a request.
#[derive(Default)]
struct Acceptance {
    is_accepted: Cell<bool>,
    signal: Notify,
}

/// A request that was sent.
struct SentRequest {
    conversation: Conversation,
    request: u64,
    forms: RequestForms,
    reservation: Reservation,
    body: Value,
}

/// A request that has ended, with what it brought.
pub(super) struct EndedRequest {
    pub(super) conversation: Conversation,
    /// The number of the request.
    pub(super) request: u64,
    /// The form in which it was sent.
    pub(super) forms: RequestForms,
    pub(super) exchange: Exchange,
    /// The loop because of which the rest of the answer was not read.
    pub(super) text_loop: Option<TextLoop>,
    reservation: Reservation,
    started: Instant,
}

/// What a run does next.
enum NextStep {
    Send(Box<SentRequest>),
    /// Waits for an open request, or until a moment.
    Wait(Option<Instant>),
}

/// What a run has waited for.
enum RunWake {
    Ended(Box<EndedRequest>),
    Interrupted,
    /// A moment has come, or the server has accepted a request.
    Other,
}

type OpenRequests<'a> = FuturesUnordered<Pin<Box<dyn Future<Output = EndedRequest> + 'a>>>;

impl<'a> RunLoop<'a> {
    pub(super) fn new(parts: RunParts<'a>, topics: Vec<RunTopic>) -> Self {
        Self {
            pace: Pace::new(parts.config.concurrency),
            forms: RequestForms::new(parts.config),
            outcome: RunOutcome::default(),
            is_reached: false,
            is_answered: false,
            rejections: None,
            given_up: 0,
            last_fault: None,
            refused_since: None,
            deadline: parts.max_time.map(|time| Instant::now() + time),
            topics: topics.into_iter(),
            ready: VecDeque::new(),
            delayed: Vec::new(),
            first_sent: None,
            acceptance: Rc::default(),
            parts,
        }
    }

    /// Works until nothing is left to do.
    pub(super) async fn work(
        mut self,
        mut interrupt: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<RunOutcome, CommandFailure> {
        let (cut, is_cut) = watch::channel(false);
        let client: &'a Client = self.parts.client;
        let mut open: OpenRequests<'a> = FuturesUnordered::new();
        loop {
            let until = loop {
                match self.next_step(open.len())? {
                    NextStep::Send(request) => {
                        let acceptance = self.acceptance.clone();
                        open.push(Box::pin(request.send(client, is_cut.clone(), acceptance)));
                    }
                    NextStep::Wait(until) => break until,
                }
            };
            if open.is_empty() && until.is_none() {
                break;
            }
            let is_interrupted = *is_cut.borrow();
            let interrupt = if is_interrupted {
                None
            } else {
                Some(interrupt.as_mut())
            };
            let acceptance = &self.acceptance.signal;
            match wait_for_event(&mut open, until, acceptance, interrupt).await {
                RunWake::Ended(ended) => self.take_ended(*ended)?,
                RunWake::Interrupted => {
                    self.stop(StopReason::interrupted());
                    // Open requests end with what they have.
                    cut.send_replace(true);
                }
                RunWake::Other => {}
            }
        }
        self.stop_if_nothing_was_answered();
        self.outcome.spent = self.parts.budget.spent();
        self.outcome.cost = self.parts.budget.cost();
        Ok(self.outcome)
    }

    /// Stops the run for a reason; the first reason counts.
    pub(super) fn stop(&mut self, reason: StopReason) {
        self.outcome.stop.get_or_insert(reason);
    }

    /// A run that has no answer to any request did not succeed, however few topics it had.
    fn stop_if_nothing_was_answered(&mut self) {
        if let Some(failure) = self.last_fault.take().filter(|_| !self.is_answered) {
            let endpoint = self.parts.client.endpoint();
            self.stop(StopReason::of_failure(&failure, endpoint));
        }
    }

    /// Puts a conversation back whose next request may be sent at once.
    pub(super) fn send_next(&mut self, conversation: Conversation) {
        // Before new topics, so that few are open at a time.
        self.ready.push_front(conversation);
    }

    /// Puts a conversation back whose next request waits.
    pub(super) fn send_later(&mut self, delay: Duration, conversation: Conversation) {
        self.delayed.push((Instant::now() + delay, conversation));
    }

    /// Waits with all requests.
    pub(super) fn wait_with_all(&mut self, time: Duration) {
        self.pace.wait_until(Instant::now() + time);
        (self.parts.on_event)(&RunEvent::Waiting { time });
    }

    fn next_step(&mut self, open: usize) -> Result<NextStep, CommandFailure> {
        let now = Instant::now();
        if self.deadline.is_some_and(|deadline| now >= deadline) && self.has_more() {
            self.stop(StopReason::out_of_time());
        }
        if self.outcome.stop.is_some() {
            return Ok(NextStep::Wait(None));
        }
        let alone_until = self.first_sent.map(|sent| sent + FIRST_ALONE);
        if let Some(until) = alone_until.filter(|until| open > 0 && now < *until)
            && !self.acceptance.is_accepted.get()
        {
            return Ok(NextStep::Wait(Some(until)));
        }
        let Some(conversation) = self.next_conversation(now)? else {
            let earliest = self.delayed.iter().map(|(at, _)| *at).min();
            return Ok(self.wait_until(earliest));
        };
        let budget_step = {
            let bytes = conversation.count_prompt_bytes();
            self.parts
                .budget
                .reserve(bytes, u64::from(conversation.max_tokens))
        };
        let reservation = match budget_step {
            BudgetStep::Fits(reservation) => reservation,
            BudgetStep::WaitForAnswer => {
                self.ready.push_front(conversation);
                return Ok(NextStep::Wait(None));
            }
            BudgetStep::Exceeded => {
                self.stop(StopReason::out_of_budget(&self.parts.budget));
                return Ok(NextStep::Wait(None));
            }
        };
        match self.pace.next_step(now, reservation.total()) {
            PaceStep::Start => Ok(self.start(conversation, reservation)?),
            step => {
                self.ready.push_front(conversation);
                Ok(match step {
                    PaceStep::WaitUntil(until) => self.wait_until(Some(until)),
                    _ => NextStep::Wait(None),
                })
            }
        }
    }

    /// Waits until a moment, or until the time of the run is over.
    fn wait_until(&self, moment: Option<Instant>) -> NextStep {
        NextStep::Wait(match (moment, self.deadline) {
            (Some(moment), Some(deadline)) => Some(moment.min(deadline)),
            (moment, _) => moment,
        })
    }

    fn has_more(&self) -> bool {
        !(self.ready.is_empty() && self.delayed.is_empty() && self.topics.len() == 0)
    }

    /// Returns the conversation whose request is the next.
    fn next_conversation(&mut self, now: Instant) -> Result<Option<Conversation>, CommandFailure> {
        if let Some(at) = self.delayed.iter().position(|(at, _)| *at <= now) {
            return Ok(Some(self.delayed.swap_remove(at).1));
        }
        loop {
            if let Some(conversation) = self.ready.pop_front() {
                return Ok(Some(conversation));
            }
            // Each of these puts its conversation where it belongs, if a request is needed.
            match self.topics.next() {
                Some(topic) => self.begin_topic(topic)?,
                None => return Ok(None),
            }
        }
    }

    /// Notes a request in the journal, and then lets it be sent.
    fn start(
        &mut self,
        conversation: Conversation,
        reservation: Reservation,
    ) -> Result<NextStep, CommandFailure> {
        let request = self.parts.journal.next_request();
        let body = self.forms.write_body(self.parts.config, &conversation);
        let record = conversation.asked_record(request, reservation.total(), self.parts.config);
        self.parts.journal.append(&record)?;
        self.parts.budget.hold(reservation);
        self.pace.start_request(reservation.total());
        self.first_sent.get_or_insert_with(Instant::now);
        self.outcome.requests += 1;
        (self.parts.on_event)(&RunEvent::Sent {
            topic: &conversation.topic,
            purpose: conversation.purpose,
        });
        Ok(NextStep::Send(Box::new(SentRequest {
            conversation,
            request,
            forms: self.forms,
            reservation,
            body,
        })))
    }

    /// Takes what a request brought.
    fn take_ended(&mut self, ended: EndedRequest) -> Result<(), CommandFailure> {
        let exchange = &ended.exchange;
        let failure = exchange.failure.as_ref();
        let bytes = exchange.answer.text.len();
        let spent = self
            .parts
            .budget
            .settle(ended.reservation, exchange.answer.usage, bytes);
        self.pace
            .end_request((ended.started, Instant::now()), failure, &exchange.windows);
        self.is_reached |= exchange.is_reached;
        // Without a count of the server, an estimate is no fact for the journal.
        let counted = exchange.answer.usage.map(|_| spent);
        self.decide(ended, counted)
    }
}

impl SentRequest {
    async fn send(
        self: Box<Self>,
        client: &Client,
        mut is_cut: watch::Receiver<bool>,
        acceptance: Rc<Acceptance>,
    ) -> EndedRequest {
        let mut repetition = RepetitionWatch::default();
        let mut text_loop = None;
        let mut is_enough = |text: &str| {
            if text.is_empty() {
                acceptance.is_accepted.set(true);
                acceptance.signal.notify_one();
            } else {
                text_loop = repetition.check(text);
            }
            text_loop.is_some()
        };
        let interrupt = pin!(async {
            // The sender outlives every request.
            let _ = is_cut.wait_for(|is_cut| *is_cut).await;
        });
        let started = Instant::now();
        let exchange = client.ask(&self.body, &mut is_enough, interrupt).await;
        EndedRequest {
            conversation: self.conversation,
            request: self.request,
            forms: self.forms,
            exchange,
            text_loop,
            reservation: self.reservation,
            started,
        }
    }
}

/// Waits for the first of all that can happen.
async fn wait_for_event(
    open: &mut OpenRequests<'_>,
    until: Option<Instant>,
    acceptance: &Notify,
    interrupt: Option<Pin<&mut impl Future<Output = ()>>>,
) -> RunWake {
    let ended = pin!(async {
        match open.next().await {
            Some(ended) => RunWake::Ended(Box::new(ended)),
            None => pending().await,
        }
    });
    let moment = pin!(async {
        match until {
            Some(until) => sleep_until(until).await,
            None => pending().await,
        }
    });
    let accepted = pin!(acceptance.notified());
    let interrupted = pin!(async {
        match interrupt {
            Some(interrupt) => interrupt.await,
            None => pending().await,
        }
    });
    match select(interrupted, select(ended, select(moment, accepted))).await {
        Either::Left(_) => RunWake::Interrupted,
        Either::Right((Either::Left((wake, _)), _)) => wake,
        Either::Right((Either::Right(_), _)) => RunWake::Other,
    }
}
