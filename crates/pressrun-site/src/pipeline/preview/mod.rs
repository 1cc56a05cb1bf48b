//! Keeps a site in memory and updates it when files change: the pipeline of the preview.
//!
//! If only the text of a post changed, the usual case while an author writes, the new text is put
//! into the site as it is ([`LiveUpdate::Texts`]). Any other change goes through the stages of a build.
//! The short way leaves diagnostics and relations between posts out of date; [`LiveSite::settle`]
//! updates them when there is time. Only the cache is written to disk.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use pressrun_posts::diagnostic::Diagnostic;
use pressrun_posts::post::{Date, Post};
use rayon::prelude::*;

use super::content::{
    self, ContentReader, ContentUpdate, FilesInProgress, ReadContent, ReplacedPost,
};
use super::{BuildRequest, ReplyLedger, check_content_of_last_build, load_config, with_healing};
use crate::cache::{BuildCache, Fingerprint, StoredBody};
use crate::config::{self, BaseUrl, Config};
use crate::corpus::{Corpus, DatedPost, GatherInputs, LeftOutCounts, PostId};
use crate::discover::{self, DiscoveredFiles, SourceFile};
use crate::fs::{self, WalkedFile};
use crate::render::{self, CommandFailure, SiteParts, SiteRenderer};

/// Name of the cache for previews. It is not that of builds, so that the two never wait for each
/// other.
const CACHE: &str = "serve";

/// Most changed posts for which the short way is faster.
const FEW: usize = 64;

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
    request: BuildRequest,
    /// Scheme, host and port under which the site is served.
    origin: String,
    config: Arc<Config>,
    published_at: BaseUrl,
    key: Fingerprint,
    /// The files that are being read.
    in_progress: Arc<FilesInProgress>,
    /// Changes that an error kept from being processed.
    owed: FileChanges,
    /// Whether `site.toml` changed and has not been read successfully since.
    unconfigured: bool,
    cache: BuildCache,
    reader: ContentReader,
    discovered: DiscoveredFiles,
    reading: ReadContent,
    places: GatheredSite,
    renderer: Arc<SiteRenderer>,
    findings: Arc<SiteFindings>,
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
}

/// What `corpus::gather` gives, and the static files it was given.
struct GatheredSite {
    corpus: Arc<Corpus>,
    left_out: LeftOutCounts,
    made_drafts: Vec<Arc<Post<StoredBody>>>,
    diagnostics: Vec<Diagnostic>,
    /// The files of the site's own that posts keep clear of.
    static_files: Vec<WalkedFile>,
}

/// What is known about a site besides its pages.
#[derive(Debug, Default)]
pub struct SiteFindings {
    /// Diagnostics, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Drafts, whether the preview shows them or not. Near-duplicates may be made drafts.
    pub drafts: Vec<DatedPost>,
    /// Other posts dated in the future, whether the preview shows them or not.
    pub scheduled: Vec<DatedPost>,
    /// How many replies were published, scheduled, drafts or rejected.
    pub ledger: ReplyLedger,
}

/// The effect of an update.
#[derive(Debug)]
pub enum LiveUpdate {
    /// The site is unchanged.
    Nothing,
    /// Only the texts of these posts changed.
    Texts(Vec<PostId>),
    /// The whole site was prepared again.
    Site,
}

