//! Puts files into place without losing what is there.

use std::path::Path;
use std::{fs, io};

use crate::error::{Error, Result};

/// Exchanges two files in one step, so that nothing that is written to either is lost; `false` if
/// the system or the file system cannot do that.
///
/// Linux and macOS can, on their own file systems.
pub fn exchange(first: &Path, second: &Path) -> io::Result<bool> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, first, CWD, second, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(true),
            // Two of these are one on Linux.
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

/// Gives a file a name that nothing has, on the same file system, in one step.
///
/// # Errors
///
/// That something has the name, and what the machine refuses. The file is gone then.
pub fn rename_new(from: &Path, to: &Path) -> Result<()> {
    let moved = tempfile::TempPath::try_from_path(from)
        .and_then(|from| from.persist_noclobber(to).map_err(|error| error.error));
    moved.map_err(|error| Error::new("move a file to", to, error))
}

/// Gives a file the permissions of another and, where that is allowed, its owner and group.
pub fn keep_attributes(from: &fs::Metadata, to: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // Only the superuser may give files away, and only a file that is not his own needs it.
        let _ = std::os::unix::fs::chown(to, Some(from.uid()), Some(from.gid()));
    }
    let kept = fs::set_permissions(to, from.permissions());
    kept.map_err(|error| Error::new("set the permissions of", to, error))
}
