//! The error that a server reports, read from the shapes that servers use.

use std::time::Duration;

use serde_json::Value;

/// The characters of a message that are kept.
const MESSAGE_LIMIT: usize = 500;

/// What a server says about an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    /// A status inside the body.
    pub(crate) status: Option<u16>,
    /// A code in words, such as `insufficient_quota`.
    pub(crate) code: Option<String>,
    /// The type of the error.
    pub(crate) kind: Option<String>,
    /// The parameter that the error is about.
    pub(crate) param: Option<String>,
    /// What the server says, in one line.
    pub(crate) message: String,
    /// How long the server asks to wait.
    pub(crate) wait: Option<Duration>,
    /// Whether moderation flagged the prompt.
    pub(crate) is_flagged: bool,
}

impl ErrorBody {
    /// Reads the body of a response that is an error. `redact` hides the key before anything is
    /// shortened, so that no half of a key remains.
    pub(crate) fn parse(bytes: &[u8], redact: impl Fn(&str) -> String) -> Self {
        if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
            return Self::from_value(&value, redact);
        }
        let text = String::from_utf8_lossy(bytes);
        let said = find_page_title(&text).unwrap_or(&text);
        Self {
            message: shorten_message(&redact(said)),
            ..Self::default()
        }
    }

    /// Reads an error from JSON: the whole body, or an `error` inside an answer.
    pub(crate) fn from_value(value: &Value, redact: impl Fn(&str) -> String) -> Self {
        let mut body = Self::default();
        let error = find_error(value);
        body.add_fields(error);
        if body.message.is_empty() {
            // Servers without a message still say something: show it as it is.
            body.message = error.to_string();
        }
        body.message = shorten_message(&redact(&body.message));
        for field in [&mut body.code, &mut body.kind, &mut body.param] {
            *field = field.take().map(|text| shorten_message(&redact(&text)));
        }
        body
    }

    /// Returns the names that the server gives the error: its code and its type.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        [&self.code, &self.kind].into_iter().flatten()
    }

    fn add_fields(&mut self, error: &Value) {
        if let Value::String(message) = error {
            self.message.clone_from(message);
            return;
        }
        match error.get("code") {
            Some(Value::String(code)) if !code.is_empty() => match code.parse() {
                Ok(status) => self.status = Some(status),
                Err(_) => self.code = Some(code.clone()),
            },
            Some(code) => self.status = code.as_u64().and_then(|code| u16::try_from(code).ok()),
            None => {}
        }
        // Gemini: `status` is the code in words; others write the number there.
        match error.get("status") {
            Some(Value::String(status)) => self.kind = Some(status.clone()),
            Some(status) if self.status.is_none() => {
                self.status = status.as_u64().and_then(|code| u16::try_from(code).ok());
            }
            _ => {}
        }
        for key in ["type", "error_type"] {
            if let Some(kind) = error.get(key).and_then(Value::as_str) {
                self.kind = Some(kind.to_owned());
            }
        }
        self.param = error
            .get("param")
            .and_then(Value::as_str)
            .map(str::to_owned);
        for key in ["message", "detail", "msg", "error"] {
            match error.get(key) {
                Some(Value::String(text)) if !text.is_empty() => {
                    self.message.clone_from(text);
                    break;
                }
                // FastAPI lists what is wrong with each field.
                Some(Value::Array(list)) if !list.is_empty() => {
                    self.message = Value::Array(list.clone()).to_string();
                    break;
                }
                _ => {}
            }
        }
        self.add_metadata(error);
        self.add_details(error);
        self.status = self.status.filter(|status| (400..600).contains(status));
    }

    /// Adds what OpenRouter passes on from the provider behind it.
    fn add_metadata(&mut self, error: &Value) {
        let Some(metadata) = error.get("metadata") else {
            return;
        };
        self.is_flagged = metadata.get("flagged_input").is_some()
            || metadata
                .get("reasons")
                .and_then(Value::as_array)
                .is_some_and(|all| !all.is_empty());
        match metadata.get("raw") {
            Some(Value::String(raw)) if !raw.is_empty() => {
                self.message = format!("{}: {raw}", self.message);
            }
            Some(raw @ Value::Object(_)) => self.message = format!("{}: {raw}", self.message),
            _ => {}
        }
    }

    /// Adds the reason and the wait from Gemini's details.
    fn add_details(&mut self, error: &Value) {
        let details = error.get("details").and_then(Value::as_array);
        for detail in details.into_iter().flatten() {
            if let Some(reason) = detail.get("reason").and_then(Value::as_str) {
                self.code = Some(reason.to_owned());
            }
            if let Some(delay) = detail.get("retryDelay").and_then(Value::as_str) {
                self.wait = super::wait::parse_duration(delay);
            }
        }
    }
}

/// Returns the object that describes the error.
fn find_error(value: &Value) -> &Value {
    // Gemini's server for OpenAI's format wraps errors in a list.
    let value = match value {
        Value::Array(list) => list.first().unwrap_or(value),
        _ => value,
    };
    match value.get("error") {
        Some(error) if error.is_object() || error.is_string() => error,
        _ => value,
    }
}

/// Returns the title of a web page, which says what a gateway means.
fn find_page_title(text: &str) -> Option<&str> {
    if !text.trim_start().starts_with('<') {
        return None;
    }
    let find = |text: &str, tag: &str| {
        let mut places = memchr::memchr_iter(b'<', text.as_bytes());
        places.find(|&at| {
            let start = text.as_bytes().get(at..at + tag.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
        })
    };
    let start = find(text, "<title>")? + "<title>".len();
    let title = &text[start..];
    let title = title[..find(title, "</title>")?].trim();
    (!title.is_empty()).then_some(title)
}

/// Puts a message on one line, without control characters, and shortens it.
pub(crate) fn shorten_message(message: &str) -> String {
    let mut short = String::new();
    let mut count = 0;
    for word in message.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        for c in word.chars() {
            if count == MESSAGE_LIMIT {
                short.push('…');
                return short;
            }
            short.push(c);
            count += 1;
        }
    }
    short
}
