//! Compiles a tree into steps that are tried at a place of a line ([`super::trial`]): a machine that
//! goes back to its last choice when it cannot go on, for a bounded number of steps.

use std::collections::HashMap;

use pressrun_text::words::KeyedHashBuilder;

use super::first::{Before, Next, find_first, find_follow};
use super::trial::{Trial, TrialResult, TryStack};
use super::{AsciiSet, Assertion, FilterNode, FilterResult, WORD};

/// Copies of a repeated node that are compiled; beyond that any number may match.
const MOST_COPIES: u32 = 8;
/// Longer programs are not made.
const MOST_STEPS: usize = 60_000;
/// Steps that may be taken at one place. Then it may match.
const MOST_WORK: u32 = 250;

/// Returns whether a program repeats a node more often than it says.
pub(super) fn is_shortened(least: u32, most: Option<u32>) -> bool {
    least > MOST_COPIES || most.is_some_and(|most| most > MOST_COPIES)
}

/// One step of a program. Addresses are indices of steps.
#[derive(Debug, Clone, Copy)]
pub(super) enum TryStep {
    /// Takes this character.
    Byte(u8),
    /// Takes a character of the set with this index.
    Set(u32),
    /// Takes as many characters of the set as there are.
    Run(u32),
    /// Looks whether the next character is of the set, or is not.
    Next {
        set: u32,
        negated: bool,
    },
    /// The same for the character before.
    Last {
        set: u32,
        negated: bool,
    },
    /// Goes on at the next step, and later perhaps at this one.
    OrAt(u32),
    GoTo(u32),
    /// Goes on where the table with this index says for the next character.
    ByNext(u32),
    Assert(Assertion),
    /// Tries the steps up to this one, and goes on there if they match, or if they do not.
    Ahead {
        end: u32,
        negated: bool,
    },
    /// The same for the characters before.
    Behind(u32),
    MayMatch,
    Match,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct BehindStep {
    pub(super) length: u32,
    pub(super) end: u32,
    pub(super) negated: bool,
}

/// Where to go on for each next character; at the end for the end of the line. 0 is nowhere.
pub(super) type NextTable = Box<[u16; 129]>;

pub(super) const END: usize = 128;

/// What follows a node in a program.
#[derive(Debug, Clone, Copy)]
struct Follow {
    next: Next,
    /// Whether nothing does, so that the whole matches where the node does.
    is_end: bool,
}

impl Follow {
    const END: Self = Self {
        next: Next::ANYTHING,
        is_end: true,
    };
    const ANYTHING: Self = Self {
        next: Next::ANYTHING,
        is_end: false,
    };

    /// Returns what follows a node if these nodes are between it and the rest. `before` is what the
    /// node ends in.
    fn after(self, nodes: &[&FilterNode], before: Before) -> Self {
        if nodes.is_empty() {
            return self;
        }
        Self {
            next: find_follow(nodes, before, self.next),
            is_end: false,
        }
    }
}

/// A tree as steps.
#[derive(Debug, Default)]
pub(super) struct FilterProgram {
    pub(super) steps: Vec<TryStep>,
    /// Whether there is more than one way to take characters, so that a match may end elsewhere.
    has_choices: bool,
    /// Whether steps are added that take no characters of the match.
    in_part: bool,
    pub(super) sets: Vec<AsciiSet>,
    pub(super) tables: Vec<NextTable>,
    pub(super) behind: Vec<BehindStep>,
}

impl FilterProgram {
    /// Compiles a tree, or returns `None` if it is too large.
    pub(super) fn compile(tree: &FilterNode) -> Option<Self> {
        let mut program = Self::default();
        // So that 0 is not the address of a step.
        program.steps.push(TryStep::GoTo(1));
        program.add_node(tree, Follow::END)?;
        program.steps.push(TryStep::Match);
        program.steps.shrink_to_fit();
        Some(program)
    }

    fn next_address(&self) -> u32 {
        self.steps.len() as u32
    }

    /// Appends a step that goes on at the next one, and later perhaps elsewhere.
    fn push_or_at(&mut self, other: u32) -> Option<usize> {
        self.has_choices |= !self.in_part;
        self.push(TryStep::OrAt(other))
    }

    fn push(&mut self, step: TryStep) -> Option<usize> {
        self.steps.push(step);
        (self.steps.len() < MOST_STEPS).then_some(self.steps.len() - 1)
    }

