//! Limits how long the preview waits for the engine.
//!
//! A file that takes long to read is named in the terminal and over the pages. A thread cannot be
//! stopped from outside. So when such a file changes or is deleted, the engine that reads it is
//! abandoned, and another engine takes over. An abandoned thread may use a processor until the
//! preview ends, so there are at most a few.
//!
//! Each engine has its own threads for parallel work, so a stuck engine does not block another one.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, TryLockError};
use std::thread;
use std::time::Duration;

use pressrun_site::pipeline::content::{FileInProgress, FilesInProgress};
use pressrun_site::render::CommandFailure;

use super::engine::PreviewEngine;
use super::snapshot::PreviewSnapshot;
use super::watch::EngineSignal;
use super::{PreviewEvent, PreviewState, preview_error};

/// How long reading one file may take before it is named.
const SLOW: Duration = Duration::from_secs(10);

/// Time between two checks of what the engine reads.
const INTERVAL: Duration = Duration::from_millis(500);

/// How long the engine may take to save its state when the preview ends.
const SAVING: Duration = Duration::from_secs(3);

/// The maximum number of abandoned engines.
const MOST_LEFT_BEHIND: u64 = 3;

/// Starts engines, and stops the one in charge.
pub(super) struct Supervisor {
    shared: Arc<PreviewState>,
    /// Receives a message when the engine in charge has ended.
    ended: Receiver<()>,
    /// Dropped to end the thread that watches the engine.
    _stop: Sender<()>,
}

impl Supervisor {
    /// Starts an engine, and waits until it has read the site or is found to be slow.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the site, unless it is watched and can be repaired, and an error
    /// if the system refuses a thread.
    pub(super) fn start(shared: &Arc<PreviewState>) -> Result<Self, CommandFailure> {
        let (ending, ended) = mpsc::channel();
        let mut lookout = Lookout::new(Arc::clone(shared), SLOW, ending);
        let (first, opened) = mpsc::channel();
        lookout.start_engine(move |engine| engine.open(&first))?;
        loop {
            match opened.recv_timeout(INTERVAL) {
                Ok(opened) => break opened?,
                Err(RecvTimeoutError::Timeout) if lookout.look() => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let cause = std::io::Error::other("the thread that reads it stopped");
                    return Err(preview_error("read the site at", shared, cause).into());
                }
            }
        }
        // From here on, the engine learns that nothing waits for it.
        drop(opened);
        let (stop, stopped) = mpsc::channel();
        spawn("pressrun supervisor", move || {
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(INTERVAL) {
                lookout.look();
            }
        })
        .map_err(|error| preview_error("start a thread for", shared, error))?;
        Ok(Self {
            shared: Arc::clone(shared),
            ended,
            _stop: stop,
        })
    }

    /// Stops the engine. If it does not end, it is abandoned.
    pub(super) fn end(self) {
        // Both fail only if the engine has ended by itself.
        let _ = self.shared.signals.send(EngineSignal::Stop);
        let _ = self.ended.recv_timeout(SAVING);
    }
}

/// Watches the engine in charge.
struct Lookout {
    shared: Arc<PreviewState>,
    /// How long reading one file may take.
    limit: Duration,
    ending: Sender<()>,
    in_progress: Arc<FilesInProgress>,
    /// The file that was last reported.
    named: Option<FileInProgress>,
}

impl Lookout {
    fn new(shared: Arc<PreviewState>, limit: Duration, ending: Sender<()>) -> Self {
        Self {
            shared,
            limit,
            ending,
            in_progress: Arc::default(),
            named: None,
        }
    }

