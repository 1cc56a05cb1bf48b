//! Tests what `pressrun publish` puts on the remote, and that it changes nothing else.

use std::fs;

#[cfg(unix)]
use crate::remote::overtaken;
use crate::remote::{
    CONFIG, ask, assert_published, assert_published_bare, assert_same, cloned, publish, published,
    site, state, without_note,
};
use crate::repository::Repository;
use crate::site::{Run, Site, tree};

#[test]
fn first_publication_makes_a_branch_that_equals_the_site() {
    let repository = Repository::with_remote(site());
    let run = publish(&repository, &[]);
    assert_published(&repository);
    assert_eq!(published(&repository).len(), 1);
    let head = repository.git(&["rev-parse", "HEAD"]);
    let message = ask(&repository, &["log", "--format=%B", "gh-pages"]);
    assert!(message.starts_with(&format!(
        "Publish {}\n\nSource: {head} (main)\n",
        &head[..10]
    )));
    assert!(!message.contains("in no commit"), "{message}");
    for part in [
        "of `origin`, a new branch\n",
        "published: https://me.github.io/repo/\n",
    ] {
        assert!(run.stdout.contains(part), "no {part} in {}", run.stdout);
    }
    let names = ask(&repository, &["ls-tree", "--name-only", "gh-pages"]);
    assert!(
        names.contains(".nojekyll") && names.contains("404.html"),
        "{names}"
    );
    assert!(!names.contains("pressrun"), "{names}");
}

#[test]
fn second_publication_follows_the_first() {
    let repository = Repository::with_remote(site());
    publish(&repository, &[]);
    repository.site.remove("content/b.txt");
    repository
        .site
        .write("content/c.md", "---\ntitle: Third\n---\nMore.\n");
    repository.commit("second");
    let run = publish(&repository, &["--allow", "address-gone"]);
    assert_published(&repository);
    assert_eq!(published(&repository).len(), 2);
    let changed = ask(
        &repository,
        &[
            "diff",
            "--no-renames",
            "--name-status",
            "gh-pages~1",
            "gh-pages",
        ],
    );
    assert!(changed.contains("A\tposts/third/index.html"), "{changed}");
    assert!(changed.contains("D\tposts/second/index.html"), "{changed}");
    assert!(!changed.contains(".nojekyll"), "{changed}");
    // The search index has new files too.
    let pushing = run
        .stdout
        .lines()
        .find(|line| line.starts_with("pushing: "));
    assert!(
        pushing.is_some_and(|line| line.contains(" new, ")),
        "{}",
        run.stdout
    );
}

#[test]
fn unchanged_site_pushes_nothing_and_reports_it() {
    let repository = Repository::with_remote(site());
    publish(&repository, &[]);
    let before = published(&repository);
    repository.commit("something else");
    let run = publish(&repository, &[]);
    assert!(
        run.stdout
            .contains("nothing to push: `gh-pages` of `origin`"),
        "{}",
        run.stdout
    );
    assert_eq!(published(&repository), before);
}

#[test]
fn commit_of_somebody_else_stays_in_the_history() {
    let repository = Repository::with_remote(site());
    publish(&repository, &[]);
    let theirs = repository.beside("theirs");
    cloned(&repository, &theirs);
    fs::write(theirs.join("theirs.txt"), "x").unwrap();
    repository.git_in(&theirs, &["add", "--all"]);
    repository.git_in(&theirs, &["commit", "--quiet", "-m", "theirs"]);
    repository.git_in(&theirs, &["push", "--quiet", "origin", "gh-pages"]);
    let run = publish(&repository, &["--dry-run"]);
    assert!(
        run.stdout.contains("\nremoved  theirs.txt\n"),
        "{}",
        run.stdout
    );
    publish(&repository, &[]);
    assert_published(&repository);
    assert_eq!(published(&repository).len(), 3);
    assert!(!repository.site.path(".git/FETCH_HEAD").exists());
}