    fn add_node(&mut self, node: &FilterNode, follow: Follow) -> Option<()> {
        match node {
            FilterNode::Set(set) => self.add_set(*set)?,
            FilterNode::Sequence(nodes) => {
                let nodes: Vec<&FilterNode> = nodes.iter().collect();
                self.add_sequence(&nodes, follow)?;
            }
            FilterNode::Choice(nodes) => {
                let ways = nodes.iter().map(|node| vec![node]).collect();
                self.add_choice(ways, follow)?;
            }
            FilterNode::Repeat { node, least, most } => {
                self.add_repeat(node, *least, *most, follow)?;
            }
            FilterNode::Assertion(assertion) => {
                self.push(TryStep::Assert(*assertion))?;
            }
            // What does not match exactly cannot exclude anything.
            FilterNode::Ahead { node, negated } | FilterNode::Behind { node, negated, .. }
                if *negated && !node.is_exact() => {}
            FilterNode::Ahead { node, negated } => self.add_ahead(node, *negated, follow)?,
            FilterNode::Behind {
                node,
                length,
                negated,
            } => self.add_behind(node, *length, *negated)?,
            FilterNode::Wider(node) => self.add_node(node, follow)?,
            FilterNode::Unknown => {
                self.push(TryStep::MayMatch)?;
            }
        }
        Some(())
    }

    fn add_ahead(&mut self, node: &FilterNode, negated: bool, follow: Follow) -> Option<()> {
        match *node {
            FilterNode::Set(set) => {
                let set = self.keep_set(set);
                self.push(TryStep::Next { set, negated })?;
            }
            // Nothing comes after it that needs the place where it began.
            _ if follow.is_end && !negated && self.in_part => self.add_node(node, Follow::END)?,
            _ => {
                // Replaced below.
                let at = self.push(TryStep::MayMatch)?;
                let end = self.add_part(node)?;
                self.steps[at] = TryStep::Ahead { end, negated };
            }
        }
        Some(())
    }

    fn add_behind(&mut self, node: &FilterNode, length: u32, negated: bool) -> Option<()> {
        if let FilterNode::Set(set) = *node {
            let set = self.keep_set(set);
            self.push(TryStep::Last { set, negated })?;
        } else {
            let at = self.push(TryStep::MayMatch)?;
            let end = self.add_part(node)?;
            self.steps[at] = TryStep::Behind(self.behind.len() as u32);
            self.behind.push(BehindStep {
                length,
                end,
                negated,
            });
        }
        Some(())
    }

    fn add_sequence(&mut self, nodes: &[&FilterNode], follow: Follow) -> Option<()> {
        let mut before = Before::Anything;
        for (index, node) in nodes.iter().enumerate() {
            // What stands before the next node, wherever this one ends.
            before = if ends_in_word(node, before) {
                Before::Word
            } else {
                Before::Anything
            };
            self.add_node(node, follow.after(&nodes[index + 1..], before))?;
        }
        Some(())
    }

    /// Adds steps that are tried by themselves. Returns where they end.
    fn add_part(&mut self, node: &FilterNode) -> Option<u32> {
        let in_part = std::mem::replace(&mut self.in_part, true);
        self.add_node(node, Follow::END)?;
        self.in_part = in_part;
        self.push(TryStep::Match)?;
        Some(self.next_address())
    }

    fn add_set(&mut self, set: AsciiSet) -> Option<()> {
        if set.is_power_of_two() {
            self.push(TryStep::Byte(set.trailing_zeros() as u8))?;
        } else {
            let set = self.keep_set(set);
            self.push(TryStep::Set(set))?;
        }
        Some(())
    }

