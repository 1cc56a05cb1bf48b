//! Examines a site without writing it.

use std::sync::Arc;

use pressrun_posts::post::SiteDate;
use rayon::prelude::*;

use super::assemble::{SitePurpose, assemble_site, gather_site};
use super::content::read_content;
use super::site_cache::{BUILD_CACHE, run_with_cache};
use super::site_config::load_request_config;
use super::timings::Timings;
use super::{BuildRequest, SiteFindings};
use crate::corpus::UnpublishedPost;
use crate::render::CommandFailure;

/// Finds everything that a build would report, without writing the site.
///
/// # Errors
///
/// The same as [`build_site`](super::build_site).
pub fn check_site(request: &BuildRequest) -> Result<SiteFindings, CommandFailure> {
    let config = Arc::new(load_request_config(request)?);
    run_with_cache(request, &config, BUILD_CACHE, |inputs| {
        let timings = &mut Timings::with_observer(request.on_stage);
        let content = read_content(inputs, timings)?;
        let site = assemble_site(inputs, SitePurpose::Examination, content, timings)?;
        let renderer = &site.renderer;
        // Template errors show only when pages are rendered.
        timings.run_stage("render", || {
            let jobs = renderer.jobs().par_iter();
            let results = jobs.map(|job| renderer.render_job(job).map(drop));
            CommandFailure::collect(results.collect())
        })?;
        Ok(site.findings.finish(inputs))
    })
}

/// The dates ahead at which a site changes by itself.
#[derive(Debug, Default)]
pub struct DatesAhead {
    /// When scheduled posts appear.
    pub appear: Vec<SiteDate>,
    /// When posts expire.
    pub expire: Vec<SiteDate>,
}

/// Finds the dates ahead at which the site changes by itself, without rendering anything.
///
/// # Errors
///
/// The same as [`build_site`](super::build_site), except for templates.
pub fn find_dates_ahead(request: &BuildRequest) -> Result<DatesAhead, CommandFailure> {
    let config = Arc::new(load_request_config(request)?);
    run_with_cache(request, &config, BUILD_CACHE, |inputs| {
        let timings = &mut Timings::default();
        let content = read_content(inputs, timings)?;
        let is_ahead = |date: &SiteDate| date.moment > request.present;
        let shown = content.posts.iter().filter(|dated| dated.hold().is_none());
        let expire = shown.filter_map(|dated| dated.expires.filter(is_ahead));
        let expire = expire.collect();
        let gathered = gather_site(inputs, content.posts.clone(), &content, timings)?;
        let unpublished = gathered.unpublished.iter();
        Ok(DatesAhead {
            appear: unpublished
                .filter_map(UnpublishedPost::scheduled_date)
                .collect(),
            expire,
        })
    })
}