    /// Starts an engine and puts it in charge. It works after `begin`, which returns whether there
    /// is a site to work on.
    fn start_engine(
        &self,
        begin: impl FnOnce(&mut PreviewEngine) -> bool + Send + 'static,
    ) -> Result<(), CommandFailure> {
        let number = self.number();
        let in_progress = Arc::clone(&self.in_progress);
        let mut engine = PreviewEngine::new(Arc::clone(&self.shared), number, in_progress);
        let ending = self.ending.clone();
        let work = move || {
            if !begin(&mut engine) || engine.run() {
                // It fails if the preview no longer waits.
                let _ = ending.send(());
            }
        };
        let threads = rayon::ThreadPoolBuilder::new();
        let threads = threads.thread_name(move |at| format!("pressrun engine {number}.{at}"));
        let failed = |error| preview_error("start a thread for", &self.shared, error);
        let threads = threads
            .build()
            .map_err(|error| failed(std::io::Error::other(error)))?;
        spawn("pressrun engine", move || threads.install(work)).map_err(failed)?;
        Ok(())
    }

    fn number(&self) -> u64 {
        self.shared
            .engine
            .load(std::sync::atomic::Ordering::Acquire)
    }

    /// Reports a file that takes long, and abandons the engine when that file has changed. Returns
    /// whether there is such a file.
    fn look(&mut self) -> bool {
        let Some(slow) = self.in_progress.slowest(self.limit) else {
            return false;
        };
        if slow.has_changed() && self.number() < MOST_LEFT_BEHIND {
            self.replace_engine();
        } else if self.named.as_ref() != Some(&slow) {
            self.publish(&slow);
            self.named = Some(slow);
        }
        true
    }

    fn replace_engine(&mut self) {
        match self.shared.inbox.try_lock() {
            // It waits for changes, so it is no longer stuck.
            Err(TryLockError::WouldBlock) => return,
            Ok(_) | Err(TryLockError::Poisoned(_)) => {
                let engine = &self.shared.engine;
                engine.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
            }
        }
        self.in_progress = Arc::default();
        self.named = None;
        let started = self.start_engine(|engine| {
            engine.take_over();
            true
        });
        if let Err(failure) = started {
            self.shared.send_event(PreviewEvent::Failed(&failure));
        }
    }

