//! Moves a staged site into place: all of it, or nothing.
//!
//! Whatever can fail early fails before the first file is moved: folders that must not be written
//! to, places that cannot receive a file, a full disk. From the first step on, the manifest lists
//! old and new files, so that files left behind by a kill are known to be ours. The order of the
//! files keeps all links valid: first new files, to which no page links yet, then files that
//! existed before, and then files to be removed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::manifest::{OutputInputs, OutputManifest};
use super::obstacles::{Obstacles, is_folder};
use super::replacement::Replacement;
use super::stage::{StagedFile, waiting_folder};
use super::{OutputFolder, Unwritten, WrittenCounts};
use crate::error::Result;
use crate::fs;
use crate::render::{PageKind, PublishingTurn, RenderJob};

/// Files in the staging folder: the manifest while files are moved, and the one after that.
const MANIFESTS: [&str; 2] = ["manifest-of-both", "manifest"];

/// A file that waits in the staging folder.
struct WaitingFile<'a> {
    job: &'a RenderJob,
    from: PathBuf,
    to: PathBuf,
}

/// What changes in an output folder.
struct SiteChange<'a> {
    staging: &'a Path,
    waiting: Vec<WaitingFile<'a>>,
    /// Files that no longer belong, in the place of a new file or of its folder.
    in_the_way: Vec<&'a str>,
    /// The other files that no longer belong.
    stale: Vec<&'a str>,
    /// The staged manifest of old and new files, and that of the new files, each if it differs from
    /// the existing one.
    manifests: [Option<PathBuf>; 2],
}

impl SiteChange<'_> {
    fn is_empty(&self) -> bool {
        self.waiting.is_empty()
            && self.in_the_way.is_empty()
            && self.stale.is_empty()
            && self.manifests.iter().all(Option::is_none)
    }
}

impl OutputFolder {
    /// Moves the staged files into place, removes files that no longer belong to the site, and
    /// writes the manifest.
    pub(super) fn commit(
        &self,
        jobs: &[RenderJob],
        staged: &[StagedFile],
        staging: &Path,
    ) -> std::result::Result<(WrittenCounts, OutputInputs), Unwritten> {
        let files = jobs.iter().zip(staged);
        let files = files.map(|(job, file)| (job.file(), file.entry));
        let posts = jobs
            .iter()
            .filter(|job| matches!(job.page, PageKind::Post(_)));
        let new = OutputManifest::new(files, posts.count());
        let gone: Vec<&str> = self.manifest.missing_from(&new).collect();
        let change = self.prepare(jobs, staged, staging, &new, &gone)?;
        let written = WrittenCounts {
            written: change.waiting.len(),
            unchanged: staged.len() - change.waiting.len(),
            removed: gone.len(),
            bytes: staged.iter().map(|file| file.entry.record.size).sum(),
        };
        if change.is_empty() {
            // Not even the staging folder is needed: the disk may be read-only.
            return Ok((written, new.origins()));
        }
        let replacement = Replacement::new(staging)?;
        if let Err(error) = self.replace(&change, &replacement) {
            return Err(match replacement.take_back(&self.folder, error) {
                Ok(error) => error.into(),
                Err(error) => Unwritten::NotTakenBack(error),
            });
        }
        Ok((written, new.origins()))
    }

