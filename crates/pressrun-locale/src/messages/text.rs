//! One message: its text, or its text for each plural form.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use crate::locale::Locale;
use crate::plurals::PluralCategory;

/// The value whose number decides the plural form.
pub(super) const COUNT: &str = "count";

/// A value that a message shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageValue<'v> {
    /// A number, which is written as in the language.
    Number(i64),
    /// A text that is escaped like the message.
    Text(&'v str),
    /// A text that stays as it is.
    Escaped(&'v str),
}

impl MessageValue<'_> {
    /// Returns the value of a number of things.
    pub fn of_count(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// Why a message cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageError {
    /// There is no message with this key.
    Unknown,
    /// It shows a value with this name, which was not given.
    MissingValue(String),
    /// Its plural form follows from `count`, which is not a whole number.
    NoCount,
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("there is no such message"),
            Self::MissingValue(name) => write!(f, "the message shows `{name}`, which is not given"),
            Self::NoCount => f.write_str("the message needs `count`, a whole number"),
        }
    }
}

impl std::error::Error for MessageError {}

/// A message in one language.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Message {
    Text(Pattern),
    /// The form `other`, and the others with their categories.
    Plural(Pattern, Vec<(PluralCategory, Pattern)>),
}

impl Message {
    pub(super) fn fill(
        &self,
        locale: &Locale,
        values: &[(&str, MessageValue<'_>)],
        escape: impl for<'t> Fn(&'t str) -> Cow<'t, str>,
    ) -> Result<String, MessageError> {
        let pattern = match self {
            Self::Text(pattern) => pattern,
            Self::Plural(other, forms) => {
                let count = values.iter().find(|(name, _)| *name == COUNT);
                let Some((_, MessageValue::Number(count))) = count else {
                    return Err(MessageError::NoCount);
                };
                let category = locale.plural_category(count.unsigned_abs());
                let form = forms.iter().find(|(known, _)| *known == category);
                form.map_or(other, |(_, pattern)| pattern)
            }
        };
        let mut filled = String::new();
        for part in &pattern.0 {
            match part {
                MessagePart::Words(words) => filled.push_str(&escape(words)),
                MessagePart::Value(name) => {
                    let value = values.iter().find(|(known, _)| known == name);
                    match value {
                        Some((_, MessageValue::Number(number))) => {
                            filled.push_str(&locale.format_number(*number));
                        }
                        Some((_, MessageValue::Text(text))) => filled.push_str(&escape(text)),
                        Some((_, MessageValue::Escaped(text))) => filled.push_str(text),
                        None => return Err(MessageError::MissingValue(name.clone())),
                    }
                }
            }
        }
        Ok(filled)
    }

    /// Returns each form with its name; a message without forms has only `other`.
    pub(super) fn list_forms(&self) -> Vec<(&'static str, String)> {
        let (other, forms): (_, &[_]) = match self {
            Self::Text(pattern) => (pattern, &[]),
            Self::Plural(other, forms) => (other, forms),
        };
        let forms = forms.iter();
        let named = forms.map(|(category, pattern)| (category.name(), pattern.to_string()));
        let other = (PluralCategory::Other.name(), other.to_string());
        named.chain([other]).collect()
    }

    /// Returns the names of the values that any of its forms shows.
    pub(super) fn value_names(&self) -> BTreeSet<&str> {
        let (first, forms): (_, &[_]) = match self {
            Self::Text(pattern) => (pattern, &[]),
            Self::Plural(other, forms) => (other, forms),
        };
        let patterns = std::iter::once(first).chain(forms.iter().map(|(_, pattern)| pattern));
        let mut names: BTreeSet<&str> = patterns.flat_map(Pattern::value_names).collect();
        if matches!(self, Self::Plural(..)) {
            names.insert(COUNT);
        }
        names
    }
}

/// A text with places for values.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Pattern(Vec<MessagePart>);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum MessagePart {
    Words(String),
    /// The name of a value.
    Value(String),
}

impl Pattern {
    /// Reads a text in which `{name}` stands for a value. A brace that begins no name is itself.
    pub(super) fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut words = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let behind = &rest[open + 1..];
            let is_name_byte = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            let length = behind
                .bytes()
                .take_while(|&byte| is_name_byte(byte))
                .count();
            if length > 0 && behind[length..].starts_with('}') {
                words.push_str(&rest[..open]);
                if !words.is_empty() {
                    parts.push(MessagePart::Words(std::mem::take(&mut words)));
                }
                parts.push(MessagePart::Value(behind[..length].to_owned()));
                rest = &behind[length + 1..];
            } else {
                words.push_str(&rest[..=open]);
                rest = behind;
            }
        }
        words.push_str(rest);
        if !words.is_empty() {
            parts.push(MessagePart::Words(words));
        }
        Self(parts)
    }

    fn value_names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            MessagePart::Value(name) => Some(name.as_str()),
            MessagePart::Words(_) => None,
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            MessagePart::Words(words) => f.write_str(words),
            MessagePart::Value(name) => write!(f, "{{{name}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str, values: &[(&str, MessageValue<'_>)]) -> Result<String, MessageError> {
        let message = Message::Text(Pattern::parse(text));
        message.fill(&Locale::for_tag("en"), values, |text| {
            text.replace('<', "&lt;").into()
        })
    }

    #[test]
    fn values_take_their_places_and_only_texts_are_escaped() {
        let values = [
            ("count", MessageValue::Number(1234)),
            ("name", MessageValue::Text("a<b")),
            ("link", MessageValue::Escaped("<a>")),
        ];
        let filled = fill("<{count} {name} {link}{} {no brace} {X}{", &values).unwrap();
        assert_eq!(filled, "&lt;1,234 a&lt;b <a>{} {no brace} {X}{");
        let error = fill("{other}", &values).unwrap_err();
        assert_eq!(error, MessageError::MissingValue("other".to_owned()));
    }
}
