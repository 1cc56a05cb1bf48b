//! HTML that an author wrote.

use super::*;

fn check_with(raw_html: RawHtmlHandling, body: &str, expected: &str) {
    let options = RenderOptions {
        raw_html,
        ..RenderOptions::default()
    };
    assert_eq!(render_markdown(body, &options).html_as_written(), expected);
}

#[test]
fn harmless_elements_stay() {
    check(
        "a <kbd>b</kbd><br>H<sub>2</sub>O",
        "<p>a <kbd>b</kbd><br>H<sub>2</sub>O</p>\n",
    );
    check(
        "<details open>\n<summary>A</summary>\n\n**b**\n\n</details>",
        "<details open=\"\">\n<summary>A</summary>\n<p><strong>b</strong></p>\n</details>",
    );
}

#[test]
fn scripts_handlers_and_frames_go() {
    check("a<script>alert(1)</script>b", "<p>ab</p>\n");
    check("<script>\nalert(1)\n</script>\n\na", "<p>a</p>\n");
    check("<p onclick=\"x\" style=\"y\">a</p>", "<p>a</p>");
    check("<iframe src=x></iframe>\n\na", "<p>a</p>\n");
    check("<a href=\"java&#115;cript:x\">a</a>", "<p><a>a</a></p>\n");
    check(
        "<img src=x onerror=alert(1)>",
        "<img src=\"x\" alt=\"\" decoding=\"async\">",
    );
}

#[test]
fn picture_without_an_address_goes() {
    check(
        "a <img alt=b> <img src=javascript:x title=c>d",
        "<p>a  d</p>\n",
    );
}

#[test]
fn comments_are_dropped() {
    check("a <!-- b --> c", "<p>a  c</p>\n");
    check("<!-- a\n\nb -->\n\nc", "<p>c</p>\n");
}

#[test]
fn elements_that_do_not_exist_are_text() {
    check(
        "a Vec<T> and <your-name>",
        "<p>a Vec&lt;T&gt; and &lt;your-name&gt;</p>\n",
    );
    check("<your name>\n\na", "<p>&lt;your name&gt;</p>\n<p>a</p>\n");
}

#[test]
fn what_is_left_open_ends_with_its_block() {
    check(
        "- <b>a\n- c",
        "<ul>\n<li><b>a</b></li>\n<li>c</li>\n</ul>\n",
    );
    check("<div>\n\na", "<div>\n<p>a</p>\n</div>");
    check("a</div></p></article>b", "<p>ab</p>\n");
    check(
        "<div title=\"\n\na **b**",
        "<p>&lt;div title=\"</p>\n<p>a <strong>b</strong></p>\n",
    );
    let frame = "<div class=\"table\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">";
    check(
        "<table>\n\na",
        &format!("{frame}\n<table>\n</table>\n</div>\n<p>a</p>\n"),
    );
    check(
        "<table><tr>a<td>b",
        &format!("{frame}\n<table><tbody><tr></tr></tbody></table>\n</div>\nab"),
    );
}

#[test]
fn links_and_images_are_resolved() {
    let page = rendered("a\n\n<div>\n<a href=\"/x/\">b</a>\n<img src=/b.png></div>");
    let html = on_site(&page);
    assert!(
        html.contains("<img src=\"https://x.org/repo/b.png\" alt=\"\""),
        "{html}"
    );
    let lines: Vec<(&str, u32)> = page
        .links
        .iter()
        .map(|link| (&*link.target, link.body_line))
        .collect();
    assert_eq!(lines, [("/x/", 3), ("/b.png", 4)]);
}

#[test]
fn headings_are_demoted_with_the_others() {
    check(
        "<h1 align=\"center\">A</h1>\n\n## B",
        "<h2 align=\"center\">A</h2>\n<h3 id=\"b\">B<a class=\"anchor\" href=\"#b\" aria-label=\"Link to this section\"></a></h3>\n",
    );
}

#[test]
fn ids_cannot_clash() {
    let page = rendered(
        "## A\n\n<p id=\"a\">b</p>\n<p id=\"main\">c</p>\n<p id=\"d\">e</p>\n<p id=\"fn:1\">",
    );
    assert_eq!(page.ids, ["a", "d"]);
    assert_eq!(page.html_as_written().matches("id=").count(), 2);
}

#[test]
fn escape_prints_html_as_text() {
    check_with(
        RawHtmlHandling::Escape,
        "a <b>c</b> <!-- d -->",
        "<p>a &lt;b&gt;c&lt;/b&gt; &lt;!-- d --&gt;</p>\n",
    );
    check_with(
        RawHtmlHandling::Escape,
        "<script>\na\n</script>",
        "<p>&lt;script&gt;\na\n&lt;/script&gt;</p>\n",
    );
}

