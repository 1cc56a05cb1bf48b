//! Runs a program at a place of a line.

use super::program::{BehindStep, END, FilterProgram, TryStep};
use super::{AsciiSet, Assertion, WORD};

/// What trying came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TrialResult {
    No,
    Maybe,
    Yes,
}

/// The places to go back to: step and position.
pub(super) type TryStack = Vec<(u32, u32)>;

impl TrialResult {
    fn if_holds(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    fn negate_if(self, negated: bool) -> Self {
        match self {
            Self::Yes if negated => Self::No,
            Self::No if negated => Self::Yes,
            verdict => verdict,
        }
    }
}

/// A program that is being tried.
pub(super) struct Trial<'t> {
    pub(super) program: &'t FilterProgram,
    pub(super) line: &'t [u8],
    /// Steps that may still be taken.
    pub(super) work: u32,
    pub(super) stack: &'t mut TryStack,
    /// Where the last match ended.
    pub(super) end: usize,
}

impl Trial<'_> {
    pub(super) fn run(&mut self, step: u32, at: usize) -> TrialResult {
        let base = self.stack.len();
        let verdict = self.run_steps(step, at, base);
        self.stack.truncate(base);
        verdict
    }

    fn run_steps(&mut self, mut step: u32, mut at: usize, base: usize) -> TrialResult {
        loop {
            let Some(work) = self.work.checked_sub(1) else {
                return TrialResult::Maybe;
            };
            self.work = work;
            let verdict = match self.program.steps[step as usize] {
                TryStep::OrAt(other) => {
                    self.stack.push((other, at as u32));
                    TrialResult::Yes
                }
                TryStep::GoTo(next) => {
                    step = next;
                    continue;
                }
                TryStep::ByNext(table) => {
                    let next = match self.line.get(at) {
                        None => END,
                        Some(&found) if found.is_ascii() => usize::from(found),
                        Some(_) => return TrialResult::Maybe,
                    };
                    step = u32::from(self.program.tables[table as usize][next]);
                    if step != 0 {
                        continue;
                    }
                    TrialResult::No
                }
                TryStep::Ahead { end, negated } => {
                    let verdict = self.run(step + 1, at);
                    step = end - 1;
                    verdict.negate_if(negated)
                }
                TryStep::Behind(index) => {
                    let BehindStep {
                        length,
                        end,
                        negated,
                    } = self.program.behind[index as usize];
                    let verdict = self.look_behind(step + 1, at, length as usize);
                    step = end - 1;
                    verdict.negate_if(negated)
                }
                TryStep::MayMatch => return TrialResult::Maybe,
                TryStep::Match => {
                    self.end = at;
                    return TrialResult::Yes;
                }
                simple => self.take_simple_step(simple, &mut at),
            };
            match verdict {
                TrialResult::Yes => step += 1,
                TrialResult::No if self.stack.len() > base => {
                    if let Some((other, place)) = self.stack.pop() {
                        (step, at) = (other, place as usize);
                    }
                }
                TrialResult::No | TrialResult::Maybe => return verdict,
            }
        }
    }

    /// Takes a step that goes on at the next one, or not at all.
    fn take_simple_step(&self, step: TryStep, at: &mut usize) -> TrialResult {
        let sets = &self.program.sets;
        match step {
            TryStep::Byte(byte) => match self.line.get(*at) {
                Some(&next) if next == byte => {
                    *at += 1;
                    TrialResult::Yes
                }
                Some(next) if !next.is_ascii() => TrialResult::Maybe,
                _ => TrialResult::No,
            },
            TryStep::Set(set) => self.take_one(at, sets[set as usize]),
            TryStep::Run(set) => {
                while self.take_one(at, sets[set as usize]) == TrialResult::Yes {}
                match self.line.get(*at) {
                    Some(next) if !next.is_ascii() => TrialResult::Maybe,
                    _ => TrialResult::Yes,
                }
            }
            TryStep::Next { set, negated } => {
                let next = self.line.get(*at).copied();
                is_in_set(next, sets[set as usize]).negate_if(negated)
            }
            TryStep::Last { set, negated } => {
                let last = at.checked_sub(1).map(|last| self.line[last]);
                is_in_set(last, sets[set as usize]).negate_if(negated)
            }
            TryStep::Assert(assertion) => check_assertion(assertion, self.line, *at),
            _ => TrialResult::Maybe,
        }
    }

    /// Takes one character of a set.
    fn take_one(&self, at: &mut usize, set: AsciiSet) -> TrialResult {
        let verdict = is_in_set(self.line.get(*at).copied(), set);
        *at += usize::from(verdict == TrialResult::Yes);
        verdict
    }

    fn look_behind(&mut self, step: u32, at: usize, length: usize) -> TrialResult {
        let before = &self.line[..at];
        // Characters are counted, so each must be one byte.
        let counted = &before[before.len().saturating_sub(length)..];
        if !counted.is_ascii() {
            return TrialResult::Maybe;
        }
        match at.checked_sub(length) {
            None => TrialResult::No,
            Some(start) => self.run(step, start),
        }
    }
}

fn check_assertion(assertion: Assertion, line: &[u8], at: usize) -> TrialResult {
    let before = at.checked_sub(1).map(|before| line[before]);
    let next = line.get(at).copied();
    let holds = match assertion {
        Assertion::WordBoundary { negated } => {
            if [before, next].iter().flatten().any(|byte| !byte.is_ascii()) {
                return TrialResult::Maybe;
            }
            let is_word = |byte: Option<u8>| byte.is_some_and(|byte| WORD >> byte & 1 != 0);
            (is_word(before) != is_word(next)) != negated
        }
        Assertion::TextStart => before.is_none(),
        Assertion::LineStart => {
            // What follows the last line break is perhaps no line.
            if before == Some(b'\n') {
                return TrialResult::Maybe;
            }
            before.is_none()
        }
        Assertion::LineEnd => match next {
            Some(next) if next == b'\n' && at + 1 < line.len() => return TrialResult::Maybe,
            Some(next) => next == b'\n',
            None => return TrialResult::Maybe,
        },
        Assertion::TextEnd => next.is_none(),
    };
    TrialResult::if_holds(holds)
}

/// Returns whether there is a character, and it is of a set.
fn is_in_set(character: Option<u8>, set: AsciiSet) -> TrialResult {
    match character {
        None => TrialResult::No,
        Some(character) if character.is_ascii() => {
            // A half, because shifts of 128 bits are slow.
            let half = if character < 64 { set } else { set >> 64 } as u64;
            TrialResult::if_holds(half >> (character % 64) & 1 != 0)
        }
        Some(_) => TrialResult::Maybe,
    }
}
