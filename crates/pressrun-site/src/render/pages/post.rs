//! The page of one post.

use pressrun_locale::locale::Locale;
use pressrun_markdown::TocEntry;
use pressrun_posts::post::extra::find_extra;
use pressrun_posts::post::{ExtraValue, FieldSource, Post, SiteDate};
use tera::{Context, Value};

use super::redirect::target_place;
use super::{PageContent, SitemapListing};
use crate::cache::StoredBody;
use crate::config::DisclosureConfig;
use crate::config::disclosure::schema_org_address;
use crate::corpus::{CorpusPost, PostId, TextId};
use crate::error::Result;
use crate::render::SiteRenderer;
use crate::render::body::{BodyView, CoverView};
use crate::render::frame::SiteFrame;
use crate::render::head::{LinkedPlace, PageHead, PageImage};
use crate::render::json_ld::{JsonLdNode, JsonLdPosting, organization_node};
use crate::render::people::{AuthorView, author_nodes};
use crate::render::series::SeriesPartView;
use crate::render::summary::{SharedSummary, TermLinkView, summaries_value};
use crate::render::values::TemplateFields;
use crate::review::ReviewState;

/// What the page of a post shows.
#[derive(Hash)]
pub(super) struct PostPageView<'s> {
    head: PageHead<'s>,
    summary: SharedSummary<'s>,
    /// Its description, unless that repeats the text below it.
    standfirst: Option<&'s str>,
    /// How it discloses that a model wrote it, in the words of its author.
    disclosure: Option<&'s str>,
    /// Whether a person has approved it as it is.
    is_reviewed: bool,
    /// How it was made, in the words of its author.
    digital_source_type: Option<&'s str>,
    updated: Option<SiteDate>,
    authors: Vec<AuthorView<'s>>,
    series: Option<SeriesPartView<'s>>,
    body: BodyView<'s>,
    cover: Option<CoverView<'s>>,
    newer: Option<SharedSummary<'s>>,
    older: Option<SharedSummary<'s>>,
    related: Vec<SharedSummary<'s>>,
    are_tags_derived: bool,
    are_categories_derived: bool,
}

impl<'s> PostPageView<'s> {
    pub(super) fn new(id: PostId, renderer: &'s SiteRenderer) -> Self {
        let corpus = &renderer.corpus;
        let entry = corpus.post(id);
        let post = &*entry.post;
        let summary = renderer.summary(id);
        let cover = renderer.cover(entry);
        let [newer, older] = corpus.neighbours(id);
        Self {
            head: post_head(id, &summary, cover.as_ref(), renderer),
            summary,
            standfirst: choose_standfirst(post),
            disclosure: post.disclosure.as_deref(),
            is_reviewed: entry.review == ReviewState::Approved,
            digital_source_type: post.digital_source_type.as_deref(),
            updated: entry.updated,
            authors: renderer.authors(entry),
            series: renderer.series_part(entry),
            body: BodyView::new(TextId::Post(id), renderer),
            cover,
            newer: newer.map(|id| renderer.summary(id)),
            older: older.map(|id| renderer.summary(id)),
            related: renderer.summaries(&entry.related),
            are_tags_derived: entry.derived.tags.is_some(),
            are_categories_derived: entry.derived.categories.is_some(),
        }
    }

