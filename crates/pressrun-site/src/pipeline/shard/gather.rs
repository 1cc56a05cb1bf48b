//! Puts the posts of all shards into their places, and takes the site apart for its shards.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use pressrun_posts::diagnostic::{Code, Diagnostic};
use serde::{Deserialize, Serialize};

use super::plan::PlannedContent;
use super::read::{ReadSource, SourceJoiner, bodies_file, posts_piece};
use super::work::{
    PlanManifest, ShardStep, StepManifest, StepWriter, WorkFile, WorkFolder, count_by_name,
};
use super::{ShardRequest, StepInputs, StepOutcome};
use crate::cache::{BodyStore, Fingerprint, StoredBody};
use crate::error::SystemError;
use crate::output::{self, FileComparison};
use crate::pipeline::assemble::{AssembledSite, SitePurpose, assemble_site};
use crate::pipeline::content::{ContentReader, ReadContent};
use crate::pipeline::findings::SiteFindings;
use crate::pipeline::timings::Timings;
use crate::render::{CommandFailure, DividedJobs, SiteBase, SiteRenderer};

/// What the pages of all shards need.
pub(super) const BASE: &str = "gather/base";

/// The files that were written because they need the whole site.
pub(super) const FILES: &str = "gather/files";

/// What is known about the site besides its pages.
pub(super) const FINDINGS: &str = "gather/findings";

/// The files of each shard, before they are made.
pub(super) const PLANNED: &str = "gather/planned";

/// What all shards need.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct GatheredBase {
    pub(super) site: SiteBase,
    /// The sizes of the files with the bodies of each shard.
    bodies: Vec<u64>,
}

/// The files that a step will make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlannedPages {
    count: u64,
    /// Fingerprint of their names.
    names: Fingerprint,
}

impl PlannedPages {
    pub(super) fn new<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let names: Vec<&str> = names.collect();
        Self {
            count: names.len() as u64,
            names: Fingerprint::of_value(&names),
        }
    }
}

/// Returns the piece with what the pages of a shard need.
pub(super) fn part_piece(shard: u32) -> String {
    format!("gather/{shard}")
}

impl GatheredBase {
    /// Opens the bodies of all shards.
    pub(super) fn open_bodies(&self, work: &WorkFolder) -> BodyStore {
        join_bodies(&self.bodies, work)
    }
}

fn join_bodies(sizes: &[u64], work: &WorkFolder) -> BodyStore {
    let files = (0..).zip(sizes);
    let files = files.map(|(shard, &size)| (work.path(&bodies_file(shard)), size));
    BodyStore::join(files.collect::<Vec<(PathBuf, u64)>>())
}

/// Puts the posts of all shards into their places, and writes the files that need the whole site: feeds,
/// sitemaps, lists of terms, the search index, and all that is not rendered.
///
/// # Errors
///
/// Returns what is wrong with the site, that a shard was not read, or what the machine refused.
pub fn gather_shards(request: &ShardRequest) -> Result<StepOutcome, CommandFailure> {
    let inputs = StepInputs::open(request, ShardStep::Gather)?;
    let read = list_read_shards(&inputs)?;
    let used: Vec<WorkFile> = read.iter().flat_map(|step| step.outputs.clone()).collect();
    inputs.make_pages(ShardStep::Gather, FILES, used, |used| {
        gather_read_shards(&inputs, &read, used)
    })
}

/// Returns the manifests of the shards, all of which must have been read.
fn list_read_shards(inputs: &StepInputs) -> Result<Vec<StepManifest>, CommandFailure> {
    let StepInputs { work, plan, .. } = inputs;
    let read = (0..plan.shards).map(|shard| {
        let step = ShardStep::Read(shard);
        let manifest = work.read_manifest(step, plan)?;
        if work.has_outputs(&manifest, FileComparison::Size) {
            Ok(manifest)
        } else {
            Err(work.refuse(step, &posts_piece(shard), "is not as it was written"))
        }
    });
    CommandFailure::collect(read.collect())
}

