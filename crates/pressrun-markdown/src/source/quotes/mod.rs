//! Gives straight quotation marks the form of the language of a text.
//!
//! The parser turns them into those of English, one by one. For other languages this is not enough:
//! the mark that closes a German quotation is no apostrophe, and Korean attaches endings to it. So
//! [`QuotedEvents`] collects the events of a paragraph, heading or cell, and [`pairs`] finds which
//! marks in it belong together. English is left to the parser.
//!
//! Marks that an author typed as the language has them are never changed.

mod pairs;

use std::collections::VecDeque;
use std::ops::Range;

use memchr::memchr2;
use pressrun_text::quotation::QuotationMarks;
use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::marks::BodyEvents;
use crate::html::OpenLiterals;
use pairs::QuotePairs;

/// An event with its place in the source.
type PlacedEvent<'a> = (Event<'a>, Range<usize>);

/// The events of a body, with the quotation marks of its language.
pub(crate) struct QuotedEvents<'a> {
    events: BodyEvents<'a>,
    /// The source and the marks, unless the marks of the parser are right.
    language: Option<(&'a str, QuotationMarks)>,
    /// Events that come next.
    ready: VecDeque<PlacedEvent<'a>>,
}

impl<'a> QuotedEvents<'a> {
    /// Returns the events with these marks, or with those of the parser.
    pub(crate) fn new(
        events: BodyEvents<'a>,
        source: &'a str,
        marks: Option<QuotationMarks>,
    ) -> Self {
        // Most texts without straight marks are not looked at again.
        let has_quotes = || memchr2(b'"', b'\'', source.as_bytes()).is_some();
        let marks = marks.filter(|_| has_quotes());
        Self {
            events,
            language: marks.map(|marks| (source, marks)),
            ready: VecDeque::new(),
        }
    }

    /// Collects the events up to the end of the inline content, and the one after it.
    fn collect_run(&mut self, source: &str, marks: &QuotationMarks) {
        let mut has_quotes = false;
        for (event, range) in self.events.by_ref() {
            has_quotes |= straight_mark(&event, &source[range.clone()]).is_some();
            let is_last = !is_inline(&event);
            self.ready.push_back((event, range));
            if is_last {
                break;
            }
        }
        if has_quotes {
            place_marks(self.ready.make_contiguous(), source, marks);
        }
    }
}

impl<'a> Iterator for QuotedEvents<'a> {
    type Item = PlacedEvent<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some((source, marks)) = self.language else {
            return self.events.next();
        };
        if self.ready.is_empty() {
            self.collect_run(source, &marks);
        }
        self.ready.pop_front()
    }
}

/// Gives each straight mark in the events of a run the form that its partner asks for.
fn place_marks(run: &mut [PlacedEvent<'_>], source: &str, marks: &QuotationMarks) {
    let mut pairs = QuotePairs::new(source, marks);
    let mut literals = OpenLiterals::default();
    let mut depth = 0;
    for (number, (event, range)) in run.iter().enumerate() {
        match event {
            Event::Start(Tag::Image { .. }) => pairs.start_image(),
            Event::End(TagEnd::Image) => pairs.end_image(),
            Event::Start(_) => depth += 1,
            Event::End(_) => {
                depth = usize::saturating_sub(depth, 1);
                literals.end_deeper(depth);
            }
            Event::InlineHtml(html) => literals.follow(html, depth),
            // The text of `<kbd>"</kbd>` is shown as it is written.
            Event::Text(_) if !literals.is_empty() => {}
            Event::Text(_) => match straight_mark(event, &source[range.clone()]) {
                Some(mark) => pairs.add_straight(number, mark, range.start),
                None => pairs.add_typed(range.clone()),
            },
            _ => {}
        }
    }
    for (number, mark) in pairs.into_marks() {
        run[number].0 = Event::Text(CowStr::Borrowed(mark));
    }
}

/// Returns the straight mark that an event has replaced by one of English.
fn straight_mark(event: &Event<'_>, written: &str) -> Option<char> {
    let Event::Text(text) = event else {
        return None;
    };
    let mark = match written {
        "\"" => '"',
        "'" => '\'',
        _ => return None,
    };
    // Behind a backslash it stays as it is.
    (**text != *written).then_some(mark)
}

fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Text(_)
        | Event::Code(_)
        | Event::InlineMath(_)
        | Event::DisplayMath(_)
        | Event::InlineHtml(_)
        | Event::FootnoteReference(_)
        | Event::SoftBreak
        | Event::HardBreak
        | Event::TaskListMarker(_) => true,
        Event::Start(tag) => is_span(tag),
        Event::End(tag) => is_span_end(*tag),
        Event::Html(_) | Event::Rule => false,
    }
}

pub(crate) fn is_span(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. }
    )
}

pub(crate) fn is_span_end(tag: TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image
    )
}
