//! Plans a change, checks it, and writes it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pressrun_posts::content_file::ReadSettings;
use pressrun_posts::diagnostic::{Code, Diagnostic};
use pressrun_posts::post::extra::normalise_key;
use pressrun_posts::post::{LineMap, Post, ReviewMark, ReviewRecord};
use pressrun_site::config::Config;
use pressrun_site::discover::is_draft_path;
use pressrun_site::fs;
use pressrun_site::pipeline::make_read_settings;
use pressrun_site::review::{BookEntry, is_generated};
use pressrun_text::visible::clean_field;
use rayon::prelude::*;

use super::book::{BookChange, BookList, OpenBook};
use super::content_file::{ReadContentFile, read_bytes};
use super::fault::ReviewFault;
use super::former_text::keep_text;
use super::front_matter::{DraftEdit, MarkEdit, edit_marks};
use super::{AppliedAction, DraftCause, ReviewAction, ReviewTarget, Reviewer};

/// The longest name, in characters.
pub const MOST_OF_NAME: usize = 200;

/// The longest reason, in characters.
pub const MOST_OF_REASON: usize = 2_000;

/// The bytes of a content file before and after a change.
#[derive(Debug, Clone)]
pub(super) struct FileChange {
    location: PathBuf,
    before: Arc<[u8]>,
    after: Arc<[u8]>,
}

/// Most posts that are changed before others get a turn, such as the review desk.
const MOST_AT_ONCE: usize = 500;

/// Carries out an action for several posts, and returns what became of each. `reviews.toml` is
/// written once for several hundred posts.
pub fn apply_to_all(
    root: &Path,
    config: &Config,
    targets: &[ReviewTarget],
    action: &ReviewAction,
    reviewer: &Reviewer,
) -> Vec<Result<AppliedAction, ReviewFault>> {
    let settings = make_read_settings(config);
    let apply_part = |targets| match OpenBook::open(root) {
        Ok(book) => {
            let planner = ChangePlanner {
                root,
                settings: &settings,
                book,
                action,
                reviewer,
            };
            planner.apply_part(targets)
        }
        Err(fault) => refuse_all(targets, fault),
    };
    let parts = targets.chunks(MOST_AT_ONCE);
    parts.flat_map(apply_part).collect()
}

/// What stops one target here stops them all, and each of them says so.
fn refuse_all(
    targets: &[ReviewTarget],
    fault: ReviewFault,
) -> Vec<Result<AppliedAction, ReviewFault>> {
    let mut fault = Some(fault);
    let refuse = |_| Err(fault.take().unwrap_or_else(report_unwritten_book));
    targets.iter().map(refuse).collect()
}

fn report_unwritten_book() -> ReviewFault {
    ReviewFault::Unmarkable {
        file: pressrun_site::review::FILE.into(),
        why: "it could not be written",
        help: "correct what is reported about it, then run the command again",
    }
}

/// Adds a change to that of the posts before. Two posts may have the same text.
fn extend_change(all: &mut BookChange, one: &BookChange) {
    all.added.extend_from_slice(&one.added);
    for (at, entry) in one.removed.iter().enumerate() {
        // A merge may have left an entry twice.
        let is_it = |other: &&(BookList, BookEntry)| *other == entry;
        let wanted = one.removed[..=at].iter().filter(is_it).count();
        if all.removed.iter().filter(is_it).count() < wanted {
            all.removed.push(entry.clone());
        }
    }
}

/// Takes back what needs `reviews.toml`, which could not be written.
fn take_back_unbooked(
    results: Vec<Result<AppliedAction, ReviewFault>>,
    fault: ReviewFault,
) -> Vec<Result<AppliedAction, ReviewFault>> {
    let mut fault = Some(fault);
    let take_back = |result: Result<AppliedAction, ReviewFault>| match result {
        Ok(applied) if !applied.book.is_empty() => {
            if let Some(change) = &applied.file {
                // An edit since then is newer, and stays.
                let _ = change.take_back();
            }
            Err(fault.take().unwrap_or_else(report_unwritten_book))
        }
        other => other,
    };
    results.into_iter().map(take_back).collect()
}

