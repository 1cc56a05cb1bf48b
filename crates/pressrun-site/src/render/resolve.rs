//! Resolves the links and pictures in a body.
//!
//! Within the site, an author may write a destination in three ways: as a path from the root of the
//! site (`/posts/a/`), as a path to a file in the content folder (`other.md`, `picture.png`, as
//! editors complete it), or as an absolute address below `base_url`. A destination that leads to no
//! page or file of the plan is reported.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use pressrun_markdown::{BodyLink, DestinationKind};
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::SiteRenderer;
use super::head::LinkedPlace;
use super::links::{SiteLinks, decode_path, has_scheme, normalise_path};
use super::pages::redirect::target_place;
use super::pages::{PageKind, RenderJob};
use super::pictures::{SitePicture, SitePictures};
use super::theme::media_path;
use super::wiki_links::{NamedPage, WikiIndex, split_heading};
use crate::corpus::own_paths::file_of;
use crate::corpus::{Corpus, CorpusPost, TextId};
use crate::discover;
use crate::discover::SourceFile;

/// What links can lead to.
#[derive(Debug)]
pub(super) struct LinkTargets {
    /// Index of the job that writes each file, by its [place](RenderJob::place).
    files: HashMap<Arc<str>, usize>,
    /// The places of `files` whose names are not composed (NFC), by their composed names.
    composed: HashMap<String, Arc<str>>,
    /// What each file of the content folder became, by its composed name.
    sources: HashMap<Arc<str>, SourceResult>,
    /// The paths to which pages at former addresses lead, by the places of these pages.
    moved: HashMap<Arc<str>, String>,
    /// The names of pages and pictures, if a wiki link was resolved.
    names: OnceLock<WikiIndex>,
    pictures: SitePictures,
    /// In a part of a site, where the links of its texts lead, instead of all above.
    of_part: Option<PartTargets>,
}

/// Where the links of some texts lead.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct PartTargets {
    /// The path that is served at an address, for texts in a folder. An address from the root of the
    /// site has no folder.
    served: BTreeMap<(String, String), String>,
    /// The page that a wiki link names, and the fragment of the heading.
    pages: BTreeMap<String, (String, String)>,
    /// The path of the picture that a wiki link names.
    pictures: BTreeMap<String, String>,
}

/// What a file of the content folder became.
#[derive(Debug)]
enum SourceResult {
    /// Exactly one text: a post, a page, or the text of a list, which leads to the list.
    Text(TextId),
    /// Several posts, so a link to the file is ambiguous.
    Posts,
    /// A file that is published unchanged, at this path of the content folder.
    Media(Arc<str>),
}

impl LinkTargets {
    pub(super) fn new(
        jobs: &[RenderJob],
        files: HashMap<Arc<str>, usize>,
        corpus: &Corpus,
        media: &[SourceFile],
        pictures: SitePictures,
    ) -> Self {
        let mut sources: HashMap<Arc<str>, SourceResult> =
            HashMap::with_capacity(corpus.posts.len() + media.len());
        for (id, entry) in corpus.texts() {
            sources
                .entry(compose_file_name(&entry.post.source.file))
                // Runs for the second post of a file and every later one.
                .and_modify(|source| *source = SourceResult::Posts)
                .or_insert(SourceResult::Text(id));
        }
        for file in media {
            let media = SourceResult::Media(Arc::clone(&file.path));
            sources.insert(compose_file_name(&file.path), media);
        }
        let composed = files.keys().filter(|file| !is_nfc(file));
        let composed = composed.map(|file| (file.nfc().collect(), Arc::clone(file)));
        Self {
            composed: composed.collect(),
            files,
            sources,
            moved: list_moved_pages(jobs, corpus),
            names: OnceLock::new(),
            pictures,
            of_part: None,
        }
    }

    /// Returns the targets of a part of a site, which has these pictures.
    pub(super) fn for_part(targets: PartTargets, pictures: SitePictures) -> Self {
        Self {
            files: HashMap::new(),
            composed: HashMap::new(),
            sources: HashMap::new(),
            moved: HashMap::new(),
            names: OnceLock::new(),
            pictures,
            of_part: Some(targets),
        }
    }

    /// Returns the pictures of the site.
    pub(super) fn pictures(&self) -> &SitePictures {
        &self.pictures
    }

    /// Returns the names of pages and pictures.
    pub(super) fn names(&self, corpus: &Corpus) -> &WikiIndex {
        self.names.get_or_init(|| {
            let files = self.files.keys().filter(|file| !file.ends_with(".html"));
            let files = files.map(|file| String::from(&**file));
            WikiIndex::new(corpus, files.collect())
        })
    }

    /// Returns the index of the job that makes what is served at a path.
    pub(super) fn job_at(&self, path: &str) -> Option<usize> {
        self.files.get(&*place_of(path)).copied()
    }

