//! Paths of the site that do not belong to posts: its lists, the pages of terms, and the site's own
//! files.
//!
//! The plan of a site (`render`) uses these paths for its pages. Posts and terms get addresses that
//! avoid them, because a title such as "Archive" is content, and content cannot stop a build.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::Taxonomy;
use crate::fs;

/// A page with a path that does not depend on the posts. Every site has it, except for the lists of
/// authors and of series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FixedPage {
    /// All posts, newest first.
    Home,
    /// All posts, by year.
    Archive,
    /// All terms of a taxonomy.
    Terms(Taxonomy),
    /// The search page.
    Search,
    /// The page shown for addresses that do not exist.
    NotFound,
}

impl FixedPage {
    /// The pages that every site has.
    pub const ALL: [Self; 6] = [
        Self::Home,
        Self::Archive,
        Self::Terms(Taxonomy::Tags),
        Self::Terms(Taxonomy::Categories),
        Self::Search,
        Self::NotFound,
    ];

    /// Returns its path from the root of the site.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Archive => "/archive/",
            Self::Terms(Taxonomy::Tags) => "/tags/",
            Self::Terms(Taxonomy::Categories) => "/categories/",
            Self::Terms(Taxonomy::Authors) => "/authors/",
            Self::Terms(Taxonomy::Series) => "/series/",
            Self::Search => "/search/",
            Self::NotFound => "/404.html",
        }
    }
}

/// Names of the feeds that lie beside the home page and the page of each category: Atom, RSS and
/// JSON Feed.
pub const FEEDS: [&str; 3] = ["atom.xml", "rss.xml", "feed.json"];

/// Returns the path of the page of a term with this slug.
pub fn term_path(taxonomy: Taxonomy, slug: &str) -> String {
    format!("{}{slug}/", FixedPage::Terms(taxonomy).path())
}

/// Returns the path of a page, counted from 1, of the list with this path.
pub(crate) fn page_path(list: &str, number: usize) -> String {
    match number {
        1 => list.to_owned(),
        number => format!("{list}page/{number}/"),
    }
}

/// Name of the file that is served for a folder.
pub const INDEX: &str = "index.html";

/// Returns the path of the file that a path of the site is served from, relative to the output
/// folder.
pub fn file_of(path: &str) -> String {
    let mut file = path.trim_start_matches('/').to_owned();
    if file.is_empty() || file.ends_with('/') {
        file.push_str(INDEX);
    }
    file
}

/// The paths of a site that do not belong to posts.
///
/// Paths that are equal on some systems are equal here ([`fs::folded`]).
#[derive(Debug)]
pub struct OwnPaths {
    /// What each file is, as a message names it.
    files: HashMap<String, String>,
    /// The folders of these files, by their folded names, as they are spelled.
    folders: HashMap<String, String>,
    /// The site's own files in the place of the page of a term, by the folder of that page.
    in_term_pages: HashMap<String, String>,
}

