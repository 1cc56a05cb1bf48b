//! Pages, and the texts of lists: what has a text and is no post.
//!
//! A page gets its address together with the posts (`addresses`). The text of a list has none: it
//! stands on the first page of its list, the home page or that of a term.

use std::collections::HashMap;
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::slug::{SlugSpelling, make_portable};
use pressrun_posts::post::{FieldSource, Post, TextRole};
use rayon::prelude::*;

use serde::{Deserialize, Serialize};

use super::own_paths::{FixedPage, term_path};
use super::terms::{former_term_slug, term_slug};
use super::{Corpus, CorpusPost, DatedPost, PostId, PostSelection, Taxonomy, UnpublishedPost};
use crate::cache::StoredBody;
use crate::config::{Config, find_nearest_name};

/// The folder whose folders become part of the addresses of pages.
const PAGES: &str = "content/pages/";

/// The stem of a file that is the page of its folder.
const INDEX: &str = "index";

/// The index of a page in [`Corpus::pages`].
pub type PageId = u32;

/// The index of a text in [`Corpus::list_texts`].
pub type ListTextId = u32;

/// A text of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TextId {
    /// A post.
    Post(PostId),
    /// A page.
    Page(PageId),
    /// The text of a list.
    ListText(ListTextId),
}

/// A published page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CorpusPage {
    /// Its text. It has no terms and no relations to posts.
    pub text: CorpusPost,
    /// The page whose address is the nearest one above its own.
    pub above: Option<PageId>,
}

impl Corpus {
    /// Returns a text with its address.
    pub fn text(&self, id: TextId) -> &CorpusPost {
        match id {
            TextId::Post(id) => self.post(id),
            TextId::Page(id) => &self.pages[id as usize].text,
            TextId::ListText(id) => &self.list_texts[id as usize],
        }
    }

    /// Returns all texts with their addresses.
    pub fn texts(&self) -> impl Iterator<Item = (TextId, &CorpusPost)> {
        let posts = self.posts.iter().zip(0..);
        let pages = self.pages.iter().zip(0..);
        let lists = self.list_texts.iter().zip(0..);
        posts
            .map(|(entry, id)| (TextId::Post(id), entry))
            .chain(pages.map(|(page, id)| (TextId::Page(id), &page.text)))
            .chain(lists.map(|(entry, id)| (TextId::ListText(id), entry)))
    }

    /// Returns a copy.
    pub(crate) fn clone_in_parallel(&self) -> Self {
        // Posts are by far the most, so the rest is copied at once.
        Self {
            posts: self.posts.par_iter().cloned().collect(),
            subset: self.subset.clone(),
            clusters: self.clusters.clone(),
            redirects: self.redirects.clone(),
            ..self.clone_without_posts()
        }
    }

    /// Returns a copy of what is no post, of which a page may show something.
    pub(crate) fn clone_without_posts(&self) -> Self {
        let Self {
            posts: _,
            subset: _,
            clusters: _,
            redirects: _,
            listed,
            pages,
            list_texts,
            home_text,
            tags,
            categories,
            authors,
            series,
            translations,
            changed,
        } = self;
        Self {
            listed: listed.clone(),
            pages: pages.clone(),
            list_texts: list_texts.clone(),
            home_text: *home_text,
            tags: tags.clone(),
            categories: categories.clone(),
            authors: authors.clone(),
            series: series.clone(),
            translations: translations.clone(),
            changed: *changed,
            ..Self::default()
        }
    }

    /// Replaces what was read of a text, which keeps its place.
    pub(crate) fn replace_text(&mut self, id: TextId, post: Arc<Post<StoredBody>>) {
        let entry = match id {
            TextId::Post(id) => &mut self.posts[self.subset.position(id)],
            TextId::Page(id) => &mut self.pages[id as usize].text,
            TextId::ListText(id) => &mut self.list_texts[id as usize],
        };
        entry.post = post;
    }
}

/// Returns the path of a page with this slug: the folders below `content/pages/`, and the slug.
pub(super) fn build_page_path(
    post: &Post<StoredBody>,
    slug: &str,
    spelling: SlugSpelling,
) -> String {
    let below = post.source.file.strip_prefix(PAGES).unwrap_or_default();
    let (folders, name) = below.rsplit_once('/').unwrap_or(("", below));
    let mut path = "/".to_owned();
    for folder in folders.split('/').filter(|name| !name.starts_with('_')) {
        let folder = spelling.slugify(folder);
        if !folder.is_empty() {
            path += &make_portable(&folder);
            path.push('/');
        }
    }
    let is_index = name.split('.').next() == Some(INDEX);
    let is_given = matches!(
        post.origins.slug,
        FieldSource::Header | FieldSource::End | FieldSource::Container
    );
    // Another slug than its own means that the address of the folder is taken.
    if path == "/" || !is_index || is_given || slug != make_portable(&post.slug) {
        path += slug;
        path.push('/');
    }
    path
}

