//! Writes the files of a site: only those that changed, all of them or none, and never a
//! half-written file.
//!
//! A file is rendered if it would be made from something else than last time. Files that differ
//! from the existing ones are first written to a staging folder inside the output folder
//! (`stage`). They are moved into place only when all have been rendered (`commit`). So a site
//! that cannot be rendered, or a full disk, leaves the last good site. What is replaced stays in
//! the staging folder until everything is done, so that an error can be undone (`replacement`).
//! Files of the last build that no longer belong to the site are removed. Nothing else is ever
//! removed: the manifest lists what pressrun wrote.
//!
//! Not here: the contents of the files (`render`).

mod commit;
mod manifest;
mod obstacles;
mod parts;
mod replacement;
mod stage;

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use rayon::prelude::*;

use crate::error::{Result, SystemError};
use crate::fs::{self, FileStamp};
use crate::render::{CommandFailure, SiteRenderer};

use manifest::{FoundManifest, OutputManifest};

pub use manifest::OutputInputs;
pub(crate) use parts::{FileComparison, FileList, sign_files, write_files};

/// Folder inside the output folder that holds files until all are rendered.
const STAGING: &str = ".pressrun-staging";

/// How many files a build wrote, kept and removed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct WrittenCounts {
    /// Files that were new or different.
    pub written: usize,
    /// Existing files that were not touched.
    pub unchanged: usize,
    /// Files of the last build that no longer belonged to the site and were removed.
    pub removed: usize,
    /// Size of all files of the site in bytes.
    pub bytes: u64,
}

impl WrittenCounts {
    /// Adds what an earlier build of the same site into the same folder did.
    pub fn add_earlier(&mut self, earlier: &Self) {
        let all = self.written + self.unchanged;
        self.written = all.min(self.written + earlier.written);
        self.unchanged = all - self.written;
        self.removed += earlier.removed;
    }
}

/// How the output folder is used.
#[derive(Debug, Clone)]
pub struct OutputMode {
    /// Whether the folder may contain foreign files. They are kept, or replaced if the site has a
    /// file of the same name.
    pub force: bool,
    /// Whether to wait until everything is on the disk.
    pub sync: bool,
    /// What the files of the last build were made from.
    pub origins: OutputInputs,
    /// Called before waiting for another process that writes to the folder.
    pub on_wait: fn(),
}

impl Default for OutputMode {
    fn default() -> Self {
        Self {
            force: false,
            sync: false,
            origins: OutputInputs::default(),
            on_wait: || {},
        }
    }
}

/// An output folder that has been checked and may be written to.
#[derive(Debug)]
pub struct OutputFolder {
    folder: PathBuf,
    manifest: OutputManifest,
    force: bool,
    sync: bool,
    /// Whether the folder is empty.
    empty: bool,
    /// Held while the folder is examined and written to.
    lock: Option<File>,
    on_wait: fn(),
}

impl OutputFolder {
    /// Examines the output folder of the site at `root`.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder is part of the site's sources, or contains files that
    /// pressrun did not write.
    pub fn open(
        root: &Path,
        folder: &Path,
        mode: &OutputMode,
    ) -> std::result::Result<Self, CommandFailure> {
        if let Some(why) = explain_source_overlap(root, folder) {
            return Err(output_refusal(
                folder,
                &why,
                "choose another folder with --output",
            ));
        }
        if let Err(error) = fs::is_folder(folder) {
            let help = "remove it, create a folder in its place, or choose another folder with \
                        --output";
            return Err(output_refusal(folder, &error.cause().to_string(), help));
        }
        // Lock before reading the manifest, so that no other build changes the folder in between.
        let lock = fs::lock_folder(folder, mode.on_wait);
        let found = find_first_entry(folder)?;
        let manifest = match OutputManifest::read(folder, &mode.origins)? {
            FoundManifest::Whole(manifest) => manifest,
            _ if mode.force => OutputManifest::default(),
            FoundManifest::Damaged => {
                let why = "`.pressrun-manifest`, the list of the files that pressrun wrote, is \
                           damaged";
                let help = "remove the folder if pressrun wrote everything in it, or add --force \
                            to write beside what is in it";
                return Err(output_refusal(folder, why, help));
            }
            FoundManifest::Missing => match &found {
                None => OutputManifest::default(),
                Some(path) => {
                    let name = path.file_name().unwrap_or_default().to_string_lossy();
                    let why = format!("it contains `{name}`, which pressrun did not write");
                    let help = "choose an empty folder with --output, or add --force to write \
                                beside it";
                    return Err(output_refusal(folder, &why, help));
                }
            },
        };
        Ok(Self {
            folder: folder.to_owned(),
            empty: found.is_none(),
            force: mode.force,
            sync: mode.sync,
            manifest,
            lock,
            on_wait: mode.on_wait,
        })
    }

    /// Locks the folder, if it did not exist when it was opened.
    fn lock(&mut self) -> Result<()> {
        if self.lock.is_some() {
            return Ok(());
        }
        fs::create_folder(&self.folder)?;
        self.lock = fs::lock_folder(&self.folder, self.on_wait);
        // `stage` trusts `empty`, so it must still be true now that the folder is locked.
        if self.empty && find_first_entry(&self.folder)?.is_some() {
            let cause = "another program wrote to it at the same time; run the command again";
            let cause = std::io::Error::other(cause);
            return Err(SystemError::new("write to the folder", &self.folder, cause));
        }
        Ok(())
    }