impl OwnPaths {
    /// Collects the paths of a site with these files of its own: their paths, starting with `/`,
    /// and where they come from.
    pub fn new<'a>(own: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut paths = Self {
            files: HashMap::new(),
            folders: HashMap::new(),
            in_term_pages: HashMap::new(),
        };
        for page in FixedPage::ALL {
            paths.add(page.path(), format!("the page {}", page.path()));
        }
        for name in FEEDS {
            paths.add(&format!("/{name}"), format!("the feed /{name}"));
        }
        for (path, origin) in own {
            if let Some(folder) = term_folder(path) {
                paths.in_term_pages.insert(folder, origin.to_owned());
            }
            paths.add(path, origin.to_owned());
        }
        paths
    }

    fn add(&mut self, path: &str, what: String) {
        let file = file_of(path);
        for folder in fs::above(&file) {
            let folded = fs::folded(folder).into_owned();
            let known = self.folders.entry(folded);
            known.or_insert_with(|| folder.to_owned());
        }
        self.files.insert(fs::folded(&file).into_owned(), what);
    }

    /// Returns what takes the path of a post, so that the post cannot use it. `terms` returns the
    /// slugs of a taxonomy.
    pub(super) fn owner<'t>(
        &self,
        path: &str,
        terms: impl Fn(Taxonomy) -> &'t HashSet<String>,
    ) -> Option<Cow<'_, str>> {
        let file = file_of(path);
        if let Some(what) = self.files.get(&*fs::folded(&file)) {
            return Some(what.into());
        }
        if let Some(folder) = self.folders.get(&*fs::folded(&file)) {
            return Some(format!("files in `{folder}/`").into());
        }
        for folder in fs::above(&file) {
            let folded = fs::folded(folder);
            if let Some(what) = self.files.get(&*folded) {
                return Some(what.into());
            }
            let other = self.folders.get(&*folded).filter(|other| *other != folder);
            if let Some(other) = other {
                return Some(format!("files in `{other}/`").into());
            }
        }
        std::iter::once(&*file)
            .chain(fs::above(&file))
            .find_map(|file| find_list(file, &terms))
            .map(Cow::Owned)
    }

    /// Returns the folder in a path that a post may not state as part of its address, because the
    /// site has files there that come and go: pages of terms, cards, the search index, or a folder
    /// by the name of a file.
    pub(super) fn reserved_folder<'p, 't>(
        path: &'p str,
        terms: impl Fn(Taxonomy) -> &'t HashSet<String>,
    ) -> Option<&'p str> {
        let file = path.trim_start_matches('/');
        let (spelled, below) = file.split_once('/')?;
        let first = fs::folded(spelled);
        let is_list = |list: &str| {
            FixedPage::ALL
                .iter()
                .any(|page| page.path().trim_matches('/') == list)
        };
        let is_reserved = match &*first {
            "cards" | "pagefind" => true,
            // The pages of terms are known, but not all that is below them.
            first
                if Taxonomy::ALL
                    .iter()
                    .any(|taxonomy| taxonomy.folder() == first) =>
            {
                let mut all = Taxonomy::ALL.into_iter();
                let taxonomy = all.find(|taxonomy| taxonomy.folder() == first)?;
                let has_pages = taxonomy.fewest_terms() == 0 || !terms(taxonomy).is_empty();
                has_pages && !(below.is_empty() && first == spelled)
            }
            // Pages of lists are there if a list is long enough.
            first if first == "page" || is_list(first) => *fs::folded(file) != *file,
            _ => false,
        };
        if is_reserved {
            return Some(&path[..spelled.len() + 2]);
        }
        let endings = [
            "xml",
            "txt",
            "json",
            "css",
            "js",
            "svg",
            "png",
            "ico",
            "webmanifest",
        ];
        let is_file = |name: &&str| {
            name.starts_with('.')
                || *name == "_redirects"
                || name.eq_ignore_ascii_case("CNAME")
                || name.eq_ignore_ascii_case("index.html")
                || name.rsplit_once('.').is_some_and(|(_, ending)| {
                    endings
                        .iter()
                        .any(|known| known.eq_ignore_ascii_case(ending))
                })
        };
        let mut folders = fs::above(file);
        folders.find(|folder| folder.rsplit('/').next().is_some_and(|name| is_file(&name)))
    }

    /// Returns the last part of the address of a term: its slug, unless one of the site's own files
    /// is in the place of its page.
    pub fn term_slug<'s>(&self, taxonomy: Taxonomy, slug: &'s str) -> Cow<'s, str> {
        if self.in_term_page(taxonomy, slug).is_none() {
            return slug.into();
        }
        let hash = blake3::hash(slug.as_bytes()).to_hex();
        let free = (4..hash.len())
            .step_by(4)
            .map(|digits| format!("{slug}-{}", &hash[..digits]))
            .find(|slug| self.in_term_page(taxonomy, slug).is_none());
        free.map_or(slug.into(), Cow::Owned)
    }

    /// Returns the site's own file that is in the place of the page of a term with this slug.
    pub(crate) fn in_term_page(&self, taxonomy: Taxonomy, slug: &str) -> Option<&str> {
        let path = term_path(taxonomy, slug);
        let folder = fs::folded(path.trim_matches('/')).into_owned();
        let spelled = self.folders.get(&folder);
        let other = spelled.filter(|spelled| **spelled != path.trim_matches('/'));
        let inside = self.in_term_pages.get(&folder);
        inside.or(other).map(String::as_str)
    }
}

