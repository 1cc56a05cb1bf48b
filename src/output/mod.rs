//! Writes the files of a site: only those that changed, all of them or none, and never a
//! half-written file.
//!
//! A file is rendered if it would be made from something else than last time. Files that differ
//! from the existing ones are first written to a staging folder inside the output folder. They are
//! moved into place only when all have been rendered. So a site that cannot be rendered, a full
//! disk, or a kill leaves the last good site. Files of the last build that no longer belong to the
//! site are removed. Nothing else is ever removed: the manifest lists what pressrun wrote.
//!
//! Not here: the contents of the files (`render`).

mod manifest;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::error::{Error, Result};
use crate::fs::{self, Stamp};
use crate::render::{Failure, Job, Renderer, folded};

use manifest::{Entry, Manifest, Origin, Record};

pub use manifest::Origins;

/// Folder inside the output folder that holds files until all are rendered.
const STAGING: &str = ".pressrun-staging";

/// How many files a build wrote, kept and removed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Written {
    /// Files that were new or different.
    pub written: usize,
    /// Existing files that were not touched.
    pub unchanged: usize,
    /// Files of the last build that no longer belonged to the site and were removed.
    pub removed: usize,
    /// Size of all files of the site in bytes.
    pub bytes: u64,
}

/// How the output folder is used.
#[derive(Debug, Clone)]
pub struct Mode {
    /// Whether the folder may contain foreign files. They are kept, or replaced if the site has a
    /// file of the same name.
    pub force: bool,
    /// What the files of the last build were made from.
    pub origins: Origins,
    /// Called before waiting for another process that writes to the folder.
    pub on_wait: fn(),
}

impl Default for Mode {
    fn default() -> Self {
        Self {
            force: false,
            origins: Origins::default(),
            on_wait: || {},
        }
    }
}

/// An output folder that has been checked and may be written to.
#[derive(Debug)]
pub struct Output {
    folder: PathBuf,
    manifest: Manifest,
    force: bool,
    /// Whether the folder is empty.
    empty: bool,
    /// Held while the folder is examined and written to.
    lock: Option<File>,
    on_wait: fn(),
}

impl Output {
    /// Examines the output folder of the site at `root`.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder is part of the site's sources, or contains files that
    /// pressrun did not write.
    pub fn open(root: &Path, folder: &Path, mode: &Mode) -> std::result::Result<Self, Failure> {
        if let Some(why) = overlaps_sources(root, folder) {
            return Err(refused(folder, &why, "choose another folder with --output"));
        }
        if let Err(error) = fs::is_folder(folder) {
            let help = "remove it, make a folder in its place, or choose another with --output";
            return Err(refused(folder, &error.cause().to_string(), help));
        }
        // Lock before reading the manifest, so that no other build changes the folder in between.
        let lock = fs::lock_folder(folder, mode.on_wait);
        let manifest = Manifest::read(folder, &mode.origins)?;
        let found = first_entry(folder)?;
        if let Some(path) = &found
            && manifest.is_none()
            && !mode.force
        {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            return Err(refused(
                folder,
                &format!("it holds `{name}`, which pressrun did not write"),
                "choose an empty folder with --output, or add --force to write beside it",
            ));
        }
        Ok(Self {
            folder: folder.to_owned(),
            empty: found.is_none(),
            force: mode.force,
            manifest: manifest.unwrap_or_default(),
            lock,
            on_wait: mode.on_wait,
        })
    }

    /// Locks the folder, if it did not exist when it was opened.
    fn take(&mut self) -> Result<()> {
        if self.lock.is_some() {
            return Ok(());
        }
        fs::create_folder(&self.folder)?;
        self.lock = fs::lock_folder(&self.folder, self.on_wait);
        // `stage` trusts `empty`, so it must still be true now that the folder is locked.
        if self.empty && first_entry(&self.folder)?.is_some() {
            let cause = "another program wrote to it in the meantime; run the command again";
            let cause = std::io::Error::other(cause);
            return Err(Error::new("write to the folder", &self.folder, cause));
        }
        Ok(())
    }

