//! Distinguishes formulas between dollar signs from amounts of money.

use std::ops::Range;

/// What a pair of dollars means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DollarPair {
    /// It encloses a formula with a sign of mathematics.
    Formula,
    /// It encloses something else that can be a formula.
    Symbol,
    /// It encloses a number: a formula if the text has another one, otherwise an amount.
    Number,
    /// Its first dollar is part of an amount or of a shell variable.
    Text,
}

/// Classifies `$content$` with the characters before and after it.
///
/// A dollar before a digit begins a formula only if a sign of mathematics follows. A closing dollar
/// before a digit belongs to the next amount, as in `$5-$10` (Pandoc's rule), and one behind a digit
/// to the amount before it. If a shell variable is followed by another dollar later, there are words
/// between the two, and none of the characters that make formulas.
fn classify_pair(content: &str, before: Option<char>, next: Option<char>) -> DollarPair {
    let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    // An amount in the text of a link.
    let is_amount = is_digit(content.chars().next());
    // One that begins or ends inside of code.
    let crosses_code = content.contains('`') && !content.contains('\\');
    if is_digit(next) || crosses_code || (is_amount && content.contains("](")) {
        DollarPair::Text
    } else if has_sign(content) {
        DollarPair::Formula
    } else if is_number(content) {
        DollarPair::Number
    } else if is_amount || (is_digit(before) && content.chars().nth(1).is_some()) {
        DollarPair::Text
    } else {
        // In `$HOME/$USER`, the second dollar begins the next variable.
        let is_glued = next.is_some_and(char::is_alphanumeric);
        if is_glued && has_words(content) && !content.contains(['\\', '{', '}']) {
            DollarPair::Text
        } else {
            DollarPair::Symbol
        }
    }
}

/// The dollars of a body so far.
#[derive(Debug, Default)]
pub(crate) struct FoundDollars {
    /// Dollars that do not belong to formulas, in order.
    text: Vec<usize>,
    /// Dollars before numbers, which are formulas only in a body with others, in order.
    numbers: Vec<usize>,
    has_formula: bool,
}

impl FoundDollars {
    /// Adds the pair of dollars with this place in the body. Returns whether it is no formula,
    /// whatever else the body contains.
    pub(crate) fn add_pair(&mut self, body: &str, content: &str, range: Range<usize>) -> bool {
        let before = body[..range.start].chars().next_back();
        let next = body[range.end..].chars().next();
        let kind = classify_pair(content, before, next);
        match kind {
            DollarPair::Formula => self.has_formula = true,
            DollarPair::Number => self.numbers.push(range.start),
            DollarPair::Text if self.text.last() < Some(&range.start) => {
                self.text.push(range.start);
                self.text.extend(find_next_amounts(body, range.end - 1));
            }
            DollarPair::Text | DollarPair::Symbol => {}
        }
        kind == DollarPair::Text
    }

    /// Adds a formula on a line of its own.
    pub(crate) fn add_display(&mut self, content: &str) {
        self.has_formula |= has_sign(content);
    }

    /// Returns whether the body has a formula that nothing else can be.
    pub(crate) fn has_formula(&self) -> bool {
        self.has_formula
    }

    /// Returns the dollars that do not belong to formulas, in order.
    pub(crate) fn into_text_dollars(mut self) -> Vec<usize> {
        if !self.has_formula {
            self.text.append(&mut self.numbers);
            self.text.sort_unstable();
            self.text.dedup();
        }
        self.text
    }
}

/// Returns whether a text has a sign of mathematics (R8.11).
fn has_sign(content: &str) -> bool {
    content.contains(['^', '_', '=', '<', '>', '+'])
        || content
            .split('\\')
            .skip(1)
            .any(|after| after.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn is_number(content: &str) -> bool {
    content.starts_with(|c: char| c.is_ascii_digit())
        && content.ends_with(|c: char| c.is_ascii_digit())
        && content
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
}

/// Finds the dollars after an amount that begin further amounts. `at` is the dollar that would close
/// a formula; `source` is the whole body.
///
/// When the parser no longer takes a dollar for the start of a formula, it tries the next one. Knowing
/// these at once saves parsing the body again for each.
fn find_next_amounts(source: &str, mut at: usize) -> Vec<usize> {
    let mut amounts = Vec::new();
    while let Some(inside) = source.get(at + 1..) {
        let Some(length) = memchr::memchr3(b'$', b'`', b'\\', inside.as_bytes()) else {
            break;
        };
        let content = &inside[..length];
        if !inside[length..].starts_with('$') || content.contains("\n\n") {
            break;
        }
        if content.starts_with(|c: char| c.is_ascii_digit()) && !has_sign(content) {
            amounts.push(at);
        } else if !content.starts_with(char::is_whitespace) {
            break;
        }
        at += 1 + length;
    }
    amounts
}

fn has_words(content: &str) -> bool {
    content
        .split(|c: char| !c.is_alphabetic())
        .any(|word| word.len() > 1)
}

/// Inserts a backslash before each of these dollars, which are given in order.
pub(crate) fn escape_dollars(body: &str, dollars: &[usize]) -> String {
    let mut escaped = String::with_capacity(body.len() + dollars.len());
    let mut done = 0;
    for &at in dollars {
        escaped.push_str(&body[done..at]);
        escaped.push('\\');
        done = at;
    }
    escaped.push_str(&body[done..]);
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_distinguished_from_formulas() {
        use DollarPair::{Formula, Number, Symbol, Text};
        for (before, content, next, expected) in [
            (None, "5-", Some('1'), Text),
            (None, "20 (or US", Some('3'), Text),
            (None, "HOME/", Some('U'), Text),
            (None, "5 a month and then 10", None, Text),
            (None, "10, 35", None, Text),
            (Some('0'), "/month or 30", None, Text),
            (None, "5](a_b) or [10", None, Text),
            (None, "PATH_A and `", Some('x'), Text),
            (None, "\\text{``a''}_b", None, Formula),
            (None, "3.14", None, Number),
            (None, "x", None, Symbol),
            (Some('2'), "x", None, Symbol),
            (None, "ab", None, Symbol),
            (None, "n", Some('t'), Symbol),
            (None, "10^6", None, Formula),
            (None, "2\\pi r", None, Formula),
            (None, "a + b", None, Formula),
            (None, "5x = 10", None, Formula),
        ] {
            assert_eq!(classify_pair(content, before, next), expected, "{content}");
        }
    }

    #[test]
    fn amounts_in_a_row_are_found_at_once() {
        let source = "$5, $6, $7 and $x$";
        assert_eq!(find_next_amounts(source, 4), [4, 8]);
        assert_eq!(find_next_amounts("$5 `$6`", 0), []);
    }
}
