//! Collects the data of a site for `report`, without rendering its pages.

use std::sync::Arc;

use pressrun_posts::post::{PostSource, ReviewMark, SiteDate};

use super::assemble::{AssembledSite, SitePurpose, assemble_site, gather_site};
use super::content::read_content;
use super::request::StageInputs;
use super::site_cache::{BUILD_CACHE, run_with_cache};
use super::site_config::load_request_config;
use super::timings::Timings;
use super::{BuildRequest, SiteFindings};
use crate::cache::BodyStore;
use crate::config::Config;
use crate::corpus::{Corpus, DatedPost, PostSelection};
use crate::render::CommandFailure;
use crate::review::{MarkIndex, ReviewState};

/// All data of a site for a report.
#[derive(Debug)]
pub struct ReportData {
    /// The configuration.
    pub config: Arc<Config>,
    /// What a build finds today.
    pub findings: SiteFindings,
    /// The published and the scheduled posts, gathered as on the day when all are published.
    pub corpus: Arc<Corpus>,
    /// The texts of these posts.
    pub bodies: Arc<BodyStore>,
    /// The posts that need an approval or have one, or were rejected, in the order of their files.
    pub reviewed: Vec<ReviewedPost>,
}

/// A post that needs an approval or has one, or was rejected.
#[derive(Debug, Clone)]
pub struct ReviewedPost {
    /// Where it comes from.
    pub source: PostSource,
    /// Its title.
    pub title: String,
    /// Its date.
    pub date: Option<SiteDate>,
    /// The state of its review.
    pub state: ReviewState,
    /// Whether its date has come and only an approval is missing.
    pub due: bool,
    /// What a person said about its text, or, if it is outdated, about the one that it had.
    pub mark: Option<ReviewMark>,
}

/// Reads a site and gathers its posts, without rendering it.
///
/// # Errors
///
/// The same as [`build_site`](super::build_site).
pub fn collect_report_data(request: &BuildRequest) -> Result<ReportData, CommandFailure> {
    let config = Arc::new(load_request_config(request)?);
    run_with_cache(request, &config, BUILD_CACHE, collect_with_cache)
}

fn collect_with_cache(inputs: &StageInputs<'_>) -> Result<ReportData, CommandFailure> {
    let timings = &mut Timings::default();
    let content = read_content(inputs, timings)?;
    let marks = MarkIndex::new(&content.book);
    let reviewed = list_reviewed(&content.posts, &marks, inputs.request.selection());
    let AssembledSite {
        content,
        gathered,
        findings,
        ..
    } = assemble_site(inputs, SitePurpose::Examination, content, timings)?;
    let findings = findings.finish(inputs);
    let mut corpus = gathered.corpus;
    // The report counts scheduled posts too, and their relations.
    if findings.ledger.future > 0 {
        let request = BuildRequest {
            future: true,
            ..inputs.request.clone()
        };
        let later = StageInputs {
            request: &request,
            ..*inputs
        };
        corpus = gather_site(&later, content.posts.clone(), &content, timings)?.corpus;
    }
    // A damaged cache shows itself here, where it can be healed, and not in the report.
    for cluster in &corpus.clusters {
        let others = cluster.others.iter().map(|other| &other.post);
        for post in others.chain([&cluster.keeper]) {
            content.bodies.read_markdown(&post.body)?;
        }
    }
    Ok(ReportData {
        config: Arc::clone(inputs.config),
        findings,
        corpus,
        bodies: content.bodies,
        reviewed,
    })
}

fn list_reviewed(
    posts: &[DatedPost],
    marks: &MarkIndex<'_>,
    selection: PostSelection,
) -> Vec<ReviewedPost> {
    let known = posts
        .iter()
        .filter(|dated| dated.review != ReviewState::NotNeeded);
    known
        .map(|dated| ReviewedPost {
            source: dated.post.source.clone(),
            title: dated.post.title.clone(),
            date: dated.date,
            state: dated.review,
            due: dated.is_due(selection),
            mark: marks.find(&dated.post, dated.review),
        })
        .collect()
}
