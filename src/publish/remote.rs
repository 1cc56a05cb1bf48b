//! Reads the branch on the remote, and pushes to it.
//!
//! Only objects stay behind in the user's repository: fetching writes no ref and no `FETCH_HEAD`.
//! After a push, git itself records the pushed commit in `refs/remotes`, as it always does.

use std::path::Path;

use pressrun_site::config::{self, DeployConfig};
use pressrun_site::git::{GitResult, Repository};

use super::{PublishFailure, doctor};

/// A branch of a remote.
#[derive(Debug)]
pub(super) struct RemoteBranch<'a> {
    repository: &'a Repository,
    name: &'a str,
    /// The full name of the branch: `refs/heads/…`.
    branch: String,
    /// The address for pushing.
    pub(super) address: String,
    /// Where to read from: the name of the remote, or its push address if the two addresses differ.
    source: String,
}

/// The newest state of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BranchTip {
    /// Its newest commit.
    pub(super) commit: String,
}

impl<'a> RemoteBranch<'a> {
    /// Returns the remote that the configuration names.
    pub(super) fn from_config(
        repository: &'a Repository,
        root: &Path,
        deploy: &'a DeployConfig,
    ) -> Result<Self, PublishFailure> {
        let name = deploy.remote.as_str();
        let address = doctor::look_up_push_address(repository, root, name)?;
        let fetched = repository.look_up(["remote", "get-url", name]);
        let source = match fetched {
            Some(fetched) if fetched == address => name.to_owned(),
            // If the push address differs, ask it and not the fetch address: only the former knows
            // what is published.
            _ => address.clone(),
        };
        Ok(Self {
            repository,
            name,
            branch: format!("refs/heads/{}", deploy.branch),
            address,
            source,
        })
    }

    /// Returns the newest state of the branch, or `None` if there is no such branch.
    pub(super) fn tip(&self) -> GitResult<Option<BranchTip>> {
        // The pattern of `ls-remote` also matches the end of a longer name, so compare whole names.
        let listing = self
            .repository
            .ask(["ls-remote", "--", &self.source, &self.branch])?;
        let commit = listing.lines().find_map(|line| {
            let (commit, name) = line.split_once('\t')?;
            (name == self.branch).then(|| commit.to_owned())
        });
        Ok(commit.map(|commit| BranchTip { commit }))
    }

    /// Returns the state of the branch that git recorded at the last fetch or push, if it did.
    pub(super) fn last_seen_tip(&self) -> Option<BranchTip> {
        let branch = self.branch.strip_prefix("refs/heads/")?;
        // What git records under the name of the remote was read from its fetch address.
        let commit = format!("refs/remotes/{}/{branch}^{{commit}}", self.name);
        let is_read_from_there = self.source == self.name;
        let find = ["rev-parse", "--verify", "--quiet", &commit];
        let commit = is_read_from_there.then(|| self.repository.look_up(find))?;
        commit.map(|commit| BranchTip { commit })
    }

    /// Makes sure that the local repository has a commit and everything it needs.
    pub(super) fn fetch(&self, tip: &BranchTip) -> GitResult<()> {
        // The suffix makes git check that the object is a commit.
        let commit = format!("{}^{{commit}}", tip.commit);
        let is_here = || self.repository.ask(["cat-file", "-e", &commit]);
        if is_here().is_ok() {
            return Ok(());
        }
        let fetch = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-prune",
            "--no-auto-gc",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
            "--refmap=",
            // After this, an address that begins with a hyphen is not taken for an option.
            "--",
            &self.source,
            &self.branch,
        ];
        self.repository.ask(fetch)?;
        // The branch may have been replaced between `ls-remote` and `fetch`.
        is_here().map(drop)
    }

    /// Returns whether a commit has a parent.
    pub(super) fn has_history(&self, tip: &BranchTip) -> GitResult<bool> {
        let parents =
            self.repository
                .ask(["rev-list", "--parents", "--max-count=1", &tip.commit])?;
        // The line is the commit itself, followed by its parents.
        Ok(parents.contains(' '))
    }

    /// Returns the domain in the `CNAME` file of a commit.
    pub(super) fn domain(&self, tip: &BranchTip) -> Option<String> {
        let file = format!("{}:CNAME", tip.commit);
        let text = self.repository.look_up(["cat-file", "blob", &file])?;
        // Anything else in this file is not a domain that could be lost.
        config::parse_domain(text.trim()).ok()
    }

    /// Makes a commit of a tree, with or without a parent. It is on no branch.
    pub(super) fn commit(
        &self,
        tree: &str,
        parent: Option<&BranchTip>,
        message: &str,
    ) -> GitResult {
        let mut command = vec!["-c", "i18n.commitEncoding=UTF-8", "commit-tree"];
        // Unlike `git commit`, `commit-tree` ignores this setting.
        let signs = ["config", "--type=bool", "commit.gpgSign"];
        if self.repository.look_up(signs).as_deref() == Some("true") {
            command.push("-S");
        }
        if let Some(parent) = parent {
            command.extend(["-p", &parent.commit]);
        }
        command.push(tree);
        let printed = self.repository.bytes(command, message.as_bytes())?;
        Ok(String::from_utf8_lossy(&printed).trim().to_owned())
    }

    /// Makes a commit the newest one of the branch.
    ///
    /// The push succeeds only if the commit follows the one on the branch. With `forget` it may
    /// replace that one, but only if that one still is `tip`.
    pub(super) fn push(
        &self,
        commit: &str,
        tip: Option<&BranchTip>,
        forget: bool,
    ) -> GitResult<()> {
        let lease = format!(
            "--force-with-lease={}:{}",
            self.branch,
            // Without a commit, the branch must not exist.
            tip.map_or("", |tip| &tip.commit)
        );
        let target = format!("{commit}:{}", self.branch);
        let mut command = vec!["push", "--porcelain", "--no-follow-tags"];
        command.push("--recurse-submodules=no");
        if forget {
            command.push(&lease);
        }
        // By its name, so that git records the push under `refs/remotes`.
        command.extend(["--", self.name, &target]);
        self.repository.ask(command).map(drop)
    }
}
