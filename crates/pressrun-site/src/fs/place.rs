//! Replacing files: checks whether a file can be replaced, does it, and undoes it.

use std::path::Path;
use std::{fs, io};

use super::create_folder;
use crate::error::{Result, SystemError};

/// Checks that files may be added to a folder and removed from it. If the folder does not exist,
/// checks that it may be created. On systems without a permission query, nothing is checked.
pub fn check_writable(path: &Path) -> Result<()> {
    for folder in path.ancestors() {
        let failed = |error| SystemError::new("write to the folder", folder, error);
        match folder.metadata() {
            Ok(data) if data.is_dir() => return may_write(folder).map_err(failed),
            // A file in the place of the folder is checked elsewhere.
            Ok(_) => return Ok(()),
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(())
}

/// Returns whether an error means that nothing exists at a path.
pub fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

#[cfg(unix)]
fn may_write(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

#[cfg(not(unix))]
fn may_write(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Checks that a file may be replaced or removed. Succeeds if it does not exist. Permissions of its
/// folder are not checked here.
pub fn check_replaceable(path: &Path) -> Result<()> {
    match bound(path) {
        None => Ok(()),
        Some(why) => Err(SystemError::new("replace", path, io::Error::other(why))),
    }
}

/// Checks that files can be moved to a folder below `above` from another folder below it.
pub fn check_same_disk(folder: &Path, above: &Path) -> Result<()> {
    if is_same_disk(folder, above) && !is_mounted(folder) {
        return Ok(());
    }
    let why = "it is on another disk, and files cannot be moved between disks";
    Err(SystemError::new(
        "write to the folder",
        folder,
        io::Error::other(why),
    ))
}

#[cfg(unix)]
fn is_same_disk(folder: &Path, above: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (folder.metadata(), above.metadata()) {
        (Ok(folder), Ok(above)) => folder.dev() == above.dev(),
        _ => true,
    }
}

#[cfg(not(unix))]
fn is_same_disk(_: &Path, _: &Path) -> bool {
    true
}

/// Returns why the system lets nobody replace a file, not even root. Returns `None` if it can be
/// replaced, or if the system does not say.
#[cfg(target_os = "linux")]
fn bound(path: &Path) -> Option<&'static str> {
    use rustix::fs::StatxAttributes;
    let attributes = attributes(path)?;
    if attributes.contains(StatxAttributes::IMMUTABLE) {
        return Some("it is immutable; run `chattr -i` so that it can be replaced");
    }
    if attributes.contains(StatxAttributes::APPEND) {
        return Some("it is append-only; run `chattr -a` so that it can be replaced");
    }
    let is_mounted = attributes.contains(StatxAttributes::MOUNT_ROOT);
    is_mounted.then_some("another file is mounted there; run `umount` so that it can be replaced")
}

#[cfg(target_os = "linux")]
fn is_mounted(folder: &Path) -> bool {
    use rustix::fs::StatxAttributes;
    attributes(folder).is_some_and(|found| found.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(target_os = "linux")]
fn attributes(path: &Path) -> Option<rustix::fs::StatxAttributes> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    let found = statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE).ok()?;
    Some(found.stx_attributes)
}

#[cfg(not(target_os = "linux"))]
fn bound(_: &Path) -> Option<&'static str> {
    None
}

#[cfg(not(target_os = "linux"))]
fn is_mounted(_: &Path) -> bool {
    false
}

/// Keeps a file under a second name, so that it survives when the first name is given to another
/// file. Copies it if the file system has no hard links. Returns `false` if there is no file.
pub fn keep(path: &Path, second: &Path) -> Result<bool> {
    let kept = match fs::hard_link(path, second) {
        Err(error) if is_missing(&error) => return Ok(false),
        Err(_) if path.is_dir() && !path.is_symlink() => return Ok(false),
        Err(_) => fs::copy(path, second).map(drop),
        linked => linked,
    };
    match kept {
        Ok(()) => Ok(true),
        Err(error) => Err(SystemError::new("keep a copy of", path, error)),
    }
}

/// Renames a file within a file system in one step, and replaces the file that was there.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(|error| SystemError::new("move a file to", to, error))
}

/// Does the same, and creates the folder if it is missing.
pub fn rename_into(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        create_folder(folder)?;
    }
    rename(from, to)
}

/// Waits until the disk has stored a file or folder, so that it survives a power failure.
pub fn sync(path: &Path) -> Result<()> {
    // Windows cannot do this for folders.
    if cfg!(windows) && path.is_dir() {
        return Ok(());
    }
    let file = fs::File::options()
        .read(true)
        .write(cfg!(windows))
        .open(path);
    file.and_then(|file| file.sync_all())
        .map_err(|error| SystemError::new("store on the disk", path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_file_is_there_when_its_place_was_given_to_another() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new, kept] = ["old", "new", "kept"].map(|name| folder.path().join(name));
        assert!(!keep(&old, &kept).unwrap());
        assert!(!keep(folder.path(), &kept).unwrap());
        fs::write(&old, "old").unwrap();
        fs::write(&new, "new").unwrap();
        assert!(keep(&old, &kept).unwrap());
        rename(&new, &old).unwrap();
        assert_eq!(fs::read_to_string(&kept).unwrap(), "old");
        rename(&kept, &old).unwrap();
        assert_eq!(fs::read_to_string(&old).unwrap(), "old");
    }

    #[test]
    fn folder_that_is_not_there_may_be_made_where_a_file_may() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        for path in ["", "a", "a/b/c", "file", "file/a"] {
            check_writable(&folder.path().join(path)).unwrap();
        }
        check_writable(Path::new("")).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn mounted_folder_is_another_disk() {
        let [root, proc] = ["/", "/proc"].map(Path::new);
        check_same_disk(proc, root).unwrap_err();
        check_same_disk(proc, proc).unwrap_err();
        check_same_disk(&proc.join("self"), proc).unwrap();
        check_replaceable(Path::new("/proc/self/status")).unwrap();
        check_replaceable(Path::new("/nowhere")).unwrap();
    }
}
