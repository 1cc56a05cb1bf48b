//! Values of front matter that no field of a post reads.

use pressrun_text::visible::clean_field;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value of any shape, kept as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExtraValue {
    /// No value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as JSON writes it.
    Number(String),
    /// A text, or a date.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// Keys with their values, in the order of the author.
    Map(Vec<(String, Self)>),
}

impl ExtraValue {
    /// Calls `change` with every text and key in the value.
    pub fn for_each_text(&mut self, change: &impl Fn(&mut String)) {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => {}
            Self::Text(text) => change(text),
            Self::List(items) => items.iter_mut().for_each(|item| item.for_each_text(change)),
            Self::Map(entries) => {
                for (key, value) in entries {
                    change(key);
                    value.for_each_text(change);
                }
            }
        }
    }

    /// Returns the number of bytes of all texts and keys in the value.
    pub fn count_bytes(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) => 0,
            Self::Number(text) | Self::Text(text) => text.len(),
            Self::List(items) => items.iter().map(Self::count_bytes).sum(),
            Self::Map(entries) => {
                let entries = entries.iter();
                entries
                    .map(|(key, value)| key.len() + value.count_bytes())
                    .sum()
            }
        }
    }

    /// Returns the number of values in the value, with itself.
    pub fn count_values(&self) -> usize {
        1 + match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => 0,
            Self::List(items) => items.iter().map(Self::count_values).sum(),
            Self::Map(entries) => entries.iter().map(|(_, value)| value.count_values()).sum(),
        }
    }

    /// Returns the value as JSON.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(is_true) => Value::Bool(*is_true),
            // A number that JSON does not have, such as an infinite one, stays text.
            Self::Number(digits) => {
                serde_json::from_str(digits).unwrap_or_else(|_| Value::String(digits.clone()))
            }
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => extras_to_json(entries),
        }
    }
}

/// Returns the normalised key: lower case, without `_`, `-` and spaces.
pub fn normalise_key(key: &str) -> String {
    key.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns whether a text says "yes", as front matter does.
pub fn is_true_word(text: &str) -> bool {
    ["true", "yes", "on", "1"]
        .iter()
        .any(|word| text.trim().eq_ignore_ascii_case(word))
}

/// Returns the value of a key, which is given as it is normalised.
pub fn find_extra<'e>(extra: &'e [(String, ExtraValue)], key: &str) -> Option<&'e ExtraValue> {
    let found = extra.iter().find(|(own, _)| normalise_key(own) == key)?;
    Some(&found.1)
}

/// Cleans all texts and keys of values as every field of a post is cleaned, but keeps their lines.
pub fn clean_extras(entries: &mut [(String, ExtraValue)], in_right_to_left: bool) {
    let clean_lines = |text: &mut String| {
        let lines = text.split('\n');
        let cleaned: Vec<_> = lines
            .map(|line| clean_field(line, in_right_to_left))
            .collect();
        *text = cleaned.join("\n");
    };
    for (key, value) in entries {
        *key = clean_field(key, in_right_to_left).into_owned();
        value.for_each_text(&clean_lines);
    }
}

/// Returns keys with their values as a JSON object.
pub fn extras_to_json(entries: &[(String, ExtraValue)]) -> Value {
    let entries = entries.iter();
    Value::Object(
        entries
            .map(|(key, value)| (key.clone(), value.to_json()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_become_json_of_the_same_shape() {
        let text = |text: &str| ExtraValue::Text(text.to_owned());
        let map = vec![
            ("a".to_owned(), ExtraValue::Number("1.50".to_owned())),
            (
                "b".to_owned(),
                ExtraValue::List(vec![text("x"), ExtraValue::Null]),
            ),
            (
                "c".to_owned(),
                ExtraValue::Map(vec![("d".to_owned(), ExtraValue::Bool(true))]),
            ),
            ("e".to_owned(), ExtraValue::Number("inf".to_owned())),
        ];
        assert_eq!(
            extras_to_json(&map),
            json!({"a": 1.5, "b": ["x", null], "c": {"d": true}, "e": "inf"})
        );
    }
}
