//! Tests what a built site consists of.

use std::collections::BTreeSet;
use std::fs;

use crate::site::{Site, between, tree};

/// Returns a site of three posts: two share a tag, two share a category, one has a date.
fn three_posts() -> Site {
    Site::new()
        .reply("a", "First post", "Rust, Shared", "News")
        .reply("b", "Second post", "Shared", "News, Cloud Computing")
        .file(
            "content/c.md",
            "---\ntitle: \"Third: with a colon\"\ndate: 2026-05-01\ntags: [Rust]\n---\n\
             # Third: with a colon\n\nSome text here.\n\n## Part one\n\nMore.\n\n## Part two\n\nEnd.\n",
        )
}

#[test]
fn every_page_of_the_plan_is_written_and_nothing_else() {
    let site = three_posts();
    site.build();
    let mut paths: BTreeSet<String> = site.public().into_keys().collect();
    paths.retain(|path| !(path.starts_with("pagefind/") || path.starts_with("cards/")));
    let named_by_hash = [
        "style-",
        "lists-",
        "extras-",
        "formulas-",
        "script-",
        "search-",
        "text-",
        "italic-",
    ];
    let fixed: BTreeSet<String> = paths
        .iter()
        .filter(|path| !named_by_hash.iter().any(|name| path.starts_with(name)))
        .cloned()
        .collect();
    let expected = [
        ".nojekyll",
        ".pressrun-manifest",
        "404.html",
        "archive/index.html",
        "atom.xml",
        "categories/cloud-computing/atom.xml",
        "categories/cloud-computing/feed.json",
        "categories/cloud-computing/index.html",
        "categories/cloud-computing/rss.xml",
        "categories/index.html",
        "categories/news/atom.xml",
        "categories/news/feed.json",
        "categories/news/index.html",
        "categories/news/rss.xml",
        "favicon.svg",
        "feed.json",
        "index.html",
        "posts/first-post/index.html",
        "posts/second-post/index.html",
        "posts/third-with-a-colon/index.html",
        "robots.txt",
        "rss.xml",
        "search/index.html",
        "sitemap.xml",
        "tags/index.html",
        "tags/rust/index.html",
        "tags/shared/index.html",
    ];
    assert_eq!(fixed, expected.map(str::to_owned).into());
    assert_eq!(
        paths.len(),
        fixed.len() + named_by_hash.len(),
        "one style sheet, one script, one for the search page"
    );
}

#[test]
fn summary_adds_up() {
    let site = three_posts()
        .file(
            "content/d.md",
            "---\ntitle: D\ndraft: true\n---\nNot yet.\n",
        )
        .file(
            "content/e.md",
            "---\ntitle: E\ndate: 2026-06-16\n---\nTomorrow.\n",
        )
        .file("content/f.txt", "");
    let run = site.build();
    assert!(
        run.stdout.starts_with(
            "6 replies in 6 files: 3 published, 1 draft, 1 dated in the future, 1 rejected\n"
        ),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr.contains("content/f.txt: error[no-post-found]"),
        "{}",
        run.stderr
    );
}

#[test]
fn drafts_and_future_posts_show_when_asked_for() {
    let site = Site::new()
        .file(
            "content/d.md",
            "---\ntitle: D\ndraft: true\n---\nNot yet.\n",
        )
        .file(
            "content/e.md",
            "---\ntitle: E\ndate: 2026-06-16\n---\nTomorrow.\n",
        );
    site.build_with(&["--drafts", "--future"]);
    assert!(site.page("posts/d/index.html").contains("noindex"));
    site.page("posts/e/index.html");
    assert!(!site.page("sitemap.xml").contains("/posts/d/"));
}

