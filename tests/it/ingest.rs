//! Tests what `pressrun ingest` writes, what it leaves alone, and what it prints.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::site::{Run, Site, tree};

/// Returns a labelled reply whose words are its own.
fn reply(title: &str, body: &str) -> String {
    format!(
        "TITLE: {title}\nMETA_DESCRIPTION: About {body}.\nTAGS: rust, no\nCATEGORIES: News\n\n\
         The text of {body} has a few words.\n\n-EndOFText-\n"
    )
}

/// Returns a site with three replies beside its content.
fn three_replies() -> Site {
    Site::new()
        .file("replies/a.txt", reply("First: one", "alpha"))
        .file("replies/b.txt", reply("Second", "beta"))
        .file("replies/sub/c.txt", reply("Third", "gamma"))
}

/// Ingests `replies` with more arguments, which must succeed.
#[track_caller]
fn ingest(site: &Site, arguments: &[&str]) -> Run {
    let run = site.run(&[&["ingest", "replies"], arguments].concat());
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run
}

/// Returns every file below `content/posts`.
fn posts(site: &Site) -> BTreeMap<String, String> {
    let folder = site.path("content/posts");
    if !folder.exists() {
        return BTreeMap::new();
    }
    tree(&folder)
        .into_iter()
        .map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap()))
        .collect()
}

fn names(site: &Site) -> Vec<String> {
    posts(site).into_keys().collect()
}

/// Returns the rows of the ledger by name, including `records`.
fn ledger(run: &Run) -> BTreeMap<String, usize> {
    let at = run.stdout.find(" record").expect("a ledger is printed");
    let start = run.stdout[..at].rfind('\n').map_or(0, |at| at + 1);
    run.stdout[start..]
        .lines()
        .map(|line| {
            let (number, name) = line.trim().split_once(' ').unwrap();
            let name = name.split([',', ' ']).next().unwrap();
            let name = name.trim_end_matches('s');
            (name.to_owned(), number.replace(',', "").parse().unwrap())
        })
        .collect()
}

/// Checks rows of the ledger, and that it adds up.
#[track_caller]
fn check_ledger(run: &Run, rows: &[(&str, usize)]) {
    let ledger = ledger(run);
    for &(name, number) in rows {
        assert_eq!(ledger[name], number, "{name}: {}", run.stdout);
    }
    let sum: usize = ["written", "updated", "unchanged", "kept", "rejected"]
        .iter()
        .map(|name| ledger[*name])
        .sum();
    assert_eq!(ledger["record"], sum, "{}", run.stdout);
}

/// Makes every file a day old and returns the new time.
fn age(folder: &Path) -> SystemTime {
    let yesterday = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
    for path in tree(folder).into_keys() {
        let file = File::options().write(true).open(folder.join(path)).unwrap();
        file.set_modified(yesterday).unwrap();
    }
    std::fs::metadata(folder.join(tree(folder).into_keys().next().unwrap()))
        .unwrap()
        .modified()
        .unwrap()
}

#[test]
fn each_reply_becomes_a_file_with_front_matter() {
    let site = three_replies();
    let run = ingest(&site, &[]);
    assert_eq!(names(&site), ["first-one.md", "second.md", "third.md"]);
    let text = &posts(&site)["first-one.md"];
    let (head, body) = text[4..].split_once("\n---\n").unwrap();
    assert_eq!(body, "\nThe text of alpha has a few words.\n");
    let head: serde_yaml::Value = serde_yaml::from_str(head).unwrap();
    assert_eq!(head["title"], "First: one");
    assert_eq!(head["description"], "About alpha.");
    assert_eq!(head["tags"][1], "no");
    assert_eq!(head["categories"][0], "News");
    assert_eq!(head["slug"], "first-one");
    assert_eq!(head["source"]["file"], "replies/a.txt");
    assert!(head.get("date").is_none() && head.get("draft").is_none());
    check_ledger(&run, &[("record", 3), ("written", 3), ("draft", 0)]);
    assert_eq!(run.stderr, "");
}

#[test]
fn second_run_touches_nothing() {
    let site = three_replies();
    ingest(&site, &[]);
    let folder = site.path("content/posts");
    let before = age(&folder);
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("unchanged", 3)]);
    for path in tree(&folder).into_keys() {
        let modified = std::fs::metadata(folder.join(&path))
            .unwrap()
            .modified()
            .unwrap();
        assert_eq!(modified, before, "{path}");
    }
    let entries = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(entries, 3, "nothing is left in the folder but the posts");
}

