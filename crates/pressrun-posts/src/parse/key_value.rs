//! Values of front matter and JSON as their authors wrote them, before a field reads them.
//!
//! A scalar keeps both its text, which fields read (a tag `no` is "no"), and its kind, which
//! matters where no field reads it ([`ExtraValue`]).

use serde_json::Value as Json;

use crate::post::ExtraValue;

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    /// The key as written.
    pub key: String,
    /// The value.
    pub value: KeyValue,
    /// The line of the file where it begins, counted from 1.
    pub line: u32,
}

/// A value of any shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyValue {
    /// One text, number, truth value or null.
    Scalar {
        /// The text as written, without quotes; empty for null.
        text: String,
        /// What the text stands for.
        kind: ScalarKind,
    },
    /// A list.
    List(Vec<KeyValue>),
    /// Keys with their values, in the order of the author.
    Map(Vec<(String, KeyValue)>),
}

/// What the text of a scalar stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScalarKind {
    /// No value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as JSON writes it.
    Number(String),
    /// Itself.
    Text,
}

impl KeyValue {
    /// Creates the value of a text.
    pub fn of_text(text: impl Into<String>) -> Self {
        Self::Scalar {
            text: text.into(),
            kind: ScalarKind::Text,
        }
    }

    /// Creates the value of a scalar without quotes: `true`, `null`, `3`, or a text.
    pub fn of_bare_scalar(text: &str) -> Self {
        let kind = match text {
            "" | "~" | "null" => ScalarKind::Null,
            "true" => ScalarKind::Bool(true),
            "false" => ScalarKind::Bool(false),
            _ => match text.parse::<serde_json::Number>() {
                Ok(number) => ScalarKind::Number(number.to_string()),
                Err(_) => ScalarKind::Text,
            },
        };
        let text = if kind == ScalarKind::Null { "" } else { text };
        Self::Scalar {
            text: text.to_owned(),
            kind,
        }
    }

    /// Creates the value that a JSON value stands for.
    pub fn of_json(json: &Json) -> Self {
        let scalar = |text: String, kind| Self::Scalar { text, kind };
        match json {
            Json::Null => scalar(String::new(), ScalarKind::Null),
            Json::Bool(is_true) => scalar(is_true.to_string(), ScalarKind::Bool(*is_true)),
            Json::Number(number) => {
                scalar(number.to_string(), ScalarKind::Number(number.to_string()))
            }
            Json::String(text) => Self::of_text(text),
            Json::Array(items) => Self::List(items.iter().map(Self::of_json).collect()),
            Json::Object(object) => {
                let pairs = object.iter();
                Self::Map(
                    pairs
                        .map(|(key, value)| (key.clone(), Self::of_json(value)))
                        .collect(),
                )
            }
        }
    }

    /// Returns the text of a scalar, or `None` if it is another value or null.
    pub fn scalar_text(&self) -> Option<&str> {
        match self {
            Self::Scalar {
                kind: ScalarKind::Null,
                ..
            }
            | Self::List(_)
            | Self::Map(_) => None,
            Self::Scalar { text, .. } => Some(text),
        }
    }

    /// Returns the value under a key of a map, given as [`normalise_key`](super::key::normalise_key)
    /// returns it.
    pub fn get_normalised(&self, key: &str) -> Option<&Self> {
        let Self::Map(pairs) = self else {
            return None;
        };
        let mut pairs = pairs.iter();
        pairs
            .find(|(name, _)| super::key::normalise_key(name) == key)
            .map(|(_, value)| value)
    }

    /// Returns the value for the front matter that no field reads.
    pub fn into_extra(self) -> ExtraValue {
        match self {
            Self::Scalar { text, kind } => match kind {
                ScalarKind::Null => ExtraValue::Null,
                ScalarKind::Bool(is_true) => ExtraValue::Bool(is_true),
                ScalarKind::Number(digits) => ExtraValue::Number(digits),
                ScalarKind::Text => ExtraValue::Text(text),
            },
            Self::List(items) => {
                ExtraValue::List(items.into_iter().map(Self::into_extra).collect())
            }
            Self::Map(pairs) => ExtraValue::Map(
                pairs
                    .into_iter()
                    .map(|(key, value)| (key, value.into_extra()))
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_scalars_stand_for_what_json_has() {
        for (text, expected) in [
            ("true", ExtraValue::Bool(true)),
            ("null", ExtraValue::Null),
            ("", ExtraValue::Null),
            ("3", ExtraValue::Number("3".to_owned())),
            ("-1.50", ExtraValue::Number("-1.5".to_owned())),
            ("007", ExtraValue::Text("007".to_owned())),
            ("no", ExtraValue::Text("no".to_owned())),
            ("inf", ExtraValue::Text("inf".to_owned())),
        ] {
            assert_eq!(
                KeyValue::of_bare_scalar(text).into_extra(),
                expected,
                "{text}"
            );
        }
    }
}
