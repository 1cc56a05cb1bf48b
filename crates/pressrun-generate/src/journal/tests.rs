use std::fs;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::topic::Topic;

fn asked(id: &str, request: u64) -> JournalRecord {
    JournalRecord::Asked(AskedRecord {
        id: id.to_owned(),
        request,
        at: Timestamp::UNIX_EPOCH,
        purpose: RequestPurpose::Reply,
        attempt: 1,
        model: "m".to_owned(),
        template: "built-in".to_owned(),
        prompt_hash: "p".to_owned(),
        template_hash: "t".to_owned(),
        reserved: 100,
        topic: Some(Topic {
            id: id.to_owned(),
            text: format!("Topic {id}"),
            language: "en".to_owned(),
            ..Topic::default()
        }),
    })
}

fn answered(id: &str, request: u64, text: &str) -> JournalRecord {
    JournalRecord::Answered(AnsweredRecord {
        id: id.to_owned(),
        request,
        at: Timestamp::UNIX_EPOCH,
        purpose: RequestPurpose::Reply,
        text: text.to_owned(),
        finish: Some("stop".to_owned()),
        broken: None,
        refusal: None,
        usage: Some(TokenUsage {
            input: 10,
            output: 20,
            ..TokenUsage::default()
        }),
        cost: Some(0.5),
        seconds: 1.0,
        model: "m".to_owned(),
        template: "built-in".to_owned(),
        prompt_hash: "p".to_owned(),
        template_hash: "t".to_owned(),
        batch: None,
    })
}

fn judged(id: &str, verdict: Verdict) -> JournalRecord {
    JournalRecord::Judged(JudgedRecord {
        id: id.to_owned(),
        at: Timestamp::UNIX_EPOCH,
        verdict,
        findings: Vec::new(),
        title: None,
        other: None,
    })
}

fn open(folder: &TempDir) -> Journal {
    Journal::open(folder.path(), || panic!("nobody else has it")).unwrap()
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join(FOLDER).join(FILE)
}

/// Creates a journal with two accepted replies.
fn folder_with_two_replies() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(&folder);
    for (id, text) in [("a", "TITLE: A\n\"é\"\n"), ("b", "TITLE: B\n\nBody.\n")] {
        let request = journal.next_request();
        for record in [
            asked(id, request),
            answered(id, request, text),
            judged(id, Verdict::Accepted),
        ] {
            journal.append(&record).unwrap();
        }
    }
    folder
}

#[test]
fn states_are_the_same_after_reading_the_journal_again() {
    let folder = folder_with_two_replies();
    let journal = open(&folder);
    let state = journal.state("a").unwrap();
    assert!(state.is_done() && state.open.is_empty());
    assert_eq!(
        journal.read_text(state.text.unwrap()).unwrap(),
        "TITLE: A\n\"é\"\n"
    );
    let totals: Vec<_> = journal.totals().collect();
    assert_eq!(totals.len(), 1);
    assert_eq!((totals[0].0, totals[0].1), ("m", "built-in"));
    assert_eq!(totals[0].2.usage.unwrap().output, 40);
    assert_eq!(journal.findings(), []);
    drop(journal);
    assert_eq!(open(&folder).next_request(), 3);
}

#[test]
fn journal_cut_anywhere_in_its_last_line_keeps_the_line_and_the_next_record() {
    let folder = folder_with_two_replies();
    let whole = fs::read(path(&folder)).unwrap();
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|&b| b == b'\n')
        .unwrap()
        + 1;
    for end in last + 1..whole.len() {
        fs::write(path(&folder), &whole[..end]).unwrap();
        let mut journal = open(&folder);
        assert_eq!(journal.findings().len(), 1, "{end}");
        assert_eq!(journal.findings()[0].place.line, Some(6));
        journal.append(&asked("c", 9)).unwrap();
        drop(journal);
        let bytes = fs::read(path(&folder)).unwrap();
        assert!(bytes.starts_with(&whole[..end]));
        assert_eq!(bytes[end], b'\n');
        let journal = Journal::read(folder.path()).unwrap();
        assert_eq!(journal.state("c").unwrap().open, [9]);
        assert_eq!(journal.findings().len(), usize::from(end < whole.len() - 1));
    }
}

#[test]
fn line_that_is_no_record_is_kept_and_reported() {
    let folder = folder_with_two_replies();
    let mut bytes = b"{\"record\":\"asked\"}\nrubbish \xff\0\n\n".to_vec();
    bytes.extend(fs::read(path(&folder)).unwrap());
    fs::write(path(&folder), &bytes).unwrap();
    let journal = open(&folder);
    let lines: Vec<_> = journal.findings().iter().map(|f| f.place.line).collect();
    assert_eq!(lines, [Some(1), Some(2)]);
    let state = journal.state("a").unwrap();
    assert_eq!(
        journal.read_text(state.text.unwrap()).unwrap(),
        "TITLE: A\n\"é\"\n"
    );
    assert_eq!(fs::read(path(&folder)).unwrap(), bytes);
}

