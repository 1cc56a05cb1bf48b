//! Tests that untrusted content does not escape from its place.

use crate::site::{Site, between};

/// Titles and terms that try to end the element or attribute that contains them.
const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(2)>";

fn no_script(path: &str, page: &str) {
    for tag in page.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap_or_default().to_lowercase();
        let own = tag.starts_with("script src=\"/script-")
            || tag.starts_with("script src=\"/search-")
            || tag.starts_with("script type=\"application/ld+json\"");
        assert!(!tag.starts_with("script") || own, "{path}: <{tag}>");
        if path.ends_with(".html") {
            let attribute = tag.split(['"', '\'']).step_by(2).collect::<String>();
            assert!(!attribute.contains(" on"), "{path}: <{tag}>");
        }
        assert!(!tag.contains("=\"javascript:"), "{path}: <{tag}>");
    }
}

#[test]
fn hostile_fields_are_inert_on_every_page() {
    let site = Site::with_config(
        "title = \"Test </title><script>alert(0)</script>\"\n[content]\ndates = \"none\"\n",
    )
    .file(
        "content/a.txt",
        format!(
            "TITLE: {HOSTILE}\nMETA_DESCRIPTION: </script><script>alert(3)</script> ]]> --> \"'\n\
             TAGS: {HOSTILE}, ../../x, <b>, a&b, \"quoted\"\nCATEGORIES: {HOSTILE}, News\n\n\
             The text. <script>alert(4)</script> <b onclick=\"alert(5)\">b</b> \
             [x](javascript:alert(6)) ]]> </article></main>\n\n-EndOFText-\n"
        ),
    )
    .reply("b", "Harmless", "x", "News");
    site.build();
    let public = site.public();
    assert!(public.len() > 20);
    for (path, bytes) in public {
        if path.ends_with(".html") || path.ends_with(".xml") {
            no_script(&path, std::str::from_utf8(&bytes).unwrap());
        }
        if path.ends_with(".json") {
            serde_json::from_slice::<serde_json::Value>(&bytes).unwrap();
        }
        if path.ends_with(".html") {
            let page = std::str::from_utf8(&bytes).unwrap();
            let json = between(page, "<script type=\"application/ld+json\">", "</script>");
            serde_json::from_str::<serde_json::Value>(json).unwrap();
        }
    }
}

#[test]
fn slugs_stay_inside_the_site() {
    let site = Site::new()
        .file(
            "content/a.md",
            "---\ntitle: A\nslug: ../../../outside\n---\nText one.\n",
        )
        .file(
            "content/b.md",
            "---\ntitle: B\nslug: /etc/passwd\n---\nText two.\n",
        )
        .file(
            "content/c.md",
            "---\ntitle: ..\nslug: \"..\"\n---\nText three.\n",
        );
    site.build();
    let outside = site.path("").parent().unwrap().join("outside");
    assert!(!outside.exists());
    site.page("posts/outside/index.html");
    site.page("posts/passwd/index.html");
    assert_eq!(
        site.public()
            .keys()
            .filter(|path| path.starts_with("posts/"))
            .count(),
        3
    );
}

#[test]
fn control_characters_reach_no_page() {
    let site = Site::new().file(
        "content/a.txt",
        "TITLE: Be\u{7}ll\nMETA_DESCRIPTION: Es\u{1b}[31mcape.\nTAGS: x\u{8}y\nCATEGORIES: News\n\n\
         Nul is not text, but \u{1}\u{2}\u{b}\u{c} are removed.\n\n-EndOFText-\n",
    );
    site.build();
    let public = site.public().into_iter();
    // The search index, the cards and the fonts are compressed, so their bytes are not text.
    let compressed = |path: &str| {
        path.starts_with("pagefind/") || path.starts_with("cards/") || path.ends_with(".woff2")
    };
    for (path, bytes) in public.filter(|(path, _)| !compressed(path)) {
        let bad = bytes.iter().find(|&&b| b < 0x20 && !b"\t\n\r".contains(&b));
        assert_eq!(bad, None, "{path}");
    }
}

