//! `pressrun publish` to real bare repositories on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::repository::Repository;
use crate::site::{Run, Site, tree};

/// A configuration with nothing for the doctor to stop.
const CONFIG: &str = "title = \"Test\"\ndescription = \"D\"\n\
                      base_url = \"https://me.github.io/repo/\"\n[content]\ndates = \"none\"\n";

/// A site of two posts.
fn site() -> Site {
    Site::with_config(CONFIG)
        .file(".gitignore", "/public/\n/.pressrun/\n")
        .reply("a", "First", "x", "News")
        .reply("b", "Second", "x", "News")
}

/// Publishes, which must succeed, and must leave the repository of the user as it was.
#[track_caller]
fn publish(repository: &Repository, arguments: &[&str]) -> Run {
    let before = state(repository);
    let run = repository.run(&[&["publish"], arguments].concat());
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_same(&before, &state(repository));
    run
}

/// Publishes, which must fail with this code and leave all as it was, the remote too.
#[track_caller]
fn refused(repository: &Repository, arguments: &[&str], code: &str) -> Run {
    let before = (state(repository), published(repository));
    let run = repository.run(&[&["publish"], arguments].concat());
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(
        run.stderr.contains(&format!("error[{code}]: ")),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.ends_with("; nothing was published\n"),
        "{}",
        run.stderr
    );
    assert_same(&before.0, &state(repository));
    assert_eq!(before.1, published(repository));
    run
}

/// Every byte of the checkout and of git's own files: index, branches, stash, settings, logs.
///
/// Left out are objects, which belong to nobody, and what git notes of the remote after a push.
fn state(repository: &Repository) -> BTreeMap<String, Vec<u8>> {
    let left_out = [
        "public/",
        ".git/objects/",
        ".git/refs/remotes/",
        ".git/logs/refs/remotes/",
    ];
    let mut state = tree(&repository.site.path(""));
    state.retain(|path, _| !left_out.iter().any(|folder| path.starts_with(folder)));
    state
}

#[track_caller]
fn assert_same(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) {
    let differs = |(path, bytes): &(&String, &Vec<u8>)| before.get(*path) != Some(bytes);
    let changed: Vec<_> = after.iter().filter(differs).map(|(path, _)| path).collect();
    let gone: Vec<_> = before
        .keys()
        .filter(|path| !after.contains_key(*path))
        .collect();
    assert!(
        changed.is_empty() && gone.is_empty(),
        "{changed:?} changed, {gone:?} gone"
    );
}

/// What the bare repository answers to a question.
#[track_caller]
fn ask(repository: &Repository, arguments: &[&str]) -> String {
    repository.git_in(&repository.remote(), arguments)
}

