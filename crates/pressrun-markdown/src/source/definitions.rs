//! Keeps colons at the start of a line from making definition lists where they mean something else.
//!
//! To the parser every line that begins with a colon is a definition. Here a definition has white
//! space behind its colon, is not part of a code span, and is not in a block quote or list item.

use pulldown_cmark::{Event, Options as Extensions, Parser, Tag, TagEnd};

use super::edits::SourceEdits;
use super::marks::LETTER_TEXT;

/// Returns whether a line begins with a colon and white space.
pub(super) fn may_have_definitions(source: &str) -> bool {
    memchr::memchr_iter(b':', source.as_bytes()).any(|at| {
        let before = source[..at].trim_end_matches([' ', '\t']);
        before.ends_with('\n') && is_definition(&source[at..])
    })
}

fn is_definition(from_colon: &str) -> bool {
    from_colon[1..].starts_with(char::is_whitespace)
}

/// Puts a mark before the colons that make no definition.
pub(super) fn mark_other_colons(source: &str) -> SourceEdits {
    let extensions = Extensions::ENABLE_TABLES
        | Extensions::ENABLE_FOOTNOTES
        | Extensions::ENABLE_STRIKETHROUGH
        | Extensions::ENABLE_GFM;
    let mut edits = SourceEdits::default();
    let mut mark = |at: usize| {
        let colon = source[at..].find(':').map_or(at, |colon| at + colon);
        edits.insert(colon, LETTER_TEXT);
    };
    // Code spans end at definitions, so they are only seen by a parser that knows none.
    for (event, range) in Parser::new_ext(source, extensions).into_offset_iter() {
        if let Event::Code(_) | Event::InlineHtml(_) = event {
            let breaks = memchr::memchr_iter(b'\n', &source.as_bytes()[range.clone()]);
            for line in breaks.map(|at| range.start + at + 1) {
                if source[line..range.end].trim_start().starts_with(':') {
                    mark(line);
                }
            }
        }
    }
    let extensions = extensions | Extensions::ENABLE_DEFINITION_LIST;
    let mut containers = 0;
    for (event, range) in Parser::new_ext(source, extensions).into_offset_iter() {
        match event {
            Event::Start(Tag::BlockQuote(_) | Tag::Item | Tag::FootnoteDefinition(_)) => {
                containers += 1;
            }
            Event::End(TagEnd::BlockQuote(_) | TagEnd::Item | TagEnd::FootnoteDefinition) => {
                containers -= 1;
            }
            Event::Start(Tag::DefinitionListDefinition)
                if containers > 0 || !begins_definition(&source[range.start..]) =>
            {
                mark(range.start);
            }
            _ => {}
        }
    }
    edits
}

fn begins_definition(source: &str) -> bool {
    let from_colon = source.trim_start();
    from_colon.starts_with(':') && is_definition(from_colon)
}
