//! Tests the preview in a browser: reloading, replaced styles, the overlay. Skipped if there is no
//! browser.

use super::client::Preview;
use crate::chromium::Chromium;
use crate::site::Site;

/// Returns a long post, so that the page can be scrolled.
fn reply(text: &str) -> String {
    let rest = "A paragraph.\n\n".repeat(200);
    format!("TITLE: First\n\n{text}\n\n{rest}\n\n-EndOFText-\n")
}

/// True when the page holds its event stream and has received the state of the site.
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

    // After a save, the page is reloaded and keeps its scroll position.
    browser.eval("scrollTo(0, 1500), window.before = true");
    site.write("content/one.txt", reply("The second text."));
    browser.wait_for("document.body.textContent.includes('The second text.')");
    browser.wait_for("window.before === undefined && scrollY === 1500");
    browser.wait_for(CONNECTED);

    // Styles are replaced without reloading the page.
    browser.eval("window.before = true");
    site.write("static/style.css", "body { color: rgb(4, 5, 6) }");
    browser.wait_for("getComputedStyle(document.body).color === 'rgb(4, 5, 6)'");
    browser.wait_for("document.querySelectorAll('link[href*=style-]').length === 1");
    assert_eq!(browser.eval("window.before"), true);

    // An error is shown over the page, which stays as it is. Once it is fixed, the message
    // disappears.
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

    // When the post moves, its tab follows.
    site.write(
        "content/one.txt",
        reply("The second text.").replace("First", "Other"),
    );
    browser.wait_for("location.pathname === '/posts/other/'");

    // The page of a draft says that it is one. No tab is open meanwhile: its reloading could undo the navigation.
    browser.open("about:blank");
    site.write(
        "content/two.md",
        "---\ntitle: Draft\ndraft: true\n---\nA draft it is.\n",
    );
    preview.line("content/two.md changed");
    browser.open(&preview.url("/posts/draft/"));
    browser
        .wait_for("document.getElementById('_pressrun-mark')?.shadowRoot.textContent === 'Draft'");
}
