//! Lists the files of the output folder that are published.
//!
//! These are all files, including hidden ones, except pressrun's own (`.pressrun-…`) and git's.
//! Symbolic links are followed: their targets are published.

use std::path::{Component, Path, PathBuf};

use pressrun_site::corpus::own_paths::file_of;
use pressrun_site::error::SystemError;
use pressrun_site::fs;

/// Prefix of the names of files in the output folder that are not part of the site.
const OWN: &str = ".pressrun-";

/// A file of the site.
#[derive(Debug, Clone)]
pub struct PublishedFile {
    /// Its path below the output folder, with `/` between the names, as bytes.
    pub path: Vec<u8>,
    /// Its location.
    pub location: PathBuf,
    /// Size in bytes.
    pub size: u64,
}

impl PublishedFile {
    /// Returns its path for a person; what is not Unicode is shown as U+FFFD.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }
}

/// The contents of an output folder.
#[derive(Debug, Default)]
pub struct PublishedFiles {
    /// The files that are published, sorted by path.
    pub files: Vec<PublishedFile>,
    /// Paths of the symbolic links among them, to files and to folders.
    pub links: Vec<String>,
    /// Links that lead nowhere, and anything else that cannot be read.
    pub errors: Vec<SystemError>,
}

impl PublishedFiles {
    /// Looks through an output folder.
    pub fn in_folder(output: &Path) -> Self {
        let output = fs::resolve_path(output);
        let (entries, errors) = fs::walk_all_entries(&output);
        let mut files = Self {
            errors,
            ..Self::default()
        };
        for entry in entries {
            // As bytes, because git stores paths as bytes and not all of them are Unicode.
            let names: Vec<&[u8]> = entry
                .path
                .components()
                .map(Component::as_os_str)
                .map(std::ffi::OsStr::as_encoded_bytes)
                .collect();
            if !is_published(&names) {
                continue;
            }
            if entry.link {
                files.links.push(fs::path_with_slashes(&entry.path));
            }
            if let Some(size) = entry.size {
                files.files.push(PublishedFile {
                    path: names.join(&b'/'),
                    location: entry.location,
                    size,
                });
            }
        }
        // `walk_all` sorts by components, git by bytes.
        files.files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// Returns whether there is a page at a path from the root of the site.
    pub(super) fn contains_page(&self, path: &str) -> bool {
        let file = file_of(path);
        let found = self
            .files
            .binary_search_by(|one| (*one.path).cmp(file.as_bytes()));
        found.is_ok()
    }

    /// Returns the size of all files in bytes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// Returns whether a path, given as its names, is part of the site.
fn is_published(names: &[&[u8]]) -> bool {
    // Only at the top: a post may have a folder with such a name.
    let own = names
        .first()
        .is_some_and(|name| name.starts_with(OWN.as_bytes()));
    !own && !names.iter().any(|name| name.eq_ignore_ascii_case(b".git"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_are_published_and_ours_and_gits_are_not() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            ".nojekyll",
            ".well-known/security.txt",
            "b.html",
            "a/.pressrun-manifest",
            ".pressrun-manifest",
            ".pressrun-staging/0",
            ".git",
            "sub/.git/config",
        ] {
            fs::write_with_folder(&folder.path().join(path), b"x").unwrap();
        }
        let files = PublishedFiles::in_folder(folder.path());
        let names: Vec<String> = files.files.iter().map(PublishedFile::name).collect();
        assert_eq!(
            names,
            [
                ".nojekyll",
                ".well-known/security.txt",
                "a/.pressrun-manifest",
                "b.html"
            ]
        );
        assert_eq!(files.bytes(), 4);
    }
}
