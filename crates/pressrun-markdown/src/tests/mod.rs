//! Rules of rendering, one for each test, from Markdown to HTML.

mod formulas;
mod hostile;
mod properties;
mod quotes;
mod raw_html;
mod signs;

use std::time::Duration;

use super::*;

/// Much more than linear time takes even in a slow build, and much less than quadratic time.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Runs a closure, and checks that it takes no more than [`TIME_LIMIT`].
#[track_caller]
fn within_limit<T>(name: &str, run: impl FnOnce() -> T) -> T {
    let start = thread_time();
    let result = run();
    let time = thread_time().saturating_sub(start);
    assert!(time < TIME_LIMIT, "{name} took {time:?}");
    result
}

/// Returns how long this thread has worked. Unlike a clock, it does not count the time that the
/// processor gave to other programs.
#[cfg(unix)]
fn thread_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap(),
        u32::try_from(time.tv_nsec).unwrap(),
    )
}

#[cfg(not(unix))]
fn thread_time() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> =
        std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

fn rendered(body: &str) -> RenderedBody {
    render_markdown(body, &RenderOptions::default())
}

fn check(body: &str, expected: &str) {
    assert_eq!(rendered(body).html_as_written(), expected);
}

fn check_feed(body: &str, expected: &str) {
    let options = RenderOptions {
        feed: true,
        ..RenderOptions::default()
    };
    let page = render_markdown(body, &options);
    assert_eq!(on_site(&page), expected);
}

/// Returns the HTML of a post at `/a/` of a site below `/repo/`.
fn on_site(page: &RenderedBody) -> String {
    let addresses: Vec<String> = page
        .links
        .iter()
        .map(|BodyLink { target, .. }| match target.split_once('#') {
            Some(("", fragment)) => format!("https://x.org/repo/a/#{fragment}"),
            _ if target.starts_with("http") => target.clone(),
            _ => format!("https://x.org/repo{target}"),
        })
        .collect();
    page.html.fill_addresses(&addresses)
}

/// Returns a page without its formulas, which the sanitiser never sees.
fn without_formulas(html: &str) -> String {
    let mut out = String::new();
    for (at, piece) in html.split("<math").enumerate() {
        let rest = piece.split_once("</math>").map_or("", |(_, rest)| rest);
        out.push_str(if at == 0 { piece } else { rest });
    }
    out
}

const ANCHOR_A: &str = "<a class=\"anchor\" href=\"#a\" aria-label=\"Link to this section\"></a>";

#[test]
fn prose_is_paragraphs() {
    check(
        "a *b* **c** ~~d~~ `e<`\nf\\\ng",
        "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e&lt;</code>\nf<br>\ng</p>\n",
    );
}

#[test]
fn lists_are_lists() {
    check(
        "- a\n- b\n\n3. c\n",
        "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol start=\"3\">\n<li>c</li>\n</ol>\n",
    );
}

#[test]
fn the_shallowest_heading_is_h2() {
    let levels = |body| {
        rendered(body)
            .toc
            .iter()
            .map(|entry| entry.level)
            .collect::<Vec<_>>()
    };
    assert_eq!(levels("# a\n### b\n###### c"), [2, 4, 6]);
    assert_eq!(levels("### a\n#### b"), [2, 3]);
    assert_eq!(levels("## a\n> # b"), [3, 2]);
    check("# A", &format!("<h2 id=\"a\">A{ANCHOR_A}</h2>\n"));
}

#[test]
fn headings_make_the_table_of_contents() {
    let page = rendered("## A *b* `c` & [d](x)[^1]\n\n[^1]: e");
    let entry = &page.toc[0];
    assert_eq!(
        (entry.title.as_str(), entry.id.as_str()),
        ("A b c & d", "a-b-c--d")
    );
}

#[test]
fn ids_are_unique() {
    let page = rendered("## a\n## a\n## x {#a-2}\n## a\n## Search\n## y {#a}");
    assert_eq!(page.ids, ["a-1", "a-3", "a-2", "a-4", "search-1", "a"]);
}

#[test]
fn given_ids_and_classes_are_kept_and_nothing_else() {
    let page = rendered("## A {#b .c .d\" .e}");
    assert!(
        page.html_as_written()
            .starts_with("<h2 id=\"b\" class=\"c e\">A<a"),
        "{}",
        page.html_as_written()
    );
}

