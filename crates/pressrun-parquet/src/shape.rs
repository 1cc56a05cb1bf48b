//! The shape of a row: how its columns form objects, lists and maps, and the object that they form.
//!
//! Each value of a column comes with two levels. The definition level says how much of the way to the
//! value is there, the repetition level in which list it is another element.

use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::Type;
use serde_json::{Map, Value};

use crate::leaf::LeafColumn;

/// A part of a row.
#[derive(Debug)]
pub(crate) struct RowPart {
    /// Its first column. The columns of a part follow each other.
    first: usize,
    /// The number of its columns.
    columns: usize,
    kind: PartKind,
}

#[derive(Debug)]
enum PartKind {
    Scalar,
    /// `level` is the definition level from which on the object is there.
    Object {
        level: i16,
        members: Vec<(String, RowPart)>,
    },
    /// `level` is the definition level of an element, `repetition` the repetition level of another one.
    List {
        level: i16,
        repetition: i16,
        element: Box<RowPart>,
    },
    Map {
        level: i16,
        repetition: i16,
        entry: Box<(RowPart, RowPart)>,
    },
}

/// The levels of the parts around a part, and the number of columns before it.
#[derive(Debug, Clone, Copy, Default)]
struct ShapeLevels {
    definition: i16,
    repetition: i16,
}

/// Returns the members of a row, by the schema of a file.
pub(crate) fn shape_row(schema: &Type) -> Vec<(String, RowPart)> {
    let mut columns = 0;
    shape_members(schema, ShapeLevels::default(), &mut columns)
}

fn shape_members(group: &Type, levels: ShapeLevels, columns: &mut usize) -> Vec<(String, RowPart)> {
    let fields = group.get_fields().iter();
    let members = fields.filter_map(|field| {
        let part = shape_field(field, levels, columns)?;
        Some((field.name().to_owned(), part))
    });
    members.collect()
}

/// Returns the part for a field, or `None` for a group without any column.
fn shape_field(field: &Type, mut levels: ShapeLevels, columns: &mut usize) -> Option<RowPart> {
    match field.get_basic_info().repetition() {
        Repetition::REQUIRED => {}
        Repetition::OPTIONAL => levels.definition += 1,
        // A list without a group around it.
        Repetition::REPEATED => {
            levels.definition += 1;
            levels.repetition += 1;
            return shape_list(levels, columns, |levels, columns| {
                shape_value(field, levels, columns)
            });
        }
    }
    shape_value(field, levels, columns)
}

/// Returns the part for a field that is there, whatever its repetition.
fn shape_value(field: &Type, levels: ShapeLevels, columns: &mut usize) -> Option<RowPart> {
    let first = *columns;
    if field.is_primitive() {
        *columns += 1;
        return Some(RowPart {
            first,
            columns: 1,
            kind: PartKind::Scalar,
        });
    }
    let [inner] = field.get_fields() else {
        return shape_object(field, levels, columns);
    };
    let is_repeated = inner.get_basic_info().has_repetition()
        && inner.get_basic_info().repetition() == Repetition::REPEATED;
    let inside = ShapeLevels {
        definition: levels.definition + 1,
        repetition: levels.repetition + 1,
    };
    match annotation(field) {
        Some(GroupAnnotation::List) if is_repeated => {
            shape_list(inside, columns, |inside, columns| {
                match inner.is_group().then(|| inner.get_fields()) {
                    // The usual form: the group in between means nothing.
                    Some([element]) if !is_element(inner, element) => {
                        shape_field(element, inside, columns)
                    }
                    _ => shape_value(inner, inside, columns),
                }
            })
        }
        Some(GroupAnnotation::Map) if is_repeated && inner.is_group() => {
            match inner.get_fields() {
                [key, value] => {
                    let key = shape_field(key, inside, columns);
                    let value = shape_field(value, inside, columns);
                    let entry = key.zip(value)?;
                    Some(RowPart {
                        first,
                        columns: *columns - first,
                        kind: PartKind::Map {
                            level: inside.definition,
                            repetition: inside.repetition,
                            entry: Box::new(entry),
                        },
                    })
                }
                // A map without values is the list of its keys.
                [key] => shape_list(inside, columns, |inside, columns| {
                    shape_field(key, inside, columns)
                }),
                _ => shape_object(field, levels, columns),
            }
        }
        _ => shape_object(field, levels, columns),
    }
}

fn shape_object(field: &Type, levels: ShapeLevels, columns: &mut usize) -> Option<RowPart> {
    let first = *columns;
    let members = shape_members(field, levels, columns);
    let count = *columns - first;
    (count > 0).then_some(RowPart {
        first,
        columns: count,
        kind: PartKind::Object {
            level: levels.definition,
            members,
        },
    })
}

fn shape_list(
    levels: ShapeLevels,
    columns: &mut usize,
    shape_element: impl FnOnce(ShapeLevels, &mut usize) -> Option<RowPart>,
) -> Option<RowPart> {
    let first = *columns;
    let element = shape_element(levels, columns)?;
    Some(RowPart {
        first,
        columns: *columns - first,
        kind: PartKind::List {
            level: levels.definition,
            repetition: levels.repetition,
            element: Box::new(element),
        },
    })
}

