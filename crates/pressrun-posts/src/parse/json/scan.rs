//! Finds the values of JSON text without parsing them.
//!
//! The text must be valid JSON already. Nothing is copied, so a list of any length can be read one
//! element at a time, and each element knows its line.

use super::line_number_at;

/// A value in a JSON text, with the line of the file where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JsonSpan<'t> {
    /// The text of the value, possibly with white space before it.
    pub text: &'t str,
    /// The line number, counted from 1.
    pub line: u32,
}

impl<'t> JsonSpan<'t> {
    /// Iterates over the elements of a list.
    pub(super) fn elements(self) -> impl Iterator<Item = JsonSpan<'t>> {
        SpanIter::new(self, b'[')
    }

    /// Returns the value of a key of an object. If the key is repeated, its last value counts, as it
    /// does for the parser.
    pub(super) fn member(self, key: &str) -> Option<JsonSpan<'t>> {
        let mut spans = SpanIter::new(self, b'{');
        let mut found = None;
        while let (Some(name), Some(value)) = (spans.next(), spans.next()) {
            if name.text.trim_matches('"') == key {
                found = Some(value);
            }
        }
        found
    }
}

/// Iterates over the values in a list, or over the keys and values in an object, in turn.
struct SpanIter<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl<'t> SpanIter<'t> {
    /// Starts after the bracket that opens the value.
    fn new(span: JsonSpan<'t>, bracket: u8) -> Self {
        let JsonSpan { text, line } = span;
        let start = memchr::memchr(bracket, text.as_bytes()).map_or(text.len(), |at| at + 1);
        Self {
            text,
            at: start,
            line: line + line_number_at(text, start) - 1,
        }
    }
}

impl<'t> Iterator for SpanIter<'t> {
    type Item = JsonSpan<'t>;

    fn next(&mut self) -> Option<JsonSpan<'t>> {
        let rest = &self.text.as_bytes()[self.at..];
        // The text is valid JSON, so these can only separate values.
        let blank = rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b':'))
            .count();
        // `line_number_at` counts from 1, so the line feeds are one less.
        self.line += line_number_at(&self.text[self.at..], blank) - 1;
        let start = self.at + blank;
        let length = measure_json_value(&self.text.as_bytes()[start..]);
        if length == 0 {
            return None;
        }
        let value = &self.text[start..start + length];
        let line = self.line;
        self.line += line_number_at(value, length) - 1;
        self.at = start + length;
        Some(JsonSpan {
            text: value.trim_end(),
            line,
        })
    }
}

/// Returns the length of the JSON value at the start of `bytes`: up to a comma, colon or bracket
/// outside it, or through the bracket that closes it.
pub(super) fn measure_json_value(bytes: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at += measure_json_string(&bytes[at + 1..]),
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' | b':' if depth == 0 => break,
            b'}' | b']' if depth == 1 => return at + 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    at.min(bytes.len())
}

/// Returns the length of the rest of a string after its opening quote, including the closing one.
fn measure_json_string(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        // Skips the backslash and the character that it escapes.
        at += 2;
        if at >= bytes.len() {
            break;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str) -> JsonSpan<'_> {
        JsonSpan { text, line: 1 }
    }

    #[test]
    fn elements_know_their_lines() {
        let text = "[ {\"a\": \"]\\\"\n,\"},\n\n [1,\n2], 3\n]";
        let elements: Vec<(u32, &str)> = span(text)
            .elements()
            .map(|element| (element.line, element.text))
            .collect();
        assert_eq!(
            elements,
            [(1, "{\"a\": \"]\\\"\n,\"}"), (4, "[1,\n2]"), (5, "3")]
        );
        assert_eq!(span("[]").elements().count(), 0);
    }

    #[test]
    fn members_are_found_by_their_key() {
        let text = "{\"a\": \"b:\",\n\"b\" : [1,\n{\"c\": 2}], \"c\":\n3, \"b\": [4]}";
        let found = |key| span(text).member(key).map(|value| (value.line, value.text));
        assert_eq!(found("a"), Some((1, "\"b:\"")));
        assert_eq!(found("c"), Some((4, "3")));
        assert_eq!(found("b"), Some((4, "[4]")));
        assert_eq!(found("d"), None);
        assert_eq!(span("{}").member("a"), None);
    }
}
