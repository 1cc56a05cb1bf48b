//! Tests `pressrun review`, `approve`, `reject` and `revoke`.

use std::fs;

use serde_json::Value;

use crate::site::Site;

/// A text as long as the others, so that lengths are usual.
const WORDS: &str = "likes water in the morning, some light at noon and rest at night, as herbs do";

/// Returns a file as `ingest` writes it for a post of `generate`.
fn generated(title: &str, text: &str) -> String {
    format!(
        "---\ntitle: {title}\ndescription: About {title}.\ntags: [{title}]\ndraft: true\nsource:\n  \
         file: generated/replies.jsonl\n  generated: true\n  reply: \"00\"\n  words: \"00\"\n  hash: \"00\"\n\
         ---\n\n{text}\n"
    )
}

/// Returns a site with posts that wait, one of which has a mark, and one of which needs nothing.
fn site() -> Site {
    Site::new()
        .file(
            "content/posts/basil.md",
            generated("Basil", &format!("Basil {WORDS}.")),
        )
        .file(
            "content/posts/mint.md",
            generated(
                "Mint",
                &format!("Mint {WORDS}. It came in 1610 [CHECK: the year]."),
            ),
        )
        .file(
            "content/posts/thyme.md",
            generated("Thyme", "See [this](gone.md) on thyme."),
        )
        .reply("own", "Own", "own", "News")
}

