//! Writes formulas.

use std::ops::Range;

use pressrun_text::characters::floor_char_boundary;

use super::{DollarReading, HtmlWriter};
use crate::lines::BodyPlace;
use crate::math::FormulaTarget;
use crate::{FaultyFormula, escape, links};

/// Faulty formulas farther from the start of their line, in bytes, are named without a column.
const MAX_COLUMN: usize = 2000;

/// How a formula is written in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FormulaKind {
    /// Between single dollars.
    Inline,
    /// Between double dollars.
    Display,
    /// In a code block.
    Block,
}

impl HtmlWriter<'_> {
    pub(super) fn inline_math(&mut self, formula: &str, range: Range<usize>) {
        // Go on, so that one pass finds every dollar that is text; the page is then rendered again.
        let is_text = self.dollars.add_pair(self.source, formula, range.clone());
        if is_text && self.dollar_reading == DollarReading::Last {
            self.text(&format!("${formula}$"), range);
            return;
        }
        self.write_formula(formula, FormulaKind::Inline, range.start);
    }

    pub(super) fn display_math(&mut self, formula: &str, range: Range<usize>) {
        self.dollars.add_display(formula);
        self.write_formula(formula, FormulaKind::Display, range.start);
    }

    /// Writes a code block whose language is `math`.
    pub(super) fn math_block(&mut self, formula: &str, range: Range<usize>) {
        self.html.push_str("<p>");
        self.write_formula(formula, FormulaKind::Block, range.start);
        self.html.push_str("</p>\n");
    }

    /// Writes a formula. One that cannot be read is shown as its author wrote it.
    fn write_formula(&mut self, formula: &str, kind: FormulaKind, offset: usize) {
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(formula);
        }
        let target = if self.is_feed() {
            FormulaTarget::Feed
        } else {
            FormulaTarget::Page
        };
        let is_display = kind != FormulaKind::Inline;
        let class = if is_display {
            "math-display"
        } else {
            "math-inline"
        };
        match self.formulas.render_formula(formula, is_display, target) {
            // It defines macros.
            Ok(mathml) if mathml.is_empty() => {}
            Ok(mathml) => {
                // The sanitiser must not see it, and the author's HTML must not look like it.
                if !self.is_feed() {
                    // An element that scrolls must be focusable.
                    let focus = if is_display { " tabindex=\"0\"" } else { "" };
                    self.html
                        .push_str(&format!("<span class=\"math {class}\"{focus}>"));
                }
                links::write_formula_marker(&mut self.html, self.rendered_formulas.len());
                self.rendered_formulas.push(mathml);
                if !self.is_feed() {
                    self.html.push_str("</span>");
                }
            }
            Err(fault) => {
                let column = self.find_column(offset, kind);
                self.faulty_formulas.push(FaultyFormula {
                    formula: shorten_formula(formula),
                    message: fault.to_string(),
                    body_line: self.lines.line_of(BodyPlace::Offset(offset)),
                    column,
                });
                self.html.push_str(&if self.is_feed() {
                    "<code>".to_owned()
                } else {
                    format!("<code class=\"math {class} math-error\">")
                });
                let delimiter = match kind {
                    FormulaKind::Inline => "$",
                    FormulaKind::Display => "$$",
                    FormulaKind::Block => "",
                };
                self.html.push_str(delimiter);
                escape::escape_text(&mut self.html, formula);
                self.html.push_str(delimiter);
                self.html.push_str("</code>");
            }
        }
    }

    /// Returns the column of a formula, counted from 1 in characters of the body as written.
    fn find_column(&self, offset: usize, kind: FormulaKind) -> Option<u32> {
        // A line may have any number of faulty formulas, so only the first columns are counted.
        let from = floor_char_boundary(self.source, offset.saturating_sub(MAX_COLUMN));
        let start = match self.source[from..offset].rfind('\n') {
            Some(at) => from + at + 1,
            None if from == 0 => 0,
            None => return None,
        };
        // A box puts signs of its own before the line.
        if kind == FormulaKind::Block || self.source[start..].starts_with("> ") {
            return None;
        }
        let before = crate::source::remove_marks(&self.source[start..offset]);
        // A backslash may have been inserted before a dollar.
        let inserted = before.matches("\\$").count();
        Some((before.chars().count() - inserted.min(before.len()) + 1) as u32)
    }
}

/// Returns the first characters of a formula, in one line.
fn shorten_formula(formula: &str) -> String {
    const MAX_CHARACTERS: usize = 60;
    let formula = formula.trim().replace(['\n', '\t'], " ");
    match formula.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => format!("{}…", &formula[..end]),
        None => formula,
    }
}
