//! Writes the files of a plan.
//!
//! Each file is first written under another name and then renamed, so that a kill or a full disk
//! never leaves an incomplete file. The next run finds the files that were finished.

use std::io;
use std::path::{Path, PathBuf};

use pressrun_posts::post::Post;
use pressrun_site::error::{Result, SystemError};
use pressrun_site::fs;
use rayon::prelude::*;

use super::front_matter;
use super::kept::KeptPosts;
use super::reader::SourceReader;
use super::record::{IngestStep, StepAction};
use super::replace::{edited_meanwhile_error, replace_file};

/// Folder for incomplete files, inside the folder that is written to.
const STAGING: &str = ".pressrun-ingest";

/// The steps of a plan, grouped by the pieces that their records come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlannedSteps<'p> {
    /// The steps; for each piece, those of its posts come first.
    pub(super) steps: &'p [IngestStep],
    /// For each piece, the index after its last step.
    pub(super) ends: &'p [usize],
}

impl<'p> PlannedSteps<'p> {
    /// Returns the steps of a piece; none for a piece that the first pass did not see.
    fn of_piece(&self, number: usize) -> &'p [IngestStep] {
        let Some(&end) = self.ends.get(number) else {
            return &[];
        };
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.steps[start..end]
    }
}

/// Writes the files that the steps ask for, of the kept posts first. The others are read once more. `done`
/// receives the number of files written.
///
/// # Errors
///
/// Returns what the machine refused, and an error if a source or a file changed meanwhile. Files
/// that were written stay.
pub(super) fn write_steps(
    reader: &SourceReader<'_>,
    folder: &Path,
    planned: PlannedSteps<'_>,
    kept: KeptPosts,
    mut done: impl FnMut(u64),
) -> Result<()> {
    let staging = folder.join(STAGING);
    fs::remove_tree(&staging)?;
    let writer = |number: usize, file: usize| PieceWriter {
        folder,
        staged: staging.join(number.to_string()),
        source: &reader.files[file].location,
    };
    let first_unread = kept.pieces.len();
    let written = write_kept(kept, planned, &writer, &mut done).and_then(|()| {
        reader.process_pieces(
            |number| {
                number >= first_unread && planned.of_piece(number).iter().any(IngestStep::writes)
            },
            |number, file, records| {
                writer(number, file).write_piece(planned.of_piece(number), &records.posts)
            },
            |files, _| {
                done(files?);
                Ok(())
            },
        )
    });
    // Clean up in any case, but report the error of writing first.
    let cleaned = fs::remove_tree(&staging);
    written?;
    cleaned
}

/// Writes the files of the kept posts.
fn write_kept<'w>(
    kept: KeptPosts,
    planned: PlannedSteps<'_>,
    writer: &(impl Fn(usize, usize) -> PieceWriter<'w> + Sync),
    done: &mut impl FnMut(u64),
) -> Result<()> {
    let mut pieces = kept.pieces.into_iter().enumerate();
    loop {
        let some: Vec<_> = pieces.by_ref().take(PIECES_AT_A_TIME).collect();
        if some.is_empty() {
            return Ok(());
        }
        let files = some.into_par_iter().map(|(number, piece)| {
            writer(number, piece.file).write_posts(planned.of_piece(number), &piece.posts)
        });
        done(files.sum::<Result<u64>>()?);
    }
}

/// The number of kept pieces that are written before progress is reported.
const PIECES_AT_A_TIME: usize = 16;

struct PieceWriter<'w> {
    folder: &'w Path,
    /// The temporary file, which is renamed when complete.
    staged: PathBuf,
    /// The source of the records.
    source: &'w Path,
}

impl PieceWriter<'_> {
    /// Writes the files of the posts in a piece that was read once more, and returns how many it wrote.
    fn write_piece(&self, steps: &[IngestStep], posts: &[Post]) -> Result<u64> {
        // The plan is about the posts of the first pass; the source may have changed since.
        if !match_steps(posts, steps) {
            let error = io::Error::other(
                "it changed while it was being read; run the command \
                                          again",
            );
            return Err(SystemError::new("read", self.source, error));
        }
        self.write_posts(steps, posts)
    }

    /// Writes the files of the posts that the steps were planned for, and returns how many it wrote.
    fn write_posts(&self, steps: &[IngestStep], posts: &[Post]) -> Result<u64> {
        let mut files = 0;
        for (post, step) in posts.iter().zip(steps) {
            if step.writes() {
                self.write_file(post, step)?;
                files += 1;
            }
        }
        Ok(files)
    }

    fn write_file(&self, post: &Post, step: &IngestStep) -> Result<()> {
        let path = self.folder.join(&step.path);
        let place = front_matter::PlannedPlace {
            file: &step.source,
            record: step.record,
            slug: &step.slug,
            date: step.date,
        };
        let text = front_matter::format_ingested_file(post, place);
        if step.action != StepAction::Create {
            return replace_file(&path, &self.staged, &text, &|_| {});
        }
        fs::write_with_folder(&self.staged, text.as_bytes())?;
        fs::rename_without_replacing(&self.staged, &path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => edited_meanwhile_error(&path),
            _ => error,
        })
    }
}

/// Returns whether these are still the posts that the steps were planned for.
fn match_steps(posts: &[Post], steps: &[IngestStep]) -> bool {
    let known = steps.len().min(posts.len());
    let (planned, rest) = steps.split_at(known);
    known == posts.len()
        && !rest.iter().any(IngestStep::writes)
        && posts.iter().zip(planned).all(|(post, step)| {
            matches!(step.action, StepAction::Rejected(_))
                || front_matter::hash_reply(post) == step.reply
        })
}
