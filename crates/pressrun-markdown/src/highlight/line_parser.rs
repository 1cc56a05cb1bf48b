//! Parses lines of code by the definitions of their syntax, with a limit on the work.
//!
//! A syntax is a set of contexts, and the parser keeps a stack of open contexts. It searches the
//! line for the patterns of the top context. The earliest match counts; of several at the same
//! position, the first in the definition. The match gets scopes, and pushes, sets or pops contexts.
//! The next search begins after the match.
//!
//! syntect's own parser gives the same scopes, but it may never end. A match can be empty, so a
//! syntax can loop without moving on. syntect prevents one such loop: an empty push that is
//! followed by an empty pop at the depth that the push led to. It does not prevent loops with
//! `set`, which is neither. Two contexts that set each other loop for ever (`x /*` in JavaScript),
//! and a `set` to several contexts grows the stack without end. Definitions cannot be repaired when
//! they are loaded, because the text decides which loops occur. So this parser limits the loops
//! themselves:
//!
//! - At one position, the stack and the state of the guard decide what happens next. If the same
//!   state occurs again without a character in between, the pattern that began the loop is barred
//!   at this position, and the next pattern that matches here is used. If there is none, one
//!   character is skipped, as syntect's guard does.
//! - A growing stack never reaches the same state again, and other lines merely take long. For both
//!   there is a limit on the work for a line ([`LineWork`]) and for the whole post (`HighlightEffort`). Work
//!   is counted and not timed, so that a site does not depend on the machine.
//! - Oniguruma itself limits each search (`definitions`).
//!
//! Wherever syntect's parser ends, no state occurs twice, so this parser takes the same steps.

mod next_match;
mod pattern_matches;

use std::hash::BuildHasher;
use std::sync::Arc;

use pressrun_text::words::KeyedHashBuilder;
use syntect::parsing::ScopeStackOp;

use super::definitions::{
    ContextKey, ContextReference, StackOperation, SyntaxContext, SyntaxPattern,
};
use next_match::SearchedContext;
use pattern_matches::{PatternMatch, PatternMatches};

/// Greatest depth of the stack, as in syntect.
const MAX_DEPTH: usize = 100;
/// Steps that a line may take, and additional steps for each of its bytes. Real code takes less
/// than one step for each byte, and less than 60 for a short line.
const LINE_STEPS: usize = 200;
const BYTE_STEPS: usize = 8;
/// The same for searches. Real code takes less than two for each byte, and less than 300 for a short
/// line.
const LINE_SEARCHES: usize = 1000;
const BYTE_SEARCHES: usize = 40;

/// Why a line has no scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineFailure {
    /// The syntax refers to a context that is not in the set. Later lines can still be parsed.
    MissingContext,
    /// The line takes more work than is allowed.
    TooMuchWork,
}

/// The work done for a line, and its limits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LineWork {
    /// Number of matches that were applied, and of characters that were skipped.
    pub(super) steps: usize,
    /// Number of patterns that were tried at a place or searched for.
    pub(super) searches: usize,
    /// Number of loops that were found and left.
    pub(super) circles: usize,
    max_steps: usize,
    max_searches: usize,
}

impl LineWork {
    pub(super) fn new(line: &str) -> Self {
        Self {
            max_steps: LINE_STEPS + BYTE_STEPS * line.len(),
            max_searches: max_searches(line),
            ..Self::default()
        }
    }

    fn count_step(&mut self) -> Result<(), LineFailure> {
        check_limit(self.steps, self.max_steps)?;
        self.steps += 1;
        Ok(())
    }

    fn count_search(&mut self) -> Result<(), LineFailure> {
        check_limit(self.searches, self.max_searches)?;
        self.searches += 1;
        Ok(())
    }
}

/// Returns how many searches parsing a line may take.
pub(super) fn max_searches(line: &str) -> usize {
    LINE_SEARCHES + BYTE_SEARCHES * line.len()
}

fn check_limit(done: usize, limit: usize) -> Result<(), LineFailure> {
    if done >= limit {
        return Err(LineFailure::TooMuchWork);
    }
    Ok(())
}

/// The state of the parser between two lines.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ParserState {
    stack: Vec<OpenContext>,
    is_first_line: bool,
    /// Depths of the stack at which a pattern of a `with_prototype` pushed. The prototypes of
    /// contexts below the last of them do not count.
    prototype_starts: Vec<usize>,
}

