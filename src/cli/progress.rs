//! A progress bar on a terminal; elsewhere nothing. The only user of indicatif.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far a long piece of work is.
pub(super) struct Progress {
    bar: ProgressBar,
}

/// What the units of a piece of work are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Bytes,
    Files,
}

impl Progress {
    /// A bar on standard error, or nothing.
    pub(super) fn new(shown: bool) -> Self {
        let bar = if shown {
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        Self { bar }
    }

    /// Starts anew, for other work.
    pub(super) fn begin(&self, what: &'static str, unit: Unit, units: u64) {
        let numbers = match unit {
            Unit::Bytes => "{bytes} of {total_bytes}",
            Unit::Files => "{human_pos} of {human_len} files",
        };
        let template = format!("{{msg}} {{bar:30}} {numbers}, {{eta}} left");
        let style = ProgressStyle::with_template(&template).expect("the template is well-formed");
        self.bar.set_style(style);
        self.bar.reset();
        self.bar.set_length(units);
        self.bar.set_message(what);
    }

    /// So many units more are done.
    pub(super) fn advance(&self, units: u64) {
        self.bar.inc(units);
    }

    /// Prints something else without tearing the bar.
    pub(super) fn aside(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_well_formed() {
        let progress = Progress::new(false);
        progress.begin("reading", Unit::Bytes, 10);
        progress.begin("writing", Unit::Files, 10);
        progress.advance(1);
    }
}
