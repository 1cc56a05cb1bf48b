//! Decides which terms of a vocabulary are the same word, and which of their names is kept.
//!
//! Terms that share a key form a family. A typo is a family of one term: it is rarer than the term
//! that it stands for, and no other name and no title contains the misspelled word.
//!
//! Not here: the keys of a name (`likeness`), and aliases (`suggest`).

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use pressrun_posts::post::slug::split_into_words;

use super::likeness::{self, MarkedWords, SlipCertainty, TypoIndex};
use super::vocabulary::{ListStanding, UsedTerm, VocabularyKind};

/// What aliases are made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct KnownTerms<'k> {
    pub(super) kind: VocabularyKind,
    /// Every term of the taxonomy.
    pub(super) terms: &'k [UsedTerm],
    /// The aliases that the author wrote in `site.toml`.
    pub(super) own: &'k [(String, String)],
    /// All words of all titles.
    pub(super) titles: &'k HashSet<String>,
}

/// How likely a spelling is the right one, the likeliest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum SpellingRank {
    /// One word that titles or other names contain: `newsletter`.
    KnownWord,
    /// Several words that titles or other names contain: `media query`.
    KnownWords,
    /// Several words with spaces between them. Hashtags join what are several words.
    Apart,
    /// Anything else: `mediaquery`, `e-mail`.
    Unknown,
}

/// The fewest letters of a part that counts as a word by itself.
const SHORTEST_PART: usize = 3;

fn singular(word: &str) -> String {
    likeness::make_word_singular(word).into_owned()
}

/// Terms that are the same word in different spellings.
pub(super) struct TermFamily {
    /// Indexes of its terms.
    pub(super) members: Vec<usize>,
    /// Index of the term whose name is kept; `None` if there is a closed list and none of the terms
    /// is in it.
    pub(super) head: Option<usize>,
    /// Sum of the posts of its terms.
    posts: usize,
}

/// All families of a vocabulary.
pub(super) struct TermFamilies<'k> {
    known: KnownTerms<'k>,
    /// The words of each term.
    pub(super) words: Vec<Vec<String>>,
    pub(super) all: Vec<TermFamily>,
    /// Index of each term's family; `None` for a term without letters and digits.
    of_terms: Vec<Option<usize>>,
    /// The first term that has a key.
    by_key: HashMap<String, usize>,
    /// The words of the names that the author's aliases point to.
    targets: HashSet<Vec<String>>,
    /// The singulars of the words of all titles.
    said: HashSet<String>,
    /// How many names contain each word, by its singular.
    uses: HashMap<String, usize>,
}

impl<'k> TermFamilies<'k> {
    /// Groups terms into families and chooses the name of each.
    pub(super) fn from_terms(known: KnownTerms<'k>) -> Self {
        let targets = known.own.iter().map(|(_, name)| split_into_words(name));
        let mut families = Self {
            known,
            words: known
                .terms
                .iter()
                .map(|term| likeness::words_of_name(&term.name))
                .collect(),
            all: Vec::new(),
            of_terms: vec![None; known.terms.len()],
            by_key: HashMap::new(),
            targets: targets.collect(),
            said: known.titles.iter().map(|word| singular(word)).collect(),
            uses: HashMap::new(),
        };
        families.group_terms();
        let all: Vec<usize> = (0..known.terms.len()).collect();
        families.uses = families.count_uses(&all);
        for family in 0..families.all.len() {
            families.all[family].head = families.choose_head(&families.all[family].members);
        }
        families
    }

