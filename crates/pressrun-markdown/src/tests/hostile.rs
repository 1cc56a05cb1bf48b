//! Bodies that are made to take long or to overflow the stack.

use std::fmt::Write;

use super::*;

fn check_time(name: &str, body: &str) {
    check_time_in("en", name, body);
}

fn check_time_in(language: &str, name: &str, body: &str) {
    let options = RenderOptions::default().in_language(language);
    let page = within_limit(name, || render_markdown(body, &options));
    assert!(
        page.html_as_written().len() <= 200 * body.len() + 1000,
        "{name} grew to {}",
        page.html_as_written().len()
    );
}

#[test]
fn deep_nesting_does_no_harm() {
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
        "==a ",
        "==a== ",
        "[[a",
        "[[a]] ",
        "(www.",
        "(www.a.b",
        "a@b.",
        "a@b.c ",
        ":+1: ",
        ":a",
        "中\n",
        "中\n*\n",
    ] {
        check_time(unit, &unit.repeat(500_000 / unit.len()));
    }
    check_time("one word", &"a".repeat(2_000_000));
    check_time("two megabytes", &"some words of prose, ".repeat(100_000));
}

#[test]
fn quotation_marks_take_linear_time() {
    for unit in [
        "\"",
        "\"a ",
        "'a ",
        "\"5\" ",
        "!['",
        "\"'a 5\" ",
        "„a ",
        "# \"a\" ",
    ] {
        check_time_in("fr", unit, &unit.repeat(200_000 / unit.len()));
    }
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
    within_limit("wide table", || rendered(&wide));
}

#[test]
fn element_that_is_not_closed_in_its_block_hides_nothing_of_the_next() {
    let html = rendered("x <script>a\n: b\n\n[^1]: </script>c\n\n[^1]").html_as_written();
    assert!(html.contains("<dd>b</dd>"), "{html}");
}

#[test]
fn end_of_a_tag_is_not_looked_for_again_and_again() {
    for piece in [
        "<a ",
        "</a",
        "<a/x=",
        "<a x=\"<b y='",
        "<a x=\"",
        "<b<c",
        "<a\n",
        "<!-",
        "<?",
        "<a =",
    ] {
        let text = piece.repeat(100_000 / piece.len());
        for end in ["", ">", " y=\">", " y='>"] {
            check_time(piece, &format!("<div>{text}{end}"));
        }
    }
}

#[test]
fn numbers_of_ids_are_not_tried_again_and_again() {
    check_time(
        "reserved",
        &format!("{}# last {{#a}}", "# a\n".repeat(60_000)),
    );
    check_time("of the theme", &"# main\n".repeat(60_000));
}

#[test]
fn long_code_beside_html_takes_linear_time() {
    for piece in ["&&", "«»", "\u{a0}", "é&"] {
        let text = piece.repeat(1_000_000 / piece.len());
        check_time(piece, &format!("<b>x</b>\n\n```\n{text}\n```"));
        check_time(piece, &format!("<b title='{text}'>x</b>"));
        check_time(piece, &format!("<b>x</b> ![{text}](a)"));
    }
    let text = "&nbsp;".repeat(200_000);
    check_time("&nbsp;", &format!("<div>{text}</div>"));
}

#[test]
fn marks_of_links_cannot_be_imitated() {
    let address = "x".repeat(20_000);
    let link = format!("[a](/{address})");
    for marks in [
        "&#1;0&#2;",
        "&#x1;0&#x2;",
        "&#1 0&#2 ",
        "\u{1}0\u{2}",
        "&#01;0&#002",
    ] {
        let marks = marks.repeat(1_000);
        for body in [
            format!("{link}\n\n<div>{marks}</div>"),
            format!("{link}\n\n<div title=\"{marks}\" class='{marks}' lang={marks}>x</div>"),
            format!("{link} {marks}"),
            format!("{link} <b title='{marks}'>{marks}</b>"),
            format!("{link}\n\n![b](/c \"{marks}\")\n\n![{marks}](/c) ![{marks}](javascript:)"),
            format!("{link} [b](/c '{marks}') <a href='{marks}'>d</a> [e]({marks})"),
            format!("{link}\n\n```{marks}\n{marks}\n```\n\n`{marks}` ${marks}$"),
            format!("{link}\n\n## {marks} {{#{marks} .{marks}}}\n\n<b>x</b>"),
            format!("{link}[^{marks}]\n\n[^{marks}]: {marks}\n\n|{marks}|\n|-|\n|{marks}|"),
            format!("{link}\n\n<b>x</b>\n\n<svg>{marks}</svg>{marks} <T {marks}>"),
        ] {
            for raw_html in [
                RawHtmlHandling::Sanitize,
                RawHtmlHandling::Escape,
                RawHtmlHandling::Allow,
            ] {
                let options = RenderOptions {
                    raw_html,
                    ..RenderOptions::default()
                };
                let html = render_markdown(&body, &options).html_as_written();
                assert_eq!(html.matches(&address).count(), 1);
                assert!(!html.contains(escape::is_unfit));
            }
        }
    }
}

