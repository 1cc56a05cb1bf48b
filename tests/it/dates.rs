//! Days of posts that state none, as git tells them, and what is said when it does not.

use std::fs;
use std::path::Path;

use crate::repository::Repository;
use crate::site::{Run, Site};

/// A site whose one post states no date.
fn site() -> Site {
    Site::with_config("title = \"Test\"\n")
        .file(".gitignore", "/public/\n/.pressrun/\n")
        .reply("a", "A", "x", "News")
}

/// Such a site in a repository, added on 4 March 2025.
fn dated() -> Repository {
    let repository = Repository::empty(site());
    commit_on(&repository, &repository.site.path(""), "2025-03-04");
    let file = fs::File::options()
        .append(true)
        .open(repository.site.path("content/a.txt"));
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_577_880_000);
    file.unwrap().set_modified(time).unwrap();
    repository
}

/// Commits everything in a folder, as somebody did on a day.
fn commit_on(repository: &Repository, folder: &Path, day: &str) {
    repository.git_in(folder, &["add", "--all"]);
    let date = format!("--date={day}T12:00:00Z");
    repository.git_in(folder, &["commit", "--quiet", "-m", "add", &date]);
}

/// Builds the site, which must give the post `a` the day on which it was added, in silence.
#[track_caller]
fn check_dated(repository: &Repository) {
    let run = repository.run(&["build", "--force"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    let page = repository.site.page("posts/a/index.html");
    assert!(page.contains("4 March 2025"), "{page}");
}

/// Builds the site in an environment in which git tells nothing, and then as it is.
#[track_caller]
fn check_refused(repository: &Repository, refuse: impl Fn(&mut std::process::Command)) -> Run {
    let mut command = repository.command();
    refuse(&mut command);
    let run = Run::of(command.arg("build"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("warning[dates-unknown]: git cannot say"),
        "{}",
        run.stderr
    );
    let page = repository.site.page("posts/a/index.html");
    assert!(page.contains("1 January 2020"), "{page}");
    // The next build is not made from what was unknown.
    let again = repository.run(&["build"]);
    assert!(!again.stderr.contains("warning"), "{}", again.stderr);
    let built = repository.site.public();
    check_dated(repository);
    assert!(repository.site.public() == built);
    run
}

#[test]
fn branch_and_tag_with_the_name_of_the_folder_do_no_harm() {
    let repository = dated();
    repository.git(&["branch", "content"]);
    repository.git(&["tag", "content"]);
    check_dated(&repository);
}

#[test]
fn variables_of_another_repository_do_no_harm() {
    let repository = dated();
    let other = Repository::new(Site::new());
    let folder = other.site.path(".git");
    for variable in [
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_COMMON_DIR",
    ] {
        let run = Run::of(
            repository
                .command()
                .env(variable, &folder)
                .args(["build", "--force"]),
        );
        assert_eq!(run.code, 0, "{}", run.stderr);
        let page = repository.site.page("posts/a/index.html");
        assert!(page.contains("4 March 2025"), "{variable}");
    }
}

#[test]
fn settings_of_the_user_change_no_day() {
    let repository = dated();
    for (key, value) in [
        ("log.showRoot", "false"),
        ("log.follow", "true"),
        ("log.showSignature", "true"),
        ("diff.relative", "true"),
        ("diff.renames", "false"),
        ("core.quotePath", "true"),
        ("color.ui", "always"),
        ("core.pager", "false"),
    ] {
        repository.git(&["config", key, value]);
    }
    check_dated(&repository);
}

#[test]
fn settings_that_put_the_files_elsewhere_change_no_day() {
    let elsewhere = Site::new();
    let folder = elsewhere.path("").to_string_lossy().replace('\\', "/");
    let (above, _) = folder.trim_end_matches('/').rsplit_once('/').unwrap();
    for (key, value) in [
        ("core.bare", "true"),
        ("core.worktree", &folder),
        ("core.worktree", above),
    ] {
        let repository = dated();
        // What git said before is no longer true.
        check_dated(&repository);
        repository.git(&["config", key, value]);
        check_dated(&repository);
        fs::remove_dir_all(repository.site.path(".pressrun")).unwrap();
        check_dated(&repository);
    }
}

#[test]
fn bare_repository_around_the_site_gives_its_days() {
    let repository = dated();
    let inside = repository.site.path(".git");
    for name in ["HEAD", "config", "objects", "refs"] {
        fs::rename(inside.join(name), repository.site.path(name)).unwrap();
    }
    fs::remove_dir_all(inside).unwrap();
    repository.git(&["config", "core.bare", "true"]);
    check_dated(&repository);
}

#[test]
fn impossible_work_tree_is_reported() {
    let repository = dated();
    repository.git(&["config", "core.worktree", "/nowhere/at/all"]);
    let run = repository.run(&["build"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in ["warning[dates-unknown]", "git says: "] {
        assert!(run.stderr.contains(part), "no {part} in {}", run.stderr);
    }
}

#[test]
fn repository_whose_branch_is_broken_is_reported() {
    let repository = dated();
    let branch = repository.git(&["symbolic-ref", "HEAD"]);
    let file = repository.site.path(&format!(".git/{branch}"));
    fs::write(file, "nonsense\n").unwrap();
    let run = repository.run(&["build"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for part in ["warning[dates-unknown]", "branch appears to be broken"] {
        assert!(run.stderr.contains(part), "no {part} in {}", run.stderr);
    }
}

#[test]
fn history_that_was_replaced_on_this_machine_does_not_count() {
    let repository = dated();
    let head = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&[
        "commit",
        "--quiet",
        "--amend",
        "--no-edit",
        "--date=1999-01-01T12:00:00Z",
    ]);
    repository.git(&["replace", &head, "HEAD"]);
    repository.git(&["reset", "--quiet", "--hard", &head]);
    check_dated(&repository);
}

#[test]
fn names_with_line_breaks_and_other_letters_have_their_days() {
    let repository = Repository::empty(site());
    let reply = fs::read(repository.site.path("content/a.txt")).unwrap();
    let text = String::from_utf8(reply).unwrap();
    let names: &[&str] = if cfg!(windows) {
        &["ü é"]
    } else {
        &["ü é", "x\ny", "\t\"q\""]
    };
    for (number, name) in names.iter().enumerate() {
        let own = text
            .replace("TITLE: A", &format!("TITLE: T{number}"))
            .replace("few words", name);
        repository.site.write(&format!("content/{name}.txt"), own);
    }
    commit_on(&repository, &repository.site.path(""), "2025-03-04");
    repository.run(&["build"]);
    for number in 0..names.len() {
        let page = repository.site.page(&format!("posts/t{number}/index.html"));
        assert!(page.contains("4 March 2025"), "{number}");
    }
}

#[test]
fn folder_in_content_that_is_a_repository_of_its_own_gives_its_days() {
    let repository = dated();
    let text = "TITLE: Inside\n\nWords of Inside.\n\n-EndOFText-\n";
    for folder in ["content/own", "content/own/deep"] {
        repository.site.write(
            &format!("{folder}/x.txt"),
            text.replace("Inside", &folder.replace('/', " ")),
        );
    }
    let own = repository.site.path("content/own");
    repository.git_in(&own, &["init", "--quiet"]);
    commit_on(&repository, &own, "2024-02-03");
    check_dated(&repository);
    for page in ["content-own", "content-own-deep"] {
        let page = repository.site.page(&format!("posts/{page}/index.html"));
        assert!(page.contains("3 February 2024"), "{page}");
    }
}

#[test]
fn content_that_is_a_repository_by_itself_gives_its_days() {
    let repository = dated();
    fs::remove_dir_all(repository.site.path(".git")).unwrap();
    let content = repository.site.path("content");
    repository.git_in(&content, &["init", "--quiet"]);
    commit_on(&repository, &content, "2025-03-04");
    check_dated(&repository);
}

#[test]
fn repository_of_somebody_else_is_reported_with_the_command_that_trusts_it() {
    let run = check_refused(&dated(), |build| {
        build.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    });
    for part in [
        "belongs to another user",
        "git config --global --add safe.directory ",
        "content: warning[dates-unknown]: ",
    ] {
        assert!(run.stderr.contains(part), "no {part} in {}", run.stderr);
    }
}

#[test]
fn missing_git_is_reported_only_where_there_is_a_repository() {
    let run = check_refused(&dated(), |build| {
        build.env("PATH", "");
    });
    assert!(run.stderr.contains("`git` cannot be run"), "{}", run.stderr);
    let repository = dated();
    fs::remove_dir_all(repository.site.path(".git")).unwrap();
    let run = Run::of(repository.command().env("PATH", "").arg("build"));
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
}

#[test]
fn repository_without_commits_is_not_reported() {
    let repository = Repository::empty(site());
    let run = repository.run(&["build"]);
    assert_eq!(run.code, 0);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
}

#[test]
fn incomplete_history_is_reported() {
    let repository = dated();
    commit_empty(&repository);
    let shallow = Repository::empty(site());
    let from = format!("file://{}", repository.site.path("").display());
    fs::remove_dir_all(shallow.site.path(".git")).unwrap();
    let clone = ["clone", "--quiet", "--bare", "--depth=1", &from, ".git"];
    shallow.git(&clone);
    shallow.git(&["config", "core.bare", "false"]);
    let run = shallow.run(&["build"]);
    assert!(
        run.stderr.contains("warning[shallow-clone]"),
        "{}",
        run.stderr
    );
    // The whole history is another answer for the same commit.
    shallow.git(&["fetch", "--quiet", "--unshallow"]);
    let run = shallow.run(&["build"]);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    assert!(
        shallow
            .site
            .page("posts/a/index.html")
            .contains("4 March 2025")
    );
}

fn commit_empty(repository: &Repository) {
    repository.git(&["commit", "--quiet", "--allow-empty", "-m", "more"]);
}
