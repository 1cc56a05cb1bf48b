//! What a journal survives: two runs at once, a torn line, a full disk.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::{Mutex, mpsc};

use super::commands::{generate, site_for, start_good_server};
use super::listener::{ScriptedListener, ScriptedResponse};
use super::replies::{topic_of, write_reply};

const JOURNAL: &str = "generated/journal.jsonl";

#[test]
fn second_run_says_that_it_waits_and_asks_no_topic_again() {
    let (asked, is_asked) = mpsc::channel();
    let (release, is_released) = mpsc::channel::<()>();
    let is_released = Mutex::new(is_released);
    let server = ScriptedListener::start(move |number, request| {
        if number == 0 {
            asked.send(()).unwrap();
            is_released.lock().unwrap().recv().unwrap();
        }
        ScriptedResponse::answer(&write_reply(topic_of(request.last_message())))
    });
    let site = site_for(&server).file("t.txt", "Green tea\nWater\n");
    let path = site.path("t.txt").display().to_string();
    let start = || {
        let mut command = site.command();
        command.args(["generate", &path]);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let mut first = start();
    is_asked.recv().unwrap();
    let mut second = start();
    let mut lines = BufReader::new(second.stderr.take().unwrap()).lines();
    let waits = lines.find(|line| line.as_ref().unwrap().contains("waiting for another"));
    assert!(waits.is_some());
    release.send(()).unwrap();
    assert!(first.wait().unwrap().success());
    lines.for_each(drop);
    assert!(second.wait().unwrap().success());
    assert_eq!(server.received().len(), 2);
}

#[test]
fn torn_last_line_is_one_finding_and_the_next_run_goes_on() {
    let server = start_good_server();
    let site = site_for(&server).file("t.txt", "Green tea\n");
    let path = site.path("t.txt").display().to_string();
    assert_eq!(generate(&site, &[&path]).code, 0);
    let whole = fs::read(site.path(JOURNAL)).unwrap();
    let torn = &whole[..whole.len() - 20];
    fs::write(site.path(JOURNAL), torn).unwrap();
    let run = generate(&site, &[&path, "--strict"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(
        run.stderr.matches("journal-damaged").count(),
        1,
        "{}",
        run.stderr
    );
    // The judgement was torn, not the answer: nothing is asked again.
    assert_eq!(server.received().len(), 1);
    let sealed = fs::read(site.path(JOURNAL)).unwrap();
    assert!(sealed.starts_with(&[torn, b"\n{"].concat()));
    assert_eq!(sealed.last(), Some(&b'\n'));
}

/// Limits the size of files instead of filling a disk: both refuse the next byte.
#[cfg(unix)]
#[test]
fn full_disk_stops_the_run_at_once_and_keeps_what_was_answered() {
    use crate::site::Run;
    let server = start_good_server();
    let topics: Vec<String> = (0..40)
        .map(|number| format!("Tea number {number}"))
        .collect();
    let topics = topics.join("\n");
    let site = site_for(&server).file("t.txt", topics);
    let path = site.path("t.txt").display().to_string();
    let mut shell = site.command_of("sh");
    // The signal would end the program before it sees the error.
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 24; exec \"$0\" \"$@\""])
        .args([env!("CARGO_BIN_EXE_pressrun"), "generate", &path]);
    let run = Run::of(&mut shell);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("cannot write"), "{}", run.stderr);
    assert!(run.stderr.contains("journal.jsonl"), "{}", run.stderr);
    let journal = fs::read_to_string(site.path(JOURNAL)).unwrap();
    assert!(journal.ends_with('\n'));
    let records: Vec<serde_json::Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let answered = |record: &&serde_json::Value| record["record"] == "answered";
    let kept = records.iter().filter(answered).count();
    let received = server.received().len();
    assert!(kept > 0 && received < 40, "{kept} of {received}");
    // At most the four that were open are lost.
    assert!(received - kept <= 4, "{kept} of {received}");
    // With space, the next run goes on.
    let run = generate(&site, &[&path, "--strict", "--no-ingest"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}
