//! Tests relations between posts: near-duplicates, languages, and derived tags and categories.

use std::path::Path;

use serde_json::Value;

use crate::site::{Site, between};

/// Returns a reply with this title, these header lines and this body.
fn reply(title: &str, head: &str, body: &str) -> String {
    format!("TITLE: {title}\nMETA_DESCRIPTION: About {title}.\n{head}\n{body}\n\n-EndOFText-\n")
}

/// Returns a text of a hundred different words, of which some at the end are replaced.
fn numbered(start: usize, replaced: usize) -> String {
    let word = |number: usize| match number {
        number if number >= 100 - replaced => format!("other{number}x{start}"),
        number => format!("word{}", start + number),
    };
    let words: Vec<String> = (0..100).map(word).collect();
    format!("{}.", words.join(" "))
}

/// Returns a site with two near-duplicates, of which the older is second by path, and another post.
fn nearly_equal(action: &str) -> Site {
    let config = format!(
        "title = \"Test\"\nbase_url = \"https://example.com/\"\n\
         [content]\ndates = \"none\"\nnear_duplicates = \"{action}\"\n"
    );
    Site::with_config(&config)
        .file(
            "content/a.txt",
            reply("Copy", "DATE: 2025-02-02\nTAGS: x\n", &numbered(0, 4)),
        )
        .file(
            "content/b.txt",
            reply("Original", "DATE: 2025-01-01\nTAGS: x\n", &numbered(0, 0)),
        )
        .file(
            "content/c.txt",
            reply("Third", "DATE: 2025-03-03\nTAGS: x\n", &numbered(500, 0)),
        )
}

const WARNING: &str = "content/a.txt:1: warning[near-duplicate]: the body of `Copy` is 92% \
                       similar to that of the post at `content/b.txt:1`";

#[test]
fn nearly_equal_posts_of_different_files_are_reported_at_the_newer_one() {
    let site = nearly_equal("report");
    let built = site.build();
    assert!(built.stderr.contains(WARNING), "{}", built.stderr);
    assert_eq!(built.stderr.matches("near-duplicate").count(), 1);
    let related = between(
        &site.page("posts/copy/index.html"),
        "Related posts",
        "</ul>",
    )
    .to_owned();
    assert!(
        related.contains("Third") && !related.contains("Original"),
        "{related}"
    );
}

#[test]
fn near_duplicates_become_drafts_if_the_site_is_set_so() {
    let site = nearly_equal("draft");
    let built = site.build();
    assert!(built.stderr.contains(WARNING), "{}", built.stderr);
    assert!(built.stdout.contains("2 published"), "{}", built.stdout);
    assert!(built.stdout.contains("1 draft"), "{}", built.stdout);
    assert!(!site.path("public/posts/copy/index.html").exists());
    let checked = site.run(&["check"]);
    assert!(checked.stdout.contains("Copy"), "{}", checked.stdout);
    site.build_with(&["--drafts"]);
    assert!(site.path("public/posts/copy/index.html").exists());
    // A text that makes it a different post publishes it again.
    site.write(
        "content/a.txt",
        reply("Copy", "DATE: 2025-02-02\nTAGS: x\n", &numbered(900, 0)),
    );
    site.build();
    assert!(site.path("public/posts/copy/index.html").exists());
}

#[test]
fn near_duplicates_name_a_canonical_post_if_the_site_is_set_so() {
    let site = nearly_equal("canonical");
    site.build();
    let page = site.page("posts/copy/index.html");
    let canonical = "<link rel=\"canonical\" href=\"https://example.com/posts/original/\">";
    assert!(page.contains(canonical), "{page}");
    assert!(site.page("posts/original/index.html").contains(canonical));
    let sitemap = site.page("sitemap.xml");
    assert!(sitemap.contains("/posts/original/") && !sitemap.contains("/posts/copy/"));
    // This page changes only when the address of the other post changes.
    let older = reply(
        "Original",
        "DATE: 2025-01-01\nSLUG: first\n",
        &numbered(0, 0),
    );
    site.write("content/b.txt", older);
    site.build();
    assert!(site.page("posts/copy/index.html").contains("/posts/first/"));
}

const GERMAN: &str = "Der Sauerteig braucht Zeit und Ruhe. Man mischt das Mehl mit dem Wasser und lässt es über Nacht \
    stehen, bis sich die ersten Blasen zeigen. Am nächsten Tag kommt noch einmal Mehl dazu, und der Teig wird wieder \
    gerührt. Nach einer Woche riecht er nach Äpfeln, und dann ist er stark genug für ein gutes Brot mit Kruste.";

const CHINESE: &str = "静态网站生成器把文本文件变成网页，不需要数据库，也不需要服务器端的程序。网站因此很快，也很安全。";

/// Returns an English site with posts in German, Chinese and Arabic.
fn in_many_languages() -> Site {
    Site::new()
        .reply("plain", "Plain bread", "bread", "Food")
        .file("content/de.txt", reply("Brot", "TAGS: bread\n", GERMAN))
        .file("content/zh.txt", reply("网站", "TAGS: bread\n", CHINESE))
        .file(
            "content/ar.txt",
            reply("خبز", "LANGUAGE: Arabic\nTAGS: bread\n", "خبز وماء وملح."),
        )
}

