//! Tests `pressrun shard`: a site that is built in steps is the one that `pressrun build` makes, and no
//! step trusts what is damaged, foreign or of another plan.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::incremental::edits::{Edit, edit, reply};
use crate::incremental::workshop::{Outcome, Workshop};
use crate::pictures::png_header;
use crate::site::{Run, Site, tree};

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn site_of_any_shards_is_that_of_a_build(
        edits in prop::collection::vec(edit(), 4..24),
        replies in prop::collection::vec(reply(), 0..40),
        shards in 1..6_u32,
    ) {
        check_random_site(edits, &replies, shards)?;
    }
}

fn check_random_site(
    edits: Vec<Edit>,
    replies: &[String],
    shards: u32,
) -> Result<(), TestCaseError> {
    let mut workshop = Workshop::new();
    // A file that is divided, if it is large enough.
    let lines = replies.iter().enumerate().map(|(at, reply)| match at % 9 {
        4 => "{\"broken\": \n".to_owned(),
        _ => format!(
            "{}\n",
            serde_json::json!({ "id": at % 20, "response": reply })
        ),
    });
    let lines = Edit::Write("content/lines.jsonl", lines.collect());
    for edit in std::iter::once(lines).chain(edits) {
        workshop.apply(&edit);
    }
    let expected = workshop.build(workshop.root());
    let work = tempfile::tempdir().unwrap();
    let found = workshop.build_in_shards(work.path(), shards);
    // Of several pages with one fault, each way may name another.
    if let (Outcome::Wrong(_), Outcome::Wrong(_)) = (&found, &expected) {
        return Ok(());
    }
    prop_assert_eq!(&found, &expected);
    if let Outcome::Built(..) = found {
        let expected = tree(&workshop.root().join("public"));
        let found = tree(&work.path().join("site"));
        let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
        prop_assert_eq!(names(&found), names(&expected));
        for (name, bytes) in &found {
            prop_assert!(*bytes == expected[name], "{} differs", name);
        }
    }
    Ok(())
}

type Files = std::collections::BTreeMap<String, Vec<u8>>;

/// A site with everything whose pages show more than their own posts.
fn rich_site() -> Site {
    let mut site = Site::with_config(
        "title = \"Rich\"\nbase_url = \"https://example.org/rich/\"\n\
         [content]\ndates = \"none\"\nnear_duplicates = \"canonical\"\n\
         [lists]\nper_page = 3\n[output]\nmarkdown = true\nllms = true\n\
         [authors.jane]\nname = \"Jane Doe\"\n[authors.kim]\nname = \"Kim\"\n",
    );
    for number in 0..40 {
        let language = ["en", "de", "ja"][number % 3];
        let text = format!(
            "---\ntitle: Post {number}\ndate: 2026-0{}-{:02}\ntags: [tag {}, tag {}]\ncategories: [c{}]\n\
             authors: [{}]\nseries: Series {}\nlang: {language}\ntranslation_key: key{}\n\
             aliases: [/was/{number}/]\n---\n\nWords of post {number} about things {}. \
             [next](post{}.md) [[Post {}]] ![p](p.png)\n\n$x^{number}$\n\n```rust\nfn f{number}() {{}}\n```\n",
            1 + number % 5,
            1 + number % 28,
            number % 4,
            number % 7,
            number % 2,
            ["jane", "kim"][number % 2],
            number % 5,
            number / 2,
            number % 6,
            (number + 1) % 40,
            (number + 7) % 40,
        );
        site = site.file(&format!("content/posts/post{number}.md"), text);
    }
    // Large enough to be divided.
    let lines: Vec<String> = (0..30)
        .map(|number| {
            let words = (0..150).map(|at| format!("w{}", number * at + at));
            let filler = words.collect::<Vec<_>>().join(" ");
            let text = format!(
                "TITLE: Line {number}\nMETA_DESCRIPTION: About line {number}.\nTAGS: tag {}\n\
                 CATEGORIES: c1\n\nThe text of line {number} has a few words: {filler}.\n\n-EndOfText-",
                number % 3
            );
            serde_json::json!({ "id": format!("r{number}"), "response": text }).to_string()
        })
        .collect();
    site.file("content/lines.jsonl", lines.join("\n") + "\n")
        .file("content/posts/p.png", png_header(7, 5))
        .file(
            "content/pages/about.md",
            "---\ntitle: About\nmenu: true\n---\n[[Post 3]]\n",
        )
        .file(
            "content/tags/tag-1.md",
            "---\ntitle: One\n---\nAbout tag 1: [p](../posts/post1.md)\n",
        )
        .file("static/robots.txt", "User-agent: *\n")
}

