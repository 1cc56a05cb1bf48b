//! Server-sent events: bytes in, data out.
//!
//! Chunks break lines and characters anywhere. Servers differ in what the standard leaves open and
//! in what it does not: no space after `data:`, no blank line between events or after the last
//! one, comments to keep a connection alive.

/// Splits a stream of bytes into the data of its events.
#[derive(Debug, Default)]
pub(super) struct EventReader {
    /// The bytes of a line that has not ended.
    line: Vec<u8>,
    /// Data lines of an event that has not ended.
    data: String,
    /// Whether the last byte was `\r`, so that `\n` belongs to it.
    after_return: bool,
    is_started: bool,
}

impl EventReader {
    /// Adds a chunk and calls `on_data` with the data of each event that ends in it.
    pub(super) fn add(&mut self, mut chunk: &[u8], on_data: &mut dyn FnMut(&str)) {
        while !chunk.is_empty() {
            if std::mem::take(&mut self.after_return) && chunk[0] == b'\n' {
                chunk = &chunk[1..];
                continue;
            }
            let Some(end) = chunk.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.line.extend_from_slice(chunk);
                return;
            };
            self.line.extend_from_slice(&chunk[..end]);
            self.after_return = chunk[end] == b'\r';
            chunk = &chunk[end + 1..];
            self.end_line(on_data);
        }
    }

    /// Ends the stream: the last event may lack its blank line.
    pub(super) fn finish(&mut self, on_data: &mut dyn FnMut(&str)) {
        if !self.line.is_empty() {
            self.end_line(on_data);
        }
        self.end_event(on_data);
    }

    fn end_line(&mut self, on_data: &mut dyn FnMut(&str)) {
        let bytes = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&bytes);
        let mut line = line.as_ref();
        if !std::mem::replace(&mut self.is_started, true) {
            line = line.trim_start_matches('\u{feff}');
        }
        if line.is_empty() {
            self.end_event(on_data);
        } else if let Some(data) = line.strip_prefix("data:") {
            let data = data.strip_prefix(' ').unwrap_or(data);
            // Without blank lines between them, whole documents are events of their own.
            if is_document(data) && (self.data.is_empty() || is_document(&self.data)) {
                self.end_event(on_data);
            }
            if !self.data.is_empty() {
                self.data.push('\n');
            }
            self.data.push_str(data);
        }
        // Comments and the fields `event`, `id` and `retry` say nothing that counts here.
    }

    fn end_event(&mut self, on_data: &mut dyn FnMut(&str)) {
        if !self.data.is_empty() {
            on_data(self.data.trim());
            self.data.clear();
        }
    }
}

/// Returns whether a data line may be a whole event.
fn is_document(data: &str) -> bool {
    let data = data.trim();
    (data.starts_with('{') && data.ends_with('}')) || data == "[DONE]"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a stream in chunks of every size and returns its events.
    fn check(stream: &[u8], expected: &[&str]) {
        for size in 1..=stream.len() {
            let mut events = Vec::new();
            let mut reader = EventReader::default();
            let mut on_data = |data: &str| events.push(data.to_owned());
            for chunk in stream.chunks(size) {
                reader.add(chunk, &mut on_data);
            }
            reader.finish(&mut on_data);
            assert_eq!(events, expected, "chunks of {size}");
        }
    }

    #[test]
    fn chunks_break_lines_and_characters_anywhere() {
        check(
            "data: {\"é\":\"😀\"}\n\ndata: [DONE]\n\n".as_bytes(),
            &["{\"é\":\"😀\"}", "[DONE]"],
        );
    }

    #[test]
    fn line_ends_and_spaces_differ() {
        check(
            b"data:{}\r\n\r\ndata:  {}\r\rdata: {}\n\n",
            &["{}", "{}", "{}"],
        );
        check("\u{feff}data: {}\n\n".as_bytes(), &["{}"]);
    }

    #[test]
    fn comments_and_other_fields_are_left_out() {
        check(
            b": OPENROUTER PROCESSING\n\nevent: x\nid: 1\ndata: {}\n\n:\n\n",
            &["{}"],
        );
    }

    #[test]
    fn data_lines_of_an_event_are_joined() {
        check(b"data: {\"a\":\ndata: 1}\n\n", &["{\"a\":\n1}"]);
    }

    #[test]
    fn blank_lines_may_be_missing() {
        check(
            b"data: {\"a\":1}\ndata: {\"b\":2}\ndata: [DONE]",
            &["{\"a\":1}", "{\"b\":2}", "[DONE]"],
        );
    }

    #[test]
    fn broken_characters_are_replaced() {
        check(b"data: {\"\xff\"}\n\n", &["{\"\u{fffd}\"}"]);
    }
}
