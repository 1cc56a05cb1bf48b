//! Tests `pressrun init`.

use crate::repository::Repository;
use crate::site::{Run, Site};

/// Returns an empty folder.
fn nothing() -> Site {
    let site = Site::new();
    site.remove("site.toml");
    site
}

fn init(repository: &Repository, arguments: &[&str]) -> Run {
    let run = repository.run(&[&["init"], arguments].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run
}

#[test]
fn new_site_builds_without_a_finding_and_git_leaves_out_what_is_built() {
    let repository = Repository::empty(nothing());
    let run = init(&repository, &["my-blog"]);
    assert_eq!(
        run.stdout,
        "\
created my-blog/site.toml
created my-blog/content/welcome.txt
created my-blog/content/pages/about.md
created my-blog/.gitignore

the address of the site is not known yet: set `base_url` in my-blog/site.toml

next:
    cd my-blog
    pressrun serve --watch    preview it while you edit
    pressrun publish          publish it to GitHub Pages
    pressrun generate         ask a language model for posts: see `[generate]` in site.toml
"
    );
    // The files were created today, so the program must run as of today.
    let now = |command| {
        let mut pressrun = repository.command();
        pressrun.env_remove("SOURCE_DATE_EPOCH");
        Run::of(pressrun.args(["--root", "my-blog", command]))
    };
    let check = now("check");
    assert_eq!(
        check.stdout,
        "0 errors, 0 warnings, 0 notes\n\nleft out: 1 draft\n  About (content/pages/about.md:1)\n"
    );
    let build = now("build");
    assert!(build.stdout.contains("1 published"), "{}", build.stdout);
    repository.git(&["add", "--all"]);
    assert_eq!(
        repository.git(&["ls-files"]),
        "my-blog/.gitignore\nmy-blog/content/pages/about.md\nmy-blog/content/welcome.txt\nmy-blog/site.toml"
    );
    let config = std::fs::read_to_string(repository.site.path("my-blog/site.toml")).unwrap();
    assert!(config.contains("title = \"My blog\"\n"), "{config}");
    assert!(config.contains("name = \"Tess Tester\"\n"), "{config}");
}

#[track_caller]
fn check_address(remote: &str, cname: Option<&str>, expected: &[&str]) {
    let repository = Repository::empty(nothing());
    repository.git(&["remote", "add", "origin", remote]);
    if let Some(cname) = cname {
        repository.site.write("CNAME", cname);
    }
    let run = init(&repository, &[]);
    let config = std::fs::read_to_string(repository.site.path("site.toml")).unwrap();
    for line in expected {
        assert!(
            config.contains(&format!("\n{line}\n")),
            "no {line} in {config}"
        );
    }
    assert!(
        run.stdout.contains("the site will be at https://"),
        "{}",
        run.stdout
    );
}

#[test]
fn address_comes_from_the_remote_or_the_domain() {
    check_address(
        "git@github.com:Me/blog.git",
        None,
        &["base_url = \"https://me.github.io/blog/\""],
    );
    check_address(
        "https://github.com/me/me.github.io",
        None,
        &["base_url = \"https://me.github.io/\""],
    );
    check_address(
        "https://github.com/me/blog",
        Some("Blog.example.com\n"),
        &[
            "base_url = \"https://blog.example.com/\"",
            "cname = \"blog.example.com\"",
        ],
    );
}

#[test]
fn domain_of_an_earlier_site_is_found_on_its_branch() {
    let repository = Repository::with_remote(nothing().file("CNAME", "old.example.com\n"));
    repository.git(&["push", "--quiet", "origin", "main:gh-pages"]);
    repository.git(&["fetch", "--quiet", "origin"]);
    repository.site.remove("CNAME");
    let run = init(&repository, &[]);
    assert!(
        run.stdout.contains(
            "the site will be at https://old.example.com/, according to the file `CNAME` of `origin/gh-pages`"
        ),
        "{}",
        run.stdout
    );
}

#[test]
fn files_that_exist_are_never_changed() {
    let site = nothing()
        .file(".gitignore", "/public\ntarget/\n")
        .reply("a", "A", "x", "News");
    let repository = Repository::empty(site);
    let run = init(&repository, &[]);
    assert!(
        run.stdout
            .contains("kept    content/, which already existed"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("add `/.pressrun/` to .gitignore"),
        "{}",
        run.stdout
    );
    let ignored = std::fs::read_to_string(repository.site.path(".gitignore")).unwrap();
    assert_eq!(ignored, "/public\ntarget/\n");
    assert!(!repository.site.path("content/welcome.txt").exists());
}

#[test]
fn folder_that_is_already_a_site_is_reported() {
    let repository = Repository::empty(Site::new());
    let run = repository.run(&["init"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .contains("error[already-a-site]: this is already a site"),
        "{}",
        run.stderr
    );
    let config = std::fs::read_to_string(repository.site.path("site.toml")).unwrap();
    assert!(config.starts_with("title = \"Test\"\n"));
    assert!(!repository.site.path("content").exists());
}

#[test]
fn folder_that_is_named_by_a_dot_is_shown_without_it() {
    for folder in [".", "./", "./."] {
        let repository = Repository::empty(nothing());
        let run = init(&repository, &[folder]);
        assert!(
            run.stdout.starts_with("created site.toml\n"),
            "{}",
            run.stdout
        );
        assert!(!run.stdout.contains("    cd "), "{}", run.stdout);
    }
}

fn read_config(repository: &Repository, path: &str) -> String {
    std::fs::read_to_string(repository.site.path(path)).unwrap()
}

#[test]
fn categories_come_from_the_posts_unless_a_list_is_asked_for() {
    for (arguments, expected) in [
        (&[][..], 0),
        (&["--categories", "open"], 0),
        (&["--categories", "tech"], 60),
        (&["--categories", "Baking, Gardening"], 2),
    ] {
        let repository = Repository::empty(nothing());
        init(&repository, arguments);
        let text = read_config(&repository, "site.toml");
        let config = pressrun_site::config::Config::parse(&text).unwrap();
        assert_eq!(config.categories.allowed.len(), expected, "{text}");
        // The sample fits every list.
        let mut check = repository.command();
        check.env_remove("SOURCE_DATE_EPOCH");
        let check = Run::of(check.arg("check"));
        assert!(
            check.stdout.starts_with("0 errors, 0 warnings, 0 notes\n"),
            "{arguments:?}: {}",
            check.stdout
        );
    }
}

#[test]
fn list_of_a_new_site_is_replaced_by_one_command() {
    let repository = Repository::empty(nothing());
    init(&repository, &["--categories", "tech"]);
    let run = repository.run(&[
        "terms",
        "--categories",
        "How-to Guides, Database Management",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        run.stdout,
        "\
the list in site.toml has 2 categories now
removed the alias AI = \"Artificial Intelligence\", whose category is not in the list
removed the alias Career = \"Tech Careers and Job Opportunities\", whose category is not in the list
"
    );
    let text = read_config(&repository, "site.toml");
    let config = pressrun_site::config::Config::parse(&text).unwrap();
    assert_eq!(
        config.categories.allowed,
        ["How-to Guides", "Database Management"]
    );
    assert_eq!(config.categories.aliases.len(), 1);
    let run = repository.run(&["terms", "--categories", "used"]);
    assert_eq!(
        run.stdout.lines().next(),
        Some("the list in site.toml has 1 category now")
    );
    let run = repository.run(&["terms", "--categories", "open"]);
    assert_eq!(run.stdout, "every category is allowed now in site.toml\n");
    let run = repository.run(&["terms", "--categories", " ,"]);
    assert_eq!(run.code, 2);
}

/// Adds replies in a folder `replies`: two in German, of which one is an old one, and one in English.
fn with_replies(site: Site) -> Site {
    let reply = |title: &str, tags: &str, rest: &str, text: &str| {
        format!("TITLE: {title}\nTAGS: {tags}\nCATEGORIES: Backen\n{rest}\n{text}\n\n-EndOFText-\n")
    };
    let german = "Das Brot wird nicht trocken, sondern alt: die Stärke in der Krume ordnet sich wieder, und das \
                  Wasser, das sie vorher hielt, geht in die Kruste über. Wer es noch einmal in den Ofen legt, \
                  bekommt für eine Stunde ein Brot, das fast so gut ist wie am ersten Tag.";
    let english = "Most herbs that die indoors die of too much water, and not of too little light. They want a \
                   window to the south, a pot with a hole, and to be left alone for most of the week.";
    site.file(
        "replies/a.txt",
        reply("Altes Brot", "e-mail, Brot", "", german),
    )
    .file(
        "replies/b.txt",
        reply(
            "Noch ein Brot",
            "email, Brot",
            "DATE: 2026-01-02\n",
            &german.replace("Brot", "Brötchen"),
        ),
    )
    .file("replies/c.txt", reply("Herbs", "email", "", english))
    .file(
        "replies/d.txt",
        "I'm sorry, but I can't help with that request.\n",
    )
}

#[test]
fn replies_propose_language_categories_aliases_and_a_schedule() {
    let repository = Repository::empty(with_replies(nothing()));
    let run = init(&repository, &["blog", "--from", "replies"]);
    assert_eq!(
        run.stdout,
        "\
3 posts in 4 files, 1 rejected reply
languages: de 2, en 1; 1 category; 1 alias for tags and categories in several spellings

created blog/site.toml
created blog/content/pages/about.md
created blog/.gitignore

the address of the site is not known yet: set `base_url` in blog/site.toml

next:
    cd blog
    pressrun ingest ../replies --start 2026-06-16 --every 1d
                              turn the replies into posts; site.toml has what they suggest
    pressrun serve --watch    preview it while you edit
    pressrun publish          publish it to GitHub Pages
    pressrun generate         ask a language model for posts: see `[generate]` in site.toml
"
    );
    let text = read_config(&repository, "blog/site.toml");
    for part in [
        "\nlanguage = \"de\"\n",
        "\n# From the categories of the replies: title = \"Backen\"\n",
        "\n# allowed = [\n#     \"Backen\", # 3 posts\n# ]\n",
        "\n[tags.aliases]\ne-mail = \"email\" # spelling, 1 post\n",
        "\n# 2 of 3 posts state no date.",
        "\n#     pressrun ingest ../replies --start 2026-06-16 --every 1d\n",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    // What is proposed works.
    let mut ingest = repository.command();
    ingest.current_dir(repository.site.path("blog"));
    let arguments = [
        "ingest",
        "../replies",
        "--start",
        "2026-06-16",
        "--every",
        "1d",
    ];
    let run = Run::of(ingest.args(arguments));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(repository.run(&["check", "--root", "blog"]).code, 0);
}

#[test]
fn categories_of_replies_are_a_list_if_asked_for() {
    let repository = Repository::empty(with_replies(nothing()));
    init(
        &repository,
        &[
            "blog",
            "--from",
            "replies/a.txt",
            "--from",
            "replies/c.txt",
            "--categories",
            "used",
        ],
    );
    let text = read_config(&repository, "blog/site.toml");
    assert!(
        text.contains("\nallowed = [\n    \"Backen\",\n]\n"),
        "{text}"
    );
    assert!(
        text.contains("ingest ../replies/a.txt ../replies/c.txt --start"),
        "{text}"
    );
}

#[test]
fn nothing_is_written_if_the_sources_hold_no_post() {
    for (arguments, message) in [
        (
            &["x", "--from", "empty.txt"][..],
            "no post was found in it; nothing was written",
        ),
        (&["x", "--from", "missing"], "missing"),
        (&["x", "--categories", "used"], "nothing to make a list of"),
    ] {
        let repository = Repository::empty(nothing().file("empty.txt", "\n"));
        let run = repository.run(&[&["init"], arguments].concat());
        assert_ne!(run.code, 0);
        assert!(run.stderr.contains(message), "{}", run.stderr);
        assert!(!repository.site.path("x").exists());
    }
}

#[test]
fn site_of_another_generator_is_left_alone_and_moved_by_commands() {
    let site = nothing()
        .file(
            "old/hugo.toml",
            "title = 'Tea'\nbaseURL = 'https://tea.example'\n",
        )
        .file("old/content/posts/a.md", "+++\ntitle = 'A'\n+++\nText.\n");
    let repository = Repository::empty(site);
    let run = repository.run(&["init", "old"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .starts_with("error[already-a-site]: this is a site of Hugo\n --> old/hugo.toml\n"),
        "{}",
        run.stderr
    );
    assert!(!repository.site.path("old/site.toml").exists());
    assert!(!repository.site.path("old/.gitignore").exists());
    for part in [
        "    mkdir -p old-pressrun && cd old-pressrun\n",
        "    cp -r ../old/content/posts content/\n",
        "    title = \"Tea\"\n    base_url = \"https://tea.example/\"\n",
        "    slug_from = \"file\"\n",
        "docs/migrate.md, \"From Hugo\"",
    ] {
        assert!(run.stdout.contains(part), "no {part} in {}", run.stdout);
    }
    let run = repository.run(&["init", "new", "--from", "old"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout.contains("    mkdir -p new && cd new\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout
            .contains("    cp -r ../old/content/posts content/\n"),
        "{}",
        run.stdout
    );
    assert!(!repository.site.path("new").exists());
}
