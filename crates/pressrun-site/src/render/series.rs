//! What the page of a post shows of its series.

use tera::Value;

use super::SiteRenderer;
use super::frame::SiteFrame;
use super::json_ld::JsonLdNode;
use super::summary::{SharedSummary, TermLinkView};
use crate::corpus::{CorpusPost, Taxonomy};

/// The place of a post in its series.
#[derive(Hash)]
pub(super) struct SeriesPartView<'s> {
    series: TermLinkView<'s>,
    /// Counted from 1.
    part: u32,
    /// Number of parts.
    total: usize,
    previous: Option<SharedSummary<'s>>,
    next: Option<SharedSummary<'s>>,
}

impl SiteRenderer {
    /// Returns the place of a post in its series, if it has one.
    pub(super) fn series_part(&self, entry: &CorpusPost) -> Option<SeriesPartView<'_>> {
        let place = entry.series?;
        let parts = &self.corpus.series[place.id as usize].posts;
        let at = place.part as usize;
        let summary = |at: usize| {
            let listed = *parts.get(at)?;
            let read = self.corpus.choose_for_reader(listed, entry);
            // Its translation may be in no series, or in another.
            let series = self.corpus.post(read).series;
            let is_part = series.is_some_and(|other| other.id == place.id);
            Some(self.summary(if is_part { read } else { listed }))
        };
        Some(SeriesPartView {
            series: TermLinkView::new(Taxonomy::Series, place.id, &self.corpus, &self.memory),
            part: place.part + 1,
            total: parts.len(),
            previous: at.checked_sub(1).and_then(summary),
            next: summary(at + 1),
        })
    }
}

impl<'s> SeriesPartView<'s> {
    pub(super) fn to_value(&self, frame: &SiteFrame) -> Value {
        self.series
            .fields(frame)
            .with("part", self.part)
            .with("total", self.total)
            .with_optional("previous", self.previous.map(|part| part.to_value(frame)))
            .with_optional("next", self.next.map(|part| part.to_value(frame)))
            .into()
    }

    /// Returns the part of the post in the series, for structured data.
    pub(super) fn position(&self) -> u32 {
        self.part
    }

    pub(super) fn to_node(&self, frame: &SiteFrame) -> JsonLdNode<'s> {
        JsonLdNode::CreativeWorkSeries {
            name: self.series.name,
            url: frame.links.absolute(&self.series.path()),
        }
    }
}
