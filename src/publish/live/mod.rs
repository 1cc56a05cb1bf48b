//! Compares the site with the one that is live on its branch, so that no address dies unnoticed.
//!
//! Before the build, [`LiveBranch`] reads from the branch what the new site must keep: redirects,
//! and the ids in feeds. After the build, [`LiveBranch::compare_with`] finds the pages that are
//! gone and looks for their posts at other addresses. The branch is the only memory, so this works
//! from any clone. Everything is read from git's objects, and of pages only those that are gone, or
//! small enough for a redirect.
//!
//! Not here: writing redirects (`pressrun-site`), and whether the branch may be replaced at all
//! (`branch`).

mod built;
mod feeds;
mod gone;
mod moves;
mod page;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use pressrun_site::config::{BaseUrl, Config};
use pressrun_site::corpus::own_paths::{FEEDS, file_of, is_made_page};
use pressrun_site::corpus::{KeptAddresses, Taxonomy};
use pressrun_site::git::{GitResult, Repository};
use pressrun_site::render::links::{
    SiteLinks, decode_path, has_scheme, normalise_path, split_query,
};
use rayon::prelude::*;

use super::branch::Entries;
use super::files::PublishedFile;
use built::BuiltSite;
use feeds::{PublishedEntry, read_entries};
use moves::ComparedPage;
use page::{ArticleProfile, find_canonical, find_refresh};

pub(super) use gone::{AbsentPosts, report_gone_pages};

/// The most bytes of a page that only redirects. Most posts are larger.
const MOST_OF_REDIRECT: u64 = 4 << 10;

/// The most bytes of a page or a feed that are read.
const MOST_OF_PAGE: u64 = 8 << 20;

/// The most redirects that are followed from one address.
const MOST_STEPS: usize = 64;

/// A page that has another address now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedPage {
    /// The address that it had, as a path from the root of the site.
    pub from: String,
    /// The address that it has.
    pub to: String,
}

/// The site on the branch.
pub(super) struct LiveBranch<'a> {
    repository: &'a Repository,
    entries: &'a Entries,
    /// Makes addresses of the new site.
    links: SiteLinks,
    /// How addresses on the live site are read: by its own address, then by the configured one.
    read_by: Vec<SiteLinks>,
    /// The redirects of the live site, from path to path or address.
    redirects: BTreeMap<String, String>,
    /// The entries of its feeds whose ids may be kept.
    published: Vec<PublishedPost>,
    /// The pages of terms, if the language of the site spells their letters out.
    term_pages: BTreeSet<String>,
}

/// A post as readers of a feed know it.
struct PublishedPost {
    /// The name of the feed's file.
    feed: String,
    /// The path of the post's page.
    path: String,
    entry: PublishedEntry,
}

/// How the new site differs from the live one.
pub(super) struct LiveComparison {
    /// The pages that have another address now, by their former ones.
    pub(super) moved: Vec<MovedPage>,
    /// What the new site must keep.
    pub(super) site: KeptAddresses,
}

impl<'a> LiveBranch<'a> {
    /// Reads the redirects and feeds of a branch with these entries.
    pub(super) fn read(
        repository: &'a Repository,
        entries: &'a Entries,
        root: &Path,
        config: &Config,
    ) -> GitResult<Self> {
        let mut live = Self {
            repository,
            entries,
            links: SiteLinks::new(config.base_url.clone(), None),
            read_by: vec![SiteLinks::new(config.base_url.clone(), None)],
            redirects: BTreeMap::new(),
            published: Vec::new(),
            term_pages: BTreeSet::new(),
        };
        if config.slug_spelling().without_language().is_some() {
            live.term_pages = list_term_pages(entries);
        }
        live.learn_address()?;
        live.read_redirects()?;
        live.read_feeds(root)?;
        Ok(live)
    }

    /// Returns the redirects of the live site, from path to path or address.
    pub(super) fn redirects(&self) -> &BTreeMap<String, String> {
        &self.redirects
    }

