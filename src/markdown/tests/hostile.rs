//! Bodies that are made to take long or to overflow the stack.

use std::fmt::Write;
use std::time::Instant;

use super::*;

/// Much more than linear time takes even in a slow build, and much less than quadratic time.
const LIMIT_SECONDS: u64 = 20;

fn check_time(name: &str, body: &str) {
    let start = Instant::now();
    let page = rendered(body);
    let seconds = start.elapsed().as_secs();
    assert!(seconds < LIMIT_SECONDS, "{name} took {seconds} s");
    assert!(
        page.html_as_written().len() <= 200 * body.len() + 1000,
        "{name} grew to {}",
        page.html_as_written().len()
    );
}

#[test]
fn deep_nesting_is_no_danger() {
    for unit in [
        "> ",
        "- ",
        "[",
        "![",
        "*a ",
        "**a ",
        "_a ",
        "<b>",
        "<div>\n\n",
        "<blockquote>",
        "1. ",
    ] {
        check_time(unit, &unit.repeat(10_000));
    }
    check_time(
        "quote and html",
        &format!("{}<b>a</b>", "> ".repeat(10_000)),
    );
}

#[test]
fn deep_nesting_with_html_is_printed_as_text() {
    let page = rendered(&format!("{}<b>a</b>", "> ".repeat(1000)));
    assert!(page.raw_html_escaped && page.html_as_written().contains("&lt;b&gt;a"));
}

#[test]
fn long_paragraphs_take_linear_time() {
    for unit in [
        "word ",
        "a*b_c ",
        "[a](b) ",
        "`a ",
        "$a ",
        "$5 and ",
        "https://a.b ",
        "http://",
        "https://a.b/(",
        "<b>a ",
        "<a href=x>",
        "</b>",
        "<i title=1>",
        "&amp;",
        "\"a' ",
        "[^1] ",
        "{{ \"a\" ",
        "<!-- ",
        "<p>",
        "\\$",
        "<table>",
        "<td>",
        "a<script>",
        "~~a",
        "<T>",
        "![a](b)",
    ] {
        check_time(unit, &unit.repeat(500_000 / unit.len()));
    }
    check_time("one word", &"a".repeat(2_000_000));
    check_time("two megabytes", &"some words of prose, ".repeat(100_000));
}

#[test]
fn long_pages_take_linear_time() {
    for unit in [
        "# a\n",
        "## a {#b}\n",
        "## a {x}\n",
        "- a\n",
        "a\n\n",
        "> a\n\n",
        "|a|\n|-|\n\n",
        "```\n",
        "<div>\n\n",
        "<table>\n\n",
        "<b>\n\n",
        "<table><tr><td>a\n\n",
        "<ul><li>a\n\n",
        "<script>\n\n",
        "<h1>a\n\n",
        "a\n: b\n\n",
        "[a]: b\n",
        "![a](b \"c\")\n\n",
        "    a\n\n",
        "<p>a\n",
    ] {
        check_time(unit, &unit.repeat(300_000 / unit.len()));
    }
}

#[test]
fn many_footnotes_take_linear_time() {
    let mut body = String::new();
    for number in 0..50_000 {
        let _ = write!(body, "[^{number}] [^{number}]\n\n[^{number}]: a\n\n");
    }
    check_time("footnotes", &body);
}

#[test]
fn code_made_to_be_slow_is_left_plain() {
    let line = " ".repeat(1990) + "\n";
    check_time("blank ini", &format!("```ini\n{}```\n", line.repeat(30)));
    let block = format!("```js\n{}\n```\n\n", "_".repeat(1990));
    check_time("long names", &block.repeat(100));
}

#[test]
fn huge_tables_take_linear_time() {
    let row = "|a".repeat(200) + "|\n";
    let body = format!("{row}{}|\n{}", "|-".repeat(200), row.repeat(500));
    check_time("table", &body);
    let wide = format!(
        "{}|\n{}|\n{}",
        "|a".repeat(5000),
        "|-".repeat(5000),
        "|a\n".repeat(5000)
    );
    let start = Instant::now();
    rendered(&wide);
    assert!(start.elapsed().as_secs() < LIMIT_SECONDS);
}

#[test]
fn element_that_is_not_closed_in_its_block_hides_nothing_of_the_next() {
    let html = rendered("x <script>a\n: b\n\n[^1]: </script>c\n\n[^1]").html_as_written();
    assert!(html.contains("<dd>b</dd>"), "{html}");
}
