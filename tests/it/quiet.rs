//! `--quiet`: every command prints its result and errors, and nothing else.

use crate::repository::Repository;
use crate::site::{Run, Site};

/// A site with a warning and a note, and a reply that is rejected if `rejected` says so.
fn site(rejected: bool) -> Repository {
    let config = "base_url = \"https://me.github.io/repo/\"\n[content]\ndates = \"none\"\n";
    let site = Site::with_config(config)
        .reply("one", "First", "a", "News")
        .file("raw.txt", "TITLE: Raw\n\nCut off in the mid")
        .file(
            "content/two.md",
            "---\ntitle: Second\n---\nSee [nothing](/nowhere/) here.\n",
        );
    if rejected {
        site.write(
            "content/three.txt",
            "I'm sorry, but I can't help with that request.\n",
        );
    }
    Repository::with_remote(site)
}

/// What a command with `--quiet` prints on a site with a warning: how its result begins, nothing
/// if it is empty, and whether it names the rejected reply among the errors of the site.
const COMMANDS: &[(&[&str], &str, bool)] = &[
    (&["init", "new"], "", false),
    (&["build"], "", true),
    (&["build", "--timings"], "\nstage", true),
    (&["ingest", "raw.txt"], "", false),
    (&["ingest", "raw.txt", "--dry-run"], "create ", false),
    (&["retry", "raw.txt", "--for", "openai"], "", false),
    (&["generate", "--status"], "0 topics were asked", false),
    (&["inspect", "content/one.txt"], "First\n", false),
    (&["inspect", "raw.txt"], "Raw\n", false),
    (
        &["inspect", "raw.txt", "--format", "json"],
        "{\"schema\":\"v1/inspect.json\",\"posts\":[",
        false,
    ),
    (&["check"], "", false),
    (&["check", "--deploy"], "", false),
    (
        &["check", "--format", "json"],
        "{\"schema\":\"v1/check.json\",\"diagnostics\":[{",
        false,
    ),
    (&["build", "--format", "json"], "{\"schema\":", false),
    (
        &["ingest", "raw.txt", "--format", "json"],
        "{\"schema\":",
        false,
    ),
    (
        &["publish", "--dry-run", "--format", "json"],
        "{\"schema\":",
        false,
    ),
    (&["check", "--format", "github"], "::", false),
    (&["report"], ".pressrun/report.html\n", false),
    (&["report", "--format", "json"], "{\n", false),
    (&["terms"], "", false),
    (&["terms", "--format", "json"], "{\"", false),
    (&["review"], "", false),
    (&["review", "--format", "json"], "{\"schema\":", false),
    (&["review", "--export", "-"], "decision,by,on,", false),
    (&["approve", "content/one.txt", "--by", "A"], "", false),
    (
        &["reject", "content/one.txt", "--why", "thin", "--by", "A"],
        "",
        false,
    ),
    (&["revoke", "content/one.txt"], "", false),
    (&["theme"], "templates/", false),
    (&["theme", "--export", "post.html"], "wrote ", false),
    (&["publish", "--dry-run"], "new ", true),
    (&["publish", "--workflow"], "", false),
    (&["publish"], "", true),
    (&["shard", "plan", "--shards", "2", "work"], "", false),
    (
        &["shard", "plan", "--shards", "2", "work", "--format", "json"],
        "{\"schema\":",
        false,
    ),
    (&["completions", "bash"], "_pressrun()", false),
    (&["man"], ".", false),
];

fn run(repository: &Repository, arguments: &[&str]) -> Run {
    repository.run(&[arguments, &["--quiet"]].concat())
}

#[test]
fn quiet_command_prints_its_result_and_no_warning() {
    for &(arguments, result, _) in COMMANDS {
        let repository = site(false);
        let run = run(&repository, arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
        assert_eq!(run.stderr, "", "{arguments:?}");
        let is_result =
            run.stdout.starts_with(result) && run.stdout.is_empty() == result.is_empty();
        assert!(is_result, "{arguments:?}: {}", run.stdout);
    }
}

#[test]
fn quiet_inspect_prints_no_warning_among_its_results() {
    let repository = site(true);
    let loud = repository.run(&["inspect", "raw.txt"]).stdout;
    assert!(
        loud.contains("warning[") && loud.contains("info["),
        "{loud}"
    );
    let quiet = run(&repository, &["inspect", "raw.txt"]).stdout;
    assert!(
        !quiet.contains("warning[") && !quiet.contains("info["),
        "{quiet}"
    );
    let json = ["inspect", "raw.txt", "--format", "json"];
    assert_eq!(run(&repository, &json).stdout, repository.run(&json).stdout);
    let rejected = run(&repository, &["inspect", "content/three.txt"]);
    assert_eq!(rejected.code, 1);
    assert!(
        rejected.stdout.contains("error[refusal]"),
        "{}",
        rejected.stdout
    );
}

#[test]
fn quiet_command_names_a_rejected_reply() {
    for &(arguments, _, names_it) in COMMANDS {
        let repository = site(true);
        let run = run(&repository, arguments);
        assert_eq!(
            run.stderr.contains("error[refusal]"),
            names_it,
            "{arguments:?}"
        );
        assert!(
            !run.stderr.contains("warning"),
            "{arguments:?}: {}",
            run.stderr
        );
    }
}

#[test]
fn quiet_check_prints_what_makes_it_fail() {
    let repository = site(true);
    let lines = |arguments: &[&str]| {
        let run = run(&repository, arguments);
        assert_eq!(run.code, 1);
        run.stdout
    };
    let failed = lines(&["check"]);
    assert_eq!(failed.lines().count(), 1, "{failed}");
    assert!(failed.starts_with("content/three.txt:1: error[refusal]"));
    let denied = lines(&["check", "--deny", "dead-link"]);
    assert_eq!(denied.lines().count(), 2, "{denied}");
    assert!(denied.contains("content/two.md:4: warning[dead-link]"));
}

/// All commands except `serve`, which ends only on request; `tests/it/serve` tests it.
#[test]
fn no_command_is_left_out() {
    let help = Site::new().run(&["--help"]).stdout;
    let commands = crate::site::between(&help, "Commands:\n", "\n\nOptions:");
    for line in commands.lines() {
        let name = line.split_whitespace().next().unwrap();
        let is_tried = COMMANDS.iter().any(|(arguments, ..)| arguments[0] == name);
        assert!(is_tried || ["serve", "help"].contains(&name), "{name}");
    }
}
