//! Tests `pressrun report`.

use serde_json::Value;

use crate::chromium::Chromium;
use crate::site::{Site, tree};

const HOSTILE: &str =
    "`</title><script>alert(1)</script>` &lt;img src=x onerror=alert(2)&gt; \"'{{ 1 }}";

/// Returns a post with a title and more lines of front matter.
fn post(title: &str, more: &str) -> String {
    let words: Vec<String> = title.bytes().map(|byte| byte.to_string()).collect();
    let words = words.join(" ");
    let title = serde_json::to_string(title).unwrap();
    format!("---\ntitle: {title}\n{more}---\nThe words {words}, and [nowhere](/nowhere/).\n")
}

/// Returns a site with two published posts, two scheduled ones, a draft, and a refusal.
fn site() -> Site {
    let config = "title = \"A & <b>\"\nbase_url = \"https://me.github.io/blog/\"\n\
        [content]\ndates = \"none\"\n[categories]\nallowed = [\"News\", \"Reviews\"]\n";
    Site::with_config(config)
        .file(
            "content/old one.md",
            post(
                "Old",
                "date: 2026-01-01\ntags: [tea, pots]\ncategories: News\n",
            ),
        )
        .file("content/undated.md", post(HOSTILE, "tags: [tea]\n"))
        .file(
            "content/soon.md",
            post("Soon", "date: 2026-06-17\ntags: [tea]\n"),
        )
        .file(
            "content/too.md",
            post("Too", "date: 2026-06-17\ntags: [pots]\n"),
        )
        .file("content/draft.md", post("Draft", "draft: true\n"))
        .file(
            "content/refusal.txt",
            "I'm sorry, but I can't help with that request.\n",
        )
}

