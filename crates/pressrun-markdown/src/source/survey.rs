//! Finds what is code in a body, and the blocks that the rewriting needs to know.

use std::ops::Range;

use pulldown_cmark::{Event, Options as Extensions, Parser, Tag};

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
    let mut items_end = 0;
    let mut quote_opens = false;
    for (event, range) in Parser::new_ext(source, extensions).into_offset_iter() {
        let quote_opened = std::mem::take(&mut quote_opens);
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock)
            | Event::Code(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => survey.code.push(range),
            Event::Start(Tag::Item) if range.start >= items_end => {
                items_end = range.end;
                survey.items.push(range);
            }
            Event::Start(Tag::Link { .. }) => survey.links.push(range),
            Event::Start(Tag::Image { .. }) => survey.pictures.push(range),
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