    /// Returns the other posts that the page shows.
    pub(super) fn list_neighbours(&self) -> Vec<PostId> {
        let near = self.newer.iter().chain(&self.older).chain(&self.related);
        near.map(|summary| summary.id).collect()
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> Result<PageContent> {
        let (html, toc) = self.body.read_page(self.cover.is_some(), frame)?;
        let posting = JsonLdNode::BlogPosting(Box::new(self.to_posting(frame)));
        let mut context = Context::new();
        context.insert_value("page", self.head.to_value(Some(posting), frame));
        context.insert_value("post", self.to_value(&html, &toc, frame));
        Ok(PageContent::Template("post.html".into(), context))
    }

    fn to_value(&self, html: &str, toc: &[TocEntry], frame: &SiteFrame) -> Value {
        let locale = Locale::for_tag(self.head.language);
        let mut fields = TemplateFields::new().with_all_of(&self.summary.to_value(frame));
        if self.head.language != frame.config.language {
            // Lists show the date in the language of the site, this page in that of the post.
            let date = self.summary.date();
            fields = fields
                .with_optional("date_text", date.map(|date| locale.format_day(date.day)))
                .with_optional(
                    "day_text",
                    date.map(|date| locale.format_day_of_year(date.day)),
                );
        }
        fields
            .with_optional("standfirst", self.standfirst)
            .with_optional("disclosure", self.choose_disclosure(frame))
            .with_optional("updated", self.updated.map(|date| date.day.to_string()))
            .with_optional(
                "updated_datetime",
                self.updated.map(SiteDate::to_machine_text),
            )
            .with_optional(
                "updated_text",
                self.updated.map(|date| locale.format_day(date.day)),
            )
            .with("authors", self.authors_value(frame))
            .with_optional(
                "series",
                self.series.as_ref().map(|part| part.to_value(frame)),
            )
            .with("content", Value::safe_string(html))
            .with("toc", toc_value(toc))
            .with_optional("newer", self.newer.map(|newer| newer.to_value(frame)))
            .with_optional("older", self.older.map(|older| older.to_value(frame)))
            .with("related", summaries_value(&self.related, frame))
            .with("tags_derived", self.are_tags_derived)
            .with("categories_derived", self.are_categories_derived)
            .into()
    }

    fn authors_value(&self, frame: &SiteFrame) -> Vec<Value> {
        let authors = self.authors.iter();
        authors.map(|author| author.to_value(frame)).collect()
    }

    fn to_posting<'a>(&'a self, frame: &'a SiteFrame) -> JsonLdPosting<'a> {
        let summary = self.summary.view();
        let url = self.head.canonical_url(frame).into_owned();
        let names =
            |links: &[TermLinkView<'s>]| -> Vec<&'a str> { links.iter().map(|l| l.name).collect() };
        let image = self.head.image.to_social_image(frame);
        let changed = SiteDate::later(self.updated, summary.date);
        JsonLdPosting {
            headline: summary.title,
            description: &self.head.description,
            main_entity_of_page: url.clone(),
            url,
            date_published: summary.date.map(SiteDate::to_machine_text),
            date_modified: changed.map(SiteDate::to_machine_text),
            author: author_nodes(&self.authors, frame).into(),
            publisher: organization_node(frame),
            image: image.map(|image| image.url.into_owned()),
            keywords: names(&summary.tags),
            article_section: names(&summary.categories),
            word_count: summary.words,
            in_language: self.head.language,
            is_part_of: self.series.as_ref().map(|part| part.to_node(frame)),
            position: self.series.as_ref().map(SeriesPartView::position),
            digital_source_type: self.choose_digital_source_type(frame),
        }
    }

    /// Returns the words in which the post discloses that a model wrote it.
    fn choose_disclosure<'a>(&'a self, frame: &'a SiteFrame) -> Option<&'a str> {
        match self.disclosure {
            Some(_) if self.opts_out_of_disclosure() => None,
            Some(own) => Some(own),
            None => self.choose_site_label(frame),
        }
    }

    /// Returns the site's words for this post.
    fn choose_site_label<'a>(&self, frame: &'a SiteFrame) -> Option<&'a str> {
        let DisclosureConfig {
            label,
            label_reviewed,
            ..
        } = &frame.config.disclosure;
        let of_reviewed = label_reviewed.as_deref().filter(|_| self.is_reviewed);
        let label = of_reviewed.or(label.as_deref());
        label.filter(|label| !label.is_empty())
    }

