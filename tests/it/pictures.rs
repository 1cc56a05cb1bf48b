//! Tests what pages show of pictures.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::site::{Site, between};

/// Returns an SVG picture of this size.
fn svg(width: u32, height: u32) -> String {
    format!("<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'/>")
}

/// Returns the beginning of a PNG picture of this size, which is all that a size needs.
pub(crate) fn png_header(width: u32, height: u32) -> Vec<u8> {
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
    [head.as_slice(), &sides, &[8, 2, 0, 0, 0]].concat()
}

/// Returns the tags of pictures in the text of a post.
fn tags(site: &Site, page: &str) -> Vec<String> {
    let page = site.page(page);
    let mut tags = Vec::new();
    let mut rest = page.as_str();
    while let Some(at) = rest.find("<img ") {
        let (tag, after) = rest[at..].split_once('>').unwrap();
        tags.push(format!("{tag}>"));
        rest = after;
    }
    tags
}

#[test]
fn pictures_have_their_size_and_all_but_the_first_wait() {
    let site = Site::new()
        .file("static/a.svg", svg(30, 40))
        .file("content/b.png", png_header(5, 6))
        .file("content/c.png", "no picture")
        .file(
            "content/one.md",
            "---\ntitle: One\n---\n![a](/a.svg) ![b](b.png) ![c](c.png)\n\n\
             <img src=\"b.png\" alt=\"b\" width=\"10\"> ![d](https://a.example/d.png)\n",
        );
    site.build_with(&["--base-url", "https://a.example/repo/"]);
    assert_eq!(
        tags(&site, "posts/one/index.html"),
        [
            "<img src=\"/repo/a.svg\" alt=\"a\" decoding=\"async\" width=\"30\" height=\"40\">",
            "<img src=\"/repo/b.png\" alt=\"b\" decoding=\"async\" width=\"5\" height=\"6\" loading=\"lazy\">",
            "<img src=\"/repo/c.png\" alt=\"c\" decoding=\"async\" loading=\"lazy\">",
            "<img src=\"/repo/b.png\" alt=\"b\" width=\"10\" decoding=\"async\" height=\"12\" loading=\"lazy\">",
            "<img src=\"https://a.example/d.png\" alt=\"d\" decoding=\"async\" loading=\"lazy\">",
        ]
    );
    let feed = site.page("atom.xml");
    assert!(
        !feed.contains("decoding") && !feed.contains("lazy"),
        "{feed}"
    );
}

#[test]
fn cover_is_the_first_picture_of_its_page() {
    let site = Site::new().file("static/a.svg", svg(30, 40)).file(
        "content/one.md",
        "---\ntitle: One\ncover: /a.svg\n---\n![a](/a.svg)\n",
    );
    site.build();
    let page = site.page("posts/one/index.html");
    let cover = between(&page, "<img class=\"cover\" ", ">");
    assert_eq!(
        cover,
        "src=\"/a.svg\" alt=\"One\" width=\"30\" height=\"40\" decoding=\"async\" fetchpriority=\"high\""
    );
    assert!(page.contains("<meta property=\"og:image:width\" content=\"30\">"));
    let tags = tags(&site, "posts/one/index.html");
    assert!(tags[1].ends_with(" loading=\"lazy\">"), "{tags:?}");
}

#[test]
fn page_follows_a_picture_that_changes() {
    let site = Site::new()
        .file("static/a.svg", svg(30, 40))
        .file("content/b.png", png_header(5, 6))
        .file(
            "content/one.md",
            "---\ntitle: One\n---\n![a](/a.svg) ![b](b.png)\n",
        );
    let old = SystemTime::now() - Duration::from_secs(100);
    let set_old = |path: &str| {
        let file = fs::File::options()
            .write(true)
            .open(site.path(path))
            .unwrap();
        file.set_modified(old).unwrap();
    };
    for (path, old, new, content) in [
        (
            "static/a.svg",
            "width=\"30\"",
            "width=\"31\"",
            svg(31, 40).into_bytes(),
        ),
        (
            "content/b.png",
            "height=\"6\"",
            "height=\"7\"",
            png_header(5, 7),
        ),
    ] {
        set_old(path);
        site.build();
        assert!(site.page("posts/one/index.html").contains(old));
        site.write(path, content);
        site.build();
        assert!(site.page("posts/one/index.html").contains(new), "{path}");
    }
}

#[test]
fn picture_without_a_text_is_a_note() {
    let site = Site::new().file("static/a.svg", svg(30, 40)).file(
        "content/one.md",
        "---\ntitle: One\n---\n![](/a.svg) ![](/gone.png)\n",
    );
    let run = site.run(&["check", "--verbose"]);
    let output = run.stdout + &run.stderr;
    assert_eq!(output.matches("[missing-alt]").count(), 1, "{output}");
    assert!(
        output.contains("content/one.md:4: info[missing-alt]: `/a.svg` has no text"),
        "{output}"
    );
}

