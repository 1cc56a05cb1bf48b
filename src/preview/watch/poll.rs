//! Finds changes by looking at all files again and again, for file systems that do not report
//! changes, such as network drives and containers.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, SystemTime};

use pressrun_site::cache::Fingerprint;
use pressrun_site::fs::{self, FileStamp};

use super::EngineSignal;
use super::names::{FILES, TOPS};

/// Default time between two looks.
pub(in crate::preview) const INTERVAL: Duration = Duration::from_secs(1);

/// A thread that looks for changes until this is dropped.
pub(in crate::preview) struct PollingWatch {
    _stop: Sender<()>,
}

/// All files of the site by path.
type PolledFiles = BTreeMap<String, PolledFile>;

/// The state of a file at one look.
struct PolledFile {
    location: PathBuf,
    stamp: Option<FileStamp>,
    /// Hash of its contents, if it changed so recently that its stamp could miss another change.
    content: Option<Fingerprint>,
}

impl PollingWatch {
    /// Starts looking at the site at `root`.
    ///
    /// # Errors
    ///
    /// Returns an error if the system refuses another thread.
    pub(super) fn start(
        root: &Path,
        interval: Duration,
        signals: Sender<EngineSignal>,
    ) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let root = root.to_owned();
        // Before the thread starts, so that changes after this call are noticed.
        let mut files = look_at_files(&root, &PolledFiles::new());
        let thread = std::thread::Builder::new().name("pressrun poll".to_owned());
        thread.spawn(move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(interval) {
                let newer = look_at_files(&root, &files);
                let changed = find_changed_paths(&files, &newer);
                files = newer;
                if !changed.is_empty() && signals.send(EngineSignal::Changed(changed)).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { _stop: stop })
    }
}

fn look_at_files(root: &Path, before: &PolledFiles) -> PolledFiles {
    let now = SystemTime::now();
    let mut files = PolledFiles::new();
    let look_at_file = |name: &str| {
        let location = root.join(name);
        let data = location.metadata().ok();
        let stamp = data.map(|data| FileStamp::of_metadata(&data));
        (name.to_owned(), location, stamp)
    };
    let mut found: Vec<_> = FILES.into_iter().map(look_at_file).collect();
    for top in TOPS {
        let (walked, _) = fs::walk_visible_files(&root.join(top));
        let named =
            |file: fs::WalkedFile| (format!("{top}/{}", file.path), file.location, file.stamp);
        found.extend(walked.into_iter().map(named));
    }
    for (path, location, stamp) in found {
        // A file that changed recently is read at this look and at the next one, to compare the
        // two.
        let was_fresh = before.get(&path).is_some_and(|file| file.content.is_some());
        let is_fresh = stamp.is_none_or(|stamp| !stamp.is_at_rest(now));
        let content = if was_fresh || is_fresh {
            fs::read_whole_file(&location)
                .ok()
                .map(|bytes| Fingerprint::of_bytes(&bytes))
        } else {
            None
        };
        let file = PolledFile {
            location,
            stamp,
            // Once the file is at rest, its stamp is enough.
            content,
        };
        files.insert(path, file);
    }
    files
}

/// Returns the paths of files that are new, gone or changed.
fn find_changed_paths(before: &PolledFiles, now: &PolledFiles) -> Vec<String> {
    let is_other = |(path, file): &(&String, &PolledFile)| {
        before.get(*path).is_none_or(|known| {
            // Comparable only if both looks have read the file.
            let content = known.content.zip(file.content);
            known.stamp != file.stamp
                || known.location != file.location
                || content.is_some_and(|(known, new)| known != new)
        })
    };
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    let other = now.iter().filter(is_other).map(|(path, _)| path);
    other.chain(gone).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_change_is_seen_once() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        for name in ["content", "static"] {
            std::fs::create_dir(path(name)).unwrap();
        }
        for name in ["site.toml", "content/a.md", "static/b.css"] {
            std::fs::write(path(name), "1").unwrap();
        }
        let first = look_at_files(root.path(), &PolledFiles::new());
        let same = look_at_files(root.path(), &first);
        assert!(find_changed_paths(&first, &same).is_empty());
        // The same size, and within the same step of the clock.
        let modified = path("content/a.md").metadata().unwrap().modified().unwrap();
        std::fs::write(path("content/a.md"), "2").unwrap();
        let file = std::fs::File::options()
            .write(true)
            .open(path("content/a.md"));
        file.unwrap().set_modified(modified).unwrap();
        std::fs::write(path("content/c.md"), "3").unwrap();
        std::fs::remove_file(path("static/b.css")).unwrap();
        let last = look_at_files(root.path(), &same);
        let found = find_changed_paths(&same, &last);
        assert_eq!(found, ["content/a.md", "content/c.md", "static/b.css"]);
    }
}
