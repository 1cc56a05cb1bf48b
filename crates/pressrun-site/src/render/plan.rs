//! Lists the files that a site consists of. Every path is known before the first file is rendered.
//!
//! Two files that want the same path, or a file where another needs a folder, are reported; neither
//! overwrites the other.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};

use super::feed;
use super::links::SiteLinks;
use super::sitemap::SitemapParts;
use super::theme::{AssetContent, SiteAsset, SiteAssets};
use crate::config::Config;
use crate::corpus::own_paths::{FixedPage, file_of, page_path, term_path};
use crate::corpus::{Corpus, PostId, Taxonomy, TermId};
use crate::fs::folded;

/// Posts on one page of the archive, which shows one line for each.
pub(super) const ARCHIVE_PER_PAGE: usize = 500;

/// One file of the site.
#[derive(Debug)]
pub struct RenderJob {
    /// Path of the page or file from the site root, starting with `/`.
    pub path: String,
    /// Path of the file, relative to the output folder.
    pub file: Arc<str>,
    /// What the file contains.
    pub page: PageKind,
}

impl RenderJob {
    pub(super) fn new(path: String, page: PageKind) -> Self {
        let file = file_of(&path).into();
        Self { path, file, page }
    }
}

/// Every file of a site.
#[derive(Debug)]
pub(super) struct SitePlan {
    pub(super) jobs: Vec<RenderJob>,
    /// Index in `jobs` of each file.
    pub(super) by_file: HashMap<Arc<str>, usize>,
    pub(super) sitemap: SitemapParts,
}

/// What a file of the site contains.
#[derive(Debug)]
pub enum PageKind {
    /// One post.
    Post(PostId),
    /// One page of a list of posts, counted from 1.
    List(PostList, usize),
    /// The list of all terms of a taxonomy.
    Terms(Taxonomy),
    /// The search page.
    Search,
    /// The page shown for addresses that do not exist.
    NotFound,
    /// A feed of a list.
    Feed(PostList, feed::FeedFormat),
    /// A part of the sitemap, counted from 0.
    Sitemap(usize),
    /// The index over the parts of the sitemap.
    SitemapIndex,
    /// `robots.txt`
    Robots,
    /// A file that is not rendered, and where it comes from.
    File(AssetContent, String),
}

/// A list of posts, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PostList {
    /// All posts, on the home page.
    Home,
    /// All posts, by year.
    Archive,
    /// The posts of a term.
    Term(Taxonomy, TermId),
}

impl PostList {
    /// Returns the path of its first page.
    pub(super) fn path(self, corpus: &Corpus) -> String {
        match self {
            Self::Home => FixedPage::Home.path().to_owned(),
            Self::Archive => FixedPage::Archive.path().to_owned(),
            Self::Term(taxonomy, id) => {
                term_path(taxonomy, &corpus.terms(taxonomy)[id as usize].slug)
            }
        }
    }

    /// Returns the path of one of its pages, counted from 1.
    pub(super) fn page_path(self, corpus: &Corpus, number: usize) -> String {
        page_path(&self.path(corpus), number)
    }

    /// Returns the number of its posts.
    pub(super) fn len(self, corpus: &Corpus) -> usize {
        match self {
            Self::Home | Self::Archive => corpus.posts.len(),
            Self::Term(taxonomy, id) => corpus.terms(taxonomy)[id as usize].posts.len(),
        }
    }

    /// Returns its posts at these positions; position 0 is the newest.
    pub(super) fn posts(self, corpus: &Corpus, range: std::ops::Range<usize>) -> Vec<PostId> {
        match self {
            Self::Home | Self::Archive => range.map(|at| at as PostId).collect(),
            Self::Term(taxonomy, id) => corpus.terms(taxonomy)[id as usize].posts[range].to_vec(),
        }
    }

    /// Returns the number of posts on one of its pages.
    pub(super) fn per_page(self, config: &Config) -> usize {
        match self {
            Self::Archive => ARCHIVE_PER_PAGE,
            Self::Home | Self::Term(..) => config.lists.per_page,
        }
    }

    /// Returns the posts on one of its pages, counted from 1.
    pub(super) fn on_page(self, number: usize, corpus: &Corpus, config: &Config) -> Vec<PostId> {
        let per_page = self.per_page(config);
        let end = (number * per_page).min(self.len(corpus));
        self.posts(corpus, (number - 1) * per_page..end)
    }

    /// Returns the number of its pages, at least 1.
    pub(super) fn pages(self, corpus: &Corpus, config: &Config) -> usize {
        self.len(corpus).div_ceil(self.per_page(config)).max(1)
    }
}

