//! The work folder of a site that is built in steps: who may write what, and what is trusted.
//!
//! ```text
//! WORK/manifest.json      what was planned; every other file belongs to this plan
//! WORK/plan/              the sources of the site, and those of each shard
//! WORK/read/K.*           the posts of shard K, and their bodies
//! WORK/gather.json, gather/   what all pages need, and what the pages of each shard need
//! WORK/render/K.*         the list of the pages of shard K
//! WORK/site/              the site
//! WORK/finish.json
//! WORK/tmp/               files of steps that have not ended
//! ```
//!
//! Each step names its inputs and outputs in its manifest, with their sizes and hashes. A file counts
//! only if a manifest of the same plan names it. Values are stored as entries of a cache are, which
//! notice damage and other versions of the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::Moment;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::ShardRequest;
use crate::cache::{self, Fingerprint};
use crate::error::{Result, SystemError};
use crate::fs;
use crate::output::FileComparison;
use crate::render::CommandFailure;

/// Version of all that is in a work folder.
const FORMAT: u32 = 1;

/// The manifest of the plan.
const MANIFEST: &str = "manifest.json";

/// Folder for files of steps that have not ended.
const TEMPORARY: &str = "tmp";

/// How long a step may take that has not ended.
const OLD: Duration = Duration::from_secs(24 * 60 * 60);

/// Folder of the finished site.
const SITE: &str = "site";

/// Everything in a work folder but the manifest of the plan, which goes first.
const CONTENTS: [&str; 8] = [
    "plan",
    "read",
    "gather",
    "gather.json",
    "render",
    "finish.json",
    SITE,
    TEMPORARY,
];

/// A step of a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShardStep {
    /// Divides the sources.
    Plan,
    /// Reads the sources of a shard.
    Read(u32),
    /// Puts all posts into their places.
    Gather,
    /// Makes the pages of a shard.
    Render(u32),
    /// Checks that everything is there.
    Finish,
}

impl ShardStep {
    /// Returns its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Read(_) => "read",
            Self::Gather => "gather",
            Self::Render(_) => "render",
            Self::Finish => "finish",
        }
    }

    /// Returns the number of its shard, if it is about one.
    pub fn shard(self) -> Option<u32> {
        match self {
            Self::Read(shard) | Self::Render(shard) => Some(shard),
            Self::Plan | Self::Gather | Self::Finish => None,
        }
    }

    /// Returns the path of its manifest in the work folder.
    fn manifest(self) -> String {
        match self {
            Self::Plan => MANIFEST.to_owned(),
            Self::Read(shard) | Self::Render(shard) => format!("{}/{shard}.json", self.name()),
            Self::Gather | Self::Finish => format!("{}.json", self.name()),
        }
    }
}

/// A file in a work folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkFile {
    /// Its path in the folder.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// A hash of its contents.
    pub hash: String,
}

/// What a step read and wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepManifest {
    /// Version of the format.
    pub format: u32,
    /// Version of the program that wrote it.
    pub program: String,
    /// Name of the step.
    pub step: String,
    /// Number of the shard, if the step is about one.
    pub shard: Option<u32>,
    /// Identifies the plan.
    pub plan: String,
    /// What it was made from.
    pub inputs: Vec<WorkFile>,
    /// What it wrote, besides pages.
    pub outputs: Vec<WorkFile>,
    /// What it counted, by name.
    pub counts: BTreeMap<String, u64>,
}

impl StepManifest {
    /// Returns what the step counted under a name; 0 if it did not count that.
    pub fn count(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }
}

/// What decides what is on the site, besides the files of its folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlanSettings {
    /// The address, if it is not that of the configuration.
    pub(super) base_url: Option<String>,
    pub(super) drafts: bool,
    pub(super) future: bool,
    /// The moment that counts as the present.
    pub(super) present: Moment,
    /// Fingerprint of everything outside of the content.
    pub(super) outside: String,
}

/// The manifest of a plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PlanManifest {
    #[serde(flatten)]
    pub(super) step: StepManifest,
    /// The number of shards.
    pub(super) shards: u32,
    pub(super) settings: PlanSettings,
}

