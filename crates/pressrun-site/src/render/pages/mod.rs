//! The kinds of files that a site consists of, each in a module of its own.
//!
//! The module of a kind has its view: one struct with everything that the file shows of the
//! corpus. `JobView::new` builds it, its hash decides whether the file is rendered at all, and
//! `JobView::to_content` converts it for the template. Nothing else reaches the template, so a
//! file cannot show what its hash does not cover.
//!
//! To add a kind, write its module and its template, and add it to [`PageKind`]; the compiler then
//! names each decision in this file that it needs. A page with an address of its own also belongs
//! in `corpus::own_paths`, so that no post takes it.
//!
//! Not here: which files conflict (`plan`), what all pages have in common (`head`, `frame`,
//! `summary`, `body`).

mod copied;
pub(super) mod feed;
mod list;
mod llms;
mod not_found;
mod page;
mod post;
pub(super) mod redirect;
mod robots;
mod search;
pub(super) mod sitemap;
mod terms;
pub(super) mod twin;

use std::borrow::Cow;
use std::sync::Arc;

use pressrun_posts::diagnostic::FilePlace;
use serde::{Deserialize, Serialize};
use tera::Context;

use super::frame::SiteFrame;
use super::theme::AssetContent;
use super::{CommandFailure, SiteRenderer};
use crate::cache::Fingerprint;
use crate::config::Config;
use crate::corpus::own_paths::{FixedPage, INDEX, file_of};
use crate::corpus::{Corpus, PageId, PostId, RedirectTarget, Taxonomy, TextId};
use crate::error::Result;

use copied::CopiedFileView;
use feed::{FeedChannel, FeedFormat, FeedView};
use list::ListPageView;
pub use list::PostList;
use llms::LlmsView;
use not_found::NotFoundPageView;
use page::PageTextView;
use post::PostPageView;
use redirect::RedirectPageView;
use robots::RobotsView;
use search::SearchPageView;
use sitemap::{SitemapIndexView, SitemapListing, SitemapView};
use terms::TermsPageView;
use twin::{MarkdownTwinView, twin_path};

/// One file of the site.
#[derive(Debug)]
pub struct RenderJob {
    /// `/` and the path of the file. The path of its page is the beginning of this.
    place: Arc<str>,
    path_length: u32,
    /// What the file contains.
    pub page: PageKind,
}

/// A file that is published unchanged.
#[derive(Debug)]
pub struct CopiedFile {
    /// Its contents.
    pub content: AssetContent,
    /// Where it comes from, for messages.
    pub origin: String,
}

impl RenderJob {
    /// Makes the job for the page or file at a path, which starts with `/`.
    pub(crate) fn new(path: impl AsRef<str>, page: PageKind) -> Self {
        let path = path.as_ref();
        let place = format!("/{}", file_of(path));
        let end = if path.ends_with('/') {
            place.len() - INDEX.len()
        } else {
            place.len()
        };
        Self {
            place: place.into(),
            path_length: end as u32,
            page,
        }
    }

    /// Returns the path of the page or file from the site root, starting with `/`.
    pub fn path(&self) -> &str {
        &self.place[..self.path_length as usize]
    }

    /// Returns the path of the file, relative to the output folder.
    pub fn file(&self) -> &str {
        &self.place[1..]
    }

    /// Returns `/` and the path of the file.
    pub(super) fn place(&self) -> &Arc<str> {
        &self.place
    }

    /// Returns the source of the file, for diagnostics.
    pub(super) fn source_place(&self, corpus: &Corpus) -> FilePlace {
        match self.source() {
            JobSource::Text(id) => {
                let source = &corpus.text(id).post.source;
                FilePlace::line(source.file.clone(), source.line)
            }
            JobSource::Redirect(at) => {
                let stated = corpus.redirects[at].place.clone();
                stated.unwrap_or_else(|| FilePlace::file(self.file()))
            }
            JobSource::File(origin) => FilePlace::file(origin),
            JobSource::Site => FilePlace::file(self.file()),
        }
    }

