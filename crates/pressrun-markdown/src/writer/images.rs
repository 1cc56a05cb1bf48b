//! Writes links and images.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};

use super::HtmlWriter;
use crate::lines::BodyPlace;
use crate::source::read_spaced_picture;
use crate::{DestinationKind, escape};

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
        self.in_link = self.open_link(destination, title, range.start);
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
        let place = BodyPlace::Offset(range.start);
        let written = read_spaced_picture(&self.source[range]);
        let kind = if written.is_some() {
            DestinationKind::SpacedImage
        } else {
            DestinationKind::Image
        };
        let Some(destination) = self.destination(destination.trim(), kind, place) else {
            escape::escape_text(&mut self.html, written.as_ref().unwrap_or(&alt));
            return;
        };
        if let Some(written) = &written {
            self.picture_texts
                .push((self.links.len() - 1, written.clone()));
        }
        let start = self.html.len();
        self.html.push_str("<img src=\"");
        self.push_address(&destination);
        self.html.push_str("\" alt=\"");
        escape::escape_attribute(&mut self.html, &alt);
        // An image alone in its paragraph shows its title as a caption.
        let is_figure = !title.is_empty() && written.is_none() && self.is_alone(start);
        if !is_figure {
            self.push_title(title);
        }
        self.html.push_str(if self.is_feed() {
            "\">"
        } else {
            "\" loading=\"lazy\" decoding=\"async\">"
        });
        if is_figure {
            self.make_figure(start, title);
        }
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