#[test]
fn source_that_changed_updates_its_file() {
    let site = three_replies();
    ingest(&site, &[]);
    site.write("replies/a.txt", reply("First: one", "another alpha"));
    site.write("replies/b.txt", reply("Second title", "beta"));
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("updated", 2), ("unchanged", 1)]);
    assert_eq!(names(&site), ["first-one.md", "second.md", "third.md"]);
    let posts = posts(&site);
    assert!(posts["first-one.md"].contains("another alpha"));
    assert!(posts["second.md"].contains("title: Second title"));
    assert!(
        posts["second.md"].contains("slug: second\n"),
        "its address stays"
    );
    check_ledger(&ingest(&site, &[]), &[("unchanged", 3)]);
}

#[test]
fn new_title_and_text_are_one_post_if_the_texts_are_alike() {
    let long = "This longer text has enough words to be known again when a few of them differ.";
    let site = Site::new().file("replies/reply.txt", reply("Draft title", long));
    ingest(&site, &[]);
    site.write(
        "replies/reply.txt",
        reply("Final title", &format!("now {long}")),
    );
    check_ledger(&ingest(&site, &[]), &[("updated", 1)]);
    assert!(posts(&site)["draft-title.md"].contains("title: Final title"));

    // The file is used again for another reply.
    let other = "Something else entirely that shares nothing with what stood there.";
    site.write("replies/reply.txt", reply("Another post", other));
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("written", 1)]);
    assert_eq!(names(&site), ["another-post.md", "draft-title.md"]);
    assert!(
        run.stderr
            .starts_with("replies/reply.txt:1: warning[reply-replaced]"),
        "{}",
        run.stderr
    );
    assert_eq!(ingest(&site, &[]).stderr, "", "it is said once");
}

#[test]
fn edited_file_is_left_alone_and_reported() {
    let site = three_replies();
    ingest(&site, &[]);
    let edited = posts(&site)["second.md"].replace("has a few words", "has better words");
    site.write("content/posts/second.md", &edited);
    check_ledger(&ingest(&site, &[]), &[("unchanged", 3)]);
    site.write("replies/b.txt", reply("Second", "another beta"));
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("kept", 1), ("unchanged", 2)]);
    assert_eq!(posts(&site)["second.md"], edited);
    let expected = "content/posts/second.md: warning[edited-file]: the reply at replies/b.txt:1 \
                    changed, but this file was edited, so it was left alone";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
    site.remove("content/posts/second.md");
    ingest(&site, &[]);
    assert!(posts(&site)["second.md"].contains("another beta"));
}

#[test]
fn posts_of_one_title_get_names_that_stay() {
    let site = Site::new()
        .file("replies/b.txt", reply("Same", "beta"))
        .file("replies/c.txt", reply("Same", "gamma"));
    let run = ingest(&site, &[]);
    assert!(
        run.stderr.contains("warning[slug-collision]"),
        "{}",
        run.stderr
    );
    let before = posts(&site);
    assert!(before["same.md"].contains("beta") && before["same-2.md"].contains("gamma"));
    assert!(before["same-2.md"].contains("\nslug: same-2\n"));
    site.write("replies/a.txt", reply("Same", "alpha"));
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("written", 1), ("unchanged", 2)]);
    let after = posts(&site);
    assert!(after["same-3.md"].contains("alpha"));
    assert_eq!(after["same.md"], before["same.md"]);
    assert_eq!(after["same-2.md"], before["same-2.md"]);
}

#[test]
fn file_of_somebody_else_is_never_overwritten() {
    let own = "---\ntitle: Second\n---\n\nMy own text.\n";
    let site = three_replies().file("content/posts/2020-01-01-second.md", own);
    ingest(&site, &[]);
    let posts = posts(&site);
    assert_eq!(posts["2020-01-01-second.md"], own);
    assert!(posts["second-2.md"].contains("beta"));
    check_ledger(&ingest(&site, &[]), &[("unchanged", 3)]);
}

