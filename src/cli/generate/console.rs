//! Shows what happens in a run: a progress bar on a terminal, and a line for what a person should know.

use pressrun_generate::journal::Verdict;
use pressrun_generate::run::RunEvent;
use pressrun_posts::diagnostic::quote_for_message;

use super::verdict_name;
use crate::cli::build::format_duration;
use crate::cli::progress::{ProgressReporter, ProgressUnit};
use crate::cli::terminal::Terminal;

/// Most lines about single topics without `--verbose`.
const SHOWN: usize = 50;

/// Prints the events of a run.
pub(super) struct RunConsole<'t> {
    terminal: &'t Terminal,
    progress: ProgressReporter,
    printed: usize,
}

impl<'t> RunConsole<'t> {
    pub(super) fn new(terminal: &'t Terminal, topics: usize) -> Self {
        let progress = ProgressReporter::new(terminal.shows_progress());
        progress.begin("asking", ProgressUnit::Topics, topics as u64);
        Self {
            terminal,
            progress,
            printed: 0,
        }
    }

    /// Shows an event.
    pub(super) fn show(&mut self, event: &RunEvent<'_>) {
        match event {
            RunEvent::Sent { .. } => {}
            RunEvent::Waiting { time } => {
                let time = format_duration(*time);
                self.print(&format!("waiting for {time}, as the server asks"));
            }
            RunEvent::Failed {
                topic,
                message,
                will_retry,
            } => {
                let topic = quote_for_message(&topic.text);
                if *will_retry {
                    if self.terminal.shows_all() {
                        self.print(&format!("{topic}: {message}; it is asked again"));
                    }
                } else {
                    self.print(&format!("{topic}: {message}"));
                    self.progress.advance(1);
                }
            }
            RunEvent::Covered { topic, other } => {
                let topic = quote_for_message(&topic.text);
                self.print(&format!("{topic} is not asked: the post {other} covers it"));
                self.progress.advance(1);
            }
            RunEvent::Judged { topic, judgement } => {
                self.progress.advance(1);
                let is_accepted = judgement.verdict == Verdict::Accepted;
                if is_accepted && !self.terminal.shows_all() {
                    return;
                }
                let topic = quote_for_message(&topic.text);
                let name = verdict_name(judgement.verdict);
                let mut line = format!("{topic}: {name}");
                for reason in &judgement.findings {
                    line.push_str(": ");
                    line.push_str(reason);
                }
                self.print(&line);
            }
        }
    }

    fn print(&mut self, line: &str) {
        self.printed += 1;
        if self.printed <= SHOWN || self.terminal.shows_all() {
            self.progress
                .print_aside(|| self.terminal.print_aside(line));
        }
    }

    /// Removes the bar, and says how many lines were not printed.
    pub(super) fn finish(self) {
        self.progress.end();
        let more = self.printed.saturating_sub(SHOWN);
        if more > 0 && !self.terminal.shows_all() {
            let text = format!("… and {more} more; --verbose prints all");
            self.terminal.print_aside(&text);
        }
    }
}
