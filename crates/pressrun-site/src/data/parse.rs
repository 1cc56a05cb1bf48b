//! Parses a data file as what its extension says.

use std::fmt;
use std::ops::Range;

use pressrun_posts::parse::front_matter::read_toml_table;
use pressrun_posts::post::ExtraValue;
use pressrun_text::characters::floor_char_boundary;
use pressrun_text::numbers::group_thousands;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use toml::de::DeTable;

use super::csv::parse_csv;

/// The most levels of lists and maps in each other.
const MAX_DEPTH: usize = 64;

/// The most open brackets in YAML. For each one, its parser does more work with every token.
const MAX_OPEN_BRACKETS: usize = 1_000;

/// How many values the data of a site may still have.
#[derive(Debug)]
pub(super) struct ValueBudget(usize);

/// What is wrong with a data file, and where.
#[derive(Debug)]
pub(super) struct DataFault {
    pub(super) message: String,
    /// The bytes of the text that are wrong.
    pub(super) range: Range<usize>,
    pub(super) help: Option<String>,
}

/// The format of a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DataFormat {
    Toml,
    Yaml,
    Json,
    Csv,
}

impl ValueBudget {
    pub(super) fn new(values: usize) -> Self {
        Self(values)
    }

    /// Takes values out of the budget.
    pub(super) fn spend(&mut self, values: usize) -> Result<(), String> {
        self.0 = self.0.checked_sub(values).ok_or_else(|| {
            let most = group_thousands(super::MAX_VALUES);
            format!("the data files have more than {most} values")
        })?;
        Ok(())
    }
}

impl DataFault {
    pub(super) fn new(message: impl Into<String>, range: Range<usize>) -> Self {
        Self {
            message: message.into(),
            range,
            help: None,
        }
    }

    /// Creates the fault at a line and a column, both counted from 1; the column in bytes.
    fn at_line(message: impl Into<String>, text: &str, line: usize, column: usize) -> Self {
        let lines = text.split_inclusive('\n');
        let before: usize = lines.take(line.saturating_sub(1)).map(str::len).sum();
        let at = floor_char_boundary(text, before + column.saturating_sub(1));
        let length = text[at..].chars().next().map_or(0, char::len_utf8);
        Self::new(message, at..at + length)
    }
}

impl DataFormat {
    /// Splits the path of a data file into its name and its format; `None` if it has another
    /// extension.
    pub(super) fn split_name(path: &str) -> Option<(&str, Self)> {
        let (name, extension) = path.rsplit_once('.')?;
        let format = match extension.to_ascii_lowercase().as_str() {
            "toml" => Self::Toml,
            "yaml" | "yml" => Self::Yaml,
            "json" => Self::Json,
            "csv" => Self::Csv,
            _ => return None,
        };
        Some((name, format))
    }

    /// Parses the text of a data file.
    pub(super) fn parse_data(
        self,
        text: &str,
        budget: &mut ValueBudget,
    ) -> Result<ExtraValue, DataFault> {
        match self {
            Self::Toml => parse_toml(text, budget),
            Self::Yaml => parse_yaml(text, budget),
            Self::Json => parse_json(text, budget),
            Self::Csv => parse_csv(text, budget),
        }
    }
}

fn parse_toml(text: &str, budget: &mut ValueBudget) -> Result<ExtraValue, DataFault> {
    let table = DeTable::parse(text).map_err(|error| {
        let range = error.span().unwrap_or_default();
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        DataFault::new(
            message,
            range.start.min(text.len())..range.end.min(text.len()),
        )
    })?;
    let value = ExtraValue::Map(read_toml_table(table.get_ref()));
    let spent = budget.spend(value.count_values());
    spent.map_err(|message| DataFault::new(message, 0..0))?;
    Ok(value)
}

fn parse_json(text: &str, budget: &mut ValueBudget) -> Result<ExtraValue, DataFault> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = DataSeed { budget, depth: 0 }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    read.map_err(|error| {
        let message = error.to_string();
        // The place is reported separately.
        let end = message.rfind(" at line ").unwrap_or(message.len());
        DataFault::at_line(&message[..end], text, error.line(), error.column())
    })
}

