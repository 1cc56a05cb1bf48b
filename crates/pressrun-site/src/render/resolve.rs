//! Resolves the links and pictures in a body.
//!
//! Within the site, an author may write a destination in three ways: as a path from the root of the
//! site (`/posts/a/`), as a path to a file in the content folder (`other.md`, `picture.png`, as
//! editors complete it), or as an absolute address below `base_url`. A destination that leads to no
//! page or file of the plan is reported.

use std::borrow::Cow;

use pressrun_markdown::{BodyLink, DestinationKind};

use super::SiteRenderer;
use super::links::{SiteLinks, decode_path, has_scheme, normalise_path, split_query};
use super::pictures::{SitePicture, SitePictures};
use super::targets::{LinkTargets, PartTargets, SiteTargets};
use super::wiki_links::{NamedPage, split_heading};
use crate::corpus::{Corpus, CorpusPost};
use crate::discover;

/// Resolves the destinations in the body of one post.
#[derive(Clone, Copy)]
pub(super) struct PostResolver<'r> {
    corpus: &'r Corpus,
    links: &'r SiteLinks,
    targets: &'r LinkTargets,
    pictures: &'r SitePictures,
    entry: &'r CorpusPost,
}

impl SiteRenderer {
    /// Returns the resolver for the body of a post.
    pub(super) fn resolver<'r>(&'r self, entry: &'r CorpusPost) -> PostResolver<'r> {
        PostResolver {
            corpus: &self.corpus,
            links: &self.frame.links,
            targets: &self.targets,
            pictures: &self.pictures,
            entry,
        }
    }
}

/// A resolved destination.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ResolvedLink<'d> {
    /// The destination as its author wrote it.
    pub(super) written: &'d str,
    pub(super) leads_to: LinkTarget,
    /// The fragment of a wiki link, with its `#`, which `written` does not show.
    pub(super) heading: Option<String>,
}

/// What a destination leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum LinkTarget {
    /// Another site.
    Away,
    /// The page that contains the link.
    Here,
    /// The page or file of the site with this path.
    To(String),
    /// This path of the site, at which there is no page or file.
    Nowhere(String),
    /// Nothing: it is shown as text.
    Text,
}

impl<'d> ResolvedLink<'d> {
    /// Returns the address for a page of the site.
    pub(super) fn url(&self, links: &SiteLinks) -> Cow<'d, str> {
        match &self.leads_to {
            LinkTarget::Here if self.heading.is_some() => Cow::Owned(self.suffix().to_owned()),
            LinkTarget::Away | LinkTarget::Here => Cow::Borrowed(self.written),
            LinkTarget::To(path) | LinkTarget::Nowhere(path) => {
                Cow::Owned(links.url(path) + self.suffix())
            }
            LinkTarget::Text => Cow::Borrowed(""),
        }
    }

    /// Returns the address for what is read elsewhere, such as a feed. `page` is the path of the
    /// page that contains the link.
    pub(super) fn absolute_url(&self, page: &str, links: &SiteLinks) -> Cow<'d, str> {
        let path = match &self.leads_to {
            LinkTarget::Away => return Cow::Borrowed(self.written),
            LinkTarget::Here => page,
            LinkTarget::To(path) | LinkTarget::Nowhere(path) => path,
            LinkTarget::Text => return Cow::Borrowed(""),
        };
        Cow::Owned(links.absolute(path) + self.suffix())
    }

    /// Returns the query and the fragment.
    fn suffix(&self) -> &str {
        match &self.heading {
            Some(heading) => heading,
            None => split_query(self.written).1,
        }
    }

    /// Returns the fragment, without `#`.
    pub(super) fn fragment(&self) -> &str {
        let suffix = self.suffix();
        suffix.split_once('#').map_or("", |(_, fragment)| fragment)
    }
}

