//! Tests the pictures that social networks show with a link.

use crate::site::{Site, between};

const BASE: [&str; 2] = ["--base-url", "https://example.com/repo/"];

fn site(config: &str) -> Site {
    Site::with_config(&format!(
        "title = \"T\"\n[content]\ndates = \"none\"\n{config}"
    ))
    .reply("one", "First", "tea", "News")
    .reply("two", "第二篇文章", "tea", "News")
    .file("static/own.png", "a picture")
    .file(
        "content/three.md",
        "---\ntitle: Third\ncover: /own.png\nslug: three\n---\nText.\n",
    )
}

fn image(page: &str) -> String {
    between(page, "<meta property=\"og:image\" content=\"", "\"").to_owned()
}

/// Returns the addresses of the pictures of the home page and of the three posts.
fn images(site: &Site) -> [String; 4] {
    let second = site
        .public()
        .into_keys()
        .find(|path| {
            path.starts_with("posts/") && !path.contains("first") && !path.contains("three")
        })
        .unwrap();
    [
        "index.html",
        "posts/first/index.html",
        &second,
        "posts/three/index.html",
    ]
    .map(|path| image(&site.page(path)))
}

#[test]
fn post_shows_its_cover_or_its_card_or_the_card_of_the_site() {
    let site = site("");
    site.build_with(&BASE);
    let [home, first, second, third] = images(&site);
    assert!(
        first.starts_with("https://example.com/repo/cards/"),
        "{first}"
    );
    let card = first.strip_prefix("https://example.com/repo/").unwrap();
    assert!(site.public()[card].starts_with(b"\x89PNG"));
    assert_ne!(first, home);
    assert_eq!(second, home, "the font has no Chinese");
    assert_eq!(third, "https://example.com/repo/own.png");
    let page = site.page("posts/first/index.html");
    assert!(page.contains("<meta property=\"og:image:width\" content=\"1200\">"));
    assert!(page.contains(&format!("\"image\":\"{first}\"")));
    assert!(
        !site
            .page("posts/three/index.html")
            .contains("og:image:width")
    );
}

#[test]
fn cards_are_drawn_up_to_the_limit_and_where_they_are_wanted() {
    for config in ["[social]\nlimit = 2\n", "[social]\ncards = false\n"] {
        let site = site(config);
        site.build_with(&BASE);
        let [home, first, ..] = images(&site);
        assert_eq!(first, home);
        let public = site.public();
        let cards = public.keys().filter(|path| path.starts_with("cards/"));
        assert_eq!(cards.count(), 1);
    }
}

#[test]
fn picture_of_the_site_may_be_its_own() {
    let site = site("[social]\nimage = \"/own.png\"\ncards = false\n");
    site.build_with(&BASE);
    let [home, first, ..] = images(&site);
    assert_eq!([home, first], ["https://example.com/repo/own.png"; 2]);
    assert!(!site.public().keys().any(|path| path.starts_with("cards/")));
}

#[test]
fn posts_with_one_title_share_a_card() {
    let site = site("").file(
        "content/four.txt",
        "TITLE: First\n\nOther words.\n\n-EndOFText-\n",
    );
    site.build_with(&BASE);
    let public = site.public();
    let cards = public.keys().filter(|path| path.starts_with("cards/"));
    assert_eq!(cards.count(), 2, "of the site, and of both");
}

#[test]
fn cover_is_a_path_on_the_page_and_an_address_elsewhere_and_has_its_own_text() {
    let site = Site::with_config(
        "title = \"Test\"\nbase_url = \"https://me.github.io/repo/\"\n[content]\ndates = \"none\"\n",
    )
    .file("static/bridge.png", "x")
    .file(
        "content/a.md",
        "---\ntitle: A\ncover:\n  image: /bridge.png\n  alt: A \"wide\" bridge\n---\nText.\n",
    )
    .file(
        "content/b.md",
        "---\ntitle: B\nimage: https://me.github.io/repo/bridge.png\nimage_alt: The same\n---\nMore.\n",
    )
    .file("content/c.md", "---\ntitle: C\nimage: https://cdn.example/c.png\n---\nElse.\n");
    site.build();
    for (page, address, absolute, alt) in [
        (
            "a",
            "/repo/bridge.png",
            "https://me.github.io/repo/bridge.png",
            "A &quot;wide&quot; bridge",
        ),
        (
            "b",
            "/repo/bridge.png",
            "https://me.github.io/repo/bridge.png",
            "The same",
        ),
        (
            "c",
            "https://cdn.example/c.png",
            "https://cdn.example/c.png",
            "C",
        ),
    ] {
        let text = site.page(&format!("posts/{page}/index.html"));
        for part in [
            format!("<img class=\"cover\" src=\"{address}\" alt=\"{alt}\" "),
            format!("<meta property=\"og:image\" content=\"{absolute}\">"),
            format!("<meta property=\"og:image:alt\" content=\"{alt}\">"),
            format!("\"image\":\"{absolute}\""),
        ] {
            assert!(text.contains(&part), "no {part} in {text}");
        }
    }
}