impl PlanManifest {
    /// Checks that the shard of a step is one of the plan.
    pub(super) fn check_shard(&self, step: ShardStep) -> std::result::Result<(), CommandFailure> {
        match step.shard() {
            Some(shard) if shard >= self.shards => {
                let message = match self.shards {
                    1 => format!("there is no shard {shard}: the plan has one, 0"),
                    all => format!("there is no shard {shard}: the plan has 0 to {}", all - 1),
                };
                let place = FilePlace::file("K");
                let found = Diagnostic::new(Code::Usage, place, message);
                Err(CommandFailure::Site(vec![found]))
            }
            _ => Ok(()),
        }
    }

    /// Returns what identifies the plan.
    pub(super) fn id(&self) -> &str {
        &self.step.plan
    }
}

/// The part of a manifest that every version has.
#[derive(Deserialize)]
struct ManifestHead {
    format: u32,
    program: String,
    plan: String,
}

/// A work folder.
#[derive(Debug)]
pub(super) struct WorkFolder {
    folder: PathBuf,
    /// How a command names it and the site.
    typed: String,
}

impl WorkFolder {
    pub(super) fn new(request: &ShardRequest) -> Self {
        Self {
            folder: request.work.clone(),
            typed: request.typed_folders(),
        }
    }

    /// Returns the path of something in it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Returns the folder for files of steps that have not ended.
    pub(super) fn temporary(&self) -> PathBuf {
        self.path(TEMPORARY)
    }

    /// Removes what killed steps left, as far as it is so old that no step writes it now.
    pub(super) fn remove_remains(&self, now: SystemTime) {
        for path in fs::list_folder(&self.temporary()).unwrap_or_default() {
            let stamp = fs::read_stamp(&path);
            let age = stamp.and_then(|stamp| now.duration_since(stamp.modified()?).ok());
            if age.is_some_and(|age| age > OLD) {
                // What cannot be removed only takes space.
                let _ = fs::remove_tree(&path);
            }
        }
        fs::remove_empty_folder(&self.temporary());
    }

    /// Returns the folder of the finished site.
    pub(super) fn site(&self) -> PathBuf {
        self.path(SITE)
    }

    /// Returns what in the folder is foreign: written by no step.
    pub(super) fn find_foreign_entry(&self) -> Result<Option<PathBuf>> {
        let entries = fs::list_folder(&self.folder)?;
        let is_own = |path: &Path| {
            let own = [MANIFEST].into_iter().chain(CONTENTS);
            own.into_iter().any(|name| path.ends_with(name))
        };
        Ok(entries.into_iter().find(|path| !is_own(path)))
    }

