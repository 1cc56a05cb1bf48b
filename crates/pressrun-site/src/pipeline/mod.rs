//! Runs every stage once, in order: the file to read first.

mod cards;
pub mod content;
pub mod preview;
pub mod report_data;
pub mod search;
pub mod timings;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use pressrun_posts::content_file;
use pressrun_posts::content_file::{CategoryPolicy, FileInput, FileResult, ReadSettings};
use pressrun_posts::diagnostic::{Code, Diagnostic, FilePlace, Severity};
use pressrun_posts::post::category::CategoryList;
use pressrun_posts::post::{Date, Post};
use pressrun_text::line::unify_line_ends;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::cache::{BuildCache, Fingerprint, StoredBody};
use crate::config::{self, BaseUrl, Config, RawHtmlPolicy};
use crate::corpus::{
    self, Corpus, DatedPost, GatherInputs, GatheredCorpus, LeftOutCounts, PostSelection,
    SimilarityCache, competing,
};
use crate::discover;
use crate::error::Result;
use crate::fs;
use crate::output;
use crate::output::{OutputFolder, OutputInputs, OutputMode, WrittenCounts};
use crate::render::{self, CommandFailure, SiteParts, SiteRenderer, Theme};

use content::{ContentReader, ReadContent};
use timings::Timings;

/// Name of the cache for builds.
pub const CACHE: &str = "build";

/// Name of the cache entry with the similarities of posts.
const COMPARED: &str = "compared";

/// The options of a build.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one switch of the command line"
)]
pub struct BuildRequest {
    /// Folder of the site.
    pub root: PathBuf,
    /// Theme of the site.
    pub theme: Theme,
    /// Output folder; `None` for `public` in the folder of the site.
    pub output: Option<PathBuf>,
    /// Overrides the address in the configuration.
    pub base_url: Option<BaseUrl>,
    /// Whether drafts are published too.
    pub drafts: bool,
    /// Whether scheduled posts are published too.
    pub future: bool,
    /// Whether to forget earlier builds, and to write into a folder that holds foreign files.
    pub force: bool,
    /// Whether to wait until everything is on the disk.
    pub sync: bool,
    /// Whether a rejected reply stops the build.
    pub strict: bool,
    /// Whether to run slow checks that never stop a build.
    pub thorough: bool,
    /// The day that counts as today.
    pub today: Date,
    /// Whether the output folder is temporary, so that nothing about it is remembered.
    pub once: bool,
    /// Whether nothing is written, so that no search index and no cards are made.
    pub unwritten: bool,
    /// The time of the build. A file changed just before it may change again without its stamp
    /// showing it.
    pub now: SystemTime,
    /// Codes that are not reported, besides those that the configuration ignores.
    pub allowed: Vec<Code>,
    /// Called before waiting for another process that builds the site.
    pub on_wait: fn(),
}

impl BuildRequest {
    /// Returns the options of a plain build of the site at `root`.
    pub fn new(root: &Path, theme: Theme, today: Date) -> Self {
        Self {
            root: root.to_owned(),
            theme,
            output: None,
            base_url: None,
            drafts: false,
            future: false,
            force: false,
            sync: false,
            strict: false,
            thorough: false,
            today,
            once: false,
            unwritten: false,
            now: SystemTime::now(),
            allowed: Vec::new(),
            on_wait: || {},
        }
    }

    /// Returns the output folder.
    pub fn output_folder(&self) -> PathBuf {
        let own = self.output.clone();
        own.unwrap_or_else(|| self.root.join("public"))
    }

    /// Returns which posts are published.
    fn selection(&self) -> PostSelection {
        PostSelection {
            today: self.today,
            drafts: self.drafts,
            future: self.future,
        }
    }
}

/// The result of a build.
#[derive(Debug)]
pub struct BuildReport {
    /// Address of the site.
    pub base_url: BaseUrl,
    /// Output folder.
    pub output: PathBuf,
    /// How many replies were published, scheduled, drafts or rejected.
    pub ledger: ReplyLedger,
    /// Which files were written.
    pub written: WrittenCounts,
    /// Diagnostics, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Drafts and scheduled posts.
    pub waiting: Vec<UnpublishedPost>,
    /// How long each stage took.
    pub timings: Timings,
}

/// How many replies there were: `replies` is the sum of the fields after it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyLedger {
    /// Files that may hold replies.
    pub files: usize,
    /// Replies in them.
    pub replies: usize,
    /// Posts on the site.
    pub published: usize,
    /// Drafts that are left out.
    pub drafts: usize,
    /// Scheduled posts that are left out.
    pub future: usize,
    /// Replies that are rejected.
    pub rejected: usize,
}

