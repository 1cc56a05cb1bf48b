//! Tests what a site makes of posts and pages that are translations of each other.

use std::collections::BTreeMap;

use crate::site::{Site, between};

const CONFIG: &str = "title = \"Harbour\"\nbase_url = \"https://a.example/repo/\"\n\
                      [content]\ndates = \"none\"\n[output]\nllms = true\nmarkdown = true\n";

/// Returns a post with this front matter, whose title is in it too.
fn post(title: &str, fields: &str) -> String {
    format!("---\ntitle: {title}\n{fields}---\n\nThe text of {title} has a few words.\n")
}

/// A site in English with posts in three languages. Only the ferry is in all of them.
fn site() -> Site {
    Site::with_config(CONFIG)
        .file("content/dawn.md", post("Dawn", "date: 2026-05-05\n"))
        .file(
            "content/ferry.md",
            post(
                "The Ferry",
                "date: 2026-05-01\ntranslation_key: ferry\ntags: [boats]\n",
            ),
        )
        .file(
            "content/faehre.md",
            post(
                "Die Fähre",
                "date: 2026-05-03\nlang: de\ntranslationKey: ferry\ntags: [boats, Wasser]\n",
            ),
        )
        .file(
            "content/ferii.md",
            post(
                "フェリー",
                "date: 2026-05-04\nlang: ja\nref: ferry\nslug: ferii\n",
            ),
        )
        .file(
            "content/mole.md",
            post(
                "Die Mole",
                "date: 2026-04-02\nlang: de\ntranslation_key: mole\n",
            ),
        )
        .file(
            "content/pier.md",
            post("The Pier", "date: 2026-04-01\ntranslation_key: mole\n"),
        )
}

const FERRY: &str = "posts/the-ferry/index.html";
const FAEHRE: &str = "posts/die-faehre/index.html";

/// Returns the titles of the posts on a page of a list, in their order.
fn list_titles(page: &str) -> Vec<&str> {
    page.split("<h2>")
        .skip(1)
        .map(|part| between(part, "\">", "</a>"))
        .collect()
}

#[test]
fn page_of_each_leads_to_the_others_and_tells_search_engines_of_all() {
    let site = site();
    site.build();
    let alternates = "<link rel=\"alternate\" hreflang=\"en\" href=\"https://a.example/repo/posts/the-ferry/\">\n\
         <link rel=\"alternate\" hreflang=\"de\" href=\"https://a.example/repo/posts/die-faehre/\">\n\
         <link rel=\"alternate\" hreflang=\"ja\" href=\"https://a.example/repo/posts/ferii/\">\n\
         <link rel=\"alternate\" hreflang=\"x-default\" href=\"https://a.example/repo/posts/the-ferry/\">\n";
    for page in [FERRY, FAEHRE, "posts/ferii/index.html"] {
        assert!(site.page(page).contains(alternates), "{page}");
    }
    let page = site.page(FAEHRE);
    let switcher = between(&page, "<nav class=\"meta languages\"", "</nav>");
    let link = |path, tag, name| {
        format!(
            "<a href=\"/repo/posts/{path}/\" rel=\"alternate\" lang=\"{tag}\" hreflang=\"{tag}\">{name}</a>"
        )
    };
    let english = link("the-ferry", "en", "English");
    let japanese = link("ferii", "ja", "日本語");
    assert!(
        switcher.ends_with(&format!("\n{english}\n{japanese}\n")),
        "{switcher}"
    );
    assert!(page.contains("<html lang=\"de\""));
    let locales = "<meta property=\"og:locale\" content=\"de_DE\">\n\
                   <meta property=\"og:locale:alternate\" content=\"en_US\">\n\
                   <meta property=\"og:locale:alternate\" content=\"ja_JP\">\n";
    assert!(page.contains(locales));
    let alone = site.page("posts/dawn/index.html");
    for word in ["hreflang", "class=\"meta languages\"", "og:locale"] {
        assert!(!alone.contains(word), "{word}");
    }
}