/// Returns every list of a site.
fn list_post_lists(corpus: &Corpus) -> Vec<PostList> {
    let terms = Taxonomy::ALL.into_iter().flat_map(|taxonomy| {
        let count = corpus.terms(taxonomy).len() as TermId;
        (0..count).map(move |id| PostList::Term(taxonomy, id))
    });
    [PostList::Home, PostList::Archive]
        .into_iter()
        .chain(terms)
        .collect()
}

/// Lists every file of the site.
///
/// # Errors
///
/// Returns an error for each two files that want the same path.
pub(super) fn plan_site(
    corpus: &Corpus,
    config: &Config,
    links: &SiteLinks,
    assets: SiteAssets,
) -> Result<SitePlan, Vec<Diagnostic>> {
    let mut jobs: Vec<RenderJob> = Vec::with_capacity(corpus.posts.len() * 2);
    let mut add = |path: String, page| jobs.push(RenderJob::new(path, page));
    for (id, entry) in corpus.posts.iter().enumerate() {
        add(entry.path.clone(), PageKind::Post(id as PostId));
    }
    for list in list_post_lists(corpus) {
        for number in 1..=list.pages(corpus, config) {
            add(list.page_path(corpus, number), PageKind::List(list, number));
        }
    }
    for taxonomy in Taxonomy::ALL {
        add(
            FixedPage::Terms(taxonomy).path().to_owned(),
            PageKind::Terms(taxonomy),
        );
    }
    let searched = config.search.extent(corpus.posts.len()).is_some();
    if searched {
        add(FixedPage::Search.path().to_owned(), PageKind::Search);
    }
    add(FixedPage::NotFound.path().to_owned(), PageKind::NotFound);
    for (list, format) in feed::list_feeds(corpus) {
        add(
            feed::feed_path(list, format, corpus),
            PageKind::Feed(list, format),
        );
    }
    // A file that the site provides replaces the one that pressrun would write for the host.
    let is_own = |path: &str| assets.own.iter().any(|asset| asset.path == path);
    if !is_own("/robots.txt") {
        add("/robots.txt".to_owned(), PageKind::Robots);
    }
    let mut hosting = hosting_assets(config);
    hosting.retain(|asset| !is_own(&asset.path));
    let [style, script, search, icon] = assets.theme;
    let theme = [style, script, icon].into_iter();
    let own = assets.own.into_iter().chain(theme).chain(assets.generated);
    let own = own.chain(searched.then_some(search));
    for asset in own.chain(hosting) {
        add(asset.path, PageKind::File(asset.content, asset.origin));
    }
    let sitemap = SitemapParts::new(&jobs, corpus, config, links);
    jobs.extend(sitemap.jobs());
    match index_by_file(&jobs, corpus) {
        (by_file, conflicts) if conflicts.is_empty() => Ok(SitePlan {
            jobs,
            by_file,
            sitemap,
        }),
        (_, conflicts) => Err(conflicts),
    }
}

/// Returns the files that GitHub Pages looks for.
fn hosting_assets(config: &Config) -> Vec<SiteAsset> {
    let file = |path: &str, bytes: Vec<u8>| SiteAsset {
        path: path.to_owned(),
        origin: "pressrun".to_owned(),
        content: AssetContent::Bytes(bytes),
    };
    let cname = config.deploy.cname.as_ref();
    std::iter::once(file("/.nojekyll", Vec::new()))
        .chain(cname.map(|name| file("/CNAME", format!("{name}\n").into_bytes())))
        .collect()
}

/// Returns the index of each file, and an error for every file that wants the path of an earlier
/// file or of its folder.
///
/// Paths that differ only in case or in Unicode normalisation count as equal, because some file
/// systems treat them as one.
fn index_by_file(
    jobs: &[RenderJob],
    corpus: &Corpus,
) -> (HashMap<Arc<str>, usize>, Vec<Diagnostic>) {
    let mut by_file: HashMap<Arc<str>, usize> = HashMap::with_capacity(jobs.len());
    let mut owners: HashMap<Cow<'_, str>, usize> = HashMap::with_capacity(jobs.len());
    let mut folders: HashMap<Cow<'_, str>, usize> = HashMap::with_capacity(jobs.len());
    let mut found = Vec::new();
    for (at, job) in jobs.iter().enumerate() {
        if let Some(&owner) = owners.get(&folded(&job.file)) {
            found.push(report_path_conflict(job, &jobs[owner], corpus));
            continue;
        }
        owners.insert(folded(&job.file), at);
        by_file.insert(Arc::clone(&job.file), at);
        found.extend(enter_folders(at, jobs, &mut folders, corpus));
    }
    // A file must not have the path of a folder either, whichever comes first.
    for job in jobs {
        let other = folders.get(&folded(&job.file)).map(|&other| &jobs[other]);
        found.extend(other.map(|other| report_path_conflict(job, other, corpus)));
    }
    (by_file, found)
}

