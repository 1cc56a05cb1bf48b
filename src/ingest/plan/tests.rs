//! Checks what becomes of each reply and each file.

use super::super::front_matter::{WrittenOrigin, hash_reply_title};
use super::super::schedule::{DateSchedule, PostInterval};
use super::*;
use pressrun_posts::post::Date;
use pressrun_text::similarity::sketch_start;

/// A site for which posts of the files `a`, `b` … are planned.
#[derive(Default)]
struct Site {
    entries: Vec<SourceRecord>,
    folder: TargetFolder,
    start: Option<&'static str>,
}

fn stated(date: &str) -> StatedDate {
    date.parse::<Date>().unwrap().into()
}

impl Site {
    /// Adds a post of a file with a title; its words are those of `text`.
    fn post(mut self, file: char, record: Option<u32>, name: &str, text: &str) -> Self {
        let words = hash_reply_title(text);
        self.entries.push(SourceRecord::Post(CandidatePost {
            file: file as usize - 'a' as usize,
            line: record.unwrap_or(1),
            record,
            reply: hash_reply_title(&format!("{name} {text}")),
            words,
            title: hash_reply_title(name),
            sketch: Box::new(sketch_start(text)),
            slug: name.into(),
            date: None,
            overridden: None,
            draft: false,
            is_page: false,
            identity: None,
        }));
        self
    }

    /// Adds a file to the folder, as written from such a post.
    fn ours(mut self, file: char, record: Option<u32>, name: &str, text: &str) -> Self {
        self.folder.ours.push(IngestedFile {
            path: format!("{name}.md"),
            written: WrittenOrigin {
                file: file.to_string(),
                record,
                id: None,
                request: None,
                cut_off: false,
                reply: hash_reply_title(&format!("{name} {text}")),
                words: hash_reply_title(text),
                title: hash_reply_title(name),
                slug: name.to_owned(),
                date: None,
                edited: false,
                draft: false,
            },
        });
        self
    }

    /// Marks the last file as edited.
    fn edited(mut self) -> Self {
        self.folder.ours.last_mut().unwrap().written.edited = true;
        self
    }

    /// Gives the last file a date.
    fn dated(mut self, date: &str) -> Self {
        self.folder.ours.last_mut().unwrap().written.date = Some(stated(date));
        self
    }

    fn plan(&self) -> IngestPlan {
        let files: Vec<SourceFile> = ('a'..='e')
            .map(|name| SourceFile {
                path: name.to_string().into(),
                location: name.to_string().into(),
                stamp: None,
            })
            .collect();
        let zone = SiteZone::default();
        let setting = PlanInputs {
            // A folder in which no file with these names exists.
            root: Path::new("tests"),
            files: &files,
            folder: &self.folder,
            folder_name: "content/posts",
            zone: &zone,
        };
        let taken: Vec<StatedDate> = self
            .folder
            .ours
            .iter()
            .filter_map(|ours| ours.written.date)
            .collect();
        let dates = self.start.map(|start| {
            let schedule = DateSchedule {
                start: stated(start),
                every: PostInterval::Days(1),
                times: Vec::new(),
            };
            FreeDates::new(&schedule, &zone, &taken)
        });
        make_ingest_plan(&self.entries, &setting, dates).unwrap()
    }

    #[track_caller]
    fn check(&self, steps: &[&str], codes: &[Code]) {
        let plan = self.plan();
        let found: Vec<String> = plan
            .steps
            .iter()
            .map(|step| format!("{:?} {}", step.action, step.path))
            .collect();
        assert_eq!(found, steps);
        let found: Vec<Code> = plan.diagnostics.iter().map(|found| found.code).collect();
        assert_eq!(found, codes, "{:#?}", plan.diagnostics);
    }
}

const TEXT: &str = "one two three four five six seven eight nine ten eleven twelve";
const LIKE: &str = "zero one two three four five six seven eight nine ten eleven twelve";
const UNLIKE: &str = "red green blue cyan magenta yellow black white grey pink brown";

