//! Builds the feeds of the site, of each category and of each author: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1.

use std::borrow::Cow;

use pressrun_posts::post::{Date, SiteDate};
use serde_json::json;
use tera::{Context, Value};

use super::PageContent;
use super::list::PostList;
use crate::config::FeedContent;
use crate::corpus::own_paths::{FEEDS, FixedPage};
use crate::corpus::{Corpus, PostId, Taxonomy, TermId, TextId};
use crate::error::Result;
use crate::render::SiteRenderer;
use crate::render::body::BodyView;
use crate::render::frame::SiteFrame;
use crate::render::people::AuthorView;
use crate::render::values::TemplateFields;

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
    pub(in crate::render) const ALL: [Self; 3] = [Self::Atom, Self::Rss, Self::Json];

    /// Returns the name of its files.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Atom => FEEDS[0],
            Self::Rss => FEEDS[1],
            Self::Json => FEEDS[2],
        }
    }

    /// Returns its media type.
    pub(in crate::render) const fn media_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml",
            Self::Rss => "application/rss+xml",
            Self::Json => "application/feed+json",
        }
    }
}

/// Lists all feeds of a site.
pub(super) fn list_feeds(corpus: &Corpus) -> impl Iterator<Item = (PostList, FeedFormat)> {
    let terms = |taxonomy: &Taxonomy| taxonomy.has_feeds() && corpus.has_pages(*taxonomy);
    let terms = Taxonomy::ALL.into_iter().filter(terms);
    let terms = terms.flat_map(|taxonomy| {
        let count = corpus.terms(taxonomy).len() as TermId;
        (0..count).map(move |id| PostList::Term(taxonomy, id))
    });
    std::iter::once(PostList::Home)
        .chain(terms)
        .flat_map(|list| FeedFormat::ALL.map(|format| (list, format)))
}

/// What the feeds of a list share with the pages that announce them.
#[derive(Debug, Hash)]
pub(in crate::render) struct FeedChannel<'s> {
    /// Name of the list's term; `None` for the feeds of the site.
    term: Option<&'s str>,
    /// Path of the list.
    path: Cow<'s, str>,
}

impl<'s> FeedChannel<'s> {
    /// Returns the channel with all posts.
    pub(in crate::render) fn of_site() -> Self {
        Self {
            term: None,
            path: FixedPage::Home.path().into(),
        }
    }

    /// Returns the channel of a list.
    pub(super) fn new(list: PostList, corpus: &'s Corpus) -> Self {
        match list {
            PostList::Home | PostList::Archive => Self::of_site(),
            PostList::Term(taxonomy, id) => Self {
                term: Some(&corpus.terms(taxonomy)[id as usize].name),
                path: list.path(corpus).into(),
            },
        }
    }

    /// Returns the title of its feeds.
    pub(in crate::render) fn title(&self, frame: &SiteFrame) -> String {
        let site = &frame.config.title;
        match self.term {
            Some(name) => format!("{name} · {site}"),
            None => site.clone(),
        }
    }

    /// Returns the path of one of its feeds.
    pub(in crate::render) fn feed_path(&self, format: FeedFormat) -> String {
        format!("{}{}", self.path, format.file())
    }
}

/// What a feed contains.
#[derive(Hash)]
pub(super) struct FeedView<'s> {
    format: FeedFormat,
    channel: FeedChannel<'s>,
    /// The author of everything that does not name another: the one whose feed it is, otherwise the
    /// one of the site.
    author: Option<AuthorView<'s>>,
    entries: Vec<FeedEntryView<'s>>,
}

/// What a feed contains of a post.
#[derive(Hash)]
struct FeedEntryView<'s> {
    title: &'s str,
    description: &'s str,
    language: Option<&'s str>,
    date: Option<SiteDate>,
    updated: Option<SiteDate>,
    /// Path of its page.
    path: &'s str,
    /// By this a reader knows that it has read the post.
    id: String,
    /// Names of its categories and tags.
    terms: Vec<&'s str>,
    /// Its authors; empty if all posts are by the author of the site.
    authors: Vec<AuthorView<'s>>,
    /// `None` if feeds contain only descriptions.
    body: Option<BodyView<'s>>,
}

