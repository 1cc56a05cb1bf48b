//! What many pages show of a post or a term: a line in a list, a link to a tag.
//!
//! Such a part is hashed once and converted once, however many pages contain it. Its page holds a
//! [`SharedSummary`], which hashes as the fingerprint of the part.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use pressrun_posts::post::{ExtraValue, SiteDate};
use tera::Value;

use super::SiteRenderer;
use super::body::CoverView;
use super::frame::SiteFrame;
use super::translations::{TranslationLinkView, translations_value};
use super::values::{TemplateFields, extras_of_post};
use crate::cache::Fingerprint;
use crate::corpus::own_paths::term_path;
use crate::corpus::{Corpus, CorpusTerm, PostId, PostSubset, Taxonomy, TermId, TextId};

/// What was made for one page and is used again for others. It is all made from the same corpus.
#[derive(Debug, Clone)]
pub(super) struct RenderMemory {
    /// Which posts `posts` are.
    subset: PostSubset,
    posts: Vec<PostMemory>,
    pages: Vec<PostMemory>,
    list_texts: Vec<PostMemory>,
    summaries: SummaryValues,
    /// HTML of bodies for feeds, which show few posts.
    feed_html: FeedBodies,
    /// Terms by taxonomy, in the order of [`Taxonomy::ALL`].
    terms: [Vec<TermMemory>; 4],
}

/// What was made of one post; each part when the first page asks for it.
#[derive(Debug, Clone, Default)]
pub(super) struct PostMemory {
    /// Fingerprint of its [`PostSummaryView`].
    summary: OnceLock<Fingerprint>,
    /// Fingerprint of where the links of its body lead.
    pub(super) links: OnceLock<Fingerprint>,
}

/// Conversions of summaries, of as many posts as [`KEPT_SUMMARIES`]. One takes 2 KB, so a large site
/// does not keep all. Pages show mostly posts of about the same time, and are rendered in that order
/// ([`SiteRenderer::order_jobs`]), so nearly all that they ask for are there.
#[derive(Debug)]
struct SummaryValues {
    /// The post with the number `n` has the place `n` modulo the number of places.
    places: Vec<Mutex<Option<(PostId, Value)>>>,
}

/// The most conversions of summaries that are kept.
const KEPT_SUMMARIES: usize = 1 << 13;

impl SummaryValues {
    fn new(posts: usize) -> Self {
        let places = posts.clamp(1, KEPT_SUMMARIES);
        Self {
            places: (0..places).map(|_| Mutex::default()).collect(),
        }
    }

    /// Returns the conversion of a post, which `convert` makes if it is not there.
    fn find_or_make(&self, id: PostId, convert: impl FnOnce() -> Value) -> Value {
        let place = &self.places[id as usize % self.places.len()];
        let mut kept = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((owner, value)) = &*kept
            && *owner == id
        {
            return value.clone();
        }
        // Other threads wait for this one, so that they need not convert it too.
        let value = convert();
        *kept = Some((id, value.clone()));
        value
    }
}

/// A copy is made for a site with other texts, so it starts empty.
impl Clone for SummaryValues {
    fn clone(&self) -> Self {
        Self::new(self.places.len())
    }
}

/// HTML of bodies for feeds.
#[derive(Debug, Default)]
pub(super) struct FeedBodies(Mutex<HashMap<TextId, Value>>);

impl FeedBodies {
    /// Returns the HTML of a text, if it was made before.
    pub(super) fn find(&self, id: TextId) -> Option<Value> {
        self.lock().get(&id).cloned()
    }

    /// Keeps the HTML of a text.
    pub(super) fn keep(&self, id: TextId, html: &Value) {
        self.lock().insert(id, html.clone());
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TextId, Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for FeedBodies {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.lock().clone()))
    }
}

/// Conversions of one term: as posts show it, and as lists of terms show it.
#[derive(Debug, Clone, Default)]
struct TermMemory {
    link: OnceLock<Value>,
    counted: OnceLock<Value>,
}

impl RenderMemory {
    pub(super) fn new(corpus: &Corpus) -> Self {
        let of_terms = |terms: &[CorpusTerm]| terms.iter().map(|_| TermMemory::default()).collect();
        Self {
            subset: corpus.subset.clone(),
            posts: corpus.posts.iter().map(|_| PostMemory::default()).collect(),
            pages: corpus.pages.iter().map(|_| PostMemory::default()).collect(),
            list_texts: corpus
                .list_texts
                .iter()
                .map(|_| PostMemory::default())
                .collect(),
            summaries: SummaryValues::new(corpus.posts.len()),
            feed_html: FeedBodies::default(),
            terms: Taxonomy::ALL.map(|taxonomy| of_terms(corpus.terms(taxonomy))),
        }
    }