fn json(site: &Site, arguments: &[&str]) -> Value {
    let run = site.run(&[&["report", "--format", "json"], arguments].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

fn page(site: &Site) -> String {
    let run = site.run(&["report"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    std::fs::read_to_string(site.path(".pressrun/report.html")).unwrap()
}

#[test]
fn numbers_are_those_of_the_site() {
    let numbers = json(&site(), &[]);
    let ledger = &numbers["ledger"];
    for (what, expected) in [
        ("files", 6),
        ("replies", 6),
        ("published", 2),
        ("future", 2),
        ("drafts", 1),
        ("rejected", 1),
    ] {
        assert_eq!(ledger[what], expected, "{what}");
    }
    assert_eq!(numbers["posts"], 4);
    assert_eq!(numbers["calendar"]["undated"], 1);
    let tags = &numbers["tags"]["most_used"];
    assert_eq!(tags["count"], 2);
    assert_eq!(tags["first"][0]["name"], "tea");
    assert_eq!(tags["first"][0]["posts"], 3);
    assert_eq!(
        tags["first"][1]["url"],
        "https://me.github.io/blog/tags/pots/"
    );
    let categories = &numbers["categories"];
    assert_eq!(categories["without"]["count"], 3);
    assert_eq!(categories["unused"]["first"][0], "Reviews");
    let schedule = &numbers["schedule"];
    assert_eq!(schedule["posts"], 2);
    assert_eq!(schedule["next"]["first"][0]["day"], "2026-06-17");
    assert_eq!(schedule["next"]["first"][0]["posts"]["count"], 2);
    assert_eq!(schedule["gaps"]["first"][0]["days"], 1);
    assert_eq!(numbers["drafts"]["first"][0]["title"], "Draft");
    assert_eq!(numbers["oldest"]["first"][0]["title"], "Old");
    assert_eq!(numbers["near_duplicates"]["count"], 0);
    assert_eq!(numbers["languages"][0]["language"], "en");
}

#[test]
fn findings_are_those_of_check() {
    let site = site();
    let check = site.run(&["check", "--format", "json"]).stdout;
    let check: Value = serde_json::from_str(&check).unwrap();
    let listed = check["diagnostics"].as_array().unwrap();
    let numbers = json(&site, &[]);
    let codes = numbers["findings"]["codes"].as_array().unwrap();
    let mut total = 0;
    for one in codes {
        let of_it = listed.iter().filter(|found| found["code"] == one["code"]);
        let count = of_it.count();
        assert_eq!(one["places"]["count"], count, "{one}");
        total += count;
    }
    assert_eq!(total, listed.len());
    assert_eq!(codes[0]["code"], "refusal");
    let links = codes.iter().find(|one| one["code"] == "dead-link").unwrap();
    // Only published posts count, not scheduled ones.
    assert_eq!(links["places"]["count"], 2);
    let page = &links["places"]["first"][0]["url"];
    assert_eq!(page, "https://me.github.io/blog/posts/old/");
}

#[test]
fn page_asks_nothing_of_the_network_and_is_text_whatever_it_holds() {
    let page = page(&site());
    assert!(page.contains("&lt;script&gt;alert(1)"));
    let escaped = "&lt;img src=x onerror=alert(2)&gt;";
    assert!(page.contains(escaped));
    let page = page.replace(escaped, "");
    for forbidden in [
        "<script", "<img", "<link", "<iframe", " src=", "url(", "@import",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("<h1><bdi>A &amp; &lt;b&gt;</bdi></h1>"));
}

/// Returns the link targets of a page that are neither web addresses nor within the page.
fn files(page: &str) -> Vec<String> {
    let links = page.split("href=\"").skip(1);
    let links = links.map(|rest| rest.split('"').next().unwrap());
    let files = links.filter(|link| !link.starts_with(['#', 'h']));
    files.map(|link| link.replace("%20", " ")).collect()
}

#[test]
fn links_lead_to_the_files_from_wherever_the_page_is() {
    let site = site();
    page(&site);
    for file in [".pressrun/report.html", "report.html", "a/b c/report.html"] {
        let run = site.run(&["report", "--quiet", "--output", file]);
        assert_eq!((run.code, run.stdout.trim()), (0, file), "{}", run.stderr);
        let report = site.path(file);
        let links = files(&std::fs::read_to_string(&report).unwrap());
        assert!(
            links
                .iter()
                .any(|link| link.ends_with("content/old one.md"))
        );
        for link in links {
            assert!(report.parent().unwrap().join(&link).is_file(), "{link}");
        }
    }
}

#[test]
fn report_is_not_part_of_the_site() {
    let site = site();
    for folder in ["content", "static", "templates", "public/posts"] {
        let file = format!("{folder}/report.html");
        let run = site.run(&["report", "--output", &file]);
        assert_eq!(run.code, 2, "{}", run.stdout);
        assert!(
            run.stderr.contains("would be published with the site"),
            "{}",
            run.stderr
        );
        assert!(!site.path(&file).exists());
    }
    site.build();
    let built = site.public();
    page(&site);
    assert_eq!(tree(&site.path("public")), built);
    let again = site.build();
    assert!(again.stdout.contains(" 0 written"), "{}", again.stdout);
}

#[test]
fn same_site_gives_the_same_report() {
    let site = site();
    let first = (page(&site), json(&site, &[]).to_string());
    std::fs::remove_dir_all(site.path(".pressrun")).unwrap();
    assert_eq!(first, (page(&site), json(&site, &[]).to_string()));
}

#[test]
fn lists_have_as_many_rows_as_are_asked_for_and_say_how_long_they_are() {
    let site = site();
    let numbers = json(&site, &["--rows", "1"]);
    let tags = &numbers["tags"]["most_used"];
    assert_eq!(tags["count"], 2);
    assert_eq!(tags["first"].as_array().unwrap().len(), 1);
    let run = site.run(&["report", "--rows", "1", "--output", "r.html"]);
    assert_eq!(run.code, 0);
    let page = std::fs::read_to_string(site.path("r.html")).unwrap();
    assert!(page.contains("<p class=\"more\">and 1 more</p>"));
}

#[test]
fn json_is_written_to_a_file_that_is_named() {
    let site = site();
    let run = site.run(&["report", "--format", "json", "--output", "r.json"]);
    assert_eq!((run.code, &*run.stdout), (0, ""));
    let text = std::fs::read_to_string(site.path("r.json")).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        json(&site, &[])
    );
    assert_eq!(site.run(&["report", "--format", "json", "--open"]).code, 2);
}

#[test]
fn small_sites_have_a_report_too() {
    let empty = Site::new();
    assert_eq!(json(&empty, &[])["ledger"]["replies"], 0);
    assert!(page(&empty).contains("There are no posts."));
    let one = Site::new().reply("a", "A", "x", "News");
    let numbers = json(&one, &[]);
    assert_eq!(numbers["calendar"]["undated"], 1);
    assert_eq!(numbers["schedule"], Value::Null);
    assert_eq!(numbers["lengths"]["median"], 8);
    assert!(page(&one).contains("No post has a date."));
}

#[test]
fn what_is_wrong_with_the_site_itself_stops_the_report() {
    let site = Site::with_config("titel = \"x\"\n");
    let run = site.run(&["report"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("did you mean `title`?"),
        "{}",
        run.stderr
    );
    assert!(!site.path(".pressrun/report.html").exists());
}

#[test]
fn page_fits_every_screen_in_both_colour_schemes() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let site = site();
    page(&site);
    let address = format!("file://{}", site.path(".pressrun/report.html").display());
    let too_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth";
    let mut papers = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        for width in [360, 1280] {
            browser.resize(width);
            browser.open("about:blank");
            browser.open(&address);
            assert_eq!(browser.eval(too_wide), false, "{width}");
            assert_eq!(browser.eval("document.scripts.length"), 0);
            let columns = "document.querySelectorAll('#lengths rect.published').length";
            assert!(browser.eval(columns).as_u64() > Some(0));
        }
        let paper = browser.eval("getComputedStyle(document.documentElement).backgroundColor");
        papers.push(paper);
        // With all details open, nothing may be wider than the screen either.
        browser.resize(360);
        browser.eval("document.querySelectorAll('details').forEach(one => one.open = true)");
        assert_eq!(browser.eval(too_wide), false);
    }
    assert_eq!(papers, ["rgb(255, 255, 255)", "rgb(16, 19, 23)"]);
    assert_eq!(browser.errors, Vec::<String>::new());
}

#[test]
fn nearly_equal_posts_are_shown_with_what_differs() {
    let words: Vec<String> = (0..80).map(|number| format!("word{number}")).collect();
    let text = words.join(" ");
    let reply =
        |title: &str, text: &str| format!("TITLE: {title}\nTAGS: x\n\n{text}\n\n-EndOFText-\n");
    let site = Site::new()
        .file("content/a.txt", reply("First", &text))
        .file(
            "content/b.txt",
            reply("Second", &text.replace("word79", "<b>end</b> & more")),
        );
    let numbers: Value =
        serde_json::from_str(&site.run(&["report", "--format", "json"]).stdout).unwrap();
    let cluster = &numbers["near_duplicates"]["first"][0];
    assert_eq!(cluster["keeper"]["title"], "First");
    let other = &cluster["others"]["first"][0];
    assert_eq!(other["title"], "Second");
    assert!(other["similarity"].as_f64().unwrap() > 0.8, "{other}");
    assert_eq!(other["differences"][0]["keeper"], "word79");
    assert_eq!(other["differences"][0]["other"], "end & more");
    site.run(&["report"]);
    let page = std::fs::read_to_string(site.path(".pressrun/report.html")).unwrap();
    assert!(page.contains("end &amp; more"), "{page}");
}

#[test]
fn damaged_cache_is_made_anew_for_a_report() {
    let words: Vec<String> = (0..200).map(|at| format!("word{at}")).collect();
    let reply = |title: &str, end: &str| {
        let text = words.join(" ");
        format!("TITLE: {title}\n\nIt begins. {text} {end}.\n\n-EndOFText-\n")
    };
    let site = Site::new()
        .file("content/a.txt", reply("One", "one"))
        .file("content/b.txt", reply("Two", "two"));
    let report = || site.run(&["report", "--format", "json"]);
    let sound = report();
    assert!(
        sound.stdout.contains("\"differences\": ["),
        "{}",
        sound.stdout
    );
    let bodies = site.path(".pressrun/build/bodies-0");
    for damage in [&b""[..], b"damaged"] {
        std::fs::write(&bodies, damage).unwrap();
        let again = report();
        assert_eq!(
            (again.code, &again.stdout),
            (0, &sound.stdout),
            "{}",
            again.stderr
        );
    }
}
