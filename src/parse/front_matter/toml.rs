//! Reads TOML front matter, keeping every scalar as it was written.

use toml::de::{DeTable, DeValue};

use super::{Entry, Rejected};
use crate::parse::key as keys;
use crate::parse::value::Value;

/// Returns the entries of the root table in order, including those of `[taxonomies]`.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, Rejected> {
    let table = DeTable::parse(text).map_err(|error| Rejected {
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
    let mut entries = Vec::new();
    collect(table.get_ref(), &mut entries);
    Ok(entries)
}

fn collect(table: &DeTable, entries: &mut Vec<Entry>) {
    let mut pairs: Vec<_> = table.iter().collect();
    // The table is sorted by key, but fields keep the order of the file.
    pairs.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in pairs {
        let value = match value.get_ref() {
            DeValue::Table(inner) => {
                // Some generators put tags and categories into this table.
                if key.get_ref() == "taxonomies" {
                    collect(inner, entries);
                }
                entries.extend(inner.iter().filter_map(|(field, value)| {
                    Some(Entry {
                        key: keys::inner(key.get_ref(), field.get_ref())?,
                        value: Value::Text(scalar(value.get_ref())?),
                    })
                }));
                continue;
            }
            DeValue::Array(items) => Value::List(
                items
                    .iter()
                    .filter_map(|item| scalar(item.get_ref()))
                    .collect(),
            ),
            value => match scalar(value) {
                Some(text) => Value::Text(text),
                None => continue,
            },
        };
        entries.push(Entry {
            key: key.get_ref().to_string(),
            value,
        });
    }
}

fn scalar(value: &DeValue) -> Option<String> {
    Some(match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(_) | DeValue::Table(_) => return None,
    })
}
