//! Collects the tags, categories, authors and series of the whole site.
//!
//! Names with the same slug are one term, unless their keys differ: *Bär* and *Bar* are two tags. If
//! terms share a slug, the first by name has that address; the addresses of the others begin with
//! it. A term is shown with the spelling of the closed list, otherwise with the most frequent
//! spelling; of equally frequent ones, the first in sort order.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use pressrun_locale::locale::Locale;
use pressrun_locale::order::SortKey;
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::slug::{self, SlugSpelling};
use pressrun_posts::post::{SiteDate, category, tag};
use pressrun_text::language::primary_subtag;

use serde::{Deserialize, Serialize};

use super::own_paths::term_path;
use super::{CorpusPost, ListTextId, OwnPaths, PostId, TermId};
use crate::config::{Config, name_key};

/// A way of grouping posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Taxonomy {
    /// Tags, an open vocabulary.
    Tags,
    /// Categories, a closed vocabulary if `site.toml` has a list.
    Categories,
    /// The people who wrote the posts.
    Authors,
    /// Posts to be read one after the other. A post belongs to one series at most.
    Series,
}

impl Taxonomy {
    /// All taxonomies, in the order in which pages list them.
    pub const ALL: [Self; 4] = [Self::Tags, Self::Categories, Self::Authors, Self::Series];

    /// Returns the folder of its pages, which is also its name in templates.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Tags => "tags",
            Self::Categories => "categories",
            Self::Authors => "authors",
            Self::Series => "series",
        }
    }

    /// Returns the name for one of its terms.
    pub const fn singular(self) -> &'static str {
        match self {
            Self::Tags => "tag",
            Self::Categories => "category",
            Self::Authors => "author",
            Self::Series => "series",
        }
    }

    /// Returns with how many terms it has pages. That of all tags and that of all categories are
    /// there before the first term.
    pub const fn fewest_terms(self) -> usize {
        match self {
            Self::Tags | Self::Categories => 0,
            Self::Series => 1,
            Self::Authors => 2,
        }
    }

    /// Returns whether each of its terms has feeds.
    pub const fn has_feeds(self) -> bool {
        match self {
            Self::Categories | Self::Authors => true,
            Self::Tags | Self::Series => false,
        }
    }
}

/// A term of a taxonomy with its posts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorpusTerm {
    /// The name as it is shown.
    pub name: String,
    /// The last part of its address, unique in its taxonomy.
    pub slug: String,
    /// The posts that its list shows, newest first; those of a series in reading order.
    pub posts: Vec<PostId>,
    /// Its other posts, translations of which the list shows, newest first.
    pub others: Vec<PostId>,
    /// The day of the latest change of a post, if any post has a date.
    pub changed: Option<SiteDate>,
    /// The text that describes it.
    pub text: Option<ListTextId>,
}

/// Returns the last part of a term's address: the slug of its name (R12) in the spelling of the
/// site.
///
/// A name without letters or digits gets a slug from its hash, so that the term has a page too.
pub fn term_slug(name: &str, spelling: SlugSpelling) -> String {
    let slug = spelling.slugify(name);
    if slug.is_empty() {
        blake3::hash(name.as_bytes()).to_hex()[..8].to_owned()
    } else {
        slug::make_portable(&slug).into_owned()
    }
}

/// The terms of a taxonomy, and the terms of each post.
pub(super) struct CollectedTerms {
    pub(super) terms: Vec<CorpusTerm>,
    pub(super) of_posts: Vec<Vec<TermId>>,
    /// Warnings about terms whose address changed, because a file of the site is in its place.
    pub(super) moved: Vec<Diagnostic>,
}

