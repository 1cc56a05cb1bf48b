//! Reads the values of one column, a row at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parquet::basic::Type as PhysicalType;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{
    BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type,
    Int64Type, Int96Type,
};
use parquet::errors::{ParquetError, Result};
use parquet::schema::types::ColumnDescPtr;
use serde_json::Value;

use crate::pages::ColumnPages;
use crate::scalar::{self, ColumnMeaning, ConvertedBytes};

/// The values of a column that are neither a list nor an object.
pub(crate) struct LeafColumn {
    values: LeafValues,
    kind: ColumnMeaning,
    /// The highest definition level: that of a value that is there.
    present: i16,
    levels: RowLevels,
    /// The values of pages, which `ColumnPages` counts.
    counted: Arc<AtomicUsize>,
}

/// The levels of a row, and the position in them.
#[derive(Default)]
struct RowLevels {
    definition: Vec<i16>,
    repetition: Vec<i16>,
    count: usize,
    at: usize,
    /// The index of the next value that is there.
    next: usize,
}

/// The decoder of a column and the values of a row.
struct TypedColumn<T: DataType> {
    reader: ColumnReaderImpl<T>,
    row: Vec<T::T>,
}

enum LeafValues {
    Bool(TypedColumn<BoolType>),
    Int32(TypedColumn<Int32Type>),
    Int64(TypedColumn<Int64Type>),
    Int96(TypedColumn<Int96Type>),
    Float(TypedColumn<FloatType>),
    Double(TypedColumn<DoubleType>),
    Bytes(TypedColumn<ByteArrayType>),
    Fixed(TypedColumn<FixedLenByteArrayType>),
}

impl<T: DataType> TypedColumn<T> {
    fn new(column: ColumnDescPtr, pages: ColumnPages) -> Self {
        Self {
            reader: ColumnReaderImpl::new(column, Box::new(pages)),
            row: Vec::new(),
        }
    }

    fn read_row(&mut self, levels: &mut RowLevels) -> Result<()> {
        self.row.clear();
        levels.definition.clear();
        levels.repetition.clear();
        (levels.at, levels.next) = (0, 0);
        let (rows, _, count) = self.reader.read_records(
            1,
            Some(&mut levels.definition),
            Some(&mut levels.repetition),
            &mut self.row,
        )?;
        levels.count = count;
        if rows == 1 {
            Ok(())
        } else {
            Err(ParquetError::General(
                "a column has fewer rows than the file says".to_owned(),
            ))
        }
    }
}

impl LeafColumn {
    pub(crate) fn new(
        column: ColumnDescPtr,
        pages: ColumnPages,
        counted: Arc<AtomicUsize>,
    ) -> Self {
        let kind = ColumnMeaning::of_column(&column);
        let present = column.max_def_level();
        let values = match column.physical_type() {
            PhysicalType::BOOLEAN => LeafValues::Bool(TypedColumn::new(column, pages)),
            PhysicalType::INT32 => LeafValues::Int32(TypedColumn::new(column, pages)),
            PhysicalType::INT64 => LeafValues::Int64(TypedColumn::new(column, pages)),
            PhysicalType::INT96 => LeafValues::Int96(TypedColumn::new(column, pages)),
            PhysicalType::FLOAT => LeafValues::Float(TypedColumn::new(column, pages)),
            PhysicalType::DOUBLE => LeafValues::Double(TypedColumn::new(column, pages)),
            PhysicalType::BYTE_ARRAY => LeafValues::Bytes(TypedColumn::new(column, pages)),
            PhysicalType::FIXED_LEN_BYTE_ARRAY => {
                LeafValues::Fixed(TypedColumn::new(column, pages))
            }
        };
        Self {
            values,
            kind,
            present,
            levels: RowLevels::default(),
            counted,
        }
    }

    /// Reads the next row.
    pub(crate) fn read_row(&mut self) -> Result<()> {
        self.counted.store(0, Ordering::Relaxed);
        let levels = &mut self.levels;
        match &mut self.values {
            LeafValues::Bool(column) => column.read_row(levels),
            LeafValues::Int32(column) => column.read_row(levels),
            LeafValues::Int64(column) => column.read_row(levels),
            LeafValues::Int96(column) => column.read_row(levels),
            LeafValues::Float(column) => column.read_row(levels),
            LeafValues::Double(column) => column.read_row(levels),
            LeafValues::Bytes(column) => column.read_row(levels),
            LeafValues::Fixed(column) => column.read_row(levels),
        }
    }

    /// Returns whether all of the row was taken.
    pub(crate) fn is_at_end(&self) -> bool {
        self.levels.at >= self.levels.count
    }

    /// Returns the definition level of the next value: how much of the way to it is there.
    pub(crate) fn definition(&self) -> Result<i16> {
        let levels = &self.levels;
        if levels.at >= levels.count {
            return Err(ParquetError::General(
                "the columns of a list have different lengths".to_owned(),
            ));
        }
        // A column that is always there has no levels.
        Ok(levels
            .definition
            .get(levels.at)
            .copied()
            .unwrap_or(self.present))
    }

    /// Returns the repetition level of the next value: in which list it is another element. `None` at
    /// the end of the row.
    pub(crate) fn repetition(&self) -> Option<i16> {
        let levels = &self.levels;
        (levels.at < levels.count).then(|| levels.repetition.get(levels.at).copied().unwrap_or(0))
    }

    /// Takes the next value.
    pub(crate) fn take_value(&mut self) -> Result<ConvertedBytes> {
        let definition = self.definition()?;
        self.levels.at += 1;
        if definition < self.present {
            return Ok(ConvertedBytes {
                value: Value::Null,
                is_repaired: false,
            });
        }
        let at = self.levels.next;
        self.levels.next += 1;
        self.convert_value(at)
            .ok_or_else(|| ParquetError::General("a value of a column is missing".to_owned()))
    }

    fn convert_value(&self, at: usize) -> Option<ConvertedBytes> {
        let kind = self.kind;
        let value = match &self.values {
            LeafValues::Bool(column) => Value::Bool(*column.row.get(at)?),
            LeafValues::Int32(column) => scalar::convert_small_integer(kind, *column.row.get(at)?),
            LeafValues::Int64(column) => scalar::convert_integer(kind, *column.row.get(at)?),
            LeafValues::Int96(column) => scalar::convert_int96(column.row.get(at)?.data()),
            LeafValues::Float(column) => scalar::convert_small_float(*column.row.get(at)?),
            LeafValues::Double(column) => scalar::convert_float(*column.row.get(at)?),
            LeafValues::Bytes(column) => {
                return Some(scalar::convert_bytes(kind, column.row.get(at)?.data()));
            }
            LeafValues::Fixed(column) => {
                return Some(scalar::convert_bytes(kind, column.row.get(at)?.data()));
            }
        };
        Some(ConvertedBytes {
            value,
            is_repaired: false,
        })
    }
}
