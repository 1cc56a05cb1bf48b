//! Publishes to a bare repository on disk, and inspects it before and after.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::repository::Repository;
use crate::site::{Run, Site, tree};

/// A configuration that the doctor does not object to.
pub(crate) const CONFIG: &str = "title = \"Test\"\ndescription = \"D\"\n\
                      base_url = \"https://me.github.io/repo/\"\n[content]\ndates = \"none\"\n";

/// Returns a site with two posts.
pub(crate) fn site() -> Site {
    Site::with_config(CONFIG)
        .file(".gitignore", "/public/\n/.pressrun/\n")
        .reply("a", "First", "x", "News")
        .reply("b", "Second", "x", "News")
}

/// Publishes, which must succeed and must leave the user's repository unchanged.
#[track_caller]
pub(crate) fn publish(repository: &Repository, arguments: &[&str]) -> Run {
    let seen = || match arguments {
        ["--dry-run"] => state(repository),
        _ => without_note(state(repository)),
    };
    let before = seen();
    let run = repository.run(&[&["publish"], arguments].concat());
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_same(&before, &seen());
    run
}

/// Publishes, which must fail with this code and leave everything unchanged, including the remote.
#[track_caller]
pub(crate) fn refused(repository: &Repository, arguments: &[&str], code: &str) -> Run {
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

/// Returns every byte of the checkout and of git's own files: index, branches, stash, settings,
/// logs.
///
/// Leaves out the built site, the cache, and objects, which belong to no branch.
pub(crate) fn state(repository: &Repository) -> BTreeMap<String, Vec<u8>> {
    let left_out = ["public/", ".pressrun/", ".git/objects/"];
    let mut state = tree(&repository.site.path(""));
    state.retain(|path, _| !left_out.iter().any(|folder| path.starts_with(folder)));
    state
}

/// Removes what git records about the remote's branch after any push.
pub(crate) fn without_note(mut state: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    state.retain(|path, _| !path.ends_with("refs/remotes/origin/gh-pages"));
    state
}

#[track_caller]
pub(crate) fn assert_same(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) {
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

/// Runs a git command in the bare repository and returns its output.
#[track_caller]
pub(crate) fn ask(repository: &Repository, arguments: &[&str]) -> String {
    repository.git_in(&repository.remote(), arguments)
}

/// Returns the commits of the published branch, newest first, or none if there is no branch.
pub(crate) fn published(repository: &Repository) -> Vec<String> {
    let list = ["rev-list", "gh-pages", "--"];
    let output = repository.try_git_in(&repository.remote(), &list);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Clones the published branch and returns its files.
pub(crate) fn cloned(repository: &Repository, to: &Path) -> BTreeMap<String, Vec<u8>> {
    let _ = fs::remove_dir_all(to);
    let remote = repository.remote();
    let (from, to_text) = (remote.to_str().unwrap(), to.to_str().unwrap());
    let clone = ["clone", "--quiet", "--branch", "gh-pages", from, to_text];
    repository.git_in(&repository.remote(), &clone);
    let mut files = tree(to);
    files.retain(|path, _| !path.starts_with(".git/"));
    files
}

/// Asserts that the published tree is `public/` without pressrun's own files.
#[track_caller]
pub(crate) fn assert_published(repository: &Repository) {
    let mut public = repository.site.public();
    public.retain(|path, _| !path.starts_with(".pressrun-"));
    let published = cloned(repository, &repository.beside("clone"));
    assert_same(&public, &published);
}

/// Writes a hook of a repository.
#[cfg(unix)]
pub(crate) fn hook(git_folder: &Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let path = git_folder.join("hooks").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Returns a published site with a new post, whose next push is overtaken by somebody else's.
#[cfg(unix)]
pub(crate) fn overtaken() -> Repository {
    let repository = Repository::with_remote(site());
    publish(&repository, &[]);
    let remote = repository.remote();
    let remote = remote.display();
    let script = format!(
        "test -e {remote}/raced && exit 0; touch {remote}/raced\n\
         unset GIT_DIR; cd {remote}\n\
         git update-ref refs/heads/gh-pages $(git commit-tree -m theirs -p gh-pages 'gh-pages^{{tree}}')"
    );
    hook(&repository.site.path(".git"), "pre-push", &script);
    repository
        .site
        .write("content/c.md", "---\ntitle: Third\n---\nMore.\n");
    repository
}

/// Asserts the same as [`assert_published`], but reads the objects of the branch directly: what a
/// clone makes of them depends on settings.
#[track_caller]
pub(crate) fn assert_published_bare(repository: &Repository) {
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