/// Everything that is made from the files and from the cache.
struct Stages {
    reader: ContentReader,
    discovered: DiscoveredFiles,
    reading: ReadContent,
    places: GatheredSite,
    renderer: SiteRenderer,
    findings: SiteFindings,
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
        let (config, published_at) = configure_preview(&request.root, origin)?;
        let key = content::content_cache_key(&config);
        let cache = BuildCache::open_if_free(&request.root, CACHE, key);
        let (stages, cache) = with_healing(cache, |cache| {
            read_all(&request, &config, &published_at, cache, in_progress)
        })?;
        Ok(Self {
            findings: Arc::new(stages.findings),
            request,
            origin: origin.to_owned(),
            config,
            published_at,
            key,
            in_progress: Arc::clone(in_progress),
            owed: FileChanges::default(),
            unconfigured: false,
            cache,
            reader: stages.reader,
            discovered: stages.discovered,
            reading: stages.reading,
            places: stages.places,
            renderer: Arc::new(stages.renderer),
            due: DueStage::Nothing,
        })
    }

    /// Returns the renderer of the current site.
    pub fn renderer(&self) -> &Arc<SiteRenderer> {
        &self.renderer
    }

    /// Returns the findings. For posts whose text changed they are out of date until the site is
    /// [settled](LiveSite::settle).
    pub fn findings(&self) -> &Arc<SiteFindings> {
        &self.findings
    }

    /// Returns whether everything is up to date.
    pub fn is_settled(&self) -> bool {
        self.due == DueStage::Nothing
    }

    /// Returns whether a path from the site root is a file of the site, or was at the last look.
    pub fn has_file(&self, path: &str) -> bool {
        self.discovered.has_path(path) || self.request.root.join(path).is_file()
    }

    /// Sets the day that counts as today.
    pub fn set_today(&mut self, today: Date) {
        if self.request.today != today {
            self.request.today = today;
            self.due = DueStage::Places;
        }
    }

    /// Updates the site to what changed, now and in updates that failed.
    ///
    /// # Errors
    ///
    /// Returns what is wrong with the site or the machine. The site then stays as it was, and the
    /// next update continues from there.
    pub fn update(&mut self, changes: &FileChanges) -> Result<LiveUpdate, CommandFailure> {
        let mut all = std::mem::take(&mut self.owed);
        all.add(changes.clone());
        let result = match self.bring_up_to_date(&all) {
            Err(CommandFailure::Machine(error)) if self.cache.contains_path(error.path()) => {
                self.heal().map(|()| LiveUpdate::Site)
            }
            result => result,
        };
        if result.is_err() {
            self.owed = all;
        }
        result
    }

    /// Empties the cache, which has failed, and reads everything again.
    fn heal(&mut self) -> Result<(), CommandFailure> {
        let cache = std::mem::replace(&mut self.cache, BuildCache::disabled());
        cache.clear();
        let (stages, cache) = with_healing(cache, |cache| {
            let published_at = &self.published_at;
            read_all(
                &self.request,
                &self.config,
                published_at,
                cache,
                &self.in_progress,
            )
        })?;
        self.cache = cache;
        self.reader = stages.reader;
        self.discovered = stages.discovered;
        self.reading = stages.reading;
        self.places = stages.places;
        self.renderer = Arc::new(stages.renderer);
        self.findings = Arc::new(stages.findings);
        self.due = DueStage::Nothing;
        Ok(())
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
        self.unconfigured |= in_folder(config::FILE);
        if self.unconfigured {
            self.reconfigure()?;
            self.unconfigured = false;
        }
        if changes.damaged_cache {
            self.heal()?;
            return Ok(LiveUpdate::Site);
        }
        if render::SOURCES.into_iter().any(in_folder) {
            self.due = match self.due {
                DueStage::Nothing | DueStage::Plan => DueStage::Plan,
                // The relations must be computed again as well, which only the full run does.
                DueStage::Findings | DueStage::Places => DueStage::Places,
            };
        }
        let replaced = if in_folder(discover::FOLDER) {
            self.read_changed(changes)
                .inspect_err(|_| self.due = DueStage::Places)?
        } else {
            Vec::new()
        };
        if self.due > DueStage::Findings {
            self.run_due_stages()?;
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
        self.reader.clean_up(&self.cache)?;
        let reading = self
            .reader
            .collect_results(&self.discovered, SystemTime::now());
        if stop() {
            return Ok(false);
        }
        let static_files = render::static_files(&self.request.root)?;
        let places = gather_places(
            &reading,
            static_files,
            &self.config,
            &self.request,
            &self.cache,
        )?;
        if stop() {
            return Ok(false);
        }
        // Nothing was assigned before, so giving up leaves the site as it was.
        (self.reading, self.places) = (reading, places);
        self.plan_again()?;
        Ok(true)
    }

    /// Writes what was read to the cache, for the next start.
    pub fn save(&self) {
        self.reader.save(&self.cache);
    }

    fn reconfigure(&mut self) -> Result<(), CommandFailure> {
        let (config, published_at) = configure_preview(&self.request.root, &self.origin)?;
        // A comment or a space in `site.toml` changed.
        if config == self.config && published_at == self.published_at {
            return Ok(());
        }
        let key = content::content_cache_key(&config);
        if key != self.key || config.content.dates != self.config.content.dates {
            // Drop the old cache first, because it holds the lock.
            self.cache = BuildCache::disabled();
            self.cache = BuildCache::open_if_free(&self.request.root, CACHE, key);
            self.reader = ContentReader::new(&self.request.root, &config, &self.cache)
                .telling(&self.in_progress);
            self.reader
                .refresh_files(&self.discovered.files, SystemTime::now())?;
            self.key = key;
        }
        (self.config, self.published_at) = (config, published_at);
        self.due = DueStage::Places;
        Ok(())
    }

    /// Reads what changed. Returns the posts with new texts if nothing else changed; otherwise sets
    /// the stage that is due.
    fn read_changed(&mut self, changes: &FileChanges) -> Result<Vec<ReplacedPost>, CommandFailure> {
        let files = (!changes.anything)
            .then(|| self.known_files(&changes.paths))
            .flatten();
        let Some(files) = files else {
            self.rediscover()?;
            return Ok(Vec::new());
        };
        let update = self.reader.update_files(&files)?;
        for file in files {
            if let Some(at) = self.position(&file.path) {
                // The list of files keeps the new stamps.
                self.discovered.files[at] = file;
            }
        }
        match update {
            ContentUpdate::Bodies(replaced)
                if replaced.len() <= FEW
                    && self.due <= DueStage::Findings
                    && self.keep_places(&replaced) =>
            {
                return Ok(replaced);
            }
            ContentUpdate::Nothing => {}
            ContentUpdate::Bodies(_) | ContentUpdate::Anything => self.due = DueStage::Places,
        }
        Ok(Vec::new())
    }

    /// Searches the whole content folder again.
    fn rediscover(&mut self) -> Result<(), CommandFailure> {
        let discovered = discover::discover_files(&self.request.root)?;
        self.reader.check_content()?;
        check_content_of_last_build(&self.request, &self.config)?;
        let changed = self
            .reader
            .refresh_files(&discovered.files, SystemTime::now())?;
        if changed || !discovered.has_same_paths(&self.discovered) {
            self.due = DueStage::Places;
        }
        self.discovered = discovered;
        Ok(())
    }

    /// Returns the content files with these paths, with their current stamps. Returns `None` if a
    /// path is a folder, a new file or a deleted one.
    fn known_files(&self, paths: &BTreeSet<String>) -> Option<Vec<SourceFile>> {
        let below = format!("{}/", discover::FOLDER);
        let mut files = Vec::new();
        for path in paths {
            let Some(name) = path.strip_prefix(&below) else {
                if path == discover::FOLDER {
                    return None;
                }
                continue;
            };
            if fs::is_ignored_path(name) {
                continue;
            }
            let location = self.request.root.join(path);
            match (self.position(path), location.metadata()) {
                (Some(at), Ok(data)) if data.is_file() => files.push(SourceFile {
                    stamp: Some(fs::FileStamp::of_metadata(&data)),
                    ..self.discovered.files[at].clone()
                }),
                // The file came and went: an editor's temporary file.
                (None, Err(_)) if !self.discovered.has_path(path) => {}
                _ => return None,
            }
        }
        Some(files)
    }

    fn position(&self, path: &str) -> Option<usize> {
        let files = &self.discovered.files;
        files.binary_search_by(|file| (*file.path).cmp(path)).ok()
    }

    /// Returns whether all posts keep their places with their new texts.
    fn keep_places(&self, replaced: &[ReplacedPost]) -> bool {
        // Rule R15 rejects all but one of the posts with the same words, so a change of words can
        // publish or reject other posts.
        let mut uses: HashMap<u128, usize> = HashMap::new();
        for one in replaced {
            uses.insert(one.old.words_hash, 0);
            uses.insert(one.new.words_hash, 0);
        }
        for post in self.reader.posts() {
            if let Some(count) = uses.get_mut(&post.words_hash) {
                *count += 1;
            }
        }
        let in_place = |one: &ReplacedPost| {
            let (old, new) = (one.old.words_hash, one.new.words_hash);
            // Nobody else has the new words, and nobody else had the old ones.
            uses[&new] == 1 && (old == new || uses[&old] == 0)
        };
        let mut posts = self.reading.posts.iter();
        let has_date = |one: &ReplacedPost| {
            let known = posts.find(|post| Arc::ptr_eq(&post.post, &one.old));
            known.is_some_and(|known| known.date == one.date())
        };
        // `has_date` consumes one iterator for all posts: both lists are in the order of their
        // paths.
        replaced.iter().all(in_place) && replaced.iter().all(has_date)
    }

    /// Puts posts with new texts into their places.
    fn replace_texts(&mut self, replaced: Vec<ReplacedPost>) -> Vec<PostId> {
        let mut texts: Vec<(PostId, Arc<Post<StoredBody>>)> = Vec::new();
        for ReplacedPost { old, new, .. } in replaced {
            let posts = &mut self.reading.posts;
            if let Some(post) = posts.iter_mut().find(|post| Arc::ptr_eq(&post.post, &old)) {
                post.post = Arc::clone(&new);
            }
            let mut entries = self.renderer.corpus().posts.iter();
            // A draft that the preview does not show has no place.
            if let Some(id) = entries.position(|entry| Arc::ptr_eq(&entry.post, &old)) {
                texts.push((id as PostId, new));
            }
        }
        let ids = texts.iter().map(|(id, _)| *id).collect();
        let bodies = Arc::clone(&self.reading.bodies);
        self.renderer = Arc::new(self.renderer.with_texts(texts, bodies));
        self.due = self.due.max(DueStage::Findings);
        ids
    }

    /// Runs the stages that are due, after files were read.
    fn run_due_stages(&mut self) -> Result<(), CommandFailure> {
        let static_files = render::static_files(&self.request.root)?;
        let paths = |files: &[WalkedFile]| -> Vec<String> {
            files.iter().map(|file| file.path.clone()).collect()
        };
        // Where a file came or went, a post may have another address.
        if self.due == DueStage::Places || paths(&static_files) != paths(&self.places.static_files)
        {
            self.due = DueStage::Places;
            self.reading = self
                .reader
                .collect_results(&self.discovered, SystemTime::now());
            self.places = gather_places(
                &self.reading,
                static_files,
                &self.config,
                &self.request,
                &self.cache,
            )?;
        } else {
            self.places.static_files = static_files;
        }
        self.plan_again()
    }

    fn plan_again(&mut self) -> Result<(), CommandFailure> {
        let (reading, places) = (&self.reading, &self.places);
        let (renderer, findings) = plan_preview(
            &self.request,
            &self.config,
            &self.published_at,
            reading,
            places,
        )?;
        self.findings = Arc::new(collect_site_findings(
            (&self.request, &self.config),
            reading,
            places,
            findings,
            &self.cache,
        ));
        self.renderer = Arc::new(renderer);
        self.due = DueStage::Nothing;
        Ok(())
    }
}