/// Takes an action back: the marks are again what they were before it.
///
/// # Errors
///
/// Returns why nothing was changed, such as an edit in the meantime.
pub fn undo_action(root: &Path, applied: &AppliedAction) -> Result<(), ReviewFault> {
    let changed = || ReviewFault::TextChanged {
        file: Arc::clone(&applied.target.file),
    };
    let book = OpenBook::open(root)?;
    if let Some(change) = &applied.file
        && !change.take_back()?
    {
        return Err(changed());
    }
    let undone = book.write(&applied.book.invert());
    if let (Err(_), Some(change)) = (&undone, &applied.file) {
        change.write()?;
    }
    undone
}

impl FileChange {
    /// Writes the file. Returns false if it was edited since it was read.
    fn write(&self) -> Result<bool, ReviewFault> {
        replace_bytes(&self.location, &self.before, &self.after)
    }

    /// Writes the former bytes. Returns false if the file was edited since then.
    fn take_back(&self) -> Result<bool, ReviewFault> {
        replace_bytes(&self.location, &self.after, &self.before)
    }
}

/// Replaces a file in one step, unless it has no longer the bytes `old`.
fn replace_bytes(location: &Path, old: &[u8], new: &[u8]) -> Result<bool, ReviewFault> {
    let is_untouched = |path: &Path| Ok(fs::read_if_there(path)?.as_deref() == Some(old));
    Ok(fs::replace_file(location, new, is_untouched)?)
}

/// Plans and makes the changes in files; those in `reviews.toml` are made for all posts together.
struct ChangePlanner<'a> {
    root: &'a Path,
    settings: &'a ReadSettings,
    book: OpenBook,
    action: &'a ReviewAction,
    reviewer: &'a Reviewer,
}

