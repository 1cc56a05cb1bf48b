//! Which terms of a vocabulary are one, and which name of them is the best.
//!
//! Terms with a key in common are a family. A typo is alone in its family and rarer than what
//! it stands for; no other name has the word, and no title.
//!
//! Not here: what two spellings have in common (`likeness`), and aliases (`suggest`).

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::likeness::{self, Slip, Typos};
use super::vocabulary::{Standing, Term};
use crate::corpus::Taxonomy;
use crate::post::slug::slugify_uncut;

/// What aliases are made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'k> {
    pub(super) taxonomy: Taxonomy,
    /// Every term there is.
    pub(super) terms: &'k [Term],
    /// The aliases that the author has.
    pub(super) own: &'k [(String, String)],
    /// The words of all titles.
    pub(super) titles: &'k HashSet<String>,
}

/// Names that are one, whatever their spelling.
pub(super) struct Family {
    /// Positions of its terms.
    pub(super) members: Vec<usize>,
    /// The one that the others lead to; `None` if none of a closed list is among them.
    pub(super) head: Option<usize>,
    posts: usize,
}

/// All families of a vocabulary.
pub(super) struct Families<'k> {
    known: Known<'k>,
    /// The words of each term.
    pub(super) words: Vec<Vec<String>>,
    pub(super) all: Vec<Family>,
    /// The family of each term that has letters or digits.
    of_terms: Vec<Option<usize>>,
    /// A term for each key.
    by_key: HashMap<String, usize>,
    /// Slugs of the names that the author's aliases lead to.
    targets: HashSet<String>,
}

impl<'k> Families<'k> {
    /// The families of these terms.
    pub(super) fn of(known: Known<'k>) -> Self {
        let targets = known.own.iter().map(|(_, name)| slugify_uncut(name));
        let mut families = Self {
            known,
            words: known
                .terms
                .iter()
                .map(|term| likeness::words(&term.name))
                .collect(),
            all: Vec::new(),
            of_terms: vec![None; known.terms.len()],
            by_key: HashMap::new(),
            targets: targets.collect(),
        };
        families.gather();
        for family in 0..families.all.len() {
            families.all[family].head = families.head(&families.all[family].members);
        }
        families
    }

    /// Puts terms with a key in common into one family.
    fn gather(&mut self) {
        let mut united = Union::of(self.words.len());
        for (at, words) in self.words.iter().enumerate() {
            for key in likeness::keys(words).into_iter().flatten() {
                let first = *self.by_key.entry(key).or_insert(at);
                united.join(first, at);
            }
        }
        for at in 0..self.words.len() {
            if self.words[at].is_empty() {
                continue;
            }
            let first = united.first(at);
            if first == at {
                self.of_terms[at] = Some(self.all.len());
                self.all.push(Family {
                    members: Vec::new(),
                    head: None,
                    posts: 0,
                });
            }
            self.of_terms[at] = self.of_terms[first];
            if let Some(family) = self.of_terms[at] {
                self.all[family].members.push(at);
                self.all[family].posts += self.known.terms[at].posts;
            }
        }
    }

    /// The name that the others of a family lead to.
    fn head(&self, members: &[usize]) -> Option<usize> {
        let terms = &self.known.terms;
        let head = *members.iter().min_by_key(|&&at| {
            let Term {
                name,
                posts,
                standing,
                ..
            } = &terms[at];
            let rank = match standing {
                Standing::Listed => 0,
                _ if self.is_target(at) => 1,
                _ => 2,
            };
            (rank, Reverse(*posts), name.chars().count(), name)
        })?;
        (terms[head].standing != Standing::OffList).then_some(head)
    }

    /// Whether a name is never made an alias: the list has it, or the author's aliases lead to it.
    pub(super) fn stays(&self, at: usize) -> bool {
        self.known.terms[at].standing == Standing::Listed || self.is_target(at)
    }

    fn is_target(&self, at: usize) -> bool {
        !self.targets.is_empty()
            && self
                .targets
                .contains(&slugify_uncut(&self.known.terms[at].name))
    }

    /// Terms that are a slip of the fingers, each with the term that was meant.
    pub(super) fn typos(&self) -> Vec<(usize, usize)> {
        let uses = likeness::uses(self.words.iter().map(Vec::as_slice));
        let mut words: Vec<&str> = self.words.iter().flatten().map(String::as_str).collect();
        words.sort_unstable();
        words.dedup();
        let typos = Typos::of(words.into_iter());
        let is_unknown =
            |word: &str| uses.get(word) == Some(&1) && !self.known.titles.contains(word);
        let alone = self.all.iter().filter(|family| family.members.len() == 1);
        let mut found = Vec::new();
        for at in alone.map(|family| family.members[0]) {
            if self.stays(at) {
                continue;
            }
            let words = self.words[at].iter().enumerate();
            let meant = words
                .filter(|(_, word)| is_unknown(word))
                .flat_map(|(place, word)| {
                    let meant = typos.likely_meant(word).into_iter();
                    meant.map(move |(other, slip)| (place, other, slip))
                })
                .filter_map(|(place, other, slip)| self.meant(at, place, other, slip));
            let best = meant.min_by_key(|&meant| (Reverse(self.known.terms[meant].posts), meant));
            found.extend(best.map(|meant| (at, meant)));
        }
        found
    }

    /// The term that was meant by one in which the word at a place should be another, if it is
    /// so much more common that this is a typo.
    fn meant(&self, at: usize, place: usize, other: &str, slip: Slip) -> Option<usize> {
        let mut words = self.words[at].clone();
        other.clone_into(&mut words[place]);
        let keys = likeness::keys(&words)?;
        let term = keys.iter().find_map(|key| self.by_key.get(key))?;
        let family = &self.all[self.of_terms[*term]?];
        let head = family.head.filter(|&head| head != at)?;
        let own = self.known.terms[at].posts;
        let is_rarer = match slip {
            Slip::Likely => family.posts > own,
            Slip::Doubtful => family.posts >= 3 * own,
        };
        let is_listed = self.known.terms[head].standing == Standing::Listed;
        (is_listed || is_rarer).then_some(head)
    }
}

/// Numbers that are put together in sets, each of which has its smallest for a name.
struct Union {
    /// A smaller number of the same set, or the number itself.
    smaller: Vec<usize>,
}

impl Union {
    /// So many numbers, each by itself.
    fn of(length: usize) -> Self {
        Self {
            smaller: (0..length).collect(),
        }
    }

    /// The smallest number of a set.
    fn first(&mut self, mut at: usize) -> usize {
        while self.smaller[at] != at {
            // Halves the way for the next time.
            self.smaller[at] = self.smaller[self.smaller[at]];
            at = self.smaller[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.smaller[a.max(b)] = a.min(b);
    }
}
