//! Tests `pressrun check --deploy`, which runs the same checks as every publication.

use std::path::Path;

use serde_json::Value;

use crate::repository::Repository;
use crate::site::Site;

/// The configuration of a site without problems.
const SOUND: &str = "title = \"Test\"\ndescription = \"D\"\n\
                     base_url = \"https://me.github.io/blog/\"\n[content]\ndates = \"none\"\n";

/// Returns a site with one post, in a repository whose remote is on GitHub.
fn on_github(config: &str) -> Repository {
    let site = Site::with_config(config)
        .file(".gitignore", "/public/\n/.pressrun/\n")
        .reply("a", "A", "x", "News");
    let repository = Repository::new(site);
    repository.git(&["remote", "add", "origin", "git@github.com:me/blog.git"]);
    repository
}

/// Returns the place and the code of every finding, leaving out those that every site has.
fn found(repository: &Repository, arguments: &[&str]) -> Vec<String> {
    let check = ["check", "--deploy", "--format", "json"];
    let run = repository.run(&[&check, arguments].concat());
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let all = json["diagnostics"].as_array().unwrap();
    let of = |one: &Value| {
        let line = one["line"]
            .as_u64()
            .map_or(String::new(), |line| format!(":{line}"));
        format!(
            "{}{line} {}",
            one["file"].as_str().unwrap(),
            one["code"].as_str().unwrap()
        )
    };
    let usual = ["robots-unread", "description-derived"];
    let is_usual = |one: &String| usual.iter().any(|code| one.ends_with(code));
    all.iter().map(of).filter(|one| !is_usual(one)).collect()
}

#[track_caller]
fn check(repository: &Repository, expected: &[&str]) {
    assert_eq!(found(repository, &[]), expected);
}

#[test]
fn sound_site_has_nothing_wrong_and_nothing_is_written() {
    let repository = on_github(SOUND);
    check(&repository, &[]);
    let cached = crate::site::tree(&repository.site.path(".pressrun"));
    check(&repository, &[]);
    // The temporary folder is another one each time, so nothing about it may be kept in the cache.
    let again = crate::site::tree(&repository.site.path(".pressrun"));
    assert!(cached.keys().eq(again.keys()), "{:?}", again.keys());
    assert!(!repository.site.path("public").exists());
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
}

#[test]
fn local_address_is_reported_with_the_right_one() {
    let repository = on_github("title = \"T\"\ndescription = \"D\"\n[content]\ndates = \"none\"\n");
    let run = repository.run(&["check", "--deploy"]);
    assert_eq!(run.code, 1);
    let line = "site.toml: error[base-url-local]: `http://127.0.0.1:1111/` can be reached only \
                from this machine";
    assert!(run.stdout.contains(line), "{}", run.stdout);
    let build = ["--base-url", "https://elsewhere.example/"];
    assert_eq!(found(&repository, &build), Vec::<String>::new());
}

#[test]
fn address_that_does_not_match_the_remote_is_reported() {
    let config = SOUND.replace("/blog/", "/");
    check(&on_github(&config), &["site.toml:3 base-url-mismatch"]);
    let config = format!("{config}[deploy]\ncname = \"blog.example.com\"\n");
    check(&on_github(&config), &["site.toml:3 base-url-mismatch"]);
    let config = config.replace("me.github.io", "blog.example.com");
    check(&on_github(&config), &[]);
}

#[test]
fn repository_and_remote_are_needed() {
    let site = Site::with_config(SOUND).reply("a", "A", "x", "News");
    let repository = Repository::new(site);
    check(&repository, &["site.toml no-remote"]);
    repository.git(&["remote", "add", "mine", "git@github.com:me/blog.git"]);
    let run = repository.run(&["check", "--deploy"]);
    assert!(
        run.stdout.contains("the repository has no remote `origin`"),
        "{}",
        run.stdout
    );
    std::fs::remove_dir_all(repository.site.path(".git")).unwrap();
    check(&repository, &["git rev-parse no-repository"]);
}

