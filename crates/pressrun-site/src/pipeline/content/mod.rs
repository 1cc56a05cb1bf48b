//! Reads the content of a site, and reads again only the files that changed since the last build.
//!
//! The result of each file is remembered. A file whose stamp is unchanged is not opened, and a file
//! with a new stamp but the same bytes is not parsed. `update` is a faster way for a few files that
//! are known to have changed.

mod dates;
mod in_progress;
mod memory;
mod retries;
mod source;
mod update;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use pressrun_posts::content_file::ReadSettings;
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace};
use pressrun_posts::post::{Date, Post, SiteZone, TextRole};
use pressrun_posts::rules::{ComparedPost, DuplicateFinder, DuplicateVerdict};
use pressrun_text::numbers::group_thousands;
use rayon::prelude::*;

use super::request::StageInputs;
use super::site_cache::BUILD_CACHE;
use super::site_config::make_read_settings;
use super::timings::Timings;
use crate::cache::{BodyStore, BuildCache, Fingerprint, StoredBody};
use crate::config::{Config, DateSource};
use crate::corpus::DatedPost;
use crate::discover::{self, DiscoveredFiles, SourceFile};
use crate::error::Result;
use crate::fs::FileStamp;
use crate::output;
use crate::render::CommandFailure;
use crate::review::{ReviewBook, ReviewPolicy, report_outdated};

use dates::note_same_day;
pub use in_progress::{FileInProgress, FilesInProgress};
use memory::{ContentMemory, RememberedFile};
pub use source::open_parquet;
pub(super) use source::open_source_unhashed;
use source::{OpenedSource, open_source};
pub(super) use update::{ContentUpdate, ReplacedPost};

/// Bytes of unused bodies up to which cleaning up is not worth its cost.
const WASTE: u64 = 4 << 20;

/// A post as it was read for a site.
type SitePost = Arc<Post<StoredBody>>;

/// What was read of one file by itself.
#[derive(Debug)]
pub(super) struct SourceReading {
    pub(super) path: Arc<str>,
    pub(super) posts: Vec<SitePost>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The posts of a site, and the diagnostics from reading them.
#[derive(Debug, Default)]
pub(super) struct ReadContent {
    /// Posts, in the order of their paths.
    pub(super) posts: Vec<DatedPost>,
    /// The bodies of the posts.
    pub(super) bodies: Arc<BodyStore>,
    /// Diagnostics, sorted by place within each file.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What `reviews.toml` says.
    pub(super) book: Arc<ReviewBook>,
    /// Number of files that may hold posts.
    pub(super) files: usize,
    /// Pictures and other media beside the posts.
    pub(super) media: Vec<SourceFile>,
    /// Fingerprint of everything that the posts depend on; `None` if a file changed so recently
    /// that a further change could go unnoticed.
    pub(super) input: Option<Fingerprint>,
    /// Whether git was asked for dates of posts.
    pub(super) is_dated_by_git: bool,
}

/// Reads the content of a site, as often as needed.
#[derive(Debug)]
pub(super) struct ContentReader {
    root: PathBuf,
    settings: ReadSettings,
    config: Arc<Config>,
    dates: DateSource,
    zone: SiteZone,
    /// The files as they were last listed.
    pub(super) discovered: DiscoveredFiles,
    memory: ContentMemory,
    bodies: Arc<BodyStore>,
    in_progress: Arc<FilesInProgress>,
    /// What decides the review of posts, as of the last [`discover`](Self::discover).
    pub(super) review: ReviewPolicy,
}

/// Reads the content of a site once.
///
/// # Errors
///
/// Returns an error if bodies cannot be stored, the machine cannot read any more files, or all posts
/// are gone.
pub(super) fn read_content(
    inputs: &StageInputs<'_>,
    timings: &mut Timings,
) -> std::result::Result<ReadContent, CommandFailure> {
    let discovered = list_content(inputs, timings)?;
    read_listed_content(inputs, discovered, timings)
}

/// Lists the content of a site.
///
/// # Errors
///
/// Returns an error if the folder cannot be listed.
pub(super) fn list_content(
    inputs: &StageInputs<'_>,
    timings: &mut Timings,
) -> Result<DiscoveredFiles> {
    timings.run_stage("discover", || {
        discover::discover_files(&inputs.request.root)
    })
}

/// Does the same as [`read_content`] for content that is listed already.
///
/// # Errors
///
/// As [`read_content`].
pub(super) fn read_listed_content(
    inputs: &StageInputs<'_>,
    discovered: DiscoveredFiles,
    timings: &mut Timings,
) -> std::result::Result<ReadContent, CommandFailure> {
    let mut reader = timings.run_stage("remembered", || ContentReader::new(inputs));
    reader.take_listing(inputs, discovered)?;
    reader.read_listed(inputs, timings)
}

/// Returns the key of a cache of what [`ContentReader`] reads under a configuration.
pub(super) fn content_cache_key(config: &Config) -> Fingerprint {
    let parts = (
        &config.language,
        &config.categories,
        &config.tags.aliases,
        &config.markdown,
        &config.messages,
        config.content.slugs,
        config.content.slug_from,
    );
    Fingerprint::of_value(&parts)
}

impl ContentReader {
    /// Starts with what the cache remembers about the site.
    pub(super) fn new(inputs: &StageInputs<'_>) -> Self {
        let cache = inputs.cache;
        let memory = ContentMemory::load(cache).unwrap_or_else(|| {
            // Without the entry, nothing refers to the old bodies.
            cache.remove_bodies(None);
            ContentMemory::default()
        });
        let bodies = Arc::new(cache.bodies(memory.generation()));
        let mut reader = Self::with_memory(inputs, memory, bodies);
        if reader.clean_up(cache).is_err() {
            // Posts whose bodies could not be copied must be read again.
            reader.memory.clear();
        }
        reader
    }

