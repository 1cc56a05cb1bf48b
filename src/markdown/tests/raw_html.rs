//! HTML that an author wrote.

use super::*;

fn check_with(raw_html: RawHtml, body: &str, expected: &str) {
    let options = Options {
        raw_html,
        ..Options::default()
    };
    assert_eq!(render(body, &options).html_as_written(), expected);
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
        "<img src=\"x\" alt=\"\" loading=\"lazy\" decoding=\"async\">",
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
    check("<table>\n\na", "<table>\n</table><p>a</p>\n");
    check(
        "<table><tr>a<td>b",
        "<table><tbody><tr></tr></tbody></table>ab",
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
        RawHtml::Escape,
        "a <b>c</b> <!-- d -->",
        "<p>a &lt;b&gt;c&lt;/b&gt; &lt;!-- d --&gt;</p>\n",
    );
    check_with(
        RawHtml::Escape,
        "<script>\na\n</script>",
        "<p>&lt;script&gt;\na\n&lt;/script&gt;</p>\n",
    );
}

#[test]
fn allow_passes_html_on() {
    check_with(
        RawHtml::Allow,
        "a <b onclick=x>c",
        "<p>a <b onclick=x>c</p>\n",
    );
    check_with(
        RawHtml::Allow,
        "<script>\na < b\n</script>",
        "<script>\na < b\n</script>",
    );
}

#[test]
fn sanitising_leaves_what_we_write_as_it_is() {
    let body = "# A\n\n> [!NOTE]\n> b[^1]\n\n- [x] c\n\n|a|b|\n|-|-:|\n|1|2|\n\n![d](e.png \"f\")\n\n\
                ```rust\nfn a() -> u8 { 1 }\n```\n\ng\n: h\n\n~~i~~ $j$ $$k$$ [l](m \"n\") <o@p.q>\n\n1. r\n\n---\n\n[^1]: s";
    let page = rendered(body);
    assert_eq!(
        html::sanitize(&page.html_as_written()),
        page.html_as_written()
    );
}
