//! Reads all content of a site: of the files that changed since the last time everything, of
//! the others nothing.
//!
//! What each file gave is remembered. A file with the stamp it had is not opened; one with
//! another stamp but the same bytes is not parsed. [`Reader::update`] is the short way for a few
//! files that are known to have changed.

mod update;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::timings::Timings;
use crate::cache::{Bodies, Body, Cache, Fingerprint, Measures};
use crate::config::{Config, DateSource};
use crate::corpus::{Dated, words};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::discover::dates::{self, History};
use crate::discover::{self, Discovered, SourceFile};
use crate::error::Result;
use crate::fs::{self, Stamp};
use crate::lint::{Duplicates, Verdict};
use crate::post::{Date, Post};
use crate::read::{self, FileInput, FileResult, Settings};
use crate::render::body_options;
use crate::{markdown, profile};

pub use update::{Replaced, Update};

/// Name of the entry of the cache that says what each file gave.
const ENTRY: &str = "content";

/// Bytes of forgotten bodies that are not worth being cleaned up.
const WASTE: u64 = 4 << 20;

/// The posts of a site and what came up while they were read.
#[derive(Debug)]
pub struct Reading {
    /// Posts in the order of their paths.
    pub posts: Vec<Dated>,
    /// Their bodies.
    pub bodies: Arc<Bodies>,
    /// What came up, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
    /// Files that were read.
    pub files: usize,
    /// Pictures and the like beside the posts.
    pub media: Vec<SourceFile>,
    /// Stands for all that the posts depend on; `None` if a file changed so lately that it may
    /// have changed again.
    pub input: Option<Fingerprint>,
}

/// Reads the content of a site, again and again.
#[derive(Debug)]
pub struct Reader {
    root: PathBuf,
    settings: Settings,
    options: markdown::Options,
    dates: DateSource,
    memory: Memory,
    bodies: Arc<Bodies>,
}

/// What is remembered of all files.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Memory {
    /// Which file holds the bodies.
    generation: u32,
    files: HashMap<Arc<str>, Remembered>,
    history: History,
}

/// What is remembered of one file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Remembered {
    /// `None` if the file had changed just before it was read, or the system tells no stamps.
    stamp: Option<Stamp>,
    hash: Fingerprint,
    posts: Vec<Arc<Post<Body>>>,
    diagnostics: Vec<Diagnostic>,
}

/// The key of a cache of what [`Reader`] reads under a configuration.
pub fn cache_key(config: &Config) -> Fingerprint {
    // What configuration shows of itself for debugging is all of it.
    let parts = (
        &config.language,
        &config.categories,
        &config.tags.aliases,
        &config.markdown,
        config.content.slugs,
    );
    Fingerprint::of(&format!("{parts:?}"))
}

impl Reader {
    /// Reads the site at `root`, with what the cache remembers of it.
    pub fn new(root: &Path, config: &Config, cache: &Cache) -> Self {
        let memory: Option<Memory> = cache.get(ENTRY);
        let memory = memory.unwrap_or_else(|| {
            cache.remove_bodies(None);
            Memory::default()
        });
        let bodies = Arc::new(cache.bodies(memory.generation));
        let mut reader = Self {
            root: root.to_owned(),
            settings: super::settings(config),
            options: body_options(config, false),
            dates: config.content.dates,
            memory,
            bodies,
        };
        reader.clean_up(cache);
        reader
    }

    /// Reads what changed, in parallel over the files, and tells the cache. A file that changed
    /// just before `now` is read again the next time.
    ///
    /// # Errors
    ///
    /// A disk that takes no more bodies, or a machine that reads no more files.
    pub fn read(
        &mut self,
        cache: &Cache,
        now: SystemTime,
        timings: &mut Timings,
    ) -> Result<Reading> {
        let discovered = timings.stage("discover", || discover::discover(&self.root))?;
        let changed = timings.stage("parse", || self.refresh(&discovered.files, now))?;
        if changed {
            self.save(cache);
        }
        Ok(timings.stage("collect", || self.collect(&discovered, now)))
    }

