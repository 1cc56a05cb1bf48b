//! The other way to publish: a workflow of GitHub that builds the site after each push.
//!
//! The file knows from its first line whether somebody has edited it since; then it is left
//! alone, as everything is that is not ours.

use std::path::{Path, PathBuf};

use super::doctor;
use super::git::Repository;
use super::github::GitHub;
use super::source;
use super::{Failure, git};
use crate::config::Config;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::text::marks::fill;
use crate::{fs, render};

/// Where GitHub looks for it, from the root of the repository.
const FILE: &str = ".github/workflows/pages.yml";

/// The workflow, with marks for what differs from site to site. The majors of the actions are
/// those of August 2026.
const TEMPLATE: &str = include_str!("pages.yml");

/// How its first line begins; a hash of the other lines follows.
const HEAD: &str =
    "# Written by `pressrun publish --workflow`, which replaces it unless it was edited: ";

/// Runs soon after midnight in UTC, when the day of posts begins, but not at the full hour, when
/// everybody's do.
const SCHEDULE: &str = "  # Posts that are dated ahead appear on their day. GitHub stops schedules of repositories in which
  # nothing happens for 60 days.
  schedule:
    - cron: \"17 0 * * *\"
";

/// What was done.
#[derive(Debug, PartialEq, Eq)]
pub struct Workflow {
    /// The file.
    pub path: PathBuf,
    /// Whether it was there already, and is as it should be.
    pub unchanged: bool,
    /// The branch whose pushes it builds.
    pub branch: String,
    /// Whether it also runs every day.
    pub scheduled: bool,
    /// The repository on GitHub, if it is there.
    pub github: Option<GitHub>,
}

/// Writes the workflow for the site at `root`; it runs every day if some posts are `scheduled`.
///
/// # Errors
///
/// There is no repository, or somebody edited the file.
pub fn write_workflow(root: &Path, config: &Config, scheduled: bool) -> Result<Workflow, Failure> {
    let repository = Repository::around(root)?;
    let top = top(&repository, root)?;
    let path = top.join(FILE);
    let branch = built_branch(&repository, &config.deploy.remote);
    let text = text(&repository, &top, &branch, scheduled)?;
    let known = fs::read_text(&path)?;
    let unchanged = known.as_deref().map(unix) == Some(text.clone());
    if let Some(known) = known
        && !unchanged
        && !is_ours(&known)
    {
        let place = Place::file(path.display().to_string());
        let message = "it is there already, and not as pressrun wrote it";
        let help = "move it away to get a new one, or edit it by hand";
        let found = Diagnostic::new(Code::WorkflowEdited, place, message).help(help);
        return Err(render::Failure::Site(vec![found]).into());
    }
    if !unchanged {
        fs::write_with_folder(&path, text.as_bytes())?;
    }
    let address = doctor::remote_address(&repository, root, &config.deploy.remote).ok();
    Ok(Workflow {
        path,
        unchanged,
        branch,
        scheduled,
        github: address.and_then(|address| GitHub::of_remote(&address)),
    })
}

/// The text of the workflow of a repository, if it has one.
pub(super) fn existing(repository: &Repository, root: &Path) -> Option<String> {
    let path = top(repository, root).ok()?.join(FILE);
    fs::read_text(&path).ok()?
}

/// The place of a finding about the workflow.
pub(super) fn place() -> Place {
    Place::file(FILE)
}

/// The root of the repository, as seen from that of the site.
fn top(repository: &Repository, root: &Path) -> git::Answer<PathBuf> {
    let up = repository.ask(["rev-parse", "--show-cdup"])?;
    let root = root.strip_prefix(".").unwrap_or(root);
    Ok(root.join(up))
}

/// The default branch of the remote; else the one that is checked out.
fn built_branch(repository: &Repository, remote: &str) -> String {
    let head = format!("refs/remotes/{remote}/HEAD");
    let default = repository.look_up(["symbolic-ref", "--quiet", "--short", &head]);
    default
        .and_then(|name| Some(name.strip_prefix(remote)?.strip_prefix('/')?.to_owned()))
        .or_else(|| source::branch(repository))
        .unwrap_or_else(|| "main".to_owned())
}

/// The whole file.
fn text(repository: &Repository, top: &Path, branch: &str, scheduled: bool) -> git::Answer {
    let has = |file: &str, words: &str| {
        let text = fs::read_text(&top.join(file)).ok().flatten();
        text.is_some_and(|text| text.contains(words))
    };
    let mut checkout = String::new();
    if has(".gitmodules", "path") {
        checkout += "          submodules: recursive\n";
    }
    if has(".gitattributes", "filter=lfs") {
        checkout += "          lfs: true\n";
    }
    let folder = repository.ask(["rev-parse", "--show-prefix"])?;
    let here = if folder.is_empty() {
        "."
    } else {
        folder.trim_end_matches('/')
    };
    let values = [
        ("@SCHEDULE@\n", if scheduled { SCHEDULE } else { "" }),
        ("@CHECKOUT@\n", &checkout),
        ("@BRANCH@", &quoted(branch)),
        ("@FOLDER@", &quoted(here)),
        ("@CACHE@", &quoted(&format!("{folder}.pressrun"))),
        ("@PUBLIC@", &quoted(&format!("{folder}public"))),
        ("@VERSION@", env!("CARGO_PKG_VERSION")),
    ];
    let rest = fill(TEMPLATE, &values);
    Ok(format!("{HEAD}{}\n{rest}", hash(&rest)))
}

/// Whether a file is as pressrun wrote it, by this version or an earlier one.
fn is_ours(text: &str) -> bool {
    let text = unix(text);
    let (head, rest) = text.split_once('\n').unwrap_or_default();
    head.strip_prefix(HEAD) == Some(&hash(rest))
}

fn hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// A text with the line ends that it was written with: git may have changed them.
fn unix(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// A text as a string of YAML.
fn quoted(text: &str) -> String {
    if text.contains(|c: char| c.is_control()) {
        // A string of JSON is one of YAML.
        return serde_json::Value::from(text).to_string();
    }
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edited_file_is_not_ours() {
        let text = format!("{HEAD}{}\na\nb\n", hash("a\nb\n"));
        assert!(is_ours(&text));
        assert!(is_ours(&text.replace('\n', "\r\n")));
        assert!(!is_ours(&text.replace("b\n", "c\n")));
        assert!(!is_ours("name: pages\n"));
        assert!(!is_ours(""));
    }
}
