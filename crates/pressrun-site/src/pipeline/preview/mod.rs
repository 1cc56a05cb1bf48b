//! Keeps a site in memory and updates it when files change: the pipeline of the preview.
//!
//! If only the text of a post changed, the usual case while an author writes, the new text is put
//! into the site as it is (`texts`, [`LiveUpdate::Texts`]). Any other change goes through the stages
//! of a build. The short way leaves diagnostics and relations between posts out of date;
//! [`LiveSite::settle`] updates them when there is time. Only the cache is written to disk.

mod texts;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use pressrun_locale::messages;
use pressrun_posts::post::{Moment, SiteDate};

use super::assemble::{GatheredSite, SitePurpose, assemble_site, gather_site, plan_site};
use super::content::{ContentReader, FilesInProgress, ReadContent, content_cache_key};
use super::request::StageInputs;
use super::site_cache::with_healing;
use super::timings::Timings;
use super::{BuildRequest, SiteFindings, load_config};
use crate::cache::BuildCache;
use crate::config::{self, BaseUrl, Config};
use crate::corpus::{PostSelection, TextId};
use crate::discover;
use crate::fs::WalkedFile;
use crate::render::{self, CommandFailure, SiteRenderer};
use crate::review::{self, ReviewBook, ReviewPolicy};

/// Name of the cache for previews. It is not that of builds, so that the two never wait for each
/// other.
const CACHE: &str = "serve";

/// What may have changed since the last update.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileChanges {
    /// Paths of files and folders from the site root, with `/` between their parts.
    pub paths: BTreeSet<String>,
    /// Whether other files may have changed too.
    pub anything: bool,
    /// Whether the cache turned out to be damaged.
    pub damaged_cache: bool,
}

impl FileChanges {
    /// Adds other changes.
    pub fn add(&mut self, other: Self) {
        self.paths.extend(other.paths);
        self.anything |= other.anything;
        self.damaged_cache |= other.damaged_cache;
    }
}

/// A site in memory.
pub struct LiveSite {
    setup: PreviewSetup,
    cache: BuildCache,
    site: LoadedSite,
    /// Changes that an error kept from being processed.
    owed: FileChanges,
    /// Whether `site.toml` changed and has not been read successfully since.
    unconfigured: bool,
    /// The first stage that has to run again.
    due: DueStage,
}

/// The stages that have to run again after files were read; each includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DueStage {
    Nothing,
    /// All stages, but only for their findings and relations; the pages are up to date.
    Findings,
    /// The plan, with templates and static files.
    Plan,
    /// All stages.
    Places,
    /// All stages, and the content has to be read anew.
    Content,
}

/// The effect of an update.
#[derive(Debug)]
pub enum LiveUpdate {
    /// The site is unchanged.
    Nothing,
    /// Only these texts changed.
    Texts(Vec<TextId>),
    /// The whole site was prepared again.
    Site,
}

/// What a site is previewed with.
struct PreviewSetup {
    request: BuildRequest,
    /// Scheme, host and port under which the site is served.
    origin: String,
    config: Arc<Config>,
    published_at: BaseUrl,
    /// The files that are being read.
    in_progress: Arc<FilesInProgress>,
}

/// Everything that is made from the files and from the cache.
struct LoadedSite {
    reader: ContentReader,
    content: ReadContent,
    gathered: GatheredSite,
    renderer: Arc<SiteRenderer>,
    findings: Arc<SiteFindings>,
}

impl LiveSite {
    /// Reads the site of a request. It is served under `origin` (scheme, host and port), with the
    /// path of its configured address. `in_progress` names the files that are being read.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the site or the machine.
    pub fn open(
        request: BuildRequest,
        origin: &str,
        in_progress: &Arc<FilesInProgress>,
    ) -> Result<Self, CommandFailure> {
        let config = load_config(&request.root)?;
        let mut setup = PreviewSetup {
            request,
            origin: origin.to_owned(),
            published_at: config.base_url.clone(),
            config: Arc::default(),
            in_progress: Arc::clone(in_progress),
        };
        setup.set_config(config);
        let (site, cache) = with_healing(setup.open_cache(), |cache| setup.load(cache))?;
        Ok(Self {
            setup,
            cache,
            site,
            owed: FileChanges::default(),
            unconfigured: false,
            due: DueStage::Nothing,
        })
    }

    /// Returns the renderer of the current site.
    pub fn renderer(&self) -> &Arc<SiteRenderer> {
        &self.site.renderer
    }

    /// Returns the findings. For posts whose text changed they are out of date until the site is
    /// [settled](LiveSite::settle).
    pub fn findings(&self) -> &Arc<SiteFindings> {
        &self.site.findings
    }

