//! Values for templates: small helpers, and what many pages share.
//!
//! A summary or term becomes a value once and is shared by every list it is in. The fields are
//! documented for authors of templates in `docs/templates.md`.

use rayon::prelude::*;
use tera::{Map, Value};

use super::Renderer;
use super::links::Links;
use crate::corpus::{Corpus, Entry, PostId, Taxonomy, Term};
use crate::post::Date;
use crate::search;

/// A value with named fields, while it is made.
#[derive(Clone, Default)]
pub(super) struct Fields(Map);

impl Fields {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// Adds a field that may be absent: templates see `none`.
    pub(super) fn maybe(mut self, name: &'static str, value: Option<impl Into<Value>>) -> Self {
        let value = value.map_or_else(Value::none, Into::into);
        self.0.insert(name.into(), value);
        self
    }

    /// Adds all fields of another value.
    pub(super) fn and(mut self, other: &Value) -> Self {
        if let Some(map) = other.as_map() {
            let copies = map.iter().map(|(key, value)| (key.clone(), value.clone()));
            self.0.extend(copies);
        }
        self
    }
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Self {
        fields.0.into()
    }
}

/// Values that many pages share.
pub(super) struct Shared {
    /// One summary a post.
    summaries: Vec<Value>,
    tags: Vec<Value>,
    categories: Vec<Value>,
}

impl Shared {
    pub(super) fn new(corpus: &Corpus, links: &Links, language: &str) -> Self {
        let tags = terms(&corpus.tags, Taxonomy::Tags, links);
        let categories = terms(&corpus.categories, Taxonomy::Categories, links);
        let summaries = corpus
            .posts
            .par_iter()
            .map(|entry| {
                let pick = |values: &[Value], ids: &[u32]| -> Value {
                    let own: Vec<Value> =
                        ids.iter().map(|&id| values[id as usize].clone()).collect();
                    own.into()
                };
                summary(entry, links, language)
                    .with("tags", pick(&tags, &entry.tags))
                    .with("categories", pick(&categories, &entry.categories))
                    .into()
            })
            .collect();
        Self {
            summaries,
            tags,
            categories,
        }
    }

    /// The summary of a post.
    pub(super) fn summary(&self, id: PostId) -> Value {
        self.summaries[id as usize].clone()
    }

    /// The summaries of several posts.
    pub(super) fn summaries(&self, ids: &[PostId]) -> Value {
        let values: Vec<Value> = ids.iter().map(|&id| self.summary(id)).collect();
        values.into()
    }

    /// A term.
    pub(super) fn term(&self, taxonomy: Taxonomy, id: u32) -> Value {
        match taxonomy {
            Taxonomy::Tags => self.tags[id as usize].clone(),
            Taxonomy::Categories => self.categories[id as usize].clone(),
        }
    }
}

/// Path of the page of a term.
pub(super) fn term_path(taxonomy: Taxonomy, term: &Term) -> String {
    format!("/{}/{}/", taxonomy.folder(), term.slug)
}

fn terms(terms: &[Term], taxonomy: Taxonomy, links: &Links) -> Vec<Value> {
    terms
        .iter()
        .map(|term| {
            Fields::new()
                .with("name", term.name.as_str())
                .with("url", links.url(&term_path(taxonomy, term)))
                .with("count", term.posts.len())
                .into()
        })
        .collect()
}

fn summary(entry: &Entry, links: &Links, language: &str) -> Fields {
    let post = &entry.post;
    Fields::new()
        .with("title", post.title.as_str())
        .with("description", post.description.as_str())
        .maybe("date", post.date.map(|date| date.to_string()))
        .maybe("date_text", post.date.map(|date| spelled(date, language)))
        .with("url", links.url(&entry.path))
        .with("canonical", links.absolute(&entry.path))
        .with("word_count", entry.word_count)
        .with("reading_minutes", entry.reading_minutes)
        .with("draft", post.draft)
}

/// A day for readers: `20 November 2026` in English, `2026-11-20` elsewhere.
pub(super) fn spelled(date: Date, language: &str) -> String {
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

/// `site` of every template.
pub(super) fn site(renderer: &Renderer<'_>) -> Value {
    let config = renderer.config;
    let links = &renderer.links;
    let author = Fields::new()
        .maybe("name", config.author.name.as_deref())
        .maybe("url", config.author.url.as_deref())
        .maybe("email", config.author.email.as_deref());
    let feeds = Fields::new()
        .with("atom", links.url("/atom.xml"))
        .with("rss", links.url("/rss.xml"))
        .with("json", links.url("/feed.json"));
    let [style, script, search_script, icon] = &renderer.theme_paths;
    let extent = config.search.extent(renderer.corpus.posts.len());
    let search = extent.map(|_| links.url("/search/"));
    let label = config.disclosure.label.as_deref();
    Fields::new()
        .with("title", config.title.as_str())
        .with("description", config.description.as_str())
        .with("language", config.language.as_str())
        .with("base_url", config.base_url.as_str())
        .with("url", links.url("/"))
        .with("author", author)
        .with("nav", navigation(renderer, search.as_deref()))
        .maybe(
            "logo",
            config.theme.logo.as_deref().map(|url| own_url(links, url)),
        )
        .maybe("footer", config.theme.footer.as_deref())
        .with("feeds", feeds)
        .with("generator", concat!("pressrun ", env!("CARGO_PKG_VERSION")))
        .with("css", links.url(style))
        .with("js", links.url(script))
        .with("favicon", links.url(icon))
        .maybe("og_image", renderer.site_image().map(|image| image.url))
        .with("tags_url", links.url("/tags/"))
        .with("categories_url", links.url("/categories/"))
        .with("archive_url", links.url("/archive/"))
        .maybe("search_url", search)
        .maybe("search_index", extent.map(|_| links.url(search::SCRIPT)))
        .maybe("search_js", extent.map(|_| links.url(search_script)))
        .maybe(
            "disclosure",
            label.map(|label| Fields::new().with("label", label)),
        )
        .into()
}

fn navigation(renderer: &Renderer<'_>, search: Option<&str>) -> Value {
    let links = &renderer.links;
    let entry = |title: &str, url: String| -> Value {
        Fields::new().with("title", title).with("url", url).into()
    };
    let own = &renderer.config.theme.nav;
    let entries: Vec<Value> = if own.is_empty() {
        let mut entries = vec![
            entry("Categories", links.url("/categories/")),
            entry("Tags", links.url("/tags/")),
            entry("Archive", links.url("/archive/")),
        ];
        entries.extend(search.map(|url| entry("Search", url.to_owned())));
        entries
    } else {
        own.iter()
            .map(|nav| entry(&nav.title, own_url(links, &nav.url)))
            .collect()
    };
    entries.into()
}

/// An address from `site.toml`: a path of the site, or an address elsewhere.
fn own_url(links: &Links, url: &str) -> String {
    if url.starts_with('/') && !url.starts_with("//") {
        links.url(url)
    } else {
        url.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_is_spelled_out_in_english_only() {
        let day = Date::constant(2026, 3, 9);
        assert_eq!(spelled(day, "en-GB"), "9 March 2026");
        assert_eq!(spelled(day, "de"), "2026-03-09");
    }
}
