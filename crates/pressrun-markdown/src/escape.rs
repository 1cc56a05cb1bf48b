//! Escapes text, attribute values and addresses for HTML.

#![expect(
    clippy::needless_bitwise_bool,
    reason = "without branches, the compiler can test many bytes at once"
)]

use std::borrow::Cow;

pub(super) use pressrun_text::visible::is_unfit;

/// Removes control characters. Carriage returns count as such, since lines end in `\n` by now.
pub(super) fn remove_control_characters(body: &str) -> Cow<'_, str> {
    // Nearly every body is clean, and is then not copied.
    if find_byte_where(body.as_bytes(), is_unwanted).is_none() {
        return Cow::Borrowed(body);
    }
    let clean = body
        .chars()
        .filter(|&c| !(c.is_ascii() && is_unwanted(c as u8)));
    Cow::Owned(clean.collect())
}

fn is_unwanted(byte: u8) -> bool {
    (byte == b'\r') | is_control(byte)
}

/// Returns whether a byte is a control character that no text may contain. An author's entities can
/// decode to such characters, and the marks of links consist of them.
pub(super) fn is_control(byte: u8) -> bool {
    let is_white_space = (byte == b'\t') | (byte == b'\n') | (byte == b'\r');
    ((byte < b' ') & !is_white_space) | (byte == 0x7f)
}

/// Returns whether a character that HTML or XML forbids may begin with this byte.
pub(super) fn may_be_unfit(byte: u8) -> bool {
    is_control(byte) | (byte == 0xc2) | (byte >= 0xef)
}

/// Returns the place of the first wanted byte. `is_wanted` should have no branches, so that the
/// compiler can test many bytes at once.
pub(super) fn find_byte_where(bytes: &[u8], is_wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let start = skip_chunks::<32>(bytes, 0, &is_wanted);
    let start = skip_chunks::<8>(bytes, start, &is_wanted);
    let found = bytes[start..].iter().position(|&byte| is_wanted(byte))?;
    Some(start + found)
}

/// Returns where the first chunk with a wanted byte begins, or else where the last chunk ends.
fn skip_chunks<const N: usize>(
    bytes: &[u8],
    start: usize,
    is_wanted: &impl Fn(u8) -> bool,
) -> usize {
    let (chunks, _) = bytes[start..].as_chunks::<N>();
    let has_wanted = |chunk: &[u8; N]| {
        let wanted = chunk.iter().map(|&byte| is_wanted(byte));
        wanted.fold(false, |any, is_wanted| any | is_wanted)
    };
    start + N * chunks.iter().position(has_wanted).unwrap_or(chunks.len())
}

/// Replaces the characters that HTML or XML forbids by U+FFFD.
pub(super) fn replace_unfit(text: &str) -> String {
    match find_byte_where(text.as_bytes(), may_be_unfit) {
        None => text.to_owned(),
        Some(_) => text.replace(is_unfit, "\u{fffd}"),
    }
}

/// Appends text between tags.
pub(super) fn escape_text(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut done = 0;
    while let Some(at) = find_byte_where(&bytes[done..], is_special) {
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

fn is_special(byte: u8) -> bool {
    (byte == b'&') | (byte == b'<') | (byte == b'>') | is_control(byte)
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