impl ReplyLedger {
    /// Counts a reading whose posts were gathered into `corpus`.
    fn count(reading: &ReadContent, corpus: &Corpus, left_out: LeftOutCounts) -> Self {
        let rejected = count_rejections(&reading.diagnostics);
        Self {
            files: reading.files,
            replies: reading.posts.len() + rejected,
            published: corpus.posts.len(),
            drafts: left_out.drafts,
            future: left_out.future,
            rejected,
        }
    }
}

/// A post that is not published yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnpublishedPost {
    /// Position of the post in its source file.
    pub place: FilePlace,
    /// Title of the post.
    pub title: String,
    /// The day on which it appears; `None` for a draft.
    pub day: Option<Date>,
}

/// The result of [`check_site`].
#[derive(Debug)]
pub struct CheckReport {
    /// Diagnostics, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Drafts and scheduled posts.
    pub waiting: Vec<UnpublishedPost>,
}

/// What is remembered about the last build into an output folder.
#[derive(Debug, Default, Serialize, Deserialize)]
struct LastBuild {
    /// Fingerprint of everything that it was made from.
    input: Option<Fingerprint>,
    ledger: ReplyLedger,
    waiting: Vec<UnpublishedPost>,
    diagnostics: Vec<Diagnostic>,
    origins: OutputInputs,
}

/// Builds a site.
///
/// # Errors
///
/// Returns what is wrong with the site or the machine. The output folder then still holds the last
/// good site.
pub fn build_site(request: &BuildRequest) -> std::result::Result<BuildReport, CommandFailure> {
    let config = Arc::new(load_request_config(request)?);
    run_with_cache(request, &config, |cache| {
        build_with(cache, request, &config)
    })
}

/// Checks that the content folder is still there if the last build had posts, which its cache or
/// the output folder remembers.
///
/// A command without a memory of its own needs this: a new preview, or a check without a cache.
///
/// # Errors
///
/// Returns an error if the folder is gone.
fn check_content_of_last_build(
    request: &BuildRequest,
    config: &Config,
) -> std::result::Result<(), CommandFailure> {
    // Nothing has to be read in the usual case.
    if request.root.join(discover::FOLDER).exists() {
        return Ok(());
    }
    let key = content::content_cache_key(config);
    let cache = BuildCache::open_if_free(&request.root, CACHE, key);
    let remembered = content::count_remembered_posts(&cache);
    let published = output::count_published_posts(&request.output_folder());
    content::check_content(&request.root, remembered.max(published))
}

/// Calls `run` with the cache for builds, and heals the cache as [`with_healing`] does.
fn run_with_cache<T>(
    request: &BuildRequest,
    config: &Config,
    run: impl Fn(&BuildCache) -> std::result::Result<T, CommandFailure>,
) -> std::result::Result<T, CommandFailure> {
    let (result, _) = with_healing(open_cache(CACHE, request, config), run)?;
    Ok(result)
}

/// Calls `run` with a cache. If that fails because of the cache, calls it once more: with the
/// emptied cache if it was damaged, else without one. Returns the cache to go on with.
fn with_healing<T>(
    cache: BuildCache,
    run: impl Fn(&BuildCache) -> std::result::Result<T, CommandFailure>,
) -> std::result::Result<(T, BuildCache), CommandFailure> {
    let error = match run(&cache) {
        Ok(result) => return Ok((result, cache)),
        Err(CommandFailure::Machine(error)) if cache.contains_path(error.path()) => error,
        Err(failure) => return Err(failure),
    };
    cache.clear();
    let cache = if error.kind() == std::io::ErrorKind::InvalidData {
        cache
    } else {
        // The cache cannot be written, for example because the disk is full.
        cache.disable_after(&error)
    };
    let result = run(&cache)?;
    Ok((result, cache))
}

/// Opens the cache with a name; empties it first if `request` says so.
fn open_cache(name: &str, request: &BuildRequest, config: &Config) -> BuildCache {
    let key = content::content_cache_key(config);
    let cache = BuildCache::open(&request.root, name, key, request.on_wait);
    if request.force {
        cache.clear();
    }
    cache
}

