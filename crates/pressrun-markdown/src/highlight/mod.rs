//! Highlights code. The only user of `onig`, `syntect` and `two-face`.
//!
//! The colours of a line depend on the line and on the state after the line before it:
//! [`line_parser`] parses it with the [`definitions`] of its syntax, and a [`filter`] tells where each
//! of its patterns can match. Posts repeat themselves, so the
//! result for a line in a state is remembered ([`memo`]) for all blocks and threads. [`scopes`]
//! reduces scopes to about twenty classes.
//!
//! Not here: the colours (in [`css`]) and the frame around the code (in `writer`).

pub(super) mod css;
mod console;
mod definitions;
mod filter;
mod language;
mod line_parser;
mod memo;
mod scopes;

use super::escape;
use line_parser::{LineFailure, LineWork, ParserState};
use memo::{HighlightStateId, MEMO};
use scopes::ClassStack;

pub(super) use language::{CodeLanguage, find_code_language, parse_language_name};

/// Larger blocks, in bytes, are not highlighted.
const MAX_BLOCK: usize = 64 * 1024;
/// Blocks with a longer line, in bytes, are not highlighted.
const MAX_LINE: usize = 2000;
/// Blocks with a longer run of white space in a line are not highlighted.
const MAX_BLANK: usize = 100;
/// Effort allowed for a post: about 200 KB of code in lines of 80 characters.
const MAX_EFFORT: usize = 16_000_000;
/// Searches for patterns allowed for a post: some times as many as 200 KB of real code need.
const MAX_SEARCHES: usize = 2_000_000;

/// The remaining effort for the code of a post.
///
/// The time of a regular expression can grow with the square of the length of a line, and with the
/// cube of the length of white space. In a post made for that, a line of 2 KB takes 0.1 s. So the
/// squares of the lengths are added up, and white space is limited.
///
/// The number of searches is known after a line is parsed. A line that is recalled from memory
/// costs the same, so what is highlighted depends on the post alone.
#[derive(Debug)]
pub(super) struct HighlightEffort {
    squares: usize,
    searches: usize,
}

impl Default for HighlightEffort {
    fn default() -> Self {
        Self {
            squares: MAX_EFFORT,
            searches: MAX_SEARCHES,
        }
    }
}

impl HighlightEffort {
    /// Returns whether a block can be highlighted, and if so subtracts its effort.
    fn spend(&mut self, code: &str) -> bool {
        let is_blank = |&byte: &u8| matches!(byte, b' ' | b'\t');
        let is_too_long = |line: &str| {
            line.len() > MAX_LINE
                || (line.len() > MAX_BLANK && measure_longest_run(line, is_blank) > MAX_BLANK)
        };
        if code.len() > MAX_BLOCK || code.lines().any(is_too_long) {
            return false;
        }
        // The price of a line is the square of its length, like the time it may take.
        let price = code.lines().map(|line| line.len() * line.len()).sum();
        let rest = self.squares.checked_sub(price);
        self.squares = rest.unwrap_or(self.squares);
        rest.is_some()
    }

    /// Pays for the searches of a line.
    fn pay_searches(&mut self, searches: u32) -> Result<(), TooMuchWork> {
        let rest = self.searches.checked_sub(searches as usize);
        self.searches = rest.unwrap_or(0);
        rest.map(|_| ()).ok_or(TooMuchWork)
    }
}

fn measure_longest_run(line: &str, wanted: impl Fn(&u8) -> bool) -> usize {
    let runs = line.as_bytes().split(|byte| !wanted(byte));
    runs.map(<[u8]>::len).max().unwrap_or(0)
}

/// The error that highlighting takes more work than is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuchWork;

/// Appends code as HTML, with a `span` of class `hl-…` around each piece that has a colour.
///
/// # Errors
///
/// Returns an error if the code takes too much work; it is then appended as plain text.
pub(super) fn highlight_code(
    out: &mut String,
    code: &str,
    language: CodeLanguage,
    effort: &mut HighlightEffort,
) -> Result<(), TooMuchWork> {
    let start = out.len();
    let highlighted = match language {
        CodeLanguage::Plain | CodeLanguage::Unknown => {
            escape::escape_text(out, code);
            return Ok(());
        }
        _ if !effort.spend(code) => Err(TooMuchWork),
        CodeLanguage::Console => console::highlight_session(out, code, effort),
        CodeLanguage::Shell if console::is_session(code) => {
            console::highlight_session(out, code, effort)
        }
        CodeLanguage::Shell => highlight_lines(out, code, language::bash_syntax(), effort),
        CodeLanguage::Syntax(syntax) => highlight_lines(out, code, syntax, effort),
    };
    if highlighted.is_err() {
        out.truncate(start);
        escape::escape_text(out, code);
    }
    highlighted
}

