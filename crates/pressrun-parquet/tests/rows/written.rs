//! Writes files with the `parquet` crate.

use std::sync::Arc;

use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// The values of a column in a row group.
pub enum Values<'v> {
    Bool(&'v [bool]),
    Int32(&'v [i32]),
    Int64(&'v [i64]),
    Int96(&'v [[u32; 3]]),
    Float(&'v [f32]),
    Double(&'v [f64]),
    Text(&'v [&'v str]),
    Bytes(&'v [&'v [u8]]),
    Fixed(&'v [&'v [u8]]),
}

/// A column of a row group: its values, definition levels and repetition levels.
pub struct Column<'v>(pub Values<'v>, pub &'v [i16], pub &'v [i16]);

/// Writes a file with these row groups.
pub fn write(schema: &str, groups: &[Vec<Column>]) -> Vec<u8> {
    write_with(schema, groups, WriterProperties::builder())
}

pub fn write_with(
    schema: &str,
    groups: &[Vec<Column>],
    properties: WriterPropertiesBuilder,
) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(&format!("message row {{ {schema} }}")).unwrap());
    let properties = Arc::new(properties.build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    for group in groups {
        let mut columns = writer.next_row_group().unwrap();
        for column in group {
            let mut open = columns.next_column().unwrap().unwrap();
            write_column(open.untyped(), column);
            open.close().unwrap();
        }
        columns.close().unwrap();
    }
    writer.into_inner().unwrap()
}

fn write_column(writer: &mut ColumnWriter, Column(values, definition, repetition): &Column) {
    let definition = (!definition.is_empty()).then_some(*definition);
    let repetition = (!repetition.is_empty()).then_some(*repetition);
    let bytes = |items: &[&[u8]]| -> Vec<ByteArray> {
        items
            .iter()
            .map(|item| ByteArray::from(item.to_vec()))
            .collect()
    };
    macro_rules! write {
        ($column:expr, $values:expr) => {
            $column
                .write_batch($values, definition, repetition)
                .map(|_| ())
        };
    }
    match (writer, values) {
        (ColumnWriter::BoolColumnWriter(column), Values::Bool(values)) => write!(column, values),
        (ColumnWriter::Int32ColumnWriter(column), Values::Int32(values)) => write!(column, values),
        (ColumnWriter::Int64ColumnWriter(column), Values::Int64(values)) => write!(column, values),
        (ColumnWriter::FloatColumnWriter(column), Values::Float(values)) => write!(column, values),
        (ColumnWriter::DoubleColumnWriter(column), Values::Double(values)) => {
            write!(column, values)
        }
        (ColumnWriter::Int96ColumnWriter(column), Values::Int96(values)) => {
            let values: Vec<Int96> = values
                .iter()
                .map(|words| Int96::from(words.to_vec()))
                .collect();
            write!(column, &values)
        }
        (ColumnWriter::ByteArrayColumnWriter(column), Values::Bytes(values)) => {
            write!(column, &bytes(values))
        }
        (ColumnWriter::ByteArrayColumnWriter(column), Values::Text(values)) => {
            let values: Vec<&[u8]> = values.iter().map(|text| text.as_bytes()).collect();
            write!(column, &bytes(&values))
        }
        (ColumnWriter::FixedLenByteArrayColumnWriter(column), Values::Fixed(values)) => {
            let values = bytes(values).into_iter().map(FixedLenByteArray::from);
            write!(column, &values.collect::<Vec<_>>())
        }
        _ => panic!("the values are not those of the column"),
    }
    .unwrap();
}