fn build_with(
    cache: &BuildCache,
    request: &BuildRequest,
    config: &Arc<Config>,
) -> std::result::Result<BuildReport, CommandFailure> {
    let mut timings = Timings::default();
    let folder = request.output_folder();
    // A site may be built into several folders; each has its own entry.
    let entry = format!("site-{}", Fingerprint::of_value(&fs::resolve_path(&folder)));
    let mut last: LastBuild = cache.get_entry(&entry).unwrap_or_default();
    let mode = OutputMode {
        force: request.force,
        sync: request.sync,
        // Moved out, because a manifest of a large site has many.
        origins: std::mem::take(&mut last.origins),
        on_wait: request.on_wait,
    };
    let output = OutputFolder::open(&request.root, &folder, &mode)?;
    let reading =
        ContentReader::new(&request.root, config, cache).read(cache, request.now, &mut timings)?;
    // The reader knows this too, but only as long as the cache is there.
    if !request.force {
        content::check_content(&request.root, output.posts())?;
    }
    if request.strict && count_rejections(&reading.diagnostics) > 0 {
        let mut diagnostics = reading.diagnostics;
        diagnostics.retain(|found| found.severity() == Severity::Error);
        return Err(CommandFailure::Site(diagnostics));
    }
    // Before `prepare` consumes the reading.
    let input = site_input_fingerprint(request, config, &reading);
    let unchanged = timings.run_stage("compare", || {
        // Nothing has changed, and the output folder is as the last build left it.
        let same = input.is_some() && input == last.input;
        same.then(|| output.unchanged_since_build()).flatten()
    });
    let written = if let Some(written) = unchanged {
        written
    } else {
        let prepared = prepare_site(cache, request, config, reading, &mut timings)?;
        last.input = input;
        last.ledger = prepared.ledger;
        last.waiting = prepared.waiting;
        last.diagnostics = prepared.diagnostics;
        let written;
        (written, last.origins) =
            timings.run_stage("render and write", || output.write_site(prepared.renderer))?;
        if !request.once {
            timings.run_stage("remember", || cache.put_entry(&entry, &last));
        }
        written
    };
    let mut diagnostics = last.diagnostics;
    diagnostics.extend(cache.take_diagnostics());
    config.check.retain_reported(&mut diagnostics);
    Ok(BuildReport {
        base_url: config.base_url.clone(),
        output: folder,
        ledger: last.ledger,
        written,
        diagnostics,
        waiting: last.waiting,
        timings,
    })
}

/// A site that is ready to be rendered.
struct PreparedSite {
    renderer: SiteRenderer,
    ledger: ReplyLedger,
    waiting: Vec<UnpublishedPost>,
    /// All diagnostics, sorted by place.
    diagnostics: Vec<Diagnostic>,
}

fn prepare_site(
    cache: &BuildCache,
    request: &BuildRequest,
    config: &Arc<Config>,
    reading: ReadContent,
    timings: &mut Timings,
) -> std::result::Result<PreparedSite, CommandFailure> {
    let posts = reading.posts.clone();
    let static_files = render::static_files(&request.root)?;
    let inputs = GatherInputs {
        bodies: &reading.bodies,
        config,
        selection: request.selection(),
        own_paths: &render::own_paths(&static_files, &reading.media),
    };
    let gathered = timings.run_stage("gather", || gather_with_cache(posts, inputs, cache))?;
    let waiting = list_unpublished(&reading.posts, &gathered.made_drafts, request.selection());
    let ledger = ReplyLedger::count(&reading, &gathered.corpus, gathered.left_out);
    let corpus = Arc::new(gathered.corpus);
    let bodies = &reading.bodies;
    let (index, cards) = if request.unwritten {
        // Pages name their cards, but nothing looks at the pictures or at the index.
        (Vec::new(), cards::name(&corpus, config))
    } else {
        (
            timings.run_stage("search", || {
                search::index_files(&corpus, bodies, config, cache)
            })?,
            timings.run_stage("cards", || {
                cards::draw_cards(&request.root, &corpus, config)
            }),
        )
    };
    let site = SiteParts {
        root: &request.root,
        theme: request.theme,
        config: Arc::clone(config),
        corpus: Arc::clone(&corpus),
        bodies: reading.bodies,
        media: &reading.media,
        static_files: &static_files,
        search: &index,
        cards: &cards,
        now: request.now,
        published_at: None,
    };
    let (renderer, findings) = timings.run_stage("plan", || render::prepare_renderer(site))?;
    let mut diagnostics = reading.diagnostics;
    diagnostics.extend(gathered.diagnostics);
    diagnostics.extend(findings);
    if request.thorough {
        let competing =
            competing::find_competing(&corpus, |entry| entry.language(&config.language));
        diagnostics.extend(competing::note_competing(&corpus, &competing));
    }
    diagnostics.sort();
    Ok(PreparedSite {
        renderer,
        ledger,
        waiting,
        diagnostics,
    })
}

