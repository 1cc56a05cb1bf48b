//! Leaves out records of a batch that were asked again: the request failed, was refused or was cut
//! off, and another record of the same id has the reply.
//!
//! Two batches that have nothing to do with each other may use the same ids. Files in which an id
//! has complete replies with different titles are taken for such batches, unless the records say
//! what was asked. Only what records and titles say counts, so a changed text changes nothing here.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, Severity, quote_for_message};
use pressrun_posts::post::PostRecord;
use pressrun_posts::post::record::make_request_id;
use pressrun_text::words::make_title_key;

use super::SitePost;

/// The maximum number of replies of one id that are compared with each other.
const MAX_REPLIES: usize = 16;

/// Removes posts and errors whose place another record takes, and notes each.
pub(super) fn leave_out_superseded(posts: &mut Vec<SitePost>, diagnostics: &mut Vec<Diagnostic>) {
    let is_failed =
        |found: &Diagnostic| found.severity() == Severity::Error && found.about.is_some();
    // Most sites have neither.
    let has_record = |post: &SitePost| post.record.is_some();
    if !posts.iter().any(has_record) {
        return;
    }
    let replies = RecordReplies::group(posts);
    let failed: Vec<&Diagnostic> = diagnostics
        .iter()
        .filter(|found| is_failed(found))
        .collect();
    let unrelated = replies.find_unrelated_files(&failed);
    let mut notes = Vec::new();
    let mut answered: HashSet<(Arc<str>, Option<u32>, Code)> = HashSet::new();
    for found in failed {
        let Some(post) = replies.find_answer(found, &unrelated) else {
            continue;
        };
        answered.insert((found.place.file.clone(), found.place.line, found.code));
        let id = quote_for_message(found.about.as_deref().unwrap_or_default());
        notes.push(Diagnostic {
            code: Code::ReplySuperseded,
            message: format!("{id} has no post here; its post is `{}`", place_of(post)),
            help: None,
            ..found.clone()
        });
    }
    let cut = replies.find_completed();
    let gone: HashSet<usize> = cut.iter().map(|(at, _)| *at).collect();
    for (at, by) in &cut {
        let post = &posts[*at];
        answered.insert((
            post.source.file.clone(),
            Some(post.source.line),
            Code::TruncatedReply,
        ));
        let id = post.record.as_ref().map_or("", |record| &record.id);
        let message = format!(
            "{} was cut off here; its post is `{}`",
            quote_for_message(id),
            place_of(&posts[*by])
        );
        let place = FilePlace::line(post.source.file.clone(), post.source.line);
        notes.push(Diagnostic::new(Code::ReplySuperseded, place, message));
    }
    drop(replies);
    for (at, by) in &cut {
        free_slug(posts, *at, *by);
    }
    diagnostics.retain(|found| {
        !answered.contains(&(found.place.file.clone(), found.place.line, found.code))
    });
    diagnostics.extend(notes);
    let mut at = 0..;
    posts.retain(|_| !at.next().is_some_and(|at| gone.contains(&at)));
}

/// Gives a post the slug of the reply whose place it takes, if it got a number because of that one.
fn free_slug(posts: &mut [SitePost], cut: usize, by: usize) {
    let (version, post) = (&posts[cut], &posts[by]);
    let number = post.slug.strip_prefix(&*version.slug);
    let number = number.and_then(|end| end.strip_prefix('-'));
    let is_numbered = number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()));
    let is_version = version.source.file == post.source.file && version.title == post.title;
    if is_numbered && is_version {
        let slug = version.slug.clone();
        Arc::make_mut(&mut posts[by]).slug = slug;
    }
}

fn place_of(post: &SitePost) -> String {
    format!("{}:{}", post.source.file, post.source.line)
}

/// A reply that came in a record.
struct RecordReply<'p> {
    at: usize,
    post: &'p SitePost,
    record: &'p PostRecord,
    title: String,
}