fn gather_read_shards(
    inputs: &StepInputs,
    read: &[StepManifest],
    used: Vec<WorkFile>,
) -> Result<StepManifest, CommandFailure> {
    let StepInputs {
        work, plan, build, ..
    } = inputs;
    let sizes = list_body_sizes(read);
    let mut timings = Timings::with_observer(build.on_stage);
    let content = timings.run_stage("collect", || load_content(inputs, &sizes))?;
    let bodies = Arc::clone(&content.bodies);
    let purpose = SitePurpose::Publication;
    let AssembledSite {
        renderer, findings, ..
    } = assemble_site(&inputs.stage_inputs(), purpose, content, &mut timings)?;
    let shards = plan.shards as usize;
    let jobs = renderer.divide_jobs(shards, |entry| bodies.file_with(&entry.post.body));
    let mut writer = work.begin_step(ShardStep::Gather)?;
    timings.run_stage("divide", || {
        write_parts(&renderer, &jobs, sizes, plan, &mut writer)
    })?;
    let files = timings.run_stage("render and write", || {
        output::write_files(&renderer, &jobs.whole, &work.site(), writer.temporary())
    })?;
    let counts = count_by_name([
        ("files", renderer.jobs().len() as u64),
        ("files-here", files.len() as u64),
        ("replies", findings.ledger.replies as u64),
        ("superseded", count_superseded(&findings)),
        ("published", findings.ledger.published as u64),
    ]);
    drop(renderer);
    let id = plan.id();
    writer.put_piece(FILES, id, &files)?;
    writer.put_piece(FINDINGS, id, &findings.finish(&inputs.stage_inputs()))?;
    let manifest = writer.make_manifest(plan.id(), used, counts);
    writer.finish(&manifest, &manifest)?;
    Ok(manifest)
}

/// Writes what each shard needs for its pages, and which these are.
fn write_parts(
    renderer: &SiteRenderer,
    jobs: &DividedJobs,
    bodies: Vec<u64>,
    plan: &PlanManifest,
    writer: &mut StepWriter<'_>,
) -> Result<(), SystemError> {
    let id = plan.id();
    let site = renderer.make_base();
    writer.put_piece(BASE, id, &GatheredBase { site, bodies })?;
    let names: Vec<String> = (0..plan.shards).map(part_piece).collect();
    writer.put_pieces(&names, id, |shard| renderer.make_part(&jobs.parts[shard]))?;
    let all = [&jobs.whole].into_iter().chain(&jobs.parts);
    let planned: Vec<PlannedPages> = all
        .map(|numbers| {
            let jobs = renderer.jobs();
            let names = numbers.iter().map(|&number| jobs[number as usize].file());
            PlannedPages::new(names)
        })
        .collect();
    writer.put_piece(PLANNED, id, &planned)
}

/// Counts the replies in whose place another record was taken.
fn count_superseded(findings: &SiteFindings) -> u64 {
    let is_one = |found: &&Diagnostic| found.code == Code::ReplySuperseded;
    findings.diagnostics.iter().filter(is_one).count() as u64
}

/// Returns the sizes of the files with bodies.
fn list_body_sizes(read: &[StepManifest]) -> Vec<u64> {
    let is_bodies = |file: &&WorkFile| file.name.ends_with(".bodies");
    let sizes = read.iter().map(|step| step.outputs.iter().find(is_bodies));
    sizes
        .map(|file| file.map_or(0, |file| file.bytes))
        .collect()
}

/// Loads what was read of all shards, as a build would have read it.
fn load_content(inputs: &StepInputs, sizes: &[u64]) -> Result<ReadContent, CommandFailure> {
    let StepInputs {
        work, plan, build, ..
    } = inputs;
    let listed = PlannedContent::read(work, plan)?.locate(&build.root);
    let bodies = Arc::new(join_bodies(sizes, work));
    let mut joiner = SourceJoiner::default();
    let mut start = 0;
    for (shard, size) in (0..).zip(sizes) {
        let step = ShardStep::Read(shard);
        let of_shard: Vec<ReadSource> = work.read_piece(step, plan, &posts_piece(shard))?;
        for mut piece in of_shard {
            let shift = |body: &mut StoredBody| -> Result<(), Infallible> {
                body.shift(start);
                Ok(())
            };
            let Ok(()) = piece.try_for_each_body(shift);
            joiner.add_source(piece);
        }
        start += size;
    }
    let reader = ContentReader::for_pieces(&inputs.stage_inputs());
    reader.collect_pieces(&inputs.stage_inputs(), listed, bodies, joiner.finish())
}
