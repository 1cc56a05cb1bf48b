//! Reads TOML front matter, keeping every scalar as it was written.

use toml::de::{DeTable, DeValue};

use super::{FrontMatterEntry, FrontMatterError};
use crate::parse::key as keys;
use crate::parse::value::FieldValue;

/// Returns the entries of the root table in order, including those of `[taxonomies]`.
pub(super) fn parse_toml(text: &str) -> Result<Vec<FrontMatterEntry>, FrontMatterError> {
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
    let mut entries = Vec::new();
    collect_toml_entries(table.get_ref(), &mut entries);
    Ok(entries)
}

fn collect_toml_entries(table: &DeTable, entries: &mut Vec<FrontMatterEntry>) {
    let mut pairs: Vec<_> = table.iter().collect();
    // The table is sorted by key, but fields keep the order of the file.
    pairs.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in pairs {
        let value = match value.get_ref() {
            DeValue::Table(inner) => {
                // Some generators put tags and categories into this table.
                if key.get_ref() == "taxonomies" {
                    collect_toml_entries(inner, entries);
                }
                entries.extend(inner.iter().filter_map(|(field, value)| {
                    Some(FrontMatterEntry {
                        key: keys::inner(key.get_ref(), field.get_ref())?,
                        value: FieldValue::Text(toml_scalar_text(value.get_ref())?),
                    })
                }));
                continue;
            }
            DeValue::Array(items) => FieldValue::List(
                items
                    .iter()
                    .filter_map(|item| toml_scalar_text(item.get_ref()))
                    .collect(),
            ),
            value => match toml_scalar_text(value) {
                Some(text) => FieldValue::Text(text),
                None => continue,
            },
        };
        entries.push(FrontMatterEntry {
            key: key.get_ref().to_string(),
            value,
        });
    }
}

fn toml_scalar_text(value: &DeValue) -> Option<String> {
    Some(match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(_) | DeValue::Table(_) => return None,
    })
}
