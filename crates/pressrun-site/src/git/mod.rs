//! Runs the user's `git`. Nothing else in pressrun does.
//!
//! Git works in the folder that it is given, prints English, starts no pager, and asks for nothing
//! if there is no terminal. Its output is bounded. [`explain()`] says what an error of git means and
//! what to do about it.

mod blobs;
mod conflict;
mod environment;
mod explain;

use std::ffi::OsStr;
use std::io::{BufWriter, ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread::ScopedJoinHandle;

pub use conflict::report_conflict;
pub use explain::explain;

use crate::fs;

/// The most bytes that git may print. A list of a million files needs a tenth of that.
const MOST_PRINTED: u64 = 1 << 30;

/// How many bytes are kept of the beginning, and of the end, of what git prints to standard error.
///
/// A remote can print any amount there, and the reason for a failure comes last.
const HALF_SAID: usize = 32 << 10;

/// The beginning of the names of the reports that `git fast-import` leaves when it fails.
const CRASH_REPORT: &str = "fast_import_crash_";

/// The repository around a folder.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
    /// Whether git may ask for a password if there is a terminal.
    may_ask: bool,
}

/// A git command that failed, with git's own message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitRefusal {
    /// The command as one would type it: `git push origin`.
    pub command: String,
    /// What git printed, or why it could not be run.
    pub said: String,
    /// Whether there is no `git` to run.
    pub missing: bool,
}

/// The output of a git command.
pub type GitResult<T = String> = Result<T, GitRefusal>;

impl Repository {
    /// Finds the repository around `folder`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no git, or no repository that git would work in.
    pub fn around(folder: &Path) -> GitResult<Self> {
        let repository = Self {
            folder: folder.to_owned(),
            may_ask: true,
        };
        // The answer does not matter, only whether git works here.
        repository.ask(["rev-parse", "--git-dir"])?;
        Ok(repository)
    }

    /// Returns the repository around `folder`, if there is one, for questions during which git must
    /// not wait for an answer from the user.
    pub fn without_prompts(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            may_ask: false,
        }
    }

    /// Runs git and returns its output without the line break at the end.
    pub fn ask<I>(&self, arguments: I) -> GitResult
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
    pub fn bytes<I>(&self, arguments: I, input: &[u8]) -> GitResult<Vec<u8>>
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        self.feed(arguments, |pipe| pipe.write_all(input))
    }

    /// Runs git and returns at most the first `most` bytes of its output.
    pub fn beginning<I>(&self, arguments: I, most: u64) -> GitResult<Vec<u8>>
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let mut command = self.command();
        command.args(arguments);
        let ended =
            run(&mut command, most, |_| Ok(())).map_err(|error| failed(&command, &error))?;
        if ended.cut || ended.status.success() {
            Ok(ended.printed)
        } else {
            Err(refused(&command, &ended))
        }
    }

    /// Runs git with the input that `write` produces, and returns its output.
    pub fn feed<I>(
        &self,
        arguments: I,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send,
    ) -> GitResult<Vec<u8>>
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let mut command = self.command();
        command.args(arguments);
        match run(&mut command, MOST_PRINTED, write) {
            Ok(ended) if ended.cut => {
                let error = std::io::Error::other("it printed more than 1 GB");
                Err(failed(&command, &error))
            }
            Ok(ended) if ended.status.success() => Ok(ended.printed),
            Ok(ended) => Err(refused(&command, &ended)),
            Err(error) => Err(failed(&command, &error)),
        }
    }

    /// Runs `git fast-import` with the input that `write` produces, and returns its output.
    ///
    /// If git fails, the report that it leaves in the repository is removed. The error says the
    /// same.
    pub fn import(
        &self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send,
    ) -> GitResult<Vec<u8>> {
        let folder = PathBuf::from(self.ask(["rev-parse", "--absolute-git-dir"])?);
        let before = crash_reports(&folder);
        let answer = self.feed(["fast-import", "--quiet", "--done"], write);
        if answer.is_err() {
            for report in crash_reports(&folder) {
                if !before.contains(&report) && is_of_our_child(&report) {
                    // A report that cannot be removed does no harm.
                    let _ = fs::remove_file(&report);
                }
            }
        }
        answer
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command
            .arg("--no-pager")
            .arg("-C")
            .arg(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let prompts = self.may_ask && std::io::stdin().is_terminal();
        environment::prepare(&mut command, prompts);
        command
    }
}

/// Lists the reports of `git fast-import` in the folder of a repository.
fn crash_reports(folder: &Path) -> Vec<PathBuf> {
    let is_report = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with(CRASH_REPORT)
    };
    let mut reports = fs::list_folder(folder).unwrap_or_default();
    reports.retain(is_report);
    reports
}