#[test]
fn sitemap_names_the_translations_of_each_page() {
    let site = site();
    site.build();
    let sitemap = site.page("sitemap.xml");
    assert!(sitemap.contains(" xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">"));
    let entry = between(
        &sitemap,
        "<loc>https://a.example/repo/posts/ferii/</loc>",
        "</url>",
    );
    let link = |tag, path| {
        format!(
            "<xhtml:link rel=\"alternate\" hreflang=\"{tag}\" \
             href=\"https://a.example/repo/posts/{path}/\"/>"
        )
    };
    let links = [
        link("en", "the-ferry"),
        link("de", "die-faehre"),
        link("ja", "ferii"),
        link("x-default", "the-ferry"),
    ];
    assert_eq!(
        entry,
        format!("<lastmod>2026-05-04</lastmod>\n{}", links.join("\n"))
    );
    assert_eq!(sitemap.matches("<xhtml:link").count(), 3 * 4 + 2 * 3);
    let llms = site.page("llms.txt");
    for title in ["The Ferry", "Die Fähre", "フェリー"] {
        assert!(llms.contains(&format!("[{title}]")), "{llms}");
    }
    assert!(site.page("posts/die-faehre/index.md").contains("Die Fähre"));
}

#[test]
fn lists_and_feeds_show_one_which_leads_to_the_others() {
    let site = site();
    site.build();
    let home = site.page("index.html");
    assert_eq!(list_titles(&home), ["Dawn", "The Ferry", "The Pier"]);
    let german = "<a href=\"/repo/posts/die-faehre/\" rel=\"alternate\" dir=\"auto\" lang=\"de\" hreflang=\"de\">Deutsch</a>";
    let japanese = "<a href=\"/repo/posts/ferii/\" rel=\"alternate\" dir=\"auto\" lang=\"ja\" hreflang=\"ja\">日本語</a>";
    let also = format!("<span>Also in {german} and {japanese}");
    assert!(home.contains(&also), "{home}");
    let archive = site.page("archive/index.html");
    assert!(!archive.contains(">Die Mole<") && archive.contains(">The Pier<"));
    assert!(archive.contains("3 posts") && archive.contains(&format!("Also in {german}")));
    // The German post has the tag too, but is not listed.
    let boats = site.page("tags/boats/index.html");
    assert_eq!(list_titles(&boats), ["The Ferry"]);
    assert!(boats.contains("1 post<"), "{boats}");
    // Only the German post has this tag.
    assert_eq!(
        list_titles(&site.page("tags/wasser/index.html")),
        ["Die Fähre"]
    );
    let feed = site.page("atom.xml");
    assert_eq!(feed.matches("<entry").count(), 3);
    assert!(!feed.contains("Die Fähre"));
}

#[test]
fn neighbours_are_in_the_language_of_the_post_where_they_can_be() {
    let site = site();
    site.build();
    let around = |page: &str| {
        let page = site.page(page);
        let links = between(&page, "<nav class=\"around\"", "</nav>").to_owned();
        let paths = links.split("href=\"").skip(1);
        let paths = paths.map(|part| part.split('"').next().unwrap().to_owned());
        paths.collect::<Vec<_>>()
    };
    assert_eq!(
        around(FERRY),
        ["/repo/posts/the-pier/", "/repo/posts/dawn/"]
    );
    assert_eq!(
        around(FAEHRE),
        ["/repo/posts/die-mole/", "/repo/posts/dawn/"]
    );
    assert_eq!(around("posts/ferii/index.html"), around(FERRY));
    assert_eq!(
        around("posts/die-mole/index.html"),
        ["/repo/posts/die-faehre/"]
    );
}

#[test]
fn translations_are_one_part_of_a_series() {
    let part = |title: &str, day, fields: &str| {
        post(
            title,
            &format!("date: 2026-05-0{day}\nseries: Boats\n{fields}"),
        )
    };
    let site = Site::with_config(CONFIG)
        .file("content/one.md", part("One", 1, "translation_key: one\n"))
        .file(
            "content/eins.md",
            part("Eins", 2, "translation_key: one\nlang: de\n"),
        )
        .file("content/two.md", part("Two", 3, "translation_key: two\n"))
        .file(
            "content/zwei.md",
            part("Zwei", 4, "translation_key: two\nlang: de\n"),
        );
    site.build();
    assert_eq!(
        list_titles(&site.page("series/boats/index.html")),
        ["One", "Two"]
    );
    let page = site.page("posts/zwei/index.html");
    let series = between(&page, "<nav class=\"around series\"", "</nav>");
    assert!(series.contains("Part 2 of 2") && series.contains("href=\"/repo/posts/eins/\""));
    let page = site.page("posts/one/index.html");
    let series = between(&page, "<nav class=\"around series\"", "</nav>");
    assert!(series.contains("Part 1 of 2") && series.contains("href=\"/repo/posts/two/\""));
}

#[test]
fn files_that_differ_in_the_language_of_their_names_are_translations() {
    let site = Site::with_config(CONFIG)
        .file("content/ferry.md", post("The Ferry", ""))
        .file("content/ferry.de.md", post("Über die Fähre", ""))
        .file("content/dawn/index.md", post("Dawn", "slug: dawn\n"))
        .file("content/dawn/index.fr.md", post("Aube", "slug: dawn\n"))
        .file("content/hello.pl.md", post("Hello Perl", ""));
    let built = site.build();
    for code in ["slug-collision", "duplicate", "unknown"] {
        assert!(!built.stderr.contains(code), "{}", built.stderr);
    }
    let home = site.page("index.html");
    let mut titles = list_titles(&home);
    titles.sort_unstable();
    assert_eq!(titles, ["Dawn", "Hello Perl", "The Ferry"]);
    let german = site.page("posts/ueber-die-faehre/index.html");
    assert!(german.contains("<html lang=\"de\""));
    assert!(
        german.contains("hreflang=\"x-default\" href=\"https://a.example/repo/posts/the-ferry/\"")
    );
    // Of one slug the original keeps the address.
    assert!(
        site.page("posts/dawn-fr/index.html")
            .contains("<html lang=\"fr\"")
    );
    let page = site.page("posts/hello-perl/index.html");
    assert!(page.contains("<html lang=\"en\"") && !page.contains("hreflang"));
    // Without the other file, the name says nothing any more.
    site.remove("content/ferry.md");
    site.build();
    let german = site.page("posts/uber-die-fahre/index.html");
    assert!(german.contains("<html lang=\"en\"") && !german.contains("hreflang"));
}

#[test]
fn what_is_not_published_takes_no_part() {
    let draft = post(
        "Die Fähre",
        "lang: de\ntranslation_key: ferry\ndraft: true\n",
    );
    let later = post(
        "フェリー",
        "lang: ja\ntranslation_key: ferry\ndate: 2026-06-16\n",
    );
    let site = Site::with_config(CONFIG)
        .file(
            "content/ferry.md",
            post("The Ferry", "translation_key: ferry\n"),
        )
        .file("content/faehre.md", draft)
        .file("content/ferii.md", later)
        .file(
            "content/old.md",
            post(
                "Vieja",
                "lang: es\ntranslation_key: ferry\nexpires: 2026-01-01\n",
            ),
        );
    site.build();
    assert!(!site.page(FERRY).contains("hreflang"));
    site.build_with(&["--drafts", "--future"]);
    let page = site.page(FERRY);
    // Search engines are not shown the draft, but its author is.
    assert!(page.contains("hreflang=\"de\">Deutsch</a>"));
    assert!(!page.contains("<link rel=\"alternate\" hreflang=\"de\""));
    assert!(page.contains("<link rel=\"alternate\" hreflang=\"ja\""));
    assert!(!page.contains("hreflang=\"es\""));
}

#[test]
fn text_that_search_engines_are_not_shown_is_named_to_readers_only() {
    let site = site();
    site.write(
        "content/faehre.md",
        post(
            "Die Fähre",
            "lang: de\ntranslation_key: ferry\nnoindex: true\n",
        ),
    );
    site.build();
    let page = site.page(FERRY);
    assert!(page.contains("lang=\"de\" hreflang=\"de\">Deutsch</a>"));
    assert!(!page.contains("<link rel=\"alternate\" hreflang=\"de\""));
    assert!(page.contains("<link rel=\"alternate\" hreflang=\"ja\""));
    assert!(
        !site
            .page(FAEHRE)
            .contains("<link rel=\"alternate\" hreflang")
    );
}

#[test]
fn two_texts_of_one_language_with_one_key_are_named_with_their_places() {
    let site = site().file(
        "content/second.md",
        post("Second", "date: 2026-05-06\ntranslation_key: ferry\n"),
    );
    let checked = site.run(&["check"]);
    let warning = "content/second.md:1: warning[duplicate-translation]: `Second` has the translation \
                   key `ferry` and the language `en`, and so has `The Ferry` at `content/ferry.md:1`";
    assert!(
        checked.stderr.contains(warning) || checked.stdout.contains(warning),
        "{}{}",
        checked.stdout,
        checked.stderr
    );
    site.build();
    assert!(!site.page("posts/second/index.html").contains("hreflang"));
    let home = site.page("index.html");
    assert_eq!(
        list_titles(&home),
        ["Second", "Dawn", "The Ferry", "The Pier"]
    );
}

#[test]
fn translations_are_no_duplicates_of_each_other() {
    let text = |fields: &str| {
        let words: Vec<String> = (0..100).map(|number| format!("word{number}")).collect();
        format!(
            "---\ntitle: Tables\ndescription: All of them.\n{fields}---\n\n{}.\n",
            words.join(" ")
        )
    };
    let site = Site::with_config(CONFIG)
        .file("content/a.md", text("translation_key: t\n"))
        .file("content/b.md", text("translation_key: t\nlang: de\n"))
        .file(
            "content/c.md",
            text("translation_key: t\nlang: fr\n").replace("word7 ", "mot7 "),
        );
    let checked = site.run(&["check"]);
    let said = format!("{}{}", checked.stdout, checked.stderr);
    for code in ["duplicate", "competing", "slug-collision"] {
        assert!(!said.contains(code), "{said}");
    }
    site.build();
    for path in ["tables", "tables-de", "tables-fr"] {
        let page = site.page(&format!("posts/{path}/index.html"));
        assert_eq!(page.matches("<link rel=\"alternate\" hreflang").count(), 4);
    }
}

#[test]
fn pages_are_tied_and_the_menu_has_one_of_them() {
    let page = |title: &str, fields: &str| post(title, &format!("menu: true\n{fields}"));
    let site = Site::with_config(CONFIG)
        .file("content/pages/about.md", page("About", ""))
        .file("content/pages/about.de.md", page("Über uns", ""))
        .file("content/pages/docs/index.md", page("Docs", ""))
        .file(
            "content/pages/docs/index.ja.md",
            page("説明", "slug: setsumei\n"),
        );
    let built = site.build();
    assert!(!built.stderr.contains("slug-collision"), "{}", built.stderr);
    let about = site.page("about/index.html");
    assert!(about.contains("<nav class=\"meta languages\""));
    assert!(about.contains("hreflang=\"de\" href=\"https://a.example/repo/ueber-uns/\""));
    assert!(
        site.page("docs/setsumei/index.html")
            .contains("<html lang=\"ja\"")
    );
    let menu = between(&about, "<header class=\"site\"", "</header>");
    assert!(menu.contains(">About<") && menu.contains(">Docs<"));
    assert!(!menu.contains(">Über uns<") && !menu.contains(">説明<"));
}

#[test]
fn ingest_keeps_the_key() {
    let record = serde_json::json!({
        "title": "Die Fähre", "language": "de", "translationKey": "ferry: 1",
        "content": "Der Text hat ein paar Worte.",
    });
    let site = Site::with_config(CONFIG).file("replies/a.json", record.to_string());
    let run = site.run(&["ingest", "replies"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let files: BTreeMap<_, _> = crate::site::tree(&site.path("content"));
    let text = String::from_utf8(files.into_values().next().unwrap()).unwrap();
    let keys = "language: de\ntranslation_key: 'ferry: 1'\n";
    let quoted = keys.replace('\'', "\"");
    assert!(text.contains(keys) || text.contains(&quoted), "{text}");
}

#[test]
fn change_of_one_changes_the_pages_of_the_others_and_no_other_page() {
    let site = site();
    site.build();
    let before = site.public();
    let changed = |site: &Site| {
        let after = site.public();
        let mut changed: Vec<String> = after
            .iter()
            .filter(|(path, bytes)| before.get(*path) != Some(bytes))
            .map(|(path, _)| path.clone())
            .filter(|path| path.ends_with("index.html") && path.starts_with("posts/"))
            .collect();
        changed.sort();
        changed
    };
    site.write(
        "content/faehre.md",
        post(
            "Die Fähre",
            "date: 2026-05-03\nlang: de\ntranslation_key: ferry\ntags: [boats, Wasser]\npermalink: /de/faehre/\n",
        ),
    );
    site.build();
    let expected = ["posts/die-mole/index.html", "posts/ferii/index.html", FERRY];
    assert_eq!(changed(&site), expected);
    assert!(
        site.page(FERRY)
            .contains("href=\"https://a.example/repo/de/faehre/\"")
    );
    let clean = self::site();
    clean.write(
        "content/faehre.md",
        std::fs::read(site.path("content/faehre.md")).unwrap(),
    );
    clean.build();
    assert_eq!(clean.public(), site.public());
}

#[test]
fn key_of_thousands_of_posts_is_no_burden() {
    let mut site = Site::with_config(CONFIG);
    for number in 0..1000 {
        let text = post(
            &format!("Post {number}"),
            &format!("lang: xx-a{number}\ntranslation_key: k\n"),
        );
        site = site.file(&format!("content/{number}.md"), text);
    }
    site.build();
    let page = site.page("posts/post-0/index.html");
    assert!(page.matches("hreflang").count() <= 2 * 100);
    assert!(site.page("index.html").contains("Also in"));
}
