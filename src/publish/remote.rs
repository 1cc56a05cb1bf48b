//! The branch on the remote: what it has, and pushing to it.
//!
//! Nothing is left behind in the user's repository but objects: fetching writes no ref and no
//! `FETCH_HEAD`. After a push git itself notes what it pushed in `refs/remotes`, as after any.

use std::path::Path;

use super::git::{Answer, Repository};
use super::{Failure, doctor};
use crate::config::{self, Deploy};

/// A branch of a remote.
#[derive(Debug)]
pub(super) struct Remote<'a> {
    repository: &'a Repository,
    name: &'a str,
    /// The branch, as a ref.
    branch: String,
    /// Where it is pushed to.
    pub(super) address: String,
    /// Where it is read from: its name, or its address if that is another for reading.
    source: String,
}

/// What a branch has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tip {
    /// Its newest commit.
    pub(super) commit: String,
}

impl<'a> Remote<'a> {
    /// The remote that the configuration names.
    pub(super) fn of(
        repository: &'a Repository,
        root: &Path,
        deploy: &'a Deploy,
    ) -> Result<Self, Failure> {
        let name = deploy.remote.as_str();
        let address = doctor::remote_address(repository, root, name)?;
        let fetched = repository.look_up(["remote", "get-url", name]);
        let source = match fetched {
            Some(fetched) if fetched == address => name.to_owned(),
            // Of what is pushed elsewhere only that place can tell what is there.
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

    /// What the branch has; `None` if there is no such branch.
    pub(super) fn tip(&self) -> Answer<Option<Tip>> {
        let listing = self
            .repository
            .ask(["ls-remote", "--", &self.source, &self.branch])?;
        let commit = listing.lines().find_map(|line| {
            let (commit, name) = line.split_once('\t')?;
            (name == self.branch).then(|| commit.to_owned())
        });
        Ok(commit.map(|commit| Tip { commit }))
    }

    /// Makes sure that a commit is here, with all that it has.
    pub(super) fn fetch(&self, tip: &Tip) -> Answer<()> {
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
            // An address that begins with a hyphen is an address, whoever wrote it.
            "--",
            &self.source,
            &self.branch,
        ];
        self.repository.ask(fetch)?;
        is_here().map(drop)
    }

    /// Whether a commit has others before it.
    pub(super) fn has_history(&self, tip: &Tip) -> Answer<bool> {
        let parents =
            self.repository
                .ask(["rev-list", "--parents", "--max-count=1", &tip.commit])?;
        Ok(parents.contains(' '))
    }

    /// Whether a commit has a file.
    pub(super) fn has(&self, tip: &Tip, path: &str) -> bool {
        let file = format!("{}:{path}", tip.commit);
        self.repository.ask(["cat-file", "-e", &file]).is_ok()
    }

    /// The domain that a commit has in its file `CNAME`.
    pub(super) fn domain(&self, tip: &Tip) -> Option<String> {
        let file = format!("{}:CNAME", tip.commit);
        let text = self.repository.look_up(["cat-file", "blob", &file])?;
        config::domain(text.trim()).ok()
    }

    /// Makes a commit of a tree, on top of another or on its own; it is on no branch.
    pub(super) fn commit(&self, tree: &str, parent: Option<&Tip>, message: &str) -> Answer {
        let mut command = vec!["-c", "i18n.commitEncoding=UTF-8", "commit-tree"];
        // Unlike `git commit`, this command knows nothing of the setting.
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

    /// Makes a commit the newest of the branch.
    ///
    /// It must follow the one that is there, unless the branch is to `forget` it: then the one
    /// that is there must be `tip` still.
    pub(super) fn push(&self, commit: &str, tip: Option<&Tip>, forget: bool) -> Answer<()> {
        let lease = format!(
            "--force-with-lease={}:{}",
            self.branch,
            tip.map_or("", |tip| &tip.commit)
        );
        let target = format!("{commit}:{}", self.branch);
        let mut command = vec!["push", "--porcelain", "--no-follow-tags"];
        command.push("--recurse-submodules=no");
        if forget {
            command.push(&lease);
        }
        command.extend(["--", self.name, &target]);
        self.repository.ask(command).map(drop)
    }
}