impl Default for OwnPaths {
    fn default() -> Self {
        Self::new(std::iter::empty())
    }
}

/// Returns the folder of the page of a term, folded, if one of the site's own files collides with
/// the files of that page.
fn term_folder(path: &str) -> Option<String> {
    let path = fs::folded(path.trim_start_matches('/'));
    let mut names = path.split('/');
    let taxonomy = names.next()?;
    let taxonomy = Taxonomy::ALL
        .into_iter()
        .find(|known| known.folder() == taxonomy)?;
    let slug = names.next().filter(|slug| !slug.is_empty())?;
    let is_in = match names.next() {
        // Without another name, it is a file in the place of the folder.
        None | Some("index.html" | "page" | "") => true,
        Some(name) => taxonomy.has_feeds() && FEEDS.contains(&name),
    };
    is_in.then(|| format!("{}/{slug}", taxonomy.folder()))
}

/// Returns what a file is if it belongs to the list of a term or is a later page of any list,
/// however many pages the list has today. `terms` returns the slugs of a taxonomy.
fn find_list<'t>(file: &str, terms: &impl Fn(Taxonomy) -> &'t HashSet<String>) -> Option<String> {
    let (folder, name) = file.rsplit_once('/')?;
    let name = &*fs::folded(name);
    let names: Vec<&str> = folder.split('/').collect();
    // Authors and series have no pages unless posts name them, so a post may have their paths.
    let find_taxonomy = |name: &str| {
        let mut all = Taxonomy::ALL.into_iter();
        let taxonomy = all.find(|one| one.folder() == name)?;
        (taxonomy.fewest_terms() == 0 || !terms(taxonomy).is_empty()).then_some(taxonomy)
    };
    if let [taxonomy, slug] = *names
        && let Some(taxonomy) = find_taxonomy(taxonomy)
        && taxonomy.has_feeds()
        && FEEDS.contains(&name)
        && terms(taxonomy).contains(slug)
    {
        return Some(format!("the feed /{file}"));
    }
    let is_list = name == "index.html"
        && match *names {
            ["page", number] | ["archive", "page", number] => is_number(number),
            [taxonomy, _, "page", number] => is_number(number) && find_taxonomy(taxonomy).is_some(),
            [taxonomy, slug] => {
                find_taxonomy(taxonomy).is_some_and(|taxonomy| terms(taxonomy).contains(slug))
            }
            [taxonomy] => find_taxonomy(taxonomy).is_some(),
            _ => false,
        };
    is_list.then(|| format!("the page /{folder}/"))
}

/// Returns whether a file is one of the pages that a site has without an author writing them:
/// lists, terms, the search. It need not be a page of this site, but may be one of another version
/// of it, with other posts.
pub fn is_made_page(file: &str) -> bool {
    let mut fixed = FixedPage::ALL.into_iter();
    // Whatever stands in the place of a slug counts as one.
    let slug = file.split('/').nth(1).unwrap_or_default();
    let terms = HashSet::from([slug.to_owned()]);
    fixed.any(|page| file_of(page.path()) == file) || find_list(file, &|_| &terms).is_some()
}

