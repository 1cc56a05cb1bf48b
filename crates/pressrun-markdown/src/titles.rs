//! Sets the quotation marks of a title or a description as those of a body.
//!
//! Such a text is plain, so nothing else in it is Markdown. Dashes and dots stay as they are written: in a title,
//! `--force` is more often the name of an option than a dash.

use std::borrow::Cow;

use memchr::memchr2;
use pulldown_cmark::{Event, Options, Parser};

use super::RenderOptions;
use crate::source::{BodyEvents, QuotedEvents};

/// Gives the straight quotation marks and apostrophes of a plain text the form that they have in a body. Text between
/// backticks stays as it is.
pub fn set_title_quotes<'t>(text: &'t str, options: &RenderOptions) -> Cow<'t, str> {
    if !options.smart_punctuation || memchr2(b'"', b'\'', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let source = escape_signs(text);
    let events = Parser::new_ext(&source, Options::ENABLE_SMART_PUNCTUATION).into_offset_iter();
    let events = BodyEvents::new(events, false);
    let mut set = String::with_capacity(source.len());
    for (event, range) in QuotedEvents::new(events, &source, options.chosen_marks()) {
        match event {
            Event::Text(text) => set.push_str(&text),
            Event::Code(_) => set.push_str(&source[range]),
            _ => {}
        }
    }
    // White space at the ends, which a paragraph does not keep, or lines: nothing that a title has.
    let is_same = set.chars().count() >= text.chars().count();
    if is_same {
        set.into()
    } else {
        Cow::Borrowed(text)
    }
}

/// Puts a backslash before each sign that Markdown could read, except for quotation marks and backticks.
fn escape_signs(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '"' | '\'' | '`') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(language: &str, text: &str, expected: &str) {
        let options = RenderOptions::default().in_language(language);
        assert_eq!(
            set_title_quotes(text, &options),
            expected,
            "{language}: {text}"
        );
    }

    #[test]
    fn quotes_of_a_title_are_those_of_its_language() {
        check("en", "Don't say \"never\"", "Don’t say “never”");
        check("en", "The '90s and \"it's\"", "The ’90s and “it’s”");
        check("de", "Was heißt \"nie\"?", "Was heißt „nie“?");
        check("fr", "L'art de \"dire\"", "L’art de «\u{202f}dire\u{202f}»");
        check("ja", "\"Rust\" の話", "\"Rust\" の話");
    }

    #[test]
    fn nothing_else_in_a_title_changes() {
        let text = "1. *a* <b> & \"#x\" -- `git 'x'` [y](z) ... \\ &amp; $\"5\"$ don't";
        let expected = "1. *a* <b> & “#x” -- `git 'x'` [y](z) ... \\ &amp; $“5”$ don’t";
        check("en", text, expected);
        for text in [
            "",
            "'",
            "\"",
            "# It",
            "it's\n\nso",
            "    it's",
            "``\"",
            "a\u{b}'",
        ] {
            let options = RenderOptions::default();
            let set = set_title_quotes(text, &options);
            assert_eq!(set.chars().count(), text.chars().count(), "{text:?}");
        }
    }

    #[test]
    fn title_stays_as_it_is_without_typography() {
        let options = RenderOptions {
            smart_punctuation: false,
            ..RenderOptions::default()
        };
        assert_eq!(set_title_quotes("Don't", &options), "Don't");
    }
}
