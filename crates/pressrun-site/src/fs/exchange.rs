//! Puts files into place without losing the files that are there.

use std::path::Path;
use std::{fs, io};

use crate::error::{Result, SystemError};

/// Exchanges two files in one step, so that nothing written to either is lost. Returns false if the
/// operating system or the file system does not support it.
///
/// Linux and macOS support it on their own file systems.
pub fn exchange_files(first: &Path, second: &Path) -> io::Result<bool> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, first, CWD, second, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(true),
            // Not a pattern, because two of these are equal on Linux.
            Err(error)
                if [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP]
                    .contains(&error) =>
            {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    {
        let _ = (first, second);
        Ok(false)
    }
}

/// Renames a file on the same file system in one step, if nothing has the new name yet.
///
/// # Errors
///
/// Returns an error if something has the name, or if the machine refuses. The file is then removed.
pub fn rename_without_replacing(from: &Path, to: &Path) -> Result<()> {
    let moved = tempfile::TempPath::try_from_path(from)
        .and_then(|from| from.persist_noclobber(to).map_err(|error| error.error));
    moved.map_err(|error| SystemError::new("move a file to", to, error))
}

/// Gives a file the permissions of another one and, if the system allows it, its owner and group.
pub fn copy_permissions(from: &fs::Metadata, to: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Only root may change the owner, but the file usually belongs to this user already.
        let _ = std::os::unix::fs::chown(to, Some(from.uid()), Some(from.gid()));
    }
    let kept = fs::set_permissions(to, from.permissions());
    kept.map_err(|error| SystemError::new("set the permissions of", to, error))
}