    fn keep_set(&mut self, set: AsciiSet) -> u32 {
        let known = self.sets.iter().position(|known| *known == set);
        let index = known.unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        });
        index as u32
    }

    fn add_repeat(
        &mut self,
        node: &FilterNode,
        least: u32,
        most: Option<u32>,
        follow: Follow,
    ) -> Option<()> {
        let again = FilterNode::Repeat {
            node: Box::new(node.clone()),
            least: 0,
            most: None,
        };
        let inside = follow.after(&[&again], Before::Anything);
        for _ in 0..least.min(MOST_COPIES) {
            self.add_node(node, inside)?;
        }
        let more = most.map(|most| most.saturating_sub(least));
        let more = more.filter(|_| !is_shortened(least, most));
        match (node, more) {
            // To give one of them back would not help what follows.
            (&FilterNode::Set(set), None)
                if set & follow.next.characters == 0 || (follow.is_end && !self.in_part) =>
            {
                let set = self.keep_set(set);
                self.push(TryStep::Run(set))?;
            }
            (_, None) => {
                // Replaced below.
                let start = self.push_or_at(0)?;
                let exit = self.push(TryStep::MayMatch)?;
                self.steps[start] = TryStep::OrAt(self.next_address());
                self.add_node(node, inside)?;
                self.push(TryStep::GoTo(start as u32))?;
                self.steps[exit] = TryStep::GoTo(self.next_address());
            }
            (_, Some(more)) => {
                let mut starts = Vec::new();
                for _ in 0..more {
                    starts.push(self.push_or_at(0)?);
                    self.add_node(node, inside)?;
                }
                let end = self.next_address();
                for start in starts {
                    self.steps[start] = TryStep::OrAt(end);
                }
            }
        }
        Some(())
    }

    /// Adds ways of which one must match, each a sequence of nodes. Ways with the same beginning
    /// share its steps.
    fn add_choice(&mut self, ways: Vec<Vec<&FilterNode>>, follow: Follow) -> Option<()> {
        let mut groups: Vec<(&FilterNode, Vec<Vec<&FilterNode>>)> = Vec::new();
        let mut by_set: HashMap<AsciiSet, usize, KeyedHashBuilder> = HashMap::default();
        let mut alone: Vec<Vec<&FilterNode>> = Vec::new();
        for way in ways {
            let way = spell_out(way);
            let Some(&FilterNode::Set(set)) = way.first() else {
                alone.push(way);
                continue;
            };
            let index = *by_set.entry(*set).or_insert_with(|| {
                groups.push((way[0], Vec::new()));
                groups.len() - 1
            });
            groups[index].1.push(way[1..].to_vec());
        }
        let mut starts = Vec::new();
        let mut exits = Vec::new();
        // Replaced below by the step that chooses.
        let choice = self.push(TryStep::MayMatch)?;
        for (set, mut rests) in groups {
            starts.push((self.next_address(), find_next(&[set])));
            self.add_node(set, Follow::ANYTHING)?;
            match &*rests {
                [rest] => self.add_sequence(rest, follow)?,
                _ => self.add_choice(std::mem::take(&mut rests), follow)?,
            }
            exits.push(self.push(TryStep::MayMatch)?);
        }
        for way in alone {
            starts.push((self.next_address(), find_next(&way)));
            self.add_sequence(&way, follow)?;
            exits.push(self.push(TryStep::MayMatch)?);
        }
        let table = self.make_table(&starts)?;
        self.steps[choice] = TryStep::ByNext(self.tables.len() as u32);
        self.tables.push(table);
        let end = self.next_address();
        for exit in exits {
            self.steps[exit] = TryStep::GoTo(end);
        }
        Some(())
    }

    /// Adds steps that try these ways one after the other. Returns where they begin.
    fn add_ways(&mut self, starts: &[u32]) -> Option<u32> {
        let begin = self.next_address();
        for (index, start) in starts.iter().enumerate() {
            // The step after this one is the next way.
            if index + 1 < starts.len() {
                let next = self.next_address() + 2;
                self.push_or_at(next)?;
            }
            self.push(TryStep::GoTo(*start))?;
        }
        Some(begin)
    }

    fn make_table(&mut self, starts: &[(u32, Next)]) -> Option<NextTable> {
        let mut table: NextTable = Box::new([0; 129]);
        let mut known: HashMap<Vec<u32>, u32, KeyedHashBuilder> = HashMap::default();
        let allows = |first: &Next, next| match next {
            END => first.end,
            _ => first.characters >> next & 1 != 0,
        };
        let firsts = starts.iter().map(|(_, first)| *first);
        let any = firsts.fold(Next::NOTHING, Next::or);
        for next in (0..=END).filter(|&next| allows(&any, next)) {
            let can_begin = starts.iter().filter(|(_, first)| allows(first, next));
            let ways: Vec<u32> = can_begin.map(|(start, _)| *start).collect();
            let address = if let [only] = *ways {
                only
            } else if let Some(&address) = known.get(&ways) {
                address
            } else {
                let address = self.add_ways(&ways)?;
                known.insert(ways, address);
                address
            };
            // There are fewer steps than numbers.
            table[next] = address as u16;
        }
        Some(table)
    }

    /// Returns what is known about a match that begins at this byte.
    pub(super) fn find_match(&self, line: &[u8], at: usize, stack: &mut TryStack) -> FilterResult {
        let mut trial = Trial {
            program: self,
            line,
            work: MOST_WORK,
            stack,
            end: at,
        };
        let verdict = trial.run(1, at);
        match verdict {
            TrialResult::No => FilterResult::None,
            TrialResult::Yes if !self.has_choices => FilterResult::EndsAt(trial.end),
            TrialResult::Yes | TrialResult::Maybe => FilterResult::Perhaps,
        }
    }
}

/// Returns what must stand where a way begins, whatever stands before.
fn find_next(way: &[&FilterNode]) -> Next {
    find_first(way, Before::Anything)
}

/// Returns whether a letter, digit or `_` stands before the end of a node, which is known of the
/// simplest nodes only.
fn ends_in_word(node: &FilterNode, before: Before) -> bool {
    match node {
        FilterNode::Set(set) => set & !WORD == 0,
        FilterNode::Repeat { node, least, .. } => match **node {
            FilterNode::Set(set) => set & !WORD == 0 && (*least > 0 || before == Before::Word),
            _ => false,
        },
        _ => false,
    }
}

/// Replaces sequences at the beginning of a way by their nodes.
fn spell_out(mut way: Vec<&FilterNode>) -> Vec<&FilterNode> {
    loop {
        match way.first() {
            Some(FilterNode::Sequence(nodes)) => {
                way.splice(..1, nodes);
            }
            Some(FilterNode::Choice(nodes)) if nodes.len() == 1 => way[0] = &nodes[0],
            Some(FilterNode::Wider(node)) => way[0] = node,
            _ => return way,
        }
    }
}
