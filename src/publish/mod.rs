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
mod live;
mod release;
mod remote;
mod source;
mod tree;
mod unapproved;
mod workflow;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, Severity};
use pressrun_posts::post::Moment;
use pressrun_site::config::Config;
use pressrun_site::git::{GitRefusal, GitResult, Repository, explain};
use pressrun_site::pipeline;
use pressrun_site::render;

use crate::theme::THEME;

use branch::{BranchContent, Entries};
use doctor::DoctorSubject;
use github::GitHubRepository;
use live::{AbsentPosts, LiveBranch};
use remote::{BranchTip, RemoteBranch};
use source::CheckoutState;
use tree::{TreeSnapshot, hash_objects};
use unapproved::report_unapproved_pages;

pub use files::{PublishedFile, PublishedFiles};
pub use live::MovedPage;
pub use tree::TreeChanges;
pub use workflow::{WorkflowSchedule, WrittenWorkflow, write_workflow};

/// The options of a publication.
#[derive(Debug, Clone)]
pub struct PublishRequest {
    /// Folder of the site.
    pub root: PathBuf,
    /// The moment that counts as the present.
    pub present: Moment,
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
    /// Called with the name of each stage of the build when it begins.
    pub on_stage: fn(&'static str),
}

/// Why nothing was published.
#[derive(Debug)]
pub enum PublishFailure {
    /// The site cannot be built.
    Build(render::CommandFailure),
    /// The site was built, but should not or could not be pushed.
    Refused(Vec<Diagnostic>),
}

impl From<render::CommandFailure> for PublishFailure {
    fn from(failure: render::CommandFailure) -> Self {
        Self::Build(failure)
    }
}

impl From<pressrun_site::error::SystemError> for PublishFailure {
    fn from(error: pressrun_site::error::SystemError) -> Self {
        Self::Build(error.into())
    }
}

impl From<GitRefusal> for PublishFailure {
    fn from(refusal: GitRefusal) -> Self {
        Self::Refused(vec![explain(&refusal)])
    }
}

impl From<Diagnostic> for PublishFailure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Refused(vec![diagnostic])
    }
}

/// The result of a publication.
#[derive(Debug)]
pub struct PublishReport {
    /// How the new site differs from the published one.
    pub changes: TreeChanges,
    /// What happened to the branch.
    pub outcome: PublishOutcome,
    /// Address of the site.
    pub address: String,
    /// The repository on GitHub, if it is one.
    pub github: Option<GitHubRepository>,
    /// Name of the remote.
    pub remote: String,
    /// Name of the branch.
    pub branch: String,
}