/// Gathers posts into a corpus, using the similarities that the cache remembers.
fn gather_with_cache(
    posts: Vec<DatedPost>,
    inputs: GatherInputs<'_>,
    cache: &BuildCache,
) -> Result<GatheredCorpus> {
    let known: SimilarityCache = cache.get_entry(COMPARED).unwrap_or_default();
    let mut compared = known.clone();
    let gathered = corpus::gather_corpus(posts, inputs, &mut compared)?;
    if compared != known {
        cache.put_entry(COMPARED, &compared);
    }
    Ok(gathered)
}

/// Returns a fingerprint of everything that a site is made from, or `None` if something changed so
/// recently that a further change could go unnoticed.
fn site_input_fingerprint(
    request: &BuildRequest,
    config: &Config,
    reading: &ReadContent,
) -> Option<Fingerprint> {
    let selection = (request.today, request.drafts, request.future);
    let theme = render::fingerprint_sources(request.theme, &request.root, request.now)?;
    Some(Fingerprint::of_value(&(
        config,
        selection,
        theme,
        reading.input?,
    )))
}

/// Finds everything that a build would report, without writing the site.
///
/// # Errors
///
/// The same as [`build_site`].
pub fn check_site(request: &BuildRequest) -> std::result::Result<CheckReport, CommandFailure> {
    let request = BuildRequest {
        unwritten: true,
        ..request.clone()
    };
    let config = Arc::new(load_request_config(&request)?);
    check_content_of_last_build(&request, &config)?;
    run_with_cache(&request, &config, |cache| {
        check_with(cache, &request, &config)
    })
}

/// Finds the posts that are left out for now, without rendering anything.
///
/// # Errors
///
/// Returns the same errors as [`build_site`], except those of templates and static files.
pub fn find_waiting(
    request: &BuildRequest,
) -> std::result::Result<Vec<UnpublishedPost>, CommandFailure> {
    let config = load_request_config(request)?;
    check_content_of_last_build(request, &config)?;
    run_with_cache(request, &config, |cache| {
        let mut reader = ContentReader::new(&request.root, &config, cache);
        let reading = reader.read(cache, request.now, &mut Timings::default())?;
        let selection = request.selection();
        let static_files = render::static_files(&request.root)?;
        let inputs = GatherInputs {
            bodies: &reading.bodies,
            config: &config,
            selection,
            own_paths: &render::own_paths(&static_files, &reading.media),
        };
        let gathered = gather_with_cache(reading.posts.clone(), inputs, cache)?;
        Ok(list_unpublished(
            &reading.posts,
            &gathered.made_drafts,
            selection,
        ))
    })
}

fn check_with(
    cache: &BuildCache,
    request: &BuildRequest,
    config: &Arc<Config>,
) -> std::result::Result<CheckReport, CommandFailure> {
    let mut timings = Timings::default();
    let reading =
        ContentReader::new(&request.root, config, cache).read(cache, request.now, &mut timings)?;
    let PreparedSite {
        renderer,
        waiting,
        mut diagnostics,
        ..
    } = prepare_site(cache, request, config, reading, &mut timings)?;
    // Template errors show only when pages are rendered.
    let jobs = renderer.jobs().par_iter();
    CommandFailure::collect(jobs.map(|job| renderer.render_job(job).map(drop)).collect())?;
    diagnostics.extend(cache.take_diagnostics());
    config.check.retain_reported(&mut diagnostics);
    Ok(CheckReport {
        diagnostics,
        waiting,
    })
}

/// Reads the posts of a site in the order of their paths, including drafts and scheduled posts, and
/// updates the cache.
///
/// # Errors
///
/// Returns an error if bodies cannot be stored or the machine cannot read any more files.
pub fn read_posts(
    request: &BuildRequest,
    config: &Config,
    cache: &str,
) -> std::result::Result<Vec<DatedPost>, CommandFailure> {
    check_content_of_last_build(request, config)?;
    let cache = open_cache(cache, request, config);
    let (posts, _) = with_healing(cache, |cache| {
        let mut reader = ContentReader::new(&request.root, config, cache);
        let reading = reader.read(cache, request.now, &mut Timings::default())?;
        Ok(reading.posts)
    })?;
    Ok(posts)
}