    /// Returns the path as it is served, or `None` if nothing is there. The path of a folder gets
    /// its missing `/`. Names are compared in their composed form (NFC): macOS writes `é` as two
    /// characters in the names of files. A former address of a page is that of the page.
    pub(super) fn served(&self, path: &str) -> Option<String> {
        if self.job_at(path).is_some() {
            let moved = self.moved.get(&*place_of(path));
            return Some(moved.map_or(path, String::as_str).to_owned());
        }
        let composed = compose_name(path);
        let place = format!("/{}", composed.strip_prefix('/').unwrap_or(&composed));
        if let Some(file) = self.composed.get(&place) {
            return Some(file.to_string());
        }
        if matches!(composed, Cow::Owned(_)) {
            // Its file is not in `composed`, so its name is composed.
            return self.served(&composed);
        }
        if path.ends_with('/') {
            return None;
        }
        self.served(&format!("{path}/"))
    }
}

/// Returns the paths to which pages at former addresses lead, by the places of these pages.
fn list_moved_pages(jobs: &[RenderJob], corpus: &Corpus) -> HashMap<Arc<str>, String> {
    let moved = jobs.iter().filter_map(|job| {
        let PageKind::Redirect(at) = job.page else {
            return None;
        };
        match target_place(&corpus.redirects[at].to, corpus) {
            LinkedPlace::Path(path) => Some((Arc::clone(job.place()), path.to_owned())),
            LinkedPlace::Address(_) => None,
        }
    });
    moved.collect()
}

/// Returns the [place](RenderJob::place) of the file that is served at a path.
fn place_of(path: &str) -> String {
    format!("/{}", file_of(path))
}

/// Returns a name in its composed form.
fn compose_name(name: &str) -> Cow<'_, str> {
    if is_nfc(name) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.nfc().collect())
    }
}

/// Returns the name of a file in its composed form, which nearly every name has already.
fn compose_file_name(name: &Arc<str>) -> Arc<str> {
    match compose_name(name) {
        Cow::Borrowed(_) => Arc::clone(name),
        Cow::Owned(composed) => composed.into(),
    }
}

/// Resolves the destinations in the body of one post.
#[derive(Clone, Copy)]
pub(super) struct PostResolver<'r> {
    corpus: &'r Corpus,
    links: &'r SiteLinks,
    targets: &'r LinkTargets,
    entry: &'r CorpusPost,
}

impl SiteRenderer {
    /// Returns the resolver for the body of a post.
    pub(super) fn resolver<'r>(&'r self, entry: &'r CorpusPost) -> PostResolver<'r> {
        PostResolver {
            corpus: &self.corpus,
            links: &self.frame.links,
            targets: &self.targets,
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

/// Splits a destination before its query or fragment.
fn split_query(destination: &str) -> (&str, &str) {
    let end = destination.find(['?', '#']).unwrap_or(destination.len());
    destination.split_at(end)
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
        if let Some(part) = &self.targets.of_part {
            return part.pages.get(target).cloned();
        }
        let (page, heading) = self.find_named_page(target)?;
        Some((page.path.clone(), heading))
    }

    /// Returns the path of the picture that a wiki link names.
    fn find_named_picture(&self, name: &str) -> Option<String> {
        if let Some(part) = &self.targets.of_part {
            return part.pictures.get(name).cloned();
        }
        let names = self.targets.names(self.corpus);
        names.find_picture(name).map(str::to_owned)
    }

    /// Returns the page that a wiki link names, and the fragment of the heading.
    pub(super) fn find_named_page(&self, target: &str) -> Option<(&'r NamedPage, String)> {
        let names = self.targets.names(self.corpus);
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
            LinkTarget::To(path) => self.targets.pictures.find(path),
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
        let targets = self.targets;
        if let Some(part) = &targets.of_part {
            return part.served.get(&self.key_of_address(address)).cloned();
        }
        // A relative path may name a file in the content folder, relative to the file of the post.
        if !address.starts_with('/') {
            let folder = self.folder();
            // Zola writes `@/` for the content folder.
            let (folder, below) = match address.strip_prefix("@/") {
                Some(below) => (discover::FOLDER, below),
                None => (folder, address),
            };
            let beside = normalise_path(&format!("/{folder}/{}", decode_path(below)));
            match targets.sources.get(&*compose_name(&beside[1..])) {
                Some(SourceResult::Text(id)) => {
                    return Some(self.corpus.text(*id).path.clone());
                }
                Some(SourceResult::Media(file)) => return Some(media_path(file)),
                // An ambiguous file name can still be a path of the site.
                Some(SourceResult::Posts) | None => {}
            }
        }
        // The author may have written the path of `base_url` too, as in `/blog/posts/a/`.
        targets.served(path).or_else(|| {
            let below_base = self.links.path_of(address)?;
            targets.served(&below_base)
        })
    }
}