    /// Names the file in the words of a message.
    pub(super) fn describe(&self, corpus: &Corpus) -> String {
        match self.source() {
            JobSource::Text(id) => describe_text(id, corpus),
            JobSource::Redirect(at) => match &corpus.redirects[at].to {
                RedirectTarget::Post(id) => {
                    format!(
                        "the redirect to {}",
                        describe_text(TextId::Post(*id), corpus)
                    )
                }
                RedirectTarget::Page(id) => {
                    format!(
                        "the redirect to {}",
                        describe_text(TextId::Page(*id), corpus)
                    )
                }
                RedirectTarget::Path(to) | RedirectTarget::Address(to) => {
                    format!("the redirect to `{to}`")
                }
            },
            JobSource::File(origin) if origin.contains('/') => format!("the file {origin}"),
            // The theme, or pressrun itself.
            JobSource::File(origin) => format!("the file {} of {origin}", self.path()),
            JobSource::Site => format!("the page {}", self.path()),
        }
    }

    fn source(&self) -> JobSource<'_> {
        match &self.page {
            PageKind::Post(id) => JobSource::Text(TextId::Post(*id)),
            PageKind::Page(id) => JobSource::Text(TextId::Page(*id)),
            PageKind::Twin(id) => JobSource::Text(*id),
            PageKind::Redirect(at) => JobSource::Redirect(*at),
            PageKind::File(file) => JobSource::File(&file.origin),
            PageKind::List(..)
            | PageKind::Terms(_)
            | PageKind::Search
            | PageKind::NotFound
            | PageKind::Feed(..)
            | PageKind::Sitemap(_)
            | PageKind::SitemapIndex
            | PageKind::Llms
            | PageKind::Robots => JobSource::Site,
        }
    }
}

/// Names a post or a page in the words of a message.
pub(super) fn describe_text(id: TextId, corpus: &Corpus) -> String {
    let post = &corpus.text(id).post;
    let kind = match id {
        TextId::Page(_) => "page",
        TextId::Post(_) | TextId::ListText(_) => "post",
    };
    format!("the {kind} `{}` in {}", post.title, post.source.file)
}

/// What a file of the site is made from.
enum JobSource<'j> {
    Text(TextId),
    /// A redirect, by its index in the corpus.
    Redirect(usize),
    /// Another file, named as in messages.
    File(&'j str),
    /// All posts, or none.
    Site,
}

/// What a file of the site contains.
#[derive(Debug)]
pub enum PageKind {
    /// One post.
    Post(PostId),
    /// A page that its author wrote.
    Page(PageId),
    /// One page of a list of posts, counted from 1.
    List(PostList, usize),
    /// The list of all terms of a taxonomy.
    Terms(Taxonomy),
    /// The search page.
    Search,
    /// The page shown for addresses that do not exist.
    NotFound,
    /// The page at a former address, by the index of the redirect in [`Corpus::redirects`].
    Redirect(usize),
    /// A feed of a list.
    Feed(PostList, FeedFormat),
    /// A part of the sitemap, counted from 0.
    Sitemap(usize),
    /// The index over the parts of the sitemap.
    SitemapIndex,
    /// `robots.txt`
    Robots,
    /// `llms.txt`
    Llms,
    /// The Markdown of a post or page.
    Twin(TextId),
    /// A file that is not rendered.
    File(Box<CopiedFile>),
}

/// The order in which new files are moved into the output folder. A reader who follows a link in
/// the meantime should find what it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PublishingTurn {
    /// Files that pages show or load, and that link to nothing.
    Asset,
    Post,
    /// Lists, and pages that link to them.
    List,
    Home,
    /// Files that programs read and follow links from.
    Feed,
    Sitemap,
}

impl PageKind {
    /// Returns when files of this kind are moved into the output folder.
    pub(crate) fn publishing_turn(&self) -> PublishingTurn {
        match self {
            Self::File(..) => PublishingTurn::Asset,
            Self::Post(_) | Self::Page(_) | Self::Twin(_) => PublishingTurn::Post,
            Self::List(PostList::Home, 1) => PublishingTurn::Home,
            Self::List(..)
            | Self::Terms(_)
            | Self::Search
            | Self::NotFound
            // After the posts that it leads to.
            | Self::Redirect(_) => PublishingTurn::List,
            Self::Feed(..) => PublishingTurn::Feed,
            Self::Sitemap(_) | Self::SitemapIndex | Self::Robots | Self::Llms => PublishingTurn::Sitemap,
        }
    }