impl RecordReply<'_> {
    fn answers_request_of(&self, other: &Self) -> bool {
        match (self.record.request, other.record.request) {
            (Some(one), Some(other)) => one == other,
            _ => !self.title.is_empty() && self.title == other.title,
        }
    }
}

/// The replies that came in records, by the ids of these.
struct RecordReplies<'p> {
    by_id: BTreeMap<String, Vec<RecordReply<'p>>>,
}

impl<'p> RecordReplies<'p> {
    /// Groups the replies by their ids, without those whose id has several replies in one file.
    fn group(posts: &'p [SitePost]) -> Self {
        let mut by_id: BTreeMap<String, Vec<RecordReply<'p>>> = BTreeMap::new();
        for (at, post) in posts.iter().enumerate() {
            if let Some(record) = &post.record {
                let replies = by_id.entry(make_request_id(&record.id)).or_default();
                replies.push(RecordReply {
                    at,
                    post,
                    record,
                    title: make_title_key(&post.title),
                });
            }
        }
        for replies in by_id.values_mut() {
            keep_identified(replies);
        }
        Self { by_id }
    }

    /// Finds the pairs of files that hold different batches, as far as failed requests need to know.
    fn find_unrelated_files(&self, failed: &[&Diagnostic]) -> HashSet<(&'p str, &'p str)> {
        let mut unrelated = HashSet::new();
        if failed.is_empty() {
            return unrelated;
        }
        for replies in self.by_id.values() {
            let complete: Vec<_> = replies.iter().filter(|one| !one.record.cut_off).collect();
            for (at, one) in complete.iter().enumerate() {
                for other in &complete[at + 1..] {
                    let files = [one, other].map(|reply| &*reply.post.source.file);
                    if files[0] != files[1] && !one.answers_request_of(other) {
                        unrelated.insert((files[0], files[1]));
                        unrelated.insert((files[1], files[0]));
                    }
                }
            }
        }
        unrelated
    }

    /// Finds the post that answers what failed.
    fn find_answer(
        &self,
        failed: &Diagnostic,
        unrelated: &HashSet<(&str, &str)>,
    ) -> Option<&'p SitePost> {
        let file = &*failed.place.file;
        let replies = self.by_id.get(&make_request_id(failed.about.as_deref()?))?;
        let mut related = replies
            .iter()
            .filter(|reply| !unrelated.contains(&(file, &*reply.post.source.file)));
        let is_complete = |reply: &&RecordReply<'_>| !reply.record.cut_off;
        let first = related.clone().next();
        related.find(is_complete).or(first).map(|reply| reply.post)
    }

    /// Finds the replies that were cut off and are complete in another record: the indices of both.
    fn find_completed(&self) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for replies in self.by_id.values() {
            for cut in replies.iter().filter(|reply| reply.record.cut_off) {
                let complete = replies.iter().find(|reply| {
                    !reply.record.cut_off && !reply.post.draft && reply.answers_request_of(cut)
                });
                found.extend(complete.map(|reply| (cut.at, reply.at)));
            }
        }
        found.sort_unstable();
        found
    }
}

/// Removes the replies of files in which the id has several, unless all but one were cut off; all of
/// them if too many files use the id. The replies are ordered by their files.
fn keep_identified(replies: &mut Vec<RecordReply<'_>>) {
    let mut kept = HashSet::new();
    let same_file =
        |a: &RecordReply<'_>, b: &RecordReply<'_>| a.post.source.file == b.post.source.file;
    for of_file in replies.chunk_by(same_file) {
        let mut complete = of_file.iter().filter(|reply| !reply.record.cut_off);
        let main = complete.next();
        let is_clear = complete.next().is_none()
            && of_file.iter().all(|reply| {
                main.is_none_or(|main| reply.at == main.at || reply.answers_request_of(main))
            })
            && (main.is_some() || of_file.len() == 1);
        if is_clear {
            kept.extend(of_file.iter().map(|reply| reply.at));
        }
    }
    replies.retain(|reply| kept.contains(&reply.at));
    if replies.len() > MAX_REPLIES {
        replies.clear();
    }
}
