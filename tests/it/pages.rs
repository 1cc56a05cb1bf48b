//! Tests pages, and the texts of the home page and of terms.

use crate::site::{Site, between};

/// A site below a path, with a post.
fn site() -> Site {
    Site::with_config(
        "title = \"Test\"\nbase_url = \"https://a.example/repo/\"\n[content]\ndates = \"none\"\n",
    )
    .file(
        "content/posts/tea.md",
        "---\ntitle: Tea\ntags: [Green tea]\ncategories: [Hot Drinks]\n---\n\n\
         See [about](../pages/about.md), [setup](../pages/docs/setup.md) and \
         [drinks](../categories/hot-drinks.md).\n",
    )
    .file(
        "content/pages/about.md",
        "---\ntitle: About\ntags: [none]\ncategories: [Nowhere]\n---\n\nWho writes [this](../posts/tea.md).\n",
    )
}

/// Returns the titles and addresses of the menu of a page.
fn menu(page: &str) -> Vec<String> {
    let nav = between(page, "<nav aria-label=\"Main\">", "</nav>");
    let entries = nav.split("<a href=\"").skip(1);
    entries
        .map(|entry| {
            let (url, rest) = entry.split_once('"').unwrap();
            let title = between(rest, ">", "</a>");
            let is_here = if rest.starts_with(" aria-current=\"page\"") {
                " (here)"
            } else {
                ""
            };
            format!("{title} {url}{is_here}")
        })
        .collect()
}

#[test]
fn page_has_an_address_and_is_in_no_list_feed_or_term() {
    let site = site()
        .file(
            "content/other.md",
            "---\ntitle: Imprint\ntype: page\n---\n\nThe law.\n",
        )
        .file(
            "content/pages/docs/index.md",
            "---\ntitle: Docs\n---\n\nAll.\n",
        )
        .file(
            "content/pages/docs/setup.md",
            "---\ntitle: Setup\n---\n\nHow.\n",
        )
        .file("content/categories/hot-drinks.md", "Hot.\n");
    let run = site.build();
    assert!(
        run.stdout.contains("1 published, 5 pages"),
        "{}",
        run.stdout
    );
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    let post = site.page("posts/tea/index.html");
    for url in ["/repo/about/", "/repo/docs/setup/"] {
        assert!(
            post.contains(&format!("<a href=\"{url}\">")),
            "{url}: {post}"
        );
    }
    let about = site.page("about/index.html");
    assert!(about.contains("<h1>About</h1>"), "{about}");
    assert!(
        about.contains("<a href=\"/repo/posts/tea/\">this</a>"),
        "{about}"
    );
    assert!(about.contains("\"@type\":\"WebPage\""), "{about}");
    let setup = site.page("docs/setup/index.html");
    let crumbs = between(&setup, "\"BreadcrumbList\"", "</script>");
    assert!(
        crumbs.contains("https://a.example/repo/docs/\""),
        "{crumbs}"
    );
    let sitemap = site.page("sitemap.xml");
    for path in ["about/", "imprint/", "docs/", "docs/setup/"] {
        let address = format!("<loc>https://a.example/repo/{path}</loc>");
        assert!(sitemap.contains(&address), "{address}: {sitemap}");
    }
    for list in [
        "index.html",
        "archive/index.html",
        "tags/index.html",
        "categories/index.html",
        "atom.xml",
        "rss.xml",
        "feed.json",
    ] {
        let text = site.page(list);
        for word in ["Imprint", "About", "Nowhere", "none"] {
            let text = text.replace("display:none", "");
            assert!(!text.contains(&format!(">{word}<")), "{word} in {list}");
        }
    }
}