#[test]
fn page_states_the_language_of_its_post() {
    let site = in_many_languages();
    site.build();
    assert!(
        site.page("posts/plain-bread/index.html")
            .contains("<html lang=\"en\">")
    );
    let german = site.page("posts/brot/index.html");
    assert!(german.contains("<html lang=\"de\">"), "{german}");
    assert!(
        german.contains("<header class=\"site\" lang=\"en\" dir=\"ltr\">"),
        "{german}"
    );
    assert!(german.contains("\"inLanguage\":\"de\""), "{german}");
    assert!(
        site.page("posts/网站/index.html")
            .contains("<html lang=\"zh\" class=\"local\">")
    );
    assert!(
        site.page("posts/خبز/index.html")
            .contains("<html lang=\"ar\" dir=\"rtl\" class=\"local\">")
    );
    let home = site.page("index.html");
    assert!(
        home.contains("<li lang=\"de\">") && home.contains("<html lang=\"en\">"),
        "{home}"
    );
    assert!(site.page("atom.xml").contains("<entry xml:lang=\"de\">"));
    let feed: Value = serde_json::from_str(&site.page("feed.json")).unwrap();
    let items = feed["items"].as_array().unwrap();
    let german = items.iter().find(|item| item["title"] == "Brot").unwrap();
    assert_eq!(german["language"], "de");
}

#[test]
fn related_posts_are_in_one_language() {
    let site = in_many_languages().file(
        "content/de2.txt",
        reply(
            "Roggenbrot",
            "LANGUAGE: de\nTAGS: bread\n",
            "Roggen und Wasser.",
        ),
    );
    site.build();
    let german = site.page("posts/brot/index.html");
    let related = between(&german, "Related posts", "</ul>");
    assert!(
        related.contains("Roggenbrot") && !related.contains("Plain"),
        "{related}"
    );
}

#[test]
fn posts_in_other_languages_are_found_by_the_search() {
    let Some(mut browser) = crate::chromium::Chromium::start() else {
        return;
    };
    let site = in_many_languages();
    let output = tempfile::tempdir().unwrap();
    let home = crate::browser::serve(&site.path(""), output.path());
    for (query, title) in [
        ("Sauerteig", "Brot"),
        ("数据库", "网站"),
        ("bread", "Plain bread"),
    ] {
        browser.open(&format!("{home}search/"));
        assert_eq!(
            crate::browser::search(&mut browser, query),
            "One post found.",
            "{query}"
        );
        browser.wait_for("document.querySelector('#_results a')");
        let found = browser.eval("document.querySelector('#_results a').textContent");
        assert_eq!(found, title);
    }
    assert_eq!(browser.errors, Vec::<String>::new());
}

const BREAD: &str = "Sourdough needs flour. A sourdough oven is hot. The oven bakes sourdough, and the flour is rye.";

#[test]
fn post_without_terms_gets_those_of_the_site_that_fit() {
    let config = "title = \"Test\"\n[content]\ndates = \"none\"\n\
                  [categories]\nallowed = [\"Baking\", \"Cycling\"]\n";
    let mut site = Site::with_config(config).file(
        "content/given.txt",
        reply("Given", "TAGS: Sourdough\nCATEGORIES: Baking\n", BREAD),
    );
    for number in 0..6 {
        let head = format!("TAGS: Wheels{number}\nCATEGORIES: Cycling\n");
        let text =
            format!("Bicycle number {number} has wheel{number} and a chain, a bicycle chain.");
        site = site.file(
            &format!("content/c{number}.txt"),
            reply(&format!("Ride {number}"), &head, &text),
        );
    }
    let site = site.file(
        "content/none.txt",
        reply(
            "Untold",
            "",
            "Flour and sourdough, flour and oven: a sourdough oven likes flour.",
        ),
    );
    let checked = site.run(&["check", "--verbose"]);
    let message = "content/none.txt:1: info[category-assigned]: the category `Baking` was derived from the text";
    assert!(checked.stdout.contains(message), "{}", checked.stdout);
    site.build();
    let page = site.page("posts/untold/index.html");
    let tags = between(&page, "aria-label=\"Tags\"", "</ul>");
    assert!(tags.contains("/tags/sourdough/"), "{tags}");
    assert!(
        site.page("categories/baking/index.html")
            .contains("/posts/untold/")
    );
    // A template can tell derived terms from given ones.
    site.write(
        "templates/post.html",
        "{% extends \"theme/post.html\" %}{% block post_footer %}\
         {{ post.tags_derived }} {{ post.categories_derived }}{% endblock %}",
    );
    site.build();
    assert!(site.page("posts/untold/index.html").contains("true true"));
    assert!(site.page("posts/given/index.html").contains("false false"));
}

#[test]
fn ingested_file_does_not_say_that_the_author_gave_derived_tags() {
    let site = Site::new();
    site.write("replies/a.txt", reply("Rye", "", BREAD));
    let run = site.run(&["ingest", "replies"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let files = crate::site::tree(Path::new(&site.path("content")));
    let text = String::from_utf8(files.into_values().next().unwrap()).unwrap();
    assert!(
        text.contains("title: Rye") && !text.contains("tags:"),
        "{text}"
    );
}

#[test]
fn original_is_published_and_its_copy_is_not() {
    let text = |date: &str| format!("TITLE: One\n{date}\nThe text of one.\n\n-EndOFText-\n");
    let check = |files: [(&str, &str); 2], copy: &str| {
        let mut site = Site::new();
        for (name, date) in files {
            site = site.file(&format!("content/{name}"), text(date));
        }
        let run = site.build();
        let expected = format!("content/{copy}:1: error[duplicate-post]");
        assert!(run.stderr.contains(&expected), "{}", run.stderr);
    };
    check(
        [("copy of reply059.txt", ""), ("reply059.txt", "")],
        "copy of reply059.txt",
    );
    check(
        [
            ("a.txt", "DATE: 2026-01-02\n"),
            ("copy of a.txt", "DATE: 2026-01-01\n"),
        ],
        "a.txt",
    );
}
