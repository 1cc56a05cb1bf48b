//! Every stage, once, in order: the page to read first.

mod cards;
mod search;
pub mod timings;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::config::{self, BaseUrl, Config, DateSource};
use crate::corpus::{self, Selection};
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::discover::dates::{self, History};
use crate::discover::{self, SourceFile};
use crate::error::Result;
use crate::lint::{Duplicates, Verdict};
use crate::output::{Output, Written};
use crate::post::category::CategoryList;
use crate::post::{Date, Post};
use crate::read::{Categories, FileInput, FileResult, Settings};
use crate::render::{self, Failure, Site};
use crate::{fs, read};

use timings::Timings;

/// What a build is asked to do.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one switch of the command line"
)]
pub struct Request {
    /// Folder of the site.
    pub root: PathBuf,
    /// Where to write; `None` for `public` in the folder of the site.
    pub output: Option<PathBuf>,
    /// Takes the place of the configuration's.
    pub base_url: Option<BaseUrl>,
    /// Whether drafts are shown.
    pub drafts: bool,
    /// Whether posts dated in the future are shown.
    pub future: bool,
    /// Whether to write into a folder that holds files of others.
    pub force: bool,
    /// Whether a rejected reply stops the build.
    pub strict: bool,
    /// The day that counts as today.
    pub today: Date,
}

impl Request {
    /// A plain build of the site at `root`.
    pub fn new(root: &Path, today: Date) -> Self {
        Self {
            root: root.to_owned(),
            output: None,
            base_url: None,
            drafts: false,
            future: false,
            force: false,
            strict: false,
            today,
        }
    }

    /// What of the posts it publishes.
    fn selection(&self) -> Selection {
        Selection {
            today: self.today,
            drafts: self.drafts,
            future: self.future,
        }
    }
}

/// What a build did.
#[derive(Debug)]
pub struct Report {
    /// Where the site lives.
    pub base_url: BaseUrl,
    /// The folder that was written to.
    pub output: PathBuf,
    /// What became of the replies.
    pub ledger: Ledger,
    /// What was written.
    pub written: Written,
    /// What came up, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
    /// How long it took.
    pub timings: Timings,
}

/// What became of the replies: `replies` is the sum of the others.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Ledger {
    /// Files that were read.
    pub files: usize,
    /// Replies in them.
    pub replies: usize,
    /// Posts on the site.
    pub published: usize,
    /// Drafts left out.
    pub drafts: usize,
    /// Posts of the future left out.
    pub future: usize,
    /// Replies that are no posts.
    pub rejected: usize,
}

/// The posts of a site and what came up while they were read.
#[derive(Debug, Default)]
pub struct Reading {
    /// Posts in the order of their paths, each with its date.
    pub posts: Vec<Post>,
    /// What came up, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
    /// Files that were read.
    pub files: usize,
    /// Pictures and the like beside the posts.
    pub media: Vec<SourceFile>,
}

/// Builds a site.
///
/// # Errors
///
/// What is wrong with the site or the machine; the last good site is then in place.
pub fn build(request: &Request) -> std::result::Result<Report, Failure> {
    let mut timings = Timings::default();
    let config = configure(request)?;
    let folder = request
        .output
        .clone()
        .unwrap_or_else(|| request.root.join("public"));
    let output = Output::open(&request.root, &folder, request.force)?;
    let reading = read_site(&request.root, &config, &mut timings);
    let mut diagnostics = reading.diagnostics;
    let rejected = rejections(&diagnostics);
    if request.strict && rejected > 0 {
        diagnostics.retain(|found| found.severity() == Severity::Error);
        return Err(Failure::Site(diagnostics));
    }
    let accepted = reading.posts.len();
    let gathered = timings.stage("gather", || {
        corpus::gather(reading.posts, &config, request.selection())
    });
    let corpus = &gathered.corpus;
    let index = timings.stage("search", || search::files(&request.root, corpus, &config))?;
    let cards = timings.stage("cards", || cards::draw(&request.root, corpus, &config));
    let site = Site {
        root: &request.root,
        config: &config,
        corpus,
        media: &reading.media,
        search: &index,
        cards: &cards,
    };
    let (renderer, jobs) = timings.stage("plan", || render::prepare(&site))?;
    let mut written = timings.stage("render and write", || output.write(&jobs, &renderer))?;
    diagnostics.extend(gathered.diagnostics);
    diagnostics.append(&mut written.diagnostics);
    diagnostics.sort();
    Ok(Report {
        base_url: config.base_url.clone(),
        output: folder,
        ledger: Ledger {
            files: reading.files,
            replies: accepted + rejected,
            published: corpus.posts.len(),
            drafts: gathered.left_out.drafts,
            future: gathered.left_out.future,
            rejected,
        },
        written,
        diagnostics,
        timings,
    })
}

/// Finds everything that a build would report, without writing anything.
///
/// # Errors
///
/// As [`build`].
pub fn check(request: &Request) -> std::result::Result<Vec<Diagnostic>, Failure> {
    let config = configure(request)?;
    let reading = read_site(&request.root, &config, &mut Timings::default());
    let gathered = corpus::gather(reading.posts, &config, request.selection());
    let (renderer, jobs) = render::prepare(&Site {
        root: &request.root,
        config: &config,
        corpus: &gathered.corpus,
        media: &reading.media,
        search: &[],
        cards: &render::NO_CARDS,
    })?;
    let found = jobs
        .par_iter()
        .map(|job| Ok(renderer.render(job)?.diagnostics))
        .collect::<std::result::Result<Vec<_>, Failure>>()?;
    let mut diagnostics = reading.diagnostics;
    diagnostics.extend(gathered.diagnostics);
    diagnostics.extend(found.into_iter().flatten());
    diagnostics.sort();
    Ok(diagnostics)
}

