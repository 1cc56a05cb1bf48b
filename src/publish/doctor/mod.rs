//! Examines a built site and its repository for problems on GitHub Pages.
//!
//! There is one file for each subject. The doctor changes nothing and uses no network.
//!
//! Not here: problems of single posts (`lint`), and what only the remote knows (`remote`).

mod address;
pub(super) mod html;
mod limits;
mod names;
mod pages;
mod posts;

use std::path::Path;

use super::branch::{self, BranchContent};
use super::files::Files;
use super::github::GitHub;
use super::remote::Tip;
use super::{source, tree};
use crate::config::{self, Config};
use crate::diagnostic::{Code, Diagnostic, Place, quoted};
use crate::fs;
use crate::git::{Repository, explain};
use crate::pipeline::Waiting;

/// Codes that `publish --allow` accepts.
pub const ALLOWABLE: [Code; 6] = [
    Code::BaseUrlLocal,
    Code::BaseUrlMismatch,
    Code::SiteTooLarge,
    Code::FileTooLarge,
    Code::DomainDropped,
    Code::BranchNotOurs,
];

/// A site that was built for publication.
#[derive(Debug)]
pub struct Subject<'a> {
    /// Folder of the site.
    pub root: &'a Path,
    /// Its configuration, with the address that it was built for.
    pub config: &'a Config,
    /// Whether the user set this address for this build, with `--base-url`.
    pub address_given: bool,
    /// The files of the built site.
    pub files: &'a Files,
    /// Drafts and scheduled posts, which were left out.
    pub waiting: &'a [Waiting],
    /// Diagnostics of the build.
    pub found: &'a [Diagnostic],
}

/// Returns everything that is wrong, sorted by place.
pub fn examine(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let github = match remote(subject) {
        Ok(address) => GitHub::of_remote(&address),
        // Other checks do not need the remote, so they go on.
        Err(diagnostic) => {
            found.push(diagnostic);
            None
        }
    };
    found.extend(sources(subject));
    found.extend(address::check(subject, github.as_ref()));
    found.extend(limits::check(subject));
    found.extend(names::check(subject));
    found.extend(pages::check(subject));
    found.extend(posts::check(subject));
    found.sort();
    found
}

/// Returns the address that the site is pushed to.
fn remote(subject: &Subject<'_>) -> Result<String, Diagnostic> {
    let repository = Repository::around(subject.root).map_err(|refusal| explain(&refusal))?;
    remote_address(&repository, subject.root, &subject.config.deploy.remote)
}

/// Returns the address that a remote is pushed to.
///
/// # Errors
///
/// Returns a diagnostic if there is no such remote.
pub fn remote_address(
    repository: &Repository,
    root: &Path,
    remote: &str,
) -> Result<String, Diagnostic> {
    if let Some(address) = repository.look_up(["remote", "get-url", "--push", remote]) {
        return Ok(address);
    }
    let others = repository.look_up(["remote"]);
    let message = format!("the repository has no remote `{remote}`");
    let help = match others
        .as_deref()
        .map(|names| names.lines().collect::<Vec<_>>())
    {
        Some(names) => format!(
            "name another one in `[deploy] remote`: there is `{}`",
            names.join("`, `")
        ),
        None => format!(
            "make a repository on GitHub and add it: \
             `git remote add {remote} https://github.com/YOU/BLOG.git`"
        ),
    };
    Err(Diagnostic::new(Code::NoRemote, key(root, "remote"), message).help(help))
}

/// Returns the error that the site would replace sources on a branch.
pub(super) fn branch_of_sources(root: &Path, branch: &str, file: &str) -> Diagnostic {
    let message = format!(
        "the branch `{branch}` holds sources, {} among them, which the site would replace",
        quoted(file)
    );
    finding(Code::BranchOfSources, key(root, "branch"), message, ANOTHER)
}

/// Returns the error that the site would replace something else on a branch.
pub(super) fn branch_not_ours(root: &Path, branch: &str, what: &str) -> Diagnostic {
    let message = format!(
        "the branch `{branch}` holds {what}, which pressrun did not publish and the site would \
         replace"
    );
    finding(Code::BranchNotOurs, key(root, "branch"), message, ANOTHER)
}

/// What to do about a branch that must not be replaced.
const ANOTHER: &str =
    "name a branch that holds nothing else: `branch = \"gh-pages\"` in `[deploy]`";

/// Returns the error that the site would lose its domain: GitHub forgets it when the file `CNAME`
/// is removed.
pub(super) fn domain_dropped(root: &Path, branch: &str, domain: &str) -> Diagnostic {
    let message =
        format!("the site on `{branch}` has the domain `{domain}`, which the new one would lose");
    let help = format!("set `cname = \"{domain}\"` in `[deploy]`");
    finding(Code::DomainDropped, key(root, "cname"), message, &help)
}

/// Returns an error if the branch to publish to is checked out and contains the site.
fn sources(subject: &Subject<'_>) -> Option<Diagnostic> {
    let name = &subject.config.deploy.branch;
    let repository = Repository::around(subject.root).ok()?;
    if source::branch(&repository).as_ref() != Some(name) {
        return None;
    }
    let tip = Tip {
        commit: repository.look_up(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?,
    };
    // Errors are left to the look at the branch of the remote, which reports them.
    let entries = tree::entries(&repository, &tip).ok()?;
    let folder = source::folder(&repository);
    match branch::inspect_branch(&repository, &tip, &entries, &folder).ok()? {
        BranchContent::Sources(file) => Some(branch_of_sources(subject.root, name, &file)),
        BranchContent::Site | BranchContent::Unknown(_) => None,
    }
}

/// Returns the place of a key in `site.toml`, or the file if it does not contain the key.
pub(super) fn key(root: &Path, name: &str) -> Place {
    let text = fs::read_text(&root.join(config::FILE)).ok().flatten();
    // The parsed configuration has no line numbers, and a search is good enough for a hint.
    let line = text.iter().flat_map(|text| text.lines()).position(|line| {
        line.trim_start()
            .strip_prefix(name)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    });
    match line {
        Some(at) => Place::line(config::FILE, at as u32 + 1),
        None => Place::file(config::FILE),
    }
}

/// Makes a finding, and mentions the option that overrules it if there is one.
pub(super) fn finding(
    code: Code,
    place: Place,
    message: impl Into<String>,
    help: &str,
) -> Diagnostic {
    let help = if ALLOWABLE.contains(&code) {
        format!("{help}; `publish --allow {code}` publishes it all the same")
    } else {
        help.to_owned()
    };
    Diagnostic::new(code, place, message).help(help)
}