#[test]
fn other_braces_behind_a_heading_are_text() {
    let page = rendered("## A {x}\n## B {#b}\n## C {{ d }}");
    let titles: Vec<_> = page.toc.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["A {x}", "B", "C {{ d }}"]);
}

#[test]
fn tables_scroll_and_take_focus() {
    check(
        "| a | b |\n|--:|:-:|\n| 1 | 2 |",
        "<div class=\"table\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">\n<table>\n\
         <thead>\n<tr><th scope=\"col\" class=\"right\">a</th><th scope=\"col\" class=\"center\">b</th></tr>\n</thead>\n\
         <tbody>\n<tr><td class=\"right\">1</td><td class=\"center\">2</td></tr>\n</tbody>\n</table>\n</div>\n",
    );
}

#[test]
fn tasks_are_labelled_checkboxes() {
    check(
        "- [x] a\n- [ ] b\n- c",
        "<ul>\n<li class=\"task\"><input type=\"checkbox\" disabled=\"\" checked=\"\" aria-label=\"Completed task\"> a</li>\n\
         <li class=\"task\"><input type=\"checkbox\" disabled=\"\" aria-label=\"Incomplete task\"> b</li>\n<li>c</li>\n</ul>\n",
    );
    let loose = rendered("- [x] a\n\n- b").html_as_written();
    assert!(
        loose.starts_with("<ul>\n<li class=\"task\"><p><input"),
        "{loose}"
    );
}

#[test]
fn task_may_be_a_heading() {
    check(
        "- [x] a\n  ===\n",
        "<ul>\n<li class=\"task\"><h2 id=\"a\"><input type=\"checkbox\" disabled=\"\" checked=\"\" aria-label=\"Completed task\"> a\
         <a class=\"anchor\" href=\"#a\" aria-label=\"Link to this section\"></a></h2>\n</li>\n</ul>\n",
    );
}

#[test]
fn alerts_have_a_visible_title() {
    check(
        "> [!WARNING]\n> a",
        "<div class=\"alert alert-warning\" role=\"note\">\n<p class=\"alert-title\">Warning</p>\n<p>a</p>\n</div>\n",
    );
    check("> a", "<blockquote>\n<p>a</p>\n</blockquote>\n");
}

#[test]
fn definitions_are_lists() {
    check("a\n: b", "<dl>\n<dt>a</dt>\n<dd>b</dd>\n</dl>\n");
}

#[test]
fn footnotes_come_last_with_links_back() {
    let back = |id: &str, n: u32| {
        format!(
            "<a class=\"footnote-back\" href=\"#{id}\" role=\"doc-backlink\" aria-label=\"Back to reference {n}\">↩\u{fe0e}</a>"
        )
    };
    let reference = |id: &str, n: u32| {
        format!(
            "<sup class=\"footnote\"><a id=\"{id}\" href=\"#fn:{n}\" role=\"doc-noteref\" aria-label=\"Footnote {n}\">{n}</a></sup>"
        )
    };
    check(
        "[^x]: X\n\na[^y] b[^x] c[^Y]\n\n[^y]: Y\n[^z]: Z",
        &format!(
            "<p>a{} b{} c{}</p>\n<section class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"Footnotes\">\n<ol>\n\
             <li id=\"fn:1\"><p>Y {} {}</p>\n</li>\n<li id=\"fn:2\"><p>X {}</p>\n</li>\n<li id=\"fn:3\"><p>Z</p>\n</li>\n</ol>\n</section>\n",
            reference("fnref:1", 1),
            reference("fnref:2", 2),
            reference("fnref:1:2", 1),
            back("fnref:1", 1),
            back("fnref:1:2", 1),
            back("fnref:2", 2),
        ),
    );
    assert_eq!(rendered("a[^1]\n\n[^1]: b").ids, ["fnref:1", "fn:1"]);
    check("a[^1]", "<p>a[^1]</p>\n");
}

#[test]
fn footnotes_bring_what_they_contain_to_the_end() {
    let page = rendered("a[^1]\n\n[^1]: # B\n\n# C\n\nd[^2]\n\n[^2]: [^1]: # E");
    let titles: Vec<&str> = page.toc.iter().map(|entry| &*entry.title).collect();
    assert_eq!(titles, ["C", "B"]);
    assert_eq!(
        page.ids,
        ["fnref:1", "c", "fnref:2", "fn:1", "b", "fn:2"],
        "{page:?}"
    );
    // A second text is left out with its links.
    let page = rendered("[^1]: a\n\n[^1]: # b[^2]\n\n[^2]: c\n\nd[^2]");
    let html = page.html_as_written();
    assert_eq!(page.toc, []);
    assert_eq!(page.ids, ["fnref:1", "fn:1", "fn:2"], "{html}");
    assert_eq!(html.matches("#fnref").count(), 1, "{html}");
}

