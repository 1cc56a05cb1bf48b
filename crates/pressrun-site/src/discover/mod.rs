//! Finds the files that may contain posts, and the media files beside them.
//!
//! Not here: the content of the files (`pressrun-posts`), and templates and static files, which
//! `render` finds.

pub mod dates;
mod translations;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::role::is_home_text;

use crate::error::{Result, SystemError};
use crate::fs::{self, FileStamp};
pub(crate) use translations::NamedTranslation;

/// The folder of a site that contains its posts.
pub const FOLDER: &str = "content";

/// The file extensions of files that may contain posts.
const ENDINGS: [&str; 8] = [
    "txt", "md", "markdown", "mdx", "json", "jsonl", "ndjson", "parquet",
];

/// The folder whose posts are drafts, wherever it is.
const DRAFTS: &str = "_drafts";

/// The folder of posts in Jekyll, a folder like others.
const POSTS: &str = "_posts";

/// Names of files about the site itself, whatever their extensions and their case.
const ABOUT_THE_SITE: [&str; 4] = ["readme", "license", "changelog", "contributing"];

/// The file extensions of media files, which are published unchanged.
///
/// Content is untrusted, so these are only formats that cannot run scripts. SVG files belong in
/// `static/`.
const MEDIA: [&str; 11] = [
    "png", "jpg", "jpeg", "gif", "webp", "avif", "mp4", "webm", "mp3", "ogg", "pdf",
];

/// The most bytes of the path of such a file. Systems limit the length of paths, macOS to 1,024
/// bytes, and the published file has a longer path than its source while it is written.
const MOST_MEDIA_PATH: usize = 900;

/// A file of the content.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path from the site root, with `/` as separator.
    pub path: Arc<str>,
    /// The path for reading it.
    pub location: PathBuf,
    /// Metadata that shows whether it changed; `None` if the system does not provide it.
    pub stamp: Option<FileStamp>,
}

/// The files in the content folder.
#[derive(Debug, Default)]
pub struct DiscoveredFiles {
    /// Files that may contain posts, sorted by path.
    pub files: Vec<SourceFile>,
    /// Pictures, audio and video, sorted by path.
    pub media: Vec<SourceFile>,
    /// Reports of unreadable files and folders, and of files that are ignored.
    pub diagnostics: Vec<Diagnostic>,
    /// What the names of files say about the languages of their texts, by path.
    pub(crate) translations: HashMap<Arc<str>, NamedTranslation>,
}

impl DiscoveredFiles {
    /// Returns whether nothing changed since `before`, except the content of files that may contain
    /// posts.
    pub(crate) fn has_same_paths(&self, before: &Self) -> bool {
        let media = |file: &SourceFile| (Arc::clone(&file.path), file.stamp);
        let files = self.files.iter().map(|file| &file.path);
        files.eq(before.files.iter().map(|file| &file.path))
            && self
                .media
                .iter()
                .map(media)
                .eq(before.media.iter().map(media))
            && self.diagnostics == before.diagnostics
    }

    /// Returns whether there is a file or folder with this path from the site root.
    pub(crate) fn has_path(&self, path: &str) -> bool {
        // A folder is there if a file below it is. `content/a` does not match `content/ab`.
        let is_it = |known: &str| {
            known
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let files = self.files.iter().chain(&self.media);
        files.map(|file| &*file.path).any(is_it)
            || self.diagnostics.iter().any(|one| is_it(&one.place.file))
    }
}

/// Lists the content folder of the site at `root`.
///
/// # Errors
///
/// A folder that cannot be listed. It may contain posts, and leaving them out would change the
/// site.
pub fn discover_files(root: &Path) -> Result<DiscoveredFiles> {
    let folder = root.join(FOLDER);
    let (found, mut errors) = fs::walk_files_with_hidden(&folder);
    // An error that concerns one file is reported; any other error stops the build.
    let stops = |error: &SystemError| error.path() == folder || !error.is_of_one_file();
    if let Some(at) = errors.iter().position(stops) {
        return Err(errors.swap_remove(at));
    }
    let mut discovered = DiscoveredFiles {
        diagnostics: errors
            .iter()
            .map(|error| report_unreadable_file(root, error))
            .collect(),
        ..DiscoveredFiles::default()
    };
    for file in found {
        let source = SourceFile {
            path: format!("{FOLDER}/{}", file.path).into(),
            location: file.location,
            stamp: file.stamp,
        };
        if may_hold_posts(&source.path) {
            let why = find_why_no_post(&file.path).filter(|_| !is_home_text(&source.path));
            match why {
                None => discovered.files.push(source),
                Some(why) => discovered.diagnostics.push(report_no_post(&source, why)),
            }
        } else if fs::is_ignored_path(&file.path) {
            // What a program keeps beside the posts, such as `.DS_Store`.
        } else if has_extension(&source.path, &MEDIA) {
            if source.path.len() > MOST_MEDIA_PATH {
                discovered.diagnostics.push(too_long(&source));
            } else {
                discovered.media.push(source);
            }
        } else {
            discovered.diagnostics.push(report_ignored_file(&source));
        }
    }
    discovered.translations = translations::find_named_translations(&discovered.files);
    Ok(discovered)
}

/// Returns the diagnostic for a file of the site at `root` that cannot be read.
pub(crate) fn report_unreadable_file(root: &Path, error: &SystemError) -> Diagnostic {
    let path = error.path().strip_prefix(root).unwrap_or(error.path());
    let message = format!("cannot be read: {}", error.cause());
    let found = Diagnostic::new(
        Code::UnreadableFile,
        FilePlace::file(fs::path_with_slashes(path)),
        message,
    );
    match error.help() {
        Some(help) => found.with_help(help),
        None => found.with_help("repair it, rename it, or move it out of `content/`"),
    }
}

fn too_long(file: &SourceFile) -> Diagnostic {
    let message = format!(
        "cannot be published: its path has {} bytes, and the maximum is {MOST_MEDIA_PATH}",
        file.path.len()
    );
    Diagnostic::new(
        Code::UnreadableFile,
        FilePlace::file(file.path.clone()),
        message,
    )
    .with_help("put it into fewer folders, or give them shorter names")
}

/// Returns whether all posts of a file are drafts, because it is in a folder `_drafts`.
pub fn is_draft_path(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| folder == DRAFTS)
}

