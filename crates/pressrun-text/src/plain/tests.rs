//! Checks the plain text of Markdown.

use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(markdown: &str, expected: &str) {
    assert_eq!(markdown_to_plain(markdown), expected, "{markdown}");
}

#[test]
fn images_and_comments_are_dropped_and_links_give_their_text() {
    check("a ![b [c](d)](e) f", "a f");
    check("![one](two)", "");
    check(
        "see [the **docs**](https://a.example/x_(y) \"T\") now",
        "see the docs now",
    );
    check("[[Here]](u) *x*", "[Here] x");
    check("a<!-- b\n c -->d <!-- e", "ad <!-- e");
    check(
        "<https://a.example> and <me@a.example>",
        "https://a.example and me@a.example",
    );
}

#[test]
fn references_are_links_where_the_text_has_their_definition() {
    let mut definitions = LinkDefinitions::default();
    definitions.add("The  Name");
    for (text, expected) in [
        (
            "[a][the name] and [the name][] and [The Name]",
            "a and the name and The Name",
        ),
        ("![a][the name] b", "b"),
        (
            "[a][other] and [b][] and [c]",
            "[a][other] and [b][] and [c]",
        ),
        ("It floats [2][3].", "It floats [2][3]."),
        ("[x][3][the name]", "[x]3"),
    ] {
        assert_eq!(
            markdown_to_plain_with(text, &definitions),
            expected,
            "{text}"
        );
    }
    check("[a][b] and [c][] and [d]", "[a][b] and [c][] and [d]");
}

#[test]
fn marks_of_footnotes_are_dropped() {
    check(
        "It is old.[^1] It was said[^a-note] twice![^2]",
        "It is old. It was said twice!",
    );
    check(
        "`[^1]` and [^] and [^a b] and [^1](u)",
        "[^1] and [^] and [^a b] and ^1",
    );
}

#[test]
fn only_names_of_html_are_tags() {
    check("<b>a</b> <span class=\"x>y\">b</span><br>c", "a b c");
    check("Vec<T> and Map<Key, B>", "Vec<T> and Map<Key, B>");
    check("a < b > c <3", "a < b > c <3");
}

#[test]
fn emphasis_marks_go_where_they_pair_up() {
    check("*a* **b** ***c*** _d_ ~~e~~", "a b c d e");
    check(
        "2 * 3 * 4 and snake_case_name",
        "2 * 3 * 4 and snake_case_name",
    );
    check("**a *b* c**d", "a b cd");
    check("a * b* and *c", "a * b* and *c");
    check("~a~ ~", "~a~ ~");
}

#[test]
fn double_underscores_around_one_word_stay() {
    check("__init__ and __all__.", "__init__ and __all__.");
    check("__two words__", "two words");
}

#[test]
fn code_keeps_its_text_as_written() {
    check("`*a*` and ``b ` c``", "*a* and b ` c");
    check("a ` b", "a ` b");
    check("[a `]` b](c)", "a ] b");
}

#[test]
fn entities_and_escapes_are_read() {
    check("a &amp; b&nbsp;c &hellip;", "a & b c …");
    check(r"\*a\* C:\path \\", r"*a* C:\path \");
}

#[test]
fn white_space_is_collapsed() {
    check("  a\n b\t\u{a0} c  ", "a b c");
    check(" *a*  \n  b ", "a b");
}

proptest! {
    #[test]
    fn white_space_of_every_kind_is_collapsed(
        text in r"([a-z—é\x01]{0,3}|[ \t\n\x0b\x1f]|[\u{85}\u{a0}\u{1680}\u{2003}\u{2028}\u{3000}]){0,12}",
    ) {
        let words: Vec<&str> = text.split_whitespace().collect();
        prop_assert_eq!(collapse_white_space(&text), words.join(" "));
    }
}

#[test]
fn hostile_text_takes_linear_time() {
    for unit in [
        "[", "![", "](", "[a](", "*", "*a", "_a ", "`", "<a ", "<!--", "<a \"", "](<", "](a \"",
        "](a (", "\\", "&", "~~a", "[a][",
    ] {
        let text = unit.repeat(200_000 / unit.len());
        assert!(markdown_to_plain(&text).len() <= text.len());
    }
}