/// Runs all stages once.
fn read_all(
    request: &BuildRequest,
    config: &Arc<Config>,
    published_at: &BaseUrl,
    cache: &BuildCache,
    in_progress: &Arc<FilesInProgress>,
) -> Result<Stages, CommandFailure> {
    let mut reader = ContentReader::new(&request.root, config, cache).telling(in_progress);
    let discovered = discover::discover_files(&request.root)?;
    reader.check_content()?;
    check_content_of_last_build(request, config)?;
    if reader.refresh_files(&discovered.files, SystemTime::now())? {
        reader.save(cache);
    }
    let reading = reader.collect_results(&discovered, SystemTime::now());
    let static_files = render::static_files(&request.root)?;
    let places = gather_places(&reading, static_files, config, request, cache)?;
    let (renderer, found) = plan_preview(request, config, published_at, &reading, &places)?;
    Ok(Stages {
        findings: collect_site_findings((request, config), &reading, &places, found, cache),
        reader,
        discovered,
        reading,
        places,
        renderer,
    })
}

/// Reads the configuration for a preview at `origin`, and returns it with the public address of the
/// site.
fn configure_preview(root: &Path, origin: &str) -> Result<(Arc<Config>, BaseUrl), CommandFailure> {
    let mut config = load_config(root)?;
    let published_at = config.base_url.clone();
    config.base_url = published_at.moved_to(origin);
    Ok((Arc::new(config), published_at))
}

