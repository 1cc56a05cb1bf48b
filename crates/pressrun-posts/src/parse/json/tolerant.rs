//! Parses JSON, including common violations of the standard.
//!
//! Python writes `NaN`, `Infinity` and `-Infinity` for numbers that JSON does not have. A program
//! that cuts a text in the middle of an emoji writes half of a surrogate pair. Neither is a reason
//! to lose a reply: the former are read as `null`, the latter as U+FFFD.

use serde::de::DeserializeOwned;

/// Parses a text as JSON.
///
/// # Errors
///
/// Returns an error if the text is not JSON even then.
pub fn parse_json<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(text).or_else(|error| match repaired(text) {
        Some(text) => serde_json::from_str(&text),
        None => Err(error),
    })
}

/// Returns the text with these violations replaced, or `None` if there are none.
fn repaired(text: &str) -> Option<String> {
    let holds = |part: &str| memchr::memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    if !["NaN", "Infinity", "\\ud", "\\uD"].into_iter().any(holds) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    let mut at = 0;
    let mut in_string = false;
    while let Some(found) = text.as_bytes()[at..]
        .iter()
        .position(|&byte| is_watched(byte))
    {
        at += found;
        let rest = &text[at..];
        let (length, replacement) = match rest.as_bytes()[0] {
            b'"' => {
                in_string = !in_string;
                (1, None)
            }
            b'\\' if in_string => escape(rest),
            _ if in_string => (1, None),
            _ => match NO_NUMBERS.iter().find(|word| rest.starts_with(**word)) {
                Some(word) => (word.len(), Some("null")),
                None => (1, None),
            },
        };
        if let Some(replacement) = replacement {
            out.push_str(&text[copied..at]);
            out.push_str(replacement);
            copied = at + length;
        }
        at += length;
    }
    out.push_str(&text[copied..]);
    (copied > 0).then_some(out)
}

const NO_NUMBERS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

fn is_watched(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b'N' | b'I' | b'-')
}

/// Returns the length of the escape at the start of `text`, and its replacement if it is half of a
/// surrogate pair.
fn escape(text: &str) -> (usize, Option<&'static str>) {
    match parse_code_unit(text) {
        Some(0xD800..=0xDBFF) if matches!(parse_code_unit(&text[6..]), Some(0xDC00..=0xDFFF)) => {
            (12, None)
        }
        Some(0xD800..=0xDFFF) => (6, Some("\\ufffd")),
        Some(_) => (6, None),
        // In JSON, the character after a backslash is ASCII; the parser reports anything else.
        None if text.is_char_boundary(2) => (2.min(text.len()), None),
        None => (1, None),
    }
}

/// Returns the code unit of the escape at the start of `text`: `\u` and four hexadecimal digits.
fn parse_code_unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hexadecimal.then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Value) {
        assert_eq!(parse_json::<Value>(text).unwrap(), expected, "{text}");
    }

    #[test]
    fn numbers_that_json_does_not_have_are_null() {
        check(
            r#"[NaN, {"a": Infinity, "b":-Infinity}, -1, "NaN \" -Infinity"]"#,
            json!([null, {"a": null, "b": null}, -1, "NaN \" -Infinity"]),
        );
    }

    #[test]
    fn half_of_a_surrogate_pair_is_replaced() {
        check(
            r#"["a\ud83d", "\uDE00b", "\ud83d\ude00", "\ud83d\ud83d\ude00", "\\ud83d", "\ud83d\n"]"#,
            json!([
                "a\u{FFFD}",
                "\u{FFFD}b",
                "😀",
                "\u{FFFD}😀",
                "\\ud83d",
                "\u{FFFD}\n"
            ]),
        );
    }

    #[test]
    fn what_is_not_json_stays_so() {
        for text in [
            "[nan]",
            "[NaN",
            "{NaN: 1}",
            "[Infinit]",
            "[\"\\ud8\"]",
            "[\\ud83d]",
            "\"\\é NaN",
            "\"\\",
        ] {
            assert!(parse_json::<Value>(text).is_err(), "{text}");
        }
    }
}
