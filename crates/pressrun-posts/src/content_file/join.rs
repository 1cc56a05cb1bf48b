//! Joins the records of a file, in order: what earlier ones say about later ones.
//!
//! This is the only state of reading a file. It needs no text of a body, so bodies can be stored
//! elsewhere meanwhile.

use std::sync::Arc;

use pressrun_text::numbers::group_thousands;

use super::FileResult;
use super::piece::FilePiece;
use super::record::{ReadPost, ReadRecord};
use crate::diagnostic::{Code, Diagnostic, Finding, Severity};
use crate::normalize::slug::UniqueSlugs;
use crate::panics::catch_panic;
use crate::parse;
use crate::parse::json::MOST_RECORDS;
use crate::post::Post;
use crate::rules::{DuplicateFinder, DuplicateVerdict, NearDuplicateFinder, UnknownKeys};

/// Joins the pieces of a file, in order. The result is that of reading the whole file.
///
/// ```
/// use pressrun_posts::content_file::{self, FileInput, ReadSettings};
///
/// let (path, settings) = ("content/a.jsonl", ReadSettings::default());
/// let file = br#"{"title": "Tea", "content": "Pour water over the leaves."}
/// {"title": "Tea", "content": "Wait for three minutes."}"#;
/// let places = content_file::find_line_pieces(path, &file[..], 1)?.expect("each line is an object");
/// let pieces = places.into_iter().map(|piece| {
///     let bytes = file[piece.start as usize..piece.end as usize].to_vec();
///     let input = FileInput { path: path.into(), bytes };
///     content_file::read_lines_piece(&input, piece.first_line, &settings)
/// });
/// let read = content_file::join_pieces(&path.into(), pieces);
/// assert_eq!(read.posts[1].slug, "tea-2");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn join_pieces<B>(
    path: &Arc<str>,
    pieces: impl IntoIterator<Item = FilePiece<B>>,
) -> FileResult<B> {
    let mut joiner = FileJoiner::new(path);
    for piece in pieces {
        joiner.add_piece(piece);
    }
    joiner.finish()
}

/// The state of joining the records of a file: what later ones are compared with.
#[derive(Debug)]
pub struct FileJoiner<B = String> {
    path: Arc<str>,
    slugs: UniqueSlugs,
    duplicates: DuplicateFinder,
    near: NearDuplicateFinder,
    unknown: UnknownKeys,
    posts: u32,
    errors: u32,
    /// Whether the file has more records than are read.
    is_full: bool,
    is_repaired: bool,
    has_invalid_utf8: bool,
    /// The number of CR without LF in the pieces so far.
    lone_returns: u32,
    result: FileResult<B>,
}

impl<B> FileJoiner<B> {
    /// Starts with the first record of a file.
    pub fn new(path: &Arc<str>) -> Self {
        Self {
            path: Arc::clone(path),
            slugs: UniqueSlugs::default(),
            duplicates: DuplicateFinder::default(),
            near: NearDuplicateFinder::default(),
            unknown: UnknownKeys::default(),
            posts: 0,
            errors: 0,
            is_full: false,
            is_repaired: false,
            has_invalid_utf8: false,
            lone_returns: 0,
            result: FileResult::default(),
        }
    }

    /// Adds the next piece of the file.
    pub fn add_piece(&mut self, piece: FilePiece<B>) {
        // Bytes that are not UTF-8 concern the file as a whole, even after the last record that is read.
        if let Some(line) = piece.invalid_utf8
            && !std::mem::replace(&mut self.has_invalid_utf8, true)
        {
            let line = line.saturating_add(self.lone_returns);
            self.report([parse::report_invalid_utf8(line)]);
        }
        self.lone_returns = self.lone_returns.saturating_add(piece.lone_returns);
        self.add_records(piece.records);
    }

    /// Adds the next records of the file, as long as it has not more than can be read.
    pub fn add_records(&mut self, records: impl IntoIterator<Item = ReadRecord<B>>) {
        if self.is_full {
            return;
        }
        for record in records {
            if self.count_outcomes() >= MOST_RECORDS {
                self.is_full = true;
                self.report([report_too_many_records(record.line)]);
                return;
            }
            self.add_record(record);
        }
    }

