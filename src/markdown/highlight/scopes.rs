//! Reduces syntect's scopes to classes, and writes lines with these classes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use syntect::parsing::{ClearAmount, Scope, ScopeStackOp};

use crate::markdown::escape;

/// The kind of a piece of code. The letter is that of its CSS class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Class {
    /// Nothing in particular: names, punctuation, white space.
    Plain = b' ',
    /// An operator: a keyword if it is a word, otherwise plain.
    Operator = b'o',
    Attribute = b'a',
    Constant = b'b',
    Comment = b'c',
    Deleted = b'd',
    Escape = b'e',
    Function = b'f',
    Tag = b'g',
    Heading = b'h',
    Inserted = b'i',
    Keyword = b'k',
    Link = b'l',
    Macro = b'm',
    Number = b'n',
    Property = b'p',
    Prompt = b'q',
    Regexp = b'r',
    String = b's',
    Type = b't',
    Variable = b'v',
    DiffHeader = b'w',
}

/// The class of each scope. If several rules match, the one with the most parts is used. A scope
/// without a matching rule keeps the current class.
const RULES: &[(&str, Class)] = &[
    ("source", Class::Plain),
    ("text", Class::Plain),
    ("meta.interpolation", Class::Plain),
    ("meta.template.expression", Class::Plain),
    ("meta.embedded", Class::Plain),
    ("punctuation.section.interpolation", Class::Plain),
    ("punctuation.section.embedded", Class::Plain),
    ("punctuation.definition.template-expression", Class::Plain),
    ("comment", Class::Comment),
    ("text.html.javadoc", Class::Comment),
    ("string", Class::String),
    ("string.regexp", Class::Regexp),
    ("constant", Class::Constant),
    ("constant.numeric", Class::Number),
    ("constant.character", Class::String),
    ("constant.character.escape", Class::Escape),
    ("constant.character.entity", Class::Escape),
    ("constant.other.placeholder", Class::Escape),
    ("constant.other.color", Class::Number),
    ("constant.other.database-name", Class::Plain),
    ("constant.other.table-name", Class::Plain),
    ("keyword", Class::Keyword),
    ("keyword.operator", Class::Operator),
    ("keyword.other.unit", Class::Number),
    ("keyword.name", Class::Property),
    ("storage", Class::Keyword),
    ("storage.type.string", Class::String),
    ("variable.language", Class::Constant),
    ("variable.language.star", Class::Plain),
    ("variable.function", Class::Function),
    ("variable.annotation", Class::Macro),
    ("variable.other.readwrite.shell", Class::Variable),
    ("variable.other.php", Class::Variable),
    ("variable.other.readwrite.powershell", Class::Variable),
    ("meta.group.expansion.parameter", Class::Variable),
    ("variable.parameter.option", Class::Attribute),
    ("entity.name", Class::Type),
    ("entity.name.function", Class::Function),
    ("entity.name.macro", Class::Macro),
    ("entity.name.label", Class::Plain),
    ("entity.name.constant", Class::Constant),
    ("entity.name.section", Class::Heading),
    ("entity.name.tag", Class::Tag),
    ("entity.name.tag.yaml", Class::Property),
    ("entity.name.tag.toml", Class::Property),
    ("entity.name.val", Class::Plain),
    ("entity.name.variable", Class::Plain),
    ("entity.section", Class::Heading),
    ("entity.type.function", Class::Function),
    ("entity.other.attribute-name", Class::Attribute),
    ("entity.other.inherited-class", Class::Type),
    ("support.class", Class::Type),
    ("support.type", Class::Type),
    ("support.constant", Class::Constant),
    ("support.function", Class::Function),
    ("support.function.test", Class::Plain),
    ("support.macro", Class::Macro),
    ("support.type.property-name", Class::Property),
    ("support.type.custom-property", Class::Property),
    ("meta.mapping.key", Class::Property),
    ("meta.annotation", Class::Macro),
    ("meta.attribute", Class::Macro),
    ("meta.object-literal.key", Class::Property),
    ("meta.diff.header", Class::DiffHeader),
    ("meta.diff.range", Class::DiffHeader),
    ("meta.diff.index", Class::DiffHeader),
    ("markup.inserted", Class::Inserted),
    ("markup.deleted", Class::Deleted),
    ("markup.heading", Class::Heading),
    ("markup.raw", Class::String),
    ("markup.underline.link", Class::Link),
];

