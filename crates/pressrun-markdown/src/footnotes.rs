//! Numbers footnotes, and keeps their texts until the end of the page.

use std::collections::HashMap;
use std::fmt::Write;

use super::headings::LevelDigit;

/// The text of a footnote.
#[derive(Debug, Default)]
pub(super) struct FootnoteText {
    pub(super) html: String,
    /// Headings in `html`.
    pub(super) levels: Vec<LevelDigit>,
}

#[derive(Debug, Default)]
struct FootnoteState {
    definition: Option<FootnoteText>,
    /// Number of links to it.
    links: u32,
}

/// The footnotes of a page.
#[derive(Debug, Default)]
pub(super) struct PageFootnotes {
    /// Index in `notes` of each label, in lower case.
    labels: HashMap<String, usize>,
    notes: Vec<FootnoteState>,
    /// Indexes in `notes`, in the order in which the text refers to them.
    numbered: Vec<usize>,
    /// Number of each of `notes`, counted from 1; 0 before the first reference.
    numbers: Vec<usize>,
    /// The position in `notes` that each link to a footnote leads to, in order.
    references: Vec<usize>,
    /// Whether the text of a footnote was dropped, because its label already had one.
    pub(super) has_dropped: bool,
}

impl PageFootnotes {
    pub(super) fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    fn position(&mut self, label: &str) -> usize {
        let next = self.notes.len();
        // Labels are case-insensitive, as on GitHub.
        let position = *self.labels.entry(label.to_lowercase()).or_insert(next);
        if position == next {
            self.notes.push(FootnoteState::default());
            self.numbers.push(0);
        }
        position
    }

    /// Returns the number of the footnote with this label. If the reference is a link, also returns
    /// which of the links to the footnote it is. Both count from 1.
    pub(super) fn add_reference(&mut self, label: &str, is_link: bool) -> (usize, u32) {
        let position = self.position(label);
        if self.numbers[position] == 0 {
            self.numbered.push(position);
            self.numbers[position] = self.numbered.len();
        }
        if is_link {
            self.notes[position].links += 1;
            self.references.push(position);
        }
        (self.numbers[position], self.notes[position].links)
    }

    /// Returns how many links lead to footnotes.
    pub(super) fn references(&self) -> usize {
        self.references.len()
    }

    /// Forgets the links after the first `length`, which were removed from the text.
    pub(super) fn forget_references_since(&mut self, length: usize) {
        for position in self.references.drain(length.min(self.references.len())..) {
            self.notes[position].links -= 1;
        }
    }

    /// Keeps the text of a footnote. If a label is defined twice, the first text is used.
    pub(super) fn add_definition(&mut self, label: &str, definition: FootnoteText) {
        let position = self.position(label);
        let known = &mut self.notes[position].definition;
        self.has_dropped |= known.is_some();
        known.get_or_insert(definition);
    }

    /// Returns the texts in the order of their numbers, each with its number and the number of
    /// links to it. Footnotes without references come last, so that no text is lost.
    pub(super) fn into_numbered(mut self) -> Vec<(usize, FootnoteText, u32)> {
        let unreferenced = (0..self.notes.len()).filter(|&at| self.numbers[at] == 0);
        let order: Vec<usize> = self.numbered.iter().copied().chain(unreferenced).collect();
        let numbered = order
            .into_iter()
            .enumerate()
            .filter_map(|(index, position)| {
                let note = &mut self.notes[position];
                Some((index + 1, note.definition.take()?, note.links))
            });
        numbered.collect()
    }
}

/// Returns the id of a footnote's text.
pub(super) fn footnote_id(number: usize) -> String {
    format!("fn:{number}")
}

/// Returns the id of a link to a footnote; the first link has no second number.
pub(super) fn footnote_link_id(number: usize, link: u32) -> String {
    match link {
        1 => format!("fnref:{number}"),
        _ => format!("fnref:{number}:{link}"),
    }
}

/// Appends links back to the references, inside the last paragraph if there is one.
pub(super) fn push_back_links(html: &mut String, number: usize, links: u32, name: &str) {
    const PARAGRAPH_END: &str = "</p>\n";
    let in_paragraph = html.ends_with(PARAGRAPH_END);
    if in_paragraph {
        html.truncate(html.len() - PARAGRAPH_END.len());
    } else {
        html.push_str("<p>");
    }
    for link in 1..=links {
        let separator = if in_paragraph || link > 1 { " " } else { "" };
        let id = footnote_link_id(number, link);
        // The variation selector prevents the arrow from being drawn as an emoji.
        let _ = write!(
            html,
            "{separator}<a class=\"footnote-back\" href=\"#{id}\" role=\"doc-backlink\" \
             aria-label=\"{name}\">↩\u{fe0e}</a>"
        );
    }
    html.push_str(PARAGRAPH_END);
}
