//! Decides for each post which file it gets and whether that file is written.
//!
//! Not here: reading posts (`reader`), matching them with files (`owners`), writing files
//! (`write`).

use std::collections::HashMap;
use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::{Date, Originality};
use pressrun_site::discover::SourceFile;

use super::folder::{IngestedFile, TargetFolder};
use super::front_matter::ReplyDigest;
use super::names::TakenNames;
use super::owners::{self, FileOwners};
use super::record::{CandidatePost, IngestStep, SourceRecord, StepAction};
use super::schedule::FreeDays;

/// What the plan depends on, besides the records.
pub(super) struct PlanInputs<'s> {
    /// Folder of the site.
    pub(super) root: &'s Path,
    /// The sources.
    pub(super) files: &'s [SourceFile],
    /// The folder that is written to.
    pub(super) folder: &'s TargetFolder,
    /// Path of that folder from the folder of the site.
    pub(super) folder_name: &'s str,
}

/// What happens to all records.
#[derive(Debug, Default)]
pub(super) struct IngestPlan {
    /// A step for each record, in the same order.
    pub(super) steps: Vec<IngestStep>,
    /// Diagnostics about these steps.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The schedule reaches the end of the calendar.
#[derive(Debug)]
pub(super) struct CalendarEnded;

/// Decides what happens to each record.
///
/// # Errors
///
/// Returns an error if the schedule has too few days.
pub(super) fn make_ingest_plan(
    entries: &[SourceRecord],
    setting: &PlanInputs<'_>,
    days: Option<FreeDays>,
) -> Result<IngestPlan, CalendarEnded> {
    let posts: Vec<&CandidatePost> = entries.iter().filter_map(SourceRecord::post).collect();
    let owners = owners::find_owners(&posts, setting.files, setting.folder);
    let mut planner = IngestPlanner {
        setting,
        earlier: find_earlier_owners(&posts, &owners, setting),
        owners,
        names: TakenNames::taken_in(setting.folder),
        days,
        plan: IngestPlan::default(),
    };
    let mut position = 0..posts.len();
    for entry in entries {
        let step = match entry {
            SourceRecord::Rejected { file, line, code } => {
                IngestStep::rejected(setting.files[*file].path.clone(), *line, *code)
            }
            SourceRecord::Post(post) => {
                let at = position.next().expect("posts were counted");
                planner.plan_post(at, post, &posts)?
            }
        };
        planner.plan.steps.push(step);
    }
    Ok(planner.plan)
}

/// The first owner of a sequence of words, which later posts repeat.
#[derive(Debug, Clone, Copy)]
enum EarlierOwner {
    /// A post in the sources, by its index.
    Post(usize),
    /// A file in the folder, by its index.
    File(usize),
}

/// Returns the first owner of each hash of words.
///
/// A post with a file comes before posts without one, and so does a file whose post is not in the
/// sources now: what is already there stays. Among the others, the original comes first.
fn find_earlier_owners(
    posts: &[&CandidatePost],
    owners: &FileOwners,
    setting: &PlanInputs<'_>,
) -> HashMap<ReplyDigest, EarlierOwner> {
    let folder = setting.folder;
    let mut order: Vec<(usize, &CandidatePost)> = posts.iter().copied().enumerate().collect();
    order.sort_by_cached_key(|(_, post)| {
        Originality::of_file(post.date, &setting.files[post.file].path, post.line)
    });
    let mut first = HashMap::new();
    for (at, ours) in folder.ours.iter().enumerate() {
        if !owners.claimed[at] {
            first
                .entry(ours.written.words)
                .or_insert(EarlierOwner::File(at));
        }
    }
    // Posts with a file go first, whatever the order of the sources.
    for has_file in [true, false] {
        for &(at, post) in &order {
            if owners.of_post[at].is_some() == has_file {
                let repeated = first.entry(post.words).or_insert(EarlierOwner::Post(at));
                if has_file && matches!(repeated, EarlierOwner::File(_)) {
                    *repeated = EarlierOwner::Post(at);
                }
            }
        }
    }
    // 0 marks a body without words, which is not a duplicate of another.
    first.remove(&0);
    first
}

struct IngestPlanner<'s> {
    setting: &'s PlanInputs<'s>,
    owners: FileOwners,
    earlier: HashMap<ReplyDigest, EarlierOwner>,
    names: TakenNames,
    days: Option<FreeDays>,
    plan: IngestPlan,
}

