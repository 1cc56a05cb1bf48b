//! Builds a site in steps that several machines can run: for sites that are too large for one.
//!
//! [`plan_shards`] divides the sources into shards. [`read_shard`] reads one, [`gather_shards`] puts all
//! posts into their places, [`render_shard`] makes the pages of one, and [`finish_shards`] checks that
//! everything is there. The site is byte for byte that of [`build_site`](super::build_site): each step
//! does what a stage of a build does, with the same functions.
//!
//! All that a step knows of another is in the work folder (`work`), which all machines see. A step
//! writes under temporary names, then moves its files into place, its manifest last. So a step that
//! is killed, run twice, or run by two machines at once does no harm. Its bytes depend on its inputs
//! alone, and not on threads or machines.
//!
//! Not here: who runs the steps, and where.

mod finish;
mod gather;
mod pages;
mod plan;
mod read;
mod work;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::request::{BuildRequest, StageInputs};
use crate::cache::{BuildCache, Fingerprint};
use crate::config::{BaseUrl, Config};
use crate::fs;
use crate::output::{FileComparison, FileList};
use crate::render::{self, CommandFailure};
use crate::review;

pub use finish::finish_shards;
pub use gather::gather_shards;
pub use pages::render_shard;
pub use plan::plan_shards;
pub use read::read_shard;
pub use work::{ShardStep, StepManifest, WorkFile};

use read::bodies_file;
use work::{PlanManifest, WorkFolder};

/// What a step is asked to do.
#[derive(Debug, Clone)]
pub struct ShardRequest {
    /// The options of the build. A plan records those that decide what is on the site; later steps use
    /// the recorded ones.
    pub build: BuildRequest,
    /// The work folder.
    pub work: PathBuf,
    /// Whether the last step reads every file of the site again, and not only asks for its size.
    pub verify: bool,
}

impl ShardRequest {
    /// Returns the work folder and the site as a shell takes them, for commands to type.
    pub fn typed_folders(&self) -> String {
        let work = quote_for_shell(&self.work);
        let root = &self.build.root;
        if root == Path::new(".") {
            work
        } else {
            format!("{work} --root {}", quote_for_shell(root))
        }
    }
}

/// Returns a path as a word of a shell.
fn quote_for_shell(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,\\".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// What a step did.
#[derive(Debug)]
pub struct StepOutcome {
    /// What it wrote.
    pub manifest: StepManifest,
    /// Whether an earlier run had done all of it.
    pub was_done: bool,
}

impl StepOutcome {
    /// Returns the outcome of a run that did the step.
    fn new(manifest: StepManifest) -> Self {
        Self {
            manifest,
            was_done: false,
        }
    }

    /// Returns the outcome of a run that found the step done.
    fn found(manifest: StepManifest) -> Self {
        Self {
            manifest,
            was_done: true,
        }
    }
}

/// What the steps after the plan are given.
struct StepInputs {
    work: WorkFolder,
    plan: PlanManifest,
    /// The options of the build as they were planned.
    build: BuildRequest,
    config: Arc<Config>,
    /// Steps remember nothing between runs.
    cache: BuildCache,
}

impl StepInputs {
    /// Opens the work folder of a request for a step.
    fn open(request: &ShardRequest, step: ShardStep) -> Result<Self, CommandFailure> {
        let work = WorkFolder::new(request);
        let plan = work.read_plan()?;
        plan.check_shard(step)?;
        let mut build = request.build.clone();
        let settings = &plan.settings;
        // It was parsed from the same text when the site was planned.
        build.base_url = settings
            .base_url
            .as_deref()
            .map(|url| BaseUrl::parse(url).map_err(|_| work.refuse_plan("is damaged")))
            .transpose()?;
        (build.drafts, build.future) = (settings.drafts, settings.future);
        build.present = settings.present;
        let config = super::load_request_config(&build)?;
        if fingerprint_outside(&build.root, &config)? != plan.settings.outside {
            let why = "was made with other settings, approvals, templates or files than the site \
                       has now";
            return Err(work.refuse_plan(why));
        }
        Ok(Self {
            work,
            plan,
            build,
            config: Arc::new(config),
            cache: BuildCache::disabled(),
        })
    }

    /// Makes pages of the site from these pieces, unless an earlier run has made all of them: `list` names
    /// the list of their files.
    fn make_pages(
        &self,
        step: ShardStep,
        list: &str,
        pieces: Vec<WorkFile>,
        make: impl FnOnce(Vec<WorkFile>) -> Result<StepManifest, CommandFailure>,
    ) -> Result<StepOutcome, CommandFailure> {
        if let Some(manifest) = self.work.find_done(step, &self.plan)
            && manifest.inputs == pieces
            && self.has_files(step, list)
        {
            return Ok(StepOutcome::found(manifest));
        }
        let manifest = make(pieces).map_err(|failure| self.explain_damage(failure))?;
        Ok(StepOutcome::new(manifest))
    }

    /// Returns whether the files of a list are all there as they were written.
    fn has_files(&self, step: ShardStep, list: &str) -> bool {
        let files = self.work.read_piece::<FileList>(step, &self.plan, list);
        let (site, comparison) = (self.work.site(), FileComparison::Contents);
        files.is_ok_and(|files| files.find_missing(&site, comparison).is_none())
    }

    /// Names the step to run again if a body is damaged.
    fn explain_damage(&self, failure: CommandFailure) -> CommandFailure {
        let CommandFailure::Machine(error) = &failure else {
            return failure;
        };
        if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) {
            return failure;
        }
        let mut shards = 0..self.plan.shards;
        let damaged = shards.find(|&shard| error.path() == self.work.path(&bodies_file(shard)));
        damaged.map_or(failure, |shard| {
            let (step, why) = (ShardStep::Read(shard), "is damaged or not there");
            self.work.refuse(step, &bodies_file(shard), why)
        })
    }

    /// Returns the inputs for the stages of a build.
    fn stage_inputs(&self) -> StageInputs<'_> {
        StageInputs {
            request: &self.build,
            config: &self.config,
            cache: &self.cache,
        }
    }
}

/// Returns what identifies everything outside of the content that a site is made from, wherever its
/// folder is: contents, and of static files, which no page shows, the sizes.
fn fingerprint_outside(root: &Path, config: &Config) -> Result<String, CommandFailure> {
    let mut files = Vec::new();
    for folder in render::SOURCES {
        // What cannot be read is reported when it is needed.
        let (found, _) = fs::walk_visible_files(&root.join(folder));
        for file in found {
            let contents = match folder {
                render::STATIC => None,
                _ => Some(Fingerprint::of_bytes(&fs::read_whole_file(&file.location)?)),
            };
            files.push((
                folder,
                file.path,
                file.stamp.map(|stamp| stamp.size),
                contents,
            ));
        }
    }
    let approvals = fs::read_if_there(&root.join(review::FILE))?;
    Ok(Fingerprint::of_value(&(config, files, approvals)).to_string())
}
