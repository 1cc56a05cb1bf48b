//! Updates the site in memory, one change after another, and publishes it to browsers.
//!
//! Before a site is shown, the engine renders the open pages and whatever else the change may have
//! broken. If one cannot be rendered, the last good site stays.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use pressrun_posts::panics::{CaughtPanic, catch_panic};
use pressrun_site::cache::Fingerprint;
use pressrun_site::pipeline::content::FilesInProgress;
use pressrun_site::pipeline::preview::{FileChanges, LiveSite, LiveUpdate};
use pressrun_site::render::{CommandFailure, RenderJob, SiteRenderer};
use rayon::prelude::*;

use super::snapshot::{PreviewSnapshot, draw_problems, is_damage};
use super::watch::{self, ChangeBatch, NextWork};
use super::{PreviewEvent, PreviewOptions, PreviewState, RebuildReport, lock};

/// How long nothing must happen before the engine settles.
const QUIET: Duration = Duration::from_millis(400);

/// How long to wait at most for the next moment of a post: a computer may have slept meanwhile, and
/// its clock may have been set.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How long to wait after an error of the machine before trying again.
const RETRY: Duration = Duration::from_secs(1);

/// The number of files of the site that are compared with those before at a time.
const COUNTED_AT_ONCE: usize = 1024;

/// The thread that owns the site in memory.
pub(super) struct PreviewEngine {
    shared: Arc<PreviewState>,
    /// Its number. It works as long as this is the number of the engine in charge.
    number: u64,
    in_progress: Arc<FilesInProgress>,
    /// `None` until there is a site without errors, and after a panic.
    live: Option<LiveSite>,
    /// What every file of the published site was made from, to count what changed.
    inputs: HashMap<String, Option<Fingerprint>>,
    /// When the site in memory began to be read.
    read: Instant,
    /// What is shown already, but was not reported yet.
    unreported: Option<UnreportedUpdate>,
    /// Whether the last update failed because of the machine, so that trying again may help.
    is_refused: bool,
}

/// An update after which the next change came before its pages were counted.
#[derive(Default)]
struct UnreportedUpdate {
    changed: Vec<String>,
    recovered: bool,
}

/// Why a newer site is not shown.
enum UpdateFailure {
    Failure(CommandFailure),
    /// Descriptions for people, of a page that cannot be rendered or of a panic.
    Texts(Vec<String>),
}

impl From<CommandFailure> for UpdateFailure {
    fn from(failure: CommandFailure) -> Self {
        Self::Failure(failure)
    }
}

impl PreviewEngine {
    /// Creates an engine that lists the files it is reading in `in_progress`.
    pub(super) fn new(
        shared: Arc<PreviewState>,
        number: u64,
        in_progress: Arc<FilesInProgress>,
    ) -> Self {
        Self {
            shared,
            number,
            in_progress,
            live: None,
            inputs: HashMap::new(),
            read: Instant::now(),
            unreported: None,
            is_refused: false,
        }
    }

    fn options(&self) -> &PreviewOptions {
        &self.shared.options
    }

    /// Reads the site, publishes it and reports to `first`. Returns whether the engine can continue:
    /// a site with an error can be fixed only if it is watched.
    ///
    /// No page is tried. While a site is new, each page shows its own error.
    pub(super) fn open(&mut self, first: &mpsc::Sender<Result<(), CommandFailure>>) -> bool {
        let since = Instant::now();
        self.read = since;
        let opened = catch_panic(|| {
            let request = self.options().request();
            LiveSite::open(request, &self.shared.origin, &self.in_progress)
        });
        let failure = match opened {
            Ok(Ok(live)) => {
                self.live = Some(live);
                let (was_broken, _) = self.is_shown();
                self.publish(Vec::new());
                let pages = self.count_changed(None).unwrap_or_default();
                if first.send(Ok(())).is_err() {
                    // Nobody waits for the first result any more: the preview already listens.
                    self.tell_rebuilt(Vec::new(), pages, since.elapsed(), was_broken);
                }
                return true;
            }
            Ok(Err(failure)) => failure,
            Err(panic) => {
                self.show_result(Err(panicked(&panic)), Vec::new(), since, None);
                let _ = first.send(Ok(()));
                return true;
            }
        };
        if self.options().watch.is_none() {
            let Err(mpsc::SendError(Err(failure))) = first.send(Err(failure)) else {
                return false;
            };
            self.show_result(Err(failure.into()), Vec::new(), since, None);
            return false;
        }
        self.show_result(Err(failure.into()), Vec::new(), since, None);
        let _ = first.send(Ok(()));
        true
    }

