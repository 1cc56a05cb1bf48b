//! Puts the site on a branch of a git repository, as GitHub Pages wants it.
//!
//! Everything is done by the user's own `git`, with its settings and credentials, and goes from
//! the output folder straight to the remote: checkout, index, branches and stash of the user are
//! never touched. What stays in the repository are objects that belong to no branch.
//!
//! Not here: building (`pipeline`), and printing (`cli`).

pub mod doctor;
mod explain;
mod files;
pub mod git;
pub mod github;
mod remote;
mod source;
mod tree;
mod workflow;

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::pipeline;
use crate::post::Date;
use crate::render;

use doctor::Subject;
use git::{Refusal, Repository};
use github::GitHub;
use remote::{Remote, Tip};
use source::Source;
use tree::Snapshot;

pub use explain::explain;
pub use files::{File, Files};
pub use tree::Changes;
pub use workflow::{Workflow, write_workflow};

/// What `publish` is asked to do.
#[derive(Debug, Clone)]
pub struct Request {
    /// Folder of the site.
    pub root: PathBuf,
    /// The day that counts as today.
    pub today: Date,
    /// Whether a rejected reply stops everything.
    pub strict: bool,
    /// Whether to push nothing.
    pub dry_run: bool,
    /// Whether the branch is to have a single commit.
    pub no_history: bool,
    /// Findings of the doctor that stop nothing, of [`doctor::ALLOWABLE`].
    pub allowed: Vec<Code>,
    /// Called before waiting for another process that builds the site.
    pub on_wait: fn(),
}

/// Why nothing was published.
#[derive(Debug)]
pub enum Failure {
    /// The site cannot be built.
    Build(render::Failure),
    /// It was built, but should not or could not be pushed.
    Refused(Vec<Diagnostic>),
}

impl From<render::Failure> for Failure {
    fn from(failure: render::Failure) -> Self {
        Self::Build(failure)
    }
}

impl From<crate::error::Error> for Failure {
    fn from(error: crate::error::Error) -> Self {
        Self::Build(error.into())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![explain(&refusal)])
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Refused(vec![diagnostic])
    }
}

/// What was done.
#[derive(Debug)]
pub struct Report {
    /// What the new site has that the published one did not, and the other way round.
    pub changes: Changes,
    /// What became of the branch.
    pub outcome: Outcome,
    /// Where the site lives.
    pub address: String,
    /// The repository on GitHub, if it is there.
    pub github: Option<GitHub>,
    /// Name of the remote.
    pub remote: String,
    /// Name of the branch.
    pub branch: String,
}

/// What became of the branch.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has a new commit.
    Pushed {
        /// The commit.
        commit: String,
        /// Whether the branch is new.
        created: bool,
    },
    /// It has this very site already.
    Unchanged,
    /// Nothing, since nothing was to be pushed.
    DryRun,
}

/// How far a publication is.
#[derive(Debug)]
pub enum Step<'a> {
    /// The site was built.
    Built(&'a pipeline::Report),
    /// The doctor has looked at it, and found this.
    Examined(&'a Files, &'a [Diagnostic]),
    /// The new commit is about to be pushed.
    Pushing(&'a Changes),
}

/// Builds the site and publishes it.
///
/// # Errors
///
/// Why nothing was published; what is published is then as it was.
pub fn publish(request: &Request, watch: &mut dyn FnMut(Step<'_>)) -> Result<Report, Failure> {
    let root = request.root.as_path();
    let to_build = pipeline::Request {
        strict: request.strict,
        on_wait: request.on_wait,
        ..pipeline::Request::new(root, request.today)
    };
    let config = pipeline::configure(&to_build)?;
    // Without a repository and a remote there is no use in building.
    let repository = Repository::around(root)?;
    let remote = Remote::of(&repository, root, &config.deploy)?;
    let built = pipeline::build(&to_build)?;
    watch(Step::Built(&built));
    let files = Files::of(&built.output);
    let found = doctor::examine(&Subject {
        root,
        config: &config,
        address_given: false,
        files: &files,
        waiting: &built.waiting,
        found: &built.diagnostics,
    });
    let (stops, found) = judge(found, &request.allowed);
    watch(Step::Examined(&files, &found));
    if !stops.is_empty() {
        return Err(Failure::Refused(stops));
    }
    let site = Site {
        request,
        config: &config,
        repository: &repository,
        remote: &remote,
        files: &files,
        snapshot: Snapshot::of(&repository, &files.files)?,
    };
    let (changes, outcome) = site.push(watch)?;
    Ok(Report {
        changes,
        outcome,
        address: config.base_url.as_str().to_owned(),
        github: GitHub::of_remote(&remote.address),
        remote: config.deploy.remote,
        branch: config.deploy.branch,
    })
}

/// Findings that stop a publication, and the others.
fn judge(found: Vec<Diagnostic>, allowed: &[Code]) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    found
        .into_iter()
        .partition(|one| one.severity() == Severity::Error && !allowed.contains(&one.code))
}

/// A site that is ready to be pushed.
struct Site<'a> {
    request: &'a Request,
    config: &'a Config,
    repository: &'a Repository,
    remote: &'a Remote<'a>,
    files: &'a Files,
    snapshot: Snapshot<'a>,
}

