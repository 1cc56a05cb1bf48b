//! Formats diagnostics for people.
//!
//! ```text
//! error[unknown-key]: there is no key `per_pages` in `[lists]`
//!   --> site.toml:14:1
//!    |
//! 14 | per_pages = 20
//!    | ^^^^^^^^^
//!    = help: did you mean `per_page`?
//! ```
//!
//! The format is that of Tera, so that diagnostics about content and templates look alike. Nothing
//! is printed here.

use std::error::Error;
use std::fmt::Write;

use pressrun_text::visible::is_unfit;

use super::{Code, Diagnostic, Severity};

/// The maximum number of characters shown of a source line.
const WIDTH: usize = 140;

/// The style in which diagnostics are formatted.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiagnosticStyle {
    /// Whether to use colours (ANSI escape sequences).
    pub color: bool,
}

impl DiagnosticStyle {
    /// Formats a diagnostic, with the source line if it is known.
    ///
    /// The result ends in a line break.
    pub fn format_diagnostic(self, diagnostic: &Diagnostic, source_line: Option<&str>) -> String {
        let mut out = self.heading(diagnostic);
        let place = &diagnostic.place;
        let number = place.line.map_or(String::new(), |line| line.to_string());
        let margin = " ".repeat(number.len());
        let shown = sanitize_line(&place.to_string());
        let _ = writeln!(out, "{margin}{} {shown}", self.dim(" -->"));
        if let Some(line) = source_line {
            let shown = SourceExcerpt::new(line, place.column, place.length);
            let bar = self.dim(" |");
            let _ = writeln!(out, "{margin}{bar}");
            let _ = writeln!(out, "{}{bar} {}", self.dim(&number), shown.text);
            if place.column.is_some() {
                let caret = self.severity(diagnostic.severity(), &"^".repeat(shown.carets));
                let _ = writeln!(out, "{margin}{bar} {}{caret}", " ".repeat(shown.offset));
            }
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(
                out,
                "{margin}{} {} {}",
                self.dim(" ="),
                self.bold("help:"),
                sanitize_line(help)
            );
        }
        out
    }

    /// Formats an error of the operating system, with the whole chain of its causes and what to do.
    ///
    /// The result ends in a line break.
    pub fn format_error(self, error: &dyn Error, help: Option<&str>) -> String {
        let label = self.severity(Severity::Error, "error");
        let mut out = format!("{label}: {}\n", sanitize_line(&error.to_string()));
        let mut cause = error.source();
        while let Some(source) = cause {
            let _ = writeln!(out, "  caused by: {}", sanitize_line(&source.to_string()));
            cause = source.source();
        }
        if let Some(help) = help {
            let _ = writeln!(out, "  {} {} {help}", self.dim("="), self.bold("help:"));
        }
        out
    }

    /// Formats a diagnostic in one line: `content/a.txt:12: warning[missing-end-marker]: ...`.
    ///
    /// The result does not end in a line break.
    pub fn format_line(self, diagnostic: &Diagnostic) -> String {
        let label = self.label(diagnostic.code);
        let place = self.bold(&sanitize_line(&diagnostic.place.to_string()));
        format!("{place}: {label}: {}", format_message(diagnostic))
    }

    /// Formats a diagnostic in one line whose code is shown above it: `content/a.txt:12: ...`.
    ///
    /// The result does not end in a line break.
    pub fn format_example(self, diagnostic: &Diagnostic) -> String {
        let place = self.bold(&sanitize_line(&diagnostic.place.to_string()));
        format!("{place}: {}", format_message(diagnostic))
    }

    fn heading(self, diagnostic: &Diagnostic) -> String {
        let label = self.label(diagnostic.code);
        let message = self.bold(&sanitize_line(&diagnostic.message));
        format!("{label}: {message}\n")
    }

    /// Formats a code with its severity: `warning[missing-end-marker]`.
    pub fn label(self, code: Code) -> String {
        let severity = code.severity();
        self.severity(severity, &format!("{severity}[{code}]"))
    }

    /// Returns the text in the colour of a severity.
    pub fn severity(self, severity: Severity, text: &str) -> String {
        match severity {
            Severity::Error => self.paint("1;31", text),
            Severity::Warning => self.paint("1;33", text),
            Severity::Info => self.paint("1;36", text),
        }
    }

    /// Returns the text in bold.
    pub fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Returns the text in a less prominent colour.
    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    /// Returns the text in the colour of failure.
    pub fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// Returns the text in the colour of success.
    pub fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Removes everything from a formatted text that could control the terminal.
    ///
    /// Line breaks and the colours of this style stay. All output passes through this function
    /// last.
    pub fn remove_terminal_controls(self, drawn: &str) -> String {
        let mut out = String::with_capacity(drawn.len());
        let mut rest = drawn;
        while let Some(c) = rest.chars().next() {
            // The colours of this style are copied; any other escape character is replaced.
            let own = PAINTS
                .iter()
                .find(|own| self.color && rest.starts_with(**own));
            if let Some(own) = own {
                out.push_str(own);
                rest = &rest[own.len()..];
                continue;
            }
            out.push(if c == '\n' { c } else { sanitize_character(c) });
            rest = &rest[c.len_utf8()..];
        }
        out
    }

