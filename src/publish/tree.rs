//! Stores the site in git: an object for each file, and a tree of all files.
//!
//! Objects contain the files byte for byte: no filter, line ending or ignore rule in the user's
//! settings has an effect. `git fast-import` writes the objects that the published site does not
//! have yet, and the tree, into one pack. No index and no work tree is needed.

use std::io::{self, Write};

use pressrun_site::error::SystemError;
use pressrun_site::fs;
use pressrun_site::git::{GitRefusal, GitResult, Repository};

use super::branch::Entries;
use super::files::PublishedFile;
use super::remote::BranchTip;

/// Git's mode of a plain file. A site has no others.
const PLAIN: &str = "100644";

/// Name of a branch that is never created.
const NOWHERE: &str = "refs/pressrun/nowhere";

/// The mark of the commit on that branch; files have marks from 1.
const COMMIT: usize = 1_000_000_000;

/// The files of a site, each with the name of its object.
#[derive(Debug)]
pub(super) struct TreeSnapshot<'a> {
    repository: &'a Repository,
    files: Vec<(&'a PublishedFile, String)>,
}

/// How a site differs from the published one. The public lists contain sorted paths for people.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct TreeChanges {
    /// New files.
    pub added: Vec<String>,
    /// Files with other contents.
    pub changed: Vec<String>,
    /// Removed files.
    pub removed: Vec<String>,
    /// Indexes of the files whose objects must be written.
    positions: Vec<usize>,
    /// Paths of the removed files.
    gone: Vec<Vec<u8>>,
}

impl TreeChanges {
    /// Returns whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

impl<'a> TreeSnapshot<'a> {
    /// Puts files together with the names of their objects, which need not exist.
    pub(super) fn new(
        repository: &'a Repository,
        files: &'a [PublishedFile],
        objects: Vec<String>,
    ) -> Self {
        Self {
            repository,
            files: files.iter().zip(objects).collect(),
        }
    }

    /// Returns how the site differs from the files of a commit.
    pub(super) fn compare_with(&self, mut old: Entries) -> TreeChanges {
        let mut changes = TreeChanges::default();
        for (at, (file, object)) in self.files.iter().enumerate() {
            // What remains in `old` in the end has no file any more.
            let list = match old.remove(&file.path) {
                None => &mut changes.added,
                // A symbolic link or an executable of the same name counts as changed.
                Some((mode, known)) if mode != PLAIN || known != *object => &mut changes.changed,
                Some(_) => continue,
            };
            list.push(file.name());
            changes.positions.push(at);
        }
        changes.gone = old.into_keys().collect();
        let name = |path: &Vec<u8>| String::from_utf8_lossy(path).into_owned();
        changes.removed = changes.gone.iter().map(name).collect();
        changes
    }

    /// Writes the new objects and the tree, and returns the name of the tree.
    ///
    /// # Errors
    ///
    /// Returns an error if git refuses, or if a file has changed meanwhile.
    pub(super) fn write_tree(&self, changes: &TreeChanges, tip: Option<&BranchTip>) -> GitResult {
        let mut unreadable = None;
        let printed = self.repository.import(|git| {
            unreadable = self.write_import_script(changes, tip, git)?;
            Ok(())
        });
        if let Some(error) = unreadable {
            return Err(changed_meanwhile_refusal(&format!(
                "{error}: {}",
                error.cause()
            )));
        }
        let printed = printed?;
        let printed = String::from_utf8_lossy(&printed);
        let mut lines = printed.lines();
        let written = lines.by_ref().take(changes.positions.len());
        // The names were computed before; other names now mean other contents.
        if !written.eq(changes.positions.iter().map(|&at| &self.files[at].1)) {
            return Err(changed_meanwhile_refusal(
                "the contents of some files differ from before",
            ));
        }
        // The answer to `ls` is mode, type, object and path.
        let tree = lines.next().and_then(|line| line.split([' ', '\t']).nth(2));
        tree.map(str::to_owned)
            .ok_or_else(|| changed_meanwhile_refusal("git did not print the tree"))
    }

