//! Counts the tags or categories that authors gave their posts.
//!
//! What is one term on the site is one here. Terms that pressrun derived from the
//! text of a post are not part of the vocabulary; only the number of such posts is kept.

use std::cmp::Reverse;
use std::collections::HashMap;

use pressrun_posts::post::{FieldSource, Post};
use pressrun_site::cache::StoredBody;
use pressrun_site::config::Config;
use pressrun_site::corpus::{DatedPost, Taxonomy, closed_list, term_key, term_slug};

/// A taxonomy whose names form a vocabulary. Names of people and of series are never merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VocabularyKind {
    /// The tags.
    Tags,
    /// The categories.
    Categories,
}

impl VocabularyKind {
    /// Both, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::Tags, Self::Categories];

    /// Returns the taxonomy.
    pub const fn taxonomy(self) -> Taxonomy {
        match self {
            Self::Tags => Taxonomy::Tags,
            Self::Categories => Taxonomy::Categories,
        }
    }
}

/// The vocabulary of a taxonomy.
#[derive(Debug, Default)]
pub struct SiteVocabulary {
    /// All used terms and all names of the closed list, the most used first, then by name.
    pub terms: Vec<UsedTerm>,
    /// Number of posts whose only terms were derived from their text.
    pub derived: usize,
    /// Number of posts without any.
    pub without: usize,
}

/// A tag or category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedTerm {
    /// The spelling of the closed list, or else the most frequent one.
    pub name: String,
    /// Last part of its address.
    pub slug: String,
    /// Number of posts that have it.
    pub posts: usize,
    /// Whether it is in the closed list.
    pub standing: ListStanding,
}

/// Whether a term is in the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListStanding {
    /// There is no closed list.
    Open,
    /// It is in the list.
    Listed,
    /// It is not in the list.
    OffList,
}

impl SiteVocabulary {
    /// Counts the terms of posts under a configuration.
    pub(super) fn from_posts(posts: &[DatedPost], kind: VocabularyKind, config: &Config) -> Self {
        let (taxonomy, spelling) = (kind.taxonomy(), config.slug_spelling());
        let identify = |name: &str| (term_slug(name, spelling), term_key(name, taxonomy, config));
        let list = closed_list(taxonomy, config);
        let mut index = TermIndex::default();
        for name in list {
            let at = index.position(name, identify);
            index.found[at].listed.get_or_insert(name);
        }
        let mut vocabulary = Self::default();
        for DatedPost { post, .. } in posts {
            match terms_source(post, kind) {
                FieldSource::Derived => vocabulary.derived += 1,
                _ if terms_of_post(post, kind).is_empty() => vocabulary.without += 1,
                _ => {}
            }
            let mut own = Vec::new();
            for name in given_terms(post, kind) {
                let at = index.position(name, identify);
                // Two spellings in one post count as one use of the term.
                if !own.contains(&at) {
                    own.push(at);
                    index.found[at].add(name);
                }
            }
        }
        let found = index.found.into_iter();
        vocabulary.terms = found.map(|term| term.finish(!list.is_empty())).collect();
        vocabulary
            .terms
            .sort_by(|a, b| (Reverse(a.posts), &a.name).cmp(&(Reverse(b.posts), &b.name)));
        vocabulary
    }

    /// Returns the terms that at least one post has.
    pub fn used(&self) -> impl Iterator<Item = &UsedTerm> {
        self.terms.iter().filter(|term| term.posts > 0)
    }
}

/// Returns the names that the author gave a post, leaving out derived ones.
pub(super) fn given_terms(post: &Post<StoredBody>, kind: VocabularyKind) -> &[String] {
    match terms_source(post, kind) {
        FieldSource::Derived => &[],
        _ => terms_of_post(post, kind),
    }
}

fn terms_of_post(post: &Post<StoredBody>, kind: VocabularyKind) -> &[String] {
    match kind {
        VocabularyKind::Tags => &post.tags,
        VocabularyKind::Categories => &post.categories,
    }
}

fn terms_source(post: &Post<StoredBody>, kind: VocabularyKind) -> FieldSource {
    match kind {
        VocabularyKind::Tags => post.origins.tags,
        VocabularyKind::Categories => post.origins.categories,
    }
}

/// Terms while they are being collected.
#[derive(Default)]
struct TermIndex<'n> {
    found: Vec<TermCounter<'n>>,
    by_name: HashMap<&'n str, usize>,
    /// Each term by its slug and key.
    by_slug_and_key: HashMap<(String, String), usize>,
}

