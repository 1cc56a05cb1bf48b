//! Computes one fingerprint of everything that a file of the site is made from. If it is the same
//! as in the last build, the file is the same too and is not rendered.
//!
//! Each fingerprint covers at least what its page shows. A page rendered without need costs a
//! little time; a page left stale would be wrong.

use std::hash::Hash;

use rayon::prelude::*;

use super::feed;
use super::link_check::{self, Checked};
use super::plan::{Job, ListOf, Page};
use super::resolve::Resolved;
use super::theme::Content;
use super::{Renderer, values};
use crate::cache::Fingerprint;
use crate::corpus::{Entry, PostId, Taxonomy, TermId};

/// Fingerprints that many pages share.
#[derive(Debug, Clone, Default)]
pub(super) struct Inputs {
    /// Fingerprint of the configuration, the templates, and the parts of the site that every page
    /// shows.
    site: Fingerprint,
    posts: Vec<OfPost>,
}

/// Fingerprints of one post.
#[derive(Debug, Clone, Copy)]
struct OfPost {
    /// The post itself and its place: its date, its address, its terms.
    entry: Fingerprint,
    /// Where its links and its cover lead.
    links: Fingerprint,
}

/// Computes the fingerprints of all posts, and checks their links on the way, because both need to
/// resolve each link once.
pub(super) fn of_posts(renderer: &Renderer) -> (Inputs, Vec<Checked>) {
    let (posts, checked): (Vec<OfPost>, Vec<Checked>) = renderer
        .corpus
        .posts
        .par_iter()
        .map(|entry| {
            let resolved = renderer.resolved(entry, false);
            (
                of_post(entry, &resolved, renderer),
                link_check::of_post(entry, &resolved, renderer),
            )
        })
        .unzip();
    let inputs = Inputs {
        site: of_site(renderer),
        posts,
    };
    (inputs, checked)
}

fn of_post(entry: &Entry, resolved: &[Resolved<'_>], renderer: &Renderer) -> OfPost {
    OfPost {
        entry: of_entry(entry, renderer),
        links: Fingerprint::of(&(resolved, renderer.absolute_cover(entry))),
    }
}

fn of_site(renderer: &Renderer) -> Fingerprint {
    // The `Debug` output contains every field of the configuration.
    let config = format!("{:?}", renderer.config);
    // Every page links to the search page, if there is one.
    let searched = renderer.config.search.extent(renderer.corpus.posts.len());
    Fingerprint::of(&(
        config,
        searched.is_some(),
        &renderer.cards.site,
        renderer.templates.fingerprint,
        &renderer.theme_paths,
    ))
}

fn of_entry(entry: &Entry, renderer: &Renderer) -> Fingerprint {
    let terms = |taxonomy, ids: &[TermId]| -> Vec<(&str, &str)> {
        let terms = renderer.corpus.terms(taxonomy);
        let own = ids.iter().map(|&id| &terms[id as usize]);
        own.map(|term| (&*term.name, &*term.slug)).collect()
    };
    Fingerprint::of(&(
        entry.post.body.hash,
        entry.date,
        &entry.path,
        terms(Taxonomy::Tags, &entry.tags),
        terms(Taxonomy::Categories, &entry.categories),
        (
            entry.derived.tags.is_some(),
            entry.derived.categories.is_some(),
        ),
        entry
            .canonical
            .map(|id| &renderer.corpus.posts[id as usize].path),
    ))
}

impl Renderer {
    /// Updates the fingerprints of a post whose text has changed.
    pub(super) fn refresh_inputs(&mut self, id: PostId) {
        let entry = &self.corpus.posts[id as usize];
        let resolved = self.resolved(entry, false);
        self.inputs.posts[id as usize] = of_post(entry, &resolved, self);
    }

    /// Returns the fingerprint of everything that a file is made from, or `None` if only its bytes
    /// could show a change.
    pub fn input(&self, job: &Job) -> Option<Fingerprint> {
        Some(match &job.page {
            Page::Post(id) => {
                let entry = &self.corpus.posts[*id as usize];
                let neighbours = values::neighbours(*id, &self.corpus);
                let shown: Vec<Fingerprint> = neighbours
                    .into_iter()
                    .flatten()
                    .chain(entry.related.iter().copied())
                    .map(|id| self.entry_input(id))
                    .collect();
                let own = self.inputs.posts[*id as usize];
                self.stamped(
                    job,
                    (
                        own.entry,
                        own.links,
                        self.cards.posts.get(*id as usize),
                        // Shows which neighbour is missing; `shown` alone does not.
                        neighbours.map(|id| id.is_some()),
                        shown,
                    ),
                )
            }
            Page::List(list, number) => {
                let total = list.len(&self.corpus);
                let shown = list.on_page(*number, &self.corpus, &self.config);
                let posts: Vec<Fingerprint> =
                    shown.into_iter().map(|id| self.entry_input(id)).collect();
                self.stamped(job, (self.list_name(*list), total, posts))
            }
            Page::Terms(taxonomy) => self.stamped(job, self.all_terms(*taxonomy)),
            Page::Search => self.stamped(
                job,
                (
                    Taxonomy::ALL.map(|one| self.all_terms(one)),
                    self.corpus.languages(),
                ),
            ),
            Page::Feed(list, format) => {
                let posts: Vec<(Fingerprint, Fingerprint)> = feed::posts(*list, self)
                    .into_iter()
                    // Feeds contain whole posts, so the links in them matter too.
                    .map(|id| (self.entry_input(id), self.inputs.posts[id as usize].links))
                    .collect();
                self.stamped(job, (self.list_name(*list), format, posts))
            }
            Page::Sitemap(part) => {
                self.stamped(job, self.sitemap.part(*part, &self.jobs, &self.links))
            }
            Page::SitemapIndex => self.stamped(job, self.sitemap.index(&self.links)),
            Page::NotFound | Page::Robots => self.stamped(job, ()),
            Page::File(Content::Bytes(bytes), _) => Fingerprint::of_bytes(bytes),
            Page::File(Content::File(location, stamp), _) => {
                // Reading a large file only to compare it would cost as much as copying it.
                Fingerprint::of(&(location, stamp.as_ref()?))
            }
        })
    }

    /// Combines what a file is made from with its path and the site's fingerprint.
    fn stamped(&self, job: &Job, input: impl Hash) -> Fingerprint {
        Fingerprint::of(&(self.inputs.site, &job.path, input))
    }

    fn entry_input(&self, id: PostId) -> Fingerprint {
        self.inputs.posts[id as usize].entry
    }

    /// Returns the name and slug of a list's term.
    fn list_name(&self, list: ListOf) -> Option<(&str, &str)> {
        match list {
            ListOf::Home | ListOf::Archive => None,
            ListOf::Term(taxonomy, id) => {
                let term = &self.corpus.terms(taxonomy)[id as usize];
                Some((&term.name, &term.slug))
            }
        }
    }

    fn all_terms(&self, taxonomy: Taxonomy) -> Vec<(&str, &str, usize)> {
        let terms = self.corpus.terms(taxonomy).iter();
        terms
            .map(|term| (&*term.name, &*term.slug, term.posts.len()))
            .collect()
    }
}
