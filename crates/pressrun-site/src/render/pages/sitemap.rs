//! Writes `sitemap.xml` (sitemaps.org, protocol 0.9).
//!
//! The sitemap lists every page that search engines should show; each kind of page decides that
//! for itself. If it has more than 50,000 addresses or 50 MB, it is split into parts with an
//! index.

use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

use pressrun_posts::post::SiteDate;
use rayon::prelude::*;

use super::{PageContent, PageKind, RenderJob};
use crate::config::Config;
use crate::corpus::Corpus;
use crate::render::SiteRenderer;
use crate::render::frame::SiteFrame;
use crate::render::links::SiteLinks;
use crate::render::translations::{LanguageAlternate, list_alternates};

/// Path of the sitemap or of its index.
pub(super) const SITEMAP: &str = "/sitemap.xml";

/// Most addresses in one sitemap, by the protocol.
const MOST_ENTRIES: usize = 50_000;

/// Most bytes in one sitemap, by the protocol, leaving room for the enclosing element.
const MOST_BYTES: usize = 50 * 1024 * 1024 - 1024;

const HEADER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";

/// Declares the prefix of links to translations.
const XHTML_NAMESPACE: &str = " xmlns:xhtml=\"http://www.w3.org/1999/xhtml\"";

/// Whether the sitemap lists a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SitemapListing {
    Hidden,
    /// It does, with the date of the last change, if known.
    Listed(Option<SiteDate>),
}

/// The addresses listed for search engines.
#[derive(Debug, Default)]
pub(in crate::render) struct SitemapParts {
    /// Each address as the index of its job, with the date of its last change.
    entries: Vec<(usize, Option<SiteDate>)>,
    /// The range of entries in each part.
    parts: Vec<Range<usize>>,
}

impl SitemapParts {
    /// Lists the pages of a plan.
    pub(in crate::render) fn new(
        jobs: &[RenderJob],
        corpus: &Corpus,
        config: &Config,
        links: &SiteLinks,
    ) -> Self {
        let entries: Vec<(usize, Option<SiteDate>)> = jobs
            .iter()
            .enumerate()
            .filter_map(|(at, job)| match job.page.list_in_sitemap(corpus, config) {
                SitemapListing::Hidden => None,
                SitemapListing::Listed(changed) => Some((at, changed)),
            })
            .collect();
        // Lengths only, so that the whole sitemap is never in memory at once.
        let length = |&(at, day): &(usize, Option<SiteDate>)| {
            let entry = SitemapEntryView::new(&jobs[at], day, corpus, config);
            entry.to_element("url", links).len()
        };
        let lengths: Vec<usize> = entries.par_iter().map(length).collect();
        Self {
            parts: split_sitemap(lengths.into_iter(), MOST_ENTRIES, MOST_BYTES),
            entries,
        }
    }

    /// Returns the jobs for the files of the sitemap.
    pub(in crate::render) fn jobs(&self) -> Vec<RenderJob> {
        // A single part is `sitemap.xml` itself and needs no index.
        let index = (self.parts.len() > 1).then(|| RenderJob::new(SITEMAP, PageKind::SitemapIndex));
        let parts = (0..self.parts.len())
            .map(|part| RenderJob::new(self.path(part), PageKind::Sitemap(part)));
        index.into_iter().chain(parts).collect()
    }

    fn path(&self, part: usize) -> String {
        if self.parts.len() > 1 {
            format!("/sitemap-{}.xml", part + 1)
        } else {
            SITEMAP.to_owned()
        }
    }
}

/// What one part of the sitemap contains.
#[derive(Hash)]
pub(super) struct SitemapView<'s> {
    entries: Vec<SitemapEntryView<'s>>,
}

/// What the index of the sitemap contains.
#[derive(Hash)]
pub(super) struct SitemapIndexView {
    parts: Vec<SitemapEntryView<'static>>,
}

/// One address of a sitemap.
#[derive(Hash)]
struct SitemapEntryView<'s> {
    path: Cow<'s, str>,
    changed: Option<SiteDate>,
    /// The same page in other languages, and itself.
    alternates: Vec<LanguageAlternate<'s>>,
}

impl<'s> SitemapEntryView<'s> {
    fn new(
        job: &'s RenderJob,
        changed: Option<SiteDate>,
        corpus: &'s Corpus,
        config: &'s Config,
    ) -> Self {
        let text = job.page.own_text();
        let alternates = text.map(|id| list_alternates(id, corpus, &config.language));
        Self {
            path: job.path().into(),
            changed,
            alternates: alternates.unwrap_or_default(),
        }
    }

    /// Writes the XML element with this name.
    fn to_element(&self, name: &str, links: &SiteLinks) -> String {
        let escaped = |path: &str| escape_sitemap_url(&links.absolute(path));
        let mut element = format!("<{name}><loc>{}</loc>", escaped(&self.path));
        if let Some(date) = self.changed {
            let _ = write!(element, "<lastmod>{}</lastmod>", date.to_machine_text());
        }
        for LanguageAlternate { language, path } in &self.alternates {
            let url = escaped(path);
            let _ = write!(
                element,
                "\n<xhtml:link rel=\"alternate\" hreflang=\"{language}\" href=\"{url}\"/>"
            );
        }
        let _ = writeln!(element, "</{name}>");
        element
    }
}

