//! The summary of a run, with what to do next.

use std::fmt::Write;
use std::path::PathBuf;

use pressrun_generate::journal::{REPLIES_FILE, TokenUsage, Verdict};
use pressrun_generate::run::{RunOutcome, StopKind};
use pressrun_generate::selection::TopicSelection;
use pressrun_text::numbers::group_thousands;
use serde_json::{Map, Value, json};

use super::ledger::{describe_tokens, format_cost, tokens_to_json};
use super::plan::describe_changed;
use super::{again_word, verdict_name};
use crate::cli::ingest::format_ledger;
use crate::cli::terminal::{count_with_noun, typed_path};
use crate::ingest::IngestReport;

/// What a run has done.
pub(super) struct RunSummary<'a> {
    pub(super) outcome: &'a RunOutcome,
    pub(super) selection: &'a TopicSelection,
    /// The number of records in `replies.jsonl`.
    pub(super) replies: usize,
    /// What ingestion has done, if it ran.
    pub(super) ingested: Option<&'a IngestReport>,
    /// The number of generated posts of the site that nobody has approved as they are.
    pub(super) unapproved: usize,
    /// The folder of the journal.
    pub(super) folder: PathBuf,
}

impl RunSummary<'_> {
    /// Returns whether every topic has an accepted reply, or a post that covers it.
    pub(super) fn has_all(&self) -> bool {
        let selection = self.selection;
        let asked = selection.to_ask.len() + selection.to_finish.len();
        let accepted = self.count(Verdict::Accepted) + self.outcome.covered;
        accepted == asked
            && selection.not_accepted.is_empty()
            && selection.failed + selection.waiting + selection.left == 0
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.outcome.judged.get(&verdict).copied().unwrap_or(0)
    }

    /// Formats the summary for a person.
    pub(super) fn format(&self) -> String {
        let outcome = self.outcome;
        let mut text = count_with_noun(outcome.requests as usize, "request", "requests");
        if outcome.spent != TokenUsage::default() {
            let _ = write!(text, "; {}", describe_tokens(outcome.spent));
        }
        if let Some(cost) = outcome.cost {
            let _ = write!(text, "; cost {}", format_cost(cost));
        }
        text.push('\n');
        let mut line = |count: usize, what: &str| {
            if count > 0 {
                let _ = writeln!(text, "{:>9} {what}", group_thousands(count));
            }
        };
        for (&verdict, &count) in &outcome.judged {
            let name = verdict_name(verdict);
            if verdict == Verdict::Accepted {
                line(count, name);
            } else {
                let word = again_word(verdict);
                line(count, &format!("{name}; `--again {word}` asks again"));
            }
        }
        line(outcome.failed, "failed");
        line(
            outcome.covered,
            "not asked, because a post covers the topic",
        );
        line(self.selection.done, "accepted before");
        for (verdict, count) in &self.selection.not_accepted {
            let (name, word) = (verdict_name(*verdict), again_word(*verdict));
            line(
                *count,
                &format!("{name} before; `--again {word}` asks again"),
            );
        }
        line(
            self.selection.failed,
            "failed before; `--again failed` asks again",
        );
        line(self.selection.waiting, "waiting for the results of a batch");
        line(self.selection.left, "left for a later run by --limit");
        text += &describe_changed(self.selection);
        if self.selection.lost > 0 {
            let lost = count_with_noun(self.selection.lost, "request", "requests");
            let _ = writeln!(text, "{lost} of earlier runs had no outcome");
        }
        text + &self.describe_files()
    }

    fn describe_files(&self) -> String {
        let replies = typed_path(&self.folder.join(REPLIES_FILE));
        let Some(report) = self.ingested else {
            return match self.replies {
                0 => String::new(),
                _ => format!("kept in {replies}; `pressrun ingest {replies}` makes drafts of them"),
            };
        };
        let mut text = format_ledger(report, false);
        if self.unapproved > 0 {
            let posts = count_with_noun(self.unapproved, "post waits", "posts wait");
            let _ = write!(
                text,
                "\n{posts} for an approval\nnext: read and approve them with `pressrun serve --review --open`"
            );
        }
        text
    }

    /// Returns the summary as JSON.
    pub(super) fn to_json(&self) -> Value {
        let outcome = self.outcome;
        let mut judged = Map::new();
        for verdict in [
            Verdict::Accepted,
            Verdict::CutOff,
            Verdict::Refused,
            Verdict::OffFormat,
            Verdict::OffList,
            Verdict::NearDuplicate,
        ] {
            let key = verdict_name(verdict).replace([' ', '-'], "_");
            judged.insert(key, json!(self.count(verdict)));
        }
        let stopped = outcome.stop.as_ref().map(|stop| {
            let kind = match stop.kind {
                StopKind::Refused => "refused",
                StopKind::Budget => "budget",
                StopKind::Time => "time",
                StopKind::Interrupted => "interrupted",
            };
            json!({"kind": kind, "message": stop.message, "help": stop.help})
        });
        let ingested = self.ingested.map(|report| {
            let ledger = report.ledger;
            json!({
                "folder": report.folder.display().to_string(),
                "written": ledger.written,
                "updated": ledger.updated,
                "unchanged": ledger.unchanged,
                "kept": ledger.kept,
                "rejected": ledger.rejected,
                "drafts": ledger.drafts,
            })
        });
        json!({
            "requests": outcome.requests,
            "tokens": tokens_to_json(outcome.spent),
            "cost": outcome.cost,
            "judged": judged,
            "failed": outcome.failed,
            "covered": outcome.covered,
            "accepted_before": self.selection.done,
            "changed_prompt": self.selection.changed,
            "in_batch": self.selection.waiting,
            "left_by_limit": self.selection.left,
            "lost_requests": self.selection.lost,
            "replies": self.replies,
            "ingested": ingested,
            "unapproved": self.unapproved,
            "stopped": stopped,
        })
    }
}
