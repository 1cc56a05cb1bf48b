//! Reads the footer: the columns of a file and the places of its row groups.
//!
//! The `parquet` crate reads it. Before that its structure is checked here, because a damaged or hostile
//! one could make the crate take any memory, count for hours or use up the stack.

use parquet::file::metadata::{
    ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
};
use pressrun_posts::panics::catch_panic;

use crate::damage::{self, ParquetDamage};
use crate::source::ParquetSource;
use crate::thrift::{ThriftField, ThriftReader, WireType};

/// The last bytes of a file: the length of the footer, and the mark.
const TAIL: u64 = 8;

/// The mark at both ends of a file, and that at the end of an encrypted one.
const MARK: &[u8] = b"PAR1";
const MARK_OF_ENCRYPTED: &[u8] = b"PARE";

/// The most bytes of a footer, which is read whole. One for a million places has some 100 MB.
const MOST_FOOTER: u64 = 128 << 20;

/// The most lists and structs around a value of a row.
const MOST_COLUMN_DEPTH: usize = 60;

/// Reads the footer of a file.
pub(crate) fn read_footer(source: &ParquetSource) -> Result<ParquetMetaData, ParquetDamage> {
    let length = source.length();
    let start = source.read_range(0, MARK.len().min(length as usize));
    let start = start.map_err(damage::unreadable)?;
    // The mark, a footer and the tail.
    let Some(body) = length.checked_sub(TAIL).filter(|&body| body > TAIL / 2) else {
        return Err(if start == MARK {
            damage::cut_off()
        } else {
            damage::not_parquet()
        });
    };
    let tail = source.read_range(body, TAIL as usize);
    let tail = tail.map_err(damage::unreadable)?;
    let (size, mark) = tail.split_at(MARK.len());
    if mark == MARK_OF_ENCRYPTED {
        return Err(damage::encrypted());
    }
    match (start == MARK, mark == MARK) {
        (true, true) => {}
        (true, false) => return Err(damage::cut_off()),
        (false, _) => return Err(damage::not_parquet()),
    }
    let size = u64::from(u32::from_le_bytes([size[0], size[1], size[2], size[3]]));
    if size > body - TAIL / 2 {
        return Err(damage::damaged("its footer is longer than the file"));
    }
    if size > MOST_FOOTER {
        return Err(damage::damaged("its footer has more than 128 MB"));
    }
    let footer = source.read_range(body - size, size as usize);
    let footer = footer.map_err(damage::unreadable)?;
    check_footer(&footer)?;
    // What values a column has is of no use here, and not worth losing a file for.
    let options = ParquetMetaDataOptions::new()
        .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
    let decode = || ParquetMetaDataReader::decode_metadata_with_options(&footer, Some(&options));
    match catch_panic(decode) {
        Ok(Ok(metadata)) => Ok(metadata),
        Ok(Err(error)) => Err(damage::faulty(&error)),
        Err(_) => Err(damage::damaged("its footer cannot be read")),
    }
}

/// Checks the structure of a footer.
fn check_footer(footer: &[u8]) -> Result<(), ParquetDamage> {
    let mut check = FooterCheck::default();
    let mut reader = ThriftReader::new(footer);
    if check.check_struct(&mut reader, FILE).is_none() {
        return Err(damage::damaged("its footer cannot be read"));
    }
    if check.is_encrypted {
        return Err(damage::encrypted());
    }
    if measure_depth(&check.children).is_none() {
        return Err(damage::damaged(
            "its columns are nested too deeply, or are not all there",
        ));
    }
    Ok(())
}

/// Returns how deep columns are nested, by the number of children of each, in order; `None` if that is
/// too deep, or if children are missing.
fn measure_depth(children: &[i64]) -> Option<usize> {
    let mut open: Vec<i64> = Vec::new();
    let mut deepest = 0;
    for &count in children {
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        if count > 0 {
            open.push(count);
        }
        deepest = deepest.max(open.len());
        while open.last() == Some(&0) {
            open.pop();
        }
        let is_possible = usize::try_from(count).is_ok_and(|count| count <= children.len());
        if !is_possible || open.len() > MOST_COLUMN_DEPTH {
            return None;
        }
    }
    open.is_empty().then_some(deepest)
}

/// The type that a field must have. Otherwise the `parquet` crate would take other bytes for it than
/// were checked.
#[derive(Debug, Clone, Copy)]
enum FooterField {
    Byte,
    Bool,
    Integer,
    Double,
    Binary,
    Struct(FooterStruct),
    Structs(FooterStruct),
    Integers,
    Binaries,
    /// The number of children of a column.
    Children,
    /// How the file is encrypted.
    Encryption,
}

/// The known fields of a struct; others are passed over.
type FooterStruct = &'static [(i16, FooterField)];

use FooterField::{
    Binaries, Binary, Bool, Byte, Children, Double, Encryption, Integer, Integers, Struct, Structs,
};

const FILE: FooterStruct = &[
    (1, Integer),
    (2, Structs(COLUMN)),
    (3, Integer),
    (4, Structs(ROW_GROUP)),
    (5, Structs(KEY_VALUE)),
    (6, Binary),
    (7, Structs(UNION)),
    (8, Encryption),
    (9, Binary),
];

const COLUMN: FooterStruct = &[
    (1, Integer),
    (2, Integer),
    (3, Integer),
    (4, Binary),
    (5, Children),
    (6, Integer),
    (7, Integer),
    (8, Integer),
    (9, Integer),
    (10, Struct(LOGICAL_TYPE)),
];

