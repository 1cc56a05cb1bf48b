//! Runs the commands that pages of the documentation show with their output, and compares what they print.
//!
//! A block `console` has commands after `$ `, each followed by what it prints. A line `…` stands for any lines. The
//! sites that the pages are about are in `tests/docs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::site::{Run, Site};

/// What a command prints, as a page shows it.
struct ShownCommand {
    line: String,
    output: Vec<String>,
}

/// Returns the commands of all blocks `console` of a page.
fn list_commands(page: &str) -> Vec<ShownCommand> {
    let mut commands: Vec<ShownCommand> = Vec::new();
    for block in page.split("\n```console\n").skip(1) {
        let (block, _) = block.split_once("\n```").unwrap();
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                commands.push(ShownCommand {
                    line: command.to_owned(),
                    output: Vec::new(),
                });
            } else if let Some(last) = commands.last_mut() {
                last.output.push(line.to_owned());
            }
        }
    }
    commands
}

/// Returns whether a page shows these lines; `…` stands for any.
fn shows_lines(shown: &[String], printed: &[&str]) -> bool {
    let Some((line, rest)) = shown.split_first() else {
        return printed.is_empty();
    };
    if line == "…" {
        return (0..=printed.len()).any(|skipped| shows_lines(rest, &printed[skipped..]));
    }
    let Some((first, others)) = printed.split_first() else {
        return false;
    };
    remove_measures(line) == remove_measures(first) && shows_lines(rest, others)
}

/// Returns a line without what differs between machines and versions: sizes, times, and numbers beside them.
fn remove_measures(line: &str) -> String {
    let is_measured = line.contains(" in ./public: ")
        || line.starts_with("built for ")
        || line.starts_with("pressrun ");
    if !is_measured {
        return line.to_owned();
    }
    let words = line
        .split(' ')
        .filter(|word| !["kB)", "MB)", "ms", "s"].contains(word));
    let words: Vec<&str> = words.collect();
    let is_number = |char: char| char.is_ascii_digit() || ".,".contains(char);
    words.join(" ").replace(is_number, "")
}

/// Commands that need a browser, a remote or a person to end them.
const NOT_RUN: &[&str] = &["pressrun serve", "pressrun publish", "pressrun report"];

/// Runs the commands of a page in this folder of the site.
fn check_page(name: &str, site: &Site) {
    let page = fs::read_to_string(format!("docs/{name}.md")).unwrap();
    let mut folder = site.path("");
    let mut count = 0;
    for command in list_commands(&page) {
        if let Some(below) = command.line.strip_prefix("cd ") {
            folder = folder.join(below);
            write_kitchen(&folder);
            take_replies(&folder);
            continue;
        }
        if NOT_RUN.iter().any(|start| command.line.starts_with(start)) {
            continue;
        }
        let arguments = command.line.strip_prefix("pressrun ").unwrap().split(' ');
        let run = Run::of(site.command().args(arguments).current_dir(&folder));
        let printed = run.stderr + &run.stdout;
        let lines: Vec<&str> = printed.trim_end().lines().collect();
        let place = format!("docs/{name}.md, `{}`", command.line);
        assert!(
            shows_lines(&command.output, &lines),
            "{place} prints:\n{printed}"
        );
        count += 1;
    }
    assert!(count > 0, "docs/{name}.md shows no command");
}

/// Copies a site of `tests/docs`. All files are of the day before the one that counts as today.
fn copy_site(name: &str, target: &Path) {
    let source = PathBuf::from("tests/docs").join(name);
    for path in crate::site::tree(&source).into_keys() {
        let to = target.join(&path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(source.join(&path), &to).unwrap();
        age_file(&to);
    }
}

fn age_file(path: &Path) {
    let yesterday = SystemTime::UNIX_EPOCH + Duration::from_secs(1_781_395_201);
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(yesterday).unwrap();
}

/// Writes the site about kitchens, with the draft of a page that `init` writes.
fn write_kitchen(folder: &Path) {
    copy_site("kitchen", folder);
    let pages = folder.join("content/pages");
    fs::create_dir_all(&pages).unwrap();
    let about = pages.join("about.md");
    let text = "---\ntitle: About\ndescription: Who we are.\ndraft: true\n---\n\nWe bake.\n";
    fs::write(&about, text).unwrap();
    age_file(&about);
}

/// Puts the replies into `content/`, in place of the sample.
fn take_replies(folder: &Path) {
    fs::remove_file(folder.join("content/welcome.txt")).ok();
    for entry in fs::read_dir(folder.join("replies")).unwrap() {
        let reply = entry.unwrap().path();
        let to = folder.join("content").join(reply.file_name().unwrap());
        fs::copy(&reply, &to).unwrap();
        age_file(&to);
    }
}

fn empty_site() -> Site {
    let site = Site::new();
    site.remove("site.toml");
    site
}

#[test]
fn first_ten_minutes_go_as_shown() {
    check_page("start", &empty_site());
}

#[test]
fn checks_go_as_shown() {
    let site = empty_site();
    write_kitchen(&site.path(""));
    take_replies(&site.path(""));
    check_page("check", &site);
}

#[test]
fn replies_are_ingested_as_shown() {
    let site = empty_site();
    write_kitchen(&site.path(""));
    check_page("ingest", &site);
}

#[test]
fn generations_are_planned_as_shown() {
    let site = empty_site();
    write_kitchen(&site.path(""));
    check_page("generate", &site);
}

#[test]
fn terms_are_listed_and_merged_as_shown() {
    let site = empty_site();
    copy_site("hosting", &site.path(""));
    check_page("terms", &site);
}

#[test]
fn steps_of_many_machines_go_as_shown() {
    let site = empty_site();
    copy_site("hosting", &site.path(""));
    check_page("scale", &site);
}

/// Adds the keys of all objects in a value. The keys of `extra` and the like are those of users.
fn collect_keys(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_keys(item, keys)),
        Value::Object(fields) => {
            // The key of the schema is in all outputs.
            for (key, value) in fields.iter().filter(|(key, _)| *key != "schema") {
                keys.insert(key.clone());
                if !["extra", "languages"].contains(&key.as_str()) {
                    collect_keys(value, keys);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn keys_of_json_are_documented() {
    let site = empty_site();
    copy_site("hosting", &site.path(""));
    write_kitchen(&site.path(""));
    take_replies(&site.path(""));
    let json = fs::read_to_string("docs/json.md").unwrap();
    let report = fs::read_to_string("docs/report.md").unwrap();
    for (arguments, page) in [
        ("build", &json),
        ("ingest replies --dry-run", &json),
        ("check", &json),
        ("inspect content/bread.md", &json),
        ("terms", &json),
        ("generate topics.txt --dry-run", &json),
        ("generate --status", &json),
        ("review", &json),
        ("report", &report),
    ] {
        let mut words = arguments.split(' ');
        let command = words.next().unwrap();
        let run = Run::of(
            site.command()
                .arg(command)
                .args(["--format", "json"])
                .args(words),
        );
        let mut keys = BTreeSet::new();
        collect_keys(&serde_json::from_str(&run.stdout).unwrap(), &mut keys);
        let heading = format!("\n## `pressrun {command}`\n");
        let section = match page.split_once(&heading) {
            Some((_, section)) => section.split("\n## ").next().unwrap(),
            None => page,
        };
        let is_lacking = |key: &&String| !section.contains(&format!("`{key}`"));
        let lacking: Vec<_> = keys.iter().filter(is_lacking).collect();
        assert!(
            lacking.is_empty(),
            "`{arguments}` has undocumented keys: {lacking:?}"
        );
    }
}
