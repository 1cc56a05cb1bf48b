//! Tests the review desk in a browser. Skipped if there is none.

use std::time::{Duration, Instant};

use serde_json::json;

use super::client::Preview;
use super::review::{DeskPage, generated, order, waiting_site};
use crate::chromium::Chromium;
use crate::server::Server;

const READY: &str = "document.documentElement.dataset.ready === 'true'";

/// True when nothing is on its way, so that keys decide.
const IDLE: &str = "document.getElementById('post').ariaBusy === 'false'";

/// Opens the desk, with the name of a person in its field.
fn open_desk(browser: &mut Chromium, preview: &Preview) -> String {
    let url = format!(
        "http://{}/_pressrun/review/",
        preview.desk.as_ref().unwrap()
    );
    browser.open(&url);
    browser.wait_for(READY);
    browser.eval(
        "(() => { const name = document.getElementById('name'); name.value = 'Ann'; \
         name.dispatchEvent(new Event('change')); document.getElementById('title').focus() })()",
    );
    url
}

fn title(browser: &mut Chromium) -> String {
    let title = browser.eval("document.getElementById('title').textContent");
    title.as_str().unwrap().to_owned()
}

fn says(id: &str, text: &str) -> String {
    format!(
        "document.getElementById('{id}').textContent.includes({})",
        json!(text)
    )
}

#[test]
fn twenty_posts_are_approved_by_keyboard() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let site = waiting_site(22);
    let preview = Preview::start(&site.path(""), &["--review"]);
    open_desk(&mut browser, &preview);
    browser.wait_for("document.querySelectorAll('#rows li').length === 22");

    // No key decides anything while a person types, or together with another key.
    browser.eval("document.getElementById('name').focus()");
    browser.press("a");
    assert_eq!(
        browser.eval("document.getElementById('name').value"),
        "Anna"
    );
    browser.eval(
        "document.getElementById('name').value = 'Ann', document.getElementById('title').focus()",
    );

    let start = Instant::now();
    for approved in 1..=20 {
        let before = title(&mut browser);
        browser.press("a");
        browser.wait_for(&format!(
            "document.getElementById('title').textContent !== {} && document.activeElement.id === 'title'",
            json!(before)
        ));
        browser.wait_for(IDLE);
        browser.wait_for(&says("states", &format!("Approved {approved}")));
        browser.wait_for(&says("status", &format!("Approved: {before}")));
    }
    // The measure of the task; on a machine that does nothing else it takes two seconds.
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    let approved = |site: &crate::site::Site| {
        let files = std::fs::read_dir(site.path("content")).unwrap();
        let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        texts.filter(|text| text.contains("approved:")).count()
    };
    assert_eq!(approved(&site), 20);

    // What was decided last is undone, with the focus on that post.
    browser.press("u");
    browser.wait_for(&says("status", "Undone: "));
    browser.wait_for(IDLE);
    assert_eq!(approved(&site), 19);

    // A rejection asks for the reason.
    browser.press("r");
    browser.wait_for("document.activeElement.id === 'reason'");
    browser.write("too thin");
    browser.press("Enter");
    browser.wait_for(&says("status", "Rejected: "));
    browser.wait_for(&says("states", "Rejected 1"));
    browser.wait_for(IDLE);

    // Back, forth, and the list of keys.
    let before = title(&mut browser);
    browser.press("j");
    browser.wait_for(&format!(
        "document.getElementById('title').textContent !== {}",
        json!(before)
    ));
    browser.press("k");
    browser.wait_for(&format!(
        "document.getElementById('title').textContent === {}",
        json!(before)
    ));
    browser.press("?");
    browser.wait_for("document.getElementById('keys').open");
    browser.press("a");
    assert_eq!(browser.eval("document.getElementById('keys').open"), true);
    assert_eq!(approved(&site), 19);
    assert_eq!(browser.errors, Vec::<String>::new());
}

