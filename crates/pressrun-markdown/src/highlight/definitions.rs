//! Provides the definitions of syntaxes to the line parser.
//!
//! They come from two-face as a [`SyntaxSet`], whose contexts are packed until they are needed.
//! syntect unpacks them only for its own parser and gives no access to a context by name or key. So
//! they are unpacked here from the same bytes. The format is that of syntect's dumps. The set
//! itself has this format too, so the format stays the same as long as syntect can read the set. A
//! syntax is unpacked when the first block needs it, and a regular expression is compiled when the
//! first line needs it, both once for all threads.
//!
//! Not here: which syntax a block names (`language`), and how a line is parsed (`line_parser`).

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use onig::{MatchParam, Regex, RegexOptions, Region, SearchOptions, Syntax};
use serde::Deserialize;
use syntect::parsing::{ClearAmount, Scope, SyntaxReference, SyntaxSet};

use super::filter::{CandidateTable, PatternFilter};

/// The syntaxes, loaded when the first block needs them, which takes about 2 ms.
///
/// The set for lines with line breaks is as fast as the other set, and makes fewer mistakes.
static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// The unpacked contexts of each syntax. A syntax that cannot be unpacked has no contexts; a test
/// checks that there is none.
static UNPACKED: LazyLock<Vec<OnceLock<UnpackedSyntax>>> = LazyLock::new(|| {
    SYNTAXES
        .syntaxes()
        .iter()
        .map(|_| OnceLock::new())
        .collect()
});

/// Most times that Oniguruma may backtrack at one position of a line before it gives up.
///
/// Real code needs some thousands, even on the longest line that a block may have.
const MAX_RETRIES: u32 = 100_000;

pub(super) fn all_syntaxes() -> &'static [SyntaxReference] {
    SYNTAXES.syntaxes()
}

/// The key of a context in the whole set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub(super) struct ContextKey {
    syntax: usize,
    index: usize,
}

impl ContextKey {
    /// Returns the context in which a block of this syntax starts.
    pub(super) fn start(syntax: usize) -> Option<Self> {
        unpacked_syntax(syntax)?.keys.get("__start").copied()
    }

    /// Returns the keys of all contexts of a syntax.
    #[cfg(test)]
    pub(super) fn all(syntax: usize) -> impl Iterator<Item = Self> {
        let contexts = unpacked_syntax(syntax).map_or(0, |unpacked| unpacked.contexts.len());
        (0..contexts).map(move |index| Self { syntax, index })
    }

    /// Returns the context with this key.
    pub(super) fn context(self) -> Option<&'static SyntaxContext> {
        unpacked_syntax(self.syntax)?.contexts.get(self.index)
    }
}

fn unpacked_syntax(syntax: usize) -> Option<&'static UnpackedSyntax> {
    let unpack = || unpack_syntax(&SYNTAXES.syntaxes()[syntax]).unwrap_or_default();
    Some(UNPACKED.get(syntax)?.get_or_init(unpack))
}

/// The fields of a packed syntax, in order; the last one contains its contexts.
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

/// A context: the patterns that are searched for in it, and the scopes of its text.
#[derive(Debug, Deserialize)]
pub(super) struct SyntaxContext {
    pub(super) meta_scope: Vec<Scope>,
    pub(super) meta_content_scope: Vec<Scope>,
    /// Not needed: when the set was linked, this became `prototype`.
    _meta_include_prototype: bool,
    pub(super) clear_scopes: Option<ClearAmount>,
    /// The context whose patterns come before its own.
    pub(super) prototype: Option<ContextKey>,
    /// Whether its patterns may refer to groups of the match that opened it.
    pub(super) uses_backrefs: bool,
    lines: Vec<ContextLine>,
    #[serde(skip)]
    patterns: OnceLock<Vec<&'static SyntaxPattern>>,
    #[serde(skip)]
    candidates: OnceLock<CandidateTable>,
}