/// Reads one file by itself, with the defaults and without a site.
pub fn read_alone(path: &Path) -> Result<Reading> {
    let input = FileInput {
        path: fs::slashed(path).into(),
        bytes: fs::read(path)?,
    };
    let FileResult { posts, diagnostics } = read::file(&input, &Settings::default());
    Ok(Reading {
        posts,
        diagnostics,
        files: 1,
        ..Reading::default()
    })
}

/// Reads the configuration of the site at the root of a request.
fn configure(request: &Request) -> std::result::Result<Config, Failure> {
    let mut config = load_config(&request.root)?;
    if let Some(base_url) = &request.base_url {
        config.base_url = base_url.clone();
    }
    Ok(config)
}

/// Reads `site.toml` of the folder `root`; a site without one has the defaults.
pub fn load_config(root: &Path) -> std::result::Result<Config, Failure> {
    let path = root.join(config::FILE);
    let Some(text) = fs::read_text(&path)? else {
        if root.join(discover::FOLDER).is_dir() {
            return Ok(Config::default());
        }
        let place = Place::file(path.display().to_string());
        let message = "there is no site here: neither `site.toml` nor `content/`";
        let help = "go to the folder of your site, or name it with --root";
        return Err(Failure::Site(vec![
            Diagnostic::new(Code::NoSite, place, message).help(help),
        ]));
    };
    Config::parse(&text).map_err(Failure::Site)
}

/// Reads all content of the site at `root`, in parallel over its files.
pub fn read_site(root: &Path, config: &Config, timings: &mut Timings) -> Reading {
    let discovered = timings.stage("discover", || discover::discover(root));
    let settings = settings(config);
    let results: Vec<_> = timings.stage("parse", || {
        discovered
            .files
            .par_iter()
            .map(|file| read_file(root, file, &settings))
            .collect()
    });
    let mut reading = Reading {
        diagnostics: discovered.diagnostics,
        files: discovered.files.len(),
        media: discovered.media,
        ..Reading::default()
    };
    let mut earlier = Duplicates::default();
    for result in results {
        take(&mut reading, result, &mut earlier);
    }
    timings.stage("date", || {
        date(&mut reading, &discovered.files, root, config);
    });
    reading
}
/// How replies are read under a configuration.
pub fn settings(config: &Config) -> Settings {
    let aliases = &config.categories.aliases;
    let mut settings = Settings::default();
    settings.off_list = config.categories.off_list;
    settings.categories = match config.categories.allowed.as_slice() {
        [] => Categories::Open,
        names => Categories::Listed(CategoryList::new(names.to_vec(), aliases.iter().cloned())),
    };
    for (alias, name) in aliases {
        settings.alias_category(alias, name);
    }
    for (alias, name) in &config.tags.aliases {
        settings.alias_tag(alias, name);
    }
    settings
}

fn read_file(root: &Path, file: &SourceFile, settings: &Settings) -> FileResult {
    let path = file.path.clone();
    match fs::read(&file.location) {
        Ok(bytes) => read::file(&FileInput { path, bytes }, settings),
        Err(error) => FileResult {
            posts: Vec::new(),
            diagnostics: vec![discover::unreadable(root, &error)],
        },
    }
}

/// Takes the posts of a file, but for those whose words or titles an earlier file has (R15).
fn take(reading: &mut Reading, result: FileResult, earlier: &mut Duplicates) {
    reading.diagnostics.extend(result.diagnostics);
    for post in result.posts {
        match earlier.offer(&post) {
            Verdict::Accepted(warning) => {
                reading.diagnostics.extend(warning);
                reading.posts.push(post);
            }
            Verdict::Rejected(error) => reading.diagnostics.push(error),
        }
    }
}

/// Gives posts that state no date one, as `[content] dates` says.
fn date(reading: &mut Reading, files: &[SourceFile], root: &Path, config: &Config) {
    let source = config.content.dates;
    if source == DateSource::None || reading.posts.iter().all(|post| post.date.is_some()) {
        return;
    }
    let history = match source {
        DateSource::Git => History::read(root),
        _ => History::default(),
    };
    if history.shallow {
        let message =
            "the git history is cut short, so posts without a date take that of their file";
        let help =
            "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in a workflow";
        let found = Diagnostic::new(Code::ShallowClone, Place::file(discover::FOLDER), message);
        reading.diagnostics.push(found.help(help));
    }
    for post in reading.posts.iter_mut().filter(|post| post.date.is_none()) {
        let path = &post.source.file;
        let at = files.binary_search_by(|file| file.path.cmp(path));
        let modified = at.ok().and_then(|at| files[at].modified);
        post.date = history
            .added(path)
            .or_else(|| modified.and_then(dates::day));
    }
}

/// Replies that are not published.
fn rejections(diagnostics: &[Diagnostic]) -> usize {
    diagnostics
        .iter()
        .filter(|found| found.severity() == Severity::Error)
        .count()
}