/// A PNG picture of one black pixel.
const PIXEL: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\x0a\
    IDATx\x9cc\x60\0\0\0\x02\0\x01H\xaf\xa4\x71\0\0\0\0IEND\xaeB\x60\x82";

fn site_with_icon(name: &str, bytes: &[u8]) -> Site {
    let config = format!("title = \"T\"\n[theme]\nfavicon = \"{name}\"\n");
    Site::with_config(&config)
        .file("static/logo.png", bytes)
        .file("static/logo.svg", svg(8, 8))
}

#[test]
fn one_picture_becomes_all_icons_of_the_site() {
    let site = site_with_icon("logo.png", PIXEL);
    site.build_with(&["--base-url", "https://a.example/repo/"]);
    let home = site.page("index.html");
    for link in [
        "<link rel=\"icon\" href=\"/repo/favicon.ico\">",
        "<link rel=\"apple-touch-icon\" href=\"/repo/apple-touch-icon.png\">",
        "<link rel=\"manifest\" href=\"/repo/site.webmanifest\">",
    ] {
        assert!(home.contains(link), "{home}");
    }
    let public = site.public();
    for path in [
        "favicon.ico",
        "apple-touch-icon.png",
        "icon-192.png",
        "icon-512.png",
    ] {
        assert!(public.contains_key(path), "{path}");
    }
    let manifest = site.page("site.webmanifest");
    assert!(
        manifest.contains("\"name\":\"T\"") && manifest.contains("\"src\":\"icon-512.png\""),
        "{manifest}"
    );
    // A file of the site goes before one that is made.
    site.write("static/favicon.ico", "own");
    site.build();
    assert_eq!(site.public()["favicon.ico"], b"own");
}

#[test]
fn drawing_is_an_icon_as_it_is_and_what_is_no_picture_is_reported() {
    let site = site_with_icon("/logo.svg", PIXEL);
    site.build();
    let home = site.page("index.html");
    assert!(
        home.contains("<link rel=\"icon\" href=\"/logo.svg\">") && !home.contains("apple-touch")
    );
    assert!(site.page("site.webmanifest").contains("image/svg+xml"));
    let run = site_with_icon("logo.png", b"text").build();
    assert!(
        run.stderr
            .contains("no icons can be made of this picture: it is not a picture"),
        "{}",
        run.stderr
    );
    let run = site_with_icon("gone.png", PIXEL).build();
    assert!(
        run.stderr
            .contains("`/gone.png` leads to no page or file of the site"),
        "{}",
        run.stderr
    );
    let site = Site::new();
    site.build();
    assert!(
        site.page("index.html").contains("href=\"/favicon.svg\"")
            && !site.public().contains_key("site.webmanifest")
    );
}

#[test]
fn cover_that_no_page_can_show_is_reported() {
    let post = |cover: &str, text: &str| {
        format!("---\ntitle: {text}\ncover: {cover}\n---\n{text}, and more.\n")
    };
    let site = Site::new()
        .file("static/here.png", PIXEL)
        .file("content/a.md", post("/here.png", "Rain over hills"))
        .file("content/b.md", post("gone.png", "Old bridges of stone"))
        .file(
            "content/c.md",
            post("http://x.example/a.png", "Night trains"),
        )
        .file(
            "content/d.md",
            post("https://x.example/a.png", "How bread rises"),
        );
    let run = site.run(&["check"]);
    let output = run.stdout + &run.stderr;
    assert!(
        output.contains("content/b.md:1: warning[dead-link]: the cover `gone.png` is no file"),
        "{output}"
    );
    assert!(
        output.contains(
            "content/c.md:1: warning[blocked-by-policy]: the policy of the page blocks the cover \
             `http://x.example/a.png`"
        ),
        "{output}"
    );
    assert!(output.matches("warning[").count() == 2, "{output}");
}

#[test]
fn drawing_may_have_any_name() {
    let site =
        Site::with_config("[theme]\nfavicon = \"a b#c.svg\"\n").file("static/a b#c.svg", svg(8, 8));
    let run = site.build();
    assert!(!run.stderr.contains("dead-link"), "{}", run.stderr);
    assert!(site.page("index.html").contains("href=\"/a%20b%23c.svg\""));
    let manifest = site.page("site.webmanifest");
    assert!(manifest.contains("\"src\":\"a%20b%23c.svg\""), "{manifest}");
}
