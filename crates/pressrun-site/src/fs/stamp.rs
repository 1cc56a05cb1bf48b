//! Detects without reading a file whether it may have changed.

use std::fs::Metadata;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// How long a file must have been unchanged before its stamp can be trusted.
///
/// File systems record times in steps, of two seconds at worst (FAT). A file that is changed twice
/// within a step may have the same stamp both times.
const STEP: Duration = Duration::from_secs(2);

/// Size, times and identity of a file. If two stamps of a file are equal, it was not changed in
/// between, provided that it [was at rest](FileStamp::is_at_rest) when the first one was taken.
///
/// One change is not noticed: a second write through a memory map that stayed open, since the
/// system counts only the first one after it wrote the page to the disk.
///
/// Stamps are only compared for equality, never for order, so the clock may jump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileStamp {
    /// Size in bytes.
    pub size: u64,
    /// When the contents were last changed, in nanoseconds since 1970.
    modified: i64,
    /// When the contents or the name were last changed, in nanoseconds since 1970. Only the system
    /// can set it. 0 if the system does not have it.
    changed: i64,
    /// Number of the file in its file system (inode); 0 if the system does not have it.
    number: u64,
    /// Number of the file system, because a link may lead to another one; 0 if the system does not
    /// have it.
    device: u64,
}

impl FileStamp {
    /// Returns the stamp of a file.
    pub fn of_metadata(data: &Metadata) -> Self {
        let (changed, number, device) = change_time_and_number(data);
        Self {
            size: data.len(),
            modified: data.modified().map_or(0, nanoseconds_since_1970),
            changed,
            number,
            device,
        }
    }

    /// Returns the stamp without the part that changes when the file is renamed.
    #[must_use]
    pub fn without_name(self) -> Self {
        Self { changed: 0, ..self }
    }

    /// Returns when the contents were last changed.
    pub fn modified(&self) -> Option<SystemTime> {
        let nanoseconds = u64::try_from(self.modified).ok()?;
        UNIX_EPOCH.checked_add(Duration::from_nanos(nanoseconds))
    }

    /// Returns whether the last change is more than two seconds before `now`.
    pub fn is_at_rest(&self, now: SystemTime) -> bool {
        let last = self.modified.max(self.changed);
        nanoseconds_since_1970(now).saturating_sub(last) > duration_nanoseconds(STEP)
    }
}

/// Converts a time to nanoseconds since 1970, which fit into 64 bits until the year 2262.
fn nanoseconds_since_1970(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => duration_nanoseconds(since),
        Err(before) => -duration_nanoseconds(before.duration()),
    }
}

fn duration_nanoseconds(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(unix)]
fn change_time_and_number(data: &Metadata) -> (i64, u64, u64) {
    use std::os::unix::fs::MetadataExt;
    let seconds = data.ctime().saturating_mul(1_000_000_000);
    let changed = seconds.saturating_add(data.ctime_nsec());
    (changed, data.ino(), data.dev())
}

#[cfg(not(unix))]
fn change_time_and_number(_: &Metadata) -> (i64, u64, u64) {
    (0, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_that_was_just_written_is_not_at_rest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "x").unwrap();
        let stamp = FileStamp::of_metadata(&std::fs::metadata(&path).unwrap());
        let now = stamp.modified().unwrap();
        assert!(!stamp.is_at_rest(now));
        assert!(!stamp.is_at_rest(now - Duration::from_secs(60)));
        assert!(stamp.is_at_rest(now + Duration::from_secs(60)));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn same_file_of_another_disk_has_another_stamp() {
        let stamp = |path| {
            let stamp = FileStamp::of_metadata(&std::fs::metadata(path).unwrap());
            // All else may be the same.
            FileStamp {
                size: 0,
                modified: 0,
                changed: 0,
                number: 1,
                ..stamp
            }
        };
        assert_ne!(stamp("/proc/version"), stamp("/dev/null"));
        assert_eq!(stamp("/proc/version"), stamp("/proc/cpuinfo"));
    }

    #[test]
    fn another_file_of_the_same_size_and_time_has_another_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        for path in [&a, &b] {
            std::fs::write(path, "x").unwrap();
        }
        let time = std::fs::metadata(&a).unwrap().modified().unwrap();
        std::fs::File::options()
            .write(true)
            .open(&b)
            .unwrap()
            .set_modified(time)
            .unwrap();
        let [a, b] = [a, b].map(|path| FileStamp::of_metadata(&std::fs::metadata(path).unwrap()));
        assert_eq!(a.modified, b.modified);
        assert_eq!(a == b, cfg!(not(unix)));
    }
}