/// Returns the pages that are published, in the order of their files; the others are added to
/// `unpublished`.
pub(super) fn gather_pages(
    pages: Vec<(DatedPost, String)>,
    selection: PostSelection,
    unpublished: &mut Vec<UnpublishedPost>,
) -> Vec<CorpusPage> {
    let mut published = Vec::with_capacity(pages.len());
    for (dated, path) in pages {
        if let Some(text) = place_text(dated, path, selection, unpublished) {
            published.push(CorpusPage { text, above: None });
        }
    }
    let by_path: HashMap<&str, PageId> = published
        .iter()
        .zip(0..)
        .map(|(page, id)| (&*page.text.path, id))
        .collect();
    let above: Vec<Option<PageId>> = published
        .iter()
        .map(|page| folders_above(&page.text.path).find_map(|path| by_path.get(path).copied()))
        .collect();
    for (page, above) in published.iter_mut().zip(above) {
        page.above = above;
    }
    published
}

/// Returns the paths of the folders above a path, the nearest first, without the root.
fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path.strip_suffix('/').unwrap_or(path);
    std::iter::from_fn(move || {
        let end = rest.rfind('/').filter(|end| *end > 0)?;
        rest = &path[..end];
        Some(&path[..=end])
    })
}

fn place_text(
    dated: DatedPost,
    path: String,
    selection: PostSelection,
    unpublished: &mut Vec<UnpublishedPost>,
) -> Option<CorpusPost> {
    let reason = selection.find_reason(dated.hold(), dated.date, dated.expires);
    if let Some(reason) = reason {
        unpublished.push(dated.into_unpublished(path, reason, selection));
        return None;
    }
    Some(dated.into_entry(path))
}

/// Gives the lists of a corpus their texts, and reports the texts that no list takes. Those that are
/// not published are added to `unpublished`.
pub(super) fn place_list_texts(
    mut texts: Vec<DatedPost>,
    corpus: &mut Corpus,
    config: &Config,
    selection: PostSelection,
    unpublished: &mut Vec<UnpublishedPost>,
) -> Vec<Diagnostic> {
    if texts.is_empty() {
        return Vec::new();
    }
    // Of two texts for the home page, the one beside the pages counts.
    texts.sort_by_key(|dated| !dated.post.source.file.starts_with(PAGES));
    let mut places = ListPlaces::new(corpus, config);
    let mut found = Vec::new();
    let mut entries: Vec<CorpusPost> = Vec::new();
    let mut lists = Vec::new();
    for dated in texts {
        let post = Arc::clone(&dated.post);
        let list = match places.find_list(&post) {
            Ok(list) => list,
            Err(unknown) => {
                found.push(unknown);
                continue;
            }
        };
        let path = places.path_of(list);
        let Some(entry) = place_text(dated, path, selection, unpublished) else {
            continue;
        };
        if let Some(&id) = places.taken.get(&list) {
            found.push(report_second_text(&post, &entries[id as usize].post));
        } else {
            places.taken.insert(list, entries.len() as ListTextId);
            lists.push(list);
            entries.push(entry);
        }
    }
    for (list, id) in lists.into_iter().zip(0..) {
        match list {
            TextedList::Home => corpus.home_text = Some(id),
            TextedList::Term(taxonomy, term) => corpus.terms_mut(taxonomy)[term].text = Some(id),
        }
    }
    corpus.list_texts = entries;
    found
}

/// A list that can have a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum TextedList {
    Home,
    /// A term by its position.
    Term(Taxonomy, usize),
}

/// The lists of a site, found by the names of files.
struct ListPlaces<'c> {
    corpus: &'c Corpus,
    spelling: SlugSpelling,
    /// The position of each term by its slug.
    terms: HashMap<(Taxonomy, &'c str), usize>,
    /// The same by the slugs that terms had when no language spelt their letters out.
    former: HashMap<(Taxonomy, String), usize>,
    /// The lists that have a text, with the index of that text.
    taken: HashMap<TextedList, ListTextId>,
    /// How many more times a similar name is looked for, which takes a look at every term.
    guesses: usize,
}

/// Most files of unknown terms for which a similar name is looked for.
const MOST_GUESSES: usize = 20;

impl<'c> ListPlaces<'c> {
    fn new(corpus: &'c Corpus, config: &Config) -> Self {
        let terms = Taxonomy::ALL.into_iter().flat_map(|taxonomy| {
            let terms = corpus.terms(taxonomy).iter().enumerate();
            terms.map(move |(at, term)| ((taxonomy, &*term.slug), at))
        });
        let former = Taxonomy::ALL.into_iter().flat_map(|taxonomy| {
            let terms = corpus.terms(taxonomy).iter().enumerate();
            terms.filter_map(move |(at, term)| {
                let slug = former_term_slug(term, taxonomy, config)?;
                Some(((taxonomy, slug), at))
            })
        });
        Self {
            terms: terms.collect(),
            former: former.collect(),
            corpus,
            spelling: config.slug_spelling(),
            taken: HashMap::new(),
            guesses: MOST_GUESSES,
        }
    }