    /// Returns what `reviews.toml` said when the posts were judged.
    pub fn review_book(&self) -> &Arc<ReviewBook> {
        &self.site.content.book
    }

    /// Returns whether everything is up to date.
    pub fn is_settled(&self) -> bool {
        self.due == DueStage::Nothing
    }

    /// Returns whether a path from the site root is a file of the site, or was at the last look.
    pub fn has_file(&self, path: &str) -> bool {
        self.site.reader.discovered.has_path(path) || self.setup.request.root.join(path).is_file()
    }

    /// Sets the moment that counts as the present. The next update shows and hides the posts whose
    /// moment has come.
    pub fn set_present(&mut self, present: Moment) {
        let request = &mut self.setup.request;
        let before = request.selection();
        request.present = present;
        let now = request.selection();
        // A moment passed only if the present is on its other side now.
        let passed = |date: SiteDate| (date.moment <= before.present) != (date.moment <= present);
        let mut posts = self.site.content.posts.iter();
        let has_come = posts.any(|dated| {
            let reason = |selection: PostSelection| {
                selection.find_reason(dated.hold(), dated.date, dated.expires)
            };
            let mut dates = dated.date.into_iter().chain(dated.expires);
            dates.any(passed) && reason(before) != reason(now)
        });
        if has_come {
            self.due = self.due.max(DueStage::Places);
        }
    }

    /// Returns the next moment at which a post appears or disappears.
    pub fn next_moment(&self) -> Option<Moment> {
        let request = &self.setup.request;
        let posts = self.site.content.posts.iter();
        let moments = posts.filter_map(|dated| {
            let date = dated.date.filter(|_| !request.future);
            let moments = date
                .into_iter()
                .chain(dated.expires)
                .map(|date| date.moment);
            let next = moments.filter(|&moment| moment > request.present).min()?;
            (request.drafts || dated.hold().is_none()).then_some(next)
        });
        moments.min()
    }

    /// Updates the site to what changed, now and in updates that failed.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the site or the machine. The site then stays as it was, and the
    /// next update continues from there.
    pub fn update(&mut self, changes: &FileChanges) -> Result<LiveUpdate, CommandFailure> {
        self.setup.request.now = SystemTime::now();
        let mut all = std::mem::take(&mut self.owed);
        all.add(changes.clone());
        let result = match self.bring_up_to_date(&all) {
            Err(CommandFailure::Machine(error)) if self.cache.contains_path(error.path()) => {
                self.cache.clear();
                self.reload()
            }
            result => result,
        };
        if result.is_err() {
            self.owed = all;
        }
        result
    }

    /// Reads everything again.
    fn reload(&mut self) -> Result<LiveUpdate, CommandFailure> {
        self.due = DueStage::Content;
        // Dropped first, because it holds the lock.
        self.cache = BuildCache::disabled();
        let setup = &self.setup;
        (self.site, self.cache) = with_healing(setup.open_cache(), |cache| setup.load(cache))?;
        self.due = DueStage::Nothing;
        Ok(LiveUpdate::Site)
    }

