//! Writes running text: words, code, and bare addresses.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memmem};
use pulldown_cmark::Event;

use super::HtmlWriter;
use crate::links::{find_bare_address, measure_bare_address, trim_bare_address};
use crate::source::{joins_lines, remove_marks};
use crate::{RenderOptions, escape};

/// The greatest number of bytes of a mark of typography: a guillemet and a space.
const MAX_TYPOGRAPHIC: usize = 5;

impl HtmlWriter<'_> {
    pub(super) fn text(&mut self, text: &str, range: Range<usize>) {
        let text = self.as_meant(text, &range);
        self.note_mark_space(text, &range);
        if self.bare_links && !self.in_link {
            self.text_with_links(text, range);
        } else {
            self.plain_text(text);
        }
    }

    /// Notes the space that a quotation mark brings into a heading.
    fn note_mark_space(&mut self, text: &str, range: &Range<usize>) {
        if let Some(heading) = &mut self.heading
            && let Some(at) = text.find('\u{202f}')
            && self.source[range.clone()] == *"\""
        {
            heading.mark_spaces.push(heading.text.len() + at);
        }
    }

    pub(super) fn plain_text(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
        escape::escape_text(&mut self.html, text);
    }

    /// Returns the text as the author wrote it, if it is inside template code or a literal element.
    fn as_meant<'t>(&self, text: &'t str, range: &Range<usize>) -> &'t str
    where
        Self: 't,
    {
        if text.len() > MAX_TYPOGRAPHIC {
            return text;
        }
        let written = &self.source[range.clone()];
        let is_typographic = matches!(written, "\"" | "'") || matches!(text, "–" | "—" | "…");
        // A character reference means the character itself.
        if !is_typographic || written.starts_with('&') {
            return text;
        }
        if !self.literals.is_empty() {
            return written;
        }
        // The first template that ends after the start of the text; they are sorted by their ends.
        let after = self
            .templates
            .partition_point(|template| template.end <= range.start);
        let in_template = self
            .templates
            .get(after)
            .is_some_and(|template| template.start <= range.start);
        if in_template { written } else { text }
    }

    fn text_with_links(&mut self, text: &str, mut range: Range<usize>) {
        let mut before = self.source[..range.start].chars().next_back();
        let mut text = Cow::Borrowed(text);
        let mut at = 0;
        while let Some(found) = find_bare_address(&text[at..], before) {
            let (start, end) = (at + found.start, at + found.end);
            self.plain_text(&text[at..start]);
            let mut address = text[start..end].to_owned();
            at = end;
            // The address may go on in the next piece.
            if at == text.len() {
                text = self.continue_address(&mut address, &mut range).into();
                at = 0;
            }
            self.write_bare(&address, range.start);
            before = address.chars().next_back();
        }
        self.plain_text(&text[at..]);
    }

    /// Extends an address that reaches the end of a piece of text by the next pieces, because the
    /// parser splits text at every character that might have a meaning. Returns the part of the
    /// last piece that does not belong to the address.
    fn continue_address(&mut self, address: &mut String, range: &mut Range<usize>) -> String {
        while let Some((Event::Text(text), next)) = self.events.peek() {
            let written = remove_marks(&self.source[next.clone()]);
            // An entity counts as the character it stands for, and a dash as the two hyphens that
            // the author wrote.
            let piece = if written.starts_with('&') {
                text
            } else {
                &*written
            };
            let length = measure_bare_address(piece);
            if next.start != range.end || length == 0 {
                break;
            }
            range.end = next.end;
            address.push_str(&piece[..length]);
            // The piece borrows from the event, which is consumed next.
            let rest = piece[length..].to_owned();
            self.events.next();
            if !rest.is_empty() {
                return rest;
            }
        }
        String::new()
    }

    fn write_bare(&mut self, address: &str, offset: usize) {
        // A full stop or a bracket after the address belongs to the sentence.
        let link = trim_bare_address(address);
        let is_open = self.open_link(link, "", offset);
        self.plain_text(link);
        if is_open {
            self.html.push_str("</a>");
        }
        self.plain_text(&address[link.len()..]);
    }

    pub(super) fn inline_code(&mut self, code: &str) {
        self.html.push_str("<code>");
        self.plain_text(code);
        self.html.push_str("</code>");
    }

    pub(super) fn soft_break(&mut self, range: Range<usize>) {
        if !joins_lines(&self.source[..range.start], &self.source[range.end..]) {
            self.line_break("\n");
        }
    }

    pub(super) fn line_break(&mut self, html: &str) {
        if let Some(heading) = &mut self.heading {
            // In the table of contents a heading has one line.
            heading.text.push(' ');
        }
        self.html.push_str(html);
    }
}

/// Finds `{{ }}` and `{% %}` in the body. Smart punctuation must not change them.
pub(super) fn find_template_code(source: &str, options: &RenderOptions) -> Vec<Range<usize>> {
    let mut templates = Vec::new();
    if options.smart_punctuation && memchr(b'{', source.as_bytes()).is_some() {
        for (open, close) in [("{{", "}}"), ("{%", "%}")] {
            find_bracket_pairs(source, open, close, &mut templates);
        }
        templates.sort_unstable_by_key(|template| template.end);
    }
    templates
}

fn find_bracket_pairs(source: &str, open: &str, close: &str, found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(start) = memmem::find(&source.as_bytes()[at..], open.as_bytes()) {
        let start = at + start;
        let inside = start + open.len();
        let Some(end) = memmem::find(&source.as_bytes()[inside..], close.as_bytes()) else {
            return;
        };
        at = inside + end + close.len();
        found.push(start..at);
    }
}