    /// Every post of the files, also those that have the words of another, in no order.
    pub fn posts(&self) -> impl Iterator<Item = &Post<Body>> {
        let files = self.memory.files.values();
        files.flat_map(|file| &file.posts).map(|post| &**post)
    }

    /// Tells the cache what is known.
    pub fn save(&self, cache: &Cache) {
        cache.put(ENTRY, &self.memory);
        cache.remove_bodies(Some(self.memory.generation));
    }

    /// Brings the memory up to date with the files, which are all there are; tells whether one
    /// of them changed.
    ///
    /// # Errors
    ///
    /// A disk that takes no more bodies.
    pub fn refresh(&mut self, files: &[SourceFile], now: SystemTime) -> Result<bool> {
        let mut known = std::mem::take(&mut self.memory.files);
        let pairs: Vec<(&SourceFile, Option<Remembered>)> = files
            .iter()
            .map(|file| (file, known.remove(&file.path)))
            .collect();
        let mut changed = !known.is_empty();
        let results = pairs
            .into_par_iter()
            .map(|(file, known)| self.refresh_one(file, known, now))
            .collect::<Result<Vec<_>>>()?;
        for (file, (remembered, is_new)) in files.iter().zip(results) {
            changed |= is_new;
            self.memory.files.insert(file.path.clone(), remembered);
        }
        Ok(changed)
    }

    /// What a file gives, and whether that has to be remembered anew.
    fn refresh_one(
        &self,
        file: &SourceFile,
        known: Option<Remembered>,
        now: SystemTime,
    ) -> Result<(Remembered, bool)> {
        let stamp = file.stamp.filter(|stamp| stamp.is_at_rest(now));
        let known = match known {
            Some(known) if stamp.is_some() && stamp == known.stamp => return Ok((known, false)),
            known => known,
        };
        let bytes = match fs::read(&file.location) {
            Ok(bytes) => bytes,
            Err(error) if !error.is_of_one_file() => return Err(error),
            Err(error) => {
                let remembered = Remembered {
                    stamp: None,
                    hash: Fingerprint::default(),
                    posts: Vec::new(),
                    diagnostics: vec![discover::unreadable(&self.root, &error)],
                };
                return Ok((remembered, true));
            }
        };
        let hash = Fingerprint::of_bytes(&bytes);
        if let Some(known) = known
            && known.hash == hash
        {
            let is_new = known.stamp != stamp;
            return Ok((Remembered { stamp, ..known }, is_new));
        }
        let path = file.path.clone();
        let FileResult { posts, diagnostics } =
            read::file(&FileInput { path, bytes }, &self.settings);
        let posts = posts.into_iter().map(|post| self.put_away(post));
        let remembered = Remembered {
            stamp,
            hash,
            posts: posts.collect::<Result<_>>()?,
            diagnostics,
        };
        Ok((remembered, true))
    }

    /// Renders the body of a post and takes it out of memory.
    fn put_away(&self, post: Post) -> Result<Arc<Post<Body>>> {
        let rendered = markdown::render(&post.body, &self.options);
        let count = words::count(&post.body);
        let language = post.language.as_ref().unwrap_or(&self.settings.language);
        let measures = Measures {
            words: count.total(),
            minutes: count.minutes(),
            profile: profile::of(&post.title, &post.body, language),
        };
        let body = self.bodies.put(&post, rendered, measures)?;
        Ok(Arc::new(post.with_body(body)))
    }

