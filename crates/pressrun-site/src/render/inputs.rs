//! Computes one fingerprint of everything that a file of the site is made from. If it is the same
//! as in the last build, the file is the same too and is not rendered.
//!
//! Each fingerprint covers at least what its page shows. A page rendered without need costs a
//! little time; a page left stale would be wrong.

use std::hash::Hash;

use rayon::prelude::*;

use super::feed;
use super::link_check::{self, CheckedLinks};
use super::plan::{PageKind, PostList, RenderJob};
use super::resolve::ResolvedLink;
use super::theme::AssetContent;
use super::{SiteRenderer, values};
use crate::cache::Fingerprint;
use crate::corpus::{CorpusPost, PostId, Taxonomy, TermId};

/// Fingerprints that many pages share.
#[derive(Debug, Clone, Default)]
pub(super) struct RenderInputs {
    /// Fingerprint of the configuration, the templates, and the parts of the site that every page
    /// shows.
    site: Fingerprint,
    posts: Vec<PostInputs>,
}

/// Fingerprints of one post.
#[derive(Debug, Clone, Copy)]
struct PostInputs {
    /// The post itself and its place: its date, its address, its terms.
    entry: Fingerprint,
    /// Where its links and its cover lead.
    links: Fingerprint,
}

/// Computes the fingerprints of all posts, and checks their links on the way, because both need to
/// resolve each link once.
pub(super) fn fingerprint_posts(renderer: &SiteRenderer) -> (RenderInputs, Vec<CheckedLinks>) {
    let (posts, checked): (Vec<PostInputs>, Vec<CheckedLinks>) = renderer
        .corpus
        .posts
        .par_iter()
        .map(|entry| {
            let resolved = renderer.resolved(entry, false);
            (
                fingerprint_post(entry, &resolved, renderer),
                link_check::check_post_links(entry, &resolved, renderer),
            )
        })
        .unzip();
    let inputs = RenderInputs {
        site: fingerprint_site(renderer),
        posts,
    };
    (inputs, checked)
}

fn fingerprint_post(
    entry: &CorpusPost,
    resolved: &[ResolvedLink<'_>],
    renderer: &SiteRenderer,
) -> PostInputs {
    PostInputs {
        entry: fingerprint_entry(entry, renderer),
        links: Fingerprint::of_value(&(resolved, renderer.absolute_cover(entry))),
    }
}

fn fingerprint_site(renderer: &SiteRenderer) -> Fingerprint {
    // Every page links to the search page, if there is one.
    let searched = renderer.config.search.extent(renderer.corpus.posts.len());
    Fingerprint::of_value(&(
        &renderer.config,
        searched.is_some(),
        &renderer.cards.site,
        renderer.templates.fingerprint,
        &renderer.theme_paths,
    ))
}

fn fingerprint_entry(entry: &CorpusPost, renderer: &SiteRenderer) -> Fingerprint {
    let terms = |taxonomy, ids: &[TermId]| -> Vec<(&str, &str)> {
        let terms = renderer.corpus.terms(taxonomy);
        let own = ids.iter().map(|&id| &terms[id as usize]);
        own.map(|term| (&*term.name, &*term.slug)).collect()
    };
    Fingerprint::of_value(&(
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

impl SiteRenderer {
    /// Updates the fingerprints of a post whose text has changed.
    pub(super) fn refresh_inputs(&mut self, id: PostId) {
        let entry = &self.corpus.posts[id as usize];
        let resolved = self.resolved(entry, false);
        self.inputs.posts[id as usize] = fingerprint_post(entry, &resolved, self);
    }

    /// Returns the fingerprint of everything that a file is made from, or `None` if only its bytes
    /// could show a change.
    pub fn job_fingerprint(&self, job: &RenderJob) -> Option<Fingerprint> {
        Some(match &job.page {
            PageKind::Post(id) => {
                let entry = &self.corpus.posts[*id as usize];
                let neighbours = values::newer_and_older(*id, &self.corpus);
                let shown: Vec<Fingerprint> = neighbours
                    .into_iter()
                    .flatten()
                    .chain(entry.related.iter().copied())
                    .map(|id| self.entry_input(id))
                    .collect();
                let own = self.inputs.posts[*id as usize];
                self.combine_input(
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
            PageKind::List(list, number) => {
                let total = list.len(&self.corpus);
                let shown = list.on_page(*number, &self.corpus, &self.config);
                let posts: Vec<Fingerprint> =
                    shown.into_iter().map(|id| self.entry_input(id)).collect();
                self.combine_input(job, (self.list_name(*list), total, posts))
            }
            PageKind::Terms(taxonomy) => self.combine_input(job, self.all_terms(*taxonomy)),
            PageKind::Search => self.combine_input(
                job,
                (
                    Taxonomy::ALL.map(|one| self.all_terms(one)),
                    self.corpus.languages(),
                ),
            ),
            PageKind::Feed(list, format) => {
                let posts: Vec<(Fingerprint, Fingerprint)> = feed::feed_posts(*list, self)
                    .into_iter()
                    // Feeds contain whole posts, so the links in them matter too.
                    .map(|id| (self.entry_input(id), self.inputs.posts[id as usize].links))
                    .collect();
                self.combine_input(job, (self.list_name(*list), format, posts))
            }
            PageKind::Sitemap(part) => {
                self.combine_input(job, self.sitemap.part(*part, &self.jobs, &self.links))
            }
            PageKind::SitemapIndex => self.combine_input(job, self.sitemap.index(&self.links)),
            PageKind::NotFound | PageKind::Robots => self.combine_input(job, ()),
            PageKind::File(AssetContent::Bytes(bytes), _) => Fingerprint::of_bytes(bytes),
            PageKind::File(AssetContent::File(location, stamp), _) => {
                // Reading a large file only to compare it would cost as much as copying it.
                Fingerprint::of_value(&(location, stamp.as_ref()?))
            }
        })
    }

    /// Combines what a file is made from with its path and the site's fingerprint.
    fn combine_input(&self, job: &RenderJob, input: impl Hash) -> Fingerprint {
        Fingerprint::of_value(&(self.inputs.site, &job.path, input))
    }

    fn entry_input(&self, id: PostId) -> Fingerprint {
        self.inputs.posts[id as usize].entry
    }

    /// Returns the name and slug of a list's term.
    fn list_name(&self, list: PostList) -> Option<(&str, &str)> {
        match list {
            PostList::Home | PostList::Archive => None,
            PostList::Term(taxonomy, id) => {
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
