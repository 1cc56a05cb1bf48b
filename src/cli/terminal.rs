//! Prints to the terminal.

use std::collections::BTreeMap;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::args::{Color, Global};
use crate::diagnostic::report::{self, Style};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::pipeline;
use crate::render::Failure;
use crate::text::numbers::grouped;

/// Findings of one code that are shown unless all are asked for.
const SHOWN: usize = 3;

/// Rejected replies that are shown unless all are asked for.
const SHOWN_ERRORS: usize = 50;

/// Says that another process is waited for.
pub(super) fn waiting() {
    let text = b"waiting for another pressrun that works on this site\n";
    let _ = std::io::stderr().lock().write_all(text);
}

/// Where a command prints, and how.
#[derive(Clone)]
pub(super) struct Terminal {
    out: Style,
    err: Style,
    quiet: bool,
    verbose: bool,
    /// Whether a workflow of GitHub reads what is printed, and takes some lines for commands.
    in_workflow: bool,
    /// Why a result could not be printed.
    unprinted: Arc<OnceLock<std::io::Error>>,
}

impl Terminal {
    pub(super) fn new(global: &Global) -> Self {
        let style = |is_terminal: bool| Style {
            color: match global.color {
                Color::Always => true,
                Color::Never => false,
                Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none(),
            },
        };
        Self {
            out: style(std::io::stdout().is_terminal()),
            err: style(std::io::stderr().is_terminal()),
            quiet: global.quiet,
            verbose: global.verbose,
            in_workflow: std::env::var_os("GITHUB_ACTIONS").is_some(),
            unprinted: Arc::default(),
        }
    }

    /// How results are drawn.
    pub(super) fn style(&self) -> Style {
        self.out
    }

    /// Whether findings of a severity are shown: notes only when all is asked for.
    pub(super) fn shows(&self, severity: Severity) -> bool {
        severity > Severity::Info || self.verbose
    }

    /// Whether everything is shown, not only the first of each kind.
    pub(super) fn shows_all(&self) -> bool {
        self.verbose
    }

    /// Prints a result for a person.
    pub(super) fn result(&self, text: &str) {
        self.data(&self.harmless(self.out, text));
    }

    /// Prints JSON. What could command a terminal is written with its number.
    pub(super) fn json(&self, value: &serde_json::Value) {
        let mut text = String::new();
        for c in value.to_string().chars() {
            if report::commands(c) {
                text += &format!("\\u{:04x}", u32::from(c));
            } else {
                text.push(c);
            }
        }
        if self.in_workflow {
            text = text.replace("##[", "#\\u0023[");
        }
        self.data(&(text + "\n"));
    }

    /// Prints a result for a program, as it is.
    pub(super) fn data(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if let Err(error) = printed
            // A reader that has gone away, `pressrun check | head`, is no error.
            && error.kind() != ErrorKind::BrokenPipe
        {
            // The first reason is the one to tell.
            let _ = self.unprinted.set(error);
        }
    }

    /// Says whether all results could be printed, and prints why not.
    pub(super) fn has_printed_all(&self) -> bool {
        let Some(error) = self.unprinted.get() else {
            return true;
        };
        self.error(&format!("cannot print the result: {error}"));
        false
    }

    /// A text of which nothing commands the terminal, or the workflow that reads it.
    fn harmless(&self, style: Style, text: &str) -> String {
        let text = style.harmless(text);
        if self.in_workflow {
            no_workflow_commands(&text)
        } else {
            text
        }
    }

    /// Prints a line about what was done, unless only what is wrong is to be shown.
    pub(super) fn status(&self, line: &str) {
        if !self.quiet {
            self.result(&format!("{line}\n"));
        }
    }

    /// Prints what is wrong, with the reason of the machine or the lines of the site.
    pub(super) fn failure(&self, root: &Path, failure: &Failure) {
        match failure {
            Failure::Machine(error) => self.note(&self.err.draw_refusal(error)),
            Failure::Site(diagnostics) => {
                self.refused(root, diagnostics, "nothing was written");
            }
        }
    }

    /// Prints what stopped a command, with the lines of the site, and what that means.
    pub(super) fn refused(&self, root: &Path, diagnostics: &[Diagnostic], so: &str) {
        self.diagnostics(root, diagnostics);
        self.note(&self.total(diagnostics, so));
    }

