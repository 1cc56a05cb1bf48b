//! Rewrites the source of a body before it is parsed, for Markdown that the parser does not know.
//!
//! The parser cannot be extended, so each notation becomes one that it knows: a box between colons
//! becomes a block quote, for example. Lines keep their numbers. Where the parser needs a hint that
//! must not be shown, the source gets a mark ([`marks`]), which [`BodyEvents`] removes again.
//!
//! [`survey_source`] finds what is code first. Nothing here changes code.

mod bare_links;
mod boxes;
mod callouts;
mod cjk;
mod definitions;
mod edits;
mod highlights;
mod kinds;
mod kramdown;
mod marks;
mod pictures;
mod quotes;
mod shortcodes;
mod survey;
mod wiki;

use std::borrow::Cow;

use memchr::memchr_iter;

pub(super) use boxes::read_title_line;
pub(super) use cjk::joins_lines;
pub(super) use highlights::is_highlight;
pub(super) use kinds::BoxKind;
pub(super) use marks::{BodyEvents, remove_marks};
pub(super) use pictures::read_spaced_picture;
pub(super) use quotes::{QuotedEvents, is_span, is_span_end};
pub(super) use wiki::is_wiki_link;

use edits::SourceEdits;
use survey::survey_source;

/// The source of a body, ready for the parser.
#[derive(Debug)]
pub(super) struct PreparedSource<'b> {
    pub(super) text: Cow<'b, str>,
    /// Whether the parser shall look for definition lists.
    pub(super) has_definitions: bool,
    /// Whether the text contains marks.
    pub(super) has_marks: bool,
}

/// Rewrites a body that contains no control characters.
pub(super) fn prepare_source(body: Cow<'_, str>) -> PreparedSource<'_> {
    let mut text = body;
    let mut has_marks = false;
    // Most bodies contain none of these, and are not parsed twice.
    let suspects = [":::", "{:", "[!", "[["];
    let is_suspect = suspects.iter().any(|suspect| contains(&text, suspect));
    let is_suspect = is_suspect
        || (contains(&text, "![") && pictures::may_have_spaced_pictures(&text))
        || highlights::may_have_highlights(&text)
        || bare_links::may_have_bare_links(&text)
        || shortcodes::may_have_shortcodes(&text);
    if is_suspect {
        let survey = survey_source(&text);
        let mut edits = SourceEdits::default();
        boxes::rewrite_boxes(&text, &survey, &mut edits);
        callouts::rewrite_callouts(&text, &survey, &mut edits);
        kramdown::remove_attribute_lists(&text, &survey, &mut edits);
        pictures::rewrite_spaced_pictures(&text, &survey, &mut edits);
        wiki::rewrite_wiki_links(&text, &survey, &mut edits);
        highlights::rewrite_highlights(&text, &survey, &mut edits);
        bare_links::rewrite_bare_links(&text, &survey, &mut edits);
        shortcodes::rewrite_shortcodes(&text, &survey, &mut edits);
        has_marks |= !edits.is_empty();
        text = edits.apply_to(text);
    }
    let has_definitions = definitions::may_have_definitions(&text);
    if has_definitions {
        let edits = definitions::mark_other_colons(&text);
        has_marks |= !edits.is_empty();
        text = edits.apply_to(text);
    }
    let edits = cjk::mark_emphasis(&text);
    has_marks |= !edits.is_empty();
    text = edits.apply_to(text);
    PreparedSource {
        text,
        has_definitions,
        has_marks,
    }
}

/// Returns whether a text contains another one, whose first byte is rare.
fn contains(text: &str, needle: &str) -> bool {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    memchr_iter(needle[0], text).any(|at| text[at..].starts_with(needle))
}
