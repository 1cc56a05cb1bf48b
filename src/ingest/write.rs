//! Writes the files of a plan.
//!
//! Each file is first written under another name and then renamed, so that a kill or a full disk
//! never leaves an incomplete file. The next run finds the files that were finished.

use std::io;
use std::path::{Path, PathBuf};

use pressrun_posts::post::Post;
use pressrun_site::error::{Result, SystemError};
use pressrun_site::fs;

use super::front_matter;
use super::reader::{PieceRecords, SourceReader};
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

/// Reads the posts once more and writes the files that the steps ask for. `done` receives the
/// number of files written.
///
/// # Errors
///
/// Returns what the machine refused, and an error if a source or a file changed meanwhile. Files
/// that were written stay.
pub(super) fn write_steps(
    reader: &SourceReader<'_>,
    folder: &Path,
    planned: PlannedSteps<'_>,
    mut done: impl FnMut(u64),
) -> Result<()> {
    let staging = folder.join(STAGING);
    fs::remove_tree(&staging)?;
    let written = reader.process_pieces(
        |number| planned.of_piece(number).iter().any(IngestStep::writes),
        |number, file, records| {
            let work = PieceWriter {
                folder,
                staged: staging.join(number.to_string()),
                source: &reader.files[file].location,
            };
            work.write_piece(planned.of_piece(number), &records)
        },
        |files, _| {
            done(files?);
            Ok(())
        },
    );
    // Clean up in any case, but report the error of writing first.
    let cleaned = fs::remove_tree(&staging);
    written?;
    cleaned
}

struct PieceWriter<'w> {
    folder: &'w Path,
    /// The temporary file, which is renamed when complete.
    staged: PathBuf,
    /// The source of the records.
    source: &'w Path,
}

impl PieceWriter<'_> {
    /// Writes the files of the posts in one piece and returns how many it wrote.
    fn write_piece(&self, steps: &[IngestStep], records: &PieceRecords) -> Result<u64> {
        // The plan is about the posts of the first pass; the source may have changed since.
        if !match_steps(&records.posts, steps) {
            let error = io::Error::other(
                "it changed while it was being read; run the command \
                                          again",
            );
            return Err(SystemError::new("read", self.source, error));
        }
        let mut files = 0;
        for (post, step) in records.posts.iter().zip(steps) {
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