    /// Forgets a text that has changed.
    pub(super) fn forget_text(&mut self, id: TextId) {
        let memory = match id {
            TextId::Post(id) => &mut self.posts[self.subset.position(id)],
            TextId::Page(id) => &mut self.pages[id as usize],
            TextId::ListText(id) => &mut self.list_texts[id as usize],
        };
        *memory = PostMemory::default();
        self.feed_html.lock().remove(&id);
    }

    /// Returns the HTML of bodies for feeds.
    pub(super) fn feed_html(&self) -> &FeedBodies {
        &self.feed_html
    }

    pub(super) fn of_text(&self, id: TextId) -> &PostMemory {
        match id {
            TextId::Post(id) => &self.posts[self.subset.position(id)],
            TextId::Page(id) => &self.pages[id as usize],
            TextId::ListText(id) => &self.list_texts[id as usize],
        }
    }

    fn of_term(&self, taxonomy: Taxonomy, id: TermId) -> &TermMemory {
        &self.terms[taxonomy as usize][id as usize]
    }
}

/// A reference to a memory. No hash includes it: what is remembered follows from the view
/// that holds the reference.
#[derive(Debug, Clone, Copy)]
struct Remembered<'s>(&'s OnceLock<Value>);

impl Hash for Remembered<'_> {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// What lists and other posts show of a post.
#[derive(Debug, Hash)]
pub(super) struct PostSummaryView<'s> {
    pub(super) title: &'s str,
    pub(super) description: &'s str,
    pub(super) date: Option<SiteDate>,
    /// Path of its page.
    pub(super) path: &'s str,
    pub(super) words: u32,
    minutes: u32,
    draft: bool,
    language: Option<&'s str>,
    translations: Vec<TranslationLinkView<'s>>,
    pub(super) tags: Vec<TermLinkView<'s>>,
    pub(super) categories: Vec<TermLinkView<'s>>,
    /// Its authors, if the site has several.
    authors: Vec<TermLinkView<'s>>,
    cover: Option<CoverView<'s>>,
    extra: &'s [(String, ExtraValue)],
}

impl<'s> PostSummaryView<'s> {
    fn new(id: PostId, renderer: &'s SiteRenderer) -> Self {
        let (corpus, memory) = (&*renderer.corpus, &renderer.memory);
        let entry = corpus.post(id);
        let post = &entry.post;
        let links = |taxonomy, ids: &[TermId]| -> Vec<TermLinkView<'s>> {
            ids.iter()
                .map(|&id| TermLinkView::new(taxonomy, id, corpus, memory))
                .collect()
        };
        Self {
            title: &post.title,
            description: &post.description,
            date: entry.date,
            path: &entry.path,
            words: post.body.words,
            minutes: post.body.minutes,
            draft: entry.hold().is_some(),
            language: post.language.as_deref(),
            translations: renderer.translation_links(TextId::Post(id)),
            tags: links(Taxonomy::Tags, &entry.tags),
            categories: links(Taxonomy::Categories, &entry.categories),
            authors: if corpus.has_pages(Taxonomy::Authors) {
                links(Taxonomy::Authors, &entry.authors)
            } else {
                Vec::new()
            },
            cover: renderer.cover(entry),
            extra: &post.extra,
        }
    }

    fn to_value(&self, frame: &SiteFrame) -> Value {
        let locale = &frame.locale;
        let terms = |links: &[TermLinkView<'_>]| -> Value {
            let values = links.iter().map(|link| link.to_value(frame));
            values.collect::<Vec<_>>().into()
        };
        let cover = self.cover.as_ref();
        TemplateFields::new()
            .with("title", self.title)
            .with("description", self.description)
            .with_optional("date", self.date.map(|date| date.day.to_string()))
            .with_optional("datetime", self.date.map(SiteDate::to_machine_text))
            .with_optional(
                "date_text",
                self.date.map(|date| locale.format_day(date.day)),
            )
            .with_optional(
                "day_text",
                self.date.map(|date| locale.format_day_of_year(date.day)),
            )
            .with_optional("day", self.date.map(|date| i64::from(date.day.day())))
            .with("url", frame.links.url(self.path))
            .with("canonical", frame.links.absolute(self.path))
            .with("word_count", self.words)
            .with("reading_minutes", self.minutes)
            .with("draft", self.draft)
            .with_optional("language", self.language)
            .with(
                "translations",
                translations_value(&self.translations, frame),
            )
            .with("tags", terms(&self.tags))
            .with("categories", terms(&self.categories))
            .with("authors", terms(&self.authors))
            .with_optional("cover", cover.map(|cover| cover.to_value(frame)))
            .with_optional(
                "thumbnail",
                cover.and_then(|cover| cover.to_thumbnail_value(frame)),
            )
            .with("drawing", choose_drawing(self.path))
            .with("extra", extras_of_post(self.extra))
            .into()
    }
}

