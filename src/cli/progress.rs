//! Shows a progress bar on a terminal, and nothing elsewhere. The only user of indicatif.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The progress of a long piece of work.
pub(super) struct ProgressReporter {
    bar: ProgressBar,
}

/// The unit in which work is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProgressUnit {
    Bytes,
    Files,
    Topics,
}

impl ProgressReporter {
    /// Creates a bar on standard error, or a hidden one.
    pub(super) fn new(shown: bool) -> Self {
        let bar = if shown {
            // The length is set when the work begins.
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        Self { bar }
    }

    /// Resets the bar for the next piece of work.
    pub(super) fn begin(&self, what: &'static str, unit: ProgressUnit, units: u64) {
        let numbers = match unit {
            ProgressUnit::Bytes => "{bytes} of {total_bytes}",
            ProgressUnit::Topics => "{human_pos} of {human_len} topics",
            ProgressUnit::Files => "{human_pos} of {human_len} files",
        };
        let template = format!("{{msg}} {{bar:30}} {numbers}, {{eta}} left");
        let style = ProgressStyle::with_template(&template).expect("the template is well-formed");
        self.bar.set_style(style);
        // Otherwise the estimate would include the time of the previous part.
        self.bar.reset();
        self.bar.set_length(units);
        self.bar.set_message(what);
    }

    /// Advances the bar by this many units.
    pub(super) fn advance(&self, units: u64) {
        self.bar.inc(units);
    }

    /// Hides the bar while `print` prints something else.
    pub(super) fn print_aside(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Removes the bar.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for ProgressReporter {
    fn drop(&mut self) {
        self.end();
    }
}

/// How long a build takes before its stages are shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// The line with the stage of the build that this process runs.
static STAGE_LINE: OnceLock<ProgressBar> = OnceLock::new();

/// Shows which stage of a build runs, from its second second on, until it is dropped.
pub(super) struct StageReporter;

impl StageReporter {
    /// Begins with a build. Nothing is ever shown if `shown` is false.
    pub(super) fn begin(shown: bool) -> Self {
        if shown {
            let bar = STAGE_LINE.get_or_init(ProgressBar::hidden).clone();
            let style = ProgressStyle::with_template("{spinner} {msg}, {elapsed}");
            bar.set_style(style.expect("the template is well-formed"));
            thread::spawn(move || {
                thread::sleep(PATIENCE);
                if !bar.is_finished() {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                    bar.enable_steady_tick(Duration::from_millis(200));
                }
            });
        }
        Self
    }

    /// Shows the name of a stage.
    pub(super) fn show_stage(name: &'static str) {
        if let Some(bar) = STAGE_LINE.get() {
            bar.set_message(name);
        }
    }

    /// Hides the line while `print` prints something else.
    pub(super) fn print_aside(print: impl FnOnce()) {
        match STAGE_LINE.get() {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Drop for StageReporter {
    fn drop(&mut self) {
        if let Some(bar) = STAGE_LINE.get() {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_well_formed() {
        let progress = ProgressReporter::new(false);
        progress.begin("reading", ProgressUnit::Bytes, 10);
        progress.begin("writing", ProgressUnit::Files, 10);
        progress.advance(1);
    }
}
