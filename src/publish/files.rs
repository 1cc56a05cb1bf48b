//! The files of the output folder that are published.
//!
//! All of them, hidden ones too, but for what pressrun keeps there for itself (`.pressrun-…`) and
//! what belongs to git. Symbolic links are followed: what they lead to is published.

use std::path::{Component, Path, PathBuf};

use crate::error::Error;
use crate::fs;

/// Beginning of the names of files in the output folder that are not part of the site.
const OWN: &str = ".pressrun-";

/// A file of the site.
#[derive(Debug, Clone)]
pub struct File {
    /// Its path below the output folder, with `/` between the names, as bytes.
    pub path: Vec<u8>,
    /// Where it is.
    pub location: PathBuf,
    /// Bytes.
    pub size: u64,
}

impl File {
    /// Its path for a person: what is not Unicode is shown as U+FFFD.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }
}

/// What is in an output folder.
#[derive(Debug, Default)]
pub struct Files {
    /// The files that are published, sorted by path.
    pub files: Vec<File>,
    /// Symbolic links among them, to files and to folders, by their paths.
    pub links: Vec<String>,
    /// Links that lead nowhere, and what else cannot be read.
    pub errors: Vec<Error>,
}

impl Files {
    /// Looks through an output folder.
    pub fn of(output: &Path) -> Self {
        let output = fs::absolute(output);
        let (entries, errors) = fs::walk_all(&output);
        let mut files = Self {
            errors,
            ..Self::default()
        };
        for entry in entries {
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
                files.links.push(fs::slashed(&entry.path));
            }
            if let Some(size) = entry.size {
                files.files.push(File {
                    path: names.join(&b'/'),
                    location: entry.location,
                    size,
                });
            }
        }
        files.files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// Whether a path, given by its names, is part of the site.
fn is_published(names: &[&[u8]]) -> bool {
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
        let files = Files::of(folder.path());
        let names: Vec<String> = files.files.iter().map(File::name).collect();
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
