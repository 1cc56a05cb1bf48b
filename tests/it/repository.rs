//! Puts a site into a git repository with its own home folder and a bare repository as its remote,
//! so that the machine's git settings do not influence a test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::site::{Run, Site};

/// A site under version control.
pub(crate) struct Repository {
    pub(crate) site: Site,
    home: TempDir,
}

impl Repository {
    /// Creates a repository around a site and commits everything on `main`.
    pub(crate) fn new(site: Site) -> Self {
        let repository = Self::empty(site);
        repository.commit("first");
        repository
    }

    /// Creates a repository around a site, without a commit.
    pub(crate) fn empty(site: Site) -> Self {
        let home = tempfile::tempdir().unwrap();
        let settings = "[user]\n\tname = Tess Tester\n\temail = tess@example.com\n\
                        [init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n";
        fs::write(home.path().join(".gitconfig"), settings).unwrap();
        let repository = Self { site, home };
        repository.git(&["init", "--quiet"]);
        repository
    }

    /// Creates a repository with a bare repository on disk as its remote `origin`.
    pub(crate) fn with_remote(site: Site) -> Self {
        let repository = Self::new(site);
        let remote = repository.remote();
        repository.git(&["init", "--quiet", "--bare", remote.to_str().unwrap()]);
        repository.git(&["remote", "add", "origin", remote.to_str().unwrap()]);
        repository
    }

    /// Returns where the bare repository is, or would be.
    pub(crate) fn remote(&self) -> PathBuf {
        self.home.path().join("remote.git")
    }

    /// Returns a path in the home folder, for files beside the site.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Commits everything.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
    }

    /// Runs git in the folder of the site, which must succeed, and returns what it printed.
    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.site.path(""), arguments)
    }

    /// Runs git in a folder, which must succeed, and returns what it printed.
    #[track_caller]
    pub(crate) fn git_in(&self, folder: &Path, arguments: &[&str]) -> String {
        let output = self.try_git_in(folder, arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {error}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// Runs git in a folder.
    pub(crate) fn try_git_in(&self, folder: &Path, arguments: &[&str]) -> Output {
        let mut git = Command::new("git");
        self.at_home(&mut git);
        git.args(arguments).current_dir(folder).output().unwrap()
    }

    /// Runs the program in the folder of the site.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command().args(arguments))
    }

    /// Returns a command that runs the program in the folder of the site.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.site.command();
        self.at_home(&mut command);
        command
    }

    /// Hides the machine's git settings from a command.
    fn at_home(&self, command: &mut Command) {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_") {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.home.path().join(".gitconfig"))
            .env("GIT_CEILING_DIRECTORIES", std::env::temp_dir())
            .env("GIT_TERMINAL_PROMPT", "0");
    }
}
