//! The files of a site by their paths, to find two of which a file system can hold only one.
//!
//! Paths that differ only in case or in Unicode normalisation count as equal, because some file
//! systems treat them as one. A file excludes a folder at its path, and a folder one of the same
//! name that is spelled differently.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::fs::{above, folded};

/// Files with their owners, by their paths in the output folder.
#[derive(Debug)]
pub(crate) struct FilePaths<'p, T> {
    files: HashMap<Cow<'p, str>, T>,
    /// Each folder with its spelling and the owner of the first file in it.
    folders: HashMap<Cow<'p, str>, (Cow<'p, str>, T)>,
}

impl<'p, T: Copy> FilePaths<'p, T> {
    /// Creates it with room for some files.
    pub(crate) fn with_capacity(files: usize) -> Self {
        Self {
            files: HashMap::with_capacity(files),
            folders: HashMap::new(),
        }
    }

    /// Returns the owner of the file at a path.
    pub(crate) fn file_owner(&self, file: &str) -> Option<T> {
        self.files.get(&folded(file)).copied()
    }

    /// Returns the owner of the first file in the folder at a path.
    pub(crate) fn folder_owner(&self, folder: &str) -> Option<T> {
        self.folders.get(&folded(folder)).map(|&(_, owner)| owner)
    }

    /// Returns the owner of what keeps a file from its path.
    pub(crate) fn find_owner(&self, file: &str) -> Option<T> {
        let at_path = self.file_owner(file).or_else(|| self.folder_owner(file));
        at_path.or_else(|| {
            above(file).find_map(|folder| {
                let other = self.spelled_differently(folder);
                self.file_owner(folder).or(other)
            })
        })
    }

    /// Returns the owner of the first file in a folder that is this one by its name only.
    pub(crate) fn spelled_differently(&self, folder: &str) -> Option<T> {
        let (spelled, owner) = self.folders.get(&folded(folder))?;
        (spelled != folder).then_some(*owner)
    }

    /// Records a file and its folders, even if another file excludes it.
    pub(crate) fn enter(&mut self, file: Cow<'p, str>, owner: T) {
        let mut end = file.len();
        while let Some(at) = file[..end].rfind('/') {
            end = at;
            let folder = cut(&file, end);
            let key = fold(folder.clone());
            // The parents of a known folder are known too.
            if self.folders.contains_key(&key) {
                break;
            }
            self.folders.insert(key, (folder, owner));
        }
        self.files.entry(fold(file)).or_insert(owner);
    }
}

fn cut<'p>(path: &Cow<'p, str>, end: usize) -> Cow<'p, str> {
    match path {
        Cow::Borrowed(path) => Cow::Borrowed(&path[..end]),
        Cow::Owned(path) => Cow::Owned(path[..end].to_owned()),
    }
}

fn fold(path: Cow<'_, str>) -> Cow<'_, str> {
    match path {
        Cow::Borrowed(path) => folded(path),
        Cow::Owned(path) => match folded(&path) {
            Cow::Borrowed(_) => Cow::Owned(path),
            Cow::Owned(folded) => Cow::Owned(folded),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, expected: Option<u32>) {
        for is_owned in [false, true] {
            let mut paths = FilePaths::with_capacity(3);
            for (file, owner) in [("a/index.html", 1), ("B/c/x.html", 2), ("b/D/y.html", 3)] {
                let file = if is_owned {
                    Cow::Owned(file.to_owned())
                } else {
                    Cow::Borrowed(file)
                };
                paths.enter(file, owner);
            }
            assert_eq!(paths.find_owner(file), expected, "{file}");
        }
    }

    #[test]
    fn file_is_kept_out_by_files_folders_and_other_spellings() {
        check("A/Index.html", Some(1));
        check("a/index.html/x", Some(1));
        check("b", Some(2));
        check("B/C/y.html", Some(2));
        check("b/D/z.html", Some(2));
        check("B/D/z.html", Some(3));
        check("B/d/z.html", Some(3));
        check("B/c/other.html", None);
        check("a/other.html", None);
        check("e/index.html", None);
    }
}