/// Collects the terms of posts, which must be in their final order.
pub(super) fn collect_terms(
    entries: &[CorpusPost],
    taxonomy: Taxonomy,
    config: &Config,
    own_paths: &OwnPaths,
) -> CollectedTerms {
    let spelling = config.slug_spelling();
    let mut moved = Vec::new();
    let mut by_slug_and_key: HashMap<(String, String), usize> = HashMap::new();
    let mut found: Vec<TermSpellings> = Vec::new();
    let mut slug_of_name: HashMap<&str, usize> = HashMap::new();
    let mut of_posts: Vec<Vec<usize>> = Vec::with_capacity(entries.len());
    for (id, entry) in entries.iter().enumerate() {
        let names = entry.names(taxonomy);
        let mut own = Vec::with_capacity(names.len());
        for name in names {
            // Each spelling is looked up first, because making a slug is slow.
            let at = *slug_of_name.entry(name).or_insert_with(|| {
                let given = term_slug(address_name(name, taxonomy, config), spelling);
                let slug = own_paths.term_slug(taxonomy, &given).into_owned();
                let slug_and_key = (slug.clone(), term_key(name, taxonomy, config));
                *by_slug_and_key
                    .entry(slug_and_key)
                    .or_insert_with_key(|(_, key)| {
                        if let Some(file) = own_paths.in_term_page(taxonomy, &given) {
                            moved.push(collision(taxonomy, name, file, &slug));
                        }
                        found.push(TermSpellings::new(slug, key.clone()));
                        found.len() - 1
                    })
            });
            // Posts come in order, so if this post has the term already, it is the last one in the
            // list. That happens if a post has two spellings of one term.
            if found[at].posts.last() != Some(&(id as PostId)) {
                own.push(at);
                found[at].add(name, id as PostId, entry.changed());
            }
        }
        of_posts.push(own);
    }
    let list = closed_list(taxonomy, config)
        .iter()
        .map(|name| (term_key(name, taxonomy, config), name));
    let list = list.collect();
    let mut terms: Vec<CorpusTerm> = found.into_iter().map(|one| one.finish(&list)).collect();
    separate_slugs(&mut terms);
    CollectedTerms {
        moved,
        ..sort_terms(terms, of_posts, &Locale::for_tag(&config.language))
    }
}

/// Returns the closed list of a taxonomy. Without one, only the posts spell its terms.
pub fn closed_list(taxonomy: Taxonomy, config: &Config) -> &[String] {
    match taxonomy {
        Taxonomy::Categories => &config.categories.allowed,
        Taxonomy::Tags | Taxonomy::Authors | Taxonomy::Series => &[],
    }
}

/// Returns the name that the address of a term is made from. The address of an author in
/// `site.toml` has the key, so that it stays when the name changes.
pub(super) fn address_name<'n>(name: &'n str, taxonomy: Taxonomy, config: &'n Config) -> &'n str {
    let profile = match taxonomy {
        Taxonomy::Authors => config.authors.find(name),
        Taxonomy::Tags | Taxonomy::Categories | Taxonomy::Series => None,
    };
    profile.map_or(name, |profile| &profile.key)
}

/// Returns the path that a term had when no language spelt its letters out, if it is another one.
pub(super) fn former_term_path(
    term: &CorpusTerm,
    taxonomy: Taxonomy,
    config: &Config,
) -> Option<String> {
    let slug = former_term_slug(term, taxonomy, config)?;
    Some(term_path(taxonomy, &slug))
}

/// Returns the slug that a term had when no language spelt its letters out, if it is another one.
pub(super) fn former_term_slug(
    term: &CorpusTerm,
    taxonomy: Taxonomy,
    config: &Config,
) -> Option<String> {
    let spelling = config.slug_spelling().without_language()?;
    let slug = term_slug(address_name(&term.name, taxonomy, config), spelling);
    (slug != term.slug).then_some(slug)
}

/// Returns the key of a name. Names with one slug but different keys are different terms: `papa` and
/// `papá`, whatever the letters of addresses.
pub fn term_key(name: &str, taxonomy: Taxonomy, config: &Config) -> String {
    let name = match &*primary_subtag(&config.language) {
        "tr" | "az" => lower_turkish_words(name),
        _ => name.into(),
    };
    match taxonomy {
        Taxonomy::Tags => tag::tag_key(&name),
        Taxonomy::Categories => category::category_key(&name),
        Taxonomy::Authors | Taxonomy::Series => name_key(&name),
    }
}

/// Lowers the case of words with Turkish letters as Turkish does: `Işık` is `ışık`. In others, such
/// as `AI`, an `I` is that of English.
fn lower_turkish_words(name: &str) -> Cow<'_, str> {
    if !name.contains(['I', 'İ']) {
        return name.into();
    }
    let is_turkish =
        |word: &str| word.contains(['ç', 'ğ', 'ı', 'ö', 'ş', 'ü', 'Ç', 'Ğ', 'İ', 'Ö', 'Ş', 'Ü']);
    let words = name.split(' ').map(|word| -> Cow<'_, str> {
        if is_turkish(word) {
            word.replace('I', "ı").replace('İ', "i").into()
        } else {
            word.into()
        }
    });
    words.collect::<Vec<_>>().join(" ").into()
}

