//! Writes the files of a site: changed ones only, all or none, and no half-written file ever.
//!
//! Every file is rendered first and, where it differs from what is there, put into a staging
//! folder inside the output folder. Only when all have succeeded are they moved into place, so a
//! site that cannot be rendered, a full disk or a kill leaves the last good one. Files of the
//! last build that no longer belong are removed; nothing else ever is: the manifest says what
//! pressrun wrote.
//!
//! Not here: what is in the files (`render`).

mod manifest;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::error::Result;
use crate::fs;
use crate::render::{Failure, File, Job, Renderer};

use manifest::{Manifest, Record};

/// Folder inside the output folder that holds files until all are rendered.
const STAGING: &str = ".pressrun-staging";

/// What a build did to the output folder.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Written {
    /// Files that were new or different.
    pub written: usize,
    /// Files that were there already, and not touched.
    pub unchanged: usize,
    /// Files of the last build that no longer belong, removed.
    pub removed: usize,
    /// Bytes of all files of the site.
    pub bytes: u64,
    /// What came up while pages were rendered.
    pub diagnostics: Vec<Diagnostic>,
}

/// The output folder, checked to be one that may be written to.
#[derive(Debug)]
pub struct Output {
    folder: PathBuf,
    manifest: Manifest,
    force: bool,
}

impl Output {
    /// Looks at the output folder of the site at `root`.
    ///
    /// With `force` a folder that holds files of others is written to all the same; they stay.
    ///
    /// # Errors
    ///
    /// A folder that is part of the site's sources, or holds files that pressrun did not write.
    pub fn open(root: &Path, folder: &Path, force: bool) -> std::result::Result<Self, Failure> {
        if let Some(why) = overlaps_sources(root, folder) {
            return Err(refused(folder, &why, "choose another folder with --output"));
        }
        let manifest = Manifest::read(folder)?;
        let output = Self {
            folder: folder.to_owned(),
            manifest: manifest.clone().unwrap_or_default(),
            force,
        };
        if manifest.is_none() && !force {
            let entries = fs::entries(folder)?;
            let foreign = entries.iter().find(|path| !path.ends_with(STAGING));
            if let Some(path) = foreign {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                return Err(refused(
                    folder,
                    &format!("it holds `{name}`, which pressrun did not write"),
                    "choose an empty folder with --output, or add --force to write beside it",
                ));
            }
        }
        Ok(output)
    }

    /// Renders all jobs and brings the output folder up to date.
    ///
    /// # Errors
    ///
    /// All that went wrong; the folder is then as it was.
    pub fn write(
        self,
        jobs: &[Job],
        renderer: &Renderer<'_>,
    ) -> std::result::Result<Written, Failure> {
        let staging = self.folder.join(STAGING);
        fs::remove_tree(&staging)?;
        let result = self
            .stage(jobs, renderer, &staging)
            .and_then(|staged| Ok(self.commit(staged, &staging)?));
        let cleaned = fs::remove_tree(&staging);
        let written = result?;
        cleaned?;
        Ok(written)
    }

    /// Renders every job; files that differ from what is there wait in the staging folder.
    fn stage(
        &self,
        jobs: &[Job],
        renderer: &Renderer<'_>,
        staging: &Path,
    ) -> std::result::Result<Vec<Staged>, Failure> {
        let results: Vec<std::result::Result<Staged, Failure>> = jobs
            .par_iter()
            .enumerate()
            .map(|(number, job)| self.stage_one(job, renderer, &staging.join(number.to_string())))
            .collect();
        let mut staged = Vec::with_capacity(results.len());
        let mut wrong = Vec::new();
        for result in results {
            match result {
                Ok(file) => staged.push(file),
                Err(Failure::Site(diagnostics)) => wrong.extend(diagnostics),
                Err(failure) => return Err(failure),
            }
        }
        if wrong.is_empty() {
            Ok(staged)
        } else {
            // A broken template fails for every page it renders: once is enough.
            wrong.sort();
            wrong.dedup_by(|a, b| a.place == b.place && a.message == b.message);
            Err(Failure::Site(wrong))
        }
    }

