//! Checks the lengths of texts in pages of the delta encodings, before the `parquet` crate takes
//! memory for as many as a page claims.

use parquet::basic::Encoding;

use crate::thrift::ThriftReader;

/// The most values in a block. Writers use 128.
const MOST_BLOCK: u64 = 1 << 20;

/// Returns whether the values of a page are not more than it has, if they are in a delta encoding.
pub(crate) fn has_plausible_lengths(encoding: Encoding, values: &[u8], count: u32) -> bool {
    let lists = match encoding {
        Encoding::DELTA_BINARY_PACKED | Encoding::DELTA_LENGTH_BYTE_ARRAY => 1,
        // The lengths of what each text has from the one before, and of what it has itself.
        Encoding::DELTA_BYTE_ARRAY => 2,
        _ => 0,
    };
    let mut rest = Some(values);
    for _ in 0..lists {
        rest = rest.and_then(|bytes| skip_packed_numbers(bytes, u64::from(count)));
    }
    rest.is_some()
}

/// Returns what follows a list of packed numbers, or `None` if it has more than `most` of them.
fn skip_packed_numbers(bytes: &[u8], most: u64) -> Option<&[u8]> {
    let mut reader = ThriftReader::new(bytes);
    let block = reader.unsigned()?;
    let parts = reader.unsigned()?;
    let count = reader.unsigned()?;
    reader.unsigned()?;
    if count > most || block > MOST_BLOCK || parts == 0 || !block.is_multiple_of(parts) {
        return None;
    }
    let per_part = block / parts;
    let mut left = count.saturating_sub(1);
    let mut bytes = &bytes[reader.position()..];
    while left > 0 {
        let mut reader = ThriftReader::new(bytes);
        reader.unsigned()?;
        let (widths, rest) = bytes[reader.position()..].split_at_checked(parts as usize)?;
        let mut size = 0;
        for &width in widths {
            if left > 0 {
                size += u64::from(width) * per_part / 8;
            }
            left = left.saturating_sub(per_part);
        }
        // The last part may be shorter, if nothing follows it.
        let size = usize::try_from(size).ok()?;
        bytes = rest.get(size..).or_else(|| (left == 0).then_some(&[]))?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn count_must_be_that_of_the_page() {
        // Blocks of 128 numbers in 4 parts, 3 numbers, the first 5; a block with parts of width 0.
        let numbers = [128, 1, 4, 3, 10, 0, 0, 0, 0, 0, b'x'];
        assert_eq!(skip_packed_numbers(&numbers, 3), Some(&b"x"[..]));
        assert_eq!(skip_packed_numbers(&numbers, 2), None);
        let claim = [
            128, 1, 4, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x3F, 10, 0, 0, 0, 0, 0,
        ];
        assert_eq!(skip_packed_numbers(&claim, 1000), None);
        let lengths = Encoding::DELTA_LENGTH_BYTE_ARRAY;
        assert!(!has_plausible_lengths(lengths, &claim, 1000));
        assert!(has_plausible_lengths(Encoding::PLAIN, &claim, 1000));
    }
}
