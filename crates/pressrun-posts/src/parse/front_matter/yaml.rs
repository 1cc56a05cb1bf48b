//! Reads YAML front matter, keeping every scalar as it was written.
//!
//! The parser turns untyped scalars into booleans and numbers, unless it is asked for text. So the
//! document is read twice: once to learn its shape, and once more to get the text of each scalar.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

use super::{FrontMatterEntry, FrontMatterError};
use crate::parse::key as keys;
use crate::parse::value::FieldValue;

/// Returns the entries of the root mapping, in order.
pub(super) fn parse_yaml(text: &str) -> Result<Vec<FrontMatterEntry>, FrontMatterError> {
    let mut budget = YamlBudget {
        nodes: MAX_NODES,
        bytes: MAX_BYTES,
    };
    let shape = YamlShapeSeed(&mut budget)
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| convert_yaml_error(&error))?;
    if !matches!(shape, YamlShape::Map(_)) {
        return Err(FrontMatterError {
            message: "it is not a list of keys and values".to_owned(),
            line: None,
        });
    }
    let node = YamlNodeSeed(&shape)
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| convert_yaml_error(&error))?;
    let mut entries = Vec::new();
    collect_yaml_entries(node, &mut entries);
    Ok(entries)
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

fn collect_yaml_entries(node: YamlNode, entries: &mut Vec<FrontMatterEntry>) {
    let YamlNode::Map(pairs) = node else {
        return;
    };
    for (key, value) in pairs {
        match value {
            YamlNode::Map(_) if key == "taxonomies" => collect_yaml_entries(value, entries),
            YamlNode::Map(fields) => {
                entries.extend(fields.into_iter().filter_map(|(field, value)| {
                    Some(FrontMatterEntry {
                        key: keys::inner(&key, &field)?,
                        value: FieldValue::Text(yaml_scalar_text(value)?),
                    })
                }));
            }
            YamlNode::Scalar(text) => entries.push(FrontMatterEntry {
                key,
                value: FieldValue::Text(text),
            }),
            YamlNode::List(items) => entries.push(FrontMatterEntry {
                key,
                value: FieldValue::List(items.into_iter().filter_map(yaml_scalar_text).collect()),
            }),
        }
    }
}

fn yaml_scalar_text(node: YamlNode) -> Option<String> {
    match node {
        YamlNode::Scalar(text) => Some(text),
        _ => None,
    }
}

/// The shape of a document: where it has lists, mappings, scalars and nulls.
enum YamlShape {
    Null,
    Scalar,
    List(Vec<YamlShape>),
    Map(Vec<YamlShape>),
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

macro_rules! scalars {
    ($($visit:ident: $type:ty,)*) => {
        $(fn $visit<E: Error>(self, _: $type) -> Result<YamlShape, E> { Ok(YamlShape::Scalar) })*
    };
}

impl<'de> Visitor<'de> for YamlShapeSeed<'_> {
    type Value = YamlShape;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("text, a list, or keys with values")
    }

    scalars! {
        visit_bool: bool,
        visit_i64: i64,
        visit_u64: u64,
        visit_i128: i128,
        visit_u128: u128,
        visit_f64: f64,
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<YamlShape, E> {
        self.0.spend(0, text.len())?;
        Ok(YamlShape::Scalar)
    }

    fn visit_unit<E: Error>(self) -> Result<YamlShape, E> {
        Ok(YamlShape::Null)
    }

    fn visit_none<E: Error>(self) -> Result<YamlShape, E> {
        Ok(YamlShape::Null)
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

/// A document in which all scalars are text.
enum YamlNode {
    Scalar(String),
    List(Vec<YamlNode>),
    Map(Vec<(String, YamlNode)>),
}

/// Reads a document of a known shape.
struct YamlNodeSeed<'s>(&'s YamlShape);

impl<'de> DeserializeSeed<'de> for YamlNodeSeed<'_> {
    type Value = YamlNode;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<YamlNode, D::Error> {
        match self.0 {
            YamlShape::Null => {
                deserializer.deserialize_ignored_any(IgnoredAny)?;
                Ok(YamlNode::Scalar(String::new()))
            }
            YamlShape::Scalar => deserializer.deserialize_str(self),
            YamlShape::List(_) => deserializer.deserialize_seq(self),
            YamlShape::Map(_) => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for YamlNodeSeed<'_> {
    type Value = YamlNode;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the shape that was read before")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<YamlNode, E> {
        Ok(YamlNode::Scalar(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<YamlNode, A::Error> {
        let mut nodes = Vec::new();
        if let YamlShape::List(shapes) = self.0 {
            for shape in shapes {
                nodes.extend(items.next_element_seed(YamlNodeSeed(shape))?);
            }
        }
        Ok(YamlNode::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<YamlNode, A::Error> {
        let mut nodes = Vec::new();
        if let YamlShape::Map(shapes) = self.0 {
            for shape in shapes {
                let Some(key) = pairs.next_key::<String>()? else {
                    break;
                };
                nodes.push((key, pairs.next_value_seed(YamlNodeSeed(shape))?));
            }
        }
        Ok(YamlNode::Map(nodes))
    }
}
