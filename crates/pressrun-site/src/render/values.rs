//! Builds the values that templates see, field by field.
//!
//! `docs/templates.md` documents the fields for authors of templates.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use pressrun_posts::post::ExtraValue;
use tera::value::Key;
use tera::{Map, Value};

/// A template value under construction, with named fields.
#[derive(Clone, Default)]
pub(super) struct TemplateFields(Vec<(Key<'static>, Value)>);

impl TemplateFields {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(8))
    }

    /// Adds a field. If there is one by this name, it keeps its place and gets the new value.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// Adds a field that may be absent; templates then see `none`.
    pub(super) fn with_optional(self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        let value = value.map_or_else(Value::none, Into::into);
        self.with(name, value)
    }

    /// Adds copies of all fields of another value.
    pub(super) fn with_all_of(mut self, other: &Value) -> Self {
        if let Some(map) = other.as_map() {
            let copies = map.iter().map(|(key, value)| (key.clone(), value.clone()));
            self.0.extend(copies);
        }
        self
    }
}

impl From<TemplateFields> for Value {
    fn from(fields: TemplateFields) -> Self {
        // Whatever a map is made of, the engine enters each key into a map of its own. This is the
        // source that keeps the order and costs least.
        let placed = fields.0.into_iter().enumerate();
        let placed: BTreeMap<PlacedKey, Self> = placed
            .map(|(place, (key, value))| (PlacedKey { place, key }, value))
            .collect();
        placed.into()
    }
}

/// A key that sorts by its place among the fields.
struct PlacedKey {
    place: usize,
    key: Key<'static>,
}

impl From<PlacedKey> for Key<'static> {
    fn from(placed: PlacedKey) -> Self {
        placed.key
    }
}

impl Ord for PlacedKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place.cmp(&other.place)
    }
}

impl PartialOrd for PlacedKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for PlacedKey {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for PlacedKey {}

/// Converts keys of an author's own with their values.
pub(super) fn extras_value(entries: &[(String, ExtraValue)]) -> Value {
    /// Shared by the many posts that have none.
    static EMPTY: LazyLock<Value> = LazyLock::new(|| Map::new().into());
    if entries.is_empty() {
        return EMPTY.clone();
    }
    let entries = entries.iter();
    let map: Map = entries
        .map(|(key, value)| (key.clone().into(), extra_value(value)))
        .collect();
    map.into()
}

/// Converts the keys of front matter that no field reads. Those in the tables `extra` (Zola) and
/// `params` (Hugo) are found without the name of the table too.
pub(super) fn extras_of_post(entries: &[(String, ExtraValue)]) -> Value {
    let tables: Vec<&[(String, ExtraValue)]> = entries
        .iter()
        .filter_map(|(key, value)| match value {
            ExtraValue::Map(below) if key == "extra" || key == "params" => Some(&below[..]),
            _ => None,
        })
        .collect();
    let value = extras_value(entries);
    if tables.is_empty() {
        return value;
    }
    let mut map = value.into_map().unwrap_or_default();
    for (key, value) in tables.into_iter().flatten() {
        map.entry(key.clone().into())
            .or_insert_with(|| extra_value(value));
    }
    map.into()
}

fn extra_value(value: &ExtraValue) -> Value {
    match value {
        ExtraValue::Null => Value::none(),
        ExtraValue::Bool(is_true) => (*is_true).into(),
        ExtraValue::Number(digits) => number_value(digits),
        ExtraValue::Text(text) => text.as_str().into(),
        ExtraValue::List(items) => items.iter().map(extra_value).collect::<Vec<_>>().into(),
        ExtraValue::Map(entries) => extras_value(entries),
    }
}

/// Converts a number as JSON writes it. One that templates do not have stays text.
fn number_value(digits: &str) -> Value {
    if let Ok(number) = digits.parse::<i64>() {
        return number.into();
    }
    if let Ok(number) = digits.parse::<u64>() {
        return number.into();
    }
    match digits.parse::<f64>() {
        Ok(number) if number.is_finite() => number.into(),
        _ => digits.into(),
    }
}