/// Returns why a file of the content folder holds no posts although its extension is theirs.
fn find_why_no_post(path: &str) -> Option<&'static str> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_private = |name: &str| name.starts_with(['_', '.']);
    let mut folders = folders.split('/');
    if folders.any(|folder| is_private(folder) && folder != DRAFTS && folder != POSTS) {
        return Some("no posts are read from a folder whose name begins with `_` or `.`");
    }
    if is_private(name) {
        return Some("no posts are read from a file whose name begins with `_` or `.`");
    }
    let stem = name.split('.').next().unwrap_or(name);
    ABOUT_THE_SITE
        .iter()
        .any(|known| stem.eq_ignore_ascii_case(known))
        .then_some("no posts are read from a file with this name")
}

fn report_no_post(file: &SourceFile, why: &str) -> Diagnostic {
    let place = FilePlace::file(file.path.clone());
    Diagnostic::new(Code::IgnoredFile, place, why)
        .with_help("if it is a post, give it another name or move it to another folder")
}

fn report_ignored_file(file: &SourceFile) -> Diagnostic {
    Diagnostic::new(
        Code::IgnoredFile,
        FilePlace::file(file.path.clone()),
        "files of this type contain no posts and are not published",
    )
    .with_help("put it into `static/` to publish it, or rename it to `.txt` or `.md`")
}

/// Returns whether a file with this name may contain posts.
pub fn may_hold_posts(path: &str) -> bool {
    has_extension(path, &ENDINGS)
}

fn has_extension(path: &str, endings: &[&str]) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    endings
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ending_decides_whatever_its_case() {
        assert!(may_hold_posts("content/a.TXT"));
        assert!(may_hold_posts("content/a.b/c.jsonl"));
        assert!(may_hold_posts("content/words.parquet"));
        assert!(!may_hold_posts("content/a.png"));
        assert!(!may_hold_posts("content/txt"));
    }

    #[test]
    fn names_decide_what_holds_no_posts() {
        for (path, is_post) in [
            ("a.md", true),
            ("_posts/a.md", true),
            ("a/_drafts/b.md", true),
            ("_a.md", false),
            (".a.md", false),
            ("_includes/a.md", false),
            ("_posts/_a.md", false),
            (".obsidian/a.json", false),
            ("Readme.md", false),
            ("a/LICENSE.txt", false),
            ("changelog.en.md", false),
            ("readme-first.md", true),
        ] {
            assert_eq!(find_why_no_post(path).is_none(), is_post, "{path}");
        }
        assert!(is_draft_path("content/a/_drafts/b.md"));
        assert!(!is_draft_path("content/_drafts.md"));
    }

    #[test]
    fn hidden_and_backup_files_are_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let content = root.path().join(FOLDER);
        std::fs::create_dir_all(content.join(".git")).unwrap();
        for name in [
            "b.txt",
            "a.md",
            ".c.txt",
            "d.txt~",
            ".git/e.txt",
            "f.png",
            "g.svg",
        ] {
            std::fs::write(content.join(name), "x").unwrap();
        }
        let discovered = discover_files(root.path()).unwrap();
        let paths: Vec<&str> = discovered.files.iter().map(|f| &*f.path).collect();
        assert_eq!(paths, ["content/a.md", "content/b.txt"]);
        assert_eq!(&*discovered.media[0].path, "content/f.png");
        let ignored: Vec<&str> = discovered
            .diagnostics
            .iter()
            .map(|found| &*found.place.file)
            .collect();
        assert_eq!(ignored, ["content/.c.txt", "content/g.svg"]);
    }

    #[test]
    fn site_without_content_has_no_files() {
        let root = tempfile::tempdir().unwrap();
        let discovered = discover_files(root.path()).unwrap();
        assert!(discovered.files.is_empty() && discovered.diagnostics.is_empty());
    }
}