impl<'s> FeedView<'s> {
    pub(super) fn new(list: PostList, format: FeedFormat, renderer: &'s SiteRenderer) -> Self {
        let count = renderer.frame.config.lists.feed_entries;
        let ids = list.newest_posts(count, &renderer.corpus).into_iter();
        let author = match list {
            PostList::Term(Taxonomy::Authors, id) => Some(AuthorView::new(id, &renderer.corpus)),
            PostList::Home | PostList::Archive | PostList::Term(..) => renderer.frame.site_author(),
        };
        Self {
            format,
            author,
            channel: FeedChannel::new(list, &renderer.corpus),
            entries: ids
                .map(|id| FeedEntryView::new(id, format, renderer))
                .collect(),
        }
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> Result<PageContent> {
        match self.format {
            FeedFormat::Json => Ok(PageContent::Text(self.to_json(frame)?)),
            FeedFormat::Atom | FeedFormat::Rss => {
                let mut context = Context::new();
                context.insert_value("feed", self.to_value(frame)?);
                Ok(PageContent::Template(self.format.file().into(), context))
            }
        }
    }

    /// Builds the variable `feed` of the XML templates.
    fn to_value(&self, frame: &SiteFrame) -> Result<Value> {
        let links = &frame.links;
        // Atom requires this date: that of the newest change in the feed.
        let changes = self.entries.iter().filter_map(FeedEntryView::changed);
        let newest = changes.max_by_key(|date| date.moment);
        let updated = newest.unwrap_or_else(oldest_date);
        let entries = self.entries.iter().map(|entry| entry.to_value(frame));
        let entries = entries.collect::<Result<Vec<Value>>>()?;
        let page = links.absolute(&self.channel.path);
        let feed = TemplateFields::new()
            .with("title", self.channel.title(frame))
            .with("description", frame.config.description.as_str())
            .with("id", page.as_str())
            .with("canonical", page.as_str())
            .with("self", links.absolute(&self.channel.feed_path(self.format)))
            .with_optional(
                "author",
                self.author.as_ref().map(|one| one.to_feed_value(frame)),
            )
            .with("updated", updated.to_rfc3339())
            .with("updated_rfc822", updated.to_rfc822())
            .with(
                "has_authors",
                self.entries.iter().any(|entry| !entry.authors.is_empty()),
            )
            .with("entries", entries);
        Ok(feed.into())
    }

    /// Renders a JSON Feed 1.1.
    fn to_json(&self, frame: &SiteFrame) -> Result<Vec<u8>> {
        let (config, links) = (&frame.config, &frame.links);
        let items = self.entries.iter().map(|entry| entry.to_json(frame));
        let items = items.collect::<Result<Vec<_>>>()?;
        let mut feed = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.channel.title(frame),
            "home_page_url": links.absolute(&self.channel.path),
            "feed_url": links.absolute(&self.channel.feed_path(self.format)),
            "language": config.language,
            "items": items,
        });
        if !config.description.is_empty() {
            feed["description"] = json!(config.description);
        }
        if let Some(author) = &self.author {
            feed["authors"] = json!([author.to_json(frame)]);
        }
        let mut bytes = feed.to_string().into_bytes();
        bytes.push(b'\n');
        Ok(bytes)
    }
}

impl<'s> FeedEntryView<'s> {
    fn new(id: PostId, format: FeedFormat, renderer: &'s SiteRenderer) -> Self {
        let corpus = &renderer.corpus;
        let entry = corpus.post(id);
        let post = &entry.post;
        let name = |taxonomy, &id: &TermId| corpus.terms(taxonomy)[id as usize].name.as_str();
        let categories = entry.categories.iter();
        let categories = categories.map(|id| name(Taxonomy::Categories, id));
        let tags = entry.tags.iter().map(|id| name(Taxonomy::Tags, id));
        Self {
            title: &post.title,
            description: &post.description,
            language: post.language.as_deref(),
            date: entry.date,
            updated: entry.updated,
            path: &entry.path,
            id: {
                let address = renderer.frame.links.absolute(&entry.path);
                renderer.live.feed_id(format.file(), &entry.path, address)
            },
            terms: categories.chain(tags).collect(),
            authors: renderer.feed_authors(entry),
            body: match renderer.frame.config.lists.feed_content {
                FeedContent::Full => Some(BodyView::new(TextId::Post(id), renderer)),
                FeedContent::Summary => None,
            },
        }
    }

    /// Returns the date of the last change.
    fn changed(&self) -> Option<SiteDate> {
        SiteDate::later(self.updated, self.date)
    }

    fn html(&self, frame: &SiteFrame) -> Result<Option<Value>> {
        let body = self.body.as_ref();
        body.map(|body| body.feed_html(frame)).transpose()
    }

    fn to_value(&self, frame: &SiteFrame) -> Result<Value> {
        let canonical = frame.links.absolute(self.path);
        let changed = self.changed().unwrap_or_else(oldest_date);
        let authors = self.authors.iter();
        let authors = authors.map(|author| author.to_feed_value(frame));
        let fields = TemplateFields::new()
            .with("title", self.title)
            .with_optional("language", self.language)
            .with("description", self.description)
            .with("canonical", canonical.as_str())
            .with("id", self.id.as_str())
            .with_optional("published", self.date.map(SiteDate::to_rfc3339))
            .with_optional("published_rfc822", self.date.map(SiteDate::to_rfc822))
            .with("updated", changed.to_rfc3339())
            .with_optional("content", self.html(frame)?)
            .with("terms", self.terms.clone())
            .with("authors", authors.collect::<Vec<_>>());
        Ok(fields.into())
    }

    fn to_json(&self, frame: &SiteFrame) -> Result<serde_json::Value> {
        let url = frame.links.absolute(self.path);
        let mut item = json!({
            "id": self.id,
            "url": url,
            "title": self.title,
            "tags": self.terms,
        });
        if let Some(language) = self.language {
            item["language"] = json!(language);
        }
        if !self.authors.is_empty() {
            let authors = self.authors.iter();
            item["authors"] = authors.map(|author| author.to_json(frame)).collect();
        }
        if !self.description.is_empty() {
            item["summary"] = json!(self.description);
        }
        if let Some(date) = self.date {
            item["date_published"] = json!(date.to_rfc3339());
        }
        if let Some(date) = self.updated {
            item["date_modified"] = json!(date.to_rfc3339());
        }
        match self.html(frame)? {
            Some(content) => item["content_html"] = json!(content.as_str().unwrap_or_default()),
            // Each item must have content (JSON Feed 1.1, "items").
            None => item["content_text"] = json!(self.description),
        }
        Ok(item)
    }
}

/// Returns the date used where Atom requires one and no post has a date.
fn oldest_date() -> SiteDate {
    Date::constant(1970, 1, 1).into()
}