fn parse_yaml(text: &str, budget: &mut ValueBudget) -> Result<ExtraValue, DataFault> {
    if let Some(at) = find_bracket_too_many(text) {
        return Err(DataFault::new("it is nested too deeply", at..at + 1));
    }
    // The parser takes a text without any value for one that was cut off.
    let is_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_nothing) {
        return Ok(ExtraValue::Null);
    }
    let read = DataSeed { budget, depth: 0 }.deserialize(serde_yaml::Deserializer::from_str(text));
    read.map_err(|error| {
        let message = error.to_string();
        let end = message.find(" at line ").unwrap_or(message.len());
        let place = error.location();
        let (line, column) = place.map_or((1, 1), |place| (place.line(), place.column()));
        DataFault::at_line(strip_key_path(&message[..end]), text, line, column)
    })
}

/// Removes the path of keys from a message of the YAML parser, if it is long: the place says enough.
fn strip_key_path(message: &str) -> &str {
    const MOST: usize = 40;
    match message.split_once(": ") {
        Some((path, rest)) if path.len() > MOST && !path.contains(' ') => rest,
        _ => message,
    }
}

/// Returns the place of the first bracket within too many others.
fn find_bracket_too_many(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    text.bytes().position(|byte| {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > MAX_OPEN_BRACKETS
    })
}

/// Reads one value of JSON or YAML.
struct DataSeed<'b> {
    budget: &'b mut ValueBudget,
    /// The number of lists and maps around the value.
    depth: usize,
}

impl DataSeed<'_> {
    /// Returns the seed for a value in this one.
    fn below(&mut self) -> DataSeed<'_> {
        DataSeed {
            budget: self.budget,
            depth: self.depth + 1,
        }
    }
}

impl<'de> DeserializeSeed<'de> for DataSeed<'_> {
    type Value = ExtraValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ExtraValue, D::Error> {
        if self.depth > MAX_DEPTH {
            let message = format!("lists and maps are nested more than {MAX_DEPTH} levels deep");
            return Err(D::Error::custom(message));
        }
        self.budget.spend(1).map_err(D::Error::custom)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DataSeed<'_> {
    type Value = ExtraValue;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("text, a number, a list, or keys with values")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<ExtraValue, E> {
        Ok(ExtraValue::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<ExtraValue, E> {
        Ok(ExtraValue::Number(number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<ExtraValue, E> {
        Ok(ExtraValue::Number(number.to_string()))
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<ExtraValue, E> {
        Ok(ExtraValue::Text(number.to_string()))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<ExtraValue, E> {
        Ok(ExtraValue::Text(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<ExtraValue, E> {
        // JSON has no infinite number.
        Ok(match serde_json::Number::from_f64(number) {
            Some(number) => ExtraValue::Number(number.to_string()),
            None => ExtraValue::Text(number.to_string()),
        })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ExtraValue, E> {
        Ok(ExtraValue::Text(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<ExtraValue, E> {
        Ok(ExtraValue::Null)
    }

    fn visit_none<E: Error>(self) -> Result<ExtraValue, E> {
        Ok(ExtraValue::Null)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<ExtraValue, A::Error> {
        // A tag of the author's own, such as `!image a.png`, does not change the value.
        let (_, value) = tagged.variant::<String>()?;
        value.newtype_variant_seed(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<ExtraValue, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(self.below())? {
            values.push(value);
        }
        Ok(ExtraValue::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut pairs: A) -> Result<ExtraValue, A::Error> {
        let mut values = Vec::new();
        let mut known = std::collections::HashSet::new();
        while let Some(key) = pairs.next_key::<String>()? {
            if !known.insert(key.clone()) {
                return Err(A::Error::custom(format!("duplicate key `{key}`")));
            }
            values.push((key, pairs.next_value_seed(self.below())?));
        }
        Ok(ExtraValue::Map(values))
    }
}
