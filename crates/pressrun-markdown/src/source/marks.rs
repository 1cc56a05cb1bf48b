//! The marks in a rewritten source, and their removal from what the parser reads.
//!
//! Marks are control characters, which no body contains by now. An author's character reference to
//! one is text, which the writer replaces.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, OffsetIter, Tag};

/// Looks like a letter to the parser.
pub(super) const LETTER: char = '\u{4}';
/// [`LETTER`] as a text.
pub(super) const LETTER_TEXT: &str = "\u{4}";
/// Looks like white space to the parser.
pub(super) const SPACE: char = '\u{b}';
/// Begins the number of a box in its title line, and an address with spaces.
pub(super) const BEGIN: char = '\u{5}';
/// Ends the number of a box.
pub(super) const END: char = '\u{6}';

pub(super) fn is_mark(c: char) -> bool {
    matches!(c, LETTER | SPACE | BEGIN | END)
}

/// Returns a text without marks, and without the numbers between them.
pub(crate) fn remove_marks(text: &str) -> Cow<'_, str> {
    if !text.contains(is_mark) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(is_mark) {
        out.push_str(&rest[..at]);
        rest = match read_number(&rest[at..]) {
            Some((_, after)) => after,
            None => &rest[at + 1..],
        };
    }
    out.push_str(rest);
    out.into()
}

/// Reads a number between two marks at the start of a text. Returns it and what follows.
pub(super) fn read_number(text: &str) -> Option<(usize, &str)> {
    let inside = text.strip_prefix(BEGIN)?;
    let digits = inside.bytes().take_while(u8::is_ascii_digit).count();
    let after = inside[digits..].strip_prefix(END)?;
    Some((inside[..digits].parse().ok()?, after))
}

/// The events of a body without marks, each with its place in the source.
pub(crate) struct BodyEvents<'a> {
    events: OffsetIter<'a>,
    has_marks: bool,
}

impl<'a> BodyEvents<'a> {
    pub(crate) fn new(events: OffsetIter<'a>, has_marks: bool) -> Self {
        Self { events, has_marks }
    }
}

impl<'a> Iterator for BodyEvents<'a> {
    type Item = (Event<'a>, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        // Most bodies have no marks, and their events are passed on as they are.
        if !self.has_marks {
            return self.events.next();
        }
        let (event, range) = self.events.next()?;
        Some((without_marks(event), range))
    }
}

fn without_marks(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Text(text) => Event::Text(clean(text)),
        Event::Code(code) => Event::Code(clean(code)),
        Event::InlineMath(formula) => Event::InlineMath(clean(formula)),
        Event::DisplayMath(formula) => Event::DisplayMath(clean(formula)),
        Event::Html(html) => Event::Html(clean(html)),
        Event::InlineHtml(html) => Event::InlineHtml(clean(html)),
        Event::FootnoteReference(label) => Event::FootnoteReference(clean(label)),
        Event::Start(tag) => Event::Start(tag_without_marks(tag)),
        other => other,
    }
}

fn tag_without_marks(tag: Tag<'_>) -> Tag<'_> {
    match tag {
        Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
            Tag::CodeBlock(CodeBlockKind::Fenced(clean(info)))
        }
        Tag::FootnoteDefinition(label) => Tag::FootnoteDefinition(clean(label)),
        Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        } => Tag::Link {
            link_type,
            dest_url: clean(dest_url),
            title: clean(title),
            id,
        },
        Tag::Image {
            link_type,
            dest_url,
            title,
            id,
        } => Tag::Image {
            link_type,
            dest_url: clean(dest_url),
            title: clean(title),
            id,
        },
        other => other,
    }
}

fn clean(text: CowStr<'_>) -> CowStr<'_> {
    if text.contains(is_mark) {
        remove_marks(&text).into_owned().into()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_their_numbers_are_removed() {
        assert_eq!(
            remove_marks("a\u{4}\u{b}b\u{5}12\u{6}c\u{5}d\u{5}7"),
            "abcd7"
        );
        assert_eq!(remove_marks("\u{5}\u{6}é\u{5}"), "é");
    }
}
