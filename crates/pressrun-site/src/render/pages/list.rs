//! One page of a list of posts: home, archive, or the posts of a term.

use std::borrow::Cow;

use jiff::civil::Date;
use pressrun_locale::messages::MessageValue;
use pressrun_posts::post::{FieldSource, Post, SiteDate};
use tera::{Context, Value};

use serde::{Deserialize, Serialize};

use super::feed::FeedChannel;
use super::post::choose_standfirst;
use super::terms::taxonomy_heading;
use super::{PageContent, SitemapListing};
use crate::cache::StoredBody;
use crate::config::Config;
use crate::corpus::own_paths::{FixedPage, page_path, term_path};
use crate::corpus::{Corpus, ListTextId, PostId, Taxonomy, TermId, TextId};
use crate::error::Result;
use crate::render::SiteRenderer;
use crate::render::body::{BodyView, CoverView};
use crate::render::frame::SiteFrame;
use crate::render::head::{PageHead, PageImage, PagerView};
use crate::render::json_ld::{
    JsonLdNode, collection_node, profile_page_node, series_page_node, website_node,
};
use crate::render::people::AuthorView;
use crate::render::summary::{CountedTermView, SharedSummary, summaries_value};
use crate::render::values::TemplateFields;

/// Posts on one page of the archive, which shows one line for each.
const ARCHIVE_PER_PAGE: usize = 500;

/// A list of posts, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PostList {
    /// All posts, on the home page.
    Home,
    /// All posts, by year.
    Archive,
    /// The posts of a term.
    Term(Taxonomy, TermId),
}

impl PostList {
    /// Returns every list of a site.
    pub(super) fn list_all(corpus: &Corpus) -> Vec<Self> {
        let shown = Taxonomy::ALL.into_iter();
        let shown = shown.filter(|&taxonomy| corpus.has_pages(taxonomy));
        let terms = shown.flat_map(|taxonomy| {
            let count = corpus.terms(taxonomy).len() as TermId;
            (0..count).map(move |id| Self::Term(taxonomy, id))
        });
        [Self::Home, Self::Archive]
            .into_iter()
            .chain(terms)
            .collect()
    }

    /// Returns the name of its pages' kind in templates.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Archive => "archive",
            Self::Term(taxonomy, _) => taxonomy.singular(),
        }
    }

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

    /// Returns the text above its posts.
    pub(in crate::render) fn text(self, corpus: &Corpus) -> Option<ListTextId> {
        match self {
            Self::Home => corpus.home_text,
            Self::Archive => None,
            Self::Term(taxonomy, id) => corpus.terms(taxonomy)[id as usize].text,
        }
    }

    /// Returns the number of its posts.
    fn len(self, corpus: &Corpus) -> usize {
        match self {
            Self::Home | Self::Archive => corpus.listed.len(),
            Self::Term(taxonomy, id) => corpus.terms(taxonomy)[id as usize].posts.len(),
        }
    }

    /// Returns its posts at these positions; position 0 is the newest, or the first part of a series.
    fn posts(self, corpus: &Corpus, range: std::ops::Range<usize>) -> Vec<PostId> {
        match self {
            Self::Home | Self::Archive => corpus.listed[range].to_vec(),
            Self::Term(taxonomy, id) => corpus.terms(taxonomy)[id as usize].posts[range].to_vec(),
        }
    }

    /// Returns its first posts: the newest, except for a series.
    pub(super) fn newest_posts(self, count: usize, corpus: &Corpus) -> Vec<PostId> {
        self.posts(corpus, 0..count.min(self.len(corpus)))
    }

    /// Returns the number of posts on one of its pages.
    fn per_page(self, config: &Config) -> usize {
        match self {
            Self::Archive => ARCHIVE_PER_PAGE,
            Self::Home | Self::Term(..) => config.lists.per_page,
        }
    }

    /// Returns the posts on one of its pages, counted from 1.
    pub(in crate::render) fn on_page(
        self,
        number: usize,
        corpus: &Corpus,
        config: &Config,
    ) -> Vec<PostId> {
        let per_page = self.per_page(config);
        let end = (number * per_page).min(self.len(corpus));
        self.posts(corpus, (number - 1) * per_page..end)
    }

    /// Returns the post in the middle of one of its pages, counted from 1.
    pub(super) fn middle_of_page(
        self,
        number: usize,
        corpus: &Corpus,
        config: &Config,
    ) -> Option<PostId> {
        let per_page = self.per_page(config);
        let end = (number * per_page).min(self.len(corpus));
        let at = usize::midpoint((number - 1) * per_page, end);
        let posts = match self {
            Self::Home | Self::Archive => &corpus.listed,
            Self::Term(taxonomy, id) => &corpus.terms(taxonomy)[id as usize].posts,
        };
        posts.get(at).copied()
    }

    /// Returns the number of its pages, at least 1.
    pub(super) fn pages(self, corpus: &Corpus, config: &Config) -> usize {
        self.len(corpus).div_ceil(self.per_page(config)).max(1)
    }

    /// Returns whether it belongs to a tag with too few posts to be shown by search engines.
    fn is_thin(self, corpus: &Corpus, config: &Config) -> bool {
        match self {
            Self::Term(Taxonomy::Tags, _) => self.len(corpus) < config.tags.noindex_below,
            Self::Home
            | Self::Archive
            | Self::Term(Taxonomy::Categories | Taxonomy::Authors | Taxonomy::Series, _) => false,
        }
    }

    /// Returns the date of the last change of any of its posts, if known.
    fn changed(self, corpus: &Corpus) -> Option<SiteDate> {
        match self {
            Self::Home | Self::Archive => corpus.changed,
            Self::Term(taxonomy, id) => corpus.terms(taxonomy)[id as usize].changed,
        }
    }
}

