//! Signs that other programs write: attribute lists, titles of code, wiki links, marks.

use super::*;

#[test]
fn attribute_lists_of_kramdown_are_not_shown() {
    check(
        "* TOC\n{:toc}\n\na\n{: .b}\n\nA {: c} stays.",
        "<p>a</p>\n<p>A {: c} stays.</p>\n",
    );
    check(
        "- a\n{: .b}\n- c",
        "<ul>\n<li>a\n</li>\n<li>c</li>\n</ul>\n",
    );
    check(
        "## a\n{: .b #c}\nd",
        &format!("<h2 id=\"a\">a{ANCHOR_A}</h2>\n<p>d</p>\n"),
    );
    check(
        "```\n{: .b}\n```",
        "<div class=\"code\"><pre tabindex=\"0\"><code>{: .b}</code></pre></div>\n",
    );
}

#[test]
fn picture_with_spaces_is_one_if_its_file_is_there() {
    let page = rendered("![a *b*](my picture.png)\n\n![c](d.png)");
    assert_eq!(page.links[0].target, "my picture.png");
    assert_eq!(page.links[0].kind, DestinationKind::SpacedImage);
    assert_eq!(
        page.html.fill_addresses(&["/my picture.png", "/d.png"]),
        "<p><img src=\"/my%20picture.png\" alt=\"a b\" decoding=\"async\"></p>\n\
         <p><img src=\"/d.png\" alt=\"c\" decoding=\"async\"></p>\n"
    );
    assert_eq!(
        page.html.fill_addresses(&["", "/d.png"]),
        "<p>![a *b*](my picture.png)</p>\n\
         <p><img src=\"/d.png\" alt=\"c\" decoding=\"async\"></p>\n"
    );
    let page = rendered("<b>x</b> ![a>b](c d.png \"e\")");
    assert_eq!(
        page.html.fill_addresses(&[""]),
        "<p><b>x</b> ![a&gt;b](c d.png \"e\")</p>\n"
    );
}

#[test]
fn code_blocks_have_titles_numbers_and_marked_lines() {
    check(
        "```text:a.txt {2} linenos\n<a>\n\nb\n```",
        "<div class=\"code\" data-lang=\"text\"><p class=\"code-title\">a.txt</p><pre tabindex=\"0\">\
         <code class=\"language-text\"><span class=\"code-line\" data-line=\"1\">&lt;a&gt;</span>\n\
         <span class=\"code-line code-marked\" data-line=\"2\"></span>\n\
         <span class=\"code-line\" data-line=\"3\">b</span></code></pre></div>\n",
    );
    let html = rendered("```rust {1}\n/* a\nb */\n```\n\n<b>c</b>").html_as_written();
    assert_eq!(html.matches("code-line").count(), 2, "{html}");
    assert_eq!(
        html.matches("<span").count(),
        html.matches("</span>").count()
    );
    check_feed(
        "```rust title=\"a<b\"\nc\n```",
        "<p><strong>a&lt;b</strong></p>\n<pre><code>c</code></pre>\n",
    );
}

#[test]
fn wiki_links_are_shown_only_if_they_lead_somewhere() {
    let page = rendered("a [[B#c|*d*]] ![[e.png|f]] [[javascript:x]]\n\n<b>g</b>");
    let shown = page.html.fill_addresses(&["/b/#c", "/e.png", ""]);
    assert_eq!(
        shown,
        "<p>a <a href=\"/b/#c\"><em>d</em></a> <img src=\"/e.png\" alt=\"f\" \
         decoding=\"async\"> javascript:x</p>\n<p><b>g</b></p>\n"
    );
    assert_eq!(
        page.html_as_written(),
        "<p>a <em>d</em> f javascript:x</p>\n<p><b>g</b></p>\n"
    );
}

#[test]
fn marked_text_addresses_and_emoji_are_shown() {
    check(
        "a ==b **c**== ~~d~~ `==e==` f==g==h <kbd>==i== :tada:</kbd>",
        "<p>a <mark>b <strong>c</strong></mark> <del>d</del> <code>==e==</code> f==g==h \
         <kbd>==i== :tada:</kbd></p>\n",
    );
    check(
        "www.a.org/x_y_z, b_c@d.org :tada: `:tada:`",
        "<p><a href=\"http://www.a.org/x_y_z\">www.a.org/x_y_z</a>, <a href=\"mailto:b_c@d.org\">b_c@d.org</a> 🎉 \
         <code>:tada:</code></p>\n",
    );
}

#[test]
fn lines_of_chinese_and_japanese_have_no_space_between() {
    check(
        "第一行，\n**第二**\n行 a\n中",
        "<p>第一行，<strong>第二</strong>行 a\n中</p>\n",
    );
    check(
        "# 中\n文",
        "<h2 id=\"中\">中<a class=\"anchor\" href=\"#中\" aria-label=\"Link to this section\"></a></h2>\n<p>文</p>\n",
    );
    check("한국\n어", "<p>한국\n어</p>\n");
}