impl<'s> SitemapView<'s> {
    /// Returns the view of one part, counted from 0.
    pub(super) fn new(part: usize, renderer: &'s SiteRenderer) -> Self {
        let sitemap = &renderer.sitemap;
        let entries = sitemap.entries[sitemap.parts[part].clone()].iter();
        let (corpus, config) = (&renderer.corpus, &renderer.frame.config);
        let entries = entries.map(|&(at, changed)| {
            SitemapEntryView::new(&renderer.jobs[at], changed, corpus, config)
        });
        Self {
            entries: entries.collect(),
        }
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> PageContent {
        frame_sitemap("urlset", "url", &self.entries, frame)
    }
}

impl SitemapIndexView {
    pub(super) fn new(renderer: &SiteRenderer) -> Self {
        let sitemap = &renderer.sitemap;
        let parts = sitemap.parts.iter().enumerate().map(|(part, range)| {
            let entries = sitemap.entries[range.clone()].iter();
            SitemapEntryView {
                path: sitemap.path(part).into(),
                changed: entries
                    .filter_map(|(_, date)| *date)
                    .max_by_key(|date| date.moment),
                alternates: Vec::new(),
            }
        });
        Self {
            parts: parts.collect(),
        }
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> PageContent {
        frame_sitemap("sitemapindex", "sitemap", &self.parts, frame)
    }
}

/// Escapes a URL for XML. URLs are percent-encoded except for the part from `base_url`, which may
/// contain `&` or `'`.
fn escape_sitemap_url(url: &str) -> String {
    url.replace('&', "&amp;")
        .replace('\'', "&apos;")
        .replace('<', "&lt;")
}

/// Writes the XML of a sitemap: its outermost element, and one inside for each entry.
fn frame_sitemap(
    outer: &str,
    inner: &str,
    entries: &[SitemapEntryView<'_>],
    frame: &SiteFrame,
) -> PageContent {
    let is_translated = entries.iter().any(|entry| !entry.alternates.is_empty());
    let xhtml = if is_translated { XHTML_NAMESPACE } else { "" };
    let mut xml = format!("{HEADER}<{outer} {NAMESPACE}{xhtml}>\n");
    let elements = entries.iter();
    xml.extend(elements.map(|entry| entry.to_element(inner, &frame.links)));
    let _ = writeln!(xml, "</{outer}>");
    PageContent::Text(xml.into_bytes())
}

/// Splits entries with these lengths into ranges that stay within both limits. Returns at least one
/// range.
fn split_sitemap(
    lengths: impl Iterator<Item = usize>,
    most_entries: usize,
    most_bytes: usize,
) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut end) = (0, 0);
    let mut bytes = 0;
    for length in lengths {
        // An entry that is too long by itself still gets a part of its own.
        if end > start && (end - start == most_entries || bytes + length > most_bytes) {
            parts.push(start..end);
            start = end;
            bytes = 0;
        }
        bytes += length;
        end += 1;
    }
    parts.push(start..end);
    parts
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::Date;

    use super::*;
    use crate::config::BaseUrl;

    #[test]
    fn sitemap_is_split_by_entries_and_by_bytes() {
        let lengths = || std::iter::repeat_n(10, 5);
        assert_eq!(split_sitemap(lengths(), 2, 1000), [0..2, 2..4, 4..5]);
        assert_eq!(split_sitemap(lengths(), 100, 30), [0..3, 3..5]);
        assert_eq!(split_sitemap(lengths(), 5, 50), vec![0..5]);
        assert_eq!(split_sitemap(std::iter::empty(), 2, 10), vec![0..0]);
    }

    #[test]
    fn address_is_escaped_for_xml() {
        assert_eq!(
            escape_sitemap_url("https://a.example/x&y'/"),
            "https://a.example/x&amp;y&apos;/"
        );
    }

    #[test]
    fn page_names_its_translations() {
        let alternate = |language| LanguageAlternate {
            language,
            path: "/ü/",
        };
        let entry = SitemapEntryView {
            path: "/a/".into(),
            changed: Some(Date::constant(2026, 1, 2).into()),
            alternates: vec![alternate("de"), alternate("x-default")],
        };
        let base = BaseUrl::parse("https://a.example/x&y/").unwrap();
        let link = |language| {
            format!(
                "\n<xhtml:link rel=\"alternate\" hreflang=\"{language}\" \
                 href=\"https://a.example/x&amp;y/%C3%BC/\"/>"
            )
        };
        assert_eq!(
            entry.to_element("url", &SiteLinks::new(base, None)),
            format!(
                "<url><loc>https://a.example/x&amp;y/a/</loc><lastmod>2026-01-02</lastmod>{}{}</url>\n",
                link("de"),
                link("x-default")
            )
        );
    }
}
