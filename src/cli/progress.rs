//! Shows a progress bar on a terminal, and nothing elsewhere. The only user of indicatif.

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
