//! What a run of the pipeline is asked to do, and what each of its stages is given.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use pressrun_posts::diagnostic::Code;
use pressrun_posts::post::Moment;

use crate::cache::BuildCache;
use crate::config::{BaseUrl, Config};
use crate::corpus::{KeptAddresses, PostSelection};
use crate::render::Theme;

/// The options of a build.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one switch of the command line"
)]
pub struct BuildRequest {
    /// Folder of the site.
    pub root: PathBuf,
    /// Theme of the site.
    pub theme: Theme,
    /// Output folder; `None` for `public` in the folder of the site.
    pub output: Option<PathBuf>,
    /// Overrides the address in the configuration.
    pub base_url: Option<BaseUrl>,
    /// Whether drafts are published too.
    pub drafts: bool,
    /// Whether scheduled posts are published too.
    pub future: bool,
    /// Whether to forget earlier builds, and to write into a folder that holds foreign files.
    pub force: bool,
    /// Whether to wait until everything is on the disk.
    pub sync: bool,
    /// Whether a rejected reply stops the build.
    pub strict: bool,
    /// Whether to run slow checks that never stop a build.
    pub thorough: bool,
    /// The moment that counts as the present.
    pub present: Moment,
    /// Whether the output folder is temporary, so that nothing about it is remembered.
    pub once: bool,
    /// The time of the build. A file changed just before it may change again without its stamp
    /// showing it.
    pub now: SystemTime,
    /// Codes that are not reported, besides those that the configuration ignores.
    pub allowed: Vec<Code>,
    /// What is kept of the published site, if the build is to replace it.
    pub live: Arc<KeptAddresses>,
    /// Called before waiting for another process that builds the site.
    pub on_wait: fn(),
    /// Called with the name of each stage of a build or check when it begins.
    pub on_stage: fn(&'static str),
}

/// What every stage of a run is given.
#[derive(Debug, Clone, Copy)]
pub(super) struct StageInputs<'a> {
    pub(super) request: &'a BuildRequest,
    pub(super) config: &'a Arc<Config>,
    pub(super) cache: &'a BuildCache,
}

impl BuildRequest {
    /// Returns the options of a plain build of the site at `root`.
    pub fn new(root: &Path, theme: Theme, present: Moment) -> Self {
        Self {
            root: root.to_owned(),
            theme,
            output: None,
            base_url: None,
            drafts: false,
            future: false,
            force: false,
            sync: false,
            strict: false,
            thorough: false,
            present,
            once: false,
            now: SystemTime::now(),
            allowed: Vec::new(),
            live: Arc::default(),
            on_wait: || {},
            on_stage: |_| {},
        }
    }

    /// Returns the output folder.
    pub fn output_folder(&self) -> PathBuf {
        let own = self.output.clone();
        own.unwrap_or_else(|| self.root.join("public"))
    }

    /// Returns which posts are published.
    pub(super) fn selection(&self) -> PostSelection {
        PostSelection {
            present: self.present,
            drafts: self.drafts,
            future: self.future,
        }
    }
}
