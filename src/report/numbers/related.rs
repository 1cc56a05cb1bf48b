//! Reports how posts resemble each other: near-duplicates, competing posts, and languages.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use pressrun_posts::post::Post;
use pressrun_site::cache::{BodyStore, StoredBody};
use pressrun_site::corpus::{self, Corpus, CorpusPost};
use serde::Serialize;

use super::{CappedList, CountedPosts, PostLine};

/// Most differing passages shown for a pair of posts.
const PASSAGES: usize = 3;

/// How posts resemble each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PostRelations {
    /// Groups of near-duplicates, the largest first.
    pub near_duplicates: CappedList<NearDuplicateGroup>,
    /// Groups of posts that compete for the same search phrase, the largest first.
    pub competing: CappedList<CompetingPhrase>,
    /// Number of posts in each language, the most frequent first.
    pub languages: Vec<LanguageCount>,
}

/// A group of near-duplicates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NearDuplicateGroup {
    /// The post to keep.
    pub keeper: PostLine,
    /// The other posts.
    pub others: CappedList<SimilarPostLine>,
}

/// A near-duplicate of the post to keep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimilarPostLine {
    /// The post.
    #[serde(flatten)]
    pub post: PostLine,
    /// Similarity with the post to keep, from 0 to 1; `None` if it resembles only another post of
    /// the group.
    pub similarity: Option<f64>,
    /// Passages in which the two differ.
    pub differences: Vec<ReportDifference>,
}

/// A passage in which two posts differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportDifference {
    /// Text of the post to keep; may be empty.
    pub keeper: String,
    /// Text of the other post; may be empty.
    pub other: String,
}

/// Posts that compete for the same search phrase.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompetingPhrase {
    /// The phrase.
    pub phrase: String,
    /// The posts.
    pub posts: CappedList<PostLine>,
}

/// Number of posts in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LanguageCount {
    /// BCP 47 tag of the language.
    pub language: String,
    /// Number of posts.
    pub posts: usize,
}

/// Finds how the posts of a corpus resemble each other; `language` is that of the site.
pub(super) fn find_relations(
    posts: &CountedPosts<'_>,
    corpus: &Corpus,
    bodies: &BodyStore,
    language: &str,
) -> PostRelations {
    PostRelations {
        near_duplicates: list_near_duplicates(posts, &corpus.clusters, bodies),
        competing: list_competing(posts, corpus, language),
        languages: count_languages(posts.entries, language),
    }
}

fn list_near_duplicates(
    posts: &CountedPosts<'_>,
    clusters: &[corpus::DuplicateCluster],
    bodies: &BodyStore,
) -> CappedList<NearDuplicateGroup> {
    let mut clusters: Vec<&corpus::DuplicateCluster> = clusters.iter().collect();
    clusters.sort_by_key(|cluster| Reverse(cluster.others.len()));
    let lines = PostLines::from_posts(posts);
    CappedList::new(&clusters, posts.rows, |cluster| NearDuplicateGroup {
        keeper: lines.line(&cluster.keeper),
        others: CappedList::new(&cluster.others, posts.rows, |other| SimilarPostLine {
            post: lines.line(&other.post),
            similarity: other.similarity,
            differences: differing_passages(&cluster.keeper, &other.post, bodies),
        }),
    })
}

/// Returns where two posts differ, or nothing if their texts cannot be read; a build reports that.
fn differing_passages(
    keeper: &Post<StoredBody>,
    other: &Post<StoredBody>,
    bodies: &BodyStore,
) -> Vec<ReportDifference> {
    let text = |post: &Post<StoredBody>| bodies.read_markdown(&post.body).ok();
    let passages = text(keeper)
        .zip(text(other))
        .map(|(keeper, other)| corpus::find_differences(&keeper, &other, PASSAGES));
    let passages = passages.into_iter().flatten();
    passages
        .map(|passage| ReportDifference {
            keeper: passage.first,
            other: passage.other,
        })
        .collect()
}

