//! Reads YAML front matter, keeping every scalar as it was written.
//!
//! The parser turns untyped scalars into booleans and numbers, unless it is asked for text. So the
//! document is read twice: once to learn its shape, and once more to get the text of each scalar.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

use super::{Entry, Rejected};
use crate::parse::key as keys;
use crate::parse::value::Value;

/// Returns the entries of the root mapping, in order.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, Rejected> {
    let mut budget = Budget {
        nodes: MAX_NODES,
        bytes: MAX_BYTES,
    };
    let shape = ShapeSeed(&mut budget)
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| rejected(&error))?;
    if !matches!(shape, Shape::Map(_)) {
        return Err(Rejected {
            message: "it is no list of keys and values".to_owned(),
            line: None,
        });
    }
    let node = NodeSeed(&shape)
        .deserialize(serde_yaml::Deserializer::from_str(text))
        .map_err(|error| rejected(&error))?;
    let mut entries = Vec::new();
    collect(node, &mut entries);
    Ok(entries)
}

/// The maximum number of nodes, more than real front matter has. Nested aliases can multiply nodes.
const MAX_NODES: usize = 10_000;

/// The maximum size of text in bytes. Aliases can multiply text too.
const MAX_BYTES: usize = 1024 * 1024;

/// The nodes and bytes that the rest of a document may use.
struct Budget {
    nodes: usize,
    bytes: usize,
}

impl Budget {
    fn take<E: Error>(&mut self, nodes: usize, bytes: usize) -> Result<(), E> {
        let left = self
            .nodes
            .checked_sub(nodes)
            .zip(self.bytes.checked_sub(bytes));
        (self.nodes, self.bytes) = left.ok_or_else(|| E::custom("it is too large"))?;
        Ok(())
    }
}

fn rejected(error: &serde_yaml::Error) -> Rejected {
    let message = error.to_string();
    // The place is reported separately.
    let message = message.split(" at line ").next().unwrap_or_default();
    Rejected {
        message: message.to_owned(),
        line: error
            .location()
            .map(|location| location.line().saturating_sub(1)),
    }
}

fn collect(node: Node, entries: &mut Vec<Entry>) {
    let Node::Map(pairs) = node else {
        return;
    };
    for (key, value) in pairs {
        match value {
            Node::Map(_) if key == "taxonomies" => collect(value, entries),
            Node::Map(fields) => entries.extend(fields.into_iter().filter_map(|(field, value)| {
                Some(Entry {
                    key: keys::inner(&key, &field)?,
                    value: Value::Text(scalar(value)?),
                })
            })),
            Node::Scalar(text) => entries.push(Entry {
                key,
                value: Value::Text(text),
            }),
            Node::List(items) => entries.push(Entry {
                key,
                value: Value::List(items.into_iter().filter_map(scalar).collect()),
            }),
        }
    }
}

fn scalar(node: Node) -> Option<String> {
    match node {
        Node::Scalar(text) => Some(text),
        _ => None,
    }
}

/// The shape of a document: where it has lists, mappings, scalars and nulls.
enum Shape {
    Null,
    Scalar,
    List(Vec<Shape>),
    Map(Vec<Shape>),
}

/// Reads the shape of a document.
struct ShapeSeed<'b>(&'b mut Budget);

impl<'de> DeserializeSeed<'de> for ShapeSeed<'_> {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        self.0.take::<D::Error>(1, 0)?;
        deserializer.deserialize_any(self)
    }
}

macro_rules! scalars {
    ($($visit:ident: $type:ty,)*) => {
        $(fn $visit<E: Error>(self, _: $type) -> Result<Shape, E> { Ok(Shape::Scalar) })*
    };
}

impl<'de> Visitor<'de> for ShapeSeed<'_> {
    type Value = Shape;

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

    fn visit_str<E: Error>(self, text: &str) -> Result<Shape, E> {
        self.0.take(0, text.len())?;
        Ok(Shape::Scalar)
    }

    fn visit_unit<E: Error>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        while let Some(shape) = items.next_element_seed(ShapeSeed(self.0))? {
            shapes.push(shape);
        }
        Ok(Shape::List(shapes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        let mut keys = std::collections::HashSet::new();
        while let Some(key) = pairs.next_key::<String>()? {
            // A visitor has to reject duplicate keys itself.
            if keys.contains(&key) {
                return Err(A::Error::custom(format!("duplicate key `{key}`")));
            }
            keys.insert(key);
            shapes.push(pairs.next_value_seed(ShapeSeed(self.0))?);
        }
        Ok(Shape::Map(shapes))
    }
}

/// A document in which all scalars are text.
enum Node {
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// Reads a document of a known shape.
struct NodeSeed<'s>(&'s Shape);

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        match self.0 {
            Shape::Null => {
                deserializer.deserialize_ignored_any(IgnoredAny)?;
                Ok(Node::Scalar(String::new()))
            }
            Shape::Scalar => deserializer.deserialize_str(self),
            Shape::List(_) => deserializer.deserialize_seq(self),
            Shape::Map(_) => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the shape that was read before")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Scalar(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        if let Shape::List(shapes) = self.0 {
            for shape in shapes {
                nodes.extend(items.next_element_seed(NodeSeed(shape))?);
            }
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        if let Shape::Map(shapes) = self.0 {
            for shape in shapes {
                let Some(key) = pairs.next_key::<String>()? else {
                    break;
                };
                nodes.push((key, pairs.next_value_seed(NodeSeed(shape))?));
            }
        }
        Ok(Node::Map(nodes))
    }
}
