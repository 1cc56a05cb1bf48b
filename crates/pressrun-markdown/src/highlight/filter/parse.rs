//! Reads the expression of a pattern, in Oniguruma's syntax, into a tree.
//!
//! What is rare or has several readings becomes [`FilterNode::Unknown`], or makes the whole
//! expression unreadable.

use super::class::{CharacterClass, parse_class, parse_escaped_class};
use super::{AsciiSet, Assertion, FilterNode};

/// Deeper groups are not read.
const MOST_DEPTH: usize = 100;

/// Options that an expression can switch on and off.
#[derive(Debug, Clone, Copy, Default)]
struct ExpressionOptions {
    ignores_case: bool,
    is_extended: bool,
    dot_takes_break: bool,
}

/// Reads an expression, or returns `None` if it has something that is not understood.
pub(super) fn parse_expression(expression: &str) -> Option<FilterNode> {
    let mut reader = ExpressionReader {
        rest: expression,
        options: ExpressionOptions::default(),
        depth: 0,
    };
    let node = reader.read_choice()?;
    reader.rest.is_empty().then_some(node)
}

struct ExpressionReader<'e> {
    rest: &'e str,
    options: ExpressionOptions,
    depth: usize,
}

impl ExpressionReader<'_> {
    fn take(&mut self) -> Option<char> {
        let first = self.rest.chars().next()?;
        self.rest = &self.rest[first.len_utf8()..];
        Some(first)
    }

    fn take_prefix(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Reads alternatives up to the end of the group. Options end there.
    fn read_choice(&mut self) -> Option<FilterNode> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return None;
        }
        let options = self.options;
        let mut ways = Vec::new();
        // What options in the middle of an alternative mean for the next one depends on the syntax.
        let mut may_have_more = true;
        loop {
            let (way, changed_inside) = self.read_sequence()?;
            may_have_more &= !changed_inside;
            ways.push(way);
            if !self.take_prefix("|") {
                break;
            }
            if !may_have_more {
                return None;
            }
        }
        self.options = options;
        self.depth -= 1;
        Some(match ways.len() {
            1 => ways.pop()?,
            _ => FilterNode::Choice(ways),
        })
    }

    /// Reads one alternative. Also returns whether options changed after its beginning.
    fn read_sequence(&mut self) -> Option<(FilterNode, bool)> {
        let mut nodes = Vec::new();
        let mut changed_inside = false;
        loop {
            self.skip_comments()?;
            if self.rest.is_empty() || self.rest.starts_with(['|', ')']) {
                break;
            }
            if let Some(options) = self.read_options()? {
                if self.take_prefix(")") {
                    changed_inside |= !nodes.is_empty();
                    self.options = options;
                    continue;
                }
                self.take_prefix(":");
                let outer = std::mem::replace(&mut self.options, options);
                let group = self.read_choice();
                self.options = outer;
                let group = group?;
                if !self.take_prefix(")") {
                    return None;
                }
                nodes.push(self.read_quantifiers(group)?);
                continue;
            }
            let node = self.read_atom()?;
            nodes.push(self.read_quantifiers(node)?);
        }
        let node = match nodes.len() {
            1 => nodes.pop()?,
            _ => FilterNode::Sequence(nodes),
        };
        Some((node, changed_inside))
    }

    /// Skips what is no part of the expression.
    fn skip_comments(&mut self) -> Option<()> {
        loop {
            if self.take_prefix("(?#") {
                let (comment, rest) = self.rest.split_once(')')?;
                if comment.contains('\\') {
                    return None;
                }
                self.rest = rest;
            } else if self.options.is_extended
                && self
                    .rest
                    .starts_with([' ', '\t', '\n', '\r', '\x0b', '\x0c'])
            {
                self.take();
            } else if self.options.is_extended && self.rest.starts_with('#') {
                let line = self.rest.split_once('\n');
                self.rest = line.map_or("", |(_, rest)| rest);
            } else {
                return Some(());
            }
        }
    }

    /// Reads `(?i-x` before `)` or `:` and returns the options that hold after it.
    #[expect(clippy::option_option, reason = "unreadable, and nothing to read")]
    fn read_options(&mut self) -> Option<Option<ExpressionOptions>> {
        let Some(rest) = self.rest.strip_prefix("(?") else {
            return Some(None);
        };
        let is_option = |c: char| c.is_ascii_alphabetic() || c == '-';
        let letters = &rest[..rest.find(|c| !is_option(c)).unwrap_or(rest.len())];
        if letters.is_empty() {
            return Some(None);
        }
        let mut options = self.options;
        let mut value = true;
        for letter in letters.chars() {
            match letter {
                '-' => value = false,
                'i' => options.ignores_case = value,
                'x' => options.is_extended = value,
                'm' => options.dot_takes_break = value,
                _ => return None,
            }
        }
        self.rest = &rest[letters.len()..];
        self.rest.starts_with([')', ':']).then_some(Some(options))
    }

    fn read_atom(&mut self) -> Option<FilterNode> {
        // An interval of nothing is perhaps text.
        if split_interval(self.rest).is_some() {
            return None;
        }
        match self.take()? {
            '(' => self.read_group(),
            '[' => {
                let class = parse_class(&mut self.rest)?;
                Some(self.make_set(class))
            }
            '\\' => self.read_escape(),
            '.' if self.options.dot_takes_break => Some(FilterNode::Set(!0)),
            '.' => Some(FilterNode::Set(!(1 << b'\n'))),
            '^' => Some(FilterNode::Assertion(Assertion::LineStart)),
            '$' => Some(FilterNode::Assertion(Assertion::LineEnd)),
            '*' | '+' | '?' => None,
            character => self.make_character(character),
        }
    }

    /// Reads a group after its parenthesis.
    fn read_group(&mut self) -> Option<FilterNode> {
        if self.rest.starts_with('*') {
            return None;
        }
        if !self.take_prefix("?") {
            return self.read_group_body();
        }
        if self.take_prefix(":") {
            return self.read_group_body();
        }
        if self.take_prefix(">") {
            return Some(self.read_group_body()?.wider());
        }
        for (sign, negated) in [("=", false), ("!", true)] {
            if self.take_prefix(sign) {
                let node = Box::new(self.read_group_body()?);
                return Some(FilterNode::Ahead { node, negated });
            }
        }
        for (sign, negated) in [("<=", false), ("<!", true)] {
            if self.take_prefix(sign) {
                let node = self.read_group_body()?;
                return Some(look_behind(node, negated));
            }
        }
        let end = if self.take_prefix("<") {
            '>'
        } else if self.take_prefix("'") {
            '\''
        } else {
            return None;
        };
        let (name, rest) = self.rest.split_once(end)?;
        if !name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return None;
        }
        self.rest = rest;
        self.read_group_body()
    }

    fn read_group_body(&mut self) -> Option<FilterNode> {
        let node = self.read_choice()?;
        self.take_prefix(")").then_some(node)
    }

    /// Reads an escape after its backslash.
    fn read_escape(&mut self) -> Option<FilterNode> {
        if let Some(class) = parse_escaped_class(&mut self.rest) {
            // Their characters are the same in both cases, except for those of `\\p`.
            return Some(if class.has_others {
                self.make_set(class)
            } else {
                FilterNode::Set(class.set)
            });
        }
        let boundary = |negated| FilterNode::Assertion(Assertion::WordBoundary { negated });
        Some(match self.take()? {
            'A' => FilterNode::Assertion(Assertion::TextStart),
            'Z' => FilterNode::Assertion(Assertion::LineEnd),
            'z' => FilterNode::Assertion(Assertion::TextEnd),
            'b' => boundary(false),
            'B' => boundary(true),
            'N' => FilterNode::Set(!(1 << b'\n')),
            'O' => FilterNode::Set(!0),
            // References to groups, and calls of them.
            '1'..='9' => {
                while self.rest.starts_with(|c: char| c.is_ascii_digit()) {
                    self.take();
                }
                FilterNode::Unknown
            }
            'k' | 'g' => {
                let (_, rest) = self.rest.strip_prefix('<')?.split_once('>')?;
                self.rest = rest;
                FilterNode::Unknown
            }
            character => {
                let character = read_escaped_character(character, &mut self.rest)?;
                return self.make_character(character);
            }
        })
    }

    fn make_character(&self, character: char) -> Option<FilterNode> {
        if !character.is_ascii() {
            // Oniguruma may skip it.
            if self.options.is_extended && character.is_whitespace() {
                return None;
            }
            // Without case, one may stand for letters of ASCII.
            let unknown = self.options.ignores_case;
            return Some(if unknown {
                FilterNode::Unknown
            } else {
                FilterNode::Set(0)
            });
        }
        let set = 1 << character as u32;
        Some(FilterNode::Set(if self.options.ignores_case {
            in_both_cases(set)
        } else {
            set
        }))
    }

    fn make_set(&self, class: CharacterClass) -> FilterNode {
        let CharacterClass {
            mut set,
            mut is_exact,
            has_others,
            is_negated,
        } = class;
        if self.options.ignores_case {
            // A character beyond ASCII may stand for letters, even for two.
            if has_others && !is_negated {
                return FilterNode::Unknown;
            }
            set = if is_negated { !0 } else { in_both_cases(set) };
            is_exact &= !is_negated;
        }
        let node = FilterNode::Set(set);
        if is_exact { node } else { node.wider() }
    }

    /// Reads the quantifiers after a node.
    fn read_quantifiers(&mut self, node: FilterNode) -> Option<FilterNode> {
        let mut node = node;
        loop {
            self.skip_comments()?;
            let (mut least, mut most, is_interval) = if self.take_prefix("*") {
                (0, None, false)
            } else if self.take_prefix("+") {
                (1, None, false)
            } else if self.take_prefix("?") {
                (0, Some(1), false)
            } else if let Some((interval, rest)) = split_interval(self.rest) {
                self.rest = rest;
                (interval.0, interval.1, true)
            } else {
                return Some(node);
            };
            if most.is_some_and(|most| most < least) {
                return None;
            }
            let mut is_wider = false;
            if self.take_prefix("?") {
                // It takes as few as possible, and a program as many. For an interval of one number
                // this means that the whole is optional.
                is_wider = true;
                if is_interval {
                    least = 0;
                }
            } else if self.take_prefix("+") {
                is_wider = true;
                if is_interval {
                    most = None;
                }
            }
            node = repeat(node, least, most);
            if is_wider {
                node = node.wider();
            }
        }
    }
}