/// What happened to the branch.
#[derive(Debug, PartialEq, Eq)]
pub enum PublishOutcome {
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
pub enum PublishStep<'a> {
    /// The remote cannot be reached, and a dry run compares with what was last seen of it.
    Offline(&'a GitRefusal),
    /// The site was built.
    Built(&'a pipeline::BuildReport),
    /// These pages of the published site have other addresses now, and the old ones lead there.
    Moved(&'a [MovedPage]),
    /// The doctor examined these files and reported these diagnostics.
    Examined(&'a PublishedFiles, &'a [Diagnostic]),
    /// The new commit is about to be pushed.
    Pushing(&'a TreeChanges),
}

/// Builds the site and publishes it.
///
/// # Errors
///
/// Returns why nothing was published; the published site is then unchanged.
pub fn publish_site(
    request: &PublishRequest,
    watch: &mut dyn FnMut(PublishStep<'_>),
) -> Result<PublishReport, PublishFailure> {
    let root = request.root.as_path();
    let to_build = pipeline::BuildRequest {
        strict: request.strict,
        on_wait: request.on_wait,
        on_stage: request.on_stage,
        ..pipeline::BuildRequest::new(root, THEME, request.present)
    };
    let config = pipeline::load_request_config(&to_build)?;
    // Fail before building if there is no repository or no remote.
    let repository = Repository::around(root)?;
    let remote = RemoteBranch::from_config(&repository, root, &config.deploy)?;
    let branch = BranchState::read(&repository, &remote, find_tip(request, &remote, watch)?)?;
    let mut live = None;
    if branch.may_be_replaced(&repository, &request.allowed)? {
        let entries = &branch.entries;
        live = Some(LiveBranch::read(&repository, entries, root, &config)?);
    }
    let BuiltForBranch {
        report: built,
        files,
        objects,
        moved,
    } = build_for_branch(to_build, &repository, live.as_ref())?;
    let redirects = live.map(|live| live.redirects().clone());
    let absent = AbsentPosts::new(&built.findings.unpublished, &redirects.unwrap_or_default());
    watch(PublishStep::Built(&built));
    if !moved.is_empty() {
        watch(PublishStep::Moved(&moved));
    }
    let found = doctor::examine_site(&DoctorSubject {
        root,
        config: &config,
        address_given: false,
        files: &files,
        findings: &built.findings,
    });
    let (mut stops, found) = separate_blocking(found, &request.allowed);
    stops.extend(report_unapproved_pages(&built, &files));
    watch(PublishStep::Examined(&files, &found));
    if !stops.is_empty() {
        return Err(PublishFailure::Refused(stops));
    }
    let site = PublishableSite {
        request,
        config: &config,
        repository: &repository,
        remote: &remote,
        files: &files,
        snapshot: TreeSnapshot::new(&repository, &files.files, objects),
        absent,
    };
    let (changes, outcome) = site.push_with_retry(branch, watch)?;
    Ok(PublishReport {
        changes,
        outcome,
        address: config.base_url.as_str().to_owned(),
        github: GitHubRepository::of_remote(&remote.address),
        remote: config.deploy.remote,
        branch: config.deploy.branch,
    })
}

/// The branch as it is before the push.
struct BranchState {
    /// Its newest commit; `None` if there is no such branch yet.
    tip: Option<BranchTip>,
    /// The files of this commit.
    entries: Entries,
}

impl BranchState {
    /// Fetches a commit of the branch and lists its files.
    fn read(
        repository: &Repository,
        remote: &RemoteBranch<'_>,
        tip: Option<BranchTip>,
    ) -> GitResult<Self> {
        let mut entries = Entries::new();
        if let Some(tip) = &tip {
            remote.fetch(tip)?;
            entries = tree::entries(repository, tip)?;
        }
        Ok(Self { tip, entries })
    }

    /// Finds out what the branch holds.
    fn inspect(&self, repository: &Repository) -> GitResult<BranchContent> {
        match &self.tip {
            Some(tip) => {
                let folder = source::folder(repository);
                branch::inspect_branch(repository, tip, &self.entries, &folder)
            }
            None => Ok(BranchContent::Site),
        }
    }

    /// Returns whether the branch holds a site, or nothing that the user wants to keep.
    fn may_be_replaced(&self, repository: &Repository, allowed: &[Code]) -> GitResult<bool> {
        Ok(match self.inspect(repository)? {
            BranchContent::Site => true,
            BranchContent::Sources(_) => false,
            BranchContent::Unknown(_) => allowed.contains(&Code::BranchNotOurs),
        })
    }
}

/// Returns the newest commit of the branch. A dry run takes the one that was last seen if the
/// remote cannot be reached.
fn find_tip(
    request: &PublishRequest,
    remote: &RemoteBranch<'_>,
    watch: &mut dyn FnMut(PublishStep<'_>),
) -> GitResult<Option<BranchTip>> {
    let refusal = match remote.tip() {
        Err(refusal) if request.dry_run => refusal,
        tip => return tip,
    };
    let Some(seen) = remote.last_seen_tip() else {
        return Err(refusal);
    };
    watch(PublishStep::Offline(&refusal));
    Ok(Some(seen))
}

/// A site that was built to replace the one on the branch.
struct BuiltForBranch {
    report: pipeline::BuildReport,
    files: PublishedFiles,
    /// The name of the object of each file.
    objects: Vec<String>,
    /// The pages that have other addresses than on the branch.
    moved: Vec<MovedPage>,
}

/// Builds a site that keeps what readers of the live one know. Which pages have moved shows only in
/// the finished pages, so if any has, the site is built once more, with redirects.
fn build_for_branch(
    mut request: pipeline::BuildRequest,
    repository: &Repository,
    live: Option<&LiveBranch<'_>>,
) -> Result<BuiltForBranch, PublishFailure> {
    let build_once = |request: &pipeline::BuildRequest| {
        let report = pipeline::build_site(request)?;
        let files = PublishedFiles::in_folder(&report.output);
        let objects = hash_objects(repository, &files.files)?;
        Ok::<_, PublishFailure>(BuiltForBranch {
            report,
            files,
            objects,
            moved: Vec::new(),
        })
    };
    let Some(live) = live else {
        return build_once(&request);
    };
    request.live = Arc::new(live.known_site());
    let mut built = build_once(&request)?;
    let objects = built.objects.iter().map(String::as_str);
    let files: Vec<(&PublishedFile, &str)> = built.files.files.iter().zip(objects).collect();
    let compared = live.compare_with(&files, &request.live)?;
    if compared.site != *request.live {
        let first = built.report.written;
        request.live = Arc::new(compared.site);
        built = build_once(&request)?;
        built.report.written.add_earlier(&first);
    }
    built.moved = compared.moved;
    // A redirect has no page if its path is not possible on every system.
    built
        .moved
        .retain(|page| built.files.contains_page(&page.from));
    Ok(built)
}

/// Separates findings that stop a publication from the others.
fn separate_blocking(
    found: Vec<Diagnostic>,
    allowed: &[Code],
) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
    found
        .into_iter()
        .partition(|one| one.severity() == Severity::Error && !allowed.contains(&one.code))
}

/// A site that is ready to be pushed.
struct PublishableSite<'a> {
    request: &'a PublishRequest,
    config: &'a Config,
    repository: &'a Repository,
    remote: &'a RemoteBranch<'a>,
    files: &'a PublishedFiles,
    snapshot: TreeSnapshot<'a>,
    absent: AbsentPosts,
}

impl PublishableSite<'_> {
    /// Pushes one commit. Tries once more if another push came first.
    fn push_with_retry(
        &self,
        branch: BranchState,
        watch: &mut dyn FnMut(PublishStep<'_>),
    ) -> Result<(TreeChanges, PublishOutcome), PublishFailure> {
        let tip = branch.tip.clone();
        match self.push_onto(branch, watch)? {
            PushAttempt::Done(changes, outcome) => Ok((changes, outcome)),
            PushAttempt::Rejected(refusal) => {
                // Try again only if the branch has moved. Without history, a second attempt would
                // drop what others have just pushed, so the user has to decide.
                let moved = match self.remote.tip() {
                    Ok(now) if now != tip && !self.request.no_history => now,
                    _ => return Err(refusal.into()),
                };
                let moved = BranchState::read(self.repository, self.remote, moved)?;
                match self.push_onto(moved, watch)? {
                    PushAttempt::Done(changes, outcome) => Ok((changes, outcome)),
                    PushAttempt::Rejected(refusal) => Err(refusal.into()),
                }
            }
        }
    }

    /// Pushes one commit on top of the current state of the branch.
    fn push_onto(
        &self,
        branch: BranchState,
        watch: &mut dyn FnMut(PublishStep<'_>),
    ) -> Result<PushAttempt, PublishFailure> {
        let losses = self.find_losses(&branch)?;
        let (stops, _) = separate_blocking(losses, &self.request.allowed);
        if !stops.is_empty() {
            return Err(PublishFailure::Refused(stops));
        }
        let tip = branch.tip.as_ref();
        let changes = self.snapshot.compare_with(branch.entries);
        // With `--no-history`, even an unchanged site is pushed once, to drop the older commits.
        let forgets = match tip {
            Some(tip) => self.request.no_history && self.remote.has_history(tip)?,
            None => false,
        };
        if changes.is_empty() && tip.is_some() && !forgets {
            return Ok(PushAttempt::Done(changes, PublishOutcome::Unchanged));
        }
        if self.request.dry_run {
            return Ok(PushAttempt::Done(changes, PublishOutcome::DryRun));
        }
        watch(PublishStep::Pushing(&changes));
        let tree = self.snapshot.write_tree(&changes, tip)?;
        // A commit without a parent starts the branch anew.
        let parent = tip.filter(|_| !self.request.no_history);
        let message = CheckoutState::read(self.repository).message();
        let commit = self.remote.commit(&tree, parent, &message)?;
        match self.remote.push(&commit, tip, self.request.no_history) {
            Ok(()) => {
                let created = tip.is_none();
                Ok(PushAttempt::Done(
                    changes,
                    PublishOutcome::Pushed { commit, created },
                ))
            }
            Err(refusal) => Ok(PushAttempt::Rejected(refusal)),
        }
    }

    /// Returns an error for each thing on the branch that must not be lost: sources, files that
    /// pressrun did not publish, a domain, the addresses of pages.
    fn find_losses(&self, state: &BranchState) -> GitResult<Vec<Diagnostic>> {
        let root: &Path = &self.request.root;
        let branch = &self.config.deploy.branch;
        let mut losses = Vec::new();
        match state.inspect(self.repository)? {
            BranchContent::Site => {}
            BranchContent::Sources(file) => {
                losses.push(doctor::report_branch_of_sources(root, branch, &file));
            }
            BranchContent::Unknown(what) => {
                losses.push(doctor::branch_not_ours(root, branch, &what));
            }
        }
        if state.may_be_replaced(self.repository, &self.request.allowed)? {
            losses.extend(live::report_gone_pages(
                &state.entries,
                &self.files.files,
                &self.absent,
            ));
        }
        if let Some(tip) = &state.tip
            && let Some(domain) = self.remote.domain(tip)
            && !self.files.files.iter().any(|file| file.path == b"CNAME")
        {
            losses.push(doctor::report_dropped_domain(root, branch, &domain));
        }
        Ok(losses)
    }
}

/// The result of an attempt to push.
enum PushAttempt {
    Done(TreeChanges, PublishOutcome),
    Rejected(GitRefusal),
}