    fn stage_one(
        &self,
        job: &Job,
        renderer: &Renderer<'_>,
        staged: &Path,
    ) -> std::result::Result<Staged, Failure> {
        let File { bytes, diagnostics } = renderer.render(job)?;
        let path = job.file();
        let record = Record::of(&bytes);
        let known = self.manifest.get(&path);
        let changed = known != Some(&record) || !self.manifest.holds(&self.folder, &path, &record);
        if changed {
            let foreign = known.is_none()
                && !self.manifest.is_empty()
                && !self.force
                && self.folder.join(&path).exists();
            if foreign {
                return Err(refused(
                    &self.folder,
                    &format!("it holds `{path}`, which pressrun did not write"),
                    "move it away, or add --force to replace it",
                ));
            }
            fs::write_with_folder(staged, &bytes)?;
        }
        Ok(Staged {
            path,
            record,
            waiting: changed.then(|| staged.to_owned()),
            diagnostics,
        })
    }

    /// Moves staged files into place, removes what no longer belongs, writes the manifest.
    fn commit(&self, staged: Vec<Staged>, staging: &Path) -> Result<Written> {
        let new: Manifest = staged
            .iter()
            .map(|file| (file.path.clone(), file.record.clone()))
            .collect();
        let stale: Vec<&str> = self.manifest.missing_from(&new).collect();
        let waiting: Vec<&Staged> = staged.iter().filter(|f| f.waiting.is_some()).collect();
        if !(waiting.is_empty() && stale.is_empty()) {
            // Until all is in place the manifest names old and new files, so that whatever a
            // kill leaves behind is known to be ours.
            self.manifest.union(&new).write(&self.folder, staging)?;
        }
        self.remove(&stale)?;
        self.create_folders(&waiting)?;
        waiting
            .par_iter()
            .try_for_each(|file| match &file.waiting {
                Some(from) => fs::rename(from, &self.folder.join(&file.path)),
                None => Ok(()),
            })?;
        if self.manifest != new {
            new.write(&self.folder, staging)?;
        }
        Ok(Written {
            written: waiting.len(),
            unchanged: staged.len() - waiting.len(),
            removed: stale.len(),
            bytes: staged.iter().map(|file| file.record.size).sum(),
            diagnostics: staged.into_iter().flat_map(|f| f.diagnostics).collect(),
        })
    }

    /// Removes files and the folders that they leave empty.
    fn remove(&self, stale: &[&str]) -> Result<()> {
        for path in stale {
            fs::remove_file(&self.folder.join(path))?;
        }
        let folders: BTreeSet<&Path> = stale
            .iter()
            .flat_map(|path| Path::new(path).ancestors().skip(1))
            .filter(|folder| !folder.as_os_str().is_empty())
            .collect();
        for folder in folders.into_iter().rev() {
            fs::remove_empty_folder(&self.folder.join(folder));
        }
        Ok(())
    }

    fn create_folders(&self, files: &[&Staged]) -> Result<()> {
        let folders: BTreeSet<&Path> = files
            .iter()
            .filter_map(|file| Path::new(&file.path).parent())
            .collect();
        folders
            .into_par_iter()
            .try_for_each(|folder| fs::create_folder(&self.folder.join(folder)))
    }
}

/// A rendered file.
struct Staged {
    /// Path relative to the output folder.
    path: String,
    record: Record,
    /// Where it waits, if it differs from what is there.
    waiting: Option<PathBuf>,
    diagnostics: Vec<Diagnostic>,
}

fn refused(folder: &Path, why: &str, help: &str) -> Failure {
    let place = Place::file(folder.display().to_string());
    let message = format!("cannot use it as the output folder: {why}");
    Failure::Site(vec![
        Diagnostic::new(Code::OutputNotOurs, place, message).help(help),
    ])
}

/// Why a folder cannot be the output of the site at `root`, if it is part of its sources.
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
