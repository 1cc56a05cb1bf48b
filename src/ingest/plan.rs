//! Decides for each post which file it gets and whether that file is written.
//!
//! Not here: reading posts (`reader`), records that take the place of others (`retries`), matching
//! posts with files (`owners`), writing files (`write`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_posts::post::{Originality, SiteZone, StatedDate};
use pressrun_site::discover::SourceFile;
use pressrun_text::numbers::group_thousands;

use super::folder::{IngestedFile, TargetFolder};
use super::front_matter::ReplyDigest;
use super::names::TakenNames;
use super::owners::{self, FileOwners, FileSeeker};
use super::record::{CandidatePost, IngestStep, SourceRecord, StepAction};
use super::retries::{self, RetrySurvey, Successor};
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
    let mut survey = retries::survey_retries(entries, setting.files, setting.folder);
    let seekers = list_seekers(entries, &survey);
    let owners = owners::find_owners(&seekers, setting.files, setting.folder);
    let mut planner = IngestPlanner {
        setting,
        entries,
        swaps: find_swaps(&seekers, &owners, setting.folder),
        slugs: find_slugs(&seekers),
        several_texts: find_ids_of_several_texts(&seekers),
        earlier: find_earlier_owners(&seekers, &owners, setting),
        owners,
        names: TakenNames::taken_in(setting.folder),
        dates,
        unrelated: BTreeMap::new(),
        plan: IngestPlan {
            steps: Vec::with_capacity(entries.len()),
            diagnostics: std::mem::take(&mut survey.diagnostics),
        },
    };
    let mut position = 0..seekers.len();
    for (entry, successor) in entries.iter().zip(&survey.successors) {
        let at = entry.post().and_then(|_| position.next());
        let step = match (entry, successor) {
            (_, Some(successor)) => planner.skip_superseded(entry, *successor),
            (
                SourceRecord::Rejected {
                    file,
                    line,
                    code,
                    failed,
                },
                None,
            ) => {
                let found = failed.as_ref().map(|failed| failed.found.clone());
                planner.plan.diagnostics.extend(found);
                IngestStep::rejected(setting.files[*file].path.clone(), *line, *code)
            }
            (SourceRecord::Post(post), None) => {
                let at = at.expect("posts were counted");
                planner.plan_post(at, post, &seekers)?
            }
        };
        planner.plan.steps.push(step);
    }
    planner.report_unrelated();
    Ok(planner.plan)
}

/// Lists the posts among the records.
fn list_seekers<'e>(entries: &'e [SourceRecord], survey: &RetrySurvey) -> Vec<FileSeeker<'e>> {
    let mut posts = 0;
    // The position of each record among the posts.
    let positions: Vec<usize> = entries
        .iter()
        .map(|entry| {
            posts += usize::from(entry.post().is_some());
            posts.saturating_sub(1)
        })
        .collect();
    let seekers = entries.iter().enumerate().filter_map(|(at, entry)| {
        Some(FileSeeker {
            post: entry.post()?,
            successor: survey.successors[at].map(|successor| match successor {
                Successor::Record(at) => positions[at],
                // The post of a file needs none.
                Successor::File(_) => usize::MAX,
            }),
            is_identified: survey.is_identified[at],
        })
    });
    seekers.collect()
}

/// Finds the slugs of posts that got a number because of a version of them in the same file, whose
/// place they take: without the number.
fn find_slugs<'e>(posts: &[FileSeeker<'e>]) -> HashMap<usize, &'e str> {
    let mut slugs: HashMap<usize, &str> = HashMap::new();
    for seeker in posts {
        let winner = seeker
            .successor
            .and_then(|at| Some((at, posts.get(at)?.post)));
        let Some((at, winner)) = winner else {
            continue;
        };
        let is_version = (seeker.post.file, seeker.post.title) == (winner.file, winner.title);
        let slug = slugs.get(&at).copied().unwrap_or(&winner.slug);
        if is_version && seeker.post.slug.len() < slug.len() {
            slugs.insert(at, &seeker.post.slug);
        }
    }
    slugs
}

/// Finds the ids under which the sources have several texts.
fn find_ids_of_several_texts<'e>(posts: &[FileSeeker<'e>]) -> HashSet<&'e str> {
    let mut first: HashMap<&str, ReplyDigest> = HashMap::new();
    let mut several = HashSet::new();
    for seeker in posts {
        if let Some(key) = seeker.post.id_key()
            && *first.entry(key).or_insert(seeker.post.words) != seeker.post.words
        {
            several.insert(key);
        }
    }
    several
}

