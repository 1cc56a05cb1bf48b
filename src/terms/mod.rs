//! The vocabulary of a site: its tags and categories, which of them are the same word, and the
//! aliases that merge those.
//!
//! The stages, in order: `vocabulary` counts the names that authors gave; `likeness` computes what
//! two spellings have in common; `families` groups names that are the same and picks the one to
//! keep; `suggest` turns the groups into aliases; `changes` lists the posts that these aliases
//! change; `write` adds them to `site.toml`. Names are found by lookup and never compared in pairs, so the
//! time grows with their number. `category_list` replaces the closed list of categories.
//!
//! Not here: what an alias does (`pressrun-posts`), and printing (`cli`).

mod category_list;
mod changes;
mod closest;
mod families;
mod likeness;
mod suggest;
mod vocabulary;
mod write;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use pressrun_posts::normalize::OffListAction;
use pressrun_site::config::{Config, FILE};
use pressrun_site::corpus::{self, DatedPost};
use pressrun_site::fs;
use pressrun_site::pipeline::{self, BuildRequest};
use pressrun_site::render::CommandFailure;

pub use category_list::{
    CategoryChoice, ReplacedCategories, format_category_list, replace_categories,
};
pub use changes::{RenamedTerm, TermsChange};
pub use suggest::{AliasReason, SuggestedAlias};
pub use vocabulary::{ListStanding, SiteVocabulary, UsedTerm, VocabularyKind};
pub use write::format_alias_line;

/// Name of the cache for posts that are read with other settings than those of a build.
const CACHE: &str = "terms";

/// The tags and categories of a site, and the aliases that would tidy them.
#[derive(Debug)]
pub struct TermsReport {
    /// Number of posts, including drafts and scheduled posts.
    pub posts: usize,
    /// Findings on its tags.
    pub tags: TaxonomyFindings,
    /// Findings on its categories.
    pub categories: TaxonomyFindings,
    /// The posts that the aliases change, in the order of their paths.
    pub changes: Vec<TermsChange>,
}

/// Findings on one taxonomy.
#[derive(Debug, Default)]
pub struct TaxonomyFindings {
    /// Its terms.
    pub vocabulary: SiteVocabulary,
    /// Aliases that would merge spellings of the same name.
    pub aliases: Vec<SuggestedAlias>,
    /// For each name outside the closed list, the closest name of the list.
    pub closest: HashMap<String, String>,
}

/// Examines the vocabulary of a site, and adds the aliases to `site.toml` if `apply` is true.
///
/// # Errors
///
/// Returns what is wrong with the site or the machine; `site.toml` is then unchanged.
pub fn run_terms_analysis(
    request: &BuildRequest,
    apply: bool,
) -> Result<TermsReport, CommandFailure> {
    // Read before the configuration, so that a change in between is noticed when writing.
    let text = fs::read_text(&request.root.join(FILE))?;
    let config = Arc::new(pipeline::load_config(&request.root)?);
    let posts = read_posts_keeping_off_list(request, &config)?;
    let [tags, categories] = find_all_taxonomy_findings(&posts, &config);
    let report = TermsReport {
        posts: posts.len(),
        changes: changes::find_term_changes(&posts, &tags.aliases, &categories.aliases),
        tags,
        categories,
    };
    if apply && report.has_aliases() {
        let aliases = write::AliasesToWrite {
            tags: &report.tags.aliases,
            categories: &report.categories.aliases,
        };
        write::write_aliases(&request.root, text.as_deref(), aliases)?;
    }
    Ok(report)
}

impl TermsReport {
    /// Returns the findings on a taxonomy.
    pub fn findings_on(&self, kind: VocabularyKind) -> &TaxonomyFindings {
        match kind {
            VocabularyKind::Tags => &self.tags,
            VocabularyKind::Categories => &self.categories,
        }
    }

    /// Returns whether there are aliases to add.
    pub fn has_aliases(&self) -> bool {
        !self.tags.aliases.is_empty() || !self.categories.aliases.is_empty()
    }
}

/// Reads the posts of a site with all categories that their authors gave them.
fn read_posts_keeping_off_list(
    request: &BuildRequest,
    config: &Arc<Config>,
) -> Result<Vec<DatedPost>, CommandFailure> {
    if config.categories.off_list == OffListAction::Keep {
        return pipeline::read_posts(request, config, pipeline::BUILD_CACHE);
    }
    // Names outside the list are the subject here, so they must be neither dropped nor rejected. A
    // build reads with other settings, so its cache is neither used nor changed.
    let mut config = Config::clone(config);
    config.categories.off_list = OffListAction::Keep;
    pipeline::read_posts(request, &Arc::new(config), CACHE)
}

/// Collects the words of all titles: a word that a title contains is not a typo.
fn collect_title_words(posts: &[DatedPost]) -> HashSet<String> {
    let words: Vec<Vec<String>> = posts
        .par_iter()
        .map(|dated| likeness::words_of_name(&dated.post.title))
        .collect();
    words.into_iter().flatten().collect()
}

impl TaxonomyFindings {
    /// Returns the used names that no alias replaces, the most used first.
    pub fn list_names_to_keep(&self) -> Vec<String> {
        let going: HashSet<&str> = self.aliases.iter().map(|alias| &*alias.alias).collect();
        let used = self.vocabulary.used();
        let kept = used.filter(|term| !going.contains(&*term.name));
        kept.map(|term| term.name.clone()).collect()
    }

    /// Returns the names outside the closed list that no alias covers, each with the closest name
    /// of the list. A person has to decide on these.
    pub fn guesses(&self) -> Vec<(&UsedTerm, &str)> {
        let going: HashSet<&str> = self.aliases.iter().map(|alias| &*alias.alias).collect();
        let open = self.vocabulary.used();
        let open = open.filter(|term| !going.contains(&*term.name));
        open.filter_map(|term| Some((term, &**self.closest.get(&term.name)?)))
            .collect()
    }
}

/// Examines the tags and the categories of posts under a configuration.
pub fn find_all_taxonomy_findings(posts: &[DatedPost], config: &Config) -> [TaxonomyFindings; 2] {
    let titles = collect_title_words(posts);
    VocabularyKind::ALL.map(|kind| find_taxonomy_findings(kind, posts, &titles, config))
}

fn find_taxonomy_findings(
    kind: VocabularyKind,
    posts: &[DatedPost],
    titles: &HashSet<String>,
    config: &Config,
) -> TaxonomyFindings {
    let vocabulary = SiteVocabulary::from_posts(posts, kind, config);
    let aliases = suggest::suggest_aliases(families::KnownTerms {
        kind,
        terms: &vocabulary.terms,
        own: match kind {
            VocabularyKind::Tags => &config.tags.aliases,
            VocabularyKind::Categories => &config.categories.aliases,
        },
        titles,
    });
    let list = closest::ClosedList::from_names(corpus::closed_list(kind.taxonomy(), config));
    let off_list = vocabulary.terms.par_iter();
    let off_list = off_list.filter(|term| term.standing == ListStanding::OffList);
    let mut closest: HashMap<String, String> = off_list
        .filter_map(|term| Some((term.name.clone(), list.find_closest(&term.name)?.to_owned())))
        .collect();
    if !list.is_empty() {
        let sure = aliases.iter();
        // An alias is certain, so it replaces the guess.
        closest.extend(sure.map(|alias| (alias.alias.clone(), alias.name.clone())));
    }
    TaxonomyFindings {
        vocabulary,
        aliases,
        closest,
    }
}