/// The commits of the published branch, newest first; none if there is no branch.
fn published(repository: &Repository) -> Vec<String> {
    let list = ["rev-list", "gh-pages", "--"];
    let output = repository.try_git_in(&repository.remote(), &list);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The files of the published branch, by way of a clone.
fn cloned(repository: &Repository, to: &Path) -> BTreeMap<String, Vec<u8>> {
    let _ = fs::remove_dir_all(to);
    let remote = repository.remote();
    let (from, to_text) = (remote.to_str().unwrap(), to.to_str().unwrap());
    let clone = ["clone", "--quiet", "--branch", "gh-pages", from, to_text];
    repository.git_in(&repository.remote(), &clone);
    let mut files = tree(to);
    files.retain(|path, _| !path.starts_with(".git/"));
    files
}

/// Asserts that the published tree is `public/` but for what pressrun keeps there for itself.
#[track_caller]
fn assert_published(repository: &Repository) {
    let mut public = repository.site.public();
    public.retain(|path, _| !path.starts_with(".pressrun-"));
    let published = cloned(repository, &repository.beside("clone"));
    assert_same(&public, &published);
}

/// Makes a hook of a repository.
#[cfg(unix)]
fn hook(git_folder: &Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = git_folder.join("hooks").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

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
    let run = publish(&repository, &[]);
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
    assert!(run.stdout.contains("pushing: 1 new, "), "{}", run.stdout);
}

#[test]
fn unchanged_site_pushes_nothing_and_says_so() {
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
    fs::write(theirs.join("theirs.html"), "x").unwrap();
    repository.git_in(&theirs, &["add", "--all"]);
    repository.git_in(&theirs, &["commit", "--quiet", "-m", "theirs"]);
    repository.git_in(&theirs, &["push", "--quiet", "origin", "gh-pages"]);
    let run = publish(&repository, &["--dry-run"]);
    assert!(
        run.stdout.contains("\nremoved  theirs.html\n"),
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
    // Nothing has changed but that the history is to go.
    publish(&repository, &["--no-history"]);
    assert_eq!(published(&repository).len(), 1);
    assert_published(&repository);
}

#[cfg(unix)]
#[test]
fn rejected_push_is_tried_once_more_on_top_of_what_others_pushed() {
    let repository = Repository::with_remote(site());
    publish(&repository, &[]);
    race(&repository);
    repository
        .site
        .write("content/c.md", "---\ntitle: Third\n---\nMore.\n");
    publish(&repository, &[]);
    assert_published(&repository);
    assert_eq!(
        ask(&repository, &["log", "--format=%s", "gh-pages"])
            .lines()
            .nth(1),
        Some("theirs")
    );
}

#[cfg(unix)]
#[test]
fn without_history_what_others_push_meanwhile_is_not_forgotten() {
    let repository = Repository::with_remote(site());
    publish(&repository, &[]);
    race(&repository);
    repository
        .site
        .write("content/c.md", "---\ntitle: Third\n---\nMore.\n");
    let run = repository.run(&["publish", "--no-history"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr
            .contains("error[push-rejected]: somebody else pushed to the branch"),
        "{}",
        run.stderr
    );
    assert_eq!(
        ask(&repository, &["log", "-1", "--format=%s", "gh-pages"]),
        "theirs"
    );
}

/// Lets somebody else push to the branch while the next push is under way.
#[cfg(unix)]
fn race(repository: &Repository) {
    let remote = repository.remote();
    let remote = remote.display();
    let script = format!(
        "test -e {remote}/raced && exit 0; touch {remote}/raced\n\
         unset GIT_DIR; cd {remote}\n\
         git update-ref refs/heads/gh-pages $(git commit-tree -m theirs -p gh-pages 'gh-pages^{{tree}}')"
    );
    hook(&repository.site.path(".git"), "pre-push", &script);
}

#[cfg(unix)]
#[test]
fn hooks_that_refuse_are_quoted() {
    let repository = Repository::with_remote(site());
    hook(
        &repository.remote(),
        "pre-receive",
        "echo no pages on Fridays >&2; exit 1",
    );
    let run = refused(&repository, &[], "push-rejected");
    assert!(
        run.stderr.contains("a hook of the remote refused the push"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("no pages on Fridays"), "{}", run.stderr);
    fs::remove_file(repository.remote().join("hooks/pre-receive")).unwrap();
    hook(
        &repository.site.path(".git"),
        "pre-push",
        "echo $1 is closed >&2; exit 1",
    );
    let run = refused(&repository, &[], "push-rejected");
    assert!(
        run.stderr
            .contains("a hook of your repository (`pre-push`)"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("origin is closed"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn interrupted_push_leaves_all_as_it_was_and_the_next_one_works() {
    let repository = Repository::with_remote(site());
    hook(&repository.site.path(".git"), "pre-push", "kill -9 $PPID");
    refused(&repository, &[], "git-failed");
    fs::remove_file(repository.site.path(".git/hooks/pre-push")).unwrap();
    publish(&repository, &[]);
    assert_published(&repository);
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
    assert!(message.contains(&format!(
        "Source: {head}\nWith changes that are in no commit\n"
    )));
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
    assert_eq!(message, "Publish files that are in no commit");
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
fn branch_with_the_sources_is_never_replaced() {
    let repository = Repository::with_remote(site());
    repository.git(&["checkout", "--quiet", "-b", "gh-pages"]);
    refused(&repository, &[], "branch-of-sources");
    // The branch of the remote counts, whatever is checked out.
    repository.git(&["push", "--quiet", "origin", "gh-pages"]);
    repository.git(&["checkout", "--quiet", "main"]);
    refused(&repository, &["--no-history"], "branch-of-sources");
    let run = refused(&repository, &[], "branch-of-sources");
    assert!(
        run.stderr.contains("name a branch that holds nothing else"),
        "{}",
        run.stderr
    );
}

#[test]
fn missing_repository_remote_and_identity_are_explained() {
    let repository = Repository::with_remote(site());
    repository.git(&["remote", "rename", "origin", "elsewhere"]);
    let run = refused(&repository, &[], "no-remote");
    assert!(
        run.stderr.contains("there is `elsewhere`"),
        "{}",
        run.stderr
    );
    repository.git(&["remote", "rename", "elsewhere", "origin"]);

    let settings = repository.beside(".gitconfig");
    fs::write(&settings, "[user]\nuseConfigOnly = true\n").unwrap();
    let run = refused(&repository, &[], "no-identity");
    assert!(
        run.stderr.contains("git config user.email"),
        "{}",
        run.stderr
    );

    fs::remove_dir_all(repository.remote()).unwrap();
    let run = repository.run(&["publish"]);
    assert!(
        run.stderr
            .contains("error[no-access]: there is no repository at the address"),
        "{}",
        run.stderr
    );
    fs::remove_dir_all(repository.site.path(".git")).unwrap();
    let run = repository.run(&["publish"]);
    assert!(
        run.stderr.contains("error[no-repository]: "),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("git remote add origin"),
        "{}",
        run.stderr
    );
}

#[test]
fn missing_git_is_explained() {
    let repository = Repository::with_remote(site());
    let run = Run::of(repository.command().env("PATH", "").arg("publish"));
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[no-git]: "), "{}", run.stderr);
    assert!(
        run.stderr.contains("https://git-scm.com/downloads"),
        "{}",
        run.stderr
    );
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
    let before = state(&outer);
    let run = outer.run(&["--root", "blog", "publish"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let mut after = state(&outer);
    after.retain(|path, _| {
        !path.starts_with(".git/modules/blog/objects/")
            && !path.contains("/refs/remotes/")
            && !path.starts_with("blog/public/")
    });
    let mut before = before;
    before.retain(|path, _| {
        !path.starts_with(".git/modules/blog/objects/") && !path.contains("/refs/remotes/")
    });
    assert_same(&before, &after);
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

/// As [`assert_published`], by the objects of the branch: what a clone makes of them depends on
/// settings.
#[track_caller]
fn assert_published_bare(repository: &Repository) {
    let mut public = repository.site.public();
    public.retain(|path, _| !path.starts_with(".pressrun-"));
    let listing = ask(repository, &["ls-tree", "-r", "-z", "gh-pages"]);
    let published = listing.split_terminator('\0').map(|entry| {
        let (head, path) = entry.split_once('\t').unwrap();
        let object = head.strip_prefix("100644 blob ").expect("a plain file");
        let blob = repository.try_git_in(&repository.remote(), &["cat-file", "blob", object]);
        (path.to_owned(), blob.stdout)
    });
    assert_same(&public, &published.collect());
}

#[test]
fn repository_of_a_hook_that_pressrun_runs_in_is_not_taken_for_the_sites() {
    let repository = Repository::with_remote(site());
    let before = state(&repository);
    let mut command = repository.command();
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env(name, repository.beside("nowhere"));
    }
    let run = Run::of(command.arg("publish"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_same(&before, &state(&repository));
    assert_published(&repository);
}

#[test]
fn doctor_stops_a_publication_unless_it_is_overruled() {
    let repository = Repository::with_remote(site());
    let config = CONFIG.replace("https://me.github.io/repo/", "http://localhost:1111/");
    repository.site.write("site.toml", config);
    let run = refused(&repository, &[], "base-url-local");
    assert!(
        run.stderr.contains("`publish --allow base-url-local`"),
        "{}",
        run.stderr
    );
    publish(&repository, &["--allow", "base-url-local"]);
    let run = repository.run(&["publish", "--allow", "branch-of-sources"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
}

#[test]
fn domain_of_the_published_site_is_not_lost_by_accident() {
    let repository = Repository::with_remote(site());
    let with_domain = format!(
        "{}[deploy]\ncname = \"blog.example.com\"\n",
        CONFIG.replace("me.github.io/repo", "blog.example.com")
    );
    repository.site.write("site.toml", with_domain);
    publish(&repository, &[]);
    assert_eq!(
        ask(&repository, &["show", "gh-pages:CNAME"]),
        "blog.example.com"
    );
    repository.site.write("site.toml", CONFIG);
    let run = refused(&repository, &["--no-history"], "domain-dropped");
    assert!(
        run.stderr.contains("set `cname = \"blog.example.com\"`"),
        "{}",
        run.stderr
    );
    publish(&repository, &["--allow", "domain-dropped"]);
    assert_published(&repository);
}

#[test]
fn rejected_reply_stops_a_strict_publication_only() {
    let repository = Repository::with_remote(site().file("content/empty.txt", ""));
    let run = repository.run(&["publish", "--strict"]);
    assert_eq!(run.code, 1);
    assert_eq!(published(&repository), Vec::<String>::new());
    let run = publish(&repository, &[]);
    assert!(
        run.stderr.contains("error[no-post-found]"),
        "{}",
        run.stderr
    );
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
        run.stdout.contains("\nto appear: 1 post on 2026-06-16, "),
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