#[test]
fn allow_passes_html_on() {
    check_with(
        RawHtmlHandling::Allow,
        "a <b onclick=x>c",
        "<p>a <b onclick=x>c</p>\n",
    );
    check_with(
        RawHtmlHandling::Allow,
        "<script>\na < b\n</script>",
        "<script>\na < b\n</script>",
    );
}

#[test]
fn sanitising_leaves_what_we_write_as_it_is() {
    let body = "# A\n\n> [!NOTE]\n> b[^1]\n\n- [x] c\n\n|a|b|\n|-|-:|\n|1|2|\n\n![d](e.png \"f\")\n\n\
                ```rust\nfn a() -> u8 { 1 }\n```\n\ng\n: h\n\n~~i~~ $j$ $$k$$ [l](m \"n\") <o@p.q>\n\n1. r\n\n---\n\n[^1]: s";
    let page = without_formulas(&rendered(body).html_as_written());
    assert_eq!(html::sanitize_page(&page), Some(page));
}

#[test]
fn tables_scroll_like_those_of_markdown() {
    let html = rendered("<table><tr><td>a</td></tr></table>").html_as_written();
    let frame = "<div class=\"table\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">\n<table>";
    assert!(
        html.starts_with(frame) && html.ends_with("</table>\n</div>\n"),
        "{html}"
    );
    check_feed(
        "<table><tr><td>a</td></tr></table>",
        "<table><tbody><tr><td>a</td></tr></tbody></table>",
    );
}

#[test]
fn classes_of_the_theme_are_not_for_authors() {
    check(
        "<div class=\"code\"><div class=\"x cop&#121; right\">a</div></div>",
        "<div><div class=\"x right\">a</div></div>",
    );
    let html = rendered("## A {.copy .x .skip}").html_as_written();
    assert!(html.starts_with("<h2 id=\"a\" class=\"x\">"), "{html}");
}

#[test]
fn element_ends_where_a_parser_ends_it() {
    check("<p><b>a<p>c", "<p><b>a</b></p><p>c</p>");
    check("<p><b>a\n\nc", "<p><b>a\n</b></p><p>c</p>\n");
    check(
        "<ul><li><div><b>a<li>c</ul>",
        "<ul><li><div><b>a</b></div></li><li>c</li></ul>",
    );
    check("- <b>a<li>c", "<ul>\n<li><b>ac</b></li>\n</ul>\n");
    check("*a <div>c</div>*", "<p><em>a c</em></p>\n");
    check(
        "- x <p>a *b <div>c</div>*",
        "<ul>\n<li>x <p>a <em>b c</em></p></li>\n</ul>\n",
    );
    check(
        "a <b>c <div>d</div>",
        "<p>a <b>c </b></p><div>d</div><p></p>\n",
    );
}

#[test]
fn links_do_not_stand_in_links() {
    check(
        "<a href=\"/x\">a [b](/y)</a> [c <a href=\"/z\">d</a>](/w)",
        "<p><a href=\"/x\">a b</a> <a href=\"/w\">c d</a></p>\n",
    );
    check(
        "<div><a href=\"/x\">a\n\n[b](/y)",
        "<div><a href=\"/x\">a\n</a><p><a href=\"/y\">b</a></p>\n</div>",
    );
}

#[test]
fn what_is_removed_with_its_content_removes_no_end_of_a_span() {
    check("*a <svg> b* </svg> c", "<p><em>a  b</em>  c</p>\n");
    check("a <svg> *b </svg> c* d", "<p>a  <em>b  c</em> d</p>\n");
    check("<b>a <svg></b> c</svg> d", "<p><b>a  d</b></p>\n");
}

#[test]
fn ids_are_those_of_the_elements_that_are_left() {
    let ids = |body: &str| rendered(body).ids;
    assert_eq!(ids("<svg>[^1]</svg> b\n\n[^1]: c"), ["fn:1"]);
    assert_eq!(
        ids("a <svg>[^1]</svg> b[^1]\n\n[^1]: c"),
        ["fnref:1", "fn:1"]
    );
    assert_eq!(ids("a <img id=x> b <b id=y>c</b>"), ["y"]);
    assert_eq!(ids("a[^1]\n\n[^1]: c\n[^1]: d[^1]"), ["fnref:1", "fn:1"]);
    let html = rendered("a <svg>[^1]</svg> b\n\n[^1]: c").html_as_written();
    assert!(!html.contains("#fnref"), "{html}");
}

