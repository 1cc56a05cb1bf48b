//! Reduces syntect's scopes to classes, and writes lines with these classes.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use pressrun_text::words::KeyedHashBuilder;
use syntect::parsing::{ClearAmount, Scope, ScopeStackOp};

use crate::escape;

/// The kind of a piece of code. The letter is that of its CSS class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum CodeClass {
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
const RULES: &[(&str, CodeClass)] = &[
    ("source", CodeClass::Plain),
    ("text", CodeClass::Plain),
    ("meta.interpolation", CodeClass::Plain),
    ("meta.template.expression", CodeClass::Plain),
    ("meta.embedded", CodeClass::Plain),
    ("punctuation.section.interpolation", CodeClass::Plain),
    ("punctuation.section.embedded", CodeClass::Plain),
    (
        "punctuation.definition.template-expression",
        CodeClass::Plain,
    ),
    ("comment", CodeClass::Comment),
    ("text.html.javadoc", CodeClass::Comment),
    ("string", CodeClass::String),
    ("string.regexp", CodeClass::Regexp),
    ("constant", CodeClass::Constant),
    ("constant.numeric", CodeClass::Number),
    ("constant.character", CodeClass::String),
    ("constant.character.escape", CodeClass::Escape),
    ("constant.character.entity", CodeClass::Escape),
    ("constant.other.placeholder", CodeClass::Escape),
    ("constant.other.color", CodeClass::Number),
    ("constant.other.database-name", CodeClass::Plain),
    ("constant.other.table-name", CodeClass::Plain),
    ("keyword", CodeClass::Keyword),
    ("keyword.operator", CodeClass::Operator),
    ("keyword.other.unit", CodeClass::Number),
    ("keyword.name", CodeClass::Property),
    ("storage", CodeClass::Keyword),
    ("storage.type.string", CodeClass::String),
    ("variable.language", CodeClass::Constant),
    ("variable.language.star", CodeClass::Plain),
    ("variable.function", CodeClass::Function),
    ("variable.annotation", CodeClass::Macro),
    ("variable.other.readwrite.shell", CodeClass::Variable),
    ("variable.other.php", CodeClass::Variable),
    ("variable.other.readwrite.powershell", CodeClass::Variable),
    ("meta.group.expansion.parameter", CodeClass::Variable),
    ("variable.parameter.option", CodeClass::Attribute),
    ("entity.name", CodeClass::Type),
    ("entity.name.function", CodeClass::Function),
    ("entity.name.macro", CodeClass::Macro),
    ("entity.name.label", CodeClass::Plain),
    ("entity.name.constant", CodeClass::Constant),
    ("entity.name.section", CodeClass::Heading),
    ("entity.name.tag", CodeClass::Tag),
    ("entity.name.tag.yaml", CodeClass::Property),
    ("entity.name.tag.toml", CodeClass::Property),
    ("entity.name.val", CodeClass::Plain),
    ("entity.name.variable", CodeClass::Plain),
    ("entity.section", CodeClass::Heading),
    ("entity.type.function", CodeClass::Function),
    ("entity.other.attribute-name", CodeClass::Attribute),
    ("entity.other.inherited-class", CodeClass::Type),
    ("support.class", CodeClass::Type),
    ("support.type", CodeClass::Type),
    ("support.constant", CodeClass::Constant),
    ("support.function", CodeClass::Function),
    ("support.function.test", CodeClass::Plain),
    ("support.macro", CodeClass::Macro),
    ("support.type.property-name", CodeClass::Property),
    ("support.type.custom-property", CodeClass::Property),
    ("meta.mapping.key", CodeClass::Property),
    ("meta.annotation", CodeClass::Macro),
    ("meta.attribute", CodeClass::Macro),
    ("meta.object-literal.key", CodeClass::Property),
    ("meta.diff.header", CodeClass::DiffHeader),
    ("meta.diff.range", CodeClass::DiffHeader),
    ("meta.diff.index", CodeClass::DiffHeader),
    ("markup.inserted", CodeClass::Inserted),
    ("markup.deleted", CodeClass::Deleted),
    ("markup.heading", CodeClass::Heading),
    ("markup.raw", CodeClass::String),
    ("markup.underline.link", CodeClass::Link),
];

/// The rules with compiled scopes, those with the most parts first.
static COMPILED: LazyLock<Vec<(Scope, CodeClass)>> = LazyLock::new(|| {
    let compile = |&(scope, class): &(&str, CodeClass)| Some((Scope::new(scope).ok()?, class));
    let mut rules: Vec<_> = RULES.iter().filter_map(compile).collect();
    rules.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
    rules
});

thread_local! {
    /// The result of the rules for the scopes met so far, of which there are some thousands at
    /// most.
    static KNOWN: RefCell<HashMap<Scope, Option<CodeClass>, KeyedHashBuilder>> = RefCell::default();
}

fn class_of_scope(scope: Scope) -> Option<CodeClass> {
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
    open: Vec<CodeClass>,
    cleared: Vec<Vec<CodeClass>>,
}

impl ClassStack {
    fn top(&self) -> CodeClass {
        self.open.last().copied().unwrap_or(CodeClass::Plain)
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
        self.open.push(match class_of_scope(scope) {
            // An operator inside a string or a comment is part of it.
            Some(CodeClass::Operator) if top != CodeClass::Plain => top,
            // A string that is the key of a mapping stays a property.
            Some(CodeClass::String) if top == CodeClass::Property => top,
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
    let mut spans = SpanWriter {
        out,
        open: CodeClass::Plain,
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
struct SpanWriter<'a> {
    out: &'a mut String,
    text: &'a str,
    open: CodeClass,
    /// Start of the white space that is not written yet.
    pending: usize,
}

impl SpanWriter<'_> {
    fn push(&mut self, start: usize, end: usize, class: CodeClass) {
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
            CodeClass::Operator if ink.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                CodeClass::Keyword
            }
            CodeClass::Operator => CodeClass::Plain,
            class => class,
        };
        if class != self.open {
            self.close();
        }
        self.out.push_str(&self.text[self.pending..first]);
        if class != self.open {
            self.open(class);
        }
        escape::escape_text(self.out, ink);
        self.pending = last;
    }

    fn open(&mut self, class: CodeClass) {
        self.open = class;
        if class != CodeClass::Plain {
            open_span(self.out, class);
        }
    }

    fn close(&mut self) {
        if self.open != CodeClass::Plain {
            self.out.push_str("</span>");
            self.open = CodeClass::Plain;
        }
    }

    fn finish(mut self) {
        self.close();
        self.out.push_str(&self.text[self.pending..]);
    }
}

/// Appends the start tag of a piece of code.
pub(super) fn open_span(out: &mut String, class: CodeClass) {
    out.push_str("<span class=\"hl-");
    out.push(char::from(class as u8));
    out.push_str("\">");
}
