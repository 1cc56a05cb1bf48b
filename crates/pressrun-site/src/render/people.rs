//! What pages and feeds show of an author, and what structured data says.

use tera::Value;

use super::SiteRenderer;
use super::frame::{SiteFrame, resolve_configured_url};
use super::json_ld::{JsonLdNode, JsonLdPerson, organization_node};
use super::links::is_site_path;
use super::values::TemplateFields;
use crate::config::AuthorProfile;
use crate::corpus::own_paths::term_path;
use crate::corpus::{Corpus, CorpusPost, Taxonomy, TermId};

/// An author of a post. The configuration, which is part of the frame, says the rest.
#[derive(Debug, Clone, Hash)]
pub(super) struct AuthorView<'s> {
    pub(super) name: &'s str,
    /// Path of the author's page, unless the site has only one author.
    path: Option<String>,
}

impl SiteRenderer {
    /// Returns the authors of a post: those that it states, otherwise the one of the site.
    pub(super) fn authors(&self, entry: &CorpusPost) -> Vec<AuthorView<'_>> {
        if entry.authors.is_empty() {
            return self.frame.site_author().into_iter().collect();
        }
        let ids = entry.authors.iter();
        ids.map(|&id| AuthorView::new(id, &self.corpus)).collect()
    }

    /// Returns the authors of a post for a feed, or none if they are those of the whole feed: if
    /// everything is by the author of the site.
    pub(super) fn feed_authors(&self, entry: &CorpusPost) -> Vec<AuthorView<'_>> {
        let site = self.frame.config.author.name.as_deref();
        match self.corpus.authors.as_slice() {
            [] => Vec::new(),
            [only] if Some(only.name.as_str()) == site => Vec::new(),
            _ => self.authors(entry),
        }
    }
}

impl SiteFrame {
    /// Returns the author of the site as the author of a post, if the site names one.
    pub(super) fn site_author(&self) -> Option<AuthorView<'_>> {
        let name = self.config.author.name.as_deref()?;
        Some(AuthorView { name, path: None })
    }
}

impl<'s> AuthorView<'s> {
    pub(super) fn new(id: TermId, corpus: &'s Corpus) -> Self {
        let term = &corpus.authors[id as usize];
        let has_page = corpus.has_pages(Taxonomy::Authors);
        Self {
            name: &term.name,
            path: has_page.then(|| term_path(Taxonomy::Authors, &term.slug)),
        }
    }

