//! Examines a built site and its repository for problems on GitHub Pages.
//!
//! There is one file for each subject. The doctor changes nothing and uses no network.
//!
//! Not here: problems of single posts (the rules of `pressrun-posts`), and what only the remote
//! knows (`remote`).

mod address;
pub(super) mod html;
mod limits;
mod names;
mod pages;
mod posts;

use std::path::Path;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, quote_for_message};
use pressrun_site::config::{self, Config};
use pressrun_site::fs;
use pressrun_site::git::{Repository, explain};
use pressrun_site::pipeline::SiteFindings;

use super::branch::{self, BranchContent};
use super::files::PublishedFiles;
use super::github::GitHubRepository;
use super::remote::BranchTip;
use super::{source, tree};

/// Codes that `publish --allow` accepts.
pub const ALLOWABLE: [Code; 7] = [
    Code::BaseUrlLocal,
    Code::BaseUrlMismatch,
    Code::SiteTooLarge,
    Code::FileTooLarge,
    Code::DomainDropped,
    Code::BranchNotOurs,
    Code::AddressGone,
];

/// A site that was built for publication.
#[derive(Debug)]
pub struct DoctorSubject<'a> {
    /// Folder of the site.
    pub root: &'a Path,
    /// Its configuration, with the address that it was built for.
    pub config: &'a Config,
    /// Whether the user set this address for this build, with `--base-url`.
    pub address_given: bool,
    /// The files of the built site.
    pub files: &'a PublishedFiles,
    /// What the build found.
    pub findings: &'a SiteFindings,
}

/// Returns everything that is wrong, sorted by place.
pub fn examine_site(subject: &DoctorSubject<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let github = match find_push_address(subject) {
        Ok(address) => GitHubRepository::of_remote(&address),
        // Other checks do not need the remote, so they go on.
        Err(diagnostic) => {
            found.push(diagnostic);
            None
        }
    };
    found.extend(check_branch_of_sources(subject));
    found.extend(address::check_address(subject, github.as_ref()));
    found.extend(limits::check_limits(subject));
    found.extend(names::check_names(subject));
    found.extend(pages::check_pages(subject));
    found.extend(posts::check_posts(subject));
    found.sort();
    subject.config.check.retain_reported(&mut found);
    found
}

/// Returns the address that the site is pushed to.
fn find_push_address(subject: &DoctorSubject<'_>) -> Result<String, Diagnostic> {
    let repository = Repository::around(subject.root).map_err(|refusal| explain(&refusal))?;
    look_up_push_address(&repository, subject.root, &subject.config.deploy.remote)
}

/// Returns the address that a remote is pushed to.
///
/// # Errors
///
/// Returns a diagnostic if there is no such remote.
pub fn look_up_push_address(
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
            "set `remote` in `[deploy]` to an existing one: `{}`",
            names.join("`, `")
        ),
        None => format!(
            "create a repository on GitHub and add it: \
             `git remote add {remote} https://github.com/YOU/BLOG.git`"
        ),
    };
    Err(Diagnostic::new(Code::NoRemote, place_of_key(root, "remote"), message).with_help(help))
}

/// Returns the error that the site would replace sources on a branch.
pub(super) fn report_branch_of_sources(root: &Path, branch: &str, file: &str) -> Diagnostic {
    let message = format!(
        "the branch `{branch}` contains sources such as {}, which the site would replace",
        quote_for_message(file)
    );
    make_doctor_finding(
        Code::BranchOfSources,
        place_of_key(root, "branch"),
        message,
        ANOTHER,
    )
}

/// Returns the error that the site would replace something else on a branch.
pub(super) fn branch_not_ours(root: &Path, branch: &str, what: &str) -> Diagnostic {
    let message = format!(
        "the branch `{branch}` contains {what}, which pressrun did not publish and which the site \
         would replace"
    );
    make_doctor_finding(
        Code::BranchNotOurs,
        place_of_key(root, "branch"),
        message,
        ANOTHER,
    )
}

/// What to do about a branch that must not be replaced.
const ANOTHER: &str =
    "choose a branch that contains nothing else: `branch = \"gh-pages\"` in `[deploy]`";

/// Returns the error that the site would lose its domain: GitHub forgets it when the file `CNAME`
/// is removed.
pub(super) fn report_dropped_domain(root: &Path, branch: &str, domain: &str) -> Diagnostic {
    let message = format!(
        "the site on `{branch}` has the custom domain `{domain}`, which the new one would \
                 lose"
    );
    let help = format!("set `cname = \"{domain}\"` in `[deploy]`");
    make_doctor_finding(
        Code::DomainDropped,
        place_of_key(root, "cname"),
        message,
        &help,
    )
}

/// Returns an error if the branch to publish to is checked out and contains the site.
fn check_branch_of_sources(subject: &DoctorSubject<'_>) -> Option<Diagnostic> {
    let name = &subject.config.deploy.branch;
    let repository = Repository::around(subject.root).ok()?;
    if source::checked_out_branch(&repository).as_ref() != Some(name) {
        return None;
    }
    let tip = BranchTip {
        commit: repository.look_up(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?,
    };
    // Errors are left to the look at the branch of the remote, which reports them.
    let entries = tree::entries(&repository, &tip).ok()?;
    let folder = source::folder(&repository);
    match branch::inspect_branch(&repository, &tip, &entries, &folder).ok()? {
        BranchContent::Sources(file) => Some(report_branch_of_sources(subject.root, name, &file)),
        BranchContent::Site | BranchContent::Unknown(_) => None,
    }
}

/// Returns the place of a key in `site.toml`, or the file if it does not contain the key.
pub(super) fn place_of_key(root: &Path, name: &str) -> FilePlace {
    let text = fs::read_text(&root.join(config::FILE)).ok().flatten();
    // The parsed configuration has no line numbers, and a search is good enough for a hint.
    let line = text.iter().flat_map(|text| text.lines()).position(|line| {
        line.trim_start()
            .strip_prefix(name)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    });
    match line {
        Some(at) => FilePlace::line(config::FILE, at as u32 + 1),
        None => FilePlace::file(config::FILE),
    }
}

/// Makes a finding, and mentions the option that overrules it if there is one.
pub(super) fn make_doctor_finding(
    code: Code,
    place: FilePlace,
    message: impl Into<String>,
    help: &str,
) -> Diagnostic {
    let help = if ALLOWABLE.contains(&code) {
        format!("{help}; `publish --allow {code}` publishes it anyway")
    } else {
        help.to_owned()
    };
    Diagnostic::new(code, place, message).with_help(help)
}