    /// Returns what the new site must keep as far as it is known before the build.
    pub(super) fn known_site(&self) -> KeptAddresses {
        let places = self.published.iter().map(|post| (post, &*post.path));
        KeptAddresses {
            redirects: self.redirects.clone(),
            feed_ids: self.collect_ids(places),
            term_pages: self.term_pages.clone(),
        }
    }

    /// Learns the address of the live site from its home page: it may differ from the configured
    /// one, if the site moves to another domain. What is read was written for that address.
    fn learn_address(&mut self) -> GitResult<()> {
        let home = self.entries.get(&b"index.html"[..]);
        let Some((_, object)) = home else {
            return Ok(());
        };
        let mut address = None;
        self.read_pages(&[object], MOST_OF_PAGE, |_, html| {
            address = find_canonical(&html);
        })?;
        let address = address.and_then(|address| BaseUrl::parse(&address).ok());
        if let Some(address) = address.filter(|address| address != self.links.base()) {
            self.read_by.insert(0, SiteLinks::new(address, None));
        }
        Ok(())
    }

    fn read_redirects(&mut self) -> GitResult<()> {
        let pages = list_pages(self.entries);
        let objects: Vec<&str> = pages.iter().map(|(_, object)| *object).collect();
        let mut redirects = BTreeMap::new();
        self.read_pages(&objects, MOST_OF_REDIRECT, |at, html| {
            let path = &pages[at].0;
            if let Some(target) = find_refresh(&html)
                && let Some(target) = self.resolve_address(path, &target)
                && target != *path
            {
                redirects.insert(path.clone(), target);
            }
        })?;
        self.redirects = redirects;
        Ok(())
    }

    fn read_feeds(&mut self, root: &Path) -> GitResult<()> {
        let is_feed = |path: &&[u8]| FEEDS.iter().any(|name| is_named(path, name));
        let entries = self.entries.iter();
        let feeds: Vec<(&[u8], &str)> = entries
            .map(|(path, (_, object))| (path.as_slice(), object.as_str()))
            .filter(|(path, _)| is_feed(path))
            .collect();
        let objects: Vec<&str> = feeds.iter().map(|(_, object)| *object).collect();
        let mut read = Vec::new();
        self.read_pages(&objects, MOST_OF_PAGE, |at, text| {
            let feed = FEEDS.iter().find(|name| is_named(feeds[at].0, name));
            let feed = (*feed.unwrap_or(&"")).to_owned();
            read.extend(
                read_entries(&text)
                    .into_iter()
                    .map(|entry| (feed.clone(), entry)),
            );
        })?;
        // Templates of one's own may make an id of the one that they are given. Made again of what
        // is kept, it would grow with every publication.
        let own: Vec<&str> = FEEDS
            .into_iter()
            .filter(|name| root.join("templates").join(name).exists())
            .collect();
        let mut published = Vec::new();
        let mut seen = HashSet::new();
        for (feed, entry) in read {
            let Some(path) = self.page_of_address(&entry.link) else {
                continue;
            };
            let of_redirect = |id: &str| {
                let page = self.page_of_address(id);
                page.is_some_and(|page| self.redirects.contains_key(&page))
            };
            let is_kept = !own.contains(&&*feed) || of_redirect(&entry.id);
            if is_kept && seen.insert((feed.clone(), path.clone())) {
                published.push(PublishedPost { feed, path, entry });
            }
        }
        self.published = published;
        Ok(())
    }

    /// Reads pages with these objects, the text of each by its index.
    fn read_pages(
        &self,
        objects: &[impl AsRef<str>],
        most: u64,
        mut take: impl FnMut(usize, String),
    ) -> GitResult<()> {
        let names: Vec<&str> = objects.iter().map(AsRef::as_ref).collect();
        self.repository.read_blobs(&names, most, |group| {
            for (at, bytes) in group {
                take(at, String::from_utf8_lossy(&bytes).into_owned());
            }
        })
    }

