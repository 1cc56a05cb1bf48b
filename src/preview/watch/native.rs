//! Receives changes from the operating system. The only user of notify.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, PoisonError, RwLock};

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use pressrun_site::fs;

use super::EngineSignal;
use super::names::{FILES, TOPS, WatchedNames};

/// The watches that the system was asked for.
pub(in crate::preview) struct SystemWatch {
    watcher: RecommendedWatcher,
    names: Arc<RwLock<WatchedNames>>,
    root: PathBuf,
    /// Folders outside of the site that symbolic links lead to.
    outside: BTreeSet<PathBuf>,
    signals: Sender<EngineSignal>,
}

impl SystemWatch {
    /// Asks the system to report changes of the site at `root`.
    pub(super) fn start(root: &Path, signals: &Sender<EngineSignal>) -> notify::Result<Self> {
        let root = fs::resolve_path(root);
        let names = Arc::new(RwLock::new(WatchedNames {
            root: root.clone(),
            targets: Vec::new(),
        }));
        let (known, events) = (Arc::clone(&names), signals.clone());
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let names = known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(signal) = signal_of_event(event, &names) {
                // Sending fails only when the preview ends.
                let _ = events.send(signal);
            }
        })?;
        let mut native = Self {
            watcher,
            names,
            root,
            outside: BTreeSet::new(),
            signals: signals.clone(),
        };
        native
            .watcher
            .watch(&native.root, RecursiveMode::NonRecursive)?;
        for top in TOPS {
            let folder = native.root.join(top);
            if folder.is_dir() {
                native.watcher.watch(&folder, RecursiveMode::Recursive)?;
            }
        }
        // Nothing has been read yet, so nothing can have been missed.
        native.list_link_targets();
        Ok(native)
    }

    /// Watches a top-level folder that was created, removed or replaced.
    pub(super) fn watch_top(&mut self, top: &str) {
        let folder = self.root.join(top);
        // The system has already dropped the watch of a removed folder.
        let _ = self.watcher.unwatch(&folder);
        if folder.is_dir() {
            // If the folder disappears now, there will be another event.
            let _ = self.watcher.watch(&folder, RecursiveMode::Recursive);
        }
    }

    /// Watches the targets of symbolic links.
    ///
    /// The target of a new link may have changed since it was read and before it was watched, so
    /// new links are reported as changed.
    pub(super) fn follow_links(&mut self) {
        let new = self.list_link_targets();
        if !new.is_empty() {
            // Sending fails only when the preview ends.
            let _ = self.signals.send(EngineSignal::Changed(new));
        }
    }

    /// Watches the targets of symbolic links, and returns the links that are new. For a file, its
    /// folder is watched, because an editor may save by replacing the file.
    fn list_link_targets(&mut self) -> Vec<String> {
        let mut targets = Vec::new();
        let mut outside = BTreeSet::new();
        let tops = TOPS
            .iter()
            .flat_map(|top| fs::find_symbolic_links(&self.root.join(top)));
        let links = FILES.map(|file| fs::read_symbolic_link(&self.root.join(file)));
        for (link, target) in tops.chain(links.into_iter().flatten()) {
            let Ok(path) = link.strip_prefix(&self.root) else {
                continue;
            };
            let (folder, mode) = if target.is_dir() {
                (target.clone(), RecursiveMode::Recursive)
            } else {
                let folder = target.parent().unwrap_or(&target);
                (folder.to_owned(), RecursiveMode::NonRecursive)
            };
            targets.push((target, fs::path_with_slashes(path)));
            // A folder of the site is already watched under its own name.
            let is_ours = TOPS
                .iter()
                .any(|top| folder.starts_with(self.root.join(top)));
            if !is_ours && outside.insert(folder.clone()) && !self.outside.contains(&folder) {
                // Changes in a folder that cannot be watched show when something else changes.
                let _ = self.watcher.watch(&folder, mode);
            }
        }
        for gone in self.outside.difference(&outside) {
            let _ = self.watcher.unwatch(gone);
        }
        self.outside = outside;
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let known = std::mem::replace(&mut names.targets, targets);
        let is_new = |target: &&(PathBuf, String)| !known.contains(target);
        let new = names.targets.iter().filter(is_new);
        new.map(|(_, link)| link.clone()).collect()
    }
}

/// Returns what an event means for the site, if anything.
fn signal_of_event(
    event: notify::Result<notify::Event>,
    names: &WatchedNames,
) -> Option<EngineSignal> {
    let event = match event {
        Ok(event) => event,
        Err(error) => {
            return Some(EngineSignal::Trouble(format!(
                "some changes may not be noticed from now on ({error})"
            )));
        }
    };
    // The queue of the system overflowed, so events were lost.
    if event.need_rescan() {
        return Some(EngineSignal::Anything);
    }
    let is_change = match event.kind {
        // A read is not a change, and pressrun itself reads.
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    };
    let paths = event
        .paths
        .iter()
        .flat_map(|path| names.site_paths_of(path));
    let paths: Vec<String> = paths.filter(|_| is_change).collect();
    (!paths.is_empty()).then_some(EngineSignal::Changed(paths))
}
