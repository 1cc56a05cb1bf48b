//! A field as a reply gives it: its label, value and line.

use super::label::{Label, LabelLine, NamedValue};
use super::label_names::is_label_name;
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

#[cfg(test)]
impl GivenField {
    /// Returns the field in one line: `name=text` or `name=[item|item]`.
    pub(super) fn to_line(&self) -> String {
        match &self.value {
            FieldValue::Text(text) => format!("{}={text}", self.name),
            value => {
                let items: Vec<&str> = value.iter_texts().collect();
                format!("{}=[{}]", self.name, items.join("|"))
            }
        }
    }
}

impl GivenField {
    /// Creates the field of a label line with this value.
    pub fn new(line: &LabelLine, value: FieldValue, number: u32) -> Self {
        let value = match line.label {
            // Any other value does not make a draft, whatever it says.
            Label::Draft => FieldValue::Text(draft_value(line.name, &value).to_owned()),
            _ => value,
        };
        Self {
            label: line.label,
            name: line.name.to_owned(),
            value,
            line: number,
        }
    }

    /// Creates the field of a label that posts have no field for.
    pub fn dropped(named: &NamedValue, number: u32) -> Self {
        Self {
            label: Label::Ignored,
            name: named.name.to_owned(),
            value: FieldValue::Text(named.value.to_owned()),
            line: number,
        }
    }
}

/// Returns `true` for a label that makes a draft (R11.7): `DRAFT: yes`, `STATUS: draft`.
fn draft_value(name: &str, value: &FieldValue) -> &'static str {
    let text = value.text();
    let words: &[&str] = if is_label_name(name, "status") {
        &["draft"]
    } else {
        &["true", "yes", "on", "1"]
    };
    if words.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        "true"
    } else {
        ""
    }
}
