//! Knows where addresses within a site lead: to which page or file, and by which other names.
//!
//! Not here: what an address in a text means (`resolve`).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::head::LinkedPlace;
use super::pages::redirect::target_place;
use super::pages::{PageKind, RenderJob};
use super::theme::media_path;
use super::wiki_links::WikiIndex;
use crate::corpus::own_paths::file_of;
use crate::corpus::{Corpus, TextId};
use crate::discover::SourceFile;

/// What links can lead to.
#[derive(Debug)]
pub(super) enum LinkTargets {
    /// Every page and file of a site.
    Site(Box<SiteTargets>),
    /// In a part of a site, only where the links of its texts lead.
    Part(PartTargets),
}

/// The pages and files of a site.
#[derive(Debug)]
pub(super) struct SiteTargets {
    /// Index of the job that writes each file, by its [place](RenderJob::place).
    files: HashMap<Arc<str>, usize>,
    /// The places of `files` whose names are not composed (NFC), by their composed names.
    composed: HashMap<String, Arc<str>>,
    /// What each file of the content folder became, by its composed name.
    sources: HashMap<Arc<str>, SourceResult>,
    /// The paths to which pages at former addresses lead, by the places of these pages.
    moved: HashMap<Arc<str>, String>,
    /// The names of pages and pictures, if a wiki link was resolved.
    names: OnceLock<WikiIndex>,
}

/// Where the links of some texts lead.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct PartTargets {
    /// The path that is served at an address, for texts in a folder. An address from the root of the
    /// site has no folder.
    pub(super) served: BTreeMap<(String, String), String>,
    /// The page that a wiki link names, and the fragment of the heading.
    pub(super) pages: BTreeMap<String, (String, String)>,
    /// The path of the picture that a wiki link names.
    pub(super) pictures: BTreeMap<String, String>,
}

/// What a file of the content folder became.
#[derive(Debug)]
enum SourceResult {
    /// Exactly one text: a post, a page, or the text of a list, which leads to the list.
    Text(TextId),
    /// Several posts, so a link to the file is ambiguous.
    Posts,
    /// A file that is published unchanged, at this path of the content folder.
    Media(Arc<str>),
}

impl LinkTargets {
    /// Returns the targets of a whole site.
    pub(super) fn site(&self) -> Option<&SiteTargets> {
        match self {
            Self::Site(site) => Some(site),
            Self::Part(_) => None,
        }
    }

    /// Returns the index of the job that makes what is served at a path, of a whole site.
    pub(super) fn job_at(&self, path: &str) -> Option<usize> {
        self.site()?.job_at(path)
    }
}

impl SiteTargets {
    /// Collects the targets of a site with these jobs; `files` has their indexes by place.
    pub(super) fn new(
        jobs: &[RenderJob],
        files: HashMap<Arc<str>, usize>,
        corpus: &Corpus,
        media: &[SourceFile],
    ) -> Self {
        let mut sources: HashMap<Arc<str>, SourceResult> =
            HashMap::with_capacity(corpus.posts.len() + media.len());
        for (id, entry) in corpus.texts() {
            sources
                .entry(compose_file_name(&entry.post.source.file))
                // Runs for the second post of a file and every later one.
                .and_modify(|source| *source = SourceResult::Posts)
                .or_insert(SourceResult::Text(id));
        }
        for file in media {
            let media = SourceResult::Media(Arc::clone(&file.path));
            sources.insert(compose_file_name(&file.path), media);
        }
        let composed = files.keys().filter(|file| !is_nfc(file));
        let composed = composed.map(|file| (file.nfc().collect(), Arc::clone(file)));
        Self {
            composed: composed.collect(),
            files,
            sources,
            moved: list_moved_pages(jobs, corpus),
            names: OnceLock::new(),
        }
    }

    /// Returns the names of pages and pictures.
    pub(super) fn names(&self, corpus: &Corpus) -> &WikiIndex {
        self.names.get_or_init(|| {
            let files = self.files.keys().filter(|file| !file.ends_with(".html"));
            let files = files.map(|file| String::from(&**file));
            WikiIndex::new(corpus, files.collect())
        })
    }

    /// Returns the path of what a file of the content folder became, given its path in that folder. The name of a
    /// file with several posts leads to none of them.
    pub(super) fn find_source(&self, file: &str, corpus: &Corpus) -> Option<String> {
        match self.sources.get(&*compose_name(file))? {
            SourceResult::Text(id) => Some(corpus.text(*id).path.clone()),
            SourceResult::Media(file) => Some(media_path(file)),
            SourceResult::Posts => None,
        }
    }

    /// Returns the index of the job that makes what is served at a path.
    fn job_at(&self, path: &str) -> Option<usize> {
        self.files.get(&*place_of(path)).copied()
    }

    /// Returns the path as it is served, or `None` if nothing is there. The path of a folder gets
    /// its missing `/`. Names are compared in their composed form (NFC): macOS writes `é` as two
    /// characters in the names of files. A former address of a page is that of the page.
    pub(super) fn served(&self, path: &str) -> Option<String> {
        if self.job_at(path).is_some() {
            let moved = self.moved.get(&*place_of(path));
            return Some(moved.map_or(path, String::as_str).to_owned());
        }
        let composed = compose_name(path);
        let place = format!("/{}", composed.strip_prefix('/').unwrap_or(&composed));
        if let Some(file) = self.composed.get(&place) {
            return Some(file.to_string());
        }
        if matches!(composed, Cow::Owned(_)) {
            // Its file is not in `composed`, so its name is composed.
            return self.served(&composed);
        }
        if path.ends_with('/') {
            return None;
        }
        self.served(&format!("{path}/"))
    }
}

/// Returns the paths to which pages at former addresses lead, by the places of these pages.
fn list_moved_pages(jobs: &[RenderJob], corpus: &Corpus) -> HashMap<Arc<str>, String> {
    let moved = jobs.iter().filter_map(|job| {
        let PageKind::Redirect(at) = job.page else {
            return None;
        };
        match target_place(&corpus.redirects[at].to, corpus) {
            LinkedPlace::Path(path) => Some((Arc::clone(job.place()), path.to_owned())),
            LinkedPlace::Address(_) => None,
        }
    });
    moved.collect()
}

/// Returns the [place](RenderJob::place) of the file that is served at a path.
fn place_of(path: &str) -> String {
    format!("/{}", file_of(path))
}

/// Returns a name in its composed form.
fn compose_name(name: &str) -> Cow<'_, str> {
    if is_nfc(name) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(name.nfc().collect())
    }
}

/// Returns the name of a file in its composed form, which nearly every name has already.
fn compose_file_name(name: &Arc<str>) -> Arc<str> {
    match compose_name(name) {
        Cow::Borrowed(_) => Arc::clone(name),
        Cow::Owned(composed) => composed.into(),
    }
}