/// Records the folders of a job, each with the first job in it. Returns an error if an earlier job
/// spells one of them differently.
fn enter_folders<'j>(
    at: usize,
    jobs: &'j [RenderJob],
    folders: &mut HashMap<Cow<'j, str>, usize>,
    corpus: &Corpus,
) -> Option<Diagnostic> {
    let mut folder = &*jobs[at].file;
    while let Some((parent, _)) = folder.rsplit_once('/') {
        let Some(&first) = folders.get(&folded(parent)) else {
            folders.insert(folded(parent), at);
            folder = parent;
            continue;
        };
        let first = &jobs[first];
        // The parents of a known folder are known too, so the walk ends here.
        return (!first.file.starts_with(parent))
            .then(|| report_path_conflict(&jobs[at], first, corpus));
    }
    None
}

/// Returns the source of a job, for diagnostics.
pub(super) fn place_of_job(job: &RenderJob, corpus: &Corpus) -> FilePlace {
    match &job.page {
        PageKind::Post(id) => {
            let source = &corpus.posts[*id as usize].post.source;
            FilePlace::line(source.file.clone(), source.line)
        }
        PageKind::File(_, origin) => FilePlace::file(origin.as_str()),
        _ => FilePlace::file(Arc::clone(&job.file)),
    }
}

fn report_path_conflict(job: &RenderJob, other: &RenderJob, corpus: &Corpus) -> Diagnostic {
    let place = place_of_job(job, corpus);
    let both = format!(
        "{} and {}",
        describe_job(job, corpus),
        describe_job(other, corpus)
    );
    // The same path, or one that the other needs as a folder.
    let is_same = job.file == other.file || other.file.starts_with(&format!("{}/", job.file));
    let message = if is_same {
        format!("{both} need the same path, `{}`", job.file)
    } else {
        let (file, other) = (&job.file, &other.file);
        format!("{both} need `{file}` and `{other}`, which are the same path on Windows and macOS")
    };
    Diagnostic::new(Code::PathConflict, place, message).with_help(
        "change the slug of the post, `permalink` in `[content]`, or the name of the file",
    )
}

/// Names a job in the words of a message.
pub(super) fn describe_job(job: &RenderJob, corpus: &Corpus) -> String {
    match &job.page {
        PageKind::Post(id) => {
            let post = &corpus.posts[*id as usize].post;
            format!("the post `{}` in {}", post.title, post.source.file)
        }
        PageKind::File(_, origin) => format!("the file {origin}"),
        _ => format!("the page {}", job.path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(paths: &[&str], expected: &[&str]) {
        let jobs: Vec<RenderJob> = paths
            .iter()
            .map(|path| {
                let page = PageKind::File(AssetContent::Bytes(Vec::new()), format!("static{path}"));
                RenderJob::new((*path).to_owned(), page)
            })
            .collect();
        let (_, found) = index_by_file(&jobs, &Corpus::default());
        let found: Vec<String> = found.into_iter().map(|conflict| conflict.message).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn two_files_with_one_path_are_a_conflict() {
        check(
            &["/a/", "/b/", "/a/index.html"],
            &[
                "the file static/a/index.html and the file static/a/ need the same path, \
               `a/index.html`",
            ],
        );
    }

    #[test]
    fn file_where_another_needs_a_folder_is_a_conflict() {
        check(
            &["/a", "/a/b/"],
            &["the file static/a and the file static/a/b/ need the same path, `a`"],
        );
    }

    #[test]
    fn paths_that_are_one_on_some_systems_are_a_conflict() {
        let one = |a: &str, b: &str, files: [&str; 2]| {
            let [file, other] = files;
            check(
                &[a, b],
                &[&format!(
                    "the file static{b} and the file static{a} need `{file}` and `{other}`, which \
                     are the same path on Windows and macOS"
                )],
            );
        };
        one("/Logo.png", "/logo.png", ["logo.png", "Logo.png"]);
        one(
            "/caf\u{e9}/",
            "/cafe\u{301}/",
            ["cafe\u{301}/index.html", "caf\u{e9}/index.html"],
        );
        one("/A/b", "/a/c", ["a/c", "A/b"]);
    }

    #[test]
    fn names_that_share_a_beginning_do_not_conflict() {
        check(&["/a/", "/ab", "/a/b/", "/"], &[]);
    }
}