impl<'r> PostResolver<'r> {
    /// Resolves all links of the body, in their order.
    pub(super) fn resolve_links(&self) -> Vec<ResolvedLink<'r>> {
        let links = self.entry.post.body.links.iter();
        links.map(|link| self.resolve_link(link)).collect()
    }

    /// Resolves a link of the body. A picture whose address has spaces gets no address unless its
    /// file is there, and is then shown as text.
    fn resolve_link<'d>(&self, link: &'d BodyLink) -> ResolvedLink<'d> {
        match link.kind {
            DestinationKind::WikiLink => return self.resolve_wiki_link(&link.target),
            DestinationKind::WikiImage => return self.resolve_wiki_image(&link.target),
            DestinationKind::Link | DestinationKind::Image | DestinationKind::SpacedImage => {}
        }
        let mut resolved = self.resolve_destination(&link.target);
        let is_there = matches!(resolved.leads_to, LinkTarget::To(_));
        if link.kind == DestinationKind::SpacedImage && !is_there {
            resolved.leads_to = LinkTarget::Text;
        }
        resolved
    }

    fn resolve_wiki_link<'d>(&self, target: &'d str) -> ResolvedLink<'d> {
        let (leads_to, heading) = match self.find_named_path(target) {
            Some((path, heading)) => (LinkTarget::To(path), heading),
            None => match split_heading(target) {
                ("", heading) => (LinkTarget::Here, heading),
                _ => (LinkTarget::Text, String::new()),
            },
        };
        ResolvedLink {
            written: target,
            leads_to,
            heading: Some(heading),
        }
    }

    /// Returns the path of the page that a wiki link names, and the fragment of the heading.
    fn find_named_path(&self, target: &str) -> Option<(String, String)> {
        if let LinkTargets::Part(part) = self.targets {
            return part.pages.get(target).cloned();
        }
        let (page, heading) = self.find_named_page(target)?;
        Some((page.path.clone(), heading))
    }

    /// Returns the path of the picture that a wiki link names.
    fn find_named_picture(&self, name: &str) -> Option<String> {
        match self.targets {
            LinkTargets::Site(site) => site
                .names(self.corpus)
                .find_picture(name)
                .map(str::to_owned),
            LinkTargets::Part(part) => part.pictures.get(name).cloned(),
        }
    }

    /// Returns the page of a whole site that a wiki link names, and the fragment of the heading.
    pub(super) fn find_named_page(&self, target: &str) -> Option<(&'r NamedPage, String)> {
        let names = self.targets.site()?.names(self.corpus);
        // A title may contain the sign before a heading, as in `C# for Beginners`.
        if let Some(page) = names.find_page(target) {
            return Some((page, String::new()));
        }
        let (name, heading) = split_heading(target);
        Some((names.find_page(name)?, heading))
    }

    fn resolve_wiki_image<'d>(&self, name: &'d str) -> ResolvedLink<'d> {
        let mut resolved = self.resolve_destination(name);
        if !matches!(resolved.leads_to, LinkTarget::To(_)) {
            // As in Obsidian, the name of the file is enough.
            let found = self.find_named_picture(name).map(LinkTarget::To);
            resolved.leads_to = found.unwrap_or(LinkTarget::Text);
        }
        resolved.heading = Some(String::new());
        resolved
    }

    /// Returns what is known of the picture to which a destination leads.
    pub(super) fn find_picture(&self, resolved: &ResolvedLink<'_>) -> Option<&'r SitePicture> {
        match &resolved.leads_to {
            LinkTarget::To(path) => self.pictures.find(path),
            _ => None,
        }
    }

    /// Resolves a destination, given as its author wrote it.
    pub(super) fn resolve_destination<'d>(&self, destination: &'d str) -> ResolvedLink<'d> {
        let (address, _) = split_query(destination);
        let leads_to = if address.is_empty() {
            LinkTarget::Here
        } else {
            match self.own_path(address) {
                None => LinkTarget::Away,
                Some(path) => match self.served(address, &path) {
                    Some(path) => LinkTarget::To(path),
                    None => LinkTarget::Nowhere(path),
                },
            }
        };
        ResolvedLink {
            written: destination,
            leads_to,
            heading: None,
        }
    }

    /// Returns the path from the site root that an address means, or `None` if it leads to another
    /// site.
    fn own_path(&self, address: &str) -> Option<String> {
        // Before the scheme is looked at: an absolute address may be of this site.
        let absolute = self.links.path_of_absolute(address);
        if absolute.is_some() {
            return absolute;
        }
        if has_scheme(address) || address.starts_with("//") {
            return None;
        }
        Some(normalise_path(&decode_path(address)))
    }

    /// Returns the folder of the file of the post.
    fn folder(&self) -> &'r str {
        let file = &self.entry.post.source.file;
        file.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Returns the key of an address in [`PartTargets`].
    fn key_of_address(&self, address: &str) -> (String, String) {
        let is_from_root = address.starts_with('/');
        let folder = if is_from_root { "" } else { self.folder() };
        (folder.to_owned(), address.to_owned())
    }

    /// Adds to the targets of a part where the links of the body lead.
    pub(super) fn add_links_to(&self, part: &mut PartTargets) {
        for link in &self.entry.post.body.links {
            let target = &*link.target;
            match link.kind {
                DestinationKind::WikiLink => {
                    let named = self.find_named_path(target);
                    part.pages
                        .extend(named.map(|named| (target.to_owned(), named)));
                }
                DestinationKind::WikiImage => {
                    let named = self.find_named_picture(target);
                    part.pictures
                        .extend(named.map(|path| (target.to_owned(), path)));
                    self.add_address_to(target, part);
                }
                DestinationKind::Link | DestinationKind::Image | DestinationKind::SpacedImage => {
                    self.add_address_to(target, part);
                }
            }
        }
    }

    /// Adds to the targets of a part where a destination leads, given as its author wrote it.
    pub(super) fn add_address_to(&self, destination: &str, part: &mut PartTargets) {
        let (address, _) = split_query(destination);
        let path = Some(address)
            .filter(|address| !address.is_empty())
            .and_then(|address| self.own_path(address));
        let served = path.and_then(|path| self.served(address, &path));
        part.served
            .extend(served.map(|path| (self.key_of_address(address), path)));
    }

    /// Returns the path of the page or file that an address means, if there is one.
    fn served(&self, address: &str, path: &str) -> Option<String> {
        match self.targets {
            LinkTargets::Site(site) => self.served_by_site(site, address, path),
            LinkTargets::Part(part) => part.served.get(&self.key_of_address(address)).cloned(),
        }
    }

    fn served_by_site(&self, site: &SiteTargets, address: &str, path: &str) -> Option<String> {
        // A relative path may name a file in the content folder, relative to the file of the post.
        if !address.starts_with('/') {
            // Zola writes `@/` for the content folder.
            let (folder, below) = match address.strip_prefix("@/") {
                Some(below) => (discover::FOLDER, below),
                None => (self.folder(), address),
            };
            let beside = normalise_path(&format!("/{folder}/{}", decode_path(below)));
            // An ambiguous file name can still be a path of the site.
            let source = site.find_source(&beside[1..], self.corpus);
            if source.is_some() {
                return source;
            }
        }
        // The author may have written the path of `base_url` too, as in `/blog/posts/a/`.
        site.served(path).or_else(|| {
            let below_base = self.links.path_of(address)?;
            site.served(&below_base)
        })
    }
}
