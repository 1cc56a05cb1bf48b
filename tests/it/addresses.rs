//! Tests addresses of posts and terms that another page or file of the site needs too.

use crate::site::Site;

#[test]
fn titles_that_want_addresses_of_the_site_itself_stop_no_build() {
    let titles = [
        "Tags",
        "Archive",
        "Search",
        "Categories",
        "About",
        "404",
        "Index",
        "Page",
        "2",
        "Rust",
        "News",
        "Atom.xml",
        "Cards",
        "Pagefind",
        "Pictures",
    ];
    for permalink in [
        "/{slug}/",
        "/{slug}.html",
        "/{category}/{slug}/",
        "/{category}/{slug}.html",
    ] {
        let mut site = Site::with_config(&format!(
            "[content]\ndates = \"none\"\npermalink = \"{permalink}\"\n[lists]\nper_page = 3\n"
        ))
        .file("static/about/index.html", "mine")
        .file("static/Pictures/a.png", "mine")
        .file("static/news.html/a.png", "mine")
        .file("content/search.html/a.png", "mine");
        for (at, title) in titles.iter().enumerate() {
            let category = ["Tags", "Categories", "Page", "Archive", "News"][at % 5];
            site = site.reply(&at.to_string(), title, "Rust, C", category);
            let other = format!("{title}!");
            site = site.reply(&format!("again-{at}"), &other, "Rust", "Tags");
        }
        let run = site.build();
        let expected = "30 published";
        assert!(run.stdout.contains(expected), "{permalink}: {}", run.stdout);
        assert!(run.stderr.contains("slug-collision"), "{}", run.stderr);
        assert_eq!(site.page("about/index.html"), "mine");
        let good = site.public();
        site.build_with(&["--force"]);
        assert!(site.public() == good);
    }
}

#[test]
fn post_that_avoids_a_page_of_the_site_is_reported() {
    let config = "[content]\ndates = \"none\"\npermalink = \"/{slug}/\"\n";
    let site = Site::with_config(config).reply("a", "Tags", "x", "y");
    let run = site.build();
    let line = "content/a.txt:1: warning[slug-collision]: \
                the slug `tags` is already taken by the page /tags/, so this post is at `tags-";
    assert!(run.stderr.contains(line), "{}", run.stderr);
    assert!(site.page("tags/index.html").contains("/tags/x/"));
}

#[test]
fn tag_whose_page_would_be_a_file_of_the_site_gets_another_address() {
    let site = Site::new()
        .reply("a", "A", "Rust, Go", "News")
        .file("static/tags/rust/index.html", "mine")
        .file("static/tags/go/picture.png", "mine")
        .file("static/categories/news/atom.xml", "mine");
    let run = site.build();
    for line in [
        "static/tags/rust/index.html: warning[slug-collision]: \
         the page of the tag `Rust` would be here, so it is at `/tags/rust-",
        "static/categories/news/atom.xml: warning[slug-collision]: ",
    ] {
        assert!(run.stderr.contains(line), "{line}: {}", run.stderr);
    }
    let count = run.stderr.matches("slug-collision").count();
    assert_eq!(count, 2, "{}", run.stderr);
    assert_eq!(site.page("tags/rust/index.html"), "mine");
    assert!(site.page("tags/go/index.html").contains("/posts/a/"));
    assert!(site.page("posts/a/index.html").contains("/tags/rust-"));
}

#[test]
fn address_joined_of_long_fields_is_cut() {
    let config = "[content]\ndates = \"none\"\npermalink = \"/{category}-{slug}/\"\n";
    let category = "語".repeat(70);
    let title = |last: char| format!("{}{last}", "漢".repeat(60));
    let site = Site::with_config(config)
        .reply("a", &title('一'), "x", &category)
        .reply("b", &title('二'), "x", &category);
    let run = site.build();
    assert!(run.stdout.contains("2 published"), "{}", run.stdout);
    let check = site.run(&["check"]);
    let said = "2 slug-adjusted";
    let found = check.stdout + &check.stderr;
    assert!(found.contains(said), "{found}");
}

#[test]
fn addresses_are_compared_by_the_files_they_are_written_to() {
    for permalink in ["/tags/{slug}/index.html", "/categories/{slug}/index.html"] {
        let site = Site::with_config(&format!(
            "[content]\ndates = \"none\"\npermalink = \"{permalink}\"\n"
        ))
        .reply("a", "Backups", "backups", "Backups");
        let run = site.build();
        assert!(run.stdout.contains("1 published"), "{}", run.stdout);
        let page = permalink.replace("{slug}/index.html", "backups/");
        let said = format!(
            "the slug `backups` is already taken by the page {page}, so this post \
                            is at `"
        );
        assert!(run.stderr.contains(&said), "{}", run.stderr);
    }
}

