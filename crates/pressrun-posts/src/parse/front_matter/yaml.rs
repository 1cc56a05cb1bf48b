//! Reads YAML front matter, keeping every scalar as it was written.
//!
//! The parser turns untyped scalars into booleans and numbers, unless it is asked for text. So the
//! document is read twice: once to learn its shape, and once more to get the text of each scalar.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::FrontMatterError;
use crate::parse::key_value::{KeyValue, ScalarKind};

/// Returns the keys of the root mapping with their values, in order.
pub(super) fn parse_yaml(text: &str) -> Result<Vec<(String, KeyValue)>, FrontMatterError> {
    let mut budget = YamlBudget {
        nodes: MAX_NODES,
        bytes: MAX_BYTES,
    };
    let shape = YamlShapeSeed(&mut budget)
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| convert_yaml_error(&error))?;
    let value = KeyValueSeed(&shape)
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| convert_yaml_error(&error))?;
    match value {
        KeyValue::Map(pairs) => Ok(pairs),
        KeyValue::Scalar { .. } | KeyValue::List(_) => Err(FrontMatterError {
            message: "it is not a list of keys and values".to_owned(),
            line: None,
        }),
    }
}

/// The maximum number of nodes, more than real front matter has. Nested aliases can multiply nodes.
const MAX_NODES: usize = 10_000;

/// The maximum size of text in bytes. Aliases can multiply text too.
const MAX_BYTES: usize = 1024 * 1024;

/// The nodes and bytes that the rest of a document may use.
struct YamlBudget {
    nodes: usize,
    bytes: usize,
}

impl YamlBudget {
    fn spend<E: Error>(&mut self, nodes: usize, bytes: usize) -> Result<(), E> {
        let left = self
            .nodes
            .checked_sub(nodes)
            .zip(self.bytes.checked_sub(bytes));
        (self.nodes, self.bytes) = left.ok_or_else(|| E::custom("it is too large"))?;
        Ok(())
    }
}

fn convert_yaml_error(error: &serde_yaml::Error) -> FrontMatterError {
    let message = error.to_string();
    // The place is reported separately.
    let message = message.split(" at line ").next().unwrap_or_default();
    FrontMatterError {
        message: message.to_owned(),
        line: error
            .location()
            .map(|location| location.line().saturating_sub(1)),
    }
}

/// The shape of a document: where it has lists, mappings and scalars of which kind.
enum YamlShape {
    Scalar(ScalarKind),
    List(Vec<YamlShape>),
    Map(Vec<YamlShape>),
}

/// Returns the shape of a number. One that JSON does not have, such as an infinite one, is text.
fn shape_of_number(number: Option<serde_json::Number>) -> YamlShape {
    YamlShape::Scalar(match number {
        Some(number) => ScalarKind::Number(number.to_string()),
        None => ScalarKind::Text,
    })
}

/// Reads the shape of a document.
struct YamlShapeSeed<'b>(&'b mut YamlBudget);

impl<'de> DeserializeSeed<'de> for YamlShapeSeed<'_> {
    type Value = YamlShape;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<YamlShape, D::Error> {
        self.0.spend::<D::Error>(1, 0)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for YamlShapeSeed<'_> {
    type Value = YamlShape;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("text, a list, or keys with values")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<YamlShape, E> {
        Ok(YamlShape::Scalar(ScalarKind::Bool(value)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<YamlShape, E> {
        Ok(shape_of_number(Some(number.into())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<YamlShape, E> {
        Ok(shape_of_number(Some(number.into())))
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<YamlShape, E> {
        Ok(shape_of_number(serde_json::Number::from_f64(number as f64)))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<YamlShape, E> {
        Ok(shape_of_number(serde_json::Number::from_f64(number as f64)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<YamlShape, E> {
        Ok(shape_of_number(serde_json::Number::from_f64(number)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<YamlShape, E> {
        self.0.spend(0, text.len())?;
        Ok(YamlShape::Scalar(ScalarKind::Text))
    }

    fn visit_unit<E: Error>(self) -> Result<YamlShape, E> {
        Ok(YamlShape::Scalar(ScalarKind::Null))
    }

    fn visit_none<E: Error>(self) -> Result<YamlShape, E> {
        Ok(YamlShape::Scalar(ScalarKind::Null))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<YamlShape, A::Error> {
        // A tag of the author's own, such as `!image a.png`, does not change the value.
        let (_, value) = tagged.variant::<String>()?;
        value.newtype_variant_seed(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<YamlShape, A::Error> {
        let mut shapes = Vec::new();
        while let Some(shape) = items.next_element_seed(YamlShapeSeed(self.0))? {
            shapes.push(shape);
        }
        Ok(YamlShape::List(shapes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<YamlShape, A::Error> {
        let mut shapes = Vec::new();
        let mut keys = std::collections::HashSet::new();
        while let Some(key) = pairs.next_key::<String>()? {
            // A visitor has to reject duplicate keys itself.
            if keys.contains(&key) {
                return Err(A::Error::custom(format!("duplicate key `{key}`")));
            }
            keys.insert(key);
            shapes.push(pairs.next_value_seed(YamlShapeSeed(self.0))?);
        }
        Ok(YamlShape::Map(shapes))
    }
}

/// Reads a document of a known shape.
struct KeyValueSeed<'s>(&'s YamlShape);

impl<'de> DeserializeSeed<'de> for KeyValueSeed<'_> {
    type Value = KeyValue;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<KeyValue, D::Error> {
        match self.0 {
            YamlShape::Scalar(ScalarKind::Null) => {
                deserializer.deserialize_ignored_any(IgnoredAny)?;
                Ok(KeyValue::of_bare_scalar(""))
            }
            YamlShape::Scalar(_) => deserializer.deserialize_str(self),
            YamlShape::List(_) => deserializer.deserialize_seq(self),
            YamlShape::Map(_) => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for KeyValueSeed<'_> {
    type Value = KeyValue;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the shape that was read before")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<KeyValue, E> {
        Ok(KeyValue::Scalar {
            text: text.to_owned(),
            kind: match self.0 {
                YamlShape::Scalar(kind) => kind.clone(),
                YamlShape::List(_) | YamlShape::Map(_) => ScalarKind::Text,
            },
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<KeyValue, A::Error> {
        let mut values = Vec::new();
        if let YamlShape::List(shapes) = self.0 {
            for shape in shapes {
                values.extend(items.next_element_seed(KeyValueSeed(shape))?);
            }
        }
        Ok(KeyValue::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<KeyValue, A::Error> {
        let mut values = Vec::new();
        if let YamlShape::Map(shapes) = self.0 {
            for shape in shapes {
                let Some(key) = pairs.next_key::<String>()? else {
                    break;
                };
                values.push((key, pairs.next_value_seed(KeyValueSeed(shape))?));
            }
        }
        Ok(KeyValue::Map(values))
    }
}
