//! Finds what is code in a body, and the blocks that the rewriting needs to know.

use std::ops::Range;

use memchr::memmem;
use pulldown_cmark::{Event, LinkType, Options as Extensions, Parser, Tag, TagEnd};

use crate::html::OpenLiterals;

/// What the parser finds in a body.
#[derive(Debug, Default)]
pub(super) struct SourceSurvey {
    /// Code blocks, code spans, HTML blocks, tags and formulas, in order.
    code: Vec<Range<usize>>,
    /// The outermost list items, in order.
    items: Vec<Range<usize>>,
    /// Pictures, in order of their starts.
    pictures: Vec<Range<usize>>,
    /// The outermost links, in order.
    links: Vec<Range<usize>>,
    /// The addresses of links, and pictures that are in none, in order.
    addresses: Vec<Range<usize>>,
    /// Where the first paragraph of each block quote begins, if it is the first block.
    pub(super) quotes: Vec<usize>,
}

impl SourceSurvey {
    pub(super) fn is_code(&self, at: usize) -> bool {
        is_within(&self.code, at)
    }

    pub(super) fn is_in_item(&self, at: usize) -> bool {
        is_within(&self.items, at)
    }

    pub(super) fn is_link(&self, at: usize) -> bool {
        is_within(&self.links, at)
    }

    /// Returns whether a byte is in the address of a link, or in a picture.
    pub(super) fn is_address(&self, at: usize) -> bool {
        is_within(&self.addresses, at)
    }

    pub(super) fn is_picture(&self, at: usize) -> bool {
        self.pictures
            .binary_search_by_key(&at, |picture| picture.start)
            .is_ok()
    }
}

/// Returns whether a byte is in one of these ranges, which are in order and do not overlap.
fn is_within(ranges: &[Range<usize>], at: usize) -> bool {
    let next = ranges.partition_point(|range| range.start <= at);
    next > 0 && at < ranges[next - 1].end
}

/// Parses a body once, without the notations of this module.
pub(super) fn survey_source(source: &str) -> SourceSurvey {
    let extensions = Extensions::ENABLE_TABLES
        | Extensions::ENABLE_FOOTNOTES
        | Extensions::ENABLE_STRIKETHROUGH
        | Extensions::ENABLE_MATH
        | Extensions::ENABLE_GFM;
    let mut survey = SourceSurvey::default();
    let mut literals = OpenLiterals::default();
    let mut items_end = 0;
    let mut quote_opens = false;
    for (event, range) in Parser::new_ext(source, extensions).into_offset_iter() {
        let quote_opened = std::mem::take(&mut quote_opens);
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock)
            | Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => survey.code.push(range),
            Event::InlineHtml(html) => {
                literals.follow(&html, 0);
                survey.code.push(range);
            }
            // The text of `<code>` and the like.
            Event::Text(_) if !literals.is_empty() => survey.code.push(range),
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::TableCell) => {
                literals = OpenLiterals::default();
            }
            Event::Start(Tag::Item) if range.start >= items_end => {
                items_end = range.end;
                survey.items.push(range);
            }
            Event::Start(Tag::Link { link_type, .. }) => {
                let text = match link_type {
                    // All of it is an address.
                    LinkType::Autolink | LinkType::Email => Some(0),
                    _ => memmem::rfind(&source.as_bytes()[range.clone()], b"]("),
                };
                survey
                    .addresses
                    .extend(text.map(|at| range.start + at..range.end));
                survey.links.push(range);
            }
            Event::Start(Tag::Image { .. }) => {
                // A picture in a link is before the address of the link.
                if !survey.is_link(range.start) {
                    if survey
                        .links
                        .last()
                        .is_none_or(|last| last.end <= range.start)
                    {
                        survey.links.push(range.clone());
                    }
                    survey.addresses.push(range.clone());
                }
                survey.pictures.push(range);
            }
            Event::Start(Tag::BlockQuote(None)) => quote_opens = true,
            Event::Start(Tag::Paragraph) if quote_opened => survey.quotes.push(range.start),
            _ => {}
        }
    }
    survey
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_items_are_known_by_their_places() {
        let source = "a `b` c\n\n- d\n  - e\n\n```\nf\n```\n![g](h)\n";
        let survey = survey_source(source);
        let at = |needle: &str| source.find(needle).unwrap();
        assert!(survey.is_code(at("b")) && survey.is_code(at("f")));
        assert!(!survey.is_code(at("a")) && !survey.is_code(at("c")));
        assert!(survey.is_in_item(at("e")) && !survey.is_in_item(at("f")));
        assert!(survey.is_picture(at("![")));
    }
}