#[test]
fn new_posts_get_files_and_known_ones_keep_theirs() {
    Site::default()
        .post('a', None, "x", TEXT)
        .post('b', None, "y", UNLIKE)
        .ours('a', None, "x", TEXT)
        .check(&["Unchanged x.md", "Create y.md"], &[]);
}

#[test]
fn second_title_gets_a_number_and_the_first_keeps_its_name() {
    Site::default()
        .post('a', None, "x", TEXT)
        .post('b', None, "x", UNLIKE)
        .check(&["Create x.md", "Create x-2.md"], &[Code::SlugCollision]);
    // The new post comes first in the sources now.
    Site::default()
        .post('a', None, "x", UNLIKE)
        .post('b', None, "x", TEXT)
        .ours('b', None, "x", TEXT)
        .check(&["Create x-2.md", "Unchanged x.md"], &[Code::SlugCollision]);
}

#[test]
fn post_keeps_its_file_when_its_title_or_its_text_changes() {
    let site = || Site::default().ours('a', None, "x", TEXT);
    site()
        .post('a', None, "new", TEXT)
        .check(&["Update x.md"], &[]);
    site()
        .post('a', None, "x", UNLIKE)
        .check(&["Update x.md"], &[]);
    site().post('a', None, "new", LIKE).check(
        // The file does not exist here, so its text is similar to nothing.
        &["Create new.md"],
        &[Code::ReplyReplaced],
    );
}

#[test]
fn records_are_known_again_after_one_was_put_before_them() {
    Site::default()
        .ours('a', Some(1), "x", TEXT)
        .ours('a', Some(2), "y", LIKE)
        .post('a', Some(1), "new", UNLIKE)
        .post('a', Some(2), "x", TEXT)
        .post('a', Some(3), "y", "changed")
        .check(&["Create new.md", "Unchanged x.md", "Update y.md"], &[]);
}

#[test]
fn edited_file_stays_whatever_happens_to_its_source() {
    let site = || Site::default().ours('a', None, "x", TEXT).edited();
    site()
        .post('a', None, "x", UNLIKE)
        .check(&["Kept x.md"], &[Code::EditedFile]);
    site()
        .post('a', None, "x", TEXT)
        .check(&["Unchanged x.md"], &[]);
}

#[test]
fn moved_source_is_followed() {
    Site::default()
        .ours('z', None, "x", TEXT)
        .post('a', None, "x", TEXT)
        .check(&["Update x.md"], &[]);
    // `cli` exists in the folder of this test's site, so `a` is a copy of it.
    let mut site = Site::default()
        .ours('z', None, "x", TEXT)
        .post('a', None, "x", TEXT);
    site.folder.ours[0].written.file = "it".to_owned();
    site.check(&["Unchanged x.md"], &[]);
}

#[test]
fn same_words_are_published_once() {
    Site::default()
        .post('a', None, "x", TEXT)
        .post('b', None, "y", TEXT)
        .check(
            &["Create x.md", "Rejected(DuplicatePost) "],
            &[Code::DuplicatePost],
        );
}

#[test]
fn older_of_two_posts_with_the_same_words_is_published() {
    let mut site = Site::default()
        .post('a', None, "x", TEXT)
        .post('b', None, "y", TEXT);
    for (entry, day) in site.entries.iter_mut().zip([2, 1]) {
        let SourceRecord::Post(post) = entry else {
            continue;
        };
        post.date = Some(Date::constant(2026, 1, day).into());
    }
    site.check(
        &["Rejected(DuplicatePost) ", "Create 2026-01-01-y.md"],
        &[Code::DuplicatePost],
    );
}

#[test]
fn post_with_a_file_is_not_a_duplicate_of_one_without() {
    Site::default()
        .post('a', None, "new", TEXT)
        .post('b', None, "x", TEXT)
        .ours('b', None, "x", TEXT)
        .check(
            &["Rejected(DuplicatePost) ", "Unchanged x.md"],
            &[Code::DuplicatePost],
        );
}

