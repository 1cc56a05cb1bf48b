//! Assembles a site: takes what was read to a site that is ready to render, and to everything that
//! is known about it besides its pages.
//!
//! Every command that looks at a whole site comes through here. [`assemble_site`] gathers the posts
//! and plans the files; a preview runs the two steps apart, to repeat only the second one.
//!
//! Not here: reading (`content`), rendering (`render`) and writing (`output`).

use std::sync::Arc;

use pressrun_posts::diagnostic::Diagnostic;
use pressrun_posts::rules::retain_unused_keys;
use rayon::prelude::*;

use super::content::ReadContent;
use super::findings::{ReplyLedger, SiteFindings};
use super::request::StageInputs;
use super::timings::Timings;
use super::{cards, icons, pictures, search};
use crate::config::BaseUrl;
use crate::corpus::{
    self, Corpus, DatedPost, GatherInputs, SimilarityCache, UnpublishedPost, competing,
};
use crate::fs::WalkedFile;
use crate::render::{self, CommandFailure, NO_CARDS, SiteParts, SiteRenderer};

/// Names of the cache entries with the similarities of posts: of those that are published, and of
/// all. So a look at all of them does not make the next build compare again.
const COMPARED: [&str; 2] = ["compared", "compared-all"];

/// What a site is assembled for.
#[derive(Debug, Clone, Copy)]
pub(super) enum SitePurpose<'a> {
    /// To be written, with its search index and its cards.
    Publication,
    /// To be examined. Pages name their cards, but nothing looks at the pictures or at the index.
    Examination,
    /// To be shown at another address than this one, its own. The index is made when a reader
    /// searches, and nobody shares links to a preview.
    Preview(&'a BaseUrl),
}

/// A site that is ready to render, with what it was made from.
pub(super) struct AssembledSite {
    pub(super) content: ReadContent,
    pub(super) gathered: GatheredSite,
    pub(super) renderer: SiteRenderer,
    pub(super) findings: SiteFindings,
}

/// The posts of a site in their places.
pub(super) struct GatheredSite {
    /// How many texts were read.
    pub(super) texts: usize,
    pub(super) corpus: Arc<Corpus>,
    /// Scheduled posts by date, then drafts by path.
    pub(super) unpublished: Vec<UnpublishedPost>,
    /// Findings that concern several posts.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The static files, whose addresses no post may have.
    pub(super) static_files: Vec<WalkedFile>,
}

/// Gathers the posts of a site and plans its files.
pub(super) fn assemble_site(
    inputs: &StageInputs<'_>,
    purpose: SitePurpose<'_>,
    mut content: ReadContent,
    timings: &mut Timings,
) -> Result<AssembledSite, CommandFailure> {
    let is_written = matches!(purpose, SitePurpose::Publication);
    // Nobody looks at the posts as they were read when the site is written.
    let posts = if is_written {
        std::mem::take(&mut content.posts)
    } else {
        content.posts.clone()
    };
    let mut gathered = gather_site(inputs, posts, &content, timings)?;
    if is_written && let Some(corpus) = Arc::get_mut(&mut gathered.corpus) {
        corpus.forget_profiles();
    }
    let (renderer, findings) = plan_site(inputs, purpose, &content, &gathered, timings)?;
    Ok(AssembledSite {
        content,
        gathered,
        renderer,
        findings,
    })
}