#[test]
fn dry_run_shows_the_plan_and_writes_nothing() {
    let site = three_replies();
    ingest(&site, &[]);
    site.write("replies/a.txt", reply("First: one", "another alpha"));
    let edited = posts(&site)["second.md"].replace("few", "many");
    site.write("content/posts/second.md", edited);
    site.write("replies/b.txt", reply("Second", "another beta"));
    site.write("replies/d.txt", reply("Fourth", "delta"));
    site.write("replies/e.txt", reply("Fifth", "delta"));
    let before = tree(&site.path("."));
    let run = ingest(&site, &["--dry-run"]);
    let expected = "\
update      content/posts/first-one.md from replies/a.txt:1
keep edited content/posts/second.md from replies/b.txt:1
create      content/posts/fourth.md from replies/d.txt:1
reject      replies/e.txt:1 (duplicate-post)
unchanged   content/posts/third.md from replies/sub/c.txt:1
nothing was written; without --dry-run:
5 records in 5 files, into content/posts:
        1 written
        1 updated
        1 unchanged
        1 kept, edited since
        1 rejected
0 drafts among them
";
    assert_eq!(run.stdout, expected);
    check_ledger(&run, &[]);
    assert!(tree(&site.path(".")) == before);
}

#[test]
fn schedule_gives_undated_posts_days_that_they_keep() {
    let site = three_replies();
    let names = || names(&site);
    let schedule = ["--start", "2026-01-30", "--every", "2d"];
    ingest(&site, &schedule);
    let first = [
        "2026-01-30-first-one.md",
        "2026-02-01-second.md",
        "2026-02-03-third.md",
    ];
    assert_eq!(names(), first);
    assert!(posts(&site)["2026-02-01-second.md"].contains("\ndate: 2026-02-01\n"));
    site.write("replies/aa.txt", reply("New", "delta"));
    site.write("replies/b.txt", reply("Second", "another beta"));
    let run = ingest(&site, &schedule);
    let plan = " dated from 2026-01-30 to 2026-02-";
    assert!(run.stdout.contains(plan), "{}", run.stdout);
    check_ledger(&run, &[("written", 1), ("updated", 1), ("unchanged", 2)]);
    assert_eq!(names()[..3], first);
    assert_eq!(names()[3], "2026-02-05-new.md");
    assert!(posts(&site)["2026-02-01-second.md"].contains("\ndate: 2026-02-01\n"));
}

#[test]
fn body_of_an_earlier_post_is_rejected_with_its_place() {
    let site = three_replies().file("replies/z.txt", reply("Again", "alpha"));
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("record", 4), ("written", 3), ("rejected", 1)]);
    let expected = "replies/z.txt:1: error[duplicate-post]: the body is the same as that of \
                    `replies/a.txt:1`\n";
    assert_eq!(run.stderr, expected);
    // This also holds if the earlier post was ingested in an earlier run.
    site.remove("replies/a.txt");
    let run = ingest(&site, &[]);
    assert!(
        run.stderr
            .contains("as that of `content/posts/first-one.md`"),
        "{}",
        run.stderr
    );
}

#[test]
fn strict_run_writes_nothing_when_a_reply_is_rejected() {
    let site = three_replies().file("replies/z.txt", reply("Again", "alpha"));
    let run = site.run(&["ingest", "replies", "--strict"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .contains("replies/z.txt:1: error[duplicate-post]"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .ends_with("error: 1 reply was rejected; nothing was written\n")
    );
    assert!(!site.path("content/posts").exists());
    site.remove("replies/z.txt");
    ingest(&site, &["--strict"]);
    assert_eq!(names(&site).len(), 3);
}

#[test]
fn records_of_a_long_file_keep_their_lines_and_places() {
    let line = |number: usize| {
        let text = reply(
            &format!("Post {number}"),
            &format!("number {number} {}", "x".repeat(600)),
        );
        serde_json::json!({ "response": text }).to_string() + "\n"
    };
    let mut lines: Vec<String> = (1..=5000).map(line).collect();
    lines[4321] = "{\"response\": \"cut o\n".to_owned();
    let site = Site::new().file("replies/batch.jsonl", lines.concat());
    let run = ingest(&site, &[]);
    check_ledger(
        &run,
        &[("record", 5000), ("written", 4999), ("rejected", 1)],
    );
    assert!(
        run.stderr
            .contains("replies/batch.jsonl:4322: error[invalid-json]"),
        "{}",
        run.stderr
    );
    let before = posts(&site);
    assert_eq!(before.len(), 4999);
    assert!(before["post-4999.md"].contains("\n  record: 4999\n"));

    // One broken line is repaired, one line changes, and a new line comes first.
    lines[4321] = line(4322);
    lines[99] = line(100).replace("few", "many");
    lines.insert(0, line(5001));
    site.write("replies/batch.jsonl", lines.concat());
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("written", 2), ("updated", 1), ("unchanged", 4998)]);
    let after = posts(&site);
    assert_eq!(after.len(), 5001);
    let differ: Vec<&String> = before
        .keys()
        .filter(|path| before[*path] != after[*path])
        .collect();
    assert_eq!(differ, ["post-100.md"]);
}

