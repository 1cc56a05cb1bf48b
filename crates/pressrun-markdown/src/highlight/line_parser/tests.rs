//! Checks that the parser stays within its limits, and that it gives the same scopes as syntect's
//! parser wherever that one ends.

use rayon::prelude::*;
use syntect::parsing::{ParseState, SyntaxSet};

use super::pattern_matches::fill_backrefs;
use super::*;
use crate::highlight::definitions::all_syntaxes;
use crate::highlight::language::bash_syntax;

/// Pieces of code that have a meaning in many languages.
const TOKENS: [&str; 14] = [
    "x", "/*", "*/", "//", "#", "<!--", "\"", "'", "`", "(", "{", "}", "=", "<",
];

/// More such pieces, for the tests that run only on request.
const MORE_TOKENS: [&str; 50] = [
    "x", "1", "/*", "*/", "//", "--", "#", "<!--", "-->", "(*", "*)", "{-", "-}", "\"\"\"", "\"",
    "'", "`", "```", "(", ")", "{", "}", "[", "]", "<", ">", "<a", "</a>", "=", "=>", "->", "/",
    "\\", "|", "&", "%", "@", "$", "${", "#{", "<?", "<%", "{{", "{%", ":", ";", ",", "class",
    "function", "return",
];

/// The most work that a line took, and the number of loops in all lines.
#[derive(Debug, Default, Clone, Copy)]
struct MostWork {
    steps: usize,
    searches: usize,
    circles: usize,
}

impl MostWork {
    fn join(self, other: Self) -> Self {
        Self {
            steps: self.steps.max(other.steps),
            searches: self.searches.max(other.searches),
            circles: self.circles + other.circles,
        }
    }
}

/// Parses a block, and compares every line with syntect until there is a loop.
fn parse_block(set: &SyntaxSet, syntax: usize, block: &str) -> MostWork {
    let mut most = MostWork::default();
    let mut state = ParserState::new(syntax).expect("there is such a syntax");
    let mut theirs = Some(ParseState::new(&set.syntaxes()[syntax]));
    for line in block.split('\n') {
        let line = format!("{line}\n");
        let mut work = LineWork::new(&line);
        let changes = state.parse_line(&line, &mut work);
        let name = &all_syntaxes()[syntax].name;
        let failure = changes.as_ref().err();
        assert_ne!(failure, Some(&LineFailure::TooMuchWork), "{name}: {block}");
        most = most.join(MostWork {
            steps: work.steps,
            searches: work.searches,
            circles: work.circles,
        });
        // syntect never leaves a loop.
        if work.circles > 0 {
            theirs = None;
        }
        if let Some(theirs) = &mut theirs {
            let expected = theirs.parse_line(&line, set).ok();
            assert_eq!(changes.ok(), expected, "{name}: {block}");
        }
    }
    most
}

/// Parses blocks made of these pieces in every syntax.
fn parse_in_every_syntax(blocks: &[String]) -> MostWork {
    let set = two_face::syntax::extra_newlines();
    let works = (0..all_syntaxes().len()).into_par_iter().map(|syntax| {
        let works = blocks.iter().map(|block| parse_block(&set, syntax, block));
        works.fold(MostWork::default(), MostWork::join)
    });
    works.reduce(MostWork::default, MostWork::join)
}

fn pairs(tokens: &[&str]) -> Vec<String> {
    let pair = |first: &&str| {
        let first = (*first).to_owned();
        let second = tokens.iter();
        second.map(move |second| format!("{first} {second}\n  {second}{first}"))
    };
    tokens.iter().flat_map(pair).collect()
}

#[test]
fn pairs_of_tokens_take_little_work_and_give_what_syntect_gives() {
    let most = parse_in_every_syntax(&pairs(&TOKENS));
    assert!(most.steps <= 60 && most.searches <= 400, "{most:?}");
    assert!(most.circles > 0, "`x /*` is a loop in JavaScript");
}

#[test]
#[ignore = "it takes minutes"]
fn more_pairs_and_triples_of_tokens_take_little_work() {
    let most = parse_in_every_syntax(&pairs(&MORE_TOKENS));
    assert!(most.steps <= 80 && most.searches <= 500, "{most:?}");
    let pairs = pairs(&TOKENS);
    for third in TOKENS {
        let triples: Vec<_> = pairs.iter().map(|pair| format!("{third} {pair}")).collect();
        let most = parse_in_every_syntax(&triples);
        assert!(most.steps <= 80 && most.searches <= 500, "{most:?}");
    }
}

#[test]
#[ignore = "it takes minutes"]
fn random_blocks_of_tokens_give_what_syntect_gives() {
    // A linear congruential generator: every run tries the same blocks.
    let mut random = 1_u64;
    let mut below = |limit: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (random >> 33) as usize % limit
    };
    let mut blocks = Vec::new();
    for _ in 0..200 {
        let mut block = String::new();
        for _ in 0..2 + below(60) {
            block.push_str(MORE_TOKENS[below(MORE_TOKENS.len())]);
            block.push_str(["", " ", " ", "\n", "\n  "][below(5)]);
        }
        blocks.push(block);
    }
    parse_in_every_syntax(&blocks);
}

#[test]
fn a_line_that_takes_more_work_than_it_may_is_given_up() {
    for (max_steps, max_searches) in [(3, 1000), (1000, 3)] {
        let mut work = LineWork {
            max_steps,
            max_searches,
            ..LineWork::default()
        };
        let mut state = ParserState::new(bash_syntax()).expect("there is such a syntax");
        let changes = state.parse_line("if [ a = b ]; then echo \"$c\"; fi\n", &mut work);
        assert_eq!(changes.err(), Some(LineFailure::TooMuchWork));
        assert!(work.steps <= max_steps && work.searches <= max_searches);
    }
}

#[test]
fn texts_take_the_places_of_their_groups() {
    let groups = [None, Some("a.b".to_owned()), Some("c".to_owned())];
    assert_eq!(
        fill_backrefs(r"lol \\ \2 \1 '\9' \wz\0", &groups),
        r"lol \\ c a\.b '' \wz"
    );
}