/// Gives each term an address of its own. Of several terms with one slug the first by name, in the
/// order of code points, keeps it; to that of each other one some digits of the hash of its name are
/// added.
fn separate_slugs(terms: &mut [CorpusTerm]) {
    let mut taken: HashSet<String> = terms.iter().map(|term| term.slug.clone()).collect();
    if taken.len() == terms.len() {
        return;
    }
    let mut order: Vec<usize> = (0..terms.len()).collect();
    order.sort_by(|&a, &b| terms[a].name.cmp(&terms[b].name));
    let mut owned: HashSet<String> = HashSet::with_capacity(terms.len());
    for at in order {
        let term = &mut terms[at];
        if owned.insert(term.slug.clone()) {
            continue;
        }
        let hash = blake3::hash(term.name.as_bytes()).to_hex();
        let free = (4..=hash.len())
            .map(|digits| format!("{}-{}", term.slug, &hash[..digits]))
            .find(|slug| !taken.contains(slug));
        if let Some(free) = free {
            taken.insert(free.clone());
            term.slug = free;
        }
    }
}

fn collision(taxonomy: Taxonomy, name: &str, file: &str, free: &str) -> Diagnostic {
    let message = format!(
        "the page of the {} {} would be here, so it is at `{}` instead",
        taxonomy.singular(),
        quote_for_message(name),
        term_path(taxonomy, free),
    );
    Diagnostic::new(Code::SlugCollision, FilePlace::file(file), message)
        .with_help("move the file to another folder")
}

/// A term whose posts are still being collected.
struct TermSpellings<'a> {
    slug: String,
    key: String,
    /// Each spelling with the number of posts that use it.
    names: Vec<(&'a str, u32)>,
    posts: Vec<PostId>,
    changed: Option<SiteDate>,
}

impl<'a> TermSpellings<'a> {
    fn new(slug: String, key: String) -> Self {
        Self {
            slug,
            key,
            names: Vec::new(),
            posts: Vec::new(),
            changed: None,
        }
    }

    fn add(&mut self, name: &'a str, post: PostId, changed: Option<SiteDate>) {
        self.posts.push(post);
        self.changed = SiteDate::later(self.changed, changed);
        match self.names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => self.names.push((name, 1)),
        }
    }

    fn finish(self, list: &HashMap<String, &String>) -> CorpusTerm {
        let name = match list.get(&self.key) {
            Some(name) => (*name).clone(),
            None => self
                .names
                .iter()
                .min_by_key(|(name, count)| (std::cmp::Reverse(*count), *name))
                .map_or_else(|| self.slug.clone(), |(name, _)| (*name).to_owned()),
        };
        CorpusTerm {
            name,
            slug: self.slug,
            posts: self.posts,
            others: Vec::new(),
            changed: self.changed,
            text: None,
        }
    }
}