#[test]
fn huge_and_deep_posts_build() {
    let body = |text: String| {
        format!(
            "TITLE: T{}\nTAGS: x\nCATEGORIES: News\n\n{text}\n\n-EndOFText-\n",
            text.len()
        )
    };
    // Words that differ: a text that repeats itself would be a draft.
    let words: Vec<String> = (0..400_000).map(|n| format!("w{n} ")).collect();
    let words = words.concat();
    let stars: Vec<String> = (0..50_000).map(|n| format!("*a{n}_ ")).collect();
    let stars = stars.concat();
    let site = Site::new()
        .file("content/long.txt", body(words + "."))
        .file(
            "content/quotes.txt",
            body(">".repeat(50_000) + " deep quotes."),
        )
        .file(
            "content/lists.txt",
            body("- ".repeat(20_000) + "deep lists."),
        )
        .file(
            "content/brackets.txt",
            body("[".repeat(100_000) + "deep brackets."),
        )
        .file("content/stars.txt", body(stars + "."))
        .file(
            "content/html.txt",
            body("<div>".repeat(20_000) + "deep elements."),
        )
        .file(
            "content/table.txt",
            body(format!(
                "|{}\n|{}\n|{}",
                "a|".repeat(5_000),
                "-|".repeat(5_000),
                "b|".repeat(5_000)
            )),
        );
    let run = site.build();
    assert!(
        run.stdout.contains(" 7 published"),
        "{}{}",
        run.stdout,
        run.stderr
    );
}

#[test]
fn text_that_is_too_long_for_a_post_is_rejected_with_its_line() {
    let site = Site::new().reply("a", "A", "x", "News").file(
        "content/b.txt",
        format!(
            "TITLE: B\n\nA short text.\n\n-EndOFText-\nTITLE: C\nTAGS: x\n\n{}\n\n-EndOFText-\n",
            "x".repeat(17_000_000)
        ),
    );
    let run = site.build();
    assert!(run.stdout.contains("3 replies"), "{}", run.stdout);
    assert!(
        run.stdout.contains(" 2 published, 1 rejected"),
        "{}",
        run.stdout
    );
    let expected =
        "content/b.txt:6: error[too-large]: the reply has 17.0 MB of text, but a post can have";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
}

#[test]
fn five_thousand_tags_on_one_post_build() {
    let tags: Vec<String> = (0..5_000).map(|n| format!("tag number {n}")).collect();
    let site = Site::new().reply("a", "A", &tags.join(", "), "News");
    site.build();
    let pages = site.public();
    let count = pages
        .keys()
        .filter(|path| path.starts_with("tags/tag-number-"))
        .count();
    assert_eq!(count, 5_000);
}

#[test]
fn bombs_of_yaml_and_json_take_little_and_are_reported() {
    let list = |item: &str, times: usize| vec![item; times].join(",");
    let yaml = |name: &str, fields: String| {
        format!("---\ntitle: {name}\n{fields}\n---\nThe text of {name}.\n")
    };
    let mut laughs = "a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n".to_owned();
    for level in 1..10 {
        let item = format!("*a{}", level - 1);
        laughs += &format!("a{level}: &a{level} [{}]\n", list(&item, 9));
    }
    let long = format!(
        "x: &x \"{}\"\ny: [{}]",
        "A".repeat(33_000),
        list("*x", 9_000)
    );
    let site = Site::new()
        .file("content/laughs.md", yaml("Laughs", laughs))
        .file("content/long.md", yaml("Long", long))
        .file("content/self.md", yaml("Self", "a: &a [*a]".to_owned()))
        .file(
            "content/deep.md",
            yaml("Deep", format!("a: {}", "[".repeat(50_000))),
        )
        .file("content/maps.md", yaml("Maps", "{a: ".repeat(15_000)))
        .file(
            "content/tag.md",
            yaml("Tag", "a: !!python/object/apply:os.system [x]".to_owned()),
        )
        .file(
            "content/number.md",
            yaml(
                "Number",
                "date: 1e999999\nx: 0x7fffffffffffffffffff".to_owned(),
            ),
        )
        .file(
            "content/day.md",
            yaml("Day", "date: 99999-99-99".to_owned()),
        )
        .file(
            "content/deep.json",
            "[".repeat(200_000) + &"]".repeat(200_000),
        )
        .file("content/maps.json", "{\"a\":".repeat(200_000))
        .file(
            "content/number.json",
            format!("{{\"title\":\"n\",\"content\":1{}}}", "0".repeat(400)),
        )
        .file("content/empty.jsonl", "{}\n".repeat(1_000));
    let run = site.build();
    let expected = "1011 replies in 12 files: 8 published, 1003 rejected";
    let summary = run.stdout.lines().next().unwrap();
    assert_eq!(
        summary,
        expected,
        "{}",
        run.stderr.lines().take(20).collect::<String>()
    );
}