#[test]
fn images_load_late_and_have_a_text() {
    check(
        "a ![b *c*](d.png \"e\")",
        "<p>a <img src=\"d.png\" alt=\"b c\" title=\"e\" decoding=\"async\"></p>\n",
    );
    check(
        "![](d.png)",
        "<p><img src=\"d.png\" alt=\"\" decoding=\"async\"></p>\n",
    );
}

#[test]
fn an_image_alone_with_a_title_is_a_figure() {
    check(
        "![a](b.png \"c\")",
        "<figure><img src=\"b.png\" alt=\"a\" decoding=\"async\"><figcaption>c</figcaption></figure>\n",
    );
    assert!(
        rendered("![a](b.png \"c\") d")
            .html_as_written()
            .starts_with("<p>")
    );
}

#[test]
fn code_names_its_language_and_takes_focus() {
    check(
        "```Rust,ignore\nlet a = 1;\n```",
        "<div class=\"code\" data-lang=\"rust\"><pre tabindex=\"0\"><code class=\"language-rust\">\
         <span class=\"hl-k\">let</span> a = <span class=\"hl-n\">1</span>;</code></pre></div>\n",
    );
    check(
        "    a < b",
        "<div class=\"code\"><pre tabindex=\"0\"><code>a &lt; b</code></pre></div>\n",
    );
}

#[test]
fn unknown_languages_are_reported_with_their_line() {
    let page = rendered("a\n\n```nonsense\nb\n```");
    assert_eq!(
        page.unknown_languages,
        [UnknownLanguage {
            name: "nonsense".to_owned(),
            body_line: 2
        }]
    );
}

#[test]
fn money_is_prose() {
    check("$5 and $10", "<p>$5 and $10</p>\n");
    for prose in [
        "A price of $5 to $10, 35$ in all.",
        "Between $1,000 and $2,000, or 20$ a head.",
        "$5, $6, $7, $8 and 9$",
        "20$ or 30$/month, 5$",
        "It is 5$ or $7$.",
    ] {
        check(prose, &format!("<p>{prose}</p>\n"));
    }
    let html = rendered("$5, $6, $7, $8, $9 and $7$ with $x^2$").html_as_written();
    assert_eq!(html.matches("math-inline").count(), 2, "{html}");
    check(
        "**$5**-**$10** or $20 (US$30)",
        "<p><strong>$5</strong>-<strong>$10</strong> or $20 (US$30)</p>\n",
    );
    let many = "With $x^2$ here.\n\n$5 and $10 is $5-$10, US$5 vs US$6.";
    let html = rendered(many).html_as_written();
    assert_eq!(html.matches("math-inline").count(), 1, "{html}");
    assert!(
        html.contains("<p>$5 and $10 is $5-$10, US$5 vs US$6.</p>"),
        "{html}"
    );
    check("$PATH and `$x`", "<p>$PATH and <code>$x</code></p>\n");
    check(
        "$HOME/$USER and $x^2$",
        "<p>$HOME/$USER and <span class=\"math math-inline\"><math><semantics><mrow><msup><mi>x</mi>\
         <mrow><mn>2</mn></mrow></msup></mrow><annotation encoding=\"application/x-tex\">x^2\
         </annotation></semantics></math></span></p>\n",
    );
}

#[test]
fn titles_of_boxes_have_every_notation() {
    for body in [
        "> [!NOTE] ==a== :tada: www.b.org $c_d$\n> e",
        ":::note ==a== :tada: www.b.org $c_d$\ne\n:::",
    ] {
        let html = rendered(body).html_as_written();
        let expected = "<p class=\"alert-title\"><mark>a</mark> 🎉 <a href=\"http://www.b.org\">www.b.org</a> <span class=\"math";
        assert!(html.contains(expected), "{html}");
    }
}

#[test]
fn templates_come_out_as_they_went_in() {
    check(
        "A {{ \"b\" | c -- 'd' }} and {% raw %} it's",
        "<p>A {{ \"b\" | c -- 'd' }} and {% raw %} it’s</p>\n",
    );
    check("`{{ a }}`", "<p><code>{{ a }}</code></p>\n");
}

