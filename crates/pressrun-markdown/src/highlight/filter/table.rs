//! Which patterns of a context may match at a place, by the characters around it.

use super::first::Before;
use super::{PatternFilter, WORD};

/// The rows for what stands before a place: nothing, a word, no word, or anything.
const BEFORES: [Before; 4] = [
    Before::Start,
    Before::Word,
    Before::NoWord,
    Before::Anything,
];
/// For each of them, a row for each character of ASCII, for the end, and for other characters.
const NEXTS: usize = 130;
const END: usize = 128;
const OTHER: usize = 129;

/// The patterns of a context that may match at a place, as bits, by the characters around it.
#[derive(Debug)]
pub(in super::super) struct CandidateTable {
    /// Words of 64 bits in a row.
    words: usize,
    rows: Vec<u64>,
    /// Numbers of the patterns without a filter. They are in no row.
    pub(in super::super) unfiltered: Vec<usize>,
}

impl CandidateTable {
    /// Makes the table for the filters of patterns in order.
    pub(in super::super) fn new<'f>(
        filters: impl ExactSizeIterator<Item = Option<&'f PatternFilter>>,
    ) -> Self {
        let words = filters.len().div_ceil(64);
        let mut table = Self {
            words,
            rows: vec![0; BEFORES.len() * NEXTS * words],
            unfiltered: Vec::new(),
        };
        for (number, filter) in filters.enumerate() {
            match filter {
                Some(filter) => table.add_filter(number, filter),
                None => table.unfiltered.push(number),
            }
        }
        table
    }

    fn add_filter(&mut self, number: usize, filter: &PatternFilter) {
        for (index, &before) in BEFORES.iter().enumerate() {
            let first = filter.first(before);
            let mut add = |next: usize| {
                let row = (index * NEXTS + next) * self.words;
                self.rows[row + number / 64] |= 1 << (number % 64);
            };
            let mut characters = first.characters;
            while characters != 0 {
                add(characters.trailing_zeros() as usize);
                characters &= characters - 1;
            }
            if first.end {
                add(END);
            }
            add(OTHER);
        }
    }

    /// Returns the patterns that may match at a place, which begins a character.
    pub(in super::super) fn candidates_at(&self, place: PlaceKind) -> &[u64] {
        let row = place.0 * self.words;
        &self.rows[row..row + self.words]
    }
}

/// What is around a place: the number of its row in each table.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct PlaceKind(usize);

impl PlaceKind {
    /// Returns what is around this byte.
    pub(in super::super) fn find(line: &[u8], at: usize) -> Self {
        let before = match at.checked_sub(1).map(|before| line[before]) {
            None => 0,
            Some(b'\n' | 0x80..) => 3,
            Some(before) if WORD >> before & 1 != 0 => 1,
            Some(_) => 2,
        };
        let next = match line.get(at) {
            None => END,
            Some(&next) if next.is_ascii() => usize::from(next),
            Some(_) => OTHER,
        };
        Self(before * NEXTS + next)
    }
}
