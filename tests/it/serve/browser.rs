//! What a browser makes of it: reload, swapped styles, overlay. Skipped where there is none.

use super::client::Preview;
use crate::chromium::Chromium;
use crate::site::Site;

/// A long post, so that there is somewhere to scroll to.
fn reply(text: &str) -> String {
    let rest = "A paragraph.\n\n".repeat(200);
    format!("TITLE: First\n\n{text}\n\n{rest}\n\n-EndOFText-\n")
}

/// Waits until the page has its stream: it was told of a site.
const CONNECTED: &str = "document.documentElement.dataset.pressrunSite > 0";

/// The text of the overlay, empty if there is none.
const OVERLAY: &str =
    "(document.getElementById('_pressrun-problems')?.shadowRoot.textContent ?? '')";

#[test]
fn page_reloads_swaps_styles_and_shows_errors() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let site = Site::new()
        .file("content/one.txt", reply("The first text."))
        .file("static/style.css", "body { color: rgb(1, 2, 3) }");
    let preview = Preview::start(&site.path(""), &["--watch", "--drafts"]);
    browser.open(&preview.url("/posts/first/"));
    browser.wait_for(CONNECTED);

    // Saved: the page is loaded again, and stays where it was.
    browser.eval("scrollTo(0, 1500), window.before = true");
    site.write("content/one.txt", reply("The second text."));
    browser.wait_for("document.body.textContent.includes('The second text.')");
    browser.wait_for("window.before === undefined && scrollY === 1500");
    browser.wait_for(CONNECTED);

    // Styles: swapped in the same page.
    browser.eval("window.before = true");
    site.write("static/style.css", "body { color: rgb(4, 5, 6) }");
    browser.wait_for("getComputedStyle(document.body).color === 'rgb(4, 5, 6)'");
    browser.wait_for("document.querySelectorAll('link[rel=stylesheet]').length === 1");
    assert_eq!(browser.eval("window.before"), true);

    // Wrong: said over the page, which stays as it is; put right: gone.
    site.write("templates/post.html", "{% if %}");
    browser.wait_for(&format!("{OVERLAY}.includes('templates/post.html:1')"));
    browser.wait_for(&format!("{OVERLAY}.includes('{{% if %}}')"));
    let shown = "getComputedStyle(document.getElementById('_pressrun-problems')\
                 .shadowRoot.querySelector('section')).position === 'fixed'";
    assert_eq!(
        browser.eval(shown),
        true,
        "the policy of the page lets it be drawn"
    );
    assert_eq!(browser.eval("window.before"), true);
    site.remove("templates/post.html");
    browser.wait_for(&format!("{OVERLAY} === ''"));
    assert_eq!(browser.eval("window.before"), true);

    // Moved: the tab goes along.
    site.write(
        "content/one.txt",
        reply("The second text.").replace("First", "Other"),
    );
    browser.wait_for("location.pathname === '/posts/other/'");

    // A draft says so.
    site.write(
        "content/two.md",
        "---\ntitle: Draft\ndraft: true\n---\nA draft it is.\n",
    );
    preview.line("content/two.md changed");
    browser.open(&preview.url("/posts/draft/"));
    browser
        .wait_for("document.getElementById('_pressrun-mark')?.shadowRoot.textContent === 'Draft'");
}
