//! Tests the looks of the theme, its face, and what its lists and titles show.

use crate::site::Site;

/// Returns the name and the text of the style sheet.
fn style_of(site: &Site) -> String {
    let public = site.public();
    let (_, style) = public
        .iter()
        .find(|(path, _)| path.starts_with("style-"))
        .unwrap();
    String::from_utf8(style.clone()).unwrap()
}

fn font_files(site: &Site) -> Vec<String> {
    let paths = site.public().into_keys();
    paths.filter(|path| path.ends_with(".woff2")).collect()
}

#[test]
fn a_look_is_part_of_the_style_sheet() {
    for (config, rule) in [
        ("", None),
        ("style = \"plain\"", None),
        ("style = \"magazine\"", Some("--page:")),
        ("style = \"notebook\"", Some("--desk:")),
    ] {
        let site = Site::with_config(&format!("title = \"T\"\n[theme]\n{config}\n"));
        site.build();
        let style = style_of(&site);
        for known in ["--page:", "--desk:"] {
            assert_eq!(style.contains(known), rule == Some(known), "{config}");
        }
    }
    let site = Site::with_config("title = \"T\"\n[theme]\nstyle = \"notepad\"\n");
    let run = site.run(&["build"]);
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains("notebook"), "{}", run.stderr);
}

#[test]
fn face_is_loaded_from_the_site_by_pages_in_its_script() {
    let site = Site::with_config(
        "title = \"T\"\nbase_url = \"https://a.example/repo/\"\n[content]\ndates = \"none\"\n",
    )
    .file(
        "content/a.md",
        "---\ntitle: One\n---\nA text with some words.\n",
    )
    .file(
        "content/b.md",
        "---\ntitle: Два\nlang: ru\n---\nЭто текст, в котором несколько слов.\n",
    );
    site.build();
    let fonts = font_files(&site);
    let loaded: usize = fonts.iter().map(|path| site.public()[path].len()).sum();
    assert_eq!(fonts.len(), 2, "{fonts:?}");
    assert!(loaded <= 30_000, "{loaded} bytes");
    let style = style_of(&site);
    assert_eq!(style.matches("font-display:optional").count(), 2);
    for font in &fonts {
        assert!(style.contains(&format!("url({font})")), "{font}");
    }
    let preload = "<link rel=\"preload\" href=\"/repo/text-";
    assert!(site.page("posts/one/index.html").contains(preload));
    let russian = site.page("posts/два/index.html");
    assert!(!russian.contains("preload"));
    assert!(
        russian.contains("<html lang=\"ru\" class=\"local\">"),
        "{russian}"
    );

    site.write(
        "site.toml",
        "title = \"T\"\nbase_url = \"https://a.example/repo/\"\n[content]\ndates = \"none\"\n[theme]\nfont = \"system\"\n",
    );
    site.build();
    assert_eq!(font_files(&site), Vec::<String>::new());
    assert!(!style_of(&site).contains("@font-face"));
    let page = site.page("posts/два/index.html");
    assert!(!page.contains("preload") && !page.contains("class=\"local\""));
}

#[test]
fn titles_have_the_quotes_of_their_language_everywhere() {
    let site = Site::new()
        .file(
            "content/a.md",
            "---\ntitle: Don't say \"never\"\ndescription: It's \"so\".\n---\nA text with a few words.\n",
        )
        .file(
            "content/b.md",
            "---\ntitle: Sag nicht \"nie\"\nlang: de\n---\nEin Text mit einigen deutschen Wörtern darin.\n",
        );
    site.build();
    let page = site.page("posts/dont-say-never/index.html");
    for expected in [
        "<title>Don’t say “never” · Test</title>",
        "<h1>Don’t say “never”</h1>",
        "<p class=\"standfirst\">It’s “so”.</p>",
        "content=\"Don’t say “never”\"",
        "\"headline\":\"Don’t say “never”\"",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    for file in [
        "index.html",
        "archive/index.html",
        "atom.xml",
        "rss.xml",
        "feed.json",
    ] {
        let text = site.page(file);
        assert!(text.contains("Don’t say “never”"), "{file}");
        assert!(text.contains("Sag nicht „nie“"), "{file}");
    }
    site.write(
        "site.toml",
        "title = \"Test\"\n[content]\ndates = \"none\"\n[markdown]\nsmart_punctuation = false\n",
    );
    site.build();
    assert!(
        site.page("archive/index.html")
            .contains("Don&#39;t say &quot;never&quot;")
            || site.page("archive/index.html").contains("Don't say")
    );
}

#[test]
fn long_list_of_tags_begins_with_the_most_used() {
    let mut site = Site::new();
    for number in 0..24 {
        site = site.reply(
            &format!("p{number}"),
            &format!("Post {number}"),
            &format!("tag {number}"),
            "News",
        );
    }
    site.build();
    assert!(!site.page("tags/index.html").contains("class=\"used\""));
    let site = site
        .reply("x", "Another", "tag 3, tag 5, tag 30", "News")
        .reply("y", "One more", "tag 5", "News");
    site.build();
    let page = site.page("tags/index.html");
    let used = page.split("class=\"used\"").nth(1).unwrap();
    let used = used.split("</section>").next().unwrap();
    let names: Vec<&str> = used
        .split("/\">")
        .skip(1)
        .map(|rest| &rest[..rest.find("</a>").unwrap()])
        .collect();
    assert_eq!(names, ["tag 5 <span>3</span>", "tag 3 <span>2</span>"]);
}

#[test]
fn archive_has_months_within_years() {
    let site = Site::with_config("title = \"T\"\nlanguage = \"de\"\n");
    let mut site = site;
    for (name, date) in [
        ("a", "2026-03-09"),
        ("b", "2026-03-02"),
        ("c", "2026-01-05"),
        ("d", "2025-03-01"),
    ] {
        let text = format!(
            "---\ntitle: Titel {name}\ndate: {date}\n---\nDer Text von {name} hat ein paar Wörter.\n"
        );
        site = site.file(&format!("content/{name}.md"), text);
    }
    site.build();
    let page = site.page("archive/index.html");
    let shown: Vec<&str> = [
        "<h2 id=\"y2026\">2026",
        "<h3>März</h3>",
        ">9</time>",
        ">2</time>",
        "<h3>Januar</h3>",
        "<h2 id=\"y2025\">2025",
        "<h3>März</h3>",
    ]
    .into();
    let mut rest = page.as_str();
    for part in shown {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part}: {page}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn page_for_unknown_addresses_searches_unless_search_is_off() {
    let site = Site::new().reply("a", "One", "x", "News");
    site.build();
    assert!(
        site.page("404.html")
            .contains("<form class=\"search\" role=\"search\" action=\"/search/\">")
    );
    site.write("site.toml", "title = \"Test\"\n[search]\nenabled = false\n");
    site.build();
    assert!(!site.page("404.html").contains("<form"));
}