/// Puts the posts of `content` into their places, using the similarities that the cache remembers.
pub(super) fn gather_site(
    inputs: &StageInputs<'_>,
    posts: Vec<DatedPost>,
    content: &ReadContent,
    timings: &mut Timings,
) -> Result<GatheredSite, CommandFailure> {
    let StageInputs {
        request,
        config,
        cache,
    } = *inputs;
    let static_files = render::static_files(&request.root)?;
    let texts = posts.len();
    let gather = GatherInputs {
        bodies: &content.bodies,
        config,
        selection: request.selection(),
        own_paths: &render::own_paths(&static_files, &content.media),
    };
    let gathered = timings.run_stage("gather", || {
        let entry = COMPARED[usize::from(request.drafts)];
        let known: SimilarityCache = cache.get_entry(entry).unwrap_or_default();
        let mut compared = known.clone();
        let gathered = corpus::gather_corpus(posts, gather, &mut compared);
        if gathered.is_ok() && compared != known {
            cache.put_entry(entry, &compared);
        }
        gathered
    })?;
    let mut corpus = gathered.corpus;
    request.live.add_redirects(&mut corpus, config);
    Ok(GatheredSite {
        texts,
        corpus: Arc::new(corpus),
        unpublished: gathered.unpublished,
        diagnostics: gathered.diagnostics,
        static_files,
    })
}

/// Plans the files of a site, and collects all that is known about it except problems of the cache.
pub(super) fn plan_site(
    inputs: &StageInputs<'_>,
    purpose: SitePurpose<'_>,
    content: &ReadContent,
    gathered: &GatheredSite,
    timings: &mut Timings,
) -> Result<(SiteRenderer, SiteFindings), CommandFailure> {
    let StageInputs {
        request,
        config,
        cache,
    } = *inputs;
    let corpus = &gathered.corpus;
    let static_files = &gathered.static_files;
    let prepared = timings.run_stage("pictures", || match purpose {
        // A preview shows the pictures themselves, so that it never waits for versions.
        SitePurpose::Preview(_) => pictures::measure_pictures(inputs, content, static_files),
        SitePurpose::Publication | SitePurpose::Examination => {
            pictures::prepare_pictures(inputs, content, corpus, static_files)
        }
    })?;
    let icons = icons::prepare_icons(inputs, content, static_files)?;
    let (index, cards) = match purpose {
        SitePurpose::Publication => (
            timings.run_stage("search", || {
                search::index_files(corpus, &content.bodies, config, cache)
            })?,
            timings.run_stage("cards", || cards::draw_cards(&request.root, corpus, config)),
        ),
        SitePurpose::Examination => (Vec::new(), cards::name_cards(corpus, config)),
        SitePurpose::Preview(_) => (Vec::new(), NO_CARDS.clone()),
    };
    let site = SiteParts {
        root: &request.root,
        theme: request.theme,
        config: Arc::clone(config),
        corpus: Arc::clone(corpus),
        bodies: Arc::clone(&content.bodies),
        media: &content.media,
        static_files: &gathered.static_files,
        search: &index,
        cards: &cards,
        pictures: prepared.pictures,
        generated: [prepared.files, icons.files].concat(),
        icons: icons.icons,
        now: request.now,
        live: Arc::clone(&request.live),
        published_at: match purpose {
            SitePurpose::Preview(address) => Some(address.clone()),
            SitePurpose::Publication | SitePurpose::Examination => None,
        },
    };
    let (renderer, found) = timings.run_stage("plan", || render::prepare_renderer(site))?;
    // A key that a template shows is read, after all.
    let of_content = content.diagnostics.iter().cloned();
    let mut diagnostics: Vec<Diagnostic> = of_content
        .filter_map(|found| retain_unused_keys(found, |key| renderer.shows_extra(key)))
        .collect();
    diagnostics.extend_from_slice(&gathered.diagnostics);
    diagnostics.extend(corpus::report_due_posts(&gathered.unpublished));
    diagnostics.extend(found);
    diagnostics.extend(prepared.diagnostics);
    diagnostics.extend(icons.diagnostics);
    if request.thorough {
        let competing = competing::find_competing(corpus, |entry| entry.language(&config.language));
        diagnostics.extend(competing::note_competing(corpus, &competing));
    }
    diagnostics.par_sort_unstable();
    let findings = SiteFindings {
        diagnostics,
        ledger: ReplyLedger::count(content, gathered),
        unpublished: gathered.unpublished.clone(),
    };
    Ok((renderer, findings))
}
