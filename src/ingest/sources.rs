//! Finds the files that the sources of a command line stand for, and names them.
//!
//! A file is named by its path from the folder of the site, with `..` where it lies outside, so
//! that it has one name wherever the command is run and whatever way it was typed.
//!
//! Not here: what is in the files (`pieces`).

use std::collections::HashSet;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Place};
use crate::discover::{self, SourceFile};
use crate::error::{Error, Result};
use crate::fs::{self, Stamp};

/// The files to read, in the order of the command line, those of a folder by path.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// Each file once.
    pub(super) files: Vec<SourceFile>,
    /// What came up while they were looked for.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Finds the files of `sources` for the site at `root`, without those in the folder `into`.
///
/// # Errors
///
/// A source that does not exist, or is neither file nor folder.
pub(super) fn find(root: &Path, sources: &[PathBuf], into: &Path) -> Result<Sources> {
    let mut search = Search {
        root: fs::absolute(root),
        into: fs::absolute(into),
        seen: HashSet::new(),
        found: Sources::default(),
    };
    for source in sources {
        let data = std::fs::metadata(source).map_err(|error| Error::new("read", source, error))?;
        if data.is_dir() {
            search.folder(source);
        } else if data.is_file() {
            search.file(source, Some(Stamp::of(&data)));
        } else {
            // Sources are read twice, which a pipe cannot be.
            let error = io::Error::other("it is no file and no folder; save it to a file first");
            return Err(Error::new("read", source, error));
        }
    }
    Ok(search.found)
}

struct Search {
    root: PathBuf,
    into: PathBuf,
    seen: HashSet<PathBuf>,
    found: Sources,
}

impl Search {
    fn folder(&mut self, folder: &Path) {
        let (found, errors) = fs::walk(folder);
        let before = self.found.files.len();
        let mut passed_over = false;
        for file in found {
            if discover::may_hold_posts(&file.path) {
                passed_over |= !self.file(&file.location, file.stamp);
            }
        }
        for error in &errors {
            let name = self.name(error.path());
            self.found.diagnostics.push(unreadable(&name, error));
        }
        if self.found.files.len() == before && !passed_over {
            let message = "no file in it may hold replies: the names of such files end in .txt, \
                           .md, .markdown, .json, .jsonl or .ndjson";
            let place = Place::file(self.name(folder));
            let help = "give the file itself if it has another name";
            let found = Diagnostic::new(Code::NoPostFound, place, message).help(help);
            self.found.diagnostics.push(found);
        }
    }

    /// Adds a file unless it is there already or is one that is written to; says if it did.
    fn file(&mut self, location: &Path, stamp: Option<Stamp>) -> bool {
        let absolute = fs::absolute(location);
        if absolute.starts_with(&self.into) {
            return false;
        }
        let path: Arc<str> = relative(&self.root, &absolute).into();
        if self.seen.insert(absolute) {
            self.found.files.push(SourceFile {
                path,
                location: location.to_owned(),
                stamp,
            });
        }
        true
    }

    fn name(&self, path: &Path) -> String {
        relative(&self.root, &fs::absolute(path))
    }
}

/// The name of a path: the way to it from the site at `root`.
pub(super) fn name(root: &Path, path: &Path) -> String {
    relative(&fs::absolute(root), &fs::absolute(path))
}

/// The diagnostic for a source that the operating system does not give.
pub(super) fn unreadable(name: &str, error: &Error) -> Diagnostic {
    let message = format!("cannot read it: {}", error.cause());
    let found = Diagnostic::new(Code::UnreadableFile, Place::file(name), message);
    match error.help() {
        Some(help) => found.help(help),
        None => found,
    }
}

/// The path from one place to another, both absolute, with `/` between its parts.
///
/// What is on another drive keeps its whole path.
fn relative(from: &Path, to: &Path) -> String {
    let mut from = from.components().peekable();
    let mut to = to.components().peekable();
    if from.peek() != to.peek() {
        let whole: PathBuf = to.collect();
        return whole.to_string_lossy().replace('\\', "/");
    }
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let up = from.map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to).collect();
    if path.as_os_str().is_empty() {
        ".".to_owned()
    } else {
        fs::slashed(&path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_leads_from_the_site_to_the_source() {
        let check = |from: &str, to: &str, expected: &str| {
            assert_eq!(relative(Path::new(from), Path::new(to)), expected);
        };
        check(
            "/home/me/blog",
            "/home/me/blog/replies/a.txt",
            "replies/a.txt",
        );
        check("/home/me/blog", "/home/me/a b/x.json", "../a b/x.json");
        check("/home/me/blog", "/tmp/x", "../../../tmp/x");
        check("/home/me", "/home/me", ".");
    }

    /// Names of the files found in a site with these files, for these sources.
    fn found(files: &[&str], sources: &[&str]) -> Sources {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let root = folder.path().join("site");
        std::fs::create_dir_all(&root).unwrap();
        let sources: Vec<PathBuf> = sources
            .iter()
            .map(|path| folder.path().join(path))
            .collect();
        find(&root, &sources, &root.join("content/posts")).unwrap()
    }

    #[track_caller]
    fn check(files: &[&str], sources: &[&str], expected: &[&str]) {
        let found = found(files, sources);
        let names: Vec<&str> = found.files.iter().map(|file| &*file.path).collect();
        assert_eq!(names, expected);
        assert!(found.diagnostics.is_empty());
    }

    #[test]
    fn order_is_that_of_the_command_line_and_each_file_comes_once() {
        let files = ["r/b.txt", "r/a.md", "r/x.png", "z.json"];
        check(
            &files,
            &["z.json", "r"],
            &["../z.json", "../r/a.md", "../r/b.txt"],
        );
        check(&files, &["r/b.txt", "r"], &["../r/b.txt", "../r/a.md"]);
    }

    #[test]
    fn ending_does_not_matter_for_a_file_that_is_named() {
        check(&["site/x.log"], &["site/x.log"], &["x.log"]);
    }

    #[test]
    fn files_that_ingest_writes_are_no_sources() {
        let files = ["site/content/posts/a.md", "site/content/b.txt"];
        check(&files, &["site/content"], &["content/b.txt"]);
        check(&files, &["site/content/posts"], &[]);
    }

    #[test]
    fn folder_without_replies_is_told_so() {
        let found = found(&["r/x.png"], &["r"]);
        assert_eq!(found.diagnostics[0].code, Code::NoPostFound);
        assert_eq!(&*found.diagnostics[0].place.file, "../r");
    }
}