fn repeat(node: FilterNode, least: u32, most: Option<u32>) -> FilterNode {
    // A condition that is repeated would be tried without end.
    let is_condition = matches!(
        node,
        FilterNode::Assertion(_) | FilterNode::Ahead { .. } | FilterNode::Behind { .. }
    );
    match (is_condition, least) {
        (true, 0) => FilterNode::EMPTY.wider(),
        (true, _) => node,
        _ => FilterNode::Repeat {
            node: Box::new(node),
            least,
            most,
        },
    }
}

/// Splits `{2}`, `{2,}`, `{,2}` or `{1,2}` off; other braces are characters.
fn split_interval(text: &str) -> Option<((u32, Option<u32>), &str)> {
    let (interval, rest) = text.strip_prefix('{')?.split_once('}')?;
    let number = |digits: &str| {
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse::<u32>().ok()).flatten()
    };
    let bounds = match interval.split_once(',') {
        None => (number(interval)?, Some(number(interval)?)),
        Some(("", most)) => (0, Some(number(most)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((bounds, rest))
}

/// Makes the node for a look behind. Each alternative may have a length of its own.
fn look_behind(node: FilterNode, negated: bool) -> FilterNode {
    let ways = match node {
        FilterNode::Choice(ways) => ways,
        node => vec![node],
    };
    let mut looks = Vec::new();
    for way in ways {
        let Some(length) = measure_node(&way) else {
            return FilterNode::EMPTY.wider();
        };
        looks.push(FilterNode::Behind {
            node: Box::new(way),
            length,
            negated,
        });
    }
    if negated {
        FilterNode::Sequence(looks)
    } else {
        FilterNode::Choice(looks)
    }
}

/// Returns the number of characters that a node takes, if it is always the same.
fn measure_node(node: &FilterNode) -> Option<u32> {
    match node {
        FilterNode::Set(_) => Some(1),
        FilterNode::Sequence(nodes) => nodes.iter().map(measure_node).sum(),
        FilterNode::Choice(nodes) => {
            let mut lengths = nodes.iter().map(measure_node);
            let first = lengths.next()??;
            lengths.all(|length| length == Some(first)).then_some(first)
        }
        FilterNode::Repeat { node, least, most } => {
            let is_fixed = *most == Some(*least);
            is_fixed.then(|| measure_node(node)?.checked_mul(*least))?
        }
        FilterNode::Assertion(_) | FilterNode::Ahead { .. } | FilterNode::Behind { .. } => Some(0),
        FilterNode::Wider(node) => measure_node(node),
        FilterNode::Unknown => None,
    }
}

fn in_both_cases(set: AsciiSet) -> AsciiSet {
    let letters = ((1 << 26) - 1) << b'A';
    let upper = set & letters;
    let lower = set & (letters << 32);
    set | upper << 32 | lower >> 32
}

/// Reads the rest of an escape that stands for one character; `first` follows the backslash.
pub(super) fn read_escaped_character(first: char, rest: &mut &str) -> Option<char> {
    match first {
        't' => Some('\t'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        'f' => Some('\x0c'),
        'v' => Some('\x0b'),
        'a' => Some('\x07'),
        'e' => Some('\x1b'),
        'x' => {
            let digits = if let Some(braced) = rest.strip_prefix('{') {
                let (digits, after) = braced.split_once('}')?;
                *rest = after;
                digits
            } else {
                let digits = rest.get(..2)?;
                // A byte beyond ASCII is a part of a character.
                if u8::from_str_radix(digits, 16).ok()? >= 0x80 {
                    return None;
                }
                *rest = &rest[2..];
                digits
            };
            read_code_point(digits)
        }
        'u' => {
            let digits = rest.get(..4)?;
            *rest = &rest[4..];
            read_code_point(digits)
        }
        _ => (first.is_ascii() && !first.is_ascii_alphanumeric()).then_some(first),
    }
}

fn read_code_point(digits: &str) -> Option<char> {
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?)
}
