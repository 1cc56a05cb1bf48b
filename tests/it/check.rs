//! Tests `pressrun check` and `pressrun inspect`.

use serde_json::Value;

use crate::site::Site;

/// Returns a site with one error, two warnings, and notes.
fn site() -> Site {
    Site::with_config("[content]\ndates = \"none\"\n[categories]\nallowed = [\"News\"]\n")
        .reply("a", "A", "x", "Gardening")
        .file(
            "content/b.md",
            "---\ntitle: B\n---\nTo [nowhere](/nowhere/) and on.\n",
        )
        .file(
            "content/c.txt",
            "I'm sorry, but I can't help with that request.\n",
        )
}

#[test]
fn check_lists_every_finding_by_place_and_counts_them_by_code() {
    let run = site().run(&["check"]);
    assert_eq!(run.code, 1);
    let places: Vec<&str> = run
        .stdout
        .lines()
        .take_while(|line| !line.is_empty())
        .map(|line| line.split("]: ").next().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "content/a.txt:4: warning[off-list-category",
            "content/b.md:4: warning[dead-link",
            "content/c.txt:1: error[refusal",
        ]
    );
    assert!(run.stdout.contains("      1 refusal: "), "{}", run.stdout);
    assert!(
        run.stdout.contains("1 error, 2 warnings, "),
        "{}",
        run.stdout
    );
}

#[test]
fn a_code_block_that_is_too_much_to_colour_is_noted_with_its_line() {
    let long = "let a = 1;".repeat(300);
    let site = Site::new().file(
        "content/a.md",
        format!("---\ntitle: A\n---\nText.\n\n```rust\n{long}\n```\n"),
    );
    let run = site.run(&["check", "--verbose"]);
    assert!(
        run.stdout
            .contains("content/a.md:6: info[unhighlighted-code]"),
        "{}",
        run.stdout
    );
}

#[test]
fn check_writes_no_site() {
    let site = site();
    site.run(&["check"]);
    assert!(!site.path("public").exists());
}