    /// Returns whether the records from here on are not read, because the file has too many.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    pub(super) fn add_record(&mut self, record: ReadRecord<B>) {
        self.result.requests += record.requests;
        self.report(record.findings);
        for read in record.posts {
            let line = read.post.source.line;
            self.guard(Some(line), |joiner| joiner.add_post(read));
        }
    }

    /// Accepts a post, unless an earlier one has the same words.
    fn add_post(&mut self, read: ReadPost<B>) {
        let ReadPost {
            mut post,
            mut findings,
            ..
        } = read;
        if let Some(mut compared) = read.compared {
            compared.set_file(&self.path);
            match self.duplicates.check_and_add(&compared) {
                DuplicateVerdict::Rejected(error) => {
                    self.errors += 1;
                    self.result.diagnostics.push(Diagnostic {
                        about: post.record.map(|record| record.id),
                        ..error
                    });
                    return;
                }
                DuplicateVerdict::Accepted(warning) => self.result.diagnostics.extend(warning),
            }
            let near = read
                .words
                .and_then(|words| self.near.check_and_add(&compared, words));
            self.result.diagnostics.extend(near);
        }
        // Only accepted posts get an index and reserve a slug.
        post.source.index = self.posts;
        let line = post.source.line;
        post.slug = self.slugs.reserve(post.slug, line, &mut findings);
        // All posts of a file share its path, also if each was stored with it.
        post.source.file = Arc::clone(&self.path);
        self.report(findings);
        self.unknown.add_keys(&post.extra, read.extra_line);
        self.posts += 1;
        self.result.profiles.extend(read.profile);
        self.result.posts.push(post);
    }

    pub(super) fn report(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            // Repaired characters concern the file as a whole, and are reported once.
            if finding.code == Code::MojibakeRepaired
                && std::mem::replace(&mut self.is_repaired, true)
            {
                continue;
            }
            self.errors += u32::from(finding.code.severity() == Severity::Error);
            self.result
                .diagnostics
                .push(finding.into_diagnostic(&self.path));
        }
    }

    /// Calls `work`. If it panics, the reply on this line, or else the rest of the file, is
    /// rejected with an error. What was read before is kept.
    pub(super) fn guard(&mut self, line: Option<u32>, work: impl FnOnce(&mut Self)) {
        if let Err(panic) = catch_panic(|| work(self)) {
            self.report([panic.finding(line)]);
        }
    }

    /// Returns how many replies became a post or an error so far.
    pub(super) fn count_outcomes(&self) -> u32 {
        self.posts + self.errors
    }

    /// Takes the posts since the last call. The result does not contain them then.
    pub fn take_posts(&mut self) -> impl Iterator<Item = Post<B>> {
        std::mem::take(&mut self.result.posts).into_iter()
    }

    /// Returns the posts so far.
    pub(super) fn posts_mut(&mut self) -> &mut [Post<B>] {
        &mut self.result.posts
    }

    /// Returns the posts and diagnostics of a part of a file. It is no error if there are none.
    pub fn finish_part(mut self) -> FileResult<B> {
        let unknown = self.unknown.report(&self.path);
        self.result.diagnostics.extend(unknown);
        self.result.diagnostics.sort();
        self.result
    }

    /// Finishes the file. A file without posts and errors is an error itself (R16.3).
    pub fn finish(mut self) -> FileResult<B> {
        let requests = self.result.requests;
        if requests > 0 {
            self.report([note_requests(requests)]);
        } else if self.count_outcomes() == 0 {
            let finding = Finding::in_file(Code::NoPostFound, "the file contains no reply or post");
            self.report([finding.with_help(
                "start each reply with a line `TITLE: …`, or put one text into \
                                   the file",
            )]);
        }
        self.finish_part()
    }
}

fn report_too_many_records(line: u32) -> Finding {
    let message = "the file has more than a million records; the records from here on were not \
                   read";
    Finding::new(Code::TooLarge, line, message).with_help("split it into several files")
}

fn note_requests(requests: u32) -> Finding {
    let message = match requests {
        1 => "the request of a batch is no reply".to_owned(),
        _ => format!(
            "{} requests of a batch are no replies",
            group_thousands(requests as usize)
        ),
    };
    Finding::in_file(Code::BatchRequest, message)
        .with_help("`pressrun ingest` uses them for the results that are read with them")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million records would take long, so the test starts near the end.
    #[test]
    fn records_after_the_first_million_are_not_read() {
        let path = "a.jsonl".into();
        let mut joiner = FileJoiner::<String>::new(&path);
        joiner.posts = MOST_RECORDS - 2;
        let failed =
            |line| ReadRecord::from_failure(line, Finding::new(Code::InvalidJson, line, "x"));
        joiner.add_piece(FilePiece::from_records([failed(1), failed(2)]));
        assert!(!joiner.is_full());
        joiner.add_piece(FilePiece::from_records([failed(3), failed(4)]));
        assert!(joiner.is_full());
        // The characters of the file are known from all of its bytes.
        joiner.add_piece(FilePiece {
            invalid_utf8: Some(6),
            ..FilePiece::from_records([failed(5)])
        });
        let found = joiner.finish().diagnostics.into_iter();
        let found: Vec<_> = found.map(|found| (found.place.line, found.code)).collect();
        assert_eq!(
            found,
            [
                (Some(1), Code::InvalidJson),
                (Some(2), Code::InvalidJson),
                (Some(3), Code::TooLarge),
                (Some(6), Code::InvalidUtf8),
            ]
        );
    }
}
