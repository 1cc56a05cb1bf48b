//! The matches of patterns in one line: each is searched for once.
//!
//! Not here: which match counts, and what it does (`line_parser`).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use onig::{Regex, Region};

use super::LineFailure;
use crate::highlight::definitions::{SyntaxPattern, compile_regex, match_regex_at, search_regex};

/// A match of a pattern.
#[derive(Debug, Clone, Copy)]
pub(super) struct PatternMatch {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The range of its groups in those of the line.
    groups: (usize, usize),
}

/// The matches that were found in the line.
///
/// A match stays the next one of its pattern until the search has passed its start.
#[derive(Default)]
pub(super) struct PatternMatches {
    known: HashMap<*const SyntaxPattern, Option<PatternMatch>, BuildHasherDefault<AddressHasher>>,
    groups: Vec<Option<(usize, usize)>>,
    region: Region,
    /// Expressions in which the references to groups are replaced by text.
    filled: Vec<(String, Option<Regex>)>,
}

impl PatternMatches {
    pub(super) fn known_match(&self, pattern: &SyntaxPattern) -> Option<&Option<PatternMatch>> {
        self.known.get(&std::ptr::from_ref(pattern))
    }

    pub(super) fn remember_match(&mut self, pattern: &SyntaxPattern, found: Option<PatternMatch>) {
        self.known.insert(std::ptr::from_ref(pattern), found);
    }

    /// Returns the first match that starts at `at` or later. `groups` are those that the pattern
    /// refers to.
    pub(super) fn search_from(
        &mut self,
        pattern: &'static SyntaxPattern,
        groups: Option<&[Option<String>]>,
        line: &str,
        at: usize,
    ) -> Result<Option<PatternMatch>, LineFailure> {
        let regex = match groups {
            None => pattern.regex(),
            Some(groups) => {
                let expression = fill_backrefs(&pattern.expression, groups);
                let known = self
                    .filled
                    .iter()
                    .position(|(filled, _)| *filled == expression);
                let index = known.unwrap_or_else(|| {
                    let regex = compile_regex(&expression);
                    self.filled.push((expression, regex));
                    self.filled.len() - 1
                });
                self.filled[index].1.as_ref()
            }
        };
        let Some(regex) = regex else {
            return Ok(None);
        };
        let found = search_regex(regex, line, at, &mut self.region)
            .map_err(|_| LineFailure::TooMuchWork)?;
        Ok(self.keep_match(pattern, found))
    }

    /// Returns a match without groups.
    pub(super) fn match_range(start: usize, end: usize) -> PatternMatch {
        PatternMatch {
            start,
            end,
            groups: (0, 0),
        }
    }

    /// Returns the match that begins at `at`, of a pattern that refers to no groups.
    pub(super) fn match_at(
        &mut self,
        pattern: &'static SyntaxPattern,
        line: &str,
        at: usize,
    ) -> Result<Option<PatternMatch>, LineFailure> {
        let Some(regex) = pattern.regex() else {
            return Ok(None);
        };
        let found = match_regex_at(regex, line, at, &mut self.region)
            .map_err(|_| LineFailure::TooMuchWork)?;
        Ok(self.keep_match(pattern, found))
    }

    fn keep_match(&mut self, pattern: &SyntaxPattern, found: bool) -> Option<PatternMatch> {
        let (start, end) = self.region.pos(0).filter(|_| found)?;
        Some(PatternMatch {
            start,
            end,
            groups: self.keep_groups(pattern),
        })
    }

    fn keep_groups(&mut self, pattern: &SyntaxPattern) -> (usize, usize) {
        let first = self.groups.len();
        if pattern.captures.is_some() || pattern.operation.entered().is_some() {
            let region = &self.region;
            self.groups
                .extend((0..region.len()).map(|group| region.pos(group)));
        }
        (first, self.groups.len())
    }

    pub(super) fn group_range(&self, found: PatternMatch, group: usize) -> Option<(usize, usize)> {
        let groups = &self.groups[found.groups.0..found.groups.1];
        groups.get(group).copied().flatten()
    }

    pub(super) fn group_texts(&self, found: PatternMatch, line: &str) -> Arc<[Option<String>]> {
        let groups = self.groups[found.groups.0..found.groups.1].iter();
        // An expression refers to a group by a single digit.
        let texts = groups.take(10).map(|group| {
            let (start, end) = (*group)?;
            line.get(start..end).map(str::to_owned)
        });
        texts.collect()
    }
}

/// Replaces `\0` to `\9` in an expression by the texts of the groups.
pub(super) fn fill_backrefs(expression: &str, groups: &[Option<String>]) -> String {
    let mut filled = String::with_capacity(expression.len());
    let mut characters = expression.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            filled.push(character);
            continue;
        }
        let Some(escaped) = characters.next() else {
            filled.push('\\');
            break;
        };
        match escaped.to_digit(10) {
            Some(group) => {
                if let Some(Some(text)) = groups.get(group as usize) {
                    filled.push_str(&regex::escape(text));
                }
            }
            None => filled.extend(['\\', escaped]),
        }
    }
    filled
}

/// Hashes the addresses of patterns.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(usize::from(byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        // The hash table uses bits from both ends, and the lowest bits of an address are zeros.
        let mixed = (self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}