    fn with_memory(
        inputs: &StageInputs<'_>,
        memory: ContentMemory,
        bodies: Arc<BodyStore>,
    ) -> Self {
        let config = inputs.config;
        let mut settings = make_read_settings(config);
        settings.makes_profiles = true;
        // The corpus compares the posts of all files.
        settings.finds_near_duplicates = false;
        Self {
            root: inputs.request.root.clone(),
            settings,
            config: Arc::clone(config),
            dates: config.content.dates,
            zone: config.timezone.clone(),
            discovered: DiscoveredFiles::default(),
            memory,
            bodies,
            in_progress: Arc::default(),
            review: ReviewPolicy::default(),
        }
    }

    /// Starts with nothing, for a site that is read in pieces.
    pub(super) fn for_pieces(inputs: &StageInputs<'_>) -> Self {
        Self::with_memory(inputs, ContentMemory::default(), Arc::default())
    }

    /// Combines what was read in pieces into one reading of the site, as
    /// [`read_listed_content`] would have read it.
    ///
    /// # Errors
    ///
    /// Returns an error if `reviews.toml` is broken.
    pub(super) fn collect_pieces(
        mut self,
        inputs: &StageInputs<'_>,
        discovered: DiscoveredFiles,
        bodies: Arc<BodyStore>,
        pieces: Vec<SourceReading>,
    ) -> std::result::Result<ReadContent, CommandFailure> {
        self.take_listing(inputs, discovered)?;
        self.bodies = bodies;
        for piece in pieces {
            let SourceReading {
                path,
                posts,
                diagnostics,
            } = piece;
            let file = RememberedFile {
                stamp: None,
                hash: Fingerprint::default(),
                named: None,
                posts,
                diagnostics,
            };
            self.memory.insert(path, file);
        }
        Ok(self.collect_results(inputs.request.now))
    }

    /// Makes the reader list the files that it is reading in `files`.
    #[must_use]
    pub(super) fn with_progress(mut self, files: &Arc<FilesInProgress>) -> Self {
        self.in_progress = Arc::clone(files);
        self
    }