    /// Returns what an address on a page of the live site leads to: a path of the site, or the
    /// address itself if it is one of another site.
    fn resolve_address(&self, page: &str, address: &str) -> Option<String> {
        let (path, _) = split_query(address);
        if path.is_empty() || path.starts_with("//") {
            return None;
        }
        if path.starts_with('/') {
            return self.find_first_page(|links| links.path_of(path));
        }
        if has_scheme(path) {
            let is_web = path.starts_with("https://") || path.starts_with("http://");
            let of_site = self.page_of_address(path);
            return of_site.or_else(|| is_web.then(|| address.to_owned()));
        }
        let folder = &page[..page.rfind('/').map_or(0, |at| at + 1)];
        Some(self.find_page(&normalise_path(&format!("{folder}{}", decode_path(path)))))
    }

    /// Returns the path of the page at an absolute address of the live site.
    fn page_of_address(&self, address: &str) -> Option<String> {
        self.find_first_page(|links| links.path_of_absolute(address))
    }

    /// Returns the path of the page that an address means. If it can be read in two ways, the first
    /// one that leads to a page counts.
    fn find_first_page(&self, read: impl Fn(&SiteLinks) -> Option<String>) -> Option<String> {
        let paths = self.read_by.iter().filter_map(read);
        let pages: Vec<String> = paths.map(|path| self.find_page(&path)).collect();
        let mut there = pages.iter();
        let there = there.find(|page| self.entries.contains_key(file_of(page).as_bytes()));
        there.or(pages.first()).cloned()
    }

    /// Returns the path of the page that the host serves at a path of the live site, or the path
    /// itself if there is none any more.
    fn find_page(&self, path: &str) -> String {
        let file = file_of(path);
        let forms = [format!("{file}/index.html"), format!("{file}.html")];
        let mut files = std::iter::once(&file).chain(&forms);
        let found = files.find(|file| self.entries.contains_key(file.as_bytes()));
        page_path(found.unwrap_or(&file))
    }

    /// Returns the ids that are not the addresses of their posts, which are at these places now.
    fn collect_ids<'p>(
        &self,
        posts: impl Iterator<Item = (&'p PublishedPost, &'p str)>,
    ) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut ids: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (post, path) in posts {
            if post.entry.id != self.links.absolute(path) {
                let of_feed = ids.entry(post.feed.clone()).or_default();
                of_feed.insert(path.to_owned(), post.entry.id.clone());
            }
        }
        ids
    }
}

/// Returns the pages of a branch that readers can see, with their paths and objects. Pages that
/// pressrun makes by itself, such as lists, are left out.
fn list_pages(entries: &Entries) -> Vec<(String, &str)> {
    // Without this file, GitHub Pages runs Jekyll, which publishes no hidden folders.
    let is_plain = entries.contains_key(&b".nojekyll"[..]);
    let pages = entries.iter().filter_map(|(path, (mode, object))| {
        let path = std::str::from_utf8(path).ok()?;
        let is_page = mode.starts_with("100") && path.ends_with(".html");
        let is_hidden = |name: &str| name.starts_with(['_', '.']);
        let is_seen = is_page
            && (is_plain || !path.split('/').any(is_hidden))
            && !path.contains(|c: char| c.is_control())
            && !is_made_page(path);
        is_seen.then(|| (page_path(path), object.as_str()))
    });
    pages.collect()
}

/// Returns the paths of the pages of terms on a branch.
fn list_term_pages(entries: &Entries) -> BTreeSet<String> {
    let paths = entries.keys().filter_map(|path| {
        let path = std::str::from_utf8(path).ok()?;
        let (folder, _) = path.strip_suffix("/index.html")?.split_once('/')?;
        let is_term = Taxonomy::ALL
            .iter()
            .any(|taxonomy| taxonomy.folder() == folder);
        is_term.then(|| page_path(path))
    });
    paths.collect()
}

/// Returns whether a path ends in a file of this name.
fn is_named(path: &[u8], name: &str) -> bool {
    let start = path.strip_suffix(name.as_bytes());
    start.is_some_and(|start| start.is_empty() || start.ends_with(b"/"))
}

/// Returns the path of a page from the root of the site, given its file.
fn page_path(file: &str) -> String {
    let path = match file.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
        _ => file,
    };
    format!("/{path}")
}

