//! Lists the posts of a site that a person must approve, or has approved or rejected.

mod items;
mod risk;

use std::sync::Arc;

use super::assemble::{AssembledSite, SitePurpose, assemble_site};
use super::content::read_content;
use super::site_cache::{BUILD_CACHE, run_with_cache};
use super::site_config::load_request_config;
use super::timings::Timings;
use super::{BuildRequest, StageInputs};
use crate::cache::BodyStore;
use crate::config::Config;
use crate::corpus::Corpus;
use crate::render::CommandFailure;
use crate::review::ReviewBook;

use items::list_all_items;
pub use items::{QueueInputs, ReviewItem, list_review_items};
pub use risk::{RISK_WEIGHTS, RiskWeight, UNUSUAL_LENGTH};

/// The posts of a site whose review is of interest, with what they were found in.
#[derive(Debug)]
pub struct ReviewQueue {
    /// The posts that wait, or are outdated, rejected or approved: riskiest first, then by path.
    pub items: Vec<ReviewItem>,
    /// All other posts, in the same order: nobody has to approve them, or they wait for their
    /// authors.
    pub others: Vec<ReviewItem>,
    /// The configuration.
    pub config: Arc<Config>,
    /// What `reviews.toml` says.
    pub book: Arc<ReviewBook>,
    /// All posts and pages, as if all that wait were published.
    pub corpus: Arc<Corpus>,
    /// The texts of these.
    pub bodies: Arc<BodyStore>,
}

/// Reads a site as if all drafts and scheduled posts were published, and lists the posts whose
/// review is of interest. Nothing is rendered or written but the cache.
///
/// # Errors
///
/// The same as [`build_site`](super::build_site), except for templates.
pub fn review_site(request: &BuildRequest) -> Result<ReviewQueue, CommandFailure> {
    let request = BuildRequest {
        drafts: true,
        future: true,
        thorough: true,
        ..request.clone()
    };
    let config = Arc::new(load_request_config(&request)?);
    run_with_cache(&request, &config, BUILD_CACHE, review_with_cache)
}

fn review_with_cache(inputs: &StageInputs<'_>) -> Result<ReviewQueue, CommandFailure> {
    let timings = &mut Timings::default();
    let config = inputs.config;
    let content = read_content(inputs, timings)?;
    // A preview needs no versions of pictures and no cards, which nobody would see here either.
    let purpose = SitePurpose::Preview(&config.base_url);
    let AssembledSite {
        content,
        gathered,
        findings,
        ..
    } = assemble_site(inputs, purpose, content, timings)?;
    let findings = findings.finish(inputs);
    let book = Arc::clone(&content.book);
    let queue = QueueInputs {
        corpus: &gathered.corpus,
        diagnostics: &findings.diagnostics,
        book: &book,
        config,
    };
    let [items, others] = list_all_items(queue);
    Ok(ReviewQueue {
        items,
        others,
        config: Arc::clone(config),
        book,
        corpus: gathered.corpus,
        bodies: content.bodies,
    })
}
