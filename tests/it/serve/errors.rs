//! Tests that errors are shown, and disappear once they are fixed.

use super::client::Preview;
use crate::site::Site;

fn site() -> Site {
    Site::new().reply("one", "First", "a", "News")
}

/// Breaks a file and fixes it again, with a page open.
fn check(path: &str, right: &str, wrong: &str, expected: &[&str]) {
    let site = site().file(path, right);
    let preview = Preview::start(&site.path(""), &["--watch"]);
    let before = preview.get("/posts/first/").text();
    let mut tab = preview.tab("/posts/first/");
    site.write(path, wrong);
    let news = tab.news();
    let problem = news["problems"][0].as_str().unwrap();
    for part in expected {
        assert!(problem.contains(part), "no {part} in {problem}");
    }
    assert_eq!(news["reload"], false);
    preview.error(expected[0]);
    preview.error("the last good version is shown");
    assert_eq!(
        preview.get("/posts/first/").text(),
        before,
        "the last good site stays"
    );
    assert!(
        preview
            .get("/_pressrun/")
            .text()
            .contains("class=\"problem\"")
    );
    // Something else changes, and the error is still there.
    site.write(
        "content/two.txt",
        "TITLE: Second\n\nThe second text.\n\n-EndOFText-\n",
    );
    site.write(path, right);
    let mut last = tab.next().unwrap();
    while !last["problems"].as_array().unwrap().is_empty() {
        last = tab.next().unwrap();
    }
    assert!(preview.line("changed").contains("the error is fixed"));
}

#[test]
fn configuration() {
    check(
        "site.toml",
        "[content]\ndates = \"none\"\n",
        "[content]\ndate = \"none\"\n",
        &[
            "error[unknown-key]",
            "--> site.toml:2:1",
            "2 | date = \"none\"",
            "help: did you mean `dates`?",
        ],
    );
}

#[test]
fn template_that_cannot_be_read() {
    check(
        "templates/list.html",
        "{% for post in list.posts %}{{ post.title }}{% endfor %}",
        "{% for post in %}",
        &[
            "error[template-error]",
            "--> templates/list.html:1:",
            "1 | {% for post in %}",
        ],
    );
}

#[test]
fn template_that_cannot_be_rendered() {
    check(
        "templates/post.html",
        "<html><head></head>{{ post.title }}</html>",
        "<html><head></head>{{ post.titel }}</html>",
        &[
            "`titel` is not defined",
            "--> templates/post.html:1:",
            "it was rendering the post `First` in content/one.txt",
        ],
    );
}

#[test]
fn template_of_a_page_that_is_not_open_is_tried_too() {
    check(
        "templates/search.html",
        "<html><head></head></html>",
        "{{ page.titel }}",
        &["`titel` is not defined", "--> templates/search.html:1:"],
    );
}

#[test]
fn two_files_that_want_one_path() {
    let site = site();
    let preview = Preview::start(&site.path(""), &["--watch"]);
    let mut tab = preview.tab("/");
    site.write("static/archive/index.html", "mine");
    let news = tab.news();
    assert!(
        news["problems"][0]
            .as_str()
            .unwrap()
            .contains("error[path-conflict]")
    );
    site.remove("static/archive/index.html");
    let message = tab.next().unwrap();
    assert_eq!(message["problems"].as_array().unwrap().len(), 0);
}

#[test]
fn site_that_is_broken_at_the_start_is_served_once_it_is_right() {
    let right = "base_url = \"https://x.example/repo/\"\n[content]\ndates = \"none\"\n";
    let site = site().file("site.toml", format!("titel = 1\n{right}"));
    let preview = Preview::start(&site.path(""), &["--watch"]);
    preview.error("unknown-key");
    let answer = preview.get("/posts/first/");
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("did you mean `title`?"));
    let mut tab = preview.tab("/repo/posts/first/");
    site.write("site.toml", right);
    assert_eq!(tab.news()["reload"], true);
    assert_eq!(preview.get("/repo/posts/first/").status, 200);
}

#[cfg(unix)]
#[test]
fn damaged_cache_is_made_anew() {
    let site = site();
    let bodies = site.path(".pressrun/serve/bodies-0");
    let damage = || {
        let file = std::fs::File::options().write(true).open(&bodies).unwrap();
        file.set_len(10).unwrap();
    };
    let mut preview = Preview::start(&site.path(""), &[]);
    let page = preview.get("/posts/first/").text();
    assert_eq!(preview.interrupt().code(), Some(0));
    damage();
    // Before it starts, while it runs, and again.
    let preview = Preview::start(&site.path(""), &[]);
    for _ in 0..2 {
        let answer = preview.get("/posts/first/");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.text().contains("The text of one has a few words."));
        assert_eq!(answer.text().len(), page.len());
        damage();
    }
}

#[test]
fn change_beside_an_error_is_shown_once_that_is_put_right() {
    let site = site();
    let preview = Preview::start(&site.path(""), &["--watch"]);
    let mut tab = preview.tab("/posts/first/");
    let right = std::fs::read_to_string(site.path("site.toml")).unwrap();
    site.write("site.toml", "titel = 1\n");
    assert!(!tab.news()["problems"].as_array().unwrap().is_empty());
    site.write(
        "content/one.txt",
        "TITLE: First\n\nWritten meanwhile.\n\n-EndOFText-\n",
    );
    site.write("site.toml", right);
    preview.wait_for("/posts/first/", "Written meanwhile.");
}

#[test]
fn first_preview_knows_from_the_build_that_the_content_folder_is_gone() {
    // The cache of the build and the manifest of the output folder know it; either is enough.
    for forgotten in ["public", ".pressrun"] {
        let site = site();
        site.build();
        std::fs::remove_dir_all(site.path(forgotten)).unwrap();
        std::fs::rename(site.path("content"), site.path("away")).unwrap();
        let preview = Preview::start(&site.path(""), &["--watch"]);
        preview.error("error[content-gone]");
        std::fs::rename(site.path("away"), site.path("content")).unwrap();
        preview.wait_for("/archive/", "First");
    }
}
