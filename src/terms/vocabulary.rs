//! Counts the tags or categories that authors gave their posts.
//!
//! Terms with the same slug are the same term, as on the site. Terms that pressrun derived from the
//! text of a post are not part of the vocabulary; only the number of such posts is kept.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::cache::Body;
use crate::config::Config;
use crate::corpus::{Dated, Taxonomy, slug_of};
use crate::post::{Origin, Post};

/// The vocabulary of a taxonomy.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// All used terms and all names of the closed list, the most used first, then by name.
    pub terms: Vec<Term>,
    /// Number of posts whose only terms were derived from their text.
    pub derived: usize,
    /// Number of posts without any.
    pub without: usize,
}

/// A tag or category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The spelling of the closed list, or else the most frequent one.
    pub name: String,
    /// Last part of its address.
    pub slug: String,
    /// Number of posts that have it.
    pub posts: usize,
    /// Whether it is in the closed list.
    pub standing: Standing,
}

/// Whether a term is in the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is no closed list.
    Open,
    /// It is in the list.
    Listed,
    /// It is not in the list.
    OffList,
}

impl Vocabulary {
    /// Counts the terms of posts under a configuration.
    pub(super) fn of(posts: &[Dated], taxonomy: Taxonomy, config: &Config) -> Self {
        let alphabet = config.content.slugs;
        let list = list(taxonomy, config);
        let mut index = Index::default();
        for name in list {
            let at = index.position(name, || slug_of(name, alphabet));
            index.found[at].listed.get_or_insert(name);
        }
        let mut vocabulary = Self::default();
        for Dated { post, .. } in posts {
            match origin(post, taxonomy) {
                Origin::Derived => vocabulary.derived += 1,
                _ if names(post, taxonomy).is_empty() => vocabulary.without += 1,
                _ => {}
            }
            let mut own = Vec::new();
            for name in given(post, taxonomy) {
                let at = index.position(name, || slug_of(name, alphabet));
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
    pub fn used(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(|term| term.posts > 0)
    }
}

/// Returns the closed list of a taxonomy; empty if every name is allowed.
pub(super) fn list(taxonomy: Taxonomy, config: &Config) -> &[String] {
    match taxonomy {
        Taxonomy::Tags => &[],
        Taxonomy::Categories => &config.categories.allowed,
    }
}

/// Returns the names that the author gave a post, leaving out derived ones.
pub(super) fn given(post: &Post<Body>, taxonomy: Taxonomy) -> &[String] {
    match origin(post, taxonomy) {
        Origin::Derived => &[],
        _ => names(post, taxonomy),
    }
}

fn names(post: &Post<Body>, taxonomy: Taxonomy) -> &[String] {
    match taxonomy {
        Taxonomy::Tags => &post.tags,
        Taxonomy::Categories => &post.categories,
    }
}

fn origin(post: &Post<Body>, taxonomy: Taxonomy) -> Origin {
    match taxonomy {
        Taxonomy::Tags => post.origins.tags,
        Taxonomy::Categories => post.origins.categories,
    }
}

/// Terms while they are being collected.
#[derive(Default)]
struct Index<'n> {
    found: Vec<Found<'n>>,
    by_name: HashMap<&'n str, usize>,
    by_slug: HashMap<String, usize>,
}

impl<'n> Index<'n> {
    fn position(&mut self, name: &'n str, slug: impl FnOnce() -> String) -> usize {
        *self.by_name.entry(name).or_insert_with(|| {
            let slug = slug();
            if let Some(&at) = self.by_slug.get(&slug) {
                return at;
            }
            self.by_slug.insert(slug.clone(), self.found.len());
            self.found.push(Found {
                slug,
                ..Found::default()
            });
            self.found.len() - 1
        })
    }
}

/// A term while its posts are being counted.
#[derive(Default)]
struct Found<'n> {
    slug: String,
    /// The spelling of the closed list.
    listed: Option<&'n str>,
    /// Each spelling with the number of posts that use it.
    names: HashMap<&'n str, usize>,
    posts: usize,
}

impl<'n> Found<'n> {
    fn add(&mut self, name: &'n str) {
        *self.names.entry(name).or_default() += 1;
        self.posts += 1;
    }

    fn finish(self, has_list: bool) -> Term {
        let names = self.names.into_iter();
        // Equal use is decided by name, because a hash map has no order.
        let most_used = names.min_by_key(|&(name, posts)| (Reverse(posts), name));
        let name = self.listed.or(most_used.map(|(name, _)| name));
        Term {
            name: name.unwrap_or(&self.slug).to_owned(),
            posts: self.posts,
            standing: match (has_list, self.listed) {
                (false, _) => Standing::Open,
                (true, Some(_)) => Standing::Listed,
                (true, None) => Standing::OffList,
            },
            slug: self.slug,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Origins;

    fn post(categories: &[&str], origin: Origin) -> Dated {
        let post = Post {
            categories: categories.iter().map(|&name| name.to_owned()).collect(),
            origins: Origins {
                categories: origin,
                ..Origins::default()
            },
            ..Post::default()
        };
        Dated {
            post: post.into(),
            date: None,
            lasting_date: None,
        }
    }

    fn check(posts: &[Dated], list: &[&str], expected: &[(&str, usize, Standing)]) -> Vocabulary {
        let mut config = Config::default();
        config.categories.allowed = list.iter().map(|&name| name.to_owned()).collect();
        let vocabulary = Vocabulary::of(posts, Taxonomy::Categories, &config);
        let found: Vec<(&str, usize, Standing)> = vocabulary
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
                post(&["Web-Hosting", "x"], Origin::Header),
                post(&["web hosting"], Origin::Header),
                post(&["web hosting"], Origin::Header),
            ],
            &[],
            &[("web hosting", 3, Standing::Open), ("x", 1, Standing::Open)],
        );
    }

    #[test]
    fn list_spells_its_names_and_has_those_without_posts() {
        check(
            &[post(&["web hosting", "Gardens"], Origin::Header)],
            &["Web Hosting", "News"],
            &[
                ("Gardens", 1, Standing::OffList),
                ("Web Hosting", 1, Standing::Listed),
                ("News", 0, Standing::Listed),
            ],
        );
    }

    #[test]
    fn derived_terms_are_counted_and_are_none_of_the_authors() {
        let posts = [
            post(&["a"], Origin::Derived),
            post(&[], Origin::None),
            post(&["b"], Origin::Header),
        ];
        let vocabulary = check(&posts, &[], &[("b", 1, Standing::Open)]);
        assert_eq!((vocabulary.derived, vocabulary.without), (1, 1));
    }
}
