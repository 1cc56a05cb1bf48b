//! Wraps `std::fs` and `walkdir`: every error has its path, and pipes and devices, which may never
//! end, are refused.

mod place;
mod exchange;
mod stamp;
mod walk;

use std::borrow::Cow;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use tempfile::{PathPersistError, TempDir};
use unicode_normalization::UnicodeNormalization;

use crate::error::{Result, SystemError};

pub use exchange::{copy_permissions, exchange_files, rename_without_replacing};
pub use place::{
    check_replaceable, check_same_disk, check_writable, is_missing, keep, rename, rename_into, sync,
};
pub use stamp::FileStamp;
pub use walk::{
    WalkedEntry, WalkedFile, find_symbolic_links, is_folder, is_ignored_path, read_symbolic_link,
    walk_all_entries, walk_files_with_hidden, walk_visible_files,
};

/// Reads a whole file. Refuses pipes and devices, which may never end.
pub fn read_whole_file(path: &Path) -> Result<Vec<u8>> {
    read_regular_file(path).map_err(|error| SystemError::new("read", path, error))
}

/// Reads a file, or a pipe until it ends. Only for paths that a person names.
pub fn read_file_or_pipe(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| SystemError::new("read", path, error))
}

/// Reads a whole file as UTF-8, or returns `None` if it does not exist.
pub fn read_text(path: &Path) -> Result<Option<String>> {
    let Some(bytes) = read_if_there(path)? else {
        return Ok(None);
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..at].split(|&b| b == b'\n').count();
            let cause = format!("line {line} is not UTF-8; save the file as UTF-8");
            Err(SystemError::new("read", path, io::Error::other(cause)))
        }
    }
}

fn read_regular_file(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, data) = open_regular(path)?;
    let mut bytes = Vec::new();
    // Running out of memory here is an error that names the file, not an abort.
    bytes.try_reserve_exact(usize::try_from(data.len()).unwrap_or(usize::MAX))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a file for reading, and returns its metadata too.
///
/// # Errors
///
/// Refuses folders, and pipes and devices, which may never end.
pub fn open_file(path: &Path) -> Result<(fs::File, fs::Metadata)> {
    open_regular(path).map_err(|error| SystemError::new("read", path, error))
}

fn open_regular(path: &Path) -> io::Result<(fs::File, fs::Metadata)> {
    let file = open_without_waiting(path)?;
    let data = file.metadata()?;
    if data.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !data.is_file() {
        let why = "it is a pipe, a socket or a device, not a file";
        return Err(io::Error::other(why));
    }
    Ok((file, data))
}

/// Opens a file for reading. If it is a pipe, does not wait for a writer.
fn open_without_waiting(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

/// Writes a whole file; its folder must exist.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(|error| SystemError::new("write", path, error))
}

/// Replaces or creates a file with these bytes in one step: a crash leaves either the
/// old file or the new one. Permissions are kept, and a read-only file is not replaced. The folder
/// must exist.
///
/// Returns `false` if the file at `path` is not what the caller knows, according to
/// `is_untouched`. The file then stays, even if it was saved a moment ago: where files can be
/// exchanged, the old file is checked once more after the exchange.
pub fn replace_file(
    path: &Path,
    bytes: &[u8],
    is_untouched: impl Fn(&Path) -> Result<bool>,
) -> Result<bool> {
    let failed = |error| SystemError::new("write", path, error);
    let folder = path.parent().unwrap_or(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".pressrun-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    if let Ok(data) = fs::metadata(path) {
        // A rename would ignore this, because it needs only permissions of the folder.
        if data.permissions().readonly() {
            return Err(failed(io::ErrorKind::PermissionDenied.into()));
        }
        copy_permissions(&data, file.path())?;
    }
    // Without this, a power failure could leave a renamed but empty file.
    file.as_file().sync_all().map_err(failed)?;
    let staged = file.into_temp_path();
    if !is_untouched(path)? {
        return Ok(false);
    }
    match exchange_files(&staged, path) {
        Ok(true) => {
            let untouched = matches!(is_untouched(&staged), Ok(true));
            if !untouched {
                exchange_files(&staged, path).map_err(failed)?;
            }
            Ok(untouched)
        }
        Ok(false) => persisted(path, staged.persist(path)),
        // Nothing was replaced.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            persisted(path, staged.persist_noclobber(path))
        }
        Err(error) => Err(failed(error)),
    }
}

