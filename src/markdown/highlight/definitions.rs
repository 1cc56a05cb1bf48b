//! The definitions of syntaxes, as the line parser reads them.
//!
//! They come from two-face as a [`SyntaxSet`] whose contexts are packed until they are needed.
//! syntect unpacks them for its own parser alone: from outside, a context cannot be found by its
//! name or its key. So they are unpacked here, from the same bytes. The format is that of
//! syntect's dumps; the set itself arrives in it, so it stays the same for as long as syntect
//! can read the set. A syntax is unpacked when the first block needs it, a regular expression is
//! compiled when the first line needs it, both once for all threads.
//!
//! Not here: which syntax a block names (`language`), how a line is parsed (`line_parser`).

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use onig::{MatchParam, Regex, RegexOptions, Region, SearchOptions, Syntax};
use serde::Deserialize;
use syntect::parsing::{ClearAmount, Scope, SyntaxReference, SyntaxSet};

/// The syntaxes, loaded when the first block needs them, which takes about 2 ms.
///
/// The set for lines with line breaks is as fast as the other one and makes fewer mistakes.
static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// What each syntax unpacks to. A syntax that cannot be unpacked has no contexts; a test holds
/// that there is none.
static UNPACKED: LazyLock<Vec<OnceLock<UnpackedSyntax>>> = LazyLock::new(|| {
    SYNTAXES
        .syntaxes()
        .iter()
        .map(|_| OnceLock::new())
        .collect()
});

/// How often Oniguruma may try again from one place of a line: it gives up what takes longer.
///
/// Real code needs some thousands, on a line as long as a block may have.
const MAX_RETRIES: u32 = 100_000;

pub(super) fn syntaxes() -> &'static [SyntaxReference] {
    SYNTAXES.syntaxes()
}

/// The key of a context in the whole set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub(super) struct ContextKey {
    syntax: usize,
    index: usize,
}

impl ContextKey {
    /// The context that a block in this syntax starts in.
    pub(super) fn start(syntax: usize) -> Option<Self> {
        unpacked(syntax)?.keys.get("__start").copied()
    }

    /// The context with this key.
    pub(super) fn context(self) -> Option<&'static SyntaxContext> {
        unpacked(self.syntax)?.contexts.get(self.index)
    }
}

fn unpacked(syntax: usize) -> Option<&'static UnpackedSyntax> {
    let unpack = || unpack_syntax(&SYNTAXES.syntaxes()[syntax]).unwrap_or_default();
    Some(UNPACKED.get(syntax)?.get_or_init(unpack))
}

/// The fields of a packed syntax, in their order; the last one holds its contexts.
type PackedSyntax = (
    String,
    Vec<String>,
    String,
    Option<String>,
    bool,
    HashMap<String, String>,
    Vec<u8>,
);

fn unpack_syntax(syntax: &SyntaxReference) -> Option<UnpackedSyntax> {
    let fields = postcard::to_stdvec(syntax).ok()?;
    let fields: PackedSyntax = postcard::from_bytes(&fields).ok()?;
    syntect::dumps::from_reader(&*fields.6).ok()
}

/// The contexts of a syntax.
#[derive(Debug, Default, Deserialize)]
struct UnpackedSyntax {
    keys: HashMap<String, ContextKey>,
    contexts: Vec<SyntaxContext>,
}

/// A context: which patterns are looked for, and the scopes of what is inside.
#[derive(Debug, Deserialize)]
pub(super) struct SyntaxContext {
    pub(super) meta_scope: Vec<Scope>,
    pub(super) meta_content_scope: Vec<Scope>,
    /// Linking made `prototype` of it.
    _meta_include_prototype: bool,
    pub(super) clear_scopes: Option<ClearAmount>,
    /// A context whose patterns come before its own.
    pub(super) prototype: Option<ContextKey>,
    /// Its patterns may refer to groups of the match that led to it.
    pub(super) uses_backrefs: bool,
    lines: Vec<ContextLine>,
    #[serde(skip)]
    patterns: OnceLock<Vec<&'static SyntaxPattern>>,
}

