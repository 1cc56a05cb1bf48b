//! A field as a reply gives it: its label, value and line.

use super::label::{Label, LabelLine};
use super::value::FieldValue;

/// A field given in the text of a reply, or in the record that contains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenField {
    /// The kind of field.
    pub label: Label,
    /// The name as written.
    pub name: String,
    /// The value as written.
    pub value: FieldValue,
    /// The line of the file where it begins, counted from 1.
    pub line: u32,
}

impl GivenField {
    /// Creates the field of a label line with this value.
    pub fn new(line: &LabelLine, value: FieldValue, number: u32) -> Self {
        Self {
            label: line.label,
            name: line.name.to_owned(),
            value,
            line: number,
        }
    }
}