#[test]
fn rules_for_posts_leave_pages_alone() {
    let same = "The same words as in the other one, which would make it a copy of a post.\n";
    let site = Site::with_config(
        "[content]\ndates = \"git\"\n[categories]\nallowed = [\"News\"]\noff_list = \"reject\"\n",
    )
    .file(
        "content/a.md",
        format!("---\ntitle: One\ndate: 2026-01-01\ncategories: [News]\n---\n\n{same}"),
    )
    .file(
        "content/pages/one.md",
        format!("---\ntitle: One\ncategories: [Other]\n---\n\n{same}"),
    )
    .file(
        "content/pages/two.md",
        format!("---\ntitle: One\nslug: two\n---\n\n{same}"),
    );
    let run = site.run(&["check"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    for code in [
        "duplicate",
        "category",
        "tags-generated",
        "dates-unknown",
        "near-duplicate",
    ] {
        assert!(!run.stdout.contains(code), "{code}: {}", run.stdout);
    }
    site.build();
    assert!(site.page("two/index.html").contains("<h1>One</h1>"));
}

#[test]
fn menu_has_its_own_entries_first_and_then_pages_by_weight_and_title() {
    let page =
        |title: &str, keys: &str| format!("---\ntitle: {title}\nmenu: true\n{keys}---\n\nText.\n");
    let site = site()
        .file("content/pages/about.md", page("About", ""))
        .file("content/pages/z.md", page("Zoo", "weight: 1\n"))
        .file("content/pages/c.md", page("Contact", ""))
        .file("content/pages/d.md", page("Draft", "draft: true\n"));
    site.build();
    let expected = [
        "Categories /repo/categories/",
        "Tags /repo/tags/",
        "Archive /repo/archive/",
        "Search /repo/search/",
        "Zoo /repo/zoo/",
        "About /repo/about/ (here)",
        "Contact /repo/contact/",
    ];
    assert_eq!(menu(&site.page("about/index.html")), expected);
    let own = "title = \"Test\"\n[content]\ndates = \"none\"\n[theme]\n\
               nav = [{ title = \"Us\", url = \"/about/\" }, { title = \"All\", url = \"/archive/\" }]\n";
    site.write("site.toml", own);
    site.build();
    let expected = [
        "Us /about/ (here)",
        "All /archive/",
        "Zoo /zoo/",
        "Contact /contact/",
    ];
    assert_eq!(menu(&site.page("about/index.html")), expected);
}

#[test]
fn page_can_have_a_template_of_the_site() {
    let with = |name: &str| format!("---\ntitle: About\ntemplate: {name}\n---\n\nWho *writes*.\n");
    let site = site()
        .file(
            "templates/about.html",
            "<b>{{ page.content | safe }}</b>{{ page.title }}",
        )
        .file("templates/post.html", "{{ post.title }}")
        .file("content/pages/about.md", with("about.html"));
    site.build();
    let own = "<b><p>Who <em>writes</em>.</p>\n</b>About";
    assert_eq!(site.page("about/index.html"), own);
    site.write("content/pages/about.md", with("about"));
    site.build();
    assert_eq!(site.page("about/index.html"), own);
    for (name, message, help) in [
        (
            "abuot.html",
            "names the template `abuot.html`, which `templates/` does not have",
            "did you mean `about.html`?",
        ),
        (
            "post.html",
            "cannot have the template `post.html`, which is for pages of another kind",
            "copy it",
        ),
        (
            "../x",
            "names the template `../x`",
            "write it, or delete the key",
        ),
    ] {
        site.write("content/pages/about.md", with(name));
        let run = site.build();
        let place = "content/pages/about.md:3: warning[unknown-template]: the page `About` ";
        assert!(
            run.stderr.contains(&format!("{place}{message}")),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains(help), "{}", run.stderr);
        assert!(site.page("about/index.html").contains("<h1>About</h1>"));
    }
    // A template can be all that a page shows.
    site.write(
        "content/pages/about.md",
        "---\ntitle: About\ntemplate: about.html\n---\n",
    );
    site.build();
    assert_eq!(site.page("about/index.html"), "<b></b>About");
}

#[test]
fn page_is_unpublished_and_hidden_as_a_post_is() {
    let site = site()
        .file("content/pages/a.md", "---\ntitle: Later\ndate: 2030-01-01\n---\n\nText.\n")
        .file("content/pages/_drafts/b.md", "---\ntitle: Draft\n---\n\nText.\n")
        .file(
            "content/pages/c.md",
            "---\ntitle: Hidden\nnoindex: true\nupdated: 2026-02-03\naliases: [/old/]\n---\n\nText.\n",
        )
        .file("content/pages/README.md", "Not a page.");
    let run = site.build();
    let counts = "1 published, 2 pages, 1 draft, 1 dated in the future";
    assert!(run.stdout.contains(counts), "{}", run.stdout);
    let public = site.public();
    for path in ["later/index.html", "draft/index.html", "readme/index.html"] {
        assert!(!public.contains_key(path), "{path}");
    }
    let hidden = site.page("hidden/index.html");
    assert!(
        hidden.contains("<meta name=\"robots\" content=\"noindex"),
        "{hidden}"
    );
    assert!(
        hidden.contains("<time datetime=\"2026-02-03\">"),
        "{hidden}"
    );
    assert!(!site.page("sitemap.xml").contains("/hidden/"));
    assert!(site.page("old/index.html").contains("/repo/hidden/"));
    site.build_with(&["--drafts", "--future"]);
    for path in ["later/index.html", "draft/index.html"] {
        assert!(site.public().contains_key(path), "{path}");
    }
}

#[test]
fn page_that_wants_a_taken_address_gets_another_and_both_are_named() {
    let page = |title: &str| format!("---\ntitle: {title}\n---\n\nText.\n");
    let site = Site::with_config("[content]\ndates = \"none\"\npermalink = \"/{slug}/\"\n")
        .file(
            "content/a.md",
            "---\ntitle: Tea\ndate: 2026-01-01\n---\n\nA post.\n",
        )
        .file("static/imprint/index.html", "mine")
        .file("content/pages/tea.md", page("Tea"))
        .file("content/pages/imprint.md", page("Imprint"))
        .file("content/pages/archive.md", page("Archive"));
    let run = site.build();
    for (slug, owner) in [
        ("tea", "content/a.md"),
        ("imprint", "static/imprint/index.html"),
        ("archive", "the page /archive/"),
    ] {
        let message = format!(
            "content/pages/{slug}.md:1: warning[slug-collision]: the slug `{slug}` is already taken \
             by {owner}, so this page is at `{slug}-"
        );
        assert!(run.stderr.contains(&message), "{}", run.stderr);
    }
    assert!(site.page("tea/index.html").contains("A post."));
}

#[test]
fn home_page_and_terms_have_their_texts_on_their_first_pages() {
    let site = site()
        .file(
            "content/b.md",
            "---\ntitle: B\ncategories: [Hot drinks]\n---\n\nOther words.\n",
        )
        .file(
            "content/c.md",
            "---\ntitle: C\ncategories: [Hot drinks]\n---\n\nMore words.\n",
        )
        .file(
            "site.toml",
            "title = \"Test\"\n[content]\ndates = \"none\"\n[lists]\nper_page = 2\n",
        )
        .file(
            "content/pages/_index.md",
            "---\ndescription: All about it.\n---\n\nHello, *reader*. [Tea](../posts/tea.md).\n",
        )
        .file("content/categories/cup.png", "a picture")
        .file(
            "content/categories/hot-drinks.md",
            "---\ntitle: Drinks that warm\ncover: cup.png\n---\n\nWhat to drink in winter.\n",
        )
        .file(
            "content/tags/Green tea.md",
            "---\ndescription: Leaves.\n---\n",
        );
    let run = site.build();
    assert!(!run.stderr.contains("error"), "{}", run.stderr);
    let home = site.page("index.html");
    assert!(
        home.contains("<p>Hello, <em>reader</em>. <a href=\"/posts/tea/\">Tea</a>.</p>"),
        "{home}"
    );
    assert!(
        home.contains("<meta name=\"description\" content=\"All about it.\">"),
        "{home}"
    );
    assert!(!site.page("page/2/index.html").contains("Hello"));
    let drinks = site.page("categories/hot-drinks/index.html");
    for part in [
        "<h1>Drinks that warm</h1>",
        "<title>Drinks that warm · Test</title>",
        "<p>What to drink in winter.</p>",
        "<meta name=\"description\" content=\"What to drink in winter.\">",
        "<meta property=\"og:description\" content=\"What to drink in winter.\">",
        "<meta property=\"og:image\" content=\"http://127.0.0.1:1111/categories/cup.png\">",
        "<img class=\"cover\" src=\"/categories/cup.png\" alt=\"Drinks that warm\"",
    ] {
        assert!(drinks.contains(part), "{part}: {drinks}");
    }
    let second = site.page("categories/hot-drinks/page/2/index.html");
    assert!(second.contains("<h1>Drinks that warm</h1>"), "{second}");
    assert!(
        !second.contains("winter.</p>") && !second.contains("class=\"cover\""),
        "{second}"
    );
    let tag = site.page("tags/green-tea/index.html");
    assert!(
        tag.contains("<h1>Green tea</h1>") && tag.contains("Leaves.</p>"),
        "{tag}"
    );
    // A link to the file of a text leads to its list.
    let post = site.page("posts/tea/index.html");
    assert!(
        post.contains("<a href=\"/categories/hot-drinks/\">"),
        "{post}"
    );
}

#[test]
fn text_that_no_list_takes_is_noted() {
    let site = site()
        .file("content/_index.md", "One.\n")
        .file("content/pages/_index.md", "Two.\n")
        .file("content/tags/gren-tea.md", "Three.\n")
        .file("content/tags/green-tea.md", "Four.\n")
        .file("content/tags/green-tea.txt", "Five.\n")
        .file("content/posts/_index.md", "Six.\n");
    let run = site.run(&["check", "--verbose"]);
    for line in [
        "content/_index.md:1: info[unused-text]: this list has its text from content/pages/_index.md already",
        "content/tags/gren-tea.md:1: info[unused-text]: no published post has the tag `gren-tea`, so this text is not shown (did you mean `green-tea`?",
        "content/tags/green-tea.txt:1: info[unused-text]: this list has its text from content/tags/green-tea.md already",
        "content/posts/_index.md: info[ignored-file]",
    ] {
        let all = run.stdout.clone() + &run.stderr;
        assert!(all.contains(line), "{line}: {all}");
    }
    site.build();
    assert!(site.page("index.html").contains("<p>Two.</p>"));
    site.remove("content/pages/_index.md");
    site.build();
    assert!(site.page("index.html").contains("<p>One.</p>"));
}

#[test]
fn posts_of_jekyll_have_dates_and_addresses_from_their_names() {
    let site = site()
        .file(
            "content/_posts/2024-05-01-cocoa.md",
            "---\nlayout: post\n---\n\n# Cocoa\n\nText.\n",
        )
        .file(
            "content/_drafts/later.md",
            "---\nlayout: post\ntitle: Later\n---\n\nText.\n",
        )
        .file(
            "content/about.md",
            "---\nlayout: page\ntitle: Us\npermalink: /us/\n---\n\nText.\n",
        );
    let run = site.build();
    assert!(
        run.stdout.contains("2 published, 2 pages, 1 draft"),
        "{}",
        run.stdout
    );
    assert!(
        site.page("posts/cocoa/index.html")
            .contains("<time datetime=\"2024-05-01\">")
    );
    assert!(site.page("us/index.html").contains("<h1>Us</h1>"));
}

#[test]
fn post_becomes_a_page_and_a_post_again() {
    let site = site().file("content/pages/_index.md", "Hello.\n");
    let page = "---\ntitle: Tea\ntype: page\nmenu: true\n---\n\nIt is a page now.\n";
    let post = "---\ntitle: Tea\ntags: [Green tea]\n---\n\nIt is a post again.\n";
    let text = "---\ntitle: Leaves\n---\n\nWhat it is made of.\n";
    let edits: [(&str, Option<&str>); 8] = [
        ("content/posts/tea.md", Some(page)),
        ("content/posts/tea.md", Some(post)),
        ("content/tags/green-tea.md", Some(text)),
        ("content/posts/tea.md", Some(page)),
        ("content/pages/_index.md", Some("Good bye.\n")),
        ("content/posts/tea.md", Some(post)),
        ("content/tags/green-tea.md", None),
        ("content/pages/_index.md", None),
    ];
    site.build();
    for (path, content) in edits {
        match content {
            Some(content) => site.write(path, content),
            None => site.remove(path),
        }
        site.build();
        let incremental = site.public();
        site.build_with(&["--force"]);
        let clean = site.public();
        let differs: Vec<&String> = clean
            .keys()
            .chain(incremental.keys())
            .filter(|path| clean.get(*path) != incremental.get(*path))
            .collect();
        assert!(differs.is_empty(), "{path}: {differs:?}");
    }
    let home = site.page("index.html");
    assert!(home.contains("Tea") && !home.contains("bye"), "{home}");
}

#[test]
fn ingested_page_stays_a_page_without_a_date() {
    let site = site().file(
        "replies/imprint.md",
        "---\ntitle: Imprint\ntype: page\nmenu: true\n---\n\nThe law.\n",
    );
    let run = site.run(&[
        "ingest",
        "replies/",
        "--start",
        "2026-01-01",
        "--every",
        "1d",
    ]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let text = std::fs::read_to_string(site.path("content/posts/imprint.md")).unwrap();
    assert!(
        text.contains("\ntype: page\n") && !text.contains("\ndate:"),
        "{text}"
    );
    site.build();
    let page = site.page("imprint/index.html");
    assert!(
        menu(&page).contains(&"Imprint /repo/imprint/ (here)".to_owned()),
        "{page}"
    );
}
