//! Writes links and images.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};

use super::{HtmlWriter, PrintedDestination};
use crate::lines::BodyPlace;
use crate::source::{is_wiki_link, read_spaced_picture};
use crate::{BodyLink, DestinationKind, escape};

impl HtmlWriter<'_> {
    pub(super) fn start_link(
        &mut self,
        link_type: LinkType,
        destination: &str,
        title: &str,
        range: Range<usize>,
    ) {
        let email;
        let destination = if link_type == LinkType::Email {
            email = format!("mailto:{destination}");
            &email
        } else {
            destination
        };
        if is_wiki_link(&self.source[range.clone()]) {
            self.in_link = self.open_wiki_link(destination, range.start);
        } else {
            self.in_link = self.open_link(destination, title, range.start);
        }
    }

    /// Writes `<a>` for the name of a page, which is shown only if the page is there.
    fn open_wiki_link(&mut self, name: &str, offset: usize) -> bool {
        if self.raw.open.contains("a") {
            return false;
        }
        let destination = self.add_name(name, DestinationKind::WikiLink, offset, String::new());
        self.html.push_str("<a href=\"");
        self.push_address(&destination);
        self.html.push_str("\">");
        true
    }

    /// Adds the name of a page or picture to the links, with what is shown if it is not there.
    fn add_name(
        &mut self,
        name: &str,
        kind: DestinationKind,
        offset: usize,
        instead: String,
    ) -> PrintedDestination<'static> {
        let number = self.links.len();
        self.links.push(BodyLink {
            target: name.trim().to_owned(),
            body_line: self.lines.line_of(BodyPlace::Offset(offset)),
            kind,
        });
        self.optional.push((number, instead));
        PrintedDestination::Marked(number)
    }

    /// Writes `<a>`, unless the destination is not safe. Returns whether it did.
    pub(super) fn open_link(&mut self, destination: &str, title: &str, offset: usize) -> bool {
        if self.raw.open.contains("a") {
            return false;
        }
        let place = BodyPlace::Offset(offset);
        let Some(destination) = self.destination(destination.trim(), DestinationKind::Link, place)
        else {
            return false;
        };
        self.html.push_str("<a href=\"");
        self.push_address(&destination);
        self.push_title(title);
        self.html.push_str("\">");
        true
    }

    /// Ends the value of the previous attribute and starts that of the title, if there is a title.
    fn push_title(&mut self, title: &str) {
        if !title.is_empty() {
            self.html.push_str("\" title=\"");
            escape::escape_attribute(&mut self.html, title);
        }
    }

    pub(super) fn end_link(&mut self) {
        if std::mem::take(&mut self.in_link) {
            self.html.push_str("</a>");
        }
    }

    /// Writes an image. An image that is not safe becomes its alternative text.
    pub(super) fn image(&mut self, destination: &str, title: &str, range: Range<usize>) {
        let alt = self.alternative_text();
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(&alt);
        }
        let Some((destination, is_optional)) = self.picture_destination(destination, range, &alt)
        else {
            return;
        };
        if alt.trim().is_empty() {
            self.undescribed_pictures.push(self.links.len() as u32 - 1);
        }
        let start = self.html.len();
        self.html.push_str("<img src=\"");
        self.push_address(&destination);
        self.html.push_str("\" alt=\"");
        escape::escape_attribute(&mut self.html, &alt);
        // An image alone in its paragraph shows its title as a caption.
        let is_figure = !title.is_empty() && !is_optional && self.is_alone(start);
        if !is_figure {
            self.push_title(title);
        }
        self.html.push_str(if self.is_feed() {
            "\">"
        } else {
            "\" decoding=\"async\">"
        });
        if is_figure {
            self.make_figure(start, title);
        }
    }

    /// Returns what to print for the destination of a picture, and whether the picture may not be
    /// there. If the destination is not safe, writes text and returns `None`.
    fn picture_destination<'d>(
        &mut self,
        destination: &'d str,
        range: Range<usize>,
        alt: &str,
    ) -> Option<(PrintedDestination<'d>, bool)> {
        let start = range.start;
        if is_wiki_link(&self.source[range.clone()]) {
            let kind = DestinationKind::WikiImage;
            return Some((
                self.add_name(destination, kind, start, alt.to_owned()),
                true,
            ));
        }
        let written = read_spaced_picture(&self.source[range]);
        let kind = if written.is_some() {
            DestinationKind::SpacedImage
        } else {
            DestinationKind::Image
        };
        let printed = self.destination(destination.trim(), kind, BodyPlace::Offset(start));
        let Some(printed) = printed else {
            escape::escape_text(&mut self.html, written.as_deref().unwrap_or(alt));
            return None;
        };
        let is_optional = written.is_some();
        let number = self.links.len() - 1;
        self.optional
            .extend(written.map(|written| (number, written)));
        Some((printed, is_optional))
    }

    /// Returns the text of an image, reading events up to its end.
    fn alternative_text(&mut self) -> String {
        let mut alt = String::new();
        // Images can be nested in the text of an image; only the outermost one is printed.
        let mut images = 1;
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Start(Tag::Image { .. }) => images += 1,
                Event::End(TagEnd::Image) => images -= 1,
                Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => {
                    alt.push_str(&text);
                }
                Event::SoftBreak | Event::HardBreak => alt.push(' '),
                _ => {}
            }
            if images == 0 {
                break;
            }
        }
        alt
    }

    /// Returns whether the image that begins at `start` in the HTML is the only content of its
    /// paragraph.
    fn is_alone(&mut self, start: usize) -> bool {
        // Outside of a paragraph, `paragraph_at` belongs to an earlier one, so look for the tag.
        start == self.paragraph_at + "<p>".len()
            && self.html[self.paragraph_at..].starts_with("<p>")
            && matches!(self.events.peek(), Some((Event::End(TagEnd::Paragraph), _)))
    }

    fn make_figure(&mut self, image_at: usize, caption: &str) {
        self.html
            .replace_range(self.paragraph_at..image_at, "<figure>");
        self.html.push_str("<figcaption>");
        escape::escape_text(&mut self.html, caption);
        self.html.push_str("</figcaption>");
        self.is_figure = true;
    }
}
