//! Renders formulas as `MathML` Core. The only user of `pulldown-latex`.

use std::fmt;
use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pressrun_text::visible::remove_hidden;
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

use super::macros::FormulaMacros;
use super::mathml::write_allowed_mathml;
use super::rewrite::rewrite_formula;
use crate::escape;

/// Longer formulas, in bytes, with their macros expanded, are not rendered.
const MAX_LENGTH: usize = 32 * 1024;

/// Why a formula cannot be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FormulaFault {
    TooLong,
    TooDeep,
    EndlessMacro,
    Definition,
    MissingArgument,
    Unbalanced,
    /// A command that is not supported.
    Command(String),
    /// What the parser says.
    Parser(String),
    /// A bug in the parser.
    Panic,
}

impl fmt::Display for FormulaFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "it is longer than {MAX_LENGTH} bytes"),
            Self::TooDeep => f.write_str("it is nested too deeply"),
            Self::EndlessMacro => f.write_str("its macros expand for ever, or to far too much"),
            Self::Definition => f.write_str("it defines a macro without a name"),
            Self::MissingArgument => f.write_str("a command lacks its argument"),
            Self::Unbalanced => {
                f.write_str("`{`, `\\left` or `\\begin` lacks its end, or an end its beginning")
            }
            Self::Command(name) => write!(f, "there is no command `\\{name}`"),
            Self::Parser(message) => f.write_str(message),
            Self::Panic => f.write_str("the parser of formulas stopped, which is a bug"),
        }
    }
}

/// Where a formula is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormulaTarget {
    /// On a page, with the classes of the theme and with its source.
    Page,
    /// In a feed.
    Feed,
}

/// Renders the formulas of one post, which share their macros.
#[derive(Debug, Default)]
pub(crate) struct FormulaRenderer {
    macros: FormulaMacros,
}

impl FormulaRenderer {
    /// Returns the `MathML` of a formula; empty if it only defines macros.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the formula.
    pub(crate) fn render_formula(
        &mut self,
        written: &str,
        is_display: bool,
        target: FormulaTarget,
    ) -> Result<String, FormulaFault> {
        let check = |length: usize| {
            (length <= MAX_LENGTH)
                .then_some(())
                .ok_or(FormulaFault::TooLong)
        };
        check(written.len())?;
        let formula = remove_hidden(written.into());
        let expanded = self.macros.expand(&formula)?;
        if expanded.trim().is_empty() {
            return Ok(String::new());
        }
        check(expanded.len())?;
        let rewritten = rewrite_formula(&expanded)?;
        check(rewritten.len() / 4)?;
        let written_by_parser =
            catch_unwind(AssertUnwindSafe(|| parse_formula(&rewritten, is_display)));
        let mathml = written_by_parser.map_err(|_| FormulaFault::Panic)??;
        let inside = mathml.find('>').map_or(0, |at| at + 1)..mathml.rfind("</math>").unwrap_or(0);
        let inside = mathml.get(inside).unwrap_or_default();
        let mut out = String::with_capacity(2 * mathml.len() + 100);
        out.push_str(if is_display {
            "<math display=\"block\">"
        } else {
            "<math>"
        });
        if target == FormulaTarget::Page {
            out.push_str("<semantics><mrow>");
        }
        write_allowed_mathml(&mut out, inside, target == FormulaTarget::Page)
            .ok_or(FormulaFault::Panic)?;
        if target == FormulaTarget::Page {
            // What is copied and searched for: browsers do not show it.
            out.push_str("</mrow><annotation encoding=\"application/x-tex\">");
            escape::escape_text(&mut out, formula.trim());
            out.push_str("</annotation></semantics>");
        }
        out.push_str("</math>");
        Ok(out)
    }
}

/// Returns the `MathML` of a rewritten formula.
fn parse_formula(formula: &str, is_display: bool) -> Result<String, FormulaFault> {
    let storage = Storage::new();
    let mut events = Vec::new();
    for event in Parser::new(formula, &storage) {
        match event {
            Ok(event) => events.push(event),
            Err(error) => return Err(describe_error(&error.to_string())),
        }
    }
    let config = RenderConfig {
        display_mode: if is_display {
            DisplayMode::Block
        } else {
            DisplayMode::Inline
        },
        ..RenderConfig::default()
    };
    let mut out = String::new();
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut out, events, config)
        .map_err(|error| FormulaFault::Parser(error.to_string()))?;
    Ok(out)
}

/// Returns the fault for a message of the parser, whose other lines show the place.
fn describe_error(message: &str) -> FormulaFault {
    let mut lines = message.lines();
    let first = lines.next().unwrap_or_default();
    let first = first.strip_prefix("parsing error: ").unwrap_or(first);
    // The context ends with the line in which the error is.
    let mut context = lines
        .rev()
        .filter(|line| line.starts_with('│') && !line.contains('^'));
    let context = context.next().unwrap_or_default();
    let context = context.trim_start_matches(['│', '…', ' ']).trim_end();
    let mut text = first.to_owned();
    if !context.is_empty() && !context.contains(|c: char| c.is_ascii_control()) {
        let _ = write!(text, " near `{context}`");
    }
    FormulaFault::Parser(text)
}