#[test]
fn punctuation_is_smart_if_wanted() {
    check("\"a\" -- b...", "<p>“a” – b…</p>\n");
    let options = RenderOptions {
        smart_punctuation: false,
        ..RenderOptions::default()
    };
    assert_eq!(
        render_markdown("\"a\" -- b...", &options).html_as_written(),
        "<p>\"a\" -- b...</p>\n"
    );
}

#[test]
fn bare_addresses_are_links() {
    let link = |url: &str| format!("<a href=\"{url}\">{url}</a>");
    check(
        "see https://a.b/c_d_e--f.",
        &format!("<p>see {}.</p>\n", link("https://a.b/c_d_e--f")),
    );
    check(
        "(https://a.b/~c)",
        &format!("<p>({})</p>\n", link("https://a.b/~c")),
    );
    check(
        "*https://a.b*",
        &format!("<p><em>{}</em></p>\n", link("https://a.b")),
    );
    check(
        "\"https://a.b\" x",
        &format!("<p>“{}” x</p>\n", link("https://a.b")),
    );
    check(
        "https://a.b/?c=1&amp;d=2&e https://f.g",
        &format!(
            "<p><a href=\"https://a.b/?c=1&amp;d=2&amp;e\">https://a.b/?c=1&amp;d=2&amp;e</a> {}</p>\n",
            link("https://f.g")
        ),
    );
    check("`https://a.b`", "<p><code>https://a.b</code></p>\n");
    check("[https://a.b](c)", "<p><a href=\"c\">https://a.b</a></p>\n");
    check(
        "https://a.b/<b>c</b>",
        &format!("<p>{}<b>c</b></p>\n", link("https://a.b/")),
    );
}

#[test]
fn links_that_are_not_safe_become_text() {
    for destination in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&Tab;script:alert(1)",
        "&#106;avascript&colon;alert(1)",
        "vbscript:a",
        "data:text/html,a",
        "file:///a",
        "&#1;javascript:a",
        "<\tjavascript:a>",
        "",
    ] {
        check(&format!("[a *b*]({destination})"), "<p>a <em>b</em></p>\n");
        check(&format!("![a *b*]({destination})"), "<p>a b</p>\n");
    }
    check("<javascript:a>", "<p>javascript:a</p>\n");
    check(
        "<a@b.c> [d](tel:1)",
        "<p><a href=\"mailto:a@b.c\">a@b.c</a> <a href=\"tel:1\">d</a></p>\n",
    );
}

#[test]
fn links_are_listed_with_their_lines() {
    let body =
        "[a](/a/) [b](mailto:x@y.z)\n\n![c](/y.png) [d](#e) [i](https://i.j/#k) [l](javascript:m)";
    let link = |target: &str, body_line, kind| BodyLink {
        target: target.to_owned(),
        body_line,
        kind,
    };
    assert_eq!(
        rendered(body).links,
        [
            link("/a/", 0, DestinationKind::Link),
            link("/y.png", 2, DestinationKind::Image),
            link("#e", 2, DestinationKind::Link),
            link("https://i.j/#k", 2, DestinationKind::Link),
        ]
    );
}

#[test]
fn addresses_are_escaped() {
    let html = rendered("[a](b)").html.fill_addresses(&["\"><script>"]);
    assert_eq!(html, "<p><a href=\"%22%3E%3Cscript%3E\">a</a></p>\n");
}

#[test]
fn markers_of_an_author_mark_nothing() {
    let html = rendered("[a](/b) \u{1}0\u{2} &#1;0&#2; `\u{1}7\u{2}`")
        .html
        .fill_addresses(&["/here"]);
    assert_eq!(html.matches("/here").count(), 1, "{html}");
}

#[test]
fn feeds_get_clean_html_with_absolute_addresses() {
    check_feed(
        "# A {.c}\n[b](#d) ![e](/b.png)\n\n```rust\nlet a;\n```\n- [x] f",
        "<h2>A</h2>\n<p><a href=\"https://x.org/repo/a/#d\">b</a> <img src=\"https://x.org/repo/b.png\" alt=\"e\"></p>\n\
         <pre><code>let a;</code></pre>\n<ul>\n<li>☑ f</li>\n</ul>\n",
    );
    check_feed(
        "a[^1] $x$\n\n[^1]: b",
        "<p>a<sup>1</sup> <math><mi>x</mi></math></p>\n<hr>\n<ol>\n<li><p>b</p>\n</li>\n</ol>\n",
    );
    check_feed(
        "|a|\n|-:|\n|b|",
        "<table>\n<thead>\n<tr><th>a</th></tr>\n</thead>\n<tbody>\n<tr><td>b</td></tr>\n</tbody>\n</table>\n",
    );
    check_feed(
        "> [!TIP]\n> a",
        "<blockquote>\n<p><strong>Tip</strong></p>\n<p>a</p>\n</blockquote>\n",
    );
    check_feed("<b class=c id=d>x</b>", "<p><b>x</b></p>\n");
}

