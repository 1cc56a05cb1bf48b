//! Escapes text, attribute values and addresses for HTML.

use std::borrow::Cow;

use memchr::memchr3;

/// Shorter texts are scanned byte by byte, because setting up a vector search costs more.
const SHORT: usize = 16;

/// Removes characters that neither HTML nor XML can contain, and carriage returns, since lines end
/// in `\n` by now.
pub(super) fn without_control_characters(body: &str) -> Cow<'_, str> {
    // In chunks, the compiler can test many bytes at once.
    let is_clean = |chunk: &[u8]| {
        let unwanted = chunk.iter().map(|&byte| is_unwanted(byte));
        !unwanted.fold(false, |any, unwanted| any | unwanted)
    };
    // Nearly every body is clean, and is then not copied.
    if body.as_bytes().chunks(64).all(is_clean) {
        return Cow::Borrowed(body);
    }
    let clean = body
        .chars()
        .filter(|&c| !(c.is_ascii() && is_unwanted(c as u8)));
    Cow::Owned(clean.collect())
}

fn is_unwanted(byte: u8) -> bool {
    byte == b'\r' || is_control(byte)
}

fn is_control(byte: u8) -> bool {
    (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0x7f
}

/// Appends text between tags.
pub(super) fn text(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut done = 0;
    while let Some(at) = next_special(&bytes[done..]) {
        let at = done + at;
        out.push_str(&text[done..at]);
        out.push_str(match bytes[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            // A control character, which the author wrote as an entity.
            _ => "\u{fffd}",
        });
        done = at + 1;
    }
    out.push_str(&text[done..]);
}

fn next_special(bytes: &[u8]) -> Option<usize> {
    if bytes.len() < SHORT {
        let special = |&byte: &u8| matches!(byte, b'&' | b'<' | b'>') || is_control(byte);
        bytes.iter().position(special)
    } else {
        memchr3(b'&', b'<', b'>', bytes)
    }
}

/// Appends the value of an attribute in double quotes.
pub(super) fn attribute(out: &mut String, value: &str) {
    let mut done = 0;
    for (at, byte) in value.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'"' => "&quot;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ if is_control(byte) => "\u{fffd}",
            _ => continue,
        };
        out.push_str(&value[done..at]);
        out.push_str(entity);
        done = at + 1;
    }
    out.push_str(&value[done..]);
}

/// Appends an address in an attribute in double quotes. Characters that an address cannot contain
/// are percent-encoded; what is already encoded stays.
pub(super) fn address(out: &mut String, address: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut done = 0;
    for (at, byte) in address.bytes().enumerate() {
        if is_address_byte(byte) {
            continue;
        }
        // After the first byte of a multi-byte character, `done` equals `at`: there is nothing to
        // copy, and slicing inside the character would panic.
        if done < at {
            out.push_str(&address[done..at]);
        }
        done = at + 1;
        if byte == b'&' {
            out.push_str("&amp;");
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out.push_str(&address[done..]);
}

fn is_address_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$()*+,;=%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(escape: fn(&mut String, &str), input: &str, expected: &str) {
        let mut out = String::new();
        escape(&mut out, input);
        assert_eq!(out, expected);
    }

    #[test]
    fn text_cannot_open_a_tag() {
        check(
            text,
            "a < b && c > \"d\"",
            "a &lt; b &amp;&amp; c &gt; \"d\"",
        );
        check(text, "é<", "é&lt;");
    }

    #[test]
    fn attributes_cannot_be_left() {
        check(attribute, "\"><b & 'ö'", "&quot;&gt;&lt;b &amp; 'ö'");
    }

    #[test]
    fn addresses_are_percent_encoded_once() {
        check(
            address,
            "/a b%20c?d=\"ö\"&e",
            "/a%20b%20c?d=%22%C3%B6%22&amp;e",
        );
    }

    #[test]
    fn control_characters_are_dropped_and_line_breaks_stay() {
        assert_eq!(without_control_characters("a\u{1}b\r\n\tc\0"), "ab\n\tc");
    }
}