#[test]
fn edits_and_decisions_elsewhere_show_at_once() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let site = waiting_site(2);
    let mut preview = Preview::start(&site.path(""), &["--review"]);
    let url = open_desk(&mut browser, &preview);
    assert_eq!(title(&mut browser), "Post 1");

    site.write("content/p01.md", generated(1).replace("w1x3 ", "heron "));
    browser.wait_for(&says("alert", "The text was just changed"));
    browser.wait_for(&says("source", "heron"));

    // Another tab decides. This one shows it, and does not decide once more.
    let other = DeskPage::open(&preview);
    let mut decision = order("approve", &other.row(0));
    decision["by"] = json!("Bob");
    assert_eq!(other.act("act", &decision).0, 200);
    browser.wait_for(&says("meta", "Approved"));
    browser.wait_for(&says("meta", "Bob"));
    browser.press("a");
    browser.wait_for("document.getElementById('title').textContent === 'Post 2'");
    browser.wait_for(IDLE);
    let text = std::fs::read_to_string(site.path("content/p01.md")).unwrap();
    assert!(text.contains("Bob") && !text.contains("Ann"), "{text}");

    // The name and the decisions are still there after a crash.
    browser.press("a");
    browser.wait_for(&says("states", "Approved 2"));
    let port = url.rsplit_once(':').unwrap().1.split('/').next().unwrap();
    let site_port: u16 = port.parse::<u16>().unwrap() - 1;
    preview.end();
    let site_port = site_port.to_string();
    let preview = Preview::start(&site.path(""), &["--review", "--port", &site_port]);
    if preview.desk.as_deref().unwrap().ends_with(port) {
        browser.open(&url);
        browser.wait_for(READY);
        assert_eq!(browser.eval("document.getElementById('name').value"), "Ann");
        browser.wait_for(&says("states", "Approved 2"));
    }
}

#[test]
fn no_other_page_can_decide() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    // Templates of the site may run scripts, so its own pages are as foreign as others.
    let site = waiting_site(1).file("static/evil.html", "<p>x").file(
        "static/evil.js",
        "parent.postMessage({ action: 'approve' }, '*')",
    );
    let preview = Preview::start(&site.path(""), &["--review"]);
    let desk = DeskPage::open(&preview);
    let address = preview.desk.as_ref().unwrap();
    let order = order("approve", &desk.row(0));
    let foreign = tempfile::tempdir().unwrap();
    std::fs::write(foreign.path().join("index.html"), "<!doctype html><p>x").unwrap();
    let server = Server::below("/");
    server.folder(foreign.path());
    for page in [preview.url("/evil.html"), server.base_url.clone()] {
        browser.open(&page);
        // It cannot read the token.
        let read = format!(
            "fetch('http://{address}/_pressrun/review/').then(a => a.text()).catch(() => 'refused')"
        );
        assert_eq!(browser.eval(&read), "refused", "{page}");
        // Even with the token it cannot decide, whatever it sends.
        let token = &desk.start["token"];
        for more in [
            format!("headers: {{'Content-Type': 'application/json', 'X-Pressrun-Token': {token}}}"),
            "mode: 'no-cors', headers: {'Content-Type': 'text/plain'}".to_owned(),
        ] {
            let send = format!(
                "fetch('http://{address}/_pressrun/review/act', {{method: 'POST', {more}, body: {}}})\
                 .then(a => a.type === 'opaque' ? 'refused' : a.status).catch(() => 'refused')",
                json!(order.to_string())
            );
            assert_eq!(browser.eval(&send), "refused", "{page}");
        }
        // It cannot show the desk in a frame to guide a click.
        let frame = format!(
            "new Promise(done => {{ const frame = document.createElement('iframe'); \
             frame.src = 'http://{address}/_pressrun/review/'; frame.onload = () => {{ \
             let seen = 'refused'; try {{ seen = frame.contentDocument?.title ?? 'refused' }} catch {{}} \
             done(seen) }}; document.body.append(frame) }})"
        );
        assert_eq!(browser.eval(&frame), "refused", "{page}");
    }
    let text = std::fs::read_to_string(site.path("content/p01.md")).unwrap();
    assert_eq!(text, generated(1));
}
