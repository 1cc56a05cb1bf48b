//! The list of all terms of a taxonomy.

use std::collections::BTreeMap;

use pressrun_locale::index_letters::IndexLetter;
use pressrun_locale::locale::Locale;
use pressrun_locale::messages::MessageValue;
use tera::{Context, Value};

use super::{PageContent, SitemapListing};
use crate::corpus::own_paths::FixedPage;
use crate::corpus::{Corpus, CorpusTerm, Taxonomy, TermId, TextId};
use crate::render::SiteRenderer;
use crate::render::frame::SiteFrame;
use crate::render::head::PageHead;
use crate::render::json_ld::collection_node;
use crate::render::people::AuthorView;
use crate::render::summary::CountedTermView;
use crate::render::values::TemplateFields;

/// What the list of all terms of a taxonomy shows.
#[derive(Hash)]
pub(super) struct TermsPageView<'s> {
    head: PageHead<'s>,
    taxonomy: Taxonomy,
    /// Number of all terms.
    total: usize,
    /// The tags that most posts have, unless the list is short.
    most_used: Vec<CountedTermView<'s>>,
    groups: Vec<TermGroupView<'s>>,
}

/// A list of tags with fewer has no extract.
const LONG_LIST: usize = 25;

/// The most tags in the extract.
const MOST_USED: usize = 15;

/// The terms that stand under one letter in an index.
#[derive(Hash)]
struct TermGroupView<'s> {
    label: String,
    terms: Vec<ListedTermView<'s>>,
}

/// A term with what the list shows of it.
#[derive(Hash)]
struct ListedTermView<'s> {
    term: CountedTermView<'s>,
    /// The author that the term is.
    author: Option<AuthorView<'s>>,
    /// The description that its text gives it.
    description: Option<&'s str>,
}

impl<'s> ListedTermView<'s> {
    fn new(taxonomy: Taxonomy, id: TermId, renderer: &'s SiteRenderer) -> Self {
        let author = match taxonomy {
            Taxonomy::Authors => Some(AuthorView::new(id, &renderer.corpus)),
            Taxonomy::Tags | Taxonomy::Categories | Taxonomy::Series => None,
        };
        let corpus = &renderer.corpus;
        let text = corpus.terms(taxonomy)[id as usize].text;
        let text = text.map(|id| corpus.text(TextId::ListText(id)).post.description.as_str());
        Self {
            term: renderer.counted_term(taxonomy, id),
            author,
            description: text.filter(|text| !text.is_empty()),
        }
    }

    fn to_value(&self, frame: &SiteFrame) -> Value {
        let author = self.author.as_ref();
        author
            .map_or_else(TemplateFields::new, |author| author.fields(frame))
            .with_all_of(&self.term.to_value(frame))
            .with_optional("description", self.description)
            .into()
    }
}

impl<'s> TermsPageView<'s> {
    pub(super) fn new(taxonomy: Taxonomy, renderer: &'s SiteRenderer) -> Self {
        let frame = &renderer.frame;
        let terms = renderer.corpus.terms(taxonomy);
        let heading = taxonomy_heading(taxonomy, frame);
        let path = FixedPage::Terms(taxonomy).path();
        let mut head = PageHead::new(taxonomy.folder(), path, heading, frame);
        let total = terms.len();
        let values = [
            ("count", MessageValue::of_count(total)),
            ("site", MessageValue::Text(&frame.config.title)),
        ];
        let key = match taxonomy {
            Taxonomy::Tags => "about_tags",
            Taxonomy::Categories => "about_categories",
            Taxonomy::Authors => "about_authors",
            Taxonomy::Series => "about_series_list",
        };
        head.description = frame.fill(key, &values).into();
        let groups = group_by_letter(terms, &frame.locale)
            .into_iter()
            .map(|(letter, ids)| TermGroupView {
                label: letter.label,
                terms: ids
                    .into_iter()
                    .map(|id| ListedTermView::new(taxonomy, id, renderer))
                    .collect(),
            })
            .collect();
        let most_used = match taxonomy {
            Taxonomy::Tags => list_most_used(terms),
            Taxonomy::Categories | Taxonomy::Authors | Taxonomy::Series => Vec::new(),
        };
        let most_used = most_used.into_iter();
        Self {
            head,
            taxonomy,
            total,
            most_used: most_used
                .map(|id| renderer.counted_term(taxonomy, id))
                .collect(),
            groups,
        }
    }

    pub(super) fn to_content(&self, frame: &SiteFrame) -> PageContent {
        let groups: Vec<Value> = self
            .groups
            .iter()
            .map(|group| {
                let terms = group.terms.iter().map(|term| term.to_value(frame));
                TemplateFields::new()
                    .with("label", group.label.as_str())
                    .with("terms", terms.collect::<Vec<_>>())
                    .into()
            })
            .collect();
        let most_used = self.most_used.iter().map(|term| term.to_value(frame));
        let terms = TemplateFields::new()
            .with("kind", self.taxonomy.folder())
            .with("total", self.total)
            .with("most_used", most_used.collect::<Vec<Value>>())
            .with("groups", groups);
        let subject = collection_node(&self.head, frame);
        let mut context = Context::new();
        context.insert_value("page", self.head.to_value(Some(subject), frame));
        context.insert_value("terms", terms.into());
        PageContent::Template("terms.html".into(), context)
    }
}

/// Returns the name of the list of all terms of a taxonomy.
pub(super) fn taxonomy_heading(taxonomy: Taxonomy, frame: &SiteFrame) -> String {
    frame.words().text(match taxonomy {
        Taxonomy::Tags => "tags",
        Taxonomy::Categories => "categories",
        Taxonomy::Authors => "authors",
        Taxonomy::Series => "series_list",
    })
}

/// Returns the terms that most posts have, most first, of a list that is long. A term of one post is none of them.
fn list_most_used(terms: &[CorpusTerm]) -> Vec<TermId> {
    if terms.len() < LONG_LIST {
        return Vec::new();
    }
    let mut ids: Vec<TermId> = (0..terms.len() as TermId).collect();
    let count = |id: TermId| terms[id as usize].posts.len();
    ids.retain(|&id| count(id) > 1);
    // Of equal ones, the first by name.
    ids.sort_by_key(|&id| std::cmp::Reverse(count(id)));
    ids.truncate(MOST_USED);
    ids
}

/// Groups terms, which are sorted by name, by the letters of an index.
fn group_by_letter(terms: &[CorpusTerm], locale: &Locale) -> BTreeMap<IndexLetter, Vec<TermId>> {
    let mut letters = locale.index_letters();
    let mut groups: BTreeMap<IndexLetter, Vec<TermId>> = BTreeMap::new();
    for (id, term) in terms.iter().enumerate() {
        let letter = letters.find_letter(&term.name);
        groups.entry(letter).or_default().push(id as TermId);
    }
    groups
}

/// It changes with any post.
pub(super) fn list_in_sitemap(corpus: &Corpus) -> SitemapListing {
    SitemapListing::Listed(corpus.changed)
}