/// Returns whether a report is about a process that this process started.
fn is_of_our_child(report: &Path) -> bool {
    let text = fs::read_whole_file(report).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let parent = text.lines().take(8).find_map(|line| {
        let (name, id) = line.split_once(':')?;
        (name.trim() == "parent process").then(|| id.trim().to_owned())
    });
    parent == Some(std::process::id().to_string())
}

/// How a command ended.
struct Ended {
    status: ExitStatus,
    printed: Vec<u8>,
    /// Whether the command would have printed more than it may.
    cut: bool,
    said: Vec<u8>,
}

/// Runs a command with one thread for each of its pipes, because any of them may fill up.
fn run(
    command: &mut Command,
    most: u64,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send,
) -> std::io::Result<Ended> {
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    std::thread::scope(|scope| {
        let fed = stdin.map(|pipe| {
            scope.spawn(move || {
                let mut pipe = BufWriter::new(pipe);
                write(&mut pipe)?;
                pipe.flush()
            })
        });
        let said = stderr.map(|pipe| scope.spawn(move || ends(pipe)));
        let mut printed = Vec::new();
        let mut read = Ok(0);
        if let Some(pipe) = stdout {
            read = pipe.take(most.saturating_add(1)).read_to_end(&mut printed);
        }
        let cut = printed.len() as u64 > most;
        if cut || read.is_err() {
            printed.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            // The closed pipe would end it too, but only when it writes again.
            child.kill()?;
        }
        let status = child.wait()?;
        let said = said.and_then(|said| said.join().ok()).unwrap_or_default();
        read?;
        match fed.map(ScopedJoinHandle::join) {
            // A command that ends before it has read all its input reports the reason itself.
            Some(Ok(Err(error))) if error.kind() != ErrorKind::BrokenPipe => Err(error),
            _ => Ok(Ended {
                status,
                printed,
                cut,
                said,
            }),
        }
    })
}

/// Reads to the end, and keeps the beginning and the end of what was read.
fn ends(mut pipe: impl Read) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut piece = [0; 8 << 10];
    // A read error is ignored: the exit code says whether the command failed.
    while let Ok(length @ 1..) = pipe.read(&mut piece) {
        kept.extend_from_slice(&piece[..length]);
        if kept.len() > 4 * HALF_SAID {
            kept.drain(HALF_SAID..kept.len() - HALF_SAID);
        }
    }
    if kept.len() > 2 * HALF_SAID {
        kept.drain(HALF_SAID..kept.len() - HALF_SAID);
    }
    kept
}

/// Returns the error of a command that could not be run to its end.
fn failed(command: &Command, error: &std::io::Error) -> GitRefusal {
    GitRefusal {
        command: typed(command),
        said: error.to_string(),
        missing: error.kind() == ErrorKind::NotFound,
    }
}

/// Returns the error of a command that ended with an error code.
fn refused(command: &Command, ended: &Ended) -> GitRefusal {
    let command = typed(command);
    let mut said = String::from_utf8_lossy(&ended.said).into_owned();
    // `git push` prints its report on each ref to standard output.
    if command.starts_with("git push ") {
        said += &String::from_utf8_lossy(&ended.printed);
    }
    GitRefusal {
        command,
        said,
        missing: false,
    }
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
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_command_is_shown_without_passwords() {
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
    fn folder_outside_of_a_repository_is_reported_in_the_words_of_git() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = Repository::around(folder.path()).unwrap_err();
        assert_eq!(refusal.command, "git rev-parse");
        assert!(refusal.said.contains("not a git repository"), "{refusal:?}");
        assert!(!refusal.missing);
    }

    #[test]
    fn of_a_flood_of_words_the_beginning_and_the_end_stay() {
        let words: Vec<u8> = (0..100_000)
            .flat_map(|n| format!("{n} ").into_bytes())
            .collect();
        let kept = ends(&words[..]);
        assert_eq!(kept.len(), 2 * HALF_SAID);
        assert!(kept.starts_with(b"0 1 2 ") && kept.ends_with(b" 99998 99999 "));
        assert_eq!(ends(&b"few"[..]), b"few");
    }

    #[test]
    fn command_that_prints_without_end_is_ended() {
        let repository = Repository::without_prompts(Path::new("."));
        let printed = repository.beginning(["help", "--all"], 100).unwrap();
        assert_eq!(printed.len(), 100);
    }

    #[test]
    fn failed_import_leaves_no_report_and_removes_no_foreign_report() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::without_prompts(folder.path());
        repository.ask(["init", "--quiet"]).unwrap();
        let others = folder.path().join(".git").join("fast_import_crash_1");
        fs::write_file(
            &others,
            b"fast-import crash report:\n    parent process     : 1\n",
        )
        .unwrap();
        let refusal = repository
            .import(|git| git.write_all(b"nonsense\n"))
            .unwrap_err();
        assert!(refusal.said.contains("fast_import_crash_"), "{refusal:?}");
        assert_eq!(crash_reports(&folder.path().join(".git")), [others]);
    }
}