impl SyntaxContext {
    /// Returns its patterns in order, with those of the contexts that it includes.
    pub(super) fn patterns(&'static self) -> &'static [&'static SyntaxPattern] {
        self.patterns.get_or_init(|| {
            let mut patterns = Vec::new();
            self.collect_patterns(&mut patterns, &mut Vec::new());
            patterns
        })
    }

    /// Returns which of its patterns may match at a place.
    pub(super) fn candidates(&'static self) -> &'static CandidateTable {
        self.candidates.get_or_init(|| {
            let patterns = self.patterns().iter();
            CandidateTable::new(patterns.map(|pattern| pattern.filter()))
        })
    }

    fn collect_patterns(
        &'static self,
        patterns: &mut Vec<&'static SyntaxPattern>,
        open: &mut Vec<*const Self>,
    ) {
        // A context that includes itself would never end.
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

/// A regular expression, and what a match of it does.
#[derive(Debug, Deserialize)]
pub(super) struct SyntaxPattern {
    /// Whether it refers to groups of the match that opened its context.
    pub(super) has_backrefs: bool,
    pub(super) expression: String,
    pub(super) scope: Vec<Scope>,
    pub(super) captures: Option<Vec<(usize, Vec<Scope>)>>,
    pub(super) operation: StackOperation,
    /// A context whose patterns come first as long as the contexts pushed here are on the stack.
    pub(super) with_prototype: Option<ContextReference>,
    #[serde(skip)]
    regex: OnceLock<Option<Regex>>,
    #[serde(skip)]
    filter: OnceLock<Option<Box<PatternFilter>>>,
}

impl SyntaxPattern {
    /// Returns the compiled expression, or `None` if Oniguruma does not accept it.
    pub(super) fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| compile_regex(&self.expression))
            .as_ref()
    }

    /// Returns whether the groups of a match count: they have scopes, or a context that is entered
    /// refers to them.
    pub(super) fn uses_groups(&self) -> bool {
        let entered = self.operation.entered();
        let mut entered = entered.into_iter().flat_map(|(references, _)| references);
        self.captures.is_some()
            || self.with_prototype.is_some()
            || entered.any(|reference| {
                let context = reference.context();
                context.is_none_or(|context| context.uses_backrefs)
            })
    }

    /// Returns its filter. A pattern whose text depends on other matches has none.
    pub(super) fn filter(&self) -> Option<&PatternFilter> {
        self.filter
            .get_or_init(|| {
                let fixed = (!self.has_backrefs).then_some(&self.expression)?;
                PatternFilter::from_expression(fixed).map(Box::new)
            })
            .as_deref()
    }
}

pub(super) fn compile_regex(expression: &str) -> Option<Regex> {
    let options = RegexOptions::REGEX_OPTION_CAPTURE_GROUP;
    Regex::with_options(expression, options, Syntax::default()).ok()
}

/// Searches `line` for a match, from `start` on, and returns whether there is one.
///
/// # Errors
///
/// Returns an error if Oniguruma gave up because the search takes too long.
pub(super) fn search_regex(
    regex: &Regex,
    line: &str,
    start: usize,
    region: &mut Region,
) -> Result<bool, onig::Error> {
    let options = SearchOptions::SEARCH_OPTION_NONE;
    let limits = limit_retries();
    let found = regex.search_with_param(line, start, line.len(), options, Some(region), limits)?;
    Ok(found.is_some())
}

/// Returns whether `line` has a match that begins at `at`.
///
/// # Errors
///
/// Returns an error if Oniguruma gave up because it takes too long.
pub(super) fn match_regex_at(
    regex: &Regex,
    line: &str,
    at: usize,
    region: &mut Region,
) -> Result<bool, onig::Error> {
    let options = SearchOptions::SEARCH_OPTION_NONE;
    let found = regex.match_with_param(line, at, options, Some(region), limit_retries())?;
    Ok(found.is_some())
}

fn limit_retries() -> MatchParam {
    let mut limits = MatchParam::default();
    limits.set_retry_limit_in_match(MAX_RETRIES);
    limits
}

/// What a match does to the stack of contexts.
#[derive(Debug, Deserialize)]
pub(super) enum StackOperation {
    Push(Vec<ContextReference>),
    Set(Vec<ContextReference>),
    Pop,
    None,
}

impl StackOperation {
    /// Returns the contexts that a push or a set enters, and whether it is a set.
    pub(super) fn entered(&self) -> Option<(&[ContextReference], bool)> {
        match self {
            Self::Push(references) => Some((references, false)),
            Self::Set(references) => Some((references, true)),
            Self::Pop | Self::None => None,
        }
    }
}

/// A reference from a context to another one; `None` if the other is not in the set.
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

/// A reference in a dump. Only the last kind was resolved when the set was made.
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
        for (index, syntax) in all_syntaxes().iter().enumerate() {
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