/// References that produce characters which hide something or show letters in another order.
const HIDDEN: &str = "&#x202e;&#8238;&#X202D;&#x0202e;&#8203;&ZeroWidthSpace;&#xfeff;&NoBreak;";

#[test]
fn reference_to_a_hidden_character_leaves_none() {
    for body in [
        format!("Pay {HIDDEN}001$ now."),
        format!("# a{HIDDEN}b"),
        format!("![a{HIDDEN}b](/c 'd{HIDDEN}e')"),
        format!("[a{HIDDEN}b](/c 'd{HIDDEN}e')[^1]\n\n[^1]: {HIDDEN}"),
        format!("|a{HIDDEN}|\n|-|\n|{HIDDEN}|"),
        format!("<div title='a{HIDDEN}b'>c{HIDDEN}d &#x202e</div>"),
        format!("a <b title=\"{HIDDEN}\">b{HIDDEN}</b>"),
        format!("שלום {HIDDEN} \u{202E}abc\u{202C}"),
        "שלום `\u{202D}abc`".to_owned(),
        "Pay &#x202b;001$ &#x2067;now &#x200e;.".to_owned(),
    ] {
        for (raw_html, feed) in [
            (RawHtmlHandling::Sanitize, false),
            (RawHtmlHandling::Sanitize, true),
            (RawHtmlHandling::Escape, false),
        ] {
            let options = RenderOptions {
                raw_html,
                feed,
                ..RenderOptions::default()
            };
            let page = render_markdown(&body, &options);
            let titles = page.toc.iter().map(|entry| &*entry.title);
            let shown = titles.collect::<String>() + &page.html_as_written();
            let hidden = |c: char| {
                matches!(c, '\u{200B}' | '\u{200E}' | '\u{202A}'..='\u{202B}'
                    | '\u{202D}'..='\u{202E}' | '\u{2060}' | '\u{2067}' | '\u{FEFF}')
            };
            assert!(!shown.contains(hidden), "{shown:?}");
        }
    }
}

#[test]
fn reference_that_is_shown_as_code_stays() {
    let html = rendered("Write `&#x202e;` so:\n\n```\n&#8203;\n```").html_as_written();
    assert!(
        html.contains("&amp;#x202e;") && html.contains("&amp;#8203;"),
        "{html}"
    );
}

#[test]
fn references_that_shape_text_keep_their_meaning() {
    let html = rendered("می&zwnj;خواهم &#x2067;abc&#x2069; a&shy;b").html_as_written();
    assert_eq!(
        html,
        "<p>می\u{200C}خواهم \u{2067}abc\u{2069} a\u{AD}b</p>\n"
    );
}

#[test]
fn page_grows_no_faster_than_its_body() {
    let long = "x".repeat(10_000);
    let many = |piece: &str| piece.repeat(2_000);
    for body in [
        format!("<p><b title={long}>{}", many("<p>x")),
        format!("<p><b title={long}>\n\n{}", many("x\n\n")),
        format!("<p><a href={long}>{}", many("<p>x")),
        format!("<a href={long} title={long}><p>{}", many("[a](b) x\n\n")),
        format!(
            "<a title={long} href=x>\n\n{}[a](b)\n\n{}",
            "> ".repeat(20),
            many("x\n\n")
        ),
        format!("[x {}](/{long} '{long}')", many("<div>a</div>")),
        format!("*x* <b title={long}>{}", many("<div>a</div>")),
        format!("<ul><li><div><b title={long}>{}", many("<li>x")),
        format!("- <b title={long}>{}", many("<li>x")),
        format!("a\n: <b title={long}>{}", many("<dd>x")),
        format!("[a <svg> b](/{long} '{long}') </svg>\n\n{}", many("x\n\n")),
        format!("<b title={long}><svg></b></svg>\n\n{}", many("x\n\n")),
        format!("<table><tr><td><b title={long}>{}", many("<td>x")),
        format!("a <table><svg>b</svg><b title={long}>\n\n{}", many("x\n\n")),
    ] {
        let page = rendered(&body);
        assert!(!page.raw_html_escaped);
        let length = page.html_as_written().len();
        assert!(length < 8 * body.len(), "{length}: {}", &body[..60]);
    }
}