impl<'n> TermIndex<'n> {
    fn position(&mut self, name: &'n str, identify: impl Fn(&str) -> (String, String)) -> usize {
        *self.by_name.entry(name).or_insert_with(|| {
            let slug_and_key = identify(name);
            if let Some(&at) = self.by_slug_and_key.get(&slug_and_key) {
                return at;
            }
            self.by_slug_and_key
                .insert(slug_and_key.clone(), self.found.len());
            self.found.push(TermCounter {
                slug: slug_and_key.0,
                ..TermCounter::default()
            });
            self.found.len() - 1
        })
    }
}

/// A term while its posts are being counted.
#[derive(Default)]
struct TermCounter<'n> {
    slug: String,
    /// The spelling of the closed list.
    listed: Option<&'n str>,
    /// Each spelling with the number of posts that use it.
    names: HashMap<&'n str, usize>,
    posts: usize,
}

impl<'n> TermCounter<'n> {
    fn add(&mut self, name: &'n str) {
        *self.names.entry(name).or_default() += 1;
        self.posts += 1;
    }

    fn finish(self, has_list: bool) -> UsedTerm {
        let names = self.names.into_iter();
        // Equal use is decided by name, because a hash map has no order.
        let most_used = names.min_by_key(|&(name, posts)| (Reverse(posts), name));
        let name = self.listed.or(most_used.map(|(name, _)| name));
        UsedTerm {
            name: name.unwrap_or(&self.slug).to_owned(),
            posts: self.posts,
            standing: match (has_list, self.listed) {
                (false, _) => ListStanding::Open,
                (true, Some(_)) => ListStanding::Listed,
                (true, None) => ListStanding::OffList,
            },
            slug: self.slug,
        }
    }
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::FieldSources;

    use super::*;

    fn post(categories: &[&str], origin: FieldSource) -> DatedPost {
        let post = Post {
            categories: categories.iter().map(|&name| name.to_owned()).collect(),
            origins: FieldSources {
                categories: origin,
                ..FieldSources::default()
            },
            ..Post::default()
        };
        DatedPost {
            post: post.into(),
            ..DatedPost::default()
        }
    }

    fn check(
        posts: &[DatedPost],
        list: &[&str],
        expected: &[(&str, usize, ListStanding)],
    ) -> SiteVocabulary {
        let mut config = Config::default();
        config.categories.allowed = list.iter().map(|&name| name.to_owned()).collect();
        let vocabulary = SiteVocabulary::from_posts(posts, VocabularyKind::Categories, &config);
        let found: Vec<(&str, usize, ListStanding)> = vocabulary
            .terms
            .iter()
            .map(|term| (&*term.name, term.posts, term.standing))
            .collect();
        assert_eq!(found, expected);
        vocabulary
    }

    #[test]
    fn spellings_with_one_slug_are_one_term() {
        check(
            &[
                post(&["Web-Hosting", "x"], FieldSource::Header),
                post(&["web hosting"], FieldSource::Header),
                post(&["web hosting"], FieldSource::Header),
            ],
            &[],
            &[
                ("web hosting", 3, ListStanding::Open),
                ("x", 1, ListStanding::Open),
            ],
        );
    }

    #[test]
    fn names_that_differ_in_marks_are_different_terms() {
        check(
            &[post(&["Bär", "bar"], FieldSource::Header)],
            &[],
            &[
                ("Bär", 1, ListStanding::Open),
                ("bar", 1, ListStanding::Open),
            ],
        );
    }

    #[test]
    fn list_spells_its_names_and_has_those_without_posts() {
        check(
            &[post(&["web hosting", "Gardens"], FieldSource::Header)],
            &["Web Hosting", "News"],
            &[
                ("Gardens", 1, ListStanding::OffList),
                ("Web Hosting", 1, ListStanding::Listed),
                ("News", 0, ListStanding::Listed),
            ],
        );
    }

    #[test]
    fn derived_terms_are_counted_apart_from_those_of_authors() {
        let posts = [
            post(&["a"], FieldSource::Derived),
            post(&[], FieldSource::None),
            post(&["b"], FieldSource::Header),
        ];
        let vocabulary = check(&posts, &[], &[("b", 1, ListStanding::Open)]);
        assert_eq!((vocabulary.derived, vocabulary.without), (1, 1));
    }
}
