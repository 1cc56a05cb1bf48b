//! Measures the time from a save until the new text is served, and until the browser shows it, with
//! `pressrun serve --watch` on 10,000 posts. Run it with `cargo bench --bench preview`.
//!
//! An edit writes the file directly, or replaces it with another file. After every second edit, the
//! preview gets time to become idle before the next.

#![allow(clippy::print_stdout, reason = "it prints what it measured")]
#![allow(clippy::unwrap_used, reason = "what cannot go on has failed")]

mod corpus;

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/serve/client.rs"]
mod client;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/it/chromium.rs"]
mod chromium;

use std::path::Path;
use std::time::{Duration, Instant};

use client::Preview;

/// Number of posts, unless `PRESSRUN_POSTS` is set.
const POSTS: u64 = 10_000;
const EDITS: u64 = 40;

fn main() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let posts = std::env::var("PRESSRUN_POSTS").ok();
    let posts = posts.and_then(|text| text.parse().ok()).unwrap_or(POSTS);
    put(root.path(), "site.toml", "[content]\ndates = \"none\"\n");
    for index in 0..posts {
        put(
            root.path(),
            &format!("content/{index:06}.txt"),
            &corpus::reply(index),
        );
    }
    let start = Instant::now();
    let preview = Preview::start(root.path(), &["--watch"]);
    println!("{posts} posts: listening after {:.2?}", start.elapsed());
    let page = page_of(&preview, root.path());
    for (name, how) in [
        ("text, written over", Kind::Text),
        ("text, put in its place", Kind::Atomic),
        ("title", Kind::Title),
        ("template", Kind::Template),
    ] {
        let times = (0..EDITS).map(|round| edit(&preview, root.path(), &page, how, round));
        report(name, times.collect());
    }
    in_browser(&preview, root.path(), &page);
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Atomic,
    Title,
    Template,
}

/// The reply that is edited, in the middle of the site.
fn reply(mark: &str, kind: Kind) -> String {
    let text = corpus::reply(17).replacen("TAGS: ", "SLUG: edited\nTAGS: ", 1);
    match kind {
        Kind::Title => text.replacen("TITLE: ", &format!("TITLE: {mark} "), 1),
        _ => text.replacen("\n\n", &format!("\n\n{mark} "), 1),
    }
}

/// Gives the post a fixed address and returns it.
fn page_of(preview: &Preview, root: &Path) -> String {
    put(root, "content/000017.txt", &reply("before", Kind::Text));
    preview.wait_for("/posts/edited/", "before");
    "/posts/edited/".to_owned()
}

/// Measures one edit, from before the write until the text is served.
fn edit(preview: &Preview, root: &Path, page: &str, kind: Kind, round: u64) -> Duration {
    let mark = format!("mark{}x{round}", kind as u8);
    if round.is_multiple_of(2) {
        std::thread::sleep(Duration::from_millis(1_500));
    }
    let text = reply(&mark, kind);
    let path = root.join("content/000017.txt");
    let temporary = root.join("content/.000017.txt.tmp");
    let start = Instant::now();
    match kind {
        Kind::Text | Kind::Title => std::fs::write(&path, text).expect("a disk with room"),
        Kind::Atomic => {
            std::fs::write(&temporary, text).expect("a disk with room");
            std::fs::rename(&temporary, &path).expect("the same folder");
        }
        Kind::Template => put(root, "templates/partials/footer.html", &mark),
    }
    preview.wait_for(page, &mark);
    start.elapsed()
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[(times.len() - 1) * share / 100];
    println!(
        "{name}: median {:.1?}, 90 of 100 within {:.1?}, worst {:.1?}",
        at(50),
        at(90),
        at(100)
    );
}

/// Measures until the reloaded page in a browser shows the text.
fn in_browser(preview: &Preview, root: &Path, page: &str) {
    let Some(mut browser) = chromium::Chromium::start() else {
        println!("no browser was found to measure with");
        return;
    };
    browser.open(&preview.url(page));
    browser.wait_for("document.documentElement.dataset.pressrunSite > 0");
    let times = (0..EDITS).map(|round| {
        std::thread::sleep(Duration::from_millis(1_500));
        let mark = format!("browser{round}");
        let start = Instant::now();
        std::fs::write(root.join("content/000017.txt"), reply(&mark, Kind::Text))
            .expect("a disk with room");
        browser.wait_for(&format!("document.body.textContent.includes('{mark}')"));
        start.elapsed()
    });
    report("text in the browser", times.collect());
}

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a path with a folder")).expect("a folder");
    std::fs::write(path, text).expect("a disk with room");
}