fn persisted(path: &Path, done: std::result::Result<(), PathPersistError>) -> Result<bool> {
    done.map(|()| true)
        .map_err(|error| SystemError::new("write", path, error.error))
}

/// Writes a whole file, and creates its folder if it is missing. Returns the stamp of the file.
pub fn write_with_folder(path: &Path, bytes: &[u8]) -> Result<FileStamp> {
    let file = match fs::File::create(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return write_with_new_folder(path, bytes);
        }
        opened => opened,
    };
    write_opened_file(path, file, bytes)
}

/// Does the same, but faster if the folder is likely to be missing.
pub fn write_with_new_folder(path: &Path, bytes: &[u8]) -> Result<FileStamp> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    write_opened_file(path, fs::File::create(path), bytes)
}

/// Writes a file in pieces, and creates its folder if it is missing.
pub fn write_stream(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    let write = || {
        let mut out = io::BufWriter::with_capacity(1 << 16, fs::File::create(path)?);
        write(&mut out)?;
        out.flush()
    };
    write().map_err(|error| SystemError::new("write", path, error))
}

fn write_opened_file(path: &Path, file: io::Result<fs::File>, bytes: &[u8]) -> Result<FileStamp> {
    let failed = |error| SystemError::new("write", path, error);
    let mut file = file.map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    Ok(FileStamp::of_metadata(&file.metadata().map_err(failed)?))
}

/// Creates a folder and the folders above it, if they are missing.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| SystemError::new("create the folder", path, error))
}

/// Locks a folder for this process until the returned file is dropped.
///
/// If another process holds the lock, calls `on_wait` and waits. Returns `None` if folders cannot
/// be locked, as on Windows and some network file systems.
pub fn lock_folder(path: &Path, on_wait: fn()) -> Option<fs::File> {
    let folder = fs::File::open(path).ok()?;
    match folder.try_lock() {
        Ok(()) => Some(folder),
        Err(fs::TryLockError::WouldBlock) => {
            on_wait();
            folder.lock().ok().map(|()| folder)
        }
        Err(fs::TryLockError::Error(_)) => None,
    }
}

/// Creates a temporary folder, which is removed when it is dropped.
pub fn create_temporary_folder() -> Result<TempDir> {
    tempfile::Builder::new()
        .prefix("pressrun-")
        .tempdir()
        .map_err(|error| SystemError::new("create a folder in", &std::env::temp_dir(), error))
}

/// Creates a temporary folder in another one. It is removed when it is dropped.
pub fn create_folder_in(folder: &Path) -> Result<TempDir> {
    let builder = tempfile::Builder::new();
    let failed = |error| SystemError::new("create a folder in", folder, error);
    builder.tempdir_in(folder).map_err(failed)
}

/// Removes a file; succeeds if it does not exist.
pub fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(SystemError::new("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// Removes a folder with everything in it; succeeds if it does not exist.
pub fn remove_tree(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(SystemError::new("remove the folder", path, error))
        }
        _ => Ok(()),
    }
}

/// Removes a folder if it is empty.
pub fn remove_empty_folder(path: &Path) {
    // Usually it is not empty, or is gone already.
    let _ = fs::remove_dir(path);
}

/// Reads a whole file, or returns `None` if it does not exist.
pub fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>> {
    match read_regular_file(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SystemError::new("read", path, error)),
    }
}

/// Returns the stamp of a file, or `None` if it is not a regular file or cannot be accessed.
pub fn read_stamp(path: &Path) -> Option<FileStamp> {
    let data = fs::symlink_metadata(path).ok()?;
    data.is_file().then(|| FileStamp::of_metadata(&data))
}

/// Writes all bytes at an offset of an open file.
pub fn write_at(file: &fs::File, bytes: &[u8], offset: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::write_all_at(file, bytes, offset);
    #[cfg(windows)]
    {
        let mut done = 0;
        while done < bytes.len() {
            let at = offset + done as u64;
            done += std::os::windows::fs::FileExt::seek_write(file, &bytes[done..], at)?;
        }
        Ok(())
    }
}

/// Fills `bytes` from an offset of an open file.
pub fn read_at(file: &fs::File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset);
    #[cfg(windows)]
    {
        let mut done = 0;
        while done < bytes.len() {
            let at = offset + done as u64;
            match std::os::windows::fs::FileExt::seek_read(file, &mut bytes[done..], at)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => done += read,
            }
        }
        Ok(())
    }
}

