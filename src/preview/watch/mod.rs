//! Reports what changed in the folder of a site, in batches.
//!
//! Events are collected until none arrives for a moment. For a single file the moment is short,
//! since a person may be waiting at a browser. For many files it is longer, so that a checkout of a
//! thousand files is one batch. A debouncer with the same delay for every path cannot do that, so
//! none is used.

mod names;
mod native;
mod poll;

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use pressrun_site::pipeline::preview::FileChanges;

use super::WatchMethod;

use names::TOPS;
use native::SystemWatch;
use poll::PollingWatch;

/// Longest time to wait while changes keep arriving.
const LONGEST: Duration = Duration::from_secs(1);

/// How long an empty file may stay empty before the change is accepted: an editor may empty a file
/// first and then write it.
const EMPTY: Duration = Duration::from_millis(60);

/// A message to the engine.
#[derive(Debug)]
pub(super) enum EngineSignal {
    /// These paths, relative to the root of the site, may have changed.
    Changed(Vec<String>),
    /// Any file may have changed.
    Anything,
    /// The cache turned out to be damaged.
    DamagedCache,
    /// Changes can no longer be detected, for this reason.
    Trouble(String),
    /// The engine should stop.
    Stop,
}

/// Changes that belong together, and other messages that arrived with them.
#[derive(Debug, Default)]
pub(super) struct ChangeBatch {
    pub(super) changes: FileChanges,
    /// When the first of them was noticed.
    since: Option<Instant>,
    troubles: Vec<String>,
    stop: bool,
}

/// What the engine has to do next.
#[derive(Debug)]
pub(super) enum NextWork {
    Batch(ChangeBatch),
    /// Nothing happened for the given time.
    Quiet,
    Trouble(String),
    Stop,
}

impl ChangeBatch {
    /// Returns whether the batch is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.changes == FileChanges::default() && self.troubles.is_empty() && !self.stop
    }

    /// Returns whether the batch has changes, and no request to stop.
    pub(super) fn is_more(&self) -> bool {
        self.changes != FileChanges::default() && !self.stop
    }

    /// Returns whether there is time to add more changes to it.
    pub(super) fn may_wait(&self) -> bool {
        self.since().elapsed() < LONGEST
    }

    /// Returns when the first change was noticed.
    pub(super) fn since(&self) -> Instant {
        self.since.unwrap_or_else(Instant::now)
    }

    /// Merges a later batch into this one.
    pub(super) fn merge(mut self, later: Self) -> Self {
        self.changes.add(later.changes);
        self.since = self.since.or(later.since);
        self.troubles.extend(later.troubles);
        self.stop |= later.stop;
        self
    }

    fn add(&mut self, signal: EngineSignal) {
        match signal {
            EngineSignal::Changed(paths) => self.changes.paths.extend(paths),
            EngineSignal::Anything => self.changes.anything = true,
            EngineSignal::DamagedCache => self.changes.damaged_cache = true,
            // Not a change, so `since` stays as it is.
            EngineSignal::Trouble(why) => return self.troubles.push(why),
            EngineSignal::Stop => {
                self.stop = true;
                return;
            }
        }
        self.since.get_or_insert_with(Instant::now);
    }

    /// Returns how long no message must arrive for the batch to be complete.
    fn quiet_time(&self, root: &Path) -> Duration {
        let window = match self.changes.paths.len() {
            _ if self.changes.anything => 60,
            0 | 1 => 3,
            // A save by rename removes one of the two files.
            2 | 3 if self.files(root).count() == 1 => 3,
            2..=16 => 15,
            _ => 60,
        };
        self.at_most(Duration::from_millis(window))
    }

    /// Limits a time to what is left of the longest wait.
    fn at_most(&self, time: Duration) -> Duration {
        time.min(LONGEST.saturating_sub(self.since().elapsed()))
    }

    /// Returns whether one of its files is empty.
    fn has_empty_file(&self, root: &Path) -> bool {
        self.files(root).any(|data| data.len() == 0)
    }

    /// Returns its files that exist now.
    fn files(&self, root: &Path) -> impl Iterator<Item = std::fs::Metadata> {
        let paths = self.changes.paths.iter();
        let data = paths.filter_map(move |path| root.join(path).metadata().ok());
        data.filter(std::fs::Metadata::is_file)
    }
}

