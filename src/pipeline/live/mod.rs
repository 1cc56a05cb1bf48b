//! A site that stays in memory and is brought up to date with what changes: the pipeline of the
//! preview.
//!
//! A post with another text, the common case while somebody writes, is put into the site as it
//! is ([`Step::Texts`]); anything else goes through the stages of a build. What the short way
//! leaves open, findings about the whole site, [`Live::settle`] makes up for when there is time.
//! Nothing is written but the cache.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use rayon::prelude::*;

use super::reading::{self, Reader, Reading, Replaced, Update};
use super::{Ledger, Request, load_config};
use crate::cache::{Body, Cache, Fingerprint};
use crate::config::{self, BaseUrl, Config};
use crate::corpus::{Corpus, Dated, LeftOut, PostId};
use crate::diagnostic::Diagnostic;
use crate::discover::{self, Discovered, SourceFile};
use crate::fs;
use crate::post::{Date, Post};
use crate::render::{self, Failure, Renderer, Site};

/// Name of the cache of previews, so that a preview and a build never wait for each other.
const CACHE: &str = "serve";

/// Posts with another text up to which the short way is the shorter one.
const FEW: usize = 64;

/// What may have changed since the last look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Paths of files and folders from the site root, with `/` between their parts.
    pub paths: BTreeSet<String>,
    /// Whether anything else may have changed too.
    pub anything: bool,
}

/// A site in memory.
pub struct Live {
    request: Request,
    /// Scheme and host that it is made for.
    origin: String,
    config: Arc<Config>,
    published_at: BaseUrl,
    key: Fingerprint,
    /// `site.toml` has something that is not in force, since it is wrong.
    unconfigured: bool,
    cache: Cache,
    reader: Reader,
    discovered: Discovered,
    reading: Reading,
    places: Places,
    renderer: Arc<Renderer>,
    findings: Arc<Findings>,
    /// The first stage that has to be gone through again.
    due: Due,
}

/// The stages after the reading of files that are still to be gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Nothing,
    /// All of them, for the findings alone.
    Findings,
    /// Templates and static files.
    Plan,
    /// Everything.
    Places,
}

/// What `corpus::gather` gives.
struct Places {
    corpus: Arc<Corpus>,
    left_out: LeftOut,
    made_drafts: Vec<Arc<Post<Body>>>,
    diagnostics: Vec<Diagnostic>,
}

/// What is known of a site beside its pages.
#[derive(Debug, Default)]
pub struct Findings {
    /// What came up, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
    /// Its drafts and its posts dated in the future, whether they are shown or not.
    pub unpublished: Vec<Dated>,
    /// What became of the replies.
    pub ledger: Ledger,
}

/// What an update led to.
#[derive(Debug)]
pub enum Step {
    /// The site is what it was.
    Nothing,
    /// These posts have another text.
    Texts(Vec<PostId>),
    /// The site was put together anew.
    Site,
}

impl Live {
    /// Reads the site of a request, to be served under `origin`: scheme, host and port. The
    /// path of its address stays.
    ///
    /// # Errors
    ///
    /// What is wrong with the site or the machine.
    pub fn open(request: Request, origin: &str) -> Result<Self, Failure> {
        let (config, published_at) = configure(&request.root, origin)?;
        let key = reading::cache_key(&config);
        let cache = Cache::open_if_free(&request.root, CACHE, key);
        let mut reader = Reader::new(&request.root, &config, &cache);
        let discovered = discover::discover(&request.root)?;
        if reader.refresh(&discovered.files, SystemTime::now())? {
            reader.save(&cache);
        }
        let reading = reader.collect(&discovered, SystemTime::now());
        let places = gather(&reading, &config, &request, &cache)?;
        let (renderer, findings) = plan(&request, &config, &published_at, &reading, &places)?;
        Ok(Self {
            findings: Arc::new(summary(&request, &reading, &places, findings, &cache)),
            request,
            origin: origin.to_owned(),
            config,
            published_at,
            key,
            unconfigured: false,
            cache,
            reader,
            discovered,
            reading,
            places,
            renderer: Arc::new(renderer),
            due: Due::Nothing,
        })
    }

    /// What renders the site as it is.
    pub fn renderer(&self) -> &Arc<Renderer> {
        &self.renderer
    }

    /// What came up; of posts whose text changed as it was before, until it is
    /// [settled](Live::settle).
    pub fn findings(&self) -> &Arc<Findings> {
        &self.findings
    }

    /// Whether there is something to settle.
    pub fn is_settled(&self) -> bool {
        self.due == Due::Nothing
    }

    /// Whether a path from the root of the site is one of its files, or was at the last look.
    pub fn knows(&self, path: &str) -> bool {
        self.discovered.has(path) || self.request.root.join(path).is_file()
    }

    /// Says which day it is.
    pub fn set_today(&mut self, today: Date) {
        if self.request.today != today {
            self.request.today = today;
            self.due = Due::Places;
        }
    }