/// Returns the absolute path, with symbolic links resolved in the part that exists.
pub fn resolve_path(path: &Path) -> PathBuf {
    // `canonicalize` fails for a path that does not exist, so resolve its longest existing part.
    let mut missing = Vec::new();
    let mut existing = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    loop {
        if let Ok(resolved) = existing.canonicalize() {
            let mut whole = strip_verbatim_prefix(resolved);
            // The missing names were collected from the end of the path.
            whole.extend(missing.iter().rev());
            return whole;
        }
        match (existing.file_name(), existing.parent()) {
            (Some(name), Some(parent)) => {
                missing.push(name.to_owned());
                existing = parent.to_owned();
            }
            _ => return path.to_owned(),
        }
    }
}

/// Removes the prefix `\\?\` that Windows adds to resolved paths, because git and other programs do
/// not understand it. Other paths stay unchanged.
fn strip_verbatim_prefix(path: PathBuf) -> PathBuf {
    let rest = path.to_str().and_then(|text| text.strip_prefix(r"\\?\"));
    let is_drive = |rest: &&str| {
        let bytes = rest.as_bytes();
        bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':')
    };
    match rest.filter(is_drive) {
        Some(rest) => PathBuf::from(rest),
        None => path,
    }
}

/// Lists the entries of a folder, sorted by name; none if it does not exist.
pub fn list_folder(path: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error| SystemError::new("list the folder", path, error);
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Returns a path as a case-insensitive file system (Windows, macOS) that also ignores Unicode
/// normalisation (macOS) compares it.
pub fn folded(path: &str) -> Cow<'_, str> {
    if path.is_ascii() {
        if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(path.to_ascii_lowercase());
        }
        return Cow::Borrowed(path);
    }
    // Decomposed, so that letters with accents lose their case too; composed again, for one form.
    let folded: String = path.nfd().flat_map(char::to_lowercase).nfc().collect();
    Cow::Owned(folded)
}

/// Iterates over the folders that contain a path with `/` between its parts, the outermost first.
pub fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// Returns the relative path from one absolute path to another, `.` if they are the same, or `None`
/// if they are on different drives.
pub fn relative_path(from: &Path, to: &Path) -> Option<PathBuf> {
    let from: Vec<_> = from.components().collect();
    let to: Vec<_> = to.components().collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    // The first component is the root or, on Windows, the drive.
    if shared == 0 {
        return None;
    }
    let up = from[shared..].iter().map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(to[shared..].iter().copied()).collect();
    Some(if path.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        path
    })
}

/// Converts a relative path to text with `/` between its parts on every system.
pub fn path_with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolved_path_of_windows_is_one_that_others_understand() {
        for (path, expected) in [
            (r"\\?\C:\me\blog", r"C:\me\blog"),
            (r"\\?\UNC\server\share", r"\\?\UNC\server\share"),
            (r"C:\me", r"C:\me"),
            ("/home/me", "/home/me"),
        ] {
            assert_eq!(
                strip_verbatim_prefix(PathBuf::from(path)),
                Path::new(expected)
            );
        }
    }

    #[test]
    fn file_that_was_saved_while_it_is_replaced_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "old").unwrap();
        let saved = folder.path().join("saved");
        // The first look is just before the exchange.
        let looks = std::cell::Cell::new(0);
        let is_untouched = |at: &Path| {
            let old = fs::read(at).unwrap() == b"old";
            if looks.replace(looks.get() + 1) == 0 {
                fs::write(&saved, "edited").unwrap();
                fs::rename(&saved, &path).unwrap();
            }
            Ok(old)
        };
        let replaced = replace_file(&path, b"new", is_untouched).unwrap();
        // Where files cannot be exchanged, nobody sees what happens after the look.
        assert!(replaced == (looks.get() == 1));
        assert_eq!(
            fs::read(&path).unwrap(),
            if replaced {
                b"new".to_vec()
            } else {
                b"edited".to_vec()
            }
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(replace_file(&path, b"newer", |_| Ok(true)).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"newer");
        let none = folder.path().join("b");
        assert!(replace_file(&none, b"first", |_| Ok(true)).unwrap());
        assert_eq!(fs::read(&none).unwrap(), b"first");
    }

    #[test]
    fn file_that_is_not_text_has_the_line_of_its_first_wrong_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, b"one\ntwo \xff\n").unwrap();
        let error = read_text(&path).unwrap_err();
        assert!(error.cause().to_string().starts_with("line 2 is not UTF-8"));
        assert_eq!(read_text(&folder.path().join("b")).unwrap(), None);
    }
}
