//! The body of a text within the view of a page: a handle that is hashed without reading the
//! body, and read when the page is rendered.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use pressrun_markdown::{BodyLink, DestinationKind, TocEntry};
use pressrun_text::visible::is_unfit;
use tera::Value;

use super::frame::SiteFrame;
use super::pictures::{SitePicture, describe_picture};
use super::resolve::{LinkTarget, PostResolver, ResolvedLink};
use super::summary::{FeedBodies, PostMemory};
use super::values::TemplateFields;
use super::{SiteRenderer, render_options};
use crate::cache::{BodyStore, Fingerprint};
use crate::corpus::{CorpusPost, TextId};
use crate::error::Result;

/// The body of a post.
///
/// Its HTML follows from its Markdown, from where its links lead, and from the configuration. The
/// first two are in its hash; the configuration is in that of the [`SiteFrame`].
pub(super) struct BodyView<'s> {
    entry: &'s CorpusPost,
    bodies: &'s BodyStore,
    resolver: PostResolver<'s>,
    memory: &'s PostMemory,
    id: TextId,
    feed_html: &'s FeedBodies,
}

impl Hash for BodyView<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.entry.post.body.hash.hash(state);
        // In feeds, a link to the page itself has its address.
        self.entry.path.hash(state);
        let links = &self.memory.links;
        let links = links.get_or_init(|| self.hash_links(&self.resolver.resolve_links()));
        links.hash(state);
    }
}

impl<'s> BodyView<'s> {
    pub(super) fn new(id: TextId, renderer: &'s SiteRenderer) -> Self {
        let entry = renderer.corpus.text(id);
        Self {
            entry,
            bodies: &renderer.bodies,
            resolver: renderer.resolver(entry),
            memory: renderer.memory.of_text(id),
            id,
            feed_html: renderer.memory.feed_html(),
        }
    }

    /// Resolves the links of the body, and remembers their fingerprint for its hash.
    pub(super) fn resolve_links(&self) -> Vec<ResolvedLink<'s>> {
        let resolved = self.resolver.resolve_links();
        self.memory.links.get_or_init(|| self.hash_links(&resolved));
        resolved
    }

    /// Returns the fingerprint of where the links lead, and of the pictures that they show.
    fn hash_links(&self, resolved: &[ResolvedLink<'_>]) -> Fingerprint {
        let pictures = self.find_pictures(resolved).enumerate();
        let pictures: Vec<(usize, &SitePicture)> = pictures
            .filter_map(|(number, picture)| Some((number, picture?)))
            .collect();
        Fingerprint::of_value(&(resolved, pictures))
    }

    /// Returns for each link the picture of the site that it shows.
    fn find_pictures(
        &self,
        resolved: &[ResolvedLink<'_>],
    ) -> impl Iterator<Item = Option<&'s SitePicture>> {
        let links = self.entry.post.body.links.iter().zip(resolved);
        links.map(|(link, resolved)| {
            let is_shown = link.kind.is_picture();
            is_shown.then(|| self.resolver.find_picture(resolved))?
        })
    }

    /// Returns the HTML for the page of the post, and its headings. `has_picture` says whether the
    /// page shows a picture above it.
    pub(super) fn read_page(
        &self,
        has_picture: bool,
        frame: &SiteFrame,
    ) -> Result<(String, Vec<TocEntry>)> {
        let page = self.bodies.read_page(&self.entry.post.body)?;
        let resolved = self.resolver.resolve_links();
        let addresses: Vec<Cow<'_, str>> =
            resolved.iter().map(|link| link.url(&frame.links)).collect();
        let pictures: Vec<_> = self.find_pictures(&resolved).collect();
        // What a reader sees at first is loaded at once.
        let mut is_lazy = has_picture;
        let html = page.html.fill_page(&addresses, |link| {
            let picture = pictures.get(link).copied().flatten();
            let url = addresses.get(link).map_or("", |address| &**address);
            describe_picture(picture, url, std::mem::replace(&mut is_lazy, true), frame)
        });
        Ok((html, page.toc))
    }

    /// Returns the HTML for feeds, which is escaped like any other text.
    pub(super) fn feed_html(&self, frame: &SiteFrame) -> Result<Value> {
        // Two feeds may render the same post at the same time; either result is right.
        if let Some(html) = self.feed_html.find(self.id) {
            return Ok(html);
        }
        let markdown = self.bodies.read_markdown(&self.entry.post.body)?;
        let language = self.entry.language(&frame.config.language);
        let options = render_options(&frame.config, language, true);
        let rendered = pressrun_markdown::render_markdown(&markdown, &options);
        let addresses = self.feed_addresses(&rendered.links, frame);
        let html = rendered.html.fill_addresses(&addresses);
        // JSON escapes control characters, so `replace_unfit` would not find them in its bytes.
        let html = html.replace(is_unfit, "\u{FFFD}");
        // Not marked as safe: in XML the HTML is text, and must be escaped like any other.
        let html = Value::normal_string(&html);
        self.feed_html.keep(self.id, &html);
        Ok(html)
    }

    /// Returns the absolute addresses for the links of the HTML for feeds, which are those of the
    /// page.
    fn feed_addresses<'l>(&self, links: &'l [BodyLink], frame: &SiteFrame) -> Vec<Cow<'l, str>>
    where
        's: 'l,
    {
        let resolved = self.resolver.resolve_links();
        let of_page = self.entry.post.body.links.iter().zip(&resolved);
        let of_page: HashMap<(&str, DestinationKind), &ResolvedLink<'s>> = of_page
            .map(|(link, resolved)| ((&*link.target, link.kind), resolved))
            .collect();
        let address =
            |link: &'l BodyLink| match (of_page.get(&(&*link.target, link.kind)), link.kind) {
                (Some(resolved), _) => resolved.absolute_url(&self.entry.path, &frame.links),
                // The page can lack a link, if its HTML is too deep to be sanitised.
                (
                    None,
                    DestinationKind::SpacedImage
                    | DestinationKind::WikiLink
                    | DestinationKind::WikiImage,
                ) => Cow::Borrowed(""),
                (None, DestinationKind::Link | DestinationKind::Image) => {
                    Cow::Borrowed(&*link.target)
                }
            };
        links.iter().map(address).collect()
    }
}

