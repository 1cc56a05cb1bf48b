//! Dates with times and zones: the moment decides what is published, and in which order.

use crate::site::{Run, Site, between};

/// Midnight of 2026-06-15 in UTC.
const PRESENT: i64 = 1_781_481_600;

/// A site whose dates are in this zone.
fn site(timezone: &str) -> Site {
    Site::with_config(&format!(
        "title = \"Test\"\nbase_url = \"https://a.example/repo/\"\ntimezone = \"{timezone}\"\n\
         [content]\ndates = \"none\"\n[social]\ncards = false\n[search]\nenabled = false\n"
    ))
}

/// Adds a post with these further lines of front matter.
fn post(site: Site, name: &str, keys: &str) -> Site {
    let text = format!("---\ntitle: Post {name}\n{keys}\n---\n\nThe words of {name} are few.\n");
    site.file(&format!("content/{name}.md"), text)
}

/// Runs the program some seconds after [`PRESENT`].
#[track_caller]
fn run_at(site: &Site, seconds: i64, arguments: &[&str]) -> Run {
    let present = (PRESENT + seconds).to_string();
    let mut command = site.command();
    let run = Run::of(command.env("SOURCE_DATE_EPOCH", present).args(arguments));
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run
}

/// Returns the names of the posts in a file of the site, in their order there.
fn names_in(site: &Site, path: &str) -> Vec<String> {
    let page = site.page(path);
    let names = page.split(">Post ").skip(1);
    names
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect()
}

#[test]
fn two_posts_of_a_day_come_in_the_order_of_their_moments() {
    let site = post(site("UTC"), "a", "date: 2026-05-01T18:00:00Z");
    let site = post(
        site,
        "b",
        "date: 2026-05-01T09:00\nupdated: 2026-05-02 10:30 +0200",
    );
    let site = post(site, "c", "date: 2026-05-01T20:00:00+08:00");
    let site = post(site, "d", "date: 2026-05-01");
    let run = site.build();
    assert!(run.stdout.contains("4 published"), "{}", run.stdout);
    for path in ["index.html", "atom.xml", "rss.xml", "archive/index.html"] {
        assert_eq!(names_in(&site, path), ["a", "c", "b", "d"], "{path}");
    }
    let page = site.page("posts/post-c/index.html");
    assert!(between(&page, "class=\"newer\"", "</a>").contains("Post a"));
    assert!(page.contains("<time datetime=\"2026-05-01T20:00:00+08:00\">1 May 2026</time>"));
    assert!(page.contains("\"datePublished\":\"2026-05-01T20:00:00+08:00\""));
    let atom = site.page("atom.xml");
    for time in [
        "<published>2026-05-01T18:00:00Z<",
        "<published>2026-05-01T09:00:00Z<",
        "<updated>2026-05-02T10:30:00+02:00<",
        "<published>2026-05-01T00:00:00Z<",
    ] {
        assert!(atom.contains(time), "{time}: {atom}");
    }
    let rss = site.page("rss.xml");
    assert!(rss.contains("<pubDate>Fri, 01 May 2026 20:00:00 +0800</pubDate>"));
    let sitemap = site.page("sitemap.xml");
    assert!(sitemap.contains("<lastmod>2026-05-01T20:00:00+08:00</lastmod>"));
    assert!(sitemap.contains("<lastmod>2026-05-01</lastmod>"));
    // Without a time, the page says the day alone.
    let page = site.page("posts/post-d/index.html");
    assert!(page.contains("<time datetime=\"2026-05-01\">1 May 2026</time>"));
}

#[test]
fn days_are_those_of_the_site_and_clocks_go_forward() {
    let site = post(site("Europe/Berlin"), "a", "date: 2026-03-29 02:30");
    let site = post(site, "b", "date: 2026-03-29 03:15");
    let site = post(site, "c", "date: 2026-10-25T02:30");
    let site = post(site, "d", "date: 2026-06-15");
    // It is 23:00 of the day before in UTC, and 01:00 in Berlin.
    run_at(&site, -3_600, &["build"]);
    assert_eq!(names_in(&site, "index.html"), ["d", "a", "b"]);
    let atom = site.page("atom.xml");
    assert!(atom.contains("<published>2026-06-15T00:00:00+02:00<"));
    assert!(atom.contains("<published>2026-03-29T03:30:00+02:00<"));
    let run = run_at(&site, 0, &["check"]);
    assert!(
        run.stdout.contains("  2026-10-25 02:30 +02:00  Post c"),
        "{}",
        run.stdout
    );
}

