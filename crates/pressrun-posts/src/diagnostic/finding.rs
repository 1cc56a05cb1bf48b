//! Findings about a text whose file is not known yet.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Code, Diagnostic, FilePlace};

/// A diagnostic without its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule.
    pub code: Code,
    /// The line of the file, counted from 1, if there is one.
    pub line: Option<u32>,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What it is about, for other checks: the name of the record that is not a post.
    pub about: Option<String>,
}

impl Finding {
    /// Creates a finding about a line.
    pub fn new(code: Code, line: u32, message: impl Into<String>) -> Self {
        Self {
            code,
            line: Some(line),
            message: message.into(),
            help: None,
            about: None,
        }
    }

    /// Creates a finding about a whole file.
    pub fn in_file(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            line: None,
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

    /// Converts it to a diagnostic of this file.
    pub fn into_diagnostic(self, file: &Arc<str>) -> Diagnostic {
        let place = match self.line {
            Some(line) => FilePlace::line(Arc::clone(file), line),
            None => FilePlace::file(Arc::clone(file)),
        };
        Diagnostic {
            place,
            code: self.code,
            message: self.message,
            help: self.help,
            about: self.about,
        }
    }
}

/// Quotes a text for a message: in backticks, on one line, shortened if it is long.
pub fn quote_for_message(text: &str) -> String {
    const MOST: usize = 60;
    let mut words = String::new();
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
        // Enough for the cut below. The rest of a long text need not be copied.
        if words.len() > 4 * MOST {
            break;
        }
    }
    // A backtick inside would end the quotation.
    let text = words.replace('`', "'");
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("`{}…`", text[..end].trim_end()),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_short_and_on_one_line() {
        assert_eq!(quote_for_message(" a\n`b` "), "`a 'b'`");
        assert_eq!(
            quote_for_message(&"é".repeat(99)),
            format!("`{}…`", "é".repeat(60))
        );
    }
}
