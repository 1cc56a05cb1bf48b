//! What the records of a journal say about each topic.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::RecordPlace;
use super::record::{
    AnsweredRecord, AskedRecord, BatchedRecord, FailedRecord, FailureClass, JournalRecord,
    JudgedRecord, RequestPurpose, TokenUsage, Verdict,
};

/// Where a topic stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TopicPhase {
    /// Nothing is known.
    #[default]
    New,
    /// A request was sent and has no outcome yet, or was lost.
    Asked,
    /// There is a text that is not judged.
    Answered,
    /// The newest text is judged.
    Judged(Verdict),
    /// The last request failed.
    Failed(FailureClass),
    /// It waits for the results of a batch.
    Batched,
}

/// The reply of a topic that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedReply {
    /// The record that holds its text.
    pub text: RecordPlace,
    /// The hash of its prompt.
    pub prompt_hash: Arc<str>,
    /// The hash of its template.
    pub template_hash: Arc<str>,
}

/// What a journal says about one topic.
///
/// It holds no texts, only the places of the records that do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TopicState {
    /// Where the topic stands.
    pub phase: TopicPhase,
    /// The newest record that holds the whole topic.
    pub topic: Option<RecordPlace>,
    /// The newest whole text: an answer, or what several were joined to.
    pub text: Option<RecordPlace>,
    /// The continuations that are not joined with [`TopicState::text`] yet.
    pub parts: Vec<RecordPlace>,
    /// The newest judgement.
    pub judged: Option<RecordPlace>,
    /// The newest failure.
    pub failed: Option<RecordPlace>,
    /// The reply that was accepted last. It stays when a later one is not accepted.
    pub accepted: Option<AcceptedReply>,
    /// The requests that have no outcome yet. In a journal that was just opened, they are lost.
    pub open: Vec<u64>,
    /// The number of requests, with those that were lost.
    pub requests: u32,
    /// The number of failed requests.
    pub failures: u32,
    /// The number of continuations and header requests since the newest reply.
    pub continuations: u32,
    /// The number of header requests since the newest reply.
    pub repairs: u32,
    /// The model of the newest request.
    pub model: Arc<str>,
    /// The name of the template of the newest request.
    pub template: Arc<str>,
    /// The hash of the prompt of the newest request for a reply.
    pub prompt_hash: Arc<str>,
    /// The hash of the template of the newest request for a reply.
    pub template_hash: Arc<str>,
}

impl TopicState {
    /// Returns whether the topic has an accepted reply, so that it is not asked again by itself.
    pub fn is_done(&self) -> bool {
        self.accepted.is_some()
    }

    /// Returns whether a run asks for the topic without being told to: it was never answered, and
    /// the topic itself is not what failed.
    pub fn needs_asking(&self) -> bool {
        let phase_asks = match self.phase {
            TopicPhase::New | TopicPhase::Asked => true,
            TopicPhase::Failed(class) => class != FailureClass::Topic,
            TopicPhase::Answered | TopicPhase::Judged(_) | TopicPhase::Batched => false,
        };
        phase_asks && !self.is_done()
    }

    /// Returns the verdict on the newest text.
    pub fn verdict(&self) -> Option<Verdict> {
        match self.phase {
            TopicPhase::Judged(verdict) => Some(verdict),
            _ => None,
        }
    }
}

/// The requests that were sent to one model with one template.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceTotals {
    /// The number of requests, with those that were lost.
    pub requests: u64,
    /// The number of failed requests.
    pub failures: u64,
    /// The tokens of all answers that stated them; `None` if none did.
    pub usage: Option<TokenUsage>,
    /// The number of answers that did not state their tokens.
    pub uncounted: u64,
    /// The cost of the tokens; `None` if it was never known.
    pub cost: Option<f64>,
}

/// The states of all topics, and totals.
#[derive(Debug, Default)]
pub(super) struct JournalStates {
    /// In the order in which the journal names them first.
    pub(super) topics: Vec<(Arc<str>, TopicState)>,
    index: HashMap<Arc<str>, usize>,
    /// By model and template.
    pub(super) totals: BTreeMap<(Arc<str>, Arc<str>), SourceTotals>,
    pub(super) last_request: u64,
    /// One copy of each string that many states share.
    shared: HashMap<Box<str>, Arc<str>>,
}

impl JournalStates {
    pub(super) fn find(&self, id: &str) -> Option<&TopicState> {
        self.index.get(id).map(|&at| &self.topics[at].1)
    }

    /// Applies a record that is written at `place`.
    pub(super) fn apply(&mut self, record: &JournalRecord, place: RecordPlace) {
        match record {
            JournalRecord::Asked(record) => self.apply_asked(record, place),
            JournalRecord::Answered(record) => self.apply_answered(record, place),
            JournalRecord::Failed(record) => self.apply_failed(record, place),
            JournalRecord::Joined(record) => {
                let state = self.state_of(&record.id);
                state.text = Some(place);
                state.parts.clear();
                state.phase = TopicPhase::Answered;
            }
            JournalRecord::Judged(record) => self.apply_judged(record, place),
            JournalRecord::Batched(record) => self.apply_batched(record, place),
            JournalRecord::Unknown => {}
        }
    }