    /// Returns the name of the files that are made as this one is, so that one of them stands for
    /// all in a test of the templates. Returns `None` for files in which no template can fail.
    pub fn sample_group(&self) -> Option<&'static str> {
        match self {
            Self::Post(_) => Some("post"),
            Self::Page(_) => Some("page"),
            Self::List(list, _) => Some(list.kind()),
            Self::Terms(_) => Some("terms"),
            Self::Search => Some("search"),
            Self::NotFound => Some("404"),
            Self::Redirect(_) => Some("redirect"),
            Self::Feed(_, format) => Some(format.file()),
            Self::Sitemap(_)
            | Self::SitemapIndex
            | Self::Robots
            | Self::Llms
            | Self::Twin(_)
            | Self::File(..) => None,
        }
    }

    /// Returns the text that a page is made for, if it is made for one.
    pub fn own_text(&self) -> Option<TextId> {
        match self {
            Self::Post(id) => Some(TextId::Post(*id)),
            Self::Page(id) => Some(TextId::Page(*id)),
            Self::List(..)
            | Self::Terms(_)
            | Self::Search
            | Self::NotFound
            | Self::Redirect(_)
            | Self::Feed(..)
            | Self::Sitemap(_)
            | Self::SitemapIndex
            | Self::Robots
            | Self::Llms
            | Self::Twin(_)
            | Self::File(..) => None,
        }
    }

    /// Returns the text of a list that stands on a page.
    pub fn list_text(&self, corpus: &Corpus) -> Option<TextId> {
        let Self::List(list, 1) = self else {
            return None;
        };
        list.text(corpus).map(TextId::ListText)
    }

    /// Returns whether the sitemap lists a file of this kind.
    fn list_in_sitemap(&self, corpus: &Corpus, config: &Config) -> SitemapListing {
        match self {
            Self::Post(id) => post::list_in_sitemap(corpus.post(*id)),
            Self::Page(id) => page::list_in_sitemap(*id, corpus),
            Self::List(list, _) => list::list_in_sitemap(*list, corpus, config),
            Self::Terms(_) => terms::list_in_sitemap(corpus),
            Self::Search => search::list_in_sitemap(corpus),
            // These are no pages of the site to find.
            Self::NotFound
            | Self::Redirect(_)
            | Self::Feed(..)
            | Self::Sitemap(_)
            | Self::SitemapIndex
            | Self::Robots
            | Self::Llms
            | Self::Twin(_)
            | Self::File(..) => SitemapListing::Hidden,
        }
    }
}

/// Returns whether search engines are shown the page of a text.
pub(super) fn is_indexed(id: TextId, corpus: &Corpus) -> bool {
    let listing = match id {
        TextId::Post(id) => post::list_in_sitemap(corpus.post(id)),
        TextId::Page(id) => page::list_in_sitemap(id, corpus),
        TextId::ListText(_) => SitemapListing::Hidden,
    };
    listing != SitemapListing::Hidden
}

/// Lists the pages and feeds of a site, which are made from its texts.
pub(super) fn list_pages(corpus: &Corpus, config: &Config) -> Vec<RenderJob> {
    let mut jobs: Vec<RenderJob> = Vec::with_capacity(corpus.posts.len() * 2);
    let mut add = |path: &str, page| jobs.push(RenderJob::new(path, page));
    for (id, entry) in corpus.posts.iter().enumerate() {
        add(&entry.path, PageKind::Post(id as PostId));
    }
    for (page, id) in corpus.pages.iter().zip(0..) {
        add(&page.text.path, PageKind::Page(id));
    }
    for list in PostList::list_all(corpus) {
        for number in 1..=list.pages(corpus, config) {
            add(
                &list.page_path(corpus, number),
                PageKind::List(list, number),
            );
        }
    }
    let shown = Taxonomy::ALL.into_iter();
    for taxonomy in shown.filter(|&taxonomy| corpus.has_pages(taxonomy)) {
        let path = FixedPage::Terms(taxonomy).path();
        add(path, PageKind::Terms(taxonomy));
    }
    if config.search.extent(corpus.posts.len()).is_some() {
        add(FixedPage::Search.path(), PageKind::Search);
    }
    add(FixedPage::NotFound.path(), PageKind::NotFound);
    for (list, format) in feed::list_feeds(corpus) {
        let path = FeedChannel::new(list, corpus).feed_path(format);
        add(&path, PageKind::Feed(list, format));
    }
    jobs
}