/// Waits for changes of the site at `root` and adds them to those that arrived before. Waits no
/// longer than `quiet`.
pub(super) fn wait_for_work(
    root: &Path,
    inbox: &Receiver<EngineSignal>,
    more: &mut ChangeBatch,
    quiet: Option<Duration>,
) -> NextWork {
    let mut batch = std::mem::take(more);
    if batch.is_empty() {
        let first = match quiet {
            Some(quiet) => inbox.recv_timeout(quiet),
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match first {
            Ok(signal) => batch.add(signal),
            Err(RecvTimeoutError::Timeout) => return NextWork::Quiet,
            Err(RecvTimeoutError::Disconnected) => return NextWork::Stop,
        }
    }
    gather_signals(root, inbox, &mut batch);
    if batch.stop {
        return NextWork::Stop;
    }
    if let Some(why) = batch.troubles.pop() {
        // The changes wait for the next call.
        *more = batch;
        return NextWork::Trouble(why);
    }
    NextWork::Batch(batch)
}

/// Adds messages to the batch until none arrives for a moment.
fn gather_signals(root: &Path, inbox: &Receiver<EngineSignal>, batch: &mut ChangeBatch) {
    while batch.is_more() && batch.may_wait() {
        let next = inbox.recv_timeout(batch.quiet_time(root));
        // Give the program that emptied the file the time to write it.
        let next = match next {
            Err(RecvTimeoutError::Timeout) if batch.has_empty_file(root) => {
                inbox.recv_timeout(batch.at_most(EMPTY))
            }
            next => next,
        };
        match next {
            Ok(signal) => batch.add(signal),
            Err(_) => break,
        }
    }
}

/// Returns the messages that have already arrived.
pub(super) fn take_pending(inbox: &Receiver<EngineSignal>) -> ChangeBatch {
    let mut batch = ChangeBatch::default();
    for signal in inbox.try_iter() {
        batch.add(signal);
    }
    batch
}

/// The watcher of the files, which works until it is dropped.
pub(super) enum FileWatch {
    Native(SystemWatch),
    Polling(#[expect(dead_code, reason = "it looks until it is dropped")] PollingWatch),
}

impl FileWatch {
    /// Starts to watch the site at `root`. Also returns the reason if that is impossible in the
    /// requested way.
    pub(super) fn start(
        root: &Path,
        how: WatchMethod,
        signals: Sender<EngineSignal>,
    ) -> (Option<Self>, Option<String>) {
        let (interval, why) = match how {
            WatchMethod::Polling(interval) => (interval, None),
            WatchMethod::Native => match SystemWatch::start(root, &signals) {
                Ok(native) => return (Some(Self::Native(native)), None),
                Err(error) => {
                    let why = format!("the system does not report changes ({error})");
                    (
                        poll::INTERVAL,
                        Some(why + "; checking the files every second"),
                    )
                }
            },
        };
        match PollingWatch::start(root, interval, signals) {
            Ok(poll) => (Some(Self::Polling(poll)), why),
            Err(error) => (None, Some(format!("changes are not noticed: {error}"))),
        }
    }

    /// Renews the watches of folders that appeared or disappeared with these changes.
    pub(super) fn renew(&mut self, batch: &ChangeBatch) {
        let Self::Native(native) = self else { return };
        for top in TOPS {
            if batch.changes.anything || batch.changes.paths.contains(top) {
                native.watch_top(top);
            }
        }
    }

    /// Watches the targets of symbolic links too.
    pub(super) fn follow_links(&mut self) {
        if let Self::Native(native) = self {
            native.follow_links();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn changed(path: &str) -> EngineSignal {
        EngineSignal::Changed(vec![path.to_owned()])
    }

    fn check(signals: Vec<EngineSignal>, expected: &str) {
        let (sender, inbox) = mpsc::channel();
        for signal in signals {
            sender.send(signal).unwrap();
        }
        let mut more = ChangeBatch::default();
        let found = match wait_for_work(Path::new(""), &inbox, &mut more, Some(Duration::ZERO)) {
            NextWork::Batch(batch) => format!("{:?}", batch.changes.paths),
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn changes_that_come_together_are_one() {
        let many: Vec<EngineSignal> = (0..100).map(|at| changed(&at.to_string())).collect();
        let (sender, inbox) = mpsc::channel();
        for signal in many {
            sender.send(signal).unwrap();
        }
        let NextWork::Batch(batch) =
            wait_for_work(Path::new(""), &inbox, &mut ChangeBatch::default(), None)
        else {
            panic!("there are changes");
        };
        assert_eq!(batch.changes.paths.len(), 100);
        check(vec![changed("a"), changed("a")], "{\"a\"}");
    }

    #[test]
    fn stop_does_not_wait_for_changes() {
        check(vec![changed("a"), EngineSignal::Stop], "Stop");
        check(vec![], "Quiet");
    }

    #[test]
    fn errors_do_not_lose_changes() {
        let (sender, inbox) = mpsc::channel();
        sender.send(changed("a")).unwrap();
        sender.send(EngineSignal::Trouble("no".to_owned())).unwrap();
        let mut more = ChangeBatch::default();
        assert!(
            matches!(wait_for_work(Path::new(""), &inbox, &mut more, None), NextWork::Trouble(why) if why == "no")
        );
        assert!(
            matches!(wait_for_work(Path::new(""), &inbox, &mut more, None), NextWork::Batch(batch) if batch.is_more())
        );
    }
}