    /// Returns how the post was made, as an address of schema.org.
    fn choose_digital_source_type(&self, frame: &SiteFrame) -> Option<String> {
        let own = self.digital_source_type.and_then(schema_org_address);
        let site = &frame.config.disclosure.digital_source_type;
        // The site's value is part of its disclosure, which a post can turn off.
        let site = site.as_deref().filter(|_| !self.opts_out_of_disclosure());
        own.or_else(|| schema_org_address(site?))
    }

    /// Returns whether the post turns the site's disclosure off for itself.
    fn opts_out_of_disclosure(&self) -> bool {
        self.disclosure.is_some_and(means_no)
    }
}

fn post_head<'s>(
    id: PostId,
    summary: &SharedSummary<'s>,
    cover: Option<&CoverView<'s>>,
    renderer: &'s SiteRenderer,
) -> PageHead<'s> {
    let corpus = &renderer.corpus;
    let entry = corpus.post(id);
    let post = &entry.post;
    let mut head = PageHead::new("post", entry.path.as_str(), &post.title, &renderer.frame);
    head.description = match post.description.as_str() {
        "" => post.title.as_str().into(),
        description => description.into(),
    };
    head.is_hidden = entry.hold().is_some() || post.noindex;
    head.has_comments = renderer.frame.config.comments.is_some() && !refuses_comments(post);
    // A draft has a mark.
    head.has_extras = post.body.has_extras || entry.hold().is_some();
    head.has_formulas = post.body.has_formulas;
    head.has_diagrams = post.body.has_diagrams;
    // A post has one place in the hierarchy: its first category.
    if let Some(category) = summary.view().categories.first() {
        head.put_below(category.name, category.path());
    }
    let card = renderer.cards.posts.get(id as usize);
    head.image = PageImage::choose(cover, card.and_then(Option::as_deref), &post.title);
    head.language = entry.language(&renderer.frame.config.language);
    head.translations = renderer.translations(TextId::Post(id));
    let keeper = entry.canonical.map(|id| corpus.post(id));
    let keeper = keeper.map(|keeper| LinkedPlace::Path(&keeper.path));
    let stated = entry.stated_canonical.as_ref();
    head.canonical = stated.map(|to| target_place(to, corpus)).or(keeper);
    head
}

/// Returns whether the author of a post wants no comments on it: `comments: false`.
fn refuses_comments(post: &Post<StoredBody>) -> bool {
    match find_extra(&post.extra, "comments") {
        Some(ExtraValue::Bool(is_on)) => !is_on,
        Some(ExtraValue::Text(text)) => means_no(text),
        _ => false,
    }
}

/// Returns whether the author of a post turns something off with this word.
fn means_no(word: &str) -> bool {
    let mut words = ["false", "no", "off"].iter();
    words.any(|no| word.eq_ignore_ascii_case(no))
}

/// Returns the table of contents; it is empty for fewer than two headings.
pub(super) fn toc_value(toc: &[TocEntry]) -> Vec<Value> {
    if toc.len() < 2 {
        return Vec::new();
    }
    toc.iter()
        // Deeper headings would make the table too long to be of help.
        .filter(|entry| entry.level <= 3)
        .map(|entry| {
            TemplateFields::new()
                .with("level", u32::from(entry.level))
                .with("id", entry.id.as_str())
                .with("title", entry.title.as_str())
                .into()
        })
        .collect()
}

/// Returns the description of a post, unless it would repeat the text below it.
pub(super) fn choose_standfirst(post: &Post<StoredBody>) -> Option<&str> {
    let own = !matches!(
        post.origins.description,
        FieldSource::Derived | FieldSource::Body
    );
    let given = post.description.as_str();
    (own && !given.is_empty()).then_some(given)
}

/// Drafts, posts that ask not to be listed, and posts with another address as canonical are not
/// listed.
pub(super) fn list_in_sitemap(entry: &CorpusPost) -> SitemapListing {
    let is_hidden = entry.hold().is_some() || entry.post.noindex;
    if is_hidden || entry.canonical.is_some() || entry.stated_canonical.is_some() {
        SitemapListing::Hidden
    } else {
        SitemapListing::Listed(entry.changed())
    }
}