    fn apply_asked(&mut self, record: &AskedRecord, place: RecordPlace) {
        let hashes = [&record.prompt_hash, &record.template_hash].map(|hash| self.share(hash));
        let asks = [&record.model, &record.template];
        let state = self.begin_request(&record.id, record.request, asks);
        state.open.push(record.request);
        match record.purpose {
            RequestPurpose::Continuation => state.continuations += 1,
            RequestPurpose::Header => state.repairs += 1,
            purpose if purpose.asks_for_a_reply() => {
                [state.prompt_hash, state.template_hash] = hashes;
                state.phase = TopicPhase::Asked;
            }
            _ => {}
        }
        if record.topic.is_some() {
            state.topic = Some(place);
        }
    }

    /// Counts a request that asks a model with a template, and returns the state of its topic.
    fn begin_request(
        &mut self,
        id: &str,
        request: u64,
        [model, template]: [&String; 2],
    ) -> &mut TopicState {
        self.last_request = self.last_request.max(request);
        let (model, template) = (self.share(model), self.share(template));
        self.totals_of(&model, &template).requests += 1;
        let state = self.state_of(id);
        state.requests += 1;
        state.model = model;
        state.template = template;
        state
    }

    fn apply_answered(&mut self, record: &AnsweredRecord, place: RecordPlace) {
        self.last_request = self.last_request.max(record.request);
        let totals = self.add_usage(&record.id, record.usage, record.cost);
        totals.uncounted += u64::from(record.usage.is_none());
        let hashes = [&record.prompt_hash, &record.template_hash].map(|hash| self.share(hash));
        let state = self.state_of(&record.id);
        state.open.retain(|&request| request != record.request);
        match record.purpose {
            RequestPurpose::Continuation => state.parts.push(place),
            purpose if purpose.asks_for_a_reply() => {
                state.text = Some(place);
                state.parts.clear();
                state.judged = None;
                (state.continuations, state.repairs) = (0, 0);
                state.phase = TopicPhase::Answered;
                // An answer from a batch file may be the first that is known of its topic.
                if hashes.iter().all(|hash| !hash.is_empty()) {
                    [state.prompt_hash, state.template_hash] = hashes;
                }
            }
            // A header counts once it is joined with its body.
            _ => {}
        }
    }

    fn apply_failed(&mut self, record: &FailedRecord, place: RecordPlace) {
        self.last_request = self.last_request.max(record.request);
        self.add_usage(&record.id, record.usage, record.cost);
        let state = self.state_of(&record.id);
        let (model, template) = (state.model.clone(), state.template.clone());
        state.open.retain(|&request| request != record.request);
        state.failures += 1;
        state.failed = Some(place);
        // A continuation that fails leaves the text that there is.
        if matches!(
            state.phase,
            TopicPhase::Asked | TopicPhase::New | TopicPhase::Batched
        ) && !record.will_retry
        {
            state.phase = TopicPhase::Failed(record.class);
        }
        self.totals_of(&model, &template).failures += 1;
    }

    fn apply_judged(&mut self, record: &JudgedRecord, place: RecordPlace) {
        let state = self.state_of(&record.id);
        state.phase = TopicPhase::Judged(record.verdict);
        state.judged = Some(place);
        if record.verdict == Verdict::Accepted
            && let Some(text) = state.text
        {
            state.accepted = Some(AcceptedReply {
                text,
                prompt_hash: state.prompt_hash.clone(),
                template_hash: state.template_hash.clone(),
            });
        }
    }

    fn apply_batched(&mut self, record: &BatchedRecord, place: RecordPlace) {
        let hashes = [&record.prompt_hash, &record.template_hash].map(|hash| self.share(hash));
        let asks = [&record.model, &record.template];
        let state = self.begin_request(&record.id, record.request, asks);
        [state.prompt_hash, state.template_hash] = hashes;
        state.phase = TopicPhase::Batched;
        if record.topic.is_some() {
            state.topic = Some(place);
        }
    }

    /// Adds what an answer has used, and returns the totals of its model and template.
    fn add_usage(
        &mut self,
        id: &str,
        usage: Option<TokenUsage>,
        cost: Option<f64>,
    ) -> &mut SourceTotals {
        let state = self.state_of(id);
        let (model, template) = (state.model.clone(), state.template.clone());
        let totals = self.totals_of(&model, &template);
        if let Some(cost) = cost {
            *totals.cost.get_or_insert_default() += cost;
        }
        if let Some(usage) = usage {
            totals.usage.get_or_insert_default().add(usage);
        }
        totals
    }

    fn state_of(&mut self, id: &str) -> &mut TopicState {
        let at = if let Some(&at) = self.index.get(id) {
            at
        } else {
            let id: Arc<str> = Arc::from(id);
            self.topics.push((id.clone(), TopicState::default()));
            self.index.insert(id, self.topics.len() - 1);
            self.topics.len() - 1
        };
        &mut self.topics[at].1
    }

    fn totals_of(&mut self, model: &Arc<str>, template: &Arc<str>) -> &mut SourceTotals {
        let key = (model.clone(), template.clone());
        self.totals.entry(key).or_default()
    }

    fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(shared) = self.shared.get(text) {
            return shared.clone();
        }
        let shared: Arc<str> = Arc::from(text);
        self.shared.insert(Box::from(text), shared.clone());
        shared
    }
}