#[test]
fn words_of_a_file_whose_source_is_not_read_now_count() {
    let site = Site::default()
        .post('a', None, "new", TEXT)
        .ours('b', None, "x", TEXT);
    site.check(&["Rejected(DuplicatePost) "], &[Code::DuplicatePost]);
    assert_eq!(
        site.plan().diagnostics[0].message,
        "the body is the same as that of `content/posts/x.md`"
    );
}

#[test]
fn words_that_nobody_counted_are_not_duplicates() {
    let mut site = Site::default()
        .post('a', None, "x", TEXT)
        .post('b', None, "y", UNLIKE);
    for entry in &mut site.entries {
        let SourceRecord::Post(post) = entry else {
            continue;
        };
        post.words = 0;
    }
    site.check(&["Create x.md", "Create y.md"], &[]);
}

#[test]
fn names_of_other_files_are_taken() {
    let mut site = Site::default().post('a', None, "x", TEXT);
    site.folder.foreign = vec!["x".to_owned()];
    site.check(&["Create x-2.md"], &[Code::SlugCollision]);
}

#[test]
fn undated_posts_get_days_in_order() {
    let mut site = Site::default()
        .post('a', None, "x", TEXT)
        .post('b', None, "y", LIKE)
        .post('c', None, "z", UNLIKE);
    site.start = Some("2026-01-31");
    let SourceRecord::Post(post) = &mut site.entries[1] else {
        panic!("it is a post")
    };
    post.date = Some(Date::constant(2020, 2, 2).into());
    let steps = [
        "Create 2026-01-31-x.md",
        "Create 2020-02-02-y.md",
        "Create 2026-02-01-z.md",
    ];
    site.check(&steps, &[]);
}

#[test]
fn post_keeps_the_day_it_got_and_new_ones_come_after() {
    let mut site = Site::default()
        .post('b', None, "new", LIKE)
        .post('a', None, "x", UNLIKE)
        .ours('a', None, "x", TEXT)
        .dated("2026-01-31");
    site.start = Some("2026-01-31");
    site.check(&["Create 2026-02-01-new.md", "Update x.md"], &[]);
    assert_eq!(site.plan().steps[1].date, Some(stated("2026-01-31")));
}

#[test]
fn schedule_reaches_undated_files_unless_they_were_edited() {
    let mut site = Site::default()
        .post('a', None, "x", TEXT)
        .post('b', None, "y", UNLIKE)
        .ours('a', None, "x", TEXT)
        .edited()
        .ours('b', None, "y", UNLIKE);
    site.start = Some("2026-01-31");
    site.check(&["Unchanged x.md", "Update y.md"], &[]);
    assert_eq!(site.plan().steps[1].date, Some(stated("2026-01-31")));
}

#[test]
fn schedule_replaces_the_date_of_a_container_once() {
    let mut site = Site::default()
        .post('a', None, "x", TEXT)
        .post('b', None, "y", UNLIKE)
        .ours('a', None, "x", TEXT)
        .dated("2020-02-02");
    site.start = Some("2026-01-31");
    for entry in &mut site.entries {
        let SourceRecord::Post(post) = entry else {
            continue;
        };
        post.overridden = Some(stated("2020-02-02"));
    }
    site.check(&["Update x.md", "Create 2026-02-01-y.md"], &[]);
    assert_eq!(site.plan().steps[0].date, Some(stated("2026-01-31")));
    // The next run keeps what the schedule gave, and an edited file its date.
    let kept = site.dated("2026-01-31");
    kept.check(&["Unchanged x.md", "Create 2026-02-01-y.md"], &[]);
    kept.dated("2020-02-02")
        .edited()
        .check(&["Unchanged x.md", "Create 2026-01-31-y.md"], &[]);
}
