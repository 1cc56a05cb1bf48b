//! Collects all data of a site without rendering its pages, for `report`.

use std::collections::HashSet;
use std::sync::Arc;

use pressrun_posts::diagnostic::Diagnostic;

use super::content::{ContentReader, ReadContent};
use super::timings::Timings;
use super::{
    BuildRequest, ReplyLedger, check_content_of_last_build, load_request_config, run_with_cache,
};
use crate::cache::{BodyStore, BuildCache};
use crate::config::Config;
use crate::corpus::{DatedPost, GatherInputs, GatheredCorpus, PostSelection};
use crate::fs;
use crate::render::{self, CommandFailure, SiteParts};

/// All data of a site for a report.
#[derive(Debug)]
pub struct ReportData {
    /// The configuration.
    pub config: Arc<Config>,
    /// How many replies were published, scheduled, drafts or rejected.
    pub ledger: ReplyLedger,
    /// The published and the scheduled posts, gathered as on the day when all are published.
    pub planned: GatheredCorpus,
    /// Drafts, in the order of their paths.
    pub drafts: Vec<DatedPost>,
    /// The texts of all of these.
    pub bodies: Arc<BodyStore>,
    /// What a build reports today, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a site and gathers its posts, without rendering it.
///
/// # Errors
///
/// As [`super::build_site`].
pub fn collect_report_data(request: &BuildRequest) -> Result<ReportData, CommandFailure> {
    let config = Arc::new(load_request_config(request)?);
    check_content_of_last_build(request, &config)?;
    run_with_cache(request, &config, |cache| {
        collect_with_cache(cache, request, &config)
    })
}

fn collect_with_cache(
    cache: &BuildCache,
    request: &BuildRequest,
    config: &Arc<Config>,
) -> Result<ReportData, CommandFailure> {
    let reading = ContentReader::new(&request.root, config, cache).read(
        cache,
        request.now,
        &mut Timings::default(),
    )?;
    let mut diagnostics = reading.diagnostics.clone();
    let static_files = render::static_files(&request.root)?;
    let own_paths = render::own_paths(&static_files, &reading.media);
    let gathered = |selection| {
        let inputs = GatherInputs {
            bodies: &reading.bodies,
            config,
            selection,
            own_paths: &own_paths,
        };
        super::gather_with_cache(reading.posts.clone(), inputs, cache)
    };
    // What a build would publish today, for its diagnostics and its ledger.
    let mut planned = gathered(request.selection())?;
    diagnostics.append(&mut planned.diagnostics);
    diagnostics.extend(find_dead_links_of_posts(
        request,
        config,
        &reading,
        &static_files,
        &mut planned,
    )?);
    diagnostics.sort();
    diagnostics.extend(cache.take_diagnostics());
    config.check.retain_reported(&mut diagnostics);
    let ledger = ReplyLedger::count(&reading, &planned.corpus, planned.left_out);
    let made_drafts: HashSet<_> = planned.made_drafts.iter().map(Arc::as_ptr).collect();
    let is_draft = |dated: &&DatedPost| {
        // Compared by address: the same post is one allocation everywhere.
        let is_made = made_drafts.contains(&Arc::as_ptr(&dated.post));
        is_made || (dated.post.draft && !request.drafts)
    };
    let drafts = reading.posts.iter().filter(is_draft).cloned().collect();
    // Gather once more with the scheduled posts, which the report counts too.
    if planned.left_out.future > 0 {
        let selection = PostSelection {
            future: true,
            ..request.selection()
        };
        planned = gathered(selection)?;
    }
    // A damaged cache shows itself here, where it can be healed, and not in the report.
    for cluster in &planned.corpus.clusters {
        let others = cluster.others.iter().map(|other| &other.post);
        for post in others.chain([&cluster.keeper]) {
            reading.bodies.read_markdown(&post.body)?;
        }
    }
    Ok(ReportData {
        config: Arc::clone(config),
        ledger,
        planned,
        drafts,
        bodies: Arc::clone(&reading.bodies),
        diagnostics,
    })
}

/// Returns the dead links of the gathered posts.
fn find_dead_links_of_posts(
    request: &BuildRequest,
    config: &Arc<Config>,
    reading: &ReadContent,
    static_files: &[fs::WalkedFile],
    gathered: &mut GatheredCorpus,
) -> Result<Vec<Diagnostic>, CommandFailure> {
    let corpus = Arc::new(std::mem::take(&mut gathered.corpus));
    let (renderer, found) = render::prepare_renderer(SiteParts {
        root: &request.root,
        theme: request.theme,
        config: Arc::clone(config),
        corpus: Arc::clone(&corpus),
        bodies: Arc::clone(&reading.bodies),
        media: &reading.media,
        static_files,
        // An index and cards are expensive, and nothing is published here.
        search: &[],
        cards: &render::NO_CARDS,
        now: request.now,
        published_at: None,
    })?;
    // The renderer holds the corpus too, and would make the next line copy it.
    drop(renderer);
    gathered.corpus = Arc::unwrap_or_clone(corpus);
    Ok(found)
}