impl ChangePlanner<'_> {
    fn apply_part(self, targets: &[ReviewTarget]) -> Vec<Result<AppliedAction, ReviewFault>> {
        let files: Vec<&[ReviewTarget]> = targets.chunk_by(|a, b| a.file == b.file).collect();
        let results: Vec<_> = files
            .into_par_iter()
            .flat_map_iter(|targets| self.apply_in_file(targets))
            .collect();
        let mut change = BookChange::default();
        for applied in results.iter().flatten() {
            extend_change(&mut change, &applied.book);
        }
        match self.book.write(&change) {
            Ok(()) => results,
            Err(fault) => take_back_unbooked(results, fault),
        }
    }

    /// Carries out the action for posts of one file, which is read once: a file of several posts is
    /// never changed.
    fn apply_in_file(&self, targets: &[ReviewTarget]) -> Vec<Result<AppliedAction, ReviewFault>> {
        let mut known = None;
        let mut apply = |target: &ReviewTarget| {
            let read = match known.take() {
                Some(read) => read,
                None => ReadContentFile::read(self.root, &target.file, self.settings)?,
            };
            let done = self.apply(target, &read);
            known = Some(read);
            done
        };
        targets.iter().map(&mut apply).collect()
    }

    fn apply(
        &self,
        target: &ReviewTarget,
        read: &ReadContentFile,
    ) -> Result<AppliedAction, ReviewFault> {
        let mark = self.make_mark(target.hash)?;
        let post = read.find_post(target)?;
        let edited = self.edit_file(read, post, mark.as_ref());
        let in_book = edited.is_none();
        let marked = edited.as_ref().map_or(post, |(_, marked)| marked);
        let book = self.change_book(read, post, mark.as_ref().filter(|_| in_book));
        self.check_marks(target, marked, in_book)?;
        let still_draft = self.find_draft_cause(marked, in_book);
        let file = edited
            .filter(|(bytes, _)| *bytes != read.bytes)
            .map(|(bytes, _)| FileChange {
                location: read.location.clone(),
                before: read.bytes.as_slice().into(),
                after: bytes.into(),
            });
        if let Some(change) = &file
            && !change.write()?
        {
            return Err(ReviewFault::TextChanged {
                file: Arc::clone(&target.file),
            });
        }
        if *self.action == ReviewAction::Approve {
            keep_text(self.root, post);
        }
        Ok(AppliedAction {
            target: target.clone(),
            action: self.action.clone(),
            still_draft,
            in_book,
            file,
            book,
        })
    }

    /// Returns the mark to write, if the action leaves one.
    fn make_mark(&self, hash: u128) -> Result<Option<ReviewMark>, ReviewFault> {
        let why = match self.action {
            ReviewAction::Approve => None,
            ReviewAction::Reject { why } => Some(clean_text(why, MOST_OF_REASON)),
            ReviewAction::Revoke | ReviewAction::Draft => return Ok(None),
        };
        let by = clean_text(&self.reviewer.by, MOST_OF_NAME);
        if by.is_empty() {
            return Err(ReviewFault::Name);
        }
        Ok(Some(ReviewMark {
            hash,
            by,
            on: Some(self.reviewer.on),
            why: why.filter(|why| !why.is_empty()),
        }))
    }

    /// Returns the file with the marks in its front matter, and its post as it is read then; `None`
    /// if the marks cannot be there.
    fn edit_file(
        &self,
        read: &ReadContentFile,
        post: &Post,
        mark: Option<&ReviewMark>,
    ) -> Option<(Vec<u8>, Post)> {
        // Only the front matter of a single post belongs to it.
        if read.result.posts.len() != 1 {
            return None;
        }
        let draft = match self.action {
            ReviewAction::Draft => DraftEdit::Require,
            // Another draft waits for its author.
            _ if !is_generated(post) => DraftEdit::Keep,
            ReviewAction::Approve => DraftEdit::Finish,
            ReviewAction::Revoke => DraftEdit::Reopen,
            ReviewAction::Reject { .. } => DraftEdit::Keep,
        };
        let approves = *self.action == ReviewAction::Approve;
        let edit = MarkEdit {
            approved: mark.filter(|_| approves).cloned(),
            rejected: mark.filter(|_| !approves).cloned(),
            draft,
        };
        let file = &post.source.file;
        let bytes = edit_marks(&read.bytes, file, &edit)?;
        let mut result = read_bytes(file, bytes.clone(), self.settings);
        // A mark must not make the front matter invalid.
        if list_codes(&result.diagnostics) != list_codes(&read.result.diagnostics) {
            return None;
        }
        let marked = result.posts.pop().filter(|_| result.posts.is_empty())?;
        let marks = marked.review.as_deref();
        let has =
            |found: Option<&ReviewMark>, expected: &Option<ReviewMark>| found == expected.as_ref();
        let fits = has(marks.and_then(|own| own.approved.as_ref()), &edit.approved)
            && has(marks.and_then(|own| own.rejected.as_ref()), &edit.rejected)
            && (draft != DraftEdit::Keep || marked.draft == post.draft)
            && without_marks(&marked) == without_marks(post);
        fits.then_some((bytes, marked))
    }

    /// Returns what changes in `reviews.toml`. `mark` is written there if it cannot be in the file.
    fn change_book(
        &self,
        read: &ReadContentFile,
        post: &Post,
        mark: Option<&ReviewMark>,
    ) -> BookChange {
        let hash = post.text_hash;
        let approved = || self.book.list_entries(BookList::Approved, hash);
        let rejected = || self.book.list_entries(BookList::Rejected, hash);
        let removed = match self.action {
            ReviewAction::Approve if mark.is_none() => rejected(),
            ReviewAction::Approve | ReviewAction::Reject { .. } => {
                [approved(), rejected()].concat()
            }
            ReviewAction::Revoke | ReviewAction::Draft => self.list_all_entries(read, post),
        };
        let list = if *self.action == ReviewAction::Approve {
            BookList::Approved
        } else {
            BookList::Rejected
        };
        let added = mark.map(|mark| {
            let entry = BookEntry {
                hash,
                file: post.source.file.to_string(),
                title: post.title.clone(),
                by: mark.by.clone(),
                on: mark.on,
                why: mark.why.clone(),
            };
            (list, entry)
        });
        BookChange {
            added: added.into_iter().collect(),
            removed,
        }
    }

    /// Returns all entries about a post, also about former texts of it.
    fn list_all_entries(&self, read: &ReadContentFile, post: &Post) -> Vec<(BookList, BookEntry)> {
        if self.book.book().is_empty() {
            return Vec::new();
        }
        let is_of_other = |hash: u128| {
            let mut posts = read.result.posts.iter();
            posts.any(|other| other.text_hash == hash)
        };
        let is_own = |entry: &BookEntry| {
            entry.hash == post.text_hash
                || *entry.file == *post.source.file
                    && entry.title == post.title
                    && !is_of_other(entry.hash)
        };
        [BookList::Approved, BookList::Rejected]
            .map(|list| self.book.filter_entries(list, is_own))
            .concat()
    }

    /// Refuses a change after which the post would not have the state that was asked for.
    fn check_marks(
        &self,
        target: &ReviewTarget,
        marked: &Post,
        in_book: bool,
    ) -> Result<(), ReviewFault> {
        let fault = |why, help| {
            let file = Arc::clone(&target.file);
            Err(ReviewFault::Unmarkable { file, why, help })
        };
        let marks = marked.review.as_deref();
        let approved = marks.and_then(|own| own.approved.as_ref());
        let rejected = marks.and_then(|own| own.rejected.as_ref());
        let fits = |mark: Option<&ReviewMark>| mark.is_some_and(|mark| mark.hash == target.hash);
        let stays = match self.action {
            ReviewAction::Approve => fits(rejected),
            ReviewAction::Reject { .. } => false,
            ReviewAction::Revoke | ReviewAction::Draft => approved.is_some() || rejected.is_some(),
        };
        if stays {
            return fault(
                "its front matter has a form in which the marks cannot be changed safely",
                "remove `approved` and `rejected` from it by hand, then run the command again",
            );
        }
        let is_draft = marked.draft || is_draft_path(&target.file);
        if *self.action == ReviewAction::Draft && !is_draft {
            return fault(
                "it cannot be made a draft, because it has no front matter of its own",
                "reject it, or move the file into a folder `_drafts`",
            );
        }
        let is_stuck = in_book && marked.draft && is_ingested(marked);
        if *self.action == ReviewAction::Approve && is_stuck {
            if has_own_mark_keys(marked) {
                return fault(
                    "its front matter has a key `approved` or `rejected` that is no approval or \
                     rejection by pressrun",
                    "give the key another name or remove it, then run the command again",
                );
            }
            return fault(
                "its front matter has a form in which `draft` cannot be changed safely",
                "remove `draft` from it by hand, then approve it again",
            );
        }
        Ok(())
    }

    /// Returns why an approved post is still a draft, if it is one.
    fn find_draft_cause(&self, post: &Post, in_book: bool) -> Option<DraftCause> {
        if *self.action != ReviewAction::Approve {
            return None;
        }
        if is_draft_path(&post.source.file) {
            return Some(DraftCause::Folder);
        }
        post.draft.then_some(if in_book {
            DraftCause::Reply
        } else {
            DraftCause::Author
        })
    }
}

