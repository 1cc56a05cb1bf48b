//! Decides cheaply at which places of a line a pattern cannot match, so that Oniguruma is asked only
//! about the others.
//!
//! A filter denies a match only where that is certain. It is made from the expression of a pattern:
//! [`parse`] reads it into a tree that matches at least the same texts, [`first`] tells with which
//! characters a match can begin, and [`table`] collects that for all patterns of a context.
//! [`program`] and [`trial`] try the tree at a place, for a bounded number of steps. If the tree
//! matches exactly what the expression does, and in one way only, the filter also knows where the
//! match ends, and Oniguruma is not needed at all.
//!
//! Filters know ASCII. A character beyond it may match anything, and so may what `parse` does not
//! know. A filter is made when the first line needs it, like the expression itself.

mod class;
mod first;
mod parse;
mod program;
mod table;
mod trial;

use std::cell::RefCell;

use first::{Before, Next};
use program::FilterProgram;
pub(super) use table::{CandidateTable, PlaceKind};
use trial::TryStack;

/// A set of ASCII characters, a bit for each.
pub(super) type AsciiSet = u128;

/// Letters, digits and `_`.
const WORD: AsciiSet = {
    let (mut set, mut byte) = (1 << b'_', 0);
    while byte < 128_u8 {
        if byte.is_ascii_alphanumeric() {
            set |= 1 << byte;
        }
        byte += 1;
    }
    set
};

/// What an expression matches, or more.
#[derive(Debug, Clone, PartialEq)]
enum FilterNode {
    /// A character of a set.
    Set(AsciiSet),
    Sequence(Vec<FilterNode>),
    Choice(Vec<FilterNode>),
    Repeat {
        node: Box<FilterNode>,
        least: u32,
        /// `None` if there is no limit.
        most: Option<u32>,
    },
    Assertion(Assertion),
    /// What must follow or must not, without being part of the match.
    Ahead {
        node: Box<FilterNode>,
        negated: bool,
    },
    /// The same for what stands before, of a fixed length.
    Behind {
        node: Box<FilterNode>,
        length: u32,
        negated: bool,
    },
    /// Matches more than the expression does, so what it matches proves nothing.
    Wider(Box<FilterNode>),
    /// Something that is not known; it may match anything.
    Unknown,
}

impl FilterNode {
    const EMPTY: Self = Self::Sequence(Vec::new());

    fn wider(self) -> Self {
        Self::Wider(Box::new(self))
    }

    /// Returns whether it matches exactly what the expression matches.
    fn is_exact(&self) -> bool {
        match self {
            Self::Set(_) | Self::Assertion(_) => true,
            Self::Sequence(nodes) | Self::Choice(nodes) => nodes.iter().all(Self::is_exact),
            Self::Repeat { node, least, most } => {
                node.is_exact() && !program::is_shortened(*least, *most)
            }
            Self::Ahead { node, .. } | Self::Behind { node, .. } => node.is_exact(),
            Self::Wider(_) | Self::Unknown => false,
        }
    }
}

/// A condition on a place, which takes no character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Assertion {
    /// `\b`, or `\B` if negated.
    WordBoundary { negated: bool },
    /// `^`
    LineStart,
    /// `\A`
    TextStart,
    /// `$` and `\Z`
    LineEnd,
    /// `\z`
    TextEnd,
}

/// The filter of one pattern.
#[derive(Debug)]
pub(super) struct PatternFilter {
    tree: FilterNode,
    program: FilterProgram,
    /// Whether it matches exactly what the expression matches.
    is_exact: bool,
}

/// What a filter knows about a match that begins at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FilterResult {
    /// There is none.
    None,
    /// There may be one.
    Perhaps,
    /// There is one, and it ends here.
    EndsAt(usize),
}

thread_local! {
    static STACK: RefCell<TryStack> = RefCell::default();
}

impl PatternFilter {
    /// Makes the filter for an expression, or returns `None` if it could exclude nothing.
    pub(super) fn from_expression(expression: &str) -> Option<Self> {
        let tree = parse::parse_expression(expression)?;
        let program = FilterProgram::compile(&tree)?;
        let is_exact = tree.is_exact();
        Some(Self {
            tree,
            program,
            is_exact,
        })
    }

    /// Returns what the first character of a match can be.
    fn first(&self, before: Before) -> Next {
        first::find_first(&[&self.tree], before)
    }

    /// Returns what is known about a match that begins at this byte.
    pub(super) fn find_match(&self, line: &[u8], at: usize) -> FilterResult {
        let found = STACK.with_borrow_mut(|stack| self.program.find_match(line, at, stack));
        match found {
            FilterResult::EndsAt(_) if !self.is_exact => FilterResult::Perhaps,
            found => found,
        }
    }
}

#[cfg(test)]
mod tests;
