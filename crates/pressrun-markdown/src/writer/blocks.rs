//! Writes paragraphs, headings, lists, quotes and alerts.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use pressrun_text::visible::remove_hidden;
use pulldown_cmark::{BlockQuoteKind, CowStr, Event, HeadingLevel, Options as Extensions, Tag};

use super::HtmlWriter;
use crate::headings::{LevelDigit, is_valid_id, make_heading_slug};
use crate::source::{BoxKind, read_title_line, remove_marks};
use crate::{TocEntry, classes, escape};

/// A heading whose end has not been reached.
pub(in super::super) struct OpenHeading<'a> {
    /// Position in the HTML at which its attributes are inserted.
    attributes_at: usize,
    given_id: Option<String>,
    /// Its text so far, without markup.
    pub(in super::super) text: String,
    /// Where quotation marks in `text` bring a space, which the author did not write.
    pub(super) mark_spaces: Vec<usize>,
    /// Braces that the parser took for attributes, but that are text.
    braces: Option<&'a str>,
}

impl OpenHeading<'_> {
    /// Returns the text for the id, which does not depend on the language.
    fn text_without_mark_spaces(&self) -> Cow<'_, str> {
        if self.mark_spaces.is_empty() {
            return (&*self.text).into();
        }
        let mut spaces = self.mark_spaces.iter().peekable();
        let written = self.text.char_indices();
        let written = written.filter(|(at, _)| spaces.next_if_eq(&at).is_none());
        written.map(|(_, c)| c).collect()
    }
}

/// A block quote whose end has not been reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenQuote {
    Quote,
    Box,
}

impl<'a> HtmlWriter<'a> {
    pub(super) fn start_paragraph(&mut self) {
        self.paragraph_at = self.html.len();
        self.paragraph_depth = Some(self.depth);
        self.html.push_str("<p>");
    }

    pub(super) fn end_paragraph(&mut self) {
        self.paragraph_depth = None;
        if std::mem::take(&mut self.is_figure) {
            self.html.push_str("</figure>\n");
        } else if self.html[self.paragraph_at.min(self.html.len())..] == *"<p>" {
            // All that was in it is not shown.
            self.html.truncate(self.paragraph_at);
        } else {
            self.html.push_str("</p>\n");
        }
    }