/// Sorts terms by name, as a language sorts, and updates the indices of each post's terms.
fn sort_terms(
    terms: Vec<CorpusTerm>,
    of_posts: Vec<Vec<usize>>,
    locale: &Locale,
) -> CollectedTerms {
    let mut terms: Vec<(usize, SortKey, CorpusTerm)> = terms
        .into_iter()
        .enumerate()
        .map(|(at, term)| (at, locale.sort_key(&term.name), term))
        .collect();
    // Two terms may have the same name, but slugs are unique.
    terms.sort_by(|a, b| (&a.1, &a.2.slug).cmp(&(&b.1, &b.2.slug)));
    let mut new_position = vec![0; terms.len()];
    for (new, (old, ..)) in terms.iter().enumerate() {
        new_position[*old] = new as TermId;
    }
    CollectedTerms {
        terms: terms.into_iter().map(|(.., term)| term).collect(),
        of_posts: of_posts
            .into_iter()
            .map(|own| own.into_iter().map(|at| new_position[at]).collect())
            .collect(),
        moved: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use pressrun_posts::post::Post;
    use pressrun_posts::post::slug::SlugAlphabet;

    use super::*;

    fn check(names: &[&[&str]], list: &[&str], expected: &[(&str, &str, &[PostId])]) {
        let mut config = Config::default();
        config.categories.allowed = list.iter().map(|name| (*name).to_owned()).collect();
        check_with(&config, names, expected);
    }

    fn check_with(config: &Config, names: &[&[&str]], expected: &[(&str, &str, &[PostId])]) {
        let posts: Vec<CorpusPost> = names
            .iter()
            .map(|names| {
                let post = Post {
                    categories: names.iter().map(|name| (*name).to_owned()).collect(),
                    ..Post::default()
                };
                CorpusPost {
                    post: Arc::new(post),
                    ..CorpusPost::default()
                }
            })
            .collect();
        let collected = collect_terms(&posts, Taxonomy::Categories, config, &OwnPaths::default());
        let found: Vec<(&str, &str, &[PostId])> = collected
            .terms
            .iter()
            .map(|term| (&*term.name, &*term.slug, &*term.posts))
            .collect();
        assert_eq!(found, expected);
        for (id, own) in collected.of_posts.iter().enumerate() {
            for &term in own {
                assert!(
                    collected.terms[term as usize]
                        .posts
                        .contains(&(id as PostId))
                );
            }
        }
    }

    #[test]
    fn spellings_with_one_slug_are_one_term() {
        check(
            &[
                &["web hosting"],
                &["Web Hosting", "Web-Hosting"],
                &["Web Hosting"],
            ],
            &[],
            &[("Web Hosting", "web-hosting", &[0, 1, 2])],
        );
    }

    #[test]
    fn closed_list_decides_the_spelling() {
        check(
            &[&["web hosting"], &["web hosting"]],
            &["Web Hosting"],
            &[("Web Hosting", "web-hosting", &[0, 1])],
        );
    }

    #[test]
    fn terms_are_sorted_by_name_ignoring_case() {
        check(
            &[&["zebra", "Apple", "banana"]],
            &[],
            &[
                ("Apple", "apple", &[0]),
                ("banana", "banana", &[0]),
                ("zebra", "zebra", &[0]),
            ],
        );
    }

    #[test]
    fn names_with_one_slug_and_different_keys_are_different_terms() {
        let hash = blake3::hash("Bär".as_bytes()).to_hex();
        let second = format!("bar-{}", &hash[..4]);
        check(
            &[&["Bär"], &["Bar"], &["bär"]],
            &[],
            &[("Bar", "bar", &[1]), ("Bär", &second, &[0, 2])],
        );
    }

    #[test]
    fn names_that_ascii_spells_alike_are_different_terms() {
        let mut config = Config::default();
        config.content.slugs = SlugAlphabet::Ascii;
        config.language = "es".to_owned();
        let hash = blake3::hash("papá".as_bytes()).to_hex();
        let second = format!("papa-{}", &hash[..4]);
        let terms: [(&str, &str, &[PostId]); 2] =
            [("papa", "papa", &[0]), ("papá", &second, &[1, 2])];
        check_with(&config, &[&["papa"], &["papá"], &["papá"]], &terms);
    }

    #[test]
    fn german_site_spells_umlauts_out() {
        let config = Config {
            language: "de".to_owned(),
            ..Config::default()
        };
        check_with(
            &config,
            &[&["Bär", "Küche"], &["Bar"]],
            &[
                ("Bar", "bar", &[1]),
                ("Bär", "baer", &[0]),
                ("Küche", "kueche", &[0]),
            ],
        );
    }

    #[test]
    fn turkish_words_have_the_case_of_turkish() {
        let config = Config {
            language: "tr".to_owned(),
            ..Config::default()
        };
        check_with(
            &config,
            &[&["Işık", "AI"], &["ışık", "ai", "İstanbul"], &["istanbul"]],
            &[
                ("AI", "ai", &[0, 1]),
                ("Işık", "isik", &[0, 1]),
                ("istanbul", "istanbul", &[1, 2]),
            ],
        );
    }

    #[test]
    fn name_without_letters_has_an_address_of_its_own() {
        check(
            &[&["★", "★★"]],
            &[],
            &[
                ("★", term_slug("★", SlugSpelling::default()).as_str(), &[0]),
                (
                    "★★",
                    term_slug("★★", SlugSpelling::default()).as_str(),
                    &[0],
                ),
            ],
        );
    }
}
