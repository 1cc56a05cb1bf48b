//! Prints to the terminal.

use std::collections::BTreeSet;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

use pressrun_posts::diagnostic::report::{self, DiagnosticStyle, sanitize_line};
use pressrun_posts::diagnostic::{Code, Diagnostic, DiagnosticGroup, Severity, group_diagnostics};
use pressrun_site::pipeline;
use pressrun_site::render::CommandFailure;
pub(super) use pressrun_text::numbers::count_with_noun;
use pressrun_text::numbers::group_thousands;

use super::args::{ColorChoice, GlobalArgs};
use super::json::JsonOutput;
use crate::theme::THEME;

/// Most diagnostics of one code shown without `--verbose`.
const SHOWN: usize = 3;

/// Most rejected replies shown without `--verbose`.
const SHOWN_ERRORS: usize = 10;

/// Prints that the command waits for another process.
fn print_waiting() {
    let text = b"waiting for another pressrun process that is working on this site\n";
    let _ = std::io::stderr().lock().write_all(text);
}

/// Where and how a command prints.
///
/// With `--quiet` a command prints its result and errors only: no status lines, no warnings, no
/// notes. Output that the command line asks for is a result.
#[derive(Clone)]
pub(super) struct Terminal {
    out: DiagnosticStyle,
    err: DiagnosticStyle,
    quiet: bool,
    verbose: bool,
    /// Whether the output is read by a GitHub workflow, which interprets some lines as commands.
    in_workflow: bool,
    /// The first error from printing a result.
    unprinted: Arc<OnceLock<std::io::Error>>,
}