    pub(super) fn start_heading(
        &mut self,
        level: HeadingLevel,
        id: Option<&str>,
        classes: &[CowStr<'_>],
        range: Range<usize>,
    ) {
        self.html.push_str("<h");
        self.push_level(level);
        self.heading = Some(OpenHeading {
            attributes_at: self.html.len(),
            given_id: id.map(|id| {
                if is_valid_id(id) {
                    id.to_owned()
                } else {
                    make_heading_slug(id)
                }
            }),
            text: String::new(),
            mark_spaces: Vec::new(),
            braces: find_stray_braces(&self.source[range]).filter(|_| self.has_attributes()),
        });
        let valid = classes.iter().filter(|class| is_valid_id(class));
        let classes: Vec<&str> = valid.map(AsRef::as_ref).collect();
        let classes = classes::allowed_author_classes(&classes.join(" "));
        if !classes.is_empty() && !self.is_feed() {
            let _ = write!(self.html, " class=\"{classes}\"");
        }
        self.html.push('>');
    }

    fn has_attributes(&self) -> bool {
        self.extensions
            .contains(Extensions::ENABLE_HEADING_ATTRIBUTES)
    }

    fn push_level(&mut self, level: HeadingLevel) {
        let level = level as u8;
        self.levels.push(LevelDigit {
            at: self.html.len(),
            level,
        });
        self.html.push(char::from(b'0' + level));
    }

    pub(super) fn end_heading(&mut self, level: HeadingLevel) {
        if self.heading.is_none() {
            return self.end_box_title();
        }
        if let Some(mut heading) = self.heading.take() {
            if let Some(braces) = heading.braces.map(remove_marks) {
                escape::escape_text(&mut self.html, &braces);
                heading.text.push_str(&braces);
            }
            if !self.is_feed() {
                // A feed has neither ids nor a table of contents.
                self.name_heading(heading, level);
            }
        }
        self.html.push_str("</h");
        self.push_level(level);
        self.html.push_str(">\n");
    }

    /// Gives a heading its id, a link to itself, and an entry in the table of contents.
    fn name_heading(&mut self, heading: OpenHeading<'a>, level: HeadingLevel) {
        let id = match heading.given_id {
            Some(given) if self.ids.take_exactly(&given) => given,
            // The id is taken, so this heading gets the next free variant of it.
            Some(given) => self.ids.take_or_number(given),
            None => {
                let slug = make_heading_slug(&heading.text_without_mark_spaces());
                self.ids.take_or_number(slug)
            }
        };
        self.insert_html(heading.attributes_at, &format!(" id=\"{id}\""));
        if !self.raw.open.contains("a") {
            // The theme draws the sign, so that it is neither searched nor copied.
            let name = &self.options.words().heading_link;
            let _ = write!(
                self.html,
                "<a class=\"anchor\" href=\"#{id}\" aria-label=\"{name}\"></a>"
            );
        }
        let title = remove_hidden(heading.text.as_str().into());
        let title = escape::replace_unfit(title.trim());
        self.toc.push(TocEntry {
            level: level as u8,
            id,
            title,
        });
    }

    /// Inserts HTML at an earlier place. Remembered places behind it move along.
    fn insert_html(&mut self, at: usize, inserted: &str) {
        self.html.insert_str(at, inserted);
        let move_along = |place: &mut usize| {
            if *place >= at {
                *place += inserted.len();
            }
        };
        if let Some(heading) = &mut self.heading {
            move_along(&mut heading.attributes_at);
        }
        move_along(&mut self.paragraph_at);
        move_along(&mut self.item_at);
        // The digits are in the order of their places.
        for digit in self
            .levels
            .iter_mut()
            .rev()
            .take_while(|digit| digit.at >= at)
        {
            digit.at += inserted.len();
        }
    }

    pub(super) fn start_list(&mut self, start: Option<u64>) {
        match start {
            None => self.html.push_str("<ul>\n"),
            Some(1) => self.html.push_str("<ol>\n"),
            Some(start) => {
                let _ = writeln!(self.html, "<ol start=\"{start}\">");
            }
        }
    }

    pub(super) fn start_item(&mut self) {
        self.item_at = self.html.len();
        self.html.push_str("<li>");
    }

    pub(super) fn end_item(&mut self) {
        self.html.push_str("</li>\n");
    }

    pub(super) fn task_marker(&mut self, done: bool) {
        if self.is_feed() {
            self.html.push_str(if done { "☑ " } else { "☐ " });
            return;
        }
        self.insert_html(self.item_at + "<li".len(), " class=\"task\"");
        self.html.push_str("<input type=\"checkbox\" disabled=\"\"");
        let words = self.options.words();
        let (state, name) = if done {
            (" checked=\"\"", &words.task_done)
        } else {
            ("", &words.task_open)
        };
        let _ = write!(self.html, "{state} aria-label=\"{name}\"> ");
    }

    pub(super) fn start_quote(&mut self, kind: Option<BlockQuoteKind>) {
        if let Some(BoxKind(alert)) = self.find_box_kind() {
            // The heading that follows writes the title.
            return self.start_box(alert);
        }
        let Some(alert) = kind else {
            self.open_quotes.push(OpenQuote::Quote);
            return self.html.push_str("<blockquote>\n");
        };
        self.start_box(Some(alert));
        self.start_box_title();
        self.html.push_str(self.options.words().callout(alert));
        self.end_box_title();
    }

    /// Returns the kind of the box whose block quote has just begun, if it is one.
    fn find_box_kind(&mut self) -> Option<BoxKind> {
        match self.events.peek()? {
            (Event::Start(Tag::Heading { .. }), range) => {
                read_title_line(&self.source[range.clone()])
            }
            _ => None,
        }
    }

    fn start_box(&mut self, alert: Option<BlockQuoteKind>) {
        if self.is_feed() {
            self.open_quotes.push(OpenQuote::Quote);
            return self.html.push_str("<blockquote>\n");
        }
        self.open_quotes.push(OpenQuote::Box);
        self.html.push_str("<div class=\"alert");
        if let Some(alert) = alert {
            let _ = write!(self.html, " alert-{}", alert_class(alert));
        }
        self.html.push_str("\" role=\"note\">\n");
    }

    pub(super) fn start_box_title(&mut self) {
        self.paragraph_depth = Some(self.depth);
        self.html.push_str(if self.is_feed() {
            "<p><strong>"
        } else {
            "<p class=\"alert-title\">"
        });
    }

    fn end_box_title(&mut self) {
        self.paragraph_depth = None;
        self.html.push_str(if self.is_feed() {
            "</strong></p>\n"
        } else {
            "</p>\n"
        });
    }

    pub(super) fn end_quote(&mut self) {
        let is_box = self.open_quotes.pop() == Some(OpenQuote::Box);
        self.html.push_str(if is_box {
            "</div>\n"
        } else {
            "</blockquote>\n"
        });
    }
}

/// Returns the class of an alert.
fn alert_class(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "note",
        BlockQuoteKind::Tip => "tip",
        BlockQuoteKind::Important => "important",
        BlockQuoteKind::Warning => "warning",
        BlockQuoteKind::Caution => "caution",
    }
}

/// Returns the braces at the end of a heading's source that contain anything other than ids and
/// classes, with the space before them. The parser drops such braces, but to an author `{x}` is
/// text.
fn find_stray_braces(source: &str) -> Option<&str> {
    let line = source.trim_end();
    let line = match line.rsplit_once('\n') {
        // The second line is the underline of a heading.
        Some((text, under)) if under.trim_matches(['=', '-', ' ']).is_empty() => text.trim_end(),
        _ => line.trim_end_matches('#').trim_end(),
    };
    let inside = line.strip_suffix('}')?;
    // The parser drops braces only if none of these characters is inside.
    let open = inside.rfind(['{', '}', '<', '>', '\\', '\n'])?;
    let inside = inside[open..].strip_prefix('{')?;
    let is_attribute = |word: &str| word.len() > 1 && word.starts_with(['#', '.']);
    let mut words = inside.split_ascii_whitespace().peekable();
    let are_attributes = words.peek().is_some() && words.all(is_attribute);
    let text_end = line[..open].trim_end().len();
    (!are_attributes).then(|| &line[text_end..])
}

#[cfg(test)]
mod tests {
    use super::find_stray_braces;

    #[test]
    fn braces_that_are_not_attributes_are_found() {
        for (source, expected) in [
            ("## A {#a .b}\n", None),
            ("## A {x}\n", Some(" {x}")),
            ("## A {}\n", Some(" {}")),
            ("## A {#a x} ##\n", Some(" {#a x}")),
            ("A {x}\n===\n", Some(" {x}")),
            ("## A {{ x }}\n", None),
            ("## A\n", None),
        ] {
            assert_eq!(find_stray_braces(source), expected, "{source}");
        }
    }
}
