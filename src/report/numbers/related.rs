//! How posts resemble each other: near-duplicates, posts that compete, languages.
//!
//! What is not known is `None`, and the report does not speak of it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::{Capped, PostLine, Posts};
use crate::corpus::{Gathered, PostId};

/// How posts resemble each other.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Related {
    /// Posts that say nearly the same, the largest groups first.
    pub near_duplicates: Option<Capped<Cluster>>,
    /// Posts that want to be found for the same words, the largest groups first.
    pub competing: Option<Capped<Competing>>,
    /// Languages, those of most posts first.
    pub languages: Option<Vec<InLanguage>>,
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
    /// How much it is like the other, from 0 to 1.
    pub similarity: f64,
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

/// What `corpus` finds, with posts by their ids.
#[derive(Debug, Default)]
struct Found {
    clusters: Option<Vec<Group>>,
    /// Words, and the posts that want to be found for them.
    competing: Option<Vec<(String, Vec<PostId>)>>,
    /// The language of each post.
    languages: Option<Vec<String>>,
}

/// Posts that say nearly the same.
#[derive(Debug)]
struct Group {
    keeper: PostId,
    others: Vec<Member>,
}

/// One of them, and how it differs from the one to keep.
#[derive(Debug, Clone)]
struct Member {
    post: PostId,
    similarity: f64,
    differences: Vec<Difference>,
}

/// What is known of a corpus, for the report.
pub(super) fn of(posts: &Posts<'_>, planned: &Gathered) -> Related {
    shown(posts, found(planned))
}

/// What `corpus` finds in the words of this module: the one place where they meet.
fn found(_planned: &Gathered) -> Found {
    Found::default()
}

fn shown(posts: &Posts<'_>, found: Found) -> Related {
    let line = |id: &PostId| posts.line(&posts.entries[*id as usize]);
    let clusters = found.clusters.map(|mut groups| {
        groups.sort_by_key(|group| Reverse(group.others.len()));
        Capped::new(&groups, posts.rows, |group| Cluster {
            keeper: line(&group.keeper),
            others: Capped::new(&group.others, posts.rows, |other| Likeness {
                post: line(&other.post),
                similarity: other.similarity,
                differences: other.differences.clone(),
            }),
        })
    });
    let competing = found.competing.map(|mut groups| {
        groups.sort_by_key(|(_, ids)| Reverse(ids.len()));
        Capped::new(&groups, posts.rows, |(phrase, ids)| Competing {
            phrase: phrase.clone(),
            posts: Capped::new(ids, posts.rows, line),
        })
    });
    Related {
        near_duplicates: clusters,
        competing,
        languages: found.languages.map(counted),
    }
}

/// How many posts there are of each language.
fn counted(of_posts: Vec<String>) -> Vec<InLanguage> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for language in of_posts {
        *numbers.entry(language).or_default() += 1;
    }
    let mut languages: Vec<InLanguage> = numbers
        .into_iter()
        .map(|(language, posts)| InLanguage { language, posts })
        .collect();
    languages.sort_by_key(|one| Reverse(one.posts));
    languages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::numbers::fixture;

    #[test]
    fn what_is_not_looked_for_is_not_spoken_of() {
        let related = shown(&fixture::posts(&[]), Found::default());
        assert_eq!(related, Related::default());
    }

    #[test]
    fn largest_groups_come_first_and_lists_are_cut() {
        let entries = ["0", "1", "2", "3", "4"].map(fixture::entry);
        let member = |post| Member {
            post,
            similarity: 0.9,
            differences: Vec::new(),
        };
        let group = |keeper, others: std::ops::Range<u32>| Group {
            keeper,
            others: others.map(member).collect(),
        };
        let found = Found {
            clusters: Some(vec![group(4, 3..4), group(0, 1..5)]),
            competing: Some(vec![
                ("tea".to_owned(), vec![1, 2]),
                ("pots".to_owned(), vec![3, 2, 1, 0]),
            ]),
            languages: Some(["de", "en", "en", "cs", "en"].map(str::to_owned).to_vec()),
        };
        let related = shown(&fixture::posts(&entries), found);
        let clusters = related.near_duplicates.unwrap();
        let first = &clusters.first[0];
        assert_eq!((clusters.count, &*first.keeper.title), (2, "0"));
        assert_eq!((first.others.count, first.others.first.len()), (4, 3));
        assert_eq!(first.others.first[0].post.title, "1");
        let competing = related.competing.unwrap();
        assert_eq!(competing.first[0].phrase, "pots");
        assert_eq!(competing.first[0].posts.first[0].title, "3");
        let languages = related.languages.unwrap();
        let languages: Vec<(&str, usize)> = languages
            .iter()
            .map(|one| (&*one.language, one.posts))
            .collect();
        assert_eq!(languages, [("en", 3), ("cs", 1), ("de", 1)]);
    }
}
