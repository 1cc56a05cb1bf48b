//! Suggests the aliases that merge several spellings into one name.
//!
//! An alias points to the name in the closed list; otherwise to the target of the author's own
//! aliases; otherwise to the spelling that most posts use, the one whose words are known from
//! elsewhere, the one with spaces, the shortest, the first by name. It never points to another alias, and it never contradicts the author's own.
//!
//! Not here: which names are the same (`families`).

use std::collections::{HashMap, HashSet};

use pressrun_posts::post::{category, tag};

use super::families::{KnownTerms, TermFamilies};
use super::likeness;
use super::vocabulary::VocabularyKind;

/// A name that should be read as another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestedAlias {
    /// The name that is replaced.
    pub alias: String,
    /// The name that is kept.
    pub name: String,
    /// How many posts have the replaced name.
    pub posts: usize,
    /// How the two names differ.
    pub because: AliasReason,
}

/// How two spellings of the same name differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AliasReason {
    /// Hyphens, spaces, or British and American spelling.
    Spelling,
    /// Singular and plural.
    Plural,
    /// A typo.
    Typo,
}

impl AliasReason {
    /// Returns the word used in reports and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spelling => "spelling",
            Self::Plural => "plural",
            Self::Typo => "typo",
        }
    }
}

/// Returns the key that an alias and a name must share for the alias to match the name.
pub(super) fn make_alias_key(kind: VocabularyKind, name: &str) -> String {
    match kind {
        VocabularyKind::Tags => tag::tag_key(name),
        VocabularyKind::Categories => category::category_key(name),
    }
}

/// Returns the aliases for names that are the same, sorted by the name that is kept.
pub(super) fn suggest_aliases(known: KnownTerms<'_>) -> Vec<SuggestedAlias> {
    let families = TermFamilies::from_terms(known);
    let mut leads: Vec<Option<(usize, AliasReason)>> = vec![None; known.terms.len()];
    for family in &families.all {
        let Some(head) = family.head else { continue };
        for &member in &family.members {
            if member != head && !families.must_keep(member) {
                leads[member] = Some((
                    head,
                    classify_difference(&families.words[member], &families.words[head]),
                ));
            }
        }
    }
    for (typo, meant) in families.find_typos() {
        leads[typo] = Some((meant, AliasReason::Typo));
    }
    let mut aliases: Vec<SuggestedAlias> = leads
        .iter()
        .enumerate()
        .filter_map(|(at, lead)| {
            let (mut head, because) = (*lead)?;
            // The meant term may be a typo itself. The loop ends, because each step leads to a more
            // common or a listed name.
            while let Some((next, _)) = leads[head] {
                head = next;
            }
            Some(SuggestedAlias {
                alias: known.terms[at].name.clone(),
                name: known.terms[head].name.clone(),
                posts: known.terms[at].posts,
                because,
            })
        })
        .collect();
    retain_safe_aliases(&mut aliases, known);
    aliases.sort_by(|a, b| (&a.name, &a.alias).cmp(&(&b.name, &b.alias)));
    aliases
}

/// Returns how two names that are the same differ, judging by their words.
fn classify_difference(a: &[String], b: &[String]) -> AliasReason {
    let singular = |words: &[String]| -> String {
        let words = words.iter();
        words
            .map(|word| likeness::make_word_singular(word))
            .collect()
    };
    // `words` removed the plural of initials, so `API` and `APIs` have equal words here.
    let plural = a == b || a.concat() != b.concat() && singular(a) == singular(b);
    if plural {
        AliasReason::Plural
    } else {
        AliasReason::Spelling
    }
}

/// Removes aliases that would also match other names, or that contradict the author's own.
fn retain_safe_aliases(aliases: &mut Vec<SuggestedAlias>, known: KnownTerms<'_>) {
    let key = |name: &str| make_alias_key(known.kind, name);
    let own: HashMap<String, &str> = known
        .own
        .iter()
        .map(|(alias, name)| (key(alias), &**name))
        .collect();
    let becomes: HashMap<&str, &str> = aliases
        .iter()
        .map(|alias| (&*alias.alias, &*alias.name))
        .collect();
    // Keys shared by names that do not all become the same name.
    let mut names: HashMap<String, &str> = HashMap::new();
    let mut apart: HashSet<String> = HashSet::new();
    for term in known.terms {
        let name = becomes.get(&*term.name).copied().unwrap_or(&term.name);
        let key = key(&term.name);
        if *names.entry(key.clone()).or_insert(name) != name {
            apart.insert(key);
        }
    }
    let is_safe = |alias: &SuggestedAlias| {
        let (from, to) = (key(&alias.alias), key(&alias.name));
        // The author's own alias would rename the result again.
        let leads_on = own.get(&to).is_some_and(|name| **name != alias.name);
        !own.contains_key(&from) && !leads_on && !apart.contains(&from)
    };
    // Decide on all before removing any, because `is_safe` looks up the whole set.
    let safe: Vec<bool> = aliases.iter().map(is_safe).collect();
    let mut safe = safe.into_iter();
    aliases.retain(|_| safe.next().unwrap_or(false));
}

