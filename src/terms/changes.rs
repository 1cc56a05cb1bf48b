//! What aliases make of the posts.

use std::collections::HashMap;

use super::suggest::{Alias, alias_key};
use super::vocabulary::given;
use crate::corpus::{Dated, Taxonomy};
use crate::diagnostic::Place;
use crate::post::slug::slugify_uncut;

/// A post that is described otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it is.
    pub place: Place,
    /// Its title.
    pub title: String,
    /// Its tags that become others.
    pub tags: Vec<Renamed>,
    /// Its categories that become others.
    pub categories: Vec<Renamed>,
}

/// A name that becomes another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// What the post has.
    pub from: String,
    /// What it will have.
    pub to: String,
    /// Whether the post has that already, and one of the two goes.
    pub merged: bool,
}

/// The posts that aliases of tags and of categories change, in their order.
pub(super) fn of(posts: &[Dated], tags: &[Alias], categories: &[Alias]) -> Vec<Change> {
    let tags = Renaming::of(Taxonomy::Tags, tags);
    let categories = Renaming::of(Taxonomy::Categories, categories);
    let mut changes = Vec::new();
    for Dated { post, .. } in posts {
        let change = Change {
            place: Place::line(post.source.file.clone(), post.source.line),
            title: post.title.clone(),
            tags: tags.of_names(given(post, Taxonomy::Tags)),
            categories: categories.of_names(given(post, Taxonomy::Categories)),
        };
        if !change.tags.is_empty() || !change.categories.is_empty() {
            changes.push(change);
        }
    }
    changes
}

/// What becomes of the names of a taxonomy.
struct Renaming<'a> {
    taxonomy: Taxonomy,
    by_key: HashMap<String, &'a str>,
}

impl<'a> Renaming<'a> {
    fn of(taxonomy: Taxonomy, aliases: &'a [Alias]) -> Self {
        let pairs = aliases.iter();
        let pairs = pairs.map(|alias| (alias_key(taxonomy, &alias.alias), &*alias.name));
        Self {
            taxonomy,
            by_key: pairs.collect(),
        }
    }

    /// Which of these names become another term.
    fn of_names(&self, names: &[String]) -> Vec<Renamed> {
        if self.by_key.is_empty() {
            return Vec::new();
        }
        let renamed = names.iter().filter_map(|from| {
            let to = *self.by_key.get(&alias_key(self.taxonomy, from))?;
            // Another spelling of the same term shows nowhere.
            (slugify_uncut(from) != slugify_uncut(to)).then_some((from, to))
        });
        let mut found: Vec<Renamed> = Vec::new();
        for (from, to) in renamed {
            let has_it = names
                .iter()
                .any(|name| slugify_uncut(name) == slugify_uncut(to));
            let merged = has_it || found.iter().any(|other| other.to == to);
            found.push(Renamed {
                from: from.clone(),
                to: to.to_owned(),
                merged,
            });
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{Origin, Origins, Post, Source};
    use crate::terms::Because;

    fn check(tags: &[&str], origin: Origin, expected: &[(&str, &str, bool)]) {
        let post = Post {
            source: Source {
                file: "a".into(),
                line: 3,
                index: 0,
            },
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            origins: Origins {
                tags: origin,
                ..Origins::default()
            },
            ..Post::default()
        };
        let alias = |alias: &str, name: &str| Alias {
            alias: alias.to_owned(),
            name: name.to_owned(),
            posts: 1,
            because: Because::Spelling,
        };
        let aliases = [alias("servers", "Server"), alias("sevrers", "Server")];
        let post = Dated {
            post: post.into(),
            date: None,
        };
        let changes = of(&[post], &aliases, &[]);
        let found: Vec<(&str, &str, bool)> = changes
            .iter()
            .flat_map(|change| &change.tags)
            .map(|renamed| (&*renamed.from, &*renamed.to, renamed.merged))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_become_what_they_stand_for() {
        check(
            &["Servers", "x"],
            Origin::Header,
            &[("Servers", "Server", false)],
        );
    }

    #[test]
    fn name_that_is_there_already_is_merged() {
        check(
            &["sevrers", "server"],
            Origin::Header,
            &[("sevrers", "Server", true)],
        );
        check(
            &["sevrers", "servers"],
            Origin::Header,
            &[("sevrers", "Server", false), ("servers", "Server", true)],
        );
    }

    #[test]
    fn another_spelling_of_the_term_is_no_change() {
        check(&["server"], Origin::Header, &[]);
    }

    #[test]
    fn derived_tags_are_not_renamed() {
        check(&["servers"], Origin::Derived, &[]);
    }
}