    fn bring_up_to_date(&mut self, changes: &FileChanges) -> Result<LiveUpdate, CommandFailure> {
        let in_folder = |name: &str| {
            let is_in = |path: &String| {
                path.strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            changes.anything || changes.paths.iter().any(is_in)
        };
        // Stays set after a failure, so that a broken configuration is read again on every update.
        self.unconfigured |= in_folder(config::FILE) || in_folder(messages::FOLDER);
        if self.unconfigured {
            self.reconfigure()?;
            self.unconfigured = false;
        }
        if in_folder(review::FILE) {
            self.reload_review()?;
        }
        if changes.damaged_cache {
            self.cache.clear();
            self.due = DueStage::Content;
        }
        if self.due == DueStage::Content {
            return self.reload();
        }
        if render::SOURCES.into_iter().any(in_folder) {
            self.due = match self.due {
                DueStage::Nothing | DueStage::Plan => DueStage::Plan,
                // The relations must be computed again as well, which only the full run does.
                _ => DueStage::Places,
            };
        }
        let replaced = if in_folder(discover::FOLDER) {
            self.read_changed(changes)
                .inspect_err(|_| self.due = DueStage::Places)?
        } else {
            Vec::new()
        };
        if self.due > DueStage::Findings {
            self.run_due_stages(|| false)?;
            return Ok(LiveUpdate::Site);
        }
        if replaced.is_empty() {
            return Ok(LiveUpdate::Nothing);
        }
        Ok(LiveUpdate::Texts(self.replace_texts(replaced)))
    }

    /// Updates what the short way left out of date, and returns whether it did. Gives up between
    /// two stages if `stop` returns true.
    ///
    /// # Errors
    ///
    /// The same as [`LiveSite::update`].
    pub fn settle(&mut self, stop: impl Fn() -> bool) -> Result<bool, CommandFailure> {
        if self.is_settled() || stop() {
            return Ok(false);
        }
        self.setup.request.now = SystemTime::now();
        if self.due == DueStage::Content {
            self.reload()?;
            return Ok(true);
        }
        self.site.reader.clean_up(&self.cache)?;
        self.run_due_stages(stop)
    }

    /// Writes what was read to the cache, for the next start.
    pub fn save(&mut self) {
        self.site.reader.save(&self.cache);
    }

    /// Reads again who approved what.
    fn reload_review(&mut self) -> Result<(), CommandFailure> {
        let PreviewSetup {
            request, config, ..
        } = &self.setup;
        self.due = self.due.max(DueStage::Places);
        self.site.reader.review =
            ReviewPolicy::load(&request.root, &config.review).map_err(CommandFailure::Site)?;
        Ok(())
    }

    /// Reads the configuration again, and sets the stage that is due if it changed.
    fn reconfigure(&mut self) -> Result<(), CommandFailure> {
        let setup = &mut self.setup;
        let dates = |config: &Config| (config.content.dates, config.timezone.clone());
        let (key, dated_by) = (content_cache_key(&setup.config), dates(&setup.config));
        // A comment or a space in `site.toml` may have changed.
        if setup.set_config(load_config(&setup.request.root)?) {
            let config = &setup.config;
            let is_read_alike = content_cache_key(config) == key && dates(config) == dated_by;
            self.due = self.due.max(if is_read_alike {
                DueStage::Places
            } else {
                DueStage::Content
            });
            self.reload_review()?;
        }
        Ok(())
    }

    /// Runs the stages that are due, after files were read, and returns whether it did. Gives up
    /// between two stages if `stop` returns true.
    fn run_due_stages(&mut self, stop: impl Fn() -> bool) -> Result<bool, CommandFailure> {
        let inputs = self.setup.inputs(&self.cache);
        let timings = &mut Timings::default();
        let site = &mut self.site;
        let static_files = render::static_files(&inputs.request.root)?;
        let paths = |files: &[WalkedFile]| -> Vec<String> {
            files.iter().map(|file| file.path.clone()).collect()
        };
        // Where a file came or went, a post may have another address.
        let is_moved = paths(&static_files) != paths(&site.gathered.static_files);
        if self.due == DueStage::Plan && !is_moved {
            site.gathered.static_files = static_files;
        } else {
            let content = site.reader.collect_results(inputs.request.now);
            if stop() {
                return Ok(false);
            }
            let gathered = gather_site(&inputs, content.posts.clone(), &content, timings)?;
            if stop() {
                return Ok(false);
            }
            // Nothing was assigned before, so giving up leaves the site as it was.
            (site.content, site.gathered) = (content, gathered);
        }
        let (renderer, findings) = plan_site(
            &inputs,
            self.setup.purpose(),
            &site.content,
            &site.gathered,
            timings,
        )?;
        site.renderer = Arc::new(renderer);
        site.findings = Arc::new(findings.finish(&inputs));
        self.due = DueStage::Nothing;
        Ok(true)
    }
}

impl PreviewSetup {
    /// Sets the configuration, with the address of the preview. Returns whether it is another.
    fn set_config(&mut self, mut config: Config) -> bool {
        let published_at = config.base_url.clone();
        config.base_url = published_at.moved_to(&self.origin);
        let changed = config != *self.config || published_at != self.published_at;
        (self.config, self.published_at) = (Arc::new(config), published_at);
        changed
    }

    fn open_cache(&self) -> BuildCache {
        let key = content_cache_key(&self.config);
        BuildCache::open_if_free(&self.request.root, CACHE, key)
    }

    fn inputs<'a>(&'a self, cache: &'a BuildCache) -> StageInputs<'a> {
        StageInputs {
            request: &self.request,
            config: &self.config,
            cache,
        }
    }

    fn purpose(&self) -> SitePurpose<'_> {
        SitePurpose::Preview(&self.published_at)
    }

    /// Runs all stages once.
    fn load(&self, cache: &BuildCache) -> Result<LoadedSite, CommandFailure> {
        let inputs = self.inputs(cache);
        let timings = &mut Timings::default();
        let mut reader = ContentReader::new(&inputs).with_progress(&self.in_progress);
        let content = reader.read(&inputs, timings)?;
        let site = assemble_site(&inputs, self.purpose(), content, timings)?;
        Ok(LoadedSite {
            reader,
            content: site.content,
            gathered: site.gathered,
            renderer: Arc::new(site.renderer),
            findings: Arc::new(site.findings.finish(&inputs)),
        })
    }
}

#[cfg(test)]
mod tests;