impl Terminal {
    pub(super) fn new(global: &GlobalArgs) -> Self {
        let style = |is_terminal: bool| DiagnosticStyle {
            color: match global.color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                // See no-color.org.
                ColorChoice::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none(),
            },
        };
        Self {
            out: style(std::io::stdout().is_terminal()),
            // Each stream by itself, because one may be redirected.
            err: style(std::io::stderr().is_terminal()),
            quiet: global.quiet,
            verbose: global.verbose,
            in_workflow: std::env::var_os("GITHUB_ACTIONS").is_some(),
            unprinted: Arc::default(),
        }
    }

    /// Returns the style of results.
    pub(super) fn style(&self) -> DiagnosticStyle {
        self.out
    }

    /// Returns whether diagnostics of a severity are shown: `--quiet` leaves errors only, and notes
    /// need `--verbose`.
    pub(super) fn shows(&self, severity: Severity) -> bool {
        match severity {
            Severity::Error => true,
            Severity::Warning => !self.quiet,
            Severity::Info => self.verbose,
        }
    }

    /// Returns whether only results and errors are printed.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Returns what to call before the command waits for another process.
    pub(super) fn on_wait(&self) -> fn() {
        if self.quiet { || {} } else { print_waiting }
    }

    /// Returns whether a GitHub workflow reads the output.
    pub(super) fn is_in_workflow(&self) -> bool {
        self.in_workflow
    }

    /// Returns whether everything is shown, instead of only the first of each kind.
    pub(super) fn shows_all(&self) -> bool {
        self.verbose
    }

    /// Prints a result for a person.
    pub(super) fn print_result(&self, text: &str) {
        self.print_data(&self.remove_commands(self.out, text));
    }

    /// Prints an object as JSON. Characters that control a terminal are escaped by number.
    pub(super) fn print_json(&self, output: JsonOutput, object: serde_json::Value) {
        self.json_text(&(output.add_schema(object).to_string() + "\n"));
    }

    /// Prints a text that is already JSON, as [`Terminal::print_json`] does.
    pub(super) fn json_text(&self, json: &str) {
        let mut text = String::with_capacity(json.len());
        for c in json.chars() {
            // In JSON a line break stands between values, never inside a string.
            if c != '\n' && report::is_terminal_control(c) {
                // Beyond U+FFFF, JSON escapes the two halves of a character.
                for unit in c.encode_utf16(&mut [0; 2]) {
                    text += &format!("\\u{unit:04x}");
                }
            } else {
                text.push(c);
            }
        }
        if self.in_workflow {
            // A workflow takes `##[` for a command anywhere in a line.
            text = text.replace("##[", "#\\u0023[");
        }
        self.print_data(&text);
    }

    /// Prints a result for a program, unchanged.
    pub(super) fn print_data(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let printed = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if let Err(error) = printed
            // A reader that closed the pipe, as in `pressrun check | head`, is not an error.
            && error.kind() != ErrorKind::BrokenPipe
        {
            // `set` keeps only the first error, which is the cause of the others.
            let _ = self.unprinted.set(error);
        }
    }

    /// Returns whether all results were printed, and prints the error if not.
    pub(super) fn has_printed_all(&self) -> bool {
        let Some(error) = self.unprinted.get() else {
            return true;
        };
        self.print_error(&format!("cannot print the result: {error}"));
        false
    }

    /// Makes a text safe for the terminal, or for the workflow that reads it.
    fn remove_commands(&self, style: DiagnosticStyle, text: &str) -> String {
        let text = style.remove_terminal_controls(text);
        if self.in_workflow {
            remove_workflow_commands(&text)
        } else {
            text
        }
    }

    /// Prints a line about what was done, unless `--quiet` is set.
    pub(super) fn print_status(&self, line: &str) {
        if !self.quiet {
            self.print_result(&format!("{line}\n"));
        }
    }

    /// Prints a failure, with its cause or with the lines of the site that are wrong.
    pub(super) fn print_failure(&self, root: &Path, failure: &CommandFailure) {
        match failure {
            CommandFailure::Machine(error) => {
                self.print_to_stderr(&self.err.format_error(error, error.help()));
            }
            // A wrong command line has no files to count.
            CommandFailure::Site(found) if found.iter().any(|one| one.code == Code::Usage) => {
                self.print_diagnostics(root, found);
            }
            CommandFailure::Site(found) => self.print_refusal(root, found, "nothing was written"),
        }
    }

    /// Prints what stopped a command, with the lines of the site, and the consequence `so`.
    pub(super) fn print_refusal(&self, root: &Path, diagnostics: &[Diagnostic], so: &str) {
        self.print_diagnostics(root, diagnostics);
        self.print_to_stderr(&self.format_total(diagnostics, so));
    }

    /// Prints a failure while the program continues.
    pub(super) fn print_trouble(&self, root: &Path, failure: &CommandFailure) {
        match failure {
            CommandFailure::Machine(_) => self.print_failure(root, failure),
            CommandFailure::Site(diagnostics) => self.print_diagnostics(root, diagnostics),
        }
    }

    fn print_diagnostics(&self, root: &Path, diagnostics: &[Diagnostic]) {
        for diagnostic in diagnostics {
            let line = pipeline::read_source_line(root, THEME, diagnostic);
            self.print_to_stderr(&format!(
                "{}\n",
                self.err.format_diagnostic(diagnostic, line.as_deref())
            ));
        }
    }

    /// Prints a finished description of a failure.
    pub(super) fn print_drawn(&self, text: &str) {
        self.print_to_stderr(&format!("{text}\n"));
    }

    /// Prints diagnostics in groups, errors first: a few of each code. A warning about most of `replies`
    /// is one line; `replies` is `None` if the diagnostics are not those of a site.
    pub(super) fn print_findings(&self, diagnostics: &[Diagnostic], replies: Option<usize>) {
        for group in group_diagnostics(diagnostics) {
            if self.shows(group.code.severity()) {
                self.print_group(&group, replies);
            }
        }
    }

    fn print_group(&self, group: &DiagnosticGroup<'_>, replies: Option<usize>) {
        let DiagnosticGroup { code, found } = group;
        let most = self.max_shown(code.severity());
        if found.len() <= most {
            for one in found {
                self.print_finding(one);
            }
            return;
        }
        let (number, meaning) = (group_thousands(found.len()), code.meaning());
        let common = find_common_help(found);
        let more = group_thousands(found.len() - most);
        let how = match replies {
            Some(_) => "`pressrun check` lists all",
            None => "--verbose lists all",
        };
        let asks_person = matches!(code, Code::ApprovalOutdated | Code::DueUnapproved);
        let replies = replies.filter(|&all| !asks_person && concerns_most(group, all));
        let among = replies.map_or_else(String::new, |all| {
            format!(" in {} replies", group_thousands(all))
        });
        let label = self.err.label(*code);
        self.print_to_stderr(&format!("{label}: {number} findings{among}: {meaning}\n"));
        if replies.is_some() {
            let places = found[..most].iter().map(|one| one.place.to_string());
            let places = sanitize_line(&places.collect::<Vec<_>>().join(", "));
            self.print_to_stderr(&format!("  {places} and {more} more; {how}\n"));
            let common = common.map_or_else(String::new, |help| format!("{help}; "));
            return self.print_help(&format!(
                "{common}change the prompt that the replies come from, or set \
                 `ignore = [\"{code}\"]` under `[check]` in site.toml"
            ));
        }
        for &one in &found[..most] {
            let shown = Diagnostic {
                help: one.help.clone().filter(|_| common.is_none()),
                ..one.clone()
            };
            self.print_to_stderr(&format!("  {}\n", self.err.format_example(&shown)));
        }
        let text = format!("  … and {more} more; {how}");
        self.print_to_stderr(&format!("{}\n", self.err.dim(&text)));
        if let Some(help) = common {
            self.print_help(help);
        }
    }

    /// Prints what to do about the diagnostics above.
    fn print_help(&self, help: &str) {
        let label = self.err.bold("help:");
        self.print_to_stderr(&format!("  = {label} {}\n", sanitize_line(help)));
    }

    /// Returns whether to show a progress bar: standard error is a terminal, and `--quiet` is not
    /// set.
    pub(super) fn shows_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Returns how many diagnostics of one code with this severity are shown.
    pub(super) fn max_shown(&self, severity: Severity) -> usize {
        match severity {
            _ if self.verbose => usize::MAX,
            Severity::Error => SHOWN_ERRORS,
            _ => SHOWN,
        }
    }

    /// Prints a diagnostic in one line.
    pub(super) fn print_finding(&self, found: &Diagnostic) {
        self.print_to_stderr(&format!("{}\n", self.err.format_line(found)));
    }

    /// Prints a less important line, unless `--quiet` is given.
    pub(super) fn print_aside(&self, text: &str) {
        if !self.quiet {
            self.print_to_stderr(&format!("{}\n", self.err.dim(text)));
        }
    }

    /// Prints an error that belongs to no place in a file.
    pub(super) fn print_error(&self, message: &str) {
        let label = self.err.severity(Severity::Error, "error");
        self.print_to_stderr(&format!("{label}: {message}\n"));
    }

    fn print_to_stderr(&self, text: &str) {
        let text = self.remove_commands(self.err, text);
        // If standard error is closed, there is nowhere left to say so.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    fn format_total(&self, diagnostics: &[Diagnostic], so: &str) -> String {
        let mut files: Vec<&str> = diagnostics.iter().map(|one| &*one.place.file).collect();
        files.sort_unstable();
        files.dedup();
        let errors = count_with_noun(diagnostics.len(), "error", "errors");
        let files = count_with_noun(files.len(), "file", "files");
        let label = self.err.severity(Severity::Error, "error");
        format!("{label}: {errors} in {files}; {so}\n")
    }
}

