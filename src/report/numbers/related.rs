//! Reports how posts resemble each other: near-duplicates, competing posts, and languages.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;

use super::{Capped, PostLine, Posts};
use crate::cache::{Bodies, Body};
use crate::corpus::{self, Corpus, Entry};
use crate::post::Post;

/// Most differing passages shown for a pair of posts.
const PASSAGES: usize = 3;

/// How posts resemble each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Related {
    /// Groups of near-duplicates, the largest first.
    pub near_duplicates: Capped<Cluster>,
    /// Groups of posts that compete for the same search phrase, the largest first.
    pub competing: Capped<Competing>,
    /// Number of posts in each language, the most frequent first.
    pub languages: Vec<InLanguage>,
}

/// A group of near-duplicates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cluster {
    /// The post to keep.
    pub keeper: PostLine,
    /// The other posts.
    pub others: Capped<Likeness>,
}

/// A near-duplicate of the post to keep.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Likeness {
    /// The post.
    #[serde(flatten)]
    pub post: PostLine,
    /// Similarity with the post to keep, from 0 to 1; `None` if it resembles only another post of
    /// the group.
    pub similarity: Option<f64>,
    /// Passages in which the two differ.
    pub differences: Vec<Difference>,
}

/// A passage in which two posts differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Text of the post to keep; may be empty.
    pub keeper: String,
    /// Text of the other post; may be empty.
    pub other: String,
}

/// Posts that compete for the same search phrase.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Competing {
    /// The phrase.
    pub phrase: String,
    /// The posts.
    pub posts: Capped<PostLine>,
}

/// Number of posts in a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InLanguage {
    /// BCP 47 tag of the language.
    pub language: String,
    /// Number of posts.
    pub posts: usize,
}

/// Finds how the posts of a corpus resemble each other; `language` is that of the site.
pub(super) fn of(posts: &Posts<'_>, corpus: &Corpus, bodies: &Bodies, language: &str) -> Related {
    Related {
        near_duplicates: near_duplicates(posts, &corpus.clusters, bodies),
        competing: competing(posts, corpus, language),
        languages: languages(posts.entries, language),
    }
}

fn near_duplicates(
    posts: &Posts<'_>,
    clusters: &[corpus::Cluster],
    bodies: &Bodies,
) -> Capped<Cluster> {
    let mut clusters: Vec<&corpus::Cluster> = clusters.iter().collect();
    clusters.sort_by_key(|cluster| Reverse(cluster.others.len()));
    let lines = Lines::of(posts);
    Capped::new(&clusters, posts.rows, |cluster| Cluster {
        keeper: lines.line(&cluster.keeper),
        others: Capped::new(&cluster.others, posts.rows, |other| Likeness {
            post: lines.line(&other.post),
            similarity: other.similarity,
            differences: differences(&cluster.keeper, &other.post, bodies),
        }),
    })
}

/// Returns where two posts differ, or nothing if their texts cannot be read; a build reports that.
fn differences(keeper: &Post<Body>, other: &Post<Body>, bodies: &Bodies) -> Vec<Difference> {
    let text = |post: &Post<Body>| bodies.markdown(&post.body).ok();
    let passages = text(keeper)
        .zip(text(other))
        .map(|(keeper, other)| corpus::differences(&keeper, &other, PASSAGES));
    let passages = passages.into_iter().flatten();
    passages
        .map(|passage| Difference {
            keeper: passage.first,
            other: passage.other,
        })
        .collect()
}

/// Finds the entry of a post by its address in memory, to list posts that may be left out of the
/// site.
struct Lines<'p> {
    posts: &'p Posts<'p>,
    entries: HashMap<*const Post<Body>, &'p Entry>,
}

impl<'p> Lines<'p> {
    fn of(posts: &'p Posts<'p>) -> Self {
        let entries = posts.entries.iter();
        Self {
            entries: entries
                .map(|entry| (Arc::as_ptr(&entry.post), entry))
                .collect(),
            posts,
        }
    }

    fn line(&self, post: &Arc<Post<Body>>) -> PostLine {
        match self.entries.get(&Arc::as_ptr(post)) {
            Some(entry) => self.posts.line(entry),
            None => super::line(post, post.date),
        }
    }
}

fn competing(posts: &Posts<'_>, corpus: &Corpus, language: &str) -> Capped<Competing> {
    let groups = corpus::competing::find(corpus, |entry| entry.language(language));
    Capped::new(&groups, posts.rows, |group| Competing {
        phrase: group.phrase.clone(),
        posts: Capped::new(&group.posts, posts.rows, |&id| {
            posts.line(&posts.entries[id as usize])
        }),
    })
}

/// Counts the posts of each language.
fn languages(entries: &[Entry], of_site: &str) -> Vec<InLanguage> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in entries {
        *numbers.entry(entry.language(of_site)).or_default() += 1;
    }
    let mut languages: Vec<InLanguage> = numbers
        .into_iter()
        .map(|(language, posts)| InLanguage {
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
    use super::*;
    use crate::cache::Cache;
    use crate::report::numbers::fixture;

    #[test]
    fn largest_groups_come_first_and_lists_are_cut() {
        let entries = ["0", "1", "2", "3", "4"].map(fixture::entry);
        let unpublished = fixture::entry("draft").post;
        let similar = |post: &Arc<Post<Body>>| corpus::Similar {
            post: Arc::clone(post),
            similarity: Some(0.9),
        };
        let cluster = |keeper: &Entry, others: &[Entry]| corpus::Cluster {
            keeper: Arc::clone(&keeper.post),
            others: others.iter().map(|other| similar(&other.post)).collect(),
        };
        let mut clusters = vec![
            cluster(&entries[4], &entries[3..4]),
            cluster(&entries[0], &entries[1..5]),
        ];
        clusters[0].others.push(similar(&unpublished));
        let bodies = Cache::none().bodies(0);
        let found = near_duplicates(&fixture::posts(&entries), &clusters, &bodies);
        let first = &found.first[0];
        assert_eq!((found.count, &*first.keeper.title), (2, "0"));
        assert_eq!((first.others.count, first.others.first.len()), (4, 3));
        assert_eq!(first.others.first[0].post.title, "1");
        let draft = &found.first[1].others.first[1].post;
        assert_eq!((&*draft.title, &draft.url), ("draft", &None));
    }

    #[test]
    fn languages_of_most_posts_come_first() {
        let mut entries = ["0", "1", "2", "3"].map(fixture::entry);
        for (at, language) in [(0, "de"), (1, "cs")] {
            fixture::change(&mut entries[at], |post| {
                post.language = Some(language.to_owned());
            });
        }
        let found = languages(&entries, "en");
        let found: Vec<(&str, usize)> = found
            .iter()
            .map(|one| (&*one.language, one.posts))
            .collect();
        assert_eq!(found, [("en", 2), ("cs", 1), ("de", 1)]);
    }
}