    /// Reads and publishes the site in place of an engine that was left behind.
    pub(super) fn take_over(&mut self) {
        let since = Instant::now();
        let result = self.update_guarded(&FileChanges::default());
        self.show_result(result, Vec::new(), since, None);
    }

    /// Works until a message tells it to stop. Returns `false` if it was left behind instead.
    pub(super) fn run(mut self) -> bool {
        // Changes that arrived while the last batch was processed.
        let mut more = ChangeBatch::default();
        loop {
            let next = {
                let inbox = lock(&self.shared.inbox);
                // All further messages are for another engine.
                if !self.shared.is_in_charge(self.number) {
                    return false;
                }
                watch::wait_for_work(&self.options().root, &inbox, &mut more, self.patience())
            };
            match next {
                NextWork::Batch(batch) => more = self.process_batch(batch),
                NextWork::Quiet if self.is_refused || self.has_moment_come() => {
                    more = self.process_batch(ChangeBatch::default());
                }
                NextWork::Quiet => self.settle(&mut more),
                NextWork::Trouble(why) => self.shared.send_event(PreviewEvent::Unwatched(&why)),
                NextWork::Stop => break,
            }
        }
        if let Some(live) = &mut self.live {
            live.save();
        }
        true
    }

    /// Returns how long to wait for changes before there is something else to do.
    fn patience(&self) -> Option<Duration> {
        if self.is_refused {
            return Some(RETRY);
        }
        let settled = self.live.as_ref().is_none_or(LiveSite::is_settled);
        if settled {
            self.time_to_next_moment()
        } else {
            Some(QUIET)
        }
    }

    /// Returns how long to wait until a post appears or disappears, if one ever does.
    fn time_to_next_moment(&self) -> Option<Duration> {
        // Without a watch, the site stays as it was at the start.
        self.options().watch?;
        let next = self.live.as_ref()?.next_moment()?;
        let seconds = (self.options().present)().seconds_until(next);
        // A second begins up to a second later than its number says.
        Some(Duration::from_secs(seconds).clamp(Duration::from_secs(1), LONGEST_WAIT))
    }

    /// Returns whether a post has to appear or disappear now.
    fn has_moment_come(&self) -> bool {
        let next = self.live.as_ref().and_then(LiveSite::next_moment);
        self.options().watch.is_some()
            && next.is_some_and(|next| next <= (self.options().present)())
    }

    /// Updates the site to a batch of changes; returns the changes that arrived meanwhile.
    fn process_batch(&mut self, batch: ChangeBatch) -> ChangeBatch {
        if let Some(watch) = &mut *lock(&self.shared.watch) {
            watch.renew(&batch);
        }
        // Before the update, while files that it removes are still known.
        let names = self.changed_names(&batch.changes);
        let result = self.update_guarded(&batch.changes);
        self.is_refused = matches!(
            result,
            Err(UpdateFailure::Failure(CommandFailure::Machine(_)))
        );
        let mut more = self.pending();
        if more.is_more() && batch.may_wait() {
            // A file that changed while it was read may have been read half-written, so start
            // again.
            return batch.merge(more);
        }
        // A change of texts alone adds no symbolic links. Larger ones are counted before the next, so that
        // the files of a checkout are few updates.
        let only_texts = self.live.as_ref().is_some_and(|live| !live.is_settled());
        let arriving = only_texts.then_some(&mut more);
        self.show_result(result, names, batch.since(), arriving);
        if let Some(watch) = &mut *lock(&self.shared.watch)
            && !only_texts
        {
            watch.follow_links();
        }
        more
    }

    /// Returns the changes that have arrived. An engine that was left behind gets none.
    fn pending(&self) -> ChangeBatch {
        let inbox = lock(&self.shared.inbox);
        if self.shared.is_in_charge(self.number) {
            watch::take_pending(&inbox)
        } else {
            ChangeBatch::default()
        }
    }

