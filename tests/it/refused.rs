//! Tests `pressrun publish` when it cannot or should not publish: what it prints, and that it
//! changes nothing.

use std::fs;

use crate::remote::{CONFIG, ask, assert_published, publish, published, refused, site};
#[cfg(unix)]
use crate::remote::{hook, overtaken};
use crate::repository::Repository;
use crate::site::Run;

#[cfg(unix)]
#[test]
fn without_history_what_others_push_meanwhile_is_not_forgotten() {
    let repository = overtaken();
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
        run.stderr
            .contains("a hook of the remote rejected the push"),
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
fn branch_with_the_sources_is_never_replaced() {
    let repository = Repository::with_remote(site());
    repository.git(&["checkout", "--quiet", "-b", "gh-pages"]);
    refused(&repository, &[], "branch-of-sources");
    // The branch on the remote is what matters, not the branch that is checked out.
    repository.git(&["push", "--quiet", "origin", "gh-pages"]);
    repository.git(&["checkout", "--quiet", "main"]);
    refused(&repository, &["--no-history"], "branch-of-sources");
    let run = refused(&repository, &[], "branch-of-sources");
    assert!(
        run.stderr
            .contains("choose a branch that contains nothing else"),
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
        run.stderr.contains("to an existing one: `elsewhere`"),
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
