//! Reads TOML front matter, keeping every scalar as it was written.

use toml::de::{DeInteger, DeTable, DeValue};

use super::FrontMatterError;
use crate::parse::key_value::{KeyValue, ScalarKind};

/// Returns the keys of the root table with their values, in order.
pub(super) fn parse_toml(text: &str) -> Result<Vec<(String, KeyValue)>, FrontMatterError> {
    let table = DeTable::parse(text).map_err(|error| FrontMatterError {
        message: error
            .message()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
        line: error.span().map(|span| {
            let before = text.get(..span.start).unwrap_or_default();
            before.matches('\n').count()
        }),
    })?;
    Ok(collect_toml_pairs(table.get_ref()))
}

/// Returns the keys of a table with their values, in the order of the file.
pub(super) fn collect_toml_pairs(table: &DeTable) -> Vec<(String, KeyValue)> {
    let mut pairs: Vec<_> = table.iter().collect();
    // The table is sorted by key, but keys keep the order of the file.
    pairs.sort_by_key(|(key, _)| key.span().start);
    pairs
        .into_iter()
        .map(|(key, value)| {
            (
                key.get_ref().to_string(),
                convert_toml_value(value.get_ref()),
            )
        })
        .collect()
}

fn convert_toml_value(value: &DeValue) -> KeyValue {
    let scalar = |text: String, kind| KeyValue::Scalar { text, kind };
    match value {
        DeValue::String(text) => KeyValue::of_text(&**text),
        DeValue::Integer(number) => {
            let text = number.to_string();
            match integer_digits(number) {
                Some(digits) => scalar(text, ScalarKind::Number(digits)),
                None => KeyValue::of_text(text),
            }
        }
        DeValue::Float(number) => {
            let text = number.to_string();
            let value = text.replace('_', "").parse().ok();
            // JSON has no infinite number.
            match value.and_then(serde_json::Number::from_f64) {
                Some(number) => scalar(text, ScalarKind::Number(number.to_string())),
                None => KeyValue::of_text(text),
            }
        }
        DeValue::Boolean(value) => scalar(value.to_string(), ScalarKind::Bool(*value)),
        DeValue::Datetime(date) => KeyValue::of_text(date.to_string()),
        DeValue::Array(items) => KeyValue::List(
            items
                .iter()
                .map(|item| convert_toml_value(item.get_ref()))
                .collect(),
        ),
        DeValue::Table(table) => KeyValue::Map(collect_toml_pairs(table)),
    }
}

/// Returns an integer in decimal digits.
fn integer_digits(number: &DeInteger) -> Option<String> {
    let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
    Some(number.to_string())
}