    /// Returns the changed files that a person knows, without temporary files of editors.
    fn changed_names(&self, changes: &FileChanges) -> Vec<String> {
        let paths = changes.paths.iter();
        let is_known = |path: &&String| {
            let live = self.live.as_ref();
            live.is_none_or(|live| live.has_file(path))
        };
        paths.filter(is_known).cloned().collect()
    }

    /// Updates the site in memory and tests its pages.
    fn update_guarded(&mut self, changes: &FileChanges) -> Result<(), UpdateFailure> {
        self.read = Instant::now();
        let result = catch_panic(|| match self.update(changes) {
            Err(UpdateFailure::Failure(CommandFailure::Machine(error))) if is_damage(&error) => {
                self.update(&FileChanges {
                    damaged_cache: true,
                    ..FileChanges::default()
                })
            }
            result => result,
        });
        result.unwrap_or_else(|panic| {
            // The site may be half updated, so read it again.
            self.live = None;
            Err(panicked(&panic))
        })
    }

    fn update(&mut self, changes: &FileChanges) -> Result<(), UpdateFailure> {
        let Some(live) = &mut self.live else {
            let request = self.options().request();
            self.live = Some(LiveSite::open(
                request,
                &self.shared.origin,
                &self.in_progress,
            )?);
            return self.test_pages(None);
        };
        // Posts appear and expire while a preview runs.
        live.set_present((self.shared.options.present)());
        match live.update(changes)? {
            LiveUpdate::Nothing if self.shared.site.borrow().problems.is_empty() => Ok(()),
            // A page that could not be rendered before may work now, or still fail.
            LiveUpdate::Nothing | LiveUpdate::Site => self.test_pages(None),
            LiveUpdate::Texts(ids) => {
                let jobs = live.renderer().jobs().iter();
                let corpus = live.renderer().corpus();
                let shows = |job: &&RenderJob| {
                    let text = job.page.own_text().or(job.page.list_text(corpus));
                    text.is_some_and(|id| ids.contains(&id))
                };
                let pages = jobs
                    .filter(shows)
                    .map(|job| job.path().to_owned())
                    .collect();
                self.test_pages(Some(pages))
            }
        }
    }

    /// Renders pages of the newest site to test them: the open pages and the changed ones, or one
    /// page of each kind if any may have changed.
    fn test_pages(&self, changed: Option<Vec<String>>) -> Result<(), UpdateFailure> {
        let Some(live) = &self.live else {
            return Ok(());
        };
        let site = live.renderer();
        let open = self.shared.tabs.pages().into_iter();
        // A tab may show an address that the site does not have.
        let open = open.filter_map(|url| site.path_of(&url));
        let mut jobs: Vec<&RenderJob> = open
            .chain(changed.iter().flatten().cloned())
            .filter_map(|path| site.job_at(&path))
            .collect();
        if changed.is_none() {
            jobs.extend(one_of_each_kind(site));
        }
        let jobs = jobs.into_par_iter();
        let rendered = jobs.map(|job| site.render_job(job).map(drop)).collect();
        CommandFailure::collect(rendered)?;
        Ok(())
    }

    /// Publishes the result of an update, and reports it. Changes that come before that is done are
    /// added to `more`, and reported together with this one.
    fn show_result(
        &mut self,
        result: Result<(), UpdateFailure>,
        changed: Vec<String>,
        since: Instant,
        more: Option<&mut ChangeBatch>,
    ) {
        // Before `publish` changes the answer.
        let (was_broken, is_shown) = self.is_shown();
        match result {
            Ok(()) if is_shown && self.unreported.is_none() => {}
            Ok(()) => {
                if !is_shown {
                    self.publish(Vec::new());
                }
                let took = since.elapsed();
                let mut update = self.unreported.take().unwrap_or_default();
                update.changed.extend(changed);
                update.recovered |= was_broken;
                match self.count_changed(more) {
                    Some(pages) => {
                        self.tell_rebuilt(update.changed, pages, took, update.recovered);
                    }
                    None => self.unreported = Some(update),
                }
            }
            Err(UpdateFailure::Failure(failure)) => self.show_failure(&failure),
            Err(UpdateFailure::Texts(texts)) => {
                let text = texts.concat();
                if self.publish(texts) {
                    self.shared.send_event(PreviewEvent::Broken(&text));
                }
            }
        }
    }