#[test]
fn head_of_a_post_is_complete() {
    let site = three_posts();
    site.build();
    let page = site.page("posts/third-with-a-colon/index.html");
    let address = "http://127.0.0.1:1111/posts/third-with-a-colon/";
    assert_eq!(
        between(&page, "<title>", "</title>"),
        "Third: with a colon · Test"
    );
    assert_eq!(page.matches("<h1").count(), 1);
    for part in [
        &format!("<link rel=\"canonical\" href=\"{address}\">"),
        "<meta name=\"description\" content=\"",
        "property=\"og:title\"",
        "property=\"og:type\" content=\"article\"",
        &format!("property=\"og:url\" content=\"{address}\""),
        "property=\"article:published_time\" content=\"2026-05-01",
        "property=\"article:tag\" content=\"Rust\"",
        "name=\"twitter:card\"",
        "type=\"application/atom+xml\"",
        "type=\"application/feed+json\"",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let json = between(&page, "<script type=\"application/ld+json\">", "</script>");
    let data: serde_json::Value = serde_json::from_str(json).unwrap();
    let posting = &data["@graph"][0];
    assert_eq!(posting["@type"], "BlogPosting");
    assert_eq!(posting["headline"], "Third: with a colon");
    assert_eq!(posting["datePublished"], "2026-05-01");
    assert_eq!(posting["url"], address);
    assert_eq!(data["@graph"][1]["@type"], "BreadcrumbList");
}

#[test]
fn every_page_has_one_h1_a_canonical_and_a_description() {
    let site = three_posts();
    site.build();
    for (path, bytes) in site.public() {
        if !path.ends_with(".html") {
            continue;
        }
        let page = String::from_utf8(bytes).unwrap();
        assert_eq!(page.matches("<h1").count(), 1, "{path}");
        assert_eq!(page.matches("rel=\"canonical\"").count(), 1, "{path}");
        if path != "404.html" {
            assert!(
                page.contains("<meta name=\"description\" content=\""),
                "{path}"
            );
        }
    }
}

#[test]
fn lists_are_paged_and_each_page_names_its_neighbours() {
    let mut site =
        Site::with_config("title = \"Test\"\n[content]\ndates = \"none\"\n[lists]\nper_page = 2\n");
    for name in ["a", "b", "c", "d", "e"] {
        site = site.reply(name, &format!("Post {name}"), "Shared", "News");
    }
    site.build();
    for list in ["", "tags/shared/", "categories/news/"] {
        let second = site.page(&format!("{list}page/2/index.html"));
        let url = format!("/{list}page/2/");
        assert!(
            second.contains(&format!("href=\"http://127.0.0.1:1111{url}\"")),
            "{second}"
        );
        assert!(
            second.contains(&format!("<link rel=\"prev\" href=\"/{list}\">")),
            "{second}"
        );
        assert!(second.contains(&format!("<link rel=\"next\" href=\"/{list}page/3/\">")));
        assert!(second.contains("Post c") && second.contains("Post d"));
        assert!(!second.contains("/posts/post-e/"));
        site.page(&format!("{list}page/3/index.html"));
        assert!(!site.path(&format!("public/{list}page/4")).exists());
    }
}

#[test]
fn newest_posts_come_first_then_by_path() {
    let site = three_posts();
    site.build();
    let home = site.page("index.html");
    let position = |slug: &str| home.find(&format!("/posts/{slug}/")).unwrap();
    assert!(position("third-with-a-colon") < position("first-post"));
    assert!(position("first-post") < position("second-post"));
}

#[test]
fn same_site_gives_the_same_bytes_on_any_number_of_threads() {
    let site = three_posts();
    site.build_with(&["--jobs", "1", "--output", "one"]);
    site.build_with(&["--output", "all"]);
    assert_eq!(tree(&site.path("one")), tree(&site.path("all")));
}

#[test]
fn site_under_a_path_has_all_its_links_below_it() {
    let site = three_posts();
    site.build_with(&["--base-url", "https://example.github.io/repo"]);
    for (path, bytes) in site.public() {
        if !path.ends_with(".html") {
            continue;
        }
        let page = String::from_utf8(bytes).unwrap();
        for part in page.split([' ', '>']) {
            let Some(url) = part
                .strip_prefix("href=\"/")
                .or_else(|| part.strip_prefix("src=\"/"))
            else {
                continue;
            };
            assert!(url.starts_with("repo/"), "{path} links to /{url}");
        }
    }
    assert!(
        site.page("sitemap.xml")
            .contains("<loc>https://example.github.io/repo/tags/")
    );
    assert!(
        site.page("robots.txt")
            .contains("https://example.github.io/repo/sitemap.xml")
    );
}

#[test]
fn links_between_posts_lead_to_their_pages() {
    let site = Site::new()
        .reply("folder/a", "First post", "x", "News")
        .file(
            "content/folder/b.md",
            "---\ntitle: B\n---\nTo [a](a.txt), [root](/posts/first-post), \
             [up](../folder/a.txt#part), [nowhere](missing.md), [out](https://example.com/x).\n",
        );
    let run = site.build_with(&["--base-url", "https://example.github.io/repo/"]);
    let page = site.page("posts/b/index.html");
    for link in [
        "<a href=\"/repo/posts/first-post/\">a</a>",
        "<a href=\"/repo/posts/first-post/\">root</a>",
        "<a href=\"/repo/posts/first-post/#part\">up</a>",
        "<a href=\"https://example.com/x\">out</a>",
    ] {
        assert!(page.contains(link), "no {link} in {page}");
    }
    assert!(
        run.stderr
            .contains("content/folder/b.md:4: warning[dead-link]: `missing.md` leads"),
        "{}",
        run.stderr
    );
}

#[test]
fn pictures_beside_posts_are_published_and_found() {
    let site = Site::new()
        .file("content/trip/pic.jpg", [0xff, 0xd8])
        .file("content/trip/run.svg", "<svg onload=\"alert(1)\"/>")
        .file(
            "content/trip/a.md",
            "---\ntitle: A\n---\nWords.\n\n![Sea](pic.jpg)\n",
        );
    let run = site.build_with(&["--verbose"]);
    assert!(
        site.page("posts/a/index.html")
            .contains("src=\"/trip/pic.jpg\"")
    );
    assert_eq!(site.public()["trip/pic.jpg"], [0xff, 0xd8]);
    assert!(!site.path("public/trip/run.svg").exists());
    assert!(
        run.stderr
            .contains("content/trip/run.svg: info[ignored-file]"),
        "{}",
        run.stderr
    );
}

#[test]
fn bodies_are_never_templates() {
    let site = Site::new().file(
        "content/a.md",
        "---\ntitle: \"Use {{ title }}\"\n---\nWrite {{ page.title }} and {% include \"x\" %} so.\n\n\
         ```jinja\n{% for x in y %}{{ x }}{% endfor %}\n```\n",
    );
    site.build();
    let page = site.page("posts/use-title/index.html");
    assert!(
        page.contains("Write {{ page.title }} and {% include"),
        "{page}"
    );
    assert!(between(&page, "<title>", "</title>").contains("Use {{ title }}"));
}

#[test]
fn site_template_replaces_the_themes() {
    let site = three_posts().file(
        "templates/post.html",
        "{% extends \"theme/post.html\" %}{% block post_footer %}<p>Own footer</p>{% endblock %}",
    );
    site.build();
    let page = site.page("posts/first-post/index.html");
    assert!(
        page.contains("<p>Own footer</p>") && page.contains("<h1"),
        "{page}"
    );
    assert!(!site.page("index.html").contains("Own footer"));
}

#[test]
fn static_files_are_copied_and_may_replace_the_themes() {
    let site = three_posts()
        .file("static/images/a.png", [0x89, b'P', b'N', b'G'])
        .file("static/favicon.svg", "<svg/>");
    site.build();
    assert_eq!(site.public()["images/a.png"], [0x89, b'P', b'N', b'G']);
    assert_eq!(site.page("favicon.svg"), "<svg/>");
}

#[test]
fn thin_tag_pages_are_kept_from_search_engines() {
    let site = Site::new()
        .reply("a", "A", "Thin, Thick", "News")
        .reply("b", "B", "Thick", "News");
    site.build();
    let robots = "<meta name=\"robots\" content=\"noindex, follow\">";
    assert!(site.page("tags/thin/index.html").contains(robots));
    assert!(!site.page("tags/thick/index.html").contains(robots));
    let sitemap = site.page("sitemap.xml");
    assert!(!sitemap.contains("/tags/thin/") && sitemap.contains("/tags/thick/"));
}

#[test]
fn one_address_goes_to_one_post_and_the_other_is_reported() {
    let site = Site::new().reply("a", "Same title", "x", "News").file(
        "content/b.txt",
        "TITLE: Same title\nMETA_DESCRIPTION: Other.\nTAGS: x\nCATEGORIES: News\n\n\
             Another text altogether.\n\n-EndOFText-\n",
    );
    let run = site.build();
    assert!(
        run.stderr
            .contains("content/b.txt:1: warning[slug-collision]"),
        "{}",
        run.stderr
    );
    let posts: Vec<String> = site
        .public()
        .into_keys()
        .filter(|path| path.starts_with("posts/same-title"))
        .collect();
    assert_eq!(posts.len(), 2, "{posts:?}");
}

#[test]
fn feeds_hold_the_newest_posts_with_absolute_links() {
    let site = Site::with_config(
        "title = \"Test\"\n[content]\ndates = \"none\"\n[lists]\nfeed_entries = 1\n",
    )
    .file(
        "content/old.md",
        "---\ntitle: Old\ndate: 2026-01-01\n---\nOld text.\n",
    )
    .file(
        "content/new.md",
        "---\ntitle: New & <improved>\ndate: 2026-01-02\n---\nSee [old](/posts/old/).\n",
    );
    site.build();
    let atom = site.page("atom.xml");
    assert_eq!(atom.matches("<entry>").count(), 1);
    assert!(
        atom.contains("<updated>2026-01-02T00:00:00Z</updated>"),
        "{atom}"
    );
    assert!(atom.contains("New &amp; &lt;improved&gt;"), "{atom}");
    assert!(atom.contains("http://127.0.0.1:1111/posts/old/"), "{atom}");
    assert!(
        site.page("rss.xml")
            .contains("<pubDate>Fri, 02 Jan 2026 00:00:00 GMT</pubDate>")
    );
    let json: serde_json::Value = serde_json::from_str(&site.page("feed.json")).unwrap();
    assert_eq!(json["items"][0]["title"], "New & <improved>");
    assert_eq!(json["items"].as_array().unwrap().len(), 1);
}

#[test]
fn posts_that_state_no_date_take_that_of_the_commit_that_added_them() {
    let site = Site::with_config("title = \"Test\"\n").reply("a", "A", "x", "News");
    let git = |arguments: &[&str]| {
        let status = std::process::Command::new("git")
            .args(["-c", "user.name=T", "-c", "user.email=t@example.com"])
            .args(arguments)
            .current_dir(site.path(""))
            .env("GIT_AUTHOR_DATE", "2025-03-04T12:00:00Z")
            .env("GIT_COMMITTER_DATE", "2025-03-04T12:00:00Z")
            .output()
            .unwrap()
            .status;
        assert!(status.success(), "git {arguments:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "add"]);
    site.build();
    assert!(site.page("posts/a/index.html").contains("4 March 2025"));
}

#[test]
fn site_without_posts_builds() {
    let site = Site::new();
    let run = site.build();
    assert!(
        run.stdout
            .starts_with("0 replies in 0 files: 0 published\n"),
        "{}",
        run.stdout
    );
    assert_eq!(site.page("index.html").matches("<h1").count(), 1);
}

#[test]
fn post_overrides_the_disclosure_of_the_site() {
    let site = Site::with_config(
        "title = \"T\"\n[content]\ndates = \"none\"\n[disclosure]\nlabel = \"By a model\"\n\
         digital_source_type = \"trainedAlgorithmicMedia\"\n",
    )
    .reply("plain", "Plain", "a", "News");
    let post = |name: &str, keys: &str| {
        let text = format!("---\ntitle: {name}\n{keys}\n---\nText of {name}.\n");
        site.write(&format!("content/{name}.md"), text);
    };
    post("quiet", "disclosure: false");
    post(
        "own",
        "disclosure: By two people\ndigital_source_type: humanEdits",
    );
    site.build();
    let shows = |name: &str, label: &str, source: &str| {
        let page = site.page(&format!("posts/{name}/index.html"));
        let source = format!("\"digitalSourceType\":\"https://schema.org/{source}DigitalSource\"");
        let all = page.contains("By a model") || page.contains("digitalSourceType");
        (page.contains(label) && page.contains(&source), all)
    };
    assert!(shows("plain", "By a model", "TrainedAlgorithmicMedia").0);
    assert!(shows("own", "By two people", "MinorHumanEdits").0);
    assert!(!shows("quiet", "", "").1);
}

#[test]
fn ascii_slugs_are_those_of_posts_and_terms_but_not_given_ones() {
    let site = Site::with_config(
        "[content]\ndates = \"none\"\nslugs = \"ascii\"\npermalink = \"/{category}/{slug}/\"\n",
    )
    .reply("a", "Привет, мир", "Добро пожаловать", "Новости")
    .file(
        "content/b.md",
        "---\ntitle: Ещё\nslug: ещё\n---\nTo [it](a.txt) and on.\n",
    );
    site.build();
    assert!(
        site.page("novosti/privet-mir/index.html")
            .contains("/tags/dobro-pozhalovat/")
    );
    site.page("tags/dobro-pozhalovat/index.html");
    site.page("categories/novosti/index.html");
    assert!(
        site.page("uncategorized/ещё/index.html")
            .contains("href=\"/novosti/privet-mir/\"")
    );
    site.write("site.toml", "[content]\ndates = \"none\"\n");
    site.build();
    site.page("posts/привет-мир/index.html");
    site.page("tags/добро-пожаловать/index.html");
    assert!(!site.path("public/tags/dobro-pozhalovat").exists());
}

#[test]
fn line_ends_of_windows_give_the_same_site() {
    let files = [
        (
            "site.toml",
            "title = \"T\"\ndescription = \"\"\"\nTwo\nlines\"\"\"\n[content]\ndates = \"none\"\n\
             [theme]\nfooter = \"\"\"\nAt the\nfoot\"\"\"\n",
        ),
        (
            "content/a.txt",
            "TITLE: A\nTAGS: x\n\nText of  \na post.\n\n```\nlet a;\n\nlet b;\n```\n\n-EndOFText-\n",
        ),
        (
            "content/b.md",
            "---\ntitle: B\ndescription: >\n  Two\n  lines\n---\n\n# B\n\nText.\n",
        ),
        (
            "content/c.jsonl",
            "{\"title\": \"C\", \"body\": \"Text.\\n\\nMore.\"}\n{\"title\": \"D\", \"body\": \"D.\"}\n",
        ),
        (
            "templates/404.html",
            "<!doctype html>\n<pre>\n{{ site.title }}\n\n</pre>\n",
        ),
    ];
    let build = |end: &str| {
        let site = files.iter().fold(Site::new(), |site, (path, text)| {
            site.file(path, text.replace('\n', end))
        });
        site.build();
        site.public()
    };
    let (unix, windows) = (build("\n"), build("\r\n"));
    for (path, bytes) in &unix {
        let other = windows
            .get(path)
            .map(|bytes| String::from_utf8_lossy(bytes));
        assert_eq!(other, Some(String::from_utf8_lossy(bytes)), "{path}");
    }
    assert_eq!(unix.len(), windows.len());
}

#[test]
fn manual_pages_and_completions_are_made_from_the_arguments() {
    let site = Site::new();
    let run = site.run(&["man"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains(".TH pressrun 1"), "{}", run.stdout);
    let run = site.run(&["man", "--dir", "man/man1"]);
    assert!(
        run.stdout.ends_with("written to man/man1\n"),
        "{}",
        run.stdout
    );
    let page = fs::read_to_string(site.path("man/man1/pressrun-publish.1")).unwrap();
    assert!(page.contains(r"\-\-dry\-run"), "{page}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = site.run(&["completions", shell]);
        assert!(run.stdout.contains("publish") && run.code == 0, "{shell}");
    }
}
