//! Finds the files that the arguments of a command line stand for, and names them.
//!
//! The name of a file is its path from the folder of the site, with `..` if it lies outside. So a
//! file has the same name in whatever folder the command is run, and however its path was typed.
//!
//! Not here: what the files contain (`pieces`).

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_site::discover::{self, SourceFile};
use pressrun_site::error::{Result, SystemError};
use pressrun_site::fs::{self, FileStamp};

/// The files to read, in the order of the command line; those of a folder are sorted by path.
#[derive(Debug, Default)]
pub(super) struct IngestSources {
    /// Each file, once.
    pub(super) files: Vec<SourceFile>,
    /// Diagnostics from looking for them.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Finds the files of `sources` for the site at `root`, leaving out those in the folder `into`.
///
/// # Errors
///
/// Returns an error if a source does not exist or is neither a file nor a folder.
pub(super) fn find_sources(root: &Path, sources: &[PathBuf], into: &Path) -> Result<IngestSources> {
    let mut search = SourceSearch {
        root: fs::resolve_path(root),
        into: fs::resolve_path(into),
        seen: HashSet::new(),
        found: IngestSources::default(),
    };
    for source in sources {
        let data =
            std::fs::metadata(source).map_err(|error| SystemError::new("read", source, error))?;
        if data.is_dir() {
            search.add_folder(source);
        } else if data.is_file() {
            search.add_file(source, Some(FileStamp::of_metadata(&data)));
        } else {
            // Sources are read twice, and a pipe can be read only once.
            let error = io::Error::other(
                "it is neither a file nor a folder; save it to a file \
                                          first",
            );
            return Err(SystemError::new("read", source, error));
        }
    }
    Ok(search.found)
}

struct SourceSearch {
    root: PathBuf,
    into: PathBuf,
    seen: HashSet<PathBuf>,
    found: IngestSources,
}

impl SourceSearch {
    fn add_folder(&mut self, folder: &Path) {
        let (found, errors) = fs::walk_visible_files(folder);
        let before = self.found.files.len();
        let mut passed_over = false;
        for file in found {
            if discover::may_hold_posts(&file.path) {
                passed_over |= !self.add_file(&file.location, file.stamp);
            }
        }
        for error in &errors {
            let name = self.name(error.path());
            self.found
                .diagnostics
                .push(report_unreadable_source(&name, error));
        }
        if self.found.files.len() == before && !passed_over {
            let message = "no file in it can contain replies: such files end in .txt, .md, \
                           .markdown, .mdx, .json, .jsonl, .ndjson or .parquet";
            let place = FilePlace::file(self.name(folder));
            let help = "if the file has another ending, name the file itself";
            let found = Diagnostic::new(Code::NoPostFound, place, message).with_help(help);
            self.found.diagnostics.push(found);
        }
    }

    /// Adds a file unless it was added before. Returns false if it lies in the folder that is
    /// written to.
    fn add_file(&mut self, location: &Path, stamp: Option<FileStamp>) -> bool {
        let absolute = fs::resolve_path(location);
        if absolute.starts_with(&self.into) {
            return false;
        }
        let path: Arc<str> = relative_path(&self.root, &absolute).into();
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
        relative_path(&self.root, &fs::resolve_path(path))
    }
}

/// Returns the name of a path: how to reach it from the site at `root`.
pub(super) fn name_source(root: &Path, path: &Path) -> String {
    relative_path(&fs::resolve_path(root), &fs::resolve_path(path))
}

/// Returns the diagnostic for a source that cannot be read.
pub(super) fn report_unreadable_source(name: &str, error: &SystemError) -> Diagnostic {
    let message = format!("cannot be read: {}", error.cause());
    let found = Diagnostic::new(Code::UnreadableFile, FilePlace::file(name), message);
    match error.help() {
        Some(help) => found.with_help(help),
        None => found,
    }
}

/// Returns the relative path from one absolute path to another, with `/` between its parts.
///
/// A path on another drive is returned whole.
fn relative_path(from: &Path, to: &Path) -> String {
    match fs::relative_path(from, to) {
        Some(path) => fs::path_with_slashes(&path),
        None => to.to_string_lossy().replace('\\', "/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_leads_from_the_site_to_the_source() {
        let check = |from: &str, to: &str, expected: &str| {
            assert_eq!(relative_path(Path::new(from), Path::new(to)), expected);
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

    /// Returns the names of the files found for these sources in a site with these files.
    fn found(files: &[&str], sources: &[&str]) -> IngestSources {
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
        find_sources(&root, &sources, &root.join("content/posts")).unwrap()
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
    fn files_that_ingest_writes_are_not_sources() {
        let files = ["site/content/posts/a.md", "site/content/b.txt"];
        check(&files, &["site/content"], &["content/b.txt"]);
        check(&files, &["site/content/posts"], &[]);
    }

    #[test]
    fn folder_without_replies_is_reported() {
        let found = found(&["r/x.png"], &["r"]);
        assert_eq!(found.diagnostics[0].code, Code::NoPostFound);
        assert_eq!(&*found.diagnostics[0].place.file, "../r");
    }
}