#[test]
fn record_of_a_later_version_is_read_over() {
    let folder = folder_with_two_replies();
    let mut text = fs::read_to_string(path(&folder)).unwrap();
    text = text.replace(
        "\"record\":\"judged\"",
        "\"record\":\"judged\",\"score\":[1]",
    );
    text += "{\"record\":\"approved\",\"id\":\"a\",\"by\":\"me\"}\n";
    text += "{\"record\":\"judged\",\"id\":\"b\",\"at\":\"2026-01-01T00:00:00Z\",\"verdict\":\"boring\"}\n";
    fs::write(path(&folder), text).unwrap();
    let journal = open(&folder);
    assert_eq!(journal.findings(), []);
    assert!(journal.state("a").unwrap().is_done());
    assert_eq!(
        journal.state("b").unwrap().verdict(),
        Some(Verdict::Unknown)
    );
}

#[test]
fn request_without_an_outcome_is_lost_and_its_topic_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    open(&folder).append(&asked("a", 1)).unwrap();
    let journal = open(&folder);
    let state = journal.state("a").unwrap();
    assert_eq!(state.open, [1]);
    assert!(state.needs_asking());
}

#[test]
fn accepted_reply_stays_when_a_later_one_is_not_accepted() {
    let folder = folder_with_two_replies();
    let mut journal = open(&folder);
    let first = journal.state("a").unwrap().accepted.clone();
    for record in [
        asked("a", 3),
        answered("a", 3, "I cannot"),
        judged("a", Verdict::Refused),
    ] {
        journal.append(&record).unwrap();
    }
    assert_eq!(journal.state("a").unwrap().accepted, first);
    assert!(!journal.state("a").unwrap().needs_asking());
}

#[test]
fn second_process_waits_for_the_first() {
    let folder = folder_with_two_replies();
    let first = open(&folder);
    let root = folder.path().to_owned();
    let (waits, waiting) = std::sync::mpsc::channel();
    let second = std::thread::spawn(move || {
        let mut journal = Journal::open(&root, || waits.send(()).unwrap()).unwrap();
        journal.append(&asked("c", 9)).unwrap();
    });
    waiting.recv().unwrap();
    assert!(first.state("c").is_none());
    drop(first);
    second.join().unwrap();
    assert!(open(&folder).state("c").is_some());
}

#[test]
fn journal_that_is_only_read_is_neither_created_nor_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::read(folder.path()).unwrap();
    assert!(!folder.path().join(FOLDER).exists());
    assert!(journal.append(&asked("a", 1)).is_err());
    let folder = folder_with_two_replies();
    let torn = b"{\"record\":";
    fs::write(path(&folder), torn).unwrap();
    assert_eq!(Journal::read(folder.path()).unwrap().findings().len(), 1);
    assert_eq!(fs::read(path(&folder)).unwrap(), torn);
}

#[test]
fn replies_are_records_that_ingestion_reads_as_drafts() {
    use pressrun_posts::content_file::{FileInput, ReadSettings, read_file};
    use pressrun_posts::post::Post;
    let folder = folder_with_two_replies();
    let mut journal = open(&folder);
    let cut = "TITLE: C\nTAGS: tea\n\nThe text goes on and on and is then cut";
    for record in [
        asked("c", 3),
        answered("c", 3, cut),
        judged("c", Verdict::CutOff),
        asked("d", 4),
        answered("d", 4, "rubbish"),
        judged("d", Verdict::OffFormat),
        asked("e", 5),
    ] {
        journal.append(&record).unwrap();
    }
    assert_eq!(write_replies(&journal, folder.path(), "en").unwrap(), 3);
    let path = folder.path().join(FOLDER).join(REPLIES_FILE);
    let bytes = fs::read(&path).unwrap();
    let first = "{\"id\":\"a\",\"topic\":\"Topic a\",\"draft\":true,\"generated_by\":\"pressrun\",\"model\":\"m\",\
                 \"finish_reason\":\"stop\",\"response\":\"TITLE: A\\n\\\"é\\\"\\n\"}\n";
    assert!(bytes.starts_with(first.as_bytes()));
    let file = FileInput {
        path: "replies.jsonl".into(),
        bytes,
    };
    let posts = read_file(&file, &ReadSettings::default()).posts;
    let titles: Vec<&str> = posts.iter().map(|post| post.title.as_str()).collect();
    assert_eq!(titles, ["A", "B", "C"]);
    let is_marked = |post: &Post| post.review.as_ref().is_some_and(|review| review.generated);
    assert!(posts.iter().all(|post| post.draft && is_marked(post)));
}

#[test]
fn replies_that_did_not_change_are_not_written_again() {
    let folder = folder_with_two_replies();
    let journal = open(&folder);
    let path = folder.path().join(FOLDER).join(REPLIES_FILE);
    write_replies(&journal, folder.path(), "en").unwrap();
    let stamp = pressrun_site::fs::read_stamp(&path);
    write_replies(&journal, folder.path(), "en").unwrap();
    assert_eq!(pressrun_site::fs::read_stamp(&path), stamp);
    let files = fs::read_dir(folder.path().join(FOLDER)).unwrap().count();
    assert_eq!(files, 2);
}
