//! Arranges all posts of a site: their order, addresses, related posts and terms.
//!
//! [`gather_corpus`] takes posts as they were read, in the order of their paths. Nothing changes a
//! post after that.
//!
//! Not here: HTML (`pressrun-markdown`), and what pages show of the corpus (`render`).

mod addresses;
mod authors;
mod by_line;
mod clusters;
pub mod competing;
mod derive;
mod differences;
mod entry;
pub(crate) mod file_paths;
mod live;
mod order;
pub mod own_paths;
pub mod page_path;
mod pages;
mod redirects;
mod related;
mod stated_address;
mod subset;
mod terms;
mod translations;
mod unpublished;
mod weights;
pub mod words;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::{Originality, Post, SiteDate, TextRole};

use serde::{Deserialize, Serialize};

use crate::cache::{BodyStore, StoredBody};
use crate::config::{Config, NearDuplicateAction};
use crate::error::Result;

pub use by_line::PostsByLine;
pub use clusters::{ClusterMember, DuplicateCluster, SimilarityCache};
pub use differences::{TextDifference, find_differences};
pub use entry::{CorpusPost, DatedPost, DerivedTerms, SeriesPlace};
pub use live::KeptAddresses;
pub use own_paths::OwnPaths;
pub use pages::{CorpusPage, ListTextId, PageId, TextId};
pub use redirects::{Redirect, RedirectTarget};
pub use subset::PostSubset;
pub use terms::{CorpusTerm, Taxonomy, closed_list, term_key, term_slug};
pub(crate) use translations::keep_one_translation;
pub use translations::{TranslationGroup, TranslationGroupId, TranslationPlace};
pub use unpublished::{PostSelection, UnpublishedPost, UnpublishedReason, report_due_posts};

/// The posts of a site, and the relations between them.
///
/// What is left out when it is serialised belongs to the single posts, or to no page that shows some of
/// them ([`SitePart`](crate::render::SitePart)).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Corpus {
    /// Published posts, newest first, then by path; in a part of a site only those that the part shows.
    #[serde(skip)]
    pub posts: Vec<CorpusPost>,
    /// Which posts `posts` are.
    #[serde(skip)]
    pub subset: PostSubset,
    /// The posts that lists show, in the same order: of posts that are translations of each other
    /// only one.
    pub listed: Vec<PostId>,
    /// Published pages, by the path of their files.
    pub pages: Vec<CorpusPage>,
    /// Texts that stand above the posts of a list. Their paths are those of their lists.
    pub list_texts: Vec<CorpusPost>,
    /// The text of the home page.
    pub home_text: Option<ListTextId>,
    /// Tags with at least one published post, by name.
    pub tags: Vec<CorpusTerm>,
    /// Categories with at least one published post, by name.
    pub categories: Vec<CorpusTerm>,
    /// Authors with at least one published post, by name; none if no post states its author.
    pub authors: Vec<CorpusTerm>,
    /// Series with at least one published post, by name. Their posts are in reading order.
    pub series: Vec<CorpusTerm>,
    /// Texts that are translations of each other.
    pub translations: Vec<TranslationGroup>,
    /// The date of the latest change of a post, if any post has a date.
    pub changed: Option<SiteDate>,
    /// Clusters of near-duplicates, published or not.
    #[serde(skip)]
    pub clusters: Vec<DuplicateCluster>,
    /// Former addresses; the first redirect from an address counts.
    #[serde(skip)]
    pub redirects: Vec<Redirect>,
}

/// The index of a post in [`Corpus::posts`].
pub type PostId = u32;

/// The index of a term among those of its taxonomy ([`Corpus::terms`]).
pub type TermId = u32;

/// The result of [`gather_corpus`].
#[derive(Debug)]
pub struct GatheredCorpus {
    /// The published posts and their relations.
    pub corpus: Corpus,
    /// The posts that are not published: scheduled posts by date, then the others by path.
    pub unpublished: Vec<UnpublishedPost>,
    /// Findings that concern several posts.
    pub diagnostics: Vec<Diagnostic>,
}

/// What [`gather_corpus`] needs besides the posts.
#[derive(Debug, Clone, Copy)]
pub struct GatherInputs<'a> {
    /// The texts of the posts.
    pub bodies: &'a BodyStore,
    /// The configuration of the site.
    pub config: &'a Config,
    /// Which posts are published.
    pub selection: PostSelection,
    /// The paths that no post can have.
    pub own_paths: &'a OwnPaths,
}