/// What one page of a list shows.
#[derive(Hash)]
pub(super) struct ListPageView<'s> {
    head: PageHead<'s>,
    pager: PagerView<'s>,
    /// Whether it is the first page of the site.
    is_front: bool,
    term: Option<CountedTermView<'s>>,
    /// The author whose posts it lists.
    author: Option<AuthorView<'s>>,
    /// The number of the first post on the page in its series, counted from 1.
    first_part: Option<usize>,
    /// The text above the posts of the first page.
    text: Option<ListTextView<'s>>,
    posts: Vec<SharedSummary<'s>>,
    /// The same posts by year, in the archive.
    years: Vec<YearView<'s>>,
    /// Number of posts on all pages.
    total: usize,
}

/// What the text of a list shows.
#[derive(Hash)]
struct ListTextView<'s> {
    /// The heading above it, which the list itself does not have.
    heading: Option<&'s str>,
    /// Its description, if there is no other text.
    standfirst: Option<&'s str>,
    body: BodyView<'s>,
    cover: Option<CoverView<'s>>,
}

impl<'s> ListTextView<'s> {
    fn new(list: PostList, id: ListTextId, renderer: &'s SiteRenderer) -> Self {
        let id = TextId::ListText(id);
        let entry = renderer.corpus.text(id);
        let post = &*entry.post;
        // The heading of the home page is the name of the site.
        let is_own = list == PostList::Home && post.origins.title == FieldSource::Body;
        let mut cover = renderer.cover(entry);
        if let Some(cover) = &mut cover {
            describe_cover(cover, list, renderer);
        }
        Self {
            heading: is_own.then_some(&post.title),
            standfirst: choose_standfirst(post).filter(|_| post.body.words == 0),
            body: BodyView::new(id, renderer),
            cover,
        }
    }

    fn to_value(&self, frame: &SiteFrame) -> Result<Value> {
        let (html, _) = self.body.read_page(self.cover.is_some(), frame)?;
        Ok(TemplateFields::new()
            .with_optional("heading", self.heading)
            .with_optional("standfirst", self.standfirst)
            .with("content", Value::safe_string(&html))
            .with_optional(
                "cover",
                self.cover.as_ref().map(|cover| cover.to_value(frame)),
            )
            .into())
    }
}

/// The posts of one year.
#[derive(Hash)]
struct YearView<'s> {
    year: Option<i16>,
    months: Vec<MonthView<'s>>,
}

/// The posts of one month, or all without a date.
#[derive(Hash)]
struct MonthView<'s> {
    /// A day of the month.
    day: Option<Date>,
    posts: Vec<SharedSummary<'s>>,
}

impl YearView<'_> {
    fn to_value(&self, frame: &SiteFrame) -> Value {
        let months = self.months.iter().map(|month| -> Value {
            let name = month.day.map(|day| frame.locale.format_month_name(day));
            TemplateFields::new()
                .with_optional("text", name)
                .with("posts", summaries_value(&month.posts, frame))
                .into()
        });
        let posts = self.months.iter().flat_map(|month| &month.posts);
        let posts = posts.map(|summary| summary.to_value(frame));
        TemplateFields::new()
            .with_optional("year", self.year.map(i64::from))
            .with_optional("text", self.year.map(|year| frame.locale.format_year(year)))
            .with("months", months.collect::<Vec<_>>())
            .with("posts", posts.collect::<Vec<_>>())
            .into()
    }
}

