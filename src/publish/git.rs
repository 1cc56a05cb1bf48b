//! Runs the user's `git` in the folder of a site.
//!
//! Not here: what a refusal means and what to do about it (`explain`).

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Variables that say which repository is meant. Whoever runs pressrun from a hook of another
/// repository has them set, to that one.
const OF_ANOTHER: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
];

/// The repository that a folder lies in.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
}

/// A command that git refused, in git's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The command as one would type it: `git push origin`.
    pub command: String,
    /// What it printed, or why it could not be run.
    pub said: String,
    /// Whether there is no `git` to run.
    pub missing: bool,
}

/// What a command of git printed.
pub type Answer<T = String> = Result<T, Refusal>;

impl Repository {
    /// The repository around `folder`.
    ///
    /// # Errors
    ///
    /// There is no git, or no repository that git would work in.
    pub fn around(folder: &Path) -> Answer<Self> {
        let repository = Self {
            folder: folder.to_owned(),
        };
        repository.ask(["rev-parse", "--git-dir"])?;
        Ok(repository)
    }

    /// Runs git and gives what it printed, without the line break at its end.
    pub fn ask<I>(&self, arguments: I) -> Answer
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let printed = self.bytes(arguments, &[], b"")?;
        let text = String::from_utf8_lossy(&printed);
        Ok(text.trim_end_matches(['\n', '\r']).to_owned())
    }

    /// What git prints, or nothing if it refuses: for questions that may have no answer.
    pub fn look_up<I>(&self, arguments: I) -> Option<String>
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.ask(arguments).ok().filter(|answer| !answer.is_empty())
    }

    /// Runs git with these variables and this text as its input, and gives what it printed.
    pub fn bytes<I>(
        &self,
        arguments: I,
        variables: &[(&str, &OsStr)],
        input: &[u8],
    ) -> Answer<Vec<u8>>
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let mut command = self.command();
        command.args(arguments).envs(variables.iter().copied());
        match run(&mut command, input) {
            Ok(output) if output.status.success() => Ok(output.stdout),
            Ok(output) => Err(Refusal {
                command: typed(&command),
                said: said(&output),
                missing: false,
            }),
            Err(error) => Err(Refusal {
                command: typed(&command),
                said: error.to_string(),
                missing: error.kind() == std::io::ErrorKind::NotFound,
            }),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        // What git says is read, so it has to say it in one language.
        command
            .arg("-C")
            .arg(&self.folder)
            .env("LC_ALL", "C")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for variable in OF_ANOTHER {
            command.env_remove(variable);
        }
        command
    }
}

/// Runs a command, with a thread that feeds it, since either end may wait for the other.
fn run(command: &mut Command, input: &[u8]) -> std::io::Result<Output> {
    if input.is_empty() {
        return command.stdin(Stdio::null()).output();
    }
    let mut child = command.stdin(Stdio::piped()).spawn()?;
    let pipe = child.stdin.take();
    std::thread::scope(|scope| {
        if let Some(mut pipe) = pipe {
            // A command that ends before it has read all says itself why.
            scope.spawn(move || pipe.write_all(input));
        }
        child.wait_with_output()
    })
}

/// A command as one would type it, without what is ours.
fn typed(command: &Command) -> String {
    let words = command.get_args().skip(2);
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    format!("git {}", words.join(" "))
}

/// What a command printed: reports of `git push --porcelain` come on standard output.
fn said(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    text += &String::from_utf8_lossy(&output.stdout);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_outside_of_a_repository_is_told_in_the_words_of_git() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = Repository::around(folder.path()).unwrap_err();
        assert_eq!(refusal.command, "git rev-parse --git-dir");
        assert!(refusal.said.contains("not a git repository"), "{refusal:?}");
        assert!(!refusal.missing);
    }
}