    fn profile<'f>(&self, frame: &'f SiteFrame) -> Option<&'f AuthorProfile> {
        frame.config.authors.find(self.name)
    }

    /// Returns the text that the author wrote about themself.
    pub(super) fn bio<'f>(&self, frame: &'f SiteFrame) -> Option<&'f str> {
        self.profile(frame)?.bio.as_deref()
    }

    /// Returns whether this is the author whom `[author]` names.
    fn is_of_site(&self, frame: &SiteFrame) -> bool {
        frame.config.author.name.as_deref() == Some(self.name)
    }

    /// Returns the address of the author's own page elsewhere.
    fn website<'f>(&self, frame: &'f SiteFrame) -> Option<&'f str> {
        let own = self
            .profile(frame)
            .and_then(|profile| profile.url.as_deref());
        let of_site = || frame.config.author.url.as_deref();
        own.or_else(|| of_site().filter(|_| self.is_of_site(frame)))
    }

    fn email<'f>(&self, frame: &'f SiteFrame) -> Option<&'f str> {
        let own = self
            .profile(frame)
            .and_then(|profile| profile.email.as_deref());
        let of_site = || frame.config.author.email.as_deref();
        own.or_else(|| of_site().filter(|_| self.is_of_site(frame)))
    }

    /// Returns the absolute address of a page about the author: their own, or the one of the site.
    fn absolute_url(&self, frame: &SiteFrame) -> Option<String> {
        let own = self.website(frame).map(|url| make_absolute(url, frame));
        let page = || self.path.as_deref().map(|path| frame.links.absolute(path));
        own.or_else(page)
    }

    /// Returns the same address for structured data: the home page is about the author of the site.
    fn identity(&self, frame: &SiteFrame) -> Option<String> {
        let home = || self.is_of_site(frame).then(|| frame.links.absolute("/"));
        self.absolute_url(frame).or_else(home)
    }

    fn absolute_picture(&self, frame: &SiteFrame) -> Option<String> {
        let picture = self.profile(frame)?.picture.as_deref()?;
        Some(make_absolute(picture, frame))
    }

    /// Converts the author for the templates of pages.
    pub(super) fn to_value(&self, frame: &SiteFrame) -> Value {
        self.fields(frame).into()
    }

    pub(super) fn fields(&self, frame: &SiteFrame) -> TemplateFields {
        let profile = self.profile(frame);
        let links = profile.map_or(&[][..], |profile| &profile.links);
        let links: Vec<Value> = self
            .website(frame)
            .into_iter()
            .chain(links.iter().map(String::as_str))
            .map(|url| {
                TemplateFields::new()
                    .with("title", shorten_address(url))
                    .with("url", resolve_configured_url(&frame.links, url))
                    .into()
            })
            .collect();
        let picture = profile.and_then(|profile| profile.picture.as_deref());
        let picture = picture.map(|url| resolve_configured_url(&frame.links, url));
        let page = self.path.as_deref().map(|path| frame.links.url(path));
        TemplateFields::new()
            .with("name", self.name)
            .with_optional("url", page)
            .with_optional("bio", self.bio(frame))
            .with_optional("picture", picture)
            .with_optional("email", self.email(frame))
            .with("links", links)
    }

    /// Converts the author for the templates of feeds, with absolute addresses.
    pub(super) fn to_feed_value(&self, frame: &SiteFrame) -> Value {
        TemplateFields::new()
            .with("name", self.name)
            .with_optional("url", self.absolute_url(frame))
            .with_optional("email", self.email(frame))
            .into()
    }

    /// Converts the author for a JSON Feed.
    pub(super) fn to_json(&self, frame: &SiteFrame) -> serde_json::Value {
        let mut author = serde_json::json!({ "name": self.name });
        if let Some(url) = self.absolute_url(frame) {
            author["url"] = url.into();
        }
        if let Some(picture) = self.absolute_picture(frame) {
            author["avatar"] = picture.into();
        }
        author
    }

    /// Returns the author as a post names them.
    pub(super) fn to_node(&self, frame: &'s SiteFrame) -> JsonLdNode<'s> {
        JsonLdNode::Person(JsonLdPerson {
            name: self.name,
            url: self.identity(frame),
            ..JsonLdPerson::default()
        })
    }

    /// Returns the author with all that is known of them, for their own page.
    pub(super) fn to_whole_node(&self, frame: &'s SiteFrame) -> JsonLdNode<'s> {
        let links = self
            .profile(frame)
            .map_or(&[][..], |profile| &profile.links);
        JsonLdNode::Person(JsonLdPerson {
            name: self.name,
            url: self.identity(frame),
            description: self.bio(frame),
            image: self.absolute_picture(frame),
            same_as: links.iter().map(|url| make_absolute(url, frame)).collect(),
        })
    }
}

/// Returns the authors of a post for structured data; a site that names nobody is its own author.
pub(super) fn author_nodes<'s>(
    authors: &[AuthorView<'s>],
    frame: &'s SiteFrame,
) -> Vec<JsonLdNode<'s>> {
    if authors.is_empty() {
        return vec![organization_node(frame)];
    }
    authors.iter().map(|author| author.to_node(frame)).collect()
}

/// Converts an address from `site.toml` for what is read elsewhere.
fn make_absolute(url: &str, frame: &SiteFrame) -> String {
    if is_site_path(url) {
        frame.links.absolute(url)
    } else {
        url.to_owned()
    }
}

/// Returns an address as a reader would say it.
fn shorten_address(url: &str) -> &str {
    let rest = ["https://", "http://", "mailto:"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme))
        .unwrap_or(url);
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let short = rest.strip_suffix('/').unwrap_or(rest);
    if short.is_empty() { url } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_of_an_author_is_named_by_its_address() {
        for (url, shown) in [
            ("https://www.a.example/", "a.example"),
            ("http://code.example/jane", "code.example/jane"),
            ("mailto:jane@a.example", "jane@a.example"),
            ("/about/", "/about"),
            ("/", "/"),
        ] {
            assert_eq!(shorten_address(url), shown);
        }
    }
}
