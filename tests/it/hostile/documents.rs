//! Tests what programs read: feeds, sitemaps, structured data, and the names of files.

use std::collections::BTreeSet;

use serde_json::Value;

use super::posts;
use crate::site::{Site, tree};

const CONFIG: &str = "title = \"Test\"\nbase_url = \"https://example.org/a&b'/\"\n\
                      [content]\ndates = \"none\"\n[lists]\nper_page = 100\nfeed_entries = 1000\n\
                      [disclosure]\nlabel = \"]]></script>\\\"'\"\n\
                      [author]\nname = \"]]></script>\\\"'\"\n";

/// Returns whether a file of the site is text that a program parses.
fn is_text(path: &str) -> bool {
    [".html", ".xml", ".json", ".txt", ".svg"]
        .iter()
        .any(|ending| path.ends_with(ending))
        && !path.starts_with("pagefind/")
}

#[test]
fn every_document_is_well_formed() {
    let site = posts::site(CONFIG);
    site.build();
    let mut counts = [0, 0, 0];
    for (path, bytes) in site.public() {
        if !is_text(&path) {
            continue;
        }
        let text = std::str::from_utf8(&bytes).unwrap();
        let control = text.find(|c: char| c.is_control() && !"\t\n".contains(c) && c != '\u{85}');
        assert_eq!(control, None, "{path}");
        if path.ends_with(".xml") {
            counts[0] += 1;
            xml(&path, text);
        } else if path.ends_with(".json") {
            counts[1] += 1;
            serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        } else if path.ends_with(".html") {
            counts[2] += 1;
            structured_data(&path, text);
        }
        // A template in a post must not have run.
        assert!(!text.contains("1337"), "{path}");
    }
    assert!(
        counts[0] > 40 && counts[1] > 20 && counts[2] > 150,
        "{counts:?}"
    );
}

/// Parses a feed or sitemap, which may contain only elements of its format.
fn xml(path: &str, text: &str) {
    let document =
        roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let names = [
        "feed",
        "entry",
        "title",
        "subtitle",
        "link",
        "id",
        "updated",
        "published",
        "author",
        "name",
        "uri",
        "email",
        "content",
        "summary",
        "category",
        "generator",
        "rss",
        "channel",
        "item",
        "description",
        "language",
        "lastBuildDate",
        "pubDate",
        "guid",
        "encoded",
        "urlset",
        "url",
        "loc",
        "lastmod",
        "sitemapindex",
        "sitemap",
        "icon",
        "rights",
        "creator",
    ];
    for element in document.descendants().filter(roxmltree::Node::is_element) {
        let name = element.tag_name().name();
        assert!(names.contains(&name), "{path}: <{name}>");
    }
}

fn structured_data(path: &str, page: &str) {
    let scripts = page.matches("<script").count();
    let data: Vec<&str> = page
        .split("<script type=\"application/ld+json\">")
        .skip(1)
        .map(|rest| rest.split("</script>").next().unwrap())
        .collect();
    for text in &data {
        let value: Value =
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(value["@context"], "https://schema.org", "{path}");
    }
    let own = page.matches("<script src=\"/a&amp;b&#39;/").count()
        + page.matches("<script src=\"/a&b'/").count()
        + page.matches("<script src=\"/a&amp;b'/").count();
    assert_eq!(scripts, own + data.len(), "{path}");
}

#[test]
fn template_code_in_a_post_comes_out_as_it_went_in() {
    let site = posts::fields(CONFIG);
    site.build();
    let text = "<p>{{ 7 * 191 }} {% raw %} {# x #} {{ site.title }}</p>";
    let pages = site.public().into_values();
    let pages = pages.filter(|bytes| memchr::memmem::find(bytes, text.as_bytes()).is_some());
    assert!(pages.count() >= 2);
}

/// Names with a special meaning for a file system, a shell or a server.
const NAMES: [&str; 44] = [
    "con",
    "NUL",
    "nul.txt",
    "aux",
    "com1",
    "lpt9.txt",
    ".",
    "..",
    "...",
    "/",
    ".git",
    ".htaccess",
    "-x",
    "--help",
    "a/b/c",
    "a\\b",
    "a:b",
    "a*b?",
    "%2e%2e",
    "%00",
    "..%2f..",
    "index.html",
    "index",
    "404",
    "a.html",
    "con.",
    "page",
    "page/2",
    "tags",
    "~",
    "$HOME",
    "`id`",
    "$(id)",
    "a\nb",
    "a\u{0}b",
    "\u{7f}",
    "\u{202e}gnp",
    "\u{200b}",
    "\u{feff}",
    "İ",
    "ß",
    "𝕏",
    "🎉",
    "{slug}",
];