    /// Returns the result of the last build if the folder is exactly as that build left it, or else
    /// `None`.
    pub(crate) fn unchanged_since_build(&self) -> Option<WrittenCounts> {
        let is_intact = |at: usize| {
            let (path, entry) = self.manifest.file(at);
            let found = fs::read_stamp(&self.folder.join(path)).map(FileStamp::without_name);
            found.is_some() && found == entry.origin.map(|origin| origin.stamp)
        };
        let files = self.manifest.len();
        let intact = files > 0 && (0..files).into_par_iter().all(is_intact);
        let sizes = self.manifest.list_files().map(|(_, file)| file.record.size);
        intact.then(|| WrittenCounts {
            unchanged: files,
            bytes: sizes.sum(),
            ..WrittenCounts::default()
        })
    }

    /// Returns what its files were made from.
    pub(crate) fn into_origins(self) -> OutputInputs {
        self.manifest.origins()
    }

    /// Renders what changed and updates the output folder. Also returns what its files were made
    /// from.
    ///
    /// # Errors
    ///
    /// Returns everything that went wrong; the folder is then unchanged.
    pub fn write_site(
        mut self,
        renderer: SiteRenderer,
    ) -> std::result::Result<(WrittenCounts, OutputInputs), CommandFailure> {
        self.lock()?;
        let staging = self.folder.join(STAGING);
        // A killed build may have left one behind.
        fs::remove_tree(&staging)?;
        // Clean up also after an error, which is reported first.
        let result = self.stage(&renderer, &staging).and_then(|staged| {
            // Free everything that rendering needed before the list of files is built in memory.
            let jobs = renderer.into_jobs();
            self.commit(&jobs, &staged, &staging)
        });
        if matches!(result, Err(Unwritten::NotTakenBack(_))) {
            // The old files are in the staging folder.
            return result.map_err(Unwritten::into_failure);
        }
        let cleaned = fs::remove_tree(&staging);
        let written = result.map_err(Unwritten::into_failure)?;
        cleaned?;
        Ok(written)
    }
}

/// Returns the number of posts that the last build of a folder published; 0 if it is not known.
pub(crate) fn count_published_posts(folder: &Path) -> usize {
    match OutputManifest::read(folder, &OutputInputs::default()) {
        Ok(FoundManifest::Whole(manifest)) => manifest.posts(),
        _ => 0,
    }
}

/// Returns the files of a folder that pressrun wrote, as its manifest lists them.
pub fn list_written_files(folder: &Path) -> HashSet<Arc<str>> {
    match OutputManifest::read(folder, &OutputInputs::default()) {
        Ok(FoundManifest::Whole(manifest)) => {
            manifest.list_files().map(|(path, _)| path.into()).collect()
        }
        // Nothing is known to be ours.
        _ => HashSet::new(),
    }
}

/// Why a site was not written.
#[derive(Debug)]
enum Unwritten {
    /// The folder was not changed.
    TakenBack(CommandFailure),
    /// The folder has old and new files, and the staging folder has the rest of the old ones.
    NotTakenBack(SystemError),
}

impl Unwritten {
    fn into_failure(self) -> CommandFailure {
        match self {
            Self::TakenBack(failure) => failure,
            Self::NotTakenBack(error) => CommandFailure::Machine(error),
        }
    }
}

impl<E: Into<CommandFailure>> From<E> for Unwritten {
    fn from(error: E) -> Self {
        Self::TakenBack(error.into())
    }
}

/// Returns an entry of a folder, leaving out the staging folder that a killed build left behind.
fn find_first_entry(folder: &Path) -> Result<Option<PathBuf>> {
    let entries = fs::list_folder(folder)?;
    Ok(entries.into_iter().find(|path| !path.ends_with(STAGING)))
}

fn output_refusal(folder: &Path, why: &str, help: &str) -> CommandFailure {
    let place = FilePlace::file(folder.display().to_string());
    let message = format!("cannot use it as the output folder: {why}");
    CommandFailure::Site(vec![
        Diagnostic::new(Code::OutputNotOurs, place, message).with_help(help),
    ])
}

/// Returns the output folder of a site that a path is in: `usual`, or one with a manifest.
pub(crate) fn find_output_above(path: &Path, usual: &Path) -> Option<PathBuf> {
    let (path, usual) = (fs::resolve_path(path), fs::resolve_path(usual));
    let mut folders = path.ancestors();
    let found = folders.find(|&folder| folder == usual || OutputManifest::path(folder).exists());
    found.map(Path::to_owned)
}

/// Returns why a folder cannot be an output of the site at `root`, if it is part of its sources.
pub(crate) fn explain_source_overlap(root: &Path, folder: &Path) -> Option<String> {
    let root = fs::resolve_path(root);
    let folder = fs::resolve_path(folder);
    if root.starts_with(&folder) {
        return Some("it contains the site itself".to_owned());
    }
    ["content", "templates", "static", ".git", ".pressrun"]
        .into_iter()
        .find(|name| folder.starts_with(root.join(name)))
        .map(|name| format!("it is in the folder `{name}` of the site"))
}