/// Lists the files for programs that the site asks for.
pub(super) fn list_program_files(corpus: &Corpus, config: &Config) -> Vec<RenderJob> {
    let mut jobs = Vec::new();
    if config.output.llms {
        jobs.push(RenderJob::new("/llms.txt", PageKind::Llms));
    }
    if config.output.markdown {
        let texts = corpus
            .texts()
            .filter(|(id, _)| !matches!(id, TextId::ListText(_)));
        jobs.extend(
            texts.map(|(id, entry)| RenderJob::new(twin_path(&entry.path), PageKind::Twin(id))),
        );
    }
    jobs
}

/// Lists the pages at former addresses, whether or not something else is there.
pub(super) fn list_redirects(corpus: &Corpus) -> Vec<RenderJob> {
    let redirects = corpus.redirects.iter().enumerate();
    redirects
        .map(|(at, redirect)| RenderJob::new(&redirect.from, PageKind::Redirect(at)))
        .collect()
}

/// A page that shows certain posts: one post, or those on a page of a list.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum PostsPage {
    Post(PostId),
    Twin(PostId),
    List(PostList, usize),
}

impl PostsPage {
    /// Returns the kind of page if it shows certain posts, and not all of the site or none.
    pub(super) fn new(page: &PageKind) -> Option<Self> {
        match page {
            PageKind::Post(id) => Some(Self::Post(*id)),
            PageKind::Twin(TextId::Post(id)) => Some(Self::Twin(*id)),
            PageKind::List(list, number) => Some(Self::List(*list, *number)),
            PageKind::Page(_)
            | PageKind::Terms(_)
            | PageKind::Search
            | PageKind::NotFound
            | PageKind::Redirect(_)
            | PageKind::Feed(..)
            | PageKind::Sitemap(_)
            | PageKind::SitemapIndex
            | PageKind::Robots
            | PageKind::Llms
            | PageKind::Twin(_)
            | PageKind::File(_) => None,
        }
    }

    /// Returns the post in the middle of those that it shows: pages whose middles are near each other
    /// show the same posts. Returns `None` for the page of an empty list.
    pub(super) fn find_middle(self, corpus: &Corpus, config: &Config) -> Option<PostId> {
        match self {
            Self::Post(id) | Self::Twin(id) => Some(id),
            Self::List(list, number) => list.middle_of_page(number, corpus, config),
        }
    }

    /// Returns the kind of page that it is.
    pub(super) fn into_kind(self) -> PageKind {
        match self {
            Self::Post(id) => PageKind::Post(id),
            Self::Twin(id) => PageKind::Twin(TextId::Post(id)),
            Self::List(list, number) => PageKind::List(list, number),
        }
    }
}

/// Returns the posts other than its own that a page shows, in their order.
pub(super) fn list_shown_posts(page: &PageKind, renderer: &SiteRenderer) -> Vec<PostId> {
    match JobView::new(page, renderer) {
        JobView::Post(view) => view.list_neighbours(),
        JobView::List(view) => view.list_posts(),
        _ => Vec::new(),
    }
}

/// What a view becomes.
pub(super) enum PageContent {
    /// What a template makes of a context.
    Template(Cow<'static, str>, Context),
    /// This text.
    Text(Vec<u8>),
    /// These bytes, which are published unchanged.
    Bytes(Vec<u8>),
}

/// A job with everything that its file is made from.
pub(crate) struct PreparedJob<'s> {
    job: &'s RenderJob,
    view: JobView<'s>,
    renderer: &'s SiteRenderer,
}

impl<'s> PreparedJob<'s> {
    pub(super) fn new(job: &'s RenderJob, renderer: &'s SiteRenderer) -> Self {
        let view = JobView::new(&job.page, renderer);
        Self {
            job,
            view,
            renderer,
        }
    }