/// The rules with compiled scopes, those with the most parts first.
static COMPILED: LazyLock<Vec<(Scope, Class)>> = LazyLock::new(|| {
    let compile = |&(scope, class): &(&str, Class)| Some((Scope::new(scope).ok()?, class));
    let mut rules: Vec<_> = RULES.iter().filter_map(compile).collect();
    rules.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
    rules
});

thread_local! {
    /// The result of the rules for the scopes met so far, of which there are some thousands at
    /// most.
    static KNOWN: RefCell<HashMap<Scope, Option<Class>>> = RefCell::default();
}

fn class(scope: Scope) -> Option<Class> {
    KNOWN.with_borrow_mut(|known| {
        *known.entry(scope).or_insert_with(|| {
            let rule = COMPILED.iter().find(|(rule, _)| rule.is_prefix_of(scope));
            rule.map(|&(_, class)| class)
        })
    })
}

/// The classes of the open scopes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct ClassStack {
    open: Vec<Class>,
    cleared: Vec<Vec<Class>>,
}

impl ClassStack {
    fn top(&self) -> Class {
        self.open.last().copied().unwrap_or(Class::Plain)
    }

    fn apply(&mut self, change: &ScopeStackOp) {
        match *change {
            ScopeStackOp::Push(scope) => self.push(scope),
            ScopeStackOp::Pop(count) => {
                self.open.truncate(self.open.len().saturating_sub(count));
            }
            ScopeStackOp::Clear(amount) => {
                let keep = match amount {
                    ClearAmount::TopN(count) => self.open.len().saturating_sub(count),
                    ClearAmount::All => 0,
                };
                self.cleared.push(self.open.split_off(keep));
            }
            ScopeStackOp::Restore => self.open.extend(self.cleared.pop().unwrap_or_default()),
            ScopeStackOp::Noop => {}
        }
    }

    fn push(&mut self, scope: Scope) {
        let top = self.top();
        self.open.push(match class(scope) {
            // An operator inside a string or a comment is part of it.
            Some(Class::Operator) if top != Class::Plain => top,
            // A string that is the key of a mapping stays a property.
            Some(Class::String) if top == Class::Property => top,
            Some(class) => class,
            None => top,
        });
    }
}

/// Appends a line. The positions in `changes` may include the line break after it.
pub(super) fn write_line(
    out: &mut String,
    text: &str,
    changes: &[(usize, ScopeStackOp)],
    classes: &mut ClassStack,
) {
    let mut spans = Spans {
        out,
        open: Class::Plain,
        pending: 0,
        text,
    };
    // Several changes may apply at one position; only the class after all of them counts.
    let mut done = 0;
    for (at, change) in changes {
        let at = (*at).min(text.len());
        if at > done {
            spans.push(done, at, classes.top());
            done = at;
        }
        classes.apply(change);
    }
    spans.push(done, text.len(), classes.top());
    spans.finish();
}

/// Writes the pieces of a line, joining neighbours of the same class. White space at the ends of a
/// piece is not part of a span, but white space between two pieces of a class does not separate
/// them.
struct Spans<'a> {
    out: &'a mut String,
    text: &'a str,
    open: Class,
    /// Start of the white space that is not written yet.
    pending: usize,
}

impl Spans<'_> {
    fn push(&mut self, start: usize, end: usize, class: Class) {
        let Some(piece) = self.text.get(start..end) else {
            return;
        };
        let ink = piece.trim_ascii_start();
        if ink.is_empty() {
            return;
        }
        let first = end - ink.len();
        let last = start + piece.trim_ascii_end().len();
        let ink = &self.text[first..last];
        let class = match class {
            // `and`, `not`, `in`: written as words, so coloured as keywords.
            Class::Operator if ink.bytes().all(|byte| byte.is_ascii_alphabetic()) => Class::Keyword,
            Class::Operator => Class::Plain,
            class => class,
        };
        if class != self.open {
            self.close();
        }
        self.out.push_str(&self.text[self.pending..first]);
        if class != self.open {
            self.open(class);
        }
        escape::text(self.out, ink);
        self.pending = last;
    }

    fn open(&mut self, class: Class) {
        self.open = class;
        if class != Class::Plain {
            open_span(self.out, class);
        }
    }

    fn close(&mut self) {
        if self.open != Class::Plain {
            self.out.push_str("</span>");
            self.open = Class::Plain;
        }
    }

    fn finish(mut self) {
        self.close();
        self.out.push_str(&self.text[self.pending..]);
    }
}

/// Appends the start tag of a piece of code.
pub(super) fn open_span(out: &mut String, class: Class) {
    out.push_str("<span class=\"hl-");
    out.push(char::from(class as u8));
    out.push_str("\">");
}