impl<'s> ListPageView<'s> {
    /// Returns the view of one page, counted from 1.
    pub(super) fn new(list: PostList, number: usize, renderer: &'s SiteRenderer) -> Self {
        let corpus = &renderer.corpus;
        let config = &renderer.frame.config;
        let ids = list.on_page(number, corpus, config);
        let pager = PagerView {
            list: list.path(corpus).into(),
            number,
            total: list.pages(corpus, config),
        };
        let term = match list {
            PostList::Term(taxonomy, id) => Some(renderer.counted_term(taxonomy, id)),
            PostList::Home | PostList::Archive => None,
        };
        let author = match list {
            PostList::Term(Taxonomy::Authors, id) => Some(AuthorView::new(id, corpus)),
            PostList::Home | PostList::Archive | PostList::Term(..) => None,
        };
        let is_series = matches!(list, PostList::Term(Taxonomy::Series, _));
        let first = (number - 1) * list.per_page(config) + 1;
        let years = match list {
            PostList::Archive => group_by_year(&ids, renderer),
            PostList::Home | PostList::Term(..) => Vec::new(),
        };
        let text = list.text(corpus).filter(|_| number == 1);
        Self {
            text: text.map(|id| ListTextView::new(list, id, renderer)),
            head: list_head(list, &pager, renderer),
            pager,
            is_front: list == PostList::Home && number == 1,
            term,
            author,
            first_part: is_series.then_some(first),
            posts: renderer.summaries(&ids),
            years,
            total: list.len(corpus),
        }
    }

    /// Returns the posts that the page lists.
    pub(super) fn list_posts(&self) -> Vec<PostId> {
        self.posts.iter().map(|summary| summary.id).collect()
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> Result<PageContent> {
        let years = self.years.iter().map(|year| year.to_value(frame));
        let years: Vec<Value> = years.collect();
        let term = self.term.as_ref();
        let text = self.text.as_ref();
        let text = text.map(|text| text.to_value(frame)).transpose()?;
        let list = TemplateFields::new()
            .with_optional("term", term.map(|term| term.to_value(frame)))
            .with_optional(
                "author",
                self.author.as_ref().map(|one| one.to_value(frame)),
            )
            .with_optional("first_part", self.first_part)
            .with_optional("text", text)
            .with("posts", summaries_value(&self.posts, frame))
            .with("years", years)
            .with("total", self.total)
            .with("pager", self.pager.to_value(frame));
        let subject = self.to_node(frame);
        let mut context = Context::new();
        context.insert_value("page", self.head.to_value(Some(subject), frame));
        context.insert_value("list", list.into());
        Ok(PageContent::Template("list.html".into(), context))
    }

    fn to_node<'a>(&'a self, frame: &'a SiteFrame) -> JsonLdNode<'a> {
        if self.is_front {
            return website_node(frame);
        }
        match (&self.author, &self.term) {
            (Some(author), _) => profile_page_node(&self.head, author.to_whole_node(frame), frame),
            (None, Some(term)) if self.first_part.is_some() => {
                series_page_node(&self.head, term.link.name, frame)
            }
            (None, _) => collection_node(&self.head, frame),
        }
    }
}

fn list_head<'s>(
    list: PostList,
    pager: &PagerView<'s>,
    renderer: &'s SiteRenderer,
) -> PageHead<'s> {
    let (frame, corpus) = (&renderer.frame, &renderer.corpus);
    let site = &frame.config.title;
    let about = |key: &str, name: &str| {
        let values = [
            ("count", MessageValue::of_count(list.len(corpus))),
            ("name", MessageValue::Text(name)),
            ("site", MessageValue::Text(site)),
        ];
        frame.fill(key, &values)
    };
    let path = page_path(&pager.list, pager.number);
    let mut head;
    match list {
        PostList::Home => {
            head = PageHead::new(list.kind(), path, site, frame);
            head.breadcrumbs.clear();
            head.description = match frame.config.description.as_str() {
                "" => about("about_site", "").into(),
                description => description.into(),
            };
        }
        PostList::Archive => {
            head = PageHead::new(list.kind(), path, list_title(list, renderer), frame);
            head.description = about("about_archive", "").into();
        }
        PostList::Term(taxonomy, id) => {
            let term = &corpus.terms(taxonomy)[id as usize];
            head = PageHead::new(list.kind(), path, list_title(list, renderer), frame);
            let all_terms = FixedPage::Terms(taxonomy).path();
            head.put_below(taxonomy_heading(taxonomy, frame), all_terms);
            head.is_hidden = list.is_thin(corpus, &frame.config);
            let key = match taxonomy {
                Taxonomy::Tags => "about_tag",
                Taxonomy::Categories => "about_category",
                Taxonomy::Authors => "about_author",
                Taxonomy::Series => "about_series",
            };
            let profile = match taxonomy {
                Taxonomy::Authors => frame.config.authors.find(&term.name),
                Taxonomy::Tags | Taxonomy::Categories | Taxonomy::Series => None,
            };
            head.description = match profile.and_then(|profile| profile.bio.as_deref()) {
                Some(bio) if !bio.is_empty() => bio.into(),
                _ => about(key, &term.name).into(),
            };
            let channel = || FeedChannel::new(list, corpus);
            head.feeds_of = taxonomy.has_feeds().then(channel);
        }
    }
    if let Some(id) = list.text(corpus) {
        head.take_list_text(list, id, renderer);
        let text = corpus.text(TextId::ListText(id));
        head.has_extras |= pager.number == 1 && text.post.body.has_extras;
        head.has_formulas |= pager.number == 1 && text.post.body.has_formulas;
        head.has_diagrams |= pager.number == 1 && text.post.body.has_diagrams;
    }
    let PagerView { number, total, .. } = *pager;
    if number > 1 {
        let values = [
            ("text", MessageValue::Text(&head.description)),
            ("number", MessageValue::of_count(number)),
            ("total", MessageValue::of_count(total)),
        ];
        head.description = frame.fill("text_page_of", &values).into();
    }
    head.pager = Some(pager.clone());
    head
}

