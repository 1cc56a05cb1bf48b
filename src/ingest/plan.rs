//! Decides for each post which file it gets and whether that file is written.
//!
//! Not here: reading posts (`reader`), matching them with files (`owners`), writing files
//! (`write`).

use std::collections::HashMap;
use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::{Originality, SiteZone, StatedDate};
use pressrun_site::discover::SourceFile;

use super::folder::{IngestedFile, TargetFolder};
use super::front_matter::ReplyDigest;
use super::names::TakenNames;
use super::owners::{self, FileOwners};
use super::record::{CandidatePost, IngestStep, SourceRecord, StepAction};
use super::schedule::FreeDates;

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
    /// The zone of dates that state none.
    pub(super) zone: &'s SiteZone,
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
/// Returns an error if the schedule has too few dates.
pub(super) fn make_ingest_plan(
    entries: &[SourceRecord],
    setting: &PlanInputs<'_>,
    dates: Option<FreeDates>,
) -> Result<IngestPlan, CalendarEnded> {
    let posts: Vec<&CandidatePost> = entries.iter().filter_map(SourceRecord::post).collect();
    let owners = owners::find_owners(&posts, setting.files, setting.folder);
    let mut planner = IngestPlanner {
        setting,
        earlier: find_earlier_owners(&posts, &owners, setting),
        owners,
        names: TakenNames::taken_in(setting.folder),
        dates,
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
        let placed = post.date.map(|stated| setting.zone.place_date(stated));
        Originality::of_file(
            placed.map(|date| date.moment),
            &setting.files[post.file].path,
            post.line,
        )
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
    dates: Option<FreeDates>,
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
        // The date of the container is not kept if the schedule counts instead.
        let kept = written
            .date
            .filter(|_| written.date != post.overridden || written.edited);
        let mut date = post.date.or(kept);
        let mut differs = written.reply != post.reply;
        // An edited file is left alone, so a new date or a moved source does not matter.
        if !written.edited {
            if date.is_none() {
                date = self.next_date(post)?;
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
            None => self.next_date(post)?,
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
        let day = date.map_or_else(String::new, |stated| format!("{}-", stated.date));
        Ok(IngestStep {
            path: format!("{day}{slug}.md"),
            slug: slug.into(),
            date,
            ..self.step_of(post, StepAction::Create)
        })
    }

    /// Returns the next date of the schedule, or `None` without a schedule and for a page.
    fn next_date(&mut self, post: &CandidatePost) -> Result<Option<StatedDate>, CalendarEnded> {
        match &mut self.dates {
            _ if post.is_page => Ok(None),
            None => Ok(None),
            Some(dates) => dates.next().map(Some).ok_or(CalendarEnded),
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
mod tests;
