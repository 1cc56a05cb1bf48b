//! Judges the texts that batches brought. Nothing is asked for: what is not good waits for `--again`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use pressrun_posts::diagnostic::quote_for_message;
use pressrun_posts::parse::reply::GenerationEnd;
use pressrun_site::error::Result;

use super::SwappedTexts;
use crate::client::FinishReason;
use crate::journal::{AnsweredRecord, Journal, JournalRecord, JudgedRecord, TopicPhase, Verdict};
use crate::judge::Judgement;
use crate::site_judge::ReplyJudge;
use crate::topic::Topic;

/// Judges the texts from batches that are not judged yet. Returns the number of each verdict.
///
/// A text that was swapped is judged by the topic that it is about, because the user is told of it.
///
/// # Errors
///
/// Returns what the machine refused.
pub fn judge_results(
    journal: &mut Journal,
    judge: &mut dyn ReplyJudge,
    swapped: &[SwappedTexts],
) -> Result<BTreeMap<Verdict, usize>> {
    let is_open =
        |(_, state): &(&Arc<str>, &crate::journal::TopicState)| state.phase == TopicPhase::Answered;
    let open: Vec<Arc<str>> = journal
        .states()
        .filter(is_open)
        .map(|(id, _)| Arc::clone(id))
        .collect();
    let others: HashMap<&str, &str> = swapped
        .iter()
        .filter(|texts| !texts.is_same_text)
        .map(|texts| (&*texts.id, &*texts.other))
        .collect();
    let mut verdicts = BTreeMap::new();
    for id in open {
        let Some(answer) = read_answer_of_batch(journal, &id)? else {
            continue;
        };
        let mut topic = read_topic(journal, &id)?;
        let other = others.get(&*id).copied();
        if let Some(other) = other {
            topic.text = read_topic(journal, other)?.text;
        }
        let mut judgement = judge_answer(judge, &topic, &answer);
        judgement.findings.extend(
            other.map(|other| format!("the text fits the topic of {}", quote_for_message(other))),
        );
        if judgement.verdict == Verdict::Accepted {
            judge.add_reply(&topic, &answer.text);
        }
        *verdicts.entry(judgement.verdict).or_default() += 1;
        journal.append(&JournalRecord::Judged(JudgedRecord {
            id: id.to_string(),
            at: Timestamp::now(),
            verdict: judgement.verdict,
            findings: judgement.findings,
            title: judgement.title,
            other: judgement.other,
        }))?;
    }
    Ok(verdicts)
}

/// Reads the newest text of a topic, if it came from a batch.
fn read_answer_of_batch(journal: &Journal, id: &str) -> Result<Option<AnsweredRecord>> {
    let place = journal.state(id).and_then(|state| state.text);
    let record = place.map(|place| journal.read_record(place)).transpose()?;
    Ok(match record {
        Some(JournalRecord::Answered(record)) if record.batch.is_some() => Some(record),
        _ => None,
    })
}

/// Reads the topic of an id.
fn read_topic(journal: &Journal, id: &str) -> Result<Topic> {
    let place = journal.state(id).and_then(|state| state.topic);
    let topic = match place.map(|place| journal.read_record(place)).transpose()? {
        Some(JournalRecord::Batched(record)) => record.topic,
        Some(JournalRecord::Asked(record)) => record.topic,
        _ => None,
    };
    Ok(topic.unwrap_or_else(|| Topic {
        id: id.to_owned(),
        ..Topic::default()
    }))
}

fn judge_answer(judge: &dyn ReplyJudge, topic: &Topic, answer: &AnsweredRecord) -> Judgement {
    if let Some(refusal) = &answer.refusal {
        return Judgement::refused(format!("the model refuses: {refusal}"));
    }
    let ending = match answer.finish.as_deref().map(FinishReason::parse) {
        Some(FinishReason::Filtered) => {
            return Judgement::refused("the content filter of the service stopped the answer");
        }
        Some(FinishReason::Refused) => return Judgement::refused("the model refuses"),
        Some(FinishReason::Stop) => GenerationEnd::Finished,
        Some(FinishReason::Length | FinishReason::Error) => GenerationEnd::CutOff,
        _ => GenerationEnd::Unknown,
    };
    judge.judge_reply(topic, &answer.text, ending)
}
