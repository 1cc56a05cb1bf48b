//! A part of a site: some of its pages, and everything that they show.
//!
//! A site that one machine renders has all its posts in memory. If several machines render it, one of
//! them plans it and takes it apart: what all pages need is the [`SiteBase`], and a [`SitePart`] has
//! the posts that its own pages show and where their links lead. A renderer for a part gives its pages
//! the bytes that the renderer of the whole site would give them.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::frame::SiteFacts;
use super::links::SiteLinks;
use super::pages::sitemap::SitemapParts;
use super::pages::{PostsPage, RenderJob};
use super::summary::RenderMemory;
use super::targets::{LinkTargets, PartTargets};
use super::{
    CommandFailure, SiteCards, SiteFrame, SitePictures, SiteRenderer, Theme, set_global_values,
};
use crate::cache::{BodyStore, Fingerprint};
use crate::config::Config;
use crate::corpus::{
    Corpus, CorpusPost, KeptAddresses, PostId, PostSubset, RedirectTarget, TextId,
};

/// What every part of a site needs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteBase {
    /// Fingerprint of what all pages show, and of the templates.
    frame: Fingerprint,
    facts: SiteFacts,
    /// Everything but the posts.
    corpus: Corpus,
    pictures: SitePictures,
    /// Path of the card of each post; empty if no post has one.
    cards: Vec<Option<String>>,
}

/// Some pages of a site, with all that they show besides the [`SiteBase`]. Its posts are borrowed from
/// the site that it is taken from, until it is stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SitePart<P = CorpusPost> {
    pages: Vec<PartPage>,
    /// The ids of the posts that the pages show, in their order.
    ids: Vec<PostId>,
    posts: Vec<P>,
    targets: PartTargets,
}

/// A page that can be rendered with the posts that it shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct PartPage {
    path: String,
    kind: PostsPage,
}

/// Which pages of a site are rendered together, as indices of its jobs.
#[derive(Debug)]
pub struct DividedJobs {
    /// Pages that need the whole site, and files that are no pages.
    pub whole: Vec<u32>,
    /// The pages of each part.
    pub parts: Vec<Vec<u32>>,
}

impl SiteRenderer {
    /// Divides the files of the site into parts. `part_of` names the part that has the body of a post:
    /// there its page is rendered. Pages of lists follow the dates of their posts, the same number in
    /// each part.
    pub fn divide_jobs(&self, parts: usize, part_of: impl Fn(&CorpusPost) -> usize) -> DividedJobs {
        let mut divided = DividedJobs {
            whole: Vec::new(),
            parts: vec![Vec::new(); parts],
        };
        let mut lists = Vec::new();
        for number in self.order_jobs() {
            match PostsPage::new(&self.jobs[number as usize].page) {
                Some(PostsPage::Post(id) | PostsPage::Twin(id)) => {
                    divided.parts[part_of(self.corpus.post(id))].push(number);
                }
                Some(PostsPage::List(..)) => lists.push(number),
                None => divided.whole.push(number),
            }
        }
        let share = lists.len().div_ceil(parts.max(1)).max(1);
        for (part, lists) in divided.parts.iter_mut().zip(lists.chunks(share)) {
            part.extend(lists);
        }
        divided
    }

    /// Returns what every part of the site needs.
    pub fn make_base(&self) -> SiteBase {
        let cards = &self.cards.posts;
        SiteBase {
            frame: self.frame_fingerprint,
            facts: self.frame.facts.clone(),
            corpus: self.corpus.clone_without_posts(),
            pictures: (*self.pictures).clone(),
            cards: if cards.iter().any(Option::is_some) {
                cards.clone()
            } else {
                Vec::new()
            },
        }
    }

    /// Returns the part of the site with these jobs, which must be of a [part](Self::divide_jobs).
    pub fn make_part(&self, jobs: &[u32]) -> SitePart<&CorpusPost> {
        let jobs = jobs.iter().map(|&number| &self.jobs[number as usize]);
        let pages: Vec<PartPage> = jobs
            .filter_map(|job| {
                Some(PartPage {
                    path: job.path().to_owned(),
                    kind: PostsPage::new(&job.page)?,
                })
            })
            .collect();
        let mut ids = Vec::new();
        let mut targets = PartTargets::default();
        for page in &pages {
            self.add_shown_posts(page.kind, &mut ids);
            self.add_targets(page.kind, &mut targets);
        }
        ids.sort_unstable();
        ids.dedup();
        let posts: Vec<&CorpusPost> = ids.iter().map(|&id| self.corpus.post(id)).collect();
        for entry in &posts {
            if let Some(cover) = &entry.post.cover {
                self.resolver(entry).add_address_to(cover, &mut targets);
            }
        }
        SitePart {
            pages,
            ids,
            posts,
            targets,
        }
    }