/// Returns the title of a list: for a term the one that its text states, or else its name.
fn list_title(list: PostList, renderer: &SiteRenderer) -> Cow<'_, str> {
    let corpus = &renderer.corpus;
    match list {
        PostList::Home => renderer.frame.config.title.as_str().into(),
        PostList::Archive => renderer.frame.words().text("archive").into(),
        PostList::Term(taxonomy, id) => {
            let term = &corpus.terms(taxonomy)[id as usize];
            let text = list.text(corpus).map(TextId::ListText);
            let stated = text.map(|id| &*corpus.text(id).post);
            let stated = stated.filter(|post| is_title_stated(post));
            stated
                .map_or(&term.name, |post| &post.title)
                .as_str()
                .into()
        }
    }
}

/// Returns whether the author gave a title, in a field or as a heading.
fn is_title_stated(post: &Post<StoredBody>) -> bool {
    match post.origins.title {
        FieldSource::Header
        | FieldSource::End
        | FieldSource::Container
        | FieldSource::Topic
        | FieldSource::Body => true,
        FieldSource::None | FieldSource::FileName | FieldSource::Derived => false,
    }
}

impl<'s> PageHead<'s> {
    /// Takes description and picture of a list from its text. The description of the site goes
    /// before one that was made from the text of the home page.
    fn take_list_text(&mut self, list: PostList, id: ListTextId, renderer: &'s SiteRenderer) {
        let entry = renderer.corpus.text(TextId::ListText(id));
        let post = &entry.post;
        let is_stated = post.origins.description != FieldSource::Derived;
        let has_other = list == PostList::Home && !renderer.frame.config.description.is_empty();
        if !post.description.is_empty() && (is_stated || !has_other) {
            self.description = post.description.as_str().into();
        }
        if let Some(mut cover) = renderer.cover(entry) {
            describe_cover(&mut cover, list, renderer);
            self.image = PageImage::Cover(cover);
        }
    }
}

/// Describes the picture of a list by the title of the list, unless its text does.
fn describe_cover<'s>(cover: &mut CoverView<'s>, list: PostList, renderer: &'s SiteRenderer) {
    let text = list.text(&renderer.corpus).map(TextId::ListText);
    let is_described = text.is_some_and(|id| renderer.corpus.text(id).post.cover_alt.is_some());
    // The archive, whose title is a word of the theme, has no text.
    if let (false, Cow::Borrowed(title)) = (is_described, list_title(list, renderer)) {
        cover.alt = title;
    }
}

/// Groups posts, which come newest first, by year and month.
fn group_by_year<'s>(ids: &[PostId], renderer: &'s SiteRenderer) -> Vec<YearView<'s>> {
    let day = |id: PostId| {
        let entry = renderer.corpus.post(id);
        entry.date.map(|date| date.day)
    };
    let year = |id: &PostId| day(*id).map(Date::year);
    let month = |id: &PostId| day(*id).map(|day| (day.year(), day.month()));
    // Around the turn of a month, the newer of two posts may have been dated in the older month.
    let mut ids = ids.to_vec();
    ids.sort_by_key(|id| std::cmp::Reverse(month(id)));
    let months = |ids: &[PostId]| {
        let months = ids.chunk_by(|a, b| month(a) == month(b));
        let months = months.map(|ids| MonthView {
            day: ids
                .first()
                .and_then(|&id| day(id))
                .map(Date::first_of_month),
            posts: renderer.summaries(ids),
        });
        months.collect()
    };
    ids.chunk_by(|a, b| year(a) == year(b))
        .map(|ids| YearView {
            year: ids.first().and_then(year),
            months: months(ids),
        })
        .collect()
}

/// The pages of tags with few posts are not listed.
pub(super) fn list_in_sitemap(list: PostList, corpus: &Corpus, config: &Config) -> SitemapListing {
    if list.is_thin(corpus, config) {
        SitemapListing::Hidden
    } else {
        SitemapListing::Listed(list.changed(corpus))
    }
}
