//! Updates the site in memory, one change after another, and publishes it to browsers.
//!
//! Before a site is shown, the engine renders the open pages and whatever else the change may have
//! broken. If one cannot be rendered, the last good site stays.

use std::collections::HashMap;
use std::mem::discriminant;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use super::snapshot::{Snapshot, problems, render};
use super::watch::{self, Batch, Next, Signal, Watch};
use super::{Event, Options, Rebuilt, Shared, Watching};
use crate::cache::Fingerprint;
use crate::panics::catch_panic;
use crate::pipeline::live::{Changes, Live, Step};
use crate::render::{Failure, Job, Page, Renderer};

/// How long nothing must happen before the engine settles.
const QUIET: Duration = Duration::from_millis(400);

/// The thread that owns the site in memory.
pub(super) struct Engine {
    shared: Arc<Shared>,
    origin: String,
    /// `None` until there is a site without errors, and after a panic.
    live: Option<Live>,
    watch: Option<Watch>,
    /// What every file of the published site was made from, to count what changed.
    inputs: HashMap<String, Option<Fingerprint>>,
}

/// Why a newer site is not shown.
enum Trouble {
    Failure(Failure),
    /// Descriptions for people, of a page that cannot be rendered or of a panic.
    Texts(Vec<String>),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Engine {
    /// Reads the site for a preview at `origin` and publishes it. The watch on files starts before
    /// they are read, so that no change is missed.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the site, unless it is watched and can still be fixed.
    pub(super) fn start(
        shared: Arc<Shared>,
        origin: String,
        signals: &mpsc::Sender<Signal>,
    ) -> Result<Self, Failure> {
        let watching = shared.options.watch;
        let watch = watching.map(|how| start_watch(&shared, how, signals));
        let mut engine = Self {
            live: None,
            inputs: HashMap::new(),
            shared,
            origin,
            watch,
        };
        match Live::open(engine.options().request(), &engine.origin) {
            Ok(live) => {
                engine.live = Some(live);
                engine.publish(Vec::new());
                engine.count();
            }
            Err(failure) if engine.watch.is_some() => {
                engine.shared.tell(Event::Failed(&failure));
                engine.publish(problems(&failure, &engine.options().root));
            }
            Err(failure) => return Err(failure),
        }
        Ok(engine)
    }

    fn options(&self) -> &Options {
        &self.shared.options
    }

    /// Works until a message tells it to stop.
    pub(super) fn run(mut self, inbox: &mpsc::Receiver<Signal>) {
        // Changes that arrived while the last batch was processed.
        let mut more = Batch::default();
        loop {
            // Only a site with unfinished work needs to be woken when it is quiet.
            let settled = self.live.as_ref().is_none_or(Live::is_settled);
            let quiet = (!settled).then_some(QUIET);
            match watch::next(&self.shared.options.root, inbox, &mut more, quiet) {
                Next::Batch(batch) => more = self.work(batch, inbox),
                Next::Quiet => self.settle(inbox, &mut more),
                Next::Trouble(why) => self.shared.tell(Event::Unwatched(&why)),
                Next::Stop => break,
            }
        }
        if let Some(live) = &self.live {
            live.save();
        }
        self.shared.site.send_modify(|site| {
            let mut last = Snapshot::clone(site);
            last.is_last = true;
            *site = Arc::new(last);
        });
    }

    /// Updates the site to a batch of changes; returns the changes that arrived meanwhile.
    fn work(&mut self, batch: Batch, inbox: &mpsc::Receiver<Signal>) -> Batch {
        if let Some(watch) = &mut self.watch {
            watch.rearm(&batch);
        }
        // Before the update, while files that it removes are still known.
        let names = self.names(&batch.changes);
        let result = self.advance(&batch.changes);
        let more = watch::pending(inbox);
        if more.is_more() && batch.may_wait() {
            // A file that changed while it was read may have been read half-written, so start
            // again.
            return batch.and(more);
        }
        self.show(result, names, batch.since());
        // A change of texts alone adds no symbolic links.
        let only_texts = self.live.as_ref().is_some_and(|live| !live.is_settled());
        if let Some(watch) = &mut self.watch
            && !only_texts
        {
            watch.follow_links();
        }
        more
    }

    /// Returns the changed files that a person knows, without temporary files of editors.
    fn names(&self, changes: &Changes) -> Vec<String> {
        let paths = changes.paths.iter();
        let is_known = |path: &&String| {
            let live = self.live.as_ref();
            live.is_none_or(|live| live.knows(path))
        };
        paths.filter(is_known).cloned().collect()
    }

    /// Updates the site in memory and tests its pages.
    fn advance(&mut self, changes: &Changes) -> Result<(), Trouble> {
        let result = catch_panic(|| self.update(changes));
        result.unwrap_or_else(|panic| {
            // The site may be half updated, so read it again.
            self.live = None;
            let text =
                format!("error: a fault of pressrun stopped the update of the site: {panic}\n");
            Err(Trouble::Texts(vec![text]))
        })
    }

    fn update(&mut self, changes: &Changes) -> Result<(), Trouble> {
        let Some(live) = &mut self.live else {
            self.live = Some(Live::open(self.options().request(), &self.origin)?);
            return self.attempt(None);
        };
        // A preview may run past midnight.
        live.set_today((self.shared.options.today)());
        match live.update(changes)? {
            Step::Nothing if self.shared.site.borrow().problems.is_empty() => Ok(()),
            // A page that could not be rendered before may work now, or still fail.
            Step::Nothing | Step::Site => self.attempt(None),
            Step::Texts(ids) => {
                let jobs = live.renderer().jobs().iter();
                let shows = |job: &&Job| matches!(job.page, Page::Post(id) if ids.contains(&id));
                let pages = jobs.filter(shows).map(|job| job.path.clone()).collect();
                self.attempt(Some(pages))
            }
        }
    }

    /// Renders pages of the newest site to test them: the open pages and the changed ones, or one
    /// page of each kind if any may have changed.
    fn attempt(&self, changed: Option<Vec<String>>) -> Result<(), Trouble> {
        let Some(live) = &self.live else {
            return Ok(());
        };
        let site = live.renderer();
        let open = self.shared.tabs.pages().into_iter();
        // A tab may show an address that the site does not have.
        let open = open.filter_map(|url| site.path_of(&url));
        let mut jobs: Vec<&Job> = open
            .chain(changed.iter().flatten().cloned())
            .filter_map(|path| site.job_at(&path))
            .collect();
        if changed.is_none() {
            jobs.extend(one_of_each_kind(site));
        }
        let root = &self.options().root;
        jobs.into_par_iter()
            .try_for_each(|job| render(job, site, root).map(drop))
            .map_err(Trouble::Texts)
    }

    /// Publishes the result of an update, and reports it.
    fn show(&mut self, result: Result<(), Trouble>, changed: Vec<String>, since: Instant) {
        // Before `publish` changes the answer.
        let (was_broken, is_shown) = self.is_shown();
        match result {
            Ok(()) if is_shown => {}
            Ok(()) => {
                self.publish(Vec::new());
                let took = since.elapsed();
                let pages = self.count();
                let Some(live) = &self.live else { return };
                self.shared.tell(Event::Rebuilt(Rebuilt {
                    changed,
                    pages,
                    total: live.renderer().jobs().len(),
                    rejected: live.findings().ledger.rejected,
                    took,
                    recovered: was_broken,
                }));
            }
            Err(Trouble::Failure(failure)) => {
                let texts = problems(&failure, &self.options().root);
                if self.publish(texts) {
                    self.shared.tell(Event::Failed(&failure));
                }
            }
            Err(Trouble::Texts(texts)) => {
                let text = texts.concat();
                if self.publish(texts) {
                    self.shared.tell(Event::Broken(&text));
                }
            }
        }
    }

    /// Returns whether the published site has problems, and whether it already is the site in
    /// memory without problems.
    fn is_shown(&self) -> (bool, bool) {
        let newest = self.shared.site.borrow();
        let was_broken = !newest.problems.is_empty();
        let same = match (&newest.site, &self.live) {
            (Some((shown, _)), Some(live)) => Arc::ptr_eq(shown, live.renderer()),
            _ => false,
        };
        (was_broken, same && !was_broken)
    }

    /// Completes what the fast update left out of date, and shows the result.
    fn settle(&mut self, inbox: &mpsc::Receiver<Signal>, more: &mut Batch) {
        let Some(live) = &mut self.live else { return };
        let arrived = std::cell::RefCell::new(Batch::default());
        let result = catch_panic(|| {
            live.settle(|| {
                let mut arrived = arrived.borrow_mut();
                *arrived = std::mem::take(&mut *arrived).and(watch::pending(inbox));
                !arrived.is_empty()
            })
        });
        *more = arrived.into_inner();
        let is_good = self.shared.site.borrow().problems.is_empty();
        match result {
            Ok(Ok(true)) if is_good => {
                self.publish(Vec::new());
            }
            Ok(Ok(_)) => {}
            // The next change reads the site again and reports the error.
            Ok(Err(_)) | Err(_) => self.live = None,
        }
    }

    /// Publishes the site, or the problems that keep it from being shown. Returns false if these
    /// problems were shown already.
    fn publish(&mut self, problems: Vec<String>) -> bool {
        let options = &self.shared.options;
        let live = self.live.as_ref().filter(|_| problems.is_empty());
        let newest = live.map(|live| (Arc::clone(live.renderer()), Arc::clone(live.findings())));
        let mut is_news = true;
        self.shared.site.send_modify(|site| {
            is_news = problems.is_empty() || *site.problems != problems;
            *site = Arc::new(Snapshot {
                number: site.number + 1,
                // With problems, the last good site stays.
                site: newest.or_else(|| site.site.clone()),
                index: Arc::clone(&site.index),
                problems: Arc::new(problems),
                root: options.root.clone(),
                today: (options.today)(),
                is_last: false,
            });
        });
        is_news
    }

    /// Records what every file is made from, and returns how many differ from before.
    fn count(&mut self) -> usize {
        let Some(live) = &self.live else { return 0 };
        let site = live.renderer();
        let jobs = site.jobs().par_iter();
        let inputs: Vec<Option<Fingerprint>> = jobs.map(|job| site.input(job)).collect();
        let mut changed = 0;
        let mut old = std::mem::take(&mut self.inputs);
        for (job, input) in site.jobs().iter().zip(inputs) {
            // Reuse the key, to allocate only for new files.
            let (file, before) = old
                .remove_entry(&*job.file)
                .unwrap_or_else(|| (job.file.to_string(), None));
            // A file without an input always counts, because it cannot be compared.
            changed += usize::from(input.is_none() || input != before);
            self.inputs.insert(file, input);
        }
        changed
    }
}

fn start_watch(shared: &Arc<Shared>, how: Watching, signals: &mpsc::Sender<Signal>) -> Watch {
    let (watch, trouble) = Watch::start(&shared.options.root, how, signals.clone());
    if let Some(why) = trouble {
        shared.tell(Event::Unwatched(&why));
    }
    watch
}

/// Returns one page of each template and kind of list, to stand for all others.
fn one_of_each_kind(site: &Renderer) -> Vec<&Job> {
    let mut jobs: Vec<&Job> = Vec::new();
    for job in site.jobs() {
        let is_known = |known: &&Job| match (&known.page, &job.page) {
            (Page::List(one, _), Page::List(other, _)) => discriminant(one) == discriminant(other),
            (Page::Feed(_, one), Page::Feed(_, other)) => one == other,
            (one, other) => discriminant(one) == discriminant(other),
        };
        // These files do not come from a template.
        let is_plain = matches!(
            job.page,
            Page::File(..) | Page::Sitemap(_) | Page::SitemapIndex | Page::Robots
        );
        if !is_plain && !jobs.iter().any(is_known) {
            jobs.push(job);
        }
    }
    jobs
}