#[test]
fn check_shows_what_appears_when_and_what_is_not_finished() {
    let mut site = Site::new().file(
        "content/d.md",
        "---\ntitle: D\ndraft: true\n---\nNot yet.\n",
    );
    for day in 10..=30 {
        let post = format!("---\ntitle: Of {day}\ndate: 2026-06-{day}\n---\nThe words of {day}.\n");
        site.write(&format!("content/{day}.md"), post);
    }
    let run = site.run(&["check"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let plan = run.stdout.split_once(" notes\n").unwrap().1;
    assert!(
        plan.starts_with(
            "\nscheduled: 15 posts from 2026-06-16 to 2026-06-30\n\
             \x20 2026-06-16  Of 16 (content/16.md:1)\n"
        ),
        "{plan}"
    );
    assert!(
        plan.ends_with(
            "\x20 2026-06-25  Of 25 (content/25.md:1)\n  … and 5 more; --verbose lists all\n\n\
             left out: 1 draft\n  D (content/d.md:1)\n"
        ),
        "{plan}"
    );
    site = site.file("content/d.md", "---\ntitle: D\n---\nNow it is.\n");
    let json: Value =
        serde_json::from_str(&site.run(&["check", "--format", "json"]).stdout).unwrap();
    let waiting = json["waiting"].as_array().unwrap();
    assert_eq!(waiting.len(), 15);
    assert_eq!(waiting[0]["date"], "2026-06-16");
    assert_eq!(waiting[0]["file"], "content/16.md");
}

#[test]
fn denied_codes_decide_the_exit_status() {
    let site = site();
    site.remove("content/c.txt");
    for (deny, code) in [
        (None, 0),
        (Some("dead-link"), 1),
        (Some("refusal"), 0),
        (Some("warnings"), 1),
        (Some("dead-lynk"), 2),
    ] {
        let mut arguments = vec!["check"];
        arguments.extend(deny.iter().flat_map(|code| ["--deny", code]));
        assert_eq!(site.run(&arguments).code, code, "{deny:?}");
    }
}

#[test]
fn check_speaks_json_and_the_words_of_github() {
    let site = site();
    let json: Value =
        serde_json::from_str(&site.run(&["check", "--format", "json"]).stdout).unwrap();
    let found = json["diagnostics"].as_array().unwrap();
    assert!(
        found
            .iter()
            .any(|one| one["code"] == "dead-link" && one["line"] == 4)
    );
    let github = site.run(&["check", "--format", "github"]).stdout;
    assert!(
        github.contains("::warning file=content/b.md,line=4,title=dead-link::`/nowhere/` leads to"),
        "{github}"
    );
}

#[test]
fn inspect_gives_posts_and_diagnostics_as_one_object() {
    let site = Site::new().reply("a", "A: the title", "x, Y", "AI");
    let run = site.run(&["inspect", "--format", "json", "content/a.txt"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let post = &json["posts"][0];
    assert_eq!(post["title"], "A: the title");
    assert_eq!(post["slug"], "a-the-title");
    assert_eq!(post["tags"], serde_json::json!(["x", "Y"]));
    assert_eq!(post["date"], Value::Null);
    assert_eq!(post["body"], "The text of a has a few words.");
    assert_eq!(json["diagnostics"], serde_json::json!([]));
}

#[test]
fn inspect_reads_a_file_as_the_site_around_it_does() {
    let config =
        "title = \"T\"\n[categories]\nallowed = [\"News\"]\n[tags]\naliases = { x = \"X rays\" }\n";
    let site = Site::with_config(config).reply("a", "A title", "x, Y", "AI");
    let inspect = |arguments: &[&str]| -> Value {
        let run = site.run(arguments);
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr))
    };
    let json = inspect(&["inspect", "--format", "json", "content/a.txt"]);
    assert_eq!(json["posts"][0]["tags"], serde_json::json!(["X rays", "Y"]));
    assert_eq!(json["diagnostics"][0]["code"], "off-list-category");
    let elsewhere = Site::new().reply("a", "A title", "x, Y", "AI");
    let outside = elsewhere.path("content/a.txt");
    let outside = outside.to_str().unwrap();
    let json = inspect(&["inspect", "--format", "json", outside]);
    assert_eq!(json["posts"][0]["tags"], serde_json::json!(["x", "Y"]));
    let root = site.path("");
    let root = root.to_str().unwrap();
    let json = inspect(&["inspect", "--root", root, "--format", "json", outside]);
    assert_eq!(json["posts"][0]["tags"], serde_json::json!(["X rays", "Y"]));
    let ignored = format!("{config}[check]\nignore = [\"off-list-category\"]\n");
    let site = site.file("site.toml", &ignored);
    let run = site.run(&["inspect", "--format", "json", "content/a.txt"]);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["diagnostics"], serde_json::json!([]));
}

#[test]
fn inspect_shows_a_person_what_was_understood_and_changed() {
    let site = Site::new().file(
        "a.txt",
        "TITLE: A\nTAGS: x\n\nThe f\u{456}rst words.\n\nRegenerate response\n\nThe end.\n\n-EndOFText-\n",
    );
    let run = site.run(&["inspect", "a.txt"]);
    for part in [
        "title        A (header)",
        "description  The first words. (derived)",
        "\n-The f\u{456}rst words.\n+The first words.\n",
        "\n-Regenerate response\n",
        "a.txt:4: warning[homoglyphs-repaired]",
    ] {
        assert!(run.stdout.contains(part), "no {part} in {}", run.stdout);
    }
}

#[test]
fn inspect_of_a_rejected_file_exits_with_1() {
    let site = Site::new().file("a.txt", "");
    let run = site.run(&["inspect", "--format", "json", "a.txt"]);
    assert_eq!(run.code, 1);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["diagnostics"][0]["code"], "no-post-found");
}

