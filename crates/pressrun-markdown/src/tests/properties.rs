//! Properties that hold for every body. To try more bodies:
//! `PROPTEST_CASES=300000 PROPTEST_RNG_SEED=1 cargo test -p pressrun-markdown properties`.

use proptest::prelude::*;

use super::*;
use crate::html::sanitize_page;

/// Pieces with a meaning in Markdown or HTML, so that random bodies are not all prose.
const PIECES: &[&str] = &[
    "a",
    " ",
    "\n",
    "\n\n",
    "    ",
    "\t",
    "# ",
    "## ",
    "> ",
    "- ",
    "1. ",
    "- [x] ",
    "*",
    "**",
    "_",
    "~~",
    "`",
    "``",
    "```rust\n",
    "```\n",
    "[",
    "](",
    ")",
    "![",
    "[^1]",
    "[^1]: ",
    "|",
    "|-|\n",
    "$",
    "$$",
    "{#a .b}",
    "{{",
    "}}",
    "{% \"",
    "\"",
    "'",
    "--",
    "...",
    "\\",
    "&lt;",
    "&#0;",
    "&colon;",
    "javascript:",
    "https://a.b/c",
    "<",
    ">",
    "</",
    "/>",
    "<b>",
    "</b>",
    "<a href=\"",
    "<a href=x>",
    "</a>",
    "<img src=x onerror=y>",
    "<b title=t>",
    "<i>",
    "</i>",
    "<dl>",
    "<dd>",
    "<dt>",
    "<hr>",
    "<blockquote>",
    "<caption>",
    "</svg>",
    "</td>",
    "&#1;",
    "&#xFFFE;",
    "<script>",
    "</script>",
    "<style>",
    "<div>",
    "</div>",
    "<div class=\"c\" onclick='d' id=e>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<p>",
    "</p>",
    "<!--",
    "-->",
    "<svg>",
    "<math>",
    "<select>",
    "<textarea>",
    "<title>",
    "<template>",
    "<noscript>",
    "<plaintext>",
    "<h1>",
    "</h2>",
    "<li>",
    "<ul>",
    "<details>",
    "<summary>",
    "<input type=checkbox>",
    "<T>",
    ":::note ",
    ":::tip[a]\n",
    "\n:::\n",
    "\n> [!faq]- ",
    "\n: ",
    "\n:",
    "\n{:.a}\n",
    "* TOC\n{:toc}",
    "![a](b c.png)",
    "（",
    "$5",
    "<b hidden>",
    "<p hidden>",
    "<div style=\"display:none\">",
    "<font hidden>",
    "</font>",
    "<code>",
    "<tt>",
    "<video src=a>",
    "</video>",
    "<source src=b>",
    "é",
    "日本",
    "\u{a0}",
    "\u{0}",
    "\u{200b}",
    ": b\n",
    "==",
    "[[",
    "]]",
    "|",
    "www.a.b",
    "a@b.c",
    ":tada:",
    "\\frac{",
    "\\text{",
    "```math\n",
    "```a {1} linenos title=\"",
    "---\n",
    "===\n",
    "> [!NOTE]\n",
];

fn piece() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(PIECES).prop_map(str::to_owned);
    prop_oneof![12 => pieces, 1 => "\\PC{1,8}", 1 => "\\p{Any}{1,4}"]
}

fn body() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.concat())
}

fn options() -> impl Strategy<Value = RenderOptions> {
    let switches = (any::<bool>(), any::<bool>(), any::<bool>());
    let language = prop::sample::select(&["en", "fr", "ja"][..]);
    (switches, language).prop_map(|((escape, smart_punctuation, feed), language)| {
        RenderOptions {
            raw_html: if escape {
                RawHtmlHandling::Escape
            } else {
                RawHtmlHandling::Sanitize
            },
            smart_punctuation,
            feed,
            highlight: true,
            diagrams: !smart_punctuation,
            quotation_marks: None,
            words: None,
        }
        .in_language(language)
    })
}

