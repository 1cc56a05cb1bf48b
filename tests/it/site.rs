//! Creates a site in a temporary folder and runs the program on it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::schemas::check_output;

/// 2026-06-15, the day that counts as today in every test.
const TODAY: &str = "1781481600";

/// A site that a test writes.
pub(crate) struct Site {
    folder: TempDir,
}

/// The result of a run of the program.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Runs a command of the program.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let run = Self {
            code: output.status.code().expect("the program ends by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        check_output(command.get_args(), &run.stdout);
        run
    }
}

impl Site {
    /// Creates a site without posts, whose posts get dates only from themselves.
    pub(crate) fn new() -> Self {
        Self::with_config("title = \"Test\"\n[content]\ndates = \"none\"\n")
    }

    /// Creates a site with this `site.toml`.
    pub(crate) fn with_config(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }.file("site.toml", config)
    }

    /// Adds or replaces a file.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(path, content);
        self
    }

    /// Adds a labelled reply `content/NAME.txt` with these tags and categories.
    pub(crate) fn reply(self, name: &str, title: &str, tags: &str, categories: &str) -> Self {
        let text = format!(
            "TITLE: {title}\nMETA_DESCRIPTION: About {name}.\nTAGS: {tags}\n\
             CATEGORIES: {categories}\n\nThe text of {name} has a few words.\n\n-EndOFText-\n"
        );
        self.file(&format!("content/{name}.txt"), text)
    }

    /// Adds or replaces a file of a site that already exists.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Removes a file.
    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// Returns the path of a file of the site.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Runs the program in the folder of the site.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command().args(arguments))
    }

    /// Returns a command that runs the program in the folder of the site, for options that
    /// [`Site::run`] lacks.
    pub(crate) fn command(&self) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_pressrun"))
    }

    /// Returns a command that runs another program in the folder of the site, for example a shell.
    pub(crate) fn command_of(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env("SOURCE_DATE_EPOCH", TODAY)
            .env_remove("NO_COLOR");
        command
    }

    /// Builds the site, which must succeed.
    pub(crate) fn build(&self) -> Run {
        self.build_with(&[])
    }

    /// Builds the site with more arguments, which must succeed.
    pub(crate) fn build_with(&self, arguments: &[&str]) -> Run {
        let run = self.run(&[&["build"], arguments].concat());
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        run
    }

    /// Builds the site while another process holds this lock, and checks that the build says so and
    /// waits.
    #[track_caller]
    pub(crate) fn check_build_waits_for(&self, locked: fs::File) {
        let mut build = self
            .command()
            .arg("build")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(build.stderr.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told = "waiting for another pressrun process that is working on this site\n";
        assert_eq!(line, told);
        assert_eq!(build.try_wait().unwrap(), None);
        drop(locked);
        assert!(build.wait().unwrap().success());
    }

    /// Returns the text of a file of the built site.
    #[track_caller]
    pub(crate) fn page(&self, path: &str) -> String {
        let path = self.path("public").join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Returns every file of the built site.
    pub(crate) fn public(&self) -> BTreeMap<String, Vec<u8>> {
        tree(&self.path("public"))
    }
}

/// Returns every file below a folder, by its path with `/` between the names.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).unwrap();
            let path = path.to_str().unwrap().replace('\\', "/");
            (path, fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// Returns the text between two marks.
#[track_caller]
pub(crate) fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let start = text
        .find(from)
        .unwrap_or_else(|| panic!("no {from} in {text}"))
        + from.len();
    let end = text[start..]
        .find(to)
        .unwrap_or_else(|| panic!("no {to} after {from}"));
    &text[start..start + end]
}