fn gather_places(
    reading: &ReadContent,
    static_files: Vec<WalkedFile>,
    config: &Config,
    request: &BuildRequest,
    cache: &BuildCache,
) -> Result<GatheredSite, CommandFailure> {
    let posts = reading.posts.clone();
    let inputs = GatherInputs {
        bodies: &reading.bodies,
        config,
        selection: request.selection(),
        own_paths: &render::own_paths(&static_files, &reading.media),
    };
    let gathered = super::gather_with_cache(posts, inputs, cache)?;
    Ok(GatheredSite {
        static_files,
        corpus: Arc::new(gathered.corpus),
        left_out: gathered.left_out,
        made_drafts: gathered.made_drafts,
        diagnostics: gathered.diagnostics,
    })
}

fn plan_preview(
    request: &BuildRequest,
    config: &Arc<Config>,
    published_at: &BaseUrl,
    reading: &ReadContent,
    places: &GatheredSite,
) -> Result<(SiteRenderer, Vec<Diagnostic>), CommandFailure> {
    render::prepare_renderer(SiteParts {
        root: &request.root,
        theme: request.theme,
        config: Arc::clone(config),
        corpus: Arc::clone(&places.corpus),
        bodies: Arc::clone(&reading.bodies),
        media: &reading.media,
        static_files: &places.static_files,
        // The index is made when a reader searches, and nobody shares links to a preview.
        search: &[],
        cards: &render::NO_CARDS,
        now: SystemTime::now(),
        published_at: Some(published_at.clone()),
    })
}