impl IngestPlanner<'_> {
    fn plan_post(
        &mut self,
        at: usize,
        post: &CandidatePost,
        posts: &[&CandidatePost],
    ) -> Result<IngestStep, CalendarEnded> {
        if let Some(earlier) = self.find_repeated(at, post) {
            return Ok(self.reject_duplicate(post, earlier, posts));
        }
        let folder = self.setting.folder;
        if let Some(ours) = self.owners.of_post[at] {
            return self.plan_existing(post, &folder.ours[ours]);
        }
        let step = self.plan_new_file(post)?;
        if let Some(replaced) = self.owners.replaced[at] {
            self.tell_of_replaced(post, &folder.ours[replaced], &step);
        }
        Ok(step)
    }

    /// Returns the earlier owner of a post's words, unless that is the post itself.
    fn find_repeated(&self, at: usize, post: &CandidatePost) -> Option<EarlierOwner> {
        let earlier = self.earlier.get(&post.words).copied();
        earlier.filter(|earlier| !matches!(earlier, EarlierOwner::Post(first) if *first == at))
    }

    fn reject_duplicate(
        &mut self,
        post: &CandidatePost,
        earlier: EarlierOwner,
        posts: &[&CandidatePost],
    ) -> IngestStep {
        let whose = match earlier {
            EarlierOwner::Post(first) => self.place(posts[first]).to_string(),
            EarlierOwner::File(at) => self.path_of(&self.setting.folder.ours[at].path),
        };
        let message = format!("the body is the same as that of `{whose}`");
        let found = Diagnostic::new(Code::DuplicatePost, self.place(post), message);
        self.plan.diagnostics.push(found);
        let source = self.setting.files[post.file].path.clone();
        IngestStep::rejected(source, Some(post.line), Code::DuplicatePost)
    }

    /// Plans a post that already has a file. It keeps the name and the address of the file, and
    /// also its date if the post states none.
    fn plan_existing(
        &mut self,
        post: &CandidatePost,
        ours: &IngestedFile,
    ) -> Result<IngestStep, CalendarEnded> {
        let written = &ours.written;
        let mut date = post.date.or(written.date);
        let mut differs = written.reply != post.reply;
        // An edited file is left alone, so a new date or a moved source does not matter.
        if !written.edited {
            if date.is_none() {
                date = self.next_day()?;
            }
            // The file names its source, so it must be rewritten after a move.
            differs |= date != written.date || self.was_moved(post, ours);
        }
        let action = match (differs, written.edited) {
            (false, _) => StepAction::Unchanged,
            (true, false) => StepAction::Update,
            (true, true) => {
                self.tell_of_edited(post, ours);
                StepAction::Kept
            }
        };
        Ok(IngestStep {
            path: ours.path.clone(),
            slug: written.slug.as_str().into(),
            date,
            ..self.step_of(post, action)
        })
    }

    /// Returns whether the source was renamed rather than copied.
    fn was_moved(&self, post: &CandidatePost, ours: &IngestedFile) -> bool {
        let old = &ours.written.file;
        *old != *self.setting.files[post.file].path && !self.setting.root.join(old).exists()
    }

    fn plan_new_file(&mut self, post: &CandidatePost) -> Result<IngestStep, CalendarEnded> {
        let date = match post.date {
            Some(date) => Some(date),
            None => self.next_day()?,
        };
        let (slug, wanted) = self.names.reserve(&post.slug);
        if slug != wanted {
            let message = format!(
                "the name `{wanted}` is already taken, so the post gets the \
                                   name `{slug}`"
            );
            let found = Diagnostic::new(Code::SlugCollision, self.place(post), message);
            self.plan.diagnostics.push(found);
        }
        let day = date.map_or_else(String::new, |date| format!("{date}-"));
        Ok(IngestStep {
            path: format!("{day}{slug}.md"),
            slug: slug.into(),
            date,
            ..self.step_of(post, StepAction::Create)
        })
    }

    /// Returns the next day of the schedule, or `None` without a schedule.
    fn next_day(&mut self) -> Result<Option<Date>, CalendarEnded> {
        match &mut self.days {
            None => Ok(None),
            Some(days) => days.next().map(Some).ok_or(CalendarEnded),
        }
    }

    fn tell_of_edited(&mut self, post: &CandidatePost, ours: &IngestedFile) {
        let message = format!(
            "the reply at {} changed, but this file was edited, so it was left alone",
            self.place(post)
        );
        let help = "copy what you want from the new reply by hand, or delete this file and run \
                    `pressrun ingest` again";
        let place = FilePlace::file(self.path_of(&ours.path));
        let found = Diagnostic::new(Code::EditedFile, place, message).with_help(help);
        self.plan.diagnostics.push(found);
    }

    fn tell_of_replaced(&mut self, post: &CandidatePost, ours: &IngestedFile, step: &IngestStep) {
        let [old, new] = [&ours.path, &step.path].map(|path| self.path_of(path));
        let message = format!(
            "the title and text differ from `{old}`, which was made from this place, so the post \
             gets a new file, `{new}`"
        );
        let help = format!("delete `{old}` if the new post replaces it");
        let found = Diagnostic::new(Code::ReplyReplaced, self.place(post), message).with_help(help);
        self.plan.diagnostics.push(found);
    }

    fn place(&self, post: &CandidatePost) -> FilePlace {
        FilePlace::line(self.setting.files[post.file].path.clone(), post.line)
    }

    /// Returns the path of a file in the folder, relative to the folder of the site.
    fn path_of(&self, path: &str) -> String {
        format!("{}/{path}", self.setting.folder_name)
    }

    fn step_of(&self, post: &CandidatePost, action: StepAction) -> IngestStep {
        IngestStep {
            source: self.setting.files[post.file].path.clone(),
            line: Some(post.line),
            action,
            path: String::new(),
            draft: post.draft,
            slug: Box::default(),
            date: None,
            record: post.record,
            reply: post.reply,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::front_matter::{WrittenOrigin, hash_reply_title};
    use super::super::schedule::DateSchedule;
    use super::*;
    use pressrun_text::similarity::sketch_start;

    /// A site for which posts of the files `a`, `b` … are planned.
    #[derive(Default)]
    struct Site {
        entries: Vec<SourceRecord>,
        folder: TargetFolder,
        start: Option<&'static str>,
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
                draft: false,
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
                    reply: hash_reply_title(&format!("{name} {text}")),
                    words: hash_reply_title(text),
                    title: hash_reply_title(name),
                    slug: name.to_owned(),
                    date: None,
                    edited: false,
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
            self.folder.ours.last_mut().unwrap().written.date = Some(date.parse().unwrap());
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
            let setting = PlanInputs {
                // A folder in which no file with these names exists.
                root: Path::new("tests"),
                files: &files,
                folder: &self.folder,
                folder_name: "content/posts",
            };
            let taken: HashSet<Date> = self
                .folder
                .ours
                .iter()
                .filter_map(|ours| ours.written.date)
                .collect();
            let days = self.start.map(|start| {
                let start = start.parse().unwrap();
                FreeDays::new(DateSchedule { start, every: 1 }, taken)
            });
            make_ingest_plan(&self.entries, &setting, days).unwrap()
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
            post.date = Some(Date::constant(2026, 1, day));
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
        post.date = Some(Date::constant(2020, 2, 2));
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
        assert_eq!(site.plan().steps[1].date, Some(Date::constant(2026, 1, 31)));
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
        assert_eq!(site.plan().steps[1].date, Some(Date::constant(2026, 1, 31)));
    }
}