impl Site<'_> {
    /// Pushes one commit, and once more if somebody else was quicker.
    fn push(&self, watch: &mut dyn FnMut(Step<'_>)) -> Result<(Changes, Outcome), Failure> {
        let tip = self.remote.tip()?;
        match self.push_onto(tip.as_ref(), watch)? {
            Attempt::Done(changes, outcome) => Ok((changes, outcome)),
            Attempt::Rejected(refusal) => {
                // Only a branch that has moved is worth another attempt. What is to have no
                // history would forget what others have just pushed, so there they decide.
                let moved = match self.remote.tip() {
                    Ok(now) if now != tip && !self.request.no_history => now,
                    _ => return Err(refusal.into()),
                };
                match self.push_onto(moved.as_ref(), watch)? {
                    Attempt::Done(changes, outcome) => Ok((changes, outcome)),
                    Attempt::Rejected(refusal) => Err(refusal.into()),
                }
            }
        }
    }

    /// Pushes one commit onto what the branch has.
    fn push_onto(
        &self,
        tip: Option<&Tip>,
        watch: &mut dyn FnMut(Step<'_>),
    ) -> Result<Attempt, Failure> {
        if let Some(tip) = tip {
            self.remote.fetch(tip)?;
            let (stops, _) = judge(self.losses(tip), &self.request.allowed);
            if !stops.is_empty() {
                return Err(Failure::Refused(stops));
            }
        }
        let changes = self.snapshot.changes(tip)?;
        let forgets = match tip {
            Some(tip) => self.request.no_history && self.remote.has_history(tip)?,
            None => false,
        };
        if changes.is_empty() && tip.is_some() && !forgets {
            return Ok(Attempt::Done(changes, Outcome::Unchanged));
        }
        if self.request.dry_run {
            return Ok(Attempt::Done(changes, Outcome::DryRun));
        }
        watch(Step::Pushing(&changes));
        let tree = self.snapshot.write(&changes, tip)?;
        let parent = tip.filter(|_| !self.request.no_history);
        let message = Source::of(self.repository).message();
        let commit = self.remote.commit(&tree, parent, &message)?;
        match self.remote.push(&commit, tip, self.request.no_history) {
            Ok(()) => {
                let created = tip.is_none();
                Ok(Attempt::Done(changes, Outcome::Pushed { commit, created }))
            }
            Err(refusal) => Ok(Attempt::Rejected(refusal)),
        }
    }

    /// What the branch has that must not be lost: the sources of the site, or its domain.
    fn losses(&self, tip: &Tip) -> Vec<Diagnostic> {
        let root: &Path = &self.request.root;
        let branch = &self.config.deploy.branch;
        let mut losses = Vec::new();
        if self
            .remote
            .has(tip, &source::configuration(self.repository))
        {
            losses.push(doctor::branch_of_sources(root, branch));
        }
        if let Some(domain) = self.remote.domain(tip)
            && !self.files.files.iter().any(|file| file.path == b"CNAME")
        {
            losses.push(doctor::domain_dropped(root, branch, &domain));
        }
        losses
    }
}

/// How an attempt to push ended.
enum Attempt {
    Done(Changes, Outcome),
    Rejected(Refusal),
}
