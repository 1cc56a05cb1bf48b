//! Finds the records that another record takes the place of: a request failed, was refused or was cut
//! off, and another record of the same id has its reply.
//!
//! An id identifies a record within a batch. It does not if it has several replies in one file, and
//! between two files only if these answer the same requests (`same_request`). A record without a text
//! cannot show what was asked, so two files in which an id has replies about different things are
//! taken for unrelated batches.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_site::discover::SourceFile;
use pressrun_text::numbers::group_thousands;

use super::folder::TargetFolder;
use super::record::{CandidatePost, RejectedRecord, SourceRecord};
use super::same_request::RequestAnswer;

/// The maximum number of files whose replies under one id are compared with each other.
const MAX_FILES: usize = 16;

/// What takes the place of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Successor {
    /// A record of the sources, by its index.
    Record(usize),
    /// A file in the folder, by its index.
    File(usize),
}

/// Which records count, and what their ids are good for.
#[derive(Debug, Default)]
pub(super) struct RetrySurvey {
    /// For each record, what takes its place.
    pub(super) successors: Vec<Option<Successor>>,
    /// For each record, whether its id identifies it in its file.
    pub(super) is_identified: Vec<bool>,
    /// The ids that identify nothing.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Finds the records whose place another one takes.
pub(super) fn survey_retries(
    entries: &[SourceRecord],
    files: &[SourceFile],
    folder: &TargetFolder,
) -> RetrySurvey {
    let mut groups = group_by_id(entries);
    let mut survey = RetrySurvey {
        successors: vec![None; entries.len()],
        is_identified: vec![false; entries.len()],
        diagnostics: Vec::new(),
    };
    // Most sources have no ids, or each only once.
    let by_id = file_indices_by_id(folder);
    groups.retain(|group| {
        group.entries.len() > 1 || by_id.contains_key(group.key) || {
            survey.is_identified[group.entries[0]] = true;
            false
        }
    });
    if groups.is_empty() {
        return survey;
    }
    let mut finder = SuccessorFinder {
        entries,
        folder,
        filed: by_id,
        origins: Origins::new(files, folder),
        unrelated: HashSet::new(),
        survey,
    };
    finder.identify(&groups, files);
    finder.find_unrelated_origins(&groups);
    for group in &groups {
        finder.find_successors(group);
    }
    finder.survey
}

/// The records of one id.
struct IdGroup<'e> {
    key: &'e str,
    /// Their indices, in order.
    entries: Vec<usize>,
}

/// Groups the records that have an id, in the order of the first record of each.
fn group_by_id(entries: &[SourceRecord]) -> Vec<IdGroup<'_>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut groups: Vec<IdGroup<'_>> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let Some(key) = entry.id().map(|id| &*id.key) else {
            continue;
        };
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(IdGroup {
                key,
                entries: Vec::new(),
            });
            groups.len() - 1
        });
        groups[place].entries.push(at);
    }
    groups
}

/// Returns the indices of the files in the folder by their ids.
pub(super) fn file_indices_by_id(folder: &TargetFolder) -> HashMap<&str, Vec<usize>> {
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, ours) in folder.ours.iter().enumerate() {
        if let Some(id) = &ours.written.id {
            by_id.entry(&id.key).or_default().push(at);
        }
    }
    by_id
}

/// The source files, those of earlier runs too, as numbers.
struct Origins {
    /// For each file in the folder, the number of its source file.
    of_ours: Vec<usize>,
}

impl Origins {
    fn new(files: &[SourceFile], folder: &TargetFolder) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        for (at, file) in files.iter().enumerate() {
            numbers.insert(&file.path, at);
        }
        let number = |name| {
            let next = numbers.len();
            *numbers.entry(name).or_insert(next)
        };
        let names = folder.ours.iter().map(|ours| ours.written.file.as_str());
        Self {
            of_ours: names.map(number).collect(),
        }
    }
}