fn run(site: &Site, work: &Path, arguments: &[&str]) -> Run {
    let work = work.to_str().unwrap();
    site.run(&[&["shard"], arguments, &[work]].concat())
}

fn run_well(site: &Site, work: &Path, arguments: &[&str]) -> Run {
    let run = run(site, work, arguments);
    assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
    run
}

const SHARDS: [&str; 3] = ["0", "1", "2"];

/// Runs every step.
fn run_all(site: &Site, work: &Path) {
    run_well(site, work, &["plan", "--shards", "3"]);
    for shard in SHARDS {
        run_well(site, work, &["read", shard]);
    }
    run_well(site, work, &["gather"]);
    for shard in SHARDS {
        run_well(site, work, &["render", shard]);
    }
    run_well(site, work, &["finish"]);
}

#[test]
fn steps_make_the_site_of_a_build_whoever_runs_them_twice() {
    let site = rich_site();
    site.build();
    let work = tempfile::tempdir().unwrap();
    run_all(&site, work.path());
    let first = tree(work.path());
    let sources = SHARDS.map(|shard| {
        let manifest = fs::read(work.path().join(format!("read/{shard}.json"))).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        manifest["counts"]["sources"].as_u64().unwrap()
    });
    let files = tree(&site.path("content")).len() as u64 - 1;
    assert!(sources.iter().sum::<u64>() > files, "{sources:?} {files}");
    assert!(tree(&work.path().join("site")) == site.public());
    // All files are there already, and stay as they are.
    run_all(&site, work.path());
    assert!(tree(work.path()) == first);
    let run = run_well(&site, work.path(), &["render", "1", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["already_done"], true);
    assert!(json["counts"]["files"].as_u64().unwrap() > 10);
    let run = run_well(&site, work.path(), &["finish", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["site"]["ledger"]["published"], 70);
}

#[test]
fn step_without_the_one_before_names_it() {
    let site = rich_site();
    let work = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str], help: &str| {
        let run = run(&site, work.path(), arguments);
        assert_eq!(run.code, 1, "{arguments:?}");
        assert!(run.stderr.contains("piece-unusable"), "{}", run.stderr);
        assert!(run.stderr.contains(help), "{}", run.stderr);
    };
    refused(&["read", "0"], "pressrun shard plan");
    run_well(&site, work.path(), &["plan", "--shards", "3"]);
    refused(&["gather"], "pressrun shard read 0");
    for shard in SHARDS {
        run_well(&site, work.path(), &["read", shard]);
    }
    refused(&["render", "2"], "pressrun shard gather");
    refused(&["finish"], "pressrun shard gather");
    run_well(&site, work.path(), &["gather"]);
    refused(&["finish"], "pressrun shard render 0");
    let run = run(&site, work.path(), &["read", "3"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
}

#[test]
fn each_damaged_file_is_refused_or_made_again() {
    let site = rich_site();
    let work = tempfile::tempdir().unwrap();
    run_all(&site, work.path());
    let good = tree(&work.path().join("site"));
    let harms: [fn(&mut Vec<u8>); 3] = [
        |bytes| bytes.clear(),
        |bytes| bytes.truncate(bytes.len() / 2),
        |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        },
    ];
    for (name, bytes) in tree(work.path()) {
        if name.starts_with("site/") || bytes.is_empty() {
            continue;
        }
        for harm in harms {
            let mut harmed = bytes.clone();
            harm(&mut harmed);
            fs::write(work.path().join(&name), &harmed).unwrap();
            follow_the_advice(&site, work.path(), &name);
            assert!(tree(&work.path().join("site")) == good, "{name}");
        }
    }
}

/// Runs the last step, and whatever the refusals name, until the site is finished.
fn follow_the_advice(site: &Site, work: &Path, harmed: &str) {
    for _ in 0..8 {
        let last = run(site, work, &["finish"]);
        if last.code == 0 {
            return;
        }
        let mut advice = last.stderr;
        loop {
            let command = advice.split("run `pressrun shard ").nth(1);
            let command = command.unwrap_or_else(|| panic!("{harmed}: {advice}"));
            let command = command.split('`').next().unwrap();
            if command.starts_with("plan") {
                run_well(site, work, &["plan", "--force", "--shards", "3"]);
                run_all(site, work);
                break;
            }
            let words: Vec<&str> = command.split(' ').collect();
            let again = run(site, work, &words[..words.len() - 1]);
            if again.code == 0 {
                break;
            }
            advice = again.stderr;
        }
    }
    panic!("the advice for {harmed} leads nowhere");
}

#[test]
fn source_that_changes_after_it_was_read_is_noticed_when_it_is_read_again() {
    let site = rich_site();
    let work = tempfile::tempdir().unwrap();
    run_all(&site, work.path());
    site.write("content/lines.jsonl", "{}");
    let refused = run(&site, work.path(), &["read", "0"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("content/lines.jsonl"),
        "{}",
        refused.stderr
    );
}

#[test]
fn work_is_never_where_it_would_be_published() {
    let site = rich_site();
    let refuse = |work: &Path| {
        let refused = run(&site, work, &["plan", "--shards", "2"]);
        assert_eq!(refused.code, 1);
        assert!(
            refused.stderr.contains("of a built site"),
            "{}",
            refused.stderr
        );
    };
    refuse(&site.path("public/work"));
    site.build_with(&["--output", "out"]);
    refuse(&site.path("out/below/work"));
}

#[test]
fn advice_can_be_typed_as_it_is() {
    let site = rich_site();
    let work = tempfile::tempdir().unwrap();
    let work = work.path().join("my work");
    let root = site.path("");
    let words = [
        "shard",
        "gather",
        work.to_str().unwrap(),
        "--root",
        root.to_str().unwrap(),
    ];
    let refused = site.run(&words);
    let advice = format!(
        "shard plan --shards N '{}' --root {}",
        work.display(),
        root.display()
    );
    assert!(refused.stderr.contains(&advice), "{}", refused.stderr);
}

#[test]
fn piece_in_the_place_of_another_is_refused() {
    let site = rich_site();
    let work = tempfile::tempdir().unwrap();
    let replace = |name: &str, other: &str, step: &[&str], help: &str| {
        fs::copy(work.path().join(other), work.path().join(name)).unwrap();
        let refused = run(&site, work.path(), step);
        assert_eq!(refused.code, 1, "{name}");
        assert!(refused.stderr.contains(help), "{}", refused.stderr);
    };
    let plan: &[&str] = &["plan", "--shards", "3"];
    run_well(&site, work.path(), plan);
    replace("plan/1", "plan/0", &["read", "1"], "shard plan --force");
    run_well(&site, work.path(), &[plan, &["--force"]].concat());
    let run_each = |step| {
        for shard in SHARDS {
            run_well(&site, work.path(), &[step, shard]);
        }
    };
    run_each("read");
    replace("read/1.posts", "read/0.posts", &["gather"], "shard read 1");
    run_each("read");
    run_well(&site, work.path(), &["gather"]);
    replace("gather/1", "gather/0", &["render", "1"], "shard gather");
    run_well(&site, work.path(), &["gather"]);
    run_each("render");
    replace(
        "render/1.files",
        "render/0.files",
        &["finish"],
        "shard render 1",
    );
}

#[test]
fn page_that_is_lost_is_made_again_and_one_too_many_is_named() {
    let site = rich_site();
    let work = tempfile::tempdir().unwrap();
    run_all(&site, work.path());
    let good = tree(&work.path().join("site"));
    for page in [
        "site/posts/post-3/index.html",
        "site/atom.xml",
        "site/page/2/index.html",
    ] {
        fs::remove_file(work.path().join(page)).unwrap();
        follow_the_advice(&site, work.path(), page);
        assert!(tree(&work.path().join("site")) == good, "{page}");
    }
    // A page with other bytes is noticed where all are read again.
    let page = work.path().join("site/posts/post-3/index.html");
    let mut bytes = fs::read(&page).unwrap();
    bytes[100] ^= 1;
    fs::write(&page, bytes).unwrap();
    assert_eq!(run(&site, work.path(), &["finish"]).code, 0);
    let refused = run(&site, work.path(), &["finish", "--verify"]);
    assert!(refused.stderr.contains("post-3"), "{}", refused.stderr);
    for shard in SHARDS {
        run_well(&site, work.path(), &["render", shard]);
    }
    run_well(&site, work.path(), &["finish", "--verify"]);
    assert!(tree(&work.path().join("site")) == good);
    fs::write(work.path().join("site/more.html"), "x").unwrap();
    let refused = run(&site, work.path(), &["finish"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("more.html"), "{}", refused.stderr);
}

#[test]
fn change_after_the_plan_is_noticed() {
    let site = rich_site();
    let work = tempfile::tempdir().unwrap();
    let steps: [(&str, &str, &[&str]); 6] = [
        ("content/lines.jsonl", "{}", &["read", "0"]),
        ("site.toml", "title = \"Other\"\n", &["gather"]),
        ("reviews.toml", "", &["gather"]),
        ("static/robots.txt", "longer than it was\n", &["gather"]),
        ("templates/post.html", "own", &["render", "0"]),
        ("data/team.toml", "a = 1\n", &["finish"]),
    ];
    for (path, text, step) in steps {
        let before = fs::read(site.path(path));
        run_well(&site, work.path(), &["plan", "--force", "--shards", "3"]);
        for shard in SHARDS {
            if step[0] != "read" {
                run_well(&site, work.path(), &["read", shard]);
            }
        }
        if step[0] == "render" {
            run_well(&site, work.path(), &["gather"]);
        }
        site.write(path, text);
        let refused = run(&site, work.path(), step);
        assert_eq!(refused.code, 1, "{path}: {}", refused.stderr);
        assert!(
            refused.stderr.contains("piece-unusable"),
            "{}",
            refused.stderr
        );
        match before {
            Ok(bytes) => site.write(path, bytes),
            Err(_) => site.remove(path),
        }
    }
}

#[test]
fn folder_of_others_is_no_work_folder() {
    let site = rich_site();
    let work = tempfile::tempdir().unwrap();
    fs::write(work.path().join("mine.txt"), "x").unwrap();
    let refused = run(&site, work.path(), &["plan", "--shards", "2", "--force"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("mine.txt"), "{}", refused.stderr);
    let inside = site.path("content/work");
    let refused = run(&site, &inside, &["plan", "--shards", "2"]);
    assert!(
        refused.stderr.contains("it is in the folder `content`"),
        "{}",
        refused.stderr
    );
    // The plan of another site is not replaced unless that is wanted.
    let work = tempfile::tempdir().unwrap();
    run_well(&site, work.path(), &["plan", "--shards", "2"]);
    let refused = run(&site, work.path(), &["plan", "--shards", "3"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    run_well(&site, work.path(), &["plan", "--shards", "3", "--force"]);
}

#[test]
fn rejected_reply_stops_the_last_step_if_that_is_wanted() {
    let site = Site::new()
        .reply("good", "Good", "a", "b")
        .file("content/bad.txt", "TITLE: Bad\n");
    let work = tempfile::tempdir().unwrap();
    run_all(&site, work.path());
    assert_eq!(run(&site, work.path(), &["finish", "--strict"]).code, 1);
}
