//! Numbers footnotes, and keeps their texts until the end of the page.

use std::collections::HashMap;
use std::fmt::Write;

use super::headings::LevelDigit;

/// The text of a footnote.
#[derive(Debug, Default)]
pub(super) struct Definition {
    pub(super) html: String,
    /// Headings in `html`.
    pub(super) levels: Vec<LevelDigit>,
}

#[derive(Debug, Default)]
struct Note {
    definition: Option<Definition>,
    /// How many links lead to it.
    links: u32,
}

/// The footnotes of a page.
#[derive(Debug, Default)]
pub(super) struct Footnotes {
    /// From labels in lower case to positions in `notes`.
    labels: HashMap<String, usize>,
    notes: Vec<Note>,
    /// Positions in `notes`, in the order in which the text refers to them.
    numbered: Vec<usize>,
    /// The number of each of `notes`, counted from 1; 0 for none yet.
    numbers: Vec<usize>,
}

impl Footnotes {
    pub(super) fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    fn position(&mut self, label: &str) -> usize {
        let next = self.notes.len();
        let position = *self.labels.entry(label.to_lowercase()).or_insert(next);
        if position == next {
            self.notes.push(Note::default());
            self.numbers.push(0);
        }
        position
    }

    /// The number of the footnote with this label, and, if the reference is a link, which of
    /// the links to it this is. Both count from 1.
    pub(super) fn refer(&mut self, label: &str, is_link: bool) -> (usize, u32) {
        let position = self.position(label);
        if self.numbers[position] == 0 {
            self.numbered.push(position);
            self.numbers[position] = self.numbered.len();
        }
        self.notes[position].links += u32::from(is_link);
        (self.numbers[position], self.notes[position].links)
    }

    /// Keeps the text of a footnote; the first one with a label counts.
    pub(super) fn define(&mut self, label: &str, definition: Definition) {
        let position = self.position(label);
        self.notes[position].definition.get_or_insert(definition);
    }

    /// The texts with their numbers and how many links lead to each, in the order of the
    /// numbers. Those that nothing refers to come last: no text is lost.
    pub(super) fn into_numbered(mut self) -> Vec<(usize, Definition, u32)> {
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

/// The id of a footnote's text.
pub(super) fn note_id(number: usize) -> String {
    format!("fn:{number}")
}

/// The id of the link to a footnote: the first has no second number.
pub(super) fn link_id(number: usize, link: u32) -> String {
    match link {
        1 => format!("fnref:{number}"),
        _ => format!("fnref:{number}:{link}"),
    }
}

/// Appends links back to the text, inside the last paragraph where there is one.
pub(super) fn push_back_links(html: &mut String, number: usize, links: u32) {
    const PARAGRAPH_END: &str = "</p>\n";
    let in_paragraph = html.ends_with(PARAGRAPH_END);
    if in_paragraph {
        html.truncate(html.len() - PARAGRAPH_END.len());
    } else {
        html.push_str("<p>");
    }
    for link in 1..=links {
        let separator = if in_paragraph || link > 1 { " " } else { "" };
        let id = link_id(number, link);
        // The variation selector keeps the arrow from being drawn as an emoji.
        let _ = write!(
            html,
            "{separator}<a class=\"footnote-back\" href=\"#{id}\" role=\"doc-backlink\" \
             aria-label=\"Back to reference {number}\">↩\u{fe0e}</a>"
        );
    }
    html.push_str(PARAGRAPH_END);
}
