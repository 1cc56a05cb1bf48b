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
