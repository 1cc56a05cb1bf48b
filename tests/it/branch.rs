//! What `pressrun publish` replaces on a branch, and what it never does.

use std::fs;

use crate::remote::{ask, assert_published, publish, refused, site, state};
use crate::repository::Repository;

/// Makes a branch of the remote that has these files and no others, in commits of their own.
pub(crate) fn make_branch(repository: &Repository, name: &str, files: &[(&str, &str)]) {
    let folder = repository.beside("made");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    repository.git_in(&folder, &["init", "--quiet"]);
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    repository.git_in(&folder, &["add", "--all"]);
    repository.git_in(
        &folder,
        &["commit", "--quiet", "--allow-empty", "-m", "made"],
    );
    let remote = repository.remote();
    let target = format!("HEAD:refs/heads/{name}");
    repository.git_in(
        &folder,
        &[
            "push",
            "--quiet",
            "--force",
            remote.to_str().unwrap(),
            &target,
        ],
    );
}

/// Commits on top of what is published, as somebody else does.
fn commit_on_top(repository: &Repository, change: impl Fn(&std::path::Path)) {
    let folder = repository.beside("theirs");
    let _ = fs::remove_dir_all(&folder);
    let (from, to) = (repository.remote(), folder.to_str().unwrap());
    let clone = [
        "clone",
        "--quiet",
        "--branch",
        "gh-pages",
        from.to_str().unwrap(),
        to,
    ];
    repository.git_in(&repository.remote(), &clone);
    change(&folder);
    repository.git_in(&folder, &["add", "--all"]);
    repository.git_in(&folder, &["commit", "--quiet", "-m", "theirs"]);
    repository.git_in(&folder, &["push", "--quiet", "origin", "gh-pages"]);
}

#[test]
fn sources_without_a_configuration_are_never_replaced() {
    let repository = Repository::with_remote(site());
    make_branch(
        &repository,
        "gh-pages",
        &[("content/a.txt", "x"), ("index.html", "x")],
    );
    repository.git(&["checkout", "--quiet", "--detach"]);
    for arguments in [&[][..], &["--no-history"], &["--allow", "branch-not-ours"]] {
        let run = refused(&repository, arguments, "branch-of-sources");
        assert!(
            run.stderr.contains("sources such as `content/a.txt`"),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("--allow"), "{}", run.stderr);
    }
}

#[test]
fn branch_of_somebody_else_is_asked_for() {
    let hugo = "<html><head><meta name=\"generator\" content=\"Hugo 0.168.0\"></head></html>";
    for (files, what) in [
        (
            &[("index.html", hugo), ("posts/a/index.html", "x")][..],
            "a site that `Hugo 0.168.0` made",
        ),
        (
            &[("_config.yml", "x"), ("_posts/a.md", "x")],
            "the sources of a Jekyll or Hexo site (`_config.yml`)",
        ),
        (
            &[("mkdocs.yml", "x"), ("docs/a.md", "x")],
            "the sources of an MkDocs site (`mkdocs.yml`)",
        ),
        (
            &[("templates/post.html", "x"), ("x", "y")],
            "templates (`templates/`)",
        ),
        (
            &[("index.html", "x"), ("a.png", "x")],
            "contains `a.png`, `index.html`,",
        ),
    ] {
        let repository = Repository::with_remote(site());
        make_branch(&repository, "gh-pages", files);
        let run = refused(&repository, &[], "branch-not-ours");
        assert!(run.stderr.contains(what), "no {what} in {}", run.stderr);
        assert!(
            run.stderr.contains("`publish --allow branch-not-ours`"),
            "{}",
            run.stderr
        );
        refused(&repository, &["--dry-run"], "branch-not-ours");
        let allow = ["branch-not-ours", "address-gone"];
        publish(&repository, &allow.map(|code| ["--allow", code]).concat());
        assert_published(&repository);
        // From now on it is known.
        repository
            .site
            .write("content/c.md", "---\ntitle: Third\n---\nMore.\n");
        publish(&repository, &[]);
    }
}

