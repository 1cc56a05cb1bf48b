//! Diagnostics: what is wrong with the content or the site, where, and what to type instead.
//!
//! A [`Diagnostic`] is plain data. Parsing and linting collect diagnostics, or [`Finding`]s as long
//! as the file is not known. [`report`] formats them; only the program prints them.

mod code;
mod finding;
mod groups;
pub mod report;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use code::Code;
pub use finding::{Finding, quote_for_message};
pub use groups::{DiagnosticGroup, count_severity, group_diagnostics};

/// The severity of a [`Diagnostic`]. Each [`Code`] has a fixed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A harmless repair or a derived value.
    Info,
    /// The post is published, but someone should look at it.
    Warning,
    /// The reply, file or site is not published.
    Error,
}

impl Severity {
    /// Returns the lower-case name used in reports and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A place in a file of the site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FilePlace {
    /// The path from the site root, with `/` as separator.
    pub file: Arc<str>,
    /// The line, counted from 1; `None` for the whole file.
    pub line: Option<u32>,
    /// The column in characters, counted from 1; `None` for the whole line.
    pub column: Option<u32>,
    /// The number of characters, from `column` on.
    pub length: u32,
}

impl FilePlace {
    /// Creates the place of a whole file.
    pub fn file(file: impl Into<Arc<str>>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
            length: 0,
        }
    }

    /// Creates the place of a whole line, counted from 1.
    pub fn line(file: impl Into<Arc<str>>, line: u32) -> Self {
        Self {
            line: Some(line),
            ..Self::file(file)
        }
    }

    /// Creates the place of a byte range of `text`, which is the whole text of `file`.
    pub fn span(file: impl Into<Arc<str>>, text: &str, range: std::ops::Range<usize>) -> Self {
        let before = &text[..range.start];
        // A place has one line: only the first line of the range is marked.
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let first_line = text[range].lines().next().unwrap_or_default();
        Self {
            file: file.into(),
            line: Some(before.matches('\n').count() as u32 + 1),
            column: Some(before[line_start..].chars().count() as u32 + 1),
            length: first_line.chars().count() as u32,
        }
    }
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        Ok(())
    }
}

/// One problem, repair or derived value, in one place.
///
/// Messages are lower case, have no final full stop, and quote the author's words in backticks.
/// Diagnostics sort in reading order: by file, line and column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Diagnostic {
    /// The place.
    pub place: FilePlace,
    /// The rule, which determines the severity.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it, in one line.
    pub help: Option<String>,
    /// What it is about, for other checks: of a dead link, the address that the page prints; of a
    /// rejected reply, the name of its record.
    pub about: Option<String>,
}

impl Diagnostic {
    /// Creates a diagnostic without help.
    pub fn new(code: Code, place: FilePlace, message: impl Into<String>) -> Self {
        Self {
            place,
            code,
            message: message.into(),
            help: None,
            about: None,
        }
    }

    /// Adds a line that says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what it is about, for other checks.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = Some(about.into());
        self
    }

    /// Returns the severity of its code.
    pub const fn severity(&self) -> Severity {
        self.code.severity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_from_the_start_of_the_line() {
        let text = "a = 1\nйод = 2\n";
        let at = text.find('2').unwrap();
        let place = FilePlace::span("site.toml", text, at..at + 1);
        assert_eq!(place.to_string(), "site.toml:2:7");
        assert_eq!(place.length, 1);
    }
}
