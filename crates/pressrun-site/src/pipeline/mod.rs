//! Runs every stage once, in order: the file to read first.
//!
//! `content` reads the posts, `assemble` takes them to a site that is ready to render, and
//! `output` writes it. Build, check, preview and report all go this way. `site_cache` runs it again
//! if the cache turns out to be damaged.

mod assemble;
mod cards;
mod check;
pub mod content;
mod findings;
mod icons;
mod pictures;
pub mod preview;
pub mod report_data;
mod request;
pub mod review;
pub mod search;
mod seen;
pub mod shard;
mod site_cache;
mod site_config;
pub mod timings;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pressrun_parquet::{is_parquet_path, read_parquet_file};
use pressrun_posts::content_file::{self, FileInput, FileResult};
use pressrun_posts::diagnostic::{Diagnostic, Severity};
use pressrun_posts::post::TextRole;
use serde::{Deserialize, Serialize};

use crate::cache::Fingerprint;
use crate::config::{self, BaseUrl, Config};
use crate::corpus::DatedPost;
use crate::corpus::UnpublishedReason;
use crate::fs;
use crate::output::{OutputFolder, OutputInputs, OutputMode, WrittenCounts};
use crate::render::{self, CommandFailure, Theme};
use crate::review::ReviewState;

use assemble::{AssembledSite, SitePurpose, assemble_site};
pub use check::{DatesAhead, check_site, find_dates_ahead};
use content::{ReadContent, list_content, open_parquet, read_content, read_listed_content};
use findings::count_rejections;
pub use findings::{ReplyLedger, SiteFindings};
pub use request::BuildRequest;
use request::StageInputs;
pub use review::{ReviewItem, ReviewQueue, review_site};
use seen::{SeenSources, fingerprint_heads, fingerprint_sources};
pub use site_cache::BUILD_CACHE;
use site_cache::run_with_cache;
pub use site_config::{load_config, load_request_config, make_read_settings};
use timings::Timings;

/// The result of a build.
#[derive(Debug)]
pub struct BuildReport {
    /// Address of the site.
    pub base_url: BaseUrl,
    /// Output folder.
    pub output: PathBuf,
    /// Which files were written.
    pub written: WrittenCounts,
    /// What else is known about the site.
    pub findings: SiteFindings,
    /// How long each stage took.
    pub timings: Timings,
}

/// What is remembered about the last build into an output folder.
#[derive(Debug, Default, Serialize, Deserialize)]
struct LastBuild {
    /// Fingerprint of everything that it was made from.
    input: Option<Fingerprint>,
    /// The same as far as it shows without reading a file.
    seen: Option<SeenSources>,
    findings: SiteFindings,
    origins: OutputInputs,
}

/// Builds a site.
///
/// # Errors
///
/// Returns what is wrong with the site or the machine. The output folder then still holds the last
/// good site.
pub fn build_site(request: &BuildRequest) -> Result<BuildReport, CommandFailure> {
    let config = Arc::new(load_request_config(request)?);
    run_with_cache(request, &config, BUILD_CACHE, build_with_cache)
}

fn build_with_cache(inputs: &StageInputs<'_>) -> Result<BuildReport, CommandFailure> {
    let StageInputs { request, cache, .. } = *inputs;
    let mut timings = Timings::with_observer(request.on_stage);
    let folder = request.output_folder();
    // A site may be built into several folders; each has its own entry.
    let entry = format!("site-{}", Fingerprint::of_value(&fs::resolve_path(&folder)));
    let mut last: LastBuild = timings
        .run_stage("recall", || cache.get_entry(&entry))
        .unwrap_or_default();
    let mode = OutputMode {
        force: request.force,
        sync: request.sync,
        // Moved out, because a manifest of a large site has many.
        origins: std::mem::take(&mut last.origins),
        on_wait: request.on_wait,
    };
    let output = timings.run_stage("open", || OutputFolder::open(&request.root, &folder, &mode))?;
    // Its origins are now those of the manifest.
    drop(mode);
    let listed = list_content(inputs, &mut timings)?;
    let outside = fingerprint_outside(inputs);
    let sources = outside.and_then(|outside| fingerprint_sources(outside, &listed, request.now));
    let may_ask_git = last.seen.is_none_or(|seen| seen.is_dated_by_git());
    let heads = may_ask_git
        .then(|| fingerprint_heads(inputs, &listed))
        .flatten();
    let is_refused = request.strict && last.findings.ledger.rejected > 0;
    let seen = last.seen.filter(|_| !is_refused);
    if seen.is_some_and(|seen| seen.are_still(sources, heads, request.present))
        && let Some(written) = timings.run_stage("compare", || output.unchanged_since_build())
    {
        return Ok(BuildReport::new(inputs, written, last.findings, timings));
    }
    let content = read_listed_content(inputs, listed, &mut timings)?;
    if request.strict && count_rejections(&content.diagnostics) > 0 {
        let mut diagnostics = content.diagnostics;
        diagnostics.retain(|found| found.severity() == Severity::Error);
        return Err(CommandFailure::Site(diagnostics));
    }
    // Before `assemble_site` consumes the content.
    let seen = SeenSources::new(sources, heads, &content, request.present);
    let is_news = seen != last.seen;
    last.seen = seen;
    let input = site_input_fingerprint(inputs, outside, &content);
    let unchanged = timings.run_stage("compare", || {
        // Nothing has changed, and the output folder is as the last build left it.
        let same = input.is_some() && input == last.input;
        same.then(|| output.unchanged_since_build()).flatten()
    });
    let written = if let Some(written) = &unchanged {
        last.origins = output.into_origins();
        written.clone()
    } else {
        // Everything else is freed here, before the pages are rendered.
        let AssembledSite {
            renderer, findings, ..
        } = assemble_site(inputs, SitePurpose::Publication, content, &mut timings)?;
        (last.input, last.findings) = (input, findings);
        let written;
        (written, last.origins) =
            timings.run_stage("render and write", || output.write_site(renderer))?;
        written
    };
    if !request.once && (is_news || unchanged.is_none()) {
        timings.run_stage("remember", || cache.put_entry(&entry, &last));
    }
    Ok(BuildReport::new(inputs, written, last.findings, timings))
}

