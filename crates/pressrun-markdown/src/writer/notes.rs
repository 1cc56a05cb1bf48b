//! Writes footnotes: their references, and their texts at the end of the page.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::HtmlWriter;
use crate::footnotes::{FootnoteText, footnote_id, footnote_link_id, push_back_links};
use crate::headings::LevelDigit;
use crate::html::PageState;

/// A footnote whose text is being written.
pub(super) struct OpenNote {
    label: String,
    /// What the page had before it.
    before: PageState,
}

impl HtmlWriter<'_> {
    pub(super) fn footnote_reference(&mut self, label: &str) {
        // Links cannot be nested, and a feed has no ids to link to.
        let is_link = !self.in_link && !self.raw.open.contains("a") && !self.is_feed();
        let (number, link) = self.footnotes.add_reference(label, is_link);
        if !is_link {
            let _ = write!(self.html, "<sup>{number}</sup>");
            return;
        }
        let (note, id) = (footnote_id(number), footnote_link_id(number, link));
        let name = self.options.words().footnote(number);
        let _ = write!(
            self.html,
            "<sup class=\"footnote\"><a id=\"{id}\" href=\"#{note}\" role=\"doc-noteref\" \
             aria-label=\"{name}\">{number}</a></sup>"
        );
        self.ids.push_footnote(id);
    }

    pub(super) fn start_note(&mut self, label: &str) {
        self.open_notes.push(OpenNote {
            label: label.to_owned(),
            before: self.page_state(),
        });
    }

    /// Removes the text of a footnote from the page, to print it at the end.
    pub(super) fn end_note(&mut self) {
        let Some(note) = self.open_notes.pop() else {
            return;
        };
        let before = note.before;
        // Positions count from the start of the footnote, whose place on the page is not known yet.
        let relative = |digit: LevelDigit| LevelDigit {
            at: digit.at - before.html,
            ..digit
        };
        let levels = self.levels.split_off(before.levels);
        let definition = FootnoteText {
            html: self.html.split_off(before.html),
            levels: levels.into_iter().map(relative).collect(),
            toc: self.toc.split_off(before.toc),
            ids: self.ids.split_off(before.ids),
        };
        if self.raw.open.is_hidden() {
            self.footnotes.drop_definition(before.references);
        } else {
            self.footnotes
                .add_definition(&note.label, definition, before.references);
        }
    }

    pub(super) fn write_footnotes(&mut self) {
        let notes = std::mem::take(&mut self.footnotes).into_numbered();
        if notes.is_empty() {
            return;
        }
        if self.is_feed() {
            self.html.push_str("<hr>\n<ol>\n");
        } else {
            let name = &self.options.words().footnotes;
            let _ = write!(
                self.html,
                "<section class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"{name}\">\n<ol>\n"
            );
        }
        for (number, (definition, links)) in (1..).zip(notes) {
            self.write_footnote(number, definition, &links);
        }
        self.html.push_str(if self.is_feed() {
            "</ol>\n"
        } else {
            "</ol>\n</section>\n"
        });
    }

    fn write_footnote(&mut self, number: usize, definition: FootnoteText, links: &BTreeSet<u32>) {
        if self.is_feed() {
            self.html.push_str("<li>");
        } else {
            let id = footnote_id(number);
            let _ = write!(self.html, "<li id=\"{id}\">");
            self.ids.push_footnote(id);
        }
        self.ids.extend(definition.ids);
        self.toc.extend(definition.toc);
        let start = self.html.len();
        let moved = |digit: LevelDigit| LevelDigit {
            at: digit.at + start,
            ..digit
        };
        self.levels.extend(definition.levels.into_iter().map(moved));
        self.html.push_str(&definition.html);
        if !links.is_empty() {
            let name = self.options.words().footnote_back(number);
            push_back_links(&mut self.html, number, links, &name);
        }
        self.html.push_str("</li>\n");
    }
}