    /// Returns the result of the last build if the folder is exactly as that build left it, or else
    /// `None`.
    pub fn intact(&self) -> Option<Written> {
        let is_intact = |(path, entry): (&Arc<str>, &Entry)| {
            let found = fs::stamp(&self.folder.join(&**path)).map(Stamp::without_name);
            found.is_some() && found == entry.origin.map(|origin| origin.stamp)
        };
        let files = self.manifest.files();
        let intact = !files.is_empty() && files.par_iter().all(is_intact);
        intact.then(|| Written {
            unchanged: files.len(),
            bytes: files.values().map(|entry| entry.record.size).sum(),
            ..Written::default()
        })
    }

    /// Renders what changed and updates the output folder. Also returns what its files were made
    /// from.
    ///
    /// # Errors
    ///
    /// Returns everything that went wrong; the folder is then unchanged.
    pub fn write(mut self, renderer: Renderer) -> std::result::Result<(Written, Origins), Failure> {
        self.take()?;
        let staging = self.folder.join(STAGING);
        // A killed build may have left one behind.
        fs::remove_tree(&staging)?;
        // Clean up also after an error, which is reported first.
        let result = self.stage(&renderer, &staging).and_then(|staged| {
            // Free everything that rendering needed before the list of files is built in memory.
            let jobs = renderer.into_jobs();
            Ok(self.commit(&jobs, &staged, &staging)?)
        });
        let cleaned = fs::remove_tree(&staging);
        let written = result?;
        cleaned?;
        Ok(written)
    }

    /// Renders every job whose input changed. Files that differ from the existing ones are written
    /// to the staging folder.
    fn stage(
        &self,
        renderer: &Renderer,
        staging: &Path,
    ) -> std::result::Result<Vec<Staged>, Failure> {
        let results: Vec<std::result::Result<Staged, Failure>> = renderer
            .jobs()
            .par_iter()
            .enumerate()
            .map(|(number, job)| {
                let place = self.waiting_place(staging, number, job);
                self.stage_one(job, renderer, &place)
            })
            .collect();
        let mut staged = Vec::with_capacity(results.len());
        let mut wrong = Vec::new();
        for result in results {
            match result {
                Ok(file) => staged.push(file),
                Err(Failure::Site(diagnostics)) => wrong.extend(diagnostics),
                // An error of the file system is reported alone.
                Err(failure) => return Err(failure),
            }
        }
        if wrong.is_empty() {
            Ok(staged)
        } else {
            // A broken template fails for every page that uses it, so report it once.
            wrong.sort();
            wrong.dedup_by(|a, b| a.place == b.place && a.message == b.message);
            Err(Failure::Site(wrong))
        }
    }

    /// Returns the staged path of a file. For an empty output folder it has the final layout, so
    /// that whole folders can be moved.
    fn waiting_place(&self, staging: &Path, number: usize, job: &Job) -> PathBuf {
        if self.empty {
            staging.join(&*job.file)
        } else {
            staging.join(number.to_string())
        }
    }

