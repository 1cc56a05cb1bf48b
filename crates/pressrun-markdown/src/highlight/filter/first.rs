//! With which character a match can begin.

use super::{AsciiSet, Assertion, FilterNode, WORD};

/// What stands before a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing: the line begins here.
    Start,
    /// A letter, digit or `_`.
    Word,
    /// Another character of ASCII, except a line break.
    NoWord,
    /// Any of these, a line break, or a character beyond ASCII.
    Anything,
}

/// What stands after a place: one of these characters, or perhaps the end of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) characters: AsciiSet,
    pub(super) end: bool,
}

impl Next {
    pub(super) const NOTHING: Self = Self {
        characters: 0,
        end: false,
    };
    pub(super) const ANYTHING: Self = Self {
        characters: !0,
        end: true,
    };

    fn one_of(characters: AsciiSet) -> Self {
        Self {
            characters,
            end: false,
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            characters: self.characters | other.characters,
            end: self.end || other.end,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            characters: self.characters & other.characters,
            end: self.end && other.end,
        }
    }

    fn except_characters(characters: AsciiSet) -> Self {
        Self {
            characters: !characters,
            end: true,
        }
    }

    /// Returns nothing, or anything if the condition may hold.
    fn anything_if(may_hold: bool) -> Self {
        if may_hold {
            Self::ANYTHING
        } else {
            Self::NOTHING
        }
    }
}

/// What a node can meet at a place.
struct Meeting {
    /// What it takes as its first character.
    taken: Next,
    /// What may follow if it takes no character.
    passed: Next,
}

/// Returns what must stand at a place for a match of these nodes in sequence to begin there.
pub(super) fn find_first(nodes: &[&FilterNode], before: Before) -> Next {
    let Meeting { taken, passed } = meet_sequence(nodes.iter().copied(), before);
    taken.or(passed)
}

/// Returns the same for nodes before something that begins with `follow`.
pub(super) fn find_follow(nodes: &[&FilterNode], before: Before, follow: Next) -> Next {
    let Meeting { taken, passed } = meet_sequence(nodes.iter().copied(), before);
    taken.or(passed.and(follow))
}

fn meet_sequence<'n>(nodes: impl Iterator<Item = &'n FilterNode>, before: Before) -> Meeting {
    let mut whole = Meeting {
        taken: Next::NOTHING,
        passed: Next::ANYTHING,
    };
    for node in nodes {
        let Meeting { taken, passed } = meet(node, before);
        whole.taken = whole.taken.or(taken.and(whole.passed));
        whole.passed = whole.passed.and(passed);
        if whole.passed == Next::NOTHING {
            break;
        }
    }
    whole
}

fn meet(node: &FilterNode, before: Before) -> Meeting {
    match node {
        FilterNode::Set(set) => Meeting {
            taken: Next::one_of(*set),
            passed: Next::NOTHING,
        },
        FilterNode::Sequence(nodes) => meet_sequence(nodes.iter(), before),
        FilterNode::Choice(nodes) => {
            let nothing = Meeting {
                taken: Next::NOTHING,
                passed: Next::NOTHING,
            };
            nodes.iter().fold(nothing, |whole, node| {
                let Meeting { taken, passed } = meet(node, before);
                Meeting {
                    taken: whole.taken.or(taken),
                    passed: whole.passed.or(passed),
                }
            })
        }
        FilterNode::Repeat { node, least, .. } => {
            let mut one = meet(node, before);
            if *least == 0 {
                one.passed = Next::ANYTHING;
            }
            one
        }
        FilterNode::Wider(node) => meet(node, before),
        FilterNode::Unknown => Meeting {
            taken: Next::ANYTHING,
            passed: Next::ANYTHING,
        },
        FilterNode::Assertion(_) | FilterNode::Ahead { .. } | FilterNode::Behind { .. } => {
            Meeting {
                taken: Next::NOTHING,
                passed: meet_condition(node, before),
            }
        }
    }
}

/// Returns what may follow where a condition holds.
fn meet_condition(node: &FilterNode, before: Before) -> Next {
    match node {
        FilterNode::Assertion(
            Assertion::WordBoundary { .. } | Assertion::LineStart | Assertion::TextStart,
        )
        | FilterNode::Behind { .. }
            if before == Before::Anything =>
        {
            Next::ANYTHING
        }
        FilterNode::Assertion(assertion) => match assertion {
            Assertion::WordBoundary { negated } => {
                if (before == Before::Word) == *negated {
                    Next::one_of(WORD)
                } else {
                    Next::except_characters(WORD)
                }
            }
            Assertion::LineStart | Assertion::TextStart => {
                Next::anything_if(before == Before::Start)
            }
            Assertion::LineEnd => Next {
                characters: 1 << b'\n',
                end: true,
            },
            Assertion::TextEnd => Next {
                characters: 0,
                end: true,
            },
        },
        FilterNode::Ahead { node, negated } => match (&**node, negated) {
            (node, false) => find_first(&[node], before),
            (FilterNode::Set(set), true) => Next::except_characters(*set),
            _ => Next::ANYTHING,
        },
        FilterNode::Behind {
            node,
            length,
            negated,
        } => {
            let possible = match before {
                Before::Start | Before::Anything => 0,
                Before::Word => WORD,
                Before::NoWord => !WORD,
            };
            match (&**node, negated) {
                (_, false) if *length > 0 && before == Before::Start => Next::NOTHING,
                (FilterNode::Set(set), false) => Next::anything_if(set & possible != 0),
                (FilterNode::Set(set), true) if before != Before::Start => {
                    Next::anything_if(possible & !set != 0)
                }
                _ => Next::ANYTHING,
            }
        }
        _ => Next::ANYTHING,
    }
}
