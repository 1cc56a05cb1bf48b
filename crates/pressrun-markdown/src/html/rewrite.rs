//! Rewrites an author's HTML tag by tag while the page is written.

use std::fmt::Write;

use super::elements::{self, ContentModel, ElementPolicy};
use super::hiding::hides_content;
use super::nesting::{InParagraph, Surroundings};
use super::tags::{HtmlToken, HtmlTokens, StartTag, decode_attribute, without_unfit_references};
use super::{OpenElements, PageState};
use crate::headings::{LevelDigit, is_valid_id};
use crate::lines::BodyPlace;
use crate::writer::{HtmlWriter, TABLE_FRAME_END, push_table_frame};
use crate::{DestinationKind, RawHtmlHandling, classes, escape};

/// Greatest nesting depth of an author's elements and Markdown together; deeper elements are left
/// out.
const MAX_DEPTH: usize = 100;

/// The state of an author's HTML in the body so far.
#[derive(Debug, Default)]
pub(in super::super) struct RawHtmlState {
    pub(in super::super) open: OpenElements,
    /// Whether some of it was printed as HTML, so that the page must be sanitised.
    pub(in super::super) used: bool,
    /// Whether the page has lost what an element hid.
    pub(in super::super) has_dropped: bool,
    /// The open element in running text whose content is not for readers, if any.
    hidden: Option<HiddenElement>,
}

#[derive(Debug)]
struct HiddenElement {
    name: String,
    /// Number of Markdown blocks and spans that contain it.
    depth: usize,
    /// Length of the page before the element, and the numbers of ids and links to footnotes in it.
    length: usize,
    ids: usize,
    references: usize,
}