    pub(super) fn job(&self) -> &'s RenderJob {
        self.job
    }

    /// Returns the fingerprint of everything that the file is made from, or `None` if only its bytes
    /// could show a change.
    pub(crate) fn fingerprint(&self) -> Option<Fingerprint> {
        let frame = self.renderer.frame_fingerprint;
        self.view.fingerprint(self.job.path(), frame)
    }

    /// Produces the bytes of the file.
    ///
    /// # Errors
    ///
    /// Returns an error if a template cannot be rendered or a static file cannot be read.
    pub(crate) fn render(&self) -> std::result::Result<Vec<u8>, CommandFailure> {
        let renderer = self.renderer;
        renderer.without_panic(self.job, || renderer.render_view(self))
    }

    /// Returns what the file is made of.
    ///
    /// # Errors
    ///
    /// Returns an error if a body or a file cannot be read.
    pub(super) fn to_content(&self) -> Result<PageContent> {
        self.view.to_content(&self.renderer.frame)
    }
}

/// Everything that a file is made from, except for the frame of the site and the templates.
#[derive(Hash)]
enum JobView<'s> {
    Post(PostPageView<'s>),
    Page(PageTextView<'s>),
    List(ListPageView<'s>),
    Terms(TermsPageView<'s>),
    Search(SearchPageView<'s>),
    NotFound(NotFoundPageView<'s>),
    Redirect(RedirectPageView<'s>),
    Feed(FeedView<'s>),
    Sitemap(SitemapView<'s>),
    SitemapIndex(SitemapIndexView),
    Robots(RobotsView),
    Llms(LlmsView<'s>),
    Twin(MarkdownTwinView<'s>),
    File(CopiedFileView<'s>),
}

impl<'s> JobView<'s> {
    fn new(page: &'s PageKind, renderer: &'s SiteRenderer) -> Self {
        match page {
            PageKind::Post(id) => Self::Post(PostPageView::new(*id, renderer)),
            PageKind::Page(id) => Self::Page(PageTextView::new(*id, renderer)),
            PageKind::List(list, number) => Self::List(ListPageView::new(*list, *number, renderer)),
            PageKind::Terms(taxonomy) => Self::Terms(TermsPageView::new(*taxonomy, renderer)),
            PageKind::Search => Self::Search(SearchPageView::new(renderer)),
            PageKind::NotFound => Self::NotFound(NotFoundPageView::new(&renderer.frame)),
            PageKind::Redirect(at) => Self::Redirect(RedirectPageView::new(*at, renderer)),
            PageKind::Feed(list, format) => Self::Feed(FeedView::new(*list, *format, renderer)),
            PageKind::Sitemap(part) => Self::Sitemap(SitemapView::new(*part, renderer)),
            PageKind::SitemapIndex => Self::SitemapIndex(SitemapIndexView::new(renderer)),
            PageKind::Robots => Self::Robots(RobotsView::new()),
            PageKind::Llms => Self::Llms(LlmsView::new(renderer)),
            PageKind::Twin(id) => Self::Twin(MarkdownTwinView::new(*id, renderer)),
            PageKind::File(file) => Self::File(CopiedFileView::new(&file.content)),
        }
    }

    fn fingerprint(&self, path: &str, frame: Fingerprint) -> Option<Fingerprint> {
        match self {
            Self::File(copied) => copied.fingerprint(),
            Self::Post(_)
            | Self::Page(_)
            | Self::List(_)
            | Self::Terms(_)
            | Self::Search(_)
            | Self::NotFound(_)
            | Self::Redirect(_)
            | Self::Feed(_)
            | Self::Sitemap(_)
            | Self::SitemapIndex(_)
            | Self::Llms(_)
            | Self::Twin(_)
            | Self::Robots(_) => Some(Fingerprint::of_value(&(frame, path, self))),
        }
    }

    fn to_content(&self, frame: &SiteFrame) -> Result<PageContent> {
        Ok(match self {
            Self::Post(view) => view.to_content(frame)?,
            Self::Page(view) => view.to_content(frame)?,
            Self::List(view) => view.to_content(frame)?,
            Self::Terms(view) => view.to_content(frame),
            Self::Search(view) => view.to_content(frame),
            Self::NotFound(view) => view.to_content(frame),
            Self::Redirect(view) => view.to_content(frame),
            Self::Feed(view) => view.to_content(frame)?,
            Self::Sitemap(view) => view.to_content(frame),
            Self::SitemapIndex(view) => view.to_content(frame),
            Self::Robots(view) => view.to_content(frame),
            Self::Llms(view) => view.to_content(frame),
            Self::Twin(view) => view.to_content(frame)?,
            Self::File(view) => view.to_content()?,
        })
    }
}

#[cfg(test)]
mod tests;
