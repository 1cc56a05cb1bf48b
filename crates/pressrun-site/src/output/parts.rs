//! Writes a site in parts, which several machines do at the same time.
//!
//! There is no staging folder for the whole site: each file is complete when it appears. The site is
//! complete when its manifest does, which is written when all parts are there.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::manifest::{FileRecord, ManifestEntry, OutputManifest};
use super::stage::TURN;
use crate::error::Result;
use crate::fs;
use crate::render::{CommandFailure, SiteRenderer};

/// What is compared of the files in a folder with what was written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FileComparison {
    Size,
    Contents,
}

/// The files of a part of a site, with what was written to them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct FileList {
    files: Vec<(String, FileRecord)>,
}

impl FileList {
    /// Returns the number of files.
    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    /// Returns the size of all files in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, record)| record.size).sum()
    }

    /// Returns the paths of the files in the output folder.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(name, _)| &**name)
    }

    /// Adds the files of another part.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.files.append(&mut other.files);
    }

    /// Returns a file that is not in the folder, or has another size, or other contents if these are
    /// compared.
    pub(crate) fn find_missing(&self, folder: &Path, comparison: FileComparison) -> Option<&str> {
        let files = self.files.par_iter();
        let missing = files.find_first(|(name, record)| {
            let path = folder.join(name);
            match comparison {
                FileComparison::Size => {
                    let stamp = fs::read_stamp(&path);
                    stamp.is_none_or(|stamp| stamp.size != record.size)
                }
                FileComparison::Contents => {
                    let bytes = fs::read_whole_file(&path).ok();
                    bytes.is_none_or(|bytes| FileRecord::of_bytes(&bytes) != *record)
                }
            }
        });
        missing.map(|(name, _)| &**name)
    }

    /// Returns a file of the folder that is not in the list.
    pub(crate) fn find_foreign(&self, folder: &Path) -> Option<String> {
        let own: HashSet<&str> = self.names().collect();
        let (found, _) = fs::walk_all_entries(folder);
        let manifest = OutputManifest::path(Path::new(""));
        let mut found = found.into_iter();
        let foreign = found.find(|entry| {
            let name = fs::path_with_slashes(&entry.path);
            entry.path != manifest && !own.contains(&*name)
        });
        foreign.map(|entry| fs::path_with_slashes(&entry.path))
    }
}

/// Renders jobs, given by their numbers, into the folder of a site. Each file waits in a folder on the
/// same disk until it is complete.
///
/// # Errors
///
/// Returns everything that went wrong.
pub(crate) fn write_files(
    renderer: &SiteRenderer,
    jobs: &[u32],
    folder: &Path,
    temporary: &Path,
) -> std::result::Result<FileList, CommandFailure> {
    fs::create_folder(folder)?;
    // A folder for each thread, because the system lets only one of them change a folder at a time.
    let waiting_of = |thread: usize| temporary.join(format!("thread-{thread}"));
    (0..rayon::current_num_threads()).try_for_each(|at| fs::create_folder(&waiting_of(at)))?;
    let write = |&number: &u32| {
        let job = &renderer.jobs()[number as usize];
        let bytes = renderer.render_job(job)?;
        let thread = rayon::current_thread_index().unwrap_or(0);
        let waiting = waiting_of(thread).join("page");
        fs::write_file(&waiting, &bytes)?;
        put_in_place(&waiting, &folder.join(job.file()))?;
        Ok((job.file().to_owned(), FileRecord::of_bytes(&bytes)))
    };
    let turns = jobs.par_chunks(TURN);
    let written = turns.flat_map_iter(|turn| turn.iter().map(write));
    let files = CommandFailure::collect(written.collect())?;
    Ok(FileList { files })
}

/// Moves a file into a folder that is usually there.
fn put_in_place(waiting: &Path, place: &Path) -> Result<()> {
    match fs::rename(waiting, place) {
        Err(error) if error.kind() == ErrorKind::NotFound => fs::rename_into(waiting, place),
        moved => moved,
    }
}

/// Writes the manifest of a site with these files, `posts` of which are posts.
///
/// # Errors
///
/// Returns an error if the manifest cannot be written.
pub(crate) fn sign_files(
    files: FileList,
    posts: usize,
    folder: &Path,
    temporary: &Path,
) -> Result<()> {
    let entries = files.files.iter().map(|(name, record)| {
        let entry = ManifestEntry {
            record: *record,
            origin: None,
        };
        (&**name, entry)
    });
    let waiting = temporary.join("site-manifest");
    OutputManifest::new(entries, posts).write(&waiting)?;
    fs::rename(&waiting, &OutputManifest::path(folder))
}