#[test]
fn file_is_read_as_the_post_it_was_made_from() {
    let site = three_replies();
    ingest(&site, &[]);
    let inspect = |file: &str| {
        let run = site.run(&["inspect", "--format", "json", file]);
        let read: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        read["posts"][0].clone()
    };
    for (reply, file) in [("a.txt", "first-one.md"), ("b.txt", "second.md")] {
        let from = inspect(&format!("replies/{reply}"));
        let made = inspect(&format!("content/posts/{file}"));
        for key in [
            "title",
            "description",
            "tags",
            "categories",
            "date",
            "slug",
            "draft",
            "body",
        ] {
            assert_eq!(made[key], from[key], "{key} of {file}");
        }
    }
}

#[test]
fn leftovers_of_a_killed_run_are_cleared() {
    let site = three_replies().file("content/posts/.pressrun-ingest/17", "half a po");
    ingest(&site, &[]);
    assert_eq!(names(&site).len(), 3);
}

#[test]
fn single_files_and_another_folder_may_be_named() {
    let site = three_replies();
    let run = site.run(&[
        "ingest",
        "replies/b.txt",
        "replies/a.txt",
        "--into",
        "drafts/new",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    check_ledger(&run, &[("written", 2)]);
    assert!(
        run.stdout
            .contains("2 records in 2 files, into drafts/new:"),
        "{}",
        run.stdout
    );
    assert!(site.path("drafts/new/second.md").exists());
}

#[test]
fn replies_inside_of_the_content_are_warned_about() {
    let site = Site::new().reply("a", "A", "x", "News");
    let run = site.run(&["ingest", "content"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr
            .starts_with("content/a.txt: warning[source-in-content]"),
        "{}",
        run.stderr
    );
    let run = site.run(&["ingest", "content"]);
    check_ledger(&run, &[("record", 1), ("unchanged", 1)]);
}

#[test]
fn wrong_usage_exits_with_2_and_shows_what_to_type() {
    let site = three_replies().file("content/posts/x.md", "x");
    for (arguments, message) in [
        (&["ingest"][..], "<SOURCE>"),
        (&["ingest", "replies", "--every", "2d"], "--start"),
        (&["ingest", "replies", "--start", "tomorrow"], "2026-01-31"),
        (
            &[
                "ingest",
                "replies",
                "--start",
                "2026-01-01",
                "--every",
                "12x",
            ],
            "2w, 1d, 12h or 90m",
        ),
        (&["ingest", "content/posts"], "the folder to write to"),
        (
            &["ingest", "replies", "--start", "9999-12-31"],
            "the calendar ends",
        ),
    ] {
        let run = site.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(
            run.stderr.contains(message),
            "{arguments:?}: {}",
            run.stderr
        );
    }
    assert_eq!(names(&site), ["x.md"]);
}

#[test]
fn source_that_does_not_exist_is_an_error_of_the_machine() {
    let site = three_replies();
    let run = site.run(&["ingest", "replies", "nowhere.txt"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.starts_with("error: cannot read `nowhere.txt`"),
        "{}",
        run.stderr
    );
    assert!(!site.path("content/posts").exists());
}

#[test]
fn folder_that_cannot_be_written_to_is_an_error_of_the_machine() {
    let site = three_replies().file("content/posts", "a file");
    let run = site.run(&["ingest", "replies"]);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("content/posts"), "{}", run.stderr);
}

#[test]
fn empty_folder_is_reported() {
    let site = Site::new().file("replies/picture.png", "x");
    let run = ingest(&site, &[]);
    assert!(
        run.stderr.starts_with("replies: error[no-post-found]"),
        "{}",
        run.stderr
    );
    check_ledger(&run, &[("record", 1), ("rejected", 1)]);
}

/// Changes a post of the three, after it was ingested.
fn change_first(site: &Site) {
    site.write("replies/a.txt", reply("First: one", "alpha and omega"));
}

#[test]
fn file_is_known_whatever_an_editor_does_to_its_encoding() {
    let site = three_replies();
    ingest(&site, &[]);
    let before = names(&site);
    for (path, text) in posts(&site) {
        let text = format!("\u{FEFF}{}", text.trim_end().replace('\n', "\r\n"));
        site.write(&format!("content/posts/{path}"), text);
    }
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("unchanged", 3)]);
    change_first(&site);
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("unchanged", 2), ("updated", 1)]);
    assert_eq!(names(&site), before);
}

