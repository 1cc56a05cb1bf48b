//! Writes tables.

use std::fmt::Write;

use pulldown_cmark::Alignment;

use super::HtmlWriter;
use crate::words::BodyWords;

/// Writes the start tag of an element around a table, in which a wide table scrolls. An element that
/// scrolls must have a name and be focusable.
pub(in super::super) fn push_table_frame(html: &mut String, words: &BodyWords) {
    let name = &words.table;
    let _ = writeln!(
        html,
        "<div class=\"table\" role=\"group\" aria-label=\"{name}\" tabindex=\"0\">"
    );
}

pub(in super::super) const TABLE_FRAME_END: &str = "\n</div>\n";

/// The table being written.
#[derive(Debug, Default)]
pub(super) struct TableState {
    alignments: Vec<Alignment>,
    column: usize,
    has_body: bool,
    in_head: bool,
}

impl HtmlWriter<'_> {
    pub(super) fn start_table(&mut self, alignments: Vec<Alignment>) {
        self.table = TableState {
            alignments,
            ..TableState::default()
        };
        if !self.is_feed() {
            push_table_frame(&mut self.html, self.options.words());
        }
        self.html.push_str("<table>\n");
    }

    pub(super) fn end_table(&mut self) {
        if self.table.has_body {
            self.html.push_str("</tbody>\n");
        }
        self.html.push_str("</table>");
        self.html.push_str(if self.is_feed() {
            "\n"
        } else {
            TABLE_FRAME_END
        });
    }

    pub(super) fn start_table_head(&mut self) {
        self.table.in_head = true;
        self.table.column = 0;
        self.html.push_str("<thead>\n<tr>");
    }

    pub(super) fn start_table_row(&mut self) {
        self.table.in_head = false;
        self.table.column = 0;
        if !std::mem::replace(&mut self.table.has_body, true) {
            self.html.push_str("<tbody>\n");
        }
        self.html.push_str("<tr>");
    }

    pub(super) fn start_table_cell(&mut self) {
        let alignment = self.table.alignments.get(self.table.column);
        self.table.column += 1;
        let is_feed = self.is_feed();
        self.html.push_str(match (self.table.in_head, is_feed) {
            (true, false) => "<th scope=\"col\"",
            (true, true) => "<th",
            (false, _) => "<td",
        });
        self.html.push_str(match alignment {
            Some(Alignment::Right) if !is_feed => " class=\"right\">",
            Some(Alignment::Center) if !is_feed => " class=\"center\">",
            _ => ">",
        });
    }

    pub(super) fn end_table_cell(&mut self) {
        self.html
            .push_str(if self.table.in_head { "</th>" } else { "</td>" });
    }
}
