//! Which topics a run asks for: those that the journal does not know, and those of `--again`.

use pressrun_posts::diagnostic::Diagnostic;
use pressrun_site::config::find_nearest_name;

use crate::journal::{FailureClass, Journal, TopicPhase, TopicState, Verdict};
use crate::prompt::PromptTemplates;
use crate::topic::Topic;

/// Topics that are asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgainTopics {
    /// Those whose request failed.
    Failed,
    /// Those whose reply has this verdict.
    Judged(Verdict),
    /// Those that were answered under another prompt.
    Changed,
    /// All.
    All,
    /// The one with this ID.
    WithId(String),
}

/// The words that `--again` takes besides IDs.
pub const AGAIN_WORDS: [&str; 8] = [
    "failed",
    "cut-off",
    "refused",
    "off-format",
    "off-list",
    "near-duplicate",
    "changed",
    "all",
];

impl AgainTopics {
    /// Parses a value of `--again`: a kind, or an ID.
    pub fn parse(text: &str) -> Self {
        match text {
            "failed" => Self::Failed,
            "cut-off" => Self::Judged(Verdict::CutOff),
            "refused" => Self::Judged(Verdict::Refused),
            "off-format" => Self::Judged(Verdict::OffFormat),
            "off-list" => Self::Judged(Verdict::OffList),
            "near-duplicate" => Self::Judged(Verdict::NearDuplicate),
            "changed" => Self::Changed,
            "all" => Self::All,
            id => Self::WithId(id.to_owned()),
        }
    }

    fn includes(&self, topic: &Topic, state: &TopicState, is_changed: bool) -> bool {
        match self {
            Self::Failed => matches!(state.phase, TopicPhase::Failed(_)),
            Self::Judged(verdict) => state.verdict() == Some(*verdict),
            Self::Changed => is_changed,
            Self::All => true,
            Self::WithId(id) => *id == topic.id,
        }
    }
}

/// A topic with what a run needs to know of it before it is asked.
#[derive(Debug, Clone)]
pub struct SelectedTopic {
    /// The topic.
    pub topic: Topic,
    /// The bytes of its prompt.
    pub prompt_bytes: usize,
}

/// The topics of a run, sorted by what happens to them.
#[derive(Debug, Default)]
pub struct TopicSelection {
    /// Those to ask, in the order of the lists.
    pub to_ask: Vec<SelectedTopic>,
    /// Those with a text that was not judged, because an earlier run ended before: they are judged,
    /// and only asked for what is missing.
    pub to_finish: Vec<SelectedTopic>,
    /// The number with an accepted reply that are not asked again.
    pub done: usize,
    /// The number of these whose reply was accepted under another prompt.
    pub changed: usize,
    /// The number that wait for the results of a batch.
    pub waiting: usize,
    /// The number whose reply was not accepted, by verdict, and that are not asked again.
    pub not_accepted: Vec<(Verdict, usize)>,
    /// The number that failed and are not asked again.
    pub failed: usize,
    /// The number that `--limit` leaves for a later run.
    pub left: usize,
    /// The number of requests of earlier runs that have no outcome.
    pub lost: usize,
}

/// Sorts topics by what the journal says about them. At most `limit` are asked.
///
/// # Errors
///
/// Returns what is wrong with the template of a topic, or the ID of `--again` that no topic has.
pub fn select_topics(
    topics: Vec<Topic>,
    journal: &Journal,
    templates: &PromptTemplates,
    again: &[AgainTopics],
    limit: Option<usize>,
) -> Result<TopicSelection, Diagnostic> {
    let mut selection = TopicSelection::default();
    for topic in topics {
        let prompt = templates.render(&topic)?;
        let selected = SelectedTopic {
            prompt_bytes: prompt.count_bytes(),
            topic,
        };
        let Some(state) = journal.state(&selected.topic.id) else {
            selection.ask(selected, limit);
            continue;
        };
        selection.lost += state.open.len();
        let is_changed = state
            .accepted
            .as_ref()
            .is_some_and(|reply| *reply.prompt_hash != *prompt.prompt_hash);
        let asks_again = again
            .iter()
            .any(|again| again.includes(&selected.topic, state, is_changed));
        if asks_again || state.needs_asking() {
            selection.ask(selected, limit);
        } else if state.phase == TopicPhase::Answered {
            selection.to_finish.push(selected);
        } else if state.is_done() {
            selection.done += 1;
            selection.changed += usize::from(is_changed);
        } else {
            selection.count_open(state);
        }
    }
    selection.not_accepted.sort_unstable();
    Ok(selection)
}

impl TopicSelection {
    fn ask(&mut self, topic: SelectedTopic, limit: Option<usize>) {
        if limit.is_some_and(|limit| self.to_ask.len() >= limit) {
            self.left += 1;
        } else {
            self.to_ask.push(topic);
        }
    }

    fn count_open(&mut self, state: &TopicState) {
        match state.phase {
            TopicPhase::Batched => self.waiting += 1,
            TopicPhase::Failed(FailureClass::Topic) => self.failed += 1,
            TopicPhase::Judged(verdict) => {
                let known = self.not_accepted.iter_mut().find(|(of, _)| *of == verdict);
                match known {
                    Some((_, count)) => *count += 1,
                    None => self.not_accepted.push((verdict, 1)),
                }
            }
            // All other phases are asked or finished.
            _ => {}
        }
    }
}

/// Returns the first ID of `--again` that no topic has, and the kind that was probably meant.
pub fn find_unknown_again<'a>(
    again: &'a [AgainTopics],
    topics: &[Topic],
) -> Option<(&'a str, Option<&'static str>)> {
    again.iter().find_map(|again| match again {
        AgainTopics::WithId(id) if !topics.iter().any(|topic| topic.id == *id) => {
            Some((id.as_str(), find_nearest_name(id, &AGAIN_WORDS)))
        }
        _ => None,
    })
}