#[test]
fn boxes_between_colons_are_alerts() {
    check(
        ":::note\na *b*\n:::\nc",
        "<div class=\"alert alert-note\" role=\"note\">\n<p class=\"alert-title\">Note</p>\n<p>a <em>b</em></p>\n</div>\n<p>c</p>\n",
    );
    check(
        ":::danger \"A\" `b` #\n- c\n:::",
        "<div class=\"alert alert-caution\" role=\"note\">\n<p class=\"alert-title\">“A” <code>b</code> #</p>\n<ul>\n<li>c</li>\n</ul>\n</div>\n",
    );
    check(
        ":::recipe\n```\n:::\n```\n:::",
        "<div class=\"alert\" role=\"note\">\n<p class=\"alert-title\">Recipe</p>\n<div class=\"code\"><pre tabindex=\"0\"><code>:::</code></pre></div>\n</div>\n",
    );
    check_feed(
        ":::note A\nb\n:::",
        "<blockquote>\n<p><strong>A</strong></p>\n<p>b</p>\n</blockquote>\n",
    );
}

#[test]
fn callouts_show_their_title() {
    check(
        "> [!tip]- Folded {#a}\n> b\n\n> c",
        "<div class=\"alert alert-tip\" role=\"note\">\n<p class=\"alert-title\">Folded {#a}</p>\n<p>b</p>\n</div>\n<blockquote>\n<p>c</p>\n</blockquote>\n",
    );
    check(
        "> [!Success]\n> a",
        "<div class=\"alert alert-tip\" role=\"note\">\n<p class=\"alert-title\">Success</p>\n<p>a</p>\n</div>\n",
    );
    check("`> [!tip] a`", "<p><code>&gt; [!tip] a</code></p>\n");
}

#[test]
fn only_colons_with_white_space_define() {
    for text in [
        "a\n:bc: d",
        "a `b\n: c` d",
        "> a\n> : b",
        "- a\n  : b",
        "a\n:::b",
    ] {
        let html = rendered(&format!("{text}\n\nTerm\n: what\n")).html_as_written();
        assert_eq!(html.matches("<dt>").count(), 1, "{html}");
        assert!(html.contains("<dt>Term</dt>"), "{html}");
        assert!(
            !html.contains(|c: char| c.is_control() && c != '\n'),
            "{html}"
        );
    }
    check("a\n:bc: d", "<p>a\n:bc: d</p>\n");
}

#[test]
fn emphasis_works_beside_cjk() {
    check(
        "**注意：**使用**重点**",
        "<p><strong>注意：</strong>使用<strong>重点</strong></p>\n",
    );
    check(
        "说**\"你好\"**然后",
        "<p>说<strong>“你好”</strong>然后</p>\n",
    );
    check(
        "说**_强调_**然后*`a`*后",
        "<p>说<strong><em>强调</em></strong>然后<em><code>a</code></em>后</p>\n",
    );
    check(
        "`说**“你”**然`\n\n    说**“你”**然",
        "<p><code>说**“你”**然</code></p>\n<div class=\"code\"><pre tabindex=\"0\"><code>说**“你”**然</code></pre></div>\n",
    );
    check(
        "# **“你”**好\n",
        &format!(
            "<h2 id=\"你好\"><strong>“你”</strong>好{}</h2>\n",
            ANCHOR_A.replace("#a", "#你好")
        ),
    );
}

#[test]
fn marks_in_the_source_reach_no_page() {
    let body =
        "看https://a.b/c*）*d *你“{*” {*“}\n\n## 你 {*“}\n\n:::note *（*你\n![*（*你](a b)\n:::";
    for target in ["", "/a b"] {
        let page = rendered(body);
        let html = page.html.fill_addresses(&vec![target; page.links.len()]);
        let is_mark = |c: char| c == '\u{fffd}' || (c.is_control() && c != '\n');
        assert!(!html.contains(is_mark), "{html:?}");
        assert!(!page.toc.iter().any(|entry| entry.title.contains(is_mark)));
    }
}
