//! Looks through the folder that posts are written to: which files `ingest` wrote, and which names
//! are taken.
//!
//! Not here: which post gets which file (`plan`).

use std::path::{Path, PathBuf};

use pressrun_posts::post::slug;
use pressrun_site::error::Result;
use pressrun_site::fs::{self, WalkedFile};
use rayon::prelude::*;

use super::front_matter::{self, WrittenOrigin};
use super::same_request::FiledAnswer;
use pressrun_text::similarity::{Sketch, sketch_start};

/// The contents of the folder.
#[derive(Debug, Default)]
pub(super) struct TargetFolder {
    /// Location of the folder.
    pub(super) location: PathBuf,
    /// Files that `ingest` wrote, sorted by path.
    pub(super) ours: Vec<IngestedFile>,
    /// Names of the other files without date and extension, both as slugs and as written.
    pub(super) foreign: Vec<String>,
}

/// A file that `ingest` wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IngestedFile {
    /// Path in the folder, with `/` between its parts.
    pub(super) path: String,
    /// What its front matter says about its origin.
    pub(super) written: WrittenOrigin,
}

impl TargetFolder {
    /// Looks through a folder; one that does not exist is empty.
    ///
    /// A file that cannot be read counts as foreign.
    ///
    /// # Errors
    ///
    /// Returns an error if a folder cannot be listed, because then any name might be taken.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let (mut found, errors) = fs::walk_visible_files(folder);
        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }
        found.retain(|file| file.path.ends_with(".md"));
        let read: Vec<_> = found.into_par_iter().map(read_ingested_file).collect();
        let mut folder = Self {
            location: folder.to_owned(),
            ..Self::default()
        };
        for (path, written) in read {
            match written {
                Some(written) => folder.ours.push(IngestedFile { path, written }),
                None => folder.foreign.extend(reserved_slugs(&path)),
            }
        }
        folder.foreign.extend(names_of_folders(&folder.location)?);
        Ok(folder)
    }

    /// Returns the sketch of the body in a file of `ours`, given by its index.
    ///
    /// A file that cannot be read is similar to nothing.
    pub(super) fn sketch_of(&self, ours: usize) -> Sketch {
        sketch_start(&self.text_of(ours).1)
    }

    /// Returns what shows which request the reply in a file of `ours` answers.
    pub(super) fn answer_of(&self, ours: usize, language: &str) -> FiledAnswer {
        let (title, body) = self.text_of(ours);
        FiledAnswer::new(&self.ours[ours].written, &title, &body, language)
    }

    fn text_of(&self, ours: usize) -> (String, String) {
        let path = self.location.join(&self.ours[ours].path);
        front_matter::ingested_text(&fs::read_whole_file(&path).unwrap_or_default())
    }
}

/// Reads what a file says about its origin, if `ingest` wrote it, and returns it with the path.
fn read_ingested_file(file: WalkedFile) -> (String, Option<WrittenOrigin>) {
    let written = fs::read_whole_file(&file.location)
        .ok()
        .and_then(|bytes| front_matter::parse_ingested_file(&bytes));
    (file.path, written)
}

/// Returns the slugs that folders reserve whose names end in `.md`: no post can have such a name.
fn names_of_folders(folder: &Path) -> Result<Vec<String>> {
    let entries = fs::list_folder(folder)?.into_iter();
    let folders = entries.filter(|entry| entry.is_dir());
    let folder_names = folders.filter_map(|entry| Some(entry.file_name()?.to_str()?.to_owned()));
    let posts = folder_names.filter(|name| name.to_lowercase().ends_with(".md"));
    Ok(posts.flat_map(|name| reserved_slugs(&name)).collect())
}

/// Returns the two slugs that the name of a file reserves: its slug, and the name as written.
pub(super) fn reserved_slugs(path: &str) -> [String; 2] {
    let stem = slug::file_stem(path);
    let undated = match pressrun_posts::post::date::parse_date_prefix(stem) {
        // A date takes ten characters: `2026-05-01`.
        Some(_) => stem[10..].trim_start_matches('-'),
        None => stem,
    };
    [slug::slugify_file_name(path), undated.to_lowercase()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_file_are_those_that_a_post_might_want() {
        assert_eq!(
            reserved_slugs("2024-05-06-My_Post.md"),
            ["my-post", "my_post"]
        );
        assert_eq!(reserved_slugs("sub/a.md"), ["a", "a"]);
    }

    #[test]
    fn folder_that_does_not_exist_is_empty() {
        let folder = TargetFolder::read(Path::new("nowhere/at/all")).unwrap();
        assert!(folder.ours.is_empty() && folder.foreign.is_empty());
    }

    #[test]
    fn only_files_that_say_so_are_ours() {
        let root = tempfile::tempdir().unwrap();
        let post = pressrun_posts::post::Post {
            title: "A".to_owned(),
            body: "Text.".to_owned(),
            ..Default::default()
        };
        let place = front_matter::PlannedPlace {
            file: "r/a.txt",
            record: None,
            slug: "a",
            date: None,
        };
        let ours = front_matter::format_ingested_file(&post, place);
        for (name, text) in [
            ("a.md", ours.as_str()),
            ("b.md", "---\ntitle: B\nsource: a book\n---\n\nText.\n"),
            ("c.md", "Text."),
            ("d.txt", &ours),
        ] {
            std::fs::write(root.path().join(name), text).unwrap();
        }
        std::fs::create_dir(root.path().join("2024-05-06-e.md")).unwrap();
        std::fs::create_dir(root.path().join("f")).unwrap();
        let folder = TargetFolder::read(root.path()).unwrap();
        let paths: Vec<&str> = folder.ours.iter().map(|ours| ours.path.as_str()).collect();
        assert_eq!(paths, ["a.md"]);
        assert_eq!(folder.foreign, ["b", "b", "c", "c", "e", "e"]);
    }
}