enum GroupAnnotation {
    List,
    Map,
}

fn annotation(group: &Type) -> Option<GroupAnnotation> {
    let info = group.get_basic_info();
    match (info.logical_type_ref(), info.converted_type()) {
        (Some(LogicalType::List), _) | (_, ConvertedType::LIST) => Some(GroupAnnotation::List),
        (Some(LogicalType::Map), _) | (_, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE) => {
            Some(GroupAnnotation::Map)
        }
        _ => None,
    }
}

/// Returns whether the repeated group of a list is the element itself, and not only around it: the
/// rules of the format for lists of old writers.
fn is_element(repeated: &Type, only: &Type) -> bool {
    let info = only.get_basic_info();
    let holds_list = info.has_repetition() && info.repetition() == Repetition::REPEATED;
    holds_list
        || annotation(repeated).is_some()
        || repeated.name() == "array"
        || repeated.name().ends_with("_tuple")
}

/// How much a row may hold, and what was found in it.
#[derive(Debug)]
pub(crate) struct RowAccount {
    /// The bytes that may still come.
    pub(crate) left: u64,
    /// Whether a text was not UTF-8.
    pub(crate) is_repaired: bool,
}

/// About the memory of a value, besides its text.
const VALUE: u64 = 64;

impl RowAccount {
    fn add(&mut self, bytes: usize) -> Result<()> {
        match self.left.checked_sub(VALUE + bytes as u64) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(ParquetError::General(
                "the row is too large to read".to_owned(),
            )),
        }
    }
}

/// Returns the object that the columns form for the row that they have read.
pub(crate) fn assemble_row(
    members: &[(String, RowPart)],
    columns: &mut [LeafColumn],
    account: &mut RowAccount,
) -> Result<Map<String, Value>> {
    let row = assemble_members(members, columns, account)?;
    if columns.iter().all(LeafColumn::is_at_end) {
        Ok(row)
    } else {
        Err(ParquetError::General(
            "the columns of a list have different lengths".to_owned(),
        ))
    }
}

fn assemble_members(
    members: &[(String, RowPart)],
    columns: &mut [LeafColumn],
    account: &mut RowAccount,
) -> Result<Map<String, Value>> {
    let mut object = Map::new();
    for (name, part) in members {
        let value = assemble_part(part, columns, account)?;
        // A column is there for all rows, so `null` means that this one has no such key.
        if !value.is_null() {
            account.add(name.len())?;
            object.insert(name.clone(), value);
        }
    }
    Ok(object)
}

fn assemble_part(
    part: &RowPart,
    columns: &mut [LeafColumn],
    account: &mut RowAccount,
) -> Result<Value> {
    match &part.kind {
        PartKind::Scalar => {
            let converted = columns[part.first].take_value()?;
            account.add(converted.value.as_str().map_or(0, str::len))?;
            account.is_repaired |= converted.is_repaired;
            Ok(converted.value)
        }
        PartKind::Object { level, members } => {
            if columns[part.first].definition()? < *level {
                pass_part(part, columns)?;
                return Ok(Value::Null);
            }
            Ok(Value::Object(assemble_members(members, columns, account)?))
        }
        PartKind::List {
            level,
            repetition,
            element,
        } => {
            let mut items = Vec::new();
            let is_there = assemble_elements(part, columns, (*level, *repetition), |columns| {
                items.push(assemble_part(element, columns, account)?);
                Ok(())
            })?;
            Ok(if is_there { items.into() } else { Value::Null })
        }
        PartKind::Map {
            level,
            repetition,
            entry,
        } => {
            let mut object = Map::new();
            let is_there = assemble_elements(part, columns, (*level, *repetition), |columns| {
                let key = assemble_part(&entry.0, columns, account)?;
                let value = assemble_part(&entry.1, columns, account)?;
                match key {
                    _ if value.is_null() => {}
                    Value::Null => {}
                    Value::String(key) => drop(object.insert(key, value)),
                    key => drop(object.insert(key.to_string(), value)),
                }
                Ok(())
            })?;
            Ok(if is_there { object.into() } else { Value::Null })
        }
    }
}

/// Calls `take` for each element of a list. Returns false if the list itself is absent.
fn assemble_elements(
    part: &RowPart,
    columns: &mut [LeafColumn],
    (level, repetition): (i16, i16),
    mut take: impl FnMut(&mut [LeafColumn]) -> Result<()>,
) -> Result<bool> {
    let definition = columns[part.first].definition()?;
    if definition < level {
        pass_part(part, columns)?;
        // One level lower the list is empty, and below that it is absent.
        return Ok(definition == level - 1);
    }
    loop {
        take(columns)?;
        // A higher level would be an element of a list inside, which `take` has taken.
        if columns[part.first].repetition() != Some(repetition) {
            return Ok(true);
        }
    }
}

/// Passes over a part that is absent: each of its columns has one entry for that.
fn pass_part(part: &RowPart, columns: &mut [LeafColumn]) -> Result<()> {
    for column in &mut columns[part.first..part.first + part.columns] {
        column.take_value()?;
    }
    Ok(())
}