    /// Returns the list that a text is for, or the note that there is no such list.
    fn find_list(&mut self, post: &Post<StoredBody>) -> Result<TextedList, Diagnostic> {
        let taxonomy = match post.role() {
            TextRole::TagText => Taxonomy::Tags,
            TextRole::CategoryText => Taxonomy::Categories,
            TextRole::SeriesText => Taxonomy::Series,
            TextRole::HomeText | TextRole::Page | TextRole::Post => return Ok(TextedList::Home),
        };
        let name = post.source.file.rsplit('/').next().unwrap_or_default();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let slug = term_slug(stem, self.spelling);
        let term = self.terms.get(&(taxonomy, stem));
        let term = term.or_else(|| self.terms.get(&(taxonomy, &*slug)));
        match term.or_else(|| self.former.get(&(taxonomy, stem.to_owned()))) {
            Some(&term) => Ok(TextedList::Term(taxonomy, term)),
            None => Err(self.report_unknown_term(post, taxonomy, &slug)),
        }
    }

    fn path_of(&self, list: TextedList) -> String {
        match list {
            TextedList::Home => FixedPage::Home.path().to_owned(),
            TextedList::Term(taxonomy, at) => {
                term_path(taxonomy, &self.corpus.terms(taxonomy)[at].slug)
            }
        }
    }

    fn report_unknown_term(
        &mut self,
        post: &Post<StoredBody>,
        taxonomy: Taxonomy,
        slug: &str,
    ) -> Diagnostic {
        let message = format!(
            "no published post has the {} {}, so this text is not shown",
            taxonomy.singular(),
            quote_for_message(slug)
        );
        let near = if self.guesses == 0 {
            None
        } else {
            self.guesses -= 1;
            let slugs = self.corpus.terms(taxonomy).iter();
            let slugs: Vec<&str> = slugs.map(|term| &*term.slug).collect();
            find_nearest_name(slug, &slugs)
        };
        let help = match near {
            Some(near) => {
                format!("did you mean `{near}`? A file has the name of its term's address")
            }
            None => format!(
                "name the file after the address of a {}; a post belongs into another folder",
                taxonomy.singular()
            ),
        };
        report_unused_text(post, message).with_help(help)
    }
}

fn report_second_text(post: &Post<StoredBody>, first: &Post<StoredBody>) -> Diagnostic {
    let message = format!(
        "this list has its text from {} already, so this one is not shown",
        first.source.file
    );
    report_unused_text(post, message).with_help("join the two texts in one file")
}

fn report_unused_text(post: &Post<StoredBody>, message: String) -> Diagnostic {
    let place = FilePlace::line(post.source.file.clone(), post.source.line);
    Diagnostic::new(Code::UnusedText, place, message)
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::{Date, Moment};

    use super::super::addresses::tests::post_with_slug;
    use super::*;

    #[test]
    fn folders_below_the_pages_are_part_of_the_address() {
        let check = |file, slug, expected| {
            let page = post_with_slug(file, "own", FieldSource::Derived);
            let path = build_page_path(&page, slug, SlugSpelling::default());
            assert_eq!(path, expected, "{file}");
        };
        check("content/pages/a.md", "own", "/own/");
        check("content/other/a.md", "own", "/own/");
        check("content/pages/The Docs/b/a.md", "own", "/the-docs/b/own/");
        check("content/pages/_drafts/a.md", "own", "/own/");
        check("content/pages/docs/index.md", "own", "/docs/");
        check("content/pages/docs/index.md", "own-1234", "/docs/own-1234/");
        check("content/pages/index.md", "own", "/own/");
        let given = post_with_slug("content/pages/docs/index.md", "own", FieldSource::Header);
        let path = build_page_path(&given, "own", SlugSpelling::default());
        assert_eq!(path, "/docs/own/");
    }

    #[test]
    fn page_is_below_the_nearest_page_above_its_address() {
        let above: Vec<&str> = folders_above("/a/b/c/").collect();
        assert_eq!(above, ["/a/b/", "/a/"]);
        assert_eq!(folders_above("/a/").count(), 0);
        assert_eq!(folders_above("/a/b.html").collect::<Vec<_>>(), ["/a/"]);
        let dated = |path: &str| {
            let post = post_with_slug("content/pages/a.md", "a", FieldSource::Derived);
            let dated = DatedPost {
                post: Arc::new(post),
                ..DatedPost::default()
            };
            (dated, path.to_owned())
        };
        let pages = vec![dated("/a/b/c/"), dated("/a/"), dated("/x/")];
        let today = Date::constant(2026, 1, 1);
        let pages = gather_pages(
            pages,
            PostSelection::public(Moment::start_of_day(today)),
            &mut Vec::new(),
        );
        let above: Vec<_> = pages.iter().map(|page| page.above).collect();
        assert_eq!(above, [Some(1), None, None]);
    }
}