    /// Reads what changed, in parallel over the files, and updates the cache. A file that changed
    /// just before the time of the request is read again next time.
    ///
    /// # Errors
    ///
    /// Returns an error if bodies cannot be stored, the machine cannot read any more files, or all
    /// posts are gone.
    pub(super) fn read(
        &mut self,
        inputs: &StageInputs<'_>,
        timings: &mut Timings,
    ) -> std::result::Result<ReadContent, CommandFailure> {
        timings.run_stage("discover", || self.discover(inputs))?;
        self.read_listed(inputs, timings)
    }

    /// Does the same for the files as they were last listed.
    fn read_listed(
        &mut self,
        inputs: &StageInputs<'_>,
        timings: &mut Timings,
    ) -> std::result::Result<ReadContent, CommandFailure> {
        let now = inputs.request.now;
        let is_changed = timings.run_stage("parse", || self.refresh_files(now))?;
        let content = timings.run_stage("collect", || self.collect_results(now));
        if is_changed || self.memory.is_history_new() {
            timings.run_stage("keep", || self.save(inputs.cache));
        }
        Ok(content)
    }

    /// Lists the content folder, and reads `reviews.toml`. Returns whether anything but the content of files that may hold
    /// posts changed since it was listed before.
    ///
    /// # Errors
    ///
    /// Returns an error if the folder cannot be listed, or is gone although it had posts, or
    /// `reviews.toml` is broken.
    pub(super) fn discover(
        &mut self,
        inputs: &StageInputs<'_>,
    ) -> std::result::Result<bool, CommandFailure> {
        let discovered = discover::discover_files(&self.root)?;
        self.take_listing(inputs, discovered)
    }

    /// Does the same with files that are listed already.
    fn take_listing(
        &mut self,
        inputs: &StageInputs<'_>,
        discovered: DiscoveredFiles,
    ) -> std::result::Result<bool, CommandFailure> {
        self.review =
            ReviewPolicy::load(&self.root, &inputs.config.review).map_err(CommandFailure::Site)?;
        self.check_content(inputs)?;
        let changed = !discovered.has_same_paths(&self.discovered);
        self.discovered = discovered;
        Ok(changed)
    }

    /// Checks that the content folder is still there if it had posts the last time, which the
    /// memory, the cache of builds or the output folder tells.
    ///
    /// An empty folder is fine, because its author may have removed all posts. A link to a disk that
    /// is not mounted counts as gone.
    ///
    /// # Errors
    ///
    /// Returns an error if it is gone: the site without posts would replace the last good one.
    fn check_content(&self, inputs: &StageInputs<'_>) -> std::result::Result<(), CommandFailure> {
        let folder = discover::FOLDER;
        let request = inputs.request;
        // The usual case, in which no other memory has to be read.
        if request.force || self.root.join(folder).exists() {
            return Ok(());
        }
        let key = content_cache_key(inputs.config);
        // Keeps nothing if this run has it open already; `memory` is then of this cache.
        let build_cache = BuildCache::open_if_free(&self.root, BUILD_CACHE, key);
        let published = output::count_published_posts(&request.output_folder());
        let posts = match self
            .posts()
            .count()
            .max(count_remembered_posts(&build_cache))
            .max(published)
        {
            0 => return Ok(()),
            1 => "a post".to_owned(),
            posts => format!("{} posts", group_thousands(posts)),
        };
        let message = format!("`{folder}/` is missing; the last build found {posts} in it");
        let help = "restore it, for example by mounting its disk; for a site without posts create \
                    an empty folder";
        let found = Diagnostic::new(Code::ContentGone, FilePlace::file(folder), message);
        Err(CommandFailure::Site(vec![found.with_help(help)]))
    }

    /// Returns every post of the files in no particular order, including posts with the same words
    /// as another.
    pub(super) fn posts(&self) -> impl Iterator<Item = &Post<StoredBody>> {
        let files = self.memory.files();
        files.flat_map(|file| &file.posts).map(|post| &**post)
    }

    /// Writes what is known to the cache.
    pub(super) fn save(&mut self, cache: &BuildCache) {
        self.memory.save(cache);
    }

