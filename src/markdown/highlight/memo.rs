//! Remembers how lines were coloured.
//!
//! Parsing a line takes tens of microseconds, looking one up a tenth of one. In posts written by
//! models most lines were there before, in the same state: `}`, `return None`, `import json`.
//!
//! States that lines begin in are numbered, so that a line is remembered under a number and its
//! text. The lines serve all threads. The states themselves cannot pass from one thread to
//! another, so each thread keeps its own ([`States`]); their numbers are agreed on by what they
//! look like when printed.
//!
//! Everything is bounded: when a part of the memory is full, what was not needed since it was
//! last full is forgotten. What is remembered never changes what is written.

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

/// Locks that lines are spread over, so that threads seldom wait for each other.
const SHARDS: usize = 32;
/// Bytes of each half of a shard: 24 MiB for all of them.
const HALF_SHARD_BYTES: usize = 384 * 1024;
/// What a line takes besides its text and its HTML.
const LINE_OVERHEAD: usize = 80;
/// States with a number. Real code has some hundreds.
const MAX_STATES: usize = 4096;

/// The number of a state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) struct StateId(u32);

#[derive(Default)]
pub(super) struct Memo {
    /// Numbers of states by what they look like.
    numbers: Mutex<HashMap<String, StateId>>,
    shards: [Mutex<Shard>; SHARDS],
}

/// Lines by the hash of their state and text. Two halves: when the newer one is full, it takes
/// the place of the older one.
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
    /// The number of a state, if it can have one.
    fn number(&self, state: &State) -> Option<StateId> {
        let print = format!("{state:?}");
        // Text that a syntax refers back to, such as the end of a here-document, is printed as
        // an address in memory.
        if print.contains("captures: Some") {
            return None;
        }
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let next = StateId(numbers.len() as u32);
        if let Some(&number) = numbers.get(&print) {
            return Some(number);
        }
        (numbers.len() < MAX_STATES).then(|| *numbers.entry(print).or_insert(next))
    }

    /// Appends a line that was coloured before, and returns the state behind it.
    pub(super) fn recall(&self, out: &mut String, state: StateId, line: &str) -> Option<StateId> {
        let hash = hash(state, line);
        let mut shard = self.shard(hash);
        let found = shard.find(hash)?;
        // Two lines may have one hash.
        if found.state != state || *found.text != *line {
            return None;
        }
        out.push_str(&found.html);
        Some(found.next)
    }

    /// Keeps the HTML of a line and the state behind it.
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
        // The map uses the other end of the hash.
        let shard = &self.shards[(hash >> 32) as usize % SHARDS];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

thread_local! {
    static STATES: RefCell<States> = RefCell::default();
}

/// The states that this thread met.
#[derive(Default)]
pub(super) struct States {
    by_number: HashMap<StateId, Rc<State>>,
    /// Numbers of states that look alike from outside.
    by_classes: HashMap<ClassStack, Vec<StateId>>,
    /// The numbers of the states that syntaxes begin in.
    starts: HashMap<usize, StateId>,
}

impl States {
    /// The state in which the syntax with this index begins.
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

    /// A copy of a state, if this thread met it.
    pub(super) fn get(id: StateId) -> Option<State> {
        STATES.with_borrow(|states| states.by_number.get(&id).map(|state| State::clone(state)))
    }

    /// Gives a state its number, if it can have one.
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

/// Passes hashes on as they are.
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
