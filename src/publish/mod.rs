//! Puts the site on a branch of a git repository, as GitHub Pages expects it.
//!
//! The user's own `git` does all the work, with its settings and credentials. Files go from the
//! output folder straight to the remote: the user's checkout, index, branches and stash are never
//! touched. Only objects that belong to no branch stay in the repository.
//!
//! Not here: building (`pipeline`), and printing (`cli`).

mod branch;
pub mod doctor;
mod files;
pub mod github;
mod remote;
mod source;
mod tree;
mod workflow;

use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::git::{Answer, Refusal, Repository, explain};
use crate::pipeline;
use crate::post::Date;
use crate::render;

use branch::{BranchContent, Entries};
use doctor::Subject;
use github::GitHub;
use remote::{Remote, Tip};
use source::Source;
use tree::Snapshot;

pub use files::{File, Files};
pub use tree::Changes;
pub use workflow::{Workflow, write_workflow};

/// The options of a publication.
#[derive(Debug, Clone)]
pub struct Request {
    /// Folder of the site.
    pub root: PathBuf,
    /// The day that counts as today.
    pub today: Date,
    /// Whether a rejected reply stops the publication.
    pub strict: bool,
    /// Whether to push nothing.
    pub dry_run: bool,
    /// Whether the branch should have a single commit.
    pub no_history: bool,
    /// Codes of the doctor that do not stop the publication, from [`doctor::ALLOWABLE`].
    pub allowed: Vec<Code>,
    /// Called before waiting for another process that builds the site.
    pub on_wait: fn(),
}

/// Why nothing was published.
#[derive(Debug)]
pub enum Failure {
    /// The site cannot be built.
    Build(render::Failure),
    /// The site was built, but should not or could not be pushed.
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

/// The result of a publication.
#[derive(Debug)]
pub struct Report {
    /// How the new site differs from the published one.
    pub changes: Changes,
    /// What happened to the branch.
    pub outcome: Outcome,
    /// Address of the site.
    pub address: String,
    /// The repository on GitHub, if it is one.
    pub github: Option<GitHub>,
    /// Name of the remote.
    pub remote: String,
    /// Name of the branch.
    pub branch: String,
}

/// What happened to the branch.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has a new commit.
    Pushed {
        /// The commit.
        commit: String,
        /// Whether the branch is new.
        created: bool,
    },
    /// It already had exactly this site.
    Unchanged,
    /// Nothing, since this was a dry run.
    DryRun,
}

/// A step of a publication.
#[derive(Debug)]
pub enum Step<'a> {
    /// The site was built.
    Built(&'a pipeline::Report),
    /// The doctor examined these files and reported these diagnostics.
    Examined(&'a Files, &'a [Diagnostic]),
    /// The new commit is about to be pushed.
    Pushing(&'a Changes),
}

/// Builds the site and publishes it.
///
/// # Errors
///
/// Returns why nothing was published; the published site is then unchanged.
pub fn publish(request: &Request, watch: &mut dyn FnMut(Step<'_>)) -> Result<Report, Failure> {
    let root = request.root.as_path();
    let to_build = pipeline::Request {
        strict: request.strict,
        on_wait: request.on_wait,
        ..pipeline::Request::new(root, request.today)
    };
    let config = pipeline::configure(&to_build)?;
    // Fail before building if there is no repository or no remote.
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

/// Separates findings that stop a publication from the others.
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
    /// Pushes one commit. Tries once more if somebody else pushed first.
    fn push(&self, watch: &mut dyn FnMut(Step<'_>)) -> Result<(Changes, Outcome), Failure> {
        let tip = self.remote.tip()?;
        match self.push_onto(tip.as_ref(), watch)? {
            Attempt::Done(changes, outcome) => Ok((changes, outcome)),
            Attempt::Rejected(refusal) => {
                // Try again only if the branch has moved. Without history, a second attempt would
                // drop what others have just pushed, so the user has to decide.
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

    /// Pushes one commit on top of the current state of the branch.
    fn push_onto(
        &self,
        tip: Option<&Tip>,
        watch: &mut dyn FnMut(Step<'_>),
    ) -> Result<Attempt, Failure> {
        let mut entries = Entries::new();
        if let Some(tip) = tip {
            self.remote.fetch(tip)?;
            entries = tree::entries(self.repository, tip)?;
            let (stops, _) = judge(self.losses(tip, &entries)?, &self.request.allowed);
            if !stops.is_empty() {
                return Err(Failure::Refused(stops));
            }
        }
        let changes = self.snapshot.changes(entries);
        // With `--no-history`, even an unchanged site is pushed once, to drop the older commits.
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
        // A commit without a parent starts the branch anew.
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

    /// Returns an error for each thing on the branch that must not be lost: sources, files that
    /// pressrun did not publish, a domain.
    fn losses(&self, tip: &Tip, entries: &Entries) -> Answer<Vec<Diagnostic>> {
        let root: &Path = &self.request.root;
        let branch = &self.config.deploy.branch;
        let mut losses = Vec::new();
        let folder = source::folder(self.repository);
        match branch::inspect_branch(self.repository, tip, entries, &folder)? {
            BranchContent::Site => {}
            BranchContent::Sources(file) => {
                losses.push(doctor::branch_of_sources(root, branch, &file));
            }
            BranchContent::Unknown(what) => {
                losses.push(doctor::branch_not_ours(root, branch, &what));
            }
        }
        if let Some(domain) = self.remote.domain(tip)
            && !self.files.files.iter().any(|file| file.path == b"CNAME")
        {
            losses.push(doctor::domain_dropped(root, branch, &domain));
        }
        Ok(losses)
    }
}

/// The result of an attempt to push.
enum Attempt {
    Done(Changes, Outcome),
    Rejected(Refusal),
}
