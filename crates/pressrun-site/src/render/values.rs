//! Builds the values that templates see, field by field.
//!
//! `docs/templates.md` documents the fields for authors of templates.

use pressrun_posts::post::Date;
use tera::{Map, Value};

/// A template value under construction, with named fields.
#[derive(Clone, Default)]
pub(super) struct TemplateFields(Map);

impl TemplateFields {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Starts a value that is kept for the whole build, with exact capacity to save memory.
    pub(super) fn with_room_for(count: usize) -> Self {
        Self(Map::with_capacity(count))
    }

    /// Adds a field.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Adds a field that may be absent; templates then see `none`.
    pub(super) fn with_optional(
        mut self,
        name: &'static str,
        value: Option<impl Into<Value>>,
    ) -> Self {
        let value = value.map_or_else(Value::none, Into::into);
        self.0.insert(name.into(), value);
        self
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
        fields.0.into()
    }
}

/// Formats a date for readers: `20 November 2026` on English sites, `2026-11-20` on others.
pub(super) fn format_day(date: Date, language: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    if language == "en" || language.starts_with("en-") {
        let month = MONTHS[date.month().unsigned_abs() as usize - 1];
        format!("{} {month} {}", date.day(), date.year())
    } else {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_is_spelled_out_in_english_only() {
        let day = Date::constant(2026, 3, 9);
        assert_eq!(format_day(day, "en-GB"), "9 March 2026");
        assert_eq!(format_day(day, "de"), "2026-03-09");
    }
}