    /// Removes everything that belongs to a plan.
    pub(super) fn clear(&self) -> Result<()> {
        // First, so that nothing counts any more if the rest stays.
        fs::remove_file(&self.path(MANIFEST))?;
        for name in CONTENTS {
            let path = self.path(name);
            if path.is_dir() {
                fs::remove_tree(&path)?;
            } else {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }

    fn has_plan(&self) -> bool {
        self.path(MANIFEST).exists()
    }

    /// Returns the manifest of the plan if there is one, whatever is wrong with it.
    pub(super) fn find_plan(&self) -> std::result::Result<Option<PlanManifest>, CommandFailure> {
        self.has_plan().then(|| self.read_plan()).transpose()
    }

    /// Reads the manifest of the plan.
    pub(super) fn read_plan(&self) -> std::result::Result<PlanManifest, CommandFailure> {
        self.read_json(ShardStep::Plan, None)
    }

    /// Reads the manifest of a step of a plan.
    pub(super) fn read_manifest(
        &self,
        step: ShardStep,
        plan: &PlanManifest,
    ) -> std::result::Result<StepManifest, CommandFailure> {
        let manifest: StepManifest = self.read_json(step, Some(&plan.step.plan))?;
        let is_its = manifest.step == step.name() && manifest.shard == step.shard();
        if is_its {
            Ok(manifest)
        } else {
            Err(self.refuse(step, &step.manifest(), "is of another step"))
        }
    }

    fn read_json<T: DeserializeOwned>(
        &self,
        step: ShardStep,
        plan: Option<&str>,
    ) -> std::result::Result<T, CommandFailure> {
        let name = step.manifest();
        let refuse = |why: &str| self.refuse(step, &name, why);
        let Some(bytes) = fs::read_if_there(&self.path(&name))? else {
            return Err(refuse("is not there"));
        };
        let head: ManifestHead =
            serde_json::from_slice(&bytes).map_err(|_| refuse("is damaged or no manifest"))?;
        if head.format > FORMAT {
            return Err(refuse("was written by a newer version of pressrun"));
        }
        if head.program != cache::program_id() {
            return Err(refuse("was written by another version of pressrun"));
        }
        if plan.is_some_and(|plan| plan != head.plan) {
            return Err(refuse("belongs to another plan"));
        }
        serde_json::from_slice(&bytes).map_err(|_| refuse("is damaged"))
    }

    /// Reads a value that a step wrote, which its manifest must name.
    pub(super) fn read_piece<T: DeserializeOwned>(
        &self,
        step: ShardStep,
        plan: &PlanManifest,
        name: &str,
    ) -> std::result::Result<T, CommandFailure> {
        let piece = cache::read_cache_entry(&self.path(name), piece_key(plan.id(), name));
        piece.map_err(|unusable| self.refuse(step, name, &unusable.to_string()))
    }

    /// Returns whether the files of a manifest are there as they were written.
    pub(super) fn has_outputs(&self, manifest: &StepManifest, comparison: FileComparison) -> bool {
        manifest.outputs.iter().all(|file| {
            let path = self.path(&file.name);
            let stamp = fs::read_stamp(&path);
            let has_size = stamp.is_some_and(|stamp| stamp.size == file.bytes);
            has_size
                && match comparison {
                    FileComparison::Size => true,
                    FileComparison::Contents => {
                        hash_file(&path).is_ok_and(|hash| hash == file.hash)
                    }
                }
        })
    }

    /// Returns the manifest of a step whose outputs are all there.
    pub(super) fn find_done(&self, step: ShardStep, plan: &PlanManifest) -> Option<StepManifest> {
        let manifest = self.read_manifest(step, plan).ok()?;
        let is_there = self.has_outputs(&manifest, FileComparison::Contents);
        is_there.then_some(manifest)
    }

    /// Returns the error that something in the folder cannot be used, with the step that makes it.
    pub(super) fn refuse(&self, step: ShardStep, name: &str, why: &str) -> CommandFailure {
        let work = &self.typed;
        let place = FilePlace::file(self.path(name).display().to_string());
        let shard = step
            .shard()
            .map_or_else(String::new, |shard| format!("{shard} "));
        let help = match step {
            // A folder without a plan has nothing to throw away.
            ShardStep::Plan if !self.has_plan() => {
                format!("run `pressrun shard plan --shards N {work}`")
            }
            ShardStep::Plan => format!("run `pressrun shard plan --force --shards N {work}`"),
            _ => format!("run `pressrun shard {} {shard}{work}`", step.name()),
        };
        let found = Diagnostic::new(Code::PieceUnusable, place, why).with_help(help);
        CommandFailure::Site(vec![found])
    }

    /// Returns the error that the plan cannot be used.
    pub(super) fn refuse_plan(&self, why: &str) -> CommandFailure {
        self.refuse(ShardStep::Plan, MANIFEST, why)
    }

    /// Begins to write the files of a step.
    pub(super) fn begin_step(&self, step: ShardStep) -> Result<StepWriter<'_>> {
        let folder = self.temporary();
        fs::create_folder(&folder)?;
        Ok(StepWriter {
            work: self,
            step,
            temporary: fs::create_folder_in(&folder)?,
            outputs: Vec::new(),
        })
    }
}

/// Writes the files of a step. They are moved into place when all are there.
pub(super) struct StepWriter<'w> {
    work: &'w WorkFolder,
    step: ShardStep,
    /// Removed at the end; what a killed step leaves, a day later by the last step.
    temporary: TempDir,
    outputs: Vec<WorkFile>,
}