    /// Puts terms that share a key into one family.
    fn group_terms(&mut self) {
        let mut united = UnionFind::with_length(self.words.len());
        for (at, words) in self.words.iter().enumerate() {
            for key in likeness::make_name_keys(words).into_iter().flatten() {
                let first = *self.by_key.entry(key).or_insert(at);
                united.unite(first, at);
            }
        }
        for at in 0..self.words.len() {
            if self.words[at].is_empty() {
                continue;
            }
            // `first` is the smallest index of the set, so its family exists before any other
            // member needs it.
            let first = united.find_root(at);
            if first == at {
                self.of_terms[at] = Some(self.all.len());
                self.all.push(TermFamily {
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

    /// Returns the term whose name the others become: a listed one, then a target of the author's
    /// aliases, then the most used, the likeliest spelling, the shortest, the first by name.
    fn choose_head(&self, members: &[usize]) -> Option<usize> {
        let terms = &self.known.terms;
        let own = match members {
            [only] => return (terms[*only].standing != ListStanding::OffList).then_some(*only),
            members => self.count_uses(members),
        };
        let head = *members.iter().min_by_key(|&&at| {
            let UsedTerm {
                name,
                posts,
                standing,
                ..
            } = &terms[at];
            let rank = match standing {
                ListStanding::Listed => 0,
                _ if self.is_target(at) => 1,
                _ => 2,
            };
            let spelling = self.rank_spelling(at, &own);
            (rank, Reverse(*posts), spelling, name.chars().count(), name)
        })?;
        (terms[head].standing != ListStanding::OffList).then_some(head)
    }

    /// Ranks a spelling among others that are as frequent. Words that occur only in the family
    /// itself, `own` times, are not known.
    fn rank_spelling(&self, at: usize, own: &HashMap<String, usize>) -> SpellingRank {
        let words = &self.words[at];
        let is_known = |word: &String| {
            let word = singular(word);
            self.said.contains(&word) || self.uses.get(&word) > own.get(&word)
        };
        let is_long = |word: &str| word.chars().count() >= SHORTEST_PART;
        let parts: Vec<&str> = self.known.terms[at].name.split_whitespace().collect();
        match words.len() {
            1 if words.iter().all(is_known) => SpellingRank::KnownWord,
            2.. if words.iter().all(is_known) => SpellingRank::KnownWords,
            length @ 2.. if parts.len() == length && parts.into_iter().all(is_long) => {
                SpellingRank::Apart
            }
            _ => SpellingRank::Unknown,
        }
    }

    /// Counts the names among `members` that contain each word, by its singular.
    fn count_uses(&self, members: &[usize]) -> HashMap<String, usize> {
        let mut uses = HashMap::new();
        for word in members.iter().flat_map(|&member| &self.words[member]) {
            *uses.entry(singular(word)).or_default() += 1;
        }
        uses
    }

    /// Returns whether a name must never become an alias, because the list contains it or an alias
    /// of the author points to it.
    pub(super) fn must_keep(&self, at: usize) -> bool {
        self.known.terms[at].standing == ListStanding::Listed || self.is_target(at)
    }

    fn is_target(&self, at: usize) -> bool {
        !self.targets.is_empty()
            && self
                .targets
                .contains(&split_into_words(&self.known.terms[at].name))
    }

    /// Returns the terms that are typos, each with the term that was meant.
    pub(super) fn find_typos(&self) -> Vec<(usize, usize)> {
        let uses = likeness::count_word_uses(self.words.iter().map(Vec::as_slice));
        let mut words: Vec<&str> = self.words.iter().flatten().map(String::as_str).collect();
        words.sort_unstable();
        words.dedup();
        let typos = TypoIndex::from_words(words.iter().copied());
        let marked = MarkedWords::from_words(words.into_iter());
        // A word that occurs elsewhere is probably a real word.
        let is_unknown =
            |word: &str| uses.get(word) == Some(&1) && !self.known.titles.contains(word);
        let alone = self.all.iter().filter(|family| family.members.len() == 1);
        let mut found = Vec::new();
        for at in alone.map(|family| family.members[0]) {
            if self.must_keep(at) {
                continue;
            }
            let words = self.words[at].iter().enumerate();
            let meant = words
                .filter(|(_, word)| is_unknown(word))
                .flat_map(|(place, word)| {
                    let meant = typos.likely_meant(word).into_iter();
                    let meant = meant.chain(marked.likely_meant(word));
                    meant.map(move |(other, slip)| (place, other, slip))
                })
                .filter_map(|(place, other, slip)| self.find_meant_term(at, place, other, slip));
            // The most used term; with equal use, the first one, so that the result is stable.
            let best = meant.min_by_key(|&meant| (Reverse(self.known.terms[meant].posts), meant));
            found.extend(best.map(|meant| (at, meant)));
        }
        found
    }

    /// Returns the term that results when the word at `place` is replaced by `other`, if that term
    /// is common enough for this to be a typo.
    fn find_meant_term(
        &self,
        at: usize,
        place: usize,
        other: &str,
        slip: SlipCertainty,
    ) -> Option<usize> {
        let mut words = self.words[at].clone();
        other.clone_into(&mut words[place]);
        let keys = likeness::make_name_keys(&words)?;
        let term = keys.iter().find_map(|key| self.by_key.get(key))?;
        let family = &self.all[self.of_terms[*term]?];
        let head = family.head.filter(|&head| head != at)?;
        let own = self.known.terms[at].posts;
        let is_rarer = match slip {
            SlipCertainty::Likely => family.posts > own,
            SlipCertainty::Doubtful => family.posts >= 3 * own,
            SlipCertainty::WithoutMarks => family.posts >= own,
        };
        let is_listed = self.known.terms[head].standing == ListStanding::Listed;
        (is_listed || is_rarer).then_some(head)
    }
}

/// A union-find structure over the numbers from 0. Each set is represented by its smallest number.
struct UnionFind {
    /// Parent of each number: a smaller number of the same set, or itself.
    smaller: Vec<usize>,
}

impl UnionFind {
    /// Returns `length` sets of one number each.
    fn with_length(length: usize) -> Self {
        Self {
            smaller: (0..length).collect(),
        }
    }

    /// Returns the smallest number of the set that `at` is in.
    fn find_root(&mut self, mut at: usize) -> usize {
        while self.smaller[at] != at {
            // Path halving: each lookup shortens the way for later ones.
            self.smaller[at] = self.smaller[self.smaller[at]];
            at = self.smaller[at];
        }
        at
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find_root(a), self.find_root(b));
        self.smaller[a.max(b)] = a.min(b);
    }
}