impl SyntaxContext {
    /// Its patterns in order, with those of the contexts that it includes.
    pub(super) fn patterns(&'static self) -> &'static [&'static SyntaxPattern] {
        self.patterns.get_or_init(|| {
            let mut patterns = Vec::new();
            self.collect_patterns(&mut patterns, &mut Vec::new());
            patterns
        })
    }

    fn collect_patterns(
        &'static self,
        patterns: &mut Vec<&'static SyntaxPattern>,
        open: &mut Vec<*const Self>,
    ) {
        // A context that includes itself would have no end.
        let this: *const Self = self;
        if open.contains(&this) {
            return;
        }
        open.push(this);
        for line in &self.lines {
            match line {
                ContextLine::Pattern(pattern) => patterns.push(pattern),
                ContextLine::Include(reference) => {
                    if let Some(context) = reference.context() {
                        context.collect_patterns(patterns, open);
                    }
                }
            }
        }
        open.pop();
    }
}

/// One line of a context.
#[derive(Debug, Deserialize)]
enum ContextLine {
    Pattern(SyntaxPattern),
    Include(ContextReference),
}

/// A regular expression, and what happens where it matches.
#[derive(Debug, Deserialize)]
pub(super) struct SyntaxPattern {
    /// It refers to groups of the match that led to its context.
    pub(super) has_backrefs: bool,
    pub(super) expression: String,
    pub(super) scope: Vec<Scope>,
    pub(super) captures: Option<Vec<(usize, Vec<Scope>)>>,
    pub(super) operation: StackOperation,
    /// A context whose patterns come first for as long as what is pushed here is on the stack.
    pub(super) with_prototype: Option<ContextReference>,
    #[serde(skip)]
    regex: OnceLock<Option<Regex>>,
}

impl SyntaxPattern {
    /// The compiled expression; `None` if Oniguruma does not take it.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| compile_regex(&self.expression))
            .as_ref()
    }
}

pub(super) fn compile_regex(expression: &str) -> Option<Regex> {
    let options = RegexOptions::REGEX_OPTION_CAPTURE_GROUP;
    Regex::with_options(expression, options, Syntax::default()).ok()
}

/// Looks for a match in `line` from `start` on.
///
/// # Errors
///
/// Oniguruma gave up, because it takes too long.
pub(super) fn search_regex(
    regex: &Regex,
    line: &str,
    start: usize,
    region: &mut Region,
) -> Result<bool, onig::Error> {
    let mut limits = MatchParam::default();
    limits.set_retry_limit_in_match(MAX_RETRIES);
    let options = SearchOptions::SEARCH_OPTION_NONE;
    let found = regex.search_with_param(line, start, line.len(), options, Some(region), limits)?;
    Ok(found.is_some())
}

/// What a match does to the stack of contexts.
#[derive(Debug, Deserialize)]
pub(super) enum StackOperation {
    Push(Vec<ContextReference>),
    Set(Vec<ContextReference>),
    Pop,
    None,
}

/// A reference from a context to another one; it leads nowhere if its syntax is not in the set.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(from = "DumpedReference")]
pub(super) struct ContextReference(Option<ContextKey>);

impl ContextReference {
    pub(super) fn key(self) -> Option<ContextKey> {
        self.0
    }

    pub(super) fn context(self) -> Option<&'static SyntaxContext> {
        self.0?.context()
    }
}

/// A reference as it is dumped: all but the last kind were not found when the set was made.
#[derive(Deserialize)]
#[expect(dead_code, reason = "the fields are there to be read past")]
enum DumpedReference {
    Named(String),
    ByScope(Scope, Option<String>, bool),
    File(String, Option<String>, bool),
    Inline(String),
    Direct(ContextKey),
}

impl From<DumpedReference> for ContextReference {
    fn from(dumped: DumpedReference) -> Self {
        match dumped {
            DumpedReference::Direct(key) => Self(Some(key)),
            _ => Self(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_syntax_can_be_unpacked() {
        for (index, syntax) in syntaxes().iter().enumerate() {
            let start = ContextKey::start(index).and_then(ContextKey::context);
            assert!(
                start.is_some_and(|context| !context.patterns().is_empty()),
                "{}",
                syntax.name
            );
        }
    }

    #[test]
    fn a_search_that_takes_too_long_is_given_up() {
        let regex = compile_regex("(?:a|a|b)*c").expect("it can be compiled");
        let line = format!("{}!c", "ab".repeat(200));
        assert!(search_regex(&regex, &line, 0, &mut Region::new()).is_err());
        assert!(search_regex(&regex, "abc", 0, &mut Region::new()).is_ok_and(|found| found));
    }
}