#[test]
fn zone_of_the_machine_does_not_matter() {
    let site = post(site("America/New_York"), "a", "date: 2026-05-01 09:00");
    let site = post(site, "b", "date: 2026-05-01T23:30Z");
    let build = |zone: &str| {
        let run = Run::of(site.command().env("TZ", zone).args(["build", "--force"]));
        assert_eq!(run.code, 0, "{}", run.stderr);
        site.public()
    };
    let expected = build("UTC");
    for zone in ["Asia/Tokyo", "Pacific/Honolulu", ":nonsense"] {
        assert!(build(zone) == expected, "{zone}");
    }
    assert!(
        site.page("atom.xml")
            .contains("<published>2026-05-01T09:00:00-04:00<")
    );
}

#[test]
fn moment_that_comes_between_two_builds_publishes_a_post() {
    let site = post(site("UTC"), "a", "date: 2026-06-15T00:30");
    let site = post(
        site,
        "b",
        "date: 2026-06-14\nexpires: 2026-06-15 01:00 +0000",
    );
    for name in ["a", "b"] {
        // A file that is at rest.
        let file = std::fs::File::options()
            .append(true)
            .open(site.path(&format!("content/{name}.md")));
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_577_880_000);
        file.unwrap().set_modified(time).unwrap();
    }
    let check = |seconds, expected: &[&str]| {
        run_at(&site, seconds, &["build"]);
        assert_eq!(names_in(&site, "index.html"), expected, "{seconds}");
    };
    check(0, &["b"]);
    check(1_799, &["b"]);
    let public = site.public();
    let run = run_at(&site, 1_799, &["build"]);
    assert!(run.stdout.contains(": 0 written"), "{}", run.stdout);
    assert!(site.public() == public);
    check(1_800, &["a", "b"]);
    check(3_599, &["a", "b"]);
    check(3_600, &["a"]);
    // The page is gone, and nothing brings it back.
    assert!(!site.path("public/posts/post-b/index.html").exists());
    run_at(&site, 3_600, &["build", "--future", "--drafts"]);
    assert_eq!(names_in(&site, "index.html"), ["a"]);
}