#[test]
fn check_reports_later_posts_that_compete_with_the_first() {
    let post = |title: &str, about: &str, day: u8| {
        format!(
            "---\ntitle: {title}\ndescription: {about}\ndate: 2026-05-{day:02}\n---\nThe text of {day} is short.\n"
        )
    };
    let site = Site::new()
        .file(
            "content/a.md",
            post(
                "Choosing Cloud Backup",
                "Speed and price of backups in the cloud.",
                9,
            ),
        )
        .file(
            "content/b.md",
            post(
                "The Complete Guide to Cloud Backups",
                "What cloud backups cost: price and speed.",
                2,
            ),
        )
        .file(
            "content/c.md",
            post("Growing Tomatoes", "Sun and water.", 3),
        );
    let run = site.run(&["check", "--verbose"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let found: Vec<&str> = run
        .stdout
        .lines()
        .filter(|line| line.contains("[competing-posts]"))
        .collect();
    assert_eq!(found.len(), 1, "{}", run.stdout);
    assert!(
        found[0].starts_with(
            "content/a.md:1: info[competing-posts]: `Choosing Cloud Backup` targets the phrase \
             `cloud backups`, and so does `The Complete Guide to Cloud Backups` in content/b.md"
        ),
        "{}",
        found[0]
    );
    let deployed = site.run(&[
        "check",
        "--verbose",
        "--deploy",
        "--base-url",
        "https://a.example/",
    ]);
    assert!(
        deployed.stdout.contains("[competing-posts]"),
        "{}",
        deployed.stdout
    );
    let built = site.run(&["build", "--verbose"]);
    assert!(
        !built.stderr.contains("competing-posts"),
        "{}",
        built.stderr
    );
}

#[test]
fn links_of_templates_and_configuration_are_checked_where_they_are_written() {
    let config = "base_url = \"https://example.org/repo/\"\n\
                  [theme]\nnav = [{ title = \"A\", url = \"/about/\" }, { title = \"T\", url = \"/tags/\" }]\n";
    let template = "{% extends \"theme/404.html\" %}\n{% block main %}\n\
                    <a href=\"{{ site.url }}gone/\">a</a> <a href=\"/tags/\">b</a>\n\
                    <a href=\"{{ site.url }}tags/#nothing\">c</a> <a href=\"{{ site.url }}archive/\">d</a>\n\
                    {% endblock %}";
    let run = Site::with_config(config)
        .reply("a", "A", "x", "y")
        .file("templates/404.html", template)
        .run(&["check"]);
    let dead: Vec<&str> = run
        .stdout
        .lines()
        .filter(|line| line.contains("[dead-link]"))
        .collect();
    let starts = [
        "site.toml:3:30: warning[dead-link]: `/about/` leads to no page",
        "templates/404.html:3:10: warning[dead-link]: `{{ site.url }}gone/` leads to no page",
        "templates/404.html:3:46: warning[dead-link]: `/tags/` leads to no page",
        "templates/404.html:4:10: warning[dead-link]: `{{ site.url }}tags/#nothing` leads to no element",
    ];
    assert_eq!(dead.len(), starts.len(), "{}", run.stdout);
    for (line, start) in dead.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
    assert!(
        dead[2].contains("write `{{ site.url }}tags/`"),
        "{}",
        dead[2]
    );
}

#[test]
fn fragment_of_a_link_is_looked_up_in_the_page_it_leads_to() {
    let link = |target: &str| format!("TITLE: A\n\nA [link]({target}) to it.\n\n-EndOFText-\n");
    let check = |target: &str, dead: bool| {
        let site = Site::new().file("content/a.txt", link(target)).file(
            "content/b.txt",
            "TITLE: B\n\nText.\n\n## Über uns\n\nMore.\n\n-EndOFText-\n",
        );
        let run = site.run(&["check"]);
        assert_eq!(
            run.stdout.contains("[dead-link]"),
            dead,
            "{target}: {}",
            run.stdout
        );
    };
    check("/posts/b/#über-uns", false);
    check("/posts/b/#%C3%BCber-uns", false);
    check("b.txt#über-uns", false);
    check("/posts/b/#setup", true);
    check("/posts/b/#_main", false);
    check("/archive/#setup", true);
    check("/feed.json#setup", false);
}

// Windows does not allow these names.
#[cfg(not(windows))]
#[test]
fn names_that_windows_does_not_allow_are_reported() {
    let site = Site::new()
        .reply("a", "Con", "Aux", "News")
        .reply("b", "B", "Aux", "News")
        .file("static/files/nul.txt", "x");
    let run = site.run(&["check"]);
    let line = "static/files/nul.txt: warning[name-not-portable]: ";
    assert!(run.stdout.contains(line), "{}", run.stdout);
    assert_eq!(run.stdout.matches("warning[name-not-portable]").count(), 1);
    // Posts and terms get other names instead.
    site.build();
    site.page("posts/con-1/index.html");
    site.page("tags/aux-1/index.html");
}

#[test]
fn check_reports_the_template_errors_that_a_build_reports() {
    let site = site()
        .file("templates/post.html", "{{ post.titel }}")
        .file("templates/404.html", "{{ page.titel }}");
    let [checked, built] = ["check", "build"].map(|command| site.run(&[command]));
    assert_eq!((checked.code, built.code), (1, 1));
    let places = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.contains(" --> "));
        lines.map(|line| line.trim().to_owned()).collect()
    };
    assert_eq!(places(&checked.stderr).len(), 2, "{}", checked.stderr);
    assert_eq!(places(&checked.stderr), places(&built.stderr));
}

#[test]
fn check_draws_no_cards_and_makes_no_index() {
    let site = site();
    site.run(&["check"]);
    assert!(!site.path(".pressrun/cards").exists());
    assert!(!site.path(".pressrun/build/search").exists());
    site.build();
    assert!(site.path(".pressrun/cards").exists());
    assert!(site.path(".pressrun/build/search").exists());
}