/// A context on the stack.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct OpenContext {
    key: ContextKey,
    /// Contexts whose patterns come first.
    prototypes: Vec<ContextKey>,
    /// The groups of the match that opened it, if a pattern may refer to them.
    groups: Option<Arc<[Option<String>]>>,
}

impl ParserState {
    /// Returns the state in which a block of this syntax starts, or `None` if there is no such
    /// syntax.
    pub(super) fn new(syntax: usize) -> Option<Self> {
        let start = OpenContext {
            key: ContextKey::start(syntax)?,
            prototypes: Vec::new(),
            groups: None,
        };
        Some(Self {
            stack: vec![start],
            is_first_line: true,
            prototype_starts: Vec::new(),
        })
    }

    /// Returns whether the state contains text of an earlier line, such as the end of a
    /// here-document.
    pub(super) fn holds_text(&self) -> bool {
        self.stack.iter().any(|open| open.groups.is_some())
    }

    /// Parses a line that ends in a line break, and moves to the state after it. Returns the
    /// changes to the stack of scopes in order, each with its position.
    pub(super) fn parse_line(
        &mut self,
        line: &str,
        work: &mut LineWork,
    ) -> Result<Vec<(usize, ScopeStackOp)>, LineFailure> {
        let mut changes = Vec::new();
        if std::mem::take(&mut self.is_first_line) {
            let scope = self.top_context()?.meta_content_scope.first();
            changes.extend(scope.map(|&scope| (0, ScopeStackOp::Push(scope))));
        }
        let mut run = LineRun {
            state: self,
            line,
            at: 0,
            changes,
            empty_push: None,
            visits: Vec::new(),
            barred: Vec::new(),
            matches: PatternMatches::default(),
            contexts: Vec::new(),
            work,
        };
        while run.take_step()? {}
        Ok(run.changes)
    }

    fn top(&self) -> &OpenContext {
        self.stack.last().expect("the last context is never popped")
    }

    fn top_context(&self) -> Result<&'static SyntaxContext, LineFailure> {
        get_context(self.top().key)
    }
}

fn get_context(key: ContextKey) -> Result<&'static SyntaxContext, LineFailure> {
    key.context().ok_or(LineFailure::MissingContext)
}

fn resolve_reference(reference: ContextReference) -> Result<&'static SyntaxContext, LineFailure> {
    reference.context().ok_or(LineFailure::MissingContext)
}

/// A line that is being parsed.
struct LineRun<'r> {
    state: &'r mut ParserState,
    line: &'r str,
    /// Where the next search begins.
    at: usize,
    changes: Vec<(usize, ScopeStackOp)>,
    /// The position of the last empty push, and the depth that it led to.
    empty_push: Option<(usize, usize)>,
    /// The empty matches that were applied at this position.
    visits: Vec<EmptyMatch>,
    /// Patterns that began a loop, each with the state in which it matched.
    barred: Vec<(u64, *const SyntaxPattern)>,
    matches: PatternMatches,
    /// The contexts whose patterns are searched for, in order; empty if they have changed.
    contexts: Vec<SearchedContext>,
    work: &'r mut LineWork,
}

/// An empty match.
struct EmptyMatch {
    /// The state before it.
    state: u64,
    pattern: *const SyntaxPattern,
    /// How many changes there were before it.
    changes: usize,
}

/// A match that may be applied.
#[derive(Clone, Copy)]
struct MatchCandidate {
    pattern: &'static SyntaxPattern,
    found: PatternMatch,
    from_with_prototype: bool,
    /// Whether it is an empty pop that would undo an empty push.
    undoes_push: bool,
}