/// Arranges the posts of a site.
///
/// `posts` must be in the order of their paths. Addresses are assigned before drafts and future
/// posts are set aside, so that a preview shows the same addresses as the published site.
///
/// # Errors
///
/// Returns an error if a body that must be compared cannot be read.
pub fn gather_corpus(
    posts: Vec<DatedPost>,
    inputs: GatherInputs<'_>,
    compared: &mut SimilarityCache,
) -> Result<GatheredCorpus> {
    let GatherInputs {
        bodies,
        config,
        selection,
        own_paths,
    } = inputs;
    let (list_texts, posts): (Vec<_>, Vec<_>) = posts
        .into_iter()
        .partition(|dated| dated.post.role().is_list_text());
    let of_posts = posts.iter();
    let of_posts = of_posts.filter(|dated| dated.post.role() == TextRole::Post);
    let of_posts: Vec<&DatedPost> = of_posts.collect();
    // On two threads, because the first of them uses only one.
    let ((paths, mut diagnostics), clusters) = rayon::join(
        || addresses::assign_addresses(&posts, config, own_paths),
        || clusters::find_clusters(&of_posts, bodies, selection, compared),
    );
    let clusters = clusters?;
    let (pages, posts): (Vec<_>, Vec<_>) = posts
        .into_iter()
        .zip(paths)
        .partition(|(dated, _)| dated.post.role() == TextRole::Page);
    let (posts, paths): (Vec<_>, Vec<_>) = posts.into_iter().unzip();
    let action = config.content.near_duplicates;
    diagnostics.extend(clusters.diagnostics(action));
    let mut unpublished = Vec::new();
    let mut entries = Vec::with_capacity(posts.len());
    for ((at, dated), path) in posts.into_iter().enumerate().zip(paths) {
        let reason = selection.find_reason(dated.hold(), dated.date, dated.expires);
        let member = clusters.member(at);
        let replaced = member.is_some_and(|member| member.replaced);
        let made_draft = replaced && action == NearDuplicateAction::Draft && !selection.drafts;
        if let Some(reason) = reason.or(made_draft.then_some(UnpublishedReason::NearDuplicate)) {
            unpublished.push(dated.into_unpublished(path, reason, selection));
            continue;
        }
        entries.push(CorpusPost {
            cluster: member.map(|member| member.cluster),
            ..dated.into_entry(path)
        });
    }
    let mut pages = pages::gather_pages(pages, selection, &mut unpublished);
    diagnostics.extend(report_shared_descriptions(&entries));
    order::sort_newest_first(&mut entries);
    if action == NearDuplicateAction::Canonical {
        clusters.name_canonical(&mut entries);
    }
    diagnostics.extend(authors::record_authors(&mut entries, config));
    let (translations, untied) =
        translations::tie_translations(&mut entries, &mut pages, &config.language);
    diagnostics.extend(untied);
    let (mut corpus, moved) = connect_posts(entries, config, own_paths);
    (corpus.pages, corpus.clusters) = (pages, clusters.clusters);
    corpus.translations = translations;
    diagnostics.extend(moved);
    diagnostics.extend(pages::place_list_texts(
        list_texts,
        &mut corpus,
        config,
        selection,
        &mut unpublished,
    ));
    unpublished::sort_unpublished(&mut unpublished);
    let (aliases, unusable) = redirects::collect_aliases(&corpus, config);
    corpus.redirects = aliases;
    diagnostics.extend(unusable);
    diagnostics.extend(stated_address::place_canonicals(&mut corpus, config));
    diagnostics.extend(derive::report_derived(&corpus.posts));
    Ok(GatheredCorpus {
        corpus,
        unpublished,
        diagnostics,
    })
}