    /// All that is remembered of the files, as one site.
    pub fn collect(&mut self, discovered: &Discovered, now: SystemTime) -> Reading {
        let Discovered { files, media, .. } = discovered;
        let mut diagnostics = discovered.diagnostics.clone();
        let other: Vec<&str> = discovered
            .diagnostics
            .iter()
            .map(|found| &*found.message)
            .collect();
        let mut earlier = Duplicates::default();
        let mut posts = Vec::with_capacity(files.len());
        let mut input = Some(Vec::with_capacity(files.len()));
        for file in files {
            let Some(known) = self.memory.files.get(&file.path) else {
                continue;
            };
            input = input.zip(known.stamp).map(|(mut input, stamp)| {
                input.push((known.hash, stamp.modified()));
                input
            });
            let own = known.diagnostics.iter();
            diagnostics.extend(own.filter(|found| !is_of_file_alone(found)).cloned());
            for post in &known.posts {
                // Words or titles that an earlier file has (R15).
                match earlier.offer(post) {
                    Verdict::Accepted(warning) => {
                        diagnostics.extend(warning);
                        posts.push(Arc::clone(post));
                    }
                    Verdict::Rejected(error) => diagnostics.push(error),
                }
            }
        }
        let posts = self.date(posts, files, &mut diagnostics);
        let paths: Vec<&str> = files.iter().map(|file| &*file.path).collect();
        let pictures: Option<Vec<(&str, Stamp)>> = media
            .iter()
            .map(|file| {
                Some((
                    &*file.path,
                    file.stamp.filter(|stamp| stamp.is_at_rest(now))?,
                ))
            })
            .collect();
        let input = input.zip(pictures).map(|input| {
            let history = &self.memory.history;
            Fingerprint::of(&(paths, input, &history.head, history.shallow, &other))
        });
        Reading {
            posts,
            bodies: Arc::clone(&self.bodies),
            diagnostics,
            files: files.len(),
            media: media.clone(),
            input,
        }
    }

    /// Gives posts that state no date one, as `[content] dates` says.
    fn date(
        &mut self,
        posts: Vec<Arc<Post<Body>>>,
        files: &[SourceFile],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Dated> {
        let wanted = self.dates != DateSource::None && posts.iter().any(|post| post.date.is_none());
        if wanted && self.dates == DateSource::Git {
            self.memory.history.update(&self.root);
            diagnostics.extend(shallow_clone(&self.memory.history));
        }
        let found = |post: &Post<Body>| {
            let path = &post.source.file;
            let at = files.binary_search_by(|file| file.path.cmp(path)).ok()?;
            self.found_date(&files[at])
        };
        posts
            .into_iter()
            .map(|post| Dated {
                date: post.date.or_else(|| found(&post)),
                post,
            })
            .collect()
    }

    /// The day that a post of a file has which states none.
    fn found_date(&self, file: &SourceFile) -> Option<Date> {
        let added = match self.dates {
            DateSource::Git => self.memory.history.added(&file.path),
            DateSource::Mtime => None,
            DateSource::None => return None,
        };
        added.or_else(|| dates::day(file.stamp?.modified()?))
    }

    /// Moves the bodies that are still known to a new file, if most of the old one is waste.
    pub fn clean_up(&mut self, cache: &Cache) {
        let files = self.memory.files.values();
        let live: u64 = files
            .flat_map(|file| &file.posts)
            .map(|post| post.body.stored())
            .sum();
        if self.bodies.size() <= 2 * live + WASTE {
            return;
        }
        let generation = self.memory.generation.wrapping_add(1);
        let bodies = cache.bodies(generation);
        let mut posts = self
            .memory
            .files
            .values_mut()
            .flat_map(|file| &mut file.posts);
        let moved = posts.try_for_each(|post| {
            let body = &mut Arc::make_mut(post).body;
            bodies.copy(body, &self.bodies)
        });
        if moved.is_err() {
            // What cannot be moved is read again.
            self.memory.files.clear();
        }
        self.memory.generation = generation;
        self.bodies = Arc::new(bodies);
        cache.put(ENTRY, &self.memory);
    }
}

/// Whether a finding about a file is another one about a site, which `corpus` makes.
fn is_of_file_alone(found: &Diagnostic) -> bool {
    matches!(found.code, Code::NearDuplicate | Code::TagsGenerated)
}

fn shallow_clone(history: &History) -> Option<Diagnostic> {
    history.shallow.then(|| {
        let message =
            "the git history is cut short, so posts without a date take that of their file";
        let help =
            "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` in a workflow";
        Diagnostic::new(Code::ShallowClone, Place::file(discover::FOLDER), message).help(help)
    })
}
