//! Runs the user's `git` in the folder of a site.
//!
//! Not here: what an error of git means and what to do about it (`explain`).

use std::ffi::OsStr;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::ScopedJoinHandle;

/// Environment variables that select a repository. A git hook sets them to its own repository,
/// which would mislead git when pressrun runs from such a hook.
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

/// The repository around a folder.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
}

/// A git command that failed, with git's own message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The command as one would type it: `git push origin`.
    pub command: String,
    /// What git printed, or why it could not be run.
    pub said: String,
    /// Whether there is no `git` to run.
    pub missing: bool,
}

/// The output of a git command.
pub type Answer<T = String> = Result<T, Refusal>;

impl Repository {
    /// Finds the repository around `folder`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no git, or no repository that git would work in.
    pub fn around(folder: &Path) -> Answer<Self> {
        let repository = Self {
            folder: folder.to_owned(),
        };
        // The answer does not matter, only whether git works here.
        repository.ask(["rev-parse", "--git-dir"])?;
        Ok(repository)
    }

    /// Runs git and returns its output without the line break at the end.
    pub fn ask<I>(&self, arguments: I) -> Answer
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let printed = self.bytes(arguments, b"")?;
        let text = String::from_utf8_lossy(&printed);
        Ok(text.trim_end_matches(['\n', '\r']).to_owned())
    }

    /// Runs git and returns its output, or `None` if it fails or prints nothing. For questions that
    /// may have no answer.
    pub fn look_up<I>(&self, arguments: I) -> Option<String>
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.ask(arguments).ok().filter(|answer| !answer.is_empty())
    }

    /// Runs git with this input and returns its output.
    pub fn bytes<I>(&self, arguments: I, input: &[u8]) -> Answer<Vec<u8>>
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.feed(arguments, |pipe| pipe.write_all(input))
    }

    /// Runs git with the input that `write` produces, and returns its output.
    pub fn feed<I>(
        &self,
        arguments: I,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send,
    ) -> Answer<Vec<u8>>
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let mut command = self.command();
        command.args(arguments);
        let words = typed(&command);
        let refused = |said, missing| Refusal {
            command: words.clone(),
            said,
            missing,
        };
        match run(&mut command, write) {
            Ok(output) if output.status.success() => Ok(output.stdout),
            Ok(output) => Err(refused(said(&words, &output), false)),
            Err(error) => Err(refused(
                error.to_string(),
                error.kind() == ErrorKind::NotFound,
            )),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        // pressrun reads git's messages, so they must be in one language.
        command
            .arg("-C")
            .arg(&self.folder)
            .env("LC_ALL", "C")
            // Without this, even `git status` writes to the user's index.
            .env("GIT_OPTIONAL_LOCKS", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for variable in OF_ANOTHER {
            command.env_remove(variable);
        }
        command
    }
}

/// Runs a command and writes its input on a second thread, because both sides may wait for each
/// other.
fn run(
    command: &mut Command,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send,
) -> std::io::Result<Output> {
    let mut child = command.spawn()?;
    let pipe = child.stdin.take();
    std::thread::scope(|scope| {
        let fed = pipe.map(|pipe| {
            scope.spawn(move || {
                let mut pipe = BufWriter::new(pipe);
                write(&mut pipe)?;
                pipe.flush()
            })
        });
        // Reads while the other thread writes.
        let output = child.wait_with_output();
        match fed.map(ScopedJoinHandle::join) {
            // A command that ends before it has read all its input reports the reason itself.
            Some(Ok(Err(error))) if error.kind() != ErrorKind::BrokenPipe => Err(error),
            _ => output,
        }
    })
}

/// Returns a command as one would type it, without options, which pressrun adds.
fn typed(command: &Command) -> String {
    let mut words = vec!["git".to_owned()];
    let mut arguments = command.get_args();
    while let Some(argument) = arguments.next() {
        let word = argument.to_string_lossy();
        // These two take a value, which belongs to the option.
        if matches!(&*word, "-C" | "-c") {
            arguments.next();
        } else if !word.starts_with('-') {
            words.push(without_password(&word));
        }
    }
    words.join(" ")
}

/// Removes the user name and password that an address in a word may contain.
fn without_password(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else {
        return word.to_owned();
    };
    // An `@` in the path belongs to no user name.
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => word.to_owned(),
    }
}

/// Returns the message of a command that failed.
fn said(command: &str, output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    // `git push` prints its report on each ref to standard output.
    if command.starts_with("git push ") {
        text += &String::from_utf8_lossy(&output.stdout);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_that_failed_is_told_without_passwords() {
        for (word, expected) in [
            ("https://me:secret@a.b/c@d", "https://a.b/c@d"),
            ("https://secret@a.b", "https://a.b"),
            ("https://a.b/c@d", "https://a.b/c@d"),
            ("git@a.b:c", "git@a.b:c"),
        ] {
            assert_eq!(without_password(word), expected);
        }
    }

    #[test]
    fn folder_outside_of_a_repository_is_told_in_the_words_of_git() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = Repository::around(folder.path()).unwrap_err();
        assert_eq!(refusal.command, "git rev-parse");
        assert!(refusal.said.contains("not a git repository"), "{refusal:?}");
        assert!(!refusal.missing);
    }
}