#[cfg(test)]
mod tests {
    use pressrun_posts::post::slug::slugify_uncut;
    use proptest::prelude::*;

    use super::*;
    use crate::terms::{ListStanding, UsedTerm};

    fn known<'k>(
        terms: &'k [UsedTerm],
        own: &'k [(String, String)],
        titles: &'k HashSet<String>,
    ) -> KnownTerms<'k> {
        KnownTerms {
            kind: VocabularyKind::Tags,
            terms,
            own,
            titles,
        }
    }

    fn term(name: &str, posts: usize, standing: ListStanding) -> UsedTerm {
        UsedTerm {
            name: name.to_owned(),
            slug: slugify_uncut(name),
            posts,
            standing,
        }
    }

    fn open(terms: &[(&str, usize)]) -> Vec<UsedTerm> {
        let terms = terms.iter();
        terms
            .map(|&(name, posts)| term(name, posts, ListStanding::Open))
            .collect()
    }

    #[track_caller]
    fn check_known(known: KnownTerms<'_>, expected: &[(&str, &str, AliasReason)]) {
        let found = suggest_aliases(known);
        let found: Vec<(&str, &str, AliasReason)> = found
            .iter()
            .map(|one| (&*one.alias, &*one.name, one.because))
            .collect();
        assert_eq!(found, expected);
    }

    #[track_caller]
    fn check(terms: &[(&str, usize)], expected: &[(&str, &str, AliasReason)]) {
        check_known(known(&open(terms), &[], &HashSet::new()), expected);
    }

    use AliasReason::{Plural, Spelling, Typo};

    #[test]
    fn of_spellings_that_are_as_frequent_the_one_of_known_words_wins() {
        let spellings = [("media query", 2), ("mediaquery", 2)];
        check(&spellings, &[("mediaquery", "media query", Spelling)]);
        let titled =
            |words: &[&str], terms: &[(&str, usize)], expected: &[(&str, &str, AliasReason)]| {
                let titles = words.iter().map(|word| (*word).to_owned()).collect();
                check_known(known(&open(terms), &[], &titles), expected);
            };
        titled(
            &["newsletter", "news", "letters"],
            &[("news letter", 1), ("newsletter", 1)],
            &[("news letter", "newsletter", Spelling)],
        );
        titled(
            &["web", "sites"],
            &[("web-site", 1), ("website", 1)],
            &[("website", "web-site", Spelling)],
        );
        // More posts count for more than any word.
        titled(
            &["media", "queries"],
            &[("media query", 1), ("mediaquery", 2)],
            &[("media query", "mediaquery", Spelling)],
        );
        // Words that other names have are known, too.
        check(
            &[("e-mail", 1), ("email", 1), ("email lists", 1)],
            &[("e-mail", "email", Spelling)],
        );
    }

    #[test]
    fn alias_leads_to_more_posts_then_to_the_shorter_then_to_the_first() {
        check(
            &[("hostings", 3), ("hosting", 2)],
            &[("hosting", "hostings", Plural)],
        );
        check(
            &[("e-mail", 2), ("email", 2)],
            &[("e-mail", "email", Spelling)],
        );
        check(
            &[("road bikes", 1), ("roadbike s", 1), ("roa dbikes", 1)],
            &[
                ("road bikes", "roa dbikes", Spelling),
                ("roadbike s", "roa dbikes", Spelling),
            ],
        );
        check(&[("APIs", 1), ("API", 9)], &[("APIs", "API", Plural)]);
        check(
            &[("Salesforce", 5), ("sales force", 1), ("sale force", 1)],
            &[
                ("sale force", "Salesforce", Spelling),
                ("sales force", "Salesforce", Spelling),
            ],
        );
    }

    #[test]
    fn name_in_the_list_wins_and_none_outside_of_it_is_suggested() {
        let terms = [
            term("Home Office", 0, ListStanding::Listed),
            term("Homes Office", 9, ListStanding::OffList),
            term("Gardens Fair", 2, ListStanding::OffList),
            term("Garden Fairs", 1, ListStanding::OffList),
        ];
        check_known(
            known(&terms, &[], &HashSet::new()),
            &[("Homes Office", "Home Office", Plural)],
        );
    }

    #[test]
    fn words_without_their_marks_are_typos_and_short_ones_are_words() {
        check(
            &[("Küche", 2), ("Kuche", 2), ("Kueche", 1)],
            &[("Kuche", "Küche", Typo), ("Kueche", "Küche", Typo)],
        );
        check(&[("Bär", 2), ("Bar", 1), ("papa", 3), ("papá", 3)], &[]);
        check(&[("Kuche", 3), ("Küche", 2)], &[]);
    }

    #[test]
    fn rare_name_with_a_slip_is_a_typo_of_the_common_one() {
        check(
            &[("Kubernetes", 5), ("Kuberentes", 1)],
            &[("Kuberentes", "Kubernetes", Typo)],
        );
        check(&[("Kubernetes", 1), ("Kuberentes", 1)], &[]);
        check(&[("optimizing", 5), ("optinizing", 2)], &[]);
        check(
            &[("optimizing", 6), ("optinizing", 2)],
            &[("optinizing", "optimizing", Typo)],
        );
        check(
            &[("email marketing", 5), ("email marketting", 1)],
            &[("email marketting", "email marketing", Typo)],
        );
    }

    #[test]
    fn word_that_the_site_uses_elsewhere_is_not_a_typo() {
        check(
            &[
                ("hosting", 5),
                ("hoisting", 1),
                ("hoisting in JavaScript", 1),
            ],
            &[],
        );
        let titles = HashSet::from(["hoisting".to_owned()]);
        let terms = open(&[("hosting", 5), ("hoisting", 1)]);
        check_known(known(&terms, &[], &titles), &[]);
    }

    #[test]
    fn alias_never_leads_to_an_alias() {
        check(
            &[
                ("e-mail marketing", 2),
                ("email marketing", 3),
                ("email marketting", 1),
            ],
            &[
                ("e-mail marketing", "email marketing", Spelling),
                ("email marketting", "email marketing", Typo),
            ],
        );
        check(
            &[("kubernetes", 9), ("kuberentes", 3), ("kubeerentes", 1)],
            &[
                ("kubeerentes", "kubernetes", Typo),
                ("kuberentes", "kubernetes", Typo),
            ],
        );
    }

    #[test]
    fn aliases_of_the_author_win() {
        let own = [("mail".to_owned(), "E-Mails".to_owned())];
        let terms = open(&[("email", 9), ("E-Mails", 1)]);
        check_known(
            known(&terms, &own, &HashSet::new()),
            &[("email", "E-Mails", Plural)],
        );
        // The author's own alias already covers the name, so it is not suggested again.
        let own = [("e-mail".to_owned(), "Post".to_owned())];
        check_known(known(&terms, &own, &HashSet::new()), &[]);
    }

    #[test]
    fn names_that_only_look_alike_have_no_alias() {
        check(
            &[
                ("C", 3),
                ("C++", 2),
                ("C#", 1),
                ("cat", 2),
                ("car", 1),
                ("2024", 2),
                ("2025", 1),
                ("PHP 8", 2),
                ("PHP 8.1", 3),
                ("PHP 81", 1),
                ("★", 2),
                ("★★", 1),
                ("Canvas", 3),
                ("Canva", 1),
            ],
            &[],
        );
    }

    proptest! {
        #[test]
        fn what_is_removed_never_stays(
            names in prop::collection::btree_map("(web |e-|smart )?(hosting|hositng|mail|colours?|API)s?( 8| 8.1)?", 1..9_usize, 1..12),
        ) {
            let mut by_slug = std::collections::BTreeMap::new();
            for (name, posts) in names {
                by_slug.entry(slugify_uncut(&name)).or_insert((name, posts));
            }
            let terms: Vec<UsedTerm> = by_slug
                .into_values()
                .map(|(name, posts)| term(&name, posts, ListStanding::Open))
                .collect();
            let found = suggest_aliases(known(&terms, &[], &HashSet::new()));
            for one in &found {
                prop_assert!(found.iter().all(|other| other.name != one.alias), "{one:?}");
                prop_assert!(terms.iter().any(|term| term.name == one.name), "{one:?}");
            }
        }
    }

    #[test]
    fn fifty_thousand_tags_are_not_compared_in_pairs() {
        let letter = |digit: u8| char::from(b'a' + (digit - b'0'));
        let names = (0..25_000).flat_map(|at| {
            let word: String = format!("{at:05}").bytes().map(letter).collect();
            [format!("topic{word}ing"), format!("topic{word}ings")]
        });
        let terms: Vec<UsedTerm> = names
            .map(|name| term(&name, 1, ListStanding::Open))
            .collect();
        // A billion comparisons would take this test many minutes.
        let found = suggest_aliases(known(&terms, &[], &HashSet::new()));
        assert_eq!(found.len(), 25_000);
    }
}