    /// Writes the input of `git fast-import`: write the new objects, and change the tree of the tip
    /// to the new one. It prints the names of the objects, and then the tree. If a file cannot be
    /// read, the input ends before the tree, and the error is returned.
    ///
    /// fast-import makes a tree only for a commit, and a commit only on a branch. The branch is
    /// reset before the end, so it is never created, and the commit belongs to no branch.
    fn write_import_script(
        &self,
        changes: &TreeChanges,
        tip: Option<&BranchTip>,
        git: &mut dyn Write,
    ) -> io::Result<Option<SystemError>> {
        for (&at, mark) in changes.positions.iter().zip(1..) {
            let (file, _) = &self.files[at];
            let bytes = match fs::read_whole_file(&file.location) {
                Ok(bytes) => bytes,
                Err(error) => {
                    // Input that just breaks off is a crash for git, which leaves a report behind.
                    git.write_all(b"done\n")?;
                    return Ok(Some(error));
                }
            };
            write!(git, "blob\nmark :{mark}\ndata {}\n", bytes.len())?;
            git.write_all(&bytes)?;
            write!(git, "\nget-mark :{mark}\n")?;
        }
        write!(
            git,
            "commit {NOWHERE}\nmark :{COMMIT}\ncommitter x <> 0 +0000\ndata 0\n"
        )?;
        if let Some(tip) = tip {
            writeln!(git, "from {}", tip.commit)?;
        }
        // Removals first: a file may take the place of a folder, and a folder that of a file.
        for path in &changes.gone {
            write_line(git, b"D ", path)?;
        }
        for (&at, mark) in changes.positions.iter().zip(1..) {
            let head = format!("M {PLAIN} :{mark} ");
            write_line(git, head.as_bytes(), &self.files[at].0.path)?;
        }
        // The reset names no commit. If it named the null object, git would create a folder for
        // the lock of the ref, and leave it behind.
        write!(git, "\nls :{COMMIT} \"\"\nreset {NOWHERE}\n\ndone\n")?;
        Ok(None)
    }
}

/// Returns the files of a commit.
pub(super) fn entries(repository: &Repository, tip: &BranchTip) -> GitResult<Entries> {
    let list = ["ls-tree", "-r", "-z", "--full-tree", tip.commit.as_str()];
    Ok(parse_ls_tree(&repository.bytes(list, b"")?))
}

/// Parses the output of `git ls-tree -z` into mode and object by path.
fn parse_ls_tree(listing: &[u8]) -> Entries {
    let entries = listing.split(|&byte| byte == 0).filter_map(|entry| {
        // An entry is mode, type and object, then a tab and the path.
        let tab = memchr::memchr(b'\t', entry)?;
        let head = std::str::from_utf8(&entry[..tab]).ok()?;
        let mut words = head.split(' ');
        let (mode, object) = (words.next()?, words.nth(1)?);
        Some((
            entry[tab + 1..].to_vec(),
            (mode.to_owned(), object.to_owned()),
        ))
    });
    entries.collect()
}

/// Writes a line of `git fast-import` that ends in a path.
fn write_line(git: &mut dyn Write, head: &[u8], path: &[u8]) -> io::Result<()> {
    git.write_all(head)?;
    git.write_all(&quote_git_path(path))?;
    git.write_all(b"\n")
}

/// Computes the names of files' objects with a single git process, which writes none.
pub(super) fn hash_objects(
    repository: &Repository,
    files: &[PublishedFile],
) -> GitResult<Vec<String>> {
    let command = ["hash-object", "--stdin-paths", "--no-filters"];
    let printed = repository.feed(command, |git| {
        for file in files {
            write_line(git, b"", file.location.as_os_str().as_encoded_bytes())?;
        }
        Ok(())
    })?;
    let names: Vec<String> = String::from_utf8_lossy(&printed)
        .lines()
        .map(str::to_owned)
        .collect();
    if names.len() == files.len() {
        Ok(names)
    } else {
        Err(changed_meanwhile_refusal("git did not read all files"))
    }
}

/// Returns the error for files that change while they are being published.
fn changed_meanwhile_refusal(how: &str) -> GitRefusal {
    GitRefusal {
        command: "git fast-import".to_owned(),
        said: format!("the site changed while it was being read, so run the command again: {how}"),
        missing: false,
    }
}

/// Formats a path for a line of git's input; a path with control characters is quoted.
fn quote_git_path(bytes: &[u8]) -> Vec<u8> {
    if !bytes.iter().any(u8::is_ascii_control) && bytes.first() != Some(&b'"') {
        return bytes.to_vec();
    }
    let mut quoted = vec![b'"'];
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => quoted.extend([b'\\', byte]),
            byte if byte.is_ascii_control() => quoted.extend(format!("\\{byte:03o}").bytes()),
            byte => quoted.push(byte),
        }
    }
    quoted.push(b'"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tree_is_listed_with_any_byte_in_its_paths() {
        let found = parse_ls_tree(b"100644 blob abc\ta\tb\n\xff\x00120000 blob def\tc\x00");
        let entry = |mode: &str, object: &str| (mode.to_owned(), object.to_owned());
        assert_eq!(found[&b"a\tb\n\xff"[..]], entry("100644", "abc"));
        assert_eq!(found[&b"c"[..]], entry("120000", "def"));
    }

    proptest! {
        #[test]
        fn listing_of_a_tree_may_be_anything(listing: Vec<u8>) {
            let paths = memchr::memchr_iter(b'\t', &listing).count();
            prop_assert!(parse_ls_tree(&listing).len() <= paths);
        }
    }

    #[test]
    fn path_that_would_break_its_line_is_quoted() {
        let plain = "/a b/ü\\\".png".as_bytes();
        assert_eq!(quote_git_path(plain), plain);
        assert_eq!(quote_git_path(b"/a\n\"b\\"), b"\"/a\\012\\\"b\\\\\"");
    }
}
