//! Tests authors and series: their pages, and what posts, lists and feeds show of them.

use crate::site::{Site, between};

const CONFIG: &str = "title = \"Test\"\nbase_url = \"https://a.example/repo/\"\n\
     [author]\nname = \"The House\"\n[content]\ndates = \"none\"\n\
     [authors.jane]\nname = \"Jane Doe\"\nbio = \"She writes.\"\nurl = \"https://jane.example/\"\n\
     picture = \"/jane.svg\"\nlinks = [\"https://code.example/jane\"]\n";

/// Returns a post with these lines of front matter; its words are those of its title.
fn post(title: &str, head: &str) -> String {
    format!("---\ntitle: {title}\n{head}---\n\nText of {title} only.\n")
}

fn site() -> Site {
    Site::with_config(CONFIG)
        .file(
            "static/jane.svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        )
        .file(
            "content/a.md",
            post("Ash", "author: JANE\ndate: 2026-01-01\n"),
        )
        .file(
            "content/b.md",
            post("Birch", "authors: [jane doe, Kim Lee]\ndate: 2026-01-02\n"),
        )
        .file("content/c.md", post("Cedar", "date: 2026-01-03\n"))
}

/// Returns the titles of the posts that a page lists.
fn listed(page: &str) -> Vec<&str> {
    let titles = page.split("<h2><a href=\"/repo/posts/").skip(1);
    titles.map(|rest| between(rest, ">", "</a>")).collect()
}

#[test]
fn site_with_several_authors_has_a_page_for_each() {
    let site = site();
    let built = site.build();
    assert!(!built.stderr.contains("warning"), "{}", built.stderr);
    let jane = site.page("authors/jane/index.html");
    assert_eq!(listed(&jane), ["Birch", "Ash"]);
    assert!(jane.contains("<h1>Jane Doe</h1>"), "{jane}");
    assert!(jane.contains("src=\"/repo/jane.svg\" alt=\"\" width=\"96\" height=\"96\""));
    assert!(jane.contains("<p class=\"standfirst\">She writes.</p>"));
    assert!(
        jane.contains("<a href=\"https://code.example/jane\" rel=\"me\">code.example/jane</a>")
    );
    assert!(jane.contains("content=\"She writes.\"") && !jane.contains("noindex"));
    assert!(jane.contains("\"@type\":\"ProfilePage\"") && jane.contains("\"sameAs\":"));
    assert_eq!(listed(&site.page("authors/kim-lee/index.html")), ["Birch"]);
    assert_eq!(
        listed(&site.page("authors/the-house/index.html")),
        ["Cedar"]
    );
    let all = site.page("authors/index.html");
    assert_eq!(all.matches("<h2><a href=\"/repo/authors/").count(), 3);
    assert!(
        site.page("sitemap.xml")
            .contains("https://a.example/repo/authors/kim-lee/")
    );
    assert!(site.page("404.html").contains("href=\"/repo/authors/\""));
}

#[test]
fn posts_lists_and_feeds_name_their_authors() {
    let site = site();
    site.build();
    let birch = site.page("posts/birch/index.html");
    let byline = "By <a href=\"/repo/authors/jane/\" rel=\"author\">Jane Doe</a> and \
                  <a href=\"/repo/authors/kim-lee/\" rel=\"author\">Kim Lee</a>";
    assert!(birch.contains(byline), "{birch}");
    assert!(site.page("index.html").contains(byline));
    for name in ["Jane Doe", "Kim Lee"] {
        assert!(birch.contains(&format!("<meta name=\"author\" content=\"{name}\">")));
    }
    assert!(birch.contains(
        "\"author\":[{\"@type\":\"Person\",\"name\":\"Jane Doe\",\"url\":\"https://jane.example/\"},\
         {\"@type\":\"Person\",\"name\":\"Kim Lee\",\"url\":\"https://a.example/repo/authors/kim-lee/\"}]"
    ));
    let atom = site.page("authors/jane/atom.xml");
    let entry = between(&atom, "<title>Birch</title>", "</entry>");
    assert!(entry.contains("<name>Kim Lee</name>\n<uri>https://a.example/repo/authors/kim-lee/"));
    assert!(between(&atom, "<feed", "<entry").contains("<name>Jane Doe</name>"));
    let rss = site.page("rss.xml");
    assert!(rss.contains("xmlns:dc=") && rss.contains("<dc:creator>Jane Doe</dc:creator>"));
    let json: serde_json::Value = serde_json::from_str(&site.page("feed.json")).unwrap();
    assert_eq!(json["authors"][0]["name"], "The House");
    assert_eq!(json["items"][0]["authors"][0]["name"], "The House");
    let jane = &json["items"][1]["authors"][0];
    assert_eq!(jane["avatar"], "https://a.example/repo/jane.svg");
}

#[test]
fn site_with_one_author_has_no_pages_of_authors() {
    let site = Site::with_config(CONFIG)
        .file("static/jane.svg", "<svg/>")
        .file("content/a.md", post("Ash", "author: jane\n"))
        .file("content/b.md", post("Birch", "author: Jane Doe\n"));
    site.build();
    assert!(!site.path("public/authors").exists());
    let page = site.page("posts/ash/index.html");
    assert!(!page.contains("By <a"));
    assert!(page.contains("<meta name=\"author\" content=\"Jane Doe\">"));
    assert!(page.contains("\"author\":{\"@type\":\"Person\",\"name\":\"Jane Doe\""));
    assert!(site.page("atom.xml").contains("<name>Jane Doe</name>"));
}

#[test]
fn parts_of_a_series_lead_to_each_other_in_reading_order() {
    let site = Site::with_config(CONFIG)
        .file(
            "content/a.md",
            post("Ash", "series: First  steps\ndate: 2026-01-03\n"),
        )
        .file(
            "content/b.md",
            post("Birch", "series: First Steps\ndate: 2026-01-02\n"),
        )
        .file(
            "content/c.md",
            post(
                "Cedar",
                "series: first steps\nweight: 1\ndate: 2026-01-09\n",
            ),
        )
        .file("content/d.md", post("Dogwood", "series: Alone\n"))
        .file(
            "content/series/first-steps.md",
            "How to begin with trees.\n",
        )
        .file("static/jane.svg", "<svg/>");
    let built = site.build();
    assert!(!built.stderr.contains("warning"), "{}", built.stderr);
    let series = site.page("series/first-steps/index.html");
    assert_eq!(listed(&series), ["Cedar", "Birch", "Ash"]);
    assert!(series.contains("<span>Part 1</span>") && series.contains("<span>3 parts</span>"));
    assert!(series.contains("<p>How to begin with trees.</p>"));
    assert!(series.contains("\"mainEntity\":{\"@type\":\"CreativeWorkSeries\""));
    let birch = site.page("posts/birch/index.html");
    let part_of =
        "<a href=\"/repo/series/first-steps/\">First Steps</a> · <span>Part 2 of 3</span>";
    let nav = between(&birch, "<nav class=\"around series\"", "</nav>");
    assert!(nav.contains(part_of), "{nav}");
    assert!(nav.contains("<a href=\"/repo/posts/cedar/\" rel=\"prev\">"));
    assert!(nav.contains("href=\"/repo/posts/ash/\" rel=\"next\">"));
    assert!(
        birch.contains("\"isPartOf\":{\"@type\":\"CreativeWorkSeries\",\"name\":\"First Steps\",")
    );
    assert!(birch.contains("\"position\":2"));
    let alone = site.page("posts/dogwood/index.html");
    assert!(alone.contains(" · <a href=\"/repo/series/alone/\">Alone</a></p>"));
    assert!(!alone.contains("<nav class=\"around series\""));
    let all = site.page("series/index.html");
    assert!(all.contains("<p>How to begin with trees.</p>") && all.contains("<span>1 part</span>"));
}

#[test]
fn page_of_a_post_shows_a_part_that_is_added_later() {
    let site = Site::with_config(CONFIG)
        .file(
            "content/a.md",
            post("Ash", "series: Trees\ndate: 2026-01-01\n"),
        )
        .file("content/b.md", post("Birch", "date: 2026-01-02\n"));
    site.build();
    let part = || {
        let page = site.page("posts/ash/index.html");
        between(&page, "/series/trees/\">Trees</a>", "</p>").to_owned()
    };
    assert_eq!(part(), "");
    site.write(
        "content/c.md",
        post("Cedar", "series: trees\ndate: 2026-01-03\n"),
    );
    site.build();
    assert_eq!(part(), " · <span>Part 1 of 2</span>");
    let incremental = site.public();
    site.build_with(&["--force"]);
    assert!(incremental == site.public());
}

#[test]
fn paths_of_authors_and_series_are_free_until_posts_name_them() {
    let address = "[content]\npermalink = \"/{category}/{slug}/\"\ndates = \"none\"\n";
    let head = "categories: [Series]\nslug: trees\n";
    let site = Site::with_config(address)
        .file("content/a.md", post("Ash", head))
        .file("static/authors/index.html", "Own");
    site.build();
    assert!(
        site.page("series/trees/index.html")
            .contains("<h1>Ash</h1>")
    );
    let named = "author: Kim\nseries: Trees\ncategories: [x]\n";
    site.write("content/b.md", post("Birch", named));
    site.write("content/c.md", post("Cedar", "author: Jo\n"));
    let built = site.build();
    assert!(built.stderr.contains("slug-collision"), "{}", built.stderr);
    assert!(
        site.page("series/trees/index.html")
            .contains("<h1>Trees</h1>")
    );
    assert_eq!(site.page("authors/index.html"), "Own");
    assert!(site.path("public/authors/kim/index.html").exists());
}

#[test]
fn name_that_is_nearly_known_and_picture_that_is_missing_are_reported() {
    let site = Site::with_config(CONFIG).file("content/a.md", post("Ash", "author: Jane Do\n"));
    let checked = site.run(&["check", "--verbose"]);
    let said = checked.stdout + &checked.stderr;
    assert!(
        said.contains("info[unknown-author]: the author `Jane Do`"),
        "{said}"
    );
    assert!(said.contains("did you mean `Jane Doe`?"), "{said}");
    assert!(
        said.contains("warning[dead-link]: `/jane.svg` leads to no page"),
        "{said}"
    );
}
