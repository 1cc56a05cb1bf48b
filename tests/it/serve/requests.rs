//! Tests the answers to requests.

use super::client::Preview;
use crate::site::Site;

fn site() -> Site {
    Site::with_config(
        "title = \"Test\"\nbase_url = \"https://example.github.io/repo/\"\n[content]\ndates = \"none\"\n",
    )
    .reply("one", "First", "a", "News")
    .file("static/pictures/dot.png", b"not really a picture".as_slice())
    .file("static/about.html", "<html><head></head><p>About</p></html>")
}

fn check(preview: &Preview, path: &str, status: u16, header: &str, value: &str) {
    let answer = preview.get(path);
    let found = answer.headers.get(header).map(String::as_str);
    assert_eq!((answer.status, found), (status, Some(value)), "{path}");
}

#[test]
fn site_is_served_under_the_path_of_its_address_as_github_pages_does() {
    let site = site();
    let preview = Preview::start(&site.path(""), &[]);
    assert_eq!(preview.home, "/repo/");
    let html = "text/html; charset=utf-8";
    for (path, status, header, value) in [
        ("/repo/", 200, "content-type", html),
        ("/repo/index.html", 200, "content-type", html),
        ("/repo/posts/first/", 200, "content-type", html),
        ("/repo/about", 200, "content-type", html),
        ("/repo/nowhere/", 404, "content-type", html),
        ("/elsewhere/", 404, "content-type", html),
        (
            "/repo/atom.xml",
            200,
            "content-type",
            "application/xml; charset=utf-8",
        ),
        (
            "/repo/feed.json",
            200,
            "content-type",
            "application/json; charset=utf-8",
        ),
        ("/repo/pictures/dot.png", 200, "content-type", "image/png"),
        (
            "/repo/pagefind/pagefind.js",
            200,
            "content-type",
            "text/javascript; charset=utf-8",
        ),
        ("/repo/pagefind/nothing", 404, "content-type", html),
        ("/", 302, "location", "/repo/"),
        ("/repo", 302, "location", "/repo/"),
        (
            "/repo/posts/first?x=1",
            302,
            "location",
            "/repo/posts/first/?x=1",
        ),
        ("/repo/", 200, "cache-control", "no-cache"),
        ("/repo/", 200, "x-content-type-options", "nosniff"),
    ] {
        check(&preview, path, status, header, value);
    }
    assert!(
        preview
            .get("/repo/nowhere/")
            .text()
            .contains("Page not found")
    );
    assert!(!site.path("public").exists());
}

#[test]
fn pages_lead_to_the_local_address() {
    let site = site().file(
        "content/two.txt",
        "TITLE: Second\n\nSee [the first](https://example.github.io/repo/posts/first/#x), \
         [home](https://example.github.io/repo/) and [others](https://example.github.io/other/).\n",
    );
    let preview = Preview::start(&site.path(""), &[]);
    let page = preview.get("/repo/posts/second/").text();
    assert!(page.contains("href=\"/repo/posts/first/#x\""), "{page}");
    assert!(page.contains("href=\"/repo/\""));
    let others = page.matches("example.github.io").count();
    assert_eq!(
        others,
        page.matches("example.github.io/other/").count(),
        "{page}"
    );
    let canonical = format!(
        "rel=\"canonical\" href=\"{}\"",
        preview.url("/repo/posts/second/")
    );
    assert!(page.contains(&canonical), "{page}");
}

