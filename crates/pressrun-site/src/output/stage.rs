//! Renders what changed. Files that differ from the existing ones wait in the staging folder.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::manifest::{FileRecord, ManifestEntry, OutputInput};
use super::{OutputFolder, output_refusal};
use crate::fs::{self, FileStamp};
use crate::render::{CommandFailure, RenderJob, SiteRenderer};

/// Folder inside the staging folder for new files.
const NEW: &str = "new";

/// How many files a thread renders at a time.
pub(super) const TURN: usize = 16;

/// A file that is up to date, or that waits in the staging folder.
pub(super) struct StagedFile {
    pub(super) entry: ManifestEntry,
    pub(super) waits: bool,
}

/// The folder with all files that wait in a staging folder.
pub(super) fn waiting_folder(staging: &Path) -> PathBuf {
    staging.join(NEW)
}

impl OutputFolder {
    /// Renders every job whose input changed. Files that differ from the existing ones are written
    /// to the staging folder. Returns what became of each job, in their order.
    pub(super) fn stage(
        &self,
        renderer: &SiteRenderer,
        staging: &Path,
    ) -> Result<Vec<StagedFile>, super::Unwritten> {
        let stage = |number: u32| {
            let job = &renderer.jobs()[number as usize];
            let place = self.waiting_place(staging, number as usize, job);
            (number, self.stage_one(job, renderer, &place))
        };
        // All threads take from the start of one line. An iterator that is split would send each to
        // posts of another time.
        let order = renderer.order_jobs();
        let turns = order.chunks(TURN).par_bridge();
        let turns = turns.flat_map_iter(|turn| turn.iter().map(|&number| stage(number)));
        let mut results: Vec<(u32, Result<StagedFile, CommandFailure>)> = turns.collect();
        results.par_sort_unstable_by_key(|(number, _)| *number);
        let results = results.into_iter().map(|(_, result)| result);
        Ok(CommandFailure::collect(results.collect())?)
    }

    /// Returns the staged path of a file. For an empty output folder it has the final layout, so
    /// that whole folders can be moved.
    pub(super) fn waiting_place(&self, staging: &Path, number: usize, job: &RenderJob) -> PathBuf {
        let mut place = waiting_folder(staging);
        if self.empty {
            place.push(job.file());
        } else {
            place.push(number.to_string());
        }
        place
    }

    fn stage_one(
        &self,
        job: &RenderJob,
        renderer: &SiteRenderer,
        place: &Path,
    ) -> Result<StagedFile, CommandFailure> {
        let prepared = renderer.prepare_job(job);
        let input = prepared.fingerprint();
        let target = self.folder.join(job.file());
        let known = self.manifest.get(job.file());
        // In an empty folder no file exists, so skip a system call for each.
        let found = if self.empty {
            None
        } else {
            fs::read_stamp(&target)
        };
        let found = found.map(FileStamp::without_name);
        let is_untouched = |known: &&ManifestEntry| {
            found.is_some() && found == known.origin.map(|origin| origin.stamp)
        };
        let untouched = known.filter(is_untouched);
        let is_same = |known: &&ManifestEntry| {
            input.is_some() && input == known.origin.and_then(|origin| origin.input)
        };
        let staged = |record, stamp: Option<FileStamp>, waits| {
            let origin = stamp.map(|stamp| OutputInput { input, stamp });
            let entry = ManifestEntry { record, origin };
            Ok(StagedFile { entry, waits })
        };
        // Same input and an untouched file: it is not even rendered.
        if let Some(entry) = untouched.filter(is_same) {
            return staged(entry.record, found, false);
        }
        let bytes = prepared.render()?;
        let record = FileRecord::of_bytes(&bytes);
        let same = match (untouched, found) {
            // The file on disk is what the manifest says, so comparing hashes is enough.
            (Some(entry), _) => entry.record == record,
            // The stamp does not match, so only reading the file shows whether it is up to date.
            (None, Some(found)) => {
                known.is_some()
                    && found.size == record.size
                    && fs::read_whole_file(&target)? == bytes
            }
            (None, None) => false,
        };
        if same {
            return staged(record, found, false);
        }
        // The file is new or different. Check that its place is free before writing it.
        if known.is_none()
            && let Some(theirs) = self.foreign_at(job.file())
        {
            return Err(output_refusal(
                &self.folder,
                &format!("it contains `{theirs}`, which pressrun did not write"),
                "move it away, or add --force to replace it",
            ));
        }
        let stamp = if self.empty {
            fs::write_with_new_folder(place, &bytes)?
        } else {
            fs::write_with_folder(place, &bytes)?
        };
        let stamp = stamp.without_name();
        staged(record, Some(stamp), true)
    }

    /// Returns the foreign file that is in the place of one of ours, or in a folder of that name.
    fn foreign_at(&self, path: &str) -> Option<String> {
        if self.empty || self.force {
            return None;
        }
        let target = self.folder.join(path);
        if !target.is_dir() {
            let is_theirs = target.exists() && !self.is_ours_by_another_name(path);
            return is_theirs.then(|| path.to_owned());
        }
        let (found, _) = fs::walk_all_entries(&target);
        let mut inside = found
            .into_iter()
            .map(|file| format!("{path}/{}", fs::path_with_slashes(&file.path)));
        inside.find(|file| self.manifest.get(file).is_none())
    }

    /// Returns whether a file is ours under a name that differs in case, on a file system that
    /// ignores case.
    fn is_ours_by_another_name(&self, path: &str) -> bool {
        let there = fs::read_stamp(&self.folder.join(path));
        // Both names then lead to the same file, with the same stamp.
        let mut known = self.manifest.list_files();
        known.any(|(known, _)| {
            fs::folded(known) == fs::folded(path)
                && fs::read_stamp(&self.folder.join(known)) == there
        })
    }
}
