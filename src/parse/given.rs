//! A field as a reply gives it: its label, its value and its line.

use super::label::{Label, LabelLine};
use super::value::Value;

/// A field that the text of a reply, or the record that holds it, gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What it is.
    pub label: Label,
    /// The name as written.
    pub name: String,
    /// The value as written.
    pub value: Value,
    /// The line of the file it begins on, counted from 1.
    pub line: u32,
}

impl Given {
    /// The field of a label line with this value.
    pub fn new(line: &LabelLine, value: Value, number: u32) -> Self {
        Self {
            label: line.label,
            name: line.name.to_owned(),
            value,
            line: number,
        }
    }
}