    /// Does everything that can fail before the first file is moved.
    fn prepare<'a>(
        &self,
        jobs: &'a [RenderJob],
        staged: &[StagedFile],
        staging: &'a Path,
        new: &OutputManifest,
        gone: &[&'a str],
    ) -> std::result::Result<SiteChange<'a>, Unwritten> {
        let waits = |(number, job): (usize, &'a RenderJob)| {
            staged[number].waits.then(|| WaitingFile {
                job,
                from: self.waiting_place(staging, number, job),
                to: self.folder.join(job.file()),
            })
        };
        let waiting: Vec<WaitingFile<'_>> = jobs.iter().enumerate().filter_map(waits).collect();
        if !self.empty {
            let files: Vec<&str> = waiting.iter().map(|file| file.job.file()).collect();
            Obstacles::new(&self.folder, gone).check(&files)?;
        }
        let both = self.manifest.union(new);
        let [first, last] = MANIFESTS.map(|name| staging.join(name));
        let has_first = !both.says_the_same_as(&self.manifest);
        if has_first {
            both.write(&first)?;
        }
        let has_last = !new.says_the_same_as(&both);
        if has_last {
            new.write(&last)?;
        }
        if self.sync {
            waiting
                .par_iter()
                .try_for_each(|file| fs::sync(&file.from))?;
        }
        let (in_the_way, stale) = in_the_way(gone, jobs);
        Ok(SiteChange {
            staging,
            waiting,
            in_the_way,
            stale,
            manifests: [has_first.then_some(first), has_last.then_some(last)],
        })
    }

    /// Makes the changes in the folder.
    fn replace(&self, change: &SiteChange<'_>, replacement: &Replacement) -> Result<()> {
        let old = if self.empty {
            Vec::new()
        } else {
            let files = change.waiting.par_iter();
            files
                .map(|file| replacement.keep(&file.to))
                .collect::<Result<_>>()?
        };
        let [first, last] = &change.manifests;
        self.put_manifest(first.as_deref(), replacement)?;
        if self.empty {
            self.move_all(change, replacement)?;
        } else {
            self.take_away(&change.in_the_way, replacement)?;
            self.make_folders(&change.waiting, replacement)?;
            move_in_turn(&change.waiting, &old, replacement)?;
            // Last, when no remaining page links to them.
            self.take_away(&change.stale, replacement)?;
        }
        if self.sync {
            self.sync_folders(change)?;
        }
        self.put_manifest(last.as_deref(), replacement)
    }

    /// Moves a manifest into place, if there is one.
    fn put_manifest(&self, staged: Option<&Path>, replacement: &Replacement) -> Result<()> {
        let Some(staged) = staged else {
            return Ok(());
        };
        if self.sync {
            fs::sync(staged)?;
        }
        let place = OutputManifest::path(&self.folder);
        let old = replacement.keep(&place)?;
        replacement.move_to(staged.to_owned(), place, old)?;
        if self.sync {
            fs::sync(&self.folder)?;
        }
        Ok(())
    }

    /// Moves a whole site from the staging folder to the empty folder. The home page, where readers
    /// start, comes last.
    fn move_all(&self, change: &SiteChange<'_>, replacement: &Replacement) -> Result<()> {
        let mut turns: BTreeMap<&str, PublishingTurn> = BTreeMap::new();
        for WaitingFile { job, .. } in &change.waiting {
            let name = job.file().split('/').next().unwrap_or_default();
            let turn = turns.entry(name).or_insert(PublishingTurn::Asset);
            *turn = (*turn).max(job.page.publishing_turn());
        }
        let mut names: Vec<(PublishingTurn, &str)> =
            turns.into_iter().map(|(a, b)| (b, a)).collect();
        names.sort_unstable();
        let from = waiting_folder(change.staging);
        for (_, name) in names {
            replacement.move_to(from.join(name), self.folder.join(name), None)?;
        }
        Ok(())
    }

    /// Removes files, and the folders that are then empty.
    fn take_away(&self, stale: &[&str], replacement: &Replacement) -> Result<()> {
        for path in stale {
            let path = self.folder.join(path);
            // If there is a folder now, another program created it.
            if !is_folder(&path) {
                replacement.take_away(path)?;
            }
        }
        let folders: BTreeSet<&str> = stale.iter().flat_map(|path| fs::above(path)).collect();
        // In reverse order, so that a folder is removed before the folder that contains it.
        for folder in folders.into_iter().rev() {
            fs::remove_empty_folder(&self.folder.join(folder));
        }
        Ok(())
    }

    fn make_folders(&self, files: &[WaitingFile<'_>], replacement: &Replacement) -> Result<()> {
        // Sorted, so that a folder comes before those in it.
        let folders: BTreeSet<&str> = files
            .iter()
            .flat_map(|file| fs::above(file.job.file()))
            .collect();
        folders
            .into_iter()
            .try_for_each(|folder| replacement.make_folder(self.folder.join(folder)))
    }

    /// Waits until the disk has stored the names of all files that were moved or removed.
    fn sync_folders(&self, change: &SiteChange<'_>) -> Result<()> {
        let new = change.waiting.iter().map(|file| file.job.file());
        let gone = change.stale.iter().chain(&change.in_the_way).copied();
        let folders: BTreeSet<&str> = new.chain(gone).flat_map(fs::above).collect();
        let folders = folders.into_par_iter();
        folders
            .map(|folder| self.folder.join(folder))
            .filter(|folder| folder.is_dir())
            .try_for_each(|folder| fs::sync(&folder))?;
        fs::sync(&self.folder)
    }
}