impl BuildReport {
    fn new(
        inputs: &StageInputs<'_>,
        written: WrittenCounts,
        findings: SiteFindings,
        timings: Timings,
    ) -> Self {
        Self {
            base_url: inputs.config.base_url.clone(),
            output: inputs.request.output_folder(),
            written,
            findings: findings.finish(inputs),
            timings,
        }
    }
}

/// Returns a fingerprint of everything outside of the content that a site is made from, except for
/// the present. Returns `None` if something changed so recently that a further change could go
/// unnoticed.
fn fingerprint_outside(inputs: &StageInputs<'_>) -> Option<Fingerprint> {
    let request = inputs.request;
    let shown = (request.drafts, request.future);
    let approvals = fs::read_if_there(&request.root.join(crate::review::FILE)).ok()?;
    let theme = render::fingerprint_sources(request.theme, &request.root, request.now)?;
    let config: &Config = inputs.config;
    Some(Fingerprint::of_value(&(
        config,
        shown,
        theme,
        approvals,
        &*request.live,
    )))
}

/// Returns a fingerprint of everything that a site is made from, or `None` if something changed so
/// recently that a further change could go unnoticed.
fn site_input_fingerprint(
    inputs: &StageInputs<'_>,
    outside: Option<Fingerprint>,
    content: &ReadContent,
) -> Option<Fingerprint> {
    // What the present moment decides, and not the moment: a build a second later is the same.
    let selection = inputs.request.selection();
    let posts = content.posts.iter();
    let reasons: Vec<(Option<UnpublishedReason>, ReviewState, bool)> = posts
        .map(|dated| {
            let reason = selection.find_reason(dated.hold(), dated.date, dated.expires);
            (reason, dated.review, dated.is_due(selection))
        })
        .collect();
    Some(Fingerprint::of_value(&(outside?, reasons, content.input?)))
}

/// Reads the posts of a site in the order of their paths, including drafts and scheduled posts, and
/// updates the cache `cache`.
///
/// # Errors
///
/// Returns an error if bodies cannot be stored or the machine cannot read any more files.
pub fn read_posts(
    request: &BuildRequest,
    config: &Arc<Config>,
    cache: &str,
) -> Result<Vec<DatedPost>, CommandFailure> {
    run_with_cache(request, config, cache, |inputs| {
        let mut posts = read_content(inputs, &mut Timings::default())?.posts;
        posts.retain(|dated| dated.post.role() == TextRole::Post);
        Ok(posts)
    })
}

/// Reads one file by itself: as the site in a folder reads it, or with default settings if no folder is
/// given or it has no site. Returns its bytes too, unless they are Parquet.
///
/// # Errors
///
/// Returns what is wrong with the configuration, or that the file cannot be read.
pub fn read_single_file(
    site: Option<&Path>,
    path: &Path,
) -> Result<(Option<Vec<u8>>, FileResult), CommandFailure> {
    let site = site.filter(|root| root.join(config::FILE).exists());
    let config = site.map(load_config).transpose()?;
    let settings = config.as_ref().map(make_read_settings).unwrap_or_default();
    let name: Arc<str> = fs::path_with_slashes(path).into();
    let (bytes, mut result) = if is_parquet_path(&name) {
        let source = open_parquet(path)?;
        (None, read_parquet_file(source, &name, &settings))
    } else {
        let bytes = fs::read_file_or_pipe(path)?;
        let input = FileInput { path: name, bytes };
        let result = content_file::read_file(&input, &settings);
        (Some(input.bytes), result)
    };
    if let Some(config) = config {
        config.check.retain_reported(&mut result.diagnostics);
    }
    Ok((bytes, result))
}

/// Returns the source line that a diagnostic points to, if it can be read.
pub fn read_source_line(root: &Path, theme: Theme, diagnostic: &Diagnostic) -> Option<String> {
    let number = diagnostic.place.line?;
    let file = &*diagnostic.place.file;
    let text = match render::theme_template(theme, file) {
        Some(text) => text,
        // The rows of a Parquet file are not lines.
        None if is_parquet_path(file) => return None,
        None => fs::read_text(&root.join(file)).ok()??,
    };
    let line = text.lines().nth(number as usize - 1)?;
    Some(line.to_owned())
}