    /// Prints what is wrong while something else goes on.
    pub(super) fn trouble(&self, root: &Path, failure: &Failure) {
        match failure {
            Failure::Machine(_) => self.failure(root, failure),
            Failure::Site(diagnostics) => self.diagnostics(root, diagnostics),
        }
    }

    fn diagnostics(&self, root: &Path, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            let line = pipeline::source_line(root, diagnostic);
            self.note(&format!("{}\n", self.err.draw(diagnostic, line.as_deref())));
        }
    }

    /// Prints a text about what is wrong as it is.
    pub(super) fn drawn(&self, text: &str) {
        self.note(&format!("{text}\n"));
    }

    /// Prints findings about the content: errors first, then warnings, a few of each code.
    pub(super) fn findings(&self, diagnostics: &[Diagnostic]) {
        for severity in [Severity::Error, Severity::Warning, Severity::Info] {
            if !self.shows(severity) {
                continue;
            }
            let mut by_code: BTreeMap<Code, Vec<&Diagnostic>> = BTreeMap::new();
            for found in diagnostics.iter().filter(|one| one.severity() == severity) {
                by_code.entry(found.code).or_default().push(found);
            }
            for (code, found) in by_code {
                let most = self.most(severity);
                for one in found.iter().take(most) {
                    self.finding(one);
                }
                if found.len() > most {
                    let more = found.len() - most;
                    self.aside(&format!(
                        "… and {more} more {code}; `pressrun check` lists all"
                    ));
                }
            }
        }
    }

    /// Whether standard error shows progress: a terminal on which not only what is wrong is wanted.
    pub(super) fn shows_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// How many findings of a severity and one code are shown unless all are asked for.
    pub(super) fn most(&self, severity: Severity) -> usize {
        match severity {
            _ if self.verbose => usize::MAX,
            Severity::Error => SHOWN_ERRORS,
            _ => SHOWN,
        }
    }

    /// Prints one finding in a line.
    pub(super) fn finding(&self, found: &Diagnostic) {
        self.note(&format!("{}\n", self.err.line(found)));
    }

    /// Prints a line that matters less.
    pub(super) fn aside(&self, text: &str) {
        self.note(&format!("{}\n", self.err.dim(text)));
    }

    /// Prints an error that has no place.
    pub(super) fn error(&self, message: &str) {
        let label = self.err.severity(Severity::Error, "error");
        self.note(&format!("{label}: {message}\n"));
    }

    fn note(&self, text: &str) {
        let text = self.harmless(self.err, text);
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    fn total(&self, diagnostics: &[Diagnostic], so: &str) -> String {
        let mut files: Vec<&str> = diagnostics.iter().map(|one| &*one.place.file).collect();
        files.sort_unstable();
        files.dedup();
        let errors = count(diagnostics.len(), "error", "errors");
        let files = count(files.len(), "file", "files");
        let label = self.err.severity(Severity::Error, "error");
        format!("{label}: {errors} in {files}; {so}\n")
    }
}

/// A text in which no line is a command to the runner of a workflow of GitHub: neither `::name::`
/// at its start nor `##[name]` anywhere.
fn no_workflow_commands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let words = line.trim_start();
        if words.starts_with("::") {
            out.push_str(&line[..line.len() - words.len()]);
            out.push('\u{fffd}');
            out.push_str(&words.replace("##[", "# #["));
        } else {
            out.push_str(&line.replace("##[", "# #["));
        }
    }
    out
}

/// A number with its noun.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", grouped(number))
}

/// A number of bytes for a person.
pub(super) fn bytes(number: u64) -> String {
    let number = number as f64;
    match number {
        n if n < 1e3 => format!("{n} B"),
        n if n < 1e6 => format!("{:.1} kB", n / 1e3),
        n if n < 1e9 => format!("{:.1} MB", n / 1e6),
        n => format!("{:.2} GB", n / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_the_content_is_a_command_of_a_workflow() {
        for (line, expected) in [
            ("::error::x\n", "\u{fffd}::error::x\n"),
            ("  ::stop-commands::x", "  \u{fffd}::stop-commands::x"),
            ("a ##[add-mask]b\n", "a # #[add-mask]b\n"),
            (
                "content/a.txt: use ::x and ##",
                "content/a.txt: use ::x and ##",
            ),
        ] {
            assert_eq!(no_workflow_commands(line), expected);
        }
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(count(1, "post", "posts"), "1 post");
        assert_eq!(count(1_234_567, "post", "posts"), "1,234,567 posts");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_500_000), "1.5 MB");
    }
}
