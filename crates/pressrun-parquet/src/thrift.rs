//! Reads the compact protocol of Thrift, in which Parquet writes its footer and the headers of pages.
//!
//! Everything is checked against the bytes that are there: `None` means that they are cut off or
//! damaged. Not here: what the fields mean (`footer`, `page_header`).

/// The most structs and lists around a value. Parquet needs fewer than ten.
const MOST_DEPTH: usize = 24;

/// The type of a field or of the elements of a list, as its number in the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WireType {
    True,
    False,
    Byte,
    /// A whole number of 16, 32 or 64 bits, which are written alike.
    Integer(u8),
    Double,
    Binary,
    List,
    Struct,
    Uuid,
}

impl WireType {
    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            1 => Self::True,
            2 => Self::False,
            3 => Self::Byte,
            4..=6 => Self::Integer(bits),
            7 => Self::Double,
            8 => Self::Binary,
            // A set is written like a list.
            9 | 10 => Self::List,
            12 => Self::Struct,
            13 => Self::Uuid,
            // Maps (11) occur nowhere in Parquet.
            _ => return None,
        })
    }
}

/// What comes next in a struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ThriftField {
    /// A field with this number and type.
    Value(i16, WireType),
    /// The end of the struct.
    End,
}

/// A position in bytes of the protocol.
#[derive(Debug, Clone)]
pub(crate) struct ThriftReader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> ThriftReader<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Returns how many bytes were read.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn pass(&mut self, count: u64) -> Option<()> {
        let left = self.bytes.len() - self.at;
        let count = usize::try_from(count).ok().filter(|&count| count <= left)?;
        self.at += count;
        Some(())
    }

    /// Reads an unsigned number, seven bits a byte.
    pub(crate) fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// Reads a signed number.
    pub(crate) fn integer(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// Reads the number and the type of the next field. `last` is the number of the field before.
    pub(crate) fn field(&mut self, last: &mut i16) -> Option<ThriftField> {
        let head = self.byte()?;
        let kind = head & 0x0F;
        if kind == 0 {
            return Some(ThriftField::End);
        }
        *last = match i16::from(head >> 4) {
            0 => i16::try_from(self.integer()?).ok()?,
            step => last.checked_add(step)?,
        };
        Some(ThriftField::Value(*last, WireType::from_bits(kind)?))
    }

    /// Reads the head of a list: the number of its elements, and their type.
    ///
    /// A list of booleans is refused. Nothing that is read here has one, and readers do not agree
    /// on the bytes of its elements, so one could be counted for hours.
    pub(crate) fn list(&mut self) -> Option<(usize, WireType)> {
        let head = self.byte()?;
        if head == 0 {
            return Some((0, WireType::Byte));
        }
        let element = WireType::from_bits(head & 0x0F)?;
        let size = match head >> 4 {
            15 => self.unsigned()?,
            size => u64::from(size),
        };
        let is_boolean = matches!(element, WireType::True | WireType::False);
        let left = (self.bytes.len() - self.at) as u64;
        (!is_boolean && size <= left).then_some((size as usize, element))
    }

    /// Passes over a value.
    pub(crate) fn skip(&mut self, kind: WireType) -> Option<()> {
        self.skip_nested(kind, MOST_DEPTH)
    }

    fn skip_nested(&mut self, kind: WireType, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            WireType::True | WireType::False => Some(()),
            WireType::Byte => self.pass(1),
            WireType::Integer(_) => self.unsigned().map(|_| ()),
            WireType::Double => self.pass(8),
            WireType::Uuid => self.pass(16),
            WireType::Binary => {
                let length = self.unsigned()?;
                self.pass(length)
            }
            WireType::List => {
                let (size, element) = self.list()?;
                (0..size).try_for_each(|_| self.skip_nested(element, depth))
            }
            WireType::Struct => {
                let mut last = 0;
                while let ThriftField::Value(_, kind) = self.field(&mut last)? {
                    self.skip_nested(kind, depth)?;
                }
                Some(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let read = |bytes: &[u8]| ThriftReader::new(bytes).integer();
        assert_eq!(read(&[0]), Some(0));
        assert_eq!(read(&[1]), Some(-1));
        assert_eq!(read(&[0xAC, 0x02]), Some(150));
        assert_eq!(read(&[0x80]), None);
        assert_eq!(read(&[0xFF; 11]), None);
    }

    #[test]
    fn sizes_that_are_not_there_are_refused() {
        // A list of 2^31 structs in a file of ten bytes.
        let claim = [0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0, 0, 0, 0];
        assert_eq!(ThriftReader::new(&claim).list(), None);
        assert_eq!(ThriftReader::new(&[0x31, 1, 1, 1]).list(), None);
        let text = [0xFF, 0xFF, 0xFF, 0xFF, 0x07, b'a'];
        assert_eq!(ThriftReader::new(&text).skip(WireType::Binary), None);
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        let deep = vec![0x1C; 100_000];
        assert_eq!(ThriftReader::new(&deep).skip(WireType::Struct), None);
    }
}