#[test]
fn dry_run_lists_what_would_change_and_writes_nothing() {
    let repository = Repository::with_remote(site());
    let before = tree(&repository.site.path(".git"));
    let run = publish(&repository, &["--dry-run"]);
    assert!(
        run.stdout.contains("\nnew      posts/first/index.html\n"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout
            .contains("nothing was pushed; without --dry-run, on `gh-pages`")
    );
    assert_same(&before, &tree(&repository.site.path(".git")));
    assert_eq!(published(&repository), Vec::<String>::new());
}

#[test]
fn without_history_the_branch_has_one_commit() {
    let repository = Repository::with_remote(site());
    publish(&repository, &["--no-history"]);
    publish(&repository, &["--no-history"]);
    repository
        .site
        .write("content/c.md", "---\ntitle: Third\n---\nMore.\n");
    publish(&repository, &[]);
    assert_eq!(published(&repository).len(), 2);
    // Nothing has changed, except that the history is to be dropped.
    publish(&repository, &["--no-history"]);
    assert_eq!(published(&repository).len(), 1);
    assert_published(&repository);
}

#[cfg(unix)]
#[test]
fn rejected_push_is_tried_once_more_on_top_of_what_others_pushed() {
    let repository = overtaken();
    publish(&repository, &[]);
    assert_published(&repository);
    assert_eq!(
        ask(&repository, &["log", "--format=%s", "gh-pages"])
            .lines()
            .nth(1),
        Some("theirs")
    );
}

#[test]
fn work_in_progress_is_left_alone() {
    let repository = Repository::with_remote(site());
    repository
        .site
        .write("content/a.txt", "TITLE: Stashed\n\nWords.\n\n-EndOFText-\n");
    repository.git(&["stash", "--quiet"]);
    repository
        .site
        .write("content/staged.md", "---\ntitle: Staged\n---\nWords.\n");
    repository.git(&["add", "content/staged.md"]);
    repository.site.write(
        "content/untracked.md",
        "---\ntitle: Untracked\n---\nMore words.\n",
    );
    repository.site.write(
        "content/b.txt",
        "TITLE: Edited\n\nOther words.\n\n-EndOFText-\n",
    );
    repository.git(&["checkout", "--quiet", "--detach"]);
    publish(&repository, &[]);
    assert_published(&repository);
    let message = ask(&repository, &["log", "--format=%B", "gh-pages"]);
    let head = repository.git(&["rev-parse", "HEAD"]);
    assert!(message.contains(&format!("Source: {head}\nWith uncommitted changes\n")));
    assert!(
        repository
            .site
            .path("public/posts/untracked/index.html")
            .exists()
    );
    assert_eq!(repository.git(&["stash", "list"]).lines().count(), 1);
}

#[test]
fn site_without_a_commit_is_published() {
    let repository = Repository::empty(site());
    let remote = repository.remote();
    let remote = remote.to_str().unwrap();
    repository.git(&["init", "--quiet", "--bare", remote]);
    repository.git(&["remote", "add", "origin", remote]);
    publish(&repository, &[]);
    assert_published(&repository);
    let message = ask(&repository, &["log", "--format=%s", "gh-pages"]);
    assert_eq!(message, "Publish uncommitted files");
}

#[test]
fn branch_checked_out_elsewhere_stays_where_it_is() {
    let repository = Repository::with_remote(site());
    publish(&repository, &[]);
    let pages = repository.beside("pages");
    repository.git(&["fetch", "--quiet", "origin"]);
    repository.git(&[
        "worktree",
        "add",
        "--quiet",
        pages.to_str().unwrap(),
        "gh-pages",
    ]);
    let before = tree(&pages);
    repository
        .site
        .write("content/c.md", "---\ntitle: Third\n---\nMore.\n");
    publish(&repository, &[]);
    assert_same(&before, &tree(&pages));
    assert_eq!(published(&repository).len(), 2);
}

#[test]
fn site_in_a_submodule_touches_no_repository_around_it() {
    let inner = Repository::with_remote(site());
    inner.git(&["push", "--quiet", "origin", "main"]);
    let outer = Repository::new(Site::new());
    let remote = inner.remote();
    let add = [
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
    ];
    let names = ["-b", "main", remote.to_str().unwrap(), "blog"];
    outer.git(&[add.as_slice(), names.as_slice()].concat());
    outer.commit("with a submodule");
    let seen = || {
        let mut seen = without_note(state(&outer));
        let left_out = [
            ".git/modules/blog/objects/",
            "blog/public/",
            "blog/.pressrun/",
        ];
        seen.retain(|path, _| !left_out.iter().any(|folder| path.starts_with(folder)));
        seen
    };
    let before = seen();
    let run = outer.run(&["--root", "blog", "publish"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_same(&before, &seen());
    assert_eq!(published(&inner).len(), 1);
}

#[test]
fn site_in_a_folder_of_a_repository_is_published_from_there() {
    let repository = Repository::with_remote(Site::new());
    let inner = repository.site.path("docs/blog");
    fs::create_dir_all(inner.join("content")).unwrap();
    fs::write(inner.join("site.toml"), CONFIG).unwrap();
    fs::write(inner.join("content/a.md"), "---\ntitle: A\n---\nWords.\n").unwrap();
    repository.commit("blog");
    let run = repository.run(&["--root", "docs/blog", "publish"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let names = ask(&repository, &["ls-tree", "-r", "--name-only", "gh-pages"]);
    assert!(names.contains("\nposts/a/index.html\n"), "{names}");
}

#[test]
fn settings_of_git_change_no_byte_and_hide_no_file() {
    let site = site()
        .file(".gitattributes", "* text eol=crlf filter=upper ident\n")
        .file("static/unix.txt", "a\nb $Id$\n")
        .file("static/dos.txt", "a\r\nb\r\n")
        .file("static/ü \"quoted\" $HOME.txt", "x")
        .file("static/-dash", "x");
    let repository = Repository::with_remote(site);
    repository.site.write("static/.gitignore", "*\n");
    for (key, value) in [
        ("core.autocrlf", "true"),
        ("core.safecrlf", "true"),
        ("core.splitIndex", "true"),
        ("core.quotePath", "true"),
        ("core.excludesFile", "~/ignored"),
        ("filter.upper.clean", "tr a-z A-Z"),
        ("push.followTags", "true"),
        ("push.default", "nothing"),
        ("fetch.prune", "true"),
        ("status.showUntrackedFiles", "no"),
        ("i18n.commitEncoding", "ISO-8859-1"),
    ] {
        repository.git(&["config", key, value]);
    }
    fs::write(repository.beside("ignored"), "*.html\n*.xml\n").unwrap();
    repository.git(&["tag", "-a", "-m", "mine", "v1"]);
    publish(&repository, &[]);
    assert_published_bare(&repository);
    assert_eq!(ask(&repository, &["tag"]), "");
}

#[cfg(unix)]
#[test]
fn names_with_any_character_and_files_with_any_mode_are_published() {
    use std::os::unix::fs::PermissionsExt;
    let site = site()
        .file("static/two\nlines.txt", "x")
        .file("static/tab\t.txt", "y")
        .file("static/back\r", "z")
        .file("static/run.sh", "#!/bin/sh\n");
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(site.path("static/run.sh"), mode).unwrap();
    let repository = Repository::with_remote(site);
    publish(&repository, &[]);
    assert_published_bare(&repository);
}

#[test]
fn repository_of_a_hook_that_pressrun_runs_in_is_not_taken_for_the_sites() {
    let repository = Repository::with_remote(site());
    let before = without_note(state(&repository));
    let mut command = repository.command();
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env(name, repository.beside("nowhere"));
    }
    let run = Run::of(command.arg("publish"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_same(&before, &without_note(state(&repository)));
    assert_published(&repository);
}

#[test]
fn post_appears_on_its_day() {
    let repository = Repository::with_remote(site());
    repository.site.write(
        "content/c.md",
        "---\ntitle: Third\ndate: 2026-06-16\n---\nMore.\n",
    );
    let run = publish(&repository, &[]);
    assert!(
        run.stdout.contains("\nscheduled: 1 post on 2026-06-16, "),
        "{}",
        run.stdout
    );
    let third = ["cat-file", "-e", "gh-pages:posts/third/index.html"];
    assert!(
        !repository
            .try_git_in(&repository.remote(), &third)
            .status
            .success()
    );
    let tomorrow = "1781568000";
    let mut command = repository.command();
    let run = Run::of(command.env("SOURCE_DATE_EPOCH", tomorrow).arg("publish"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        repository
            .try_git_in(&repository.remote(), &third)
            .status
            .success()
    );
    assert_eq!(published(&repository).len(), 2);
}

#[test]
fn file_may_take_the_place_of_a_folder_and_a_folder_that_of_a_file() {
    let site = site().file("static/a", "x").file("static/b/c/d", "y");
    let repository = Repository::with_remote(site);
    publish(&repository, &[]);
    repository.site.remove("static/a");
    fs::remove_dir_all(repository.site.path("static/b")).unwrap();
    repository.site.write("static/a/b", "x");
    repository.site.write("static/b", "y");
    fs::remove_dir_all(repository.site.path("public")).unwrap();
    publish(&repository, &[]);
    assert_published(&repository);
}