impl StepWriter<'_> {
    /// Returns the folder for files that are not in place yet.
    pub(super) fn temporary(&self) -> &Path {
        self.temporary.path()
    }

    /// Stores a value of a plan under a name.
    pub(super) fn put_piece<T: Serialize>(
        &mut self,
        name: &str,
        plan: &str,
        value: &T,
    ) -> Result<()> {
        let file = self.write_piece(name, plan, value)?;
        self.outputs.push(file);
        Ok(())
    }

    /// Stores values of a plan, which `make` returns for each name, in parallel.
    pub(super) fn put_pieces<T: Serialize>(
        &mut self,
        names: &[String],
        plan: &str,
        make: impl Fn(usize) -> T + Sync,
    ) -> Result<()> {
        let names = names.par_iter().enumerate();
        let files = names.map(|(at, name)| self.write_piece(name, plan, &make(at)));
        let mut files = files.collect::<Result<Vec<WorkFile>>>()?;
        self.outputs.append(&mut files);
        Ok(())
    }

    fn write_piece<T: Serialize>(&self, name: &str, plan: &str, value: &T) -> Result<WorkFile> {
        let staged = self.stage(name)?;
        cache::write_cache_entry(&staged, piece_key(plan, name), value)?;
        self.describe(name)
    }

    /// Returns where the file with a name waits.
    pub(super) fn stage(&self, name: &str) -> Result<PathBuf> {
        let staged = self.temporary().join(name);
        if let Some(folder) = staged.parent() {
            fs::create_folder(folder)?;
        }
        Ok(staged)
    }

    /// Adds a file that was [staged](Self::stage) to the outputs.
    pub(super) fn add_output(&mut self, name: &str) -> Result<()> {
        let file = self.describe(name)?;
        self.outputs.push(file);
        Ok(())
    }

    /// Describes a file that was staged.
    fn describe(&self, name: &str) -> Result<WorkFile> {
        let staged = self.temporary().join(name);
        Ok(WorkFile {
            name: name.to_owned(),
            bytes: fs::read_stamp(&staged).map_or(0, |stamp| stamp.size),
            hash: hash_file(&staged)?,
        })
    }

    /// Returns the manifest of the step.
    pub(super) fn make_manifest(
        &mut self,
        plan: &str,
        inputs: Vec<WorkFile>,
        counts: BTreeMap<String, u64>,
    ) -> StepManifest {
        StepManifest {
            format: FORMAT,
            program: cache::program_id().to_owned(),
            step: self.step.name().to_owned(),
            shard: self.step.shard(),
            plan: plan.to_owned(),
            inputs,
            outputs: std::mem::take(&mut self.outputs),
            counts,
        }
    }

    /// Moves the outputs of a manifest into place, and then the manifest itself.
    pub(super) fn finish(self, manifest: &StepManifest, text: &impl Serialize) -> Result<()> {
        for file in &manifest.outputs {
            self.put_in_place(&file.name)?;
        }
        let name = self.step.manifest();
        let mut json = serde_json::to_vec_pretty(text).expect("a manifest has plain fields");
        json.push(b'\n');
        fs::write_file(&self.stage(&name)?, &json)?;
        self.put_in_place(&name)
    }

    fn put_in_place(&self, name: &str) -> Result<()> {
        let place = self.work.path(name);
        if let Some(folder) = place.parent() {
            fs::create_folder(folder)?;
        }
        fs::rename(&self.temporary().join(name), &place)
    }
}

/// Returns the key of a piece, so that one of another plan or in the place of another is not taken.
fn piece_key(plan: &str, name: &str) -> Fingerprint {
    Fingerprint::of_value(&(plan, name))
}

/// Returns the hash of a file.
fn hash_file(path: &Path) -> Result<String> {
    let (file, _) = fs::open_file(path)?;
    let hash = Fingerprint::of_reader(file);
    let hash = hash.map_err(|error| SystemError::new("read", path, error))?;
    Ok(hash.to_string())
}

/// Makes counts from names and numbers.
pub(super) fn count_by_name<const N: usize>(counts: [(&str, u64); N]) -> BTreeMap<String, u64> {
    counts.map(|(name, count)| (name.to_owned(), count)).into()
}