    /// Brings the site up to date with what changed.
    ///
    /// # Errors
    ///
    /// What is wrong with the site or the machine; the site is then as it was, and the next
    /// update goes on from here.
    pub fn update(&mut self, changes: &Changes) -> Result<Step, Failure> {
        let in_folder = |name: &str| {
            let is_in = |path: &String| {
                path.strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            changes.anything || changes.paths.iter().any(is_in)
        };
        self.unconfigured |= in_folder(config::FILE);
        if self.unconfigured {
            self.reconfigure()?;
            self.unconfigured = false;
        }
        if render::SOURCES.into_iter().any(in_folder) {
            self.due = match self.due {
                Due::Nothing | Due::Plan => Due::Plan,
                Due::Findings | Due::Places => Due::Places,
            };
        }
        let replaced = if in_folder(discover::FOLDER) {
            self.read(changes)?
        } else {
            Vec::new()
        };
        if self.due > Due::Findings {
            self.go_through()?;
            return Ok(Step::Site);
        }
        if replaced.is_empty() {
            return Ok(Step::Nothing);
        }
        Ok(Step::Texts(self.put_in(replaced)))
    }

    /// Finds what the short way left open; tells whether there was anything to do. Stops between
    /// two stages when it is told to.
    ///
    /// # Errors
    ///
    /// As [`Live::update`].
    pub fn settle(&mut self, stop: impl Fn() -> bool) -> Result<bool, Failure> {
        if self.is_settled() || stop() {
            return Ok(false);
        }
        self.reader.clean_up(&self.cache);
        let reading = self.reader.collect(&self.discovered, SystemTime::now());
        if stop() {
            return Ok(false);
        }
        let places = gather(&reading, &self.config, &self.request, &self.cache)?;
        if stop() {
            return Ok(false);
        }
        (self.reading, self.places) = (reading, places);
        self.finish()?;
        Ok(true)
    }

    /// Remembers what was read for the next time.
    pub fn save(&self) {
        self.reader.save(&self.cache);
    }

    fn reconfigure(&mut self) -> Result<(), Failure> {
        let (config, published_at) = configure(&self.request.root, &self.origin)?;
        if config == self.config && published_at == self.published_at {
            return Ok(());
        }
        let key = reading::cache_key(&config);
        if key != self.key || config.content.dates != self.config.content.dates {
            // Let go of the old one first: it holds the lock.
            self.cache = Cache::none();
            self.cache = Cache::open_if_free(&self.request.root, CACHE, key);
            self.reader = Reader::new(&self.request.root, &config, &self.cache);
            self.reader
                .refresh(&self.discovered.files, SystemTime::now())?;
            self.key = key;
        }
        (self.config, self.published_at) = (config, published_at);
        self.due = Due::Places;
        Ok(())
    }

    /// Reads what changed; gives the posts that have another text where that is all.
    fn read(&mut self, changes: &Changes) -> Result<Vec<Replaced>, Failure> {
        let files = (!changes.anything)
            .then(|| self.known_files(&changes.paths))
            .flatten();
        let Some(files) = files else {
            self.walk()?;
            return Ok(Vec::new());
        };
        let update = self.reader.update(&files)?;
        for file in files {
            if let Some(at) = self.position(&file.path) {
                self.discovered.files[at] = file;
            }
        }
        match update {
            Update::Bodies(replaced)
                if replaced.len() <= FEW && self.due <= Due::Findings && self.stay(&replaced) =>
            {
                return Ok(replaced);
            }
            Update::Nothing => {}
            Update::Bodies(_) | Update::Anything => self.due = Due::Places,
        }
        Ok(Vec::new())
    }

    /// Looks through the whole content folder.
    fn walk(&mut self) -> Result<(), Failure> {
        let discovered = discover::discover(&self.request.root)?;
        let changed = self.reader.refresh(&discovered.files, SystemTime::now())?;
        if changed || !discovered.is_like(&self.discovered) {
            self.due = Due::Places;
        }
        self.discovered = discovered;
        Ok(())
    }

    /// The files of the content with these paths, as they are now; `None` if one of the paths is
    /// anything but a file that was there before.
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
            if fs::is_passed_over(name) {
                continue;
            }
            let location = self.request.root.join(path);
            match (self.position(path), location.metadata()) {
                (Some(at), Ok(data)) if data.is_file() => files.push(SourceFile {
                    stamp: Some(fs::Stamp::of(&data)),
                    ..self.discovered.files[at].clone()
                }),
                // It came and went: a temporary file of an editor.
                (None, Err(_)) if !self.discovered.has(path) => {}
                _ => return None,
            }
        }
        Some(files)
    }

    fn position(&self, path: &str) -> Option<usize> {
        let files = &self.discovered.files;
        files.binary_search_by(|file| (*file.path).cmp(path)).ok()
    }

    /// Whether posts keep their places with their new texts.
    fn stay(&self, replaced: &[Replaced]) -> bool {
        // R15: of posts with the same words all but one are left out.
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
        let in_place = |one: &Replaced| {
            let (old, new) = (one.old.words_hash, one.new.words_hash);
            uses[&new] == 1 && (old == new || uses[&old] == 0)
        };
        let mut posts = self.reading.posts.iter();
        let has_date = |one: &Replaced| {
            let known = posts.find(|post| Arc::ptr_eq(&post.post, &one.old));
            known.is_some_and(|known| known.date == one.date())
        };
        // Both are in the order of their paths.
        replaced.iter().all(in_place) && replaced.iter().all(has_date)
    }

    /// Puts posts with other texts into their places.
    fn put_in(&mut self, replaced: Vec<Replaced>) -> Vec<PostId> {
        let mut texts: Vec<(PostId, Arc<Post<Body>>)> = Vec::new();
        for Replaced { old, new, .. } in replaced {
            let posts = &mut self.reading.posts;
            if let Some(post) = posts.iter_mut().find(|post| Arc::ptr_eq(&post.post, &old)) {
                post.post = Arc::clone(&new);
            }
            let mut entries = self.renderer.corpus().posts.iter();
            // A draft that is not shown has no place.
            if let Some(id) = entries.position(|entry| Arc::ptr_eq(&entry.post, &old)) {
                texts.push((id as PostId, new));
            }
        }
        let ids = texts.iter().map(|(id, _)| *id).collect();
        let bodies = Arc::clone(&self.reading.bodies);
        self.renderer = Arc::new(self.renderer.with_texts(texts, bodies));
        self.due = self.due.max(Due::Findings);
        ids
    }

    /// The stages that are due, after the files were read.
    fn go_through(&mut self) -> Result<(), Failure> {
        if self.due == Due::Places {
            self.reading = self.reader.collect(&self.discovered, SystemTime::now());
            self.places = gather(&self.reading, &self.config, &self.request, &self.cache)?;
        }
        self.finish()
    }

    fn finish(&mut self) -> Result<(), Failure> {
        let (reading, places) = (&self.reading, &self.places);
        let (renderer, findings) = plan(
            &self.request,
            &self.config,
            &self.published_at,
            reading,
            places,
        )?;
        self.findings = Arc::new(summary(
            &self.request,
            reading,
            places,
            findings,
            &self.cache,
        ));
        self.renderer = Arc::new(renderer);
        self.due = Due::Nothing;
        Ok(())
    }
}

