//! Names and dates as the language of a site, or of a post, writes and sorts them.

use crate::site::{Site, between};

fn config(language: &str) -> String {
    format!("title = \"Test\"\nlanguage = \"{language}\"\n[content]\ndates = \"none\"\n")
}

/// Builds a site with these tags, and returns what its page of all tags shows: letters, each with its tags.
#[track_caller]
fn list_tags(language: &str, tags: &str) -> String {
    let site = Site::with_config(&config(language)).reply("a", "A", tags, "News");
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let page = site.page("tags/index.html");
    let groups = page
        .split("<section class=\"terms\">")
        .skip(1)
        .map(|group| {
            let letter = between(between(group, "<h2", "/h2>"), ">", "<");
            let names = group.split("<li>").skip(1);
            let names = names.map(|item| between(between(item, "<a", "/a>"), ">", "<"));
            format!("{letter}: {}", names.collect::<Vec<_>>().join(" "))
        });
    groups.collect::<Vec<_>>().join("; ")
}

#[test]
fn tags_stand_in_the_order_of_the_language() {
    let nordic = "zebra, äpple, apa, öl, ångström";
    assert_eq!(
        list_tags("sv", nordic),
        "A: apa; Z: zebra; Å: ångström; Ä: äpple; Ö: öl"
    );
    assert_eq!(
        list_tags("de", nordic),
        "A: ångström apa äpple; O: öl; Z: zebra"
    );
    assert_eq!(
        list_tags("cs", "ide, chata, hora, cesta, čaj"),
        "C: cesta; Č: čaj; H: hora; Ch: chata; I: ide"
    );
    assert_eq!(
        list_tags("ja", "日本, パン, rust, がく, カフェ"),
        "R: rust; か: がく カフェ; は: パン; 漢字: 日本"
    );
}

/// A post on 20 November 2025, in a language.
fn post(slug: &str, language: &str) -> String {
    format!(
        "---\ntitle: Tea\nslug: {slug}\ndate: 2025-11-20\nupdated: 2025-12-01\nlanguage: {language}\n---\nWater and leaves of {slug}.\n"
    )
}

#[test]
fn dates_are_in_the_language_of_the_page() {
    let site = Site::with_config(&config("de"))
        .file("content/a.md", post("a", "de"))
        .file("content/b.md", post("b", "ja"));
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let german = site.page("posts/a/index.html");
    assert!(german.contains(">20. November 2025</time>"), "{german}");
    assert!(german.contains(">1. Dezember 2025</time>"), "{german}");
    let japanese = site.page("posts/b/index.html");
    assert!(japanese.contains(">2025年11月20日</time>"), "{japanese}");
    assert!(japanese.contains(">2025年12月1日</time>"), "{japanese}");
    // A list is in the language of the site.
    let home = site.page("index.html");
    assert_eq!(home.matches(">20. November 2025</time>").count(), 2);
    let archive = site.page("archive/index.html");
    assert_eq!(archive.matches(">20</time>").count(), 2);
    assert_eq!(archive.matches("<h3>November</h3>").count(), 1);
}

#[test]
fn archive_writes_months_without_the_year() {
    let site = Site::with_config(&config("ja")).file("content/a.md", post("a", "ja"));
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let archive = site.page("archive/index.html");
    assert!(archive.contains(">2025年</h2>"), "{archive}");
    assert!(archive.contains("<h3>11月</h3>"), "{archive}");
}

#[test]
fn another_language_of_the_site_changes_all_pages_as_a_clean_build_does() {
    let tags = "zebra, äpple, chata, hora";
    let add_posts = |site: Site| {
        let site = site.reply("a", "A", tags, "News");
        site.file("content/b.md", post("b", "en"))
    };
    let site = add_posts(Site::with_config(&config("en")));
    for language in ["en", "sv", "cs", "en-US", "ja"] {
        site.write("site.toml", config(language));
        let run = site.build();
        assert_eq!(run.code, 0, "{}", run.stderr);
        let clean = add_posts(Site::with_config(&config(language)));
        clean.build();
        assert!(site.public() == clean.public(), "{language}");
    }
}