#[test]
fn expired_post_is_named_wherever_drafts_are() {
    let site = post(site("UTC"), "a", "expires: 2026-06-15");
    let site = post(site, "b", "expires: 2026-06-16");
    let run = run_at(&site, 0, &["build"]);
    assert!(
        run.stdout.contains("1 published, 1 expired"),
        "{}",
        run.stdout
    );
    let run = run_at(&site, 0, &["check"]);
    let listed = "\nexpired: 1 post\n  2026-06-15  Post a (content/a.md:";
    assert!(run.stdout.contains(listed), "{}", run.stdout);
    // It exits with 1, because there is no repository.
    let run = site.run(&["check", "--deploy", "--verbose"]);
    assert!(run.stdout.contains("info[expired-post]"), "{}", run.stdout);
    let run = run_at(&site, 0, &["report", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["ledger"]["expired"], 1);
    assert_eq!(report["expired"]["first"][0]["title"], "Post a");
    assert_eq!(report["posts"], 1);
}

#[test]
fn unknown_zone_stops_the_build_at_its_place() {
    let run = site("Europe/Berln").run(&["build"]);
    assert_eq!(run.code, 1);
    for words in [
        "site.toml:3:12",
        "there is no time zone `Europe/Berln`",
        "`Europe/Berlin`?",
    ] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
}

/// Adds replies with no date, and ingests them.
#[track_caller]
fn ingest(site: &Site, replies: std::ops::Range<usize>, arguments: &[&str]) -> Run {
    for number in replies {
        let text = format!(
            "TITLE: Post {number}\nMETA_DESCRIPTION: About {number}.\n\nThe text of {number} has \
             the words w{number} and v{number}.\n\n-EndOFText-\n"
        );
        site.write(&format!("replies/{number:03}.txt"), text);
    }
    run_at(site, 0, &[&["ingest", "replies"], arguments].concat())
}

#[test]
fn batch_gets_two_posts_a_day_and_goes_on_after_them() {
    let site = site("Europe/Berlin");
    let schedule = ["--start", "2026-06-15", "--at", "08:00,18:00"];
    let run = ingest(&site, 0..200, &schedule);
    let said = "200 posts are dated from 2026-06-15 08:00 +02:00 to 2026-09-22 18:00 +02:00";
    assert!(run.stdout.contains(said), "{}", run.stdout);
    let run = ingest(&site, 200..202, &schedule);
    assert!(
        run.stdout
            .contains("202 posts are dated from 2026-06-15 08:00"),
        "{}",
        run.stdout
    );
    let last = std::fs::read_to_string(site.path("content/posts/2026-09-23-post-201.md"));
    assert!(
        last.unwrap()
            .contains("\ndate: 2026-09-23T18:00:00+02:00\n")
    );
    // 06:00 in UTC, and a minute before 18:00 in Berlin.
    run_at(&site, 6 * 3_600, &["build"]);
    assert_eq!(names_in(&site, "atom.xml"), ["0"]);
    run_at(&site, 16 * 3_600 - 60, &["build"]);
    assert_eq!(names_in(&site, "atom.xml"), ["0"]);
    run_at(&site, 16 * 3_600, &["build"]);
    assert_eq!(names_in(&site, "atom.xml"), ["1", "0"]);
}

#[test]
fn hours_between_posts_and_dates_of_records() {
    let site = site("UTC");
    let line = |number: usize| {
        format!(
            "{{\"choices\": [{{\"finish_reason\": \"stop\", \"message\": {{\"content\": \"TITLE: Post \
             {number}\\n\\nThe text of {number} has the words w{number} and v{number}.\"}}}}], \
             \"created\": 1700000000}}\n"
        )
    };
    site.write("replies/a.jsonl", (0..3).map(line).collect::<String>());
    let dates = || -> Vec<String> {
        let mut dates: Vec<String> = crate::site::tree(&site.path("content/posts"))
            .into_values()
            .map(|text| {
                let text = String::from_utf8(text).unwrap();
                between(&text, "\ndate: ", "\n").to_owned()
            })
            .collect();
        dates.sort();
        dates
    };
    run_at(&site, 0, &["ingest", "replies"]);
    assert!(
        dates().iter().all(|date| date.starts_with("2023-11-14")),
        "{:?}",
        dates()
    );
    let schedule = [
        "ingest",
        "replies",
        "--start",
        "2026-07-01",
        "--every",
        "12h",
    ];
    let run = run_at(&site, 0, &schedule);
    assert!(dates().iter().all(|date| date.starts_with("2023-11-14")));
    let said = "3 posts keep the date of a record; with `--dates override`";
    assert!(run.stdout.contains(said), "{}", run.stdout);
    let run = run_at(
        &site,
        0,
        &[&schedule[..], &["--dates", "override"]].concat(),
    );
    let expected = [
        "2026-07-01T00:00:00+00:00",
        "2026-07-01T12:00:00+00:00",
        "2026-07-02T00:00:00+00:00",
    ];
    assert_eq!(dates(), expected);
    assert!(
        !run.stderr.contains("date-from-container"),
        "{}",
        run.stderr
    );
    // Another run changes nothing.
    let run = run_at(
        &site,
        0,
        &[&schedule[..], &["--dates", "override"]].concat(),
    );
    assert!(run.stdout.contains("3 unchanged"), "{}", run.stdout);
    assert_eq!(dates(), expected);
}

#[test]
fn times_of_day_need_whole_days_between_them() {
    let site = site("UTC");
    for (arguments, message) in [
        (&["--at", "08:00"][..], "--start"),
        (&["--start", "2026-07-01", "--at", "25:00"], "08:00,18:00"),
        (
            &["--start", "2026-07-01", "--at", "08:00", "--every", "12h"],
            "days or weeks",
        ),
        (
            &["--start", "2026-07-01T09:00", "--at", "08:00"],
            "`--start` takes a day",
        ),
        (&["--start", "2026-07-01T09:00Z"], "a time of the site"),
        (&["--dates", "override"], "--start"),
    ] {
        site.write("replies/a.txt", "TITLE: A\n\nText.\n\n-EndOFText-\n");
        let run = site.run(&[&["ingest", "replies"], arguments].concat());
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(
            run.stderr.contains(message),
            "{arguments:?}: {}",
            run.stderr
        );
    }
}

#[test]
fn one_day_for_all_posts_from_their_files_is_noted_once() {
    let site = post(Site::with_config("title = \"T\"\n"), "a", "draft: false");
    let site = post(site, "b", "draft: false");
    let run = site.run(&["check", "--verbose", "--format", "json"]);
    assert_eq!(
        run.stdout.matches("\"same-day-dates\"").count(),
        1,
        "{}",
        run.stdout
    );
    for words in [
        "all 2 posts without a date",
        "--start DATE",
        "dates = \\\"none\\\"",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
}