#[test]
fn wrong_command_line_is_reported_without_counting_files() {
    let run = site().run(&["check", "--deny", "nope"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("there is no code `nope`"),
        "{}",
        run.stderr
    );
    assert!(
        !run.stderr.contains("nothing was written"),
        "{}",
        run.stderr
    );
}

#[test]
fn day_that_cannot_be_read_is_an_error() {
    let site = site();
    for (value, code) in [
        ("abc", 2),
        ("1.5", 2),
        ("99999999999999", 2),
        ("", 1),
        ("0", 1),
    ] {
        let run = crate::site::Run::of(site.command().arg("check").env("SOURCE_DATE_EPOCH", value));
        assert_eq!(run.code, code, "{value}: {}", run.stderr);
        let names_it = run.stderr.contains("`SOURCE_DATE_EPOCH` is");
        assert_eq!(names_it, code == 2, "{value}: {}", run.stderr);
    }
}

#[test]
fn ignored_and_allowed_codes_are_not_reported() {
    let site = site();
    let allowed = site.run(&["check", "--allow", "off-list-category"]);
    assert!(
        allowed.stdout.contains("warning[dead-link]"),
        "{}",
        allowed.stdout
    );
    assert!(
        !allowed.stdout.contains("off-list-category"),
        "{}",
        allowed.stdout
    );
    let built = site.build_with(&["--allow", "dead-link"]);
    assert!(
        built.stderr.contains("warning[off-list-category]"),
        "{}",
        built.stderr
    );
    assert!(!built.stderr.contains("dead-link"), "{}", built.stderr);

    // What is reported is no part of a page, so nothing is rendered again.
    let config = std::fs::read_to_string(site.path("site.toml")).unwrap();
    let ignoring = format!("{config}[check]\nignore = [\"dead-link\"]\n");
    std::fs::write(site.path("site.toml"), ignoring).unwrap();
    let again = site.build();
    assert!(again.stdout.contains(" 0 written"), "{}", again.stdout);
    assert!(!again.stderr.contains("dead-link"), "{}", again.stderr);
    assert!(
        again.stderr.contains("warning[off-list-category]"),
        "{}",
        again.stderr
    );
}

#[test]
fn codes_that_cannot_be_allowed_are_refused() {
    for (arguments, message) in [
        (&["--allow", "refusal"][..], "errors cannot be allowed"),
        (&["--allow", "dead-lynk"], "did you mean `dead-link`?"),
        (
            &["--allow", "dead-link", "--deny", "dead-link"],
            "keep one of them",
        ),
    ] {
        let run = site().run(&[&["check"], arguments].concat());
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains(message), "{}", run.stderr);
    }
}

/// Returns a site of replies that lack an end marker, and of some that have one.
fn site_without_markers(without: usize, with: usize) -> Site {
    (0..without + with).fold(Site::new(), |site, number| {
        let marker = if number < without { "" } else { "-EndOfText-\n" };
        let text = format!(
            "TITLE: Note {number}\nMETA_DESCRIPTION: What note {number} says.\nTAGS: t\n\nThis is note number {number}.\n\n{marker}"
        );
        site.file(&format!("content/{number:02}.txt"), text)
    })
}

#[test]
fn build_shows_three_examples_of_a_code_and_how_many_there_are() {
    let built = site_without_markers(5, 7).build();
    let found: Vec<&str> = built.stderr.lines().collect();
    assert!(
        found[0].contains("warning[missing-end-marker]: 5 findings: "),
        "{found:#?}"
    );
    for (line, file) in found[1..4].iter().zip(["00", "01", "02"]) {
        assert!(
            line.starts_with(&format!("  content/{file}.txt:5: ")),
            "{found:#?}"
        );
    }
    assert_eq!(found[4], "  … and 2 more; `pressrun check` lists all");
    // What to do is the same for all of them.
    assert_eq!(
        found[5],
        "  = help: end the reply with the line `-EndOFText-`"
    );
    assert_eq!(found.len(), 6, "{found:#?}");
}

#[test]
fn build_says_once_what_most_replies_have_in_common() {
    let built = site_without_markers(8, 3).build();
    let found: Vec<&str> = built.stderr.lines().collect();
    assert!(
        found[0].contains("warning[missing-end-marker]: 8 findings in 11 replies: "),
        "{found:#?}"
    );
    assert_eq!(
        found[1],
        "  content/00.txt:5, content/01.txt:5, content/02.txt:5 and 5 more; `pressrun check` lists all"
    );
    assert!(
        found[2].contains("set `ignore = [\"missing-end-marker\"]` under `[check]`"),
        "{found:#?}"
    );
    assert_eq!(found.len(), 3, "{found:#?}");
}
