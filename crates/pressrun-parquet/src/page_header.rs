//! The header of a page: how many bytes follow, and what they hold.

use parquet::basic::Encoding;

use crate::thrift::{ThriftField, ThriftReader, WireType};

/// The header of a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PageHeader {
    /// The number of bytes that follow in the file.
    pub(crate) stored: usize,
    /// The number of bytes without compression.
    pub(crate) size: usize,
    /// What the page holds.
    pub(crate) content: ParquetPage,
}

/// What a page holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ParquetPage {
    /// Values, with their levels in front, all compressed together.
    Data {
        values: u32,
        encoding: Encoding,
        definition: Encoding,
        repetition: Encoding,
    },
    /// Values, with their levels in front, which are not compressed.
    DataV2 {
        values: u32,
        nulls: u32,
        rows: u32,
        encoding: Encoding,
        definition: u32,
        repetition: u32,
        is_compressed: bool,
    },
    /// The values that pages of data refer to.
    Dictionary { values: u32, encoding: Encoding },
    /// Something that readers pass over.
    Other,
}

impl ParquetPage {
    /// Returns whether a reader of values passes over the page. Some writers put pages without values
    /// between others, which the decoders of the `parquet` crate would take for the end of a column.
    pub(crate) fn is_passed_over(&self) -> bool {
        matches!(
            self,
            Self::Other | Self::Data { values: 0, .. } | Self::DataV2 { values: 0, .. }
        )
    }
}

/// Reads a header, and returns it with the number of its bytes. `None` if the bytes are no header or
/// do not hold all of it.
pub(crate) fn read_page_header(bytes: &[u8]) -> Option<(PageHeader, usize)> {
    let mut reader = ThriftReader::new(bytes);
    let (mut kind_of_page, mut size, mut stored) = (None, None, None);
    let mut parts: [Option<HeaderNumbers>; 3] = [None; 3];
    let mut last = 0;
    while let ThriftField::Value(id, kind) = reader.field(&mut last)? {
        match (id, kind) {
            (1, WireType::Integer(_)) => kind_of_page = Some(reader.integer()?),
            (2, WireType::Integer(_)) => size = Some(usize::try_from(reader.integer()?).ok()?),
            (3, WireType::Integer(_)) => stored = Some(usize::try_from(reader.integer()?).ok()?),
            (5, WireType::Struct) => parts[0] = Some(read_numbers(&mut reader)?),
            (7, WireType::Struct) => parts[1] = Some(read_numbers(&mut reader)?),
            (8, WireType::Struct) => parts[2] = Some(read_numbers(&mut reader)?),
            _ => reader.skip(kind)?,
        }
    }
    let content = match kind_of_page? {
        0 => parts[0]?.data()?,
        2 => parts[1]?.dictionary()?,
        3 => parts[2]?.data_v2()?,
        _ => ParquetPage::Other,
    };
    let header = PageHeader {
        stored: stored?,
        size: size?,
        content,
    };
    Some((header, reader.position()))
}

/// The numbers of a header of a kind of page, by the numbers of their fields from 1.
#[derive(Debug, Clone, Copy, Default)]
struct HeaderNumbers([Option<i64>; 8]);

fn read_numbers(reader: &mut ThriftReader) -> Option<HeaderNumbers> {
    let mut numbers = HeaderNumbers::default();
    let mut last = 0;
    while let ThriftField::Value(id, kind) = reader.field(&mut last)? {
        let number = match kind {
            WireType::Integer(_) => Some(reader.integer()?),
            WireType::True | WireType::False => Some(i64::from(kind == WireType::True)),
            _ => {
                reader.skip(kind)?;
                None
            }
        };
        let place = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
        if let Some(slot) = place.and_then(|place| numbers.0.get_mut(place)) {
            *slot = number;
        }
    }
    Some(numbers)
}

impl HeaderNumbers {
    /// Returns a number that is no more than 2^31, as in the format.
    fn count(&self, id: usize) -> Option<u32> {
        let count = self.0[id - 1].and_then(|number| i32::try_from(number).ok())?;
        u32::try_from(count).ok()
    }

    fn encoding(&self, id: usize) -> Option<Encoding> {
        Some(match self.0[id - 1]? {
            0 => Encoding::PLAIN,
            2 => Encoding::PLAIN_DICTIONARY,
            3 => Encoding::RLE,
            #[expect(deprecated, reason = "old files have levels in it")]
            4 => Encoding::BIT_PACKED,
            5 => Encoding::DELTA_BINARY_PACKED,
            6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
            7 => Encoding::DELTA_BYTE_ARRAY,
            8 => Encoding::RLE_DICTIONARY,
            9 => Encoding::BYTE_STREAM_SPLIT,
            _ => return None,
        })
    }

    fn data(&self) -> Option<ParquetPage> {
        Some(ParquetPage::Data {
            values: self.count(1)?,
            encoding: self.encoding(2)?,
            definition: self.encoding(3)?,
            repetition: self.encoding(4)?,
        })
    }

    fn data_v2(&self) -> Option<ParquetPage> {
        Some(ParquetPage::DataV2 {
            values: self.count(1)?,
            nulls: self.count(2)?,
            rows: self.count(3)?,
            encoding: self.encoding(4)?,
            definition: self.count(5)?,
            repetition: self.count(6)?,
            is_compressed: self.0[6] != Some(0),
        })
    }

    fn dictionary(&self) -> Option<ParquetPage> {
        Some(ParquetPage::Dictionary {
            values: self.count(1)?,
            encoding: self.encoding(2)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_ends_where_the_page_begins() {
        // Kind 2 (dictionary), 14 bytes without compression, 16 with it, 7 values, plain.
        let mut bytes = vec![0x15, 4, 0x15, 28, 0x15, 32, 0x4C, 0x15, 14, 0x15, 0, 0, 0];
        let length = bytes.len();
        assert_eq!(read_page_header(&bytes[..length - 1]), None);
        bytes.extend(b"page");
        let content = ParquetPage::Dictionary {
            values: 7,
            encoding: Encoding::PLAIN,
        };
        let header = PageHeader {
            stored: 16,
            size: 14,
            content,
        };
        assert_eq!(read_page_header(&bytes), Some((header, length)));
    }

    #[test]
    fn negative_sizes_are_no_header() {
        let bytes = [0x15, 0, 0x15, 1, 0x15, 32, 0];
        assert_eq!(read_page_header(&bytes), None);
    }
}
