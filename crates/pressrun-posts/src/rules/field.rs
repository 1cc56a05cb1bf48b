//! Searches the texts of a post, and reports the first match.

use std::fmt;
use std::ops::Range;

use super::setting::{LintBody, TextSetting};
use crate::diagnostic::{Code, Finding, quote_for_message};
use crate::post::{FieldSource, Post};

/// A text of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TextField {
    Title,
    Description,
    Body,
}

impl fmt::Display for TextField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Title => "title",
            Self::Description => "description",
            Self::Body => "body",
        })
    }
}

/// The matches of a rule in the texts of a post: the first one, and their number.
#[derive(Debug)]
pub(super) struct TextMatch {
    field: TextField,
    line: u32,
    quote: String,
    count: usize,
}

impl TextMatch {
    /// Searches title, description and body with `find`; returns `None` if there is no match.
    ///
    /// In the body, a match counts only if `counts` accepts its setting.
    pub(super) fn in_post<'p>(
        post: &'p Post,
        body: &LintBody<'p>,
        find: impl Fn(&str) -> Vec<Range<usize>>,
        counts: impl Fn(TextSetting) -> bool,
    ) -> Option<Self> {
        let mut found = None;
        // Only the first match is described, the others are counted.
        let mut add = |field, text: &str, place: Range<usize>| match &mut found {
            None => found = Some(Self::first(post, field, text, place)),
            Some(found) => found.count += 1,
        };
        // A text that was derived from the body is found there, and known to be code or a quote.
        for (field, text, origin) in [
            (TextField::Title, &post.title, post.origins.title),
            (
                TextField::Description,
                &post.description,
                post.origins.description,
            ),
        ] {
            if origin == FieldSource::Derived {
                continue;
            }
            for place in find(text) {
                add(field, text, place);
            }
        }
        for place in find(body.text) {
            if counts(body.setting(place.start)) {
                add(TextField::Body, body.text, place);
            }
        }
        found
    }

    /// Returns the first of the matches at `places` in the body, if `counts` accepts its setting.
    pub(super) fn in_body<'p>(
        post: &'p Post,
        body: &LintBody<'p>,
        places: Vec<Range<usize>>,
        counts: impl Fn(TextSetting) -> bool,
    ) -> Option<Self> {
        let mut places = places
            .into_iter()
            .filter(|place| counts(body.setting(place.start)));
        let mut found = Self::first(post, TextField::Body, body.text, places.next()?);
        found.count += places.count();
        Some(found)
    }

    fn first(post: &Post, field: TextField, text: &str, place: Range<usize>) -> Self {
        let before = &text.as_bytes()[..place.start];
        let line = match field {
            TextField::Body => {
                let line = memchr::memchr_iter(b'\n', before).count() as u32;
                post.body_lines.source_line(line)
            }
            TextField::Title | TextField::Description => None,
        };
        Self {
            field,
            line: line.unwrap_or(post.source.line),
            quote: quote_for_message(&text[place]),
            count: 1,
        }
    }

    /// Returns the finding about the first match. `fault` continues the sentence after the
    /// quotation.
    pub(super) fn into_finding(self, code: Code, fault: &str) -> Finding {
        let Self {
            field,
            line,
            quote,
            count,
        } = self;
        let more = match count - 1 {
            0 => String::new(),
            1 => ", and in 1 more place".to_owned(),
            more => format!(", and in {more} more places"),
        };
        let message = format!("{quote} in the {field} {fault}{more}");
        Finding::new(code, line, message)
    }
}