#[test]
fn drafts_and_future_posts_are_listed_with_what_they_wait_for() {
    let repository = on_github(SOUND);
    repository.site.write(
        "content/d.md",
        "---\ntitle: D\ndraft: true\n---\nNot yet.\n",
    );
    repository.site.write(
        "content/e.md",
        "---\ntitle: E\ndate: 2026-06-16\n---\nTomorrow.\n",
    );
    check(
        &repository,
        &[
            "content/d.md:1 draft-left-out",
            "content/e.md:1 future-post",
        ],
    );
    let run = repository.run(&["--verbose", "check", "--deploy"]);
    assert!(
        run.stdout
            .contains("`E` appears with the first build on or after 2026-06-16"),
        "{}",
        run.stdout
    );
}

#[test]
fn dead_links_of_posts_menus_and_pages_of_ones_own_are_each_found_once() {
    let menu = "[theme]\nnav = [{ title = \"About\", url = \"/about/\" }]\n";
    let repository = on_github(&format!("{SOUND}{menu}"));
    let text = "---\ntitle: B\n---\nTo [nowhere](no/where.md) and [away](/gone/#x).\n";
    repository.site.write("content/b.md", text);
    let page = "<meta name=description content=x><a href=../lost.html>x</a><a href='/blog/'>x</a>";
    repository.site.write("static/old/a.html", page);
    repository.site.write("static/old/b.html", page);
    check(
        &repository,
        &[
            "content/b.md:4 dead-link",
            "content/b.md:4 dead-link",
            "old/a.html dead-link",
            "site.toml:7 dead-link",
        ],
    );
    let run = repository.run(&["check", "--deploy"]);
    let line = "`/blog/lost.html` leads to no page or file of the site, linked from here and from \
         another page";
    assert!(run.stdout.contains(line), "{}", run.stdout);
}

#[test]
fn dead_link_that_a_template_spells_out_is_found_once() {
    let repository = on_github(SOUND);
    repository.site.write(
        "templates/partials/footer.html",
        "<a href=\"{{ site.url }}gone/\">x</a>\n<a href=\"/lost/\">y</a>\n",
    );
    check(
        &repository,
        &[
            "templates/partials/footer.html:1 dead-link",
            "templates/partials/footer.html:2 dead-link",
        ],
    );
}

#[test]
fn robots_txt_below_the_root_of_a_host_is_reported_in_a_note() {
    let run = on_github(SOUND).run(&["--verbose", "check", "--deploy"]);
    let line =
        "robots.txt: info[robots-unread]: crawlers read only https://me.github.io/robots.txt";
    assert!(run.stdout.contains(line), "{}", run.stdout);
}

#[test]
fn missing_descriptions_are_reported() {
    let repository = on_github(&SOUND.replace("\"D\"", "\"\""));
    repository
        .site
        .write("static/old.html", "<html><title>Old</title></html>");
    check(
        &repository,
        &[
            "old.html missing-description",
            "site.toml:2 missing-description",
        ],
    );
}

#[test]
fn names_that_differ_only_in_case_are_reported() {
    let repository = on_github(SOUND);
    repository.site.write("static/Logo.png", "x");
    repository.site.write("static/logo.png", "x");
    let both = std::fs::read_dir(repository.site.path("static"))
        .unwrap()
        .count()
        == 2;
    if !both {
        return check(&repository, &[]);
    }
    // Every site is checked, not only a published one: on Windows and macOS these paths would be
    // the same.
    for arguments in [&["build"][..], &["check", "--deploy"]] {
        let run = repository.run(arguments);
        assert_eq!(run.code, 1);
        let expected = "need `logo.png` and `Logo.png`, which are the same path on Windows and \
                        macOS";
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn links_out_of_the_site_are_reported() {
    let repository = on_github(SOUND);
    repository.site.write("static/a.png", "x");
    let link = |target: &Path, name: &str| {
        std::os::unix::fs::symlink(target, repository.site.path(name)).unwrap();
    };
    link(Path::new("a.png"), "static/b.png");
    link(
        &repository.remote().parent().unwrap().join(".gitconfig"),
        "static/c.png",
    );
    check(&repository, &["static/c.png symbolic-link"]);
}
