//! Checks that filters never deny a match that Oniguruma finds.

use onig::Region;
use rayon::prelude::*;

use super::*;
use crate::highlight::definitions::{
    ContextKey, SyntaxContext, SyntaxPattern, all_syntaxes, compile_regex, match_regex_at,
};

/// Lines that lead far into expressions, and lines with characters beyond ASCII.
const LINES: [&str; 7] = [
    "pub fn parse_2(&self, x: &'a str) -> Option<u8> { if a == b { return None; } }\n",
    "    \"key\": [1, 2.5e-3, null, true], // comment /* x */\n",
    "<a href=\"x\" class='b'>&amp; {{ c | d }} <?php echo $e['f']; ?></a>\n",
    "#include <stdio.h> SELECT a.b, COUNT(*) FROM c AS d WHERE e >= 0x1F -- f\n",
    "@media (min-width: 30em) { .a > b:hover::before { color: #fff; } }\n",
    "  - name: é straße \u{212a} x\u{17f} 漢字 = 'ﬁ' # 1\n",
    "class Foo(Bar): def __init__(self): raise f\"{x!r:>10}\" \\begin{a} $e^{f}_g$\n",
];

/// Every pattern of a syntax and of the contexts that it includes.
fn all_patterns(syntax: usize) -> Vec<&'static SyntaxPattern> {
    let contexts = ContextKey::all(syntax);
    let contexts = contexts.filter_map(ContextKey::context);
    let mut patterns: Vec<_> = contexts
        .flat_map(SyntaxContext::patterns)
        .copied()
        .collect();
    patterns.sort_by_key(|pattern| &pattern.expression);
    patterns.dedup_by_key(|pattern| &pattern.expression);
    patterns
}

fn before(line: &str, at: usize) -> Before {
    match at.checked_sub(1).map(|before| line.as_bytes()[before]) {
        None => Before::Start,
        Some(b'\n' | 0x80..) => Before::Anything,
        Some(byte) if byte == b'_' || byte.is_ascii_alphanumeric() => Before::Word,
        Some(_) => Before::NoWord,
    }
}

/// Compares the filter of an expression with Oniguruma at every place of a line.
fn check_expression(expression: &str, line: &str) {
    let (Some(filter), Some(regex)) = (
        PatternFilter::from_expression(expression),
        compile_regex(expression),
    ) else {
        return;
    };
    check_filter(&filter, &regex, expression, line);
}

fn check_filter(filter: &PatternFilter, regex: &onig::Regex, expression: &str, line: &str) {
    let mut region = Region::new();
    for at in (0..=line.len()).filter(|&at| line.is_char_boundary(at)) {
        let next = line.as_bytes().get(at).copied();
        let first = filter.first(before(line, at));
        let may_begin = match next {
            None => first.end,
            Some(next) => !next.is_ascii() || first.characters >> next & 1 != 0,
        };
        let known = match filter.find_match(line.as_bytes(), at) {
            FilterResult::Perhaps if may_begin => continue,
            known => known,
        };
        let found = match_regex_at(regex, line, at, &mut region).unwrap_or(false);
        let end = region.pos(0).filter(|_| found).map(|(_, end)| end);
        let expected = match known {
            FilterResult::EndsAt(end) if may_begin => Some(end),
            _ => None,
        };
        assert_eq!(
            expected, end,
            "`{expression}` at {at} of {line:?} (begins: {may_begin})"
        );
    }
}

#[test]
fn no_filter_of_any_syntax_denies_a_match() {
    (0..all_syntaxes().len())
        .into_par_iter()
        .for_each(|syntax| {
            for pattern in all_patterns(syntax) {
                let (Some(filter), Some(regex)) = (pattern.filter(), pattern.regex()) else {
                    continue;
                };
                for line in LINES {
                    check_filter(filter, regex, &pattern.expression, line);
                }
            }
        });
}

#[test]
fn nearly_all_patterns_have_a_filter() {
    let count = |syntax| {
        let patterns = all_patterns(syntax);
        let filtered = patterns.iter().filter(|pattern| pattern.filter().is_some());
        (filtered.count(), patterns.len())
    };
    let counts = (0..all_syntaxes().len()).into_par_iter().map(count);
    let (filtered, all) = counts.reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    assert!(filtered * 100 >= all * 95, "{filtered} of {all}");
}

