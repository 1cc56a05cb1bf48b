//! Collects the data of a site for `report`, without rendering its pages.

use std::sync::Arc;

use super::assemble::{AssembledSite, SitePurpose, assemble_site, gather_site};
use super::content::read_content;
use super::request::StageInputs;
use super::site_cache::{BUILD_CACHE, run_with_cache};
use super::site_config::load_request_config;
use super::timings::Timings;
use super::{BuildRequest, SiteFindings};
use crate::cache::BodyStore;
use crate::config::Config;
use crate::corpus::Corpus;
use crate::render::CommandFailure;

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
        corpus = gather_site(&later, &content, timings)?.corpus;
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
    })
}
