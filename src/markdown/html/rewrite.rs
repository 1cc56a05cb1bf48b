//! Rewrites an author's HTML tag by tag while the page is written.

use std::fmt::Write;

use super::OpenElements;
use super::elements::{self, Element, Model};
use super::nesting::{InParagraph, Surroundings};
use super::tags::{Tag, Token, Tokens, decode, without_unfit_references};
use crate::markdown::headings::{LevelDigit, is_valid_id};
use crate::markdown::lines::Place;
use crate::markdown::writer::{TABLE_FRAME, TABLE_FRAME_END, Writer};
use crate::markdown::{Kind, RawHtml, classes, escape};

/// Greatest nesting depth of an author's elements and Markdown together; deeper elements are left
/// out.
const MAX_DEPTH: usize = 100;

/// The state of an author's HTML in the body so far.
#[derive(Debug, Default)]
pub(in super::super) struct RawState {
    pub(in super::super) open: OpenElements,
    /// Whether some of it was printed as HTML, so that the page must be sanitised.
    pub(in super::super) used: bool,
    /// The open element in running text whose content is not for readers, if any.
    hidden: Option<Hidden>,
}

#[derive(Debug)]
struct Hidden {
    name: String,
    /// Number of Markdown blocks and spans that contain it.
    depth: usize,
    /// Length of the page before the element, and the numbers of ids and links to footnotes in it.
    length: usize,
    ids: usize,
    references: usize,
}