/// Returns the help that all diagnostics of a group share. It is shown once then.
fn find_common_help<'d>(found: &[&'d Diagnostic]) -> Option<&'d str> {
    let help = found.first()?.help.as_deref()?;
    let is_same = |one: &&Diagnostic| one.help.as_deref() == Some(help);
    found.iter().all(is_same).then_some(help)
}

/// Fewest replies of a site that can have a finding in common.
const FEW_REPLIES: usize = 10;

/// Returns whether more than half of the replies have a warning.
fn concerns_most(group: &DiagnosticGroup<'_>, replies: usize) -> bool {
    let places: BTreeSet<_> = group
        .found
        .iter()
        .map(|one| (&one.place.file, one.place.line))
        .collect();
    let is_warning = group.code.severity() == Severity::Warning;
    is_warning && replies >= FEW_REPLIES && places.len() > replies / 2
}

/// Changes a text so that a GitHub workflow finds no command in it: neither `::name::` at the start
/// of a line nor `##[name]` anywhere.
fn remove_workflow_commands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let words = line.trim_start();
        if words.starts_with("::") {
            out.push_str(&line[..line.len() - words.len()]);
            // A command must begin the line, so one character before it is enough.
            out.push('\u{fffd}');
            out.push_str(&words.replace("##[", "# #["));
        } else {
            out.push_str(&line.replace("##[", "# #["));
        }
    }
    out
}

/// Formats a path as a person would type it, without needless `.` parts.
pub(super) fn typed_path(path: &Path) -> String {
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let short: PathBuf = parts.collect();
    let mut typed = sanitize_line(&short.display().to_string());
    // A folder may be marked as such.
    if !typed.is_empty() && path.to_string_lossy().ends_with('/') && !typed.ends_with('/') {
        typed.push('/');
    }
    typed
}

/// Formats a number of bytes for a person.
pub(super) fn format_bytes(number: u64) -> String {
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
            assert_eq!(remove_workflow_commands(line), expected);
        }
    }

    #[test]
    fn paths_are_written_as_people_type_them() {
        for (path, expected) in [
            ("././site.toml", "site.toml"),
            ("./a/./b", "a/b"),
            ("./content/", "content/"),
            ("./", ""),
            ("/", "/"),
            ("../a", "../a"),
            ("/a/b", "/a/b"),
            (".", ""),
        ] {
            let typed = typed_path(Path::new(path));
            assert_eq!(typed.replace('\\', "/"), expected);
        }
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(format_bytes(999), "999 B");
        assert_eq!(format_bytes(1_500_000), "1.5 MB");
    }
}