    /// Reports a file that takes long, in the terminal and over the pages.
    fn publish(&self, slow: &FileInProgress) {
        let help = if self.number() < MOST_LEFT_BEHIND {
            "change or delete the file; the preview then reads it again"
        } else {
            "change or delete the file, then restart the preview"
        };
        let text = format!(
            "error: reading `{}` takes longer than {} s\n  = help: {help}\n",
            slow.path,
            self.limit.as_secs()
        );
        let options = &self.shared.options;
        let is_published = self.shared.site.send_if_modified(|site| {
            // Whatever the engine publishes after it has read the file comes later.
            if self.in_progress.slowest(self.limit).as_ref() != Some(slow) {
                return false;
            }
            let mut newer = PreviewSnapshot::clone(site);
            newer.number += 1;
            newer.root.clone_from(&options.root);
            newer.problems = Arc::new(vec![text.clone()]);
            *site = Arc::new(newer);
            true
        });
        if is_published {
            self.shared.send_event(PreviewEvent::Broken(&text));
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn(run).map(drop)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};

    use pressrun_posts::post::{Date, Moment};
    use pressrun_site::discover::{self, SourceFile};

    use super::super::{PreviewOptions, WatchMethod, serve_until};
    use super::*;

    /// The longest that anything is waited for: a machine may be busy.
    const PATIENCE: Duration = Duration::from_secs(60);

    fn site() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("content")).unwrap();
        write(folder.path(), "The text.");
        folder
    }

    fn write(root: &Path, text: &str) {
        let text = format!("TITLE: First\n\n{text}\n\n-EndOFText-\n");
        std::fs::write(root.join("content/one.txt"), text).unwrap();
    }

    fn options(
        root: &Path,
        present: impl Fn() -> Moment + Send + Sync + 'static,
    ) -> PreviewOptions {
        PreviewOptions {
            root: root.to_owned(),
            bind: IpAddr::from([127, 0, 0, 1]),
            port: 0,
            watch: None,
            drafts: false,
            future: false,
            review: false,
            present: Box::new(present),
        }
    }

    /// What a preview reports, as text.
    fn told() -> (super::super::EventListener, Receiver<String>) {
        let (sender, told) = mpsc::channel();
        let listener = move |event: PreviewEvent<'_>| {
            let _ = sender.send(format!("{event:?}"));
        };
        (Box::new(listener), told)
    }

    /// The state of a preview on a fixed day, and what it reports.
    fn preview_state(root: &Path) -> (Arc<PreviewState>, Receiver<String>) {
        let (listener, told) = told();
        let options = options(root, || Moment::start_of_day(Date::constant(2026, 1, 1)));
        let state = PreviewState::new(options, "http://localhost".to_owned(), None, listener);
        (Arc::new(state), told)
    }

    fn first_file(root: &Path) -> SourceFile {
        discover::discover_files(root).unwrap().files.remove(0)
    }

    #[test]
    fn slow_file_is_named_and_read_by_another_engine_once_it_changes() {
        let folder = site();
        let (shared, told) = preview_state(folder.path());
        let (ending, ended) = mpsc::channel();
        let mut lookout = Lookout::new(Arc::clone(&shared), Duration::ZERO, ending);
        let slow = first_file(folder.path());
        let in_progress = Arc::clone(&lookout.in_progress);
        let _guard = in_progress.begin(&slow);

        assert!(lookout.look() && lookout.look());
        assert!(
            told.recv()
                .unwrap()
                .contains("reading `content/one.txt` takes longer")
        );
        assert!(told.try_recv().is_err(), "it is named once");
        assert!(shared.site.borrow().problems[0].contains("change or delete the file"));

        write(folder.path(), "Another text.");
        lookout.look();
        let rebuilt = told.recv_timeout(PATIENCE).unwrap();
        assert!(rebuilt.contains("recovered: true"), "{rebuilt}");
        assert!(shared.site.borrow().problems.is_empty());
        shared.signals.send(EngineSignal::Stop).unwrap();
        ended.recv_timeout(PATIENCE).unwrap();
    }

    #[test]
    fn only_a_few_engines_are_left_behind() {
        let folder = site();
        let (shared, told) = preview_state(folder.path());
        let mut lookout = Lookout::new(Arc::clone(&shared), Duration::ZERO, mpsc::channel().0);
        shared.engine.store(MOST_LEFT_BEHIND, Ordering::Release);
        let slow = first_file(folder.path());
        let in_progress = Arc::clone(&lookout.in_progress);
        let _guard = in_progress.begin(&slow);
        write(folder.path(), "Another text.");
        assert!(lookout.look());
        assert!(told.recv().unwrap().contains("restart the preview"));
        assert_eq!(lookout.number(), MOST_LEFT_BEHIND);
    }

    static IS_STUCK: AtomicBool = AtomicBool::new(false);
    static IS_IN_ENGINE: AtomicBool = AtomicBool::new(false);

    /// The day, or nothing ever.
    fn day_or_never() -> Moment {
        if IS_STUCK.load(Ordering::Acquire) {
            IS_IN_ENGINE.store(true, Ordering::Release);
            loop {
                thread::park();
            }
        }
        Moment::start_of_day(Date::constant(2026, 1, 1))
    }

    #[test]
    fn preview_ends_whatever_its_engine_does() {
        let folder = site();
        let (listener, told) = told();
        let mut options = options(folder.path(), day_or_never);
        options.watch = Some(WatchMethod::Polling(Duration::from_millis(20)));
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let (sender, served) = mpsc::channel();
        thread::spawn(move || {
            let ended = async { ended.await.unwrap_or_default() };
            let _ = sender.send(serve_until(options, listener, ended).is_ok());
        });
        assert!(told.recv_timeout(PATIENCE).unwrap().contains("Listening"));
        IS_STUCK.store(true, Ordering::Release);
        let start = std::time::Instant::now();
        while !IS_IN_ENGINE.load(Ordering::Acquire) {
            write(folder.path(), &format!("Text of {:?}.", start.elapsed()));
            assert!(start.elapsed() < PATIENCE);
            thread::yield_now();
        }
        end.send(()).unwrap();
        assert_eq!(served.recv_timeout(PATIENCE), Ok(true));
    }
}