#[test]
fn every_file_has_a_name_that_every_system_can_have() {
    let mut names: Vec<String> = NAMES.map(str::to_owned).to_vec();
    for letter in [
        "x",
        "é",
        "語",
        "𠀀",
        "\u{1e900}",
        "e\u{301}",
        "\u{915}\u{93e}",
    ] {
        names.push(letter.repeat(300));
        names.push(format!("{}-{}", letter.repeat(40), letter.repeat(300)));
    }
    for permalink in ["/posts/{slug}/", "/{category}/{slug}.html"] {
        let mut site = Site::with_config(&format!(
            "[content]\ndates = \"none\"\npermalink = \"{permalink}\"\n"
        ));
        for (at, name) in names.iter().enumerate() {
            let json = serde_json::to_string(name).unwrap();
            for (kind, fields) in [
                ("slug", format!("title: Slug {at}\nslug: {json}")),
                ("title", format!("title: {json}")),
                (
                    "terms",
                    format!("title: Terms {at}\ntags: [{json}]\ncategories: [{json}]"),
                ),
            ] {
                let post =
                    format!("---\n{fields}\n---\nThe text of {kind} {at}, in a few words.\n");
                site = site.file(&format!("content/{kind}-{at}.md"), post);
            }
        }
        let beside: BTreeSet<String> = tree(&site.path("")).into_keys().collect();
        let run = site.build();
        let posts = format!(" {} published\n", 3 * names.len());
        assert!(run.stdout.contains(&posts), "{}{}", run.stdout, run.stderr);
        for path in tree(&site.path("")).into_keys() {
            let inside = ["public/", ".pressrun/"]
                .iter()
                .find_map(|own| path.strip_prefix(own));
            assert!(inside.is_some() || beside.contains(&path), "{path}");
            if let Some(path) = path.strip_prefix("public/") {
                portable(path);
            }
        }
    }
}

#[test]
fn address_that_a_post_states_is_a_file_of_the_site_that_every_system_can_have() {
    let mut names: Vec<String> = NAMES.map(str::to_owned).to_vec();
    names.extend(["../".repeat(9) + "outside", ".git/config".to_owned()]);
    let mut site = Site::with_config("[content]\ndates = \"none\"\n");
    for (at, name) in names.iter().enumerate() {
        for (kind, folder) in [("root", "/"), ("below", "/a/")] {
            let [path, former, encoded] = ["", "former/", "%2e%2e/"]
                .map(|below| serde_json::to_string(&format!("{folder}{below}{name}")).unwrap());
            let text = format!(
                "---\ntitle: Stated {kind} {at}\npermalink: {path}\naliases: [{former}, {encoded}]\n\
                 ---\nThe text of {kind} {at}, in a few words.\n"
            );
            site = site.file(&format!("content/{kind}-{at}.md"), text);
        }
    }
    let beside: BTreeSet<String> = tree(&site.path("")).into_keys().collect();
    site.build();
    for own in ["404.html", "index.html", "archive/index.html"] {
        let page = site.page(own);
        let is_other = ["class=\"prose", "http-equiv=\"refresh\""].map(|sign| page.contains(sign));
        assert_eq!(is_other, [false; 2], "{own}");
    }
    for path in tree(&site.path("")).into_keys() {
        let inside = ["public/", ".pressrun/"]
            .iter()
            .find_map(|own| path.strip_prefix(own));
        assert!(inside.is_some() || beside.contains(&path), "{path}");
        let Some(path) = path.strip_prefix("public/") else {
            continue;
        };
        for name in path.split('/') {
            let own = [".pressrun-manifest", ".nojekyll"].contains(&name);
            let forbidden = |c: char| c.is_control() || "\\:*?\"<>|".contains(c);
            let stem = name.split('.').next().unwrap().to_ascii_lowercase();
            let device = ["con", "prn", "aux", "nul", "com1", "lpt9"].contains(&&*stem);
            assert!(own || !name.starts_with('.'), "{path}");
            assert!(!name.contains(forbidden) && !device, "{path}");
            assert!(!name.ends_with(['.', ' ']) && name.len() <= 255, "{path}");
        }
    }
}

#[track_caller]
fn portable(path: &str) {
    let own = ["pressrun-manifest", "nojekyll"];
    for name in path.split('/') {
        let hidden = name
            .strip_prefix('.')
            .is_some_and(|rest| !own.contains(&rest));
        let forbidden = |c: char| c.is_control() || "\\:*?\"<>|$`~".contains(c);
        let stem = name.split('.').next().unwrap().to_ascii_lowercase();
        let device = ["con", "prn", "aux", "nul", "com1", "lpt9"].contains(&&*stem);
        assert!(name.len() <= 255, "{path}");
        assert!(
            !hidden && !name.is_empty() && !name.contains(forbidden) && !device,
            "{path}"
        );
        assert!(
            !name.ends_with(['.', ' ']) && !name.starts_with('-'),
            "{path}"
        );
    }
}

#[cfg(unix)]
#[test]
fn name_of_a_picture_cannot_claim_a_foreign_file() {
    let site = Site::new()
        .reply("a", "A", "x", "News")
        .file("content/a:b\\c.png", "x");
    let name = "a\n0011223344556677 4 mine.html\n0011223344556677 4 b.png";
    let site = site
        .file(&format!("content/{name}"), "x")
        .file("static/\u{1}\n", "x");
    site.build();
    site.write("public/mine.html", "mine");
    site.build();
    site.remove(&format!("content/{name}"));
    site.remove("static/\u{1}\n");
    site.build();
    assert_eq!(site.page("mine.html"), "mine");
    let left = site.public().into_keys().find(|path| path.contains('\n'));
    assert_eq!(left, None);
}
