//! Builds the values that templates see: small helpers, and values that many pages share.
//!
//! The summary of a post or the value of a term is built once and shared by every list that
//! contains it. `docs/templates.md` documents the fields for authors of templates.

use std::sync::OnceLock;

use pressrun_posts::post::Date;
use pressrun_text::language;
use tera::{Map, Value};

use super::SiteRenderer;
use super::links::SiteLinks;
use crate::corpus::own_paths::{FixedPage, term_path};
use crate::corpus::{Corpus, CorpusPost, CorpusTerm, PostId, Taxonomy, TermId};
use crate::search;

/// A template value under construction, with named fields.
#[derive(Clone, Default)]
pub(super) struct TemplateFields(Map);

impl TemplateFields {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Starts a value that is kept for the whole build, with exact capacity to save memory.
    fn with_room_for(count: usize) -> Self {
        Self(Map::with_capacity(count))
    }

    /// Adds a field.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Adds a field that may be absent; templates then see `none`.
    pub(super) fn with_optional(
        mut self,
        name: &'static str,
        value: Option<impl Into<Value>>,
    ) -> Self {
        let value = value.map_or_else(Value::none, Into::into);
        self.0.insert(name.into(), value);
        self
    }

    /// Adds copies of all fields of another value.
    pub(super) fn with_all_of(mut self, other: &Value) -> Self {
        if let Some(map) = other.as_map() {
            let copies = map.iter().map(|(key, value)| (key.clone(), value.clone()));
            self.0.extend(copies);
        }
        self
    }
}

impl From<TemplateFields> for Value {
    fn from(fields: TemplateFields) -> Self {
        fields.0.into()
    }
}

/// Values that many pages share, each built when the first page asks for it.
#[derive(Clone)]
pub(super) struct SharedValues {
    summaries: Vec<OnceLock<Value>>,
    tags: Vec<TermValues>,
    categories: Vec<TermValues>,
}

/// A term as posts show it (`link`), and as lists of terms show it (`counted`).
///
/// Posts do not show a term's number of posts. Otherwise every post of a term would have to be
/// rendered again when one is added.
#[derive(Clone, Default)]
struct TermValues {
    link: OnceLock<Value>,
    counted: OnceLock<Value>,
}

impl SharedValues {
    pub(super) fn new(corpus: &Corpus) -> Self {
        let values = |terms: &[CorpusTerm]| terms.iter().map(|_| TermValues::default()).collect();
        Self {
            summaries: corpus.posts.iter().map(|_| OnceLock::new()).collect(),
            tags: values(&corpus.tags),
            categories: values(&corpus.categories),
        }
    }

    /// Forgets the summary of a post whose text has changed.
    pub(super) fn forget(&mut self, id: PostId) {
        self.summaries[id as usize] = OnceLock::new();
    }

    fn of_term(&self, taxonomy: Taxonomy, id: TermId) -> &TermValues {
        match taxonomy {
            Taxonomy::Tags => &self.tags[id as usize],
            Taxonomy::Categories => &self.categories[id as usize],
        }
    }
}

impl SiteRenderer {
    /// Returns the summary of a post.
    pub(super) fn summary(&self, id: PostId) -> Value {
        // Other threads wait for the first one, so each summary is built once.
        let summary = self.shared.summaries[id as usize].get_or_init(|| {
            let entry = &self.corpus.posts[id as usize];
            let terms = |taxonomy, ids: &[TermId]| -> Value {
                let links = ids.iter().map(|&id| self.term_link(taxonomy, id));
                links.collect::<Vec<_>>().into()
            };
            summary_fields(entry, &self.links, &self.config.language)
                .with("tags", terms(Taxonomy::Tags, &entry.tags))
                .with("categories", terms(Taxonomy::Categories, &entry.categories))
                .into()
        });
        summary.clone()
    }

    /// Returns the summaries of several posts.
    pub(super) fn summaries(&self, ids: &[PostId]) -> Value {
        let values: Vec<Value> = ids.iter().map(|&id| self.summary(id)).collect();
        values.into()
    }

    /// Returns a term with its number of posts.
    pub(super) fn term(&self, taxonomy: Taxonomy, id: TermId) -> Value {
        let counted = &self.shared.of_term(taxonomy, id).counted;
        let value = counted.get_or_init(|| {
            let term = &self.corpus.terms(taxonomy)[id as usize];
            self.term_fields(taxonomy, term)
                .with("count", term.posts.len())
                .into()
        });
        value.clone()
    }

    fn term_link(&self, taxonomy: Taxonomy, id: TermId) -> Value {
        let link = &self.shared.of_term(taxonomy, id).link;
        let value = link.get_or_init(|| {
            let term = &self.corpus.terms(taxonomy)[id as usize];
            self.term_fields(taxonomy, term).into()
        });
        value.clone()
    }

    fn term_fields(&self, taxonomy: Taxonomy, term: &CorpusTerm) -> TemplateFields {
        TemplateFields::new()
            .with("name", term.name.as_str())
            .with("url", self.links.url(&term_path(taxonomy, &term.slug)))
    }
}