#[test]
fn address_longer_than_a_path_is_cut() {
    let permalink = "/{slug}".repeat(20);
    let config = format!("[content]\ndates = \"none\"\npermalink = \"{permalink}/\"\n");
    let site = Site::with_config(&config).reply("a", &"語".repeat(76), "x", "y");
    let run = site.build();
    assert!(run.stdout.contains("1 published"), "{}", run.stdout);
    let check = site.run(&["check"]);
    let found = check.stdout + &check.stderr;
    assert!(found.contains("1 slug-adjusted"), "{found}");
}

/// Returns a site with a post at `/posts/new/` that has these aliases, in the notation of YAML.
fn site_with_aliases(aliases: &str) -> Site {
    let post =
        format!("---\ntitle: New\ndate: 2026-01-01\naliases: {aliases}\n---\n\nNew words.\n");
    let config = "title = \"T\"\nbase_url = \"https://me.example/repo/\"\n";
    Site::with_config(config).file("content/new.md", post)
}

#[test]
fn alias_is_a_page_that_leads_to_the_post() {
    let site = site_with_aliases("[/old/, blog/older.html, /posts/new/, \"/a b/caf%C3%A9\"]").file(
        "content/b.md",
        "---\ntitle: B\ndate: 2026-01-02\n---\n\nSee [it](/old/#x) and [that](/a%20b/caf%C3%A9/).\n",
    );
    let run = site.build();
    assert!(!run.stderr.contains("address-"), "{}", run.stderr);
    let page = site.page("old/index.html");
    for part in [
        "<html lang=\"en\">",
        "<meta http-equiv=\"refresh\" content=\"0; url=/repo/posts/new/\">",
        "<link rel=\"canonical\" href=\"https://me.example/repo/posts/new/\">",
        "<meta name=\"robots\" content=\"noindex",
        "<a href=\"/repo/posts/new/\">New</a>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<script"));
    assert_eq!(
        site.page("_redirects"),
        "/repo/old/ /repo/posts/new/ 301\n/repo/blog/older.html /repo/posts/new/ 301\n\
         /repo/a%20b/caf%C3%A9/ /repo/posts/new/ 301\n"
    );
    // A link to a former address leads to the present one, whose headings count.
    assert!(
        run.stderr.contains("`/old/#x` leads to no heading"),
        "{}",
        run.stderr
    );
    let linking = site.page("posts/b/index.html");
    assert_eq!(
        linking.matches("href=\"/repo/posts/new/\"").count(),
        2 + 1,
        "{linking}"
    );
    for list in [
        "sitemap.xml",
        "atom.xml",
        "index.html",
        "archive/index.html",
    ] {
        assert!(!site.page(list).contains("/repo/old/"), "{list}");
    }
}

#[test]
fn claim_on_an_address_that_is_taken_is_an_error_that_names_both() {
    let site = site_with_aliases(
        "[/old/, /posts/b/, /tags/, /mine/, /Posts/x/, /robots.txt, /_redirects]",
    )
    .file(
        "content/b.md",
        "---\ntitle: B\ndate: 2025-01-02\naliases: /old/\n---\n\nOther words.\n",
    )
    .file("static/mine/index.html", "mine");
    let run = site.build();
    for (claim, owner) in [
        (
            "/old/",
            "the redirect to the post `B` in content/b.md (content/b.md:1)",
        ),
        ("/posts/b/", "the post `B` in content/b.md (content/b.md:1)"),
        ("/tags/", "the page /tags/ (tags/index.html)"),
        ("/mine/", "the file static/mine/index.html"),
        ("/Posts/x/", "the post `New`"),
        ("/robots.txt/", "the page /robots.txt"),
        ("/_redirects/", "the file pressrun"),
    ] {
        let line = format!(
            "content/new.md:1: error[address-taken]: the redirect to the post `New` in \
             content/new.md and {owner}"
        );
        assert!(run.stderr.contains(&line), "{line}\n{}", run.stderr);
        assert!(
            run.stderr.contains(&format!("the address `{claim}`")),
            "{}",
            run.stderr
        );
    }
    assert!(site.page("old/index.html").contains("/repo/posts/b/"));
    assert_eq!(site.page("mine/index.html"), "mine");
    assert_eq!(site.page("_redirects"), "/repo/old/ /repo/posts/b/ 301\n");
    assert_eq!(site.run(&["check"]).code, 1);
}