const LOGICAL_TYPE: FooterStruct = &[
    (1, Struct(&[])),
    (2, Struct(&[])),
    (3, Struct(&[])),
    (4, Struct(&[])),
    (5, Struct(&[(1, Integer), (2, Integer)])),
    (6, Struct(&[])),
    (7, Struct(TIME)),
    (8, Struct(TIME)),
    (10, Struct(&[(1, Byte), (2, Bool)])),
    (11, Struct(&[])),
    (12, Struct(&[])),
    (13, Struct(&[])),
    (14, Struct(&[])),
    (15, Struct(&[])),
    (16, Struct(&[(1, Byte)])),
    (17, Struct(&[(1, Binary)])),
    (18, Struct(&[(1, Binary), (2, Integer)])),
    (19, Struct(&[])),
];

const TIME: FooterStruct = &[(1, Bool), (2, Struct(UNION))];

const UNION: FooterStruct = &[(1, Struct(&[])), (2, Struct(&[])), (3, Struct(&[]))];

const KEY_VALUE: FooterStruct = &[(1, Binary), (2, Binary)];

const ROW_GROUP: FooterStruct = &[
    (1, Structs(PLACE)),
    (2, Integer),
    (3, Integer),
    (4, Structs(&[(1, Integer), (2, Bool), (3, Bool)])),
    (5, Integer),
    (6, Integer),
    (7, Integer),
];

const PLACE: FooterStruct = &[
    (1, Binary),
    (2, Integer),
    (3, Struct(COLUMN_DATA)),
    (4, Integer),
    (5, Integer),
    (6, Integer),
    (7, Integer),
    (8, Struct(&[])),
    (9, Binary),
];

const COLUMN_DATA: FooterStruct = &[
    (1, Integer),
    (2, Integers),
    (3, Binaries),
    (4, Integer),
    (5, Integer),
    (6, Integer),
    (7, Integer),
    (8, Structs(KEY_VALUE)),
    (9, Integer),
    (10, Integer),
    (11, Integer),
    (12, Struct(STATISTICS)),
    (13, Structs(&[(1, Integer), (2, Integer), (3, Integer)])),
    (14, Integer),
    (15, Integer),
    (16, Struct(&[(1, Integer), (2, Integers), (3, Integers)])),
    (17, Struct(&[(1, Struct(BOX)), (2, Integers)])),
];

const BOX: FooterStruct = &[
    (1, Double),
    (2, Double),
    (3, Double),
    (4, Double),
    (5, Double),
    (6, Double),
    (7, Double),
    (8, Double),
];

const STATISTICS: FooterStruct = &[
    (1, Binary),
    (2, Binary),
    (3, Integer),
    (4, Integer),
    (5, Binary),
    (6, Binary),
    (7, Bool),
    (8, Bool),
    (9, Integer),
];

/// What the check of a footer finds out.
#[derive(Debug, Default)]
struct FooterCheck {
    /// The number of children of each column, in order.
    children: Vec<i64>,
    is_encrypted: bool,
}

impl FooterCheck {
    /// Checks a struct, and returns `None` if it is not as it must be. The tables have no cycle, so this
    /// ends.
    fn check_struct(&mut self, reader: &mut ThriftReader, known: FooterStruct) -> Option<()> {
        let is_column = std::ptr::eq(known, COLUMN);
        if is_column {
            self.children.push(0);
        }
        let mut last = 0;
        while let ThriftField::Value(id, kind) = reader.field(&mut last)? {
            match known.iter().find(|(number, _)| *number == id) {
                Some((_, expected)) => self.check_field(reader, kind, *expected)?,
                None => reader.skip(kind)?,
            }
        }
        Some(())
    }

    fn check_field(
        &mut self,
        reader: &mut ThriftReader,
        kind: WireType,
        expected: FooterField,
    ) -> Option<()> {
        match (expected, kind) {
            (Struct(known), WireType::Struct) => self.check_struct(reader, known),
            (Structs(known), WireType::List) => {
                let (size, element) = reader.list()?;
                if size > 0 && element != WireType::Struct {
                    return None;
                }
                (0..size).try_for_each(|_| self.check_struct(reader, known))
            }
            (Children, WireType::Integer(_)) => {
                *self.children.last_mut()? = reader.integer()?;
                Some(())
            }
            (Encryption, WireType::Struct) => {
                self.is_encrypted = true;
                reader.skip(kind)
            }
            (Integers | Binaries, WireType::List) => {
                let (size, element) = reader.list()?;
                let is_expected = match element {
                    WireType::Integer(_) => matches!(expected, Integers),
                    WireType::Binary => matches!(expected, Binaries),
                    _ => false,
                };
                if size > 0 && !is_expected {
                    return None;
                }
                (0..size).try_for_each(|_| reader.skip(element))
            }
            (Byte, WireType::Byte)
            | (Bool, WireType::True | WireType::False)
            | (Integer, WireType::Integer(_))
            | (Double, WireType::Double)
            | (Binary, WireType::Binary) => reader.skip(kind),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_must_be_there_and_not_too_deep() {
        assert_eq!(measure_depth(&[2, 0, 1, 0]), Some(2));
        assert_eq!(measure_depth(&[0]), Some(0));
        assert_eq!(measure_depth(&[2, 0]), None);
        assert_eq!(measure_depth(&[i64::from(i32::MAX), 0]), None);
        assert_eq!(measure_depth(&[-1, 0]), None);
        let mut deep = vec![1; 1000];
        deep.push(0);
        assert_eq!(measure_depth(&deep), None);
    }

    #[test]
    fn field_of_another_type_is_refused() {
        // Field 3, the number of rows, as a text instead of a number.
        assert!(check_footer(&[0x38, 1, b'x', 0]).is_err());
        // A list of a billion booleans under a field that nobody knows.
        assert!(check_footer(&[0x09, 40, 0xF1, 0xFF, 0xFF, 0xFF, 0x07, 0]).is_err());
    }
}