    fn stage_one(
        &self,
        job: &Job,
        renderer: &Renderer,
        place: &Path,
    ) -> std::result::Result<Staged, Failure> {
        let input = renderer.input(job);
        let target = self.folder.join(&*job.file);
        let known = self.manifest.get(&job.file);
        // An empty folder need not be asked for each file.
        let found = if self.empty { None } else { fs::stamp(&target) };
        let found = found.map(Stamp::without_name);
        let is_untouched =
            |known: &&Entry| found.is_some() && found == known.origin.map(|origin| origin.stamp);
        let untouched = known.filter(is_untouched);
        let is_same = |known: &&Entry| {
            input.is_some() && input == known.origin.and_then(|origin| origin.input)
        };
        let staged = |record, stamp: Option<Stamp>, waits| {
            let origin = stamp.map(|stamp| Origin { input, stamp });
            let entry = Entry { record, origin };
            Ok(Staged { entry, waits })
        };
        if let Some(entry) = untouched.filter(is_same) {
            // Same input and an untouched file: it is not even rendered.
            return staged(entry.record, found, false);
        }
        let bytes = renderer.render(job)?;
        let record = Record::of(&bytes);
        let same = match (untouched, found) {
            // The file on disk is what the manifest says, so comparing hashes is enough.
            (Some(entry), _) => entry.record == record,
            // The stamp does not match, so only reading the file shows whether it is up to date.
            (None, Some(found)) => {
                known.is_some() && found.size == record.size && fs::read(&target)? == bytes
            }
            (None, None) => false,
        };
        if same {
            return staged(record, found, false);
        }
        // Rendered and different: the last question is whether the place is free.
        if known.is_none()
            && let Some(theirs) = self.foreign_at(&job.file)
        {
            return Err(refused(
                &self.folder,
                &format!("it holds `{theirs}`, which pressrun did not write"),
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

    /// Moves the staged files into place, removes files that no longer belong to the site, and
    /// writes the manifest.
    fn commit(
        &self,
        jobs: &[Job],
        staged: &[Staged],
        staging: &Path,
    ) -> Result<(Written, Origins)> {
        let files = jobs.iter().zip(staged);
        let new: Manifest = files
            .map(|(job, file)| (Arc::clone(&job.file), file.entry))
            .collect();
        let stale: Vec<&str> = self.manifest.missing_from(&new).collect();
        let waiting: Vec<(usize, &Job)> = jobs
            .iter()
            .enumerate()
            .filter(|(number, _)| staged[*number].waits)
            .collect();
        self.check_writable(&waiting, &stale)?;
        // Until everything is in place, the manifest lists old and new files. So after a kill, all
        // remaining files are still known as pressrun's.
        let both = self.manifest.union(&new);
        if !both.says_the_same_as(&self.manifest) {
            both.write(&self.folder, staging)?;
        }
        if self.empty {
            self.move_all(staging)?;
        } else {
            let (in_the_way, rest) = in_the_way(&stale, jobs);
            self.remove(&in_the_way)?;
            self.create_folders(&waiting)?;
            waiting.par_iter().try_for_each(|&(number, job)| {
                let place = self.waiting_place(staging, number, job);
                fs::rename(&place, &self.folder.join(&*job.file))
            })?;
            // Removed last, so that a site whose pages could not all be moved has lost none.
            self.remove(&rest)?;
        }
        if !new.says_the_same_as(&both) {
            new.write(&self.folder, staging)?;
        }
        let written = Written {
            written: waiting.len(),
            unchanged: staged.len() - waiting.len(),
            removed: stale.len(),
            bytes: staged.iter().map(|file| file.entry.record.size).sum(),
        };
        Ok((written, new.origins()))
    }

    /// Checks all folders first, so that none stops the moving of files half-way.
    fn check_writable(&self, waiting: &[(usize, &Job)], stale: &[&str]) -> Result<()> {
        let files = waiting.iter().map(|(_, job)| &*job.file);
        let folders: BTreeSet<&Path> = files
            .chain(stale.iter().copied())
            .filter_map(|file| Path::new(file).parent())
            .collect();
        folders
            .into_par_iter()
            .try_for_each(|folder| fs::check_writable(&self.folder.join(folder)))
    }

    /// Returns the foreign file that is in the place of one of ours, or in a folder of that name.
    fn foreign_at(&self, path: &str) -> Option<String> {
        if self.manifest.is_empty() || self.force {
            return None;
        }
        let target = self.folder.join(path);
        if !target.is_dir() {
            let is_theirs = target.exists() && !self.is_ours_by_another_name(path);
            return is_theirs.then(|| path.to_owned());
        }
        let (found, _) = fs::walk_all(&target);
        let mut inside = found
            .into_iter()
            .map(|file| format!("{path}/{}", fs::slashed(&file.path)));
        inside.find(|file| self.manifest.get(file).is_none())
    }

    /// Returns whether a file is ours under a name that differs in case, on a file system that
    /// ignores case.
    fn is_ours_by_another_name(&self, path: &str) -> bool {
        // Both names then lead to the same file, with the same stamp.
        let there = fs::stamp(&self.folder.join(path));
        let mut known = self.manifest.files().keys();
        known.any(|known| {
            folded(known) == folded(path) && fs::stamp(&self.folder.join(&**known)) == there
        })
    }

    /// Moves a whole site from the staging folder to the empty output folder.
    fn move_all(&self, staging: &Path) -> Result<()> {
        for path in fs::entries(staging)? {
            let name = path.file_name().unwrap_or_default();
            fs::rename(&path, &self.folder.join(name))?;
        }
        Ok(())
    }

    /// Removes files, and the folders that become empty.
    fn remove(&self, stale: &[&str]) -> Result<()> {
        for path in stale {
            fs::remove_file(&self.folder.join(path))?;
        }
        let folders: BTreeSet<&Path> = stale
            .iter()
            .flat_map(|path| Path::new(path).ancestors().skip(1))
            .filter(|folder| !folder.as_os_str().is_empty())
            .collect();
        // In reverse order, so that a folder comes before the folder that contains it.
        for folder in folders.into_iter().rev() {
            fs::remove_empty_folder(&self.folder.join(folder));
        }
        Ok(())
    }

    fn create_folders(&self, files: &[(usize, &Job)]) -> Result<()> {
        let folders: BTreeSet<&Path> = files
            .iter()
            .filter_map(|(_, job)| Path::new(&*job.file).parent())
            .collect();
        folders
            .into_par_iter()
            .try_for_each(|folder| fs::create_folder(&self.folder.join(folder)))
    }
}

/// Returns an entry of a folder, leaving out the staging folder that a killed build left behind.
fn first_entry(folder: &Path) -> Result<Option<PathBuf>> {
    let entries = fs::entries(folder)?;
    Ok(entries.into_iter().find(|path| !path.ends_with(STAGING)))
}

/// Splits stale files into those in the place of a new file or of one of its folders, and the
/// others.
///
/// On a file system that ignores case, a file with a different name may be in the way too.
fn in_the_way<'s>(stale: &[&'s str], jobs: &[Job]) -> (Vec<&'s str>, Vec<&'s str>) {
    // Compare names without regard to case, as some file systems do.
    let files: HashSet<Cow<'_, str>> = stale.iter().map(|path| folded(path)).collect();
    let folders: HashSet<&str> = files.iter().flat_map(|path| above(path)).collect();
    let mut wanted: HashSet<String> = HashSet::new();
    for job in jobs.iter().filter(|_| !stale.is_empty()) {
        let file = folded(&job.file);
        let needed = above(&file).filter(|folder| files.contains(*folder));
        wanted.extend(needed.map(str::to_owned));
        if files.contains(&file) || folders.contains(&*file) {
            wanted.insert(file.into_owned());
        }
    }
    stale.iter().partition(|path| {
        let path = folded(path);
        wanted.contains(&*path) || above(&path).any(|folder| wanted.contains(folder))
    })
}

/// Returns the folders that contain a path.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// A file that is up to date, or that waits in the staging folder.
struct Staged {
    entry: Entry,
    waits: bool,
}

fn refused(folder: &Path, why: &str, help: &str) -> Failure {
    let place = Place::file(folder.display().to_string());
    let message = format!("cannot use it as the output folder: {why}");
    Failure::Site(vec![
        Diagnostic::new(Code::OutputNotOurs, place, message).help(help),
    ])
}

/// Returns why a folder cannot be the output of the site at `root`, if it is part of its sources.
fn overlaps_sources(root: &Path, folder: &Path) -> Option<String> {
    let root = fs::absolute(root);
    let folder = fs::absolute(folder);
    if root.starts_with(&folder) {
        return Some("the site itself is in it".to_owned());
    }
    ["content", "templates", "static", ".git", ".pressrun"]
        .into_iter()
        .find(|name| folder.starts_with(root.join(name)))
        .map(|name| format!("it is in the folder `{name}` of the site"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{Content, Page};

    /// Checks which of the stale files must be removed before the new ones are moved in.
    #[track_caller]
    fn check(stale: &[&str], new: &[&str], expected: &[&str]) {
        let job = |file: &&str| Job {
            path: format!("/{file}"),
            file: (*file).into(),
            page: Page::File(Content::Bytes(Vec::new()), String::new()),
        };
        let jobs: Vec<Job> = new.iter().map(job).collect();
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