/// Computes the relations between posts, which must be in their final order. Also returns warnings
/// about terms whose address differs from their name.
fn connect_posts(
    mut entries: Vec<CorpusPost>,
    config: &Config,
    own_paths: &OwnPaths,
) -> (Corpus, Vec<Diagnostic>) {
    let weights = weights::WordWeights::from_posts(&entries);
    let derived = derive::derive_terms(&entries, &weights, &config.categories.allowed);
    for (entry, derived) in entries.iter_mut().zip(derived) {
        entry.derived = derived;
    }
    let is_translated = entries.iter().any(|entry| entry.translation.is_some());
    let collect = |taxonomy| {
        let mut collected = terms::collect_terms(&entries, taxonomy, config, own_paths);
        for term in collected.terms.iter_mut().filter(|_| is_translated) {
            let place = |id: &PostId| entries[*id as usize].translation;
            term.others = keep_one_translation(&mut term.posts, place);
        }
        collected
    };
    // Most terms are tags.
    let (of_tags, [of_categories, of_authors, of_series]) = rayon::join(
        || collect(Taxonomy::Tags),
        || [Taxonomy::Categories, Taxonomy::Authors, Taxonomy::Series].map(collect),
    );
    let mut moved = of_tags.moved;
    moved.extend(of_categories.moved);
    moved.extend(of_authors.moved);
    moved.extend(of_series.moved);
    for (entry, own) in entries.iter_mut().zip(of_tags.of_posts) {
        entry.tags = own;
    }
    for (entry, own) in entries.iter_mut().zip(of_categories.of_posts) {
        entry.categories = own;
    }
    for (entry, own) in entries.iter_mut().zip(of_authors.of_posts) {
        entry.authors = own;
    }
    let (tags, categories, authors) = (of_tags.terms, of_categories.terms, of_authors.terms);
    let (mut series, of_posts) = (of_series.terms, of_series.of_posts);
    order::number_parts(&mut series, &mut entries);
    translations::number_translated_parts(&mut entries, &of_posts);
    // Related posts use terms and `canonical`, so they come last.
    let related = related::find_related(&entries, &tags, &weights);
    for (entry, related) in entries.iter_mut().zip(related) {
        entry.related = related;
    }
    let mut listed: Vec<PostId> = (0..entries.len() as PostId).collect();
    keep_one_translation(&mut listed, |&id| entries[id as usize].translation);
    let corpus = Corpus {
        listed,
        changed: entries
            .iter()
            .filter_map(CorpusPost::changed)
            .max_by_key(|date| date.moment),
        posts: entries,
        tags,
        categories,
        authors,
        series,
        ..Corpus::default()
    };
    (corpus, moved)
}

impl Corpus {
    /// Returns a post.
    pub fn post(&self, id: PostId) -> &CorpusPost {
        &self.posts[self.subset.position(id)]
    }

    /// Forgets what posts are compared by, so that rendering has the memory. Everything that
    /// compares them has been computed.
    pub(crate) fn forget_profiles(&mut self) {
        for entry in &mut self.posts {
            // Posts of clusters are shared, and few.
            if let Some(post) = Arc::get_mut(&mut entry.post) {
                post.body.forget_profile();
            }
        }
    }

    /// Returns the languages of posts and pages other than the language of the site, in the order of their
    /// tags.
    pub fn languages(&self) -> Vec<&str> {
        let pages = self.pages.iter().map(|page| &page.text);
        let own = self.posts.iter().chain(pages);
        let own = own.map(|entry| entry.post.language.as_deref());
        let languages: BTreeSet<&str> = own.flatten().collect();
        languages.into_iter().collect()
    }

    /// Returns the terms of a taxonomy.
    pub fn terms(&self, taxonomy: Taxonomy) -> &[CorpusTerm] {
        match taxonomy {
            Taxonomy::Tags => &self.tags,
            Taxonomy::Categories => &self.categories,
            Taxonomy::Authors => &self.authors,
            Taxonomy::Series => &self.series,
        }
    }

    fn terms_mut(&mut self, taxonomy: Taxonomy) -> &mut [CorpusTerm] {
        match taxonomy {
            Taxonomy::Tags => &mut self.tags,
            Taxonomy::Categories => &mut self.categories,
            Taxonomy::Authors => &mut self.authors,
            Taxonomy::Series => &mut self.series,
        }
    }

    /// Returns whether the terms of a taxonomy have pages. A single author has none: every list of
    /// the site is already theirs.
    pub fn has_pages(&self, taxonomy: Taxonomy) -> bool {
        self.terms(taxonomy).len() >= taxonomy.fewest_terms()
    }
}