    fn show_failure(&mut self, failure: &CommandFailure) {
        let texts = draw_problems(failure, &self.options().root);
        if self.publish(texts) {
            self.shared.send_event(PreviewEvent::Failed(failure));
        }
    }

    fn tell_rebuilt(&self, changed: Vec<String>, pages: usize, took: Duration, recovered: bool) {
        let live = self.live.as_ref();
        let Some(live) = live.filter(|_| self.shared.is_in_charge(self.number)) else {
            return;
        };
        self.shared.send_event(PreviewEvent::Rebuilt(RebuildReport {
            changed,
            pages,
            total: live.renderer().jobs().len(),
            rejected: live.findings().ledger.rejected,
            took,
            recovered,
        }));
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
    fn settle(&mut self, more: &mut ChangeBatch) {
        let Some(mut live) = self.live.take() else {
            return;
        };
        let arrived = std::cell::RefCell::new(ChangeBatch::default());
        let result = catch_panic(|| {
            live.settle(|| {
                let mut arrived = arrived.borrow_mut();
                *arrived = std::mem::take(&mut *arrived).merge(self.pending());
                !arrived.is_empty()
            })
        });
        // The next change reads the site again and reports the error.
        self.live = matches!(result, Ok(Ok(_))).then_some(live);
        *more = arrived.into_inner();
        let is_good = self.shared.site.borrow().problems.is_empty();
        if matches!(result, Ok(Ok(true))) && is_good {
            self.publish(Vec::new());
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
            if !self.shared.is_in_charge(self.number) {
                is_news = false;
                return;
            }
            is_news = problems.is_empty() || *site.problems != problems;
            *site = Arc::new(PreviewSnapshot {
                number: site.number + 1,
                // With problems, the last good site stays.
                book: Arc::clone(live.map_or(&site.book, LiveSite::review_book)),
                site: newest.or_else(|| site.site.clone()),
                index: Arc::clone(&site.index),
                desk: Arc::default(),
                read: Some(self.read),
                problems: Arc::new(problems),
                root: options.root.clone(),
                present: (options.present)(),
                is_last: false,
            });
        });
        if self.shared.desk.is_some() {
            // The desk does not wait for the queue of a large site then.
            let newest = Arc::clone(&self.shared.site.borrow());
            newest.queue();
        }
        is_news
    }

    /// Records what every file is made from, and returns how many differ from before. Gives up if a
    /// change comes, which is added to `more`: people wait for pages, and not for a number.
    fn count_changed(&mut self, mut more: Option<&mut ChangeBatch>) -> Option<usize> {
        let Some(live) = &self.live else {
            return Some(0);
        };
        let site = live.renderer();
        let mut inputs: Vec<Option<Fingerprint>> = Vec::with_capacity(site.jobs().len());
        for jobs in site.jobs().chunks(COUNTED_AT_ONCE) {
            if let Some(more) = more.as_deref_mut().filter(|_| !inputs.is_empty()) {
                *more = std::mem::take(more).merge(self.pending());
                if more.is_more() {
                    return None;
                }
            }
            inputs.par_extend(jobs.par_iter().map(|job| site.job_fingerprint(job)));
        }
        let mut changed = 0;
        let mut old = std::mem::take(&mut self.inputs);
        for (job, input) in site.jobs().iter().zip(inputs) {
            // Reuse the key, to allocate only for new files.
            let (file, before) = old
                .remove_entry(job.file())
                .unwrap_or_else(|| (job.file().to_owned(), None));
            // A file without an input always counts, because it cannot be compared.
            changed += usize::from(input.is_none() || input != before);
            self.inputs.insert(file, input);
        }
        Some(changed)
    }
}

fn panicked(panic: &CaughtPanic) -> UpdateFailure {
    let text = format!("error: a bug in pressrun stopped the update of the site: {panic}\n");
    UpdateFailure::Texts(vec![text])
}

/// Returns one page of each template and kind of list, to stand for all others.
fn one_of_each_kind(site: &SiteRenderer) -> Vec<&RenderJob> {
    let mut known = HashSet::new();
    let is_first = |job: &&RenderJob| {
        let group = job.page.sample_group();
        group.is_some_and(|group| known.insert(group))
    };
    site.jobs().iter().filter(is_first).collect()
}
