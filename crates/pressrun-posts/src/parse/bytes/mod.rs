//! Converts bytes to text (R1 of the ingest contract).
//!
//! [`decode_bytes`] returns the characters of a file (R1.1, R1.2), [`line_ends`] converts its line
//! endings (R1.3), [`mojibake`] repairs text that was encoded twice (R1.4), and
//! [`pressrun_text::visible`] removes invisible characters (R1.5). A text that needs
//! none of this is not copied.

pub mod line_ends;
pub mod mojibake;

use std::borrow::Cow;

/// The characters of a file.
#[derive(Debug)]
pub struct DecodedText<'a> {
    /// The text, without a byte order mark.
    pub text: Cow<'a, str>,
    /// The position in `text` of the first byte that was not UTF-8, if there was one.
    pub invalid_at: Option<usize>,
}

/// The error for a file that is not text.
#[derive(Debug, PartialEq, Eq)]
pub struct BinaryInput;

/// Decodes the bytes of a file (R1.1, R1.2).
pub fn decode_bytes(bytes: &[u8]) -> Result<DecodedText<'_>, BinaryInput> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        if encoding == encoding_rs::UTF_8 {
            return Ok(decode_utf8(&bytes[mark..]));
        }
        let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return Ok(DecodedText {
            text,
            invalid_at: None,
        });
    }
    // This comes after the test for byte order marks, because UTF-16 is full of NUL bytes.
    decode_inner_bytes(bytes)
}

/// Decodes bytes from within a file. What looks like a byte order mark there is none.
pub fn decode_inner_bytes(bytes: &[u8]) -> Result<DecodedText<'_>, BinaryInput> {
    if memchr::memchr(0, bytes).is_some() {
        return Err(BinaryInput);
    }
    Ok(decode_utf8(bytes))
}

/// Decodes UTF-8. Each byte that is not valid is read as Windows-1252.
fn decode_utf8(bytes: &[u8]) -> DecodedText<'_> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return DecodedText {
            text: text.into(),
            invalid_at: None,
        };
    }
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut invalid_at = None;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for &byte in chunk.invalid() {
            invalid_at.get_or_insert(text.len());
            text.push(mojibake::decode_windows_1252(byte).unwrap_or('\u{FFFD}'));
        }
    }
    DecodedText {
        text: text.into(),
        invalid_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], text: &str, invalid: bool) {
        let decoded = decode_bytes(bytes).unwrap();
        assert_eq!(decoded.text, text);
        assert_eq!(decoded.invalid_at.is_some(), invalid);
    }

    #[test]
    fn a_byte_order_mark_gives_the_encoding() {
        check(b"\xEF\xBB\xBFtea", "tea", false);
        check(b"\xFF\xFEt\0\xE9\0", "té", false);
        check(b"\xFE\xFF\0t\0\xE9", "té", false);
        check(b"\xFF\xFEt\0\0\xD8", "t\u{FFFD}", false);
    }

    #[test]
    fn a_nul_byte_without_a_mark_is_binary() {
        assert_eq!(decode_bytes(b"te\0a").unwrap_err(), BinaryInput);
        check(b"\xEF\xBB\xBFte\0a", "te\0a", false);
    }

    #[test]
    fn only_the_bytes_that_are_not_utf8_are_read_as_windows_1252() {
        check("é".as_bytes(), "é", false);
        check(b"caf\xE9 \xC3\xA9 \x96 \x81", "café é – \u{FFFD}", true);
        check(b"\xE2\x80", "â€", true);
    }
}
