//! Remembers how lines were coloured.
//!
//! Parsing a line takes tens of microseconds; looking one up takes a tenth of one. In posts written
//! by models, most lines occurred before in the same state: `}`, `return None`, `import json`.
//!
//! The states in which lines begin are numbered, so a line is remembered under a number and its
//! text. All threads share the lines and the states.
//!
//! The memory is bounded: when a part of it is full, the lines not used since it was last full are
//! forgotten. What is remembered never changes the output.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{
    Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

use pressrun_text::words::{IdentityHashBuilder, KeyedHashBuilder};

use super::line_parser::ParserState;
use super::{HighlightPosition, HighlightState};

/// The memory of all threads.
pub(super) static MEMO: LazyLock<LineMemo> = LazyLock::new(LineMemo::default);

/// Number of locks that lines are distributed over, so that threads rarely wait for each other.
const SHARDS: usize = 32;
/// Bytes of each half of a shard: 24 MiB for all of them.
const HALF_SHARD_BYTES: usize = 384 * 1024;
/// Bytes that a line takes in addition to its text and its HTML.
const LINE_OVERHEAD: usize = 80;
/// Most states that get a number. Real code has some hundreds.
const MAX_STATES: usize = 4096;

/// The number of a state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct HighlightStateId(u32);

#[derive(Default)]
pub(super) struct LineMemo {
    states: RwLock<StateTable>,
    shards: [Mutex<MemoShard>; SHARDS],
}

/// Lines by the hash of their state and text, in two halves: when the newer half is full, it
/// replaces the older one.
#[derive(Default)]
struct MemoShard {
    newer: MemoHalf,
    older: MemoHalf,
}

#[derive(Default)]
struct MemoHalf {
    lines: HashMap<u64, MemoLine, IdentityHashBuilder>,
    bytes: usize,
}

struct MemoLine {
    state: HighlightStateId,
    text: Box<str>,
    html: Box<str>,
    next: HighlightStateId,
    searches: u32,
}

impl LineMemo {
    /// Returns the state in which the syntax with this index begins.
    pub(super) fn start(&self, syntax: usize) -> HighlightPosition {
        let known = self.read_states().starts.get(&syntax).copied();
        if let Some(id) = known {
            return HighlightPosition::Shared(id);
        }
        let position = self.intern(HighlightState::new(syntax));
        if let HighlightPosition::Shared(id) = position {
            self.write_states().starts.insert(syntax, id);
        }
        position
    }

    /// Returns a copy of the state with this number.
    pub(super) fn state(&self, id: HighlightStateId) -> HighlightState {
        HighlightState::clone(&self.read_states().states[id.0 as usize])
    }

    /// Gives a state its number, unless it cannot have one.
    pub(super) fn intern(&self, state: HighlightState) -> HighlightPosition {
        // Such states contain text of a post, so posts could fill the table.
        if state.parser.as_ref().is_some_and(ParserState::holds_text) {
            return HighlightPosition::Own(Box::new(state));
        }
        let known = self.read_states().numbers.get(&state).copied();
        if let Some(id) = known {
            return HighlightPosition::Shared(id);
        }
        let mut table = self.write_states();
        if table.states.len() >= MAX_STATES {
            return HighlightPosition::Own(Box::new(state));
        }
        // States are never removed, so their count is the next free number.
        let next = HighlightStateId(table.states.len() as u32);
        let state = Arc::new(state);
        // Another thread may have added the state meanwhile.
        let id = *table.numbers.entry(Arc::clone(&state)).or_insert(next);
        if id == next {
            table.states.push(state);
        }
        HighlightPosition::Shared(id)
    }

    fn read_states(&self) -> RwLockReadGuard<'_, StateTable> {
        self.states.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_states(&self) -> RwLockWriteGuard<'_, StateTable> {
        self.states.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a line that was coloured before, and returns the state after it and the number of
    /// searches it took.
    pub(super) fn recall(
        &self,
        out: &mut String,
        state: HighlightStateId,
        line: &str,
    ) -> Option<(HighlightStateId, u32)> {
        let hash = hash_memo_line(state, line);
        let mut shard = self.shard(hash);
        let found = shard.find(hash)?;
        // Two different lines may have the same hash.
        if found.state != state || *found.text != *line {
            return None;
        }
        out.push_str(&found.html);
        Some((found.next, found.searches))
    }

    /// Stores the HTML of a line, the state after it and the number of searches it took.
    pub(super) fn remember(
        &self,
        (state, line): (HighlightStateId, &str),
        html: &str,
        next: HighlightStateId,
        searches: u32,
    ) {
        let hash = hash_memo_line(state, line);
        let line = MemoLine {
            state,
            text: line.into(),
            html: html.into(),
            next,
            searches,
        };
        self.shard(hash).insert(hash, line);
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, MemoShard> {
        // The map uses the lower bits of the hash, so use the upper ones here.
        let shard = &self.shards[(hash >> 32) as usize % SHARDS];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The states that have a number.
#[derive(Default)]
struct StateTable {
    numbers: HashMap<Arc<HighlightState>, HighlightStateId, KeyedHashBuilder>,
    states: Vec<Arc<HighlightState>>,
    /// Numbers of the states in which syntaxes begin.
    starts: HashMap<usize, HighlightStateId>,
}

impl MemoShard {
    fn find(&mut self, hash: u64) -> Option<&MemoLine> {
        // A line that is used again moves to the newer half, so that it is kept longer.
        if let Some(line) = self.older.lines.remove(&hash) {
            self.older.bytes -= line.bytes();
            self.insert(hash, line);
        }
        self.newer.lines.get(&hash)
    }

    fn insert(&mut self, hash: u64, line: MemoLine) {
        if self.newer.bytes + line.bytes() > HALF_SHARD_BYTES {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.bytes += line.bytes();
        if let Some(replaced) = self.newer.lines.insert(hash, line) {
            self.newer.bytes -= replaced.bytes();
        }
    }
}

impl MemoLine {
    fn bytes(&self) -> usize {
        self.text.len() + self.html.len() + LINE_OVERHEAD
    }
}

fn hash_memo_line(state: HighlightStateId, line: &str) -> u64 {
    KeyedHashBuilder::default().hash_one((state, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_shard_forgets_what_was_not_needed() {
        let mut shard = MemoShard::default();
        let line = |size: usize| MemoLine {
            state: HighlightStateId(0),
            text: "x".repeat(size).into(),
            html: "".into(),
            next: HighlightStateId(0),
            searches: 0,
        };
        shard.insert(1, line(HALF_SHARD_BYTES / 2));
        shard.insert(2, line(HALF_SHARD_BYTES / 4));
        shard.insert(3, line(HALF_SHARD_BYTES / 2));
        assert!(shard.find(1).is_some() || shard.older.lines.is_empty());
        shard.insert(4, line(HALF_SHARD_BYTES / 2));
        assert!(shard.find(2).is_none() || shard.find(1).is_some());
        assert!(shard.newer.bytes <= HALF_SHARD_BYTES && shard.older.bytes <= HALF_SHARD_BYTES);
    }
}