fn is_number(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The slugs of all terms that posts may have, by taxonomy; none of a taxonomy without pages.
pub(super) type TermSlugs = HashMap<Taxonomy, HashSet<String>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(own: &[&str], path: &str, expected: Option<&str>) {
        let own = own.iter().map(|path| (*path, *path));
        let slugs = ["rust".to_owned()].into();
        let none = HashSet::new();
        let found = OwnPaths::new(own)
            .owner(path, |taxonomy| match taxonomy {
                Taxonomy::Series => &none,
                _ => &slugs,
            })
            .map(Cow::into_owned);
        assert_eq!(found.as_deref(), expected, "{path}");
    }

    #[test]
    fn pages_of_the_site_are_not_posts() {
        for path in [
            "/",
            "/archive/",
            "/tags/",
            "/categories/",
            "/search/",
            "/404.html",
            "/tags/rust/",
            "/page/2/",
            "/archive/page/12/",
            "/tags/c/page/3/",
            "/authors/",
            "/authors/rust/",
            "/authors/c/page/3/",
        ] {
            check(&[], path, Some(&format!("the page {path}")));
        }
        check(&[], "/index.html", Some("the page /"));
        check(&[], "/tags/index.html", Some("the page /tags/"));
        check(&[], "/Tags/", Some("the page /tags/"));
        check(&[], "/atom.xml/", Some("the feed /atom.xml"));
        for path in [
            "/tags/rust/index.html",
            "/categories/rust/Index.html",
            "/tags/rust/index.html/a.html",
        ] {
            let page = &path[..path.to_lowercase().find("index").unwrap()];
            check(&[], path, Some(&format!("the page {page}")));
        }
        check(&[], "/page/2/index.html", Some("the page /page/2/"));
        let feed = "the feed /categories/rust/atom.xml";
        check(&[], "/categories/rust/atom.xml/", Some(feed));
    }

    #[test]
    fn paths_beside_the_pages_of_the_site_are_free() {
        for path in [
            "/about/",
            "/tags.html",
            "/tags/go/",
            "/tags/rust.html",
            "/tags/go/index.html",
            "/tags/rust/atom.xml/",
            "/page/",
            "/page/two/",
            "/posts/page/2/",
            "/search/tags/",
            "/index/",
            "/404/",
            "/series/",
            "/series/rust/",
            "/series/rust/page/2/",
            "/authors/go/",
        ] {
            check(&["/about/picture.png", "/logo.png"], path, None);
        }
    }

    #[test]
    fn files_of_the_site_itself_are_not_posts() {
        let own = [
            "/about/index.html",
            "/Info/a.png",
            "/x.html/b",
            "/Cafe\u{301}/c",
        ];
        check(&own, "/about/", Some("/about/index.html"));
        check(&own, "/info/", Some("files in `Info/`"));
        check(&own, "/x.html", Some("files in `x.html/`"));
        check(&own, "/caf\u{e9}/", Some("files in `Cafe\u{301}/`"));
    }

    #[test]
    fn term_whose_page_is_a_file_of_the_site_gets_another_address() {
        let own = [
            "/tags/rust/index.html",
            "/tags/go/picture.png",
            "/categories/news/atom.xml",
            "/tags/news/atom.xml",
            "/tags/file",
            "/tags/Case/a.png",
            "/tags/more/page/2/",
        ];
        let own = OwnPaths::new(own.iter().map(|path| (*path, *path)));
        for (taxonomy, slug, is_free) in [
            (Taxonomy::Tags, "rust", false),
            (Taxonomy::Categories, "rust", true),
            (Taxonomy::Tags, "go", true),
            (Taxonomy::Categories, "news", false),
            (Taxonomy::Tags, "news", true),
            (Taxonomy::Tags, "file", false),
            (Taxonomy::Tags, "case", false),
            (Taxonomy::Tags, "more", false),
        ] {
            let found = own.term_slug(taxonomy, slug);
            assert_eq!(found == slug, is_free, "{slug}");
            assert!(found.starts_with(slug) && found.len() <= slug.len() + 5);
        }
    }

    #[test]
    fn folder_is_served_from_its_index() {
        assert_eq!(file_of("/"), "index.html");
        assert_eq!(file_of("/posts/a/"), "posts/a/index.html");
        assert_eq!(file_of("/a.html"), "a.html");
    }
}