impl HtmlWriter<'_> {
    /// Writes a block of HTML that begins at this byte of the body.
    pub(in super::super) fn html_block(&mut self, html: &str, offset: usize) {
        match self.options.raw_html {
            RawHtmlHandling::Allow => self.html.push_str(html),
            RawHtmlHandling::Escape => {
                self.html.push_str("<p>");
                escape::escape_text(&mut self.html, html.trim_end());
                self.html.push_str("</p>\n");
            }
            RawHtmlHandling::Sanitize => self.rewrite_block(html, offset),
        }
    }

    /// Writes a tag or comment in running text.
    pub(in super::super) fn inline_html(&mut self, html: &str, offset: usize) {
        match self.options.raw_html {
            RawHtmlHandling::Allow => self.html.push_str(html),
            RawHtmlHandling::Escape => escape::escape_text(&mut self.html, html),
            RawHtmlHandling::Sanitize => {
                let line = self.lines.line_of(BodyPlace::Offset(offset));
                for token in HtmlTokens::new(html) {
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
        let mut line = self.lines.line_of(BodyPlace::Offset(offset));
        let mut has_elements = false;
        let mut tokens = HtmlTokens::new(html);
        loop {
            let position = tokens.position();
            let Some(token) = tokens.next() else { break };
            match token {
                HtmlToken::Text(text) => self.raw_text(text),
                HtmlToken::Start(tag)
                    if elements::look_up_element(tag.name) == ElementPolicy::Removed =>
                {
                    tokens.skip_past_end_of(tag.name);
                }
                HtmlToken::Start(tag) => has_elements |= self.start_tag(&tag, line, true),
                HtmlToken::End(name) => has_elements |= self.end_tag(name),
                HtmlToken::Comment => {}
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

    fn inline_token(&mut self, token: HtmlToken<'_>, line: u32) {
        match token {
            HtmlToken::Text(text) => escape::escape_text(&mut self.html, text),
            HtmlToken::End(name) if elements::look_up_element(name) == ElementPolicy::Removed => {
                self.drop_hidden(name);
            }
            // Tags in hidden content are ignored. Otherwise an element that begins or ends outside
            // of it would lose a tag when the content is dropped.
            _ if self.raw.hidden.is_some() => {}
            HtmlToken::Start(tag)
                if elements::look_up_element(tag.name) == ElementPolicy::Removed =>
            {
                self.start_hidden(tag.name);
            }
            HtmlToken::Start(tag) => {
                self.start_tag(&tag, line, false);
            }
            HtmlToken::End(name) => {
                self.end_tag(name);
            }
            HtmlToken::Comment => {}
        }
    }

    fn start_hidden(&mut self, name: &str) {
        self.raw
            .open
            .before_content(&mut self.html, self.depth, false);
        self.raw.hidden = Some(HiddenElement {
            name: name.to_ascii_lowercase(),
            depth: self.depth,
            length: self.html.len(),
            ids: self.ids.len(),
            references: self.footnotes.references(),
        });
    }

    /// Drops the content of a hidden element, unless a span begins inside it and ends after it.
    fn drop_hidden(&mut self, name: &str) {
        let is_end = |hidden: &mut HiddenElement| hidden.name.eq_ignore_ascii_case(name);
        if let Some(hidden) = self.raw.hidden.take_if(is_end)
            && hidden.depth == self.depth
        {
            self.html.truncate(hidden.length);
            self.ids.forget_since(hidden.ids);
            self.footnotes.forget_references_since(hidden.references);
        }
    }

    /// Writes a start tag; returns whether it belongs to an HTML element.
    fn start_tag(&mut self, tag: &StartTag<'_>, line: u32, in_block: bool) -> bool {
        let (name, model) = match elements::look_up_element(tag.name) {
            ElementPolicy::Allowed(name, model) => (name, model),
            ElementPolicy::Unknown => {
                self.unknown_tag(tag.source);
                return false;
            }
            ElementPolicy::Unwrapped(name) => {
                let is_hidden = hides_content(tag) && !elements::is_empty_element(name);
                if is_hidden {
                    self.push_hidden(name, ContentModel::Phrase);
                }
                return is_hidden;
            }
            ElementPolicy::Removed => return false,
        };
        if hides_content(tag) {
            if model != ContentModel::Void && name != "col" {
                self.push_hidden(name, model);
            }
            return true;
        }
        if !in_block && is_heading(name) {
            return false;
        }
        let is_in_player = || self.raw.open.contains("video") || self.raw.open.contains("audio");
        if matches!(name, "source" | "track") && !is_in_player() {
            return true;
        }
        self.raw.used = true;
        let too_deep = self.raw.open.len() + self.depth > MAX_DEPTH;
        let around = self.surroundings();
        let has_room = !too_deep
            && self
                .raw
                .open
                .make_room_for(&mut self.html, name, model, around);
        // Before anything of this element is recorded: it may have ended a hidden one.
        self.drop_hidden_content();
        if !has_room {
            return true;
        }
        let mut suffix = "";
        if name == "table" && !self.options.feed {
            push_table_frame(&mut self.html, self.options.words());
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
        if model != ContentModel::Void && name != "col" {
            self.raw.open.push(name, model, self.depth, suffix);
        }
        true
    }

    /// Opens an element whose content is not shown.
    fn push_hidden(&mut self, name: &'static str, model: ContentModel) {
        if self.raw.open.len() + self.depth > MAX_DEPTH {
            return;
        }
        // It ends what it would end if it were shown. Where it has no place, it hides its content like
        // a part of a line.
        let around = self.surroundings();
        let open = &mut self.raw.open;
        let has_room = open.make_room_for(&mut self.html, name, model, around);
        self.drop_hidden_content();
        let model = if has_room {
            model
        } else {
            ContentModel::Phrase
        };
        let before = self.page_state();
        self.raw.open.push_hidden(name, model, self.depth, before);
    }

    /// Returns how much the page consists of now.
    pub(in super::super) fn page_state(&self) -> PageState {
        PageState {
            html: self.html.len(),
            ids: self.ids.len(),
            references: self.footnotes.references(),
            toc: self.toc.len(),
            levels: self.levels.len(),
            heading: self.heading.as_ref().map_or(0, |open| open.text.len()),
        }
    }

    /// Takes back what a hidden element contained, if one has ended.
    pub(in super::super) fn drop_hidden_content(&mut self) {
        let Some(before) = self.raw.open.take_back() else {
            return;
        };
        self.ids.forget_since(before.ids);
        self.footnotes.forget_references_since(before.references);
        self.toc.truncate(before.toc);
        self.levels.truncate(before.levels);
        if let Some(heading) = &mut self.heading {
            heading.text.truncate(before.heading);
        }
        self.raw.has_dropped = true;
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
        escape::escape_text(&mut self.html, source);
    }

    /// Writes an end tag; returns whether it belongs to an HTML element.
    fn end_tag(&mut self, tag: &str) -> bool {
        match elements::look_up_element(tag) {
            ElementPolicy::Allowed(name, model) => {
                if model != ContentModel::Void {
                    self.raw.open.close(&mut self.html, name, self.depth);
                }
                true
            }
            ElementPolicy::Unknown => {
                self.unknown_tag(&format!("</{tag}>"));
                false
            }
            ElementPolicy::Unwrapped(name) => {
                // Only a hidden one is open.
                self.raw.open.close(&mut self.html, name, self.depth);
                false
            }
            ElementPolicy::Removed => false,
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

    fn push_attributes(&mut self, element: &str, tag: &StartTag<'_>, line: u32) {
        let before = self.links.len();
        let mut written: Vec<&str> = Vec::new();
        for &(name, value) in &tag.attributes {
            let allowed = [
                elements::allowed_attributes(element),
                elements::GLOBAL_ATTRIBUTES,
            ];
            let mut allowed = allowed.into_iter().flatten();
            let Some(&name) = allowed.find(|allowed| allowed.eq_ignore_ascii_case(name)) else {
                continue;
            };
            if !written.contains(&name) {
                written.push(name);
                self.push_attribute(name, value, line);
            }
        }
        if elements::is_player(element) {
            // A page asks other hosts for nothing but pictures until a reader plays the file.
            self.html.push_str(" controls=\"\" preload=\"none\"");
        }
        if element == "img" {
            if !written.contains(&"alt") {
                self.html.push_str(" alt=\"\"");
                let picture = (self.links.len() > before).then_some(before as u32);
                self.undescribed_pictures.extend(picture);
            }
            if !self.options.feed {
                self.html.push_str(" decoding=\"async\"");
            }
        }
    }

    fn push_attribute(&mut self, name: &str, value: &str, line: u32) {
        match name {
            "href" => self.push_destination(name, value, DestinationKind::Link, line),
            "src" | "poster" => self.push_destination(name, value, DestinationKind::Image, line),
            "class" | "id" if self.options.feed => {}
            "id" => {
                if is_valid_id(value) && self.ids.take_exactly(value) {
                    let _ = write!(self.html, " id=\"{value}\"");
                }
            }
            "class" => {
                let classes = classes::allowed_author_classes(&decode_attribute(value));
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

    fn push_destination(&mut self, name: &str, value: &str, kind: DestinationKind, line: u32) {
        let destination = decode_attribute(value);
        if let Some(address) = self.destination(destination.trim(), kind, BodyPlace::Line(line)) {
            let _ = write!(self.html, " {name}=\"");
            self.push_address(&address);
            self.html.push('"');
        }
    }
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}
