//! Tests which files become posts, which posts count, and what of a post its page shows (the rules P
//! of the page contract).

use crate::site::Site;

fn post(title: &str, head: &str, body: &str) -> String {
    format!("---\ntitle: {title}\n{head}---\n\n{body}\n")
}

#[test]
fn templates_and_readmes_are_no_posts_and_are_named() {
    let site = Site::new()
        .file("content/a.md", post("A", "", "Words of a post."))
        .file("content/b.mdx", post("B", "", "Other words of it."))
        .file("content/_posts/c.md", post("C", "", "Third words of it."))
        .file("content/_template.md", post("T", "", "Write here."))
        .file("content/.old.md", post("O", "", "Old words here."))
        .file("content/_includes/d.md", post("D", "", "Part of a page."))
        .file("content/ReadMe.md", "# How to write\n\nWrite it.")
        .file("content/LICENSE", "All rights reserved.")
        .file("content/.DS_Store", [0, 1, 2]);
    site.build();
    for name in ["a", "b", "c"] {
        assert!(
            site.path(&format!("public/posts/{name}/index.html"))
                .exists()
        );
    }
    let checked = site.run(&["check", "--format", "json"]).stdout;
    let found: serde_json::Value = serde_json::from_str(&checked).unwrap();
    let mut ignored: Vec<&str> = found["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["code"] == "ignored-file")
        .filter_map(|one| one["file"].as_str())
        .collect();
    ignored.sort_unstable();
    assert_eq!(
        ignored,
        [
            "content/.old.md",
            "content/LICENSE",
            "content/ReadMe.md",
            "content/_includes/d.md",
            "content/_template.md",
        ]
    );
}

#[test]
fn draft_takes_no_address_and_copies_nothing() {
    let body = "Beans need a deep pot and something to climb on.";
    let site = Site::new()
        .file("content/_drafts/a.md", post("Beans", "slug: beans\n", body))
        .file("content/b.md", post("Beans", "draft: true\n", body))
        .file("content/c.md", post("Beans", "date: 2024-05-01\n", body));
    let built = site.build();
    assert!(!built.stderr.contains("duplicate"), "{}", built.stderr);
    assert!(!built.stderr.contains("slug-collision"), "{}", built.stderr);
    assert!(site.page("posts/beans/index.html").contains("2024-05-01"));
    // Drafts that are shown take what is left.
    site.build_with(&["--drafts"]);
    assert!(site.page("posts/beans/index.html").contains("2024-05-01"));
    let posts = std::fs::read_dir(site.path("public/posts")).unwrap();
    assert_eq!(posts.count(), 3);
}

#[test]
fn different_tags_with_one_slug_have_pages_of_their_own() {
    let site = Site::new()
        .file("content/a.md", post("Im Wald", "tags: [Bär]\n", "Ein Bär."))
        .file(
            "content/b.md",
            post("In der Stadt", "tags: [Bar]\n", "Eine Bar."),
        );
    site.build();
    let bar = site.page("tags/bar/index.html");
    assert!(bar.contains("In der Stadt") && !bar.contains("Im Wald"));
    let tags = std::fs::read_dir(site.path("public/tags")).unwrap();
    let mut others = tags
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("bar-"));
    let other = others.next().unwrap();
    let page = site.page(&format!("tags/{other}/index.html"));
    assert!(page.contains("Im Wald") && !page.contains("In der Stadt"));
}

#[test]
fn names_of_pictures_are_compared_composed_and_may_have_spaces() {
    let body =
        "Words about it.\n\n![a](caf\u{e9}.png)\n\n![b](my picture.png)\n\n![c](not there.png)";
    let site = Site::new()
        .file("content/a.md", post("A", "", body))
        .file("content/cafe\u{301}.png", "x")
        .file("content/my picture.png", "x");
    let built = site.build();
    assert!(!built.stderr.contains("dead-link"), "{}", built.stderr);
    let page = site.page("posts/a/index.html");
    assert!(page.contains("src=\"/cafe%CC%81.png\" alt=\"a\""), "{page}");
    assert!(
        page.contains("src=\"/my%20picture.png\" alt=\"b\""),
        "{page}"
    );
    assert!(page.contains("<p>![c](not there.png)</p>"), "{page}");
    // The picture is shown as soon as it is there.
    site.write("content/not there.png", "x");
    site.build();
    assert!(site.page("posts/a/index.html").contains("alt=\"c\""));
}