    /// Updates the remembered results to the files as they were last listed. Returns whether any
    /// result changed.
    ///
    /// # Errors
    ///
    /// Returns an error if bodies cannot be stored or the machine cannot read any more files. The
    /// memory then stays as it was.
    pub(super) fn refresh_files(&mut self, now: SystemTime) -> Result<bool> {
        let files = &self.discovered.files;
        let results = files
            .par_iter()
            .map(|file| self.refresh_one(file, self.memory.file(&file.path), now))
            .collect::<Result<Vec<_>>>()?;
        let mut changed = false;
        for (file, result) in files.iter().zip(results) {
            if let Some(remembered) = result {
                changed = true;
                self.memory.insert(file.path.clone(), remembered);
            }
        }
        changed |= self.memory.retain(files);
        Ok(changed)
    }

    /// Returns the result of a file, unless it is the remembered one.
    fn refresh_one(
        &self,
        file: &SourceFile,
        known: Option<&RememberedFile>,
        now: SystemTime,
    ) -> Result<Option<RememberedFile>> {
        // A stamp that is too fresh is not stored, so the file is read again next time.
        let stamp = file.stamp.filter(|stamp| stamp.is_at_rest(now));
        // The name may say something else if another file came or went.
        let named = self.discovered.translations.get(&file.path);
        let known = known.filter(|known| known.named.as_ref() == named);
        if stamp.is_some() && known.is_some_and(|known| known.stamp == stamp) {
            return Ok(None);
        }
        let _guard = self.in_progress.begin(file);
        let OpenedSource { content, hash } = match open_source(&file.location) {
            Ok(opened) => opened,
            // Too many open files, for example: then the other files fail too.
            Err(error) if !error.is_of_one_file() => return Err(error),
            Err(error) => {
                let remembered = RememberedFile {
                    stamp: None,
                    hash: Fingerprint::default(),
                    named: named.cloned(),
                    posts: Vec::new(),
                    diagnostics: vec![discover::report_unreadable_file(&self.root, &error)],
                };
                return Ok(Some(remembered));
            }
        };
        if let Some(known) = known
            && known.hash == hash
        {
            let restamped = || RememberedFile {
                stamp,
                ..known.clone()
            };
            return Ok((known.stamp != stamp).then(restamped));
        }
        let (posts, diagnostics) = self.read_source(file, content, named, &self.bodies)?;
        let remembered = RememberedFile {
            stamp,
            hash,
            named: named.cloned(),
            posts,
            diagnostics,
        };
        Ok(Some(remembered))
    }

