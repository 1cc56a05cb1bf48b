//! Builds the feeds of the site and of each category: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1.

use std::fmt::Write;

use pressrun_posts::post::Date;
use serde_json::json;
use tera::Value;

use super::SiteRenderer;
use super::plan::PostList;
use super::values::TemplateFields;
use crate::corpus::own_paths::FEEDS;
use crate::corpus::{Corpus, PostId, Taxonomy, TermId};
use crate::error::Result;

/// A feed format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeedFormat {
    /// Atom, RFC 4287.
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    Json,
}

impl FeedFormat {
    /// All formats, in the order in which pages announce them.
    pub const ALL: [Self; 3] = [Self::Atom, Self::Rss, Self::Json];

    /// Returns the name of its files.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Atom => FEEDS[0],
            Self::Rss => FEEDS[1],
            Self::Json => FEEDS[2],
        }
    }

    /// Returns its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml",
            Self::Rss => "application/rss+xml",
            Self::Json => "application/feed+json",
        }
    }
}

/// Lists all feeds of a site.
pub(super) fn list_feeds(corpus: &Corpus) -> impl Iterator<Item = (PostList, FeedFormat)> {
    let categories =
        (0..corpus.categories.len()).map(|id| PostList::Term(Taxonomy::Categories, id as TermId));
    std::iter::once(PostList::Home)
        .chain(categories)
        .flat_map(|list| FeedFormat::ALL.map(|format| (list, format)))
}

/// Returns the path of a feed.
pub(super) fn feed_path(list: PostList, format: FeedFormat, corpus: &Corpus) -> String {
    format!("{}{}", list.path(corpus), format.file())
}

/// Returns the title of the feeds of a list.
pub(super) fn feed_title(list: PostList, renderer: &SiteRenderer) -> String {
    let site = &renderer.config.title;
    match list {
        PostList::Term(taxonomy, id) => {
            let term = &renderer.corpus.terms(taxonomy)[id as usize];
            format!("{} · {site}", term.name)
        }
        PostList::Home | PostList::Archive => site.clone(),
    }
}

/// Returns the posts in the feeds of a list.
pub(super) fn feed_posts(list: PostList, renderer: &SiteRenderer) -> Vec<PostId> {
    let count = renderer
        .config
        .lists
        .feed_entries
        .min(list.len(&renderer.corpus));
    list.posts(&renderer.corpus, 0..count)
}

/// Builds the variable `feed` of the XML templates.
pub(super) fn feed_value(
    list: PostList,
    format: FeedFormat,
    renderer: &SiteRenderer,
) -> Result<Value> {
    let links = &renderer.links;
    let ids = feed_posts(list, renderer);
    // Atom requires this day: that of the newest change in the feed.
    let newest = ids
        .iter()
        .filter_map(|&id| renderer.corpus.posts[id as usize].changed())
        .max();
    let updated = newest.unwrap_or(EPOCH);
    let entries = ids
        .iter()
        .map(|&id| feed_entry(id, renderer))
        .collect::<Result<Vec<Value>>>()?;
    let page = links.absolute(&list.path(&renderer.corpus));
    let feed = TemplateFields::new()
        .with("title", feed_title(list, renderer))
        .with("description", renderer.config.description.as_str())
        .with("id", page.as_str())
        .with("canonical", page.as_str())
        .with(
            "self",
            links.absolute(&feed_path(list, format, &renderer.corpus)),
        )
        .with("updated", format_rfc3339(updated))
        .with("updated_rfc822", format_rfc822(updated))
        .with("entries", entries);
    Ok(feed.into())
}