/// Checks the tags of a page and returns the first thing that is wrong.
fn complaint(html: &str) -> Option<String> {
    const VOID: &[&str] = &["br", "hr", "img", "input", "wbr", "col", "source", "track"];
    if html.contains(|c: char| c.is_ascii_control() && !matches!(c, '\n' | '\t')) {
        return Some("a mark is left".to_owned());
    }
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let Some(tag_end) = end_of_tag(&rest[start..]) else {
            return Some("a tag has no end".to_owned());
        };
        let tag = &rest[start + 1..start + tag_end];
        rest = &rest[start + tag_end + 1..];
        let name = tag
            .trim_start_matches('/')
            .split([' ', '>'])
            .next()
            .unwrap_or_default();
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Some(format!("`{tag}` is no tag"));
        }
        if matches!(
            name,
            "script" | "style" | "iframe" | "svg" | "form" | "object" | "template"
        ) {
            return Some(format!("`{name}` is not allowed"));
        }
        if outside_quotes(tag).contains(" on") || outside_quotes(tag).contains(" style") {
            return Some(format!("`{tag}` has a handler or style"));
        }
        if tag.contains("=\"javascript:") || tag.contains("=\"data:") {
            return Some(format!("`{tag}` leads to a script"));
        }
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return Some(format!("`{tag}` ends something else"));
            }
        } else if !VOID.contains(&name) {
            open.push(name);
        }
    }
    open.pop().map(|name| format!("`{name}` is open"))
}

fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quoted = false;
    tag.find(|c| {
        quoted ^= c == '"';
        c == '>' && !quoted
    })
}

fn outside_quotes(tag: &str) -> String {
    tag.split('"').step_by(2).collect::<Vec<_>>().join(" ")
}

#[test]
fn complaints_are_made() {
    for html in [
        "<b>",
        "</b>",
        "<b><i></b></i>",
        "<script>",
        "<b onx=y></b>",
        "<a href=\"javascript:x\"></a>",
        "a < b",
        "<b",
    ] {
        assert!(complaint(html).is_some(), "{html}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_are_balanced_and_safe(body in body(), options in options()) {
        let html = render_markdown(&body, &options).html_as_written();
        let formulas = body.matches('$').count() / 2 + body.matches("math").count();
        prop_assert!(html.matches("<math").count() <= formulas, "{}", html);
        prop_assert_eq!(complaint(&html), None, "{}", html);
    }

    #[test]
    fn pages_of_any_text_are_safe(body in "\\p{Any}{0,200}", options in options()) {
        let html = render_markdown(&body, &options).html_as_written();
        prop_assert_eq!(complaint(&html), None, "{}", html);
    }

    #[test]
    fn sanitised_pages_are_stable(body in body()) {
        let html = without_formulas(&rendered(&format!("{body}\n\n<b>x</b>")).html_as_written());
        // Otherwise the element ended up in a code block, and nothing was sanitised.
        if html.contains("<b>x</b>") {
            prop_assert_eq!(sanitize_page(&html), Some(html));
        }
    }

    /// Checks that an HTML parser has nothing to copy: it copies an element that is still open
    /// where a paragraph or an item ends.
    #[test]
    fn no_element_is_copied(body in body()) {
        let source = source::prepare_source(escape::remove_control_characters(&body));
        let mut writer = HtmlWriter::new(&source, &RenderOptions::default(), DollarReading::Text);
        if writer.write_page().is_ok() {
            let clean = sanitize_page(&writer.html).unwrap();
            for name in ["a", "b", "code", "em", "i", "s", "small", "strong", "u", "del", "p"] {
                let count = |html: &str| {
                    html.matches(&format!("<{name} ")).count() + html.matches(&format!("<{name}>")).count()
                };
                // An HTML parser turns the end tag of a closed paragraph into an empty paragraph.
                let more = if name == "p" { writer.html.matches("</p>").count() } else { 0 };
                prop_assert!(count(&clean) <= count(&writer.html) + more, "{}\n{}", writer.html, clean);
            }
        }
    }

    #[test]
    fn ids_are_unique_and_in_the_page(body in body()) {
        let page = rendered(&body);
        let mut ids = page.ids.clone();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), page.ids.len());
        for entry in &page.toc {
            prop_assert!(page.ids.contains(&entry.id), "{:?}", page);
        }
        let html = page.html_as_written();
        for link in html.split("href=\"#fn").skip(1) {
            let id = format!("fn{}", link.split('"').next().unwrap_or_default());
            prop_assert!(page.ids.contains(&id), "{}", html);
        }
    }

    #[test]
    fn rendering_is_the_same_every_time(body in body()) {
        prop_assert_eq!(rendered(&body), rendered(&body));
    }
}
