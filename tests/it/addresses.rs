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
    for part in [
        "See <a href=\"/repo/posts/new/#x\">",
        "and <a href=\"/repo/posts/new/\">",
    ] {
        assert!(linking.contains(part), "{part}: {linking}");
    }
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
        ("/tags/", "the page /tags/ both"),
        ("/mine/", "the file static/mine/index.html"),
        ("/Posts/x/", "the post `New`"),
        ("/robots.txt/", "the page /robots.txt"),
        ("/_redirects/", "the file /_redirects of pressrun"),
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

fn post(title: &str, more: &str) -> String {
    format!("---\ntitle: {title}\ndate: 2026-01-01\n{more}\n---\n\nThe words of {title}.\n")
}

#[test]
fn post_has_the_address_that_it_states() {
    let config = "title = \"T\"\nbase_url = \"https://me.example/repo/\"\n[deploy]\n";
    let site = Site::with_config(config)
        .file(
            "content/a.md",
            post("A", "permalink: /2019/Stra%C3%9Fe/x.html"),
        )
        .file("content/b.md", post("B", "permalink: /:year/:month/:title"))
        .file(
            "content/c.md",
            post("C", "url: https://me.example/repo/c/c/"),
        )
        .file("content/d.md", post("D", "permalink: /../d/"))
        .file("content/e.md", post("E", "permalink: /tags/"))
        .file("content/f.md", post("F", "url: https://other.example/f/"));
    let run = site.build();
    for (path, title) in [
        ("2019/Straße/x.html", "A"),
        ("2026/01/b/index.html", "B"),
        ("c/c/index.html", "C"),
        ("posts/d/index.html", "D"),
        ("posts/tags/index.html", "E"),
        ("posts/f/index.html", "F"),
    ] {
        let words = format!("The words of {title}.");
        assert!(site.page(path).contains(&words), "{path}");
    }
    let address = "https://me.example/repo/2019/Stra%C3%9Fe/x.html";
    for list in ["sitemap.xml", "atom.xml"] {
        assert!(site.page(list).contains(address), "{list}");
    }
    for line in [
        "content/d.md:1: warning[address-unusable]: the address `/../d/` is no path of a page",
        "content/e.md:1: error[address-taken]: the address `/tags/` of the post `E` is already that \
         of the page /tags/",
    ] {
        assert!(run.stderr.contains(line), "{line}\n{}", run.stderr);
    }
}

#[test]
fn canonical_and_noindex_are_for_search_engines() {
    let site = Site::with_config("title = \"T\"\nbase_url = \"https://me.example/repo/\"\n")
        .file("content/a.md", post("A", "canonical: https://x.example/a"))
        .file("content/b.md", post("B", "canonical: /posts/c/"))
        .file("content/c.md", post("C", "noindex: true"))
        .file(
            "content/d.md",
            post("D", "canonical: https://me.example/repo/posts/d/"),
        );
    site.build();
    for (name, canonical) in [
        ("a", "https://x.example/a"),
        ("b", "https://me.example/repo/posts/c/"),
        ("c", "https://me.example/repo/posts/c/"),
        ("d", "https://me.example/repo/posts/d/"),
    ] {
        let page = site.page(&format!("posts/{name}/index.html"));
        for part in [
            format!("<link rel=\"canonical\" href=\"{canonical}\">"),
            format!("<meta property=\"og:url\" content=\"{canonical}\">"),
            format!("\"mainEntityOfPage\":\"{canonical}\""),
        ] {
            assert!(page.contains(&part), "{part}: {page}");
        }
        let is_hidden = page.contains("<meta name=\"robots\" content=\"noindex");
        assert_eq!(is_hidden, name == "c");
        let address = format!("/posts/{name}/");
        assert_eq!(site.page("sitemap.xml").contains(&address), name == "d");
        assert!(site.page("index.html").contains(&address));
        assert!(site.page("atom.xml").contains(&address));
    }
}

#[test]
fn incremental_build_follows_addresses_as_they_change() {
    let site = Site::with_config("title = \"T\"\nbase_url = \"https://me.example/repo/\"\n")
        .file("content/a.md", post("A", ""))
        .file(
            "content/b.md",
            post("B", "").replace(
                "The words",
                "[A](/posts/a/) [old](/old/) [old](a.md). The words",
            ),
        );
    site.build();
    for (file, more) in [
        ("a", "permalink: /one/\naliases: [/posts/a/, /old/]"),
        ("a", "permalink: /two/\naliases: [/posts/a/, /one/, /old/]"),
        ("b", "aliases: [/old/, /two/]"),
        ("b", "permalink: /old/\ndate: 2020-01-01"),
        ("a", "permalink: /old/"),
        (
            "a",
            "permalink: /:year/:title/\ncanonical: /posts/b/\nnoindex: true",
        ),
        ("b", "permalink: /2026/a/"),
        ("b", ""),
        ("a", ""),
    ] {
        site.write(
            &format!("content/{file}.md"),
            post(&file.to_uppercase(), more),
        );
        site.build();
        let incremental = site.public();
        site.build_with(&["--force"]);
        assert!(site.public() == incremental, "{file}: {more}");
    }
    assert!(!site.path("public/_redirects").exists());
}

#[test]
fn slugs_are_made_from_files_if_the_site_says_so() {
    let config = "title = \"T\"\n[content]\ndates = \"none\"\nslug_from = \"file\"\n";
    let site = Site::with_config(config)
        .file(
            "content/2026-01-02-in-a-file.md",
            "---\ntitle: A\n---\n\nOne.\n",
        )
        .file(
            "content/bundle/index.md",
            "---\ntitle: B\n---\n\nTwo words.\n",
        )
        .file(
            "content/c.md",
            "---\ntitle: C\nslug: stated\n---\n\nThree words now.\n",
        );
    site.build();
    for slug in ["in-a-file", "bundle", "stated"] {
        site.page(&format!("posts/{slug}/index.html"));
    }
}
