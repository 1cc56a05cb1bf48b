//! Writes the kinds of CBOR values that the index consists of.

const TEXT: u8 = 3 << 5;
const ARRAY: u8 = 4 << 5;
const NEGATIVE: u8 = 1 << 5;

/// Writes the start of an array of `length` values.
pub(super) fn push_array(out: &mut Vec<u8>, length: usize) {
    push_head(out, ARRAY, length as u64);
}

/// Writes a text.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    push_head(out, TEXT, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Writes a number.
pub(super) fn push_number(out: &mut Vec<u8>, number: i64) {
    match u64::try_from(number) {
        Ok(number) => push_head(out, 0, number),
        // -1 is written as 0, -2 as 1.
        Err(_) => push_head(out, NEGATIVE, number.unsigned_abs() - 1),
    }
}

/// Writes the kind of a value, and its number or length in as few bytes as possible.
fn push_head(out: &mut Vec<u8>, kind: u8, number: u64) {
    let bytes = number.to_be_bytes();
    match number {
        0..24 => out.push(kind | bytes[7]),
        24..0x100 => out.extend_from_slice(&[kind | 0x18, bytes[7]]),
        0x100..0x1_0000 => {
            out.push(kind | 0x19);
            out.extend_from_slice(&bytes[6..]);
        }
        0x1_0000..0x1_0000_0000 => {
            out.push(kind | 0x1a);
            out.extend_from_slice(&bytes[4..]);
        }
        _ => {
            out.push(kind | 0x1b);
            out.extend_from_slice(&bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(push: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out);
        out
    }

    #[test]
    fn numbers_take_as_few_bytes_as_they_need() {
        for (number, expected) in [
            (0, &[0x00][..]),
            (23, &[0x17]),
            (24, &[0x18, 24]),
            (255, &[0x18, 255]),
            (256, &[0x19, 1, 0]),
            (70_000, &[0x1a, 0, 1, 0x11, 0x70]),
            (1 << 32, &[0x1b, 0, 0, 0, 1, 0, 0, 0, 0]),
            (-1, &[0x20]),
            (-25, &[0x38, 24]),
        ] {
            assert_eq!(
                written(|out| push_number(out, number)),
                expected,
                "{number}"
            );
        }
    }

    #[test]
    fn texts_and_arrays_state_their_length() {
        assert_eq!(written(|out| push_text(out, "né")), b"\x63n\xc3\xa9");
        assert_eq!(written(|out| push_array(out, 3)), [0x83]);
    }
}