/// Reads one file by itself, with default settings and without a site. Returns its bytes too.
///
/// # Errors
///
/// Returns an error if the file cannot be read.
pub fn read_single_file(path: &Path) -> Result<(Vec<u8>, FileResult)> {
    let input = FileInput {
        path: fs::path_with_slashes(path).into(),
        bytes: fs::read_file_or_pipe(path)?,
    };
    let result = content_file::read_file(&input, &ReadSettings::default());
    Ok((input.bytes, result))
}

/// Reads the configuration of a request's site, and applies the request's address to it.
pub fn load_request_config(request: &BuildRequest) -> std::result::Result<Config, CommandFailure> {
    let mut config = load_config(&request.root)?;
    if let Some(base_url) = &request.base_url {
        config.base_url = base_url.clone();
    }
    config.check.ignore.extend(&request.allowed);
    Ok(config)
}

/// Reads `site.toml` in the folder `root`. A site without this file gets the defaults.
pub fn load_config(root: &Path) -> std::result::Result<Config, CommandFailure> {
    let path = root.join(config::FILE);
    let Some(text) = fs::read_text(&path)? else {
        if root.join(discover::FOLDER).is_dir() {
            return Ok(Config::default());
        }
        let place = FilePlace::file(path.display().to_string());
        let message = "there is no site here: neither `site.toml` nor `content/` exists";
        let help = "go to the folder of your site, or name it with --root";
        return Err(CommandFailure::Site(vec![
            Diagnostic::new(Code::NoSite, place, message).with_help(help),
        ]));
    };
    Config::parse(&unify_line_ends(&text)).map_err(CommandFailure::Site)
}

/// Returns the source line that a diagnostic points to, if it can be read.
pub fn read_source_line(root: &Path, theme: Theme, diagnostic: &Diagnostic) -> Option<String> {
    let number = diagnostic.place.line?;
    let file = &*diagnostic.place.file;
    let text = match render::theme_template(theme, file) {
        Some(text) => text,
        None => fs::read_text(&root.join(file)).ok()??,
    };
    let line = text.lines().nth(number as usize - 1)?;
    Some(line.to_owned())
}

/// Returns how replies are read under a configuration.
pub fn make_read_settings(config: &Config) -> ReadSettings {
    let aliases = &config.categories.aliases;
    let mut settings = ReadSettings::default();
    settings.language.clone_from(&config.language);
    settings.off_list = config.categories.off_list;
    settings.slugs = config.content.slugs;
    settings.keeps_html = config.markdown.raw_html != RawHtmlPolicy::Sanitize;
    settings.categories = match config.categories.allowed.as_slice() {
        [] => CategoryPolicy::Open,
        names => CategoryPolicy::Listed(CategoryList::new(names.to_vec(), aliases.iter().cloned())),
    };
    for (alias, name) in aliases {
        settings.alias_category(alias, name);
    }
    for (alias, name) in &config.tags.aliases {
        settings.alias_tag(alias, name);
    }
    settings
}

/// Returns the posts that are not published yet: scheduled posts by date, then drafts.
/// `made_drafts` are posts that became drafts as near-duplicates.
fn list_unpublished(
    posts: &[DatedPost],
    made_drafts: &[Arc<Post<StoredBody>>],
    selection: PostSelection,
) -> Vec<UnpublishedPost> {
    let waits = |post: &Post<StoredBody>, day| UnpublishedPost {
        place: FilePlace::line(post.source.file.clone(), post.source.line),
        title: post.title.clone(),
        day,
    };
    let left_out = posts.iter().filter_map(|DatedPost { post, date, .. }| {
        // A draft waits for its author even if it is dated ahead.
        let day = match *date {
            _ if post.draft && !selection.drafts => None,
            Some(day) if day > selection.today && !selection.future => Some(day),
            _ => return None,
        };
        Some(waits(post, day))
    });
    let mut waiting: Vec<UnpublishedPost> = left_out.collect();
    waiting.extend(made_drafts.iter().map(|post| waits(post, None)));
    // `false` sorts before `true`, so posts with a day come before drafts.
    waiting.sort_by(|a, b| {
        (a.day.is_none(), a.day, &a.place).cmp(&(b.day.is_none(), b.day, &b.place))
    });
    waiting
}

/// Counts the rejected replies.
fn count_rejections(diagnostics: &[Diagnostic]) -> usize {
    diagnostics
        .iter()
        .filter(|found| found.severity() == Severity::Error)
        .count()
}