#[test]
fn no_made_up_expression_denies_a_match() {
    const PIECES: [&str; 50] = [
        "a",
        "b",
        "_",
        " ",
        "\\b",
        "\\B",
        "^",
        "$",
        "\\w",
        "\\s+",
        "\\S",
        "[^a]",
        "[a-c_-]",
        "(?=b)",
        "(?!a)",
        "(?<=a)",
        "(?<!b)",
        "(?<!ab|\\s)",
        "(?i)",
        "(?i:B)",
        "(?x: a # x\n)",
        "(a|b|ab|c)",
        "(?:ab|ac|b_|)",
        "*",
        "+",
        "?",
        "{2}",
        "{1,3}?",
        "*+",
        "(?>a+)",
        "|",
        ".",
        "\\A",
        "\\z",
        "\\Z",
        "[[:alpha:]&&[^b]]",
        "\\h",
        "é",
        "(?!\\w|$)",
        "(?<=^a|c)",
        "(?<=é)",
        "(?<=\\n)",
        "[ab]*",
        "\\w*",
        "(?=\\w*_)",
        "\\p{L}",
        "\\p{^Lu}",
        "[\\p{Pc}\\P{N}]",
        "[[:punct:]]",
        "[^[:graph:]]",
    ];
    // A linear congruential generator: every run tries the same expressions.
    let mut random = 1_u64;
    let mut below = |limit: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % limit
    };
    for _ in 0..6000 {
        let count = 1 + below(6);
        let expression: String = (0..count).map(|_| PIECES[below(PIECES.len())]).collect();
        let count = below(9);
        let texts = ["a", "b", "ab", "A", "_", " ", "c", "é", "\u{212a}", "\n"];
        let line: String = (0..count).map(|_| texts[below(texts.len())]).collect();
        check_expression(&expression, &(line + "\n"));
    }
}

#[test]
fn filters_exclude_what_cannot_match() {
    for (expression, line, at, expected) in [
        (r"\b(?:if|else|elif)\b", "elif", 0, true),
        (r"\b(?:if|else|elif)\b", "elsif", 0, false),
        (r"\b(?:if|else|elif)\b", "xif", 1, false),
        (r"(?=\s*\()", "  (", 0, true),
        (r"(?=\s*\()", "  x", 0, false),
        (r"(?<!\.)a(?!b)", ".a", 1, false),
        (r"(?<!\.)a(?!b)", "-ab", 1, false),
        (r"(?<!\.)a(?!b)", "-ac", 1, true),
        (r"(?i)select", "SeLect", 0, true),
        (r"(?i)select", "selekt", 0, false),
        (r"x{3}", "xx", 0, false),
        ("é", "e", 0, false),
        ("é", "é", 0, true),
        // What a letter beyond ASCII stands for is left to Oniguruma.
        ("(?i)ß", "ss", 0, true),
        ("(?i)k", "\u{212a}", 0, true),
    ] {
        let filter = PatternFilter::from_expression(expression).expect("it can be read");
        let found = filter.find_match(line.as_bytes(), at);
        assert_eq!(
            found != FilterResult::None,
            expected,
            "`{expression}` in {line:?}"
        );
    }
}

#[test]
fn filters_know_where_a_match_ends_if_there_is_only_one_way() {
    for (expression, line, expected) in [
        (r"\(", "((", FilterResult::EndsAt(1)),
        (r"/\*+", "/**/", FilterResult::EndsAt(3)),
        (r"[a-z]\w*\b", "ab_1 c", FilterResult::EndsAt(4)),
        (r"\w+(?=\s*\()", "ab (", FilterResult::EndsAt(2)),
        (r"\b(?:if|else)\b", "else ", FilterResult::EndsAt(4)),
        (r"(?:a|ab)", "ab", FilterResult::Perhaps),
        (r"a+?", "aa", FilterResult::Perhaps),
        (r"(?>a*)", "aa", FilterResult::Perhaps),
    ] {
        let filter = PatternFilter::from_expression(expression).expect("it can be read");
        let found = filter.find_match(line.as_bytes(), 0);
        assert_eq!(found, expected, "`{expression}` in {line:?}");
    }
}

#[test]
fn work_at_a_place_is_bounded() {
    let filter = PatternFilter::from_expression("(?:a*)*(?:a|a)*b").expect("it can be read");
    let found = filter.find_match("a".repeat(2000).as_bytes(), 0);
    assert_eq!(found, FilterResult::Perhaps);
}

#[test]
fn expressions_of_several_readings_have_no_filter() {
    for expression in [
        r"\G",
        r"a\Kb",
        r"[]a]",
        r"a(?i)b|c",
        r"*",
        r"{2}",
        r"(?~a)",
        r"(?(1)a)",
        r"[a-\w]",
        r"(",
        r"a)",
        r"\",
        r"[a",
    ] {
        assert!(
            PatternFilter::from_expression(expression).is_none(),
            "{expression}"
        );
    }
}