/// Returns the next newer and the next older post.
pub(super) fn newer_and_older(id: PostId, corpus: &Corpus) -> [Option<PostId>; 2] {
    // Posts are sorted newest first, so the next older one has the next id.
    let older = Some(id + 1).filter(|&older| (older as usize) < corpus.posts.len());
    [id.checked_sub(1), older]
}

fn summary_fields(entry: &CorpusPost, links: &SiteLinks, language: &str) -> TemplateFields {
    let post = &entry.post;
    TemplateFields::with_room_for(12)
        .with("title", post.title.as_str())
        .with("description", post.description.as_str())
        .with_optional("date", entry.date.map(|date| date.to_string()))
        .with_optional(
            "date_text",
            entry.date.map(|date| format_day(date, language)),
        )
        .with("url", links.url(&entry.path))
        .with("canonical", links.absolute(&entry.path))
        .with("word_count", post.body.words)
        .with("reading_minutes", post.body.minutes)
        .with("draft", post.draft)
        .with_optional("language", post.language.as_deref())
}

/// Formats a date for readers: `20 November 2026` on English sites, `2026-11-20` on others.
pub(super) fn format_day(date: Date, language: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    if language == "en" || language.starts_with("en-") {
        let month = MONTHS[date.month().unsigned_abs() as usize - 1];
        format!("{} {month} {}", date.day(), date.year())
    } else {
        date.to_string()
    }
}

/// Builds the variable `site`, which every template sees.
pub(super) fn site_value(renderer: &SiteRenderer) -> Value {
    let config = &renderer.config;
    let links = &renderer.links;
    let author = TemplateFields::new()
        .with_optional("name", config.author.name.as_deref())
        .with_optional("url", config.author.url.as_deref())
        .with_optional("email", config.author.email.as_deref());
    let feeds = TemplateFields::new()
        .with("atom", links.url("/atom.xml"))
        .with("rss", links.url("/rss.xml"))
        .with("json", links.url("/feed.json"));
    let [style, script, search_script, icon] = &renderer.theme_paths;
    let extent = config.search.extent(renderer.corpus.posts.len());
    let search = extent.map(|_| links.url(FixedPage::Search.path()));
    let label = config.disclosure.label.as_deref();
    TemplateFields::new()
        .with("title", config.title.as_str())
        .with("description", config.description.as_str())
        .with("language", config.language.as_str())
        .with("rtl", language::is_right_to_left(&config.language))
        .with("base_url", config.base_url.as_str())
        .with("url", links.url("/"))
        .with("author", author)
        .with("nav", navigation_value(renderer, search.as_deref()))
        .with_optional(
            "logo",
            config
                .theme
                .logo
                .as_deref()
                .map(|url| resolve_configured_url(links, url)),
        )
        .with_optional("footer", config.theme.footer.as_deref())
        .with("feeds", feeds)
        .with("generator", concat!("pressrun ", env!("CARGO_PKG_VERSION")))
        .with("css", links.url(style))
        .with("js", links.url(script))
        .with("favicon", links.url(icon))
        .with_optional("og_image", renderer.site_image().map(|image| image.url))
        .with(
            "tags_url",
            links.url(FixedPage::Terms(Taxonomy::Tags).path()),
        )
        .with(
            "categories_url",
            links.url(FixedPage::Terms(Taxonomy::Categories).path()),
        )
        .with("archive_url", links.url(FixedPage::Archive.path()))
        .with_optional("search_url", search)
        .with_optional("search_index", extent.map(|_| links.url(search::SCRIPT)))
        .with_optional("search_js", extent.map(|_| links.url(search_script)))
        .with_optional(
            "disclosure",
            label.map(|label| TemplateFields::new().with("label", label)),
        )
        .into()
}

fn navigation_value(renderer: &SiteRenderer, search: Option<&str>) -> Value {
    let links = &renderer.links;
    let entry = |title: &str, url: String| -> Value {
        TemplateFields::new()
            .with("title", title)
            .with("url", url)
            .into()
    };
    let own = &renderer.config.theme.nav;
    // Without a menu of its own, a site gets links to its lists.
    let entries: Vec<Value> = if own.is_empty() {
        let mut entries = vec![
            entry(
                "Categories",
                links.url(FixedPage::Terms(Taxonomy::Categories).path()),
            ),
            entry("Tags", links.url(FixedPage::Terms(Taxonomy::Tags).path())),
            entry("Archive", links.url(FixedPage::Archive.path())),
        ];
        entries.extend(search.map(|url| entry("Search", url.to_owned())));
        entries
    } else {
        own.iter()
            .map(|nav| entry(&nav.title, resolve_configured_url(links, &nav.url)))
            .collect()
    };
    entries.into()
}

/// Converts an address from `site.toml`: a path of the site, or an address elsewhere.
fn resolve_configured_url(links: &SiteLinks, url: &str) -> String {
    if url.starts_with('/') && !url.starts_with("//") {
        return links.url(url);
    }
    match links.path_of_absolute(url) {
        // An address below `base_url` is right as written. One below the public address of a
        // previewed site must lead to the preview instead.
        Some(path) if !url.starts_with(links.base().as_str()) => links.url(&path),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_is_spelled_out_in_english_only() {
        let day = Date::constant(2026, 3, 9);
        assert_eq!(format_day(day, "en-GB"), "9 March 2026");
        assert_eq!(format_day(day, "de"), "2026-03-09");
    }
}