/// A code block that was highlighted by itself.
#[derive(Debug)]
pub struct HighlightedBlock {
    /// The code with spans, or plain if it took too much work.
    pub html: String,
    /// How many searches with regular expressions it took.
    pub searches: usize,
    /// How many searches it might have taken.
    pub max_searches: usize,
}

/// Highlights a code block by itself. The fuzz target `highlight` checks what it returns.
pub fn highlight_block(info: &str, code: &str) -> HighlightedBlock {
    let mut effort = HighlightEffort::default();
    let before = effort.searches;
    let mut html = String::new();
    let language = find_code_language(&parse_language_name(info));
    // The result says only whether the code is plain now.
    let _ = highlight_code(&mut html, code, language, &mut effort);
    let lines = code.split('\n');
    HighlightedBlock {
        html,
        searches: before - effort.searches,
        max_searches: lines.map(line_parser::max_searches).sum(),
    }
}

fn highlight_lines(
    out: &mut String,
    code: &str,
    syntax: usize,
    effort: &mut HighlightEffort,
) -> Result<(), TooMuchWork> {
    let mut lines = LineHighlighter::new(syntax);
    for (index, line) in code.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        lines.highlight_line(out, line, effort)?;
    }
    Ok(())
}

/// What colouring a line depends on, besides the line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct HighlightState {
    /// `None` if there is no such syntax; everything is then plain.
    parser: Option<ParserState>,
    classes: ClassStack,
}

/// The state that the highlighting of a block has reached.
enum HighlightPosition {
    /// A state with a number.
    Shared(HighlightStateId),
    /// In a state that has none.
    Own(Box<HighlightState>),
}

/// Highlights the lines of a block one after the other.
struct LineHighlighter {
    position: HighlightPosition,
}

impl LineHighlighter {
    fn new(syntax: usize) -> Self {
        Self {
            position: MEMO.start(syntax),
        }
    }

    /// Appends one line, without its line break.
    fn highlight_line(
        &mut self,
        out: &mut String,
        line: &str,
        effort: &mut HighlightEffort,
    ) -> Result<(), TooMuchWork> {
        let from = match &self.position {
            HighlightPosition::Shared(state) => {
                if let Some((next, searches)) = MEMO.recall(out, *state, line) {
                    self.position = HighlightPosition::Shared(next);
                    return effort.pay_searches(searches);
                }
                Some(*state)
            }
            HighlightPosition::Own(_) => None,
        };
        let mut state = match &self.position {
            HighlightPosition::Shared(state) => MEMO.state(*state),
            HighlightPosition::Own(state) => HighlightState::clone(state),
        };
        let start = out.len();
        let searches = state.advance(out, line, effort)?;
        self.position = MEMO.intern(state);
        if let (Some(from), HighlightPosition::Shared(next)) = (from, &self.position) {
            MEMO.remember((from, line), &out[start..], *next, searches);
        }
        Ok(())
    }
}

impl HighlightState {
    fn new(syntax: usize) -> Self {
        Self {
            parser: ParserState::new(syntax),
            classes: ClassStack::default(),
        }
    }

    /// Appends a line and moves to the state after it. Returns the number of searches.
    fn advance(
        &mut self,
        out: &mut String,
        line: &str,
        effort: &mut HighlightEffort,
    ) -> Result<u32, TooMuchWork> {
        let with_break = format!("{line}\n");
        let mut work = LineWork::new(&with_break);
        let parsed = match &mut self.parser {
            None => Ok(Vec::new()),
            Some(parser) => parser.parse_line(&with_break, &mut work),
        };
        let searches = work.searches as u32;
        effort.pay_searches(searches)?;
        let changes = match parsed {
            Ok(changes) => changes,
            Err(LineFailure::MissingContext) => Vec::new(),
            Err(LineFailure::TooMuchWork) => return Err(TooMuchWork),
        };
        scopes::write_line(out, line, &changes, &mut self.classes);
        Ok(searches)
    }
}

#[cfg(test)]
mod tests;