/// Finds the entry of a post by its address in memory, to list posts that may be left out of the
/// site.
struct PostLines<'p> {
    posts: &'p CountedPosts<'p>,
    entries: HashMap<*const Post<StoredBody>, &'p CorpusPost>,
}

impl<'p> PostLines<'p> {
    fn from_posts(posts: &'p CountedPosts<'p>) -> Self {
        let entries = posts.entries.iter();
        Self {
            entries: entries
                .map(|entry| (Arc::as_ptr(&entry.post), entry))
                .collect(),
            posts,
        }
    }

    fn line(&self, post: &Arc<Post<StoredBody>>) -> PostLine {
        match self.entries.get(&Arc::as_ptr(post)) {
            Some(entry) => self.posts.line(entry),
            None => super::post_line(&post.title, &post.source, post.date),
        }
    }
}

fn list_competing(
    posts: &CountedPosts<'_>,
    corpus: &Corpus,
    language: &str,
) -> CappedList<CompetingPhrase> {
    let groups = corpus::competing::find_competing(corpus, |entry| entry.language(language));
    CappedList::new(&groups, posts.rows, |group| CompetingPhrase {
        phrase: group.phrase.clone(),
        posts: CappedList::new(&group.posts, posts.rows, |&id| {
            posts.line(&posts.entries[id as usize])
        }),
    })
}

/// Counts the posts of each language.
fn count_languages(entries: &[CorpusPost], of_site: &str) -> Vec<LanguageCount> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries {
        *numbers.entry(entry.language(of_site)).or_default() += 1;
    }
    let mut languages: Vec<LanguageCount> = numbers
        .into_iter()
        .map(|(language, posts)| LanguageCount {
            language: language.to_owned(),
            posts,
        })
        .collect();
    // Languages with equal numbers stay in alphabetical order.
    languages.sort_by_key(|one| Reverse(one.posts));
    languages
}

#[cfg(test)]
mod tests {
    use pressrun_site::cache::BuildCache;

    use super::*;
    use crate::report::numbers::fixture;

    #[test]
    fn largest_groups_come_first_and_lists_are_cut() {
        let entries = ["0", "1", "2", "3", "4"].map(fixture::test_entry);
        let unpublished = fixture::test_entry("draft").post;
        let similar = |post: &Arc<Post<StoredBody>>| corpus::ClusterMember {
            post: Arc::clone(post),
            similarity: Some(0.9),
        };
        let cluster = |keeper: &CorpusPost, others: &[CorpusPost]| corpus::DuplicateCluster {
            keeper: Arc::clone(&keeper.post),
            others: others.iter().map(|other| similar(&other.post)).collect(),
        };
        let mut clusters = vec![
            cluster(&entries[4], &entries[3..4]),
            cluster(&entries[0], &entries[1..5]),
        ];
        clusters[0].others.push(similar(&unpublished));
        let bodies = BuildCache::disabled().bodies(0);
        let found = list_near_duplicates(&fixture::test_posts(&entries), &clusters, &bodies);
        let first = &found.first[0];
        assert_eq!((found.count, &*first.keeper.title), (2, "0"));
        assert_eq!((first.others.count, first.others.first.len()), (4, 3));
        assert_eq!(first.others.first[0].post.title, "1");
        let draft = &found.first[1].others.first[1].post;
        assert_eq!((&*draft.title, &draft.url), ("draft", &None));
    }

    #[test]
    fn languages_of_most_posts_come_first() {
        let mut entries = ["0", "1", "2", "3"].map(fixture::test_entry);
        for (at, language) in [(0, "de"), (1, "cs")] {
            fixture::change_post(&mut entries[at], |post| {
                post.language = Some(language.to_owned());
            });
        }
        let found = count_languages(&entries, "en");
        let found: Vec<(&str, usize)> = found
            .iter()
            .map(|one| (&*one.language, one.posts))
            .collect();
        assert_eq!(found, [("en", 2), ("cs", 1), ("de", 1)]);
    }
}
