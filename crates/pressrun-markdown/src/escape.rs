//! Escapes text, attribute values and addresses for HTML.

use std::borrow::Cow;

use memchr::memchr3;

pub(super) use pressrun_text::visible::is_unfit;

/// Shorter texts are scanned byte by byte, because setting up a vector search costs more.
const SHORT: usize = 16;

/// Removes control characters. Carriage returns count as such, since lines end in `\n` by now.
pub(super) fn remove_control_characters(body: &str) -> Cow<'_, str> {
    // Nearly every body is clean, and is then not copied.
    if !contains_byte_where(body.as_bytes(), is_unwanted) {
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

/// Returns whether a byte is a control character that no text may contain. An author's entities can
/// decode to such characters, and the marks of links consist of them.
pub(super) fn is_control(byte: u8) -> bool {
    (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0x7f
}

/// Returns whether one of the bytes is wanted.
pub(super) fn contains_byte_where(bytes: &[u8], is_wanted: impl Fn(u8) -> bool) -> bool {
    // Working on chunks lets the compiler test many bytes at once.
    !bytes.chunks(64).all(|chunk| {
        let wanted = chunk.iter().map(|&byte| is_wanted(byte));
        !wanted.fold(false, |any, wanted| any | wanted)
    })
}

/// Replaces every control character by U+FFFD.
pub(super) fn with_control_replaced(text: &str) -> Cow<'_, str> {
    if contains_byte_where(text.as_bytes(), is_control) {
        Cow::Owned(text.replace(|c: char| c.is_ascii() && is_control(c as u8), "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Appends text between tags.
pub(super) fn escape_text(out: &mut String, text: &str) {
    if text.len() < SHORT {
        return plain_text(out, text);
    }
    plain_text(out, &with_control_replaced(text));
}

fn plain_text(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut done = 0;
    while let Some(at) = find_special_byte(&bytes[done..]) {
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

fn find_special_byte(bytes: &[u8]) -> Option<usize> {
    if bytes.len() < SHORT {
        let special = |&byte: &u8| matches!(byte, b'&' | b'<' | b'>') || is_control(byte);
        bytes.iter().position(special)
    } else {
        memchr3(b'&', b'<', b'>', bytes)
    }
}

/// Appends the value of an attribute in double quotes.
pub(super) fn escape_attribute(out: &mut String, value: &str) {
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
pub(super) fn escape_address(out: &mut String, address: &str) {
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
            escape_text,
            "a < b && c > \"d\"",
            "a &lt; b &amp;&amp; c &gt; \"d\"",
        );
        check(escape_text, "é<", "é&lt;");
    }

    #[test]
    fn control_characters_are_replaced_whatever_the_length_of_the_text() {
        for length in 0..200 {
            let mut out = String::new();
            escape_text(
                &mut out,
                &format!("{}\u{1}0\u{2}&\u{7f}", "a".repeat(length)),
            );
            let expected = format!("{}\u{fffd}0\u{fffd}&amp;\u{fffd}", "a".repeat(length));
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn attributes_cannot_be_left() {
        check(escape_attribute, "\"><b & 'ö'", "&quot;&gt;&lt;b &amp; 'ö'");
    }

    #[test]
    fn addresses_are_percent_encoded_once() {
        check(
            escape_address,
            "/a b%20c?d=\"ö\"&e",
            "/a%20b%20c?d=%22%C3%B6%22&amp;e",
        );
    }

    #[test]
    fn control_characters_are_dropped_and_line_breaks_stay() {
        assert_eq!(remove_control_characters("a\u{1}b\r\n\tc\0"), "ab\n\tc");
    }
}
