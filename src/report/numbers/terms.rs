//! Counts how often each tag or category is used, and which posts have none.

use std::collections::HashSet;

use pressrun_posts::post::category;
use pressrun_site::config::Config;
use pressrun_site::corpus::own_paths::term_path;
use pressrun_site::corpus::{self, Corpus, CorpusPost, Taxonomy};
use serde::Serialize;

use super::{CappedList, CountedPosts, PostLine};

/// The tags or the categories of a site.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TermUses {
    /// Terms by number of posts, the most used first.
    pub most_used: CappedList<TermUse>,
    /// Number of terms that only one post has.
    pub singletons: usize,
    /// Names of the closed list that no post uses.
    pub unused: CappedList<String>,
    /// Number of posts whose terms the author gave.
    pub given: usize,
    /// Number of posts whose terms were derived from their text.
    pub derived: usize,
    /// Posts without any.
    pub without: CappedList<PostLine>,
}

/// A term and how often it is used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TermUse {
    /// Name of the term.
    pub name: String,
    /// Number of posts that have it.
    pub posts: usize,
    /// Address of its page, if it has one.
    pub url: Option<String>,
}

/// Counts the terms of a taxonomy.
pub(super) fn count_term_uses(
    posts: &CountedPosts<'_>,
    corpus: &Corpus,
    taxonomy: Taxonomy,
    config: &Config,
) -> TermUses {
    let terms = corpus.terms(taxonomy);
    let mut most_used: Vec<&corpus::CorpusTerm> = terms.iter().collect();
    // The sort is stable and terms come sorted by name, so equal counts stay in order of name.
    most_used.sort_by_key(|term| std::cmp::Reverse(count_posts(term)));
    let without: Vec<&CorpusPost> = posts
        .entries
        .iter()
        .filter(|entry| entry.terms(taxonomy).is_empty())
        .collect();
    // An empty list means that nothing could be derived.
    let derived = posts.entries.iter().filter(|entry| {
        let names = entry.derived.names(taxonomy);
        names.is_some_and(|names| !names.is_empty())
    });
    let derived = derived.count();
    let unused = match taxonomy {
        Taxonomy::Tags | Taxonomy::Authors | Taxonomy::Series => Vec::new(),
        Taxonomy::Categories => list_unused_names(&config.categories.allowed, terms),
    };
    TermUses {
        singletons: terms.iter().filter(|term| count_posts(term) == 1).count(),
        unused: CappedList::new(&unused, posts.rows, |name| (*name).clone()),
        given: posts.entries.len() - without.len() - derived,
        derived,
        without: posts.lines(&without),
        most_used: CappedList::new(&most_used, posts.rows, |term| TermUse {
            name: term.name.clone(),
            posts: count_posts(term),
            url: has_page(posts, term)
                .then(|| posts.links.absolute(&term_path(taxonomy, &term.slug))),
        }),
    }
}

/// Counts the posts of a term, each translation by itself.
fn count_posts(term: &corpus::CorpusTerm) -> usize {
    term.posts.len() + term.others.len()
}

/// Returns whether at least one post of a term is published.
fn has_page(posts: &CountedPosts<'_>, term: &corpus::CorpusTerm) -> bool {
    let own = term.posts.iter().chain(&term.others);
    let mut own = own.map(|&id| &posts.entries[id as usize]);
    own.any(|entry| posts.is_published(entry))
}

/// Returns the names of a closed list that no term has.
fn list_unused_names<'l>(list: &'l [String], terms: &[corpus::CorpusTerm]) -> Vec<&'l String> {
    let used: HashSet<String> = terms
        .iter()
        .map(|term| category::category_key(&term.name))
        .collect();
    list.iter()
        .filter(|name| !used.contains(&category::category_key(name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use pressrun_site::corpus::CorpusTerm;

    use super::*;
    use crate::report::numbers::fixture;

    fn term(name: &str, posts: &[u32]) -> CorpusTerm {
        CorpusTerm {
            name: name.to_owned(),
            slug: name.to_lowercase(),
            posts: posts.to_vec(),
            ..CorpusTerm::default()
        }
    }

    #[test]
    fn terms_come_by_their_posts_and_posts_without_are_named() {
        let mut entries = ["0", "1", "2"].map(fixture::test_entry);
        entries[0].date = Some(fixture::test_date("2030-01-01").into());
        entries[0].tags = vec![0, 1];
        entries[1].tags = vec![1];
        entries[1].derived.tags = Some(vec!["B".to_owned()]);
        // The second post is a translation of the first one.
        let mut translated = term("B", &[0]);
        translated.others = vec![1];
        let corpus = Corpus {
            tags: vec![term("A", &[0]), translated],
            ..Corpus::default()
        };
        let posts = fixture::test_posts(&entries);
        let tags = count_term_uses(&posts, &corpus, Taxonomy::Tags, &Config::default());
        let used = tags.most_used.first.iter();
        let used: Vec<_> = used
            .map(|term| (&*term.name, term.posts, term.url.as_deref()))
            .collect();
        let page = "http://127.0.0.1:1111/tags/b/";
        assert_eq!(used, [("B", 2, Some(page)), ("A", 1, None)]);
        assert_eq!((tags.singletons, tags.given, tags.derived), (1, 1, 1));
        assert_eq!(tags.without.first[0].title, "2");
    }

    #[test]
    fn names_of_the_list_without_posts_are_unused_in_any_spelling() {
        let list = ["News", "Tips & Tricks", "Reviews"].map(str::to_owned);
        let terms = [term("tips and tricks", &[0]), term("review", &[0])];
        assert_eq!(list_unused_names(&list, &terms), ["News"]);
    }
}
