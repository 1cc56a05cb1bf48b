//! Finds the next match in a line.
//!
//! The earliest match counts; of several at the same position, the first in the definition. So the
//! places of the line are looked at in order, and at each only the patterns that may match there
//! (`filter`). A pattern without a filter is searched for ahead.

use super::pattern_matches::{PatternMatch, PatternMatches};
use super::{LineFailure, LineRun, MAX_DEPTH, MatchCandidate, get_context};
use crate::highlight::definitions::{StackOperation, SyntaxContext, SyntaxPattern};
use crate::highlight::filter::{CandidateTable, FilterResult, PatternFilter, PlaceKind};

/// A context whose patterns are searched for.
#[derive(Clone, Copy)]
pub(super) struct SearchedContext {
    context: &'static SyntaxContext,
    candidates: &'static CandidateTable,
    from_with_prototype: bool,
    /// The depth of the groups that its patterns may refer to.
    level: Option<usize>,
}

/// The match of a pattern without a filter.
struct MatchAhead {
    /// Number of its context among those that are searched.
    context: usize,
    /// Number of the pattern in the context.
    pattern: usize,
    found: PatternMatch,
}

/// What the search for the next match knows.
struct MatchSearch {
    contexts: Vec<SearchedContext>,
    ahead: Vec<MatchAhead>,
    /// The state in which barred patterns do not count.
    barred_in: Option<u64>,
    /// Whether an empty pop here would undo an empty push.
    guards: bool,
    /// Patterns of which the next match has no effect. Their later matches do not count either.
    ineffective: Vec<*const SyntaxPattern>,
}