/// Returns whether the front matter of a post has a value of its author where marks are written.
fn has_own_mark_keys(post: &Post) -> bool {
    let mut keys = post.extra.iter().map(|(key, _)| normalise_key(key));
    keys.any(|key| matches!(&*key, "approved" | "rejected"))
}

/// Returns whether a post of `generate` is a file that `ingest` wrote, and not a record.
fn is_ingested(post: &Post) -> bool {
    post.record.is_none() && is_generated(post)
}

fn list_codes(diagnostics: &[Diagnostic]) -> Vec<Code> {
    let mut codes: Vec<Code> = diagnostics.iter().map(|found| found.code).collect();
    codes.sort_unstable();
    codes
}

/// Returns a post without what an edit of its marks may change.
fn without_marks(post: &Post) -> Post {
    let mut post = post.clone();
    let marks = post.review.take().map(|review| ReviewRecord {
        approved: None,
        rejected: None,
        ..*review
    });
    post.review = marks
        .filter(|rest| *rest != ReviewRecord::default())
        .map(Box::new);
    post.draft = false;
    post.body_lines = LineMap::default();
    post
}

/// Cleans a text that a person typed: one line, without invisible characters.
fn clean_text(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let cleaned = clean_field(&words.join(" "), false).into_owned();
    cleaned.chars().take(most).collect()
}