    /// Combines the results of all files into one reading of the site.
    pub(super) fn collect_results(&mut self, now: SystemTime) -> ReadContent {
        // Taken out meanwhile, because dating posts changes the reader.
        let discovered = std::mem::take(&mut self.discovered);
        let DiscoveredFiles { files, media, .. } = &discovered;
        let mut diagnostics = discovered.diagnostics.clone();
        let other: Vec<&str> = discovered
            .diagnostics
            .iter()
            .map(|found| &*found.message)
            .collect();
        let mut posts = Vec::with_capacity(files.len());
        let mut input = Some(Vec::with_capacity(files.len()));
        for file in files {
            let Some(known) = self.memory.file(&file.path) else {
                continue;
            };
            // `None` from the first file without a stamp on.
            input = input.zip(known.stamp).map(|(mut input, stamp)| {
                input.push((known.hash, stamp.modified()));
                input
            });
            let own = known.diagnostics.iter();
            diagnostics.extend(own.filter(|found| !is_of_file_alone(found)).cloned());
            posts.extend(known.posts.iter().cloned());
        }
        retries::leave_out_superseded(&mut posts, &mut diagnostics);
        let (mut posts, is_dated_by_git) = self.date_posts(posts, files, &mut diagnostics);
        let states = self
            .review
            .judge_posts(posts.iter().map(|dated| &*dated.post));
        for (dated, state) in posts.iter_mut().zip(states) {
            diagnostics.extend(report_outdated(&dated.post, state));
            dated.review = state;
        }
        diagnostics.extend(note_same_day(&posts));
        let posts = without_copies(posts, &mut diagnostics);
        let paths: Vec<&str> = files.iter().map(|file| &*file.path).collect();
        let pictures: Option<Vec<(&str, FileStamp)>> = media
            .iter()
            .map(|file| {
                Some((
                    &*file.path,
                    file.stamp.filter(|stamp| stamp.is_at_rest(now))?,
                ))
            })
            .collect();
        let input = input.zip(pictures).map(|input| {
            // Hash the days and not the commit, because git may answer differently for the same
            // commit, or not at all.
            let days: Vec<Option<Date>> = posts
                .iter()
                .map(|post| post.date.map(|date| date.day))
                .collect();
            let of_dates: Vec<&str> = diagnostics
                .iter()
                .filter(|one| matches!(one.code, Code::ShallowClone | Code::DatesUnknown))
                .map(|one| &*one.message)
                .collect();
            Fingerprint::of_value(&(paths, input, days, of_dates, &other))
        });
        let content = ReadContent {
            posts,
            bodies: Arc::clone(&self.bodies),
            diagnostics,
            book: Arc::clone(self.review.book()),
            files: files.len(),
            media: media.clone(),
            input,
            is_dated_by_git,
        };
        self.discovered = discovered;
        content
    }

    /// Copies the bodies in use to a new file, if most of the old one is unused.
    ///
    /// # Errors
    ///
    /// Returns an error if a body cannot be read or stored. Everything then stays as it was.
    pub(super) fn clean_up(&mut self, cache: &BuildCache) -> Result<()> {
        let files = self.memory.files();
        let live: u64 = files
            .flat_map(|file| &file.posts)
            .map(|post| post.body.stored_bytes())
            .sum();
        // The store only grows, so old bodies stay until they are the larger part.
        if self.bodies.size() <= 2 * live + WASTE {
            return Ok(());
        }
        // A new file, because the site in memory may still read the old one.
        let bodies = cache.bodies(self.memory.next_generation());
        self.memory
            .move_bodies(cache, |body| bodies.copy_body(body, &self.bodies))?;
        self.bodies = Arc::new(bodies);
        Ok(())
    }
}

/// Removes posts with the same words as another, and warns about repeated titles; of several such
/// posts, the original counts (rule R15). Drafts are neither originals nor copies. The posts stay in
/// the order of their paths.
fn without_copies(posts: Vec<DatedPost>, diagnostics: &mut Vec<Diagnostic>) -> Vec<DatedPost> {
    let mut order: Vec<usize> = (0..posts.len()).collect();
    // Pages may repeat each other, and what posts say.
    order.retain(|&at| posts[at].hold().is_none() && posts[at].post.role() == TextRole::Post);
    order.sort_by_cached_key(|&at| posts[at].originality());
    let mut originals = DuplicateFinder::default();
    let mut is_copy = vec![false; posts.len()];
    for at in order {
        match originals.check_and_add(&ComparedPost::from_post(&posts[at].post)) {
            DuplicateVerdict::Accepted(warning) => diagnostics.extend(warning),
            DuplicateVerdict::Rejected(error) => {
                is_copy[at] = true;
                diagnostics.push(error);
            }
        }
    }
    let posts = posts.into_iter().zip(is_copy);
    posts
        .filter(|(_, is_copy)| !is_copy)
        .map(|(post, _)| post)
        .collect()
}

/// Returns how many posts a cache remembers.
fn count_remembered_posts(cache: &BuildCache) -> usize {
    let memory = ContentMemory::load(cache).unwrap_or_default();
    memory.files().map(|file| file.posts.len()).sum()
}

/// Returns whether a diagnostic is about a file seen alone; for a site, `corpus` makes its own.
fn is_of_file_alone(found: &Diagnostic) -> bool {
    found.code == Code::TagsGenerated
}

#[cfg(test)]
mod tests;