#[test]
fn byte_order_marks_are_not_shown() {
    check(
        "\u{feff}\u{feff}a\n\n<b>x</b>",
        "<p>a</p>\n<p><b>x</b></p>\n",
    );
}

#[test]
fn code_written_as_html_stays_literal() {
    check(
        "<code>a -- \"b\"...</code> -- <KBD>--c</KBD> <tt>'d'</tt>",
        "<p><code>a -- \"b\"...</code> – <kbd>--c</kbd> <code>'d'</code></p>\n",
    );
    let table = rendered("| <code>--a \"b\"</code> | -- |\n|-|-|").html_as_written();
    assert!(
        table.contains("<code>--a \"b\"</code></th><th scope=\"col\">–"),
        "{table}"
    );
    check("<var>--a\n\n--b", "<p><var>--a</var></p>\n<p>–b</p>\n");
    for mode in [RawHtmlHandling::Allow, RawHtmlHandling::Escape] {
        let options = RenderOptions {
            raw_html: mode,
            ..RenderOptions::default()
        };
        let html = render_markdown("<code>--a &ldquo;</code> --", &options).html_as_written();
        assert!(html.contains("--a “") && html.contains('–'), "{html}");
    }
}

#[test]
fn films_and_sounds_stay_with_controls() {
    check(
        "<video src=\"/a.mp4\" poster=\"/b.png\" autoplay onplay=x></video>",
        "<p><video src=\"/a.mp4\" poster=\"/b.png\" controls=\"\" preload=\"none\"></video></p>\n",
    );
    check(
        "<audio controls>\n<source src=\"a.mp3\" type=\"audio/mpeg\">\nNo sound.\n</audio>\n\nb",
        "<audio controls=\"\" preload=\"none\">\n<source src=\"a.mp3\" type=\"audio/mpeg\">\nNo sound.\n</audio>\n<p>b</p>\n",
    );
    // What follows one that is left open is shown.
    check(
        "<video src=\"/a.mp4\">\n\nb",
        "<video src=\"/a.mp4\" controls=\"\" preload=\"none\">\n</video><p>b</p>\n",
    );
    check(
        "<video src=\"javascript:x\" poster=\"data:x\"></video>",
        "<p><video controls=\"\" preload=\"none\"></video></p>\n",
    );
    check("a <source src=b> c", "<p>a  c</p>\n");
}

#[test]
fn what_is_hidden_is_not_shown() {
    check(
        "a<span style=\"display: NONE\">b *c*</span>d",
        "<p>ad</p>\n",
    );
    check("<p hidden>a</p>\n\nb", "\n<p>b</p>\n");
    check("<div hidden><div>a</div>b</div>\n\nc", "\n<p>c</p>\n");
    check(
        "<p hidden>a\n\n> b",
        "<blockquote>\n<p>b</p>\n</blockquote>\n",
    );
    check("<div><p hidden>a<h1>b</h1></div>", "<div><h2>b</h2></div>");
    check("<font hidden>\n\né\n\n</font>\n\nb", "\n<p>b</p>\n");
    check("<font style=\"display:none\">a</font>b", "<p>b</p>\n");
    check("<span hidden>a</span>", "");
    check("*a <p hidden>b</p>* c", "<p><em>a </em> c</p>\n");
    check("a <td hidden>b</td> c", "<p>a  c</p>\n");
    check("a <b>b <p hidden>c</p> d", "<p>a <b>b </b> d</p>\n");
    check("a <img src=x hidden> <input hidden> b", "<p>a   b</p>\n");
    let page = rendered(
        "<div style=\"display:none\">\n\n# A\n\nb[^1] [c](d)\n\n[^1]: e\n\n</div>\n\nf[^2]\n\n[^2]: g\n\n## H <b hidden>i</b>j",
    );
    let html = page.html_as_written();
    assert!(
        !html.contains("<h2 id=\"a\"") && !html.contains(">e"),
        "{html}"
    );
    let titles: Vec<_> = page
        .toc
        .iter()
        .map(|entry| (&*entry.title, entry.level))
        .collect();
    assert_eq!(titles, [("H j", 2)]);
    assert_eq!(page.ids, ["fnref:1", "h-j", "fn:1"]);
    let page = rendered("a[^1]\n\n<p hidden>\n\n[^1]: b\n\n</p>\n\nc[^2]\n\n[^2]: d");
    assert_eq!(page.ids, ["fnref:1", "fnref:2", "fn:1", "fn:2"]);
    assert!(!page.html_as_written().contains(">b"));
}