/// The cover of a post, if it exists.
#[derive(Debug, Clone, Hash)]
pub(super) struct CoverView<'s> {
    /// Address for the page of the post.
    pub(super) url: Cow<'s, str>,
    /// Address for other sites.
    pub(super) absolute: Cow<'s, str>,
    /// What it shows, or else the title of the post.
    pub(super) alt: &'s str,
    /// What is known of its file, if that is on the site.
    pub(super) picture: Option<&'s SitePicture>,
}

impl CoverView<'_> {
    /// Converts it for templates.
    pub(super) fn to_value(&self, frame: &SiteFrame) -> Value {
        let size = self.picture.and_then(|picture| picture.size);
        let srcset = self.picture.map(|picture| picture.srcset(&self.url, frame));
        let srcset = srcset.filter(|srcset| !srcset.is_empty());
        let sizes = srcset.is_some().then(|| frame.config.images.sizes.as_str());
        TemplateFields::new()
            .with("url", &*self.url)
            .with("alt", self.alt)
            .with_optional("width", size.map(|size| size.width))
            .with_optional("height", size.map(|size| size.height))
            .with_optional("srcset", srcset)
            .with_optional("sizes", sizes)
            .into()
    }

    /// Returns a small picture for lists: the narrowest version, or the picture itself if it is
    /// small. `None` if it would slow a list down.
    pub(super) fn to_thumbnail_value(&self, frame: &SiteFrame) -> Option<Value> {
        let picture = self.picture?;
        let size = picture.size?;
        let (url, width) = match picture.versions.first() {
            Some((width, path)) => (Cow::Owned(frame.links.url(path)), *width),
            None if picture.is_small => (Cow::Borrowed(&*self.url), size.width),
            None => return None,
        };
        let height = u64::from(size.height) * u64::from(width) / u64::from(size.width);
        let value = TemplateFields::new()
            .with("url", &*url)
            .with("width", width)
            .with("height", height.max(1));
        Some(value.into())
    }
}

impl SiteRenderer {
    /// Returns the cover of a post, unless it does not exist.
    pub(super) fn cover<'s>(&'s self, entry: &'s CorpusPost) -> Option<CoverView<'s>> {
        let post = &entry.post;
        let written = post.cover.as_deref()?;
        let of_post = self.resolver(entry);
        let resolved = of_post.resolve_destination(written);
        let absolute = resolved.absolute_url(&entry.path, &self.frame.links);
        // An address that only works on the page, such as a `data:` URL, is no cover.
        let is_absolute = absolute.starts_with("https://") || absolute.starts_with("http://");
        let exists = !matches!(resolved.leads_to, LinkTarget::Nowhere(_));
        (is_absolute && exists).then(|| CoverView {
            url: resolved.url(&self.frame.links),
            absolute,
            alt: post.cover_alt.as_deref().unwrap_or(&post.title),
            picture: of_post.find_picture(&resolved),
        })
    }
}
