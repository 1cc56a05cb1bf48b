//! Writes `sitemap.xml` (sitemaps.org, protocol 0.9) and `robots.txt` (RFC 9309).
//!
//! The sitemap lists every page that search engines should show: posts, lists, lists of terms, and
//! the search page. It leaves out tags with too few posts, drafts, posts with another post as
//! canonical, and the 404 page. If it has more than 50,000 addresses or 50 MB, it is split into
//! parts with an index.

use std::fmt::Write;
use std::ops::Range;

use pressrun_posts::post::Date;

use super::links::SiteLinks;
use super::plan::{PageKind, PostList, RenderJob};
use crate::config::Config;
use crate::corpus::{Corpus, Taxonomy};

/// Most addresses in one sitemap, by the protocol.
const MOST_ENTRIES: usize = 50_000;

/// Most bytes in one sitemap, by the protocol, leaving room for the enclosing element.
const MOST_BYTES: usize = 50 * 1024 * 1024 - 1024;

const HEADER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"";

/// The addresses listed for search engines.
#[derive(Debug, Default)]
pub(super) struct SitemapParts {
    /// Each address as the index of its job, with the day of its last change.
    entries: Vec<(usize, Option<Date>)>,
    /// The range of entries in each part.
    parts: Vec<Range<usize>>,
}

impl SitemapParts {
    /// Lists the pages of a plan.
    pub(super) fn new(
        jobs: &[RenderJob],
        corpus: &Corpus,
        config: &Config,
        links: &SiteLinks,
    ) -> Self {
        let entries: Vec<(usize, Option<Date>)> = jobs
            .iter()
            .enumerate()
            .filter(|(_, job)| is_listed(job, corpus, config))
            .map(|(at, job)| (at, last_change(job, corpus)))
            .collect();
        // Lengths only, so that the whole sitemap is never in memory at once.
        let lengths = entries
            .iter()
            .map(|&(at, day)| sitemap_element("url", &links.absolute(&jobs[at].path), day).len());
        Self {
            parts: split_sitemap(lengths, MOST_ENTRIES, MOST_BYTES),
            entries,
        }
    }

    /// Returns the jobs for the files of the sitemap.
    pub(super) fn jobs(&self) -> Vec<RenderJob> {
        // A single part is `sitemap.xml` itself and needs no index.
        let index = (self.parts.len() > 1)
            .then(|| RenderJob::new("/sitemap.xml".to_owned(), PageKind::SitemapIndex));
        let parts = (0..self.parts.len())
            .map(|part| RenderJob::new(self.path(part), PageKind::Sitemap(part)));
        index.into_iter().chain(parts).collect()
    }

    fn path(&self, part: usize) -> String {
        if self.parts.len() > 1 {
            format!("/sitemap-{}.xml", part + 1)
        } else {
            "/sitemap.xml".to_owned()
        }
    }

    /// Renders one part, counted from 0.
    pub(super) fn part(&self, part: usize, jobs: &[RenderJob], links: &SiteLinks) -> Vec<u8> {
        let entries = self.entries[self.parts[part].clone()].iter();
        let elements =
            entries.map(|&(at, day)| sitemap_element("url", &links.absolute(&jobs[at].path), day));
        frame_sitemap("urlset", elements)
    }

    /// Renders the index over the parts.
    pub(super) fn index(&self, links: &SiteLinks) -> Vec<u8> {
        let elements = self.parts.iter().enumerate().map(|(part, range)| {
            let changed = self.entries[range.clone()]
                .iter()
                .filter_map(|(_, day)| *day);
            sitemap_element("sitemap", &links.absolute(&self.path(part)), changed.max())
        });
        frame_sitemap("sitemapindex", elements)
    }
}

/// Renders `robots.txt`.
pub(super) fn render_robots(links: &SiteLinks) -> Vec<u8> {
    let sitemap = links.absolute("/sitemap.xml");
    format!("User-agent: *\nAllow: /\n\nSitemap: {sitemap}\n").into_bytes()
}

/// Returns whether the sitemap lists a page.
fn is_listed(job: &RenderJob, corpus: &Corpus, config: &Config) -> bool {
    match &job.page {
        PageKind::Post(id) => {
            let entry = &corpus.posts[*id as usize];
            !entry.post.draft && entry.canonical.is_none()
        }
        PageKind::List(PostList::Term(Taxonomy::Tags, id), _) => {
            corpus.tags[*id as usize].posts.len() >= config.tags.noindex_below
        }
        PageKind::List(..) | PageKind::Terms(_) | PageKind::Search => true,
        _ => false,
    }
}

/// Returns the day of the last change of a page, if known. For a list, that is the last change of
/// any of its posts.
fn last_change(job: &RenderJob, corpus: &Corpus) -> Option<Date> {
    match &job.page {
        PageKind::Post(id) => corpus.posts[*id as usize].changed(),
        PageKind::List(PostList::Term(taxonomy, id), _) => {
            corpus.terms(*taxonomy)[*id as usize].changed
        }
        _ => corpus.changed,
    }
}

fn sitemap_element(name: &str, url: &str, changed: Option<Date>) -> String {
    let mut element = format!("<{name}><loc>{}</loc>", escape_sitemap_url(url));
    if let Some(day) = changed {
        let _ = write!(element, "<lastmod>{day}</lastmod>");
    }
    let _ = writeln!(element, "</{name}>");
    element
}

/// Escapes a URL for XML. URLs are percent-encoded except for the part from `base_url`, which may
/// contain `&` or `'`.
fn escape_sitemap_url(url: &str) -> String {
    url.replace('&', "&amp;")
        .replace('\'', "&apos;")
        .replace('<', "&lt;")
}

fn frame_sitemap(name: &str, elements: impl Iterator<Item = String>) -> Vec<u8> {
    let mut xml = format!("{HEADER}<{name} {NAMESPACE}>\n");
    xml.extend(elements);
    let _ = writeln!(xml, "</{name}>");
    xml.into_bytes()
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
    use super::*;

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
        let day = Some(Date::constant(2026, 1, 2));
        assert_eq!(
            sitemap_element("url", "https://a.example/x&y'/", day),
            "<url><loc>https://a.example/x&amp;y&apos;/</loc><lastmod>2026-01-02</lastmod></url>\n"
        );
    }
}
