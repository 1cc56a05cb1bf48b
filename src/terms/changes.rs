//! Computes how a set of aliases changes the terms of each post.

use std::collections::HashMap;

use pressrun_posts::diagnostic::FilePlace;
use pressrun_posts::post::slug::split_into_words;
use pressrun_site::corpus::DatedPost;

use super::suggest::{SuggestedAlias, make_alias_key};
use super::vocabulary::{VocabularyKind, given_terms};

/// A post whose terms change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsChange {
    /// Position of the post in its source file.
    pub place: FilePlace,
    /// Title of the post.
    pub title: String,
    /// Tags that get another name.
    pub tags: Vec<RenamedTerm>,
    /// Categories that get another name.
    pub categories: Vec<RenamedTerm>,
}

/// A name that is replaced by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenamedTerm {
    /// The name that the post has now.
    pub from: String,
    /// The name that it will have.
    pub to: String,
    /// Whether the post already has the new name, so that the two names merge into one.
    pub merged: bool,
}

/// Returns the posts that aliases of tags and categories change, in the order of `posts`.
pub(super) fn find_term_changes(
    posts: &[DatedPost],
    tags: &[SuggestedAlias],
    categories: &[SuggestedAlias],
) -> Vec<TermsChange> {
    let tags = AliasLookup::from_aliases(VocabularyKind::Tags, tags);
    let categories = AliasLookup::from_aliases(VocabularyKind::Categories, categories);
    let mut changes = Vec::new();
    for DatedPost { post, .. } in posts {
        let change = TermsChange {
            place: FilePlace::line(post.source.file.clone(), post.source.line),
            title: post.title.clone(),
            tags: tags.rename_names(given_terms(post, VocabularyKind::Tags)),
            categories: categories.rename_names(given_terms(post, VocabularyKind::Categories)),
        };
        if !change.tags.is_empty() || !change.categories.is_empty() {
            changes.push(change);
        }
    }
    changes
}

/// The aliases of one taxonomy, ready for lookup.
struct AliasLookup<'a> {
    kind: VocabularyKind,
    /// New name by the key of the old one.
    by_key: HashMap<String, &'a str>,
}

impl<'a> AliasLookup<'a> {
    fn from_aliases(kind: VocabularyKind, aliases: &'a [SuggestedAlias]) -> Self {
        let pairs = aliases.iter();
        let pairs = pairs.map(|alias| (make_alias_key(kind, &alias.alias), &*alias.name));
        Self {
            kind,
            by_key: pairs.collect(),
        }
    }

    /// Returns those of `names` that become another term.
    fn rename_names(&self, names: &[String]) -> Vec<RenamedTerm> {
        if self.by_key.is_empty() {
            return Vec::new();
        }
        let renamed = names.iter().filter_map(|from| {
            let to = *self.by_key.get(&make_alias_key(self.kind, from))?;
            // A new spelling of the same words is the same term on the site, so it changes nothing.
            (split_into_words(from) != split_into_words(to)).then_some((from, to))
        });
        let mut found: Vec<RenamedTerm> = Vec::new();
        for (from, to) in renamed {
            // The post may have the new name already, or get it from another alias.
            let has_it = names
                .iter()
                .any(|name| split_into_words(name) == split_into_words(to));
            let merged = has_it || found.iter().any(|other| other.to == to);
            found.push(RenamedTerm {
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
    use pressrun_posts::post::{FieldSource, FieldSources, Post, PostSource};

    use super::*;
    use crate::terms::AliasReason;

    fn check(tags: &[&str], origin: FieldSource, expected: &[(&str, &str, bool)]) {
        let post = Post {
            source: PostSource {
                file: "a".into(),
                line: 3,
                index: 0,
            },
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            origins: FieldSources {
                tags: origin,
                ..FieldSources::default()
            },
            ..Post::default()
        };
        let alias = |alias: &str, name: &str| SuggestedAlias {
            alias: alias.to_owned(),
            name: name.to_owned(),
            posts: 1,
            because: AliasReason::Spelling,
        };
        let aliases = [alias("servers", "Server"), alias("sevrers", "Server")];
        let post = DatedPost {
            post: post.into(),
            ..DatedPost::default()
        };
        let changes = find_term_changes(&[post], &aliases, &[]);
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
            FieldSource::Header,
            &[("Servers", "Server", false)],
        );
    }

    #[test]
    fn name_that_is_there_already_is_merged() {
        check(
            &["sevrers", "server"],
            FieldSource::Header,
            &[("sevrers", "Server", true)],
        );
        check(
            &["sevrers", "servers"],
            FieldSource::Header,
            &[("sevrers", "Server", false), ("servers", "Server", true)],
        );
    }

    #[test]
    fn another_spelling_of_the_term_is_not_a_change() {
        check(&["server"], FieldSource::Header, &[]);
    }

    #[test]
    fn derived_tags_are_not_renamed() {
        check(&["servers"], FieldSource::Derived, &[]);
    }
}
