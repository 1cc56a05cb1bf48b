//! A page that its author wrote: about, contact, imprint.

use std::borrow::Cow;

use pressrun_locale::locale::Locale;
use pressrun_markdown::TocEntry;
use pressrun_posts::post::{ExtraValue, SiteDate};
use tera::{Context, Value};

use super::post::{choose_standfirst, toc_value};
use super::redirect::target_place;
use super::{PageContent, SitemapListing};
use crate::corpus::{Corpus, CorpusPage, PageId, TextId};
use crate::error::Result;
use crate::render::SiteRenderer;
use crate::render::body::{BodyView, CoverView};
use crate::render::frame::SiteFrame;
use crate::render::head::{PageHead, PageImage};
use crate::render::json_ld::{JsonLdNode, web_page_node};
use crate::render::templates::ChosenTemplate;
use crate::render::values::{TemplateFields, extras_of_post};

/// The template of pages that choose no other.
const TEMPLATE: &str = "page.html";

/// What a page shows.
#[derive(Hash)]
pub(super) struct PageTextView<'s> {
    head: PageHead<'s>,
    /// The template of the site that it is rendered with, if that is not the usual one.
    template: Option<&'s str>,
    /// Its description, unless that repeats the text below it.
    standfirst: Option<&'s str>,
    date: Option<SiteDate>,
    updated: Option<SiteDate>,
    draft: bool,
    words: u32,
    minutes: u32,
    body: BodyView<'s>,
    cover: Option<CoverView<'s>>,
    extra: &'s [(String, ExtraValue)],
}

impl<'s> PageTextView<'s> {
    pub(super) fn new(id: PageId, renderer: &'s SiteRenderer) -> Self {
        let entry = &renderer.corpus.pages[id as usize].text;
        let post = &*entry.post;
        let cover = renderer.cover(entry);
        let template = post.template();
        let template = template.map(|name| renderer.templates.choose_page_template(name));
        Self {
            head: page_head(id, cover.as_ref(), renderer),
            template: match template {
                Some(ChosenTemplate::Own(name)) => Some(name),
                Some(ChosenTemplate::Unknown | ChosenTemplate::OtherKind) | None => None,
            },
            standfirst: choose_standfirst(post),
            date: entry.date,
            updated: entry.updated,
            draft: entry.hold().is_some(),
            words: post.body.words,
            minutes: post.body.minutes,
            body: BodyView::new(TextId::Page(id), renderer),
            cover,
            extra: &post.extra,
        }
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> Result<PageContent> {
        let (html, toc) = self.body.read_page(self.cover.is_some(), frame)?;
        let mut context = Context::new();
        context.insert_value("page", self.to_value(&html, &toc, frame));
        let template = self.template.unwrap_or(TEMPLATE);
        Ok(PageContent::Template(
            Cow::Owned(template.to_owned()),
            context,
        ))
    }

    fn to_value(&self, html: &str, toc: &[TocEntry], frame: &SiteFrame) -> Value {
        let locale = Locale::for_tag(self.head.language);
        let day = |date: SiteDate| date.day.to_string();
        let day_text = |date: SiteDate| locale.format_day(date.day);
        let subject = self.to_node(frame);
        TemplateFields::new()
            .with_all_of(&self.head.to_value(Some(subject), frame))
            .with("content", Value::safe_string(html))
            .with("toc", toc_value(toc))
            .with_optional("standfirst", self.standfirst)
            .with_optional("date", self.date.map(day))
            .with_optional("date_text", self.date.map(day_text))
            .with_optional("datetime", self.date.map(SiteDate::to_machine_text))
            .with_optional("updated", self.updated.map(day))
            .with_optional(
                "updated_datetime",
                self.updated.map(SiteDate::to_machine_text),
            )
            .with_optional("updated_text", self.updated.map(day_text))
            .with("draft", self.draft)
            .with("word_count", self.words)
            .with("reading_minutes", self.minutes)
            .with_optional(
                "cover",
                self.cover.as_ref().map(|cover| cover.to_value(frame)),
            )
            .with("extra", extras_of_post(self.extra))
            .into()
    }

    fn to_node<'a>(&'a self, frame: &'a SiteFrame) -> JsonLdNode<'a> {
        let changed = SiteDate::later(self.updated, self.date);
        let image = self.head.image.to_social_image(frame);
        web_page_node(
            &self.head,
            image.map(|image| image.url.into_owned()),
            [self.date, changed].map(|date| date.map(SiteDate::to_machine_text)),
            frame,
        )
    }
}

fn page_head<'s>(
    id: PageId,
    cover: Option<&CoverView<'s>>,
    renderer: &'s SiteRenderer,
) -> PageHead<'s> {
    let corpus = &renderer.corpus;
    let CorpusPage { text: entry, above } = &corpus.pages[id as usize];
    let post = &entry.post;
    let mut head = PageHead::new("page", entry.path.as_str(), &post.title, &renderer.frame);
    head.description = match post.description.as_str() {
        "" => post.title.as_str().into(),
        description => description.into(),
    };
    head.is_hidden = entry.hold().is_some() || post.noindex;
    head.has_extras = post.body.has_extras;
    head.has_formulas = post.body.has_formulas;
    head.has_diagrams = post.body.has_diagrams;
    let stated = entry.stated_canonical.as_ref();
    head.canonical = stated.map(|to| target_place(to, corpus));
    let mut above = *above;
    while let Some(id) = above {
        let page = &corpus.pages[id as usize];
        head.put_below(&page.text.post.title, page.text.path.as_str());
        above = page.above;
    }
    let card = renderer.cards.pages.get(id as usize);
    head.image = PageImage::choose(cover, card.and_then(Option::as_deref), &post.title);
    head.language = entry.language(&renderer.frame.config.language);
    head.translations = renderer.translations(TextId::Page(id));
    head
}

/// Drafts, pages that search engines are asked to leave out, and pages with another address as
/// canonical are not listed.
pub(super) fn list_in_sitemap(id: PageId, corpus: &Corpus) -> SitemapListing {
    let entry = &corpus.pages[id as usize].text;
    let is_hidden = entry.hold().is_some() || entry.post.noindex;
    if is_hidden || entry.stated_canonical.is_some() {
        SitemapListing::Hidden
    } else {
        SitemapListing::Listed(entry.changed())
    }
}