impl LineRun<'_> {
    /// Applies the next match. Returns false at the end of the line.
    fn take_step(&mut self) -> Result<bool, LineFailure> {
        self.work.count_step()?;
        let depth = self.state.stack.len();
        while self
            .state
            .prototype_starts
            .last()
            .is_some_and(|&start| start >= depth)
        {
            self.state.prototype_starts.pop();
            self.contexts.clear();
        }
        let Some(mut best) = self.find_best(None)? else {
            return Ok(false);
        };
        if best.undoes_push {
            return Ok(self.pass_over());
        }
        if best.found.end == self.at {
            let state = self.hash_state();
            self.bar_circle(state);
            if self.barred.iter().any(|&(barred, _)| barred == state) {
                match self.find_best(Some(state))? {
                    Some(other) if other.found.start == self.at && !other.undoes_push => {
                        best = other;
                    }
                    _ => return Ok(self.pass_over()),
                }
            }
            if best.found.end == self.at {
                self.visits.push(EmptyMatch {
                    state,
                    pattern: best.pattern,
                    changes: self.changes.len(),
                });
                if matches!(best.pattern.operation, StackOperation::Push(_)) {
                    self.empty_push = Some((self.at, depth + 1));
                }
            }
        }
        self.move_to(best.found.end);
        if best.from_with_prototype {
            self.state.prototype_starts.push(depth);
            self.contexts.clear();
        }
        self.apply_match(&best)?;
        Ok(true)
    }

    fn move_to(&mut self, at: usize) {
        if at > self.at {
            self.at = at;
            self.visits.clear();
            self.barred.clear();
        }
    }

    /// Skips the next character. Returns whether there is another one after it.
    fn pass_over(&mut self) -> bool {
        let next = self.line[self.at..].char_indices().nth(1);
        if let Some((length, _)) = next {
            self.move_to(self.at + length);
        }
        next.is_some()
    }

    /// Hashes everything that decides what happens next at this position.
    fn hash_state(&self) -> u64 {
        let armed = self.empty_push.filter(|&(at, _)| at == self.at);
        let state = (&self.state.stack, &self.state.prototype_starts, armed);
        KeyedHashBuilder::default().hash_one(state)
    }

    /// If the state has already occurred at this position, undoes what was done since, and bars the
    /// pattern that was used then.
    fn bar_circle(&mut self, state: u64) {
        let first = self.visits.iter().position(|visit| visit.state == state);
        if let Some(first) = first {
            self.work.circles += 1;
            let visit = &self.visits[first];
            self.barred.push((state, visit.pattern));
            self.changes.truncate(visit.changes);
            self.visits.truncate(first);
        }
    }

    /// Records the scopes of a match, and changes the stack.
    fn apply_match(&mut self, candidate: &MatchCandidate) -> Result<(), LineFailure> {
        let MatchCandidate { pattern, found, .. } = candidate;
        let from = self.state.top_context()?;
        self.change_scopes_before(found.start, from, &pattern.operation)?;
        let scopes = pattern.scope.iter();
        self.changes
            .extend(scopes.map(|&scope| (found.start, ScopeStackOp::Push(scope))));
        self.change_scopes_of_groups(pattern, *found);
        if !pattern.scope.is_empty() {
            self.changes
                .push((found.end, ScopeStackOp::Pop(pattern.scope.len())));
        }
        self.change_scopes_after(found.end, from, &pattern.operation)?;
        self.change_stack(pattern, *found)
    }

    fn change_scopes_of_groups(&mut self, pattern: &SyntaxPattern, found: PatternMatch) {
        let Some(captures) = &pattern.captures else {
            return;
        };
        // Groups may be listed in any order, but outer ones must be pushed first.
        let mut changes: Vec<((usize, usize), ScopeStackOp)> = Vec::new();
        for (group, scopes) in captures {
            let Some((start, end)) = self.matches.group_range(found, *group) else {
                continue;
            };
            // The end of an empty group would be sorted before its start.
            if start == end {
                continue;
            }
            let order = (start, usize::MAX - (end - start));
            changes.extend(
                scopes
                    .iter()
                    .map(|&scope| (order, ScopeStackOp::Push(scope))),
            );
            changes.push(((end, 0), ScopeStackOp::Pop(scopes.len())));
        }
        changes.sort_by_key(|&(order, _)| order);
        let changes = changes.into_iter();
        self.changes
            .extend(changes.map(|((at, _), change)| (at, change)));
    }

    /// Changes the scopes of contexts at the start of a match.
    fn change_scopes_before(
        &mut self,
        at: usize,
        from: &SyntaxContext,
        operation: &StackOperation,
    ) -> Result<(), LineFailure> {
        if matches!(operation, StackOperation::Pop) {
            self.pop_scopes(at, from.meta_content_scope.len());
        }
        let Some((references, is_set)) = operation.entered() else {
            return Ok(());
        };
        if is_set && from.clear_scopes.is_some() {
            self.changes.push((at, ScopeStackOp::Restore));
        }
        for &reference in references {
            let context = resolve_reference(reference)?;
            if let Some(amount) = context.clear_scopes.filter(|_| !is_set) {
                self.changes.push((at, ScopeStackOp::Clear(amount)));
            }
            let scopes = context.meta_scope.iter();
            self.changes
                .extend(scopes.map(|&scope| (at, ScopeStackOp::Push(scope))));
        }
        Ok(())
    }

    /// Changes the scopes of contexts at the end of a match.
    fn change_scopes_after(
        &mut self,
        at: usize,
        from: &SyntaxContext,
        operation: &StackOperation,
    ) -> Result<(), LineFailure> {
        if matches!(operation, StackOperation::Pop) {
            self.pop_scopes(at, from.meta_scope.len());
            if from.clear_scopes.is_some() {
                self.changes.push((at, ScopeStackOp::Restore));
            }
        }
        let Some((references, is_set)) = operation.entered() else {
            return Ok(());
        };
        let contexts: Vec<_> = references
            .iter()
            .map(|&reference| resolve_reference(reference))
            .collect::<Result<_, _>>()?;
        let own = from.meta_scope.len() + from.meta_content_scope.len();
        let begins_anew = (is_set && own > 0)
            || contexts.iter().any(|context| {
                !context.meta_content_scope.is_empty() || (context.clear_scopes.is_some() && is_set)
            });
        if !begins_anew {
            return Ok(());
        }
        // The content scopes of a context come before the scopes of the next one, so all are pushed
        // again.
        let pushed: usize = contexts
            .iter()
            .map(|context| context.meta_scope.len())
            .sum();
        self.pop_scopes(at, if is_set { pushed + own } else { pushed });
        for context in contexts {
            if let Some(amount) = context.clear_scopes.filter(|_| is_set) {
                self.changes.push((at, ScopeStackOp::Clear(amount)));
            }
            let scopes = context.meta_scope.iter().chain(&context.meta_content_scope);
            self.changes
                .extend(scopes.map(|&scope| (at, ScopeStackOp::Push(scope))));
        }
        Ok(())
    }

    fn pop_scopes(&mut self, at: usize, count: usize) {
        if count > 0 {
            self.changes.push((at, ScopeStackOp::Pop(count)));
        }
    }

    fn change_stack(
        &mut self,
        pattern: &SyntaxPattern,
        found: PatternMatch,
    ) -> Result<(), LineFailure> {
        let operation = &pattern.operation;
        if !matches!(operation, StackOperation::None) {
            self.contexts.clear();
        }
        // Without any context, nothing could be parsed.
        if matches!(operation, StackOperation::Pop) && self.state.stack.len() > 1 {
            self.state.stack.pop();
        }
        let Some((references, is_set)) = operation.entered() else {
            return Ok(());
        };
        let mut opened = Vec::with_capacity(references.len());
        for &reference in references {
            let key = reference.key().ok_or(LineFailure::MissingContext)?;
            opened.push(OpenContext {
                key,
                prototypes: Vec::new(),
                groups: None,
            });
        }
        // What a `with_prototype` added stays until the context that replaces this one is popped.
        if let Some(first) = opened.first_mut().filter(|_| is_set) {
            first.prototypes.clone_from(&self.state.top().prototypes);
        }
        if let (Some(last), Some(added)) = (opened.last_mut(), pattern.with_prototype) {
            let key = added.key().ok_or(LineFailure::MissingContext)?;
            last.prototypes.push(key);
        }
        let mut groups = None;
        for open in &mut opened {
            let mut keys = std::iter::once(open.key).chain(open.prototypes.iter().copied());
            if keys.any(|key| key.context().is_some_and(|context| context.uses_backrefs)) {
                let groups =
                    groups.get_or_insert_with(|| self.matches.group_texts(found, self.line));
                open.groups = Some(Arc::clone(groups));
            }
        }
        let stack = &mut self.state.stack;
        // A `set` to no context must not empty the stack either.
        if is_set && (stack.len() > 1 || !opened.is_empty()) {
            stack.pop();
        }
        stack.append(&mut opened);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
