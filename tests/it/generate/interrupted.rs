//! Runs that end before their end: by the user, or by a kill.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::commands::{generate, site_for, start_good_server};
use super::listener::{ScriptedListener, ScriptedResponse};
use crate::site::Site;

fn start_run(site: &Site) -> Child {
    let mut command = site.command();
    command
        .args(["generate", "t.txt"])
        .env_remove("PRESSRUN_API_KEY")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

fn records_of(site: &Site) -> Vec<Value> {
    let text = std::fs::read_to_string(site.path("generated/journal.jsonl")).unwrap();
    let lines = text.lines();
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

fn count_records(records: &[Value], kinds: &[&str]) -> usize {
    let kind = |record: &&Value| kinds.contains(&record["record"].as_str().unwrap());
    records.iter().filter(kind).count()
}

#[test]
fn interrupt_ends_four_open_requests_with_their_outcomes() {
    let server = ScriptedListener::start(|number, _| match number % 2 {
        0 => ScriptedResponse::begin("TITLE: Tea\n\nA first paragraph.\n\n").stall(),
        _ => ScriptedResponse::silence(),
    });
    let site = site_for(&server).file("t.txt", "Tea\nMilk\nWater\nJuice\nCoffee\nCocoa\n");
    let mut run = start_run(&site);
    server.wait_for_stalls(4);
    let pid = run.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let status = run.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    let records = records_of(&site);
    assert_eq!(count_records(&records, &["asked"]), 4);
    assert_eq!(count_records(&records, &["answered", "failed"]), 4);
    let kept = records
        .iter()
        .filter(|record| record["text"].as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!(kept.count(), 2, "what had come is kept");
}

#[test]
fn killed_runs_lose_no_answer_and_accept_no_topic_twice() {
    let topics = [
        "Tea", "Milk", "Water", "Juice", "Coffee", "Cocoa", "Wine", "Beer",
    ];
    let server = start_good_server();
    let site = site_for(&server).file("t.txt", topics.join("\n"));
    // Each kill comes at another place of the way from a request to its judgement.
    for count in [1, 2, 4, 5, 7] {
        let mut run = start_run(&site);
        server.wait_for_requests(count);
        run.kill().unwrap();
        run.wait().unwrap();
    }
    let run = generate(&site, &["t.txt"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let records = records_of(&site);
    for topic in topics {
        let is_accepted = |record: &&Value| {
            let title = record["title"].as_str().unwrap_or_default();
            record["verdict"] == "accepted" && title.starts_with(topic)
        };
        assert_eq!(records.iter().filter(is_accepted).count(), 1, "{topic}");
    }
    let asked = count_records(&records, &["asked"]);
    // A request is noted before it is sent, so a kill can come between the two.
    assert!((0..=5).contains(&(asked - server.received().len())));
    let requests = server.received().len();
    let run = generate(&site, &["t.txt"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(server.received().len(), requests, "nothing is asked twice");
}