#[test]
fn browser_is_not_sent_what_it_has() {
    let site = site();
    let preview = Preview::start(&site.path(""), &[]);
    let host = ("host", "localhost");
    let tag = preview.get("/repo/").headers["etag"].clone();
    let again = preview.request("GET", "/repo/", &[host, ("if-none-match", &tag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other = preview.request("GET", "/repo/", &[host, ("if-none-match", "\"other\"")]);
    assert_eq!(other.status, 200);
    let picture = "/repo/pictures/dot.png";
    let part = preview.request("GET", picture, &[host, ("range", "bytes=0-2")]);
    assert_eq!((part.status, part.text().as_str()), (206, "not"));
    assert_eq!(part.headers["content-range"], "bytes 0-2/20");
    let head = preview.request("HEAD", picture, &[host, ("range", "bytes=0-2")]);
    let length = head.headers["content-length"].as_str();
    assert_eq!((head.status, length, head.body.len()), (200, "20", 0));
    let head = preview.request("HEAD", "/repo/", &[host]);
    assert_eq!((head.status, head.body.len()), (200, 0));
    let post = preview.request("POST", "/repo/", &[host, ("content-length", "0")]);
    assert_eq!(post.status, 405);
}

#[test]
fn no_service_worker_is_served() {
    // It would stay when another preview, or a review desk, has the same port.
    let site = Site::new().file("static/worker.js", "1");
    let preview = Preview::start(&site.path(""), &[]);
    let path = format!("{}worker.js", preview.home);
    let host = ("host", "localhost");
    assert_eq!(preview.request("GET", &path, &[host]).status, 200);
    let headers = [host, ("service-worker", "script")];
    assert_eq!(preview.request("GET", &path, &headers).status, 403);
}

#[test]
fn other_hosts_are_refused() {
    let site = site();
    let preview = Preview::start(&site.path(""), &[]);
    for host in ["evil.example", "localhost.evil.example", "10.0.0.1"] {
        assert_eq!(
            preview.request("GET", "/repo/", &[("host", host)]).status,
            421,
            "{host}"
        );
    }
    for host in ["localhost", "127.0.0.1:1", "[::1]:1"] {
        assert_eq!(
            preview.request("GET", "/repo/", &[("host", host)]).status,
            200,
            "{host}"
        );
    }
}

#[test]
fn no_path_leads_out_of_the_site() {
    let site = site().file("secret.txt", "a secret");
    let preview = Preview::start(&site.path(""), &[]);
    for path in [
        "/repo/../secret.txt",
        "/repo/%2e%2e/secret.txt",
        "/repo/..%2fsecret.txt",
        "/repo//secret.txt",
        "/repo/pictures/%2e%2e/%2e%2e/secret.txt",
        "/repo/pictures/..%5c..%5csecret.txt",
        "/repo/%00",
        "/repo/%ff",
    ] {
        let answer = preview.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("a secret"));
    }
}

#[test]
fn drafts_and_posts_of_the_future_are_marked() {
    let site = site()
        .file(
            "content/draft.md",
            "---\ntitle: A draft\ndraft: true\n---\nIts text.\n",
        )
        .file(
            "content/later.md",
            "---\ntitle: Later\ndate: 2027-01-02\n---\nThe text of it.\n",
        );
    let all = Preview::start(&site.path(""), &["--drafts", "--future"]);
    assert!(
        all.get("/repo/posts/a-draft/")
            .text()
            .contains("data-mark=\"Draft\"")
    );
    let later = all.get("/repo/posts/later/").text();
    assert!(
        later.contains("data-mark=\"Appears on 2 January 2027\""),
        "{later}"
    );
    assert!(!all.get("/repo/posts/first/").text().contains("data-mark"));
    let overview = all.get("/_pressrun/").text();
    assert!(
        overview.contains("<a href=\"/repo/posts/a-draft/\">A draft</a>"),
        "{overview}"
    );
    drop(all);
    let few = Preview::start(&site.path(""), &[]);
    assert_eq!(few.get("/repo/posts/a-draft/").status, 404);
    let overview = few.get("/_pressrun/").text();
    assert!(
        overview.contains("<li>A draft <small>content/draft.md:1</small>"),
        "{overview}"
    );
}

#[test]
fn overview_lists_near_duplicates_among_drafts_where_they_are_made_drafts() {
    let words: Vec<String> = (0..200).map(|at| format!("word{at}")).collect();
    let reply = |title: &str, end: &str| {
        let text = words.join(" ");
        format!("TITLE: {title}\n\nIt begins. {text} {end}.\n\n-EndOFText-\n")
    };
    let site = Site::with_config("[content]\ndates = \"none\"\nnear_duplicates = \"draft\"\n")
        .file("content/a.txt", reply("Kept", "one"))
        .file("content/b.txt", reply("Copied", "two"));
    let preview = Preview::start(&site.path(""), &[]);
    let overview = preview.get("/_pressrun/").text();
    assert!(overview.contains("<h2>Drafts</h2>"), "{overview}");
    assert!(overview.contains("<li>Copied "), "{overview}");
    assert!(!overview.contains("Scheduled posts"), "{overview}");
}

#[test]
fn overview_lists_what_is_wrong_with_links_to_the_posts() {
    let site = site()
        .file(
            "content/same.txt",
            "TITLE: Same\n\nThe text of one has a few words.\n\n-EndOFText-\n",
        )
        .file(
            "content/two.txt",
            "TITLE: Second\n\nSee [nothing](/nowhere/) in it.\n\n-EndOFText-\n",
        );
    let preview = Preview::start(&site.path(""), &[]);
    let overview = preview.get("/_pressrun/").text();
    for part in [
        "<h2 class=\"error\">not published</h2>",
        "<code>content/same.txt:1</code>",
        "<a href=\"/repo/posts/second/\">content/two.txt:3</a>",
        "leads to no page or file of the site",
    ] {
        assert!(overview.contains(part), "no {part} in {overview}");
    }
}

#[test]
fn published_post_with_an_error_is_not_listed_as_left_out() {
    let site = site().file(
        "content/posts/home.md",
        "---\ntitle: At home\npermalink: /\n---\n\nA text of a few words.\n",
    );
    let preview = Preview::start(&site.path(""), &[]);
    let overview = preview.get("/_pressrun/").text();
    assert!(!overview.contains("Not published"), "{overview}");
    assert!(overview.contains(">To be decided</h2>"), "{overview}");
    let link = "<a href=\"/repo/posts/at-home/\">content/posts/home.md:1</a>";
    assert!(overview.contains(link), "{overview}");
}

#[test]
fn taken_port_leads_to_the_next_with_a_note() {
    let site = site();
    let first = Preview::start(&site.path(""), &[]);
    let second = Preview::start(&site.path(""), &["--port", first.port()]);
    assert_ne!(first.port(), second.port());
    second.error(&format!("port {} is already in use", first.port()));
    assert_eq!(second.get("/repo/").status, 200);
}

#[test]
fn site_that_is_broken_is_not_served_unless_it_is_watched() {
    let site = Site::with_config("titel = \"x\"\n");
    let run = site.run(&["serve", "--port", "0"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("did you mean `title`?"),
        "{}",
        run.stderr
    );
}

#[cfg(unix)]
#[test]
fn interrupt_ends_it_cleanly_while_a_page_is_open() {
    let site = site();
    let mut preview = Preview::start(&site.path(""), &["--watch"]);
    let mut tab = preview.tab("/repo/");
    assert_eq!(preview.interrupt().code(), Some(0));
    assert!(tab.next().is_none());
}

#[cfg(target_os = "linux")]
#[test]
fn browser_is_opened_where_that_is_asked_for() {
    use std::os::unix::fs::PermissionsExt;
    let site = site();
    let programs = tempfile::tempdir().unwrap();
    let (program, pipe) = (
        programs.path().join("xdg-open"),
        programs.path().join("asked"),
    );
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let script = format!("#!/bin/sh\necho \"$1\" > '{}'\n", pipe.display());
    std::fs::write(&program, script).unwrap();
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&program, executable).unwrap();
    let path = [("PATH", programs.path().as_os_str())];
    let preview = Preview::start_in(&site.path(""), &["--open"], &path);
    // Reading a pipe waits until something is written to it.
    let asked = std::fs::read_to_string(&pipe).unwrap();
    assert_eq!(asked.trim(), preview.url("/repo/"));
}

#[test]
fn quiet_preview_prints_its_address_and_no_warning() {
    let site = site().file(
        "content/two.txt",
        "TITLE: Second\n\nSee [nothing](/nowhere/) in it.\n\n-EndOFText-\n",
    );
    let loud = Preview::start(&site.path(""), &[]);
    loud.error("dead-link");
    let mut quiet = Preview::start(&site.path(""), &["--quiet", "--port", loud.port()]);
    assert_eq!(quiet.get("/repo/").status, 200);
    quiet.end();
    assert_eq!(quiet.all_errors(), Vec::<String>::new());
}
