//! Formulas: which dollars enclose one, and what a browser shows for it.
//!
//! [`FormulaRenderer`] turns the LaTeX of a formula into `MathML` Core. The crate that reads LaTeX is
//! [used here only](formula), between two steps of our own: [`macros`] and [`rewrite`] expand macros
//! and spell everything in commands that it knows, within limits, and [`mathml`] lets only known
//! elements and attributes through. So the safety of a page does not depend on that crate.

mod chemistry;
mod commands;
mod dollars;
mod formula;
mod macros;
mod mathml;
mod plain_text;
mod rewrite;

pub(super) use dollars::{FoundDollars, escape_dollars};
pub(super) use formula::{FormulaRenderer, FormulaTarget};
