//! How posts resemble each other: near-duplicates, posts that compete, languages.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::Serialize;

use super::{Capped, PostLine, Posts};
use crate::cache::{Bodies, Body};
use crate::corpus::{self, Corpus, Entry};
use crate::post::Post;

/// Passages in which two posts differ that are shown.
const PASSAGES: usize = 3;

/// How posts resemble each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Related {
    /// Posts that say nearly the same, the largest groups first.
    pub near_duplicates: Capped<Cluster>,
    /// Posts that want to be found for the same words, the largest groups first.
    pub competing: Capped<Competing>,
    /// Languages, those of most posts first.
    pub languages: Vec<InLanguage>,
}

/// Posts that say nearly the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cluster {
    /// The one to keep.
    pub keeper: PostLine,
    /// The others.
    pub others: Capped<Likeness>,
}

/// A post that says nearly the same as another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Likeness {
    /// The post.
    #[serde(flatten)]
    pub post: PostLine,
    /// How much it is like the one to keep, from 0 to 1; `None` if it is like another of them.
    pub similarity: Option<f64>,
    /// Where they differ.
    pub differences: Vec<Difference>,
}

/// A passage in which two posts differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What the one to keep says; may be empty.
    pub keeper: String,
    /// What the other says; may be empty.
    pub other: String,
}

/// Posts that want to be found for the same words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Competing {
    /// The words.
    pub phrase: String,
    /// The posts.
    pub posts: Capped<PostLine>,
}

/// A language and how many posts are in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InLanguage {
    /// Its BCP 47 tag.
    pub language: String,
    /// How many posts.
    pub posts: usize,
}

/// What is known of a corpus whose site has a language.
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

/// Where two posts differ; nothing if their texts cannot be read, which a build would say.
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

/// Posts as lists name them, whether they are among those that are counted or not.
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

/// How many posts there are of each language.
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
