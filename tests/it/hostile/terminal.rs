//! Tests that printed text controls neither the terminal that shows it nor the workflow that reads
//! it.

use serde_json::Value;

use super::posts::{self, BREAKOUTS};
use crate::repository::Repository;
use crate::site::{Run, Site};

/// Text that a terminal, or the runner of a workflow, would obey.
const COMMANDS: &str = "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\u{85}\u{202e}\u{2066}\u{2028}\r\n\
                        ::error::x\n::stop-commands::y ##[add-mask]z\n";

fn site() -> Site {
    let json = serde_json::to_string(COMMANDS).unwrap();
    let mut site = posts::fields(
        "base_url = \"https://example.org/\"
[content]
dates = \"none\"
\
         [categories]
allowed = [\"News\"]
",
    )
    .file(
        "content/commands.md",
        format!(
            "---\ntitle: {json}\ndescription: {json}\ntags: [{json}]\ncategories: [{json}]\n\
                 slug: {json}\ndate: {json}\ncover: {json}\n{json}: {json}\n---\n\
                 # {COMMANDS}\n\n[{COMMANDS}](/nowhere/{COMMANDS})\n\n```{COMMANDS}\n"
        ),
    )
    .file(
        "content/draft.md",
        format!("---\ntitle: {json}\ndraft: true\n---\nText.\n"),
    )
    .file(
        "content/later.md",
        format!("---\ntitle: {json}\ndate: 2027-01-01\n---\nThe text.\n"),
    )
    .file(
        "content/broken.md",
        format!("---\n{COMMANDS}: [\n---\nSome text of it.\n"),
    )
    .file(
        "content/refused.txt",
        format!("I'm sorry, but I can't write that. {COMMANDS}"),
    );
    if cfg!(unix) {
        let name = COMMANDS.replace('/', "");
        site = site
            .file(&format!("content/{name}.txt"), "")
            .file(&format!("content/{name}/a.bin"), "x")
            .file(&format!("static/{name}"), "x");
    }
    if cfg!(target_os = "linux") {
        // Other systems refuse such names.
        site = site.file("content/a\u{FFFE}b\u{1FFFF}c.txt", "");
    }
    site
}

/// Runs a command as a GitHub workflow does, with colours.
fn run(site: &Site, arguments: &[&str]) -> Run {
    let mut command = site.command();
    command
        .env("GITHUB_ACTIONS", "true")
        .args(["--color", "always"]);
    Run::of(command.args(arguments))
}

/// Asserts that nothing but pressrun's own colours can control a terminal.
#[track_caller]
fn harmless(text: &str) {
    let mut plain = text.to_owned();
    for codes in ["1;31", "1;33", "1;36", "1", "2", "31", "32", "0"] {
        plain = plain.replace(&format!("\u{1b}[{codes}m"), "");
    }
    let commands = |c: char| {
        c != '\n'
            && (c.is_control()
                || ['\u{fffe}', '\u{1ffff}'].contains(&c)
                || ('\u{202a}'..='\u{202e}').contains(&c)
                || ('\u{2066}'..='\u{2069}').contains(&c)
                || ['\u{2028}', '\u{2029}'].contains(&c))
    };
    if let Some(at) = plain.find(commands) {
        let rest: String = plain[at..].chars().take(60).collect();
        panic!("{rest:?}");
    }
}

/// Asserts that no line is a command to the runner of a workflow.
#[track_caller]
fn no_workflow_commands(text: &str) {
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::"), "{line}");
        assert!(!line.contains("##["), "{line}");
    }
}

#[test]
fn nothing_of_the_content_commands_the_terminal_or_a_workflow() {
    let site = site();
    for arguments in [
        &["build"][..],
        &["build", "--force", "--verbose"],
        &["check"],
        &["check", "--verbose"],
        &["check", "--deploy"],
        &["check", "--format", "json"],
        &["check", "--format", "github"],
        &["inspect", "content/commands.md"],
        &["inspect", "content/broken.md"],
        &["inspect", "content/commands.md", "--format", "json"],
        &["inspect", "content/nowhere\u{1b}[2J.md"],
        &[
            "ingest",
            "content",
            "--into",
            "other",
            "--dry-run",
            "--verbose",
        ],
        &["ingest", "content", "--into", "other"],
        &["build", "--strict"],
    ] {
        let run = run(&site, arguments);
        assert!(run.stdout.len() + run.stderr.len() > 20, "{arguments:?}");
        for text in [&run.stdout, &run.stderr] {
            harmless(text);
            if !arguments.contains(&"github") {
                no_workflow_commands(text);
            }
        }
    }
}

#[test]
fn failures_command_no_terminal_either() {
    let site = Site::new()
        .file(
            "site.toml",
            format!("\"{}\" = 1\n", "\\u001b[2J\\u202e\\n::error::x"),
        )
        .file("content/a.txt", "");
    let run = run(&site, &["build"]);
    assert_eq!(run.code, 1);
    harmless(&run.stderr);
    no_workflow_commands(&run.stderr);
}

#[test]
fn github_gets_one_annotation_for_each_finding() {
    let site = site();
    let json = run(&site, &["check", "--format", "json"]).stdout;
    let found: Value = serde_json::from_str(&json).unwrap();
    let found = found["diagnostics"].as_array().unwrap();
    assert!(found.len() > BREAKOUTS.len());
    let github = run(&site, &["check", "--format", "github"]).stdout;
    assert_eq!(github.lines().count(), found.len());
    for (line, found) in github.lines().zip(found) {
        let (command, message) = line[2..].split_once("::").unwrap();
        let (name, properties) = command.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&name), "{line}");
        let file = properties.split(',').next().unwrap();
        assert!(file.starts_with("file="), "{line}");
        let title = properties.rsplit(',').next().unwrap();
        assert_eq!(title, format!("title={}", found["code"].as_str().unwrap()));
        assert!(!message.is_empty());
    }
}

#[test]
fn names_of_published_files_command_no_terminal() {
    let repository = Repository::with_remote(site());
    let run = repository.run(&["--color", "always", "publish", "--dry-run"]);
    assert!(run.stdout.len() > 1000, "{}{}", run.stdout, run.stderr);
    harmless(&run.stdout);
    harmless(&run.stderr);
}

/// Texts of posts that a filter for terminals or for workflows would change.
const CHANGED: &str = "A ##[group] \u{202e}right";

#[test]
fn json_of_every_command_has_the_texts_as_they_are() {
    let site = Site::with_config("[content]\ndates = \"none\"\n").file(
        "content/a.md",
        format!("---\ntitle: One\ntags: [\"{CHANGED}\"]\n---\nA text of some words.\n"),
    );
    for arguments in [
        &["terms", "--format", "json"][..],
        &["report", "--format", "json"],
        &["inspect", "content/a.md", "--format", "json"],
    ] {
        let run = Run::of(site.command().args(arguments).env("GITHUB_ACTIONS", "true"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(!run.stdout.contains("##["), "{}", run.stdout);
        let value: Value = serde_json::from_str(&run.stdout).unwrap();
        let text = value.to_string();
        assert!(text.contains("A ##[group] "), "{arguments:?}: {text}");
        assert!(!text.contains("# #["), "{arguments:?}: {text}");
    }
}