#[test]
fn file_that_build_can_read_is_known_to_ingest() {
    let edits: [fn(&str) -> String; 3] = [
        |text| format!("\u{FEFF}\u{FEFF}{text}"),
        |text| text.replace('\n', "\r"),
        |text| format!("\u{200B}\r{text}"),
    ];
    for edit in edits {
        let site = three_replies();
        ingest(&site, &[]);
        let before = names(&site);
        for (path, text) in posts(&site) {
            site.write(&format!("content/posts/{path}"), edit(&text));
        }
        check_ledger(&ingest(&site, &[]), &[("unchanged", 3)]);
        change_first(&site);
        let run = ingest(&site, &[]);
        check_ledger(&run, &[("unchanged", 2), ("updated", 1)]);
        assert_eq!(names(&site), before);
    }
}

#[test]
fn file_is_known_whatever_an_editor_does_to_its_keys() {
    let site = three_replies();
    ingest(&site, &[]);
    let before = names(&site);
    for (path, text) in posts(&site) {
        let (head, body) = text
            .trim_start_matches("---\n")
            .split_once("---\n")
            .unwrap();
        let (fields, source) = head.split_once("source:\n").unwrap();
        let text = format!(
            "---\nsource:\n{}{fields}---\n{body}",
            source.replace('\'', "\"")
        );
        site.write(&format!("content/posts/{path}"), text);
    }
    change_first(&site);
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("unchanged", 2), ("kept", 1)]);
    assert_eq!(names(&site), before);
}

#[test]
fn folder_with_the_name_of_a_post_does_no_harm() {
    let site = three_replies();
    std::fs::create_dir_all(site.path("content/posts/second.md")).unwrap();
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("written", 3)]);
    assert_eq!(names(&site), ["first-one.md", "second-2.md", "third.md"]);
}

#[test]
fn value_that_moves_to_another_key_is_a_change() {
    let with =
        |key: &str| format!("---\ntitle: One\n{key}: digitalCapture\n---\nThe text of one.\n");
    let site = Site::new().file("replies/a.md", with("disclosure"));
    ingest(&site, &[]);
    site.write("replies/a.md", with("digital_source_type"));
    check_ledger(&ingest(&site, &[]), &[("updated", 1)]);
    let text = &posts(&site)["one.md"];
    assert!(
        text.contains("\ndigital_source_type: digitalCapture\n"),
        "{text}"
    );
}

#[test]
fn original_is_published_and_its_copy_is_not() {
    let text =
        |tags: &str| format!("TITLE: One\nTAGS: {tags}\n\nThe text of one.\n\n-EndOFText-\n");
    let site = Site::new()
        .file("replies/copy of reply059.txt", text("a"))
        .file("replies/reply059.txt", text("b"));
    let run = ingest(&site, &[]);
    check_ledger(&run, &[("written", 1), ("rejected", 1)]);
    let expected = "replies/copy of reply059.txt:1: error[duplicate-post]";
    assert!(run.stderr.contains(expected), "{}", run.stderr);
    assert!(posts(&site)["one.md"].contains("file: replies/reply059.txt"));
}

#[test]
fn strings_that_yaml_1_1_reads_as_something_else_are_quoted() {
    let reply = "TITLE: 12:30:45\nTAGS: no, y, 0x1F, 1_000, 2024-01-01, tea\nDATE: 2026-01-02\n\n\
                 The text of one.\n\n-EndOFText-\n";
    let site = Site::new().file("replies/a.txt", reply);
    ingest(&site, &[]);
    let (_, text) = posts(&site).into_iter().next().unwrap();
    let expected = "---\ntitle: '12:30:45'\ndescription: The text of one.\ntags:\n- 'no'\n- 'y'\n\
                    - '0x1F'\n- '1 000'\n- '2024-01-01'\n- tea\ndate: 2026-01-02\n";
    assert!(text.starts_with(expected), "{text}");
}

#[cfg(unix)]
#[test]
fn linked_file_stays_a_link_and_every_file_keeps_its_mode() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let site = three_replies();
    ingest(&site, &[]);
    let (path, note) = (
        site.path("content/posts/first-one.md"),
        site.path("notes.md"),
    );
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    std::fs::rename(&path, &note).unwrap();
    symlink(&note, &path).unwrap();
    change_first(&site);
    check_ledger(&ingest(&site, &[]), &[("updated", 1), ("unchanged", 2)]);
    assert!(path.is_symlink());
    let mode = std::fs::metadata(&note).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(
        std::fs::read_to_string(&note)
            .unwrap()
            .contains("alpha and omega")
    );
}
