//! What each file of the site is made from, as one fingerprint: if it is the same as in the last
//! build, the file is the same too, and need not be rendered.
//!
//! Every number here stands for more than its page shows rather than for less: a page that is
//! rendered in vain costs a little time, one that is not rendered would be wrong.

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
    /// Of the configuration, the templates, and what of the site every page shows.
    site: Fingerprint,
    posts: Vec<OfPost>,
}

/// Fingerprints of a post.
#[derive(Debug, Clone, Copy)]
struct OfPost {
    /// Of the post itself and its place: its file, its address, its terms.
    entry: Fingerprint,
    /// Of where its links and its picture lead.
    links: Fingerprint,
}

/// The fingerprints of all posts, and what is wrong with their links, which one look at where
/// they lead tells as well.
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
        links: Fingerprint::of(&(resolved, renderer.cover_url(entry))),
    }
}

fn of_site(renderer: &Renderer) -> Fingerprint {
    // What a configuration shows of itself for debugging is all of it.
    let config = format!("{:?}", renderer.config);
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
    /// Brings the fingerprints of a post up to date, which has another text now.
    pub(super) fn refresh_inputs(&mut self, id: PostId) {
        let entry = &self.corpus.posts[id as usize];
        let resolved = self.resolved(entry, false);
        self.inputs.posts[id as usize] = of_post(entry, &resolved, self);
    }

    /// The fingerprint of everything that a file is made from; `None` if only its bytes tell.
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
                Fingerprint::of(&(location, stamp.as_ref()?))
            }
        })
    }

    /// A fingerprint for a file, of what it is made from beside the site as a whole.
    fn stamped(&self, job: &Job, input: impl Hash) -> Fingerprint {
        Fingerprint::of(&(self.inputs.site, &job.path, input))
    }

    fn entry_input(&self, id: PostId) -> Fingerprint {
        self.inputs.posts[id as usize].entry
    }

    /// Name and slug of the term of a list.
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
