//! Looks for everything that could stop the moving of files half-way, before the first one is
//! moved.
//!
//! Not here: errors that only an attempt shows. They are undone
//! ([`replacement`](super::replacement)).

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use rayon::prelude::*;

use super::output_refusal;
use crate::error::Result;
use crate::fs;
use crate::render::CommandFailure;

/// An output folder, and the files that are about to be removed from it.
pub(super) struct Obstacles<'a> {
    folder: &'a Path,
    /// Those of the files that exist.
    present: Vec<&'a str>,
    /// All of the files, as case-insensitive file systems compare them.
    leaving: HashSet<Cow<'a, str>>,
    /// The folders that contain these files, or did before a build that was killed.
    emptied: HashSet<String>,
}

impl<'a> Obstacles<'a> {
    pub(super) fn new(folder: &'a Path, stale: &[&'a str]) -> Self {
        let leaving: HashSet<Cow<'_, str>> = stale.iter().map(|path| fs::folded(path)).collect();
        let emptied = leaving.iter().flat_map(|path| fs::above(path));
        let is_there = |path: &&&str| {
            let path = folder.join(path);
            path.symlink_metadata().is_ok_and(|data| !data.is_dir())
        };
        Self {
            folder,
            present: stale.iter().filter(is_there).copied().collect(),
            emptied: emptied.map(str::to_owned).collect(),
            leaving,
        }
    }

    /// Checks that files can be moved to their places, as far as the system can say.
    ///
    /// # Errors
    ///
    /// Returns an error for the first place that cannot receive its file, or for a file that cannot
    /// be removed.
    pub(super) fn check(&self, files: &[&str]) -> std::result::Result<(), CommandFailure> {
        let all = || files.iter().chain(&self.present);
        if all().next().is_none() {
            return Ok(());
        }
        let folders: BTreeSet<&str> = all().flat_map(|file| fs::above(file)).collect();
        let parents: BTreeSet<&str> = all().filter_map(|file| fs::above(file).last()).collect();
        // The output folder itself may be on another disk: the files come from inside of it.
        fs::check_writable(self.folder)?;
        folders
            .into_par_iter()
            .try_for_each(|folder| self.check_folder(folder))?;
        parents
            .into_par_iter()
            .try_for_each(|folder| fs::check_writable(&self.folder.join(folder)))?;
        files
            .par_iter()
            .try_for_each(|file| self.check_file(file))?;
        let stale = self.present.par_iter();
        Ok(stale.try_for_each(|file| fs::check_replaceable(&self.folder.join(file)))?)
    }

    fn check_folder(&self, path: &str) -> std::result::Result<(), CommandFailure> {
        let folder = self.folder.join(path);
        let is_theirs = fs::read_stamp(&folder).is_some() && !self.is_leaving(path);
        if is_theirs {
            let why = format!("it contains the file `{path}` where a folder must be");
            return Err(output_refusal(self.folder, &why, "move it away"));
        }
        Ok(fs::check_same_disk(&folder, self.folder)?)
    }

    fn check_file(&self, path: &str) -> std::result::Result<(), CommandFailure> {
        let place = self.folder.join(path);
        if is_folder(&place) {
            if self.will_be_empty(path)? {
                return Ok(());
            }
            let why = format!("it contains the folder `{path}` where a file must be");
            return Err(output_refusal(
                self.folder,
                &why,
                "move it away or remove it",
            ));
        }
        Ok(fs::check_replaceable(&place)?)
    }

    /// Returns whether a folder is empty, and goes too, once its files have been removed.
    fn will_be_empty(&self, path: &str) -> Result<bool> {
        if !self.emptied.contains(&*fs::folded(path)) {
            return Ok(false);
        }
        for entry in &fs::list_folder(&self.folder.join(path))? {
            let Some(name) = entry.file_name().and_then(|name| name.to_str()) else {
                return Ok(false);
            };
            let path = format!("{path}/{name}");
            let goes = if is_folder(entry) {
                self.will_be_empty(&path)?
            } else {
                self.is_leaving(&path)
            };
            if !goes {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_leaving(&self, path: &str) -> bool {
        self.leaving.contains(&fs::folded(path))
    }
}

/// Returns whether a path is a folder and not a link to one.
pub(super) fn is_folder(path: &Path) -> bool {
    path.is_dir() && !path.is_symlink()
}