/// Moves files into place: first new ones, then those that replace old ones.
fn move_in_turn(
    waiting: &[WaitingFile<'_>],
    old: &[Option<PathBuf>],
    replacement: &Replacement,
) -> Result<()> {
    let mut turns: BTreeMap<(bool, PublishingTurn), Vec<usize>> = BTreeMap::new();
    for (at, file) in waiting.iter().enumerate() {
        let turn = (old[at].is_some(), file.job.page.publishing_turn());
        turns.entry(turn).or_default().push(at);
    }
    turns.into_values().try_for_each(|turn| {
        turn.into_par_iter().try_for_each(|at| {
            let file = &waiting[at];
            replacement.move_to(file.from.clone(), file.to.clone(), old[at].clone())
        })
    })
}

/// Splits stale files into those in the place of a new file or of one of its folders, and all
/// others.
///
/// On a file system that ignores case, a file with a different name may be in the way too.
fn in_the_way<'s>(stale: &[&'s str], jobs: &[RenderJob]) -> (Vec<&'s str>, Vec<&'s str>) {
    // Ignore case when comparing names, as some file systems do.
    let files: HashSet<Cow<'_, str>> = stale.iter().map(|path| fs::folded(path)).collect();
    let folders: HashSet<&str> = files.iter().flat_map(|path| fs::above(path)).collect();
    let mut wanted: HashSet<String> = HashSet::new();
    for job in jobs.iter().filter(|_| !stale.is_empty()) {
        let file = fs::folded(job.file());
        let needed = fs::above(&file).filter(|folder| files.contains(*folder));
        wanted.extend(needed.map(str::to_owned));
        if files.contains(&file) || folders.contains(&*file) {
            wanted.insert(file.into_owned());
        }
    }
    stale.iter().partition(|path| {
        let path = fs::folded(path);
        wanted.contains(&*path) || fs::above(&path).any(|folder| wanted.contains(folder))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks which of the stale files must be removed before the new ones are moved in.
    #[track_caller]
    fn check(stale: &[&str], new: &[&str], expected: &[&str]) {
        let job = |file: &&str| RenderJob::new(format!("/{file}"), PageKind::Robots);
        let jobs: Vec<RenderJob> = new.iter().map(job).collect();
        let (before, after) = in_the_way(stale, &jobs);
        assert_eq!(before, expected);
        assert_eq!(before.len() + after.len(), stale.len());
    }

    #[test]
    fn stale_file_stays_until_the_new_ones_are_there_unless_it_is_in_their_way() {
        check(&["a/b", "c"], &["a/d", "index.html"], &[]);
        check(&["a"], &["a/b"], &["a"]);
        check(&["a/b/c", "a/d"], &["a/b"], &["a/b/c"]);
    }

    #[test]
    fn name_that_changes_only_its_case_is_in_the_way() {
        check(&["Logo.png", "b"], &["logo.png"], &["Logo.png"]);
        check(&["A/b"], &["a"], &["A/b"]);
    }
}
