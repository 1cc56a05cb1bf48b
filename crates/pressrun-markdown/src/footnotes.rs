//! Numbers footnotes, and keeps their texts until the end of the page.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use super::TocEntry;
use super::headings::LevelDigit;

/// The text of a footnote, with what was recorded about it.
#[derive(Debug, Default)]
pub(super) struct FootnoteText {
    pub(super) html: String,
    /// The levels of the headings in `html`, and their entries in the table of contents.
    pub(super) levels: Vec<LevelDigit>,
    pub(super) toc: Vec<TocEntry>,
    /// The ids in `html`.
    pub(super) ids: Vec<String>,
}

#[derive(Debug, Default)]
struct FootnoteState {
    definition: Option<FootnoteText>,
    /// Number of references to it.
    references: usize,
    /// The numbers of those that are links. Numbers are missing if their links were removed.
    links: BTreeSet<u32>,
}

/// A reference to a footnote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FootnoteReference {
    /// Its position in `notes`.
    note: usize,
    /// Which of the links to it this is, if it is one.
    link: Option<u32>,
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
    /// The references in the text that is being written, in order.
    references: Vec<FootnoteReference>,
    /// Whether the text of a footnote was dropped, because its label already had one.
    pub(super) has_dropped: bool,
}

impl PageFootnotes {
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
        let note = &mut self.notes[position];
        note.references += 1;
        let number = note.links.last().map_or(1, |last| last + 1);
        if is_link {
            note.links.insert(number);
        }
        self.references.push(FootnoteReference {
            note: position,
            link: is_link.then_some(number),
        });
        (self.numbers[position], number)
    }

    /// Returns how many references the text that is being written has.
    pub(super) fn references(&self) -> usize {
        self.references.len()
    }

    /// Forgets the references after the first `length`, which were removed from the text.
    pub(super) fn forget_references_since(&mut self, length: usize) {
        let forgotten = self.references.drain(length.min(self.references.len())..);
        for FootnoteReference { note, link } in forgotten.rev() {
            let state = &mut self.notes[note];
            state.references -= 1;
            if let Some(link) = link {
                state.links.remove(&link);
            }
            if state.references == 0 && self.numbered.last() == Some(&note) {
                self.numbered.pop();
                self.numbers[note] = 0;
            }
        }
    }

    /// Keeps the text of a footnote with the references after the first `references`. If a label is
    /// defined twice, the first text is used.
    pub(super) fn add_definition(
        &mut self,
        label: &str,
        definition: FootnoteText,
        references: usize,
    ) {
        let position = self.position(label);
        if self.notes[position].definition.is_some() {
            return self.drop_definition(references);
        }
        self.notes[position].definition = Some(definition);
        // The text around it may be dropped without it.
        self.references.truncate(references);
    }

    /// Records that the text of a footnote is not shown, with the references after the first
    /// `references`.
    pub(super) fn drop_definition(&mut self, references: usize) {
        self.has_dropped = true;
        self.forget_references_since(references);
    }

    /// Returns the texts in the order of their numbers, each with the numbers of the links to it. The
    /// text is empty if an element hides it. Footnotes without references come last, so that no text
    /// is lost.
    pub(super) fn into_numbered(mut self) -> Vec<(FootnoteText, BTreeSet<u32>)> {
        let is_unreferenced =
            |&at: &usize| self.numbers[at] == 0 && self.notes[at].definition.is_some();
        let unreferenced = (0..self.notes.len()).filter(is_unreferenced);
        let order: Vec<usize> = self.numbered.iter().copied().chain(unreferenced).collect();
        let take = |position: usize| {
            let note = std::mem::take(&mut self.notes[position]);
            (note.definition.unwrap_or_default(), note.links)
        };
        order.into_iter().map(take).collect()
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
pub(super) fn push_back_links(html: &mut String, number: usize, links: &BTreeSet<u32>, name: &str) {
    const PARAGRAPH_END: &str = "</p>\n";
    let in_paragraph = html.ends_with(PARAGRAPH_END);
    if in_paragraph {
        html.truncate(html.len() - PARAGRAPH_END.len());
    } else {
        html.push_str("<p>");
    }
    for (index, &link) in links.iter().enumerate() {
        let separator = if in_paragraph || index > 0 { " " } else { "" };
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