/// A reply that is complete, with the number of its source file.
struct CompleteReply<'e> {
    origin: usize,
    reply: ReplyAt<'e>,
}

/// A reply in the sources, or in a file of the folder.
#[derive(Clone, Copy)]
enum ReplyAt<'e> {
    Source(&'e CandidatePost),
    Folder(usize),
}

struct SuccessorFinder<'e> {
    entries: &'e [SourceRecord],
    folder: &'e TargetFolder,
    filed: HashMap<&'e str, Vec<usize>>,
    origins: Origins,
    /// The pairs of source files that are batches of different requests.
    unrelated: HashSet<(usize, usize)>,
    survey: RetrySurvey,
}

impl<'e> SuccessorFinder<'e> {
    /// Decides which ids identify their records, and reports the files in which some do not.
    fn identify(&mut self, groups: &[IdGroup<'_>], files: &[SourceFile]) {
        // For each file, an id and the number of ids that have several replies.
        let mut ambiguous: HashMap<usize, (usize, usize)> = HashMap::new();
        for group in groups {
            for of_file in self.split_by_file(&group.entries) {
                let posts: Vec<usize> = of_file
                    .iter()
                    .copied()
                    .filter(|&at| self.entries[at].post().is_some())
                    .collect();
                let is_clear = self.has_one_reply(&posts);
                for &at in &of_file {
                    self.survey.is_identified[at] = is_clear;
                }
                if !is_clear {
                    let file = self.entries[of_file[0]].file();
                    ambiguous.entry(file).or_insert((posts[1], 0)).1 += 1;
                }
            }
        }
        let mut ambiguous: Vec<(usize, (usize, usize))> = ambiguous.into_iter().collect();
        ambiguous.sort_unstable();
        for (file, (at, count)) in ambiguous {
            let found = report_ambiguous_ids(&files[file].path, &self.entries[at], count);
            self.survey.diagnostics.push(found);
        }
    }

    /// Splits records by their files; the records of one file follow each other.
    fn split_by_file(&self, entries: &[usize]) -> Vec<Vec<usize>> {
        let same_file = |a: &usize, b: &usize| self.entries[*a].file() == self.entries[*b].file();
        entries.chunk_by(same_file).map(<[usize]>::to_vec).collect()
    }

    /// Returns whether posts of one file and id are one reply: the others were cut off, or repeat it.
    fn has_one_reply(&self, posts: &[usize]) -> bool {
        let post = |at: usize| self.entries[at].post().and_then(CandidatePost::answer);
        let is_complete = |at: &&usize| !self.entries[**at].is_cut_off();
        let mut complete = posts.iter().filter(is_complete);
        let main = complete.next().or(posts.first()).copied();
        let Some(main) = main.and_then(post) else {
            return posts.is_empty();
        };
        posts.iter().all(|&at| {
            post(at).is_some_and(|one| {
                one.has_words_of(main)
                    || (self.entries[at].is_cut_off() && one.answers_request_of(main))
            })
        })
    }

    /// Finds the pairs of source files in which an id has complete replies to different requests, as
    /// far as a record without a text needs to know it.
    fn find_unrelated_origins(&mut self, groups: &[IdGroup<'_>]) {
        let mut needed: HashSet<(usize, usize)> = HashSet::new();
        for group in groups {
            let complete = self.complete_replies(group);
            for at in &group.entries {
                if let SourceRecord::Rejected { file, .. } = self.entries[*at] {
                    let others = complete.iter().filter(|reply| reply.origin != file);
                    needed.extend(others.map(|reply| sort_pair(file, reply.origin)));
                }
            }
        }
        if needed.is_empty() {
            return;
        }
        for group in groups {
            let complete = self.complete_replies(group);
            for (at, one) in complete.iter().enumerate() {
                for other in &complete[at + 1..] {
                    let pair = sort_pair(one.origin, other.origin);
                    let is_open = needed.contains(&pair) && !self.unrelated.contains(&pair);
                    if is_open && !self.answer_same_request(one.reply, other.reply) {
                        self.unrelated.insert(pair);
                    }
                }
            }
        }
    }

    /// Returns the complete replies of an id, those in files of the folder too; none if too many
    /// files use it.
    fn complete_replies(&self, group: &IdGroup<'_>) -> Vec<CompleteReply<'e>> {
        let mut replies: Vec<CompleteReply<'e>> = Vec::new();
        for &at in &group.entries {
            let entry = &self.entries[at];
            if let Some(post) = entry.post()
                && self.survey.is_identified[at]
                && !entry.is_cut_off()
            {
                replies.push(CompleteReply {
                    origin: post.file,
                    reply: ReplyAt::Source(post),
                });
            }
        }
        for &ours in self.filed.get(group.key).into_iter().flatten() {
            if !self.folder.ours[ours].written.cut_off {
                replies.push(CompleteReply {
                    origin: self.origins.of_ours[ours],
                    reply: ReplyAt::Folder(ours),
                });
            }
        }
        if replies.len() > MAX_FILES {
            replies.clear();
        }
        replies
    }

    fn answer_same_request(&self, one: ReplyAt<'_>, other: ReplyAt<'_>) -> bool {
        let compare = |one: &CandidatePost, other: RequestAnswer<'_>| {
            one.answer()
                .is_some_and(|one| one.answers_request_of(other))
        };
        match (one, other) {
            (ReplyAt::Source(one), ReplyAt::Source(other)) => {
                other.answer().is_some_and(|other| compare(one, other))
            }
            (ReplyAt::Source(post), ReplyAt::Folder(ours))
            | (ReplyAt::Folder(ours), ReplyAt::Source(post)) => {
                post.reply == self.folder.ours[ours].written.reply
                    || compare(post, self.folder.answer_of(ours, post.language()).view())
            }
            // Both were kept by an earlier run.
            (ReplyAt::Folder(one), ReplyAt::Folder(other)) => {
                let files = [one, other].map(|ours| &self.folder.ours[ours].written);
                files[0].request.is_some() && files[0].request == files[1].request
            }
        }
    }

    /// Finds what takes the place of each record of an id.
    fn find_successors(&mut self, group: &IdGroup<'_>) {
        let is_reply =
            |at: &usize| self.survey.is_identified[*at] && self.entries[*at].post().is_some();
        // The last record comes first.
        let replies: Vec<usize> = group
            .entries
            .iter()
            .rev()
            .copied()
            .filter(is_reply)
            .collect();
        if replies.len() > MAX_FILES {
            return;
        }
        for (position, &at) in replies.iter().enumerate() {
            let later = replies[..position].iter().copied();
            let found = self.find_better_reply(at, later.clone(), &replies);
            // Follow to the end, so that nothing leads to a record that does not count.
            self.survey.successors[at] = found.map(|next| self.resolve(next));
            if found.is_none() && self.entries[at].is_cut_off() {
                self.survey.successors[at] = self.find_filed_reply(group.key, at);
            }
        }
        for &at in &group.entries {
            if let SourceRecord::Rejected {
                failed: Some(failed),
                file,
                ..
            } = &self.entries[at]
            {
                let found = replies
                    .iter()
                    .copied()
                    .find(|&reply| self.answers_failed(failed, *file, reply));
                self.survey.successors[at] = match found {
                    Some(reply) => Some(self.resolve(reply)),
                    None => self.find_filed_answer(group.key, failed, *file),
                };
            }
        }
    }

    /// Returns the record that counts in place of this one, or this one itself.
    fn resolve(&self, at: usize) -> Successor {
        self.survey.successors[at].unwrap_or(Successor::Record(at))
    }

    /// Finds the reply that takes the place of another: a complete one instead of one that was cut
    /// off, else a later one to a request that is known to be the same, or with the same words.
    fn find_better_reply(
        &self,
        at: usize,
        mut later: impl Iterator<Item = usize>,
        replies: &[usize],
    ) -> Option<usize> {
        let answer = |at: usize| self.entries[at].post().and_then(CandidatePost::answer);
        let own = answer(at)?;
        let is_cut = |at: usize| self.entries[at].is_cut_off();
        if is_cut(at) {
            let mut complete = replies.iter().copied().filter(|&other| !is_cut(other));
            let found = complete
                .find(|&other| answer(other).is_some_and(|other| own.answers_request_of(other)));
            return found.or_else(|| {
                later.find(|&other| {
                    is_cut(other)
                        && answer(other).is_some_and(|other| own.answers_request_of(other))
                })
            });
        }
        later.find(|&other| {
            let same = |other: RequestAnswer<'_>| {
                own.has_known_request_of(other) || own.has_words_of(other)
            };
            !is_cut(other) && answer(other).is_some_and(same)
        })
    }

    /// Returns the file in the folder that has the complete reply to what was cut off.
    fn find_filed_reply(&self, key: &str, at: usize) -> Option<Successor> {
        let post = self.entries[at].post()?;
        let files = self.filed.get(key)?.iter().copied().take(MAX_FILES);
        let mut complete = files.filter(|&ours| !self.folder.ours[ours].written.cut_off);
        let found = complete
            .find(|&ours| self.answer_same_request(ReplyAt::Source(post), ReplyAt::Folder(ours)));
        found.map(Successor::File)
    }

    /// Returns whether a reply answers a request that failed in a file.
    fn answers_failed(&self, failed: &RejectedRecord, file: usize, reply: usize) -> bool {
        let Some(post) = self.entries[reply].post() else {
            return false;
        };
        let request = post.answer().and_then(|answer| answer.request);
        match (failed.request, request) {
            (Some(failed), Some(request)) => failed == request,
            _ => post.file == file || !self.unrelated.contains(&sort_pair(file, post.file)),
        }
    }

    /// Returns the file in the folder that answers a request that failed.
    fn find_filed_answer(
        &self,
        key: &str,
        failed: &RejectedRecord,
        file: usize,
    ) -> Option<Successor> {
        // An id of very many files identifies none of them.
        let files = self
            .filed
            .get(key)
            .filter(|files| files.len() <= MAX_FILES)?;
        // With several files of one id, the one from the same source is meant, if there is one.
        let mut fitting = files.clone();
        fitting.retain(|&ours| {
            let request = self.folder.ours[ours].written.request;
            if let (Some(failed), Some(request)) = (failed.request, request) {
                return failed == request;
            }
            let origin = self.origins.of_ours[ours];
            origin == file || !self.unrelated.contains(&sort_pair(file, origin))
        });
        if files.len() > 1 {
            fitting.retain(|&ours| self.origins.of_ours[ours] == file || failed.request.is_some());
        }
        fitting.first().copied().map(Successor::File)
    }
}

fn sort_pair(one: usize, other: usize) -> (usize, usize) {
    (one.min(other), one.max(other))
}

fn report_ambiguous_ids(file: &Arc<str>, entry: &SourceRecord, count: usize) -> Diagnostic {
    let id = quote_for_message(entry.id().map_or("", |id| &id.text));
    let more = match count - 1 {
        0 => String::new(),
        1 => ", and so has another id".to_owned(),
        more => format!(", and so have {} other ids", group_thousands(more)),
    };
    let message = format!(
        "the id {id} has several replies in this file{more}, so replies are not known by it"
    );
    let place = match entry.line() {
        Some(line) => FilePlace::line(Arc::clone(file), line),
        None => FilePlace::file(Arc::clone(file)),
    };
    Diagnostic::new(Code::AmbiguousId, place, message)
        .with_help("each record of a file needs an id of its own")
}