    /// Adds the posts of which a page shows or asks something.
    fn add_shown_posts(&self, page: PostsPage, shown: &mut Vec<PostId>) {
        let corpus = &self.corpus;
        let mut add = |id: PostId| {
            shown.push(id);
            // A summary leads to the translations of its post.
            let others = corpus.translations_of(TextId::Post(id));
            shown.extend(others.filter_map(|id| match id {
                TextId::Post(id) => Some(id),
                TextId::Page(_) | TextId::ListText(_) => None,
            }));
        };
        match page {
            PostsPage::List(list, number) => list
                .on_page(number, corpus, &self.frame.config)
                .into_iter()
                .for_each(add),
            // It is the text of the post alone.
            PostsPage::Twin(id) => add(id),
            PostsPage::Post(id) => {
                let entry = corpus.post(id);
                add(id);
                corpus.list_beside(id).into_iter().for_each(&mut add);
                entry.related.iter().copied().for_each(&mut add);
                entry.canonical.into_iter().for_each(&mut add);
                let stated = entry.stated_canonical.as_ref();
                if let Some(TextId::Post(id)) = stated.and_then(RedirectTarget::text) {
                    add(id);
                }
            }
        }
    }

    /// Adds where the links of the bodies lead that a page shows.
    fn add_targets(&self, page: PostsPage, targets: &mut PartTargets) {
        let text = match page {
            PostsPage::Post(id) | PostsPage::Twin(id) => Some(TextId::Post(id)),
            PostsPage::List(list, _) => list.text(&self.corpus).map(TextId::ListText),
        };
        let Some(id) = text else { return };
        let entry = self.corpus.text(id);
        let resolver = self.resolver(entry);
        resolver.add_links_to(targets);
        if let Some(cover) = &entry.post.cover {
            resolver.add_address_to(cover, targets);
        }
    }
}

/// What a part of a site is rendered with, besides its pieces.
#[derive(Debug, Clone)]
pub struct PartInputs<'a> {
    /// Folder of the site, with its templates and data.
    pub root: &'a Path,
    /// Theme of the site.
    pub theme: Theme,
    /// Configuration of the site.
    pub config: Arc<Config>,
    /// The bodies of all posts.
    pub bodies: Arc<BodyStore>,
}

/// Prepares the renderer of a part of a site. Returns `None` if the settings, templates or data of the
/// site are no longer those that the part was made with.
///
/// # Errors
///
/// Returns everything that is wrong with templates and data.
pub fn prepare_part_renderer(
    base: SiteBase,
    part: SitePart,
    inputs: PartInputs<'_>,
) -> Result<Option<SiteRenderer>, CommandFailure> {
    let PartInputs {
        root,
        theme,
        config,
        bodies,
    } = inputs;
    let links = SiteLinks::new(config.base_url.clone(), None);
    let frame = SiteFrame::new(config, links, base.facts);
    let loaded = super::load_templates_and_data(theme, root, &frame);
    let (mut templates, data) = loaded.map_err(CommandFailure::Site)?;
    let frame_fingerprint = set_global_values(&mut templates, &frame, &data);
    if frame_fingerprint != base.frame {
        return Ok(None);
    }
    let mut corpus = base.corpus;
    corpus.posts = part.posts;
    corpus.subset = PostSubset::These(part.ids.into());
    let jobs: Vec<RenderJob> = part
        .pages
        .into_iter()
        .map(|page| RenderJob::new(page.path, page.kind.into_kind()))
        .collect();
    Ok(Some(SiteRenderer {
        frame_fingerprint,
        targets: Arc::new(LinkTargets::Part(part.targets)),
        pictures: Arc::new(base.pictures),
        memory: RenderMemory::new(&corpus),
        jobs: Arc::new(jobs),
        sitemap: Arc::new(SitemapParts::default()),
        frame: Arc::new(frame),
        templates: Arc::new(templates),
        cards: SiteCards {
            posts: base.cards,
            ..SiteCards::default()
        },
        live: Arc::new(KeptAddresses::default()),
        corpus: Arc::new(corpus),
        bodies,
    }))
}