/// The configuration of a site for a preview at `origin`, and where the site lives for others.
fn configure(root: &Path, origin: &str) -> Result<(Arc<Config>, BaseUrl), Failure> {
    let mut config = load_config(root)?;
    let published_at = config.base_url.clone();
    config.base_url = published_at.moved_to(origin);
    Ok((Arc::new(config), published_at))
}

fn gather(
    reading: &Reading,
    config: &Config,
    request: &Request,
    cache: &Cache,
) -> Result<Places, Failure> {
    let posts = reading.posts.clone();
    let gathered = super::gather(posts, &reading.bodies, config, request.selection(), cache)?;
    Ok(Places {
        corpus: Arc::new(gathered.corpus),
        left_out: gathered.left_out,
        made_drafts: gathered.made_drafts,
        diagnostics: gathered.diagnostics,
    })
}

fn plan(
    request: &Request,
    config: &Arc<Config>,
    published_at: &BaseUrl,
    reading: &Reading,
    places: &Places,
) -> Result<(Renderer, Vec<Diagnostic>), Failure> {
    render::prepare(Site {
        root: &request.root,
        config: Arc::clone(config),
        corpus: Arc::clone(&places.corpus),
        bodies: Arc::clone(&reading.bodies),
        media: &reading.media,
        // The index is made when somebody searches, and nobody shares a preview.
        search: &[],
        cards: &render::NO_CARDS,
        now: SystemTime::now(),
        published_at: Some(published_at.clone()),
    })
}

/// All that is known beside the pages, with what came up in the last stage.
fn summary(
    request: &Request,
    reading: &Reading,
    places: &Places,
    last: Vec<Diagnostic>,
    cache: &Cache,
) -> Findings {
    let mut diagnostics = reading.diagnostics.clone();
    diagnostics.extend(places.diagnostics.iter().cloned());
    diagnostics.extend(last);
    diagnostics.extend(cache.complaints());
    diagnostics.par_sort_unstable();
    let made_drafts: HashSet<_> = places.made_drafts.iter().map(Arc::as_ptr).collect();
    let is_ahead = |post: &&Dated| {
        let is_draft = post.post.draft || made_drafts.contains(&Arc::as_ptr(&post.post));
        is_draft || post.date > Some(request.today)
    };
    Findings {
        diagnostics,
        unpublished: reading.posts.iter().filter(is_ahead).cloned().collect(),
        ledger: Ledger::of(reading, &places.corpus, places.left_out),
    }
}

#[cfg(test)]
mod tests;