/// The number of drawings that stand in for pictures.
const DRAWINGS: u32 = 12;

/// Returns the number of the drawing that a post without a picture has. It stays while the address does.
fn choose_drawing(path: &str) -> u32 {
    let mix = |sum: u32, byte: u8| sum.wrapping_mul(31).wrapping_add(byte.into());
    path.bytes().fold(0, mix) % DRAWINGS
}

/// The summary of a post within the view of a page.
#[derive(Clone, Copy)]
pub(super) struct SharedSummary<'s> {
    pub(super) id: PostId,
    renderer: &'s SiteRenderer,
}

impl Hash for SharedSummary<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let memory = self.renderer.memory.of_text(TextId::Post(self.id));
        let known = &memory.summary;
        let fingerprint = known.get_or_init(|| Fingerprint::of_value(&self.view()));
        fingerprint.hash(state);
    }
}

impl<'s> SharedSummary<'s> {
    pub(super) fn new(id: PostId, renderer: &'s SiteRenderer) -> Self {
        Self { id, renderer }
    }

    /// Returns the date that the summary shows.
    pub(super) fn date(&self) -> Option<SiteDate> {
        self.renderer.corpus.post(self.id).date
    }

    /// Returns the summary itself.
    pub(super) fn view(&self) -> PostSummaryView<'s> {
        PostSummaryView::new(self.id, self.renderer)
    }

    /// Converts the summary for templates.
    pub(super) fn to_value(self, frame: &SiteFrame) -> Value {
        let kept = &self.renderer.memory.summaries;
        kept.find_or_make(self.id, || self.view().to_value(frame))
    }
}

/// Converts several summaries.
pub(super) fn summaries_value(summaries: &[SharedSummary<'_>], frame: &SiteFrame) -> Value {
    let values = summaries.iter().map(|summary| summary.to_value(frame));
    values.collect::<Vec<_>>().into()
}

/// A term as posts show it.
///
/// Posts do not show a term's number of posts. Otherwise every post of a term would have to be
/// rendered again when one is added.
#[derive(Debug, Hash)]
pub(super) struct TermLinkView<'s> {
    taxonomy: Taxonomy,
    pub(super) name: &'s str,
    slug: &'s str,
    value: Remembered<'s>,
}

impl<'s> TermLinkView<'s> {
    pub(super) fn new(
        taxonomy: Taxonomy,
        id: TermId,
        corpus: &'s Corpus,
        memory: &'s RenderMemory,
    ) -> Self {
        let term = &corpus.terms(taxonomy)[id as usize];
        Self {
            taxonomy,
            name: &term.name,
            slug: &term.slug,
            value: Remembered(&memory.of_term(taxonomy, id).link),
        }
    }

    /// Returns the path of the term's page.
    pub(super) fn path(&self) -> String {
        term_path(self.taxonomy, self.slug)
    }

    pub(super) fn fields(&self, frame: &SiteFrame) -> TemplateFields {
        TemplateFields::new()
            .with("name", self.name)
            .with("url", frame.links.url(&self.path()))
    }

    fn to_value(&self, frame: &SiteFrame) -> Value {
        let Remembered(value) = self.value;
        value.get_or_init(|| self.fields(frame).into()).clone()
    }
}

/// A term as lists of terms show it, with its number of posts.
#[derive(Debug, Hash)]
pub(super) struct CountedTermView<'s> {
    pub(super) link: TermLinkView<'s>,
    count: usize,
    value: Remembered<'s>,
}

impl<'s> CountedTermView<'s> {
    pub(super) fn new(
        taxonomy: Taxonomy,
        id: TermId,
        corpus: &'s Corpus,
        memory: &'s RenderMemory,
    ) -> Self {
        Self {
            link: TermLinkView::new(taxonomy, id, corpus, memory),
            count: corpus.terms(taxonomy)[id as usize].posts.len(),
            value: Remembered(&memory.of_term(taxonomy, id).counted),
        }
    }

    pub(super) fn to_value(&self, frame: &SiteFrame) -> Value {
        let fields = || self.link.fields(frame).with("count", self.count).into();
        let Remembered(value) = self.value;
        value.get_or_init(fields).clone()
    }
}