impl Writer<'_> {
    /// Writes a block of HTML that begins at this byte of the body.
    pub(in super::super) fn html_block(&mut self, html: &str, offset: usize) {
        match self.options.raw_html {
            RawHtml::Allow => self.html.push_str(html),
            RawHtml::Escape => {
                self.html.push_str("<p>");
                escape::text(&mut self.html, html.trim_end());
                self.html.push_str("</p>\n");
            }
            RawHtml::Sanitize => self.rewrite_block(html, offset),
        }
    }

    /// Writes a tag or comment in running text.
    pub(in super::super) fn inline_html(&mut self, html: &str, offset: usize) {
        match self.options.raw_html {
            RawHtml::Allow => self.html.push_str(html),
            RawHtml::Escape => escape::text(&mut self.html, html),
            RawHtml::Sanitize => {
                let line = self.lines.of(Place::Offset(offset));
                for token in Tokens::new(html) {
                    self.inline_token(token, line);
                }
            }
        }
    }

    /// Forgets a hidden element that has no end tag at the boundary of its block. Its content
    /// stays.
    pub(in super::super) fn end_hidden(&mut self) {
        self.raw.hidden = None;
    }

    /// Forgets a hidden element that began in a span that has ended. Its content stays.
    pub(in super::super) fn end_hidden_with_span(&mut self) {
        let depth = self.depth;
        self.raw.hidden.take_if(|hidden| hidden.depth > depth);
    }

    fn rewrite_block(&mut self, html: &str, offset: usize) {
        let start = self.html.len();
        let mut line = self.lines.of(Place::Offset(offset));
        let mut has_elements = false;
        let mut tokens = Tokens::new(html);
        loop {
            let position = tokens.position();
            let Some(token) = tokens.next() else { break };
            match token {
                Token::Text(text) => self.raw_text(text),
                Token::Start(tag) if elements::element(tag.name) == Element::Removed => {
                    tokens.skip_past_end_of(tag.name);
                }
                Token::Start(tag) => has_elements |= self.start_tag(&tag, line, true),
                Token::End(name) => has_elements |= self.end_tag(name),
                Token::Comment => {}
            }
            line += memchr::memchr_iter(b'\n', &html.as_bytes()[position..tokens.position()])
                .count() as u32;
        }
        self.finish_block(start, has_elements);
    }

    /// Wraps a block that contains only text in a paragraph.
    fn finish_block(&mut self, start: usize, has_elements: bool) {
        if has_elements {
            return;
        }
        let end = self.html.trim_end().len().max(start);
        self.html.truncate(end);
        if end > start {
            self.html.insert_str(start, "<p>");
            self.html.push_str("</p>\n");
        }
    }

    fn raw_text(&mut self, text: &str) {
        if !self.raw.open.is_empty() && !text.trim_start().is_empty() {
            self.raw
                .open
                .before_content(&mut self.html, self.depth, false);
        }
        // The author has already escaped entities, so only a `<` could start something.
        if text == "<" {
            self.html.push_str("&lt;");
        } else {
            self.html.push_str(&without_unfit_references(text));
        }
    }

    fn inline_token(&mut self, token: Token<'_>, line: u32) {
        match token {
            Token::Text(text) => escape::text(&mut self.html, text),
            Token::End(name) if elements::element(name) == Element::Removed => {
                self.drop_hidden(name);
            }
            // Tags in hidden content are ignored. Otherwise an element that begins or ends outside
            // of it would lose a tag when the content is dropped.
            _ if self.raw.hidden.is_some() => {}
            Token::Start(tag) if elements::element(tag.name) == Element::Removed => {
                self.start_hidden(tag.name);
            }
            Token::Start(tag) => {
                self.start_tag(&tag, line, false);
            }
            Token::End(name) => {
                self.end_tag(name);
            }
            Token::Comment => {}
        }
    }

    fn start_hidden(&mut self, name: &str) {
        self.raw
            .open
            .before_content(&mut self.html, self.depth, false);
        self.raw.hidden = Some(Hidden {
            name: name.to_ascii_lowercase(),
            depth: self.depth,
            length: self.html.len(),
            ids: self.ids.len(),
            references: self.footnotes.references(),
        });
    }

    /// Drops the content of a hidden element, unless a span begins inside it and ends after it.
    fn drop_hidden(&mut self, name: &str) {
        let is_end = |hidden: &mut Hidden| hidden.name.eq_ignore_ascii_case(name);
        if let Some(hidden) = self.raw.hidden.take_if(is_end)
            && hidden.depth == self.depth
        {
            self.html.truncate(hidden.length);
            self.ids.forget_since(hidden.ids);
            self.footnotes.forget_references_since(hidden.references);
        }
    }

    /// Writes a start tag; returns whether it belongs to an HTML element.
    fn start_tag(&mut self, tag: &Tag<'_>, line: u32, in_block: bool) -> bool {
        let (name, model) = match elements::element(tag.name) {
            Element::Allowed(name, model) => (name, model),
            Element::Unknown => {
                self.unknown_tag(tag.source);
                return false;
            }
            Element::Unwrapped | Element::Removed => return false,
        };
        if !in_block && is_heading(name) {
            return false;
        }
        self.raw.used = true;
        let too_deep = self.raw.open.len() + self.depth > MAX_DEPTH;
        let around = self.surroundings();
        if too_deep || !self.raw.open.fit(&mut self.html, name, model, around) {
            return true;
        }
        let mut suffix = "";
        if name == "table" && !self.options.feed {
            self.html.push_str(TABLE_FRAME);
            suffix = TABLE_FRAME_END;
        }
        let start = self.html.len();
        self.html.push('<');
        self.push_name(name);
        self.push_attributes(name, tag, line);
        // Inside values `"` is escaped, so this can only be the attribute.
        if name == "img" && !self.html[start..].contains(" src=\"") {
            self.html.truncate(start);
            return true;
        }
        self.html.push('>');
        if model != Model::Void && name != "col" {
            self.raw.open.push(name, model, self.depth, suffix);
        }
        true
    }

    fn surroundings(&self) -> Surroundings {
        let in_paragraph = self.paragraph_depth.map(|depth| {
            if self.depth == depth {
                InParagraph::Directly
            } else {
                InParagraph::InSpan
            }
        });
        Surroundings {
            depth: self.depth,
            in_paragraph,
            in_link: self.in_link,
        }
    }

    fn unknown_tag(&mut self, source: &str) {
        self.raw
            .open
            .before_content(&mut self.html, self.depth, false);
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(source);
        }
        escape::text(&mut self.html, source);
    }

    /// Writes an end tag; returns whether it belongs to an HTML element.
    fn end_tag(&mut self, tag: &str) -> bool {
        match elements::element(tag) {
            Element::Allowed(name, model) => {
                if model != Model::Void {
                    self.raw.open.close(&mut self.html, name, self.depth);
                }
                true
            }
            Element::Unknown => {
                self.unknown_tag(&format!("</{tag}>"));
                false
            }
            Element::Unwrapped | Element::Removed => false,
        }
    }

    /// Writes the name of an element. The level of a heading is recorded, to be shifted with the
    /// others later. The end tag keeps the old level: to the sanitiser, the end tag of any heading
    /// ends this one.
    fn push_name(&mut self, name: &str) {
        self.html.push_str(name);
        if is_heading(name) {
            let at = self.html.len() - 1;
            let level = self.html.as_bytes()[at] - b'0';
            self.levels.push(LevelDigit { at, level });
        }
    }

    fn push_attributes(&mut self, element: &str, tag: &Tag<'_>, line: u32) {
        let mut written: Vec<&str> = Vec::new();
        for &(name, value) in &tag.attributes {
            let allowed = [elements::attributes(element), elements::GLOBAL_ATTRIBUTES];
            let mut allowed = allowed.into_iter().flatten();
            let Some(&name) = allowed.find(|allowed| allowed.eq_ignore_ascii_case(name)) else {
                continue;
            };
            if !written.contains(&name) {
                written.push(name);
                self.push_attribute(name, value, line);
            }
        }
        if element == "img" {
            if !written.contains(&"alt") {
                self.html.push_str(" alt=\"\"");
            }
            self.html.push_str(" loading=\"lazy\" decoding=\"async\"");
        }
    }

    fn push_attribute(&mut self, name: &str, value: &str, line: u32) {
        match name {
            "href" => self.push_destination(name, value, Kind::Link, line),
            "src" => self.push_destination(name, value, Kind::Image, line),
            "class" | "id" if self.options.feed => {}
            "id" => {
                if is_valid_id(value) && self.ids.take(value) {
                    let _ = write!(self.html, " id=\"{value}\"");
                }
            }
            "class" => {
                let classes = classes::of_author(&decode(value));
                if !classes.is_empty() {
                    let _ = write!(self.html, " class=\"{classes}\"");
                }
            }
            _ => {
                // The value keeps its entities, so `&` is not escaped again.
                let value = without_unfit_references(value);
                let value = value.replace('"', "&quot;").replace('<', "&lt;");
                let _ = write!(self.html, " {name}=\"{value}\"");
            }
        }
    }

    fn push_destination(&mut self, name: &str, value: &str, kind: Kind, line: u32) {
        let destination = decode(value);
        if let Some(address) = self.destination(destination.trim(), kind, Place::Line(line)) {
            let _ = write!(self.html, " {name}=\"");
            self.push_address(&address);
            self.html.push('"');
        }
    }
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}