/// Finds pairs of texts that were written before, each under the id of the other. Returns for each
/// post that is the first of a pair the position of the second.
fn find_swaps(
    posts: &[FileSeeker<'_>],
    owners: &FileOwners,
    folder: &TargetFolder,
) -> HashMap<usize, usize> {
    // By the ids that a text has now and had before.
    let mut moved: HashMap<(&str, &str), usize> = HashMap::new();
    let mut swaps = HashMap::new();
    for (at, seeker) in posts.iter().enumerate() {
        let written = owners.of_post[at].map(|ours| &folder.ours[ours].written);
        let before = written.filter(|written| written.reply == seeker.post.reply);
        let before = before.and_then(|written| written.id.as_ref());
        let (Some(now), Some(before)) = (seeker.post.id_key(), before) else {
            continue;
        };
        let before = &*before.key;
        if now == before || !seeker.is_identified {
            continue;
        }
        if let Some(&first) = moved.get(&(before, now)) {
            swaps.insert(first, at);
        }
        moved.insert((now, before), at);
    }
    swaps
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
    posts: &[FileSeeker<'_>],
    owners: &FileOwners,
    setting: &PlanInputs<'_>,
) -> HashMap<ReplyDigest, EarlierOwner> {
    let folder = setting.folder;
    let posts = posts.iter().enumerate();
    let counting = posts.filter(|(_, seeker)| seeker.successor.is_none());
    let mut order: Vec<(usize, &CandidatePost)> =
        counting.map(|(at, seeker)| (at, seeker.post)).collect();
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
    entries: &'s [SourceRecord],
    /// The pairs of posts whose texts have the id of the other.
    swaps: HashMap<usize, usize>,
    /// The slugs of posts that take the place of a version of them.
    slugs: HashMap<usize, &'s str>,
    /// The ids under which there are several texts.
    several_texts: HashSet<&'s str>,
    owners: FileOwners,
    earlier: HashMap<ReplyDigest, EarlierOwner>,
    names: TakenNames,
    dates: Option<FreeDates>,
    /// The replies that have the id of an unrelated post, by the source of each and of that post.
    unrelated: BTreeMap<(usize, String), UnrelatedReplies>,
    plan: IngestPlan,
}

/// Replies of a source that have the ids of posts from another source.
struct UnrelatedReplies {
    first: Diagnostic,
    count: usize,
}

impl IngestPlanner<'_> {
    fn plan_post(
        &mut self,
        at: usize,
        post: &CandidatePost,
        posts: &[FileSeeker<'_>],
    ) -> Result<IngestStep, CalendarEnded> {
        if let Some(earlier) = self.find_repeated(at, post) {
            if let EarlierOwner::Post(first) = earlier
                && self.has_swapped_text(post, posts[first].post)
            {
                return Ok(self.skip_swapped(post, posts[first].post));
            }
            return Ok(self.reject_duplicate(post, earlier, posts));
        }
        let folder = self.setting.folder;
        if let Some(&other) = self.swaps.get(&at) {
            self.tell_of_swap(post, posts[other].post);
        }
        if let Some(ours) = self.owners.of_post[at] {
            return self.plan_existing(post, &folder.ours[ours]);
        }
        let step = self.plan_new_file(post, self.slugs.get(&at).copied().unwrap_or(&post.slug))?;
        if let Some(unrelated) = self.owners.unrelated[at] {
            self.note_unrelated(post, &folder.ours[unrelated], &step);
        } else if let Some(replaced) = self.owners.replaced[at] {
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
        posts: &[FileSeeker<'_>],
    ) -> IngestStep {
        let whose = match earlier {
            EarlierOwner::Post(first) => self.place(posts[first].post).to_string(),
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
            // Whoever edited the file may have finished it.
            draft: if written.edited {
                written.draft
            } else {
                post.draft
            },
            ..self.step_of(post, action)
        })
    }

    /// Returns whether the source was renamed rather than copied.
    fn was_moved(&self, post: &CandidatePost, ours: &IngestedFile) -> bool {
        let old = &ours.written.file;
        *old != *self.setting.files[post.file].path && !self.setting.root.join(old).exists()
    }

    fn plan_new_file(
        &mut self,
        post: &CandidatePost,
        slug: &str,
    ) -> Result<IngestStep, CalendarEnded> {
        let date = match post.date {
            Some(date) => Some(date),
            None => self.next_date(post)?,
        };
        let (slug, wanted) = self.names.reserve(slug);
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

    /// Plans a record whose place another one takes.
    fn skip_superseded(&mut self, entry: &SourceRecord, successor: Successor) -> IngestStep {
        let source = self.setting.files[entry.file()].path.clone();
        let place = match entry.line() {
            Some(line) => FilePlace::line(source.clone(), line),
            None => FilePlace::file(source.clone()),
        };
        let by = match successor {
            Successor::Record(at) => {
                let record = &self.entries[at];
                let line = record
                    .line()
                    .map_or_else(String::new, |line| format!(":{line}"));
                format!("{}{line}", self.setting.files[record.file()].path)
            }
            Successor::File(ours) => self.path_of(&self.setting.folder.ours[ours].path),
        };
        let id = quote_for_message(entry.id().map_or("", |id| &id.text));
        let what = match entry {
            SourceRecord::Rejected { .. } => "has no post here",
            SourceRecord::Post(_) if entry.is_cut_off() => "was cut off here",
            SourceRecord::Post(_) => "has an earlier version here",
        };
        let message = format!("{id} {what}; its post is `{by}`");
        let found = Diagnostic::new(Code::ReplySuperseded, place, message);
        self.plan.diagnostics.push(found);
        let reply = entry.post().map_or(0, |post| post.reply);
        IngestStep {
            action: StepAction::Superseded,
            reply,
            ..IngestStep::rejected(source, entry.line(), Code::ReplySuperseded)
        }
    }

    /// Returns whether a post has the text of another id, while its own id has another text too.
    fn has_swapped_text(&self, post: &CandidatePost, other: &CandidatePost) -> bool {
        match (post.id_key(), other.id_key()) {
            (Some(own), Some(others)) => own != others && self.several_texts.contains(own),
            _ => false,
        }
    }

    /// Plans a post whose text another record has too, while its own id has another text: the texts
    /// of two ids were swapped between two files, and each text counts once.
    fn skip_swapped(&mut self, post: &CandidatePost, other: &CandidatePost) -> IngestStep {
        let [own, others] = [post, other].map(|post| {
            let identity = post.identity.as_ref();
            quote_for_message(identity.map_or("", |identity| &identity.id.text))
        });
        let message = format!(
            "the text under the id {own} is that of {others} at {}; it is used once",
            self.place(other)
        );
        let help = "two results may have been swapped; check which request the text answers";
        let found =
            Diagnostic::new(Code::SwappedReplies, self.place(post), message).with_help(help);
        self.plan.diagnostics.push(found);
        self.step_of(post, StepAction::Superseded)
    }

    fn tell_of_swap(&mut self, post: &CandidatePost, other: &CandidatePost) {
        let [own, others] = [post, other].map(|post| {
            let identity = post.identity.as_ref();
            quote_for_message(identity.map_or("", |identity| &identity.id.text))
        });
        let message = format!(
            "the texts of {own} and {others} were swapped since they were ingested: {others} is at {}",
            self.place(other)
        );
        let help = "the files keep their texts; check which request each text answers";
        let found =
            Diagnostic::new(Code::SwappedReplies, self.place(post), message).with_help(help);
        self.plan.diagnostics.push(found);
    }

    fn note_unrelated(&mut self, post: &CandidatePost, ours: &IngestedFile, step: &IngestStep) {
        let [old, new] = [&ours.path, &step.path].map(|path| self.path_of(path));
        let id = post
            .identity
            .as_ref()
            .map_or("", |identity| &identity.id.text);
        let message = format!(
            "{} is the id of `{old}` too, which is about something else, so this post gets a new \
             file, `{new}`",
            quote_for_message(id)
        );
        let help = format!("delete `{old}` if the new post replaces it");
        let found =
            Diagnostic::new(Code::UnrelatedReply, self.place(post), message).with_help(help);
        let sources = (post.file, ours.written.file.clone());
        let replies = self.unrelated.entry(sources);
        let replies = replies.or_insert(UnrelatedReplies {
            first: found,
            count: 0,
        });
        replies.count += 1;
    }

    /// Reports replies with ids of unrelated posts, once for each pair of sources.
    fn report_unrelated(&mut self) {
        for replies in std::mem::take(&mut self.unrelated).into_values() {
            let mut found = replies.first;
            if let Some(more) = replies.count.checked_sub(1).filter(|more| *more > 0) {
                let posts = if more == 1 { "post" } else { "posts" };
                found.message += &format!("; so do {} more {posts}", group_thousands(more));
            }
            self.plan.diagnostics.push(found);
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
