//! Remembers how lines were coloured.
//!
//! Parsing a line takes tens of microseconds; looking one up takes a tenth of one. In posts written
//! by models, most lines occurred before in the same state: `}`, `return None`, `import json`.
//!
//! The states in which lines begin are numbered, so a line is remembered under a number and its
//! text. All threads share the lines. The states themselves cannot be sent between threads, so each
//! thread keeps its own ([`States`]). Threads agree on the numbers by the `Debug` output of the
//! states.
//!
//! The memory is bounded: when a part of it is full, the lines not used since it was last full are
//! forgotten. What is remembered never changes the output.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use syntect::parsing::ParseState;

use super::language::syntaxes;
use super::scopes::ClassStack;
use super::{Position, State};

/// The memory of all threads.
pub(super) static MEMO: LazyLock<Memo> = LazyLock::new(Memo::default);

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
pub(super) struct StateId(u32);

#[derive(Default)]
pub(super) struct Memo {
    /// Number of each state, by its `Debug` output.
    numbers: Mutex<HashMap<String, StateId>>,
    shards: [Mutex<Shard>; SHARDS],
}

/// Lines by the hash of their state and text, in two halves: when the newer half is full, it
/// replaces the older one.
#[derive(Default)]
struct Shard {
    newer: Half,
    older: Half,
}

#[derive(Default)]
struct Half {
    lines: HashMap<u64, Line, BuildHasherDefault<Unhashed>>,
    bytes: usize,
}

struct Line {
    state: StateId,
    text: Box<str>,
    html: Box<str>,
    next: StateId,
}

impl Memo {
    /// Returns the number of a state, unless it cannot have one.
    fn number(&self, state: &State) -> Option<StateId> {
        let print = format!("{state:?}");
        // The `Debug` output shows text that a syntax refers back to, such as the end of a
        // here-document, as an address in memory. Equal output would not mean equal states.
        if print.contains("captures: Some") {
            return None;
        }
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        // States are never removed, so their count is the next free number.
        let next = StateId(numbers.len() as u32);
        if let Some(&number) = numbers.get(&print) {
            return Some(number);
        }
        (numbers.len() < MAX_STATES).then(|| *numbers.entry(print).or_insert(next))
    }

    /// Appends a line that was coloured before, and returns the state after it.
    pub(super) fn recall(&self, out: &mut String, state: StateId, line: &str) -> Option<StateId> {
        let hash = hash(state, line);
        let mut shard = self.shard(hash);
        let found = shard.find(hash)?;
        // Two different lines may have the same hash.
        if found.state != state || *found.text != *line {
            return None;
        }
        out.push_str(&found.html);
        Some(found.next)
    }

    /// Stores the HTML of a line and the state after it.
    pub(super) fn remember(&self, state: StateId, line: &str, html: &str, next: StateId) {
        let hash = hash(state, line);
        let line = Line {
            state,
            text: line.into(),
            html: html.into(),
            next,
        };
        self.shard(hash).insert(hash, line);
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        // The map uses the lower bits of the hash, so use the upper ones here.
        let shard = &self.shards[(hash >> 32) as usize % SHARDS];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

thread_local! {
    static STATES: RefCell<States> = RefCell::default();
}

/// The states that this thread has met.
#[derive(Default)]
pub(super) struct States {
    by_number: HashMap<StateId, Rc<State>>,
    /// Numbers of states with the same open classes.
    by_classes: HashMap<ClassStack, Vec<StateId>>,
    /// Numbers of the states in which syntaxes begin.
    starts: HashMap<usize, StateId>,
}

impl States {
    /// Returns the state in which the syntax with this index begins.
    pub(super) fn start(syntax: usize) -> Position {
        let known = STATES.with_borrow(|states| states.starts.get(&syntax).copied());
        if let Some(id) = known {
            return Position::Shared(id);
        }
        let parse = ParseState::new(&syntaxes().syntaxes()[syntax]);
        let position = Self::intern(State {
            parse,
            classes: ClassStack::default(),
        });
        if let Position::Shared(id) = position {
            STATES.with_borrow_mut(|states| states.starts.insert(syntax, id));
        }
        position
    }

    /// Returns a copy of a state, if this thread has met it.
    pub(super) fn get(id: StateId) -> Option<State> {
        STATES.with_borrow(|states| states.by_number.get(&id).map(|state| State::clone(state)))
    }

    /// Gives a state its number, unless it cannot have one.
    pub(super) fn intern(state: State) -> Position {
        let known = STATES.with_borrow(|states| states.find(&state));
        if let Some(id) = known {
            return Position::Shared(id);
        }
        let Some(id) = MEMO.number(&state) else {
            return Position::Own(Box::new(state));
        };
        STATES.with_borrow_mut(|states| states.add(id, state));
        Position::Shared(id)
    }

    fn find(&self, state: &State) -> Option<StateId> {
        let alike = self.by_classes.get(&state.classes)?;
        alike
            .iter()
            .find(|id| *self.by_number[id] == *state)
            .copied()
    }

    fn add(&mut self, id: StateId, state: State) {
        self.by_classes
            .entry(state.classes.clone())
            .or_default()
            .push(id);
        self.by_number.insert(id, Rc::new(state));
    }
}

impl Shard {
    fn find(&mut self, hash: u64) -> Option<&Line> {
        // A line that is used again moves to the newer half, so that it is kept longer.
        if let Some(line) = self.older.lines.remove(&hash) {
            self.older.bytes -= line.bytes();
            self.insert(hash, line);
        }
        self.newer.lines.get(&hash)
    }

    fn insert(&mut self, hash: u64, line: Line) {
        if self.newer.bytes + line.bytes() > HALF_SHARD_BYTES {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.bytes += line.bytes();
        if let Some(replaced) = self.newer.lines.insert(hash, line) {
            self.newer.bytes -= replaced.bytes();
        }
    }
}

impl Line {
    fn bytes(&self) -> usize {
        self.text.len() + self.html.len() + LINE_OVERHEAD
    }
}

fn hash(state: StateId, line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (state, line).hash(&mut hasher);
    hasher.finish()
}

/// Uses keys, which already are hashes, as they are.
#[derive(Default)]
struct Unhashed(u64);

impl Hasher for Unhashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_shard_forgets_what_was_not_needed() {
        let mut shard = Shard::default();
        let line = |size: usize| Line {
            state: StateId(0),
            text: "x".repeat(size).into(),
            html: "".into(),
            next: StateId(0),
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
