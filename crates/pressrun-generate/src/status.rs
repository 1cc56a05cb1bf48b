//! The ledger of a journal: how topics stand, and what was spent, by model and template.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::journal::{Journal, TokenUsage, TopicPhase, TopicState, Verdict};

/// How a topic stands in the ledger. Each topic counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicStanding {
    /// Its reply becomes a post.
    Accepted,
    /// Its reply was cut off.
    CutOff,
    /// The model refused.
    Refused,
    /// Its reply is not in the form that was asked for.
    OffFormat,
    /// The category of its reply is not in the closed list.
    OffList,
    /// Its reply is nearly the same as another post.
    NearDuplicate,
    /// Its request failed.
    Failed,
    /// Its reply is not judged yet.
    NotJudged,
    /// It waits for the results of a batch.
    InBatch,
    /// It was asked, and no answer was kept.
    Unanswered,
}

impl TopicStanding {
    /// All standings, in the order of the ledger.
    pub const ALL: [Self; 10] = [
        Self::Accepted,
        Self::CutOff,
        Self::Refused,
        Self::OffFormat,
        Self::OffList,
        Self::NearDuplicate,
        Self::Failed,
        Self::NotJudged,
        Self::InBatch,
        Self::Unanswered,
    ];

    /// Returns the name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::CutOff => "cut off",
            Self::Refused => "refused",
            Self::OffFormat => "off format",
            Self::OffList => "off list",
            Self::NearDuplicate => "near-duplicate",
            Self::Failed => "failed",
            Self::NotJudged => "not judged yet",
            Self::InBatch => "in a batch",
            Self::Unanswered => "asked, without an answer",
        }
    }

    /// Returns the key in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::CutOff => "cut_off",
            Self::Refused => "refused",
            Self::OffFormat => "off_format",
            Self::OffList => "off_list",
            Self::NearDuplicate => "near_duplicate",
            Self::Failed => "failed",
            Self::NotJudged => "not_judged",
            Self::InBatch => "in_batch",
            Self::Unanswered => "unanswered",
        }
    }

    fn of_state(state: &TopicState) -> Self {
        if state.is_done() {
            return Self::Accepted;
        }
        match state.phase {
            TopicPhase::New | TopicPhase::Asked => Self::Unanswered,
            TopicPhase::Answered => Self::NotJudged,
            TopicPhase::Failed(_) => Self::Failed,
            TopicPhase::Batched => Self::InBatch,
            TopicPhase::Judged(verdict) => match verdict {
                Verdict::Accepted => Self::Accepted,
                Verdict::CutOff => Self::CutOff,
                Verdict::Refused => Self::Refused,
                Verdict::OffFormat | Verdict::Unknown => Self::OffFormat,
                Verdict::OffList => Self::OffList,
                Verdict::NearDuplicate => Self::NearDuplicate,
            },
        }
    }
}

/// What one model did with one template, or all of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LedgerRow {
    /// The number of topics of each standing; those of the model and template asked last.
    pub topics: BTreeMap<TopicStanding, usize>,
    /// The number of requests, with those that were lost.
    pub requests: u64,
    /// The number of requests that failed.
    pub failures: u64,
    /// The tokens that the server counted; `None` if it never did.
    pub usage: Option<TokenUsage>,
    /// The number of answers whose tokens the server did not count.
    pub uncounted: u64,
    /// The cost of these tokens, as far as there was a price; `None` if there never was.
    pub cost: Option<f64>,
}

impl LedgerRow {
    /// Returns the number of topics of a standing.
    pub fn count(&self, standing: TopicStanding) -> usize {
        self.topics.get(&standing).copied().unwrap_or(0)
    }

    /// Returns the number of all topics.
    pub fn count_topics(&self) -> usize {
        self.topics.values().sum()
    }

    fn add(&mut self, other: &Self) {
        for (standing, count) in &other.topics {
            *self.topics.entry(*standing).or_default() += count;
        }
        self.requests += other.requests;
        self.failures += other.failures;
        if let Some(usage) = other.usage {
            self.usage.get_or_insert_default().add(usage);
        }
        self.uncounted += other.uncounted;
        if let Some(cost) = other.cost {
            *self.cost.get_or_insert_default() += cost;
        }
    }
}

/// The ledger of a journal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GenerateLedger {
    /// The sum of all rows.
    pub total: LedgerRow,
    /// By model and template.
    pub rows: BTreeMap<(Arc<str>, Arc<str>), LedgerRow>,
    /// The number of requests that have no outcome.
    pub lost: usize,
}

impl GenerateLedger {
    /// Counts what a journal holds.
    pub fn from_journal(journal: &Journal) -> Self {
        let mut ledger = Self::default();
        for (model, template, totals) in journal.totals() {
            let key = (Arc::from(model), Arc::from(template));
            let row: &mut LedgerRow = ledger.rows.entry(key).or_default();
            row.requests = totals.requests;
            row.failures = totals.failures;
            row.usage = totals.usage;
            row.uncounted = totals.uncounted;
            row.cost = totals.cost;
        }
        for (_, state) in journal.states() {
            let key = (state.model.clone(), state.template.clone());
            let row = ledger.rows.entry(key).or_default();
            *row.topics
                .entry(TopicStanding::of_state(state))
                .or_default() += 1;
            ledger.lost += state.open.len();
        }
        for row in ledger.rows.values() {
            ledger.total.add(row);
        }
        ledger
    }
}