#[test]
fn empty_and_fresh_branches_are_published_to() {
    for files in [
        &[][..],
        &[
            ("README.md", "# blog\n"),
            ("LICENSE", "x"),
            (".gitignore", "x"),
        ],
    ] {
        let repository = Repository::with_remote(site());
        make_branch(&repository, "gh-pages", files);
        publish(&repository, &[]);
        assert_published(&repository);
    }
}

#[test]
fn published_site_is_known_whatever_others_commit_on_top() {
    // Templates of one's own may not say what they are rendered by.
    let own = "<!doctype html><title>{{ page.head_title }}</title>{{ site.title }}\n";
    let repository = Repository::with_remote(site().file("templates/list.html", own));
    publish(&repository, &["--no-history"]);
    commit_on_top(&repository, |folder| {
        fs::write(folder.join("extra.txt"), "x").unwrap();
    });
    publish(&repository, &[]);
    // A history that others cut short, and the page of the theme.
    repository.site.remove("templates/list.html");
    publish(&repository, &["--no-history"]);
    commit_on_top(&repository, |folder| {
        fs::write(folder.join("extra.txt"), "x").unwrap();
    });
    let tree = ask(&repository, &["rev-parse", "gh-pages^{tree}"]);
    let alone = ask(&repository, &["commit-tree", "-m", "squashed", &tree]);
    ask(&repository, &["update-ref", "refs/heads/gh-pages", &alone]);
    publish(&repository, &[]);
    assert_published(&repository);
}

#[test]
fn site_may_publish_files_that_look_like_sources() {
    let site = site()
        .file("static/content/notes.txt", "x")
        .file("static/site.toml", "x")
        .file("static/package.json", "{}");
    let repository = Repository::with_remote(site);
    publish(&repository, &[]);
    repository
        .site
        .write("content/c.md", "---\ntitle: Third\n---\nMore.\n");
    publish(&repository, &[]);
    assert_published(&repository);
}

#[test]
fn sources_that_were_merged_into_a_published_branch_are_seen() {
    let repository = Repository::with_remote(site());
    publish(&repository, &[]);
    commit_on_top(&repository, |folder| {
        fs::create_dir_all(folder.join("content")).unwrap();
        fs::write(folder.join("content/a.txt"), "x").unwrap();
    });
    refused(&repository, &[], "branch-of-sources");
}

#[test]
fn push_leaves_nothing_of_its_own_in_the_repository() {
    let repository = Repository::with_remote(site());
    publish(&repository, &[]);
    assert!(!repository.site.path(".git/refs/pressrun").exists());
}

#[cfg(unix)]
#[test]
fn file_that_vanishes_while_it_is_published_leaves_no_report_of_a_crash() {
    use std::os::unix::fs::PermissionsExt;
    let repository = Repository::with_remote(site());
    publish(&repository, &["--dry-run"]);
    let report = repository.site.path(".git/fast_import_crash_1");
    fs::write(&report, "of somebody else").unwrap();
    repository
        .site
        .write("content/c.md", "---\ntitle: Third\n---\nMore.\n");
    // A `git` that removes a file before it is asked to write objects.
    let bin = repository.beside("bin");
    fs::create_dir_all(&bin).unwrap();
    let real = String::from_utf8(
        std::process::Command::new("sh")
            .args(["-c", "command -v git"])
            .output()
            .unwrap()
            .stdout,
    )
    .unwrap();
    let page = repository.site.path("public/posts/third/index.html");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *fast-import*) rm {};; esac\nexec {} \"$@\"\n",
        page.display(),
        real.trim()
    );
    let git = bin.join("git");
    fs::write(&git, script).unwrap();
    fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
    let before = state(&repository);
    let run = crate::site::Run::of(
        repository
            .command()
            .env("PATH", path_with(&bin))
            .arg("publish"),
    );
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("the site changed while it was being read"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("third/index.html"), "{}", run.stderr);
    crate::remote::assert_same(&before, &state(&repository));
    assert_eq!(fs::read_to_string(&report).unwrap(), "of somebody else");
}

#[cfg(unix)]
fn path_with(folder: &std::path::Path) -> std::ffi::OsString {
    let rest = std::env::var_os("PATH").unwrap();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&rest));
    std::env::join_paths(folders).unwrap()
}