fn feed_entry(id: PostId, renderer: &SiteRenderer) -> Result<Value> {
    let entry = &renderer.corpus.posts[id as usize];
    let post = &entry.post;
    let canonical = renderer.links.absolute(&entry.path);
    let terms: Vec<&str> = feed_terms(id, renderer).collect();
    let fields = TemplateFields::new()
        .with("title", post.title.as_str())
        .with_optional("language", post.language.as_deref())
        .with("description", post.description.as_str())
        .with("canonical", canonical.as_str())
        .with("id", canonical.as_str())
        .with_optional("published", entry.date.map(format_rfc3339))
        .with_optional("published_rfc822", entry.date.map(format_rfc822))
        .with("updated", format_rfc3339(entry.changed().unwrap_or(EPOCH)))
        .with_optional("content", renderer.feed_content(id)?)
        .with("terms", terms);
    Ok(fields.into())
}

/// Returns the names of the categories and tags of a post.
fn feed_terms(id: PostId, renderer: &SiteRenderer) -> impl Iterator<Item = &str> {
    let corpus = &renderer.corpus;
    let entry = &corpus.posts[id as usize];
    let name = |taxonomy, &id: &TermId| corpus.terms(taxonomy)[id as usize].name.as_str();
    let categories = entry.categories.iter();
    categories
        .map(move |id| name(Taxonomy::Categories, id))
        .chain(entry.tags.iter().map(move |id| name(Taxonomy::Tags, id)))
}

/// Renders a JSON Feed 1.1.
pub(super) fn render_json_feed(list: PostList, renderer: &SiteRenderer) -> Result<Vec<u8>> {
    let links = &renderer.links;
    let config = &renderer.config;
    let items = feed_posts(list, renderer)
        .into_iter()
        .map(|id| json_feed_item(id, renderer))
        .collect::<Result<Vec<_>>>()?;
    let mut feed = json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed_title(list, renderer),
        "home_page_url": links.absolute(&list.path(&renderer.corpus)),
        "feed_url": links.absolute(&feed_path(list, FeedFormat::Json, &renderer.corpus)),
        "language": config.language,
        "items": items,
    });
    if !config.description.is_empty() {
        feed["description"] = json!(config.description);
    }
    if let Some(name) = &config.author.name {
        let mut author = json!({ "name": name });
        if let Some(url) = &config.author.url {
            author["url"] = json!(url);
        }
        feed["authors"] = json!([author]);
    }
    let mut bytes = feed.to_string().into_bytes();
    bytes.push(b'\n');
    Ok(bytes)
}

fn json_feed_item(id: PostId, renderer: &SiteRenderer) -> Result<serde_json::Value> {
    let entry = &renderer.corpus.posts[id as usize];
    let post = &entry.post;
    let url = renderer.links.absolute(&entry.path);
    let mut item = json!({
        "id": url,
        "url": url,
        "title": post.title,
        "tags": feed_terms(id, renderer).collect::<Vec<_>>(),
    });
    if let Some(language) = &post.language {
        item["language"] = json!(language);
    }
    if !post.description.is_empty() {
        item["summary"] = json!(post.description);
    }
    if let Some(date) = entry.date {
        item["date_published"] = json!(format_rfc3339(date));
    }
    if let Some(date) = post.updated {
        item["date_modified"] = json!(format_rfc3339(date));
    }
    match renderer.feed_content(id)? {
        Some(content) => item["content_html"] = json!(content.as_str().unwrap_or_default()),
        // Each item must have content (JSON Feed 1.1, "items").
        None => item["content_text"] = json!(post.description),
    }
    Ok(item)
}

/// The date used where Atom requires one and no post has a date.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// Formats the start of a day as RFC 3339.
fn format_rfc3339(date: Date) -> String {
    format!("{date}T00:00:00Z")
}

/// Formats the start of a day as RFC 822, with the four-digit year of RSS 2.0.
fn format_rfc822(date: Date) -> String {
    let mut text = String::with_capacity(32);
    let _ = write!(text, "{}", date.strftime("%a, %d %b %Y 00:00:00 GMT"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_each_format_wants_them() {
        let day = Date::constant(2026, 3, 9);
        assert_eq!(format_rfc3339(day), "2026-03-09T00:00:00Z");
        assert_eq!(format_rfc822(day), "Mon, 09 Mar 2026 00:00:00 GMT");
    }
}