fn review(site: &Site, arguments: &[&str]) -> Value {
    let run = site.run(&[&["review", "--format", "json"], arguments].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Returns the state of a post, by its file.
#[track_caller]
fn state(site: &Site, file: &str) -> String {
    let report = review(site, &[]);
    let posts = report["posts"].as_array().unwrap();
    let post = posts.iter().find(|post| post["file"] == file);
    post.map_or("none", |post| post["state"].as_str().unwrap())
        .to_owned()
}

#[test]
fn queue_is_listed_riskiest_first() {
    let site = site();
    let report = review(&site, &[]);
    let posts = report["posts"].as_array().unwrap();
    let listed: Vec<(&str, u64)> = posts
        .iter()
        .map(|post| {
            (
                post["file"].as_str().unwrap(),
                post["risk"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            ("content/posts/mint.md", 40),
            ("content/posts/thyme.md", 10),
            ("content/posts/basil.md", 0)
        ]
    );
    assert_eq!(report["counts"]["waiting"], 3);
    assert_eq!(posts[0]["blocks"][0]["code"], "fact-to-check");
    let run = site.run(&["review"]);
    assert_eq!(
        run.stdout,
        " risk  state     post\n   40  waiting   content/posts/mint.md  Mint\n                 \
         fact-to-check\n   10  waiting   content/posts/thyme.md  Thyme\n                 dead-link\n    \
         0  waiting   content/posts/basil.md  Basil\n3 waiting\n"
    );
    let run = site.run(&["review", "mint"]);
    for part in [
        "fact-to-check 40",
        "`[CHECK: the year]`",
        "cannot be approved",
    ] {
        assert!(run.stdout.contains(part), "{}", run.stdout);
    }
    let run = site.run(&["review", "--next"]);
    assert!(run.stdout.contains("It came in 1610"), "{}", run.stdout);
    let run = site.run(&["review", "bazil"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("did you mean `basil`?"),
        "{}",
        run.stderr
    );
}

#[test]
fn approved_post_is_published_until_it_is_edited_or_revoked() {
    let site = site();
    let run = site.run(&["approve", "content/posts/basil.md", "--by", "Ann"]);
    assert_eq!(
        (run.code, &*run.stdout),
        (
            0,
            "approved content/posts/basil.md  Basil\n1 post approved\n"
        )
    );
    site.build();
    assert!(site.page("posts/basil/index.html").contains("Basil"));
    let run = site.run(&["approve", "basil", "--by", "Bo"]);
    assert!(
        run.stdout
            .contains("was approved already by Ann on 2026-06-15")
    );
    let path = "content/posts/basil.md";
    let text = fs::read_to_string(site.path(path)).unwrap();
    assert!(text.contains("draft: false"), "{text}");
    site.write(path, text.replace("some light", "much light"));
    assert_eq!(state(&site, path), "outdated");
    for _ in 0..2 {
        let run = site.run(&["review", path]);
        assert!(run.stdout.contains("- some\n+ much\n"), "{}", run.stdout);
        let _ = fs::remove_dir_all(site.path(".pressrun/approved"));
        site.write(path, &text);
        commit(&site);
        site.write(path, text.replace("some light", "much light"));
    }
    assert_eq!(site.run(&["revoke", path]).code, 0);
    assert_eq!(state(&site, path), "waiting");
    let now = fs::read_to_string(site.path(path)).unwrap();
    let before = generated("Basil", &format!("Basil {WORDS}.")).replace("some", "much");
    assert_eq!(now, before);
}

/// Makes all files of the site a commit of a repository.
fn commit(site: &Site) {
    for arguments in [
        &["init", "-q"][..],
        &["add", "."],
        &[
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@a",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "a",
        ],
    ] {
        let run = site.command_of("git").args(arguments).output().unwrap();
        assert!(run.status.success(), "{run:?}");
    }
}

#[test]
fn what_is_blocked_is_never_approved() {
    let site = site();
    let run = site.run(&["approve", "content/posts", "--by", "Ann"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.ends_with("2 posts approved\n"), "{}", run.stdout);
    assert!(
        run.stderr.contains("content/posts/mint.md:"),
        "{}",
        run.stderr
    );
    assert_eq!(state(&site, "content/posts/mint.md"), "waiting");
}

#[test]
fn posts_below_a_risk_are_approved_at_once() {
    let site = site();
    let arguments = ["approve", "--all-below", "10", "--by", "Ann"];
    let dry = site.run(&[&arguments[..], &["--dry-run"]].concat());
    assert!(
        dry.stdout
            .contains("would be approved content/posts/basil.md")
    );
    assert_eq!(state(&site, "content/posts/basil.md"), "waiting");
    let run = site.run(&arguments);
    assert_eq!(
        (run.code, &*run.stdout),
        (
            0,
            "approved content/posts/basil.md  Basil\n2 posts were left: 1 too risky, 1 \
             fact-to-check\n1 post approved\n"
        )
    );
}

#[test]
fn rejected_post_stays_out_with_its_reason() {
    let site = site();
    let run = site.run(&["reject", "thyme", "--why", "thin", "--by", "Ann"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(state(&site, "content/posts/thyme.md"), "rejected");
    let run = site.run(&["review", "--export", "-"]);
    let row = run.stdout.lines().nth(1).unwrap();
    assert!(
        row.starts_with("rejected,Ann,2026-06-15,content/posts/thyme.md,1,Thyme,thin,"),
        "{row}"
    );
    assert!(row.ends_with(",rejected"), "{row}");
    // Who names a folder does not mean what was decided about already.
    site.run(&["approve", "content/posts", "--by", "Bo"]);
    assert_eq!(state(&site, "content/posts/thyme.md"), "rejected");
    assert_eq!(
        site.run(&["reject", "thyme", "--why", " ", "--by", "A"])
            .code,
        2
    );
}

#[test]
fn replies_of_a_file_are_approved_one_by_one_or_all() {
    let reply = |title: &str, text: &str| {
        format!("TITLE: {title}\nTAGS: {title}\n\n{title} {text}.\n\n-EndOFText-\n")
    };
    let config = "[content]\ndates = 'none'\n[review]\nrequired = 'all'\n";
    let site = Site::with_config(config).file(
        "content/july.txt",
        reply("Sage", WORDS) + &reply("Dill", "is another herb, with seeds for bread"),
    );
    let run = site.run(&["approve", "content/july.txt:8", "--by", "Ann"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("Dill") && !run.stdout.contains("Sage"),
        "{}",
        run.stdout
    );
    let book = fs::read_to_string(site.path("reviews.toml")).unwrap();
    assert!(book.contains("title = \"Dill\""), "{book}");
    let run = site.run(&["approve", "july.txt", "--by", "Ann"]);
    assert!(run.stdout.ends_with("1 post approved\n"), "{}", run.stdout);
    let report = review(&site, &[]);
    assert_eq!(report["counts"]["approved"], 2);
    assert_eq!(site.run(&["revoke", "dill", "sage"]).code, 0);
    assert!(!site.path("reviews.toml").exists());
}

#[test]
fn approval_needs_a_name_from_somewhere() {
    let site = site();
    let run = |name: Option<&str>| {
        let mut command = site.command();
        command
            .args(["approve", "basil"])
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null");
        if let Some(name) = name {
            let config = site.path("gitconfig");
            fs::write(&config, format!("[user]\nname = {name}\n")).unwrap();
            command.env("GIT_CONFIG_GLOBAL", config);
        }
        crate::site::Run::of(&mut command)
    };
    let none = run(None);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("--by NAME"), "{}", none.stderr);
    let known = run(Some("Cleo"));
    assert_eq!(known.code, 0, "{}", known.stderr);
    assert!(known.stdout.starts_with("by Cleo"), "{}", known.stdout);
}

#[test]
fn table_of_risks_in_the_documentation_is_that_of_the_program() {
    let docs = fs::read_to_string("docs/review.md").unwrap();
    let (_, section) = docs.split_once("\n## Risk\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<String> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            format!("{} {}", cells[1].trim_matches('`'), cells[2])
        })
        .collect();
    let weights = pressrun_site::pipeline::review::RISK_WEIGHTS;
    let expected: Vec<String> = weights
        .iter()
        .map(|risk| format!("{} {}", risk.name, risk.weight))
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn empty_name_is_not_the_whole_site() {
    let site = site();
    for name in ["", "/"] {
        let run = site.run(&["approve", name, "--by", "Ann"]);
        assert_ne!(run.code, 0, "{}", run.stdout);
    }
    assert_eq!(state(&site, "content/posts/basil.md"), "waiting");
}

#[test]
fn entry_that_a_merge_doubled_is_revoked_at_once() {
    let site = Site::with_config("[review]\nrequired = \"all\"\n").file(
        "content/july.jsonl",
        "{\"response\": \"TITLE: Basil\\n\\nBasil likes the sun.\"}\n{\"response\": \"TITLE: Mint\\n\\nMint likes the shade.\"}\n",
    );
    let run = site.run(&["approve", "content/july.jsonl:2", "--by", "Ann"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let book = fs::read_to_string(site.path("reviews.toml")).unwrap();
    let entry = &book[book.find("[[approved]]").unwrap()..];
    site.write("reviews.toml", format!("{book}\n{entry}"));
    let run = site.run(&["revoke", "content/july.jsonl:2"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = review(&site, &[]);
    assert_eq!(report["counts"]["waiting"], 2, "{report}");
    // One reply of several is named with its line.
    let run = site.run(&["review"]);
    assert!(
        run.stdout.contains("content/july.jsonl:1"),
        "{}",
        run.stdout
    );
}

#[test]
fn key_of_the_author_in_the_place_of_an_approval_is_named() {
    let file = generated("Basil", &format!("Basil {WORDS}."));
    let own = file.replacen("tags:", "approved: true\ntags:", 1);
    let site = Site::new().file("content/posts/basil.md", &own);
    let run = site.run(&["approve", "basil", "--by", "Ann"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("a key `approved`"), "{}", run.stderr);
    assert_eq!(
        fs::read_to_string(site.path("content/posts/basil.md")).unwrap(),
        own
    );
}

#[test]
fn change_is_shown_among_the_words_around_it() {
    let site = site();
    let run = site.run(&["approve", "basil", "--by", "Ann"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let approved = fs::read_to_string(site.path("content/posts/basil.md")).unwrap();
    let edited = approved.replace("some light at noon", "no light at noon");
    let site = site.file("content/posts/basil.md", edited);
    let run = site.run(&["review", "basil"]);
    for part in [
        " likes water in the morning,\n- some\n+ no\n",
        "\n+ no\n  light at noon and rest at night, as …\n",
    ] {
        assert!(run.stdout.contains(part), "{}", run.stdout);
    }
}