/// Returns a warning for each post with the same description as an older one.
fn report_shared_descriptions(entries: &[CorpusPost]) -> Vec<Diagnostic> {
    let mut first: HashMap<&str, &Post<StoredBody>> = HashMap::with_capacity(entries.len());
    let mut diagnostics = Vec::new();
    let mut order: Vec<&CorpusPost> = entries.iter().collect();
    order.sort_by_cached_key(|entry| Originality::new(entry.moment(), &entry.post.source));
    let posts = order.into_iter().map(|entry| &*entry.post);
    for post in posts.filter(|post| !post.description.is_empty()) {
        let Some(earlier) = first.get(post.description.as_str()) else {
            first.insert(&post.description, post);
            continue;
        };
        if post.is_translation_of(earlier) {
            continue;
        }
        let place = FilePlace::line(post.source.file.clone(), post.source.line);
        diagnostics.push(
            Diagnostic::new(
                Code::DuplicateDescription,
                place,
                format!(
                    "the description of `{}` is the same as that of `{}` in {}",
                    post.title, earlier.title, earlier.source.file
                ),
            )
            .with_help("give one of them a different META_DESCRIPTION"),
        );
    }
    diagnostics
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::{Date, Moment};
    use pressrun_text::similarity;

    use super::*;

    fn post(file: &str, title: &str) -> Post<StoredBody> {
        Post {
            source: pressrun_posts::post::PostSource {
                file: file.into(),
                line: 1,
                index: 0,
            },
            title: title.to_owned(),
            slug: pressrun_posts::post::slug::slugify(title),
            description: format!("About {file}"),
            ..Post::default()
        }
    }

    fn dated(post: Post<StoredBody>, date: Option<Date>) -> DatedPost {
        DatedPost {
            post: Arc::new(post),
            date: date.map(SiteDate::from),
            lasting_date: date.map(Moment::start_of_day),
            ..DatedPost::default()
        }
    }

    fn gather(posts: Vec<DatedPost>, selection: PostSelection) -> GatheredCorpus {
        let cache = crate::cache::BuildCache::disabled();
        let inputs = GatherInputs {
            bodies: &cache.bodies(0),
            config: &Config::default(),
            selection,
            own_paths: &OwnPaths::default(),
        };
        gather_corpus(posts, inputs, &mut SimilarityCache::default()).unwrap()
    }

    fn selection() -> PostSelection {
        PostSelection::public(Moment::start_of_day(Date::constant(2026, 1, 1)))
    }

    #[test]
    fn drafts_and_future_posts_are_left_out_unless_asked_for() {
        let posts = || {
            let mut draft = post("a", "Draft");
            draft.draft = true;
            vec![
                dated(draft, None),
                dated(post("b", "Future"), Some(Date::constant(2026, 1, 2))),
                dated(post("c", "Today"), Some(Date::constant(2026, 1, 1))),
            ]
        };
        let gathered = gather(posts(), selection());
        assert_eq!(gathered.corpus.posts.len(), 1);
        let unpublished = gathered.unpublished.iter();
        let reasons: Vec<_> = unpublished
            .map(|post| (&*post.title, post.reason))
            .collect();
        let tomorrow = Date::constant(2026, 1, 2);
        let expected = [
            ("Future", UnpublishedReason::Scheduled(tomorrow.into())),
            ("Draft", UnpublishedReason::Draft),
        ];
        assert_eq!(reasons, expected);
        let all = PostSelection {
            drafts: true,
            future: true,
            ..selection()
        };
        assert_eq!(gather(posts(), all).corpus.posts.len(), 3);
    }

    #[test]
    fn profiles_of_posts_are_forgotten() {
        let mut compared = post("a", "One");
        compared
            .body
            .set_profile(similarity::profile_text("One", "Of bees and bees.", "en"));
        let mut corpus = gather(vec![dated(compared, None)], selection()).corpus;
        assert!(!corpus.posts[0].post.body.profile().subjects.is_empty());
        corpus.forget_profiles();
        assert!(corpus.posts[0].post.body.profile().subjects.is_empty());
    }

    #[test]
    fn shared_description_is_reported_at_the_later_post() {
        let mut posts = [post("a", "One"), post("b", "Two")];
        posts[1].description = posts[0].description.clone();
        let posts = posts.map(|post| dated(post, None)).to_vec();
        let gathered = gather(posts, selection());
        let places: Vec<String> = gathered
            .diagnostics
            .iter()
            .map(|d| format!("{}: {}", d.place, d.code))
            .collect();
        assert_eq!(places, ["b:1: duplicate-description"]);
    }
}
