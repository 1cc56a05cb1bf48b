//! The vocabulary of a site: its tags and categories, which of them are one, and the aliases
//! that would say so.
//!
//! Stages in their order: `vocabulary` counts the names that authors gave, `likeness` says what
//! two spellings have in common and `families` which names are one and which of them is the best,
//! `suggest` makes aliases of that, `changes` tells what becomes of the posts, and `write` puts
//! the aliases into `site.toml`. Names are looked up by what they have in common, so the time
//! grows with their number and not with that of their pairs.
//!
//! Not here: what an alias does (`normalize`), and printing (`cli`).

mod changes;
mod closest;
mod families;
mod likeness;
mod suggest;
mod vocabulary;
mod write;

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::cache::Cache;
use crate::config::{Config, FILE, OffList};
use crate::corpus::{Dated, Taxonomy};
use crate::fs;
use crate::pipeline::{self, Request};
use crate::render::Failure;

pub use changes::{Change, Renamed};
pub use suggest::{Alias, Because};
pub use vocabulary::{Standing, Term, Vocabulary};
pub use write::line;

/// What a site has of tags and categories, and what would make it tidier.
#[derive(Debug)]
pub struct Report {
    /// How many posts there are, drafts and posts of the future included.
    pub posts: usize,
    /// Its tags.
    pub tags: Findings,
    /// Its categories.
    pub categories: Findings,
    /// The posts that the aliases change, by path.
    pub changes: Vec<Change>,
}

/// What was found out about a taxonomy.
#[derive(Debug, Default)]
pub struct Findings {
    /// Its terms.
    pub vocabulary: Vocabulary,
    /// The aliases that would make one name of several spellings.
    pub aliases: Vec<Alias>,
    /// The name of the closed list that comes closest to a name outside of it, by that name.
    pub closest: HashMap<String, String>,
}

/// Looks at the vocabulary of a site, and adds the aliases to `site.toml` if `apply` says so.
///
/// # Errors
///
/// What is wrong with the site or the machine; `site.toml` is then as it was.
pub fn run(request: &Request, apply: bool) -> Result<Report, Failure> {
    let text = fs::read_text(&request.root.join(FILE))?;
    let config = pipeline::load_config(&request.root)?;
    let posts = read(request, &config)?;
    let titles = title_words(&posts);
    let [tags, categories] =
        Taxonomy::ALL.map(|taxonomy| findings(taxonomy, &posts, &titles, &config));
    let report = Report {
        posts: posts.len(),
        changes: changes::of(&posts, &tags.aliases, &categories.aliases),
        tags,
        categories,
    };
    if apply && report.has_aliases() {
        let aliases = write::Aliases {
            tags: &report.tags.aliases,
            categories: &report.categories.aliases,
        };
        write::write(&request.root, text.as_deref(), aliases)?;
    }
    Ok(report)
}

impl Report {
    /// What was found out about a taxonomy.
    pub fn of(&self, taxonomy: Taxonomy) -> &Findings {
        match taxonomy {
            Taxonomy::Tags => &self.tags,
            Taxonomy::Categories => &self.categories,
        }
    }

    /// Whether there is an alias to add.
    pub fn has_aliases(&self) -> bool {
        !self.tags.aliases.is_empty() || !self.categories.aliases.is_empty()
    }
}

/// The posts of a site with all the categories that they were given.
fn read(request: &Request, config: &Config) -> Result<Vec<Dated>, Failure> {
    if config.categories.off_list == OffList::Keep {
        let cache = pipeline::open_cache(request, config);
        return pipeline::read_posts(request, config, &cache);
    }
    // Names outside the list are what this is about: they are neither dropped nor rejected. A
    // build reads otherwise, so what it remembers is left alone.
    let mut config = config.clone();
    config.categories.off_list = OffList::Keep;
    pipeline::read_posts(request, &config, &Cache::none())
}

/// The words of all titles: a word that is in one is no typo.
fn title_words(posts: &[Dated]) -> HashSet<String> {
    let words: Vec<Vec<String>> = posts
        .par_iter()
        .map(|dated| likeness::words(&dated.post.title))
        .collect();
    words.into_iter().flatten().collect()
}

impl Findings {
    /// Names outside of the closed list that no alias is suggested for, with the closest name of
    /// it: for a person to decide on.
    pub fn guesses(&self) -> Vec<(&Term, &str)> {
        let going: HashSet<&str> = self.aliases.iter().map(|alias| &*alias.alias).collect();
        let open = self.vocabulary.used();
        let open = open.filter(|term| !going.contains(&*term.name));
        open.filter_map(|term| Some((term, &**self.closest.get(&term.name)?)))
            .collect()
    }
}

fn findings(
    taxonomy: Taxonomy,
    posts: &[Dated],
    titles: &HashSet<String>,
    config: &Config,
) -> Findings {
    let vocabulary = Vocabulary::of(posts, taxonomy, config);
    let aliases = suggest::aliases(families::Known {
        taxonomy,
        terms: &vocabulary.terms,
        own: match taxonomy {
            Taxonomy::Tags => &config.tags.aliases,
            Taxonomy::Categories => &config.categories.aliases,
        },
        titles,
    });
    let list = closest::List::of(vocabulary::list(taxonomy, config));
    let off_list = vocabulary.terms.par_iter();
    let off_list = off_list.filter(|term| term.standing == Standing::OffList);
    let mut closest: HashMap<String, String> = off_list
        .filter_map(|term| Some((term.name.clone(), list.closest(&term.name)?.to_owned())))
        .collect();
    if !list.is_empty() {
        let sure = aliases.iter();
        closest.extend(sure.map(|alias| (alias.alias.clone(), alias.name.clone())));
    }
    Findings {
        vocabulary,
        aliases,
        closest,
    }
}