/// Collects the findings; `last` are those of the last stage.
fn collect_site_findings(
    (request, config): (&BuildRequest, &Config),
    reading: &ReadContent,
    places: &GatheredSite,
    last: Vec<Diagnostic>,
    cache: &BuildCache,
) -> SiteFindings {
    let mut diagnostics = reading.diagnostics.clone();
    diagnostics.extend(places.diagnostics.iter().cloned());
    diagnostics.extend(last);
    diagnostics.extend(cache.take_diagnostics());
    diagnostics.par_sort_unstable();
    config.check.retain_reported(&mut diagnostics);
    let made_drafts: HashSet<_> = places.made_drafts.iter().map(Arc::as_ptr).collect();
    let is_draft =
        |dated: &&DatedPost| dated.post.draft || made_drafts.contains(&Arc::as_ptr(&dated.post));
    let (drafts, others): (Vec<&DatedPost>, Vec<&DatedPost>) =
        reading.posts.iter().partition(is_draft);
    let scheduled = others.into_iter();
    let scheduled = scheduled.filter(|dated| dated.date > Some(request.today));
    SiteFindings {
        diagnostics,
        drafts: drafts.into_iter().cloned().collect(),
        scheduled: scheduled.cloned().collect(),
        ledger: ReplyLedger::count(reading, &places.corpus, places.left_out),
    }
}

#[cfg(test)]
mod tests;