    fn paint(self, codes: &str, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\u{1b}[{codes}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Every escape sequence that a style uses.
const PAINTS: [&str; 8] = [
    "\u{1b}[1;31m",
    "\u{1b}[1;33m",
    "\u{1b}[1;36m",
    "\u{1b}[1m",
    "\u{1b}[2m",
    "\u{1b}[31m",
    "\u{1b}[32m",
    "\u{1b}[0m",
];

/// Returns a text as one line without characters that could control a terminal.
pub fn sanitize_line(text: &str) -> String {
    text.chars().map(sanitize_character).collect()
}

fn sanitize_character(c: char) -> char {
    match c {
        '\t' => ' ',
        c if is_terminal_control(c) => '\u{fffd}',
        c => c,
    }
}

/// Returns whether a character can control a terminal or change the order in which text is shown.
///
/// These are control characters, bidirectional overrides and isolates, and line and paragraph
/// separators. Noncharacters of Unicode count too, because programs may refuse a text with one.
pub fn is_terminal_control(c: char) -> bool {
    c.is_control()
        || is_unfit(c)
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// A line of a file, cut to a window around the marked part.
struct SourceExcerpt {
    text: String,
    offset: usize,
    carets: usize,
}

impl SourceExcerpt {
    fn new(line: &str, column: Option<u32>, length: u32) -> Self {
        let column = column.map_or(0, |column| column.saturating_sub(1) as usize);
        let start = column.saturating_sub(WIDTH / 2);
        // A small cut at the start would hide context without need.
        let start = if start < WIDTH / 4 { 0 } else { start };
        let mut text: String = line
            .chars()
            .skip(start)
            .take(WIDTH)
            .map(sanitize_character)
            .collect();
        if line.chars().nth(start + WIDTH).is_some() {
            text.push('…');
        }
        let mut offset = column - start;
        if start > 0 {
            text.insert(0, '…');
            offset += 1;
        }
        // The carets never reach beyond the part that is shown.
        let room = WIDTH.saturating_sub(offset).max(1);
        Self {
            text,
            offset,
            carets: (length.max(1) as usize).min(room),
        }
    }
}

/// Formats the message of a diagnostic, with its help in parentheses.
fn format_message(diagnostic: &Diagnostic) -> String {
    let message = sanitize_line(&diagnostic.message);
    match &diagnostic.help {
        Some(help) => format!("{message} ({})", sanitize_line(help)),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Code, FilePlace};
    use super::*;

    #[test]
    fn diagnostic_points_at_the_words_it_is_about() {
        let text = "[lists]\nper_pages = 20\n";
        let place = FilePlace::span("site.toml", text, 8..17);
        let diagnostic = Diagnostic::new(
            Code::UnknownKey,
            place,
            "there is no key `per_pages` in `[lists]`",
        )
        .with_help("did you mean `per_page`?");
        let expected = "\
error[unknown-key]: there is no key `per_pages` in `[lists]`
  --> site.toml:2:1
  |
2 | per_pages = 20
  | ^^^^^^^^^
  = help: did you mean `per_page`?
";
        assert_eq!(
            DiagnosticStyle::default().format_diagnostic(&diagnostic, Some("per_pages = 20")),
            expected
        );
    }

    #[test]
    fn long_line_is_cut_around_its_place() {
        let line = format!("{}here{}", "x".repeat(500), "y".repeat(500));
        let excerpt = SourceExcerpt::new(&line, Some(501), 4);
        let marked: String = excerpt
            .text
            .chars()
            .skip(excerpt.offset)
            .take(excerpt.carets)
            .collect();
        assert_eq!(marked, "here");
        assert!(excerpt.text.chars().count() < 150);
    }

    #[test]
    fn escapes_of_the_content_do_not_reach_the_terminal() {
        let hostile = "\u{1b}[2J\u{FFFE}\u{1FFFF}\u{9b}31m\r\n\u{202e}\u{2028}x";
        let place = FilePlace::line(hostile, 1);
        let diagnostic = Diagnostic::new(Code::Refusal, place, hostile).with_help(hostile);
        let style = DiagnosticStyle::default();
        let drawn =
            style.format_diagnostic(&diagnostic, Some(hostile)) + &style.format_line(&diagnostic);
        assert_eq!(
            drawn.chars().find(|&c| c != '\n' && is_terminal_control(c)),
            None,
            "{drawn:?}"
        );
        assert_eq!(drawn.lines().count(), 6, "{drawn:?}");
    }

    #[test]
    fn of_a_drawn_text_only_our_own_colours_stay() {
        let style = DiagnosticStyle { color: true };
        let drawn = style.bold("a") + &style.severity(Severity::Error, "b") + &style.good("c\n");
        assert_eq!(style.remove_terminal_controls(&drawn), drawn);
        assert_eq!(
            DiagnosticStyle::default().remove_terminal_controls("\u{1b}[1mx\u{1b}]0;t\u{7}\r"),
            "\u{fffd}[1mx\u{fffd}]0;t\u{fffd}\u{fffd}"
        );
        assert_eq!(
            style.remove_terminal_controls("\u{1b}[8m\u{1b}[2J"),
            "\u{fffd}[8m\u{fffd}[2J"
        );
    }
}