impl LineRun<'_> {
    /// Finds the match that counts, without the patterns that are barred in this state.
    pub(super) fn find_best(
        &mut self,
        barred_in: Option<u64>,
    ) -> Result<Option<MatchCandidate>, LineFailure> {
        let depth = self.state.stack.len();
        let mut contexts = std::mem::take(&mut self.contexts);
        if contexts.is_empty() {
            self.collect_contexts(&mut contexts)?;
        }
        let mut search = MatchSearch {
            contexts,
            ahead: Vec::new(),
            barred_in,
            guards: self.empty_push == Some((self.at, depth)),
            ineffective: Vec::new(),
        };
        let best = self.find_earliest(&mut search);
        self.contexts = search.contexts;
        best
    }

    fn find_earliest(
        &mut self,
        search: &mut MatchSearch,
    ) -> Result<Option<MatchCandidate>, LineFailure> {
        self.search_ahead(search)?;
        let starts = search.ahead.iter().map(|ahead| ahead.found.start);
        let first_ahead = starts.min();
        for place in self.at..=first_ahead.unwrap_or(self.line.len()) {
            let kind = PlaceKind::find(self.line.as_bytes(), place);
            // At most places, no pattern can match.
            let is_barren = first_ahead != Some(place) && search.excludes(kind);
            if !is_barren
                && self.line.is_char_boundary(place)
                && let Some(best) = self.match_at_place(search, place, kind)?
            {
                return Ok(Some(best));
            }
        }
        Ok(None)
    }

    /// Appends the contexts whose patterns are searched for, in order.
    fn collect_contexts(&self, contexts: &mut Vec<SearchedContext>) -> Result<(), LineFailure> {
        let stack = &self.state.stack;
        let first = self.state.prototype_starts.last().copied().unwrap_or(0);
        for (depth, open) in stack.iter().enumerate().skip(first) {
            for &key in &open.prototypes {
                contexts.push(SearchedContext::new(get_context(key)?, true, Some(depth)));
            }
        }
        let top = self.state.top_context()?;
        if let Some(key) = top.prototype {
            contexts.push(SearchedContext::new(get_context(key)?, false, None));
        }
        contexts.push(SearchedContext::new(top, false, Some(stack.len() - 1)));
        Ok(())
    }

    /// Searches for the patterns without a filter.
    fn search_ahead(&mut self, search: &mut MatchSearch) -> Result<(), LineFailure> {
        for (context, searched) in search.contexts.iter().enumerate() {
            for &pattern in &searched.candidates.unfiltered {
                let known = searched.context.patterns()[pattern];
                if self.is_barred(known, search.barred_in) {
                    continue;
                }
                if let Some(found) = self.search(known, searched.level)? {
                    search.ahead.push(MatchAhead {
                        context,
                        pattern,
                        found,
                    });
                    // None before it, so no later one counts.
                    if found.start == self.at && !self.undoes_push(known, found, search.guards) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the match that counts if it begins at this place.
    fn match_at_place(
        &mut self,
        search: &mut MatchSearch,
        place: usize,
        kind: PlaceKind,
    ) -> Result<Option<MatchCandidate>, LineFailure> {
        let mut undone = None;
        for number in 0..search.contexts.len() {
            let SearchedContext {
                context,
                candidates,
                from_with_prototype,
                ..
            } = search.contexts[number];
            for (word, &row) in candidates.candidates_at(kind).iter().enumerate() {
                let mut row = row;
                for ahead in &search.ahead {
                    let is_here = ahead.found.start == place && ahead.context == number;
                    if is_here && ahead.pattern / 64 == word {
                        row |= 1 << (ahead.pattern % 64);
                    }
                }
                while row != 0 {
                    let index = word * 64 + row.trailing_zeros() as usize;
                    row &= row - 1;
                    let pattern = context.patterns()[index];
                    let found = match pattern.filter() {
                        Some(filter) => self.match_filtered(search, pattern, filter, place)?,
                        None => search.found_ahead(number, index),
                    };
                    let Some(found) = found else {
                        continue;
                    };
                    let undoes_push = self.undoes_push(pattern, found, search.guards);
                    let candidate = MatchCandidate {
                        pattern,
                        found,
                        from_with_prototype,
                        undoes_push,
                    };
                    if !undoes_push {
                        return Ok(Some(candidate));
                    }
                    undone = Some(candidate);
                }
            }
        }
        Ok(undone)
    }

    /// Returns the match of a pattern with a filter at a place, unless it does not count.
    fn match_filtered(
        &mut self,
        search: &mut MatchSearch,
        pattern: &'static SyntaxPattern,
        filter: &PatternFilter,
        place: usize,
    ) -> Result<Option<PatternMatch>, LineFailure> {
        self.work.count_search()?;
        if search.ineffective.contains(&std::ptr::from_ref(pattern))
            || self.is_barred(pattern, search.barred_in)
        {
            return Ok(None);
        }
        let found = match filter.find_match(self.line.as_bytes(), place) {
            FilterResult::None => None,
            FilterResult::EndsAt(end) if !self.needs_groups(pattern) => {
                Some(PatternMatches::match_range(place, end))
            }
            _ => self.matches.match_at(pattern, self.line, place)?,
        };
        let Some(found) = found else {
            return Ok(None);
        };
        if !self.has_effect(pattern, found) {
            search.ineffective.push(pattern);
            return Ok(None);
        }
        Ok(Some(found))
    }

    /// Returns whether the groups of a match count, and not only its range.
    fn needs_groups(&self, pattern: &SyntaxPattern) -> bool {
        // What a `with_prototype` added stays after a `set`, and may refer to groups.
        let keeps_prototypes = matches!(pattern.operation, StackOperation::Set(_))
            && !self.state.top().prototypes.is_empty();
        keeps_prototypes || pattern.uses_groups()
    }

    fn is_barred(&self, pattern: &SyntaxPattern, barred_in: Option<u64>) -> bool {
        barred_in.is_some_and(|state| self.barred.contains(&(state, std::ptr::from_ref(pattern))))
    }

    fn undoes_push(&self, pattern: &SyntaxPattern, found: PatternMatch, guards: bool) -> bool {
        guards && found.end == self.at && matches!(pattern.operation, StackOperation::Pop)
    }

    fn has_effect(&self, pattern: &SyntaxPattern, found: PatternMatch) -> bool {
        match pattern.operation {
            StackOperation::None => found.start != found.end,
            StackOperation::Push(_) => self.state.stack.len() < MAX_DEPTH,
            StackOperation::Set(_) | StackOperation::Pop => true,
        }
    }

    /// Returns the next match of a pattern, unless the match has no effect.
    fn search(
        &mut self,
        pattern: &'static SyntaxPattern,
        level: Option<usize>,
    ) -> Result<Option<PatternMatch>, LineFailure> {
        match self.matches.known_match(pattern) {
            Some(&Some(found)) if found.start >= self.at => {
                return Ok(Some(found).filter(|&found| self.has_effect(pattern, found)));
            }
            Some(&None) => return Ok(None),
            _ => {}
        }
        let groups = level.and_then(|level| self.state.stack[level].groups.as_deref());
        let groups = groups.filter(|_| pattern.has_backrefs);
        self.work.count_search()?;
        let found = self
            .matches
            .search_from(pattern, groups, self.line, self.at)?;
        let effective = found.filter(|&found| self.has_effect(pattern, found));
        // A match without an effect here may be followed by one that has an effect.
        if groups.is_none() && effective.is_some() == found.is_some() {
            self.matches.remember_match(pattern, found);
        }
        Ok(effective)
    }
}

impl SearchedContext {
    fn new(
        context: &'static SyntaxContext,
        from_with_prototype: bool,
        level: Option<usize>,
    ) -> Self {
        Self {
            context,
            candidates: context.candidates(),
            from_with_prototype,
            level,
        }
    }
}

impl MatchSearch {
    /// Returns whether no pattern with a filter can match at a place of this kind.
    fn excludes(&self, kind: PlaceKind) -> bool {
        let contexts = self.contexts.iter();
        let mut rows = contexts.flat_map(|searched| searched.candidates.candidates_at(kind));
        rows.all(|&row| row == 0)
    }

    fn found_ahead(&self, context: usize, pattern: usize) -> Option<PatternMatch> {
        let is_it = |ahead: &&MatchAhead| (ahead.context, ahead.pattern) == (context, pattern);
        Some(self.ahead.iter().find(is_it)?.found)
    }
}