impl LiveBranch<'_> {
    /// Finds the pages of a built site that have moved, and what the site must keep therefore.
    /// `known` is what it keeps already.
    pub(super) fn compare_with(
        &self,
        built: &[(&PublishedFile, &str)],
        known: &KeptAddresses,
    ) -> GitResult<LiveComparison> {
        let site = BuiltSite::new(self, built);
        let gone = self.profile_pages(|path, _| {
            !self.redirects.contains_key(path) && !site.files.contains_key(&*file_of(path))
        })?;
        let paths_gone: Vec<String> = gone.iter().map(|page| page.path.clone()).collect();
        let mut moved = site.find_moved(self, gone)?;
        let known_moves: HashSet<String> = moved.iter().map(|page| page.from.clone()).collect();
        // Other generators have further pages of lists that pressrun does not have.
        moved.extend(paths_gone.into_iter().filter_map(|from| {
            let to = site.find_list_of(self, &from)?;
            (!known_moves.contains(&from)).then_some(MovedPage { from, to })
        }));
        moved.sort_by(|a, b| a.from.cmp(&b.from));
        let mut keeps = known.clone();
        let paths: BTreeMap<&str, &str> =
            moved.iter().map(|page| (&*page.from, &*page.to)).collect();
        for page in &moved {
            keeps.redirects.insert(page.from.clone(), page.to.clone());
        }
        // A page that takes the place of a redirect is where the way to it ends.
        for page in &moved {
            keeps.redirects.remove(&page.to);
        }
        shorten_chains(&mut keeps.redirects);
        let places = site.locate_published(self, &paths)?;
        let places = self.published.iter().zip(&places);
        keeps.feed_ids =
            self.collect_ids(places.filter_map(|(post, place)| Some((post, place.as_deref()?))));
        Ok(LiveComparison { moved, site: keeps })
    }

    /// Reads the live pages that `is_wanted`, given their paths and objects.
    fn profile_pages(
        &self,
        is_wanted: impl Fn(&str, &str) -> bool,
    ) -> GitResult<Vec<ComparedPage>> {
        let mut pages = list_pages(self.entries);
        pages.retain(|(path, object)| is_wanted(path, object));
        let objects: Vec<&str> = pages.iter().map(|(_, object)| *object).collect();
        let mut profiles = Vec::with_capacity(pages.len());
        self.repository
            .read_blobs(&objects, MOST_OF_PAGE, |group| {
                let group = group.into_par_iter().map(|(at, bytes)| ComparedPage {
                    path: pages[at].0.clone(),
                    article: ArticleProfile::of_page(&String::from_utf8_lossy(&bytes)),
                });
                profiles.par_extend(group);
            })?;
        Ok(profiles)
    }
}

/// Makes each redirect lead to the end of its chain. One that leads in a circle stays as it is.
fn shorten_chains(redirects: &mut BTreeMap<String, String>) {
    let old = redirects.clone();
    for (from, to) in redirects {
        let mut end = &old[from];
        for _ in 0..MOST_STEPS {
            let Some(next) = old.get(end) else {
                end.clone_into(to);
                break;
            };
            end = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_of_redirects_is_shortened_and_a_circle_left_alone() {
        let pairs = [
            ("/a/", "/b/"),
            ("/b/", "/c/"),
            ("/x/", "/y/"),
            ("/y/", "/x/"),
            ("/z/", "/x/"),
        ];
        let mut redirects: BTreeMap<String, String> = pairs
            .iter()
            .map(|&(from, to)| (from.to_owned(), to.to_owned()))
            .collect();
        shorten_chains(&mut redirects);
        assert_eq!(redirects["/a/"], "/c/");
        assert_eq!(redirects["/b/"], "/c/");
        assert_eq!(redirects["/x/"], "/y/");
        assert_eq!(redirects["/z/"], "/x/");
    }

    #[test]
    fn page_is_named_by_its_folder() {
        for (file, path) in [
            ("index.html", "/"),
            ("a/index.html", "/a/"),
            ("a.html", "/a.html"),
            ("a/myindex.html", "/a/myindex.html"),
        ] {
            assert_eq!(page_path(file), path);
            assert_eq!(file_of(path), file);
        }
    }
}
