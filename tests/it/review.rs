//! Tests which posts are kept back until a person approves them, and what an approval survives.

use serde_json::Value;

use crate::remote::{self, cloned, publish, refused};
use crate::repository::Repository;
use crate::serve::client::Preview;
use crate::site::{Run, Site};

const POST: &str = "content/herbs.md";

/// Front matter of a post that `generate` made and `ingest` wrote.
const SOURCE: &str = "source:\n  file: generated/replies.jsonl\n  record: 1\n  generated: true\n  \
                      reply: 0b4dcfa77e1d8c0c2a6b5f1f6d1f8e55\n  hash: 2c26b46b68ffc68ff99b453c1d304134\n";

/// A post of `generate`, in whose front matter are these lines too.
fn generated(lines: &str) -> String {
    format!(
        "---\ntitle: Herbs on the sill\ndescription: How herbs grow indoors.\ntags:\n- basil\ncategories:\n\
         - Garden\n{lines}{SOURCE}---\n\nHerbs want light and a little water.\n"
    )
}

/// A site with one post of `generate` that states this date.
fn waiting(lines: &str) -> Site {
    Site::new().file(POST, generated(lines))
}

/// The hash of the text of the post in a file.
#[track_caller]
fn text_hash(site: &Site, file: &str) -> String {
    let run = site.run(&["inspect", "--format", "json", file]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    found["posts"][0]["text_hash"].as_str().unwrap().to_owned()
}

fn mark(kind: &str, hash: &str) -> String {
    format!("{kind}:\n  hash: {hash}\n  by: Ann\n  on: 2026-06-01\n")
}

/// Writes a mark into the front matter of the post.
fn add_mark(site: &Site, file: &str, kind: &str) {
    let mark = mark(kind, &text_hash(site, file));
    let text = std::fs::read_to_string(site.path(file)).unwrap();
    site.write(file, text.replacen("---\n", &format!("---\n{mark}"), 1));
}

fn edit(site: &Site, file: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(site.path(file)).unwrap();
    assert!(text.contains(from), "{text}");
    site.write(file, text.replacen(from, to, 1));
}

/// Builds the site, and checks how many posts are published and how many wait.
#[track_caller]
fn check_counts(site: &Site, published: usize, unapproved: usize) -> Run {
    let run = site.build();
    let first = run.stdout.lines().next().unwrap().to_owned();
    let says = |text: &str| first.contains(text);
    assert!(says(&format!(" {published} published")), "{first}");
    match unapproved {
        0 => assert!(!says("without approval"), "{first}"),
        _ => assert!(says(&format!(", {unapproved} without approval")), "{first}"),
    }
    run
}

/// Writes `reviews.toml` with an entry for each title of a file.
fn book(kind: &str, file: &str, entries: &[(&str, &str)]) -> String {
    let entries = entries.iter().map(|(hash, title)| {
        format!(
            "[[{kind}]]\nhash = \"{hash}\"\nfile = \"{file}\"\ntitle = \"{title}\"\nby = \"Ann\"\non = 2026-06-01\n"
        )
    });
    entries.collect()
}

#[test]
fn generated_post_is_published_only_while_its_text_is_the_approved_one() {
    let site = waiting("");
    check_counts(&site, 0, 1);
    add_mark(&site, POST, "approved");
    check_counts(&site, 1, 0);
    let approved = std::fs::read_to_string(site.path(POST)).unwrap();
    for (from, to) in [
        ("Herbs on the sill", "Herbs on a sill"),
        ("How herbs grow", "Where herbs grow"),
        ("- basil", "- thyme"),
        ("- Garden", "- Kitchen"),
        ("a little water", "little water"),
        ("categories:", "cover: a.png\ncover_alt: Basil\ncategories:"),
        ("categories:", "subtitle: Green\ncategories:"),
        ("categories:", "author: Bea\ncategories:"),
        ("categories:", "disclosure: By a model\ncategories:"),
        ("categories:", "harbour: north\ncategories:"),
    ] {
        edit(&site, POST, from, to);
        let run = check_counts(&site, 0, 1);
        assert!(
            run.stderr.contains("approval-outdated"),
            "{from}: {}",
            run.stderr
        );
        assert!(
            run.stdout.contains("1 changed after the approval"),
            "{}",
            run.stdout
        );
        site.write(POST, &approved);
    }
    check_counts(&site, 1, 0);
}

#[test]
fn dates_addresses_and_drafts_may_change_after_an_approval() {
    let site = waiting("slug: herbs\ndate: 2026-05-01\n");
    add_mark(&site, POST, "approved");
    for (from, to) in [
        (
            "date: 2026-05-01",
            "date: 2026-06-02T08:00:00Z\nupdated: 2026-06-03",
        ),
        ("slug: herbs", "slug: sill\naliases: [/herbs/]"),
        (
            "slug: sill",
            "permalink: /sill/\ntranslation_key: sill\nnoindex: true",
        ),
        ("permalink: /sill/", "language: en\nweight: 3"),
    ] {
        edit(&site, POST, from, to);
        check_counts(&site, 1, 0);
    }
    edit(&site, POST, "weight: 3", "draft: true");
    let run = check_counts(&site, 0, 0);
    assert!(run.stdout.contains("1 draft"), "{}", run.stdout);
    edit(&site, POST, "draft: true", "draft: false");
    check_counts(&site, 1, 0);
    // The file may move, and have another name.
    std::fs::create_dir_all(site.path("content/deep")).unwrap();
    let to = "content/deep/2026-06-02-other.md";
    std::fs::rename(site.path(POST), site.path(to)).unwrap();
    check_counts(&site, 1, 0);
    // Line ends and a byte order mark are no words.
    let text = std::fs::read_to_string(site.path(to)).unwrap();
    site.write(to, format!("\u{feff}{}", text.replace('\n', "\r\n")));
    check_counts(&site, 1, 0);
}

#[test]
fn revoked_and_rejected_posts_are_kept_back() {
    let site = waiting("draft: true\n");
    let unmarked = std::fs::read_to_string(site.path(POST)).unwrap();
    // A post of `generate` that is a draft waits for an approval, and not for its author.
    check_counts(&site, 0, 1);
    edit(&site, POST, "draft: true\n", "");
    add_mark(&site, POST, "approved");
    check_counts(&site, 1, 0);
    // A rejection goes before an approval.
    add_mark(&site, POST, "rejected");
    let run = check_counts(&site, 0, 1);
    assert!(run.stdout.contains("(1 rejected)"), "{}", run.stdout);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    // What was rejected and then changed must be read again.
    edit(&site, POST, "a little water", "much water");
    let run = check_counts(&site, 0, 1);
    assert!(!run.stdout.contains("rejected)"), "{}", run.stdout);
    site.write(POST, unmarked);
    check_counts(&site, 0, 1);
}

#[test]
fn site_says_which_posts_need_an_approval() {
    let config = |required: &str| {
        format!(
            "title = \"Test\"\n[content]\ndates = \"none\"\n[review]\nrequired = \"{required}\"\n"
        )
    };
    let site = waiting("").reply("own", "Own", "a", "News").file(
        "content/pages/about.md",
        "---\ntitle: About\n---\n\nOf us.\n",
    );
    for (required, published, pages, unapproved) in
        [("none", 2, 1, 0), ("generated", 1, 1, 1), ("all", 0, 0, 3)]
    {
        site.write("site.toml", config(required));
        let run = check_counts(&site, published, unapproved);
        assert_eq!(
            run.stdout.contains(", 1 page"),
            pages == 1,
            "{}",
            run.stdout
        );
    }
    add_mark(&site, "content/pages/about.md", "approved");
    let run = check_counts(&site, 0, 2);
    assert!(run.stdout.contains(", 1 page"), "{}", run.stdout);
    // A rejection counts whatever the site requires.
    site.write("site.toml", config("none"));
    add_mark(&site, POST, "rejected");
    check_counts(&site, 1, 1);
    site.write("site.toml", config("some"));
    let run = site.run(&["build"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("`required` takes"), "{}", run.stderr);
}

/// A site with published posts of all kinds.
fn site_with_everything() -> Site {
    let published = "---\ntitle: Bread at home\ndate: 2026-05-02\ntags: [bread, basil]\ncategories: [Kitchen]\n\
                     series: Home\nauthors: [Bea]\n---\n\nBread wants flour, and [herbs](herbs.md).\n";
    Site::with_config(
        "title = \"Test\"\nbase_url = \"https://a.example/repo/\"\n[content]\ndates = \"none\"\n\
         [disclosure]\nlabel = \"By a model\"\n",
    )
    .file("content/bread.md", published)
    .file(
        "content/pages/about.md",
        "---\ntitle: About\nmenu: true\n---\n\nOf us.\n",
    )
    .file("content/tags/basil.md", "Basil is a herb.\n")
}

#[test]
fn post_without_approval_leaves_no_trace_in_the_site() {
    let lines = "date: 2026-05-01\naliases: [/xylophone-old/]\nseries: Xylophone\nauthors: [Xylophone]\n\
                 translation_key: bread\nslug: xylophone\nmood: xylophone\n";
    let text = generated(lines)
        .replace("Herbs on the sill", "Xylophone on the sill")
        .replace("How herbs grow", "How the xylophone grows")
        .replace("- basil", "- basil\n- xylophone")
        .replace("- Garden", "- Xylophone")
        .replace("want light", "want a xylophone");
    let without = site_with_everything();
    without.build();
    let site = site_with_everything().file(POST, &text).file(
        "content/pages/herb.md",
        text.replace("slug: xylophone", "menu: true"),
    );
    for mark in ["", "approved", "rejected"] {
        if !mark.is_empty() {
            for file in [POST, "content/pages/herb.md"] {
                add_mark(&site, file, mark);
                if mark == "approved" {
                    edit(&site, file, "a little water", "water");
                }
            }
        }
        check_counts(&site, 1, 2);
        let own = |site: &Site| {
            let mut files = site.public();
            // It holds hashes of what the pages were made from.
            files.remove(".pressrun-manifest");
            files
        };
        let (found, expected) = (own(&site), own(&without));
        for (path, bytes) in &found {
            let text = String::from_utf8_lossy(bytes).to_lowercase();
            assert!(!text.contains("xylophone"), "{path}");
            assert!(!path.contains("xylophone"), "{path}");
            assert!(expected.get(path) == Some(bytes), "{path} differs");
        }
        assert_eq!(found.len(), expected.len());
        let leaks = |arguments: &[&str]| {
            let run = site.run(arguments);
            run.stdout.to_lowercase().contains("xylophone")
        };
        // Commands for the author name it.
        assert!(leaks(&["check"]));
    }
}

#[test]
fn approval_belongs_to_the_text_whatever_the_site_makes_of_it() {
    let one = Site::new().file(POST, generated(""));
    add_mark(&one, POST, "approved");
    let text = std::fs::read_to_string(one.path(POST)).unwrap();
    let other = Site::with_config(
        "title = \"Test\"\nlanguage = \"de\"\n[content]\ndates = \"none\"\nslug_from = \"file\"\n\
         [tags]\naliases = { basil = \"Basilikum\" }\n[categories]\nallowed = [\"Garten\", \"Küche\"]\n\
         off_list = \"drop\"\n[markdown]\nraw_html = \"escape\"\n",
    )
    .file("content/2026-06-01-other.md", &text);
    check_counts(&other, 1, 0);
    // Two sites with one file, of which one requires the approval of all.
    let strict = Site::with_config(
        "title = \"T\"\n[content]\ndates = \"none\"\n[review]\nrequired = \"all\"\n",
    )
    .file(POST, text);
    check_counts(&strict, 1, 0);
}

#[test]
fn replies_as_they_are_have_their_approvals_in_a_book() {
    let reply = |title: &str| {
        format!(
            "TITLE: {title}\nTAGS: a\nCATEGORIES: News\n\nThe text of {title} has its words.\n\n-EndOFText-\n"
        )
    };
    let config = "title = \"Test\"\n[content]\ndates = \"none\"\n[review]\nrequired = \"all\"\n";
    let file = "content/july.txt";
    let site = Site::with_config(config).file(file, reply("One") + &reply("Two") + &reply("Three"));
    check_counts(&site, 0, 3);
    let run = site.run(&["inspect", "--format", "json", file]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let hash = |at: usize| found["posts"][at]["text_hash"].as_str().unwrap().to_owned();
    let (one, two) = (hash(0), hash(1));
    site.write(
        "reviews.toml",
        book("approved", file, &[(&one, "One"), (&two, "Two")]),
    );
    check_counts(&site, 2, 1);
    assert!(site.path("public/posts/two/index.html").exists());
    // One of several is edited: the others stay.
    edit(&site, file, "The text of Two", "The words of Two");
    let run = check_counts(&site, 1, 2);
    assert!(
        run.stdout.contains("1 changed after the approval"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr
            .contains("content/july.txt:8: warning[approval-outdated]"),
        "{}",
        run.stderr
    );
    edit(&site, file, "The words of Two", "The text of Two");
    // Replies may move to other files, and be deleted.
    site.write("content/two.txt", reply("Two"));
    site.write(file, reply("Three"));
    check_counts(&site, 1, 1);
    site.write(
        "content/one.json",
        serde_json::json!([{"response": reply("One")}]).to_string(),
    );
    check_counts(&site, 2, 1);
    let text = book("approved", file, &[(&one, "One")]) + &book("rejected", file, &[(&one, "One")]);
    site.write("reviews.toml", text);
    let run = check_counts(&site, 0, 3);
    assert!(run.stdout.contains("1 rejected"), "{}", run.stdout);
}

#[test]
fn broken_book_stops_every_command_that_decides_with_its_place() {
    let site = waiting("");
    let hash = text_hash(&site, POST);
    let good = book("approved", POST, &[(&hash, "Herbs on the sill")]);
    site.write("reviews.toml", &good);
    check_counts(&site, 1, 0);
    let before = site.public();
    for (text, place) in [
        (good.replace("hash = ", "hush = "), "reviews.toml:2"),
        (good.replace(&hash, "0b4d"), "reviews.toml:2"),
        (format!("{good}[[approved]\n"), "reviews.toml:7"),
        (
            good.replace("on = 2026-06-01", "on = 2026-13-01"),
            "reviews.toml:6",
        ),
    ] {
        site.write("reviews.toml", &text);
        for command in ["build", "check", "report"] {
            let run = site.run(&[command]);
            assert_eq!(run.code, 1, "{command} {text}");
            assert!(
                run.stderr.contains(place),
                "{command}: no {place} in {}",
                run.stderr
            );
        }
        assert!(before == site.public());
    }
}

#[test]
fn reply_cannot_approve_itself() {
    let hash = text_hash(&waiting(""), POST);
    let front = format!(
        "---\ntitle: Herbs on the sill\n{}---\n\nText.\n",
        mark("approved", &hash)
    );
    let inside = |text: &str| {
        serde_json::json!({
            "response": text, "generated_by": "pressrun", "approved": {"hash": hash, "by": "Ann"}, "draft": false,
        })
    };
    let site = Site::new()
        .file("content/a.jsonl", format!("{}\n", inside(&front)))
        .file(
            "content/b.json",
            inside("TITLE: Other\nAPPROVED: true\n\nWords.\n\n-EndOFText-\n").to_string(),
        );
    check_counts(&site, 0, 2);
    // Not even with the hash of its own text.
    for file in ["content/a.jsonl", "content/b.json"] {
        let own = text_hash(&site, file);
        edit(&site, file, &hash, &own);
        let text = std::fs::read_to_string(site.path(file))
            .unwrap()
            .replace(&hash, &own);
        site.write(file, text);
    }
    check_counts(&site, 0, 2);
    // Only the front matter of a file speaks for its post, and not that of a reply in it.
    let all = "title = \"T\"\n[content]\ndates = \"none\"\n[review]\nrequired = \"all\"\n";
    let first = "TITLE: Zero\nTAGS: a\nCATEGORIES: b\n\nWords of it.\n\n-EndOFText-\n\n";
    for head in [
        format!("---\ntitle: One\n{}---\n\nText.\n", mark("approved", &hash)),
        format!("TITLE: One\nAPPROVED: {{hash: {hash}, by: Ann}}\nTAGS: a\n\nText.\n"),
    ] {
        let site = Site::with_config(all).file("content/a.txt", first.to_owned() + &head);
        let own = text_hash(&site, "content/a.txt");
        site.write(
            "content/a.txt",
            first.to_owned() + &head.replace(&hash, &own),
        );
        let run = site.build();
        assert!(run.stdout.contains(" 0 published"), "{}", run.stdout);
    }
}

#[test]
fn post_whose_front_matter_is_damaged_waits_too() {
    let whole = generated("draft: true\n");
    for damaged in [
        whole.replacen(
            "title: Herbs on the sill",
            "<<<<<<< HEAD\ntitle: A\n=======\ntitle: B\n>>>>>>> b",
            1,
        ),
        whole.replacen("---\n\nHerbs", "\nHerbs", 1),
        format!("# Heading\n\n{whole}"),
        whole.replacen("---", " ---", 1),
        whole.replacen("source:", "Source:", 1),
    ] {
        let site = Site::new().file(POST, &damaged);
        let run = site.build();
        assert!(
            run.stdout.contains(" 0 published"),
            "{damaged}{}",
            run.stdout
        );
    }
}

#[test]
fn mark_in_a_reply_that_is_json_approves_nothing() {
    let site = Site::with_config("[review]\nrequired = \"all\"\n");
    let post =
        |marks: &str| format!("{{\"title\": \"Zeta\", \"body\": \"Zeta is a letter.\"{marks}}}");
    let record = |text: &str| {
        serde_json::json!({"id": "z", "topic": "t", "response": text}).to_string() + "\n"
    };
    let site = site.file("content/z.jsonl", record(&post("")));
    let hash = text_hash(&site, "content/z.jsonl");
    std::fs::remove_file(site.path("content/z.jsonl")).unwrap();
    let forged = format!(", \"approved\": {{\"hash\": \"{hash}\", \"by\": \"Ann\"}}");
    let site = site.file("july.jsonl", record(&post(&forged)));
    site.run(&["ingest", "july.jsonl"]);
    check_counts(&site, 0, 1);
}

#[test]
fn due_post_without_approval_is_said_by_check_and_build() {
    let site = waiting("date: 2026-06-15\n");
    let run = check_counts(&site, 0, 1);
    assert!(
        run.stdout.contains("1 without approval (1 due)"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr.contains(&format!(
            "{POST}:1: warning[due-unapproved]: its date (2026-06-15) has come"
        )),
        "{}",
        run.stderr
    );
    let run = site.run(&["check"]);
    assert!(run.stdout.contains("due-unapproved"), "{}", run.stdout);
    assert!(
        run.stdout
            .contains("left out: 1 without approval (1 due)\n  Herbs on the sill"),
        "{}",
        run.stdout
    );
    let run = site.run(&["check", "--format", "json"]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(found["waiting"][0]["review"], "waiting");
    assert_eq!(found["waiting"][0]["due"], true);
    for lines in [
        "date: 2026-06-16\n",
        "",
        "date: 2026-06-01\nexpires: 2026-06-10\n",
    ] {
        site.write(POST, generated(lines));
        let run = check_counts(&site, 0, 1);
        assert!(
            !run.stderr.contains("due-unapproved"),
            "{lines}: {}",
            run.stderr
        );
    }
    // Its day comes while nothing changes: the build is not the same as before.
    site.write(POST, generated("date: 2026-06-16\n"));
    site.build();
    let mut later = site.command();
    later.env("SOURCE_DATE_EPOCH", "1781654400");
    let run = Run::of(later.arg("build"));
    assert!(run.stdout.contains("(1 due)"), "{}", run.stdout);
    assert!(run.stderr.contains("due-unapproved"), "{}", run.stderr);
}

#[test]
fn many_due_posts_are_one_message_of_a_build() {
    let site = Site::new();
    for number in 0..300 {
        let text = generated("date: 2026-06-01\n").replace("Herbs", &format!("Herbs {number}"));
        site.write(&format!("content/{number}.md"), text);
    }
    let run = check_counts(&site, 0, 300);
    assert!(
        run.stdout.contains("300 without approval (300 due)"),
        "{}",
        run.stdout
    );
    assert!(run.stderr.lines().count() < 12, "{}", run.stderr);
    assert!(run.stderr.contains("300 findings"), "{}", run.stderr);
    assert!(!run.stderr.contains("change the prompt"), "{}", run.stderr);
}

#[test]
fn approved_post_appears_with_its_date_and_never_before_it() {
    let site = waiting("date: 2026-06-16\n");
    add_mark(&site, POST, "approved");
    let run = check_counts(&site, 0, 0);
    assert!(
        run.stdout.contains("1 dated in the future"),
        "{}",
        run.stdout
    );
    let date = "datetime=\"2026-06-01\"";
    // Approved after its day, it appears with its day.
    site.write(POST, generated("date: 2026-06-01\n"));
    check_counts(&site, 0, 1);
    add_mark(&site, POST, "approved");
    check_counts(&site, 1, 0);
    assert!(
        site.page("posts/herbs-on-the-sill/index.html")
            .contains(date)
    );
}

#[test]
fn label_of_reviewed_posts_is_shown_only_while_they_are_approved() {
    let config = |lines: &str| {
        format!(
            "title = \"Test\"\n[content]\ndates = \"none\"\n[disclosure]\nlabel = \"Made by a model\"\n\
             digital_source_type = \"trainedAlgorithmicMedia\"\n{lines}"
        )
    };
    let reviewed = "label_reviewed = \"Read by a person\"\n";
    let own = "---\ntitle: Own\n---\n\nOwn words.\n";
    let site = Site::with_config(&config(reviewed))
        .file(POST, generated(""))
        .file("content/own.md", own);
    add_mark(&site, POST, "approved");
    let page = |site: &Site, slug: &str| site.page(&format!("posts/{slug}/index.html"));
    let check = |site: &Site, slug: &str, shown: &[&str]| {
        site.build();
        let page = page(site, slug);
        for label in ["Made by a model", "Read by a person", "By me"] {
            assert_eq!(
                page.contains(label),
                shown.contains(&label),
                "{label} in {slug}"
            );
        }
        assert!(
            page.contains("TrainedAlgorithmicMediaDigitalSource"),
            "{slug}"
        );
        // What a build on top of the last one gives is what a clean one gives.
        let mut incremental = site.public();
        std::fs::remove_dir_all(site.path("public")).unwrap();
        std::fs::remove_dir_all(site.path(".pressrun")).unwrap();
        site.build();
        let mut clean = site.public();
        for files in [&mut incremental, &mut clean] {
            files.remove(".pressrun-manifest");
        }
        assert!(incremental == clean, "{slug}");
    };
    check(&site, "herbs-on-the-sill", &["Read by a person"]);
    check(&site, "own", &["Made by a model"]);
    // Nobody needs to approve it, but somebody did.
    add_mark(&site, "content/own.md", "approved");
    check(&site, "own", &["Read by a person"]);
    edit(&site, "content/own.md", "Own words", "Other words");
    check(&site, "own", &["Made by a model"]);
    site.write("site.toml", config("label_reviewed = \"\"\n"));
    check(&site, "herbs-on-the-sill", &[]);
    check(&site, "own", &["Made by a model"]);
    site.write("site.toml", config(""));
    check(&site, "herbs-on-the-sill", &["Made by a model"]);
    site.write("site.toml", config(reviewed));
    site.write(POST, generated("disclosure: By me\n"));
    add_mark(&site, POST, "approved");
    check(&site, "herbs-on-the-sill", &["By me"]);
}

#[test]
fn files_of_a_build_with_drafts_are_not_published() {
    let repository = Repository::with_remote(remote::site().file(POST, generated("")));
    let page = "posts/herbs-on-the-sill/index.html";
    // The list of written files says which are left, so the next build removes them.
    repository.run(&["build", "--drafts"]);
    assert!(repository.site.path("public").join(page).exists());
    publish(&repository, &[]);
    let clone = tempfile::tempdir().unwrap();
    let files = cloned(&repository, &clone.path().join("site"));
    for (path, bytes) in &files {
        assert!(
            !String::from_utf8_lossy(bytes).contains("Herbs on the sill"),
            "{path}"
        );
    }
    // Without that list nobody knows where they come from.
    repository.run(&["build", "--drafts"]);
    std::fs::remove_file(repository.site.path("public/.pressrun-manifest")).unwrap();
    repository.run(&["build", "--force"]);
    assert!(repository.site.path("public").join(page).exists());
    for arguments in [&[][..], &["--dry-run"], &["--no-history"]] {
        let run = refused(&repository, arguments, "unapproved-page");
        assert!(run.stderr.contains(page), "{}", run.stderr);
        assert!(
            run.stderr.contains("tags/basil/index.html"),
            "{}",
            run.stderr
        );
    }
    let run = repository.run(&["publish", "--allow", "unapproved-page"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    // The search index and the cards of that build cannot be read, so they are not published either.
    for file in [page, "tags/basil/index.html"] {
        repository.site.remove(&format!("public/{file}"));
    }
    let run = refused(&repository, &["--dry-run"], "unapproved-page");
    assert!(run.stderr.contains("pagefind/"), "{}", run.stderr);
    // Approved, it may go out.
    add_mark(&repository.site, POST, "approved");
    std::fs::remove_dir_all(repository.site.path("public")).unwrap();
    publish(&repository, &[]);
}

#[test]
fn live_post_that_was_changed_is_not_taken_away_in_silence() {
    let repository = Repository::with_remote(remote::site().file(POST, generated("")));
    add_mark(&repository.site, POST, "approved");
    publish(&repository, &[]);
    edit(&repository.site, POST, "a little water", "much water");
    let run = refused(&repository, &[], "address-gone");
    assert!(
        run.stderr.contains("was changed after its approval"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains(&format!("pressrun approve {POST} --by NAME")),
        "{}",
        run.stderr
    );
    publish(&repository, &["--allow", "address-gone"]);
}

#[test]
fn doctor_counts_posts_without_approval_and_schedules_only_the_others() {
    let repository = Repository::with_remote(remote::site());
    let site = &repository.site;
    for number in 0..30 {
        let text = generated("date: 2026-07-01\n").replace("Herbs", &format!("Herbs {number}"));
        site.write(&format!("content/w{number:02}.md"), text);
    }
    let run = repository.run(&["--verbose", "check", "--deploy"]);
    assert_eq!(
        run.stdout.matches("info[unapproved-left-out]").count(),
        11,
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("20 more posts wait for an approval"),
        "{}",
        run.stdout
    );
    // Nothing will appear by itself, so the workflow needs no schedule.
    repository.run(&["publish", "--workflow"]);
    let workflow = ".github/workflows/pages.yml";
    let text = std::fs::read_to_string(site.path(workflow)).unwrap();
    assert!(!text.contains("cron:"), "{text}");
    let run = repository.run(&["check", "--deploy"]);
    assert!(!run.stdout.contains("no-schedule"), "{}", run.stdout);
    add_mark(site, "content/w00.md", "approved");
    let run = repository.run(&["check", "--deploy"]);
    assert!(run.stdout.contains("no-schedule"), "{}", run.stdout);
    assert!(
        run.stdout
            .contains("(1), but the workflow runs only after a push"),
        "{}",
        run.stdout
    );
}

/// Ingests replies of `generate`, and returns the run and the path of the first file.
fn ingest(site: &Site, arguments: &[&str]) -> (Run, String) {
    let run = site.run(&[&["ingest", "generated/replies.jsonl"], arguments].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let files = crate::site::tree(&site.path("content/posts"));
    let first = files.keys().next().unwrap();
    (run, format!("content/posts/{first}"))
}

fn record(id: &str, text: &str, finish: &str) -> String {
    let record = serde_json::json!({"id": id, "topic": "Herbs at home", "draft": true, "generated_by": "pressrun",
        "model": "m", "finish_reason": finish, "response": text});
    format!("{record}\n")
}

const REPLY: &str = "TITLE: Herbs at home\nMETA_DESCRIPTION: How herbs grow.\nTAGS: basil\nCATEGORIES: Garden\n\n\
                     Herbs want light, and a little water each day of the week.\n\n-EndOFText-\n";

/// Approves a file as a person does: the text as it is, and no draft any more.
fn approve(site: &Site, file: &str) {
    add_mark(site, file, "approved");
    edit(site, file, "draft: true\n", "");
}

#[test]
fn approved_and_rejected_files_are_left_alone_by_ingestion() {
    let site = Site::new().file("generated/replies.jsonl", record("t1", REPLY, "stop"));
    let (_, file) = ingest(&site, &[]);
    check_counts(&site, 0, 1);
    approve(&site, &file);
    check_counts(&site, 1, 0);
    let before = std::fs::read(site.path(&file)).unwrap();
    // Again, with a schedule, and with another reply of the same record.
    let (run, _) = ingest(&site, &["--start", "2026-07-01"]);
    assert!(
        run.stdout.contains("1 unchanged") && run.stdout.contains("0 drafts"),
        "{}",
        run.stdout
    );
    site.write(
        "generated/replies.jsonl",
        record("t1", &REPLY.replace("each day", "each night"), "stop"),
    );
    let (run, _) = ingest(&site, &[]);
    assert!(run.stdout.contains("1 kept"), "{}", run.stdout);
    assert!(run.stderr.contains("edited-file"), "{}", run.stderr);
    assert_eq!(before, std::fs::read(site.path(&file)).unwrap());
    check_counts(&site, 1, 0);
    // A rejected file stays as it is, so its topic makes no other post; a deleted one comes back.
    edit(&site, &file, "approved:", "rejected:");
    check_counts(&site, 0, 1);
    ingest(&site, &[]);
    assert_eq!(crate::site::tree(&site.path("content/posts")).len(), 1);
    let run = check_counts(&site, 0, 1);
    assert!(run.stdout.contains("1 rejected"), "{}", run.stdout);
    site.remove(&file);
    let (run, _) = ingest(&site, &[]);
    assert!(run.stdout.contains("1 written"), "{}", run.stdout);
    check_counts(&site, 0, 1);
}

#[test]
fn retry_of_a_reply_does_not_inherit_its_approval() {
    let cut = &REPLY[..REPLY.len() - 30];
    let site = Site::new().file("generated/replies.jsonl", record("t1", cut, "length"));
    let (_, file) = ingest(&site, &[]);
    add_mark(&site, &file, "rejected");
    let rejected = std::fs::read(site.path(&file)).unwrap();
    site.write("generated/replies.jsonl", record("t1", REPLY, "stop"));
    ingest(&site, &[]);
    // The file has been edited, so it stays. Nothing is published without a person.
    assert_eq!(rejected, std::fs::read(site.path(&file)).unwrap());
    let run = site.build();
    assert!(run.stdout.contains(" 0 published"), "{}", run.stdout);
    // Read as they are, two records of one id are one post: the whole one, and it waits.
    let site = Site::new().file(
        "content/replies.jsonl",
        record("t1", cut, "length") + &record("t1", REPLY, "stop"),
    );
    let run = site.build();
    assert!(run.stdout.contains(" 0 published"), "{}", run.stdout);
    let mut hashes = Vec::new();
    let run = site.run(&["inspect", "--format", "json", "content/replies.jsonl"]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    for post in found["posts"].as_array().unwrap() {
        hashes.push(post["text_hash"].as_str().unwrap().to_owned());
    }
    site.write(
        "reviews.toml",
        book(
            "approved",
            "content/replies.jsonl",
            &[(&hashes[0], "Herbs at home")],
        ),
    );
    let run = site.build();
    assert!(run.stdout.contains(" 0 published"), "{}", run.stdout);
}

#[test]
fn schedule_gives_dates_and_never_publishes_what_nobody_approved() {
    let other = REPLY.replace("Herbs", "Roses").replace("basil", "rose");
    let replies = record("t1", REPLY, "stop")
        + &record("t2", &other, "stop").replace("\"Herbs at home\"", "\"Roses at home\"");
    let site = Site::new().file("generated/replies.jsonl", replies);
    let (_, first) = ingest(&site, &["--start", "2026-06-10", "--every", "1d"]);
    assert_eq!(first, "content/posts/2026-06-10-herbs-at-home.md");
    let run = check_counts(&site, 0, 2);
    assert!(run.stdout.contains("(2 due)"), "{}", run.stdout);
    approve(&site, &first);
    let run = check_counts(&site, 1, 1);
    assert!(run.stdout.contains("(1 due)"), "{}", run.stdout);
    assert!(
        site.page("posts/herbs-at-home/index.html")
            .contains("2026-06-10")
    );
    // The next run moves no date.
    ingest(&site, &["--start", "2026-06-10", "--every", "1d"]);
    check_counts(&site, 1, 1);
}

#[test]
fn inspection_shows_the_hash_and_the_marks() {
    let site = waiting("");
    add_mark(&site, POST, "approved");
    let run = site.run(&["inspect", "--format", "json", POST]);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let post = &found["posts"][0];
    assert_eq!(post["review"]["generated"], true);
    assert_eq!(post["review"]["approved"]["hash"], post["text_hash"]);
    assert_eq!(post["review"]["approved"]["by"], "Ann");
    assert_eq!(post["review"]["approved"]["on"], "2026-06-01");
    assert_eq!(post["review"]["rejected"], Value::Null);
    assert_eq!(post["extra"], serde_json::json!({}));
}

#[test]
fn preview_shows_each_change_of_a_review() {
    let site = waiting("").reply("own", "Own", "a", "News");
    let preview = Preview::start(&site.path(""), &["--watch"]);
    let page = "/posts/herbs-on-the-sill/";
    assert_eq!(preview.get(page).status, 404);
    let mut tab = preview.tab("/archive/");
    let unmarked = std::fs::read_to_string(site.path(POST)).unwrap();
    add_mark(&site, POST, "approved");
    assert_eq!(tab.news()["reload"], true);
    assert_eq!(preview.get(page).status, 200);
    // One word of the text alone: the quick way of the preview must notice it too.
    let mut tab = preview.tab(page);
    edit(&site, POST, "a little water", "much water");
    assert_eq!(tab.news()["reload"], true);
    assert_eq!(preview.get(page).status, 404);
    let mut tab = preview.tab("/archive/");
    edit(&site, POST, "much water", "a little water");
    assert_eq!(tab.news()["reload"], true);
    assert_eq!(preview.get(page).status, 200);
    let mut tab = preview.tab(page);
    site.write(POST, unmarked);
    assert_eq!(tab.news()["reload"], true);
    assert_eq!(preview.get(page).status, 404);
    let mut tab = preview.tab("/archive/");
    let hash = text_hash(&site, POST);
    site.write(
        "reviews.toml",
        book("approved", POST, &[(&hash, "Herbs on the sill")]),
    );
    assert_eq!(tab.news()["reload"], true);
    assert_eq!(preview.get(page).status, 200);
}

#[test]
fn report_says_what_waits_and_who_approved_what() {
    let other = |title: &str, date: &str| {
        generated(date)
            .replace("Herbs on the sill", title)
            .replace("Herbs want", &format!("{title} wants"))
    };
    let site = waiting("date: 2026-06-01\n")
        .file("content/b.md", other("Bread", ""))
        .file("content/c.md", other("Cake", "date: 2026-06-02\n"))
        .file("content/d.md", other("Dough", ""))
        .reply("own", "Own", "a", "News");
    add_mark(&site, "content/b.md", "approved");
    add_mark(&site, "content/c.md", "approved");
    edit(&site, "content/c.md", "a little", "some");
    add_mark(&site, "content/d.md", "rejected");
    edit(
        &site,
        "content/d.md",
        "  by: Ann\n",
        "  by: Bea\n  why: made <up>\n",
    );
    let run = site.run(&["report", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let review = &report["review"];
    let count = |key: &str| review[key]["count"].as_u64().unwrap();
    assert_eq!(
        ["waiting", "outdated", "due", "rejected", "approved"].map(count),
        [1, 1, 2, 1, 1]
    );
    assert_eq!(
        review["reviewers"]["first"][0],
        serde_json::json!({"name": "Ann", "posts": 1})
    );
    assert_eq!(review["rejected"]["first"][0]["why"], "made <up>");
    assert_eq!(review["outdated"]["first"][0]["on"], "2026-06-01");
    assert_eq!(report["ledger"]["unapproved"], 3);
    site.run(&["report"]);
    let page = std::fs::read_to_string(site.path(".pressrun/report.html")).unwrap();
    for text in [
        "<h2>Review</h2>",
        "Due without approval: <b>2</b>",
        "Changed after approval: <b>1</b>",
        "<b>3</b> without approval",
        "<a href=\"#review\">due without approval</a>",
        "made &lt;up&gt;",
        "<bdi>Ann</bdi>",
    ] {
        assert!(page.contains(text), "no {text}");
    }
    // A site that reviews nothing has no such section.
    let site = Site::new().reply("own", "Own", "a", "News");
    let run = site.run(&["report", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["review"], Value::Null);
}
